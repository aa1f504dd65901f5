//! Questions of identity, as the start page and the command line show them.

use serde::Serialize;
use triptych_archive::{IdentityAnswer, QuestionId, QuestionKind};

/// One question: who is meant, who asks, and what can be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentityCard {
    /// Its number.
    pub id: QuestionId,
    /// What kind of question.
    pub kind: QuestionKind,
    /// `HL7 A40 of 2024-03-06 asks to make T-1002 part of T-1001`
    pub asks: String,
    /// `19_merge.hl7, message 1 (ADT^A40), and 2 more files`
    pub source: String,
    /// Where the files lay that ask, whole paths.
    pub files: Vec<String>,
    /// The two.
    pub sides: [IdentityColumn; 2],
    /// What they say of themselves, field by field.
    pub rows: Vec<IdentityRow>,
    /// What is to be known before an answer; else empty.
    pub note: String,
    /// What can be answered; one that cannot says why.
    pub answers: Vec<IdentityOption>,
    /// The answer, where one was given.
    pub settled: Option<IdentitySettled>,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentityColumn {
    /// `Stays`, `To become part of it`, `The record`, `The file`
    pub title: String,
    /// `T-1001`, or the name where there is no identifier.
    pub short: String,
    /// `Record 3 of this archive`, or that there is none.
    pub place: String,
    /// It can be linked.
    pub present: bool,
    /// Where its record contradicts the source; else empty.
    pub note: String,
}

/// One field of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentityRow {
    /// Which.
    pub field: IdentityField,
    /// Of the first and of the second.
    pub values: [Cell; 2],
    /// Whether they say the same.
    pub agreement: Agreement,
}

/// A value as one side states it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// As written; empty where nothing is stated.
    pub text: String,
    /// The source is silent, and the record in the archive says it.
    pub from_record: bool,
}

/// A field of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityField {
    /// Family name.
    FamilyName,
    /// Given names.
    GivenName,
    /// Birth date.
    BirthDate,
    /// Sex.
    Sex,
    /// All identifiers with their issuers.
    Identifiers,
}

/// Whether two sides say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// As far as both go.
    Same,
    /// They do not.
    Differs,
    /// Only one of them says anything.
    OneSided,
    /// Neither does.
    Unstated,
}

/// Something that can be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentityOption {
    /// What.
    pub answer: IdentityAnswer,
    /// Why it cannot be answered now; empty when it can.
    pub refused: String,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentitySettled {
    /// What.
    pub answer: IdentityAnswer,
    /// `One person, the records are linked`, `Kept apart` …
    pub words: String,
    /// Who said so.
    pub who: String,
    /// Why.
    pub reason: String,
    /// `2026-11-24 03:20`, UTC.
    pub when: String,
}
