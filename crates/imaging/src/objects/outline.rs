//! Drawings as the graphics that reports hold (PS3.3 C.18.6), and back.

use glam::{DVec2, DVec3};

use crate::{
    annotate::Shape,
    display,
    geometry::PatientMm,
    measure::{ClosedCurve, closed_curve},
};

/// One SCOORD: Graphic Type and points in corner coordinates.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) kind: &'static str,
    pub(super) points: Vec<[f64; 2]>,
}

/// The graphics of a drawing. `None` when its points are not those of its shape, or when reports do not hold it: arrows and texts.
pub(super) fn parts(shape: Shape, points: &[[f64; 2]]) -> Option<Vec<Part>> {
    let enough = points.len() >= shape.least_points()
        && shape.most_points().is_none_or(|most| points.len() <= most);
    let finite = points.iter().flatten().all(|v| v.is_finite());
    if !enough || !finite {
        return None;
    }
    let one = |kind, points: &[[f64; 2]]| {
        vec![Part {
            kind,
            points: points.to_vec(),
        }]
    };
    Some(match (shape, points) {
        (Shape::Length | Shape::Path | Shape::Curve | Shape::Angle | Shape::Calibration, all) => {
            one("POLYLINE", all)
        }
        (Shape::Cobb | Shape::Bidirectional, [a, b, c, d]) => {
            [one("POLYLINE", &[*a, *b]), one("POLYLINE", &[*c, *d])].concat()
        }
        (Shape::Rectangle, [[left, top], [right, bottom]]) => one(
            "POLYLINE",
            &[
                [*left, *top],
                [*right, *top],
                [*right, *bottom],
                [*left, *bottom],
                [*left, *top],
            ],
        ),
        (Shape::Ellipse, all) => one("ELLIPSE", all),
        (Shape::Circle, all) => one("CIRCLE", all),
        (Shape::Polygon | Shape::Freehand | Shape::Livewire | Shape::Nodule, [first, ..]) => {
            one("POLYLINE", &[points, &[*first]].concat())
        }
        // Reports hold no curves: its line, closed.
        (Shape::Spline, [first, ..]) => {
            let line = curve(points).line;
            let line = line.iter().map(DVec2::to_array).chain([*first]);
            one("POLYLINE", &line.collect::<Vec<_>>())
        }
        (Shape::Probe, all) => one("POINT", all),
        _ => return None,
    })
}

/// The points of a drawing of this shape from its graphics.
pub(super) fn points(shape: Shape, parts: &[(&str, Vec<[f64; 2]>)]) -> Option<Vec<[f64; 2]>> {
    let points = match (shape, parts) {
        (Shape::Cobb | Shape::Bidirectional, [(_, a), (_, b)]) => [a.as_slice(), b].concat(),
        (Shape::Rectangle, [(_, corners)]) => match corners.as_slice() {
            [first, _, opposite, ..] => vec![*first, *opposite],
            _ => return None,
        },
        (
            Shape::Polygon | Shape::Freehand | Shape::Spline | Shape::Livewire | Shape::Nodule,
            [(_, closed)],
        ) => {
            let mut open = closed.clone();
            if open.first() == open.last() {
                open.pop();
            }
            open
        }
        (_, [(_, all)]) => all.clone(),
        _ => return None,
    };
    let enough = points.len() >= shape.least_points()
        && shape.most_points().is_none_or(|most| points.len() <= most);
    enough.then_some(points)
}

fn curve(points: &[[f64; 2]]) -> ClosedCurve {
    let points: Vec<DVec2> = points.iter().map(|p| DVec2::from_array(*p)).collect();
    closed_curve(&points)
}

/// Which vertices of its line the reader placed, for a curve: `0 12 25`. Without it the line is all that is left of the curve.
pub(super) fn placed(shape: Shape, points: &[[f64; 2]]) -> Option<String> {
    (shape == Shape::Spline).then(|| {
        let places = curve(points).through;
        let places: Vec<String> = places.iter().map(ToString::to_string).collect();
        places.join(" ")
    })
}

/// Of the vertices of a line those that `placed` names; `None` when it names others, or too few.
pub(super) fn of_placed(line: &[[f64; 2]], placed: &str) -> Option<Vec<[f64; 2]>> {
    let points: Vec<[f64; 2]> = placed
        .split(' ')
        .map(|place| line.get(place.parse::<usize>().ok()?).copied())
        .collect::<Option<_>>()?;
    (points.len() >= Shape::Spline.least_points()).then_some(points)
}

