//! The magnifier (G): what lies under the pointer at twice the size, in a square that says its scale (T51).

use egui::{Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use triptych_render::{View, ViewportPx};

use super::Tile;
use super::tile::size_px;
use crate::canvas::Canvas;
use crate::look::typeface as f;
use crate::look::{text, tokens as t};

/// Points of a side.
const SIDE: f32 = 200.0;
const TIMES: f64 = 2.0;

/// Draws the lens over the tile at `rect` when the pointer is in it.
pub(super) fn lens(ui: &Ui, rect: Rect, tile: &Tile, canvas: &mut dyn Canvas) {
    let Some(at) = ui
        .input(|i| i.pointer.hover_pos())
        .filter(|p| rect.contains(*p))
    else {
        return;
    };
    let Some(transform) = tile.transform(ui, rect) else {
        return;
    };
    let ppp = ui.pixels_per_point();
    let side = (SIDE * ppp).round() / ppp;
    let place = Rect::from_center_size(at, vec2(side, side));
    let origin = pos2((rect.left() * ppp).round(), (rect.top() * ppp).round());
    let px = at.to_vec2() * ppp - origin.to_vec2();
    let image = transform.to_image(ViewportPx(glam::DVec2::new(
        f64::from(px.x),
        f64::from(px.y),
    )));
    let size = size_px(ui, place);
    let scale = transform.scale() * TIMES;
    let mut view = View {
        window: tile.window(),
        pan: [0.0; 2],
        ..tile.view
    };
    view.zoom = 1.0;
    let Some(fit) = tile.transform_of(&view, size).map(|t| t.fit()) else {
        return;
    };
    #[allow(clippy::cast_possible_truncation, reason = "a magnification")]
    let zoom = (scale / fit) as f32;
    view.zoom = zoom;
    // The point under the pointer comes to the middle.
    let Some(now) = tile.transform_of(&view, size) else {
        return;
    };
    let there = now.to_screen(image).0;
    let middle = glam::DVec2::new(f64::from(size[0]), f64::from(size[1])) / 2.0;
    view.pan = (middle - there).as_vec2().to_array();
    let clip = place.intersect(rect);
    let p = ui.painter().with_clip_rect(clip);
    p.rect_filled(place, 0.0, t::IMAGE);
    if let Some(texture) = tile.draw_on(canvas, "lens", &view, size) {
        let corner = pos2((place.left() * ppp).round(), (place.top() * ppp).round()) / ppp;
        let whole = Rect::from_min_size(corner, vec2(size[0] as f32, size[1] as f32) / ppp);
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        p.image(texture, whole, uv, egui::Color32::WHITE);
    }
    p.rect_stroke(clip, 0.0, Stroke::new(1.0, t::ACCENT), StrokeKind::Inside);
    let words = format!("×{scale:.1}");
    let foot = pos2(clip.left() + 6.0, clip.bottom() - 10.0);
    text::on_image(&p, foot, egui::Align::Min, &words, f::small());
}
