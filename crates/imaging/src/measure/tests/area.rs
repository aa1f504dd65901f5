//! Areas and perimeters, and the area beside the count of pixels (T39, T43).

use glam::DVec2;
use serde_json::json;

use super::{each, floats, outline, spacing};
use crate::measure::{AreaError, Outline, area, perimeter};

#[test]
fn t39_vectors_of_area_and_perimeter() {
    each("T39", |id, v| {
        let shape = match id {
            "T39.rect" | "T39.tri" => outline(v),
            "T39.ell" => {
                let [a, b] = floats(&v["semi_axes_px"]);
                Outline::Ellipse {
                    centre: DVec2::ZERO,
                    first: DVec2::new(a, 0.0),
                    second: DVec2::new(0.0, b),
                }
            }
            other => panic!("{other} is not known"),
        };
        json!({
            "area_mm2": area(&shape, spacing(v)).unwrap(),
            "perimeter_mm": perimeter(&shape, spacing(v)).unwrap(),
        })
    });
}

#[test]
fn t39_an_outline_that_crosses_itself_has_no_area() {
    let of = |points: &[[f64; 2]]| {
        let points = points.iter().map(|p| DVec2::from_array(*p)).collect();
        area(&Outline::Polygon(vec![points]), [1.0, 1.0])
    };
    let bow = [[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0]];
    assert_eq!(of(&bow), Err(AreaError::CrossesItself));
    assert_eq!(of(&bow[..2]), Err(AreaError::TooFewPoints));
    // A vertex on another edge, and one point taken twice by two loops.
    let touching = [[0.0, 0.0], [10.0, 0.0], [5.0, 0.0], [5.0, 9.0]];
    assert_eq!(of(&touching), Err(AreaError::CrossesItself));
    // Points that repeat, and the first one again at the end, change nothing.
    let twice = [
        [0.0, 0.0],
        [0.0, 0.0],
        [4.0, 0.0],
        [4.0, 4.0],
        [0.0, 4.0],
        [0.0, 0.0],
    ];
    assert_eq!(of(&twice), Ok(16.0));
    assert_eq!(of(&[[1.0, 1.0]; 5]), Err(AreaError::TooFewPoints));
}

#[test]
fn t39_a_hole_is_taken_off() {
    let square = |least: f64, most: f64| {
        [[least, least], [most, least], [most, most], [least, most]]
            .map(DVec2::from_array)
            .to_vec()
    };
    let ring = Outline::Polygon(vec![square(0.0, 10.0), square(2.0, 4.0)]);
    assert_eq!(area(&ring, [0.5, 0.5]), Ok(24.0));
    assert_eq!(ring.count(20, 20), 96);
    let island = Outline::Polygon(vec![square(0.0, 10.0), square(2.0, 8.0), square(3.0, 4.0)]);
    assert_eq!(area(&island, [1.0, 1.0]), Ok(65.0));
}

#[test]
fn t39_the_perimeter_of_an_ellipse_is_exact() {
    let of = |first: DVec2, second: DVec2| {
        let ellipse = Outline::Ellipse {
            centre: DVec2::ZERO,
            first,
            second,
        };
        perimeter(&ellipse, [1.0, 1.0]).unwrap()
    };
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a}, {b}");
    near(
        of(DVec2::X * 3.0, DVec2::Y * 3.0),
        6.0 * std::f64::consts::PI,
    );
    // 4 a E(e): tables give E(k = sin 60°) = 1.2110560275684594.
    near(of(DVec2::X, DVec2::Y * 0.5), 4.844_224_110_273_838);
    near(
        of(DVec2::new(0.6, 0.8), DVec2::new(-0.4, 0.3)),
        4.844_224_110_273_838,
    );
    near(of(DVec2::X * 2.0, DVec2::ZERO), 8.0);
}

#[test]
fn t43_vectors_of_area_beside_the_count() {
    each("T43", |id, v| {
        assert!(matches!(id, "T43.a" | "T43.b"), "{id} is not known");
        let shape = outline(v);
        let [down, across] = spacing(v);
        let count = shape.count(100, 100);
        json!({
            "area_mm2": area(&shape, [down, across]).unwrap(),
            "pixel_count": count,
            "pixel_area_mm2": count as f64 * down * across,
        })
    });
}
