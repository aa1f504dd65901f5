//! What the rule-by-rule properties share: a patient, results, and two values of which one is graver.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use triptych_reasoning::Outcome;

use crate::vectors::{ask, told, weight};

/// Few files are written for a failure: the message holds the values.
pub fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Two values with two decimals, the lesser first.
pub fn pair(low: f64, high: f64) -> impl Strategy<Value = (f64, f64)> {
    let decimals = |x: f64| (x * 100.0).round() / 100.0;
    (low..high, low..high).prop_map(move |(a, b)| (decimals(a.min(b)), decimals(a.max(b))))
}

/// Someone of this sex and age in whole years at the index time, 2026-03-01.
pub fn person(female: bool, age: i32) -> Json {
    let sex = if female { "female" } else { "male" };
    json!({"sex": sex, "birthDate": format!("{}-01-15", 2026 - age)})
}

/// A result.
pub fn lab(loinc: &str, value: f64, unit: &str, time: &str) -> Json {
    json!({"code": format!("loinc:{loinc}"), "value": value, "unit": unit, "time": time})
}

/// A problem on the list for 900 days.
pub fn problem(icd10: &str) -> Json {
    json!({"kind": "problem", "code": format!("icd10:{icd10}"), "time": "-900d"})
}

/// The rule weighs `grave` at least as much as `mild`.
pub fn never_milder(
    rule: &str,
    patient: &Json,
    mild: &[Json],
    grave: &[Json],
) -> Result<[Outcome; 2], TestCaseError> {
    let (a, b) = (ask(rule, patient, mild), ask(rule, patient, grave));
    prop_assert!(
        weight(&a) <= weight(&b),
        "{rule}\n  milder input {}\n  graver input {}",
        told(&a),
        told(&b)
    );
    Ok([a, b])
}

/// A number among the result's keys.
pub fn number(outcome: &Outcome, key: &str) -> f64 {
    outcome.finding.result[key].as_f64().unwrap()
}
