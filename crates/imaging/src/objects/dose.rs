//! RT Dose grids: what they state, and where their frames lie (imaging.md E5.6). Their values are doses by Dose Grid Scaling, which the display
//! attributes already apply.

use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};

use super::{ReadError, attribute};
use crate::{annotate::AnchorPlane, file::DicomFile};

/// SOP Class UID of RT Dose Storage.
pub const RT_DOSE: &str = "1.2.840.10008.5.1.4.1.1.481.2";

/// A dose grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dose {
    /// Dose Units (3004,0002): `GY`, or `RELATIVE`.
    pub units: String,
    /// Dose Type (3004,0004), such as PHYSICAL.
    pub kind: String,
    /// Dose Summation Type (3004,000A), such as PLAN.
    pub summation: String,
    /// Dose Grid Scaling (3004,000E): dose of one stored value.
    pub scaling: f64,
    /// Frame of Reference UID.
    pub frame_of_reference: Option<String>,
    /// Where each frame lies.
    pub frames: Vec<AnchorPlane>,
}

impl Dose {
    /// Reads a grid.
    ///
    /// # Errors
    /// [`ReadError`] when it is another object, or when its frames have no place.
    pub fn read(file: &DicomFile) -> Result<Self, ReadError> {
        let data = file.data();
        let class = data.first_text(tags::SOP_CLASS_UID).unwrap_or_default();
        if class != RT_DOSE {
            return Err(ReadError::OtherClass(class));
        }
        let frame = file.frame_data(0);
        let missing = ReadError::missing;
        let first = AnchorPlane {
            position: frame
                .position()
                .ok_or_else(|| missing(tags::IMAGE_POSITION_PATIENT))?,
            orientation: frame
                .orientation()
                .ok_or_else(|| missing(tags::IMAGE_ORIENTATION_PATIENT))?,
            spacing: frame
                .pixel_spacing()
                .ok_or_else(|| missing(tags::PIXEL_SPACING))?,
        };
        let normal = first.plane().map(|p| p.normal());
        let normal = normal.ok_or_else(|| {
            ReadError::wrong(tags::IMAGE_ORIENTATION_PATIENT, "the cosines are no plane")
        })?;
        let offsets = data.numbers(tags::GRID_FRAME_OFFSET_VECTOR);
        let count = file.frames().max(1) as usize;
        let offsets = match offsets.len() {
            0 if count == 1 => vec![0.0],
            n if n == count && offsets.iter().all(|v| v.is_finite()) => offsets,
            n => {
                return Err(ReadError::Attribute {
                    attribute: attribute(tags::GRID_FRAME_OFFSET_VECTOR),
                    why: format!("{n} offsets for {count} frames"),
                });
            }
        };
        // The vector begins with 0, or with the z of the first frame (PS3.3 C.8.8.3.2).
        let start = offsets.first().copied().unwrap_or(0.0);
        let absolute = start != 0.0;
        let place = |offset: &f64| {
            let way = if absolute {
                (offset - start) * normal.z.signum()
            } else {
                *offset
            };
            let at = glam::DVec3::from_array(first.position) + normal * way;
            AnchorPlane {
                position: at.to_array(),
                ..first
            }
        };
        if absolute && (normal.z.abs() - 1.0).abs() > 1e-3 {
            let why = "absolute offsets on a grid that is not axial";
            return Err(ReadError::wrong(tags::GRID_FRAME_OFFSET_VECTOR, why));
        }
        let text = |tag| data.first_text(tag).unwrap_or_default();
        Ok(Self {
            units: text(tags::DOSE_UNITS),
            kind: text(tags::DOSE_TYPE),
            summation: text(tags::DOSE_SUMMATION_TYPE),
            scaling: data
                .number(tags::DOSE_GRID_SCALING)
                .filter(|s| *s > 0.0)
                .ok_or_else(|| missing(tags::DOSE_GRID_SCALING))?,
            frame_of_reference: data.first_text(tags::FRAME_OF_REFERENCE_UID),
            frames: offsets.iter().map(place).collect(),
        })
    }

    /// What to call it: `RT Dose PLAN, PHYSICAL, GY`.
    #[must_use]
    pub fn name(&self) -> String {
        let parts = [&self.summation, &self.kind, &self.units];
        let parts = parts.into_iter().filter(|p| !p.is_empty());
        let parts: Vec<&str> = parts.map(String::as_str).collect();
        format!("RT Dose {}", parts.join(", "))
    }
}
