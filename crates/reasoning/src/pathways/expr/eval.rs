//! Evaluation: total, left to right without a short cut, so that every unknown name is collected.

use std::collections::BTreeSet;

use serde::Serialize;
use triptych_clinical::{Instant, When};

use super::check::{Statement, statement};
use super::{Expr, Function, Node, Operator, Relation};
use crate::chart::FactRef;
use crate::k3::K3;
use crate::number::{Interval, round};
use crate::unit;

/// Value of an expression; `None` is unknown. Numbers are in the base unit of their dimension.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Truth.
    Bool(K3),
    /// Number or interval.
    Number(Option<Interval>),
    /// Text.
    Text(Option<String>),
    /// One of several words, not known which (a rule's range).
    OneOf(Vec<String>),
    /// A rule's list of words.
    List {
        /// What is known to be in it.
        words: Vec<String>,
        /// Nothing more can be in it.
        complete: bool,
    },
    /// Instant.
    Date(Option<Instant>),
    /// The literal `unknown`.
    Unknown,
}

/// One statement that an answer rests on, as it was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ground {
    /// `Creatinine`, `R15 eGFR`
    pub name: String,
    /// As reported, with its unit; empty for a problem or a medicine. Not part of what a decision rested on: fact and version say it, and a
    /// rule's sentence names an age that the clock alone changes.
    #[serde(skip)]
    pub value: String,
    /// When it was true of the patient.
    pub time: Option<When>,
    /// Its fact; `None` for the value of a rule.
    pub fact: Option<FactRef>,
    /// The rule whose value it is, or that used the fact.
    pub rule: Option<&'static str>,
}

impl Ground {
    /// A fact behind a rule's value: the value speaks for it.
    #[must_use]
    pub const fn is_behind(&self) -> bool {
        self.rule.is_some() && self.fact.is_some()
    }
}

/// One of the values of an input over time.
#[derive(Clone, Debug)]
pub struct Reading {
    /// When.
    pub at: Instant,
    /// Value.
    pub value: Value,
    /// What it rests on.
    pub grounds: Vec<Ground>,
}

/// What an evaluation met.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Unknown names, in words.
    pub missing: BTreeSet<String>,
    /// Time of the newest datum used.
    pub newest: Option<Instant>,
    /// Something recorded about this person was found, however old.
    pub found: bool,
    /// What was used, in the order of use, each once.
    pub grounds: Vec<Ground>,
    /// The record's silence was taken as "no".
    pub closed_world: bool,
    /// `if_unknown` filled in for something missing.
    pub assumed: bool,
}

/// Where names get their values from.
pub trait Env {
    /// Value of a name.
    fn value(&self, name: &str, trace: &mut Trace) -> Value;
    /// Values of an input in its window, newest first, usable ones only. What of them is used is for the caller to say.
    fn history(&self, name: &str, trace: &mut Trace) -> Vec<Reading>;
    /// Value of an input as of its newest specimen at least `days` older than its newest one.
    fn older(&self, name: &str, days: f64, trace: &mut Trace) -> Value;
    /// Completed years at an instant.
    fn age(&self, at: Instant, trace: &mut Trace) -> Option<f64>;
    /// Index time.
    fn at(&self) -> Instant;
    /// Recorded and usable: ever, or in force now.
    fn recorded(&self, statement: &Statement, active: bool, trace: &mut Trace) -> bool;
}

impl Trace {
    /// Takes over what a part of the evaluation saw, not what it lacked.
    fn sees(&mut self, part: &Self) {
        self.newest = self.newest.max(part.newest);
        self.found |= part.found;
        self.rests_on(part.grounds.iter().cloned());
        self.closed_world |= part.closed_world;
        self.assumed |= part.assumed;
    }
}

impl Trace {
    /// Notes what was used, each once.
    pub fn rests_on(&mut self, grounds: impl IntoIterator<Item = Ground>) {
        for ground in grounds {
            if !self.grounds.contains(&ground) {
                self.grounds.push(ground);
            }
        }
    }
}

impl Value {
    /// Known at all.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        match self {
            Self::Bool(k) => !matches!(k, K3::Unknown),
            Self::Number(n) => n.is_some(),
            Self::Text(t) => t.is_some(),
            Self::Date(d) => d.is_some(),
            Self::List { complete, .. } => *complete,
            Self::OneOf(_) | Self::Unknown => false,
        }
    }

    /// Known, and one value: an interval may still be decided either way by what is missing.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        match self {
            Self::Number(Some(interval)) => interval.point().is_some(),
            other => other.is_known(),
        }
    }

    const fn number(&self) -> Option<Interval> {
        match self {
            Self::Number(n) => *n,
            _ => None,
        }
    }

    const fn truth(&self) -> K3 {
        match self {
            Self::Bool(k) => *k,
            _ => K3::Unknown,
        }
    }
}

/// Truth of a checked expression.
pub fn holds(expr: &Expr, env: &dyn Env, trace: &mut Trace) -> K3 {
    evaluate(expr, env, trace).truth()
}

