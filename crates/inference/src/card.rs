//! The model card: the 31 source attributes of 45 CFR 170.315(b)(11)(iv)(B), each a text that is never empty.
//!
//! "Not done" and "not known" are honest answers; a missing answer refuses the package (MDL-11).

use std::collections::BTreeMap;

use crate::PackageError;

/// Groups and keys in the order of the rule.
pub const SOURCE_ATTRIBUTES: [(&str, &[&str]); 9] = [
    (
        "output",
        &[
            "developer_contact",
            "funding",
            "output_value",
            "output_kind",
        ],
    ),
    (
        "purpose",
        &[
            "intended_use",
            "intended_population",
            "intended_users",
            "decision_role",
        ],
    ),
    (
        "out of scope",
        &["cautioned_against", "known_risks_and_limits"],
    ),
    (
        "development",
        &[
            "training_inclusion_exclusion",
            "sensitive_inputs",
            "training_representativeness",
            "training_relevance",
        ],
    ),
    (
        "fairness in development",
        &["fairness_approach", "bias_management"],
    ),
    (
        "external validation",
        &[
            "external_source",
            "external_party",
            "external_representativeness",
            "external_process",
        ],
    ),
    (
        "figures",
        &[
            "validity_internal",
            "fairness_internal",
            "validity_external",
            "fairness_external",
            "outcome_evaluations",
        ],
    ),
    (
        "maintenance",
        &[
            "validity_monitoring",
            "validity_local",
            "fairness_monitoring",
            "fairness_local",
        ],
    ),
    ("updates", &["update_process", "correction_schedule"]),
];

/// Longest text of one attribute, bytes.
const LONGEST: usize = 4096;

/// A complete card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card(BTreeMap<String, String>);

/// One attribute as a screen shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its group.
    pub group: &'static str,
    /// Its key.
    pub key: &'static str,
    /// Its text, never empty.
    pub text: &'a str,
}

impl Card {
    pub(crate) fn new(texts: BTreeMap<String, String>) -> Result<Self, PackageError> {
        let refuse = |key: &str, problem| {
            Err(PackageError::Card {
                key: key.to_owned(),
                problem,
            })
        };
        for key in keys() {
            match texts.get(key).map(|text| text.trim()) {
                None => return refuse(key, "is missing"),
                Some("") => return refuse(key, "is empty"),
                Some(text) if text.len() > LONGEST => return refuse(key, "is too long"),
                Some(_) => {}
            }
        }
        match texts.keys().find(|key| !keys().any(|known| known == *key)) {
            Some(key) => refuse(key, "is no source attribute"),
            None => Ok(Self(texts)),
        }
    }

    /// All 31, in the order of the rule.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        SOURCE_ATTRIBUTES.iter().flat_map(|(group, keys)| {
            keys.iter().map(|key| Attribute {
                group,
                key,
                text: self.text(key),
            })
        })
    }

    /// The text of `key`; empty for what is no source attribute.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.0.get(key).map_or("", |text| text.trim())
    }
}

fn keys() -> impl Iterator<Item = &'static str> {
    SOURCE_ATTRIBUTES
        .iter()
        .flat_map(|(_, keys)| keys.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> BTreeMap<String, String> {
        keys()
            .map(|key| (key.to_owned(), "not done".to_owned()))
            .collect()
    }

    #[test]
    fn mdl_11_each_of_the_31_attributes_is_missed_by_name() {
        assert_eq!(keys().count(), 31);
        assert_eq!(Card::new(whole()).unwrap().attributes().count(), 31);
        for key in keys() {
            let mut texts = whole();
            texts.remove(key);
            let error = Card::new(texts).unwrap_err().to_string();
            assert!(error.contains(&format!("card.{key} is missing")), "{error}");
            let mut texts = whole();
            texts.insert(key.to_owned(), " \n".to_owned());
            let error = Card::new(texts).unwrap_err().to_string();
            assert!(error.contains(&format!("card.{key} is empty")), "{error}");
        }
    }

    #[test]
    fn mdl_11_an_attribute_that_the_rule_has_not_is_named() {
        let mut texts = whole();
        texts.insert("colour".into(), "blue".into());
        let error = Card::new(texts).unwrap_err().to_string();
        assert!(error.contains("card.colour is no source attribute"));
    }
}
