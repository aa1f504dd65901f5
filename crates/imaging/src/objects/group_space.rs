//! Drawings of other programs that lie in the patient (SCOORD3D, PS3.3 C.18.9): put on an image whose plane holds all their points.

use glam::{DVec2, DVec3};
use serde::{Deserialize, Serialize};
use triptych_clinical::SopInstanceUid;

use super::outline;
use crate::{
    annotate::{Anchor, Annotation},
    geometry::PatientMm,
};

/// A drawing in the patient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpaceDrawing {
    /// Who drew it, what it is called, what it states. Shape, points and anchor are not those of any image yet.
    pub drawing: Annotation,
    /// Graphic Type (0070,0023).
    pub kind: String,
    /// LPS mm in `drawing.anchor.frame_of_reference`.
    pub points: Vec<[f64; 3]>,
    /// Images that the report says it was drawn on; empty when it names none.
    pub images: Vec<SopInstanceUid>,
    /// What the report says of it, as it says it.
    pub said: Vec<String>,
}

impl SpaceDrawing {
    /// How far the point farthest from the plane of `anchor` is off it, mm. `None` for a plane that is none.
    #[must_use]
    pub fn off(&self, anchor: &Anchor) -> Option<f64> {
        let plane = anchor.plane?;
        let mut most: f64 = 0.0;
        for point in &self.points {
            let (_, off) = plane.from_patient(PatientMm(DVec3::from_array(*point)))?;
            most = most.max(off.abs());
        }
        Some(most)
    }

    /// The drawing on an image: its points along the normal of the image's plane.
    ///
    /// # Errors
    /// Why it is none there, in words.
    pub fn on(&self, anchor: Anchor) -> Result<Annotation, String> {
        let plane = anchor.plane.ok_or("the image has no place")?;
        let points: Option<Vec<[f64; 2]>> = self
            .points
            .iter()
            .map(|p| {
                let (corner, _) = plane.from_patient(PatientMm(DVec3::from_array(*p)))?;
                Some(DVec2::to_array(&corner.0))
            })
            .collect();
        let points = points.ok_or("the image's plane is none")?;
        // A polygon of space is closed by its kind.
        let (kind, region) = match self.kind.as_str() {
            "POLYGON" => ("POLYLINE", true),
            kind => (kind, false),
        };
        let (shape, points) = outline::guess(&[(kind, points)], false, false, region)
            .ok_or_else(|| format!("{} in space is not drawn", self.kind))?;
        Ok(Annotation {
            shape,
            points,
            anchor,
            ..self.drawing.clone()
        })
    }
}
