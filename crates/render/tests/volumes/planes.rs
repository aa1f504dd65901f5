//! Planes and slabs (T34, T35).

use glam::{DQuat, DVec3};
use triptych_render::{
    Orientation, PatientMm, Renderer, SampleType, View, VolumeLimits,
    volume::{PlaneAxes, PlaneView, Slab, SlabMode, Volume, Voxel},
};

use crate::{
    common::{Numbers, gpu},
    drawn::{by_twin, compare, cut, each, list, window},
    made::{Made, noise, random_plane, random_view, random_volume},
};

#[test]
fn t34_t35_planes_and_slabs_are_those_of_the_twin() {
    let Some(mut gpu) = gpu("planes and slabs") else {
        return;
    };
    let n = &mut Numbers(0x0bad_cafe_1234_8765);
    for case in 0..60 {
        if let Renderer::Gpu(gpu) = &mut gpu
            && case % 20 == 0
        {
            // One texture as it is, bricks, and small bricks in a small texture.
            let (side, brick) = [(u32::MAX, u32::MAX), (u32::MAX, 16), (96, 7)][case as usize / 20];
            gpu.set_volume_limits(VolumeLimits {
                side,
                brick,
                ..VolumeLimits::default()
            });
        }
        let volume = random_volume(n);
        if n.below(2) == 0 {
            volume.prepare();
        }
        let middle = n.between(-900.0, 100.0);
        let half = n.between(100.0, 1500.0);
        for part in 0..3 {
            let plane = random_plane(n, &volume);
            let picture = cut(
                case + 1,
                &volume,
                plane,
                window(middle - half, middle + half),
            );
            let size = n.one_of(&[[64, 64], [97, 41]]);
            let view = random_view(n);
            compare(
                &mut gpu,
                &picture,
                &view,
                size,
                &format!("case {case}.{part}"),
            );
        }
    }
    assert_eq!(
        by_twin(&gpu),
        0,
        "all of these are drawn by the pass itself"
    );
}

/// Acquisition planes through voxel centres show the pixels themselves.
#[test]
fn t34_an_acquisition_plane_is_the_slice_itself() {
    let Some(mut gpu) = gpu("acquisition planes") else {
        return;
    };
    let mut made = Made::new([31, 23, 9], [0.7, 0.7, 2.5]);
    made.sample = SampleType::U16;
    made.origin = DVec3::new(-123.4, 55.5, -700.7);
    let volume = made.volume(|at| f64::from((at[0] * 7 + at[1] * 13 + at[2] * 29) % 256));
    for k in 0..9 {
        let plane = PlaneView::covering(
            volume.geometry(),
            PlaneAxes::Acquisition,
            Orientation::Axial,
        )
        .through(volume.geometry().slice_centre(f64::from(k)));
        let picture = cut(1, &volume, plane, window(0.0, 255.0));
        let rgba = gpu
            .draw_cut_rgba(&picture, &View::default(), plane.size)
            .unwrap();
        for (at, pixel) in rgba.chunks_exact(4).enumerate() {
            let (i, j) = (at as u32 % 31, at as u32 / 31);
            assert_eq!(u32::from(pixel[0]), (i * 7 + j * 13 + k * 29) % 256);
        }
    }
}

#[test]
fn t34_turns_of_an_oblique_plane_keep_right_angles() {
    let volume = Made::new([20, 20, 20], [1.0; 3]).volume(noise);
    let mut plane = PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Axial);
    let turn = DQuat::from_rotation_y(0.7);
    plane.right = turn * plane.right;
    let picture = cut(1, &volume, plane, window(-900.0, 900.0));
    for turns in 0..4 {
        let view = View {
            quarter_turns: turns,
            flip_h: true,
            zoom: 1.7,
            ..View::default()
        };
        let sampled = picture.sampled(&view, [40, 30]);
        assert!(sampled.is_valid(), "{sampled:?}");
        // A point of the plane lies under the same pixel by either map.
        let at = sampled.to_patient([7.0, 11.0]);
        let corner = picture
            .transform(&view, [40, 30])
            .to_image(triptych_render::ViewportPx([7.5, 11.5].into()));
        let same = plane.to_patient([corner.0.x - 0.5, corner.0.y - 0.5]);
        assert!((at.0 - same.0).length() < 1e-9);
    }
}

/// A picture of one pixel at a point of the volume.
fn point(gpu: &mut Renderer, id: u64, volume: &Volume, at: PatientMm, low: f64, high: f64) -> u8 {
    let plane = PlaneView {
        centre: at,
        right: DVec3::X,
        down: DVec3::Y,
        mm_per_pixel: [1.0; 2],
        size: [1, 1],
        slab: Slab::default(),
    };
    let picture = cut(id, volume, plane, window(low, high));
    gpu.draw_cut_rgba(&picture, &View::default(), [1, 1])
        .unwrap()[0]
}

