//! Questions of identity as rows: what names their content, how they are written and read.

use std::collections::BTreeSet;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use triptych_clinical::{DocumentHash, Identifier, Identity, Instant, PatientKey};

use super::{
    IdentityAnswer, IdentityQuestion, IdentitySide, IdentitySource, NewIdentityQuestion,
    QuestionId, QuestionKind, Settled,
};
use crate::links::Groups;
use crate::patients::{ConflictReason, fold};
use crate::{ArchiveError, By};

/// A question as it is stored.
pub(super) struct Asked {
    pub(super) kind: QuestionKind,
    pub(super) sides: [Identity; 2],
    pub(super) records: [Option<PatientKey>; 2],
    pub(super) reason: Option<ConflictReason>,
    pub(super) content: [u8; 32],
}

impl Asked {
    pub(super) fn new(
        kind: QuestionKind,
        sides: [Identity; 2],
        records: [Option<PatientKey>; 2],
        reason: Option<ConflictReason>,
    ) -> Self {
        let content = match (kind, &sides, records) {
            (QuestionKind::Contradiction, [_, says], [Some(with), _]) => contradicts(with, says),
            (QuestionKind::Shared, _, [Some(a), Some(b)]) => {
                hash(&[kind_name(kind), &a.to_string(), &b.to_string()])
            }
            (_, [a, b], _) => hash(&[kind_name(kind), &told(a), &told(b)]),
        };
        Self {
            kind,
            sides,
            records,
            reason,
            content,
        }
    }
}

/// Names what is asked of a document that contradicts a record: not by the record's words, which grow with each import.
fn contradicts(with: PatientKey, says: &Identity) -> [u8; 32] {
    let kind = kind_name(QuestionKind::Contradiction);
    hash(&[kind, &with.to_string(), &told(says)])
}

fn hash(parts: &[&str]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// What an identity says, in one order and spelling.
fn told(identity: &Identity) -> String {
    let identifiers: BTreeSet<_> = identity.identifiers.iter().map(trimmed).collect();
    let born = identity.birth_date.map(|d| d.iso_date());
    format!(
        "{identifiers:?} {} {} {born:?} {:?}",
        fold(&identity.family),
        fold(&identity.given),
        identity.sex
    )
}

fn trimmed(identifier: &Identifier) -> [&str; 3] {
    let Identifier {
        issuer,
        kind,
        value,
    } = identifier;
    [issuer.trim(), kind.trim(), value.trim()]
}

/// The record that somebody had made for this identity, which contradicts `with`.
pub(crate) async fn own_record(
    connection: &mut SqliteConnection,
    with: PatientKey,
    says: &Identity,
) -> Result<Option<PatientKey>, ArchiveError> {
    let record: Option<i64> = sqlx::query_scalar(
        "SELECT a.record FROM identity_question q JOIN identity_answer a ON a.question = q.question \
         WHERE q.content = $1 AND a.record IS NOT NULL ORDER BY q.round DESC LIMIT 1",
    )
    .bind(contradicts(with, says).as_slice())
    .fetch_optional(connection)
    .await?;
    Ok(record.map(PatientKey))
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    by: &By,
    new: &NewIdentityQuestion,
    asked: &Asked,
    round: usize,
) -> Result<QuestionId, ArchiveError> {
    let json = |identity: &Identity| {
        serde_json::to_string(identity).map_err(ArchiveError::row("identity_question"))
    };
    let [keep, other] = &asked.sides;
    let reason = asked.reason.map(|r| serde_json::to_string(&r)).transpose();
    let sent = new.sent.map(|w| serde_json::to_string(&w)).transpose();
    let bad = |r: Result<Option<String>, _>| r.map_err(ArchiveError::row("identity_question"));
    Ok(sqlx::query_scalar(
        "INSERT INTO identity_question \
         (kind, content, round, keep, other, keep_record, other_record, reason, sent, asked_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING question",
    )
    .bind(kind_number(asked.kind))
    .bind(asked.content.as_slice())
    .bind(i64::try_from(round).unwrap_or(i64::MAX))
    .bind(json(keep)?)
    .bind(json(other)?)
    .bind(asked.records[0].map(|k| k.0))
    .bind(asked.records[1].map(|k| k.0))
    .bind(bad(reason)?)
    .bind(bad(sent)?)
    .bind(by.at.0)
    .fetch_one(connection)
    .await?)
}

pub(super) async fn one(
    connection: &mut SqliteConnection,
    id: QuestionId,
) -> Result<IdentityQuestion, ArchiveError> {
    let found = load(connection, Some(id)).await?.pop();
    found.ok_or(ArchiveError::Question {
        question: id,
        why: "there is none with this number",
    })
}

pub(super) async fn load(
    connection: &mut SqliteConnection,
    id: Option<QuestionId>,
) -> Result<Vec<IdentityQuestion>, ArchiveError> {
    let rows = sqlx::query(
        "SELECT q.question, q.kind, q.keep, q.other, q.keep_record, q.other_record, q.reason, q.sent, q.asked_us, \
         a.answer, a.record, a.who, a.reason, a.at_us \
         FROM identity_question q LEFT JOIN identity_answer a ON a.question = q.question \
         WHERE $1 IS NULL OR q.question = $1",
    )
    .bind(id)
    .fetch_all(&mut *connection)
    .await?;
    let groups = Groups::load(&mut *connection).await?;
    let mut questions = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut question = read(row)?;
        for side in [&mut question.keep, &mut question.other] {
            if side.records.is_empty() && question.kind != QuestionKind::Contradiction {
                side.records = bearers(connection, &side.identity, &groups).await?;
            }
        }
        question.one_person = matches!(
            (question.keep.records.as_slice(), question.other.records.as_slice()),
            ([a], [b]) if groups.person(*a) == groups.person(*b)
        );
        question.sources = sources(connection, question.id).await?;
        questions.push(question);
    }
    Ok(questions)
}

