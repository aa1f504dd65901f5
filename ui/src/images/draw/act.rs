//! What a key or a button does to drawings and key images.

use egui::{Id, Key, Modifiers, Stroke, Ui};
use triptych_workbench::Command;
use triptych_workbench::annotate::Shape;
use triptych_workbench::view::{KeyImage, PatientView};

use crate::actions::Action;
use crate::desk::Desk;
use crate::images::{Images, Tool, find_series};
use crate::look::icon::Icon;
use crate::look::typeface::sz;
use crate::look::{tokens as t, widget};
use crate::words::w;

/// The shape that an action draws.
const fn shape_of(action: Action) -> Option<Shape> {
    Some(match action {
        Action::Length => Shape::Length,
        Action::Angle => Shape::Angle,
        Action::Cobb => Shape::Cobb,
        Action::Bidirectional => Shape::Bidirectional,
        Action::Ellipse => Shape::Ellipse,
        Action::Rectangle => Shape::Rectangle,
        Action::Polygon => Shape::Polygon,
        Action::Freehand => Shape::Freehand,
        Action::Circle => Shape::Circle,
        Action::Path => Shape::Path,
        Action::Curve => Shape::Curve,
        Action::Spline => Shape::Spline,
        Action::Livewire => Shape::Livewire,
        Action::Nodule => Shape::Nodule,
        Action::Arrow => Shape::Arrow,
        Action::Text => Shape::Text,
        Action::Probe => Shape::Probe,
        Action::Calibration => Shape::Calibration,
        _ => return None,
    })
}

impl Images {
    /// Does what `action` says to drawings and key images; `None` when it is none of theirs, false when there was nothing to do.
    pub(crate) fn act_on_drawings(
        &mut self,
        action: Action,
        desk: Desk,
        patient: &PatientView,
    ) -> Option<bool> {
        if let Some(shape) = shape_of(action) {
            self.tool = Tool::Draw(shape);
            return Some(true);
        }
        Some(match action {
            Action::KeyImage => self.mark_key(desk, patient),
            Action::Delete => self.board.delete(patient),
            Action::NoduleLess => self.board.regrow(patient, 1.0),
            Action::NoduleMore => self.board.regrow(patient, -1.0),
            Action::Rename => self.board.rename(patient),
            Action::Final => self.board.lock(patient),
            Action::Undo | Action::Redo => {
                self.board.step(action == Action::Redo);
                true
            }
            Action::Measurements => {
                self.findings.open = !self.findings.open;
                true
            }
            _ => return None,
        })
    }

    /// Esc: what is in the making first, then what is chosen, then the tool in hand. Others get the key when there is none of these.
    pub(crate) fn cancel_drawing(&mut self, ui: &Ui) {
        let drawing = matches!(self.tool, Tool::Draw(_));
        if ui.ctx().egui_wants_keyboard_input() || !(drawing || self.board.has_choice()) {
            return;
        }
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) && !self.board.cancel() {
            self.tool = Tool::default();
        }
    }

    /// Marks the image in the active tile, or takes its mark away.
    fn mark_key(&mut self, desk: Desk, patient: &PatientView) -> bool {
        let tiles = self.tiles(desk);
        let tile = tiles.tiles.get(tiles.active);
        let found = tile.and_then(|tile| {
            let (study, series) = find_series(patient, tile.series.as_ref()?)?;
            Some((study, series, series.stack.slices.get(tile.slice)?))
        });
        let Some((study, series, slice)) = found.filter(|_| patient.at_is_now) else {
            return false;
        };
        let there = patient.drawings.key_image(&slice.instance, slice.frame);
        let image = KeyImage {
            study: study.uid.clone(),
            series: series.uid.clone(),
            instance: slice.instance.clone(),
            frame: slice.frame,
            reason: String::new(),
            author: String::new(),
            marked: String::new(),
        };
        let marked = there.is_none();
        self.board.commands.push(Command::MarkKey { image, marked });
        true
    }

    /// The tools of look.md beside those of the view, right to left from `right`; the new right edge.
    pub(crate) fn drawing_tools(
        &mut self,
        ui: &Ui,
        mut right: f32,
        y: f32,
        desk: Desk,
        patient: &PatientView,
    ) -> f32 {
        for (action, icon, name) in [
            (Action::KeyImage, Icon::KeyImage, "draw.key_image"),
            (Action::Ellipse, Icon::Ellipse, "draw.ellipse"),
            (Action::Angle, Icon::Angle, "draw.angle"),
            (
                Action::Bidirectional,
                Icon::Bidirectional,
                "draw.bidirectional",
            ),
            (Action::Length, Icon::Length, "draw.length"),
        ] {
            let center = egui::pos2(right - sz(14.0), y);
            let on = shape_of(action).is_some_and(|shape| self.tool == Tool::Draw(shape));
            if widget::tool_at(ui, Id::unique(name), center, icon, w(name), on).clicked() {
                self.act_on_drawings(action, desk, patient);
            }
            right -= sz(30.0);
        }
        let x = (right - 4.0).round() + 0.5;
        ui.painter()
            .vline(x, y - 8.0..=y + 8.0, Stroke::new(1.0, t::LINE));
        right - 12.0
    }
}
