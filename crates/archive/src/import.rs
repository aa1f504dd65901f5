//! A document into the archive: its bytes to the blob store, its facts into one transaction, all or nothing. The same document twice
//! changes nothing; the same datum with other content is a new version beside the old one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use serde::Serialize;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Row as _, Sqlite, SqliteConnection};
use triptych_clinical::{DocumentHash, Fact, FactId, Identifier, Identity, PatientKey};

use crate::audit::{Details, Verb};
use crate::blob::BlobName;
use crate::body::{Body, Columns, content_hash, kind_number};
use crate::patients::{IdentityConflict, resolve};
use crate::{Archive, ArchiveError, By};

/// What a reader made of one document.
#[derive(Clone, Debug)]
pub struct ImportDocument {
    /// Hash of its bytes: what the facts' provenance names.
    pub hash: DocumentHash,
    /// File name as it came; kept inside the encrypted database only.
    pub name: String,
    /// What it is: `fhir-bundle`, `ndjson`, `ccda` …
    pub kind: String,
    /// The bytes as they came, to be kept; `None` where they are kept elsewhere.
    pub bytes: Option<Vec<u8>>,
    /// Whose data it holds.
    pub patients: Vec<(Identity, Vec<Fact>)>,
    /// The reader's counts: resources read, ignored, refused.
    pub counts: BTreeMap<String, u64>,
}

/// What an import changed, once it is durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportOutcome {
    /// The archive had the document already.
    pub known_document: bool,
    /// Data seen for the first time.
    pub new: u64,
    /// New versions of known data.
    pub versions: u64,
    /// Data that were there, with the same content.
    pub duplicates: u64,
    /// For each patient of the document, in its order.
    pub patients: Vec<PatientOutcome>,
}

/// What became of one patient of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatientOutcome {
    /// Filed.
    Filed {
        /// Under this record.
        key: PatientKey,
        /// The record was made for it.
        created: bool,
        /// Data seen for the first time.
        new: u64,
        /// New versions of known data.
        versions: u64,
        /// Data that were there, with the same content.
        duplicates: u64,
    },
    /// Refused: nothing of this patient was imported.
    Conflict(IdentityConflict),
}

/// Rows a statement; 15 columns each stay far below SQLite's 32,766 variables.
const BATCH: usize = 200;
const COLUMNS: usize = 15;
const INSERT: &str = "INSERT INTO fact (patient, kind, placed_us, seq, version, available_us, received_us, document, \
    id, content, path, span_start, span_end, body, revised_us) VALUES ";

/// The statement for a full batch, and the one for a single row: placeholders and constants, nothing from outside.
static STATEMENTS: LazyLock<[String; 2]> = LazyLock::new(|| [BATCH, 1].map(insert_rows));

fn insert_rows(rows: usize) -> String {
    let mut sql = INSERT.to_owned();
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=COLUMNS {
            let comma = if column == 1 { "" } else { ", " };
            sql.push_str(&format!("{comma}${}", row * COLUMNS + column));
        }
        sql.push(')');
    }
    sql
}

struct NewRow {
    seq: i64,
    placed_us: i64,
    content: [u8; 32],
    columns: Columns,
    body: String,
}

/// What the archive holds of one datum.
struct Known {
    seq: i64,
    version: u32,
    /// The version that counts.
    best: Release,
}

/// When a version was released, and when its source wrote it.
#[derive(Clone, Copy)]
struct Release {
    available_us: i64,
    revised_us: Option<i64>,
}

impl Release {
    /// Released at once with `other`, and written before it: it came late, from an older export.
    fn is_older_than(self, other: Self) -> bool {
        let written = self.revised_us.zip(other.revised_us);
        self.available_us == other.available_us && written.is_some_and(|(a, b)| a < b)
    }
}

