//! The uniform block and table of volume rendering.

use triptych_imaging::volume::{Camera, Projection, Quality, RayParts, Scene};

/// `Rays` of `rays.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub(super) struct RayParams {
    origin: [f32; 3],
    step_mm: f32,
    right: [f32; 3],
    mm_per_pixel: f32,
    down: [f32; 3],
    distance: f32,
    forward: [f32; 3],
    cuts: u32,
    low: [f32; 3],
    table_scale: f32,
    high: [f32; 3],
    table_offset: f32,
    lamp_right: [f32; 3],
    entries: u32,
    lamp_down: [f32; 3],
    lights: u32,
    lamp_forward: [f32; 3],
    central: u32,
    middle: [f32; 2],
    inverse: [f32; 2],
    lean: [f32; 2],
    unused: [f32; 2],
    pub(super) blocks: [i32; 3],
    unused_too: u32,
    cut: [[f32; 4]; MOST_CUTS],
}

const _: () = assert!(size_of::<RayParams>() == 320);

/// Cut planes that the uniform block has room for.
const MOST_CUTS: usize = 8;

/// A picture of a scene for the pass.
pub(super) struct RayPass {
    pub(super) params: RayParams,
    /// Of the picture itself.
    pub(super) size: [u32; 2],
    /// Colours and opacities, then light.
    pub(super) table: Vec<[f32; 4]>,
    /// Samples along the longest ray, for the division of work.
    pub(super) longest: f64,
}

impl RayPass {
    /// `None` for a scene that the pass does not take: more cut planes, or fewer than two voxels along an axis.
    pub(super) fn new(scene: &Scene, camera: &Camera, quality: Quality) -> Option<Self> {
        let geometry = scene.volume().geometry();
        if scene.cut_planes().len() > MOST_CUTS || geometry.size().iter().any(|n| *n < 2) {
            return None;
        }
        let parts: RayParts = scene.rays(camera, quality);
        let camera = parts.camera;
        let [w, h] = camera.size.map(|n| (f64::from(n) - 1.0) / 2.0);
        let begins = camera.ray(w, h).0.0;
        let axes = [camera.right, camera.down, camera.forward()];
        let mut cut = [[0.0; 4]; MOST_CUTS];
        for (to, plane) in cut.iter_mut().zip(scene.cut_planes()) {
            let along = axes.map(|a| a.dot(plane.normal) as f32);
            let off = (begins - plane.point.0).dot(plane.normal) as f32;
            *to = [off, along[0], along[1], along[2]];
        }
        let table: Vec<[f32; 4]> = parts
            .table
            .iter()
            .copied()
            .chain(
                parts
                    .light
                    .iter()
                    .map(|[lit, shine]| [*lit, *shine, 0.0, 0.0]),
            )
            .collect();
        let corners = geometry.corners();
        let longest = corners
            .iter()
            .map(|c| (c.0 - geometry.centre().0).length() * 2.0 / parts.step_mm)
            .fold(1.0, f64::max);
        let params = RayParams {
            origin: single(parts.origin),
            step_mm: parts.step_mm as f32,
            right: single(parts.axes[0]),
            mm_per_pixel: camera.mm_per_pixel as f32,
            down: single(parts.axes[1]),
            distance: match camera.projection {
                Projection::Orthographic => 0.0,
                Projection::Perspective { distance_mm } => distance_mm.max(1e-3) as f32,
            },
            forward: single(parts.axes[2]),
            cuts: scene.cut_planes().len() as u32,
            low: single(parts.bounds[0]),
            table_scale: parts.index[0],
            high: single(parts.bounds[1]),
            table_offset: parts.index[1],
            lamp_right: single(parts.lamp[0]),
            entries: parts.table.len() as u32,
            lamp_down: single(parts.lamp[1]),
            lights: parts.light.len() as u32,
            lamp_forward: single(parts.lamp[2]),
            central: u32::from(parts.central),
            middle: [w as f32, h as f32],
            inverse: parts.inverse,
            lean: parts.lean,
            unused: [0.0; 2],
            blocks: [0; 3],
            unused_too: 0,
            cut,
        };
        Some(Self {
            params,
            size: camera.size,
            table,
            longest,
        })
    }
}

fn single(v: glam::DVec3) -> [f32; 3] {
    v.as_vec3().to_array()
}
