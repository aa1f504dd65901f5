//! What our values are called in reports: concept, derivation, shape and origin of millimetres as codes, both ways.

use serde::{Serialize, de::DeserializeOwned};

use super::code::{Code, Concept, OWN_SCHEME, concepts as c};
use crate::{annotate::Quantity, display::SpacingProvenance};

/// Lengths, angles, areas: one concept each.
const PLAIN: [(Quantity, Concept); 8] = [
    (Quantity::Length, c::LENGTH),
    (Quantity::LongAxis, c::LONG_AXIS),
    (Quantity::ShortAxis, c::SHORT_AXIS),
    (Quantity::Angle, c::ANGLE),
    (Quantity::CobbAngle, c::COBB_ANGLE),
    (Quantity::Area, c::AREA),
    (Quantity::Perimeter, c::PERIMETER),
    (Quantity::Volume, c::VOLUME),
];

/// Values of pixels: the concept is what the modality measures, the derivation says how they were put together.
const DERIVED: [(Quantity, Concept); 5] = [
    (Quantity::Mean, c::MEAN),
    (Quantity::StandardDeviation, c::STANDARD_DEVIATION),
    (Quantity::Minimum, c::MINIMUM),
    (Quantity::Maximum, c::MAXIMUM),
    (Quantity::Median, c::MEDIAN),
];

/// Code of one of our own words: its name in Rust, which old files keep alive.
pub(super) fn own<T: Serialize>(word: &T, meaning: &str) -> Code {
    let name = match serde_json::to_value(word) {
        Ok(serde_json::Value::String(name)) => name,
        // A word with a number beside it, which is written apart.
        Ok(serde_json::Value::Object(map)) => map.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    };
    Code::new(&name, OWN_SCHEME, meaning)
}

/// The word of a code of our own.
pub(super) fn word<T: DeserializeOwned>(code: &Code) -> Option<T> {
    if code.scheme != OWN_SCHEME {
        return None;
    }
    serde_json::from_value(serde_json::Value::String(code.value.clone())).ok()
}

/// Concept name and derivation of a value.
pub(super) fn codes(quantity: Quantity, unit: &str) -> (Code, Option<Code>) {
    if let Some((_, concept)) = PLAIN.iter().find(|(q, _)| *q == quantity) {
        return (concept.code(), None);
    }
    let measured = match unit {
        "[hnsf'U]" => c::ATTENUATION,
        "g/ml{SUVbw}" => c::SUV_BW,
        _ => c::MODALITY_VALUE,
    };
    if let Some((_, derivation)) = DERIVED.iter().find(|(q, _)| *q == quantity) {
        return (measured.code(), Some(derivation.code()));
    }
    if quantity == Quantity::Value {
        return (measured.code(), None);
    }
    let name = own(&quantity, "");
    let meaning = match quantity {
        Quantity::Count => "Number of pixels".to_owned(),
        _ => name.value.clone(),
    };
    (Code { meaning, ..name }, None)
}

/// What a value of a report is of; `None` for what no drawing of ours states.
pub(super) fn quantity(concept: &Code, derivation: Option<&Code>) -> Option<Quantity> {
    if let Some(own) = word(concept) {
        return Some(own);
    }
    let plain = PLAIN.iter().find(|(_, c)| concept.is(*c)).map(|(q, _)| *q);
    if plain.is_some() || concept.is(c::DISTANCE) {
        // A mean length is none of our quantities.
        return derivation
            .is_none()
            .then(|| plain.unwrap_or(Quantity::Length));
    }
    let measured = [c::ATTENUATION, c::SUV_BW, c::MODALITY_VALUE];
    if !measured.iter().any(|m| concept.is(*m)) {
        return None;
    }
    match derivation {
        None => Some(Quantity::Value),
        Some(code) => DERIVED.iter().find(|(_, c)| code.is(*c)).map(|(q, _)| *q),
    }
}

/// Where millimetres come from, as a measurement method; the magnification beside it where there is one.
pub(super) fn provenance_code(provenance: SpacingProvenance) -> (Code, Option<f64>) {
    let magnification = match provenance {
        SpacingProvenance::MagnificationCorrected(m) => Some(m),
        _ => None,
    };
    (own(&provenance, &provenance.mark()), magnification)
}

/// The same back.
pub(super) fn provenance(code: &Code, magnification: Option<f64>) -> Option<SpacingProvenance> {
    if code.scheme == OWN_SCHEME && code.value == "MagnificationCorrected" {
        return magnification.map(SpacingProvenance::MagnificationCorrected);
    }
    word(code)
}
