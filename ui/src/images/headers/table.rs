//! The table of the browser: where its columns stand, its head with counts, one row with what differs.

use egui::{Id, Rect, Role, ScrollArea, Sense, Stroke, Ui, vec2};
use triptych_workbench::browse::HeaderEntry;

use super::Named;
use super::rows::{Made, Row};
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::words::{count, w, wf};

/// Left edges of the columns and the room of a value.
pub(super) struct Columns {
    tag: f32,
    vr: f32,
    name: f32,
    values: [f32; 2],
    room: [f32; 3],
}

impl Columns {
    pub fn of(list: Rect, two: bool) -> Self {
        let left = list.left() + 24.0;
        let vr = left + sz(112.0);
        let name = vr + sz(30.0);
        let first = name + (list.width() * 0.22).clamp(sz(90.0), sz(230.0));
        let room = list.right() - 16.0 - first;
        let each = if two { room / 2.0 } else { room };
        Self {
            tag: left,
            vr,
            name,
            values: [first, first + each],
            room: [vr - left - 4.0, first - name - 8.0, each - 10.0],
        }
    }
}

impl Made {
    pub fn head(&self, ui: &Ui, head: Rect, columns: &Columns, of: &str, beside: Option<&Named>) {
        let p = ui.painter().with_clip_rect(head);
        let (top, low) = (head.top() + sz(10.0), head.top() + sz(28.0));
        let elements = self.rows.iter().filter(|r| {
            let entry = self.entry(r);
            entry.is_some_and(|e| e.item == 0)
        });
        let mut said = wf("headers.count", &[("n", &count(elements.count()))]);
        if self.right.is_some() {
            let differ = self.rows.iter().filter(|r| r.differs).count();
            said = format!(
                "{said} · {}",
                wf("headers.differ", &[("n", &count(differ))])
            );
        }
        if self.shown.len() < self.rows.len() {
            let shown = count(self.shown.len());
            said = format!("{said} · {}", wf("headers.shown", &[("n", &shown)]));
        }
        let left_out = self.left.left_out + self.right.as_ref().map_or(0, |r| r.left_out);
        if left_out > 0 {
            said = format!(
                "{said} · {}",
                wf("headers.left_out", &[("n", &count(left_out))])
            );
        }
        let room = columns.values[0] - columns.tag - 8.0;
        let galley = text::line(&p, &said, f::small(), t::LABEL, room);
        text::put(&p, galley, columns.tag, top);
        text::spoken(ui, "headers count", head, &said);
        for (x, words) in [
            (columns.tag, w("headers.tag")),
            (columns.vr, w("headers.vr")),
            (columns.name, w("headers.element")),
        ] {
            text::left(&p, x, low, words, f::small_medium(), t::LABEL);
        }
        let names = [Some(of), beside.map(|b| b.1.as_str())];
        for (x, name) in columns.values.into_iter().zip(names) {
            if let Some(name) = name {
                let galley = text::line(&p, name, f::small_medium(), t::VALUE, columns.room[2]);
                text::put(&p, galley, x, low);
            }
        }
        let line = Stroke::new(1.0, t::HAIR);
        p.hline(head.x_range(), head.bottom() - 0.5, line);
    }

    pub fn table(&self, ui: &mut Ui, place: Rect, columns: &Columns) {
        let high = sz(20.0);
        if self.shown.is_empty() {
            let at = place.center();
            let words = w("headers.nothing");
            text::center(ui.painter(), at.x, at.y, words, f::body(), t::LABEL);
            return;
        }
        let mut part = widget::part(ui, "headers rows", place);
        ScrollArea::vertical().auto_shrink(false).show_rows(
            &mut part,
            high,
            self.shown.len(),
            |ui, range| {
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                for k in self.shown.get(range).unwrap_or_default() {
                    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), high));
                    if let Some(row) = self.rows.get(*k) {
                        self.row(ui, rect, *k, row, columns);
                    }
                }
            },
        );
    }

    fn row(&self, ui: &Ui, rect: Rect, k: usize, row: &Row, columns: &Columns) {
        let Some(entry) = self.entry(row) else { return };
        let p = ui.painter();
        let y = rect.center().y;
        let two = self.right.is_some();
        let step = f32::from(entry.depth) * 10.0;
        let put = |x: f32, words: &str, ink, room: f32| {
            let galley = text::line(p, words, f::small(), ink, room);
            text::put(p, galley, x, y);
        };
        if row.differs {
            put(rect.left() + 8.0, "\u{2260}", t::AMBER, 14.0);
        }
        let (tag, name) = if entry.item > 0 {
            let words = wf("headers.item", &[("n", &entry.item)]);
            (words, String::new())
        } else if entry.is_private() && entry.tag[1] > 0xFF && !entry.name.is_empty() {
            let name = wf("headers.private", &[("by", &entry.name)]);
            (entry.tag_words(), name)
        } else if entry.name.is_empty() {
            (entry.tag_words(), w("headers.unknown").to_owned())
        } else {
            (entry.tag_words(), entry.name.clone())
        };
        let ink = if entry.is_private() { t::BLUE } else { t::BODY };
        put(columns.tag + step, &tag, t::LABEL, columns.room[0] - step);
        put(columns.vr, &entry.vr, t::FAINT, 24.0);
        put(columns.name, &name, ink, columns.room[1]);
        let values = self.values(row).map(|e| e.map(value_words));
        let ink = if row.differs { t::AMBER } else { t::VALUE };
        let mut said = vec![tag, entry.vr.clone(), name];
        for (k, value) in values.iter().enumerate().take(if two { 2 } else { 1 }) {
            match value {
                Some(value) => put(columns.values[k], value, ink, columns.room[2]),
                None => put(
                    columns.values[k],
                    w("headers.absent"),
                    t::FAINT,
                    columns.room[2],
                ),
            }
            let words = value.as_deref().unwrap_or(w("headers.absent"));
            said.push(words.to_owned());
        }
        if row.differs {
            said.push(w("headers.differs").to_owned());
        }
        said.retain(|s| !s.is_empty());
        let said = said.join(" · ");
        let response = ui.interact(rect, Id::unique(("header row", k)), Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(Role::Label, true, &said));
        // What does not fit is read below the pointer, and a click takes it along.
        if widget::hover(response, &said).clicked() {
            ui.ctx().copy_text(said);
        }
    }
}

/// What stands in the column of a value.
fn value_words(entry: &HeaderEntry) -> String {
    let value = entry.value.replace(['\r', '\n'], " ");
    match (entry.cut, value.is_empty()) {
        (false, _) => value,
        (true, true) => wf("headers.bytes", &[("n", &count_of(entry.bytes))]),
        (true, false) => {
            let bytes = wf("headers.bytes", &[("n", &count_of(entry.bytes))]);
            format!("{value} … ({bytes})")
        }
    }
}

fn count_of(bytes: u64) -> String {
    count(usize::try_from(bytes).unwrap_or(usize::MAX))
}
