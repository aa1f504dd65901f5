//! Decoded frames: stored values in memory, shared and never copied.

use std::{fmt, ops::Range, sync::Arc};

use serde::{Deserialize, Serialize};

/// How one sample is held: native endian, sign-extended from Bits Stored to the whole cell (PS3.3 C.7.6.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SampleType {
    /// 8 bits; also 1-bit images, a byte a pixel, 0 or 1.
    U8,
    /// 8 bits, signed.
    I8,
    /// 16 bits.
    U16,
    /// 16 bits, signed.
    I16,
    /// 32 bits.
    U32,
    /// 32 bits, signed.
    I32,
    /// Float Pixel Data.
    F32,
    /// Double Float Pixel Data.
    F64,
}

/// What the samples of a decoded frame mean. YBR is converted to RGB by the decoder, so only these are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Colour {
    /// Lowest value is black.
    Monochrome2,
    /// Lowest value is white.
    Monochrome1,
    /// Indices into a palette.
    Palette,
    /// Red, green, blue, interleaved.
    Rgb,
}

/// Size and layout of a frame: row-major, interleaved samples, no padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FrameShape {
    /// Width in pixels.
    pub columns: u32,
    /// Height in pixels.
    pub rows: u32,
    /// Layout of a sample.
    pub sample: SampleType,
    /// Meaning of the samples; [`Colour::Rgb`] has three a pixel, all others one.
    pub colour: Colour,
}

/// Bytes of one frame somewhere in memory that outlives it: a buffer of its own or a slice of a series' shared volume.
#[derive(Clone)]
pub struct FrameBytes {
    owner: Arc<dyn AsRef<[u8]> + Send + Sync>,
    range: Range<usize>,
}

/// A decoded frame: stored values of T1, before rescale, LUT, padding and polarity.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Size and layout.
    pub shape: FrameShape,
    /// `shape.byte_len()` bytes.
    pub bytes: FrameBytes,
}

impl SampleType {
    /// Bytes of one sample.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

impl FrameShape {
    /// Samples a pixel: 3 for RGB, else 1.
    #[must_use]
    pub const fn samples(self) -> usize {
        match self.colour {
            Colour::Rgb => 3,
            _ => 1,
        }
    }

    /// Bytes of the whole frame, or `None` when that overflows.
    #[must_use]
    pub fn byte_len(self) -> Option<usize> {
        usize::try_from(self.columns)
            .ok()?
            .checked_mul(usize::try_from(self.rows).ok()?)?
            .checked_mul(self.samples())?
            .checked_mul(self.sample.bytes())
    }
}

impl FrameBytes {
    /// All of `owner`, or the given part of it; `None` when the range is not inside.
    #[must_use]
    pub fn new(owner: Arc<dyn AsRef<[u8]> + Send + Sync>, range: Range<usize>) -> Option<Self> {
        (*owner).as_ref().get(range.clone())?;
        Some(Self { owner, range })
    }
}

impl From<Vec<u8>> for FrameBytes {
    fn from(bytes: Vec<u8>) -> Self {
        let range = 0..bytes.len();
        Self {
            owner: Arc::new(bytes),
            range,
        }
    }
}

impl std::ops::Deref for FrameBytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        (*self.owner)
            .as_ref()
            .get(self.range.clone())
            .unwrap_or_default()
    }
}

impl fmt::Debug for FrameBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.range.len())
    }
}
