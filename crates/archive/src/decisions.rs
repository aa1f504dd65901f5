//! What clinicians decided on pathway options, and which models are enabled. Both are events: the last one counts, none is erased.

use std::fmt;

use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use triptych_clinical::{IndexTime, Instant, PatientKey};

use crate::audit::{Details, Verb};
use crate::{Archive, ArchiveError, By};

/// What was decided on an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Taken up.
    Accept,
    /// Not taken up.
    Decline,
    /// To be looked at again.
    Defer,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Defer => "defer",
        })
    }
}

/// A decision to be recorded, tied to what was seen (WRK-06).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDecision {
    /// Whose record.
    pub patient: PatientKey,
    /// Pathway and version: `iron-deficiency@1.0.0`.
    pub pathway: String,
    /// The option in it.
    pub option: String,
    /// What was decided.
    pub choice: Choice,
    /// Coded reason.
    pub reason_code: String,
    /// Free words, kept inside the encrypted database only; may be empty.
    pub reason_text: String,
    /// Hash of the inputs that the option rested on.
    pub input_hash: [u8; 32],
    /// As of when the record was seen.
    pub index_time: IndexTime,
}

/// A recorded decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Counts up over the archive.
    pub number: i64,
    /// What was decided.
    pub decision: NewDecision,
    /// By whom and when.
    pub by: By,
}

/// Whether a model may show findings. A model that was never enabled has none and is off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelState {
    /// Model id and version.
    pub model: String,
    /// May it run.
    pub enabled: bool,
    /// Who said so.
    pub who: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
}

impl Archive {
    /// Records a decision. Returns its number.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`], or when it could not be made durable.
    pub async fn record_decision(
        &self,
        by: &By,
        decision: &NewDecision,
    ) -> Result<i64, ArchiveError> {
        self.must_exist(decision.patient).await?;
        let mut tx = self.begin().await?;
        let number: i64 = sqlx::query_scalar(
            "INSERT INTO decision (patient, pathway, option, choice, reason_code, reason_text, input_hash, index_us, who, at_us) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING decision",
        )
        .bind(decision.patient.0)
        .bind(&decision.pathway)
        .bind(&decision.option)
        .bind(decision.choice.to_string())
        .bind(&decision.reason_code)
        .bind(&decision.reason_text)
        .bind(decision.input_hash.as_slice())
        .bind(decision.index_time.0)
        .bind(&by.who)
        .bind(by.at.0)
        .fetch_one(&mut *tx)
        .await?;
        let details = [
            ("pathway", decision.pathway.clone()),
            ("option", decision.option.clone()),
            ("choice", decision.choice.to_string()),
            ("reason", decision.reason_code.clone()),
            ("input", hex::encode(decision.input_hash)),
            ("number", number.to_string()),
        ];
        let details: Details = details.map(|(k, v)| (k.to_owned(), v)).into();
        self.append_audit(&mut tx, by, Verb::Decision, Some(decision.patient), details)
            .await?;
        tx.commit().await?;
        Ok(number)
    }

    /// The decisions on a person (all linked records) that were made up to `at`, oldest first.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`], or a row that this program cannot read.
    pub async fn decisions(
        &self,
        person: PatientKey,
        at: IndexTime,
    ) -> Result<Vec<Decision>, ArchiveError> {
        let bad = |why: &str| ArchiveError::Row {
            table: "decision",
            why: why.to_owned(),
        };
        let mut decisions = Vec::new();
        for member in self.members(person).await? {
            let rows = sqlx::query(
                "SELECT decision, pathway, option, choice, reason_code, reason_text, input_hash, index_us, who, at_us \
                 FROM decision WHERE patient = $1 AND at_us <= $2",
            )
            .bind(member.0)
            .bind(at.0)
            .fetch_all(&self.readers)
            .await?;
            for row in &rows {
                decisions.push(Decision {
                    number: row.try_get(0)?,
                    decision: NewDecision {
                        patient: member,
                        pathway: row.try_get(1)?,
                        option: row.try_get(2)?,
                        choice: match row.try_get(3)? {
                            "accept" => Choice::Accept,
                            "decline" => Choice::Decline,
                            "defer" => Choice::Defer,
                            _ => return Err(bad("a choice is unknown to this program")),
                        },
                        reason_code: row.try_get(4)?,
                        reason_text: row.try_get(5)?,
                        input_hash: row
                            .try_get::<&[u8], _>(6)?
                            .try_into()
                            .map_err(|_| bad("a hash is not 32 bytes"))?,
                        index_time: Instant(row.try_get(7)?),
                    },
                    by: By {
                        who: row.try_get(8)?,
                        at: Instant(row.try_get(9)?),
                    },
                });
            }
        }
        decisions.sort_by_key(|d| d.number);
        Ok(decisions)
    }

    /// Enables or disables a model, with a reason.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub async fn set_model(
        &self,
        by: &By,
        model: &str,
        enabled: bool,
        reason: &str,
    ) -> Result<(), ArchiveError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO model_event (model, enabled, who, reason, at_us) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(model)
        .bind(i64::from(enabled))
        .bind(&by.who)
        .bind(reason)
        .bind(by.at.0)
        .execute(&mut *tx)
        .await?;
        let details = [
            ("model", model.to_owned()),
            ("enabled", enabled.to_string()),
        ];
        let details: Details = details.map(|(k, v)| (k.to_owned(), v)).into();
        self.append_audit(&mut tx, by, Verb::Model, None, details)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The last word on each model that one was ever said about.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn models(&self) -> Result<Vec<ModelState>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT model, enabled, who, reason, at_us FROM model_event WHERE model_event IN \
             (SELECT max(model_event) FROM model_event GROUP BY model) ORDER BY model",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ModelState {
                    model: row.try_get(0)?,
                    enabled: row.try_get::<i64, _>(1)? == 1,
                    who: row.try_get(2)?,
                    reason: row.try_get(3)?,
                    at: Instant(row.try_get(4)?),
                })
            })
            .collect()
    }
}
