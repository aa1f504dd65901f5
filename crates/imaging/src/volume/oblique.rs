//! Views at any angle: sixteen pixels at a time, each step of the work for all of them before the next, so that the compiler can widen it.
//! Pixels at the border of the volume are taken one by one from the definition.

use glam::DVec3;
use rayon::prelude::*;

use super::{
    axis::SliceAxis,
    bricks::Bricks,
    cells::{Cell, with_cells},
    sample::{Bounds, Walk, point, run},
    stack::Volume,
    view::SlabMode,
};
use crate::{display::ModalityLut, wide::widened};

/// Pixels that are worked on together.
pub(super) const LANES: usize = 16;

/// Samples in depth that are compared with a block's range at once.
const DEEP: usize = 4;

/// Rounds to a whole number when it is added and taken away again.
const WHOLE: f32 = 12_582_912.0;

/// Where the voxels before some points lie in memory, and the weights of the next ones.
struct Lanes {
    slice: [u32; LANES],
    offset: [u32; LANES],
    fx: [f32; LANES],
    fy: [f32; LANES],
    fz: [f32; LANES],
}

/// What the inner loops need of a volume.
pub(super) struct Source<'a> {
    volume: &'a Volume,
    planes: Vec<&'a [u8]>,
    columns: u32,
    row_bytes: usize,
    uneven: Option<&'a SliceAxis>,
    /// For each slice: slope, intercept, lowest and highest padding, 1 where it is there.
    turns: Vec<[f32; 5]>,
    masked: bool,
    /// Values that tables turn are taken one by one.
    tables: bool,
    bounds: Bounds,
}

struct Oblique<'a> {
    source: Source<'a>,
    walk: &'a Walk,
    bricks: Option<&'a Bricks>,
}

/// Fills `out`, which has the size of the walk.
pub(super) fn sample(volume: &Volume, walk: &Walk, out: &mut [f32]) {
    let bricks = match walk.mode {
        SlabMode::Mip | SlabMode::MinIp => volume.bricks(),
        SlabMode::Single | SlabMode::Mean => None,
    };
    let work = Oblique {
        source: Source::new(volume),
        walk,
        bricks,
    };
    with_cells!(volume.shape().sample, C => {
        if work.source.masked {
            work.fill::<C, true>(out);
        } else {
            work.fill::<C, false>(out);
        }
    });
}

impl<'a> Source<'a> {
    pub(super) fn new(volume: &'a Volume) -> Self {
        let geometry = volume.geometry();
        let shape = volume.shape();
        let axis = geometry.axis();
        Self {
            volume,
            planes: volume
                .slices
                .iter()
                .map(|s| s.frame.as_ref().map(|f| &*f.bytes).unwrap_or_default())
                .collect(),
            columns: shape.columns,
            row_bytes: shape.columns as usize * shape.sample.bytes(),
            uneven: axis.step().is_none().then_some(axis),
            turns: volume
                .slices
                .iter()
                .map(|s| {
                    let (slope, intercept) = volume.rescale_of(s);
                    let (low, high) = s.padding_f32();
                    let there = if s.frame.is_some() { 1.0 } else { 0.0 };
                    [slope, intercept, low, high, there]
                })
                .collect(),
            masked: !volume.is_plain(),
            tables: volume
                .slices
                .iter()
                .any(|s| matches!(*s.lut, ModalityLut::Table(_))),
            bounds: Bounds::new(volume),
        }
    }

    /// Points `start + lane · step`, all of them in the interior; lanes from `count` on repeat the last one.
    #[inline(always)]
    fn lanes<C: Cell>(&self, start: DVec3, step: DVec3, count: usize) -> Lanes {
        let last = (count - 1) as f32;
        let (i, fx) = axis(start.x, step.x, last);
        let (j, fy) = axis(start.y, step.y, last);
        let (slice, fz) = match self.uneven {
            None => axis(start.z, step.z, last),
            Some(slices) => {
                let mut at = ([0; LANES], [0.0; LANES]);
                for (l, (k, f)) in at.0.iter_mut().zip(&mut at.1).enumerate() {
                    let z = slices.index(start.z + step.z * (l as f64).min(f64::from(last)));
                    *k = z as u32;
                    *f = (z - f64::from(*k)) as f32;
                }
                at
            }
        };
        let mut offset = [0; LANES];
        for l in 0..LANES {
            offset[l] =
                (j[l].wrapping_mul(self.columns).wrapping_add(i[l])).wrapping_mul(C::SIZE as u32);
        }
        Lanes {
            slice,
            offset,
            fx,
            fy,
            fz,
        }
    }

