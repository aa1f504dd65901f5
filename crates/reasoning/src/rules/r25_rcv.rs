//! R25: reference change value. A mark on the labs leaf, never a card of its own.

use super::Rule;
use crate::desk::{Desk, days, within};
use crate::input;
use crate::number::{plain, round, show};
use crate::outcome::{Finding, Lane, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R25",
    version: "1.0.0",
    lane: Lane::N,
    title: "Reference change value",
    trigger: "value of the analyte",
    not_applicable: "no accepted biological variation for this analyte",
    citation: "Fraser and Harris 1989; Fokkema 2006 (log-normal); EFLM biological variation database",
    valid_until: "2027-03-01",
    windows: &["newest value 365 d", "the one before: 1 h to 365 d earlier"],
    thresholds: &["change strictly beyond the reference change value, two-sided, 95 per cent"],
    limits: &[
        "Beyond expected variation is not the same as clinically important",
        "Biological variation is that of healthy people in steady state",
        "Repeated testing multiplies chance findings",
    ],
    settings: &["rcv.cva", "rcv.z"],
    evaluate,
};

/// Analytes with an accepted within-person variation, in per cent (section 2.5), in the order of that table.
pub static ANALYTES: &[(&str, f64)] = &[
    ("creatinine", 5.0),
    ("sodium", 0.5),
    ("potassium", 4.1),
    ("urea", 13.9),
    ("calcium", 1.8),
    ("albumin", 2.6),
    ("alt", 9.3),
    ("ast", 9.5),
    ("alp", 5.3),
    ("bili", 20.0),
    ("hb", 2.7),
    ("plt", 7.3),
    ("wbc", 11.1),
    ("mcv", 0.8),
    ("hba1c", 1.6),
    ("tc", 5.3),
    ("ldl", 8.3),
    ("hdl", 5.8),
    ("ferritin", 12.8),
    ("tsh", 17.9),
    ("crp", 34.1),
    ("cystatinc", 4.0),
];

/// Less than this apart it is the same draw. Microseconds.
const AN_HOUR: i64 = 3_600_000_000;

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if desk.chart.age_at(desk.at()).is_none() {
        return Finding::cannot_tell().lacks("patient.birthDate", Why::Absent);
    }
    let known = desk.analyte.and_then(|name| {
        ANALYTES
            .iter()
            .find(|(n, _)| *n == name)
            .zip(input::by_name(name))
    });
    let Some((&(name, cvi), analyte)) = known else {
        return Finding::quiet(Quiet::NotApplicable);
    };
    let newest = match desk.newest(analyte, days(365), &[]) {
        Ok(newest) => newest,
        Err(Why::Absent | Why::Stale) => return Finding::quiet(Quiet::NoTrigger),
        Err(why) => return Finding::cannot_tell().lacks(name, why),
    };
    desk.rests_on(analyte, &newest, "newest value");
    let taken = newest.datum.instant();
    let before = desk.series(analyte, &[]).find(|m| {
        let t = m.datum.instant();
        taken.0.saturating_sub(t.0) >= AN_HOUR
    });
    let Some(before) = before.filter(|m| within(m.datum.instant(), taken, days(365))) else {
        return Finding::quiet(Quiet::NoComparator);
    };
    desk.rests_on(analyte, &before, "value before");
    if let (Some(a), Some(b)) = (&newest.datum.method, &before.datum.method)
        && a != b
    {
        return Finding::cannot_tell().lacks(name, Why::MethodChanged);
    }
    let (Some(now), Some(then)) = (newest.value.point(), before.value.point()) else {
        return Finding::cannot_tell().lacks(name, Why::Open);
    };
    if then <= 0.0 {
        return Finding::quiet(Quiet::NoComparator);
    }
    let cva = desk
        .settings
        .rcv_cva
        .get(name)
        .copied()
        .unwrap_or(cvi / 2.0);
    let total = (cva.powi(2) + cvi.powi(2)).sqrt() / 100.0;
    let sigma = (total.powi(2) + 1.0).ln().sqrt();
    let reach = desk.settings.rcv_z * std::f64::consts::SQRT_2 * sigma;
    let up = round((reach.exp() - 1.0) * 100.0, 1);
    let down = round(((-reach).exp() - 1.0) * 100.0, 1);
    let change = round((now / then - 1.0) * 100.0, 1);
    desk.step(format!(
        "within-person variation {} %, analytical {} %, z {}",
        plain(cvi),
        plain(cva),
        plain(desk.settings.rcv_z)
    ));
    desk.step(format!(
        "reference change value {} % to +{} %",
        show(down, 1),
        show(up, 1)
    ));
    desk.step(format!("change {} %", show(change, 1)));
    let (verdict, beyond) = if change > up {
        ("rise", true)
    } else if change < down {
        ("fall", true)
    } else {
        ("within", false)
    };
    let finding = if beyond {
        Finding::fires(
            Severity::Info,
            format!(
                "{}: {verdict} of {} %, beyond expected variation ({} to +{} %)",
                analyte.label,
                show(change.abs(), 1),
                show(down, 1),
                show(up, 1)
            ),
        )
    } else {
        Finding::silent()
    };
    finding
        .number("change_pct", change)
        .number("rcv_up_pct", up)
        .number("rcv_down_pct", down)
        .with("verdict", verdict)
}
