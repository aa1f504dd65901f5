//! One card (D-05): lane, severity by shape and word, rule and version, patient, as-of time, summary, what is missing, and its controls.

use egui::{Align, Id, Rect, Role, Ui, pos2, vec2};
use triptych_workbench::view::{Lane, PatientView, SignalCard, SignalId, Target};
use triptych_workbench::{Acknowledgement, Command};

use super::reveal;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::{w, wf};

const PAD: f32 = 11.0;

fn head() -> f32 {
    sz(26.0)
}

fn summary(ui: &Ui, width: f32, card: &SignalCard) -> std::sync::Arc<egui::Galley> {
    // At most 140 characters by the rules; at most four lines whatever comes.
    text::paragraph(
        ui.painter(),
        &card.summary,
        f::strong(),
        t::VALUE,
        width - 2.0 * PAD,
        4,
        sz(18.0),
    )
}

fn second(card: &SignalCard) -> impl Iterator<Item = &str> {
    [card.detail.as_str(), card.missing.as_str()]
        .into_iter()
        .filter(|s| !s.is_empty())
}

/// Height of a card of `width`; `second_lines` adds what it rests on and what is missing.
pub(super) fn height(ui: &Ui, width: f32, card: &SignalCard, second_lines: bool) -> f32 {
    let lines = second(card).count() as f32;
    // What is missing stays even when the second line goes.
    let kept = if second_lines {
        lines
    } else {
        f32::from(u8::from(!card.missing.is_empty()))
    };
    let sides: f32 = sides(ui, width, card).map(|g| g.size().y + 3.0).sum();
    let own = own(ui, width, card).map_or(0.0, |g| own_height(&g));
    8.0 + head()
        + own
        + summary(ui, width, card).size().y
        + sides
        + kept * sz(18.0)
        + 4.0
        + sz(28.0)
}

/// D-18: each side of a disagreement, with its date and source, in the order in which the pair is named.
fn sides(
    ui: &Ui,
    width: f32,
    card: &SignalCard,
) -> impl Iterator<Item = std::sync::Arc<egui::Galley>> {
    card.sides.iter().map(move |side| {
        let room = width - 2.0 * PAD - 14.0;
        text::paragraph(ui.painter(), side, f::small(), t::BODY, room, 3, sz(16.0))
    })
}

/// D-16: the reader's own impression, in the size of the finding that it stands before.
fn own(ui: &Ui, width: f32, card: &SignalCard) -> Option<std::sync::Arc<egui::Galley>> {
    let own = card.own.last()?;
    let room = width - 2.0 * PAD;
    Some(text::paragraph(
        ui.painter(),
        &own.words,
        f::strong(),
        t::VALUE,
        room,
        4,
        sz(18.0),
    ))
}

/// Both headings and the own words.
fn own_height(own: &egui::Galley) -> f32 {
    own.size().y + 2.0 * sz(17.0) + 4.0
}

/// What a screen reader says of the whole card.
pub(super) fn spoken(card: &SignalCard, patient: &PatientView) -> String {
    let severity = card.severity.map_or("", |s| w(mark::severity_word(s)));
    wf(
        "card.spoken",
        &[
            ("lane", &w(mark::lane_word(card.lane))),
            ("severity", &severity),
            ("rule", &card.rule),
            ("summary", &card.summary),
            ("missing", &card.missing),
            ("initials", &patient.banner.initials),
            ("tail", &patient.banner.identifier_tail),
            ("as_of", &card.as_of),
        ],
    )
}

/// Lane badge, severity and rule at the left, patient and as-of at the right, from `x` on.
pub(super) fn head_line(
    ui: &Ui,
    rect: Rect,
    patient: &PatientView,
    card: &SignalCard,
    right_words: &str,
) {
    let p = ui.painter();
    let y = rect.center().y;
    let mut x = rect.left() + 8.0;
    mark::lane(p, pos2(x, y), card.lane);
    x += 15.0;
    if card.lane == Lane::D {
        x = text::left(
            p,
            x,
            y,
            w("lane.investigational"),
            f::small_medium(),
            t::VALUE,
        )
        .right()
            + 8.0;
    } else if let Some(severity) = card.severity {
        mark::severity(p, pos2(x + 8.0, y), severity);
        x = text::left(
            p,
            x + 22.0,
            y,
            w(mark::severity_word(severity)),
            f::small_medium(),
            t::VALUE,
        )
        .right()
            + 6.0;
    }
    let right = text::right(p, rect.right(), y, right_words, f::small(), t::LABEL);
    let galley = text::line(p, &card.rule, f::small(), t::FAINT, right.left() - x - 6.0);
    text::put(p, galley, x, y);
    let hover = wf(
        "card.as_of",
        &[
            ("as_of", &card.as_of),
            ("rule", &card.rule),
            ("title", &card.title),
        ],
    );
    let response = ui.interact(
        rect,
        Id::unique(("card head", &card.id.0)),
        egui::Sense::hover(),
    );
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Label, true, spoken(card, patient)));
    widget::hover(response, &hover);
}

