//! The plane that a segment or contour is wanted for: an image, or a plane through a volume.

use crate::{annotate::AnchorPlane, geometry::Plane};

/// The plane that a mask is wanted for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target<'a> {
    /// Frame of Reference UID of the images.
    pub frame_of_reference: Option<&'a str>,
    /// Where its pixels are.
    pub place: AnchorPlane,
    /// Columns.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// It is a localizer: nothing is laid over it (T26).
    pub localizer: bool,
}

/// Why nothing can be laid over a plane.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OverlayError {
    /// T27: absent is never equal to absent.
    #[error("{object} is of another frame of reference than the images")]
    FrameOfReference {
        /// What was to be shown.
        object: &'static str,
    },
    /// T26.
    #[error("{object} is not shown on a localizer")]
    Localizer {
        /// What was to be shown.
        object: &'static str,
    },
    /// Cosines or spacing are no plane.
    #[error("the images have no place in the patient")]
    NoPlane,
}

/// Whether two images or objects share a frame of reference. Absent or empty is never equal, not even to absent (T27).
#[must_use]
pub fn same_frame_of_reference(a: Option<&str>, b: Option<&str>) -> bool {
    let named = |uid: Option<&str>| uid.map(str::trim).unwrap_or_default().to_owned();
    !named(a).is_empty() && named(a) == named(b)
}

impl Target<'_> {
    /// The plane, when `object` of that frame of reference may be laid over it. For an object that a registration joins, give the plane as it
    /// lies in the object's frame of reference, and that frame's UID.
    pub(super) fn check(
        &self,
        object: &'static str,
        frame_of_reference: Option<&str>,
    ) -> Result<Plane, OverlayError> {
        if !same_frame_of_reference(frame_of_reference, self.frame_of_reference) {
            return Err(OverlayError::FrameOfReference { object });
        }
        if self.localizer {
            return Err(OverlayError::Localizer { object });
        }
        if !self.place.spacing.iter().all(|s| *s > 0.0 && s.is_finite()) {
            return Err(OverlayError::NoPlane);
        }
        self.place.plane().ok_or(OverlayError::NoPlane)
    }
}
