//! What readers do to images: drawings, key-image marks, view states. Every change is an event; the last one of an item counts, none is
//! erased, so that what was seen at an index time can be read back. What a body says is not known here.

use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use triptych_clinical::{DocumentHash, IndexTime, Instant, PatientKey, StudyUid};

use crate::audit::{Details, Verb};
use crate::{Archive, ArchiveError, By};

/// What an edit is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EditKind {
    /// A drawing; its item is the Tracking Unique Identifier.
    Drawing,
    /// A mark on an image; its item names the frame.
    KeyImage,
    /// How a display set was looked at; its item names the set. Changes nothing about a patient: not in the audit trail.
    View,
}

/// One change to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEdit {
    /// Whose images.
    pub patient: PatientKey,
    /// Of which study.
    pub study: StudyUid,
    /// What kind of thing.
    pub kind: EditKind,
    /// Names it among its kind.
    pub item: String,
    /// Its state from now on; `None` takes it away.
    pub body: Option<String>,
    /// Hash of the file it was done on, where there is one.
    pub image: Option<DocumentHash>,
}

/// A recorded change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Counts up over the archive.
    pub number: i64,
    /// What was changed.
    pub edit: NewEdit,
    /// By whom and when.
    pub by: By,
}

impl Archive {
    /// Records changes, all or none of them; durable when this returns.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`], or when they could not be made durable.
    pub async fn record_edits(&self, by: &By, edits: &[NewEdit]) -> Result<(), ArchiveError> {
        for edit in edits {
            self.must_exist(edit.patient).await?;
        }
        let mut tx = self.begin().await?;
        for edit in edits {
            let number: i64 = sqlx::query_scalar(
                "INSERT INTO edit (patient, study, kind, item, body, image, who, at_us) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING edit",
            )
            .bind(edit.patient.0)
            .bind(edit.study.as_str())
            .bind(kind_number(edit.kind))
            .bind(&edit.item)
            .bind(&edit.body)
            .bind(edit.image.map(|hash| hash.0.to_vec()))
            .bind(&by.who)
            .bind(by.at.0)
            .fetch_one(&mut *tx)
            .await?;
            if edit.kind == EditKind::View {
                continue;
            }
            let body = edit.body.as_deref();
            let details = [
                ("kind", kind_name(edit.kind).to_owned()),
                ("item", edit.item.clone()),
                (
                    "act",
                    if body.is_some() { "set" } else { "taken away" }.to_owned(),
                ),
                // So that the trail holds for what was drawn, not only for that it was.
                (
                    "content",
                    body.map_or_else(String::new, |b| blake3::hash(b.as_bytes()).to_string()),
                ),
                ("number", number.to_string()),
            ];
            let details: Details = details.map(|(k, v)| (k.to_owned(), v)).into();
            self.append_audit(&mut tx, by, Verb::Annotation, Some(edit.patient), details)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The items of a person (all linked records) as they stood at `at`, in the order of their last change. Items that were taken away by
    /// then are not among them.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`], or a row that this program cannot read.
    pub async fn edits(
        &self,
        person: PatientKey,
        at: IndexTime,
    ) -> Result<Vec<Edit>, ArchiveError> {
        let mut edits = Vec::new();
        for member in self.members(person).await? {
            let rows = sqlx::query(
                "SELECT edit, patient, study, kind, item, body, image, who, at_us FROM edit WHERE body IS NOT NULL AND edit IN \
                 (SELECT max(edit) FROM edit WHERE patient = $1 AND at_us <= $2 GROUP BY kind, item)",
            )
            .bind(member.0)
            .bind(at.0)
            .fetch_all(&self.readers)
            .await?;
            for row in &rows {
                edits.push(read(row)?);
            }
        }
        edits.sort_by_key(|e| e.number);
        Ok(edits)
    }

    /// Every change of one item of a person, oldest first.
    ///
    /// # Errors
    /// As [`Self::edits`].
    pub async fn edits_of(
        &self,
        person: PatientKey,
        kind: EditKind,
        item: &str,
    ) -> Result<Vec<Edit>, ArchiveError> {
        let mut edits = Vec::new();
        for member in self.members(person).await? {
            let rows = sqlx::query(
                "SELECT edit, patient, study, kind, item, body, image, who, at_us FROM edit \
                 WHERE patient = $1 AND kind = $2 AND item = $3",
            )
            .bind(member.0)
            .bind(kind_number(kind))
            .bind(item)
            .fetch_all(&self.readers)
            .await?;
            for row in &rows {
                edits.push(read(row)?);
            }
        }
        edits.sort_by_key(|e| e.number);
        Ok(edits)
    }
}

fn read(row: &SqliteRow) -> Result<Edit, ArchiveError> {
    let bad = |why: &str| ArchiveError::Row {
        table: "edit",
        why: why.to_owned(),
    };
    let image: Option<&[u8]> = row.try_get(6)?;
    let image = image.map(<[u8; 32]>::try_from).transpose();
    Ok(Edit {
        number: row.try_get(0)?,
        edit: NewEdit {
            patient: PatientKey(row.try_get(1)?),
            study: StudyUid::new(row.try_get(2)?).map_err(|_| bad("a study has no valid UID"))?,
            kind: kind(row.try_get(3)?).ok_or_else(|| bad("a kind is unknown to this program"))?,
            item: row.try_get(4)?,
            body: row.try_get(5)?,
            image: image
                .map_err(|_| bad("a hash is not 32 bytes"))?
                .map(DocumentHash),
        },
        by: By {
            who: row.try_get(7)?,
            at: Instant(row.try_get(8)?),
        },
    })
}

/// Appended to, never renumbered.
const fn kind_number(kind: EditKind) -> i64 {
    match kind {
        EditKind::Drawing => 1,
        EditKind::KeyImage => 2,
        EditKind::View => 3,
    }
}

const fn kind(number: i64) -> Option<EditKind> {
    match number {
        1 => Some(EditKind::Drawing),
        2 => Some(EditKind::KeyImage),
        3 => Some(EditKind::View),
        _ => None,
    }
}

const fn kind_name(kind: EditKind) -> &'static str {
    match kind {
        EditKind::Drawing => "drawing",
        EditKind::KeyImage => "key-image",
        EditKind::View => "view",
    }
}
