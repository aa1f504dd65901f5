//! The vectors of the imaging specification for T2 to T17, T40, T51 and T54, and pictures small enough to check by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::{
    frame::{Colour, Frame, FrameBytes, FrameShape, SampleType},
    geometry::{ImageCorner, ViewState, ViewTransform},
};

const VECTORS: &str = include_str!("../../tests/imaging-vectors.json");

/// Runs `check(id, inputs, expected, tolerance)` on every vector of a requirement but `left_out`; there must be some.
fn each(requirement: &str, left_out: &[&str], check: impl Fn(&str, &Value, &Value, f64)) {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let mut ran = 0;
    for v in all["vectors"].as_array().unwrap() {
        let id = v["id"].as_str().unwrap();
        if id.split('.').next() == Some(requirement) && !left_out.contains(&id) {
            check(
                id,
                &v["inputs"],
                &v["expected"],
                v["tolerance"].as_f64().unwrap(),
            );
            ran += 1;
        }
    }
    assert!(ran > 0, "no vector of {requirement}");
}

fn f(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| panic!("{v} is no number"))
}

fn floats(v: &Value) -> Vec<f64> {
    v.as_array()
        .map_or_else(Vec::new, |a| a.iter().map(f).collect())
}

fn words(v: &Value) -> Vec<u16> {
    floats(v).into_iter().map(|x| x as u16).collect()
}

#[track_caller]
fn near(id: &str, got: f64, expected: &Value, tolerance: f64) {
    assert!(
        (got - f(expected)).abs() <= tolerance + 1e-12,
        "{id}: {got}, expected {expected}"
    );
}

fn lut(v: &Value) -> Lut {
    let d = floats(&v["lut_descriptor"]);
    Lut::new(
        d[0] as u16,
        d[1] as i32,
        d[2] as u16,
        &words(&v["lut_data"]),
    )
    .unwrap()
}

fn image(sample: SampleType, colour: Colour, columns: u32, rows: u32, bytes: Vec<u8>) -> Frame {
    let shape = FrameShape {
        columns,
        rows,
        sample,
        colour,
    };
    assert_eq!(shape.byte_len(), Some(bytes.len()));
    Frame {
        shape,
        bytes: FrameBytes::from(bytes),
    }
}

fn signed(columns: u32, rows: u32, values: &[i16]) -> Frame {
    let bytes = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
    image(SampleType::I16, Colour::Monochrome2, columns, rows, bytes)
}

fn hu(slope: f64, intercept: f64) -> DisplayAttributes {
    DisplayAttributes {
        modality: "CT".into(),
        unit: "HU".into(),
        bits_stored: 16,
        modality_lut: ModalityLut::Rescale { slope, intercept },
        ..DisplayAttributes::default()
    }
}

fn paint(
    frame: &Frame,
    attributes: &DisplayAttributes,
    voi: &Voi,
    invert: bool,
    interpolation: Interpolation,
    size: [u32; 2],
    state: &ViewState,
) -> Vec<u8> {
    let shape = frame.shape;
    let transform = ViewTransform::new(
        shape.columns,
        shape.rows,
        attributes.spacing.height_over_width(),
        size,
        state,
    );
    let mut out = vec![7; size[0] as usize * size[1] as usize * 4];
    let drawing = Drawing {
        frame,
        attributes,
        voi: Some(voi),
        invert,
        transform: &transform,
        interpolation,
        size,
        layers: Layers::default(),
    };
    draw(&drawing, &mut out).unwrap();
    out
}

fn reds(rgba: &[u8]) -> Vec<u8> {
    rgba.chunks_exact(4).map(|p| p[0]).collect()
}

fn window(center: f64, width: f64) -> Voi {
    Voi::Window(Window::new(center, width, VoiFunction::Linear).unwrap())
}

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
fn t5_vectors_of_polarity_invert_once() {
    each("T5", &["T5.gsps"], |id, i, e, _| {
        let colour = if i["photometric"] == "MONOCHROME1" {
            Colour::Monochrome1
        } else {
            Colour::Monochrome2
        };
        let attributes = DisplayAttributes {
            presentation_lut_shape: i["presentation_lut_shape"]
                .as_str()
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
    each("T11", &["T11.order"], |id, i, e, _| {
        near(id, f64::from(grey_of(f(&i["y"]) / 255.0)), &e["grey"], 0.0)
    });
    let mut attributes = hu(1.0, -1024.0);
    attributes.bits_stored = 12;
    let frame = image(
        SampleType::U16,
        Colour::Monochrome1,
        1,
        1,
        1064_u16.to_ne_bytes().to_vec(),
    );
    let shown = paint(
        &frame,
        &attributes,
        &window(40.0, 400.0),
        false,
        Interpolation::Bilinear,
        [1, 1],
        &ViewState::default(),
    );
    assert_eq!(
        shown,
        [127, 127, 127, 255],
        "quantised after VOI, then inverted"
    );
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
fn t13_vectors_of_palettes() {
    each("T13", &[], |id, i, e, tolerance| {
        if i["segmented"].is_array() {
            let got = expand_segments(&words(&i["segmented"]), 2).unwrap();
            let want = floats(&e["expanded"]);
            assert_eq!(got.len(), want.len(), "{id}: {got:?}");
            assert!(
                got.iter()
                    .zip(&want)
                    .all(|(g, w)| (f64::from(*g) - w).abs() <= tolerance),
                "{id}: {got:?}"
            );
            return;
        }
        let d = floats(&i["descriptor"]);
        let table = |name: &str| {
            let data = if i[name].is_array() {
                words(&i[name])
            } else {
                vec![9; d[0] as usize]
            };
            Lut::new(d[0] as u16, d[1] as i32, d[2] as u16, &data).unwrap()
        };
        let palette = Palette {
            red: table("red"),
            green: table("green"),
            blue: table("blue"),
            supplemental: i["pixel_presentation"] == "COLOR",
        };
        if e["path"].is_string() {
            assert!(!palette.colours(f(&i["stored_value"])), "{id}");
        } else {
            assert_eq!(
                palette.rgb(f(&i["stored_value"])).map(f64::from).to_vec(),
                floats(&e["rgb8"]),
                "{id}"
            );
        }
    });
    assert!(
        expand_segments(&[1, 4, 60], 2).is_err(),
        "a line from nowhere"
    );
    assert!(expand_segments(&[0, 9, 1], 2).is_err(), "values missing");
}

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
fn t51_magnification_is_of_the_x_axis() {
    let transform = ViewTransform::new(512, 512, 1.0, [1024, 1024], &ViewState::default());
    assert!((transform.scale() - 2.0).abs() < 1e-12);
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
        transform: &transform,
        interpolation: Interpolation::Nearest,
        size: [4, 4],
        layers: Layers::default(),
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

proptest! {
    #[test]
    fn t3_brighter_in_never_gets_darker_out(c in -2000.0..4000.0, w in 1.0..5000.0, x in -4000.0..8000.0, step in 0.0..100.0) {
        let window = Window::new(c, w, VoiFunction::Linear).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert!(window.apply(x) <= window.apply(x + step));
        prop_assert!((0.0..=1.0).contains(&window.apply(x)));
    }
}
