//! Marked voxels of a volume, in the smallest box that is needed, and what is measured of them.

use std::collections::BTreeMap;

use glam::{DVec2, DVec3};

use crate::{
    geometry::PatientMm,
    volume::{Voxel, measure::segment_mm3, stack::Volume},
};

/// Marked voxels of a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    low: [u32; 3],
    size: [u32; 3],
    /// x fastest, then y.
    cells: Vec<bool>,
}

/// What is measured of a nodule.
#[derive(Clone, Debug, PartialEq)]
pub struct NoduleMeasures {
    /// T44, mm³.
    pub volume_mm3: f64,
    /// Longest diameter within one slice of the acquisition, mm: of voxel centres, and half a pixel at both ends.
    pub long_axis_mm: f64,
    /// Across it in the same slice, mm.
    pub short_axis_mm: f64,
    /// That slice.
    pub slice: u32,
    /// Ends of the long axis: centres of voxels.
    pub long_axis: [PatientMm; 2],
    /// Voxels.
    pub count: usize,
    /// Modality values: mean.
    pub mean: f64,
    /// SD with n − 1; `None` for one voxel.
    pub sd: Option<f64>,
    /// Least.
    pub min: f64,
    /// Greatest.
    pub max: f64,
}

impl Mask {
    pub(super) fn new(low: [u32; 3], size: [u32; 3], cells: Vec<bool>) -> Self {
        let mut mask = Self { low, size, cells };
        mask.trim();
        mask
    }

    /// Whether a voxel is marked.
    #[must_use]
    pub fn contains(&self, voxel: [u32; 3]) -> bool {
        self.index(voxel).and_then(|k| self.cells.get(k)) == Some(&true)
    }

    /// First voxel and size of the box that holds all marked ones.
    #[must_use]
    pub const fn bounds(&self) -> ([u32; 3], [u32; 3]) {
        (self.low, self.size)
    }

