//! The pipelines, and one pass from a source into a target.

use wgpu::util::DeviceExt as _;

use super::{
    draw::TARGET_FORMAT,
    params::{Axes, Pass},
    shaders::{COLOUR, GREY, Shader},
    sources::{Source, texture},
};
use crate::Gpu;

/// One pipeline a pass.
#[derive(Debug)]
pub(super) struct Passes {
    grey: wgpu::RenderPipeline,
    colour: wgpu::RenderPipeline,
    /// Stands in for layers that are not there.
    nothing: wgpu::TextureView,
}

/// What a pass reads.
pub(super) struct Inputs<'a> {
    pub(super) pass: &'a Pass,
    pub(super) axes: &'a Axes,
    pub(super) source: &'a Source,
    /// What lies over the pixels, of the target's size.
    pub(super) layers: Option<&'a wgpu::TextureView>,
    /// Red, green and blue of each grey.
    pub(super) colours: &'a [[f32; 4]],
}

impl Passes {
    pub(super) fn new(gpu: &Gpu) -> Self {
        Self {
            grey: pipeline(gpu, &GREY),
            colour: pipeline(gpu, &COLOUR),
            nothing: picture_texture(gpu, [1, 1], &[0; 4]),
        }
    }

    /// Draws the whole target.
    pub(super) fn draw(&self, gpu: &Gpu, inputs: &Inputs<'_>, target: &wgpu::TextureView) {
        let Inputs {
            pass, axes, source, ..
        } = inputs;
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
        let colours: &[[f32; 4]] = if inputs.colours.is_empty() {
            &[[0.0; 4]]
        } else {
            inputs.colours
        };
        let colours = buffer(
            "colours",
            bytemuck::cast_slice(colours),
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
            wgpu::BindGroupEntry {
                binding: 4,
                resource: wgpu::BindingResource::TextureView(
                    inputs.layers.unwrap_or(&self.nothing),
                ),
            },
        ];
        if matches!(pass, Pass::Grey(_)) {
            entries.push(wgpu::BindGroupEntry {
                binding: 3,
                resource: wgpu::BindingResource::TextureView(&source.table),
            });
            entries.push(wgpu::BindGroupEntry {
                binding: 5,
                resource: colours.as_entire_binding(),
            });
        }
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("picture"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        run(gpu, pipeline, &[&group], target);
    }
}

/// Draws the whole target.
pub(super) fn run(
    gpu: &Gpu,
    pipeline: &wgpu::RenderPipeline,
    groups: &[&wgpu::BindGroup],
    target: &wgpu::TextureView,
) {
    run_part(gpu, pipeline, groups, target, None);
}

/// Draws rows `part` of the target, or all of it; the others stay as they are.
pub(super) fn run_part(
    gpu: &Gpu,
    pipeline: &wgpu::RenderPipeline,
    groups: &[&wgpu::BindGroup],
    target: &wgpu::TextureView,
    part: Option<([u32; 2], u32)>,
) {
    let mut encoder = gpu
        .device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    {
        let keep = part.is_some_and(|([from, _], _)| from > 0);
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("picture"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: target,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: if keep {
                        wgpu::LoadOp::Load
                    } else {
                        wgpu::LoadOp::Clear(wgpu::Color::BLACK)
                    },
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        pass.set_pipeline(pipeline);
        for (k, group) in (0..).zip(groups) {
            pass.set_bind_group(k, *group, &[]);
        }
        if let Some(([from, end], width)) = part {
            pass.set_scissor_rect(0, from, width, end - from);
        }
        pass.draw(0..3, 0..1);
    }
    gpu.queue.submit([encoder.finish()]);
}

/// RGBA of 8 bits, to be read by passes.
pub(super) fn picture_texture(gpu: &Gpu, size: [u32; 2], rgba: &[u8]) -> wgpu::TextureView {
    texture(gpu, size, wgpu::TextureFormat::Rgba8Unorm, 4, rgba)
}

fn pipeline(gpu: &Gpu, shader: &Shader) -> wgpu::RenderPipeline {
    pipeline_with(gpu, shader, None)
}

/// A pass over the whole target; without a layout its own is taken from the shader.
pub(super) fn pipeline_with(
    gpu: &Gpu,
    shader: &Shader,
    layout: Option<&wgpu::PipelineLayout>,
) -> wgpu::RenderPipeline {
    let module = gpu
        .device
        .create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(shader.name),
            source: wgpu::ShaderSource::Wgsl(shader.text().into()),
        });
    gpu.device
        .create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(shader.entry),
            layout,
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
