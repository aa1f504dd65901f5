//! Statistics of the modality values inside a shape (T42).
//!
//! Whole-number samples of 16 bits or fewer are counted value by value: one pass over the pixels, and every further number comes from the
//! counts. Other samples are listed once.

use crate::{
    display::{ModalityLut, Padding, samples},
    frame::{Frame, SampleType},
};

use super::outline::Outline;

/// A smallest or greatest value and the first pixel, from above and from the left, that has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extreme {
    /// Modality value.
    pub value: f64,
    /// From 0.
    pub column: u32,
    /// From 0.
    pub row: u32,
}

/// Numbers of the finite modality values that are no padding. All but the counts are `None` where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Pixels counted.
    pub n: u64,
    /// Pixels inside that are padding or hold no finite value.
    pub left_out: u64,
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Of the sample, with n − 1; `None` for one pixel.
    pub standard_deviation: Option<f64>,
    /// Smallest value.
    pub minimum: Option<Extreme>,
    /// Greatest value.
    pub maximum: Option<Extreme>,
    /// The middle one; the mean of the two middle ones for an even count.
    pub median: Option<f64>,
    /// All values added.
    pub sum: Option<f64>,
}

/// The values themselves, for percentiles and histograms on demand.
#[derive(Clone, Debug)]
pub struct Population {
    values: Values,
    n: u64,
    left_out: u64,
    least: Option<Extreme>,
    most: Option<Extreme>,
}

#[derive(Clone, Debug)]
enum Values {
    /// Ascending, each with how often it is there.
    Counted(Vec<(f64, u64)>),
    /// In no order.
    Listed(Vec<f64>),
}

/// Which pixels are asked for, and of which picture.
#[derive(Clone, Copy, Debug)]
pub enum Pixels<'a> {
    /// Stored values of a decoded frame.
    Frame {
        /// The frame.
        frame: &'a Frame,
        /// From stored to modality value, of this frame.
        lut: &'a ModalityLut,
        /// Stored values that are no image.
        padding: Option<Padding>,
        /// 0, or 0 to 2 for red, green and blue.
        channel: usize,
    },
    /// Modality values of a plane cut through a volume, row-major; NaN where there is none.
    Plane {
        /// Width.
        columns: u32,
        /// Height.
        rows: u32,
        /// `columns` × `rows` values.
        values: &'a [f32],
    },
}

impl Population {
    /// The values inside `outline`.
    #[must_use]
    pub fn new(pixels: Pixels<'_>, outline: &Outline) -> Self {
        match pixels {
            Pixels::Frame {
                frame,
                lut,
                padding,
                channel,
            } => Self::of_frame(frame, lut, padding, channel, outline),
            Pixels::Plane {
                columns,
                rows,
                values,
            } => {
                let mut list = List::new(outline, columns, rows);
                outline.for_each_span(columns, rows, |row, across| {
                    let start = row as usize * columns as usize;
                    let cells = values
                        .get(start + across.start as usize..start + across.end as usize)
                        .unwrap_or_default();
                    for (column, value) in across.zip(cells) {
                        list.push(f64::from(*value), column, row);
                    }
                });
                list.into()
            }
        }
    }

    fn of_frame(
        frame: &Frame,
        lut: &ModalityLut,
        padding: Option<Padding>,
        channel: usize,
        outline: &Outline,
    ) -> Self {
        // Keys in the order of the values, so that what is counted is ascending as long as the slope is.
        let tally = match frame.shape.sample {
            SampleType::U8 => Tally::new(frame, channel, outline, 0, |[b]: [u8; 1]| b.into()),
            SampleType::I8 => Tally::new(frame, channel, outline, -0x80, |[b]: [u8; 1]| {
                (b ^ 0x80).into()
            }),
            SampleType::U16 => Tally::new(frame, channel, outline, 0, u16::from_ne_bytes),
            SampleType::I16 => Tally::new(frame, channel, outline, -0x8000, |b| {
                u16::from_ne_bytes(b) ^ 0x8000
            }),
            _ => return Self::listed(frame, lut, padding, channel, outline),
        };
        tally.population(frame.shape.columns, lut, padding)
    }

