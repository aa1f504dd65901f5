//! How a nodule was grown, in one line of words that stays with its drawing and is read back to grow it again.

use std::fmt;

use super::GrowSettings;
use crate::geometry::PatientMm;

/// The click and the settings of a nodule. Written as text it is the same again when read ([`Grown::of_text`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grown {
    /// The click.
    pub seed: PatientMm,
    /// What was allowed to belong to it.
    pub settings: GrowSettings,
}

impl fmt::Display for Grown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, to] = self.settings.range;
        let glam::DVec3 { x, y, z } = self.seed.0;
        let (most, cut) = (self.settings.max_diameter_mm, self.settings.cut);
        write!(
            f,
            "semi-automatic: grown from a click at {x} {y} {z} mm, values {from} to {to}, at most {most} mm, vessels cut {cut}"
        )
    }
}

impl Grown {
    /// What its text said; `None` for any other text.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("semi-automatic: grown from a click at ")?;
        let (seed, rest) = rest.split_once(" mm, values ")?;
        let (range, rest) = rest.split_once(", at most ")?;
        let (most, cut) = rest.split_once(" mm, vessels cut ")?;
        let number = |text: &str| text.parse::<f64>().ok().filter(|v| v.is_finite());
        let mut axes = seed.split(' ').map(number);
        let mut axis = || axes.next().flatten();
        let seed = glam::DVec3::new(axis()?, axis()?, axis()?);
        let (from, to) = range.split_once(" to ")?;
        Some(Self {
            seed: PatientMm(seed),
            settings: GrowSettings {
                range: [number(from)?, number(to)?],
                max_diameter_mm: number(most)?,
                cut: number(cut)?,
            },
        })
    }
}
