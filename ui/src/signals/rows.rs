//! What stands among the cards and below them: cards out of sight, models without a finding, answered cards, each rule's outcome.

use egui::{Id, Rect, Role, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{Lane, ModelState, PatientView, SignalCard};

use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::{count, plural, w, wf};

/// The line at the foot of the cards that says how many are not, or not wholly, in sight; a click brings the next.
pub(super) struct Below {
    rect: Rect,
    cards: usize,
    first_top: Option<f32>,
}

impl Below {
    pub(super) const HEIGHT: f32 = 22.0;

    pub(super) fn new(rect: Rect) -> Self {
        Self {
            rect,
            cards: 0,
            first_top: None,
        }
    }

    pub(super) fn count(&mut self, card: Rect) {
        if card.bottom() > self.rect.bottom() - sz(Self::HEIGHT) + 4.0 {
            self.cards += 1;
            self.first_top.get_or_insert(card.top());
        }
    }

    /// The offset to scroll to when it was clicked.
    pub(super) fn show(
        self,
        ui: &Ui,
        scrolled: &egui::scroll_area::ScrollAreaOutput<()>,
    ) -> Option<f32> {
        let offset = scrolled.state.clamped_offset().y;
        let hidden = scrolled.content_size.y - offset - self.rect.height();
        let top = self.first_top.filter(|_| hidden > sz(Self::HEIGHT))?;
        let strip = Rect::from_min_max(
            pos2(self.rect.left(), self.rect.bottom() - sz(Self::HEIGHT)),
            self.rect.max,
        );
        let p = ui.painter();
        p.rect_filled(strip, 0.0, t::PANEL);
        let words = plural(self.cards, "signals.below_one", "signals.below");
        let width = text::width(p, &words, f::small());
        let link = widget::link_at(
            ui,
            Id::unique("cards below"),
            strip.center().x - width / 2.0,
            strip.center().y,
            &words,
        );
        link.clicked()
            .then(|| offset + (top - self.rect.top() - 8.0).min(hidden))
    }
}

/// State of each model that gave no card: off, running, withheld, failed. Three states that never blur.
pub(super) fn models(ui: &mut Ui, patient: &PatientView) {
    for model in &patient.signals.models {
        let (state, why) = match &model.state {
            ModelState::Analysed => continue,
            ModelState::Off => (w("model.off"), w("model.off_why").to_owned()),
            ModelState::Running => (w("model.running"), String::new()),
            ModelState::Withheld(reasons) => (w("model.withheld"), reasons.join("; ")),
            ModelState::Failed(why) => (w("model.failed"), why.clone()),
        };
        let width = ui.available_width() - 24.0;
        let body = text::paragraph(
            ui.painter(),
            &why,
            f::small(),
            t::LABEL,
            width - 26.0,
            4,
            sz(16.0),
        );
        let extra = if why.is_empty() {
            0.0
        } else {
            body.size().y + 2.0
        };
        let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(26.0) + extra + 2.0));
        let p = ui.painter();
        let y = place.top() + sz(13.0);
        mark::lane(p, pos2(place.left() + 20.0, y), Lane::D);
        let right = text::right(p, place.right() - 12.0, y, state, f::small(), t::LABEL);
        let name = text::line(
            p,
            &model.model,
            f::small(),
            t::BODY,
            right.left() - place.left() - 44.0,
        );
        text::put(p, name, place.left() + 36.0, y);
        p.galley(pos2(place.left() + 36.0, y + sz(11.0)), body, t::LABEL);
        let said = wf(
            "model.row",
            &[("model", &model.model), ("state", &state), ("why", &why)],
        );
        let response = text::spoken(ui, ("model", &model.model), place, &said);
        if !model.provider.is_empty() {
            widget::hover(response, &model.provider);
        }
    }
}

/// A line that folds and unfolds what follows it.
pub(super) fn fold(ui: &mut Ui, title: &'static str, note: &str, open: &mut bool) {
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(t::LIST)));
    let id = Id::unique(("fold", title));
    let name = format!("{}: {note}", w(title));
    let response = widget::clickable(ui, id, place, Role::Button, &name);
    widget::row_ground(ui, place, &response, false);
    let p = ui.painter();
    let y = place.center().y;
    p.hline(
        place.x_range(),
        place.top().round() + 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let icon = if *open { Icon::Unfold } else { Icon::Fold };
    icon.paint(p, pos2(place.left() + 20.0, y), sz(13.0), t::LABEL);
    text::left(
        p,
        place.left() + 32.0,
        y,
        w(title),
        f::small_medium(),
        t::BODY,
    );
    text::right(p, place.right() - 12.0, y, note, f::small(), t::LABEL);
    if response.clicked() {
        *open = !*open;
    }
}

pub(super) fn answered_row(ui: &mut Ui, card: &SignalCard, out: &mut Out) {
    let answer = card.acknowledged.clone().unwrap_or_default();
    card_row(ui, card, &answer, out);
}

