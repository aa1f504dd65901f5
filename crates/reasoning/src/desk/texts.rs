//! Data in words, as a basis or a card says them: a value as calculated, as written, shortened; the name of a statement.

use triptych_clinical::Comparator;

use crate::chart::{Datum, Kind, Measured, Reported};
use crate::input::Input;
use crate::number::{Interval, plain};

/// `1.28 mg/dL`, `below 5 ug/L`.
#[must_use]
pub fn canonical_text(input: &Input, value: &Measured<'_>) -> String {
    let Interval { low, high } = value.value;
    let number = match (value.value.point(), &value.datum.value) {
        (Some(x), _) => plain(x),
        (
            None,
            Reported::Number {
                comparator: Some(Comparator::Above),
                ..
            },
        ) => {
            format!("above {}", plain(low))
        }
        (None, _) => format!("below {}", plain(high)),
    };
    format!("{number} {}", input.unit()).trim_end().to_owned()
}

/// The value as its source wrote it, with its unit.
#[must_use]
pub fn original_text(datum: &Datum) -> String {
    match &datum.value {
        Reported::None if datum.kind == Kind::Finding => attributes_text(datum),
        Reported::None => String::new(),
        Reported::Text(text) => text.clone(),
        Reported::Number {
            comparator,
            unit,
            written,
            ..
        } => {
            let sign = comparator.map_or("", Comparator::sign);
            format!("{sign}{written} {}", unit.as_deref().unwrap_or("(no unit)"))
        }
    }
}

/// [`original_text`] for a sentence: a number that a machine wrote with a dozen decimals is rounded to three.
#[must_use]
pub fn short_text(datum: &Datum) -> String {
    match &datum.value {
        Reported::Number {
            value,
            comparator,
            unit,
            written,
        } if written.chars().count() > 8 => format!(
            "{}{} {}",
            comparator.map_or("", Comparator::sign),
            plain(crate::number::round(*value, 3)),
            unit.as_deref().unwrap_or("(no unit)")
        ),
        _ => original_text(datum),
    }
}

/// What a finding says in its attributes: `size_mm 7, type solid`. Identifiers and free text are left to the finding itself.
fn attributes_text(datum: &Datum) -> String {
    const NOT_SHOWN: [&str; 5] = ["study_uid", "series_uid", "comment", "sentence", "reason"];
    let shown = datum
        .attrs
        .iter()
        .filter(|(name, text)| !NOT_SHOWN.contains(&name.as_str()) && text.chars().count() <= 64);
    shown
        .map(|(name, text)| format!("{name} {text}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A value for a card: as written where that is short, with the unit in its plain spelling, so that the card's length is bounded.
#[must_use]
pub fn reported_text(value: &Measured<'_>) -> String {
    let Reported::Number {
        value: number,
        comparator,
        written,
        ..
    } = &value.datum.value
    else {
        return String::new();
    };
    let sign = comparator.map_or("", Comparator::sign);
    let number = if written.chars().count() <= 8 {
        written.clone()
    } else {
        plain(crate::number::round(*number, 3)).into()
    };
    format!("{sign}{number} {}", value.unit)
}

/// Name of a problem, medicine or procedure for the basis: the source's words, else its code.
#[must_use]
pub fn statement_name(datum: &Datum) -> String {
    if !datum.display.is_empty() {
        return datum.display.to_string();
    }
    let kind = match datum.kind {
        Kind::Medicine => "medicine",
        Kind::Problem => "problem",
        Kind::Procedure => "procedure",
        Kind::Finding => "finding",
        Kind::Imaging => "study",
        _ => "record",
    };
    datum
        .codes
        .first()
        .map_or_else(|| kind.to_owned(), |c| format!("{kind} {c}"))
}
