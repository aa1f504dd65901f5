//! T34: sampling of planes.

use proptest::prelude::*;

use super::*;
use crate::{
    display::{DisplayAttributes, Voi, VoiFunction, Window},
    geometry::{Orientation, PatientMm},
};

/// The 2 × 2 × 2 values of the vectors, with a slice before and after so that it is a volume; both are never reached.
fn of_vector(i: &Value) -> Volume {
    let v = i["volume_zyx"].clone();
    let made = Made::new([2, 2, 3], [1.0, 1.0, 1.0]);
    made.volume(move |[x, y, z]| {
        let z = z.min(1) as usize;
        f(&v[z][y as usize][x as usize])
    })
}

#[test]
fn t34_vectors_of_trilinear_sampling() {
    each("T34", |id, i, e, tolerance| {
        if i.get("lps").is_some() {
            let spacing = three(&i["spacing_xyz"]);
            let mut made = Made::new([200, 200, 9], spacing.to_array());
            made.origin = three(&i["origin_lps"]);
            let d: Vec<f64> = i["direction"].as_array().unwrap()[..2]
                .iter()
                .flat_map(|r| three(r).to_array())
                .collect();
            made.iop = d.try_into().unwrap();
            let volume = made.volume(|_| 0.0);
            let got = volume.geometry().to_voxel(PatientMm(three(&i["lps"])));
            let want = three(&e["index_xyz"]);
            assert!(
                (got.0 - want).abs().max_element() <= tolerance,
                "{id}: {got:?}"
            );
            return;
        }
        let volume = of_vector(i);
        let at = three(&i["index_xyz"]);
        let got = volume.at(volume.geometry().to_patient(Voxel(at)));
        if let Some(inside) = e.get("inside") {
            assert_eq!(
                got.presence != Presence::Outside,
                inside.as_bool().unwrap(),
                "{id}"
            );
        }
        match e["value"].as_f64() {
            Some(want) => near(id, got.value.unwrap(), want, tolerance),
            None => assert_eq!(got.value, None, "{id}"),
        }
        if let Some(clamped) = e.get("clamped_index_xyz") {
            let there = volume.at(volume.geometry().to_patient(Voxel(three(clamped))));
            assert_eq!(there.value, got.value, "{id}");
        }
    });
}

/// Every way of sampling gives the trilinear value: along axes, oblique, and point by point.
#[track_caller]
fn check_against_definition(volume: &Volume, view: &PlaneView, tolerance: f64) {
    let plane = sample(volume, view).unwrap();
    for v in 0..view.size[1] {
        for u in 0..view.size[0] {
            let at = view.to_patient([f64::from(u), f64::from(v)]);
            let voxel = volume.geometry().to_voxel(at);
            let n = volume.geometry().size();
            // At the very border rounding decides who is inside.
            let edge = (0..3).any(|a| {
                (voxel.0[a] + 0.5).abs() < 1e-4 || (voxel.0[a] - f64::from(n[a]) + 0.5).abs() < 1e-4
            });
            if edge {
                continue;
            }
            let (got, want) = (plane.value(u, v), definition(volume, voxel.0));
            let point = volume.at(at).value;
            match (got, want, point) {
                (Some(got), Some((want, weight)), Some(point)) => {
                    // Snapping weighs more the less is left of the weights.
                    let tolerance = tolerance / weight;
                    assert!(
                        (got - want).abs() <= tolerance,
                        "({u}, {v}): {got}, expected {want}"
                    );
                    assert!(
                        (point - want).abs() <= tolerance,
                        "({u}, {v}): point {point}, expected {want}"
                    );
                }
                (None, None, None) => {}
                // So little weight that rounding decides whether there is a value.
                (_, Some((_, weight)), _) if weight < 1e-3 => {}
                (_, None, _) if volume.padding(0).is_some() => {}
                other => panic!("({u}, {v}) at {voxel:?}: {other:?}"),
            }
        }
    }
}

