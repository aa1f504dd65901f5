//! Notes: list by date and type, sections at the side, the text verbatim, search with hits; and the report of the study on screen.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Id, Key, Modifiers, Rect, Role, ScrollArea, Stroke, Ui, WidgetInfo, pos2, vec2};
use triptych_workbench::view::{NoteItem, PatientView, Target};
use triptych_workbench::{Command, FactId, StudyUid};

use super::{Record, Scroll};
use crate::desk::Layout;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::{Out, Targets};
use crate::words::{w, wf};

/// What to point out in a text: bytes and how.
#[derive(Clone, Copy, PartialEq)]
enum Point {
    /// Search hit: accent fill with dark text.
    Hit,
    /// Sentence that an opened card rests on.
    Jump,
    /// Heading of a section.
    Heading,
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
        let hits: &[(FactId, usize, usize)] = patient
            .note_hits
            .as_ref()
            .map_or(&[], |h| h.hits.as_slice());
        let chosen = self
            .note
            .filter(|n| patient.notes.iter().any(|i| i.fact == *n));
        let wide = rect.width() >= 620.0;
        if wide {
            let list_w = (rect.width() * 0.36).min(340.0);
            let list = Rect::from_min_size(rect.min, vec2(list_w, rect.height()));
            let reader = Rect::from_min_max(pos2(list.right(), rect.top()), rect.max);
            let shown = chosen.or_else(|| patient.notes.first().map(|n| n.fact));
            self.note_list(ui, list, patient, shown, hits, out);
            ui.painter().vline(
                reader.left().round() - 0.5,
                rect.y_range(),
                Stroke::new(1.0, t::HAIR),
            );
            if let Some(note) = shown.and_then(|s| patient.notes.iter().find(|n| n.fact == s)) {
                self.reader(ui, reader, note, layout, hits, targets, false);
            }
        } else if let Some(note) = chosen.and_then(|c| patient.notes.iter().find(|n| n.fact == c)) {
            self.reader(ui, rect, note, layout, hits, targets, true);
        } else {
            self.note_list(ui, rect, patient, None, hits, out);
        }
        self.hit_keys(ui, hits);
    }

    fn note_list(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        shown: Option<FactId>,
        hits: &[(FactId, usize, usize)],
        out: &mut Out,
    ) {
        let field = Rect::from_min_size(
            rect.min + vec2(12.0, 10.0),
            vec2(rect.width() - 24.0, sz(28.0)),
        );
        let id = Id::unique("search notes");
        let response = widget::field(
            ui,
            id,
            field,
            &mut self.search,
            w("notes.search"),
            Some(Icon::Search),
        );
        if response.changed() {
            self.hit = 0;
            out.send(Command::SearchNotes(self.search.clone()));
        }
        let mut y = field.bottom() + 4.0;
        let searching = !self.search.trim().is_empty() && patient.note_hits.is_some();
        if searching {
            let in_notes = patient
                .notes
                .iter()
                .filter(|n| hits.iter().any(|h| h.0 == n.fact))
                .count();
            let words = wf("notes.hits", &[("n", &hits.len()), ("notes", &in_notes)]);
            text::left(
                ui.painter(),
                field.left(),
                y + sz(10.0),
                &words,
                f::small(),
                t::LABEL,
            );
            y += sz(20.0);
        }
        let body = Rect::from_min_max(pos2(rect.left(), y + 4.0), rect.max);
        let notes: Vec<&NoteItem> = patient
            .notes
            .iter()
            .filter(|n| !searching || hits.iter().any(|h| h.0 == n.fact))
            .collect();
        if notes.is_empty() {
            widget::empty(
                ui,
                body,
                Icon::Search,
                w("notes.no_hit"),
                w("notes.no_hit_why"),
            );
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
                    let name = wf(
                        "notes.item",
                        &[
                            ("title", &note.title),
                            ("date", &note.date),
                            ("status", &note.status),
                        ],
                    );
                    let on = shown == Some(note.fact);
                    let response = ui.interact(
                        place,
                        Id::unique(("note", note.fact.to_string())),
                        egui::Sense::click(),
                    );
                    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &name));
                    widget::row_ground(ui, place, &response, on);
                    let p = ui.painter();
                    p.hline(
                        place.x_range(),
                        place.bottom() - 0.5,
                        Stroke::new(1.0, t::HAIR),
                    );
                    let (y1, y2) = (place.top() + sz(14.0), place.top() + sz(31.0));
                    let date = text::right(
                        p,
                        place.right() - 12.0,
                        y1,
                        note.date.get(..10).unwrap_or(&note.date),
                        f::small(),
                        t::LABEL,
                    );
                    let title = text::line(
                        p,
                        &note.title,
                        f::value(),
                        t::VALUE,
                        date.left() - place.left() - 20.0,
                    );
                    text::put(p, title, place.left() + 12.0, y1);
                    let count = hits.iter().filter(|h| h.0 == note.fact).count();
                    let mut right = place.right() - 12.0;
                    if count > 0 {
                        right =
                            widget::chip(ui, right, y2, &count.to_string(), t::LABEL).left() - 6.0;
                    }
                    let second = hits
                        .iter()
                        .find(|h| h.0 == note.fact)
                        .map_or_else(|| second_line(note), |h| around(&note.text, h.1, h.2));
                    let galley = text::line(
                        p,
                        &second,
                        f::small(),
                        t::LABEL,
                        right - place.left() - 14.0,
                    );
                    text::put(p, galley, place.left() + 12.0, y2);
                    if widget::hover(response, &name).clicked() {
                        self.note = Some(note.fact);
                        self.span = hits.iter().find(|h| h.0 == note.fact).map(|h| (h.1, h.2));
                        self.scroll = Some(Scroll::Span);
                    }
                }
            });
    }

    /// N and Shift+N walk the hits while the leaf shows notes and nothing is typed.
    fn hit_keys(&mut self, ui: &Ui, hits: &[(FactId, usize, usize)]) {
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
            self.hit = usize::try_from((at + step).rem_euclid(n)).unwrap_or(0);
            if let Some((note, from, to)) = hits.get(self.hit) {
                self.note = Some(*note);
                self.span = Some((*from, *to));
                self.scroll = Some(Scroll::Span);
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one call from one place")]
    fn reader(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        note: &NoteItem,
        layout: &mut Layout,
        hits: &[(FactId, usize, usize)],
        targets: &Targets,
        closable: bool,
    ) {
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), sz(36.0)));
        let p = ui.painter().clone();
        p.hline(
            head.x_range(),
            head.bottom() - 0.5,
            Stroke::new(1.0, t::HAIR),
        );
        let y = head.center().y;
        let mut x = rect.left() + t::PAD_LEFT;
        if closable {
            let back = widget::tool_at(
                ui,
                Id::unique("all notes"),
                pos2(x + 6.0, y),
                Icon::Back,
                w("notes.back"),
                false,
            );
            if back.clicked() {
                self.note = None;
            }
            x += 26.0;
        }
        let mono = w("notes.mono");
        let width = text::width(&p, mono, f::small()) + 14.0;
        let chip = Rect::from_min_size(
            pos2(rect.right() - width - 10.0, y - sz(10.0)),
            vec2(width, sz(t::CHIP)),
        );
        if widget::choice_at(ui, Id::unique("mono"), chip, mono, layout.mono).clicked() {
            layout.mono = !layout.mono;
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
        let room = chip.left() - x - 10.0;
        let title = text::line(&p, &note.title, f::title(), t::VALUE, room * 0.6);
        let end = text::put(&p, title, x, y).right();
        let place = Rect::from_min_max(
            pos2(end + 10.0, head.top()),
            pos2(chip.left() - 8.0, head.bottom()),
        );
        widget::hover(
            text::label(
                ui,
                "note details",
                place,
                &details,
                f::small(),
                t::LABEL,
                Align::Min,
            ),
            &note.source,
        );

        let mut body = Rect::from_min_max(head.left_bottom(), rect.max);
        let mut scroll_section = None;
        if rect.width() >= 520.0 && !note.sections.is_empty() {
            let outline = Rect::from_min_size(body.min, vec2(150.0, body.height()));
            body.min.x = outline.right();
            p.vline(
                body.left().round() - 0.5,
                body.y_range(),
                Stroke::new(1.0, t::HAIR),
            );
            let mut side = widget::part(ui, "outline", outline);
            widget::group_head(&mut side, w("notes.sections"), "", true);
            ScrollArea::vertical()
                .id_salt("outline")
                .auto_shrink(false)
                .show(&mut side, |ui| {
                    for (i, section) in note.sections.iter().enumerate() {
                        let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(26.0)));
                        let response = widget::clickable(
                            ui,
                            Id::unique(("section", i)),
                            place,
                            Role::Button,
                            &section.title,
                        );
                        widget::row_ground(ui, place, &response, false);
                        let galley = text::line(
                            ui.painter(),
                            &section.title,
                            f::body(),
                            t::BODY,
                            place.width() - 20.0,
                        );
                        text::put(ui.painter(), galley, place.left() + 12.0, place.center().y);
                        if response.clicked() {
                            scroll_section = Some(section.start);
                        }
                    }
                });
        }
        let mut points: Vec<(usize, usize, Point)> = note
            .sections
            .iter()
            .map(|s| (s.start, s.body.min(s.end), Point::Heading))
            .collect();
        points.extend(
            hits.iter()
                .filter(|h| h.0 == note.fact)
                .map(|h| (h.1, h.2, Point::Hit)),
        );
        let numbered: Vec<(usize, (usize, usize))> = targets
            .numbered
            .iter()
            .filter_map(|(n, target)| match target {
                Target::Note {
                    fact,
                    span: Some(span),
                } if *fact == note.fact => Some((*n, *span)),
                _ => None,
            })
            .collect();
        points.extend(numbered.iter().map(|(_, s)| (s.0, s.1, Point::Jump)));
        let jump_to = match (&self.scroll, self.span, scroll_section) {
            (_, _, Some(at)) => Some(at),
            (Some(Scroll::Span), Some((from, _)), _) => Some(from),
            (Some(Scroll::Span), None, _) => Some(0),
            _ => None,
        };
        if jump_to.is_some() {
            self.scroll = None;
        }
        if let Some((from, to)) = self.span
            && !points.iter().any(|p| p.0 == from && p.1 == to)
        {
            points.push((from, to, Point::Jump));
        }
        let font = if layout.mono { f::mono() } else { f::body() };
        let line = if layout.mono { sz(19.5) } else { sz(19.0) };
        let mut area = widget::part(ui, "note text", body);
        ScrollArea::vertical()
            .id_salt(("note text", note.fact.to_string()))
            .auto_shrink(false)
            .show(&mut area, |ui| {
                ui.add_space(8.0);
                let left = ui.max_rect().left() + 14.0;
                let width = (ui.available_width() - 28.0).min(720.0);
                verbatim(
                    ui, left, width, note, &points, &numbered, font, line, jump_to,
                );
                ui.add_space(16.0);
            });
    }
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
    let floor = |mut i: usize| {
        while i > 0 && !text.is_char_boundary(i) {
            i -= 1;
        }
        i.min(text.len())
    };
    let (a, b) = (
        floor(from.saturating_sub(24)),
        floor((to + 40).min(text.len())),
    );
    format!(
        "…{}…",
        text.get(a..b)
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    )
}

