//! The uniform blocks of the passes, worked out in double precision.

use triptych_imaging::{
    Colour, Frame, SampleType,
    display::{
        Cover, Drawing, Interpolation, Lut, ModalityLut, Tap, Voi, VoiFunction, Window, has_layers,
    },
    geometry::ImageCorner,
};

/// `Params` of `grey.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub(super) struct GreyParams {
    size: [i32; 2],
    mode: u32,
    flags: u32,
    sign_bit: u32,
    padding_low: u32,
    padding_high: u32,
    function: u32,
    base: u32,
    residual: f32,
    gain: f32,
    second_axis: u32,
}

/// `Params` of `colour.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub(super) struct ColourParams {
    size: [i32; 2],
    mode: u32,
    swapped: u32,
    second_axis: u32,
    layered: u32,
    unused: [u32; 2],
}

const _: () = assert!(size_of::<GreyParams>() == 48 && size_of::<ColourParams>() == 32);

const SWAPPED: u32 = 1;
const INVERTED: u32 = 2;
const PADDED: u32 = 4;
const TABLE: u32 = 8;
const COLOURED: u32 = 16;
const LAYERED: u32 = 32;

/// Positions of the screen in the image, as the shaders read them.
#[derive(Debug)]
pub(super) struct Axes {
    /// Entries along the image's x, then along its y.
    pub(super) entries: Vec<[i32; 4]>,
    pub(super) second_axis: u32,
    pub(super) swapped: bool,
    pub(super) mode: u32,
}

/// What a pass draws.
#[derive(Debug)]
pub(super) enum Pass {
    Grey(GreyParams),
    Colour(ColourParams),
}

/// The table that maps biased stored values to modality values, for the shader.
pub(super) fn modality_table(frame: &Frame, lut: &Lut) -> Vec<u16> {
    let sign = sign_bit(frame.shape.sample).unwrap_or(0);
    (0..=u16::MAX)
        .map(|u| lut.at(f64::from(u) - f64::from(sign)))
        .collect()
}

/// How many are added to a signed value to make it unsigned; `None` for types that the passes do not take.
pub(super) const fn sign_bit(sample: SampleType) -> Option<u32> {
    match sample {
        SampleType::U8 | SampleType::U16 => Some(0),
        SampleType::I8 => Some(0x80),
        SampleType::I16 => Some(0x8000),
        SampleType::U32 | SampleType::I32 | SampleType::F32 | SampleType::F64 => None,
    }
}

impl Axes {
    /// `None` for a view that is not turned by quarters.
    pub(super) fn new(drawing: &Drawing<'_>) -> Option<Self> {
        let (ImageCorner(origin), dx, dy) = drawing.transform.steps();
        let swapped = dx.x == 0.0 && dy.y == 0.0;
        if !swapped && (dx.y != 0.0 || dy.x != 0.0) {
            return None;
        }
        let [width, height] = drawing.size;
        let (columns, rows) = (drawing.frame.shape.columns, drawing.frame.shape.rows);
        let (x, y) = if swapped {
            ((height, dy.x), (width, dx.y))
        } else {
            ((width, dx.x), (height, dy.y))
        };
        let area = drawing.averages();
        let entry = |corner: f64, half: f64, count: u32| {
            let tap = Tap::new(corner, count);
            if !area {
                return [
                    tap.left,
                    tap.fraction as i32,
                    tap.nearest,
                    i32::from(tap.inside),
                ];
            }
            if !tap.inside {
                return [0; 4];
            }
            let cover = Cover::new(corner, half, count);
            let bits = |part: f64| (part as f32).to_bits().cast_signed();
            [
                cover.first as i32,
                cover.end as i32,
                bits(cover.head),
                bits(cover.tail),
            ]
        };
        let line = |(n, step): (u32, f64), start: f64, count: u32| {
            (0..n).map(move |k| entry(start + step * (f64::from(k) + 0.5), step.abs() / 2.0, count))
        };
        Some(Self {
            entries: line(x, origin.x, columns)
                .chain(line(y, origin.y, rows))
                .collect(),
            second_axis: x.0,
            swapped,
            mode: match drawing.interpolation {
                _ if area => 3,
                _ if drawing.is_bitmap() => 1,
                Interpolation::Bilinear => 0,
                Interpolation::Nearest => 1,
                Interpolation::Bicubic => 2,
            },
        })
    }
}

