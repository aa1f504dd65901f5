//! Types and units of the values that rules give, for expressions that read them (`rule.R15.egfr`). Keys as in `rules/schema.md`.

use triptych_clinical::When;

use super::expr::{Type, Value};
use crate::k3::K3;
use crate::number::Interval;
use crate::outcome::{Outcome, Verdict};
use crate::unit;

/// `(rule, key, unit)`: a unit for numbers, `text`, `list`, `date`, or `bool`.
static RESULTS: &[(&str, &str, &str)] = &[
    ("R1", "egfr", "mL/min/{1.73_m2}"),
    ("R1", "egfr_cr", "mL/min/{1.73_m2}"),
    ("R1", "equation", "text"),
    ("R1", "category", "text"),
    ("R1", "unit", "text"),
    ("R2", "stage", "1"),
    ("R2", "ratio", "1"),
    ("R2", "delta48h_mg_dl", "mg/dL"),
    ("R2", "baseline_mg_dl", "mg/dL"),
    ("R2", "baseline_source", "text"),
    ("R3", "ckd", "bool"),
    ("R3", "G", "text"),
    ("R3", "egfr", "mL/min/{1.73_m2}"),
    ("R3", "A", "text"),
    ("R3", "risk", "text"),
    ("R4", "risk5y_pct", "%"),
    ("R4", "risk2y_pct", "%"),
    ("R4", "calibration", "text"),
    ("R5", "potassium", "mmol/L"),
    ("R5", "raising_drugs", "list"),
    ("R6", "sodium", "mmol/L"),
    ("R6", "sodium_corrected", "mmol/L"),
    ("R7", "basis", "text"),
    ("R7", "calcium_total", "mmol/L"),
    ("R7", "calcium_corrected", "mmol/L"),
    ("R7", "ionised_calcium", "mmol/L"),
    ("R7", "class", "text"),
    ("R8", "ag", "mmol/L"),
    ("R8", "ag_corrected", "mmol/L"),
    ("R8", "delta_ratio", "1"),
    ("R9", "calculated", "mosm/kg"),
    ("R9", "gap", "mosm/kg"),
    ("R10", "fib4", "1"),
    ("R10", "lower_cutoff", "1"),
    ("R10", "upper_cutoff", "1"),
    ("R11", "meld3", "1"),
    ("R12", "points", "1"),
    ("R12", "class", "text"),
    ("R13", "alt_xuln", "1"),
    ("R13", "alp_xuln", "1"),
    ("R13", "bili_xuln", "1"),
    ("R13", "r_factor", "1"),
    ("R13", "pattern", "text"),
    ("R13", "hys_law_biochemistry", "bool"),
    ("R14", "score", "1"),
    ("R14", "scale", "text"),
    ("R14", "items", "list"),
    ("R14", "anticoagulant_active", "bool"),
    ("R15", "egfr", "mL/min/{1.73_m2}"),
    ("R15", "egfr_last", "mL/min/{1.73_m2}"),
    ("R15", "band", "text"),
    ("R15", "aki_stage", "1"),
    ("R15", "dose_mg_day", "mg/d"),
    ("R15", "dose_above_1000", "bool"),
    ("R16", "ferritin", "ug/L"),
    ("R16", "hb", "g/L"),
    ("R16", "tsat", "%"),
    ("R16", "mcv", "fL"),
    ("R16", "class", "text"),
    ("R16", "pattern", "text"),
    ("R17", "findings", "list"),
    ("R17", "b12_class", "text"),
    ("R17", "mcv", "fL"),
    ("R18", "tsh", "m[IU]/L"),
    ("R18", "tsh_position", "text"),
    ("R18", "ft4_position", "text"),
    ("R18", "pattern", "text"),
    ("R19", "abnormal_results", "1"),
    ("R19", "criteria", "list"),
    ("R19", "category", "text"),
    ("R20", "hba1c_pct", "%"),
    ("R20", "target_pct", "%"),
    ("R20", "target_source", "text"),
    ("R20", "band", "text"),
    ("R20", "change_pct_points", "%"),
    ("R20", "trend", "text"),
    ("R21", "ascvd10y_pct", "%"),
    ("R21", "cvd10y_pct", "%"),
    ("R21", "category", "text"),
    ("R21", "on_statin", "bool"),
    ("R21", "severe_ldl", "bool"),
    ("R22", "news2", "1"),
    ("R22", "single_red", "bool"),
    ("R23", "hb", "g/L"),
    ("R23", "drop_7d", "g/L"),
    ("R23", "drop_vs_median", "g/L"),
    ("R23", "transfused", "bool"),
    ("R24", "sofa", "1"),
    ("R24", "lower_bound", "bool"),
    ("R26", "conflicts", "list"),
    ("R27", "size_mm", "mm"),
    ("R27", "recommendation", "text"),
    ("R27", "due_from", "date"),
    ("R27", "due_to", "date"),
    ("R27", "overdue", "bool"),
    ("R27", "follow_up_done", "date"),
    ("R28", "size_mm", "mm"),
    ("R28", "threshold_mm", "mm"),
    ("R28", "recommendation", "text"),
    ("R28", "why", "text"),
    ("R28", "follow_up_done", "bool"),
    ("R29", "size_mm", "mm"),
    ("R29", "hu", "1"),
    ("R29", "category", "text"),
    ("R29", "metanephrines_indicated", "bool"),
    ("R29", "dst_cortisol", "nmol/L"),
    ("R30", "diameter_mm", "mm"),
    ("R30", "guideline", "text"),
    ("R30", "interval_months", "1"),
    ("R30", "due", "date"),
    ("R30", "overdue", "bool"),
    ("R30", "recommendation", "text"),
    ("R30", "growth_mm_per_year", "1"),
    ("R31", "volume_change_pct", "%"),
    ("R31", "interval_days", "d"),
    ("R31", "from", "text"),
    ("R31", "vdt_days", "d"),
    ("R31", "class", "text"),
    ("R32", "state", "text"),
    ("R32", "due", "date"),
    ("R32", "interval_stated", "bool"),
    ("R32", "on", "text"),
];

