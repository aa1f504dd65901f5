//! From stored to modality values: T2 and T12.

use super::*;

#[test]
fn t2_vectors_of_rescale_and_modality_lut() {
    each("T2", &[], |id, i, e, tolerance| {
        if let Some(frames) = i["frames"].as_array() {
            for (frame, want) in frames.iter().zip(e["modality_values"].as_array().unwrap()) {
                let (rescale, _) =
                    ModalityLut::rescale(frame["slope"].as_f64(), frame["intercept"].as_f64());
                near(id, rescale.apply(f(&i["stored_value"])), want, tolerance);
            }
            return;
        }
        let (modality, mark) = if i["lut_data"].is_array() {
            (ModalityLut::Table(lut(i)), None)
        } else {
            ModalityLut::rescale(i["rescale_slope"].as_f64(), i["rescale_intercept"].as_f64())
        };
        near(
            id,
            modality.apply(f(&i["stored_value"])),
            &e["modality_value"],
            tolerance,
        );
        assert_eq!(mark.is_some(), e["flag"] == true, "{id}");
    });
    assert!(
        ModalityLut::rescale(Some(0.0), Some(5.0)).1.is_some(),
        "a slope of 0 is marked"
    );
}

#[test]
fn t12_nan_is_padding_and_negative_values_are_kept() {
    let bytes = [f32::NAN, -1.0, 3.0]
        .iter()
        .flat_map(|v| v.to_ne_bytes())
        .collect();
    let frame = image(SampleType::F32, Colour::Monochrome2, 3, 1, bytes);
    let attributes = DisplayAttributes {
        bits_stored: 32,
        ..DisplayAttributes::default()
    };
    assert_eq!(modality_values(&attributes, &frame), [-1.0, 3.0]);
    let voi = Voi::Window(Window::new(1.0, 4.0, VoiFunction::LinearExact).unwrap());
    assert_eq!(
        reds(&paint(
            &frame,
            &attributes,
            &voi,
            false,
            Interpolation::Nearest,
            [3, 1],
            &ViewState::default()
        )),
        [0, 0, 255]
    );
}

#[test]
fn t12_bitmaps_are_black_and_white_without_a_window() {
    let frame = image(SampleType::U8, Colour::Monochrome2, 2, 1, vec![0, 1]);
    let attributes = DisplayAttributes {
        bits_stored: 1,
        ..DisplayAttributes::default()
    };
    let shown = paint(
        &frame,
        &attributes,
        &window(128.0, 256.0),
        false,
        Interpolation::Bilinear,
        [6, 3],
        &ViewState::default(),
    );
    assert_eq!(&reds(&shown)[..6], [0, 0, 0, 255, 255, 255]);
}

#[test]
fn t12_vectors_of_signed_and_float_values() {
    each("T12", &[], |id, i, e, tolerance| {
        let hex = |v: &Value| -> Vec<u8> {
            let text = v.as_str().unwrap().trim_start_matches("0x");
            (0..text.len())
                .step_by(2)
                .map(|k| u8::from_str_radix(&text[k..k + 2], 16).unwrap())
                .collect()
        };
        let stored_of = |frame: &Frame| {
            let at = ImageCorner(glam::DVec2::splat(0.5));
            let found = probe(frame, &DisplayAttributes::default(), at).unwrap();
            let ProbeValue::Grey { modality, .. } = found.value else {
                panic!("{id}")
            };
            modality
        };
        if i["word_hex"].is_string() {
            let mut word = hex(&i["word_hex"]);
            word.reverse();
            let cell = i16::from_le_bytes(word.try_into().unwrap());
            let frame = signed(1, 1, &[cell]);
            near(id, stored_of(&frame), &e["stored"], tolerance);
            let values = modality_values(&hu(f(&i["slope"]), f(&i["intercept"])), &frame);
            near(id, values[0], &e["modality"], tolerance);
        } else if i["bytes_hex"].is_string() {
            let bytes = hex(&i["bytes_hex"]);
            let sample = if bytes.len() == 4 {
                SampleType::F32
            } else {
                SampleType::F64
            };
            // Files are little endian, cells native.
            let native = match <[u8; 4]>::try_from(bytes.as_slice()) {
                Ok(four) => f32::from_le_bytes(four).to_ne_bytes().to_vec(),
                Err(_) => f64::from_le_bytes(bytes.try_into().unwrap())
                    .to_ne_bytes()
                    .to_vec(),
            };
            let frame = image(sample, Colour::Monochrome2, 1, 1, native);
            near(id, stored_of(&frame), &e["value"], tolerance);
        } else {
            let values = i["values"].as_array().unwrap();
            let all: Vec<f64> = values
                .iter()
                .map(|v| v.as_f64().unwrap_or(f64::NAN))
                .collect();
            assert_eq!(i["stat"], "mean", "{id}");
            let bytes = all.iter().flat_map(|v| v.to_ne_bytes()).collect();
            let frame = image(
                SampleType::F64,
                Colour::Monochrome2,
                all.len() as u32,
                1,
                bytes,
            );
            let kept = modality_values(&DisplayAttributes::default(), &frame);
            near(id, kept.len() as f64, &e["n"], 0.0);
            near(id, (all.len() - kept.len()) as f64, &e["excluded"], 0.0);
            near(
                id,
                kept.iter().sum::<f64>() / kept.len() as f64,
                &e["mean"],
                tolerance,
            );
        }
    });
}
