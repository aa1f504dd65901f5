//! Planes and points out of a volume (T34, T35): which way is taken, and the definition that all ways must equal.

use glam::DVec3;
use rayon::prelude::*;

use super::{
    aligned,
    cells::{Cell, with_cells},
    geometry::{Grid, Voxel},
    oblique,
    plane::{GAP, ModalityPlane, NOT_LOADED},
    stack::Volume,
    view::{PlaneView, SlabMode},
};
use crate::{display::ModalityLut, geometry::PatientMm};

/// Why a plane cannot be sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// Directions that are no unit vectors at right angles, or numbers that are not finite.
    #[error("the plane of the view is not valid")]
    Plane,
    /// More pixels than a picture may have.
    #[error("a view of {0} × {1} pixels is too large")]
    TooLarge(u32, u32),
}

/// What lies at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointSample {
    /// Trilinear modality value; `None` outside, in padding, between slices that are not loaded.
    pub value: Option<f64>,
    /// Why there is no value, or that it rests on both sides of a gap.
    pub presence: Presence,
}

/// What a volume has at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// Image.
    Image,
    /// Image, interpolated across missing slices.
    Gap,
    /// Padding.
    Padding,
    /// A slice that is not loaded yet.
    NotLoaded,
    /// Not in the volume.
    Outside,
}

/// Pixels of the largest picture.
const MOST_PIXELS: u64 = 1 << 28;

/// The straight lines of a view through the grid of a volume.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    /// First sample of the first pixel.
    pub(super) start: DVec3,
    /// One pixel to the right, one down, one sample on.
    pub(super) right: DVec3,
    pub(super) down: DVec3,
    pub(super) through: DVec3,
    pub(super) samples: usize,
    pub(super) size: [usize; 2],
    pub(super) mode: SlabMode,
}

impl Walk {
    pub(super) fn new(volume: &Volume, view: &PlaneView) -> Self {
        let geometry = volume.geometry();
        let (samples, first_mm) = view.slab.samples(geometry);
        let normal = geometry.grid_direction(view.normal());
        let step_mm = view.slab.step_mm(geometry);
        let middle = geometry.to_grid(view.to_patient([0.0; 2])).0;
        Self {
            start: middle + normal * first_mm,
            right: geometry.grid_direction(view.right * view.mm_per_pixel[0]),
            down: geometry.grid_direction(view.down * view.mm_per_pixel[1]),
            through: normal * step_mm,
            samples,
            size: view.size.map(|n| n as usize),
            // Values are compared before the rescale, which may turn them over.
            mode: match (view.slab.mode, volume.late_rescale().0 < 0.0) {
                _ if samples == 1 => SlabMode::Single,
                (SlabMode::Mip, true) => SlabMode::MinIp,
                (SlabMode::MinIp, true) => SlabMode::Mip,
                (mode, _) => mode,
            },
        }
    }
}

/// Bounds of a volume in its grid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Where a point is inside: half a voxel beyond the outermost centres.
    pub(super) inside: [DVec3; 2],
    /// Where all eight neighbours are there, with a hair's width to spare.
    pub(super) interior: [DVec3; 2],
}

impl Bounds {
    pub(super) fn new(volume: &Volume) -> Self {
        const HAIR: f64 = 1e-3;
        let geometry = volume.geometry();
        let n = geometry.size().map(f64::from);
        let z = |k: f64| geometry.grid_of_slice(k);
        Self {
            inside: [
                DVec3::new(-0.5, -0.5, z(-0.5)),
                DVec3::new(n[0] - 0.5, n[1] - 0.5, z(n[2] - 0.5)),
            ],
            interior: [
                DVec3::splat(HAIR),
                DVec3::new(n[0] - 1.0, n[1] - 1.0, z(n[2] - 1.0)) - HAIR,
            ],
        }
    }
}

