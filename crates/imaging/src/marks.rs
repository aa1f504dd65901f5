//! Marks from the header (T57): what a reader must know about an image or a report before trusting it. Nothing is guessed: a file that says
//! nothing has no mark, but for kinds of images that often carry text in their pixels.

use std::collections::BTreeSet;

use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};

use crate::{
    dataset::DataSet,
    objects::{Evidence, ImageReference},
};

/// What a mark speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MarkKind {
    /// Burned In Annotation (0028,0301) YES.
    BurnedIn,
    /// Nothing is said, and images of this kind often hold text.
    MayHoldText,
    /// Recognizable Visual Features (0028,0302) YES.
    Recognizable,
    /// Patient Identity Removed (0012,0062) YES.
    Deidentified,
    /// Quality Control Image (0028,0300) YES.
    QualityControl,
    /// Presentation Intent Type (0008,0068) FOR PROCESSING.
    ForProcessing,
    /// Image Type (0008,0008) says DERIVED.
    Derived,
    /// Image Type says SECONDARY.
    Secondary,
    /// Completion Flag (0040,A491) is not COMPLETE.
    Partial,
    /// Verification Flag (0040,A493).
    Verification,
    /// Image Laterality (0020,0062), else Laterality (0020,0060).
    Laterality,
    /// View Position (0018,5101), else View Code Sequence (0054,0220).
    View,
    /// Contrast/Bolus Agent (0018,0010).
    Contrast,
    /// Breast Implant Present (0028,1300) YES.
    Implant,
    /// Partial View (0028,1350) YES.
    PartialView,
    /// Flags that contradict each other.
    Conflict,
}

/// One mark as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What it speaks of.
    pub kind: MarkKind,
    /// Its text.
    pub text: String,
}

/// All marks of a header, in the order that they are shown in.
#[must_use]
pub fn of(data: &DataSet<'_>) -> Vec<Mark> {
    let first = |tag| data.first_text(tag);
    let is = |tag, value: &str| first(tag).as_deref() == Some(value);
    let modality = first(tags::MODALITY).unwrap_or_default();
    let mut marks: Vec<Mark> = Vec::new();
    let mut mark = |kind, text: String| marks.push(Mark { kind, text });
    if is(tags::BURNED_IN_ANNOTATION, "YES") {
        mark(MarkKind::BurnedIn, "burned-in text".to_owned());
    } else if !data.has_value(tags::BURNED_IN_ANNOTATION) {
        let capture = is(tags::CONVERSION_TYPE, "WSD") || is(tags::CONVERSION_TYPE, "SI");
        if matches!(modality.as_str(), "US" | "SC") || capture {
            mark(MarkKind::MayHoldText, "may contain text".to_owned());
        }
    }
    if is(tags::RECOGNIZABLE_VISUAL_FEATURES, "YES") {
        mark(MarkKind::Recognizable, "recognizable features".to_owned());
    }
    if is(tags::PATIENT_IDENTITY_REMOVED, "YES") {
        let method = data.text(tags::DEIDENTIFICATION_METHOD);
        // Words, not the codes that some put here (`DCM:113100/113105`).
        let words = method.iter().flat_map(|method| method.split('\\'));
        let words = words.map(str::trim).filter(|w| !w.starts_with("DCM:"));
        let words: Vec<&str> = words.filter(|w| !w.is_empty()).collect();
        let text = match words.as_slice() {
            [] => "de-identified".to_owned(),
            words => format!("de-identified: {}", words.join(", ")),
        };
        mark(MarkKind::Deidentified, text);
        if is(tags::BURNED_IN_ANNOTATION, "YES") {
            let text = "de-identified, but with burned-in text";
            mark(MarkKind::Conflict, text.to_owned());
        }
    }
    if is(tags::QUALITY_CONTROL_IMAGE, "YES") {
        mark(MarkKind::QualityControl, "quality control image".to_owned());
    }
    if is(tags::PRESENTATION_INTENT_TYPE, "FOR PROCESSING") {
        let text = "for processing, not for reading";
        mark(MarkKind::ForProcessing, text.to_owned());
    }
    for value in data.texts(tags::IMAGE_TYPE).iter().take(2) {
        match value.as_str() {
            "DERIVED" => mark(MarkKind::Derived, "derived".to_owned()),
            "SECONDARY" => mark(MarkKind::Secondary, "secondary".to_owned()),
            _ => {}
        }
    }
    match first(tags::COMPLETION_FLAG).as_deref() {
        None | Some("COMPLETE") => {}
        Some(flag) => mark(MarkKind::Partial, format!("report {}", flag.to_lowercase())),
    }
    if let Some(flag) = first(tags::VERIFICATION_FLAG) {
        mark(
            MarkKind::Verification,
            format!("report {}", flag.to_lowercase()),
        );
    }
    let image_side = first(tags::IMAGE_LATERALITY);
    let series_side = first(tags::LATERALITY);
    if let Some(side) = image_side.clone().or_else(|| series_side.clone()) {
        let text = match side.as_str() {
            "L" => "left".to_owned(),
            "R" => "right".to_owned(),
            "B" => "both sides".to_owned(),
            "U" => "unpaired".to_owned(),
            other => format!("side {other}"),
        };
        mark(MarkKind::Laterality, text);
    }
    if let (Some(image), Some(series)) = (&image_side, &series_side)
        && image != series
    {
        let text = format!("side contradicts itself: {image} and {series}");
        mark(MarkKind::Conflict, text);
    }
    let view = first(tags::VIEW_POSITION).or_else(|| {
        let code = data.first_item(tags::VIEW_CODE_SEQUENCE)?;
        code.text(tags::CODE_MEANING)
    });
    if let Some(view) = view {
        mark(MarkKind::View, format!("view {view}"));
    }
    if let Some(agent) = data.text(tags::CONTRAST_BOLUS_AGENT) {
        mark(MarkKind::Contrast, format!("contrast: {agent}"));
    } else if let Some(item) = data.first_item(tags::CONTRAST_BOLUS_AGENT_SEQUENCE) {
        let agent = item.text(tags::CODE_MEANING).unwrap_or_default();
        mark(MarkKind::Contrast, format!("contrast: {agent}"));
    }
    if is(tags::BREAST_IMPLANT_PRESENT, "YES") {
        mark(MarkKind::Implant, "implant".to_owned());
    }
    if is(tags::PARTIAL_VIEW, "YES") {
        let text = match data.text(tags::PARTIAL_VIEW_DESCRIPTION) {
            Some(description) => format!("partial view: {description}"),
            None => "partial view".to_owned(),
        };
        mark(MarkKind::PartialView, text);
    }
    marks
}

