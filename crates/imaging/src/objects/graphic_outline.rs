//! Graphic objects of presentation states and content items as polylines (PS3.3 C.10.5.1.2).

use super::presentation_state::{GraphicKind, GraphicObject};

/// Straight pieces of a whole circle or ellipse, and of each piece of a smooth line.
const PIECES: usize = 96;
const PIECES_BETWEEN: usize = 16;

impl GraphicObject {
    /// The line to draw, in the units of the object; closed when its first point is its last. A single point for [`GraphicKind::Point`], none
    /// when points are missing.
    #[must_use]
    pub fn outline(&self) -> Vec<[f64; 2]> {
        let points: Vec<[f64; 2]> = self.points.iter().map(|p| p.map(f64::from)).collect();
        match (self.kind, points.as_slice()) {
            (GraphicKind::Point, [p, ..]) => vec![*p],
            (GraphicKind::Polyline, _) => points,
            (GraphicKind::Circle, [center, rim]) => {
                let [x, y] = [rim[0] - center[0], rim[1] - center[1]];
                round(*center, [x, y], [-y, x])
            }
            (GraphicKind::Ellipse, [a, b, c, d]) => {
                let half = |p: &[f64; 2], q: &[f64; 2]| [(q[0] - p[0]) / 2.0, (q[1] - p[1]) / 2.0];
                let center = [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
                round(center, half(a, b), half(c, d))
            }
            (GraphicKind::Interpolated, [_, _, ..]) => smooth(&points),
            _ => Vec::new(),
        }
    }
}

/// An ellipse of two half axes.
fn round(center: [f64; 2], u: [f64; 2], v: [f64; 2]) -> Vec<[f64; 2]> {
    let at = |k: usize| {
        let (sin, cos) = (k as f64 / PIECES as f64 * std::f64::consts::TAU).sin_cos();
        [
            center[0] + u[0] * cos + v[0] * sin,
            center[1] + u[1] * cos + v[1] * sin,
        ]
    };
    let mut line: Vec<[f64; 2]> = (0..PIECES).map(at).collect();
    line.extend(line.first().copied());
    line
}

/// Through all points (Catmull-Rom); without a corner where the line closes.
fn smooth(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let count = points.len();
    let closed = count > 2 && points.first() == points.last();
    let get = |k: isize| {
        let last = count as isize - 1;
        let k = if closed {
            // The last point is the first.
            k.rem_euclid(last)
        } else {
            k.clamp(0, last)
        };
        points.get(k as usize).copied().unwrap_or_default()
    };
    let mut line = Vec::with_capacity(count * PIECES_BETWEEN);
    for k in 0..count as isize - 1 {
        let [a, b, c, d] = [get(k - 1), get(k), get(k + 1), get(k + 2)];
        for piece in 0..PIECES_BETWEEN {
            let t = piece as f64 / PIECES_BETWEEN as f64;
            let axis = |i: usize| {
                let [a, b, c, d] = [a, b, c, d].map(|p| if i == 0 { p[0] } else { p[1] });
                0.5 * (2.0 * b
                    + (c - a) * t
                    + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t
                    + (3.0 * b - a - 3.0 * c + d) * t * t * t)
            };
            line.push([axis(0), axis(1)]);
        }
    }
    line.extend(points.last().copied());
    line
}