    /// Trilinear values at points of the interior.
    #[inline(always)]
    fn values<C: Cell, const MASKED: bool>(&self, at: &Lanes) -> [f32; LANES] {
        let mut pairs = [[C::Pair::default(); LANES]; 4];
        let window = self.row_bytes + 2 * C::SIZE;
        let [p00, p01, p10, p11] = &mut pairs;
        for l in 0..LANES {
            let (k, offset) = (at.slice[l] as usize, at.offset[l] as usize);
            if let Some([a, b]) = self.planes.get(k..k + 2) {
                let a = a.get(offset..offset + window).unwrap_or_default();
                let b = b.get(offset..offset + window).unwrap_or_default();
                (p00[l], p01[l]) = C::ends(a);
                (p10[l], p11[l]) = C::ends(b);
            }
        }
        let mut out = [0.0; LANES];
        if MASKED {
            for l in 0..LANES {
                out[l] = self.weighed::<C>(at, l, [p00[l], p01[l], p10[l], p11[l]]);
            }
            return out;
        }
        for l in 0..LANES {
            let (fx, fy, fz) = (at.fx[l], at.fy[l], at.fz[l]);
            let (a, b) = C::split(p00[l]);
            let (c, d) = C::split(p01[l]);
            let (e, f) = C::split(p10[l]);
            let (g, h) = C::split(p11[l]);
            let (ab, cd) = (a + (b - a) * fx, c + (d - c) * fx);
            let (ef, gh) = (e + (f - e) * fx, g + (h - g) * fx);
            let (near, far) = (ab + (cd - ab) * fy, ef + (gh - ef) * fy);
            out[l] = near + (far - near) * fz;
        }
        out
    }

    /// One value where padding, missing slices and rescales of their own have to be minded.
    #[inline(always)]
    fn weighed<C: Cell>(&self, at: &Lanes, l: usize, pairs: [C::Pair; 4]) -> f32 {
        let k = at.slice[l] as usize;
        let Some([near, far]) = self.turns.get(k..k + 2) else {
            return f32::NAN;
        };
        let (fx, fy, fz) = (at.fx[l], at.fy[l], at.fz[l]);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (n, pair) in pairs.into_iter().enumerate() {
            let [slope, intercept, low, high, there] = if n < 2 { *near } else { *far };
            let wz = if n < 2 { 1.0 - fz } else { fz };
            let wy = if n % 2 == 0 { 1.0 - fy } else { fy };
            let (a, b) = C::split(pair);
            for (v, wx) in [(a, 1.0 - fx), (b, fx)] {
                let is_image = v.is_finite() && !(v >= low && v <= high);
                let weight = if is_image { wx * wy * wz * there } else { 0.0 };
                let value = if is_image { v * slope + intercept } else { 0.0 };
                sum += weight * value;
                weights += weight;
            }
        }
        if weights > 1e-6 {
            sum / weights
        } else {
            f32::NAN
        }
    }
}

/// Voxel before each point along one axis, and the weight of the next.
#[inline(always)]
fn axis(start: f64, step: f64, last: f32) -> ([u32; LANES], [f32; LANES]) {
    // Whole part apart: what is left is small, and single precision enough for it.
    let bias = if step < 0.0 {
        (-step * LANES as f64) as i32 + 1
    } else {
        0
    };
    let whole = start as i32;
    let fraction = (start - f64::from(whole)) as f32 + bias as f32;
    let (whole, step) = (whole - bias, step as f32);
    let mut at = [0; LANES];
    let mut weight = [0.0; LANES];
    for l in 0..LANES {
        let lane = if (l as f32) < last { l as f32 } else { last };
        let t = fraction + step * lane;
        // A point that is on a voxel may count as the end of the cell before it: the same value.
        let rounded = (t - 0.5) + WHOLE;
        weight[l] = t - (rounded - WHOLE);
        at[l] = (rounded.to_bits() as i32)
            .wrapping_sub(WHOLE.to_bits() as i32)
            .wrapping_add(whole) as u32;
    }
    (at, weight)
}

