//! What is on screen in a tile now, of a stack or of a plane: its pixels and facts, where its places lie, what is drawn on.

use std::sync::Arc;

use egui::{Rect, TextureId, Ui};
use triptych_render::display::ModalityLut;
use triptych_render::{DisplayAttributes, Picture, SampleType, View, ViewTransform};

use super::paint::size_px;
use super::{Content, Context, Tile};
use crate::canvas::Canvas;
use crate::images::draw::Ground;
use crate::images::{Tool, find_series};

impl Tile {
    /// What is on screen now, with its pixels; those of a plane are worked out here.
    pub(in crate::images) fn picture(&self) -> Option<&Arc<Picture>> {
        match &self.content {
            Content::Cut(_) => Some(&self.made.as_ref()?.values()?.picture),
            _ => self.picture.as_ref(),
        }
    }

    /// Facts of what is on screen now.
    pub(in crate::images) fn display(&self) -> Option<&DisplayAttributes> {
        match &self.content {
            Content::Cut(_) => Some(&self.made.as_ref()?.display),
            _ => Some(&self.picture.as_ref()?.display),
        }
    }

    /// Whether modality values are whole numbers, and how far they may reach: what a drag of the window goes by (T16).
    pub(in crate::images) fn values(&self) -> (bool, f64) {
        // Planes are looked at as the slices of their volume are.
        let slice = match &self.content {
            Content::Cut(_) => self
                .made
                .as_ref()
                .map(|m| (&m.slice.frame, &m.slice.display)),
            _ => self.picture.as_ref().map(|p| (&p.frame, &p.display)),
        };
        let Some((frame, display)) = slice else {
            return (true, 4096.0);
        };
        let whole = |x: f64| x.fract() == 0.0;
        let stored = !matches!(frame.shape.sample, SampleType::F32 | SampleType::F64);
        let (integer, slope) = match &display.modality_lut {
            ModalityLut::Rescale { slope, intercept } => {
                (whole(*slope) && whole(*intercept), *slope)
            }
            ModalityLut::Identity | ModalityLut::Table(_) => (true, 1.0),
        };
        let bits = i32::from(display.bits_stored.clamp(1, 32));
        (stored && integer, 2.0_f64.powi(bits) * slope.abs())
    }

    /// Physical pixels of the tile to pixels of the image; `None` before there is a picture.
    pub(in crate::images) fn transform(&self, ui: &Ui, rect: Rect) -> Option<ViewTransform> {
        self.transform_of(&self.view, size_px(ui, rect))
    }

    /// As [`Tile::transform`], of another view in a place of `size` physical pixels.
    pub(in crate::images) fn transform_of(
        &self,
        view: &View,
        size: [u32; 2],
    ) -> Option<ViewTransform> {
        match &self.content {
            Content::Cut(_) => Some(self.made.as_ref()?.transform(view, size)),
            _ => Some(self.picture.as_ref()?.transform(view, size)),
        }
    }

    /// What is drawn on: the frame on screen. `None` before there is one.
    pub(in crate::images) fn ground<'t>(
        &'t self,
        ui: &Ui,
        rect: Rect,
        context: &Context<'_>,
    ) -> Option<Ground<'t>> {
        let (study, series) = find_series(context.patient, self.series.as_ref()?)?;
        let ppp = ui.pixels_per_point();
        if let Content::Cut(_) = self.content {
            let made = self.made.as_ref()?;
            let transform = self.transform(ui, rect)?;
            let ground = Ground::of_cut(study, series, made, transform, rect, ppp);
            let board = context.board.borrow();
            let drawings = board.drawings(context.patient);
            let measures = matches!(context.tool, Tool::Draw(_))
                || drawings.into_iter().any(|d| ground.holds(d));
            return Some(match measures {
                true => ground.with_values(made),
                false => ground,
            });
        }
        let slice = series.stack.slices.get(self.slice)?;
        let picture = self.picture.as_deref()?;
        // A picture of another slice is on its way out: nothing is drawn on it (T51).
        let on_screen = slice.pixels.get()?.ok()?;
        if on_screen.id != picture.id {
            return None;
        }
        let transform = self.transform(ui, rect)?;
        let ground = Ground::of_frame(study, series, slice, picture, transform, rect, ppp);
        let board = context.board.borrow();
        let drawings = board.drawings(context.patient);
        let ground = ground.with_suv(self.suv.as_ref());
        Some(ground.calibrated(drawings.into_iter()))
    }

    /// Asks for the texture of what is on screen now through another view.
    pub(in crate::images) fn draw_on(
        &self,
        canvas: &mut dyn Canvas,
        slot: &str,
        view: &View,
        size: [u32; 2],
    ) -> Option<TextureId> {
        match &self.content {
            Content::Cut(_) => canvas.draw_cut(slot, &self.made.as_ref()?.cut, view, size),
            _ => canvas.draw(slot, self.picture.as_ref()?, view, size),
        }
    }
}
