//! What any object says of itself before it is opened: what it is, what it is called, and which series it refers to (T32).

use std::collections::BTreeSet;

use dicom_core::{Tag, dictionary::UidDictionary as _};
use dicom_dictionary_std::{StandardSopClassDictionary, tags};
use serde::{Deserialize, Serialize};
use triptych_clinical::{SeriesUid, SopInstanceUid, When};

use crate::dataset::DataSet;

/// Series and instances that a head names; more are left out.
pub const REFERENCES: usize = 10_000;
/// Characters of a title or name.
pub const TEXT: usize = 256;

/// Kinds of objects that are no images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ObjectKind {
    /// Structured report, measurement reports among them.
    Report,
    /// Key object selection, also one that rejects images.
    KeyObjects,
    /// Softcopy presentation state.
    PresentationState,
    /// Segmentation of pixels.
    Segmentation,
    /// RT structure set.
    StructureSet,
    /// Encapsulated document: PDF and others.
    Document,
    /// Waveform, such as an ECG.
    Waveform,
    /// Anything else without an image.
    Other,
}

/// The head of one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectHead {
    /// By its SOP class.
    pub kind: ObjectKind,
    /// What its writer calls it; may be empty.
    pub title: String,
    /// When it was written, as far as it says.
    pub written: Option<When>,
    /// Who wrote it; may be empty.
    pub author: String,
    /// Series it refers to, in the order in which they are named.
    pub series: Vec<SeriesUid>,
    /// Instances it refers to.
    pub instances: Vec<SopInstanceUid>,
}

impl ObjectKind {
    /// The kind of a SOP class; `None` for images.
    #[must_use]
    pub fn of(sop_class: &str) -> Option<Self> {
        let storage = sop_class.strip_prefix("1.2.840.10008.5.1.4.1.1.");
        let Some(rest) = storage else {
            // Hanging protocols, palettes, implants and their kin.
            let other = sop_class.starts_with("1.2.840.10008.5.1.4.");
            return other.then_some(Self::Other);
        };
        let family = rest.split('.').next().unwrap_or_default();
        Some(match (family, rest) {
            ("88", "88.59") => Self::KeyObjects,
            ("88", _) => Self::Report,
            ("11", _) => Self::PresentationState,
            (_, "66.4" | "66.7") => Self::Segmentation,
            (_, "481.3") => Self::StructureSet,
            ("104", _) => Self::Document,
            ("9", _) => Self::Waveform,
            // Dose and its images are drawn; plans and records are not.
            (_, "481.1" | "481.2") => return None,
            ("481" | "66" | "67" | "68" | "91" | "200" | "201", _) => Self::Other,
            _ => return None,
        })
    }

    /// Name of a SOP class as the standard has it, else its UID.
    #[must_use]
    pub fn class_name(sop_class: &str) -> &str {
        let known = StandardSopClassDictionary.by_uid(sop_class);
        known.map_or(sop_class, |e| e.name.trim_end_matches(" Storage"))
    }
}

impl ObjectHead {
    /// Reads the head of a file's data set. Never fails: what is not there stays empty.
    #[must_use]
    pub fn read(data: &DataSet<'_>) -> Self {
        let class = data.first_text(tags::SOP_CLASS_UID).unwrap_or_default();
        let kind = ObjectKind::of(&class).unwrap_or(ObjectKind::Other);
        let mut found = Found::default();
        found.walk(data, 0);
        Self {
            kind,
            title: title(data),
            written: written(data),
            author: first(
                data,
                &[tags::CONTENT_CREATOR_NAME, tags::OPERATORS_NAME],
            ),
            series: found.series,
            instances: found.instances,
        }
    }
}

