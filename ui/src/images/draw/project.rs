//! Drawings on planes they were not made on: on a cut through the volume within half a slice, and as an outline on other sets of the same
//! Frame of Reference (T49).

use glam::DVec2;
use triptych_workbench::annotate::{AnchorPlane, Annotation};

use super::ground::Ground;

/// A drawing as it lies on another plane.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Projected<'a> {
    pub drawing: &'a Annotation,
    /// In corner coordinates of that plane.
    pub points: Vec<DVec2>,
}

/// The drawings whose every point lies within `half_slice_mm` of `plane`, projected along its normal. Only drawings of the same Frame of
/// Reference: without one nothing is known of where they are.
pub(crate) fn drawings_on<'a>(
    plane: &AnchorPlane,
    frame_of_reference: Option<&str>,
    half_slice_mm: f64,
    drawings: impl Iterator<Item = &'a Annotation>,
) -> Vec<Projected<'a>> {
    let Some(frame_of_reference) = frame_of_reference else {
        return Vec::new();
    };
    drawings
        .filter(|d| d.anchor.frame_of_reference.as_deref() == Some(frame_of_reference))
        .filter_map(|drawing| {
            let points = drawing
                .points_mm()?
                .into_iter()
                .map(|mm| {
                    let (at, off) = plane.from_patient(mm)?;
                    (off.abs() <= half_slice_mm + 0.01).then_some(at.0)
                })
                .collect::<Option<Vec<_>>>()?;
            Some(Projected { drawing, points })
        })
        .collect()
}

/// The drawings of other sets that lie on this frame.
pub(super) fn of_other_sets<'a>(
    ground: &Ground<'_>,
    drawings: impl Iterator<Item = &'a Annotation>,
) -> Vec<Projected<'a>> {
    let Some(plane) = &ground.anchor.plane else {
        return Vec::new();
    };
    // The set's own drawings stay on their frames.
    let others =
        drawings.filter(|d| d.anchor.image.is_none() || d.anchor.series != ground.anchor.series);
    drawings_on(
        plane,
        ground.anchor.frame_of_reference.as_deref(),
        ground.half_slice_mm,
        others,
    )
}
