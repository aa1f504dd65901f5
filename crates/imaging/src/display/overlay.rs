//! Overlay planes of groups 6000 to 601E (T19, PS3.3 C.9.2): drawings of one bit a pixel that lie on an image.

use serde::{Deserialize, Serialize};

/// One plane as it lies on one frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlay {
    /// Its group, 0x6000 to 0x601E.
    pub group: u16,
    /// Graphics or region of interest.
    pub kind: OverlayKind,
    /// Overlay Rows (60xx,0010).
    pub rows: u32,
    /// Overlay Columns (60xx,0011).
    pub columns: u32,
    /// Overlay Origin (60xx,0050): row and column of the image, counted from 1, below its first pixel; may be 0 or less.
    pub origin: [i32; 2],
    /// Overlay Label (60xx,1500), else Overlay Description (60xx,0022); may be empty.
    pub label: String,
    /// Area, mean and standard deviation as the writer stated them (60xx,1301 to 1303): text to show, never reckoned with.
    pub statistics: Option<String>,
    /// Colour that a presentation state gives it; white when there is none.
    pub colour: Option<[u8; 3]>,
    /// A bit a pixel, the first in the lowest bit, rows not padded.
    pub bits: Vec<u8>,
}

/// Overlay Type (60xx,0040).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OverlayKind {
    /// G, and what is not said.
    Graphics,
    /// R.
    Roi,
}

impl Overlay {
    /// Bytes of a plane; `None` when that overflows.
    #[must_use]
    pub fn byte_len(rows: u32, columns: u32) -> Option<usize> {
        let pixels = u64::from(rows).checked_mul(u64::from(columns))?;
        usize::try_from(pixels.div_ceil(8)).ok()
    }

    /// Whether its own pixel is set; `false` outside. Counted from 0.
    #[must_use]
    pub fn is_set(&self, row: u32, column: u32) -> bool {
        if row >= self.rows || column >= self.columns {
            return false;
        }
        let at = u64::from(row) * u64::from(self.columns) + u64::from(column);
        let byte = usize::try_from(at / 8).ok().and_then(|i| self.bits.get(i));
        byte.is_some_and(|b| b >> (at % 8) & 1 == 1)
    }

    /// Whether it marks this pixel of the image, counted from 0.
    #[must_use]
    pub fn marks(&self, column: i32, row: i32) -> bool {
        let own = |at: i32, origin: i32| {
            let own = i64::from(at) + 1 - i64::from(origin);
            u32::try_from(own).ok()
        };
        match (own(row, self.origin[0]), own(column, self.origin[1])) {
            (Some(row), Some(column)) => self.is_set(row, column),
            _ => false,
        }
    }

    /// Row and column of the image, counted from 0, below a pixel of its own; may be outside the image.
    #[must_use]
    pub fn image_position(&self, row: u32, column: u32) -> [i64; 2] {
        [
            i64::from(row) + i64::from(self.origin[0]) - 1,
            i64::from(column) + i64::from(self.origin[1]) - 1,
        ]
    }

    /// What to call it in a list of planes.
    #[must_use]
    pub fn name(&self) -> String {
        match self.label.trim() {
            "" => format!("Overlay {:04X}", self.group),
            label => label.to_owned(),
        }
    }
}
