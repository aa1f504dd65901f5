//! Results looked at closely: the course of one analyte by months and weeks, every result by days and hours.

use egui::{Id, Pos2, Rect, Role, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{LabPoint, LabRow, Mark, PatientView, Target, TimelineLane};

use super::axis;
use super::labels::Labels;
use super::lanes::{Drawn, Lane};
use super::level::Level;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;

/// Least height in which a course says something.
const COURSE: f32 = 19.0;

pub(super) fn draw(lane: &Lane<'_>, ui: &Ui, out: &mut Out) -> Drawn {
    if lane.level >= Level::Days {
        return every_result(lane, ui, out);
    }
    match course_row(lane).filter(|_| lane.rect.height() >= COURSE) {
        Some(row) => course(lane, ui, row, out),
        None => lane.density(ui),
    }
}

fn rows(patient: &PatientView, lane: TimelineLane) -> Vec<&LabRow> {
    match lane {
        TimelineLane::Vitals => patient.vitals.iter().collect(),
        _ => patient.labs.iter().flat_map(|g| &g.rows).collect(),
    }
}

/// Points of a row in the visible span; rows are in order of time.
fn seen<'a>(lane: &Lane<'_>, row: &'a LabRow) -> &'a [LabPoint] {
    let (first, last) = lane.scale.visible();
    let from = row.points.partition_point(|p| axis::days_of(&p.at) < first);
    let to = row.points.partition_point(|p| axis::days_of(&p.at) <= last);
    row.points.get(from..to).unwrap_or_default()
}

/// The chosen analyte if it has a course here, else the first of the lane that was outside its interval most often.
fn course_row<'a>(lane: &Lane<'a>) -> Option<&'a LabRow> {
    let all = rows(lane.patient, lane.lane);
    let numbers = |row: &LabRow| seen(lane, row).iter().filter(|p| p.value.is_some()).count();
    let outside = |row: &LabRow| {
        seen(lane, row)
            .iter()
            .filter(|p| p.mark.is_outside())
            .count()
    };
    let chosen = all
        .iter()
        .find(|r| Some(r.key.as_str()) == lane.chosen && numbers(r) > 1);
    chosen.copied().or_else(|| {
        let candidates = all.iter().filter(|r| numbers(r) > 1);
        let most = candidates
            .enumerate()
            .max_by_key(|(i, r)| (outside(r).min(1), numbers(r).min(3), std::cmp::Reverse(*i)));
        most.map(|(_, row)| *row)
    })
}

fn course(lane: &Lane<'_>, ui: &Ui, row: &LabRow, out: &mut Out) -> Drawn {
    let p = lane.painter(ui);
    let points: Vec<(Pos2, &LabPoint)> = place(lane, row);
    let mut before: Option<(Pos2, f64)> = None;
    for (at, point) in &points {
        let days = axis::days_of(&point.at);
        if let Some((from, then)) = before
            && days - then <= 180.0
        {
            p.line_segment([from, *at], Stroke::new(1.0, t::LABEL));
        }
        before = Some((*at, days));
    }
    let mut labels = Labels::new(lane.rect, lane.now_x);
    let name = format!("{}, {}", row.name, row.unit);
    let left = lane.rect.left() + 6.0;
    let width = text::width(&p, &name, f::small());
    let clear = points.iter().all(|(at, _)| at.x > left + width + 12.0);
    if clear {
        text::left(&p, left, lane.rect.center().y, &name, f::small(), t::FAINT);
        labels.mark(left, left + width);
    }
    for (at, point) in &points {
        let kind = if point.mark.is_outside() {
            point.mark
        } else {
            Mark::Within
        };
        mark::point(&p, *at, kind, 0.8, ink(point.mark));
        labels.mark(at.x - 5.0, at.x + 5.0);
        hit(lane, ui, row, point, *at, out);
    }
    for (at, point) in points.iter().rev() {
        labels.put(&p, at.x, &point.written, t::BODY);
    }
    Drawn {
        hidden: labels.hidden,
        look_at: None,
    }
}

fn ink(mark: Mark) -> egui::Color32 {
    match mark {
        Mark::Above => t::AMBER,
        Mark::Below => t::BLUE,
        Mark::CriticalAbove | Mark::CriticalBelow => t::RED,
        _ => t::VALUE,
    }
}

