//! Less data is never more alarming, and never silence worded as if all had been looked at.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use triptych_reasoning::{Outcome, Quiet, Verdict};

use crate::vectors::{built, facts, facts_mut, id, input_of, outcomes, rule, told, weight};

/// Inputs for which the specification says what is done without them, so that the answer may turn either way. A card that fires without one of the first
/// kind names it as missing.
const SAID_TO_DO_WITHOUT: [(&str, &str, Names); 9] = [
    // The creatinine equation is used instead of the combined one, which is not listed as missing.
    ("R1", "cystatinc", Names::NoNeed),
    // Nothing abnormal in the eGFR is silent with G alone; no ratio on record is not evidence of anything.
    ("R3", "acr", Names::NoNeed),
    // The measured sodium decides, and the card lists glucose.
    ("R6", "glucose", Names::Listed),
    // Without an ionised calcium the total one is judged: another measurement, not a range of the first.
    ("R7", "ica", Names::NoNeed),
    // The gap is computed without ethanol, which can only lower it, and the card lists it.
    ("R9", "ethanol", Names::Listed),
    // Pregnancy lowers the limit of anaemia; like every problem, one that is not recorded counts as absent.
    ("R16", "snomed:77386006", Names::NoNeed),
    // Two vitamins are two questions. Which one nobody measured is said in the steps; a large cell without it cannot be told.
    ("R17", "b12", Names::NoNeed),
    ("R17", "folate", Names::NoNeed),
    // The default target takes the place of the patient's own, and the result says which one it is.
    ("R20", "tri:hba1c_target", Names::NoNeed),
];

#[derive(Clone, Copy, PartialEq)]
enum Names {
    Listed,
    NoNeed,
}

/// How a group of facts is taken away.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Loss {
    Dropped,
    WithoutUnit,
    Preliminary,
    UnconfirmedNote,
}

const LOSSES: [Loss; 4] = [
    Loss::Dropped,
    Loss::WithoutUnit,
    Loss::Preliminary,
    Loss::UnconfirmedNote,
];

/// Name of the input that a fact belongs to; statements go by kind and code. A whole series is one input.
fn group(fact: &Json) -> String {
    input_of(fact).map_or_else(
        || fact["code"].as_str().unwrap().to_owned(),
        |input| input.name.to_owned(),
    )
}

fn is_measured(fact: &Json) -> bool {
    input_of(fact).is_some()
}

fn lose(vector: &Json, name: &str, loss: Loss) -> Json {
    let mut vector = vector.clone();
    let facts = facts_mut(&mut vector);
    if loss == Loss::Dropped {
        facts.retain(|f| group(f) != name);
    }
    for fact in facts.iter_mut().filter(|f| group(f) == name) {
        match loss {
            Loss::Dropped => {}
            Loss::WithoutUnit => {
                fact.as_object_mut().unwrap().remove("unit");
            }
            Loss::Preliminary => fact["status"] = json!("preliminary"),
            Loss::UnconfirmedNote => {
                fact["source"] = json!("note");
                fact.as_object_mut().unwrap().remove("confirmed");
            }
        }
    }
    vector
}

/// Evaluated to the end, as opposed to: nothing of what starts the rule, not about this patient, excluded.
fn was_evaluated(outcome: &Outcome) -> bool {
    matches!(outcome.finding.quiet, None | Some(Quiet::Translocational))
}

struct Case {
    what: String,
    before: Outcome,
    names: Option<Names>,
    input: String,
    measured: bool,
    vector: Json,
}

/// Every vector with every one of its inputs taken away in every way, for outcomes that were evaluated.
fn cases() -> Vec<Case> {
    let original = built();
    let mut cases = Vec::new();
    for (vector, before) in original.iter().zip(outcomes(&original)) {
        if before.verdict() == Verdict::CannotTell || !was_evaluated(&before) {
            continue;
        }
        let groups: BTreeSet<(String, bool)> = facts(vector)
            .iter()
            .map(|f| (group(f), is_measured(f)))
            .collect();
        for (input, measured) in groups {
            let names = SAID_TO_DO_WITHOUT
                .iter()
                .find(|(r, i, _)| (*r, *i) == (rule(vector), input.as_str()))
                .map(|(.., names)| *names);
            for loss in LOSSES {
                if loss == Loss::WithoutUnit && !measured {
                    continue;
                }
                cases.push(Case {
                    what: format!("{} {input} {loss:?}", id(vector)),
                    before: before.clone(),
                    names,
                    input: input.clone(),
                    measured,
                    vector: lose(vector, &input, loss),
                });
            }
        }
    }
    assert!(cases.len() > 1500, "{}", cases.len());
    cases
}

