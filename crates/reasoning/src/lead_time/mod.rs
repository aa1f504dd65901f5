//! How much earlier a signal would have appeared than the record's own first sign of a condition, and at what cost in false alerts:
//! `triptych evaluate lead-time`. Record-and-signals, section 10.
//!
//! ```text
//! Subject (facts in all versions) ──replay──> Step at each index time: what the rules said then, and a digest of every answer
//!                                               │
//!              leakage tests L-1 … L-8 ─────────┤  one that does not hold: no report
//!                                               │
//!              Observed, Event ─────judge───────┴──> Judged by patient and condition ──> Report ──> table, JSON, CSV, HTML, SVG
//! ```
//!
//! Pure: the caller brings the patients and writes the files. It evaluates the program; it is not evidence of benefit, and every form of the
//! report says so.

mod comparators;
mod conditions;
mod judge;
mod leakage;
mod manifest;
mod observed;
mod protocol;
mod random;
mod replay;
mod report;
mod statistics;
mod subgroups;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use triptych_clinical::{Instant, Origin};

pub use comparators::{Chance, FirstFlag};
pub use conditions::{CONDITIONS, Condition, Need, Sign, SignKind};
pub use judge::{Detection, Episodes, Judged, State};
pub use leakage::{Circular, LeakTest};
pub use manifest::Manifest;
pub use protocol::{CohortFile, Protocol, ProtocolError, Subject};
pub use report::{ConditionReport, Counts, KNOWN_BIASES, PatientRow, Report, Withheld};
pub use statistics::{Rate, Share, Spread};
pub use subgroups::Subgroup;
pub use write::{Files, leak_lines};

use crate::outcome::Severity;
use observed::{Observed, batches, ended_without_a_date, is_flagged};
use replay::{Step, index_times, replay};
use subgroups::Groups;

/// Why there is no report.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Nobody in the cohort.
    #[error("no patient in the cohort has a fact in the period")]
    Nobody,
    /// None of the rules that were asked for is built.
    #[error("none of these rules is built: {0}")]
    NoRule(String),
    /// A leakage test did not hold: the figures would mean nothing.
    #[error("no report: leakage test {} did not hold", failing(.0))]
    Leak(Vec<LeakTest>),
}

fn failing(tests: &[LeakTest]) -> String {
    let failing = tests.iter().filter(|t| !t.held);
    let words: Vec<String> = failing.map(|t| format!("{} ({})", t.id, t.words)).collect();
    words.join(", ")
}

/// Divisions of 10.3 that facts do not carry.
const NOT_DIVIDED: &[&str] = &[
    "language: not kept with the identity",
    "ethnicity: used only where its recording is lawful; not read",
];

/// Evaluates a cohort.
///
/// Pure: the same patients, protocol and program give the same report, byte for byte.
///
/// # Errors
/// [`Refused`]: there is nothing to evaluate, or a leakage test did not hold.
pub fn run(subjects: &[Subject], protocol: &Protocol) -> Result<Report, Refused> {
    if protocol.rules.is_empty() {
        return Err(Refused::NoRule(protocol.not_built.join(", ")));
    }
    let manifest = Manifest::of(subjects, protocol);
    let (subjects, model_facts) = without_models(subjects);
    let times: Vec<Vec<Instant>> = subjects
        .iter()
        .map(|s| index_times(&s.facts, protocol.from, protocol.to))
        .collect();
    if times.iter().all(Vec::is_empty) {
        return Err(Refused::Nobody);
    }
    let steps: Vec<Vec<Step>> = subjects
        .iter()
        .zip(&times)
        .map(|(s, t)| {
            replay(
                &s.facts,
                &s.identity,
                &protocol.rules,
                &protocol.settings,
                t,
            )
        })
        .collect();
    let (batch_days, batch_facts) = batches(&subjects);
    let replayed = leakage::Replayed {
        subjects: &subjects,
        times: &times,
        steps: &steps,
        protocol,
    };
    let (leakage, circular) = replayed.test(batch_facts, model_facts, &manifest.rules_hash);
    if leakage.iter().any(|t| !t.held) {
        return Err(Refused::Leak(leakage));
    }
    let none = BTreeSet::new();
    let observed: Vec<Option<Observed>> = subjects
        .iter()
        .map(|s| Observed::of(s, protocol, batch_days.get(&s.number).unwrap_or(&none)))
        .collect();
    let groups: Vec<Groups> = subjects
        .iter()
        .zip(&observed)
        .map(|(s, o)| {
            o.as_ref()
                .map_or_else(Groups::default, |o| subgroups::groups(s, o))
        })
        .collect();
    let cohort = Cohort {
        subjects: &subjects,
        observed: &observed,
        steps: &steps,
        protocol,
    };
    let tertiles = subgroups::tertiles(&groups);
    let (mut conditions, mut per_patient) = (Vec::new(), Vec::new());
    for condition in cohort.conditions() {
        let judged = cohort.judge(condition, protocol.severity);
        let context = report::Context {
            protocol,
            circular: &circular,
            groups: &groups,
            tertiles,
            flags: cohort.flags(condition),
        };
        let others: Vec<_> = SEVERITIES
            .iter()
            .map(|s| (*s, cohort.judge(condition, *s)))
            .collect();
        let reads = |c: &Circular| c.condition == condition.id;
        let withheld = circular
            .iter()
            .any(reads)
            .then(|| report::Withheld::of(&cohort.judge_withheld(condition)));
        conditions.push(report::condition(
            condition, &judged, &others, withheld, &context,
        ));
        per_patient.extend(judged.into_iter().map(|judged| PatientRow {
            condition: condition.id,
            judged,
        }));
    }
    Ok(Report {
        name: protocol.name.clone(),
        manifest,
        leakage,
        index_times: steps.iter().map(Vec::len).sum(),
        failed: steps.iter().flatten().map(|s| s.failed).sum(),
        ended_without_a_date: subjects.iter().map(ended_without_a_date).sum(),
        not_built: protocol.not_built.clone(),
        conditions,
        not_divided: NOT_DIVIDED.to_vec(),
        known_biases: KNOWN_BIASES,
        per_patient,
    })
}

