//! A measurement report: Comprehensive SR, or Comprehensive 3D SR where a drawing lies on no image (TID 1500, PS3.16).

use dicom_core::VR;
use dicom_dictionary_std::tags;
use triptych_clinical::StudyUid;

use super::{
    code::{Code, Schemes, concepts as c},
    content::{ContentItem, ContentValue},
    context::{NotWritten, ObjectContext, Uids, WriteError, Written, uid_of},
    elements::Elements,
    group_write::{
        ACQUIRED, CONTAINS, MODIFIER, Place, code_item, group, item, measured, number, observers,
        plane_items, reference,
    },
    outline,
    reference::{Evidence, ImageReference},
};
use crate::annotate::{Anchor, AnchorImage, Annotation, Quantity};

/// SOP Class UID of Comprehensive SR Storage.
pub const COMPREHENSIVE_SR: &str = "1.2.840.10008.5.1.4.1.1.88.33";
/// SOP Class UID of Comprehensive 3D SR Storage.
pub const COMPREHENSIVE_3D_SR: &str = "1.2.840.10008.5.1.4.1.1.88.34";
/// Version of our codes and of the way that drawings are written; another one is read, but not changed.
pub(crate) const FORMAT: &str = "1";

/// What a report says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportState {
    /// Completion Flag (0040,A491) COMPLETE, else PARTIAL.
    pub complete: bool,
    /// Preliminary Flag (0040,A496) FINAL, else PRELIMINARY.
    pub last: bool,
}

/// Writes the drawings as a measurement report, in the study of the context. Drawings on images of other studies of the patient may be
/// among them: those images go to Pertinent Other Evidence. Arrows and texts have no place in a report and are named in
/// [`Written::not_written`], as is all else that it cannot hold.
///
/// # Errors
/// [`WriteError`]: nothing that a report can hold, no drawing of the context's study (complaint 28), millimetres of pixels without a
/// size, UIDs that are none.
pub fn write_measurements(
    context: &ObjectContext,
    annotations: &[Annotation],
    state: ReportState,
    uids: Uids<'_>,
) -> Result<Written, WriteError> {
    let study = context.source.study();
    if annotations.is_empty() {
        return Err(WriteError::Nothing("there are no drawings"));
    }
    if !annotations.iter().any(|a| a.anchor.study == *study) {
        return Err(WriteError::OtherStudy {
            study: study.clone(),
        });
    }
    let mut schemes = Schemes::default();
    let mut not_written = Vec::new();
    let mut groups = Vec::new();
    let mut written: Vec<&Annotation> = Vec::new();
    for a in annotations {
        let elsewhere = contours_of(a, annotations).is_some();
        if let Some(group) = group(a, context, &mut schemes, &mut not_written, elsewhere)? {
            groups.push(group);
            written.push(a);
        }
    }
    if written.is_empty() {
        return Err(WriteError::Nothing(
            "a report holds none of the drawings: they are arrows and texts, or lie nowhere",
        ));
    }
    for a in &written {
        groups.extend(contours_of(a, annotations).map(|c| volume_group(a, &c)));
    }
    let library = library(&written, &mut not_written);
    let (evidence, other): (Vec<Evidence>, Vec<Evidence>) = evidence(&written)
        .into_iter()
        .partition(|e| e.study == *study);

    let in_space = written.iter().any(|a| a.anchor.image.is_none());
    let sop_class = if in_space {
        COMPREHENSIVE_3D_SR
    } else {
        COMPREHENSIVE_SR
    };
    let root = root(context, library, groups);
    let instance = uid_of(uids());
    let mut elements = context.elements(sop_class, &instance, "SR");
    let (date, time) = context.date_and_time();
    elements
        .extend(&root.elements())
        .text(tags::CONTENT_DATE, VR::DA, &date)
        .text(tags::CONTENT_TIME, VR::TM, &time)
        .items(
            tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE,
            Vec::new(),
        )
        .items(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, Vec::new())
        .code(
            tags::COMPLETION_FLAG,
            if state.complete {
                "COMPLETE"
            } else {
                "PARTIAL"
            },
        )
        .code(
            tags::PRELIMINARY_FLAG,
            if state.last { "FINAL" } else { "PRELIMINARY" },
        )
        .code(tags::VERIFICATION_FLAG, "UNVERIFIED")
        .items(
            tags::CODING_SCHEME_IDENTIFICATION_SEQUENCE,
            schemes.elements(FORMAT),
        );
    add_evidence(&mut elements, &evidence, &other);
    context.finish(&elements, sop_class, &instance, not_written)
}

