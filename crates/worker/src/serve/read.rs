//! Documents.

use triptych_clinical::Instant;
use triptych_record::{Intake, ReadError};

/// Facts of a FHIR document. A refusal as a whole is a result of its own: it names line and byte.
pub(super) fn record(bytes: &[u8], received: Instant) -> Result<Intake, ReadError> {
    triptych_record::read(bytes, received)
}
