//! Windows, VOI tables, the choices of a file and dragging: T3, T4, T6, T7, T8, T16.

use proptest::prelude::*;

use super::*;

#[test]
fn t3_t4_t6_vectors_of_windows() {
    for (requirement, function) in [
        ("T3", VoiFunction::Linear),
        ("T4", VoiFunction::LinearExact),
        ("T6", VoiFunction::Sigmoid),
    ] {
        each(requirement, &[], |id, i, e, tolerance| {
            let window = Window::new(f(&i["center"]), f(&i["width"]), function).unwrap();
            near(id, window.apply(f(&i["x"])) * 255.0, &e["y"], tolerance);
            near(id, f64::from(window.grey(f(&i["x"]))), &e["grey"], 0.0);
        });
    }
    assert!(Window::new(40.0, 0.5, VoiFunction::Linear).is_err());
    assert!(Window::new(40.0, 0.0, VoiFunction::LinearExact).is_err());
    assert!(Window::new(f64::NAN, 400.0, VoiFunction::Sigmoid).is_err());
}

#[test]
fn t7_vectors_of_voi_tables() {
    each("T7", &[], |id, i, e, _| {
        if i["lut_descriptor_raw"].is_array() {
            let d = floats(&i["lut_descriptor_raw"]);
            let first = Lut::first_of(d[1] as u16, true);
            near(id, f64::from(first), &e["first_mapped"], 0.0);
            let lut = Lut::new(d[0] as u16, first, d[2] as u16, &words(&i["lut_data"])).unwrap();
            near(id, f64::from(lut.at(f(&i["x"]))), &e["lut_out"], 0.0);
        } else if i["lut_data"].is_array() {
            let voi = VoiLut {
                lut: lut(i),
                explanation: String::new(),
            };
            near(id, f64::from(voi.lut.at(f(&i["x"]))), &e["lut_out"], 0.0);
            near(
                id,
                f64::from(grey_of(voi.apply(f(&i["x"])))),
                &e["grey"],
                0.0,
            );
        } else {
            let lut = Lut::new(0, 0, 16, &vec![0; 65_536]).unwrap();
            near(id, lut.entries().len() as f64, &e["entries"], 0.0);
        }
    });
}

#[test]
fn t7_eight_bit_tables_packed_or_not_are_the_same() {
    let packed = Lut::new(4, 0, 8, &[0x0201, 0x0403]).unwrap();
    assert_eq!(packed.entries(), [1, 2, 3, 4]);
    assert_eq!(Lut::new(4, 0, 8, &[1, 2, 3, 4, 0]).unwrap(), packed);
    assert!(Lut::new(4, 0, 16, &[1]).is_err());
    assert!(Lut::new(1, 0, 17, &[1]).is_err());
}

#[test]
fn t8_vectors_of_window_pairs() {
    each("T8", &[], |id, i, e, _| {
        let names: Vec<String> = i["explanation"].as_array().map_or_else(Vec::new, |a| {
            a.iter().map(|n| n.as_str().unwrap().into()).collect()
        });
        let (choices, marks) = windows_of_file(
            &floats(&i["window_center"]),
            &floats(&i["window_width"]),
            &names,
            VoiFunction::Linear,
        );
        let want = e["choices"].as_array().unwrap();
        assert_eq!(choices.len(), want.len(), "{id}");
        for (got, want) in choices.iter().zip(want) {
            assert_eq!(got.explanation, want[0].as_str().unwrap_or(""), "{id}");
            near(id, got.window.center(), &want[1], 0.0);
            near(id, got.window.width(), &want[2], 0.0);
        }
        assert_eq!(!marks.is_empty(), e["flag"] == true, "{id}");
    });
}

#[test]
fn t16_vectors_of_dragging() {
    each("T16", &[], |id, i, e, tolerance| {
        let start = Window::new(f(&i["center"]), f(&i["width"]), VoiFunction::Linear).unwrap();
        let got = start.dragged(f(&i["drag_right_px"]), f(&i["drag_down_px"]), true, 4096.0);
        near(id, got.width(), &e["width"], tolerance);
        near(id, got.center(), &e["center"], tolerance);
    });
}