#[test]
fn losing_an_input_is_never_more_alarming_and_never_worded_as_fine() {
    let cases = cases();
    let vectors: Vec<Json> = cases.iter().map(|c| c.vector.clone()).collect();
    let mut wrong = Vec::new();
    for (case, after) in cases.iter().zip(outcomes(&vectors)) {
        let fired = case.before.verdict() == Verdict::Fires;
        let mut say = |fault: &str| {
            wrong.push(format!(
                "{}: {fault}\n  before {}\n  after  {}",
                case.what,
                told(&case.before),
                told(&after)
            ));
        };
        if let Some(names) = case.names {
            let listed = after.finding.missing.iter().any(|m| m.name == case.input);
            if names == Names::Listed && after.verdict() == Verdict::Fires && !listed {
                say("fires without it and does not list it");
            }
            continue;
        }
        let alarms = after.verdict() == Verdict::Fires && weight(&after) > weight(&case.before);
        // What a silent rule takes from a statement may be that something has been done; then its loss is allowed to speak.
        if alarms && (fired || case.measured) {
            say("more severe with less data");
        }
        let fine = after.verdict() == Verdict::Silent && was_evaluated(&after);
        // A condition that is not recorded counts as absent; a measurement that is not there does not.
        if fired && case.measured && fine {
            say("silent as if it had been evaluated");
        }
        if after.verdict() == Verdict::CannotTell && after.finding.missing.is_empty() {
            say("cannot tell and names nothing");
        }
    }
    assert!(
        wrong.is_empty(),
        "{} faults\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

const ORDERS: [&[&str]; 5] = [
    &["A", "B", "C"],
    &["A1", "A2", "A3"],
    &["low", "moderate", "high", "very_high"],
    &["ok", "monitor", "review", "contraindicated"],
    &["low", "borderline", "intermediate", "high"],
];

/// `value` lies between the ends, by number or by a known order of words.
fn lies_between([low, high]: &[Json; 2], value: &Json) -> bool {
    if let (Some(low), Some(high), Some(value)) = (low.as_f64(), high.as_f64(), value.as_f64()) {
        return (low - 1e-9..=high + 1e-9).contains(&value);
    }
    let place = |order: &[&str], word: &Json| order.iter().position(|w| Some(*w) == word.as_str());
    ORDERS.iter().any(|order| {
        matches!((place(order, low), place(order, value), place(order, high)),
            (Some(low), Some(value), Some(high)) if low <= value && value <= high)
    })
}

#[test]
fn a_range_holds_the_value_that_the_missing_input_would_have_given() {
    let cases = cases();
    let vectors: Vec<Json> = cases.iter().map(|c| c.vector.clone()).collect();
    let mut ranges = 0;
    let mut wrong = Vec::new();
    for (case, after) in cases.iter().zip(outcomes(&vectors)) {
        for (key, range) in &after.finding.range {
            let Some(point) = case.before.finding.result.get(key) else {
                continue;
            };
            ranges += 1;
            if !lies_between(range, point) && case.names.is_none() {
                wrong.push(format!("{}: {key} {point} not in {range:?}", case.what));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ranges > 40, "{ranges}");
}

#[test]
fn an_unknown_sex_or_birth_date_is_never_more_alarming_and_its_range_holds_the_value() {
    let original = built();
    let before = outcomes(&original);
    for key in ["sex", "birthDate"] {
        let mut changed = original.clone();
        for vector in &mut changed {
            vector["patient"].as_object_mut().unwrap().remove(key);
        }
        for ((vector, a), b) in original.iter().zip(&before).zip(outcomes(&changed)) {
            let what = format!(
                "{} without {key}\n  {}\n  {}",
                id(vector),
                told(a),
                told(&b)
            );
            let evaluated = was_evaluated(a) && a.verdict() != Verdict::CannotTell;
            if evaluated && b.verdict() == Verdict::Fires {
                assert!(weight(&b) <= weight(a), "{what}");
            }
            if a.verdict() == Verdict::Fires && b.verdict() == Verdict::Silent {
                assert!(!was_evaluated(&b), "{what}");
            }
            for (key, range) in &b.finding.range {
                if let Some(point) = a.finding.result.get(key) {
                    assert!(lies_between(range, point), "{key} {what}");
                }
            }
        }
    }
}
