//! A pack for one patient: nodes, options and criteria with their truth, texts filled in.

use super::expr::{Trace, holds};
use super::pack::{Choice, Criterion, Node, Pack};
use super::record::Record;
use super::view::{CriterionView, NodeView, OptionView, PathwayView, SourceView};
use crate::basis::age_in_words;
use crate::desk::within_days;
use crate::evaluate::Evaluation;
use crate::k3::K3;
use crate::number::show;

impl Pack {
    /// What the pack shows for an evaluated patient; `None` when it does not apply, or when nothing recorded has to do with it.
    ///
    /// Where it is unknown whether it applies, only what is missing is told: questions of a pack that may not be about this person would
    /// stand in the way of those that are.
    #[must_use]
    pub fn view(&self, evaluation: &Evaluation) -> Option<PathwayView> {
        let record = Record {
            chart: &evaluation.chart,
            settings: &evaluation.settings,
            outcomes: &evaluation.outcomes,
            pack: self,
        };
        let mut trace = Trace::default();
        let applies = holds(&self.applies, &record, &mut trace);
        if applies.is_false() || (applies == K3::Unknown && !trace.found) {
            return None;
        }
        let nodes = if applies.is_true() {
            self.nodes.iter().filter_map(|n| node(n, &record)).collect()
        } else {
            Vec::new()
        };
        Some(PathwayView {
            id: self.id.clone(),
            version: self.version.clone(),
            title: self.title.clone(),
            scope: self.scope.clone(),
            applies,
            grounds: trace.grounds.clone(),
            missing: missing(applies, trace),
            past_review: evaluation.chart.at.iso_date() > self.valid_until,
            valid_until: self.valid_until.clone(),
            assumptions: self.closed_world.clone(),
            nodes,
            sources: self
                .sources
                .iter()
                .map(|s| SourceView {
                    key: s.key.clone(),
                    text: s.text.clone(),
                    year: s.year,
                })
                .collect(),
        })
    }
}

/// What is missing matters only where the answer is unknown.
fn missing(answer: K3, trace: Trace) -> Vec<String> {
    if answer == K3::Unknown {
        trace.missing.into_iter().collect()
    } else {
        Vec::new()
    }
}

fn node(node: &Node, record: &Record<'_>) -> Option<NodeView> {
    let mut trace = Trace::default();
    let shown = holds(&node.when, record, &mut trace);
    if shown.is_false() {
        return None;
    }
    Some(NodeView {
        id: node.id.clone(),
        title: node.title.clone(),
        kind: node.kind.clone(),
        shown,
        say: fill(&node.say, record),
        grounds: trace.grounds.clone(),
        missing: missing(shown, trace),
        options: node.options.iter().map(|o| option(o, record)).collect(),
    })
}

fn option(choice: &Choice, record: &Record<'_>) -> OptionView {
    let mut newest = None;
    let mut judge = |list: &[Criterion]| -> Vec<CriterionView> {
        list.iter()
            .map(|c| {
                let mut trace = Trace::default();
                let met = holds(&c.when, record, &mut trace);
                newest = newest.max(trace.newest);
                let note = match (trace.closed_world, trace.assumed) {
                    (false, false) => None,
                    (true, false) => Some("from recorded conditions".to_owned()),
                    (_, true) => Some("with an assumption for what is not recorded".to_owned()),
                };
                CriterionView {
                    say: c.say.clone(),
                    met,
                    grounds: trace.grounds.clone(),
                    missing: missing(met, trace),
                    note,
                }
            })
            .collect()
    };
    let supports = judge(&choice.supports);
    let against = judge(&choice.against);
    let contraindicated = judge(&choice.contraindicated);
    let at = record.chart.at;
    let stale = newest
        .filter(|t| !within_days(*t, at, choice.stale_after_days))
        .map(|t| format!("newest input is {} old", age_in_words(t, at)));
    let cited = |key: &str| {
        record
            .pack
            .sources
            .iter()
            .find(|s| s.key == key)
            .map_or_else(|| key.to_owned(), |s| s.text.clone())
    };
    let evidence = &choice.evidence;
    let native = evidence
        .native
        .as_ref()
        .map_or_else(String::new, |n| format!(" ({n})"));
    OptionView {
        id: choice.id.clone(),
        title: choice.title.clone(),
        kind: choice.kind.clone(),
        text: choice.text.clone(),
        only: choice.only.as_deref().map(cited),
        supports,
        against,
        contraindicated,
        follow_up: choice.follow_up.as_ref().map_or_else(String::new, |f| {
            format!(
                "{}: after {}, before {}",
                f.what,
                span_words(&f.after),
                span_words(&f.before)
            )
        }),
        stale,
        grade: format!("{}{native}", evidence.grade),
        source: format!("{}, {}", cited(&evidence.source), evidence.section),
        asked_again: days_in_words(choice.stale_after_days),
    }
}

/// `14 d`, `6 months`, `5 years`.
fn days_in_words(days: f64) -> String {
    match days {
        d if d < 60.0 => format!("{} d", show(d, 0)),
        d if d < 700.0 => format!("{} months", show(d / 30.4375, 0)),
        d => format!("{} years", show(d / 365.25, 0)),
    }
}

/// `2w` as `2 weeks`.
fn span_words(text: &str) -> String {
    let split = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit = match unit {
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        "y" => "year",
        other => other,
    };
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

/// Names in braces of a text: `Ferritin {ferritin}` gives `ferritin`.
pub(super) fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

/// A text with its names filled in.
fn fill(text: &str, record: &Record<'_>) -> String {
    let mut parts = text.split('{');
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        out.push_str(&record.in_words(name, &mut Trace::default()));
        out.push_str(rest);
    }
    out
}
