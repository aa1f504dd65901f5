//! Options of a pathway question side by side (screen 05): in order of their id, none preselected, none coloured. Accept, decline and defer
//! look alike; each asks for a coded reason and takes one optional sentence.

use std::sync::Arc;

use egui::{Align, CornerRadius, Id, Rect, Role, ScrollArea, Stroke, StrokeKind, Ui, pos2, vec2};
use triptych_workbench::view::{Criterion, PathwayCard, PathwayOption, PatientView};

use super::basis;
use super::decision::{self, Pending};
use crate::look::icon::Icon;
use crate::look::mark::{self, Weight as Sign};
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
                let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(36.0)));
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
                let ink = if applies { t::VALUE } else { t::LABEL };
                let p = ui.painter();
                let right = text::right(
                    p,
                    place.right() - 12.0,
                    place.center().y,
                    &note,
                    f::small(),
                    t::LABEL,
                );
                let galley = text::line(
                    p,
                    &question.title,
                    f::body(),
                    ink,
                    right.left() - place.left() - 22.0,
                );
                text::put(p, galley, place.left() + 12.0, place.center().y);
                if applies && response.clicked() && !on {
                    chosen = Some(question.id.clone());
                }
            }
            if !open.rests_on.is_empty() {
                let keys = wf("basis.alt", &[("n", &open.rests_on.len().min(9))]);
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
            let rows = section_heights(ui, width, &options, height);
            for (i, option) in options.iter().enumerate() {
                let place = Rect::from_min_size(
                    pos2(all.left() + (width + GAP) * i as f32, all.top()),
                    vec2(width, height),
                );
                option_card(ui, place, patient, question, option, &rows, pending, out);
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

fn split(option: &PathwayOption) -> [Vec<(&Criterion, Sign)>; 3] {
    let met = |list: &'_ [Criterion]| -> Vec<usize> {
        list.iter()
            .enumerate()
            .filter(|(_, c)| c.met == Some(true))
            .map(|(i, _)| i)
            .collect()
    };
    let supports: Vec<_> = met(&option.supports)
        .into_iter()
        .filter_map(|i| option.supports.get(i))
        .map(|c| (c, Sign::Supports))
        .collect();
    let against: Vec<_> = met(&option.against)
        .into_iter()
        .filter_map(|i| option.against.get(i))
        .map(|c| (c, Sign::Against))
        .collect();
    let unknown: Vec<_> = option
        .supports
        .iter()
        .chain(&option.against)
        .chain(&option.contraindicated)
        .filter(|c| c.met.is_none())
        .map(|c| (c, Sign::Unknown))
        .collect();
    [supports, against, unknown]
}

const SECTIONS: [&str; 3] = ["pathway.supports", "pathway.against", "pathway.unknown"];

/// Heights of title, text and the three lists, the same in every card so that lines compare across.
fn section_heights(ui: &Ui, width: f32, options: &[&PathwayOption], height: f32) -> [f32; 5] {
    let inner = width - 34.0;
    let p = ui.painter();
    let tallest =
        |of: &dyn Fn(&PathwayOption) -> f32| options.iter().map(|o| of(o)).fold(0.0, f32::max);
    let title = tallest(&|o| {
        text::paragraph(p, &o.title, f::title(), t::VALUE, inner, 3, sz(20.0))
            .size()
            .y
    });
    let words = tallest(&|o| {
        text::paragraph(p, &o.text, f::body(), t::BODY, inner, 6, sz(18.0))
            .size()
            .y
    });
    let list = |k: usize| {
        tallest(&|o| {
            let rows = &split(o)[k];
            let h: f32 = rows
                .iter()
                .map(|(c, _)| criterion_height(p, c, inner))
                .sum();
            sz(24.0) + h.max(sz(22.0)) + 8.0
        })
    };
    let mut rows = [title, words, list(0), list(1), list(2)];
    // What is left goes to the lists in equal parts; what lacks is taken by scrolling inside them.
    let fixed = sz(36.0) + title + words + 24.0 + sz(22.0) * 5.0 + 16.0 + sz(44.0) + 16.0;
    let left = height - fixed - rows[2] - rows[3] - rows[4];
    for row in rows.iter_mut().skip(2) {
        *row = (*row + left / 3.0).max(sz(40.0));
    }
    rows
}

/// A criterion's words, and under them what it rests on, or what is missing.
fn criterion_text(p: &egui::Painter, c: &Criterion, inner: f32) -> [Arc<egui::Galley>; 2] {
    let under = if c.met.is_none() && !c.needs.is_empty() {
        wf("pathway.check_first", &[("what", &c.needs)])
    } else {
        c.rests_on.clone()
    };
    [
        text::paragraph(p, &c.say, f::body(), t::VALUE, inner - 24.0, 4, sz(18.0)),
        text::paragraph(p, &under, f::small(), t::LABEL, inner - 24.0, 3, sz(16.0)),
    ]
}

fn criterion_height(p: &egui::Painter, c: &Criterion, inner: f32) -> f32 {
    let [say, under] = criterion_text(p, c, inner);
    let under_h = if under.is_empty() {
        0.0
    } else {
        under.size().y
    };
    say.size().y + under_h + 6.0
}

#[allow(
    clippy::too_many_arguments,
    reason = "a card needs its place, its data and what it writes to"
)]
fn option_card(
    ui: &mut Ui,
    rect: Rect,
    patient: &PatientView,
    question: &PathwayCard,
    option: &PathwayOption,
    rows: &[f32; 5],
    pending: &mut Pending,
    out: &mut Out,
) {
    let mut ui = widget::part(ui, ("option", &option.id), rect);
    let ui = &mut ui;
    let p = ui.painter().clone();
    p.rect(
        rect,
        CornerRadius::same(t::RADIUS),
        t::PANEL,
        Stroke::new(1.0, t::LINE),
        StrokeKind::Inside,
    );
    let inner = rect.shrink2(vec2(17.0, 0.0));
    let struck = option.contraindicated.iter().any(|c| c.met == Some(true));
    let y = rect.top() + sz(25.0);
    // Kind chip, left; evidence, right.
    let kind = kind_word(&option.kind);
    let width = text::width(&p, kind, f::small()) + 13.0;
    widget::chip(ui, inner.left() + width, y, kind, t::BODY);
    let grade = text::right(
        &p,
        inner.right(),
        y,
        &option.grade,
        f::small_medium(),
        t::VALUE,
    );
    text::right(
        &p,
        grade.left() - 6.0,
        y,
        w("pathway.evidence"),
        f::small(),
        t::LABEL,
    );

    let mut top = rect.top() + sz(42.0);
    let mut galley = text::paragraph(
        &p,
        &option.title,
        f::title(),
        if struck { t::LABEL } else { t::VALUE },
        inner.width(),
        3,
        sz(20.0),
    );
    if struck {
        let mut job = (*galley.job).clone();
        for section in &mut job.sections {
            section.format.strikethrough = Stroke::new(1.5, t::LABEL);
        }
        galley = p.layout_job(job);
    }
    p.galley(pos2(inner.left(), top), galley, t::VALUE);
    let said = wf(
        "pathway.option",
        &[
            ("title", &option.title),
            ("grade", &option.grade),
            ("text", &option.text),
        ],
    );
    text::spoken(
        ui,
        "option title",
        Rect::from_min_size(pos2(inner.left(), top), vec2(inner.width(), rows[0])),
        &said,
    );
    top += rows[0] + 4.0;
    let words = text::paragraph(
        &p,
        &option.text,
        f::body(),
        t::BODY,
        inner.width(),
        6,
        sz(18.0),
    );
    p.galley(pos2(inner.left(), top), words, t::BODY);
    top += rows[1] + 10.0;
    p.hline(
        inner.x_range(),
        top.round() + 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    top += 6.0;
    for (k, list) in split(option).iter().enumerate() {
        let place = Rect::from_min_size(pos2(inner.left(), top), vec2(inner.width(), rows[k + 2]));
        criteria(ui, place, SECTIONS[k], list, k);
        top += rows[k + 2];
    }
    p.hline(
        inner.x_range(),
        top.round() + 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    top += 6.0;
    let contraindications: Vec<String> = option
        .contraindicated
        .iter()
        .filter(|c| c.met == Some(true))
        .map(|c| {
            if c.rests_on.is_empty() {
                c.say.clone()
            } else {
                format!("{}: {}", c.say, c.rests_on)
            }
        })
        .collect();
    let contra = if contraindications.is_empty() {
        w("pathway.none_recorded").to_owned()
    } else {
        contraindications.join("; ")
    };
    let follow = if option.follow_up.is_empty() {
        w("pathway.none").to_owned()
    } else {
        option.follow_up.clone()
    };
    let mut facts = vec![
        ("pathway.contraindications", contra),
        ("pathway.follow_up", follow),
        ("pathway.source", option.source.clone()),
        ("pathway.asked_again", option.asked_again.clone()),
    ];
    if let Some(stale) = &option.stale {
        facts.push(("pathway.stale", stale.clone()));
    }
    for (key, value) in &facts {
        let c = top + sz(11.0);
        text::left(&p, inner.left(), c, w(key), f::small(), t::LABEL);
        let place = Rect::from_min_max(
            pos2(inner.left() + sz(112.0), c - 10.0),
            pos2(inner.right(), c + 10.0),
        );
        text::label(ui, *key, place, value, f::small(), t::VALUE, Align::Min);
        top += sz(22.0);
    }
    decision::show(ui, rect, patient, question, option, pending, out);
}

fn kind_word(kind: &str) -> &'static str {
    match kind {
        "test" => w("kind.test"),
        "treat" => w("kind.treat"),
        "refer" => w("kind.refer"),
        "monitor" => w("kind.monitor"),
        "stop" => w("kind.stop"),
        _ => w("kind.none"),
    }
}

fn criteria(ui: &mut Ui, rect: Rect, key: &'static str, list: &[(&Criterion, Sign)], salt: usize) {
    let p = ui.painter().clone();
    text::left(
        &p,
        rect.left(),
        rect.top() + sz(12.0),
        w(key),
        f::small_medium(),
        t::LABEL,
    );
    let body = Rect::from_min_max(pos2(rect.left(), rect.top() + sz(24.0)), rect.max);
    if list.is_empty() {
        text::left(
            &p,
            rect.left() + 24.0,
            body.top() + sz(9.0),
            w("pathway.none_found"),
            f::body(),
            t::LABEL,
        );
        return;
    }
    let mut area = widget::part(ui, ("criteria", salt), body);
    ScrollArea::vertical()
        .id_salt(("criteria", salt))
        .auto_shrink([false, false])
        .show(&mut area, |ui| {
            for (i, (criterion, sign)) in list.iter().enumerate() {
                let [galley, under] = criterion_text(ui.painter(), criterion, body.width());
                let height = criterion_height(ui.painter(), criterion, body.width());
                let (_, place) = ui.allocate_space(vec2(body.width(), height));
                let place = place.shrink2(vec2(0.0, 1.0));
                if *sign == Sign::Unknown {
                    mark::hatch(ui.painter(), place, 5.0, t::HOVER);
                }
                mark::weight(
                    ui.painter(),
                    pos2(place.left() + 9.0, place.top() + sz(10.0)),
                    *sign,
                );
                let at = pos2(place.left() + 24.0, place.top() + 1.0);
                let below = at + vec2(0.0, galley.size().y);
                let said = format!("{}: {}. {}", w(key), criterion.say, under.text());
                ui.painter().galley(at, galley, t::VALUE);
                ui.painter().galley(below, under, t::LABEL);
                text::spoken(ui, ("criterion", salt, i), place, &said);
            }
        });
}
