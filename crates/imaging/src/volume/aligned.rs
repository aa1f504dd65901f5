//! Views along the axes of the acquisition: lines of voxels are resampled once each and added up by rows, as every pixel's weights are those
//! of its column times those of its row times those of its depth.

use std::ops::Range;

use rayon::prelude::*;

use super::{
    cells::{Cell, with_cells},
    sample::Walk,
    stack::{Loaded, Volume},
    view::SlabMode,
};
use crate::{
    display::{FRACTION_ONE, Lut, ModalityLut},
    wide::widened,
};
use glam::DVec3;

/// Farther off an axis than this, in voxels over the whole picture, is not along it.
const STRAIGHT: f64 = 1e-4;

/// Where the pixels of the screen lie along one axis of the volume.
struct Taps {
    /// Pixels inside the volume.
    inside: Range<usize>,
    /// Voxel before each of them, and the weight of the next one.
    left: Vec<u32>,
    weight: Vec<f32>,
}

struct Aligned<'a> {
    volume: &'a Volume,
    /// Axes of the volume that run to the right, down and through.
    axes: [usize; 3],
    across: Taps,
    down: Taps,
    /// Voxels along the first axis that are needed.
    span: Range<usize>,
    /// First voxel in depth and how many lines are kept of it; one when they are added up.
    depth: usize,
    depths: usize,
    how: How,
    masked: bool,
}

enum How {
    /// One value: lines in depth with their weights.
    Blend(Vec<(usize, f32)>),
    /// Many values: (line before, weight of the next one) of each sample.
    Samples(SlabMode, Vec<(usize, f32)>),
}

/// Lines of one row of voxels, resampled to the pixels inside.
#[derive(Clone)]
struct Block {
    at: Option<usize>,
    values: Vec<f32>,
    counts: Vec<f32>,
}

/// Room of one thread.
struct Room {
    blocks: [Block; 2],
    line: Vec<f32>,
    line_counts: Vec<f32>,
    sum: Vec<f32>,
    sum_counts: Vec<f32>,
    /// Values and counts of the depth before and of this one.
    rows: [Vec<f32>; 4],
    many: Vec<f32>,
}

/// Fills `out` when the view lies along the axes; else nothing is done and the answer is `false`.
pub(super) fn sample(volume: &Volume, walk: &Walk, out: &mut [f32]) -> bool {
    let Some(plan) = Aligned::new(volume, walk) else {
        return false;
    };
    with_cells!(volume.shape().sample, C => plan.fill::<C>(walk.size, out));
    true
}

/// The only axis along which `step` moves over `count` steps.
fn axis_of(step: DVec3, count: usize) -> Option<usize> {
    let moved = step.abs() * count as f64;
    let along = (0..3).max_by(|a, b| moved[*a].total_cmp(&moved[*b]))?;
    let others = (0..3).filter(|a| *a != along).all(|a| moved[a] < STRAIGHT);
    others.then_some(along)
}

/// Whole steps of the weights of pictures, so that a hair's width from a voxel is on it.
fn snapped(x: f64) -> f64 {
    let one = f64::from(FRACTION_ONE);
    (x * one).round() / one
}

fn tap(x: f64, n: usize) -> Option<(u32, f32)> {
    let x = snapped(x);
    let last = n as f64 - 1.0;
    if !(x >= -0.5 && x <= last + 0.5) {
        return None;
    }
    let x = x.clamp(0.0, last);
    Some((x as u32, (x - f64::from(x as u32)) as f32))
}

impl Taps {
    fn new(count: usize, n: usize, position: impl Fn(usize) -> f64) -> Self {
        let taps: Vec<_> = (0..count).map(|u| tap(position(u), n)).collect();
        let start = taps.iter().position(Option::is_some).unwrap_or(0);
        let end = taps
            .iter()
            .rposition(Option::is_some)
            .map_or(start, |k| k + 1);
        let within = taps.get(start..end).unwrap_or_default();
        let (left, weight) = within.iter().map(|t| t.unwrap_or_default()).unzip();
        Self {
            inside: start..end,
            left,
            weight,
        }
    }
}

