//! R3: category of chronic kidney disease by eGFR and albuminuria.

use super::r01_egfr::sex_words;
use super::{Rule, aki, egfr};
use crate::chart::{EquationSex, Measured};
use crate::desk::{Desk, days, within};
use crate::input::{self, Input};
use crate::number::{Interval, plain};
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R3",
    version: "1.0.0",
    lane: Lane::N,
    title: "Chronic kidney disease category",
    trigger: "creatinine or albumin/creatinine ratio",
    not_applicable: "",
    citation: "KDIGO CKD 2024, chapter 1",
    valid_until: "2027-03-01",
    windows: &["creatinine 1095 d", "albumin/creatinine ratio 1095 d"],
    thresholds: &[
        "abnormal: eGFR below 60, or albumin/creatinine ratio of 30 mg/g (3 mg/mmol) or more",
        "chronic: an unbroken abnormal run of 90 d or more",
        "A1 below 30 mg/g (3 mg/mmol), A2 up to 300 (30), A3 above",
    ],
    limits: &[
        "Fever, exercise, urinary infection and menstruation raise the albumin/creatinine ratio",
        "After kidney transplantation chronicity is not needed; that label is entered by hand",
        "Values on which the acute kidney injury rule fires are left out",
    ],
    settings: &["aki.baseline"],
    evaluate,
};

/// Nearest distance that shows chronicity, and how far back values count.
const CHRONIC_DAYS: i64 = 90;
pub(super) const WINDOW_DAYS: i64 = 1095;

/// A run of abnormal values that ends in the newest one.
pub(super) struct Run<'a> {
    /// Newest first; empty when the newest value is not abnormal.
    pub values: Vec<Measured<'a>>,
}

impl<'a> Run<'a> {
    /// Walks back from the newest value while abnormal.
    fn of(newest_first: &[Measured<'a>], abnormal: impl Fn(&Measured<'a>) -> bool) -> Self {
        Self {
            values: newest_first
                .iter()
                .take_while(|m| abnormal(m))
                .copied()
                .collect(),
        }
    }

    pub fn is_abnormal(&self) -> bool {
        !self.values.is_empty()
    }

    pub fn is_chronic(&self) -> bool {
        self.values
            .first()
            .zip(self.values.last())
            .is_some_and(|(new, old)| {
                let (new, old) = (new.datum.instant(), old.datum.instant());
                within(old.plus_days(CHRONIC_DAYS), new, days(WINDOW_DAYS))
            })
    }

    pub fn since(&self) -> String {
        self.values
            .last()
            .map_or_else(String::new, |m| m.datum.time.iso_date())
    }
}

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    if desk.dialysis() {
        return Finding::quiet(Quiet::Excluded(Exclusion::Dialysis));
    }
    if desk.pregnancy() {
        return Finding::quiet(Quiet::Excluded(Exclusion::Pregnancy));
    }
    let (Some(creatinine), Some(acr)) = (input::by_name("creatinine"), input::by_name("acr"))
    else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let newest_creatinine = desk.newest(creatinine, days(WINDOW_DAYS), &[]);
    let newest_acr = desk.newest(acr, days(WINDOW_DAYS), &[]);
    let none = |r: &Result<Measured<'_>, Why>| matches!(r, Err(Why::Absent | Why::Stale));
    if none(&newest_creatinine) && none(&newest_acr) {
        return Finding::quiet(Quiet::NoTrigger);
    }
    if !matches!(newest_creatinine, Err(Why::Absent)) && desk.missing_sex().is_some() {
        return Finding::cannot_tell().lacking(desk.missing_sex());
    }
    let filtration = match newest_creatinine {
        Err(why) => Err(("creatinine", why)),
        Ok(_) => {
            let series = steady_series(desk, creatinine);
            judge_filtration(desk, &series, &desk.sexes())
        }
    };
    let albuminuria = match newest_acr {
        Err(why) => Err(why),
        Ok(newest) => {
            let series = in_window(desk, acr);
            albumin_category(&newest).ok_or(Why::Open).map(|a| {
                (
                    a,
                    Run::of(&series, |m| albumin_category(m).is_some_and(|a| a > 0)),
                    newest,
                )
            })
        }
    };
    conclude(desk, creatinine, acr, filtration, albuminuria)
}

/// Kidney function over the window, for R3 and R4.
pub(super) struct Filtration<'a> {
    /// Rounded eGFR of the newest value in steady state, mL/min/1.73 m².
    pub egfr: f64,
    /// Values below 60 without a break.
    pub run: Run<'a>,
    /// The value of `egfr`.
    pub newest: Measured<'a>,
}

