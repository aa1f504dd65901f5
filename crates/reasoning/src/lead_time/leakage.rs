//! Tests that the evaluation does not look ahead: record-and-signals 10.4. They run on the very cohort, before any figure is summed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use triptych_clinical::{
    CodeSystem, Coding, Fact, FactId, FactKind, Instant, Origin, Quantity, Status, Value, When,
};

use super::conditions::{CONDITIONS, Condition, Sign, SignKind};
use super::protocol::{Protocol, Subject};
use super::random::Random;
use super::replay::{Step, Walk, replay, step};
use crate::adapt;
use crate::chart::Chart;
use crate::outcome::Lane;
use crate::rules::Rule;

/// Cuts a patient, for L-1 to L-4.
const CUTS: usize = 3;
/// Index times a patient, for L-5.
const LOOKS: usize = 5;
const SECOND: i64 = 1_000_000;

/// One leakage test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeakTest {
    /// `L-1`
    pub id: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Held. One that did not hold stops the report.
    pub held: bool,
    /// How often it was tried.
    pub tried: usize,
    /// What was found, in words.
    pub words: String,
}

/// A rule that reads what defines an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Circular {
    /// Condition.
    pub condition: &'static str,
    /// Rule.
    pub rule: &'static str,
    /// Sorts of outcome facts that it reads.
    pub reads: Vec<SignKind>,
}

/// A cohort with its replay.
pub struct Replayed<'a> {
    /// Patients.
    pub subjects: &'a [Subject],
    /// Index times of each patient.
    pub times: &'a [Vec<Instant>],
    /// What was said at each.
    pub steps: &'a [Vec<Step>],
    /// The protocol.
    pub protocol: &'a Protocol,
}

/// One patient with a random index time.
struct Cut<'a> {
    subject: &'a Subject,
    times: &'a [Instant],
    steps: &'a [Step],
    /// Place of the cut among the index times.
    place: usize,
    at: Instant,
}

