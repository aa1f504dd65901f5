//! T36: volume rendering.

use std::sync::atomic::AtomicBool;

use super::{super::render::composite, *};
use crate::geometry::PatientMm;

#[test]
fn t36_vectors_of_compositing() {
    each("T36", |id, i, e, tolerance| {
        let list = |v: &Value| -> Vec<f64> { v.as_array().unwrap().iter().map(f).collect() };
        let opacities = list(&i["alpha_at_reference_step"]);
        let mut sum = [0.0; 4];
        for (a, c) in opacities.iter().zip(list(&i["colour_front_to_back"])) {
            let opacity = corrected_opacity(*a, f(&i["step_mm"]), f(&i["ref_step_mm"]));
            composite(&mut sum, [c as f32; 3], opacity as f32);
        }
        near(
            id,
            f64::from(sum[0]),
            f(&e["accumulated_colour"]),
            tolerance,
        );
        near(id, f64::from(sum[3]), f(&e["accumulated_alpha"]), tolerance);
    });
}

#[test]
fn t36_presets_ship_by_name_and_are_in_order() {
    let names: Vec<&str> = presets().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["bone", "vessels", "lung", "skin", "soft"]);
    for preset in presets() {
        assert!(!preset.is_clear());
        assert!(
            preset.opacity.windows(2).all(|w| w[0].0 < w[1].0),
            "{}",
            preset.name
        );
        assert!(
            preset.colour.windows(2).all(|w| w[0].0 < w[1].0),
            "{}",
            preset.name
        );
        assert_eq!(
            preset.opacity_at(preset.opacity[0].0 - 500.0),
            preset.opacity[0].1
        );
    }
}

/// White where a value is above `threshold`, lit from everywhere: a silhouette.
fn solid(threshold: f64) -> Transfer {
    Transfer {
        name: "solid".into(),
        reference_step_mm: 1.0,
        opacity: vec![(threshold - 0.5, 0.0), (threshold + 0.5, 1.0)],
        colour: vec![
            (threshold, 1.0, 1.0, 1.0),
            (threshold + 1000.0, 1.0, 1.0, 1.0),
        ],
        ambient: 1.0,
        diffuse: 0.0,
        specular: 0.0,
        shininess: 1.0,
    }
}

/// 1000 at the middle, falling by 10 for each mm.
fn ball(mut made: Made) -> Volume {
    made.sample = SampleType::F32;
    let g = made.volume(|_| 0.0).geometry().clone();
    let centre = g.centre().0;
    made.volume(move |[i, j, k]| {
        let at = g.to_patient(Voxel(DVec3::new(f64::from(i), f64::from(j), f64::from(k))));
        1000.0 - 10.0 * (at.0 - centre).length()
    })
}

fn area_mm2(picture: &Rendered) -> f64 {
    let lit = picture.rgba.chunks_exact(4).filter(|p| p[0] > 127).count();
    lit as f64 * picture.camera.mm_per_pixel.powi(2)
}

#[test]
fn t25_t36_a_sphere_has_its_silhouette_from_everywhere() {
    let (sin, cos) = 15_f64.to_radians().sin_cos();
    let upright = Made::new([100, 100, 50], [0.6, 0.6, 1.2]);
    let mut tilted = upright.clone();
    tilted.iop = [1.0, 0.0, 0.0, 0.0, cos, -sin];
    // Radius 20 mm.
    let want = std::f64::consts::PI * 400.0;
    for made in [upright, tilted] {
        let volume = ball(made);
        let scene = Scene::new(&volume, &solid(800.0));
        for (a, b) in [
            (0.0, 0.0),
            (90.0, 0.0),
            (0.0, 90.0),
            (37.0, -24.0),
            (200.0, 61.0),
        ] {
            let camera = Camera::front(volume.geometry(), [400, 400]).turned(a, b);
            for quality in [Quality::Rest, Quality::Moving, Quality::Draft] {
                let got = area_mm2(&scene.render(&camera, quality).unwrap());
                let part = if quality == Quality::Draft {
                    0.02
                } else {
                    0.01
                };
                assert!(
                    (got - want).abs() < part * want,
                    "{a} {b} {quality:?}: {got}, expected {want}"
                );
            }
        }
    }
}

