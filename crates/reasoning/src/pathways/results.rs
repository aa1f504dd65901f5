//! Types and units of the values that rules give, for expressions that read them (`rule.R15.egfr`).

use super::expr::Type;
use crate::unit;

/// `(rule, key, unit)`: a unit for numbers, `text`, or `bool`.
static RESULTS: &[(&str, &str, &str)] = &[
    ("R1", "egfr", "mL/min/{1.73_m2}"),
    ("R1", "egfr_cr", "mL/min/{1.73_m2}"),
    ("R1", "equation", "text"),
    ("R1", "category", "text"),
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
    ("R19", "abnormal_results", "1"),
    ("R19", "category", "text"),
    ("R20", "hba1c_pct", "%"),
    ("R20", "target_pct", "%"),
    ("R20", "target_source", "text"),
    ("R20", "band", "text"),
    ("R20", "change_pct_points", "%"),
    ("R20", "trend", "text"),
    ("R23", "hb", "g/L"),
    ("R23", "drop_7d", "g/L"),
    ("R23", "drop_vs_median", "g/L"),
    ("R23", "transfused", "bool"),
];

/// Type and unit of a result key; `None` when the rule gives no such key.
pub(super) fn result_type(rule: &str, key: &str) -> Option<(Type, &'static str)> {
    let (.., unit) = RESULTS.iter().find(|(r, k, _)| *r == rule && *k == key)?;
    let kind = match *unit {
        "text" => Type::Text,
        "bool" => Type::Bool,
        unit => Type::Number(unit::scale(unit)?.dimension),
    };
    Some((kind, unit))
}

/// The input whose specimens a rule's value belongs to, for `change`.
pub(super) fn trigger_input(rule: &str) -> Option<&'static str> {
    Some(match rule {
        "R1" | "R2" | "R3" | "R15" => "creatinine",
        "R16" => "ferritin",
        "R19" | "R20" => "hba1c",
        "R23" => "hb",
        _ => return None,
    })
}
