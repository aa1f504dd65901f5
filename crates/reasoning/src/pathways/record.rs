//! Where the names of a pack get their values: the chart, the outcomes of the rules, the clinician's answers.

use triptych_clinical::{CodeSystem, Instant, When};

use super::expr::{Env, Reading, Statement, Trace, Type, Value};
use super::grounds;
use super::pack::{From, InputDecl, Pack, rule_key};
use super::results::{result_type, rule_value, trigger_input};
use crate::chart::{Chart, Datum, EquationSex, Kind, Reported};
use crate::codes;
use crate::conditions;
use crate::datum::is_coded;
use crate::desk::within_days;
use crate::input::{self, Input};
use crate::k3::K3;
use crate::number::{Interval, show};
use crate::outcome::Outcome;
use crate::rules;
use crate::settings::Settings;
use crate::unit;

/// One patient for one pack.
pub(super) struct Record<'a> {
    pub chart: &'a Chart,
    pub settings: &'a Settings,
    pub outcomes: &'a [Outcome],
    pub pack: &'a Pack,
}

impl Record<'_> {
    fn outcome(&self, rule: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|o| o.rule.id == rule)
    }

    /// A rule's value; what the rule lacks is what the pack lacks.
    fn of_rule(&self, rule: &str, key: &str, trace: &mut Trace) -> Value {
        let Some(outcome) = self.outcome(rule) else {
            trace.missing.insert(format!("rule {rule}"));
            return Value::Unknown;
        };
        let value = see_rule(outcome, key, trace);
        if !value.is_exact() {
            let lacks: Vec<String> = outcome
                .finding
                .missing
                .iter()
                .map(crate::outcome::Missing::in_words)
                .collect();
            if lacks.is_empty() && !value.is_known() {
                trace.missing.insert(format!("an answer of {rule}"));
            }
            trace.missing.extend(lacks);
        }
        value
    }

    /// Usable data of a table input in the window of its declaration, newest first; the newest decides whether there are any.
    fn measured<'c>(
        &'c self,
        decl: &'c InputDecl,
        table: &'static Input,
    ) -> impl Iterator<Item = (&'c Datum, Value)> + 'c {
        let at = self.chart.at;
        let in_window =
            move |d: &&Datum| decl.window.is_none_or(|w| within_days(d.instant(), at, w));
        let mut data = self.chart.of_input(table).filter(in_window).peekable();
        let refused = data
            .peek()
            .is_some_and(|newest| newest.measure(table, &[]).is_err());
        data.take_while(move |_| !refused).filter_map(move |d| {
            let m = d.measure(table, &[]).ok()?;
            Some((d, Value::Number(Some(to_base(decl, table, m.value)?))))
        })
    }

    fn findings(&self, code: &str, window: Option<f64>) -> Option<&Datum> {
        let at = self.chart.at;
        self.chart
            .of_tri(code)
            .filter(|d| d.is_usable_statement())
            .find(|d| window.is_none_or(|w| within_days(d.instant(), at, w)))
    }

    fn active_medicine(&self, asked: &Statement) -> Option<&Datum> {
        let at = self.chart.at;
        self.statements(asked).into_iter().find(|d| d.is_active(at))
    }

    fn statements(&self, asked: &Statement) -> Vec<&Datum> {
        let by_category = asked.kind == Kind::Problem && asked.system == CodeSystem::Icd10;
        self.chart.coded(Some(asked.kind), |codes| {
            is_coded(codes, &asked.system, &asked.code)
                || (by_category && conditions::are_in(codes, &asked.code))
        })
    }

    fn declared(&self, decl: &InputDecl, trace: &mut Trace) -> Value {
        let unknown = |trace: &mut Trace, what: String| {
            trace.missing.insert(what);
            Value::Unknown
        };
        match &decl.from {
            From::Table(table) => match self.measured(decl, table).next() {
                Some((datum, value)) => {
                    see(trace, datum, Some(table.label));
                    value
                }
                None => unknown(trace, table.label.to_owned()),
            },
            From::Coded(table) => {
                let at = self.chart.at;
                let newest = self
                    .chart
                    .of_input(table)
                    .find(|d| decl.window.is_none_or(|w| within_days(d.instant(), at, w)));
                if let Some(datum) = newest {
                    see(trace, datum, Some(table.label));
                }
                newest
                    .filter(|d| d.is_usable_statement())
                    .and_then(|d| coded_word(table, d))
                    .map_or_else(
                        || unknown(trace, table.label.to_owned()),
                        |word| Value::Text(Some(word.to_owned())),
                    )
            }
            From::Rule(rule, key) => {
                let mut own = Trace::default();
                let value = self.of_rule(rule.id, key, &mut own);
                let old = own
                    .newest
                    .zip(decl.window)
                    .is_some_and(|(t, w)| !within_days(t, self.chart.at, w));
                trace.newest = trace.newest.max(own.newest);
                trace.found |= own.found;
                trace.missing.append(&mut own.missing);
                trace.rests_on(own.grounds);
                if old {
                    return unknown(trace, format!("a newer answer of {}", rule.id));
                }
                value
            }
            From::Problem(asked) => {
                trace.closed_world = true;
                let active = self.recorded(asked, true, trace);
                trace.found |= active;
                Value::Bool(active.into())
            }
            From::Dose(asked) => {
                let medicine = self.active_medicine(asked);
                if let Some(datum) = medicine {
                    trace.found = true;
                    trace.rests_on([grounds::of_datum(datum, None)]);
                }
                let dose = medicine.and_then(|d| d.attrs.get("dose_mg_day")?.parse::<f64>().ok());
                match dose.filter(|d| d.is_finite()) {
                    Some(dose) => Value::Number(Some(Interval::exact(dose))),
                    None => unknown(trace, "daily dose".to_owned()),
                }
            }
            From::DaysActive(asked) => match self.active_medicine(asked) {
                Some(d) => {
                    trace.found = true;
                    trace.rests_on([grounds::of_datum(d, None)]);
                    let days = self.chart.at.days_since(d.instant()).floor();
                    Value::Number(Some(Interval::exact(days)))
                }
                None => unknown(
                    trace,
                    format!("active medicine {}:{}", asked.system, asked.code),
                ),
            },
            From::Finding(code, attribute) => {
                let found = self.findings(code, decl.window);
                if let Some(datum) = found {
                    see(trace, datum, None);
                }
                found
                    .and_then(|d| answer(d, attribute, decl))
                    .unwrap_or_else(|| unknown(trace, code.replace('_', " ")))
            }
            From::Clinician(code) => {
                let found = self.findings(code, decl.window);
                if let Some(datum) = found {
                    see(trace, datum, Some(&code.replace('_', " ")));
                }
                found
                    .and_then(|d| answer(d, "value", decl))
                    .unwrap_or_else(|| {
                        unknown(trace, format!("{} (to be entered)", code.replace('_', " ")))
                    })
            }
        }
    }

    /// A value in words, in the unit of its declaration: `31 mL/min/{1.73_m2}`, `not known`.
    pub fn in_words(&self, name: &str, trace: &mut Trace) -> String {
        let unit = self.pack.input(name).map_or_else(
            || {
                rule_key(name)
                    .and_then(|(rule, key)| result_type(rule.id, key))
                    .and_then(|(kind, unit)| {
                        matches!(kind, Type::Number(_))
                            .then(|| (unit.to_owned(), unit::scale(unit).map_or(1.0, |s| s.factor)))
                    })
            },
            |decl| decl.unit.clone(),
        );
        let (unit, factor) = unit.unwrap_or_else(|| (String::new(), 1.0));
        grounds::in_words(&self.value(name, trace), &unit, factor)
    }
}