/// Value of a checked expression.
pub fn evaluate(expr: &Expr, env: &dyn Env, trace: &mut Trace) -> Value {
    match &expr.node {
        Node::Bool(b) => Value::Bool((*b).into()),
        Node::Unknown => Value::Unknown,
        Node::Number { value, unit } => {
            let factor = unit
                .as_deref()
                .and_then(unit::scale)
                .map_or(1.0, |s| s.factor);
            Value::Number(Some(Interval::exact(value * factor)))
        }
        Node::Duration(days) => Value::Number(Some(Interval::exact(*days))),
        Node::Text(text) => Value::Text(Some(text.clone())),
        Node::Name(name) => env.value(name, trace),
        Node::Negative(inner) => {
            Value::Number(evaluate(inner, env, trace).number().map(|i| i.map(|x| -x)))
        }
        Node::Not(inner) => Value::Bool(!holds(inner, env, trace)),
        Node::And(a, b) => {
            let (a, b) = (holds(a, env, trace), holds(b, env, trace));
            Value::Bool(a.and(b))
        }
        Node::Or(a, b) => {
            let (a, b) = (holds(a, env, trace), holds(b, env, trace));
            Value::Bool(a.or(b))
        }
        Node::Compare(relation, a, b) => {
            let (a, b) = (evaluate(a, env, trace), evaluate(b, env, trace));
            Value::Bool(compare(*relation, &a, &b))
        }
        Node::In(a, list) => {
            let a = evaluate(a, env, trace);
            let items: Vec<Value> = list.iter().map(|i| evaluate(i, env, trace)).collect();
            let among = |value: &Value| {
                items.iter().fold(K3::False, |found, item| {
                    found.or(compare(Relation::Equal, value, item))
                })
            };
            Value::Bool(match &a {
                Value::List { words, complete } => {
                    let any = words.iter().fold(K3::False, |found, word| {
                        found.or(among(&Value::Text(Some(word.clone()))))
                    });
                    // What is not yet known may still be in the list.
                    any.or(if *complete { K3::False } else { K3::Unknown })
                }
                Value::OneOf(words) => {
                    let each: Vec<K3> = words
                        .iter()
                        .map(|w| among(&Value::Text(Some(w.clone()))))
                        .collect();
                    match each.split_first() {
                        Some((first, rest)) if rest.iter().all(|r| r == first) => *first,
                        _ => K3::Unknown,
                    }
                }
                other => among(other),
            })
        }
        Node::Between(a, low, high) => {
            let a = evaluate(a, env, trace);
            let (low, high) = (evaluate(low, env, trace), evaluate(high, env, trace));
            Value::Bool(compare(Relation::GreaterOrEqual, &a, &low).and(compare(
                Relation::LessOrEqual,
                &a,
                &high,
            )))
        }
        Node::Arithmetic(operator, a, b) => {
            let (a, b) = (evaluate(a, env, trace), evaluate(b, env, trace));
            arithmetic(*operator, &a, &b)
        }
        Node::Call(function, arguments) => call(*function, arguments, env, trace),
    }
}

/// A comparison is decided when the whole of both intervals agrees.
fn compare(relation: Relation, a: &Value, b: &Value) -> K3 {
    match (a, b) {
        (Value::Number(Some(a)), Value::Number(Some(b))) => {
            // Units are converted by factors: numbers that differ by less than a billionth are one number.
            let slack = 1e-9 * a.low.abs().max(b.low.abs());
            let less = |x: f64, y: f64| y - x > slack;
            let agree = |always: bool, never: bool| {
                if always {
                    K3::True
                } else if never {
                    K3::False
                } else {
                    K3::Unknown
                }
            };
            let below = agree(less(a.high, b.low), !less(a.low, b.high));
            let above = agree(less(b.high, a.low), !less(b.low, a.high));
            match relation {
                Relation::Less => below,
                Relation::GreaterOrEqual => !below,
                Relation::Greater => above,
                Relation::LessOrEqual => !above,
                Relation::Equal => (!below).and(!above),
                Relation::NotEqual => below.or(above),
            }
        }
        (Value::Text(Some(a)), Value::Text(Some(b))) => equality(relation, a == b),
        (Value::OneOf(words), Value::Text(Some(word)))
        | (Value::Text(Some(word)), Value::OneOf(words)) => {
            // Even where it is in the list it may be another: only "none of them" is decided.
            if words.contains(word) {
                K3::Unknown
            } else {
                equality(relation, false)
            }
        }
        (Value::Bool(a), Value::Bool(b)) => match (a.known(), b.known()) {
            (Some(a), Some(b)) => equality(relation, a == b),
            _ => K3::Unknown,
        },
        (Value::Date(Some(a)), Value::Date(Some(b))) => K3::from(match relation {
            Relation::Less => a < b,
            Relation::LessOrEqual => a <= b,
            Relation::Greater => a > b,
            Relation::GreaterOrEqual => a >= b,
            Relation::Equal => a == b,
            Relation::NotEqual => a != b,
        }),
        _ => K3::Unknown,
    }
}

