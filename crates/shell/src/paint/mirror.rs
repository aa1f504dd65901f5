//! A copy of egui's textures in memory, so that a new device gets them without asking the views.
//!
//! egui sends each texture once and then only what changes: without the copy, text and icons would be gone after a lost
//! device. It costs the font atlas, a few megabytes.

use std::collections::HashMap;
use std::sync::Arc;

use egui::epaint::{ColorImage, ImageData, ImageDelta};
use egui::{TextureId, TextureOptions, TexturesDelta};

/// Textures that have all their texels. Unlike egui's own list of changes it may be dropped without having been used.
pub type Whole = Vec<(TextureId, ImageDelta)>;

/// egui's textures, whole.
#[derive(Default)]
pub struct Mirror {
    textures: HashMap<TextureId, (Arc<ColorImage>, TextureOptions)>,
}

impl Mirror {
    /// Follows the new and changed textures of a frame.
    pub fn load(&mut self, delta: &TexturesDelta) {
        for (&id, changes) in &delta.set {
            for change in changes {
                let ImageData::Color(image) = &change.image;
                match change.pos {
                    None => {
                        self.textures.insert(id, (image.clone(), change.options));
                    }
                    Some(at) => {
                        if let Some((whole, _)) = self.textures.get_mut(&id) {
                            patch(Arc::make_mut(whole), image, at);
                        }
                    }
                }
            }
        }
    }

    /// Follows the textures that are no longer needed.
    pub fn free(&mut self, delta: &TexturesDelta) {
        for id in &delta.free {
            self.textures.remove(id);
        }
    }

    /// All textures, as if they were new.
    pub fn whole(self) -> Whole {
        let whole = |(id, (image, options))| (id, ImageDelta::full(image, options));
        self.textures.into_iter().map(whole).collect()
    }
}

/// Copies `part` into `whole`, its upper left corner at `left`, `top`; what lies outside is left out.
fn patch(whole: &mut ColorImage, part: &ColorImage, [left, top]: [usize; 2]) {
    let [across, _] = whole.size;
    let [width, _] = part.size;
    if width == 0 || left + width > across {
        return;
    }
    for (row, y) in part.pixels.chunks_exact(width).zip(top..) {
        let at = y * across + left;
        if let Some(target) = whole.pixels.get_mut(at..at + width) {
            target.copy_from_slice(row);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use egui::Color32;

    use super::*;

    /// GPU-01: textures of a lost device are whole again, patches included.
    #[test]
    fn gpu_01_patched_textures_come_back_whole() {
        let id = TextureId::Managed(0);
        let options = TextureOptions::LINEAR;
        let mut mirror = Mirror::default();
        let mut frame = TexturesDelta::default();
        let whole = ColorImage::filled([4, 3], Color32::BLACK);
        frame.push(id, ImageDelta::full(whole, options));
        frame.push(
            TextureId::Managed(1),
            ImageDelta::full(ColorImage::example(), options),
        );
        mirror.load(&frame);
        frame.clear();
        let part = ColorImage::filled([2, 1], Color32::WHITE);
        frame.push(id, ImageDelta::partial([1, 2], part, options));
        frame.free(TextureId::Managed(1));
        mirror.load(&frame);
        mirror.free(&frame);
        frame.clear();

        let all = mirror.whole();
        assert_eq!(all.len(), 1);
        let (kept, delta) = all.first().unwrap();
        assert_eq!(*kept, id);
        let ImageData::Color(image) = &delta.image;
        let white: Vec<usize> = (0..12)
            .filter(|&i| image.pixels[i] == Color32::WHITE)
            .collect();
        assert_eq!(white, [9, 10]);
    }
}
