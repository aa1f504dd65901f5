//! T35: slabs; T62: the same bytes whatever the threads.

use super::*;
use crate::geometry::Orientation;

#[test]
fn t35_vectors_of_slabs() {
    each("T35", |id, i, e, tolerance| {
        if let Some(samples) = i.get("samples") {
            let values: Vec<f64> = samples.as_array().unwrap().iter().map(f).collect();
            let n = values.len() as u32;
            // One line of voxels across the plane, a sample on each.
            let volume = Made::new([4, 4, n], [1.0; 3]).volume(|[_, _, k]| values[k as usize]);
            let view =
                PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Axial);
            let of = |mode| {
                let slab = Slab::new(mode, f64::from(n) - 1.0);
                let got = sample(&volume, &PlaneView { slab, ..view }).unwrap();
                got.value(1, 1).unwrap()
            };
            near(id, of(SlabMode::Mip), f(&e["mip"]), tolerance);
            near(id, of(SlabMode::MinIp), f(&e["minip"]), tolerance);
            near(id, of(SlabMode::Mean), f(&e["mean"]), tolerance.max(1e-5));
            near(id, of(SlabMode::Mean) * f64::from(n), f(&e["sum"]), 1e-4);
            return;
        }
        let step = f(&i["step_mm"]);
        let (n, first) = slab_samples(f(&i["slab_mm"]), step);
        near(id, n as f64, f(&e["samples"]), 0.0);
        if let Some(ends) = e["offsets_first_last"].as_array() {
            near(id, first, f(&ends[0]), tolerance);
            near(id, first + (n - 1) as f64 * step, f(&ends[1]), tolerance);
        }
    });
    assert_eq!(slab_samples(f64::NAN, 1.0), (1, 0.0));
    assert_eq!(slab_samples(-4.0, 1.0).0, 1);
    assert_eq!(slab_samples(10.0, 0.0).0, 1);
}

/// Slabs are the greatest, least and mean of single planes at the offsets of T35.
#[track_caller]
fn check_slab(volume: &Volume, view: &PlaneView, thickness: f64, tolerance: f64) {
    let g = volume.geometry();
    let (n, first) = slab_samples(thickness, g.smallest_spacing_mm());
    let planes: Vec<Vec<f64>> = (0..n)
        .map(|m| {
            let off = first + m as f64 * g.smallest_spacing_mm();
            let mut single = PlaneView {
                slab: Slab::default(),
                ..*view
            };
            single.centre.0 += view.normal() * off;
            sample(volume, &single).unwrap().values().collect()
        })
        .collect();
    for mode in [SlabMode::Mip, SlabMode::MinIp, SlabMode::Mean] {
        let got = sample(
            volume,
            &PlaneView {
                slab: Slab::new(mode, thickness),
                ..*view
            },
        )
        .unwrap();
        for (k, got) in got.values().enumerate() {
            let there: Vec<f64> = planes
                .iter()
                .map(|p| p[k])
                .filter(|v| !v.is_nan())
                .collect();
            let want = match mode {
                _ if there.is_empty() => f64::NAN,
                SlabMode::MinIp => there.iter().copied().fold(f64::INFINITY, f64::min),
                SlabMode::Mean => there.iter().sum::<f64>() / there.len() as f64,
                _ => there.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            };
            let same =
                got.is_nan() == want.is_nan() && (got.is_nan() || (got - want).abs() <= tolerance);
            assert!(same, "{mode:?} pixel {k}: {got}, expected {want}");
        }
    }
}

#[test]
fn t35_slabs_are_their_samples() {
    let mut plain = Made::new([37, 31, 21], [0.7, 0.9, 1.3]);
    let mut turned_over = plain.clone();
    turned_over.lut = ModalityLut::Rescale {
        slope: -3.0,
        intercept: 1.0,
    };
    let mut padded = plain.clone();
    padded.padding = Some(Padding::new(-1024.0, Some(-300.0)));
    plain.sample = SampleType::F32;
    for made in [plain, turned_over, padded] {
        let volume = made.volume(noise);
        for orientation in [
            Orientation::Axial,
            Orientation::Coronal,
            Orientation::Sagittal,
        ] {
            let mut view = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, orientation);
            view.mm_per_pixel = [0.45, 0.51];
            view.size = [70, 60];
            check_slab(&volume, &view, 6.3, 0.02);
            let centre = view.centre;
            check_slab(
                &volume,
                &view.turned(centre, DVec3::new(1.0, 2.0, 3.0).normalize(), 35.0),
                6.3,
                0.02,
            );
        }
    }
    // Thick slices: many samples between two of them.
    let thick = Made::new([37, 31, 9], [0.7, 0.9, 5.0]).volume(noise);
    let view = PlaneView::covering(thick.geometry(), PlaneAxes::Patient, Orientation::Axial);
    check_slab(&thick, &view, 17.0, 0.02);
}

