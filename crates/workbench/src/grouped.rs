//! Cards that rest on one source stand together under it: the same fact never appears in two cards as two facts (D-26).

use std::collections::BTreeMap;

use triptych_clinical::FactId;
use triptych_reasoning::graph::{self, Card};

use crate::chart;
use crate::signals::target;
use crate::view::{CardGroup, SharedSource, SignalCard};
use crate::weigh::{Facts, of_study};

/// Puts the cards of a group behind its first one, so that groups stand in the order of their worst cards, and names what they share. What was
/// answered stands at the end: it joins nothing.
pub(crate) fn group(cards: &mut Vec<(SignalCard, &Card)>, facts: &Facts<'_>) -> Vec<CardGroup> {
    cards.sort_by_key(|(card, _)| card.acknowledged.is_some());
    let live = cards.partition_point(|(card, _)| card.acknowledged.is_none());
    let on_desk: Vec<Card> = cards.iter().take(live).map(|(_, c)| (*c).clone()).collect();
    let groups = graph::groups(&on_desk);
    let order: BTreeMap<usize, usize> = groups
        .iter()
        .flat_map(|g| g.cards.iter().copied())
        .enumerate()
        .map(|(to, from)| (from, to))
        .collect();
    let named = groups
        .iter()
        .filter(|g| g.cards.len() > 1)
        .map(|g| named(g, cards, facts))
        .collect();
    let mut place = 0..;
    cards.sort_by_cached_key(|_| {
        let from = place.next().unwrap_or(usize::MAX);
        order.get(&from).copied().unwrap_or(from)
    });
    named
}

fn named(group: &graph::CardGroup, cards: &[(SignalCard, &Card)], facts: &Facts<'_>) -> CardGroup {
    let members: Vec<&(SignalCard, &Card)> =
        group.cards.iter().filter_map(|i| cards.get(*i)).collect();
    // Inputs stand in their order of use: what a rule is triggered by comes first.
    let mut shared: Vec<FactId> = Vec::new();
    for fact in members.iter().flat_map(|(_, c)| &c.facts) {
        if group.shared.contains(&fact.id) && !shared.contains(&fact.id) {
            shared.push(fact.id);
        }
    }
    let source = |id: &FactId| {
        let fact = facts.get(id)?;
        let with = |is: fn(&Card, FactId) -> bool| {
            let rest = members.iter().filter(|(_, c)| is(c, *id));
            rest.map(|(card, _)| card.id.clone()).collect()
        };
        Some(SharedSource {
            words: chart::fact_words(fact),
            cards: with(|c, id| c.facts.iter().any(|f| f.id == id)),
            leads: with(|c, id| c.facts.first().is_some_and(|f| f.id == id)),
            target: target(fact).or_else(|| of_study(fact)),
        })
    };
    CardGroup {
        cards: members.iter().map(|(card, _)| card.id.clone()).collect(),
        shared: shared.iter().filter_map(source).collect(),
    }
}