#[test]
fn t23_t36_a_sphere_in_an_uneven_stack_has_its_silhouette() {
    let made = Made::new([100, 100, 60], [0.6, 0.6, 1.2]);
    let mut z = 0.0;
    let places: Vec<f64> = (0..60)
        .map(|k| {
            z += if k < 30 { 0.9 } else { 1.5 };
            z
        })
        .collect();
    let centre = DVec3::new(30.0, 30.0, 36.0);
    let at = places.clone();
    let mut slices = made.slices(|[i, j, k]| {
        let at = DVec3::new(f64::from(i) * 0.6, f64::from(j) * 0.6, at[k as usize]);
        1000.0 - 10.0 * (at - centre).length()
    });
    for (slice, z) in slices.iter_mut().zip(places) {
        slice.plane = Plane::new([0.0, 0.0, z], AXIAL).unwrap();
    }
    let volume = Volume::new("CT", slices).unwrap();
    assert!(!volume.geometry().is_even());
    let scene = Scene::new(&volume, &solid(800.0));
    let want = std::f64::consts::PI * 400.0;
    for (a, b) in [(0.0, 0.0), (0.0, 90.0), (37.0, -24.0)] {
        let camera = Camera::front(volume.geometry(), [300, 300]).turned(a, b);
        let got = area_mm2(&scene.render(&camera, Quality::Rest).unwrap());
        assert!(
            (got - want).abs() < 0.01 * want,
            "{a} {b}: {got}, expected {want}"
        );
    }
}

#[test]
fn t36_picked_points_lie_on_the_surface() {
    let volume = ball(Made::new([100, 100, 50], [0.6, 0.6, 1.2]));
    let scene = Scene::new(&volume, &solid(800.0));
    let centre = volume.geometry().centre().0;
    for projection in [
        Projection::Orthographic,
        Projection::Perspective { distance_mm: 200.0 },
    ] {
        for (a, b) in [(0.0, 0.0), (50.0, 20.0)] {
            let mut camera = Camera::front(volume.geometry(), [201, 201]).turned(a, b);
            camera.projection = projection;
            let picture = scene.render(&camera, Quality::Rest).unwrap();
            let point = picture.pick(100, 100).unwrap();
            // The nearest point of the sphere to the viewer, within two steps of 0.3 mm.
            let want = centre - camera.forward() * 20.0;
            assert!(
                (point.0 - want).length() < 0.6,
                "{point:?}, expected {want}"
            );
            assert_eq!(picture.pick(1, 1), None);
            assert_eq!(picture.pick(201, 0), None);
        }
    }
}

/// Nearer things are larger in perspective, and only there.
#[test]
fn t36_perspective_is_by_choice() {
    let volume = ball(Made::new([100, 100, 50], [0.6, 0.6, 1.2]));
    let scene = Scene::new(&volume, &solid(800.0));
    let camera = Camera::front(volume.geometry(), [300, 300]);
    let flat = area_mm2(&scene.render(&camera, Quality::Rest).unwrap());
    let eye = Camera {
        projection: Projection::Perspective { distance_mm: 60.0 },
        ..camera
    };
    let deep = area_mm2(&scene.render(&eye, Quality::Rest).unwrap());
    // The outline of a sphere of radius r at distance d is r · d / sqrt(d² − r²) in the plane of its middle.
    let want = flat * 60.0 * 60.0 / (60.0 * 60.0 - 400.0);
    assert!((deep - want).abs() < 0.02 * want, "{deep}, expected {want}");
}

#[test]
fn t36_crop_box_and_cut_planes_take_away_their_part() {
    let volume = ball(Made::new([100, 100, 50], [0.6, 0.6, 1.2]));
    let g = volume.geometry().clone();
    let mut scene = Scene::new(&volume, &solid(800.0));
    let camera = Camera::front(&g, [400, 400]);
    let whole = area_mm2(&scene.render(&camera, Quality::Rest).unwrap());
    let middle = g.to_voxel(g.centre()).0;
    let left = CropBox {
        from: Voxel(DVec3::new(middle.x, 0.0, 0.0)),
        to: Voxel(g.size().map(f64::from).into()),
    };
    scene.crop = Some(left);
    let half = area_mm2(&scene.render(&camera, Quality::Rest).unwrap());
    near("half", half, whole / 2.0, 0.01 * whole);
    // Inside out is the same box.
    scene.crop = Some(CropBox {
        from: left.to,
        to: left.from,
    });
    assert_eq!(
        area_mm2(&scene.render(&camera, Quality::Rest).unwrap()),
        half
    );
    scene.crop = None;
    scene.cuts = vec![CutPlane {
        point: g.centre(),
        normal: DVec3::Z,
    }];
    let upper = scene.render(&camera, Quality::Rest).unwrap();
    near("upper", area_mm2(&upper), whole / 2.0, 0.01 * whole);
    assert!(upper.pick(200, 150).is_some() && upper.pick(200, 250).is_none());
    // Cut across the view: the surface is the cut.
    scene.cuts = vec![CutPlane {
        point: g.centre(),
        normal: DVec3::Y,
    }];
    let opened = scene.render(&camera, Quality::Rest).unwrap();
    let PatientMm(point) = opened.pick(200, 200).unwrap();
    near("cut", point.y, g.centre().0.y, 0.7);
}

