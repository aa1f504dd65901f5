//! Draws greys of 8 and 16 bits a line at a time when the view turns by quarters: what a desk shows nearly always.
//!
//! The weight of a pixel is that of its column times that of its row, so a line first adds up rows of the image, all columns alike, and then
//! takes for each screen pixel its few columns out of that. Nearest, bilinear and bicubic pixels and area averages differ in their weights only.
//!
//! Not one grey may differ from `pixelwise`. Nearest and bilinear values cannot: 16 bits of a value and 15 of each fraction leave nothing to
//! round in an `f64`. The others are rounded in another order, so a grey is taken only when both ends of all that rounding can do give the
//! same one, and is worked out by `pixelwise` where they do not.

use std::ops::Range;

use rayon::prelude::*;

use super::{
    Lut, ModalityLut, Padding, Voi,
    axes::Axes,
    draw::{BLACK, Drawing, Interpolation},
    pixelwise::{Pixelwise, rows},
    samples::{self, Sample},
    shade::Shade,
    taps::{Cover, Tap, catmull_rom},
};
use crate::{
    frame::{Colour, SampleType},
    wide::widened,
};

/// Below this part of the whole weight, the rest being padding, rounding weighs too much: `pixelwise` decides.
const LEAST_WEIGHT: f64 = 0.25;

/// More than two sums of one screen pixel can differ by, for each image pixel in it and relative to [`LARGEST`]: each sum takes errors of 2⁻⁵³
/// for every pixel, and weights of both signs, 1.6 in all, with a division by [`LEAST_WEIGHT`] make that 2e-14 at most.
pub(super) const ROUNDING: f64 = 4e-14;

/// Largest magnitude of a stored value and of an entry of a modality table.
pub(super) const LARGEST: f64 = 65_536.0;

/// Pixels of one axis under the pixels of the screen, and their weights: `count` for each, 0 where fewer are needed.
pub(super) struct Weights {
    /// First pixel; may lie outside the image, whose border then stands in.
    first: Vec<i32>,
    weights: Vec<f64>,
    count: usize,
}

struct Linewise<'a> {
    drawing: &'a Drawing<'a>,
    axes: &'a Axes,
    padding: Option<Padding>,
    table: Option<&'a Lut>,
    shade: Shade<'a>,
    pixels: Pixelwise<'a>,
    /// Screen pixels of a line that are inside the image, and which.
    x: Weights,
    x_at: usize,
    y: Weights,
    y_at: usize,
    swapped: bool,
    /// Columns of the image under the line; a few may lie outside.
    from: i32,
    to: i32,
    /// What rounding may do to a value, and to a display value, both towards white; 0 when there is none.
    slack: [f64; 2],
}

/// Room of one thread.
struct Room {
    /// Sums over rows for each image column, from the first that the screen shows.
    values: Vec<f64>,
    /// The same of the weights of pixels that are no padding; empty when there is none.
    counts: Vec<f64>,
    /// For each screen pixel.
    line: Vec<f64>,
    line_counts: Vec<f64>,
    greys: Vec<u8>,
    /// At the other end of the slack; empty when there is none.
    other: Vec<u8>,
}

/// Draws into `out`, which has the size of the drawing and is not empty; `false`, with nothing drawn, where pixel by pixel is the only way.
pub(super) fn draw(drawing: &Drawing<'_>, axes: &Axes, out: &mut [u8]) -> bool {
    let Some(lines) = Linewise::new(drawing, axes) else {
        return false;
    };
    let plane = match drawing.frame.shape.sample {
        SampleType::U8 => lines.plane::<samples::U8>(),
        SampleType::I8 => lines.plane::<samples::I8>(),
        SampleType::U16 => lines.plane::<samples::U16>(),
        SampleType::I16 => lines.plane::<samples::I16>(),
        SampleType::U32 | SampleType::I32 | SampleType::F32 | SampleType::F64 => return false,
    };
    let [width, height] = drawing.size.map(|n| n as usize);
    let (right, down) = if lines.swapped {
        (height, 1)
    } else {
        (1, width)
    };
    let Some(colours) = drawing.colours() else {
        if !lines.swapped {
            let lines = plane.par_chunks(width).zip(out.par_chunks_mut(4 * width));
            lines.with_min_len(16).for_each(|(greys, out)| {
                for (to, grey) in out.as_chunks_mut().0.iter_mut().zip(greys) {
                    *to = [*grey, *grey, *grey, 255];
                }
            });
            return true;
        }
        rows(drawing, out, |i, j| {
            let grey = plane.get(i * right + j * down).copied().unwrap_or(0);
            [grey, grey, grey, 255]
        });
        return true;
    };
    // Outside the image it is black, whatever colour the palette begins with.
    let across = lines.x_at..lines.x_at + lines.x.first.len();
    let along = lines.y_at..lines.y_at + lines.y.first.len();
    rows(drawing, out, |i, j| {
        let (a, b) = if lines.swapped { (j, i) } else { (i, j) };
        let grey = plane.get(i * right + j * down).copied().unwrap_or(0);
        match colours.get(usize::from(grey)) {
            Some([red, green, blue]) if across.contains(&a) && along.contains(&b) => {
                [*red, *green, *blue, 255]
            }
            _ => BLACK,
        }
    });
    true
}

