//! Which substance a product code means: RxNorm to ATC, from `assets/medicines/rxnorm.txt`. The one table that readers and rules share.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What is known of a product or ingredient code of RxNorm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Medicine {
    /// RxNorm concept identifier (RxCUI).
    pub rxnorm: &'static str,
    /// Substance, or the substances joined by a slash.
    pub ingredient: &'static str,
    /// ATC code of the substance by its usual systemic use.
    pub atc: &'static str,
    /// Milligrams of the substance in one piece (tablet, capsule); `None` where a piece is not the unit of dosing.
    pub strength_mg: Option<f64>,
}

const TABLE: &str = include_str!("../../../assets/medicines/rxnorm.txt");

static MEDICINES: LazyLock<HashMap<&'static str, Medicine>> = LazyLock::new(|| {
    // A test reads every line: the table is part of the program, not an input.
    let medicines = lines().filter_map(read);
    medicines.map(|m| (m.rxnorm, m)).collect()
});

/// Of RxNorm's product or ingredient; `None` when the table does not know the code.
#[must_use]
pub fn medicine(rxnorm: &str) -> Option<&'static Medicine> {
    MEDICINES.get(rxnorm)
}

fn lines() -> impl Iterator<Item = &'static str> {
    let is_row = |line: &&str| !line.is_empty() && !line.starts_with('#');
    TABLE.lines().filter(is_row)
}

fn read(line: &'static str) -> Option<Medicine> {
    let (rxnorm, rest) = line.split_once(' ')?;
    let (atc, rest) = rest.trim_start().split_once(' ')?;
    let (milligrams, ingredient) = rest.trim_start().split_once(' ')?;
    Some(Medicine {
        rxnorm,
        ingredient: ingredient.trim_start(),
        atc,
        strength_mg: match milligrams {
            "-" => None,
            number => Some(number.parse().ok()?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed_and_names_each_code_once() {
        for line in lines() {
            let m = read(line).unwrap_or_else(|| panic!("{line}"));
            assert!(m.rxnorm.bytes().all(|b| b.is_ascii_digit()), "{line}");
            let form = m.atc.len() == 7
                && m.atc.char_indices().all(|(i, c)| match i {
                    0 | 3 | 4 => c.is_ascii_uppercase(),
                    _ => c.is_ascii_digit(),
                });
            assert!(form, "{line}");
            assert!(m.strength_mg.is_none_or(|s| s > 0.0), "{line}");
            assert!(!m.ingredient.is_empty(), "{line}");
        }
        assert_eq!(lines().count(), MEDICINES.len());
        assert_eq!(MEDICINES.len(), 121);
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
            assert_eq!(medicine(code).map(|m| m.atc), Some(atc), "{code}");
        }
        assert_eq!(medicine("860975").and_then(|m| m.strength_mg), Some(500.0));
        assert!(medicine("0").is_none());
    }
}