/// A card in one line; a click opens it.
pub(super) fn card_row(ui: &mut Ui, card: &SignalCard, note: &str, out: &mut Out) {
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(t::LIST)));
    let name = if note.is_empty() {
        format!("{}. {}", card.summary, card.rule)
    } else {
        wf(
            "signals.answered_row",
            &[("summary", &card.summary), ("answer", &note)],
        )
    };
    let response = widget::clickable(
        ui,
        Id::unique(("card row", &card.id.0)),
        place,
        Role::Button,
        &name,
    );
    widget::row_ground(ui, place, &response, false);
    let p = ui.painter();
    let y = place.center().y;
    if let Some(severity) = card.severity {
        mark::severity(p, pos2(place.left() + 20.0, y), severity);
    } else {
        mark::lane(p, pos2(place.left() + 20.0, y), card.lane);
    }
    let right = text::right(p, place.right() - 12.0, y, note, f::small(), t::LABEL);
    let galley = text::line(
        p,
        &card.summary,
        f::small(),
        t::LABEL,
        right.left() - place.left() - 46.0,
    );
    text::put(p, galley, place.left() + 36.0, y);
    if widget::hover(response, &name).clicked() {
        out.open_card = Some(card.id.clone());
    }
}

/// Each rule's outcome in words (D-03).
pub(super) fn coverage(ui: &mut Ui, patient: &PatientView) {
    widget::group_head(
        ui,
        w("signals.coverage"),
        &count(patient.signals.coverage_rows.len()),
        false,
    );
    for (rule, words) in &patient.signals.coverage_rows {
        outcome(ui, rule, words);
    }
}

/// Packs of which it is unknown whether they apply: what each needs, and no question (D-10).
pub(super) fn hesitating(ui: &mut Ui, patient: &PatientView) {
    let packs = &patient.signals.hesitating;
    widget::group_head(ui, w("pathway.cannot_tell"), &count(packs.len()), false);
    for (title, needs) in packs {
        outcome(ui, title, &wf("pathway.needs_line", &[("needs", needs)]));
    }
}

/// A rule or pack over what it says; a name as long as `R27@1.0.0 Incidental lung nodule` has a line of its own.
pub(super) fn outcome(ui: &mut Ui, name: &str, words: &str) {
    let width = ui.available_width() - 24.0;
    let p = ui.painter().clone();
    let title = text::paragraph(&p, name, f::small_medium(), t::BODY, width, 2, sz(16.0));
    let said = text::paragraph(&p, words, f::small(), t::LABEL, width, 6, sz(16.0));
    let height = title.size().y + said.size().y + 8.0;
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), height));
    let (x, top) = (place.left() + 12.0, place.top() + 3.0);
    let below = top + title.size().y;
    let elided = said.elided;
    p.galley(pos2(x, top), title, t::BODY);
    p.galley(pos2(x, below), said, t::LABEL);
    let spoken = text::spoken(ui, ("outcome", name), place, &format!("{name}: {words}"));
    if elided {
        widget::hover(spoken, words);
    }
}

/// Cards that rested on what its source took back: which rule, which value (struck), when, and what took it back (D-34).
pub(super) fn withdrawn(ui: &mut Ui, patient: &PatientView, out: &mut Out) {
    let rows = &patient.signals.withdrawn;
    if rows.is_empty() {
        return;
    }
    widget::group_head(ui, w("withdrawn.title"), &count(rows.len()), false);
    for (i, row) in rows.iter().enumerate() {
        let (width, high) = (ui.available_width(), sz(17.0));
        let height = high * (2.0 + row.values.len() as f32) + 10.0;
        let (_, place) = ui.allocate_space(vec2(width, height));
        let why = wf("withdrawn.why", &[("when", &row.when)]);
        let name = [row.title.as_str(), &row.rule, &row.values.join(", "), &why];
        let role = if row.target.is_some() {
            Role::Button
        } else {
            Role::Label
        };
        let id = Id::unique(("withdrawn", i));
        let response = widget::clickable(ui, id, place, role, &name.join(". "));
        widget::row_ground(ui, place, &response, false);
        let p = ui.painter();
        let x = place.left() + 36.0;
        let room = place.right() - 12.0 - x;
        let mut y = place.top() + 5.0 + high / 2.0;
        mark::withdrawn(p, pos2(place.left() + 20.0, y));
        let rule = text::right(p, place.right() - 12.0, y, &row.rule, f::small(), t::FAINT);
        let title = rule.left() - x - 8.0;
        let title = text::line(p, &row.title, f::small_medium(), t::BODY, title);
        text::put(p, title, x, y);
        for value in &row.values {
            y += high;
            let value = text::struck(p, value, f::small(), t::LABEL, room);
            text::put(p, value, x, y);
        }
        y += high;
        text::put(p, text::line(p, &why, f::small(), t::LABEL, room), x, y);
        let more = wf(
            "withdrawn.more",
            &[
                ("summary", &row.summary),
                ("source", &row.source),
                ("until", &row.until),
            ],
        );
        if widget::hover(response, &more).clicked() {
            out.jump.clone_from(&row.target);
        }
    }
}
