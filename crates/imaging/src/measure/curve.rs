//! Curves as lines: a closed curve through the points that a reader placed, and strokes with fewer points (T37, T39).

use glam::DVec2;

/// A curve is cut into straight pieces that are nowhere farther from it than this, in pixels.
pub const CURVE_TOLERANCE: f64 = 0.05;

/// Pieces of one part of a curve, at most: reached by parts of more than ten thousand pixels only.
const MOST_PIECES: f64 = 256.0;

/// A closed curve as a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClosedCurve {
    /// The line, without its first point again at the end.
    pub line: Vec<DVec2>,
    /// For each point that was given its place in `line`: the curve runs through all of them.
    pub through: Vec<usize>,
}

/// The closed centripetal Catmull-Rom curve through `points`, in straight pieces ([`CURVE_TOLERANCE`]). A point that repeats the one before
/// adds nothing. Fewer than three points give themselves.
///
/// Centripetal: no part of it crosses itself or runs to a cusp, however unevenly the points lie (Yuksel, Schaefer, Keyser, 2011).
#[must_use]
pub fn closed_curve(points: &[DVec2]) -> ClosedCurve {
    let n = points.len();
    let at = |k: usize| points.get(k % n.max(1)).copied().unwrap_or_default();
    let mut curve = ClosedCurve::default();
    for k in 0..n {
        curve.through.push(curve.line.len());
        curve.line.push(at(k));
        if n >= 3 {
            let part = [at(k + n - 1), at(k), at(k + 1), at(k + 2)];
            curve.line.extend(pieces(part));
        }
    }
    curve
}

/// Points between the second and the third of four, from a Bézier curve with the same tangents.
fn pieces([before, from, to, after]: [DVec2; 4]) -> Vec<DVec2> {
    let root = |a: DVec2, b: DVec2| (b - a).length().sqrt();
    let [d1, d2, d3] = [root(before, from), root(from, to), root(to, after)];
    if d2 <= 0.0 {
        return Vec::new();
    }
    // Tangents of the non-uniform curve; where two points are one, the line to the other neighbour.
    let first = if d1 > 0.0 {
        let t = (from - before) / d1 - (to - before) / (d1 + d2) + (to - from) / d2;
        from + t * (d2 / 3.0)
    } else {
        from + (to - from) / 3.0
    };
    let second = if d3 > 0.0 {
        let t = (to - from) / d2 - (after - from) / (d2 + d3) + (after - to) / d3;
        to - t * (d2 / 3.0)
    } else {
        to - (to - from) / 3.0
    };
    // A piece of length h in the parameter is off by h²/8 of the greatest second derivative at most.
    let bend = (from - 2.0 * first + second)
        .length()
        .max((first - 2.0 * second + to).length());
    let count = (6.0 * bend / 8.0 / CURVE_TOLERANCE).sqrt().ceil();
    let count = count.clamp(1.0, MOST_PIECES);
    let mut line = Vec::new();
    let mut k = 1.0;
    while k < count {
        let t: f64 = k / count;
        let s = 1.0 - t;
        let p = from * (s * s * s)
            + first * (3.0 * s * s * t)
            + second * (3.0 * s * t * t)
            + to * (t * t * t);
        line.push(p);
        k += 1.0;
    }
    line
}

/// `line` with its ends and only those of its points without which it would be farther than `tolerance` from where it was
/// (Ramer, Douglas, Peucker). The hand's tremble and the steps of the pointer are not measured with the curve.
#[must_use]
pub fn simplified(line: &[DVec2], tolerance: f64) -> Vec<DVec2> {
    let Some(last) = line.len().checked_sub(1) else {
        return Vec::new();
    };
    let mut keep = vec![false; line.len()];
    for end in [0, last] {
        if let Some(keep) = keep.get_mut(end) {
            *keep = true;
        }
    }
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let (Some(a), Some(b)) = (line.get(from), line.get(to)) else {
            continue;
        };
        let inner = line.iter().enumerate().take(to).skip(from + 1);
        let farthest = inner
            .map(|(k, p)| (distance(*p, *a, *b), k))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((off, k)) = farthest
            && off > tolerance
        {
            if let Some(keep) = keep.get_mut(k) {
                *keep = true;
            }
            open.push((from, k));
            open.push((k, to));
        }
    }
    let kept = line.iter().zip(&keep).filter(|(_, keep)| **keep);
    kept.map(|(p, _)| *p).collect()
}

/// From a point to a straight piece.
fn distance(at: DVec2, from: DVec2, to: DVec2) -> f64 {
    let along = to - from;
    let size = along.length_squared();
    let share = if size > 0.0 {
        ((at - from).dot(along) / size).clamp(0.0, 1.0)
    } else {
        0.0
    };
    at.distance(from + along * share)
}
