//! What a text seems to state: proposals that no rule uses, what readers confirmed, and why a mark is what it is (D-35).

use egui::{CornerRadius, Id, Rect, ScrollArea, Stroke, StrokeKind, Ui, pos2, vec2};
use triptych_workbench::view::{
    ConfirmedFact, NoteCandidate, NoteItem, NoteMark, NoteReading, PatientView, SetBy, TriggerPlace,
};
use triptych_workbench::{Command, FactId};

use crate::look::typeface::{self as f, sz};
use crate::look::widget::Weight;
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::{plural, w, wf};

type Span = (usize, usize);

/// Proposals that nobody answered yet.
pub(super) fn open<'a>(
    reading: Option<&'a NoteReading>,
    patient: &PatientView,
) -> Vec<&'a NoteCandidate> {
    let verdicts = &patient.note_verdicts;
    reading
        .map_or(&[][..], |r| &r.candidates)
        .iter()
        .filter(|c| !verdicts.rejected.contains(&c.key))
        .filter(|c| !verdicts.confirmed.contains_key(&c.fact))
        .collect()
}

/// Draws the column; the place in the text that a click asks for.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    patient: &PatientView,
    note: &NoteItem,
    reading: &NoteReading,
    why: Option<usize>,
    out: &mut Out,
) -> Option<Span> {
    let mut wanted = None;
    let proposals = open(Some(reading), patient);
    let confirmed: Vec<(&FactId, &ConfirmedFact)> = patient
        .note_verdicts
        .confirmed
        .iter()
        .filter(|(_, c)| c.note.is_some_and(|(n, _)| n == note.fact))
        .collect();
    let mut side = widget::part(ui, "facts", rect);
    ScrollArea::vertical()
        .id_salt(("facts", note.fact.to_string()))
        .auto_shrink(false)
        .show(&mut side, |ui| {
            let count = wf("notes.unconfirmed", &[("n", &proposals.len())]);
            widget::group_head(ui, w("notes.facts"), &count, true);
            if proposals.is_empty() {
                line(ui, w("notes.no_facts"));
            }
            for candidate in proposals {
                wanted = card(ui, patient, note, candidate, out).or(wanted);
            }
            let rejected = reading
                .candidates
                .iter()
                .filter(|c| patient.note_verdicts.rejected.contains(&c.key))
                .count();
            if rejected > 0 {
                line(
                    ui,
                    &plural(rejected, "notes.one_rejected", "notes.rejected"),
                );
            }
            if !confirmed.is_empty() {
                let count = confirmed.len().to_string();
                widget::group_head(ui, w("notes.confirmed"), &count, false);
            }
            for (id, fact) in confirmed {
                wanted = confirmed_card(ui, patient, *id, fact, out).or(wanted);
            }
            if let Some(found) = why.and_then(|k| reading.marks.get(k)) {
                reasons(ui, found);
            }
        });
    wanted
}

fn line(ui: &mut Ui, words: &str) {
    let width = ui.available_width() - 24.0;
    let galley = text::paragraph(
        ui.painter(),
        words,
        f::small(),
        t::LABEL,
        width,
        3,
        sz(16.0),
    );
    let height = galley.size().y + 8.0;
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), height));
    text::spoken(ui, words, place, words);
    ui.painter()
        .galley(place.min + vec2(12.0, 2.0), galley, t::LABEL);
}

/// A dashed card: what, from which sentence, and the two answers.
fn card(
    ui: &mut Ui,
    patient: &PatientView,
    note: &NoteItem,
    candidate: &NoteCandidate,
    out: &mut Out,
) -> Option<Span> {
    let inner = ui.available_width() - 44.0;
    let detail = format!("{} · {}", candidate.detail, w("notes.not_confirmed"));
    let paragraph = |words: &str, ink| {
        let (p, font) = (ui.painter(), f::small());
        text::paragraph(p, words, font, ink, inner, 8, sz(16.0))
    };
    let detail_galley = paragraph(&detail, t::LABEL);
    let quoted = format!("“{}”", candidate.sentence);
    let sentence = paragraph(&quoted, t::BODY);
    let (d, s) = (detail_galley.size().y, sentence.size().y);
    let height = sz(24.0) + d + s + sz(t::BUTTON) + 28.0;
    let (_, whole) = ui.allocate_space(vec2(ui.available_width(), height));
    let place = Rect::from_min_max(whole.min + vec2(12.0, 2.0), whole.max - vec2(10.0, 8.0));
    let p = ui.painter();
    mark::dashed_rect(p, place, Stroke::new(1.0, t::LABEL), 4.0, 3.0);
    let x = place.left() + 10.0;
    let mut y = place.top() + sz(14.0);
    let box_ = Rect::from_center_size(pos2(x + 5.0, y), vec2(10.0, 10.0));
    mark::dashed_rect(p, box_, Stroke::new(1.0, t::BODY), 2.0, 2.0);
    let title = Rect::from_min_max(
        pos2(x + 18.0, y - sz(9.0)),
        pos2(place.right() - 8.0, y + sz(9.0)),
    );
    let id = Id::unique(("proposal", candidate.key.as_str()));
    let name = wf(
        "notes.proposal",
        &[
            ("title", &candidate.title),
            ("detail", &detail),
            ("sentence", &candidate.sentence),
        ],
    );
    let response = widget::clickable(ui, id, title, egui::Role::Button, &name);
    let ink = if response.hovered() {
        t::ACCENT
    } else {
        t::VALUE
    };
    let galley = text::line(p, &candidate.title, f::strong(), ink, title.width());
    text::put(p, galley, title.left(), y);
    widget::focus_ring(ui, &response, title, t::RADIUS);
    y += sz(12.0);
    p.galley(pos2(x, y), detail_galley, t::LABEL);
    p.galley(pos2(x, y + d + 2.0), sentence, t::BODY);
    let top = place.bottom() - sz(t::BUTTON) - 6.0;
    let mut left = x;
    for (confirmed, words, weight) in [
        (true, "notes.confirm", Weight::Main),
        (false, "notes.reject", Weight::Plain),
    ] {
        let words = w(words);
        let width = widget::button_width(ui, words);
        let at = Rect::from_min_size(pos2(left, top), vec2(width, sz(t::BUTTON)));
        left = at.right() + 8.0;
        let id = Id::unique(("judge", candidate.key.as_str(), confirmed));
        if write(ui, patient, |ui| {
            widget::button_at(ui, id, at, words, weight)
        }) {
            out.send(Command::JudgeProposal {
                note: note.fact,
                key: candidate.key.clone(),
                confirmed,
            });
        }
    }
    let y = top + sz(t::BUTTON) / 2.0;
    let unused = Rect::from_min_max(pos2(left, y - 8.0), pos2(place.right() - 10.0, y + 8.0));
    let (id, font) = (("unused", candidate.key.as_str()), f::small());
    let words = w("notes.no_rule");
    text::label(ui, id, unused, words, font, t::LABEL, egui::Align::Max);
    response.clicked().then_some(candidate.span)
}