impl Archive {
    /// Imports what a reader made of one document. When this returns, all of it is durable.
    ///
    /// # Errors
    /// When it could not be made durable: then nothing of the document was imported.
    pub async fn import_document(
        &self,
        by: &By,
        document: ImportDocument,
    ) -> Result<ImportOutcome, ArchiveError> {
        let ImportDocument {
            hash,
            name,
            kind,
            bytes,
            patients,
            counts,
        } = document;
        let length = bytes.as_ref().map_or(0, Vec::len);
        let blob = match bytes {
            Some(bytes) => Some(self.put_blobs(vec![bytes]).await?.swap_remove(0)),
            None => None,
        };
        let mut tx = self.begin().await?;
        let mut outcome = ImportOutcome::default();
        let known: Option<i64> =
            sqlx::query_scalar("SELECT document FROM document WHERE hash = $1")
                .bind(hash.0.as_slice())
                .fetch_optional(&mut *tx)
                .await?;
        outcome.known_document = known.is_some();
        let row = match known {
            Some(row) => row,
            None => {
                insert_document(
                    &mut tx,
                    by,
                    &Row {
                        hash,
                        name: &name,
                        kind: &kind,
                        length,
                        blob,
                        counts: &counts,
                    },
                )
                .await?
            }
        };
        for (n, (identity, facts)) in patients.into_iter().enumerate() {
            let own = Identifier {
                issuer: "urn:triptych:document".to_owned(),
                kind: String::new(),
                value: format!("{hash}/{n}"),
            };
            let patient = match resolve(&mut tx, &identity, own, by.at).await? {
                Ok((key, created)) => {
                    let [new, versions, duplicates] = store(&mut tx, key, row, facts).await?;
                    outcome.new += new;
                    outcome.versions += versions;
                    outcome.duplicates += duplicates;
                    PatientOutcome::Filed {
                        key,
                        created,
                        new,
                        versions,
                        duplicates,
                    }
                }
                Err(conflict) => PatientOutcome::Conflict(conflict),
            };
            outcome.patients.push(patient);
        }
        let changed = !outcome.known_document || outcome.new + outcome.versions > 0;
        if changed {
            let conflicts = outcome.conflicts().count();
            let details = [
                ("document", hash.to_string()),
                ("kind", kind),
                ("new", outcome.new.to_string()),
                ("versions", outcome.versions.to_string()),
                ("duplicates", outcome.duplicates.to_string()),
                ("conflicts", conflicts.to_string()),
            ];
            let details: Details = details.map(|(k, v)| (k.to_owned(), v)).into();
            let subject = match outcome.patients.as_slice() {
                [PatientOutcome::Filed { key, .. }] => Some(*key),
                _ => None,
            };
            self.append_audit(&mut tx, by, Verb::Import, subject, details)
                .await?;
        }
        self.commit(tx).await?;
        Ok(outcome)
    }

    /// Encrypts and stores contents; durable when it returns.
    pub(crate) async fn put_blobs(
        &self,
        contents: Vec<Vec<u8>>,
    ) -> Result<Vec<BlobName>, ArchiveError> {
        let blobs = self.blobs.clone();
        tokio::task::spawn_blocking(move || {
            let batch: Vec<_> = contents
                .iter()
                .map(|content| (blobs.name(content), content.as_slice()))
                .collect();
            blobs.put_batch(&batch)?;
            Ok(batch.into_iter().map(|(name, _)| name).collect())
        })
        .await?
    }

    pub(crate) async fn commit(
        &self,
        tx: sqlx::Transaction<'static, Sqlite>,
    ) -> Result<(), ArchiveError> {
        self.disk
            .before_commit()
            .map_err(ArchiveError::file("commit", &self.folder))?;
        tx.commit().await?;
        Ok(())
    }
}

impl ImportOutcome {
    /// The refused identities.
    pub fn conflicts(&self) -> impl Iterator<Item = &IdentityConflict> {
        self.patients.iter().filter_map(|p| match p {
            PatientOutcome::Conflict(conflict) => Some(conflict),
            PatientOutcome::Filed { .. } => None,
        })
    }

    /// The records that data were filed under.
    pub fn keys(&self) -> impl Iterator<Item = PatientKey> {
        self.patients.iter().filter_map(|p| match p {
            PatientOutcome::Filed { key, .. } => Some(*key),
            PatientOutcome::Conflict(_) => None,
        })
    }
}

