//! Words in the corners and what was done to the pixels: T50, T51.

use triptych_clinical::When;

use super::*;
use crate::PersonName;

fn header() -> CornerAttributes {
    CornerAttributes {
        name: PersonName::new("Yamada^Tarou=山田^太郎=やまだ^たろう"),
        patient_id: "1234".into(),
        birth_date: When::from_dicom("19750314", None, 0).ok(),
        sex: "M".into(),
        study_time: When::from_dicom("20210313", Some("0912"), 0).ok(),
        institution: "St. Mary".into(),
        study_description: "CT chest".into(),
        series_number: Some(3),
        slice_thickness_mm: Some(2.5),
        kernel: "B31f".into(),
        b_value: Some(800.0),
        ..CornerAttributes::default()
    }
}

fn state<'a>(voi: &'a Voi, marks: &'a [String], treatments: &'a [Treatment]) -> CornerState<'a> {
    CornerState {
        voi: Some(voi),
        unit: "HU",
        scale: 1.7,
        interpolation: Interpolation::Bilinear,
        treatments,
        image: [12, 60],
        position: "−104.2 mm",
        marks,
    }
}

fn texts(lines: &[CornerLine]) -> Vec<&str> {
    lines.iter().map(|l| l.text.as_str()).collect()
}

#[test]
fn t50_the_corners_of_a_ct() {
    let (voi, marks) = (window(40.0, 400.0), ["LOSSY 8:1 JPEG".to_owned()]);
    let treatments = [Treatment::Slab {
        kind: SlabKind::Mip,
        mm: 10.0,
    }];
    let corners = CornerText::new(&header(), &state(&voi, &marks, &treatments));
    assert_eq!(
        texts(&corners.top_left),
        [
            "YAMADA, Tarou (山田 太郎, やまだ たろう)",
            "1234",
            "* 1975-03-14",
            "M 45 y"
        ]
    );
    assert_eq!(
        texts(&corners.top_right),
        ["2021-03-13 09:12", "St. Mary", "CT chest"]
    );
    assert_eq!(
        texts(&corners.bottom_left),
        [
            "W 400 L 40 HU",
            "×1.7 bilinear",
            "MIP 10 mm",
            "series 3, image 12/60",
            "at −104.2 mm, slice 2.5 mm"
        ]
    );
    assert_eq!(
        texts(&corners.bottom_right),
        ["LOSSY 8:1 JPEG", "kernel B31f", "b 800"]
    );
    // In a tiny tile name, ID, birth date, study date, window, place and marks stay.
    let tiny = corners.thinned();
    assert_eq!(tiny.top_left.len(), 3);
    assert_eq!(texts(&tiny.top_right), ["2021-03-13 09:12"]);
    assert_eq!(
        texts(&tiny.bottom_left),
        ["W 400 L 40 HU", "MIP 10 mm", "series 3, image 12/60"]
    );
    assert_eq!(texts(&tiny.bottom_right), ["LOSSY 8:1 JPEG"]);
}

#[test]
fn t50_what_is_missing_is_said_and_nothing_is_made_up() {
    let voi = window(40.0, 400.0);
    let corners = CornerText::new(&CornerAttributes::default(), &state(&voi, &[], &[]));
    assert_eq!(
        texts(&corners.top_left),
        [
            "name not recorded",
            "ID not recorded",
            "birth date not recorded"
        ]
    );
    assert_eq!(texts(&corners.top_right), ["study date not recorded"]);
    let long = "1".repeat(64);
    let other = CornerAttributes {
        patient_id: long.clone(),
        sex: "O".into(),
        birth_date: When::from_dicom("20210301", None, 0).ok(),
        ..header()
    };
    let corners = CornerText::new(&other, &state(&voi, &[], &[]));
    assert_eq!(
        texts(&corners.top_left)[1..],
        [long.as_str(), "* 2021-03-01", "O 12 d"]
    );
    let stated = CornerAttributes {
        birth_date: None,
        stated_age: "045Y".into(),
        ..header()
    };
    assert_eq!(stated.age().as_deref(), Some("45 y"));
    assert_eq!(
        CornerAttributes {
            stated_age: "old".into(),
            ..stated
        }
        .age(),
        None
    );
}

