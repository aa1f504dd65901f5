//! Questions of identity that wait for a person: a source asks to merge or to link two patients, or a document contradicts the record that its
//! identifiers name. The same content is asked once. An answer may link, never merges, and stays beside its question.

mod rows;

use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use triptych_clinical::{DocumentHash, Identity, Instant, PatientKey, When};

use crate::audit::{Details, Verb};
use crate::patients::{ConflictReason, IdentityConflict};
use crate::{Archive, ArchiveError, By};
use rows::{Asked, answer_name, answer_number, insert, kind_name, load, one};

pub(crate) use rows::own_record;

/// Number of a question in its archive.
pub type QuestionId = i64;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuestionKind {
    /// A source asks to make one patient part of another (HL7 v2 A40).
    Merge,
    /// A source says that two patients are one person (HL7 v2 A24).
    Link,
    /// A document bears the identifier of a record and contradicts it.
    Contradiction,
    /// A document bears identifiers of two records that are not linked.
    Shared,
}

/// What a person answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityAnswer {
    /// The two records are one person: they are linked.
    OnePerson,
    /// They stay apart; a document that waits stays out.
    Apart,
    /// What contradicts a record is filed as a record of its own.
    OwnRecord,
}

/// Who is meant, from the words of a source or from the record that it met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuestionSides {
    /// A source names both.
    Named {
        /// [`QuestionKind::Merge`] or [`QuestionKind::Link`].
        merge: bool,
        /// The one that stays.
        keep: Identity,
        /// The other.
        other: Identity,
    },
    /// A document was not filed.
    Met {
        /// What it met, and why it was refused.
        conflict: IdentityConflict,
        /// Who the document says it is about.
        says: Identity,
    },
}

/// A question to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIdentityQuestion {
    /// About whom.
    pub sides: QuestionSides,
    /// When the source sent it.
    pub sent: Option<When>,
    /// Which document asks.
    pub source: IdentitySource,
}

/// A document that asks. Kept inside the encrypted database only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentitySource {
    /// Where it lay, entries of a ZIP after `!`.
    pub file: String,
    /// Where in it: `message 1 (M-19)`; empty for the whole of it.
    pub place: String,
    /// Hash of its bytes.
    pub document: DocumentHash,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentitySide {
    /// As it was asked.
    pub identity: Identity,
    /// The records meant: smallest key first; more than one only where they are not one person.
    pub records: Vec<PatientKey>,
}

/// A question with what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentityQuestion {
    /// Its number.
    pub id: QuestionId,
    /// What is asked.
    pub kind: QuestionKind,
    /// The one that stays; of a contradiction, the record.
    pub keep: IdentitySide,
    /// The other; of a contradiction, what the document says.
    pub other: IdentitySide,
    /// Both sides are records of one person already.
    pub one_person: bool,
    /// Why a document was refused.
    pub reason: Option<ConflictReason>,
    /// When the source sent it.
    pub sent: Option<When>,
    /// When it came here first.
    pub asked: Instant,
    /// The documents that ask.
    pub sources: Vec<IdentitySource>,
    /// The answer, once there is one.
    pub settled: Option<Settled>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// What.
    pub answer: IdentityAnswer,
    /// The record that it made.
    pub record: Option<PatientKey>,
    /// Who said so.
    pub who: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
}

