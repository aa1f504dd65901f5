//! What R21 and R26 share: the eGFR of R1 (creatinine equation) where it may be used.

use super::r01_egfr::{NO_STEADY_STATE, sex_words, span_words};
use super::{aki, egfr};
use crate::chart::{EquationSex, Measured};
use crate::desk::{Desk, days, within};
use crate::input;
use crate::number::Interval;
use crate::outcome::{Missing, Why};

/// The newest creatinine and what follows from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kidney<'a> {
    /// Creatinine, mg/dL.
    pub creatinine: Measured<'a>,
    /// Completed years at the specimen.
    pub age: f64,
    /// eGFR over all admissible sexes, mL/min/1.73 m², integer.
    pub egfr: Interval,
}

impl Kidney<'_> {
    /// eGFR of one sex.
    pub(super) fn of(&self, sex: EquationSex) -> Interval {
        egfr::rounded(self.creatinine.value, self.age, &[sex])
    }
}

/// The eGFR from the newest creatinine of 365 d.
///
/// # Errors
/// What is missing: the creatinine, or an eGFR that may be used (pregnancy; acute kidney injury criterion within 7 d).
pub(super) fn current<'a>(desk: &mut Desk<'a>) -> Result<Kidney<'a>, Missing> {
    let lacks = |why| Missing::new("creatinine", why);
    let creatinine = input::by_name("creatinine").ok_or_else(|| lacks(Why::Absent))?;
    let value = desk.newest(creatinine, days(365), &[]).map_err(lacks)?;
    desk.rests_on(creatinine, &value, "kidney function");
    if desk.pregnancy() {
        return Err(Missing::new("egfr", Why::Pregnancy));
    }
    let taken = value.datum.instant();
    let earlier = desk.history(creatinine, taken, days(365), &[]);
    let injured = aki::assess_open(&value, &earlier, desk.settings.aki_baseline)
        .is_some_and(|(_, grave)| grave.stage > 0);
    if injured && within(taken, desk.at(), days(7)) {
        return Err(Missing::new("egfr", Why::Aki));
    }
    if injured {
        desk.limit(NO_STEADY_STATE);
    }
    let age = desk
        .chart
        .age_at(taken)
        .ok_or_else(|| Missing::new("patient.birthDate", Why::Absent))?;
    let egfr = egfr::rounded(value.value, age, &desk.sexes());
    desk.step(format!(
        "CKD-EPI 2021 creatinine, sex used: {}: eGFR {}",
        sex_words(desk),
        span_words(egfr)
    ));
    Ok(Kidney {
        creatinine: value,
        age,
        egfr,
    })
}
