//! The numbers that a painter on a graphics processor needs of a scene: the same that rays use here.

use glam::DVec3;

use super::{Camera, CutPlane, Quality, Scene, Transfer, cast, cell::Voxels, transfer::Table};
use crate::volume::{Volume, bricks::SIDE};

/// What rays of one camera use.
#[derive(Clone, Debug)]
pub struct RayParts {
    /// Of the picture itself: coarser than what was asked for unless at [`Quality::Rest`].
    pub camera: Camera,
    /// From sample to sample.
    pub step_mm: f64,
    /// What is drawn of the volume, in its grid: lowest and highest point.
    pub bounds: [DVec3; 2],
    /// In the grid: where the ray through the middle of the picture begins (the eye, or the plane of the camera's centre).
    pub origin: DVec3,
    /// In the grid: one mm to the right, down and forward.
    pub axes: [DVec3; 3],
    /// Right, down and forward along rows, columns and normal of the volume.
    pub lamp: [DVec3; 3],
    /// Red, green, blue and opacity over one step.
    pub table: Vec<[f32; 4]>,
    /// Index into the table: value × the first + the second, rounded.
    pub index: [f32; 2],
    /// (lit part, shine) by the cosine between light and surface, 0 to 1 in even steps.
    pub light: Vec<[f32; 2]>,
    /// 1 / (distance of the neighbours on both sides), mm: along rows and columns.
    pub inverse: [f32; 2],
    /// The same for each slice.
    pub inverse_depth: Vec<f32>,
    /// Shift along rows and columns for each mm along the normal.
    pub lean: [f32; 2],
    /// Light by central differences, not by the slope within a cell.
    pub central: bool,
}

/// Distances to what is drawn.
#[derive(Clone, Copy, Debug)]
pub struct EmptySpace<'a> {
    /// Cells along each side of a block.
    pub side: usize,
    /// Blocks along each axis.
    pub count: [usize; 3],
    /// For each block, x fastest: 0 where there is something to draw, else all blocks nearer than this are empty.
    pub distance: &'a [u8],
}

impl Scene {
    /// What is looked at.
    #[must_use]
    pub const fn volume(&self) -> &Volume {
        &self.volume
    }

    /// How it is shown.
    #[must_use]
    pub const fn transfer(&self) -> &Transfer {
        &self.transfer
    }

    /// Planes that cut off parts.
    #[must_use]
    pub fn cut_planes(&self) -> &[CutPlane] {
        &self.cuts
    }

    /// Where there is nothing to draw; `None` while slices are missing.
    #[must_use]
    pub fn empty_space(&self) -> Option<EmptySpace<'_>> {
        self.space.as_ref().map(|space| EmptySpace {
            side: SIDE,
            count: space.count,
            distance: &space.distance,
        })
    }

    /// What rays of `camera` use, which must be valid ([`Camera::is_valid`]).
    #[must_use]
    pub fn rays(&self, camera: &Camera, quality: Quality) -> RayParts {
        let (camera, step_mm) = quality.of(camera, &self.volume);
        let geometry = self.volume.geometry();
        let Table {
            entries,
            scale,
            offset,
            light,
            ..
        } = self.transfer.table(step_mm, self.volume.late_rescale());
        let voxels = Voxels::new(&self.volume);
        let [w, h] = camera.size.map(|n| (f64::from(n) - 1.0) / 2.0);
        let axes = [camera.right, camera.down, camera.forward()];
        let own = [geometry.row(), geometry.column(), geometry.normal()];
        RayParts {
            step_mm,
            bounds: cast::bounds(self),
            origin: geometry.to_grid(camera.ray(w, h).0).0,
            axes: axes.map(|a| geometry.grid_direction(a)),
            lamp: axes.map(|a| DVec3::from_array(own.map(|o| o.dot(a)))),
            table: entries,
            index: [scale, offset],
            light,
            inverse: voxels.inverse,
            inverse_depth: voxels.inverse_depth,
            lean: voxels.lean,
            central: quality == Quality::Rest,
            camera,
        }
    }
}
