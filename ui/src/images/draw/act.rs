//! What a key or a button does to drawings and key images.

use egui::{Id, Key, Modifiers, Stroke, Ui};
use triptych_workbench::Command;
use triptych_workbench::annotate::Shape;
use triptych_workbench::view::{KeyImage, PatientView};

use crate::desk::Desk;
use crate::images::{Images, Tool, find_series};
use crate::look::icon::Icon;
use crate::look::typeface::sz;
use crate::look::{tokens as t, widget};
use crate::words::w;

/// One act on drawings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Tool(Shape),
    KeyImage,
    Delete,
    Undo,
    Redo,
    /// The panel of findings.
    Findings,
    /// The tool in progress first, then what is chosen, then the pointer.
    Cancel,
}

/// Keys of D1.
const KEYS: [(Modifiers, Key, Act); 15] = [
    (Modifiers::SHIFT, Key::L, Act::Tool(Shape::Calibration)),
    (Modifiers::SHIFT, Key::O, Act::Tool(Shape::Freehand)),
    (Modifiers::NONE, Key::L, Act::Tool(Shape::Length)),
    (Modifiers::NONE, Key::A, Act::Tool(Shape::Angle)),
    (Modifiers::NONE, Key::C, Act::Tool(Shape::Cobb)),
    (Modifiers::NONE, Key::B, Act::Tool(Shape::Bidirectional)),
    (Modifiers::NONE, Key::E, Act::Tool(Shape::Ellipse)),
    (Modifiers::NONE, Key::O, Act::Tool(Shape::Polygon)),
    (Modifiers::NONE, Key::T, Act::Tool(Shape::Text)),
    (Modifiers::NONE, Key::K, Act::KeyImage),
    (Modifiers::NONE, Key::Delete, Act::Delete),
    (Modifiers::COMMAND, Key::Z, Act::Undo),
    (Modifiers::COMMAND, Key::Y, Act::Redo),
    (Modifiers::COMMAND, Key::M, Act::Findings),
    (Modifiers::NONE, Key::Escape, Act::Cancel),
];

/// The act that this frame's keys ask for.
pub(crate) fn key(ui: &Ui) -> Option<Act> {
    ui.input_mut(|i| {
        KEYS.iter()
            .find(|(modifiers, key, _)| i.consume_key(*modifiers, *key))
            .map(|(_, _, act)| *act)
    })
}

impl Images {
    /// Does `act`; false when there was nothing to do.
    pub(crate) fn draw(&mut self, act: Act, desk: Desk, patient: &PatientView) -> bool {
        match act {
            Act::Tool(shape) => self.tool = Tool::Draw(shape),
            Act::KeyImage => return self.mark_key(desk, patient),
            Act::Delete => return self.board.delete(patient),
            Act::Undo => self.board.step(false),
            Act::Redo => self.board.step(true),
            Act::Findings => self.findings.open = !self.findings.open,
            Act::Cancel => {
                if self.board.cancel() {
                    return true;
                }
                let drawing = matches!(self.tool, Tool::Draw(_));
                if drawing {
                    self.tool = Tool::default();
                }
                return drawing;
            }
        }
        true
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
        for (act, icon, name) in [
            (Act::KeyImage, Icon::KeyImage, "draw.key_image"),
            (Act::Tool(Shape::Ellipse), Icon::Ellipse, "draw.ellipse"),
            (Act::Tool(Shape::Angle), Icon::Angle, "draw.angle"),
            (
                Act::Tool(Shape::Bidirectional),
                Icon::Bidirectional,
                "draw.bidirectional",
            ),
            (Act::Tool(Shape::Length), Icon::Length, "draw.length"),
        ] {
            let center = egui::pos2(right - sz(14.0), y);
            let on = matches!(act, Act::Tool(shape) if self.tool == Tool::Draw(shape));
            if widget::tool_at(ui, Id::unique(name), center, icon, w(name), on).clicked() {
                self.draw(act, desk, patient);
            }
            right -= sz(30.0);
        }
        let x = (right - 4.0).round() + 0.5;
        ui.painter()
            .vline(x, y - 8.0..=y + 8.0, Stroke::new(1.0, t::LINE));
        right - 12.0
    }
}
