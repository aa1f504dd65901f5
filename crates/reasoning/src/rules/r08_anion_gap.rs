//! R8: anion gap, corrected for albumin.

use super::{Rule, ask};
use crate::basis::age_in_words;
use crate::desk::{Desk, days, hours};
use crate::number::{Interval, plain, round, show};
use crate::outcome::{Finding, Lane, Severity};

pub(super) static RULE: Rule = Rule {
    id: "R8",
    version: "1.0.0",
    lane: Lane::N,
    title: "Anion gap, corrected for albumin",
    trigger: "bicarbonate",
    not_applicable: "",
    citation: "Figge 1998, Crit Care Med 26:1807; Kraut and Madias 2007, CJASN 2:162",
    valid_until: "2027-03-01",
    windows: &[
        "bicarbonate 7 d",
        "sodium and chloride within 1 h of it, albumin within 24 h",
    ],
    thresholds: &[
        "corrected gap above 16 mmol/L (the site sets its own upper limit): low; 20 or more: moderate",
        "gap = sodium - chloride - bicarbonate; corrected = gap + 0.25 x (40 - albumin in g/L), 1 decimal",
        "albumin missing: the range for 45 to 20 g/L",
        "delta ratio = (corrected gap - 12) / (24 - bicarbonate), where the gap is above 12 and bicarbonate below 24",
    ],
    limits: &[
        "Reference limits depend on the analyser (3 to 16 mmol/L)",
        "Potassium is not part of the gap",
        "Lithium, bromide and paraproteins lower the gap",
    ],
    settings: &["ag.upper"],
    evaluate,
};

/// Albumin that stands in for a missing one, g/L.
const ANY_ALBUMIN: Interval = Interval {
    low: 20.0,
    high: 45.0,
};

fn evaluate(desk: &mut Desk<'_>) -> Finding {
    if let Err(end) = desk.adult() {
        return end;
    }
    let bicarbonate = match ask::trigger(desk, "bicarbonate", days(7), &[]) {
        Ok(bicarbonate) => bicarbonate,
        Err(end) => return end,
    };
    let taken = bicarbonate.datum.instant();
    let sodium = ask::beside(desk, "sodium", taken, hours(1), &[], "gap");
    let chloride = ask::beside(desk, "chloride", taken, hours(1), &[], "gap");
    let albumin = ask::beside(desk, "albumin", taken, hours(24), &[], "correction");
    let (sodium, chloride) = match (sodium, chloride) {
        (Ok(sodium), Ok(chloride)) => (sodium, chloride),
        (sodium, chloride) => {
            return Finding::cannot_tell()
                .lacking(sodium.err())
                .lacking(chloride.err())
                .lacking(albumin.err());
        }
    };
    let gap = sodium.value - chloride.value - bicarbonate.value;
    let grams = albumin.as_ref().map_or(ANY_ALBUMIN, |m| m.value);
    let corrected = (gap + (Interval::exact(40.0) - grams) * 0.25).map(|v| round(v, 1));
    let gap = gap.map(|v| round(v, 1));
    desk.step(format!(
        "gap = sodium - chloride - bicarbonate = {} mmol/L",
        ask::words(gap, 1)
    ));
    desk.step(format!(
        "corrected = gap + 0.25 x (40 - albumin {} g/L) = {} mmol/L; upper limit in use {}",
        ask::words(grams, 0),
        ask::words(corrected, 1),
        plain(desk.settings.ag_upper)
    ));
    let upper = desk.settings.ag_upper;
    let decision = ask::decide(corrected, |gap| severity(gap, upper));
    let ratio = delta_ratio(corrected, bicarbonate.value);
    let ratio_words = ratio.map_or_else(String::new, |r| format!(", delta ratio {}", show(r, 1)));
    let albumin_words = if albumin.is_ok() {
        ""
    } else {
        "; albumin missing"
    };
    let summary = format!(
        "Anion gap {} mmol/L corrected for albumin, {} as measured{ratio_words}{albumin_words}; {} old",
        ask::words(corrected, 1),
        ask::words(gap, 1),
        age_in_words(taken, desk.at())
    );
    let mut finding = decision
        .finding(summary)
        .bounded("ag", gap)
        .bounded("ag_corrected", corrected);
    if let Some(ratio) = ratio {
        finding = finding.number("delta_ratio", ratio);
    }
    let finding = finding.lacking(albumin.as_ref().err().cloned());
    if decision == ask::Decision::Undecided {
        let albumin = albumin.map_or(Interval::exact(40.0), |m| m.value);
        finding.lacking(ask::open(&[
            ("sodium", sodium.value),
            ("chloride", chloride.value),
            ("bicarbonate", bicarbonate.value),
            ("albumin", albumin),
        ]))
    } else {
        finding
    }
}

/// Severity of a rounded corrected gap in mmol/L.
fn severity(gap: f64, upper: f64) -> Option<Severity> {
    if gap <= upper {
        None
    } else if gap >= 20.0 {
        Some(Severity::Moderate)
    } else {
        Some(Severity::Low)
    }
}

/// Rise of the gap over the fall of bicarbonate, 1 decimal; only where both have moved and both are known.
fn delta_ratio(corrected: Interval, bicarbonate: Interval) -> Option<f64> {
    let (gap, bicarbonate) = (corrected.point()?, bicarbonate.point()?);
    (gap > 12.0 && bicarbonate < 24.0).then(|| round((gap - 12.0) / (24.0 - bicarbonate), 1))
}
