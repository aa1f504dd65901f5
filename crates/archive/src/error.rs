//! What can go wrong with an archive, in words a clinician or IT can act on. No message holds a patient's data.

use std::io;
use std::path::{Path, PathBuf};

use triptych_clinical::PatientKey;

use crate::blob::BlobName;

/// Why the archive could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// Another program holds the archive. The lock is the system's: it ends with its holder.
    #[error("the archive in {} is in use by {holder}: close it there first", folder.display())]
    Held {
        /// Folder of the archive.
        folder: PathBuf,
        /// Program and process number.
        holder: String,
    },
    /// A key was found and does not open this archive.
    #[error("the key from {place} does not open this archive: give the key that it was made with")]
    WrongKey {
        /// Where the key came from.
        place: String,
    },
    /// The archive exists and none of the places has its key. A locked keyring looks the same as an empty one.
    #[error("no key for this archive: {tried}; unlock the keyring or name the key file")]
    NoKey {
        /// The places that were tried, each with its answer.
        tried: String,
    },
    /// The key file cannot be trusted or read.
    #[error("the key file {} is refused: {why}", file.display())]
    KeyFile {
        /// The key file or its folder.
        file: PathBuf,
        /// The reason and what to do.
        why: String,
    },
    /// A file of the archive is not what it should be. It was not changed.
    #[error("{} is damaged: {why}; it was left untouched, restore it from a backup", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// An unencrypted database lies where the archive should be.
    #[error("{} is a plain SQLite file, not an archive; it was left untouched", file.display())]
    NotEncrypted {
        /// The file.
        file: PathBuf,
    },
    /// The archive was written by a newer program.
    #[error(
        "this archive has schema {found}, and this program knows up to {known}: open it with the newer program; it was left untouched"
    )]
    Newer {
        /// Schema of the archive.
        found: i64,
        /// Newest schema of this program.
        known: i64,
    },
    /// The build lost its encryption.
    #[error("this build holds no SQLCipher: refusing to write patient data in the clear")]
    NoCipher,
    /// A file operation.
    #[error("{what} {}: {source}", file.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// On which file.
        file: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// No room for what is to be imported. What was acknowledged is safe, and the archive stays readable.
    #[error("the disk of {} lacks {} MiB: free them and import the rest again; everything already imported is safe", folder.display(), missing.div_ceil(1 << 20))]
    DiskFull {
        /// Folder of the archive's stored files.
        folder: PathBuf,
        /// Bytes that are missing, a reserve for the audit trail counted in.
        missing: u64,
    },
    /// The database.
    #[error("archive database: {0}")]
    Database(#[from] sqlx::Error),
    /// A statement of the hot read path.
    #[error("archive database: code {code} at {what}")]
    Statement {
        /// What was tried.
        what: &'static str,
        /// SQLite's result code.
        code: i32,
    },
    /// A change of the schema.
    #[error("archive schema: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row that this program cannot read.
    #[error("archive row in table {table}: {why}")]
    Row {
        /// The table.
        table: &'static str,
        /// What is wrong, without content.
        why: String,
    },
    /// A stored file of the blob store.
    #[error("stored file {name}: {why}")]
    Blob {
        /// Its name, which tells nothing about its content.
        name: BlobName,
        /// What is wrong.
        why: BlobFault,
    },
    /// No patient has this key.
    #[error("no patient {0} in this archive")]
    UnknownPatient(PatientKey),
    /// A statement is filed beside a datum that the person's records do not hold.
    #[error("the record holds no such datum any more: open it again")]
    UnknownFact,
    /// A link that cannot be made or taken back.
    #[error("patients {a} and {b}: {why}")]
    Link {
        /// One record.
        a: PatientKey,
        /// The other.
        b: PatientKey,
        /// The reason.
        why: &'static str,
    },
    /// A question of identity that cannot be answered so.
    #[error("question of identity {question}: {why}")]
    Question {
        /// Its number.
        question: i64,
        /// The reason.
        why: &'static str,
    },
    /// The search words mean nothing.
    #[error("nothing to search for: give at least one word")]
    EmptySearch,
    /// The system's random source, or a cryptographic primitive, refused.
    #[error("cryptography: {0}")]
    Crypto(&'static str),
    /// A background task of this crate ended early.
    #[error("a task of the archive was cut short: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// What is wrong with one stored file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlobFault {
    /// The row is there, the file is not.
    #[error("its file is missing")]
    Missing,
    /// The header is not one of this store.
    #[error("it is not a file of this store")]
    Header,
    /// The file was cut or grew.
    #[error("it has {found} bytes, {expected} are right")]
    Length {
        /// Bytes of the file.
        found: u64,
        /// Bytes that its header asks for.
        expected: u64,
    },
    /// Authentication failed.
    #[error("chunk {0} is damaged or was changed")]
    Chunk(u64),
    /// A read outside the content.
    #[error("bytes {start} to {end} of {length} were asked for")]
    Range {
        /// First byte.
        start: u64,
        /// One past the last.
        end: u64,
        /// Length of the content.
        length: u64,
    },
    /// The system's answer.
    #[error("{0}")]
    Io(String),
}

impl ArchiveError {
    /// True where the archive as a whole cannot be opened: exit code 3 of the command line.
    #[must_use]
    pub const fn is_unopenable(&self) -> bool {
        matches!(
            self,
            Self::Held { .. }
                | Self::WrongKey { .. }
                | Self::NoKey { .. }
                | Self::KeyFile { .. }
                | Self::Damaged { .. }
                | Self::NotEncrypted { .. }
                | Self::Newer { .. }
                | Self::NoCipher
        )
    }

    pub(crate) fn file(what: &'static str, file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |source| Self::File { what, file, source }
    }

    pub(crate) fn row(table: &'static str) -> impl FnOnce(serde_json::Error) -> Self {
        // serde_json's own words may quote the text: only the kind and the place are kept.
        move |e| Self::Row {
            table,
            why: format!("{:?} error at column {}", e.classify(), e.column()),
        }
    }
}
