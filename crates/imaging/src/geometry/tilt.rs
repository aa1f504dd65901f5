//! Gantry tilt and other shear, from positions (T25).

use glam::DVec3;
use serde::{Deserialize, Serialize};

use super::plane::Plane;

/// How the slices of a stack are shifted against each other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shear {
    /// Mean step from slice to slice along the normal, mm.
    pub perpendicular_mm: f64,
    /// In-plane part of the mean step along the rows, mm.
    pub along_row_mm: f64,
    /// In-plane part of the mean step along the columns, mm.
    pub along_column_mm: f64,
}

impl Shear {
    /// From the first and the last of `positions` distinct places; `None` for fewer than two, or when they do not advance.
    #[must_use]
    pub fn new(first: &Plane, last: &Plane, positions: usize) -> Option<Self> {
        let steps = positions.checked_sub(1).filter(|n| *n > 0)?;
        let step: DVec3 = (last.position().0 - first.position().0) / steps as f64;
        let perpendicular_mm = step.dot(first.normal());
        (perpendicular_mm.abs() > 1e-6).then(|| Self {
            perpendicular_mm,
            along_row_mm: step.dot(first.row()),
            along_column_mm: step.dot(first.column()),
        })
    }

    /// Shift per millimetre along the normal: along the rows, along the columns. The offset of a slice is this times its key.
    #[must_use]
    pub fn ratios(&self) -> [f64; 2] {
        [
            self.along_row_mm / self.perpendicular_mm,
            self.along_column_mm / self.perpendicular_mm,
        ]
    }

    /// Angle between the line through the slices and their normal, degrees, unsigned.
    #[must_use]
    pub fn degrees(&self) -> f64 {
        let [row, column] = self.ratios();
        row.hypot(column).atan().to_degrees()
    }

    /// Enough to matter: the volume's third axis has to lean with the slices.
    #[must_use]
    pub fn is_sheared(&self) -> bool {
        let in_plane = self.along_row_mm.hypot(self.along_column_mm);
        in_plane > 0.01 * self.perpendicular_mm.abs() && in_plane > 0.05
    }
}
