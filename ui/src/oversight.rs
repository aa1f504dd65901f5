//! How rules fare, month by month (D-29): shows, acknowledgements and decisions, those for review first. Counts only; nothing is muted here.

use egui::{Align, Id, Key, Modifiers, Rect, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::Command;
use triptych_workbench::view::{RuleCount, RuleCounts};

use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::palette::{floating, veil};
use crate::words::{count, w, wf};

const WIDTH: f32 = 880.0;
/// Width of a column of counts, and of the last one with the share.
const COLUMN: f32 = 76.0;
const SHARE: f32 = 104.0;

/// Heads of the counts of rules and of pathways.
const RULES: [&str; 5] = [
    "oversight.shown",
    "oversight.useful",
    "oversight.known",
    "oversight.not_useful",
    "oversight.wrong",
];
const PATHWAYS: [&str; 3] = [
    "oversight.accepted",
    "oversight.declined",
    "oversight.deferred",
];

/// The open sheet.
#[derive(Debug, Default)]
pub(crate) struct Oversight {
    shown: bool,
}

impl Oversight {
    /// Draws it over `middle`; true when it is to close.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        middle: Rect,
        counts: Option<&RuleCounts>,
        out: &mut Out,
    ) -> bool {
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            return true;
        }
        veil(ui, middle);
        let width = WIDTH.min(middle.width() - 32.0);
        let place = Rect::from_min_max(
            pos2(
                (middle.center().x - width / 2.0).round(),
                middle.top() + 24.0,
            ),
            pos2(
                (middle.center().x + width / 2.0).round(),
                middle.bottom() - 24.0,
            ),
        );
        let mut close = false;
        egui::Area::new(Id::unique("oversight"))
            .order(egui::Order::Foreground)
            .fixed_pos(place.min)
            .show(ui.ctx(), |ui| {
                ui.set_clip_rect(place.expand(8.0));
                let mut ui = widget::region(ui, "oversight", place, w("oversight.name"));
                close = body(&mut ui, place, counts, out);
            });
        let outside = ui.input(|i| {
            i.pointer.any_pressed() && i.pointer.interact_pos().is_some_and(|p| !place.contains(p))
        });
        let close = close || (outside && self.shown);
        self.shown = true;
        close
    }
}

/// True when it is to close.
fn body(ui: &mut Ui, place: Rect, counts: Option<&RuleCounts>, out: &mut Out) -> bool {
    floating(ui, place);
    let close = head(ui, place, counts, out);
    let foot = Rect::from_min_max(pos2(place.left(), place.bottom() - sz(52.0)), place.max);
    let list = Rect::from_min_max(place.min + vec2(0.0, sz(52.0)), foot.right_top());
    let p = ui.painter();
    for y in [list.top(), foot.top()] {
        p.hline(place.x_range(), y.round() + 0.5, Stroke::new(1.0, t::LINE));
    }
    let words = w("oversight.foot");
    let room = foot.width() - 32.0;
    let galley = text::paragraph(p, words, f::small(), t::LABEL, room, 2, sz(16.0));
    p.galley(foot.min + vec2(16.0, 10.0), galley, t::LABEL);
    text::spoken(ui, "oversight foot", foot, words);
    let Some(counts) = counts else {
        let c = list.center();
        text::center(
            ui.painter(),
            c.x,
            c.y,
            w("oversight.counting"),
            f::body(),
            t::LABEL,
        );
        return close;
    };
    if counts.rules.is_empty() && counts.pathways.is_empty() {
        let why = wf("oversight.empty_why", &[("month", &counts.month)]);
        widget::empty(ui, list, Icon::Text, w("oversight.empty"), &why);
        return close;
    }
    let mut area = widget::part(ui, "oversight rows", list.shrink2(vec2(0.0, 1.0)));
    ScrollArea::vertical()
        .id_salt("oversight")
        .auto_shrink(false)
        .show(&mut area, |ui| {
            table(ui, "oversight.rules", &RULES, &counts.rules, true);
            table(ui, "oversight.pathways", &PATHWAYS, &counts.pathways, false);
            ui.add_space(8.0);
        });
    close
}

