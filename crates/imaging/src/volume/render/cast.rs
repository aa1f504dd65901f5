//! Rays through a volume: clipped to what is drawn of it, past what is empty, until almost no light is left.

use std::sync::atomic::{AtomicBool, Ordering};

use glam::{DVec3, Vec3};
use rayon::prelude::*;

use super::{
    Projection, Quality, Rendered, Scene,
    cell::{Corners, Voxels},
    field::{Field, Frames},
    tiles,
    transfer::{Table, composite},
};
use crate::{
    display::grey_of,
    geometry::PatientMm,
    volume::{
        axis::SliceAxis,
        bricks::SIDE,
        cells::{Cell, with_cells},
        geometry::VolumeGeometry,
        sample::Bounds,
    },
};

/// Less light than this part is not worth following (section G).
pub(super) const ENOUGH: f32 = 0.99;

/// From a cell to its block: so many bits.
pub(super) const WAY: u32 = SIDE.trailing_zeros();

pub(super) struct Caster<'a> {
    pub(super) scene: &'a Scene,
    geometry: &'a VolumeGeometry,
    pub(super) voxels: Voxels<'a>,
    pub(super) table: Table,
    pub(super) step_mm: f64,
    /// In the grid.
    bounds: [DVec3; 2],
    uneven: Option<&'a SliceAxis>,
    last_cell: [i32; 3],
    /// Rays begin at an eye: nothing behind it is seen.
    from_eye: bool,
}

/// Draws a scene; what is coarse out of few voxels where the volume has such a form. Ends early, with a part of it, once `left` is set.
pub(super) fn draw(
    scene: &Scene,
    (step_mm, quality): (f64, Quality),
    left: &AtomicBool,
    out: &mut Rendered,
) {
    let volume = &scene.volume;
    let geometry = volume.geometry();
    let axis = geometry.axis();
    let caster = Caster {
        scene,
        geometry,
        voxels: Voxels::new(volume),
        table: scene.transfer.table(step_mm, volume.late_rescale()),
        step_mm,
        bounds: bounds(scene),
        uneven: axis.step().is_none().then_some(axis),
        last_cell: geometry.size().map(|n| (n as i32 - 2).max(0)),
        from_eye: matches!(out.camera.projection, Projection::Perspective { .. }),
    };
    // Blocks of which nothing is known, or that straight rays bend in, are gone through ray by ray.
    let thin = geometry.size().iter().any(|n| *n < 2);
    let bricks = volume.bricks().filter(|_| scene.space.is_some());
    let bricks = bricks.filter(|_| geometry.is_even() && !thin);
    let small = || match quality {
        Quality::Rest => None,
        Quality::Moving => volume.small(),
        Quality::Draft => volume.smallest(),
    };
    if bricks.is_some()
        && let Some(small) = small()
        && let Some(field) = Field::of_small(volume, small, &caster.table)
    {
        tiles::draw(&caster, &field, left, out);
        return;
    }
    if let Some(bricks) = bricks {
        with_cells!(volume.shape().sample, C => {
            let frames = Frames::<C>::new(&caster.voxels);
            let field = Field::of_frames(volume, &frames, bricks, &caster.table);
            tiles::draw(&caster, &field, left, out);
        });
        return;
    }
    let camera = out.camera;
    let width = camera.size[0] as usize;
    let plain = volume.is_plain();
    with_cells!(volume.shape().sample, C => {
        out.rgba
            .par_chunks_exact_mut(width * 4)
            .zip(out.depth_mm.par_chunks_exact_mut(width))
            .enumerate()
            .with_max_len(4)
            .for_each(|(v, (rgba, depths))| {
                if left.load(Ordering::Relaxed) {
                    return;
                }
                for (u, (pixel, depth)) in rgba.chunks_exact_mut(4).zip(depths).enumerate() {
                    let (from, toward) = camera.ray(u as f64, v as f64);
                    let light = match (thin, plain) {
                        (true, _) => [0.0; 4],
                        (false, true) => caster.ray::<C, false>(from, toward, depth),
                        (false, false) => caster.ray::<C, true>(from, toward, depth),
                    };
                    for (to, c) in pixel.iter_mut().zip(light) {
                        *to = grey_of(f64::from(c));
                    }
                    if let Some(alpha) = pixel.last_mut() {
                        *alpha = 255;
                    }
                }
            });
    });
}

