//! Series strip: display sets by study with a thumbnail, number and what they are. A click hangs the set in the active tile.

use std::sync::Arc;

use egui::{
    Align, CornerRadius, Galley, Id, Painter, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind,
    Ui, WidgetInfo, pos2, vec2,
};
use triptych_render::{Picture, View};
use triptych_workbench::view::{PatientView, SeriesView};

use super::{Images, Tile, ask_thumbnail, paper, tile};
use crate::canvas::Canvas;
use crate::desk::Desk;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::{w, wf};

const THUMB: egui::Vec2 = vec2(74.0, 58.0);

impl Images {
    pub(super) fn strip(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        canvas: &mut dyn Canvas,
        patient: &PatientView,
        out: &mut Out,
    ) {
        let p = ui.painter().clone();
        p.rect_filled(rect, 0.0, t::PANEL);
        p.vline(
            rect.right() - 0.5,
            rect.y_range(),
            Stroke::new(1.0, t::HAIR),
        );
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), sz(t::LEAF_HEAD)));
        p.hline(
            head.x_range(),
            head.bottom() - 0.5,
            Stroke::new(1.0, t::HAIR),
        );
        text::left(
            &p,
            head.left() + t::PAD_LEFT,
            head.center().y,
            w("images.series"),
            f::strong(),
            t::VALUE,
        );
        let body = Rect::from_min_max(pos2(rect.left(), head.bottom()), rect.max);
        let mut area = widget::part(ui, "strip", body);
        let mut picked: Option<Tile> = None;
        let mut opened = None;
        let active = {
            let tiles = self.tiles(Desk::Reading);
            tiles.tiles.get(tiles.active).and_then(|t| t.series.clone())
        };
        ScrollArea::vertical()
            .auto_shrink(false)
            .show(&mut area, |ui| {
                ui.add_space(8.0);
                for study in &patient.studies {
                    let (_, head) = ui.allocate_space(vec2(ui.available_width(), sz(20.0)));
                    let room = Rect::from_min_max(head.min + vec2(11.0, 0.0), head.max);
                    let id = ("study", &study.uid);
                    let (font, ink) = (f::small(), t::LABEL);
                    text::label(ui, id, room, &study.date, font, ink, Align::Min);
                    for series in &study.series {
                        if self.key_only && !has_keys(patient, series) {
                            continue;
                        }
                        let height = THUMB.y + sz(16.0) + 6.0;
                        let (_, cell) = ui.allocate_space(vec2(ui.available_width(), height));
                        if !ui.is_rect_visible(cell) {
                            continue;
                        }
                        let place =
                            Rect::from_min_size(pos2(cell.left() + 11.0, cell.top()), THUMB);
                        let id = Id::unique(("thumb", &series.key.0));
                        let response =
                            ui.interact(cell.shrink2(vec2(8.0, 2.0)), id, Sense::click_and_drag());
                        response.dnd_set_drag_payload(series.key.clone());
                        let name = wf(
                            "images.thumb",
                            &[
                                ("date", &study.date),
                                ("number", &series.number),
                                ("description", &series.description),
                                ("n", &series.images),
                            ],
                        );
                        let on = active.as_ref() == Some(&series.key);
                        response
                            .widget_info(|| WidgetInfo::selected(Role::Button, true, on, &name));
                        if paper::is_rejected(patient, series) {
                            paper::hatch(ui, place);
                        } else {
                            thumbnail(ui, place, canvas, series, &mut self.thumbnails, out);
                        }
                        let (width, ink) = match (on, response.hovered()) {
                            (true, _) => (2.0, t::ACCENT),
                            (false, true) => (1.0, t::LABEL),
                            (false, false) => (1.0, t::LINE),
                        };
                        ui.painter().rect_stroke(
                            place,
                            CornerRadius::ZERO,
                            Stroke::new(width, ink),
                            StrokeKind::Inside,
                        );
                        let y = place.bottom() + sz(9.0);
                        let number = text::left(
                            ui.painter(),
                            place.left(),
                            y,
                            &series.number,
                            f::small_medium(),
                            t::VALUE,
                        );
                        let what = Rect::from_min_max(
                            pos2(number.right() + 6.0, y - 8.0),
                            pos2(place.right(), y + 8.0),
                        );
                        let galley = caption(ui.painter(), series, what.width());
                        let x = what.right() - galley.size().x;
                        text::put(ui.painter(), galley, x, y);
                        widget::focus_ring(ui, &response, place, 0);
                        if widget::hover(response, &name).clicked() {
                            picked = Some(Tile::of(series));
                        }
                        for object in paper::strip::below(patient, study, series) {
                            let on = self.shows(Desk::Reading, &object.instance);
                            if paper::strip::entry(ui, object, on) {
                                opened = Some(object.instance.clone());
                            }
                        }
                    }
                    for object in paper::strip::alone(patient, study) {
                        let on = self.shows(Desk::Reading, &object.instance);
                        if paper::strip::entry(ui, object, on) {
                            opened = Some(object.instance.clone());
                        }
                    }
                    ui.add_space(6.0);
                }
            });
        if let Some(instance) = opened {
            self.open_object(Desk::Reading, patient, &instance, out);
        }
        if let Some(tile) = picked {
            let tiles = self.tiles_mut(Desk::Reading);
            let active = tiles.active;
            if let Some(place) = tiles.tiles.get_mut(active) {
                *place = tile;
            }
        }
    }
}