fn read(row: &SqliteRow) -> Result<IdentityQuestion, ArchiveError> {
    let bad = |why: &str| ArchiveError::Row {
        table: "identity_question",
        why: why.to_owned(),
    };
    let side = |identity, record| -> Result<IdentitySide, ArchiveError> {
        let record: Option<i64> = row.try_get(record)?;
        Ok(IdentitySide {
            identity: serde_json::from_str(row.try_get(identity)?)
                .map_err(ArchiveError::row("identity_question"))?,
            records: record.map(PatientKey).into_iter().collect(),
        })
    };
    let answer: Option<i64> = row.try_get(9)?;
    let settled = match answer {
        None => None,
        Some(number) => Some(Settled {
            answer: self::answer(number)
                .ok_or_else(|| bad("an answer is unknown to this program"))?,
            record: row.try_get::<Option<i64>, _>(10)?.map(PatientKey),
            who: row.try_get(11)?,
            reason: row.try_get(12)?,
            at: Instant(row.try_get(13)?),
        }),
    };
    let reason: Option<&str> = row.try_get(6)?;
    let sent: Option<&str> = row.try_get(7)?;
    Ok(IdentityQuestion {
        id: row.try_get(0)?,
        kind: kind(row.try_get(1)?).ok_or_else(|| bad("a kind is unknown to this program"))?,
        keep: side(2, 4)?,
        other: side(3, 5)?,
        one_person: false,
        reason: reason
            .map(serde_json::from_str)
            .transpose()
            .map_err(ArchiveError::row("identity_question"))?,
        sent: sent
            .map(serde_json::from_str)
            .transpose()
            .map_err(ArchiveError::row("identity_question"))?,
        asked: Instant(row.try_get(8)?),
        sources: Vec::new(),
        settled,
    })
}

/// The records that bear one of the identifiers; those of one person count as one.
async fn bearers(
    connection: &mut SqliteConnection,
    identity: &Identity,
    groups: &Groups,
) -> Result<Vec<PatientKey>, ArchiveError> {
    let mut found: Vec<PatientKey> = Vec::new();
    for [issuer, kind, value] in identity.identifiers.iter().map(trimmed) {
        let patient: Option<i64> = sqlx::query_scalar(
            "SELECT patient FROM identifier WHERE issuer = $1 AND kind = $2 AND value = $3",
        )
        .bind(issuer)
        .bind(kind)
        .bind(value)
        .fetch_optional(&mut *connection)
        .await?;
        if let Some(key) = patient.map(PatientKey)
            && found
                .iter()
                .all(|k| groups.person(*k) != groups.person(key))
        {
            found.push(key);
        }
    }
    found.sort();
    Ok(found)
}

async fn sources(
    connection: &mut SqliteConnection,
    id: QuestionId,
) -> Result<Vec<IdentitySource>, ArchiveError> {
    let rows = sqlx::query(
        "SELECT file, place, document FROM identity_source WHERE question = $1 ORDER BY file, place",
    )
    .bind(id)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let document = <[u8; 32]>::try_from(row.try_get::<&[u8], _>(2)?);
            Ok(IdentitySource {
                file: row.try_get(0)?,
                place: row.try_get(1)?,
                document: document.map(DocumentHash).map_err(|_| ArchiveError::Row {
                    table: "identity_source",
                    why: "a hash is not 32 bytes".to_owned(),
                })?,
            })
        })
        .collect()
}

/// Numbers are appended to, never changed.
fn kind(number: i64) -> Option<QuestionKind> {
    match number {
        1 => Some(QuestionKind::Merge),
        2 => Some(QuestionKind::Link),
        3 => Some(QuestionKind::Contradiction),
        4 => Some(QuestionKind::Shared),
        _ => None,
    }
}

const fn kind_number(kind: QuestionKind) -> i64 {
    match kind {
        QuestionKind::Merge => 1,
        QuestionKind::Link => 2,
        QuestionKind::Contradiction => 3,
        QuestionKind::Shared => 4,
    }
}

pub(super) const fn kind_name(kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Merge => "merge",
        QuestionKind::Link => "link",
        QuestionKind::Contradiction => "contradiction",
        QuestionKind::Shared => "shared",
    }
}

fn answer(number: i64) -> Option<IdentityAnswer> {
    match number {
        1 => Some(IdentityAnswer::OnePerson),
        2 => Some(IdentityAnswer::Apart),
        3 => Some(IdentityAnswer::OwnRecord),
        _ => None,
    }
}

pub(super) const fn answer_number(answer: IdentityAnswer) -> i64 {
    match answer {
        IdentityAnswer::OnePerson => 1,
        IdentityAnswer::Apart => 2,
        IdentityAnswer::OwnRecord => 3,
    }
}

pub(super) const fn answer_name(answer: IdentityAnswer) -> &'static str {
    match answer {
        IdentityAnswer::OnePerson => "one-person",
        IdentityAnswer::Apart => "apart",
        IdentityAnswer::OwnRecord => "own-record",
    }
}