/// eGFR of the newest value and its run below 60; `series` is newest first. The name and reason of what is missing where it cannot be judged.
pub(super) fn judge_filtration<'a>(
    desk: &Desk<'a>,
    series: &[Measured<'a>],
    sexes: &[EquationSex],
) -> Result<Filtration<'a>, (&'static str, Why)> {
    let egfr_of = |m: &Measured<'_>| {
        desk.chart
            .age_at(m.datum.instant())
            .map(|age| egfr::rounded(m.value, age, sexes))
    };
    let newest = *series.first().ok_or(("steady_state", Why::Aki))?;
    let value = egfr_of(&newest).ok_or(("patient.birthDate", Why::Absent))?;
    Ok(Filtration {
        egfr: value.point().ok_or(("creatinine", Why::Open))?,
        run: Run::of(series, |m| {
            egfr_of(m).is_some_and(|e: Interval| e.high < 60.0)
        }),
        newest,
    })
}

/// Usable creatinine of the window, newest first, without the values on which R2 fires. R2 is asked with the history before each value.
pub(super) fn steady_series<'a>(
    desk: &mut Desk<'a>,
    creatinine: &'static Input,
) -> Vec<Measured<'a>> {
    let at = desk.at();
    // The oldest value of the window has its own history of a year.
    let all = desk.history(creatinine, at, days(WINDOW_DAYS + 365), &[]);
    let mode = desk.settings.aki_baseline;
    let mut left_out = 0_usize;
    let steady = all
        .iter()
        .filter(|m| within(m.datum.instant(), at, days(WINDOW_DAYS)))
        .filter(|m| {
            let taken = m.datum.instant();
            let later = all.partition_point(|e| e.datum.instant() >= taken);
            let year = all.partition_point(|e| {
                within(e.datum.instant(), taken, days(365)) || e.datum.instant() >= taken
            });
            let before = all.get(later..year).unwrap_or_default();
            let acute = aki::assess_open(m, before, mode).is_some_and(|(_, grave)| grave.stage > 0);
            left_out += usize::from(acute);
            !acute
        })
        .copied()
        .collect();
    if left_out > 0 {
        desk.step(format!(
            "{left_out} creatinine value(s) left out: acute kidney injury criterion met at their time"
        ));
    }
    steady
}

fn in_window<'a>(desk: &mut Desk<'a>, input: &'static Input) -> Vec<Measured<'a>> {
    let at = desk.at();
    desk.history(input, at, days(WINDOW_DAYS), &[])
}

/// 0, 1, 2 for A1, A2, A3 by the thresholds of the unit of the report; `None` when an open value leaves it undecided.
fn albumin_category(acr: &Measured<'_>) -> Option<usize> {
    let (a2, a3) = if acr.unit == "mg/mmol" {
        (3.0, 30.0)
    } else {
        (30.0, 300.0)
    };
    let category = |x: f64| match x {
        x if x < a2 => 0,
        x if x <= a3 => 1,
        _ => 2,
    };
    let (low, high) = (category(acr.raw.low), category(acr.raw.high));
    (low == high).then_some(low)
}

const ALBUMIN: [&str; 3] = ["A1", "A2", "A3"];
const RISK: [&str; 4] = ["low", "moderate", "high", "very_high"];

/// Index into [`RISK`].
fn risk(egfr: f64, albumin: usize) -> usize {
    let row = match egfr::category(egfr) {
        "G1" | "G2" => 0,
        "G3a" => 1,
        "G3b" => 2,
        _ => 3,
    };
    (row + albumin).min(3)
}

const fn severity(risk: usize) -> Severity {
    match risk {
        0 => Severity::Info,
        1 => Severity::Low,
        2 => Severity::Moderate,
        _ => Severity::High,
    }
}

