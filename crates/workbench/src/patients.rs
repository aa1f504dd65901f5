//! The list of patients, and who is meant by a key, an identifier or a study.

use std::collections::BTreeMap;

use triptych_archive::PatientSummary;
use triptych_clinical::{FactKind, Instant, PatientKey, StudyUid, When};

use crate::view::{Counts, PatientRow, StartView};
use crate::{Core, WorkbenchError};

/// One person of the archive, linked records taken together.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Person {
    /// The person's key, for every other command.
    pub key: PatientKey,
    /// All records of the person.
    pub records: Vec<PatientKey>,
    /// `HYATT, Neva`
    pub name: String,
    /// Identifiers of all records as `issuer|value`.
    pub identifiers: Vec<String>,
    /// ISO date, or empty.
    pub birth_date: String,
    /// `F`, `M`, `O` or words.
    pub sex: String,
    /// Data by kind: `observations`, `notes`, `medications`, `studies`, `series`, `instances` …
    pub counts: BTreeMap<String, u64>,
    /// Earliest and latest datum, ISO dates.
    pub span: Option<(String, String)>,
}

/// Names of the counts by kind.
const fn kind_name(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Observation => "observations",
        FactKind::Medication => "medications",
        FactKind::Problem => "problems",
        FactKind::Procedure => "procedures",
        FactKind::Finding => "findings",
        FactKind::Imaging => "imaging_records",
        FactKind::Allergy => "allergies",
        FactKind::Encounter => "encounters",
        FactKind::Note => "notes",
        FactKind::Report => "reports",
        FactKind::Immunization => "immunizations",
        FactKind::Other => "other",
    }
}

impl Core {
    /// Everybody in the archive, last opened first; with `search`, those whose name or identifiers hold every word.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn persons(&self, search: Option<&str>) -> Result<Vec<Person>, WorkbenchError> {
        Ok(self
            .grouped(search)?
            .into_iter()
            .map(|records| person(&records))
            .collect())
    }

    /// The person meant by a key or an identifier. A number that is a key is a key.
    ///
    /// # Errors
    /// Nobody, or more than one, is meant.
    pub fn find_person(&self, words: &str) -> Result<PatientKey, WorkbenchError> {
        let all = self.wait(self.archive().patients(None))?;
        if let Ok(number) = words.parse::<i64>()
            && let Some(found) = all.iter().find(|p| p.key.0 == number)
        {
            return Ok(found.person);
        }
        let mut found: Vec<PatientKey> = all
            .iter()
            .filter(|p| p.identity.identifiers.iter().any(|i| i.value == words))
            .map(|p| p.person)
            .collect();
        found.sort();
        found.dedup();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(WorkbenchError::NotFound(format!(
                "nobody in the archive has the key or identifier {words:?}: see `triptych patients`"
            ))),
            _ => Err(WorkbenchError::NotFound(format!(
                "{} persons have the identifier {words:?}: name the key instead",
                found.len()
            ))),
        }
    }

    /// A single record by key or identifier, for linking.
    ///
    /// # Errors
    /// As [`Self::find_person`].
    pub fn find_record(&self, words: &str) -> Result<PatientKey, WorkbenchError> {
        let all = self.wait(self.archive().patients(None))?;
        if let Ok(number) = words.parse::<i64>()
            && all.iter().any(|p| p.key.0 == number)
        {
            return Ok(PatientKey(number));
        }
        let found: Vec<PatientKey> = all
            .iter()
            .filter(|p| p.identity.identifiers.iter().any(|i| i.value == words))
            .map(|p| p.key)
            .collect();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => self.find_person(words),
            _ => Err(WorkbenchError::NotFound(format!(
                "{} records have the identifier {words:?}: name the key instead",
                found.len()
            ))),
        }
    }

    /// Says that two records are one person. Explicit, audited, reversible.
    ///
    /// # Errors
    /// They are the same record, one person already, or not there.
    pub fn link(
        &self,
        a: PatientKey,
        b: PatientKey,
        reason: &str,
    ) -> Result<PatientKey, WorkbenchError> {
        Ok(self.wait(self.archive().link(&self.by(), a, b, reason))?)
    }

    /// Takes a link back.
    ///
    /// # Errors
    /// There is no such link.
    pub fn unlink(&self, a: PatientKey, b: PatientKey, reason: &str) -> Result<(), WorkbenchError> {
        self.wait(self.archive().unlink(&self.by(), a, b, reason))?;
        Ok(())
    }

    fn grouped(&self, search: Option<&str>) -> Result<Vec<Vec<PatientSummary>>, WorkbenchError> {
        let hits = self.wait(self.archive().patients(search))?;
        let all = if search.is_some() {
            self.wait(self.archive().patients(None))?
        } else {
            hits.clone()
        };
        let mut seen = Vec::new();
        for hit in hits {
            if !seen.contains(&hit.person) {
                seen.push(hit.person);
            }
        }
        let mut groups: BTreeMap<PatientKey, Vec<PatientSummary>> = BTreeMap::new();
        for summary in all {
            groups.entry(summary.person).or_default().push(summary);
        }
        Ok(seen.into_iter().filter_map(|p| groups.remove(&p)).collect())
    }
}

