//! Labs: groups in stable order, newest value with unit, mark, sparkline and age; the selected row's trend below or beside.

use std::collections::BTreeSet;

use egui::{Id, Key, Modifiers, Rect, Role, ScrollArea, Stroke, Ui, WidgetInfo, pos2, vec2};
use triptych_workbench::StudyUid;
use triptych_workbench::view::{FormerValue, LabRow, Mark, PatientView, Target, Variation};

use super::{Record, Scroll, chart, grid, history, lab_rows, notes, spark};
use crate::desk::Layout;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::{Out, Targets};
use crate::timeline::axis;
use crate::words::{w, wf};

/// A line of the table: group head, row, or an earlier value of the same time.
enum Line<'a> {
    Head(&'a str, String, bool),
    Row {
        row: &'a LabRow,
        group_date: &'a str,
        same_time: Option<usize>,
    },
    /// A result that was taken back and has no row left to stand in.
    Former(&'a FormerValue),
}

impl Line<'_> {
    fn height(&self, row: f32) -> f32 {
        match self {
            Self::Head(..) => sz(t::GROUP_HEAD),
            Self::Row { .. } | Self::Former(_) => row,
        }
    }
}

fn lines(patient: &PatientView, abnormal_first: bool) -> Vec<Line<'_>> {
    let mut out = Vec::new();
    let outside: Vec<&LabRow> = if abnormal_first {
        let rows = patient.labs.iter().flat_map(|g| &g.rows);
        rows.filter(|r| r.mark.is_outside()).collect()
    } else {
        Vec::new()
    };
    if !outside.is_empty() {
        out.push(Line::Head(
            w("labs.outside_head"),
            outside.len().to_string(),
            true,
        ));
        out.extend(outside.iter().map(|row| Line::Row {
            row,
            group_date: "",
            same_time: None,
        }));
    }
    for (i, group) in patient.labs.iter().enumerate() {
        let i = i + outside.len();
        let note = [group.date.as_str(), group.age.as_str()]
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join(" · ");
        out.push(Line::Head(&group.title, note, i == 0));
        for row in group
            .rows
            .iter()
            .filter(|r| !(abnormal_first && r.mark.is_outside()))
        {
            out.push(Line::Row {
                row,
                group_date: &group.date,
                same_time: None,
            });
            // Two results with one time stand in two rows.
            let newest = row.points.last().map(|p| p.at);
            for (k, point) in row.points.iter().enumerate().rev().skip(1) {
                if Some(point.at) != newest || point.fact == row.fact {
                    break;
                }
                out.push(Line::Row {
                    row,
                    group_date: &group.date,
                    same_time: Some(k),
                });
            }
        }
    }
    let rows: BTreeSet<&str> = lab_rows(patient).map(|r| r.key.as_str()).collect();
    let gone = patient.former.iter();
    let gone = gone.filter(|(key, _)| !rows.contains(key.as_str()));
    let mut gone: Vec<&FormerValue> = gone.flat_map(|(_, values)| values).collect();
    if !gone.is_empty() {
        gone.sort_by(|a, b| (&a.name, b.at.instant).cmp(&(&b.name, a.at.instant)));
        let n = gone.len().to_string();
        out.push(Line::Head(w("labs.taken_back"), n, out.is_empty()));
        out.extend(gone.into_iter().map(Line::Former));
    }
    out
}

/// `0.50 – 1.10`, `no interval`, and air before it.
const INTERVAL: f32 = 78.0;

/// Where the columns of a table stand, by its width.
#[derive(Clone, Copy)]
struct Columns {
    name: f32,
    value: f32,
    unit: f32,
    mark: f32,
    /// Sparkline; `None` where the leaf is too narrow.
    spark: Option<(f32, f32)>,
    variation: f32,
    /// The wide table: interval, collected, age, change.
    wide: Option<Wide>,
}

