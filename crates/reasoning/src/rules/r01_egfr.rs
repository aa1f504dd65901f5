//! R1: estimated glomerular filtration rate, CKD-EPI 2021.

use super::{Rule, aki, egfr};
use crate::basis::age_in_words;
use crate::desk::{Desk, days, within};
use crate::input;
use crate::number::{Interval, plain};
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Why};

pub(super) static RULE: Rule = Rule {
    id: "R1",
    version: "1.0.0",
    lane: Lane::N,
    title: "Estimated GFR, CKD-EPI 2021",
    trigger: "creatinine",
    not_applicable: "",
    citation: "Inker 2021, NEJM 385:1737; KDIGO CKD 2024, section 1.2",
    valid_until: "2027-03-01",
    windows: &[
        "creatinine 365 d",
        "cystatin C within 14 d of the creatinine",
    ],
    thresholds: &[
        "shown below 60 mL/min/1.73 m²",
        "low 30-59, moderate 15-29, high below 15",
    ],
    limits: &[
        "Creatinine changes without a change of filtration in amputation, extreme muscle mass, with creatine, trimethoprim or cobicistat",
        "Creatinine of a blood-gas analyser (LOINC 38483-4) has a wider error",
        "An eGFR reported by a laboratory is another fact and is not mixed in",
    ],
    settings: &["aki.baseline"],
    evaluate,
};

/// For a value on which R2 fired when it was taken, more than 7 d ago: computed, and said.
pub(super) const NO_STEADY_STATE: &str = "The acute kidney injury criterion was met when this creatinine was taken: it may not have been a steady state";

pub(super) const UNIT: &str = "mL/min/{1.73_m2}";

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
    let (Some(creatinine), Some(cystatin)) =
        (input::by_name("creatinine"), input::by_name("cystatinc"))
    else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let current = match desk.newest(creatinine, days(365), &[]) {
        Ok(current) => current,
        Err(Why::Absent) => return Finding::quiet(Quiet::NoTrigger),
        Err(why) => return Finding::cannot_tell().lacks("creatinine", why),
    };
    desk.rests_on(creatinine, &current, "trigger");
    let taken = current.datum.instant();
    let earlier = desk.history(creatinine, taken, days(365), &[]);
    if let Some((_, grave)) = aki::assess_open(&current, &earlier, desk.settings.aki_baseline)
        && grave.stage > 0
    {
        if !within(taken, desk.at(), days(7)) {
            desk.limit(NO_STEADY_STATE);
        } else {
            desk.step(format!(
                "acute kidney injury criterion met on this value (R2, stage {}): no steady state, no eGFR",
                grave.stage
            ));
            return Finding::cannot_tell().lacks("steady_state", Why::Aki);
        }
    }
    let Some(age) = desk.chart.age_at(taken) else {
        return Finding::cannot_tell().lacks("patient.birthDate", Why::Absent);
    };
    let paired = desk.pair(cystatin, taken, days(14), &[]).ok();
    let sexes = desk.sexes();
    let from_creatinine = egfr::rounded(current.value, age, &sexes);
    let (value, equation) = match &paired {
        None => (from_creatinine, "CKD-EPI 2021 cr"),
        Some(cys) => {
            desk.rests_on(cystatin, cys, "second marker");
            let both = egfr::over_sexes(&sexes, |sex| {
                let at = |s, c| crate::number::round(egfr::combined(s, c, age, sex), 0);
                Interval {
                    low: at(current.value.high, cys.value.high),
                    high: at(current.value.low, cys.value.low),
                }
            });
            (both, "CKD-EPI 2021 cr-cys")
        }
    };
    desk.step(format!(
        "age at specimen {age} years; sex used: {}",
        sex_words(desk)
    ));
    desk.step(format!(
        "{equation}: eGFR {} mL/min/1.73 m², rounded to an integer",
        span_words(value)
    ));
    let age_text = age_in_words(taken, desk.at());
    let finding = if value.high < 60.0 {
        Finding::fires(
            egfr::severity(value.high),
            format!(
                "eGFR {} mL/min/1.73 m² ({equation}), {age_text} old",
                span_words(value)
            ),
        )
    } else if value.low >= 60.0 {
        Finding::silent()
    } else {
        Finding::cannot_tell()
    };
    let finding = finding
        .lacking(desk.missing_sex())
        .with("unit", UNIT)
        .with("equation", equation);
    let undecided_by_bound = value.point().is_none() && desk.missing_sex().is_none();
    let finding = if undecided_by_bound {
        finding.lacks("creatinine", Why::Open)
    } else {
        finding
    };
    let finding = match value.point() {
        Some(v) => finding
            .number("egfr", v)
            .with("category", egfr::category(v)),
        None => finding.between("egfr", value.low, value.high),
    };
    match (paired.is_some(), from_creatinine.point()) {
        (true, Some(v)) => finding.number("egfr_cr", v),
        _ => finding,
    }
}

pub(super) fn sex_words(desk: &Desk<'_>) -> &'static str {
    match desk.sexes().as_slice() {
        [crate::chart::EquationSex::Female] => "female",
        [crate::chart::EquationSex::Male] => "male",
        _ => "not recorded, both tried",
    }
}

/// `51`, `between 45 and 60`.
pub(super) fn span_words(value: Interval) -> String {
    value.point().map_or_else(
        || format!("between {} and {}", plain(value.low), plain(value.high)),
        plain,
    )
}
