//! Drawings and key images: changed in memory, stored, shown, before the next order is looked at. So what a snapshot shows is stored, and a
//! change of patient or layout, an undo or the end of the program finds it stored (T49, WRK-01).

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use triptych_archive::{By, Details, NewEdit, Verb};

use super::{State, Workbench, lock};
use crate::drawings::{Hand, Session, csv};
use crate::view::{DrawingsView, KeyImage, Page, PatientView};
use crate::{Core, WorkbenchError};

const SOFTWARE: &str = concat!("Triptych ", env!("CARGO_PKG_VERSION"));

impl State {
    /// A person was read: their work goes on, or begins. What is shown of it.
    pub(super) fn take_up(&mut self, read: Session) -> DrawingsView {
        match &mut self.session {
            // What was drawn while the archive was read is in it, and so are the steps back.
            Some(session) if session.person() == read.person() => session.refresh(read),
            session => *session = Some(read),
        }
        self.session.as_ref().map(Session::view).unwrap_or_default()
    }
}

impl KeyImage {
    pub(super) fn by(mut self, hand: &Hand) -> Self {
        self.author.clone_from(&hand.who);
        self.marked.clone_from(&hand.now);
        self
    }
}

impl Workbench {
    /// Does `work` on the open person's drawings, stores and shows the result.
    pub(super) fn change(
        &self,
        core: &Core,
        work: impl FnOnce(&mut Session, &Hand) -> Result<Vec<NewEdit>, WorkbenchError>,
    ) -> Result<(), WorkbenchError> {
        let by = core.by();
        let hand = Hand {
            who: by.who.clone(),
            now: by.at.to_string(),
            software: SOFTWARE.to_owned(),
        };
        let (person, drawings) = {
            let mut state = lock(&self.0.state);
            let person = state.person;
            // As of another time nothing is written (D-36).
            let now = state.index_time.is_none();
            let session = state
                .session
                .as_mut()
                .filter(|s| now && Some(s.person()) == person);
            let Some(session) = session else {
                return Err(WorkbenchError::Refused(
                    "images can be drawn on when a patient is open as of now".to_owned(),
                ));
            };
            let rows = work(session, &hand)?;
            let drawings = session.view();
            if !rows.is_empty() {
                state.unsaved.push((by, rows));
            }
            (person, drawings)
        };
        let stored = self.store_drawings(core);
        // Also when that failed: nothing that was drawn leaves the screen.
        self.publish(|s| {
            if let Page::Patient(view) = &mut s.page
                && Some(view.person) == person
                && view.at_is_now
            {
                let mut next = PatientView::clone(view);
                next.drawings = DrawingsView {
                    foreign: Arc::clone(&view.drawings.foreign),
                    ..drawings
                };
                *view = Arc::new(next);
            }
        });
        stored
    }

    /// Stores what is not stored yet, in the order in which it was done. What fails is kept and tried again with the next order.
    pub(super) fn store_drawings(&self, core: &Core) -> Result<(), WorkbenchError> {
        loop {
            let next = lock(&self.0.state).unsaved.first().cloned();
            let Some((by, rows)) = next else {
                return Ok(());
            };
            core.wait(core.archive().record_edits(&by, &rows))?;
            lock(&self.0.state).unsaved.remove(0);
        }
    }

    /// Writes the table of findings; says where it is.
    pub(super) fn save_picture(
        &self,
        core: &Core,
        size: [u32; 2],
        rgb: &[u8],
        nameless: bool,
        folder: Option<PathBuf>,
    ) -> Result<(), WorkbenchError> {
        let Page::Patient(view) = self.snapshot().page.clone() else {
            return Ok(());
        };
        let folder = folder.or_else(documents).ok_or_else(|| {
            WorkbenchError::NotFound("there is no folder to write the picture into".to_owned())
        })?;
        let By { at, who } = core.by();
        let path = folder.join(format!("image {}.png", at.to_string().replace(':', "")));
        let refused = |why: String| WorkbenchError::Refused(format!("{}: {why}", path.display()));
        let bytes = png(size, rgb).map_err(|error| refused(error.to_string()))?;
        new_file(&path, &bytes).map_err(|error| refused(error.to_string()))?;
        let details = Details::from([
            ("what".to_owned(), "picture".to_owned()),
            ("identity".to_owned(), (!nameless).to_string()),
        ]);
        let by = By::new(who, at);
        core.wait(
            core.archive()
                .audit(&by, Verb::Export, Some(view.person), details),
        )?;
        self.notice(format!("Picture written to {}", path.display()), false);
        Ok(())
    }

    /// The patient as shown on one page. As of another time, too: the page says so (D-36).
    pub(super) fn print_summary(
        &self,
        core: &Core,
        folder: Option<PathBuf>,
    ) -> Result<(), WorkbenchError> {
        let Page::Patient(view) = self.snapshot().page.clone() else {
            return Ok(());
        };
        let folder = folder.or_else(documents).ok_or_else(|| {
            WorkbenchError::NotFound("there is no folder to write the summary into".to_owned())
        })?;
        // No name in a file's name: it is seen by whoever looks at the folder.
        let name = format!("summary {}.pdf", core.by().at.to_string().replace(':', ""));
        let path = folder.join(name);
        core.write_summary(&view, &path)?;
        self.notice(format!("Summary written to {}", path.display()), false);
        Ok(())
    }

    pub(super) fn export_findings(
        &self,
        core: &Core,
        folder: Option<PathBuf>,
    ) -> Result<(), WorkbenchError> {
        let open = lock(&self.0.state).open.clone();
        let Page::Patient(view) = self.snapshot().page.clone() else {
            return Ok(());
        };
        let Some(open) = open.filter(|o| o.view.person == view.person) else {
            return Ok(());
        };
        let folder = folder.or_else(documents).ok_or_else(|| {
            WorkbenchError::NotFound("there is no folder to write the table into".to_owned())
        })?;
        let By { at, who } = core.by();
        // No name in a file's name: it is seen by whoever looks at the folder.
        let name = format!("findings {}.csv", at.to_string().replace(':', ""));
        let path = folder.join(name);
        let table = csv(&view.drawings, &open.view.studies);
        new_file(&path, table.as_bytes())
            .map_err(|error| WorkbenchError::Refused(format!("{}: {error}", path.display())))?;
        let details = Details::from([
            ("what".to_owned(), "findings".to_owned()),
            (
                "drawings".to_owned(),
                view.drawings.annotations.len().to_string(),
            ),
        ]);
        let by = By::new(who, at);
        core.wait(
            core.archive()
                .audit(&by, Verb::Export, Some(view.person), details),
        )?;
        self.notice(format!("Findings written to {}", path.display()), false);
        Ok(())
    }
}

/// Pixels as a PNG.
fn png(size: [u32; 2], rgb: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size[0], size[1]);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    writer.finish()?;
    Ok(file)
}

/// A whole file on the disk, or an error; never over a file that is there.
fn new_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Where a user keeps papers: the documents folder of the desktop, else the home folder.
pub(super) fn documents() -> Option<PathBuf> {
    let home = PathBuf::from(std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?);
    let named = home.join("Documents");
    Some(if named.is_dir() { named } else { home })
}

#[cfg(test)]
#[path = "drawing_tests.rs"]
pub(super) mod tests;