fn conclude<'a>(
    desk: &mut Desk<'a>,
    creatinine: &'static Input,
    acr: &'static Input,
    filtration: Result<Filtration<'a>, (&'static str, Why)>,
    albuminuria: Result<(usize, Run<'a>, Measured<'a>), Why>,
) -> Finding {
    let mut known = Finding::silent();
    if let Ok(f) = &filtration {
        desk.rests_on(creatinine, &f.newest, "newest value in steady state");
        for m in f.run.values.iter().skip(1) {
            desk.rests_on(creatinine, m, "earlier value of the abnormal run");
        }
        let g = egfr::category(f.egfr);
        desk.step(format!(
            "eGFR (CKD-EPI 2021 creatinine, sex used: {}) {}: {g}",
            sex_words(desk),
            plain(f.egfr)
        ));
        if f.run.is_abnormal() {
            desk.step(format!(
                "eGFR below 60 without a break since {}: {}",
                f.run.since(),
                chronic_words(&f.run)
            ));
        }
        known = known.with("G", g).number("egfr", f.egfr);
    }
    if let Ok((a, run, newest)) = &albuminuria {
        desk.rests_on(acr, newest, "newest albuminuria");
        for m in run.values.iter().skip(1) {
            desk.rests_on(acr, m, "earlier albuminuria of the abnormal run");
        }
        let a = ALBUMIN.get(*a).copied().unwrap_or("A3");
        desk.step(format!(
            "albumin/creatinine ratio: {a}, by the thresholds of its own unit"
        ));
        if run.is_abnormal() {
            desk.step(format!(
                "raised without a break since {}: {}",
                run.since(),
                chronic_words(run)
            ));
        }
        known = known.with("A", a);
    }
    let chronic_g = filtration.as_ref().is_ok_and(|f| f.run.is_chronic());
    let chronic_a = albuminuria
        .as_ref()
        .is_ok_and(|(_, run, _)| run.is_chronic());
    let keep = |mut finding: Finding| {
        finding.result = known.result.clone();
        finding
    };
    let missing_acr = |finding: Finding| match &albuminuria {
        Ok(_) => finding,
        Err(why) => finding.lacks("acr", *why),
    };

    if chronic_g || chronic_a {
        let since = [
            chronic_g.then(|| {
                filtration
                    .as_ref()
                    .map_or_else(|_| String::new(), |f| f.run.since())
            }),
            chronic_a.then(|| {
                albuminuria
                    .as_ref()
                    .map_or_else(|_| String::new(), |(_, r, _)| r.since())
            }),
        ];
        let since = since.into_iter().flatten().min().unwrap_or_default();
        return fire(&filtration, &albuminuria, &since, keep, missing_acr);
    }
    let abnormal_g = filtration.as_ref().is_ok_and(|f| f.run.is_abnormal());
    let abnormal_a = albuminuria
        .as_ref()
        .is_ok_and(|(_, run, _)| run.is_abnormal());
    let unknown_g = filtration.as_ref().err().copied();
    if !abnormal_g && !abnormal_a && unknown_g.is_none() {
        // A refused newest ratio could still be abnormal; none on record is not evidence of anything.
        return match &albuminuria {
            Err(why) if !matches!(why, Why::Absent | Why::Stale) => {
                keep(Finding::cannot_tell()).lacks("acr", *why)
            }
            _ => keep(Finding::silent()).with("ckd", false),
        };
    }
    let mut finding = missing_acr(keep(Finding::cannot_tell()));
    if abnormal_g {
        finding = finding.lacks("egfr_90d", Why::Absent);
    }
    if abnormal_a {
        finding = finding.lacks("acr_90d", Why::Absent);
    }
    match unknown_g {
        Some((name, why)) => finding.lacks(name, why),
        None => finding,
    }
}

fn fire<'a>(
    filtration: &Result<Filtration<'a>, (&'static str, Why)>,
    albuminuria: &Result<(usize, Run<'a>, Measured<'a>), Why>,
    since: &str,
    keep: impl Fn(Finding) -> Finding,
    missing_acr: impl Fn(Finding) -> Finding,
) -> Finding {
    // What is missing takes every admissible value: any eGFR, any albuminuria.
    let albumin = match albuminuria {
        Ok((a, ..)) => [*a, *a],
        Err(_) => [0, 2],
    };
    let egfrs = match filtration {
        Ok(f) => [f.egfr, f.egfr],
        Err(_) => [90.0, 0.0],
    };
    let [mild, grave] = [risk(egfrs[0], albumin[0]), risk(egfrs[1], albumin[1])];
    let word = |r: usize| RISK.get(r).copied().unwrap_or("very_high");
    let in_words = |r: usize| word(r).replace('_', " ");
    let g = filtration
        .as_ref()
        .map_or("G unknown, ", |f| egfr::category(f.egfr));
    let a = match albuminuria {
        Ok((a, ..)) => ALBUMIN.get(*a).copied().unwrap_or("A3").to_owned(),
        Err(_) => ", albuminuria unknown".to_owned(),
    };
    let risk_words = if mild == grave {
        format!("{} risk", in_words(mild))
    } else {
        format!("{} to {} risk", in_words(mild), in_words(grave))
    };
    let summary = format!("CKD {g}{a}, {risk_words} (KDIGO); abnormal since {since}");
    let mut finding = missing_acr(keep(Finding::fires(severity(mild), summary))).with("ckd", true);
    if albumin[0] != albumin[1] {
        finding = finding.between("A", ALBUMIN[0], ALBUMIN[2]);
    }
    if let Err((name, why)) = filtration {
        finding = finding.lacks(*name, *why);
    }
    if mild == grave {
        finding.with("risk", word(mild))
    } else {
        finding.between("risk", word(mild), word(grave))
    }
}

fn chronic_words(run: &Run<'_>) -> &'static str {
    if run.is_chronic() {
        "90 d or more"
    } else {
        "less than 90 d shown"
    }
}
