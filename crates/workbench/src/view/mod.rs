//! What is on screen, as values: immutable snapshots behind `Arc`, made by the workbench, drawn by `ui`.
//!
//! Texts are ready to be shown (numbers as written by their source, dates in ISO); nothing here needs a clock, a file or a unit table.
//! Every item carries the [`triptych_clinical::FactId`] or UID it came from, so that a click can jump to its source.

mod drawings;
mod headers;
mod identity;
mod images;
mod note;
mod objects;
mod patient;
mod rail;
mod record;
mod signals;
mod start;
mod timeline;
mod volume;

use std::sync::Arc;

pub use crate::oversight::{RuleCount, RuleCounts};
pub use drawings::{DrawingsView, KeyImage};
pub use headers::{HeaderRead, Headers};
pub use identity::{
    Agreement, Cell, IdentityCard, IdentityColumn, IdentityField, IdentityOption, IdentityRow,
    IdentitySettled,
};
pub use images::{
    Decoded, ImageOwner, Pixels, SeriesKey, SeriesView, Slice, Stack, StudyView, fresh_picture,
};
pub use note::{
    ConfirmedFact, MarkState, NoteCandidate, NoteHit, NoteHits, NoteMark, NoteReading, NoteSection,
    NoteVerdicts, ReadingSlot, SetBy, TriggerPlace,
};
pub use objects::{Foreign, ForeignDrawing, ForeignKey, ObjectSlot, ObjectView};
pub use patient::{Banner, PatientView};
pub use rail::{
    DueRow, HiddenStudy, HypothesisRow, Impression, NewestEntry, Reveals, Side, Statement,
    TimeCritical, Weighing, WithdrawnRow,
};
pub use record::{
    Became, FormerValue, FormerValues, LabGroup, LabPoint, LabRow, ListRow, Mark, NoteItem,
    Variation,
};
pub use signals::{
    Basis, BasisItem, CardGroup, Criterion, DecisionView, Lane, ModelCard, ModelRow, ModelState,
    NaturalFrequency, PathwayCard, PathwayOption, Severity, SignalCard, SignalId, SignalsView,
};
pub use start::{Counts, ImportView, PatientRow, RefusedFile, StartView};
pub use timeline::{Target, TimelineItem, TimelineLane};
pub use volume::{NoVolume, SeriesVolume};

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
    /// How rules fared in the month that was asked for last.
    pub rule_counts: Option<Arc<RuleCounts>>,
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
