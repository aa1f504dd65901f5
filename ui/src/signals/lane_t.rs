//! Lane T: listed, so that its absence is not read as an all-clear; what it says is seen only where it was opened.

use egui::{Id, Role, Ui, pos2, vec2};
use triptych_workbench::Command;
use triptych_workbench::view::{Lane, PatientView};

use super::rows;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::w;

/// The row, and its panel where it is open.
pub(super) fn show(ui: &mut Ui, patient: &PatientView, open: &mut bool, out: &mut Out) {
    let lane_t = &patient.signals.time_critical;
    let (state, name) = if lane_t.on {
        (w("signals.on"), w("signals.time_critical_on"))
    } else {
        (w("signals.off"), w("signals.time_critical_off"))
    };
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(26.0)));
    let response = widget::clickable(ui, Id::unique("lane t"), place, Role::Button, name);
    widget::row_ground(ui, place, &response, false);
    let p = ui.painter();
    let y = place.center().y;
    mark::lane(p, pos2(place.left() + 20.0, y), Lane::T);
    text::left(
        p,
        place.left() + 36.0,
        y,
        w("signals.time_critical"),
        f::small(),
        t::LABEL,
    );
    text::right(p, place.right() - 12.0, y, state, f::small(), t::LABEL);
    if response.clicked() {
        *open = !*open;
    }
    if !*open {
        return;
    }
    super::basis::padded(ui, |ui| {
        text::block(
            ui,
            w("signals.time_critical_why"),
            f::small(),
            t::LABEL,
            sz(16.0),
        );
    });
    for card in &lane_t.cards {
        rows::card_row(ui, card, "", out);
    }
    for (rule, outcome) in &lane_t.others {
        rows::outcome(ui, rule, outcome);
    }
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(26.0)));
    let words = if lane_t.on {
        w("signals.turn_off")
    } else {
        w("signals.turn_on")
    };
    let (x, y) = (place.left() + 12.0, place.center().y);
    if widget::link_at(ui, Id::unique("turn lane t"), x, y, words).clicked() {
        out.send(Command::SetTimeCritical(!lane_t.on));
    }
}
