//! What is read off a picture, and its marks: T17, T40, T54.

use super::*;

#[test]
fn t17_vectors_of_the_probe() {
    each("T17", &[], |id, i, e, _| {
        let values: Vec<i16> = i["pixels"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(floats)
            .map(|v| v as i16)
            .collect();
        let at = ImageCorner(glam::DVec2::new(
            f(&i["cursor_corner"][0]),
            f(&i["cursor_corner"][1]),
        ));
        let found = probe(&signed(2, 2, &values), &DisplayAttributes::default(), at);
        if e["inside"] == false {
            assert_eq!(found, None, "{id}");
            return;
        }
        let found = found.unwrap();
        near(id, f64::from(found.column), &e["pixel"][0], 0.0);
        near(id, f64::from(found.row), &e["pixel"][1], 0.0);
        let ProbeValue::Grey { modality, .. } = found.value else {
            panic!("{id}")
        };
        near(id, modality, &e["value"], 0.0);
    });
}

#[test]
fn t40_vectors_of_millimetres() {
    each("T40", &[], |id, i, e, tolerance| {
        let pair = |name: &str| i[name].as_array().map(|v| [f(&v[0]), f(&v[1])]);
        let spacing = SpacingAttributes {
            pixel_spacing: pair("PixelSpacing"),
            imager_pixel_spacing: pair("ImagerPixelSpacing"),
            nominal_scanned_pixel_spacing: pair("NominalScannedPixelSpacing"),
            calibration_type: i["PixelSpacingCalibrationType"].as_str().map(str::to_owned),
            magnification_factor: i["EstimatedRadiographicMagnificationFactor"].as_f64(),
            source_to_detector_mm: i["DistanceSourceToDetector"].as_f64(),
            source_to_patient_mm: i["DistanceSourceToPatient"].as_f64(),
            ..SpacingAttributes::default()
        };
        let size = spacing.pixel_size(i["modality"].as_str().unwrap());
        assert_eq!(size.provenance.mark(), e["mark"].as_str().unwrap(), "{id}");
        match size.mm {
            Some(mm) => mm
                .iter()
                .zip(e["mm_per_px"].as_array().unwrap())
                .for_each(|(g, w)| near(id, *g, w, tolerance)),
            None => assert!(e["mm_per_px"].is_null(), "{id}"),
        }
    });
}

#[test]
fn t54_vectors_of_the_lossy_mark() {
    each("T54", &[], |id, i, e, _| {
        let texts = |v: &Value| {
            v.as_array().map_or_else(Vec::new, |a| {
                a.iter().map(|t| t.as_str().unwrap().to_owned()).collect()
            })
        };
        let lossy = LossyAttributes {
            stated: i["lossy"] == "01",
            ratios: texts(&i["ratio"])
                .iter()
                .map(|t| t.parse().unwrap())
                .collect(),
            methods: texts(&i["method"]),
            transfer_syntax: i["transfer_syntax"].as_str().unwrap_or("").into(),
            computed_ratio: i["raw_bytes"]
                .as_f64()
                .map(|raw| raw / f(&i["frame_bytes"])),
            ..LossyAttributes::default()
        };
        assert_eq!(
            lossy.mark().unwrap_or_default(),
            e["text"].as_str().unwrap(),
            "{id}"
        );
    });
}

#[test]
fn colour_keeps_grey_grey_and_a_frame_that_is_too_small_is_refused() {
    let frame = image(
        SampleType::U8,
        Colour::Rgb,
        2,
        1,
        vec![90, 90, 90, 200, 200, 200],
    );
    let attributes = DisplayAttributes {
        bits_stored: 8,
        ..DisplayAttributes::default()
    };
    let shown = paint(
        &frame,
        &attributes,
        &window(1.0, 1.0),
        true,
        Interpolation::Bilinear,
        [20, 10],
        &ViewState::default(),
    );
    assert!(
        shown
            .chunks_exact(4)
            .all(|p| p[0] == p[1] && p[1] == p[2] && p[0] >= 90)
    );

    let short = Frame {
        shape: FrameShape {
            rows: 9,
            ..frame.shape
        },
        bytes: frame.bytes.clone(),
    };
    let transform = ViewTransform::new(2, 9, 1.0, [4, 4], &ViewState::default());
    let drawing = Drawing {
        frame: &short,
        attributes: &attributes,
        voi: None,
        invert: false,
        pseudo_colour: None,
        greys: None,
        transform: &transform,
        interpolation: Interpolation::Nearest,
        size: [4, 4],
        layers: Default::default(),
    };
    let mut out = vec![1; 64];
    assert!(matches!(
        draw(&drawing, &mut out),
        Err(DrawError::Frame { .. })
    ));
    assert!(matches!(
        draw(&drawing, &mut out[..60]),
        Err(DrawError::Buffer { .. })
    ));
    assert!(out.iter().all(|b| *b == 1), "nothing was touched");
}