#[test]
fn t34_vectors_on_the_device() {
    let Some(mut gpu) = gpu("vectors of T34") else {
        return;
    };
    let mut next = 0;
    each("T34", |id, i, e| {
        next += 10;
        if let Some(lps) = i.get("lps") {
            let spacing = list(&i["spacing_xyz"]);
            let mut made = Made::new([200, 200, 9], [spacing[0], spacing[1], spacing[2]]);
            made.origin = DVec3::from_slice(&list(&i["origin_lps"]));
            let at = PatientMm(DVec3::from_slice(&list(lps)));
            for (axis, want) in list(&e["index_xyz"]).into_iter().enumerate() {
                let volume = made.volume(|v| f64::from(v[axis]) * 20.0);
                let low = (want - 5.0) * 20.0;
                let got = point(&mut gpu, next + axis as u64, &volume, at, low, low + 255.0);
                assert!((f64::from(got) - 100.0).abs() <= 1.0, "{id}: {got}");
            }
            return;
        }
        let values: Vec<Vec<Vec<f64>>> = serde_json::from_value(i["volume_zyx"].clone()).unwrap();
        let mut made = Made::new([2, 2, 3], [1.0; 3]);
        made.sample = SampleType::F32;
        // A volume has three slices at least: the last stands twice, and what lies beyond the second is not asked for.
        let volume = made.volume(|[x, y, z]| values[z.min(1) as usize][y as usize][x as usize]);
        let index = DVec3::from_slice(&list(&i["index_xyz"]));
        let at = volume.geometry().to_patient(Voxel(index));
        // Black is kept for what is outside.
        let got = point(&mut gpu, next, &volume, at, -20.0, 80.0);
        match e["value"].as_f64() {
            Some(want) => {
                let want = (want + 20.0) * 2.55;
                assert!(
                    (f64::from(got) - want).abs() <= 1.0,
                    "{id}: {got}, expected {want}"
                );
            }
            None => assert_eq!(got, 0, "{id}"),
        }
    });
    assert_eq!(by_twin(&gpu), 0);
}

#[test]
fn t35_vectors_on_the_device() {
    let Some(mut gpu) = gpu("vectors of T35") else {
        return;
    };
    let mut next = 0;
    each("T35", |id, i, e| {
        next += 1;
        let mut grey = |volume: &Volume, slab: Slab, at: PatientMm| {
            let covering =
                PlaneView::covering(volume.geometry(), PlaneAxes::Patient, Orientation::Axial);
            let plane = PlaneView { slab, ..covering }.through(at);
            let picture = cut(next, volume, plane, window(0.0, 255.0));
            let rgba = gpu.draw_cut_rgba(&picture, &View::default(), plane.size);
            f64::from(rgba.unwrap()[4 * (plane.size[0] as usize + 1)])
        };
        if let Some(samples) = i.get("samples") {
            let values = list(samples);
            let n = values.len() as u32;
            let volume = Made::new([4, 4, n], [1.0; 3]).volume(|[_, _, k]| values[k as usize]);
            let at = volume.geometry().centre();
            for (mode, name) in [
                (SlabMode::Mip, "mip"),
                (SlabMode::MinIp, "minip"),
                (SlabMode::Mean, "mean"),
            ] {
                let got = grey(&volume, Slab::new(mode, f64::from(n) - 1.0), at);
                assert!(
                    (got - e[name].as_f64().unwrap()).abs() <= 1.0,
                    "{id} {name}: {got}"
                );
            }
            let mean = grey(&volume, Slab::new(SlabMode::Mean, f64::from(n) - 1.0), at);
            assert!((mean * f64::from(n) - e["sum"].as_f64().unwrap()).abs() <= f64::from(n));
            return;
        }
        // One bright slice: the mean tells how many samples there were.
        let step = i["step_mm"].as_f64().unwrap();
        let volume =
            Made::new([4, 4, 41], [step; 3]).volume(|[_, _, k]| if k == 20 { 250.0 } else { 0.0 });
        let slab = Slab::new(SlabMode::Mean, i["slab_mm"].as_f64().unwrap());
        let got = grey(&volume, slab, volume.geometry().slice_centre(20.0));
        let samples = e["samples"].as_f64().unwrap();
        assert!((got - 250.0 / samples).abs() <= 1.0, "{id}: {got}");
        if let Some(ends) = e["offsets_first_last"].as_array() {
            // The first and the last sample lie there: a plane farther off does not see the bright slice.
            let slab = Slab {
                mode: SlabMode::Mip,
                ..slab
            };
            for (end, off) in ends.iter().zip([-0.6, 0.6]) {
                let end = end.as_f64().unwrap();
                let at = |mm: f64| volume.geometry().slice_centre(20.0 - mm / step);
                assert!((grey(&volume, slab, at(end)) - 250.0).abs() <= 1.0, "{id}");
                assert!(grey(&volume, slab, at(end + 2.0 * off)) < 1.0, "{id}");
            }
        }
    });
    assert_eq!(by_twin(&gpu), 0);
}