/// Words that have an order: a rule's range between two of them may be any between.
const ORDERS: &[(&str, &str, &[&str])] = &[
    ("R3", "A", &["A1", "A2", "A3"]),
    ("R3", "risk", &["low", "moderate", "high", "very_high"]),
    ("R12", "class", &["A", "B", "C"]),
    (
        "R15",
        "band",
        &["ok", "monitor", "review", "contraindicated"],
    ),
    (
        "R21",
        "category",
        &["low", "borderline", "intermediate", "high"],
    ),
];

/// Type and unit of a result key; `None` when the rule gives no such key.
pub(super) fn result_type(rule: &str, key: &str) -> Option<(Type, &'static str)> {
    let (.., unit) = RESULTS.iter().find(|(r, k, _)| *r == rule && *k == key)?;
    let kind = match *unit {
        "text" => Type::Text,
        "list" => Type::List,
        "date" => Type::Date,
        "bool" => Type::Bool,
        unit => Type::Number(unit::scale(unit)?.dimension),
    };
    Some((kind, unit))
}

/// The input whose specimens a rule's value belongs to, for `change`.
pub(super) fn trigger_input(rule: &str) -> Option<&'static str> {
    Some(match rule {
        "R1" | "R2" | "R3" | "R4" | "R15" => "creatinine",
        "R5" => "potassium",
        "R6" => "sodium",
        "R7" => "calcium",
        "R8" => "bicarbonate",
        "R10" => "ast",
        "R11" | "R12" => "bili",
        "R13" => "alt",
        "R16" => "ferritin",
        "R18" => "tsh",
        "R19" | "R20" => "hba1c",
        "R21" => "tc",
        "R23" => "hb",
        _ => return None,
    })
}

/// A value of an outcome in base units; a range is an interval.
pub(super) fn rule_value(outcome: &Outcome, key: &str) -> Value {
    let f = &outcome.finding;
    match key {
        "fires" => {
            return Value::Bool(match f.verdict {
                Verdict::Fires => K3::True,
                Verdict::Silent => K3::False,
                Verdict::CannotTell => K3::Unknown,
            });
        }
        "severity" => return Value::Text(f.severity.map(|s| s.to_string())),
        _ => {}
    }
    let Some((kind, unit)) = result_type(outcome.rule.id, key) else {
        return Value::Unknown;
    };
    let known = f.result.get(key);
    match kind {
        Type::Text => match (known.and_then(|v| v.as_str()), f.range.get(key)) {
            (None, Some([a, b])) => words_between(outcome.rule.id, key, a.as_str(), b.as_str()),
            (text, _) => Value::Text(text.map(str::to_owned)),
        },
        Type::List => Value::List {
            words: known
                .and_then(serde_json::Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|w| w.as_str().map(str::to_owned))
                .collect(),
            // A rule that was not evaluated to the end has looked at nothing.
            complete: f.missing.is_empty() && f.verdict != Verdict::CannotTell,
        },
        Type::Date => Value::Date(
            known
                .and_then(|v| v.as_str())
                .and_then(|text| When::parse(text).ok())
                .map(|w| w.instant),
        ),
        Type::Bool => Value::Bool(known.and_then(serde_json::Value::as_bool).into()),
        _ => {
            let factor = unit::scale(unit).map_or(1.0, |s| s.factor);
            let point = known
                .and_then(serde_json::Value::as_f64)
                .map(Interval::exact);
            let range = f.range.get(key).and_then(|[a, b]| {
                Some(Interval {
                    low: a.as_f64()?,
                    high: b.as_f64()?,
                })
            });
            Value::Number(point.or(range).map(|i| i.map(|x| x * factor)))
        }
    }
}

/// A range of words that have an order, whole.
fn words_between(rule: &str, key: &str, a: Option<&str>, b: Option<&str>) -> Value {
    let order = ORDERS.iter().find(|(r, k, _)| *r == rule && *k == key);
    let (Some(a), Some(b), Some((.., order))) = (a, b, order) else {
        return Value::Text(None);
    };
    let place = |word| order.iter().position(|w| *w == word);
    let (Some(a), Some(b)) = (place(a), place(b)) else {
        return Value::Text(None);
    };
    order
        .get(a.min(b)..=a.max(b))
        .map_or(Value::Text(None), |words| {
            Value::OneOf(words.iter().map(|w| (*w).to_owned()).collect())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_has_a_type_and_every_unit_a_dimension() {
        for (rule, key, unit) in RESULTS {
            assert!(result_type(rule, key).is_some(), "{rule}.{key} in {unit}");
        }
        assert_eq!(result_type("R2", "stages"), None);
    }

    #[test]
    fn a_range_of_words_is_every_word_between_in_the_order_of_its_rule() {
        let between = |rule, key| match words_between(rule, key, Some("low"), Some("high")) {
            Value::OneOf(words) => words.join(" "),
            other => format!("{other:?}"),
        };
        assert_eq!(between("R3", "risk"), "low moderate high");
        assert_eq!(
            between("R21", "category"),
            "low borderline intermediate high"
        );
        assert_eq!(between("R1", "category"), "Text(None)");
    }
}