fn oblique(volume: &Volume, degrees: [f64; 2], size: [u32; 2], mm: f64) -> PlaneView {
    let mut view = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Axial);
    view.size = size;
    view.mm_per_pixel = [mm; 2];
    let centre = view.centre;
    view.turned(centre, DVec3::X, degrees[0])
        .turned(centre, DVec3::Z, degrees[1])
}

#[test]
fn t34_every_way_of_sampling_is_trilinear() {
    let mut made = Made::new([23, 19, 11], [0.7, 0.9, 1.3]);
    let samples = [
        SampleType::U8,
        SampleType::I8,
        SampleType::U16,
        SampleType::I16,
        SampleType::U32,
        SampleType::I32,
        SampleType::F32,
        SampleType::F64,
    ];
    for of in samples {
        made.sample = of;
        let volume = made.volume(|at| noise(at).abs() / 10.0);
        for orientation in [
            Orientation::Axial,
            Orientation::Coronal,
            Orientation::Sagittal,
        ] {
            let mut view = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, orientation);
            view.mm_per_pixel = [0.31, 0.27];
            view.size = [61, 58];
            view.centre.0 += view.normal() * 0.21;
            check_against_definition(&volume, &view, 0.02);
        }
        check_against_definition(
            &volume,
            &oblique(&volume, [30.0, 20.0], [61, 53], 0.4),
            0.02,
        );
        check_against_definition(
            &volume,
            &oblique(&volume, [-113.0, 250.0], [37, 90], 0.3),
            0.02,
        );
    }
}

#[test]
fn t10_t34_padding_weighs_nothing_in_planes() {
    let mut made = Made::new([23, 19, 11], [0.7, 0.9, 1.3]);
    made.padding = Some(Padding::new(-1024.0, Some(-600.0)));
    made.lut = ModalityLut::Rescale {
        slope: -2.0,
        intercept: 7.0,
    };
    let mut volumes = vec![made.volume(noise)];
    // A slope for each slice, as PET has.
    let mut slices = made.slices(noise);
    for (k, slice) in slices.iter_mut().enumerate() {
        slice.modality_lut = ModalityLut::Rescale {
            slope: 0.5 + k as f64,
            intercept: 3.0 * k as f64,
        };
    }
    volumes.push(Volume::new("PT", slices).unwrap());
    for volume in volumes {
        for orientation in [
            Orientation::Axial,
            Orientation::Coronal,
            Orientation::Sagittal,
        ] {
            let mut view = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, orientation);
            view.mm_per_pixel = [0.31; 2];
            view.size = [61, 58];
            check_against_definition(&volume, &view, 1.0);
        }
        check_against_definition(&volume, &oblique(&volume, [30.0, 20.0], [61, 53], 0.4), 1.0);
    }
}

#[test]
fn t25_t34_tilted_and_uneven_stacks_are_sampled_where_they_lie() {
    let (sin, cos) = 18.5_f64.to_radians().sin_cos();
    let mut made = Made::new([23, 19, 11], [0.7, 0.9, 1.3]);
    made.iop = [1.0, 0.0, 0.0, 0.0, cos, -sin];
    let tilted = made.volume(noise);
    assert_eq!(tilted.marks(), ["tilted acquisition (18.5°)"]);
    let mut slices = made.slices(noise);
    for (k, slice) in slices.iter_mut().enumerate() {
        let z = if k < 6 {
            1.2 * k as f64
        } else {
            6.0 + 1.7 * (k as f64 - 5.0)
        };
        slice.plane = Plane::new([0.0, 0.0, z], made.iop).unwrap();
    }
    let uneven = Volume::new("CT", slices).unwrap();
    assert!(
        uneven.marks().contains(&"variable spacing".to_owned()),
        "{:?}",
        uneven.marks()
    );
    assert!(!uneven.geometry().is_even());
    for volume in [tilted, uneven] {
        for orientation in [
            Orientation::Axial,
            Orientation::Coronal,
            Orientation::Sagittal,
        ] {
            for axes in [PlaneAxes::Patient, PlaneAxes::Acquisition] {
                let mut view = PlaneView::covering(volume.geometry(), axes, orientation);
                view.mm_per_pixel = [0.33; 2];
                view.size = [71, 58];
                check_against_definition(&volume, &view, 0.5);
            }
        }
    }
}

