//! R9: measured against calculated osmolality.

use super::{Rule, ask};
use crate::basis::age_in_words;
use crate::desk::{Desk, days, hours};
use crate::number::{Interval, round};
use crate::outcome::{Finding, Lane, Severity};

pub(super) static RULE: Rule = Rule {
    id: "R9",
    version: "1.0.0",
    lane: Lane::N,
    title: "Osmolar gap",
    trigger: "osmolality",
    not_applicable: "",
    citation: "Purssell 2001, Ann Emerg Med 38:653 (ethanol in mg/dL divided by 3.7)",
    valid_until: "2027-03-01",
    windows: &[
        "osmolality 7 d",
        "sodium, glucose, urea and ethanol within 2 h of it",
    ],
    thresholds: &[
        "gap above 10: low; 25 or more: moderate; rounded to an integer from unrounded terms",
        "calculated = 2 x sodium + glucose + urea + ethanol in mg/dL / 3.7, all others in mmol/L",
    ],
    limits: &[
        "A small gap does not exclude a toxic alcohol: it falls as the alcohol is metabolised",
        "Where ethanol was not measured the gap is computed without it; ethanol can only lower it, and a card lists it as missing",
        "Urea nitrogen and urea are told apart by their code, not by their number",
    ],
    settings: &[],
    evaluate,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let measured = match ask::trigger(desk, "osm", days(7), &[]) {
        Ok(measured) => measured,
        Err(end) => return end,
    };
    let taken = measured.datum.instant();
    let [sodium, glucose, urea, ethanol] = ["sodium", "glucose", "urea", "ethanol"]
        .map(|name| ask::beside(desk, name, taken, hours(2), &[], "calculated osmolality"));
    let (sodium, glucose, urea) = match (sodium, glucose, urea) {
        (Ok(sodium), Ok(glucose), Ok(urea)) => (sodium.value, glucose.value, urea.value),
        (sodium, glucose, urea) => {
            return Finding::cannot_tell()
                .lacking(sodium.err())
                .lacking(glucose.err())
                .lacking(urea.err());
        }
    };
    let alcohol = ethanol
        .as_ref()
        .map_or(Interval::exact(0.0), |m| m.value * (1.0 / 3.7));
    let calculated = sodium * 2.0 + glucose + urea + alcohol;
    let gap = (measured.value - calculated).map(|v| round(v, 0));
    let calculated = calculated.map(|v| round(v, 0));
    let with = if ethanol.is_ok() {
        "with ethanol"
    } else {
        "ethanol not measured"
    };
    desk.step(format!(
        "calculated = 2 x sodium + glucose + urea + ethanol / 3.7 = {} ({with})",
        ask::words(calculated, 0)
    ));
    desk.step(format!(
        "gap = measured - calculated = {}",
        ask::words(gap, 0)
    ));
    let decision = ask::decide(gap, severity);
    let summary = format!(
        "Osmolar gap {}: measured {}, calculated {} mosm/kg, {with}; {} old",
        ask::words(gap, 0),
        ask::words(measured.value.map(|v| round(v, 0)), 0),
        ask::words(calculated, 0),
        age_in_words(taken, desk.at())
    );
    let finding = decision
        .finding(summary)
        .bounded("calculated", calculated)
        .bounded("gap", gap);
    match decision {
        ask::Decision::NotMet => finding,
        ask::Decision::Met(_) => finding.lacking(ethanol.err()),
        ask::Decision::Undecided => finding
            .lacking(ask::open(&[
                ("osm", measured.value),
                ("sodium", sodium),
                ("glucose", glucose),
                ("urea", urea),
                ("ethanol", alcohol),
            ]))
            .lacking(ethanol.err()),
    }
}

/// Severity of a rounded gap.
fn severity(gap: f64) -> Option<Severity> {
    match gap {
        g if g >= 25.0 => Some(Severity::Moderate),
        g if g > 10.0 => Some(Severity::Low),
        _ => None,
    }
}
