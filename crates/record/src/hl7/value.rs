//! OBX-5 by the type in OBX-2. What does not fit its type is kept as text and never computed with.

use triptych_clinical::{Coding, Comparator, Quantity, Value};

use super::escape;
use super::segments::{NULL, Piece, Segment};
use crate::codes;
use crate::fhir::attachment::{self, Content};
use crate::numbers;

/// What stood in OBX-5.
#[derive(Default)]
pub(super) struct Found {
    pub value: Value,
    /// A document: text, or why it has none.
    pub document: Option<Content>,
    /// `""`: the source deletes the value.
    pub deleted: bool,
    pub problems: Vec<String>,
    pub attrs: Vec<(&'static str, String)>,
}

/// Types whose lines make one text.
pub(super) fn is_text(kind: &str) -> bool {
    matches!(kind, "TX" | "FT")
}

pub(super) fn read(obx: &Segment<'_>) -> Found {
    let field = obx.field(5);
    let kind = obx.value(2);
    let mut found = Found::default();
    if field.text.trim().is_empty() {
        return found;
    }
    if field.text == NULL {
        found.deleted = true;
        return found;
    }
    match kind.as_str() {
        "NM" => found.number(obx, field),
        "SN" => found.structured(obx, field),
        "CE" | "CWE" | "CNE" | "CF" => found.coded(obx, field),
        "ED" => found.embedded(obx, field),
        "RP" => {
            found.document = Some(Content::NotShown(
                "the text is at another address and not in this document".to_owned(),
            ));
            found.attrs.push(("pointer", obx.part(field, 1)));
        }
        "DR" => found.pair(obx, field, " to "),
        "NR" => found.pair(obx, field, " - "),
        "TX" | "FT" | "ST" | "IS" | "ID" | "DT" | "TM" | "DTM" | "TS" | "VR" | "SI" => {
            found.text(obx, field);
        }
        "" => {
            found
                .problems
                .push("it has a value and no type: kept as text".to_owned());
            found.text(obx, field);
        }
        other => {
            found
                .problems
                .push(format!("a value of type {other} is kept as text"));
            found.text(obx, field);
        }
    }
    found
}

impl Found {
    fn number(&mut self, obx: &Segment<'_>, field: Piece<'_>) {
        let text = obx.plain(field.text);
        let (comparator, digits) = numbers::comparator(&text);
        if let Some(value) = numbers::decimal(digits) {
            self.quantity(obx, value, digits, comparator);
            return;
        }
        if numbers::is_ambiguous(&text) {
            self.attrs.push((
                "ambiguous",
                "the number can be read in two ways: kept as text, used by no rule".to_owned(),
            ));
            self.problems
                .push("a number that can be read in two ways: kept as text".to_owned());
        } else {
            self.problems
                .push("its type is number and its value is none: kept as text".to_owned());
        }
        self.value = Value::Text(text);
    }

    fn quantity(
        &mut self,
        obx: &Segment<'_>,
        value: f64,
        written: &str,
        comparator: Option<Comparator>,
    ) {
        let (code, words) = (obx.value(6), obx.component(6, 2));
        let unit = Some(code).filter(|c| !c.is_empty());
        let unit_text = Some(words).filter(|w| !w.is_empty() && Some(w) != unit.as_ref());
        let (unit, unit_text) = match (unit, unit_text) {
            (None, Some(words)) => (Some(words), None),
            given => given,
        };
        if unit.is_none() {
            self.attrs.push(("unit", "no unit given".to_owned()));
        }
        self.value = Value::Quantity(Quantity {
            value,
            written: written.into(),
            comparator,
            unit: unit.map(Into::into),
            unit_text: unit_text.map(Into::into),
        });
    }

    /// Comparator, number, separator, number. Only the first two alone are one number; the rest is a range, a ratio or a grade.
    fn structured(&mut self, obx: &Segment<'_>, field: Piece<'_>) {
        let [sign, first, separator, second] = [1, 2, 3, 4].map(|n| obx.part(field, n));
        let (comparator, rest) = numbers::comparator(&sign);
        if separator.is_empty() && second.is_empty() {
            let plain =
                rest.is_empty() && (comparator.is_some() || matches!(sign.as_str(), "" | "="));
            if let (true, Some(value)) = (plain, numbers::decimal(&first)) {
                return self.quantity(obx, value, &first, comparator);
            }
        }
        let sign = if sign == "=" { String::new() } else { sign };
        let text = match separator.as_str() {
            "-" => format!("{sign} {first} - {second}"),
            _ => format!("{sign}{first}{separator}{second}"),
        };
        self.value = Value::Text(text.trim().to_owned());
        self.attrs
            .extend(unit_of(obx).map(|unit| ("text_unit", unit)));
    }