/// Numbers of the row between its least and greatest visible value.
fn place<'a>(lane: &Lane<'_>, row: &'a LabRow) -> Vec<(Pos2, &'a LabPoint)> {
    let shown = seen(lane, row);
    let values = || {
        shown
            .iter()
            .filter_map(|p| p.value)
            .filter(|v| v.is_finite())
    };
    let (low, high) = values().fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(v), b.max(v)));
    let range = (high - low).max(1e-9);
    let (top, bottom) = (lane.rect.top() + 5.0, lane.rect.bottom() - 5.0);
    shown
        .iter()
        .filter_map(|point| {
            let share = (point.value.filter(|v| v.is_finite())? - low) / range;
            #[allow(clippy::cast_possible_truncation, reason = "points on screen")]
            let y = bottom - (share as f32) * (bottom - top);
            Some((pos2(lane.scale.x(axis::days_of(&point.at)), y), point))
        })
        .collect()
}

fn hit(lane: &Lane<'_>, ui: &Ui, row: &LabRow, point: &LabPoint, at: Pos2, out: &mut Out) {
    let words = format!("{} {} {} {}", row.name, point.written, row.unit, point.at);
    let target = Rect::from_center_size(at, vec2(14.0, lane.rect.height())).intersect(lane.rect);
    let id = Id::unique(("result", lane.lane, point.fact.to_string()));
    let response = widget::clickable(ui, id, target, Role::Button, &words);
    if widget::hover(response, &words).clicked() {
        out.jump = Some(Target::Lab {
            row: row.key.clone(),
            fact: point.fact,
        });
    }
}

/// By days and hours every result has its own mark: collected at the open end of a thin line, issued at the other.
fn every_result(lane: &Lane<'_>, ui: &Ui, out: &mut Out) -> Drawn {
    let p = lane.painter(ui);
    let mut all: Vec<(&LabRow, &LabPoint)> = Vec::new();
    for row in rows(lane.patient, lane.lane) {
        all.extend(seen(lane, row).iter().map(|point| (row, point)));
    }
    // What is outside its interval comes first to a place.
    all.sort_by_key(|(_, point)| (!point.mark.is_outside(), point.at.instant));
    let each = sz(13.0);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few rows"
    )]
    let lines = ((lane.rect.height() / each).floor().max(1.0)) as usize;
    let mut taken: Vec<Vec<(f32, f32)>> = vec![Vec::new(); lines];
    let mut hidden = 0;
    let top = lane.rect.center().y - each * lines as f32 / 2.0;
    for (row, point) in all {
        let x = lane.scale.x(axis::days_of(&point.at));
        let issued = point.available.0 > point.at.instant.0 + 60_000_000;
        let end = if issued && lane.level == Level::Hours {
            lane.scale
                .x(axis::days(point.available))
                .min(lane.rect.right() - 8.0)
        } else {
            x
        };
        let words = format!("{} {} {}", row.name, point.written, row.unit);
        let width = text::width(&p, &words, f::small());
        let (left, right) = (x - 8.0, end + 12.0 + width);
        let free = |line: &Vec<(f32, f32)>| line.iter().all(|(a, b)| right < *a || left > *b);
        let Some(line) = taken.iter().position(free) else {
            hidden += 1;
            continue;
        };
        if let Some(line) = taken.get_mut(line) {
            line.push((left, right));
        }
        let y = (top + each * (line as f32 + 0.5)).round();
        let at = pos2(end, y);
        if end > x + 4.0 {
            p.line_segment([pos2(x, y), at], Stroke::new(1.0, t::LABEL));
            p.circle(pos2(x, y), 2.5, t::WINDOW, Stroke::new(1.0, t::BODY));
        }
        let kind = if point.mark.is_outside() {
            point.mark
        } else {
            Mark::Within
        };
        mark::point(&p, at, kind, 0.8, ink(point.mark));
        text::left(&p, end + 8.0, y, &words, f::small(), t::BODY);
        hit(lane, ui, row, point, at, out);
    }
    Drawn {
        hidden,
        look_at: None,
    }
}
