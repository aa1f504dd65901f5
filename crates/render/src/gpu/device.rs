//! The one device, shared with whatever else paints in the window.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::{RenderError, RendererChoice};

/// An open adapter. Cheap to clone; all clones are one device.
#[derive(Clone, Debug)]
pub struct Gpu {
    /// Makes surfaces.
    pub instance: wgpu::Instance,
    /// What was chosen.
    pub adapter: wgpu::Adapter,
    /// Makes everything else.
    pub device: wgpu::Device,
    /// Takes work.
    pub queue: wgpu::Queue,
    lost: Arc<AtomicBool>,
}

impl Gpu {
    /// An instance of all back ends that are compiled in, as the environment allows.
    #[must_use]
    pub fn instance() -> wgpu::Instance {
        wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env())
    }

    /// Opens the adapter that `choice` allows and that can present to `surface`, with all the limits it has.
    ///
    /// # Errors
    /// [`RenderError::NoAdapter`] when there is none, or only a software one and `choice` is [`RendererChoice::Auto`], or `choice` is
    /// [`RendererChoice::Cpu`]; [`RenderError::Device`] when it will not open.
    pub fn open(
        instance: wgpu::Instance,
        choice: RendererChoice,
        surface: Option<&wgpu::Surface<'_>>,
    ) -> Result<Self, RenderError> {
        if choice == RendererChoice::Cpu {
            return Err(RenderError::NoAdapter("the CPU was chosen".into()));
        }
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            compatible_surface: surface,
            ..Default::default()
        };
        let adapter = pollster::block_on(instance.request_adapter(&options))
            .map_err(|error| RenderError::NoAdapter(error.to_string()))?;
        let info = adapter.get_info();
        if choice == RendererChoice::Auto && info.device_type == wgpu::DeviceType::Cpu {
            return Err(RenderError::NoAdapter(format!(
                "{} is a software adapter",
                info.name
            )));
        }
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("triptych"),
            required_limits: adapter.limits(),
            ..Default::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|error| RenderError::Device(error.to_string()))?;
        device.on_uncaptured_error(Arc::new(|error| tracing::error!(%error, "graphics device")));
        let gpu = Self::from_parts(instance, adapter, device, queue);
        gpu.watch(|| {});
        Ok(gpu)
    }

    /// Around a device that somebody else opened; call [`Gpu::watch`] to be told of its loss.
    #[must_use]
    pub fn from_parts(
        instance: wgpu::Instance,
        adapter: wgpu::Adapter,
        device: wgpu::Device,
        queue: wgpu::Queue,
    ) -> Self {
        Self {
            instance,
            adapter,
            device,
            queue,
            lost: Arc::default(),
        }
    }

    /// Sets the device's one callback for loss: marks it lost, then runs `on_lost` on whatever thread polls.
    pub fn watch(&self, on_lost: impl Fn() + Send + 'static) {
        let lost = self.lost.clone();
        self.device
            .set_device_lost_callback(move |reason, message| {
                tracing::warn!(?reason, message, "graphics device lost");
                lost.store(true, Ordering::Release);
                on_lost();
            });
    }

    /// The device is gone.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Stands in for a driver reset, in tests and behind a key of the shell.
    pub fn simulate_loss(&self) {
        self.device.destroy();
        // Only a poll reports the loss.
        let _ = self.device.poll(wgpu::PollType::Poll);
    }

    /// The adapter is a software one.
    #[must_use]
    pub fn is_software(&self) -> bool {
        self.adapter.get_info().device_type == wgpu::DeviceType::Cpu
    }

    /// The adapter's name as its driver gives it.
    #[must_use]
    pub fn name(&self) -> String {
        self.adapter.get_info().name
    }
}
