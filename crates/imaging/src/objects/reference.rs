//! What an object points at: instances, their frames, and the series and studies they are in.

use dicom_core::VR;
use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};
use triptych_clinical::{SeriesUid, SopInstanceUid, StudyUid};

use super::{ReadError, elements::Elements};
use crate::dataset::DataSet;

/// One instance, or some of its frames.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ImageReference {
    /// SOP Class UID.
    pub sop_class: String,
    /// SOP Instance UID.
    pub instance: SopInstanceUid,
    /// From 0; none means the whole instance. In the file they count from 1.
    pub frames: Vec<u32>,
    /// Segment numbers of a segmentation, as the file counts them.
    pub segments: Vec<u32>,
}

/// Instances of one series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesReference {
    /// Series Instance UID.
    pub series: SeriesUid,
    /// In the order of the file.
    pub images: Vec<ImageReference>,
}

/// Where an instance is, as a list of evidence says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Study Instance UID.
    pub study: StudyUid,
    /// Series Instance UID.
    pub series: SeriesUid,
    /// The instance; never with frames.
    pub image: ImageReference,
}

impl ImageReference {
    /// The whole instance.
    #[must_use]
    pub fn whole(sop_class: impl Into<String>, instance: SopInstanceUid) -> Self {
        Self {
            sop_class: sop_class.into(),
            instance,
            frames: Vec::new(),
            segments: Vec::new(),
        }
    }

    /// Whether it points at this frame, counted from 0.
    #[must_use]
    pub fn covers(&self, instance: &SopInstanceUid, frame: u32) -> bool {
        self.instance == *instance && (self.frames.is_empty() || self.frames.contains(&frame))
    }

    /// One item of a sequence of references.
    pub(crate) fn read(item: &DataSet<'_>) -> Result<Self, ReadError> {
        let instance = item.first_text(tags::REFERENCED_SOP_INSTANCE_UID);
        let instance = instance
            .ok_or_else(|| ReadError::missing(tags::REFERENCED_SOP_INSTANCE_UID))
            .and_then(|uid| {
                SopInstanceUid::new(&uid)
                    .map_err(|e| ReadError::wrong(tags::REFERENCED_SOP_INSTANCE_UID, e))
            })?;
        let frames = item.numbers(tags::REFERENCED_FRAME_NUMBER);
        let frames = frames.into_iter().map(|n| {
            whole(n).and_then(|n| n.checked_sub(1)).ok_or_else(|| {
                ReadError::wrong(
                    tags::REFERENCED_FRAME_NUMBER,
                    format!("{n} is no frame: they count from 1"),
                )
            })
        });
        let segments = item.numbers(tags::REFERENCED_SEGMENT_NUMBER);
        let segments = segments.into_iter().map(|n| {
            whole(n).ok_or_else(|| {
                ReadError::wrong(
                    tags::REFERENCED_SEGMENT_NUMBER,
                    format!("{n} is no segment"),
                )
            })
        });
        Ok(Self {
            sop_class: item
                .first_text(tags::REFERENCED_SOP_CLASS_UID)
                .unwrap_or_default(),
            instance,
            frames: frames.collect::<Result<_, _>>()?,
            segments: segments.collect::<Result<_, _>>()?,
        })
    }

    /// All items of Referenced Image Sequence (0008,1140).
    pub(crate) fn read_all(data: &DataSet<'_>) -> Result<Vec<Self>, ReadError> {
        data.items(tags::REFERENCED_IMAGE_SEQUENCE)
            .map(|item| Self::read(&item))
            .collect()
    }

    pub(crate) fn elements(&self) -> Elements {
        let mut out = Elements::default();
        out.uid(tags::REFERENCED_SOP_CLASS_UID, &self.sop_class)
            .uid(tags::REFERENCED_SOP_INSTANCE_UID, self.instance.as_str());
        if !self.frames.is_empty() {
            let numbers: Vec<i64> = self.frames.iter().map(|f| i64::from(*f) + 1).collect();
            out.integers(tags::REFERENCED_FRAME_NUMBER, &numbers);
        }
        if !self.segments.is_empty() {
            let numbers: Vec<u8> = self
                .segments
                .iter()
                .filter_map(|s| u16::try_from(*s).ok())
                .flat_map(u16::to_le_bytes)
                .collect();
            out.bytes(tags::REFERENCED_SEGMENT_NUMBER, VR::US, &numbers);
        }
        out
    }
}

