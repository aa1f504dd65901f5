//! Labs: groups in stable order, newest value with unit, mark, sparkline and age; the selected row's trend below or beside.

mod columns;
mod lines;
mod row;

use egui::{Id, Key, Modifiers, Rect, Role, ScrollArea, Stroke, Ui, WidgetInfo, pos2, vec2};
use triptych_workbench::StudyUid;
use triptych_workbench::view::{LabRow, PatientView};

use super::{Record, Scroll, chart, grid, history, lab_rows, notes, spark};
use crate::desk::Layout;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::{Out, Targets};
use crate::timeline::axis;
use crate::words::{w, wf};
use columns::{Columns, table_head};
use lines::{Line, lines};
use row::RowDraw;

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
