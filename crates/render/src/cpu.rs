//! Retained pictures in memory, drawn by the twins.

use std::{collections::HashMap, sync::Arc};

use triptych_imaging::volume::{Camera, Quality, Volume};

use crate::{
    CutPicture, Drawn, Picture, RenderError, ScenePicture, View,
    cut::Planes,
    key::Key,
    renderer::{Defaults, draw_by_twin},
};

/// Draws with `triptych_imaging::display` and `triptych_imaging::volume`.
#[derive(Debug, Default)]
pub struct CpuRenderer {
    slots: HashMap<String, Slot>,
    defaults: Defaults,
    planes: Planes,
    greys: Option<Box<[u8; 256]>>,
    passes: u64,
}

#[derive(Debug)]
struct Slot {
    key: Key,
    rgba: Vec<u8>,
    generation: u64,
}

impl CpuRenderer {
    pub(crate) fn draw(
        &mut self,
        slot: &str,
        picture: &Arc<Picture>,
        view: &View,
        size: [u32; 2],
    ) -> Result<Drawn<'_>, RenderError> {
        let key = Key::of_picture(picture, view, size);
        self.kept(slot, key, size, |of, rgba| {
            draw_by_twin(
                &mut of.defaults,
                picture,
                view,
                size,
                of.greys.as_deref(),
                rgba,
            )
        })
    }

    pub(crate) fn draw_cut(
        &mut self,
        slot: &str,
        cut: &CutPicture,
        view: &View,
        size: [u32; 2],
    ) -> Result<Drawn<'_>, RenderError> {
        let over = cut.over.as_ref().map_or(0, |o| loaded(&o.volume));
        let key = Key::of_cut(cut, view, size, [loaded(&cut.volume), over]);
        self.kept(slot, key, size, |of, rgba| {
            cut.draw_by_twin(view, size, of.greys.as_deref(), &mut of.planes, rgba)
        })
    }

    pub(crate) fn draw_scene(
        &mut self,
        slot: &str,
        picture: &ScenePicture,
        camera: &Camera,
        quality: Quality,
    ) -> Result<Drawn<'_>, RenderError> {
        let key = Key::of_scene(picture, camera, quality, loaded(picture.scene.volume()));
        self.kept(slot, key, camera.size, |_, rgba| {
            picture.draw_by_twin(camera, quality, rgba)
        })
    }

    /// What the slot holds, drawn anew when its key is another one.
    fn kept(
        &mut self,
        slot: &str,
        key: Key,
        size: [u32; 2],
        draw: impl FnOnce(&mut Self, &mut Vec<u8>) -> Result<(), RenderError>,
    ) -> Result<Drawn<'_>, RenderError> {
        if self.slots.get(slot).is_none_or(|held| held.key != key) {
            // Taken out first: a failed drawing leaves no stale picture behind.
            let mut rgba = self.slots.remove(slot).map_or_else(Vec::new, |s| s.rgba);
            draw(self, &mut rgba)?;
            self.passes += 1;
            let held = Slot {
                key,
                rgba,
                generation: self.passes,
            };
            self.slots.insert(slot.to_owned(), held);
        }
        let held = self
            .slots
            .get(slot)
            .ok_or(RenderError::Size(size[0], size[1]))?;
        Ok(Drawn::Pixels {
            rgba: &held.rgba,
            generation: held.generation,
            size,
        })
    }

    pub(crate) fn take(&mut self, slot: &str) -> Vec<u8> {
        self.slots.remove(slot).map_or_else(Vec::new, |s| s.rgba)
    }

    pub(crate) fn set_greys(&mut self, greys: Option<[u8; 256]>) {
        if self.greys.as_deref() != greys.as_ref() {
            self.greys = greys.map(Box::new);
            self.slots.clear();
        }
    }

    pub(crate) fn forget(&mut self, slot: &str) {
        self.slots.remove(slot);
    }

    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.defaults.clear();
        self.planes = Planes::default();
    }

    pub(crate) const fn passes(&self) -> u64 {
        self.passes
    }
}

/// Slices that are there.
pub(crate) fn loaded(volume: &Volume) -> usize {
    let slices = volume.geometry().size()[2] as usize;
    slices - volume.missing().len()
}
