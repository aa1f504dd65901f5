//! Two rays at a time through one block of voxels, four samples of each, as wide as the processor can.

use std::hint::black_box;

use fearless_simd::{f32x4, f32x8, i32x8, prelude::*};
use glam::{DVec3, Vec3};

use super::{
    cast::{Caster, ENOUGH},
    field::{Block, EDGE, Field},
    transfer::{ENTRIES, Table},
};
use crate::{geometry::PatientMm, volume::bricks::SIDE};

/// Samples of a ray that are taken together.
const ALONG: usize = 4;

/// And those of both rays.
const LANES: usize = 2 * ALONG;

/// Numbers of a row and of a layer of voxels of a block.
const ROW: usize = 4 * EDGE;
const LAYER: usize = EDGE * ROW;

/// From the first number of a cell to behind its last one.
const CELL: usize = LAYER + ROW + 8;

/// Beyond every volume.
const FAR: f32 = 1e9;

/// The index of a clear entry.
const CLEAR: f32 = ENTRIES as f32;

/// A transfer function and the light, laid out for four samples.
pub(super) struct Shades {
    /// Red, green, blue, each times opacity, and opacity; clear behind the last one.
    entries: Box<[[f32; 4]; 2 * ENTRIES]>,
    ambient: f32,
    diffuse: f32,
    specular: f32,
    /// The whole part of the exponent of the shine, and what is left of it.
    shininess: (u32, f32),
    scale: f32,
    offset: f32,
    /// From a step through the field to its direction along rows, columns and normal.
    along: [f32; 3],
    leaning: [f32; 2],
}

/// A ray on its way through the blocks, front to back.
#[derive(Clone)]
pub(super) struct Going {
    /// Of the first sample, and from there to the next, voxels of the field; the fourth is 0.
    start: [f32; 4],
    step: [f32; 4],
    inverse: [f32; 4],
    /// Samples; 0 once nothing more can be seen.
    count: f32,
    /// Light that still comes through from behind.
    clear: f32,
    /// Red, green and blue, each in parts that are to be added up.
    light: [[f32; ALONG]; 3],
    /// Steps from where depths are measured to the first sample.
    first: f32,
    /// Sample that stops more than half of the light.
    half: Option<f32>,
}

/// Which samples are those of a block, and where it lies.
pub(super) struct Limits {
    low: [f32; 4],
    high: [f32; 4],
    origin: [f32; 3],
    /// Cells along each axis.
    cells: [f32; 3],
}

impl Shades {
    pub(super) fn new(caster: &Caster<'_>, field: &Field<'_>) -> Self {
        let Table {
            entries,
            scale,
            offset,
            ..
        } = &caster.table;
        let transfer = &caster.scene.transfer;
        let mut shades = Self {
            entries: Box::new([[0.0; 4]; 2 * ENTRIES]),
            ambient: transfer.ambient as f32,
            diffuse: transfer.diffuse as f32,
            specular: transfer.specular as f32,
            shininess: {
                let exponent = transfer.shininess.clamp(0.0, 1e6);
                (exponent as u32, exponent.fract() as f32)
            },
            scale: *scale,
            offset: *offset,
            along: [0.0; 3],
            leaning: [0.0; 2],
        };
        for (to, [r, g, b, a]) in shades.entries.iter_mut().zip(entries) {
            *to = [r * a, g * a, b * a, *a];
        }
        let geometry = caster.scene.volume.geometry();
        let spacing = DVec3::from_array(geometry.spacing_mm());
        let mm = spacing * field.parts / caster.step_mm;
        shades.along = mm.as_vec3().to_array();
        shades.leaning = geometry.lean().map(|l| (l * mm.z) as f32);
        shades
    }

    /// Shine by the cosine between light and surface.
    #[inline(always)]
    fn shine<S: Simd>(&self, all: Wide<S>, cosine: f32x8<S>) -> f32x8<S> {
        let (mut whole, rest) = self.shininess;
        let mut shine = cosine.mul_add(all.one(rest), all.one(1.0 - rest)) * all.one(self.specular);
        let mut power = cosine;
        while whole > 0 {
            if whole & 1 == 1 {
                shine *= power;
            }
            power = power * power;
            whole >>= 1;
        }
        shine
    }

    /// Direction of the light for a step of a ray.
    #[inline(always)]
    fn lamp(&self, step: &[f32; 4]) -> [f32; 3] {
        [
            step[0] * self.along[0] + step[2] * self.leaning[0],
            step[1] * self.along[1] + step[2] * self.leaning[1],
            step[2] * self.along[2],
        ]
    }
}

