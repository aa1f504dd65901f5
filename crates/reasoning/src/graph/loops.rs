//! Open loops: what was to follow, until when, and whether it did. Drawn right of today on the timeline.
//!
//! From the follow-up rules R27 to R30, from recommendations of reports (R32) and from the follow-up of accepted options of packs.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value as Json;
use triptych_clinical::Instant;

use crate::chart::FactRef;
use crate::evaluate::Evaluation;
use crate::outcome::{Outcome, Severity, Verdict};

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
    /// Facts to jump to.
    pub facts: Vec<FactRef>,
}

/// All loops at the index time: overdue first, then open, done, closed; within each by due date, those without one last.
#[must_use]
pub fn loops(evaluation: &Evaluation, accepted: &[AcceptedOption]) -> Vec<OpenLoop> {
    let at = evaluation.chart.at;
    let mut found: Vec<OpenLoop> = evaluation.outcomes.iter().filter_map(of_rule).collect();
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

fn of_rule(outcome: &Outcome) -> Option<OpenLoop> {
    let base = |what: String, due_from: Option<String>, due_to: Option<String>| OpenLoop {
        what,
        about: outcome.rule.title.to_owned(),
        due_from,
        due_to,
        state: LoopState::Open,
        done_on: None,
        source: outcome.rule.name(),
        severity: outcome.finding.severity,
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
            let what = text("recommendation")?;
            if ["no routine follow-up", "no further evaluation"].contains(&what.as_str()) {
                return None;
            }
            let done_on = text("follow_up_done");
            let done = done_on.is_some() || yes("follow_up_done");
            if !open && !done {
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
            base("recommended follow-up".to_owned(), None, None),
        ),
        _ => None,
    }
}

fn of_recommendation(outcome: &Outcome, mut open: OpenLoop) -> Option<OpenLoop> {
    let text = |key: &str| outcome.finding.result.get(key)?.as_str().map(str::to_owned);
    open.state = match text("state")?.as_str() {
        "overdue" => LoopState::Overdue,
        "done" => LoopState::Done,
        "closed_by_clinician" => LoopState::Closed,
        _ => LoopState::Open,
    };
    if let Some(item) = outcome.basis.items.first() {
        open.what = format!("{}: {}", item.name, item.original)
            .trim_end_matches([':', ' '])
            .to_owned();
    }
    open.due_to = text("due");
    open.due_from.clone_from(&open.due_to);
    open.done_on = text("on");
    Some(open)
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
        format!(
            "{} ({}): {due}, {state}; {}",
            self.what, self.about, self.source
        )
    }
}
