//! Options of a pathway question side by side (screen 05): in order of their id, none preselected, none coloured. Accept, decline and defer
//! look alike; each asks for a coded reason and takes one optional sentence.

use egui::{Align, Id, Rect, Role, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{PathwayCard, PathwayOption, PatientView};

use super::decision::Pending;
use super::{basis, option_card};
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{plural, w, wf};

const SIDE: f32 = 280.0;
const CARD: f32 = 412.0;
const GAP: f32 = 20.0;

/// Draws the page. Another question's id when one was chosen in the list.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    patient: &PatientView,
    id: &str,
    pending: &mut Pending,
    out: &mut Out,
) -> Option<String> {
    let question = patient.signals.pathways.iter().find(|q| q.id == id)?;
    let mut ui = widget::region(ui, "options", rect, w("pathway.title"));
    let ui = &mut ui;
    ui.painter().rect_filled(rect, 0.0, t::PANEL);
    let side = Rect::from_min_size(rect.min, vec2(SIDE, rect.height()));
    let main = Rect::from_min_max(pos2(side.right(), rect.top()), rect.max);
    ui.painter().vline(
        main.left().round() - 0.5,
        rect.y_range(),
        Stroke::new(1.0, t::HAIR),
    );
    let other = questions(ui, side, patient, question, out);
    page(ui, main, patient, question, pending, out);
    other
}

fn questions(
    ui: &mut Ui,
    rect: Rect,
    patient: &PatientView,
    open: &PathwayCard,
    out: &mut Out,
) -> Option<String> {
    let p = ui.painter().clone();
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), sz(t::LEAF_HEAD)));
    p.hline(
        head.x_range(),
        head.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let words = w("pathway.back");
    let width = text::width(&p, words, f::body());
    let back = Rect::from_min_max(
        head.min + vec2(6.0, 3.0),
        pos2(head.left() + 34.0 + width, head.bottom() - 3.0),
    );
    let response = widget::clickable(ui, Id::unique("leave options"), back, Role::Button, words);
    Icon::Back.paint(
        &p,
        pos2(head.left() + 18.0, head.center().y),
        sz(13.0),
        t::ACCENT,
    );
    text::left(
        &p,
        head.left() + 28.0,
        head.center().y,
        words,
        f::body(),
        t::ACCENT,
    );
    text::right(
        &p,
        head.right() - 12.0,
        head.center().y,
        w("basis.backspace"),
        f::small(),
        t::LABEL,
    );
    widget::focus_ring(ui, &response, back, t::RADIUS);
    if response.clicked() {
        out.back = true;
    }
    let mut chosen = None;
    let body = Rect::from_min_max(head.left_bottom(), rect.max);
    let mut area = widget::part(ui, "question list", body);
    ScrollArea::vertical()
        .id_salt("question list")
        .auto_shrink(false)
        .show(&mut area, |ui| {
            let mut pack = "";
            for (i, question) in patient.signals.pathways.iter().enumerate() {
                if question.pack != pack {
                    pack = &question.pack;
                    let version = pack.split_once('@').map_or("", |(_, version)| version);
                    widget::group_head(ui, &question.about, version, i == 0);
                }
                let applies = !question.options.is_empty();
                let note = if applies {
                    plural(
                        question.options.len(),
                        "pathway.options_one",
                        "pathway.options",
                    )
                } else {
                    w("pathway.not_reached").to_owned()
                };
                let on = question.id == open.id;
                let ink = if applies { t::VALUE } else { t::LABEL };
                let p = ui.painter().clone();
                let room = ui.available_width() - 34.0 - text::width(&p, &note, f::small());
                let title = text::paragraph(&p, &question.title, f::body(), ink, room, 2, sz(18.0));
                let row = vec2(ui.available_width(), title.size().y + sz(18.0));
                let (_, place) = ui.allocate_space(row);
                let name = wf(
                    "pathway.open",
                    &[("title", &question.title), ("n", &question.options.len())],
                );
                let response = widget::clickable(
                    ui,
                    Id::unique(("in list", &question.id)),
                    place,
                    Role::Button,
                    &name,
                );
                if applies {
                    widget::row_ground(ui, place, &response, on);
                }
                let y = place.center().y;
                text::right(&p, place.right() - 12.0, y, &note, f::small(), t::LABEL);
                let at = pos2(place.left() + 12.0, y - title.size().y / 2.0);
                p.galley(at, title, ink);
                if applies && response.clicked() && !on {
                    chosen = Some(question.id.clone());
                }
            }
            if !open.rests_on.is_empty() {
                let keys = basis::alt_keys(open.rests_on.len());
                widget::group_head(ui, w("basis.rests_on"), &keys, false);
                for (i, item) in open.rests_on.iter().enumerate() {
                    basis::basis_item(ui, i, item, None, out);
                }
            }
            for (key, lines) in [
                ("pathway.needs", open.needs.as_slice()),
                ("pathway.sources", open.sources.as_slice()),
            ] {
                if lines.is_empty() {
                    continue;
                }
                widget::group_head(ui, w(key), "", false);
                egui::Frame::NONE
                    .inner_margin(egui::Margin::symmetric(12, 2))
                    .show(ui, |ui| {
                        ui.spacing_mut().item_spacing.y = 4.0;
                        for line in lines {
                            text::block(ui, line, f::small(), t::BODY, sz(16.0));
                        }
                    });
            }
            if !open.scope.is_empty() {
                widget::group_head(ui, w("pathway.scope"), "", false);
                egui::Frame::NONE
                    .inner_margin(egui::Margin::symmetric(12, 2))
                    .show(ui, |ui| {
                        text::block(ui, &open.scope, f::small(), t::BODY, sz(16.0));
                    });
            }
            if let Some(d) = &open.decision {
                widget::group_head(ui, w("pathway.decision"), "", false);
                egui::Frame::NONE
                    .inner_margin(egui::Margin::symmetric(12, 2))
                    .show(ui, |ui| {
                        ui.spacing_mut().item_spacing.y = 2.0;
                        text::block(
                            ui,
                            &format!("{}: {}", d.verdict, d.option),
                            f::value(),
                            t::VALUE,
                            sz(18.0),
                        );
                        text::block(ui, &d.reason, f::small(), t::BODY, sz(16.0));
                        if !d.comment.is_empty() {
                            let said = format!("“{}”", d.comment);
                            text::block(ui, &said, f::small(), t::BODY, sz(16.0));
                        }
                        text::block(ui, &d.signed, f::small(), t::LABEL, sz(16.0));
                        if d.outdated {
                            text::block(ui, w("pathway.outdated"), f::small(), t::VALUE, sz(16.0));
                        }
                    });
            }
        });
    chosen
}