impl Limits {
    /// The outermost blocks have what lies beyond them.
    pub(super) fn new(field: &Field<'_>, block: [u16; 3]) -> Self {
        let mut limits = Self {
            low: [0.0; 4],
            high: [FAR; 4],
            origin: [0.0; 3],
            cells: [0.0; 3],
        };
        for (a, b) in block.into_iter().map(usize::from).enumerate() {
            let (from, to) = (b * SIDE, (b + 1) * SIDE);
            limits.origin[a] = from as f32;
            limits.low[a] = if b == 0 { -FAR } else { from as f32 };
            limits.high[a] = if b + 1 == field.count[a] {
                FAR
            } else {
                to as f32
            };
            limits.cells[a] = (to.min(field.size[a] - 1) - from) as f32;
        }
        limits
    }
}

impl Going {
    pub(super) fn new(
        caster: &Caster<'_>,
        field: &Field<'_>,
        (from, toward): (PatientMm, DVec3),
    ) -> Self {
        let mut going = Self::nowhere();
        let Some(ray) = caster.enter(from, toward) else {
            return going;
        };
        let start = field.place(ray.origin + ray.step * ray.first);
        let step = ray.step / field.parts;
        for a in 0..3 {
            going.start[a] = start[a] as f32;
            going.step[a] = step[a] as f32;
            // Hardly any way along an axis: any large number of steps will do.
            let pace = going.step[a].abs().max(1e-7).copysign(going.step[a]);
            going.inverse[a] = 1.0 / pace;
        }
        going.count = ray.count as f32;
        going.first = ray.first as f32;
        going
    }

    /// A ray that goes nowhere.
    pub(super) const fn nowhere() -> Self {
        Self {
            start: [0.0; 4],
            step: [0.0; 4],
            inverse: [1.0; 4],
            count: 0.0,
            clear: 1.0,
            light: [[0.0; ALONG]; 3],
            first: 0.0,
            half: None,
        }
    }

    /// Red, green and blue.
    pub(super) fn colour(&self) -> [f32; 3] {
        self.light.map(|parts| parts.into_iter().sum())
    }

    /// Where more than half of the light is stopped, mm; NaN if nowhere.
    pub(super) fn depth_mm(&self, step_mm: f64) -> f32 {
        self.half.map_or(f32::NAN, |half| {
            (f64::from(self.first + half) * step_mm) as f32
        })
    }

    /// The first sample in a block and the one after its last one. What one block leaves to the next is reckoned by both from the same
    /// numbers: no sample is taken twice, and none is forgotten.
    #[inline(always)]
    pub(super) fn within<S: Simd>(&self, simd: S, limits: &Limits) -> Option<[f32; 2]> {
        let start = f32x4::load_array(simd, self.start);
        let inverse = f32x4::load_array(simd, self.inverse);
        let a = (f32x4::load_array(simd, limits.low) - start) * inverse;
        let b = (f32x4::load_array(simd, limits.high) - start) * inverse;
        let enter = a.min(b).reduce_max().ceil();
        let leave = a.max(b).reduce_min().min(self.count).ceil();
        (enter < leave).then_some([enter, leave])
    }

    /// As [`follow`], each sample for itself.
    pub(super) fn follow_alone(
        &mut self,
        shades: &Shades,
        field: &Field<'_>,
        [mut s, end]: [f32; 2],
    ) {
        let lamp = shades.lamp(&self.step);
        let [start, step] = [self.start, self.step].map(|v| Vec3::new(v[0], v[1], v[2]));
        while s < end {
            let of = field.source.alone(start + step * s);
            s += 1.0;
            let Some([value, x, y, z]) = of else { continue };
            let entry = (value * shades.scale + shades.offset).clamp(0.0, (ENTRIES - 1) as f32);
            let [r, g, b, opacity] = shades.entries[(entry + 0.5) as usize & (2 * ENTRIES - 1)];
            if opacity <= 0.0 {
                continue;
            }
            let facing = (x * lamp[0] + y * lamp[1] + z * lamp[2]).abs();
            let length = x * x + y * y + z * z;
            let cosine = if length > 1e-12 {
                (facing / length.sqrt()).min(1.0)
            } else {
                1.0
            };
            let lit = shades.ambient + shades.diffuse * cosine;
            let (whole, rest) = shades.shininess;
            let shine = cosine.powi(whole as i32) * (1.0 - rest + rest * cosine) * shades.specular;
            for (sum, c) in self.light.iter_mut().zip([r, g, b]) {
                sum[0] += self.clear * (c * lit + opacity * shine);
            }
            self.clear -= self.clear * opacity;
            if self.clear < 0.5 && self.half.is_none() {
                self.half = Some(s - 1.0);
            }
            if self.clear <= 1.0 - ENOUGH {
                self.count = 0.0;
                break;
            }
        }
    }
}

