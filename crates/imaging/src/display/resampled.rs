//! What was done to the pixels of a tile, in the words of its mark (T51): nothing is smoothed in silence.

use serde::{Deserialize, Serialize};

use super::draw::{Drawing, Interpolation};

/// How the samples of a slab become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SlabKind {
    /// The largest.
    Mip,
    /// The smallest.
    MinIp,
    /// Their mean.
    Mean,
}

/// Something done to the pixels beside zooming.
#[derive(Clone, Debug, PartialEq)]
pub enum Treatment {
    /// Not the full data yet: measuring is off.
    Preview,
    /// Resampled from a volume.
    Mpr,
    /// Several samples of a volume at each place.
    Slab {
        /// How they become one.
        kind: SlabKind,
        /// Thickness.
        mm: f64,
    },
    /// Volume rendering.
    VolumeRendered,
    /// Sharpened, smoothed and the like.
    Filtered(String),
    /// Another image over it, this much of it.
    Fused {
        /// Opacity.
        percent: u8,
    },
    /// A mask was taken off.
    Subtracted,
    /// A table of the user instead of a window.
    UserLut,
}

impl Interpolation {
    /// As shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bilinear => "bilinear",
            Self::Nearest => "nearest",
            Self::Bicubic => "bicubic",
        }
    }
}

impl SlabKind {
    /// As shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mip => "MIP",
            Self::MinIp => "MinIP",
            Self::Mean => "mean",
        }
    }
}

impl Treatment {
    /// The mark.
    #[must_use]
    pub fn mark(&self) -> String {
        match self {
            Self::Preview => "preview".into(),
            Self::Mpr => "MPR".into(),
            Self::Slab { kind, mm } => format!("{} {} mm", kind.word(), short(*mm)),
            Self::VolumeRendered => "VR".into(),
            Self::Filtered(name) => format!("filtered ({name})"),
            Self::Fused { percent } => format!("fused {percent} %"),
            Self::Subtracted => "subtracted".into(),
            Self::UserLut => "LUT user".into(),
        }
    }
}

/// `1:1`, or the magnification on the x axis with what lies between the pixels: `×1.7 bilinear`. Device pixels for an image pixel.
#[must_use]
pub fn scale_mark(scale: f64, interpolation: Interpolation) -> String {
    if (scale - 1.0).abs() < 1e-6 {
        return "1:1".into();
    }
    let between = if scale < Drawing::AVERAGE_BELOW && interpolation != Interpolation::Nearest {
        "area average"
    } else {
        interpolation.word()
    };
    let digits = if scale < 0.995 { 2 } else { 1 };
    format!("×{scale:.digits$} {between}")
}

/// One decimal, none where it is whole.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" {
        "0".into()
    } else {
        text.into()
    }
}
