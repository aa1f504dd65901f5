//! The volume: decoded frames in memory, by reference, with their places in the patient; what cannot be one is refused by name.

use std::sync::{Arc, OnceLock};

use glam::DVec3;

use super::{bricks::Bricks, geometry::VolumeGeometry, small::Small};
use crate::{
    display::{DisplayAttributes, ModalityLut, Padding},
    frame::{Colour, Frame, FrameShape, SampleType},
    geometry::{Plane, PlaneError, SAME_POSITION_MM, Shear, SliceSpacing},
};

/// One slice as it is given: its place, and its frame if that is decoded already.
#[derive(Clone, Debug)]
pub struct VolumeSlice {
    /// Size and layout of the frame.
    pub shape: FrameShape,
    /// Stored values; `None` while they are on their way.
    pub frame: Option<Frame>,
    /// Position and orientation.
    pub plane: Plane,
    /// (between rows, between columns), mm.
    pub pixel_spacing_mm: [f64; 2],
    /// Slice Thickness, mm: only tells runs of slices apart (T23).
    pub thickness_mm: Option<f64>,
    /// Stored to modality value, of this slice (T2).
    pub modality_lut: ModalityLut,
    /// Stored values that are no image (T10).
    pub padding: Option<Padding>,
}

/// Why slices are no volume. Slices are counted from 1 in messages, in the order given.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VolumeRefusal {
    /// Modalities of projections and photographs.
    #[error("{0} images are two-dimensional")]
    TwoDimensional(String),
    /// Fewer than three.
    #[error("a volume needs 3 slices, there are {0}")]
    TooFew(usize),
    /// A frame that has no place in the patient.
    #[error("slice {slice} has no place in the patient: {why}")]
    NoPlane {
        /// Which.
        slice: usize,
        /// What is wrong with it.
        why: PlaneError,
    },
    /// No usable Pixel Spacing.
    #[error("slice {0} has no Pixel Spacing")]
    NoSpacing(usize),
    /// Colour or palette.
    #[error("slice {0} is a colour image")]
    Colour(usize),
    /// Not parallel to the first.
    #[error("slice {0} is not parallel to the others")]
    MixedOrientation(usize),
    /// Other size, type or pixel spacing than the first.
    #[error("slice {0} has another matrix or pixel spacing than the others")]
    MixedMatrix(usize),
    /// Several images at one position: 4-D, or copies.
    #[error("slices {0} and {1} lie at one position")]
    SamePosition(usize, usize),
    /// More than three slices are missing at one place; [`Volume::with_wide_gaps`] allows it, marked.
    #[error("more than 3 slices are missing: gap of {0:.1} mm")]
    WideGap(f64),
    /// More pixels than can be indexed.
    #[error("a slice of {0} bytes is too large for a volume")]
    TooLarge(usize),
    /// A frame that is not what its slice said.
    #[error("frame of slice {0} has another size or type than was announced")]
    Frame(usize),
}

/// Frames in memory as one volume. A clone shares all pixels.
#[derive(Clone, Debug)]
pub struct Volume {
    pub(super) geometry: Arc<VolumeGeometry>,
    pub(super) shape: FrameShape,
    pub(super) slices: Vec<Loaded>,
    order: Vec<usize>,
    gaps: Arc<[usize]>,
    marks: Arc<[String]>,
    rescale: Option<(f64, f64)>,
    masked: bool,
    bricks: Arc<OnceLock<Option<Bricks>>>,
    /// In half and in a quarter as many voxels each way.
    small: Arc<[OnceLock<Option<Small>>; 2]>,
}

/// One slice of a volume.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    pub(super) frame: Option<Frame>,
    pub(super) lut: Arc<ModalityLut>,
    pub(super) padding: Option<Padding>,
}

/// Modalities whose images are projections or photographs, whatever geometry they state.
const TWO_DIMENSIONAL: [&str; 17] = [
    "CR", "DX", "MG", "RF", "XA", "IO", "PX", "RG", "ES", "GM", "SM", "OP", "XC", "ECG", "DOC",
    "SR", "BMD",
];

impl VolumeSlice {
    /// From what a frame says of itself; `number` is for messages.
    ///
    /// # Errors
    /// No place in the patient, or no Pixel Spacing.
    pub fn new(
        number: usize,
        shape: FrameShape,
        attributes: &DisplayAttributes,
        frame: Option<Frame>,
    ) -> Result<Self, VolumeRefusal> {
        let slice = number;
        let plane = attributes
            .plane
            .as_ref()
            .map_or(Err(PlaneError::Orientation), Plane::of);
        Ok(Self {
            shape,
            frame,
            plane: plane.map_err(|why| VolumeRefusal::NoPlane { slice, why })?,
            pixel_spacing_mm: attributes
                .spacing
                .pixel_spacing
                .ok_or(VolumeRefusal::NoSpacing(slice))?,
            thickness_mm: None,
            modality_lut: attributes.modality_lut.clone(),
            padding: attributes.padding,
        })
    }
}