    fn coded(&mut self, obx: &Segment<'_>, field: Piece<'_>) {
        let mut answers = field.split(obx.delimiters.repetition);
        let first = answers.next().unwrap_or_default();
        let (codes, words) = concept(obx, first);
        self.value = match codes.into_iter().next() {
            Some(code) => Value::Coded(Coding {
                display: Some(words).filter(|w| !w.is_empty()).or(code.display),
                ..code
            }),
            None => Value::Text(words),
        };
        let more: Vec<String> = answers
            .map(|a| concept(obx, a).1)
            .filter(|w| !w.is_empty())
            .collect();
        if !more.is_empty() {
            self.attrs.push(("further_answers", more.join("; ")));
        }
    }

    fn pair(&mut self, obx: &Segment<'_>, field: Piece<'_>, between: &str) {
        self.value = Value::Text(format!(
            "{}{between}{}",
            obx.part(field, 1),
            obx.part(field, 2)
        ));
    }

    fn text(&mut self, obx: &Segment<'_>, field: Piece<'_>) {
        let (text, highlighted) = lines(obx, field);
        if !highlighted.is_empty() {
            self.attrs.push(("highlighted", highlighted.join("\n")));
        }
        self.value = Value::Text(text);
    }

    fn embedded(&mut self, obx: &Segment<'_>, field: Piece<'_>) {
        let [kind, subtype, encoding] = [2, 3, 4].map(|n| obx.part(field, n).to_ascii_lowercase());
        let raw = field.rest(obx.delimiters.component, 4);
        let kind = match kind.as_str() {
            "ap" => "application",
            "tx" | "text" | "ft" => "text",
            "im" => "image",
            other => other,
        };
        let mime = match (kind, subtype.as_str()) {
            ("text", "") => "text/plain".to_owned(),
            (kind, _) if kind.contains('/') => kind.to_owned(),
            (kind, subtype) => format!("{kind}/{subtype}"),
        };
        let bytes = match encoding.as_str() {
            "base64" => attachment::decode(raw.text),
            "hex" => hex(raw.text),
            _ => Some(escape::plain(raw.text, &obx.delimiters).text.into_bytes()),
        };
        self.attrs.push(("content_type", mime.clone()));
        self.document = Some(match bytes {
            Some(bytes) => attachment::content_of(&mime, &bytes),
            None => Content::Broken("the document could not be read: its data is damaged"),
        });
    }
}

/// The unit of a value that is text.
fn unit_of(obx: &Segment<'_>) -> Option<String> {
    Some(obx.value(6)).filter(|u| !u.is_empty())
}

/// A text field: repetitions are lines; components of a text are part of it.
pub(super) fn lines(obx: &Segment<'_>, field: Piece<'_>) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut highlighted = Vec::new();
    for (i, line) in field.split(obx.delimiters.repetition).enumerate() {
        let plain = escape::plain(line.text, &obx.delimiters);
        if i > 0 {
            text.push('\n');
        }
        text.push_str(&plain.text);
        highlighted.extend(plain.highlighted);
    }
    (text, highlighted)
}

/// Codes of a CE or CWE, the ones of known systems first, and its words: original text, first text, alternate text, first code.
pub(super) fn concept(segment: &Segment<'_>, piece: Piece<'_>) -> (Vec<Coding>, String) {
    let part = |n| segment.part(piece, n);
    let triplets = [(1, 2, 3), (4, 5, 6), (10, 11, 12)];
    let mut codes: Vec<Coding> = triplets
        .iter()
        .filter_map(|(code, text, system)| {
            codes::coding(&part(*code), &part(*text), &part(*system))
        })
        .collect();
    // Stable: the order of the source stays within both kinds.
    codes.sort_by_key(|c| matches!(c.system, triptych_clinical::CodeSystem::Other(_)));
    let words = [9, 2, 5, 11]
        .iter()
        .map(|n| part(*n))
        .find(|t| !t.is_empty())
        .or_else(|| codes.first().map(|c| c.code.clone()))
        .unwrap_or_default();
    (codes, words)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
