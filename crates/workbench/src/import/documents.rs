//! Documents of one import, joined: a bulk export holds its patients in one file and their facts in others.

use std::collections::{BTreeMap, HashMap};

use triptych_archive::ImportDocument;
use triptych_clinical::Identity;
use triptych_record::{IdentityTask, Intake};

use super::{FileReport, FileState};

/// A document that can be stored.
pub(super) struct Stored {
    pub document: ImportDocument,
    pub report: FileReport,
    /// What it asks about two patients.
    pub tasks: Vec<IdentityTask>,
}

/// Documents that were read and are not stored yet.
#[derive(Default)]
pub(super) struct Documents {
    waiting: Vec<Waiting>,
    /// Who `Patient/…` is, within one folder or archive: one export.
    known: HashMap<(String, String), Identity>,
}

struct Waiting {
    name: String,
    scope: String,
    bytes: Vec<u8>,
    intake: Intake,
}

impl Documents {
    pub(super) fn add(&mut self, name: String, scope: String, bytes: Vec<u8>, intake: Intake) {
        for patient in &intake.patients {
            if let (Some(identity), false) = (&patient.identity, patient.source_id.is_empty()) {
                self.known
                    .insert((scope.clone(), patient.source_id.clone()), identity.clone());
            }
        }
        self.waiting.push(Waiting {
            name,
            scope,
            bytes,
            intake,
        });
    }

    /// Documents that can be stored now: all their patients are known, or it is the end.
    pub(super) fn take(&mut self, end: bool) -> Vec<Stored> {
        let known = &self.known;
        let is_known = |scope: &str, patient: &triptych_record::PatientRecord| {
            patient.identity.is_some()
                || known.contains_key(&(scope.to_owned(), patient.source_id.clone()))
        };
        let (ready, waiting) =
            std::mem::take(&mut self.waiting)
                .into_iter()
                .partition(|w: &Waiting| {
                    end || w.intake.patients.iter().all(|p| is_known(&w.scope, p))
                });
        self.waiting = waiting;
        ready.into_iter().map(|w| self.document(w)).collect()
    }

    fn document(&self, waiting: Waiting) -> Stored {
        let Waiting {
            name,
            scope,
            bytes,
            intake,
        } = waiting;
        let mut problems: Vec<String> = intake
            .quarantined
            .iter()
            .chain(&intake.problems)
            .map(|p| format!("{}: {}", p.place, p.reason))
            .collect();
        // Of FHIR resources the counts say it by type.
        if intake.counts.hl7.messages > 0 {
            let kept = intake.not_understood.iter();
            problems
                .extend(kept.map(|(what, n)| format!("{what}: {n}, kept as received, no facts")));
        }
        let counts = counts(&intake);
        let mut patients = Vec::new();
        let mut orphans = 0;
        for mut patient in intake.patients {
            if let Some(identity) = self.known.get(&(scope.clone(), patient.source_id.clone())) {
                patient.bind(identity);
            }
            match patient.identity {
                Some(identity) => patients.push((identity, patient.facts)),
                None if patient.facts.is_empty() => {}
                None => {
                    orphans += 1;
                    problems.insert(0, format!("{} facts belong to a patient whose own document is not in this import: import them together", patient.facts.len()));
                }
            }
        }
        let quarantined = intake.quarantined.len();
        let (state, reason) = match (patients.is_empty(), orphans + quarantined) {
            (true, _) if orphans > 0 => (
                FileState::Refused,
                problems.first().cloned().unwrap_or_default(),
            ),
            (true, 0) => (FileState::Ok, String::new()),
            (true, n) => (
                FileState::Refused,
                format!(
                    "{n} entries cannot be used; first: {}",
                    problems.first().cloned().unwrap_or_default()
                ),
            ),
            (false, 0) => (FileState::Ok, String::new()),
            (false, n) => (
                FileState::Partly,
                format!(
                    "{n} entries cannot be used; first: {}",
                    problems.first().cloned().unwrap_or_default()
                ),
            ),
        };
        let file_name = name.rsplit(['/', '!']).next().unwrap_or(&name).to_owned();
        let document = ImportDocument {
            hash: intake.document,
            name: file_name,
            kind: intake.format.clone(),
            bytes: Some(bytes),
            patients,
            counts: counts.clone(),
        };
        Stored {
            document,
            report: FileReport {
                file: name,
                state,
                kind: intake.format,
                reason,
                counts,
                problems,
            },
            tasks: intake.identity_tasks,
        }
    }
}

/// The columns of a document's counts, by the names that `docs/CLI.md` lists; resources of types that are no fact follow by type.
fn counts(intake: &Intake) -> BTreeMap<String, u64> {
    let mut counts = numbers(serde_json::to_value(&intake.counts));
    if intake.counts.hl7.messages > 0 {
        counts.extend(numbers(serde_json::to_value(&intake.counts.hl7)));
    }
    counts.insert(
        "patients".to_owned(),
        intake
            .patients
            .iter()
            .filter(|p| p.identity.is_some())
            .count() as u64,
    );
    counts.insert(
        "facts".to_owned(),
        intake.patients.iter().map(|p| p.facts.len() as u64).sum(),
    );
    counts.insert("quarantined".to_owned(), intake.quarantined.len() as u64);
    counts
}

/// The numbers of a struct, and the lengths of its lists.
fn numbers(counts: serde_json::Result<serde_json::Value>) -> BTreeMap<String, u64> {
    match counts {
        Ok(serde_json::Value::Object(fields)) => fields
            .into_iter()
            .filter_map(|(name, value)| match value {
                serde_json::Value::Number(n) => n.as_u64().map(|n| (name, n)),
                serde_json::Value::Array(list) => Some((name, list.len() as u64)),
                _ => None,
            })
            .collect(),
        _ => BTreeMap::new(),
    }
}
