//! The use cases: import, open a patient, analyse, render, decide.
//!
//! ```text
//!   ui ── Command ──> Workbench ── tasks ──> worker pool, archive, reasoning
//!   ui <── Arc<Snapshot> ── publishes, wakes the window
//! ```
//!
//! The command line calls the same use cases without a window.

mod command;
pub mod view;

pub use command::{Acknowledgement, Command, Verdict};
pub use triptych_clinical::{
    FactId, IndexTime, Instant, PatientKey, Precision, SeriesUid, SopInstanceUid, StudyUid, When,
};
