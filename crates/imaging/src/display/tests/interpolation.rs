//! Between pixels, and pixels that are not square: T14, T15.

use super::*;

#[test]
fn t14_vectors_of_interpolation() {
    each("T14", &[], |id, i, e, tolerance| {
        if let Some(scale) = i["scale"].as_f64() {
            let corner = (f(&i["screen_pixel"]) + 0.5) / scale;
            near(id, corner, &e["image_coordinate_corner"], tolerance);
            let tap = Tap::new(corner, 10);
            if e["nearest_pixel"].is_number() {
                near(id, f64::from(tap.nearest), &e["nearest_pixel"], 0.0);
            } else {
                near(id, f64::from(tap.left), &e["left_pixel"], 0.0);
                near(id, tap.weight(), &e["fx"], tolerance);
            }
            return;
        }
        let rows: Vec<Vec<f64>> = i["modality"]
            .as_array()
            .unwrap()
            .iter()
            .map(floats)
            .collect();
        let values: Vec<i16> = rows.concat().into_iter().map(|v| v as i16).collect();
        // A screen of 400 × 400 over 2 × 2 pixels puts index fraction k/200 on a pixel centre of a view shifted by half a screen pixel.
        let frame = signed(2, 2, &values);
        let (fx, fy) = (f(&i["fx"]), f(&i["fy"]));
        let state = ViewState {
            zoom: 1.00001,
            pan: [0.5, 0.5],
            ..ViewState::default()
        };
        let wide =
            |m: f64| Voi::Window(Window::new(m, 2e-3 * 255.0, VoiFunction::LinearExact).unwrap());
        let (x, y) = ((100.0 + 200.0 * fx) as usize, (100.0 + 200.0 * fy) as usize);
        let expected = f(&e["modality"]);
        let shown = paint(
            &frame,
            &hu(1.0, 0.0),
            &wide(expected),
            false,
            Interpolation::Bilinear,
            [400, 400],
            &state,
        );
        let slack = 40;
        assert!(
            reds(&shown)[y * 400 + x].abs_diff(128) <= slack || i["center"].is_number(),
            "{id}"
        );
        if i["center"].is_number() {
            let voi = window(f(&i["center"]), f(&i["width"]));
            let shown = paint(
                &frame,
                &hu(1.0, 0.0),
                &voi,
                false,
                Interpolation::Bilinear,
                [400, 400],
                &state,
            );
            near(id, f64::from(reds(&shown)[y * 400 + x]), &e["grey"], 0.0);
        }
    });
}

#[test]
fn t14_one_to_one_shows_stored_pixels_unblurred() {
    let values: Vec<i16> = (0..63 * 41).map(|k| (k * 7919 % 256) as i16).collect();
    let frame = signed(63, 41, &values);
    let attributes = DisplayAttributes {
        bits_stored: 8,
        ..DisplayAttributes::default()
    };
    for interpolation in [
        Interpolation::Bilinear,
        Interpolation::Nearest,
        Interpolation::Bicubic,
    ] {
        // An odd image in an even viewport, panned by whole pixels, stays on the grid.
        let transform_of = |zoom| ViewState {
            zoom,
            pan: [3.0, -2.0],
            ..ViewState::default()
        };
        let fit = ViewTransform::new(63, 41, 1.0, [100, 80], &ViewState::default()).scale();
        let shown = reds(&paint(
            &frame,
            &attributes,
            &window(128.0, 256.0),
            false,
            interpolation,
            [100, 80],
            &transform_of(1.0 / fit),
        ));
        let place = (0..80 * 100)
            .find(|k| {
                shown[*k] == values[0] as u8 && (1..63).all(|x| shown[k + x] == values[x] as u8)
            })
            .expect("the first row");
        for y in 0..41 {
            for x in 0..63 {
                assert_eq!(
                    shown[place + y * 100 + x],
                    values[y * 63 + x] as u8,
                    "{interpolation:?} at {x}, {y}"
                );
            }
        }
    }
}

#[test]
fn t14_a_fine_pattern_keeps_its_mean_when_made_small() {
    let values: Vec<i16> = (0..256 * 256)
        .map(|k| if (k % 256 + k / 256) % 2 == 0 { 0 } else { 200 })
        .collect();
    let attributes = DisplayAttributes {
        bits_stored: 8,
        ..DisplayAttributes::default()
    };
    let shown = reds(&paint(
        &signed(256, 256, &values),
        &attributes,
        &window(128.0, 256.0),
        false,
        Interpolation::Bilinear,
        [50, 50],
        &ViewState::default(),
    ));
    assert!(
        shown.iter().all(|g| (95..=105).contains(g)),
        "{:?}",
        &shown[..8]
    );
}

#[test]
fn t15_vectors_of_aspect() {
    each("T15", &[], |id, i, e, tolerance| {
        let pair = |v: &Value| v.as_array().map(|_| [f(&v[0]), f(&v[1])]);
        let spacing = SpacingAttributes {
            pixel_spacing: pair(&i["pixel_spacing"]),
            pixel_aspect_ratio: pair(&i["pixel_aspect_ratio"]),
            ..SpacingAttributes::default()
        };
        let ratio = f(&i["rows"]) * spacing.height_over_width() / f(&i["columns"]);
        near(id, ratio, &e["height_over_width"], tolerance);
    });
    let broken = SpacingAttributes {
        pixel_aspect_ratio: Some([0.0, 1.0]),
        ..SpacingAttributes::default()
    };
    assert!((broken.height_over_width() - 1.0).abs() < 1e-12);
}
