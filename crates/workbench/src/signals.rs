//! From outcomes of rules and packs to cards, options and marks on the labs leaf.

use std::collections::BTreeMap;

use triptych_archive::Decision;
use triptych_clinical::{Fact, FactKind, Instant, StudyUid, When};
use triptych_reasoning::graph::{self, Disagreement};
use triptych_reasoning::pathways;
use triptych_reasoning::{
    BasisItem as RuleItem, Evaluation, FactRef, Outcome, Signal, Verdict, age_in_words, long_forms,
};

use crate::acknowledged::{self, Answers};
use crate::chart::{self, Verdicts};
use crate::due;
use crate::grouped;
use crate::notes::confirm;
use crate::questions;
use crate::view::{
    Basis, BasisItem, CardGroup, Lane, NaturalFrequency, NewestEntry, Reveals, Severity,
    SignalCard, SignalId, SignalsView, Target, TimeCritical, TimelineItem, TimelineLane, Variation,
    Weighing,
};
use crate::weigh::{Facts, Reasoned, of_study};

/// Verdicts of R25 by row of the labs leaf.
pub(crate) fn variations(evaluation: &Evaluation, by_id: &Facts<'_>) -> Verdicts {
    evaluation
        .reference_changes
        .iter()
        .filter_map(|outcome| {
            let variation = match outcome.finding.result.get("verdict")?.as_str()? {
                "rise" => Variation::Up,
                "fall" => Variation::Down,
                _ => return None,
            };
            let fact = outcome
                .basis
                .items
                .iter()
                .find_map(|i| by_id.get(&i.fact?.id))?;
            Some((chart::row_key(fact), variation))
        })
        .collect()
}

/// What the right leaf is made from.
pub(crate) struct Inputs<'a> {
    /// Rules.
    pub evaluation: &'a Evaluation,
    /// Facts visible at the index time.
    pub facts: &'a [Fact],
    /// The same by id.
    pub by_id: &'a Facts<'a>,
    /// Decisions on this person.
    pub decisions: &'a [Decision],
    /// This reader's answers.
    pub answers: &'a Answers,
    /// The evidence graph, once it is built.
    pub reasoned: Option<&'a Reasoned>,
}

/// The right leaf.
pub(crate) fn view(from: &Inputs<'_>) -> SignalsView {
    let (evaluation, decisions) = (from.evaluation, from.decisions);
    let by_id = from.by_id;
    let (cards, groups) = cards(from, by_id);
    let coverage = &evaluation.coverage;
    let waiting = due::waiting(evaluation, decisions);
    let at = evaluation.chart.at;
    let packs = pathways::shipped().map_or_else(|_| Vec::new(), |p| pathways::views(p, evaluation));
    let mut coverage_rows = coverage.rows.clone();
    if !coverage.unmapped_medicines.is_empty() {
        let names = coverage.unmapped_medicines.join(", ");
        coverage_rows.push(("medicines not mapped".to_owned(), names));
    }
    SignalsView {
        running: false,
        groups,
        coverage: coverage.line(),
        coverage_rows,
        needs: coverage.needs(),
        models: Vec::new(),
        pathways: questions::standing(&packs, decisions, at, by_id, &cards),
        hesitating: questions::hesitating(&packs, decisions),
        hypotheses: from
            .reasoned
            .map(|r| r.hypotheses(by_id))
            .unwrap_or_default(),
        due: due::rows(&waiting, by_id, &cards),
        time_critical: time_critical(evaluation, by_id),
        hidden: Vec::new(),
        withdrawn: Vec::new(),
        reveals: Reveals::default(),
        newest: newest_entry(from.facts, at),
        cards,
    }
}

/// Signals and disagreements in the order of D-28. What was acknowledged carries the answer and is withheld by its inputs (D-30).
fn cards(from: &Inputs<'_>, facts: &Facts<'_>) -> (Vec<SignalCard>, Vec<CardGroup>) {
    let evaluation = from.evaluation;
    let disagreements: Vec<Disagreement> = from
        .reasoned
        .map(|r| r.graph.live_disagreements().cloned().collect())
        .unwrap_or_default();
    let desk_cards = graph::Card::all(evaluation, &disagreements);
    let at = evaluation.chart.at;
    let desk = graph::desk(&desk_cards, &from.answers.kept(at), at, &BTreeMap::new());
    let answered: BTreeMap<usize, &str> = desk
        .withheld
        .iter()
        .map(|w| (w.card, acknowledged::word(w.judgement)))
        .collect();
    let mut cards: Vec<(SignalCard, &graph::Card)> = desk_cards
        .iter()
        .enumerate()
        .filter_map(|(place, on_desk)| {
            let signal = |s: &&Signal| s.rule.id == on_desk.subject;
            let mut made = match evaluation.signals.iter().find(signal) {
                Some(signal) => {
                    let mut made = card(signal, facts);
                    made.basis.frequencies = frequencies(evaluation, signal);
                    if let Some(reasoned) = from.reasoned {
                        made.weighing = reasoned.of_signal(signal.rule.id, facts);
                    }
                    made
                }
                None => {
                    let is = |d: &&Disagreement| graph::Card::of_disagreement(d) == *on_desk;
                    disagreement(disagreements.iter().find(is)?, on_desk, at, facts)
                }
            };
            made.subject.clone_from(&on_desk.subject);
            made.outcome.clone_from(&on_desk.outcome);
            made.acknowledged = answered.get(&place).map(|w| (*w).to_owned());
            Some((made, on_desk))
        })
        .collect();
    let groups = grouped::group(&mut cards, facts);
    (cards.into_iter().map(|(card, _)| card).collect(), groups)
}

