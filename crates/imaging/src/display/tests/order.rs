//! Polarity, padding, rounding and their order: T5, T10, T11.

use super::*;

#[test]
fn t5_vectors_of_polarity_invert_once() {
    each("T5", &[], |id, i, e, _| {
        let colour = if i["photometric"] == "MONOCHROME1" {
            Colour::Monochrome1
        } else {
            Colour::Monochrome2
        };
        let attributes = DisplayAttributes {
            // The shape of a presentation state stands in the place of the image's own.
            presentation_lut_shape: i["gsps_shape"]
                .as_str()
                .or_else(|| i["presentation_lut_shape"].as_str())
                .and_then(PresentationLutShape::from_term),
            ..DisplayAttributes::default()
        };
        let grey = f(&i["voi_grey"]);
        let inverted = attributes.inverted(colour) != (i["user_invert"] == true);
        near(
            id,
            if inverted { 255.0 - grey } else { grey },
            &e["grey"],
            0.0,
        );
        if let Some(flag) = e["flag"].as_bool() {
            assert_eq!(attributes.polarity_conflict(colour), flag, "{id}");
        }
    });
}

#[test]
fn t10_vectors_of_padding() {
    each("T10", &[], |id, i, e, tolerance| {
        let padding = Padding::new(
            f(&i["pixel_padding_value"]),
            i["pixel_padding_range_limit"].as_f64(),
        );
        if let Some(padded) = e["padded"].as_bool() {
            assert_eq!(padding.contains(f(&i["stored_value"])), padded, "{id}");
            return;
        }
        let stored: Vec<i16> = floats(&i["stored"]).into_iter().map(|v| v as i16).collect();
        let attributes = DisplayAttributes {
            padding: Some(padding),
            ..hu(f(&i["slope"]), f(&i["intercept"]))
        };
        let values = modality_values(&attributes, &signed(stored.len() as u32, 1, &stored));
        near(id, values.len() as f64, &e["n"], 0.0);
        near(
            id,
            values.iter().copied().fold(f64::INFINITY, f64::min),
            &e["min"],
            tolerance,
        );
        near(
            id,
            values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            &e["max"],
            tolerance,
        );
        near(
            id,
            values.iter().sum::<f64>() / values.len() as f64,
            &e["mean"],
            tolerance,
        );
    });
}

#[test]
fn t10_padding_stays_black_when_inverted_and_weighs_nothing() {
    let frame = signed(2, 1, &[-2000, 100]);
    let attributes = DisplayAttributes {
        padding: Some(Padding::new(-2000.0, None)),
        ..hu(1.0, 0.0)
    };
    let shown = paint(
        &frame,
        &attributes,
        &window(50.0, 101.0),
        true,
        Interpolation::Bilinear,
        [8, 4],
        &ViewState::default(),
    );
    let row = &reds(&shown)[..8];
    // 4 screen pixels a pixel: right of the padded centre only the other pixel has weight, and 100 is white, inverted black.
    assert_eq!(row, [0; 8]);
    let bright = paint(
        &frame,
        &attributes,
        &window(50.0, 101.0),
        false,
        Interpolation::Bilinear,
        [8, 4],
        &ViewState::default(),
    );
    assert_eq!(&reds(&bright)[..8], [0, 0, 255, 255, 255, 255, 255, 255]);
}

#[test]
fn t11_vectors_of_rounding_and_order() {
    each("T11", &[], |id, i, e, tolerance| {
        if i["stored_value"].is_null() {
            near(id, f64::from(grey_of(f(&i["y"]) / 255.0)), &e["grey"], 0.0);
            return;
        }
        // Quantised after the VOI, then inverted.
        let mut attributes = hu(f(&i["slope"]), f(&i["intercept"]));
        attributes.bits_stored = 12;
        assert_eq!(i["photometric"], "MONOCHROME1", "{id}");
        let stored = f(&i["stored_value"]) as u16;
        let frame = image(
            SampleType::U16,
            Colour::Monochrome1,
            1,
            1,
            stored.to_ne_bytes().to_vec(),
        );
        let modality = attributes.modality_lut.apply(f64::from(stored));
        near(id, modality, &e["modality"], tolerance);
        let voi = window(f(&i["center"]), f(&i["width"]));
        near(id, voi.apply(modality) * 255.0, &e["y"], tolerance);
        let shown = paint(
            &frame,
            &attributes,
            &voi,
            false,
            Interpolation::Bilinear,
            [1, 1],
            &ViewState::default(),
        );
        near(id, f64::from(shown[0]), &e["grey"], 0.0);
    });
}

#[test]
fn t11_a_12_bit_ramp_gives_256_equal_steps() {
    let frame = signed(4096, 1, &(0..4096).collect::<Vec<i16>>());
    let attributes = DisplayAttributes {
        bits_stored: 12,
        ..DisplayAttributes::default()
    };
    let shown = reds(&paint(
        &frame,
        &attributes,
        &window(2048.0, 4096.0),
        false,
        Interpolation::Bilinear,
        [4096, 1],
        &ViewState::default(),
    ));
    let mut counts = [0_u32; 256];
    shown.iter().for_each(|g| counts[usize::from(*g)] += 1);
    assert!(
        counts[1..255].iter().all(|n| (16..=17).contains(n)),
        "{counts:?}"
    );
    assert_eq!((counts[0], counts[255]), (9, 9));
}
