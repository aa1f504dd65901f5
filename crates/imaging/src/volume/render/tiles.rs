//! A picture in tiles: for each the blocks of voxels that it may show, in front first, and its rays through one block after the other. So a block
//! is read once for all the rays of a tile, and none that shows nothing is met at all.

use std::sync::atomic::{AtomicBool, Ordering};

use fearless_simd::{Level, dispatch, prelude::*};
use glam::DVec3;
use rayon::prelude::*;

use super::{
    Camera, Projection, Rendered,
    cast::Caster,
    field::{Block, Field},
    march::{Going, Limits, Shades, follow},
    transfer::Table,
};
use crate::{
    display::grey_of,
    geometry::PatientMm,
    volume::{Voxel, bricks::SIDE},
};

/// A block, and the pixels that it may be seen in: from the first to behind the last one.
#[derive(Clone, Copy)]
struct Seen {
    block: [u16; 3],
    from: [u32; 2],
    to: [u32; 2],
}

/// Pixels of a picture.
#[derive(Clone, Copy)]
struct Tile {
    from: [u32; 2],
    size: [u32; 2],
}

/// How points of a field come into a picture.
struct View {
    camera: Camera,
    /// Of the index 0 and for one more along each axis: right, down and forward of the camera's centre, mm.
    origin: DVec3,
    axes: [DVec3; 3],
    /// From the eye to the plane of the centre.
    distance_mm: Option<f64>,
}

pub(super) fn draw(caster: &Caster<'_>, field: &Field<'_>, left: &AtomicBool, out: &mut Rendered) {
    let size = out.camera.size;
    // Enough of them for all threads, large enough that few blocks are read by two.
    let along = if rayon::current_num_threads() > 4 {
        8
    } else {
        4
    };
    let side = (size[0].max(size[1]) / along)
        .next_multiple_of(8)
        .clamp(32, 128);
    let tiles: Vec<Tile> = (0..size[1])
        .step_by(side as usize)
        .flat_map(|v| (0..size[0]).step_by(side as usize).map(move |u| [u, v]))
        .map(|from| Tile {
            from,
            size: [0, 1].map(|a| side.min(size[a] - from[a])),
        })
        .collect();
    let view = View::new(caster, field, &out.camera);
    let across = size[0].div_ceil(side);
    let mut lists = vec![Vec::new(); tiles.len()];
    for seen in in_front_first(caster, field, &view) {
        for row in seen.from[1] / side..=(seen.to[1] - 1) / side {
            for column in seen.from[0] / side..=(seen.to[0] - 1) / side {
                if let Some(list) = lists.get_mut((row * across + column) as usize) {
                    list.push(seen);
                }
            }
        }
    }
    let shades = Shades::new(caster, field);
    let level = Level::new();
    let drawn: Vec<_> = tiles
        .par_iter()
        .zip(&lists)
        .with_max_len(1)
        .map(|(tile, list)| {
            let rays = tile.rays(caster, field, &out.camera);
            if list.is_empty() || left.load(Ordering::Relaxed) {
                return rays;
            }
            dispatch!(level, simd => simd.vectorize(
                #[inline(always)]
                || tile.follow(simd, field, (&shades, &caster.table), list, rays)
            ))
        })
        .collect();
    let width = size[0] as usize;
    for (tile, rays) in tiles.iter().zip(drawn) {
        for (v, row) in rays.chunks(tile.size[0] as usize).enumerate() {
            let from = (tile.from[1] as usize + v) * width + tile.from[0] as usize;
            let rgba = out.rgba.get_mut(from * 4..(from + row.len()) * 4);
            let rgba = rgba.unwrap_or_default().as_chunks_mut::<4>().0;
            let depths = out.depth_mm.get_mut(from..from + row.len());
            for ((ray, rgba), depth) in row.iter().zip(rgba).zip(depths.unwrap_or_default()) {
                let [r, g, b] = ray.colour().map(|c| grey_of(f64::from(c)));
                *rgba = [r, g, b, 255];
                *depth = ray.depth_mm(caster.step_mm);
            }
        }
    }
}

impl Tile {
    fn rays(&self, caster: &Caster<'_>, field: &Field<'_>, camera: &Camera) -> Vec<Going> {
        let pixels = (0..self.size[1]).flat_map(|v| (0..self.size[0]).map(move |u| [u, v]));
        pixels
            .map(|pixel| {
                let [u, v] = [0, 1].map(|a| f64::from(self.from[a] + pixel[a]));
                Going::new(caster, field, camera.ray(u, v))
            })
            .collect()
    }

