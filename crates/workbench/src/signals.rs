//! From outcomes of rules and packs to cards, options and marks on the labs leaf.

use std::collections::{BTreeMap, BTreeSet};

use triptych_archive::{Choice, Decision};
use triptych_clinical::{Fact, FactKind, Instant, StudyUid, When};
use triptych_reasoning::graph::{self, Disagreement};
use triptych_reasoning::pathways::{self, NodeView, OptionView, PathwayView};
use triptych_reasoning::{
    BasisItem as RuleItem, Evaluation, FactRef, K3, Outcome, Signal, Verdict, age_in_words,
};

use crate::acknowledged::{self, Answers};
use crate::chart::{self, Verdicts};
use crate::due;
use crate::grouped;
use crate::notes::confirm;
use crate::view::{
    Basis, BasisItem, CardGroup, Criterion, DecisionView, Lane, NaturalFrequency, NewestEntry,
    PathwayCard, PathwayOption, Reveals, Severity, SignalCard, SignalId, SignalsView, Target,
    TimeCritical, TimelineItem, TimelineLane, Variation, Weighing,
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
        pathways: options(&packs, decisions),
        hesitating: hesitating(&packs, decisions),
        hypotheses: from
            .reasoned
            .map(|r| r.hypotheses(by_id))
            .unwrap_or_default(),
        due: due::rows(&waiting, by_id, &cards),
        time_critical: time_critical(evaluation, by_id),
        hidden: Vec::new(),
        withdrawn: Vec::new(),
        reveals: Reveals::default(),
        newest: newest_entry(from.facts, evaluation.chart.at),
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
        value: side.says.clone(),
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
        sides: of.sides.iter().map(graph::Side::in_words).collect(),
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
    let first = signal.basis.items.first();
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
        detail: first
            .map(|i| format!("{} {} · {}", i.name, chart::shortened(&i.original), i.age))
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
            citation: signal.basis.citation.clone(),
            valid_until: if signal.basis.past_review {
                format!("{}: source past review date", signal.basis.valid_until)
            } else {
                signal.basis.valid_until.clone()
            },
            input_hash: signal.basis.input_hash.clone(),
            frequencies: Vec::new(),
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

/// What cannot be asked yet: packs of which it is unknown whether they apply, and packs that apply with questions of which it is unknown
/// whether they come up. Titles and what is missing, never a question (D-10).
fn hesitating(views: &[PathwayView], decisions: &[Decision]) -> Vec<(String, String)> {
    views
        .iter()
        .filter_map(|pack| {
            let waits = |n: &&NodeView| !stands(pack, n, decisions);
            let of_nodes = pack.nodes.iter().filter(waits);
            let missing: BTreeSet<&str> = match pack.applies {
                K3::Unknown => pack.missing.iter().map(String::as_str).collect(),
                _ => of_nodes
                    .clone()
                    .flat_map(|n| &n.missing)
                    .map(String::as_str)
                    .collect(),
            };
            let is_open = pack.applies == K3::Unknown || of_nodes.count() > 0;
            let missing: Vec<&str> = missing.into_iter().collect();
            is_open.then(|| (pack.title.clone(), missing.join(", ")))
        })
        .collect()
}

/// A question stands when it comes up, or when somebody decided it before.
fn stands(pack: &PathwayView, node: &NodeView, decisions: &[Decision]) -> bool {
    node.shown == K3::True || decided(pack, node, decisions).is_some()
}

/// The last word on a question.
fn decided<'a>(
    pack: &PathwayView,
    node: &NodeView,
    decisions: &'a [Decision],
) -> Option<&'a Decision> {
    let stored = format!("{}@{}/{}", pack.id, pack.version, node.id);
    decisions
        .iter()
        .filter(|d| d.decision.pathway == stored)
        .max_by_key(|d| d.number)
}

/// Questions of the packs that apply.
fn options(views: &[PathwayView], decisions: &[Decision]) -> Vec<PathwayCard> {
    let asked = views.iter().filter(|pack| pack.applies == K3::True);
    asked
        .flat_map(|pack| {
            let standing = pack.nodes.iter().filter(|n| stands(pack, n, decisions));
            standing.map(|node| question(pack, node, decisions))
        })
        .collect()
}

fn question(pack: &PathwayView, node: &NodeView, decisions: &[Decision]) -> PathwayCard {
    let id = format!("{}/{}", pack.id, node.id);
    let decision = decided(pack, node, decisions);
    let mut needs: Vec<String> = pack.missing.iter().chain(&node.missing).cloned().collect();
    needs.dedup();
    PathwayCard {
        id,
        pack: format!("{}@{}", pack.id, pack.version),
        title: if node.title.is_empty() {
            pack.title.clone()
        } else {
            node.title.clone()
        },
        scope: pack.scope.clone(),
        say: node.say.clone(),
        needs,
        options: node.options.iter().map(option).collect(),
        sources: pack
            .sources
            .iter()
            .map(|s| format!("{} ({})", s.text, s.year))
            .collect(),
        decision: decision.map(|d| DecisionView {
            verdict: match d.decision.choice {
                Choice::Accept => "accepted",
                Choice::Decline => "declined",
                Choice::Defer => "deferred",
            }
            .to_owned(),
            option: node
                .options
                .iter()
                .find(|o| o.id == d.decision.option)
                .map_or_else(|| d.decision.option.clone(), |o| o.title.clone()),
            reason: reason_words(&d.decision.reason_code),
            signed: format!("{} · {}", d.by.who, When::at(d.by.at)),
            outdated: d.decision.input_hash != question_hash(pack, node),
        }),
    }
}

fn reason_words(code: &str) -> String {
    pathways::reasons()
        .unwrap_or_default()
        .iter()
        .find(|r| r.code == code)
        .map_or_else(|| code.to_owned(), |r| r.text.clone())
}

fn option(option: &OptionView) -> PathwayOption {
    let criteria = |list: &[pathways::CriterionView]| {
        list.iter()
            .map(|c| Criterion {
                say: match &c.note {
                    Some(note) => format!("{} ({note})", c.say),
                    None => c.say.clone(),
                },
                met: match c.met {
                    K3::True => Some(true),
                    K3::False => Some(false),
                    K3::Unknown => None,
                },
            })
            .collect()
    };
    PathwayOption {
        id: option.id.clone(),
        title: option.title.clone(),
        kind: option.kind.clone(),
        text: option.text.clone(),
        supports: criteria(&option.supports),
        against: criteria(&option.against),
        contraindicated: criteria(&option.contraindicated),
        follow_up: option.follow_up.clone(),
        evidence: option.evidence.clone(),
        stale: option.stale.clone(),
    }
}

/// What a decision on this question rested on: everything that was shown (WRK-06).
pub(crate) fn question_hash(pack: &PathwayView, node: &NodeView) -> [u8; 32] {
    let shown = serde_json::to_vec(&(&pack.id, &pack.version, node)).unwrap_or_default();
    triptych_clinical::DocumentHash::of(&shown).0
}

/// The pack, node and hash of a question named by [`PathwayCard::id`].
pub(crate) fn find_question(evaluation: &Evaluation, id: &str) -> Option<(String, [u8; 32])> {
    let packs = pathways::shipped().ok()?;
    pathways::views(packs, evaluation).iter().find_map(|pack| {
        let node = pack
            .nodes
            .iter()
            .find(|n| format!("{}/{}", pack.id, n.id) == id)?;
        Some((
            format!("{}@{}/{}", pack.id, pack.version, node.id),
            question_hash(pack, node),
        ))
    })
}

#[cfg(test)]
#[path = "signals_tests.rs"]
mod tests;
