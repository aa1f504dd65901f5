//! The specification's vectors as material: each is a chart on which its rule says something, to be changed and asked again.

use serde_json::{Value as Json, json};
use triptych_reasoning::input::{self, Input};
use triptych_reasoning::{Outcome, Severity, VectorFilter, Verdict, rules, vector_outcomes};

/// Every vector of every rule that is built, each fact with an id of its own, so that its place in the list is not its name.
pub fn built() -> Vec<Json> {
    let file: Json = serde_json::from_slice(include_bytes!("../vectors.json")).unwrap();
    let mut vectors = file["vectors"].as_array().unwrap().clone();
    vectors.retain(|v| rules::by_id(rule(v)).is_some());
    for vector in &mut vectors {
        for (i, fact) in facts_mut(vector).iter_mut().enumerate() {
            if fact.get("id").is_none() {
                fact["id"] = json!(format!("fact-{i:03}"));
            }
        }
    }
    assert!(vectors.len() >= 441, "{}", vectors.len());
    vectors
}

/// What the rules say of vectors, in their order.
pub fn outcomes(vectors: &[Json]) -> Vec<Outcome> {
    let file = json!({
        "format": "triptych-rule-vectors", "version": 1, "at": "2026-03-01T08:00:00Z", "tolerance": {"numeric_abs": 1e-9},
        "count": vectors.len(), "vectors": vectors,
    });
    let outcomes = vector_outcomes(file.to_string().as_bytes(), &VectorFilter::default()).unwrap();
    assert_eq!(outcomes.len(), vectors.len());
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// What one rule says of one patient (`{"sex": "male", "birthDate": "1966-01-15"}`) and these facts.
pub fn ask(rule: &str, patient: &Json, facts: &[Json]) -> Outcome {
    ask_with(rule, patient, facts, &json!({}), &json!({}))
}

/// [`ask`] with site switches and parameters.
pub fn ask_with(
    rule: &str,
    patient: &Json,
    facts: &[Json],
    settings: &Json,
    params: &Json,
) -> Outcome {
    let vector = vector(rule, patient, facts, settings, params);
    outcomes(&[vector]).pop().unwrap()
}

/// What one rule says of one patient with each of these sets of facts.
pub fn many(rule: &str, patient: &Json, sets: &[Vec<Json>]) -> Vec<Outcome> {
    let none = json!({});
    let vectors: Vec<Json> = sets
        .iter()
        .map(|facts| vector(rule, patient, facts, &none, &none))
        .collect();
    outcomes(&vectors)
}

fn vector(rule: &str, patient: &Json, facts: &[Json], settings: &Json, params: &Json) -> Json {
    json!({
        "rule": rule, "id": "asked", "patient": patient, "settings": settings, "params": params, "facts": facts,
        "expected": {"outcome": "fires"},
    })
}

pub fn rule(vector: &Json) -> &str {
    vector["rule"].as_str().unwrap()
}

pub fn id(vector: &Json) -> &str {
    vector["id"].as_str().unwrap()
}

pub fn facts(vector: &Json) -> &[Json] {
    vector["facts"].as_array().unwrap()
}

pub fn facts_mut(vector: &mut Json) -> &mut Vec<Json> {
    vector["facts"].as_array_mut().unwrap()
}

/// The LOINC code of a result.
pub fn loinc(fact: &Json) -> Option<&str> {
    let is_result = fact.get("kind").is_none_or(|k| k == "obs");
    fact["code"]
        .as_str()
        .unwrap()
        .strip_prefix("loinc:")
        .filter(|_| is_result)
}

/// The input that a result is.
pub fn input_of(fact: &Json) -> Option<&'static Input> {
    input::by_loinc(loinc(fact)?)
}

/// 0 evaluated and silent, 1 cannot tell, from 2 by severity.
pub fn weight(outcome: &Outcome) -> u8 {
    match (outcome.verdict(), outcome.finding.severity) {
        (Verdict::Silent, _) => 0,
        (Verdict::CannotTell, _) => 1,
        (Verdict::Fires, None | Some(Severity::Info)) => 2,
        (Verdict::Fires, Some(Severity::Low)) => 3,
        (Verdict::Fires, Some(Severity::Moderate)) => 4,
        (Verdict::Fires, Some(Severity::High)) => 5,
    }
}

/// Outcome, reason and severity in words, for messages.
pub fn told(outcome: &Outcome) -> String {
    let f = &outcome.finding;
    let missing: Vec<String> = f.missing.iter().map(ToString::to_string).collect();
    format!(
        "{} {:?} {:?} {:?} {:?} missing [{}]",
        f.verdict,
        f.quiet.map(|q| q.to_string()),
        f.severity.map(|s| s.to_string()),
        f.result,
        f.range,
        missing.join(", ")
    )
}
