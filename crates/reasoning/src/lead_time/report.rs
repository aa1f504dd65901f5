//! The report of one evaluation as values; how it is written is in [`super::write`].

use serde::Serialize;

use super::comparators::{Chance, FirstFlag, chance, first_flag};
use super::conditions::{Condition, SignKind};
use super::judge::{Judged, State};
use super::leakage::{Circular, LeakTest};
use super::manifest::Manifest;
use super::observed::sign_words;
use super::protocol::Protocol;
use super::random::Random;
use super::statistics::{Rate, Share, Spread, Sums, bootstrap, ratio, spread};
use super::subgroups::{Groups, Subgroup, divide};
use crate::outcome::Severity;

/// Printed with every report: what it cannot show.
pub const KNOWN_BIASES: &[&str] = &[
    "This evaluates the program on records of the past. It is not evidence of benefit to patients.",
    "Testing is itself triggered by suspicion: a result that fires a rule was often ordered because somebody already suspected the condition, so lead times are optimistic.",
    "Diagnosis codes lag behind what clinicians knew; part of a lead is the lag of the code.",
    "An earlier diagnosis is not a better outcome: lead-time bias and overdiagnosis are not told apart here.",
    "Care outside this record is not seen: an outcome recorded elsewhere counts as none, and a fire before it as a false alert.",
    "An export holds the last state of each statement: a medicine or problem that is over without an end date counts as over from the day it was recorded.",
    "Comparator (c), time to action by clinicians alone, needs a reader study; here the record's own first sign stands for it, with lead 0 by definition.",
];

/// How many of the patients count, and how outcomes were met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Followed.
    pub at_risk: usize,
    /// Too short an observation.
    pub not_observed: usize,
    /// Outcome before the eligibility start.
    pub prevalent: usize,
    /// Outcome timed by a batch.
    pub batch: usize,
    /// No loop was opened.
    pub nothing_opened: usize,
    /// Outcome in the time at risk.
    pub incident: usize,
    /// … of these by a diagnosis, treatment, procedure, visit, imaging.
    pub by_diagnosis: usize,
    /// At least 7 d before.
    pub early: usize,
    /// Within 7 d.
    pub with: usize,
    /// More than 7 d after.
    pub late: usize,
    /// No signal in the window.
    pub missed: usize,
    /// Of the detected: the rule fired already before the window, so the lead is cut off.
    pub standing: usize,
}

/// One step of the cumulative curve.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// At least this early, days.
    pub days: i32,
    /// Outcomes detected so early.
    pub detected: Share,
}

/// What another least severity would have given.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Threshold {
    /// Least severity.
    pub severity: Severity,
    /// Early and with, over incident.
    pub sensitivity: Share,
    /// False-alert episodes.
    pub burden: Rate,
    /// Cards.
    pub cards: usize,
}

/// How outcomes were met when the rule could not read them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Withheld {
    /// At least 7 d before.
    pub early: usize,
    /// Within 7 d.
    pub with: usize,
    /// More than 7 d after.
    pub late: usize,
    /// No signal in the window.
    pub missed: usize,
    /// Outcome minus signal, days.
    pub lead: Option<Spread>,
}

impl Withheld {
    /// Of the patients as judged over the other replay.
    #[must_use]
    pub fn of(judged: &[Judged]) -> Self {
        let sums = Sums::of(judged.iter());
        Self {
            early: sums.early,
            with: sums.with,
            late: sums.late,
            missed: sums.missed,
            lead: spread(judged.iter().filter_map(|j| j.lead_days)),
        }
    }

    /// `0 early, 4 with, 0 late, 0 missed; lead …` without the lead.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!(
            "{} early, {} with, {} late, {} missed",
            self.early, self.with, self.late, self.missed
        )
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConditionReport {
    /// `ckd`
    pub id: &'static str,
    /// In words.
    pub title: &'static str,
    /// `R3@1.0.0`
    pub rules: Vec<String>,
    /// What counts as the outcome.
    pub outcome: Vec<String>,
    /// The rule reads these outcome facts: "circular".
    pub circular: Vec<SignKind>,
    /// Patients.
    pub counts: Counts,
    /// Only of a circular rule: the same with the outcome's facts withheld from it. A rule that is silent where the condition is already on
    /// the problem list can never fire with a diagnosis that came in the same instant as its laboratory values. Reported apart.
    pub withheld: Option<Withheld>,
    /// Outcome minus signal, days.
    pub lead: Option<Spread>,
    /// Outcome minus the first question for a test that was abnormal later, days. Reported apart.
    pub needs_lead: Option<Spread>,
    /// Outcomes detected at least so early.
    pub curve: Vec<CurvePoint>,
    /// Early and with, over incident.
    pub sensitivity: Share,
    /// Borne out, over episodes whose outcome is known.
    pub predictive_value: Share,
    /// Episodes.
    pub episodes: super::judge::Episodes,
    /// False-alert episodes per 100 patient-months.
    pub burden: Rate,
    /// Cards per 100 contacts with care.
    pub cards_per_100_openings: Option<f64>,
    /// Cards for one early detection.
    pub shown_per_early: Option<f64>,
    /// Comparator (a).
    pub first_flag: FirstFlag,
    /// Comparator (b).
    pub chance: Option<Chance>,
    /// Trade-off over severities.
    pub thresholds: Vec<Threshold>,
    /// By group.
    pub subgroups: Vec<Subgroup>,
}

/// One line of `per_patient.csv`.
#[derive(Clone, Debug)]
pub struct PatientRow {
    /// Condition.
    pub condition: &'static str,
    /// What was judged.
    pub judged: Judged,
}

