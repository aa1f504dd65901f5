//! From one frame of reference to another: the matrices of Spatial Registration objects (PS3.3 C.20.2, T27).

use dicom_dictionary_std::tags;
use glam::{DMat3, DMat4, DVec3, DVec4};

use super::plane::PatientMm;
use crate::file::DicomFile;

/// Takes positions of one frame of reference to another, valid by construction.
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    from: String,
    to: String,
    matrix: DMat4,
}

/// Why a matrix registers nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// One of the two frames of reference has no UID.
    #[error("registration without a frame of reference")]
    NoFrame,
    /// Not 16 finite numbers.
    #[error("registration matrix of {0} numbers, 16 are needed")]
    Count(usize),
    /// The last row is not 0, 0, 0, 1, a number is not finite, or the matrix flattens space.
    #[error("registration matrix from {from} is no transformation of space")]
    Matrix {
        /// The frame of reference that it is for.
        from: String,
    },
}

impl Registration {
    /// `row_major`: 4 × 4 as in Frame of Reference Transformation Matrix (3006,00C6), mm, for column vectors.
    ///
    /// # Errors
    /// [`RegistrationError`].
    pub fn new(from: &str, to: &str, row_major: &[f64]) -> Result<Self, RegistrationError> {
        if from.trim().is_empty() || to.trim().is_empty() {
            return Err(RegistrationError::NoFrame);
        }
        let values: &[f64; 16] = row_major
            .try_into()
            .map_err(|_| RegistrationError::Count(row_major.len()))?;
        let matrix = DMat4::from_cols_array(values).transpose();
        let last = matrix.row(3) - DVec4::W;
        let size = DMat3::from_mat4(matrix).determinant().abs();
        let usable = matrix.is_finite() && last.abs().max_element() < 1e-6 && size > 1e-9;
        if !usable {
            return Err(RegistrationError::Matrix {
                from: from.trim().to_owned(),
            });
        }
        Ok(Self {
            from: from.trim().to_owned(),
            to: to.trim().to_owned(),
            matrix,
        })
    }

    /// Frame of Reference UID that positions are given in.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Frame of Reference UID that they are taken to.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.to
    }

    /// The same the other way.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self {
            from: self.to.clone(),
            to: self.from.clone(),
            matrix: self.matrix.inverse(),
        }
    }

    /// The place of `point` in the other frame of reference.
    #[must_use]
    pub fn apply(&self, point: PatientMm) -> PatientMm {
        PatientMm(self.matrix.transform_point3(point.0))
    }

    pub(super) const fn matrix(&self) -> DMat4 {
        self.matrix
    }
}

impl DicomFile {
    /// The registrations of a Spatial Registration object, each into the object's own frame of reference, and what could not be used. The
    /// identity that such an object states for its own frame is left out.
    #[must_use]
    pub fn registrations(&self) -> (Vec<Registration>, Vec<RegistrationError>) {
        let data = self.data();
        let own = data
            .first_text(tags::FRAME_OF_REFERENCE_UID)
            .unwrap_or_default();
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        for item in data.items(tags::REGISTRATION_SEQUENCE) {
            let from = item
                .first_text(tags::FRAME_OF_REFERENCE_UID)
                .unwrap_or_default();
            if from == own && !own.is_empty() {
                continue;
            }
            // Several matrices are applied one after another (PS3.3 C.20.2.1.1).
            let mut whole = Ok(DMat4::IDENTITY);
            let mut count = 0;
            for matrices in item.items(tags::MATRIX_REGISTRATION_SEQUENCE) {
                for matrix in matrices.items(tags::MATRIX_SEQUENCE) {
                    let values = matrix.numbers(tags::FRAME_OF_REFERENCE_TRANSFORMATION_MATRIX);
                    let next = Registration::new(&from, &own, &values);
                    count += 1;
                    whole = whole.and_then(|so_far| Ok(next?.matrix * so_far));
                }
            }
            match whole {
                Ok(matrix) if count > 0 => found.push(Registration {
                    from,
                    to: own.clone(),
                    matrix,
                }),
                Ok(_) => problems.push(RegistrationError::Count(0)),
                Err(problem) => problems.push(problem),
            }
        }
        (found, problems)
    }
}

/// Length of each axis after `matrix`, and the axes as unit vectors.
pub(super) fn turned(matrix: &DMat4, direction: DVec3) -> (DVec3, f64) {
    let moved = matrix.transform_vector3(direction);
    let length = moved.length();
    (moved / length, length)
}
