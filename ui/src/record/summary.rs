//! Summary of the rounds desk (screen 02): problems, medicines, vital signs and allergies beside the labs and four trends.

use std::collections::BTreeSet;

use egui::{Id, Rect, Role, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{LabPoint, LabRow, ListRow, Mark, PatientView, Target, Variation};

use super::{Record, Tab, chart, history, lab_rows, lists, spark};
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::{Out, Targets};
use crate::timeline::axis;
use crate::words::{count, w, wf};

impl Record {
    /// Three columns where there is room, the summary alone where not.
    pub(super) fn summary(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        targets: &Targets,
        out: &mut Out,
    ) {
        let columns = if rect.width() >= 820.0 {
            3
        } else if rect.width() >= 560.0 {
            2
        } else {
            1
        };
        let first_w = match columns {
            3 => (rect.width() / 3.0).round(),
            2 => (rect.width() * 0.46).round(),
            _ => rect.width(),
        };
        let first = Rect::from_min_size(rect.min, vec2(first_w, rect.height()));
        self.facts(ui, first, patient);
        if columns == 1 {
            return;
        }
        let labs_w = if columns == 3 {
            (rect.width() * 0.378).round()
        } else {
            rect.width() - first_w
        };
        let labs =
            Rect::from_min_size(pos2(first.right(), rect.top()), vec2(labs_w, rect.height()));
        self.labs(ui, labs, patient, targets, out);
        let p = ui.painter().clone();
        p.vline(
            labs.left().round() - 0.5,
            rect.y_range(),
            Stroke::new(1.0, t::HAIR),
        );
        if columns == 3 {
            let trends = Rect::from_min_max(pos2(labs.right(), rect.top()), rect.max);
            p.vline(
                trends.left().round() - 0.5,
                rect.y_range(),
                Stroke::new(1.0, t::HAIR),
            );
            let row = self
                .selected
                .as_ref()
                .and_then(|key| lab_rows(patient).find(|r| r.key == *key));
            match row {
                Some(row) => {
                    let head =
                        Rect::from_min_size(trends.min, vec2(trends.width(), sz(t::LEAF_HEAD)));
                    let plot = Rect::from_min_size(
                        head.left_bottom(),
                        vec2(trends.width(), (trends.height() * 0.42).min(240.0)),
                    );
                    chart::trend(
                        ui,
                        plot.shrink2(vec2(4.0, 2.0)),
                        row,
                        self.point,
                        chart::Size::Full,
                        None,
                    );
                    let below = Rect::from_min_max(plot.left_bottom(), trends.max);
                    history::show(ui, below, row, patient, &mut self.point);
                    if chart::head(ui, head, row) {
                        self.selected = None;
                    }
                }
                None => self.trends(ui, trends, patient),
            }
        }
    }

    fn facts(&mut self, ui: &mut Ui, rect: Rect, patient: &PatientView) {
        let mut area = widget::part(ui, "summary", rect);
        ScrollArea::vertical()
            .id_salt("summary")
            .auto_shrink(false)
            .show(&mut area, |ui| {
                let active: Vec<_> = patient.problems.iter().filter(|r| r.active).collect();
                let head =
                    lists::alive_or("summary.problems", "summary.problems_at_death", patient);
                widget::group_head(ui, w(head), &count(active.len()), true);
                for row in active.iter().take(6) {
                    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(t::LAB)));
                    // Its code stands in the list that a click opens.
                    let brief = ListRow {
                        detail: String::new(),
                        ..ListRow::clone(row)
                    };
                    if lists::list_row(ui, place, &brief, false, None) {
                        self.jump(patient, &Target::Problem(row.fact));
                    }
                }
                self.more(ui, active.len(), 6, Tab::Problems, "summary.no_problems");

                let current: Vec<_> = patient.medications.iter().filter(|r| r.active).collect();
                let head = lists::alive_or("summary.meds", "summary.meds_at_death", patient);
                widget::group_head(ui, w(head), &count(current.len()), false);
                for row in current.iter().take(6) {
                    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(t::LAB)));
                    if lists::list_row(ui, place, row, false, None) {
                        self.jump(patient, &Target::Medication(row.fact));
                    }
                }
                self.more(ui, current.len(), 6, Tab::Meds, "summary.no_meds");
                let stopped = patient.medications.len() - current.len();
                if stopped > 0 {
                    line(ui, &wf("summary.stopped", &[("n", &count(stopped))]));
                }

                if !patient.vitals.is_empty() {
                    let newest = patient
                        .vitals
                        .iter()
                        .max_by(|a, b| a.collected.cmp(&b.collected));
                    let note = newest.map_or_else(String::new, |v| {
                        format!(
                            "{} · {}",
                            v.collected.get(..10).unwrap_or(&v.collected),
                            v.age
                        )
                    });
                    widget::group_head(ui, w("summary.vitals"), &note, false);
                    let now = spark::right_end(patient);
                    let oldest = lab_rows(patient)
                        .filter_map(|r| r.points.first())
                        .map(|p| axis::days_of(&p.at))
                        .fold(now, f64::min);
                    for row in patient.vitals.iter().take(6) {
                        let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(t::LAB)));
                        if vital(
                            ui,
                            place,
                            row,
                            oldest,
                            now,
                            self.selected.as_deref() == Some(&row.key),
                        ) {
                            self.selected = Some(row.key.clone());
                        }
                    }
                    ui.add_space(4.0);
                }

                widget::group_head(ui, w("summary.allergies"), "", false);
                for row in patient.allergies.iter().take(6) {
                    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(t::LAB)));
                    if lists::list_row(ui, place, row, false, None) {
                        self.jump(patient, &Target::Listed(row.fact));
                    }
                }
                let n = patient.allergies.len();
                self.more(ui, n, 6, Tab::All, "summary.no_allergies");
                ui.add_space(8.0);
            });
    }

    /// `3 more`, or why there is nothing.
    fn more(&mut self, ui: &mut Ui, all: usize, shown: usize, tab: Tab, none: &'static str) {
        if all == 0 {
            line(ui, w(none));
        } else if all > shown {
            let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(22.0)));
            let words = wf("summary.more", &[("n", &count(all - shown))]);
            let id = Id::unique(("more", tab));
            if widget::link_at(ui, id, place.left() + t::PAD_LEFT, place.center().y, &words)
                .clicked()
            {
                self.came_from.push((self.desk, self.tab()));
                self.set_tab(tab);
            }
        }
        ui.add_space(4.0);
    }

    /// Up to four trends, in the table's order.
    pub(super) fn trends(&mut self, ui: &mut Ui, rect: Rect, patient: &PatientView) {
        let room = ((rect.height() / sz(140.0)).floor().max(1.0) as usize).min(4);
        let rows = most_telling(patient, room);
        if rows.is_empty() {
            widget::empty(
                ui,
                rect,
                crate::look::icon::Icon::Flask,
                w("labs.no_trends"),
                w("labs.no_trends_why"),
            );
            return;
        }
        let each = rect.height() / rows.len() as f32;
        let each = each.min(sz(190.0));
        for (i, row) in rows.iter().enumerate() {
            let place = Rect::from_min_size(
                pos2(rect.left(), rect.top() + each * i as f32),
                vec2(rect.width(), each),
            );
            if i > 0 {
                ui.painter().hline(
                    place.x_range(),
                    place.top().round() + 0.5,
                    Stroke::new(1.0, t::HAIR),
                );
            }
            let head = Rect::from_min_size(place.min, vec2(place.width(), sz(26.0)));
            let response = widget::clickable(
                ui,
                Id::unique(("trend head", &row.key)),
                head,
                Role::Button,
                &wf("labs.show_trend", &[("name", &row.name)]),
            );
            let ink = if response.hovered() {
                t::ACCENT
            } else {
                t::VALUE
            };
            let galley = text::line(
                ui.painter(),
                &row.name,
                f::small_medium(),
                ink,
                head.width() * 0.6,
            );
            let end = text::put(
                ui.painter(),
                galley,
                head.left() + t::PAD_LEFT,
                head.center().y,
            )
            .right();
            text::left(
                ui.painter(),
                end + 8.0,
                head.center().y,
                &row.unit,
                f::small(),
                t::LABEL,
            );
            widget::focus_ring(ui, &response, head.shrink(3.0), t::RADIUS);
            if response.clicked() {
                self.selected = Some(row.key.clone());
                self.point = None;
            }
            let plot = Rect::from_min_max(
                head.left_bottom() + vec2(4.0, 0.0),
                place.max - vec2(10.0, 4.0),
            );
            chart::trend(ui, plot, row, None, chart::Size::Small, None);
        }
    }
}

