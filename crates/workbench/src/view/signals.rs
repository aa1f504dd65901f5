//! The signals leaf: cards with what they rest on, models, pathway questions.

use super::{
    DueRow, HiddenStudy, HypothesisRow, Impression, NewestEntry, Reveals, Target, TimeCritical,
    Weighing, WithdrawnRow,
};

/// Names a card: rule and input hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalId(pub String);

/// The right leaf.
#[derive(Clone, Debug, Default)]
pub struct SignalsView {
    /// Rules or models are still running.
    pub running: bool,
    /// Cards in order: severity, newest input, rule id (D-28), of a group those of its first card.
    pub cards: Vec<SignalCard>,
    /// Cards that rest on a common source (D-26); their cards stand together in [`Self::cards`].
    pub groups: Vec<CardGroup>,
    /// `9 rules: 3 fired, 4 silent, 2 cannot tell` (D-03)
    pub coverage: String,
    /// Each rule's outcome in words, for the opened coverage line.
    pub coverage_rows: Vec<(String, String)>,
    /// `needs: ferritin, ACR` (D-10); empty when nothing is missing.
    pub needs: String,
    /// State of each installed model for this patient (MDL-12).
    pub models: Vec<ModelRow>,
    /// Pathway questions with their options.
    pub pathways: Vec<PathwayCard>,
    /// Packs of which it is unknown whether they, or some of their questions, apply: title, and what they need (D-10).
    pub hesitating: Vec<(String, String)>,
    /// Hypotheses that something speaks for, in order.
    pub hypotheses: Vec<HypothesisRow>,
    /// What is to follow, overdue first.
    pub due: Vec<DueRow>,
    /// Cards that rested on what was taken back in the last 30 days (D-34).
    pub withdrawn: Vec<WithdrawnRow>,
    /// Lane T.
    pub time_critical: TimeCritical,
    /// Studies whose model output waits for an own impression (D-15).
    pub hidden: Vec<HiddenStudy>,
    /// How often it was seen before one.
    pub reveals: Reveals,
    /// The newest entry, where it is more than a year before the index time.
    pub newest: Option<NewestEntry>,
}

/// Lane of a signal (record-and-signals 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Notice: rules.
    N,
    /// Diagnostic model: investigational.
    D,
    /// Time-critical.
    T,
}

/// Severity: orders cards; drawn by shape and word (D-33).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Circle.
    Info,
    /// Triangle outline.
    Low,
    /// Filled triangle.
    Moderate,
    /// Filled diamond.
    High,
}

/// One card (D-05).
#[derive(Clone, Debug)]
pub struct SignalCard {
    /// Names it.
    pub id: SignalId,
    /// Lane.
    pub lane: Lane,
    /// Severity; `None` for lane D, whose models rank nothing.
    pub severity: Option<Severity>,
    /// `R2@1.0.0`, or model id and version.
    pub rule: String,
    /// `Acute kidney injury stage`
    pub title: String,
    /// At most 140 characters.
    pub summary: String,
    /// As-of time.
    pub as_of: String,
    /// `Missing: ferritin`; empty when nothing is.
    pub missing: String,
    /// Second line: what it rests on, provider and node counts for models.
    pub detail: String,
    /// Acknowledged with this answer, by this reader; such cards fold.
    pub acknowledged: Option<String>,
    /// What stands behind it.
    pub basis: Basis,
    /// What an acknowledgement is about: `R16`, `D-18 …`; the card's name for a model (D-30).
    pub subject: String,
    /// Verdict and class in words: with the severity it decides whether an acknowledged card returns (D-30).
    pub outcome: String,
    /// A disagreement's sides, each with source and date (D-18); empty for other cards.
    pub sides: Vec<String>,
    /// What speaks for and against, from the evidence graph.
    pub weighing: Weighing,
    /// The reader's own impressions, which stand before the model's finding (D-16).
    pub own: Vec<Impression>,
}

/// Cards that rest on one source, at least two (D-26).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CardGroup {
    /// The source: `Creatinine 1.9 mg/dL · 2013-05-30`
    pub source: String,
    /// Where it is.
    pub target: Option<Target>,
    /// Cards, in order.
    pub cards: Vec<SignalId>,
    /// Those whose second line would name the source again.
    pub leads: Vec<SignalId>,
}

/// Why a signal fired (D-06, D-07, screen 04).
#[derive(Clone, Debug, Default)]
pub struct Basis {
    /// Inputs, numbered 1… in this order.
    pub items: Vec<BasisItem>,
    /// Calculation in words, one step a line.
    pub steps: Vec<String>,
    /// Thresholds in words.
    pub thresholds: Vec<String>,
    /// Exclusions checked and known limits.
    pub exclusions: Vec<String>,
    /// What is missing, in words.
    pub missing: Vec<String>,
    /// Long forms of the card's abbreviations (D-13).
    pub long_forms: Vec<String>,
    /// Citation with section.
    pub citation: String,
    /// Date after which the source counts as past review.
    pub valid_until: String,
    /// Hash of the inputs, hexadecimal.
    pub input_hash: String,
    /// The risk of a published equation among a hundred people, shown on request (D-24).
    pub frequencies: Vec<NaturalFrequency>,
    /// Card of the model that found it (D-20).
    pub model: Option<ModelCard>,
}

