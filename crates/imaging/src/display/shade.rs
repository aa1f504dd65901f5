//! From interpolated values to greys: rescale, VOI, rounding, polarity (T2 to T7, T11).

use super::{
    ColourCorrection, ModalityLut, Palette, Voi, draw::Drawing, samples::is_integer,
    window::grey_of,
};

/// Everything that happens to a grey after interpolation.
pub(super) struct Shade<'a> {
    slope: f64,
    intercept: f64,
    step: Step<'a>,
    /// All ones when polarity is turned over.
    inversion: u8,
}

/// From modality value to display value.
enum Step<'a> {
    /// Black and white, of the value before the rescale.
    Bitmap,
    /// A straight line, cut at 0 and 1.
    Ramp { middle: f64, width: f64 },
    /// Any other window or a table.
    Voi(&'a Voi),
    /// Bytes as they are.
    Plain,
}

impl<'a> Shade<'a> {
    pub(super) fn new(drawing: &Drawing<'a>) -> Self {
        let attributes = drawing.attributes;
        // A modality table acts on each pixel before interpolation; a straight line may act after it.
        let (slope, intercept) = match attributes.modality_lut {
            ModalityLut::Rescale { slope, intercept } => (slope, intercept),
            ModalityLut::Identity | ModalityLut::Table(_) => (1.0, 0.0),
        };
        let step = match drawing.voi {
            _ if drawing.is_bitmap() => Step::Bitmap,
            Some(voi @ Voi::Window(window)) => match window.ramp() {
                Some((middle, width)) => Step::Ramp { middle, width },
                None => Step::Voi(voi),
            },
            Some(voi) => Step::Voi(voi),
            None => Step::Plain,
        };
        let inverted = attributes.inverted(drawing.frame.shape.colour) != drawing.invert;
        Self {
            slope,
            intercept,
            step,
            inversion: if inverted { 255 } else { 0 },
        }
    }

    /// Factor of the rescale: below 0, more is darker before polarity.
    pub(super) const fn slope(&self) -> f64 {
        self.slope
    }

    /// Grey of one value.
    #[inline]
    pub(super) fn grey(&self, value: f64) -> u8 {
        let mut grey = [0];
        self.greys(&[value], [0.0; 2], &mut grey);
        grey[0]
    }

    /// Greys of many values; each value is moved by `off[0]` first, its display value by `off[1]`.
    #[inline(always)]
    pub(super) fn greys(&self, values: &[f64], off: [f64; 2], greys: &mut [u8]) {
        match self.step {
            Step::Bitmap => self.each(values, off, greys, |v, _| f64::from(u8::from(v >= 0.5))),
            Step::Ramp { middle, width } => self.each(values, off, greys, |_, m| {
                ((m - middle) / width + 0.5).clamp(0.0, 1.0)
            }),
            Step::Voi(voi) => self.each(values, off, greys, |_, m| voi.apply(m)),
            Step::Plain => self.each(values, off, greys, |_, m| m / 255.0),
        }
    }

    /// `display` has the value before and after the rescale.
    #[inline(always)]
    fn each(
        &self,
        values: &[f64],
        off: [f64; 2],
        greys: &mut [u8],
        display: impl Fn(f64, f64) -> f64,
    ) {
        for (grey, value) in greys.iter_mut().zip(values) {
            let v = value + off[0];
            let y = display(v, v * self.slope + self.intercept) + off[1];
            *grey = grey_of(y) ^ self.inversion;
        }
    }
}

/// Everything that happens to a colour after interpolation: the profile of the file, rounding (T18, T53).
pub(super) struct ColourShade<'a> {
    /// Stored value of full light.
    top: f64,
    correction: Option<&'a ColourCorrection>,
}

impl<'a> ColourShade<'a> {
    pub(super) fn new(drawing: &Drawing<'a>) -> Self {
        let top = if is_integer(drawing.frame.shape.sample) {
            let bits = match drawing.attributes.bits_stored {
                // A header that says nothing: 8-bit samples.
                0 => 8,
                bits => bits.min(32),
            };
            2_f64.powi(i32::from(bits)) - 1.0
        } else {
            1.0
        };
        Self {
            top,
            correction: drawing.attributes.colour_correction.as_ref(),
        }
    }

    /// Whether a profile mixes the channels.
    pub(super) const fn is_corrected(&self) -> bool {
        self.correction.is_some()
    }

    /// Colour of red, green and blue as stored.
    #[inline]
    pub(super) fn rgba(&self, stored: [f64; 3]) -> [u8; 4] {
        let shown = stored.map(|v| v / self.top);
        let shown = self.correction.map_or(shown, |c| c.apply(shown));
        let [r, g, b] = shown.map(grey_of);
        [r, g, b, 255]
    }

    /// The same with each stored value moved by `off`, and its display value by more than its own rounding; without a profile.
    #[inline]
    pub(super) fn moved(&self, stored: [f64; 3], off: f64) -> [u8; 3] {
        stored.map(|v| grey_of((v + off) / self.top + 1e-12_f64.copysign(off)))
    }

    /// Colour of an index.
    #[inline]
    pub(super) fn index(&self, palette: &Palette, stored: f64) -> [u8; 4] {
        let rgb = palette.rgb(stored);
        let [r, g, b] = self.correction.map_or(rgb, |c| c.apply_bytes(rgb));
        [r, g, b, 255]
    }
}
