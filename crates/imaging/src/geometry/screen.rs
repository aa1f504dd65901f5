//! Millimetres of the patient on the millimetres of a screen (T51, T52).
//!
//! Everything counts **device** pixels; a window toolkit's logical pixels are made from them at the end.

use super::view::{ViewState, ViewTransform};

/// Size of a device pixel, measured: greater than 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScreenPitch(f64);

impl ScreenPitch {
    /// `None` for what is no length.
    #[must_use]
    pub fn new(mm: f64) -> Option<Self> {
        (mm.is_finite() && mm > 0.0).then_some(Self(mm))
    }

    /// Millimetres.
    #[must_use]
    pub const fn mm(self) -> f64 {
        self.0
    }

    /// Millimetres on the screen for one of the patient at `scale` device pixels for an image pixel of `mm_per_pixel`.
    #[must_use]
    pub fn mm_on_screen_per_mm(self, mm_per_pixel: f64, scale: f64) -> f64 {
        scale * self.0 / mm_per_pixel
    }

    /// Device pixels for an image pixel of `mm_per_pixel` so that a millimetre of the patient is a millimetre on the screen. Only for images
    /// that state millimetres (T40).
    #[must_use]
    pub fn true_size_scale(self, mm_per_pixel: f64) -> f64 {
        mm_per_pixel / self.0
    }
}

/// The scale in a toolkit's logical pixels.
#[must_use]
pub fn logical_scale(device_scale: f64, device_pixel_ratio: f64) -> f64 {
    device_scale / device_pixel_ratio
}

impl ViewState {
    /// The same view at `scale` device pixels for an image pixel on the x axis: 1 for pixel by pixel, [`ScreenPitch::true_size_scale`] for
    /// true size. The middle of the viewport keeps what it shows.
    #[must_use]
    pub fn at_scale(&self, now: &ViewTransform, scale: f64) -> Self {
        if !(scale.is_finite() && scale > 0.0) {
            return *self;
        }
        let scale = scale.clamp(*Self::SCALES.start(), *Self::SCALES.end());
        let grows = scale / now.scale();
        Self {
            zoom: scale / now.fit(),
            pan: self.pan.map(|px| px * grows),
            ..*self
        }
    }
}
