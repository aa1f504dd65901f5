//! HL7 v3 data types: codes, times, quantities, intervals, identifiers, null flavours.

use triptych_clinical::{
    Absence, CodeSystem, Coding, Comparator, Quantity, ReferenceRange, Value, When,
};

use super::xml::{self, Node};
use crate::fhir::datatypes::is_loinc;

/// Codes of a CD, its translations after it; the words are the code's own, else those of its original text.
pub(super) fn concept(node: Option<Node<'_>>) -> (Vec<Coding>, String) {
    let Some(node) = node else {
        return Default::default();
    };
    let mut codes: Vec<Coding> = coding(node).into_iter().collect();
    for translation in xml::children(node, "translation") {
        codes.extend(coding(translation).filter(|c| !codes.contains(c)));
    }
    let words = codes
        .iter()
        .find_map(|c| c.display.clone())
        .or_else(|| xml::attr(node, "displayName").map(str::to_owned))
        .or_else(|| {
            let text = xml::words(xml::child(node, "originalText")?);
            Some(text).filter(|t| !t.is_empty())
        })
        .or_else(|| codes.first().map(|c| c.code.clone()))
        .unwrap_or_default();
    (codes, words)
}

/// One code with its system; a code under LOINC that is no LOINC code is kept under a system of its own.
fn coding(node: Node<'_>) -> Option<Coding> {
    let code = xml::attr(node, "code")?;
    let oid = xml::attr(node, "codeSystem").unwrap_or_default();
    let system = match oid {
        "2.16.840.1.113883.12.292" => CodeSystem::Cvx,
        "2.16.840.1.113883.6.73" => CodeSystem::Atc,
        "1.2.840.10008.2.16.4" => CodeSystem::Dicom,
        "" => CodeSystem::Other(
            xml::attr(node, "codeSystemName")
                .unwrap_or_default()
                .to_owned(),
        ),
        oid => CodeSystem::from_uri(&format!("urn:oid:{oid}")),
    };
    let system = match system {
        CodeSystem::Loinc if !is_loinc(code) => {
            CodeSystem::Other(format!("urn:oid:{oid} (not a LOINC code)"))
        }
        system => system,
    };
    Some(Coding {
        system,
        code: code.to_owned(),
        display: xml::attr(node, "displayName").map(str::to_owned),
    })
}

/// An HL7 time: `2012`, `201208`, `20120806`, `201208061415-0500`, `20120806141530.123+0100`.
pub(super) fn time(text: &str) -> Option<When> {
    let text = text.trim();
    let (stamp, zone) = match text.rfind(['+', '-']) {
        Some(at) => (
            text.get(..at)?,
            Some((text.get(at..=at)?, text.get(at + 1..)?)),
        ),
        None => (text, None),
    };
    let offset = match zone {
        None => 0,
        Some((sign, digits)) => {
            let number = |range| digits.get(range).and_then(|d: &str| d.parse::<i16>().ok());
            let minutes = number(0..2)? * 60 + if digits.len() > 2 { number(2..4)? } else { 0 };
            if minutes > 14 * 60 {
                return None;
            }
            if sign == "-" { -minutes } else { minutes }
        }
    };
    let whole = stamp.split('.').next().unwrap_or(stamp);
    if !whole.bytes().all(|b| b.is_ascii_digit())
        || !matches!(whole.len(), 4 | 6 | 8 | 10 | 12 | 14)
    {
        return None;
    }
    let date = stamp.get(..whole.len().min(8))?;
    let of_day = stamp.get(8..).filter(|t| !t.is_empty());
    When::from_dicom(date, of_day, if of_day.is_some() { offset } else { 0 }).ok()
}

/// What a time element says.
#[derive(Default, Clone, Copy, PartialEq, Debug)]
pub(super) struct Times<'a> {
    pub start: Option<When>,
    pub end: Option<When>,
    /// The end is there, but its date is not known.
    pub end_unknown: bool,
    /// A text that is no real time.
    pub wrong: Option<&'a str>,
}

/// TS and IVL_TS: a point, or an interval with one end or two.
pub(super) fn times<'a>(node: Option<Node<'a>>) -> Times<'a> {
    let mut found = Times::default();
    let Some(node) = node else {
        return found;
    };
    let mut read = |n: Option<Node<'a>>| -> Option<When> {
        let text = xml::attr(n?, "value")?;
        let when = time(text);
        if when.is_none() {
            found.wrong = Some(text);
        }
        when
    };
    let point = read(Some(node));
    let low = read(xml::child(node, "low"));
    let high = read(xml::child(node, "high"));
    let center = read(xml::child(node, "center"));
    found.start = point.or(low).or(center);
    found.end = high;
    let high = xml::child(node, "high");
    found.end_unknown = high.is_some_and(|h| xml::null(h).is_some());
    found
}

