//! The uniform block of planes and slabs, worked out in double precision.

use triptych_imaging::{
    display::{VoiFunction, Window},
    volume::{PlaneLines, PlaneView, SlabMode, Volume},
};

use super::{
    params::shape_of,
    volumes::{FARTHEST, VOXEL},
};

/// `Plane` of `plane.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub(super) struct PlaneParams {
    start: [i32; 3],
    samples: u32,
    right: [i32; 3],
    mode: u32,
    down: [i32; 3],
    flags: u32,
    through: [i32; 3],
    function: u32,
    start_rest: [u32; 3],
    base: f32,
    right_rest: [u32; 3],
    residual: f32,
    down_rest: [u32; 3],
    gain: f32,
    through_rest: [u32; 3],
    opacity: f32,
    pub(super) blocks: [i32; 3],
    threshold: f32,
}

const _: () = assert!(size_of::<PlaneParams>() == 144);

pub(super) const INVERTED: u32 = 1;
pub(super) const HATCHED: u32 = 2;
pub(super) const COLOURED: u32 = 4;
const CLEAR_BELOW: u32 = 8;
const CLEAR_ABOVE: u32 = 16;

/// Pixels along a side, and samples, that the shader's sums have room for.
const MOST: usize = 16_384;

impl PlaneParams {
    /// `None` when single precision or the shader's whole numbers cannot hold it: the twin draws then.
    pub(super) fn new(
        volume: &Volume,
        view: &PlaneView,
        window: &Window,
        flags: u32,
    ) -> Option<Self> {
        let lines = volume.lines(view);
        let side = view.size[0].max(view.size[1]) as usize;
        if side > MOST || lines.samples > MOST || !is_near(&lines, view.size) {
            return None;
        }
        let (slope, intercept) = volume.rescale_afterwards();
        let (function, zero_at, gain) = shape_of(window, slope);
        let at = (zero_at - intercept) / slope;
        let base = at.floor() as f32;
        let (residual, gain) = ((at - f64::from(base)) as f32, gain as f32);
        let fits =
            base.abs() < 1e30 && residual.is_finite() && gain.is_normal() && gain.abs() < 1e30;
        // A step on a value between whole numbers needs all bits of it.
        let wide = base.abs() >= 16_777_216.0 && window.function() != VoiFunction::Sigmoid;
        if !fits || wide {
            return None;
        }
        let (start, start_rest) = split(lines.start);
        let (right, right_rest) = split(lines.right);
        let (down, down_rest) = split(lines.down);
        let (through, through_rest) = split(lines.through);
        Some(Self {
            start,
            samples: lines.samples as u32,
            right,
            mode: match lines.mode {
                SlabMode::Single => 0,
                SlabMode::Mip => 1,
                SlabMode::MinIp => 2,
                SlabMode::Mean => 3,
            },
            down,
            flags,
            through,
            function,
            start_rest,
            base,
            right_rest,
            residual,
            down_rest,
            gain,
            through_rest,
            opacity: 1.0,
            blocks: [0; 3],
            threshold: 0.0,
        })
    }

    /// For colours over a picture.
    pub(super) fn over(mut self, volume: &Volume, opacity: f64, threshold: Option<f64>) -> Self {
        self.opacity = opacity.clamp(0.0, 1.0) as f32;
        if let Some(threshold) = threshold {
            let (slope, intercept) = volume.rescale_afterwards();
            self.threshold = ((threshold - intercept) / slope) as f32;
            self.flags |= if slope < 0.0 {
                CLEAR_ABOVE
            } else {
                CLEAR_BELOW
            };
        }
        self
    }
}

/// Whole steps of positions, and the rest in 1/65536 of one.
fn split(v: glam::DVec3) -> ([i32; 3], [u32; 3]) {
    let steps = v.to_array().map(|x| (x * VOXEL * 65_536.0).round());
    (
        steps.map(|s| (s / 65_536.0).floor() as i32),
        steps.map(|s| s.rem_euclid(65_536.0) as u32),
    )
}

/// All samples lie where the shader can count.
fn is_near(lines: &PlaneLines, size: [u32; 2]) -> bool {
    let last = |n: usize| n.saturating_sub(1) as f64;
    let right = lines.right * last(size[0] as usize);
    let down = lines.down * last(size[1] as usize);
    let through = lines.through * last(lines.samples);
    (0..8).all(|c| {
        let part = |bit: u32, v: glam::DVec3| {
            if c >> bit & 1 == 1 {
                v
            } else {
                glam::DVec3::ZERO
            }
        };
        let at = lines.start + part(0, right) + part(1, down) + part(2, through);
        at.abs().max_element() < FARTHEST
    })
}
