//! Where the voxels of a volume lie in the patient: one affine map for even stacks, tilted or not, and true positions for others.

use glam::{DMat3, DVec3};

use super::axis::SliceAxis;
use crate::geometry::{PatientMm, Shear};

/// Continuous index into a volume: (column, row, slice), slices ascending along row × column. Whole numbers are voxel **centres**.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voxel(pub DVec3);

/// Size and place of a volume.
#[derive(Clone, Debug, PartialEq)]
pub struct VolumeGeometry {
    size: [u32; 3],
    origin: DVec3,
    row: DVec3,
    column: DVec3,
    /// mm between columns, between rows.
    spacing: [f64; 2],
    /// Shift along the rows and columns for each mm along the normal.
    lean: [f64; 2],
    to_index: DMat3,
    axis: SliceAxis,
    smallest_step_mm: f64,
    median_step_mm: f64,
}

/// Index space with the third coordinate scaled so that a straight line in the patient is straight in it: slices for even stacks, else mm
/// from the first slice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Grid(pub DVec3);

impl VolumeGeometry {
    /// `pixel_spacing_mm` is (between rows, between columns) as in the file; `keys_mm` ascend along the normal; `shear` is that of the stack.
    pub(super) fn new(
        size: [u32; 3],
        origin: DVec3,
        [row, column]: [DVec3; 2],
        pixel_spacing_mm: [f64; 2],
        keys_mm: Vec<f64>,
        shear: Option<Shear>,
    ) -> Self {
        let lean = shear.map_or([0.0; 2], |s| s.ratios());
        let [dy, dx] = pixel_spacing_mm;
        let mut steps: Vec<f64> = keys_mm
            .iter()
            .zip(keys_mm.iter().skip(1))
            .map(|(a, b)| b - a)
            .collect();
        steps.sort_by(f64::total_cmp);
        let third = row.cross(column) + row * lean[0] + column * lean[1];
        let axis = SliceAxis::new(keys_mm);
        let scale = axis.step().unwrap_or(1.0);
        Self {
            size,
            origin,
            row,
            column,
            spacing: [dx, dy],
            lean,
            to_index: DMat3::from_cols(row * dx, column * dy, third * scale).inverse(),
            axis,
            smallest_step_mm: steps.first().copied().unwrap_or(dx),
            median_step_mm: steps.get(steps.len() / 2).copied().unwrap_or(dx),
        }
    }

    /// Columns, rows, slices.
    #[must_use]
    pub const fn size(&self) -> [u32; 3] {
        self.size
    }

    /// Unit vector along a row, toward greater columns.
    #[must_use]
    pub const fn row(&self) -> DVec3 {
        self.row
    }

    /// Unit vector along a column, toward greater rows.
    #[must_use]
    pub const fn column(&self) -> DVec3 {
        self.column
    }

    /// Unit normal of the slices, toward greater slices.
    #[must_use]
    pub fn normal(&self) -> DVec3 {
        self.row.cross(self.column)
    }

    /// Between columns, between rows, and the median between slices along the normal, mm.
    #[must_use]
    pub const fn spacing_mm(&self) -> [f64; 3] {
        [self.spacing[0], self.spacing[1], self.median_step_mm]
    }

    /// Smallest of all distances between neighbours, mm.
    #[must_use]
    pub fn smallest_spacing_mm(&self) -> f64 {
        self.spacing[0]
            .min(self.spacing[1])
            .min(self.smallest_step_mm)
    }

    /// Shift of the slices along rows and columns for each mm along the normal; zeros unless the stack is tilted.
    #[must_use]
    pub const fn lean(&self) -> [f64; 2] {
        self.lean
    }

    /// Position of each slice along the normal, mm from the first.
    #[must_use]
    pub fn slice_positions_mm(&self) -> &[f64] {
        self.axis.keys()
    }

    /// Slices are evenly spaced: index to patient is one affine map.
    #[must_use]
    pub const fn is_even(&self) -> bool {
        self.axis.step().is_some()
    }