#[test]
fn t34_acquisition_planes_are_the_stored_pixels() {
    let mut made = Made::new([33, 21, 7], [0.8, 0.8, 2.5]);
    made.lut = ModalityLut::Rescale {
        slope: 1.0,
        intercept: -1024.0,
    };
    let volume = made.volume(noise);
    let geometry = volume.geometry();
    for k in 0..7 {
        let view = PlaneView::covering(geometry, PlaneAxes::Acquisition, Orientation::Axial)
            .through(geometry.slice_centre(f64::from(k)));
        assert_eq!(view.size, [33, 21]);
        let plane = sample(&volume, &view).unwrap();
        for v in 0..21 {
            for u in 0..33 {
                assert_eq!(plane.value(u, v), volume.voxel(u, v, k), "({u}, {v}, {k})");
            }
        }
    }
}

#[test]
fn t34_greys_are_those_of_the_definition() {
    let volume = Made::new([64, 64, 5], [1.0, 1.0, 1.0]).volume(noise);
    let windows = [
        (40.0, 400.0, VoiFunction::Linear),
        (-600.0, 1500.0, VoiFunction::Linear),
        (0.3, 511.0, VoiFunction::Linear),
        (10.0, 1.0, VoiFunction::Linear),
        (5.0, 0.01, VoiFunction::LinearExact),
        (3.0, 500.0, VoiFunction::Sigmoid),
        (40.0, 256.0, VoiFunction::Linear),
        (9000.0, 3.0, VoiFunction::Linear),
    ];
    let aligned = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Axial);
    for view in [aligned, oblique(&volume, [10.0, 20.0], [97, 91], 0.77)] {
        let plane = sample(&volume, &view).unwrap();
        for (c, w, function) in windows {
            let window = Window::new(c, w, function).unwrap();
            for invert in [false, true] {
                let n = plane.values().count();
                let (mut greys, mut rgba) = (vec![7; n], vec![7; n * 4]);
                plane.greys(&Voi::Window(window), invert, &mut greys);
                plane.draw(&Voi::Window(window), invert, &mut rgba);
                for (k, m) in plane.values().enumerate() {
                    let want = match (m.is_nan(), invert) {
                        (true, _) => 0,
                        (false, true) => 255 - window.grey(m),
                        (false, false) => window.grey(m),
                    };
                    assert_eq!(greys[k], want, "{window:?} of {m}");
                    assert_eq!(rgba[k * 4..k * 4 + 4], [want, want, want, 255]);
                }
            }
        }
    }
}