/// The courses that tell most: first what a signal rests on, then what changed or is abnormal; where that leaves a choice, one of each panel
/// and the panels in their order, since a page of four lipids says less than creatinine, glucose, haemoglobin and a lipid.
fn most_telling(patient: &PatientView, room: usize) -> Vec<&LabRow> {
    let cards = patient.signals.cards.iter().flat_map(|c| &c.basis.items);
    let rested_on: BTreeSet<&str> = cards
        .filter_map(|i| match &i.target {
            Some(Target::Lab { row, .. }) => Some(row.as_str()),
            _ => None,
        })
        .collect();
    let days = |r: &LabRow| {
        let day = |p: &LabPoint| p.at.instant.0.div_euclid(86_400_000_000);
        r.points.chunk_by(|a, b| day(a) == day(b)).count()
    };
    // The height of an adult says nothing year after year; what goes one way, as a child's does, says most.
    let moves = |r: &LabRow| -> u8 {
        let values = || r.points.iter().filter_map(|p| p.value);
        let (low, high) = (values().reduce(f64::min), values().reduce(f64::max));
        let (Some(low), Some(high)) = (low, high) else {
            return 0;
        };
        let way = values().next_back().zip(values().next());
        let way = way.map_or(0.0, |(newest, first)| (newest - first).abs());
        let stands = high - low <= 0.02 * high.abs().max(low.abs());
        match way >= 0.8 * (high - low) {
            _ if stands => 0,
            false => 1,
            true => 2,
        }
    };
    let weight = |r: &LabRow| {
        let newest = r.points.iter().rev().take(4);
        let abnormal = newest.filter(|p| p.mark.is_outside()).count();
        let changed = r.variation != Variation::None;
        (
            rested_on.contains(r.key.as_str()),
            abnormal.min(2) + usize::from(changed),
            moves(r),
            days(r).min(4),
        )
    };
    // What no panel knows stands last: a child's weight says more than a score.
    let (known, other): (Vec<_>, Vec<_>) = patient.labs.iter().partition(|g| g.is_known);
    let groups = known.iter().map(|g| &g.rows[..]);
    // A body mass index runs as the weight does.
    let vitals = patient.vitals.iter().filter(|r| r.unit != "kg/m²");
    let groups = groups
        .chain(vitals.map(std::slice::from_ref))
        .chain(other.iter().map(|g| &g.rows[..]));
    let rows = groups
        .enumerate()
        .flat_map(|(panel, rows)| rows.iter().map(move |r| (panel, r)));
    // A course needs three days: several values of one time are none.
    let mut rows: Vec<_> = rows
        .filter(|(_, r)| r.points.iter().any(|p| p.value.is_some()) && days(r) > 2)
        .enumerate()
        .collect();
    let mut met = BTreeSet::new();
    rows.sort_by_cached_key(|(_, (_, r))| std::cmp::Reverse(weight(r)));
    // Of rows that weigh the same, the first one of each panel goes before the second one of any.
    let (first, second): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, (panel, r))| {
        let (is_basis, telling, ..) = weight(r);
        is_basis || telling > 0 || met.insert(*panel)
    });
    let mut chosen: Vec<_> = first.into_iter().chain(second).take(room).collect();
    chosen.sort_by_key(|(place, _)| *place);
    chosen.into_iter().map(|(_, (_, row))| row).collect()
}

