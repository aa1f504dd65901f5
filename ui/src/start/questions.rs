//! Questions of identity on the start page: both sides field by field, and an answer that never goes without a reason.

use egui::{Align, Id, Key, Rect, ScrollArea, Stroke, Ui, WidgetInfo, pos2, vec2};
use triptych_workbench::view::{
    Agreement, Cell, IdentityCard, IdentityColumn, IdentityField, IdentityRow,
};
use triptych_workbench::{Command, IdentityAnswer, QuestionId};

use crate::look::typeface::{self as f, sz};
use crate::look::widget::{self, Weight};
use crate::look::{text, tokens as t};
use crate::out::Out;
use crate::words::{count, plural, w, wf};

/// Column of the names of the fields.
const FIELD: f32 = 124.0;

/// The answer that is being given; everything else is the workbench's.
#[derive(Default)]
pub(super) struct Questions {
    pending: Option<Pending>,
    /// Of all questions as they were drawn last: what is below begins where they end.
    height: Option<f32>,
}

struct Pending {
    question: QuestionId,
    answer: IdentityAnswer,
    reason: String,
    /// The field takes the focus once.
    fresh: bool,
}

impl Pending {
    /// A word, as the workbench asks for it.
    fn is_ready(&self) -> bool {
        self.reason.chars().any(char::is_alphanumeric)
    }
}

impl Questions {
    /// Draws the open questions from the top of `rect`, with room left for what stands `below`; where they end.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        questions: &[IdentityCard],
        below: Option<f32>,
        out: &mut Out,
    ) -> f32 {
        let known = |p: &Pending| questions.iter().any(|q| q.id == p.question);
        self.pending = self.pending.take().filter(known);
        if questions.is_empty() {
            return rect.top();
        }
        let title = wf("identity.title", &[("n", &count(questions.len()))]);
        let head = Rect::from_min_size(
            pos2(rect.left(), rect.top() + sz(14.0)),
            vec2(rect.width(), sz(20.0)),
        );
        let inner = head.shrink2(vec2(16.0, 0.0));
        text::label(
            ui,
            "identity title",
            inner,
            &title,
            f::title(),
            t::VALUE,
            Align::Min,
        );
        let note = Rect::from_min_size(
            pos2(inner.left(), head.bottom() + sz(2.0)),
            vec2(inner.width(), sz(18.0)),
        );
        text::label(
            ui,
            "identity note",
            note,
            w("identity.note"),
            f::small(),
            t::LABEL,
            Align::Min,
        );
        let top = note.bottom() + sz(6.0);
        let most = (rect.bottom() - below.unwrap_or(0.0) - top).max(sz(200.0));
        let height = most.min(self.height.unwrap_or(most));
        let body = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), height));
        let mut area = widget::region(ui, "identity", body, &title);
        let shown = ScrollArea::vertical()
            .id_salt("identity")
            .auto_shrink(false)
            .show(&mut area, |ui| {
                for (i, question) in questions.iter().enumerate() {
                    self.question(ui, question, i == 0, out);
                }
            });
        let drawn = shown.content_size.y;
        if self.height.is_none_or(|h| (h - drawn).abs() > 0.5) {
            self.height = Some(drawn);
            ui.ctx().request_repaint();
        }
        if below.is_some() {
            // What is cut off there ends at a line, not in the air.
            let line = Stroke::new(1.0, t::HAIR);
            let end = body.bottom().round() + 0.5;
            ui.painter().hline(rect.x_range(), end, line);
        }
        body.bottom()
    }

    fn question(&mut self, ui: &mut Ui, question: &IdentityCard, first: bool, out: &mut Out) {
        if !first {
            let (_, line) = ui.allocate_space(vec2(ui.available_width(), sz(1.0)));
            ui.painter()
                .hline(line.x_range(), line.top() + 0.5, Stroke::new(1.0, t::HAIR));
        }
        egui::Frame::NONE
            .inner_margin(egui::Margin::symmetric(16, 10))
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                text::block(ui, &question.asks, f::strong(), t::VALUE, sz(18.0));
                let source = text::block(ui, &question.source, f::small(), t::LABEL, sz(18.0));
                let files = question.files.join("\n");
                let place = ui.interact(
                    source,
                    ui.scope_id().with(("files", question.id)),
                    egui::Sense::hover(),
                );
                widget::hover(place, &files);
                ui.add_space(sz(6.0));
                head(ui, &question.sides);
                for row in &question.rows {
                    field(ui, question, row);
                }
                for note in question
                    .sides
                    .iter()
                    .map(|s| &s.note)
                    .chain([&question.note])
                    .filter(|n| !n.is_empty())
                {
                    ui.add_space(sz(4.0));
                    text::block(ui, note, f::small(), t::BODY, sz(16.0));
                }
                ui.add_space(sz(10.0));
                let pending = self.pending.as_mut().filter(|p| p.question == question.id);
                match pending {
                    Some(pending) => {
                        if reason(ui, question, pending, out) {
                            self.pending = None;
                        }
                    }
                    None => {
                        if let Some(answer) = answers(ui, question) {
                            self.pending = Some(Pending {
                                question: question.id,
                                answer,
                                reason: String::new(),
                                fresh: true,
                            });
                        }
                    }
                }
            });
    }
}