impl<'a> Linewise<'a> {
    fn new(drawing: &'a Drawing<'a>, axes: &'a Axes) -> Option<Self> {
        let Axes::Separable {
            x,
            y,
            cover_x,
            cover_y,
            swapped,
        } = axes
        else {
            return None;
        };
        let attributes = drawing.attributes;
        let coloured = match (drawing.frame.shape.colour, &attributes.palette) {
            (Colour::Rgb, _) | (Colour::Palette, Some(_)) => true,
            (_, palette) => palette.as_ref().is_some_and(|p| p.supplemental),
        };
        // A padded pixel is black and not the palette's first colour: only pixel by pixel tells it from a grey of 0.
        let padded_colours = drawing.pseudo_colour.is_some() && attributes.padding.is_some();
        if coloured || padded_colours {
            return None;
        }
        let (x_at, x) = Weights::inside(drawing, x, cover_x);
        let (y_at, y) = Weights::inside(drawing, y, cover_y);
        let exact = !drawing.averages()
            && (drawing.interpolation != Interpolation::Bicubic || drawing.is_bitmap());
        let shade = Shade::new(drawing);
        let slack = if exact {
            [0.0; 2]
        } else {
            let value = ROUNDING * LARGEST * (x.count * y.count) as f64;
            [value * shade.slope().signum(), 1e-12]
        };
        // Between both ends of the slack there may be one step of a table, not two.
        if matches!(drawing.voi, Some(Voi::Lut(_))) && slack[0] * shade.slope() > 0.25 {
            return None;
        }
        Some(Self {
            drawing,
            axes,
            padding: attributes.padding,
            table: match &attributes.modality_lut {
                ModalityLut::Table(lut) => Some(lut),
                ModalityLut::Identity | ModalityLut::Rescale { .. } => None,
            },
            shade,
            pixels: Pixelwise::new(drawing, axes),
            from: x.lowest(),
            to: x.highest(),
            x,
            x_at,
            y,
            y_at,
            swapped: *swapped,
            slack,
        })
    }

    /// All greys, line by line; 0 outside the image.
    fn plane<S: Sample>(&self) -> Vec<u8> {
        let [width, height] = self.drawing.size.map(|n| n as usize);
        let length = if self.swapped { height } else { width };
        let mut plane = vec![0; width * height];
        plane
            .par_chunks_exact_mut(length)
            .skip(self.y_at)
            .take(self.y.first.len())
            .enumerate()
            .with_min_len(16)
            .for_each_init(
                || Room::new(self),
                |room, (k, line)| {
                    widened(
                        #[inline(always)]
                        || {
                            self.down::<S>(k, room);
                            self.across(room);
                            self.settle::<S>(self.y_at + k, room);
                        },
                    );
                    let inside = line.iter_mut().skip(self.x_at);
                    inside.zip(&room.greys).for_each(|(to, grey)| *to = *grey);
                },
            );
        plane
    }

