//! What a frame is shown with before anybody chose: the file's windows and tables, presets, percentiles (T8, T9).

use serde::{Deserialize, Serialize};

use super::{
    DisplayAttributes, VoiFunction, VoiLut, Window, presets,
    samples::{Sample, is_integer, with_samples},
};
use crate::frame::{Colour, Frame};

/// The step from modality value to grey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Voi {
    /// A window.
    Window(Window),
    /// A table of the file.
    Lut(VoiLut),
}

/// Where a default comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum VoiSource {
    /// The file.
    File,
    /// A preset of the modality.
    Preset,
    /// 0.5 and 99.5 % of the frame's own values.
    Percentiles,
}

/// What a frame is shown with at first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefaultVoi {
    /// The step to grey.
    pub voi: Voi,
    /// Explanation of the file or name of the preset; empty when there is none.
    pub name: String,
    /// Why this one.
    pub source: VoiSource,
    /// Shown dark on white unless the user says otherwise (PET): an inversion on the user's level (T5).
    pub invert: bool,
}

impl Voi {
    /// Display value 0 to 1 of a modality value.
    #[must_use]
    pub fn apply(&self, x: f64) -> f64 {
        match self {
            Self::Window(window) => window.apply(x),
            Self::Lut(lut) => lut.apply(x),
        }
    }
}

/// The rule of T8 and T9 for a frame; the frame's own pixels are read only when nothing else decides. For one look over a whole display set, ask
/// once for its middle frame and give the answer to all. Colour frames have none.
#[must_use]
pub fn default_voi(attributes: &DisplayAttributes, frame: &Frame) -> Option<DefaultVoi> {
    if matches!(frame.shape.colour, Colour::Rgb)
        || (frame.shape.colour == Colour::Palette && attributes.palette.is_some())
    {
        return None;
    }
    let of_file = |voi, name: &str| DefaultVoi {
        voi,
        name: name.to_owned(),
        source: VoiSource::File,
        invert: false,
    };
    let lut = attributes
        .voi_luts
        .first()
        .map(|l| of_file(Voi::Lut(l.clone()), &l.explanation));
    let window = attributes
        .windows
        .first()
        .map(|w| of_file(Voi::Window(w.window), &w.explanation));
    let lut_first = matches!(attributes.modality.as_str(), "DX" | "MG" | "CR" | "XA");
    let file = if lut_first {
        lut.or(window)
    } else {
        window.or(lut)
    };
    file.or_else(|| presets::default_of(attributes))
        .or_else(|| percentile_window(attributes, frame, 0.5, 99.5).map(from_percentiles))
        .or_else(|| full_range(0.0, 0.0, true).map(from_percentiles))
}

/// Whether [`default_voi`] shows a frame dark on white, told without reading a pixel.
#[must_use]
pub fn default_invert(attributes: &DisplayAttributes) -> bool {
    attributes.windows.is_empty()
        && attributes.voi_luts.is_empty()
        && presets::default_of(attributes).is_some_and(|d| d.invert)
}

fn from_percentiles(window: Window) -> DefaultVoi {
    DefaultVoi {
        voi: Voi::Window(window),
        name: String::new(),
        source: VoiSource::Percentiles,
        invert: false,
    }
}

/// The window between two percentiles of the frame's modality values, padding left out (T9 rule 4); `None` when nothing is left.
#[must_use]
pub fn percentile_window(
    attributes: &DisplayAttributes,
    frame: &Frame,
    low: f64,
    high: f64,
) -> Option<Window> {
    let mut values = modality_values(attributes, frame);
    let integer = is_integer(frame.shape.sample) && values.iter().all(|v| v.fract() == 0.0);
    let x1 = nearest_rank(&mut values, low)?;
    let x2 = nearest_rank(&mut values, high)?;
    full_range(x1, x2, integer)
}

/// The window that shows exactly `x1` to `x2`: LINEAR for integers, LINEAR_EXACT for others (T9).
#[must_use]
pub fn full_range(x1: f64, x2: f64, integer: bool) -> Option<Window> {
    let window = if integer {
        Window::new((x1 + x2 + 1.0) / 2.0, x2 - x1 + 1.0, VoiFunction::Linear)
    } else {
        let width = if x2 > x1 { x2 - x1 } else { 1.0 };
        Window::new((x1 + x2) / 2.0, width, VoiFunction::LinearExact)
    };
    window.ok()
}

/// Modality values of all pixels that are no padding and finite.
#[must_use]
pub fn modality_values(attributes: &DisplayAttributes, frame: &Frame) -> Vec<f64> {
    let count = frame.shape.columns as usize * frame.shape.rows as usize;
    let step = frame.shape.samples();
    with_samples!(frame.shape.sample, S => {
        (0..count)
            .map(|k| S::at(&frame.bytes, k * step))
            .filter(|sv| sv.is_finite() && !attributes.padding.is_some_and(|p| p.contains(*sv)))
            .map(|sv| attributes.modality_lut.apply(sv))
            .collect()
    })
}

/// `sorted[ceil(p/100 · n) - 1]`; the order of `values` changes.
fn nearest_rank(values: &mut [f64], percent: f64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    // 99.5 / 100 · 1000 is 995 and not a hair above it.
    let rank = (percent * values.len() as f64 / 100.0 - 1e-9)
        .ceil()
        .max(1.0) as usize;
    let index = (rank - 1).min(values.len() - 1);
    let (_, value, _) = values.select_nth_unstable_by(index, f64::total_cmp);
    Some(*value)
}