#[test]
fn t34_what_is_no_volume_is_refused_with_its_reason() {
    let made = Made::new([8, 8, 5], [1.0, 1.0, 2.0]);
    let refused = |modality: &str, change: &dyn Fn(&mut Vec<VolumeSlice>)| {
        let mut slices = made.slices(noise);
        change(&mut slices);
        Volume::new(modality, slices).unwrap_err().to_string()
    };
    let moved =
        |slice: &mut VolumeSlice, z: f64| slice.plane = Plane::new([0.0, 0.0, z], AXIAL).unwrap();
    assert_eq!(
        refused("CT", &|s| s.truncate(2)),
        "a volume needs 3 slices, there are 2"
    );
    assert_eq!(refused("DX", &|_| {}), "DX images are two-dimensional");
    assert_eq!(
        refused("CT", &|s| s[1].shape.colour = Colour::Rgb),
        "slice 2 is a colour image"
    );
    let turn = |s: &mut Vec<VolumeSlice>| {
        s[3].plane = Plane::new([0.0; 3], [1.0, 0.0, 0.0, 0.0, 0.0, -1.0]).unwrap()
    };
    assert_eq!(
        refused("CT", &turn),
        "slice 4 is not parallel to the others"
    );
    assert_eq!(
        refused("CT", &|s| moved(&mut s[4], 6.0)),
        "slices 4 and 5 lie at one position"
    );
    assert_eq!(
        refused("CT", &|s| moved(&mut s[4], 26.0)),
        "more than 3 slices are missing: gap of 20.0 mm"
    );
    assert_eq!(
        refused("CT", &|s| s[2].pixel_spacing_mm = [1.0, 1.1]),
        "slice 3 has another matrix or pixel spacing than the others"
    );
    let mut slices = made.slices(noise);
    moved(&mut slices[4], 26.0);
    assert_eq!(
        Volume::with_wide_gaps("CT", slices).unwrap().marks(),
        ["variable spacing", "gap 20.0 mm"]
    );
    let no_place =
        VolumeSlice::new(1, made.shape(), &DisplayAttributes::default(), None).unwrap_err();
    assert!(matches!(no_place, VolumeRefusal::NoPlane { slice: 1, .. }));
    let thick = Made::new([8, 8, 5], [0.5, 0.5, 10.0]).volume(noise);
    assert_eq!(thick.marks(), ["thick slices, MPR limited"]);
}

#[test]
fn t34_slices_are_ordered_by_position_whatever_their_order() {
    let made = Made::new([8, 8, 6], [1.0, 1.0, 2.0]);
    let mut slices = made.slices(noise);
    slices.reverse();
    slices.swap(1, 4);
    let volume = Volume::new("CT", slices).unwrap();
    assert_eq!(volume.order(), [5, 1, 3, 2, 4, 0]);
    for k in 0..6 {
        assert_eq!(volume.voxel(3, 2, k), Some(noise([3, 2, k])));
    }
}

#[test]
fn t23_t34_gaps_and_missing_slices_are_marked_where_they_are() {
    let made = Made::new([8, 8, 6], [1.0, 1.0, 2.0]);
    let mut slices = made.slices(noise);
    for slice in &mut slices[3..] {
        let z = slice.plane.position().0.z + 2.0;
        slice.plane = Plane::new([0.0, 0.0, z], AXIAL).unwrap();
    }
    let last = slices[5].frame.take().unwrap();
    let mut volume = Volume::new("CT", slices).unwrap();
    assert_eq!((volume.gaps(), volume.missing()), (&[2][..], vec![5]));
    assert_eq!(volume.marks(), ["variable spacing", "gap 4.0 mm"]);
    let mut view = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Coronal);
    // Rows at z of 12.0 (slice 5, missing) downwards in steps of 1 mm.
    view.size = [8, 13];
    let plane = sample(&volume, &view).unwrap();
    let rows = |of: &dyn Fn(u32) -> bool| -> Vec<u32> { (0..13).filter(|v| of(*v)).collect() };
    assert_eq!(rows(&|v| plane.is_not_loaded(3, v)), [0, 1]);
    assert_eq!(rows(&|v| plane.value(3, v).is_none()), [0, 1]);
    // Between slice 2 (z 4) and slice 3 (z 8), neither of them included.
    assert_eq!(rows(&|v| plane.is_gap(3, v)), [5, 6, 7]);
    let at = |z: f64| volume.at(PatientMm(DVec3::new(3.0, 3.0, z))).presence;
    assert_eq!(
        [3.9, 4.0, 6.0, 8.0, 11.0, 10.0].map(at),
        [
            Presence::Image,
            Presence::Image,
            Presence::Gap,
            Presence::Image,
            Presence::NotLoaded,
            Presence::Image
        ]
    );
    volume.set_frame(5, last).unwrap();
    let plane = sample(&volume, &view).unwrap();
    assert_eq!(rows(&|v| plane.is_not_loaded(3, v)), [0; 0]);
    assert_eq!(
        plane.value(3, 0),
        volume
            .voxel(3, 4, 5)
            .zip(volume.voxel(3, 3, 5))
            .map(|(a, b)| (a + b) / 2.0)
    );
    let other = Made::new([9, 8, 6], [1.0, 1.0, 2.0]).frame(0, noise);
    assert!(volume.set_frame(0, other).is_err());
}

