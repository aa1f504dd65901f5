//! One option of a pathway question: what it is, what supports and blocks it, what is unknown, contraindications, follow-up and source, and its
//! decision.

use std::sync::Arc;

use egui::{CornerRadius, Rect, ScrollArea, Stroke, StrokeKind, Ui, pos2, vec2};
use triptych_workbench::view::{Criterion, PathwayCard, PathwayOption, PatientView};

use super::decision::{self, Pending};
use crate::look::mark::{self, Weight as Sign};
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{w, wf};

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

/// Heights of the parts of a card, the same in every card so that lines compare across.
pub(super) struct Heights {
    title: f32,
    words: f32,
    /// Supports, blocks, unknown.
    lists: [f32; 3],
    /// Of each row of [`facts_of`].
    facts: Vec<f32>,
}

/// Heights for cards so wide and so high.
pub(super) fn heights(ui: &Ui, width: f32, options: &[&PathwayOption], height: f32) -> Heights {
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
    let mut facts = Vec::new();
    for option in options {
        for (k, (_, value)) in facts_of(option).iter().enumerate() {
            let row = fact_text(p, value, inner).size().y + sz(6.0);
            match facts.get_mut(k) {
                Some(height) => *height = row.max(*height),
                None => facts.push(row),
            }
        }
    }
    let mut lists = [list(0), list(1), list(2)];
    // What is left goes to the lists in equal parts; what lacks is taken by scrolling inside them.
    let below = facts.iter().sum::<f32>() + 16.0 + sz(44.0) + 16.0;
    let fixed = sz(36.0) + title + words + 24.0 + below;
    let left = height - fixed - lists.iter().sum::<f32>();
    for row in &mut lists {
        *row = (*row + left / 3.0).max(sz(40.0));
    }
    Heights {
        title,
        words,
        lists,
        facts,
    }
}

/// What stands under the lists, in order: contraindications, follow-up, source, when it is asked again, and whether it is past review.
fn facts_of(option: &PathwayOption) -> Vec<(&'static str, String)> {
    let met = option
        .contraindicated
        .iter()
        .filter(|c| c.met == Some(true));
    let contraindications: Vec<String> = met
        .map(|c| {
            if c.rests_on.is_empty() {
                c.say.clone()
            } else {
                format!("{}: {}", c.say, c.rests_on)
            }
        })
        .collect();
    let contraindications = if contraindications.is_empty() {
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
        ("pathway.contraindications", contraindications),
        ("pathway.follow_up", follow),
        ("pathway.source", option.source.clone()),
        ("pathway.asked_again", option.asked_again.clone()),
    ];
    if let Some(stale) = &option.stale {
        facts.push(("pathway.stale", stale.clone()));
    }
    facts
}

/// Column of the values of [`facts_of`].
const FACT: f32 = 112.0;

fn fact_text(p: &egui::Painter, value: &str, inner: f32) -> Arc<egui::Galley> {
    text::paragraph(
        p,
        value,
        f::small(),
        t::VALUE,
        inner - sz(FACT),
        4,
        sz(16.0),
    )
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
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    patient: &PatientView,
    question: &PathwayCard,
    option: &PathwayOption,
    rows: &Heights,
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
        Rect::from_min_size(pos2(inner.left(), top), vec2(inner.width(), rows.title)),
        &said,
    );
    top += rows.title + 4.0;
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
    top += rows.words + 10.0;
    p.hline(
        inner.x_range(),
        top.round() + 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    top += 6.0;
    let lists = split(option);
    for (k, ((list, title), height)) in lists.iter().zip(SECTIONS).zip(rows.lists).enumerate() {
        let place = Rect::from_min_size(pos2(inner.left(), top), vec2(inner.width(), height));
        criteria(ui, place, title, list, k);
        top += height;
    }
    p.hline(
        inner.x_range(),
        top.round() + 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    top += 6.0;
    for ((key, value), row) in facts_of(option).iter().zip(&rows.facts) {
        let galley = fact_text(&p, value, inner.width());
        let place = Rect::from_min_size(
            pos2(inner.left() + sz(FACT), top),
            vec2(inner.width() - sz(FACT), *row),
        );
        text::left(
            &p,
            inner.left(),
            top + sz(8.0),
            w(key),
            f::small(),
            t::LABEL,
        );
        let cut = galley.elided;
        p.galley(place.min, galley, t::VALUE);
        let response = text::spoken(ui, *key, place, value);
        if cut {
            widget::hover(response, value);
        }
        top += row;
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
