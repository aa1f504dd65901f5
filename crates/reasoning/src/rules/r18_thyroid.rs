//! R18: pattern of thyroid function tests.

use super::Rule;
use crate::chart::Measured;
use crate::codes;
use crate::desk::{Desk, days, reported_text};
use crate::input;
use crate::number::plain;
use crate::outcome::{Exclusion, Finding, Lane, Quiet, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R18",
    version: "1.0.0",
    lane: Lane::N,
    title: "Thyroid pattern",
    trigger: "TSH",
    not_applicable: "",
    citation: "ETA subclinical hypothyroidism 2013, Eur Thyroid J 2:215; ETA subclinical hyperthyroidism 2015, Eur Thyroid J 4:149; NICE NG145",
    valid_until: "2027-03-01",
    windows: &[
        "TSH 180 d; limits 0.4 to 4.0 mIU/L where its report gives none",
        "free T4 and free T3 within 7 d of the TSH, with the limits of their report",
    ],
    thresholds: &[
        "TSH above its limit: free T4 low (moderate), within limits (low; TSH 10 or more: moderate), high (discordant, moderate)",
        "TSH below its limit: free T4 high or low (moderate), within limits: free T3 high (moderate), else subclinical (low; TSH below 0.1: moderate)",
        "TSH within limits: free T4 low or high (moderate)",
        "TSH 10 or more without free T4: raised TSH (moderate)",
    ],
    limits: &[
        "Acute illness, amiodarone, a dose change within 6 weeks and heterophile antibodies change the pattern",
        "A subclinical pattern is judged on a repeat after 2 to 3 months",
    ],
    settings: &[],
    evaluate,
};

/// TSH limits where the report gives none, mIU/L.
const TSH_LIMITS: (f64, f64) = (0.4, 4.0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Low,
    Within,
    High,
}

impl Position {
    const fn code(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Within => "normal",
            Self::High => "high",
        }
    }
}

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    if desk.pregnancy() {
        return Finding::quiet(Quiet::Excluded(Exclusion::Pregnancy));
    }
    let Some(tsh) = input::by_name("tsh") else {
        return Finding::quiet(Quiet::NoTrigger);
    };
    let value = match desk.newest(tsh, days(180), &[]) {
        Ok(value) => value,
        Err(Why::Absent | Why::Stale) => return Finding::quiet(Quiet::NoTrigger),
        Err(why) => return Finding::cannot_tell().lacks("tsh", why),
    };
    desk.rests_on(tsh, &value, "trigger");
    let biotin = desk.active(&codes::BIOTIN);
    if desk.excluded_by(biotin, "biotin, which disturbs the assays") {
        return Finding::cannot_tell().lacks("tsh", Why::Confounded);
    }
    let (low, high) = tsh_limits(&value);
    let Some(at) = position(&value, low, high) else {
        return Finding::cannot_tell().lacks("tsh", Why::Open);
    };
    desk.step(format!(
        "TSH against {} to {} mIU/L: {}",
        plain(low),
        plain(high),
        position_words(at)
    ));
    let free = with_limits(desk, "ft4", &value);
    let finding = judge(desk, &value, at, free);
    if finding.result.contains_key("pattern") && at != Position::Within {
        earlier_pattern(desk, &value, at);
    }
    let finding = match value.raw.point() {
        Some(v) => finding.number("tsh", v),
        None => finding,
    };
    let finding = finding.with("tsh_position", at.code());
    match free {
        Ok(p) => finding.with("ft4_position", p.code()),
        Err(_) => finding,
    }
}

