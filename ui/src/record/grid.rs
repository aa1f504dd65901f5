//! Results with dates as columns, the newest first; and the same as text for the clipboard.

use std::collections::BTreeMap;

use egui::{Id, Rect, Role, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{LabPoint, LabRow, Mark, PatientView};

use super::{Record, lab_rows};
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::words::{w, wf};

const COLUMN: f32 = 92.0;
const NAME: f32 = 170.0;
const UNIT: f32 = 74.0;

/// Days on which there was any result, the newest first.
fn days(patient: &PatientView) -> Vec<String> {
    let mut days: Vec<String> = lab_rows(patient)
        .filter(|r| !r.calculated)
        .flat_map(|r| r.points.iter().map(|p| p.at.iso_date()))
        .collect();
    days.sort_unstable();
    days.dedup();
    days.reverse();
    days
}

/// A row's results by day; more than one of a day are all kept.
fn by_day(row: &LabRow) -> BTreeMap<String, Vec<&LabPoint>> {
    let mut out: BTreeMap<String, Vec<&LabPoint>> = BTreeMap::new();
    for point in row.points.iter() {
        out.entry(point.at.iso_date()).or_default().push(point);
    }
    out
}

impl Record {
    pub(super) fn dates_as_columns(&mut self, ui: &mut Ui, rect: Rect, patient: &PatientView) {
        let days = days(patient);
        let name = sz(NAME);
        let each = sz(COLUMN);
        let height = sz(t::LAB);
        let head = sz(t::GROUP_HEAD);
        let fits = (((rect.width() - name - sz(UNIT)) / each).floor().max(1.0)) as usize;
        self.first_day = self.first_day.min(days.len().saturating_sub(fits));
        let shown = days
            .get(self.first_day..(self.first_day + fits).min(days.len()))
            .unwrap_or_default();
        let p = ui.painter().clone();
        let top = Rect::from_min_size(rect.min, vec2(rect.width(), head));
        p.hline(top.x_range(), top.bottom() - 0.5, Stroke::new(1.0, t::HAIR));
        text::left(
            &p,
            top.left() + t::PAD_LEFT,
            top.center().y,
            w("labs.analyte"),
            f::small_medium(),
            t::LABEL,
        );
        let column = |i: usize| rect.left() + name + sz(UNIT) + each * (i as f32 + 1.0) - 18.0;
        for (i, day) in shown.iter().enumerate() {
            text::right(
                &p,
                column(i),
                top.center().y,
                day,
                f::small_medium(),
                t::LABEL,
            );
        }
        self.turn_days(ui, top, days.len(), fits);
        let body = Rect::from_min_max(pos2(rect.left(), top.bottom()), rect.max);
        let rows: Vec<&LabRow> = lab_rows(patient).collect();
        let mut area = widget::part(ui, "lab grid", body);
        ScrollArea::vertical()
            .id_salt("lab grid")
            .auto_shrink(false)
            .show_rows(&mut area, height, rows.len(), |ui, range| {
                for row in rows.get(range).unwrap_or_default() {
                    let (_, place) = ui.allocate_space(vec2(ui.available_width(), height));
                    let id = Id::unique(("grid row", &row.key));
                    let response = widget::clickable(ui, id, place, Role::Button, &row.name);
                    let selected = self.selected.as_deref() == Some(row.key.as_str());
                    widget::row_ground(ui, place, &response, selected);
                    let p = ui.painter();
                    p.hline(
                        place.x_range(),
                        place.bottom() - 0.5,
                        Stroke::new(1.0, t::HAIR),
                    );
                    let y = place.center().y;
                    let words = if row.calculated {
                        wf("labs.calculated", &[("name", &row.name)])
                    } else {
                        row.name.clone()
                    };
                    let galley = text::line(p, &words, f::body(), t::VALUE, name - 20.0);
                    text::put(p, galley, place.left() + t::PAD_LEFT, y);
                    let galley = text::line(p, &row.unit, f::small(), t::LABEL, sz(UNIT) - 6.0);
                    text::put(p, galley, place.left() + name, y);
                    let values = by_day(row);
                    for (i, day) in shown.iter().enumerate() {
                        let Some(points) = values.get(day) else {
                            continue;
                        };
                        cell(p, column(i), y, points, each);
                    }
                    if response.clicked() {
                        self.selected = if selected {
                            None
                        } else {
                            Some(row.key.clone())
                        };
                    }
                }
            });
    }

    /// Arrows that go to older and newer days.
    fn turn_days(&mut self, ui: &Ui, head: Rect, all: usize, fits: usize) {
        let y = head.center().y;
        let step = fits.saturating_sub(1).max(1);
        let older = widget::link_at(
            ui,
            Id::unique("older days"),
            head.left() + sz(NAME) - 4.0,
            y,
            w("labs.older"),
        );
        let x = older.rect.right() + 10.0;
        let newer = widget::link_at(ui, Id::unique("newer days"), x, y, w("labs.newer"));
        if older.clicked() {
            self.first_day = (self.first_day + step).min(all.saturating_sub(fits));
        }
        if newer.clicked() {
            self.first_day = self.first_day.saturating_sub(step);
        }
    }
}

/// The last value of a day with its mark; a second one is counted, never hidden.
fn cell(p: &egui::Painter, right: f32, y: f32, points: &[&LabPoint], width: f32) {
    let Some(last) = points.last() else { return };
    let more = points.len() - 1;
    let words = if more > 0 {
        format!("{} +{more}", last.written)
    } else {
        last.written.clone().to_string()
    };
    let galley = text::line(p, &words, f::value(), t::VALUE, width - 24.0);
    let x = right - galley.size().x;
    text::put(p, galley, x, y);
    if !matches!(last.mark, Mark::Within | Mark::NoInterval) {
        mark::value(p, pos2(right + 9.0, y), last.mark);
    }
}

/// The table as text with tabs: analyte, value, unit, interval, mark in words, time, source. Never who it is.
pub(super) fn as_text(patient: &PatientView) -> String {
    let mut out = format!(
        "{}\n",
        [
            "labs.analyte",
            "labs.newest",
            "labs.unit",
            "labs.interval_head",
            "labs.mark",
            "labs.collected_head",
            "labs.source"
        ]
        .map(w)
        .join("\t")
    );
    for row in lab_rows(patient) {
        let name = if row.calculated {
            wf("labs.calculated", &[("name", &row.name)])
        } else {
            row.name.clone()
        };
        let cells = [
            &name,
            &row.value,
            &row.unit,
            &row.interval,
            &row.mark_words,
            &row.collected,
            &row.source,
        ];
        out.push_str(&cells.map(|c| c.replace(['\t', '\n'], " ")).join("\t"));
        out.push('\n');
    }
    out
}