/// Draws the card in `rect`.
#[allow(
    clippy::too_many_arguments,
    reason = "a card needs its place, its data and what it writes to"
)]
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    patient: &PatientView,
    card: &SignalCard,
    second_lines: bool,
    acknowledging: &mut Option<SignalId>,
    pending: &mut reveal::Pending,
    out: &mut Out,
) {
    let id = Id::unique(("card", &card.id.0));
    let response = widget::clickable(
        ui,
        id,
        rect,
        Role::Button,
        &wf("card.open", &[("summary", &card.summary)]),
    );
    let p = ui.painter().clone();
    let fill = if response.hovered() {
        t::HOVER
    } else {
        t::RAISED
    };
    p.rect_filled(rect, f32::from(t::RADIUS), fill);
    mark::border(&p, rect, card.lane, t::LINE);
    widget::focus_ring(ui, &response, rect, t::RADIUS);
    if response.clicked() {
        out.open_card = Some(card.id.clone());
    }
    let inner = rect.shrink2(vec2(PAD, 0.0));
    let tail = wf(
        "card.tail",
        &[
            ("initials", &patient.banner.initials),
            ("tail", &patient.banner.identifier_tail),
        ],
    );
    let line = Rect::from_min_size(inner.min + vec2(0.0, 5.0), vec2(inner.width(), head()));
    head_line(ui, line, patient, card, &tail);
    let mut y = line.bottom() + 2.0;
    if let (Some(words), Some(said)) = (own(ui, rect.width(), card), card.own.last()) {
        let height = own_height(&words);
        let place = Rect::from_min_size(pos2(inner.left(), y), vec2(inner.width(), height));
        let heading = wf("reveal.own_heading", &[("signed", &said.signed)]);
        let head = Rect::from_min_size(place.min, vec2(inner.width(), sz(17.0)));
        text::label(
            ui,
            ("own", &card.id.0),
            head,
            &heading,
            f::small(),
            t::LABEL,
            Align::Min,
        );
        let below = head.bottom() + words.size().y;
        text::spoken(ui, ("own words", &card.id.0), place, &said.words);
        p.galley(head.left_bottom(), words, t::VALUE);
        text::left(
            &p,
            inner.left(),
            below + 4.0 + sz(8.0),
            w("reveal.output_heading"),
            f::small(),
            t::LABEL,
        );
        y = place.bottom();
    }
    let galley = summary(ui, rect.width(), card);
    let elided = galley.elided;
    let place = Rect::from_min_size(pos2(inner.left(), y), galley.size());
    p.galley(place.min, galley, t::VALUE);
    if elided {
        widget::hover(
            text::spoken(ui, ("summary", &card.id.0), place, &card.summary),
            &card.summary,
        );
    }
    y = place.bottom();
    let room = rect.width();
    let drawn: Vec<_> = sides(ui, room, card).collect();
    for ((i, words), galley) in card.sides.iter().enumerate().zip(drawn) {
        y += 3.0;
        let place =
            Rect::from_min_size(pos2(inner.left(), y), vec2(inner.width(), galley.size().y));
        p.circle_filled(pos2(inner.left() + 4.0, y + sz(8.0)), 2.0, t::LABEL);
        let elided = galley.elided;
        p.galley(place.min + vec2(14.0, 0.0), galley, t::BODY);
        let said = text::spoken(ui, ("side", &card.id.0, i), place, words);
        if elided {
            widget::hover(said, words);
        }
        y = place.bottom();
    }
    for (i, words) in second(card).enumerate() {
        let missing = words == card.missing;
        if !second_lines && !missing {
            continue;
        }
        let place = Rect::from_min_size(pos2(inner.left(), y), vec2(inner.width(), sz(18.0)));
        text::label(
            ui,
            ("second", &card.id.0, i),
            place,
            words,
            f::small(),
            t::LABEL,
            Align::Min,
        );
        y += sz(18.0);
    }
    let y = rect.bottom() - sz(17.0);
    let x = controls(ui, inner.left(), y, patient, card, acknowledging, out);
    let study = card.basis.items.iter().find_map(|i| match &i.target {
        Some(Target::Image { study, .. }) => Some(study),
        _ => None,
    });
    if let Some(study) = study.filter(|_| !card.own.is_empty() && patient.at_is_now) {
        reveal::amend(ui, x, y, patient, study, pending, out);
    }
}

