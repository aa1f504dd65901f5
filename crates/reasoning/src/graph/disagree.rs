//! Disagreement (D-18): where two sources say different things of one matter, that is a signal of its own.
//!
//! It names each side with date and source and proposes no winner. Severity is the highest of the sides, at most moderate. The pairs are those
//! of record-and-signals 9: here those between rules, reports and models; in [`super::disagree_record`] those inside the record.

use triptych_clinical::{Instant, When};

use super::disagree_record;
use super::node::Modality;
use super::sources::{ModelFinding, NoteAssertion, Sources};
use super::view::{View, newest_input};
use super::words;
use crate::chart::FactRef;
use crate::outcome::{Lane, Outcome, Severity, Verdict};

/// The pairs of section 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pair {
    /// R27 and a report that names no follow-up.
    NoduleFollowUpAndReport,
    /// R31 growth and a report that says stable.
    GrowthAndReport,
    /// A model's finding that the report denies or does not name, or the reverse.
    ModelAndReport,
    /// A finding under a rule that a model does not mark in the same study.
    RuleAndModel,
    /// Criteria of R3 met and not on the problem list.
    KidneyCriteriaNotListed,
    /// Criteria of R19 met and not on the problem list.
    DiabetesCriteriaNotListed,
    /// Diabetes on the problem list, criteria never met.
    DiabetesListedNeverMet,
    /// Medicine list and drug level.
    MedicineAndLevel,
    /// Laboratory eGFR and R1 more than 10 % apart.
    ReportedAndComputedEgfr,
    /// Two laboratories on one day beyond the reference change value.
    TwoLaboratories,
}

/// Who says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// `R27@1.0.0`
    Rule(String),
    /// `nodule-detector@2.1.0`
    Model(String),
    /// Report about images.
    Report,
    /// Problem list.
    ProblemList,
    /// Medicine list.
    MedicineList,
    /// Laboratory, by name where it is recorded.
    Laboratory(String),
    /// All results in this record.
    Results,
}

/// One side.
#[derive(Clone, Debug)]
pub struct Side {
    /// Who.
    pub party: Party,
    /// What.
    pub says: String,
    /// When it was true.
    pub date: Option<When>,
    /// Column.
    pub modality: Modality,
    /// Facts to jump to.
    pub facts: Vec<FactRef>,
    /// Severity of this side, where it has one.
    pub severity: Option<Severity>,
}

/// A disagreement.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// Which pair.
    pub pair: Pair,
    /// What it is about: `lung nodule`, `potassium`.
    pub about: String,
    /// The sides, in the order in which the pair is named; no winner.
    pub sides: Vec<Side>,
    /// Highest of the sides, at most moderate.
    pub severity: Severity,
}

impl Disagreement {
    pub(super) fn new(pair: Pair, about: impl Into<String>, sides: Vec<Side>) -> Self {
        let highest = sides.iter().filter_map(|s| s.severity).max();
        Self {
            pair,
            about: about.into(),
            severity: highest.unwrap_or(Severity::Info).min(Severity::Moderate),
            sides,
        }
    }

    /// `Lung nodule: R27@1.0.0, 2021-01-04: …; report, 2021-01-05: …`
    #[must_use]
    pub fn in_words(&self) -> String {
        let sides: Vec<String> = self.sides.iter().map(Side::in_words).collect();
        format!("Sources disagree on {}: {}", self.about, sides.join(" | "))
    }

    /// Facts of all sides, each once.
    #[must_use]
    pub fn facts(&self) -> Vec<FactRef> {
        let mut facts: Vec<FactRef> = self.sides.iter().flat_map(|s| s.facts.clone()).collect();
        facts.sort_unstable();
        facts.dedup();
        facts
    }

    /// Newest side.
    #[must_use]
    pub fn newest(&self) -> Option<When> {
        self.sides
            .iter()
            .filter_map(|s| s.date)
            .max_by_key(|d| d.instant)
    }

    /// Lane D where a model is a side.
    #[must_use]
    pub fn lane(&self) -> Lane {
        let model = |s: &Side| matches!(s.party, Party::Model(_));
        if self.sides.iter().any(model) {
            Lane::D
        } else {
            Lane::N
        }
    }