impl Replayed<'_> {
    fn cuts(&self, stream: &str) -> Vec<Cut<'_>> {
        let mut random = Random::new(self.protocol.seed, stream);
        let mut cuts = Vec::new();
        for (subject, (times, steps)) in self.subjects.iter().zip(self.times.iter().zip(self.steps))
        {
            for place in random.places(CUTS, times.len()) {
                let Some(at) = times.get(place).copied() else {
                    continue;
                };
                cuts.push(Cut {
                    subject,
                    times,
                    steps,
                    place,
                    at,
                });
            }
        }
        cuts
    }

    fn replay(&self, cut: &Cut<'_>, facts: &[Fact], times: &[Instant]) -> Vec<Step> {
        let p = self.protocol;
        replay(facts, &cut.subject.identity, &p.rules, &p.settings, times)
    }

    /// All tests, and what L-5 found.
    #[must_use]
    pub fn test(
        &self,
        batch_facts: usize,
        model_facts: usize,
        rules_hash: &str,
    ) -> (Vec<LeakTest>, Vec<Circular>) {
        let circular = self.circular();
        let tests = vec![
            self.l_1_shift(),
            self.l_2_poison(),
            self.l_3_late(),
            self.l_4_corrected(),
            self.l_5_words(&circular),
            l_6_batch(batch_facts),
            self.l_7_fixed(rules_hash),
            self.l_8_models(model_facts),
        ];
        (tests, circular)
    }

    /// Everything known after a random index time is deleted: what was said until then is the same, byte for byte, and the chart that is
    /// made from event to event says what one made at once says.
    fn l_1_shift(&self) -> LeakTest {
        let (mut tried, mut differ) = (0, 0);
        for cut in self.cuts("L-1") {
            let past = known(&cut.subject.facts, cut.at);
            let upto = cut.times.get(..=cut.place).unwrap_or_default();
            let again = self.replay(&cut, &past, upto);
            differ += different(&again, cut.steps);
            let p = self.protocol;
            for facts in [&past, &cut.subject.facts] {
                let chart = adapt::chart(facts, &cut.subject.identity, cut.at);
                let at_once = step(&chart, &p.rules, &p.settings);
                differ += usize::from(cut.steps.get(cut.place) != Some(&at_once));
            }
            tried += upto.len() + 2;
        }
        let ahead: usize = self.steps.iter().flatten().map(|s| s.ahead).sum();
        test(
            "L-1",
            "shift: later facts deleted",
            differ == 0 && ahead == 0,
            tried,
            format!(
                "{differ} of {tried} answers differ; {ahead} data were ahead of their index time"
            ),
        )
    }

    /// Absurd values that became known later, some dated back: nothing earlier changes, and a second later they are all in the chart.
    fn l_2_poison(&self) -> LeakTest {
        let (mut tried, mut differ, mut unseen, mut effect) = (0, 0, 0, 0);
        for cut in self.cuts("L-2") {
            let known_at = Instant(cut.at.0 + SECOND);
            let dated = [cut.at.plus_days(-100), cut.at.plus_days(-1), known_at];
            let poison: Vec<Fact> = dated.iter().flat_map(|d| poison(*d, known_at)).collect();
            let mut facts = cut.subject.facts.clone();
            facts.extend(poison.iter().cloned());
            let upto = cut.times.get(..=cut.place).unwrap_or_default();
            differ += different(&self.replay(&cut, &facts, upto), cut.steps);
            tried += upto.len();
            let chart = adapt::chart(&facts, &cut.subject.identity, known_at);
            unseen += poison.len() - holds(&chart, &poison);
            let p = self.protocol;
            let after = step(&chart, &p.rules, &p.settings).said;
            let clean = adapt::chart(&cut.subject.facts, &cut.subject.identity, known_at);
            effect += usize::from(after != step(&clean, &p.rules, &p.settings).said);
        }
        test(
            "L-2",
            "poison: absurd values known later",
            differ == 0 && unseen == 0,
            tried,
            format!(
                "{differ} of {tried} earlier answers differ; once known, {unseen} values were not seen, and {effect} answers became others"
            ),
        )
    }

    /// Problems and medicines that began long before and were recorded after the cut are not there before their recording.
    fn l_3_late(&self) -> LeakTest {
        let (mut tried, mut early, mut missing) = (0, 0, 0);
        for cut in self.cuts("L-3") {
            let known_at = Instant(cut.at.0 + SECOND);
            let late: Vec<Fact> = CONDITIONS
                .iter()
                .flat_map(|c| c.signs)
                .flat_map(|s| made_of_sign(s, cut.at.plus_days(-2000), known_at))
                .collect();
            let mut facts = cut.subject.facts.clone();
            facts.extend(late.iter().cloned());
            let upto = cut.times.get(..=cut.place).unwrap_or_default();
            early += different(&self.replay(&cut, &facts, upto), cut.steps);
            tried += upto.len();
            let shows = |at| holds(&adapt::chart(&facts, &cut.subject.identity, at), &late);
            early += shows(cut.at);
            // An encounter is in no chart.
            let shown = late
                .iter()
                .filter(|f| f.kind != FactKind::Encounter)
                .count();
            missing += shown - shows(known_at);
        }
        let own = |s: &Subject| {
            let late = |f: &&Fact| {
                f.kind == FactKind::Problem
                    && f.available.instant.days_since(f.placed_at().instant) > 1.0
            };
            s.facts.iter().filter(late).count()
        };
        let own: usize = self.subjects.iter().map(own).sum();
        test(
            "L-3",
            "late documents: onset before, recorded after",
            early == 0 && missing == 0,
            tried,
            format!(
                "{early} seen before they were recorded, {missing} not seen after; {own} problems of the cohort were recorded more than a day after their onset"
            ),
        )
    }

    /// The first version of a result acts until the time of its correction.
    fn l_4_corrected(&self) -> LeakTest {
        let (mut tried, mut wrong) = (0, 0);
        let mut random = Random::new(self.protocol.seed, "L-4 results");
        for cut in self.cuts("L-4") {
            let numeric: Vec<&Fact> = cut
                .subject
                .facts
                .iter()
                .filter(|f| f.kind == FactKind::Observation && f.quantity().is_some())
                .filter(|f| f.available.instant <= cut.at && f.placed_at().instant <= cut.at)
                .collect();
            let Some(first) = numeric.get(random.below(numeric.len())) else {
                continue;
            };
            let known_at = Instant(cut.at.0 + SECOND);
            let correction = corrected(first, &cut.subject.facts, known_at);
            let (key, version) = (correction.id, correction.version);
            let mut facts = cut.subject.facts.clone();
            facts.push(correction);
            let upto = cut.times.get(..=cut.place).unwrap_or_default();
            wrong += different(&self.replay(&cut, &facts, upto), cut.steps);
            let mut walk = Walk::new(&facts, &cut.subject.identity);
            let mut acts = |at| {
                let chart = walk.to(at);
                let mut versions = chart.data().filter_map(|d| d.fact.filter(|f| f.id == key));
                versions.next().map(|f| f.version) == Some(version)
            };
            wrong += usize::from(acts(cut.at)) + usize::from(!acts(known_at));
            tried += upto.len() + 2;
        }
        let own = self.own_corrections(&mut tried, &mut wrong);
        test(
            "L-4",
            "corrected results: each version from its own time on",
            wrong == 0,
            tried,
            format!("{wrong} of {tried} wrong; {own} data of the cohort have several versions"),
        )
    }

    /// The cohort's own corrections: at each index time the version in the chart is the newest that was known.
    fn own_corrections(&self, tried: &mut usize, wrong: &mut usize) -> usize {
        let mut several = 0;
        for (subject, times) in self.subjects.iter().zip(self.times) {
            let mut versions: BTreeMap<FactId, Vec<(Instant, u32)>> = BTreeMap::new();
            for f in &subject.facts {
                let known = (f.available.instant, f.version);
                versions.entry(f.id).or_default().push(known);
            }
            versions.retain(|_, v| v.len() > 1);
            several += versions.len();
            if versions.is_empty() {
                continue;
            }
            let mut walk = Walk::new(&subject.facts, &subject.identity);
            for at in times {
                for shown in walk.to(*at).data().filter_map(|d| d.fact) {
                    let Some(all) = versions.get(&shown.id) else {
                        continue;
                    };
                    let newest = all.iter().filter(|(t, _)| t <= at).max();
                    *tried += 1;
                    *wrong += usize::from(newest.map(|(_, v)| *v) != Some(shown.version));
                }
            }
        }
        several
    }

    /// Which rules read the facts that define an outcome: those facts are put in, and the rule's answer or its input hash changes.
    fn circular(&self) -> Vec<Circular> {
        let mut found = Vec::new();
        for condition in CONDITIONS {
            for rule in self
                .protocol
                .rules
                .iter()
                .filter(|r| condition.rules.contains(&r.id))
            {
                let mut reads: Vec<SignKind> = condition
                    .signs
                    .iter()
                    .map(|s| s.kind)
                    .filter(|kind| self.reads(condition, rule, *kind))
                    .collect();
                reads.sort();
                reads.dedup();
                if !reads.is_empty() {
                    found.push(Circular {
                        condition: condition.id,
                        rule: rule.id,
                        reads,
                    });
                }
            }
        }
        found
    }

    fn reads(&self, condition: &Condition, rule: &'static Rule, kind: SignKind) -> bool {
        let mut random = Random::new(self.protocol.seed, "L-5");
        self.subjects
            .iter()
            .zip(self.times)
            .any(|(subject, times)| {
                let Some(first) = times.first() else {
                    return false;
                };
                let signs = condition.signs.iter().filter(|s| s.kind == kind);
                let mut facts = subject.facts.clone();
                facts.extend(signs.flat_map(|s| made_of_sign(s, *first, *first)));
                let answer = |facts: &[Fact], at| {
                    let chart = adapt::chart(facts, &subject.identity, at);
                    step(&chart, &[rule], &self.protocol.settings).digest
                };
                random
                    .places(LOOKS, times.len())
                    .into_iter()
                    .filter_map(|p| times.get(p))
                    .any(|at| answer(&facts, *at) != answer(&subject.facts, *at))
            })
    }

    fn l_5_words(&self, circular: &[Circular]) -> LeakTest {
        let rows: Vec<String> = circular
            .iter()
            .map(|c| {
                let kinds: Vec<String> = c.reads.iter().map(|k| format!("{k:?}")).collect();
                format!(
                    "{} reads {} of {}",
                    c.rule,
                    kinds.join(" and ").to_lowercase(),
                    c.condition
                )
            })
            .collect();
        let words = if rows.is_empty() {
            "no rule was seen to read what defines its outcome".to_owned()
        } else {
            format!("marked circular: {}", rows.join("; "))
        };
        let tried = self.subjects.len() * self.protocol.rules.len();
        test(
            "L-5",
            "outcome facts as inputs: marked, not refused",
            true,
            tried,
            words,
        )
    }

    fn l_7_fixed(&self, rules_hash: &str) -> LeakTest {
        let (held, words) = match &self.protocol.fixed {
            Some(fixed) => (
                fixed == rules_hash,
                format!("rules and settings hash to {rules_hash}; the cohort file fixed {fixed}"),
            ),
            None => (
                true,
                format!(
                    "rules and settings hash to {rules_hash}; the cohort file names no hash, so that nothing shows that they were fixed before"
                ),
            ),
        };
        test("L-7", "thresholds fixed before the period", held, 1, words)
    }

    fn l_8_models(&self, model_facts: usize) -> LeakTest {
        let rules_only = self.protocol.rules.iter().all(|r| r.lane == Lane::N);
        let left = self.subjects.iter().flat_map(|s| &s.facts);
        let left = left.filter(|f| f.origin == Origin::Model).count();
        test(
            "L-8",
            "models: disjoint from their training",
            rules_only && left == 0,
            self.protocol.rules.len(),
            format!("no model is evaluated; {model_facts} facts that a model made were left out"),
        )
    }
}