/// What another program drew, by its graphics and by what it says they are.
pub(super) fn guess(
    parts: &[(&str, Vec<[f64; 2]>)],
    is_angle: bool,
    is_axes: bool,
    is_region: bool,
) -> Option<(Shape, Vec<[f64; 2]>)> {
    let shape = match parts {
        [("POINT", _)] => Shape::Probe,
        [("CIRCLE", _)] => Shape::Circle,
        [("ELLIPSE", _)] => Shape::Ellipse,
        [("POLYLINE", a), ("POLYLINE", b)] if a.len() == 2 && b.len() == 2 => {
            match (is_axes, is_angle) {
                (true, _) => Shape::Bidirectional,
                (false, true) => Shape::Cobb,
                (false, false) => return None,
            }
        }
        [("POLYLINE", line)] if is_angle => match line.as_slice() {
            [_, _, _] => Shape::Angle,
            [a, vertex, same, b] if vertex == same => {
                return Some((Shape::Angle, vec![*a, *vertex, *b]));
            }
            [_, _, _, _] => return Some((Shape::Cobb, line.clone())),
            _ => return None,
        },
        [("POLYLINE", line)] => {
            let closed = line.len() > 3 && line.first() == line.last();
            match line.len() {
                _ if closed || (is_region && line.len() > 2) => Shape::Polygon,
                2 => Shape::Length,
                3.. => Shape::Path,
                _ => return None,
            }
        }
        _ => return None,
    };
    points(shape, parts).map(|points| (shape, points))
}

/// SCOORD3D of a graphic whose points lie at `points` in the patient: Graphic Type and points, mm.
pub(super) fn part_mm(
    kind: &str,
    points: &[PatientMm],
    normal: DVec3,
) -> (&'static str, Vec<DVec3>) {
    let all: Vec<DVec3> = points.iter().map(|p| p.0).collect();
    match (kind, all.as_slice()) {
        ("CIRCLE", [centre, rim]) => {
            let major = *rim - *centre;
            let minor = normal.cross(major);
            let ends = vec![*rim, *centre - major, *centre + minor, *centre - minor];
            ("ELLIPSE", ends)
        }
        ("ELLIPSE", _) => ("ELLIPSE", all),
        ("POINT", _) => ("POINT", all),
        (_, [first, .., last]) if all.len() > 3 && first == last => ("POLYGON", all),
        _ => ("POLYLINE", all),
    }
}

/// Points of a shape from those of an SCOORD3D: a circle was written as the ends of its axes.
pub(super) fn from_part_mm(shape: Shape, points: &[DVec3]) -> Vec<DVec3> {
    match (shape, points) {
        (Shape::Circle, [rim, opposite, ..]) => vec![(*rim + *opposite) / 2.0, *rim],
        _ => points.to_vec(),
    }
}

/// The graphics of a drawing on screen: also of arrows, whose head is two lines as long as `head` image pixels.
pub(super) fn screen_parts(shape: Shape, at: &[[f64; 2]], head: f64) -> Option<Vec<Part>> {
    match (shape, at) {
        (Shape::Arrow, [tip, tail]) => {
            let (x, y) = (tail[0] - tip[0], tail[1] - tip[1]);
            let length = x.hypot(y);
            if !(length.is_finite() && length > 0.0) {
                return None;
            }
            let (x, y) = (x / length * head, y / length * head);
            // 30 degrees to each side of the shaft.
            let (sin, cos) = std::f64::consts::FRAC_PI_6.sin_cos();
            let wing = |sin: f64| [tip[0] + x * cos - y * sin, tip[1] + x * sin + y * cos];
            let line = |points: Vec<[f64; 2]>| Part {
                kind: "POLYLINE",
                points,
            };
            Some(vec![
                line(vec![*tail, *tip]),
                line(vec![wing(sin), *tip, wing(-sin)]),
            ])
        }
        (Shape::Text, _) => Some(Vec::new()),
        _ => parts(shape, at),
    }
}

/// The mark of millimetres, as a comment of a group.
pub(super) fn provenance_comment(marks: &[display::SpacingProvenance]) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for mark in marks {
        let mark = mark.mark();
        if !words.contains(&mark) {
            words.push(mark);
        }
    }
    (!words.is_empty()).then(|| format!("Size of pixels: {}", words.join("; ")))
}

/// The line of known length, as a comment of a group (T40u).
pub(super) fn calibration_comment(known_mm: f64) -> String {
    format!("Calibrated by the reader: this line is {known_mm} mm long")
}
