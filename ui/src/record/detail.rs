//! Beside the table of results: the selected analyte and those kept beside it on one time axis, medicines and events under them (screen 07).

use egui::{Id, Rect, Role, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{LabRow, PatientView, TimelineItem, TimelineLane};

use super::chart::{self, Axis};
use super::{Record, history, lab_rows, spark};
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::timeline::axis;
use crate::words::{w, wf};

/// How much of a history the charts show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Range {
    /// Eighteen months up to the newest result or the index time.
    Months,
    /// Three years.
    #[default]
    Years,
    /// Everything.
    All,
}

const RANGES: [(Range, &str); 3] = [
    (Range::Years, "labs.range_years"),
    (Range::Months, "labs.range_months"),
    (Range::All, "labs.range_all"),
];

/// Charts that stand under one another; more would be too low to read.
const MOST: usize = 4;
/// Rows of medicines under the charts.
const MEDICINES: usize = 5;

impl Range {
    fn days(self, rows: &[&LabRow], end: f64) -> (f64, f64) {
        let back = match self {
            Self::Months => 548.0,
            Self::Years => 3.0 * 365.25,
            Self::All => {
                let first = rows.iter().filter_map(|r| r.points.first());
                let first = first.map(|p| axis::days_of(&p.at)).fold(end, f64::min);
                (end - first).max(30.0) * 1.03
            }
        };
        (end - back, end + back * 0.03)
    }
}

impl Record {
    /// Keeps the row's chart beside those of others, or takes it away.
    pub(super) fn pin(&mut self, key: &str) {
        if let Some(at) = self.pinned.iter().position(|k| k == key) {
            self.pinned.remove(at);
        } else {
            self.pinned.push(key.to_owned());
            if self.pinned.len() > MOST {
                self.pinned.remove(0);
            }
        }
    }

    pub(super) fn detail(&mut self, ui: &mut Ui, rect: Rect, patient: &PatientView, out: &mut Out) {
        let wanted: Vec<&LabRow> = lab_rows(patient)
            .filter(|r| {
                self.selected.as_deref() == Some(r.key.as_str()) || self.pinned.contains(&r.key)
            })
            .collect();
        let Some(first) = wanted
            .iter()
            .copied()
            .find(|r| self.selected.as_deref() == Some(r.key.as_str()))
            .or_else(|| wanted.first().copied())
        else {
            self.trends(ui, rect, patient);
            return;
        };
        let mut rows: Vec<&LabRow> = vec![first];
        rows.extend(
            wanted
                .into_iter()
                .filter(|r| r.key != first.key)
                .take(MOST - 1),
        );
        // A calculated series stands beside what was reported under its name.
        let partner = lab_rows(patient).find(|r| {
            r.calculated != first.calculated
                && first.name.starts_with(&r.name) | r.name.starts_with(&first.name)
                && r.key != first.key
        });
        if let Some(partner) =
            partner.filter(|p| rows.len() < MOST && !rows.iter().any(|r| r.key == p.key))
        {
            rows.push(partner);
        }
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), sz(t::LEAF_HEAD)));
        let ranges_left = self.ranges(ui, head);
        let words = Rect::from_min_max(head.min, pos2(ranges_left, head.bottom()));
        if chart::head(ui, words, first) {
            self.selected = None;
            self.pinned.clear();
            return;
        }
        let range = self.range.days(&rows, spark::right_end(patient));
        let medicines = in_range(patient, TimelineLane::Medicines, range);
        let under = sz(15.0) * medicines.len().min(MEDICINES) as f32 + sz(18.0);
        let below = if rows.len() == 1 { 0.34 } else { 0.22 };
        let charts = (rect.height() - head.height()) * (1.0 - below) - under;
        let each = charts / rows.len() as f32;
        let mut y = head.bottom();
        let mut drawn: Option<Axis> = None;
        for (i, row) in rows.iter().enumerate() {
            let place = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), each));
            let mut plot = place;
            if i > 0 {
                let name = Rect::from_min_size(place.min, vec2(place.width(), sz(20.0)));
                self.small_head(ui, name, row);
                plot.min.y = name.bottom();
            }
            let size = if i == 0 {
                chart::Size::Full
            } else {
                chart::Size::Small
            };
            let point = self.point.filter(|_| i == 0);
            let at = chart::trend(
                ui,
                plot.shrink2(vec2(6.0, 2.0)),
                row,
                point,
                size,
                Some(range),
            );
            drawn = drawn.or(at);
            y += each;
        }
        if let Some(axis) = drawn {
            let place = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), under));
            bars(ui, place, &medicines, &axis, axis::days(patient.at), out);
            events(
                ui,
                Rect::from_min_max(pos2(rect.left(), place.bottom() - sz(18.0)), place.max),
                patient,
                range,
                &axis,
                out,
            );
        }
        let rest = Rect::from_min_max(pos2(rect.left(), y + under), rect.max);
        history::show(ui, rest, first, patient, &mut self.point);
    }

    /// Chips that choose the range; where the leftmost begins.
    fn ranges(&mut self, ui: &Ui, head: Rect) -> f32 {
        let p = ui.painter();
        let mut right = head.right() - 8.0;
        for (range, key) in RANGES.into_iter().rev() {
            let words = w(key);
            let width = text::width(p, words, f::small()) + 14.0;
            let place = Rect::from_min_max(
                pos2(right - width, head.center().y - sz(10.0)),
                pos2(right, head.center().y + sz(10.0)),
            );
            let id = Id::unique(("lab range", key));
            if widget::choice_at(ui, id, place, words, self.range == range).clicked() {
                self.range = range;
            }
            right = place.left() - 6.0;
        }
        right
    }

    fn small_head(&mut self, ui: &Ui, rect: Rect, row: &LabRow) {
        let p = ui.painter();
        p.hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t::HAIR));
        let y = rect.center().y;
        let name = if row.calculated {
            wf("labs.calculated", &[("name", &row.name)])
        } else {
            row.name.clone()
        };
        let end = text::left(
            p,
            rect.left() + t::PAD_LEFT,
            y,
            &name,
            f::small_medium(),
            t::VALUE,
        );
        text::left(p, end.right() + 8.0, y, &row.unit, f::small(), t::LABEL);
        let close = pos2(rect.right() - 14.0, y);
        let id = Id::unique(("unpin", &row.key));
        if self.pinned.contains(&row.key)
            && widget::tool_at(ui, id, close, Icon::Close, w("labs.unpin"), false).clicked()
        {
            self.pinned.retain(|k| *k != row.key);
        }
    }
}

