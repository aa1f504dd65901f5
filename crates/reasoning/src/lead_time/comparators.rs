//! What a signal is compared with: chance, and the first flag of the laboratory itself.

use serde::Serialize;

use super::judge::{Detection, Judged, WINDOW_AFTER_DAYS, WINDOW_BEFORE_DAYS, detection};
use super::random::Random;
use super::statistics::{Spread, quantile, ratio, spread};

/// Draws of the chance comparator.
const DRAWS: usize = 500;

/// Comparator (a).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FirstFlag {
    /// Patients with an outcome whose laboratory flagged an input of the condition in the window.
    pub flagged: usize,
    /// Lead of that flag, days.
    pub lead: Option<Spread>,
    /// Flagged values of these inputs in the whole cohort: with none, the comparator cannot be made.
    pub flags_in_cohort: usize,
}

/// Comparator (b): the same number of alerts at index times drawn at random.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chance {
    /// Alerts that were drawn.
    pub alerts: usize,
    /// Index times to draw from.
    pub index_times: usize,
    /// Incident outcomes detected early or with, mean over the draws.
    pub detected_mean: f64,
    /// The same, 2.5th and 97.5th percentile.
    pub detected_interval: [f64; 2],
    /// Alerts that an outcome followed within 730 d, mean over the draws.
    pub borne_out_mean: f64,
    /// Median lead over all draws, days.
    pub lead_median: Option<f64>,
}

/// Comparator (a) of one condition.
#[must_use]
pub fn first_flag(at_risk: &[&Judged], flags_in_cohort: usize) -> FirstFlag {
    let leads = || at_risk.iter().filter_map(|j| j.flag_lead_days);
    FirstFlag {
        flagged: leads().count(),
        lead: spread(leads()),
        flags_in_cohort,
    }
}

/// Comparator (b) of one condition, `alerts` being the cards that were shown.
#[must_use]
pub fn chance(at_risk: &[&Judged], alerts: usize, mut random: Random) -> Option<Chance> {
    let times: Vec<(usize, f64)> = at_risk
        .iter()
        .enumerate()
        .flat_map(|(k, j)| j.risk_days.iter().map(move |d| (k, *d)))
        .collect();
    let alerts = alerts.min(times.len());
    if alerts == 0 {
        return None;
    }
    let (mut detected, mut borne_out, mut leads) = (Vec::new(), 0usize, Vec::new());
    for _ in 0..DRAWS {
        let mut first: Vec<Option<f64>> = vec![None; at_risk.len()];
        for (k, day) in random
            .places(alerts, times.len())
            .into_iter()
            .filter_map(|p| times.get(p))
        {
            let Some(outcome) = at_risk.get(*k).and_then(|j| j.outcome_day) else {
                continue;
            };
            let lead = outcome - day;
            borne_out += usize::from((0.0..=days(WINDOW_BEFORE_DAYS)).contains(&lead));
            let counts = (-days(WINDOW_AFTER_DAYS)..=days(WINDOW_BEFORE_DAYS)).contains(&lead);
            if let Some(slot) = first.get_mut(*k).filter(|_| counts) {
                *slot = Some(slot.map_or(lead, |l| l.max(lead)));
            }
        }
        let found = first.iter().flatten();
        let in_time = |l: &&f64| matches!(detection(**l), Detection::Early | Detection::With);
        detected.push(ratio(found.clone().filter(in_time).count(), 1));
        leads.extend(found.copied());
    }
    detected.sort_by(f64::total_cmp);
    leads.sort_by(f64::total_cmp);
    Some(Chance {
        alerts,
        index_times: times.len(),
        detected_mean: detected.iter().sum::<f64>() / ratio(DRAWS, 1),
        detected_interval: [quantile(&detected, 0.025)?, quantile(&detected, 0.975)?],
        borne_out_mean: ratio(borne_out, DRAWS),
        lead_median: quantile(&leads, 0.5),
    })
}

#[allow(
    clippy::cast_precision_loss,
    reason = "two constants of a few hundred days"
)]
const fn days(n: i64) -> f64 {
    n as f64
}
