//! R23: drop of haemoglobin.

use super::{Rule, aki::median};
use crate::chart::Measured;
use crate::codes;
use crate::desk::{Desk, days, reported_text, within};
use crate::input;
use crate::number::{plain, round};
use crate::outcome::{Finding, Lane, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R23",
    version: "1.0.0",
    lane: Lane::N,
    title: "Haemoglobin drop",
    trigger: "haemoglobin",
    not_applicable: "",
    citation: "Schulman 2005, J Thromb Haemost 3:692 (ISTH major bleeding: 20 g/L); the windows are the project's choice",
    valid_until: "2027-03-01",
    windows: &[
        "current haemoglobin 7 d",
        "earlier haemoglobin 365 d before it",
    ],
    thresholds: &[
        "drop of 20 g/L or more against the highest value of 7 d; high from 30 g/L, or when the current value is below 80 g/L",
        "else drop of 20 g/L or more against the median of 8 to 365 d; moderate when the current value is below 80 g/L",
    ],
    limits: &[
        "Fluids, posture, pregnancy and another analyser change haemoglobin without loss of blood",
        "A transfusion within 7 d hides part of a drop",
    ],
    settings: &[],
    evaluate,
};

const FLAGS: &[&str] = &["drip_arm", "clotted"];

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let Some(hb) = input::by_name("hb") else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let current = match desk.newest(hb, days(7), FLAGS) {
        Ok(current) => current,
        Err(Why::Absent | Why::Stale) => return Finding::quiet(Quiet::NoTrigger),
        Err(why) => return Finding::cannot_tell().lacks("hb", why),
    };
    desk.rests_on(hb, &current, "current value");
    let Some(now) = current.value.point().map(|v| round(v, 0)) else {
        return Finding::cannot_tell().lacks("hb", Why::Open);
    };
    let taken = current.datum.instant();
    let at = desk.at();
    let transfused = desk.statement(&codes::TRANSFUSION, |d| within(d.instant(), at, days(7)));
    let base = Finding::silent().number("hb", now);
    let base = match transfused {
        None => base,
        Some(datum) => {
            desk.rests_on_statement(datum, "transfusion within 7 d");
            desk.limit("Transfused within 7 d: the real drop is larger");
            base.with("transfused", true)
        }
    };
    let earlier: Vec<Measured<'_>> = desk
        .history(hb, taken, days(365), FLAGS)
        .into_iter()
        .filter(|m| {
            let t = m.datum.instant();
            t < taken && within(t, taken, days(365)) && m.value.point().is_some()
        })
        .collect();
    let recent = |m: &&Measured<'_>| within(m.datum.instant(), taken, days(7));
    let integer = |m: &Measured<'_>| round(m.value.low, 0);

    let highest = earlier.iter().filter(recent).max_by(|a, b| {
        integer(a)
            .total_cmp(&integer(b))
            .then(a.datum.instant().cmp(&b.datum.instant()))
    });
    let drop_7d = highest.map(|m| {
        desk.rests_on(hb, m, "highest within 7 d");
        integer(m) - now
    });
    let base = match drop_7d {
        None => base,
        Some(drop) => {
            desk.step(format!("drop against the highest value of 7 d: {drop} g/L"));
            base.number("drop_7d", drop)
        }
    };
    let reported = reported_text(&current);
    if let Some(drop) = drop_7d.filter(|d| *d >= 20.0) {
        let severity = if drop >= 30.0 || now < 80.0 {
            Severity::High
        } else {
            Severity::Moderate
        };
        let summary = format!(
            "Haemoglobin {reported}, {} g/L below the highest value of 7 d",
            plain(drop)
        );
        return firing(base, severity, summary);
    }
    let old: Vec<&Measured<'_>> = earlier.iter().filter(|m| !recent(m)).collect();
    let Some(middle) = median(old.iter().map(|m| integer(m))) else {
        if drop_7d.is_none() {
            desk.step("no usable haemoglobin in the 365 d before");
            return Finding {
                quiet: Some(Quiet::NoComparator),
                ..base
            };
        }
        return base;
    };
    for m in &old {
        desk.rests_on(hb, m, "comparison, 8 to 365 d before");
    }
    let drop = round(middle - now, 0);
    desk.step(format!(
        "drop against the median of 8 to 365 d ({} g/L): {drop} g/L",
        plain(middle)
    ));
    let base = base.number("drop_vs_median", drop);
    if drop < 20.0 {
        return base;
    }
    let severity = if now < 80.0 {
        Severity::Moderate
    } else {
        Severity::Low
    };
    let summary = format!(
        "Haemoglobin {reported}, {} g/L below the median of 8-365 d ({} g/L)",
        plain(drop),
        plain(middle)
    );
    firing(base, severity, summary)
}

/// A finding that fires, with the values gathered so far.
fn firing(base: Finding, severity: Severity, summary: String) -> Finding {
    let mut finding = Finding::fires(severity, summary);
    finding.result = base.result;
    finding
}
