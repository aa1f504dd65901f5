//! Lengths and angles, in double precision and in the space of the millimetres (T37, T38).
//!
//! Points are in corner coordinates, [`Spacing`] is what one pixel measures on each axis. Angles between pixels that are not square are
//! wrong in pixels, so that nothing here takes a point without its spacing.

use glam::DVec2;

use crate::geometry::PatientMm;

/// What one pixel measures: between rows, between columns. Millimetres, or 1 and 1 where only pixels can be counted.
pub type Spacing = [f64; 2];

/// Below this length a line has no direction, in pixels.
const NO_LENGTH: f64 = 1e-9;

/// A point of the image in the unit of the spacing: x with the columns, y with the rows.
#[must_use]
pub fn to_plane(at: DVec2, spacing: Spacing) -> DVec2 {
    let [between_rows, between_columns] = spacing;
    DVec2::new(at.x * between_columns, at.y * between_rows)
}

/// Distance of two points.
#[must_use]
pub fn length(from: DVec2, to: DVec2, spacing: Spacing) -> f64 {
    to_plane(to - from, spacing).length()
}

/// Sum of the distances from point to point; 0 for fewer than two.
#[must_use]
pub fn path_length(points: &[DVec2], spacing: Spacing) -> f64 {
    pairs(points).map(|(a, b)| length(a, b, spacing)).sum()
}

/// As [`path_length`], with the way back from the last point to the first.
#[must_use]
pub fn closed_length(points: &[DVec2], spacing: Spacing) -> f64 {
    let back = points.last().zip(points.first());
    path_length(points, spacing) + back.map_or(0.0, |(a, b)| length(*a, *b, spacing))
}

/// Way through the patient from point to point, mm: between slices and in planes cut through a volume.
#[must_use]
pub fn patient_length_mm(points: &[PatientMm]) -> f64 {
    points
        .iter()
        .zip(points.iter().skip(1))
        .map(|(a, b)| a.0.distance(b.0))
        .sum()
}

/// Angle at `vertex` between the ways to `a` and `c`, 0 to 180 degrees; `None` when one of them is the vertex.
#[must_use]
pub fn angle_degrees(a: DVec2, vertex: DVec2, c: DVec2, spacing: Spacing) -> Option<f64> {
    let (u, v) = (to_plane(a - vertex, spacing), to_plane(c - vertex, spacing));
    let short = |from: DVec2| (from - vertex).length() < NO_LENGTH;
    (!short(a) && !short(c)).then(|| u.perp_dot(v).abs().atan2(u.dot(v)).to_degrees())
}

/// Difference of the inclinations of two lines, each in (-90, 90] degrees: 0 to 180; `None` when one of them has no length. The lines need
/// not meet on the image.
#[must_use]
pub fn cobb_degrees(first: [DVec2; 2], second: [DVec2; 2], spacing: Spacing) -> Option<f64> {
    Some((inclination(first, spacing)? - inclination(second, spacing)?).abs())
}

/// Of a line against the rows, in (-90, 90] degrees: a line has no direction, so its ends may be in any order.
fn inclination([from, to]: [DVec2; 2], spacing: Spacing) -> Option<f64> {
    if (to - from).length() < NO_LENGTH {
        return None;
    }
    let along = to_plane(to - from, spacing);
    let degrees = along.y.atan2(along.x).to_degrees();
    Some(if degrees > 90.0 {
        degrees - 180.0
    } else if degrees <= -90.0 {
        degrees + 180.0
    } else {
        degrees
    })
}

/// A long and a short diameter, whichever was drawn first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bidirectional {
    /// The longer one, in the unit of the spacing.
    pub long: f64,
    /// The shorter one.
    pub short: f64,
    /// How far they are from a right angle, degrees; `None` when one of them has no length.
    pub off_right_angle_degrees: Option<f64>,
}

/// Of two drawn axes.
#[must_use]
pub fn bidirectional(first: [DVec2; 2], second: [DVec2; 2], spacing: Spacing) -> Bidirectional {
    let of = |[a, b]: [DVec2; 2]| length(a, b, spacing);
    let (one, other) = (of(first), of(second));
    let [a, b] = first;
    let [c, d] = second;
    let between = angle_degrees(b - a, DVec2::ZERO, d - c, spacing);
    Bidirectional {
        long: one.max(other),
        short: one.min(other),
        off_right_angle_degrees: between.map(|degrees| (degrees - 90.0).abs()),
    }
}

/// Each point with the one after it.
pub(super) fn pairs(points: &[DVec2]) -> impl Iterator<Item = (DVec2, DVec2)> + '_ {
    points.iter().copied().zip(points.iter().copied().skip(1))
}
