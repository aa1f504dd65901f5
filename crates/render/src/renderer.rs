//! One renderer, chosen once: retained pictures by slot, drawn anew only when their key changes.

use std::{collections::HashMap, sync::Arc};

use triptych_imaging::{
    display::{Voi, Window, default_invert, draw},
    volume::{Camera, Quality},
};

use crate::{
    CutPicture, Gpu, GpuRenderer, Picture, RenderError, ScenePicture, View, cpu::CpuRenderer,
};

/// What to draw with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RendererChoice {
    /// A hardware adapter when there is one, else the CPU: software adapters are slower than the twins.
    #[default]
    Auto,
    /// Any adapter, a software one too; an error when there is none.
    Gpu,
    /// No adapter is asked for.
    Cpu,
}

/// A drawn picture, kept until its slot is drawn again or forgotten.
#[derive(Debug)]
pub enum Drawn<'a> {
    /// On the device.
    Texture {
        /// Of the whole target, [`crate::TARGET_FORMAT`].
        view: &'a wgpu::TextureView,
        /// Names the texture object: a new number means another texture to register.
        target: u64,
        /// Physical pixels.
        size: [u32; 2],
    },
    /// In memory: RGBA, opaque, rows from the top.
    Pixels {
        /// `size[0] × size[1] × 4` bytes.
        rgba: &'a [u8],
        /// Changes whenever the pixels do.
        generation: u64,
        /// Physical pixels.
        size: [u32; 2],
    },
}

/// Draws pictures into slots.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one, and it does not move"
)]
pub enum Renderer {
    /// WGSL on a device.
    Gpu(Box<GpuRenderer>),
    /// The twins.
    Cpu(CpuRenderer),
}

/// Default windows already worked out, by picture.
#[derive(Debug, Default)]
pub(crate) struct Defaults(HashMap<u64, Option<(Voi, bool)>>);

/// Slot of pictures that are read back and not kept.
const READ_BACK: &str = "\0read back";

/// Largest side of a viewport.
pub(crate) const LARGEST_SIDE: u32 = 16_384;

fn check_size([width, height]: [u32; 2]) -> Result<(), RenderError> {
    let sides = 1..=LARGEST_SIDE;
    if sides.contains(&width) && sides.contains(&height) {
        Ok(())
    } else {
        Err(RenderError::Size(width, height))
    }
}

impl RendererChoice {
    /// From the word of `--renderer`: `auto`, `gpu` or `cpu`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "auto" => Some(Self::Auto),
            "gpu" => Some(Self::Gpu),
            "cpu" => Some(Self::Cpu),
            _ => None,
        }
    }
}

impl Renderer {
    /// The CPU twins.
    #[must_use]
    pub fn cpu() -> Self {
        Self::Cpu(CpuRenderer::default())
    }

    /// On a device that may be shared with the window.
    #[must_use]
    pub fn on_gpu(gpu: Gpu) -> Self {
        Self::Gpu(Box::new(GpuRenderer::new(gpu)))
    }

    /// Without a window: opens a device of its own as `choice` says.
    ///
    /// # Errors
    /// [`RenderError::NoAdapter`] or [`RenderError::Device`] for [`RendererChoice::Gpu`] only; the other choices fall back to the CPU.
    pub fn choose(choice: RendererChoice) -> Result<Self, RenderError> {
        if choice == RendererChoice::Cpu {
            return Ok(Self::cpu());
        }
        match Gpu::open(Gpu::instance(), choice, None) {
            Ok(gpu) => Ok(Self::on_gpu(gpu)),
            Err(error) if choice == RendererChoice::Gpu => Err(error),
            Err(error) => {
                tracing::debug!(%error, "drawing on the CPU");
                Ok(Self::cpu())
            }
        }
    }

