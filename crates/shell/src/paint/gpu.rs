//! One wgpu device for the whole process: egui's meshes and the pictures of `triptych_render` share it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tauri::Window;
use triptych_render::{RenderError, RendererChoice};

use super::{GpuScreen, PaintError};

/// The open adapter, and whether it can still be used.
pub struct Gpu {
    pub(super) inner: triptych_render::Gpu,
    failed: Arc<AtomicBool>,
}

impl Gpu {
    /// Opens the adapter that can present to `window`, and the window's swap chain. `on_lost` runs on any thread.
    ///
    /// # Errors
    /// There is no adapter, only a software one and `choice` does not demand it, it cannot be opened, or it has no format for
    /// the window.
    pub fn open(
        window: &Window,
        choice: RendererChoice,
        on_lost: impl Fn() + Send + Sync + 'static,
    ) -> Result<(Self, GpuScreen), PaintError> {
        let instance = triptych_render::Gpu::instance();
        // Without any driver already the surface fails: to a person that is the same.
        let surface = instance
            .create_surface(window.clone())
            .map_err(|error| RenderError::NoAdapter(error.to_string()))?;
        let inner = triptych_render::Gpu::open(instance, choice, Some(&surface))?;
        let gpu = Self::watched(inner, on_lost);
        let screen = GpuScreen::new(&gpu, surface)?;
        Ok((gpu, screen))
    }

    /// GPU-01: a lost device and an error that nobody caught both end its use. wgpu's own handler would end the process.
    pub(super) fn watched(
        inner: triptych_render::Gpu,
        on_lost: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let failed = Arc::new(AtomicBool::new(false));
        let on_lost = Arc::new(on_lost);
        let tell = on_lost.clone();
        inner.watch(move || tell());
        let flag = failed.clone();
        inner.device.on_uncaptured_error(Arc::new(move |error| {
            tracing::error!(%error, "graphics error");
            flag.store(true, Ordering::Release);
            on_lost();
        }));
        Self { inner, failed }
    }

    /// A swap chain for a further window.
    ///
    /// # Errors
    /// The window cannot be drawn to.
    pub fn screen(&self, window: &Window) -> Result<GpuScreen, PaintError> {
        let surface = self
            .inner
            .instance
            .create_surface(window.clone())
            .map_err(|error| PaintError::Surface(error.to_string()))?;
        GpuScreen::new(self, surface)
    }

    /// The device for `triptych_render`.
    pub fn shared(&self) -> triptych_render::Gpu {
        self.inner.clone()
    }

    /// The adapter, in its driver's words; a software one says so.
    pub fn adapter_name(&self) -> String {
        if self.inner.is_software() {
            format!("{} (software)", self.inner.name())
        } else {
            self.inner.name()
        }
    }

    /// Nothing drawn from now on arrives.
    pub fn is_lost(&self) -> bool {
        self.inner.is_lost() || self.failed.load(Ordering::Acquire)
    }

    /// Stands in for a driver reset, in tests.
    pub fn simulate_loss(&self) {
        self.inner.simulate_loss();
    }

    /// The driver's callbacks run only in a poll.
    pub fn notice_loss(&self) {
        let _ = self.inner.device.poll(wgpu::PollType::Poll);
    }
}
