//! Accept, decline, defer: alike; each asks for a coded reason and takes one optional sentence. Nothing is preselected.

use egui::{Align, Id, Rect, Role, Stroke, Ui, WidgetInfo, pos2, vec2};
use triptych_workbench::view::{PathwayCard, PathwayOption, PatientView};
use triptych_workbench::{Command, Verdict};

use crate::look::typeface::{self as f, sz};
use crate::look::widget::Weight;
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::w;

/// A decision that is being made.
#[derive(Debug, Default)]
pub(super) struct Pending {
    on: Option<(String, Verdict)>,
    reason: Option<&'static str>,
    comment: String,
}

impl Pending {
    pub fn is_open(&self) -> bool {
        self.on.is_some()
    }
}

const VERDICTS: [(Verdict, &str); 3] = [
    (Verdict::Accept, "pathway.accept"),
    (Verdict::Decline, "pathway.decline"),
    (Verdict::Defer, "pathway.defer"),
];

/// Coded reasons for a verdict: code and words, from the list that the workbench checks against.
fn reasons(verdict: Verdict) -> impl Iterator<Item = (&'static str, &'static str)> {
    triptych_workbench::decision_reasons()
        .into_iter()
        .filter(move |(of, _, _)| *of == verdict)
        .map(|(_, code, words)| (code, words))
}

/// Between the pop-over and the edges of its card.
const MARGIN: f32 = 12.0;

/// Accept, decline, defer: alike; a press asks for the reason beside its button.
pub(super) fn show(
    ui: &mut Ui,
    card: Rect,
    patient: &PatientView,
    question: &PathwayCard,
    option: &PathwayOption,
    pending: &mut Pending,
    out: &mut Out,
) {
    let p = ui.painter().clone();
    let foot = Rect::from_min_max(pos2(card.left(), card.bottom() - sz(44.0)), card.max);
    p.hline(
        foot.x_range(),
        foot.top().round() + 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let y = foot.center().y;
    let mut x = card.left() + 17.0;
    for (verdict, key) in VERDICTS {
        let words = w(key);
        let width = widget::button_width(ui, words);
        let place = Rect::from_min_size(
            pos2(x, (y - sz(t::BUTTON) / 2.0).round()),
            vec2(width, sz(t::BUTTON)),
        );
        let on = pending
            .on
            .as_ref()
            .is_some_and(|(o, v)| *o == option.id && *v == verdict);
        let id = Id::unique(("decide", &option.id, key));
        let weight = if on { Weight::Main } else { Weight::Plain };
        let response = if patient.at_is_now {
            widget::button_at(ui, id, place, words, weight)
        } else {
            ui.scope(|ui| {
                ui.disable();
                widget::button_at(ui, id, place, words, weight)
            })
            .inner
            .on_disabled_hover_text(w("asof.writing_off"))
        };
        if response.clicked() {
            *pending = if on {
                Pending::default()
            } else {
                Pending {
                    on: Some((option.id.clone(), verdict)),
                    ..Pending::default()
                }
            };
        }
        if on {
            ask_reason(&response, card, question, option, verdict, pending, out);
        }
        x = place.right() + 8.0;
    }
    let state = question
        .decision
        .as_ref()
        .filter(|d| d.option_id == option.id)
        .map_or_else(
            || w("pathway.no_decision").to_owned(),
            |d| d.verdict.clone(),
        );
    let place = Rect::from_min_max(
        pos2(x + 4.0, foot.top()),
        pos2(card.right() - 17.0, foot.bottom()),
    );
    text::label(ui, "state", place, &state, f::small(), t::LABEL, Align::Max);
}

#[allow(
    clippy::too_many_arguments,
    reason = "a question needs its place, what it is about and what it writes to"
)]
fn ask_reason(
    button: &egui::Response,
    card: Rect,
    question: &PathwayCard,
    option: &PathwayOption,
    verdict: Verdict,
    pending: &mut Pending,
    out: &mut Out,
) {
    let mut record = false;
    // Over its own card and no other, above the button.
    let anchor = Rect::from_min_max(
        pos2(card.left() + MARGIN, button.rect.top()),
        pos2(card.right() - MARGIN, button.rect.bottom()),
    );
    egui::Popup::new(
        Id::unique("reason"),
        button.ctx.clone(),
        egui::PopupAnchor::ParentRect(anchor),
        button.layer_id,
    )
    .open(true)
    .align(egui::RectAlign::TOP_START)
    .gap(8.0)
    .close_behavior(egui::PopupCloseBehavior::IgnoreClicks)
    .show(|ui| {
        ui.set_width(anchor.width() - 2.0 * MARGIN);
        let title = match verdict {
            Verdict::Accept => w("pathway.why_accept"),
            Verdict::Decline => w("pathway.why_decline"),
            Verdict::Defer => w("pathway.why_defer"),
        };
        let (_, head) = ui.allocate_space(vec2(ui.available_width(), sz(22.0)));
        text::left(
            ui.painter(),
            head.left(),
            head.center().y,
            title,
            f::strong(),
            t::VALUE,
        );
        widget::key_cap(ui, head.right(), head.center().y, w("pathway.esc"));
        for (code, words) in reasons(verdict) {
            let room = ui.available_width() - 28.0;
            let galley =
                text::paragraph(ui.painter(), words, f::body(), t::VALUE, room, 2, sz(18.0));
            let height = (galley.size().y + 6.0).max(sz(24.0));
            let (_, place) = ui.allocate_space(vec2(ui.available_width(), height));
            let on = pending.reason == Some(code);
            let row = ui.interact(place, Id::unique(("reason", code)), egui::Sense::click());
            row.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, words));
            widget::row_ground(ui, place, &row, false);
            let c = pos2(place.left() + 8.0, place.center().y);
            let ink = if on { t::ACCENT } else { t::LABEL };
            ui.painter().circle_stroke(c, 5.5, Stroke::new(1.3, ink));
            if on {
                ui.painter().circle_filled(c, 2.8, t::ACCENT);
            }
            text::put(ui.painter(), galley, place.left() + 24.0, place.center().y);
            if row.clicked() {
                pending.reason = Some(code);
            }
        }
        ui.add_space(4.0);
        let (_, line) = ui.allocate_space(vec2(ui.available_width(), sz(28.0)));
        let width = widget::button_width(ui, w("pathway.record"));
        let field = Rect::from_min_max(line.min, pos2(line.right() - width - 8.0, line.bottom()));
        widget::field(
            ui,
            Id::unique("reason comment"),
            field,
            &mut pending.comment,
            w("pathway.comment"),
            None,
        );
        let place = Rect::from_min_max(
            pos2(field.right() + 8.0, line.top() + 2.0),
            pos2(line.right(), line.bottom() - 2.0),
        );
        let id = Id::unique("record decision");
        let response = if pending.reason.is_some() {
            widget::button_at(ui, id, place, w("pathway.record"), Weight::Main)
        } else {
            ui.scope(|ui| {
                ui.disable();
                widget::button_at(ui, id, place, w("pathway.record"), Weight::Plain)
            })
            .inner
            .on_disabled_hover_text(w("pathway.reason_first"))
        };
        record = response.clicked();
    });
    if record && let Some(reason) = pending.reason {
        out.send(Command::Decide {
            question: question.id.clone(),
            option: option.id.clone(),
            verdict,
            reason: reason.to_owned(),
            comment: pending.comment.trim().to_owned(),
        });
        *pending = Pending::default();
    }
}
