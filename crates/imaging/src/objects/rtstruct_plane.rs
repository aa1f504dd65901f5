//! Contours on planes: on the images that they were drawn on, and worked out between them (E5).

use glam::{DVec2, DVec3};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    rtstruct::{Contour, ContourKind, ContourVolume, Roi},
    target::{OverlayError, Target},
};
use crate::{annotate::AnchorPlane, display::Mask, geometry::Plane};

/// An image that contours may belong to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ContourSlice<'a> {
    /// Where its pixels are.
    pub place: AnchorPlane,
    /// SOP Instance UID.
    pub instance: &'a str,
    /// From 0.
    pub frame: u32,
}

/// A region on one plane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoiOnPlane {
    /// In corner coordinates of the plane.
    pub lines: Vec<PlaneLine>,
    /// What is inside.
    pub mask: Mask,
    /// Some contour is not in the plane and is drawn where it projects to: [`RoiOnPlane::PROJECTED`].
    pub projected: bool,
    /// Nothing was drawn here: it was worked out between contours, to be drawn dashed with [`RoiOnPlane::INTERPOLATED`].
    pub interpolated: bool,
}

/// One contour as drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaneLine {
    /// A point is a cross, the others are lines.
    pub kind: ContourKind,
    /// Columns, rows; a closed line ends where it begins.
    pub points: Vec<[f64; 2]>,
}

impl RoiOnPlane {
    /// Mark of contours that do not lie in the plane.
    pub const PROJECTED: &'static str = "contour projected";
    /// Mark of a region between its contours.
    pub const INTERPOLATED: &'static str = "interpolated";
}

/// A contour leaves its plane by more than this, mm: it is projected.
const PLANAR_MM: f64 = 0.1;
/// Beyond half the spacing, mm.
const SLACK_MM: f64 = 0.01;
/// Planes farther apart than this many spacings have a gap between them.
const GAP: f64 = 1.5;

/// Closed contours that lie in one plane.
struct Level {
    along: f64,
    loops: Vec<Vec<DVec2>>,
    low: DVec2,
    high: DVec2,
}

/// All planes of a region, rising.
struct Levels {
    origin: DVec3,
    row: DVec3,
    column: DVec3,
    normal: DVec3,
    levels: Vec<Level>,
    step: Option<f64>,
}

impl Roi {
    /// The slice that each contour belongs to: the one it names, if it can lie there, else the nearest within half of `spacing_mm`.
    #[must_use]
    pub fn slices_of(&self, slices: &[ContourSlice<'_>], spacing_mm: f64) -> Vec<Option<usize>> {
        let planes: Vec<Option<Plane>> = slices.iter().map(|s| s.place.plane()).collect();
        let of = |contour: &Contour| {
            let possible = |k: usize| {
                let plane = planes.get(k)?.as_ref()?;
                let off = farthest(contour, plane);
                (off <= spacing_mm / 2.0 + SLACK_MM).then_some(off)
            };
            let named = slices.iter().position(|s| {
                let mut images = contour.images.iter();
                images.any(|(uid, frame)| uid == s.instance && *frame == s.frame)
            });
            named.filter(|k| possible(*k).is_some()).or_else(|| {
                let near = (0..slices.len()).filter_map(|k| Some((k, possible(k)?)));
                near.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(k, _)| k)
            })
        };
        self.contours.iter().map(of).collect()
    }

    /// The contours of these numbers on the plane they belong to.
    ///
    /// # Errors
    /// [`OverlayError`] on another frame of reference, on a localizer, and on a plane without a place.
    pub fn on_slice(
        &self,
        contours: &[usize],
        target: &Target<'_>,
    ) -> Result<RoiOnPlane, OverlayError> {
        let plane = target.check("the structure set", self.frame_of_reference.as_deref())?;
        let mut shown = RoiOnPlane {
            lines: Vec::new(),
            mask: Mask::empty(target.columns, target.rows),
            projected: false,
            interpolated: false,
        };
        let [between_rows, between_columns] = target.place.spacing;
        let mut loops = Vec::new();
        for contour in contours.iter().filter_map(|k| self.contours.get(*k)) {
            shown.projected |=
                contour.kind != ContourKind::Point && spread(contour, plane.normal()) > PLANAR_MM;
            let mut points: Vec<DVec2> = contour
                .vectors()
                .map(|p| {
                    let off = p - plane.position().0;
                    let index = DVec2::new(
                        off.dot(plane.row()) / between_columns,
                        off.dot(plane.column()) / between_rows,
                    );
                    index + 0.5
                })
                .collect();
            if contour.kind == ContourKind::ClosedPlanar {
                loops.push(points.clone());
                points.extend(points.first().copied());
            }
            shown.lines.push(PlaneLine {
                kind: contour.kind,
                points: points.into_iter().map(|p| p.to_array()).collect(),
            });
        }
        let level = Level::new(0.0, loops);
        fill(&mut shown.mask, |column, row| {
            level.holds(DVec2::new(column, row))
        });
        Ok(shown)
    }

