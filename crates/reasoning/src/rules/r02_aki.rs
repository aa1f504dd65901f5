//! R2: acute kidney injury by creatinine.

use super::{Rule, aki, egfr};
use crate::chart::Measured;
use crate::desk::{Desk, days, reported_text, within};
use crate::input;
use crate::number::{Interval, plain, round, show};
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R2",
    version: "1.0.0",
    lane: Lane::N,
    title: "Acute kidney injury stage",
    trigger: "creatinine",
    not_applicable: "",
    citation: "KDIGO AKI 2012, section 2.1",
    valid_until: "2027-03-01",
    windows: &[
        "current creatinine 7 d",
        "earlier creatinine 365 d before it",
    ],
    thresholds: &[
        "stage 1: ratio to baseline 1.50 or more, or a rise of 0.30 mg/dL or more in 48 h",
        "stage 2: ratio 2.00 or more",
        "stage 3: ratio 3.00 or more, or stage 1 or 2 with creatinine 4.0 mg/dL or more",
    ],
    limits: &[
        "Urine output criteria are not evaluated",
        "Gain of fluid dilutes creatinine",
        "Baseline is the lower of the lowest value in 7 d and the median of 8 to 365 d, the project's choice",
    ],
    settings: &["aki.baseline"],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    if desk.dialysis() {
        return Finding::quiet(Quiet::Excluded(Exclusion::Dialysis));
    }
    let Some(creatinine) = input::by_name("creatinine") else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let current = match desk.newest(creatinine, days(7), &[]) {
        Ok(current) => current,
        Err(Why::Absent | Why::Stale) => return Finding::quiet(Quiet::NoTrigger),
        Err(why) => return Finding::cannot_tell().lacks("creatinine", why),
    };
    desk.rests_on(creatinine, &current, "current value");
    if desk.pregnancy() {
        desk.limit("Pregnancy lowers the usual creatinine");
    }
    let taken = current.datum.instant();
    let series = desk.history(creatinine, taken, days(365), &[]);
    let Some((mild, grave)) = aki::assess_open(&current, &series, desk.settings.aki_baseline)
    else {
        return without_history(desk, &current);
    };
    for earlier in &series {
        let t = earlier.datum.instant();
        if t >= taken || !within(t, taken, days(365)) {
            continue;
        }
        let role = if within(t, taken, days(2)) {
            "comparison within 48 h"
        } else if within(t, taken, days(7)) {
            "comparison within 7 d"
        } else {
            "comparison, 8 to 365 d before"
        };
        desk.rests_on(creatinine, earlier, role);
        if let (Some(a), Some(b)) = (&earlier.datum.method, &current.datum.method)
            && a != b
        {
            desk.limit("Creatinine method changed between the values compared");
        }
    }
    let origin = match mild.source {
        "lowest_7d" => "lowest in 7 d",
        _ => "median of 8-365 d",
    };
    desk.step(format!(
        "baseline {} mg/dL: {origin}",
        show(mild.baseline, 2)
    ));
    desk.step(format!(
        "ratio {} = current {} mg/dL / baseline",
        show(mild.ratio, 2),
        plain(round(current.value.low, 2))
    ));
    desk.step(mild.rise_48h.map_or_else(
        || "no value in the 48 h before: rise not evaluated".to_owned(),
        |d| format!("rise over the lowest value of 48 h: {} mg/dL", show(d, 2)),
    ));
    desk.step(format!("stage {}", mild.stage));
    let finding = match (mild.stage, grave.stage) {
        (0, 0) => Finding::silent(),
        (0, _) => Finding::cannot_tell().lacks("creatinine", Why::Open),
        (stage, _) => Finding::fires(
            match stage {
                1 => Severity::Low,
                2 => Severity::Moderate,
                _ => Severity::High,
            },
            format!(
                "AKI stage {stage} by creatinine: {}, {} x baseline {} mg/dL ({origin})",
                reported_text(&current),
                show(mild.ratio, 2),
                show(mild.baseline, 2),
            ),
        ),
    };
    if mild == grave {
        finding
            .with("stage", mild.stage)
            .number("ratio", mild.ratio)
            .with("delta48h_mg_dl", mild.rise_48h)
            .number("baseline_mg_dl", round(mild.baseline, 2))
            .with("baseline_source", mild.source)
    } else {
        finding.between("ratio", mild.ratio, grave.ratio)
    }
}

/// One value alone: silent where its eGFR is 60 or more for every admissible sex, else it could be old or new.
fn without_history(desk: &mut Desk<'_>, current: &Measured<'_>) -> Finding {
    let sexes = desk.sexes();
    let Some(age) = desk.chart.age_at(current.datum.instant()) else {
        return Finding::cannot_tell().lacks("patient.birthDate", Why::Absent);
    };
    let current = current.value;
    desk.step("no usable creatinine in the 365 d before");
    if egfr::rounded(current, age, &sexes).low >= 60.0 {
        return Finding::quiet(Quiet::NoComparator);
    }
    let ratio = egfr::over_sexes(&sexes, |sex| Interval {
        low: round(current.low / egfr::creatinine_at(60.0, age, sex), 2),
        high: round(current.high / egfr::creatinine_at(90.0, age, sex), 2),
    });
    desk.step(format!(
        "against the creatinine of an eGFR of 60 to 90: ratio {} to {}",
        show(ratio.low, 2),
        show(ratio.high, 2)
    ));
    Finding::cannot_tell()
        .lacks("creatinine_prior", Why::Absent)
        .between("ratio", ratio.low, ratio.high)
}
