//! How rules and pathways fare here, month by month (D-29), counted from the audit trail: what was shown, what was said of it, what was decided.
//!
//! The trail holds no clinical text, and nothing but counts leaves this module: no patient, no reader. The program never mutes a rule; a rule
//! that is mostly called not useful is named, for its owner to change or retire.

use serde::Serialize;
use triptych_archive::{AuditEntry, Details, Verb};
use triptych_clinical::{Instant, PatientKey, When};
use triptych_reasoning::graph::{CardEvent, CardEventKind, Judgement, RuleMonth, metrics};
use triptych_reasoning::pathways::{self, Decision};

use crate::acknowledged;
use crate::view::{SignalCard, SignalId};
use crate::{Core, WorkbenchError, rules};

/// Names of the audit details that are counted.
const SHOWN: &str = "shown";
const OPENED: &str = "opened";
pub(crate) const CARD: &str = "card";
pub(crate) const ANSWER: &str = "answer";
/// The record was looked at as of another time: nothing was shown of today.
const AS_OF: &str = "as_of";
const BETWEEN: &str = ", ";

/// Counts of one calendar month (UTC).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RuleCounts {
    /// `2026-03`
    pub month: String,
    /// The month before.
    pub before: String,
    /// The month after; `None` where it has not begun.
    pub after: Option<String>,
    /// Rules and models, the flagged ones first, then by shows.
    pub rules: Vec<RuleCount>,
    /// Pathway packs, by decisions.
    pub pathways: Vec<RuleCount>,
}

/// Counts of one version of a rule, model or pack.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleCount {
    /// `R16@1.0.0`
    pub rule: String,
    /// `Iron deficiency`; empty for what this program does not know.
    pub title: String,
    /// Cards that came on screen.
    pub shown: u32,
    /// Acknowledged as useful.
    pub useful: u32,
    /// Acknowledged as known.
    pub known: u32,
    /// Acknowledged as not useful.
    pub not_useful: u32,
    /// Acknowledged as wrong.
    pub wrong: u32,
    /// Options accepted.
    pub accepted: u32,
    /// Options declined.
    pub declined: u32,
    /// Options deferred.
    pub deferred: u32,
    /// Share of "not useful" among the shows, per cent, one decimal; `None` below 30 shows.
    pub not_useful_percent: Option<f64>,
    /// More than 60 % of at least 30 shows.
    pub flagged: bool,
}

/// A card as the trail names it: rule with version, and the hash of its inputs.
pub(crate) fn named(card: &SignalCard) -> String {
    format!("{}/{}", card.rule, card.basis.input_hash)
}

/// What an entry on cards says (D-40).
pub(crate) fn shown(cards: &[&SignalCard], opened: bool, as_of: Option<Instant>) -> Details {
    let names: Vec<String> = cards.iter().map(|c| named(c)).collect();
    let key = if opened { OPENED } else { SHOWN };
    let mut details = Details::from([(key.to_owned(), names.join(BETWEEN))]);
    if let Some(at) = as_of {
        details.insert(AS_OF.to_owned(), at.to_string());
    }
    details
}

impl Core {
    /// Enters in the trail that cards were shown, or that the basis of one was opened.
    pub(crate) fn enter_shown(
        &self,
        person: PatientKey,
        cards: &[SignalCard],
        ids: &[SignalId],
        opened: bool,
        as_of: Option<Instant>,
    ) -> Result<(), WorkbenchError> {
        let shown_cards: Vec<&SignalCard> = cards.iter().filter(|c| ids.contains(&c.id)).collect();
        if shown_cards.is_empty() {
            return Ok(());
        }
        let (by, details) = (self.by(), shown(&shown_cards, opened, as_of));
        let entry = self
            .archive()
            .audit(&by, Verb::Analysis, Some(person), details);
        Ok(self.wait(entry)?)
    }

    /// Counts of a month, `2026-03`; `None`: the month of `now`.
    ///
    /// # Errors
    /// No month, or the trail cannot be read.
    pub fn rule_counts(
        &self,
        month: Option<&str>,
        now: Instant,
    ) -> Result<RuleCounts, WorkbenchError> {
        let this = month_of(now);
        let month = month.unwrap_or(&this);
        let (first, next) = month_bounds(month)
            .ok_or_else(|| WorkbenchError::Refused(format!("{month:?} is no month: say {this}")))?;
        let mut entries = Vec::new();
        for verb in [Verb::Analysis, Verb::Decision] {
            entries.extend(self.wait(self.archive().audit_of(verb, first, next))?);
        }
        let rows = metrics(&entries.iter().flat_map(events).collect::<Vec<_>>());
        let (packs, rules): (Vec<_>, Vec<_>) = rows.iter().map(count).partition(is_pathway);
        Ok(RuleCounts {
            month: month.to_owned(),
            before: month_of(first.plus_days(-1)),
            after: (next <= now).then(|| month_of(next)),
            rules: in_order(rules),
            pathways: in_order(packs),
        })
    }
}

fn month_of(at: Instant) -> String {
    at.iso_date().chars().take(7).collect()
}

