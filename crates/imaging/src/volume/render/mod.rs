//! Volume rendering: rays front to back, lit by a lamp at the viewer's head (T36).

mod camera;
mod cast;
mod cell;
mod field;
mod march;
mod painter;
mod space;
mod tiles;
mod transfer;

pub use camera::{Camera, CropBox, CutPlane, Projection};
pub use painter::{EmptySpace, RayParts};
pub use transfer::{Transfer, corrected_opacity, presets};

#[cfg(test)]
pub(super) use transfer::composite;

use std::sync::atomic::{AtomicBool, Ordering};

use super::{ViewError, stack::Volume};
use crate::geometry::PatientMm;
use space::Space;

/// How finely a picture is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Quality {
    /// Every pixel, half the smallest voxel spacing from sample to sample.
    #[default]
    Rest,
    /// Half as many pixels each way of the volume in half as many voxels each way, the smallest voxel spacing from sample to sample: while the
    /// volume is being turned.
    Moving,
    /// As [`Quality::Moving`] with a quarter of the pixels and of the voxels each way and three times the step: while it is being turned on a slow
    /// machine.
    Draft,
}

impl Quality {
    /// The camera of the picture itself, and the step of its rays.
    fn of(self, camera: &Camera, volume: &Volume) -> (Camera, f64) {
        let smallest = volume.geometry().smallest_spacing_mm();
        match self {
            Self::Rest => (*camera, smallest / 2.0),
            Self::Moving => (camera.coarser(2), smallest),
            Self::Draft => (camera.coarser(4), smallest * 3.0),
        }
    }
}

/// A volume as it is looked at: what a transfer function shows of it. Kept while the camera moves.
pub struct Scene {
    volume: Volume,
    transfer: Transfer,
    space: Option<Space>,
    /// Only this part is drawn.
    pub crop: Option<CropBox>,
    /// And what is on the right side of all of these.
    pub cuts: Vec<CutPlane>,
}

/// A picture of a scene.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Of the picture itself: smaller than what was asked for unless at [`Quality::Rest`].
    pub camera: Camera,
    /// Row after row, over black, opaque.
    pub rgba: Vec<u8>,
    /// The transfer function draws nothing of any volume: to be said instead of showing black.
    pub is_clear: bool,
    /// Along each ray, mm, where more than half of the light is stopped; NaN where it never is.
    depth_mm: Vec<f32>,
}

impl Scene {
    /// `transfer` over `volume`. Blocks of the volume are looked through here: tens of milliseconds the first time.
    #[must_use]
    pub fn new(volume: &Volume, transfer: &Transfer) -> Self {
        let space = volume.bricks().map(|b| {
            let table = transfer.table(1.0, volume.late_rescale());
            Space::new(b, &table)
        });
        Self {
            volume: volume.clone(),
            transfer: transfer.clone(),
            space,
            crop: None,
            cuts: Vec::new(),
        }
    }

    /// Makes rays look at every sample.
    #[cfg(test)]
    pub(super) fn forget_space(&mut self) {
        self.space = None;
    }

    /// Draws the scene.
    ///
    /// # Errors
    /// [`ViewError`], for a camera that is not valid or has too many pixels.
    pub fn render(&self, camera: &Camera, quality: Quality) -> Result<Rendered, ViewError> {
        self.draw(camera, quality, &AtomicBool::new(false))
    }

    /// As [`Self::render`]; `None` when `left` was set before it was done: the picture is wanted no more.
    ///
    /// # Errors
    /// As [`Self::render`].
    pub fn render_unless(
        &self,
        camera: &Camera,
        quality: Quality,
        left: &AtomicBool,
    ) -> Result<Option<Rendered>, ViewError> {
        let rendered = self.draw(camera, quality, left)?;
        Ok((!left.load(Ordering::Relaxed)).then_some(rendered))
    }

    fn draw(
        &self,
        camera: &Camera,
        quality: Quality,
        left: &AtomicBool,
    ) -> Result<Rendered, ViewError> {
        if !camera.is_valid() {
            return Err(ViewError::Plane);
        }
        let [width, height] = camera.size;
        if u64::from(width) * u64::from(height) > 1 << 26 {
            return Err(ViewError::TooLarge(width, height));
        }
        let (camera, step_mm) = quality.of(camera, &self.volume);
        let pixels = camera.size[0] as usize * camera.size[1] as usize;
        let mut rendered = Rendered {
            camera,
            rgba: vec![0; pixels * 4],
            is_clear: self.transfer.is_clear(),
            depth_mm: vec![f32::NAN; pixels],
        };
        cast::draw(self, (step_mm, quality), left, &mut rendered);
        Ok(rendered)
    }
}

impl Rendered {
    /// The surface at a pixel of the picture: where more than half of the light is stopped. Lengths between two of these are marked `on
    /// rendered surface`; there is none where the ray goes through.
    #[must_use]
    pub fn pick(&self, u: u32, v: u32) -> Option<PatientMm> {
        let [width, height] = self.camera.size;
        if u >= width || v >= height {
            return None;
        }
        let depth = *self
            .depth_mm
            .get(v as usize * width as usize + u as usize)?;
        let (from, direction) = self.camera.ray(f64::from(u), f64::from(v));
        (!depth.is_nan()).then(|| PatientMm(from.0 + direction * f64::from(depth)))
    }
}
