//! The one painting seam, with two implementations: egui-wgpu on a GPU, and the tile painter on the processor.
//!
//! Which one is [chosen once](Backend::open), at the start; a GPU that is lost and does not come back makes room for the
//! processor. Views know nothing of it: they hand out shapes, and get textures from [`crate::pictures`].

mod capture;
mod cpu;
mod gpu;
mod mirror;
mod swap_chain;
#[cfg(test)]
mod tests;

use egui::epaint::ClippedPrimitive;
use egui::{Color32, TexturesDelta};
use tauri::Window;
use triptych_render::{RenderError, Renderer, RendererChoice};

pub use capture::Capture;
pub use cpu::CpuScreen;
pub use gpu::Gpu;
pub use mirror::Whole;
pub use swap_chain::GpuScreen;

/// One egui frame, ready to be painted.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Width and height of the window's content in physical pixels, each at least 1.
    pub size_px: [u32; 2],
    /// Physical pixels of one egui point.
    pub pixels_per_point: f32,
    /// New, changed and unneeded textures.
    pub textures: &'a TexturesDelta,
    /// Tessellated shapes, back to front.
    pub primitives: &'a [ClippedPrimitive],
    /// What is below everything; opaque.
    pub background: Color32,
    /// The X server lost what it had: send the whole window.
    pub exposed: bool,
    /// Give back what was presented.
    pub capture: bool,
}

/// What became of a frame.
#[derive(Debug, Default)]
pub struct Shown {
    /// It is on the screen; otherwise it has to be asked for again.
    pub presented: bool,
    /// What the screen shows, if asked for.
    pub capture: Option<Capture>,
    /// Tiles of the window, and of those the ones painted anew; the GPU has none.
    pub tiles: [usize; 2],
}

/// Why nothing can be painted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PaintError {
    /// The graphics processor cannot be used.
    #[error(transparent)]
    Gpu(#[from] RenderError),
    /// The window system refused.
    #[error("the window cannot be drawn to ({0})")]
    Surface(String),
}

/// What paints, for all windows.
pub struct Backend {
    /// Draws the pictures inside viewports.
    pub renderer: Renderer,
    /// Paints egui's meshes; nothing: the processor does.
    pub(crate) gpu: Option<Gpu>,
}

/// What paints one window.
pub enum Screen {
    /// A swap chain.
    Gpu(Box<GpuScreen>),
    /// Shared memory.
    Cpu(Box<CpuScreen>),
}

impl Backend {
    /// Chooses the painter for `window` and all later ones; `on_lost` is called from any thread when the device is lost.
    ///
    /// # Errors
    /// The window cannot be drawn to, or [`RendererChoice::Gpu`] was demanded and there is no adapter. A missing or
    /// software adapter is no error for [`RendererChoice::Auto`].
    pub fn open(
        choice: RendererChoice,
        window: &Window,
        on_lost: impl Fn() + Send + Sync + 'static,
    ) -> Result<(Self, Screen), PaintError> {
        let reason = if choice == RendererChoice::Cpu {
            "asked for".to_owned()
        } else {
            match Gpu::open(window, choice, on_lost) {
                Ok((gpu, screen)) => {
                    tracing::info!(adapter = gpu.adapter_name(), "painting on the GPU");
                    let backend = Self {
                        renderer: Renderer::on_gpu(gpu.shared()),
                        gpu: Some(gpu),
                    };
                    return Ok((backend, Screen::Gpu(Box::new(screen))));
                }
                Err(error) if choice == RendererChoice::Gpu => return Err(error),
                Err(error) => error.to_string(),
            }
        };
        tracing::info!(reason, "painting on the processor");
        let backend = Self {
            renderer: Renderer::cpu(),
            gpu: None,
        };
        let screen = backend.screen(window)?;
        Ok((backend, screen))
    }

    /// Makes a further window paintable.
    ///
    /// # Errors
    /// The window system refuses.
    pub fn screen(&self, window: &Window) -> Result<Screen, PaintError> {
        Ok(match &self.gpu {
            Some(gpu) => Screen::Gpu(Box::new(gpu.screen(window)?)),
            None => Screen::Cpu(Box::new(CpuScreen::new(window)?)),
        })
    }

    /// The device is gone.
    pub fn is_lost(&self) -> bool {
        self.gpu.as_ref().is_some_and(Gpu::is_lost)
    }

    /// The longest side of a texture.
    pub fn max_texture_side(&self) -> usize {
        /// The tile painter has no limit of its own; egui wants one for its font atlas.
        const CPU: usize = 8192;
        self.gpu.as_ref().map_or(CPU, |gpu| {
            gpu.inner.device.limits().max_texture_dimension_2d as usize
        })
    }

    /// What draws, in words for a person.
    pub fn name(&self) -> String {
        match &self.gpu {
            Some(gpu) => format!("local · {}", gpu.adapter_name()),
            None => "local · CPU".to_owned(),
        }
    }
}

impl Screen {
    /// Paints a frame and presents it.
    ///
    /// # Errors
    /// The window system refuses for good; what passes by itself is told by [`Shown::presented`].
    pub fn paint(&mut self, backend: &Backend, job: &Job<'_>) -> Result<Shown, PaintError> {
        match (self, &backend.gpu) {
            (Self::Gpu(screen), Some(gpu)) => Ok(screen.paint(gpu, job)),
            (Self::Cpu(screen), _) => screen.paint(job),
            (Self::Gpu(_), None) => Ok(Shown::default()),
        }
    }

    /// Loads textures before any frame, as after a rebuild.
    pub fn load(&mut self, backend: &Backend, textures: Whole) {
        let mut delta = TexturesDelta::default();
        for (id, texture) in textures {
            delta.push(id, texture);
        }
        match (self, &backend.gpu) {
            (Self::Gpu(screen), Some(gpu)) => screen.load(gpu, &delta),
            (Self::Cpu(screen), _) => screen.painter.load(&delta),
            (Self::Gpu(_), None) => {}
        }
        delta.clear();
    }

    /// egui's textures as they are now, whole, for the next screen of the same window.
    pub fn into_textures(self) -> Whole {
        match self {
            Self::Gpu(screen) => screen.into_textures(),
            // The processor is not lost; nobody asks.
            Self::Cpu(_) => Whole::new(),
        }
    }

    /// Presenting waits for the screen's own beat.
    pub fn has_vsync(&self) -> bool {
        matches!(self, Self::Gpu(_))
    }
}
