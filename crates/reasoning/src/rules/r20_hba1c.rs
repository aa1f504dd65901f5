//! R20: HbA1c trend and target in known diabetes.

use super::{Rule, glycaemia};
use crate::chart::{Measured, Reported};
use crate::codes;
use crate::desk::{Desk, days, reported_text, within};
use crate::input;
use crate::number::{round, show};
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R20",
    version: "1.0.0",
    lane: Lane::N,
    title: "HbA1c trend and target",
    trigger: "HbA1c",
    not_applicable: "no diabetes on the problem list",
    citation: "ADA Standards of Care, sections 6 and 13",
    valid_until: "2027-03-01",
    windows: &[
        "HbA1c 183 d",
        "earlier HbA1c 60 to 365 d before it",
        "individual target 1095 d",
    ],
    thresholds: &[
        "above target: low; 9.0 % or more: moderate",
        "at target and risen by 0.5 or more: low",
        "age 65 or more, below 6.5 % on insulin or a sulfonylurea: possible overtreatment, moderate",
    ],
    limits: &[
        "The target is the patient's; 7.0 % is used where none is recorded",
        "Continuous glucose monitoring may say something else",
        "mmol/mol is converted by the NGSP master equation, one decimal",
    ],
    settings: &["hba1c.target"],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    if desk.pregnancy() {
        return Finding::quiet(Quiet::Excluded(Exclusion::Pregnancy));
    }
    let Some(diabetes) = desk.active(&codes::DIABETES) else {
        return Finding::quiet(Quiet::NotApplicable);
    };
    desk.rests_on_statement(diabetes, "known diabetes");
    let Some(hba1c) = input::by_name("hba1c") else {
        return Finding::quiet(Quiet::NotApplicable);
    };
    let newest = match desk.newest(hba1c, days(183), &[]) {
        Ok(newest) => newest,
        Err(why) => return Finding::cannot_tell().lacks("hba1c", why),
    };
    desk.rests_on(hba1c, &newest, "newest value");
    if glycaemia::hba1c_is_confounded(desk) {
        return Finding::cannot_tell().lacks("hba1c", Why::Confounded);
    }
    let Some(pct) = newest.value.point().map(|v| round(v, 1)) else {
        return Finding::cannot_tell().lacks("hba1c", Why::Open);
    };
    let (target, source) = target(desk);
    desk.step(format!(
        "HbA1c {} %, target {} % ({source})",
        show(pct, 1),
        show(target, 1)
    ));
    let change = change(desk, &newest, pct);
    let trend = change.map(|c| match c {
        c if c >= 0.5 => "rising",
        c if c <= -0.5 => "falling",
        _ => "steady",
    });
    let at = desk.at();
    let old = desk.chart.age_at(at).is_some_and(|a| a >= 65.0);
    let strong = desk.active(&codes::INSULIN_OR_SULFONYLUREA);
    let reported = reported_text(&newest);
    let target_words = format!("{} % ({source})", show(target, 1));
    let (band, finding) = if pct > target {
        let severity = if pct >= 9.0 {
            Severity::Moderate
        } else {
            Severity::Low
        };
        let trend_words = trend.map_or_else(String::new, |t| format!(", {t}"));
        (
            "above_target",
            Finding::fires(
                severity,
                format!("HbA1c {reported}: above target {target_words}{trend_words}"),
            ),
        )
    } else if let Some(medicine) = strong.filter(|_| old && pct < 6.5) {
        desk.rests_on_statement(medicine, "insulin or sulfonylurea");
        (
            "possible_overtreatment",
            Finding::fires(
                Severity::Moderate,
                format!(
                    "HbA1c {reported} at age 65 or more on insulin or a sulfonylurea: possible overtreatment"
                ),
            ),
        )
    } else if trend == Some("rising") {
        (
            "at_target",
            Finding::fires(
                Severity::Low,
                format!(
                    "HbA1c {reported}: at target {target_words}, risen by {} points",
                    show(change.unwrap_or_default(), 1)
                ),
            ),
        )
    } else {
        ("at_target", Finding::silent())
    };
    let finding = finding
        .number("hba1c_pct", pct)
        .number("target_pct", target)
        .with("target_source", source)
        .with("band", band);
    match (change, trend) {
        (Some(change), Some(trend)) => finding
            .number("change_pct_points", change)
            .with("trend", trend),
        _ => finding,
    }
}

/// The patient's own target of the last 1095 d, else the site's.
fn target(desk: &mut Desk<'_>) -> (f64, &'static str) {
    let at = desk.at();
    let own = desk
        .project_code("hba1c_target")
        .into_iter()
        .find(|d| within(d.instant(), at, days(1095)) && d.is_usable_statement());
    if let Some(datum) = own
        && let Reported::Number { value, unit, .. } = &datum.value
        && unit.as_deref() == Some("%")
    {
        desk.rests_on_statement(datum, "individual target");
        return (*value, "patient");
    }
    (desk.settings.hba1c_target, "default")
}

/// Change in percentage points against the newest usable value 60 to 365 d before.
fn change<'a>(desk: &mut Desk<'a>, newest: &Measured<'a>, pct: f64) -> Option<f64> {
    let hba1c = input::by_name("hba1c")?;
    let taken = newest.datum.instant();
    let earlier = desk.series(hba1c, &[]).find(|m| {
        let t = m.datum.instant();
        within(t.plus_days(60), taken, days(305)) && m.value.point().is_some()
    })?;
    desk.rests_on(hba1c, &earlier, "value 60 to 365 d before");
    let change = round(pct - round(earlier.value.point()?, 1), 1);
    desk.step(format!(
        "change against {}: {} percentage points",
        earlier.datum.time.iso_date(),
        show(change, 1)
    ));
    Some(change)
}
