//! One renderer, chosen once: retained pictures by slot, drawn anew only when their key changes.

use std::{collections::HashMap, sync::Arc};

use triptych_imaging::display::{Voi, Window, default_invert, draw};

use crate::{Gpu, GpuRenderer, Picture, RenderError, View, cpu::CpuRenderer};

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
pub enum Renderer {
    /// WGSL on a device.
    Gpu(Box<GpuRenderer>),
    /// The twins.
    Cpu(CpuRenderer),
}

/// Default windows already worked out, by picture.
#[derive(Debug, Default)]
pub(crate) struct Defaults(HashMap<u64, Option<(Voi, bool)>>);

/// Largest side of a viewport.
pub(crate) const LARGEST_SIDE: u32 = 16_384;

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
        let [width, height] = size;
        if !(1..=LARGEST_SIDE).contains(&width) || !(1..=LARGEST_SIDE).contains(&height) {
            return Err(RenderError::Size(width, height));
        }
        match self {
            Self::Gpu(gpu) => gpu.draw(slot, picture, view, size),
            Self::Cpu(cpu) => cpu.draw(slot, picture, view, size),
        }
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
        const SLOT: &str = "\0read back";
        self.draw(SLOT, picture, view, size)?;
        let rgba = match self {
            Self::Gpu(gpu) => gpu.read_back(SLOT)?,
            Self::Cpu(cpu) => cpu.take(SLOT),
        };
        self.forget(SLOT);
        Ok(rgba)
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
    out: &mut Vec<u8>,
) -> Result<(), RenderError> {
    let bytes = size[0] as usize * size[1] as usize * 4;
    out.clear();
    out.resize(bytes, 0);
    let (voi, invert) = defaults.resolve(picture, view.window);
    let transform = picture.transform(view, size);
    draw(
        &view.drawing(picture, &transform, voi.as_ref(), invert, size),
        out,
    )?;
    Ok(())
}
