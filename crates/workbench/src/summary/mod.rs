//! A patient on one printed page (D-27): PDF, or the same page as PNG.
//!
//! ```text
//!   PatientView ─> Content (words) ─> Sheet (texts and paths in points) ─> pdf, png
//! ```
//!
//! The page is made of one view: one patient, one index time, what this reader may see. The same view, archive and time of printing give the
//! same page.

mod content;
mod face;
mod labs;
mod layout;
mod lists;
mod marks;
mod pdf;
mod png;
mod sheet;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use triptych_archive::{By, Details, Verb};
use triptych_clinical::{IndexTime, Instant, PatientKey};

use self::content::{About, Content};
use crate::reveal;
use crate::view::PatientView;
use crate::{Core, WorkbenchError};

/// What a page is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// Vector text and lines.
    Pdf,
    /// A picture of it.
    Png,
}

impl Paper {
    /// By the ending of a file's name.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "pdf" => Some(Self::Pdf),
            "png" => Some(Self::Png),
            _ => None,
        }
    }
}

/// A finished page.
#[derive(Debug)]
pub struct Page {
    sheet: sheet::Sheet,
    as_of: String,
    printed: Instant,
}

impl Page {
    /// The page of a view. `archive` is the name of the archive's folder, `printed` the time on the page.
    #[must_use]
    pub fn of(view: &PatientView, archive: &str, printed: Instant) -> Self {
        let about = About {
            printed,
            archive: archive.to_owned(),
        };
        let content = Content::of(view, &about);
        Self {
            sheet: layout::page(&content),
            as_of: content.as_of,
            printed,
        }
    }

    /// Its texts, a line for each base line, columns apart by ` | `.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.sheet.lines()
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// The page cannot be written in this form; in words.
    pub fn bytes(&self, paper: Paper) -> Result<Vec<u8>, WorkbenchError> {
        let title = format!("Patient summary as of {}", self.as_of);
        let made = match paper {
            Paper::Pdf => pdf::write(&self.sheet, &title, &self.printed.to_string()),
            Paper::Png => png::write(&self.sheet),
        };
        made.map_err(|why| WorkbenchError::Refused(format!("the page cannot be made: {why}")))
    }
}

impl Core {
    /// A patient as the window shows them to this reader: with disagreements of sources, and what a model found in a study only after an own
    /// impression (D-15). Audited.
    ///
    /// # Errors
    /// Nobody has this key, or the archive cannot be read.
    pub fn summary_view(
        &self,
        person: PatientKey,
        at: Option<IndexTime>,
    ) -> Result<PatientView, WorkbenchError> {
        let open = self.open_patient(person, at)?;
        let analysis = self.run_models(&open.catalog, &open.view, open.view.at);
        let all = self.wait(self.archive().decisions(person, Instant(i64::MAX)))?;
        let split = reveal::split(&analysis, &all, self.user());
        let answers = self.answers(person)?;
        let mut view = open.view.clone();
        self.add_reasoning(&open, &mut view, &split.findings)?;
        view.signals.models = analysis.rows;
        view.signals.hidden = split.hidden;
        let shown = split.shown.into_iter().map(|mut card| {
            card.acknowledged = answers.of(&card.id.0);
            card
        });
        view.signals.cards.extend(shown);
        Ok(view)
    }

    /// Writes the page of a view into a new file, as its ending says. Audited as an export.
    ///
    /// # Errors
    /// The name ends neither in `.pdf` nor in `.png`, a file is there, or it cannot be written.
    pub fn write_summary(&self, view: &PatientView, path: &Path) -> Result<(), WorkbenchError> {
        let refused = |why: String| WorkbenchError::Refused(format!("{}: {why}", path.display()));
        let paper = Paper::of(path)
            .ok_or_else(|| refused("a summary is written as .pdf or .png".to_owned()))?;
        let By { at, who } = self.by();
        let folder = self.archive().folder();
        let archive = folder.file_name().unwrap_or_default().to_string_lossy();
        let bytes = Page::of(view, &archive, at).bytes(paper)?;
        new_file(path, &bytes).map_err(|error| refused(error.to_string()))?;
        let form = match paper {
            Paper::Pdf => "pdf",
            Paper::Png => "png",
        };
        let details = Details::from([
            ("what".to_owned(), "summary".to_owned()),
            ("form".to_owned(), form.to_owned()),
            ("index_time".to_owned(), view.at.to_string()),
        ]);
        let by = By::new(who, at);
        let entry = self
            .archive()
            .audit(&by, Verb::Export, Some(view.person), details);
        self.wait(entry)?;
        Ok(())
    }
}

/// A whole file on the disk, or an error; never over a file that is there.
fn new_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