/// D-18: each side with date and source, no winner.
fn disagreement(
    of: &Disagreement,
    on_desk: &graph::Card,
    at: Instant,
    facts: &Facts<'_>,
) -> SignalCard {
    let place = |side: &graph::Side| {
        side.facts
            .iter()
            .filter_map(|f| facts.get(&f.id))
            .find_map(|f| target(f).or_else(|| of_study(f)))
    };
    let items = of.sides.iter().map(|side| BasisItem {
        name: side.party.in_words().to_owned(),
        role: "side".to_owned(),
        value: chart::shortened(&side.says),
        canonical: String::new(),
        time: side
            .date
            .map_or_else(|| "date not recorded".to_owned(), |d| d.iso_date()),
        age: side
            .date
            .map(|d| age_in_words(d.instant, at))
            .unwrap_or_default(),
        target: place(side),
    });
    SignalCard {
        id: SignalId(format!("{}/{}", on_desk.subject, on_desk.input_hash)),
        lane: lane(of.lane()),
        severity: Some(severity(of.severity)),
        rule: on_desk.rule.clone(),
        title: "Disagreement".to_owned(),
        summary: short(&format!("Sources disagree on {}", of.about)),
        as_of: When::at(at).to_string(),
        missing: String::new(),
        detail: String::new(),
        acknowledged: None,
        basis: Basis {
            items: items.collect(),
            steps: vec![
                "Two sources say different things of one matter. No side is preferred; the severity is the highest of the sides, at most moderate."
                    .to_owned(),
            ],
            input_hash: on_desk.input_hash.clone(),
            citation: "the sources that are named".to_owned(),
            ..Basis::default()
        },
        subject: String::new(),
        outcome: String::new(),
        sides: of
            .sides
            .iter()
            .map(|s| chart::shortened(&s.in_words()))
            .collect(),
        weighing: Weighing::default(),
        own: Vec::new(),
    }
}

