//! Addresses, codes and quantities that export and import share.

use serde_json::{Map, Value as Json, json};

/// Language of the expressions (`Expression.language`).
pub(super) const K3: &str = "text/triptych-k3";
/// UCUM.
pub(super) const UCUM: &str = "http://unitsofmeasure.org";

/// Address of one of our extensions.
pub(super) fn extension_url(name: &str) -> String {
    format!("urn:triptych:fhir:pathway:{name}")
}

/// Canonical address of a pack, or of a part of it.
pub(super) fn canonical(pack: &str, part: &str) -> String {
    if part.is_empty() {
        format!("urn:triptych:pathway:{pack}")
    } else {
        format!("urn:triptych:pathway:{pack}:{part}")
    }
}

/// A resource id: at most 64 letters.
pub(super) fn resource_id(pack: &str, part: &str) -> String {
    let room = 63_usize.saturating_sub(part.len());
    let pack: String = pack.chars().take(room).collect();
    if part.is_empty() {
        pack
    } else {
        format!("{pack}-{part}")
    }
}

/// A name that programs can use: `iron-deficiency` as `IronDeficiency`.
pub(super) fn computable(id: &str) -> String {
    let mut name = String::from("Pathway");
    for word in id.split('-') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        name.extend(letters);
    }
    name
}

/// An extension with one value: `extension("lane", "valueCode", "N")`.
pub(super) fn extension(name: &str, kind: &str, value: impl Into<Json>) -> Json {
    let mut map = Map::new();
    map.insert("url".to_owned(), extension_url(name).into());
    map.insert(kind.to_owned(), value.into());
    Json::Object(map)
}

/// An expression of the pack.
pub(super) fn expression(text: &str) -> Json {
    json!({ "language": K3, "expression": text })
}

/// A concept of one of our own code lists.
pub(super) fn concept(list: &str, code: &str) -> Json {
    json!({ "coding": [{ "system": format!("urn:triptych:codes:{list}"), "code": code }] })
}

/// Units of time: as packs write them, in UCUM, in words.
const SPANS: [(&str, &str, &str); 5] = [
    ("h", "h", "hours"),
    ("d", "d", "days"),
    ("w", "wk", "weeks"),
    ("mo", "mo", "months"),
    ("y", "a", "years"),
];

/// `2w` as a FHIR Duration. Another spelling of the same number is kept beside it.
pub(super) fn duration(text: &str) -> Json {
    let split = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let value: f64 = number.parse().unwrap_or_default();
    let (_, code, words) = SPANS
        .iter()
        .find(|(own, ..)| *own == unit)
        .copied()
        .unwrap_or(("", "1", ""));
    let mut quantity =
        json!({ "value": crate::number::json(value), "unit": words, "system": UCUM, "code": code });
    if duration_text(&quantity).as_deref() != Some(text)
        && let Some(map) = quantity.as_object_mut()
    {
        map.insert(
            "extension".to_owned(),
            json!([extension("written", "valueString", text)]),
        );
    }
    quantity
}

/// A FHIR Duration as packs write it.
pub(super) fn duration_text(quantity: &Json) -> Option<String> {
    let written = quantity
        .get("extension")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .find(|e| e.get("url").and_then(Json::as_str) == Some(&extension_url("written")))
        .and_then(|e| e.get("valueString")?.as_str());
    if let Some(text) = written {
        return Some(text.to_owned());
    }
    let code = quantity.get("code")?.as_str()?;
    let (own, ..) = SPANS.iter().find(|(_, ucum, _)| *ucum == code)?;
    Some(format!("{}{own}", quantity.get("value")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_come_back_as_they_were_written() {
        for text in ["24h", "2d", "4w", "18mo", "5y", "1.5d", "2.50w", "02w"] {
            let back = duration_text(&duration(text));
            assert_eq!(back.as_deref(), Some(text));
        }
        assert_eq!(
            duration("2w"),
            json!({ "value": 2, "unit": "weeks", "system": UCUM, "code": "wk" })
        );
    }

    #[test]
    fn ids_fit_into_64_letters() {
        assert_eq!(resource_id("iron", "n1-o2"), "iron-n1-o2");
        assert_eq!(resource_id(&"x".repeat(80), "n1-o2").len(), 64);
        assert_eq!(computable("iron-deficiency"), "PathwayIronDeficiency");
    }
}
