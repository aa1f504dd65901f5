//! Sums over patients: spreads, shares with the rule of twenty, rates, and intervals by drawing patients anew.

use serde::Serialize;

use super::judge::{Detection, Episodes, Judged};
use super::random::Random;

/// Draws of the bootstrap.
pub const DRAWS: usize = 2000;
/// Below so many events no percentage is given: counts only.
pub const LEAST_FOR_PERCENT: usize = 20;

/// Days of lead over those that were detected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// How many.
    pub n: usize,
    /// Half are below.
    pub median: f64,
    /// Lower and upper quartile.
    pub quartiles: [f64; 2],
    /// 10th and 90th percentile.
    pub p10_p90: [f64; 2],
    /// 95 % interval of the median, by drawing patients.
    pub median_interval: Option<[f64; 2]>,
}

/// A part of a whole. `percent` and its interval only from twenty events on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// Part.
    pub events: usize,
    /// Whole.
    pub of: usize,
    /// Per cent.
    pub percent: Option<f64>,
    /// 95 % interval, per cent.
    pub interval: Option<[f64; 2]>,
}

/// Events in a time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// Events.
    pub events: usize,
    /// Patient-months at risk.
    pub months: f64,
    /// Per 100 patient-months.
    pub per_100: Option<f64>,
    /// 95 % interval.
    pub interval: Option<[f64; 2]>,
}

impl Share {
    /// A share that says its per cent only where it may.
    #[must_use]
    pub fn of(events: usize, of: usize) -> Self {
        Self {
            events,
            of,
            percent: (of >= LEAST_FOR_PERCENT).then(|| 100.0 * ratio(events, of)),
            interval: None,
        }
    }

    /// `31 of 44 (70 %, 95 % interval 56 to 82)`, or `3 of 5`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let count = format!("{} of {}", self.events, self.of);
        match (self.percent, self.interval) {
            (Some(p), Some([a, b])) => format!("{count} ({p:.0} %, {a:.0} to {b:.0})"),
            (Some(p), None) => format!("{count} ({p:.0} %)"),
            (None, _) => count,
        }
    }
}

impl Rate {
    /// `12 in 3400 months: 0.35 (0.10 to 0.71)`
    #[must_use]
    pub fn in_words(&self) -> String {
        let count = format!("{} in {:.0} months", self.events, self.months);
        match (self.per_100, self.interval) {
            (Some(r), Some([a, b])) => format!("{count}: {r:.2} ({a:.2} to {b:.2})"),
            (Some(r), None) => format!("{count}: {r:.2}"),
            (None, _) => count,
        }
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "counts of patients and events are far below 2^52"
)]
/// `a` in `b`; 0 where `b` is 0.
#[must_use]
pub fn ratio(a: usize, b: usize) -> f64 {
    if b == 0 { 0.0 } else { a as f64 / b as f64 }
}

/// The value below which the part `p` lies, between neighbours linearly. `sorted` ascends.
#[must_use]
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a list of patients"
)]
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let place = p.clamp(0.0, 1.0) * (sorted.len().checked_sub(1)?) as f64;
    let low = *sorted.get(place.floor() as usize)?;
    let high = *sorted.get(place.ceil() as usize)?;
    Some(low + (high - low) * place.fract())
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The spread of some leads; `None` of none.
#[must_use]
pub fn spread(values: impl Iterator<Item = f64>) -> Option<Spread> {
    let v = sorted(values);
    Some(Spread {
        n: v.len(),
        median: quantile(&v, 0.5)?,
        quartiles: [quantile(&v, 0.25)?, quantile(&v, 0.75)?],
        p10_p90: [quantile(&v, 0.1)?, quantile(&v, 0.9)?],
        median_interval: None,
    })
}

/// What is summed over the patients at risk of one condition.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Patients with an outcome in the time at risk.
    pub incident: usize,
    /// Detected early.
    pub early: usize,
    /// Detected with the outcome.
    pub with: usize,
    /// Detected late.
    pub late: usize,
    /// Not detected.
    pub missed: usize,
    /// Cards.
    pub episodes: Episodes,
    /// Patient-months.
    pub months: f64,
    /// Contacts with care.
    pub openings: usize,
}