#[derive(Clone, Copy)]
struct Wide {
    interval: f32,
    collected: Option<f32>,
    age: f32,
    change: Option<f32>,
}

impl Columns {
    fn of(rect: Rect) -> Self {
        let (l, width) = (rect.left(), rect.width());
        if width >= 520.0 {
            let change = (width >= 640.0).then_some(rect.right() - 44.0);
            let right = change.map_or(rect.right() - 40.0, |c| c - 64.0);
            let spark_w = match width {
                w if w > 860.0 => 134.0,
                w if w >= 640.0 => 96.0,
                _ => 80.0,
            };
            let spark = (right - spark_w, right);
            let age = spark.0 - 14.0;
            let collected = (width >= 760.0).then_some(age - 128.0);
            let mark = collected.map_or(age - 66.0, |c| c - 22.0);
            let (value, interval) = (
                l + sz(if change.is_some() { 216.0 } else { 190.0 }),
                mark - 16.0,
            );
            return Self {
                name: l + t::PAD_LEFT,
                value,
                // Up to the interval, which stands to the right.
                unit: (interval - sz(INTERVAL) - value).clamp(20.0, 104.0),
                mark,
                spark: Some(spark),
                variation: rect.right() - 22.0,
                wide: Some(Wide {
                    interval,
                    collected,
                    age,
                    change,
                }),
            };
        }
        let value = l + (width * 0.49).min(sz(166.0).max(width * 0.43));
        let room = rect.right() - 26.0;
        let mark = value + sz(66.0);
        let spark =
            (width >= 300.0).then_some((room - (width * 0.24).min(room - mark - 12.0), room));
        Self {
            name: l + t::PAD_LEFT,
            value,
            unit: sz(52.0),
            mark,
            spark,
            variation: rect.right() - 14.0,
            wide: None,
        }
    }
}

impl Record {
    /// The table alone.
    pub(super) fn labs(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        targets: &Targets,
        out: &mut Out,
    ) {
        let _ = out;
        if patient.labs.is_empty() && patient.former.is_empty() {
            widget::empty(ui, rect, Icon::Flask, w("labs.none"), w("labs.none_why"));
            return;
        }
        let columns = Columns::of(rect);
        let mut body = rect;
        if columns.wide.is_some() {
            table_head(
                ui,
                Rect::from_min_size(rect.min, vec2(rect.width(), sz(t::GROUP_HEAD))),
                &columns,
            );
            body.min.y += sz(t::GROUP_HEAD);
        }
        let height = if columns.wide.is_some() {
            sz(t::LAB)
        } else {
            sz(t::LAB_COMPACT)
        };
        let lines = lines(patient, self.abnormal_first);
        let now = spark::right_end(patient);
        let oldest = lab_rows(patient)
            .filter_map(|r| r.points.first())
            .map(|p| axis::days_of(&p.at))
            .fold(now, f64::min);
        self.row_keys(ui, patient);
        let scroll_to = match &self.scroll {
            Some(Scroll::Row(key)) => Some(key.clone()),
            _ => None,
        };
        let mut area = widget::part(ui, "labs", body);
        ScrollArea::vertical()
            .id_salt("labs")
            .auto_shrink(false)
            .show_viewport(&mut area, |ui, view| {
                let total: f32 = lines.iter().map(|l| l.height(height)).sum();
                ui.set_height(total);
                let top = ui.max_rect().top();
                let mut y = 0.0;
                for line in &lines {
                    let h = line.height(height);
                    let place =
                        Rect::from_min_size(pos2(rect.left(), top + y), vec2(rect.width(), h));
                    y += h;
                    if let (
                        Line::Row {
                            row,
                            same_time: None,
                            ..
                        },
                        Some(key),
                    ) = (line, &scroll_to)
                        && row.key == *key
                    {
                        ui.scroll_to_rect(place.expand2(vec2(0.0, 60.0)), None);
                        self.scroll = None;
                    }
                    if y < view.top() || y - h > view.bottom() {
                        continue;
                    }
                    match line {
                        Line::Head(title, note, first) => {
                            if columns.wide.is_some() {
                                ui.painter().rect_filled(place, 0.0, t::WINDOW);
                            }
                            widget::group_head_at(ui, place, title, note, *first);
                        }
                        Line::Former(former) => history::tombstone(ui, place, former, true),
                        Line::Row {
                            row,
                            group_date,
                            same_time,
                        } => {
                            let draw = RowDraw {
                                columns: &columns,
                                row,
                                group_date,
                                same_time: *same_time,
                                oldest,
                                now,
                            };
                            self.row(ui, place, &draw, targets);
                        }
                    }
                }
            });
    }