/// Left edges and width of the two value columns in `rect`.
fn columns(rect: Rect) -> ([f32; 2], f32) {
    let from = rect.left() + sz(FIELD);
    let gap = 12.0;
    let width = ((rect.right() - from - gap) / 2.0).max(40.0);
    ([from, from + width + gap], width)
}

/// Who stands in which column, and whether the archive has them.
fn head(ui: &mut Ui, sides: &[IdentityColumn; 2]) {
    let width = ui.available_width();
    let (_, width) = columns(Rect::from_min_size(pos2(0.0, 0.0), vec2(width, 1.0)));
    let galleys = sides.each_ref().map(|side| {
        let p = ui.painter();
        [
            text::paragraph(
                p,
                &side.title,
                f::small_medium(),
                t::VALUE,
                width,
                2,
                sz(16.0),
            ),
            text::paragraph(p, &side.place, f::small(), t::LABEL, width, 3, sz(16.0)),
        ]
    });
    let height = galleys
        .iter()
        .map(|[a, b]| a.size().y + b.size().y)
        .fold(0.0, f32::max);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height + sz(6.0)));
    let (lefts, width) = columns(rect);
    for ((x, side), [title, place]) in lefts.into_iter().zip(sides).zip(galleys) {
        let under = rect.top() + title.size().y;
        ui.painter().galley(pos2(x, rect.top()), title, t::VALUE);
        ui.painter().galley(pos2(x, under), place, t::LABEL);
        let spot = Rect::from_min_size(pos2(x, rect.top()), vec2(width, height));
        let words = format!("{}: {}, {}", side.title, side.short, side.place);
        text::spoken(ui, ("side", &side.title), spot, &words);
    }
    ui.painter().hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
}

const fn name(field: IdentityField) -> &'static str {
    match field {
        IdentityField::FamilyName => "identity.family",
        IdentityField::GivenName => "identity.given",
        IdentityField::BirthDate => "identity.born",
        IdentityField::Sex => "identity.sex",
        IdentityField::Identifiers => "identity.identifiers",
    }
}

/// One field of both. What differs says so in a word, and stands out by weight and ground.
fn field(ui: &mut Ui, question: &IdentityCard, row: &IdentityRow) {
    let differs = row.agreement == Agreement::Differs;
    let wide = ui.available_width();
    let (_, width) = columns(Rect::from_min_size(pos2(0.0, 0.0), vec2(wide, 1.0)));
    let words = row.values.each_ref().map(said);
    let galleys = row.values.each_ref().map(|cell| {
        let (font, ink) = match (cell.text.is_empty(), differs) {
            (true, _) => (f::body(), t::FAINT),
            (false, true) => (f::value(), t::VALUE),
            (false, false) => (f::body(), t::BODY),
        };
        text::paragraph(ui.painter(), &said(cell), font, ink, width, 6, sz(18.0))
    });
    let height = galleys.iter().map(|g| g.size().y).fold(0.0, f32::max);
    let cut = galleys.iter().any(|g| g.elided);
    let pad = sz(3.0);
    let (_, rect) = ui.allocate_space(vec2(wide, height + 2.0 * pad));
    let p = ui.painter().clone();
    if differs {
        p.rect_filled(rect.expand2(vec2(6.0, 0.0)), 0.0, t::RAISED);
    }
    let y = rect.top() + pad + sz(9.0);
    let end = text::left(&p, rect.left(), y, w(name(row.field)), f::small(), t::LABEL).right();
    if differs {
        let mark = w("identity.differs");
        text::left(&p, end + 6.0, y, mark, f::small_medium(), t::VALUE);
    }
    let (lefts, _) = columns(rect);
    for (x, galley) in lefts.into_iter().zip(galleys) {
        p.galley(pos2(x, rect.top() + pad), galley, t::BODY);
    }
    let [a, b] = &question.sides;
    let state = if differs { w("identity.differs") } else { "" };
    let spoken = wf(
        "identity.row",
        &[
            ("field", &w(name(row.field))),
            ("state", &state),
            ("one", &format!("{} {}", a.title, words[0])),
            ("other", &format!("{} {}", b.title, words[1])),
        ],
    );
    let response = text::spoken(ui, ("field", question.id, name(row.field)), rect, &spoken);
    if cut {
        let whole = format!("{}: {}\n{}: {}", a.title, words[0], b.title, words[1]);
        widget::hover(response, &whole);
    }
}