impl Volume {
    /// A volume of `slices` in any order; `modality` is Modality (0008,0060). Frames may be absent and come later
    /// ([`Volume::set_frame`]).
    ///
    /// # Errors
    /// [`VolumeRefusal`], to be shown as the reason why there is no MPR.
    pub fn new(modality: &str, slices: Vec<VolumeSlice>) -> Result<Self, VolumeRefusal> {
        Self::build(modality, slices, false)
    }

    /// As [`Volume::new`], also where more than three slices are missing at one place.
    ///
    /// # Errors
    /// As [`Volume::new`], but for the gap.
    pub fn with_wide_gaps(modality: &str, slices: Vec<VolumeSlice>) -> Result<Self, VolumeRefusal> {
        Self::build(modality, slices, true)
    }

    fn build(
        modality: &str,
        slices: Vec<VolumeSlice>,
        wide_gaps: bool,
    ) -> Result<Self, VolumeRefusal> {
        let modality = modality.trim();
        if TWO_DIMENSIONAL.contains(&modality) {
            return Err(VolumeRefusal::TwoDimensional(modality.to_owned()));
        }
        check_alike(&slices)?;
        let Some(first) = slices.first() else {
            return Err(VolumeRefusal::TooFew(0));
        };
        let normal = first.plane.normal();
        let mut order: Vec<(f64, usize)> = slices
            .iter()
            .enumerate()
            .map(|(k, s)| (s.plane.position().0.dot(normal), k))
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (a, b) in order.iter().zip(order.iter().skip(1)) {
            if b.0 - a.0 <= SAME_POSITION_MM {
                return Err(VolumeRefusal::SamePosition(a.1 + 1, b.1 + 1));
            }
        }
        let keys: Vec<f64> = order.iter().map(|o| o.0).collect();
        let order: Vec<usize> = order.into_iter().map(|o| o.1).collect();
        let at = |k: usize| order.get(k).and_then(|o| slices.get(*o)).unwrap_or(first);
        let thickness: Vec<Option<f64>> = (0..order.len()).map(|k| at(k).thickness_mm).collect();
        let spacing = SliceSpacing::new(&keys, &thickness).ok_or(VolumeRefusal::TooFew(1))?;
        let wide = spacing
            .gaps
            .iter()
            .filter_map(|g| spacing.steps_mm.get(*g))
            .fold(0.0, |a: f64, b| a.max(*b));
        if wide > 4.0 * spacing.median_mm + 1e-6 && !wide_gaps {
            return Err(VolumeRefusal::WideGap(wide));
        }
        let (bottom, top) = (at(0), at(order.len() - 1));
        let shear = Shear::new(&bottom.plane, &top.plane, order.len()).filter(Shear::is_sheared);
        let axes = [first.plane.row(), first.plane.column()];
        let size = [
            first.shape.columns,
            first.shape.rows,
            u32::try_from(order.len()).unwrap_or(u32::MAX),
        ];
        let geometry = VolumeGeometry::new(
            size,
            bottom.plane.position().0,
            axes,
            first.pixel_spacing_mm,
            keys,
            shear,
        );
        let loaded: Vec<Loaded> = (0..order.len())
            .map(|k| {
                let slice = at(k);
                Loaded {
                    frame: slice.frame.clone(),
                    lut: Arc::new(slice.modality_lut.clone()),
                    padding: slice.padding,
                }
            })
            .collect();
        let off = offsets_mm(
            &geometry,
            (0..order.len()).map(|k| at(k).plane.position().0),
        );
        let marks = marks_of(&geometry, shear, &spacing, off);
        Ok(Self {
            rescale: common_rescale(&loaded),
            masked: loaded.iter().any(|l| l.padding.is_some()),
            geometry: Arc::new(geometry),
            shape: first.shape,
            slices: loaded,
            order,
            gaps: spacing.gaps.into(),
            marks: marks.into(),
            bricks: Arc::default(),
            small: Arc::default(),
        })
    }

    /// Size and place.
    #[must_use]
    pub fn geometry(&self) -> &VolumeGeometry {
        &self.geometry
    }

    /// Layout of every slice.
    #[must_use]
    pub const fn shape(&self) -> FrameShape {
        self.shape
    }

