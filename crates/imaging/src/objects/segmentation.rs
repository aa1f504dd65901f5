//! Segmentations (SEG, imaging.md E4): which voxels belong to which segment, by the object's own geometry, on any plane of the same frame of
//! reference.
//!
//! A frame is placed by its own position, orientation and spacing; its number and the image it was drawn on say nothing about where it is.

use glam::{DVec2, DVec3};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::target::{OverlayError, Target};
use crate::{
    annotate::AnchorPlane,
    display::Mask,
    geometry::{PatientMm, Plane},
};

/// SOP Class UID of Segmentation Storage.
pub const SEGMENTATION: &str = "1.2.840.10008.5.1.4.1.1.66.4";
/// SOP Class UID of Label Map Segmentation Storage.
pub const LABEL_MAP: &str = "1.2.840.10008.5.1.4.1.1.66.7";

/// A segmentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segmentation {
    /// Frame of Reference UID (0020,0052).
    pub frame_of_reference: Option<String>,
    /// Segmentation Type (0062,0001).
    pub kind: SegmentationKind,
    /// Segments Overlap (0062,0013), as far as it is said.
    pub overlap: Overlap,
    /// In the order of the file.
    pub segments: Vec<Segment>,
    /// Where a segment has voxels; frames without any are not kept.
    pub planes: Vec<SegmentPlane>,
    /// What was odd and read anyway.
    pub problems: Vec<String>,
}

/// Segmentation Type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SegmentationKind {
    /// A voxel is inside or outside.
    Binary,
    /// The probability that a voxel is inside.
    Probability,
    /// The part of a voxel that is inside.
    Occupancy,
    /// Pixels are segment numbers.
    Labelmap,
}

/// Segments Overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Overlap {
    /// A voxel may be in several.
    Yes,
    /// A voxel is in one at most.
    No,
    /// UNDEFINED, or not said: it may be so.
    Undefined,
}

/// A code with its meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodedName {
    /// Code Value (0008,0100).
    pub value: String,
    /// Coding Scheme Designator (0008,0102).
    pub scheme: String,
    /// Code Meaning (0008,0104).
    pub meaning: String,
}

/// One item of Segment Sequence (0062,0002).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Segment Number (0062,0004); 0 is the background of a label map.
    pub number: u16,
    /// Segment Label (0062,0005).
    pub label: String,
    /// Segmented Property Category Code (0062,0003).
    pub category: Option<CodedName>,
    /// Segmented Property Type Code (0062,000F).
    pub property: Option<CodedName>,
    /// Segment Algorithm Type (0062,0008): MANUAL, SEMIAUTOMATIC or AUTOMATIC.
    pub algorithm_type: String,
    /// Segment Algorithm Name (0062,0009).
    pub algorithm_name: String,
    /// Recommended Display CIELab Value (0062,000D) as sRGB, else one of ours.
    pub colour: [u8; 3],
}

/// Voxels of one segment in one frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentPlane {
    /// Its segment.
    pub segment: u16,
    /// Frame of the file, from 0.
    pub frame: u32,
    /// Where the whole frame lies.
    pub place: AnchorPlane,
    /// Columns, rows of the whole frame.
    pub size: [u32; 2],
    /// Slice Thickness (0018,0050), mm.
    pub thickness: Option<f64>,
    /// Spacing Between Slices (0018,0088), mm: planes farther apart have empty ones between them that the file leaves out.
    pub step: Option<f64>,
    /// Image that it was drawn on, as Derivation Image Sequence says: only a hint.
    pub source: Option<String>,
    /// First column, first row, columns, rows of the part that is kept.
    pub part: [u32; 4],
    /// What is in the part.
    pub cells: Cells,
}

/// Voxels of a part of a frame, row-major.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cells {
    /// A bit each, the first in the lowest.
    Bits(Vec<u8>),
    /// 0 to [`Cells::Fractions::maximum`].
    Fractions {
        /// Of each voxel.
        values: Vec<u8>,
        /// Maximum Fractional Value (0062,000E).
        maximum: u8,
    },
}

/// What is inside a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SegmentExtent {
    /// Voxels above 0.
    pub voxels: u64,
    /// Sum of their fractions; the same as `voxels` where there are none.
    pub weight: f64,
    /// Volume, mm³: voxels, fractions of occupancy, or voxels of probability 0.5 and above. `None` when the distance between planes is not known.
    pub volume_mm3: Option<f64>,
    /// Middle of its voxels by weight, LPS mm.
    pub centroid: Option<[f64; 3]>,
    /// A plane is missing between others: the volume lacks what was there.
    pub has_gap: bool,
}