/// A row of table `document`.
pub(crate) struct Row<'a> {
    pub hash: DocumentHash,
    pub name: &'a str,
    pub kind: &'a str,
    pub length: usize,
    pub blob: Option<BlobName>,
    pub counts: &'a BTreeMap<String, u64>,
}

/// Adds a document that is not known; its number.
pub(crate) async fn insert_document(
    connection: &mut SqliteConnection,
    by: &By,
    row: &Row<'_>,
) -> Result<i64, ArchiveError> {
    let counts = serde_json::to_string(row.counts).map_err(ArchiveError::row("document"))?;
    Ok(sqlx::query_scalar(
        "INSERT INTO document (hash, name, kind, bytes, blob, received_us, counts) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING document",
    )
    .bind(row.hash.0.as_slice())
    .bind(row.name)
    .bind(row.kind)
    .bind(i64::try_from(row.length).unwrap_or(i64::MAX))
    .bind(row.blob.map(|b| b.0.to_vec()))
    .bind(by.at.0)
    .bind(counts)
    .fetch_one(connection)
    .await?)
}

/// New data, new versions and duplicates among `facts`.
pub(crate) async fn store(
    connection: &mut SqliteConnection,
    patient: PatientKey,
    document: i64,
    facts: Vec<Fact>,
) -> Result<[u64; 3], ArchiveError> {
    let (mut known, mut contents) = known(connection, patient).await?;
    let mut next: i64 =
        sqlx::query_scalar("SELECT coalesce(max(seq), 0) + 1 FROM fact WHERE patient = $1")
            .bind(patient.0)
            .fetch_one(&mut *connection)
            .await?;
    let mut counts = [0; 3];
    let mut kinds: BTreeMap<u8, (i64, i64, i64)> = BTreeMap::new();
    let mut rows = Vec::with_capacity(facts.len());
    for fact in facts {
        let placed_us = fact.placed_at().instant.0;
        let dated = fact.effective.is_some();
        let (body, mut columns) = Body::split(fact);
        let body = serde_json::to_string(&body).map_err(ArchiveError::row("fact"))?;
        let content = content_hash(&body, &columns);
        if !contents.insert((columns.id, content)) {
            counts[2] += 1;
            continue;
        }
        let kind = kinds
            .entry(kind_number(columns.kind))
            .or_insert((0, i64::MAX, i64::MIN));
        // The day on which something undated came is no day of the record.
        if dated {
            *kind = (kind.0, kind.1.min(placed_us), kind.2.max(placed_us));
        }
        let release = Release {
            available_us: columns.available_us,
            revised_us: columns.revised_us,
        };
        let seq = match known.get_mut(&columns.id) {
            Some(datum) => {
                if release.is_older_than(datum.best) {
                    // Versions count by release, then by arrival: this one was out a moment before the one that is newer.
                    columns.available_us -= 1;
                } else if release.available_us >= datum.best.available_us {
                    datum.best = release;
                }
                datum.version += 1;
                columns.version = datum.version;
                counts[1] += 1;
                datum.seq
            }
            None => {
                let seq = next;
                next += 1;
                let first = Known {
                    seq,
                    version: 1,
                    best: release,
                };
                known.insert(columns.id, first);
                columns.version = 1;
                counts[0] += 1;
                kind.0 += 1;
                seq
            }
        };
        rows.push(NewRow {
            seq,
            placed_us,
            content,
            columns,
            body,
        });
    }
    if !rows.is_empty() {
        crate::pack::forget(connection, patient).await?;
    }
    insert(connection, patient, document, &rows).await?;
    for (kind, (n, first, last)) in kinds {
        // A new version of another kind than the first is counted with the first.
        sqlx::query(
            "INSERT INTO patient_kind (patient, kind, n, first_us, last_us) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (patient, kind) DO UPDATE SET n = patient_kind.n + excluded.n, \
             first_us = CASE WHEN excluded.first_us < patient_kind.first_us THEN excluded.first_us ELSE patient_kind.first_us END, \
             last_us = CASE WHEN excluded.last_us > patient_kind.last_us THEN excluded.last_us ELSE patient_kind.last_us END",
        )
        .bind(patient.0)
        .bind(i64::from(kind))
        .bind(n)
        .bind(first)
        .bind(last)
        .execute(&mut *connection)
        .await?;
    }
    Ok(counts)
}