#[test]
fn t35_a_single_bright_voxel_shows_in_every_slab_that_contains_it() {
    let volume = Made::new([40, 40, 40], [1.0; 3])
        .volume(|at| if at == [21, 17, 19] { 1000.0 } else { 0.0 });
    let spot = volume
        .geometry()
        .to_patient(Voxel(DVec3::new(21.0, 17.0, 19.0)));
    for orientation in [
        Orientation::Axial,
        Orientation::Coronal,
        Orientation::Sagittal,
    ] {
        for degrees in [0.0, 17.0, 45.0] {
            for half in 0..9 {
                let mut view =
                    PlaneView::covering(volume.geometry(), PlaneAxes::Patient, orientation);
                view = view
                    .turned(view.centre, DVec3::new(1.0, 1.0, 0.3).normalize(), degrees)
                    .through(spot);
                // The slab still holds the voxel's centre.
                view.centre.0 += view.normal() * (f64::from(half) - 4.0);
                view.slab = Slab::new(SlabMode::Mip, 8.0);
                view.mm_per_pixel = [0.5; 2];
                view.size = [160; 2];
                let most = sample(&volume, &view).unwrap().values().fold(0.0, f64::max);
                // Half way between samples, half a pixel beside: at 0.75 and 0.5 mm of a cube's trilinear hat.
                assert!(most > 100.0, "{orientation:?} {degrees}° {half}: {most}");
                if degrees == 0.0 {
                    view.mm_per_pixel = [1.0; 2];
                    view.size = [41; 2];
                    view.centre = volume.geometry().to_patient(Voxel(DVec3::splat(19.0)));
                    let most = sample(&volume, &view).unwrap().values().fold(0.0, f64::max);
                    assert_eq!(most, 1000.0);
                }
            }
        }
    }
}

/// Beyond the slab it does not show.
#[test]
fn t35_slabs_are_millimetres_not_slices() {
    let volume = Made::new([20, 20, 20], [1.0, 1.0, 2.5]).volume(|[_, _, k]| f64::from(k) * 100.0);
    let g = volume.geometry();
    let mut view = PlaneView::covering(g, PlaneAxes::Patient, Orientation::Axial)
        .through(g.slice_centre(10.0));
    view.slab = Slab::new(SlabMode::Mip, 10.0);
    // 5 mm up: two slices.
    assert_eq!(sample(&volume, &view).unwrap().value(5, 5), Some(1200.0));
    view.slab.mode = SlabMode::MinIp;
    assert_eq!(sample(&volume, &view).unwrap().value(5, 5), Some(800.0));
    assert_eq!(view.mark(), "MinIP 10 mm");
}

#[test]
fn t62_planes_do_not_depend_on_threads() {
    let mut made = Made::new([61, 53, 40], [0.7, 0.9, 1.3]);
    for padding in [None, Some(Padding::new(-1024.0, Some(-800.0)))] {
        made.padding = padding;
        let volume = made.volume(noise);
        let axial = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Axial)
            .fitted(volume.geometry(), [301, 257]);
        let turned = axial.turned(axial.centre, DVec3::X, 33.0);
        for view in [axial, turned] {
            for mode in [
                SlabMode::Single,
                SlabMode::Mip,
                SlabMode::MinIp,
                SlabMode::Mean,
            ] {
                let view = PlaneView {
                    slab: Slab::new(mode, 9.0),
                    ..view
                };
                let bits = |threads: usize| -> Vec<u32> {
                    let pool = rayon::ThreadPoolBuilder::new()
                        .num_threads(threads)
                        .build()
                        .unwrap();
                    let plane = pool.install(|| sample(&volume, &view)).unwrap();
                    plane.values.iter().map(|v| v.to_bits()).collect()
                };
                let one = bits(1);
                assert!(bits(2) == one && bits(7) == one, "{mode:?}");
            }
        }
    }
}
