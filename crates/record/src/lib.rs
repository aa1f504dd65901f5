//! Readers of clinical documents into facts: bytes in, facts out.
//!
//! [`read`] takes the bytes of one document (FHIR R4: a Bundle of any type, a single resource, or NDJSON), tells what it is by its content,
//! and gives an [`Intake`]: the patients it found with their facts, and, each by name, what it refused, quarantined or did not
//! understand. It does no I/O and runs in a locked process.

mod counts;
mod fhir;
mod intake;
mod json;
mod read;

pub use counts::Counts;
pub use intake::{Intake, PatientRecord, ReadError};
pub use read::read;
pub use triptych_clinical::{Fact, Identity, Instant, Problem};
