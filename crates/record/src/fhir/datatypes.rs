//! FHIR data types: codes, quantities, dates, periods, reference ranges.

use triptych_clinical::{CodeSystem, Coding, Comparator, Quantity, ReferenceRange, When};

use crate::json::{Json, Object};

/// Codes and words of a CodeableConcept; also of a list (its first) or a bare text.
pub(super) fn concept(json: Option<&Json<'_>>) -> (Vec<Coding>, String) {
    match json {
        Some(Json::Object(o)) => concept_of(o),
        Some(Json::List(list)) => concept(list.first()),
        Some(Json::Text(text)) => (Vec::new(), text.clone().into_owned()),
        _ => Default::default(),
    }
}

/// Codes and words of one CodeableConcept; the words are its text, else the first display, else the first code.
pub(super) fn concept_of(o: &Object<'_>) -> (Vec<Coding>, String) {
    let codes: Vec<Coding> = o.objects("coding").filter_map(coding).collect();
    let words = o
        .text("text")
        .filter(|t| !t.trim().is_empty())
        .or_else(|| codes.iter().find_map(|c| c.display.as_deref()))
        .or_else(|| codes.first().map(|c| c.code.as_str()))
        .unwrap_or_default()
        .to_owned();
    (codes, words)
}

/// A Coding with a code; a code under LOINC that is no LOINC code is kept under a system of its own.
pub(super) fn coding(o: &Object<'_>) -> Option<Coding> {
    let code = o.text("code").filter(|c| !c.is_empty())?;
    let uri = o.text("system").unwrap_or_default();
    let system = match CodeSystem::from_uri(uri) {
        CodeSystem::Loinc if !is_loinc(code) => {
            CodeSystem::Other(format!("{uri} (not a LOINC code)"))
        }
        system => system,
    };
    Some(Coding {
        system,
        code: code.to_owned(),
        display: o
            .text("display")
            .filter(|d| !d.is_empty())
            .map(str::to_owned),
    })
}

/// One to seven digits, a dash and the mod 10 check digit; of parts and answers (`LP…`, `LA…`) the form alone is checked.
pub(crate) fn is_loinc(code: &str) -> bool {
    let part = code.strip_prefix("LA").or_else(|| code.strip_prefix("LP"));
    let digits = part.unwrap_or(code);
    let Some((number, check)) = digits.split_once('-') else {
        return false;
    };
    let valid = |s: &str, longest: usize| {
        !s.is_empty() && s.len() <= longest && s.bytes().all(|b| b.is_ascii_digit())
    };
    if !valid(number, 7) || !valid(check, 1) {
        return false;
    }
    if part.is_some() {
        return true;
    }
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b - b'0');
            let doubled = if i % 2 == 0 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    check.parse() == Ok((10 - sum % 10) % 10)
}

/// Codes, else words, of a list of concepts.
pub(super) fn category_codes(concepts: &[&Object<'_>]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for (codes, words) in concepts.iter().map(|c| concept_of(c)) {
        let given = if codes.is_empty() {
            vec![words]
        } else {
            codes.into_iter().map(|c| c.code).collect()
        };
        for code in given {
            if !code.is_empty() && !all.contains(&code) {
                all.push(code);
            }
        }
    }
    all
}

/// The date or time under `key`; a text that is none is an error.
pub(super) fn when(o: &Object<'_>, key: &str) -> Result<Option<When>, String> {
    match o.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(text)) => match When::parse(text) {
            Ok(when) => Ok(Some(when)),
            Err(_) => Err(format!("{key} is not a real date or time")),
        },
        Some(_) => Err(format!("{key} is not a text")),
    }
}

pub(super) fn period(o: &Object<'_>, key: &str) -> Result<(Option<When>, Option<When>), String> {
    match o.get(key) {
        None => Ok((None, None)),
        Some(Json::Object(p)) => Ok((when(p, "start")?, when(p, "end")?)),
        Some(_) => Err(format!("{key} is not a Period")),
    }
}