    /// The point at an index.
    #[must_use]
    pub fn to_patient(&self, at: Voxel) -> PatientMm {
        let w = self.axis.mm(at.0.z);
        PatientMm(
            self.origin
                + self.row * (at.0.x * self.spacing[0] + w * self.lean[0])
                + self.column * (at.0.y * self.spacing[1] + w * self.lean[1])
                + self.normal() * w,
        )
    }

    /// The index at a point, also outside.
    #[must_use]
    pub fn to_voxel(&self, at: PatientMm) -> Voxel {
        let grid = self.to_grid(at);
        Voxel(DVec3::new(grid.0.x, grid.0.y, self.slice_of(grid.0.z)))
    }

    /// A voxel owns half an index to each side (T34).
    #[must_use]
    pub fn holds(&self, at: Voxel) -> bool {
        at.0.to_array()
            .iter()
            .zip(self.size)
            .all(|(x, n)| *x >= -0.5 && *x <= f64::from(n) - 0.5)
    }

    /// Middle of the volume.
    #[must_use]
    pub fn centre(&self) -> PatientMm {
        let [_, _, last] = self.size.map(|n| f64::from(n.max(1) - 1));
        let half = self.size.map(|n| f64::from(n.max(1) - 1) / 2.0);
        let middle_mm = self.axis.mm(last) / 2.0;
        self.to_patient(Voxel(DVec3::new(
            half[0],
            half[1],
            self.axis.index(middle_mm),
        )))
    }

    /// mm³ of a voxel of slice `k`: |det| of the affine map; with uneven slices half the way to each neighbour.
    #[must_use]
    pub fn voxel_mm3(&self, slice: u32) -> f64 {
        let owned = self
            .axis
            .step()
            .unwrap_or_else(|| self.axis.owned_mm(slice as usize));
        self.spacing[0] * self.spacing[1] * owned
    }

    /// Corners of the first and of the last voxel and all between: the eight outermost points.
    #[must_use]
    pub fn corners(&self) -> [PatientMm; 8] {
        let end = self.size.map(|n| f64::from(n) - 0.5);
        std::array::from_fn(|c| {
            let pick = |bit: usize, end: f64| if c >> bit & 1 == 1 { end } else { -0.5 };
            self.to_patient(Voxel(DVec3::new(
                pick(0, end[0]),
                pick(1, end[1]),
                pick(2, end[2]),
            )))
        })
    }

    /// Distance between voxels along a direction (T34): Σ |n_k| · spacing_k / Σ |n_k|, at least the smallest spacing.
    #[must_use]
    pub fn step_along_mm(&self, direction: DVec3) -> f64 {
        let along = [self.row, self.column, self.normal()].map(|a| a.dot(direction).abs());
        let sum: f64 = along.iter().sum();
        let weighted: f64 = along
            .iter()
            .zip(self.spacing_mm())
            .map(|(n, s)| n * s)
            .sum();
        let step = if sum > 0.0 { weighted / sum } else { 0.0 };
        step.max(self.smallest_spacing_mm())
    }

    pub(crate) const fn axis(&self) -> &SliceAxis {
        &self.axis
    }

    pub(crate) fn to_grid(&self, at: PatientMm) -> Grid {
        Grid(self.to_index * (at.0 - self.origin))
    }

    pub(crate) fn grid_direction(&self, mm: DVec3) -> DVec3 {
        self.to_index * mm
    }

    /// Slice index of the third grid coordinate.
    pub(crate) fn slice_of(&self, z: f64) -> f64 {
        if self.axis.step().is_some() {
            z
        } else {
            self.axis.index(z)
        }
    }

    /// Third grid coordinate of a slice index.
    pub(crate) fn grid_of_slice(&self, k: f64) -> f64 {
        if self.axis.step().is_some() {
            k
        } else {
            self.axis.mm(k)
        }
    }
}
