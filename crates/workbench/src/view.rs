//! What is on screen, as values: immutable snapshots behind `Arc`, made by the workbench, drawn by `ui`.
//!
//! Texts are ready to be shown (numbers as written by their source, dates in ISO); nothing here needs a clock, a file or a unit table.
//! Every item carries the [`FactId`] or UID it came from, so that a click can jump to its source.

use std::sync::{Arc, OnceLock};

use triptych_clinical::{FactId, IndexTime, PatientKey, SeriesUid, SopInstanceUid, StudyUid, When};
use triptych_imaging::{Frame, display::DisplayAttributes};

/// Everything the window shows at one moment. Cheap to clone; a change makes a new one with a greater generation.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Counts up with every change.
    pub generation: u64,
    /// Which page.
    pub page: Page,
    /// The running or last import.
    pub import: Option<Arc<ImportView>>,
    /// Things to tell, newest last; each until dismissed.
    pub notices: Vec<Notice>,
    /// What the status bar and the about page say of this machine.
    pub machine: Arc<MachineView>,
}

/// The page.
#[derive(Clone, Debug, Default)]
pub enum Page {
    /// Archive is being opened.
    #[default]
    Starting,
    /// The archive cannot be opened: what, why, what to do.
    ArchiveClosed(Arc<Trouble>),
    /// List of patients.
    Start(Arc<StartView>),
    /// Blank but for the new name, while the patient loads (WRK-05, D-37).
    Opening {
        /// Who is coming.
        name: String,
    },
    /// The triptych.
    Patient(Arc<PatientView>),
}

/// What went wrong, why, and what to do.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub remedy: String,
}

/// A message in the status bar.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Names it for [`crate::Command::Dismiss`].
    pub id: u64,
    /// True when something was refused or lost.
    pub is_error: bool,
    /// One line.
    pub text: String,
}

/// What the status bar says of the machine; filled from the same facts as `doctor`.
#[derive(Clone, Debug, Default)]
pub struct MachineView {
    /// `local · CPU`, `local · CUDA`: where inference runs.
    pub processor: String,
    /// Why, on hover.
    pub processor_reason: String,
    /// `archive 1.2 GB`
    pub archive: String,
    /// The text of `triptych doctor`.
    pub doctor: String,
}

/// Start page.
#[derive(Clone, Debug, Default)]
pub struct StartView {
    /// Who is in the archive, last opened first.
    pub patients: Vec<PatientRow>,
    /// The search that this list answers.
    pub search: String,
}

/// One person in the list.
#[derive(Clone, Debug)]
pub struct PatientRow {
    /// Key to open.
    pub person: PatientKey,
    /// `HYATT, Neva`
    pub name: String,
    /// `F`, `M` …
    pub sex: String,
    /// `1970-05-28`, or `birth date not recorded`
    pub birth_date: String,
    /// `50 y`, empty when unknown.
    pub age: String,
    /// `MRN 1234`
    pub identifier: String,
    /// Numbers of things: studies, results, notes.
    pub counts: Counts,
    /// Newest event's date.
    pub last_event: String,
    /// When this program showed the patient last; empty if never.
    pub last_opened: String,
    /// Marked as synthetic.
    pub synthetic: bool,
    /// Number of records linked into this person (1 = not linked).
    pub linked_records: usize,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Imaging studies with pixels here.
    pub studies: usize,
    /// Series.
    pub series: usize,
    /// Instances.
    pub instances: usize,
    /// Observations.
    pub results: usize,
    /// Notes and reports.
    pub notes: usize,
    /// Medicines.
    pub medications: usize,
    /// Problems.
    pub problems: usize,
}

/// A running or finished import.
#[derive(Clone, Debug, Default)]
pub struct ImportView {
    /// What was dropped or named.
    pub title: String,
    /// Files looked at so far.
    pub done: usize,
    /// Files found so far (grows while folders are walked).
    pub total: usize,
    /// Bytes stored.
    pub bytes: u64,
    /// Over.
    pub finished: bool,
    /// Stopped by the user; what was stored stays.
    pub cancelled: bool,
    /// Stored instances and documents.
    pub stored: usize,
    /// Already there.
    pub duplicates: usize,
    /// Each file that is not ok.
    pub refused: Vec<RefusedFile>,
    /// Identity conflicts that wait for a person.
    pub conflicts: Vec<RefusedFile>,
}

/// A file that was not taken.
#[derive(Clone, Debug)]
pub struct RefusedFile {
    /// File name, not path.
    pub name: String,
    /// What and why.
    pub reason: String,
}

