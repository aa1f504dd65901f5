//! A canvas for tests: counts what it draws and makes a grey picture by nearest sampling, no more.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use egui::{Color32, ColorImage, TextureId};
use triptych_render::volume::{Camera, Quality};
use triptych_render::{CutPicture, Picture, Renderer, ScenePicture, View};
use triptych_ui::Canvas;

#[derive(Default)]
pub struct TestCanvas {
    pub slots: BTreeMap<String, u64>,
    pub views: BTreeMap<String, View>,
    pub sizes: BTreeMap<String, [u32; 2]>,
    pub pictures: Rc<RefCell<Vec<(TextureId, ColorImage)>>>,
    /// Paint pictures, not only ids.
    pub paint: bool,
    pub greys: Option<[u8; 256]>,
    /// The planes drawn last.
    pub cuts: BTreeMap<String, CutPicture>,
}

impl Canvas for TestCanvas {
    fn draw(
        &mut self,
        slot: &str,
        picture: &Arc<Picture>,
        view: &View,
        size: [u32; 2],
    ) -> Option<TextureId> {
        let next = self.slots.len() as u64;
        let id = TextureId::User(*self.slots.entry(slot.to_owned()).or_insert(next));
        self.views.insert(slot.to_owned(), *view);
        self.sizes.insert(slot.to_owned(), size);
        if self.paint {
            let image = grey(picture, view, size);
            let mut pictures = self.pictures.borrow_mut();
            pictures.retain(|(t, _)| *t != id);
            pictures.push((id, image));
        }
        Some(id)
    }

    fn draw_cut(
        &mut self,
        slot: &str,
        cut: &CutPicture,
        view: &View,
        size: [u32; 2],
    ) -> Option<TextureId> {
        self.views.insert(slot.to_owned(), *view);
        self.sizes.insert(slot.to_owned(), size);
        self.cuts.insert(slot.to_owned(), cut.clone());
        let rgba = Renderer::cpu().draw_cut_rgba(cut, view, size).ok()?;
        Some(self.keep(slot, size, &rgba))
    }

    fn draw_volume(
        &mut self,
        slot: &str,
        picture: &ScenePicture,
        camera: &Camera,
        quality: Quality,
    ) -> Option<TextureId> {
        let rgba = Renderer::cpu().draw_volume_rgba(picture, camera, quality);
        Some(self.keep(slot, camera.size, &rgba.ok()?))
    }

    fn set_greys(&mut self, greys: Option<[u8; 256]>) {
        self.greys = greys;
    }

    fn renderer_name(&self) -> String {
        "CPU".into()
    }
}

impl TestCanvas {
    fn keep(&mut self, slot: &str, size: [u32; 2], rgba: &[u8]) -> TextureId {
        let next = self.slots.len() as u64;
        let id = TextureId::User(*self.slots.entry(slot.to_owned()).or_insert(next));
        if self.paint {
            let size = size.map(|n| n as usize);
            let image = ColorImage::from_rgba_unmultiplied(size, rgba);
            let mut pictures = self.pictures.borrow_mut();
            pictures.retain(|(t, _)| *t != id);
            pictures.push((id, image));
        }
        id
    }
}

fn grey(picture: &Picture, view: &View, size: [u32; 2]) -> ColorImage {
    let (origin, dx, dy) = picture.transform(view, size).steps();
    let shape = picture.frame.shape;
    let (center, width) = view
        .window
        .or_else(|| picture.display.windows.first().map(|c| c.window))
        .map_or((300.0, 2000.0), |w| (w.center(), w.width()));
    let bytes = &picture.frame.bytes;
    let pixels = (0..size[1])
        .flat_map(|y| (0..size[0]).map(move |x| (f64::from(x), f64::from(y))))
        .map(|(x, y)| {
            let cx = origin.0.x + dx.x * x + dy.x * y;
            let cy = origin.0.y + dx.y * x + dy.y * y;
            if cx < 0.0 || cy < 0.0 || cx >= f64::from(shape.columns) || cy >= f64::from(shape.rows)
            {
                return Color32::BLACK;
            }
            let at = (cy as usize * shape.columns as usize + cx as usize) * 2;
            let stored = i16::from_le_bytes([bytes[at], bytes[at + 1]]);
            let mut g = ((f64::from(stored) - center) / width + 0.5).clamp(0.0, 1.0);
            if view.invert {
                g = 1.0 - g;
            }
            Color32::from_gray((g * 255.0) as u8)
        })
        .collect();
    ColorImage::new([size[0] as usize, size[1] as usize], pixels)
}
