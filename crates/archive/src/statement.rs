//! A reader's own statement: one fact, filed beside the datum that it rests on. It is a document of its own, so that its bytes are kept and
//! the fact has a source like every other; a second statement under the same id is a new version of it.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;
use triptych_clinical::{DocumentHash, Fact, FactId, PatientKey};

use crate::audit::{Details, Verb};
use crate::import::{Row, insert_document, store};
use crate::{Archive, ArchiveError, By};

/// Kind of the documents that hold them.
const KIND: &str = "reader";

impl Archive {
    /// Files `fact` under the record of `person` that holds `beside`. Its provenance names the document that is made of it here. `act` says
    /// in the audit trail what was done. Returns the number of its version; durable when this returns.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`], [`ArchiveError::UnknownFact`], or when it could not be made durable.
    pub async fn record_statement(
        &self,
        by: &By,
        person: PatientKey,
        beside: FactId,
        act: &str,
        mut fact: Fact,
    ) -> Result<u32, ArchiveError> {
        let members = self.members(person).await?;
        let bytes = serde_json::to_vec_pretty(&fact).map_err(ArchiveError::row("document"))?;
        let (hash, length) = (DocumentHash::of(&bytes), bytes.len());
        fact.provenance.document = hash;
        let id = fact.id;
        let blob = self.put_blobs(vec![bytes]).await?.pop();
        let mut tx = self.begin().await?;
        let patient = holder(&mut tx, &members, beside).await?;
        let counts = BTreeMap::from([("facts".to_owned(), 1)]);
        let row = Row {
            hash,
            name: KIND,
            kind: KIND,
            length,
            blob,
            counts: &counts,
        };
        let known: Option<i64> =
            sqlx::query_scalar("SELECT document FROM document WHERE hash = $1")
                .bind(hash.0.as_slice())
                .fetch_optional(&mut *tx)
                .await?;
        let document = match known {
            Some(document) => document,
            None => insert_document(&mut tx, by, &row).await?,
        };
        store(&mut tx, patient, document, vec![fact]).await?;
        let version: i64 =
            sqlx::query_scalar("SELECT max(version) FROM fact WHERE patient = $1 AND id = $2")
                .bind(patient.0)
                .bind(id.0.as_slice())
                .fetch_one(&mut *tx)
                .await?;
        let details = [
            ("document", hash.to_string()),
            ("kind", KIND.to_owned()),
            ("act", act.to_owned()),
            ("fact", id.to_string()),
            ("version", version.to_string()),
            ("beside", beside.to_string()),
        ];
        let details: Details = details.map(|(k, v)| (k.to_owned(), v)).into();
        self.append_audit(&mut tx, by, Verb::Import, Some(patient), details)
            .await?;
        self.commit(tx).await?;
        Ok(u32::try_from(version).unwrap_or(u32::MAX))
    }
}

/// The record of a person in which a datum is.
async fn holder(
    connection: &mut SqliteConnection,
    members: &[PatientKey],
    datum: FactId,
) -> Result<PatientKey, ArchiveError> {
    for member in members {
        let found: Option<i64> =
            sqlx::query_scalar("SELECT seq FROM fact WHERE patient = $1 AND id = $2 LIMIT 1")
                .bind(member.0)
                .bind(datum.0.as_slice())
                .fetch_optional(&mut *connection)
                .await?;
        if found.is_some() {
            return Ok(*member);
        }
    }
    Err(ArchiveError::UnknownFact)
}