fn judge(
    desk: &mut Desk<'_>,
    tsh: &Measured<'_>,
    at: Position,
    free: Result<Position, Why>,
) -> Finding {
    let shown = reported_text(tsh);
    let fires = |severity, pattern: &'static str, words: &str| {
        Finding::fires(severity, format!("TSH {shown}{words}")).with("pattern", pattern)
    };
    let least = tsh.raw.low;
    let ft4 = match free {
        Ok(ft4) => ft4,
        Err(why) if at == Position::High && least >= 10.0 => {
            return fires(Severity::Moderate, "raised_tsh", ", no usable free T4")
                .lacks("ft4", why);
        }
        Err(why) => return Finding::cannot_tell().lacks("ft4", why),
    };
    use Position::{High, Low, Within};
    let moderate = Severity::Moderate;
    match (at, ft4) {
        (Within, Within) => Finding::silent(),
        (High, Low) => fires(
            moderate,
            "overt_hypothyroid",
            " and free T4 below its limit: overt hypothyroid pattern",
        ),
        (High, Within) => fires(
            if least >= 10.0 {
                moderate
            } else {
                Severity::Low
            },
            "subclinical_hypothyroid",
            ", free T4 within limits: subclinical hypothyroid pattern",
        ),
        (Low, High) => fires(
            moderate,
            "overt_hyperthyroid",
            " and free T4 above its limit: overt hyperthyroid pattern",
        ),
        (Low | Within, Low) => fires(
            moderate,
            "central_or_nonthyroidal",
            " with free T4 below its limit: central or non-thyroidal pattern",
        ),
        (High | Within, High) => fires(
            moderate,
            "discordant",
            " with free T4 above its limit: discordant results",
        ),
        (Low, Within) => match with_limits(desk, "ft3", tsh) {
            Err(why) => Finding::cannot_tell().lacks("ft3", why),
            Ok(High) => fires(
                moderate,
                "t3_toxicosis",
                ", free T4 within limits, free T3 above its limit: T3 toxicosis pattern",
            ),
            Ok(_) => fires(
                if tsh.raw.high < 0.1 {
                    moderate
                } else {
                    Severity::Low
                },
                "subclinical_hyperthyroid",
                ", free T4 and T3 not raised: subclinical hyperthyroid pattern",
            ),
        },
    }
}

fn tsh_limits(value: &Measured<'_>) -> (f64, f64) {
    let reference = value.datum.reference.as_ref();
    (
        reference.and_then(|r| r.low).unwrap_or(TSH_LIMITS.0),
        reference.and_then(|r| r.high).unwrap_or(TSH_LIMITS.1),
    )
}

/// Where a reported value lies; `None` when it is open across a limit.
fn position(value: &Measured<'_>, low: f64, high: f64) -> Option<Position> {
    let of = |x: f64| match x {
        x if x < low => Position::Low,
        x if x > high => Position::High,
        _ => Position::Within,
    };
    let (least, most) = (of(value.raw.low), of(value.raw.high));
    (least == most).then_some(least)
}

/// Position of a free hormone by the limits of its own report.
fn with_limits(desk: &mut Desk<'_>, name: &str, tsh: &Measured<'_>) -> Result<Position, Why> {
    let input = input::by_name(name).ok_or(Why::Absent)?;
    let value = desk.pair(input, tsh.datum.instant(), days(7), &[])?;
    desk.rests_on(input, &value, "free hormone of the same days");
    let reference = value.datum.reference.as_ref();
    let (Some(low), Some(high)) = (
        reference.and_then(|r| r.low),
        reference.and_then(|r| r.high),
    ) else {
        return Err(Why::ReferenceAbsent);
    };
    let at = position(&value, low, high).ok_or(Why::Open)?;
    desk.step(format!(
        "{} against {} to {} {}: {}",
        input.label,
        plain(low),
        plain(high),
        value.unit,
        position_words(at)
    ));
    Ok(at)
}

/// Says whether the TSH was on the same side at least 60 d earlier.
fn earlier_pattern(desk: &mut Desk<'_>, tsh: &Measured<'_>, at: Position) {
    let Some(input) = input::by_name("tsh") else {
        return;
    };
    let taken = tsh.datum.instant();
    let before = desk
        .series(input, &[])
        .find(|m| m.datum.instant() <= taken.plus_days(-60));
    let Some(before) = before else {
        desk.step("no TSH at least 60 d earlier to compare with");
        return;
    };
    let (low, high) = tsh_limits(&before);
    let same = position(&before, low, high) == Some(at);
    desk.rests_on(input, &before, "at least 60 d earlier");
    desk.step(if same {
        "TSH was on the same side of its limits at least 60 d earlier"
    } else {
        "TSH was not on the same side of its limits at least 60 d earlier"
    });
}

const fn position_words(at: Position) -> &'static str {
    match at {
        Position::Low => "below its limits",
        Position::Within => "within its limits",
        Position::High => "above its limits",
    }
}
