//! What comes out of reading one document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use triptych_clinical::{DocumentHash, Fact, FactId, Identity, Problem, When};

use crate::Counts;

/// Everything that one document held. Nothing of it is dropped in silence: what is no fact is in `problems`, `quarantined` or
/// `not_understood`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intake {
    /// Hash of the document's bytes, as in every fact's provenance.
    pub document: DocumentHash,
    /// What kind of document it is, in the user's words: `FHIR R4 Bundle (transaction)`, `FHIR NDJSON, 12 lines`.
    pub format: String,
    /// The patients of this document in its order, then those that it only refers to.
    pub patients: Vec<PatientRecord>,
    /// What was read all the same, but not as its source or its standard says.
    pub problems: Vec<Problem>,
    /// Resources that became no facts and must be looked at: no known subject, contradictory, impossible, broken.
    pub quarantined: Vec<Problem>,
    /// Resources of types that are no clinical statement here (Claim, Organization …), by type.
    pub not_understood: BTreeMap<String, usize>,
    /// Counts over the whole document.
    pub counts: Counts,
    /// Patients that the source wants merged or linked. Nothing is done about it here: a person decides.
    pub identity_tasks: Vec<IdentityTask>,
}

/// What a source wants to be done with two patients (record-and-signals 5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdentityTaskKind {
    /// HL7 v2 A40: the other one is to become part of the one that is kept.
    Merge,
    /// HL7 v2 A24: both are one person and keep their records.
    Link,
}

/// A request about two patients that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityTask {
    /// What is asked.
    pub kind: IdentityTaskKind,
    /// The patient that stays (PID).
    pub keep: Identity,
    /// The other patient; of MRG often no more than identifiers.
    pub other: Identity,
    /// When the source sent it.
    pub sent: Option<When>,
    /// Which message of the document.
    pub place: String,
}

/// One person as this document knows them, with their facts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PatientRecord {
    /// Who the person is; `None` when the document only refers to them (bulk export: one file a resource type). The facts then wait for
    /// the document of the same import that holds the Patient with the same [`source_id`](Self::source_id): see [`bind`](Self::bind).
    pub identity: Option<Identity>,
    /// The source's own reference, `Patient/<id>`: equal in all documents of one export, and only in those.
    pub source_id: String,
    /// The facts, in the order of the document.
    pub facts: Vec<Fact>,
    /// Counts over this person's resources, the Patient itself included.
    pub counts: Counts,
}

impl PatientRecord {
    /// Gives the facts of a record without identity to the person they belong to. The same resource gets the same [`FactId`]s
    /// as if its document had held the Patient. Does nothing if the record already has an identity.
    pub fn bind(&mut self, identity: &Identity) {
        if self.identity.is_none() {
            for fact in &mut self.facts {
                fact.id = bound_id(identity, fact.id);
            }
            self.identity = Some(identity.clone());
        }
    }
}

/// Name of a datum of a known person: the person's key, then the datum's name inside its source.
pub(crate) fn bound_id(identity: &Identity, local: FactId) -> FactId {
    let key = identity_key(identity);
    FactId::of(&[key.0, key.1, key.2, &local.to_string()])
}

/// The identifier that names a person in [`FactId`]s: the medical record number, else the first one with an issuer, else the first.
fn identity_key(identity: &Identity) -> (&str, &str, &str) {
    let all = &identity.identifiers;
    all.iter()
        .find(|i| i.kind == "MR" && !i.issuer.is_empty())
        .or_else(|| all.iter().find(|i| !i.issuer.is_empty()))
        .or_else(|| all.first())
        .map_or(("", "", ""), |i| (&i.issuer, &i.kind, &i.value))
}

/// Why a document was refused as a whole. Holds no text of the document but JSON keys and names of XML elements.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ReadError {
    /// Nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// FHIR is UTF-8; replacement characters in a name are never stored.
    #[error("not UTF-8: {found} at byte {offset} (line {line})")]
    NotUtf8 {
        /// What it looks like.
        found: String,
        /// First byte that is wrong.
        offset: u64,
        /// Line of that byte, from 1.
        line: u64,
    },
    /// Not JSON by RFC 8259, or beyond the limits.
    #[error("not readable as JSON: {reason} (line {line}, column {column}, byte {offset})")]
    Json {
        /// What is wrong.
        reason: String,
        /// From 1.
        line: u64,
        /// In characters, from 1.
        column: u64,
        /// Byte offset in the document, from 0.
        offset: u64,
    },
    /// Not XML that is read here: not well-formed, with a DOCTYPE, or beyond the limits.
    #[error("not readable as XML: {reason} (line {line}, column {column}, byte {offset})")]
    Xml {
        /// What is wrong.
        reason: String,
        /// From 1.
        line: u64,
        /// In characters, from 1.
        column: u64,
        /// Byte offset in the document, from 0.
        offset: u64,
    },
    /// XML, but no clinical document that is known here.
    #[error("not a clinical document: {found}")]
    NotClinical {
        /// What it is instead.
        found: String,
    },
    /// Readable, but not a clinical document that is known here.
    #[error("not a FHIR document: {found}")]
    NotFhir {
        /// What it is instead.
        found: String,
    },
    /// It looks like HL7 v2 and holds no message.
    #[error("not an HL7 v2 message: {found}")]
    NotHl7 {
        /// What is missing.
        found: String,
    },
    /// A CSV file that cannot be read with its mapping.
    #[error("not readable as CSV: {reason} (line {line})")]
    Csv {
        /// What is wrong.
        reason: String,
        /// From 1.
        line: u64,
    },
}
