//! Hypotheses: a folded list without a score, and one of them opened to what speaks for and against it.

use egui::{Id, Rect, Role, ScrollArea, Ui, pos2, vec2};
use triptych_workbench::view::{HypothesisRow, Lane, PatientView};

use super::{basis, rows, weighing};
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::{count, plural, w};

/// How many modalities speak for it; never a number that could be read as a probability.
fn modalities(row: &HypothesisRow) -> String {
    match row.modalities {
        0 => w("hypothesis.none").to_owned(),
        n => plural(n, "hypothesis.modalities_one", "hypothesis.modalities"),
    }
}

/// The list, folded until it is asked for. The one that was clicked.
pub(super) fn list(ui: &mut Ui, patient: &PatientView, open: &mut bool) -> Option<String> {
    let all = &patient.signals.hypotheses;
    if all.is_empty() {
        return None;
    }
    rows::fold(ui, "hypothesis.title", &count(all.len()), open);
    if !*open {
        return None;
    }
    let mut clicked = None;
    for row in all {
        let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(t::LIST)));
        let note = modalities(row);
        let name = format!("{}: {note}", row.title);
        let id = Id::unique(("hypothesis", &row.id));
        let response = widget::clickable(ui, id, place, Role::Button, &name);
        widget::row_ground(ui, place, &response, false);
        let p = ui.painter();
        let y = place.center().y;
        let right = text::right(p, place.right() - 12.0, y, &note, f::small(), t::LABEL);
        let mut x = place.left() + 32.0;
        if row.lane == Lane::D {
            mark::lane(p, pos2(x + 8.0, y), Lane::D);
            x += 22.0;
        }
        let title = text::line(p, &row.title, f::small(), t::BODY, right.left() - x - 8.0);
        text::put(p, title, x, y);
        if widget::hover(response, &name).clicked() {
            clicked = Some(row.id.clone());
        }
    }
    clicked
}

/// One hypothesis in the leaf's place.
pub(super) fn show(ui: &mut Ui, rect: Rect, row: &HypothesisRow, out: &mut Out) {
    let head = basis::head(ui, rect, out);
    let body = Rect::from_min_max(head.left_bottom(), rect.max);
    let mut area = widget::part(ui, "hypothesis", body);
    ScrollArea::vertical()
        .id_salt(("hypothesis", &row.id))
        .auto_shrink(false)
        .show(&mut area, |ui| {
            ui.add_space(8.0);
            basis::padded(ui, |ui| {
                text::block(ui, w("hypothesis.one"), f::small(), t::LABEL, sz(16.0));
                text::block(ui, &row.title, f::title(), t::VALUE, sz(20.0));
                text::block(ui, &modalities(row), f::small(), t::LABEL, sz(17.0));
                if row.lane == Lane::D {
                    text::block(ui, w("hypothesis.model"), f::small(), t::LABEL, sz(17.0));
                }
                ui.add_space(6.0);
            });
            weighing::show(ui, &row.weighing, out);
            basis::padded(ui, |ui| {
                text::block(ui, w("hypothesis.order"), f::small(), t::FAINT, sz(16.0));
            });
        });
}
