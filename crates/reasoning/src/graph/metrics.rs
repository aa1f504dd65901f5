//! How rules fare at a site, by month (D-29): a rule whose cards are mostly called not useful is named to its owner.
//!
//! Counts only, no patient. The program never mutes a rule by itself.

use std::collections::BTreeMap;

use serde::Serialize;
use triptych_clinical::Instant;

use super::cards::Judgement;
use crate::pathways::Decision;

/// Shows from which a share means something.
const ENOUGH: u32 = 30;

/// Something that happened to a card.
#[derive(Clone, Debug)]
pub struct CardEvent {
    /// Site.
    pub site: String,
    /// Rule or pathway, with its version: another version is another rule.
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
    /// An option of the pathway was decided.
    Decided(Decision),
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
    /// Decisions on the options of a pathway.
    pub decided: BTreeMap<Decision, u32>,
    /// Not useful in more than 60 % of at least 30 shows: to be changed or retired by its owner.
    pub flagged: bool,
}

impl RuleMonth {
    /// Cards that were acknowledged so.
    #[must_use]
    pub fn said(&self, judgement: Judgement) -> u32 {
        self.acknowledged.get(&judgement).copied().unwrap_or(0)
    }

    /// Options that were decided so.
    #[must_use]
    pub fn chosen(&self, decision: Decision) -> u32 {
        self.decided.get(&decision).copied().unwrap_or(0)
    }

    /// Share of "not useful" among the shows, per cent; `None` below 30 shows, where a share says nothing.
    #[must_use]
    pub fn not_useful_percent(&self) -> Option<f64> {
        let not_useful = f64::from(self.said(Judgement::NotUseful));
        (self.shown >= ENOUGH).then(|| 100.0 * not_useful / f64::from(self.shown))
    }
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
            decided: BTreeMap::new(),
            flagged: false,
        });
        match event.kind {
            CardEventKind::Shown => row.shown = row.shown.saturating_add(1),
            CardEventKind::Acknowledged(judgement) => {
                let count = row.acknowledged.entry(judgement).or_default();
                *count = count.saturating_add(1);
            }
            CardEventKind::Decided(decision) => {
                let count = row.decided.entry(decision).or_default();
                *count = count.saturating_add(1);
            }
        }
    }
    let mut rows: Vec<RuleMonth> = months.into_values().collect();
    for row in &mut rows {
        // In whole numbers, so that exactly 60 % is not more than 60 %.
        let share = u64::from(row.said(Judgement::NotUseful)) * 100 > u64::from(row.shown) * 60;
        row.flagged = row.shown >= ENOUGH && share;
    }
    rows
}
