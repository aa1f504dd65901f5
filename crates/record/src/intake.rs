//! What comes out of reading one document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use triptych_clinical::{DocumentHash, Fact, FactId, Identity, Problem};

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
}
