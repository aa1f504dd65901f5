//! A life replayed: the chart moved from event to event, and what the rules said at each.
//!
//! The chart is not made anew at each index time: what becomes visible is put in, what is replaced or removed is taken out. A test holds it to
//! [`crate::adapt::chart`] at every step.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use triptych_clinical::{Fact, Identity, IndexTime, Instant};

use crate::adapt::{self, Words};
use crate::chart::{Chart, Datum, Key};
use crate::outcome::{Missing, Outcome, Severity, Verdict};
use crate::rules::Rule;
use crate::settings::Settings;

/// The versions of one datum, and when a clinician confirmed each.
type Versions = Vec<(Datum, Option<Instant>)>;

/// Walks through one patient's record; only forward.
pub struct Walk {
    identity: Identity,
    chart: Chart,
    data: BTreeMap<Key, Versions>,
    /// When which datum may change: recorded, become true, confirmed.
    moments: Vec<(Instant, Key)>,
    next: usize,
    /// What of each datum is in the chart: its version's place, and whether it counts as confirmed.
    shown: BTreeMap<Key, (usize, bool)>,
}

impl Walk {
    /// At the beginning of time, with an empty chart.
    #[must_use]
    pub fn new(facts: &[Fact], identity: &Identity) -> Self {
        let beginning = Instant(i64::MIN);
        let mut data: BTreeMap<Key, Versions> = BTreeMap::new();
        let mut moments = Vec::new();
        let mut words = Words::default();
        for fact in facts {
            let Some(datum) = words.datum(fact, beginning) else {
                continue;
            };
            let confirmed = fact.confirmed.as_ref().map(|c| c.at);
            let times = [Some(datum.recorded), Some(datum.instant()), confirmed];
            let known = datum.recorded;
            let later = times.into_iter().flatten().filter(|t| *t >= known);
            moments.extend(later.map(|t| (t, datum.key.clone())));
            data.entry(datum.key.clone())
                .or_default()
                .push((datum, confirmed));
        }
        moments.sort();
        moments.dedup();
        Self {
            identity: identity.clone(),
            chart: Chart::new(adapt::person(identity), beginning, Vec::new()),
            data,
            moments,
            next: 0,
            shown: BTreeMap::new(),
        }
    }

    /// The record as known at `at`, of the dead as of their last day. An `at` before the last one is the last one.
    pub fn to(&mut self, at: IndexTime) -> Chart {
        let mut touched = BTreeSet::new();
        while let Some((_, key)) = self.moments.get(self.next).filter(|(t, _)| *t <= at) {
            touched.insert(key.clone());
            self.next += 1;
        }
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for key in touched {
            let now = self.data.get(&key).and_then(|v| visible(v, at));
            let before = self.shown.get(&key).copied();
            if now == before {
                continue;
            }
            if before.is_some() {
                self.shown.remove(&key);
                gone.push(key.clone());
            }
            if let Some((place, confirmed)) = now
                && let Some((datum, _)) = self.data.get(&key).and_then(|v| v.get(place))
            {
                let mut datum = datum.clone();
                datum.unconfirmed &= !confirmed;
                come.push(datum);
                self.shown.insert(key, (place, confirmed));
            }
        }
        let at = at.max(self.chart.at);
        let person = adapt::person_at(&self.identity, at);
        self.chart.move_on(person, at, &gone, come);
        adapt::lived(self.chart.clone(), &self.identity)
    }
}

/// The version that counts at `at` and whether it is confirmed by then; `None` where it is not shown. As [`Chart::new`]: the greatest
/// (recorded, version), of equal ones the first.
fn visible(versions: &Versions, at: Instant) -> Option<(usize, bool)> {
    let mut best: Option<(usize, &Datum, Option<Instant>)> = None;
    for (place, (datum, confirmed)) in versions.iter().enumerate() {
        let newer =
            best.is_none_or(|(_, b, _)| (b.recorded, b.version) < (datum.recorded, datum.version));
        if datum.recorded <= at && newer {
            best = Some((place, datum, *confirmed));
        }
    }
    let (place, datum, confirmed) = best?;
    datum
        .is_shown(at)
        .then(|| (place, confirmed.is_some_and(|c| c <= at)))
}

/// What one rule said at one index time, where it had something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Place in the list of rules that were replayed.
    pub rule: usize,
    /// Fires, or cannot tell.
    pub verdict: Verdict,
    /// Severity of a fire.
    pub severity: Option<Severity>,
    /// What it lacks.
    pub missing: Vec<Missing>,
}

/// Everything that was said at one index time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Index time.
    pub at: Instant,
    /// Rules that fire or cannot tell.
    pub said: Vec<Said>,
    /// BLAKE3 over every outcome, the silent ones too, with its basis: two equal digests are two equal answers, byte for byte.
    pub digest: [u8; 32],
    /// Data of the chart that were recorded or true only after the index time; anything but 0 is a fault of this program.
    pub ahead: usize,
    /// Rules that failed inside.
    pub failed: usize,
}

/// The distinct times at which something of the period became known, in order.
#[must_use]
pub fn index_times(facts: &[Fact], from: Instant, to: Instant) -> Vec<Instant> {
    let in_period = |t: &Instant| (from..=to).contains(t);
    let times: BTreeSet<Instant> = facts
        .iter()
        .map(|f| f.available.instant)
        .filter(in_period)
        .collect();
    times.into_iter().collect()
}

/// Replays one patient over `times`, which ascend.
#[must_use]
pub fn replay(
    facts: &[Fact],
    identity: &Identity,
    rules: &[&'static Rule],
    settings: &Settings,
    times: &[Instant],
) -> Vec<Step> {
    let mut walk = Walk::new(facts, identity);
    times
        .iter()
        .map(|at| step(&walk.to(*at), rules, settings))
        .collect()
}

/// What the rules say of one chart.
#[must_use]
pub fn step(chart: &Chart, rules: &[&'static Rule], settings: &Settings) -> Step {
    let mut hasher = blake3::Hasher::new();
    let mut said = Vec::new();
    let mut failed = 0;
    for (place, rule) in rules.iter().enumerate() {
        let run = AssertUnwindSafe(|| rule.evaluate(chart, settings, None));
        let Ok(outcome) = catch_unwind(run) else {
            failed += 1;
            hasher.update(b"failed");
            continue;
        };
        write_digest(&mut hasher, &outcome);
        let finding = outcome.finding;
        if finding.verdict != Verdict::Silent {
            said.push(Said {
                rule: place,
                verdict: finding.verdict,
                severity: finding.severity,
                missing: finding.missing,
            });
        }
    }
    let late = |d: &&Datum| d.recorded > chart.at || d.instant() > chart.at;
    Step {
        at: chart.at,
        said,
        digest: *hasher.finalize().as_bytes(),
        ahead: chart.data().filter(late).count(),
        failed,
    }
}

/// The debug form of an outcome holds all of it; the rule itself is told by its name.
fn write_digest(hasher: &mut blake3::Hasher, outcome: &Outcome) {
    let text = format!(
        "{} {:?} {:?} {:?}",
        outcome.rule.id, outcome.analyte, outcome.finding, outcome.basis
    );
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}
