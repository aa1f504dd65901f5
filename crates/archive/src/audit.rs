//! The audit trail (SEC-06): append-only, in the order of a sequence number (never of the clock, CLK-02), each entry with the MAC of the
//! one before under a key that is only inside the envelope. A changed, removed, inserted or exchanged entry is named by its number; the
//! newest entry is also noted outside the database, so that cutting the end is seen.
//!
//! Entries hold keys, counts, versions and hashes: never a name, an identifier of a person or clinical text.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use triptych_clinical::{Instant, PatientKey};

use crate::disk::DurableWriter;
use crate::secret::Secret;
use crate::{Archive, ArchiveError, By};

/// What was done. The words are those of the trail; PS3.15 A.5.3 in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verb {
    /// A program opened the archive (Application Activity).
    Start,
    /// It closed it (Application Activity).
    End,
    /// A record was opened (Patient Record, Instances Accessed).
    View,
    /// A search over patients or notes (Query).
    Query,
    /// Data came in (Data Import).
    Import,
    /// Data went out (Data Export).
    Export,
    /// Two records were said to be one person (Patient Record).
    Link,
    /// That was taken back (Patient Record).
    Unlink,
    /// A question of identity was asked by a source, or answered by a person (Patient Record).
    Identity,
    /// Signals or model findings were shown (Patient Record).
    Analysis,
    /// A pathway option was accepted, declined or deferred (Patient Record).
    Decision,
    /// A drawing or a key-image mark was made, changed or taken away (Patient Record).
    Annotation,
    /// A model was enabled or disabled (Security Alert, software configuration).
    Model,
    /// A setting with a consequence was changed (Security Alert, software configuration).
    Settings,
    /// The trail itself was read (Audit Log Used).
    AuditRead,
    /// The clock went back by more than a minute (Security Alert, node).
    ClockWentBack,
    /// The archive found itself not closed in order, and was checked (Application Activity).
    Recovery,
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "start",
            Self::End => "end",
            Self::View => "view",
            Self::Query => "query",
            Self::Import => "import",
            Self::Export => "export",
            Self::Link => "link",
            Self::Unlink => "unlink",
            Self::Identity => "identity",
            Self::Analysis => "analysis",
            Self::Decision => "decision",
            Self::Annotation => "annotation",
            Self::Model => "model",
            Self::Settings => "settings",
            Self::AuditRead => "audit-read",
            Self::ClockWentBack => "clock-went-back",
            Self::Recovery => "recovery",
        })
    }
}

/// Facts about an act, by name: counts, hashes, versions, UIDs of software. Never content.
pub type Details = BTreeMap<String, String>;

/// One entry as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Counts up from 1 without a gap.
    pub seq: i64,
    /// When, by the clock of that moment.
    pub at: Instant,
    /// Who.
    pub who: String,
    /// What.
    pub verb: String,
    /// Whose record, where it was one.
    pub subject: Option<PatientKey>,
    /// Counts, hashes, versions.
    pub details: Details,
}

/// Whether the trail is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Entries that are whole, counted from the first.
    pub whole: i64,
    /// The first that is not, and why.
    pub broken: Option<(i64, String)>,
}

impl Archive {
    /// Adds one entry of its own. What the archive itself changes is entered in the same transaction as the change.
    ///
    /// # Errors
    /// When the entry could not be made durable: the act must then not be shown as done.
    pub async fn audit(
        &self,
        by: &By,
        verb: Verb,
        subject: Option<PatientKey>,
        details: Details,
    ) -> Result<(), ArchiveError> {
        let mut tx = self.begin().await?;
        self.append_audit(&mut tx, by, verb, subject, details)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The newest `limit` entries, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_entries(&self, limit: u32) -> Result<Vec<AuditEntry>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT seq, at_us, who, verb, subject, details FROM audit ORDER BY seq DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(entry).collect()
    }

