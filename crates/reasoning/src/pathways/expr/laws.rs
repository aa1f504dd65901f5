//! Properties of the language: it is total, Kleene's laws hold, and learning something never turns a decided answer round.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use triptych_clinical::Instant;

use super::{Env, Names, Reading, Statement, Trace, Type, Value, check, holds, parse};
use crate::k3::K3;
use crate::number::Interval;

/// `n0` … numbers, `b0` … truth values, `t0` … texts, `l0` … lists.
#[derive(Debug)]
struct World(BTreeMap<String, Value>);

impl Names for World {
    fn type_of(&self, name: &str) -> Option<Type> {
        Some(match name {
            "at" => Type::Date,
            "n0" | "n1" | "n2" => Type::Number("number"),
            "b0" | "b1" | "b2" => Type::Bool,
            "t0" | "t1" => Type::Text,
            "l0" => Type::List,
            _ => return None,
        })
    }
    fn is_input(&self, name: &str) -> bool {
        name != "at"
    }
    fn unit_words(&self, _: &str) -> Option<String> {
        None
    }
    fn closed_world_justified(&self) -> bool {
        true
    }
}

impl Env for World {
    fn value(&self, name: &str, _: &mut Trace) -> Value {
        if name == "at" {
            return Value::Date(Some(Instant::default()));
        }
        self.0.get(name).cloned().unwrap_or(Value::Unknown)
    }
    fn history(&self, name: &str, trace: &mut Trace) -> Vec<Reading> {
        let value = self.value(name, trace);
        if value.is_known() {
            vec![Reading {
                at: Instant::default(),
                value,
                grounds: Vec::new(),
            }]
        } else {
            Vec::new()
        }
    }
    fn older(&self, _: &str, days: f64, _: &mut Trace) -> Value {
        Value::Number((days > 7.0).then(|| Interval::exact(days)))
    }
    fn age(&self, _: Instant, _: &mut Trace) -> Option<f64> {
        Some(40.0)
    }
    fn at(&self) -> Instant {
        Instant::default()
    }
    fn recorded(&self, _: &Statement, active: bool, _: &mut Trace) -> bool {
        active
    }
}

/// A world, and the same one with more known of it.
fn worlds() -> impl Strategy<Value = (World, World)> {
    let number = prop_oneof![
        Just((Value::Number(None), 3_i32, 0_i32)),
        (-9..9_i32, 0..6_i32, 0..6_i32).prop_map(|(low, width, inside)| {
            let interval = Interval {
                low: f64::from(low),
                high: f64::from(low + width),
            };
            (Value::Number(Some(interval)), low + inside.min(width), 1)
        }),
    ]
    .prop_map(|(vague, exact, _)| {
        let known = Value::Number(Some(Interval::exact(f64::from(exact))));
        (vague, known)
    });
    let truth = (any::<bool>(), any::<bool>()).prop_map(|(hidden, answer)| {
        let known = Value::Bool(answer.into());
        let vague = if hidden {
            Value::Bool(K3::Unknown)
        } else {
            known.clone()
        };
        (vague, known)
    });
    let word = || prop_oneof![Just("x"), Just("y"), Just("z")];
    let text = (0..3_u8, word(), word()).prop_map(|(how, word, other)| {
        let known = Value::Text(Some(word.to_owned()));
        let vague = match how {
            0 => Value::Text(None),
            1 => Value::OneOf(vec![word.to_owned(), other.to_owned()]),
            _ => known.clone(),
        };
        (vague, known)
    });
    let list = (word(), word(), any::<bool>()).prop_map(|(first, more, hidden)| {
        let known = Value::List {
            words: vec![first.to_owned(), more.to_owned()],
            complete: true,
        };
        let vague = Value::List {
            words: vec![first.to_owned()],
            complete: false,
        };
        (if hidden { vague } else { known.clone() }, known)
    });
    (
        prop::collection::vec(number, 3),
        prop::collection::vec(truth, 3),
        prop::collection::vec(text, 2),
        prop::collection::vec(list, 1),
    )
        .prop_map(|(n, b, t, l)| {
            let (mut vague, mut known) = (BTreeMap::new(), BTreeMap::new());
            for (letter, values) in [("n", n), ("b", b), ("t", t), ("l", l)] {
                for (i, (v, k)) in values.into_iter().enumerate() {
                    vague.insert(format!("{letter}{i}"), v);
                    known.insert(format!("{letter}{i}"), k);
                }
            }
            (World(vague), World(known))
        })
}

fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0..12_u8).prop_map(|n| n.to_string()),
        (0..3_u8).prop_map(|n| format!("n{n}")),
        Just("unknown".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), "[+*/-]", inner.clone())
                .prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            inner.prop_map(|a| format!("round({a}, 1)")),
        ]
    })
}