/// The same picture but for rounding, and the same surface.
fn alike(one: &Rendered, other: &Rendered, what: &str) {
    let off = |(a, b): (&u8, &u8)| a.abs_diff(*b);
    let most = one.rgba.iter().zip(&other.rgba).map(off).max();
    assert!(most <= Some(1), "{what}: {most:?}");
    let [width, height] = one.camera.size;
    let pixels = (0..height).flat_map(|v| (0..width).map(move |u| (u, v)));
    let apart = pixels.filter(|(u, v)| {
        let of = [one, other].map(|p| p.pick(*u, *v));
        match of {
            [Some(a), Some(b)] => (a.0 - b.0).length() > 1e-3,
            [None, None] => false,
            _ => true,
        }
    });
    // A sample that leaves half of the light but for rounding.
    assert!(apart.count() <= 2, "{what}");
}

#[test]
fn t36_what_is_skipped_would_not_have_been_seen() {
    let mut made = Made::new([70, 60, 50], [0.8, 0.9, 1.1]);
    made.sample = SampleType::I16;
    let blobs = |[i, j, k]: [u32; 3]| {
        if (i / 9 + j / 7 + k / 11) % 5 == 0 {
            noise([i, j, k])
        } else {
            -1000.0
        }
    };
    for padding in [None, Some(Padding::new(900.0, Some(1024.0)))] {
        made.padding = padding;
        let volume = made.volume(blobs);
        for preset in presets() {
            let with = Scene::new(&volume, preset);
            let mut without = Scene::new(&volume, preset);
            without.forget_space();
            for (a, b) in [(0.0, 0.0), (30.0, 40.0)] {
                let camera = Camera::front(volume.geometry(), [90, 80]).turned(a, b);
                let pictures = [&with, &without].map(|s| s.render(&camera, Quality::Rest).unwrap());
                alike(
                    &pictures[0],
                    &pictures[1],
                    &format!("{} {a} {b}", preset.name),
                );
            }
        }
    }
}

/// Brightness does not change with the step: half the step gives the same picture within noise of sampling.
#[test]
fn t36_opacity_does_not_depend_on_the_step() {
    let volume = ball(Made::new([60, 60, 60], [1.0, 1.0, 1.0]));
    let mist = Transfer {
        opacity: vec![(0.0, 0.02), (1000.0, 0.02)],
        ..solid(500.0)
    };
    let scene = Scene::new(&volume, &mist);
    let camera = Camera::front(volume.geometry(), [100, 100]);
    let middle = |quality| {
        let picture = scene.render(&camera, quality).unwrap();
        let [w, h] = picture.camera.size.map(|n| n as usize);
        picture.rgba[(h / 2 * w + w / 2) * 4]
    };
    // Through 60 mm: 1 − 0.98⁶⁰.
    let want = 255.0 * (1.0 - 0.98_f64.powi(60));
    for quality in [Quality::Rest, Quality::Moving, Quality::Draft] {
        near("mist", f64::from(middle(quality)), want, 2.0);
    }
}

#[test]
fn t36_nothing_to_draw_is_said() {
    let volume = ball(Made::new([20, 20, 20], [1.0, 1.0, 1.0]));
    let clear = Transfer {
        opacity: vec![(0.0, 0.0)],
        ..solid(500.0)
    };
    let camera = Camera::front(volume.geometry(), [30, 30]);
    let picture = Scene::new(&volume, &clear)
        .render(&camera, Quality::Rest)
        .unwrap();
    assert!(picture.is_clear);
    assert!(picture.rgba.chunks_exact(4).all(|p| p == [0, 0, 0, 255]));
    let bad = Camera {
        mm_per_pixel: f64::NAN,
        ..camera
    };
    assert_eq!(
        Scene::new(&volume, &clear)
            .render(&bad, Quality::Rest)
            .unwrap_err(),
        ViewError::Plane
    );
}

#[test]
fn t29_t36_letters_follow_the_turn() {
    let volume = ball(Made::new([20, 20, 20], [1.0, 1.0, 1.0]));
    let front = Camera::front(volume.geometry(), [30, 30]);
    let of = |camera: Camera| {
        let l = camera.letters(false);
        [l.left, l.right, l.top, l.bottom].concat()
    };
    assert_eq!(of(front), "RLHF");
    // Dragged to the right: the patient's right side comes to the front; dragged down: the top of the head.
    assert_eq!(of(front.turned(90.0, 0.0)), "PAHF");
    assert_eq!(of(front.turned(0.0, 90.0)), "RLPA");
}

