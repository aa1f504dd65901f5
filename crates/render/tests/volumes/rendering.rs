//! Volume rendering (T36).

use glam::DVec3;
use triptych_imaging::display::Padding;
use triptych_render::{
    Renderer, SampleType, VolumeLimits,
    volume::{
        Camera, CropBox, CutPlane, Projection, Quality, Scene, Transfer, Volume, Voxel, presets,
    },
};

use crate::{
    common::{Numbers, gpu},
    drawn::{by_twin, each, list, near, picture_of},
    made::{Made, noise},
};

fn solid(opacity: Vec<(f64, f64)>, colour: Vec<(f64, f64, f64, f64)>, reference: f64) -> Transfer {
    Transfer {
        name: "test".into(),
        reference_step_mm: reference,
        opacity,
        colour,
        ambient: 1.0,
        diffuse: 0.0,
        specular: 0.0,
        shininess: 1.0,
    }
}

/// Samples of known colour along a ray: a ramp along it, cut to as many steps as the vector has.
#[test]
fn t36_vectors_on_the_device() {
    let Some(mut gpu) = gpu("vectors of T36") else {
        return;
    };
    let mut next = 0;
    each("T36", |id, i, e| {
        let (step, reference) = (
            i["step_mm"].as_f64().unwrap(),
            i["ref_step_mm"].as_f64().unwrap(),
        );
        let alphas = list(&i["alpha_at_reference_step"]);
        let colours = list(&i["colour_front_to_back"]);
        let mut made = Made::new([6, 6, 8], [2.0 * step; 3]);
        made.sample = SampleType::F32;
        let volume = made.volume(|[_, _, k]| f64::from(k));
        // Half a voxel a step.
        let value = |k: usize| 1.25 + 0.5 * k as f64;
        let opacity: Vec<_> = alphas
            .iter()
            .enumerate()
            .map(|(k, a)| (value(k), *a))
            .collect();
        for (all_white, name) in [(false, "accumulated_colour"), (true, "accumulated_alpha")] {
            let colour = colours.iter().enumerate().map(|(k, c)| {
                let c = if all_white { 1.0 } else { *c };
                (value(k), c, c, c)
            });
            let mut scene = Scene::new(
                &volume,
                &solid(opacity.clone(), colour.collect(), reference),
            );
            scene.crop = Some(CropBox {
                from: Voxel(DVec3::new(-0.5, -0.5, 1.0)),
                to: Voxel(DVec3::new(5.5, 5.5, 1.0 + 0.5 * alphas.len() as f64)),
            });
            let camera = Camera {
                centre: volume.geometry().centre(),
                right: DVec3::X,
                down: DVec3::Y,
                mm_per_pixel: step,
                size: [4, 4],
                projection: Projection::Orthographic,
            };
            next += 1;
            let rgba = gpu
                .draw_volume_rgba(&picture_of(next, scene), &camera, Quality::Rest)
                .unwrap();
            let want = e[name].as_f64().unwrap() * 255.0;
            assert!(
                rgba.chunks_exact(4)
                    .all(|p| (f64::from(p[0]) - want).abs() <= 1.0),
                "{id} {name}: {:?}, expected {want}",
                &rgba[..4]
            );
        }
    });
    assert_eq!(by_twin(&gpu), 0);
}

/// A body with a hard core and soft noise, so that light, opacity and empty space all count.
fn body(made: &Made, n: &mut Numbers) -> Volume {
    let middle = made.size.map(|s| f64::from(s) / 2.0);
    let reach = n.between(0.5, 0.9);
    let rough = n.between(0.0, 60.0);
    made.volume(move |at| {
        let off: f64 = (0..3)
            .map(|a| ((f64::from(at[a]) - middle[a]) / (middle[a] * reach)).powi(2))
            .sum();
        let noise = noise(at) / 1024.0 * rough;
        (900.0 - 1100.0 * off.sqrt() + noise).max(-1000.0)
    })
}

