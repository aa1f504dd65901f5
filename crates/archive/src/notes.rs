//! Full-text search over notes and reports, behind one function: FTS5 here, another engine in another database.

use serde::Serialize;
use sqlx::Row as _;
use triptych_clinical::{FactId, FactKind, IndexTime, Instant, PatientKey, TextSpan};

use crate::query::expression;
use crate::{Archive, ArchiveError, body};

/// Most notes of one search.
const LIMIT: i64 = 200;
/// Around a place in a whole text, where the database points it out; no text uses these characters, and one that does has no places.
const MARKS: [char; 2] = ['\u{e000}', '\u{e001}'];

/// One note or report that holds all the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoteHit {
    /// The fact that the text belongs to.
    pub fact: FactId,
    /// The record that it is in.
    pub patient: PatientKey,
    /// Note, report …
    pub kind: FactKind,
    /// The time by which it is placed.
    pub at: Instant,
    /// Some words around the first hits; hits are between U+2068 and U+2069.
    pub snippet: String,
    /// Every place that was found, in the order of the text; empty after a search over the whole archive.
    #[serde(skip)]
    pub spans: Vec<TextSpan>,
}

impl Archive {
    /// Searches the texts of a person (all linked records) as of `at`: every word of `text` must occur, the last one may be a beginning;
    /// words in double quotes are a phrase, `pneumo*` is a beginning, `a near/5 b` stand within five words. Newest first. The words are
    /// never logged.
    ///
    /// # Errors
    /// [`ArchiveError::EmptySearch`] without a word; [`ArchiveError::UnknownPatient`].
    pub async fn search_notes(
        &self,
        person: PatientKey,
        text: &str,
        at: IndexTime,
    ) -> Result<Vec<NoteHit>, ArchiveError> {
        let expression = expression(text).ok_or(ArchiveError::EmptySearch)?;
        let mut hits = Vec::new();
        for member in self.members(person).await? {
            let rows = sqlx::query(
                "SELECT n.id, n.kind, n.placed_us, snippet(note_fts, 0, char(8296), char(8297), '…', 16), \
                 highlight(note_fts, 0, char(57344), char(57345)), length(CAST(n.body AS BLOB)) \
                 FROM note_fts JOIN note n ON n.note = note_fts.rowid \
                 WHERE note_fts MATCH $1 AND n.patient = $2 AND n.available_us <= $3 AND NOT EXISTS \
                 (SELECT 1 FROM fact f WHERE f.patient = n.patient AND f.id = n.id AND f.available_us <= $3 \
                  AND (f.available_us > n.available_us OR (f.available_us = n.available_us AND f.version > n.version))) \
                 ORDER BY n.placed_us DESC, n.note LIMIT $4",
            )
            .bind(&expression)
            .bind(member.0)
            .bind(at.0)
            .bind(LIMIT)
            .fetch_all(&self.readers)
            .await?;
            for row in &rows {
                let marked: &str = row.try_get(4)?;
                let length = u64::try_from(row.try_get::<i64, _>(5)?).unwrap_or(0);
                hits.push(NoteHit {
                    spans: spans(marked, length),
                    ..hit(row, member)?
                });
            }
        }
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.at));
        Ok(hits)
    }
}

impl Archive {
    /// The `limit` best of all notes and reports of the archive for `text`, by BM25, in the version that is visible today.
    ///
    /// # Errors
    /// [`ArchiveError::EmptySearch`] without a word.
    pub async fn search_everywhere(
        &self,
        text: &str,
        limit: u32,
    ) -> Result<Vec<NoteHit>, ArchiveError> {
        let expression = expression(text).ok_or(ArchiveError::EmptySearch)?;
        // Rank first and look at the rows of the best only: a common word is in a hundred thousand notes. Four times as many as asked for leave
        // room for versions that were superseded.
        let rows = sqlx::query(
            "SELECT n.id, n.kind, n.placed_us, best.words, n.patient FROM \
             (SELECT rowid AS note, rank, snippet(note_fts, 0, char(8296), char(8297), '…', 16) AS words \
              FROM note_fts WHERE note_fts MATCH $1 ORDER BY rank LIMIT $2 * 4) AS best \
             JOIN note n ON n.note = best.note WHERE NOT EXISTS \
             (SELECT 1 FROM note m WHERE m.patient = n.patient AND m.seq = n.seq AND m.version > n.version) \
             ORDER BY best.rank LIMIT $2",
        )
        .bind(&expression)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| hit(row, PatientKey(row.try_get(4)?)))
            .collect()
    }
}

fn hit(row: &sqlx::sqlite::SqliteRow, patient: PatientKey) -> Result<NoteHit, ArchiveError> {
    let bad = |why: &str| ArchiveError::Row {
        table: "note",
        why: why.to_owned(),
    };
    let id = row.try_get::<&[u8], _>(0)?.try_into();
    let kind = u8::try_from(row.try_get::<i64, _>(1)?)
        .ok()
        .and_then(body::kind);
    Ok(NoteHit {
        fact: FactId(id.map_err(|_| bad("an id is not 32 bytes"))?),
        patient,
        kind: kind.ok_or_else(|| bad("its kind is unknown to this program"))?,
        at: Instant(row.try_get(2)?),
        snippet: row.try_get(3)?,
        spans: Vec::new(),
    })
}

/// The places between [`MARKS`], in bytes of the text without them, which is `length` long.
fn spans(marked: &str, length: u64) -> Vec<TextSpan> {
    let mut spans = Vec::new();
    let (mut bytes, mut open) = (0u64, None);
    for c in marked.chars() {
        if c == MARKS[0] {
            open = Some(bytes);
        } else if c == MARKS[1] {
            spans.extend(open.take().map(|start| TextSpan { start, end: bytes }));
        } else {
            bytes += c.len_utf8() as u64;
        }
    }
    if bytes != length {
        spans.clear();
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bytes_of_the_text_without_marks() {
        let span = |start, end| TextSpan { start, end };
        assert_eq!(
            spans("Für \u{e000}Eisen\u{e001}, \u{e000}Eisen\u{e001}", 17),
            [span(5, 10), span(12, 17)]
        );
        assert_eq!(spans("nothing", 7), []);
        // A text with such a character of its own.
        assert_eq!(spans("a\u{e000}b \u{e000}Eisen\u{e001}", 10), []);
    }
}
