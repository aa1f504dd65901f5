//! Change of a lesion between two dates (T47). States arithmetic; what it means is for the reader to say.

use serde::{Deserialize, Serialize};

/// Volumes that differ by less than this share of the first one differ by no more than two measurements of one lesion do.
pub const WITHIN_VARIATION_PERCENT: f64 = 25.0;

/// How large a lesion is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Size {
    /// A diameter, mm: the lesion is taken to grow alike in all directions.
    DiameterMm(f64),
    /// A volume, mm³.
    VolumeMm3(f64),
}

/// From one date to another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// Second less first, in the unit of the sizes.
    pub absolute: f64,
    /// Of the first size.
    pub percent: f64,
    /// Of the volume, by the sizes.
    pub volume_percent: f64,
    /// Days in which the volume doubles; below 0 it shrinks. `None` where it stays or no time has passed.
    pub doubling_days: Option<f64>,
    /// The volume changed by less than [`WITHIN_VARIATION_PERCENT`].
    pub within_variation: bool,
}

impl Size {
    const fn value(self) -> f64 {
        match self {
            Self::DiameterMm(v) | Self::VolumeMm3(v) => v,
        }
    }
}

/// Time in which the volume doubles, days: negative for one that shrinks, to be shown as "shrinking" and not as a number of days. `None`
/// where a size is not positive, both are equal, or the sizes are of different kinds.
#[must_use]
pub fn doubling_time_days(first: Size, second: Size, days: f64) -> Option<f64> {
    let ratio = second.value() / first.value();
    let growth = match (first, second) {
        (Size::DiameterMm(_), Size::DiameterMm(_)) => 3.0 * ratio.ln(),
        (Size::VolumeMm3(_), Size::VolumeMm3(_)) => ratio.ln(),
        _ => return None,
    };
    let time = days * std::f64::consts::LN_2 / growth;
    (first.value() > 0.0 && second.value() > 0.0 && days > 0.0 && time.is_finite()).then_some(time)
}

/// Change over `days`; `None` where the first size is not positive, a size is no number, or the sizes are of different kinds.
#[must_use]
pub fn growth(first: Size, second: Size, days: f64) -> Option<Growth> {
    let (from, to) = (first.value(), second.value());
    if !(from > 0.0 && to >= 0.0 && from.is_finite() && to.is_finite()) {
        return None;
    }
    let volume_ratio = match (first, second) {
        (Size::DiameterMm(_), Size::DiameterMm(_)) => (to / from).powi(3),
        (Size::VolumeMm3(_), Size::VolumeMm3(_)) => to / from,
        _ => return None,
    };
    let volume_percent = (volume_ratio - 1.0) * 100.0;
    Some(Growth {
        absolute: to - from,
        percent: (to - from) / from * 100.0,
        volume_percent,
        doubling_days: doubling_time_days(first, second, days),
        within_variation: volume_percent.abs() < WITHIN_VARIATION_PERCENT,
    })
}

/// Size of a lung nodule after Fleischner 2017.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nodule {
    /// Mean of the long and the short axis of one image, mm.
    pub mean_mm: f64,
    /// To whole millimetres, halves upward.
    pub rounded_mm: f64,
}

/// Of the long and the short axis, mm, on the same image.
#[must_use]
pub fn fleischner_size(long_mm: f64, short_mm: f64) -> Nodule {
    let mean_mm = f64::midpoint(long_mm, short_mm);
    Nodule {
        mean_mm,
        // A half that binary fractions put just below one still is a half.
        rounded_mm: (mean_mm + 0.5 + 1e-9).floor(),
    }
}

/// Whether the rounded size rose by the 2 mm that count as growth after Fleischner 2017.
#[must_use]
pub fn fleischner_grew(before: Nodule, now: Nodule) -> bool {
    now.rounded_mm - before.rounded_mm >= 2.0
}
