//! Viewports: pictures in retained textures, drawn by `triptych_render` and shown by egui.
//!
//! A view names a slot, a picture and how it is looked at; the renderer compares that with what the slot holds and draws
//! only a difference. Here the result becomes an egui texture: on the GPU the renderer's own texture, registered when it is
//! another one; on the processor its pixels, uploaded when their generation is another one. Slots that a frame did not draw
//! are dropped after it, so memory follows what is on screen.

use std::collections::HashMap;
use std::sync::Arc;

use egui::TextureId;
use triptych_render::volume::{Camera, Quality};
use triptych_render::{CutPicture, Drawn, Picture, RenderError, Renderer, ScenePicture, View};
use triptych_ui::Canvas;

use crate::paint::{Backend, Screen};

/// The pictures of one window, by slot.
#[derive(Default)]
pub struct Pictures {
    held: HashMap<String, Held>,
    /// Identifiers given so far, where we give them.
    given: u64,
    /// Counts frames.
    frame: u64,
}

struct Held {
    id: TextureId,
    /// The renderer's number of the texture, or of the pixels.
    content: u64,
    /// The frame that drew it last.
    drawn: u64,
}

impl Pictures {
    /// Nothing was drawn in the last frame.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Drops the slots that the frame did not draw; true when those were the last. `window` is the window's label.
    pub fn end_frame(
        &mut self,
        window: &str,
        screen: &mut Screen,
        renderer: &mut Renderer,
    ) -> bool {
        let (frame, before) = (self.frame, self.held.len());
        self.held.retain(|slot, held| {
            let keep = held.drawn == frame;
            if !keep {
                renderer.forget(&full_name(window, slot));
                match screen {
                    Screen::Gpu(screen) => screen.pass.forget(held.id),
                    Screen::Cpu(screen) => screen.painter.free_picture(held.id),
                }
            }
            keep
        });
        self.frame += 1;
        renderer.end_frame();
        before > 0 && self.held.is_empty()
    }
}

/// Slots of two windows do not meet.
fn full_name(window: &str, slot: &str) -> String {
    format!("{window}/{slot}")
}

/// What a view draws pictures with, during one frame.
pub struct WindowCanvas<'a> {
    /// Draws the pictures.
    pub backend: &'a mut Backend,
    /// Shows them.
    pub screen: &'a mut Screen,
    /// What is drawn already.
    pub pictures: &'a mut Pictures,
    /// The window's label.
    pub window: &'a str,
}

impl WindowCanvas<'_> {
    /// The texture of `slot` after `draw` drew it.
    fn shown(
        &mut self,
        slot: &str,
        draw: impl for<'r> FnOnce(&'r mut Renderer, &str) -> Result<Drawn<'r>, RenderError>,
    ) -> Option<TextureId> {
        let name = full_name(self.window, slot);
        let Backend { renderer, gpu } = &mut *self.backend;
        let drawn = draw(renderer, &name)
            .inspect_err(|error| tracing::debug!(%error, "no picture"))
            .ok()?;
        let held = self
            .pictures
            .held
            .get(slot)
            .map(|held| (held.id, held.content));
        let (id, content) = match (&mut *self.screen, drawn, gpu) {
            (Screen::Gpu(screen), Drawn::Texture { view, target, .. }, Some(gpu)) => {
                let id = match held {
                    Some((id, content)) if content == target => id,
                    Some((id, _)) => {
                        screen.pass.replace(gpu, view, id);
                        id
                    }
                    None => screen.pass.register(gpu, view),
                };
                (id, target)
            }
            (
                Screen::Cpu(screen),
                Drawn::Pixels {
                    rgba,
                    generation,
                    size,
                },
                _,
            ) => {
                let id = held.map_or_else(
                    || {
                        self.pictures.given += 1;
                        TextureId::User(self.pictures.given)
                    },
                    |(id, _)| id,
                );
                if held.is_none_or(|(_, content)| content != generation) {
                    screen.painter.set_picture(id, size, rgba);
                }
                (id, generation)
            }
            // Renderer and screen are rebuilt together; between two devices nothing is drawn.
            _ => return None,
        };
        let drawn = self.pictures.frame;
        self.pictures
            .held
            .insert(slot.to_owned(), Held { id, content, drawn });
        Some(id)
    }
}

impl Canvas for WindowCanvas<'_> {
    fn draw(
        &mut self,
        slot: &str,
        picture: &Arc<Picture>,
        view: &View,
        size_px: [u32; 2],
    ) -> Option<TextureId> {
        self.shown(slot, |renderer, name| {
            renderer.draw(name, picture, view, size_px)
        })
    }

    fn draw_cut(
        &mut self,
        slot: &str,
        cut: &CutPicture,
        view: &View,
        size_px: [u32; 2],
    ) -> Option<TextureId> {
        self.shown(slot, |renderer, name| {
            renderer.draw_cut(name, cut, view, size_px)
        })
    }

    fn draw_volume(
        &mut self,
        slot: &str,
        picture: &ScenePicture,
        camera: &Camera,
        quality: Quality,
    ) -> Option<TextureId> {
        self.shown(slot, |renderer, name| {
            renderer.draw_volume(name, picture, camera, quality)
        })
    }

    fn set_greys(&mut self, greys: Option<[u8; 256]>) {
        self.backend.renderer.set_greys(greys);
    }

    fn is_filling(&self) -> bool {
        self.backend.renderer.is_uploading()
    }

    fn has_gpu(&self) -> bool {
        matches!(self.backend.renderer, Renderer::Gpu(_))
    }

    fn renderer_name(&self) -> String {
        self.backend.name()
    }
}
