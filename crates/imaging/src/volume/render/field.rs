//! Voxels for rays, block by block with their gradients: of the frames themselves, or of the volume in few voxels.

use std::marker::PhantomData;

use glam::{DVec3, Vec3};

use super::{
    cell::{Corners, Voxels},
    transfer::Table,
};
use crate::volume::{
    Volume,
    bricks::{Bricks, SIDE},
    cells::Cell,
    small::Small,
};

/// Voxels along each side of a block: those on both its borders belong to it.
pub(super) const EDGE: usize = SIDE + 1;

/// And those that differences at its borders need.
pub(super) const WIDE: usize = EDGE + 2;

/// Voxels of a block and around it, x fastest.
pub(super) type Values = [f32; WIDE * WIDE * WIDE];

/// Numbers of a block: four of each voxel.
pub(super) const NUMBERS: usize = 4 * EDGE * EDGE * EDGE;

/// A block of voxels, read.
pub(super) struct Block {
    values: Values,
    /// Value and derivatives for each mm along rows, columns and normal, x fastest.
    pub(super) numbers: [f32; NUMBERS],
    /// For each cell, by the number of its first voxel: whether anything is drawn in it.
    pub(super) shown: [bool; 1024],
}

const _: () = assert!(NUMBERS / 4 <= 1024);

/// Where the voxels come from.
pub(super) trait Source: Sync {
    /// Values from the voxel before `from` on; beyond the volume its border is repeated. True when some are no image: they are NaN.
    fn read(&self, from: [i32; 3], out: &mut Values) -> bool;

    /// Value and derivatives at a point where some voxels may be no image; `None` where all are.
    fn alone(&self, at: Vec3) -> Option<[f32; 4]>;
}

/// Voxels of a volume, or fewer that stand for them, and which of their blocks show something.
pub(super) struct Field<'a> {
    pub(super) source: &'a dyn Source,
    /// Blocks along each axis.
    pub(super) count: [usize; 3],
    /// Voxels along each axis.
    pub(super) size: [usize; 3],
    /// Voxels of the volume along each axis for one of these.
    pub(super) parts: DVec3,
    /// For each block, x fastest.
    pub(super) shown: Vec<bool>,
    /// 1 / (distance of the neighbours on both sides), mm.
    inverse: [f32; 3],
    lean: [f32; 2],
}

/// The frames of a volume that is complete and evenly spaced.
pub(super) struct Frames<'a, C> {
    voxels: &'a Voxels<'a>,
    kind: PhantomData<fn() -> C>,
}

impl<'a> Field<'a> {
    pub(super) fn new(
        volume: &Volume,
        source: &'a dyn Source,
        (count, ranges): ([usize; 3], &[[f32; 2]]),
        (size, parts): ([usize; 3], [usize; 3]),
        table: &Table,
    ) -> Self {
        let geometry = volume.geometry();
        let spacing = geometry.spacing_mm();
        Self {
            source,
            count,
            size,
            parts: DVec3::from_array(parts.map(|p| p as f64)),
            shown: ranges.iter().map(|range| table.shows(*range)).collect(),
            inverse: std::array::from_fn(|a| (0.5 / (spacing[a] * parts[a] as f64)) as f32),
            lean: geometry.lean().map(|l| l as f32),
        }
    }

    /// Of the frames; `bricks` are those of the volume.
    pub(super) fn of_frames<C: Cell>(
        volume: &Volume,
        frames: &'a Frames<'a, C>,
        bricks: &Bricks,
        table: &Table,
    ) -> Self {
        let size = volume.geometry().size().map(|n| n as usize);
        let blocks = (bricks.count(), bricks.ranges());
        Self::new(volume, frames, blocks, (size, [1; 3]), table)
    }

    /// Of the volume in few voxels; `None` where voxels without image would be drawn.
    pub(super) fn of_small(volume: &Volume, small: &'a Small, table: &Table) -> Option<Self> {
        let holes = table.entry(small.least)[3] > 0.0;
        if small.has_holes && holes {
            return None;
        }
        let blocks = (small.blocks(), small.ranges.as_slice());
        let size = small.size.map(|n| n - 2);
        Some(Self::new(volume, small, blocks, (size, small.parts), table))
    }

    /// Index of its voxels at a point of the grid of the volume.
    pub(super) fn place(&self, grid: DVec3) -> DVec3 {
        (grid - (self.parts - 1.0) / 2.0) / self.parts
    }

    /// The point of the grid of the volume at an index.
    pub(super) fn grid(&self, at: DVec3) -> DVec3 {
        at * self.parts + (self.parts - 1.0) / 2.0
    }

    /// Reads `block`; true when some of it is no image, and what is read is of no use.
    #[inline(always)]
    pub(super) fn read(&self, block: [u16; 3], table: &Table, to: &mut Block) -> bool {
        let from = block.map(|b| i32::from(b) * SIDE as i32);
        if self.source.read(from, &mut to.values) {
            return true;
        }
        self.derive(&to.values, &mut to.numbers);
        show(&to.values, table, &mut to.shown);
        false
    }