impl Pass {
    /// The pass for a drawing; `None` when only the twin draws it: palettes, tables of the VOI, bitmaps, 32 bits and more.
    pub(super) fn new(drawing: &Drawing<'_>, axes: &Axes) -> Option<Self> {
        let shape = drawing.frame.shape;
        let size = [
            i32::try_from(shape.columns).ok()?,
            i32::try_from(shape.rows).ok()?,
        ];
        // Profiles are applied by the twin.
        if drawing.is_bitmap() || drawing.attributes.colour_correction.is_some() {
            return None;
        }
        let layered = has_layers(drawing);
        if shape.colour == Colour::Rgb {
            let eight =
                shape.sample == SampleType::U8 && matches!(drawing.attributes.bits_stored, 0 | 8);
            return eight.then_some(Self::Colour(ColourParams {
                size,
                mode: axes.mode,
                swapped: u32::from(axes.swapped),
                second_axis: axes.second_axis,
                layered: u32::from(layered),
                unused: [0; 2],
            }));
        }
        let window = match drawing.voi {
            Some(Voi::Window(window)) if drawing.attributes.palette.is_none() => window,
            _ => return None,
        };
        let sign = sign_bit(shape.sample)?;
        let (slope, intercept, table) = match &drawing.attributes.modality_lut {
            ModalityLut::Identity => (1.0, 0.0, 0),
            ModalityLut::Rescale { slope, intercept } => (*slope, *intercept, 0),
            ModalityLut::Table(_) => (1.0, 0.0, TABLE),
        };
        // A table gives values without a sign.
        let bias = if table == 0 { f64::from(sign) } else { 0.0 };
        let line = Line::new(window, slope, intercept, bias)?;
        let padding = drawing
            .attributes
            .padding
            .and_then(|p| whole_range(p.low() + f64::from(sign), p.high() + f64::from(sign)));
        let inverted = drawing.attributes.inverted(shape.colour) != drawing.invert;
        let flag = |on: bool, bit: u32| if on { bit } else { 0 };
        Some(Self::Grey(GreyParams {
            size,
            mode: axes.mode,
            flags: flag(axes.swapped, SWAPPED)
                | flag(inverted, INVERTED)
                | flag(padding.is_some(), PADDED)
                | flag(
                    drawing.pseudo_colour.is_some() || drawing.greys.is_some(),
                    COLOURED,
                )
                | flag(layered, LAYERED)
                | table,
            sign_bit: sign,
            padding_low: padding.map_or(0, |p| p[0]),
            padding_high: padding.map_or(0, |p| p[1]),
            function: line.function,
            base: line.base,
            residual: line.residual,
            gain: line.gain,
            second_axis: axes.second_axis,
        }))
    }
}

/// A window as a straight line over biased stored values.
struct Line {
    function: u32,
    base: u32,
    residual: f32,
    gain: f32,
}

impl Line {
    /// `None` when single precision cannot hold it.
    fn new(window: &Window, slope: f64, intercept: f64, bias: f64) -> Option<Self> {
        let (function, zero_at, gain) = shape_of(window, slope);
        let at = (zero_at - intercept) / slope + bias;
        let base = at.floor().clamp(0.0, 65_535.0);
        let (residual, gain) = ((at - base) as f32, gain as f32);
        let fits =
            residual.is_finite() && residual.abs() < 1e30 && gain.is_normal() && gain.abs() < 1e30;
        fits.then_some(Self {
            function,
            base: base as u32,
            residual,
            gain,
        })
    }
}

/// A window for the shaders: which function, the modality value where it is 0 (its middle, for the sigmoid), and its slope there for each unit
/// before a rescale by `slope`.
pub(super) fn shape_of(window: &Window, slope: f64) -> (u32, f64, f64) {
    let (c, w) = (window.center(), window.width());
    match window.function() {
        VoiFunction::Linear if w <= 1.0 => (1, c - 0.5, slope),
        VoiFunction::Linear => (0, c - 0.5 - (w - 1.0) / 2.0, slope / (w - 1.0)),
        VoiFunction::LinearExact => (0, c - w / 2.0, slope / w),
        VoiFunction::Sigmoid => (2, c, slope / w),
    }
}

/// Whole numbers from 0 to 65535 in an inclusive range; `None` when there is none.
fn whole_range(low: f64, high: f64) -> Option<[u32; 2]> {
    let (low, high) = (low.ceil().max(0.0), high.floor().min(65_535.0));
    (low <= high).then_some([low as u32, high as u32])
}
