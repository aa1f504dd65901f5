//! One volume in colours over another: PET on CT (T63).
//!
//! Both layers are sampled on the same plane in the patient, each by its own geometry. Whether their positions may be compared (frame of
//! reference, registration, T27) is asked before.

use rayon::prelude::*;

use super::{
    palette::{ColourMap, colour_maps},
    plane::ModalityPlane,
};
use crate::display::{Voi, VoiFunction, Window};

/// How the upper layer is drawn.
#[derive(Clone, Debug)]
pub struct Overlay<'a> {
    /// From modality value to place in the colours.
    pub window: Window,
    /// The colours.
    pub colours: &'a ColourMap,
    /// 0 shows the base alone, 1 the overlay alone.
    pub opacity: f64,
    /// Modality values below this are clear.
    pub threshold: Option<f64>,
}

/// Numbers beside the colour bar.
#[derive(Clone, Debug, PartialEq)]
pub struct ColourBar {
    /// Lowest and highest modality value that has a colour of its own.
    pub range: [f64; 2],
    /// 256 colours from low to high.
    pub colours: Vec<[u8; 3]>,
    /// Below this value nothing is drawn.
    pub threshold: Option<f64>,
}

impl Overlay<'static> {
    /// PET over CT: Hot Iron, SUV 0 to 7, half of each. `suv_per_unit` is SUVbw for one unit of modality value (T45). `None` without it.
    #[must_use]
    pub fn pet(suv_per_unit: f64) -> Option<Self> {
        let per = 1.0 / suv_per_unit;
        Some(Self {
            window: Window::new(3.5 * per, 7.0 * per, VoiFunction::LinearExact).ok()?,
            colours: colour_maps().first()?,
            opacity: 0.5,
            threshold: None,
        })
    }
}

impl Overlay<'_> {
    /// Colour of a modality value; `None` where the overlay is clear.
    #[must_use]
    pub fn colour(&self, value: f64) -> Option<[u8; 3]> {
        let below = self.threshold.is_some_and(|t| value < t);
        (!value.is_nan() && !below).then(|| self.colours.colour(self.window.grey(value)))
    }

    /// The bar that says what colours mean.
    #[must_use]
    pub fn colour_bar(&self) -> ColourBar {
        let (c, w) = (self.window.center(), self.window.width());
        ColourBar {
            range: [c - w / 2.0, c + w / 2.0],
            colours: (0..=255).map(|g| self.colours.colour(g)).collect(),
            threshold: self.threshold,
        }
    }

    /// The mark of the picture (T51): `fused 50 %`.
    #[must_use]
    pub fn mark(&self) -> String {
        format!("fused {:.0} %", self.opacity.clamp(0.0, 1.0) * 100.0)
    }
}

/// A colour over another, each channel rounded once (T63).
#[must_use]
pub fn blend(base: [u8; 3], over: [u8; 3], opacity: f64) -> [u8; 3] {
    let opacity = opacity.clamp(0.0, 1.0);
    std::array::from_fn(|k| {
        let mixed = f64::from(base[k]) * (1.0 - opacity) + f64::from(over[k]) * opacity;
        (mixed + 0.5) as u8
    })
}

/// Draws `over` in colours on `base` in greys, both sampled with one view, as RGBA into `out`. Where the overlay has no value the base is seen
/// as it is; the answer tells whether there was such a place inside the base, which is to be marked.
pub fn draw_fused(
    base: &ModalityPlane,
    voi: &Voi,
    invert: bool,
    over: &ModalityPlane,
    overlay: &Overlay<'_>,
    out: &mut [u8],
) -> bool {
    base.draw(voi, invert, out);
    if base.size() != over.size() {
        return true;
    }
    let (slope, intercept) = over.rescale;
    let pixels = out.par_chunks_exact_mut(4);
    pixels
        .zip(&over.values)
        .zip(&base.values)
        .with_min_len(4096)
        .map(|((pixel, value), under)| {
            let value = f64::from(*value) * slope + intercept;
            if let (Some(colour), [r, g, b, _]) = (overlay.colour(value), &mut *pixel) {
                let mixed = blend([*r, *g, *b], colour, overlay.opacity);
                (*r, *g, *b) = (mixed[0], mixed[1], mixed[2]);
            }
            value.is_nan() && !under.is_nan()
        })
        .reduce(|| false, |a, b| a | b)
}
