//! Hashes of everything that a report depends on: the same hashes are the same report.

use serde::Serialize;

use super::CONDITIONS;
use super::protocol::{Protocol, Subject};

/// What was evaluated, told by hashes. BLAKE3, hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// Version of the program.
    pub program: &'static str,
    /// Over every fact of every patient, by pseudonymous number.
    pub data_hash: String,
    /// Over every rule with its texts and thresholds, the switches, and the table of conditions.
    pub rules_hash: String,
    /// Over all of this: name, period, threshold, seed and the two hashes above.
    pub manifest_hash: String,
    /// `R3@1.0.0`
    pub rules: Vec<String>,
    /// First instant.
    pub from: String,
    /// Last instant.
    pub to: String,
    /// Least severity.
    pub severity: String,
    /// Seed of all draws.
    pub seed: u64,
    /// Patients.
    pub patients: usize,
    /// Facts.
    pub facts: usize,
}

/// Hash of what must be fixed before a period is looked at (L-7).
#[must_use]
pub fn rules_hash(protocol: &Protocol) -> String {
    let mut hasher = blake3::Hasher::new();
    for r in &protocol.rules {
        let texts = (r.id, r.version, r.trigger, r.citation, r.valid_until);
        let lists = (r.windows, r.thresholds, r.limits, r.settings);
        hasher.update(format!("{texts:?} {lists:?}\n").as_bytes());
    }
    hasher.update(format!("{:?}\n{CONDITIONS:?}\n", protocol.settings).as_bytes());
    hasher.finalize().to_hex().to_string()
}

fn data_hash(subjects: &[Subject]) -> String {
    let mut hasher = blake3::Hasher::new();
    for subject in subjects {
        let i = &subject.identity;
        hasher.update(
            format!(
                "{} {:?} {:?} {:?}\n",
                subject.number, i.sex, i.birth_date, i.deceased
            )
            .as_bytes(),
        );
        for fact in &subject.facts {
            // When this archive received a fact says nothing of the patient: a second import of the same files is the same data.
            let mut fact = fact.clone();
            fact.received = triptych_clinical::Instant::default();
            if let Ok(bytes) = serde_json::to_vec(&fact) {
                hasher.update(&bytes);
            }
        }
    }
    hasher.finalize().to_hex().to_string()
}

impl Manifest {
    /// Of one evaluation.
    #[must_use]
    pub fn of(subjects: &[Subject], protocol: &Protocol) -> Self {
        let mut manifest = Self {
            program: env!("CARGO_PKG_VERSION"),
            data_hash: data_hash(subjects),
            rules_hash: rules_hash(protocol),
            manifest_hash: String::new(),
            rules: protocol.rules.iter().map(|r| r.name()).collect(),
            from: protocol.from.to_string(),
            to: protocol.to.to_string(),
            severity: protocol.severity.to_string(),
            seed: protocol.seed,
            patients: subjects.len(),
            facts: subjects.iter().map(|s| s.facts.len()).sum(),
        };
        let all = format!("{} {manifest:?}", protocol.name);
        manifest.manifest_hash = blake3::hash(all.as_bytes()).to_hex().to_string();
        manifest
    }
}
