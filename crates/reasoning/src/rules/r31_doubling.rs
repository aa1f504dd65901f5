//! R31: volume doubling time of a nodule that was measured twice.

use super::{Rule, findings};
use crate::chart::Datum;
use crate::desk::Desk;
use crate::number::{plain, round};
use crate::outcome::{Finding, Lane, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R31",
    version: "1.0.0",
    lane: Lane::N,
    title: "Volume doubling time",
    trigger: "confirmed nodule measure",
    not_applicable: "",
    citation: "BTS 2015, Thorax 70 suppl 2 (25 % volume; 400 and 600 d); Fleischner Society 2017 (2 mm)",
    valid_until: "2027-03-01",
    windows: &["the two newest measures of one nodule, of the same kind and method"],
    thresholds: &[
        "growth: volume 25 % or diameter 2 mm or more; shrinking: the same downwards; else within measurement error (no card)",
        "doubling time below 30 d: very fast (moderate); below 400: fast (high); 400 to 600: moderate; above 600: low",
    ],
    limits: &[
        "Slice thickness, reconstruction kernel and inspiration change a volume",
        "A very fast doubling time is seen in inflammation",
        "From a mean diameter the nodule is taken as a sphere",
        "A volume measured by software counts after a reader has confirmed it",
    ],
    settings: &[],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    desk.without_exclusions();
    let found = findings::newest_of_each(desk, "nodule_measure", "track");
    if found.is_empty() {
        return Finding::quiet(Quiet::NoTrigger);
    }
    let all = found.usable.iter().map(|d| nodule(desk, d)).collect();
    findings::gravest(all, found.refused)
}

/// A measure of one kind.
#[derive(Clone, Copy, Debug)]
enum Measure {
    /// mm3
    Volume(f64),
    /// mm
    Diameter(f64),
}

fn measure(datum: &Datum) -> Result<Measure, Why> {
    let positive = |name| {
        findings::number(datum, name).and_then(|x| {
            if x > 0.0 {
                Ok(x)
            } else {
                Err(Why::Implausible)
            }
        })
    };
    match positive("volume_mm3") {
        Ok(volume) => Ok(Measure::Volume(volume)),
        Err(Why::Absent) => positive("diameter_mm").map(Measure::Diameter),
        Err(why) => Err(why),
    }
}

/// Method as an attribute, else as the fact's own.
fn method(datum: &Datum) -> Option<&str> {
    datum.attr("method").or(datum.method.as_deref())
}

fn nodule<'a>(desk: &mut Desk<'a>, newest: &'a Datum) -> Finding {
    desk.rests_on_statement(newest, "newest measure");
    let before = findings::all(desk, "nodule_measure").into_iter().find(|d| {
        d.usable().is_ok()
            && d.attr("track") == newest.attr("track")
            && d.instant() < newest.instant()
    });
    let Some(before) = before else {
        return Finding::quiet(Quiet::NoComparator);
    };
    desk.rests_on_statement(before, "measure before");
    if newest.attr("track").is_none() {
        return Finding::cannot_tell().lacks("track", Why::Absent);
    }
    let (now, then) = match (measure(newest), measure(before)) {
        (Ok(now), Ok(then)) => (now, then),
        (Err(why), _) | (_, Err(why)) => {
            return Finding::cannot_tell().lacks("nodule_measure", why);
        }
    };
    let changed = Finding::cannot_tell().lacks("method", Why::Changed);
    if method(newest) != method(before) {
        return changed;
    }
    let (ratio, from, beyond) = match (now, then) {
        (Measure::Volume(now), Measure::Volume(then)) => {
            let percent = round(100.0 * (now / then - 1.0), 0);
            (now / then, "volume", direction(percent, 25.0))
        }
        (Measure::Diameter(now), Measure::Diameter(then)) => {
            let mm = round(now - then, 1);
            ((now / then).powi(3), "diameter", direction(mm, 2.0))
        }
        _ => return changed,
    };
    let days = newest.instant().days_since(before.instant());
    conclude(desk, ratio, from, beyond, days)
}

/// 1 for growth beyond the error, -1 for shrinking beyond it, 0 within.
fn direction(change: f64, error: f64) -> i8 {
    i8::from(change >= error) - i8::from(change <= -error)
}

fn conclude(desk: &mut Desk<'_>, ratio: f64, from: &'static str, beyond: i8, days: f64) -> Finding {
    let change = round(100.0 * (ratio - 1.0), 0);
    desk.step(format!(
        "volume change {} % in {} d, from {from}",
        plain(change),
        plain(round(days, 0))
    ));
    let doubling = round(days * std::f64::consts::LN_2 / ratio.ln(), 0);
    let (class, finding) = match beyond {
        1 => {
            desk.step("doubling time = days x ln 2 / ln (volume ratio)");
            let (class, words, severity) = match doubling {
                d if d < 30.0 => (
                    "very_fast",
                    "very fast, seen in inflammation",
                    Severity::Moderate,
                ),
                d if d < 400.0 => ("fast", "below 400 d", Severity::High),
                d if d <= 600.0 => ("intermediate", "400 to 600 d", Severity::Moderate),
                _ => ("slow", "above 600 d", Severity::Low),
            };
            let finding = Finding::fires(
                severity,
                format!(
                    "Nodule volume {} % in {} d: doubling time {} d ({words})",
                    signed(change),
                    plain(round(days, 0)),
                    plain(doubling)
                ),
            );
            (class, finding.number("vdt_days", doubling))
        }
        -1 => ("shrinking", Finding::silent()),
        _ => ("stable_within_error", Finding::silent()),
    };
    finding
        .number("volume_change_pct", change)
        .number("interval_days", round(days, 0))
        .with("from", from)
        .with("class", class)
}

fn signed(x: f64) -> String {
    if x > 0.0 {
        format!("+{}", plain(x))
    } else {
        plain(x)
    }
}