    /// Adds up the rows under line `k` of those inside, each column by itself.
    #[inline(always)]
    fn down<S: Sample>(&self, k: usize, room: &mut Room) {
        let (columns, rows) = self.pixels.size();
        // Columns of the image that the room has; beyond them its border stands in.
        let (from, to) = (self.from.max(0), self.to.min(columns));
        let count = (to - from).max(0) as usize;
        let inner = (from - self.from) as usize..(from - self.from) as usize + count;
        room.values.fill(0.0);
        room.counts.fill(0.0);
        let (first, weights) = self.y.of(k);
        for (row, weight) in (first..).zip(weights) {
            if *weight == 0.0 {
                continue;
            }
            let row = row.clamp(0, rows - 1) as usize;
            let start = (row * columns as usize + from as usize) * S::SIZE;
            let bytes = self.pixels.bytes().get(start..start + count * S::SIZE);
            let stored = S::all(bytes.unwrap_or_default());
            let values = room.values.get_mut(inner.clone()).unwrap_or_default();
            let counts = room.counts.get_mut(inner.clone()).unwrap_or_default();
            match (self.padding, self.table) {
                (None, None) => values
                    .iter_mut()
                    .zip(stored)
                    .for_each(|(v, s)| *v += weight * s),
                (None, Some(table)) => values
                    .iter_mut()
                    .zip(stored)
                    .for_each(|(v, s)| *v += weight * f64::from(table.at(s))),
                (Some(padding), table) => {
                    for ((v, n), s) in values.iter_mut().zip(counts).zip(stored) {
                        let weight = if padding.contains(s) { 0.0 } else { *weight };
                        *v += weight * table.map_or(s, |t| f64::from(t.at(s)));
                        *n += weight;
                    }
                }
            }
        }
        extend(&mut room.values, inner.clone());
        extend(&mut room.counts, inner);
    }

    /// The values of the line.
    #[inline(always)]
    fn across(&self, room: &mut Room) {
        self.x.sums(&room.values, self.from, &mut room.line);
        if self.padding.is_some() {
            self.x.sums(&room.counts, self.from, &mut room.line_counts);
            for (value, count) in room.line.iter_mut().zip(&room.line_counts) {
                *value /= count;
            }
        }
    }

    /// The greys of line `j`.
    #[inline(always)]
    fn settle<S: Sample>(&self, j: usize, room: &mut Room) {
        let slack = self.slack;
        self.shade
            .greys(&room.line, slack.map(|s| -s), &mut room.greys);
        let again = |i: usize| {
            let i = self.x_at + i;
            let (i, j) = if self.swapped { (j, i) } else { (i, j) };
            let taps = self.axes.taps(self.drawing, i, j);
            self.pixels.grey::<S>((i, j), taps).unwrap_or(0)
        };
        if slack != [0.0; 2] {
            self.shade.greys(&room.line, slack, &mut room.other);
            for (i, (grey, other)) in room.greys.iter_mut().zip(&room.other).enumerate() {
                if grey != other {
                    *grey = again(i);
                }
            }
        }
        for (i, (grey, count)) in room.greys.iter_mut().zip(&room.line_counts).enumerate() {
            if *count == 0.0 {
                *grey = 0;
            } else if *count < LEAST_WEIGHT {
                *grey = again(i);
            }
        }
    }
}

impl Weights {
    /// Of the screen pixels inside the image, and the first of them; they follow each other, for the map is straight.
    pub(super) fn inside(drawing: &Drawing<'_>, taps: &[Tap], covers: &[Cover]) -> (usize, Self) {
        let at = taps.iter().position(|t| t.inside).unwrap_or(0);
        let end = taps.iter().rposition(|t| t.inside).map_or(at, |k| k + 1);
        let taps = taps.get(at..end).unwrap_or_default();
        let covers = covers.get(at..end).unwrap_or_default();
        (at, Self::new(drawing, taps, covers))
    }

    fn new(drawing: &Drawing<'_>, taps: &[Tap], covers: &[Cover]) -> Self {
        if drawing.averages() {
            return Self::areas(covers);
        }
        let interpolation = match drawing.interpolation {
            _ if drawing.is_bitmap() => Interpolation::Nearest,
            chosen => chosen,
        };
        let of = |t: &Tap| match interpolation {
            Interpolation::Nearest => (t.nearest, [1.0; 4]),
            Interpolation::Bilinear => (t.left, [1.0 - t.weight(), t.weight(), 0.0, 0.0]),
            Interpolation::Bicubic => (t.left - 1, catmull_rom(t.weight())),
        };
        let count = match interpolation {
            Interpolation::Nearest => 1,
            Interpolation::Bilinear => 2,
            Interpolation::Bicubic => 4,
        };
        let (first, weights): (_, Vec<[f64; 4]>) = taps.iter().map(of).unzip();
        Self {
            first,
            weights: weights
                .iter()
                .flat_map(|w| w.iter().take(count).copied())
                .collect(),
            count,
        }
    }

    fn areas(covers: &[Cover]) -> Self {
        let count = |c: &Cover| (c.end - c.first) as usize;
        let most = covers.iter().map(count).max().unwrap_or(1);
        let mut weights = Vec::with_capacity(covers.len() * most);
        for cover in covers {
            let whole: f64 = (cover.first..cover.end).map(|at| cover.weight(at)).sum();
            weights.extend((cover.first..cover.end).map(|at| cover.weight(at) / whole));
            weights.extend((count(cover)..most).map(|_| 0.0));
        }
        Self {
            first: covers.iter().map(|c| c.first as i32).collect(),
            weights,
            count: most,
        }
    }