    /// For each slice of the volume its number among those given, from 0.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// What has to be shown beside every picture of the volume: `tilted acquisition (18.5°)`, `variable spacing`, `gap 12.0 mm`,
    /// `thick slices, MPR limited`. The mark of the picture itself (`MPR`, `MIP 10 mm`) is [`super::PlaneView::mark`].
    #[must_use]
    pub fn marks(&self) -> &[String] {
        &self.marks
    }

    /// Slices after which others are missing, from 0.
    #[must_use]
    pub fn gaps(&self) -> &[usize] {
        &self.gaps
    }

    /// Gives slice `k` (of the volume, see [`Volume::order`]) its frame.
    ///
    /// # Errors
    /// Another size or type than was announced.
    pub fn set_frame(&mut self, k: usize, frame: Frame) -> Result<(), VolumeRefusal> {
        let slice = self.slices.get_mut(k);
        let Some(slice) = slice.filter(|_| fits(&self.shape, &frame)) else {
            return Err(VolumeRefusal::Frame(k + 1));
        };
        slice.frame = Some(frame);
        self.bricks = Arc::default();
        self.small = Arc::default();
        Ok(())
    }

    /// Frame of slice `k`, if it is there.
    #[must_use]
    pub fn frame(&self, k: usize) -> Option<&Frame> {
        self.slices.get(k)?.frame.as_ref()
    }

    /// Slices that are not loaded yet, of the volume, from 0.
    #[must_use]
    pub fn missing(&self) -> Vec<usize> {
        (0..self.slices.len())
            .filter(|k| self.frame(*k).is_none())
            .collect()
    }

    /// Every slice is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.slices.iter().all(|s| s.frame.is_some())
    }

    /// Slope and intercept when all slices share them: a shader may then work on stored values.
    #[must_use]
    pub const fn common_rescale(&self) -> Option<(f64, f64)> {
        self.rescale
    }

    /// Modality table or rescale of slice `k`.
    #[must_use]
    pub fn modality_lut(&self, k: usize) -> Option<&ModalityLut> {
        self.slices.get(k).map(|s| &*s.lut)
    }

    /// Padding of slice `k`.
    #[must_use]
    pub fn padding(&self, k: usize) -> Option<Padding> {
        self.slices.get(k)?.padding
    }

    /// Modality value of a voxel; `None` for padding, outside, not loaded, not finite.
    #[must_use]
    pub fn voxel(&self, column: u32, row: u32, slice: u32) -> Option<f64> {
        let [nx, ny, _] = self.geometry.size();
        if column >= nx || row >= ny {
            return None;
        }
        let of = self.slices.get(slice as usize)?;
        let index = row as usize * nx as usize + column as usize;
        of.value(of.stored(self.shape.sample, index)?)
    }

    /// Whether samples have to be weighed: padding, values that are not finite, missing slices, or rescales that differ.
    pub(super) fn is_plain(&self) -> bool {
        !self.masked
            && self.rescale.is_some()
            && !matches!(self.shape.sample, SampleType::F32 | SampleType::F64)
            && self.is_complete()
    }

    /// Values are interpolated as stored and rescaled afterwards by this; (1, 0) where slices are rescaled each.
    pub(super) fn late_rescale(&self) -> (f64, f64) {
        self.rescale.unwrap_or((1.0, 0.0))
    }

    /// Least and greatest values of small blocks; `None` until every slice is there. Worked out once, in the units of
    /// [`Volume::late_rescale`].
    pub(super) fn bricks(&self) -> Option<&Bricks> {
        if !self.is_complete() {
            return None;
        }
        self.bricks.get_or_init(|| Bricks::new(self)).as_ref()
    }

    /// The volume in few voxels, for pictures of what moves; `None` where it has no such form. Worked out once.
    pub(super) fn small(&self) -> Option<&Small> {
        self.coarse(0, 2.0)
    }

    /// In still fewer.
    pub(super) fn smallest(&self) -> Option<&Small> {
        self.coarse(1, 4.0)
    }

    fn coarse(&self, k: usize, coarseness: f64) -> Option<&Small> {
        let small = self.small.get(k).filter(|_| self.is_complete())?;
        small.get_or_init(|| Small::new(self, coarseness)).as_ref()
    }

    /// As [`Volume::bricks`], if that was worked out before.
    pub(super) fn known_bricks(&self) -> Option<&Bricks> {
        self.bricks.get()?.as_ref()
    }

    /// Works out now what oblique slabs and volume rendering would work out on their first picture. May take tens of milliseconds: not for
    /// the thread of the window.
    pub fn prepare(&self) {
        let _ = (self.bricks(), self.small(), self.smallest());
    }
}