    #[inline(always)]
    fn derive(&self, values: &Values, out: &mut [f32; NUMBERS]) {
        let [ix, iy, iz] = self.inverse;
        for (n, out) in out.chunks_exact_mut(4 * EDGE).enumerate() {
            let (y, z) = (n % EDGE + 1, n / EDGE + 1);
            let here = row(values, y, z);
            let (above, below) = (row(values, y - 1, z), row(values, y + 1, z));
            let (before, behind) = (row(values, y, z - 1), row(values, y, z + 1));
            for (x, voxel) in out.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let x = x + 1;
                let dx = (here[x + 1] - here[x - 1]) * ix;
                let dy = (below[x] - above[x]) * iy;
                let dz = (behind[x] - before[x]) * iz;
                // From slice to slice is not along the normal where the stack leans.
                let upright = dz - self.lean[0] * dx - self.lean[1] * dy;
                *voxel = [here[x], dx, dy, upright];
            }
        }
    }
}

impl Block {
    pub(super) const fn new() -> Self {
        Self {
            values: [0.0; WIDE * WIDE * WIDE],
            numbers: [0.0; NUMBERS],
            shown: [false; 1024],
        }
    }
}

/// Marks the cells in which something is drawn.
#[inline(always)]
fn show(values: &Values, table: &Table, shown: &mut [bool; 1024]) {
    // Least and greatest of the four voxels of each cell that lie in one layer.
    let mut before = [[[0.0_f32; 2]; SIDE]; SIDE];
    for z in 0..EDGE {
        let mut layer = [[[0.0_f32; 2]; SIDE]; SIDE];
        for (y, cells) in layer.iter_mut().enumerate() {
            let (a, b) = (row(values, y + 1, z + 1), row(values, y + 2, z + 1));
            for (x, range) in cells.iter_mut().enumerate() {
                let four = [a[x + 1], a[x + 2], b[x + 1], b[x + 2]];
                *range = [
                    four[0].min(four[1]).min(four[2].min(four[3])),
                    four[0].max(four[1]).max(four[2].max(four[3])),
                ];
            }
        }
        if z > 0 {
            let cells = before.as_flattened().iter().zip(layer.as_flattened());
            for (n, (a, b)) in cells.enumerate() {
                let first = ((z - 1) * EDGE + n / SIDE) * EDGE + n % SIDE;
                shown[first] = table.shows([a[0].min(b[0]), a[1].max(b[1])]);
            }
        }
        before = layer;
    }
}

#[inline(always)]
fn row(values: &Values, y: usize, z: usize) -> &[f32; WIDE] {
    const NOTHING: &[f32; WIDE] = &[0.0; WIDE];
    let from = (z * WIDE + y) * WIDE;
    let row = values.get(from..).and_then(|v| v.first_chunk());
    row.unwrap_or(NOTHING)
}

impl<'a, C: Cell> Frames<'a, C> {
    pub(super) const fn new(voxels: &'a Voxels<'a>) -> Self {
        Self {
            voxels,
            kind: PhantomData,
        }
    }
}

impl<C: Cell> Source for Frames<'_, C> {
    fn read(&self, from: [i32; 3], out: &mut Values) -> bool {
        self.voxels.read::<C>(from, out)
    }

    fn alone(&self, at: Vec3) -> Option<[f32; 4]> {
        let mut corners = Corners::default();
        let cell = self.voxels.cell(at);
        self.voxels.load::<C, true>(cell, &mut corners);
        if corners.is_empty {
            return None;
        }
        let f = [0, 1, 2].map(|a| (at[a] - cell[a] as f32).clamp(0.0, 1.0));
        let [x, y, z] = self.voxels.gradient::<C, true>(&mut corners, f);
        Some([corners.at(f), x, y, z])
    }
}

impl Source for Small {
    fn read(&self, from: [i32; 3], out: &mut Values) -> bool {
        let last = self.size.map(|n| n as i32 - 1);
        for (n, out) in out.as_chunks_mut::<WIDE>().0.iter_mut().enumerate() {
            // The border that is kept all around makes up for the voxel before.
            let y = (from[1] + (n % WIDE) as i32).clamp(0, last[1]) as usize;
            let z = (from[2] + (n / WIDE) as i32).clamp(0, last[2]) as usize;
            let start = (z * self.size[1] + y) * self.size[0];
            let row = self.levels.get(start..start + self.size[0]);
            let row = row.unwrap_or_default();
            for (x, to) in (from[0]..).zip(out) {
                let level = row.get(x.clamp(0, last[0]) as usize).copied();
                *to = self.least + self.per_level * f32::from(level.unwrap_or(0));
            }
        }
        false
    }

    /// Every voxel has a level.
    fn alone(&self, _: Vec3) -> Option<[f32; 4]> {
        None
    }
}
