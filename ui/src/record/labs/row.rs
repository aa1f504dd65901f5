//! One row of the table of labs: value first, mark, sparkline and age, and what the pointer reads.

use egui::{Id, Rect, Role, Stroke, Ui, WidgetInfo, pos2};
use triptych_workbench::view::{LabRow, Mark, Target, Variation};

use super::columns::Columns;
use crate::look::typeface as f;
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Targets;
use crate::record::{Record, spark};
use crate::words::{w, wf};

/// A row and what it is drawn with.
pub(super) struct RowDraw<'a> {
    pub columns: &'a Columns,
    pub row: &'a LabRow,
    pub group_date: &'a str,
    pub same_time: Option<usize>,
    pub oldest: f64,
    pub now: f64,
}

impl Record {
    pub(super) fn row(&mut self, ui: &Ui, rect: Rect, draw: &RowDraw<'_>, targets: &Targets) {
        let row = draw.row;
        let c = draw.columns;
        let point = draw.same_time.and_then(|k| row.points.get(k));
        let value = point.map_or(row.value.as_str(), |p| p.written.as_str());
        let marked = point.map_or(row.mark, |p| p.mark);
        let name = wf(
            "labs.row",
            &[
                ("name", &row.name),
                ("value", &value),
                ("unit", &row.unit),
                ("mark", &row.mark_words),
                ("collected", &row.collected),
                ("age", &row.age),
            ],
        );
        let id = Id::unique(("lab", &row.key, draw.same_time));
        let selected = self.selected.as_deref() == Some(&row.key) && point.is_none();
        let response = ui.interact(rect, id, egui::Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &name));
        let number = targets
            .number(|target| matches!(target, Target::Lab { row: key, .. } if *key == row.key))
            .filter(|_| point.is_none());
        widget::row_ground(ui, rect, &response, selected || number.is_some());
        let p = ui.painter();
        if targets
            .current
            .as_ref()
            .is_some_and(|t| matches!(t, Target::Lab { row: key, .. } if *key == row.key))
            && point.is_none()
        {
            p.rect_stroke(
                rect,
                0.0,
                Stroke::new(1.0, t::ACCENT),
                egui::StrokeKind::Inside,
            );
        }
        if c.wide.is_some() {
            p.hline(
                rect.x_range(),
                rect.bottom() - 0.5,
                Stroke::new(1.0, t::HAIR),
            );
        }
        let y = rect.center().y;
        // Units are never cut: a long one moves its number to the left.
        let over = (text::width(p, &row.unit, f::small()) - c.unit).max(0.0);
        // Value first: the name gets what is left.
        let value_width = text::width(p, value, f::value());
        let right = c.value - over.min((c.value - c.name - 40.0 - value_width).max(0.0));
        let long = value_width > c.value - c.name - 60.0;
        let value_left = if long {
            c.name + 90.0
        } else {
            right - value_width
        };
        if long {
            let galley = text::line(p, value, f::value(), t::VALUE, c.mark - 10.0 - value_left);
            text::put(p, galley, value_left, y);
        } else {
            text::quantity(p, right, y, value, &row.unit, c.unit + over + 1.0);
        }
        let badge = if number.is_some() { 22.0 } else { 0.0 };
        let (words, indent, ink) = if point.is_some() {
            (w("labs.same_time"), 10.0, t::LABEL)
        } else {
            (
                row.name.as_str(),
                0.0,
                if c.wide.is_some() { t::VALUE } else { t::BODY },
            )
        };
        let room = value_left - c.name - indent - badge - 8.0;
        let fits = |words: &String| text::width(p, words, f::body()) <= room;
        let words = match row.calculated {
            // Under a row that says so.
            true if point.is_some() => words.to_owned(),
            true => Some(wf("labs.calculated", &[("name", &words)]))
                .filter(fits)
                .unwrap_or_else(|| wf("labs.calculated_short", &[("name", &words)])),
            false => words.to_owned(),
        };
        let galley = text::line(p, &words, f::body(), ink, room);
        let end = text::put(p, galley, c.name + indent, y).right();
        if let Some(number) = number {
            mark::target(p, pos2(end + 15.0, y), number, false);
        }
        mark::value(p, pos2(c.mark, y), marked);
        let old = row
            .collected
            .get(..10)
            .is_some_and(|d| d != draw.group_date);
        if let Some(wide) = c.wide {
            text::right(p, wide.interval, y, &row.interval, f::body(), t::LABEL);
            if let Some(x) = wide.collected {
                let date = row.collected.get(..10).unwrap_or(&row.collected);
                text::left(p, x, y, date, f::body(), t::BODY);
            }
            let ink = if old { t::VALUE } else { t::LABEL };
            text::right(p, wide.age, y, &row.age, f::body(), ink);
            if let (Some(x), None) = (wide.change, point) {
                text::right(p, x, y, &row.change_percent, f::body(), t::BODY);
            }
        }
        if let Some((x0, x1)) = c.spark {
            let place =
                Rect::from_min_max(pos2(x0, rect.top() + 3.0), pos2(x1, rect.bottom() - 3.0));
            if point.is_none() && spark::has_line(row) {
                spark::draw(p, place, row, draw.oldest, draw.now);
            } else if c.wide.is_none() {
                text::right(
                    p,
                    x1,
                    y,
                    &wf("labs.old", &[("age", &row.age)]),
                    f::small(),
                    t::LABEL,
                );
            }
        } else {
            text::right(p, rect.right() - 26.0, y, &row.age, f::small(), t::LABEL);
        }
        if point.is_none() {
            mark::variation(p, pos2(c.variation, y), row.variation);
        }
        widget::focus_ring(ui, &response, rect.shrink(4.0), t::RADIUS);
        let response = widget::hover(response, &hover_words(row, value, marked));
        if response.clicked() && ui.input(|i| i.modifiers.command) {
            self.pin(&row.key);
        } else if response.clicked() {
            self.selected = if selected {
                None
            } else {
                Some(row.key.clone())
            };
            self.point = point.map(|p| p.fact);
        }
    }
}

/// Value, unit, time and source in one pointer action (D-01).
fn hover_words(row: &LabRow, value: &str, mark: Mark) -> String {
    let mut lines = vec![
        format!("{} {value} {}", row.name, row.unit)
            .trim_end()
            .to_owned(),
        wf(
            "labs.collected",
            &[("at", &row.collected), ("age", &row.age)],
        ),
        wf("labs.interval", &[("interval", &row.interval)]),
    ];
    if mark != Mark::Within && !row.mark_words.is_empty() {
        lines.push(row.mark_words.clone());
    }
    if !row.change_percent.is_empty() {
        lines.push(wf("labs.change", &[("change", &row.change_percent)]));
    }
    if row.variation != Variation::None {
        lines.push(w("labs.beyond").to_owned());
    }
    if !row.source.is_empty() {
        lines.push(row.source.clone());
    }
    lines.join("\n")
}
