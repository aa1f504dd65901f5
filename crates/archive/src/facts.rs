//! The record of a person as of an index time: the hot read, by a statement loop on the raw handle.

use std::collections::{HashMap, HashSet};

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::LockedSqliteHandle;
use triptych_clinical::{DocumentHash, Fact, FactId, IndexTime, PatientKey};

use crate::body::{Body, Columns, kind, provenance};
use crate::pack::{self, Known};
use crate::raw::{self, Row};
use crate::{Archive, ArchiveError};

/// A row whose body is not parsed yet.
pub(crate) struct Stored {
    pub(crate) seq: i64,
    pub(crate) columns: Columns,
    pub(crate) body: Vec<u8>,
}

/// Texts of notes by place and version of their fact.
pub(crate) type Texts = HashMap<(i64, i64), String>;

impl Archive {
    /// Everything known of a person (all linked records) at `at`: of each datum the version that was visible then, whatever its status, in
    /// the order of record, kind and time. Versions are ordered by the time their source released them, so any order of import gives the
    /// same record.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`], or a row that this program cannot read.
    pub async fn facts(
        &self,
        person: PatientKey,
        at: IndexTime,
    ) -> Result<Vec<Fact>, ArchiveError> {
        self.known(person, at, Of::Visible).await
    }

    /// Everything that was ever known of a person until `at`, every version of each datum: what a replay of the past needs.
    ///
    /// # Errors
    /// As [`Self::facts`].
    pub async fn history(
        &self,
        person: PatientKey,
        at: IndexTime,
    ) -> Result<Vec<Fact>, ArchiveError> {
        self.known(person, at, Of::Every).await
    }

    async fn known(
        &self,
        person: PatientKey,
        at: IndexTime,
        of: Of,
    ) -> Result<Vec<Fact>, ArchiveError> {
        let members = self.members(person).await?;
        let connection = self.readers.acquire().await?;
        let other = self.readers.try_acquire();
        tokio::task::spawn_blocking(move || {
            tokio::runtime::Handle::current().block_on(read(connection, other, members, at, of))
        })
        .await?
    }
}

/// Which versions of a datum are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// The one that was visible at the index time.
    Visible,
    /// All that were known by then.
    Every,
}

/// The texts of a long record come through a connection of their own, where one is free, while its rows are read.
async fn read(
    mut connection: PoolConnection<Sqlite>,
    mut other: Option<PoolConnection<Sqlite>>,
    members: Vec<PatientKey>,
    at: IndexTime,
    of: Of,
) -> Result<Vec<Fact>, ArchiveError> {
    let mut handle = connection.lock_handle().await?;
    let mut facts = Vec::new();
    for member in members {
        let meanwhile = match other.take() {
            Some(other) if pack::is_there(&mut handle, member)? => {
                Some(tokio::task::spawn_blocking(move || {
                    tokio::runtime::Handle::current().block_on(texts_by(other, member, at))
                }))
            }
            left => {
                other = left;
                None
            }
        };
        let packed = pack::read(&mut handle, member, at)?;
        let mut read = None;
        if let Some(task) = meanwhile {
            let (texts, connection) = task.await??;
            (read, other) = (Some(texts), Some(connection));
        }
        // Rows before texts: what was added meanwhile has a text too many, never one too few.
        let mut known = match packed {
            Some(packed) => match read.filter(|texts| packed.has_all_of(texts)) {
                Some(texts) => packed.with(texts)?,
                None => packed.with(texts(&mut handle, member, at)?)?,
            },
            None => {
                let rows = rows(&mut handle, member, at)?;
                from_rows(rows, &mut texts(&mut handle, member, at)?)?
            }
        };
        if of == Of::Visible {
            retain_visible(&mut known);
        }
        if facts.is_empty() {
            facts = known.facts;
        } else {
            facts.append(&mut known.facts);
        }
    }
    Ok(facts)
}

fn from_rows(rows: Vec<Stored>, texts: &mut Texts) -> Result<Known, ArchiveError> {
    let mut known = Known::default();
    for row in rows {
        let place = (row.seq, i64::from(row.columns.version));
        known.facts.push(fact(row, texts.remove(&place))?);
        known.places.push(place.0);
    }
    Ok(known)
}

async fn texts_by(
    mut connection: PoolConnection<Sqlite>,
    patient: PatientKey,
    at: IndexTime,
) -> Result<(Texts, PoolConnection<Sqlite>), ArchiveError> {
    let mut handle = connection.lock_handle().await?;
    let read = texts(&mut handle, patient, at)?;
    drop(handle);
    Ok((read, connection))
}

