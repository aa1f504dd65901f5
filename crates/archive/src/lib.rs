//! The archive: one SQLCipher file and a store of encrypted files, below one folder that one program holds at a time.
//!
//! ```text
//! folder/            0700
//!   lock             who holds it (advisory lock)           archive.keys   inner keys, wrapped by the key of the keyring or key file
//!   archive.db       facts, instances, links, audit …       audit.head     number and MAC of the newest audit entry at the last close
//!   blobs/ab/cdef…   source documents and instances         tmp/           files on their way to a name
//!   decoded/ab/cdef… frames of compressed instances, decoded once; none is the only copy of anything
//! ```
//!
//! An import writes its files (temporary, flushed, renamed, folders flushed), then commits the rows that name them, then returns: what
//! was acknowledged is there after any crash. Rows are appended: facts have versions, links and decisions are events. This crate knows
//! what a fact *is*, never what its value means; it reads no format and shows nothing.

mod archive;
mod audit;
mod blob;
mod body;
mod by;
mod db;
mod decisions;
mod decoded;
mod disk;
mod edits;
mod envelope;
mod error;
mod facts;
mod headers;
mod identity;
mod import;
mod instances;
mod keys;
mod links;
mod lock;
mod migrate;
mod notes;
mod pack;
mod patients;
mod query;
mod raw;
mod secret;
mod settings;
mod statement;
mod stats;
#[cfg(test)]
mod tests;

pub use archive::{Archive, Inner, Recovery};
pub use audit::{AuditEntry, AuditReport, Details, Verb};
pub use blob::{BlobName, BlobStore};
pub use by::By;
pub use decisions::{Choice, Decision, ModelState, NewDecision};
pub use edits::{Edit, EditKind, NewEdit};
pub use error::{ArchiveError, BlobFault};
pub use headers::KeptHeader;
pub use identity::{
    IdentityAnswer, IdentityQuestion, IdentitySide, IdentitySource, NewIdentityQuestion,
    QuestionId, QuestionKind, QuestionSides, Settled,
};
pub use import::{ImportDocument, ImportOutcome, PatientOutcome};
pub use instances::{
    InstanceOutcome, NewInstance, SeriesSummary, StoredInstance, StudySummary, summarize,
};
pub use keys::{KeyPlace, KeySource};
pub use links::Link;
pub use notes::NoteHit;
pub use patients::{ConflictReason, IdentityConflict, PatientSummary};
pub use stats::{ArchiveStats, CheckReport};