    /// The region on any plane, between its contours by their signed distances; nothing beyond half a spacing after the last one or in a gap.
    ///
    /// # Errors
    /// As [`Roi::on_slice`].
    pub fn on_plane(&self, target: &Target<'_>) -> Result<RoiOnPlane, OverlayError> {
        let plane = target.check("the structure set", self.frame_of_reference.as_deref())?;
        let mut mask = Mask::empty(target.columns, target.rows);
        let [between_rows, between_columns] = target.place.spacing;
        if let Some(levels) = self.levels() {
            fill(&mut mask, |column, row| {
                let at = plane.position().0
                    + plane.row() * (between_columns * (column - 0.5))
                    + plane.column() * (between_rows * (row - 0.5));
                levels.holds(at)
            });
        }
        let interpolated = !mask.is_empty();
        Ok(RoiOnPlane {
            lines: Vec::new(),
            mask,
            projected: false,
            interpolated,
        })
    }

    /// Volume by the areas of its contours (T44): each plane owns half the way to each neighbour, the last ones a full spacing.
    #[must_use]
    pub fn volume(&self) -> ContourVolume {
        let Some(levels) = self.levels() else {
            return ContourVolume::default();
        };
        let Some(step) = levels.step else {
            return ContourVolume::default();
        };
        let mut has_gap = false;
        let mut mm3 = 0.0;
        let along: Vec<f64> = levels.levels.iter().map(|l| l.along).collect();
        for (k, level) in levels.levels.iter().enumerate() {
            let mut side = |a: Option<&f64>, b: Option<&f64>| {
                let way = b.zip(a).map(|(b, a)| b - a)?;
                has_gap |= way > step * GAP;
                Some(if way > step * GAP { step } else { way })
            };
            let below = side(k.checked_sub(1).and_then(|k| along.get(k)), along.get(k));
            let above = side(along.get(k), along.get(k + 1));
            let own = match (below, above) {
                (Some(a), Some(b)) => (a + b) / 2.0,
                (Some(a), None) | (None, Some(a)) => a,
                (None, None) => step,
            };
            mm3 += level.area() * own;
        }
        ContourVolume {
            mm3: Some(mm3),
            has_gap,
        }
    }

    fn levels(&self) -> Option<Levels> {
        let closed = || {
            let all = self.contours.iter();
            all.filter(|c| c.kind == ContourKind::ClosedPlanar)
        };
        let (first, normal) = closed().find_map(|c| Some((c, normal_of(c)?)))?;
        let origin = first.vectors().next()?;
        let row = normal.any_orthonormal_vector();
        let column = normal.cross(row);
        let mut planes: Vec<(f64, Vec<Vec<DVec2>>)> = Vec::new();
        for contour in closed() {
            // One that stands across the others bounds no area in their planes.
            if spread(contour, normal) > PLANAR_MM * 5.0 {
                continue;
            }
            let count = contour.points.len() as f64;
            let along = contour
                .vectors()
                .map(|p| (p - origin).dot(normal))
                .sum::<f64>()
                / count;
            let flat = contour
                .vectors()
                .map(|p| DVec2::new((p - origin).dot(row), (p - origin).dot(column)));
            let flat = flat.collect();
            match planes
                .iter_mut()
                .find(|(a, _)| (a - along).abs() < PLANAR_MM)
            {
                Some((_, loops)) => loops.push(flat),
                None => planes.push((along, vec![flat])),
            }
        }
        planes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let step = planes
            .windows(2)
            .filter_map(|w| Some(w.get(1)?.0 - w.first()?.0))
            .min_by(f64::total_cmp);
        let levels = planes
            .into_iter()
            .map(|(along, loops)| Level::new(along, loops));
        Some(Levels {
            origin,
            row,
            column,
            normal,
            levels: levels.collect(),
            step,
        })
    }
}

impl Levels {
    fn holds(&self, at: DVec3) -> bool {
        let off = at - self.origin;
        let along = off.dot(self.normal);
        let flat = DVec2::new(off.dot(self.row), off.dot(self.column));
        let next = self.levels.partition_point(|l| l.along <= along);
        let below = next.checked_sub(1).and_then(|k| self.levels.get(k));
        let above = self.levels.get(next);
        let half = self.step.unwrap_or(1.0) / 2.0;
        let near = |level: Option<&Level>| {
            level.is_some_and(|l| (along - l.along).abs() <= half + SLACK_MM && l.holds(flat))
        };
        match (below, above) {
            (Some(a), Some(b)) if b.along - a.along <= half * 2.0 * GAP => {
                let inside = (a.holds(flat), b.holds(flat));
                if inside.0 == inside.1 {
                    return inside.0;
                }
                let t = (along - a.along) / (b.along - a.along);
                let depth = |l: &Level, inside: bool| {
                    let far = l.distance(flat);
                    if inside { -far } else { far }
                };
                depth(a, inside.0) * (1.0 - t) + depth(b, inside.1) * t < 0.0
            }
            (a, b) => near(a) || near(b),
        }
    }
}

