//! Which cards are open, folded or withheld, and which belong together (D-26, D-28, D-30).
//!
//! Pure: acknowledgements come in, the caller stores them. Nothing is muted that no person acknowledged.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use triptych_clinical::{FactId, Instant};

use super::disagree::Disagreement;
use crate::chart::FactRef;
use crate::evaluate::Evaluation;
use crate::outcome::{Lane, Outcome, Severity, Verdict};

/// At most so many cards are expanded for one patient (D-28).
pub const EXPANDED: usize = 5;

/// Days after which an acknowledged card is shown again, where its rule has no interval of its own (D-30).
pub const RESHOW_DAYS: i64 = 180;

/// What the desk needs to know of a card.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// `R16`; `D-18 two laboratories: potassium` for a disagreement.
    pub subject: String,
    /// `R16@1.0.0`, `D-18`
    pub rule: String,
    /// Lane badge.
    pub lane: Lane,
    /// Orders the cards.
    pub severity: Severity,
    /// Newest input.
    pub newest_input: Option<Instant>,
    /// Verdict and the words of the result (class, band, items): a change of one of them is another outcome. Numbers are not in it.
    pub outcome: String,
    /// BLAKE3 over everything used or searched for.
    pub input_hash: String,
    /// Facts that the card rests on.
    pub facts: Vec<FactRef>,
    /// Text.
    pub summary: String,
}

/// What a clinician said of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of D-30")]
pub enum Judgement {
    Useful,
    Known,
    NotUseful,
    Wrong,
}

/// An acknowledgement, bound to what was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// [`Card::subject`].
    pub subject: String,
    /// [`Card::input_hash`].
    pub input_hash: String,
    /// [`Card::severity`].
    pub severity: Severity,
    /// [`Card::outcome`].
    pub outcome: String,
    /// When.
    pub at: Instant,
    /// What was said.
    pub judgement: Judgement,
}

/// A card that is not shown because it was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Place among the cards.
    pub card: usize,
    /// What was said of it.
    pub judgement: Judgement,
    /// From then on it is shown again.
    pub until: Instant,
}

/// Places of the cards, each exactly once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    /// At most `EXPANDED`, in order.
    pub expanded: Vec<usize>,
    /// Behind "n more", in order.
    pub more: Vec<usize>,
    /// Acknowledged.
    pub withheld: Vec<Withheld>,
}

/// Cards that share a source fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardGroup {
    /// Places of the cards, in their order.
    pub cards: Vec<usize>,
    /// Facts that at least two of them rest on: shown once, over the cards.
    pub shared: Vec<FactId>,
}

impl Card {
    /// The card of an outcome that fires; none for lane T, which is seen in its panel alone.
    #[must_use]
    pub fn of_outcome(outcome: &Outcome) -> Option<Self> {
        let finding = &outcome.finding;
        if finding.verdict != Verdict::Fires || outcome.rule.lane == Lane::T {
            return None;
        }
        let words: Vec<String> = finding
            .result
            .iter()
            .filter(|(_, v)| !v.is_number() && !v.is_null())
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        let items = &outcome.basis.items;
        Some(Self {
            subject: outcome.rule.id.to_owned(),
            rule: outcome.rule.name(),
            lane: outcome.rule.lane,
            severity: finding.severity.unwrap_or(Severity::Info),
            newest_input: items.iter().filter_map(|i| i.time.map(|t| t.instant)).max(),
            outcome: format!("fires {}", words.join(" ")),
            input_hash: outcome.basis.input_hash.clone(),
            facts: items.iter().filter_map(|i| i.fact).collect(),
            summary: finding.summary.clone(),
        })
    }

    /// The card of a disagreement.
    #[must_use]
    pub fn of_disagreement(disagreement: &Disagreement) -> Self {
        let facts = disagreement.facts();
        let mut hasher = blake3::Hasher::new();
        for fact in &facts {
            hasher.update(&fact.id.0);
            hasher.update(&fact.version.to_le_bytes());
        }
        let words = disagreement.in_words();
        hasher.update(words.as_bytes());
        let sides: Vec<&str> = disagreement
            .sides
            .iter()
            .map(|s| s.party.in_words())
            .collect();
        Self {
            subject: format!("D-18 {:?}: {}", disagreement.pair, disagreement.about),
            rule: "D-18".to_owned(),
            lane: disagreement.lane(),
            severity: disagreement.severity,
            newest_input: disagreement.newest().map(|w| w.instant),
            outcome: sides.join(" against "),
            input_hash: hasher.finalize().to_hex().to_string(),
            facts,
            summary: words,
        }
    }

