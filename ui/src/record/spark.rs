//! Sparkline of a row: newest 24 points or three years, true time, gaps over 180 days broken, the reference band from the results
//! themselves (record-and-signals 7.1).

use egui::{Painter, Rect, Stroke, pos2};
use triptych_workbench::view::{LabPoint, LabRow, Mark, PatientView};

use crate::look::{mark, tokens as t};
use crate::timeline::axis;

/// A gap longer than this breaks the line, days.
pub(super) const GAP: f64 = 180.0;
const NEWEST: usize = 24;
const YEARS: f64 = 3.0 * 365.25;

/// The points that a sparkline shows, oldest first. A long history is not walked through for it.
fn shown(row: &LabRow) -> Vec<(f64, f64, &LabPoint)> {
    let newest_first = row.points.iter().rev();
    let with_number = newest_first.filter_map(|p| p.value.map(|v| (axis::days_of(&p.at), v, p)));
    let mut points: Vec<_> = with_number.take(NEWEST).collect();
    let Some(newest) = points.first().map(|p| p.0) else {
        return Vec::new();
    };
    points.retain(|p| p.0 >= newest - YEARS);
    points.reverse();
    points
}

/// Right end of the axis that all sparklines of a leaf share, in days: the index time, or the newest result where that is long past. A record that
/// ended years ago would be a dot at the left edge.
pub(super) fn right_end(patient: &PatientView) -> f64 {
    let now = axis::days(patient.at);
    let newest = super::lab_rows(patient)
        .filter_map(|r| r.points.last())
        .map(|p| axis::days_of(&p.at))
        .fold(f64::MIN, f64::max);
    if newest > f64::MIN && now - newest > GAP {
        newest
    } else {
        now
    }
}

/// True when there is a course to draw: two times at least.
pub(super) fn has_line(row: &LabRow) -> bool {
    let points = shown(row);
    matches!((points.first(), points.last()), (Some(a), Some(b)) if b.0 - a.0 > 0.01)
}

/// Draws the sparkline of `row` in `rect`. `now` (days) is the right end of its axis: [`right_end`].
pub(super) fn draw(p: &Painter, rect: Rect, row: &LabRow, oldest: f64, now: f64) {
    let points = shown(row);
    if points.is_empty() {
        return;
    }
    let band_of = |p: &LabPoint| (p.low, p.high);
    let (mut low, mut high) = points
        .iter()
        .fold((f64::MAX, f64::MIN), |(a, b), (_, v, _)| {
            (a.min(*v), b.max(*v))
        });
    // The band and the data together set the scale, so that inside and outside are seen for what they are.
    for (_, _, point) in &points {
        let (l, h) = band_of(point);
        if let Some(l) = l.or(h.map(|h| h * 0.2)) {
            low = low.min(l);
        }
        if let Some(h) = h {
            high = high.max(h);
        }
    }
    let log = low > 0.0 && high / low > 20.0;
    let scale = |v: f64| if log { v.max(1e-9).ln() } else { v };
    let (low, high) = (scale(low), scale(high).max(scale(low) + 1e-9));
    let inner = rect.shrink2(egui::vec2(4.0, 3.0));
    #[allow(clippy::cast_possible_truncation, reason = "points on screen")]
    let y = |v: f64| inner.bottom() - ((scale(v) - low) / (high - low)) as f32 * inner.height();
    let start = oldest.max(now - YEARS).min(now - 1.0);
    #[allow(clippy::cast_possible_truncation, reason = "points on screen")]
    let x = |d: f64| {
        inner.left() + ((d - start) / (now - start)).clamp(0.0, 1.0) as f32 * inner.width()
    };

    // Band: from one point to the next with the interval of its own report.
    for (i, (day, _, point)) in points.iter().enumerate() {
        let (l, h) = band_of(point);
        if l.is_none() && h.is_none() {
            continue;
        }
        let x0 = if i == 0 { rect.left() } else { x(*day) };
        let x1 = points.get(i + 1).map_or(rect.right(), |n| x(n.0));
        let top = h.map_or(rect.top() + 1.0, |h| y(h).max(rect.top()));
        let bottom = l.map_or(rect.bottom() - 1.0, |l| y(l).min(rect.bottom()));
        p.rect_filled(
            Rect::from_min_max(pos2(x0, top), pos2(x1.max(x0 + 1.0), bottom.max(top + 1.0))),
            0.0,
            t::BAND,
        );
    }
    let stroke = Stroke::new(1.2, t::LABEL);
    for pair in points.windows(2) {
        if let [a, b] = pair
            && b.0 - a.0 <= GAP
            && ![a, b].iter().any(|p| p.2.mark == Mark::Refused)
        {
            p.line_segment([pos2(x(a.0), y(a.1)), pos2(x(b.0), y(b.1))], stroke);
        }
    }
    for (day, value, point) in &points {
        if !matches!(
            point.mark,
            Mark::Within | Mark::NoInterval | Mark::Corrected
        ) {
            mark::point(p, pos2(x(*day), y(*value)), point.mark, 0.5, t::LABEL);
        }
    }
    if let Some((day, value, point)) = points.last()
        && matches!(
            point.mark,
            Mark::Within | Mark::NoInterval | Mark::Corrected
        )
    {
        p.circle_filled(pos2(x(*day), y(*value)), 2.0, t::VALUE);
    }
}