impl<'a> Aligned<'a> {
    fn new(volume: &'a Volume, walk: &Walk) -> Option<Self> {
        let [width, height] = walk.size;
        let p = axis_of(walk.right, width)?;
        let q = axis_of(walk.down, height)?;
        let r = (0..3).find(|a| *a != p && *a != q).filter(|_| p != q)?;
        if walk.samples > 1 && axis_of(walk.through, walk.samples)? != r {
            return None;
        }
        let geometry = volume.geometry();
        let n = geometry.size().map(|n| n as usize);
        let position = |axis: usize, x: f64| if axis == 2 { geometry.slice_of(x) } else { x };
        let across = Taps::new(width, n[p], |u| {
            position(p, walk.start[p] + walk.right[p] * u as f64)
        });
        let down = Taps::new(height, n[q], |v| {
            position(q, walk.start[q] + walk.down[q] * v as f64)
        });
        let mut samples: Vec<(usize, f32)> = (0..walk.samples)
            .filter_map(|m| {
                tap(
                    position(r, walk.start[r] + walk.through[r] * m as f64),
                    n[r],
                )
            })
            .map(|(k, f)| (k as usize, f))
            .collect();
        if walk.through[r] < 0.0 {
            samples.reverse();
        }
        let masked = !volume.is_plain();
        let how = match walk.mode {
            SlabMode::Single => How::Blend(blend(&samples)),
            SlabMode::Mean if !masked => How::Blend(blend(&samples)),
            SlabMode::Mean => How::Samples(SlabMode::Mean, samples),
            mode => How::Samples(mode, if masked { samples } else { outermost(&samples) }),
        };
        let (first, last) = match &how {
            How::Blend(_) => (0, 0),
            How::Samples(_, s) => (
                s.first().map_or(0, |s| s.0),
                s.last()
                    .map_or(0, |s| (s.0 + usize::from(s.1 > 0.0)).min(n[r] - 1)),
            ),
        };
        let low = across.left.iter().min().copied().unwrap_or(0) as usize;
        let high = across.left.iter().max().copied().unwrap_or(0) as usize;
        Some(Self {
            volume,
            axes: [p, q, r],
            span: low..(high + 2).min(n[p]),
            across,
            down,
            depth: first,
            depths: last - first + 1,
            how,
            masked,
        })
    }

    fn is_empty(&self) -> bool {
        let none = match &self.how {
            How::Blend(lines) => lines.is_empty(),
            How::Samples(_, samples) => samples.is_empty(),
        };
        none || self.across.inside.is_empty() || self.down.inside.is_empty()
    }

    fn fill<C: Cell>(&self, [width, height]: [usize; 2], out: &mut [f32]) {
        if self.is_empty() {
            out.fill(f32::NAN);
            return;
        }
        // Few enough rows that all threads have work, many enough that lines are used again.
        let rows = (height / (4 * rayon::current_num_threads())).clamp(16, 256);
        out.par_chunks_mut(width * rows)
            .enumerate()
            .for_each(|(chunk, out)| {
                let mut room = Room::new(self);
                for (v, row) in out.chunks_exact_mut(width).enumerate() {
                    widened(
                        #[inline(always)]
                        || self.row::<C>(chunk * rows + v, row, &mut room),
                    );
                }
            });
    }

    #[inline(always)]
    fn row<C: Cell>(&self, v: usize, row: &mut [f32], room: &mut Room) {
        let tap = v
            .checked_sub(self.down.inside.start)
            .and_then(|k| Some((*self.down.left.get(k)?, *self.down.weight.get(k)?)));
        let Some((left, weight)) = tap else {
            row.fill(f32::NAN);
            return;
        };
        let left = left as usize;
        // The two blocks change places as the picture goes on.
        if room.blocks[0].at != Some(left) {
            room.blocks.swap(0, 1);
        }
        self.block::<C>(left, 0, room);
        if weight > 0.0 {
            self.block::<C>(left + 1, 1, room);
        }
        let (before, inside) = row.split_at_mut(self.across.inside.start);
        let (inside, after) = inside.split_at_mut(self.across.inside.len());
        before.fill(f32::NAN);
        after.fill(f32::NAN);
        match &self.how {
            How::Blend(_) => self.blended(weight, inside, room),
            How::Samples(mode, samples) if self.masked => {
                self.masked_slab(*mode, samples, weight, inside, room);
            }
            How::Samples(mode, samples) => self.slab(*mode, samples, weight, inside, room),
        }
    }