#[test]
fn t8_the_menu_lists_windows_and_tables_before_presets() {
    let names: Vec<String> = ["WINDOW1", ""].map(str::to_owned).into();
    let (windows, _) = windows_of_file(
        &[40.0, -600.0],
        &[400.0, 1500.0],
        &names,
        VoiFunction::Linear,
    );
    let dark = VoiLut {
        lut: Lut::new(4, 0, 16, &[0, 10, 20, 4095]).unwrap(),
        explanation: "NORMAL".into(),
    };
    let mut attributes = DisplayAttributes {
        windows,
        voi_luts: vec![dark],
        ..hu(1.0, 0.0)
    };
    let names = |attributes: &DisplayAttributes| -> Vec<String> {
        voi_choices(attributes)
            .into_iter()
            .map(|c| c.name)
            .collect()
    };
    let ct = names(&attributes);
    let stretched = "LUT: NORMAL, stretched to its own maximum";
    assert_eq!(
        ct[..4],
        ["DICOM 1: WINDOW1", "DICOM 2", "LUT: NORMAL", stretched]
    );
    assert!(ct.len() > 4, "presets follow");
    attributes.modality = "DX".into();
    assert_eq!(
        names(&attributes),
        ["LUT: NORMAL", stretched, "DICOM 1: WINDOW1", "DICOM 2"]
    );
    let choices = voi_choices(&attributes);
    let altered: Vec<bool> = choices.iter().map(|c| c.altered).collect();
    assert_eq!(altered, [false, true, false, false]);
    // 4095 of 65535 is dark; stretched it is white.
    assert_eq!(
        [0, 1].map(|k| grey_of(choices[k].voi.apply(3.0))),
        [16, 255]
    );
    // The first choice is what is shown first.
    let first = default_voi(&attributes, &signed(1, 1, &[0])).unwrap();
    assert_eq!(first.voi, choices[0].voi);
}

#[test]
fn t7_dragging_a_table_stretches_its_input_and_keeps_its_shape() {
    let ramp: Vec<u16> = (0..101).map(|k| k * 650).collect();
    let lut = VoiLut {
        lut: Lut::new(101, 0, 16, &ramp).unwrap(),
        explanation: String::new(),
    };
    assert_eq!(lut.windowed(1.0, 0.0).lut, lut.lut);
    let wide = lut.windowed(2.0, 0.0);
    // The middle keeps its grey; 40 from it shows what 20 from it showed.
    assert!((wide.apply(50.0) - lut.apply(50.0)).abs() < 0.011);
    assert!((wide.apply(90.0) - lut.apply(70.0)).abs() < 0.011);
    let moved = lut.windowed(1.0, 30.0);
    assert_eq!(moved.apply(80.0), lut.apply(50.0));
    for nonsense in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(lut.windowed(nonsense, 0.0), lut);
    }
    assert!(lut.windowed(1e9, 1e9).lut.entries().len() <= 65_536);
}

#[test]
fn t16_a_region_window_is_of_the_pixels_whose_centres_are_inside() {
    let values: Vec<i16> = (0..20 * 10)
        .map(|k| if k % 20 < 10 { k } else { 5000 })
        .collect();
    let frame = signed(20, 10, &values);
    let corner = |x: f64, y: f64| ImageCorner(glam::DVec2::new(x, y));
    let of = |a, b| region_window(&hu(1.0, -1000.0), &frame, a, b);
    // Columns 0 to 9 of rows 0 to 9: 100 values, of which 2 to 98 % are the 2nd to the 98th.
    let got = of(corner(0.4, 0.0), corner(9.6, 10.0)).unwrap();
    assert_eq!(
        (got.center() - got.width() / 2.0, got.width()),
        (1.0 - 1000.0, 187.0 - 1.0 + 1.0)
    );
    // Dragged the other way it is the same, and beyond the image nothing is added.
    assert_eq!(of(corner(9.6, 99.0), corner(-50.0, -5.0)), Some(got));
    assert_eq!(
        of(corner(3.6, 3.6), corner(4.4, 4.4)),
        None,
        "no centre inside"
    );
    assert_eq!(
        of(corner(3.4, 3.4), corner(3.6, 3.6)).map(|w| w.width()),
        Some(1.0)
    );
}

proptest! {
    #[test]
    fn t9_counting_values_finds_the_same_percentiles_as_sorting_them(
        values in prop::collection::vec(-900_i16..900, 1..400), low in 0.0..50.0, high in 50.0..100.0, slope in prop::sample::select(vec![1.0, -1.0, 0.5]), padded: bool,
    ) {
        let whole = signed(values.len() as u32, 1, &values);
        let bytes = values.iter().flat_map(|v| i32::from(*v).to_ne_bytes()).collect();
        let sorted = image(SampleType::I32, Colour::Monochrome2, values.len() as u32, 1, bytes);
        let attributes = DisplayAttributes {
            padding: padded.then(|| Padding::new(-100.0, Some(100.0))),
            ..hu(slope, -1024.0)
        };
        // 32-bit values are sorted, 16-bit values counted.
        prop_assert_eq!(percentile_window(&attributes, &whole, low, high), percentile_window(&attributes, &sorted, low, high));
    }

    #[test]
    fn t3_brighter_in_never_gets_darker_out(c in -2000.0..4000.0, w in 1.0..5000.0, x in -4000.0..8000.0, step in 0.0..100.0) {
        let window = Window::new(c, w, VoiFunction::Linear).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert!(window.apply(x) <= window.apply(x + step));
        prop_assert!((0.0..=1.0).contains(&window.apply(x)));
    }
}
