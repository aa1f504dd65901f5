//! Lengths, paths, angles and diameters of drawings (T37, T38, T39).

use glam::{DVec2, DVec3};
use serde_json::json;

use super::{each, floats, line, point, spacing};
use crate::{
    geometry::PatientMm,
    measure::{
        angle_degrees, bidirectional, cobb_degrees, length, longest_diameter, path_length,
        patient_length_mm,
    },
};

#[test]
fn t37_vectors_of_length() {
    each("T37", |id, v| {
        let mm = match id {
            "T37.3d" => {
                let at = |k: &str| PatientMm(DVec3::from_array(floats(&v[k])));
                patient_length_mm(&[at("p_lps"), at("q_lps")])
            }
            "T37.a" | "T37.b" | "T37.c" | "T37.d" => {
                length(point(&v["p_xy"]), point(&v["q_xy"]), spacing(v))
            }
            other => panic!("{other} is not known"),
        };
        json!({ "mm": mm })
    });
}

#[test]
fn t37_a_path_is_the_sum_of_its_segments() {
    let path = [DVec2::ZERO, DVec2::new(3.0, 4.0), DVec2::new(3.0, 10.0)];
    assert_eq!(path_length(&path, [1.0, 1.0]), 11.0);
    assert_eq!(path_length(&path, [0.5, 1.0]), 13_f64.sqrt() + 3.0);
    assert_eq!(path_length(&path[..1], [1.0, 1.0]), 0.0);
}

#[test]
fn t38_vectors_of_angles() {
    each("T38", |id, v| match id {
        "T38.cobb" => {
            json!({"cobb_deg": cobb_degrees(line(&v["line1"]), line(&v["line2"]), spacing(v))})
        }
        "T38.a" | "T38.b" => {
            let [a, vertex, c] = ["a", "vertex", "c"].map(|k| point(&v[k]));
            json!({ "deg": angle_degrees(a, vertex, c, spacing(v)) })
        }
        other => panic!("{other} is not known"),
    });
}

#[test]
fn t38_obtuse_angles_stay_obtuse() {
    let (o, x) = (DVec2::ZERO, DVec2::X);
    for degrees in [1.0_f64, 89.0, 91.0, 120.0, 179.0] {
        let (sin, cos) = degrees.to_radians().sin_cos();
        // The same place on both sides, and where pixels are three times as high as wide.
        for (c, spacing) in [
            (DVec2::new(cos, sin), [1.0, 1.0]),
            (DVec2::new(cos, -sin), [1.0, 1.0]),
            (DVec2::new(cos, sin / 3.0), [3.0, 1.0]),
        ] {
            let found = angle_degrees(x, o, c * 50.0, spacing).unwrap();
            assert!((found - degrees).abs() < 1e-9, "{degrees}: {found}");
        }
    }
}

#[test]
fn t38_coincident_points_have_no_angle_and_lines_no_direction() {
    let (o, x) = (DVec2::ZERO, DVec2::X);
    assert_eq!(angle_degrees(o, o, x, [1.0, 1.0]), None);
    assert_eq!(cobb_degrees([o, o], [o, x], [1.0, 1.0]), None);
    let (one, other) = ([o, DVec2::new(1.0, 3.0)], [o, DVec2::new(2.0, -1.0)]);
    let turned = [other[1], other[0]];
    let of = |line| cobb_degrees(one, line, [1.0, 1.0]).unwrap();
    assert!((of(other) - of(turned)).abs() < 1e-9);
    // An upright line is at +90 whichever way it was drawn.
    for upright in [[o, DVec2::Y], [DVec2::Y, o]] {
        assert_eq!(cobb_degrees([o, x], upright, [1.0, 1.0]), Some(90.0));
    }
}

#[test]
fn t39_the_long_axis_is_the_longer_one() {
    let (long, short) = (
        [DVec2::ZERO, DVec2::X * 10.0],
        [DVec2::new(5.0, -3.0), DVec2::new(5.0, 3.0)],
    );
    for (a, b) in [(long, short), (short, long)] {
        let both = bidirectional(a, b, [1.0, 0.7]);
        assert!((both.long - 7.0).abs() < 1e-12 && (both.short - 6.0).abs() < 1e-12);
        assert_eq!(both.off_right_angle_degrees, Some(0.0));
    }
    // Twice as high as wide: now the other one is longer.
    assert_eq!(bidirectional(long, short, [2.0, 1.0]).long, 12.0);
}

#[test]
fn t39_the_longest_diameter_stays_inside() {
    let shape = |points: &[[f64; 2]]| -> Vec<DVec2> {
        points.iter().map(|p| DVec2::from_array(*p)).collect()
    };
    let square = shape(&[[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]]);
    assert_eq!(longest_diameter(&square, [1.0, 1.0]).unwrap().length, 5.0);
    assert_eq!(
        longest_diameter(&square, [2.0, 1.0]).unwrap().length,
        52_f64.sqrt()
    );
    // A U: the line from tip to tip leaves it, the diagonal of the left arm and the base does not.
    let u = shape(&[
        [0.0, 0.0],
        [1.0, 0.0],
        [1.0, 9.0],
        [9.0, 9.0],
        [9.0, 0.0],
        [10.0, 0.0],
        [10.0, 10.0],
        [0.0, 10.0],
    ]);
    let found = longest_diameter(&u, [1.0, 1.0]).unwrap();
    // Along an edge is within: the outer sides and the bottom.
    assert!((found.length - 101_f64.sqrt()).abs() < 1e-12, "{found:?}");
    assert!(longest_diameter(&u[..2], [1.0, 1.0]).is_none());
}
