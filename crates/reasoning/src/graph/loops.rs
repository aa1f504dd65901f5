//! Open loops: what was to follow, until when, and whether it did. Drawn right of today on the timeline.
//!
//! From the follow-up rules R27 to R30, from recommendations of reports (R32) and from the follow-up of accepted options of packs.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value as Json;
use triptych_clinical::{CodeSystem, Instant};

use crate::chart::{Chart, Datum, FactRef, Kind};
use crate::desk::statement_name;
use crate::evaluate::Evaluation;
use crate::outcome::{Outcome, Severity, Verdict, needs};
use crate::rules;

/// State of a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopState {
    /// Past due.
    Overdue,
    /// Not yet due, or without a due date.
    Open,
    /// What was to follow is on record.
    Done,
    /// Closed by a clinician with a reason.
    Closed,
}

/// An option of a pack that a clinician accepted, with its follow-up. The caller fills it from the recorded decisions.
#[derive(Clone, Debug)]
pub struct AcceptedOption {
    /// `iron-deficiency-anaemia@1.0.0`
    pub pack: String,
    /// Title of the option.
    pub option: String,
    /// What is to follow.
    pub what: String,
    /// Not before, a duration of the pack: `2w`, `3mo`. Empty: at once.
    pub after: String,
    /// Not later.
    pub before: String,
    /// When it was accepted.
    pub accepted: Instant,
    /// When the follow-up was recorded, if it was.
    pub done: Option<Instant>,
    /// When a clinician closed it, if so.
    pub closed: Option<Instant>,
    /// The decision's fact.
    pub fact: Option<FactRef>,
}

/// Something that was to follow.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenLoop {
    /// `CT at 6-12 months`
    pub what: String,
    /// What it follows: `Incidental lung nodule`.
    pub about: String,
    /// ISO date from which it is due; the same as `due_to` for a single date.
    pub due_from: Option<String>,
    /// ISO date until which it is due; `None`: no date was stated.
    pub due_to: Option<String>,
    /// State.
    pub state: LoopState,
    /// ISO date of the follow-up, where it is done and dated.
    pub done_on: Option<String>,
    /// `R27@1.0.0`, `iron-deficiency-anaemia@1.0.0`
    pub source: String,
    /// Severity of the rule, where it fires.
    pub severity: Option<Severity>,
    /// What is missing to be certain of it, in words: shown dashed. Empty when nothing is.
    pub needs: String,
    /// Facts to jump to.
    pub facts: Vec<FactRef>,
}

/// All loops at the index time: overdue first, then open, done, closed; within each by due date, those without one last. Nothing is due of the
/// dead.
#[must_use]
pub fn loops(evaluation: &Evaluation, accepted: &[AcceptedOption]) -> Vec<OpenLoop> {
    if evaluation.chart.person.death.is_some() {
        return Vec::new();
    }
    let at = evaluation.chart.at;
    let mut found: Vec<OpenLoop> = each_by_itself(evaluation)
        .iter()
        .chain(
            evaluation
                .outcomes
                .iter()
                .filter(|o| !several(evaluation, o.rule.id)),
        )
        .filter_map(|o| of_rule(o, evaluation))
        .collect();
    let known = |t: &Instant| *t <= at;
    found.extend(
        accepted
            .iter()
            .filter(|a| known(&a.accepted))
            .map(|a| of_option(a, at)),
    );
    found.sort_by(|a, b| {
        let due = |l: &OpenLoop| (l.due_to.is_none(), l.due_to.clone());
        (a.state, due(a), &a.source, &a.what).cmp(&(b.state, due(b), &b.source, &b.what))
    });
    found
}

/// Rules that give one answer for several lesions or recommendations, with their finding and the attribute that names the lesion. Each
/// recommendation is a loop of its own.
static ONE_ANSWER: &[(&str, &str, Option<&str>)] = &[
    ("R27", "lung_nodule", Some("track")),
    ("R28", "thyroid_nodule", Some("track")),
    ("R29", "adrenal_mass", Some("track")),
    ("R32", "recommendation", None),
];

/// All kinds but observations.
const KINDS: [Kind; 6] = [
    Kind::Medicine,
    Kind::Problem,
    Kind::Procedure,
    Kind::Finding,
    Kind::Imaging,
    Kind::Allergy,
];

/// What the findings under a code are about, each once.
fn subjects(evaluation: &Evaluation, code: &str, lesion: Option<&str>) -> BTreeSet<String> {
    evaluation
        .chart
        .of_tri(code)
        .map(|d| subject(d, lesion))
        .collect()
}

