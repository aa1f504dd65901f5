//! Who is in the archive. The same key (authority, type, value) is the same person; nothing else joins two records but a [`crate::Archive::link`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use sqlx::{Row as _, SqliteConnection};
use triptych_clinical::{
    FactKind, Identifier, Identity, Instant, PatientKey, Precision, Sex, When,
};

use crate::audit::{Details, Verb};
use crate::links::Groups;
use crate::{Archive, ArchiveError, By, body};

/// Why what came was not filed under a patient (PAR-18). It was not imported; a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ConflictReason {
    /// Same identifier, another birth date.
    #[error(
        "a patient with this identifier has another birth date: was the identifier used again?"
    )]
    BirthDate,
    /// Same identifier, another sex and another name.
    #[error(
        "a patient with this identifier has another name and another sex: was the identifier used again?"
    )]
    NameAndSex,
    /// Its identifiers belong to two records that are not linked.
    #[error(
        "its identifiers belong to two patients that are not linked: link them, then import again"
    )]
    TwoPatients,
}

/// An identity that was refused, and the record that it meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct IdentityConflict {
    /// The record in the archive.
    pub with: PatientKey,
    /// The other record, where the identifiers belong to two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub and: Option<PatientKey>,
    /// What contradicts.
    pub reason: ConflictReason,
}

/// One record in the list of patients.
#[derive(Clone, Debug, PartialEq)]
pub struct PatientSummary {
    /// The record.
    pub key: PatientKey,
    /// The person: smallest key of the link group. Equal to `key` where nothing is linked.
    pub person: PatientKey,
    /// As its sources say.
    pub identity: Identity,
    /// Data (not versions) by kind.
    pub counts: BTreeMap<FactKind, u64>,
    /// Earliest datum or study.
    pub first: Option<Instant>,
    /// Latest datum or study.
    pub last: Option<Instant>,
    /// Imaging studies.
    pub studies: u64,
    /// Their series.
    pub series: u64,
    /// Their instances.
    pub instances: u64,
    /// When the record was last opened.
    pub last_opened: Option<Instant>,
}