fn line(ui: &mut Ui, words: &str) {
    let mut inner = egui::Frame::NONE
        .inner_margin(egui::Margin {
            left: 12,
            right: 8,
            top: 2,
            bottom: 6,
        })
        .begin(ui);
    text::block(&mut inner.content_ui, words, f::small(), t::LABEL, sz(16.0));
    inner.end(ui);
}

fn vital(ui: &Ui, rect: Rect, row: &LabRow, oldest: f64, now: f64, selected: bool) -> bool {
    let name = format!("{} {} {}", row.name, row.value, row.unit);
    let response = widget::clickable(
        ui,
        Id::unique(("vital", &row.key)),
        rect,
        Role::Button,
        &name,
    );
    widget::row_ground(ui, rect, &response, selected);
    let p = ui.painter();
    let y = rect.center().y;
    let value = rect.left() + rect.width() * 0.58;
    let used = text::width(p, &row.value, f::value()) + 8.0;
    let galley = text::line(
        p,
        &row.name,
        f::body(),
        t::BODY,
        value - rect.left() - t::PAD_LEFT - used,
    );
    text::put(p, galley, rect.left() + t::PAD_LEFT, y);
    text::quantity(p, value, y, &row.value, &row.unit, 40.0);
    if row.mark != Mark::NoInterval {
        mark::value(p, pos2(value + 54.0, y), row.mark);
    }
    if spark::has_line(row) {
        let place = Rect::from_min_max(
            pos2(value + 62.0, rect.top() + 4.0),
            pos2(rect.right() - 10.0, rect.bottom() - 4.0),
        );
        if place.width() > 24.0 {
            spark::draw(p, place, row, oldest, now);
        }
    }
    let mut words = vec![
        name,
        wf(
            "labs.collected",
            &[("at", &row.collected), ("age", &row.age)],
        ),
    ];
    if !row.source.is_empty() {
        words.push(row.source.clone());
    }
    widget::hover(response, &words.join("\n")).clicked()
}