/// Whole `u` in 0..count with `start + u · step` inside `bounds`; they follow each other.
pub(super) fn run(start: DVec3, step: DVec3, bounds: &[DVec3; 2], count: usize) -> [usize; 2] {
    let (mut low, mut high) = (0.0_f64, count as f64 - 1.0);
    for a in 0..3 {
        let (s, d) = (start[a], step[a]);
        let (from, to) = (bounds[0][a], bounds[1][a]);
        if d.abs() < 1e-12 {
            if s < from || s > to {
                return [0, 0];
            }
            continue;
        }
        let (t0, t1) = ((from - s) / d, (to - s) / d);
        low = low.max(t0.min(t1));
        high = high.min(t0.max(t1));
    }
    // A whole number that rounding put a hair beyond the border is on it.
    let (low, high) = ((low - 1e-9).ceil().max(0.0), (high + 1e-9).floor());
    if high < low {
        return [0, 0];
    }
    [low as usize, high as usize + 1]
}

/// Samples `view` out of `volume`.
///
/// Output: `view.size` values, row after row, modality units. Trilinear between voxel centres; padding and what is not finite weigh
/// nothing; outside the volume there is none. A view along the axes of the acquisition through voxel centres gives the stored pixels
/// themselves.
///
/// # Errors
/// [`ViewError`].
pub fn sample(volume: &Volume, view: &PlaneView) -> Result<ModalityPlane, ViewError> {
    let mut plane = ModalityPlane::default();
    sample_into(volume, view, &mut plane)?;
    Ok(plane)
}

/// As [`sample`], into a plane whose memory is used again.
///
/// # Errors
/// As [`sample`].
pub fn sample_into(
    volume: &Volume,
    view: &PlaneView,
    plane: &mut ModalityPlane,
) -> Result<(), ViewError> {
    if !view.is_valid() {
        return Err(ViewError::Plane);
    }
    let [width, height] = view.size;
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(ViewError::TooLarge(width, height));
    }
    plane.size = view.size;
    plane.rescale = volume.late_rescale();
    plane.flags.clear();
    // Every pixel is written below.
    plane
        .values
        .resize(width as usize * height as usize, f32::NAN);
    if plane.values.is_empty() {
        return Ok(());
    }
    let walk = Walk::new(volume, view);
    if !aligned::sample(volume, &walk, &mut plane.values) {
        oblique::sample(volume, &walk, &mut plane.values);
    }
    if !volume.is_complete() || !volume.gaps().is_empty() {
        flags(volume, &walk, plane);
    }
    Ok(())
}

/// Marks pixels that rest on both sides of a gap or on slices that are not there.
fn flags(volume: &Volume, walk: &Walk, plane: &mut ModalityPlane) {
    let geometry = volume.geometry();
    let n = geometry.size()[2] as usize;
    // Before slice k: how many slices are missing, how many steps are gaps.
    let sum = |of: &dyn Fn(usize) -> bool| -> Vec<u32> {
        let mut sums = vec![0; n + 1];
        let mut total = 0;
        for k in 0..n {
            total += u32::from(of(k));
            if let Some(s) = sums.get_mut(k + 1) {
                *s = total;
            }
        }
        sums
    };
    let missing = sum(&|k| volume.frame(k).is_none());
    let gaps = sum(&|k| volume.gaps().contains(&k));
    let any = |sums: &[u32], from: usize, end: usize| sums.get(from) != sums.get(end.min(n));
    let bounds = Bounds::new(volume).inside;
    let last = (n - 1) as f64;
    let width = walk.size[0];
    let ends = [0.0, walk.samples.saturating_sub(1) as f64];
    plane.flags.resize(plane.values.len(), 0);
    let rows = plane
        .flags
        .par_chunks_mut(width)
        .zip(plane.values.par_chunks_mut(width));
    rows.enumerate().for_each(|(v, (flags, values))| {
        let row = walk.start + walk.down * v as f64;
        for (u, (flag, value)) in flags.iter_mut().zip(values).enumerate() {
            let at = row + walk.right * u as f64;
            // Of the samples inside: clamping to the slices is right where the line leaves by its ends.
            let inside = run(at, walk.through, &bounds, walk.samples);
            if inside[0] == inside[1] {
                continue;
            }
            let k = ends.map(|m| {
                let m = m.clamp(inside[0] as f64, (inside[1] - 1) as f64);
                let k = geometry
                    .slice_of(at.z + walk.through.z * m)
                    .clamp(0.0, last);
                // A hair from a slice is on it.
                if (k - k.round()).abs() < 1e-4 {
                    k.round()
                } else {
                    k
                }
            });
            let (from, to) = (
                k[0].min(k[1]).floor() as usize,
                k[0].max(k[1]).ceil() as usize,
            );
            if any(&missing, from, to + 1) {
                *flag |= NOT_LOADED;
                if walk.samples == 1 {
                    *value = f32::NAN;
                }
            }
            if any(&gaps, from, to) {
                *flag |= GAP;
            }
        }
    });
}

