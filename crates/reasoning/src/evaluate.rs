//! All rules over one patient at one index time: cards, coverage line, marks for the labs leaf.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use triptych_clinical::{Fact, Identity, IndexTime, Instant};

use crate::adapt;
use crate::basis::Basis;
use crate::chart::Chart;
use crate::input;
use crate::outcome::{Lane, Missing, Outcome, Quiet, Severity, Verdict, needs};
use crate::rules::{self, ANALYTES, RULES, Rule};
use crate::settings::Settings;

/// Longest that one rule may take (D-39).
pub const RULE_LIMIT: Duration = Duration::from_millis(50);

/// A clock that only goes forward, for [`evaluate_timed`]: this crate has none of its own.
pub type Clock = fn() -> Duration;

/// A card (D-05): an outcome worth showing, ready to be laid out.
#[derive(Clone, Debug)]
pub struct Signal {
    /// The rule.
    pub rule: &'static Rule,
    /// Lane badge.
    pub lane: Lane,
    /// Shape and order.
    pub severity: Severity,
    /// At most 140 characters.
    pub summary: String,
    /// Index time.
    pub as_of: Instant,
    /// Newest input, for the order of cards (D-28).
    pub newest_input: Option<Instant>,
    /// What is missing, in words; a card may still fire.
    pub missing: Vec<Missing>,
    /// What stands behind it (D-06).
    pub basis: Basis,
}

/// Coverage line (D-03): nothing that was not evaluated is silent about it.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Rules that are built.
    pub rules: usize,
    /// There is something to show.
    pub fired: usize,
    /// R25 is among those that fired: its marks stand in the labs, and it has no card.
    pub marks: bool,
    /// Evaluated, nothing to show (exclusions are counted apart).
    pub silent: usize,
    /// Depends on something missing.
    pub cannot_tell: usize,
    /// Silent by an exclusion.
    pub excluded: usize,
    /// Failed inside; the program's fault, named (D-39).
    pub failed: usize,
    /// Answered, but took longer than [`RULE_LIMIT`]; named too (D-39). The answer is as good as any, and stands.
    pub late: usize,
    /// Lane T, off.
    pub off: usize,
    /// Lane T, on: in its own panel, and nowhere else.
    pub passive: usize,
    /// Medicines without a usable code, by name.
    pub unmapped_medicines: Vec<String>,
    /// One line a rule: `R2@1.0.0 Acute kidney injury stage` and its outcome in words.
    pub rows: Vec<(String, String)>,
    /// What the rules that cannot tell lack, each once, sorted.
    pub missing: Vec<Missing>,
}

/// Everything the rules say about one patient at one index time.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Cards: severity, then newest input, then rule id (D-28).
    pub signals: Vec<Signal>,
    /// Lane T cards, in the same order: for the panel of lane T alone, never among [`Evaluation::signals`].
    pub passive: Vec<Signal>,
    /// Every outcome but those of R25 and lane T, in rule order.
    pub outcomes: Vec<Outcome>,
    /// Every outcome of lane T, in rule order; all silent while the lane is off.
    pub passive_outcomes: Vec<Outcome>,
    /// R25, one outcome for each listed analyte of which there is a value, in the order of table 2.5.
    pub reference_changes: Vec<Outcome>,
    /// Coverage.
    pub coverage: Coverage,
    /// The record that was evaluated: pathways read it too.
    pub chart: Chart,
    /// The switches it was evaluated with.
    pub settings: Settings,
}

/// Evaluates every rule that is built.
///
/// Pure: the same facts, identity, time and settings give the same answer. `facts` may hold later facts and several versions; only what was
/// known at `at` counts. A rule that panics is caught here, counted as failed and named; the others go on (D-39).
#[must_use]
pub fn evaluate_all(
    facts: &[Fact],
    identity: &Identity,
    at: IndexTime,
    settings: &Settings,
) -> Evaluation {
    evaluate_chart(adapt::chart(facts, identity, at), settings)
}

