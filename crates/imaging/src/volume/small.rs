//! A volume in few voxels, for pictures that have to come at once: means of neighbours, one number each, in the order of rows.

use rayon::prelude::*;

use super::{
    bricks::SIDE,
    cells::{Cell, with_cells},
    stack::{Loaded, Volume},
};

/// Largest level of a voxel.
pub(super) const LEVELS: f32 = 65_535.0;

/// More voxels than this along an axis do not fit the fixed point of rays.
const LONGEST: usize = 16_384;

/// Levels of a smaller grid, with one voxel more on each side that repeats the border.
#[derive(Clone, Debug)]
pub(super) struct Small {
    /// Voxels along each axis, with the border.
    pub(super) size: [usize; 3],
    /// Voxels of the volume along each axis for one of these.
    pub(super) parts: [usize; 3],
    /// Level 0 in the units of `Volume::late_rescale`, and what one level is.
    pub(super) least: f32,
    pub(super) per_level: f32,
    /// Some voxels have no image at all: they have level 0.
    pub(super) has_holes: bool,
    /// x fastest.
    pub(super) levels: Vec<u16>,
    /// (least, greatest) of each block, x fastest, in the units of `Volume::late_rescale`.
    pub(super) ranges: Vec<[f32; 2]>,
}

impl Small {
    /// With sides of `coarseness` times the smallest spacing. `None` where slices are not evenly spaced, values come from tables, or the volume
    /// is too long.
    pub(super) fn new(volume: &Volume, coarseness: f64) -> Option<Self> {
        let geometry = volume.geometry();
        let full = geometry.size().map(|n| n as usize);
        if !geometry.is_even() || full.iter().any(|n| *n < 2 || *n > LONGEST) {
            return None;
        }
        let mut range = [f32::INFINITY, f32::NEG_INFINITY];
        for block in volume.bricks()?.ranges().iter().filter(|b| b[0] <= b[1]) {
            range = [range[0].min(block[0]), range[1].max(block[1])];
        }
        let per_level = (range[1] - range[0]) / LEVELS;
        if !per_level.is_finite() || per_level < 0.0 {
            return None;
        }
        let per_level = if per_level > 0.0 { per_level } else { 1.0 };
        // Axes that are coarse already stay as they are.
        let spacing = geometry.spacing_mm();
        let smallest = geometry.smallest_spacing_mm();
        // Hardly more than a whole number is that number.
        let parts = spacing.map(|s| (coarseness * smallest / s - 0.14).ceil().max(1.0) as usize);
        let size = std::array::from_fn(|a| full[a].div_ceil(parts[a]) + 2);
        let mut small = Self {
            size,
            parts,
            least: range[0],
            per_level,
            has_holes: false,
            levels: vec![0; size[0] * size[1] * size[2]],
            ranges: Vec::new(),
        };
        let (least, inverse) = (small.least, 1.0 / small.per_level);
        let mut levels = std::mem::take(&mut small.levels);
        let plane = size[0] * size[1];
        let holes = with_cells!(volume.shape.sample, C => {
            levels.par_chunks_exact_mut(plane).enumerate().map(|(z, out)| {
                small.fill_plane::<C>(volume, z, least, inverse, out)
            }).reduce(|| false, |a, b| a || b)
        });
        small.levels = levels;
        small.has_holes = holes;
        small.ranges = small.ranges();
        Some(small)
    }

    /// Blocks of [`SIDE`] cells along each axis.
    pub(super) fn blocks(&self) -> [usize; 3] {
        self.size.map(|n| (n - 3).div_ceil(SIDE).max(1))
    }

    fn ranges(&self) -> Vec<[f32; 2]> {
        let [nx, ny, nz] = self.blocks();
        let mut ranges = vec![[0.0; 2]; nx * ny * nz];
        ranges.par_iter_mut().enumerate().for_each(|(n, range)| {
            let block = [n % nx, n / nx % ny, n / nx / ny];
            // Voxels on both borders belong to a block.
            let [x, y, z] = [0, 1, 2].map(|a| {
                let from = block[a] * SIDE + 1;
                from..(from + SIDE + 1).min(self.size[a] - 1)
            });
            let (mut least, mut most) = (u16::MAX, 0);
            for k in z {
                for j in y.clone() {
                    let row = (k * self.size[1] + j) * self.size[0];
                    let levels = self.levels.get(row + x.start..row + x.end);
                    for level in levels.unwrap_or_default() {
                        (least, most) = (least.min(*level), most.max(*level));
                    }
                }
            }
            *range = [least, most].map(|l| self.least + self.per_level * f32::from(l));
        });
        ranges
    }

    /// Fills plane `z`; true when some of it is no image.
    fn fill_plane<C: Cell>(
        &self,
        volume: &Volume,
        z: usize,
        least: f32,
        inverse: f32,
        out: &mut [u16],
    ) -> bool {
        let [nx, ny, nz] = volume.geometry().size().map(|n| n as usize);
        let [px, py, pz] = self.parts;
        let z = z.clamp(1, self.size[2] - 2) - 1;
        let mut sum = vec![0.0_f32; nx];
        let mut many = vec![0.0_f32; nx];
        let mut holes = false;
        let width = self.size[0];
        for y in 0..self.size[1] - 2 {
            sum.fill(0.0);
            many.fill(0.0);
            for k in z * pz..((z + 1) * pz).min(nz) {
                let Some(slice) = volume.slices.get(k) else {
                    continue;
                };
                for j in y * py..((y + 1) * py).min(ny) {
                    add_row::<C>(volume, slice, j * nx, &mut sum, &mut many);
                }
            }
            let Some(row) = out.get_mut((y + 1) * width..(y + 2) * width) else {
                continue;
            };
            let sums = sum.chunks(px).zip(many.chunks(px));
            for (to, (sum, many)) in row.iter_mut().skip(1).zip(sums) {
                let (sum, many) = (sum.iter().sum::<f32>(), many.iter().sum::<f32>());
                let mean = sum / many.max(1.0);
                holes |= many == 0.0;
                *to = if many > 0.0 {
                    ((mean - least) * inverse + 0.5) as u16
                } else {
                    0
                };
            }
            if let [first, second, .., before, last] = row {
                (*first, *last) = (*second, *before);
            }
        }
        let last = self.size[1] - 1;
        out.copy_within(width..2 * width, 0);
        out.copy_within((last - 1) * width..last * width, last * width);
        holes
    }
}

/// Adds the values of a row that are image.
fn add_row<C: Cell>(
    volume: &Volume,
    slice: &Loaded,
    from: usize,
    sum: &mut [f32],
    many: &mut [f32],
) {
    let Some(frame) = &slice.frame else { return };
    let (slope, intercept) = volume.rescale_of(slice);
    let (low, high) = slice.padding_f32();
    let bytes = from * C::SIZE..(from + sum.len()) * C::SIZE;
    let values = C::all(frame.bytes.get(bytes).unwrap_or_default());
    for ((sum, many), v) in sum.iter_mut().zip(many).zip(values) {
        let is_image = v.is_finite() && !(v >= low && v <= high);
        *sum += if is_image { v * slope + intercept } else { 0.0 };
        *many += if is_image { 1.0 } else { 0.0 };
    }
}
