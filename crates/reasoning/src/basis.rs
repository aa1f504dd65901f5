//! What stands behind an outcome: inputs in order, steps in words, thresholds, exclusions, limits, source (D-06, D-07).

use triptych_clinical::{Instant, When};

use crate::chart::FactRef;

/// Everything a reader needs to check an outcome without the program.
#[derive(Clone, Debug, Default)]
pub struct Basis {
    /// Inputs in the order of use.
    pub items: Vec<BasisItem>,
    /// The calculation in words, one step a line.
    pub steps: Vec<String>,
    /// Thresholds of the rule in words.
    pub thresholds: Vec<String>,
    /// Exclusions that were checked, each with its answer.
    pub exclusions: Vec<String>,
    /// Known limits of the rule, and those that this patient's data add.
    pub limits: Vec<String>,
    /// What is missing, in words.
    pub missing: Vec<String>,
    /// Source with section.
    pub citation: String,
    /// ISO date after which the source counts as past review.
    pub valid_until: String,
    /// True when the index time is after `valid_until`: the card says "source past review date".
    pub past_review: bool,
    /// BLAKE3 of rule, version, settings and all facts used or searched for, hexadecimal (D-30).
    pub input_hash: String,
}

/// One input of an outcome.
#[derive(Clone, Debug)]
pub struct BasisItem {
    /// The fact and version; `None` for rule vectors and for what the identity says.
    pub fact: Option<FactRef>,
    /// `Creatinine`
    pub name: String,
    /// Role in the rule, in words.
    pub role: String,
    /// Value in the rule's unit.
    pub canonical: String,
    /// Value and unit as reported.
    pub original: String,
    /// When it was true of the patient; `None` for birth date and sex.
    pub time: Option<When>,
    /// Age at the index time: `3 d`, `14 months`.
    pub age: String,
}

/// Age of a datum in words: `5 h`, `3 d`, `14 months`, `3.3 years`.
#[must_use]
pub fn age_in_words(time: Instant, at: Instant) -> String {
    let days = at.days_since(time);
    if days < 2.0 {
        format!("{} h", (days * 24.0).floor())
    } else if days < 60.0 {
        format!("{} d", days.floor())
    } else if days < 730.5 {
        format!("{} months", (days / 30.4375).floor())
    } else {
        format!("{:.1} years", days / 365.25)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_01_ages_are_words() {
        let at = Instant::from_seconds(2_000_000_000);
        for (days, expected) in [
            (0, "0 h"),
            (1, "24 h"),
            (2, "2 d"),
            (59, "59 d"),
            (430, "14 months"),
            (1205, "3.3 years"),
        ] {
            assert_eq!(age_in_words(at.plus_days(-days), at), expected);
        }
    }
}
