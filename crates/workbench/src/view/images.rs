//! The images leaf: studies, display sets, slices.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::ObjectView;
use triptych_clinical::{SeriesUid, SopInstanceUid, StudyUid};
use triptych_imaging::{Frame, display::DisplayAttributes, geometry::PlacedStack};

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
    /// What is in it besides images.
    pub objects: Vec<ObjectView>,
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
    /// Frame of Reference UID, where its images have one: planes of sets that share it can be laid over one another.
    pub frame_of_reference: Option<String>,
    /// Where its images lie in the patient and what that is measured from (Frame of Reference), for links between tiles; `None` when one of
    /// them has no place.
    pub placed: Option<Arc<PlacedStack>>,
    /// Its images are localizers by Image Type (0008,0008): nothing is laid over them (T26).
    pub localizer: bool,
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

/// Slices of a display set in reading order. Slots fill while frames are decoded, and are emptied again when the memory is needed for what is
/// on screen; reading never waits.
#[derive(Debug, Default)]
pub struct Stack {
    /// One slot a slice.
    pub slices: Vec<Slice>,
    on_screen: AtomicUsize,
    looked: AtomicU64,
}

/// Counts looks, so that it can be told which stack was looked at last.
static LOOKS: AtomicU64 = AtomicU64::new(1);

impl Stack {
    /// Nothing of it is decoded or was looked at.
    #[must_use]
    pub fn new(slices: Vec<Slice>) -> Self {
        Self {
            slices,
            ..Self::default()
        }
    }

    /// Slice `k` is on screen: it and its neighbours are given up last.
    pub fn look(&self, k: usize) {
        self.on_screen.store(k, Ordering::Relaxed);
        let look = LOOKS.fetch_add(1, Ordering::Relaxed);
        self.looked.store(look, Ordering::Relaxed);
    }

    /// The slice that was on screen last, and a number that grows with each look at any stack; 0 for never.
    pub(crate) fn looked(&self) -> (usize, u64) {
        let k = self.on_screen.load(Ordering::Relaxed);
        (k, self.looked.load(Ordering::Relaxed))
    }

    /// Bytes of decoded pixels.
    pub(crate) fn bytes(&self) -> u64 {
        self.slices.iter().map(|s| s.pixels.bytes()).sum()
    }

    /// Empties all slots, that of the middle slice only with `middle_too`; bytes that this gave.
    pub(crate) fn clear(&self, middle_too: bool) -> u64 {
        let middle = self.slices.len() / 2;
        let all = self.slices.iter().enumerate();
        all.filter(|(k, _)| middle_too || *k != middle)
            .map(|(_, slice)| slice.pixels.clear())
            .sum()
    }

    /// Empties one slot; bytes that this gave.
    pub(crate) fn clear_slice(&self, k: usize) -> u64 {
        self.slices.get(k).map_or(0, |s| s.pixels.clear())
    }
}

/// A slot for a decoded slice, or for why it cannot be decoded.
#[derive(Debug, Default)]
pub struct Pixels(RwLock<Option<Result<Decoded, String>>>);

impl Pixels {
    /// What is in it. Pixels are shared, not copied.
    #[must_use]
    pub fn get(&self) -> Option<Result<Decoded, String>> {
        self.read(Clone::clone)
    }

    /// The slot is not empty.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.read(Option::is_some)
    }

    /// It was tried and there are none.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.read(|slot| matches!(slot, Some(Err(_))))
    }

    /// Fills it.
    pub fn set(&self, decoded: Result<Decoded, String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(decoded);
    }

    fn bytes(&self) -> u64 {
        self.read(|slot| match slot {
            Some(Ok(decoded)) => decoded.bytes(),
            _ => 0,
        })
    }

    /// Empties it, unless it holds a reason; bytes that this gave.
    fn clear(&self) -> u64 {
        let bytes = self.bytes();
        if bytes > 0 {
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
        bytes
    }

    fn read<T>(&self, look: impl FnOnce(&Option<Result<Decoded, String>>) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
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
    /// Slice Thickness, mm: tells runs of slices apart, never their distance (T23).
    pub thickness_mm: Option<f64>,
    /// Position along the stack's normal as shown: `−493.8 mm`; empty when there is no geometry.
    pub position_text: String,
    /// Pixels once decoded, or why not.
    pub pixels: Pixels,
}

static PICTURES: AtomicU64 = AtomicU64::new(1);

/// A number for a new picture, never given twice while the program runs.
#[must_use]
pub fn fresh_picture() -> u64 {
    PICTURES.fetch_add(1, Ordering::Relaxed)
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

impl Decoded {
    /// Bytes of its stored values.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.frame.bytes.len() as u64
    }
}