/// One patient as of one index time.
#[derive(Clone, Debug)]
pub struct PatientView {
    /// The person.
    pub person: PatientKey,
    /// Shown in the header and in every viewport, spelled once.
    pub banner: Banner,
    /// Index time.
    pub at: IndexTime,
    /// The index time is the present (else frames are tinted and writing is off, D-36).
    pub at_is_now: bool,
    /// `now 2021-02-22 09:41` or `as of …`.
    pub at_text: String,
    /// Imaging studies, newest first.
    pub studies: Vec<StudyView>,
    /// Laboratory results by panel in the order of record-and-signals 7.1.
    pub labs: Vec<LabGroup>,
    /// Vital signs.
    pub vitals: Vec<LabRow>,
    /// Notes and reports, newest first.
    pub notes: Vec<NoteItem>,
    /// Medicines, current first.
    pub medications: Vec<ListRow>,
    /// Problems, active first.
    pub problems: Vec<ListRow>,
    /// Allergies.
    pub allergies: Vec<ListRow>,
    /// Encounters, newest first.
    pub encounters: Vec<ListRow>,
    /// Procedures, newest first.
    pub procedures: Vec<ListRow>,
    /// Everything on the time axis.
    pub timeline: Vec<TimelineItem>,
    /// Cards, coverage, models, pathways.
    pub signals: SignalsView,
    /// Answer to the last note search.
    pub note_hits: Option<NoteHits>,
}

/// Who this is.
#[derive(Clone, Debug, Default)]
pub struct Banner {
    /// `HYATT, Neva`
    pub name: String,
    /// `NH`
    pub initials: String,
    /// `F`
    pub sex: String,
    /// `1970-05-28`
    pub birth_date: String,
    /// `50 y`
    pub age: String,
    /// `MRN e6a7ccbf` as shown: type and value apart.
    pub identifier_kind: String,
    /// The identifier.
    pub identifier: String,
    /// Last three or four characters of it, for cards.
    pub identifier_tail: String,
    /// `penicillin`, `no known allergies`, or `no record`.
    pub allergies: String,
    /// A made-up patient.
    pub synthetic: bool,
    /// Other records linked into this person, as `name · identifier`.
    pub linked: Vec<String>,
}

/// An imaging study.
#[derive(Clone, Debug)]
pub struct StudyView {
    /// Study Instance UID.
    pub uid: StudyUid,
    /// `2021-02-22`
    pub date: String,
    /// `09:12`, empty when unknown.
    pub time: String,
    /// `CT chest`
    pub title: String,
    /// `CT`, `DX` …; several joined by `/`.
    pub modality: String,
    /// Display sets in series order.
    pub series: Vec<SeriesView>,
    /// Whole days before the newest study of this patient; 0 for the newest itself.
    pub days_before_newest: i64,
}

/// One display set: images that scroll together (T32).
#[derive(Clone, Debug)]
pub struct SeriesView {
    /// Names the display set: Series Instance UID, with `#n` when a series holds more than one.
    pub key: SeriesKey,
    /// Series Instance UID.
    pub uid: SeriesUid,
    /// Series Number as text.
    pub number: String,
    /// Series Description.
    pub description: String,
    /// `CT`
    pub modality: String,
    /// Image Type, body part and view as far as the header says.
    pub body_part: String,
    /// Images to scroll through.
    pub images: usize,
    /// Patient name, identifier and birth date **of these images' own header**, for the corner text (T59).
    pub owner: ImageOwner,
    /// Median spacing of slices along the normal, mm.
    pub spacing_mm: Option<f64>,
    /// Marks of the trust strip that hold for the whole set: `variable spacing`, `gap after 12`, `tilted acquisition (18.5°)` …
    pub marks: Vec<String>,
    /// Why nothing of it can be shown, if so; the tile is hatched and says it.
    pub unreadable: Option<String>,
    /// The slices, filled while they are decoded.
    pub stack: Arc<Stack>,
}

/// Names a display set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey(pub String);

/// Identity as the image's header gives it.
#[derive(Clone, Debug, Default)]
pub struct ImageOwner {
    /// `HYATT, Neva`
    pub name: String,
    /// Patient ID
    pub identifier: String,
    /// `1970-05-28`
    pub birth_date: String,
    /// `F`
    pub sex: String,
    /// False when the header names another person than the banner: linked records, shown in words in the tile.
    pub same_as_banner: bool,
}

/// Slices of a display set in reading order. Slots fill while frames are decoded; reading never waits.
#[derive(Debug, Default)]
pub struct Stack {
    /// One slot a slice.
    pub slices: Vec<Slice>,
}

/// One slice.
#[derive(Debug)]
pub struct Slice {
    /// Instance.
    pub instance: SopInstanceUid,
    /// Frame in it, from 0.
    pub frame: u32,
    /// `row cosines, column cosines`, where the header has them.
    pub orientation: Option<[f64; 6]>,
    /// Image Position (Patient), mm LPS.
    pub position: Option<[f64; 3]>,
    /// Position along the stack's normal as shown: `−493.8 mm`; empty when there is no geometry.
    pub position_text: String,
    /// Pixels once decoded, or why not.
    pub pixels: OnceLock<Result<Decoded, String>>,
}