/// What a reader must be able to know of a model that said something (D-20). Headings and texts, none empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelCard {
    /// `Heart enlarged on an adult frontal radiograph`
    pub title: String,
    /// Name, version, hash, training population, known failures, last local validation, inputs for this patient: in this order.
    pub first: Vec<(&'static str, String)>,
    /// The 31 source attributes of 45 CFR 170.315(b)(11)(iv)(B).
    pub attributes: Vec<(String, String)>,
}

/// So many of a hundred people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NaturalFrequency {
    /// `9 of 100`, `between 3 and 12 of 100`
    pub words: String,
    /// At least so many, at most so many.
    pub of_100: [u8; 2],
    /// `kidney failure within 5 years`
    pub event: String,
    /// Whom the equation was made for.
    pub population: String,
}

/// One input of a signal.
#[derive(Clone, Debug)]
pub struct BasisItem {
    /// `Creatinine`
    pub name: String,
    /// Role in the rule: `trigger`, `baseline`, `comparison` …
    pub role: String,
    /// Value with unit as reported.
    pub value: String,
    /// The value in the rule's unit where it differs.
    pub canonical: String,
    /// When it was true.
    pub time: String,
    /// `14 months old`
    pub age: String,
    /// Where it is; `None` only for what has no place of its own.
    pub target: Option<Target>,
}

/// A model's state for this patient: three states that never blur (MDL-12).
#[derive(Clone, Debug)]
pub struct ModelRow {
    /// `heart-size-reference 0.1.0`
    pub model: String,
    /// State.
    pub state: ModelState,
    /// `CPU: 57 of 57 nodes (CUDA not requested)`
    pub provider: String,
}

/// What became of a model for this patient.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelState {
    /// Lane D is off: nobody has enabled it.
    Off,
    /// Queued or running.
    Running,
    /// It ran; the card is in [`SignalsView::cards`].
    Analysed,
    /// Not run, with the reason for each image it declined.
    Withheld(Vec<String>),
    /// It failed.
    Failed(String),
}

/// A pathway question.
#[derive(Clone, Debug)]
pub struct PathwayCard {
    /// Pack id and node id joined by `/`.
    pub id: String,
    /// Pack and version: `iron-deficiency-anaemia@1.0.0`
    pub pack: String,
    /// The pack's title.
    pub about: String,
    /// `Iron-deficiency anaemia`
    pub title: String,
    /// For whom, and for whom not.
    pub scope: String,
    /// Facts in words.
    pub say: String,
    /// What is missing to decide whether it applies; empty when it applies.
    pub needs: Vec<String>,
    /// What the question and the criteria of its options rest on.
    pub rests_on: Vec<BasisItem>,
    /// Options by id; none is preselected, none ranked (D-11).
    pub options: Vec<PathwayOption>,
    /// Sources cited by the options.
    pub sources: Vec<String>,
    /// Decision taken last on this question, if any.
    pub decision: Option<DecisionView>,
}

/// One option.
#[derive(Clone, Debug)]
pub struct PathwayOption {
    /// Id in its node.
    pub id: String,
    /// `Oral iron, alternate days`
    pub title: String,
    /// `test`, `treat`, `refer`, `monitor`, `stop`, `none`
    pub kind: String,
    /// Own words.
    pub text: String,
    /// Reasons for.
    pub supports: Vec<Criterion>,
    /// Reasons against.
    pub against: Vec<Criterion>,
    /// Contraindications; a met one strikes the title (D-12).
    pub contraindicated: Vec<Criterion>,
    /// What to look at afterwards.
    pub follow_up: String,
    /// Grade of evidence: `B`, `A (1A)`, `consensus`.
    pub grade: String,
    /// Source and section.
    pub source: String,
    /// After how long it is asked again: `14 d`.
    pub asked_again: String,
    /// Its newest input is too old: greyed, in words.
    pub stale: Option<String>,
}

/// A criterion with its truth for this patient.
#[derive(Clone, Debug)]
pub struct Criterion {
    /// In words.
    pub say: String,
    /// Met, not met, or unknown (`None`).
    pub met: Option<bool>,
    /// What the answer rests on, in words: `R15 eGFR 51 mL/min/1.73 m² · 3 d`. Empty where the record was searched in vain.
    pub rests_on: String,
    /// What is missing where it is unknown.
    pub needs: String,
}

/// What a clinician decided.
#[derive(Clone, Debug)]
pub struct DecisionView {
    /// `accepted`, `declined`, `deferred`
    pub verdict: String,
    /// Id of the option in its node.
    pub option_id: String,
    /// Its title, or the id where the pack has no such option any more.
    pub option: String,
    /// Coded reason in words.
    pub reason: String,
    /// What was added in own words; may be empty.
    pub comment: String,
    /// Who and when.
    pub signed: String,
    /// Inputs changed since.
    pub outdated: bool,
}
