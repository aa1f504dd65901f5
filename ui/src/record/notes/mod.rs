//! Notes: list with search at the left, the text verbatim with its marks, what it seems to state at the right; and the report of the study on
//! screen.

mod facts;
mod list;
mod outline;
mod page;
mod report;

use egui::{Align, Id, Rect, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{NoteHit, NoteItem, PatientView, Target};
use triptych_workbench::{Command, FactId};

pub(super) use list::Filter;
pub(super) use page::Page;
pub(super) use report::report;

use super::{Record, Scroll};
use crate::desk::Layout;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::{Out, Targets};
use crate::words::{w, wf};
use page::Look;

/// Width of the leaf from which list and text stand side by side.
const WIDE: f32 = 620.0;
/// Width beside the list from which facts stand beside the text; else they stand under it.
const BESIDE: f32 = 880.0;
const OUTLINE: f32 = 180.0;
/// A line of text is never longer.
const TEXT: f32 = 720.0;

/// Places of a reader's screen.
struct Places {
    head: Rect,
    outline: Option<Rect>,
    text: Rect,
    facts: Rect,
    /// Facts stand beside the text.
    beside: bool,
}

impl Record {
    pub(super) fn notes(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        layout: &mut Layout,
        targets: &Targets,
        out: &mut Out,
    ) {
        if patient.notes.is_empty() {
            widget::empty(ui, rect, Icon::Text, w("notes.none"), w("notes.none_why"));
            return;
        }
        let hits = self.shown_hits(patient);
        let find = |fact: FactId| patient.notes.iter().find(|n| n.is(fact));
        let chosen = self.note.and_then(find);
        if rect.width() >= WIDE {
            let list_w = (rect.width() * 0.3).clamp(220.0, 340.0);
            let list = Rect::from_min_size(rect.min, vec2(list_w, rect.height()));
            let reader = Rect::from_min_max(pos2(list.right(), rect.top()), rect.max);
            let shown = chosen.or_else(|| patient.notes.first());
            self.note_list(ui, list, patient, shown.map(|n| n.fact), &hits, out);
            let hair = Stroke::new(1.0, t::HAIR);
            ui.painter()
                .vline(reader.left().round() - 0.5, reader.y_range(), hair);
            if let Some(note) = shown {
                self.reader(ui, reader, patient, note, layout, &hits, targets, out);
            }
        } else if let Some(note) = chosen {
            self.reader(ui, rect, patient, note, layout, &hits, targets, out);
        } else {
            self.note_list(ui, rect, patient, None, &hits, out);
        }
        self.hit_keys(ui, &hits);
    }

    #[allow(clippy::too_many_arguments, reason = "one call from two places")]
    fn reader(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        note: &NoteItem,
        layout: &mut Layout,
        hits: &[NoteHit],
        targets: &Targets,
        out: &mut Out,
    ) {
        ask(note, out);
        let reading = note.reading.get();
        let narrow = rect.width() < WIDE;
        let places = places(rect, reading.is_some());
        let own: Vec<(usize, usize)> = hits
            .iter()
            .filter(|h| h.note == note.fact)
            .map(|h| (h.start, h.end))
            .collect();
        let proposals = facts::open(reading.as_deref(), patient);
        self.reader_head(ui, &places, note, layout, hits, narrow);
        let mut scroll_section = None;
        if let (Some(place), Some(reading)) = (places.outline, reading.as_deref()) {
            scroll_section = outline::show(ui, place, reading, proposals.len(), own.len());
        }
        if self.why.is_some_and(|(n, _)| n != note.fact) {
            self.why = None;
        }
        let numbered = numbered(note, targets);
        let mut jumps: Vec<(usize, usize)> = numbered.iter().map(|(_, s)| *s).collect();
        jumps.extend(
            self.span
                .filter(|s| self.note == Some(note.fact) && !own.contains(s)),
        );
        let look = Look {
            note: note.fact,
            version: note.version,
            text: &note.text,
            reading: reading.as_deref(),
            proposals: proposals.iter().map(|c| c.span).collect(),
            hit: self.span,
            hits: own,
            jumps,
            numbered,
            mono: layout.mono,
        };
        if let Some(at) = scroll_section {
            self.span = Some((at, at));
            self.scroll = Some(Scroll::Span);
        }
        let scroll = (self.scroll == Some(Scroll::Span)).then(|| self.span.map_or(0, |s| s.0));
        let page = &mut self.page;
        let mut area = widget::part(ui, "note text", places.text);
        let answer = ScrollArea::vertical()
            .id_salt(("note text", note.fact.to_string()))
            .auto_shrink(false)
            .show_viewport(&mut area, |ui, viewport| {
                let width = (ui.available_width() - 28.0).min(sz(TEXT));
                page.show(ui, viewport, width, &look, scroll)
            })
            .inner;
        if answer.scrolled {
            self.scroll = None;
        } else if scroll.is_some() {
            ui.ctx().request_repaint();
        }
        if let Some(k) = answer.clicked {
            self.why = Some((note.fact, k));
        }
        let why = answer.touched.or(self.why.map(|(_, k)| k));
        let hair = Stroke::new(1.0, t::HAIR);
        if places.beside {
            ui.painter()
                .vline(places.facts.left().round() - 0.5, rect.y_range(), hair);
        } else {
            ui.painter()
                .hline(places.facts.x_range(), places.facts.top() - 0.5, hair);
        }
        if let Some(reading) = reading.as_deref() {
            let wanted = facts::show(ui, places.facts, patient, note, reading, why, out);
            if let Some(span) = wanted {
                self.note = Some(note.fact);
                self.span = Some(span);
                self.scroll = Some(Scroll::Span);
            }
        }
    }

    fn reader_head(
        &mut self,
        ui: &Ui,
        places: &Places,
        note: &NoteItem,
        layout: &mut Layout,
        hits: &[NoteHit],
        closable: bool,
    ) {
        let head = places.head;
        let p = ui.painter().clone();
        let hair = Stroke::new(1.0, t::HAIR);
        p.hline(head.x_range(), head.bottom() - 0.5, hair);
        let y = head.center().y;
        let mut x = head.left() + t::PAD_LEFT;
        if closable {
            let id = Id::unique("all notes");
            let at = pos2(x + 6.0, y);
            if widget::tool_at(ui, id, at, Icon::Back, w("notes.back"), false).clicked() {
                self.note = None;
            }
            x += 26.0;
        }
        let mono = w("notes.mono");
        let width = text::width(&p, mono, f::small()) + 14.0;
        let chip = Rect::from_min_size(
            pos2(head.right() - width - 10.0, y - sz(10.0)),
            vec2(width, sz(t::CHIP)),
        );
        if widget::choice_at(ui, Id::unique("mono"), chip, mono, layout.mono).clicked() {
            layout.mono = !layout.mono;
        }
        let mut right = chip.left();
        if !hits.is_empty() {
            let back = widget::key_cap(ui, right - 8.0, y, "Shift N");
            let next = widget::key_cap(ui, back.left() - 4.0, y, "N");
            let at = self.hit.min(hits.len() - 1) + 1;
            let words = wf("notes.hit_of", &[("n", &at), ("all", &hits.len())]);
            let edge = next.left() - 8.0;
            let place = text::right(&p, edge, y, &words, f::small(), t::LABEL);
            text::spoken(ui, "hit", place, &words);
            right = place.left();
        }
        let details = [
            note.date.as_str(),
            note.status.as_str(),
            note.author.as_str(),
        ]
        .into_iter()
        .filter(|s| !s.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
        let room = right - x - 10.0;
        let title = text::line(&p, &note.title, f::title(), t::VALUE, room * 0.6);
        let end = text::put(&p, title, x, y).right();
        let place = Rect::from_min_max(
            pos2(end + 10.0, head.top()),
            pos2((right - 8.0).max(end + 10.0), head.bottom()),
        );
        let font = f::small();
        let id = "note details";
        let said = text::label(ui, id, place, &details, font, t::LABEL, Align::Min);
        widget::hover(said, &note.source);
    }
}

fn places(rect: Rect, read: bool) -> Places {
    let beside = rect.width() >= BESIDE;
    let facts_w = if rect.width() >= 1040.0 { 360.0 } else { 300.0 };
    let facts_h = (rect.height() * 0.36).max(150.0);
    let (left, facts) = if beside {
        rect.split_left_right_at_x(rect.right() - facts_w)
    } else {
        rect.split_top_bottom_at_y(rect.bottom() - facts_h)
    };
    let (outline, right) = if left.width() >= 480.0 && read {
        let (outline, right) = left.split_left_right_at_x(left.left() + OUTLINE);
        (Some(outline), right)
    } else {
        (None, left)
    };
    let head = Rect::from_min_size(right.min, vec2(right.width(), sz(36.0)));
    Places {
        head,
        outline,
        text: Rect::from_min_max(head.left_bottom(), right.max),
        facts,
        beside,
    }
}

/// Has a note read that was not.
fn ask(note: &NoteItem, out: &mut Out) {
    if note.reading.get().is_none() && note.reading.ask() {
        out.send(Command::ReadNote(note.fact));
    }
}

/// The numbered targets of the opened card that stand in this note.
fn numbered(note: &NoteItem, targets: &Targets) -> Vec<(usize, (usize, usize))> {
    targets
        .numbered
        .iter()
        .filter_map(|(n, target)| match target {
            Target::Note {
                fact,
                span: Some(span),
            } if *fact == note.fact => Some((*n, *span)),
            _ => None,
        })
        .collect()
}