fn page(
    ui: &mut Ui,
    rect: Rect,
    patient: &PatientView,
    question: &PathwayCard,
    pending: &mut Pending,
    out: &mut Out,
) {
    let p = ui.painter().clone();
    let inner = rect.shrink2(vec2(20.0, 0.0));
    let y = rect.top() + sz(26.0);
    let note = w("pathway.order");
    let note_w = text::width(&p, note, f::small());
    let place = Rect::from_min_max(
        pos2(inner.left(), y - 14.0),
        pos2(inner.right() - note_w - 16.0, y + 14.0),
    );
    text::label(
        ui,
        "question",
        place,
        &question.title,
        f::page(),
        t::VALUE,
        Align::Min,
    );
    text::right(&p, inner.right(), y, note, f::small(), t::LABEL);
    let say = text::paragraph(
        &p,
        &question.say,
        f::small(),
        t::LABEL,
        inner.width(),
        2,
        sz(16.0),
    );
    let say_h = say.size().y;
    p.galley(pos2(inner.left(), y + sz(16.0)), say, t::LABEL);

    let foot_h = sz(34.0);
    let area = Rect::from_min_max(
        pos2(rect.left() + 20.0, y + sz(24.0) + say_h),
        pos2(rect.right(), rect.bottom() - foot_h),
    );
    let mut options: Vec<&PathwayOption> = question.options.iter().collect();
    options.sort_by(|a, b| a.id.cmp(&b.id));
    let n = options.len() as f32;
    // Whole cards: as wide as drawn, narrower where three would not fit, never under 300.
    let fits = ((area.width() + GAP - 20.0) / (CARD + GAP))
        .floor()
        .max(1.0);
    let columns = if n <= 3.0 { n } else { fits.max(2.0).min(n) };
    let width = ((area.width() - 20.0 - GAP * (columns - 1.0)) / columns).clamp(280.0, CARD);
    let mut holder = widget::part(ui, "option cards", area);
    let bar_height = if width * n + GAP * (n - 1.0) > area.width() {
        12.0
    } else {
        0.0
    };
    let height = (area.height() - bar_height).min(sz(650.0));
    ScrollArea::horizontal()
        .id_salt(("option cards", &question.id))
        .auto_shrink(false)
        .show(&mut holder, |ui| {
            let total = width * n + GAP * (n - 1.0) + 20.0;
            let (_, all) = ui.allocate_space(vec2(total, height));
            let rows = option_card::heights(ui, width, &options, height);
            for (i, option) in options.iter().enumerate() {
                let place = Rect::from_min_size(
                    pos2(all.left() + (width + GAP) * i as f32, all.top()),
                    vec2(width, height),
                );
                option_card::show(ui, place, patient, question, option, &rows, pending, out);
            }
        });
    let place = Rect::from_min_max(
        pos2(inner.left(), rect.bottom() - foot_h),
        inner.right_bottom(),
    );
    text::label(
        ui,
        "nothing ordered",
        place,
        w("pathway.nothing_ordered"),
        f::small(),
        t::LABEL,
        Align::Min,
    );
}
