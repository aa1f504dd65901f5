//! Which pixels are inside, and their statistics, in every type of sample (T41, T42).

use glam::DVec2;
use serde_json::{Value, json};

use super::{compare, each, f, floats, frame_of, grey, outline};
use crate::{
    display::{ModalityLut, Padding},
    frame::{Colour, SampleType},
    measure::{Outline, Pixels, Population, Statistics},
};

fn numbers(found: &Statistics) -> Value {
    json!({
        "n": found.n,
        "mean": found.mean,
        "min": found.minimum.map(|e| e.value),
        "max": found.maximum.map(|e| e.value),
        "sd": found.standard_deviation,
        "median": found.median,
        "sum": found.sum,
    })
}

const SAMPLES: [SampleType; 8] = [
    SampleType::U8,
    SampleType::I8,
    SampleType::U16,
    SampleType::I16,
    SampleType::U32,
    SampleType::I32,
    SampleType::F32,
    SampleType::F64,
];

/// The picture of the vectors (10 × 10, value 10·row + column), as every type of sample and as a plane.
fn statistics_of(v: &Value) -> Vec<Statistics> {
    let image = &v["image"];
    assert_eq!(image["pixel"], "10*row+column, 0-based");
    let (columns, rows) = (f(&image["columns"]) as u32, f(&image["rows"]) as u32);
    let values: Vec<f64> = (0..rows * columns).map(f64::from).collect();
    let number = |key: &str, none: f64| v.get(key).map_or(none, f);
    let (lut, _) = ModalityLut::rescale(Some(number("slope", 1.0)), Some(number("intercept", 0.0)));
    let shape = outline(v);
    let mut found: Vec<Statistics> = SAMPLES
        .iter()
        .map(|sample| {
            let frame = frame_of(*sample, Colour::Monochrome2, columns, rows, &values);
            let pixels = Pixels::Frame {
                frame: &frame,
                lut: &lut,
                padding: None,
                channel: 0,
            };
            Population::new(pixels, &shape).statistics()
        })
        .collect();
    let plane: Vec<f32> = values.iter().map(|v| lut.apply(*v) as f32).collect();
    let pixels = Pixels::Plane {
        columns,
        rows,
        values: &plane,
    };
    found.push(Population::new(pixels, &shape).statistics());
    found
}

fn statistics_agree(v: &Value) -> Value {
    let found = statistics_of(v);
    for other in &found {
        compare(
            "another type of sample",
            &numbers(other),
            &numbers(&found[0]),
            1e-9,
        );
    }
    numbers(&found[0])
}

#[test]
fn t41_vectors_of_pixels_inside() {
    each("T41", |id, v| match id {
        "T41.rect" | "T41.rect2" | "T41.ell" | "T41.circ" | "T41.tri" | "T41.one" | "T41.none" => {
            statistics_agree(v)
        }
        other => panic!("{other} is not known"),
    });
}

#[test]
fn t42_vectors_of_statistics() {
    each("T42", |id, v| match id {
        "T42.a" => statistics_agree(v),
        "T42.sd" => {
            let values: [f64; 8] = floats(&v["values"]);
            let frame = grey(8, 1, &values);
            let pixels = Pixels::Frame {
                frame: &frame,
                lut: &ModalityLut::Identity,
                padding: None,
                channel: 0,
            };
            let all = Outline::Rectangle {
                least: DVec2::ZERO,
                most: DVec2::new(8.0, 1.0),
            };
            let found = Population::new(pixels, &all).statistics();
            let (sd, mean) = (found.standard_deviation.unwrap(), found.mean.unwrap());
            // Of the population, by its definition: it must not be what we show.
            let square = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 8.0;
            let shown = if sd == square.sqrt() {
                "sd_population"
            } else {
                "sd_sample"
            };
            json!({"mean": mean, "sd_sample": sd, "sd_population": square.sqrt(), "shown": shown})
        }
        other => panic!("{other} is not known"),
    });
}

#[test]
fn t42_padding_and_values_that_are_none_do_not_count() {
    let all = |n: f64| Outline::Rectangle {
        least: DVec2::ZERO,
        most: DVec2::new(n, 1.0),
    };
    // T10.minmax
    let frame = grey(5, 1, &[-2000.0, -2000.0, 0.0, 100.0, 50.0]);
    let (lut, _) = ModalityLut::rescale(Some(1.0), Some(-24.0));
    let pixels = Pixels::Frame {
        frame: &frame,
        lut: &lut,
        padding: Some(Padding::new(-2000.0, None)),
        channel: 0,
    };
    let found = Population::new(pixels, &all(5.0)).statistics();
    assert_eq!((found.n, found.left_out, found.mean), (3, 2, Some(26.0)));
    let (least, most) = (found.minimum.unwrap(), found.maximum.unwrap());
    assert_eq!((least.value, least.column), (-24.0, 2));
    assert_eq!((most.value, most.column), (76.0, 3));
    // Not finite, and nothing but such.
    for values in [
        [f64::NAN, 1.0, f64::INFINITY, 3.0],
        [f64::NAN, f64::NAN, f64::NEG_INFINITY, f64::NAN],
    ] {
        let frame = frame_of(SampleType::F32, Colour::Monochrome2, 4, 1, &values);
        let pixels = Pixels::Frame {
            frame: &frame,
            lut: &ModalityLut::Identity,
            padding: None,
            channel: 0,
        };
        let mut population = Population::new(pixels, &all(4.0));
        let found = population.statistics();
        let finite = values.iter().filter(|v| v.is_finite()).count() as u64;
        assert_eq!((found.n, found.left_out), (finite, 4 - finite));
        assert_eq!(found.mean, (finite > 0).then_some(2.0));
        assert_eq!(found.median, (finite > 0).then_some(2.0));
        assert_eq!(population.percentile(25.0), (finite > 0).then_some(1.5));
        assert_eq!(population.histogram(2).iter().sum::<u64>(), finite);
    }
}