    #[inline(always)]
    fn blended(&self, weight: f32, out: &mut [f32], room: &Room) {
        let [a, b] = &room.blocks;
        between(&a.values, &b.values, weight, out);
        if self.masked {
            for (k, value) in out.iter_mut().enumerate() {
                let count = |block: &Block| block.counts.get(k).copied().unwrap_or(0.0);
                let mut n = count(a);
                if weight > 0.0 {
                    n += (count(b) - n) * weight;
                }
                *value = if n > 1e-6 { *value / n } else { f32::NAN };
            }
        }
    }

    /// Greatest or least of many samples; nothing is padding.
    #[inline(always)]
    fn slab(
        &self,
        mode: SlabMode,
        samples: &[(usize, f32)],
        weight: f32,
        out: &mut [f32],
        room: &mut Room,
    ) {
        let width = out.len();
        let [a, b] = &room.blocks;
        let [before, _, this, _] = &mut room.rows;
        out.fill(if mode == SlabMode::MinIp {
            f32::INFINITY
        } else {
            f32::NEG_INFINITY
        });
        let mut next = samples.iter().peekable();
        for depth in 0..self.depths {
            std::mem::swap(before, this);
            let range = depth * width..(depth + 1) * width;
            let lines = [a, b].map(|block| block.values.get(range.clone()).unwrap_or_default());
            between(lines[0], lines[1], weight, this);
            // Samples between the line before and this one, or on this one.
            while let Some((k, f)) = next.peek().copied().copied() {
                let k = k - self.depth;
                if k == depth && f == 0.0 {
                    extreme(mode, out, this.iter().copied());
                } else if k + 1 == depth {
                    let values = before.iter().zip(this.iter()).map(|(a, b)| a + (b - a) * f);
                    extreme(mode, out, values);
                } else {
                    break;
                }
                next.next();
            }
        }
    }

    fn masked_slab(
        &self,
        mode: SlabMode,
        samples: &[(usize, f32)],
        weight: f32,
        out: &mut [f32],
        room: &mut Room,
    ) {
        let width = out.len();
        let [a, b] = &room.blocks;
        let [before, before_n, this, this_n] = &mut room.rows;
        room.many.fill(0.0);
        out.fill(match mode {
            SlabMode::MinIp => f32::INFINITY,
            SlabMode::Mip => f32::NEG_INFINITY,
            SlabMode::Mean | SlabMode::Single => 0.0,
        });
        let mut next = samples.iter().peekable();
        for depth in 0..self.depths {
            std::mem::swap(before, this);
            std::mem::swap(before_n, this_n);
            let range = depth * width..(depth + 1) * width;
            let [va, vb, na, nb] = [&a.values, &b.values, &a.counts, &b.counts]
                .map(|all| all.get(range.clone()).unwrap_or_default());
            between(va, vb, weight, this);
            between(na, nb, weight, this_n);
            while let Some((k, f)) = next.peek().copied().copied() {
                let k = k - self.depth;
                if !(k == depth && f == 0.0 || k + 1 == depth) {
                    break;
                }
                let f = if k == depth { 1.0 } else { f };
                let values = before.iter().zip(this.iter());
                let counts = before_n.iter().zip(this_n.iter());
                for (((out, many), (v0, v1)), (n0, n1)) in
                    out.iter_mut().zip(&mut room.many).zip(values).zip(counts)
                {
                    let n = n0 * (1.0 - f) + n1 * f;
                    if n <= 1e-6 {
                        continue;
                    }
                    let value = (v0 * (1.0 - f) + v1 * f) / n;
                    *many += 1.0;
                    match mode {
                        SlabMode::Mip => *out = out.max(value),
                        SlabMode::MinIp => *out = out.min(value),
                        SlabMode::Mean | SlabMode::Single => *out += value,
                    }
                }
                next.next();
            }
        }
        for (out, many) in out.iter_mut().zip(&room.many) {
            if *many == 0.0 {
                *out = f32::NAN;
            } else if matches!(mode, SlabMode::Mean | SlabMode::Single) {
                *out /= many;
            }
        }
    }

