//! Head of the images leaf: title, study, tools, number of tiles.

use egui::{Align, Id, Rect, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::PatientView;

use super::{Images, Tool, tiles};
use crate::actions::Action;
use crate::desk::Desk;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::words::{w, wf};

impl Images {
    pub(super) fn head(&mut self, ui: &mut Ui, rect: Rect, patient: &PatientView, desk: Desk) {
        let y = rect.center().y;
        let p = ui.painter().clone();
        p.hline(
            rect.x_range(),
            rect.bottom() - 0.5,
            Stroke::new(1.0, t::HAIR),
        );
        let title = text::left(
            &p,
            rect.left() + t::PAD_LEFT,
            y,
            w("leaf.images"),
            f::strong(),
            t::VALUE,
        );
        let key_width = text::width(&p, "F1", f::small_medium()) + 9.0;
        let key = widget::key_cap(ui, title.right() + 8.0 + key_width, y, "F1");
        let mut right = rect.right() - t::PAD_RIGHT;
        if patient.studies.is_empty() {
            return;
        }
        let label = self
            .active(desk, patient)
            .map(|(s, _)| s.title.clone())
            .unwrap_or_default();
        if desk == Desk::Rounds {
            let note = wf(
                "images.studies",
                &[("title", &label), ("n", &patient.studies.len())],
            );
            let room = Rect::from_min_max(
                pos2(key.right() + 8.0, rect.top()),
                pos2(right - 4.0, rect.bottom()),
            );
            text::label(ui, "study", room, &note, f::small(), t::LABEL, Align::Max);
            return;
        }
        let tiles = self.tiles(desk);
        let (chip, clicked) = tiles::chip(ui, right, y, tiles.grid(), self.picker.is_open());
        let now = tiles.grid();
        if clicked {
            self.picker.toggle(now);
        }
        if let Some(grid) = self.picker.show(ui, chip, now) {
            self.tiles_mut(desk).set_grid(grid);
        }
        right = chip.left() - 4.0;
        right -= 10.0;
        for (icon, name, act) in [
            (Icon::Reset, "images.reset", Action::Reset),
            (Icon::Contrast, "images.invert", Action::Invert),
        ] {
            let center = pos2(right - sz(14.0), y);
            let tiles = self.tiles(desk);
            let on = act == Action::Invert
                && tiles.tiles.get(tiles.active).is_some_and(|t| t.view.invert);
            if widget::tool_at(ui, Id::unique(name), center, icon, w(name), on).clicked() {
                self.act(act, desk, patient);
            }
            right -= sz(30.0);
        }
        p.vline(
            (right - 4.0).round() + 0.5,
            y - 8.0..=y + 8.0,
            Stroke::new(1.0, t::LINE),
        );
        right -= 12.0;
        if rect.width() > 620.0 {
            right = self.drawing_tools(ui, right, y, desk, patient);
        }
        for (tool, icon, name) in [
            (Tool::Pan, Icon::Pan, "images.tool_pan"),
            (Tool::Zoom, Icon::Zoom, "images.tool_zoom"),
            (Tool::Scroll, Icon::Scroll, "images.tool_scroll"),
            (Tool::Window, Icon::Window, "images.tool_window"),
        ] {
            let center = pos2(right - sz(14.0), y);
            if widget::tool_at(
                ui,
                Id::unique(name),
                center,
                icon,
                w(name),
                self.tool == tool,
            )
            .clicked()
            {
                self.tool = tool;
            }
            right -= sz(30.0);
        }
        let room = Rect::from_min_max(
            pos2(key.right() + 12.0, rect.top()),
            pos2(right - 8.0, rect.bottom()),
        );
        if room.width() > 60.0 {
            let width = (text::width(&p, &label, f::small()) + 13.0).min(room.width());
            let chip =
                Rect::from_min_size(pos2(room.left(), y - sz(10.0)), vec2(width, sz(t::CHIP)));
            p.rect_stroke(
                chip,
                egui::CornerRadius::same(t::RADIUS),
                Stroke::new(1.0, t::LINE),
                egui::StrokeKind::Inside,
            );
            text::label(
                ui,
                "study",
                chip.shrink2(vec2(6.5, 0.0)),
                &label,
                f::small(),
                t::BODY,
                Align::Min,
            );
        }
    }
}
