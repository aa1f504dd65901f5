//! What is fixed before an evaluation is run: who, which rules, which period, which seed.

use serde::{Deserialize, Serialize};
use triptych_clinical::{Fact, Identity, Instant, When};

use crate::outcome::Severity;
use crate::rules::{self, Rule};
use crate::settings::Settings;

/// One patient of the cohort. Nothing of the identity but sex, birth date and death leaves this module.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Pseudonymous number.
    pub number: u32,
    /// Who it is.
    pub identity: Identity,
    /// Every fact in every version.
    pub facts: Vec<Fact>,
}

/// The protocol of one evaluation.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// What the cohort is called.
    pub name: String,
    /// Rules by id.
    pub rules: Vec<&'static Rule>,
    /// Rules that were asked for and are not built.
    pub not_built: Vec<String>,
    /// First instant of the period.
    pub from: Instant,
    /// Last instant of the period.
    pub to: Instant,
    /// Least severity of a fire that counts.
    pub severity: Severity,
    /// Seed of every random draw.
    pub seed: u64,
    /// Switches of the rules.
    pub settings: Settings,
    /// Hash of rules and settings that was written down before the period was looked at (L-7).
    pub fixed: Option<String>,
}

/// A cohort file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CohortFile {
    /// What the cohort is called.
    #[serde(default)]
    pub name: String,
    /// Keys or identifiers of patients; absent: everybody in the archive.
    pub patients: Option<Vec<String>>,
    /// Rules by id; absent: every rule of the table that is built.
    pub rules: Option<Vec<String>>,
    /// ISO date.
    pub from: Option<String>,
    /// ISO date: the period ends with this day.
    pub to: Option<String>,
    /// `info`, `low`, `moderate` or `high`; absent: `info`.
    pub severity: Option<String>,
    /// Seed; absent: 1.
    pub seed: Option<u64>,
    /// `rules_hash` of the manifest of an earlier run.
    pub rules_hash: Option<String>,
}

/// 1900-01-01: nothing was known before, where no period is named.
const FIRST: Instant = Instant::from_seconds(-2_208_988_800);

/// A protocol that cannot be used. One line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// Not TOML, or a field that nobody knows.
    #[error("the cohort file cannot be used: {0}")]
    File(String),
    /// No rule of this name is in the table of conditions.
    #[error("{0} is a rule of no condition of the lead-time table")]
    Rule(String),
    /// No date.
    #[error("{0:?} is no date of the form 2015-01-01")]
    Date(String),
    /// The period is empty.
    #[error("the period ends before it begins")]
    Period,
    /// No severity.
    #[error("{0:?} is no severity: info, low, moderate or high")]
    Severity(String),
}

impl CohortFile {
    /// Reads a cohort file.
    ///
    /// # Errors
    /// [`ProtocolError::File`] with the place and reason.
    pub fn read(text: &str) -> Result<Self, ProtocolError> {
        toml::from_str(text).map_err(|e| ProtocolError::File(e.to_string().replace('\n', " ")))
    }

    /// The protocol of this file. A missing period begins with 1900 and ends at `last`.
    ///
    /// # Errors
    /// [`ProtocolError`] names what cannot be used.
    pub fn protocol(&self, last: Instant) -> Result<Protocol, ProtocolError> {
        let (rules, not_built) = chosen(self.rules.as_deref())?;
        let from = self.from.as_deref().map(day).transpose()?;
        let to = self.to.as_deref().map(day).transpose()?;
        let from = from.unwrap_or(FIRST);
        let to = to.map_or(last, |d| Instant(d.plus_days(1).0.saturating_sub(1)));
        if to < from {
            return Err(ProtocolError::Period);
        }
        Ok(Protocol {
            name: self.name.clone(),
            rules,
            not_built,
            from,
            to,
            severity: match self.severity.as_deref() {
                None | Some("info") => Severity::Info,
                Some("low") => Severity::Low,
                Some("moderate") => Severity::Moderate,
                Some("high") => Severity::High,
                Some(other) => return Err(ProtocolError::Severity(other.to_owned())),
            },
            seed: self.seed.unwrap_or(1),
            settings: Settings::default(),
            fixed: self.rules_hash.clone(),
        })
    }
}

/// Rules of the table, or those that were asked for; those that are not built by name.
fn chosen(asked: Option<&[String]>) -> Result<(Vec<&'static Rule>, Vec<String>), ProtocolError> {
    let of_table: Vec<&str> = super::CONDITIONS
        .iter()
        .flat_map(|c| c.rules.iter().copied())
        .collect();
    let names: Vec<String> = match asked {
        None => of_table.iter().map(ToString::to_string).collect(),
        Some(asked) => asked.iter().map(|a| a.trim().to_uppercase()).collect(),
    };
    let mut built: Vec<&'static Rule> = Vec::new();
    let mut not_built = Vec::new();
    for name in names {
        if !of_table.contains(&name.as_str()) {
            return Err(ProtocolError::Rule(name));
        }
        match rules::by_id(&name) {
            Some(rule) if !built.iter().any(|b| b.id == rule.id) => built.push(rule),
            Some(_) => {}
            None => not_built.push(name),
        }
    }
    Ok((built, not_built))
}

fn day(text: &str) -> Result<Instant, ProtocolError> {
    When::parse(text)
        .ok()
        .filter(|_| text.trim().len() == 10)
        .map(|w| w.instant)
        .ok_or_else(|| ProtocolError::Date(text.to_owned()))
}
