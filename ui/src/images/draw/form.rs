//! The geometry of a shape while it is drawn and changed: its lines, its handles, what moving one of them does. In corner coordinates of the
//! plane; right angles and circles are such in the patient, whatever the pixels' shape.

use glam::DVec2;
use triptych_workbench::annotate::Shape;
use triptych_workbench::measure::closed_curve;

/// Clicks that make a shape; `None` for as many as come.
pub(super) const fn clicks(shape: Shape) -> Option<usize> {
    match shape {
        Shape::Text | Shape::Probe | Shape::Nodule => Some(1),
        Shape::Angle => Some(3),
        Shape::Cobb => Some(4),
        Shape::Polygon | Shape::Path | Shape::Freehand | Shape::Curve => None,
        Shape::Spline | Shape::Livewire => None,
        _ => Some(2),
    }
}

/// Whether it is drawn in one stroke.
pub(super) const fn is_stroke(shape: Shape) -> bool {
    matches!(shape, Shape::Freehand | Shape::Curve)
}

/// Whether a click on its first point closes it.
pub(super) const fn closes(shape: Shape) -> bool {
    matches!(shape, Shape::Polygon | Shape::Spline | Shape::Livewire)
}

/// The points of `shape` after these clicks. `aspect`: height of a pixel over its width.
pub(super) fn of_clicks(shape: Shape, clicks: &[DVec2], aspect: f64) -> Vec<DVec2> {
    match (shape, clicks) {
        (Shape::Rectangle, [a, b]) => vec![a.min(*b), a.max(*b)],
        (Shape::Ellipse, [a, b]) => {
            let (c, half) = ((*a + *b) / 2.0, (*a - *b).abs() / 2.0);
            let across = [DVec2::new(-half.x, 0.0), DVec2::new(half.x, 0.0)];
            let down = [DVec2::new(0.0, -half.y), DVec2::new(0.0, half.y)];
            let (major, minor) = if half.x >= half.y * aspect {
                (across, down)
            } else {
                (down, across)
            };
            major.iter().chain(&minor).map(|d| c + *d).collect()
        }
        (Shape::Bidirectional, [a, b]) => {
            let c = (*a + *b) / 2.0;
            let short = perpendicular(*b - *a, aspect) * 0.3;
            vec![*a, *b, c - short, c + short]
        }
        (_, all) => all.to_vec(),
    }
}

/// As long as `along` in the patient and at right angles to it there.
fn perpendicular(along: DVec2, aspect: f64) -> DVec2 {
    DVec2::new(-along.y * aspect, along.x / aspect)
}

/// Scalar product in the patient, in columns.
fn dot(a: DVec2, b: DVec2, aspect: f64) -> f64 {
    a.x * b.x + a.y * b.y * aspect * aspect
}

/// Where the handles of a drawing are.
pub(super) fn handles(shape: Shape, points: &[DVec2]) -> Vec<DVec2> {
    match (shape, points) {
        (Shape::Rectangle, [a, b]) => vec![*a, DVec2::new(b.x, a.y), *b, DVec2::new(a.x, b.y)],
        // One stroke has no corners to pull at, and what was grown is grown again, not pulled.
        (Shape::Freehand | Shape::Curve | Shape::Nodule, _) => Vec::new(),
        _ => points.to_vec(),
    }
}

