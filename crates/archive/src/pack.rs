//! The record of a person in one piece: reading a hundred thousand rows takes most of a second, reading this a tenth of it.
//!
//! Most facts of a long record differ in number and time only. What they share (codes, name, unit, status …) is kept once, as a *shape*: the
//! stored form of a fact without them. A pack is made from the rows of table `fact`; the transaction that adds rows takes it away.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use triptych_clinical::{
    DocumentHash, Fact, FactId, IndexTime, Instant, PatientKey, Provenance, TextSpan, Value, When,
};

use crate::body::{self, Body, Columns};
use crate::facts::{Stored, Texts};
use crate::{Archive, ArchiveError, raw};

/// Another number is not read: the rows are.
const FORMAT: i64 = 2;
/// A shorter record is read from its rows quickly enough.
const FROM: i64 = 5_000;
/// Rows of a piece.
const PIECE: usize = 8_192;

#[derive(Serialize, Deserialize)]
struct Pack<'a> {
    /// Document and time of receipt.
    sources: Vec<([u8; 32], i64)>,
    /// Kind, and the stored form of a fact without number, times and name of its resource.
    #[serde(borrow)]
    shapes: Vec<(u8, &'a str)>,
    /// Rows one after the other, in pieces that processor cores read side by side.
    #[serde(borrow)]
    pieces: Vec<&'a [u8]>,
}

#[derive(Serialize, Deserialize)]
struct Row<'a> {
    shape: u32,
    source: u32,
    seq: u32,
    version: u32,
    id: [u8; 32],
    available_us: i64,
    effective: Option<body::Time>,
    end: Option<body::Time>,
    number: Option<f64>,
    /// As its source wrote it.
    written: &'a str,
    path: &'a str,
    resource: &'a str,
    span: Option<(u64, u64)>,
}

/// What was known of one record, in the order of its rows.
#[derive(Default)]
pub(crate) struct Known {
    /// Place of each fact in its record: versions of one datum share it.
    pub(crate) places: Vec<i64>,
    pub(crate) facts: Vec<Fact>,
}

/// A shape taken apart once, for all rows that have it.
struct Shape {
    fact: Fact,
    has_text: bool,
}

impl Archive {
    /// Makes the packs of a person's long records that have none. Cheap where there is nothing to do.
    ///
    /// # Errors
    /// When the archive cannot be read or written: then the record is as it was.
    pub async fn pack(&self, person: PatientKey) -> Result<(), ArchiveError> {
        for member in self.members(person).await? {
            let unpacked: i64 = sqlx::query_scalar(
                "SELECT coalesce(sum(n), 0) FROM patient_kind WHERE patient = $1 AND NOT EXISTS \
                 (SELECT 1 FROM pack p WHERE p.patient = patient_kind.patient AND p.format = $2)",
            )
            .bind(member.0)
            .bind(FORMAT)
            .fetch_one(&self.readers)
            .await?;
            if unpacked < FROM {
                continue;
            }
            let mut tx = self.begin().await?;
            let body = build(&mut tx, member).await?;
            sqlx::query("INSERT OR REPLACE INTO pack (patient, format, body) VALUES ($1, $2, $3)")
                .bind(member.0)
                .bind(FORMAT)
                .bind(body)
                .execute(&mut *tx)
                .await?;
            self.commit(tx).await?;
        }
        Ok(())
    }
}

/// Facts were added: the pack does not hold them.
pub(crate) async fn forget(
    connection: &mut SqliteConnection,
    patient: PatientKey,
) -> Result<(), ArchiveError> {
    sqlx::query("DELETE FROM pack WHERE patient = $1")
        .bind(patient.0)
        .execute(connection)
        .await?;
    Ok(())
}

