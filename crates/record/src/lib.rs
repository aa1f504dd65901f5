//! Readers of clinical documents into facts: bytes in, facts out.
//!
//! [`read`] takes the bytes of one document (FHIR R4: a Bundle of any type, a single resource, or NDJSON; C-CDA; HL7 v2: one message or many),
//! tells what it is by its content, and gives an [`Intake`]: the patients it found with their facts, and, each by name, what it refused,
//! quarantined or did not understand. It does no I/O and runs in a locked process.

mod cda;
mod codes;
mod counts;
mod csv;
mod fhir;
mod hl7;
mod intake;
mod json;
mod medicine;
mod numbers;
mod pdf;
mod read;
mod versions;

pub use self::csv::{CsvMapping, MappingError, Suggestion, read_csv, suggest};
pub use cda::CdaCounts;
pub use counts::Counts;
pub use hl7::Hl7Counts;
pub use intake::{IdentityTask, IdentityTaskKind, Intake, PatientRecord, ReadError};
pub use read::read;
pub use triptych_clinical::{Fact, Identity, Instant, Problem};
