//! Measurement reports (TID 1500) of ours and of others as drawings.

use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};
use triptych_clinical::{SeriesUid, StudyUid, When};

use super::{
    ReadError,
    code::{OWN_SCHEME, Schemes, concepts as c},
    content::{ContentItem, ContentValue},
    context::offset_minutes,
    group_read,
    group_space::SpaceDrawing,
    group_told,
    reference::{Evidence, ImageReference},
    report_write::FORMAT,
    tree::SrTree,
};
use crate::{
    annotate::{Annotation, Quantity},
    dataset::DataSet,
};

/// What a measurement report holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasurementReport {
    /// What can be drawn. Of other programs an image's size may be 0 × 0 and its plane unknown: the image itself says them.
    pub annotations: Vec<Annotation>,
    /// What the report says of each of them, as it says it: values with their units, findings, in its order.
    pub said: Vec<Vec<String>>,
    /// Drawings of other programs that lie in the patient, on no image: [`SpaceDrawing::on`] puts them on one.
    pub in_space: Vec<SpaceDrawing>,
    /// Written by another program, or by another version of this one: a change makes a copy (T49).
    pub read_only: bool,
    /// Groups and values that cannot be drawn, in words; all of them are in the tree.
    pub not_drawn: Vec<String>,
    /// The whole report.
    pub tree: SrTree,
}

/// What the groups of a document share.
pub(super) struct Document<'a> {
    pub(super) root: &'a ContentItem,
    pub(super) evidence: &'a [Evidence],
    pub(super) schemes: Schemes,
    pub(super) own: bool,
    pub(super) study: StudyUid,
    /// Of the document itself.
    pub(super) series: SeriesUid,
    pub(super) instance: String,
    pub(super) author: String,
    /// RFC 3339 UTC, empty when the document gives no time.
    pub(super) written: String,
    pub(super) software: String,
    library: Vec<(&'a ImageReference, &'a ContentItem)>,
}

impl Document<'_> {
    /// What the image library says of a frame.
    pub(super) fn library_entry(&self, image: &ImageReference) -> Option<&ContentItem> {
        let exact = self.library.iter().find(|(i, _)| *i == image);
        let whole = || {
            let of_instance = |(i, _): &&(&ImageReference, _)| {
                i.instance == image.instance && i.frames.is_empty()
            };
            self.library.iter().find(of_instance)
        };
        exact.or_else(whole).map(|(_, item)| *item)
    }
}

impl MeasurementReport {
    /// Whether the tree is a measurement report.
    pub(super) fn is_one(root: &ContentItem) -> bool {
        root.is(c::REPORT) || root.template.as_deref() == Some("1500")
    }

    pub(super) fn read(data: &DataSet<'_>, tree: SrTree) -> Result<Self, ReadError> {
        let own_version = data
            .items(tags::CODING_SCHEME_IDENTIFICATION_SEQUENCE)
            .filter(|i| i.first_text(tags::CODING_SCHEME_DESIGNATOR).as_deref() == Some(OWN_SCHEME))
            .find_map(|i| i.first_text(tags::CODING_SCHEME_VERSION));
        let text = |tag| data.first_text(tag).unwrap_or_default();
        let study = StudyUid::new(&text(tags::STUDY_INSTANCE_UID))
            .map_err(|e| ReadError::wrong(tags::STUDY_INSTANCE_UID, e))?;
        let series = SeriesUid::new(&text(tags::SERIES_INSTANCE_UID))
            .map_err(|e| ReadError::wrong(tags::SERIES_INSTANCE_UID, e))?;
        let offset = offset_minutes(&text(tags::TIMEZONE_OFFSET_FROM_UTC)).unwrap_or(0);
        let written = When::from_dicom(&tree.date, Some(&tree.time), offset);
        let observer = tree.root.child(c::PERSON_NAME).and_then(ContentItem::text);
        let mut library = Vec::new();
        if let Some(item) = tree.root.child(c::LIBRARY) {
            library_entries(item, &mut library);
        }
        let document = Document {
            root: &tree.root,
            evidence: &tree.evidence,
            schemes: Schemes::read(data),
            own: own_version.is_some(),
            study,
            series,
            instance: text(tags::SOP_INSTANCE_UID),
            author: observer.unwrap_or_default().to_owned(),
            written: written
                .ok()
                .map(|w| w.instant.to_string())
                .unwrap_or_default(),
            software: tree.written_by.clone(),
            library,
        };
        let mut annotations: Vec<Annotation> = Vec::new();
        let mut said: Vec<Vec<String>> = Vec::new();
        let mut in_space = Vec::new();
        let mut not_drawn = Vec::new();
        let sections = tree.root.children.iter().filter(|i| i.is(c::MEASUREMENTS));
        let items = sections.flat_map(|s| &s.children).collect::<Vec<_>>();
        for (k, item) in items.iter().enumerate() {
            let contours = document.own && item.template.as_deref() == Some("1411");
            if contours {
                volumes(item, &mut annotations);
                continue;
            }
            if !item.is(c::GROUP) {
                if let ContentValue::Number(_) = item.value {
                    let name = item.concept.as_ref().map(|c| c.shown().to_owned());
                    let name = name.unwrap_or_default();
                    not_drawn.push(format!("{name}: {}", item.value.shown()));
                }
                continue;
            }
            let mut values = Vec::new();
            let read = group_read::read(item, k, &document, &mut values);
            let label = item.child(c::TRACKING_ID).and_then(ContentItem::text);
            let name = label.unwrap_or("a group without a name");
            let words = group_told::said(item);
            match read {
                Ok(read) => {
                    // What no value of ours holds is in the words beside the drawing.
                    if document.own {
                        not_drawn.extend(values.into_iter().map(|v| format!("{name}: {v}")));
                    }
                    said.extend(read.on_images.iter().map(|_| words.clone()));
                    annotations.extend(read.on_images);
                    in_space.extend(read.in_space.into_iter().map(|drawing| SpaceDrawing {
                        said: words.clone(),
                        ..drawing
                    }));
                    not_drawn.extend(read.left_out.into_iter().map(|v| format!("{name}: {v}")));
                }
                Err(reason) => {
                    not_drawn.extend(values.into_iter().map(|v| format!("{name}: {v}")));
                    not_drawn.push(format!("{name}: {reason}"));
                }
            }
        }
        drop(document);
        Ok(Self {
            annotations,
            said,
            in_space,
            read_only: own_version.as_deref() != Some(FORMAT),
            not_drawn,
            tree,
        })
    }
}

fn library_entries<'a>(
    item: &'a ContentItem,
    out: &mut Vec<(&'a ImageReference, &'a ContentItem)>,
) {
    for child in &item.children {
        if let ContentValue::Image { image, .. } = &child.value {
            out.push((image, child));
        } else {
            library_entries(child, out);
        }
    }
}

/// Volumes of several contours go back to the drawing that stated them, in the order of quantities where that is the order of the rest.
fn volumes(group: &ContentItem, annotations: &mut [Annotation]) {
    for item in &group.children {
        let Some(value) = group_told::stated(item, true) else {
            continue;
        };
        let owner = annotations
            .iter_mut()
            .find(|a| Some(&a.uid) == item.uid.as_ref());
        let Some(owner) = owner.filter(|_| value.quantity == Quantity::Volume) else {
            continue;
        };
        let sorted = owner.values.is_sorted_by_key(|v| v.quantity);
        let after = owner
            .values
            .iter()
            .position(|v| sorted && v.quantity > value.quantity);
        let place = after.unwrap_or(owner.values.len());
        owner.values.insert(place, value);
    }
}
