//! The record leaf: results, notes and lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use triptych_clinical::{FactId, FactVersion, Instant, SmolStr, StudyUid, When};

use super::ReadingSlot;

/// A panel of results.
#[derive(Clone, Debug)]
pub struct LabGroup {
    /// `Kidney and electrolytes`
    pub title: String,
    /// Date of its newest value.
    pub date: String,
    /// `3 d`, `14 mo`, `3.3 y`
    pub age: String,
    /// A panel of record-and-signals 7.1; the last group holds what none of them knows.
    pub is_known: bool,
    /// Rows in stable order.
    pub rows: Vec<LabRow>,
}

/// One analyte with its newest value and history.
#[derive(Clone, Debug)]
pub struct LabRow {
    /// Stable within the patient: code with system.
    pub key: String,
    /// `Creatinine`
    pub name: String,
    /// Newest value as written, with comparator: `1.28`, `<5`, or the text answer.
    pub value: String,
    /// Unit as shown; empty for coded answers only.
    pub unit: String,
    /// `0.50 – 1.10`, or `no interval`.
    pub interval: String,
    /// Mark of the newest value.
    pub mark: Mark,
    /// `Above the interval of this report (0.50 – 1.10)`: for hover and screen readers.
    pub mark_words: String,
    /// When collected.
    pub collected: String,
    /// Age against the index time.
    pub age: String,
    /// `+38.3` percent against the value before, with true minus; empty if none.
    pub change_percent: String,
    /// Beyond expected variation (R25): up, down or not.
    pub variation: Variation,
    /// All points, oldest first; numbers in `unit`.
    pub points: Arc<[LabPoint]>,
    /// Newest value's fact.
    pub fact: FactId,
    /// Source in words: document kind and path, for hover (D-01).
    pub source: String,
    /// Calculated by the program, not reported (D-08).
    pub calculated: bool,
}

/// One result in a history.
#[derive(Clone, Debug)]
pub struct LabPoint {
    /// Fact.
    pub fact: FactId,
    /// Collection time.
    pub at: When,
    /// When it could be known: issued, received.
    pub available: Instant,
    /// The number, if it is one.
    pub value: Option<f64>,
    /// As written, with comparator.
    pub written: SmolStr,
    /// Interval of that very report.
    pub low: Option<f64>,
    /// Interval of that very report.
    pub high: Option<f64>,
    /// Its mark.
    pub mark: Mark,
}

/// A result that counts no longer: a line of its history, and nowhere else (D-34).
#[derive(Clone, Debug, PartialEq)]
pub struct FormerValue {
    /// Fact.
    pub fact: FactId,
    /// The version that had this value.
    pub version: FactVersion,
    /// Name of its row.
    pub name: String,
    /// As written, with comparator.
    pub written: String,
    /// Unit as shown.
    pub unit: String,
    /// Collection time.
    pub at: When,
    /// Since when it counts no longer.
    pub since: Instant,
    /// What became of it.
    pub became: Became,
    /// What said so, for hover.
    pub source: String,
}

/// What became of a value that counts no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// Its source corrected it to this value.
    Corrected(String),
    /// A later version of the result, no correction, has this value.
    Replaced(String),
    /// Its source took it back.
    TakenBack,
}

/// Former values by [`LabRow::key`], newest first. A key without a row: every result of that row was taken back.
pub type FormerValues = BTreeMap<String, Vec<FormerValue>>;

/// The shape beside a value (look.md, marks; D-33).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// Inside the interval of its report: nothing is drawn.
    #[default]
    Within,
    /// Filled triangle up, amber.
    Above,
    /// Filled triangle down, blue.
    Below,
    /// Double triangle up, red: a critical flag that the source reported.
    CriticalAbove,
    /// Double triangle down, red.
    CriticalBelow,
    /// Hollow dot.
    NoInterval,
    /// Square with slash: unit or value not usable.
    Refused,
    /// Dashed square: from text, not confirmed.
    FromText,
    /// Letter C.
    Corrected,
}

impl Mark {
    /// Outside the interval of its report, or flagged so by its source.
    #[must_use]
    pub const fn is_outside(self) -> bool {
        matches!(self, Self::Above | Self::Below) || self.is_critical()
    }

    /// The source called it critical.
    #[must_use]
    pub const fn is_critical(self) -> bool {
        matches!(self, Self::CriticalAbove | Self::CriticalBelow)
    }
}

/// Verdict of the reference change value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variation {
    /// Not beyond, or not known.
    #[default]
    None,
    /// Rise beyond expected variation.
    Up,
    /// Fall beyond expected variation.
    Down,
}

/// A note or report.
#[derive(Clone, Debug)]
pub struct NoteItem {
    /// Fact.
    pub fact: FactId,
    /// `CT report`, `Progress note`
    pub title: String,
    /// Date and time as shown.
    pub date: String,
    /// For the timeline.
    pub at: When,
    /// Author or department, if known.
    pub author: String,
    /// `preliminary`, `final`, `amended` …, with how the text was come by where it is not what was sent.
    pub status: String,
    /// The text, line breaks kept.
    pub text: Arc<str>,
    /// Version of the fact.
    pub version: FactVersion,
    /// Facts of the same text and time: sent as a document and once more as a report.
    pub twins: Vec<FactId>,
    /// What was found in the text, once it was read.
    pub reading: ReadingSlot,
    /// Study it reports on, if it says so.
    pub study: Option<StudyUid>,
    /// Where it came from, for hover.
    pub source: String,
}

impl NoteItem {
    /// True where the text of this fact is shown here.
    #[must_use]
    pub fn is(&self, fact: FactId) -> bool {
        self.fact == fact || self.twins.contains(&fact)
    }
}

/// A line of the simple lists.
#[derive(Clone, Debug)]
pub struct ListRow {
    /// Fact.
    pub fact: FactId,
    /// Older facts that say the same and are over too: the line stands for them.
    pub also: Vec<FactId>,
    /// What.
    pub title: String,
    /// Dose, status, setting …
    pub detail: String,
    /// `2019-09-20`, `since 2019-09-20`
    pub date: String,
    /// In force at the index time.
    pub active: bool,
    /// Shown but not used by rules (planned, unconfirmed, not mapped): why; empty otherwise.
    pub inert: String,
    /// For hover.
    pub source: String,
}

impl ListRow {
    /// The line is that of this fact.
    #[must_use]
    pub fn is(&self, fact: FactId) -> bool {
        self.fact == fact || self.also.contains(&fact)
    }
}
