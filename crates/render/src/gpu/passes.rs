//! The pipelines, and one pass from a source into a target.

use wgpu::util::DeviceExt as _;

use super::{
    draw::TARGET_FORMAT,
    params::{Axes, Pass},
    shaders::{COLOUR, GREY, Shader},
    sources::Source,
};
use crate::Gpu;

/// One pipeline a pass.
#[derive(Debug)]
pub(super) struct Passes {
    grey: wgpu::RenderPipeline,
    colour: wgpu::RenderPipeline,
}

impl Passes {
    pub(super) fn new(gpu: &Gpu) -> Self {
        Self {
            grey: pipeline(gpu, &GREY),
            colour: pipeline(gpu, &COLOUR),
        }
    }

    /// Draws the whole target.
    pub(super) fn draw(
        &self,
        gpu: &Gpu,
        pass: &Pass,
        axes: &Axes,
        source: &Source,
        target: &wgpu::TextureView,
    ) {
        let buffer = |label, contents: &[u8], usage| {
            gpu.device
                .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                    label: Some(label),
                    contents,
                    usage,
                })
        };
        let (pipeline, params) = match pass {
            Pass::Grey(params) => (&self.grey, bytemuck::bytes_of(params)),
            Pass::Colour(params) => (&self.colour, bytemuck::bytes_of(params)),
        };
        let params = buffer("params", params, wgpu::BufferUsages::UNIFORM);
        let taps = buffer(
            "taps",
            bytemuck::cast_slice(&axes.entries),
            wgpu::BufferUsages::STORAGE,
        );
        let mut entries = vec![
            wgpu::BindGroupEntry {
                binding: 0,
                resource: params.as_entire_binding(),
            },
            wgpu::BindGroupEntry {
                binding: 1,
                resource: taps.as_entire_binding(),
            },
            wgpu::BindGroupEntry {
                binding: 2,
                resource: wgpu::BindingResource::TextureView(&source.image),
            },
        ];
        if matches!(pass, Pass::Grey(_)) {
            entries.push(wgpu::BindGroupEntry {
                binding: 3,
                resource: wgpu::BindingResource::TextureView(&source.table),
            });
        }
        let inputs = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("picture"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("picture"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: target,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations::default(),
                })],
                ..Default::default()
            });
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &inputs, &[]);
            pass.draw(0..3, 0..1);
        }
        gpu.queue.submit([encoder.finish()]);
    }
}

fn pipeline(gpu: &Gpu, shader: &Shader) -> wgpu::RenderPipeline {
    let module = gpu
        .device
        .create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(shader.name),
            source: wgpu::ShaderSource::Wgsl(shader.text().into()),
        });
    gpu.device
        .create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(shader.entry),
            layout: None,
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("full_screen"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[],
            },
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(shader.entry),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(TARGET_FORMAT.into())],
            }),
            primitive: wgpu::PrimitiveState::default(),
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            multiview_mask: None,
            cache: None,
        })
}
