//! Head of the images leaf: title, study, tools, number of tiles.

use egui::{Align, Id, Rect, Role, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::PatientView;

use super::{Images, Tool, hang, tiles};
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
        let title = |i: &Self| i.active(desk, patient).map(|(s, _)| s.title.clone());
        let label = match &self.hung {
            Some(hung) if desk == Desk::Reading => hung.words(),
            None if self.as_left && desk == Desk::Reading => w("hang.as_left").to_owned(),
            _ => title(self).unwrap_or_default(),
        };
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
                self.act(act, ui, desk, patient);
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
            self.steps_chip(ui, chip, &label, patient);
        }
    }

    /// The chip with protocol and step; a click lists the steps, the way to a plain grid, and "save as now".
    fn steps_chip(&mut self, ui: &mut Ui, chip: Rect, label: &str, patient: &PatientView) {
        let said = match &self.hung {
            Some(hung) => hung.sentence(),
            None if self.as_left => w("hang.as_left_why").to_owned(),
            None => wf("hang.plain", &[("title", &label)]),
        };
        let response = widget::clickable(ui, Id::unique("hanging"), chip, Role::Button, &said);
        let ink = if response.hovered() || self.steps_open {
            t::VALUE
        } else {
            t::BODY
        };
        let inner = chip.shrink2(vec2(6.5, 0.0));
        let galley = text::line(ui.painter(), label, f::small(), ink, inner.width());
        text::put(ui.painter(), galley, inner.left(), inner.center().y);
        widget::focus_ring(ui, &response, chip, t::RADIUS);
        if widget::hover(response, &said).clicked() {
            self.steps_open = !self.steps_open;
        } else if self.steps_open {
            self.steps_list(ui, chip, &said, patient);
        }
    }

    fn steps_list(&mut self, ui: &mut Ui, chip: Rect, said: &str, patient: &PatientView) {
        let (names, at) = self
            .hung
            .as_ref()
            .map(hang::Hung::steps)
            .unwrap_or_default();
        let mut rows: Vec<(String, Result<usize, Action>)> = names
            .iter()
            .enumerate()
            .map(|(k, name)| {
                let words = wf("hang.row", &[("n", &(k + 1)), ("name", name)]);
                (words, Ok(k))
            })
            .collect();
        let plain = if self.hung.is_some() {
            "hang.to_plain"
        } else {
            "hang.to_protocol"
        };
        rows.push((w(plain).to_owned(), Err(Action::PlainGrid)));
        rows.push((w("hang.save").to_owned(), Err(Action::SaveHanging)));
        let width = 320.0;
        let why = text::paragraph(
            ui.painter(),
            said,
            f::small(),
            t::LABEL,
            width - 20.0,
            4,
            sz(16.0),
        );
        let top = why.size().y + 16.0;
        let row_h = sz(26.0);
        let size = vec2(width, top + row_h * rows.len() as f32 + 6.0);
        let place = Rect::from_min_size(chip.left_bottom() + vec2(0.0, 4.0), size);
        let mut picked = None;
        egui::Area::new(Id::unique("steps"))
            .order(egui::Order::Foreground)
            .fixed_pos(place.min)
            .show(ui.ctx(), |ui| {
                ui.set_clip_rect(place.expand(2.0));
                ui.allocate_space(size);
                crate::palette::floating(ui, place);
                ui.painter()
                    .galley(place.min + vec2(10.0, 8.0), why, t::LABEL);
                for (k, (words, way)) in rows.iter().enumerate() {
                    let y = place.top() + top + row_h * k as f32;
                    let row =
                        Rect::from_min_size(pos2(place.left() + 1.0, y), vec2(width - 2.0, row_h));
                    let id = Id::unique(("hang row", k));
                    let response = widget::clickable(ui, id, row, Role::Button, words);
                    widget::row_ground(ui, row, &response, way == &Ok(at) && self.hung.is_some());
                    let galley =
                        text::line(ui.painter(), words, f::small(), t::VALUE, width - 24.0);
                    text::put(ui.painter(), galley, row.left() + 10.0, row.center().y);
                    if response.clicked() {
                        picked = Some(*way);
                    }
                }
            });
        let outside = ui.input(|i| {
            i.pointer.any_pressed()
                && i.pointer
                    .interact_pos()
                    .is_some_and(|p| !place.contains(p) && !chip.contains(p))
        });
        let escape = ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, egui::Key::Escape));
        match picked {
            Some(Ok(step)) => self.hang_step(patient, step),
            Some(Err(action)) => {
                self.act_on_hanging(action, patient);
            }
            None => {}
        }
        if picked.is_some() || outside || escape {
            self.steps_open = false;
        }
    }
}
