//! Cards that rest on one source stand together under it: the same fact never appears in two cards as two facts (D-26).

use triptych_clinical::FactId;
use triptych_reasoning::graph::Card;

use crate::chart;
use crate::signals::target;
use crate::view::{CardGroup, SignalCard};
use crate::weigh::{Facts, of_study};

/// A card on its way to the leaf, with what the desk knows of it.
type Made<'a> = (SignalCard, &'a Card);

/// Puts behind each card those that rest on the first of its inputs that they share, so that a group stands where its worst card stands
/// (D-28). A card is in one group only; all cards of a group rest on its source: a chain of sources would name a value over cards that never
/// used it. What was answered stands at the end and joins nothing.
pub(crate) fn group(cards: &mut Vec<Made<'_>>, facts: &Facts<'_>) -> Vec<CardGroup> {
    let all = std::mem::take(cards);
    let (mut left, answered): (Vec<Made<'_>>, Vec<_>) = all
        .into_iter()
        .partition(|(card, _)| card.acknowledged.is_none());
    let mut groups = Vec::new();
    while !left.is_empty() {
        let first = left.remove(0);
        let shared = first.1.facts.iter().map(|f| f.id);
        let mut shared = shared.filter(|id| facts.contains_key(id));
        let source = shared.find(|id| left.iter().any(|(_, c)| rests_on(c, *id)));
        let from = cards.len();
        cards.push(first);
        let Some(source) = source else { continue };
        let (joined, others) = left.into_iter().partition(|(_, c)| rests_on(c, source));
        left = others;
        cards.extend::<Vec<_>>(joined);
        groups.extend(named(source, cards.get(from..).unwrap_or_default(), facts));
    }
    cards.extend(answered);
    groups
}

fn rests_on(card: &Card, id: FactId) -> bool {
    card.facts.iter().any(|f| f.id == id)
}

fn named(source: FactId, members: &[Made<'_>], facts: &Facts<'_>) -> Option<CardGroup> {
    let fact = facts.get(&source)?;
    let leads = members
        .iter()
        .filter(|(_, c)| c.facts.first().is_some_and(|f| f.id == source));
    Some(CardGroup {
        source: chart::fact_words(fact),
        target: target(fact).or_else(|| of_study(fact)),
        cards: members.iter().map(|(card, _)| card.id.clone()).collect(),
        leads: leads.map(|(card, _)| card.id.clone()).collect(),
    })
}
