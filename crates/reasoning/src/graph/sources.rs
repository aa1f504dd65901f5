//! What the graph is built from besides the rules: statements in texts, findings of models, what packs offer, what was retracted.
//!
//! Plain structs that the caller fills, so that neither the notes engine nor the models are known here.

use std::collections::BTreeMap;

use triptych_clinical::{Fact, FactId, IndexTime, Instant, Status, TextSpan, When};

use crate::chart::FactRef;
use crate::evaluate::Evaluation;
use crate::outcome::Severity;
use crate::pathways::PathwayView;

/// How a finding in a text is meant; all false means affirmed, of the patient, now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "five independent yes-or-no answers of the text engine"
)]
pub struct Said {
    /// Said to be absent.
    pub negated: bool,
    /// Said to be possible.
    pub uncertain: bool,
    /// Said of the past.
    pub historical: bool,
    /// Said of what might come.
    pub hypothetical: bool,
    /// Said of somebody else.
    pub family: bool,
}

/// One statement of a note or report.
#[derive(Clone, Debug)]
pub struct NoteAssertion {
    /// Concept id of the lexicon: `weight_loss`, `lung_nodule`.
    pub concept: String,
    /// How it is meant.
    pub said: Said,
    /// The text is a report about images, not a note: shown in the column of images.
    pub report: bool,
    /// A clinician confirmed the statement (D-35).
    pub confirmed: bool,
    /// Study that the report is about (study instance UID or the source's id), where known.
    pub study: Option<String>,
    /// Bytes of the sentence in the text.
    pub span: TextSpan,
    /// The note or report, in the version that was read.
    pub fact: FactRef,
    /// When it was true.
    pub time: When,
    /// When this version could be known.
    pub available: Instant,
}

/// Band of a model's calibrated output (D-22); bands are the model card's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Band {
    Low,
    Middle,
    High,
}

/// One finding of a model in one study. Passed only when lane D is on and revealed (D-15).
#[derive(Clone, Debug)]
pub struct ModelFinding {
    /// `nodule-detector@2.1.0`
    pub model: String,
    /// What it looks for, as a concept id of the lexicon: `lung_nodule`.
    pub label: String,
    /// Band of its output.
    pub band: Band,
    /// Above the model's own threshold.
    pub present: bool,
    /// Study.
    pub study: String,
    /// When the study was acquired.
    pub study_time: When,
    /// When the output could be known.
    pub available: Instant,
    /// The image or derived fact, where the archive holds one.
    pub fact: Option<FactRef>,
    /// A reader confirmed it: from then on lane N.
    pub confirmed: bool,
}

/// Everything at one index time.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// Rules over the record.
    pub evaluation: &'a Evaluation,
    /// Statements of texts.
    pub assertions: &'a [NoteAssertion],
    /// Findings of models.
    pub models: &'a [ModelFinding],
    /// What packs show.
    pub pathways: &'a [PathwayView],
    /// Visible version of texts and studies: an assertion of another version, or of a retracted text, is withdrawn.
    pub versions: Option<&'a Versions>,
}

/// The version of each fact that is visible at an index time; `None` where it was retracted.
#[derive(Clone, Debug, Default)]
pub struct Versions(BTreeMap<FactId, (Instant, FactRef, bool)>);

impl Versions {
    /// Reads the versions that were known at `at`.
    #[must_use]
    pub fn of(facts: &[Fact], at: IndexTime) -> Self {
        let mut newest: BTreeMap<FactId, (Instant, FactRef, bool)> = BTreeMap::new();
        for fact in facts.iter().filter(|f| f.available.instant <= at) {
            let this = FactRef {
                id: fact.id,
                version: fact.version,
            };
            let known = fact.available.instant;
            let newer = newest
                .get(&fact.id)
                .is_none_or(|(when, r, _)| (*when, r.version) < (known, fact.version));
            if newer {
                newest.insert(fact.id, (known, this, is_retracted(fact.status)));
            }
        }
        Self(newest)
    }

    /// False when the fact was retracted or has a newer version; true for facts that are not known here.
    #[must_use]
    pub fn holds(&self, fact: FactRef) -> bool {
        self.0
            .get(&fact.id)
            .is_none_or(|(_, newest, gone)| !gone && newest.version == fact.version)
    }
}

/// Statuses that remove a fact.
pub(super) const fn is_retracted(status: Status) -> bool {
    matches!(
        status,
        Status::EnteredInError | Status::Cancelled | Status::Unknown
    )
}

impl<'a> Sources<'a> {
    /// Rules alone.
    #[must_use]
    pub const fn of(evaluation: &'a Evaluation) -> Self {
        Self {
            evaluation,
            assertions: &[],
            models: &[],
            pathways: &[],
            versions: None,
        }
    }

    /// Index time.
    #[must_use]
    pub const fn at(&self) -> IndexTime {
        self.evaluation.chart.at
    }

    /// Assertions that were known, are about the patient and speak of what is, not of what might come.
    pub fn visible_assertions(&self) -> impl Iterator<Item = &'a NoteAssertion> {
        let at = self.at();
        self.assertions
            .iter()
            .filter(move |a| a.available <= at && !a.said.hypothetical)
    }

    /// Model findings that were known.
    pub fn visible_models(&self) -> impl Iterator<Item = &'a ModelFinding> {
        let at = self.at();
        self.models.iter().filter(move |m| m.available <= at)
    }

    /// Is the version of this fact the visible one, and not retracted?
    #[must_use]
    pub fn holds(&self, fact: FactRef) -> bool {
        self.versions.is_none_or(|v| v.holds(fact))
    }
}

impl Band {
    /// In words.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Middle => "middle",
            Self::High => "high",
        }
    }

    /// Severity of a model's side in a disagreement; never above moderate.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Low => Severity::Info,
            Self::Middle => Severity::Low,
            Self::High => Severity::Moderate,
        }
    }
}

impl Said {
    /// `negated`, `possible` …; empty when affirmed of the patient now.
    #[must_use]
    pub fn in_words(self) -> String {
        [
            (self.negated, "negated"),
            (self.uncertain, "possible"),
            (self.historical, "in the past"),
            (self.hypothetical, "hypothetical"),
            (self.family, "of a relative"),
        ]
        .into_iter()
        .filter_map(|(yes, word)| yes.then_some(word))
        .collect::<Vec<_>>()
        .join(", ")
    }
}
