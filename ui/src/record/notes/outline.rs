//! Beside the text: its sections, and what each mark means.

use egui::{Id, Rect, Role, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{MarkState, NoteReading};

use super::page::underline;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::words::{w, wf};

/// Rows of the legend with their samples.
#[derive(Clone, Copy)]
enum Sample {
    Mark(MarkState),
    Proposal,
    Hit,
}

/// Draws both; the byte of a section that was clicked.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    reading: &NoteReading,
    proposals: usize,
    hits: usize,
) -> Option<usize> {
    let hair = Stroke::new(1.0, t::HAIR);
    ui.painter()
        .vline(rect.right().round() - 0.5, rect.y_range(), hair);
    let mut wanted = None;
    let mut side = widget::part(ui, "outline", rect);
    ScrollArea::vertical()
        .id_salt("outline")
        .auto_shrink(false)
        .show(&mut side, |ui| {
            if !reading.sections.is_empty() {
                widget::group_head(ui, w("notes.sections"), "", true);
            }
            for (i, section) in reading.sections.iter().enumerate() {
                let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(24.0)));
                let id = Id::unique(("section", i));
                let response = widget::clickable(ui, id, place, Role::Button, &section.title);
                widget::row_ground(ui, place, &response, false);
                let count = reading
                    .marks
                    .iter()
                    .filter(|m| (section.start..section.end).contains(&m.start))
                    .count();
                let y = place.center().y;
                let mut right = place.right() - 12.0;
                if count > 0 {
                    let words = count.to_string();
                    right =
                        text::right(ui.painter(), right, y, &words, f::small(), t::LABEL).left();
                }
                let room = right - place.left() - 18.0;
                let galley = text::line(ui.painter(), &section.title, f::body(), t::BODY, room);
                text::put(ui.painter(), galley, place.left() + 12.0, y);
                if response.clicked() {
                    wanted = Some(section.start);
                }
            }
            legend(ui, reading, proposals, hits);
        });
    wanted
}

fn legend(ui: &mut Ui, reading: &NoteReading, proposals: usize, hits: usize) {
    let states = |state| reading.marks.iter().filter(|m| m.state == state).count();
    let elsewhere = reading.marks.iter().filter(|m| m.is_elsewhere).count();
    widget::group_head(ui, w("notes.marks"), "", reading.sections.is_empty());
    let rows = [
        (
            Sample::Mark(MarkState::Affirmed),
            "notes.affirmed",
            states(MarkState::Affirmed),
        ),
        (
            Sample::Mark(MarkState::Negated),
            "notes.negated",
            states(MarkState::Negated),
        ),
        (
            Sample::Mark(MarkState::Uncertain),
            "notes.uncertain",
            states(MarkState::Uncertain),
        ),
        (
            Sample::Mark(MarkState::Elsewhere),
            "notes.elsewhere",
            elsewhere,
        ),
        (Sample::Proposal, "notes.unconfirmed_fact", proposals),
        (Sample::Hit, "notes.search_hit", hits),
    ];
    for (sample, words, count) in rows {
        row(ui, sample, w(words), count);
    }
    ui.add_space(6.0);
    let width = ui.available_width() - 20.0;
    let galley = text::paragraph(
        ui.painter(),
        w("notes.rest_on"),
        f::small(),
        t::LABEL,
        width,
        4,
        sz(16.0),
    );
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), galley.size().y + 8.0));
    ui.painter()
        .galley(place.min + vec2(12.0, 0.0), galley, t::LABEL);
}

fn row(ui: &mut Ui, sample: Sample, words: &str, count: usize) {
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(24.0)));
    let said = wf("notes.legend", &[("what", &words), ("n", &count)]);
    text::spoken(ui, ("legend", words), place, &said);
    let p = ui.painter();
    let y = place.center().y;
    let ink = match sample {
        Sample::Mark(MarkState::Elsewhere) => t::FAINT,
        Sample::Hit => t::ON_ACCENT,
        Sample::Mark(_) | Sample::Proposal => t::BODY,
    };
    let galley = text::line(p, words, f::body(), ink, place.width() - 50.0);
    let at = Rect::from_min_size(
        pos2(place.left() + 14.0, place.top() + 2.0),
        vec2(galley.size().x, place.height() - 4.0),
    );
    match sample {
        Sample::Hit => {
            p.rect_filled(at.expand2(vec2(2.0, 0.0)), 0.0, t::ACCENT);
        }
        Sample::Proposal => {
            let edge = Stroke::new(1.0, t::BODY);
            mark::dashed_rect(p, at.expand2(vec2(3.0, 0.0)), edge, 3.0, 2.0);
        }
        Sample::Mark(state) => underline(p, at, state),
    }
    text::put(p, galley, at.left(), y);
    let count = count.to_string();
    text::right(p, place.right() - 12.0, y, &count, f::small(), t::LABEL);
}
