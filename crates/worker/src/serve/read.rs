//! Documents.

use triptych_clinical::Instant;
use triptych_record::{CsvMapping, Intake, ReadError};

/// Facts of a FHIR or HL7 v2 document. A refusal as a whole is a result of its own: it names line and byte.
pub(super) fn record(bytes: &[u8], received: Instant) -> Result<Intake, ReadError> {
    triptych_record::read(bytes, received)
}

/// Facts of a CSV file by its mapping, which stands before it in the input.
pub(super) fn csv(mapping: &[u8], file: &[u8], received: Instant) -> Result<Intake, ReadError> {
    let unusable = |reason: String, line| ReadError::Csv { reason, line };
    let text = std::str::from_utf8(mapping)
        .map_err(|_| unusable("the mapping is not UTF-8".to_owned(), 1))?;
    let mapping = CsvMapping::parse(text).map_err(|e| unusable(e.to_string(), e.line))?;
    triptych_record::read_csv(file, &mapping, received)
}

/// A mapping to begin with, as TOML.
pub(super) fn suggest(file: &[u8]) -> Result<String, ReadError> {
    triptych_record::suggest(file).map(|s| s.mapping)
}
