//! A window painted by egui-wgpu into its swap chain.

use egui::TexturesDelta;

use super::mirror::{Mirror, Whole};
use super::{Capture, Gpu, Job, PaintError, Shown};

/// A window's swap chain, and the egui renderer that draws into it.
pub struct GpuScreen {
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    configured: bool,
    can_read: bool,
    mirror: Mirror,
    /// Draws egui's meshes; our pictures are registered with it.
    pub pass: EguiPass,
}

impl GpuScreen {
    pub(super) fn new(gpu: &Gpu, surface: wgpu::Surface<'static>) -> Result<Self, PaintError> {
        let capabilities = surface.get_capabilities(&gpu.inner.adapter);
        // egui composes in gamma space: a format that is not sRGB.
        let format = egui_wgpu::preferred_framebuffer_format(&capabilities.formats)
            .map_err(|error| PaintError::Surface(error.to_string()))?;
        let default = surface
            .get_default_config(&gpu.inner.adapter, 1, 1)
            .ok_or_else(|| PaintError::Surface("the adapter has no configuration for it".into()))?;
        let read = wgpu::TextureUsages::COPY_SRC & capabilities.usages;
        let config = wgpu::SurfaceConfiguration {
            format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | read,
            present_mode: wgpu::PresentMode::AutoVsync,
            desired_maximum_frame_latency: 1,
            ..default
        };
        Ok(Self {
            surface,
            config,
            configured: false,
            can_read: !read.is_empty(),
            mirror: Mirror::default(),
            pass: EguiPass::new(&gpu.inner.device, format),
        })
    }

    /// Takes new and changed textures.
    pub fn load(&mut self, gpu: &Gpu, textures: &TexturesDelta) {
        self.mirror.load(textures);
        self.pass.load(gpu, textures);
    }

    /// All of egui's textures, whole, for another device.
    pub fn into_textures(self) -> Whole {
        self.mirror.whole()
    }

    /// Draws a frame and presents it. What goes wrong passes, or ends in a lost device.
    pub fn paint(&mut self, gpu: &Gpu, job: &Job<'_>) -> Shown {
        self.load(gpu, job.textures);
        let [width, height] = job.size_px;
        if [self.config.width, self.config.height] != job.size_px {
            (self.config.width, self.config.height) = (width, height);
            self.configured = false;
        }
        let shown = match self.acquire(gpu) {
            Some(target) => self.draw(gpu, target, job),
            None => Shown::default(),
        };
        self.mirror.free(job.textures);
        self.pass.free(job.textures);
        shown
    }

    fn draw(&mut self, gpu: &Gpu, target: wgpu::SurfaceTexture, job: &Job<'_>) -> Shown {
        let view = target
            .texture
            .create_view(&wgpu::TextureViewDescriptor::default());
        self.pass.draw(gpu, &view, job);
        let capture = (job.capture && self.can_read)
            .then(|| read(gpu, &target.texture))
            .flatten();
        gpu.inner.queue.present(target);
        Shown {
            presented: true,
            capture,
            tiles: [0; 2],
        }
    }

    /// The next image; nothing when this frame has to be given up and asked for again.
    fn acquire(&mut self, gpu: &Gpu) -> Option<wgpu::SurfaceTexture> {
        for _ in 0..2 {
            if !self.configured {
                self.surface.configure(&gpu.inner.device, &self.config);
                self.configured = true;
            }
            match self.surface.get_current_texture() {
                wgpu::CurrentSurfaceTexture::Success(texture) => return Some(texture),
                wgpu::CurrentSurfaceTexture::Suboptimal(texture) => {
                    self.configured = false;
                    return Some(texture);
                }
                wgpu::CurrentSurfaceTexture::Outdated => self.configured = false,
                other => {
                    tracing::debug!(?other, "no image to draw into");
                    self.configured = false;
                    gpu.notice_loss();
                    return None;
                }
            }
        }
        None
    }
}

/// egui's renderer on one target format.
pub struct EguiPass {
    renderer: egui_wgpu::Renderer,
}

impl EguiPass {
    /// A renderer for targets of `format`.
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let options = egui_wgpu::RendererOptions {
            // With it text edges differ at random from the tile painter's, and from the frame before.
            dithering: false,
            ..Default::default()
        };
        Self {
            renderer: egui_wgpu::Renderer::new(device, format, options),
        }
    }

    /// Shows a texture of our own: one texel to one pixel, unfiltered.
    pub fn register(&mut self, gpu: &Gpu, view: &wgpu::TextureView) -> egui::TextureId {
        self.renderer
            .register_native_texture(&gpu.inner.device, view, wgpu::FilterMode::Nearest)
    }

    /// Shows another texture under the same identifier.
    pub fn replace(&mut self, gpu: &Gpu, view: &wgpu::TextureView, id: egui::TextureId) {
        self.renderer.update_egui_texture_from_wgpu_texture(
            &gpu.inner.device,
            view,
            wgpu::FilterMode::Nearest,
            id,
        );
    }

    /// Forgets a texture of our own.
    pub fn forget(&mut self, id: egui::TextureId) {
        self.renderer.free_texture(&id);
    }

    pub(super) fn load(&mut self, gpu: &Gpu, textures: &TexturesDelta) {
        for (id, deltas) in &textures.set {
            for delta in deltas {
                self.renderer
                    .update_texture(&gpu.inner.device, &gpu.inner.queue, *id, delta);
            }
        }
    }

    pub(super) fn free(&mut self, textures: &TexturesDelta) {
        for id in &textures.free {
            self.renderer.free_texture(id);
        }
    }

    /// Draws a frame into `view`; its textures are loaded already.
    pub(super) fn draw(&mut self, gpu: &Gpu, view: &wgpu::TextureView, job: &Job<'_>) {
        let screen = egui_wgpu::ScreenDescriptor {
            size_in_pixels: job.size_px,
            pixels_per_point: job.pixels_per_point,
        };
        let [r, g, b, a] = job.background.to_normalized_gamma_f32().map(f64::from);
        let mut encoder = gpu
            .inner
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let uploads = self.renderer.update_buffers(
            &gpu.inner.device,
            &gpu.inner.queue,
            &mut encoder,
            job.primitives,
            &screen,
        );
        let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("egui"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a }),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        self.renderer
            .render(&mut pass.forget_lifetime(), job.primitives, &screen);
        gpu.inner
            .queue
            .submit(uploads.into_iter().chain([encoder.finish()]));
    }
}

/// A texture's pixels; nothing when the device is lost meanwhile.
pub(super) fn read(gpu: &Gpu, texture: &wgpu::Texture) -> Option<Capture> {
    let (width, height) = (texture.width(), texture.height());
    let stride = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let buffer = gpu.inner.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("capture"),
        size: u64::from(stride) * u64::from(height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = gpu
        .inner
        .device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(stride),
                rows_per_image: None,
            },
        },
        texture.size(),
    );
    gpu.inner.queue.submit([encoder.finish()]);
    buffer.slice(..).map_async(wgpu::MapMode::Read, |_| {});
    gpu.inner
        .device
        .poll(wgpu::PollType::wait_indefinitely())
        .ok()?;
    let bytes = buffer.slice(..).get_mapped_range().ok()?;
    let order = match texture.format() {
        wgpu::TextureFormat::Bgra8Unorm => [2, 1, 0],
        _ => [0, 1, 2],
    };
    let rows = bytes.chunks_exact(stride as usize);
    let pixels = rows.flat_map(|row| row[..width as usize * 4].as_chunks::<4>().0.iter().copied());
    Some(Capture::from_pixels([width, height], pixels, order))
}
