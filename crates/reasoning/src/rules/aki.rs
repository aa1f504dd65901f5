//! The creatinine criteria of KDIGO AKI 2012, section 2.1, over any series: R2 shows them, R1, R3 and R15 ask for them.

use triptych_clinical::Instant;

use crate::chart::Measured;
use crate::desk::{days, hours, within};
use crate::number::{Interval, round};
use crate::settings::AkiBaseline;

/// One value against its history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aki {
    /// 0 to 3.
    pub stage: u8,
    /// Current over baseline, 2 decimals.
    pub ratio: f64,
    /// Rise over the lowest value of 48 h, mg/dL, 2 decimals; `None` without one.
    pub rise_48h: Option<f64>,
    /// Baseline, mg/dL, not rounded.
    pub baseline: f64,
    /// `lowest_7d` or `median_8_365d`.
    pub source: &'static str,
}

/// A creatinine in mg/dL with its time.
pub type Point = (Instant, f64);

/// Judges `current` by `earlier` values (any order; those not before it or more than 365 d before do not count). `None` without a baseline.
pub fn assess(current: Point, earlier: &[Point], mode: AkiBaseline) -> Option<Aki> {
    let (at, value) = current;
    let before = |span| {
        earlier
            .iter()
            .filter(move |(t, _)| *t < at && within(*t, at, span))
    };
    let lowest = |span| before(span).map(|(_, v)| *v).reduce(f64::min);
    let rv1 = lowest(days(7));
    let rv2 = median(
        before(days(365))
            .filter(|(t, _)| !within(*t, at, days(7)))
            .map(|(_, v)| *v),
    );
    let (baseline, source) = match (rv1, rv2) {
        (Some(rv1), Some(rv2)) if mode == AkiBaseline::Min && rv2 < rv1 => (rv2, "median_8_365d"),
        (Some(rv1), _) => (rv1, "lowest_7d"),
        (None, Some(rv2)) => (rv2, "median_8_365d"),
        (None, None) => return None,
    };
    let ratio = round(value / baseline, 2);
    let rise_48h = lowest(hours(48)).map(|low| round(value - low, 2));
    let by_ratio = match ratio {
        r if r >= 3.0 => 3,
        r if r >= 2.0 => 2,
        r if r >= 1.5 => 1,
        _ => 0,
    };
    let stage = by_ratio.max(u8::from(rise_48h.is_some_and(|d| d >= 0.3)));
    Some(Aki {
        stage: if stage >= 1 && value >= 4.0 { 3 } else { stage },
        ratio,
        rise_48h,
        baseline,
        source,
    })
}

/// [`assess`] for values that may be open on one side: the mildest and the gravest reading. Equal where all values are exact.
pub fn assess_open(
    current: &Measured<'_>,
    earlier: &[Measured<'_>],
    mode: AkiBaseline,
) -> Option<(Aki, Aki)> {
    // Values out of the year before do not count; a long series is asked value by value.
    let taken = current.datum.instant();
    let year = |m: &&Measured<'_>| within(m.datum.instant(), taken, days(365));
    let earlier: Vec<&Measured<'_>> = earlier.iter().filter(year).collect();
    let exact = |m: &Measured<'_>| m.value.point().is_some();
    let read = |now: fn(Interval) -> f64, then: fn(Interval) -> f64| {
        let points: Vec<Point> = earlier
            .iter()
            .map(|m| (m.datum.instant(), then(m.value)))
            .collect();
        assess((taken, now(current.value)), &points, mode)
    };
    let mild = read(|i| i.low, |i| i.high)?;
    if exact(current) && earlier.iter().all(|m| exact(m)) {
        return Some((mild, mild));
    }
    let grave = read(|i| i.high, |i| i.low)?;
    Some((mild, grave))
}

/// Median; the mean of the two middle values when even.
pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    if values.is_empty() {
        return None;
    }
    let (middle, even) = (values.len() / 2, values.len().is_multiple_of(2));
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if !even {
        return Some(*upper);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp)?;
    Some(f64::midpoint(lower, *upper))
}