/// A number with the text of its source.
pub(super) fn number(json: &Json<'_>) -> Result<(f64, String), String> {
    let Json::Number(written) = json else {
        return Err("it is not a number (R4 wants one, without quotes)".to_owned());
    };
    match written.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((value, (*written).to_owned())),
        _ => Err("its number is too large to be one".to_owned()),
    }
}

/// A Quantity, and a note where unit and code contradict each other: then no unit can be trusted, and none is set.
pub(super) fn quantity(o: &Object<'_>) -> Result<(Quantity, Option<String>), String> {
    let Some(value) = o.get("value") else {
        return Err("a quantity without a value".to_owned());
    };
    let (value, written) = number(value)?;
    let comparator = match o.text("comparator") {
        None => None,
        Some("<") => Some(Comparator::Below),
        Some("<=") => Some(Comparator::AtMost),
        Some(">") => Some(Comparator::Above),
        Some(">=") => Some(Comparator::AtLeast),
        Some(_) => return Err("an unknown comparator".to_owned()),
    };
    let given = |key| o.text(key).filter(|t: &&str| !t.trim().is_empty());
    let (text, code) = (given("unit"), given("code"));
    let mut conflict = None;
    let (unit, unit_text) = match (code, text) {
        (Some(code), Some(text)) if text != code => {
            if units_contradict(code, text) {
                conflict = Some(
                    "unit and unit code contradict each other: shown as sent, used by no rule"
                        .to_owned(),
                );
                (None, Some(format!("{text} (code {code})")))
            } else {
                (Some(code.to_owned()), Some(text.to_owned()))
            }
        }
        (Some(code), _) => (Some(code.to_owned()), None),
        (None, Some(text)) => (Some(text.to_owned()), None),
        (None, None) => (None, None),
    };
    let quantity = Quantity {
        value,
        written: written.into(),
        comparator,
        unit: unit.map(Into::into),
        unit_text: unit_text.map(Into::into),
    };
    Ok((quantity, conflict))
}

/// True only where both are units that are known to mean different things; a human text like `beats/minute` contradicts nothing.
fn units_contradict(code: &str, text: &str) -> bool {
    const SAME: [(&str, &str); 6] = [
        ("ng/ml", "ug/l"),
        ("10*3/ul", "10*9/l"),
        ("mmol/l", "meq/l"),
        ("mg/dl", "mg%"),
        ("u/l", "iu/l"),
        ("pg/ml", "ng/l"),
    ];
    let (code, text) = (plain_unit(code), plain_unit(text));
    let known = |unit: &str| KNOWN_UNITS.contains(&unit);
    let same = |a: &str, b: &str| SAME.contains(&(a, b)) || SAME.contains(&(b, a));
    code != text && known(&code) && known(&text) && !same(&code, &text)
}

const KNOWN_UNITS: [&str; 26] = [
    "mg/dl", "mmol/l", "umol/l", "g/dl", "g/l", "ug/l", "ng/ml", "mg/l", "meq/l", "u/l", "iu/l",
    "10*3/ul", "10*9/l", "10*6/ul", "10*12/l", "pg/ml", "ng/l", "pmol/l", "nmol/l", "fl", "pg",
    "kg", "cm", "mm[hg]", "ug/dl", "mmol/mol",
];

/// Spelling variants of one unit made equal, for comparison only.
fn plain_unit(unit: &str) -> String {
    let clean: String = unit
        .trim()
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{200b}')
        .map(|c| {
            if matches!(c, '\u{b5}' | '\u{3bc}') {
                'u'
            } else {
                c
            }
        })
        .collect();
    let lower = clean.to_lowercase().replace('^', "*").replace("mcg", "ug");
    let lower = match lower.as_str() {
        "k/ul" | "x10*3/ul" | "x10e3/ul" | "10e3/ul" | "th/ul" => "10*3/ul",
        "m/ul" | "x10*6/ul" | "x10e6/ul" | "10e6/ul" => "10*6/ul",
        "mmhg" => "mm[hg]",
        other => other,
    };
    lower.to_owned()
}