/// [`evaluate_all`], and a rule that takes longer than [`RULE_LIMIT`] is named (D-39). The answers are the same: a signal that is right is not
/// withheld because a machine was slow.
#[must_use]
pub fn evaluate_timed(
    facts: &[Fact],
    identity: &Identity,
    at: IndexTime,
    settings: &Settings,
    clock: Clock,
) -> Evaluation {
    let chart = adapt::chart(facts, identity, at);
    evaluate_by(RULES, chart, settings, Some(clock))
}

/// [`evaluate_all`] over a chart that is already made.
#[must_use]
pub fn evaluate_chart(chart: Chart, settings: &Settings) -> Evaluation {
    evaluate_by(RULES, chart, settings, None)
}

/// How long a rule takes where that is over the limit twice: once may be the machine's doing, which was busy with something else.
fn over_limit(clock: Clock, first: Duration, mut again: impl FnMut()) -> Option<Duration> {
    if first <= RULE_LIMIT {
        return None;
    }
    let start = clock();
    again();
    let took = first.min(clock().saturating_sub(start));
    (took > RULE_LIMIT).then_some(took)
}

fn evaluate_by(
    rules: &[&'static Rule],
    chart: Chart,
    settings: &Settings,
    clock: Option<Clock>,
) -> Evaluation {
    let mut coverage = Coverage {
        rules: rules.len(),
        unmapped_medicines: chart.unmapped_medicines.clone(),
        ..Coverage::default()
    };
    let mut outcomes = Vec::new();
    let mut passive_outcomes = Vec::new();
    let mut reference_changes = Vec::new();
    for rule in rules.iter().copied() {
        let run = |analyte| {
            catch_unwind(AssertUnwindSafe(|| {
                rule.evaluate(&chart, settings, analyte)
            }))
        };
        let start = clock.map(|clock| clock());
        if rule.id == "R25" {
            let all = || -> Result<Vec<Outcome>, _> {
                present_analytes(&chart).map(|a| run(Some(a))).collect()
            };
            match all() {
                Ok(marks) => {
                    coverage.count_marks(rule, &marks);
                    reference_changes = marks;
                    coverage.time(rule, clock, start, || drop(all()));
                }
                Err(_) => coverage.count_failure(rule),
            }
            continue;
        }
        let outcome = run(None);
        match outcome {
            Ok(outcome) if rule.lane == Lane::T => {
                coverage.count_passive(&outcome);
                passive_outcomes.push(outcome);
            }
            Ok(outcome) => {
                coverage.count(&outcome);
                outcomes.push(outcome);
            }
            Err(_) => {
                coverage.count_failure(rule);
                continue;
            }
        }
        coverage.time(rule, clock, start, || drop(run(None)));
    }
    coverage.missing.sort();
    coverage.missing.dedup();
    Evaluation {
        signals: cards(&outcomes, chart.at),
        passive: cards(&passive_outcomes, chart.at),
        outcomes,
        passive_outcomes,
        reference_changes,
        coverage,
        chart,
        settings: settings.clone(),
    }
}

/// The cards of outcomes that fire, by severity, then newest input, then rule (D-28).
fn cards(outcomes: &[Outcome], at: Instant) -> Vec<Signal> {
    let mut signals: Vec<Signal> = outcomes.iter().filter_map(|o| Signal::of(o, at)).collect();
    signals.sort_by(|a, b| {
        (b.severity, b.newest_input)
            .cmp(&(a.severity, a.newest_input))
            .then_with(|| rule_number(a.rule).cmp(&rule_number(b.rule)))
    });
    signals
}

/// R25 for one analyte of table 2.5 (`creatinine`, `hb` …); `None` for a name that the table does not have.
#[must_use]
pub fn reference_change(chart: &Chart, settings: &Settings, analyte: &str) -> Option<Outcome> {
    let (name, _) = ANALYTES.iter().find(|(n, _)| *n == analyte)?;
    Some(rules::by_id("R25")?.evaluate(chart, settings, Some(name)))
}

/// Analytes of table 2.5 of which the chart holds a datum.
fn present_analytes(chart: &Chart) -> impl Iterator<Item = &'static str> + '_ {
    ANALYTES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| input::by_name(name).is_some_and(|i| chart.of_input(i).next().is_some()))
}