    fn row(&mut self, ui: &Ui, rect: Rect, draw: &RowDraw<'_>, targets: &Targets) {
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

    /// Up and down move the selected row while a row has focus or is selected by key.
    fn row_keys(&mut self, ui: &Ui, patient: &PatientView) {
        let Some(now) = self.selected.clone() else {
            return;
        };
        let focused = ui.memory(|m| m.focused());
        let ours = focused.is_some_and(|id| id == Id::unique(("lab", &now, None::<usize>)));
        if !ours {
            return;
        }
        let step = ui.input_mut(|i| {
            if i.consume_key(Modifiers::NONE, Key::ArrowDown) {
                1
            } else if i.consume_key(Modifiers::NONE, Key::ArrowUp) {
                -1
            } else {
                0isize
            }
        });
        let rows: Vec<&LabRow> = lab_rows(patient).collect();
        if step != 0
            && let Some(at) = rows.iter().position(|r| r.key == now)
            && let Some(next) = at.checked_add_signed(step).and_then(|i| rows.get(i))
        {
            self.selected = Some(next.key.clone());
            self.scroll = Some(Scroll::Row(next.key.clone()));
            ui.memory_mut(|m| m.request_focus(Id::unique(("lab", &next.key, None::<usize>))));
        }
    }

    /// Reading: labs over the newest report of the study on screen, or over the trend of the selected row. The split drags.
    #[allow(clippy::too_many_arguments, reason = "one call from one place")]
    pub(super) fn labs_over_report(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        layout: &mut Layout,
        study: Option<&StudyUid>,
        targets: &Targets,
        out: &mut Out,
    ) {
        let share = layout.reading.split.unwrap_or(0.645).clamp(0.2, 0.85);
        let y = (rect.top() + rect.height() * share).round();
        let upper = Rect::from_min_max(rect.min, pos2(rect.right(), y));
        let lower = Rect::from_min_max(pos2(rect.left(), y), rect.max);
        self.labs(ui, upper, patient, targets, out);
        ui.painter()
            .hline(rect.x_range(), y + 0.5, Stroke::new(1.0, t::LINE));
        let row = self
            .selected
            .as_ref()
            .and_then(|key| lab_rows(patient).find(|r| r.key == *key));
        match row {
            Some(row) => {
                let close = chart::head(
                    ui,
                    Rect::from_min_size(lower.min, vec2(lower.width(), sz(t::LEAF_HEAD))),
                    row,
                );
                let body = Rect::from_min_max(lower.min + vec2(0.0, sz(t::LEAF_HEAD)), lower.max);
                chart::trend(
                    ui,
                    body.shrink2(vec2(6.0, 2.0)),
                    row,
                    self.point,
                    chart::Size::Full,
                    None,
                );
                if close {
                    self.selected = None;
                }
            }
            None => notes::report(&mut self.report, ui, lower, patient, study, targets, out),
        }
        let grip = Rect::from_center_size(pos2(rect.center().x, y), vec2(rect.width(), 6.0));
        let response = ui.interact(
            grip,
            Id::unique("record split"),
            egui::Sense::click_and_drag(),
        );
        response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, w("leaf.grip")));
        let response = response.on_hover_and_drag_cursor(egui::CursorIcon::ResizeVertical);
        if response.double_clicked() {
            layout.reading.split = None;
        } else if response.dragged() && response.drag_delta().y != 0.0 {
            layout.reading.split = Some((y + response.drag_delta().y - rect.top()) / rect.height());
        }
    }

    /// Rounds: the table with all columns that fit, the trend beside it.
    pub(super) fn labs_beside_trend(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        targets: &Targets,
        out: &mut Out,
    ) {
        let table_w = if rect.width() >= 860.0 {
            rect.width() * 0.62
        } else {
            rect.width() * 0.55
        };
        let table = Rect::from_min_size(rect.min, vec2(table_w.round(), rect.height()));
        let detail = Rect::from_min_max(pos2(table.right(), rect.top()), rect.max);
        let tools = Rect::from_min_size(table.min, vec2(table.width(), sz(t::LEAF_HEAD)));
        self.lab_tools(ui, tools, patient);
        let table = Rect::from_min_max(pos2(table.left(), tools.bottom()), table.max);
        if self.grid {
            self.dates_as_columns(ui, table, patient);
        } else {
            self.labs(ui, table, patient, targets, out);
        }
        ui.painter().vline(
            detail.left().round() - 0.5,
            rect.y_range(),
            Stroke::new(1.0, t::HAIR),
        );
        self.detail(ui, detail, patient, out);
    }
}