/// What is drawn of the volume, in its grid.
pub(super) fn bounds(scene: &Scene) -> [DVec3; 2] {
    let geometry = scene.volume.geometry();
    let whole = Bounds::new(&scene.volume).inside;
    let Some(crop) = scene.crop else {
        return whole;
    };
    let corner = |v: DVec3| DVec3::new(v.x, v.y, geometry.grid_of_slice(v.z));
    let (a, b) = (corner(crop.from.0), corner(crop.to.0));
    [whole[0].max(a.min(b)), whole[1].min(a.max(b))]
}

/// A ray in the grid; counted in steps from where it begins.
pub(super) struct Ray {
    pub(super) origin: DVec3,
    pub(super) step: DVec3,
    pub(super) first: f64,
    pub(super) count: i64,
}

impl Caster<'_> {
    /// The samples of a ray in what is drawn; `None` when it misses.
    pub(super) fn enter(&self, from: PatientMm, toward: DVec3) -> Option<Ray> {
        let origin = self.geometry.to_grid(from).0;
        let step = self.geometry.grid_direction(toward * self.step_mm);
        let [enter, leave] = self.clip(from, toward, origin, step)?;
        // The first sample half a step behind where the ray enters.
        let first = enter + 0.5;
        Some(Ray {
            origin,
            step,
            first,
            count: (leave - first).floor() as i64 + 1,
        })
    }

    /// Direction of the light along rows, columns and normal.
    pub(super) fn lamp(&self, toward: DVec3) -> [f32; 3] {
        [
            self.geometry.row(),
            self.geometry.column(),
            self.geometry.normal(),
        ]
        .map(|a| a.dot(toward) as f32)
    }

    /// Voxel coordinates of a point of the grid, and the cell around it.
    #[inline(always)]
    pub(super) fn place(&self, mut at: Vec3) -> (Vec3, [i32; 3]) {
        if let Some(axis) = self.uneven {
            at.z = axis.index(f64::from(at.z)) as f32;
        }
        let cell = [
            (at.x as i32).clamp(0, self.last_cell[0]),
            (at.y as i32).clamp(0, self.last_cell[1]),
            (at.z as i32).clamp(0, self.last_cell[2]),
        ];
        (at, cell)
    }

    /// How much a surface faces the lamp, 0 to 1.
    #[inline(always)]
    pub(super) fn cosine(&self, [x, y, z]: [f32; 3], lamp: [f32; 3]) -> f32 {
        let length = x * x + y * y + z * z;
        // Where nothing faces anywhere, everything is lit.
        if length > 1e-12 {
            ((x * lamp[0] + y * lamp[1] + z * lamp[2]).abs() / length.sqrt()).min(1.0)
        } else {
            1.0
        }
    }

    /// Light and opacity along a ray. `depth` becomes where more than half of the light is stopped.
    #[inline(always)]
    fn ray<C: Cell, const MASKED: bool>(
        &self,
        from: PatientMm,
        toward: DVec3,
        depth: &mut f32,
    ) -> [f32; 4] {
        let mut light = [0.0_f32; 4];
        let Some(Ray {
            origin,
            step,
            first,
            count,
        }) = self.enter(from, toward)
        else {
            return light;
        };
        let start = origin + step * first;
        let (start, step) = (start.as_vec3(), step.as_vec3());
        let inverse = step.recip();
        let lamp = self.lamp(toward);
        let mut corners = Corners::default();
        let mut block = [-1; 3];
        let mut s = 0_i64;
        while s < count {
            let (at, cell) = self.place(start + step * s as f32);
            let of = cell.map(|c| c >> WAY);
            if of != block {
                block = of;
                let far = self.empty_steps(of, at, step, inverse);
                if far > 0 {
                    s += far;
                    block = [-1; 3];
                    continue;
                }
            }
            s += 1;
            self.voxels.load::<C, MASKED>(cell, &mut corners);
            if MASKED && corners.is_empty {
                continue;
            }
            let f = [
                (at.x - cell[0] as f32).clamp(0.0, 1.0),
                (at.y - cell[1] as f32).clamp(0.0, 1.0),
                (at.z - cell[2] as f32).clamp(0.0, 1.0),
            ];
            let [r, g, b, opacity] = self.table.entry(corners.at(f));
            if opacity <= 0.0 {
                continue;
            }
            let gradient = self.voxels.gradient::<C, MASKED>(&mut corners, f);
            let [lit, shine] = self.table.lit(self.cosine(gradient, lamp));
            composite(
                &mut light,
                [r * lit + shine, g * lit + shine, b * lit + shine],
                opacity,
            );
            if light[3] > 0.5 && depth.is_nan() {
                *depth = ((first + (s - 1) as f64) * self.step_mm) as f32;
            }
            if light[3] >= ENOUGH {
                break;
            }
        }
        light
    }

    /// From which step to which a ray is in what is drawn.
    fn clip(&self, from: PatientMm, toward: DVec3, origin: DVec3, step: DVec3) -> Option<[f64; 2]> {
        let (mut enter, mut leave) = (f64::NEG_INFINITY, f64::INFINITY);
        if self.from_eye {
            enter = 0.0;
        }
        for a in 0..3 {
            let (low, high) = (self.bounds[0][a] - origin[a], self.bounds[1][a] - origin[a]);
            if step[a].abs() < 1e-12 {
                if low > 0.0 || high < 0.0 {
                    return None;
                }
                continue;
            }
            let (t, u) = (low / step[a], high / step[a]);
            enter = enter.max(t.min(u));
            leave = leave.min(t.max(u));
        }
        for cut in &self.scene.cuts {
            let off = (from.0 - cut.point.0).dot(cut.normal);
            let rate = toward.dot(cut.normal) * self.step_mm;
            if rate.abs() < 1e-12 {
                if off < 0.0 {
                    return None;
                }
            } else if rate > 0.0 {
                enter = enter.max(-off / rate);
            } else {
                leave = leave.min(-off / rate);
            }
        }
        (enter + 0.5 <= leave && (leave - enter).is_finite()).then_some([enter, leave])
    }

    /// Steps to the first sample beyond the empty blocks around; 0 when this block is not empty.
    #[inline(always)]
    pub(super) fn empty_steps(&self, block: [i32; 3], at: Vec3, step: Vec3, inverse: Vec3) -> i64 {
        let Some(space) = &self.scene.space else {
            return 0;
        };
        let [x, y, z] = block.map(|b| b as usize);
        let index = (z * space.count[1] + y) * space.count[0] + x;
        let distance = i32::from(space.distance.get(index).copied().unwrap_or(0));
        if distance == 0 {
            return 0;
        }
        // Uneven slices: no straight way through blocks, so sample after sample.
        if self.uneven.is_some() {
            return 1;
        }
        let mut far = f32::INFINITY;
        for a in 0..3 {
            if step[a].abs() > 1e-9 {
                let border = if step[a] > 0.0 {
                    block[a] + distance
                } else {
                    block[a] - distance + 1
                };
                far = far.min((((border * SIDE as i32) as f32) - at[a]) * inverse[a]);
            }
        }
        // A hair less, so that rounding never jumps over the border.
        (far - 1e-3).max(0.0) as i64 + 1
    }
}
