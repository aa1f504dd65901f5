//! Two records are one person: said by somebody, audited, and taken back as easily. Links are events; nothing else ever moves.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::{Executor, Row as _, Sqlite};
use triptych_clinical::{Instant, PatientKey};

use crate::audit::{Details, Verb};
use crate::{Archive, ArchiveError, By};

/// A link that is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The smaller key.
    pub a: PatientKey,
    /// The greater key.
    pub b: PatientKey,
    /// Who said so.
    pub who: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// The records that links join.
pub(crate) struct Groups(BTreeMap<PatientKey, PatientKey>);

impl Groups {
    pub(crate) async fn load<'e>(
        executor: impl Executor<'e, Database = Sqlite>,
    ) -> Result<Self, ArchiveError> {
        let rows = sqlx::query(
            "SELECT e.a, e.b FROM link_event e WHERE e.linked = 1 AND e.link_event = \
             (SELECT max(l.link_event) FROM link_event l WHERE l.a = e.a AND l.b = e.b)",
        )
        .fetch_all(executor)
        .await?;
        let mut person = BTreeMap::new();
        let find = |person: &BTreeMap<_, _>, mut key: PatientKey| {
            while let Some(next) = person.get(&key) {
                key = *next;
            }
            key
        };
        for row in &rows {
            let a = find(&person, PatientKey(row.try_get(0)?));
            let b = find(&person, PatientKey(row.try_get(1)?));
            if a != b {
                person.insert(a.max(b), a.min(b));
            }
        }
        let keys: Vec<_> = person.keys().copied().collect();
        let whole = keys.iter().map(|key| (*key, find(&person, *key))).collect();
        Ok(Self(whole))
    }

    /// Smallest key of the record's group.
    pub(crate) fn person(&self, key: PatientKey) -> PatientKey {
        self.0.get(&key).copied().unwrap_or(key)
    }

    fn members(&self, key: PatientKey) -> Vec<PatientKey> {
        let person = self.person(key);
        let mut members: BTreeSet<_> = BTreeSet::from([person]);
        members.extend(
            self.0
                .iter()
                .filter(|(_, p)| **p == person)
                .map(|(k, _)| *k),
        );
        members.into_iter().collect()
    }
}

impl Archive {
    /// The person that a record belongs to: the smallest key of its link group.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`].
    pub async fn person(&self, key: PatientKey) -> Result<PatientKey, ArchiveError> {
        self.must_exist(key).await?;
        Ok(Groups::load(&self.readers).await?.person(key))
    }

    /// All records of the person that a record belongs to, smallest key first.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`].
    pub async fn members(&self, key: PatientKey) -> Result<Vec<PatientKey>, ArchiveError> {
        self.must_exist(key).await?;
        Ok(Groups::load(&self.readers).await?.members(key))
    }

    /// Says that two records are one person. Returns that person.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`]; [`ArchiveError::Link`] when they are the same record or already one person.
    pub async fn link(
        &self,
        by: &By,
        a: PatientKey,
        b: PatientKey,
        reason: &str,
    ) -> Result<PatientKey, ArchiveError> {
        let refuse = |why| Err(ArchiveError::Link { a, b, why });
        if a == b {
            return refuse("this is one record");
        }
        self.must_exist(a).await?;
        self.must_exist(b).await?;
        let mut tx = self.begin().await?;
        let groups = Groups::load(&mut *tx).await?;
        if groups.person(a) == groups.person(b) {
            return refuse("they are already linked");
        }
        self.link_event(&mut tx, by, a, b, true, reason).await?;
        tx.commit().await?;
        self.person(a).await
    }

    /// Takes a link back: the two records are again what they were.
    ///
    /// # Errors
    /// [`ArchiveError::Link`] when these two are not linked to each other (they may be, through a third).
    pub async fn unlink(
        &self,
        by: &By,
        a: PatientKey,
        b: PatientKey,
        reason: &str,
    ) -> Result<(), ArchiveError> {
        self.must_exist(a).await?;
        self.must_exist(b).await?;
        let mut tx = self.begin().await?;
        let last: Option<i64> = sqlx::query_scalar(
            "SELECT linked FROM link_event WHERE a = $1 AND b = $2 ORDER BY link_event DESC LIMIT 1",
        )
        .bind(a.min(b).0)
        .bind(a.max(b).0)
        .fetch_optional(&mut *tx)
        .await?;
        if last != Some(1) {
            let groups = Groups::load(&mut *tx).await?;
            let why = if groups.person(a) == groups.person(b) {
                "they are linked through another record: take that link back"
            } else {
                "they are not linked"
            };
            return Err(ArchiveError::Link { a, b, why });
        }
        self.link_event(&mut tx, by, a, b, false, reason).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The links in force.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn links(&self) -> Result<Vec<Link>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT e.a, e.b, e.who, e.reason, e.at_us FROM link_event e WHERE e.linked = 1 AND e.link_event = \
             (SELECT max(l.link_event) FROM link_event l WHERE l.a = e.a AND l.b = e.b) ORDER BY e.a, e.b",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Link {
                    a: PatientKey(row.try_get(0)?),
                    b: PatientKey(row.try_get(1)?),
                    who: row.try_get(2)?,
                    reason: row.try_get(3)?,
                    at: Instant(row.try_get(4)?),
                })
            })
            .collect()
    }

    pub(crate) async fn link_event(
        &self,
        connection: &mut sqlx::SqliteConnection,
        by: &By,
        a: PatientKey,
        b: PatientKey,
        linked: bool,
        reason: &str,
    ) -> Result<(), ArchiveError> {
        let (a, b) = (a.min(b), a.max(b));
        sqlx::query(
            "INSERT INTO link_event (a, b, linked, who, reason, at_us) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(a.0)
        .bind(b.0)
        .bind(i64::from(linked))
        .bind(&by.who)
        .bind(reason)
        .bind(by.at.0)
        .execute(&mut *connection)
        .await?;
        let verb = if linked { Verb::Link } else { Verb::Unlink };
        let details = Details::from([("with".to_owned(), b.to_string())]);
        self.append_audit(connection, by, verb, Some(a), details)
            .await
    }

    pub(crate) async fn must_exist(&self, key: PatientKey) -> Result<(), ArchiveError> {
        let there: Option<i64> =
            sqlx::query_scalar("SELECT patient FROM patient WHERE patient = $1")
                .bind(key.0)
                .fetch_optional(&self.readers)
                .await?;
        there.map(|_| ()).ok_or(ArchiveError::UnknownPatient(key))
    }
}