async fn build(
    connection: &mut SqliteConnection,
    patient: PatientKey,
) -> Result<Vec<u8>, ArchiveError> {
    let mut handle = connection.lock_handle().await?;
    let everything = Instant(i64::MAX);
    let stored = crate::facts::rows(&mut handle, patient, everything)?;
    let mut shapes: HashMap<(u8, String), u32> = HashMap::new();
    let mut sources: HashMap<([u8; 32], i64), u32> = HashMap::new();
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    let next = |n: usize| u32::try_from(n).map_err(|_| too_long());
    for (n, Stored { seq, columns, body }) in stored.into_iter().enumerate() {
        let mut body: Body = serde_json::from_slice(&body).map_err(ArchiveError::row("fact"))?;
        let (number, written) = body.take_number();
        let [effective, end] = body.take_times();
        let resource = body.take_resource();
        let shape = serde_json::to_string(&body).map_err(ArchiveError::row("fact"))?;
        let count = next(shapes.len())?;
        let shape = *shapes
            .entry((body::kind_number(columns.kind), shape))
            .or_insert(count);
        let count = next(sources.len())?;
        let source = (columns.provenance.document.0, columns.received_us);
        let source = *sources.entry(source).or_insert(count);
        let row = Row {
            shape,
            source,
            seq: u32::try_from(seq).map_err(|_| too_long())?,
            version: columns.version,
            id: columns.id.0,
            available_us: columns.available_us,
            effective,
            end,
            number,
            written: &written,
            path: &columns.provenance.path,
            resource: &resource,
            span: columns.provenance.span.map(|s| (s.start, s.end)),
        };
        if n % PIECE == 0 {
            pieces.push(Vec::new());
        }
        if let Some(piece) = pieces.pop() {
            pieces.push(postcard::to_extend(&row, piece).map_err(unwritable)?);
        }
    }
    let shapes = in_order(shapes);
    let pack = Pack {
        sources: in_order(sources),
        shapes: shapes
            .iter()
            .map(|(kind, text)| (*kind, text.as_str()))
            .collect(),
        pieces: pieces.iter().map(Vec::as_slice).collect(),
    };
    postcard::to_stdvec(&pack).map_err(unwritable)
}

fn unwritable(why: postcard::Error) -> ArchiveError {
    ArchiveError::Row {
        table: "pack",
        why: why.to_string(),
    }
}

fn in_order<T>(numbered: HashMap<T, u32>) -> Vec<T> {
    let mut all: Vec<(T, u32)> = numbered.into_iter().collect();
    all.sort_by_key(|(_, n)| *n);
    all.into_iter().map(|(value, _)| value).collect()
}

fn too_long() -> ArchiveError {
    ArchiveError::Row {
        table: "pack",
        why: "a record with more than four thousand million rows".to_owned(),
    }
}

/// Is there a pack of this record?
pub(crate) fn is_there(
    handle: &mut sqlx::sqlite::LockedSqliteHandle<'_>,
    patient: PatientKey,
) -> Result<bool, ArchiveError> {
    let mut found = false;
    raw::for_each_row(
        handle,
        c"SELECT 1 FROM pack WHERE patient = $1 AND format = $2",
        &[patient.0, FORMAT],
        |_| {
            found = true;
            Ok(())
        },
    )?;
    Ok(found)
}

/// The facts of a pack that were known at `at`, in the order of the rows, their texts left out; `None` where there is no pack.
pub(crate) fn read(
    handle: &mut sqlx::sqlite::LockedSqliteHandle<'_>,
    patient: PatientKey,
    at: IndexTime,
) -> Result<Option<Packed>, ArchiveError> {
    let mut found = None;
    raw::for_each_row(
        handle,
        c"SELECT body FROM pack WHERE patient = $1 AND format = $2",
        &[patient.0, FORMAT],
        |row| {
            found = Some(unpack(row.bytes(0), at)?);
            Ok(())
        },
    )?;
    Ok(found)
}

/// A record out of its pack, without the texts of its notes.
pub(crate) struct Packed {
    parts: Vec<Part>,
}

impl Packed {
    /// Are the texts of all notes among these?
    pub(crate) fn has_all_of(&self, texts: &Texts) -> bool {
        let mut wanted = self.parts.iter().flat_map(|p| &p.with_text);
        wanted.all(|(place, version, _)| texts.contains_key(&(*place, *version)))
    }

