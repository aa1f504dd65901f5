//! One patient and one condition: at risk or not, detected when, alerted how often. Record-and-signals 10.2.

use std::collections::BTreeMap;

use triptych_clinical::Instant;

use super::conditions::{Condition, SignKind};
use super::observed::{Event, Observed, first_abnormal, first_flag, opened};
use super::protocol::Subject;
use super::replay::Step;
use crate::outcome::{Severity, Verdict};
use crate::rules::Rule;

/// A signal counts from this long before the outcome, days.
pub const WINDOW_BEFORE_DAYS: i64 = 730;
/// … to this long after it.
pub const WINDOW_AFTER_DAYS: i64 = 30;
/// Early is at least this, and late at most minus this, days.
pub const EARLY_DAYS: f64 = 7.0;
/// A card that was answered returns after this, if nothing of it changed (D-30), days.
pub const RESHOW_DAYS: i64 = 180;
/// Days of a patient-month.
pub const MONTH_DAYS: f64 = 30.44;

/// Whether the patient counts for a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Followed from the eligibility start.
    AtRisk,
    /// Less than a year of observation before the end of the period, the last fact or death.
    NotObserved,
    /// Had the outcome before the eligibility start.
    Prevalent,
    /// The outcome's time is that of a batch: it means nothing (L-6).
    Batch,
    /// Nothing opened the loop.
    NothingOpened,
}

/// How a signal stood to the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Detection {
    /// At least 7 d before.
    Early,
    /// Within 7 d on either side.
    With,
    /// More than 7 d after.
    Late,
    /// No signal in the window.
    Missed,
}

/// Cards that would have been shown, by what came of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Episodes {
    /// The outcome came within 730 d.
    pub borne_out: usize,
    /// 730 d were observed, and it did not.
    pub false_alert: usize,
    /// Less than 730 d were observed.
    pub indeterminate: usize,
}

/// One patient, one condition, one threshold.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Pseudonymous number.
    pub patient: u32,
    /// Counts, or why not.
    pub state: State,
    /// Sort of the outcome event, where there was one in the time at risk.
    pub outcome: Option<SignKind>,
    /// How it was detected.
    pub detection: Option<Detection>,
    /// Outcome minus signal, days.
    pub lead_days: Option<f64>,
    /// The rule fired already before the window began.
    pub standing: bool,
    /// Outcome minus the first time that the rule asked for what was abnormal later, days.
    pub needs_lead_days: Option<f64>,
    /// Outcome minus the laboratory's first flag in the window, days.
    pub flag_lead_days: Option<f64>,
    /// Cards.
    pub episodes: Episodes,
    /// Patient-months at risk.
    pub months: f64,
    /// Contacts with care in the time at risk.
    pub openings: usize,
    /// Index times in the time at risk, and the outcome's time, days from the eligibility start: for the chance comparator.
    pub risk_days: Vec<f64>,
    /// Outcome, days from the eligibility start.
    pub outcome_day: Option<f64>,
    /// End of observation, days from the eligibility start.
    pub end_day: f64,
}

impl Judged {
    fn out(patient: u32, state: State) -> Self {
        Self {
            patient,
            state,
            outcome: None,
            detection: None,
            lead_days: None,
            standing: false,
            needs_lead_days: None,
            flag_lead_days: None,
            episodes: Episodes::default(),
            months: 0.0,
            openings: 0,
            risk_days: Vec::new(),
            outcome_day: None,
            end_day: 0.0,
        }
    }

    /// At risk and with an outcome.
    #[must_use]
    pub fn is_incident(&self) -> bool {
        self.state == State::AtRisk && self.outcome.is_some()
    }
}

/// Early, with, late by the lead in days.
#[must_use]
pub fn detection(lead_days: f64) -> Detection {
    if lead_days >= EARLY_DAYS {
        Detection::Early
    } else if lead_days >= -EARLY_DAYS {
        Detection::With
    } else {
        Detection::Late
    }
}