/// At most 140 characters (D-05).
fn short(text: &str) -> String {
    const MOST: usize = 140;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

/// Lane T has its own panel, and nothing of it stands elsewhere.
fn time_critical(evaluation: &Evaluation, facts: &Facts<'_>) -> TimeCritical {
    let quiet = |o: &&Outcome| o.verdict() != Verdict::Fires;
    TimeCritical {
        on: evaluation.settings.lane_t,
        cards: evaluation.passive.iter().map(|s| card(s, facts)).collect(),
        others: evaluation
            .passive_outcomes
            .iter()
            .filter(quiet)
            .map(|o| {
                let rule = format!("{} {}", o.rule.name(), o.rule.title);
                (rule, o.in_words())
            })
            .collect(),
    }
}

/// Days after which the newest entry is old: the rail then says when it was.
const OLD_DAYS: f64 = 365.0;

/// The newest dated entry, where it lies more than a year before the index time.
fn newest_entry(facts: &[Fact], at: Instant) -> Option<NewestEntry> {
    let dated = facts
        .iter()
        .filter_map(|f| Some((f.effective?, f)))
        .filter(|(when, _)| when.instant <= at);
    let (when, fact) = dated.max_by_key(|(when, _)| when.instant)?;
    let age = at.days_since(when.instant);
    (age > OLD_DAYS).then(|| NewestEntry {
        date: when.iso_date(),
        age: format!("{:.1} y", age / 365.25),
        // Then it was known too, and a second has passed.
        then: Instant(
            fact.available
                .instant
                .max(when.instant)
                .0
                .saturating_add(1_000_000),
        ),
    })
}

const fn severity(severity: triptych_reasoning::Severity) -> Severity {
    match severity {
        triptych_reasoning::Severity::Info => Severity::Info,
        triptych_reasoning::Severity::Low => Severity::Low,
        triptych_reasoning::Severity::Moderate => Severity::Moderate,
        triptych_reasoning::Severity::High => Severity::High,
    }
}

pub(crate) const fn lane(lane: triptych_reasoning::Lane) -> Lane {
    match lane {
        triptych_reasoning::Lane::N => Lane::N,
        triptych_reasoning::Lane::D => Lane::D,
        triptych_reasoning::Lane::T => Lane::T,
    }
}

fn card(signal: &Signal, facts: &Facts<'_>) -> SignalCard {
    let id = format!("{}/{}", signal.rule_name(), signal.basis.input_hash);
    let missing = signal.missing_line();
    // Of equals in time the first: a rule names what it is about before what it is compared with.
    let dated = signal.basis.items.iter().rev();
    let newest = dated.max_by_key(|i| i.time.map(|t| t.instant));
    SignalCard {
        acknowledged: None,
        id: SignalId(id),
        lane: lane(signal.lane),
        severity: Some(severity(signal.severity)),
        rule: signal.rule_name(),
        title: signal.rule.title.to_owned(),
        summary: signal.summary.clone(),
        as_of: When::at(signal.as_of).to_string(),
        missing: missing
            .strip_prefix("needs: ")
            .map_or(missing.clone(), |m| format!("Missing: {m}")),
        detail: newest
            .map(|i| {
                let value = chart::shortened(&i.original);
                let what = format!("{} {value}", i.name);
                let parts = [what.trim_end(), i.age.as_str()];
                let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
                parts.join(" · ")
            })
            .unwrap_or_default(),
        basis: Basis {
            items: signal
                .basis
                .items
                .iter()
                .map(|i| basis_item(i, facts))
                .collect(),
            steps: signal.basis.steps.clone(),
            thresholds: signal.basis.thresholds.clone(),
            exclusions: signal
                .basis
                .exclusions
                .iter()
                .chain(&signal.basis.limits)
                .cloned()
                .collect(),
            missing: signal.basis.missing.clone(),
            long_forms: long_forms(&format!("{} {}", signal.rule.title, signal.summary)),
            citation: signal.basis.citation.clone(),
            valid_until: if signal.basis.past_review {
                format!("{}: source past review date", signal.basis.valid_until)
            } else {
                signal.basis.valid_until.clone()
            },
            input_hash: signal.basis.input_hash.clone(),
            frequencies: Vec::new(),
            model: None,
        },
        subject: signal.rule.id.to_owned(),
        outcome: String::new(),
        sides: Vec::new(),
        weighing: Weighing::default(),
        own: Vec::new(),
    }
}

/// Natural frequencies of the outcome behind a signal (D-24).
fn frequencies(evaluation: &Evaluation, signal: &Signal) -> Vec<NaturalFrequency> {
    let outcome = |o: &&Outcome| o.rule.id == signal.rule.id;
    let found = evaluation.outcomes.iter().find(outcome);
    let all = found.map(Outcome::frequencies).unwrap_or_default();
    all.iter()
        .map(|f| {
            let (low, high) = f.counts();
            NaturalFrequency {
                words: f.of_100(),
                of_100: [low, high],
                event: f.event.to_owned(),
                population: f.population.to_owned(),
            }
        })
        .collect()
}

fn basis_item(item: &RuleItem, facts: &Facts<'_>) -> BasisItem {
    let target = match item.fact {
        Some(FactRef { id, .. }) => facts.get(&id).and_then(|f| target(f)),
        // Birth date and sex stand in the banner.
        None => Some(Target::Banner),
    };
    // Where only the digits that a generator wrote differ, there is nothing to say twice.
    let same = chart::shortened(&item.canonical) == chart::shortened(&item.original);
    BasisItem {
        name: item.name.clone(),
        role: item.role.clone(),
        value: chart::shortened(&item.original),
        canonical: if same {
            String::new()
        } else {
            chart::shortened(&item.canonical)
        },
        time: item.time.map(|t| t.to_string()).unwrap_or_default(),
        age: item.age.clone(),
        target,
    }
}

/// The place of a fact on screen.
pub(crate) fn target(fact: &Fact) -> Option<Target> {
    if let Some(sentence) = confirm::target(fact) {
        return Some(sentence);
    }
    match fact.kind {
        FactKind::Observation => Some(Target::Lab {
            row: chart::row_key(fact),
            fact: fact.id,
        }),
        FactKind::Note | FactKind::Report => Some(Target::Note {
            fact: fact.id,
            span: None,
        }),
        FactKind::Medication => Some(Target::Medication(fact.id)),
        FactKind::Problem => Some(Target::Problem(fact.id)),
        FactKind::Encounter => Some(Target::Listed(fact.id)),
        FactKind::Imaging => {
            let study = fact
                .attrs
                .get("study_uid")
                .and_then(|uid| StudyUid::new(uid).ok())?;
            Some(Target::Image {
                study,
                instance: None,
            })
        }
        _ => None,
    }
}

/// Cards on the timeline, each at its newest input.
pub(crate) fn on_timeline(evaluation: &Evaluation, cards: &[SignalCard]) -> Vec<TimelineItem> {
    cards
        .iter()
        .filter_map(|card| {
            let of = |s: &&Signal| s.rule.id == card.subject;
            let signal = evaluation.signals.iter().find(of)?;
            Some(TimelineItem {
                detail: card.summary.clone(),
                severity: card.severity,
                ..chart::item(
                    TimelineLane::Signals,
                    When::at(signal.newest_input.unwrap_or(signal.as_of)),
                    card.title.clone(),
                    Target::Signal(card.id.clone()),
                )
            })
        })
        .collect()
}

#[cfg(test)]
#[path = "signals_tests.rs"]
mod tests;