impl Segment {
    /// Who drew it: `automatic: NAME`.
    #[must_use]
    pub fn algorithm(&self) -> String {
        let kind = self.algorithm_type.to_lowercase();
        match (kind.as_str(), self.algorithm_name.as_str()) {
            ("", name) => name.to_owned(),
            (kind, "") => kind.to_owned(),
            (kind, name) => format!("{kind}: {name}"),
        }
    }
}

impl SegmentPlane {
    /// Part of a pixel of the frame that is inside, 0 to 1; 0 outside the frame.
    #[must_use]
    pub fn fraction(&self, column: i64, row: i64) -> f64 {
        let [left, top, columns, rows] = self.part.map(i64::from);
        let (x, y) = (column - left, row - top);
        if !(0..columns).contains(&x) || !(0..rows).contains(&y) {
            return 0.0;
        }
        let Ok(at) = usize::try_from(y * columns + x) else {
            return 0.0;
        };
        match &self.cells {
            Cells::Bits(bits) => {
                let byte = bits.get(at / 8).copied().unwrap_or(0);
                f64::from(byte >> (at % 8) & 1)
            }
            Cells::Fractions { values, maximum } => {
                let value = values.get(at).copied().unwrap_or(0);
                (f64::from(value) / f64::from((*maximum).max(1))).min(1.0)
            }
        }
    }

    /// Voxels above 0: column and row of the frame, and the part that is inside.
    pub fn voxels(&self) -> impl Iterator<Item = (u32, u32, f64)> + '_ {
        let [left, top, columns, rows] = self.part;
        (0..rows)
            .flat_map(move |y| {
                (0..columns).map(move |x| (left.saturating_add(x), top.saturating_add(y)))
            })
            .filter_map(|(x, y)| {
                let fraction = self.fraction(i64::from(x), i64::from(y));
                (fraction > 0.0).then_some((x, y, fraction))
            })
    }
}

/// Planes of one segment that lie the same way, by rising position along their normal.
struct Stack<'a> {
    normal: DVec3,
    planes: Vec<Layer<'a>>,
    /// Between planes that follow each other, mm.
    step: Option<f64>,
}

struct Layer<'a> {
    along: f64,
    origin: DVec3,
    row: DVec3,
    column: DVec3,
    spacing: [f64; 2],
    /// Reaches so far below and above, mm.
    below: f64,
    above: f64,
    plane: &'a SegmentPlane,
}

impl Segmentation {
    /// The segment of this number.
    #[must_use]
    pub fn segment(&self, number: u16) -> Option<&Segment> {
        self.segments.iter().find(|s| s.number == number)
    }

    /// Planes of a segment.
    pub fn planes_of(&self, number: u16) -> impl Iterator<Item = &SegmentPlane> {
        self.planes.iter().filter(move |p| p.segment == number)
    }

    /// Number, weight, volume and middle of a segment's voxels (T44).
    #[must_use]
    pub fn extent(&self, number: u16) -> SegmentExtent {
        let mut extent = SegmentExtent::default();
        let mut middle = DVec3::ZERO;
        let mut volume = Some(0.0);
        for stack in self.stacks(number) {
            let step = stack.step;
            let far = |pair: &[Layer<'_>]| match (pair, step) {
                ([a, b], Some(step)) => b.along - a.along > step * 1.5,
                _ => false,
            };
            extent.has_gap |= stack.planes.windows(2).any(far);
            for layer in &stack.planes {
                let mut inside = 0.0;
                for (x, y, fraction) in layer.plane.voxels() {
                    extent.voxels += 1;
                    extent.weight += fraction;
                    inside += match self.kind {
                        SegmentationKind::Probability => f64::from(u8::from(fraction >= 0.5)),
                        _ => fraction,
                    };
                    let [between_rows, between_columns] = layer.spacing;
                    let at = layer.origin
                        + layer.row * (between_columns * f64::from(x))
                        + layer.column * (between_rows * f64::from(y));
                    middle += at * fraction;
                }
                let area = layer.spacing[0] * layer.spacing[1];
                volume = volume
                    .zip(step.or(layer.plane.thickness))
                    .map(|(v, s)| v + inside * area * s);
            }
        }
        extent.centroid = (extent.weight > 0.0).then(|| (middle / extent.weight).to_array());
        extent.volume_mm3 = volume;
        extent
    }

