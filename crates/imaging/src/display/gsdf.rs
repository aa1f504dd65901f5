//! The Grayscale Standard Display Function (PS3.14, T55): just noticeable differences, P-values and what a measured screen makes of them.

use serde::{Deserialize, Serialize};

/// Luminance in cd/m².
pub type Luminance = f64;

/// Indices that the function covers.
pub const JND_RANGE: std::ops::RangeInclusive<f64> = 1.0..=1023.0;

/// Luminance of a JND index (clamped to 1 to 1023), PS3.14 section 7.1.
#[must_use]
pub fn luminance_of_jnd(jnd: f64) -> Luminance {
    // Numerator and denominator, rising powers of ln j.
    const UP: [f64; 5] = [
        -1.301_187_7,
        8.024_263_6e-2,
        1.364_669_9e-1,
        -2.546_840_4e-2,
        1.363_533_4e-3,
    ];
    const DOWN: [f64; 6] = [
        1.0,
        -2.584_019_1e-2,
        -1.032_022_9e-1,
        2.874_562_0e-2,
        -3.197_897_7e-3,
        1.299_263_4e-4,
    ];
    let x = jnd.clamp(*JND_RANGE.start(), *JND_RANGE.end()).ln();
    10_f64.powf(polynomial(&UP, x) / polynomial(&DOWN, x))
}

/// JND index of a luminance; 0 for what is no light.
#[must_use]
pub fn jnd_of_luminance(luminance: Luminance) -> f64 {
    const OF_LOG: [f64; 9] = [
        71.498_068,
        94.593_053,
        41.912_053,
        9.824_700_4,
        0.281_754_07,
        -1.187_845_5,
        -0.180_143_49,
        0.147_108_99,
        -0.017_046_845,
    ];
    if luminance.is_finite() && luminance > 0.0 {
        polynomial(&OF_LOG, luminance.log10())
    } else {
        0.0
    }
}

fn polynomial(rising: &[f64], x: f64) -> f64 {
    rising
        .iter()
        .rev()
        .fold(0.0, |sum, factor| sum * x + factor)
}

/// Darkest and brightest that a screen shows, ambient reflection included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LuminanceRange {
    min: Luminance,
    max: Luminance,
}

/// One step of a measured curve beside what the standard wants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDeviation {
    /// JND of each of the equal steps.
    pub jnd_step: f64,
    /// 2 (L2 − L1)/(L2 + L1) that is wanted.
    pub expected_contrast: f64,
    /// The same as measured.
    pub measured_contrast: f64,
    /// Measured over wanted, less 1, percent.
    pub percent: f64,
}

/// What a screen shows for rising driving levels, measured in the dark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Luminance>", into = "Vec<Luminance>")]
pub struct MeasuredCurve(Vec<Luminance>);

/// Why measurements are no curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CurveError {
    /// 18, 52 and 256 are usual.
    #[error("{0} measured levels, 2 to 4096 can be used")]
    Count(usize),
    /// NaN, infinite or negative.
    #[error("measured level {0} is no luminance")]
    NoLuminance(usize),
    /// The screen gets darker, or never brighter.
    #[error("measured level {0} is darker than the one before it")]
    Falls(usize),
}

impl LuminanceRange {
    /// Of the screen in the dark, with what it reflects of the room added to both; `None` when that is no range.
    #[must_use]
    pub fn new(min: Luminance, max: Luminance, ambient: Luminance) -> Option<Self> {
        let (min, max) = (min + ambient, max + ambient);
        (min.is_finite() && max.is_finite() && min >= 0.0 && max > min).then_some(Self { min, max })
    }

    /// JND index of a P-value of `p_max`.
    #[must_use]
    pub fn jnd(&self, p: f64, p_max: f64) -> f64 {
        let [low, high] = self.ends();
        low + p / p_max * (high - low)
    }

    /// Luminance that a P-value of `p_max` asks for.
    #[must_use]
    pub fn luminance(&self, p: f64, p_max: f64) -> Luminance {
        luminance_of_jnd(self.jnd(p, p_max))
    }

    /// The step from `l1` to `l2`, one of `steps` equal ones over the range, beside what is wanted.
    #[must_use]
    pub fn step(&self, l1: Luminance, l2: Luminance, steps: u32) -> StepDeviation {
        let [low, high] = self.ends();
        let jnd_step = (high - low) / f64::from(steps.max(1));
        let wanted = luminance_of_jnd(jnd_of_luminance(l1) + jnd_step);
        let contrast = |next: f64| 2.0 * (next - l1) / (next + l1);
        let (expected_contrast, measured_contrast) = (contrast(wanted), contrast(l2));
        StepDeviation {
            jnd_step,
            expected_contrast,
            measured_contrast,
            percent: (measured_contrast / expected_contrast - 1.0) * 100.0,
        }
    }