    /// Is a rule, `R27`, one of the sides?
    #[must_use]
    pub fn names(&self, rule: &str) -> bool {
        self.sides.iter().any(|s| s.is_rule(rule))
    }
}

impl Party {
    /// In words.
    #[must_use]
    pub fn in_words(&self) -> &str {
        match self {
            Self::Rule(name) | Self::Model(name) | Self::Laboratory(name) => name,
            Self::Report => "report",
            Self::ProblemList => "problem list",
            Self::MedicineList => "medicine list",
            Self::Results => "results in this record",
        }
    }
}

impl Side {
    /// `report, 2021-01-05: lung nodule (negated)`
    #[must_use]
    pub fn in_words(&self) -> String {
        let date = self
            .date
            .map_or_else(|| "date not recorded".to_owned(), |d| d.iso_date());
        format!("{}, {date}: {}", self.party.in_words(), self.says)
    }

    /// Is it this rule's side?
    #[must_use]
    pub fn is_rule(&self, rule: &str) -> bool {
        matches!(&self.party, Party::Rule(name) if name.split('@').next() == Some(rule))
    }

    pub(super) fn of_rule(outcome: &Outcome, modality: Modality) -> Self {
        Self {
            party: Party::Rule(outcome.rule.name()),
            says: outcome.in_words(),
            date: newest_input(outcome),
            modality,
            facts: outcome.basis.items.iter().filter_map(|i| i.fact).collect(),
            severity: outcome.finding.severity,
        }
    }

    fn of_report(a: &NoteAssertion) -> Self {
        Self {
            party: Party::Report,
            says: words::statement(a),
            date: Some(a.time),
            modality: Modality::Images,
            facts: vec![a.fact],
            severity: None,
        }
    }

    fn of_model(m: &ModelFinding) -> Self {
        Self {
            party: Party::Model(m.model.clone()),
            says: words::model(m),
            date: Some(m.study_time),
            modality: Modality::Images,
            facts: m.fact.into_iter().collect(),
            severity: m.present.then(|| m.band.severity()),
        }
    }
}

/// Every disagreement at the index time: by severity, then newest side, then pair.
#[must_use]
pub fn disagreements(sources: &Sources<'_>) -> Vec<Disagreement> {
    in_view(&View::new(sources))
}

/// [`disagreements`] over sources that are indexed already.
pub(super) fn in_view(view: &View<'_>) -> Vec<Disagreement> {
    let mut found = nodule_follow_up(view);
    found.extend(growth(view));
    found.extend(model_and_report(view));
    found.extend(rule_and_model(view));
    found.extend(disagree_record::all(view));
    found.sort_by(|a, b| {
        let instant = |d: &Disagreement| d.newest().map(|w| w.instant);
        (b.severity, instant(b))
            .cmp(&(a.severity, instant(a)))
            .then_with(|| (a.pair, &a.about).cmp(&(b.pair, &b.about)))
    });
    found
}

/// Statements of reports that stand: not of a retracted or older version, affirmed of the patient now.
fn reports<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v NoteAssertion> {
    view.assertions
        .iter()
        .copied()
        .filter(|a| a.report && !a.said.family && !a.said.historical && view.sources.holds(a.fact))
}

/// A report of the same day as the finding or later: an earlier one could not speak of it.
fn from_then_on(report: &NoteAssertion, finding: Option<When>) -> bool {
    finding.is_none_or(|f| report.time.instant >= f.instant.plus_days(-1))
}

fn nodule_follow_up(view: &View<'_>) -> Vec<Disagreement> {
    let asks = |o: &&&Outcome| {
        let recommendation = o.finding.result.get("recommendation");
        o.rule.id == "R27"
            && o.verdict() == Verdict::Fires
            && recommendation.and_then(|r| r.as_str()) != Some("no routine follow-up")
    };
    against_newest_report(
        view,
        asks,
        Pair::NoduleFollowUpAndReport,
        "follow-up of a lung nodule",
        |a| a.concept == "no_follow_up_needed" && !a.said.negated,
    )
}