/// Takes samples out of a block: for each ray from the first one to before the second.
#[inline(always)]
pub(super) fn follow<S: Simd>(
    simd: S,
    shades: &Shades,
    (limits, block): (&Limits, &Block),
    [a, b]: [&mut Going; 2],
    [of_a, of_b]: [[f32; 2]; 2],
) {
    let (mut s, mut end) = ([of_a[0], of_b[0]], [of_a[1], of_b[1]]);
    let all = Wide(simd);
    let steps = f32x8::load_array(simd, [0.0, 1.0, 2.0, 3.0, 0.0, 1.0, 2.0, 3.0]);
    let ([xa, ya, za], [xb, yb, zb]) = (shades.lamp(&a.step), shades.lamp(&b.step));
    let (lx, ly, lz) = (all.two(xa, xb), all.two(ya, yb), all.two(za, zb));
    let mut red = all.join(a.light[0], b.light[0]);
    let mut green = all.join(a.light[1], b.light[1]);
    let mut blue = all.join(a.light[2], b.light[2]);
    while s[0] < end[0] || s[1] < end[1] {
        let at = all.two(s[0], s[1]) + steps;
        let (i, fx) = place(at, all, 0, limits, [a, b]);
        let (j, fy) = place(at, all, 1, limits, [a, b]);
        let (k, fz) = place(at, all, 2, limits, [a, b]);
        let from = k.mul_add(
            all.one(LAYER as f32),
            j.mul_add(all.one(ROW as f32), i * all.one(4.0)),
        );
        // In memory: broadcasts from there cost least.
        let from = black_box(from.to_int::<i32x8<S>>().to_array());
        let mut any = false;
        for from in from {
            any |= block.shown[(from as usize / 4) & 1023];
        }
        let now = s;
        s = [s[0] + ALONG as f32, s[1] + ALONG as f32];
        if !any {
            continue;
        }
        let f = black_box([fx.to_array(), fy.to_array(), fz.to_array()]);
        let mut sample = [f32x4::splat(simd, 0.0); LANES];
        for l in 0..LANES {
            sample[l] = mixed(simd, block, from[l] as usize, [f[0][l], f[1][l], f[2][l]]);
        }
        let [value, x, y, z] = turned(sample);
        let entry = value.mul_add(all.one(shades.scale), all.one(shades.offset));
        let last = all.one((ENTRIES - 1) as f32);
        let entry = entry.max(all.one(0.0)).min(last) + all.one(0.5);
        let entry = at
            .simd_lt(all.two(end[0], end[1]))
            .select(entry, all.one(CLEAR));
        let entry = black_box(entry.to_int::<i32x8<S>>().to_array());
        for l in 0..LANES {
            let entry = shades.entries[entry[l] as usize & (2 * ENTRIES - 1)];
            sample[l] = f32x4::load_array(simd, entry);
        }
        let [r, g, b_, opacity] = turned(sample);
        let facing = x.mul_add(lx, y.mul_add(ly, z * lz)).abs();
        let length = x.mul_add(x, y.mul_add(y, z * z));
        let cosine = facing / length.max(all.one(1e-12)).sqrt();
        // Where nothing faces anywhere, everything is lit.
        let faces = length.simd_gt(all.one(1e-12));
        let cosine = faces.select(cosine.min(all.one(1.0)), all.one(1.0));
        let lit = cosine.mul_add(all.one(shades.diffuse), all.one(shades.ambient));
        let shine = shades.shine(all, cosine) * opacity;
        // What comes through before each sample: the product of what those before it let through.
        let through = all.one(1.0) - opacity;
        let one = all.one(1.0);
        let p = one.slide_within_blocks::<3>(through);
        let p = p * one.slide_within_blocks::<3>(p);
        let p = p * one.slide_within_blocks::<2>(p);
        let before = p * all.two(a.clear, b.clear);
        let seen = before
            .simd_gt(all.one(1.0 - ENOUGH))
            .select(before, all.one(0.0));
        red = r.mul_add(lit, shine).mul_add(seen, red);
        green = g.mul_add(lit, shine).mul_add(seen, green);
        blue = b_.mul_add(lit, shine).mul_add(seen, blue);
        let after = (before * through).to_array();
        (a.clear, b.clear) = (after[ALONG - 1], after[LANES - 1]);
        if a.clear < 0.5 && a.half.is_none() {
            a.half = half_at(now[0], &after[..ALONG]);
        }
        if b.clear < 0.5 && b.half.is_none() {
            b.half = half_at(now[1], &after[ALONG..]);
        }
        if a.clear <= 1.0 - ENOUGH {
            (a.count, end[0]) = (0.0, 0.0);
        }
        if b.clear <= 1.0 - ENOUGH {
            (b.count, end[1]) = (0.0, 0.0);
        }
    }
    for (n, sum) in [red, green, blue].into_iter().enumerate() {
        let (of_a, of_b) = sum.split();
        (a.light[n], b.light[n]) = (of_a.to_array(), of_b.to_array());
    }
}

