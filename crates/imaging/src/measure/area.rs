//! Area and perimeter of what was drawn, never of the pixels it holds (T39, T43).

use glam::DVec2;

use super::{
    lines::{Spacing, closed_length, to_plane},
    outline::Outline,
};

/// Why a closed shape has no area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AreaError {
    /// Fewer than three different vertices.
    #[error("no area: fewer than three different points")]
    TooFewPoints,
    /// Its outline meets itself, so that inside and outside are not defined.
    #[error("no area: the outline crosses itself")]
    CrossesItself,
    /// Too many edges lie beside one another to look at every pair.
    #[error("no area: the outline has too many points to check")]
    TooComplex,
}

/// Pairs of edges looked at before an outline is given up: some ten milliseconds.
const MOST_PAIRS: usize = 4_000_000;

/// Area in the square of the spacing's unit.
///
/// # Errors
/// [`AreaError`], to be shown in place of the number.
pub fn area(outline: &Outline, spacing: Spacing) -> Result<f64, AreaError> {
    match outline {
        Outline::Rectangle { least, most } => {
            let size = to_plane(*most - *least, spacing);
            Ok(size.x * size.y)
        }
        Outline::Ellipse { first, second, .. } => {
            let (a, b) = (to_plane(*first, spacing), to_plane(*second, spacing));
            Ok(std::f64::consts::PI * a.perp_dot(b).abs())
        }
        Outline::Polygon(contours) => {
            let mut sum = 0.0;
            let contours = simple(contours)?;
            for (k, contour) in contours.iter().enumerate() {
                let own = shoelace(contour, spacing).abs();
                let within = contours.iter().enumerate().filter(|(other, c)| {
                    let start = contour.first().copied().unwrap_or_default();
                    *other != k && Outline::Polygon(vec![(*c).clone()]).contains(start)
                });
                // A hole lies in an odd number of the others.
                sum += if within.count() % 2 == 1 { -own } else { own };
            }
            Ok(sum)
        }
    }
}

/// Length of the outline, holes included, in the spacing's unit.
///
/// # Errors
/// As [`area`].
pub fn perimeter(outline: &Outline, spacing: Spacing) -> Result<f64, AreaError> {
    if let Outline::Polygon(contours) = outline {
        simple(contours)?;
    }
    Ok(way_round(outline, spacing))
}

/// As [`perimeter`], of an outline that [`area`] did not refuse.
pub(super) fn way_round(outline: &Outline, spacing: Spacing) -> f64 {
    match outline {
        Outline::Rectangle { least, most } => {
            let size = to_plane(*most - *least, spacing);
            2.0 * (size.x + size.y)
        }
        Outline::Ellipse { first, second, .. } => {
            ellipse_perimeter(to_plane(*first, spacing), to_plane(*second, spacing))
        }
        Outline::Polygon(contours) => contours.iter().map(|c| closed_length(c, spacing)).sum(),
    }
}

/// Contours without repeated vertices, each of at least three and none meeting itself.
fn simple(contours: &[Vec<DVec2>]) -> Result<Vec<Vec<DVec2>>, AreaError> {
    let mut out = Vec::with_capacity(contours.len());
    for contour in contours {
        let contour = distinct(contour);
        if contour.len() < 3 {
            return Err(AreaError::TooFewPoints);
        }
        check_simple(&contour)?;
        out.push(contour);
    }
    if out.is_empty() {
        return Err(AreaError::TooFewPoints);
    }
    Ok(out)
}

/// Without vertices that repeat the one before, and without a last one that repeats the first.
pub(super) fn distinct(contour: &[DVec2]) -> Vec<DVec2> {
    let mut points = contour.to_vec();
    points.dedup();
    while points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    points
}

fn shoelace(contour: &[DVec2], spacing: Spacing) -> f64 {
    let Some(origin) = contour.first() else {
        return 0.0;
    };
    // From the first vertex, so that little is lost far from the corner of the image.
    let mut twice = 0.0;
    let next = contour.iter().skip(1).chain(contour.first());
    for (a, b) in contour.iter().zip(next) {
        twice += to_plane(*a - *origin, spacing).perp_dot(to_plane(*b - *origin, spacing));
    }
    twice / 2.0
}

/// Refuses an outline whose edges meet, other than neighbours in their common vertex.
fn check_simple(contour: &[DVec2]) -> Result<(), AreaError> {
    let count = contour.len();
    let next = contour.iter().skip(1).chain(contour.first());
    let mut edges: Vec<(usize, DVec2, DVec2)> = contour
        .iter()
        .zip(next)
        .enumerate()
        .map(|(k, (a, b))| (k, *a, *b))
        .collect();
    edges.sort_by(|(_, a, b), (_, c, d)| a.x.min(b.x).total_cmp(&c.x.min(d.x)));
    let mut looked_at = 0_usize;
    let mut open: Vec<(usize, DVec2, DVec2)> = Vec::new();
    for (k, a, b) in edges {
        let left = a.x.min(b.x);
        open.retain(|(_, c, d)| c.x.max(d.x) >= left);
        for (other, c, d) in &open {
            let apart = k.abs_diff(*other);
            if apart != 1 && apart != count - 1 && meet(a, b, *c, *d) {
                return Err(AreaError::CrossesItself);
            }
        }
        looked_at = looked_at.saturating_add(open.len());
        if looked_at > MOST_PAIRS {
            return Err(AreaError::TooComplex);
        }
        open.push((k, a, b));
    }
    Ok(())
}

/// Whether two segments have a point in common.
pub(super) fn meet(a: DVec2, b: DVec2, c: DVec2, d: DVec2) -> bool {
    let (lowest, highest) = (a.min(b).max(c.min(d)), a.max(b).min(c.max(d)));
    if lowest.x > highest.x || lowest.y > highest.y {
        return false;
    }
    let side = |from: DVec2, to: DVec2, p: DVec2| (to - from).perp_dot(p - from);
    let (c_side, d_side) = (side(a, b, c), side(a, b, d));
    let (a_side, b_side) = (side(c, d, a), side(c, d, b));
    // Bounds overlap, so that zero products mean touching or lying on one another.
    c_side * d_side <= 0.0 && a_side * b_side <= 0.0
}

/// Of conjugate half diameters, by the arithmetic-geometric mean (Abramowitz and Stegun 17.6): exact to rounding after a few rounds.
fn ellipse_perimeter(first: DVec2, second: DVec2) -> f64 {
    let squares = first.length_squared() + second.length_squared();
    let product = first.perp_dot(second).abs();
    let (sum, difference) = (
        (squares + 2.0 * product).sqrt(),
        (squares - 2.0 * product).max(0.0).sqrt(),
    );
    let (mut a, mut b) = (f64::midpoint(sum, difference), (sum - difference) / 2.0);
    if b <= 0.0 {
        return 4.0 * a;
    }
    let mut series = a * a;
    let mut weight = 0.5;
    let mut c_squared = a * a - b * b;
    for _ in 0..40 {
        series -= weight * c_squared;
        let c = (a - b) / 2.0;
        (a, b) = (f64::midpoint(a, b), (a * b).sqrt());
        c_squared = c * c;
        weight *= 2.0;
        if c.abs() <= f64::EPSILON * a {
            break;
        }
    }
    2.0 * std::f64::consts::PI * series / a
}
