//! The images of a file as slice order needs them: per frame, with what may tell volumes apart.

use std::collections::BTreeMap;

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::{Plane, Slice, SplitAttribute};
use crate::file::DicomFile;

const ROOT_VALUES: [(SplitAttribute, Tag); 10] = [
    (
        SplitAttribute::TemporalPositionIdentifier,
        tags::TEMPORAL_POSITION_IDENTIFIER,
    ),
    (SplitAttribute::AcquisitionNumber, tags::ACQUISITION_NUMBER),
    (SplitAttribute::TriggerTime, tags::TRIGGER_TIME),
    (SplitAttribute::EchoNumbers, tags::ECHO_NUMBERS),
    (SplitAttribute::EchoTime, tags::ECHO_TIME),
    (SplitAttribute::DiffusionBValue, tags::DIFFUSION_B_VALUE),
    (
        SplitAttribute::DiffusionGradientOrientation,
        tags::DIFFUSION_GRADIENT_ORIENTATION,
    ),
    (SplitAttribute::ImageType, tags::IMAGE_TYPE),
    (SplitAttribute::AcquisitionTime, tags::ACQUISITION_TIME),
    (
        SplitAttribute::AcquisitionDateTime,
        tags::ACQUISITION_DATE_TIME,
    ),
];

impl DicomFile {
    /// What may tell volumes apart, the same for all frames of the file. Image Type counts with its values 3 and 4.
    pub(crate) fn volume_attributes(&self) -> BTreeMap<SplitAttribute, String> {
        let data = self.data();
        let mut values = BTreeMap::new();
        for (attribute, tag) in ROOT_VALUES {
            let mut parts = data.texts(tag);
            if parts.is_empty() {
                parts = data.numbers(tag).iter().map(f64::to_string).collect();
            }
            let text = if attribute == SplitAttribute::ImageType {
                let kind: Vec<String> = parts.into_iter().skip(2).take(2).collect();
                kind.join("\\")
            } else {
                parts.join("\\")
            };
            if !text.is_empty() {
                values.insert(attribute, text);
            }
        }
        values
    }

    /// One entry a frame (one for an object without frames of its own). Digests of pixels are left to the caller.
    #[must_use]
    pub fn slices(&self) -> Vec<Slice> {
        let data = self.data();
        let frames = self.frames().max(1);
        let sop_instance = data.first_text(tags::SOP_INSTANCE_UID).unwrap_or_default();
        let image_type = data.texts(tags::IMAGE_TYPE);
        let mut values = self.volume_attributes();
        if frames > 1 {
            values.insert(SplitAttribute::File, sop_instance.clone());
        }
        let localizer = image_type.iter().any(|v| v.trim() == "LOCALIZER");
        let complete = self.incomplete().is_none() && self.refusal().is_none();
        (0..frames)
            .map(|frame| {
                let of = self.frame_data(frame as usize);
                let plane = of
                    .position()
                    .zip(of.orientation())
                    .and_then(|(position, orientation)| Plane::new(position, orientation).ok());
                let thickness = of
                    .group_or_root(tags::PIXEL_MEASURES_SEQUENCE)
                    .number(tags::SLICE_THICKNESS);
                Slice {
                    sop_instance: sop_instance.clone(),
                    frame,
                    frames,
                    plane,
                    thickness_mm: thickness,
                    instance_number: if frames > 1 {
                        Some(i64::from(frame))
                    } else {
                        data.int(tags::INSTANCE_NUMBER)
                    },
                    values: values.clone(),
                    pixels: None,
                    complete,
                    localizer,
                }
            })
            .collect()
    }
}
