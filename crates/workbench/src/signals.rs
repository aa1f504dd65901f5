//! From outcomes of rules and packs to cards, options and marks on the labs leaf.

use std::collections::BTreeMap;

use triptych_archive::{Choice, Decision};
use triptych_clinical::{Fact, FactId, FactKind, StudyUid, When};
use triptych_reasoning::pathways::{self, NodeView, OptionView, PathwayView};
use triptych_reasoning::{BasisItem as RuleItem, Evaluation, FactRef, K3, Signal};

use crate::chart::{self, Verdicts};
use crate::notes::confirm;
use crate::view::{
    Basis, BasisItem, Criterion, DecisionView, Lane, PathwayCard, PathwayOption, Severity,
    SignalCard, SignalId, SignalsView, Target, TimelineItem, TimelineLane, Variation,
};

/// Verdicts of R25 by row of the labs leaf.
pub(crate) fn variations(evaluation: &Evaluation, facts: &[Fact]) -> Verdicts {
    let by_id: BTreeMap<FactId, &Fact> = facts.iter().map(|f| (f.id, f)).collect();
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

/// The right leaf.
pub(crate) fn view(
    evaluation: &Evaluation,
    facts: &[Fact],
    decisions: &[Decision],
    acknowledged: &BTreeMap<String, String>,
) -> SignalsView {
    let by_id: BTreeMap<FactId, &Fact> = facts.iter().map(|f| (f.id, f)).collect();
    let cards = evaluation
        .signals
        .iter()
        .map(|s| card(s, &by_id, acknowledged))
        .collect();
    let coverage = &evaluation.coverage;
    let needs = coverage.needs();
    SignalsView {
        running: false,
        cards,
        coverage: coverage.line(),
        coverage_rows: coverage
            .rows
            .iter()
            .cloned()
            .chain(undecided(evaluation))
            .collect(),
        needs,
        models: Vec::new(),
        pathways: options(evaluation, decisions),
    }
}

const fn severity(severity: triptych_reasoning::Severity) -> Severity {
    match severity {
        triptych_reasoning::Severity::Info => Severity::Info,
        triptych_reasoning::Severity::Low => Severity::Low,
        triptych_reasoning::Severity::Moderate => Severity::Moderate,
        triptych_reasoning::Severity::High => Severity::High,
    }
}

const fn lane(lane: triptych_reasoning::Lane) -> Lane {
    match lane {
        triptych_reasoning::Lane::N => Lane::N,
        triptych_reasoning::Lane::D => Lane::D,
        triptych_reasoning::Lane::T => Lane::T,
    }
}

fn card(
    signal: &Signal,
    facts: &BTreeMap<FactId, &Fact>,
    acknowledged: &BTreeMap<String, String>,
) -> SignalCard {
    let id = format!("{}/{}", signal.rule_name(), signal.basis.input_hash);
    let missing = signal.missing_line();
    let first = signal.basis.items.first();
    SignalCard {
        acknowledged: acknowledged.get(&id).cloned(),
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
            .map(|i| format!("{} {} · {}", i.name, i.original, i.age))
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
        },
    }
}

fn basis_item(item: &RuleItem, facts: &BTreeMap<FactId, &Fact>) -> BasisItem {
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
pub(crate) fn on_timeline(evaluation: &Evaluation, signals: &SignalsView) -> Vec<TimelineItem> {
    evaluation
        .signals
        .iter()
        .zip(&signals.cards)
        .map(|(signal, card)| TimelineItem {
            detail: card.summary.clone(),
            severity: card.severity,
            ..chart::item(
                TimelineLane::Signals,
                When::at(signal.newest_input.unwrap_or(signal.as_of)),
                card.title.clone(),
                Target::Signal(card.id.clone()),
            )
        })
        .collect()
}

/// Packs of which it is unknown whether they apply: a line each under the opened coverage line, no questions (D-10).
fn undecided(evaluation: &Evaluation) -> Vec<(String, String)> {
    let Ok(packs) = pathways::shipped() else {
        return Vec::new();
    };
    pathways::views(packs, evaluation)
        .iter()
        .filter_map(|v| Some((format!("{}@{}", v.id, v.version), v.cannot_tell_line()?)))
        .collect()
}

/// Questions of the packs that apply.
fn options(evaluation: &Evaluation, decisions: &[Decision]) -> Vec<PathwayCard> {
    let Ok(packs) = pathways::shipped() else {
        return Vec::new();
    };
    let views = pathways::views(packs, evaluation);
    views
        .iter()
        .flat_map(|pack| {
            pack.nodes
                .iter()
                .map(|node| question(pack, node, decisions))
        })
        .collect()
}

fn question(pack: &PathwayView, node: &NodeView, decisions: &[Decision]) -> PathwayCard {
    let id = format!("{}/{}", pack.id, node.id);
    let stored = format!("{}@{}/{}", pack.id, pack.version, node.id);
    let decision = decisions
        .iter()
        .filter(|d| d.decision.pathway == stored)
        .max_by_key(|d| d.number);
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