/// The first sample after which less than half of the light is left.
#[cold]
fn half_at(first: f32, after: &[f32]) -> Option<f32> {
    let at = after.iter().position(|clear| *clear < 0.5)?;
    Some(first + at as f32)
}

// What is not inlined into [`follow`] is not compiled for the processor at hand: no closures in it.

/// Makes numbers of both rays.
#[derive(Clone, Copy)]
struct Wide<S: Simd>(S);

impl<S: Simd> Wide<S> {
    #[inline(always)]
    fn one(self, x: f32) -> f32x8<S> {
        f32x8::splat(self.0, x)
    }

    #[inline(always)]
    fn two(self, a: f32, b: f32) -> f32x8<S> {
        f32x4::splat(self.0, a).combine(f32x4::splat(self.0, b))
    }

    #[inline(always)]
    fn join(self, a: [f32; ALONG], b: [f32; ALONG]) -> f32x8<S> {
        f32x4::load_array(self.0, a).combine(f32x4::load_array(self.0, b))
    }
}

/// Cells of samples along one axis, and how far the samples are in them.
#[inline(always)]
fn place<S: Simd>(
    at: f32x8<S>,
    all: Wide<S>,
    axis: usize,
    limits: &Limits,
    [a, b]: [&Going; 2],
) -> (f32x8<S>, f32x8<S>) {
    let origin = limits.origin[axis];
    let start = all.two(a.start[axis] - origin, b.start[axis] - origin);
    let cells = limits.cells[axis];
    let x = at.mul_add(all.two(a.step[axis], b.step[axis]), start);
    let x = x.max(all.one(0.0)).min(all.one(cells));
    let cell = x.floor().min(all.one(cells - 1.0));
    (cell, x - cell)
}

/// Value and derivatives at a place in the cell that begins with number `from` of a block.
#[inline(always)]
fn mixed<S: Simd>(simd: S, block: &Block, from: usize, [fx, fy, fz]: [f32; 3]) -> f32x4<S> {
    let Some(window) = block.numbers.get(from..) else {
        return f32x4::splat(simd, 0.0);
    };
    let Some(cell) = window.first_chunk::<CELL>() else {
        return f32x4::splat(simd, 0.0);
    };
    let (fy, fz) = (f32x8::splat(simd, fy), f32x8::splat(simd, fz));
    let near = ends(simd, cell, 0);
    let near = (ends(simd, cell, ROW) - near).mul_add(fy, near);
    let far = ends(simd, cell, LAYER);
    let far = (ends(simd, cell, LAYER + ROW) - far).mul_add(fy, far);
    let (left, right) = (far - near).mul_add(fz, near).split();
    (right - left).mul_add(f32x4::splat(simd, fx), left)
}

/// Both voxels at the ends of a cell along a row.
#[inline(always)]
fn ends<S: Simd>(simd: S, cell: &[f32; CELL], at: usize) -> f32x8<S> {
    f32x8::from_slice(simd, &cell[at..at + 8])
}

/// Four numbers of each sample, number by number.
#[inline(always)]
fn turned<S: Simd>(of: [f32x4<S>; LANES]) -> [f32x8<S>; 4] {
    let (p, q) = (of[0].zip_low(of[2]), of[1].zip_low(of[3]));
    let (r, t) = (of[0].zip_high(of[2]), of[1].zip_high(of[3]));
    let (u, v) = (of[4].zip_low(of[6]), of[5].zip_low(of[7]));
    let (w, x) = (of[4].zip_high(of[6]), of[5].zip_high(of[7]));
    [
        p.zip_low(q).combine(u.zip_low(v)),
        p.zip_high(q).combine(u.zip_high(v)),
        r.zip_low(t).combine(w.zip_low(x)),
        r.zip_high(t).combine(w.zip_high(x)),
    ]
}

const _: () = assert!(2 * ENTRIES == (2 * ENTRIES).next_power_of_two());