fn l_6_batch(facts: usize) -> LeakTest {
    test(
        "L-6",
        "batch timestamps: more than 20 % of a source on one day",
        true,
        1,
        format!("{facts} facts became known on such a day; nothing is timed by them"),
    )
}

const fn test(
    id: &'static str,
    title: &'static str,
    held: bool,
    tried: usize,
    words: String,
) -> LeakTest {
    LeakTest {
        id,
        title,
        held,
        tried,
        words,
    }
}

/// Steps of `again` that are not those of `before`.
fn different(again: &[Step], before: &[Step]) -> usize {
    let differ = again.iter().zip(before).filter(|(a, b)| a != b).count();
    differ + again.len().saturating_sub(before.len())
}

/// How many of some facts a chart holds.
fn holds(chart: &Chart, facts: &[Fact]) -> usize {
    let ids: BTreeSet<FactId> = chart.data().filter_map(|d| d.fact.map(|f| f.id)).collect();
    facts.iter().filter(|f| ids.contains(&f.id)).count()
}

/// What was known at an instant.
#[must_use]
pub fn known(facts: &[Fact], at: Instant) -> Vec<Fact> {
    let known = facts.iter().filter(|f| f.available.instant <= at);
    known.cloned().collect()
}

/// A fact that no source sent.
fn made(
    name: &[&str],
    kind: FactKind,
    coding: Coding,
    effective: Instant,
    known_at: Instant,
) -> Fact {
    let place = triptych_clinical::Provenance::new(
        triptych_clinical::DocumentHash([0; 32]),
        "made for a leakage test",
        None,
    );
    Fact {
        display: coding.code.as_str().into(),
        codes: vec![coding].into(),
        effective: Some(When::at(effective)),
        status: Status::Active,
        ..Fact::new(FactId::of(name), kind, known_at, place)
    }
}

