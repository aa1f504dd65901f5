//! What is shown before anybody chose: T9.

use super::*;

#[test]
fn t9_vectors_of_the_default_window() {
    each("T9", &[], |id, i, e, tolerance| {
        let window = if i["min"].is_number() {
            full_range(f(&i["min"]), f(&i["max"]), true).unwrap()
        } else {
            let (values, sample): (Vec<f64>, _) = match i["values_from_to"].as_array() {
                Some(ends) => (
                    (f(&ends[0]) as i64..=f(&ends[1]) as i64)
                        .map(|v| v as f64)
                        .collect(),
                    SampleType::I16,
                ),
                None => (floats(&i["values"]), SampleType::F64),
            };
            let bytes = values.iter().flat_map(|v| match sample {
                SampleType::I16 => (*v as i16).to_ne_bytes().to_vec(),
                _ => v.to_ne_bytes().to_vec(),
            });
            let frame = image(
                sample,
                Colour::Monochrome2,
                values.len() as u32,
                1,
                bytes.collect(),
            );
            let attributes = DisplayAttributes::default();
            percentile_window(&attributes, &frame, f(&i["p_low"]), f(&i["p_high"])).unwrap()
        };
        near(id, window.center(), &e["center"], tolerance);
        near(id, window.width(), &e["width"], tolerance);
        let exact = e["function"] == "LINEAR_EXACT";
        assert_eq!(window.function() == VoiFunction::LinearExact, exact, "{id}");
    });
}

#[test]
fn t9_a_file_without_a_window_gets_the_preset_of_its_modality_or_percentiles() {
    let frame = signed(2, 2, &[0, 1, 2, 3]);
    let at = |attributes: &DisplayAttributes| {
        let found = default_voi(attributes, &frame).unwrap();
        let Voi::Window(w) = found.voi else {
            panic!("a table")
        };
        (w.center(), w.width(), w.function(), found.invert)
    };
    assert_eq!(at(&hu(1.0, 0.0)), (40.0, 400.0, VoiFunction::Linear, false));
    let brain = DisplayAttributes {
        body_part: "HEAD".into(),
        ..hu(1.0, 0.0)
    };
    assert_eq!(at(&brain), (40.0, 80.0, VoiFunction::Linear, false));
    let pet = DisplayAttributes {
        modality: "PT".into(),
        suv_bw: Some(0.5),
        ..DisplayAttributes::default()
    };
    assert_eq!(
        at(&pet),
        (7.0, 14.0, VoiFunction::LinearExact, true),
        "3.5/7 SUV in units of 0.5 SUV, dark on white"
    );
    let counts = DisplayAttributes {
        suv_bw: None,
        ..pet
    };
    assert_eq!(
        at(&counts),
        (2.0, 4.0, VoiFunction::Linear, false),
        "never an SUV window on counts"
    );
    let all_padding = DisplayAttributes {
        padding: Some(Padding::new(0.0, Some(3.0))),
        ..counts
    };
    assert_eq!(
        at(&all_padding).1,
        1.0,
        "a picture of nothing still has a window"
    );
}
