//! The list of notes, and the search over them.

use egui::{Id, Key, Modifiers, Rect, Role, ScrollArea, Stroke, Ui, WidgetInfo, pos2, vec2};
use triptych_workbench::view::{NoteHit, NoteItem, PatientView};
use triptych_workbench::{Command, FactId};

use super::Record;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::record::Scroll;
use crate::words::{w, wf};

/// Days of a year, for the filter by date.
const YEAR: i64 = 365;

/// Which hits are shown.
#[derive(Debug, Default)]
pub(in crate::record) struct Filter {
    /// Without those that the text says are absent.
    not_negated: bool,
    /// Of this section only.
    section: Option<String>,
    /// Of notes at most this old, in years before the index time.
    years: Option<i64>,
}

impl Filter {
    fn lets(&self, hit: &NoteHit, patient: &PatientView) -> bool {
        let recent = |years: i64| {
            let from = patient.at.plus_days(-years * YEAR);
            let note = patient.notes.iter().find(|n| n.is(hit.note));
            note.is_some_and(|n| n.at.instant >= from)
        };
        !(self.not_negated && hit.is_negated)
            && self.section.as_ref().is_none_or(|s| *s == hit.section)
            && self.years.is_none_or(recent)
    }
}

impl Record {
    /// Hits that the filters let through; none while nothing is searched for.
    pub(super) fn shown_hits(&self, patient: &PatientView) -> Vec<NoteHit> {
        let Some(hits) = &patient.note_hits else {
            return Vec::new();
        };
        hits.hits
            .iter()
            .filter(|h| self.filter.lets(h, patient))
            .cloned()
            .collect()
    }

