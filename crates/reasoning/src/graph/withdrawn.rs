//! Cards that rested on a fact which was retracted (D-34): named for 30 days, so that nobody looks for a card that is gone.
//!
//! At the instant of a retraction the record is evaluated twice, with the retracting version and without it. What fires only without it, and
//! rested on the fact, was withdrawn by the retraction and by nothing else.

use std::collections::{BTreeMap, BTreeSet};

use triptych_clinical::{Fact, FactId, Identity, IndexTime, Instant};

use super::cards::Card;
use super::sources::is_retracted;
use crate::evaluate::evaluate_all;
use crate::settings::Settings;

/// Days for which a withdrawn card is named.
pub const WITHDRAWN_DAYS: i64 = 30;

/// A card that a retraction took away.
#[derive(Clone, Debug, PartialEq)]
pub struct WithdrawnCard {
    /// The card as it was.
    pub card: Card,
    /// The retracted facts that it rested on.
    pub retracted: Vec<FactId>,
    /// When the retraction was known.
    pub at: Instant,
    /// Named until then.
    pub until: Instant,
}

impl WithdrawnCard {
    /// `R5@1.0.0: withdrawn: source retracted, 2021-02-03`
    #[must_use]
    pub fn in_words(&self) -> String {
        format!(
            "{}: withdrawn: source retracted, {}",
            self.card.rule,
            self.at.iso_date()
        )
    }
}

/// Cards withdrawn in the 30 days up to `at`, newest retraction first.
#[must_use]
pub fn withdrawn(
    facts: &[Fact],
    identity: &Identity,
    at: IndexTime,
    settings: &Settings,
) -> Vec<WithdrawnCard> {
    let mut found = Vec::new();
    for (when, ids) in retractions(facts, at).into_iter().rev() {
        let takes = |f: &&Fact| {
            f.available.instant == when && ids.contains(&f.id) && is_retracted(f.status)
        };
        let without: Vec<Fact> = facts.iter().filter(|f| !takes(f)).cloned().collect();
        let left: BTreeSet<String> = cards(facts, identity, when, settings)
            .into_iter()
            .map(|c| c.subject)
            .collect();
        for card in cards(&without, identity, when, settings) {
            let retracted: Vec<FactId> = card
                .facts
                .iter()
                .map(|f| f.id)
                .filter(|id| ids.contains(id))
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            if !retracted.is_empty() && !left.contains(&card.subject) {
                found.push(WithdrawnCard {
                    card,
                    retracted,
                    at: when,
                    until: when.plus_days(WITHDRAWN_DAYS),
                });
            }
        }
    }
    found
}

/// Instants at which facts were retracted, not later than `at` and at most 30 days before.
fn retractions(facts: &[Fact], at: IndexTime) -> BTreeMap<Instant, BTreeSet<FactId>> {
    let from = at.plus_days(-WITHDRAWN_DAYS);
    let mut found: BTreeMap<Instant, BTreeSet<FactId>> = BTreeMap::new();
    for fact in facts.iter().filter(|f| is_retracted(f.status)) {
        let when = fact.available.instant;
        if when <= at && when > from {
            found.entry(when).or_default().insert(fact.id);
        }
    }
    found
}

fn cards(facts: &[Fact], identity: &Identity, at: IndexTime, settings: &Settings) -> Vec<Card> {
    evaluate_all(facts, identity, at, settings)
        .outcomes
        .iter()
        .filter_map(Card::of_outcome)
        .collect()
}
