//! What is put into the place of a tile: a texture, how far decoding is, or the reason why there is none.

use std::sync::Arc;

use egui::{Color32, Rect, TextureId, Ui, pos2, vec2};
use triptych_render::{Picture, View};
use triptych_workbench::view::SeriesView;

use crate::canvas::Canvas;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::words::wf;

/// Draws `picture` into `rect` through the canvas, one texel on one device pixel.
pub(crate) fn paint(
    ui: &Ui,
    rect: Rect,
    slot: &str,
    canvas: &mut dyn Canvas,
    picture: &Arc<Picture>,
    view: &View,
) {
    let size = size_px(ui, rect);
    if size.contains(&0) {
        return;
    }
    if let Some(texture) = canvas.draw(slot, picture, view, size) {
        place_texture(ui, rect, texture, size);
    }
}

/// Lays a texture of `size` into `rect`, one texel on one device pixel.
pub(in crate::images) fn place_texture(ui: &Ui, rect: Rect, texture: TextureId, size: [u32; 2]) {
    let ppp = ui.pixels_per_point();
    let min = pos2(
        (rect.left() * ppp).round() / ppp,
        (rect.top() * ppp).round() / ppp,
    );
    let place = Rect::from_min_size(min, vec2(size[0] as f32, size[1] as f32) / ppp);
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    ui.painter()
        .with_clip_rect(rect)
        .image(texture, place, uv, Color32::WHITE);
}

/// Physical pixels of `rect`.
pub(crate) fn size_px(ui: &Ui, rect: Rect) -> [u32; 2] {
    let ppp = ui.pixels_per_point();
    [rect.width(), rect.height()].map(|s| (s * ppp).round().max(0.0) as u32)
}

/// How much of a set is decoded, where its picture will be.
pub(in crate::images) fn decoding(ui: &Ui, rect: Rect, series: &SeriesView) {
    let painter = ui.painter().with_clip_rect(rect);
    let slices = &series.stack.slices;
    let ready = slices.iter().filter(|s| s.pixels.is_there()).count();
    let words = wf("images.decoding", &[("n", &ready), ("all", &series.images)]);
    let at = rect.center();
    text::center(&painter, at.x, at.y, &words, f::small(), t::LABEL);
    let bar = Rect::from_center_size(at + vec2(0.0, 18.0), vec2(160.0, 4.0));
    let all = series.images.max(1) as f32;
    widget::progress(ui, bar, ready as f32 / all, &words);
}

/// Hatched tile with the reason: never black, never the former picture (T58).
pub(in crate::images) fn cannot_show(ui: &Ui, rect: Rect, why: &str) {
    let painter = ui.painter().with_clip_rect(rect);
    mark::hatch(&painter, rect, 8.0, t::HOVER);
    let galley = text::paragraph(
        &painter,
        why,
        f::body(),
        t::VALUE,
        rect.width() - 80.0,
        5,
        sz(18.0),
    );
    let place = Rect::from_center_size(rect.center(), galley.size() + vec2(24.0, 16.0));
    painter.rect_filled(place, 0.0, t::IMAGE);
    painter.galley(place.min + vec2(12.0, 8.0), galley, t::VALUE);
    text::spoken(ui, ("cannot", why), rect, why);
}