    /// Entries of one verb from `from` up to, but not at, `to`, oldest first: for counts over the trail.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_of(
        &self,
        verb: Verb,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<AuditEntry>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT seq, at_us, who, verb, subject, details FROM audit \
             WHERE verb = $1 AND at_us >= $2 AND at_us < $3 ORDER BY seq",
        )
        .bind(verb.to_string())
        .bind(from.0)
        .bind(to.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(entry).collect()
    }

    /// Walks the whole trail and compares its end with the note outside the database.
    ///
    /// # Errors
    /// When the database cannot be read. A broken trail is no error but the report's content.
    pub async fn verify_audit(&self) -> Result<AuditReport, ArchiveError> {
        let rows = sqlx::query(
            "SELECT seq, at_us, who, verb, subject, details, before, mac FROM audit ORDER BY seq",
        )
        .fetch_all(&self.readers)
        .await?;
        let head = Head::read(&self.folder);
        let (mut before, mut whole) = ([0; 32], 0);
        for row in &rows {
            let entry = Stored {
                seq: row.try_get(0)?,
                at_us: row.try_get(1)?,
                who: row.try_get(2)?,
                verb: row.try_get(3)?,
                subject: row.try_get(4)?,
                details: row.try_get(5)?,
            };
            let broken = |why: &str| AuditReport {
                whole,
                broken: Some((whole + 1, why.to_owned())),
            };
            if entry.seq != whole + 1 {
                return Ok(broken("the entry is missing"));
            }
            let mac = entry.mac(&self.audit_key, &before);
            if row.try_get::<&[u8], _>(6)? != before.as_slice() {
                return Ok(broken("it does not follow the entry before it"));
            }
            if row.try_get::<&[u8], _>(7)? != mac.as_slice() {
                return Ok(broken("it was changed"));
            }
            if matches!(&head, Ok(Some(head)) if head.seq == entry.seq && head.mac != mac) {
                return Ok(broken("it is not the one noted outside the database"));
            }
            (before, whole) = (mac, entry.seq);
        }
        let broken = match head {
            Ok(Some(head)) if head.seq > whole => Some((
                whole + 1,
                format!("the trail ends here, and {} entries were noted", head.seq),
            )),
            Ok(_) => None,
            Err(why) => Some((whole + 1, why)),
        };
        Ok(AuditReport { whole, broken })
    }

    pub(crate) async fn append_audit(
        &self,
        connection: &mut SqliteConnection,
        by: &By,
        verb: Verb,
        subject: Option<PatientKey>,
        details: Details,
    ) -> Result<(), ArchiveError> {
        let last = sqlx::query("SELECT seq, at_us, mac FROM audit ORDER BY seq DESC LIMIT 1")
            .fetch_optional(&mut *connection)
            .await?;
        let (mut seq, mut before) = (0_i64, [0; 32]);
        let mut went_back = 0;
        if let Some(row) = last {
            seq = row.try_get(0)?;
            let at: i64 = row.try_get(1)?;
            before = row.try_get::<&[u8], _>(2)?.try_into().unwrap_or_default();
            went_back = at.saturating_sub(by.at.0) / 1_000_000;
        }
        if went_back > 60 {
            let details = Details::from([("seconds".to_owned(), went_back.to_string())]);
            seq += 1;
            before = self
                .insert_audit(
                    connection,
                    seq,
                    by,
                    Verb::ClockWentBack,
                    None,
                    &details,
                    before,
                )
                .await?;
        }
        self.insert_audit(connection, seq + 1, by, verb, subject, &details, before)
            .await?;
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "one row, written in one place")]
    async fn insert_audit(
        &self,
        connection: &mut SqliteConnection,
        seq: i64,
        by: &By,
        verb: Verb,
        subject: Option<PatientKey>,
        details: &Details,
        before: [u8; 32],
    ) -> Result<[u8; 32], ArchiveError> {
        let verb = verb.to_string();
        let details = serde_json::to_string(details).map_err(ArchiveError::row("audit"))?;
        let mac = Stored {
            seq,
            at_us: by.at.0,
            who: &by.who,
            verb: &verb,
            subject: subject.map(|p| p.0),
            details: &details,
        }
        .mac(&self.audit_key, &before);
        sqlx::query(
            "INSERT INTO audit (seq, at_us, who, verb, subject, details, before, mac) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(seq)
        .bind(by.at.0)
        .bind(&by.who)
        .bind(&verb)
        .bind(subject.map(|p| p.0))
        .bind(&details)
        .bind(before.as_slice())
        .bind(mac.as_slice())
        .execute(connection)
        .await?;
        Ok(mac)
    }

    /// Notes the newest entry outside the database.
    pub(crate) async fn note_audit_head(&self) -> Result<(), ArchiveError> {
        let last = sqlx::query("SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1")
            .fetch_optional(&self.writer)
            .await?;
        let Some(row) = last else { return Ok(()) };
        let head = Head {
            seq: row.try_get(0)?,
            mac: row.try_get::<&[u8], _>(1)?.try_into().unwrap_or_default(),
        };
        head.write(&self.folder, &self.disk)
    }
}

/// An entry from its row: number, time, who, verb, subject, details.
fn entry(row: &SqliteRow) -> Result<AuditEntry, ArchiveError> {
    Ok(AuditEntry {
        seq: row.try_get(0)?,
        at: Instant(row.try_get(1)?),
        who: row.try_get(2)?,
        verb: row.try_get(3)?,
        subject: row.try_get::<Option<i64>, _>(4)?.map(PatientKey),
        details: serde_json::from_str(row.try_get(5)?).map_err(ArchiveError::row("audit"))?,
    })
}

/// An entry as its MAC sees it.
struct Stored<'a> {
    seq: i64,
    at_us: i64,
    who: &'a str,
    verb: &'a str,
    subject: Option<i64>,
    details: &'a str,
}

impl Stored<'_> {
    fn mac(&self, key: &Secret, before: &[u8; 32]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(key.bytes());
        hasher.update(before);
        hasher.update(&self.seq.to_le_bytes());
        hasher.update(&self.at_us.to_le_bytes());
        hasher.update(&[u8::from(self.subject.is_some())]);
        hasher.update(&self.subject.unwrap_or(0).to_le_bytes());
        for text in [self.who, self.verb, self.details] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }
}

/// `audit.head`: number and MAC of the newest entry at the last orderly moment.
struct Head {
    seq: i64,
    mac: [u8; 32],
}

impl Head {
    fn path(folder: &Path) -> PathBuf {
        folder.join("audit.head")
    }

    fn read(folder: &Path) -> Result<Option<Self>, String> {
        let text = match std::fs::read_to_string(Self::path(folder)) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(format!("the note outside the database: {e}")),
        };
        let mut mac = [0; 32];
        text.trim()
            .split_once(' ')
            .and_then(|(seq, hex)| {
                hex::decode_to_slice(hex, &mut mac).ok()?;
                Some(Some(Self {
                    seq: seq.parse().ok()?,
                    mac,
                }))
            })
            .ok_or_else(|| "the note outside the database is not readable".to_owned())
    }

    fn write(&self, folder: &Path, disk: &DurableWriter) -> Result<(), ArchiveError> {
        let path = Self::path(folder);
        let text = format!("{} {}\n", self.seq, hex::encode(self.mac));
        disk.replace(
            &folder.join("tmp").join("audit.head"),
            &path,
            text.as_bytes(),
        )
        .map_err(ArchiveError::file("write", &path))
    }
}
