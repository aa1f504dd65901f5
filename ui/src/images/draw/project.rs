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
    // The set's own drawings stay on their frames; on a plane through the set they lie like those of others.
    let is_cut = ground.anchor.image.is_none();
    let others = drawings.filter(|d| {
        let elsewhere = d.anchor.image.is_none() || d.anchor.series != ground.anchor.series;
        (is_cut || elsewhere) && !ground.holds(d)
    });
    drawings_on(
        plane,
        ground.anchor.frame_of_reference.as_deref(),
        ground.half_slice_mm,
        others,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use triptych_workbench::annotate::{Anchor, Shape};
    use triptych_workbench::{SeriesUid, StudyUid};

    use super::super::draft::annotation;
    use super::*;

    fn axial(z: f64) -> AnchorPlane {
        AnchorPlane {
            position: [0.0, 0.0, z],
            orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            spacing: [0.5, 0.5],
        }
    }

    fn line(frame_of_reference: Option<&str>) -> Annotation {
        let anchor = Anchor {
            study: StudyUid::new("1.2").unwrap(),
            series: SeriesUid::new("1.3").unwrap(),
            frame_of_reference: frame_of_reference.map(str::to_owned),
            plane: Some(axial(10.0)),
            image: None,
        };
        let points = [DVec2::new(10.5, 20.5), DVec2::new(30.5, 20.5)];
        annotation(Shape::Length, &points, &anchor)
    }

    /// T49: on planes within half a slice, in the coordinates of that plane.
    #[test]
    fn t49_a_drawing_lies_on_planes_within_half_a_slice() {
        let (drawn, nowhere) = (line(Some("1.9")), line(None));
        let on = |plane: &AnchorPlane| {
            let found = drawings_on(plane, Some("1.9"), 1.5, [&drawn, &nowhere].into_iter());
            found.first().map(|p| p.points.clone())
        };
        assert_eq!(
            on(&axial(11.4)).unwrap(),
            [DVec2::new(10.5, 20.5), DVec2::new(30.5, 20.5)]
        );
        assert!(on(&axial(11.6)).is_none());
        // Pixels twice as large, from another corner.
        let mut coarse = axial(9.0);
        coarse.spacing = [1.0, 1.0];
        coarse.position = [5.0, 10.0, 9.0];
        assert_eq!(
            on(&coarse).unwrap(),
            [DVec2::new(0.5, 0.5), DVec2::new(10.5, 0.5)]
        );
        // A coronal cut through it: the whole line lies in it.
        let mut coronal = axial(0.0);
        coronal.orientation = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0];
        coronal.position = [0.0, 10.0, 20.0];
        assert_eq!(
            on(&coronal).unwrap(),
            [DVec2::new(10.5, 20.5), DVec2::new(30.5, 20.5)]
        );
        // A sagittal cut holds one point of it only.
        let mut sagittal = axial(0.0);
        sagittal.orientation = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];
        sagittal.position = [5.0, 0.0, 20.0];
        assert!(on(&sagittal).is_none());
        assert!(drawings_on(&axial(10.0), None, 9.0, [&drawn].into_iter()).is_empty());
    }
}
