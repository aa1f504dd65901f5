//! Fusion (T63).

use std::sync::Arc;

use glam::DVec3;
use triptych_imaging::display::ModalityLut;
use triptych_render::{
    CutOverlay, Orientation, Renderer, View, Window,
    volume::{PlaneAxes, PlaneView, Volume, colour_maps},
};

use crate::{
    common::{Numbers, gpu},
    drawn::{by_twin, cut, each, list, near, window},
    made::{Made, random_plane, random_view, random_volume},
};

fn overlay(id: u64, volume: &Volume, window: Window, opacity: f64) -> CutOverlay {
    CutOverlay {
        id,
        volume: volume.clone(),
        window,
        colours: Arc::new(colour_maps()[0].clone()),
        opacity,
        threshold: None,
    }
}

#[test]
fn t63_vectors_on_the_device() {
    let Some(mut gpu) = gpu("vectors of T63") else {
        return;
    };
    let base = Made::new([4, 4, 3], [1.0; 3]).volume(|_| 100.0);
    // Hot Iron is pure red at 128.
    let over = Made::new([4, 4, 3], [1.0; 3]).volume(|_| 128.0);
    assert_eq!(colour_maps()[0].colour(128), [255, 0, 0]);
    each("T63", |id, i, e| {
        assert_eq!(list(&i["base_rgb"]), [100.0; 3], "{id}");
        assert_eq!(list(&i["overlay_rgb"]), [255.0, 0.0, 0.0], "{id}");
        let plane = PlaneView::covering(base.geometry(), PlaneAxes::Patient, Orientation::Axial);
        let mut picture = cut(1, &base, plane, window(0.0, 255.0));
        let mut above = overlay(2, &over, window(0.0, 255.0), i["alpha"].as_f64().unwrap());
        let below = i.get("overlay_value_below_threshold");
        above.threshold = below.filter(|b| **b == true).map(|_| 129.0);
        let exact = above.threshold.is_some();
        picture.over = Some(above);
        let rgba = gpu
            .draw_cut_rgba(&picture, &View::default(), [4, 4])
            .unwrap();
        for (got, want) in rgba.iter().zip(list(&e["rgb"])) {
            let off = (f64::from(*got) - want).abs();
            assert!(
                off <= if exact { 0.0 } else { 1.0 },
                "{id}: {:?}",
                &rgba[..4]
            );
        }
    });
    assert_eq!(by_twin(&gpu), 0);
}

/// Greys of the overlay may be one apart, which the colours make three of one channel: both lie within that.
#[test]
fn t63_fusion_is_that_of_the_twin() {
    let Some(mut gpu) = gpu("fusion") else {
        return;
    };
    let n = &mut Numbers(0x00c0_ffee_0000_1111);
    for case in 0..30_u64 {
        let base = random_volume(n);
        let mut made = Made::new([16, 18, 14], [n.between(2.0, 3.0); 3]);
        let corner = base.geometry().corners()[0].0;
        made.origin = corner + DVec3::splat(n.between(-4.0, 6.0));
        if n.below(3) == 0 {
            made.luts = (0..4)
                .map(|k| ModalityLut::Rescale {
                    slope: 1.0 + 0.2 * f64::from(k),
                    intercept: 0.0,
                })
                .collect();
        }
        let over = made.volume(|at| {
            let [i, j, k] = at.map(f64::from);
            500.0 + 499.0 * ((i * 0.5).sin() * (j * 0.4).cos() * (k * 0.6).sin())
        });
        let plane = random_plane(n, &base);
        let mut picture = cut(2 * case + 1, &base, plane, window(-1500.0, 600.0));
        let mut above = overlay(
            2 * case + 2,
            &over,
            window(0.0, 1100.0),
            n.between(0.0, 1.0),
        );
        if n.below(2) == 0 {
            // Between whole numbers of noise: no voxel lies on it.
            above.threshold = Some(400.013);
        }
        picture.over = Some(above);
        let view = View {
            invert: false,
            ..random_view(n)
        };
        let size = [60, 52];
        let drawn = gpu.draw_cut_rgba(&picture, &view, size).unwrap();
        let twin = Renderer::cpu()
            .draw_cut_rgba(&picture, &view, size)
            .unwrap();
        near(&drawn, &twin, size[0], 3, &format!("case {case} {view:?}"));
        let apart = drawn.iter().zip(&twin).filter(|(a, b)| a.abs_diff(**b) > 1);
        assert!(apart.count() * 200 < drawn.len(), "case {case}");
    }
    assert_eq!(by_twin(&gpu), 0);
}

#[test]
fn t63_an_overlay_that_ends_is_told() {
    let base = Made::new([40, 40, 20], [1.0; 3]).volume(|_| 1.0);
    let large = Made::new([60, 60, 40], [1.0; 3]).volume(|_| 1.0);
    let small = Made::new([20, 20, 20], [1.0; 3]).volume(|_| 1.0);
    let plane = PlaneView::covering(base.geometry(), PlaneAxes::Patient, Orientation::Axial);
    let mut picture = cut(1, &base, plane, window(0.0, 1.0));
    assert!(!picture.overlay_ends(&View::default(), [80, 80]));
    for (over, ends) in [(&large, false), (&small, true)] {
        picture.over = Some(overlay(2, over, window(0.0, 1.0), 0.5));
        assert_eq!(picture.overlay_ends(&View::default(), [80, 80]), ends);
    }
}