/// Whether any image of a set was chosen (T61).
fn has_keys(patient: &PatientView, series: &SeriesView) -> bool {
    let slices = &series.stack.slices;
    slices
        .iter()
        .any(|s| patient.drawings.is_key(&s.instance, s.frame))
}

/// Number of images and what distinguishes the set, as much of it as fits: its description, else the modality, else the number alone. The whole is
/// in the hover.
fn caption(p: &Painter, series: &SeriesView, width: f32) -> Arc<Galley> {
    let line = |words: &str| text::line(p, words, f::small(), t::LABEL, width);
    [&series.description, &series.modality]
        .into_iter()
        .filter(|what| !what.is_empty())
        .map(|what| {
            let args: [(&str, &dyn std::fmt::Display); 2] = [("n", &series.images), ("what", what)];
            line(&wf("images.thumb_words", &args))
        })
        .find(|galley| !galley.elided)
        .unwrap_or_else(|| line(&series.images.to_string()))
}

fn thumbnail(
    ui: &Ui,
    place: Rect,
    canvas: &mut dyn Canvas,
    series: &SeriesView,
    asked: &mut Vec<triptych_workbench::view::SeriesKey>,
    out: &mut Out,
) {
    let p = ui.painter();
    p.rect_filled(place, 0.0, t::IMAGE);
    if series.unreadable.is_some() {
        mark::hatch(p, place, 8.0, t::HOVER);
        return;
    }
    // The middle slice, or the decoded one that lies nearest to it.
    let slices = &series.stack.slices;
    let middle = slices.len() / 2;
    let ready = |i: usize| {
        slices
            .get(i)
            .and_then(|s| s.pixels.get())
            .and_then(Result::ok)
    };
    let decoded =
        (0..=middle).find_map(|d| ready(middle + d).or_else(|| ready(middle.wrapping_sub(d))));
    let Some(decoded) = decoded else {
        Icon::Image.paint(p, place.center() - vec2(0.0, 6.0), 16.0, t::FAINT);
        text::center(
            p,
            place.center().x,
            place.center().y + 12.0,
            &series.modality,
            f::small(),
            t::FAINT,
        );
        ask_thumbnail(asked, series, out);
        return;
    };
    let picture = Arc::new(Picture {
        id: decoded.id,
        frame: decoded.frame.clone(),
        display: Arc::clone(&decoded.display),
    });
    tile::paint(
        ui,
        place,
        &format!("thumb {}", series.key.0),
        canvas,
        &picture,
        &View::default(),
    );
}
