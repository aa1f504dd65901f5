//! Pictures while a volume is being turned: sixteen rays side by side through the volume in few voxels, each step for all of them before
//! the next, so that the compiler can widen it.

use rayon::prelude::*;

use super::{
    Rendered,
    cast::Caster,
    transfer::{ENTRIES, LIGHTS},
};
use crate::{
    display::grey_of,
    volume::{bricks::SIDE, small::Small},
};

/// Rays of a packet: a square of pixels.
const ACROSS: usize = 4;
const LANES: usize = ACROSS * ACROSS;

/// Rows of pixels that are one piece of work.
const BAND: usize = 2 * ACROSS;

/// Places are in 1/65 536 voxel.
const ONE: f32 = 65_536.0;
const BITS: u32 = 16;

/// Steps between two looks at what is empty.
const STRIDE: i32 = 4;

/// Less light than this part is not followed; what it shows on its way stands for the rest.
const ENOUGH: f32 = 0.95;

/// One number for each ray.
type Lane = [f32; LANES];

/// Rays of neighbouring pixels.
struct Packet {
    /// Of the next sample, and from there to the one after it.
    at: [[i32; LANES]; 3],
    step: [[i32; LANES]; 3],
    /// Samples of each ray, 0 for those that miss.
    count: [i32; LANES],
    /// Steps from where depths are measured to the first sample.
    first: [f64; LANES],
    lamp: [Lane; 3],
    /// No ray is farther than this from the first one, voxels of the volume; and the longest way of a step.
    reach: f32,
    pace: f32,
}

pub(super) struct Marcher<'a> {
    caster: &'a Caster<'a>,
    small: &'a Small,
    /// Entry of a level.
    scale: f32,
    offset: f32,
    /// From a difference of two levels to a slope for each mm.
    per_mm: [f32; 3],
    lean: [f32; 2],
}

impl<'a> Marcher<'a> {
    /// `None` where voxels without image would be drawn.
    pub(super) fn new(caster: &'a Caster<'a>, small: &'a Small) -> Option<Self> {
        let table = &caster.table;
        let offset = small.least * table.scale + table.offset;
        let scale = small.per_level * table.scale;
        let geometry = caster.scene.volume.geometry();
        let spacing = geometry.spacing_mm();
        let per_mm = std::array::from_fn(|a| {
            f64::from(small.per_level) / (spacing[a] * small.parts[a] as f64)
        });
        let holes = table.entry(small.least);
        (!small.has_holes || holes[3] <= 0.0).then_some(Self {
            caster,
            small,
            scale,
            offset,
            per_mm: per_mm.map(|p: f64| p as f32),
            lean: geometry.lean().map(|l| l as f32),
        })
    }

    pub(super) fn draw(&self, out: &mut Rendered) {
        let camera = out.camera;
        let [width, height] = camera.size.map(|n| n as usize);
        out.rgba
            .par_chunks_mut(width * 4 * BAND)
            .zip(out.depth_mm.par_chunks_mut(width * BAND))
            .enumerate()
            .for_each(|(band, (rgba, depths))| {
                for top in (0..BAND.min(height - band * BAND)).step_by(ACROSS) {
                    for left in (0..width).step_by(ACROSS) {
                        let pixel = |l: usize| (left + l % ACROSS, top + l / ACROSS);
                        let mut packet = Packet::new();
                        for l in 0..LANES {
                            let (u, v) = pixel(l);
                            let v_of_all = band * BAND + v;
                            if u < width && v_of_all < height {
                                packet.aim(l, self, camera.ray(u as f64, v_of_all as f64));
                            }
                        }
                        packet.measure(self);
                        let (light, depth) = self.march(&mut packet);
                        for l in 0..LANES {
                            let (u, v) = pixel(l);
                            let at = v * width + u;
                            if u >= width || v >= BAND {
                                continue;
                            }
                            if let Some(to) = rgba.get_mut(at * 4..at * 4 + 4) {
                                let all = [light[0][l], light[1][l], light[2][l]];
                                for (to, c) in to.iter_mut().zip(all) {
                                    *to = grey_of(f64::from(c));
                                }
                                to[3] = 255;
                            }
                            if let Some(to) = depths.get_mut(at) {
                                *to = depth[l];
                            }
                        }
                    }
                }
            });
    }