    /// The record.
    ///
    /// # Errors
    /// A note whose text is not there.
    pub(crate) fn with(self, mut texts: Texts) -> Result<Known, ArchiveError> {
        let mut known = Known::default();
        for mut part in self.parts {
            for (place, version, n) in part.with_text {
                let text = texts.remove(&(place, version));
                if let Some(fact) = part.known.facts.get_mut(n) {
                    fact.text = Some(text.ok_or_else(|| bad("the text of a fact is missing"))?);
                }
            }
            if known.facts.is_empty() {
                known = part.known;
            } else {
                known.places.append(&mut part.known.places);
                known.facts.append(&mut part.known.facts);
            }
        }
        Ok(known)
    }
}

fn bad(why: impl Into<String>) -> ArchiveError {
    ArchiveError::Row {
        table: "pack",
        why: why.into(),
    }
}

fn unpack(bytes: &[u8], at: IndexTime) -> Result<Packed, ArchiveError> {
    let pack: Pack<'_> = postcard::from_bytes(bytes).map_err(|why| bad(why.to_string()))?;
    let shapes = pack
        .shapes
        .iter()
        .map(|(kind, text)| shape(*kind, text))
        .collect::<Result<Vec<Shape>, _>>()?;
    let hands = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = pack.pieces.len().div_ceil(hands.min(8)).max(1);
    // The first part takes the others in: room for all of them that is not touched before costs nothing, a larger one later would be a copy.
    let all = pack.pieces.len() * PIECE;
    let read = |n: usize, pieces: &[&[u8]]| {
        let room = if n == 0 { all } else { pieces.len() * PIECE };
        piece(pieces, room, &pack.sources, &shapes, at)
    };
    let read = &read;
    let parts: Result<Vec<Part>, ArchiveError> = std::thread::scope(|scope| {
        let all: Vec<_> = pack
            .pieces
            .chunks(share)
            .enumerate()
            .map(|(n, pieces)| scope.spawn(move || read(n, pieces)))
            .collect();
        let lost = |_| Err(bad("a thread that read it came to an end"));
        all.into_iter()
            .map(|thread| thread.join().unwrap_or_else(lost))
            .collect()
    });
    Ok(Packed { parts: parts? })
}

/// What one thread read; the texts come afterwards.
#[derive(Default)]
struct Part {
    known: Known,
    /// Place, version, and which of the facts.
    with_text: Vec<(i64, i64, usize)>,
}

fn piece(
    pieces: &[&[u8]],
    room: usize,
    sources: &[([u8; 32], i64)],
    shapes: &[Shape],
    at: IndexTime,
) -> Result<Part, ArchiveError> {
    let mut part = Part::default();
    part.known.facts.reserve(room);
    part.known.places.reserve(room);
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            let (row, after) =
                postcard::take_from_bytes::<Row<'_>>(rest).map_err(|why| bad(why.to_string()))?;
            rest = after;
            if row.available_us > at.0 {
                continue;
            }
            let (fact, has_text) = joined(&row, sources, shapes)
                .ok_or_else(|| bad("a row names a shape, source or time that is not there"))?;
            if has_text {
                let place = (i64::from(row.seq), i64::from(row.version));
                part.with_text
                    .push((place.0, place.1, part.known.facts.len()));
            }
            part.known.places.push(i64::from(row.seq));
            part.known.facts.push(fact);
        }
    }
    Ok(part)
}

/// A row as a fact, and whether it has a text.
fn joined(row: &Row<'_>, sources: &[([u8; 32], i64)], shapes: &[Shape]) -> Option<(Fact, bool)> {
    let shape = shapes.get(usize::try_from(row.shape).ok()?)?;
    let (document, received) = sources.get(usize::try_from(row.source).ok()?)?;
    let mut fact = Fact {
        id: FactId(row.id),
        version: row.version,
        received: Instant(*received),
        available: When {
            instant: Instant(row.available_us),
            ..shape.fact.available
        },
        effective: body::optional_when(row.effective)?,
        end: body::optional_when(row.end)?,
        provenance: Provenance {
            document: DocumentHash(*document),
            path: row.path.to_owned(),
            resource: row.resource.into(),
            span: row.span.map(|(start, end)| TextSpan { start, end }),
        },
        ..shape.fact.clone()
    };
    if let Value::Quantity(quantity) = &mut fact.value {
        quantity.written = row.written.into();
        quantity.value = body::number(row.number, row.written);
    }
    Some((fact, shape.has_text))
}