    /// The segment on a plane: its own pixels where the plane is one of its own, else resampled, nearest for what is inside or outside and
    /// linear for fractions.
    ///
    /// # Errors
    /// [`OverlayError`] when the plane is in another frame of reference or in none.
    pub fn mask(&self, number: u16, target: &Target<'_>) -> Result<Mask, OverlayError> {
        let plane = target.check("the segmentation", self.frame_of_reference.as_deref())?;
        let [between_rows, between_columns] = target.place.spacing;
        let mut mask = Mask::empty(target.columns, target.rows);
        let own = self.planes_of(number).any(|p| {
            is_same_grid(&p.place, &target.place) && p.size == [target.columns, target.rows]
        });
        if own {
            for p in self.planes_of(number) {
                if is_same_grid(&p.place, &target.place) && p.size == [target.columns, target.rows]
                {
                    copy(p, &mut mask);
                }
            }
            return Ok(mask);
        }
        let stacks = self.stacks(number);
        let linear = matches!(
            self.kind,
            SegmentationKind::Probability | SegmentationKind::Occupancy
        );
        let columns = target.columns as usize;
        mask.values
            .par_chunks_exact_mut(columns.max(1))
            .enumerate()
            .for_each(|(row, line)| {
                let start = plane.position().0 + plane.column() * (between_rows * row as f64);
                for (column, value) in line.iter_mut().enumerate() {
                    let at = start + plane.row() * (between_columns * column as f64);
                    let inside = stacks.iter().map(|s| s.sample(at, linear));
                    let inside = inside.fold(0.0, f64::max);
                    *value = (inside * 255.0).round() as u8;
                }
            });
        // Planes of another slice on the same grid of pixels: nothing is there, and nothing was changed.
        mask.resampled = !mask.is_empty();
        Ok(mask)
    }

    fn stacks(&self, number: u16) -> Vec<Stack<'_>> {
        // Steps are those of all segments: one alone may skip planes.
        let mut all: Vec<(Plane, Vec<f64>)> = Vec::new();
        let mut stacks: Vec<(Plane, Stack<'_>)> = Vec::new();
        for p in &self.planes {
            let Some(plane) = p.place.plane() else {
                continue;
            };
            let along_of = |first: &Plane| plane.position().0.dot(first.normal());
            match all
                .iter_mut()
                .find(|(first, _)| first.is_parallel_to(&plane))
            {
                Some((first, along)) => along.push(along_of(first)),
                None => all.push((plane, vec![along_of(&plane)])),
            }
            if p.segment != number {
                continue;
            }
            let layer = |first: &Plane| Layer {
                along: along_of(first),
                origin: plane.position().0,
                row: plane.row(),
                column: plane.column(),
                spacing: p.place.spacing,
                below: 0.0,
                above: 0.0,
                plane: p,
            };
            match stacks
                .iter_mut()
                .find(|(first, _)| first.is_parallel_to(&plane))
            {
                Some((first, stack)) => stack.planes.push(layer(first)),
                None => {
                    let planes = vec![layer(&plane)];
                    let stack = Stack {
                        normal: plane.normal(),
                        planes,
                        step: None,
                    };
                    stacks.push((plane, stack));
                }
            }
        }
        for (first, stack) in &mut stacks {
            let positions = all
                .iter_mut()
                .find(|(other, _)| other.is_parallel_to(first));
            let mut positions: Vec<f64> = match positions {
                Some((other, along)) => {
                    let shift = other.normal().dot(first.normal()).signum();
                    along.iter().map(|a| a * shift).collect()
                }
                None => Vec::new(),
            };
            positions.sort_by(f64::total_cmp);
            positions.dedup_by(|a, b| (*a - *b).abs() < 1e-3);
            let nearest = positions
                .windows(2)
                .filter_map(|w| Some(w.get(1)? - w.first()?))
                .min_by(f64::total_cmp);
            let stated = stack.planes.iter().filter_map(|l| l.plane.step);
            let stated = stated.min_by(f64::total_cmp);
            // What is stated counts where it shows that planes are left out.
            stack.step = match (nearest, stated) {
                (Some(nearest), Some(stated)) if nearest > stated * 1.5 => Some(stated),
                (nearest, _) => nearest,
            };
            stack.planes.sort_by(|a, b| a.along.total_cmp(&b.along));
            let step = stack.step;
            for layer in &mut stack.planes {
                let own = layer
                    .plane
                    .thickness
                    .unwrap_or(0.0)
                    .max(step.unwrap_or(0.0));
                let half = if own > 0.0 { own / 2.0 } else { 0.5 };
                let below = positions.iter().rev().find(|p| **p < layer.along - 1e-3);
                let above = positions.iter().find(|p| **p > layer.along + 1e-3);
                layer.below = below.map_or(half, |p| half.min((layer.along - p) / 2.0));
                layer.above = above.map_or(half, |p| half.min((p - layer.along) / 2.0));
            }
        }
        stacks.into_iter().map(|(_, stack)| stack).collect()
    }
}

