//! What is in a study besides images, and what others drew and marked: documents in slots that fill on demand, drawings that cannot be changed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use triptych_clinical::{SeriesUid, SopInstanceUid};
use triptych_imaging::annotate::Annotation;
use triptych_imaging::objects::document::PagePicture;
use triptych_imaging::objects::{ImageReference, ObjectKind};
use triptych_worker::ObjectContent;

use super::ImageOwner;

/// Drawn pages that one document keeps.
const PAGES: usize = 6;

/// An object of a study that is no image (T32).
#[derive(Clone, Debug)]
pub struct ObjectView {
    /// Instance.
    pub instance: SopInstanceUid,
    /// Its own series.
    pub series: SeriesUid,
    /// What it is.
    pub kind: ObjectKind,
    /// Name of its SOP class.
    pub class: String,
    /// What its writer calls it; that of its series before it was read.
    pub title: String,
    /// `2021-02-22`, empty when it does not say.
    pub date: String,
    /// `09:12`, empty when it does not say.
    pub time: String,
    /// Who wrote it; may be empty.
    pub author: String,
    /// Whose it is by its own header (T59).
    pub owner: ImageOwner,
    /// Series that it refers to; those of its frame of reference when it names none.
    pub refers_to: Vec<SeriesUid>,
    /// Its content, filled on demand.
    pub slot: Arc<ObjectSlot>,
}

/// A slot for the content of an object. Reading it never waits.
#[derive(Debug, Default)]
pub struct ObjectSlot {
    asked: AtomicBool,
    content: RwLock<Option<Result<Arc<ObjectContent>, String>>>,
    pages: RwLock<BTreeMap<u32, Page>>,
}

/// A page that was asked for.
#[derive(Clone, Debug)]
struct Page {
    width: u32,
    picture: Option<Result<Arc<PagePicture>, String>>,
}

impl ObjectSlot {
    /// What is in it, or why it cannot be read; `None` before it was.
    #[must_use]
    pub fn get(&self) -> Option<Result<Arc<ObjectContent>, String>> {
        self.content
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Fills it.
    pub fn set(&self, content: Result<ObjectContent, String>) {
        *self.content.write().unwrap_or_else(PoisonError::into_inner) = Some(content.map(Arc::new));
    }

    /// Whether nobody has begun to fill it; the caller does.
    pub(crate) fn begin(&self) -> bool {
        !self.asked.swap(true, Ordering::Relaxed)
    }

    /// A page of a document, from 0, as it was drawn last: wider or narrower than wanted perhaps.
    #[must_use]
    pub fn page(&self, page: u32) -> Option<Result<Arc<PagePicture>, String>> {
        let pages = self.pages.read().unwrap_or_else(PoisonError::into_inner);
        pages.get(&page)?.picture.clone()
    }

    /// Whether a page was never asked for at this width; the caller draws it.
    pub(crate) fn begin_page(&self, page: u32, width: u32) -> bool {
        let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
        let known = pages.get(&page);
        if known.is_some_and(|k| k.width == width) {
            return false;
        }
        let picture = known.and_then(|k| k.picture.clone());
        pages.insert(page, Page { width, picture });
        while pages.len() > PAGES {
            let far = pages.keys().copied().max_by_key(|k| k.abs_diff(page));
            let Some(far) = far else { break };
            pages.remove(&far);
        }
        true
    }

    /// Fills a page, unless it is wanted otherwise by now.
    pub fn set_page(&self, page: u32, width: u32, picture: Result<PagePicture, String>) {
        let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
        let place = pages.entry(page).or_insert(Page {
            width,
            picture: None,
        });
        if place.width == width {
            place.picture = Some(picture.map(Arc::new));
        }
    }
}

/// What documents of the patient say of images: read only, and marked as theirs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Foreign {
    /// Drawings of measurement reports; all are locked.
    pub drawings: Vec<ForeignDrawing>,
    /// Images that key object selections chose.
    pub keys: Vec<ForeignKey>,
    /// Images that must not be used (T57): hidden behind a mark.
    pub rejected: Vec<ForeignKey>,
}

/// A drawing of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignDrawing {
    /// As it can be drawn.
    pub annotation: Annotation,
    /// The report.
    pub document: SopInstanceUid,
    /// What it says of the drawing, as it says it.
    pub said: Vec<String>,
    /// Who says it, and when; may be empty.
    pub source: String,
}

/// An image that a key object selection names.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignKey {
    /// Instance, with frames where only some are meant.
    pub image: ImageReference,
    /// Title with its modifiers: `Rejected for Quality Reasons: Double exposure`.
    pub reason: String,
    /// In the words of who chose it; may be empty.
    pub description: String,
    /// Who chose it; may be empty.
    pub author: String,
    /// The selection.
    pub document: SopInstanceUid,
}

impl Foreign {
    /// Why this frame, from 0, must not be used.
    #[must_use]
    pub fn rejection(&self, instance: &SopInstanceUid, frame: u32) -> Option<&ForeignKey> {
        let mut all = self.rejected.iter();
        all.find(|key| key.image.covers(instance, frame))
    }

    /// Who chose this frame, from 0.
    #[must_use]
    pub fn key(&self, instance: &SopInstanceUid, frame: u32) -> Option<&ForeignKey> {
        let mut all = self.keys.iter();
        all.find(|key| key.image.covers(instance, frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32) -> PagePicture {
        PagePicture {
            width,
            height: 1,
            rgba: vec![0; width as usize * 4],
            marks: vec![],
        }
    }

    #[test]
    fn t68_a_page_is_drawn_once_a_width_and_few_are_kept() {
        let slot = ObjectSlot::default();
        assert!(slot.begin() && !slot.begin());
        assert!(slot.begin_page(0, 100) && !slot.begin_page(0, 100));
        slot.set_page(0, 100, Ok(picture(100)));
        assert!(slot.begin_page(0, 200));
        let shown = |page| slot.page(page).and_then(Result::ok).map(|p| p.width);
        assert_eq!(shown(0), Some(100), "the former stays until it is there");
        slot.set_page(0, 100, Ok(picture(90)));
        assert_eq!(shown(0), Some(100), "a late answer of another width");
        slot.set_page(0, 200, Ok(picture(200)));
        assert_eq!(shown(0), Some(200));
        for page in 1..20 {
            slot.begin_page(page, 100);
            slot.set_page(page, 100, Ok(picture(100)));
        }
        let kept: Vec<u32> = (0..20).filter(|p| shown(*p).is_some()).collect();
        assert_eq!(kept, [14, 15, 16, 17, 18, 19]);
    }
}
