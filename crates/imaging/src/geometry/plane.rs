//! One image in the patient (T20, T21).

use super::view::ImageCorner;
use crate::display::PlaneAttributes;
use glam::{DVec2, DVec3};

/// Position in the patient, LPS: +x to the patient's left, +y to the back, +z to the head. Millimetres (PS3.3 C.7.6.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PatientMm(pub DVec3);

/// Continuous (column, row) whose whole numbers are pixel **centres**: half a pixel less than [`ImageCorner`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImageIndex(pub DVec2);

/// Position and directions of one image, made orthonormal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    position: DVec3,
    row: DVec3,
    column: DVec3,
}

/// Why position and orientation do not make a plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaneError {
    /// NaN or infinite.
    #[error("image position or orientation is not finite")]
    NotFinite,
    /// Cosines are no unit vectors at right angles, beyond rounding.
    #[error("orientation invalid")]
    Orientation,
}

impl From<ImageCorner> for ImageIndex {
    fn from(corner: ImageCorner) -> Self {
        Self(corner.0 - 0.5)
    }
}

impl From<ImageIndex> for ImageCorner {
    fn from(index: ImageIndex) -> Self {
        Self(index.0 + 0.5)
    }
}

impl Plane {
    /// How far cosines may be from unit length and from a right angle.
    const ROUNDING: f64 = 1e-4;

    /// From Image Position (Patient), mm, and Image Orientation (Patient), row then column cosines.
    ///
    /// # Errors
    /// [`PlaneError`]: show the image as 2-D and say so.
    pub fn new(position: [f64; 3], orientation: [f64; 6]) -> Result<Self, PlaneError> {
        if !position.iter().chain(&orientation).all(|v| v.is_finite()) {
            return Err(PlaneError::NotFinite);
        }
        let [rx, ry, rz, cx, cy, cz] = orientation;
        let (row, column) = (DVec3::new(rx, ry, rz), DVec3::new(cx, cy, cz));
        let off = |length: f64| (length - 1.0).abs() >= Self::ROUNDING;
        if off(row.length()) || off(column.length()) || row.dot(column).abs() >= Self::ROUNDING {
            return Err(PlaneError::Orientation);
        }
        let row = row.normalize();
        let column = (column - row * row.dot(column)).normalize();
        Ok(Self {
            position: DVec3::from_array(position),
            row,
            column,
        })
    }

    /// From the attributes of a frame.
    ///
    /// # Errors
    /// As [`Plane::new`].
    pub fn of(attributes: &PlaneAttributes) -> Result<Self, PlaneError> {
        Self::new(attributes.position, attributes.orientation)
    }

    /// Centre of the first pixel.
    #[must_use]
    pub const fn position(&self) -> PatientMm {
        PatientMm(self.position)
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

    /// Unit normal: row × column.
    #[must_use]
    pub fn normal(&self) -> DVec3 {
        self.row.cross(self.column)
    }

    /// Pixel Spacing is (between rows, between columns): the column index goes with the second.
    #[must_use]
    pub fn to_patient(&self, at: ImageIndex, pixel_spacing_mm: [f64; 2]) -> PatientMm {
        let [between_rows, between_columns] = pixel_spacing_mm;
        PatientMm(
            self.position
                + self.row * (between_columns * at.0.x)
                + self.column * (between_rows * at.0.y),
        )
    }

    /// The same plane elsewhere.
    #[must_use]
    pub fn moved(&self, by_mm: DVec3) -> Self {
        Self {
            position: self.position + by_mm,
            ..*self
        }
    }

    /// Whether two planes lie the same way, each cosine within 1e-3 (T26).
    #[must_use]
    pub fn is_parallel_to(&self, other: &Self) -> bool {
        let near = |a: DVec3, b: DVec3| (a - b).abs().max_element() <= 1e-3;
        near(self.row, other.row) && near(self.column, other.column)
    }
}
