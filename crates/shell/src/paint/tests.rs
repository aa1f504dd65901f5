//! The two painters show the same: the tile painter against egui-wgpu on whatever adapter there is, lavapipe if no other.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use egui::{Pos2, TextureId, vec2};

use super::gpu::Gpu;
use super::swap_chain::{EguiPass, read};
use super::*;
use crate::tiles::scene::{BACKGROUND, SIDE, Scene, slice};
use crate::tiles::{Frame, Painter};

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Bgra8Unorm;

fn texture(
    gpu: &Gpu,
    size: [u32; 2],
    format: wgpu::TextureFormat,
    usage: wgpu::TextureUsages,
) -> wgpu::Texture {
    gpu.inner.device.create_texture(&wgpu::TextureDescriptor {
        label: Some("test"),
        size: wgpu::Extent3d {
            width: size[0],
            height: size[1],
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    })
}

/// One slice as a texture of our own, known to egui's renderer.
fn register(gpu: &Gpu, pass: &mut EguiPass) -> TextureId {
    let size = [SIDE as u32; 2];
    let usage = wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST;
    let picture = texture(gpu, size, wgpu::TextureFormat::Rgba8Unorm, usage);
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(4 * size[0]),
        rows_per_image: None,
    };
    gpu.inner
        .queue
        .write_texture(picture.as_image_copy(), &slice(3), layout, picture.size());
    pass.register(
        gpu,
        &picture.create_view(&wgpu::TextureViewDescriptor::default()),
    )
}

fn compare(scale: f32) {
    let instance = triptych_render::Gpu::instance();
    let Ok(inner) = triptych_render::Gpu::open(instance, RendererChoice::Gpu, None) else {
        eprintln!("ADAPTER ABSENT: the painters are not compared at scale {scale}");
        return;
    };
    let gpu = Gpu::watched(inner, || panic!("the device is lost"));
    let size_px = [800, 600];
    let mut pass = EguiPass::new(&gpu.inner.device, FORMAT);
    let picture = register(&gpu, &mut pass);
    let mut painter = Painter::default();
    painter.set_picture(picture, [SIDE as u32; 2], &slice(3));
    let mut scene = Scene::new();
    let points = vec2(800.0, 600.0) / scale;
    let usage = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC;
    let target = texture(&gpu, size_px, FORMAT, usage);
    let view = target.create_view(&wgpu::TextureViewDescriptor::default());
    // egui lays out anew in the second frame; the third has its last atlas.
    for step in 0..3 {
        let mut output = scene.frame(step, points, scale, Pos2::new(40.0, 90.0), picture);
        let primitives = scene.ctx.tessellate(output.shapes, output.pixels_per_point);
        let job = Job {
            size_px,
            pixels_per_point: output.pixels_per_point,
            textures: &output.textures_delta,
            primitives: &primitives,
            background: BACKGROUND,
            exposed: false,
            capture: false,
        };
        pass.load(&gpu, &output.textures_delta);
        pass.draw(&gpu, &view, &job);
        pass.free(&output.textures_delta);
        painter.load(&output.textures_delta);
        painter.paint(&Frame {
            size: [800, 600],
            pixels_per_point: output.pixels_per_point,
            primitives: &primitives,
            background: BACKGROUND,
        });
        painter.free(&output.textures_delta);
        output.textures_delta.clear();
    }
    let on_gpu = read(&gpu, &target).unwrap();
    let mut pixels = vec![0; 800 * 600];
    painter.copy_to(&mut pixels, 0);
    let on_cpu = Capture::from_pixels(size_px, pixels.into_iter().map(u32::to_be_bytes), [1, 2, 3]);
    let off: Vec<u8> = on_gpu
        .rgb
        .iter()
        .zip(&on_cpu.rgb)
        .map(|(a, b)| a.abs_diff(*b))
        .collect();
    let most = off.iter().max().unwrap();
    let differ = off.iter().filter(|off| **off > 0).count();
    if *most > 2 {
        #[allow(clippy::disallowed_methods, reason = "a picture of what failed")]
        let folder = std::env::temp_dir().join("triptych-painters");
        std::fs::create_dir_all(&folder).unwrap();
        on_gpu
            .save(&folder.join(format!("gpu-{scale}.png")))
            .unwrap();
        on_cpu
            .save(&folder.join(format!("cpu-{scale}.png")))
            .unwrap();
        panic!(
            "scale {scale}: off by {most} levels; pictures in {}",
            folder.display()
        );
    }
    // Not two empty pictures: text and images leave many values.
    let mut seen = [false; 256];
    on_cpu
        .rgb
        .iter()
        .for_each(|value| seen[usize::from(*value)] = true);
    assert!(seen.iter().filter(|seen| **seen).count() > 150);
    assert!(
        differ < off.len() / 50,
        "scale {scale}: {differ} channels differ"
    );
}

/// GPU-06 for egui's meshes: at most two levels apart (measured: all but a few within one).
#[test]
fn gpu_06_both_painters_agree_at_scale_1() {
    compare(1.0);
}

#[test]
fn gpu_06_both_painters_agree_at_scale_2() {
    compare(2.0);
}
