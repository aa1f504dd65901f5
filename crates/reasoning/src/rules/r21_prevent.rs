//! R21: lipids and 10-year risk, PREVENT base model.

use super::prevent::{Event, Person, risk};
use super::{Rule, ask, kidney};
use crate::chart::Measured;
use crate::codes;
use crate::desk::{Desk, days, hours, reported_text};
use crate::input::{self, Input};
use crate::number::{Interval, plain, round};
use crate::outcome::{Exclusion, Finding, Lane, Missing, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R21",
    version: "1.0.0",
    lane: Lane::N,
    title: "Lipids and 10-year risk (PREVENT)",
    trigger: "total cholesterol",
    not_applicable: "",
    citation: "Khan 2024, Circulation 149:430; thresholds of the ACC/AHA multisociety dyslipidaemia guideline, March 2026",
    valid_until: "2027-03-01",
    windows: &[
        "LDL and total cholesterol 730 d; HDL cholesterol within 24 h of the total",
        "systolic pressure and creatinine 365 d; smoking status 730 d",
    ],
    thresholds: &[
        "LDL cholesterol 190 mg/dL (4.9 mmol/L) or more: moderate, without a score",
        "10-year ASCVD risk 5 % or more: intermediate (low); 10 % or more: high (moderate)",
        "3 to below 5 %: borderline, and below 3 %: low, no card; on a statin no card",
    ],
    limits: &[
        "Range of the model: total cholesterol 130-320 and HDL 20-100 mg/dL, systolic pressure 90-180 mm Hg, eGFR 15-140, age 30-79",
        "Lipoprotein(a), family history and coronary calcium are not in the model",
        "Thresholds of the pooled cohort equations (7.5, 20) do not apply to this score",
        "Body mass index enters only the heart failure equation, which is not computed",
    ],
    settings: &["aki.baseline"],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.aged(30.0, Some(79.0)) {
        return end;
    }
    let known = desk.active(&codes::ASCVD);
    if desk.excluded_by(known, "known atherosclerotic disease") {
        return Finding::quiet(Quiet::Excluded(Exclusion::Ascvd));
    }
    let (Some(ldl), Some(total)) = (input::by_name("ldl"), input::by_name("tc")) else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let ldl_value = desk.newest(ldl, days(730), &[]);
    let mut not_severe = false;
    if let Ok(value) = &ldl_value {
        desk.rests_on(ldl, value, "severe LDL cholesterol");
        if let Some(finding) = severe(value) {
            return finding;
        }
        not_severe = value.raw.high < severe_limit(value);
    }
    let finding = by_score(desk, total, ldl_value.err());
    if not_severe {
        finding.with("severe_ldl", false)
    } else {
        finding
    }
}

/// The score; `ldl` is why there is no LDL cholesterol.
fn by_score(desk: &mut Desk<'_>, total: &'static Input, ldl: Option<Why>) -> Finding {
    // A refused LDL cholesterol could be a severe one.
    let refused = ldl.filter(|why| !matches!(why, Why::Absent | Why::Stale));
    let total_value = match desk.newest(total, days(730), &[]) {
        Ok(value) => value,
        Err(Why::Absent | Why::Stale) => {
            return match refused {
                Some(why) => Finding::cannot_tell().lacks("ldl", why),
                None => Finding::quiet(Quiet::NoTrigger),
            };
        }
        Err(why) => return Finding::cannot_tell().lacks("tc", why),
    };
    desk.rests_on(total, &total_value, "trigger");
    let finding = score(desk, &total_value);
    match refused {
        Some(why) if finding.severity.is_none() => {
            let cannot = Finding::cannot_tell()
                .lacks("ldl", why)
                .lacking(finding.missing.clone());
            Finding {
                result: finding.result,
                range: finding.range,
                ..cannot
            }
        }
        _ => finding,
    }
}

/// In the unit of its report.
fn severe_limit(value: &Measured<'_>) -> f64 {
    if value.unit == "mmol/L" { 4.9 } else { 190.0 }
}

fn severe(value: &Measured<'_>) -> Option<Finding> {
    let limit = severe_limit(value);
    (value.raw.low >= limit).then(|| {
        let finding = Finding::fires(
            Severity::Moderate,
            format!(
                "LDL cholesterol {}: at or above {} {} (severe)",
                reported_text(value),
                plain(limit),
                value.unit
            ),
        )
        .with("severe_ldl", true)
        .with("unit", value.unit);
        match value.raw.point() {
            Some(v) => finding.number("ldl", v),
            None => finding,
        }
    })
}

/// A number of the model, or why it cannot be used.
fn model_input(value: Interval, least: f64, most: f64) -> Result<f64, Why> {
    let x = value.point().ok_or(Why::Open)?;
    if x < least - 1e-9 || x > most + 1e-9 {
        return Err(Why::OutOfModelRange);
    }
    Ok(x)
}