fn texts(
    handle: &mut LockedSqliteHandle<'_>,
    patient: PatientKey,
    at: IndexTime,
) -> Result<Texts, ArchiveError> {
    let mut texts = Texts::new();
    raw::for_each_row(
        handle,
        c"SELECT seq, version, body FROM note WHERE patient = $1 AND available_us <= $2",
        &[patient.0, at.0],
        |row| {
            texts.insert((row.int(0), row.int(1)), text(row, 2, "note")?);
            Ok(())
        },
    )?;
    Ok(texts)
}

/// Every version that was known at `at`, in the order of kind, time and version.
pub(crate) fn rows(
    handle: &mut LockedSqliteHandle<'_>,
    patient: PatientKey,
    at: IndexTime,
) -> Result<Vec<Stored>, ArchiveError> {
    let mut documents = HashMap::new();
    raw::for_each_row(handle, c"SELECT document, hash FROM document", &[], |row| {
        documents.insert(row.int(0), DocumentHash(bytes32(row, 1, "document")?));
        Ok(())
    })?;
    let mut rows = Vec::new();
    raw::for_each_row(
        handle,
        c"SELECT kind, seq, version, available_us, received_us, document, id, path, span_start, span_end, body \
          FROM fact WHERE patient = $1 AND available_us <= $2 ORDER BY kind, placed_us, seq, version",
        &[patient.0, at.0],
        |row| {
            rows.push(stored(row, &documents)?);
            Ok(())
        },
    )?;
    Ok(rows)
}

/// Of the data with several versions only the one that counts stays: released last, and of two released at once the one that came last.
fn retain_visible(known: &mut Known) {
    let all = || known.places.iter().zip(&known.facts);
    let repeated: HashSet<i64> = all()
        .filter(|(_, fact)| fact.version > 1)
        .map(|(place, _)| *place)
        .collect();
    if repeated.is_empty() {
        return;
    }
    let mut best: HashMap<i64, (i64, u32)> = HashMap::new();
    for (place, fact) in all().filter(|(place, _)| repeated.contains(place)) {
        let candidate = (fact.available.instant.0, fact.version);
        let entry = best.entry(*place).or_insert(candidate);
        *entry = candidate.max(*entry);
    }
    let mut places = known.places.iter();
    known.facts.retain(|fact| {
        let best = places.next().and_then(|place| best.get(place));
        best.is_none_or(|(_, version)| *version == fact.version)
    });
}

fn stored(row: &Row<'_>, documents: &HashMap<i64, DocumentHash>) -> Result<Stored, ArchiveError> {
    let document = documents
        .get(&row.int(5))
        .ok_or_else(|| bad("fact", "its document is missing"))?;
    let kind = u8::try_from(row.int(0))
        .ok()
        .and_then(kind)
        .ok_or_else(|| bad("fact", "its kind is unknown to this program"))?;
    let version =
        u32::try_from(row.int(2)).map_err(|_| bad("fact", "its version is out of range"))?;
    Ok(Stored {
        seq: row.int(1),
        columns: Columns {
            kind,
            version,
            available_us: row.int(3),
            received_us: row.int(4),
            revised_us: None,
            id: FactId(bytes32(row, 6, "fact")?),
            provenance: provenance(
                *document,
                text(row, 7, "fact")?,
                row.optional_int(8),
                row.optional_int(9),
            ),
            text: None,
        },
        body: row.bytes(10).to_vec(),
    })
}

fn fact(row: Stored, text: Option<String>) -> Result<Fact, ArchiveError> {
    let body: Body = serde_json::from_slice(&row.body).map_err(ArchiveError::row("fact"))?;
    if body.has_text() && text.is_none() {
        return Err(bad("note", "the text of a fact is missing"));
    }
    let columns = Columns {
        text,
        ..row.columns
    };
    body.join(columns)
        .ok_or_else(|| bad("fact", "a number in it means nothing to this program"))
}

fn bytes32(row: &Row<'_>, column: i32, table: &'static str) -> Result<[u8; 32], ArchiveError> {
    row.bytes(column)
        .try_into()
        .map_err(|_| bad(table, "a hash is not 32 bytes"))
}

fn text(row: &Row<'_>, column: i32, table: &'static str) -> Result<String, ArchiveError> {
    String::from_utf8(row.bytes(column).to_vec()).map_err(|_| bad(table, "a text is not UTF-8"))
}

fn bad(table: &'static str, why: &str) -> ArchiveError {
    ArchiveError::Row {
        table,
        why: why.to_owned(),
    }
}
