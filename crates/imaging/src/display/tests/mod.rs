//! The vectors of the imaging specification for the display pipeline, and pictures small enough to check by hand: a file a subject.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cine;
mod colours;
mod corners;
mod defaults;
mod interpolation;
mod modality;
mod order;
mod palettes;
mod probe;
mod screen;
mod subtraction;
mod windows;

use serde_json::Value;

use super::*;
use crate::{
    frame::{Colour, Frame, FrameBytes, FrameShape, SampleType},
    geometry::{ImageCorner, ViewState, ViewTransform},
};

const VECTORS: &str = include_str!("../../../tests/imaging-vectors.json");

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
        pseudo_colour: None,
        greys: None,
        transform: &transform,
        interpolation,
        size,
        layers: Default::default(),
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
