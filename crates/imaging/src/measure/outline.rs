//! Which pixels a closed shape holds: those whose **centre** is inside (T41). The same at every zoom and in every tile, because only image
//! coordinates count.

use std::ops::Range;

use glam::DVec2;

use super::curve::closed_curve;
use crate::annotate::{Annotation, Shape};

/// A closed shape in corner coordinates.
#[derive(Clone, Debug, PartialEq)]
pub enum Outline {
    /// Left and upper sides belong to it, right and lower ones do not.
    Rectangle {
        /// Upper left corner.
        least: DVec2,
        /// Lower right corner.
        most: DVec2,
    },
    /// All of `centre + u·first + v·second` with u² + v² of 1 at most.
    Ellipse {
        /// Of the shape.
        centre: DVec2,
        /// One half diameter.
        first: DVec2,
        /// The conjugate half diameter: at right angles to the first, unless pixels are not square.
        second: DVec2,
    },
    /// Contours, each closed by a straight line; what lies in an even number of them is outside (holes).
    Polygon(Vec<Vec<DVec2>>),
}

impl Outline {
    /// Of a drawing; `None` for what encloses nothing, or has too few points. `height_over_width` is that of a pixel (T15): a circle is
    /// round in the patient.
    #[must_use]
    pub fn of(annotation: &Annotation, height_over_width: f64) -> Option<Self> {
        let points: Vec<DVec2> = annotation.corners().map(|c| c.0).collect();
        Self::new(annotation.shape, &points, height_over_width)
    }

    /// As [`Outline::of`], from a shape and its points.
    #[must_use]
    pub fn new(shape: Shape, points: &[DVec2], height_over_width: f64) -> Option<Self> {
        if !points.iter().all(|p| p.is_finite()) {
            return None;
        }
        match (shape, points) {
            (Shape::Rectangle, [a, b, ..]) => Some(Self::Rectangle {
                least: a.min(*b),
                most: a.max(*b),
            }),
            (Shape::Circle, [centre, rim, ..]) => {
                let across = *rim - *centre;
                let radius = DVec2::new(across.x, across.y * height_over_width).length();
                Some(Self::Ellipse {
                    centre: *centre,
                    first: DVec2::new(radius, 0.0),
                    second: DVec2::new(0.0, radius / height_over_width),
                })
            }
            (Shape::Ellipse, [a, b, c, d, ..]) => Some(Self::Ellipse {
                centre: (*a + *b) / 2.0,
                first: (*b - *a) / 2.0,
                second: (*d - *c) / 2.0,
            }),
            (Shape::Polygon | Shape::Freehand | Shape::Livewire | Shape::Nodule, [_, _, _, ..]) => {
                Some(Self::Polygon(vec![points.to_vec()]))
            }
            (Shape::Spline, [_, _, _, ..]) => Some(Self::Polygon(vec![closed_curve(points).line])),
            _ => None,
        }
    }

    /// Smallest and largest coordinates.
    #[must_use]
    pub fn bounds(&self) -> (DVec2, DVec2) {
        match self {
            Self::Rectangle { least, most } => (*least, *most),
            Self::Ellipse {
                centre,
                first,
                second,
            } => {
                let reach = (*first * *first + *second * *second).map(f64::sqrt);
                (*centre - reach, *centre + reach)
            }
            Self::Polygon(contours) => contours.iter().flatten().fold(
                (DVec2::INFINITY, DVec2::NEG_INFINITY),
                |(least, most), p| (least.min(*p), most.max(*p)),
            ),
        }
    }

    /// Whether a point is inside by the rule for pixel centres.
    #[must_use]
    pub fn contains(&self, at: DVec2) -> bool {
        match self {
            Self::Rectangle { least, most } => {
                least.x <= at.x && at.x < most.x && least.y <= at.y && at.y < most.y
            }
            Self::Ellipse {
                centre,
                first,
                second,
            } => in_ellipse(at - *centre, *first, *second),
            Self::Polygon(contours) => {
                let crossed = contours
                    .iter()
                    .flat_map(|c| edges(c))
                    .filter(|e| e.low.y <= at.y && at.y < e.high.y && at.x < e.x_at(at.y))
                    .count();
                crossed % 2 == 1
            }
        }
    }

    /// Calls `each` with every row that has pixels inside and a range of their columns, from above to below and from left to right, no pixel
    /// twice. Pixels that the image does not have are left out.
    pub fn for_each_span(&self, columns: u32, rows: u32, mut each: impl FnMut(u32, Range<u32>)) {
        match self {
            Self::Rectangle { least, most } => {
                let across = first_at(least.x, columns)..first_at(most.x, columns);
                if !across.is_empty() {
                    for row in first_at(least.y, rows)..first_at(most.y, rows) {
                        each(row, across.clone());
                    }
                }
            }
            Self::Ellipse {
                centre,
                first,
                second,
            } => {
                let (least, most) = self.bounds();
                // One more on either side: the exact test decides, not the rounded bounds.
                let top = first_at(least.y, rows).saturating_sub(1);
                for row in top..first_at(most.y, rows).saturating_add(1).min(rows) {
                    let y = f64::from(row) + 0.5 - centre.y;
                    let across = ellipse_span(*centre, *first, *second, y, columns);
                    if !across.is_empty() {
                        each(row, across);
                    }
                }
            }
            Self::Polygon(contours) => polygon_spans(contours, columns, rows, each),
        }
    }

