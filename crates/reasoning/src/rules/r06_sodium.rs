//! R6: low sodium, corrected for glucose.

use super::{Rule, ask};
use crate::basis::age_in_words;
use crate::desk::{Desk, days, hours, reported_text};
use crate::input;
use crate::number::{plain, round};
use crate::outcome::{Finding, Lane, Quiet, Severity, Verdict};

pub(super) static RULE: Rule = Rule {
    id: "R6",
    version: "1.0.0",
    lane: Lane::N,
    title: "Hyponatraemia, corrected for glucose",
    trigger: "sodium",
    not_applicable: "",
    citation: "Spasovski 2014, Eur J Endocrinol 170:G1; Hillier 1999 (factor 2.4); Katz 1973 (factor 1.6)",
    valid_until: "2027-03-01",
    windows: &[
        "sodium 7 d",
        "glucose within 24 h of the sodium, the project's choice",
    ],
    thresholds: &[
        "corrected sodium: low 130 to 134 mmol/L, moderate 125 to 129, high below 125",
        "correction: 2.4 mmol/L (a site may set 1.6) for each 5.55 mmol/L of glucose above 5.55; both factors are shown as a range",
        "below 135 as measured and 135 or more corrected: no card",
    ],
    limits: &[
        "Without a glucose the measured value decides, and the card lists glucose as missing",
        "Glucose changes within hours: the time between the two specimens is in the steps",
        "Indirect electrodes read low with high lipids or protein (pseudohyponatraemia)",
        "How fast sodium fell matters more than how low it is",
    ],
    settings: &["sodium.glucose_factor"],
    evaluate,
};

const FLAGS: &[&str] = &["drip_arm"];
/// Glucose in mmol/L above which sodium is corrected, and the step of the correction.
const GLUCOSE: f64 = 5.55;

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let sodium = match ask::trigger(desk, "sodium", days(7), FLAGS) {
        Ok(sodium) => sodium,
        Err(end) => return end,
    };
    last_values(desk);
    let taken = sodium.datum.instant();
    let measured = sodium.value.map(|v| round(v, 0));
    let glucose = ask::beside(desk, "glucose", taken, hours(24), &[], "correction");
    let base = |finding: Finding| finding.bounded("sodium", measured);
    let Ok(glucose) = glucose else {
        desk.step("no usable glucose within 24 h: the measured sodium decides");
        let decision = ask::decide(measured, severity);
        let summary = format!(
            "Sodium {} mmol/L as measured, {} old; not corrected, glucose missing",
            ask::words(measured, 0),
            age_in_words(taken, desk.at())
        );
        let finding = base(decision.finding(summary));
        return match decision {
            ask::Decision::Met(_) => finding.lacking(glucose.err()),
            ask::Decision::Undecided => finding.lacking(ask::open(&[("sodium", sodium.value)])),
            ask::Decision::NotMet => finding,
        };
    };
    let apart = glucose.datum.instant().0.abs_diff(taken.0) / 60_000_000;
    let corrected = |factor: f64| {
        let excess = glucose.value.map(|g| (g - GLUCOSE).max(0.0) / GLUCOSE);
        (sodium.value + excess * factor).map(|v| round(v, 0))
    };
    let factor = desk.settings.sodium_glucose_factor;
    let value = corrected(factor);
    let span = corrected(1.6).hull(corrected(2.4));
    desk.step(format!(
        "sodium and glucose taken {} h {} min apart",
        apart / 60,
        apart % 60
    ));
    desk.step(format!(
        "corrected = sodium + {} x (glucose - 5.55) / 5.55 = {} mmol/L; with factors 1.6 to 2.4: {}",
        plain(factor),
        ask::words(value, 0),
        ask::words(span, 0)
    ));
    let decision = ask::decide(value, severity);
    let summary = format!(
        "Sodium {} mmol/L corrected for glucose ({}), measured {}, {} old",
        ask::words(value, 0),
        reported_text(&glucose),
        ask::words(measured, 0),
        age_in_words(taken, desk.at())
    );
    let mut finding = base(decision.finding(summary)).bounded("sodium_corrected", value);
    if span.point().is_none() {
        finding = finding.bounded("sodium_corrected", span);
    }
    if finding.verdict == Verdict::Silent && measured.high < 135.0 {
        finding.quiet = Some(Quiet::Translocational);
    }
    if decision == ask::Decision::Undecided {
        finding.lacking(ask::open(&[
            ("sodium", sodium.value),
            ("glucose", glucose.value),
        ]))
    } else {
        finding
    }
}

/// The last three values, newest first, in words: the course says more than one value.
fn last_values(desk: &mut Desk<'_>) {
    let Some(input) = input::by_name("sodium") else {
        return;
    };
    let at = desk.at();
    let values: Vec<String> = desk
        .series(input, FLAGS)
        .take(3)
        .map(|m| {
            let time = m.datum.instant();
            format!("{} ({} old)", reported_text(&m), age_in_words(time, at))
        })
        .collect();
    desk.step(format!("last values: {}", values.join(", ")));
}

/// Severity of a rounded sodium in mmol/L.
fn severity(sodium: f64) -> Option<Severity> {
    match sodium {
        na if na < 125.0 => Some(Severity::High),
        na if na < 130.0 => Some(Severity::Moderate),
        na if na < 135.0 => Some(Severity::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Interval;

    #[test]
    fn r6_each_band_begins_where_the_guideline_says() {
        let band = |na| ask::decide(Interval::exact(na), severity);
        assert_eq!(band(135.0), ask::Decision::NotMet);
        assert_eq!(band(134.0), ask::Decision::Met(Severity::Low));
        assert_eq!(band(129.0), ask::Decision::Met(Severity::Moderate));
        assert_eq!(band(124.0), ask::Decision::Met(Severity::High));
    }
}
