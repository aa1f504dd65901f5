//! Values that the program calculates for display beside reported ones: never mixed with them, each with its formula and what it rests on (D-08).

use triptych_clinical::When;

use crate::chart::{Chart, FactRef};
use crate::input;
use crate::rules::egfr;

/// A series of calculated values.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// Stable name.
    pub key: &'static str,
    /// Name in words.
    pub name: &'static str,
    /// UCUM unit.
    pub unit: &'static str,
    /// Formula with its source.
    pub formula: &'static str,
    /// In order of time.
    pub points: Vec<DerivedPoint>,
}

/// One calculated value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DerivedPoint {
    /// The measured value that it was calculated from.
    pub from: FactRef,
    /// Time of that value.
    pub at: When,
    /// Value, rounded as the rule rounds it.
    pub value: f64,
}

/// eGFR by CKD-EPI 2021 from each usable creatinine of an adult whose sex for equations is known (Inker 2021, NEJM 385:1737). Empty where
/// there is none: a range over both sexes is no point on a chart.
#[must_use]
pub fn derived(chart: &Chart) -> Vec<Derived> {
    let (Some(sex), Some(creatinine)) = (chart.person.sex, input::by_name("creatinine")) else {
        return Vec::new();
    };
    let mut points: Vec<DerivedPoint> = chart
        .of_input(creatinine)
        .filter_map(|datum| {
            let measured = datum.measure(creatinine, &[]).ok()?;
            let age = chart.age_at(datum.instant()).filter(|a| *a >= 18.0)?;
            Some(DerivedPoint {
                from: datum.fact?,
                at: datum.time,
                value: egfr::rounded(measured.value, age, &[sex]).point()?,
            })
        })
        .collect();
    points.sort_by_key(|p| p.at.instant);
    if points.is_empty() {
        return Vec::new();
    }
    vec![Derived {
        key: "egfr",
        name: "eGFR",
        unit: "mL/min/{1.73_m2}",
        formula: "CKD-EPI 2021 creatinine: 142 × min(S/κ, 1)^α × max(S/κ, 1)^−1.200 × 0.9938^age × 1.012 if female; S in mg/dL. \
            Inker 2021, NEJM 385:1737",
        points,
    }]
}