    /// All marked voxels, slice by slice.
    pub fn voxels(&self) -> impl Iterator<Item = [u32; 3]> + '_ {
        let [nx, ny, _] = self.size.map(|n| n.max(1));
        self.cells
            .iter()
            .zip(0_u32..)
            .filter(|(c, _)| **c)
            .map(move |(_, k)| {
                [
                    self.low[0] + k % nx,
                    self.low[1] + k / nx % ny,
                    self.low[2] + k / nx / ny,
                ]
            })
    }

    /// Nothing is marked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Marks what `other` marks, too.
    pub fn add(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        if self.is_empty() {
            self.clone_from(other);
            return;
        }
        let low: [u32; 3] = std::array::from_fn(|a| self.low[a].min(other.low[a]));
        let end: [u32; 3] =
            std::array::from_fn(|a| (self.low[a] + self.size[a]).max(other.low[a] + other.size[a]));
        let size: [u32; 3] = std::array::from_fn(|a| end[a] - low[a]);
        let mut both = Self {
            low,
            size,
            cells: vec![false; size.iter().map(|n| *n as usize).product()],
        };
        for voxel in self.voxels().chain(other.voxels()) {
            if let Some(cell) = both.index(voxel).and_then(|k| both.cells.get_mut(k)) {
                *cell = true;
            }
        }
        *self = both;
    }

    /// Takes away all voxels whose centres lie in a ball.
    pub fn remove_ball(&mut self, volume: &Volume, centre: PatientMm, radius_mm: f64) {
        let geometry = volume.geometry();
        let gone: Vec<[u32; 3]> = self
            .voxels()
            .filter(|v| {
                let at = geometry.to_patient(Voxel(DVec3::from_array(v.map(f64::from))));
                (at.0 - centre.0).length() <= radius_mm
            })
            .collect();
        for voxel in gone {
            if let Some(cell) = self.index(voxel).and_then(|k| self.cells.get_mut(k)) {
                *cell = false;
            }
        }
        self.trim();
    }

    /// What is measured of the marked voxels; `None` when there are none with a value.
    #[must_use]
    pub fn measures(&self, volume: &Volume) -> Option<NoduleMeasures> {
        let geometry = volume.geometry();
        let mut slices: BTreeMap<u32, Vec<[u32; 2]>> = BTreeMap::new();
        let mut values = Vec::new();
        for [i, j, k] in self.voxels() {
            slices.entry(k).or_default().push([i, j]);
            values.extend(volume.voxel(i, j, k));
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let [dx, dy, _] = geometry.spacing_mm();
        let (slice, axes) = slices
            .iter()
            .filter_map(|(k, pixels)| Some((*k, axes(pixels, [dx, dy])?)))
            .max_by(|a, b| a.1.long.total_cmp(&b.1.long).then(b.0.cmp(&a.0)))?;
        let ends = axes.ends.map(|[i, j]| {
            let at = DVec3::new(f64::from(i), f64::from(j), f64::from(slice));
            geometry.to_patient(Voxel(at))
        });
        (n > 0.0).then(|| NoduleMeasures {
            volume_mm3: segment_mm3(geometry, slices.iter().map(|(k, p)| (*k, p.len() as f64))),
            long_axis_mm: axes.long,
            short_axis_mm: axes.short,
            slice,
            long_axis: ends,
            count: values.len(),
            mean,
            sd: (n > 1.0).then(|| (squares / (n - 1.0)).sqrt()),
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    }

    fn index(&self, voxel: [u32; 3]) -> Option<usize> {
        let mut at = [0_usize; 3];
        for a in 0..3 {
            let off = voxel[a]
                .checked_sub(self.low[a])
                .filter(|o| *o < self.size[a])?;
            at[a] = off as usize;
        }
        Some((at[2] * self.size[1] as usize + at[1]) * self.size[0] as usize + at[0])
    }

    /// The smallest box.
    fn trim(&mut self) {
        let mut low = [u32::MAX; 3];
        let mut end = [0; 3];
        for voxel in self.voxels() {
            for a in 0..3 {
                low[a] = low[a].min(voxel[a]);
                end[a] = end[a].max(voxel[a] + 1);
            }
        }
        if end == [0; 3] {
            *self = Self::default();
            return;
        }
        let size: [u32; 3] = std::array::from_fn(|a| end[a] - low[a]);
        let mut small = Self {
            low,
            size,
            cells: vec![false; size.iter().map(|n| *n as usize).product()],
        };
        for voxel in self.voxels() {
            if let Some(cell) = small.index(voxel).and_then(|k| small.cells.get_mut(k)) {
                *cell = true;
            }
        }
        *self = small;
    }
}

struct Axes {
    long: f64,
    short: f64,
    ends: [[u32; 2]; 2],
}

/// Longest diameter and the width across it of pixels of one slice.
fn axes(pixels: &[[u32; 2]], [dx, dy]: [f64; 2]) -> Option<Axes> {
    let point = |p: &[u32; 2]| DVec2::new(f64::from(p[0]) * dx, f64::from(p[1]) * dy);
    // The ends of rows and columns hold all outermost pixels.
    let mut rows: BTreeMap<u32, [u32; 2]> = BTreeMap::new();
    for [i, j] in pixels {
        let ends = rows.entry(*j).or_insert([*i; 2]);
        *ends = [ends[0].min(*i), ends[1].max(*i)];
    }
    let rim: Vec<[u32; 2]> = rows
        .iter()
        .flat_map(|(j, [a, b])| [[*a, *j], [*b, *j]])
        .collect();
    let mut best: Option<(f64, [[u32; 2]; 2])> = None;
    for (n, a) in rim.iter().enumerate() {
        for b in rim.iter().skip(n) {
            let length = (point(b) - point(a)).length();
            if best.is_none_or(|(l, _)| length > l + 1e-9) {
                best = Some((length, [*a, *b]));
            }
        }
    }
    let (length, ends) = best?;
    let along = (point(&ends[1]) - point(&ends[0])).normalize_or(DVec2::X);
    let across = rim.iter().map(|p| point(p).dot(along.perp()));
    let width =
        across.clone().fold(f64::NEG_INFINITY, f64::max) - across.fold(f64::INFINITY, f64::min);
    // Half a pixel at both ends, as the direction crosses it.
    let own = |d: DVec2| (d.x * dx).hypot(d.y * dy);
    Some(Axes {
        long: length + own(along),
        short: width + own(along.perp()),
        ends,
    })
}
