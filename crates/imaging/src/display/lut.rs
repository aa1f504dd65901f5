//! Lookup tables of the modality and VOI modules (PS3.3 C.11.1, C.11.2) and the rescale that stands beside them.

use serde::{Deserialize, Serialize};

/// A table with the value that its first entry belongs to. Never empty, also when it came from a worker: what is no table is refused
/// where it is received.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Lut {
    first: i32,
    bits: u16,
    entries: Vec<u16>,
}

/// A table as it is sent, not checked yet.
#[derive(Deserialize)]
struct Parts {
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
    /// No entries, or more than a descriptor can state.
    #[error("lookup table has {0} entries, 1 to {MOST} can be")]
    Length(usize),
    /// A first value that no stored value is.
    #[error("lookup table begins at {0}, which no word says")]
    First(i32),
    /// An entry that needs more than the 8 bits of its table.
    #[error("entry {0} of a lookup table of 8 bits does not fit them")]
    Entry(usize),
}

/// Entries of the longest table, which its descriptor states as 0.
const MOST: usize = 65_536;

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
        let stated = if count == 0 { MOST } else { usize::from(count) };
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

impl TryFrom<Parts> for Lut {
    type Error = LutError;

    fn try_from(parts: Parts) -> Result<Self, LutError> {
        let Parts {
            first,
            bits,
            entries,
        } = parts;
        if !(8..=16).contains(&bits) {
            return Err(LutError::Bits(bits));
        }
        if !(1..=MOST).contains(&entries.len()) {
            return Err(LutError::Length(entries.len()));
        }
        if !(i32::from(i16::MIN)..=i32::from(u16::MAX)).contains(&first) {
            return Err(LutError::First(first));
        }
        if bits == 8
            && let Some(at) = entries.iter().position(|e| *e > 0x00ff)
        {
            return Err(LutError::Entry(at));
        }
        Ok(Self {
            first,
            bits,
            entries,
        })
    }
}

impl VoiLut {
    /// Display value 0 to 1 of `x` (modality units).
    #[must_use]
    pub fn apply(&self, x: f64) -> f64 {
        let top = f64::from((1_u32 << self.lut.bits()) - 1);
        (f64::from(self.lut.at(x)) / top).min(1.0)
    }

    /// The table with its largest entry at the top of its bits; `None` where it is there already, or the table is all 0. Some writers state 16
    /// bits and fill 12: the picture is dark as the file says, and this is what they meant.
    #[must_use]
    pub fn stretched(&self) -> Option<Self> {
        let top = (1_u32 << self.lut.bits) - 1;
        let largest = u32::from(self.lut.entries.iter().copied().max()?);
        if largest == 0 || largest >= top {
            return None;
        }
        let entries = self.lut.entries.iter();
        let entries = entries
            .map(|e| ((u32::from(*e) * top + largest / 2) / largest) as u16)
            .collect();
        Some(Self {
            lut: Lut {
                entries,
                ..self.lut
            },
            explanation: self.explanation.clone(),
        })
    }

    /// The table after a drag (T7): its input stretched by `wider` about its middle, 1 for none, and moved by `by` (modality units); its shape
    /// is kept.
    #[must_use]
    pub fn windowed(&self, wider: f64, by: f64) -> Self {
        let usable = wider.is_finite() && wider > 0.0 && by.is_finite();
        let count = self.lut.entries.len();
        if !usable || count < 2 {
            return self.clone();
        }
        let middle = f64::from(self.lut.first) + (count - 1) as f64 / 2.0;
        let wide = ((count as f64 * wider).round()).clamp(2.0, MOST as f64);
        let low = f64::from(i16::MIN);
        let high = f64::from(u16::MAX);
        let first = (middle + by - (wide - 1.0) / 2.0).round().clamp(low, high);
        let factor = (count - 1) as f64 / (wide - 1.0);
        let entries = (0..wide as usize)
            .map(|k| {
                let at = (k as f64 * factor + 0.5).floor() as usize;
                self.lut
                    .entries
                    .get(at.min(count - 1))
                    .copied()
                    .unwrap_or(0)
            })
            .collect();
        Self {
            lut: Lut {
                first: first as i32,
                entries,
                ..self.lut
            },
            explanation: self.explanation.clone(),
        }
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::display::{DisplayAttributes, Palette};

    fn received(table: &serde_json::Value) -> Result<Lut, String> {
        serde_json::from_value(table.clone()).map_err(|e| e.to_string())
    }

    #[test]
    fn par_16_a_table_that_is_sent_comes_back_and_one_that_is_none_is_refused() {
        for lut in [
            Lut::new(4, -2, 16, &[0, 1, 2, 65_535]).unwrap(),
            Lut::new(4, 65_535, 8, &[0x0201, 0x0403]).unwrap(),
            Lut::new(0, 0, 12, &vec![7; MOST]).unwrap(),
        ] {
            assert_eq!(received(&serde_json::to_value(&lut).unwrap()), Ok(lut));
        }
        let refused = |first: i32, bits: u16, entries: &[u16], why: &str| {
            let table = json!({ "first": first, "bits": bits, "entries": entries });
            let error = received(&table).unwrap_err();
            assert!(error.contains(why), "{error}");
        };
        refused(0, 16, &[], "has 0 entries");
        refused(0, 16, &vec![0; MOST + 1], "has 65537 entries");
        refused(0, 7, &[1], "7 bits");
        // Would be shifted by this many.
        refused(0, 200, &[1], "200 bits");
        refused(65_536, 16, &[1], "begins at 65536");
        refused(i32::MIN, 16, &[1], "begins at -2147483648");
        refused(0, 8, &[1, 256], "entry 1");
    }

    /// Colours that a worker sends are painted as they are: a palette without entries must not get that far.
    #[test]
    fn par_16_a_short_palette_among_display_attributes_is_refused_with_its_reason() {
        let lut = || Lut::new(2, 0, 16, &[0, 65_535]).unwrap();
        let display = DisplayAttributes {
            palette: Some(Palette {
                red: lut(),
                green: lut(),
                blue: lut(),
                supplemental: false,
            }),
            ..DisplayAttributes::default()
        };
        let mut sent = serde_json::to_value(&display).unwrap();
        let read = |sent: &serde_json::Value| -> Result<DisplayAttributes, String> {
            serde_json::from_value(sent.clone()).map_err(|e| e.to_string())
        };
        assert_eq!(read(&sent), Ok(display));
        for channel in ["red", "green", "blue"] {
            let whole = sent["palette"][channel]["entries"].take();
            sent["palette"][channel]["entries"] = json!([]);
            let error = read(&sent).unwrap_err();
            assert!(error.contains("has 0 entries"), "{channel}: {error}");
            sent["palette"][channel]["entries"] = whole;
        }
    }
}