/// Weights and neighbours of a point along one axis.
fn neighbours(x: f64, n: u32) -> [(usize, f64); 2] {
    let x = x.clamp(0.0, f64::from(n) - 1.0);
    let left = x.floor();
    let right = (left + 1.0).min(f64::from(n) - 1.0);
    [
        (left as usize, 1.0 - (x - left)),
        (right as usize, x - left),
    ]
}

/// Value at a point of the grid from its definition, in the units of `late_rescale`; NaN outside and where all is padding.
pub(super) fn point<C: Cell>(volume: &Volume, at: DVec3) -> f32 {
    let geometry = volume.geometry();
    let voxel = Voxel(DVec3::new(at.x, at.y, geometry.slice_of(at.z)));
    if !geometry.holds(voxel) {
        return f32::NAN;
    }
    let [nx, ny, nz] = geometry.size();
    let (mut sum, mut weights) = (0.0, 0.0);
    let late = volume.common_rescale().is_some();
    for (k, wz) in neighbours(voxel.0.z, nz) {
        let Some(slice) = volume.slices.get(k).filter(|_| wz > 0.0) else {
            continue;
        };
        let Some(frame) = &slice.frame else { continue };
        for (j, wy) in neighbours(voxel.0.y, ny) {
            for (i, wx) in neighbours(voxel.0.x, nx) {
                let weight = wx * wy * wz;
                let stored = f64::from(C::at(&frame.bytes, j * nx as usize + i));
                let padded = slice.padding.is_some_and(|p| p.contains(stored));
                if weight > 0.0 && stored.is_finite() && !padded {
                    let value = match &*slice.lut {
                        _ if late => stored,
                        ModalityLut::Identity => stored,
                        lut => lut.apply(stored),
                    };
                    sum += weight * value;
                    weights += weight;
                }
            }
        }
    }
    if weights > 1e-6 {
        (sum / weights) as f32
    } else {
        f32::NAN
    }
}

impl Volume {
    /// Trilinear modality value at a point, to be shown with `~` (T17).
    #[must_use]
    pub fn at(&self, at: PatientMm) -> PointSample {
        let geometry = self.geometry();
        let none = |presence| PointSample {
            value: None,
            presence,
        };
        let Grid(grid) = geometry.to_grid(at);
        let voxel = geometry.to_voxel(at);
        if !geometry.holds(voxel) {
            return none(Presence::Outside);
        }
        let [_, _, nz] = geometry.size();
        let used = neighbours(voxel.0.z, nz);
        let missing = |(k, w): &(usize, f64)| *w > 1e-4 && self.frame(*k).is_none();
        if used.iter().any(missing) {
            return none(Presence::NotLoaded);
        }
        let value = with_cells!(self.shape.sample, C => point::<C>(self, grid));
        if value.is_nan() {
            return none(Presence::Padding);
        }
        let (slope, intercept) = self.late_rescale();
        let across = used.iter().all(|(_, w)| *w > 1e-4);
        let gap = across && self.gaps().contains(&used[0].0);
        PointSample {
            value: Some(f64::from(value) * slope + intercept),
            presence: if gap { Presence::Gap } else { Presence::Image },
        }
    }
}