    fn listed(
        frame: &Frame,
        lut: &ModalityLut,
        padding: Option<Padding>,
        channel: usize,
        outline: &Outline,
    ) -> Self {
        use samples::Sample as _;
        let shape = frame.shape;
        let mut list = List::new(outline, shape.columns, shape.rows);
        let (columns, each) = (shape.columns as usize, shape.samples());
        samples::with_samples!(shape.sample, S => {
            outline.for_each_span(shape.columns, shape.rows, |row, across| {
                for column in across {
                    let pixel = row as usize * columns + column as usize;
                    let stored = S::at(&frame.bytes, pixel * each + channel);
                    if padding.is_some_and(|p| p.contains(stored)) {
                        list.left_out += 1;
                    } else {
                        list.push(lut.apply(stored), column, row);
                    }
                }
            });
        });
        list.into()
    }

    /// Pixels counted.
    #[must_use]
    pub const fn n(&self) -> u64 {
        self.n
    }

    /// All of [`Statistics`]. Puts listed values in another order.
    pub fn statistics(&mut self) -> Statistics {
        let mut found = Statistics {
            n: self.n,
            left_out: self.left_out,
            minimum: self.least,
            maximum: self.most,
            ..Statistics::default()
        };
        if self.n == 0 {
            return found;
        }
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 pixels")]
        let n = self.n as f64;
        let sum = self.fold(|value, times| value * times);
        let mean = sum / n;
        // Two passes: the squares of what is left after the mean, not the difference of two great sums.
        let squares = self.fold(|value, times| (value - mean) * (value - mean) * times);
        let finite = |v: f64| v.is_finite().then_some(v);
        found.sum = finite(sum);
        found.mean = finite(mean);
        found.standard_deviation = (self.n > 1)
            .then(|| (squares / (n - 1.0)).sqrt())
            .and_then(finite);
        found.median = self.percentile(50.0);
        found
    }

    fn fold(&self, term: impl Fn(f64, f64) -> f64) -> f64 {
        match &self.values {
            #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 pixels")]
            Values::Counted(pairs) => pairs.iter().map(|(v, times)| term(*v, *times as f64)).sum(),
            Values::Listed(values) => values.iter().map(|v| term(*v, 1.0)).sum(),
        }
    }

    /// The value below which `percent` of the values lie, 0 to 100, between two values in proportion. `None` without values.
    pub fn percentile(&mut self, percent: f64) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 pixels")]
        let place = percent.clamp(0.0, 100.0) / 100.0 * self.n.checked_sub(1)? as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and n - 1; NaN counts as 0"
        )]
        let below = place.floor() as u64;
        let part = place - place.floor();
        let low = self.ranked(below)?;
        if part > 0.0 {
            let high = self.ranked(below + 1)?;
            Some(low + part * (high - low))
        } else {
            Some(low)
        }
    }

    /// The value at a place in ascending order, from 0.
    fn ranked(&mut self, place: u64) -> Option<f64> {
        match &mut self.values {
            Values::Counted(pairs) => {
                let mut passed = 0;
                pairs.iter().find_map(|(value, times)| {
                    passed += times;
                    (passed > place).then_some(*value)
                })
            }
            Values::Listed(values) => {
                let place = usize::try_from(place).ok().filter(|p| *p < values.len())?;
                let (_, value, _) = values.select_nth_unstable_by(place, f64::total_cmp);
                Some(*value)
            }
        }
    }

    /// Counts of `bins` equal steps from the smallest to the greatest value; the greatest one belongs to the last step. Empty without values.
    #[must_use]
    pub fn histogram(&self, bins: usize) -> Vec<u64> {
        let (Some(least), Some(most)) = (self.least, self.most) else {
            return Vec::new();
        };
        let mut counts = vec![0; bins];
        let range = most.value - least.value;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place among few bins"
        )]
        let bin = |value: f64| {
            if range > 0.0 {
                let at = (value - least.value) / range * bins as f64;
                (at as usize).min(bins.saturating_sub(1))
            } else {
                0
            }
        };
        let mut add = |value, times: u64| {
            if let Some(count) = counts.get_mut(bin(value)) {
                *count += times;
            }
        };
        match &self.values {
            Values::Counted(pairs) => pairs.iter().for_each(|(v, times)| add(*v, *times)),
            Values::Listed(values) => values.iter().for_each(|v| add(*v, 1)),
        }
        counts
    }
}