fn subject(datum: &Datum, lesion: Option<&str>) -> String {
    match lesion {
        Some(name) => datum.attrs.get(name).cloned().unwrap_or_default(),
        None => datum.key.to_string(),
    }
}

fn several(evaluation: &Evaluation, rule: &str) -> bool {
    ONE_ANSWER
        .iter()
        .any(|(id, code, lesion)| *id == rule && subjects(evaluation, code, *lesion).len() > 1)
}

/// Where a rule answered for several at once: its answers for each of them, the others left out of the record.
fn each_by_itself(evaluation: &Evaluation) -> Vec<Outcome> {
    let mut all = Vec::new();
    for (id, code, lesion) in ONE_ANSWER {
        let Some(rule) = rules::by_id(id).filter(|_| several(evaluation, id)) else {
            continue;
        };
        let chart = &evaluation.chart;
        let mut rest: Vec<&Datum> = KINDS.into_iter().flat_map(|k| chart.of_kind(k)).collect();
        rest.extend(chart.coded(Some(Kind::Observation), |codes| {
            codes.iter().any(|c| c.system == CodeSystem::Tri)
        }));
        for one in subjects(evaluation, code, *lesion) {
            // These rules read no laboratory value but those under project codes.
            let data = rest
                .iter()
                .copied()
                .filter(|d| !d.is_coded(&CodeSystem::Tri, code) || subject(d, *lesion) == one)
                .cloned()
                .collect();
            let alone = Chart::new(chart.person, chart.at, data);
            all.push(rule.evaluate(&alone, &evaluation.settings, None));
        }
    }
    all
}

fn of_rule(outcome: &Outcome, evaluation: &Evaluation) -> Option<OpenLoop> {
    let base = |what: String, due_from: Option<String>, due_to: Option<String>| OpenLoop {
        what,
        about: outcome.rule.title.to_owned(),
        due_from,
        due_to,
        state: LoopState::Open,
        done_on: None,
        source: outcome.rule.name(),
        severity: outcome.finding.severity,
        needs: needs(&outcome.finding.missing),
        facts: outcome.basis.items.iter().filter_map(|i| i.fact).collect(),
    };
    let text = |key: &str| outcome.finding.result.get(key)?.as_str().map(str::to_owned);
    let yes = |key: &str| outcome.finding.result.get(key).and_then(Json::as_bool) == Some(true);
    let open = outcome.verdict() == Verdict::Fires;
    let state = |done: bool, overdue: bool| match (done, overdue) {
        (true, _) => LoopState::Done,
        (false, true) => LoopState::Overdue,
        (false, false) => LoopState::Open,
    };
    match outcome.rule.id {
        "R27" | "R28" => {
            // With the risk unknown the rule names both ends and no date.
            let either = outcome.finding.range.get("recommendation");
            let ends = either.map(|e| {
                e.each_ref()
                    .map(|v| v.as_str().unwrap_or("?"))
                    .join(", or ")
            });
            let what = text("recommendation").or(ends)?;
            if ["no routine follow-up", "no further evaluation"].contains(&what.as_str()) {
                return None;
            }
            let done_on = text("follow_up_done");
            let done = done_on.is_some() || yes("follow_up_done");
            if !open && !done && either.is_none() {
                return None;
            }
            let (from, to) = (text("due_from"), text("due_to"));
            Some(OpenLoop {
                state: state(done, yes("overdue")),
                done_on,
                ..base(what, from, to)
            })
        }
        "R29" => {
            let category = text("category").filter(|_| open)?;
            let mut what = format!(
                "work-up of an adrenal mass ({})",
                category.replace('_', " ")
            );
            if yes("metanephrines_indicated") {
                what += ", metanephrines";
            }
            Some(base(what, None, None))
        }
        "R30" => {
            let due = text("due");
            // An interval that runs and is not past due does not fire and is a loop all the same.
            let what = match (
                text("recommendation"),
                outcome.finding.result.get("interval_months"),
            ) {
                (Some(recommendation), _) if open => recommendation,
                (_, Some(months)) if due.is_some() => {
                    format!("imaging of the aorta, interval {months} months")
                }
                _ => return None,
            };
            Some(OpenLoop {
                state: state(false, yes("overdue")),
                ..base(what, due.clone(), due)
            })
        }
        "R32" => of_recommendation(
            outcome,
            base(asked(outcome, evaluation), None, None),
            evaluation.chart.at,
        ),
        _ => None,
    }
}

