//! R22 (lane T): NEWS2 of the newest set of vital signs.

use triptych_clinical::Instant;

use super::Rule;
use crate::chart::Reported;
use crate::codes;
use crate::desk::{Desk, Span, hours, within};
use crate::input;
use crate::number::{Interval, round};
use crate::outcome::{Exclusion, Finding, Lane, Missing, Quiet, Severity, Why};
use crate::settings::Spo2Scale;

pub(super) static RULE: Rule = Rule {
    id: "R22",
    version: "1.0.0",
    lane: Lane::T,
    title: "NEWS2",
    trigger: "vital signs",
    not_applicable: "",
    citation: "Royal College of Physicians 2017, National Early Warning Score (NEWS) 2",
    valid_until: "2027-03-01",
    windows: &["newest set 24 h; each parameter within 1 h of the newest one"],
    thresholds: &[
        "score 7 or more: high",
        "score 5 or more, or 3 points in one parameter: moderate",
    ],
    limits: &[
        "Not a monitor: the score of one set at one time",
        "Blank fields are not read as air or as alert",
        "SpO2 scale 2 is for a target of 88 to 92 per cent that a clinician has set",
    ],
    settings: &["lane_t", "news2.spo2_scale"],
    evaluate,
};

/// Points of one parameter: least and greatest over what is not known.
#[derive(Clone, Copy, Debug)]
struct Points {
    least: u32,
    most: u32,
}

const WINDOW: Span = hours(24);
const SET: Span = hours(1);
/// [`SET`] in microseconds.
const SET_MICROS: i64 = 3_600_000_000;
/// Points of a parameter that is missing.
const ANY: Points = Points { least: 0, most: 3 };

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if !desk.settings.lane_t {
        return Finding::quiet(Quiet::LaneOff);
    }
    if let Err(end) = desk.aged(16.0, None) {
        return end;
    }
    if desk.pregnancy() {
        return Finding::quiet(Quiet::Excluded(Exclusion::Pregnancy));
    }
    let Some(newest) = newest_parameter(desk) else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let finding = score(desk, newest);
    set_before(desk, newest);
    finding
}

/// Says what the set before scored.
fn set_before(desk: &mut Desk<'_>, newest: Instant) {
    let earlier = desk
        .chart
        .as_of(Instant(newest.0.saturating_sub(SET_MICROS + 1)));
    let mut before = Desk::new(&earlier, desk.settings, None);
    let Some(then) = newest_parameter(&mut before) else {
        desk.step("no set in the 24 h before this one");
        return;
    };
    let words = match score(&mut before, then).result.get("news2") {
        Some(points) => points.to_string(),
        None => "incomplete".to_owned(),
    };
    desk.step(format!("score of the set of {then}: {words}"));
}

/// The score of the set whose newest parameter is of `newest`.
fn score(desk: &mut Desk<'_>, newest: Instant) -> Finding {
    let mut lacks: Vec<Missing> = Vec::new();
    let mut of =
        |desk: &mut Desk<'_>, name: &'static str, decimals: i32, points: fn(f64) -> u32| {
            match parameter(desk, name, newest, decimals) {
                Ok(value) => ends(value, points),
                Err(why) => {
                    lacks.push(Missing::new(name, why));
                    ANY
                }
            }
        };
    let fixed = [
        of(desk, "rr", 0, respiration),
        of(desk, "sbp", 0, pressure),
        of(desk, "hr", 0, pulse),
        of(desk, "temp", 1, temperature),
    ];
    let alert = consciousness(desk, newest).unwrap_or_else(|why| {
        lacks.push(Missing::new("acvpu", why));
        ANY
    });
    let spo2 = parameter(desk, "spo2", newest, 0);
    if let Err(why) = spo2 {
        lacks.push(Missing::new("spo2", why));
    }
    let on_oxygen = oxygen(desk, newest);
    if let Err(why) = on_oxygen {
        lacks.push(Missing::new("oxygen", why));
    }
    let completions = on_oxygen.map_or_else(|_| vec![false, true], |o| vec![o]);
    let totals: Vec<Total> = completions
        .into_iter()
        .map(|on_oxygen| {
            let scale = desk.settings.spo2_scale;
            let saturation = spo2.map_or(ANY, |v| ends(v, |x| saturation(x, scale, on_oxygen)));
            let parts = fixed.iter().copied().chain([alert, saturation]);
            Total::of(parts, if on_oxygen { 2 } else { 0 })
        })
        .collect();
    conclude(desk, &totals, lacks)
}

/// Score and single red parameter over the completions: mildest and gravest.
#[derive(Clone, Copy, Debug)]
struct Total {
    score: Points,
    red_surely: bool,
    red_maybe: bool,
}

impl Total {
    fn of(parts: impl Iterator<Item = Points>, oxygen: u32) -> Self {
        let start = Self {
            score: Points {
                least: oxygen,
                most: oxygen,
            },
            red_surely: false,
            red_maybe: false,
        };
        parts.fold(start, |t, p| Self {
            score: Points {
                least: t.score.least + p.least,
                most: t.score.most + p.most,
            },
            red_surely: t.red_surely || p.least == 3,
            red_maybe: t.red_maybe || p.most == 3,
        })
    }
}

