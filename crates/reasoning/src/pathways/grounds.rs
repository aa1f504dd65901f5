//! What the values of a pack rest on, as a reader would look it up: the datum as reported, or a rule's value and what stands behind it.

use super::expr::{Ground, Value};
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
        let found = match outcome.verdict() {
            Verdict::Fires => outcome.finding.summary.clone(),
            _ => "does not fire".to_owned(),
        };
        (format!("{} {}", rule.id, rule.title), found)
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

/// `hb` as `Haemoglobin`, `drop_7d` as `drop 7d`.
fn label(key: &str) -> String {
    match key {
        "egfr" | "egfr_last" => "eGFR".to_owned(),
        _ => input::by_name(key).map_or_else(|| key.replace('_', " "), |i| i.label.to_owned()),
    }
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
