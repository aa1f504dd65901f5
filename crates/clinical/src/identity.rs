//! Who a person is, as sources say it: identifiers, name, birth date, sex. No merging happens here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::{IndexTime, When};

/// One patient in the archive. Linked records of one person share the smallest key of the link group as their person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PatientKey(pub i64);

/// An identifier with the authority that issued it. Two equal values of different issuers are two persons until somebody says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// Assigning authority: FHIR `identifier.system`, DICOM Issuer of Patient ID (0010,0021); empty when the source names none.
    pub issuer: String,
    /// Type where given: `MR`, `SS`, `DL` …; empty otherwise.
    pub kind: String,
    /// The identifier itself.
    pub value: String,
}

/// Administrative sex as the source gives it. Never inferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sex {
    /// female
    Female,
    /// male
    Male,
    /// Anything else that was stated
    Other,
    /// Not stated
    #[default]
    Unknown,
}

/// A birth date, as precise as its source.
pub type BirthDate = When;

/// A person as one source describes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// All identifiers; the first one is shown.
    pub identifiers: Vec<Identifier>,
    /// Family name.
    pub family: String,
    /// Given names.
    pub given: String,
    /// Birth date, if stated.
    pub birth_date: Option<BirthDate>,
    /// Sex, if stated.
    pub sex: Sex,
    /// Time of death, if stated.
    pub deceased: Option<When>,
    /// True for made-up patients (the sample): shown wherever the name is.
    pub synthetic: bool,
}

impl Identity {
    /// `HYATT, Neva`: family name in capitals, as in the header and in every viewport.
    #[must_use]
    pub fn display_name(&self) -> String {
        match (self.family.is_empty(), self.given.is_empty()) {
            (false, false) => format!("{}, {}", self.family.to_uppercase(), self.given),
            (false, true) => self.family.to_uppercase(),
            (true, false) => self.given.clone(),
            (true, true) => "name not recorded".to_owned(),
        }
    }

    /// The death that was known at `at`.
    #[must_use]
    pub fn died_by(&self, at: IndexTime) -> Option<When> {
        self.deceased.filter(|d| d.instant <= at)
    }

    /// Up to when something can hold of this person: `at`, or the end of the day of death where that came before it. Nothing is current,
    /// due or indicated after it.
    #[must_use]
    pub fn alive_until(&self, at: IndexTime) -> IndexTime {
        self.died_by(at)
            .map_or(at, |death| death.end_of_last_date().min(at))
    }

    /// Completed years at `at`; `None` without a birth date or before it.
    #[must_use]
    pub fn age_years(&self, at: IndexTime) -> Option<u16> {
        let birth = self.birth_date?.instant.date();
        let today = at.date();
        let before_birthday = (today.month(), today.day()) < (birth.month(), birth.day());
        u16::try_from(
            i32::from(today.year()) - i32::from(birth.year()) - i32::from(before_birthday),
        )
        .ok()
    }
}

impl Sex {
    /// `F`, `M`, `O`, or `sex not recorded`.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Female => "F",
            Self::Male => "M",
            Self::Other => "O",
            Self::Unknown => "sex not recorded",
        }
    }
}

impl fmt::Display for PatientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Instant;

    #[test]
    fn age_counts_completed_years() {
        let born = |d| Identity {
            birth_date: When::parse(d).ok(),
            ..Identity::default()
        };
        let at = When::parse("2021-02-22").map_or(Instant::default(), |w| w.instant);
        assert_eq!(born("1970-05-28").age_years(at), Some(50));
        assert_eq!(born("1970-02-22").age_years(at), Some(51));
        assert_eq!(born("2022-01-01").age_years(at), None);
        assert_eq!(Identity::default().age_years(at), None);
    }

    #[test]
    fn a_life_ends_with_the_day_of_death_as_its_source_says_it() {
        let until = |death: &str, at: &str| {
            let instant = |text: &str| When::parse(text).unwrap_or_else(|e| panic!("{e}")).instant;
            let who = Identity {
                deceased: When::parse(death).ok(),
                ..Identity::default()
            };
            who.alive_until(instant(at)).to_string()
        };
        let now = "2026-11-23T10:00:00Z";
        assert_eq!(until("2012-10-11", now), "2012-10-11T23:59:59.999999Z");
        assert_eq!(until("2012-10", now), "2012-10-31T23:59:59.999999Z");
        assert_eq!(
            until("2012-10-11T03:00:00-05:00", now),
            "2012-10-12T04:59:59.999999Z"
        );
        let before = "2012-10-10T10:00:00Z";
        assert_eq!(until("2012-10-11", before), before);
        // On the day itself nothing lies ahead of the index time.
        assert_eq!(
            until("2012-10-11", "2012-10-11T10:00:00Z"),
            "2012-10-11T10:00:00Z"
        );
        assert_eq!(until("", now), now);
    }
}
