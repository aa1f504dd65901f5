//! `[[input]]` tables: a name, its type and unit, and where its value comes from.

use super::error::Report;
use super::expr::{Function, Type};
use super::fields::Fields;
use super::pack::{From, InputDecl, coded};
use super::results::result_type;
use crate::chart::Kind;
use crate::input;
use crate::{rules, unit};

/// One declared input; `None` where its origin cannot be read.
pub(super) fn declaration(f: &Fields<'_, '_>, report: &mut Report<'_>) -> Option<InputDecl> {
    f.only(&["name", "type", "from", "window", "unit"], report);
    let name = f.text("name", 40, report);
    if !name.is_empty() && !is_free_name(&name) {
        report.error(
            "P004",
            f.place("name"),
            &f.field("name"),
            format!(
                "{name:?} is no name that expressions can use, or means something there already"
            ),
        );
    }
    let unit = f.optional("unit", 40, report);
    let scale = unit.as_deref().map(|u| (u, unit::scale(u)));
    if let Some((u, None)) = scale {
        report.error(
            "P008",
            f.place("unit"),
            &f.field("unit"),
            format!("unit {u:?} is not known"),
        );
    }
    let scale = scale.and_then(|(u, s)| Some((u.to_owned(), s?)));
    let kind = match f
        .choice("type", &["num", "bool3", "text", "date"], report)
        .as_str()
    {
        "num" => Type::Number(scale.as_ref().map_or("number", |(_, s)| s.dimension)),
        "bool3" => Type::Bool,
        "text" => Type::Text,
        _ => Type::Date,
    };
    let from = f.text("from", 120, report);
    let window = f.duration("window", false, report);
    let from = origin(&from, f, report)?;
    if window.is_some() && matches!(from, From::Problem(_) | From::Dose(_) | From::DaysActive(_)) {
        report.error(
            "P004",
            f.place("window"),
            &f.field("window"),
            "what is active now has no window",
        );
    }
    let problem = match &from {
        From::Coded(_) if kind == Type::Text => None,
        From::Coded(table) => Some((
            "P004",
            format!("{} is a coded answer, of type text", table.name),
        )),
        From::Table(table) => match (&scale, kind) {
            // A unit that means one thing under one code and another under the next (urea, mg/dL) cannot be declared.
            (Some((u, _)), Type::Number(_))
                if table
                    .units
                    .iter()
                    .filter(|r| r.ucum == unit::normalise(u))
                    .count()
                    == 1 =>
            {
                None
            }
            (_, Type::Number(_)) => Some((
                "P008",
                format!("{} is measured in {}", table.name, units_of(table)),
            )),
            _ => Some(("P004", format!("{} is of type num", table.name))),
        },
        From::Rule(rule, key) => match result_type(rule.id, key) {
            None => Some(("P007", format!("{} gives no {key:?}", rule.id))),
            Some((given, unit)) if given != kind => {
                Some(("P006", format!("{} of {} is {unit}", key, rule.id)))
            }
            Some(_) => None,
        },
        From::Problem(_) if kind != Type::Bool => {
            Some(("P004", "a problem is of type bool3".to_owned()))
        }
        From::Dose(_) if kind != Type::Number("dose rate") => {
            Some(("P006", "a dose is of type num in mg/d".to_owned()))
        }
        From::DaysActive(_) if kind != Type::Number("time") => {
            Some(("P006", "days are of type num in d".to_owned()))
        }
        _ => None,
    };
    if let Some((code, message)) = problem {
        report.error(code, f.place("from"), &f.field("from"), message);
    }
    Some(InputDecl {
        name,
        kind,
        unit: scale.map(|(u, s)| (u, s.factor)),
        from,
        window,
    })
}

/// A word that the grammar reads as a name and that means nothing else in an expression.
fn is_free_name(name: &str) -> bool {
    const TAKEN: [&str; 10] = [
        "and", "or", "not", "in", "between", "true", "false", "unknown", "at", "sex",
    ];
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !TAKEN.contains(&name)
        && Function::from_name(name).is_none()
}

fn units_of(table: &input::Input) -> String {
    let units: Vec<&str> = table.units.iter().map(|u| u.ucum).collect();
    units.join(", ")
}

fn origin(from: &str, f: &Fields<'_, '_>, report: &mut Report<'_>) -> Option<From> {
    let mut fail = |code, message: String| {
        report.error(code, f.place("from"), &f.field("from"), message);
        None
    };
    let Some((kind, rest)) = from.split_once(':') else {
        return match input::by_name(from) {
            Some(table) if table.units.is_empty() => Some(From::Coded(table)),
            Some(table) => Some(From::Table(table)),
            None if from.is_empty() => None,
            None => fail("P007", format!("{from:?} is no input of the table")),
        };
    };
    let attribute = rest.rsplit_once('.');
    match (kind, attribute) {
        ("rule", Some((id, key))) => match rules::by_id(id) {
            Some(rule) => Some(From::Rule(rule, key.to_owned())),
            None => fail("P007", format!("rule {id:?} is not built")),
        },
        ("problem", _) => match coded(Kind::Problem, rest) {
            Some(asked) => Some(From::Problem(asked)),
            None => fail("P008", format!("{rest:?} has no known code system")),
        },
        ("med", Some((code, attribute))) => match (coded(Kind::Medicine, code), attribute) {
            (Some(asked), "dose_mg_day") => Some(From::Dose(asked)),
            (Some(asked), "days_active") => Some(From::DaysActive(asked)),
            (None, _) => fail("P008", format!("{code:?} has no known code system")),
            (_, other) => fail(
                "P007",
                format!("a medicine has no {other:?}; dose_mg_day and days_active are known"),
            ),
        },
        ("finding", Some((code, attribute))) => match code.strip_prefix("tri:") {
            Some(code) => Some(From::Finding(code.to_owned(), attribute.to_owned())),
            None => fail("P008", format!("{code:?} is no project code (tri:…)")),
        },
        ("clinician", _) if !rest.is_empty() => Some(From::Clinician(rest.to_owned())),
        _ => fail(
            "P007",
            format!(
                "{from:?} names no origin (an input, rule:, problem:, med:, finding:, clinician:)"
            ),
        ),
    }
}
