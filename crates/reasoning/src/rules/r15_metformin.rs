//! R15: metformin and kidney function.

use super::r01_egfr::{NO_STEADY_STATE, sex_words, span_words};
use super::{Rule, aki, egfr};
use crate::codes;
use crate::desk::{Desk, days, within};
use crate::input;
use crate::number::plain;
use crate::outcome::{Finding, Lane, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R15",
    version: "1.0.0",
    lane: Lane::N,
    title: "Metformin and kidney function",
    trigger: "active metformin",
    not_applicable: "",
    citation: "FDA drug safety communication on metformin, 8 April 2016, and label; KDIGO diabetes in CKD 2022, chapter 4",
    valid_until: "2027-03-01",
    windows: &["creatinine 365 d; 180 d once eGFR is below 60"],
    thresholds: &[
        "eGFR below 30: contraindicated by label (high)",
        "eGFR 30 to 44: review (moderate); dose above 1000 mg/day is named",
        "eGFR 45 to 59: monitor, no card",
        "acute kidney injury criterion within 7 d, or dialysis: high",
    ],
    limits: &[
        "The label advises against starting at an eGFR of 30 to 45",
        "Iodinated contrast at an eGFR of 30 to 60 is a question of its own",
        "An eGFR of another equation is not used",
    ],
    settings: &["aki.baseline"],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let Some(metformin) = desk.active(&codes::METFORMIN) else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    desk.rests_on_statement(metformin, "trigger: active medicine");
    let dose = metformin
        .attrs
        .get("dose_mg_day")
        .and_then(|d| d.parse::<f64>().ok())
        .filter(|d| d.is_finite());
    let with_dose = |f: Finding| match dose {
        Some(d) => f.number("dose_mg_day", d),
        None => f,
    };
    if desk.dialysis() {
        return with_dose(
            Finding::fires(
                Severity::High,
                "Metformin with dialysis (label: contraindicated below eGFR 30)".to_owned(),
            )
            .with("band", "dialysis"),
        );
    }
    let Some(creatinine) = input::by_name("creatinine") else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let current = desk.newest(creatinine, days(365), &[]);
    if let Ok(value) = &current {
        let earlier = desk.history(creatinine, value.datum.instant(), days(365), &[]);
        let judged = aki::assess_open(value, &earlier, desk.settings.aki_baseline);
        let judged = judged.filter(|(mild, _)| mild.stage > 0);
        if judged.is_some() && !within(value.datum.instant(), desk.at(), days(7)) {
            desk.limit(NO_STEADY_STATE);
        } else if let Some((mild, _)) = judged {
            desk.rests_on(creatinine, value, "acute kidney injury criterion met");
            desk.step(format!(
                "R2 on this value: stage {}, ratio {}",
                mild.stage,
                plain(mild.ratio)
            ));
            return with_dose(
                Finding::fires(
                    Severity::High,
                    format!(
                        "Metformin with acute kidney injury criterion, stage {} (label: contraindicated below eGFR 30)",
                        mild.stage
                    ),
                )
                .with("band", "aki")
                .with("aki_stage", mild.stage),
            );
        }
    }
    if desk.pregnancy() {
        return Finding::cannot_tell().lacks("egfr", Why::Pregnancy);
    }
    let current = match current {
        Ok(current) => current,
        Err(why) => return with_dose(Finding::cannot_tell().lacks("creatinine", why)),
    };
    desk.rests_on(creatinine, &current, "kidney function");
    let taken = current.datum.instant();
    let Some(age) = desk.chart.age_at(taken) else {
        return Finding::cannot_tell().lacks("patient.birthDate", Why::Absent);
    };
    let value = egfr::rounded(current.value, age, &desk.sexes());
    desk.step(format!(
        "CKD-EPI 2021 creatinine, sex used: {}: eGFR {}",
        sex_words(desk),
        span_words(value)
    ));
    if value.low < 60.0 && !within(taken, desk.at(), days(180)) {
        desk.step("eGFR below 60 and the creatinine is older than 180 d: a new one is due");
        let finding = Finding::cannot_tell().lacks("creatinine", Why::Stale);
        return with_dose(match value.point() {
            Some(v) => finding.number("egfr_last", v),
            None => finding
                .between("egfr_last", value.low, value.high)
                .lacking(desk.missing_sex()),
        });
    }
    let finding = if value.high < 45.0 {
        let (band, severity) = band(value.high);
        let dose_words = match dose {
            Some(d) if band == "review" && d > 1000.0 => format!(", {} mg/day", plain(d)),
            _ => String::new(),
        };
        Finding::fires(
            severity,
            format!(
                "Metformin{dose_words} with eGFR {}: {band} (label: contraindicated below 30)",
                span_words(value)
            ),
        )
    } else if value.low >= 45.0 {
        Finding::silent()
    } else {
        Finding::cannot_tell()
    };
    let finding = with_dose(finding.lacking(desk.missing_sex()));
    let Some(v) = value.point() else {
        let open = current.value.point().is_none() && value.low < 45.0 && value.high >= 45.0;
        let finding = finding.between("egfr", value.low, value.high);
        let (mild, grave) = (band(value.high).0, band(value.low).0);
        let finding = if mild == grave {
            finding.with("band", mild)
        } else {
            finding.between("band", mild, grave)
        };
        return if open {
            finding.lacks("creatinine", Why::Open)
        } else {
            finding
        };
    };
    let (band, _) = band(v);
    let finding = finding.number("egfr", v).with("band", band);
    match dose {
        Some(d) if band == "review" => finding.with("dose_above_1000", d > 1000.0),
        _ => finding,
    }
}

/// Band and severity of a rounded eGFR; the severity counts only where the band fires.
fn band(egfr: f64) -> (&'static str, Severity) {
    match egfr {
        e if e < 30.0 => ("contraindicated", Severity::High),
        e if e < 45.0 => ("review", Severity::Moderate),
        e if e < 60.0 => ("monitor", Severity::Info),
        _ => ("ok", Severity::Info),
    }
}