impl Stack<'_> {
    /// Part of the point that is inside, 0 to 1.
    fn sample(&self, at: DVec3, linear: bool) -> f64 {
        let along = at.dot(self.normal);
        if !linear {
            // The upper end of a plane belongs to the next one.
            let reaches = |l: &&Layer<'_>| {
                along >= l.along - l.below - 1e-6 && along < l.along + l.above - 1e-6
                    || along == l.along
            };
            return self
                .near(along, self.step.unwrap_or(1.0).max(self.widest()))
                .iter()
                .filter(reaches)
                .map(|l| l.nearest(at))
                .fold(0.0, f64::max);
        }
        let Some(step) = self.step else {
            return self
                .near(along, self.widest())
                .iter()
                .filter(|l| along >= l.along - l.below && along <= l.along + l.above)
                .map(|l| l.bilinear(at))
                .fold(0.0, f64::max);
        };
        self.near(along, step)
            .iter()
            .map(|l| (1.0 - (along - l.along).abs() / step).max(0.0) * l.bilinear(at))
            .sum::<f64>()
            .min(1.0)
    }

    fn widest(&self) -> f64 {
        let reach = self.planes.iter().map(|l| l.below.max(l.above));
        reach.fold(0.0, f64::max)
    }

    /// Planes not farther than `reach`.
    fn near(&self, along: f64, reach: f64) -> &[Layer<'_>] {
        let from = self
            .planes
            .partition_point(|l| l.along < along - reach - 1e-6);
        let to = self
            .planes
            .partition_point(|l| l.along <= along + reach + 1e-6);
        self.planes.get(from..to).unwrap_or_default()
    }
}

impl Layer<'_> {
    /// Column and row of the frame, whole at pixel centres.
    fn index(&self, at: DVec3) -> DVec2 {
        let off = at - self.origin;
        let [between_rows, between_columns] = self.spacing;
        DVec2::new(
            off.dot(self.row) / between_columns,
            off.dot(self.column) / between_rows,
        )
    }

    fn nearest(&self, at: DVec3) -> f64 {
        let index = (self.index(at) + 0.5 + 1e-9).floor();
        self.plane.fraction(index.x as i64, index.y as i64)
    }

    fn bilinear(&self, at: DVec3) -> f64 {
        let index = self.index(at);
        let base = index.floor();
        let (fx, fy) = (index.x - base.x, index.y - base.y);
        let (x, y) = (base.x as i64, base.y as i64);
        let get = |dx, dy| self.plane.fraction(x + dx, y + dy);
        (get(0, 0) * (1.0 - fx) + get(1, 0) * fx) * (1.0 - fy)
            + (get(0, 1) * (1.0 - fx) + get(1, 1) * fx) * fy
    }
}

/// Within a thousandth of a millimetre and of a cosine, the same pixels.
fn is_same_grid(a: &AnchorPlane, b: &AnchorPlane) -> bool {
    let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-3);
    // Over a thousand pixels a cosine or a spacing may be off by a millionth only.
    let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-5);
    near(&a.position, &b.position)
        && close(&a.orientation, &b.orientation)
        && close(&a.spacing, &b.spacing)
}

fn copy(plane: &SegmentPlane, mask: &mut Mask) {
    let columns = mask.columns as usize;
    for (x, y, fraction) in plane.voxels() {
        if let Some(value) = mask.values.get_mut(y as usize * columns + x as usize) {
            *value = (*value).max((fraction * 255.0).round() as u8);
        }
    }
}

/// Middle of a segment as a point to jump to.
#[must_use]
pub fn centroid(extent: &SegmentExtent) -> Option<PatientMm> {
    extent.centroid.map(|c| PatientMm(DVec3::from_array(c)))
}