#[test]
fn t34_default_step_follows_the_normal() {
    let volume = Made::new([8, 8, 5], [0.5, 0.5, 4.0]).volume(noise);
    let g = volume.geometry();
    near("axial", g.step_along_mm(DVec3::Z), 4.0, 1e-9);
    near("coronal", g.step_along_mm(DVec3::Y), 0.5, 1e-9);
    near(
        "45°",
        g.step_along_mm(DVec3::new(0.0, 1.0, 1.0).normalize()),
        2.25,
        1e-9,
    );
}

#[test]
fn t29_letters_of_standard_planes() {
    let made = Made::new([8, 8, 5], [1.0, 1.0, 2.0]);
    let letters = |made: &Made, axes, orientation| {
        let volume = made.volume(noise);
        let l = PlaneView::covering(volume.geometry(), axes, orientation).letters(false);
        [l.left, l.right, l.top, l.bottom].concat()
    };
    use Orientation::{Axial, Coronal, Sagittal};
    for axes in [PlaneAxes::Patient, PlaneAxes::Acquisition] {
        assert_eq!(
            [Axial, Coronal, Sagittal].map(|o| letters(&made, axes, o)),
            ["RLAP", "RLHF", "APHF"]
        );
    }
    let mut sagittal = made.clone();
    sagittal.iop = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];
    sagittal.step = DVec3::new(-2.0, 0.0, 0.0);
    for axes in [PlaneAxes::Patient, PlaneAxes::Acquisition] {
        assert_eq!(
            [Axial, Coronal, Sagittal].map(|o| letters(&sagittal, axes, o)),
            ["RLAP", "RLHF", "APHF"]
        );
    }
}

#[test]
fn t34_an_invalid_view_is_an_error_and_a_huge_one_too() {
    let volume = Made::new([8, 8, 5], [1.0, 1.0, 2.0]).volume(noise);
    let view = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Axial);
    for bad in [
        PlaneView {
            right: DVec3::NAN,
            ..view
        },
        PlaneView {
            down: view.right,
            ..view
        },
        PlaneView {
            mm_per_pixel: [0.0, 1.0],
            ..view
        },
        PlaneView {
            centre: PatientMm(DVec3::splat(f64::INFINITY)),
            ..view
        },
    ] {
        assert_eq!(sample(&volume, &bad).unwrap_err(), ViewError::Plane);
    }
    let huge = PlaneView {
        size: [40_000; 2],
        ..view
    };
    assert_eq!(
        sample(&volume, &huge).unwrap_err(),
        ViewError::TooLarge(40_000, 40_000)
    );
    let far = PlaneView {
        centre: PatientMm(DVec3::splat(1e9)),
        ..view
    };
    assert!(sample(&volume, &far).unwrap().values().all(f64::is_nan));
}

proptest! {
    /// Point → voxel → point, and the crosshair's point on every plane.
    #[test]
    fn t34_points_come_back(x in -50.0..50.0_f64, y in -50.0..50.0, z in -50.0..50.0, a in -180.0..180.0_f64, b in -180.0..180.0_f64) {
        let mut made = Made::new([8, 8, 5], [0.6, 0.7, 2.0]);
        made.iop = [1.0, 0.0, 0.0, 0.0, 0.8, -0.6];
        let volume = made.volume(noise);
        let g = volume.geometry();
        let at = PatientMm(DVec3::new(x, y, z));
        prop_assert!((g.to_patient(g.to_voxel(at)).0 - at.0).length() < 1e-9);
        let view = oblique(&volume, [a, b], [64, 64], 0.5).through(at);
        let (pixel, off) = view.to_pixel(at);
        prop_assert!(off.abs() < 1e-9);
        prop_assert!((view.to_patient(pixel).0 - at.0).length() < 1e-9);
    }
}