/// Basis, Acknowledge, Open source: only those that do something. Where the next link begins.
fn controls(
    ui: &mut Ui,
    left: f32,
    y: f32,
    patient: &PatientView,
    card: &SignalCard,
    acknowledging: &mut Option<SignalId>,
    out: &mut Out,
) -> f32 {
    let mut x = left;
    let p = ui.painter().clone();
    let basis = widget::link_at(ui, Id::unique(("basis", &card.id.0)), x, y, w("card.basis"));
    if basis.clicked() {
        out.open_card = Some(card.id.clone());
    }
    x += text::width(&p, w("card.basis"), f::small()) + 18.0;
    x = acknowledge(ui, x, y, patient, card, acknowledging, out);
    if let Some(target) = card
        .basis
        .items
        .iter()
        .find_map(|i| i.target.clone())
        .filter(|t| *t != Target::Banner)
    {
        let id = Id::unique(("source", &card.id.0));
        if widget::link_at(ui, id, x, y, w("card.source")).clicked() {
            out.jump = Some(target);
        }
        x += text::width(&p, w("card.source"), f::small()) + 18.0;
    }
    x
}

const ANSWERS: [(Acknowledgement, &str); 4] = [
    (Acknowledgement::Useful, "card.useful"),
    (Acknowledgement::Known, "card.known"),
    (Acknowledgement::NotUseful, "card.not_useful"),
    (Acknowledgement::Wrong, "card.wrong"),
];

/// The link and, when pressed, a popover with the four answers; off while the index time is not now. Where the next link begins.
pub(super) fn acknowledge(
    ui: &mut Ui,
    x: f32,
    y: f32,
    patient: &PatientView,
    card: &SignalCard,
    acknowledging: &mut Option<SignalId>,
    out: &mut Out,
) -> f32 {
    let words = w("card.acknowledge");
    let width = text::width(ui.painter(), words, f::small());
    let id = Id::unique(("acknowledge", &card.id.0));
    let response = if patient.at_is_now {
        widget::link_at(ui, id, x, y, words)
    } else {
        ui.scope(|ui| {
            ui.disable();
            widget::link_at(ui, id, x, y, words)
        })
        .inner
        .on_disabled_hover_text(w("asof.writing_off"))
    };
    if response.clicked() {
        *acknowledging = if acknowledging.as_ref() == Some(&card.id) {
            None
        } else {
            Some(card.id.clone())
        };
    }
    let open = acknowledging.as_ref() == Some(&card.id);
    if open {
        let mut answer = None;
        let shown = egui::Popup::from_response(&response)
            .id(Id::unique(("answers", &card.id.0)))
            .open(true)
            .gap(4.0)
            .close_behavior(egui::PopupCloseBehavior::IgnoreClicks)
            .show(|ui| {
                ui.set_width(sz(180.0));
                text::block(
                    ui,
                    w("card.why_acknowledge"),
                    f::small_medium(),
                    t::VALUE,
                    sz(20.0),
                );
                for (which, key) in ANSWERS {
                    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(26.0)));
                    let row = widget::clickable(
                        ui,
                        Id::unique(("answer", key, &card.id.0)),
                        place,
                        Role::MenuItem,
                        w(key),
                    );
                    widget::row_ground(ui, place, &row, false);
                    text::left(
                        ui.painter(),
                        place.left() + 8.0,
                        place.center().y,
                        w(key),
                        f::body(),
                        t::VALUE,
                    );
                    if row.clicked() {
                        answer = Some(which);
                    }
                }
            });
        if let Some(answer) = answer {
            out.send(Command::Acknowledge {
                signal: card.id.clone(),
                answer,
            });
            *acknowledging = None;
        } else if shown.is_some_and(|s| s.response.clicked_elsewhere()) && !response.clicked() {
            *acknowledging = None;
        }
    }
    x + width + 18.0
}