    /// How many pixels of an image of this size are inside.
    #[must_use]
    pub fn count(&self, columns: u32, rows: u32) -> u64 {
        let mut n = 0;
        self.for_each_span(columns, rows, |_, across| n += across.len() as u64);
        n
    }
}

/// First pixel whose centre is not before `bound`, at most `size`.
fn first_at(bound: f64, size: u32) -> u32 {
    let at = (bound - 0.5).ceil().clamp(0.0, f64::from(size));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the size"
    )]
    let at = at as u32;
    at
}

/// The formula of T41; for half diameters along the axes exactly as it is written there, so that points on the line are inside.
fn in_ellipse(off: DVec2, first: DVec2, second: DVec2) -> bool {
    let (u, v) = if first.y == 0.0 && second.x == 0.0 {
        (off.x / first.x, off.y / second.y)
    } else if first.x == 0.0 && second.y == 0.0 {
        (off.y / first.y, off.x / second.x)
    } else {
        let area = first.perp_dot(second);
        (off.perp_dot(second) / area, first.perp_dot(off) / area)
    };
    // A flat ellipse gives no number, and holds nothing.
    u * u + v * v <= 1.0
}

/// Columns of one row, `y` below the centre: near the ends by the equation, at the ends by the exact test.
fn ellipse_span(centre: DVec2, first: DVec2, second: DVec2, y: f64, columns: u32) -> Range<u32> {
    let area = first.perp_dot(second);
    // u² + v² = 1 with u = (x·b.y - y·b.x)/area, v = (y·a.x - x·a.y)/area: a quadratic equation in x.
    let square = second.y * second.y + first.y * first.y;
    let half = y * (second.x * second.y + first.x * first.y);
    let rest = y * y * (second.x * second.x + first.x * first.x) - area * area;
    let root = (half * half - square * rest).max(0.0).sqrt();
    if area == 0.0 || square == 0.0 {
        return 0..0;
    }
    let inside = |column: u32| {
        let x = f64::from(column) + 0.5 - centre.x;
        in_ellipse(DVec2::new(x, y), first, second)
    };
    let mut start = first_at(centre.x + (half - root) / square, columns).saturating_sub(1);
    let mut end = first_at(centre.x + (half + root) / square, columns)
        .saturating_add(1)
        .min(columns);
    // Rounding can be off by one pixel; rows that only touch the bounds hold none.
    while start < end && !inside(start) {
        start += 1;
    }
    while start < end && !inside(end - 1) {
        end -= 1;
    }
    start..end
}

/// An edge with its upper end first, so that the way round does not matter.
#[derive(Clone, Copy)]
struct Edge {
    low: DVec2,
    high: DVec2,
}

impl Edge {
    fn x_at(&self, y: f64) -> f64 {
        let along = (y - self.low.y) * (self.high.x - self.low.x) / (self.high.y - self.low.y);
        self.low.x + along
    }
}

/// Edges of a closed contour that cross rows.
fn edges(contour: &[DVec2]) -> impl Iterator<Item = Edge> + '_ {
    let next = contour.iter().skip(1).chain(contour.first());
    contour.iter().zip(next).filter_map(|(a, b)| {
        if a.y == b.y {
            return None;
        }
        let (low, high) = if a.y < b.y { (*a, *b) } else { (*b, *a) };
        Some(Edge { low, high })
    })
}

/// Even-odd, row by row, over the edges that cross the row: memory grows with the edges only.
fn polygon_spans(
    contours: &[Vec<DVec2>],
    columns: u32,
    rows: u32,
    mut each: impl FnMut(u32, Range<u32>),
) {
    let mut waiting: Vec<(Range<u32>, Edge)> = contours
        .iter()
        .flat_map(|c| edges(c))
        .map(|e| (first_at(e.low.y, rows)..first_at(e.high.y, rows), e))
        .filter(|(rows, _)| !rows.is_empty())
        .collect();
    waiting.sort_by_key(|(rows, _)| std::cmp::Reverse(rows.start));
    let mut crossing: Vec<(Range<u32>, Edge)> = Vec::new();
    let mut at: Vec<f64> = Vec::new();
    let mut row = waiting.last().map_or(rows, |(r, _)| r.start);
    while row < rows {
        crossing.retain(|(r, _)| r.end > row);
        while waiting.last().is_some_and(|(r, _)| r.start <= row) {
            crossing.extend(waiting.pop());
        }
        if crossing.is_empty() {
            match waiting.last() {
                Some((r, _)) => row = r.start,
                None => return,
            }
            continue;
        }
        let y = f64::from(row) + 0.5;
        at.clear();
        at.extend(crossing.iter().map(|(_, e)| e.x_at(y)));
        at.sort_by(f64::total_cmp);
        for pair in at.chunks_exact(2) {
            if let [from, to] = pair {
                let across = first_at(*from, columns)..first_at(*to, columns);
                if !across.is_empty() {
                    each(row, across);
                }
            }
        }
        row += 1;
    }
}
