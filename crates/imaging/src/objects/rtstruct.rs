//! Structure sets (RTSTRUCT, imaging.md E5): contours of regions in the patient.

use dicom_dictionary_std::tags;
use glam::DVec3;
use serde::{Deserialize, Serialize};

use super::{ReadError, attribute};
use crate::{dataset::DataSet, file::DicomFile};

/// SOP Class UID of RT Structure Set Storage.
pub const STRUCTURE_SET: &str = "1.2.840.10008.5.1.4.1.1.481.3";

/// A structure set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StructureSet {
    /// Structure Set Label (3006,0002).
    pub label: String,
    /// In the order of the file; also those without contours.
    pub rois: Vec<Roi>,
    /// What was odd and left out.
    pub problems: Vec<String>,
}

/// One region of interest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Roi {
    /// ROI Number (3006,0022).
    pub number: i64,
    /// ROI Name (3006,0026).
    pub name: String,
    /// Referenced Frame of Reference UID (3006,0024).
    pub frame_of_reference: Option<String>,
    /// ROI Display Color (3006,002A); grey when there is none.
    pub colour: [u8; 3],
    /// ROI Generation Algorithm (3006,0036): AUTOMATIC, SEMIAUTOMATIC or MANUAL.
    pub algorithm: String,
    /// Empty: to be listed grey.
    pub contours: Vec<Contour>,
}

/// One item of Contour Sequence (3006,0040).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contour {
    /// Contour Geometric Type (3006,0042).
    pub kind: ContourKind,
    /// LPS, mm.
    pub points: Vec<[f64; 3]>,
    /// SOP Instance UID and frame, from 0, of the images it was drawn on.
    pub images: Vec<(String, u32)>,
}

/// Contour Geometric Type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContourKind {
    /// A cross.
    Point,
    /// An open line in a plane.
    OpenPlanar,
    /// An open line in space.
    OpenNonplanar,
    /// CLOSED_PLANAR and CLOSEDPLANAR_XOR: closed; where several lie in one plane, what is in an even number of them is outside.
    ClosedPlanar,
}

/// Volume of a region.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ContourVolume {
    /// Sum of areas by the distance between planes, mm³ (T44); `None` with fewer than two planes.
    pub mm3: Option<f64>,
    /// Planes are farther apart than 1.5 times their spacing somewhere: what lies between is not counted.
    pub has_gap: bool,
}

impl ContourVolume {
    /// How it was worked out, to be shown with it.
    pub const METHOD: &'static str = "contour areas × spacing";
}

impl StructureSet {
    /// Reads a structure set.
    ///
    /// # Errors
    /// [`ReadError`] when it is another object or has no regions.
    pub fn read(file: &DicomFile) -> Result<Self, ReadError> {
        let data = file.data();
        let class = data
            .first_text(tags::SOP_CLASS_UID)
            .or_else(|| file.meta().sop_class.clone())
            .unwrap_or_default();
        if class != STRUCTURE_SET {
            return Err(ReadError::OtherClass(class));
        }
        let mut problems = Vec::new();
        let mut rois = Vec::new();
        for item in data.items(tags::STRUCTURE_SET_ROI_SEQUENCE) {
            let Some(number) = item.int(tags::ROI_NUMBER) else {
                problems.push(ReadError::missing(tags::ROI_NUMBER).to_string());
                continue;
            };
            rois.push(Roi {
                number,
                name: item.text(tags::ROI_NAME).unwrap_or_default(),
                frame_of_reference: item.first_text(tags::REFERENCED_FRAME_OF_REFERENCE_UID),
                colour: [160; 3],
                algorithm: item
                    .first_text(tags::ROI_GENERATION_ALGORITHM)
                    .unwrap_or_default(),
                contours: Vec::new(),
            });
        }
        if rois.is_empty() {
            return Err(ReadError::missing(tags::STRUCTURE_SET_ROI_SEQUENCE));
        }
        for item in data.items(tags::ROI_CONTOUR_SEQUENCE) {
            let number = item.int(tags::REFERENCED_ROI_NUMBER);
            let Some(roi) = rois.iter_mut().find(|r| Some(r.number) == number) else {
                problems.push(format!("contours of region {number:?}, which is not there"));
                continue;
            };
            let colour: Option<[f64; 3]> = item.number_array(tags::ROI_DISPLAY_COLOR);
            if let Some(colour) = colour {
                roi.colour = colour.map(|v| v.clamp(0.0, 255.0) as u8);
            }
            for (k, contour) in item.items(tags::CONTOUR_SEQUENCE).enumerate() {
                match read_contour(&contour) {
                    Ok(contour) => roi.contours.push(contour),
                    Err(e) => problems.push(format!("contour {} of {}: {e}", k + 1, roi.number)),
                }
            }
        }
        Ok(Self {
            label: data.text(tags::STRUCTURE_SET_LABEL).unwrap_or_default(),
            rois,
            problems,
        })
    }
}

fn read_contour(item: &DataSet<'_>) -> Result<Contour, ReadError> {
    let tag = tags::CONTOUR_GEOMETRIC_TYPE;
    let kind = match item.first_text(tag).as_deref() {
        Some("POINT") => ContourKind::Point,
        Some("OPEN_PLANAR") => ContourKind::OpenPlanar,
        Some("OPEN_NONPLANAR") => ContourKind::OpenNonplanar,
        Some("CLOSED_PLANAR" | "CLOSEDPLANAR_XOR") => ContourKind::ClosedPlanar,
        None => return Err(ReadError::missing(tag)),
        Some(other) => return Err(ReadError::wrong(tag, format!("{other:?} is unknown"))),
    };
    let numbers = item.numbers(tags::CONTOUR_DATA);
    let (points, rest) = numbers.as_chunks::<3>();
    let finite = numbers.iter().all(|v| v.is_finite());
    let least = match kind {
        ContourKind::Point => 1,
        ContourKind::ClosedPlanar => 3,
        ContourKind::OpenPlanar | ContourKind::OpenNonplanar => 2,
    };
    if !finite || !rest.is_empty() || points.len() < least {
        return Err(ReadError::Attribute {
            attribute: attribute(tags::CONTOUR_DATA),
            why: format!("{} numbers are no such contour", numbers.len()),
        });
    }
    let images = item.items(tags::CONTOUR_IMAGE_SEQUENCE).filter_map(|i| {
        let frame = i.int(tags::REFERENCED_FRAME_NUMBER).unwrap_or(1);
        let frame = u32::try_from(frame.checked_sub(1)?).ok()?;
        Some((i.first_text(tags::REFERENCED_SOP_INSTANCE_UID)?, frame))
    });
    Ok(Contour {
        kind,
        points: points.to_vec(),
        images: images.collect(),
    })
}

impl Contour {
    /// Its points.
    pub(super) fn vectors(&self) -> impl Iterator<Item = DVec3> + Clone + '_ {
        self.points.iter().map(|p| DVec3::from_array(*p))
    }
}
