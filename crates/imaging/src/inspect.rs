//! What `triptych inspect` says about one file: what it is, the attributes that matter, a digest of every frame, and why it cannot be shown.

use dicom_core::{
    Tag,
    dictionary::{DataDictionary as _, DataDictionaryEntry as _, UidDictionary as _},
};
use dicom_dictionary_std::{StandardDataDictionary, StandardSopClassDictionary, tags};
use rayon::prelude::*;
use serde::Serialize;
use triptych_clinical::Problem;

use crate::{
    digest::FrameDigest,
    display::LossyAttributes,
    file::{DicomError, DicomFile},
};

/// Attributes that are shown when they are there, in this order.
const ATTRIBUTES: [Tag; 47] = [
    tags::SPECIFIC_CHARACTER_SET,
    tags::IMAGE_TYPE,
    tags::SOP_INSTANCE_UID,
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::ACCESSION_NUMBER,
    tags::MODALITY,
    tags::MANUFACTURER,
    tags::STUDY_DESCRIPTION,
    tags::SERIES_DESCRIPTION,
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::ISSUER_OF_PATIENT_ID,
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_SEX,
    tags::BODY_PART_EXAMINED,
    tags::SLICE_THICKNESS,
    tags::VIEW_POSITION,
    tags::IMAGER_PIXEL_SPACING,
    tags::STUDY_INSTANCE_UID,
    tags::SERIES_INSTANCE_UID,
    tags::SERIES_NUMBER,
    tags::INSTANCE_NUMBER,
    tags::IMAGE_POSITION_PATIENT,
    tags::IMAGE_ORIENTATION_PATIENT,
    tags::FRAME_OF_REFERENCE_UID,
    tags::SAMPLES_PER_PIXEL,
    tags::PHOTOMETRIC_INTERPRETATION,
    tags::PLANAR_CONFIGURATION,
    tags::NUMBER_OF_FRAMES,
    tags::ROWS,
    tags::COLUMNS,
    tags::PIXEL_SPACING,
    tags::PIXEL_ASPECT_RATIO,
    tags::BITS_ALLOCATED,
    tags::BITS_STORED,
    tags::HIGH_BIT,
    tags::PIXEL_REPRESENTATION,
    tags::PIXEL_PADDING_VALUE,
    tags::WINDOW_CENTER,
    tags::WINDOW_WIDTH,
    tags::RESCALE_INTERCEPT,
    tags::RESCALE_SLOPE,
    tags::RESCALE_TYPE,
    tags::LOSSY_IMAGE_COMPRESSION,
    tags::UNITS,
    tags::PRESENTATION_LUT_SHAPE,
];

/// How far a file can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Header and every frame.
    Shown,
    /// Header and pixels, but not all of them: see the reason.
    Incomplete,
    /// A header without pixels, as its class wants.
    NoPixels,
    /// The header alone: the pixels are refused.
    HeaderOnly,
    /// Refused as a whole; what could be read before is shown.
    Refused,
}

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// How far it can be used.
    pub state: State,
    /// Why not further.
    pub reason: Option<String>,
    /// Transfer Syntax UID.
    pub transfer_syntax: String,
    /// Its name, if it is known.
    pub transfer_syntax_name: Option<&'static str>,
    /// SOP Class UID.
    pub sop_class: String,
    /// Its name, if it is known.
    pub sop_class_name: Option<&'static str>,
    /// How frames were found in encapsulated data.
    pub frames_found_by: Option<&'static str>,
    /// `LOSSY …`, when something was lost.
    pub lossy: Option<String>,
    /// Attributes that matter, in the order of their tags.
    pub attributes: Vec<Attribute>,
    /// One entry a frame.
    pub frames: Vec<FrameReport>,
    /// What is odd, but was read.
    pub problems: Vec<Problem>,
}

/// One attribute as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// `(0028,0010)`
    pub tag: String,
    /// Its keyword in the dictionary.
    pub name: &'static str,
    /// Value, several separated by a backslash.
    pub value: String,
}

/// A frame: its digest, or why there is none.
#[derive(Clone, Debug, Serialize)]
pub struct FrameReport {
    /// Counted from 1.
    pub frame: u32,
    /// Digest of the stored values.
    #[serde(flatten)]
    pub digest: Option<FrameDigest>,
    /// Why the frame cannot be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Inspection {
    /// Inspects a whole file; decodes its frames, in parallel.
    ///
    /// # Errors
    /// [`DicomError`] when nothing of it can be read: it is no DICOM.
    pub fn of(bytes: &[u8]) -> Result<Self, DicomError> {
        let (file, error) = DicomFile::parse_partial(bytes)?;
        let data = file.data();
        let frames = if error.is_some() {
            Vec::new()
        } else {
            frames(&file, bytes)
        };
        let failed = frames.iter().find_map(|f| f.reason.clone());
        let (state, reason) = match (&error, file.refusal(), file.incomplete(), failed) {
            (Some(e), ..) => (State::Refused, Some(e.to_string())),
            (None, Some(e), ..) => (State::HeaderOnly, Some(e.to_string())),
            (None, None, _, Some(reason)) if frames.iter().all(|f| f.digest.is_none()) => {
                (State::HeaderOnly, Some(reason))
            }
            (None, None, Some(i), _) => (State::Incomplete, Some(format!("Pixel Data {i}"))),
            (None, None, None, Some(reason)) => (State::Incomplete, Some(reason)),
            _ if file.frames() == 0 => (State::NoPixels, None),
            _ => (State::Shown, None),
        };
        let sop_class = data
            .first_text(tags::SOP_CLASS_UID)
            .or_else(|| file.meta().sop_class.clone())
            .unwrap_or_default();
        let encapsulated = file.pixel_element().is_some_and(|p| p.is_encapsulated());
        let lossy: LossyAttributes = file.display_attributes(0).lossy;
        Ok(Self {
            state,
            reason,
            transfer_syntax: file.transfer_syntax().to_owned(),
            transfer_syntax_name: file.syntax().map(|s| s.name),
            sop_class_name: StandardSopClassDictionary
                .by_uid(&sop_class)
                .map(|e| e.name),
            sop_class,
            frames_found_by: (encapsulated && file.frames() > 0)
                .then(|| file.frames_found_by().name()),
            lossy: lossy.mark(),
            attributes: attributes(&file),
            frames,
            problems: file.problems().to_vec(),
        })
    }
}

fn frames(file: &DicomFile, bytes: &[u8]) -> Vec<FrameReport> {
    let Ok(shape) = file.frame_shape() else {
        return Vec::new();
    };
    (0..file.frames())
        .into_par_iter()
        .map(|k| {
            let decoded = file.decode_frame_vec(bytes, k as usize);
            FrameReport {
                frame: k.saturating_add(1),
                digest: decoded.as_ref().ok().map(|d| FrameDigest::of(shape, d)),
                reason: decoded.err().map(|e| e.to_string()),
            }
        })
        .collect()
}

fn attributes(file: &DicomFile) -> Vec<Attribute> {
    let data = file.data();
    let value = |tag| match tag {
        tags::SPECIFIC_CHARACTER_SET => {
            Some(file.character_set().to_owned()).filter(|c| !c.is_empty())
        }
        tag => data.text(tag),
    };
    ATTRIBUTES
        .into_iter()
        .filter_map(|tag| {
            Some(Attribute {
                tag: tag.to_string(),
                name: StandardDataDictionary.by_tag(tag)?.alias(),
                value: value(tag)?,
            })
        })
        .collect()
}
