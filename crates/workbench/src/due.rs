//! What is to follow: rows of the third leaf and marks on the timeline, from the open loops of the reasoning engine.

use triptych_archive::{Choice, Decision};
use triptych_clinical::When;
use triptych_reasoning::Evaluation;
use triptych_reasoning::graph::{AcceptedOption, LoopState, OpenLoop, loops};
use triptych_reasoning::pathways::{self, Pack};

use crate::chart;
use crate::signals::target;
use crate::view::{DueRow, Severity, SignalCard, Target, TimelineItem, TimelineLane};
use crate::weigh::{Facts, of_study};

/// A loop that waits, and the question it comes from where an option was accepted.
#[derive(Debug)]
pub(crate) struct Waiting {
    found: OpenLoop,
    question: Option<String>,
}

/// Loops that wait: overdue first, then by date.
pub(crate) fn waiting(evaluation: &Evaluation, decisions: &[Decision]) -> Vec<Waiting> {
    let accepted = accepted(decisions);
    let options: Vec<AcceptedOption> = accepted.iter().map(|(_, o)| o.clone()).collect();
    let of = |l: &OpenLoop| {
        let is =
            |o: &AcceptedOption| (&o.pack, &o.option, &o.what) == (&l.source, &l.about, &l.what);
        accepted
            .iter()
            .find(|(_, o)| is(o))
            .map(|(question, _)| question.clone())
    };
    loops(evaluation, &options)
        .into_iter()
        .filter(|l| matches!(l.state, LoopState::Overdue | LoopState::Open))
        .map(|found| Waiting {
            question: of(&found),
            found,
        })
        .collect()
}

/// Options that were accepted and ask for a follow-up, with their questions. Only the last word on a question counts: what was declined
/// later is not due.
fn accepted(decisions: &[Decision]) -> Vec<(String, AcceptedOption)> {
    let Ok(packs) = pathways::shipped() else {
        return Vec::new();
    };
    let last = |d: &&Decision| {
        !decisions
            .iter()
            .any(|o| o.decision.pathway == d.decision.pathway && o.number > d.number)
    };
    decisions
        .iter()
        .filter(|d| d.decision.choice == Choice::Accept)
        .filter(last)
        .filter_map(|d| option(packs, d))
        .collect()
}

/// `iron-deficiency-anaemia@1.0.0/node`: the pack as it is installed now says what is to follow.
fn option(packs: &[Pack], decision: &Decision) -> Option<(String, AcceptedOption)> {
    let (pack, node) = decision.decision.pathway.split_once('/')?;
    let id = pack.split('@').next()?;
    let follow = packs
        .iter()
        .find(|p| p.id == id)?
        .follow_up(node, &decision.decision.option)?;
    let accepted = AcceptedOption {
        pack: pack.to_owned(),
        option: follow.option.to_owned(),
        what: follow.what.to_owned(),
        after: follow.after.to_owned(),
        before: follow.before.to_owned(),
        accepted: decision.by.at,
        done: None,
        closed: None,
        fact: None,
    };
    Some((format!("{id}/{node}"), accepted))
}

/// Rows of the rail.
pub(crate) fn rows(waiting: &[Waiting], facts: &Facts<'_>, cards: &[SignalCard]) -> Vec<DueRow> {
    waiting
        .iter()
        .map(|w| DueRow {
            what: w.found.what.clone(),
            about: w.found.about.clone(),
            when: dates(&w.found),
            overdue: w.found.state == LoopState::Overdue,
            source: w.found.source.clone(),
            needs: w.found.needs.clone(),
            target: place(w, facts, cards),
        })
        .collect()
}

/// Marks of the rail's rows on the timeline; what has no date has no place there.
pub(crate) fn on_timeline(
    waiting: &[Waiting],
    facts: &Facts<'_>,
    cards: &[SignalCard],
) -> Vec<TimelineItem> {
    waiting
        .iter()
        .filter_map(|w| {
            let l = &w.found;
            let at = l.due_to.as_ref().or(l.due_from.as_ref())?;
            let overdue = l.state == LoopState::Overdue;
            Some(TimelineItem {
                detail: l.in_words(),
                severity: overdue.then_some(Severity::Moderate),
                ..chart::item(
                    TimelineLane::Loops,
                    When::parse(at).ok()?,
                    l.what.clone(),
                    place(w, facts, cards)?,
                )
            })
        })
        .collect()
}

fn dates(l: &OpenLoop) -> String {
    match (&l.due_from, &l.due_to) {
        (Some(from), Some(to)) if from != to => format!("{from} to {to}"),
        (_, Some(to)) => to.clone(),
        (Some(from), None) => format!("from {from}"),
        (None, None) => "no date stated".to_owned(),
    }
}

/// The fact that it comes from, else its question, else the card of its rule.
fn place(w: &Waiting, facts: &Facts<'_>, cards: &[SignalCard]) -> Option<Target> {
    w.found
        .facts
        .iter()
        .filter_map(|f| facts.get(&f.id))
        .find_map(|f| target(f).or_else(|| of_study(f)))
        .or_else(|| w.question.clone().map(Target::Question))
        .or_else(|| {
            let card = cards.iter().find(|c| c.rule == w.found.source)?;
            Some(Target::Signal(card.id.clone()))
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use triptych_archive::{By, NewDecision};
    use triptych_clinical::{Instant, PatientKey};

    use super::*;

    /// Every option of the shipped packs that asks for a follow-up gives one, tied to its question; a later "no" takes it back.
    #[test]
    fn an_accepted_option_asks_for_its_follow_up_until_it_is_declined() {
        let packs = pathways::shipped().unwrap();
        let pack = packs
            .iter()
            .find(|p| p.id == "iron-deficiency-anaemia")
            .unwrap();
        let text = pack.to_toml().unwrap();
        let document: toml::Table = text.parse().unwrap();
        let nodes = document["node"].as_array().unwrap();
        let (node, option) = nodes
            .iter()
            .filter_map(|n| Some((n["id"].as_str()?, n.get("option")?.as_array()?)))
            .flat_map(|(n, options)| options.iter().map(move |o| (n, o)))
            .find_map(|(n, o)| o.get("follow_up").map(|_| (n, o["id"].as_str().unwrap())))
            .unwrap();
        let made = |number, choice| Decision {
            number,
            decision: NewDecision {
                patient: PatientKey(1),
                pathway: format!("{}/{node}", pack.name()),
                option: option.to_owned(),
                choice,
                reason_code: String::new(),
                reason_text: String::new(),
                input_hash: [0; 32],
                index_time: Instant(0),
            },
            by: By::new("reader", Instant(number)),
        };
        let accept = made(1, Choice::Accept);
        let [(question, follow)] = &accepted(std::slice::from_ref(&accept))[..] else {
            panic!("one follow-up");
        };
        assert_eq!(*question, format!("{}/{node}", pack.id));
        assert!(!follow.what.is_empty() && !follow.before.is_empty());
        assert!(accepted(&[accept, made(2, Choice::Decline)]).is_empty());
    }
}
