//! The sources of one patient, indexed once, and what a condition finds in them.
//!
//! A condition is asked a hundred times over a record of 50 000 facts: nothing here walks the record after the index is made.

use std::collections::{BTreeMap, HashMap};

use triptych_clinical::{CodeSystem, Instant, Origin, When};

use super::condition::{Atom, Condition, Test};
use super::node::Modality;
use super::sources::Sources;
use crate::chart::{Datum, EquationSex, FactRef, Kind, Reported};
use crate::input::{self, Input};
use crate::number::Interval;
use crate::outcome::{Lane, Outcome};

/// What a condition rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Ground {
    /// Place in the chart, newest first.
    Datum(usize),
    /// Place in [`View::outcomes`].
    Outcome(usize),
    /// Place among the visible assertions.
    Assertion(usize),
    /// Place among the visible model findings.
    Model(usize),
}

/// How a condition was met.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// All that it rests on; the first is what the row is about.
    pub grounds: Vec<Ground>,
    /// A text says that it is absent: the row counts the other way.
    pub negated: bool,
    /// Said to be possible or of the past: counts at most as weak.
    pub hedged: bool,
}

/// Codes of one statement sort, in order, so that a prefix is a range.
type Coded = BTreeMap<(u8, CodeSystem, String), Vec<u32>>;

/// Indexed sources.
pub(super) struct View<'a> {
    pub sources: Sources<'a>,
    pub data: Vec<&'a Datum>,
    pub outcomes: Vec<&'a Outcome>,
    pub assertions: Vec<&'a super::NoteAssertion>,
    pub models: Vec<&'a super::ModelFinding>,
    loinc: HashMap<&'a str, Vec<u32>>,
    coded: Coded,
    age: Option<f64>,
}

impl<'a> View<'a> {
    pub fn new(sources: &Sources<'a>) -> Self {
        let evaluation = sources.evaluation;
        let data: Vec<&Datum> = evaluation.chart.data().collect();
        let mut loinc: HashMap<&str, Vec<u32>> = HashMap::new();
        let mut coded = Coded::new();
        for class in evaluation.chart.index().classes() {
            for code in class.codes.iter() {
                let places = if class.kind == Kind::Observation && code.system == CodeSystem::Loinc
                {
                    loinc.entry(&code.code).or_default()
                } else {
                    let key = (
                        sort(class.kind),
                        code.system.clone(),
                        bare(&code.system, &code.code),
                    );
                    coded.entry(key).or_default()
                };
                places.extend(&class.places);
            }
        }
        loinc
            .values_mut()
            .chain(coded.values_mut())
            .for_each(|places| places.sort_unstable());
        Self {
            sources: *sources,
            data,
            outcomes: evaluation
                .outcomes
                .iter()
                .chain(&evaluation.reference_changes)
                .collect(),
            assertions: sources.visible_assertions().collect(),
            models: sources.visible_models().collect(),
            loinc,
            coded,
            age: evaluation.chart.age_at(sources.at()),
        }
    }

    pub const fn at(&self) -> Instant {
        self.sources.evaluation.chart.at
    }

    /// Place of a fact among the data.
    pub fn place_of(&self, fact: FactRef) -> Option<usize> {
        self.sources.evaluation.chart.place_of(fact)
    }