/// Both evidence sequences, where they name anything.
pub(super) fn add_evidence(out: &mut Elements, current: &[Evidence], other: &[Evidence]) {
    for (tag, evidence) in [
        (tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, current),
        (tags::PERTINENT_OTHER_EVIDENCE_SEQUENCE, other),
    ] {
        if !evidence.is_empty() {
            out.items(tag, Evidence::elements(evidence));
        }
    }
}

fn root(
    context: &ObjectContext,
    library: Option<ContentItem>,
    groups: Vec<ContentItem>,
) -> ContentItem {
    let separate = || ContentValue::Container("SEPARATE".to_owned());
    let mut root = ContentItem::new("", Some(c::REPORT.code()), separate());
    root.template = Some("1500".to_owned());
    let language = Code::new("en-US", "RFC5646", "English (United States)");
    root = root.with(code_item(MODIFIER, c::LANGUAGE.code(), language));
    let device = &context.device;
    root.children.extend(observers(
        &context.observer,
        &device.uid,
        &format!("{} {}", device.model, device.software),
    ));
    for (concept, text) in [
        (c::DEVICE_MANUFACTURER, &device.manufacturer),
        (c::DEVICE_MODEL, &device.model),
        (c::DEVICE_SERIAL, &device.serial),
    ] {
        if !text.is_empty() {
            let value = ContentValue::Text(text.clone());
            root.children
                .push(item(super::group_write::OBSERVER, concept.code(), value));
        }
    }
    root = root.with(code_item(MODIFIER, c::PROCEDURE.code(), procedure(context)));
    root.children.extend(library);
    let mut measurements = item(CONTAINS, c::MEASUREMENTS.code(), separate());
    measurements.children = groups;
    root.with(measurements)
}

/// What the study says it is, else what its modality says.
fn procedure(context: &ObjectContext) -> Code {
    if let Some(code) = context.source.procedure() {
        return code.clone();
    }
    let modality = context.source.modality();
    let known = c::PROCEDURES.iter().find(|(m, _)| *m == modality);
    known
        .map_or(c::ANY_PROCEDURE, |(_, concept)| *concept)
        .code()
}

fn evidence(annotations: &[&Annotation]) -> Vec<Evidence> {
    let of = |a: &&Annotation| {
        let image = a.anchor.image.as_ref()?;
        Some(Evidence {
            study: a.anchor.study.clone(),
            series: a.anchor.series.clone(),
            image: ImageReference::whole(&*image.sop_class, image.instance.clone()),
        })
    };
    annotations.iter().filter_map(of).collect()
}

/// Frames with their size and their place in the patient (TID 1600): so that drawings come back with them.
fn library(annotations: &[&Annotation], not_written: &mut Vec<NotWritten>) -> Option<ContentItem> {
    let mut seen: Vec<(&Anchor, &AnchorImage)> = Vec::new();
    let mut images = Vec::new();
    for a in annotations {
        let Some(image) = &a.anchor.image else {
            continue;
        };
        let same = |(_, i): &&(&Anchor, &AnchorImage)| {
            i.instance == image.instance && i.frame == image.frame
        };
        if let Some((anchor, first)) = seen.iter().find(same) {
            let alike = anchor.plane == a.anchor.plane
                && anchor.frame_of_reference == a.anchor.frame_of_reference
                && first.size == image.size;
            if !alike {
                not_written.push(NotWritten {
                    uid: a.uid.clone(),
                    reason: "place: another drawing says another of the same frame".to_owned(),
                });
            }
            continue;
        }
        seen.push((&a.anchor, image));
        images.push(library_entry(&a.anchor, image));
    }
    if images.is_empty() {
        return None;
    }
    let continuous = || ContentValue::Container("SEPARATE".to_owned());
    let mut group = item(CONTAINS, c::LIBRARY_GROUP.code(), continuous());
    group.children = images;
    let mut library = item(CONTAINS, c::LIBRARY.code(), continuous());
    library.template = Some("1600".to_owned());
    Some(library.with(group))
}