/// The id of a statement or document: root and extension. One without a root or with a null flavour names nothing.
pub(super) fn id<'a>(node: Node<'a>) -> Option<(&'a str, &'a str)> {
    let root = xml::attr(node, "root").filter(|_| xml::null(node).is_none())?;
    Some((root, xml::attr(node, "extension").unwrap_or_default()))
}

/// The first id of an element that names something.
pub(super) fn first_id<'a>(node: Node<'a>) -> Option<(&'a str, &'a str)> {
    xml::children(node, "id").find_map(id)
}

/// An explicit unknown.
pub(super) fn absent(flavour: &str) -> Value {
    Value::Absent(Absence {
        reason: flavour.to_owned(),
    })
}

/// The value of an observation, and what is to be said about it.
pub(super) fn value(node: Node<'_>) -> Result<(Value, Option<String>), String> {
    let kind = xml::kind(node);
    let plain = |value| Ok((value, None));
    match kind {
        "PQ" | "INT" | "REAL" | "MO" => match quantity(node)? {
            Some(q) => plain(Value::Quantity(q)),
            None => plain(absent(xml::null(node).unwrap_or("NI"))),
        },
        "IVL_PQ" | "IVL_INT" | "IVL_REAL" => interval(node).map(|v| (v, None)),
        "CD" | "CE" | "CO" | "CV" | "CS" => {
            let (codes, words) = concept(Some(node));
            match codes.into_iter().next() {
                Some(mut code) => {
                    code.display = Some(words);
                    plain(Value::Coded(code))
                }
                None if words.is_empty() => plain(absent(xml::null(node).unwrap_or("NI"))),
                None => plain(Value::Text(words)),
            }
        }
        "ED" if xml::attr(node, "representation") == Some("B64") => plain(Value::Text(format!(
            "{} attached, not shown",
            xml::attr(node, "mediaType").unwrap_or("a file")
        ))),
        "ST" | "ED" | "SC" => match (xml::words(node), xml::null(node)) {
            (words, Some(flavour)) if words.is_empty() => plain(absent(flavour)),
            (words, _) if words.is_empty() => plain(absent("NI")),
            (words, _) => plain(Value::Text(words)),
        },
        "BL" => plain(match xml::attr(node, "value") {
            Some("true") => Value::Text("yes".to_owned()),
            Some("false") => Value::Text("no".to_owned()),
            _ => absent(xml::null(node).unwrap_or("NI")),
        }),
        "TS" | "IVL_TS" => {
            let times = times(Some(node));
            let shown = |w: Option<When>| w.map_or_else(|| "?".to_owned(), |w| w.to_string());
            plain(match (times.start, times.end) {
                (None, None) => absent(xml::null(node).unwrap_or("NI")),
                (start, None) => Value::Text(shown(start)),
                (start, end) => Value::Text(format!("{} to {}", shown(start), shown(end))),
            })
        }
        "RTO" | "RTO_PQ_PQ" => {
            let side = |name| -> Result<String, String> {
                let q = xml::child(node, name).map_or(Ok(None), quantity)?;
                Ok(q.map_or_else(|| "?".to_owned(), |q| shown(&q)))
            };
            plain(Value::Text(format!(
                "{} : {}",
                side("numerator")?,
                side("denominator")?
            )))
        }
        _ => match xml::null(node) {
            Some(flavour) => plain(absent(flavour)),
            None => {
                let words = xml::words(node);
                let said = format!("a value of type {kind:?}, shown as its text");
                Ok((
                    if words.is_empty() {
                        absent("NI")
                    } else {
                        Value::Text(words)
                    },
                    Some(said),
                ))
            }
        },
    }
}

fn shown(q: &Quantity) -> String {
    let unit = q.unit.as_deref().or(q.unit_text.as_deref());
    unit.map_or_else(
        || q.written.clone(),
        |u| format!("{} {u}", q.written).into(),
    )
    .to_string()
}

/// A PQ, INT or REAL. A number that its source could not give in UCUM stands in a translation, with the unit in words.
pub(super) fn quantity(node: Node<'_>) -> Result<Option<Quantity>, String> {
    if let Some(written) = xml::attr(node, "value") {
        let value = number(written)?;
        let unit = xml::attr(node, "unit").map(str::to_owned);
        return Ok(Some(Quantity {
            value,
            written: written.into(),
            comparator: None,
            unit: unit.map(Into::into),
            unit_text: None,
        }));
    }
    let Some(other) = xml::children(node, "translation").find(|t| xml::attr(*t, "value").is_some())
    else {
        return Ok(None);
    };
    let written = xml::attr(other, "value").unwrap_or_default();
    let words = xml::child(other, "originalText").map(xml::words);
    Ok(Some(Quantity {
        value: number(written)?,
        written: written.into(),
        comparator: None,
        // The source says that this is no UCUM unit: words, and no rule reads them.
        unit: None,
        unit_text: words.filter(|w| !w.is_empty()).map(Into::into),
    }))
}