/// The text as it came, line breaks kept, with what is pointed out. Numbers of a card's targets stand at the left margin.
#[allow(clippy::too_many_arguments, reason = "one call from two places")]
fn verbatim(
    ui: &mut Ui,
    left: f32,
    width: f32,
    note: &NoteItem,
    points: &[(usize, usize, Point)],
    numbered: &[(usize, (usize, usize))],
    font: egui::FontId,
    line_height: f32,
    scroll_to: Option<usize>,
) {
    let content: &str = &note.text;
    let mut job = LayoutJob::default();
    // Numbers of a card's targets stand in a margin of their own.
    let margin = if numbered.is_empty() { 0.0 } else { 14.0 };
    job.wrap.max_width = width - margin;
    let mut cuts: Vec<usize> = points
        .iter()
        .flat_map(|p| [p.0, p.1])
        .chain([0, content.len()])
        .filter(|i| *i <= content.len() && content.is_char_boundary(*i))
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    for pair in cuts.windows(2) {
        let &[from, to] = pair else { continue };
        let Some(piece) = content.get(from..to) else {
            continue;
        };
        let is = |kind| {
            points
                .iter()
                .any(|p| p.2 == kind && p.0 <= from && to <= p.1)
        };
        let mut format = TextFormat {
            font_id: font.clone(),
            color: t::BODY,
            line_height: Some(line_height),
            ..TextFormat::default()
        };
        if is(Point::Heading) {
            format.font_id = f::small_medium();
            format.color = t::LABEL;
        }
        if is(Point::Jump) {
            format.background = t::SELECTED;
            format.color = t::VALUE;
            format.underline = Stroke::new(1.0, t::ACCENT);
        }
        if is(Point::Hit) {
            format.background = t::ACCENT;
            format.color = t::ON_ACCENT;
        }
        job.append(piece, 0.0, format);
    }
    let galley = ui.painter().layout_job(job);
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), galley.size().y));
    let origin = pos2(left, place.top());
    let row_of = |byte: usize| {
        let chars = content
            .get(..byte.min(content.len()))
            .map_or(0, |s| s.chars().count());
        galley.pos_from_cursor(egui::text::CCursor::new(chars))
    };
    for (number, (from, _)) in numbered {
        let y = row_of(*from).center().y;
        mark::target(ui.painter(), pos2(left + 2.0, origin.y + y), *number, false);
    }
    if let Some(byte) = scroll_to {
        let row = row_of(byte);
        ui.scroll_to_rect(
            row.translate(origin.to_vec2()).expand2(vec2(0.0, 60.0)),
            Some(Align::Center),
        );
    }
    let response = ui.interact(
        place,
        Id::unique(("verbatim", note.fact.to_string())),
        egui::Sense::hover(),
    );
    let said: String = content.to_owned();
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
    ui.painter()
        .galley(origin + vec2(margin, 0.0), galley, t::BODY);
}

