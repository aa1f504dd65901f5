//! How numbers are written (T48).

use serde_json::json;

use super::{each, f};
use crate::measure::{DecimalSign, write};

#[test]
fn t48_vectors_of_numbers() {
    each("T48", |id, v| {
        let point = DecimalSign::Point;
        let text = match id {
            "T48.a" | "T48.b" => {
                write::length(f(&v["length_mm"]), v.get("pixel_spacing").map(f), point)
            }
            "T48.c" => write::area(f(&v["area_mm2"]), None, point),
            "T48.d" => write::pixel_value(f(&v["mean"]), v["unit"].as_str().unwrap(), false, point),
            other => panic!("{other} is not known"),
        };
        json!({ "text": text })
    });
}

#[test]
fn t48_each_kind_has_its_places() {
    let (point, comma) = (DecimalSign::Point, DecimalSign::Comma);
    let is = |got: String, expected: &str| assert_eq!(got, expected);
    is(write::length(9.876, Some(0.05), point), "9.88 mm");
    is(write::length(12.345, Some(0.05), point), "12.3 mm");
    is(write::length(12.345, None, comma), "12,3 mm");
    is(write::pixel_length(0.4, point), "0.4 px (below 1 px)");
    is(write::area(87.4, None, point), "87 mm²");
    is(write::area(100.0, None, point), "1.0 cm²");
    is(write::area(0.1, Some(0.25), point), "0 mm² (below 1 px)");
    is(write::volume(1000.0, point), "1000 mm³");
    is(write::volume(1_234_567.0, comma), "1234,6 ml");
    is(write::angle(90.04, point), "90.0°");
    is(write::percent(21.67, point), "+21.7 %");
    is(write::percent(-0.04, point), "0.0 %");
    is(write::percent(0.04, point), "0.0 %");
    is(write::suv(1.943_544, point), "1.94");
    is(write::pixel_value(-56.5, "HU", true, point), "-56 HU");
    is(write::pixel_value(-94.4028, "HU", false, comma), "-94,4 HU");
    is(
        write::pixel_value(6599.9084, "Bq/ml", false, point),
        "6599.9 Bq/ml",
    );
    is(
        write::pixel_value(0.000_001_234, "Gy", false, point),
        "1.234e-6 Gy",
    );
    for bad in [f64::NAN, f64::INFINITY] {
        is(write::pixel_value(bad, "", false, point), "–");
        is(write::length(bad, None, point), "– mm");
    }
}