    /// Light and opacity of each ray, and its depth.
    fn march(&self, packet: &mut Packet) -> ([Lane; 4], Lane) {
        let mut light = [[0.0; LANES]; 4];
        let mut depth = [f32::NAN; LANES];
        let most = packet.count.into_iter().max().unwrap_or(0);
        let mut s = 0;
        while s < most {
            let far = self.empty_steps(packet);
            if far > 0 {
                packet.forward(far);
                s += far;
                continue;
            }
            for _ in 0..STRIDE {
                if self.sample(packet, s, &mut light) {
                    for l in 0..LANES {
                        if light[3][l] > 0.5 && depth[l].is_nan() {
                            let steps = packet.first[l] + f64::from(s);
                            depth[l] = (steps * self.caster.step_mm) as f32;
                        }
                    }
                }
                packet.forward(1);
                s += 1;
            }
            let going = (0..LANES).any(|l| light[3][l] < ENOUGH && s < packet.count[l]);
            if !going {
                break;
            }
        }
        for l in 0..LANES {
            if light[3][l] >= ENOUGH {
                let [r, g, b, all] = &mut light;
                r[l] /= all[l];
                g[l] /= all[l];
                b[l] /= all[l];
            }
        }
        (light, depth)
    }

    /// Steps that all rays may go before one of them can meet anything.
    fn empty_steps(&self, packet: &Packet) -> i32 {
        let Some(space) = &self.caster.scene.space else {
            return 0;
        };
        let mut index = 0;
        for a in (0..3).rev() {
            let parts = self.small.parts[a] as f32;
            let voxel = (packet.at[a][0] as f32 / ONE - 1.0) * parts + (parts - 1.0) / 2.0;
            let block = (voxel.max(0.0) as usize / SIDE).min(space.count[a] - 1);
            index = index * space.count[a] + block;
        }
        let distance = space.distance.get(index).copied().unwrap_or(0);
        if distance < 2 {
            return 0;
        }
        // Voxels are means of two: what one of them shows reaches further by two of the volume.
        let free = (f32::from(distance) - 1.0) * SIDE as f32 - packet.reach - 4.0;
        (free / packet.pace).clamp(0.0, 4096.0) as i32
    }

    /// Lays the sample number `s` of each ray behind what is there; false when all of it is clear.
    #[inline(always)]
    fn sample(&self, packet: &Packet, s: i32, light: &mut [Lane; 4]) -> bool {
        let [width, height, _] = self.small.size;
        let (row, plane) = (width, width * height);
        let mut v = [[0_i32; LANES]; 8];
        for l in 0..LANES {
            let [x, y, z] = [0, 1, 2].map(|a| (packet.at[a][l] >> BITS) as usize);
            let from = z
                .wrapping_mul(plane)
                .wrapping_add(y.wrapping_mul(row))
                .wrapping_add(x);
            let window = self.small.levels.get(from..).unwrap_or_default();
            let near = window.get(..row + 2).unwrap_or_default();
            let far = window.get(plane..plane + row + 2).unwrap_or_default();
            if let ([a, b, .., c, d], [e, f, .., g, h]) = (near, far) {
                for (v, of) in v.iter_mut().zip([a, b, c, d, e, f, g, h]) {
                    v[l] = i32::from(*of);
                }
            }
        }
        let mut entry = [0_u32; LANES];
        let mut cosine = [0.0_f32; LANES];
        for l in 0..LANES {
            let part = |a: usize| (packet.at[a][l] & 0xffff) as f32 * (1.0 / ONE);
            let (fx, fy, fz) = (part(0), part(1), part(2));
            let c = |n: usize| v[n][l] as f32;
            let (x0, x1) = (c(1) - c(0), c(3) - c(2));
            let (x2, x3) = (c(5) - c(4), c(7) - c(6));
            let (a, b) = (c(0) + x0 * fx, c(2) + x1 * fx);
            let (e, g) = (c(4) + x2 * fx, c(6) + x3 * fx);
            let (y0, y1) = (b - a, g - e);
            let (near, far) = (a + y0 * fy, e + y1 * fy);
            let z = far - near;
            let value = near + z * fz;
            let (xa, xb) = (x0 + (x1 - x0) * fy, x2 + (x3 - x2) * fy);
            let (x, y) = (xa + (xb - xa) * fz, y0 + (y1 - y0) * fz);
            let at = value * self.scale + self.offset;
            let at = if at > 0.0 { at } else { 0.0 };
            let last = (ENTRIES - 1) as f32;
            let at = if at < last { at } else { last };
            // Whole numbers by adding what leaves no place for a fraction.
            entry[l] = (at + WHOLE).to_bits() & 0xffff;
            let (gx, gy) = (x * self.per_mm[0], y * self.per_mm[1]);
            let gz = z * self.per_mm[2] - self.lean[0] * gx - self.lean[1] * gy;
            let length = gx * gx + gy * gy + gz * gz;
            let facing = gx * packet.lamp[0][l] + gy * packet.lamp[1][l] + gz * packet.lamp[2][l];
            let ratio = facing.abs() / (length + 1e-30).sqrt();
            let ratio = if ratio < 1.0 { ratio } else { 1.0 };
            // Where nothing faces anywhere, everything is lit.
            cosine[l] = if length > 1e-12 { ratio } else { 1.0 };
        }
        let table = &self.caster.table;
        let mut alpha = [0.0_f32; LANES];
        let mut colour = [[0.0_f32; LANES]; 3];
        let mut any = false;
        for l in 0..LANES {
            let [r, g, b, opacity] = table
                .entries
                .get(entry[l] as usize)
                .copied()
                .unwrap_or_default();
            if opacity > 0.0 && s < packet.count[l] {
                any = true;
                alpha[l] = opacity;
                let [lit, shine] = table.lit(cosine[l]);
                colour[0][l] = r * lit + shine;
                colour[1][l] = g * lit + shine;
                colour[2][l] = b * lit + shine;
            }
        }
        if any {
            for l in 0..LANES {
                let weight = (1.0 - light[3][l]) * alpha[l];
                light[0][l] += weight * colour[0][l];
                light[1][l] += weight * colour[1][l];
                light[2][l] += weight * colour[2][l];
                light[3][l] += weight;
            }
        }
        any
    }
}