/// The newest report of the study on screen, else the newest note.
pub(super) fn report(
    ui: &mut Ui,
    rect: Rect,
    patient: &PatientView,
    study: Option<&StudyUid>,
    targets: &Targets,
    out: &mut Out,
) {
    let of_study = patient
        .notes
        .iter()
        .find(|n| n.study.is_some() && n.study.as_ref() == study);
    let Some(note) = of_study.or_else(|| patient.notes.first()) else {
        widget::empty(ui, rect, Icon::Text, w("notes.none"), w("notes.none_why"));
        return;
    };
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), sz(t::LEAF_HEAD)));
    let p = ui.painter().clone();
    p.hline(
        head.x_range(),
        head.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let y = head.center().y;
    let mut right = rect.right() - t::PAD_RIGHT;
    if !note.status.is_empty() {
        right = widget::chip(ui, right, y, &note.status, t::BODY).left() - 8.0;
    }
    let whole = Rect::from_min_max(head.min, pos2(right, head.bottom()));
    let response = widget::clickable(
        ui,
        Id::unique("open report"),
        whole,
        Role::Button,
        &wf("notes.open", &[("title", &note.title)]),
    );
    let ink = if response.hovered() {
        t::ACCENT
    } else {
        t::VALUE
    };
    let room = right - rect.left() - t::PAD_LEFT;
    let title = text::line(&p, &note.title, f::strong(), ink, room * 0.62);
    let end = text::put(&p, title, rect.left() + t::PAD_LEFT, y).right();
    // The time goes first, then the date: neither is cut.
    let day = note.date.get(..10).unwrap_or(&note.date);
    let fits = |words: &&str| text::width(&p, words, f::small()) <= right - end - 10.0;
    if let Some(when) = [note.date.as_str(), day].into_iter().find(fits) {
        text::left(&p, end + 8.0, y, when, f::small(), t::LABEL);
    }
    widget::focus_ring(ui, &response, whole.shrink(4.0), t::RADIUS);
    if widget::hover(response, &note.source).clicked() {
        out.jump = Some(Target::Note {
            fact: note.fact,
            span: None,
        });
    }
    let mut points: Vec<(usize, usize, Point)> = note
        .sections
        .iter()
        .map(|s| (s.start, s.body.min(s.end), Point::Heading))
        .collect();
    let numbered: Vec<(usize, (usize, usize))> = targets
        .numbered
        .iter()
        .filter_map(|(n, target)| match target {
            Target::Note {
                fact,
                span: Some(span),
            } if *fact == note.fact => Some((*n, *span)),
            _ => None,
        })
        .collect();
    points.extend(numbered.iter().map(|(_, s)| (s.0, s.1, Point::Jump)));
    let body = Rect::from_min_max(head.left_bottom(), rect.max);
    let mut area = widget::part(ui, "report", body);
    ScrollArea::vertical()
        .id_salt(("report", note.fact.to_string()))
        .auto_shrink(false)
        .show(&mut area, |ui| {
            ui.add_space(8.0);
            let left = ui.max_rect().left() + t::PAD_LEFT;
            let width = ui.available_width() - 24.0;
            verbatim(
                ui,
                left,
                width,
                note,
                &points,
                &numbered,
                f::body(),
                sz(19.0),
                None,
            );
            ui.add_space(10.0);
        });
}
