//! The same value in another accepted unit is the same value.

use serde_json::{Value as Json, json};
use triptych_reasoning::input::UnitRow;

use crate::vectors::{built, facts, facts_mut, id, input_of, loinc, outcomes, rule, told};

/// Where the guideline prints one threshold for each unit, the threshold of the report's own unit is used and the two differ a little: 3 mg/mmol is
/// not quite 30 mg/g. There the outcome may change near a threshold.
const OWN_THRESHOLDS: [(&str, &str); 8] = [
    ("R3", "acr"),
    ("R17", "b12"),
    ("R17", "folate"),
    ("R19", "fpg"),
    ("R19", "glucose"),
    ("R19", "ogtt2h"),
    ("R19", "hba1c"),
    ("R21", "ldl"),
];
/// Shown as reported, by definition of the key.
const AS_REPORTED: [&str; 3] = ["ferritin", "ldl", "unit"];

/// The number of `row` that means the same as `value` in `from`.
fn convert(value: f64, from: &UnitRow, row: &UnitRow) -> f64 {
    (value * from.factor + from.offset - row.offset) / row.factor
}

/// The fact in every other unit that is accepted under its code.
fn in_other_units(fact: &Json) -> Vec<Json> {
    let (Some(input), Some(code)) = (input_of(fact), loinc(fact)) else {
        return Vec::new();
    };
    let (Some(value), Some(from)) = (
        fact["value"].as_f64(),
        fact["unit"].as_str().and_then(|u| input.row(code, u)),
    ) else {
        return Vec::new();
    };
    let others = input
        .units
        .iter()
        .filter(|row| row.ucum != from.ucum && (row.only.is_empty() || row.only.contains(&code)));
    others
        .map(|row| {
            let mut fact = fact.clone();
            fact["value"] = json!(convert(value, from, row));
            fact["unit"] = json!(row.ucum);
            if let Some(limits) = fact.get_mut("ref").and_then(Json::as_object_mut) {
                for limit in limits.values_mut() {
                    *limit = json!(convert(limit.as_f64().unwrap(), from, row));
                }
            }
            fact
        })
        .collect()
}

#[test]
fn a_value_in_another_accepted_unit_gives_the_same_outcome_and_severity() {
    let original = built();
    let expected = outcomes(&original);
    let (mut changed, mut against, mut what) = (Vec::new(), Vec::new(), Vec::new());
    for (vector, outcome) in original.iter().zip(&expected) {
        for (i, fact) in facts(vector).iter().enumerate() {
            let name = input_of(fact).map_or("", |i| i.name);
            if OWN_THRESHOLDS.contains(&(rule(vector), name)) {
                continue;
            }
            for other in in_other_units(fact) {
                what.push(format!(
                    "{}: {name} {} {}",
                    id(vector),
                    other["value"],
                    other["unit"]
                ));
                let mut vector = vector.clone();
                facts_mut(&mut vector)[i] = other;
                changed.push(vector);
                against.push(outcome.clone());
            }
        }
    }
    assert!(changed.len() > 300, "{}", changed.len());
    let mut wrong = Vec::new();
    for ((a, b), what) in against.into_iter().zip(outcomes(&changed)).zip(what) {
        let comparable = |mut o: triptych_reasoning::Outcome| {
            AS_REPORTED.iter().for_each(|k| {
                o.finding.result.remove(k);
            });
            told(&o)
        };
        let (a, b) = (comparable(a), comparable(b));
        if a != b {
            wrong.push(format!("{what}\n  {a}\n  {b}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