impl Sums {
    /// Over some patients.
    #[must_use]
    pub fn of<'a>(judged: impl Iterator<Item = &'a Judged>) -> Self {
        judged.fold(Self::default(), |mut s, j| {
            s.incident += usize::from(j.is_incident());
            match j.detection {
                Some(Detection::Early) => s.early += 1,
                Some(Detection::With) => s.with += 1,
                Some(Detection::Late) => s.late += 1,
                Some(Detection::Missed) => s.missed += 1,
                None => {}
            }
            s.episodes.borne_out += j.episodes.borne_out;
            s.episodes.false_alert += j.episodes.false_alert;
            s.episodes.indeterminate += j.episodes.indeterminate;
            s.months += j.months;
            s.openings += j.openings;
            s
        })
    }

    /// Cards whose outcome is known.
    #[must_use]
    pub const fn decided(&self) -> usize {
        self.episodes.borne_out + self.episodes.false_alert
    }

    /// All cards.
    #[must_use]
    pub const fn shown(&self) -> usize {
        self.decided() + self.episodes.indeterminate
    }

    /// Early and with, over incident outcomes.
    #[must_use]
    pub fn sensitivity(&self) -> Share {
        Share::of(self.early + self.with, self.incident)
    }

    /// Positive predictive value per episode.
    #[must_use]
    pub fn predictive_value(&self) -> Share {
        Share::of(self.episodes.borne_out, self.decided())
    }

    /// False-alert episodes per 100 patient-months.
    #[must_use]
    pub fn burden(&self) -> Rate {
        Rate {
            events: self.episodes.false_alert,
            months: self.months,
            per_100: (self.months > 0.0)
                .then(|| 100.0 * ratio(self.episodes.false_alert, 1) / self.months),
            interval: None,
        }
    }
}

/// Intervals of one condition.
#[derive(Clone, Debug, Default)]
pub struct Intervals {
    /// Median lead, days.
    pub lead: Option<[f64; 2]>,
    /// Sensitivity, per cent.
    pub sensitivity: Option<[f64; 2]>,
    /// Predictive value, per cent.
    pub predictive_value: Option<[f64; 2]>,
    /// Burden per 100 patient-months.
    pub burden: Option<[f64; 2]>,
}

/// 95 % percentile intervals by drawing the patients at risk [`DRAWS`] times with replacement.
#[must_use]
pub fn bootstrap(at_risk: &[&Judged], mut random: Random) -> Intervals {
    let (mut lead, mut sensitivity, mut value, mut burden) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    if at_risk.len() < 2 {
        return Intervals::default();
    }
    for _ in 0..DRAWS {
        let drawn: Vec<&Judged> = (0..at_risk.len())
            .filter_map(|_| at_risk.get(random.below(at_risk.len())).copied())
            .collect();
        let sums = Sums::of(drawn.iter().copied());
        let leads = sorted(drawn.iter().filter_map(|j| j.lead_days));
        lead.extend(quantile(&leads, 0.5));
        if sums.incident > 0 {
            sensitivity.push(100.0 * ratio(sums.early + sums.with, sums.incident));
        }
        if sums.decided() > 0 {
            value.push(100.0 * ratio(sums.episodes.borne_out, sums.decided()));
        }
        burden.extend(sums.burden().per_100);
    }
    Intervals {
        lead: interval(lead),
        sensitivity: interval(sensitivity),
        predictive_value: interval(value),
        burden: interval(burden),
    }
}

/// 2.5th and 97.5th percentile; none where fewer than half of the draws could be summed.
fn interval(mut values: Vec<f64>) -> Option<[f64; 2]> {
    values.sort_by(f64::total_cmp);
    if values.len() * 2 < DRAWS {
        return None;
    }
    Some([quantile(&values, 0.025)?, quantile(&values, 0.975)?])
}