impl Env for Record<'_> {
    fn value(&self, name: &str, trace: &mut Trace) -> Value {
        if let Some(decl) = self.pack.input(name) {
            return self.declared(decl, trace);
        }
        match name {
            "at" => Value::Date(Some(self.chart.at)),
            "sex" => match self.chart.person.sex {
                Some(EquationSex::Female) => Value::Text(Some("female".to_owned())),
                Some(EquationSex::Male) => Value::Text(Some("male".to_owned())),
                None => {
                    trace.missing.insert("sex".to_owned());
                    Value::Text(None)
                }
            },
            _ => rule_key(name).map_or(Value::Unknown, |(rule, key)| {
                self.of_rule(rule.id, key, trace)
            }),
        }
    }

    fn history(&self, name: &str, trace: &mut Trace) -> Vec<Reading> {
        let Some(decl) = self.pack.input(name) else {
            return Vec::new();
        };
        let history: Vec<Reading> = match &decl.from {
            From::Table(table) => self
                .measured(decl, table)
                .map(|(datum, value)| Reading {
                    at: datum.instant(),
                    value,
                    grounds: vec![grounds::of_datum(datum, Some(table.label))],
                })
                .collect(),
            _ => {
                let mut own = Trace::default();
                let value = self.declared(decl, &mut own);
                let known = own.newest.filter(|_| value.is_known());
                known.map_or_else(Vec::new, |at| {
                    vec![Reading {
                        at,
                        value,
                        grounds: own.grounds,
                    }]
                })
            }
        };
        match history.first() {
            Some(newest) => {
                trace.newest = trace.newest.max(Some(newest.at));
                trace.found = true;
            }
            None => {
                self.declared(decl, trace);
            }
        }
        history
    }

    fn older(&self, name: &str, days: f64, trace: &mut Trace) -> Value {
        let Some(decl) = self.pack.input(name) else {
            return Value::Unknown;
        };
        let older_than = |newest: Instant, t: Instant| newest.days_since(t) >= days - 1e-9;
        let lacks = |trace: &mut Trace| {
            trace.missing.insert(format!(
                "an earlier {} at least {} d before",
                name.replace('_', " "),
                show(days, 0)
            ));
            Value::Unknown
        };
        match &decl.from {
            From::Table(table) => {
                let mut all = self.measured(decl, table).peekable();
                let Some(newest) = all.peek().map(|(d, _)| d.instant()) else {
                    return lacks(trace);
                };
                match all.find(|(d, _)| older_than(newest, d.instant())) {
                    Some((datum, value)) => {
                        trace.rests_on([grounds::of_datum(datum, Some(table.label))]);
                        value
                    }
                    None => lacks(trace),
                }
            }
            From::Rule(rule, key) => {
                let specimens: Vec<Instant> = trigger_input(rule.id)
                    .and_then(input::by_name)
                    .map(|i| self.chart.of_input(i).map(Datum::instant).collect())
                    .unwrap_or_default();
                let older = specimens
                    .first()
                    .and_then(|newest| specimens.iter().find(|t| older_than(*newest, **t)));
                let Some(older) = older else {
                    return lacks(trace);
                };
                let then = rules::by_id(rule.id)
                    .map(|r| r.evaluate(&self.chart.as_of(*older), self.settings, None));
                let mut own = Trace::default();
                let value = then.map(|o| see_rule(&o, key, &mut own));
                match value.filter(Value::is_known) {
                    Some(value) => {
                        trace.rests_on(own.grounds);
                        value
                    }
                    None => lacks(trace),
                }
            }
            _ => lacks(trace),
        }
    }

    fn age(&self, at: Instant, trace: &mut Trace) -> Option<f64> {
        let age = self.chart.age_at(at);
        if age.is_none() {
            trace.missing.insert("birth date".to_owned());
        }
        age
    }

    fn at(&self) -> Instant {
        self.chart.at
    }

    fn recorded(&self, asked: &Statement, active: bool, trace: &mut Trace) -> bool {
        let at = self.chart.at;
        let found = self.statements(asked).into_iter().find(|d| {
            if active {
                d.is_active(at)
            } else {
                d.is_usable_statement()
            }
        });
        trace.rests_on(found.map(|d| grounds::of_datum(d, None)));
        found.is_some()
    }
}