    /// Makes block `which` that of row `at` of voxels, unless it is.
    #[inline(always)]
    fn block<C: Cell>(&self, at: usize, which: usize, room: &mut Room) {
        if room.blocks[which].at == Some(at) {
            return;
        }
        room.blocks[which].at = Some(at);
        let width = self.across.inside.len();
        let n = self.span.len();
        for depth in 0..self.depths {
            match &self.how {
                How::Blend(lines) => {
                    room.sum.fill(0.0);
                    room.sum_counts.fill(0.0);
                    if let [(line, weight)] = lines.as_slice()
                        && *weight == 1.0
                    {
                        self.line::<C>(at, *line, &mut room.sum[..n], &mut room.sum_counts);
                    } else {
                        for (line, weight) in lines {
                            self.line::<C>(at, *line, &mut room.line[..n], &mut room.line_counts);
                            let sums = room.sum.iter_mut().zip(&room.line);
                            sums.for_each(|(s, v)| *s += v * weight);
                            let sums = room.sum_counts.iter_mut().zip(&room.line_counts);
                            sums.for_each(|(s, v)| *s += v * weight);
                        }
                    }
                }
                How::Samples(..) => {
                    self.line::<C>(
                        at,
                        self.depth + depth,
                        &mut room.sum[..n],
                        &mut room.sum_counts,
                    );
                }
            }
            let block = &mut room.blocks[which];
            let range = depth * width..(depth + 1) * width;
            self.across(&mut room.sum, n, block.values.get_mut(range.clone()));
            if self.masked {
                self.across(&mut room.sum_counts, n, block.counts.get_mut(range));
            }
        }
    }

    /// Resamples a line of `n` voxels to the pixels inside. `line` has room for one more.
    #[inline(always)]
    fn across(&self, line: &mut [f32], n: usize, out: Option<&mut [f32]>) {
        // The voxel after the last one weighs nothing, but is looked at.
        if let [.., last, more] = &mut line[..=n] {
            *more = *last;
        }
        let start = self.span.start as u32;
        let taps = self.across.left.iter().zip(&self.across.weight);
        for (out, (left, weight)) in out.unwrap_or_default().iter_mut().zip(taps) {
            let at = (left - start) as usize;
            if let Some([a, b]) = line.get(at..at + 2) {
                *out = a + (b - a) * weight;
            }
        }
    }

    /// Voxels along the first axis: row `q` of the second, depth `r` of the third. `counts` is empty when nothing can be padding.
    #[inline(always)]
    fn line<C: Cell>(&self, q: usize, r: usize, out: &mut [f32], counts: &mut [f32]) {
        let nx = self.volume.geometry().size()[0] as usize;
        let mut at = [0; 3];
        at[self.axes[0]] = self.span.start;
        at[self.axes[1]] = q;
        at[self.axes[2]] = r;
        let [i, j, k] = at;
        let slice = |k: usize| self.volume.slices.get(k);
        if self.axes[0] == 2 {
            for (d, out) in out.iter_mut().enumerate() {
                let Some(slice) = slice(k + d) else { continue };
                let bytes = slice.frame.as_ref().map(|f| &*f.bytes).unwrap_or_default();
                let value = C::at(bytes, j * nx + i);
                let count = counts.get_mut(d..=d).unwrap_or_default();
                self.turn(
                    slice,
                    std::iter::once(value),
                    std::slice::from_mut(out),
                    count,
                );
            }
            return;
        }
        let Some(slice) = slice(k) else { return };
        let bytes = slice.frame.as_ref().map(|f| &*f.bytes).unwrap_or_default();
        let start = (j * nx + i) * C::SIZE;
        if self.axes[0] == 0 {
            let row = bytes.get(start..start + out.len() * C::SIZE);
            self.turn(slice, C::all(row.unwrap_or_default()), out, counts);
        } else {
            // Stepping over an adapted iterator would read all that lies between.
            let column = (0..out.len()).map(|d| C::at(bytes, (j + d) * nx + i));
            self.turn(slice, column, out, counts);
        }
        if bytes.is_empty() {
            out.fill(0.0);
            counts.fill(0.0);
        }
    }