/// The points after handle `k` was moved to `to`.
pub(super) fn pull(shape: Shape, points: &[DVec2], k: usize, to: DVec2, aspect: f64) -> Vec<DVec2> {
    let mut next = points.to_vec();
    match (shape, points) {
        (Shape::Rectangle, [a, b]) => {
            let opposite = [*b, DVec2::new(a.x, b.y), *a, DVec2::new(b.x, a.y)];
            let Some(fixed) = opposite.get(k) else {
                return next;
            };
            next = vec![fixed.min(to), fixed.max(to)];
        }
        (Shape::Ellipse, [a, b, c, d]) => {
            let center = (*a + *b) / 2.0;
            let half = to - center;
            let other = if k < 2 {
                (*d - *c) / 2.0
            } else {
                (*b - *a) / 2.0
            };
            let length = |v: DVec2| dot(v, v, aspect).sqrt();
            if length(half) > 0.0 {
                let turned = perpendicular(half, aspect) * (length(other) / length(half));
                // Which end was pulled stays that end.
                let (one, two) = (center + half, center - half);
                let (three, four) = (center - turned, center + turned);
                let pulled = if k.is_multiple_of(2) {
                    [one, two]
                } else {
                    [two, one]
                };
                let major = k < 2;
                next = if major {
                    vec![pulled[0], pulled[1], three, four]
                } else {
                    vec![three, four, pulled[0], pulled[1]]
                };
            }
        }
        (Shape::Bidirectional, [a, b, c, d]) => {
            let along = *b - *a;
            let size = dot(along, along, aspect);
            if k < 2 {
                let (from, into) = if k == 0 { (to, *b) } else { (*a, to) };
                let new = into - from;
                let share = |p: DVec2| {
                    if size > 0.0 {
                        dot(p - *a, along, aspect) / size
                    } else {
                        0.5
                    }
                };
                let side = perpendicular(along, aspect);
                let out = |p: DVec2| {
                    if size > 0.0 {
                        dot(p - *a, side, aspect) / dot(side, side, aspect)
                    } else {
                        0.0
                    }
                };
                let old = size.sqrt();
                let grown = dot(new, new, aspect).sqrt();
                // The short axis keeps its place along the long one, and its length.
                let keep = if grown > 0.0 { old / grown } else { 0.0 };
                let place =
                    |p: DVec2| from + new * share(p) + perpendicular(new, aspect) * (out(p) * keep);
                next = vec![from, into, place(*c), place(*d)];
            } else if size > 0.0 {
                let side = perpendicular(along, aspect);
                let share = (dot(to - *a, along, aspect) / size).clamp(0.0, 1.0);
                let reach = |p: DVec2| dot(p - *a, side, aspect) / dot(side, side, aspect);
                let foot = *a + along * share;
                let (near, far) = if k == 2 { (to, *d) } else { (*c, to) };
                next = vec![*a, *b, foot + side * reach(near), foot + side * reach(far)];
            }
        }
        (Shape::Circle, [_, rim]) if k == 0 => {
            let Some(center) = points.first() else {
                return next;
            };
            next = vec![to, *rim + (to - *center)];
        }
        _ => {
            if let Some(point) = next.get_mut(k) {
                *point = to;
            }
        }
    }
    next
}

/// All points moved.
pub(super) fn shifted(points: &[DVec2], by: DVec2) -> Vec<DVec2> {
    points.iter().map(|p| *p + by).collect()
}

/// A line to be painted: its points, and whether its ends meet.
pub(super) type Stroke = (Vec<DVec2>, bool);

/// The lines of a drawing. Curves are cut into straight pieces.
pub(super) fn strokes(shape: Shape, points: &[DVec2], aspect: f64) -> Vec<Stroke> {
    match (shape, points) {
        (Shape::Rectangle, [_, _]) => vec![(handles(shape, points), true)],
        (Shape::Ellipse, [a, b, c, d]) => {
            let center = (*a + *b) / 2.0;
            vec![(turn(center, (*b - *a) / 2.0, (*d - *c) / 2.0), true)]
        }
        (Shape::Circle, [center, rim]) => {
            let out = *rim - *center;
            vec![(turn(*center, out, perpendicular(out, aspect)), true)]
        }
        (Shape::Cobb | Shape::Bidirectional, [a, b, rest @ ..]) => {
            let mut lines = vec![(vec![*a, *b], false)];
            if rest.len() > 1 {
                lines.push((rest.to_vec(), false));
            }
            lines
        }
        (Shape::Spline, all) if all.len() > 2 => vec![(closed_curve(all).line, true)],
        (Shape::Polygon | Shape::Freehand | Shape::Livewire | Shape::Nodule, all)
            if all.len() > 2 =>
        {
            vec![(all.to_vec(), true)]
        }
        (Shape::Text | Shape::Probe, _) => Vec::new(),
        (_, all) => vec![(all.to_vec(), false)],
    }
}