/// Everything that an evaluation found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What the cohort is called.
    pub name: String,
    /// Hashes.
    pub manifest: Manifest,
    /// Leakage tests; all held, else there is no report.
    pub leakage: Vec<LeakTest>,
    /// Index times that were replayed.
    pub index_times: usize,
    /// Answers in which a rule failed inside (D-39).
    pub failed: usize,
    /// Medicines and problems that are over without an end date.
    pub ended_without_a_date: usize,
    /// Rules that were asked for and are not built.
    pub not_built: Vec<String>,
    /// By condition.
    pub conditions: Vec<ConditionReport>,
    /// Divisions that the record does not allow, in words.
    pub not_divided: Vec<&'static str>,
    /// What it cannot show.
    pub known_biases: &'static [&'static str],
    /// By patient; written to a file of its own.
    #[serde(skip)]
    pub per_patient: Vec<PatientRow>,
}

/// What [`condition`] needs beside the judged patients.
pub struct Context<'a> {
    /// Protocol.
    pub protocol: &'a Protocol,
    /// What L-5 found.
    pub circular: &'a [Circular],
    /// Groups of each patient, in the order of the judged.
    pub groups: &'a [Groups],
    /// Tertiles of density.
    pub tertiles: [f64; 2],
    /// Flagged values of this condition's inputs in the cohort.
    pub flags: usize,
}

/// Sums up one condition. `judged` holds every patient at the protocol's severity, `others` the same at every severity.
#[must_use]
pub fn condition(
    condition: &'static Condition,
    judged: &[Judged],
    others: &[(Severity, Vec<Judged>)],
    withheld: Option<Withheld>,
    context: &Context<'_>,
) -> ConditionReport {
    let at_risk: Vec<&Judged> = judged.iter().filter(|j| j.state == State::AtRisk).collect();
    let sums = Sums::of(at_risk.iter().copied());
    let seed = |use_| Random::new(context.protocol.seed, &format!("{use_} {}", condition.id));
    let intervals = bootstrap(&at_risk, seed("bootstrap"));
    let mut lead = spread(at_risk.iter().filter_map(|j| j.lead_days));
    if let Some(lead) = &mut lead {
        lead.median_interval = intervals.lead;
    }
    let mut sensitivity = sums.sensitivity();
    sensitivity.interval = intervals
        .sensitivity
        .filter(|_| sensitivity.percent.is_some());
    let mut predictive_value = sums.predictive_value();
    predictive_value.interval = intervals
        .predictive_value
        .filter(|_| predictive_value.percent.is_some());
    let mut burden = sums.burden();
    burden.interval = intervals.burden;
    let grouped: Vec<(&Judged, &Groups)> = judged
        .iter()
        .zip(context.groups)
        .filter(|(j, _)| j.state == State::AtRisk)
        .collect();
    let mine = |c: &&Circular| c.condition == condition.id;
    let mut circular: Vec<SignKind> = context
        .circular
        .iter()
        .filter(mine)
        .flat_map(|c| c.reads.iter().copied())
        .collect();
    circular.sort();
    circular.dedup();
    ConditionReport {
        id: condition.id,
        title: condition.title,
        rules: context
            .protocol
            .rules
            .iter()
            .filter(|r| condition.rules.contains(&r.id))
            .map(|r| r.name())
            .collect(),
        outcome: condition.signs.iter().map(sign_words).collect(),
        circular,
        counts: counts(judged, &sums),
        withheld,
        lead,
        needs_lead: spread(at_risk.iter().filter_map(|j| j.needs_lead_days)),
        curve: curve(&at_risk),
        sensitivity,
        predictive_value,
        episodes: sums.episodes,
        burden,
        cards_per_100_openings: (sums.openings > 0)
            .then(|| 100.0 * ratio(sums.shown(), sums.openings)),
        shown_per_early: (sums.early > 0).then(|| ratio(sums.shown(), sums.early)),
        first_flag: first_flag(&at_risk, context.flags),
        chance: chance(&at_risk, sums.shown(), seed("chance")),
        thresholds: others
            .iter()
            .map(|(severity, judged)| {
                let at_risk = judged.iter().filter(|j| j.state == State::AtRisk);
                let sums = Sums::of(at_risk);
                Threshold {
                    severity: *severity,
                    sensitivity: sums.sensitivity(),
                    burden: sums.burden(),
                    cards: sums.shown(),
                }
            })
            .collect(),
        subgroups: divide(&grouped, context.tertiles),
    }
}

fn counts(judged: &[Judged], sums: &Sums) -> Counts {
    let of = |state| judged.iter().filter(|j| j.state == state).count();
    Counts {
        at_risk: of(State::AtRisk),
        not_observed: of(State::NotObserved),
        prevalent: of(State::Prevalent),
        batch: of(State::Batch),
        nothing_opened: of(State::NothingOpened),
        incident: sums.incident,
        by_diagnosis: judged
            .iter()
            .filter(|j| j.is_incident() && j.outcome == Some(SignKind::Diagnosis))
            .count(),
        early: sums.early,
        with: sums.with,
        late: sums.late,
        missed: sums.missed,
        standing: judged.iter().filter(|j| j.standing).count(),
    }
}

/// Share detected at least 730, 365, 180 … days early, down to 30 days late.
fn curve(at_risk: &[&Judged]) -> Vec<CurvePoint> {
    const DAYS: [i32; 12] = [730, 545, 365, 270, 180, 90, 60, 30, 7, 0, -7, -30];
    let incident = at_risk.iter().filter(|j| j.is_incident()).count();
    DAYS.iter()
        .map(|days| {
            let least = f64::from(*days);
            let so_early = |j: &&&Judged| j.lead_days.is_some_and(|l| l >= least);
            CurvePoint {
                days: *days,
                detected: Share::of(at_risk.iter().filter(so_early).count(), incident),
            }
        })
        .collect()
}
