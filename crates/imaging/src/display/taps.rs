//! Which pixels a screen pixel rests on, along one axis of the image, and with which weights (T14).
//!
//! Fractions are held in 1/32768 of a pixel, so that a painter with integers only can repeat them exactly.

/// Steps of a fraction between two pixels.
pub const FRACTION_ONE: u32 = 32_768;

/// Position of a screen pixel's centre along one axis of the image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tap {
    /// Pixel whose centre lies at or before the position; -1 left of the first centre.
    pub left: i32,
    /// Weight of the next pixel, 0 to 32767 of [`FRACTION_ONE`].
    pub fraction: u32,
    /// The pixel that holds the position, clamped to the image.
    pub nearest: i32,
    /// Whether the position is inside the image.
    pub inside: bool,
}

/// Pixels of one axis that a screen pixel covers, for area averages.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cover {
    /// First pixel.
    pub first: u32,
    /// One past the last pixel.
    pub end: u32,
    /// Covered part of the first pixel, 0 to 1.
    pub head: f64,
    /// Covered part of the last pixel, 0 to 1; the same as `head` when there is only one.
    pub tail: f64,
}

impl Tap {
    /// At `corner`, in corner coordinates of an axis of `count` pixels.
    #[must_use]
    pub fn new(corner: f64, count: u32) -> Self {
        let last = f64::from(count) - 1.0;
        let index = (corner - 0.5).clamp(-1.0, last + 1.0);
        let mut left = index.floor();
        let mut fraction = ((index - left) * f64::from(FRACTION_ONE)).round();
        if fraction >= f64::from(FRACTION_ONE) {
            left += 1.0;
            fraction = 0.0;
        }
        Self {
            left: left as i32,
            fraction: fraction as u32,
            nearest: corner.floor().clamp(0.0, last.max(0.0)) as i32,
            inside: corner >= 0.0 && corner < f64::from(count),
        }
    }

    /// Weight of the next pixel, 0 up to 1.
    #[must_use]
    pub fn weight(&self) -> f64 {
        f64::from(self.fraction) / f64::from(FRACTION_ONE)
    }
}

impl Cover {
    /// Around `corner`, `half` to either side, cut to an axis of `count` pixels. Never empty when `corner` is inside.
    #[must_use]
    pub fn new(corner: f64, half: f64, count: u32) -> Self {
        let top = f64::from(count);
        let start = (corner - half).clamp(0.0, top);
        let stop = (corner + half).clamp(0.0, top);
        let first = start.floor().min((top - 1.0).max(0.0));
        let end = stop.ceil().max(first + 1.0).min(top);
        if end - first <= 1.0 {
            return Self {
                first: first as u32,
                end: (first + 1.0) as u32,
                head: 1.0,
                tail: 1.0,
            };
        }
        Self {
            first: first as u32,
            end: end as u32,
            head: first + 1.0 - start,
            tail: stop - (end - 1.0),
        }
    }

    /// Weight of pixel `at`.
    #[must_use]
    pub fn weight(&self, at: u32) -> f64 {
        if at == self.first {
            self.head
        } else if at + 1 == self.end {
            self.tail
        } else {
            1.0
        }
    }
}

/// Catmull-Rom weights of the four pixels around a fraction of 0 to 1.
#[must_use]
pub fn catmull_rom(t: f64) -> [f64; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        (-t3 + 2.0 * t2 - t) / 2.0,
        (3.0 * t3 - 5.0 * t2 + 2.0) / 2.0,
        (-3.0 * t3 + 4.0 * t2 + t) / 2.0,
        (t3 - t2) / 2.0,
    ]
}
