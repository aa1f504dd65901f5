//! Retained targets by slot.

use std::{collections::HashMap, sync::Arc};

use triptych_imaging::{
    display::layers_alone,
    volume::{Camera, Quality, Volume},
};

use super::{
    params::{Axes, Pass},
    passes::{Inputs, Passes, picture_texture},
    sources::Sources,
    volume_passes::{VolumePasses, colours_of},
    volumes::VolumeLimits,
};
use crate::{
    CutPicture, Drawn, Gpu, Picture, RenderError, ScenePicture, View,
    cpu::loaded,
    cut::Planes,
    key::{Key, Look},
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
    volumes: VolumePasses,
    planes: Planes,
    greys: Option<Box<[u8; 256]>>,
    passes: u64,
    by_twin: u64,
    targets: u64,
}

#[derive(Debug)]
struct Slot {
    key: Key,
    target: Target,
    /// What lies over the pixels, painted by the twin, and what decided it.
    layers: Option<((u64, Look), Option<wgpu::TextureView>)>,
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
            volumes: VolumePasses::new(&gpu),
            planes: Planes::default(),
            greys: None,
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
        self.check_device()?;
        let key = Key::of_picture(picture, view, size);
        self.kept(slot, key, size, |of, slot| of.paint(slot, picture, view))
    }

    pub(crate) fn draw_cut(
        &mut self,
        slot: &str,
        cut: &CutPicture,
        view: &View,
        size: [u32; 2],
    ) -> Result<Drawn<'_>, RenderError> {
        self.check_device()?;
        let plane = cut.sampled(view, size);
        let up = |of: &mut Self, id, volume: &Volume| {
            let middle = volume.geometry().to_voxel(plane.centre).0.z;
            of.volumes.upload(&of.gpu, id, volume, middle)
        };
        let base = up(self, cut.id, &cut.volume);
        let over = cut.over.as_ref().map(|o| up(self, o.id, &o.volume));
        // What the device does not hold the twin draws, with all that is loaded.
        let there = [
            base.unwrap_or_else(|| loaded(&cut.volume)),
            cut.over
                .as_ref()
                .map_or(0, |o| over.flatten().unwrap_or_else(|| loaded(&o.volume))),
        ];
        let key = Key::of_cut(cut, view, size, there);
        self.kept(slot, key, size, |of, slot| {
            let target = &slot.target;
            if of
                .volumes
                .draw_cut(&of.gpu, cut, view, of.greys.as_deref(), target)
                .is_none()
            {
                of.by_twin += 1;
                let mut staging = std::mem::take(&mut of.staging);
                let drawn = cut.draw_by_twin(
                    view,
                    size,
                    of.greys.as_deref(),
                    &mut of.planes,
                    &mut staging,
                );
                of.staging = staging;
                drawn?;
                of.upload_staging(target);
            }
            Ok(())
        })
    }

    pub(crate) fn draw_scene(
        &mut self,
        slot: &str,
        picture: &ScenePicture,
        camera: &Camera,
        quality: Quality,
    ) -> Result<Drawn<'_>, RenderError> {
        self.check_device()?;
        let volume = picture.scene.volume();
        let middle = f64::from(volume.geometry().size()[2]) / 2.0;
        let there = self
            .volumes
            .upload(&self.gpu, picture.volume, volume, middle)
            .unwrap_or_else(|| loaded(volume));
        let key = Key::of_scene(picture, camera, quality, there);
        self.kept(slot, key, camera.size, |of, slot| {
            let target = &slot.target;
            if of
                .volumes
                .draw_scene(&of.gpu, picture, camera, quality, &target.view)
                .is_none()
            {
                of.by_twin += 1;
                picture.draw_by_twin(camera, quality, &mut of.staging)?;
                of.upload_staging(target);
            }
            Ok(())
        })
    }

    fn check_device(&mut self) -> Result<(), RenderError> {
        if self.gpu.is_lost() {
            self.clear();
            return Err(RenderError::DeviceLost);
        }
        Ok(())
    }

    /// What the slot holds, drawn anew when its key is another one.
    fn kept(
        &mut self,
        name: &str,
        key: Key,
        size: [u32; 2],
        draw: impl FnOnce(&mut Self, &mut Slot) -> Result<(), RenderError>,
    ) -> Result<Drawn<'_>, RenderError> {
        if self.slots.get(name).is_none_or(|held| held.key != key) {
            // Taken out first: a failed drawing leaves no stale picture behind.
            let mut slot = match self.slots.remove(name) {
                Some(held) if held.target.size == size => Slot { key, ..held },
                _ => Slot {
                    key,
                    target: self.target(size),
                    layers: None,
                },
            };
            draw(self, &mut slot)?;
            self.passes += 1;
            self.slots.insert(name.to_owned(), slot);
        }
        let held = self.slots.get(name).ok_or(RenderError::DeviceLost)?;
        Ok(Drawn::Texture {
            view: &held.target.view,
            target: held.target.id,
            size,
        })
    }

    fn paint(
        &mut self,
        slot: &mut Slot,
        picture: &Picture,
        view: &View,
    ) -> Result<(), RenderError> {
        if self.paint_by_pass(slot, picture, view).is_some() {
            return Ok(());
        }
        self.by_twin += 1;
        draw_by_twin(
            &mut self.defaults,
            picture,
            view,
            slot.target.size,
            self.greys.as_deref(),
            &mut self.staging,
        )?;
        self.upload_staging(&slot.target);
        Ok(())
    }

    fn upload_staging(&self, target: &Target) {
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
    }

    /// `None` when no pass draws this picture: its twin does, and the result is uploaded.
    fn paint_by_pass(&mut self, slot: &mut Slot, picture: &Picture, view: &View) -> Option<()> {
        let target = &slot.target;
        let (voi, invert) = self.defaults.resolve(picture, view.window);
        let transform = picture.transform(view, target.size);
        let drawing = view.drawing(
            picture,
            &transform,
            voi.as_ref(),
            invert,
            self.greys.as_deref(),
            target.size,
        );
        let axes = Axes::new(&drawing)?;
        let pass = Pass::new(&drawing, &axes)?;
        let source = self.sources.of(&self.gpu, picture)?;
        // The twin paints the layers once; windows and polarity leave them as they are.
        let key = (picture.id, Look::new(view, target.size).of_layers());
        if slot.layers.as_ref().is_none_or(|(held, _)| *held != key) {
            let painted = layers_alone(&drawing);
            let painted = painted.map(|rgba| picture_texture(&self.gpu, target.size, &rgba));
            slot.layers = Some((key, painted));
        }
        let layers = slot
            .layers
            .as_ref()
            .and_then(|(_, painted)| painted.as_ref());
        let inputs = Inputs {
            pass: &pass,
            axes: &axes,
            source,
            layers,
            colours: &colours_of(view, self.greys.as_deref()),
        };
        self.pipelines.draw(&self.gpu, &inputs, &target.view);
        Some(())
    }

    pub(crate) fn set_greys(&mut self, greys: Option<[u8; 256]>) {
        if self.greys.as_deref() != greys.as_ref() {
            self.greys = greys.map(Box::new);
            self.slots.clear();
        }
    }

    pub(crate) const fn end_frame(&mut self) {
        self.volumes.volumes().end_frame();
    }

    pub(crate) const fn is_uploading(&self) -> bool {
        self.volumes.is_waiting()
    }

    pub(crate) const fn lift_budget(&mut self, lifted: bool) {
        self.volumes.volumes().unlimited = lifted;
    }

    /// Other limits for volumes; those on the device go.
    pub fn set_volume_limits(&mut self, limits: VolumeLimits) {
        self.volumes.set_limits(limits);
    }

    /// Pictures of [`crate::Renderer::passes`] that a twin drew because no pass takes their kind.
    #[must_use]
    pub const fn drawn_by_twin(&self) -> u64 {
        self.by_twin
    }

    fn target(&mut self, size: [u32; 2]) -> Target {
        let texture = target_texture(&self.gpu, size);
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
        self.volumes.clear();
        self.planes = Planes::default();
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

/// A picture that a pass draws and another pass or the window reads.
pub(super) fn target_texture(gpu: &Gpu, size: [u32; 2]) -> wgpu::Texture {
    gpu.device.create_texture(&wgpu::TextureDescriptor {
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
    })
}
