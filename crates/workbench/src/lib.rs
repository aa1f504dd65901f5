//! The use cases: import, open a patient, analyse, render, decide.
//!
//! ```text
//!   ui ── Command ──> Workbench ── tasks ──> worker pool, archive, reasoning
//!   ui <── Arc<Snapshot> ── publishes, wakes the window
//! ```
//!
//! The command line calls the same use cases ([`Core`]) without a window.

mod acknowledged;
pub mod bench;
mod chart;
mod command;
mod core;
pub mod doctor;
mod drawings;
mod due;
pub mod files;
mod former;
mod grouped;
mod handle;
mod identity;
pub mod import;
pub mod lead_time;
pub mod letters;
mod memory;
pub mod models;
pub mod notes;
pub mod oversight;
mod papers;
pub mod pathways;
mod patient;
mod patients;
mod pixels;
mod questions;
mod reveal;
pub mod rules;
mod signals;
mod studies;
pub mod summary;
mod texts;
mod trail;
pub mod view;
mod weigh;

pub use command::{
    Acknowledgement, Command, DrawingEdit, NoduleClick, SeenFrame, Verdict, index_time,
};
pub use core::{CORNERS, Core, Settings, WorkbenchError, Workers};
pub use drawings::new_uid;
pub use handle::{OnChange, Workbench, decision_reasons};
pub use identity::Answered;
pub use models::Analysis;
pub use patient::{Catalog, OpenPatient};
pub use patients::Person;
pub use pixels::Wanted;
pub use reveal::{impression_categories, see_now_reasons};
// Names that the public signatures above hold.
pub use triptych_archive::{AuditEntry, IdentityAnswer, KeySource, QuestionId, QuestionKind};
pub use triptych_clinical::{
    BirthDate, DocumentHash, Fact, FactId, FactKind, IndexTime, Instant, PatientKey, Precision,
    SeriesUid, SopInstanceUid, StudyUid, TimeError, When,
};
pub use triptych_imaging::volume::{GrowSettings, Grown};
pub use triptych_imaging::{annotate, browse, measure, objects, suv};
pub use triptych_worker::ObjectContent;
