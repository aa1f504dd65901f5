//! Pixel padding: stored values that are no image (PS3.3 C.7.5.1.1.2).

use serde::{Deserialize, Serialize};

/// An inclusive range of stored values that are drawn black and never counted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Padding {
    low: f64,
    high: f64,
}

impl Padding {
    /// From Pixel Padding Value (0028,0120) and Range Limit (0028,0121), or their float twins: either may be the larger one.
    #[must_use]
    pub fn new(value: f64, range_limit: Option<f64>) -> Self {
        let other = range_limit.unwrap_or(value);
        Self {
            low: value.min(other),
            high: value.max(other),
        }
    }

    /// Lowest padded stored value.
    #[must_use]
    pub const fn low(&self) -> f64 {
        self.low
    }

    /// Highest padded stored value.
    #[must_use]
    pub const fn high(&self) -> f64 {
        self.high
    }

    /// Whether a stored value is padding.
    #[must_use]
    pub fn contains(&self, stored: f64) -> bool {
        self.low <= stored && stored <= self.high
    }
}
