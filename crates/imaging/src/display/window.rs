//! VOI windows: LINEAR, LINEAR_EXACT and SIGMOID as PS3.3 C.11.2.1.2 writes them.

use serde::{Deserialize, Serialize};

/// VOI LUT Function (0028,1056); absent in a file means [`VoiFunction::Linear`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum VoiFunction {
    /// A ramp over `width - 1`, centred half a unit below the centre.
    #[default]
    Linear,
    /// A ramp over `width`, centred on the centre.
    LinearExact,
    /// A logistic curve; never clipped.
    Sigmoid,
}

/// A window in modality units, valid by construction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Window {
    center: f64,
    width: f64,
    function: VoiFunction,
}

/// Why two numbers are not a window.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// Below 1 for LINEAR, not above 0 for the others.
    #[error("window width {width} is below {least} for {function:?}")]
    TooNarrow {
        /// As given.
        width: f64,
        /// What the function needs.
        least: f64,
        /// The function.
        function: VoiFunction,
    },
    /// NaN or infinite.
    #[error("window {center}/{width} is not finite")]
    NotFinite {
        /// As given.
        center: f64,
        /// As given.
        width: f64,
    },
}

#[derive(Serialize, Deserialize)]
struct Parts {
    center: f64,
    width: f64,
    function: VoiFunction,
}

impl VoiFunction {
    /// From the defined term of the file; anything unknown is `None`, an empty one LINEAR.
    #[must_use]
    pub fn from_term(term: &str) -> Option<Self> {
        match term.trim() {
            "" | "LINEAR" => Some(Self::Linear),
            "LINEAR_EXACT" => Some(Self::LinearExact),
            "SIGMOID" => Some(Self::Sigmoid),
            _ => None,
        }
    }
}

impl Window {
    /// A window of `center` and `width` in modality units.
    ///
    /// # Errors
    /// Width below 1 for [`VoiFunction::Linear`], not above 0 for the others, or a value that is not finite.
    pub fn new(center: f64, width: f64, function: VoiFunction) -> Result<Self, WindowError> {
        if !(center.is_finite() && width.is_finite()) {
            return Err(WindowError::NotFinite { center, width });
        }
        let least = match function {
            VoiFunction::Linear => 1.0,
            VoiFunction::LinearExact | VoiFunction::Sigmoid => f64::MIN_POSITIVE,
        };
        if width < least {
            return Err(WindowError::TooNarrow {
                width,
                least,
                function,
            });
        }
        Ok(Self {
            center,
            width,
            function,
        })
    }

    /// Centre, modality units.
    #[must_use]
    pub const fn center(&self) -> f64 {
        self.center
    }

    /// Width, modality units.
    #[must_use]
    pub const fn width(&self) -> f64 {
        self.width
    }

    /// The shape of the curve.
    #[must_use]
    pub const fn function(&self) -> VoiFunction {
        self.function
    }

    /// Display value of `x` (modality units): 0 is the darkest, 1 the brightest that the window gives. Never outside 0 to 1.
    #[must_use]
    pub fn apply(&self, x: f64) -> f64 {
        let (c, w) = (self.center, self.width);
        match (self.ramp(), self.function) {
            (Some((middle, width)), _) => ((x - middle) / width + 0.5).clamp(0.0, 1.0),
            (None, VoiFunction::Sigmoid) => 1.0 / (1.0 + (-4.0 * (x - c) / w).exp()),
            (None, _) => f64::from(u8::from(x > c - 0.5)),
        }
    }

    /// Where the straight line is at one half, and over how much it rises from 0 to 1, of the functions that have one.
    pub(crate) fn ramp(&self) -> Option<(f64, f64)> {
        let (c, w) = (self.center, self.width);
        match self.function {
            // A width of 1 is a step at c - 0.5: the ramp would divide by zero.
            VoiFunction::Linear if w <= 1.0 => None,
            VoiFunction::Linear => Some((c - 0.5, w - 1.0)),
            VoiFunction::LinearExact => Some((c, w)),
            VoiFunction::Sigmoid => None,
        }
    }

    /// The window after a drag from this one (T16): `right` and `down` in device-independent pixels since the drag began, right is wider, down
    /// raises the centre. `integer`: modality values are whole numbers; `range`: extent of the data, which sets the narrowest window of the
    /// functions that may go below 1.
    #[must_use]
    pub fn dragged(&self, right: f64, down: f64, integer: bool, range: f64) -> Self {
        let fine = self.width.abs() / 400.0;
        let step = if integer { fine.max(1.0) } else { fine };
        let least = match self.function {
            VoiFunction::Linear => 1.0,
            VoiFunction::LinearExact | VoiFunction::Sigmoid => (range.abs() / 1e6).max(1e-12),
        };
        let width = (self.width + right * step).max(least);
        Self::new(self.center + down * step, width, self.function).unwrap_or(*self)
    }

    /// Grey 0 to 255 of `x`: rounded half up, once (T11), before polarity.
    #[must_use]
    pub fn grey(&self, x: f64) -> u8 {
        grey_of(self.apply(x))
    }
}

/// `floor(255 y + 0.5)` for a display value of 0 to 1 (T11).
#[must_use]
pub fn grey_of(y: f64) -> u8 {
    // The conversion cuts off the fraction, ends at 0 and 255, and makes NaN 0.
    (y * 255.0 + 0.5) as u8
}

impl TryFrom<Parts> for Window {
    type Error = WindowError;
    fn try_from(parts: Parts) -> Result<Self, WindowError> {
        Self::new(parts.center, parts.width, parts.function)
    }
}

impl From<Window> for Parts {
    fn from(window: Window) -> Self {
        Self {
            center: window.center,
            width: window.width,
            function: window.function,
        }
    }
}
