//! The use cases: import, open a patient, analyse, render, decide.
//!
//! ```text
//!   ui ── Command ──> Workbench ── tasks ──> worker pool, archive, reasoning
//!   ui <── Arc<Snapshot> ── publishes, wakes the window
//! ```
//!
//! The command line calls the same use cases ([`Core`]) without a window.

mod chart;
mod command;
mod core;
pub mod import;
pub mod view;

pub use command::{Acknowledgement, Command, Verdict};
pub use core::{Core, Settings, Workers, WorkbenchError};
pub use triptych_clinical::{
    FactId, IndexTime, Instant, PatientKey, Precision, SeriesUid, SopInstanceUid, StudyUid, When,
};
