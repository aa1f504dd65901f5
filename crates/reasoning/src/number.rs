//! Numbers as rules handle them: rounding half away from zero, and intervals for values that are only bounded.

use serde_json::Value as Json;

/// Added before flooring, so that 0.285 x 100 = 28.499999999999996 rounds as the decimal number that was written.
const GUARD: f64 = 1e-9;
/// An open end lies this far (relative) inside its bound.
const OPEN: f64 = 1e-6;

/// `x` rounded to `decimals`, halves away from zero on the decimal value.
#[must_use]
pub fn round(x: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    let rounded = (x.abs() * scale + 0.5 + GUARD).floor() / scale;
    // Not `-0`: it would be shown.
    if rounded == 0.0 {
        0.0
    } else {
        rounded.copysign(x)
    }
}

/// A value that lies between two numbers; both are equal for an exact one. Ends are attained (open bounds are moved inside).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Least.
    pub low: f64,
    /// Greatest.
    pub high: f64,
}

impl Interval {
    /// An exact value.
    #[must_use]
    pub const fn exact(x: f64) -> Self {
        Self { low: x, high: x }
    }

    /// Below `bound`, not below `floor`.
    #[must_use]
    pub fn below(bound: f64, floor: f64) -> Self {
        let high = bound - bound.abs() * OPEN;
        Self {
            low: floor.min(high),
            high,
        }
    }

    /// Above `bound`, not above `ceiling`.
    #[must_use]
    pub fn above(bound: f64, ceiling: f64) -> Self {
        let low = bound + bound.abs() * OPEN;
        Self {
            low,
            high: ceiling.max(low),
        }
    }

    /// This bound or below, not below `floor`.
    #[must_use]
    pub const fn at_most(bound: f64, floor: f64) -> Self {
        Self {
            low: floor.min(bound),
            high: bound,
        }
    }

    /// This bound or above, not above `ceiling`.
    #[must_use]
    pub const fn at_least(bound: f64, ceiling: f64) -> Self {
        Self {
            low: bound,
            high: ceiling.max(bound),
        }
    }

    /// The number, if there is only one.
    #[must_use]
    #[allow(clippy::float_cmp, reason = "an exact interval holds one number twice")]
    pub fn point(self) -> Option<f64> {
        (self.low == self.high).then_some(self.low)
    }

    /// Smallest interval that holds both.
    #[must_use]
    pub const fn hull(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }

    /// Both ends through a monotone function, rising or falling.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let (a, b) = (f(self.low), f(self.high));
        Self {
            low: a.min(b),
            high: a.max(b),
        }
    }
}

impl std::ops::Add for Interval {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            low: self.low + other.low,
            high: self.high + other.high,
        }
    }
}

impl std::ops::Sub for Interval {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            low: self.low - other.high,
            high: self.high - other.low,
        }
    }
}

impl std::ops::Mul<f64> for Interval {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        self.map(|x| x * factor)
    }
}

/// A number as JSON: whole numbers without a fraction.
#[must_use]
pub fn json(x: f64) -> Json {
    #[allow(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    if x.fract() == 0.0 && x.abs() < 9e15 {
        Json::from(x as i64)
    } else {
        Json::from(x)
    }
}

/// A number as words show it: up to `decimals` places, without trailing zeros beyond `least`.
#[must_use]
pub fn show(x: f64, decimals: i32) -> String {
    let places = usize::try_from(decimals.max(0)).unwrap_or(0);
    format!("{:.places$}", round(x, decimals))
}

/// The shortest decimal text of a number: `1.28`, `5`.
#[must_use]
pub fn plain(x: f64) -> String {
    format!("{}", round(x, 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero_on_the_decimal_value() {
        for (x, decimals, expected) in [
            (0.285, 2, 0.29),
            (-0.285, 2, -0.29),
            (59.5, 0, 60.0),
            (59.499_999, 0, 59.0),
            (-0.4, 0, 0.0),
            (1.005, 2, 1.01),
        ] {
            assert!(
                (round(x, decimals) - expected).abs() < 1e-12,
                "{x}: {}",
                round(x, decimals)
            );
        }
        assert_eq!(show(-0.01, 1), "0.0");
    }

    #[test]
    fn open_ends_stay_inside_their_bound() {
        let below = Interval::below(30.0, 0.0);
        assert!(below.high < 30.0 && below.low <= 0.0 && below.point().is_none());
        let above = Interval::above(300.0, 30_000.0);
        assert!(above.low > 300.0 && above.high >= 30_000.0);
    }
}
