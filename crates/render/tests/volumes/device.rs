//! What a device holds: uploads under a budget, volumes that are too large, pictures that are kept.

use glam::DVec3;
use triptych_render::{
    Orientation, Renderer, View, VolumeLimits,
    volume::{Camera, PlaneAxes, PlaneView, Quality, Scene, Slab, SlabMode, presets},
};

use crate::{
    common::gpu,
    drawn::{by_twin, compare, cut, picture_of, window},
    made::{Made, noise},
};

/// Slices go up some at a time, the nearest first; what is not there is hatched, and frames go on until all are.
#[test]
fn f_slices_go_up_under_the_budget_of_a_frame() {
    let Some(mut renderer) = gpu("upload budget") else {
        return;
    };
    let mut made = Made::new([32, 32, 40], [1.0; 3]);
    made.missing = vec![39];
    let mut volume = made.volume(|at| noise(at).abs());
    if let Renderer::Gpu(gpu) = &mut renderer {
        gpu.set_volume_limits(VolumeLimits {
            upload: 8 * 32 * 32 * 2,
            ..VolumeLimits::default()
        });
    }
    let plane = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Coronal);
    let view = View::default();
    let mut frames = 0;
    loop {
        let picture = cut(1, &volume, plane, window(0.0, 1024.0));
        renderer.draw_cut("a", &picture, &view, [32, 40]).unwrap();
        frames += 1;
        if !renderer.is_uploading() {
            break;
        }
        renderer.end_frame();
    }
    assert_eq!(frames, 5, "39 slices, 8 a frame");
    assert_eq!(renderer.passes(), 5, "each frame shows more");
    renderer.end_frame();
    let picture = cut(1, &volume, plane, window(0.0, 1024.0));
    renderer.draw_cut("a", &picture, &view, [32, 40]).unwrap();
    assert_eq!(renderer.passes(), 5, "nothing new");
    compare(
        &mut renderer,
        &picture,
        &view,
        [32, 40],
        "one slice is missing",
    );
    // The last one arrives.
    let frame = made.frame(39, &|at| noise(at).abs());
    volume.set_frame(39, frame).unwrap();
    let picture = cut(1, &volume, plane, window(0.0, 1024.0));
    compare(&mut renderer, &picture, &view, [32, 40], "complete");
    assert_eq!(by_twin(&renderer), 0);
}

/// What the device may not hold is drawn by the twin: the same to the bit.
#[test]
fn g_a_volume_beyond_the_budget_is_the_twins_picture() {
    let Some(mut renderer) = gpu("volume budget") else {
        return;
    };
    let volume = Made::new([32, 32, 20], [1.0; 3]).volume(noise);
    if let Renderer::Gpu(gpu) = &mut renderer {
        gpu.set_volume_limits(VolumeLimits {
            bytes: 32 * 32 * 20 * 2 - 1,
            ..VolumeLimits::default()
        });
    }
    let plane = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Sagittal);
    let picture = cut(1, &volume, plane, window(-900.0, 900.0));
    let view = View::default();
    let drawn = renderer.draw_cut_rgba(&picture, &view, [50, 50]).unwrap();
    let twin = Renderer::cpu().draw_cut_rgba(&picture, &view, [50, 50]);
    assert_eq!(drawn, twin.unwrap());
    let scene = picture_of(1, Scene::new(&volume, &presets()[0]));
    let camera = Camera::front(volume.geometry(), [40, 40]);
    let drawn = renderer.draw_volume_rgba(&scene, &camera, Quality::Moving);
    let twin = Renderer::cpu().draw_volume_rgba(&scene, &camera, Quality::Moving);
    assert_eq!(drawn.unwrap(), twin.unwrap());
    assert_eq!(by_twin(&renderer), 2);
}

#[test]
fn gpu_cuts_and_scenes_are_kept_until_an_input_changes() {
    let volume = Made::new([20, 20, 20], [1.0; 3]).volume(noise);
    let plane = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Axial);
    let scene = picture_of(1, Scene::new(&volume, &presets()[0]));
    let camera = Camera::front(volume.geometry(), [30, 30]);
    for mut renderer in gpu("retained cuts").into_iter().chain([Renderer::cpu()]) {
        let mut picture = cut(1, &volume, plane, window(-900.0, 900.0));
        let view = View::default();
        for _ in 0..3 {
            renderer.draw_cut("a", &picture, &view, [30, 20]).unwrap();
            renderer
                .draw_volume("b", &scene, &camera, Quality::Rest)
                .unwrap();
        }
        assert_eq!(renderer.passes(), 2, "{}", renderer.name());
        picture.plane = plane.scrolled(volume.geometry(), 1.0);
        renderer.draw_cut("a", &picture, &view, [30, 20]).unwrap();
        picture.plane.slab = Slab::new(SlabMode::Mip, 5.0);
        renderer.draw_cut("a", &picture, &view, [30, 20]).unwrap();
        renderer
            .draw_volume("b", &scene, &camera.turned(1.0, 0.0), Quality::Rest)
            .unwrap();
        assert_eq!(renderer.passes(), 5);
        picture.plane.right = DVec3::ZERO;
        assert!(renderer.draw_cut("a", &picture, &view, [30, 20]).is_err());
        assert!(renderer.draw_cut("a", &picture, &view, [30, 20]).is_err());
    }
}
