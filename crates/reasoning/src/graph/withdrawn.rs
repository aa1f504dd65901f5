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

/// Cards withdrawn in the 30 days up to `at`, newest retraction first. `facts` holds every version that is known; a record in which nothing was
/// retracted costs one walk over it.
#[must_use]
pub fn withdrawn(
    facts: &[Fact],
    identity: &Identity,
    at: IndexTime,
    settings: &Settings,
) -> Vec<WithdrawnCard> {
    let mut found = Vec::new();
    for (when, gone) in retractions(facts, at).into_iter().rev() {
        let takes = |f: &&Fact| gone.contains(&(f.id, f.version));
        let without: Vec<Fact> = facts.iter().filter(|f| !takes(f)).cloned().collect();
        let ids: BTreeSet<FactId> = gone.iter().map(|(id, _)| *id).collect();
        let rested: Vec<Card> = cards(&without, identity, when, settings)
            .into_iter()
            .filter(|c| c.facts.iter().any(|f| ids.contains(&f.id)))
            .collect();
        if rested.is_empty() {
            continue;
        }
        let left: BTreeSet<String> = cards(facts, identity, when, settings)
            .into_iter()
            .map(|c| c.subject)
            .collect();
        for card in rested.into_iter().filter(|c| !left.contains(&c.subject)) {
            let of_card: BTreeSet<FactId> = card.facts.iter().map(|f| f.id).collect();
            found.push(WithdrawnCard {
                retracted: of_card.intersection(&ids).copied().collect(),
                card,
                at: when,
                until: when.plus_days(WITHDRAWN_DAYS),
            });
        }
    }
    found
}

/// Versions that took a datum back, by the instant at which that was known, from 30 days before `at` on. A datum that was never usable here, or
/// is usable again, was not taken back.
fn retractions(facts: &[Fact], at: IndexTime) -> BTreeMap<Instant, BTreeSet<(FactId, u32)>> {
    let known = |f: &&Fact| f.available.instant <= at;
    let mut versions: BTreeMap<FactId, Vec<&Fact>> = facts
        .iter()
        .filter(known)
        .filter(|f| is_retracted(f.status))
        .map(|f| (f.id, Vec::new()))
        .collect();
    if versions.is_empty() {
        return BTreeMap::new();
    }
    for fact in facts.iter().filter(known) {
        if let Some(of_datum) = versions.get_mut(&fact.id) {
            of_datum.push(fact);
        }
    }
    let from = at.plus_days(-WITHDRAWN_DAYS);
    let mut found: BTreeMap<Instant, BTreeSet<(FactId, u32)>> = BTreeMap::new();
    for mut of_datum in versions.into_values() {
        of_datum.sort_by_key(|f| (f.available.instant, f.version));
        let Some(usable) = of_datum.iter().rposition(|f| !is_retracted(f.status)) else {
            continue;
        };
        let (before, gone) = of_datum.split_at(usable + 1);
        let (Some(last), Some(first)) = (before.last(), gone.first()) else {
            continue;
        };
        let when = retracted_at(last, first);
        if when <= at && when > from {
            let gone = gone.iter().map(|f| (f.id, f.version));
            found.entry(when).or_default().extend(gone);
        }
    }
    found
}

/// When a retraction was known. Many sources send it with the time of the result that it takes back: then its receipt says so.
fn retracted_at(usable: &Fact, retracting: &Fact) -> Instant {
    let said = retracting.available.instant;
    if said > usable.available.instant {
        said
    } else {
        retracting.received.max(said)
    }
}

fn cards(facts: &[Fact], identity: &Identity, at: IndexTime, settings: &Settings) -> Vec<Card> {
    evaluate_all(facts, identity, at, settings)
        .outcomes
        .iter()
        .filter_map(Card::of_outcome)
        .collect()
}
