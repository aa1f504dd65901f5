//! What readers drew on the images of the open patient, and which images they marked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use triptych_clinical::{SeriesUid, SopInstanceUid, StudyUid};
use triptych_imaging::annotate::Annotation;
use triptych_imaging::measure::Lesion;

use super::{Foreign, ForeignDrawing};

/// Drawings, marks and what follows from them. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct DrawingsView {
    /// Every drawing of the person, in the order of their `uid`.
    pub annotations: Arc<[Annotation]>,
    /// `uid` of drawings whose image is not the file that was drawn on, or is not there any more: shown with "image changed" (T49).
    pub image_changed: Arc<BTreeSet<String>>,
    /// Marked images, in the order in which they were marked.
    pub key_images: Arc<[KeyImage]>,
    /// One a lesion, with its sizes by date and its growth (T47).
    pub lesions: Arc<[Lesion]>,
    /// How a display set was looked at last, by the name the screen gave it: JSON, opaque here.
    pub views: Arc<BTreeMap<String, String>>,
    /// There is a step to undo.
    pub can_undo: bool,
    /// There is a step to do again.
    pub can_redo: bool,
    /// Stored drawings or marks that this program cannot read: kept, not shown.
    pub unreadable: usize,
    /// What documents of the patient say of images: not the reader's, and not to be changed.
    pub foreign: Arc<Foreign>,
}

/// A marked frame (T61).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyImage {
    /// Study Instance UID.
    pub study: StudyUid,
    /// Series Instance UID.
    pub series: SeriesUid,
    /// SOP Instance UID.
    pub instance: SopInstanceUid,
    /// From 0.
    pub frame: u32,
    /// Why, in the reader's words; may be empty.
    pub reason: String,
    /// Who marked it; empty on its way to the workbench.
    pub author: String,
    /// When, RFC 3339 UTC; empty on its way to the workbench.
    pub marked: String,
}

impl KeyImage {
    /// Names the frame among all images.
    #[must_use]
    pub fn item(&self) -> String {
        format!("{}/{}", self.instance, self.frame)
    }
}

impl DrawingsView {
    /// The drawing of this name.
    #[must_use]
    pub fn get(&self, uid: &str) -> Option<&Annotation> {
        self.annotations.iter().find(|a| a.uid == uid)
    }

    /// Drawings of reports that are not among the reader's own.
    pub fn of_others(&self) -> impl Iterator<Item = &ForeignDrawing> {
        let all = self.foreign.drawings.iter();
        all.filter(|d| self.get(&d.annotation.uid).is_none())
    }

    /// Whether somebody chose this frame: the reader, or a key object selection.
    #[must_use]
    pub fn is_key(&self, instance: &SopInstanceUid, frame: u32) -> bool {
        self.key_image(instance, frame).is_some() || self.foreign.key(instance, frame).is_some()
    }

    /// The mark on this frame.
    #[must_use]
    pub fn key_image(&self, instance: &SopInstanceUid, frame: u32) -> Option<&KeyImage> {
        self.key_images
            .iter()
            .find(|k| k.instance == *instance && k.frame == frame)
    }
}
