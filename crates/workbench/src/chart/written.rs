//! How a result is written: its value, unit and interval as text.

use triptych_clinical::{Comparator, Fact, SmolStr, Value};

use super::words;

/// The value as its source wrote it, cut to four significant decimals where a generator wrote sixteen.
pub(crate) fn written(fact: &Fact) -> SmolStr {
    match &fact.value {
        Value::Quantity(q) => {
            let number = number(&q.written, q.value);
            match q.comparator.map_or("", Comparator::sign) {
                "" if !number.starts_with('-') => number,
                sign => format!("{sign}{}", words::minus(&number)).into(),
            }
        }
        Value::Text(text) => text.into(),
        Value::Coded(coding) => match &coding.display {
            Some(words) => words.into(),
            None => coding.to_string().into(),
        },
        Value::Absent(absence) => format!("not available ({})", absence.reason).into(),
        Value::None => SmolStr::default(),
    }
}

/// As sent, unless more decimals were sent than any method has: then the four leading figures.
fn number(written: &SmolStr, value: f64) -> SmolStr {
    let decimals = written.split_once('.').map_or(0, |(_, d)| d.len());
    if decimals <= 4 && !written.contains(['e', 'E']) {
        return written.clone();
    }
    words::leading(value).into()
}

/// Unit as shown: the source's text, else the UCUM code with its brackets read aloud.
pub(crate) fn unit(fact: &Fact) -> String {
    let Some(q) = fact.quantity() else {
        return String::new();
    };
    let code = q
        .unit
        .as_deref()
        .or(q.unit_text.as_deref())
        .unwrap_or("no unit");
    shown_unit(code)
}

/// A UCUM code as people write it.
pub(super) fn shown_unit(code: &str) -> String {
    match code {
        "1" => String::new(),
        "mm[Hg]" => "mmHg".to_owned(),
        "Cel" => "°C".to_owned(),
        "kg/m2" => "kg/m²".to_owned(),
        "mL/min/{1.73_m2}" => "mL/min/1.73 m²".to_owned(),
        "10*3/uL" => "10³/µL".to_owned(),
        "10*6/uL" => "10⁶/µL".to_owned(),
        "10*9/L" => "10⁹/L".to_owned(),
        "10*12/L" => "10¹²/L".to_owned(),
        "{score}" | "(score)" | "{nominal}" => String::new(),
        "{T-score}" => "T-score".to_owned(),
        other => other
            .replace("[IU]", "IU")
            .replace("ug/", "µg/")
            .replace("umol", "µmol")
            .replace("uL", "µL"),
    }
}

/// `0.50 – 1.10`, `≤ 30`, the source's own text, or `no interval`.
pub(crate) fn interval(fact: &Fact) -> String {
    let Some(reference) = &fact.reference else {
        return "no interval".to_owned();
    };
    match (reference.low, reference.high) {
        (Some(low), Some(high)) => format!(
            "{}{}{}",
            words::limit(low),
            words::RANGE,
            words::limit(high)
        ),
        (Some(low), None) => format!("≥ {}", words::limit(low)),
        (None, Some(high)) => format!("≤ {}", words::limit(high)),
        (None, None) => reference
            .text
            .clone()
            .unwrap_or_else(|| "no interval".to_owned()),
    }
}