    /// From stored values to those that are interpolated.
    #[inline(always)]
    fn turn(
        &self,
        slice: &Loaded,
        stored: impl Iterator<Item = f32>,
        out: &mut [f32],
        counts: &mut [f32],
    ) {
        if !self.masked {
            out.iter_mut().zip(stored).for_each(|(o, s)| *o = s);
            return;
        }
        let (low, high) = slice.padding_f32();
        let table: Option<&Lut> = match &*slice.lut {
            ModalityLut::Table(lut) => Some(lut),
            ModalityLut::Identity | ModalityLut::Rescale { .. } => None,
        };
        let (slope, intercept) = self.volume.rescale_of(slice);
        let there = slice.frame.is_some();
        for ((out, count), stored) in out.iter_mut().zip(counts).zip(stored) {
            let is_image = there && stored.is_finite() && !(stored >= low && stored <= high);
            let value = table.map_or(stored * slope + intercept, |t| {
                f32::from(t.at(f64::from(stored)))
            });
            *out = if is_image { value } else { 0.0 };
            *count = if is_image { 1.0 } else { 0.0 };
        }
    }
}

impl Room {
    fn new(plan: &Aligned<'_>) -> Self {
        let width = plan.across.inside.len();
        let counted = |n: usize| vec![0.0; if plan.masked { n } else { 0 }];
        let block = Block {
            at: None,
            values: vec![0.0; width * plan.depths],
            counts: counted(width * plan.depths),
        };
        let n = plan.span.len() + 1;
        Self {
            blocks: [block.clone(), block],
            line: vec![0.0; n],
            line_counts: counted(n),
            sum: vec![0.0; n],
            sum_counts: counted(n),
            rows: std::array::from_fn(|_| vec![0.0; width]),
            many: counted(width),
        }
    }
}

/// `a + (b − a) · weight`; with no weight exactly `a`, whatever `b` is.
#[inline(always)]
fn between(a: &[f32], b: &[f32], weight: f32, out: &mut [f32]) {
    if weight == 0.0 {
        out.iter_mut().zip(a).for_each(|(o, a)| *o = *a);
        return;
    }
    for (out, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *out = a + (b - a) * weight;
    }
}

#[inline(always)]
fn extreme(mode: SlabMode, out: &mut [f32], values: impl Iterator<Item = f32>) {
    if mode == SlabMode::MinIp {
        out.iter_mut()
            .zip(values)
            .for_each(|(o, v)| *o = if v < *o { v } else { *o });
    } else {
        out.iter_mut()
            .zip(values)
            .for_each(|(o, v)| *o = if v > *o { v } else { *o });
    }
}

/// Weights of lines that make the mean of `samples`.
fn blend(samples: &[(usize, f32)]) -> Vec<(usize, f32)> {
    let mut lines: Vec<(usize, f32)> = Vec::new();
    let mut add = |line: usize, weight: f32| match lines.iter_mut().find(|(l, _)| *l == line) {
        _ if weight == 0.0 => {}
        Some((_, w)) => *w += weight,
        None => lines.push((line, weight)),
    };
    for (line, f) in samples {
        add(*line, 1.0 - f);
        add(*line + 1, *f);
    }
    let n = samples.len() as f32;
    lines.iter_mut().for_each(|(_, w)| *w /= n);
    lines
}

/// Between two lines values lie on a straight line: only the outermost samples can be the greatest or least.
fn outermost(samples: &[(usize, f32)]) -> Vec<(usize, f32)> {
    let same =
        |a: Option<&(usize, f32)>, b: &(usize, f32)| a.is_some_and(|a| a.0 == b.0 && a.1 > 0.0);
    (0..samples.len())
        .filter_map(|m| {
            let this = samples.get(m)?;
            let before = m.checked_sub(1).and_then(|m| samples.get(m));
            let inner =
                same(before, this) && samples.get(m + 1).is_some_and(|next| next.0 == this.0);
            (!inner).then_some(*this)
        })
        .collect()
}
