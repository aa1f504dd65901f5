//! The images leaf: studies, display sets, slices.

use std::sync::{Arc, OnceLock};

use triptych_clinical::{SeriesUid, SopInstanceUid, StudyUid};
use triptych_imaging::{Frame, display::DisplayAttributes};

/// An imaging study.
#[derive(Clone, Debug)]
pub struct StudyView {
    /// Study Instance UID.
    pub uid: StudyUid,
    /// `2021-02-22`
    pub date: String,
    /// `09:12`, empty when unknown.
    pub time: String,
    /// `CT chest`
    pub title: String,
    /// `CT`, `DX` …; several joined by `/`.
    pub modality: String,
    /// Display sets in series order.
    pub series: Vec<SeriesView>,
    /// Whole days before the newest study of this patient; 0 for the newest itself.
    pub days_before_newest: i64,
}

/// One display set: images that scroll together (T32).
#[derive(Clone, Debug)]
pub struct SeriesView {
    /// Names the display set: Series Instance UID, with `#n` when a series holds more than one.
    pub key: SeriesKey,
    /// Series Instance UID.
    pub uid: SeriesUid,
    /// Series Number as text.
    pub number: String,
    /// Series Description.
    pub description: String,
    /// `CT`
    pub modality: String,
    /// Image Type, body part and view as far as the header says.
    pub body_part: String,
    /// Images to scroll through.
    pub images: usize,
    /// Patient name, identifier and birth date **of these images' own header**, for the corner text (T59).
    pub owner: ImageOwner,
    /// Median spacing of slices along the normal, mm.
    pub spacing_mm: Option<f64>,
    /// Marks of the trust strip that hold for the whole set: `variable spacing`, `gap after 12`, `tilted acquisition (18.5°)` …
    pub marks: Vec<String>,
    /// Why nothing of it can be shown, if so; the tile is hatched and says it.
    pub unreadable: Option<String>,
    /// The slices, filled while they are decoded.
    pub stack: Arc<Stack>,
}

/// Names a display set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey(pub String);

/// Identity as the image's header gives it.
#[derive(Clone, Debug, Default)]
pub struct ImageOwner {
    /// `HYATT, Neva`
    pub name: String,
    /// Patient ID
    pub identifier: String,
    /// `1970-05-28`
    pub birth_date: String,
    /// `F`
    pub sex: String,
    /// False when the header names another person than the banner: linked records, shown in words in the tile.
    pub same_as_banner: bool,
}

/// Slices of a display set in reading order. Slots fill while frames are decoded; reading never waits.
#[derive(Debug, Default)]
pub struct Stack {
    /// One slot a slice.
    pub slices: Vec<Slice>,
}

/// One slice.
#[derive(Debug)]
pub struct Slice {
    /// Instance.
    pub instance: SopInstanceUid,
    /// Frame in it, from 0.
    pub frame: u32,
    /// `row cosines, column cosines`, where the header has them.
    pub orientation: Option<[f64; 6]>,
    /// Image Position (Patient), mm LPS.
    pub position: Option<[f64; 3]>,
    /// Position along the stack's normal as shown: `−493.8 mm`; empty when there is no geometry.
    pub position_text: String,
    /// Pixels once decoded, or why not.
    pub pixels: OnceLock<Result<Decoded, String>>,
}

/// A decoded slice.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Never two alike within one run of the program.
    pub id: u64,
    /// Stored values.
    pub frame: Frame,
    /// How to show them.
    pub display: Arc<DisplayAttributes>,
}
