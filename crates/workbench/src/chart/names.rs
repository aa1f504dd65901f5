//! Names as a physician reads them: without the marks of a terminology, and a medicine by its substance and strength.

use triptych_clinical::{CodeSystem, Fact, medicine as product};

/// Semantic tags that end a fully specified name of SNOMED CT.
const TAGS: &[&str] = &[
    "disorder",
    "finding",
    "situation",
    "procedure",
    "regime/therapy",
    "morphologic abnormality",
    "qualifier value",
    "observable entity",
    "event",
    "person",
    "environment",
    "record artifact",
    "substance",
    "product",
    "specimen",
    "physical object",
];

/// A name without its semantic tag and without spaces of no width: `Anemia (disorder)` reads `Anemia`.
pub(crate) fn plain(name: &str) -> String {
    let name: String = name
        .chars()
        .filter(|c| !matches!(c, '\u{200b}' | '\u{feff}'))
        .collect();
    let name = name.trim();
    let bare = name.strip_suffix(')').and_then(|n| n.rsplit_once(" ("));
    match bare {
        Some((rest, tag)) if TAGS.contains(&tag) => rest.trim_end().to_owned(),
        _ => name.to_owned(),
    }
}

/// The setting of an encounter in words (HL7 v3 ActEncounterCode); another code stays as it was sent.
pub(crate) fn setting(class: &str) -> &str {
    match class {
        "AMB" => "ambulatory",
        "EMER" => "emergency",
        "FLD" => "in the field",
        "HH" => "at home",
        "IMP" => "inpatient",
        "ACUTE" => "inpatient, acute",
        "NONAC" => "inpatient, not acute",
        "OBSENC" => "observation",
        "PRENC" => "before admission",
        "SS" => "short stay",
        "VR" => "virtual",
        other => other,
    }
}

/// Name of an encounter; one without a type is called by its class.
pub(crate) fn encounter(fact: &Fact) -> String {
    plain(setting(&fact.display))
}

/// Properties in LOINC's long names that have no slash.
const PROPERTIES: [&str; 9] = [
    "Presence",
    "Score",
    "Ratio",
    "Interpretation",
    "Identifier",
    "Type",
    "Volume Fraction",
    "Entitic volume",
    "Entitic mass",
];

/// A LOINC long name without its property, specimen and method: `Wheat IgE Ab [Units/volume] in Serum` reads `Wheat IgE Ab`. Only where no
/// other result of the record would read the same.
pub(crate) fn analyte(name: &str) -> String {
    let mut short = name.to_owned();
    // `[Mass/volume]` is a property, `[MMSE]` is what it is.
    let property = |words: &str| words.contains('/') || PROPERTIES.contains(&words);
    if let (Some(open), Some(close)) = (short.find(" ["), short.find(']'))
        && short.get(open + 2..close).is_some_and(property)
    {
        short.replace_range(open..=close, "");
    }
    for end in [" by ", " in Serum", " in Blood", " - Reported"] {
        if let Some(at) = short.find(end) {
            short.truncate(at);
        }
    }
    short
}

/// `Metformin 500 mg` where the product is known, else the source's own words.
pub(crate) fn medicine(fact: &Fact) -> String {
    let codes = fact.codes.iter().filter(|c| c.system == CodeSystem::RxNorm);
    let Some(known) = codes.into_iter().find_map(|c| product(&c.code)) else {
        return plain(&fact.display);
    };
    let mut name = known.ingredient.to_owned();
    if let Some(first) = name.get(..1).map(str::to_uppercase) {
        name.replace_range(..1, &first);
    }
    match known.strength_mg {
        Some(mg) => format!("{name} {mg} mg"),
        None => name,
    }
}

/// Modality of a study that a record names: `US`, else `imaging`.
pub(crate) fn modality(fact: &Fact) -> String {
    let stated = fact.attrs.get("modality").filter(|m| !m.is_empty());
    stated.map_or_else(|| "imaging".to_owned(), Clone::clone)
}

/// The source's own words, and how long it lasted.
pub(crate) fn detail(fact: &Fact) -> String {
    let words = match fact.display.as_str() {
        "" => fact
            .codes
            .first()
            .map_or_else(|| "no name given".to_owned(), ToString::to_string),
        words => plain(words),
    };
    let start = fact.placed_at().iso_date();
    match fact.end.map(|e| e.iso_date()) {
        Some(end) if end != start => format!("{words}, to {end}"),
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use triptych_clinical::Coding;

    use crate::chart::made;

    #[test]
    fn semantic_tags_go_and_other_brackets_stay() {
        for (given, shown) in [
            ("Anemia (disorder)", "Anemia"),
            (
                "History of single seizure (situation)",
                "History of single seizure",
            ),
            ("Carbamazepine[Tegretol]", "Carbamazepine[Tegretol]"),
            ("Leukocytes [#/\u{200b}volume]", "Leukocytes [#/volume]"),
            ("Fracture (left)", "Fracture (left)"),
            ("", ""),
        ] {
            assert_eq!(plain(given), shown);
        }
    }

    #[test]
    fn a_known_product_is_named_by_substance_and_strength() {
        let product = |code: &str| {
            medicine(&Fact {
                codes: vec![Coding::new(CodeSystem::RxNorm, code)].into(),
                display: "as sent".into(),
                ..made::fact("m", "2020-01-01")
            })
        };
        assert_eq!(product("310965"), "Ibuprofen 200 mg");
        assert_eq!(product("1736854"), "Cisplatin");
        assert_eq!(product("0"), "as sent");
    }
}
