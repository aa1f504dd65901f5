//! A note as it was read: sections, marks, and facts that its text seems to state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use triptych_clinical::FactId;

/// A section of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSection {
    /// `Findings`
    pub title: String,
    /// First byte of the heading.
    pub start: usize,
    /// First byte of the body.
    pub body: usize,
    /// One past the last byte.
    pub end: usize,
}

/// What is found in one text. Spans are bytes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteReading {
    /// Sections that have a heading, in order.
    pub sections: Vec<NoteSection>,
    /// Findings named in it, in order.
    pub marks: Vec<NoteMark>,
    /// Facts that it seems to state, in order: inert until a reader confirms them (D-35).
    pub candidates: Vec<NoteCandidate>,
}

/// How a finding is meant, as far as its underline tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkState {
    /// Solid.
    Affirmed,
    /// Dotted; never struck through.
    Negated,
    /// Wavy.
    Uncertain,
    /// No line, grey words: of the past, of what might come, of somebody else.
    Elsewhere,
}

/// A finding named in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteMark {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// `pleural effusion`
    pub concept: String,
    /// Its underline.
    pub state: MarkState,
    /// Grey: historical, hypothetical or of the family, whatever the underline says.
    pub is_elsewhere: bool,
    /// `negated`, `uncertain, historical`
    pub words: String,
    /// What set it: the words of the text, or a section.
    pub set_by: Vec<SetBy>,
    /// Section that it stands in; empty before the first heading.
    pub section: String,
}

/// Why a mark is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetBy {
    /// `negated`
    pub state: String,
    /// The trigger as the text has it, or the section's title.
    pub words: String,
    /// Where the trigger stands; `None` for a section.
    pub place: Option<TriggerPlace>,
}

/// Where a trigger stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerPlace {
    /// Before the concept.
    Before,
    /// After it.
    After,
}

/// A fact that a text seems to state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteCandidate {
    /// Names the proposal: code, place and hash of the text. A rejected key is never proposed again.
    pub key: String,
    /// Id of the fact that confirming makes.
    pub fact: FactId,
    /// `Lung nodule 8 mm`
    pub title: String,
    /// `Finding · type solid · lobe RUL`
    pub detail: String,
    /// The words that it rests on: first byte and one past the last.
    pub span: (usize, usize),
    /// Their sentence, white space folded.
    pub sentence: String,
}

/// A reader's words on proposals of a person's notes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteVerdicts {
    /// Confirmed facts by id: in the words of the screen, who and when.
    pub confirmed: BTreeMap<FactId, ConfirmedFact>,
    /// Keys that were rejected.
    pub rejected: BTreeSet<String>,
}

/// A fact from a text that a reader confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmedFact {
    /// The note that it is from, and the bytes there, where they are known.
    pub note: Option<(FactId, (usize, usize))>,
    /// `Lung nodule 8 mm`
    pub title: String,
    /// `2020-12-12 09:04`
    pub at: String,
    /// Who.
    pub by: String,
}

/// A slot for the reading of a note, filled on demand. Looking into it never waits.
#[derive(Clone, Debug, Default)]
pub struct ReadingSlot(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    asked: AtomicBool,
    reading: OnceLock<Arc<NoteReading>>,
}

impl ReadingSlot {
    /// What is in it; `None` before the note was read.
    #[must_use]
    pub fn get(&self) -> Option<Arc<NoteReading>> {
        self.0.reading.get().cloned()
    }

    /// Fills it; a slot is filled once.
    pub fn set(&self, reading: NoteReading) {
        // Two that read the same text have read the same.
        let _ = self.0.reading.set(Arc::new(reading));
    }

    /// True for the first who asks: that one sends [`crate::Command::ReadNote`].
    #[must_use]
    pub fn ask(&self) -> bool {
        !self.0.asked.swap(true, Ordering::Relaxed)
    }
}

/// Answer to a note search.
#[derive(Clone, Debug, Default)]
pub struct NoteHits {
    /// What was searched.
    pub text: String,
    /// In list order, then in the order of the text.
    pub hits: Vec<NoteHit>,
    /// Milliseconds that the search took.
    pub took_ms: u64,
}

/// One place that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteHit {
    /// The note.
    pub note: FactId,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The text says that it is absent.
    pub is_negated: bool,
    /// Title of its section; empty before the first heading.
    pub section: String,
}
