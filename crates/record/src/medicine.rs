//! What all readers say of a medicine: the substance of a product code, and milligrams a day. Record-and-signals 4.2.

use std::collections::BTreeMap;

use triptych_clinical::{CodeSystem, Coding};

/// Adds the ATC code and the substance of a known RxNorm product; `mapped` says whether a rule can see the medicine.
pub(crate) fn map_product(codes: &mut Vec<Coding>, attrs: &mut BTreeMap<String, String>) -> bool {
    let known = codes
        .iter()
        .filter(|c| c.system == CodeSystem::RxNorm)
        .find_map(|c| triptych_clinical::medicine(&c.code));
    let has_atc = codes.iter().any(|c| c.system == CodeSystem::Atc);
    if let Some(product) = known {
        attrs.insert("ingredient".to_owned(), product.ingredient.to_owned());
        if let Some(strength) = product.strength_mg {
            attrs.insert("strength_mg".to_owned(), strength.to_string());
        }
        if !has_atc {
            codes.push(Coding {
                system: CodeSystem::Atc,
                code: product.atc.to_owned(),
                display: Some(format!(
                    "mapped from RxNorm {}: {}",
                    product.rxnorm, product.ingredient
                )),
            });
        }
    }
    let mapped = known.is_some() || has_atc;
    attrs.insert(
        "mapped".to_owned(),
        if mapped { "yes" } else { "no" }.to_owned(),
    );
    mapped
}

/// An amount taken each time in milligrams, and how it came about. An amount without a unit counts pieces of the product, and only where
/// the strength of a piece is known.
pub(crate) fn amount_mg(
    value: f64,
    written: &str,
    unit: &str,
    strength_mg: Option<f64>,
) -> Option<(f64, String)> {
    Some(match unit.trim().to_lowercase().as_str() {
        "mg" => (value, format!("{written} mg")),
        "g" => (value * 1000.0, format!("{written} g")),
        "ug" | "mcg" => (value / 1000.0, format!("{written} ug")),
        "" | "1" | "{tablet}" | "{tbl}" | "tablet" | "tablets" | "tab" | "capsule"
        | "{capsule}" => {
            let strength = strength_mg?;
            (value * strength, format!("{written} x {strength} mg"))
        }
        _ => return None,
    })
}

/// Milligrams a day of an amount taken `times` in `hours` hours.
pub(crate) fn a_day((each, shown): (f64, String), times: f64, hours: f64) -> Option<(f64, String)> {
    if !(each >= 0.0 && times > 0.0 && hours > 0.0) {
        return None;
    }
    let per_day = times * 24.0 / hours;
    Some((each * per_day, format!("{shown}, {per_day} a day")))
}

/// Hours of a UCUM unit of time as dosages use them.
pub(crate) fn hours(value: f64, unit: &str) -> Option<f64> {
    Some(match unit {
        "min" => value / 60.0,
        "h" => value,
        "d" => value * 24.0,
        "wk" => value * 168.0,
        _ => return None,
    })
}