impl Archive {
    /// Asks, or adds the document to the open question of the same content. `None` where this document asked it before and was answered.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub async fn ask_identity(
        &self,
        by: &By,
        new: &NewIdentityQuestion,
    ) -> Result<Option<QuestionId>, ArchiveError> {
        let asked = self.spelt_out(new).await?;
        let mut tx = self.begin().await?;
        let former: Vec<(i64, bool, bool)> = sqlx::query(
            "SELECT q.question, \
             EXISTS (SELECT 1 FROM identity_answer a WHERE a.question = q.question), \
             EXISTS (SELECT 1 FROM identity_source s WHERE s.question = q.question AND s.document = $2) \
             FROM identity_question q WHERE q.content = $1 ORDER BY q.round",
        )
        .bind(asked.content.as_slice())
        .bind(new.source.document.0.as_slice())
        .fetch_all(&mut *tx)
        .await?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))
        .collect::<Result<_, sqlx::Error>>()?;
        let open = former.iter().find(|(_, answered, _)| !answered);
        let question = match open {
            Some((question, ..)) => *question,
            None if former.iter().any(|(.., same)| *same) => return Ok(None),
            None => {
                let question = insert(&mut tx, by, new, &asked, former.len()).await?;
                let details = [
                    ("act", "asked".to_owned()),
                    ("question", question.to_string()),
                    ("kind", kind_name(asked.kind).to_owned()),
                    ("document", new.source.document.to_string()),
                ];
                let details: Details = details.map(|(k, v)| (k.to_owned(), v)).into();
                self.append_audit(&mut tx, by, Verb::Identity, asked.records[0], details)
                    .await?;
                question
            }
        };
        // A file that came again from elsewhere is looked for where it lies now.
        sqlx::query(
            "INSERT INTO identity_source (question, document, place, file) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (question, document, place) DO UPDATE SET file = excluded.file",
        )
        .bind(question)
        .bind(new.source.document.0.as_slice())
        .bind(&new.source.place)
        .bind(&new.source.file)
        .execute(&mut *tx)
        .await?;
        self.commit(tx).await?;
        Ok(Some(question))
    }

    async fn spelt_out(&self, new: &NewIdentityQuestion) -> Result<Asked, ArchiveError> {
        Ok(match &new.sides {
            QuestionSides::Named { merge, keep, other } => {
                let kind = if *merge {
                    QuestionKind::Merge
                } else {
                    QuestionKind::Link
                };
                Asked::new(kind, [keep.clone(), other.clone()], [None, None], None)
            }
            QuestionSides::Met { conflict, says } => {
                let keep = self.identity(conflict.with).await?;
                let (kind, other) = match conflict.and {
                    Some(and) => (QuestionKind::Shared, self.identity(and).await?),
                    None => (QuestionKind::Contradiction, says.clone()),
                };
                let records = [Some(conflict.with), conflict.and];
                Asked::new(kind, [keep, other], records, Some(conflict.reason))
            }
        })
    }

    /// All questions, the open ones first, then the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn identity_questions(&self) -> Result<Vec<IdentityQuestion>, ArchiveError> {
        let mut connection = self.readers.acquire().await?;
        let mut questions = load(&mut connection, None).await?;
        questions.sort_by_key(|q| (q.settled.is_some(), -q.id));
        Ok(questions)
    }

    /// One question.
    ///
    /// # Errors
    /// [`ArchiveError::Question`] when there is none with this number.
    pub async fn identity_question(
        &self,
        id: QuestionId,
    ) -> Result<IdentityQuestion, ArchiveError> {
        let mut connection = self.readers.acquire().await?;
        one(&mut connection, id).await
    }

    /// Answers a question; the link or the record that the answer makes comes in the same transaction. Returns the question as it stands
    /// then. What was linked is taken apart by [`Self::unlink`].
    ///
    /// # Errors
    /// [`ArchiveError::Question`]: no such question, answered already, no reason, or an answer that it cannot have.
    pub async fn answer_identity(
        &self,
        by: &By,
        id: QuestionId,
        answer: IdentityAnswer,
        reason: &str,
    ) -> Result<IdentityQuestion, ArchiveError> {
        let refuse = |why| Err(ArchiveError::Question { question: id, why });
        let reason = reason.trim();
        if !reason.chars().any(char::is_alphanumeric) {
            return refuse("an answer needs a reason: a word is enough");
        }
        let mut tx = self.begin().await?;
        let question = one(&mut tx, id).await?;
        if question.settled.is_some() {
            return refuse("it is answered already");
        }
        let mut record = None;
        match (answer, question.kind) {
            (IdentityAnswer::Apart, _) => {}
            (IdentityAnswer::OwnRecord, QuestionKind::Contradiction) => {
                let identity = serde_json::to_string(&question.other.identity)
                    .map_err(ArchiveError::row("identity_question"))?;
                record = Some(PatientKey(
                    sqlx::query_scalar(
                        "INSERT INTO patient (identity, created_us) VALUES ($1, $2) RETURNING patient",
                    )
                    .bind(identity)
                    .bind(by.at.0)
                    .fetch_one(&mut *tx)
                    .await?,
                ));
            }
            (IdentityAnswer::OwnRecord, _) => {
                return refuse("no document waits for a record of its own");
            }
            (IdentityAnswer::OnePerson, QuestionKind::Contradiction) => {
                return refuse(
                    "what contradicts a record is not linked unread: file it as a record of its own first, then link the two",
                );
            }
            (IdentityAnswer::OnePerson, _) => {
                match (
                    question.keep.records.as_slice(),
                    question.other.records.as_slice(),
                ) {
                    ([], _) | (_, []) => {
                        return refuse("one of the two is not in the archive: import it first");
                    }
                    // They may have been linked since by another hand: the answer holds all the same.
                    _ if question.one_person => {}
                    ([a], [b]) => self.link_event(&mut tx, by, *a, *b, true, reason).await?,
                    _ => {
                        return refuse(
                            "its identifiers belong to several people: link the records meant by hand",
                        );
                    }
                }
            }
        }
        sqlx::query(
            "INSERT INTO identity_answer (question, answer, record, who, reason, at_us) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(answer_number(answer))
        .bind(record.map(|r| r.0))
        .bind(&by.who)
        .bind(reason)
        .bind(by.at.0)
        .execute(&mut *tx)
        .await?;
        let details = [
            ("act", "answered".to_owned()),
            ("question", id.to_string()),
            ("kind", kind_name(question.kind).to_owned()),
            ("answer", answer_name(answer).to_owned()),
            ("record", record.map_or_else(String::new, |r| r.to_string())),
        ];
        let details: Details = details.map(|(k, v)| (k.to_owned(), v)).into();
        let subject = question.keep.records.first().copied();
        self.append_audit(&mut tx, by, Verb::Identity, subject, details)
            .await?;
        let settled = one(&mut tx, id).await?;
        self.commit(tx).await?;
        Ok(settled)
    }
}