    /// Every card of an evaluation: signals and disagreements, in order.
    #[must_use]
    pub fn all(evaluation: &Evaluation, disagreements: &[Disagreement]) -> Vec<Self> {
        let mut cards: Vec<Self> = evaluation
            .outcomes
            .iter()
            .filter_map(Self::of_outcome)
            .chain(disagreements.iter().map(Self::of_disagreement))
            .collect();
        cards.sort_by_cached_key(Self::rank);
        cards
    }

    /// D-28: severity, then newest input, then rule id by its number.
    fn rank(&self) -> impl Ord + use<> {
        let number: u32 = self
            .subject
            .strip_prefix('R')
            .and_then(|n| n.parse().ok())
            .unwrap_or(u32::MAX);
        (
            Reverse(self.severity),
            Reverse(self.newest_input),
            number,
            self.subject.clone(),
            self.input_hash.clone(),
        )
    }

    /// The acknowledgement that a press of the button makes.
    #[must_use]
    pub fn acknowledge(&self, judgement: Judgement, at: Instant) -> Acknowledgement {
        Acknowledgement {
            subject: self.subject.clone(),
            input_hash: self.input_hash.clone(),
            severity: self.severity,
            outcome: self.outcome.clone(),
            at,
            judgement,
        }
    }

    /// D-30: it returns when the hash changed and severity or outcome with it, or after the interval.
    fn withheld_by(&self, ack: &Acknowledgement, at: Instant, days: i64) -> bool {
        let unchanged = ack.input_hash == self.input_hash
            || (ack.severity == self.severity && ack.outcome == self.outcome);
        ack.subject == self.subject && ack.at <= at && at < ack.at.plus_days(days) && unchanged
    }
}

/// Sorts cards into expanded, folded and withheld. `intervals`: re-show interval in days by subject (`R16`), else [`RESHOW_DAYS`].
#[must_use]
pub fn desk(
    cards: &[Card],
    acknowledged: &[Acknowledgement],
    at: Instant,
    intervals: &BTreeMap<String, i64>,
) -> Desk {
    let mut places: Vec<usize> = (0..cards.len()).collect();
    places.sort_by_cached_key(|i| cards.get(*i).map(Card::rank));
    let mut desk = Desk::default();
    for place in places {
        let Some(card) = cards.get(place) else {
            continue;
        };
        let days = intervals.get(&card.subject).copied().unwrap_or(RESHOW_DAYS);
        // Two findings of one rule are two cards: the newest word on each of them counts, not the newest on the rule.
        let word = acknowledged
            .iter()
            .filter(|a| card.withheld_by(a, at, days))
            .max_by_key(|a| (a.input_hash == card.input_hash, a.at));
        match word {
            Some(ack) => desk.withheld.push(Withheld {
                card: place,
                judgement: ack.judgement,
                until: ack.at.plus_days(days),
            }),
            None if desk.expanded.len() < EXPANDED => desk.expanded.push(place),
            None => desk.more.push(place),
        }
    }
    desk
}

impl Desk {
    /// `3 more`; empty when nothing is folded.
    #[must_use]
    pub fn more_line(&self) -> String {
        match self.more.len() {
            0 => String::new(),
            n => format!("{n} more"),
        }
    }
}

/// Groups of cards that rest on a common fact, in the order of their first cards; a card that shares none is its own group (D-26).
#[must_use]
pub fn groups(cards: &[Card]) -> Vec<CardGroup> {
    let mut by_fact: BTreeMap<FactId, BTreeSet<usize>> = BTreeMap::new();
    for (i, card) in cards.iter().enumerate() {
        for fact in &card.facts {
            by_fact.entry(fact.id).or_default().insert(i);
        }
    }
    // Each card names the least card that it is joined with; joining takes the least of all.
    let mut head: Vec<usize> = (0..cards.len()).collect();
    for joined in by_fact.values().filter(|c| c.len() > 1) {
        let heads: BTreeSet<usize> = joined
            .iter()
            .filter_map(|i| head.get(*i).copied())
            .collect();
        let Some(least) = heads.first().copied() else {
            continue;
        };
        for h in &mut head {
            if heads.contains(h) {
                *h = least;
            }
        }
    }
    let mut groups: BTreeMap<usize, CardGroup> = BTreeMap::new();
    for (i, h) in head.iter().enumerate() {
        groups
            .entry(*h)
            .or_insert_with(|| CardGroup {
                cards: Vec::new(),
                shared: Vec::new(),
            })
            .cards
            .push(i);
    }
    for (fact, joined) in by_fact.iter().filter(|(_, c)| c.len() > 1) {
        let h = joined.first().and_then(|i| head.get(*i));
        if let Some(group) = h.and_then(|h| groups.get_mut(h)) {
            group.shared.push(*fact);
        }
    }
    groups.into_values().collect()
}
