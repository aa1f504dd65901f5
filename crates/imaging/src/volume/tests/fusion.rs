//! T63: one volume over another.

use super::*;
use crate::{
    display::{Voi, VoiFunction, Window},
    geometry::Orientation,
};

fn three_bytes(v: &Value) -> [u8; 3] {
    let all: Vec<u8> = v
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b.as_u64().unwrap() as u8)
        .collect();
    all.try_into().unwrap()
}

#[test]
fn t63_vectors_of_blending() {
    each("T63", |id, i, e, tolerance| {
        let (base, over) = (three_bytes(&i["base_rgb"]), three_bytes(&i["overlay_rgb"]));
        let below = i
            .get("overlay_value_below_threshold")
            .is_some_and(|b| b == true);
        let overlay = Overlay {
            window: Window::new(50.0, 100.0, VoiFunction::LinearExact).unwrap(),
            colours: &colour_maps()[0],
            opacity: f(&i["alpha"]),
            threshold: Some(10.0),
        };
        // Whether anything is drawn is the overlay's; which colour is the vector's.
        let drawn = overlay.colour(if below { 9.0 } else { 11.0 }).is_some();
        let got = if drawn {
            blend(base, over, overlay.opacity)
        } else {
            base
        };
        for (got, want) in got.iter().zip(three_bytes(&e["rgb"])) {
            assert!(
                f64::from(got.abs_diff(want)) <= tolerance,
                "{id}: {got}, expected {want}"
            );
        }
    });
}

#[test]
fn t63_palettes_are_those_of_the_standard() {
    let maps = colour_maps();
    let names: Vec<&str> = maps.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Hot Iron",
            "PET",
            "Hot Metal Blue",
            "PET 20 Step",
            "Spring",
            "Summer",
            "Fall",
            "Winter"
        ]
    );
    for (k, map) in maps.iter().enumerate() {
        assert_eq!(map.uid, format!("1.2.840.10008.1.5.{}", k + 1));
    }
    // PS3.6 B.1: red 0, 2, 4 ...; green begins at 128, blue at 192.
    let iron = |g: u8| maps[0].colour(g);
    assert_eq!(
        [iron(0), iron(1), iron(127), iron(128), iron(255)],
        [
            [0, 0, 0],
            [2, 0, 0],
            [254, 0, 0],
            [255, 0, 0],
            [255, 255, 255]
        ]
    );
}

/// The same sphere in two volumes of other spacing, place and angle lies at the same pixels.
#[test]
fn t63_layers_lie_where_they_are_in_the_patient() {
    let ball = |made: &Made| {
        let g = made.volume(|_| 0.0).geometry().clone();
        made.volume(move |[i, j, k]| {
            let at = g.to_patient(Voxel(DVec3::new(f64::from(i), f64::from(j), f64::from(k))));
            if (at.0 - DVec3::new(20.0, 22.0, 18.0)).length() < 9.0 {
                1000.0
            } else {
                0.0
            }
        })
    };
    let base = Made::new([64, 64, 40], [0.7, 0.7, 1.0]);
    let mut over = Made::new([24, 24, 26], [2.0, 2.0, 2.0]);
    over.origin = DVec3::new(0.3, -1.7, -4.4);
    let (base, over) = (ball(&base), ball(&over));
    let view = PlaneView::covering(base.geometry(), PlaneAxes::Patient, Orientation::Coronal);
    let (below, above) = (sample(&base, &view).unwrap(), sample(&over, &view).unwrap());
    let voi = Voi::Window(Window::new(500.0, 1000.0, VoiFunction::LinearExact).unwrap());
    let overlay = Overlay {
        window: Window::new(500.0, 1000.0, VoiFunction::LinearExact).unwrap(),
        colours: &colour_maps()[0],
        opacity: 1.0,
        threshold: Some(500.0),
    };
    assert_eq!(overlay.mark(), "fused 100 %");
    let [w, h] = view.size;
    let mut rgba = vec![0; w as usize * h as usize * 4];
    assert!(!draw_fused(
        &below, &voi, false, &above, &overlay, &mut rgba
    ));
    let mut centre = DVec3::ZERO;
    let mut n = 0.0;
    for v in 0..h {
        for u in 0..w {
            let k = (v * w + u) as usize * 4;
            let (p, both) = (&rgba[k..k + 3], [below.value(u, v), above.value(u, v)]);
            // Both values are there for the probe.
            assert!(both.iter().all(Option::is_some));
            if both[1].unwrap() >= 500.0 {
                assert_eq!(p, overlay.colour(both[1].unwrap()).unwrap());
                centre += DVec3::new(f64::from(u), f64::from(v), 0.0);
                n += 1.0;
            } else {
                assert!(p[0] == p[1] && p[1] == p[2]);
            }
        }
    }
    let centre = centre / n;
    let at = view.to_patient([centre.x, centre.y]).0;
    assert!(
        (at.x - 20.0).abs() < 0.3 && (at.z - 18.0).abs() < 0.3,
        "{at}"
    );
    near(
        "area",
        n * 0.49,
        std::f64::consts::PI * (81.0 - (at.y - 22.0).powi(2)),
        20.0,
    );
    let bar = overlay.colour_bar();
    assert_eq!(
        (bar.range, bar.colours.len(), bar.threshold),
        ([0.0, 1000.0], 256, Some(500.0))
    );
}

#[test]
fn t63_beyond_the_overlay_the_base_is_seen_and_that_is_told() {
    let base = Made::new([20, 20, 20], [1.0; 3]).volume(|_| 700.0);
    let over = Made::new([10, 10, 10], [1.0; 3]).volume(|_| 900.0);
    let view = PlaneView::covering(base.geometry(), PlaneAxes::Patient, Orientation::Axial)
        .through(over.geometry().centre());
    let (below, above) = (sample(&base, &view).unwrap(), sample(&over, &view).unwrap());
    let voi = Voi::Window(Window::new(500.0, 1000.0, VoiFunction::LinearExact).unwrap());
    let overlay = Overlay {
        threshold: None,
        ..Overlay::pet(7.0 / 1000.0).unwrap()
    };
    near("suv", overlay.window.width(), 1000.0, 1e-9);
    let mut rgba = vec![0; 20 * 20 * 4];
    assert!(draw_fused(&below, &voi, false, &above, &overlay, &mut rgba));
    let pixel = |u: usize, v: usize| {
        [
            rgba[(v * 20 + u) * 4],
            rgba[(v * 20 + u) * 4 + 1],
            rgba[(v * 20 + u) * 4 + 2],
        ]
    };
    // 700 of 1000 is grey 179; 900 is 230 in Hot Iron, half of each.
    assert_eq!(pixel(15, 15), [179; 3]);
    assert_eq!(
        pixel(5, 5),
        blend([179; 3], colour_maps()[0].colour(230), 0.5)
    );
}