/// Items of a lane that were there in the range, each name once with all its stretches.
fn in_range(
    patient: &PatientView,
    lane: TimelineLane,
    range: (f64, f64),
) -> Vec<(&str, Vec<&TimelineItem>)> {
    let now = axis::days(patient.at);
    let mut out: Vec<(&str, Vec<&TimelineItem>)> = Vec::new();
    for item in patient
        .timeline
        .iter()
        .filter(|i| i.lane == lane && !i.later)
    {
        let end = item.end.as_ref().map_or(now, axis::days_of);
        if axis::days_of(&item.start) > range.1 || end < range.0 {
            continue;
        }
        match out.iter_mut().find(|(name, _)| *name == item.label) {
            Some((_, items)) => items.push(item),
            None => out.push((&item.label, vec![item])),
        }
    }
    // What began last says most about a change.
    out.sort_by_key(|(_, items)| std::cmp::Reverse(items.iter().map(|i| i.start.instant).max()));
    out
}

fn bars(
    ui: &Ui,
    rect: Rect,
    medicines: &[(&str, Vec<&TimelineItem>)],
    at: &Axis,
    now: f64,
    out: &mut Out,
) {
    let p = ui.painter();
    for (i, (name, items)) in medicines.iter().take(MEDICINES).enumerate() {
        let top = rect.top() + sz(15.0) * i as f32;
        let mut first = f32::MAX;
        for (k, item) in items.iter().enumerate() {
            let x0 = at.at(axis::days_of(&item.start));
            let x1 = at
                .at(item.end.as_ref().map_or(now, axis::days_of))
                .max(x0 + 3.0);
            let bar = Rect::from_min_max(pos2(x0, top + 1.0), pos2(x1, top + sz(14.0)));
            let words = format!("{} {}", item.start, item.detail);
            let id = Id::unique(("chart medicine", *name, k, items.len()));
            let response = widget::clickable(ui, id, bar, Role::Button, &words);
            let fill = if response.hovered() {
                t::PRESSED
            } else {
                t::BAND
            };
            p.rect_filled(bar, 0.0, fill);
            first = first.min(x0);
            if widget::hover(response, &words).clicked() {
                out.jump = Some(item.target.clone());
            }
        }
        // In its bar, or before it where the bar has just begun.
        let (room, before) = (at.x.1 - first - 8.0, first - at.x.0 - 8.0);
        let y = top + sz(7.5);
        if text::width(p, name, f::small()) > room && before > room {
            let galley = text::line(p, name, f::small(), t::BODY, before);
            let x = first - 6.0 - galley.size().x;
            text::put(p, galley, x, y);
        } else {
            let galley = text::line(p, name, f::small(), t::BODY, room.max(40.0));
            text::put(p, galley, first.min(at.x.1 - 60.0) + 6.0, y);
        }
    }
}

/// Procedures and imaging as ticks on the charts' own axis.
fn events(ui: &Ui, rect: Rect, patient: &PatientView, range: (f64, f64), at: &Axis, out: &mut Out) {
    let p = ui.painter();
    let y = rect.center().y;
    text::left(
        p,
        rect.left() + 6.0,
        y,
        w("labs.events"),
        f::small(),
        t::FAINT,
    );
    let lanes = [
        TimelineLane::Procedures,
        TimelineLane::Imaging,
        TimelineLane::Signals,
    ];
    let mut last = f32::MIN;
    for item in patient
        .timeline
        .iter()
        .filter(|i| lanes.contains(&i.lane) && !i.later)
    {
        let day = axis::days_of(&item.start);
        let x = at.at(day).round();
        if day < range.0 || day > range.1 || x < last + 5.0 {
            continue;
        }
        last = x;
        let words = format!("{} {}", item.start, item.detail);
        let target = Rect::from_center_size(pos2(x, y), vec2(10.0, rect.height()));
        let id = Id::unique(("chart event", item.start.instant.0, &item.label));
        let response = widget::clickable(ui, id, target, Role::Button, &words);
        let ink = if response.hovered() {
            t::ACCENT
        } else {
            t::BODY
        };
        p.vline(x, y - 5.0..=y + 5.0, Stroke::new(1.5, ink));
        if widget::hover(response, &words).clicked() {
            out.jump = Some(item.target.clone());
        }
    }
}
