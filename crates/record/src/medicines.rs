//! Which substance a product code means: RxNorm to ATC, from `assets/medicines/rxnorm.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// What is known of a product or ingredient code of RxNorm.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Medicine {
    /// RxNorm concept identifier (RxCUI).
    pub rxnorm: String,
    /// Substance, or the substances joined by a slash.
    pub ingredient: String,
    /// ATC code of the substance by its usual systemic use.
    pub atc: String,
    /// Milligrams of the substance in one piece (tablet, capsule); `None` where a piece is not the unit of dosing.
    pub strength_mg: Option<f64>,
}

#[derive(Deserialize)]
struct Table {
    medicine: Vec<Medicine>,
}

static TABLE: LazyLock<HashMap<String, Medicine>> = LazyLock::new(|| {
    let table: Result<Table, _> =
        toml::from_str(include_str!("../../../assets/medicines/rxnorm.toml"));
    // A test parses the file: it is part of the program, not an input.
    table.map_or_else(
        |_| HashMap::new(),
        |t| {
            t.medicine
                .into_iter()
                .map(|m| (m.rxnorm.clone(), m))
                .collect()
        },
    )
});

/// The product or ingredient of an RxNorm code; `None` when the table does not know it.
#[must_use]
pub fn medicine(rxnorm: &str) -> Option<&'static Medicine> {
    TABLE.get(rxnorm)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_table_is_well_formed_and_names_each_code_once() {
        let table: Table =
            toml::from_str(include_str!("../../../assets/medicines/rxnorm.toml")).unwrap();
        assert_eq!(table.medicine.len(), TABLE.len());
        for m in &table.medicine {
            assert!(m.rxnorm.bytes().all(|b| b.is_ascii_digit()), "{}", m.rxnorm);
            let form = m.atc.len() == 7
                && m.atc.char_indices().all(|(i, c)| match i {
                    0 | 3 | 4 => c.is_ascii_uppercase(),
                    _ => c.is_ascii_digit(),
                });
            assert!(form, "{} {}", m.rxnorm, m.atc);
            assert!(m.strength_mg.is_none_or(|s| s > 0.0));
        }
    }

    /// Record-and-signals 4.2: the products and ingredients that rules ask for.
    #[test]
    fn r15_products_and_ingredients_of_the_rules_have_their_atc_code() {
        let listed = [
            ("860975", "A10BA02"),
            ("106892", "A10AD01"),
            ("316049", "C03AA03"),
            ("315971", "C03CA01"),
            ("1719286", "C03CA01"),
            ("866414", "C07AB02"),
            ("197361", "C08CA01"),
            ("897718", "C08DA01"),
            ("833036", "C09AA01"),
            ("316672", "C10AA01"),
            ("312961", "C10AA01"),
            ("259255", "C10AA05"),
            ("197604", "C01AA05"),
            ("855332", "B01AA03"),
            ("309362", "B01AC04"),
            ("105586", "L04AX03"),
            ("849574", "M01AE02"),
            ("198014", "M01AE02"),
            ("310965", "M01AE01"),
            ("198405", "M01AE01"),
            ("310325", "B03AA07"),
            ("2001499", "B03BA01"),
            ("6809", "A10BA02"),
            ("6448", "N05AN01"),
            ("3407", "C01AA05"),
            ("6851", "L04AX03"),
            ("11289", "B01AA03"),
            ("9997", "C03DA01"),
            ("29046", "C09AA03"),
            ("52175", "C09CA01"),
            ("10829", "J01EA01"),
            ("2626", "N05AH02"),
            ("5487", "C03AA03"),
            ("83367", "C10AA05"),
        ];
        for (code, atc) in listed {
            assert_eq!(medicine(code).map(|m| m.atc.as_str()), Some(atc), "{code}");
        }
        assert_eq!(medicine("860975").and_then(|m| m.strength_mg), Some(500.0));
        assert!(medicine("0").is_none());
    }
}