#[test]
fn t36_a_picture_that_is_wanted_no_more_is_left() {
    let volume = Made::new([50, 40, 30], [0.8, 0.9, 1.1]).volume(noise);
    let scene = Scene::new(&volume, &presets()[4]);
    let camera = Camera::front(volume.geometry(), [64, 64]);
    let wanted = AtomicBool::new(false);
    let whole = scene
        .render_unless(&camera, Quality::Rest, &wanted)
        .unwrap();
    assert_eq!(
        whole.map(|r| r.rgba),
        Some(scene.render(&camera, Quality::Rest).unwrap().rgba)
    );
    let left = AtomicBool::new(true);
    let none = scene.render_unless(&camera, Quality::Rest, &left).unwrap();
    assert!(none.is_none());
}

#[test]
fn t62_rendering_does_not_depend_on_threads() {
    let volume = Made::new([50, 40, 30], [0.8, 0.9, 1.1]).volume(noise);
    let scene = Scene::new(&volume, &presets()[4]);
    let camera = Camera::front(volume.geometry(), [80, 70]).turned(20.0, 30.0);
    for quality in [Quality::Rest, Quality::Moving, Quality::Draft] {
        let of = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| scene.render(&camera, quality))
                .unwrap()
                .rgba
        };
        let one = of(1);
        assert!(of(2) == one && of(5) == one, "{quality:?}");
    }
}

/// Rays that go through blocks together see what each of them sees alone: with padding, a tilt; from afar, from near, and from
/// within.
#[test]
fn t36_rays_together_see_what_each_sees_alone() {
    let mut made = Made::new([70, 61, 45], [0.8, 0.9, 1.1]);
    made.sample = SampleType::I16;
    let plain = made.volume(noise);
    made.padding = Some(Padding::new(300.0, Some(340.0)));
    let padded = made.volume(noise);
    made.padding = None;
    made.iop = [1.0, 0.0, 0.0, 0.0, 0.3_f64.cos(), 0.3_f64.sin()];
    let tilted = made.volume(noise);
    assert!(plain.is_plain() && !padded.is_plain() && tilted.geometry().lean() != [0.0; 2]);
    for (volume, what) in [(&plain, "plain"), (&padded, "padded"), (&tilted, "tilted")] {
        for preset in presets() {
            let mut together = Scene::new(volume, preset);
            together.crop = Some(CropBox {
                from: Voxel(DVec3::new(3.3, 2.2, -0.5)),
                to: Voxel(DVec3::new(69.5, 55.5, 40.1)),
            });
            let mut alone = Scene::new(volume, preset);
            alone.crop = together.crop;
            alone.forget_space();
            let front = Camera::front(volume.geometry(), [90, 75]);
            for (right, down, eye_mm) in [
                (0.0, 0.0, None),
                (33.0, -41.0, None),
                (180.0, 5.0, Some(150.0)),
                (70.0, 20.0, Some(5.0)),
            ] {
                let mut camera = front.turned(right, down);
                if let Some(distance_mm) = eye_mm {
                    camera.projection = Projection::Perspective { distance_mm };
                }
                let [a, b] = [&together, &alone].map(|s| s.render(&camera, Quality::Rest).unwrap());
                alike(&a, &b, &format!("{what} {} {right} {down}", preset.name));
            }
        }
    }
}

/// A picture of what moves is that of what rests, but for fine detail.
#[test]
fn t36_moving_looks_like_rest() {
    let volume = ball(Made::new([90, 80, 60], [0.7, 0.7, 1.0]));
    let milk = Transfer {
        opacity: vec![(700.0, 0.0), (800.0, 0.05), (950.0, 0.4)],
        colour: vec![(700.0, 0.9, 0.4, 0.2), (950.0, 1.0, 1.0, 0.9)],
        ambient: 0.2,
        diffuse: 0.7,
        specular: 0.1,
        ..solid(700.0)
    };
    let scene = Scene::new(&volume, &milk);
    let camera = Camera::front(volume.geometry(), [240, 200]);
    let moving = scene.render(&camera, Quality::Moving).unwrap();
    let rest = scene.render(&moving.camera, Quality::Rest).unwrap();
    let off: u32 = moving
        .rgba
        .iter()
        .zip(&rest.rgba)
        .map(|(a, b)| u32::from(a.abs_diff(*b)))
        .sum();
    let mean = f64::from(off) / moving.rgba.len() as f64;
    assert!(mean < 2.0, "{mean}");
}