/// Values at the edge of what is plausible, for the inputs of every condition.
#[must_use]
pub fn poison(effective: Instant, known_at: Instant) -> Vec<Fact> {
    const ABSURD: [(&str, f64, &str); 11] = [
        ("2160-0", 29.0, "mg/dL"),
        ("9318-7", 29_000.0, "mg/g"),
        ("2276-4", 0.6, "ug/L"),
        ("718-7", 25.0, "g/L"),
        ("787-2", 150.0, "fL"),
        ("4548-4", 19.0, "%"),
        ("2345-7", 130.0, "mmol/L"),
        ("3016-3", 900.0, "m[IU]/L"),
        ("2132-9", 21.0, "ng/L"),
        ("17861-6", 5.9, "mmol/L"),
        ("2823-3", 11.5, "mmol/L"),
    ];
    let stamp = effective.0.to_string();
    ABSURD
        .iter()
        .map(|(code, value, unit)| {
            let coding = Coding::new(CodeSystem::Loinc, *code);
            let name = ["poison", code, &stamp];
            let mut fact = made(&name, FactKind::Observation, coding, effective, known_at);
            fact.status = Status::Final;
            fact.value = Value::Quantity(Quantity {
                value: *value,
                comparator: None,
                unit: Some((*unit).into()),
                unit_text: None,
                written: value.to_string().into(),
            });
            fact
        })
        .collect()
}

/// A fact for each code of a sign. Prefixes of ICD-10 and ATC stand for themselves.
fn made_of_sign(sign: &Sign, effective: Instant, known_at: Instant) -> Vec<Fact> {
    let kind = match sign.kind {
        SignKind::Diagnosis => FactKind::Problem,
        SignKind::Treatment => FactKind::Medication,
        SignKind::Procedure => FactKind::Procedure,
        SignKind::Visit => FactKind::Encounter,
        SignKind::Imaging => FactKind::Imaging,
    };
    let make = |code: &&'static str| {
        let coding = Coding::new(sign.system.clone(), *code);
        made(&["sign", code], kind, coding, effective, known_at)
    };
    sign.codes.iter().map(make).collect()
}

/// The next version of a result: ten times the value.
fn corrected(first: &Fact, all: &[Fact], known_at: Instant) -> Fact {
    let newest = all
        .iter()
        .filter(|f| f.id == first.id)
        .map(|f| f.version)
        .max();
    let mut fact = first.clone();
    fact.version = newest.unwrap_or(1) + 1;
    fact.available = When::at(known_at);
    fact.status = Status::Corrected;
    if let Value::Quantity(q) = &mut fact.value {
        q.value *= 10.0;
        q.written = q.value.to_string().into();
    }
    fact
}