fn turn(center: DVec2, one: DVec2, other: DVec2) -> Vec<DVec2> {
    let full = 72u8;
    (0..full)
        .map(|k| {
            let (sin, cos) = (f64::from(k) / f64::from(full) * std::f64::consts::TAU).sin_cos();
            center + one * cos + other * sin
        })
        .collect()
}

/// How far `at` is from a straight line between two points.
pub(super) fn distance(at: egui::Pos2, from: egui::Pos2, to: egui::Pos2) -> f32 {
    let along = to - from;
    let size = along.length_sq();
    let share = if size > 0.0 {
        ((at - from).dot(along) / size).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (at - (from + along * share)).length()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, y: f64) -> DVec2 {
        DVec2::new(x, y)
    }

    fn is_right(points: &[DVec2], aspect: f64) -> bool {
        let [a, b, c, d] = points else { return false };
        dot(*b - *a, *d - *c, aspect).abs() < 1e-9
    }

    /// T39: the tool holds 90°, in the patient, also where pixels are not square.
    #[test]
    fn t39_the_short_axis_stays_at_right_angles_whatever_is_pulled() {
        for aspect in [1.0, 2.0, 0.4] {
            let mut points = of_clicks(
                Shape::Bidirectional,
                &[at(10.0, 10.0), at(50.0, 30.0)],
                aspect,
            );
            assert!(is_right(&points, aspect));
            for (k, to) in [
                (0, at(5.0, 40.0)),
                (2, at(33.0, 1.0)),
                (3, at(90.0, 80.0)),
                (1, at(70.0, 9.0)),
            ] {
                points = pull(Shape::Bidirectional, &points, k, to, aspect);
                assert!(is_right(&points, aspect), "{aspect} {k} {points:?}");
            }
            // A long end is where it was put.
            assert_eq!(points[1], at(70.0, 9.0));
        }
    }

    #[test]
    fn t39_pulling_the_long_axis_keeps_the_length_of_the_short_one() {
        let before = of_clicks(Shape::Bidirectional, &[at(0.0, 0.0), at(40.0, 0.0)], 1.0);
        let after = pull(Shape::Bidirectional, &before, 1, at(0.0, 80.0), 1.0);
        let length = |p: &[DVec2]| p[2].distance(p[3]);
        assert!((length(&before) - length(&after)).abs() < 1e-9);
    }

    #[test]
    fn t39_an_ellipse_keeps_centre_and_right_angle() {
        for aspect in [1.0, 1.7] {
            let points = of_clicks(Shape::Ellipse, &[at(10.0, 10.0), at(50.0, 20.0)], aspect);
            let center = |p: &[DVec2]| (p[0] + p[1]) / 2.0;
            for k in 0..4 {
                let next = pull(Shape::Ellipse, &points, k, at(44.0, 31.0), aspect);
                assert!((center(&next) - center(&points)).length() < 1e-9);
                assert!(is_right(&next, aspect), "{k}");
                assert!((next[k] - at(44.0, 31.0)).length() < 1e-9, "{k}");
            }
        }
    }

    #[test]
    fn a_corner_of_a_rectangle_may_cross_the_others() {
        let points = of_clicks(Shape::Rectangle, &[at(9.0, 8.0), at(1.0, 2.0)], 1.0);
        assert_eq!(points, [at(1.0, 2.0), at(9.0, 8.0)]);
        assert_eq!(handles(Shape::Rectangle, &points)[1], at(9.0, 2.0));
        let next = pull(Shape::Rectangle, &points, 1, at(-5.0, 12.0), 1.0);
        assert_eq!(next, [at(-5.0, 8.0), at(1.0, 12.0)]);
    }
}
