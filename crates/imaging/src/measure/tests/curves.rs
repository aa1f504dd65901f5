//! T37, T39, T41: curves through points, strokes of a hand.

use std::f64::consts::{PI, TAU};

use glam::DVec2;

use super::drawing;
use crate::{
    annotate::{Quantity, Shape},
    measure::{
        CURVE_TOLERANCE, Outline, Picture, area, closed_curve, path_length, simplified, state,
    },
};

fn ring(count: u32, radius: f64, centre: DVec2) -> Vec<DVec2> {
    (0..count)
        .map(|k| {
            let (sin, cos) = (TAU * f64::from(k) / f64::from(count)).sin_cos();
            centre + DVec2::new(cos, sin) * radius
        })
        .collect()
}

#[test]
fn t39_a_spline_runs_through_its_points_and_is_near_the_circle_they_lie_on() {
    for radius in [4.0, 30.0, 400.0] {
        let points = ring(8, radius, DVec2::new(500.3, 499.1));
        let curve = closed_curve(&points);
        for (point, at) in points.iter().zip(&curve.through) {
            assert_eq!(curve.line[*at], *point);
        }
        let outline = Outline::Polygon(vec![curve.line]);
        let found = area(&outline, [1.0, 1.0]).unwrap();
        let circle = PI * radius * radius;
        // The eight-sided polygon itself has 10 % less.
        assert!((found / circle - 1.0).abs() < 0.025, "{radius}: {found}");
    }
}

#[test]
fn t39_a_spline_is_cut_no_coarser_than_it_says() {
    let points = [
        DVec2::new(10.0, 10.0),
        DVec2::new(200.0, 14.0),
        DVec2::new(180.0, 150.0),
        DVec2::new(90.0, 60.0),
    ];
    let curve = closed_curve(&points);
    // Of three places at equal steps of the parameter, a chord is off by an eighth of the second difference.
    let off = (0..curve.line.len() - 2)
        .filter(|k| !curve.through.contains(&(k + 1)))
        .map(|k| (curve.line[k] - 2.0 * curve.line[k + 1] + curve.line[k + 2]).length() / 8.0)
        .fold(0.0, f64::max);
    assert!(off < 1.05 * CURVE_TOLERANCE, "{off}");
    assert!(
        curve.line.len() > 20 && off > 0.2 * CURVE_TOLERANCE,
        "{off}"
    );
}

#[test]
fn t39_uneven_points_make_no_loop() {
    // A tight cluster beside long steps: a uniform spline crosses itself here.
    let points = [
        DVec2::new(0.0, 0.0),
        DVec2::new(1.0, 0.5),
        DVec2::new(2.0, 0.0),
        DVec2::new(100.0, 40.0),
        DVec2::new(50.0, 90.0),
    ];
    let outline = Outline::Polygon(vec![closed_curve(&points).line]);
    assert!(area(&outline, [1.0, 1.0]).is_ok());
}

#[test]
fn t39_points_that_repeat_change_nothing() {
    let mut points = ring(6, 20.0, DVec2::splat(50.0));
    let twice = points[2];
    points.insert(2, twice);
    let curve = closed_curve(&points);
    assert!(curve.line.iter().all(|p| p.is_finite()));
    let outline = Outline::Polygon(vec![curve.line]);
    assert!(area(&outline, [1.0, 1.0]).unwrap() > 1000.0);
    for few in 0..3 {
        assert_eq!(closed_curve(&points[..few]).line, points[..few]);
    }
}

/// The pointer moves in whole steps: its staircase is longer than the way it went.
#[test]
fn t37_a_stroke_is_as_long_as_the_way_not_as_its_staircase() {
    let stairs: Vec<DVec2> = (0..=400)
        .map(|k| DVec2::new(f64::from(k), (f64::from(k) * 0.4).round()))
        .collect();
    let way = (400.0_f64).hypot(160.0);
    assert!(path_length(&stairs, [1.0, 1.0]) > way * 1.03);
    let short = simplified(&stairs, 0.75);
    assert!((path_length(&short, [1.0, 1.0]) - way).abs() < 0.5);
    assert!(short.len() < 10);
    // A corner stays where it is.
    let corner = [DVec2::ZERO, DVec2::new(9.0, 0.0), DVec2::new(9.0, 9.0)];
    assert_eq!(simplified(&corner, 0.75), corner);
    assert_eq!(simplified(&corner[..1], 0.75), &corner[..1]);
    assert!(simplified(&[], 0.75).is_empty());
}

#[test]
fn t37_a_free_curve_states_the_length_of_its_segments() {
    let display = super::state::ct(Some([0.5, 0.25]));
    let picture = Picture::new(&display, [100, 100], None);
    let points = [[10.0, 10.0], [30.0, 10.0], [30.0, 50.0]];
    let reading = state(&drawing("1", Shape::Curve, &points), &picture);
    assert_eq!(reading.values.len(), 1);
    assert_eq!(reading.values[0].quantity, Quantity::Length);
    assert!((reading.values[0].value - 25.0).abs() < 1e-9);
    assert_eq!(reading.lines, ["25.0 mm"]);
}

#[test]
fn t41_a_spline_counts_the_pixels_inside_its_curve() {
    let display = super::state::ct(Some([1.0, 1.0]));
    let frame = super::state::ramp();
    let size = [frame.shape.columns, frame.shape.rows];
    let picture = Picture::new(&display, size, Some(&frame));
    let centre = DVec2::new(f64::from(size[0]), f64::from(size[1])) / 2.0;
    let radius = centre.min_element() * 0.8;
    let points: Vec<[f64; 2]> = ring(8, radius, centre)
        .iter()
        .map(DVec2::to_array)
        .collect();
    let reading = state(&drawing("1", Shape::Spline, &points), &picture);
    let outline = Outline::new(Shape::Spline, &ring(8, radius, centre), 1.0);
    let inside = outline.unwrap().count(size[0], size[1]);
    let round = Outline::Ellipse {
        centre,
        first: DVec2::new(radius, 0.0),
        second: DVec2::new(0.0, radius),
    };
    let circle = round.count(size[0], size[1]) as f64;
    assert_eq!(reading.statistics[0].n, inside);
    assert!(
        (inside as f64 / circle - 1.0).abs() < 0.05,
        "{inside} {circle}"
    );
}
