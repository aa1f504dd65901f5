//! From interpolated values to greys: rescale, VOI, rounding, polarity (T2 to T7, T11).

use super::{ModalityLut, Voi, draw::Drawing, window::grey_of};

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
    #[inline]
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
