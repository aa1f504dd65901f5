//! What a reader could not use: partial success is a value, nothing is dropped in silence.

use serde::{Deserialize, Serialize};

/// One thing in a source that was not understood, or not as its standard says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where: attribute, FHIRPath, line, byte offset.
    pub place: String,
    /// What and why, in the user's words; lower case, no full stop. Never a patient's name or identifier.
    pub reason: String,
}

/// What was read, beside what was not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Read<T> {
    /// The readable part.
    pub value: T,
    /// The rest, each with its place.
    pub problems: Vec<Problem>,
}