    #[inline(always)]
    fn follow<S: Simd>(
        &self,
        simd: S,
        field: &Field<'_>,
        (shades, table): (&Shades, &Table),
        list: &[Seen],
        mut rays: Vec<Going>,
    ) -> Vec<Going> {
        let width = self.size[0] as usize;
        let mut block = Block::new();
        for seen in list {
            let limits = Limits::new(field, seen.block);
            let mut holes = None;
            let [from, to] = [seen.from, seen.to].map(|pixel| {
                [0, 1].map(|a| pixel[a].clamp(self.from[a], self.from[a] + self.size[a]))
            });
            for v in from[1]..to[1] {
                let row = (v - self.from[1]) as usize * width;
                let [left, right] = [from[0], to[0]].map(|u| row + (u - self.from[0]) as usize);
                for two in rays.get_mut(left..right).unwrap_or_default().chunks_mut(2) {
                    let mut nowhere = Going::nowhere();
                    let [a, b] = match two {
                        [a, b] => [a, b],
                        [a] => [a, &mut nowhere],
                        _ => continue,
                    };
                    let samples = match (a.within(simd, &limits), b.within(simd, &limits)) {
                        (None, None) => continue,
                        (a, b) => [a.unwrap_or_default(), b.unwrap_or_default()],
                    };
                    let alone = match holes {
                        Some(holes) => holes,
                        None => field.read(seen.block, table, &mut block),
                    };
                    holes = Some(alone);
                    if alone {
                        a.follow_alone(shades, field, samples[0]);
                        b.follow_alone(shades, field, samples[1]);
                    } else {
                        follow(simd, shades, (&limits, &block), [a, b], samples);
                    }
                }
            }
        }
        rays
    }
}

/// All blocks that show something and are in the picture, such that for every ray what is in front comes first.
fn in_front_first(caster: &Caster<'_>, field: &Field<'_>, view: &View) -> Vec<Seen> {
    // Along each axis rays only go away from the eye: block by block from there.
    let eye = view.eye(caster, field);
    let order: [Vec<usize>; 3] = std::array::from_fn(|a| {
        let mut blocks: Vec<usize> = (0..field.count[a]).collect();
        blocks.sort_by_key(|b| (*b as i64).abs_diff(eye[a]));
        blocks
    });
    let mut seen = Vec::new();
    for z in &order[2] {
        for y in &order[1] {
            for x in &order[0] {
                let index = (z * field.count[1] + y) * field.count[0] + x;
                if field.shown.get(index).copied().unwrap_or(false) {
                    seen.extend(view.seen(field, [*x as u16, *y as u16, *z as u16]));
                }
            }
        }
    }
    seen
}

impl View {
    fn new(caster: &Caster<'_>, field: &Field<'_>, camera: &Camera) -> Self {
        let geometry = caster.scene.volume.geometry();
        let point = |at: DVec3| {
            let PatientMm(point) = geometry.to_patient(Voxel(field.grid(at)));
            let off = point - camera.centre.0;
            DVec3::new(
                off.dot(camera.right),
                off.dot(camera.down),
                off.dot(camera.forward()),
            )
        };
        let origin = point(DVec3::ZERO);
        Self {
            camera: *camera,
            origin,
            axes: [DVec3::X, DVec3::Y, DVec3::Z].map(|a| point(a) - origin),
            distance_mm: match camera.projection {
                Projection::Orthographic => None,
                Projection::Perspective { distance_mm } => Some(distance_mm.max(1e-3)),
            },
        }
    }

    /// The block of the eye along each axis, also outside.
    fn eye(&self, caster: &Caster<'_>, field: &Field<'_>) -> [i64; 3] {
        let geometry = caster.scene.volume.geometry();
        let forward = self.camera.forward();
        let at = match self.distance_mm {
            None => geometry.grid_direction(forward) * -1e9,
            Some(mm) => {
                let eye = PatientMm(self.camera.centre.0 - forward * mm);
                field.place(geometry.to_grid(eye).0)
            }
        };
        at.to_array().map(|x| (x / SIDE as f64).floor() as i64)
    }

    /// Where a block is in the picture, if it is.
    fn seen(&self, field: &Field<'_>, block: [u16; 3]) -> Option<Seen> {
        let (mut centre, mut reach) = (self.origin, DVec3::ZERO);
        for (a, b) in block.into_iter().enumerate() {
            let from = f64::from(b) * SIDE as f64;
            let to = (from + SIDE as f64).min(field.size[a] as f64 - 1.0);
            // Half a voxel around the outermost ones is theirs.
            centre += self.axes[a] * ((from + to) / 2.0);
            reach += self.axes[a].abs() * ((to - from) / 2.0 + 0.5);
        }
        let (low, high) = (centre - reach, centre + reach);
        let size = self.camera.size;
        let mut seen = Seen {
            block,
            from: [0; 2],
            to: size,
        };
        let scale = match self.distance_mm {
            None => [1.0; 2],
            // Around the eye it may be anywhere.
            Some(mm) if low.z + mm < 1e-3 => {
                return (high.z + mm > 0.0).then_some(seen);
            }
            Some(mm) => [mm / (high.z + mm), mm / (low.z + mm)],
        };
        for a in 0..2 {
            let middle = (f64::from(size[a]) - 1.0) / 2.0;
            let least = scale
                .map(|s| low[a] * s)
                .into_iter()
                .fold(f64::MAX, f64::min);
            let most = scale
                .map(|s| high[a] * s)
                .into_iter()
                .fold(f64::MIN, f64::max);
            let pixel = |mm: f64| middle + mm / self.camera.mm_per_pixel;
            // A hair's width for rounding.
            seen.from[a] = (pixel(least) - 1e-3).ceil().max(0.0) as u32;
            seen.to[a] = ((pixel(most) + 1e-3).floor() + 1.0).clamp(0.0, f64::from(size[a])) as u32;
            if seen.from[a] >= seen.to[a] {
                return None;
            }
        }
        Some(seen)
    }
}