/// The interval that applies to the value: the first one that is `normal` or says nothing about its kind. Limits in another unit than the
/// value's are kept as words only.
pub(super) fn reference_range(
    o: &Object<'_>,
    unit: Option<&str>,
) -> Result<Option<ReferenceRange>, String> {
    let normal = |r: &&Object<'_>| {
        let kind = concept(r.get("type")).0;
        kind.is_empty() || kind.iter().any(|c| c.code == "normal")
    };
    let ranges = || o.objects("referenceRange");
    let Some(range) = ranges().find(normal).or_else(|| ranges().next()) else {
        return Ok(None);
    };
    let mut other_unit = false;
    let mut limit = |key: &str| -> Result<(Option<f64>, Option<String>), String> {
        let Some(q) = range.object(key) else {
            return Ok((None, None));
        };
        let (q, _) = quantity(q).map_err(|e| format!("referenceRange.{key}: {e}"))?;
        let same = match (q.unit.as_deref(), unit) {
            (Some(a), Some(b)) => !units_contradict(a, b),
            _ => true,
        };
        other_unit |= !same;
        Ok((same.then_some(q.value), Some(q.written.to_string())))
    };
    let (low, low_text) = limit("low")?;
    let (high, high_text) = limit("high")?;
    let written = || match (low_text, high_text) {
        (Some(l), Some(h)) => Some(format!("{l} - {h}")),
        (Some(l), None) => Some(format!(">= {l}")),
        (None, Some(h)) => Some(format!("<= {h}")),
        (None, None) => None,
    };
    let text = range.text("text").map(str::to_owned).or_else(written);
    let text = if other_unit {
        text.map(|t| format!("{t} (other unit)"))
    } else {
        text
    };
    Ok(
        (low.is_some() || high.is_some() || text.is_some()).then_some(ReferenceRange {
            low,
            high,
            text,
        }),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_loinc_code_has_its_form_and_check_digit() {
        for code in ["2160-0", "38483-4", "98979-8", "4548-4", "LA6751-7"] {
            assert!(is_loinc(code), "{code}");
        }
        for code in [
            "2160-1",
            "856AAAAAAAA",
            "1088AAAA",
            "2160",
            "-0",
            "12345678-9",
        ] {
            assert!(!is_loinc(code), "{code}");
        }
    }

    #[test]
    fn units_contradict_only_when_both_are_known() {
        assert!(units_contradict("mmol/L", "mg/dl"));
        assert!(units_contradict("mg/dL", "10^3/\u{200b}uL"));
        assert!(!units_contradict("ug/L", "\u{3bc}g/L"));
        assert!(!units_contradict("mm[Hg]", "mmHg"));
        assert!(!units_contradict("/min", "beats/minute"));
        assert!(!units_contradict("[lb_av]", "lbs"));
        assert!(!units_contradict("10*3/uL", "K/uL"));
    }

    #[test]
    fn par_11_a_quantity_keeps_the_digits_of_its_source() {
        let read = |text: &'static str| {
            let json = crate::json::value(text).unwrap();
            quantity(json.as_object().unwrap()).map(|(q, _)| (q.value, q.written))
        };
        assert_eq!(read(r#"{"value":1.10}"#), Ok((1.1, "1.10".into())));
        assert_eq!(read(r#"{"value":-0.0}"#), Ok((-0.0, "-0.0".into())));
        assert_eq!(
            read(r#"{"value":12345678901234567890}"#).unwrap().1,
            "12345678901234567890"
        );
        assert!(read(r#"{"value":1e400}"#).is_err());
        assert!(read(r#"{"value":"1.1"}"#).is_err());
        assert!(read(r#"{"comparator":"<"}"#).is_err());
    }
}
