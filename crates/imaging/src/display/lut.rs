//! Lookup tables of the modality and VOI modules (PS3.3 C.11.1, C.11.2) and the rescale that stands beside them.

use serde::{Deserialize, Serialize};

/// A table with the value that its first entry belongs to. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lut {
    first: i32,
    bits: u16,
    entries: Vec<u16>,
}

/// Why a descriptor and its data are no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LutError {
    /// Fewer entries than the descriptor states.
    #[error("lookup table has {got} of the {stated} entries its descriptor states")]
    TooShort {
        /// Of the descriptor, 65 536 for 0.
        stated: usize,
        /// Words in the data.
        got: usize,
    },
    /// The third value of the descriptor; 8 to 16 can be read.
    #[error("lookup table states {0} bits an entry, 8 to 16 can be read")]
    Bits(u16),
}

/// From stored value to modality value (T2), for one frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum ModalityLut {
    /// M = SV.
    #[default]
    Identity,
    /// M = SV × slope + intercept. The slope is never 0 (see [`ModalityLut::rescale`]).
    Rescale {
        /// Rescale Slope (0028,1053).
        slope: f64,
        /// Rescale Intercept (0028,1052).
        intercept: f64,
    },
    /// Modality LUT Sequence (0028,3000); it wins over a rescale beside it.
    Table(Lut),
}

/// One item of VOI LUT Sequence (0028,3010).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VoiLut {
    /// Input: M rounded half up. Output: 0 to 2^bits - 1.
    pub lut: Lut,
    /// LUT Explanation (0028,3003), may be empty.
    pub explanation: String,
}

impl Lut {
    /// From the descriptor (number of entries with 0 for 65 536, first value already read as signed where it is, bits) and the words of the
    /// data. Spare words are dropped; two 8-bit entries packed in a word are taken apart when the length says so.
    ///
    /// # Errors
    /// [`LutError`] when entries are missing or the bits are outside 8 to 16.
    pub fn new(count: u16, first: i32, bits: u16, words: &[u16]) -> Result<Self, LutError> {
        if !(8..=16).contains(&bits) {
            return Err(LutError::Bits(bits));
        }
        let stated = if count == 0 {
            65_536
        } else {
            usize::from(count)
        };
        let entries = if words.len() >= stated {
            let low = if bits == 8 { 0x00ff } else { 0xffff };
            words.iter().take(stated).map(|w| w & low).collect()
        } else if words.len() == stated.div_ceil(2) && stated > 1 {
            words
                .iter()
                .flat_map(|w| w.to_le_bytes())
                .map(u16::from)
                .take(stated)
                .collect()
        } else {
            return Err(LutError::TooShort {
                stated,
                got: words.len(),
            });
        };
        Ok(Self {
            first,
            bits,
            entries,
        })
    }

    /// Second value of a descriptor: a word that counts as signed when the input can be negative.
    #[must_use]
    pub fn first_of(word: u16, signed: bool) -> i32 {
        if signed {
            i32::from(word.cast_signed())
        } else {
            i32::from(word)
        }
    }

    /// First input value that has an entry of its own.
    #[must_use]
    pub const fn first(&self) -> i32 {
        self.first
    }

    /// Stated bits of an entry, 8 to 16.
    #[must_use]
    pub const fn bits(&self) -> u16 {
        self.bits
    }

    /// Entries, at least one.
    #[must_use]
    pub fn entries(&self) -> &[u16] {
        &self.entries
    }

    /// Entry for `x`, rounded half up and clamped to the table.
    #[must_use]
    pub fn at(&self, x: f64) -> u16 {
        let last = self.entries.len().saturating_sub(1);
        let index = ((x + 0.5).floor() - f64::from(self.first)).clamp(0.0, last as f64);
        self.entries.get(index as usize).copied().unwrap_or(0)
    }
}

impl VoiLut {
    /// Display value 0 to 1 of `x` (modality units).
    #[must_use]
    pub fn apply(&self, x: f64) -> f64 {
        let top = f64::from((1_u32 << self.lut.bits()) - 1);
        (f64::from(self.lut.at(x)) / top).min(1.0)
    }
}

impl ModalityLut {
    /// The rule of T2 for slope and intercept: both or none; a slope of 0 counts as 1. The second part is the mark to show.
    #[must_use]
    pub fn rescale(slope: Option<f64>, intercept: Option<f64>) -> (Self, Option<&'static str>) {
        match (slope, intercept) {
            (None, None) => (Self::Identity, None),
            (Some(slope), Some(intercept)) if slope.is_finite() && intercept.is_finite() => {
                if slope == 0.0 {
                    (
                        Self::Rescale {
                            slope: 1.0,
                            intercept,
                        },
                        Some("rescale slope 0, 1 used"),
                    )
                } else {
                    (Self::Rescale { slope, intercept }, None)
                }
            }
            _ => (Self::Identity, Some("rescale incomplete")),
        }
    }

    /// Modality value of a stored value.
    #[must_use]
    pub fn apply(&self, stored: f64) -> f64 {
        match self {
            Self::Identity => stored,
            Self::Rescale { slope, intercept } => stored * slope + intercept,
            Self::Table(lut) => f64::from(lut.at(stored)),
        }
    }
}
