//! The start page: who is in the archive, and what an import does.

use triptych_clinical::PatientKey;

use super::IdentityCard;

/// Start page.
#[derive(Clone, Debug, Default)]
pub struct StartView {
    /// Who is in the archive, last opened first.
    pub patients: Vec<PatientRow>,
    /// The search that this list answers.
    pub search: String,
    /// Questions of identity that wait for a person, the newest first.
    pub questions: Vec<IdentityCard>,
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
