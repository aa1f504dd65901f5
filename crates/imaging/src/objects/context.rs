//! What every object that we write needs beside its content: whose images it speaks of, who writes it, with what, when.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};
use triptych_clinical::{Instant, SeriesUid, SopInstanceUid, StudyUid};

use super::{
    ReadError,
    code::Code,
    elements::{Elements, TooLong},
};
use crate::file::DicomFile;

/// Implementation Class UID (0002,0012) of all files written here.
const IMPLEMENTATION: &str = "2.25.182301477963312540119274562987612210447";
/// Implementation Version Name (0002,0013), 16 characters at most.
const IMPLEMENTATION_VERSION: &str = "TRIPTYCH_1";
const EXPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";

/// Random numbers for new UIDs: each call gives 128 new bits.
pub type Uids<'a> = &'a mut dyn FnMut() -> u128;

/// A new UID: `2.25.` and a random UUID as a number (PS3.5 B.2).
#[must_use]
pub fn uid_of(random: u128) -> String {
    // RFC 9562, version 4, variant 1.
    let version = random & !(0xF << 76) | (0x4 << 76);
    let variant = version & !(0x3 << 62) | (0x2 << 62);
    format!("2.25.{variant}")
}

/// Attributes that a new object takes over from an image of its study, word by word; only their character set is UTF-8 now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHeader {
    patient_and_study: Elements,
    study: StudyUid,
    modality: String,
    body_part: String,
    /// Laterality (0020,0060) as the image has it: absent, empty, or a side.
    laterality: Option<String>,
    procedure: Option<Code>,
}

/// Who writes, with what and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectContext {
    /// From an image of the study that the object will belong to.
    pub source: SourceHeader,
    /// Series of this kind of object and this session.
    pub series: SeriesUid,
    /// Series Number (0020,0011).
    pub series_number: u32,
    /// Series Description (0008,103E).
    pub series_description: String,
    /// Instance Number (0020,0013).
    pub instance_number: u32,
    /// Who is responsible for the content, as a DICOM person name.
    pub observer: String,
    /// The program and the machine.
    pub device: Device,
    /// The time of writing.
    pub now: Instant,
    /// Local time east of UTC, minutes; used where the images state no offset of their own.
    pub offset_minutes: i16,
}

/// What writes the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Manufacturer (0008,0070).
    pub manufacturer: String,
    /// Manufacturer's Model Name (0008,1090).
    pub model: String,
    /// Device Serial Number (0018,1000): the installation.
    pub serial: String,
    /// Software Versions (0018,1020).
    pub software: String,
    /// UID of the installation.
    pub uid: String,
}

/// A written file and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// A whole Part 10 file, explicit VR little endian.
    pub bytes: Vec<u8>,
    /// SOP Class UID.
    pub sop_class: &'static str,
    /// SOP Instance UID.
    pub instance: SopInstanceUid,
    /// Series Instance UID.
    pub series: SeriesUid,
    /// Study Instance UID: that of the images.
    pub study: StudyUid,
    /// What the object cannot hold, so that it does not come back from it.
    pub not_written: Vec<NotWritten>,
}

/// A part of a drawing that an object cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotWritten {
    /// UID of the drawing.
    pub uid: String,
    /// What and why.
    pub reason: String,
}

/// Why nothing can be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Nothing to write.
    #[error("there is nothing to write: {0}")]
    Nothing(&'static str),
    /// Complaint 28: a report must lie in the study of its images.
    #[error("none of the images is of study {study}, in which the object would lie")]
    OtherStudy {
        /// Of the context.
        study: StudyUid,
    },
    /// Millimetres are stated of an image that has none.
    #[error("{uid} states {unit} though its pixels have no size")]
    Millimetres {
        /// Of the drawing.
        uid: String,
        /// As stated.
        unit: String,
    },
    /// What was asked for cannot be said in this object.
    #[error("{what}: {why}")]
    Unsayable {
        /// Part of the input.
        what: String,
        /// Reason.
        why: String,
    },
    /// A value is longer than a file can hold.
    #[error("{0}")]
    TooLong(String),
    /// A UID of the input is none.
    #[error("{0:?} is no UID")]
    Uid(String),
}