type KnownData = (HashMap<FactId, Known>, HashSet<(FactId, [u8; 32])>);

async fn known(
    connection: &mut SqliteConnection,
    patient: PatientKey,
) -> Result<KnownData, ArchiveError> {
    let rows = sqlx::query(
        "SELECT id, seq, version, content, available_us, revised_us FROM fact WHERE patient = $1 \
         ORDER BY id, available_us, version",
    )
    .bind(patient.0)
    .fetch_all(connection)
    .await?;
    let bad = |why: &str| ArchiveError::Row {
        table: "fact",
        why: why.to_owned(),
    };
    let mut data = HashMap::with_capacity(rows.len());
    let mut contents = HashSet::with_capacity(rows.len());
    for row in &rows {
        let hash = |column, why| -> Result<[u8; 32], ArchiveError> {
            row.try_get::<&[u8], _>(column)?
                .try_into()
                .map_err(|_| bad(why))
        };
        let id = FactId(hash(0, "an id is not 32 bytes")?);
        let version = u32::try_from(row.try_get::<i64, _>(2)?)
            .map_err(|_| bad("a version is out of range"))?;
        let best = Release {
            available_us: row.try_get(4)?,
            revised_us: row.try_get(5)?,
        };
        let seq = row.try_get(1)?;
        let datum = data.entry(id).or_insert(Known { seq, version, best });
        // In the order in which they count: the last one stays.
        datum.best = best;
        datum.version = version.max(datum.version);
        contents.insert((id, hash(3, "a content hash is not 32 bytes")?));
    }
    Ok((data, contents))
}

async fn insert(
    connection: &mut SqliteConnection,
    patient: PatientKey,
    document: i64,
    rows: &[NewRow],
) -> Result<(), ArchiveError> {
    let [many, one] = &*STATEMENTS;
    let (batches, rest) = rows.as_chunks::<BATCH>();
    for batch in batches {
        let mut query = sqlx::query(AssertSqlSafe(many.as_str()));
        for row in batch {
            query = bind(query, patient, document, row);
        }
        query.execute(&mut *connection).await?;
    }
    for row in rest {
        bind(
            sqlx::query(AssertSqlSafe(one.as_str())),
            patient,
            document,
            row,
        )
        .execute(&mut *connection)
        .await?;
    }
    for row in rows {
        let Some(text) = &row.columns.text else {
            continue;
        };
        sqlx::query(
            "INSERT INTO note (patient, kind, placed_us, available_us, seq, version, id, body) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(patient.0)
        .bind(i64::from(kind_number(row.columns.kind)))
        .bind(row.placed_us)
        .bind(row.columns.available_us)
        .bind(row.seq)
        .bind(i64::from(row.columns.version))
        .bind(row.columns.id.0.as_slice())
        .bind(text)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

fn bind<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    patient: PatientKey,
    document: i64,
    row: &'q NewRow,
) -> Query<'q, Sqlite, SqliteArguments> {
    let columns = &row.columns;
    let span = columns.provenance.span;
    let offset = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    query
        .bind(patient.0)
        .bind(i64::from(kind_number(columns.kind)))
        .bind(row.placed_us)
        .bind(row.seq)
        .bind(i64::from(columns.version))
        .bind(columns.available_us)
        .bind(columns.received_us)
        .bind(document)
        .bind(columns.id.0.as_slice())
        .bind(row.content.as_slice())
        .bind(&columns.provenance.path)
        .bind(span.map(|s| offset(s.start)))
        .bind(span.map(|s| offset(s.end)))
        .bind(&row.body)
        .bind(columns.revised_us)
}
