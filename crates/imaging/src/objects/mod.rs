//! DICOM objects that are no images: measurement reports (Comprehensive SR, TID 1500), key object selections and greyscale presentation
//! states, written and read; any other structured report as a tree that can be shown.
//!
//! ```text
//! annotations, key images, views ── write ── bytes of a file        data set of a file ── read ── Object
//! ```
//!
//! Writing takes our own values; reading takes outside bytes, which only a worker parses.

mod code;
mod content;
mod content_flat;
mod content_read;
mod content_write;
mod context;
pub mod document;
pub mod dose;
mod elements;
mod graphic_outline;
mod group_graphics;
mod group_read;
mod group_space;
mod group_told;
mod group_write;
pub mod head;
mod key_objects;
mod outline;
pub mod presentation_apply;
mod presentation_graphics;
mod presentation_read;
pub mod presentation_state;
mod presentation_write;
mod quantity;
mod reference;
mod report_read;
mod report_write;
pub mod rtstruct;
mod rtstruct_plane;
mod seen;
pub mod segmentation;
mod segmentation_read;
mod target;
#[cfg(test)]
mod tests;
mod tree;
pub mod waveform;

use dicom_core::{DataDictionary as _, Tag};
use dicom_dictionary_std::{StandardDataDictionary, tags};
use serde::{Deserialize, Serialize};

use crate::dataset::DataSet;

pub use code::Code;
pub use content::{ContentItem, ContentValue, DEPTH, ITEMS, Number};
pub use context::{
    Device, NotWritten, ObjectContext, SourceHeader, Uids, WriteError, Written, uid_of,
};
pub use elements::Elements;
pub use group_space::SpaceDrawing;
pub use head::{ObjectHead, ObjectKind};
pub use key_objects::{
    KEY_OBJECT_SELECTION, KeyImage, KeyObjects, KeySelection, KeyTitle, write_key_objects,
};
pub use presentation_state::{GRAYSCALE_STATE, PresentationState};
pub use presentation_write::write_presentation_state;
pub use reference::{Evidence, ImageReference, SeriesReference};
pub use report_read::MeasurementReport;
pub use report_write::{
    COMPREHENSIVE_3D_SR, COMPREHENSIVE_SR, ReportState, studies_of, write_measurements,
};
pub use rtstruct_plane::{ContourSlice, PlaneLine, RoiOnPlane};
pub use seen::{SeenImage, as_seen};
pub use tree::{SrTree, TreeLine};

/// An object that is no image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Object {
    /// Any structured report but those below: to be shown as it is.
    Report(SrTree),
    /// A measurement report (TID 1500): drawings, and the report itself.
    Measurements(MeasurementReport),
    /// A key object selection.
    KeyObjects(KeyObjects),
    /// A greyscale presentation state, or one of another kind: that one's `unknown` says so.
    PresentationState(PresentationState),
}

/// SOP classes of structured reports: text, enhanced, comprehensive, and those for one purpose.
const REPORTS: &str = "1.2.840.10008.5.1.4.1.1.88.";
/// SOP classes of softcopy presentation states.
const STATES: &str = "1.2.840.10008.5.1.4.1.1.11.";

/// Reads the object of a file's data set.
///
/// # Errors
/// [`ReadError`]: of another SOP class, or with content that cannot be read at all. Parts that make no sense are named in what is given
/// back.
pub fn read(data: &DataSet<'_>) -> Result<Object, ReadError> {
    let class = data.first_text(tags::SOP_CLASS_UID).unwrap_or_default();
    if class.starts_with(STATES) {
        let mut state = PresentationState::read(data)?;
        if class != GRAYSCALE_STATE {
            state
                .unknown
                .push("it is no greyscale presentation state".to_owned());
        }
        return Ok(Object::PresentationState(state));
    }
    // Retired trial classes and private reports have a content tree as well.
    if !class.starts_with(REPORTS) && !data.has_value(tags::VALUE_TYPE) {
        return Err(ReadError::OtherClass(class));
    }
    let tree = SrTree::read(data)?;
    if class == KEY_OBJECT_SELECTION {
        return Ok(Object::KeyObjects(KeyObjects::read(data, tree)));
    }
    if MeasurementReport::is_one(&tree.root) {
        return MeasurementReport::read(data, tree).map(Object::Measurements);
    }
    Ok(Object::Report(tree))
}
pub use target::{OverlayError, Target, same_frame_of_reference};

/// Why an object cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ReadError {
    /// An attribute that is needed is missing or makes no sense.
    #[error("{attribute}: {why}")]
    Attribute {
        /// Keyword and tag.
        attribute: String,
        /// What is wrong.
        why: String,
    },
    /// It is of a kind that has other readers, or none.
    #[error("SOP class {0:?} is no report, key object selection or presentation state")]
    OtherClass(String),
    /// Content items inside content items.
    #[error("content is nested deeper than {0} levels")]
    TooDeep(usize),
    /// Content items, points or values.
    #[error("more than {most} {what}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many are allowed.
        most: usize,
    },
}

impl ReadError {
    pub(crate) fn missing(tag: Tag) -> Self {
        Self::Attribute {
            attribute: attribute(tag),
            why: "is missing".to_owned(),
        }
    }

    pub(crate) fn wrong(tag: Tag, why: impl ToString) -> Self {
        Self::Attribute {
            attribute: attribute(tag),
            why: why.to_string(),
        }
    }
}

/// Keyword and tag, such as `GraphicData (0070,0022)`; only the tag of one that the dictionary lacks.
pub(crate) fn attribute(tag: Tag) -> String {
    let entry = StandardDataDictionary.by_tag(tag);
    entry.map_or_else(|| tag.to_string(), |e| format!("{} {tag}", e.alias))
}