fn number(written: &str) -> Result<f64, String> {
    let plain = written.strip_prefix(['+', '-']).unwrap_or(written);
    let starts = plain
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_digit() || b == b'.');
    match written.parse::<f64>() {
        Ok(value) if value.is_finite() && starts => Ok(value),
        _ => Err("its value is not a number".to_owned()),
    }
}

/// One end of an interval: the quantity, and whether it belongs to the interval (it does unless the source says no).
fn end(node: Node<'_>, name: &str) -> Result<Option<(Quantity, bool)>, String> {
    let Some(end) = xml::child(node, name) else {
        return Ok(None);
    };
    let inclusive = xml::attr(end, "inclusive") != Some("false");
    Ok(quantity(end)?.map(|q| (q, inclusive)))
}

/// An interval as a result: one open end is a bound. A lower end of 0 beside an upper one says "at most", because no measure is below 0.
fn interval(node: Node<'_>) -> Result<Value, String> {
    let (low, high) = (end(node, "low")?, end(node, "high")?);
    let bound = |(q, inclusive): (Quantity, bool), closed, open| {
        Value::Quantity(Quantity {
            comparator: Some(if inclusive { closed } else { open }),
            ..q
        })
    };
    let at_most = |end| bound(end, Comparator::AtMost, Comparator::Below);
    Ok(match (low, high) {
        (None, None) => absent(xml::null(node).unwrap_or("NI")),
        (None, Some(high)) => at_most(high),
        (Some((low, _)), Some(high)) if low.value == 0.0 => at_most(high),
        (Some(low), None) => bound(low, Comparator::AtLeast, Comparator::Above),
        (Some((low, _)), Some((high, _))) => {
            Value::Text(format!("{} - {}", low.written, shown(&high)))
        }
    })
}

/// The reference range of an observation: the first that is for results within the range or says nothing of its kind, the others as words.
pub(super) fn reference_range(observation: Node<'_>) -> Result<Option<ReferenceRange>, String> {
    let ranges: Vec<Node<'_>> = xml::children(observation, "referenceRange")
        .filter_map(|r| xml::child(r, "observationRange"))
        .collect();
    let Some(first) = ranges
        .iter()
        .find(|r| {
            let kind = xml::attr_of(**r, "interpretationCode", "code");
            matches!(kind, None | Some("N"))
        })
        .or(ranges.first())
    else {
        return Ok(None);
    };
    let (mut low, mut high) = (None, None);
    let mut texts = Vec::new();
    for range in &ranges {
        let value = xml::child(*range, "value");
        let (l, h) = match value.filter(|v| xml::kind(*v).starts_with("IVL")) {
            Some(v) => (end(v, "low")?, end(v, "high")?),
            None => (None, None),
        };
        if range == first && l.iter().chain(&h).all(|(q, _)| q.unit_text.is_none()) {
            (low, high) = (l.as_ref().map(|e| e.0.value), h.as_ref().map(|e| e.0.value));
        }
        let text = match (l, h) {
            (Some((l, _)), Some((h, _))) => format!("{} - {}", l.written, shown(&h)),
            (Some((l, _)), None) => format!(">= {}", shown(&l)),
            (None, Some((h, _))) => format!("<= {}", shown(&h)),
            (None, None) => {
                let own = xml::child(*range, "text")
                    .map(xml::words)
                    .unwrap_or_default();
                if own.is_empty() {
                    value.map(xml::words).unwrap_or_default()
                } else {
                    own
                }
            }
        };
        let of = xml::child(*range, "interpretationCode")
            .and_then(|c| xml::attr(c, "displayName"))
            .filter(|_| ranges.len() > 1);
        match (of, text.is_empty()) {
            (_, true) => {}
            (Some(of), false) => texts.push(format!("{of}: {text}")),
            (None, false) => texts.push(text),
        }
    }
    let text = Some(texts.join("; ")).filter(|t| !t.is_empty());
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
    fn times_keep_their_precision_and_zone() {
        let shown = |t: &str| time(t).map(|w| (w.to_string(), w.offset_minutes));
        assert_eq!(shown("2012"), Some(("2012".to_owned(), 0)));
        assert_eq!(shown("201208"), Some(("2012-08".to_owned(), 0)));
        assert_eq!(shown("20120806"), Some(("2012-08-06".to_owned(), 0)));
        assert_eq!(shown("20120806-0500"), Some(("2012-08-06".to_owned(), 0)));
        let zoned = Some(("2012-08-06 14:15".to_owned(), -300));
        assert_eq!(shown("201208061415-0500"), zoned);
        assert_eq!(shown("20120806141500.123-0500"), zoned);
        for wrong in [
            "",
            "20120230",
            "2012080",
            "20121",
            "x",
            "201208061415-9900",
            "2012-08-06",
        ] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }
}