fn equality(relation: Relation, equal: bool) -> K3 {
    match relation {
        Relation::Equal => equal.into(),
        Relation::NotEqual => (!equal).into(),
        _ => K3::Unknown,
    }
}

fn arithmetic(operator: Operator, a: &Value, b: &Value) -> Value {
    if let (Value::Date(Some(a)), Value::Date(Some(b)), Operator::Subtract) = (a, b, operator) {
        return Value::Number(Some(Interval::exact(a.days_since(*b))));
    }
    let (Some(a), Some(b)) = (a.number(), b.number()) else {
        return Value::Number(None);
    };
    if operator == Operator::Divide && b.low <= 0.0 && b.high >= 0.0 {
        return Value::Number(None);
    }
    let ends = [
        (a.low, b.low),
        (a.low, b.high),
        (a.high, b.low),
        (a.high, b.high),
    ];
    let results = ends.map(|(x, y)| match operator {
        Operator::Add => x + y,
        Operator::Subtract => x - y,
        Operator::Multiply => x * y,
        Operator::Divide => x / y,
    });
    let result = results
        .into_iter()
        .map(Interval::exact)
        .reduce(Interval::hull)
        .filter(|i| i.low.is_finite() && i.high.is_finite());
    Value::Number(result)
}

fn call(function: Function, arguments: &[Expr], env: &dyn Env, trace: &mut Trace) -> Value {
    let Some(first) = arguments.first() else {
        return Value::Unknown;
    };
    let name = match &first.node {
        Node::Name(name) | Node::Text(name) => name.as_str(),
        _ => "",
    };
    match function {
        Function::Known => {
            // Never unknown, so what it asks about is not missing.
            let mut own = Trace::default();
            let known = evaluate(first, env, &mut own).is_known();
            trace.sees(&own);
            Value::Bool(known.into())
        }
        Function::Age => match evaluate(first, env, trace) {
            Value::Date(Some(at)) => Value::Number(env.age(at, trace).map(Interval::exact)),
            _ => Value::Number(None),
        },
        Function::DaysSince => {
            let newest = env.history(name, trace).into_iter().next();
            Value::Number(newest.map(|newest| {
                trace.rests_on(newest.grounds);
                Interval::exact(env.at().days_since(newest.at))
            }))
        }
        Function::Count => {
            let mut own = Trace::default();
            let counted = env.history(name, &mut own);
            let count = counted.len();
            own.rests_on(counted.into_iter().flat_map(|r| r.grounds));
            trace.sees(&own);
            #[allow(clippy::cast_precision_loss, reason = "a count of data")]
            Value::Number(Some(Interval::exact(count as f64)))
        }
        Function::Last => {
            env.history(name, trace)
                .into_iter()
                .next()
                .map_or(Value::Unknown, |newest| {
                    trace.rests_on(newest.grounds);
                    newest.value
                })
        }
        Function::Min | Function::Max => {
            let all = env.history(name, trace);
            let numbers = all.iter().filter_map(|r| r.value.number());
            let extreme = numbers.reduce(|a, b| {
                let pick = |x: f64, y: f64| {
                    if function == Function::Min {
                        x.min(y)
                    } else {
                        x.max(y)
                    }
                };
                Interval {
                    low: pick(a.low, b.low),
                    high: pick(a.high, b.high),
                }
            });
            let is_it = |r: &&Reading| r.value.number().is_some() && r.value.number() == extreme;
            if let Some(it) = all.iter().find(is_it) {
                trace.rests_on(it.grounds.iter().cloned());
            }
            Value::Number(extreme)
        }
        Function::Active | Function::Has => {
            let Some(asked) = statement(name) else {
                return Value::Bool(K3::Unknown);
            };
            trace.closed_world = true;
            let recorded = env.recorded(&asked, function == Function::Active, trace);
            trace.found |= recorded;
            Value::Bool(recorded.into())
        }
        Function::Change => {
            let days = arguments
                .get(1)
                .and_then(|d| evaluate(d, env, trace).number())
                .and_then(Interval::point);
            let newest = env.value(name, trace);
            let older = days.map_or(Value::Number(None), |d| env.older(name, d, trace));
            arithmetic(Operator::Subtract, &newest, &older)
        }
        Function::Round => {
            let places = arguments
                .get(1)
                .and_then(|d| evaluate(d, env, trace).number())
                .and_then(Interval::point)
                .unwrap_or(0.0);
            #[allow(clippy::cast_possible_truncation, reason = "clamped")]
            let places = places.clamp(0.0, 6.0) as i32;
            let value = evaluate(first, env, trace).number();
            Value::Number(value.map(|i| i.map(|x| round(x, places))))
        }
        Function::IfUnknown => {
            let mut own = Trace::default();
            let value = evaluate(first, env, &mut own);
            trace.sees(&own);
            if value.is_known() {
                return value;
            }
            trace.assumed = true;
            arguments
                .get(1)
                .map_or(Value::Unknown, |second| evaluate(second, env, trace))
        }
    }
}
