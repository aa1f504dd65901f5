//! Risks of published equations as natural frequencies: so many of a hundred people like this one (D-24).
//!
//! Only equations that give a risk have one (R4, R21): a score or a class is no frequency.

use crate::outcome::{Outcome, Verdict};

/// What is expected among a hundred people.
#[derive(Clone, Debug, PartialEq)]
pub struct Frequency {
    /// At least so many per cent.
    pub low: f64,
    /// At most so many; the same as `low` where the risk is one number.
    pub high: f64,
    /// `kidney failure within 5 years`
    pub event: &'static str,
    /// Whom the equation was made for.
    pub population: &'static str,
}

/// A risk that a rule gives: key of its result, event, population.
type Risk = (&'static str, &'static str);

const KFRE: [Risk; 2] = [
    ("risk5y_pct", "kidney failure within 5 years"),
    ("risk2y_pct", "kidney failure within 2 years"),
];
const PREVENT: [Risk; 2] = [
    (
        "ascvd10y_pct",
        "coronary heart disease or stroke within 10 years",
    ),
    (
        "cvd10y_pct",
        "coronary heart disease, stroke or heart failure within 10 years",
    ),
];

impl Outcome {
    /// Natural frequencies of a rule that fires with a risk; empty for the others.
    #[must_use]
    pub fn frequencies(&self) -> Vec<Frequency> {
        if self.finding.verdict != Verdict::Fires {
            return Vec::new();
        }
        let (risks, population) = match self.rule.id {
            "R4" => (KFRE, kfre_population(self)),
            "R21" => (
                PREVENT,
                "adults from 30 to 79 years without known cardiovascular disease (PREVENT, United States)",
            ),
            _ => return Vec::new(),
        };
        risks
            .into_iter()
            .filter_map(|(key, event)| {
                let (low, high) = self.percent(key)?;
                Some(Frequency {
                    low,
                    high,
                    event,
                    population,
                })
            })
            .collect()
    }

    /// A result in per cent, or its range.
    fn percent(&self, key: &str) -> Option<(f64, f64)> {
        let finding = &self.finding;
        if let Some(value) = finding.result.get(key).and_then(|v| v.as_f64()) {
            return Some((value, value));
        }
        let [low, high] = finding.range.get(key)?;
        Some((low.as_f64()?, high.as_f64()?))
    }
}

/// The equation is calibrated for two regions.
fn kfre_population(outcome: &Outcome) -> &'static str {
    let calibration = outcome.finding.result.get("calibration");
    match calibration.and_then(|c| c.as_str()) {
        Some("north_america") => {
            "people with chronic kidney disease and an eGFR below 60 (KFRE, North American)"
        }
        _ => "people with chronic kidney disease and an eGFR below 60 (KFRE, non-North American)",
    }
}

impl Frequency {
    /// `9 of 100`, `between 3 and 12 of 100`, `fewer than 1 of 100`
    #[must_use]
    pub fn of_100(&self) -> String {
        let (low, high) = self.counts();
        match (low, high) {
            (0, 0) if self.high > 0.0 => "fewer than 1 of 100".to_owned(),
            (low, high) if low == high => format!("{low} of 100"),
            (low, high) => format!("between {low} and {high} of 100"),
        }
    }

    /// Whole people of a hundred: at least, at most.
    #[must_use]
    pub fn counts(&self) -> (u8, u8) {
        (people(self.low), people(self.high))
    }
}

fn people(percent: f64) -> u8 {
    let rounded = percent.clamp(0.0, 100.0).round();
    (0..=100_u8)
        .find(|n| f64::from(*n) >= rounded)
        .unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_24_a_risk_is_so_many_of_a_hundred() {
        let of = |low, high| Frequency {
            low,
            high,
            event: "",
            population: "",
        };
        for (low, high, words, counts) in [
            (9.4, 9.4, "9 of 100", (9, 9)),
            (9.5, 9.5, "10 of 100", (10, 10)),
            (0.3, 0.3, "fewer than 1 of 100", (0, 0)),
            (0.0, 0.0, "0 of 100", (0, 0)),
            (3.2, 12.1, "between 3 and 12 of 100", (3, 12)),
            (99.7, 100.0, "100 of 100", (100, 100)),
        ] {
            let frequency = of(low, high);
            assert_eq!(frequency.of_100(), words);
            assert_eq!(frequency.counts(), counts, "{words}");
        }
    }
}
