//! The panel of findings and measurements (Ctrl+M): one row a lesion with its sizes by date and its growth, and the key images.

mod key_images;
mod spread;
mod table;
mod values;

use egui::{Align, Id, Rect, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::Command;
use triptych_workbench::measure::{DecimalSign, write};
use triptych_workbench::view::PatientView;

use super::board::Board;
use crate::look::typeface::{self as f, sz};
use crate::look::widget::Weight;
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{plural, signed, w, wf};
use key_images::{has_keys, key_images};
use spread::{spread, spread_height};
use table::{Columns, row_height, table_head};
use values::last_dates;

/// State of the panel.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub open: bool,
    /// Reports are to be written as soon as the tiles say how they look.
    pub write: bool,
    /// This lesion waits for the row it belongs to.
    linking: Option<String>,
}

impl Findings {
    /// Height that the panel wants below a leaf of this height.
    pub fn height(&self, patient: &PatientView, board: &Board, leaf: f32) -> f32 {
        if !self.open {
            return 0.0;
        }
        let rows = patient.drawings.lesions.len().max(1) as f32;
        let keys = if has_keys(patient) { sz(30.0) } else { 0.0 };
        let spread = if board.spread.is_some() {
            spread_height()
        } else {
            0.0
        };
        let wanted =
            sz(t::LEAF_HEAD) + sz(t::GROUP_HEAD) + rows * row_height() + keys + spread + 26.0;
        wanted.min(leaf * 0.45).round()
    }

    /// Draws the panel.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        board: &mut Board,
        out: &mut Out,
    ) {
        let mut ui = widget::region(ui, "findings", rect, w("findings.title"));
        let ui = &mut ui;
        ui.painter().rect_filled(rect, 0.0, t::PANEL);
        ui.painter()
            .hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t::HAIR));
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), sz(t::LEAF_HEAD)));
        self.head(ui, head, patient, board, out);
        let mut body = Rect::from_min_max(pos2(rect.left(), head.bottom()), rect.max);
        if has_keys(patient) {
            let keys = Rect::from_min_max(pos2(body.left(), body.bottom() - sz(30.0)), body.max);
            key_images(ui, keys, patient, out);
            body.max.y = keys.top();
        }
        if let Some((_, found)) = &board.spread {
            let strip =
                Rect::from_min_max(pos2(body.left(), body.bottom() - spread_height()), body.max);
            spread(ui, strip, found);
            body.max.y = strip.top();
        }
        if patient.drawings.lesions.is_empty() {
            text::label(
                ui,
                "none",
                Rect::from_min_size(
                    body.min + vec2(t::PAD_LEFT, 0.0),
                    vec2(body.width() - 24.0, sz(t::LIST)),
                ),
                w("findings.none"),
                f::body(),
                t::LABEL,
                Align::Min,
            );
            return;
        }
        let columns = Columns::of(rect);
        let dates = last_dates(&patient.drawings.lesions);
        let line = Rect::from_min_size(body.min, vec2(body.width(), sz(t::GROUP_HEAD)));
        table_head(ui, line, &columns, dates);
        body.min.y = line.bottom();
        let mut part = widget::part(ui, "rows", body);
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(&mut part, |ui| {
                for lesion in patient.drawings.lesions.iter() {
                    self.row(ui, lesion, &columns, dates, patient, board, out);
                }
            });
    }

    fn head(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        board: &mut Board,
        out: &mut Out,
    ) {
        let y = rect.center().y;
        let title = text::left(
            ui.painter(),
            rect.left() + t::PAD_LEFT,
            y,
            w("findings.title"),
            f::strong(),
            t::VALUE,
        );
        let drawings = &patient.drawings;
        let mut note = plural(
            drawings.lesions.len(),
            "findings.count_one",
            "findings.count",
        );
        if drawings.unreadable > 0 {
            let n = wf("findings.unreadable", &[("n", &drawings.unreadable)]);
            note = format!("{note} · {n}");
        }
        let note = match &self.linking {
            Some(_) => w("findings.link_to").to_owned(),
            None => note,
        };
        text::left(
            ui.painter(),
            title.right() + 12.0,
            y,
            &note,
            f::small(),
            t::LABEL,
        );
        let mut right = rect.right() - t::PAD_RIGHT;
        let mut button = |ui: &Ui, name: &'static str, salt: &'static str| {
            let width = widget::button_width(ui, w(name));
            let place = Rect::from_min_size(
                pos2(right - width, y - sz(t::BUTTON) / 2.0),
                vec2(width, sz(t::BUTTON)),
            );
            right = place.left() - 6.0;
            widget::button_at(
                ui,
                Id::unique(("findings", salt)),
                place,
                w(name),
                Weight::Plain,
            )
            .clicked()
        };
        if patient.at_is_now && button(ui, "findings.report", "report") {
            self.write = true;
        }
        if button(ui, "findings.export", "export") {
            out.send(Command::ExportFindings(None));
        }
        let Some(chosen) = board.selected(patient).filter(|_| patient.at_is_now) else {
            self.linking = None;
            return;
        };
        let (lesion, locked) = (chosen.lesion.clone(), chosen.locked);
        if locked {
            return;
        }
        if button(ui, "findings.delete", "delete") {
            board.delete(patient);
        }
        if button(ui, "findings.final", "final") {
            board.lock(patient);
        }
        if button(ui, "findings.link", "link") {
            self.linking = match &self.linking {
                Some(_) => None,
                None => Some(lesion),
            };
        }
        if button(ui, "findings.rename", "rename") {
            board.rename(patient);
        }
        let Some((_, grown)) = board.threshold(patient) else {
            return;
        };
        // Right to left: the threshold stands between its two buttons.
        if button(ui, "findings.threshold_up", "threshold up") {
            board.regrow(patient, 1.0);
        }
        if button(ui, "findings.threshold_down", "threshold down") {
            board.regrow(patient, -1.0);
        }
        let from = write::number(grown.settings.range[0], 0, DecimalSign::Point);
        let words = wf("findings.threshold", &[("hu", &signed(&from))]);
        let place = text::right(ui.painter(), right - 4.0, y, &words, f::small(), t::LABEL);
        text::spoken(ui, "threshold", place, &words);
    }
}
