//! Retained pictures in memory, drawn by the twins.

use std::{collections::HashMap, sync::Arc};

use crate::{
    Drawn, Picture, RenderError, View,
    key::Key,
    renderer::{Defaults, draw_by_twin},
};

/// Draws with `triptych_imaging::display`.
#[derive(Debug, Default)]
pub struct CpuRenderer {
    slots: HashMap<String, Slot>,
    defaults: Defaults,
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
        let key = Key::new(picture, view, size);
        if self.slots.get(slot).is_none_or(|held| held.key != key) {
            // Taken out first: a failed drawing leaves no stale picture behind.
            let mut rgba = self.slots.remove(slot).map_or_else(Vec::new, |s| s.rgba);
            draw_by_twin(&mut self.defaults, picture, view, size, &mut rgba)?;
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

    pub(crate) fn forget(&mut self, slot: &str) {
        self.slots.remove(slot);
    }

    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.defaults.clear();
    }

    pub(crate) const fn passes(&self) -> u64 {
        self.passes
    }
}
