//! Pictures at rest: rays of a square of pixels go a short way each in turn, so that the gradients of a block of voxels are worked out once
//! for all of them.

use glam::Vec4;
use rayon::prelude::*;

use super::{
    Rendered,
    cast::{Caster, ENOUGH, Ray, WAY},
    transfer::composite,
};
use crate::{
    display::grey_of,
    volume::{bricks::SIDE, cells::Cell},
};

/// Pixels along each side of a square.
const SQUARE: usize = 32;

/// Steps that a ray goes in one turn.
const TURN: f64 = 32.0;

/// Voxels along each side of a block: those on both its borders belong to it.
const EDGE: usize = SIDE + 1;

/// Blocks that are kept, along each axis; what is farther apart takes the place of another.
const KEPT: i32 = 4;

/// A ray on its way.
struct Going {
    ray: Ray,
    lamp: [f32; 3],
    pixel: usize,
    sample: i64,
    light: [f32; 4],
}

/// Value and derivatives of the voxels of some blocks.
struct Blocks {
    of: Vec<[i32; 3]>,
    voxels: Vec<[f32; 4]>,
}

pub(super) fn draw<C: Cell>(caster: &Caster<'_>, out: &mut Rendered) {
    let camera = out.camera;
    let [width, height] = camera.size.map(|n| n as usize);
    out.rgba
        .par_chunks_mut(width * 4 * SQUARE)
        .zip(out.depth_mm.par_chunks_mut(width * SQUARE))
        .enumerate()
        .for_each_init(Blocks::new, |blocks, (band, (rgba, depths))| {
            for pixel in rgba.chunks_exact_mut(4) {
                pixel.copy_from_slice(&[0, 0, 0, 255]);
            }
            let rows = SQUARE.min(height - band * SQUARE);
            for left in (0..width).step_by(SQUARE) {
                let mut rays = Vec::with_capacity(SQUARE * SQUARE);
                for v in 0..rows {
                    for u in left..(left + SQUARE).min(width) {
                        let (from, toward) = camera.ray(u as f64, (band * SQUARE + v) as f64);
                        rays.extend(caster.enter(from, toward).map(|ray| Going {
                            ray,
                            lamp: caster.lamp(toward),
                            pixel: v * width + u,
                            sample: 0,
                            light: [0.0; 4],
                        }));
                    }
                }
                all_the_way::<C>(caster, blocks, rays, rgba, depths);
            }
        });
}

/// Follows rays to their ends, those in front first.
fn all_the_way<C: Cell>(
    caster: &Caster<'_>,
    blocks: &mut Blocks,
    mut rays: Vec<Going>,
    rgba: &mut [u8],
    depths: &mut [f32],
) {
    while !rays.is_empty() {
        let nearest = rays
            .iter()
            .map(|r| r.ray.first + r.sample as f64)
            .fold(f64::INFINITY, f64::min);
        rays.retain_mut(|going| {
            let to = (nearest + TURN - going.ray.first).ceil() as i64;
            let depth = depths.get_mut(going.pixel);
            if going.on::<C>(caster, blocks, to, depth) {
                return true;
            }
            if let Some(to) = rgba.get_mut(going.pixel * 4..going.pixel * 4 + 3) {
                for (to, c) in to.iter_mut().zip(going.light) {
                    *to = grey_of(f64::from(c));
                }
            }
            false
        });
    }
}

impl Going {
    /// Takes the samples before number `to`; false when there is nothing more to come.
    fn on<C: Cell>(
        &mut self,
        caster: &Caster<'_>,
        blocks: &mut Blocks,
        to: i64,
        mut depth: Option<&mut f32>,
    ) -> bool {
        let ray = &self.ray;
        let (start, step) = (
            (ray.origin + ray.step * ray.first).as_vec3(),
            ray.step.as_vec3(),
        );
        let inverse = step.recip();
        let end = to.min(ray.count);
        let mut block = [-1; 3];
        let mut slot = 0;
        let mut light = self.light;
        let mut s = self.sample;
        while s < end {
            let (at, cell) = caster.place(start + step * s as f32);
            let of = cell.map(|c| c >> WAY);
            if of != block {
                let far = caster.empty_steps(of, at, step, inverse);
                if far > 0 {
                    s += far;
                    block = [-1; 3];
                    continue;
                }
                block = of;
                slot = blocks.slot::<C>(caster, of);
            }
            s += 1;
            let f = [
                (at.x - cell[0] as f32).clamp(0.0, 1.0),
                (at.y - cell[1] as f32).clamp(0.0, 1.0),
                (at.z - cell[2] as f32).clamp(0.0, 1.0),
            ];
            let inner = cell.map(|c| (c & (SIDE as i32 - 1)) as usize);
            let first = slot + (inner[2] * EDGE + inner[1]) * EDGE + inner[0];
            let [value, x, y, w] = blocks.mixed(first, f);
            let [r, g, b, opacity] = caster.table.entry(value);
            if opacity <= 0.0 {
                continue;
            }
            let cosine = caster.cosine(caster.voxels.upright([x, y, w]), self.lamp);
            let [lit, shine] = caster.table.lit(cosine);
            composite(
                &mut light,
                [r * lit + shine, g * lit + shine, b * lit + shine],
                opacity,
            );
            if light[3] > 0.5
                && let Some(depth) = depth.take_if(|d| d.is_nan())
            {
                *depth = ((ray.first + (s - 1) as f64) * caster.step_mm) as f32;
            }
            if light[3] >= ENOUGH {
                s = ray.count;
                break;
            }
        }
        (self.light, self.sample) = (light, s);
        s < self.ray.count
    }
}

impl Blocks {
    const VOXELS: usize = EDGE * EDGE * EDGE;

    fn new() -> Self {
        let many = (KEPT * KEPT * KEPT) as usize;
        Self {
            of: vec![[-1; 3]; many],
            voxels: vec![[0.0; 4]; many * Self::VOXELS],
        }
    }

    /// Where the voxels of a block begin.
    #[inline(always)]
    fn slot<C: Cell>(&mut self, caster: &Caster<'_>, block: [i32; 3]) -> usize {
        let [x, y, z] = block.map(|b| b & (KEPT - 1));
        let slot = ((z * KEPT + y) * KEPT + x) as usize;
        let from = slot * Self::VOXELS;
        if self.of.get(slot) != Some(&block) {
            if let Some(of) = self.of.get_mut(slot) {
                *of = block;
            }
            let to = self.voxels.get_mut(from..from + Self::VOXELS);
            caster.voxels.block::<C>(
                block.map(|b| b as usize * SIDE),
                EDGE,
                to.unwrap_or_default(),
            );
        }
        from
    }

    /// Value and derivatives at fractions of the cell whose first corner is voxel `first`.
    #[inline(always)]
    fn mixed(&self, first: usize, f: [f32; 3]) -> [f32; 4] {
        const WINDOW: usize = EDGE * EDGE + EDGE + 2;
        let window: Option<&[[f32; 4]; WINDOW]> =
            self.voxels.get(first..).and_then(|v| v.first_chunk());
        let Some(v) = window else { return [0.0; 4] };
        // All four at once.
        let mix = |a: Vec4, b: Vec4, t: f32| a + (b - a) * t;
        let at = |n: usize| Vec4::from_array(v[n]);
        let face = |n: usize| {
            mix(
                mix(at(n), at(n + 1), f[0]),
                mix(at(n + EDGE), at(n + EDGE + 1), f[0]),
                f[1],
            )
        };
        mix(face(0), face(EDGE * EDGE), f[2]).to_array()
    }
}