impl Statistics {
    /// The same of values multiplied by a positive factor: SUV from activity.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let times = |v: Option<f64>| v.map(|v| v * factor);
        let extreme = |e: Option<Extreme>| {
            e.map(|e| Extreme {
                value: e.value * factor,
                ..e
            })
        };
        Self {
            mean: times(self.mean),
            standard_deviation: times(self.standard_deviation),
            minimum: extreme(self.minimum),
            maximum: extreme(self.maximum),
            median: times(self.median),
            sum: times(self.sum),
            ..self
        }
    }
}

/// How often each stored value is there, and where first.
struct Tally {
    counts: Vec<u32>,
    first: Vec<u32>,
    lowest: i32,
}

impl Tally {
    fn new<const N: usize>(
        frame: &Frame,
        channel: usize,
        outline: &Outline,
        lowest: i32,
        key: impl Fn([u8; N]) -> u16,
    ) -> Self {
        let size = 1_usize << (8 * N);
        let (mut counts, mut first) = (vec![0_u32; size], vec![0_u32; size]);
        let shape = frame.shape;
        let (cells, _) = frame.bytes.as_chunks::<N>();
        let (columns, each) = (shape.columns as usize, shape.samples());
        outline.for_each_span(shape.columns, shape.rows, |row, across| {
            let start = row as usize * columns + across.start as usize;
            let end = start + across.len();
            let span = cells.get(start * each..end * each).unwrap_or_default();
            for (k, cell) in span.iter().skip(channel).step_by(each).enumerate() {
                let key = usize::from(key(*cell));
                if let (Some(count), Some(first)) = (counts.get_mut(key), first.get_mut(key)) {
                    if *count == 0 {
                        // An image has fewer than 2^32 pixels: its sides have 16 bits.
                        *first = u32::try_from(start + k).unwrap_or(u32::MAX);
                    }
                    *count += 1;
                }
            }
        });
        Self {
            counts,
            first,
            lowest,
        }
    }

    fn population(self, columns: u32, lut: &ModalityLut, padding: Option<Padding>) -> Population {
        let (mut n, mut left_out) = (0, 0);
        // A value and the first pixel that has it.
        let mut least: Option<(f64, u32)> = None;
        let mut most: Option<(f64, u32)> = None;
        let mut pairs: Vec<(f64, u64)> = Vec::new();
        for ((count, first), stored) in self.counts.iter().zip(&self.first).zip(self.lowest..) {
            if *count == 0 {
                continue;
            }
            let stored = f64::from(stored);
            let value = lut.apply(stored);
            if padding.is_some_and(|p| p.contains(stored)) || !value.is_finite() {
                left_out += u64::from(*count);
                continue;
            }
            n += u64::from(*count);
            pairs.push((value, u64::from(*count)));
            // A table can give one value for several stored ones: the first pixel of them all counts.
            if least.is_none_or(|(v, at)| value < v || (value == v && *first < at)) {
                least = Some((value, *first));
            }
            if most.is_none_or(|(v, at)| value > v || (value == v && *first < at)) {
                most = Some((value, *first));
            }
        }
        pairs.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let extreme = |found: Option<(f64, u32)>| {
            found.map(|(value, pixel)| Extreme {
                value,
                column: pixel % columns.max(1),
                row: pixel / columns.max(1),
            })
        };
        Population {
            values: Values::Counted(pairs),
            n,
            left_out,
            least: extreme(least),
            most: extreme(most),
        }
    }
}

/// Values one after the other.
struct List {
    values: Vec<f64>,
    left_out: u64,
    least: Option<Extreme>,
    most: Option<Extreme>,
}

impl List {
    fn new(outline: &Outline, columns: u32, rows: u32) -> Self {
        let room = usize::try_from(outline.count(columns, rows)).unwrap_or(0);
        Self {
            values: Vec::with_capacity(room),
            left_out: 0,
            least: None,
            most: None,
        }
    }

    fn push(&mut self, value: f64, column: u32, row: u32) {
        if !value.is_finite() {
            self.left_out += 1;
            return;
        }
        let here = Extreme { value, column, row };
        if self.least.is_none_or(|e| value < e.value) {
            self.least = Some(here);
        }
        if self.most.is_none_or(|e| value > e.value) {
            self.most = Some(here);
        }
        self.values.push(value);
    }
}

impl From<List> for Population {
    fn from(list: List) -> Self {
        Self {
            n: list.values.len() as u64,
            values: Values::Listed(list.values),
            left_out: list.left_out,
            least: list.least,
            most: list.most,
        }
    }
}