/// The record whose identity is shown for a group: birth date known first, then the smallest key.
fn shown(records: &[PatientSummary]) -> Option<&PatientSummary> {
    records
        .iter()
        .min_by_key(|r| (r.identity.birth_date.is_none(), r.key))
}

fn person(records: &[PatientSummary]) -> Person {
    let identity = shown(records)
        .map(|r| r.identity.clone())
        .unwrap_or_default();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for record in records {
        for (kind, n) in &record.counts {
            *counts.entry(kind_name(*kind).to_owned()).or_default() += n;
        }
        for (name, n) in [
            ("studies", record.studies),
            ("series", record.series),
            ("instances", record.instances),
        ] {
            *counts.entry(name.to_owned()).or_default() += n;
        }
    }
    let first = records.iter().filter_map(|r| r.first).min();
    let last = records.iter().filter_map(|r| r.last).max();
    Person {
        key: records.first().map_or(PatientKey(0), |r| r.person),
        records: records.iter().map(|r| r.key).collect(),
        name: identity.display_name(),
        identifiers: records
            .iter()
            .flat_map(|r| &r.identity.identifiers)
            .map(|i| {
                if i.issuer.is_empty() {
                    i.value.clone()
                } else {
                    format!("{}|{}", i.issuer, i.value)
                }
            })
            .collect(),
        birth_date: identity
            .birth_date
            .map(|b| b.iso_date())
            .unwrap_or_default(),
        sex: identity.sex.letter().to_owned(),
        counts,
        span: first.zip(last).map(|(a, b)| (a.iso_date(), b.iso_date())),
    }
}

/// The start page.
pub(crate) fn list(core: &Core, search: &str, now: Instant) -> Result<StartView, WorkbenchError> {
    let text = search.trim();
    let groups = core.grouped((!text.is_empty()).then_some(text))?;
    Ok(StartView {
        patients: groups.iter().filter_map(|g| row(g, now)).collect(),
        search: search.to_owned(),
        questions: core.open_identity_questions()?,
    })
}

fn row(records: &[PatientSummary], now: Instant) -> Option<PatientRow> {
    let first = shown(records)?;
    let identity = &first.identity;
    let identifier = identity
        .identifiers
        .iter()
        .find(|i| i.kind == "MR")
        .or_else(|| identity.identifiers.first());
    let sum = |f: &dyn Fn(&PatientSummary) -> u64| {
        usize::try_from(records.iter().map(f).sum::<u64>()).unwrap_or(usize::MAX)
    };
    let kind = |k: FactKind| sum(&|r: &PatientSummary| r.counts.get(&k).copied().unwrap_or(0));
    Some(PatientRow {
        person: first.person,
        name: identity.display_name(),
        sex: match identity.sex {
            // The column is as wide as a letter.
            triptych_clinical::Sex::Unknown => "unk.".to_owned(),
            sex => sex.letter().to_owned(),
        },
        birth_date: identity
            .birth_date
            .map_or_else(|| "birth date not recorded".to_owned(), |b| b.iso_date()),
        age: crate::patient::age_words(identity, now, false),
        identifier: identifier.map_or_else(
            || "no identifier".to_owned(),
            |i| {
                if i.kind == "MR" {
                    format!("MRN {}", i.value)
                } else {
                    i.value.clone()
                }
            },
        ),
        counts: Counts {
            studies: sum(&|r| r.studies),
            series: sum(&|r| r.series),
            instances: sum(&|r| r.instances),
            results: kind(FactKind::Observation),
            notes: kind(FactKind::Note),
            medications: kind(FactKind::Medication),
            problems: kind(FactKind::Problem),
        },
        last_event: records
            .iter()
            .filter_map(|r| r.last)
            .max()
            .map(Instant::iso_date)
            .unwrap_or_default(),
        last_opened: records
            .iter()
            .filter_map(|r| r.last_opened)
            .max()
            .map(|t| When::at(t).to_string())
            .unwrap_or_default(),
        synthetic: identity.synthetic || identity.family.to_lowercase().contains("synthetic"),
        linked_records: records.len(),
    })
}

/// Whose study this is.
pub(crate) fn of_study(core: &Core, study: &StudyUid) -> Result<PatientKey, WorkbenchError> {
    for patient in core.wait(core.archive().patients(None))? {
        if core
            .wait(core.archive().studies(patient.person))?
            .iter()
            .any(|s| s.study == *study)
        {
            return Ok(patient.person);
        }
    }
    Err(WorkbenchError::NotFound(format!(
        "no study {study} in the archive"
    )))
}
