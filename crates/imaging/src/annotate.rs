//! What a reader draws on images: the drawing, the plane it lies in, who drew it, and the values as they were stated.
//!
//! Written as DICOM SR it is one Measurement Group (TID 1501 or 1410, PS3.16).

use glam::{DVec2, DVec3};
use serde::{Deserialize, Serialize};
use triptych_clinical::{Coding, SeriesUid, SopInstanceUid, StudyUid};

use crate::display::SpacingProvenance;
use crate::geometry::{ImageCorner, ImageIndex, PatientMm, Plane};

/// What was drawn. Says what the points of an [`Annotation`] mean; all in corner coordinates of its plane (T21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Shape {
    /// Two ends.
    Length,
    /// Two points or more, open.
    Path,
    /// As a path, drawn in one stroke.
    Curve,
    /// End, vertex, end.
    Angle,
    /// Ends of one line, ends of the other.
    Cobb,
    /// Ends of the long axis, ends of the short axis.
    Bidirectional,
    /// Upper left and lower right corner, sides along rows and columns.
    Rectangle,
    /// Ends of the major axis, ends of the minor axis.
    Ellipse,
    /// Centre, a point of the rim.
    Circle,
    /// Three vertices or more, closed by a straight line.
    Polygon,
    /// As a polygon, drawn in one stroke.
    Freehand,
    /// Three points or more of a closed curve, [`crate::measure::closed_curve`].
    Spline,
    /// As a polygon, along edges that were found between clicks.
    Livewire,
    /// As a polygon: the border of what was grown from a click, on one of the slices that it lies in. Drawings of one lesion belong together;
    /// one of them states what was measured of all, and in its text how it was grown ([`crate::volume::Grown`]).
    Nodule,
    /// Tip, tail. A text may stand at the tail.
    Arrow,
    /// Where the text stands.
    Text,
    /// The point whose value is shown.
    Probe,
    /// Two ends of a line of known length (T40u).
    Calibration,
}

/// The plane a drawing lies in: that of one frame, or one that was cut through a volume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anchor {
    /// Study Instance UID of the images.
    pub study: StudyUid,
    /// Series Instance UID of the images.
    pub series: SeriesUid,
    /// Frame of Reference UID, where the images have one.
    pub frame_of_reference: Option<String>,
    /// In the patient, where the images say so.
    pub plane: Option<AnchorPlane>,
    /// The frame drawn on; `None` for a plane through a volume.
    pub image: Option<AnchorImage>,
}

/// Place and size of the plane's pixels in the patient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnchorPlane {
    /// Centre of the first pixel, mm LPS.
    pub position: [f64; 3],
    /// Row cosines, column cosines.
    pub orientation: [f64; 6],
    /// Between rows, between columns, mm.
    pub spacing: [f64; 2],
}

/// One frame of one instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnchorImage {
    /// SOP Class UID.
    pub sop_class: String,
    /// SOP Instance UID.
    pub instance: SopInstanceUid,
    /// From 0.
    pub frame: u32,
    /// Columns, rows.
    pub size: [u32; 2],
}

/// A value as it was stated when the drawing was last changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stated {
    /// What was measured.
    pub quantity: Quantity,
    /// In `unit`.
    pub value: f64,
    /// UCUM, case-sensitive: `mm`, `mm2`, `deg`, `[hnsf'U]`, `g/ml{SUVbw}`, `{pixels}`, `1`.
    pub unit: String,
    /// Where its millimetres come from; `None` for a value that has none.
    pub provenance: Option<SpacingProvenance>,
}

/// What a stated value is of (imaging.md E1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Quantity {
    /// Of a line or path.
    Length,
    /// Of a bidirectional measurement.
    LongAxis,
    /// Of a bidirectional measurement.
    ShortAxis,
    /// Between two lines that meet.
    Angle,
    /// Between two lines of the spine.
    CobbAngle,
    /// Of a closed shape.
    Area,
    /// Of the outline of a closed shape.
    Perimeter,
    /// Of a segmented lesion.
    Volume,
    /// Of the modality values inside.
    Mean,
    /// With n − 1.
    StandardDeviation,
    /// Of the modality values inside.
    Minimum,
    /// Of the modality values inside.
    Maximum,
    /// Of the modality values inside.
    Median,
    /// Pixels inside.
    Count,
    /// One modality value.
    Value,
    /// Of the modality values inside, added up.
    Sum,
    /// Greatest mean of a sphere of 1 ml whose centre is inside (T45).
    Peak,
    /// Between two points of a trace, s.
    Duration,
    /// Between two points of an M-mode picture, along the beam.
    Depth,
    /// At a point of a spectrum, or between two.
    Velocity,
    /// At a point of a spectrum in hertz, or between two.
    Frequency,
    /// 60 over the time between two points, 1/min.
    HeartRate,
    /// Slope of a line in a spectrum of velocities.
    Acceleration,
}