    pub fn datum(&self, place: usize) -> Option<&'a Datum> {
        self.data.get(place).copied()
    }

    /// Data of an input, newest first.
    pub fn of_input(&self, input: &Input) -> impl Iterator<Item = usize> {
        let places = self.sources.evaluation.chart.index().of_input(input);
        places.iter().map(|p| *p as usize)
    }

    /// Data of a LOINC code, newest first.
    pub fn of_loinc(&self, code: &str) -> impl Iterator<Item = usize> {
        let places = self.loinc.get(code).map_or(&[][..], Vec::as_slice);
        places.iter().map(|p| *p as usize)
    }

    /// Statements of a kind under one of these codes, newest first.
    pub fn of_codes(&self, kind: Kind, codes: &[(CodeSystem, String)]) -> Vec<usize> {
        let mut found = Vec::new();
        for (system, code) in codes {
            let wanted = bare(system, code);
            let from = (sort(kind), system.clone(), wanted.clone());
            let by_prefix = matches!(system, CodeSystem::Icd10 | CodeSystem::Atc);
            found.extend(
                self.coded
                    .range(from..)
                    .take_while(|((k, s, c), _)| {
                        *k == sort(kind)
                            && s == system
                            && if by_prefix {
                                c.starts_with(&wanted)
                            } else {
                                *c == wanted
                            }
                    })
                    .flat_map(|(_, places)| places.iter().map(|p| *p as usize)),
            );
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Ways in which a condition is met: none, one, or for a statement in texts one each way.
    pub fn meet(&self, condition: &Condition) -> Vec<Hit> {
        let [only] = condition.atoms.as_slice() else {
            return self.meet_all(condition).into_iter().collect();
        };
        self.hits(only)
    }

    /// Several conditions at once: each must be affirmed.
    fn meet_all(&self, condition: &Condition) -> Option<Hit> {
        let mut all = Hit {
            grounds: Vec::new(),
            negated: false,
            hedged: false,
        };
        for atom in &condition.atoms {
            let hit = self.hits(atom).into_iter().find(|h| !h.negated)?;
            all.hedged |= hit.hedged;
            all.grounds.extend(hit.grounds);
        }
        Some(all)
    }

    fn hits(&self, atom: &Atom) -> Vec<Hit> {
        let one = |ground: Option<Ground>| -> Vec<Hit> {
            ground.map(|g| Hit::of(vec![g])).into_iter().collect()
        };
        match atom {
            Atom::Outcome { rule, verdict } => one(self.outcome(rule, |o| o.verdict() == *verdict)),
            Atom::Result { rule, key, test } => {
                one(self.outcome(rule, |o| result_holds(o, key, test)))
            }
            Atom::Lab {
                input,
                test,
                within,
            } => one(self.lab(input, test.as_ref(), *within)),
            Atom::Coded {
                kind,
                codes,
                within,
            } => {
                let at = self.at();
                let found = self.of_codes(*kind, codes).into_iter().find(|i| {
                    self.datum(*i).is_some_and(|d| match within {
                        // Recent and usable, in force or over: an infusion of last week still explains.
                        Some(days) => {
                            d.is_usable_statement() && at.days_since(d.instant()) <= *days
                        }
                        None => d.is_active(at),
                    })
                });
                one(found.map(Ground::Datum))
            }
            Atom::Finding { code, attribute } => one(self.finding(code, attribute.as_ref())),
            Atom::Note { concept, family } => self.statements(concept, *family),
            Atom::Model { label, bands } => one(self
                .models
                .iter()
                .position(|m| m.label == *label && m.present && bands.contains(&m.band))
                .map(Ground::Model)),
            Atom::Smoking(words) => one(self.smoking(words)),
            Atom::Age(test) => {
                self.person(self.age.is_some_and(|a| test.holds_for(Interval::exact(a))))
            }
            Atom::Sex(sex) => self.person(self.sex() == Some(*sex)),
        }
    }

    /// What the identity says has no node of its own.
    #[allow(clippy::unused_self, reason = "reads as a question to the view")]
    fn person(&self, holds: bool) -> Vec<Hit> {
        if holds {
            vec![Hit::of(Vec::new())]
        } else {
            Vec::new()
        }
    }

    fn sex(&self) -> Option<EquationSex> {
        self.sources.evaluation.chart.person.sex
    }

    fn outcome(&self, rule: &str, test: impl Fn(&Outcome) -> bool) -> Option<Ground> {
        self.outcomes
            .iter()
            .position(|o| o.rule.id == rule && !o.is_excluded() && test(o))
            .map(Ground::Outcome)
    }

    /// The newest decides: no fall-back to an older value that would meet the test.
    fn lab(&self, input: &Input, test: Option<&Test>, within: f64) -> Option<Ground> {
        let newest = self.of_input(input).next()?;
        let datum = self.datum(newest)?;
        let measured = datum.measure(input, &[]).ok()?;
        let fresh = self.at().days_since(datum.instant()) <= within;
        let holds = test.is_none_or(|t| t.holds_for(measured.value));
        (fresh && holds).then_some(Ground::Datum(newest))
    }

    fn finding(&self, code: &str, attribute: Option<&(String, Test)>) -> Option<Ground> {
        let codes = [(CodeSystem::Tri, code.to_owned())];
        self.of_codes(Kind::Finding, &codes)
            .into_iter()
            .find(|i| {
                self.datum(*i).is_some_and(|d| {
                    attribute.is_none_or(|(name, test)| {
                        d.attrs.get(name).is_some_and(|v| test.holds_for_text(v))
                    })
                })
            })
            .map(Ground::Datum)
    }

    /// The newest statement each way, with the others behind it.
    fn statements(&self, concept: &str, family: bool) -> Vec<Hit> {
        let mut hits = Vec::new();
        for negated in [false, true] {
            let mut found: Vec<usize> = (0..self.assertions.len())
                .filter(|i| {
                    self.assertions.get(*i).is_some_and(|a| {
                        a.concept == concept && a.said.family == family && a.said.negated == negated
                    })
                })
                .collect();
            let of = |i: &usize| self.assertions.get(*i);
            // Confirmed before unconfirmed, then newest; hedged statements last.
            found.sort_by_key(|i| {
                std::cmp::Reverse(of(i).map(|a| {
                    let plain = !(a.said.uncertain || a.said.historical);
                    (plain, a.confirmed, a.time.instant, *i)
                }))
            });
            if let Some(first) = found.first().and_then(of) {
                hits.push(Hit {
                    hedged: first.said.uncertain || first.said.historical,
                    negated,
                    grounds: found.into_iter().take(1).map(Ground::Assertion).collect(),
                });
            }
        }
        hits
    }

    /// LOINC 72166-2: the newest answer; what the table does not know is no answer.
    fn smoking(&self, words: &[String]) -> Option<Ground> {
        let input = input::by_name("smoking")?;
        let newest = self.of_input(input).next()?;
        let datum = self.datum(newest).filter(|d| d.is_usable_statement())?;
        let answer = smoking_answer(datum)?;
        words
            .iter()
            .any(|w| w == answer)
            .then_some(Ground::Datum(newest))
    }

    /// Modality of what a condition rests on.
    pub fn modality(&self, ground: Ground) -> Modality {
        match ground {
            Ground::Datum(i) => self.datum(i).map_or(Modality::Record, modality_of),
            Ground::Assertion(i) => match self.assertions.get(i) {
                Some(a) if a.report => Modality::Images,
                _ => Modality::Notes,
            },
            Ground::Model(_) => Modality::Images,
            Ground::Outcome(i) => self
                .outcomes
                .get(i)
                .map_or(Modality::Labs, |o| self.of_outcome(o)),
        }
    }

    /// A rule belongs where its measured inputs were made: images before labs before the record.
    pub fn of_outcome(&self, outcome: &Outcome) -> Modality {
        outcome
            .basis
            .items
            .iter()
            .filter_map(|i| self.datum(self.place_of(i.fact?)?))
            .map(modality_of)
            .min()
            .unwrap_or(Modality::Labs)
    }

    /// When it was true.
    pub fn time(&self, ground: Ground) -> Option<When> {
        match ground {
            Ground::Datum(i) => self.datum(i).map(|d| d.time),
            Ground::Assertion(i) => self.assertions.get(i).map(|a| a.time),
            Ground::Model(i) => self.models.get(i).map(|m| m.study_time),
            Ground::Outcome(i) => self.outcomes.get(i).and_then(|o| newest_input(o)),
        }
    }

    /// Inert until a person confirms it.
    pub fn unconfirmed(&self, ground: Ground) -> bool {
        match ground {
            Ground::Datum(i) => self.datum(i).is_some_and(|d| d.unconfirmed),
            Ground::Assertion(i) => self.assertions.get(i).is_some_and(|a| !a.confirmed),
            Ground::Model(i) => self.models.get(i).is_some_and(|m| !m.confirmed),
            Ground::Outcome(_) => false,
        }
    }

    /// Lane of what a condition rests on.
    pub fn lane(&self, ground: Ground) -> Lane {
        match ground {
            Ground::Datum(i) => self.datum(i).map_or(Lane::N, lane_of),
            Ground::Assertion(_) => Lane::N,
            Ground::Model(i) => match self.models.get(i) {
                Some(m) if m.confirmed => Lane::N,
                _ => Lane::D,
            },
            Ground::Outcome(i) => self.outcomes.get(i).map_or(Lane::N, |o| o.rule.lane),
        }
    }
}

impl Hit {
    const fn of(grounds: Vec<Ground>) -> Self {
        Self {
            grounds,
            negated: false,
            hedged: false,
        }
    }
}

/// A result key of a rule, its severity, or the range of what is not known.
fn result_holds(outcome: &Outcome, key: &str, test: &Test) -> bool {
    let finding = &outcome.finding;
    if key == "severity" {
        return finding
            .severity
            .and_then(|s| serde_json::to_value(s).ok())
            .is_some_and(|s| test.holds_for_json(&s));
    }
    if let Some(value) = finding.result.get(key) {
        return test.holds_for_json(value);
    }
    finding
        .range
        .get(key)
        .is_some_and(|ends| ends.iter().all(|end| test.holds_for_json(end)))
}

/// Newest input of an outcome.
pub(super) fn newest_input(outcome: &Outcome) -> Option<When> {
    outcome
        .basis
        .items
        .iter()
        .filter_map(|i| i.time)
        .max_by_key(|t| t.instant)
}

/// Where a datum was made.
pub(super) fn modality_of(datum: &Datum) -> Modality {
    let coded = |codes: &[&str]| {
        datum
            .codes
            .iter()
            .any(|c| c.system == CodeSystem::Loinc && codes.contains(&c.code.as_str()))
    };
    match datum.kind {
        Kind::Finding | Kind::Imaging => Modality::Images,
        // Answers to questions, not measurements: smoking and pregnancy status.
        Kind::Observation if coded(&["72166-2", "82810-3"]) => Modality::Record,
        Kind::Observation => Modality::Labs,
        Kind::Medicine | Kind::Problem | Kind::Procedure | Kind::Allergy => Modality::Record,
    }
}

/// Lane D while a model made it and nobody confirmed it.
pub(super) fn lane_of(datum: &Datum) -> Lane {
    if datum.origin == Origin::Model && datum.unconfirmed {
        Lane::D
    } else {
        Lane::N
    }
}

fn smoking_answer(datum: &Datum) -> Option<&'static str> {
    let Reported::Text(answer) = &datum.value else {
        return None;
    };
    let answer = answer.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| answer.contains(w));
    // Codes of section 4.2, and the display texts under which intake keeps a coded answer.
    if has(&["8517006", "former", "ex-smoker"]) {
        Some("former")
    } else if has(&["266919005", "never"]) {
        Some("never")
    } else if has(&[
        "449868002",
        "428041000124106",
        "428071000124103",
        "428061000124105",
        "77176002",
        "current",
        "every day",
        "some day",
        "smokes tobacco daily",
    ]) {
        Some("current")
    } else {
        None
    }
}

const fn sort(kind: Kind) -> u8 {
    match kind {
        Kind::Observation => 0,
        Kind::Medicine => 1,
        Kind::Problem => 2,
        Kind::Procedure => 3,
        Kind::Finding => 4,
        Kind::Imaging => 5,
        Kind::Allergy => 6,
    }
}

/// ICD-10 and ATC without full stops, capitals; everything else as it is.
fn bare(system: &CodeSystem, code: &str) -> String {
    match system {
        CodeSystem::Icd10 | CodeSystem::Atc => code.replace('.', "").to_ascii_uppercase(),
        _ => code.to_owned(),
    }
}