impl From<TooLong> for WriteError {
    fn from(e: TooLong) -> Self {
        Self::TooLong(e.to_string())
    }
}

/// Modules Patient, Clinical Trial Subject and Study, General Study, Patient Study; the study's identity itself is checked apart.
const TAKEN_OVER: &[Tag] = &[
    tags::TIMEZONE_OFFSET_FROM_UTC,
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::ACCESSION_NUMBER,
    tags::ISSUER_OF_ACCESSION_NUMBER_SEQUENCE,
    tags::REFERRING_PHYSICIAN_NAME,
    tags::REFERRING_PHYSICIAN_IDENTIFICATION_SEQUENCE,
    tags::CONSULTING_PHYSICIAN_NAME,
    tags::STUDY_DESCRIPTION,
    tags::PROCEDURE_CODE_SEQUENCE,
    tags::PHYSICIANS_OF_RECORD,
    tags::PHYSICIANS_OF_RECORD_IDENTIFICATION_SEQUENCE,
    tags::NAME_OF_PHYSICIANS_READING_STUDY,
    tags::PHYSICIANS_READING_STUDY_IDENTIFICATION_SEQUENCE,
    tags::REFERENCED_STUDY_SEQUENCE,
    tags::REFERENCED_PATIENT_SEQUENCE,
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::ISSUER_OF_PATIENT_ID,
    tags::TYPE_OF_PATIENT_ID,
    tags::ISSUER_OF_PATIENT_ID_QUALIFIERS_SEQUENCE,
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_BIRTH_TIME,
    tags::PATIENT_BIRTH_DATE_IN_ALTERNATIVE_CALENDAR,
    tags::PATIENT_DEATH_DATE_IN_ALTERNATIVE_CALENDAR,
    tags::PATIENT_ALTERNATIVE_CALENDAR,
    tags::PATIENT_SEX,
    tags::OTHER_PATIENT_NAMES,
    tags::OTHER_PATIENT_I_DS_SEQUENCE,
    tags::PATIENT_AGE,
    tags::PATIENT_SIZE,
    tags::PATIENT_WEIGHT,
    tags::MEDICAL_ALERTS,
    tags::ALLERGIES,
    // Ethnic Group, retired in 2024 and in most files.
    Tag(0x0010, 0x2160),
    tags::OCCUPATION,
    tags::SMOKING_STATUS,
    tags::ADDITIONAL_PATIENT_HISTORY,
    tags::PREGNANCY_STATUS,
    tags::LAST_MENSTRUAL_DATE,
    tags::PATIENT_SPECIES_DESCRIPTION,
    tags::PATIENT_SPECIES_CODE_SEQUENCE,
    tags::PATIENT_SEX_NEUTERED,
    tags::PATIENT_BREED_DESCRIPTION,
    tags::PATIENT_BREED_CODE_SEQUENCE,
    tags::BREED_REGISTRATION_SEQUENCE,
    tags::RESPONSIBLE_PERSON,
    tags::RESPONSIBLE_PERSON_ROLE,
    tags::RESPONSIBLE_ORGANIZATION,
    tags::PATIENT_COMMENTS,
    tags::CLINICAL_TRIAL_SPONSOR_NAME,
    tags::CLINICAL_TRIAL_PROTOCOL_ID,
    tags::CLINICAL_TRIAL_PROTOCOL_NAME,
    tags::CLINICAL_TRIAL_SITE_ID,
    tags::CLINICAL_TRIAL_SITE_NAME,
    tags::CLINICAL_TRIAL_SUBJECT_ID,
    tags::CLINICAL_TRIAL_SUBJECT_READING_ID,
    tags::CLINICAL_TRIAL_TIME_POINT_ID,
    tags::CLINICAL_TRIAL_TIME_POINT_DESCRIPTION,
    tags::CLINICAL_TRIAL_COORDINATING_CENTER_NAME,
    tags::PATIENT_IDENTITY_REMOVED,
    tags::DEIDENTIFICATION_METHOD,
    tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    tags::STUDY_ID,
    tags::ADMITTING_DIAGNOSES_DESCRIPTION,
    tags::ADMITTING_DIAGNOSES_CODE_SEQUENCE,
];

