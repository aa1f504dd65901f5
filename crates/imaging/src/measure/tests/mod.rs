//! The vectors of T37 to T48, properties, the shelf's pictures, and the way back from an edit. The table of T40 is tested beside it, and T45
//! has a module of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::float_cmp
)]

mod area;
mod curves;
mod findings;
mod growth;
mod history;
mod lines;
mod livewire;
mod properties;
mod scale;
mod shelf;
mod state;
mod statistics;
mod text;
mod volume;

use glam::DVec2;
use serde_json::{Map, Value};

use crate::{
    annotate::{Anchor, AnchorImage, Annotation, Shape},
    frame::{Colour, Frame, FrameBytes, FrameShape, SampleType},
    measure::{Outline, Spacing},
};

const VECTORS: &str = include_str!("../../../tests/imaging-vectors.json");

/// Runs `measured(id, inputs)` on every vector of a requirement: each field of `expected` must be among what it gives, within the tolerance.
/// What it does not know it must refuse itself.
pub(crate) fn each(requirement: &str, measured: impl Fn(&str, &Value) -> Value) {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let mut ran = 0;
    for v in all["vectors"].as_array().unwrap() {
        let id = v["id"].as_str().unwrap();
        if id.split('.').next() == Some(requirement) {
            let got = measured(id, &v["inputs"]);
            compare(id, &got, &v["expected"], v["tolerance"].as_f64().unwrap());
            ran += 1;
        }
    }
    assert!(ran > 0, "no vector of {requirement}");
}

/// The entry of a file of the shelf.
pub(crate) fn file_entry(id: &str) -> (Value, f64) {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let entry = all["files"].as_array().unwrap().iter();
    let entry = entry.clone().find(|f| f["id"] == id).unwrap();
    (
        entry["expected"].clone(),
        entry["tolerance"].as_f64().unwrap(),
    )
}

#[track_caller]
pub(crate) fn compare(id: &str, got: &Value, expected: &Value, tolerance: f64) {
    for (key, expected) in fields(expected) {
        let got = fields(got).get(key).unwrap_or_else(|| {
            panic!("{id}: nothing gives {key}");
        });
        same(&format!("{id} {key}"), got, expected, tolerance);
    }
}

#[track_caller]
fn same(what: &str, got: &Value, expected: &Value, tolerance: f64) {
    match (got, expected) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            assert!(
                (a - b).abs() <= tolerance + 1e-12 * b.abs().max(1.0),
                "{what}: {a}, expected {b}"
            );
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{what}");
            for (a, b) in a.iter().zip(b) {
                same(what, a, b, tolerance);
            }
        }
        _ => assert_eq!(got, expected, "{what}"),
    }
}

fn fields(v: &Value) -> &Map<String, Value> {
    v.as_object().unwrap()
}

pub(crate) fn f(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| panic!("{v} is no number"))
}

pub(crate) fn floats<const N: usize>(v: &Value) -> [f64; N] {
    let all: Vec<f64> = v.as_array().unwrap().iter().map(f).collect();
    all.try_into().unwrap()
}

fn point(v: &Value) -> DVec2 {
    DVec2::from_array(floats(v))
}

fn points(v: &Value) -> Vec<DVec2> {
    v.as_array().unwrap().iter().map(point).collect()
}

fn line(v: &Value) -> [DVec2; 2] {
    points(v).try_into().unwrap()
}

fn spacing(v: &Value) -> Spacing {
    floats(&v["pixel_spacing"])
}

fn outline(v: &Value) -> Outline {
    if let Some(rect) = v.get("rect_corner_xy") {
        let [x0, y0, x1, y1] = floats(rect);
        return Outline::Rectangle {
            least: DVec2::new(x0, y0),
            most: DVec2::new(x1, y1),
        };
    }
    if let Some(e) = v.get("ellipse") {
        return Outline::Ellipse {
            centre: DVec2::new(f(&e["cx"]), f(&e["cy"])),
            first: DVec2::new(f(&e["a"]), 0.0),
            second: DVec2::new(0.0, f(&e["b"])),
        };
    }
    Outline::Polygon(vec![points(&v["polygon"])])
}

/// A frame of samples of any type.
pub(crate) fn frame_of(
    sample: SampleType,
    colour: Colour,
    columns: u32,
    rows: u32,
    values: &[f64],
) -> Frame {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|v| match sample {
            SampleType::U8 => vec![*v as u8],
            SampleType::I8 => (*v as i8).to_ne_bytes().to_vec(),
            SampleType::U16 => (*v as u16).to_ne_bytes().to_vec(),
            SampleType::I16 => (*v as i16).to_ne_bytes().to_vec(),
            SampleType::U32 => (*v as u32).to_ne_bytes().to_vec(),
            SampleType::I32 => (*v as i32).to_ne_bytes().to_vec(),
            SampleType::F32 => (*v as f32).to_ne_bytes().to_vec(),
            SampleType::F64 => v.to_ne_bytes().to_vec(),
        })
        .collect();
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

pub(crate) fn grey(columns: u32, rows: u32, values: &[f64]) -> Frame {
    frame_of(SampleType::I16, Colour::Monochrome2, columns, rows, values)
}

/// A drawing on the first frame of an image.
pub(crate) fn drawing(uid: &str, shape: Shape, points: &[[f64; 2]]) -> Annotation {
    Annotation {
        uid: uid.to_owned(),
        lesion: uid.to_owned(),
        label: String::new(),
        shape,
        points: points.to_vec(),
        anchor: Anchor {
            study: "1.2.3".parse_uid(),
            series: "1.2.3.1".parse_uid(),
            frame_of_reference: None,
            plane: None,
            image: Some(AnchorImage {
                sop_class: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
                instance: "1.2.3.1.1".parse_uid(),
                frame: 0,
                size: [100, 100],
            }),
        },
        text: String::new(),
        known_mm: None,
        finding: None,
        site: None,
        values: Vec::new(),
        author: "reader".to_owned(),
        created: "2025-01-01T00:00:00Z".to_owned(),
        edited: "2025-01-01T00:00:00Z".to_owned(),
        software: "Triptych".to_owned(),
        locked: false,
    }
}

/// UIDs of all kinds from text.
trait ParseUid {
    fn parse_uid<T: for<'de> serde::Deserialize<'de>>(&self) -> T;
}

impl ParseUid for str {
    fn parse_uid<T: for<'de> serde::Deserialize<'de>>(&self) -> T {
        serde_json::from_value(Value::String(self.to_owned())).unwrap()
    }
}
