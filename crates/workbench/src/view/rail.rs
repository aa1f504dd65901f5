//! The third leaf besides its cards: what speaks for and against, hypotheses, what is due, lane T, what waits for an own impression.

use triptych_clinical::{Instant, StudyUid};

use super::{Lane, SignalCard, Target};

/// Which way a statement counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// It speaks for.
    For,
    /// It speaks against.
    Against,
    /// It explains, or is explained.
    Explains,
}

/// A statement for or against, as the evidence graph gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Which way it counts.
    pub side: Side,
    /// In words, with its weight where it has one.
    pub words: String,
    /// ISO date; empty when none is recorded.
    pub date: String,
    /// Who says it: `problem list`, `R16@1.0.0`, `report`.
    pub source: String,
    /// Nobody confirmed it: drawn dashed (D-35).
    pub unconfirmed: bool,
    /// Where it stands.
    pub target: Option<Target>,
}

/// What speaks for and against, in the columns images, labs, notes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weighing {
    /// Statements of images, of labs, of notes and lists.
    pub columns: [Vec<Statement>; 3],
    /// What would answer, in words.
    pub needs: Vec<String>,
}

impl Weighing {
    /// There is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needs.is_empty() && self.columns.iter().all(Vec::is_empty)
    }
}

/// A hypothesis that something speaks for. It has no score: only how many modalities speak for it on their own.
#[derive(Clone, Debug)]
pub struct HypothesisRow {
    /// `iron_deficiency`
    pub id: String,
    /// In words.
    pub title: String,
    /// Columns with confirmed support that is at least moderate.
    pub modalities: usize,
    /// D where a model is among its evidence.
    pub lane: Lane,
    /// Its statements.
    pub weighing: Weighing,
}

/// Something that is to follow, or was.
#[derive(Clone, Debug)]
pub struct DueRow {
    /// `CT at 6-12 months`
    pub what: String,
    /// What it follows.
    pub about: String,
    /// `2021-07-04 to 2022-01-04`, `no date stated`
    pub when: String,
    /// Past its date.
    pub overdue: bool,
    /// Rule or pack.
    pub source: String,
    /// What is missing to be certain of it; empty when nothing is.
    pub needs: String,
    /// Where it comes from.
    pub target: Option<Target>,
}

/// A card that its source took away: named for 30 days (D-34).
#[derive(Clone, Debug, PartialEq)]
pub struct WithdrawnRow {
    /// `R16@1.0.0`
    pub rule: String,
    /// `Iron deficiency`
    pub title: String,
    /// What the card said.
    pub summary: String,
    /// What it rested on and was taken back: `Ferritin 9 µg/L · 2021-06-01`.
    pub values: Vec<String>,
    /// ISO date of the retraction.
    pub when: String,
    /// ISO date from which it is named no longer.
    pub until: String,
    /// What took it back.
    pub source: String,
    /// Its line in the history.
    pub target: Option<Target>,
}

/// Lane T: never among the cards, seen only where it was asked for.
#[derive(Clone, Debug, Default)]
pub struct TimeCritical {
    /// This reader has it on.
    pub on: bool,
    /// Cards of lane T.
    pub cards: Vec<SignalCard>,
    /// The others: rule and outcome in words.
    pub others: Vec<(String, String)>,
}

/// An impression that a reader recorded before seeing a model's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impression {
    /// Category and words.
    pub words: String,
    /// Who and when.
    pub signed: String,
}

/// A study with model output that this reader has not asked to see (D-15).
#[derive(Clone, Debug)]
pub struct HiddenStudy {
    /// Study.
    pub study: StudyUid,
    /// `DX 2021-02-22`
    pub title: String,
    /// Names of the models, not what they found.
    pub models: Vec<String>,
    /// This reader's own impressions, oldest first: each version is kept (D-16).
    pub own: Vec<Impression>,
}

/// How often this reader saw a model's output before an own impression; shown to this reader alone (D-17).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reveals {
    /// Before.
    pub at_once: u32,
    /// All.
    pub all: u32,
}

/// The newest entry of a record that lies long before the index time.
#[derive(Clone, Debug, PartialEq)]
pub struct NewestEntry {
    /// ISO date.
    pub date: String,
    /// `5.7 y`
    pub age: String,
    /// An index time just after it.
    pub then: Instant,
}
