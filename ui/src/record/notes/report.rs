//! The report of the study on screen, under the labs.

use egui::{Id, Rect, Role, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::StudyUid;
use triptych_workbench::view::{PatientView, Target};

use super::page::{Look, Page};
use super::{ask, numbered};
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::{Out, Targets};
use crate::words::{w, wf};

/// The newest report of the study on screen, else the newest note.
#[allow(clippy::too_many_arguments, reason = "one call from one place")]
pub(in crate::record) fn report(
    page: &mut Page,
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
    ask(note, out);
    let reading = note.reading.get();
    let numbered = numbered(note, targets);
    let look = Look {
        note: note.fact,
        version: note.version,
        text: &note.text,
        reading: reading.as_deref(),
        proposals: Vec::new(),
        hits: Vec::new(),
        hit: None,
        jumps: numbered.iter().map(|(_, s)| *s).collect(),
        numbered,
        mono: false,
    };
    let body = Rect::from_min_max(head.left_bottom(), rect.max);
    let mut area = widget::part(ui, "report", body);
    ScrollArea::vertical()
        .id_salt(("report", note.fact.to_string()))
        .auto_shrink(false)
        .show_viewport(&mut area, |ui, viewport| {
            let width = ui.available_width() - 28.0;
            page.show(ui, viewport, width, &look, None);
        });
}
