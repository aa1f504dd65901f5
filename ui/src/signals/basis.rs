//! A card opened to its basis (screen 04): inputs with numbers that stand in the leaves too, calculation in words, exclusions and limits,
//! what is missing, source. Backspace goes back to the cards.

use egui::{Align, Id, Key, Modifiers, Rect, Role, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{BasisItem, Lane, PatientView, SignalCard, SignalId, Target};

use super::{card, frequency, model_card, weighing};
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::{w, wf};

/// What an opened card keeps folded until it is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Folds {
    pub frequencies: bool,
    pub attributes: bool,
}

/// Draws the opened card in the leaf's place.
#[allow(
    clippy::too_many_arguments,
    reason = "an opened card needs its place, its data, its folds and what it writes to"
)]
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    patient: &PatientView,
    card: &SignalCard,
    current: Option<&Target>,
    acknowledging: &mut Option<SignalId>,
    folds: &mut Folds,
    out: &mut Out,
) {
    let p = ui.painter().clone();
    let head = head(ui, rect, out);
    let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - sz(40.0)), rect.max);
    let body = Rect::from_min_max(head.left_bottom(), pos2(rect.right(), foot.top()));
    let mut area = widget::part(ui, "basis", body);
    ScrollArea::vertical()
        .id_salt(("basis", &card.id.0))
        .auto_shrink(false)
        .show(&mut area, |ui| {
            let (_, line) = ui.allocate_space(vec2(ui.available_width(), sz(34.0)));
            let line = Rect::from_min_max(line.min + vec2(12.0, 4.0), line.max - vec2(12.0, 0.0));
            card::head_line(ui, line, patient, card, &card.as_of);
            padded(ui, |ui| {
                text::block(ui, &card.summary, f::title(), t::VALUE, sz(20.0));
                if !card.detail.is_empty() {
                    text::block(ui, &card.detail, f::small(), t::LABEL, sz(17.0));
                }
                // Every version of the reader's own impression, oldest first (D-16).
                for own in &card.own {
                    let line = wf(
                        "reveal.own",
                        &[("words", &own.words), ("signed", &own.signed)],
                    );
                    text::block(ui, &line, f::small(), t::BODY, sz(17.0));
                }
                ui.add_space(6.0);
            });
            let b = &card.basis;
            if !b.items.is_empty() {
                let keys = alt_keys(b.items.len());
                widget::group_head(ui, w("basis.rests_on"), &keys, false);
                for (i, item) in b.items.iter().enumerate() {
                    basis_item(ui, i, item, current, out);
                }
            }
            frequency::show(ui, &b.frequencies, &mut folds.frequencies);
            if !card.weighing.is_empty() {
                weighing::show(ui, &card.weighing, out);
            }
            section(ui, "basis.calculation", &b.steps, t::BODY);
            section(ui, "basis.thresholds", &b.thresholds, t::BODY);
            section(ui, "basis.exclusions", &b.exclusions, t::BODY);
            if b.missing.is_empty() && card.missing.is_empty() {
                section(
                    ui,
                    "basis.missing",
                    &[w("basis.nothing_missing").to_owned()],
                    t::LABEL,
                );
            } else if b.missing.is_empty() {
                section(
                    ui,
                    "basis.missing",
                    std::slice::from_ref(&card.missing),
                    t::VALUE,
                );
            } else {
                section(ui, "basis.missing", &b.missing, t::VALUE);
            }
            section(ui, "basis.long_forms", &b.long_forms, t::LABEL);
            if let Some(model) = &b.model {
                model_card::show(ui, model, &mut folds.attributes);
            }
            let valid = if b.valid_until.is_empty() {
                String::new()
            } else {
                wf("basis.valid_until", &[("date", &b.valid_until)])
            };
            widget::group_head(ui, w("basis.source"), &valid, false);
            padded(ui, |ui| {
                text::block(ui, &b.citation, f::small(), t::BODY, sz(16.0));
                ui.add_space(4.0);
                if !b.input_hash.is_empty() {
                    let short: String = b.input_hash.chars().take(16).collect();
                    let hash = wf("basis.hash", &[("rule", &card.rule), ("hash", &short)]);
                    text::block(ui, &hash, f::small(), t::FAINT, sz(16.0));
                }
                ui.add_space(8.0);
            });
        });

    p.rect_filled(foot, 0.0, t::PANEL);
    p.hline(foot.x_range(), foot.top() + 0.5, Stroke::new(1.0, t::HAIR));
    let y = foot.center().y;
    let mut x = foot.left() + 12.0;
    if let Some(answer) = &card.acknowledged {
        let words = wf("basis.answered", &[("answer", answer)]);
        let place = Rect::from_min_max(
            pos2(x, foot.top()),
            pos2(foot.right() - 120.0, foot.bottom()),
        );
        text::label(
            ui,
            "answered",
            place,
            &words,
            f::small(),
            t::LABEL,
            Align::Min,
        );
        x = place.right() + 8.0;
    } else if card.lane != Lane::T {
        x = card::acknowledge(ui, x, y, patient, card, acknowledging, out);
        let typing = ui.ctx().egui_wants_keyboard_input();
        if patient.at_is_now && !typing && ui.input_mut(|i| i.consume_key(Modifiers::ALT, Key::A)) {
            *acknowledging = Some(card.id.clone());
        }
        widget::key_cap(ui, foot.right() - 12.0, y, w("basis.alt_a"));
    }
    if let Some(target) = card
        .basis
        .items
        .iter()
        .find_map(|i| i.target.clone())
        .filter(|t| *t != Target::Banner)
        && widget::link_at(ui, Id::unique("basis source"), x, y, w("card.source")).clicked()
    {
        out.jump = Some(target);
    }
}

