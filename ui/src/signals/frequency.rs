//! A risk as so many of a hundred people, with a hundred squares in grey (D-24). Shown on request: closed until it is asked for.

use egui::{Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use triptych_workbench::view::NaturalFrequency;

use super::{basis, rows};
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t};
use crate::words::{w, wf};

/// Squares in a row, and rows.
const SIDE: u8 = 10;

/// Edge of a square, and from one to the next.
fn square() -> (f32, f32) {
    (sz(9.0).round(), sz(12.0).round())
}

/// The folded line, and what it hides.
pub(super) fn show(ui: &mut Ui, all: &[NaturalFrequency], open: &mut bool) {
    let Some(first) = all.first() else { return };
    // The number itself waits until it is asked for.
    rows::fold(ui, "basis.frequencies", w("basis.frequency_note"), open);
    if !*open {
        return;
    }
    ui.add_space(6.0);
    for frequency in all {
        one(ui, frequency);
    }
    basis::padded(ui, |ui| {
        let words = wf("basis.frequency_of", &[("who", &first.population)]);
        text::block(ui, &words, f::small(), t::LABEL, sz(16.0));
        let bounded = all.iter().any(|f| f.of_100[0] != f.of_100[1]);
        let legend = if bounded {
            w("basis.frequency_legend_range")
        } else {
            w("basis.frequency_legend")
        };
        text::block(ui, legend, f::small(), t::LABEL, sz(16.0));
        ui.add_space(8.0);
    });
}

fn one(ui: &mut Ui, frequency: &NaturalFrequency) {
    let (_, step) = square();
    let side = step * f32::from(SIDE);
    let width = ui.available_width();
    let room = width - side - 40.0;
    let p = ui.painter().clone();
    let title = text::paragraph(
        &p,
        &frequency.words,
        f::strong(),
        t::VALUE,
        room,
        3,
        sz(18.0),
    );
    let event = text::paragraph(&p, &frequency.event, f::small(), t::BODY, room, 5, sz(16.0));
    let (_, place) = ui.allocate_space(vec2(width, side + 12.0));
    let said = wf(
        "basis.frequency",
        &[("n", &frequency.words), ("event", &frequency.event)],
    );
    text::spoken(ui, ("frequency", &frequency.event), place, &said);
    let array = Rect::from_min_size(place.min + vec2(12.0, 2.0), vec2(side, side));
    squares(ui, array, frequency.of_100);
    let at = pos2(array.right() + 16.0, array.top());
    let below = title.size().y + 2.0;
    p.galley(at, title, t::VALUE);
    p.galley(at + vec2(0.0, below), event, t::BODY);
}

/// A hundred squares, from the top left: filled for those affected, hatched for those between the two ends of a range, outlined for the rest.
fn squares(ui: &Ui, array: Rect, [low, high]: [u8; 2]) {
    let (edge, step) = square();
    let p = ui.painter();
    for i in 0..SIDE * SIDE {
        let (row, column) = (f32::from(i / SIDE), f32::from(i % SIDE));
        let at = array.min + vec2(column * step, row * step);
        let place = Rect::from_min_size(at, vec2(edge, edge));
        if i < low {
            p.rect_filled(place, 0.0, t::VALUE);
            continue;
        }
        let between = i < high;
        if between {
            mark::hatch(p, place, 3.0, t::LABEL);
        }
        let ink = if between { t::LABEL } else { t::LINE };
        p.rect_stroke(place, 0.0, Stroke::new(1.0, ink), StrokeKind::Inside);
    }
}
