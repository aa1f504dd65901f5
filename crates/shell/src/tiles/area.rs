//! Rectangles of whole pixels.

/// The pixels from `x0`, `y0` up to, and without, `x1`, `y1`. Origin at the upper left corner of the window (or texture).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// First column.
    pub x0: i32,
    /// First row.
    pub y0: i32,
    /// Column after the last.
    pub x1: i32,
    /// Row after the last.
    pub y1: i32,
}

impl Area {
    /// `size` pixels from the origin.
    #[must_use]
    pub fn of_size([width, height]: [usize; 2]) -> Self {
        let side = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
        Self {
            x0: 0,
            y0: 0,
            x1: side(width),
            y1: side(height),
        }
    }

    /// Holds no pixel.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.x0 >= self.x1 || self.y0 >= self.y1
    }

    /// The pixels in both.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }

    /// Every pixel of `other` is in `self`.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.intersect(other) == other
    }

    /// The four sides as two words, to be hashed.
    pub(super) fn words(self) -> [u64; 2] {
        [pair(self.x0, self.y0), pair(self.x1, self.y1)]
    }
}

/// Two signed numbers in one word, bit for bit.
pub(super) fn pair(a: i32, b: i32) -> u64 {
    u64::from(a.cast_unsigned()) << 32 | u64::from(b.cast_unsigned())
}