/// One drawing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// Tracking Unique Identifier: names the drawing for good.
    pub uid: String,
    /// The same in every drawing of one lesion on different dates; its own `uid` until a reader links it.
    pub lesion: String,
    /// Tracking Identifier: what a reader calls it.
    pub label: String,
    /// What the points mean.
    pub shape: Shape,
    /// In corner coordinates of the anchor's plane, columns then rows.
    pub points: Vec<[f64; 2]>,
    /// Where.
    pub anchor: Anchor,
    /// Of an arrow or a text; a comment on any other.
    pub text: String,
    /// For [`Shape::Calibration`]: how long the line is, mm.
    pub known_mm: Option<f64>,
    /// Finding, such as SNOMED CT 52988006 "Lesion".
    pub finding: Option<Coding>,
    /// Finding site.
    pub site: Option<Coding>,
    /// As last stated.
    pub values: Vec<Stated>,
    /// Who drew it.
    pub author: String,
    /// When it was first drawn, RFC 3339 UTC.
    pub created: String,
    /// When it was last changed, RFC 3339 UTC.
    pub edited: String,
    /// Name and version of the program.
    pub software: String,
    /// Final: it cannot be changed any more.
    pub locked: bool,
}

impl Shape {
    /// Fewest points that make one.
    #[must_use]
    pub const fn least_points(self) -> usize {
        match self {
            Self::Text | Self::Probe => 1,
            Self::Length | Self::Path | Self::Curve | Self::Arrow | Self::Calibration => 2,
            Self::Rectangle | Self::Circle => 2,
            Self::Angle | Self::Polygon | Self::Freehand => 3,
            Self::Spline | Self::Livewire | Self::Nodule => 3,
            Self::Cobb | Self::Bidirectional | Self::Ellipse => 4,
        }
    }

    /// Most points that make one; `None` for as many as are drawn.
    #[must_use]
    pub const fn most_points(self) -> Option<usize> {
        match self {
            Self::Path | Self::Curve | Self::Polygon | Self::Freehand => None,
            Self::Spline | Self::Livewire | Self::Nodule => None,
            other => Some(other.least_points()),
        }
    }

    /// Whether it encloses pixels.
    #[must_use]
    pub const fn is_region(self) -> bool {
        matches!(
            self,
            Self::Rectangle
                | Self::Ellipse
                | Self::Circle
                | Self::Polygon
                | Self::Freehand
                | Self::Spline
                | Self::Livewire
                | Self::Nodule
        )
    }
}

impl AnchorPlane {
    /// Its geometry; `None` when the cosines are no plane.
    #[must_use]
    pub fn plane(&self) -> Option<Plane> {
        Plane::new(self.position, self.orientation).ok()
    }

    /// Where a point of the plane lies in the patient.
    #[must_use]
    pub fn to_patient(&self, at: ImageCorner) -> Option<PatientMm> {
        let index = ImageIndex::from(at);
        self.plane().map(|p| p.to_patient(index, self.spacing))
    }

    /// The point of the plane below a position in the patient, and how far it is off the plane along the normal, mm.
    #[must_use]
    pub fn from_patient(&self, at: PatientMm) -> Option<(ImageCorner, f64)> {
        let plane = self.plane()?;
        let [between_rows, between_columns] = self.spacing;
        let off: DVec3 = at.0 - plane.position().0;
        let index = DVec2::new(
            off.dot(plane.row()) / between_columns,
            off.dot(plane.column()) / between_rows,
        );
        Some((ImageIndex(index).into(), off.dot(plane.normal())))
    }
}

impl Annotation {
    /// Its points in the patient; `None` on images without geometry.
    #[must_use]
    pub fn points_mm(&self) -> Option<Vec<PatientMm>> {
        let plane = self.anchor.plane?;
        self.corners().map(|p| plane.to_patient(p)).collect()
    }

    /// Its points as typed coordinates.
    pub fn corners(&self) -> impl Iterator<Item = ImageCorner> + '_ {
        self.points
            .iter()
            .map(|p| ImageCorner(DVec2::from_array(*p)))
    }

    /// Whether it lies on this frame.
    #[must_use]
    pub fn is_on(&self, instance: &SopInstanceUid, frame: u32) -> bool {
        let on = self.anchor.image.as_ref();
        on.is_some_and(|image| image.instance == *instance && image.frame == frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_of_a_plane_comes_back_from_the_patient() {
        let plane = AnchorPlane {
            position: [-120.0, -80.0, 42.5],
            orientation: [1.0, 0.0, 0.0, 0.0, 0.8, -0.6],
            spacing: [0.5, 0.25],
        };
        let at = ImageCorner(DVec2::new(10.25, 99.5));
        let mm = plane.to_patient(at).unwrap();
        let (back, off) = plane.from_patient(mm).unwrap();
        assert!((back.0 - at.0).length() < 1e-9 && off.abs() < 1e-9);
        // The first pixel's centre is half a pixel from its corner.
        let first = plane.to_patient(ImageCorner(DVec2::splat(0.5))).unwrap();
        assert!((first.0 - DVec3::from_array(plane.position)).length() < 1e-12);
    }
}