fn of_recommendation(outcome: &Outcome, base: OpenLoop, at: Instant) -> Option<OpenLoop> {
    let text = |key: &str| outcome.finding.result.get(key)?.as_str().map(str::to_owned);
    let due = text("due");
    let state = match text("state").as_deref() {
        Some("overdue") => LoopState::Overdue,
        Some("done") => LoopState::Done,
        Some("closed_by_clinician") => LoopState::Closed,
        Some(_) => LoopState::Open,
        // Cannot tell whether a study answers it: past its date all the same.
        None if due.as_ref().is_some_and(|d| *d < at.iso_date()) => LoopState::Overdue,
        None if due.is_some() => LoopState::Open,
        None => return None,
    };
    Some(OpenLoop {
        state,
        due_from: due.clone(),
        due_to: due,
        done_on: text("on"),
        ..base
    })
}

/// What a report asked for: modality and region of its recommendation, else its words.
fn asked(outcome: &Outcome, evaluation: &Evaluation) -> String {
    let fact = outcome.basis.items.first().and_then(|i| i.fact);
    let datum = evaluation
        .chart
        .of_tri("recommendation")
        .find(|d| fact.is_some() && d.fact == fact);
    let Some(datum) = datum else {
        return "recommended follow-up".to_owned();
    };
    let parts: Vec<&str> = ["modality", "region"]
        .iter()
        .filter_map(|name| datum.attrs.get(*name).map(String::as_str))
        .collect();
    if parts.is_empty() {
        statement_name(datum)
    } else {
        parts.join(" ")
    }
}

fn of_option(a: &AcceptedOption, at: Instant) -> OpenLoop {
    let accepted = a.accepted.date();
    let from = moved(accepted, &a.after).unwrap_or(accepted);
    let to = moved(accepted, &a.before);
    let by_now = |t: Option<Instant>| t.filter(|t| *t <= at);
    let state = if by_now(a.closed).is_some() {
        LoopState::Closed
    } else if by_now(a.done).is_some() {
        LoopState::Done
    } else if to.is_some_and(|to| at.date() > to) {
        LoopState::Overdue
    } else {
        LoopState::Open
    };
    OpenLoop {
        what: a.what.clone(),
        about: a.option.clone(),
        due_from: Some(from.to_string()),
        due_to: to.map(|t| t.to_string()),
        state,
        done_on: by_now(a.done).map(Instant::iso_date),
        source: a.pack.clone(),
        severity: None,
        needs: String::new(),
        facts: a.fact.into_iter().collect(),
    }
}

/// A date moved by a duration of a pack, months by the calendar: the 31st goes to the last day of a shorter month.
fn moved(date: Date, duration: &str) -> Option<Date> {
    let digits = duration.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: i64 = digits.parse().ok()?;
    let span = jiff::Span::new();
    let span = match duration.get(digits.len()..)? {
        "h" => span.try_days(number.checked_add(23)? / 24),
        "d" => span.try_days(number),
        "w" => span.try_weeks(number),
        "mo" => span.try_months(number),
        "y" => span.try_years(number),
        _ => return None,
    };
    date.checked_add(span.ok()?).ok()
}

impl OpenLoop {
    /// `CT at 6-12 months (Incidental lung nodule): due 2021-07-04 to 2022-01-04, overdue; R27@1.0.0`
    #[must_use]
    pub fn in_words(&self) -> String {
        let due = match (&self.due_from, &self.due_to) {
            (Some(from), Some(to)) if from != to => format!("due {from} to {to}"),
            (_, Some(to)) => format!("due {to}"),
            (Some(from), None) => format!("due from {from}"),
            (None, None) => "no date stated".to_owned(),
        };
        let state = match (self.state, &self.done_on) {
            (LoopState::Done, Some(on)) => format!("done {on}"),
            (LoopState::Done, None) => "done".to_owned(),
            (LoopState::Overdue, _) => "overdue".to_owned(),
            (LoopState::Open, _) => "open".to_owned(),
            (LoopState::Closed, _) => "closed by a clinician".to_owned(),
        };
        let words = format!(
            "{} ({}): {due}, {state}; {}",
            self.what, self.about, self.source
        );
        if self.needs.is_empty() {
            words
        } else {
            format!("{words}; {}", self.needs)
        }
    }
}
