//! The longest diameter of a contour whose line stays within it (T39; "within the lesion" of RECIST 1.1).

use std::{cmp::Ordering, collections::BinaryHeap};

use glam::DVec2;

use super::{
    area::distinct,
    lines::{Spacing, length},
    outline::Outline,
};

/// More vertices than this are not searched.
pub const MOST_VERTICES: usize = 2_000;

/// A point this near to an edge lies on it, in pixels.
const ON_EDGE: f64 = 1e-9;

/// Two vertices and the length of their line in the unit of the spacing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Diameter {
    /// Its ends, in corner coordinates.
    pub ends: [DVec2; 2],
    /// How long it is.
    pub length: f64,
}

struct Candidate {
    length: f64,
    ends: [DVec2; 2],
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Candidate {}
impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.length.total_cmp(&other.length)
    }
}

/// The longest line between two vertices that does not leave the contour; `None` for fewer than three vertices or more than
/// [`MOST_VERTICES`]. Every pair is looked at: a drawing's few hundred points take milliseconds, thousands do not belong into a drag.
#[must_use]
pub fn longest_diameter(contour: &[DVec2], spacing: Spacing) -> Option<Diameter> {
    let contour = distinct(contour);
    if contour.len() < 3 || contour.len() > MOST_VERTICES {
        return None;
    }
    let mut candidates = Vec::with_capacity(contour.len() * (contour.len() - 1) / 2);
    for (k, a) in contour.iter().enumerate() {
        candidates.extend(contour.iter().skip(k + 1).map(|b| Candidate {
            length: length(*a, *b, spacing),
            ends: [*a, *b],
        }));
    }
    let mut candidates = BinaryHeap::from(candidates);
    let outline = Outline::Polygon(vec![contour.clone()]);
    while let Some(Candidate { length, ends }) = candidates.pop() {
        if is_within(&contour, &outline, ends) {
            return Some(Diameter { ends, length });
        }
    }
    None
}

/// Whether a line stays in the contour or on it: its pieces between the edges that it meets are looked at in their middles.
fn is_within(contour: &[DVec2], outline: &Outline, [from, to]: [DVec2; 2]) -> bool {
    let along = to - from;
    let mut cuts = vec![0.0, 1.0];
    let next = contour.iter().skip(1).chain(contour.first());
    for (c, d) in contour.iter().zip(next) {
        let edge = *d - *c;
        let across = along.perp_dot(edge);
        if across != 0.0 {
            let t = (*c - from).perp_dot(edge) / across;
            let s = (*c - from).perp_dot(along) / across;
            if (0.0..=1.0).contains(&t) && (-ON_EDGE..=1.0 + ON_EDGE).contains(&s) {
                cuts.push(t);
            }
        }
    }
    cuts.sort_by(f64::total_cmp);
    cuts.iter().zip(cuts.iter().skip(1)).all(|(a, b)| {
        let middle = from + along * f64::midpoint(*a, *b);
        (b - a) * along.length() < ON_EDGE
            || outline.contains(middle)
            || on_contour(contour, middle)
    })
}

fn on_contour(contour: &[DVec2], at: DVec2) -> bool {
    let next = contour.iter().skip(1).chain(contour.first());
    contour.iter().zip(next).any(|(a, b)| {
        let edge = *b - *a;
        let t = ((at - *a).dot(edge) / edge.length_squared()).clamp(0.0, 1.0);
        (*a + edge * t).distance(at) <= ON_EDGE
    })
}