/// Expressions without the functions that ask what is known: those may change their answer when something is learnt, on purpose.
fn truth() -> impl Strategy<Value = String> {
    let sign = prop_oneof![
        Just("<"),
        Just("<="),
        Just(">"),
        Just(">="),
        Just("=="),
        Just("!=")
    ];
    let leaf = prop_oneof![
        (0..3_u8).prop_map(|b| format!("b{b}")),
        Just("true".to_owned()),
        Just("unknown".to_owned()),
        (number(), sign, number()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        (number(), number(), number()).prop_map(|(a, b, c)| format!("{a} between {b} and {c}")),
        (0..2_u8, "[xyz]").prop_map(|(t, word)| format!("t{t} == \"{word}\"")),
        (0..2_u8, "[xyz]", "[xyz]").prop_map(|(t, a, b)| format!("t{t} in [\"{a}\", \"{b}\"]")),
        "[xyz]".prop_map(|a| format!("l0 in [\"{a}\"]")),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) or ({b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

fn answer(text: &str, world: &World) -> Option<K3> {
    let expr = parse(text).ok()?;
    check(&expr, world).ok()?;
    Some(holds(&expr, world, &mut Trace::default()))
}

/// Words and signs of the language in any order.
fn soup() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "and",
        "or",
        "not",
        "in",
        "between",
        "true",
        "false",
        "unknown",
        "known(",
        "age(",
        "days_since(",
        "count(",
        "min(",
        "max(",
        "last(",
        "active(",
        "has(",
        "change(",
        "round(",
        "if_unknown(",
        "(",
        ")",
        "[",
        "]",
        ",",
        "<",
        "<=",
        "==",
        "!=",
        "=",
        "+",
        "-",
        "*",
        "/",
        "n0",
        "b0",
        "t0",
        "l0",
        "at",
        "3",
        "0",
        "3.5",
        "90d",
        "2mo",
        "9`g/L`",
        "9`furlong`",
        "\"x\"",
        "\"problem:icd10:K50\"",
        "\"",
        "`",
        "é",
        "rule.R1.egfr",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_never_panics(text in "\\PC{0,420}") {
        let _ = parse(&text);
    }

    #[test]
    fn any_words_are_read_checked_and_evaluated_without_a_panic(text in soup(), worlds in worlds()) {
        if let Ok(expr) = parse(&text) {
            let _ = check(&expr, &worlds.0);
            // Also where the types are wrong: evaluation is total by itself.
            let _ = holds(&expr, &worlds.0, &mut Trace::default());
        }
    }

    #[test]
    fn what_is_learnt_never_turns_a_decided_answer_round(text in truth(), worlds in worlds()) {
        let (vague, known) = worlds;
        if let (Some(before), Some(after)) = (answer(&text, &vague), answer(&text, &known)) {
            prop_assert!(before == K3::Unknown || before == after, "{text}: {before:?}, then {after:?}");
        }
    }

    #[test]
    fn kleenes_laws_hold_for_expressions(a in truth(), b in truth(), worlds in worlds()) {
        let world = &worlds.0;
        let say = |text: String| answer(&text, world);
        let same = |x: String, y: String| match (say(x.clone()), say(y.clone())) {
            (Some(p), Some(q)) => {
                prop_assert_eq!(p, q, "{} is not {}", x, y);
                Ok(())
            }
            // Longer than the language allows.
            _ => Ok(()),
        };
        same(format!("not (({a}) and ({b}))"), format!("not ({a}) or not ({b})"))?;
        same(format!("not (({a}) or ({b}))"), format!("not ({a}) and not ({b})"))?;
        same(format!("not (not ({a}))"), a.clone())?;
        same(format!("({a}) and ({b})"), format!("({b}) and ({a})"))?;
        same(format!("({a}) or ({a}) and ({b})"), a.clone())?;
        same(format!("({a}) and true"), a.clone())?;
        same(format!("({a}) or false"), a)?;
    }

    #[test]
    fn known_and_if_unknown_are_decided_whatever_they_ask_about(a in truth(), worlds in worlds()) {
        for text in [format!("known({a})"), format!("if_unknown({a}, false)")] {
            if let Some(answer) = answer(&text, &worlds.0) {
                prop_assert_ne!(answer, K3::Unknown, "{}", text);
            }
        }
    }
}

/// The generators reach what the laws are about: enough of their expressions are well formed and decided either way.
#[test]
fn the_generated_expressions_are_worth_testing() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::new();
    for _ in 0..400 {
        let text = truth().new_tree(&mut runner).unwrap().current();
        let (vague, _) = worlds().new_tree(&mut runner).unwrap().current();
        *seen.entry(answer(&text, &vague)).or_insert(0) += 1;
    }
    for wanted in [K3::True, K3::False, K3::Unknown] {
        assert!(seen.get(&Some(wanted)).is_some_and(|n| *n > 40), "{seen:?}");
    }
}