fn conclude(desk: &mut Desk<'_>, totals: &[Total], lacks: Vec<Missing>) -> Finding {
    let least = totals.iter().map(|t| t.score.least).min().unwrap_or(0);
    let most = totals.iter().map(|t| t.score.most).max().unwrap_or(0);
    let red_surely = totals.iter().all(|t| t.red_surely);
    let red_maybe = totals.iter().any(|t| t.red_maybe);
    let words = if least == most {
        least.to_string()
    } else {
        format!("{least} to {most}")
    };
    desk.step(format!("points added: {words}"));
    let surely_moderate = totals.iter().all(|t| t.score.least >= 5 || t.red_surely);
    let finding = if surely_moderate {
        let severity = if least >= 7 {
            Severity::High
        } else {
            Severity::Moderate
        };
        let red = if red_surely {
            ", 3 points in one parameter"
        } else {
            ""
        };
        Finding::fires(
            severity,
            format!("NEWS2 {words}{red}; one set, not a monitor"),
        )
    } else if most < 5 && !red_maybe {
        Finding::silent()
    } else {
        Finding::cannot_tell()
    };
    let finding = finding.lacking(lacks);
    let finding = if red_surely == red_maybe {
        finding.with("single_red", red_surely)
    } else {
        finding
    };
    if least == most {
        finding.with("news2", least)
    } else {
        finding.between("news2", least, most)
    }
}

/// Time of the newest parameter of the last 24 h.
fn newest_parameter(desk: &mut Desk<'_>) -> Option<Instant> {
    let at = desk.at();
    let inputs = ["rr", "spo2", "sbp", "hr", "temp", "acvpu"];
    let chart = desk.chart;
    let measured = inputs
        .iter()
        .filter_map(|name| chart.of_input(input::by_name(name)?).next());
    measured
        .chain(chart.of_tri("oxygen").next())
        .map(crate::chart::Datum::instant)
        .filter(|t| within(*t, at, WINDOW))
        .max()
}

/// A parameter of the set, rounded as its bands are.
fn parameter(
    desk: &mut Desk<'_>,
    name: &str,
    newest: Instant,
    decimals: i32,
) -> Result<Interval, Why> {
    let input = input::by_name(name).ok_or(Why::Absent)?;
    let value = desk.newest(input, WINDOW, &[])?;
    if !within(value.datum.instant(), newest, SET) {
        return Err(Why::Stale);
    }
    desk.rests_on(input, &value, "parameter");
    Ok(value.value.map(|x| round(x, decimals)))
}

fn consciousness(desk: &mut Desk<'_>, newest: Instant) -> Result<Points, Why> {
    let input = input::by_name("acvpu").ok_or(Why::Absent)?;
    let datum = desk.answer(input, WINDOW)?;
    if !within(datum.instant(), newest, SET) {
        return Err(Why::Stale);
    }
    let alert = codes::answers_alert(datum).ok_or(Why::Absent)?;
    desk.rests_on_statement(datum, "parameter: consciousness");
    let points = if alert { 0 } else { 3 };
    Ok(Points {
        least: points,
        most: points,
    })
}

fn oxygen(desk: &mut Desk<'_>, newest: Instant) -> Result<bool, Why> {
    let datum = desk.newest_of_project("oxygen", WINDOW)?;
    if !within(datum.instant(), newest, SET) {
        return Err(Why::Stale);
    }
    desk.rests_on_statement(datum, "parameter: air or oxygen");
    match &datum.value {
        Reported::Text(t) if t == "oxygen" => Ok(true),
        Reported::Text(t) if t == "air" => Ok(false),
        _ => Err(Why::Absent),
    }
}

/// Points over an interval. Bands fall and rise again, so every rounded step between the ends of a bounded value would have to be
/// tried; a value that is only bounded counts as anything instead.
fn ends(value: Interval, points: impl Fn(f64) -> u32) -> Points {
    match value.point() {
        Some(x) => Points {
            least: points(x),
            most: points(x),
        },
        None => ANY,
    }
}

fn respiration(per_minute: f64) -> u32 {
    match per_minute {
        x if x <= 8.0 => 3,
        x if x <= 11.0 => 1,
        x if x <= 20.0 => 0,
        x if x <= 24.0 => 2,
        _ => 3,
    }
}

fn saturation(percent: f64, scale: Spo2Scale, on_oxygen: bool) -> u32 {
    match (scale, percent) {
        (Spo2Scale::One, x) if x <= 91.0 => 3,
        (Spo2Scale::One, x) if x <= 93.0 => 2,
        (Spo2Scale::One, x) if x <= 95.0 => 1,
        (Spo2Scale::One, _) => 0,
        (Spo2Scale::Two, x) if x <= 83.0 => 3,
        (Spo2Scale::Two, x) if x <= 85.0 => 2,
        (Spo2Scale::Two, x) if x <= 87.0 => 1,
        (Spo2Scale::Two, x) if x <= 92.0 || !on_oxygen => 0,
        (Spo2Scale::Two, x) if x <= 94.0 => 1,
        (Spo2Scale::Two, x) if x <= 96.0 => 2,
        (Spo2Scale::Two, _) => 3,
    }
}

fn pressure(mm_hg: f64) -> u32 {
    match mm_hg {
        x if x <= 90.0 => 3,
        x if x <= 100.0 => 2,
        x if x <= 110.0 => 1,
        x if x < 220.0 => 0,
        _ => 3,
    }
}

fn pulse(per_minute: f64) -> u32 {
    match per_minute {
        x if x <= 40.0 => 3,
        x if x <= 50.0 => 1,
        x if x <= 90.0 => 0,
        x if x <= 110.0 => 1,
        x if x <= 130.0 => 2,
        _ => 3,
    }
}

fn temperature(celsius: f64) -> u32 {
    match celsius {
        x if x <= 35.0 => 3,
        x if x <= 36.0 => 1,
        x if x <= 38.0 => 0,
        x if x <= 39.0 => 1,
        _ => 2,
    }
}