/// `Alt 1 … 4`: the keys that lead to so many inputs.
pub(super) fn alt_keys(inputs: usize) -> String {
    match inputs {
        0 | 1 => w("basis.alt_one").to_owned(),
        n => wf("basis.alt", &[("n", &n.min(9))]),
    }
}

/// The head of what stands in the leaf's place, with the way back to the cards. Its rectangle.
pub(super) fn head(ui: &Ui, rect: Rect, out: &mut Out) -> Rect {
    let p = ui.painter().clone();
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), sz(t::LEAF_HEAD)));
    p.hline(
        head.x_range(),
        head.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let y = head.center().y;
    let words = w("basis.all");
    let width = text::width(&p, words, f::body());
    let back = Rect::from_min_max(
        head.min + vec2(6.0, 3.0),
        pos2(head.left() + 34.0 + width, head.bottom() - 3.0),
    );
    let response = widget::clickable(ui, Id::unique("all signals"), back, Role::Button, words);
    Icon::Back.paint(&p, pos2(head.left() + 18.0, y), sz(13.0), t::ACCENT);
    text::left(&p, head.left() + 28.0, y, words, f::body(), t::ACCENT);
    widget::focus_ring(ui, &response, back, t::RADIUS);
    text::right(
        &p,
        head.right() - 12.0,
        y,
        w("basis.backspace"),
        f::small(),
        t::LABEL,
    );
    if response.clicked() {
        out.back = true;
    }
    head
}

pub(super) fn padded(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    egui::Frame::NONE
        .inner_margin(egui::Margin::symmetric(12, 0))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            add(ui);
        });
}

fn section(ui: &mut Ui, key: &'static str, lines: &[String], ink: egui::Color32) {
    if lines.is_empty() {
        return;
    }
    widget::group_head(ui, w(key), "", false);
    padded(ui, |ui| {
        for line in lines {
            text::block(ui, line, f::small(), ink, sz(16.0));
        }
        ui.add_space(8.0);
    });
}

fn icon_of(target: Option<&Target>) -> Icon {
    match target {
        Some(Target::Image { .. }) => Icon::Image,
        Some(Target::Note { .. } | Target::Listed(_)) => Icon::Text,
        Some(Target::Lab { .. } | Target::Medication(_)) => Icon::Flask,
        _ => Icon::File,
    }
}

/// One input: number, what it is with value and unit, when and in which role; a click goes there.
pub(super) fn basis_item(
    ui: &mut Ui,
    i: usize,
    item: &BasisItem,
    current: Option<&Target>,
    out: &mut Out,
) {
    let mut what = item.name.clone();
    if !item.value.is_empty() {
        what = format!("{what} {}", item.value);
    }
    let when = [
        item.role.as_str(),
        item.time.as_str(),
        item.age.as_str(),
        item.canonical.as_str(),
    ]
    .into_iter()
    .filter(|s| !s.is_empty())
    .collect::<Vec<_>>()
    .join(" · ");
    let width = ui.available_width();
    let title = text::paragraph(
        ui.painter(),
        &what,
        f::body(),
        t::VALUE,
        width - 84.0,
        3,
        sz(18.0),
    );
    let notes = text::paragraph(
        ui.painter(),
        &when,
        f::small(),
        t::LABEL,
        width - 84.0,
        3,
        sz(16.0),
    );
    let height = (title.size().y + notes.size().y + 8.0).max(sz(44.0));
    let (_, place) = ui.allocate_space(vec2(width, height));
    let name = wf(
        "basis.item",
        &[("n", &(i + 1)), ("what", &what), ("when", &when)],
    );
    let can_jump = item.target.as_ref().is_some_and(|t| *t != Target::Banner);
    let response = widget::clickable(
        ui,
        Id::unique(("basis item", i)),
        place,
        if can_jump { Role::Button } else { Role::Label },
        &name,
    );
    let here = item.target.is_some() && item.target.as_ref() == current;
    widget::row_ground(ui, place, &response, here);
    let p = ui.painter();
    p.hline(
        place.x_range(),
        place.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let top = place.top() + 4.0;
    mark::target(p, pos2(place.left() + 20.0, top + sz(10.0)), i + 1, false);
    icon_of(item.target.as_ref()).paint(
        p,
        pos2(place.left() + 42.0, top + sz(9.0)),
        sz(14.0),
        t::LABEL,
    );
    let x = place.left() + 58.0;
    let title_h = title.size().y;
    p.galley(pos2(x, top), title, t::VALUE);
    p.galley(pos2(x, top + title_h), notes, t::LABEL);
    if can_jump {
        Icon::Jump.paint(
            p,
            pos2(place.right() - 18.0, top + sz(9.0)),
            sz(12.0),
            t::ACCENT,
        );
    }
    if can_jump && response.clicked() {
        out.jump.clone_from(&item.target);
    }
}