/// A decoded slice.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Never two alike within one run of the program.
    pub id: u64,
    /// Stored values.
    pub frame: Frame,
    /// How to show them.
    pub display: Arc<DisplayAttributes>,
}

/// A panel of results.
#[derive(Clone, Debug)]
pub struct LabGroup {
    /// `Kidney and electrolytes`
    pub title: String,
    /// Date of its newest value.
    pub date: String,
    /// `3 d`, `14 mo`, `3.3 y`
    pub age: String,
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
    pub points: Vec<LabPoint>,
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
    /// The number, if it is one.
    pub value: Option<f64>,
    /// As written, with comparator.
    pub written: String,
    /// Interval of that very report.
    pub low: Option<f64>,
    /// Interval of that very report.
    pub high: Option<f64>,
    /// Its mark.
    pub mark: Mark,
}

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
    /// `preliminary`, `final`, `amended` …
    pub status: String,
    /// The text, line breaks kept.
    pub text: Arc<str>,
    /// Sections recognised in it, in order; byte spans into `text`.
    pub sections: Vec<NoteSection>,
    /// Study it reports on, if it says so.
    pub study: Option<StudyUid>,
    /// Where it came from, for hover.
    pub source: String,
}

/// A section of a note.
#[derive(Clone, Debug)]
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

/// Answer to a note search.
#[derive(Clone, Debug, Default)]
pub struct NoteHits {
    /// What was searched.
    pub text: String,
    /// Note and byte span, in list order.
    pub hits: Vec<(FactId, usize, usize)>,
}

/// A line of the simple lists.
#[derive(Clone, Debug)]
pub struct ListRow {
    /// Fact.
    pub fact: FactId,
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

/// Lane of the timeline, in drawn order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimelineLane {
    /// Contacts with care.
    Encounters,
    /// Bars.
    Problems,
    /// Bars.
    Medicines,
    /// Density and abnormal marks.
    Laboratory,
    /// Modality glyphs.
    Imaging,
    /// Documents.
    Notes,
    /// Glyph by severity.
    Signals,
}

/// One item of the timeline.
#[derive(Clone, Debug)]
pub struct TimelineItem {
    /// Which lane.
    pub lane: TimelineLane,
    /// Start.
    pub start: When,
    /// End of a bar; open bars end at the index time.
    pub end: Option<When>,
    /// `Metformin ER 500 mg`, `CT`, `12 results, 3 abnormal`
    pub label: String,
    /// Laboratory: number of results on that day.
    pub count: usize,
    /// Laboratory: number outside their interval.
    pub abnormal: usize,
    /// Signals.
    pub severity: Option<Severity>,
    /// Where a click goes.
    pub target: Target,
}

/// A place that can be jumped to.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Row and point of the labs leaf (also vitals).
    Lab {
        /// [`LabRow::key`]
        row: String,
        /// The point.
        fact: FactId,
    },
    /// Note, with the byte span of a sentence.
    Note {
        /// Note.
        fact: FactId,
        /// Bytes of its text.
        span: Option<(usize, usize)>,
    },
    /// Study, and image if known.
    Image {
        /// Study.
        study: StudyUid,
        /// Instance and frame.
        instance: Option<(SopInstanceUid, u32)>,
    },
    /// Line of the medicines list.
    Medication(FactId),
    /// Line of the problems list.
    Problem(FactId),
    /// Line of the encounters list.
    Encounter(FactId),
    /// Card.
    Signal(SignalId),
    /// Birth date, sex: the banner.
    Banner,
}

/// Names a card: rule and input hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalId(pub String);

/// The right leaf.
#[derive(Clone, Debug, Default)]
pub struct SignalsView {
    /// Rules or models are still running.
    pub running: bool,
    /// Cards in order: severity, newest input, rule id (D-28).
    pub cards: Vec<SignalCard>,
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
    /// Citation with section.
    pub citation: String,
    /// Date after which the source counts as past review.
    pub valid_until: String,
    /// Hash of the inputs, hexadecimal.
    pub input_hash: String,
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
    /// `Iron-deficiency anaemia`
    pub title: String,
    /// For whom, and for whom not.
    pub scope: String,
    /// Facts in words.
    pub say: String,
    /// What is missing to decide whether it applies; empty when it applies.
    pub needs: Vec<String>,
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
    /// Grade, source, section.
    pub evidence: String,
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
}

/// What a clinician decided.
#[derive(Clone, Debug)]
pub struct DecisionView {
    /// `accepted`, `declined`, `deferred`
    pub verdict: String,
    /// Option.
    pub option: String,
    /// Coded reason in words.
    pub reason: String,
    /// Who and when.
    pub signed: String,
    /// Inputs changed since.
    pub outdated: bool,
}
