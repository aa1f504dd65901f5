//! What a frame is shown with before anybody chose: the file's windows and tables, presets, percentiles (T8, T9).

use serde::{Deserialize, Serialize};

use super::{
    DisplayAttributes, VoiFunction, VoiLut, Window, presets,
    samples::{Sample, is_integer, with_samples},
};
use crate::{
    frame::{Colour, Frame, SampleType},
    geometry::ImageCorner,
};

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
    let file = if lut_first(&attributes.modality) {
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

/// One line of the menu of windows (T8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VoiChoice {
    /// `DICOM 1: MED`, `LUT: NORMAL`, or the name of a preset.
    pub name: String,
    /// What it does.
    pub voi: Voi,
    /// Where it is from.
    pub source: VoiSource,
    /// Not what the file says: to be marked while it is used.
    pub altered: bool,
}

/// Everything that a frame can be shown with by name: windows and tables of the file, the one shown first in front, then presets. A table whose
/// entries stay below what its bits allow is offered once more, stretched to its own largest entry.
#[must_use]
pub fn voi_choices(attributes: &DisplayAttributes) -> Vec<VoiChoice> {
    let of_file = |name: String, voi, altered| VoiChoice {
        name,
        voi,
        source: VoiSource::File,
        altered,
    };
    let named = |first: String, explanation: &str| match explanation.trim() {
        "" => first,
        text => format!("{first}: {text}"),
    };
    let windows = attributes.windows.iter().enumerate().map(|(k, w)| {
        let name = named(format!("DICOM {}", k + 1), &w.explanation);
        of_file(name, Voi::Window(w.window), false)
    });
    let luts = attributes.voi_luts.iter().flat_map(|lut| {
        let name = named("LUT".into(), &lut.explanation);
        let stretched = lut.stretched().map(|s| {
            of_file(
                format!("{name}, stretched to its own maximum"),
                Voi::Lut(s),
                true,
            )
        });
        std::iter::once(of_file(name, Voi::Lut(lut.clone()), false)).chain(stretched)
    });
    let presets = presets::presets_for(attributes)
        .into_iter()
        .map(|(preset, window)| VoiChoice {
            name: preset.name.to_owned(),
            voi: Voi::Window(window),
            source: VoiSource::Preset,
            altered: false,
        });
    if lut_first(&attributes.modality) {
        luts.chain(windows).chain(presets).collect()
    } else {
        windows.chain(luts).chain(presets).collect()
    }
}

/// Modalities whose tables come before their windows.
fn lut_first(modality: &str) -> bool {
    matches!(modality, "DX" | "MG" | "CR" | "XA")
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
    let shape = frame.shape;
    percentiles_of(
        attributes,
        frame,
        [0, 0, shape.columns, shape.rows],
        low,
        high,
    )
}

/// The window between 2 and 98 % of the pixels in a box that a person dragged, corner coordinates (T16); `None` when it holds none.
#[must_use]
pub fn region_window(
    attributes: &DisplayAttributes,
    frame: &Frame,
    from: ImageCorner,
    to: ImageCorner,
) -> Option<Window> {
    let shape = frame.shape;
    // A pixel is inside when its centre is (T41).
    let edge = |at: f64, count: u32| (at - 0.5).ceil().clamp(0.0, f64::from(count)) as u32;
    let (low, high) = (from.0.min(to.0), from.0.max(to.0));
    let region = [
        edge(low.x, shape.columns),
        edge(low.y, shape.rows),
        edge(high.x, shape.columns),
        edge(high.y, shape.rows),
    ];
    percentiles_of(attributes, frame, region, 2.0, 98.0)
}

