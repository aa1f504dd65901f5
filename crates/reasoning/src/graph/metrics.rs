//! How rules fare at a site, by month (D-29): a rule whose cards are mostly called not useful is named to its owner.
//!
//! Counts only, no patient. The program never mutes a rule by itself.

use std::collections::BTreeMap;

use serde::Serialize;
use triptych_clinical::Instant;

use super::cards::Judgement;

/// Shows from which a share means something.
const ENOUGH: u32 = 30;

/// Something that happened to a card.
#[derive(Clone, Debug)]
pub struct CardEvent {
    /// Site.
    pub site: String,
    /// `R16`
    pub rule: String,
    /// When.
    pub at: Instant,
    /// What.
    pub kind: CardEventKind,
}

/// What happened to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardEventKind {
    /// It was shown.
    Shown,
    /// It was acknowledged.
    Acknowledged(Judgement),
}

/// One rule at one site in one month (UTC).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleMonth {
    /// Site.
    pub site: String,
    /// `2026-03`
    pub month: String,
    /// `R16`
    pub rule: String,
    /// Shows.
    pub shown: u32,
    /// Acknowledgements by judgement.
    pub acknowledged: BTreeMap<Judgement, u32>,
    /// Not useful in more than 60 % of at least 30 shows: to be changed or retired by its owner.
    pub flagged: bool,
}

/// Counts by site, month and rule, in this order.
#[must_use]
pub fn metrics(events: &[CardEvent]) -> Vec<RuleMonth> {
    let mut months: BTreeMap<(String, String, String), RuleMonth> = BTreeMap::new();
    for event in events {
        let month: String = event.at.iso_date().chars().take(7).collect();
        let key = (event.site.clone(), month.clone(), event.rule.clone());
        let row = months.entry(key).or_insert_with(|| RuleMonth {
            site: event.site.clone(),
            month,
            rule: event.rule.clone(),
            shown: 0,
            acknowledged: BTreeMap::new(),
            flagged: false,
        });
        match event.kind {
            CardEventKind::Shown => row.shown = row.shown.saturating_add(1),
            CardEventKind::Acknowledged(judgement) => {
                let count = row.acknowledged.entry(judgement).or_default();
                *count = count.saturating_add(1);
            }
        }
    }
    let mut rows: Vec<RuleMonth> = months.into_values().collect();
    for row in &mut rows {
        let not_useful = row.acknowledged.get(&Judgement::NotUseful).copied();
        // In whole numbers, so that exactly 60 % is not more than 60 %.
        let share = u64::from(not_useful.unwrap_or(0)) * 100 > u64::from(row.shown) * 60;
        row.flagged = row.shown >= ENOUGH && share;
    }
    rows
}
