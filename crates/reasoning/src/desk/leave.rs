//! Reasons to leave a rule early, each recorded as checked: age, dialysis, pregnancy, a problem that ends the rule.

use super::{Desk, days, within};
use crate::chart::Datum;
use crate::codes;
use crate::outcome::{Exclusion, Finding, Quiet, Why};

impl<'a> Desk<'a> {
    /// Birth date missing, or younger than 18 years (A18).
    ///
    /// # Errors
    /// The finding that ends the rule.
    pub fn adult(&mut self) -> Result<(), Finding> {
        self.aged(18.0, None).map(|_| ())
    }

    /// Birth date missing, or younger than a rule is made for, in completed years at the index time.
    ///
    /// # Errors
    /// The finding that ends the rule.
    pub fn aged_from(&mut self, years: f64) -> Result<(), Finding> {
        self.aged(years, None).map(|_| ())
    }

    /// Completed years at the index time, where they lie between `least` and `most` (both inclusive).
    ///
    /// # Errors
    /// The finding that ends the rule: birth date missing, or another age.
    pub fn aged(&mut self, least: f64, most: Option<f64>) -> Result<f64, Finding> {
        let at = self.chart.at;
        let what = match most {
            None => format!("age below {least}"),
            Some(most) => format!("age below {least} or above {most}"),
        };
        match self.chart.age_at(at) {
            None => Err(Finding::cannot_tell().lacks("patient.birthDate", Why::Absent)),
            Some(age) if age < least || most.is_some_and(|m| age > m) => {
                self.exclusion(&what, true);
                Err(Finding::quiet(Quiet::Excluded(Exclusion::Age)))
            }
            Some(age) => {
                self.basis
                    .exclusions
                    .push(format!("{what}: no ({age} years)"));
                Ok(age)
            }
        }
    }

    /// A problem that ends the rule; recorded as checked either way.
    pub fn excluded_by(&mut self, found: Option<&'a Datum>, what: &str) -> bool {
        if let Some(datum) = found {
            self.rests_on_statement(datum, what);
        }
        self.exclusion(what, found.is_some());
        found.is_some()
    }

    /// Dialysis (DIA).
    pub fn dialysis(&mut self) -> bool {
        let at = self.chart.at;
        let problem = self.active(&codes::DIALYSIS_PROBLEM);
        let procedure = self.statement(&codes::DIALYSIS_PROCEDURE, |d| {
            within(d.instant(), at, days(14))
        });
        let found = problem.or(procedure);
        if let Some(datum) = found {
            self.rests_on_statement(datum, "dialysis");
        }
        self.exclusion("dialysis", found.is_some());
        found.is_some()
    }

    /// Active pregnancy (PRG).
    pub fn pregnancy(&mut self) -> bool {
        let at = self.chart.at;
        let problem = self.active(&codes::PREGNANCY);
        let status = self
            .statement(&codes::PREGNANCY_STATUS, |d| {
                within(d.instant(), at, days(280))
            })
            .filter(|d| codes::answers_pregnant(d));
        let found = problem.or(status);
        if let Some(datum) = found {
            self.rests_on_statement(datum, "pregnancy");
        }
        self.exclusion("pregnancy", found.is_some());
        found.is_some()
    }
}
