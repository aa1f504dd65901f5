//! Transfer functions: from modality value to colour and opacity, and the tables that rays look them up in (T36).

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// Colour and opacity of modality values, and how surfaces are lit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transfer {
    /// Name in the menu.
    pub name: String,
    /// Step that the opacities are stated for, mm.
    pub reference_step_mm: f64,
    /// (modality value, opacity 0 to 1), ascending; straight between points, the outermost hold beyond.
    pub opacity: Vec<(f64, f64)>,
    /// (modality value, red, green, blue), 0 to 1, ascending.
    pub colour: Vec<(f64, f64, f64, f64)>,
    /// Light that comes from everywhere.
    pub ambient: f64,
    /// Light of the viewer's lamp on a surface that faces it.
    pub diffuse: f64,
    /// Shine of the lamp.
    pub specular: f64,
    /// Exponent of the shine.
    pub shininess: f64,
}

#[derive(Deserialize)]
struct File {
    presets: Vec<Transfer>,
}

/// Points of the table.
pub(super) const ENTRIES: usize = 4096;

/// Steps of the table of light, one more than entries between 0 and 1.
pub(super) const LIGHTS: usize = 1024;

/// A transfer function at one step, ready for rays.
pub(super) struct Table {
    /// Red, green, blue, opacity over one step.
    pub(super) entries: Vec<[f32; 4]>,
    /// Index of a value before the late rescale: `value × scale + offset`.
    pub(super) scale: f32,
    pub(super) offset: f32,
    /// Entries before each that are not clear.
    visible: Vec<u32>,
    /// (lit part, shine) by the cosine between light and surface.
    pub(super) light: Vec<[f32; 2]>,
}

/// The transfer functions that ship, by name: bone, vessels, lung, skin, soft. Empty only if the file that ships is broken, which a test
/// rules out.
#[must_use]
pub fn presets() -> &'static [Transfer] {
    static PRESETS: OnceLock<Vec<Transfer>> = OnceLock::new();
    PRESETS.get_or_init(|| {
        let file = include_str!("../../../../../assets/volume/presets.json");
        serde_json::from_str::<File>(file).map_or_else(|_| Vec::new(), |f| f.presets)
    })
}

/// Opacity of a step of `step_mm` when it is `opacity` over `reference_mm` (T36).
#[must_use]
pub fn corrected_opacity(opacity: f64, step_mm: f64, reference_mm: f64) -> f64 {
    1.0 - (1.0 - opacity.clamp(0.0, 1.0)).powf(step_mm / reference_mm)
}

/// Lays a sample of `colour` and `opacity` behind what is there (T36): `C += (1 − A) · α · c`, `A += (1 − A) · α`.
#[inline(always)]
pub(in crate::volume) fn composite(sum: &mut [f32; 4], colour: [f32; 3], opacity: f32) {
    let weight = (1.0 - sum[3]) * opacity;
    for (c, s) in sum.iter_mut().zip(colour) {
        *c += weight * s;
    }
    sum[3] += weight;
}

impl Transfer {
    /// Opacity of a modality value over the reference step.
    #[must_use]
    pub fn opacity_at(&self, value: f64) -> f64 {
        between(&self.opacity, value, |p| p.0, |p| p.1).clamp(0.0, 1.0)
    }

    /// Colour of a modality value.
    #[must_use]
    pub fn colour_at(&self, value: f64) -> [f64; 3] {
        let of =
            |pick: fn(&(f64, f64, f64, f64)) -> f64| between(&self.colour, value, |p| p.0, pick);
        [of(|p| p.1), of(|p| p.2), of(|p| p.3)].map(|c| c.clamp(0.0, 1.0))
    }

    /// No value is drawn at all: say so instead of showing an empty picture.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.opacity.iter().all(|(_, a)| *a <= 0.0)
    }

    /// `late` is the rescale that values still lack.
    pub(super) fn table(&self, step_mm: f64, late: (f64, f64)) -> Table {
        let points = || {
            let opacity = self.opacity.iter().map(|p| p.0);
            opacity.chain(self.colour.iter().map(|p| p.0))
        };
        let low = points().fold(f64::INFINITY, f64::min);
        let high = points().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if high > low {
            (low, high)
        } else {
            (low.min(0.0), low.min(0.0) + 1.0)
        };
        let last = (ENTRIES - 1) as f64;
        let reference = if self.reference_step_mm > 0.0 {
            self.reference_step_mm
        } else {
            1.0
        };
        let entries: Vec<[f32; 4]> = (0..ENTRIES)
            .map(|k| {
                let value = low + (high - low) * k as f64 / last;
                let [r, g, b] = self.colour_at(value).map(|c| c as f32);
                let opacity = corrected_opacity(self.opacity_at(value), step_mm, reference);
                [r, g, b, opacity as f32]
            })
            .collect();
        let mut visible = vec![0];
        let mut count = 0;
        for entry in &entries {
            count += u32::from(entry[3] > 0.0);
            visible.push(count);
        }
        let per = last / (high - low);
        Table {
            entries,
            scale: (late.0 * per) as f32,
            offset: ((late.1 - low) * per) as f32,
            visible,
            light: (0..=LIGHTS)
                .map(|k| {
                    let cosine = k as f64 / LIGHTS as f64;
                    let lit = self.ambient + self.diffuse * cosine;
                    [
                        lit as f32,
                        (self.specular * cosine.powf(self.shininess)) as f32,
                    ]
                })
                .collect(),
        }
    }
}

impl Table {
    /// Entry of a value: the nearest.
    #[inline(always)]
    pub(super) fn entry(&self, value: f32) -> [f32; 4] {
        let at = value * self.scale + self.offset;
        let at = if at > 0.0 { at } else { 0.0 };
        let at = if at < (ENTRIES - 1) as f32 {
            at
        } else {
            (ENTRIES - 1) as f32
        };
        self.entries
            .get((at + 0.5) as usize)
            .copied()
            .unwrap_or_default()
    }

    /// (lit part, shine) for a cosine of 0 to 1.
    #[inline(always)]
    pub(super) fn lit(&self, cosine: f32) -> [f32; 2] {
        let at = (cosine * LIGHTS as f32 + 0.5) as usize;
        self.light.get(at.min(LIGHTS)).copied().unwrap_or_default()
    }

    /// Whether any value between two is drawn.
    #[inline(always)]
    pub(super) fn shows(&self, [least, most]: [f32; 2]) -> bool {
        if least > most {
            return false;
        }
        let index = |v: f32| (v * self.scale + self.offset).clamp(0.0, (ENTRIES - 1) as f32);
        let (a, b) = (index(least), index(most));
        // Room for rounding on both sides.
        let from = (a.min(b) as usize).saturating_sub(1);
        let to = (a.max(b) as usize + 3).min(ENTRIES);
        self.visible.get(from) != self.visible.get(to)
    }
}

/// Straight between the points around `value`.
fn between<P>(points: &[P], value: f64, x: fn(&P) -> f64, y: fn(&P) -> f64) -> f64 {
    let next = points.partition_point(|p| x(p) <= value);
    let (before, after) = (
        next.checked_sub(1).and_then(|k| points.get(k)),
        points.get(next),
    );
    match (before, after) {
        (Some(a), Some(b)) if x(b) > x(a) => y(a) + (y(b) - y(a)) * (value - x(a)) / (x(b) - x(a)),
        (Some(p), _) | (None, Some(p)) => y(p),
        (None, None) => 0.0,
    }
}