impl Evidence {
    /// All instances that both evidence sequences name. What names no study, series or instance is left out with its reason.
    pub(crate) fn read(data: &DataSet<'_>, problems: &mut Vec<String>) -> Vec<Self> {
        let mut all = Vec::new();
        for sequence in [
            tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE,
            tags::PERTINENT_OTHER_EVIDENCE_SEQUENCE,
        ] {
            all.extend(Self::read_sequence(data, sequence, problems));
        }
        all
    }

    pub(crate) fn read_sequence(
        data: &DataSet<'_>,
        sequence: dicom_core::Tag,
        problems: &mut Vec<String>,
    ) -> Vec<Self> {
        let mut all = Vec::new();
        for study in data.items(sequence) {
            let uid = study.first_text(tags::STUDY_INSTANCE_UID);
            let study_uid = match StudyUid::new(&uid.unwrap_or_default()) {
                Ok(uid) => uid,
                Err(e) => {
                    problems.push(ReadError::wrong(tags::STUDY_INSTANCE_UID, e).to_string());
                    continue;
                }
            };
            for series in study.items(tags::REFERENCED_SERIES_SEQUENCE) {
                let uid = series.first_text(tags::SERIES_INSTANCE_UID);
                let series_uid = match SeriesUid::new(&uid.unwrap_or_default()) {
                    Ok(uid) => uid,
                    Err(e) => {
                        problems.push(ReadError::wrong(tags::SERIES_INSTANCE_UID, e).to_string());
                        continue;
                    }
                };
                for item in series.items(tags::REFERENCED_SOP_SEQUENCE) {
                    match ImageReference::read(&item) {
                        Ok(image) => all.push(Self {
                            study: study_uid.clone(),
                            series: series_uid.clone(),
                            image,
                        }),
                        Err(e) => problems.push(e.to_string()),
                    }
                }
            }
        }
        all
    }

    /// Items study → series → instance, each once, in the order of their first mention.
    pub(crate) fn elements(evidence: &[Self]) -> Vec<Elements> {
        let mut studies: Vec<&StudyUid> = Vec::new();
        for e in evidence {
            if !studies.contains(&&e.study) {
                studies.push(&e.study);
            }
        }
        let of_study = |study: &StudyUid| {
            let inside: Vec<&Self> = evidence.iter().filter(|e| e.study == *study).collect();
            let mut series: Vec<&SeriesUid> = Vec::new();
            for e in &inside {
                if !series.contains(&&e.series) {
                    series.push(&e.series);
                }
            }
            let of_series = |uid: &SeriesUid| {
                let mut seen: Vec<&SopInstanceUid> = Vec::new();
                let mut items = Vec::new();
                for e in inside.iter().filter(|e| e.series == *uid) {
                    if !seen.contains(&&e.image.instance) {
                        seen.push(&e.image.instance);
                        let whole =
                            ImageReference::whole(&*e.image.sop_class, e.image.instance.clone());
                        items.push(whole.elements());
                    }
                }
                let mut out = Elements::default();
                out.uid(tags::SERIES_INSTANCE_UID, uid.as_str())
                    .items(tags::REFERENCED_SOP_SEQUENCE, items);
                out
            };
            let mut out = Elements::default();
            out.uid(tags::STUDY_INSTANCE_UID, study.as_str()).items(
                tags::REFERENCED_SERIES_SEQUENCE,
                series.into_iter().map(of_series).collect(),
            );
            out
        };
        studies.into_iter().map(of_study).collect()
    }
}

/// A number as a count.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked"
)]
pub(crate) fn whole(number: f64) -> Option<u32> {
    (number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number))
        .then_some(number as u32)
}
