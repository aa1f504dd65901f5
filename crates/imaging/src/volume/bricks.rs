//! Least and greatest values of small blocks of a volume, so that slabs and rays can pass by what cannot matter.

use rayon::prelude::*;

use super::{
    cells::{Cell, with_cells},
    stack::{Loaded, Volume},
};
use crate::display::ModalityLut;

/// Cells (gaps between voxels) along each side of a block; a block holds the voxels on both its borders.
pub(super) const SIDE: usize = 8;

/// A grid of blocks, in the units of `Volume::late_rescale`.
#[derive(Clone, Debug)]
pub(super) struct Bricks {
    count: [usize; 3],
    /// (least, greatest); the least is above the greatest where all is padding.
    ranges: Vec<[f32; 2]>,
}

impl Bricks {
    /// `None` for values that tables turn, which no block can bound before they are looked up.
    pub(super) fn new(volume: &Volume) -> Option<Self> {
        let [nx, ny, nz] = volume.geometry.size().map(|n| n as usize);
        let count = [nx, ny, nz].map(|n| n.saturating_sub(1).div_ceil(SIDE).max(1));
        if volume
            .slices
            .iter()
            .any(|s| matches!(*s.lut, ModalityLut::Table(_)))
        {
            return None;
        }
        let layer = count[0] * count[1];
        let mut ranges = vec![[f32::INFINITY, f32::NEG_INFINITY]; layer * count[2]];
        with_cells!(volume.shape.sample, C => {
            ranges.par_chunks_mut(layer).enumerate().for_each(|(bz, out)| {
                let last = ((bz + 1) * SIDE).min(nz - 1);
                for slice in volume.slices.iter().take(last + 1).skip(bz * SIDE) {
                    add_slice::<C>(slice, volume.rescale_of(slice), [nx, ny], count, out);
                }
            });
        });
        Some(Self { count, ranges })
    }

    /// Blocks along each axis.
    pub(super) const fn count(&self) -> [usize; 3] {
        self.count
    }

    /// All ranges, x fastest.
    pub(super) fn ranges(&self) -> &[[f32; 2]] {
        &self.ranges
    }

    /// Least and greatest of the blocks that hold the cells from `low` to `high`.
    pub(super) fn range(&self, low: [i32; 3], high: [i32; 3]) -> [f32; 2] {
        let of = |v: i32, n: usize| (v.max(0) as usize / SIDE).min(n - 1);
        let [x, y, z] =
            std::array::from_fn(|a| (of(low[a], self.count[a]), of(high[a], self.count[a])));
        let mut range = [f32::INFINITY, f32::NEG_INFINITY];
        for bz in z.0..=z.1 {
            for by in y.0..=y.1 {
                let row = (bz * self.count[1] + by) * self.count[0];
                let blocks = self.ranges.get(row + x.0..=row + x.1);
                for block in blocks.unwrap_or_default() {
                    range = [range[0].min(block[0]), range[1].max(block[1])];
                }
            }
        }
        range
    }
}

/// Takes the voxels of one slice into the blocks of a layer.
fn add_slice<C: Cell>(
    slice: &Loaded,
    (slope, intercept): (f32, f32),
    [nx, ny]: [usize; 2],
    count: [usize; 3],
    out: &mut [[f32; 2]],
) {
    let Some(frame) = &slice.frame else { return };
    let (low, high) = slice.padding_f32();
    let mut least = vec![f32::INFINITY; nx];
    let mut most = vec![f32::NEG_INFINITY; nx];
    for (by, blocks) in out.chunks_exact_mut(count[0]).enumerate() {
        least.fill(f32::INFINITY);
        most.fill(f32::NEG_INFINITY);
        for y in by * SIDE..=((by + 1) * SIDE).min(ny - 1) {
            let row = frame.bytes.get(y * nx * C::SIZE..(y + 1) * nx * C::SIZE);
            let values = C::all(row.unwrap_or_default());
            for ((a, b), v) in least.iter_mut().zip(&mut most).zip(values) {
                let is_image = !(v >= low && v <= high);
                let m = v * slope + intercept;
                // NaN fails both comparisons.
                *a = if is_image && m < *a { m } else { *a };
                *b = if is_image && m > *b { m } else { *b };
            }
        }
        for (bx, block) in blocks.iter_mut().enumerate() {
            let end = ((bx + 1) * SIDE + 1).min(nx);
            for x in bx * SIDE..end {
                block[0] = block[0].min(least.get(x).copied().unwrap_or(f32::INFINITY));
                block[1] = block[1].max(most.get(x).copied().unwrap_or(f32::NEG_INFINITY));
            }
        }
    }
}

impl Volume {
    /// Slope and intercept that make the stored values of a slice comparable with those of the others.
    pub(super) fn rescale_of(&self, slice: &Loaded) -> (f32, f32) {
        if self.common_rescale().is_some() {
            return (1.0, 0.0);
        }
        match &*slice.lut {
            ModalityLut::Rescale { slope, intercept } => (*slope as f32, *intercept as f32),
            ModalityLut::Identity | ModalityLut::Table(_) => (1.0, 0.0),
        }
    }
}

impl Loaded {
    /// Lowest and highest padded stored value; a range that holds nothing where there is no padding.
    pub(super) fn padding_f32(&self) -> (f32, f32) {
        self.padding
            .map_or((f32::INFINITY, f32::NEG_INFINITY), |p| {
                (p.low() as f32, p.high() as f32)
            })
    }
}