fn rule_number(rule: &Rule) -> u32 {
    rule.id.trim_start_matches('R').parse().unwrap_or(u32::MAX)
}

impl Signal {
    /// The card of an outcome that fires; `None` for the others.
    #[must_use]
    pub fn of(outcome: &Outcome, as_of: Instant) -> Option<Self> {
        let f = &outcome.finding;
        (f.verdict == Verdict::Fires).then(|| Self {
            rule: outcome.rule,
            lane: outcome.rule.lane,
            severity: f.severity.unwrap_or(Severity::Info),
            summary: f.summary.clone(),
            as_of,
            newest_input: outcome
                .basis
                .items
                .iter()
                .filter_map(|i| i.time.map(|t| t.instant))
                .max(),
            missing: f.missing.clone(),
            basis: outcome.basis.clone(),
        })
    }

    /// `R2@1.0.0`
    #[must_use]
    pub fn rule_name(&self) -> String {
        self.rule.name()
    }

    /// `needs: albumin/creatinine ratio`; empty when nothing is missing.
    #[must_use]
    pub fn missing_line(&self) -> String {
        needs(&self.missing)
    }
}

impl Coverage {
    fn count(&mut self, outcome: &Outcome) {
        match outcome.verdict() {
            Verdict::Fires => self.fired += 1,
            Verdict::CannotTell => {
                self.cannot_tell += 1;
                self.missing.extend(outcome.finding.missing.iter().cloned());
            }
            Verdict::Silent if outcome.is_excluded() => self.excluded += 1,
            Verdict::Silent => self.silent += 1,
        }
        self.row(outcome.rule, outcome.in_words());
    }

    /// R25 counts as one rule: fired when any analyte is marked. It never makes a card.
    fn count_marks(&mut self, rule: &'static Rule, marks: &[Outcome]) {
        let of = |v| marks.iter().filter(|m| m.verdict() == v).count();
        let (fired, untold) = (of(Verdict::Fires), of(Verdict::CannotTell));
        if fired > 0 {
            self.fired += 1;
            self.marks = true;
        } else if untold > 0 {
            self.cannot_tell += 1;
        } else {
            self.silent += 1;
        }
        self.row(
            rule,
            format!(
                "{fired} of {} analytes marked on the labs leaf, {untold} cannot tell",
                marks.len()
            ),
        );
    }

    /// Lane T says here only that it is there: its answers belong to its own panel.
    fn count_passive(&mut self, outcome: &Outcome) {
        if outcome.finding.quiet == Some(Quiet::LaneOff) {
            self.off += 1;
            self.row(outcome.rule, outcome.in_words());
        } else {
            self.passive += 1;
            self.row(outcome.rule, "in the panel of lane T".to_owned());
        }
    }

    fn count_failure(&mut self, rule: &'static Rule) {
        self.failed += 1;
        self.row(rule, format!("rule {} failed", rule.id));
    }

    /// Names a rule that took too long, beside its answer.
    fn time(
        &mut self,
        rule: &'static Rule,
        clock: Option<Clock>,
        start: Option<Duration>,
        again: impl FnMut(),
    ) {
        let Some((clock, start)) = clock.zip(start) else {
            return;
        };
        let first = clock().saturating_sub(start);
        if let Some(took) = over_limit(clock, first, again) {
            self.late += 1;
            let words = format!(
                "rule {} failed its limit: {} ms of {} ms; its answer stands",
                rule.id,
                took.as_millis(),
                RULE_LIMIT.as_millis()
            );
            self.row(rule, words);
        }
    }

    fn row(&mut self, rule: &'static Rule, words: String) {
        self.rows
            .push((format!("{} {}", rule.name(), rule.title), words));
    }

