//! DICOM objects that are no images: measurement reports (Comprehensive SR, TID 1500), key object selections and greyscale presentation
//! states, written and read; any other structured report as a tree that can be shown.
//!
//! ```text
//! annotations, key images, views ── write ── bytes of a file        data set of a file ── read ── Object
//! ```
//!
//! Writing takes our own values; reading takes outside bytes, which only a worker parses.

pub mod document;
pub mod dose;
mod elements;
mod graphic_outline;
pub mod presentation_apply;
mod presentation_graphics;
mod presentation_read;
pub mod presentation_state;
mod reference;
pub mod rtstruct;
mod rtstruct_plane;
pub mod segmentation;
mod segmentation_read;
mod target;
pub mod waveform;

use dicom_core::{DataDictionary as _, Tag};
use dicom_dictionary_std::StandardDataDictionary;
use serde::{Deserialize, Serialize};

pub use elements::Elements;
pub use presentation_state::PresentationState;
pub use reference::{Evidence, ImageReference, SeriesReference};
pub use rtstruct_plane::{ContourSlice, PlaneLine, RoiOnPlane};
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