/// First instant of a month and of the next one.
fn month_bounds(month: &str) -> Option<(Instant, Instant)> {
    let (year, number) = month.split_once('-')?;
    let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    if !(digits(year, 4) && digits(number, 2)) {
        return None;
    }
    let (year, number): (u32, u32) = (year.parse().ok()?, number.parse().ok()?);
    let first = |y: u32, m: u32| Some(When::parse(&format!("{y:04}-{m:02}-01")).ok()?.instant);
    let next = if number == 12 {
        (year + 1, 1)
    } else {
        (year, number + 1)
    };
    Some((first(year, number)?, first(next.0, next.1)?))
}

/// What an entry says of cards and options; nothing for other entries.
fn events(entry: &AuditEntry) -> Vec<CardEvent> {
    let detail = |key: &str| entry.details.get(key).map(String::as_str);
    let event = |rule: &str, kind| CardEvent {
        site: String::new(),
        rule: rule.to_owned(),
        at: entry.at,
        kind,
    };
    if detail(AS_OF).is_some() {
        return Vec::new();
    }
    if let Some(cards) = detail(SHOWN) {
        let rules = cards.split(BETWEEN).filter_map(rule_of);
        return rules.map(|r| event(r, CardEventKind::Shown)).collect();
    }
    let answered = || {
        let rule = rule_of(detail(CARD)?)?;
        let said = judgement(detail(ANSWER)?)?;
        Some(event(rule, CardEventKind::Acknowledged(said)))
    };
    let decided = || {
        // Impressions, reveals and words on notes are kept as decisions too, and are none on a pathway.
        let (pack, _) = detail("pathway")?.split_once('/')?;
        let kind = match detail("choice")? {
            "accept" => Decision::Accept,
            "decline" => Decision::Decline,
            "defer" => Decision::Defer,
            _ => return None,
        };
        let is_pack = pack.contains('@');
        is_pack.then(|| event(pack, CardEventKind::Decided(kind)))
    };
    answered().or_else(decided).into_iter().collect()
}

/// The rule in `R16@1.0.0/ab12…`.
fn rule_of(card: &str) -> Option<&str> {
    card.rsplit_once('/').map(|(rule, _)| rule)
}

fn judgement(word: &str) -> Option<Judgement> {
    const ALL: [Judgement; 4] = [
        Judgement::Useful,
        Judgement::Known,
        Judgement::NotUseful,
        Judgement::Wrong,
    ];
    ALL.into_iter().find(|j| acknowledged::word(*j) == word)
}

fn count(row: &RuleMonth) -> RuleCount {
    let percent = row.not_useful_percent();
    RuleCount {
        rule: row.rule.clone(),
        title: title(&row.rule),
        shown: row.shown,
        useful: row.said(Judgement::Useful),
        known: row.said(Judgement::Known),
        not_useful: row.said(Judgement::NotUseful),
        wrong: row.said(Judgement::Wrong),
        accepted: row.chosen(Decision::Accept),
        declined: row.chosen(Decision::Decline),
        deferred: row.chosen(Decision::Defer),
        not_useful_percent: percent.map(|p| (p * 10.0).round() / 10.0),
        flagged: row.flagged,
    }
}

const fn is_pathway(count: &RuleCount) -> bool {
    count.accepted + count.declined + count.deferred > 0
}

fn in_order(mut rows: Vec<RuleCount>) -> Vec<RuleCount> {
    let decisions = |c: &RuleCount| c.accepted + c.declined + c.deferred;
    rows.sort_by(|a, b| {
        (b.flagged, b.shown, decisions(b))
            .cmp(&(a.flagged, a.shown, decisions(a)))
            .then_with(|| a.rule.cmp(&b.rule))
    });
    rows
}

/// In words; of another version than the installed one the installed one's.
fn title(rule: &str) -> String {
    let id = rule.split('@').next().unwrap_or(rule);
    let of_rule = rules::list()
        .into_iter()
        .find(|r| r.name.split('@').next() == Some(id))
        .map(|r| r.title.to_owned());
    let of_pack = || {
        let packs = pathways::shipped().ok()?;
        Some(packs.iter().find(|p| p.id == id)?.title.clone())
    };
    let disagreement = || (id == "D-18").then(|| "Disagreement of sources".to_owned());
    of_rule
        .or_else(of_pack)
        .or_else(disagreement)
        .unwrap_or_default()
}

impl RuleCounts {
    /// As a table in plain text.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = format!("{}, UTC\n", self.month);
        if self.rules.is_empty() && self.pathways.is_empty() {
            text += "no card was shown, no option decided\n";
        }
        if !self.rules.is_empty() {
            text += "\n  shown  useful  known  not useful  wrong  not useful %  rule\n";
        }
        for r in &self.rules {
            let percent = r
                .not_useful_percent
                .map_or_else(|| "below 30 shows".to_owned(), |p| format!("{p:.1}"));
            let flag = if r.flagged { "  for review" } else { "" };
            text += &format!(
                "{:>7} {:>7} {:>6} {:>11} {:>6} {percent:>14}  {} {}{flag}\n",
                r.shown, r.useful, r.known, r.not_useful, r.wrong, r.rule, r.title
            );
        }
        if !self.pathways.is_empty() {
            text += "\naccepted  declined  deferred  pathway\n";
        }
        for p in &self.pathways {
            text += &format!(
                "{:>8} {:>9} {:>9}  {} {}\n",
                p.accepted, p.declined, p.deferred, p.rule, p.title
            );
        }
        text
    }
}

#[cfg(test)]
#[path = "oversight_tests.rs"]
mod tests;