impl Level {
    fn new(along: f64, loops: Vec<Vec<DVec2>>) -> Self {
        let points = || loops.iter().flatten();
        Self {
            low: points().fold(DVec2::INFINITY, |a, b| a.min(*b)),
            high: points().fold(DVec2::NEG_INFINITY, |a, b| a.max(*b)),
            along,
            loops,
        }
    }

    fn edges(points: &[DVec2]) -> impl Iterator<Item = (DVec2, DVec2)> + '_ {
        let next = points.iter().cycle().skip(1);
        points.iter().copied().zip(next.copied())
    }

    /// Inside an odd number of turns of all contours: what is in two of them is a hole, and a bridge that is gone both ways is none.
    fn holds(&self, at: DVec2) -> bool {
        if at.cmplt(self.low).any() || at.cmpgt(self.high).any() {
            return false;
        }
        let mut inside = false;
        for (a, b) in self.loops.iter().flat_map(|l| Self::edges(l)) {
            let crosses = (a.y > at.y) != (b.y > at.y)
                && at.x < (b.x - a.x) * (at.y - a.y) / (b.y - a.y) + a.x;
            inside ^= crosses;
        }
        inside
    }

    /// To the nearest edge.
    fn distance(&self, at: DVec2) -> f64 {
        let to = |(a, b): (DVec2, DVec2)| {
            let way = b - a;
            let length = way.length_squared();
            let t = if length > 0.0 {
                ((at - a).dot(way) / length).clamp(0.0, 1.0)
            } else {
                0.0
            };
            (a + way * t).distance(at)
        };
        let edges = self.loops.iter().flat_map(|l| Self::edges(l));
        edges.map(to).fold(f64::INFINITY, f64::min)
    }

    /// Area inside: contours within an odd number of others are holes.
    fn area(&self) -> f64 {
        let area = |points: &[DVec2]| {
            let twice: f64 = Self::edges(points).map(|(a, b)| a.perp_dot(b)).sum();
            (twice / 2.0).abs()
        };
        let whole = |(k, points): (usize, &Vec<DVec2>)| {
            let Some(first) = points.first() else {
                return 0.0;
            };
            let others = self
                .loops
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != k);
            let around = others.filter(|(_, l)| Self::new(0.0, vec![(*l).clone()]).holds(*first));
            let hole = around.count() % 2 == 1;
            if hole { -area(points) } else { area(points) }
        };
        self.loops
            .iter()
            .enumerate()
            .map(whole)
            .sum::<f64>()
            .max(0.0)
    }
}

fn fill(mask: &mut Mask, inside: impl Fn(f64, f64) -> bool + Sync) {
    let columns = (mask.columns as usize).max(1);
    mask.values
        .par_chunks_exact_mut(columns)
        .enumerate()
        .for_each(|(row, line)| {
            for (column, value) in line.iter_mut().enumerate() {
                if inside(column as f64 + 0.5, row as f64 + 0.5) {
                    *value = 255;
                }
            }
        });
}

/// Of the point that is farthest from a plane, mm.
fn farthest(contour: &Contour, plane: &Plane) -> f64 {
    let off = contour
        .vectors()
        .map(|p| (p - plane.position().0).dot(plane.normal()).abs());
    off.fold(0.0, f64::max)
}

/// How far its points are from each other along a direction, mm.
fn spread(contour: &Contour, normal: DVec3) -> f64 {
    let along = contour.vectors().map(|p| p.dot(normal));
    let low = along.clone().fold(f64::INFINITY, f64::min);
    along.fold(f64::NEG_INFINITY, f64::max) - low
}

/// Unit normal of a closed line, pointing to the head, else to the back, else to the left.
fn normal_of(contour: &Contour) -> Option<DVec3> {
    let first = contour.vectors().next()?;
    let next = contour.vectors().skip(1);
    let pairs = contour.vectors().zip(next);
    let sum: DVec3 = pairs.map(|(a, b)| (a - first).cross(b - first)).sum();
    let normal = sum.try_normalize()?;
    let main = normal.to_array().into_iter().rev().find(|v| v.abs() > 0.5);
    Some(normal * main.unwrap_or(1.0).signum())
}