const SEVERITIES: [Severity; 4] = [
    Severity::Info,
    Severity::Low,
    Severity::Moderate,
    Severity::High,
];

/// Facts that a model made are no inputs here (L-8).
fn without_models(subjects: &[Subject]) -> (Vec<Subject>, usize) {
    let mut subjects = subjects.to_vec();
    let mut left_out = 0;
    for subject in &mut subjects {
        let before = subject.facts.len();
        subject.facts.retain(|f| f.origin != Origin::Model);
        left_out += before - subject.facts.len();
    }
    (subjects, left_out)
}

struct Cohort<'a> {
    subjects: &'a [Subject],
    observed: &'a [Option<Observed>],
    steps: &'a [Vec<Step>],
    protocol: &'a Protocol,
}

impl Cohort<'_> {
    /// Conditions of which a rule was replayed.
    fn conditions(&self) -> impl Iterator<Item = &'static Condition> {
        let rules = &self.protocol.rules;
        CONDITIONS
            .iter()
            .filter(|c| rules.iter().any(|r| c.rules.contains(&r.id)))
    }

    fn judge(&self, condition: &Condition, least: Severity) -> Vec<Judged> {
        let patients = self.subjects.iter().zip(self.observed).zip(self.steps);
        patients
            .map(|((subject, observed), steps)| {
                let rules = &self.protocol.rules;
                judge::judge(subject, observed.as_ref(), condition, rules, steps, least)
            })
            .collect()
    }

    /// As [`Self::judge`], over a replay in which the rules cannot read the outcome's facts. Only patients with an outcome are replayed.
    fn judge_withheld(&self, condition: &Condition) -> Vec<Judged> {
        let p = self.protocol;
        let patients = self.subjects.iter().zip(self.observed).zip(self.steps);
        patients
            .filter(|((s, o), _)| {
                o.as_ref()
                    .is_some_and(|o| o.outcome(s, condition).is_some())
            })
            .map(|((subject, observed), steps)| {
                let mut facts = subject.facts.clone();
                facts.retain(|f| !condition.signs.iter().any(|s| s.holds(f)));
                let times: Vec<Instant> = steps.iter().map(|s| s.at).collect();
                let steps = replay(&facts, &subject.identity, &p.rules, &p.settings, &times);
                let observed = observed.as_ref();
                judge::judge(subject, observed, condition, &p.rules, &steps, p.severity)
            })
            .collect()
    }

    fn flags(&self, condition: &Condition) -> usize {
        let inputs: Vec<_> = condition
            .inputs
            .iter()
            .filter_map(|name| crate::input::by_name(name))
            .collect();
        self.subjects
            .iter()
            .flat_map(|s| &s.facts)
            .filter(|f| {
                is_flagged(f)
                    && f.codes
                        .iter()
                        .any(|c| inputs.iter().any(|i| i.loinc.contains(&c.code.as_str())))
            })
            .count()
    }
}