impl SourceHeader {
    /// Of an image. To be called where outside bytes may be parsed; the header itself may travel.
    ///
    /// # Errors
    /// A Study Instance UID that is missing or none.
    pub fn of(file: &DicomFile) -> Result<Self, ReadError> {
        let data = file.data();
        let text = |tag| data.first_text(tag).unwrap_or_default();
        let study = data.first_text(tags::STUDY_INSTANCE_UID);
        let study = study.ok_or_else(|| ReadError::missing(tags::STUDY_INSTANCE_UID))?;
        let study =
            StudyUid::new(&study).map_err(|e| ReadError::wrong(tags::STUDY_INSTANCE_UID, e))?;
        let mut patient_and_study = Elements::default();
        for tag in TAKEN_OVER {
            patient_and_study.copy(&data, *tag);
        }
        Ok(Self {
            patient_and_study,
            study,
            modality: text(tags::MODALITY),
            body_part: text(tags::BODY_PART_EXAMINED),
            laterality: data.has(tags::LATERALITY).then(|| text(tags::LATERALITY)),
            procedure: Code::read(&data, tags::PROCEDURE_CODE_SEQUENCE)
                .filter(|c| !c.scheme.is_empty() && !c.meaning.is_empty()),
        })
    }

    /// The study that objects with this header lie in.
    #[must_use]
    pub fn study(&self) -> &StudyUid {
        &self.study
    }

    pub(crate) fn modality(&self) -> &str {
        &self.modality
    }

    pub(crate) fn procedure(&self) -> Option<&Code> {
        self.procedure.as_ref()
    }

    /// Minutes east of UTC that all times of the study are in, where it says so.
    fn offset_minutes(&self) -> Option<i16> {
        let text = self
            .patient_and_study
            .first_text(tags::TIMEZONE_OFFSET_FROM_UTC);
        offset_minutes(text?)
    }
}

/// Minutes east of UTC of Timezone Offset From UTC (0008,0201), such as `+0100`.
pub(super) fn offset_minutes(text: &str) -> Option<i16> {
    let (sign, digits) = text.split_at_checked(1)?;
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    let minutes = number(0..2)?.checked_mul(60)?.checked_add(number(2..4)?)?;
    match sign {
        "+" => Some(minutes),
        "-" => minutes.checked_neg(),
        _ => None,
    }
}

/// `YYYYMMDD` and `HHMMSS.FFFFFF` of a moment, in a local time.
pub(super) fn date_and_time(at: Instant, offset_minutes: i16) -> (String, String) {
    let shift = i64::from(offset_minutes).saturating_mul(60_000_000);
    let text = Instant(at.0.saturating_add(shift)).to_string();
    let (date, time) = text.split_once('T').unwrap_or_default();
    let digits = |t: &str, keep: &str| -> String {
        t.chars()
            .filter(|c| c.is_ascii_digit() || keep.contains(*c))
            .collect()
    };
    (digits(date, ""), digits(time, "."))
}

impl ObjectContext {
    /// Date and time of writing, as DA and TM.
    pub(crate) fn date_and_time(&self) -> (String, String) {
        let offset = self.source.offset_minutes().unwrap_or(self.offset_minutes);
        date_and_time(self.now, offset)
    }