#[test]
fn t50_windows_and_tables_in_words() {
    let exact = |c, w| Voi::Window(Window::new(c, w, VoiFunction::LinearExact).unwrap());
    assert_eq!(voi_text(&window(-600.0, 1500.0), "HU"), "W 1500 L -600 HU");
    assert_eq!(voi_text(&exact(3.5, 7.25), "SUV"), "W 7.25 L 3.50 SUV");
    assert_eq!(voi_text(&exact(0.0005, 0.002), ""), "W 0.0020 L 0.0005");
    let lut = VoiLut {
        lut: Lut::new(1, 0, 8, &[1]).unwrap(),
        explanation: " NORMAL ".into(),
    };
    assert_eq!(voi_text(&Voi::Lut(lut), ""), "LUT: NORMAL");
}

#[test]
fn t51_every_treatment_has_its_words() {
    assert_eq!(scale_mark(1.0, Interpolation::Bilinear), "1:1");
    assert_eq!(scale_mark(1.7, Interpolation::Bilinear), "×1.7 bilinear");
    assert_eq!(scale_mark(8.0, Interpolation::Nearest), "×8.0 nearest");
    assert_eq!(scale_mark(0.75, Interpolation::Bicubic), "×0.75 bicubic");
    assert_eq!(
        scale_mark(0.19, Interpolation::Bilinear),
        "×0.19 area average"
    );
    assert_eq!(scale_mark(0.19, Interpolation::Nearest), "×0.19 nearest");
    for (treatment, word) in [
        (Treatment::Preview, "preview"),
        (Treatment::Mpr, "MPR"),
        (Treatment::VolumeRendered, "VR"),
        (
            Treatment::Slab {
                kind: SlabKind::MinIp,
                mm: 2.5,
            },
            "MinIP 2.5 mm",
        ),
        (
            Treatment::Slab {
                kind: SlabKind::Mean,
                mm: 20.0,
            },
            "mean 20 mm",
        ),
        (Treatment::Filtered("sharpen".into()), "filtered (sharpen)"),
        (Treatment::Fused { percent: 40 }, "fused 40 %"),
        (Treatment::Subtracted, "subtracted"),
        (Treatment::UserLut, "LUT user"),
    ] {
        assert_eq!(treatment.mark(), word);
    }
}

#[test]
fn t50_a_site_chooses_the_lines_of_a_modality() {
    let layouts = CornerLayouts::parse(
        r#"{ "all": { "top_right": ["study_time", "study_description"] },
             "MR": { "bottom_right": ["marks", "b_value"], "top_left": ["sex_and_age"] } }"#,
    )
    .unwrap();
    let (voi, marks) = (window(40.0, 400.0), ["mm".to_owned()]);
    let of =
        |modality| CornerText::laid_out(&header(), &state(&voi, &marks, &[]), layouts.of(modality));
    let (ct, mr) = (of("CT"), of("MR"));
    assert_eq!(texts(&ct.top_right), ["2021-03-13 09:12", "CT chest"]);
    assert_eq!(texts(&ct.bottom_right), ["mm", "kernel B31f", "b 800"]);
    assert_eq!(texts(&mr.bottom_right), ["mm", "b 800"]);
    assert_eq!(texts(&mr.top_right), texts(&ct.top_right), "as all others");
    // Who it is cannot be left out (complaint 1).
    assert_eq!(
        texts(&mr.top_left),
        [
            "M 45 y",
            "YAMADA, Tarou (山田 太郎, やまだ たろう)",
            "1234",
            "* 1975-03-14"
        ]
    );
    assert_eq!(mr.thinned().top_left.len(), 3);
    assert_eq!(CornerLayouts::default().of("CT"), &CornerLayout::default());
}

#[test]
fn t50_a_wrong_file_of_corners_says_what_is_wrong() {
    for (text, wrong) in [
        ("{ \"CT\": { \"top_left\": [\"shoe_size\"] } }", "shoe_size"),
        ("{ \"CT\": { \"middle\": [] } }", "middle"),
        ("CT", "line 1"),
    ] {
        let error = CornerLayouts::parse(text).unwrap_err().to_string();
        assert!(error.contains(wrong), "{error}");
    }
}
