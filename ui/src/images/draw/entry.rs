//! Words and numbers that a drawing waits for: a text, a name, the length of a calibration line.

use egui::{Id, Key, Pos2, Rect, Ui, vec2};
use triptych_workbench::annotate::Annotation;
use triptych_workbench::view::PatientView;

use super::board::Board;
use super::ground::Ground;
use crate::look::typeface::sz;
use crate::look::{tokens as t, widget};
use crate::words::w;

/// What is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Text,
    Label,
    Millimetres,
}

/// A field over the image.
#[derive(Debug)]
pub(super) struct Entry {
    pub wanted: Wanted,
    pub drawing: Annotation,
    pub words: String,
    /// The tile that has the field; the first that shows the frame where none is named.
    tile: Option<Pos2>,
    asked: bool,
}

impl Entry {
    pub fn new(wanted: Wanted, drawing: Annotation, tile: Option<Pos2>) -> Self {
        let words = match wanted {
            Wanted::Label => drawing.label.clone(),
            Wanted::Text => drawing.text.clone(),
            Wanted::Millimetres => String::new(),
        };
        Self {
            wanted,
            drawing,
            words,
            tile,
            asked: false,
        }
    }
}

/// Shows the field over the frame it belongs to. Enter takes what was typed, Esc leaves it.
pub(super) fn show(
    board: &mut Board,
    ui: &Ui,
    ground: &Ground<'_>,
    patient: &PatientView,
    now: f64,
) {
    let Some(entry) = &mut board.entry else {
        return;
    };
    let here = entry
        .drawing
        .anchor
        .image
        .as_ref()
        .map(|i| (&i.instance, i.frame))
        == ground.anchor.image.as_ref().map(|i| (&i.instance, i.frame));
    let here = here && entry.tile.is_none_or(|tile| tile == ground.rect.min);
    let Some(at) = entry.drawing.corners().last().filter(|_| here) else {
        return;
    };
    entry.tile = Some(ground.rect.min);
    let hint = match entry.wanted {
        Wanted::Text => w("draw.type_text"),
        Wanted::Label => w("draw.type_label"),
        Wanted::Millimetres => w("draw.type_mm"),
    };
    let size = vec2(sz(180.0), sz(t::BUTTON));
    let room = ground.rect.shrink(4.0);
    let wished = ground.to_screen(at.0) + vec2(10.0, 8.0);
    let place = Rect::from_min_size(wished.max(room.min).min(room.max - size), size);
    let id = Id::unique("draw entry");
    let (enter, escape) = ui.input_mut(|i| {
        let none = egui::Modifiers::NONE;
        (i.key_pressed(Key::Enter), i.consume_key(none, Key::Escape))
    });
    let area = egui::Area::new(id.with("area"))
        .order(egui::Order::Foreground)
        .fixed_pos(place.min);
    area.show(ui.ctx(), |ui| {
        let field = widget::field(ui, id, place, &mut entry.words, hint, None);
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, hint));
        if !entry.asked {
            field.request_focus();
            entry.asked = true;
        }
    });
    if escape {
        board.entry = None;
    } else if enter {
        board.typed(ground, patient, now);
    }
}