    /// Patient, study, series, equipment and SOP common of a new object.
    pub(crate) fn elements(&self, sop_class: &str, instance: &str, modality: &str) -> Elements {
        let mut out = Elements::default();
        out.extend(&self.source.patient_and_study);
        let (date, time) = self.date_and_time();
        let device = &self.device;
        out.code(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 192")
            .text(tags::INSTANCE_CREATION_DATE, VR::DA, &date)
            .text(tags::INSTANCE_CREATION_TIME, VR::TM, &time)
            .uid(tags::SOP_CLASS_UID, sop_class)
            .uid(tags::SOP_INSTANCE_UID, instance)
            .text(tags::SERIES_DATE, VR::DA, &date)
            .text(tags::SERIES_TIME, VR::TM, &time)
            .code(tags::MODALITY, modality)
            .text(tags::MANUFACTURER, VR::LO, &device.manufacturer)
            .text_if(tags::MANUFACTURER_MODEL_NAME, VR::LO, &device.model)
            .text_if(tags::DEVICE_SERIAL_NUMBER, VR::LO, &device.serial)
            .text_if(tags::SOFTWARE_VERSIONS, VR::LO, &device.software)
            .text_if(tags::SERIES_DESCRIPTION, VR::LO, &self.series_description)
            .uid(tags::STUDY_INSTANCE_UID, self.source.study.as_str())
            .uid(tags::SERIES_INSTANCE_UID, self.series.as_str())
            .integers(tags::SERIES_NUMBER, &[i64::from(self.series_number)])
            .integers(tags::INSTANCE_NUMBER, &[i64::from(self.instance_number)])
            .at_least_empty(tags::STUDY_DATE, VR::DA)
            .at_least_empty(tags::STUDY_TIME, VR::TM)
            .at_least_empty(tags::ACCESSION_NUMBER, VR::SH)
            .at_least_empty(tags::REFERRING_PHYSICIAN_NAME, VR::PN)
            .at_least_empty(tags::PATIENT_NAME, VR::PN)
            .at_least_empty(tags::PATIENT_ID, VR::LO)
            .at_least_empty(tags::PATIENT_BIRTH_DATE, VR::DA)
            .at_least_empty(tags::PATIENT_SEX, VR::CS)
            .at_least_empty(tags::STUDY_ID, VR::SH);
        out
    }

    /// Body part and side, for objects whose series is of a part of the body.
    pub(crate) fn add_body_part(&self, out: &mut Elements) {
        let source = &self.source;
        out.text_if(tags::BODY_PART_EXAMINED, VR::CS, &source.body_part);
        if let Some(side) = &source.laterality {
            out.code(tags::LATERALITY, side);
        } else if source.body_part.is_empty() {
            // Type 2C: nothing says whether the part is paired, and nobody knows the side.
            out.code(tags::LATERALITY, "");
        }
    }

    /// The file of `elements`, which are those of [`ObjectContext::elements`] and more.
    pub(crate) fn finish(
        &self,
        elements: &Elements,
        sop_class: &'static str,
        instance: &str,
        not_written: Vec<NotWritten>,
    ) -> Result<Written, WriteError> {
        let mut meta = Elements::default();
        meta.bytes(Tag(2, 1), VR::OB, &[0, 1])
            .uid(Tag(2, 2), sop_class)
            .uid(Tag(2, 3), instance)
            .uid(Tag(2, 0x10), EXPLICIT_LITTLE_ENDIAN)
            .uid(Tag(2, 0x12), IMPLEMENTATION)
            .text(Tag(2, 0x13), VR::SH, IMPLEMENTATION_VERSION);
        let meta = meta.encode()?;
        let mut length = Elements::default();
        length.longs(Tag(2, 0), &[u32::try_from(meta.len()).unwrap_or(u32::MAX)]);
        let mut bytes = vec![0; 128];
        bytes.extend(b"DICM");
        bytes.extend(length.encode()?);
        bytes.extend(meta);
        bytes.extend(elements.encode()?);
        Ok(Written {
            bytes,
            sop_class,
            instance: SopInstanceUid::new(instance)
                .map_err(|_| WriteError::Uid(instance.to_owned()))?,
            series: self.series.clone(),
            study: self.source.study.clone(),
            not_written,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_are_random_uuids_as_numbers() {
        assert_eq!(uid_of(0), "2.25.302240678275694148452352");
        let most = uid_of(u128::MAX);
        assert!(most.len() <= 64 && most.starts_with("2.25."), "{most}");
        let number: u128 = most.trim_start_matches("2.25.").parse().unwrap();
        assert_eq!((number >> 76 & 0xF, number >> 62 & 0x3), (4, 2));
    }

    #[test]
    fn moments_are_written_in_the_time_of_the_place() {
        let at = Instant(1_700_000_000_250_000);
        assert_eq!(
            date_and_time(at, 60),
            ("20231114".to_owned(), "231320.25".to_owned())
        );
    }
}
