//! Objects of the open patient: read in the background after the page is there, opened when somebody wants to see them.

use triptych_clinical::SopInstanceUid;

use super::{Workbench, lock};
use crate::papers::{foreign, put_heads};
use crate::view::{ObjectView, PatientView};

impl Workbench {
    /// Heads of all objects, and what they say of images. Nothing waits for them.
    pub(super) fn read_papers(&self, opening: u64) {
        self.spawn(
            "objects",
            move |own, core| {
                let Some(open) = own.current(opening) else {
                    return Ok(());
                };
                let stop = lock(&own.0.state).stop.clone();
                let heads = core.read_objects(&open.catalog, &open.view, |_| true, &stop);
                if heads.is_empty() {
                    return Ok(());
                }
                own.amend(opening, |view| {
                    put_heads(&mut view.studies, view.at, &open.catalog, &heads);
                    let found = foreign(&view.studies, &open.catalog);
                    view.drawings.foreign = found.into();
                });
                Ok(())
            },
            |_| {},
        );
    }

    /// Reads one object into its slot.
    pub(super) fn load_object(&self, instance: SopInstanceUid) {
        let Some(open) = lock(&self.0.state).open.clone() else {
            return;
        };
        let wanted = object(&open.view, &instance).is_some_and(|o| o.slot.begin());
        if !wanted {
            return;
        }
        self.spawn(
            "object",
            move |own, core| {
                if let Some(object) = object(&open.view, &instance) {
                    object.slot.set(core.read_object(&open.catalog, &instance));
                }
                own.wake();
                Ok(())
            },
            Self::wake,
        );
    }

    /// Reads the header of one file into its slot.
    pub(super) fn load_header(&self, instance: SopInstanceUid) {
        let Some(open) = lock(&self.0.state).open.clone() else {
            return;
        };
        if !open.view.headers.begin(&instance) {
            return;
        }
        self.spawn(
            "header",
            move |own, core| {
                let read = core.read_header(&open.catalog, &instance);
                open.view.headers.set(&instance, read);
                own.wake();
                Ok(())
            },
            Self::wake,
        );
    }

    /// Draws one page of a document into its slot.
    pub(super) fn load_page(&self, instance: SopInstanceUid, page: u32, width: u32) {
        let Some(open) = lock(&self.0.state).open.clone() else {
            return;
        };
        let wanted = object(&open.view, &instance).is_some_and(|o| o.slot.begin_page(page, width));
        if !wanted {
            return;
        }
        self.spawn(
            "page",
            move |own, core| {
                if let Some(object) = object(&open.view, &instance) {
                    let picture = core.draw_page(&open.catalog, &instance, page, width);
                    object.slot.set_page(page, width, picture);
                }
                own.wake();
                Ok(())
            },
            Self::wake,
        );
    }
}

fn object<'a>(view: &'a PatientView, instance: &SopInstanceUid) -> Option<&'a ObjectView> {
    let mut all = view.studies.iter().flat_map(|s| &s.objects);
    all.find(|o| o.instance == *instance)
}
