//! The CKD-EPI 2021 equations and the G categories of KDIGO. Inker 2021, NEJM 385:1737.

use crate::chart::EquationSex;
use crate::number::{Interval, round};
use crate::outcome::Severity;

const fn kappa(sex: EquationSex) -> f64 {
    match sex {
        EquationSex::Female => 0.7,
        EquationSex::Male => 0.9,
    }
}

const fn alpha(sex: EquationSex) -> f64 {
    match sex {
        EquationSex::Female => -0.241,
        EquationSex::Male => -0.302,
    }
}

/// Value at a creatinine of kappa.
fn at_kappa(age_years: f64, sex: EquationSex) -> f64 {
    let female = if sex == EquationSex::Female {
        1.012
    } else {
        1.0
    };
    142.0 * 0.9938_f64.powf(age_years) * female
}

/// eGFR from creatinine, mL/min/1.73 m², not rounded. Creatinine in mg/dL.
pub fn creatinine(mg_dl: f64, age_years: f64, sex: EquationSex) -> f64 {
    let s = mg_dl / kappa(sex);
    at_kappa(age_years, sex) * s.min(1.0).powf(alpha(sex)) * s.max(1.0).powf(-1.2)
}

/// Creatinine (mg/dL) at which [`creatinine`] gives `egfr`: its exact inverse.
pub fn creatinine_at(egfr: f64, age_years: f64, sex: EquationSex) -> f64 {
    let x = egfr / at_kappa(age_years, sex);
    let s = if x <= 1.0 {
        x.powf(-1.0 / 1.2)
    } else {
        x.powf(1.0 / alpha(sex))
    };
    s * kappa(sex)
}

/// eGFR from creatinine (mg/dL) and cystatin C (mg/L), not rounded.
pub fn combined(mg_dl: f64, cystatin_mg_l: f64, age_years: f64, sex: EquationSex) -> f64 {
    let (alpha, female) = match sex {
        EquationSex::Female => (-0.219, 0.963),
        EquationSex::Male => (-0.144, 1.0),
    };
    let (s, c) = (mg_dl / kappa(sex), cystatin_mg_l / 0.8);
    135.0
        * s.min(1.0).powf(alpha)
        * s.max(1.0).powf(-0.544)
        * c.min(1.0).powf(-0.323)
        * c.max(1.0).powf(-0.778)
        * 0.9961_f64.powf(age_years)
        * female
}

/// Rounded eGFR over all admissible sexes and the whole interval of a creatinine. Falls with creatinine, so the ends are enough.
pub fn rounded(mg_dl: Interval, age_years: f64, sexes: &[EquationSex]) -> Interval {
    over_sexes(sexes, |sex| {
        mg_dl.map(|s| round(creatinine(s, age_years, sex), 0))
    })
}

/// Hull of an interval over the admissible sexes.
pub fn over_sexes(sexes: &[EquationSex], f: impl Fn(EquationSex) -> Interval) -> Interval {
    sexes
        .iter()
        .map(|sex| f(*sex))
        .reduce(Interval::hull)
        .unwrap_or(Interval::exact(f64::NAN))
}

/// G category of a rounded eGFR.
pub fn category(egfr: f64) -> &'static str {
    match egfr {
        e if e >= 90.0 => "G1",
        e if e >= 60.0 => "G2",
        e if e >= 45.0 => "G3a",
        e if e >= 30.0 => "G3b",
        e if e >= 15.0 => "G4",
        _ => "G5",
    }
}

/// Severity of a rounded eGFR below 60.
pub fn severity(egfr: f64) -> Severity {
    match egfr {
        e if e >= 30.0 => Severity::Low,
        e if e >= 15.0 => Severity::Moderate,
        _ => Severity::High,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r1_the_inverse_gives_back_the_creatinine_on_both_branches() {
        for sex in [EquationSex::Female, EquationSex::Male] {
            for mg_dl in [0.3, 0.69, 0.9, 1.4, 6.0] {
                let back = creatinine_at(creatinine(mg_dl, 63.0, sex), 63.0, sex);
                assert!((back - mg_dl).abs() < 1e-9, "{sex:?} {mg_dl}: {back}");
            }
        }
    }
}
