//! Palette colour: plain, segmented and supplemental tables (PS3.3 C.7.6.3.1.5, C.7.6.3.1.6, C.7.9.2).

use serde::{Deserialize, Serialize};

use super::lut::{Lut, LutError};

/// Red, green and blue tables, each with its own first value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Palette {
    /// (0028,1101) and (0028,1201)
    pub red: Lut,
    /// (0028,1102) and (0028,1202)
    pub green: Lut,
    /// (0028,1103) and (0028,1203)
    pub blue: Lut,
    /// A supplemental palette: stored values below its first one are grey and windowed, the others coloured.
    pub supplemental: bool,
}

/// Why segmented data cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// A segment's words run past the end.
    #[error("segment at word {0} of the palette runs past its end")]
    Truncated(usize),
    /// An opcode other than 0, 1, 2, an indirect one inside an indirect one, or a linear one with nothing before it.
    #[error("segment at word {0} of the palette has an operation that is not allowed there")]
    Operation(usize),
    /// More than 65 536 entries.
    #[error("palette segments expand to more than 65536 entries")]
    TooLong,
    /// The expanded table does not fit its descriptor.
    #[error(transparent)]
    Table(#[from] LutError),
}

impl Palette {
    /// Entries at a stored value as written in the file (8 or 16 bits, not cut), indices clamped to each table.
    #[must_use]
    pub fn entry(&self, stored: f64) -> [u16; 3] {
        [&self.red, &self.green, &self.blue].map(|lut| lut.at(stored))
    }

    /// Eight-bit colour at a stored value: the high byte of entries wider than 8 bits.
    #[must_use]
    pub fn rgb(&self, stored: f64) -> [u8; 3] {
        [&self.red, &self.green, &self.blue].map(|lut| {
            let shift = if lut.bits() > 8 { 8 } else { 0 };
            (lut.at(stored) >> shift) as u8
        })
    }

    /// Whether a stored value is drawn in colour: always, unless this is a supplemental palette and the value is outside it.
    #[must_use]
    pub fn colours(&self, stored: f64) -> bool {
        let first = f64::from(self.red.first());
        !self.supplemental || (stored >= first && stored < first + self.red.entries().len() as f64)
    }
}

/// Expands Segmented Palette Color Lookup Table Data (words; 8-bit tables as one word a byte). `bytes_a_word` is the size of a word in the
/// file (2, or 1 for 8-bit tables): the offset of an indirect segment counts bytes.
///
/// # Errors
/// [`SegmentError`] when a segment runs past the end, is not allowed where it stands, or the table grows past 65 536 entries.
pub fn expand_segments(words: &[u16], bytes_a_word: usize) -> Result<Vec<u16>, SegmentError> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < words.len() {
        // A padding word at the end is no segment.
        if words.len() - at == 1 && words.get(at) == Some(&0) {
            break;
        }
        if words.get(at) == Some(&2) {
            let (Some(&count), Some(&low), Some(&high)) =
                (words.get(at + 1), words.get(at + 2), words.get(at + 3))
            else {
                return Err(SegmentError::Truncated(at));
            };
            if out.is_empty() {
                return Err(SegmentError::Operation(at));
            }
            let offset = (usize::from(high) << 16) | usize::from(low);
            let mut inner = offset / bytes_a_word.max(1);
            for _ in 0..count {
                inner = direct(words, inner, &mut out)?;
            }
            at += 4;
        } else {
            at = direct(words, at, &mut out)?;
        }
    }
    Ok(out)
}

/// One discrete or linear segment; returns where the next one begins.
fn direct(words: &[u16], at: usize, out: &mut Vec<u16>) -> Result<usize, SegmentError> {
    let (Some(&operation), Some(&count)) = (words.get(at), words.get(at + 1)) else {
        return Err(SegmentError::Truncated(at));
    };
    let count = usize::from(count);
    if out.len() + count > 65_536 {
        return Err(SegmentError::TooLong);
    }
    match operation {
        0 => {
            let values = words
                .get(at + 2..at + 2 + count)
                .ok_or(SegmentError::Truncated(at))?;
            out.extend_from_slice(values);
            Ok(at + 2 + count)
        }
        1 => {
            let &end = words.get(at + 2).ok_or(SegmentError::Truncated(at))?;
            let &start = out.last().ok_or(SegmentError::Operation(at))?;
            let (start, end) = (f64::from(start), f64::from(end));
            out.extend((1..=count).map(|k| {
                let value = start + (end - start) * k as f64 / count as f64;
                (value + 0.5).floor() as u16
            }));
            Ok(at + 3)
        }
        _ => Err(SegmentError::Operation(at)),
    }
}