/// Title, month with its neighbours, close. True when it is to close.
fn head(ui: &Ui, place: Rect, counts: Option<&RuleCounts>, out: &mut Out) -> bool {
    let y = place.top() + sz(26.0);
    let p = ui.painter();
    let title = text::left(
        p,
        place.left() + 16.0,
        y,
        w("oversight.name"),
        f::title(),
        t::VALUE,
    );
    let close = pos2(place.right() - 22.0, y);
    let id = Id::unique("close oversight");
    let closed = widget::tool_at(ui, id, close, Icon::Close, w("oversight.close"), false);
    let Some(counts) = counts else {
        return closed.clicked();
    };
    let mut right = close.x - 24.0;
    let steps = [
        ("oversight.after", counts.after.as_ref()),
        ("oversight.before", Some(&counts.before)),
    ];
    for (key, month) in steps {
        let Some(month) = month else { continue };
        let name = wf(key, &[("month", &month)]);
        let width = text::width(p, month, f::small());
        right -= width;
        let link = widget::link_at(ui, Id::unique(key), right, y, month);
        if widget::hover(link, &name).clicked() {
            out.send(Command::CountRules(Some(month.clone())));
        }
        right -= 16.0;
    }
    let words = wf("oversight.month", &[("month", &counts.month)]);
    let room = Rect::from_min_max(pos2(title.right() + 16.0, y - 10.0), pos2(right, y + 10.0));
    text::label(
        ui,
        "oversight month",
        room,
        &words,
        f::small(),
        t::LABEL,
        Align::Min,
    );
    closed.clicked()
}

/// Right edges of the columns of counts, and of the share.
fn columns(place: Rect, n: usize, share: bool) -> Vec<f32> {
    let last = place.right() - 16.0 - if share { sz(SHARE) } else { 0.0 };
    (0..n)
        .map(|i| last - sz(COLUMN) * (n - 1 - i) as f32)
        .collect()
}

fn table(
    ui: &mut Ui,
    title: &'static str,
    heads: &[&'static str],
    rows: &[RuleCount],
    share: bool,
) {
    if rows.is_empty() {
        return;
    }
    ui.add_space(6.0);
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(t::LAB)));
    let p = ui.painter();
    let y = place.center().y;
    text::left(
        p,
        place.left() + 16.0,
        y,
        w(title),
        f::small_medium(),
        t::LABEL,
    );
    for (head, x) in heads.iter().zip(columns(place, heads.len(), share)) {
        text::right(p, x, y, w(head), f::small(), t::LABEL);
    }
    if share {
        let x = place.right() - 16.0;
        text::right(p, x, y, w("oversight.share"), f::small(), t::LABEL);
    }
    for row in rows {
        rule(ui, row, heads, share);
    }
}

fn rule(ui: &mut Ui, row: &RuleCount, heads: &[&'static str], share: bool) {
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(t::LIST)));
    let numbers: Vec<u32> = if share {
        vec![row.shown, row.useful, row.known, row.not_useful, row.wrong]
    } else {
        vec![row.accepted, row.declined, row.deferred]
    };
    let p = ui.painter();
    p.hline(
        place.x_range().shrink(16.0),
        place.top().round() + 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let y = place.center().y;
    let mut said: Vec<String> = Vec::new();
    let edges = columns(place, numbers.len(), share);
    for ((n, x), head) in numbers.iter().zip(&edges).zip(heads) {
        let written = count(*n as usize);
        let ink = if *n == 0 { t::FAINT } else { t::VALUE };
        text::right(p, *x, y, &written, f::value(), ink);
        said.push(wf("oversight.cell", &[("head", &w(head)), ("n", &written)]));
    }
    if share {
        let x = place.right() - 16.0;
        match row.not_useful_percent {
            Some(percent) => {
                let ink = if row.flagged { t::AMBER } else { t::VALUE };
                let written = format!("{percent:.1}");
                text::right(p, x, y, &written, f::value(), ink);
                said.push(wf(
                    "oversight.cell",
                    &[("head", &w("oversight.share")), ("n", &written)],
                ));
            }
            None => {
                text::right(p, x, y, w("oversight.few"), f::small(), t::FAINT);
            }
        }
    }
    let mut x = place.left() + 16.0;
    let end = edges.first().map_or(place.right(), |e| e - sz(COLUMN));
    if row.flagged {
        Icon::Warning.paint(p, pos2(x + 6.0, y), sz(13.0), t::AMBER);
        let words = w("oversight.review");
        x = text::left(p, x + 18.0, y, words, f::small_medium(), t::VALUE).right() + 10.0;
        said.push(words.to_owned());
    }
    let title = if row.title.is_empty() {
        &row.rule
    } else {
        &row.title
    };
    let name = text::line(p, title, f::body(), t::BODY, (end - x).max(40.0));
    let cut = name.elided;
    let drawn = text::put(p, name, x, y);
    let room = end - drawn.right() - 8.0;
    if !row.title.is_empty() && text::width(p, &row.rule, f::small()) <= room {
        text::left(p, drawn.right() + 8.0, y, &row.rule, f::small(), t::FAINT);
    }
    let spoken = wf(
        "oversight.row",
        &[
            ("title", &row.title),
            ("rule", &row.rule),
            ("counts", &said.join(", ")),
        ],
    );
    let response = text::spoken(ui, ("oversight row", &row.rule), place, &spoken);
    if cut || !row.title.is_empty() {
        widget::hover(response, &format!("{title} · {}", row.rule));
    }
}
