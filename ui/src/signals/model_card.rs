//! The card of a model behind a finding (D-20): what it is, whom it was trained on, where it fails, and what it was given of this patient. The
//! other source attributes are folded.

use egui::Ui;
use triptych_workbench::view::ModelCard;

use super::{basis, rows};
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::words::{count, w};

/// Draws it below the basis of a finding.
pub(super) fn show(ui: &mut Ui, card: &ModelCard, open: &mut bool) {
    widget::group_head(ui, w("basis.model"), w("lane.investigational"), false);
    basis::padded(ui, |ui| {
        text::block(ui, &card.title, f::strong(), t::VALUE, sz(18.0));
        for (heading, said) in &card.first {
            entry(ui, heading, said);
        }
        ui.add_space(8.0);
    });
    rows::fold(
        ui,
        "basis.model_attributes",
        &count(card.attributes.len()),
        open,
    );
    if *open {
        basis::padded(ui, |ui| {
            for (heading, said) in &card.attributes {
                entry(ui, heading, said);
            }
            ui.add_space(8.0);
        });
    }
}

fn entry(ui: &mut Ui, heading: &str, said: &str) {
    ui.add_space(4.0);
    text::block(ui, heading, f::small_medium(), t::LABEL, sz(16.0));
    text::block(ui, said, f::small(), t::BODY, sz(16.0));
}
