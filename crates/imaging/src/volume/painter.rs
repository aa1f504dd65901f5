//! The numbers that a painter on a graphics processor needs of a volume: the same that the twins work with.

use glam::DVec3;

use super::{
    bricks::SIDE,
    sample::{Bounds, Walk},
    stack::Volume,
    view::{PlaneView, SlabMode},
};
use crate::display::ModalityLut;

/// The straight lines of a view through the grid of a volume: voxels, and along the third axis mm from the first slice where slices are
/// uneven ([`super::VolumeGeometry::is_even`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaneLines {
    /// First sample of the first pixel.
    pub start: DVec3,
    /// One pixel to the right.
    pub right: DVec3,
    /// One pixel down.
    pub down: DVec3,
    /// One sample on.
    pub through: DVec3,
    /// Samples of a pixel.
    pub samples: usize,
    /// What becomes of them, before the rescale: one that turns values over makes MIP of MinIP.
    pub mode: SlabMode,
}

/// How stored values of a slice become those that are interpolated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SliceTurn {
    /// 1 where the whole volume is rescaled afterwards.
    pub slope: f32,
    /// 0 likewise.
    pub intercept: f32,
    /// Lowest and highest padded stored value; `None` without padding.
    pub padding: Option<[f32; 2]>,
    /// A table turns them instead.
    pub is_table: bool,
}

/// Least and greatest values of small blocks.
#[derive(Clone, Copy, Debug)]
pub struct BlockRanges<'a> {
    /// Cells (gaps between voxels) along each side; a block holds the voxels on both its borders.
    pub side: usize,
    /// Blocks along each axis.
    pub count: [usize; 3],
    /// (least, greatest) of the values that are interpolated, x fastest; the least is above the greatest where all is padding.
    pub ranges: &'a [[f32; 2]],
}

impl Volume {
    /// The lines of a view, which must be valid ([`PlaneView::is_valid`]).
    #[must_use]
    pub fn lines(&self, view: &PlaneView) -> PlaneLines {
        let walk = Walk::new(self, view);
        PlaneLines {
            start: walk.start,
            right: walk.right,
            down: walk.down,
            through: walk.through,
            samples: walk.samples,
            mode: walk.mode,
        }
    }

    /// Lowest and highest point of the grid that is inside.
    #[must_use]
    pub fn grid_bounds(&self) -> [DVec3; 2] {
        Bounds::new(self).inside
    }

    /// How stored values of each slice are turned.
    #[must_use]
    pub fn turns(&self) -> Vec<SliceTurn> {
        self.slices
            .iter()
            .map(|slice| {
                let (slope, intercept) = self.rescale_of(slice);
                SliceTurn {
                    slope,
                    intercept,
                    padding: slice.padding.map(|p| [p.low() as f32, p.high() as f32]),
                    is_table: matches!(*slice.lut, ModalityLut::Table(_)),
                }
            })
            .collect()
    }

    /// Slope and intercept that values still lack after they were interpolated.
    #[must_use]
    pub fn rescale_afterwards(&self) -> (f64, f64) {
        self.late_rescale()
    }

    /// What [`Volume::prepare`] worked out; `None` before, and where tables turn values.
    #[must_use]
    pub fn block_ranges(&self) -> Option<BlockRanges<'_>> {
        let bricks = self.known_bricks()?;
        Some(BlockRanges {
            side: SIDE,
            count: bricks.count(),
            ranges: bricks.ranges(),
        })
    }
}