fn said(cell: &Cell) -> String {
    match (cell.text.is_empty(), cell.from_record) {
        (true, _) => w("identity.silent").to_owned(),
        (false, true) => wf("identity.from_record", &[("value", &cell.text)]),
        (false, false) => cell.text.clone(),
    }
}

const fn words(answer: IdentityAnswer) -> [&'static str; 2] {
    match answer {
        IdentityAnswer::OnePerson => ["identity.one_person", "identity.one_person_means"],
        IdentityAnswer::Apart => ["identity.apart", "identity.apart_means"],
        IdentityAnswer::OwnRecord => ["identity.own_record", "identity.own_record_means"],
    }
}

/// The buttons; the answer that was chosen. They look alike.
fn answers(ui: &mut Ui, question: &IdentityCard) -> Option<IdentityAnswer> {
    let mut chosen = None;
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), sz(t::BUTTON)));
    let mut x = rect.left();
    for option in &question.answers {
        let [key, means] = words(option.answer);
        let width = widget::button_width(ui, w(key));
        let place = Rect::from_min_size(pos2(x, rect.top()), vec2(width, rect.height()));
        x += width + 8.0;
        let mut part = widget::part(ui, ("answer", question.id, key), rect.expand(4.0));
        let refused = !option.refused.is_empty();
        if refused {
            part.disable();
        }
        let id = Id::unique(("answer identity", question.id, key));
        let response = widget::button_at(&part, id, place, w(key), Weight::Plain);
        if response.gained_focus() {
            response.scroll_to_me(None);
        }
        let hint = if refused {
            option.refused.as_str()
        } else {
            w(means)
        };
        if widget::hover(response, hint).clicked() && !refused {
            chosen = Some(option.answer);
        }
    }
    for option in question.answers.iter().filter(|o| !o.refused.is_empty()) {
        ui.add_space(sz(4.0));
        text::block(ui, &option.refused, f::small(), t::LABEL, sz(16.0));
    }
    chosen
}

/// The reason, and Confirm when there is one; true when this is over.
fn reason(ui: &mut Ui, question: &IdentityCard, pending: &mut Pending, out: &mut Out) -> bool {
    let [_, means] = words(pending.answer);
    text::block(ui, w(means), f::body(), t::BODY, sz(18.0));
    ui.add_space(sz(6.0));
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(28.0)));
    let id = Id::unique(("identity reason", question.id));
    let typed = widget::field(
        ui,
        id,
        place,
        &mut pending.reason,
        w("identity.reason"),
        None,
    );
    typed.widget_info(|| WidgetInfo {
        label: Some(w("identity.reason").to_owned()),
        ..WidgetInfo::text_edit(true, "", &pending.reason, "")
    });
    if std::mem::take(&mut pending.fresh) {
        typed.request_focus();
        ui.scroll_to_rect(place.expand(sz(40.0)), None);
    }
    let entered = typed.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let left = ui.input(|i| i.key_pressed(Key::Escape));
    ui.add_space(sz(8.0));
    let (_, row) = ui.allocate_space(vec2(ui.available_width(), sz(t::BUTTON)));
    let ready = pending.is_ready();
    let mut x = row.left();
    let mut pressed = [false; 2];
    for (pressed, (key, weight, enabled)) in pressed.iter_mut().zip([
        ("identity.confirm", Weight::Main, ready),
        ("identity.cancel", Weight::Plain, true),
    ]) {
        let width = widget::button_width(ui, w(key));
        let place = Rect::from_min_size(pos2(x, row.top()), vec2(width, row.height()));
        x += width + 8.0;
        let mut part = widget::part(ui, ("reason", question.id, key), row.expand(4.0));
        if !enabled {
            part.disable();
        }
        let id = Id::unique(("identity", question.id, key));
        *pressed = widget::button_at(&part, id, place, w(key), weight).clicked();
    }
    if !ready {
        let place = Rect::from_min_max(pos2(x + 4.0, row.top()), row.max);
        text::label(
            ui,
            ("needs", question.id),
            place,
            w("identity.needs_reason"),
            f::small(),
            t::LABEL,
            Align::Min,
        );
    }
    let [confirmed, cancelled] = pressed;
    if ready && (confirmed || entered) {
        out.send(Command::AnswerIdentity {
            question: question.id,
            answer: pending.answer,
            reason: pending.reason.trim().to_owned(),
        });
        return true;
    }
    cancelled || left
}

/// What the status bar says of open questions; empty where there is none.
pub(super) fn status(questions: &[IdentityCard]) -> String {
    if questions.is_empty() {
        return String::new();
    }
    plural(questions.len(), "identity.status_one", "identity.status")
}