fn shape(kind: u8, text: &str) -> Result<Shape, ArchiveError> {
    let bad = || bad("a shape means nothing to this program");
    let body: Body = serde_json::from_str(text).map_err(ArchiveError::row("pack"))?;
    let has_text = body.has_text();
    let columns = Columns {
        kind: body::kind(kind).ok_or_else(bad)?,
        version: 0,
        available_us: 0,
        received_us: 0,
        revised_us: None,
        id: FactId([0; 32]),
        provenance: Provenance::new(DocumentHash([0; 32]), "", None),
        text: None,
    };
    Ok(Shape {
        fact: body.join(columns).ok_or_else(bad)?,
        has_text,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use triptych_clinical::{CodeSystem, Coding, FactKind, Quantity, ReferenceRange, Status};

    use super::*;
    use crate::tests::{Place, by, document, fact, identity, note, run};

    /// A record long enough to be packed, with what facts can differ in.
    fn long() -> Vec<Fact> {
        let mut facts: Vec<Fact> = (0..FROM)
            .map(|i| {
                let day = format!("20{:02}-{:02}-{:02}", i % 20, 1 + i % 12, 1 + i % 28);
                let mut made = fact(&format!("a{i}"), i as f64 / 7.0, &day);
                if i % 3 == 0 {
                    made.reference = Some(ReferenceRange {
                        low: Some(1.5),
                        high: None,
                        text: None,
                    });
                    made.codes = vec![Coding::new(CodeSystem::Loinc, "2160-0")].into();
                }
                if i % 5 == 0 {
                    made.end = Some(When::parse("2021-05-01").unwrap());
                    made.attrs = BTreeMap::from([("panel".into(), format!("p{}", i % 50))]).into();
                    made.status = Status::Preliminary;
                }
                if i % 7 == 0 {
                    made.value = Value::Text("positive".into());
                    made.kind = FactKind::Problem;
                    made.effective = None;
                }
                if i % 11 == 0 {
                    made.value = Value::Quantity(Quantity {
                        value: f64::INFINITY,
                        written: "inf".into(),
                        comparator: None,
                        unit: Some("mg/dL".into()),
                        unit_text: None,
                    });
                }
                made
            })
            .collect();
        facts.extend((0..30).map(|i| note(&format!("n{i}"), &format!("Seen {i}."), "2012-03-04")));
        facts
    }

    #[test]
    fn a_packed_record_is_the_same_record_at_any_time_and_new_facts_take_the_pack_away() {
        let place = Place::new();
        run(async {
            let archive = place.open().await.unwrap();
            let first = document(b"one", vec![(identity("1"), long())]);
            let person = archive
                .import_document(&by(0), first)
                .await
                .unwrap()
                .keys()
                .next()
                .unwrap();
            let mut corrected = fact("a10", 99.0, "2010-11-11");
            corrected.available = When::parse("2015-01-01").unwrap();
            let second = document(b"two", vec![(identity("1"), vec![corrected])]);
            archive.import_document(&by(1), second).await.unwrap();
            let times = [
                "2000-06-01",
                "2011-01-01",
                "2012-03-04",
                "2015-01-01",
                "2030-01-01",
            ];
            let read = async || {
                let mut all = Vec::new();
                for time in times {
                    let at = When::parse(time).unwrap().instant;
                    all.push(archive.facts(person, at).await.unwrap());
                }
                all
            };
            let packs = async || -> i64 {
                let count = sqlx::query_scalar("SELECT count(*) FROM pack");
                count.fetch_one(&archive.readers).await.unwrap()
            };
            let from_rows = read().await;
            assert_eq!(packs().await, 0);
            archive.pack(person).await.unwrap();
            assert_eq!(packs().await, 1);
            assert_eq!(read().await, from_rows);
            assert!(from_rows[4].len() > from_rows[1].len());
            let third = document(
                b"three",
                vec![(identity("1"), vec![fact("b", 1.0, "2020-01-01")])],
            );
            archive.import_document(&by(2), third).await.unwrap();
            assert_eq!(packs().await, 0);
            assert_eq!(read().await[4].len(), from_rows[4].len() + 1);
            archive.close().await.unwrap();
        });
    }
}
