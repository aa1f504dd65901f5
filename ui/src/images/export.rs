//! A tile as a picture in a file (Ctrl+E), with the identity or without it.

use std::sync::{Arc, Mutex, PoisonError};

use egui::{ColorImage, Rect, Ui};
use triptych_workbench::Command;

use super::Images;
use crate::actions::Action;
use crate::out::Out;

/// What was asked for, from the key to the pixels.
#[derive(Debug)]
pub(super) struct Export {
    tile: usize,
    nameless: bool,
    asked: Option<Asked>,
}

/// The picture of a whole frame, and where the tile is in it.
#[derive(Debug)]
struct Asked {
    /// Left, top, right, bottom, physical pixels.
    place: [usize; 4],
    picture: Arc<Mutex<Option<Arc<ColorImage>>>>,
}

impl Images {
    /// The tile goes into a file, beginning with the next frame.
    pub(super) fn begin_export(&mut self, action: Action, tile: usize) {
        self.export = Some(Export {
            tile,
            nameless: action == Action::ExportNameless,
            asked: None,
        });
    }

    /// Whether tile `i` is drawn without the identity in this frame.
    pub(super) fn is_nameless(&self, i: usize) -> bool {
        let begun = self.export.as_ref().filter(|e| e.asked.is_none());
        begun.is_some_and(|e| e.nameless && e.tile == i)
    }

    /// After all tiles: asks for the picture of this frame, or sends the one that came.
    pub(super) fn export_tile(&mut self, ui: &Ui, places: &[(usize, Rect)], out: &mut Out) {
        let Some(mut export) = self.export.take() else {
            return;
        };
        let Some(asked) = &export.asked else {
            let found = places.iter().find(|(i, _)| *i == export.tile);
            let Some((_, rect)) = found else { return };
            let ppp = ui.pixels_per_point();
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a place on a screen"
            )]
            let edge = |at: f32| (at * ppp).round().max(0.0) as usize;
            let asked = Asked {
                place: [rect.left(), rect.top(), rect.right(), rect.bottom()].map(edge),
                picture: Arc::default(),
            };
            let (answer, ctx) = (Arc::clone(&asked.picture), ui.ctx().clone());
            ui.ctx().request_screenshot(move |image| {
                *answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(image);
                ctx.request_repaint();
            });
            export.asked = Some(asked);
            self.export = Some(export);
            return;
        };
        let answer = &asked.picture;
        let image = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        match image {
            Some(image) => out.send(cut_out(&image, asked.place, export.nameless)),
            None => self.export = Some(export),
        }
    }
}

fn cut_out(image: &ColorImage, place: [usize; 4], nameless: bool) -> Command {
    let [width, height] = image.size;
    let [left, top, right, bottom] = place;
    let (right, bottom) = (right.min(width), bottom.min(height));
    let (columns, rows) = (right.saturating_sub(left), bottom.saturating_sub(top));
    let mut rgb = Vec::with_capacity(columns * rows * 3);
    for row in image.pixels.chunks_exact(width.max(1)).skip(top).take(rows) {
        for pixel in row.iter().skip(left).take(columns) {
            rgb.extend_from_slice(&[pixel.r(), pixel.g(), pixel.b()]);
        }
    }
    let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Command::SavePicture {
        size: [side(columns), side(rows)],
        rgb: rgb.into(),
        nameless,
        folder: None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use egui::Color32;

    use super::*;

    #[test]
    fn a_tile_is_cut_out_of_the_window_and_not_more() {
        let mut image = ColorImage::filled([40, 30], Color32::BLACK);
        let inside = Color32::from_gray(200);
        for y in 5..15 {
            for x in 10..30 {
                if let Some(pixel) = image.pixels.get_mut(y * 40 + x) {
                    *pixel = inside;
                }
            }
        }
        let Command::SavePicture {
            size,
            rgb,
            nameless,
            ..
        } = cut_out(&image, [10, 5, 30, 15], true)
        else {
            panic!("another command");
        };
        assert_eq!((size, nameless), ([20, 10], true));
        assert_eq!(rgb.len(), 20 * 10 * 3);
        assert!(rgb.iter().all(|v| *v == 200));
        // A window that was made smaller meanwhile.
        let Command::SavePicture { size, rgb, .. } = cut_out(&image, [30, 20, 60, 50], false)
        else {
            panic!("another command");
        };
        assert_eq!((size, rgb.len()), ([10, 10], 300));
    }
}