fn title(data: &DataSet<'_>) -> String {
    let root = data
        .has_value(tags::VALUE_TYPE)
        .then(|| data.first_item(tags::CONCEPT_NAME_CODE_SEQUENCE))
        .flatten()
        .and_then(|item| item.first_text(tags::CODE_MEANING));
    let named = || {
        first(
            data,
            &[
                tags::CONTENT_DESCRIPTION,
                tags::CONTENT_LABEL,
                tags::DOCUMENT_TITLE,
                tags::STRUCTURE_SET_LABEL,
                tags::RT_PLAN_LABEL,
                tags::SERIES_DESCRIPTION,
            ],
        )
    };
    shortened(root.filter(|t| !t.trim().is_empty()).unwrap_or_else(named))
}

fn written(data: &DataSet<'_>) -> Option<When> {
    let pairs = [
        (tags::PRESENTATION_CREATION_DATE, tags::PRESENTATION_CREATION_TIME),
        (tags::CONTENT_DATE, tags::CONTENT_TIME),
        (tags::STRUCTURE_SET_DATE, tags::STRUCTURE_SET_TIME),
        (tags::INSTANCE_CREATION_DATE, tags::INSTANCE_CREATION_TIME),
        (tags::SERIES_DATE, tags::SERIES_TIME),
    ];
    let offset = data.first_text(tags::TIMEZONE_OFFSET_FROM_UTC);
    let offset = offset.and_then(|text| super::context::offset_minutes(&text));
    pairs.into_iter().find_map(|(date, time)| {
        let date = data.first_text(date).filter(|d| !d.is_empty())?;
        let time = data.first_text(time);
        When::from_dicom(&date, time.as_deref(), offset.unwrap_or(0)).ok()
    })
}

fn first(data: &DataSet<'_>, names: &[Tag]) -> String {
    let mut texts = names.iter().filter_map(|tag| data.first_text(*tag));
    let found = texts.find(|text| !text.trim().is_empty());
    shortened(found.unwrap_or_default())
}

fn shortened(text: String) -> String {
    text.trim().chars().take(TEXT).collect()
}

/// Sequences that say where an object's images are, whatever its kind.
const PLACES: [Tag; 12] = [
    tags::REFERENCED_SERIES_SEQUENCE,
    tags::REFERENCED_IMAGE_SEQUENCE,
    tags::REFERENCED_INSTANCE_SEQUENCE,
    tags::REFERENCED_SOP_SEQUENCE,
    tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE,
    tags::PERTINENT_OTHER_EVIDENCE_SEQUENCE,
    tags::STUDIES_CONTAINING_OTHER_REFERENCED_INSTANCES_SEQUENCE,
    tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE,
    tags::RT_REFERENCED_STUDY_SEQUENCE,
    tags::RT_REFERENCED_SERIES_SEQUENCE,
    tags::CONTOUR_IMAGE_SEQUENCE,
    tags::SOURCE_INSTANCE_SEQUENCE,
];

#[derive(Default)]
struct Found {
    series: Vec<SeriesUid>,
    instances: Vec<SopInstanceUid>,
    known: BTreeSet<String>,
}

impl Found {
    fn walk(&mut self, data: &DataSet<'_>, depth: usize) {
        for place in PLACES {
            for item in data.items(place) {
                self.note(&item);
                if depth < 4 {
                    self.walk(&item, depth.saturating_add(1));
                }
            }
        }
    }

    fn note(&mut self, item: &DataSet<'_>) {
        let series = item.first_text(tags::SERIES_INSTANCE_UID);
        if let Some(series) = series.and_then(|uid| SeriesUid::new(&uid).ok())
            && self.series.len() < REFERENCES
            && self.known.insert(series.to_string())
        {
            self.series.push(series);
        }
        let instance = item.first_text(tags::REFERENCED_SOP_INSTANCE_UID);
        if let Some(instance) = instance.and_then(|uid| SopInstanceUid::new(&uid).ok())
            && self.instances.len() < REFERENCES
            && self.known.insert(instance.to_string())
        {
            self.instances.push(instance);
        }
    }
}