#[test]
fn t36_volume_rendering_is_that_of_the_twin() {
    let Some(mut gpu) = gpu("volume rendering") else {
        return;
    };
    let n = &mut Numbers(0x7e57_0000_0f0f_a5a5);
    for case in 0..24_u64 {
        if let Renderer::Gpu(gpu) = &mut gpu
            && case % 12 == 0
        {
            gpu.set_volume_limits(VolumeLimits {
                brick: if case == 0 { u32::MAX } else { 11 },
                ..VolumeLimits::default()
            });
        }
        let mut made = Made::new(
            n.one_of(&[[40, 36, 30], [33, 48, 20]]),
            [
                n.between(0.6, 1.2),
                n.between(0.6, 1.2),
                n.between(0.8, 2.0),
            ],
        );
        if n.below(3) == 0 {
            let (sin, cos) = n.between(-0.25, 0.25).sin_cos();
            made.iop = [1.0, 0.0, 0.0, 0.0, cos, sin];
        }
        if n.below(4) == 0 {
            let mut z = 0.0;
            made.places = (0..made.size[2])
                .map(|_| {
                    z += made.spacing[2] * n.between(0.8, 1.2);
                    z
                })
                .collect();
        }
        if n.below(3) == 0 {
            made.padding = Some(Padding::new(-1000.0, Some(-700.0)));
        }
        let volume = body(&made, n);
        let preset = &presets()[n.below(presets().len() as u64) as usize];
        let mut scene = Scene::new(&volume, preset);
        if n.below(3) == 0 {
            scene.crop = Some(CropBox {
                from: Voxel(DVec3::new(4.0, 30.0, 3.0)),
                to: Voxel(DVec3::new(n.between(14.0, 32.0), 6.0, 16.0)),
            });
        }
        if n.below(3) == 0 {
            scene.cuts.push(CutPlane {
                point: volume.geometry().centre(),
                normal: DVec3::new(n.between(-1.0, 1.0), n.between(-1.0, 1.0), 0.5).normalize(),
            });
        }
        let mut camera = Camera::front(volume.geometry(), n.one_of(&[[72, 64], [51, 83]]))
            .turned(n.between(-180.0, 180.0), n.between(-80.0, 80.0));
        camera.mm_per_pixel *= n.between(0.4, 1.1);
        if n.below(3) == 0 {
            camera.projection = Projection::Perspective {
                distance_mm: n.between(30.0, 300.0),
            };
        }
        // While it moves the twin draws from fewer voxels: only what rests is compared.
        let quality = Quality::Rest;
        let picture = picture_of(case + 1, scene);
        let drawn = gpu.draw_volume_rgba(&picture, &camera, quality).unwrap();
        let twin = Renderer::cpu()
            .draw_volume_rgba(&picture, &camera, quality)
            .unwrap();
        let what = format!("case {case} {} {quality:?} {camera:?}", preset.name);
        near(&drawn, &twin, camera.size[0], 2, &what);
    }
    assert_eq!(by_twin(&gpu), 0);
}

#[test]
fn t36_a_pick_is_where_the_rendered_surface_is() {
    let made = Made::new([40, 40, 40], [1.0; 3]);
    let volume = made.volume(|at| {
        let off = DVec3::from_array(at.map(f64::from)) - DVec3::splat(19.5);
        1000.0 - 10.0 * off.length()
    });
    let transfer = solid(
        vec![(899.5, 0.0), (900.5, 1.0)],
        vec![(0.0, 1.0, 1.0, 1.0), (1000.0, 1.0, 1.0, 1.0)],
        1.0,
    );
    let picture = picture_of(1, Scene::new(&volume, &transfer));
    let mut camera = Camera::front(volume.geometry(), [80, 80]).turned(30.0, 20.0);
    for projection in [
        Projection::Orthographic,
        Projection::Perspective { distance_mm: 80.0 },
    ] {
        camera.projection = projection;
        let at = picture.pick(&camera, [42.0, 37.5]).unwrap().unwrap();
        let radius = (at.0 - DVec3::splat(19.5)).length();
        assert!((radius - 10.0).abs() < 0.6, "{projection:?}: {radius}");
        assert_eq!(picture.pick(&camera, [1.0, 1.0]).unwrap(), None);
    }
}