fn library_entry(anchor: &Anchor, image: &AnchorImage) -> ContentItem {
    let value = ContentValue::Image {
        image: reference(image),
        state: None,
        values: None,
    };
    let mut entry = ContentItem::new(CONTAINS, None, value);
    if let Some(uid) = &anchor.frame_of_reference {
        let uid = ContentValue::Uid(uid.clone());
        entry
            .children
            .push(item(ACQUIRED, c::FRAME_OF_REFERENCE.code(), uid));
    }
    let [columns, rows] = image.size;
    for (concept, count) in [(c::ROWS, rows), (c::COLUMNS, columns)] {
        entry.children.push(number(
            ACQUIRED,
            concept.code(),
            f64::from(count),
            "{pixels}",
        ));
    }
    entry
        .children
        .extend(anchor.plane.iter().flat_map(plane_items));
    entry
}

/// The contours of the lesion whose volume `a` states, when they are several on different frames: then the volume is theirs together.
fn contours_of<'a>(a: &Annotation, all: &'a [Annotation]) -> Option<Vec<&'a Annotation>> {
    a.values
        .iter()
        .find(|v| v.quantity == Quantity::Volume && v.value.is_finite())?;
    let contours: Vec<&Annotation> = all
        .iter()
        .filter(|b| {
            b.lesion == a.lesion
                && b.anchor.series == a.anchor.series
                && b.shape.is_region()
                && b.anchor.image.is_some()
                && outline::parts(b.shape, &b.points).is_some()
        })
        .collect();
    let frame = |b: &&Annotation| {
        b.anchor
            .image
            .as_ref()
            .map(|i| (i.instance.clone(), i.frame))
    };
    let mut frames: Vec<_> = contours.iter().filter_map(frame).collect();
    frames.sort();
    frames.dedup();
    (frames.len() > 1 && contours.iter().any(|b| b.uid == a.uid)).then_some(contours)
}

/// TID 1411: the contours slice by slice, and their volume.
fn volume_group(a: &Annotation, contours: &[&Annotation]) -> ContentItem {
    let container = ContentValue::Container("CONTINUOUS".to_owned());
    let mut group = item(CONTAINS, c::GROUP.code(), container);
    group.template = Some("1411".to_owned());
    let label = a.label.trim_matches([' ', '\0']);
    let label = if label.is_empty() { &a.lesion } else { label };
    let context = super::group_write::OBSERVER;
    group = group
        .with(item(
            context,
            c::TRACKING_ID.code(),
            ContentValue::Text(label.to_owned()),
        ))
        .with(item(
            context,
            c::TRACKING_UID.code(),
            ContentValue::Uid(a.lesion.clone()),
        ));
    for contour in contours {
        let parts = outline::parts(contour.shape, &contour.points).unwrap_or_default();
        if let Some(place) = Place::of(contour) {
            let region = |part| place.coordinates(CONTAINS, Some(c::REGION.code()), part);
            group.children.extend(parts.iter().map(region));
        }
    }
    let volumes = a.values.iter().filter(|v| v.quantity == Quantity::Volume);
    group.children.extend(volumes.map(|v| {
        let mut value = measured(v);
        value.uid = Some(a.uid.clone());
        value
    }));
    group
}

/// Studies that drawings lie in, each once: a report is written for each.
#[must_use]
pub fn studies_of(annotations: &[Annotation]) -> Vec<StudyUid> {
    let mut studies: Vec<StudyUid> = annotations.iter().map(|a| a.anchor.study.clone()).collect();
    studies.sort();
    studies.dedup();
    studies
}