impl Record {
    /// Rows or dates as columns, what is outside its interval first, and the table as text.
    fn lab_tools(&mut self, ui: &Ui, rect: Rect, patient: &PatientView) {
        let p = ui.painter();
        p.hline(
            rect.x_range(),
            rect.bottom() - 0.5,
            Stroke::new(1.0, t::HAIR),
        );
        let mut x = rect.left() + t::PAD_LEFT;
        let mut choice = |key: &'static str, on: bool| {
            let words = w(key);
            let width = text::width(p, words, f::small()) + 14.0;
            let place = Rect::from_min_max(
                pos2(x, rect.center().y - sz(10.0)),
                pos2(x + width, rect.center().y + sz(10.0)),
            );
            x = place.right() + 6.0;
            widget::choice_at(ui, Id::unique(("lab tool", key)), place, words, on).clicked()
        };
        if choice("labs.rows", !self.grid) {
            self.grid = false;
        }
        if choice("labs.columns", self.grid) {
            self.grid = true;
        }
        if !self.grid && choice("labs.abnormal_first", self.abnormal_first) {
            self.abnormal_first = !self.abnormal_first;
        }
        if choice("labs.copy", false) {
            ui.ctx().copy_text(grid::as_text(patient));
        }
        text::right(
            p,
            rect.right() - 10.0,
            rect.center().y,
            &wf("labs.count", &[("n", &lab_rows(patient).count())]),
            f::small(),
            t::LABEL,
        );
    }
}

struct RowDraw<'a> {
    columns: &'a Columns,
    row: &'a LabRow,
    group_date: &'a str,
    same_time: Option<usize>,
    oldest: f64,
    now: f64,
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

fn table_head(ui: &Ui, rect: Rect, c: &Columns) {
    let Some(wide) = c.wide else { return };
    let p = ui.painter();
    let y = rect.center().y;
    p.hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let left = |x, key| text::left(p, x, y, w(key), f::small_medium(), t::LABEL);
    let right = |x, key| text::right(p, x, y, w(key), f::small_medium(), t::LABEL);
    left(c.name, "labs.analyte");
    right(c.value, "labs.newest");
    right(wide.interval, "labs.interval_head");
    if let Some(x) = wide.collected {
        left(x, "labs.collected_head");
    }
    right(wide.age, "labs.age");
    if let Some((x, _)) = c.spark {
        left(x, "labs.course");
    }
    if let Some(x) = wide.change {
        right(x, "labs.change_head");
    }
}