fn score(desk: &mut Desk<'_>, total: &Measured<'_>) -> Finding {
    let mut lacks: Vec<Missing> = Vec::new();
    let mut keep = |name: &'static str, value: Result<f64, Why>| match value {
        Ok(x) => x,
        Err(why) => {
            lacks.push(Missing::new(name, why));
            f64::NAN
        }
    };
    let taken = total.datum.instant();
    let total_mg_dl = keep("tc", model_input(total.value, 130.0, 320.0));
    let hdl = input::by_name("hdl").ok_or(Why::Absent).and_then(|input| {
        let m = desk.pair(input, taken, hours(24), &[])?;
        desk.rests_on(input, &m, "same sample");
        model_input(m.value, 20.0, 100.0)
    });
    let hdl_mg_dl = keep("hdl", hdl);
    let pressure = input::by_name("sbp").ok_or(Why::Absent).and_then(|input| {
        let m = desk.newest(input, days(365), &[])?;
        desk.rests_on(input, &m, "newest value");
        model_input(m.value, 90.0, 180.0)
    });
    let systolic = keep("sbp", pressure);
    let smoking = smoking(desk);
    let kidney = kidney::current(desk);
    let (diabetes, treated, statin) = (
        stands(desk, &codes::DIABETES, "diabetes"),
        stands(desk, &codes::ANTIHYPERTENSIVE, "antihypertensive medicine"),
        stands(desk, &codes::STATIN, "statin"),
    );
    let kidney = match kidney {
        Ok(k) if k.egfr.low < 15.0 || k.egfr.high > 140.0 => {
            lacks.push(Missing::new("egfr", Why::OutOfModelRange));
            None
        }
        Ok(k) => Some(k),
        Err(missing) => {
            lacks.push(missing);
            None
        }
    };
    let Some(age) = desk.chart.age_at(taken) else {
        return Finding::cannot_tell().lacks("patient.birthDate", Why::Absent);
    };
    let Some(kidney) = kidney.filter(|_| lacks.is_empty()) else {
        return Finding::cannot_tell()
            .lacking(lacks)
            .with("on_statin", statin);
    };
    let smokers: Vec<bool> = smoking.map_or_else(|_| vec![false, true], |s| vec![s]);
    let mut risks: Vec<(f64, f64)> = Vec::new();
    for sex in desk.sexes() {
        let egfr = kidney.of(sex);
        for smoker in &smokers {
            for egfr in [egfr.low, egfr.high] {
                let person = Person {
                    age,
                    total: total_mg_dl,
                    hdl: hdl_mg_dl,
                    systolic,
                    egfr,
                    diabetes,
                    smoker: *smoker,
                    treated,
                    statin,
                };
                risks.push((
                    risk(&person, sex, Event::Ascvd),
                    risk(&person, sex, Event::Cvd),
                ));
            }
        }
    }
    let lacks = smoking
        .err()
        .map(|why| Missing::new("smoking", why))
        .into_iter()
        .chain(desk.missing_sex())
        .chain(
            kidney
                .creatinine
                .value
                .point()
                .is_none()
                .then(|| Missing::new("creatinine", Why::Open)),
        );
    conclude(desk, &risks, statin).lacking(lacks)
}

fn smoking(desk: &mut Desk<'_>) -> Result<bool, Why> {
    let input = input::by_name("smoking").ok_or(Why::Absent)?;
    let datum = desk.answer(input, days(730))?;
    desk.rests_on_statement(datum, "smoking status");
    codes::answers_smoking(datum).ok_or(Why::Absent)
}

fn stands(desk: &mut Desk<'_>, set: &codes::CodeSet, role: &str) -> bool {
    let found = desk.active(set);
    if let Some(datum) = found {
        desk.rests_on_statement(datum, role);
    }
    desk.step(format!(
        "{role} on record: {}",
        if found.is_some() { "yes" } else { "no" }
    ));
    found.is_some()
}

fn category(ascvd: f64) -> &'static str {
    match ascvd {
        r if r >= 10.0 => "high",
        r if r >= 5.0 => "intermediate",
        r if r >= 3.0 => "borderline",
        _ => "low",
    }
}

fn conclude(desk: &mut Desk<'_>, risks: &[(f64, f64)], statin: bool) -> Finding {
    let hull = |of: fn(&(f64, f64)) -> f64| {
        risks
            .iter()
            .map(|r| Interval::exact(of(r)))
            .reduce(Interval::hull)
            .unwrap_or(Interval::exact(f64::NAN))
    };
    let (ascvd, cvd) = (hull(|r| r.0), hull(|r| r.1));
    let words = ask::percent;
    desk.step(format!(
        "PREVENT base model, 10 years: ASCVD {}, total CVD {}",
        words(ascvd),
        words(cvd)
    ));
    let (mild, grave) = (category(ascvd.low), category(ascvd.high));
    let finding = if statin || ascvd.high < 5.0 {
        Finding::silent()
    } else if ascvd.low >= 5.0 {
        let severity = if ascvd.low >= 10.0 {
            Severity::Moderate
        } else {
            Severity::Low
        };
        Finding::fires(
            severity,
            format!(
                "10-year ASCVD risk {} (PREVENT base model): {mild}",
                words(ascvd)
            ),
        )
    } else {
        Finding::cannot_tell()
    };
    let finding = finding.with("on_statin", statin);
    match (ascvd.point(), cvd.point()) {
        (Some(a), Some(c)) => finding
            .number("ascvd10y_pct", round(a, 1))
            .number("cvd10y_pct", round(c, 1))
            .with("category", mild),
        _ => finding
            .between("ascvd10y_pct", ascvd.low, ascvd.high)
            .between("cvd10y_pct", cvd.low, cvd.high)
            .between("category", mild, grave),
    }
}