    /// A screen that is quite black has the lowest index of the function.
    fn ends(&self) -> [f64; 2] {
        [self.min, self.max].map(|l| jnd_of_luminance(l).max(*JND_RANGE.start()))
    }
}

impl StepDeviation {
    /// Whether it is within `percent` of what is wanted: 10 for reading, 20 for others.
    #[must_use]
    pub fn within(&self, percent: f64) -> bool {
        self.percent.abs() <= percent
    }
}

impl MeasuredCurve {
    /// Luminance at equally spaced driving levels from the darkest to the brightest.
    ///
    /// # Errors
    /// [`CurveError`].
    pub fn new(levels: Vec<Luminance>) -> Result<Self, CurveError> {
        if !(2..=4096).contains(&levels.len()) {
            return Err(CurveError::Count(levels.len()));
        }
        if let Some(at) = levels.iter().position(|l| !(l.is_finite() && *l >= 0.0)) {
            return Err(CurveError::NoLuminance(at));
        }
        if let Some(at) = levels.windows(2).position(|w| w.first() > w.last()) {
            return Err(CurveError::Falls(at + 1));
        }
        if levels.first() >= levels.last() {
            return Err(CurveError::Falls(levels.len() - 1));
        }
        Ok(Self(levels))
    }

    /// As measured.
    #[must_use]
    pub fn levels(&self) -> &[Luminance] {
        &self.0
    }

    /// Its range with the room's reflection.
    #[must_use]
    pub fn range(&self, ambient: Luminance) -> Option<LuminanceRange> {
        LuminanceRange::new(*self.0.first()?, *self.0.last()?, ambient)
    }

    /// Luminance in the dark at a driving level of 0 to 1, straight between the measured ones.
    #[must_use]
    pub fn at(&self, level: f64) -> Luminance {
        let place = level.clamp(0.0, 1.0) * (self.0.len() - 1) as f64;
        let at = place.floor();
        let of = |k: usize| self.0.get(k).copied();
        let here = of(at as usize).unwrap_or(0.0);
        let next = of(at as usize + 1).unwrap_or(here);
        here + (next - here) * (place - at)
    }

    /// Driving level (0 to `top`) for each P-value 0 to `p_max`: the one whose luminance is nearest to what the standard asks for. Only for a
    /// screen that is not calibrated in its own hardware; without a measurement there is no table at all.
    #[must_use]
    pub fn display_lut(&self, ambient: Luminance, p_max: u16, top: u16) -> Option<Vec<u16>> {
        let range = self.range(ambient)?;
        let driven: Vec<f64> = (0..=top)
            .map(|level| self.at(f64::from(level) / f64::from(top.max(1))) + ambient)
            .collect();
        let nearest = |wanted: f64| {
            let above = driven
                .partition_point(|l| *l < wanted)
                .min(driven.len() - 1);
            let below = above.saturating_sub(1);
            let far = |k: usize| driven.get(k).map_or(f64::INFINITY, |l| (l - wanted).abs());
            if far(below) <= far(above) {
                below as u16
            } else {
                above as u16
            }
        };
        // The two polynomials are each other's inverse but for a hair: the ends are what the screen has.
        Some(
            (0..=p_max)
                .map(|p| match p {
                    0 => 0,
                    p if p == p_max => top,
                    p => nearest(range.luminance(f64::from(p), f64::from(p_max))),
                })
                .collect(),
        )
    }

    /// Every step of the curve beside what is wanted.
    #[must_use]
    pub fn deviations(&self, ambient: Luminance) -> Vec<StepDeviation> {
        let Some(range) = self.range(ambient) else {
            return Vec::new();
        };
        let steps = u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX);
        self.0
            .iter()
            .zip(self.0.iter().skip(1))
            .map(|(a, b)| range.step(a + ambient, b + ambient, steps))
            .collect()
    }

    /// The largest deviation of a step, percent, without its sign.
    #[must_use]
    pub fn worst_percent(&self, ambient: Luminance) -> f64 {
        self.deviations(ambient)
            .iter()
            .map(|d| d.percent.abs())
            .fold(0.0, f64::max)
    }
}

impl TryFrom<Vec<Luminance>> for MeasuredCurve {
    type Error = CurveError;
    fn try_from(levels: Vec<Luminance>) -> Result<Self, CurveError> {
        Self::new(levels)
    }
}

impl From<MeasuredCurve> for Vec<Luminance> {
    fn from(curve: MeasuredCurve) -> Self {
        curve.0
    }
}
