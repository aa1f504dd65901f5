//! For and against: what images, labs and notes say of a card or of a hypothesis, each statement with date, source and a jump there.

use egui::{Id, Rect, Role, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{Side, Statement, Weighing};

use crate::look::icon::Icon;
use crate::look::mark::{self, Weight};
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{count, plural, w, wf};

const COLUMNS: [&str; 3] = ["weigh.images", "weigh.labs", "weigh.notes"];

/// Width from which the columns stand side by side; in a narrower leaf they stand one under the other, in the same order.
const SIDE_BY_SIDE: f32 = 520.0;

/// The three columns at the cursor of `ui`.
pub(super) fn show(ui: &mut Ui, weighing: &Weighing, out: &mut Out) {
    let said: usize = weighing.columns.iter().map(Vec::len).sum();
    let note = plural(said, "weigh.statements_one", "weigh.statements");
    widget::group_head(ui, w("weigh.title"), &note, false);
    if ui.available_width() >= SIDE_BY_SIDE {
        ui.columns(3, |columns| {
            for (k, ui) in columns.iter_mut().enumerate() {
                column(ui, k, weighing, out);
            }
        });
    } else {
        for k in 0..COLUMNS.len() {
            column(ui, k, weighing, out);
        }
    }
    if !weighing.needs.is_empty() {
        let words = wf("weigh.needs", &[("needs", &weighing.needs.join(", "))]);
        egui::Frame::NONE
            .inner_margin(egui::Margin::symmetric(12, 4))
            .show(ui, |ui| {
                text::block(ui, &words, f::small(), t::LABEL, sz(16.0));
            });
    }
    ui.add_space(8.0);
}

fn column(ui: &mut Ui, k: usize, weighing: &Weighing, out: &mut Out) {
    let (Some(title), Some(list)) = (COLUMNS.get(k), weighing.columns.get(k)) else {
        return;
    };
    let (_, head) = ui.allocate_space(vec2(ui.available_width(), sz(22.0)));
    let p = ui.painter();
    text::left(
        p,
        head.left() + 12.0,
        head.center().y,
        w(title),
        f::small_medium(),
        t::BODY,
    );
    let note = if list.is_empty() {
        w("weigh.silent").to_owned()
    } else {
        count(list.len())
    };
    // Silence is said, so that it is not read as an answer (D-04).
    text::right(
        p,
        head.right() - 12.0,
        head.center().y,
        &note,
        f::small(),
        t::LABEL,
    );
    text::spoken(ui, ("column", k), head, &format!("{}: {note}", w(title)));
    for (i, statement) in list.iter().enumerate() {
        show_statement(ui, (k, i), statement, out);
    }
    ui.add_space(4.0);
}

const fn side_word(side: Side) -> &'static str {
    match side {
        Side::For => "weigh.for",
        Side::Against => "weigh.against",
        Side::Explains => "weigh.explains",
    }
}

fn show_statement(ui: &mut Ui, at: (usize, usize), statement: &Statement, out: &mut Out) {
    let width = ui.available_width();
    let room = width - 66.0;
    let when = if statement.date.is_empty() {
        w("weigh.no_date")
    } else {
        &statement.date
    };
    let unconfirmed = if statement.unconfirmed {
        w("weigh.unconfirmed")
    } else {
        ""
    };
    let notes: Vec<&str> = [
        w(side_word(statement.side)),
        when,
        &statement.source,
        unconfirmed,
    ]
    .into_iter()
    .filter(|s| !s.is_empty())
    .collect();
    let notes = notes.join(" · ");
    let p = ui.painter().clone();
    let words = text::paragraph(
        &p,
        &statement.words,
        f::small(),
        t::VALUE,
        room,
        6,
        sz(16.0),
    );
    let second = text::paragraph(&p, &notes, f::small(), t::LABEL, room, 2, sz(16.0));
    let height = words.size().y + second.size().y + 8.0;
    let (_, place) = ui.allocate_space(vec2(width, height.max(sz(24.0))));
    let jump = statement.target.is_some();
    let name = format!("{}. {notes}", statement.words);
    let role = if jump { Role::Button } else { Role::Label };
    let response = widget::clickable(ui, Id::unique(("statement", at)), place, role, &name);
    if jump {
        widget::row_ground(ui, place, &response, false);
    }
    let frame = Rect::from_min_max(
        pos2(place.left() + 12.0, place.top() + 1.0),
        pos2(place.right() - 12.0, place.bottom() - 1.0),
    );
    if statement.unconfirmed {
        mark::dashed_rect(&p, frame, Stroke::new(1.0, t::LINE), 3.0, 3.0);
    }
    let sign = pos2(frame.left() + 10.0, place.top() + 4.0 + sz(8.0));
    match statement.side {
        Side::For => mark::weight(&p, sign, Weight::Supports),
        Side::Against => mark::weight(&p, sign, Weight::Against),
        Side::Explains => Icon::Jump.paint(&p, sign, sz(10.0), t::LABEL),
    }
    let elided = words.elided || second.elided;
    let x = frame.left() + 22.0;
    let below = place.top() + 4.0 + words.size().y;
    p.galley(pos2(x, place.top() + 4.0), words, t::VALUE);
    p.galley(pos2(x, below), second, t::LABEL);
    let clicked = response.clicked();
    if elided {
        widget::hover(response, &name);
    }
    if clicked && let Some(target) = &statement.target {
        out.jump = Some(target.clone());
    }
}