    /// `9 rules: 3 fired (1 as marks in labs), 4 silent, 1 cannot tell, 1 excluded; 2 medicines not mapped` (D-03)
    #[must_use]
    pub fn line(&self) -> String {
        let marks = match (self.marks, self.fired) {
            (false, _) => "",
            (true, 1) => " (marks in labs)",
            (true, _) => " (1 as marks in labs)",
        };
        let mut line = format!(
            "{} rules: {} fired{marks}, {} silent, {} cannot tell",
            self.rules, self.fired, self.silent, self.cannot_tell
        );
        if self.excluded > 0 {
            line += &format!(", {} excluded", self.excluded);
        }
        if self.off > 0 {
            line += &format!(", {} off (lane T)", self.off);
        }
        if self.passive > 0 {
            line += &format!(", {} in the panel of lane T", self.passive);
        }
        if self.failed > 0 {
            line += &format!(", {} failed", self.failed);
        }
        if self.late > 0 {
            line += &format!(", {} over its time", self.late);
        }
        match self.unmapped_medicines.len() {
            0 => {}
            1 => line += "; 1 medicine not mapped",
            n => line += &format!("; {n} medicines not mapped"),
        }
        line
    }

    /// `needs: ferritin, ACR` (D-10); empty when nothing is missing.
    #[must_use]
    pub fn needs(&self) -> String {
        needs(&self.missing)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A fault inside a rule is named, and the other rules answer.
    #[test]
    fn d_39_a_rule_that_panics_is_named_and_the_others_go_on() {
        static FAULT: Rule = Rule {
            evaluate: |_| panic!("a fault on purpose"),
            ..*rules::RULES[1]
        };
        let other = rules::by_id("R5").unwrap();
        let at = Instant::from_seconds(1_700_000_000);
        let chart = || adapt::chart(&[], &Identity::default(), at);
        let settings = Settings::default();
        let evaluation = evaluate_by(&[&FAULT, other], chart(), &settings, None);
        assert_eq!(evaluation.coverage.failed, 1);
        let rows: Vec<&str> = evaluation
            .coverage
            .rows
            .iter()
            .map(|r| r.1.as_str())
            .collect();
        assert!(rows.contains(&"rule R2 failed"), "{rows:?}");
        assert!(evaluation.coverage.line().contains("1 failed"));
        assert!(evaluation.outcomes.iter().any(|o| o.rule.id == "R5"));
    }

    /// A rule over its 50 ms is named beside its answer; one delay of the machine is not the rule's.
    #[test]
    fn d_39_a_rule_over_50_ms_is_named_and_its_answer_stands() {
        thread_local! {
            static NOW: Cell<u64> = const { Cell::new(0) };
            static DELAYS: Cell<u32> = const { Cell::new(0) };
        }
        static SLOW: Rule = Rule {
            evaluate: |desk| {
                if DELAYS.replace(DELAYS.get().saturating_sub(1)) > 0 {
                    NOW.set(NOW.get() + 63);
                }
                (rules::RULES[1].evaluate)(desk)
            },
            ..*rules::RULES[1]
        };
        let clock: Clock = || Duration::from_millis(NOW.get());
        let at = Instant::from_seconds(1_700_000_000);
        let chart = || adapt::chart(&[], &Identity::default(), at);
        let after = |delays: u32, clock: Option<Clock>| {
            DELAYS.set(delays);
            evaluate_by(&[&SLOW], chart(), &Settings::default(), clock)
        };
        let calm = after(0, None);
        for (delays, late) in [(0, 0), (1, 0), (2, 1)] {
            let timed = after(delays, Some(clock));
            assert_eq!(timed.coverage.late, late, "{delays} delays");
            assert_eq!(timed.coverage.failed, 0);
            assert_eq!(
                format!("{:?}", timed.outcomes),
                format!("{:?}", calm.outcomes)
            );
            let named = |(_, words): &(String, String)| {
                words.starts_with("rule R2 failed its limit: 63 ms")
            };
            assert_eq!(timed.coverage.rows.iter().any(named), late == 1);
            assert_eq!(timed.coverage.line().contains("over its time"), late == 1);
        }
    }
}