/// A datum was used, under the name of its table or its own.
fn see(trace: &mut Trace, datum: &Datum, name: Option<&str>) {
    trace.newest = trace.newest.max(Some(datum.instant()));
    trace.found = true;
    trace.rests_on([grounds::of_datum(datum, name)]);
}

/// A rule's value; its inputs were used.
fn see_rule(outcome: &Outcome, key: &str, trace: &mut Trace) -> Value {
    let items = outcome.basis.items.iter();
    let newest = items.filter_map(|i| i.time.map(|t| t.instant)).max();
    trace.newest = trace.newest.max(newest);
    trace.found |= newest.is_some();
    let value = rule_value(outcome, key);
    let scale = result_type(outcome.rule.id, key).map(|(_, unit)| unit);
    trace.rests_on(grounds::of_rule(outcome, key, &value, scale.unwrap_or("")));
    value
}

/// A canonical value in the base unit of its dimension, by way of the unit that the pack declares.
fn to_base(decl: &InputDecl, table: &Input, canonical: Interval) -> Option<Interval> {
    let (unit, factor) = decl.unit.as_ref()?;
    let row = table
        .units
        .iter()
        .find(|r| r.ucum == unit::normalise(unit))?;
    Some(canonical.map(|x| (x - row.offset) / row.factor * factor))
}

/// The word of a coded answer (section 4.2); an answer that is none of them is not known, rather than none of them.
fn coded_word(table: &Input, datum: &Datum) -> Option<&'static str> {
    match table.name {
        "smoking" => Some(match codes::answers_smoking(datum)? {
            true => "current",
            false if datum.is_answered("266919005") || datum.is_answered("never") => "never",
            false => "former",
        }),
        "acvpu" => ["A", "C", "V", "P", "U"]
            .into_iter()
            .find(|letter| datum.is_answered(letter)),
        _ => None,
    }
}

/// A coded or text answer as the declared type.
fn answer(datum: &Datum, attribute: &str, decl: &InputDecl) -> Option<Value> {
    let text = match (datum.attrs.get(attribute), &datum.value) {
        (Some(text), _) => text.clone(),
        (None, Reported::Text(text)) => text.clone(),
        (None, Reported::Number { written, .. }) => written.to_string(),
        (None, Reported::None) => return None,
    };
    match decl.kind {
        Type::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "present" | "positive" => Some(Value::Bool(K3::True)),
            "false" | "no" | "absent" | "negative" => Some(Value::Bool(K3::False)),
            _ => None,
        },
        Type::Number(_) => {
            let factor = decl.unit.as_ref().map_or(1.0, |(_, f)| *f);
            let x: f64 = text.parse().ok()?;
            x.is_finite()
                .then(|| Value::Number(Some(Interval::exact(x * factor))))
        }
        Type::Date => When::parse(&text)
            .ok()
            .map(|w| Value::Date(Some(w.instant))),
        _ => Some(Value::Text(Some(text))),
    }
}