fn growth(view: &View<'_>) -> Vec<Disagreement> {
    let grows = |o: &&&Outcome| {
        let class = o.finding.result.get("class").and_then(|c| c.as_str());
        o.rule.id == "R31" && matches!(class, Some("very_fast" | "fast" | "intermediate" | "slow"))
    };
    against_newest_report(
        view,
        grows,
        Pair::GrowthAndReport,
        "growth of a nodule",
        |a| {
            a.concept == "nodule_stable" && !a.said.negated
                || a.concept == "nodule_growth" && a.said.negated
        },
    )
}

/// A rule that holds, against the newest report statement that says otherwise and could know of it.
fn against_newest_report<'v>(
    view: &'v View<'_>,
    rule: impl Fn(&&'v &Outcome) -> bool,
    pair: Pair,
    about: &str,
    otherwise: impl Fn(&NoteAssertion) -> bool,
) -> Vec<Disagreement> {
    let rules = view.outcomes.iter().filter(rule);
    rules
        .filter_map(|outcome| {
            let date = newest_input(outcome);
            let report = reports(view)
                .filter(|a| otherwise(a) && from_then_on(a, date))
                .max_by_key(|a| a.time.instant)?;
            let sides = vec![
                Side::of_rule(outcome, view.of_outcome(outcome)),
                Side::of_report(report),
            ];
            Some(Disagreement::new(pair, about, sides))
        })
        .collect()
}

/// The report of the model's study: by the study's id where both have one, else by the day.
fn same_study(m: &ModelFinding, a: &NoteAssertion) -> bool {
    match &a.study {
        Some(study) => *study == m.study,
        None => day(a.time) == day(m.study_time),
    }
}

fn model_and_report(view: &View<'_>) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for m in &view.models {
        let of_study: Vec<&NoteAssertion> = reports(view).filter(|a| same_study(m, a)).collect();
        let on_label = of_study
            .iter()
            .filter(|a| a.concept == m.label)
            .max_by_key(|a| a.time.instant);
        let report = match on_label {
            Some(a) if a.said.negated == m.present => Side::of_report(a),
            Some(_) => continue,
            // A report that was read and does not name it. Without any statement of that study nothing can be said of its report.
            None => match of_study.first().filter(|_| m.present) {
                Some(any) => Side {
                    says: format!("no statement on {}", m.label.replace('_', " ")),
                    ..Side::of_report(any)
                },
                None => continue,
            },
        };
        let sides = vec![Side::of_model(m), report];
        let about = m.label.replace('_', " ");
        found.push(Disagreement::new(Pair::ModelAndReport, about, sides));
    }
    found
}

/// A rule that rests on a confirmed finding, and a model of the same study that does not mark it.
fn rule_and_model(view: &View<'_>) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for outcome in view
        .outcomes
        .iter()
        .filter(|o| o.verdict() == Verdict::Fires)
    {
        for m in view.models.iter().filter(|m| !m.present) {
            let rests = outcome.basis.items.iter().any(|i| {
                let datum = i.fact.and_then(|f| view.datum(view.place_of(f)?));
                datum.is_some_and(|d| {
                    d.is_coded(&triptych_clinical::CodeSystem::Tri, &m.label)
                        && day(d.time) == day(m.study_time)
                })
            });
            if rests {
                let sides = vec![
                    Side::of_rule(outcome, view.of_outcome(outcome)),
                    Side::of_model(m),
                ];
                let about = m.label.replace('_', " ");
                found.push(Disagreement::new(Pair::RuleAndModel, about, sides));
            }
        }
    }
    found
}

/// Distance in days without a sign.
pub(super) fn days_apart(a: Instant, b: Instant) -> f64 {
    a.days_since(b).abs()
}

/// Calendar day in the source's offset, counted from 1970: compared far too often to write it out each time.
pub(super) fn day(when: When) -> i64 {
    const MINUTE: i64 = 60_000_000;
    let local = when
        .instant
        .0
        .saturating_add(i64::from(when.offset_minutes) * MINUTE);
    local.div_euclid(1_440 * MINUTE)
}
