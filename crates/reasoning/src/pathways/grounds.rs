//! What the values of a pack rest on, as a reader would look it up: the datum as reported, or a rule's value and what stands behind it.

use super::expr::{Ground, Value};
use super::results::{result_type, rule_value};
use crate::chart::Datum;
use crate::desk::{short_text, statement_name};
use crate::input;
use crate::number::show;
use crate::outcome::{Outcome, Verdict};
use crate::unit;

/// A datum under the name that its table gives it, or under its own.
pub(super) fn of_datum(datum: &Datum, name: Option<&str>) -> Ground {
    Ground {
        name: name.map_or_else(|| statement_name(datum), str::to_owned),
        value: short_text(datum),
        time: Some(datum.time),
        fact: datum.fact,
        rule: None,
    }
}

/// A rule's value, and behind it the facts that the rule used; nothing where the rule has no value.
pub(super) fn of_rule(outcome: &Outcome, key: &str, value: &Value, unit: &str) -> Vec<Ground> {
    if !value.is_known() && !matches!(value, Value::OneOf(_)) {
        return Vec::new();
    }
    let rule = outcome.rule;
    let (name, words) = if matches!(key, "fires" | "severity") {
        match outcome.verdict() {
            Verdict::Fires => (rule.id.to_owned(), outcome.finding.summary.clone()),
            _ => (
                format!("{} {}:", rule.id, rule.title),
                "does not fire".to_owned(),
            ),
        }
    } else {
        let factor = unit::scale(unit).map_or(1.0, |s| s.factor);
        let words = in_words(value, unit, factor);
        (format!("{} {}", rule.id, label(key)), words)
    };
    let items = &outcome.basis.items;
    let newest = items
        .iter()
        .filter_map(|i| i.time)
        .max_by_key(|t| t.instant);
    let own = Ground {
        name,
        value: words,
        time: newest,
        fact: None,
        rule: Some(rule.id),
    };
    let behind = items.iter().filter(|i| i.fact.is_some()).map(|i| Ground {
        name: i.name.clone(),
        value: i.original.clone(),
        time: i.time,
        fact: i.fact,
        rule: Some(rule.id),
    });
    std::iter::once(own).chain(behind).collect()
}

/// The ranges of an outcome that cannot be decided, in the order of their keys: `eGFR between 41 and 52 mL/min/1.73 m²`.
pub(crate) fn ranges(outcome: &Outcome) -> Vec<String> {
    let keys = outcome.finding.range.keys();
    keys.filter_map(|key| {
        let value = rule_value(outcome, key);
        let (_, unit) = result_type(outcome.rule.id, key)?;
        let factor = unit::scale(unit).map_or(1.0, |s| s.factor);
        let is_range = matches!(&value, Value::Number(Some(i)) if i.point().is_none());
        is_range.then(|| format!("{} {}", label(key), in_words(&value, unit, factor)))
    })
    .collect()
}

/// Keys of rules whose own letters are no words.
const LABELS: &[(&str, &str)] = &[
    ("egfr", "eGFR"),
    ("egfr_last", "eGFR"),
    ("ckd", "CKD"),
    ("A", "albuminuria category"),
    ("G", "GFR category"),
    ("ascvd10y_pct", "10-year ASCVD risk"),
    ("cvd10y_pct", "10-year CVD risk"),
    ("severe_ldl", "severe LDL cholesterol"),
    ("risk5y_pct", "5-year risk of kidney failure"),
    ("risk2y_pct", "2-year risk of kidney failure"),
    ("alt_xuln", "ALT as a multiple of its limit"),
    ("alp_xuln", "ALP as a multiple of its limit"),
    ("bili_xuln", "bilirubin as a multiple of its limit"),
    ("r_factor", "R"),
    ("hys_law_biochemistry", "biochemistry of Hy's law"),
    ("tsh_position", "TSH"),
    ("ft4_position", "free T4"),
    ("vdt_days", "volume doubling time"),
    ("interval_days", "interval"),
    ("volume_change_pct", "change of volume"),
    ("size_mm", "size"),
    ("diameter_mm", "diameter"),
    ("baseline_mg_dl", "baseline creatinine"),
    ("delta48h_mg_dl", "rise in 48 h"),
    ("calcium_total", "total calcium"),
    ("calcium_corrected", "calcium, corrected"),
    ("due_from", "due from"),
    ("due_to", "due until"),
];

/// `hb` as `Haemoglobin`, `abnormal_results` as `abnormal results`.
fn label(key: &str) -> String {
    let own = LABELS.iter().find(|(k, _)| *k == key);
    let of_table = || input::by_name(key).map(|i| i.label);
    own.map(|(_, words)| *words)
        .or_else(of_table)
        .map_or_else(|| key.replace('_', " "), str::to_owned)
}

/// A value in base units in words; `factor` of the unit to its base.
pub(super) fn in_words(value: &Value, unit: &str, factor: f64) -> String {
    let number = |x: f64| {
        let shown = x / factor;
        show(shown, i32::from(shown.abs() < 10.0))
    };
    let unit = match unit {
        "1" | "text" | "list" | "date" | "bool" => "",
        "mL/min/{1.73_m2}" => "mL/min/1.73 m²",
        unit => unit,
    };
    match value {
        Value::Number(Some(i)) => match i.point() {
            Some(x) => format!("{} {unit}", number(x)).trim_end().to_owned(),
            None => format!("between {} and {} {unit}", number(i.low), number(i.high))
                .trim_end()
                .to_owned(),
        },
        Value::Text(Some(text)) => text.replace('_', " "),
        Value::List { words, complete } if *complete || !words.is_empty() => {
            let more = if *complete { "" } else { ", perhaps others" };
            let words = words.join(", ").replace('_', " ");
            if words.is_empty() {
                "none".to_owned()
            } else {
                words + more
            }
        }
        Value::OneOf(words) => words.join(" or ").replace('_', " "),
        Value::Bool(truth) => match truth.known() {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => "not known".to_owned(),
        },
        Value::Date(Some(at)) => at.iso_date(),
        _ => "not known".to_owned(),
    }
}
