//! Views that move together: zoom and pan in millimetres, rotation and flips, each kept as far apart as it was when the link was made (T30).

use serde::{Deserialize, Serialize};

use super::view::ViewState;

/// A view as another one follows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeenView {
    /// What a person did to it.
    pub state: ViewState,
    /// Device pixels of the screen for one image pixel at a zoom of 1: [`super::ViewTransform::fit`].
    pub fit: f64,
    /// Of one image pixel along a row; `None` when the image states no millimetres.
    pub mm_per_pixel: Option<f64>,
    /// Of one device pixel of its screen; `None` when the screen is not measured.
    pub pitch_mm: Option<f64>,
}

/// What follows; each can be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// Screen millimetres per millimetre in the patient, not the factor.
    pub zoom: bool,
    /// In millimetres of the patient.
    pub pan: bool,
    /// Turns and flips.
    pub rotation: bool,
}

impl Default for Synced {
    fn default() -> Self {
        Self {
            zoom: true,
            pan: true,
            rotation: true,
        }
    }
}

/// How far two views were apart when they were linked: nothing jumps then, and the distance stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewLink {
    /// Magnification of the target over that of the source.
    ratio: f64,
    /// Pan of the target less that of the source.
    pan: [f64; 2],
    turn_degrees: f64,
    flip_h: bool,
    flip_v: bool,
}

impl SeenView {
    /// Device pixels for a millimetre of the patient at a zoom of 1; image pixels stand in for unknown millimetres.
    fn pixels_per_mm(&self) -> f64 {
        let mm = self.mm_per_pixel.filter(|mm| mm.is_finite() && *mm > 0.0);
        self.fit / mm.unwrap_or(1.0)
    }

    /// Screen millimetres for one of the patient, or device pixels where the screen of either view is not measured.
    fn magnification(&self, other: &Self) -> f64 {
        let measured = self.pitch_mm.zip(other.pitch_mm).map(|(own, _)| own);
        self.pixels_per_mm() * self.state.zoom * measured.unwrap_or(1.0)
    }

    fn pan_mm(&self) -> [f64; 2] {
        let scale = self.pixels_per_mm() * self.state.zoom;
        self.state.pan.map(|px| px / scale)
    }
}

impl ViewLink {
    /// Links `target` to `source` as they are now.
    #[must_use]
    pub fn new(source: &SeenView, target: &SeenView) -> Self {
        let (a, b) = (source.pan_mm(), target.pan_mm());
        Self {
            ratio: target.magnification(source) / source.magnification(target),
            pan: [b[0] - a[0], b[1] - a[1]],
            turn_degrees: target.state.rotation_degrees - source.state.rotation_degrees,
            flip_h: target.state.flip_h != source.state.flip_h,
            flip_v: target.state.flip_v != source.state.flip_v,
        }
    }

    /// One millimetre of the patient equally large in both views, centred alike: "same size".
    pub const SAME_SIZE: Self = Self {
        ratio: 1.0,
        pan: [0.0; 2],
        turn_degrees: 0.0,
        flip_h: false,
        flip_v: false,
    };

    /// The state of `target` now that `source` is as it is. What is not followed stays.
    #[must_use]
    pub fn follow(&self, source: &SeenView, target: &SeenView, which: Synced) -> ViewState {
        let mut state = target.state;
        if which.zoom {
            let wanted = source.magnification(target) * self.ratio;
            let at_one = SeenView {
                state: ViewState::default(),
                ..*target
            };
            let zoom = wanted / at_one.magnification(source);
            if zoom.is_finite() && zoom > 0.0 {
                let (least, most) = (ViewState::SCALES.start(), ViewState::SCALES.end());
                state.zoom = (zoom * target.fit).clamp(*least, *most) / target.fit;
            }
        }
        let scale = target.pixels_per_mm() * state.zoom;
        if which.pan {
            let mm = source.pan_mm();
            let pan = [0, 1].map(|k: usize| {
                let of = |pair: [f64; 2]| pair.get(k).copied().unwrap_or(0.0);
                (of(mm) + of(self.pan)) * scale
            });
            if pan.iter().all(|p| p.is_finite()) {
                state.pan = pan;
            }
        }
        if which.rotation {
            state.rotation_degrees =
                (source.state.rotation_degrees + self.turn_degrees).rem_euclid(360.0);
            state.flip_h = source.state.flip_h != self.flip_h;
            state.flip_v = source.state.flip_v != self.flip_v;
        }
        state
    }
}