impl Loaded {
    /// Stored value of a pixel, by its index.
    pub(super) fn stored(&self, sample: SampleType, index: usize) -> Option<f64> {
        use crate::display::samples::{Sample as _, with_samples};
        let bytes = &self.frame.as_ref()?.bytes;
        Some(with_samples!(sample, S => S::at(bytes, index)))
    }

    /// Modality value of a stored one; `None` for padding.
    pub(super) fn value(&self, stored: f64) -> Option<f64> {
        let padded = !stored.is_finite() || self.padding.is_some_and(|p| p.contains(stored));
        (!padded).then(|| self.lut.apply(stored))
    }
}

fn fits(shape: &FrameShape, frame: &Frame) -> bool {
    let same = FrameShape {
        colour: shape.colour,
        ..frame.shape
    } == *shape;
    same && frame
        .shape
        .byte_len()
        .is_some_and(|n| frame.bytes.len() >= n)
}

/// The same orientation, matrix and pixel spacing everywhere, greys, and three slices or more.
fn check_alike(slices: &[VolumeSlice]) -> Result<(), VolumeRefusal> {
    if slices.len() < 3 {
        return Err(VolumeRefusal::TooFew(slices.len()));
    }
    let Some(first) = slices.first() else {
        return Err(VolumeRefusal::TooFew(0));
    };
    let bytes = first.shape.byte_len().unwrap_or(usize::MAX);
    if bytes > i32::MAX as usize || first.shape.columns < 1 || first.shape.rows < 1 {
        return Err(VolumeRefusal::TooLarge(bytes));
    }
    for (k, slice) in slices.iter().enumerate() {
        let number = k + 1;
        if matches!(slice.shape.colour, Colour::Rgb | Colour::Palette) {
            return Err(VolumeRefusal::Colour(number));
        }
        if !slice.plane.is_parallel_to(&first.plane) {
            return Err(VolumeRefusal::MixedOrientation(number));
        }
        if !slice
            .pixel_spacing_mm
            .iter()
            .all(|s| s.is_finite() && *s > 0.0)
        {
            return Err(VolumeRefusal::NoSpacing(number));
        }
        let spacing = slice.pixel_spacing_mm.iter().zip(first.pixel_spacing_mm);
        let near = spacing.into_iter().all(|(a, b)| (a - b).abs() <= 1e-4 * b);
        if slice.shape != first.shape || !near {
            return Err(VolumeRefusal::MixedMatrix(number));
        }
        if slice.frame.as_ref().is_some_and(|f| !fits(&slice.shape, f)) {
            return Err(VolumeRefusal::Frame(number));
        }
    }
    Ok(())
}

/// Slope and intercept that all slices share.
fn common_rescale(slices: &[Loaded]) -> Option<(f64, f64)> {
    let of = |lut: &ModalityLut| match lut {
        ModalityLut::Identity => Some((1.0, 0.0)),
        ModalityLut::Rescale { slope, intercept } => Some((*slope, *intercept)),
        ModalityLut::Table(_) => None,
    };
    let first = of(&slices.first()?.lut)?;
    slices
        .iter()
        .all(|s| of(&s.lut) == Some(first))
        .then_some(first)
}

/// Farthest that a slice lies, within its plane, from where the geometry puts it.
fn offsets_mm(geometry: &VolumeGeometry, positions: impl Iterator<Item = DVec3>) -> f64 {
    positions
        .enumerate()
        .map(|(k, p)| {
            let at = geometry.to_patient(super::Voxel(DVec3::new(0.0, 0.0, k as f64)));
            let off = p - at.0;
            (off - geometry.normal() * off.dot(geometry.normal())).length()
        })
        .fold(0.0, f64::max)
}

fn marks_of(
    geometry: &VolumeGeometry,
    shear: Option<Shear>,
    spacing: &SliceSpacing,
    off_mm: f64,
) -> Vec<String> {
    let mut marks = Vec::new();
    if let Some(shear) = shear {
        marks.push(format!("tilted acquisition ({:.1}°)", shear.degrees()));
    }
    if !spacing.uniform {
        marks.push("variable spacing".into());
    }
    for step in spacing.gaps.iter().filter_map(|g| spacing.steps_mm.get(*g)) {
        marks.push(format!("gap {step:.1} mm"));
    }
    let [dx, dy, dz] = geometry.spacing_mm();
    if dx.max(dy).max(dz) >= 10.0 * dx.min(dy).min(dz) {
        marks.push("thick slices, MPR limited".into());
    }
    if off_mm > 0.5 * dx.min(dy) {
        marks.push("slices shifted against each other".into());
    }
    marks
}