impl Archive {
    /// All records, those opened last first, then by name; with `search`, those whose name or identifiers hold every word of it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn patients(
        &self,
        search: Option<&str>,
    ) -> Result<Vec<PatientSummary>, ArchiveError> {
        let words: Vec<String> = search
            .unwrap_or_default()
            .split_whitespace()
            .map(fold)
            .collect();
        let groups = Groups::load(&self.readers).await?;
        let mut kinds: HashMap<i64, Vec<(FactKind, u64, i64, i64)>> = HashMap::new();
        for row in sqlx::query("SELECT patient, kind, n, first_us, last_us FROM patient_kind")
            .fetch_all(&self.readers)
            .await?
        {
            let number: i64 = row.try_get(1)?;
            if let Some(kind) = u8::try_from(number).ok().and_then(body::kind) {
                let n = u64::try_from(row.try_get::<i64, _>(2)?).unwrap_or(0);
                kinds.entry(row.try_get(0)?).or_default().push((
                    kind,
                    n,
                    row.try_get(3)?,
                    row.try_get(4)?,
                ));
            }
        }
        let mut images: HashMap<i64, [u64; 3]> = HashMap::new();
        for row in sqlx::query(
            "SELECT patient, count(DISTINCT study), count(DISTINCT series), count(*) FROM instance \
             WHERE variant = 0 GROUP BY patient",
        )
        .fetch_all(&self.readers)
        .await?
        {
            let n = |column| {
                row.try_get::<i64, _>(column)
                    .map(|n| u64::try_from(n).unwrap_or(0))
            };
            images.insert(row.try_get(0)?, [n(1)?, n(2)?, n(3)?]);
        }
        // Images are events too: of each study one instance tells its time.
        let mut imaged: HashMap<i64, Vec<Instant>> = HashMap::new();
        for row in sqlx::query(
            "SELECT patient, json_extract(record, '$.study_time.instant') FROM instance \
             WHERE variant = 0 GROUP BY patient, study",
        )
        .fetch_all(&self.readers)
        .await?
        {
            if let Some(at) = row.try_get::<Option<i64>, _>(1)? {
                imaged.entry(row.try_get(0)?).or_default().push(Instant(at));
            }
        }
        let mut patients = Vec::new();
        for row in sqlx::query("SELECT patient, identity, opened_us FROM patient")
            .fetch_all(&self.readers)
            .await?
        {
            let key: i64 = row.try_get(0)?;
            let identity: Identity =
                serde_json::from_str(row.try_get(1)?).map_err(ArchiveError::row("patient"))?;
            if !matches(&identity, &words) {
                continue;
            }
            let kinds = kinds.remove(&key).unwrap_or_default();
            let [studies, series, instances] = images.remove(&key).unwrap_or_default();
            let imaged = imaged.remove(&key).unwrap_or_default();
            patients.push(PatientSummary {
                key: PatientKey(key),
                person: groups.person(PatientKey(key)),
                counts: kinds.iter().map(|(kind, n, ..)| (*kind, *n)).collect(),
                first: kinds
                    .iter()
                    .filter(|(.., first, last)| first <= last)
                    .map(|(.., first, _)| Instant(*first))
                    .chain(imaged.iter().copied())
                    .min(),
                last: kinds
                    .iter()
                    .filter(|(.., first, last)| first <= last)
                    .map(|(.., last)| Instant(*last))
                    .chain(imaged.iter().copied())
                    .max(),
                identity,
                studies,
                series,
                instances,
                last_opened: row.try_get::<Option<i64>, _>(2)?.map(Instant),
            });
        }
        let name = |p: &PatientSummary| (fold(&p.identity.family), fold(&p.identity.given), p.key);
        patients.sort_by(|a, b| {
            b.last_opened
                .cmp(&a.last_opened)
                .then_with(|| name(a).cmp(&name(b)))
        });
        Ok(patients)
    }

    /// One record's identity.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`].
    pub async fn identity(&self, key: PatientKey) -> Result<Identity, ArchiveError> {
        let text: Option<String> =
            sqlx::query_scalar("SELECT identity FROM patient WHERE patient = $1")
                .bind(key.0)
                .fetch_optional(&self.readers)
                .await?;
        let text = text.ok_or(ArchiveError::UnknownPatient(key))?;
        serde_json::from_str(&text).map_err(ArchiveError::row("patient"))
    }

    /// Notes (and enters in the audit trail) that the record of a person was opened.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownPatient`], or when it could not be made durable.
    pub async fn mark_opened(&self, by: &By, person: PatientKey) -> Result<(), ArchiveError> {
        let members = self.members(person).await?;
        let mut tx = self.begin().await?;
        for member in &members {
            sqlx::query("UPDATE patient SET opened_us = $1 WHERE patient = $2")
                .bind(by.at.0)
                .bind(member.0)
                .execute(&mut *tx)
                .await?;
        }
        let details = Details::from([("records".to_owned(), members.len().to_string())]);
        self.append_audit(&mut tx, by, Verb::View, Some(person), details)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The record that an identity belongs to, and whether it was made for it. `own` stands in where the source gives no identifier at all.
pub(crate) async fn resolve(
    connection: &mut SqliteConnection,
    identity: &Identity,
    own: Identifier,
    at: Instant,
) -> Result<Result<(PatientKey, bool), IdentityConflict>, ArchiveError> {
    let mut keys: Vec<Identifier> = identity
        .identifiers
        .iter()
        .filter(|i| !i.value.trim().is_empty())
        .map(|i| Identifier {
            issuer: i.issuer.trim().to_owned(),
            kind: i.kind.trim().to_owned(),
            value: i.value.trim().to_owned(),
        })
        .collect();
    if keys.is_empty() {
        keys.push(own);
    }
    let mut found = BTreeSet::new();
    for key in &keys {
        let patient: Option<i64> = sqlx::query_scalar(
            "SELECT patient FROM identifier WHERE issuer = $1 AND kind = $2 AND value = $3",
        )
        .bind(&key.issuer)
        .bind(&key.kind)
        .bind(&key.value)
        .fetch_optional(&mut *connection)
        .await?;
        found.extend(patient.map(PatientKey));
    }
    let Some(patient) = found.first().copied() else {
        let text = serde_json::to_string(identity).map_err(ArchiveError::row("patient"))?;
        let patient: i64 = sqlx::query_scalar(
            "INSERT INTO patient (identity, created_us) VALUES ($1, $2) RETURNING patient",
        )
        .bind(text)
        .bind(at.0)
        .fetch_one(&mut *connection)
        .await?;
        name(connection, PatientKey(patient), &keys).await?;
        return Ok(Ok((PatientKey(patient), true)));
    };
    if found.len() > 1 {
        let groups = Groups::load(&mut *connection).await?;
        let persons: BTreeSet<_> = found.iter().map(|p| groups.person(*p)).collect();
        if persons.len() > 1 {
            return Ok(Err(IdentityConflict {
                with: patient,
                and: found
                    .iter()
                    .find(|p| groups.person(**p) != groups.person(patient))
                    .copied(),
                reason: ConflictReason::TwoPatients,
            }));
        }
    }
    for member in &found {
        let text: String = sqlx::query_scalar("SELECT identity FROM patient WHERE patient = $1")
            .bind(member.0)
            .fetch_one(&mut *connection)
            .await?;
        let known: Identity = serde_json::from_str(&text).map_err(ArchiveError::row("patient"))?;
        if let Some(reason) = contradiction(&known, identity) {
            // Somebody may have said before that this is somebody else.
            let own = crate::identity::own_record(connection, *member, identity).await?;
            return Ok(own.map(|own| (own, false)).ok_or(IdentityConflict {
                with: *member,
                and: None,
                reason,
            }));
        }
        if *member == patient {
            let fuller = completed(&known, identity);
            if fuller != known {
                let text = serde_json::to_string(&fuller).map_err(ArchiveError::row("patient"))?;
                sqlx::query("UPDATE patient SET identity = $1 WHERE patient = $2")
                    .bind(text)
                    .bind(member.0)
                    .execute(&mut *connection)
                    .await?;
            }
        }
    }
    name(connection, patient, &keys).await?;
    Ok(Ok((patient, false)))
}

async fn name(
    connection: &mut SqliteConnection,
    patient: PatientKey,
    keys: &[Identifier],
) -> Result<(), ArchiveError> {
    for key in keys {
        sqlx::query(
            "INSERT INTO identifier (issuer, kind, value, patient) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (issuer, kind, value) DO NOTHING",
        )
        .bind(&key.issuer)
        .bind(&key.kind)
        .bind(&key.value)
        .bind(patient.0)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The guard against identifiers that were used again. What one side does not state contradicts nothing.
fn contradiction(known: &Identity, new: &Identity) -> Option<ConflictReason> {
    if let (Some(a), Some(b)) = (known.birth_date, new.birth_date)
        && !same_date(a, b)
    {
        return Some(ConflictReason::BirthDate);
    }
    let sexes = (known.sex, new.sex);
    let other_sex = sexes.0 != sexes.1 && sexes.0 != Sex::Unknown && sexes.1 != Sex::Unknown;
    (other_sex && !same_name(known, new)).then_some(ConflictReason::NameAndSex)
}

/// Equal as far as the less precise of the two goes.
fn same_date(a: When, b: When) -> bool {
    let precision = a.precision.min(b.precision).min(Precision::Day);
    let text = |when: When| When { precision, ..when }.iso_date();
    text(a) == text(b)
}

fn same_name(a: &Identity, b: &Identity) -> bool {
    let blank = |i: &Identity| i.family.is_empty() && i.given.is_empty();
    let first = |text: &str| fold(text).split(' ').next().unwrap_or_default().to_owned();
    blank(a) || blank(b) || (fold(&a.family), first(&a.given)) == (fold(&b.family), first(&b.given))
}

/// What is known, with what the new source adds. Nothing stated is overwritten.
fn completed(known: &Identity, new: &Identity) -> Identity {
    let mut fuller = known.clone();
    for identifier in &new.identifiers {
        if !identifier.value.trim().is_empty() && !fuller.identifiers.contains(identifier) {
            fuller.identifiers.push(identifier.clone());
        }
    }
    if fuller.family.is_empty() && fuller.given.is_empty() {
        fuller.family.clone_from(&new.family);
        fuller.given.clone_from(&new.given);
    }
    fuller.birth_date = match (known.birth_date, new.birth_date) {
        (Some(a), Some(b)) if b.precision > a.precision => Some(b),
        (a, b) => a.or(b),
    };
    if fuller.sex == Sex::Unknown {
        fuller.sex = new.sex;
    }
    fuller.deceased = known.deceased.or(new.deceased);
    fuller.synthetic |= new.synthetic;
    fuller
}

/// Lower case, without marks, dots and doubled spaces: for comparing and searching names.
pub(crate) fn fold(text: &str) -> String {
    let letters: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'à'..='å' => 'a',
            'ç' => 'c',
            'è'..='ë' => 'e',
            'ì'..='ï' => 'i',
            'ñ' => 'n',
            'ò'..='ö' | 'ø' => 'o',
            'ù'..='ü' => 'u',
            'ý' | 'ÿ' => 'y',
            c if c.is_alphanumeric() => c,
            _ => ' ',
        })
        .collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn matches(identity: &Identity, words: &[String]) -> bool {
    let mut text = format!("{} {}", fold(&identity.family), fold(&identity.given));
    for identifier in &identity.identifiers {
        text.push(' ');
        text.push_str(&fold(&identifier.value));
    }
    words.iter().all(|word| text.contains(word.as_str()))
}
