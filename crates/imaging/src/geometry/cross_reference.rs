//! Where the plane of one image cuts another (T28).

use glam::{DVec2, DVec3};

use super::{
    placed::{PlacedImage, PlacedStack},
    plane::{PatientMm, Plane},
    view::ImageCorner,
};

/// A line on an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossLine {
    /// Its ends on the target image.
    pub ends: [ImageCorner; 2],
    /// The same in the patient.
    pub ends_mm: [PatientMm; 2],
}

/// Lines of a stack on an image: that of the slice that is shown, and thin ones for its first and last slice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StackLines {
    /// Of the slice that is shown.
    pub current: Option<CrossLine>,
    /// Of the first slice of the stack.
    pub first: Option<CrossLine>,
    /// Of the last one.
    pub last: Option<CrossLine>,
}

/// Planes whose normals' cosine is above this are parallel: no line.
const PARALLEL: f64 = 0.9999;

impl CrossLine {
    /// Where `source` cuts the rectangle of `target`, corner to corner of its pixels; `None` when it does not, or lies parallel.
    #[must_use]
    pub fn new(target: &PlacedImage, source: &Plane) -> Option<Self> {
        Line::of(target, source)?.clipped(target)?.ends(target)
    }

    /// The same, and no longer than the source image itself.
    #[must_use]
    pub fn true_extent(target: &PlacedImage, source: &PlacedImage) -> Option<Self> {
        Line::of(target, &source.plane)?
            .clipped(target)?
            .clipped(source)?
            .ends(target)
    }

    /// The two faces of a slab of `thickness_mm` about `source`.
    #[must_use]
    pub fn of_slab(target: &PlacedImage, source: &Plane, thickness_mm: f64) -> [Option<Self>; 2] {
        [-0.5, 0.5].map(|side| {
            let face = source.moved(source.normal() * (side * thickness_mm));
            Self::new(target, &face)
        })
    }
}

impl StackLines {
    /// On `target`, of `source` with its image `shown`; both in one space.
    #[must_use]
    pub fn new(
        target: &PlacedImage,
        source: &PlacedStack,
        shown: usize,
        true_extent: bool,
    ) -> Self {
        let line = |image: Option<&PlacedImage>| {
            let image = image?;
            if true_extent {
                CrossLine::true_extent(target, image)
            } else {
                CrossLine::new(target, &image.plane)
            }
        };
        Self {
            current: line(source.images().get(shown)),
            first: line(source.images().first()),
            last: line(source.images().last()),
        }
    }
}

/// A straight line in the patient, and the part of it that is left: `point + direction × t`, `t` in mm.
struct Line {
    point: DVec3,
    direction: DVec3,
    from: f64,
    to: f64,
}

impl Line {
    /// Where two planes meet, its point nearest to the middle of the target.
    fn of(target: &PlacedImage, source: &Plane) -> Option<Self> {
        let (n, m) = (target.plane.normal(), source.normal());
        let cosine = n.dot(m);
        if cosine.abs() > PARALLEL {
            return None;
        }
        // From the middle of the target, go in its plane toward the source's plane.
        let middle = target.middle().0;
        let toward = m - n * cosine;
        let distance = (source.position().0 - middle).dot(m);
        Some(Self {
            point: middle + toward * (distance / toward.length_squared()),
            direction: n.cross(m).normalize(),
            from: f64::NEG_INFINITY,
            to: f64::INFINITY,
        })
    }

    /// What of it lies within the four edges of an image, seen along the image's normal.
    fn clipped(mut self, image: &PlacedImage) -> Option<Self> {
        let start = image.below(PatientMm(self.point)).0;
        let step = image.below(PatientMm(self.point + self.direction)).0 - start;
        let size = image.size();
        for (start, step, size) in [(start.x, step.x, size.x), (start.y, step.y, size.y)] {
            if step.abs() < 1e-12 {
                if !(0.0..=size).contains(&start) {
                    return None;
                }
                continue;
            }
            let (a, b) = (-start / step, (size - start) / step);
            self.from = self.from.max(a.min(b));
            self.to = self.to.min(a.max(b));
        }
        (self.to - self.from > 1e-9).then_some(self)
    }

    fn ends(&self, target: &PlacedImage) -> Option<CrossLine> {
        let ends_mm = [self.from, self.to].map(|t| PatientMm(self.point + self.direction * t));
        let ends = ends_mm.map(|p| {
            let at: DVec2 = target.below(p).0;
            ImageCorner(at.clamp(DVec2::ZERO, target.size()))
        });
        (self.from.is_finite() && self.to.is_finite()).then_some(CrossLine { ends, ends_mm })
    }
}