    /// The picture of `slot`: drawn anew only when the picture, the view or the size differ from what the slot holds.
    ///
    /// # Errors
    /// A size of 0, a picture smaller than its shape, or a lost device; the slot is then empty, never stale.
    pub fn draw(
        &mut self,
        slot: &str,
        picture: &Arc<Picture>,
        view: &View,
        size: [u32; 2],
    ) -> Result<Drawn<'_>, RenderError> {
        check_size(size)?;
        match self {
            Self::Gpu(gpu) => gpu.draw(slot, picture, view, size),
            Self::Cpu(cpu) => cpu.draw(slot, picture, view, size),
        }
    }

    /// A plane or slab of a volume, with what lies over it; kept as [`Renderer::draw`] keeps pictures. Gaps, slices that are not loaded and,
    /// on a GPU, those that are not uploaded yet are hatched.
    ///
    /// # Errors
    /// A size of 0, a plane that is not valid, or a lost device; the slot is then empty.
    pub fn draw_cut(
        &mut self,
        slot: &str,
        cut: &CutPicture,
        view: &View,
        size: [u32; 2],
    ) -> Result<Drawn<'_>, RenderError> {
        check_size(size)?;
        match self {
            Self::Gpu(gpu) => gpu.draw_cut(slot, cut, view, size),
            Self::Cpu(cpu) => cpu.draw_cut(slot, cut, view, size),
        }
    }

    /// A scene as `camera` sees it, of the camera's size; kept as [`Renderer::draw`] keeps pictures. Below [`Quality::Rest`] it is made of
    /// larger pixels.
    ///
    /// # Errors
    /// As [`Renderer::draw_cut`].
    pub fn draw_volume(
        &mut self,
        slot: &str,
        picture: &ScenePicture,
        camera: &Camera,
        quality: Quality,
    ) -> Result<Drawn<'_>, RenderError> {
        check_size(camera.size)?;
        match self {
            Self::Gpu(gpu) => gpu.draw_scene(slot, picture, camera, quality),
            Self::Cpu(cpu) => cpu.draw_scene(slot, picture, camera, quality),
        }
    }

    /// The frame is over: as many bytes of volumes may go up in the next one again.
    pub fn end_frame(&mut self) {
        if let Self::Gpu(gpu) = self {
            gpu.end_frame();
        }
    }

    /// Loaded slices of volumes drawn in this frame wait for the next one: draw again.
    #[must_use]
    pub fn is_uploading(&self) -> bool {
        match self {
            Self::Gpu(gpu) => gpu.is_uploading(),
            Self::Cpu(_) => false,
        }
    }

    /// The same as [`Renderer::draw_cut`] read back, with all that is loaded, however long its upload takes.
    ///
    /// # Errors
    /// As [`Renderer::draw_cut`].
    pub fn draw_cut_rgba(
        &mut self,
        cut: &CutPicture,
        view: &View,
        size: [u32; 2],
    ) -> Result<Vec<u8>, RenderError> {
        self.without_budget(|of| of.draw_cut(READ_BACK, cut, view, size).map(drop))?;
        self.read_back()
    }

    /// The same as [`Renderer::draw_volume`] read back.
    ///
    /// # Errors
    /// As [`Renderer::draw_volume`].
    pub fn draw_volume_rgba(
        &mut self,
        picture: &ScenePicture,
        camera: &Camera,
        quality: Quality,
    ) -> Result<Vec<u8>, RenderError> {
        self.without_budget(|of| {
            of.draw_volume(READ_BACK, picture, camera, quality)
                .map(drop)
        })?;
        self.read_back()
    }

    fn without_budget<T>(&mut self, draw: impl FnOnce(&mut Self) -> T) -> T {
        if let Self::Gpu(gpu) = self {
            gpu.lift_budget(true);
        }
        let drawn = draw(self);
        if let Self::Gpu(gpu) = self {
            gpu.lift_budget(false);
        }
        drawn
    }

    fn read_back(&mut self) -> Result<Vec<u8>, RenderError> {
        let rgba = match self {
            Self::Gpu(gpu) => gpu.read_back(READ_BACK)?,
            Self::Cpu(cpu) => cpu.take(READ_BACK),
        };
        self.forget(READ_BACK);
        Ok(rgba)
    }

    /// The same picture read back: RGBA, opaque, rows from the top. Nothing is retained.
    ///
    /// # Errors
    /// As [`Renderer::draw`].
    pub fn draw_rgba(
        &mut self,
        picture: &Arc<Picture>,
        view: &View,
        size: [u32; 2],
    ) -> Result<Vec<u8>, RenderError> {
        self.draw(READ_BACK, picture, view, size)?;
        self.read_back()
    }

    /// From now on greys of pictures and planes become these levels of the screen, `None`: themselves (T55). Colours, fused planes and volume
    /// rendering stay as they are. What was drawn is drawn anew.
    pub fn set_greys(&mut self, greys: Option<[u8; 256]>) {
        match self {
            Self::Gpu(gpu) => gpu.set_greys(greys),
            Self::Cpu(cpu) => cpu.set_greys(greys),
        }
    }

    /// Drops a slot.
    pub fn forget(&mut self, slot: &str) {
        match self {
            Self::Gpu(gpu) => gpu.forget(slot),
            Self::Cpu(cpu) => cpu.forget(slot),
        }
    }

    /// Drops everything of the pictures drawn so far: another patient opens.
    pub fn clear(&mut self) {
        match self {
            Self::Gpu(gpu) => gpu.clear(),
            Self::Cpu(cpu) => cpu.clear(),
        }
    }

    /// Goes on with a new device after a loss; all slots are empty. On the CPU this changes to the GPU.
    pub fn rebuild(&mut self, gpu: Gpu) {
        *self = Self::on_gpu(gpu);
    }

    /// Pictures really drawn since the start; a redraw with an equal key does not count.
    #[must_use]
    pub fn passes(&self) -> u64 {
        match self {
            Self::Gpu(gpu) => gpu.passes(),
            Self::Cpu(cpu) => cpu.passes(),
        }
    }

    /// Name of the adapter, or `CPU`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Gpu(gpu) => gpu.gpu().name(),
            Self::Cpu(_) => "CPU".into(),
        }
    }
}

impl Defaults {
    /// The step to grey for a view of a picture, and whether it is inverted by default.
    pub(crate) fn resolve(
        &mut self,
        picture: &Picture,
        window: Option<Window>,
    ) -> (Option<Voi>, bool) {
        // The default may cost a look at every pixel: not for a picture whose window is named.
        if let Some(window) = window
            && picture.is_grey()
        {
            let invert = default_invert(&picture.display);
            return (Some(Voi::Window(window)), invert);
        }
        let known = self
            .0
            .entry(picture.id)
            .or_insert_with(|| picture.default_voi().map(|d| (d.voi, d.invert)));
        known
            .as_ref()
            .map_or((None, false), |(voi, invert)| (Some(voi.clone()), *invert))
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The twin's picture into `out`.
pub(crate) fn draw_by_twin(
    defaults: &mut Defaults,
    picture: &Picture,
    view: &View,
    size: [u32; 2],
    greys: Option<&[u8; 256]>,
    out: &mut Vec<u8>,
) -> Result<(), RenderError> {
    let bytes = size[0] as usize * size[1] as usize * 4;
    out.clear();
    out.resize(bytes, 0);
    let (voi, invert) = defaults.resolve(picture, view.window);
    let transform = picture.transform(view, size);
    draw(
        &view.drawing(picture, &transform, voi.as_ref(), invert, greys, size),
        out,
    )?;
    Ok(())
}