/// Rounds to a whole number in the low bits.
const WHOLE: f32 = 8_388_608.0;

const _: () = assert!(ENTRIES <= 65_536 && LIGHTS < 65_536);

impl Packet {
    const fn new() -> Self {
        Self {
            at: [[0; LANES]; 3],
            step: [[0; LANES]; 3],
            count: [0; LANES],
            first: [0.0; LANES],
            lamp: [[0.0; LANES]; 3],
            reach: 0.0,
            pace: 1.0,
        }
    }

    /// Makes lane `l` the ray of a pixel.
    fn aim(
        &mut self,
        l: usize,
        of: &Marcher<'_>,
        (from, toward): (crate::geometry::PatientMm, glam::DVec3),
    ) {
        let Some(ray) = of.caster.enter(from, toward) else {
            return;
        };
        let start = ray.origin + ray.step * ray.first;
        self.count[l] = ray.count.clamp(0, i64::from(i32::MAX / 2)) as i32;
        self.first[l] = ray.first;
        let lamp = of.caster.lamp(toward);
        for a in 0..3 {
            let parts = of.small.parts[a] as f64;
            let at = (start[a] - (parts - 1.0) / 2.0) / parts + 1.0;
            let highest = of.small.size[a] as f64 - 1.001;
            self.at[a][l] = (at.clamp(0.0, highest) * f64::from(ONE)) as i32;
            self.step[a][l] = (ray.step[a] / parts * f64::from(ONE)).round() as i32;
            self.lamp[a][l] = lamp[a];
        }
    }

    /// Rays that miss go along with one that does not; then how far apart they are.
    fn measure(&mut self, of: &Marcher<'_>) {
        let Some(some) = self.count.iter().position(|n| *n > 0) else {
            return;
        };
        // The first one leads.
        for l in 0..LANES {
            if self.count[l] == 0 {
                for a in 0..3 {
                    self.at[a][l] = self.at[a][some];
                    self.step[a][l] = self.step[a][some];
                }
            }
        }
        let most = self.count.into_iter().max().unwrap_or(0);
        let (mut reach, mut pace) = (0.0_f32, 1e-3_f32);
        for a in 0..3 {
            let parts = of.small.parts[a] as f32;
            for l in 0..LANES {
                let apart = (self.at[a][l] - self.at[a][0]) as f32;
                let drift = (self.step[a][l] - self.step[a][0]) as f32 * most as f32;
                reach = reach.max(apart.abs().max((apart + drift).abs()) * parts / ONE);
                pace = pace.max(self.step[a][l].abs() as f32 * parts / ONE);
            }
        }
        (self.reach, self.pace) = (reach, pace);
    }

    /// Goes some steps on.
    #[inline(always)]
    fn forward(&mut self, steps: i32) {
        for (at, step) in self.at.iter_mut().zip(&self.step) {
            for (at, step) in at.iter_mut().zip(step) {
                *at = at.wrapping_add(step.wrapping_mul(steps));
            }
        }
    }
}