/// Judges one patient for one condition at one least severity.
#[must_use]
pub fn judge(
    subject: &Subject,
    observed: Option<&Observed>,
    condition: &Condition,
    rules: &[&'static Rule],
    steps: &[Step],
    least: Severity,
) -> Judged {
    let out = |state| Judged::out(subject.number, state);
    let Some(observed) = observed else {
        return out(State::NotObserved);
    };
    let mut start = observed.eligible;
    if !condition.opened_by.is_empty() {
        match opened(subject, condition) {
            None => return out(State::NothingOpened),
            Some(at) if at >= observed.end => return out(State::NothingOpened),
            Some(at) => start = start.max(at),
        }
    }
    let event = observed.outcome(subject, condition);
    match event {
        Some(e) if e.at < start => return out(State::Prevalent),
        Some(e) if e.batch => return out(State::Batch),
        _ => {}
    }
    // What came after the end of observation was not seen in the period.
    let event = event.filter(|e| e.at <= observed.end);
    let follow = Follow {
        start,
        risk_end: event.map_or(observed.end, |e| e.at),
        event,
        observed,
        chosen: chosen(condition, rules),
        least,
    };
    let mut judged = out(State::AtRisk);
    judged.outcome = event.map(|e| e.kind);
    judged.months = follow.risk_end.days_since(start) / MONTH_DAYS;
    let at_risk = |t: &&Instant| (start..=follow.risk_end).contains(t);
    judged.openings = observed.openings.iter().filter(at_risk).count();
    judged.risk_days = steps
        .iter()
        .map(|s| &s.at)
        .filter(at_risk)
        .map(|t| t.days_since(start))
        .collect();
    judged.outcome_day = event.map(|e| e.at.days_since(start));
    judged.end_day = observed.end.days_since(start);
    judged.episodes = follow.episodes(steps);
    if let Some(event) = event {
        follow.detect(subject, condition, steps, rules, event, &mut judged);
    }
    judged
}

/// Places of a condition's rules among those that were replayed.
fn chosen(condition: &Condition, rules: &[&'static Rule]) -> Vec<usize> {
    let is_of = |r: &&'static Rule| condition.rules.contains(&r.id);
    let places = rules.iter().enumerate().filter(|(_, r)| is_of(r));
    places.map(|(k, _)| k).collect()
}

/// The time at risk of one patient.
struct Follow<'a> {
    start: Instant,
    /// Outcome, or end of observation.
    risk_end: Instant,
    event: Option<Event>,
    observed: &'a Observed,
    chosen: Vec<usize>,
    least: Severity,
}

impl Follow<'_> {
    /// The fires of a step that count, by rule.
    fn fires<'s>(&'s self, step: &'s Step) -> impl Iterator<Item = (usize, Severity)> + 's {
        step.said.iter().filter_map(|said| {
            let severity = said.severity.unwrap_or(Severity::Info);
            let counts = said.verdict == Verdict::Fires
                && severity >= self.least
                && self.chosen.contains(&said.rule)
                && !self.observed.is_batch(step.at);
            counts.then_some((said.rule, severity))
        })
    }

    /// Cards as D-30 shows them: a card that was answered comes back when its severity changes, or after 180 d.
    fn episodes(&self, steps: &[Step]) -> Episodes {
        let mut shown: BTreeMap<usize, (Instant, Severity)> = BTreeMap::new();
        let mut episodes = Episodes::default();
        for step in steps
            .iter()
            .filter(|s| (self.start..=self.risk_end).contains(&s.at))
        {
            for (rule, severity) in self.fires(step) {
                let repeated = shown.get(&rule).is_some_and(|(at, class)| {
                    *class == severity && step.at <= at.plus_days(RESHOW_DAYS)
                });
                if !repeated {
                    shown.insert(rule, (step.at, severity));
                    self.count(step.at, &mut episodes);
                }
            }
        }
        episodes
    }

    fn count(&self, shown: Instant, episodes: &mut Episodes) {
        let until = shown.plus_days(WINDOW_BEFORE_DAYS);
        if self.event.is_some_and(|e| e.at <= until) {
            episodes.borne_out += 1;
        } else if self.observed.end >= until {
            episodes.false_alert += 1;
        } else {
            episodes.indeterminate += 1;
        }
    }

    fn detect(
        &self,
        subject: &Subject,
        condition: &Condition,
        steps: &[Step],
        rules: &[&'static Rule],
        event: Event,
        judged: &mut Judged,
    ) {
        let from = self.start.max(event.at.plus_days(-WINDOW_BEFORE_DAYS));
        let to = event.at.plus_days(WINDOW_AFTER_DAYS);
        let fired = |s: &&Step| self.fires(s).next().is_some();
        let signal = steps
            .iter()
            .filter(|s| (from..=to).contains(&s.at))
            .find(fired);
        judged.lead_days = signal.map(|s| event.at.days_since(s.at));
        judged.detection = Some(judged.lead_days.map_or(Detection::Missed, detection));
        judged.standing = judged.lead_days.is_some()
            && steps
                .iter()
                .filter(|s| s.at >= self.start && s.at < from)
                .any(|s| fired(&s));
        judged.needs_lead_days = condition
            .needs
            .iter()
            .filter_map(|need| {
                let asks = |s: &&Step| {
                    s.said.iter().any(|said| {
                        said.verdict == Verdict::CannotTell
                            && rules.get(said.rule).is_some_and(|r| r.id == need.rule)
                            && said.missing.iter().any(|m| m.name == need.input)
                    })
                };
                let asked = steps
                    .iter()
                    .filter(|s| (from..=to).contains(&s.at) && !self.observed.is_batch(s.at))
                    .find(asks)?;
                first_abnormal(&subject.facts, need, asked.at, to)?;
                Some(event.at.days_since(asked.at))
            })
            .reduce(f64::max);
        judged.flag_lead_days =
            first_flag(&subject.facts, condition, from, to).map(|at| event.at.days_since(at));
    }
}
