//! What an import tells: the outcome of each file, their sums, how far it is, and who listens.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use triptych_archive::ImportOutcome;

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// Stored whole.
    Ok,
    /// It was there already.
    Duplicate,
    /// Stored, but something in it was not usable.
    Partly,
    /// Its identity contradicts what is known: waits for a person.
    Conflict,
    /// Not stored.
    Refused,
}

/// One file of an import.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// Path as named or found; entries of a ZIP follow its path after `!`.
    pub file: String,
    /// State.
    pub state: FileState,
    /// `DICOM`, `FHIR R4 Bundle (transaction)` …
    pub kind: String,
    /// What and why, for every state but ok.
    pub reason: String,
    /// Counts by kind over the file, as its source holds them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
    /// Single things that were not usable, with their places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// What an import did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportReport {
    /// One entry a file, in the order of their outcome.
    pub files: Vec<FileReport>,
    /// Instances stored.
    pub instances: u64,
    /// Documents stored.
    pub documents: u64,
    /// Facts seen for the first time.
    pub facts: u64,
    /// New versions of known facts.
    pub versions: u64,
    /// Instances and documents that were there already.
    pub duplicates: u64,
    /// Questions of identity that its files ask, of earlier imports included where they ask again.
    pub questions: usize,
    /// Bytes looked at.
    pub bytes: u64,
    /// Stopped by the user.
    pub cancelled: bool,
}

/// How far an import is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Files done.
    pub done: usize,
    /// Files found so far.
    pub total: usize,
    /// Bytes stored so far.
    pub bytes: u64,
}

/// Who listens to a running import. Called from the importing thread.
pub trait Watch {
    /// After each file. What it reports is durable.
    fn file(&mut self, report: &FileReport, progress: &Progress);
    /// Asked before each file.
    fn cancelled(&self) -> bool;
}

/// Nobody listens.
impl Watch for () {
    fn file(&mut self, _: &FileReport, _: &Progress) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// A flag that a second thread may raise.
impl Watch for &AtomicBool {
    fn file(&mut self, _: &FileReport, _: &Progress) {}
    fn cancelled(&self) -> bool {
        self.load(Ordering::Relaxed)
    }
}

impl ImportReport {
    /// Files of a state.
    #[must_use]
    pub fn count(&self, state: FileState) -> usize {
        self.files.iter().filter(|f| f.state == state).count()
    }

    /// Not a single file was refused, partly read or in conflict.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.files
            .iter()
            .all(|f| matches!(f.state, FileState::Ok | FileState::Duplicate))
    }
}

impl FileReport {
    pub(super) fn refused(file: String, kind: &str, reason: impl Into<String>) -> Self {
        Self {
            file,
            state: FileState::Refused,
            kind: kind.to_owned(),
            reason: reason.into(),
            counts: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// What became of a document that was read without a fault. One that was there may still bring something: what was in conflict when it
    /// came first.
    pub(super) fn stored(&mut self, outcome: &ImportOutcome) {
        if let Some(conflict) = outcome.conflicts().next() {
            self.state = FileState::Conflict;
            self.reason = conflict.reason.to_string();
        } else if outcome.known_document
            && outcome.new + outcome.versions == 0
            && self.state == FileState::Ok
        {
            self.state = FileState::Duplicate;
            self.reason = "the same document is in the archive".to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_document_is_a_duplicate_only_when_it_brings_nothing() {
        let state = |known_document, new| {
            let mut report = FileReport {
                state: FileState::Ok,
                ..FileReport::refused("record.json".to_owned(), "FHIR", "")
            };
            report.stored(&ImportOutcome {
                known_document,
                new,
                ..ImportOutcome::default()
            });
            report.state
        };
        assert_eq!(state(false, 5), FileState::Ok);
        assert_eq!(state(true, 0), FileState::Duplicate);
        // Its patient was in conflict at first, and is linked now.
        assert_eq!(state(true, 5), FileState::Ok);
    }
}