    pub(super) fn note_list(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        shown: Option<FactId>,
        hits: &[NoteHit],
        out: &mut Out,
    ) {
        let field = Rect::from_min_size(
            rect.min + vec2(12.0, 10.0),
            vec2(rect.width() - 24.0, sz(28.0)),
        );
        let id = Id::unique("search notes");
        let hint = w("notes.search");
        let response = widget::field(ui, id, field, &mut self.search, hint, Some(Icon::Search));
        if response.changed() {
            self.hit = 0;
            out.send(Command::SearchNotes(self.search.clone()));
        }
        // Enter goes to the first hit and leaves the words where they are.
        if response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) {
            ui.memory_mut(|m| m.request_focus(id));
            self.go_to(hits, 0);
        }
        let response = widget::hover(response, w("notes.search_how"));
        let mut y = field.bottom() + 4.0;
        let searching = !self.search.trim().is_empty() && patient.note_hits.is_some();
        if searching {
            y = self.filters(ui, rect, y, patient);
            let in_notes = patient
                .notes
                .iter()
                .filter(|n| hits.iter().any(|h| h.note == n.fact))
                .count();
            let took = patient.note_hits.as_ref().map_or(0, |h| h.took_ms);
            let words = wf(
                "notes.hits",
                &[("n", &hits.len()), ("notes", &in_notes), ("ms", &took)],
            );
            let place = Rect::from_min_size(pos2(field.left(), y), vec2(field.width(), sz(20.0)));
            let font = f::small();
            text::label(ui, "hits", place, &words, font, t::LABEL, egui::Align::Min);
            y += sz(20.0);
        } else if response.has_focus() {
            let place = Rect::from_min_size(pos2(field.left(), y), vec2(field.width(), sz(20.0)));
            let how = w("notes.search_how");
            text::label(
                ui,
                "how",
                place,
                how,
                f::small(),
                t::LABEL,
                egui::Align::Min,
            );
            y += sz(20.0);
        }
        let body = Rect::from_min_max(pos2(rect.left(), y + 4.0), rect.max);
        let notes: Vec<&NoteItem> = patient
            .notes
            .iter()
            .filter(|n| !searching || hits.iter().any(|h| h.note == n.fact))
            .collect();
        if notes.is_empty() {
            let why = w("notes.no_hit_why");
            widget::empty(ui, body, Icon::Search, w("notes.no_hit"), why);
            return;
        }
        let mut area = widget::part(ui, "note list", body);
        let height = sz(44.0);
        ScrollArea::vertical()
            .id_salt("note list")
            .auto_shrink(false)
            .show_rows(&mut area, height, notes.len(), |ui, range| {
                for note in notes.get(range).unwrap_or_default() {
                    let (_, place) = ui.allocate_space(vec2(ui.available_width(), height));
                    self.note_row(ui, place, note, shown == Some(note.fact), hits);
                }
            });
    }

    /// The three filters under the field; the top of what follows.
    fn filters(&mut self, ui: &Ui, rect: Rect, y: f32, patient: &PatientView) -> f32 {
        let mut x = rect.left() + 12.0;
        let mut place = |words: &str| {
            let width = text::width(ui.painter(), words, f::small()) + 14.0;
            let place = Rect::from_min_size(
                pos2(x, y + sz(2.0)),
                vec2(width.min(rect.width() / 2.0), sz(t::CHIP)),
            );
            x = place.right() + 6.0;
            place
        };
        let words = w("notes.not_negated");
        let id = Id::unique("filter negated");
        let on = self.filter.not_negated;
        if widget::choice_at(ui, id, place(words), words, on).clicked() {
            self.filter.not_negated = !on;
            self.hit = 0;
        }
        let section = self.filter.section.clone();
        let words = section.as_deref().unwrap_or_else(|| w("notes.any_section"));
        let id = Id::unique("filter section");
        let response = widget::choice_at(ui, id, place(words), words, section.is_some());
        let mut picked = None;
        egui::Popup::menu(&response).show(|ui| {
            if ui.button(w("notes.any_section")).clicked() {
                picked = Some(None);
            }
            for title in sections(patient) {
                if ui.button(&title).clicked() {
                    picked = Some(Some(title));
                }
            }
        });
        let years = self.filter.years;
        let words = years.map_or_else(|| w("notes.all_dates").to_owned(), date_words);
        let id = Id::unique("filter dates");
        let response = widget::choice_at(ui, id, place(&words), &words, years.is_some());
        let mut dates = None;
        egui::Popup::menu(&response).show(|ui| {
            if ui.button(w("notes.all_dates")).clicked() {
                dates = Some(None);
            }
            for n in [1, 5] {
                if ui.button(date_words(n)).clicked() {
                    dates = Some(Some(n));
                }
            }
        });
        if picked.is_some() || dates.is_some() {
            self.hit = 0;
        }
        self.filter.section = picked.unwrap_or(section);
        self.filter.years = dates.unwrap_or(years);
        y + sz(t::CHIP) + 4.0
    }

    fn note_row(&mut self, ui: &Ui, place: Rect, note: &NoteItem, on: bool, hits: &[NoteHit]) {
        let name = wf(
            "notes.item",
            &[
                ("title", &note.title),
                ("date", &note.date),
                ("status", &note.status),
            ],
        );
        let id = Id::unique(("note", note.fact.to_string()));
        let response = ui.interact(place, id, egui::Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &name));
        widget::row_ground(ui, place, &response, on);
        let p = ui.painter();
        let hair = Stroke::new(1.0, t::HAIR);
        p.hline(place.x_range(), place.bottom() - 0.5, hair);
        let (y1, y2) = (place.top() + sz(14.0), place.top() + sz(31.0));
        let edge = place.right() - 12.0;
        let day = note.date.get(..10).unwrap_or(&note.date);
        let date = text::right(p, edge, y1, day, f::small(), t::LABEL);
        let room = date.left() - place.left() - 20.0;
        let title = text::line(p, &note.title, f::value(), t::VALUE, room);
        text::put(p, title, place.left() + 12.0, y1);
        let own = hits.iter().filter(|h| h.note == note.fact);
        let count = own.clone().count();
        let mut right = edge;
        if count > 0 {
            right = widget::chip(ui, right, y2, &count.to_string(), t::LABEL).left() - 6.0;
        }
        let first = own.clone().next();
        let second =
            first.map_or_else(|| second_line(note), |h| around(&note.text, h.start, h.end));
        let room = right - place.left() - 14.0;
        let galley = text::line(p, &second, f::small(), t::LABEL, room);
        text::put(p, galley, place.left() + 12.0, y2);
        if widget::hover(response, &name).clicked() {
            self.note = Some(note.fact);
            self.span = first.map(|h| (h.start, h.end));
            self.scroll = Some(Scroll::Span);
            if let Some(at) = hits.iter().position(|h| h.note == note.fact) {
                self.hit = at;
            }
        }
    }

    /// N and Shift+N walk the hits while the leaf shows notes and nothing is typed.
    pub(super) fn hit_keys(&mut self, ui: &Ui, hits: &[NoteHit]) {
        if hits.is_empty() || ui.ctx().egui_wants_keyboard_input() {
            return;
        }
        let step = ui.input_mut(|i| {
            if i.consume_key(Modifiers::SHIFT, Key::N) {
                -1
            } else if i.consume_key(Modifiers::NONE, Key::N) {
                1
            } else {
                0isize
            }
        });
        if step != 0 {
            let n = isize::try_from(hits.len()).unwrap_or(1);
            let at = isize::try_from(self.hit).unwrap_or(0);
            self.go_to(
                hits,
                usize::try_from((at + step).rem_euclid(n)).unwrap_or(0),
            );
        }
    }

    fn go_to(&mut self, hits: &[NoteHit], at: usize) {
        if let Some(hit) = hits.get(at) {
            self.hit = at;
            self.note = Some(hit.note);
            self.span = Some((hit.start, hit.end));
            self.scroll = Some(Scroll::Span);
        }
    }
}

fn date_words(years: i64) -> String {
    match years {
        1 => w("notes.last_year").to_owned(),
        n => wf("notes.last_years", &[("n", &n)]),
    }
}

/// Sections that hold a hit, by name.
fn sections(patient: &PatientView) -> Vec<String> {
    let hits = patient.note_hits.iter().flat_map(|h| &h.hits);
    let mut titles: Vec<String> = hits
        .map(|h| h.section.clone())
        .filter(|s| !s.is_empty())
        .collect();
    titles.sort();
    titles.dedup();
    titles
}

fn second_line(note: &NoteItem) -> String {
    [note.status.as_str(), note.author.as_str()]
        .into_iter()
        .filter(|s| !s.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// The words about a hit, on one line.
fn around(text: &str, from: usize, to: usize) -> String {
    let a = text.floor_char_boundary(from.saturating_sub(24));
    let b = text.floor_char_boundary((to + 60).min(text.len()));
    let words = text.get(a..b).unwrap_or_default();
    let words: Vec<&str> = words.split_whitespace().collect();
    format!("…{}…", words.join(" "))
}