impl Oblique<'_> {
    fn fill<C: Cell, const MASKED: bool>(&self, out: &mut [f32]) {
        let walk = self.walk;
        out.par_chunks_exact_mut(walk.size[0])
            .enumerate()
            .with_min_len(4)
            .for_each_init(
                || vec![[0; 4]; walk.samples],
                |runs, (v, row)| {
                    let start = walk.start + walk.down * v as f64;
                    if self.source.tables {
                        self.one_by_one::<C>(start, row);
                    } else {
                        widened(
                            #[inline(always)]
                            || self.row::<C, MASKED>(start, row, runs),
                        );
                    }
                },
            );
    }

    /// `runs` has for each sample the pixels inside and in the interior.
    #[inline(always)]
    fn row<C: Cell, const MASKED: bool>(
        &self,
        start: DVec3,
        row: &mut [f32],
        runs: &mut [[usize; 4]],
    ) {
        let (walk, bounds) = (self.walk, &self.source.bounds);
        for (m, of) in runs.iter_mut().enumerate() {
            let start = start + walk.through * m as f64;
            let inside = run(start, walk.right, &bounds.inside, row.len());
            let interior = run(start, walk.right, &bounds.interior, row.len());
            *of = [inside[0], inside[1], interior[0], interior[1]];
        }
        let some = || runs.iter().filter(|r| r[0] < r[1]);
        let from = some().map(|r| r[0]).min().unwrap_or(0);
        let end = some().map(|r| r[1]).max().unwrap_or(0);
        row.fill(f32::NAN);
        let mut u = from;
        while u < end {
            let count = (end - u).min(LANES);
            let values = match walk.mode {
                SlabMode::Single => {
                    let mut values = [f32::NAN; LANES];
                    if let Some(runs) = runs.first() {
                        values = self.block::<C, MASKED>(start, u, count, runs);
                    }
                    values
                }
                SlabMode::Mip => self.slab::<C, MASKED, false>(start, u, count, runs),
                SlabMode::MinIp => self.slab::<C, MASKED, true>(start, u, count, runs),
                SlabMode::Mean => self.mean::<C, MASKED>(start, u, count, runs),
            };
            let to = row.get_mut(u..u + count).unwrap_or_default();
            to.iter_mut().zip(values).for_each(|(to, v)| *to = v);
            u += count;
        }
    }

    /// One sample of pixels `u` and on; NaN outside.
    #[inline(always)]
    fn block<C: Cell, const MASKED: bool>(
        &self,
        start: DVec3,
        u: usize,
        count: usize,
        runs: &[usize; 4],
    ) -> [f32; LANES] {
        let first = start + self.walk.right * u as f64;
        if u >= runs[2] && u + count <= runs[3] {
            let lanes = self.source.lanes::<C>(first, self.walk.right, count);
            return self.source.values::<C, MASKED>(&lanes);
        }
        self.border::<C>(first, u, count, runs)
    }

    #[cold]
    fn border<C: Cell>(
        &self,
        first: DVec3,
        u: usize,
        count: usize,
        runs: &[usize; 4],
    ) -> [f32; LANES] {
        let mut out = [f32::NAN; LANES];
        for (l, out) in out.iter_mut().enumerate().take(count) {
            if u + l >= runs[0] && u + l < runs[1] {
                *out = point::<C>(self.source.volume, first + self.walk.right * l as f64);
            }
        }
        out
    }

    /// Greatest values, or least ones, of many samples.
    #[inline(always)]
    fn slab<C: Cell, const MASKED: bool, const LEAST: bool>(
        &self,
        start: DVec3,
        u: usize,
        count: usize,
        runs: &[[usize; 4]],
    ) -> [f32; LANES] {
        let none = if LEAST {
            f32::INFINITY
        } else {
            f32::NEG_INFINITY
        };
        let mut best = [none; LANES];
        for (group, runs) in runs.chunks(DEEP).enumerate() {
            let m = group * DEEP;
            if m > 0 && self.cannot_matter::<LEAST>(start, u, count, [m, m + runs.len() - 1], &best)
            {
                continue;
            }
            for (m, runs) in (m..).zip(runs) {
                let start = start + self.walk.through * m as f64;
                let values = self.block::<C, MASKED>(start, u, count, runs);
                for l in 0..LANES {
                    let (v, b) = (values[l], best[l]);
                    // NaN is neither more nor less.
                    best[l] = if LEAST {
                        if v < b { v } else { b }
                    } else if v > b {
                        v
                    } else {
                        b
                    };
                }
            }
        }
        best.map(|v| if v == none { f32::NAN } else { v })
    }

    /// No voxel near samples `m[0]` to `m[1]` is beyond what every pixel has already.
    #[inline(always)]
    fn cannot_matter<const LEAST: bool>(
        &self,
        start: DVec3,
        u: usize,
        count: usize,
        m: [usize; 2],
        best: &[f32; LANES],
    ) -> bool {
        let Some(bricks) = self.bricks else {
            return false;
        };
        let worst = best
            .iter()
            .take(count)
            .fold(best[0], |a, b| if LEAST { a.max(*b) } else { a.min(*b) });
        if worst.is_infinite() {
            return false;
        }
        let first = start + self.walk.right * u as f64 + self.walk.through * m[0] as f64;
        let across = self.walk.right * (count - 1) as f64;
        let deep = self.walk.through * (m[1] - m[0]) as f64;
        let low = first + across.min(DVec3::ZERO) + deep.min(DVec3::ZERO);
        let high = first + across.max(DVec3::ZERO) + deep.max(DVec3::ZERO);
        let slice = |z: f64| self.source.uneven.map_or(z, |axis| axis.index(z));
        // Half a voxel outside the border's values stand in; the blocks at the border hold them.
        let low = [low.x as i32, low.y as i32, slice(low.z) as i32];
        let high = [high.x as i32, high.y as i32, slice(high.z) as i32];
        let range = bricks.range(low, high);
        if LEAST {
            range[0] >= worst
        } else {
            range[1] <= worst
        }
    }

    #[inline(always)]
    fn mean<C: Cell, const MASKED: bool>(
        &self,
        start: DVec3,
        u: usize,
        count: usize,
        runs: &[[usize; 4]],
    ) -> [f32; LANES] {
        let mut sum = [0.0; LANES];
        let mut many = [0.0; LANES];
        for (m, runs) in runs.iter().enumerate() {
            let start = start + self.walk.through * m as f64;
            let values = self.block::<C, MASKED>(start, u, count, runs);
            for l in 0..LANES {
                let there = !values[l].is_nan();
                sum[l] += if there { values[l] } else { 0.0 };
                many[l] += if there { 1.0 } else { 0.0 };
            }
        }
        std::array::from_fn(|l| {
            if many[l] > 0.0 {
                sum[l] / many[l]
            } else {
                f32::NAN
            }
        })
    }

    /// From the definition.
    fn one_by_one<C: Cell>(&self, start: DVec3, row: &mut [f32]) {
        let walk = self.walk;
        for (u, out) in row.iter_mut().enumerate() {
            let first = start + walk.right * u as f64;
            let values = (0..walk.samples)
                .map(|m| point::<C>(self.source.volume, first + walk.through * m as f64))
                .filter(|v| !v.is_nan());
            *out = match walk.mode {
                SlabMode::Single | SlabMode::Mip => values.fold(f32::NAN, f32::max),
                SlabMode::MinIp => values.fold(f32::NAN, f32::min),
                SlabMode::Mean => {
                    let (n, sum) = values.fold((0.0, 0.0), |(n, s), v| (n + 1.0, s + v));
                    sum / n
                }
            };
        }
    }
}
