//! PREVENT base model, 10 years: Khan 2024, Circulation 149:430. Record-and-signals, table 2.4.

use crate::chart::EquationSex;
use crate::number::round;

/// What the base model asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    /// Completed years.
    pub age: f64,
    /// Total cholesterol, mg/dL.
    pub total: f64,
    /// HDL cholesterol, mg/dL.
    pub hdl: f64,
    /// Systolic pressure, mm Hg.
    pub systolic: f64,
    /// eGFR, mL/min/1.73 m².
    pub egfr: f64,
    /// Known diabetes.
    pub diabetes: bool,
    /// Current smoker.
    pub smoker: bool,
    /// Antihypertensive treatment.
    pub treated: bool,
    /// Statin.
    pub statin: bool,
}

/// Which event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Atherosclerotic disease.
    Ascvd,
    /// Atherosclerotic disease or heart failure.
    Cvd,
}

const TERMS: usize = 20;

/// Coefficients: women ASCVD, men ASCVD, women CVD, men CVD. The order of the rows is that of [`terms`].
#[rustfmt::skip]
const COEFFICIENTS: [[f64; 4]; TERMS] = [
    [0.719883, 0.7099847, 0.7939329, 0.7688528],       // A
    [0.1176967, 0.1658663, 0.0305239, 0.0736174],      // N
    [-0.151185, -0.1144285, -0.1606857, -0.0954431],   // H
    [-0.0835358, -0.2837212, -0.2394003, -0.4347345],  // s1
    [0.3592852, 0.3239977, 0.3600781, 0.3362658],      // s2
    [0.8348585, 0.7189597, 0.8667604, 0.7692857],      // diabetes
    [0.4831078, 0.3956973, 0.5360739, 0.4386871],      // smoker
    [0.4864619, 0.3690075, 0.6045917, 0.5378979],      // e1
    [0.0397779, 0.0203619, 0.0433769, 0.0164827],      // e2
    [0.2265309, 0.2036522, 0.3151672, 0.288879],       // treated
    [-0.0592374, -0.0865581, -0.1477655, -0.1337349],  // statin
    [-0.0395762, -0.0322916, -0.0663612, -0.0475924],  // s2 * treated
    [0.0844423, 0.114563, 0.1197879, 0.150273],        // N * statin
    [-0.0567839, -0.0300005, -0.0819715, -0.0517874],  // A * N
    [0.0325692, 0.0232747, 0.0306769, 0.0191169],      // A * H
    [-0.1035985, -0.0927024, -0.0946348, -0.1049477],  // A * s2
    [-0.2417542, -0.2018525, -0.27057, -0.2251948],    // A * diabetes
    [-0.0791142, -0.0970527, -0.078715, -0.0895067],   // A * smoker
    [-0.1671492, -0.1217081, -0.1637806, -0.1543702],  // A * e1
    [-3.819975, -3.500655, -3.307728, -3.031168],      // constant
];

fn terms(p: &Person) -> [f64; TERMS] {
    let yes = |b: bool| f64::from(u8::from(b));
    let (diabetes, smoker) = (yes(p.diabetes), yes(p.smoker));
    let (treated, statin) = (yes(p.treated), yes(p.statin));
    let a = (p.age - 55.0) / 10.0;
    let n = (p.total - p.hdl) * 0.02586 - 3.5;
    let h = (p.hdl * 0.02586 - 1.3) / 0.3;
    let s1 = (p.systolic.min(110.0) - 110.0) / 20.0;
    let s2 = (p.systolic.max(110.0) - 130.0) / 20.0;
    let e1 = (p.egfr.min(60.0) - 60.0) / -15.0;
    let e2 = (p.egfr.max(60.0) - 90.0) / -15.0;
    [
        a,
        n,
        h,
        s1,
        s2,
        diabetes,
        smoker,
        e1,
        e2,
        treated,
        statin,
        s2 * treated,
        n * statin,
        a * n,
        a * h,
        a * s2,
        a * diabetes,
        a * smoker,
        a * e1,
        1.0,
    ]
}

/// 10-year risk in per cent, one decimal.
pub(super) fn risk(p: &Person, sex: EquationSex, event: Event) -> f64 {
    let sum: f64 = terms(p)
        .iter()
        .zip(&COEFFICIENTS)
        .map(|(term, [fa, ma, fc, mc])| {
            term * match (sex, event) {
                (EquationSex::Female, Event::Ascvd) => fa,
                (EquationSex::Male, Event::Ascvd) => ma,
                (EquationSex::Female, Event::Cvd) => fc,
                (EquationSex::Male, Event::Cvd) => mc,
            }
        })
        .sum();
    round(100.0 / (1.0 + (-sum).exp()), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example that accompanies the publication: woman, 50, TC 200, HDL 45, SBP 160 treated, diabetes, non-smoker, eGFR 90.
    #[test]
    fn the_published_worked_example() {
        let p = Person {
            age: 50.0,
            total: 200.0,
            hdl: 45.0,
            systolic: 160.0,
            egfr: 90.0,
            diabetes: true,
            smoker: false,
            treated: true,
            statin: false,
        };
        let of = |event| risk(&p, EquationSex::Female, event);
        assert!(
            (of(Event::Ascvd) - 9.2).abs() < 1e-9,
            "{}",
            of(Event::Ascvd)
        );
        assert!((of(Event::Cvd) - 14.7).abs() < 1e-9, "{}", of(Event::Cvd));
    }
}