/// True when a button that writes was clicked; it is off while the index time is not now (D-36).
fn write(ui: &mut Ui, patient: &PatientView, button: impl FnOnce(&Ui) -> egui::Response) -> bool {
    if patient.at_is_now {
        return button(ui).clicked();
    }
    ui.scope(|ui| {
        ui.disable();
        button(ui)
    })
    .inner
    .on_disabled_hover_text(w("asof.writing_off"));
    false
}

fn confirmed_card(
    ui: &mut Ui,
    patient: &PatientView,
    id: FactId,
    fact: &ConfirmedFact,
    out: &mut Out,
) -> Option<Span> {
    let (_, whole) = ui.allocate_space(vec2(ui.available_width(), sz(52.0)));
    let place = Rect::from_min_max(whole.min + vec2(12.0, 2.0), whole.max - vec2(10.0, 6.0));
    let corner = CornerRadius::same(t::RADIUS);
    let edge = Stroke::new(1.0, t::LINE);
    ui.painter()
        .rect_stroke(place, corner, edge, StrokeKind::Inside);
    let said = wf("notes.confirmed_by", &[("at", &fact.at), ("by", &fact.by)]);
    let name = format!("{}, {said}", fact.title);
    let back = w("notes.take_back");
    let width = text::width(ui.painter(), back, f::small()) + 10.0;
    let words = Rect::from_min_max(place.min, pos2(place.right() - width - 6.0, place.bottom()));
    let key = id.to_string();
    let unique = Id::unique(("confirmed", key.as_str()));
    let response = widget::clickable(ui, unique, words, egui::Role::Button, &name);
    let p = ui.painter();
    let room = words.width() - 16.0;
    let (y1, y2) = (place.top() + sz(13.0), place.top() + sz(31.0));
    let galley = text::line(p, &fact.title, f::strong(), t::VALUE, room);
    text::put(p, galley, place.left() + 10.0, y1);
    let galley = text::line(p, &said, f::small(), t::LABEL, room);
    text::put(p, galley, place.left() + 10.0, y2);
    widget::focus_ring(ui, &response, place, t::RADIUS);
    let unique = Id::unique(("take back", key.as_str()));
    let x = place.right() - width;
    if write(ui, patient, |ui| widget::link_at(ui, unique, x, y1, back)) {
        out.send(Command::TakeBack(id));
    }
    let at = fact.note.map(|(_, span)| span);
    at.filter(|_| widget::hover(response, &name).clicked())
}

/// Why a mark is what it is.
fn reasons(ui: &mut Ui, found: &NoteMark) {
    widget::group_head(ui, w("notes.why"), "", false);
    row(ui, w("notes.concept"), &found.concept);
    row(ui, w("notes.state"), &found.words);
    for cause in &found.set_by {
        row(ui, w("notes.set_by"), &cause_words(cause));
    }
    if found.set_by.is_empty() {
        row(ui, w("notes.set_by"), w("notes.set_by_nothing"));
    }
    if !found.section.is_empty() {
        row(ui, w("notes.section"), &found.section);
    }
}

fn cause_words(cause: &SetBy) -> String {
    let key = match cause.place {
        Some(TriggerPlace::Before) => "notes.set_before",
        Some(TriggerPlace::After) => "notes.set_after",
        None => "notes.set_section",
    };
    wf(key, &[("words", &cause.words), ("state", &cause.state)])
}

fn row(ui: &mut Ui, name: &str, value: &str) {
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(22.0)));
    let y = place.center().y;
    text::left(
        ui.painter(),
        place.left() + 12.0,
        y,
        name,
        f::small(),
        t::LABEL,
    );
    let at = Rect::from_min_max(
        pos2(place.left() + 88.0, place.top()),
        pos2(place.right() - 10.0, place.bottom()),
    );
    let said = (name, value);
    text::label(ui, said, at, value, f::body(), t::VALUE, egui::Align::Min);
}
