//! Retained targets by slot.

use std::{collections::HashMap, sync::Arc};

use super::{
    params::{Axes, Pass},
    passes::Passes,
    sources::Sources,
};
use crate::{
    Drawn, Gpu, Picture, RenderError, View,
    key::Key,
    renderer::{Defaults, draw_by_twin},
};

/// Display values as they are: no gamma on the way to the screen.
pub const TARGET_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Draws into textures of a device.
#[derive(Debug)]
pub struct GpuRenderer {
    gpu: Gpu,
    pipelines: Passes,
    sources: Sources,
    slots: HashMap<String, Slot>,
    defaults: Defaults,
    staging: Vec<u8>,
    passes: u64,
    by_twin: u64,
    targets: u64,
}

#[derive(Debug)]
struct Slot {
    key: Key,
    target: Target,
}

#[derive(Debug)]
pub(super) struct Target {
    pub(super) texture: wgpu::Texture,
    pub(super) view: wgpu::TextureView,
    id: u64,
    pub(super) size: [u32; 2],
}

impl GpuRenderer {
    pub(crate) fn new(gpu: Gpu) -> Self {
        Self {
            pipelines: Passes::new(&gpu),
            sources: Sources::default(),
            gpu,
            slots: HashMap::new(),
            defaults: Defaults::default(),
            staging: Vec::new(),
            passes: 0,
            by_twin: 0,
            targets: 0,
        }
    }

    /// The device it draws on.
    #[must_use]
    pub const fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    pub(crate) fn draw(
        &mut self,
        slot: &str,
        picture: &Arc<Picture>,
        view: &View,
        size: [u32; 2],
    ) -> Result<Drawn<'_>, RenderError> {
        if self.gpu.is_lost() {
            self.clear();
            return Err(RenderError::DeviceLost);
        }
        let key = Key::new(picture, view, size);
        if self.slots.get(slot).is_none_or(|held| held.key != key) {
            let target = match self.slots.remove(slot) {
                Some(held) if held.target.size == size => held.target,
                _ => self.target(size),
            };
            self.paint(&target, picture, view)?;
            self.passes += 1;
            self.slots.insert(slot.to_owned(), Slot { key, target });
        }
        let held = self.slots.get(slot).ok_or(RenderError::DeviceLost)?;
        Ok(Drawn::Texture {
            view: &held.target.view,
            target: held.target.id,
            size,
        })
    }

    fn paint(
        &mut self,
        target: &Target,
        picture: &Picture,
        view: &View,
    ) -> Result<(), RenderError> {
        if self.paint_by_pass(target, picture, view).is_some() {
            return Ok(());
        }
        self.by_twin += 1;
        draw_by_twin(
            &mut self.defaults,
            picture,
            view,
            target.size,
            &mut self.staging,
        )?;
        self.gpu.queue.write_texture(
            target.texture.as_image_copy(),
            &self.staging,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(target.size[0] * 4),
                rows_per_image: None,
            },
            extent(target.size),
        );
        Ok(())
    }

    /// `None` when no pass draws this picture: its twin does, and the result is uploaded.
    fn paint_by_pass(&mut self, target: &Target, picture: &Picture, view: &View) -> Option<()> {
        let (voi, invert) = self.defaults.resolve(picture, view.window);
        let transform = picture.transform(view, target.size);
        let drawing = view.drawing(picture, &transform, voi.as_ref(), invert, target.size);
        let axes = Axes::new(&drawing)?;
        let pass = Pass::new(&drawing, &axes)?;
        let source = self.sources.of(&self.gpu, picture)?;
        self.pipelines
            .draw(&self.gpu, &pass, &axes, source, &target.view);
        Some(())
    }

    /// Pictures of [`crate::Renderer::passes`] that a twin drew because no pass takes their kind.
    #[must_use]
    pub const fn drawn_by_twin(&self) -> u64 {
        self.by_twin
    }

    fn target(&mut self, size: [u32; 2]) -> Target {
        let texture = self.gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("viewport"),
            size: extent(size),
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: TARGET_FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_DST
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        self.targets += 1;
        Target {
            view: texture.create_view(&wgpu::TextureViewDescriptor::default()),
            texture,
            id: self.targets,
            size,
        }
    }

    pub(super) fn held(&self, slot: &str) -> Option<&Target> {
        self.slots.get(slot).map(|held| &held.target)
    }

    pub(crate) fn forget(&mut self, slot: &str) {
        self.slots.remove(slot);
    }

    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.sources.clear();
        self.defaults.clear();
    }

    pub(crate) const fn passes(&self) -> u64 {
        self.passes
    }
}

pub(super) const fn extent([width, height]: [u32; 2]) -> wgpu::Extent3d {
    wgpu::Extent3d {
        width,
        height,
        depth_or_array_layers: 1,
    }
}