/// Of the pixels [left, top, right, bottom), the last two outside.
fn percentiles_of(
    attributes: &DisplayAttributes,
    frame: &Frame,
    region: [u32; 4],
    low: f64,
    high: f64,
) -> Option<Window> {
    let (x1, x2, integer) = match counted(attributes, frame, region) {
        Some(counts) => {
            let whole = counts.iter().all(|(v, _)| v.fract() == 0.0);
            let (x1, x2) = (rank_of(&counts, low)?, rank_of(&counts, high)?);
            (x1, x2, whole)
        }
        None => {
            let mut values = values_in(attributes, frame, region);
            let whole = is_integer(frame.shape.sample) && values.iter().all(|v| v.fract() == 0.0);
            let (x1, x2) = (
                nearest_rank(&mut values, low)?,
                nearest_rank(&mut values, high)?,
            );
            (x1, x2, whole)
        }
    };
    full_range(x1, x2, integer)
}

/// How often each modality value occurs, ascending: for stored values of 8 and 16 bits, of which there are few enough to count.
fn counted(
    attributes: &DisplayAttributes,
    frame: &Frame,
    region: [u32; 4],
) -> Option<Vec<(f64, u64)>> {
    let shape = frame.shape;
    let (lowest, words) = match shape.sample {
        SampleType::U8 => (0.0, 256),
        SampleType::I8 => (-128.0, 256),
        SampleType::U16 => (0.0, 65_536),
        SampleType::I16 => (-32_768.0, 65_536),
        _ => return None,
    };
    let mut counts = vec![0_u64; words];
    with_samples!(shape.sample, S => {
        for line in lines::<S>(frame, region) {
            for stored in line.step_by(shape.samples()) {
                if let Some(count) = counts.get_mut((stored - lowest) as usize) {
                    *count += 1;
                }
            }
        }
    });
    let mut found: Vec<(f64, u64)> = counts
        .into_iter()
        .enumerate()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| (word as f64 + lowest, count))
        .filter(|(stored, _)| !attributes.padding.is_some_and(|p| p.contains(*stored)))
        .map(|(stored, count)| (attributes.modality_lut.apply(stored), count))
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    Some(found)
}

/// Stored samples of the rows of a region.
fn lines<S: Sample>(
    frame: &Frame,
    region: [u32; 4],
) -> impl Iterator<Item = impl Iterator<Item = f64>> {
    let shape = frame.shape;
    let [left, top, right, bottom] = region.map(|v| v as usize);
    let (row, sample) = (shape.columns as usize, shape.samples() * S::SIZE);
    (top..bottom).map(move |y| {
        let bytes = (y * row + left) * sample..(y * row + right.max(left)) * sample;
        S::all(frame.bytes.get(bytes).unwrap_or_default())
    })
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
    let shape = frame.shape;
    values_in(attributes, frame, [0, 0, shape.columns, shape.rows])
}

fn values_in(attributes: &DisplayAttributes, frame: &Frame, region: [u32; 4]) -> Vec<f64> {
    let step = frame.shape.samples();
    with_samples!(frame.shape.sample, S => {
        lines::<S>(frame, region)
            .flat_map(|line| line.step_by(step))
            .filter(|sv| sv.is_finite() && !attributes.padding.is_some_and(|p| p.contains(*sv)))
            .map(|sv| attributes.modality_lut.apply(sv))
            .collect()
    })
}

/// The place of a percentile among `n` sorted values, from 0.
fn rank(percent: f64, n: u64) -> u64 {
    // 99.5 / 100 · 1000 is 995 and not a hair above it.
    let rank = (percent * n as f64 / 100.0 - 1e-9).ceil().max(1.0) as u64;
    (rank - 1).min(n.saturating_sub(1))
}

/// As [`nearest_rank`], of counted values.
fn rank_of(ascending: &[(f64, u64)], percent: f64) -> Option<f64> {
    let mut left = rank(percent, ascending.iter().map(|(_, n)| n).sum());
    for (value, count) in ascending {
        if left < *count {
            return Some(*value);
        }
        left -= count;
    }
    None
}

/// `sorted[ceil(p/100 · n) - 1]`; the order of `values` changes.
fn nearest_rank(values: &mut [f64], percent: f64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let index = rank(percent, values.len() as u64) as usize;
    let (_, value, _) = values.select_nth_unstable_by(index, f64::total_cmp);
    Some(*value)
}
