//! R7: calcium, ionised where it was measured, else adjusted for albumin.

use super::{Rule, ask};
use crate::basis::age_in_words;
use crate::chart::Measured;
use crate::desk::{Desk, days, hours, reported_text};
use crate::input;
use crate::number::{Interval, round};
use crate::outcome::{Finding, Lane, Severity, Why};

pub(super) static RULE: Rule = Rule {
    id: "R7",
    version: "1.0.0",
    lane: Lane::N,
    title: "Calcium, ionised or adjusted for albumin",
    trigger: "calcium",
    not_applicable: "",
    citation: "Payne 1973, BMJ 4:643; UK adjusted calcium reference interval 2.20-2.60 mmol/L; Society for Endocrinology 2016 (bands of hypercalcaemia)",
    valid_until: "2027-03-01",
    windows: &[
        "ionised calcium 7 d; where there is none, total calcium 7 d",
        "albumin within 24 h of the total calcium",
    ],
    thresholds: &[
        "adjusted above 2.60 mmol/L: low; 3.00 or more: moderate; 3.50 or more: high",
        "adjusted below 2.20 mmol/L: low; below 1.90: moderate",
        "adjusted = total + 0.02 x (40 - albumin in g/L), rounded to 2 decimals; albumin missing: the range for 50 to 20 g/L",
        "ionised outside the limits of its own report (1.15 to 1.33 mmol/L where it gives none): moderate",
    ],
    limits: &[
        "Adjustment is poor with albumin below 20 g/L, in critical illness, kidney disease and paraproteinaemia; the total alone can be the better guide, and both are shown",
        "A calcium that the laboratory has already adjusted is another fact and is not adjusted again",
        "A specimen flagged as EDTA-contaminated is not used",
    ],
    settings: &[],
    evaluate,
};

const FLAGS: &[&str] = &["edta"];
/// Albumin that stands in for a missing one, g/L.
const ANY_ALBUMIN: Interval = Interval {
    low: 20.0,
    high: 50.0,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let ionised = input::by_name("ica")
        .ok_or(Why::Absent)
        .and_then(|input| Ok((input, desk.newest(input, days(7), FLAGS)?)));
    match ionised {
        Ok((input, value)) => {
            desk.rests_on(input, &value, "trigger");
            by_ionised(desk, &value)
        }
        Err(Why::Absent | Why::Stale) => by_albumin(desk),
        Err(why) => Finding::cannot_tell().lacks("ica", why),
    }
}

/// Where a value lies, and how grave that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Hypo(Severity),
    Between,
    Hyper(Severity),
}

impl Class {
    const fn code(self) -> &'static str {
        match self {
            Self::Hypo(_) => "hypo",
            Self::Between => "normal",
            Self::Hyper(_) => "hyper",
        }
    }

    /// The class that both ends share, with the mildest severity. A span from low to high holds what is neither.
    fn shared(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Hypo(a), Self::Hypo(b)) => Some(Self::Hypo(a.min(b))),
            (Self::Hyper(a), Self::Hyper(b)) => Some(Self::Hyper(a.min(b))),
            (Self::Between, Self::Between) => Some(Self::Between),
            _ => None,
        }
    }

    fn finding(class: Option<Self>, summary: impl FnOnce(&str) -> String) -> Finding {
        match class {
            Some(Self::Hypo(severity)) => Finding::fires(severity, summary("low")),
            Some(Self::Hyper(severity)) => Finding::fires(severity, summary("high")),
            Some(Self::Between) => Finding::silent(),
            None => Finding::cannot_tell(),
        }
    }
}

fn by_ionised(desk: &mut Desk<'_>, value: &Measured<'_>) -> Finding {
    let rounded = value.value.map(|v| round(v, 2));
    // The limits of the report are compared in its own unit; the default ones with the rounded value.
    let class = |raw: f64, rounded: f64| {
        let below = value.lower_limit().map_or(rounded < 1.15, |l| raw < l);
        let above = value.upper_limit().map_or(rounded > 1.33, |l| raw > l);
        if below {
            Class::Hypo(Severity::Moderate)
        } else if above {
            Class::Hyper(Severity::Moderate)
        } else {
            Class::Between
        }
    };
    let class = class(value.raw.low, rounded.low).shared(class(value.raw.high, rounded.high));
    let limits = match (value.lower_limit(), value.upper_limit()) {
        (None, None) => "1.15 to 1.33 mmol/L, its report gives none",
        (Some(_), Some(_)) => "those of its own report",
        _ => "that of its own report, and on the other side 1.15 or 1.33 mmol/L",
    };
    desk.step(format!("limits: {limits}"));
    desk.step("ionised calcium decides; total calcium is not used beside it");
    let finding = Class::finding(class, |side| {
        format!(
            "Ionised calcium {} mmol/L, {side}, {} old",
            ask::words(rounded, 2),
            age_in_words(value.datum.instant(), desk.at())
        )
    });
    let finding = finding
        .with("basis", "ionised")
        .bounded("ionised_calcium", rounded);
    match class {
        Some(class) => finding.with("class", class.code()),
        None => finding.lacks("ica", Why::Open),
    }
}

fn by_albumin(desk: &mut Desk<'_>) -> Finding {
    let total = match ask::trigger(desk, "calcium", days(7), FLAGS) {
        Ok(total) => total,
        Err(end) => return end,
    };
    let taken = total.datum.instant();
    let albumin = ask::beside(desk, "albumin", taken, hours(24), &[], "adjustment");
    let grams = albumin.as_ref().map_or(ANY_ALBUMIN, |m| m.value);
    let adjusted = (total.value + (Interval::exact(40.0) - grams) * 0.02).map(|v| round(v, 2));
    desk.step(format!(
        "adjusted = total + 0.02 x (40 - albumin {} g/L) = {} mmol/L",
        ask::words(grams, 0),
        ask::words(adjusted, 2)
    ));
    if grams.low < 20.0 {
        desk.limit("Albumin is below 20 g/L here");
    }
    let class = classify(adjusted.low).shared(classify(adjusted.high));
    let albumin_words = match &albumin {
        Ok(m) => format!("albumin {}", reported_text(m)),
        Err(_) => "albumin missing".to_owned(),
    };
    let finding = Class::finding(class, |side| {
        format!(
            "Calcium adjusted for albumin {} mmol/L, {side}; total {}, {albumin_words}; {} old",
            ask::words(adjusted, 2),
            reported_text(&total),
            age_in_words(taken, desk.at())
        )
    });
    let finding = finding
        .with("basis", "albumin_adjusted")
        .bounded("calcium_total", total.value.map(|v| round(v, 2)))
        .bounded("calcium_corrected", adjusted);
    let finding = match class {
        Some(class) => finding.with("class", class.code()),
        None => finding.lacking(ask::open(&[("calcium", total.value)])),
    };
    match albumin {
        Err(missing) => finding.lacking([missing]),
        Ok(m) if class.is_none() => finding.lacking(ask::open(&[("albumin", m.value)])),
        _ => finding,
    }
}

/// Class of a rounded adjusted calcium in mmol/L.
fn classify(calcium: f64) -> Class {
    match calcium {
        ca if ca >= 3.5 => Class::Hyper(Severity::High),
        ca if ca >= 3.0 => Class::Hyper(Severity::Moderate),
        ca if ca > 2.6 => Class::Hyper(Severity::Low),
        ca if ca < 1.9 => Class::Hypo(Severity::Moderate),
        ca if ca < 2.2 => Class::Hypo(Severity::Low),
        _ => Class::Between,
    }
}