    /// First pixel and weights of the `k`-th screen pixel.
    pub(super) fn of(&self, k: usize) -> (i32, &[f64]) {
        let weights = self.weights.get(k * self.count..).unwrap_or_default();
        (
            self.first.get(k).copied().unwrap_or(0),
            weights.get(..self.count).unwrap_or_default(),
        )
    }

    /// The first pixel of all.
    pub(super) fn lowest(&self) -> i32 {
        self.first.iter().copied().min().unwrap_or(0)
    }

    /// One past the last pixel of all.
    pub(super) fn highest(&self) -> i32 {
        let last = self.first.iter().copied().max().unwrap_or(0);
        last.saturating_add(i32::try_from(self.count).unwrap_or(i32::MAX))
    }

    /// How many screen pixels there are.
    pub(super) fn len(&self) -> usize {
        self.first.len()
    }

    /// Pixels of the image under each of them.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// As `sums`, of one of three interleaved channels.
    pub(super) fn sums_of_channel(
        &self,
        values: &[f64],
        lowest: i32,
        sums: &mut [f64],
        channel: usize,
    ) {
        // The compiler writes these out when it knows how many there are.
        match self.count {
            1 => self.sums_of_three(values, lowest, sums, channel, 1),
            2 => self.sums_of_three(values, lowest, sums, channel, 2),
            4 => self.sums_of_three(values, lowest, sums, channel, 4),
            count => self.sums_of_three(values, lowest, sums, channel, count),
        }
    }

    #[inline(always)]
    fn sums_of_three(
        &self,
        values: &[f64],
        lowest: i32,
        sums: &mut [f64],
        channel: usize,
        count: usize,
    ) {
        let pixels = values.as_chunks::<3>().0;
        let each = self.first.iter().zip(self.weights.chunks_exact(count));
        for (sum, (first, weights)) in sums.iter_mut().zip(each) {
            let at = (first - lowest) as usize;
            let under = pixels.get(at..at + count).unwrap_or_default();
            let values = under.iter().map(|p| p.get(channel).copied().unwrap_or(0.0));
            *sum = values.zip(weights).map(|(v, w)| v * w).sum();
        }
    }

    /// For each screen pixel the weighted sum of `values`, which begin at `lowest`.
    #[inline(always)]
    fn sums(&self, values: &[f64], lowest: i32, sums: &mut [f64]) {
        // The compiler writes these out when it knows how many there are.
        match self.count {
            1 => self.sums_of(values, lowest, sums, 1),
            2 => self.sums_of(values, lowest, sums, 2),
            4 => self.sums_of(values, lowest, sums, 4),
            count => self.sums_of(values, lowest, sums, count),
        }
    }

    #[inline(always)]
    fn sums_of(&self, values: &[f64], lowest: i32, sums: &mut [f64], count: usize) {
        let each = self.first.iter().zip(self.weights.chunks_exact(count));
        for (sum, (first, weights)) in sums.iter_mut().zip(each) {
            let at = (first - lowest) as usize;
            let under = values.get(at..at + count).unwrap_or_default();
            *sum = under.iter().zip(weights).map(|(v, w)| v * w).sum();
        }
    }
}

impl Room {
    fn new(lines: &Linewise<'_>) -> Self {
        let columns = (lines.to - lines.from).max(0) as usize;
        let across = lines.x.first.len();
        let padded = lines.padding.is_some();
        let only = |needed: bool, count: usize| if needed { count } else { 0 };
        Self {
            values: vec![0.0; columns],
            counts: vec![0.0; only(padded, columns)],
            line: vec![0.0; across],
            line_counts: vec![0.0; only(padded, across)],
            greys: vec![0; across],
            other: vec![0; only(lines.slack != [0.0; 2], across)],
        }
    }
}

/// Lets the first and the last of the `inner` values stand in for what lies before and behind them.
fn extend(values: &mut [f64], inner: Range<usize>) {
    let known = values.get(inner.clone()).unwrap_or_default();
    if let (Some(first), Some(last)) = (known.first().copied(), known.last().copied()) {
        values.iter_mut().take(inner.start).for_each(|v| *v = first);
        values.iter_mut().skip(inner.end).for_each(|v| *v = last);
    }
}