/// Images that a key object selection rejects: to be hidden behind its mark, never deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Why.
    pub reason: RejectionReason,
    /// The images; frames where only some are meant.
    pub images: Vec<ImageReference>,
}

/// Document titles that reject (CID 7010, IHE IOCM).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RejectionReason {
    /// (113001, DCM).
    Quality,
    /// (113037, DCM).
    PatientSafety,
    /// (113038, DCM).
    WrongWorklistEntry,
    /// (113039, DCM).
    RetentionExpired,
}

impl RejectionReason {
    /// The mark that stands in the image's place.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Quality => "rejected for quality reasons",
            Self::PatientSafety => "rejected for patient safety reasons",
            Self::WrongWorklistEntry => "rejected: wrong worklist entry",
            Self::RetentionExpired => "rejected: retention expired",
        }
    }
}

const KEY_OBJECTS: &str = "1.2.840.10008.5.1.4.1.1.88.59";

/// What a key object selection rejects; `None` for any other object or title.
#[must_use]
pub fn rejection(data: &DataSet<'_>) -> Option<Rejection> {
    if data.first_text(tags::SOP_CLASS_UID).as_deref() != Some(KEY_OBJECTS) {
        return None;
    }
    let title = data.first_item(tags::CONCEPT_NAME_CODE_SEQUENCE)?;
    if title.first_text(tags::CODING_SCHEME_DESIGNATOR).as_deref() != Some("DCM") {
        return None;
    }
    let reason = match title.first_text(tags::CODE_VALUE)?.as_str() {
        "113001" => RejectionReason::Quality,
        "113037" => RejectionReason::PatientSafety,
        "113038" => RejectionReason::WrongWorklistEntry,
        "113039" => RejectionReason::RetentionExpired,
        _ => return None,
    };
    let mut images: Vec<ImageReference> = data
        .items(tags::CONTENT_SEQUENCE)
        .filter_map(|item| item.first_item(tags::REFERENCED_SOP_SEQUENCE))
        .filter_map(|item| ImageReference::read(&item).ok())
        .collect();
    // The list of evidence names all of them; the content may name frames.
    let named: BTreeSet<_> = images.iter().map(|i| i.instance.clone()).collect();
    let listed = Evidence::read(data, &mut Vec::new());
    let others = listed.into_iter().map(|e| e.image);
    images.extend(others.filter(|i| !named.contains(&i.instance)));
    Some(Rejection { reason, images })
}
