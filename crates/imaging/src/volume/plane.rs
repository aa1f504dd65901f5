//! A resampled plane: modality values first, greys from them afterwards by the rules of every other picture.

use rayon::prelude::*;

use crate::{
    display::{Voi, grey_of},
    wide::widened,
};

/// Values of a plane, row after row. Where there is none (outside, padding, not loaded) the number is NaN.
#[derive(Clone, Debug, Default)]
pub struct ModalityPlane {
    pub(super) size: [u32; 2],
    /// Before [`ModalityPlane::rescale`].
    pub(super) values: Vec<f32>,
    pub(super) rescale: (f64, f64),
    /// Empty where no pixel has any.
    pub(super) flags: Vec<u8>,
}

/// Interpolated across missing slices.
pub(super) const GAP: u8 = 1;
/// Rests on a slice that is not loaded.
pub(super) const NOT_LOADED: u8 = 2;

/// Grey of the stripes over gaps and what is not loaded.
const HATCH: u8 = 96;

impl ModalityPlane {
    /// Width and height in pixels.
    #[must_use]
    pub const fn size(&self) -> [u32; 2] {
        self.size
    }

    /// Modality value of a pixel; `None` outside the volume, in padding and where slices are not loaded.
    #[must_use]
    pub fn value(&self, u: u32, v: u32) -> Option<f64> {
        let value = *self.values.get(self.index(u, v)?)?;
        (!value.is_nan()).then(|| self.modality(value))
    }

    /// The pixel rests on slices on both sides of a gap; it is hatched when drawn.
    #[must_use]
    pub fn is_gap(&self, u: u32, v: u32) -> bool {
        self.flag(u, v) & GAP != 0
    }

    /// The pixel rests on a slice that is not loaded: no value, or in a slab that of the others. It is hatched when drawn.
    #[must_use]
    pub fn is_not_loaded(&self, u: u32, v: u32) -> bool {
        self.flag(u, v) & NOT_LOADED != 0
    }

    /// All values row after row, modality units; NaN where there is none.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.values.iter().map(|v| self.modality(*v))
    }

    /// Greys after `voi`, row after row, black where there is no value. `invert`: higher is darker (T5).
    pub fn greys(&self, voi: &Voi, invert: bool, out: &mut [u8]) {
        let width = self.size[0].max(1) as usize;
        let shade = Shade::new(self.rescale, voi, invert);
        let rows = out.par_chunks_mut(width).zip(self.values.par_chunks(width));
        rows.enumerate()
            .with_min_len(16)
            .for_each(|(v, (out, values))| {
                widened(
                    #[inline(always)]
                    || shade.greys(values, out),
                );
                self.hatch(v, out);
            });
    }

    /// As [`ModalityPlane::greys`], as RGBA.
    pub fn draw(&self, voi: &Voi, invert: bool, out: &mut [u8]) {
        let width = self.size[0].max(1) as usize;
        let shade = Shade::new(self.rescale, voi, invert);
        let rows = out
            .par_chunks_mut(width * 4)
            .zip(self.values.par_chunks(width));
        rows.enumerate().with_min_len(16).for_each_init(
            || vec![0; width],
            |greys, (v, (out, values))| {
                widened(
                    #[inline(always)]
                    || shade.greys(values, greys),
                );
                self.hatch(v, greys);
                for (to, grey) in out.chunks_exact_mut(4).zip(greys) {
                    to.copy_from_slice(&[*grey, *grey, *grey, 255]);
                }
            },
        );
    }

    fn modality(&self, value: f32) -> f64 {
        f64::from(value) * self.rescale.0 + self.rescale.1
    }

    fn index(&self, u: u32, v: u32) -> Option<usize> {
        let [w, h] = self.size;
        (u < w && v < h).then(|| v as usize * w as usize + u as usize)
    }

    fn flag(&self, u: u32, v: u32) -> u8 {
        let at = self.index(u, v).and_then(|k| self.flags.get(k));
        at.copied().unwrap_or(0)
    }

    fn hatch(&self, v: usize, greys: &mut [u8]) {
        let width = self.size[0] as usize;
        let flags = self.flags.get(v * width..).unwrap_or_default();
        for (u, (grey, flag)) in greys.iter_mut().zip(flags).enumerate() {
            if *flag != 0 && (u + v) % 8 < 2 {
                *grey = HATCH;
            }
        }
    }
}

/// From values before the rescale to greys.
struct Shade<'a> {
    rescale: (f64, f64),
    voi: &'a Voi,
    inversion: u8,
    /// Of a straight line: grey level before rounding is `value × slope + offset`.
    line: Option<(f32, f32)>,
    /// The line may be this far from the exact one, in grey levels.
    slack: f32,
}

/// Values that are looked at together.
const RUN: usize = 16;

/// Rounds to a whole number when it is added and taken away again.
const WHOLE: f32 = 12_582_912.0;

impl<'a> Shade<'a> {
    fn new(rescale: (f64, f64), voi: &'a Voi, invert: bool) -> Self {
        let line = match voi {
            Voi::Window(window) => window.ramp(),
            Voi::Lut(_) => None,
        };
        let line = line.map(|(middle, width)| {
            let slope = 255.0 * rescale.0 / width;
            let offset = 255.0 * ((rescale.1 - middle) / width + 0.5);
            (slope, offset)
        });
        // Single precision errs by 2⁻²⁴ of each term; of values up to a window away from it these are below |offset| + 255.
        let slack = line.map_or(0.0, |(_, o)| (o.abs() + 512.0) * 4.0 / 16_777_216.0);
        Self {
            rescale,
            voi,
            inversion: if invert { 255 } else { 0 },
            line: line
                .filter(|(s, o)| slack < 0.1 && s.abs() < 1e30 && o.abs() < 1e30)
                .map(|(s, o)| (s as f32, o as f32)),
            slack: slack as f32,
        }
    }

    #[inline(always)]
    fn greys(&self, values: &[f32], out: &mut [u8]) {
        let Some((slope, offset)) = self.line else {
            self.exact(values, out);
            return;
        };
        let (runs, rest) = values.as_chunks::<RUN>();
        let (greys, rest_out) = out.as_chunks_mut::<RUN>();
        let near = 0.5 - self.slack;
        for (run, greys) in runs.iter().zip(greys) {
            let mut doubt = 0_u32;
            for (value, grey) in run.iter().zip(greys.iter_mut()) {
                let y = value * slope + offset;
                // Comparisons in this order make NaN 0.
                let y = if y > 0.0 { y } else { 0.0 };
                let y = if y < 255.0 { y } else { 255.0 };
                let whole = y + WHOLE;
                let off = (y - (whole - WHOLE)).abs();
                doubt |= u32::from(off > near);
                let level = whole.to_bits() as u8 ^ self.inversion;
                *grey = if value.is_nan() { 0 } else { level };
            }
            // So near to a half that single precision cannot tell which grey is right.
            if doubt != 0 {
                self.exact(run, greys);
            }
        }
        self.exact(rest, rest_out);
    }

    fn exact(&self, values: &[f32], out: &mut [u8]) {
        for (value, grey) in values.iter().zip(out) {
            let m = f64::from(*value) * self.rescale.0 + self.rescale.1;
            *grey = if value.is_nan() {
                0
            } else {
                grey_of(self.voi.apply(m)) ^ self.inversion
            };
        }
    }
}
