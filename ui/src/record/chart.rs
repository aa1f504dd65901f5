//! Trend of one analyte (screen 07): points as their marks, the line broken at gaps, the reference band of each report, values on hover.

use egui::{Align, Id, Rect, Stroke, Ui, pos2, vec2};
use egui_plot::{
    AxisHints, GridMark, HPlacement, Plot, PlotBounds, PlotPoint, PlotPoints, Polygon,
};
use triptych_workbench::FactId;
use triptych_workbench::view::{LabPoint, LabRow, Mark};

use super::spark;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::timeline::axis;
use crate::words::{signed, w, wf};

/// How much of a chart there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// One of several: few marks on the axes.
    Small,
    /// The selected analyte.
    Full,
}

/// Title of a trend with a way to close it. True when closed.
pub(super) fn head(ui: &Ui, rect: Rect, row: &LabRow) -> bool {
    let p = ui.painter();
    let y = rect.center().y;
    p.hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let close = widget::tool_at(
        ui,
        Id::unique("close trend"),
        pos2(rect.right() - 18.0, y),
        Icon::Close,
        w("labs.close_trend"),
        false,
    );
    let name = text::left(
        p,
        rect.left() + t::PAD_LEFT,
        y,
        &row.name,
        f::strong(),
        t::VALUE,
    );
    let unit = text::left(p, name.right() + 8.0, y, &row.unit, f::small(), t::LABEL);
    let note = if row.calculated {
        w("labs.calculated_note")
    } else {
        ""
    };
    let room = Rect::from_min_max(
        pos2(unit.right() + 10.0, rect.top()),
        pos2(rect.right() - 36.0, rect.bottom()),
    );
    let fits = |words: &String| text::width(p, words, f::small()) <= room.width();
    let words = if note.is_empty() {
        // Numbers are not cut: the word before them goes first.
        // Without a number it is words already: `no interval`.
        let long = row
            .interval
            .contains(|c: char| c.is_ascii_digit())
            .then(|| wf("labs.interval", &[("interval", &row.interval)]));
        let words = long.into_iter().chain([row.interval.clone()]);
        words.into_iter().find(fits)
    } else {
        Some(note.to_owned()).filter(|_| room.width() > 40.0)
    };
    if let Some(interval) = words {
        text::label(
            ui,
            "trend interval",
            room,
            &interval,
            f::small(),
            t::FAINT,
            Align::Min,
        );
    }
    close.clicked()
}

fn numbers(row: &LabRow) -> Vec<(f64, f64, &LabPoint)> {
    row.points
        .iter()
        .filter_map(|p| p.value.map(|v| (axis::days_of(&p.at), v, p)))
        .collect()
}

/// Days and values that the chart spans, with some air.
fn bounds(points: &[(f64, f64, &LabPoint)]) -> Option<PlotBounds> {
    let (first, last) = (points.first()?.0, points.last()?.0);
    let (mut low, mut high) = (f64::MAX, f64::MIN);
    for (_, v, p) in points {
        low = low.min(*v).min(p.low.unwrap_or(*v));
        high = high.max(*v).max(p.high.unwrap_or(*v));
    }
    let air = ((high - low) * 0.12).max(high.abs() * 0.02).max(1e-6);
    let side = ((last - first) * 0.05).max(15.0);
    Some(PlotBounds::from_min_max(
        [first - side, low - air],
        [last + side, high + air],
    ))
}

/// Where a drawn chart has its time axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    /// First and last day.
    pub days: (f64, f64),
    /// Their places on screen.
    pub x: (f32, f32),
}

impl Axis {
    /// Place of a day, not beyond the ends.
    #[allow(clippy::cast_possible_truncation, reason = "points on screen")]
    pub fn at(&self, day: f64) -> f32 {
        let share = ((day - self.days.0) / (self.days.1 - self.days.0).max(1e-9)).clamp(0.0, 1.0);
        self.x.0 + share as f32 * (self.x.1 - self.x.0)
    }
}

/// Draws the trend of `row` in `rect`, all of it or the days of `range`; `point` gets a ring. The axis, where something was drawn.
pub(super) fn trend(
    ui: &mut Ui,
    rect: Rect,
    row: &LabRow,
    point: Option<FactId>,
    size: Size,
    range: Option<(f64, f64)>,
) -> Option<Axis> {
    let mut points = numbers(row);
    if let Some((first, last)) = range {
        points.retain(|p| p.0 >= first && p.0 <= last);
    }
    let Some(bounds) = bounds(&points).map(|b| match range {
        Some((first, last)) => PlotBounds::from_min_max([first, b.min()[1]], [last, b.max()[1]]),
        None => b,
    }) else {
        widget::empty(
            ui,
            rect,
            Icon::Text,
            w("labs.no_numbers"),
            w("labs.no_numbers_why"),
        );
        return None;
    };
    let mut area = widget::part(ui, ("trend", &row.key, size == Size::Full), rect);
    let ui = &mut area;
    let (start, end) = (bounds.min()[0], bounds.max()[0]);
    let width = rect.width() - 48.0;
    let gap = if size == Size::Small {
        sz(46.0)
    } else {
        sz(54.0)
    };
    let ticks = axis::ticks(start, end, width, gap);
    // Words stand below the middle of their tick: half a year's number at the edge would be another year.
    let room = |t: &axis::Tick| {
        let half = text::width(ui.painter(), &t.words, f::small()) / 2.0;
        (end - t.at) / (end - start) * f64::from(width) >= f64::from(half) + 2.0
    };
    let for_labels: Vec<_> = ticks.iter().filter(|t| room(t)).cloned().collect();
    let levels = levels(
        bounds.min()[1],
        bounds.max()[1],
        if size == Size::Small { 3 } else { 5 },
    );
    let decimals = decimals(&levels);
    let y_axis = AxisHints::new_y()
        .placement(HPlacement::Left)
        .min_thickness(sz(34.0))
        .formatter(move |m: GridMark, _: &_| {
            // Adding nothing takes the sign off a zero.
            signed(&format!("{:.decimals$}", m.value + 0.0))
        });
    let x_axis = AxisHints::new_x().formatter(move |m: GridMark, _: &_| {
        for_labels
            .iter()
            .find(|t| (t.at - m.value).abs() < 0.01)
            .map_or_else(String::new, |t| t.words.clone())
    });
    let marks: Vec<GridMark> = ticks
        .iter()
        .map(|t| GridMark {
            value: t.at,
            step_size: (end - start) / 2.0,
        })
        .collect();
    let step = (bounds.max()[1] - bounds.min()[1]) / 2.0;
    let rows: Vec<GridMark> = levels
        .iter()
        .map(|v| GridMark {
            value: *v,
            step_size: step,
        })
        .collect();
    ui.visuals_mut().override_text_color = Some(t::LABEL);
    ui.style_mut()
        .text_styles
        .insert(egui::TextStyle::Body, f::small());
    let response = Plot::new(("trend", &row.key, size == Size::Full))
        .width(rect.width())
        .height(rect.height())
        .show_background(false)
        .show_crosshair(false)
        .show_x(false)
        .show_y(false)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .allow_axis_zoom_drag(false)
        .custom_x_axes(vec![x_axis])
        .custom_y_axes(vec![y_axis])
        .x_grid_spacer(move |_| marks.clone())
        .y_grid_spacer(move |_| rows.clone())
        .show_grid([false, true])
        .grid_color(t::HAIR)
        .grid_fade(0.0)
        .label_formatter(|_| None)
        .show(ui, |plot| {
            plot.set_plot_bounds(bounds);
            band(plot, &points, start, end);
            plot.pointer_coordinate()
        });
    let name = wf(
        "labs.trend_of",
        &[("name", &row.name), ("n", &points.len())],
    );
    text::spoken(ui, "trend", rect, &name);
    let hovered = response.inner.filter(|_| response.response.hovered());
    let transform = response.transform;
    let at = |p: &(f64, f64, &LabPoint)| transform.position_from_point(&PlotPoint::new(p.0, p.1));
    let shown = placed(&points, at, width);
    let canvas = ui
        .painter()
        .with_clip_rect(response.response.rect.expand(6.0));
    lines(&canvas, &shown, row.calculated);
    markers(&canvas, &shown, row.calculated, size);
    if let Some(chosen) = point.and_then(|fact| points.iter().find(|p| p.2.fact == fact)) {
        ui.painter()
            .circle_stroke(at(chosen), 6.0, Stroke::new(1.5, t::ACCENT));
    }
    let axis = Axis {
        days: (start, end),
        x: (
            transform.position_from_point(&PlotPoint::new(start, 0.0)).x,
            transform.position_from_point(&PlotPoint::new(end, 0.0)).x,
        ),
    };
    let Some(pointer) = hovered else {
        return Some(axis);
    };
    let Some(nearest) = points
        .iter()
        .min_by(|a, b| (a.0 - pointer.x).abs().total_cmp(&(b.0 - pointer.x).abs()))
    else {
        return Some(axis);
    };
    let place = at(nearest);
    ui.painter().vline(
        place.x.round() + 0.5,
        rect.top()..=rect.bottom() - sz(20.0),
        Stroke::new(1.0, t::LINE),
    );
    ui.painter()
        .circle_stroke(place, 6.0, Stroke::new(1.5, t::ACCENT));
    let words = point_words(row, &points, nearest.2);
    value_box(ui, rect, place, &words);
    Some(axis)
}

/// Value, time, interval of that report and change since the point before.
fn point_words(row: &LabRow, points: &[(f64, f64, &LabPoint)], point: &LabPoint) -> Vec<String> {
    let mut lines = vec![format!("{} {} {}", point.written, row.unit, point.at)];
    let side = match point.mark {
        Mark::Above | Mark::CriticalAbove => "labs.above",
        Mark::Below | Mark::CriticalBelow => "labs.below",
        Mark::Refused => "labs.refused",
        _ => "labs.inside",
    };
    match interval(point) {
        Some(interval) => lines.push(wf(side, &[("interval", &interval)])),
        None => lines.push(w("labs.no_interval").to_owned()),
    }
    let at = points
        .iter()
        .position(|p| p.2.fact == point.fact)
        .unwrap_or(0);
    if let Some(before) = at.checked_sub(1).and_then(|i| points.get(i))
        && before.1.abs() > 1e-12
        && let Some(value) = point.value
    {
        let change = signed(&format!("{:+.1}", (value / before.1 - 1.0) * 100.0));
        lines.push(wf(
            "labs.change_since",
            &[("change", &change), ("date", &before.2.at.iso_date())],
        ));
    }
    lines
}

fn interval(point: &LabPoint) -> Option<String> {
    match (point.low, point.high) {
        (Some(l), Some(h)) => Some(format!("{l} – {h}")),
        (None, Some(h)) => Some(format!("≤ {h}")),
        (Some(l), None) => Some(format!("≥ {l}")),
        (None, None) => None,
    }
}

/// The value box stands below the line, never on a point.
fn value_box(ui: &Ui, rect: Rect, at: egui::Pos2, lines: &[String]) {
    let p = ui.painter();
    let width = lines
        .iter()
        .enumerate()
        .map(|(i, l)| {
            text::width(
                p,
                l,
                if i == 0 {
                    f::small_strong()
                } else {
                    f::small()
                },
            )
        })
        .fold(0.0, f32::max)
        + 16.0;
    let height = sz(16.0) * lines.len() as f32 + 12.0;
    let x = (at.x - width / 2.0).clamp(rect.left(), (rect.right() - width).max(rect.left()));
    let below = at.y + 12.0 + height < rect.bottom();
    let y = if below {
        at.y + 12.0
    } else {
        at.y - 12.0 - height
    };
    let place = Rect::from_min_size(pos2(x.round(), y.round()), vec2(width.ceil(), height));
    p.rect_filled(place.translate(vec2(0.0, 4.0)), 4.0, t::shade(0.35));
    p.rect(
        place,
        4.0,
        t::HOVER,
        Stroke::new(1.0, t::LINE),
        egui::StrokeKind::Inside,
    );
    for (i, line) in lines.iter().enumerate() {
        let font = if i == 0 {
            f::small_strong()
        } else {
            f::small()
        };
        let ink = if i == 0 { t::VALUE } else { t::BODY };
        text::left(
            p,
            place.left() + 8.0,
            place.top() + 6.0 + sz(16.0) * (i as f32 + 0.5),
            line,
            font,
            ink,
        );
    }
}

/// The reference band, with the interval of each report from its point to the next; one piece while it stays the same.
fn band(plot: &mut egui_plot::PlotUi<'_>, points: &[(f64, f64, &LabPoint)], start: f64, end: f64) {
    let bounds = plot.plot_bounds();
    let mut i = 0;
    while let Some((day, _, point)) = points.get(i) {
        let from = if i == 0 { start } else { *day };
        while points
            .get(i + 1)
            .is_some_and(|n| (n.2.low, n.2.high) == (point.low, point.high))
        {
            i += 1;
        }
        i += 1;
        let to = points.get(i).map_or(end, |n| n.0);
        if point.low.is_none() && point.high.is_none() {
            continue;
        }
        let low = point.low.unwrap_or(bounds.min()[1]);
        let high = point.high.unwrap_or(bounds.max()[1]);
        let corners = vec![[from, low], [to, low], [to, high], [from, high]];
        plot.polygon(
            Polygon::new("", PlotPoints::from(corners))
                .fill_color(t::BAND)
                .stroke(Stroke::NONE)
                .allow_hover(false),
        );
    }
}

/// A point of the chart on screen.
struct Placed<'a> {
    at: egui::Pos2,
    day: f64,
    point: &'a LabPoint,
}

/// Points where they are drawn. Of more than two a column of the screen, the first, the least, the greatest and the last stay, and whatever
/// lies outside its interval most: merging hides neither an extreme nor a mark.
fn placed<'a>(
    points: &[(f64, f64, &'a LabPoint)],
    at: impl Fn(&(f64, f64, &'a LabPoint)) -> egui::Pos2,
    width: f32,
) -> Vec<Placed<'a>> {
    let place = |p: &(f64, f64, &'a LabPoint)| Placed {
        at: at(p),
        day: p.0,
        point: p.2,
    };
    let all: Vec<Placed<'a>> = points.iter().map(place).collect();
    if (all.len() as f32) < width * 2.0 {
        return all;
    }
    let mut kept = Vec::new();
    for column in all.chunk_by(|a, b| a.at.x.floor() == b.at.x.floor()) {
        let by_height = |(_, p): &(usize, &Placed<'_>)| p.at.y.to_bits();
        let ends = [0, column.len().saturating_sub(1)];
        let extremes = [
            column.iter().enumerate().min_by_key(by_height),
            column.iter().enumerate().max_by_key(by_height),
        ];
        let mut keep: Vec<usize> = ends
            .into_iter()
            .chain(extremes.into_iter().flatten().map(|(i, _)| i))
            .collect();
        keep.sort_unstable();
        keep.dedup();
        kept.extend(
            keep.into_iter()
                .filter_map(|i| column.get(i))
                .map(|p| Placed {
                    at: p.at,
                    day: p.day,
                    point: p.point,
                }),
        );
    }
    kept
}

/// Each piece is a line of its own: two results of one time make a corner that a joined line would draw as a spike.
fn lines(p: &egui::Painter, points: &[Placed<'_>], calculated: bool) {
    let usable: Vec<&Placed<'_>> = points
        .iter()
        .filter(|p| p.point.mark != Mark::Refused)
        .collect();
    for pair in usable.windows(2) {
        let [a, b] = pair else { continue };
        if b.day - a.day > spark::GAP {
            continue;
        }
        if calculated {
            let stroke = Stroke::new(1.5, t::LABEL);
            p.extend(egui::Shape::dashed_line(&[a.at, b.at], stroke, 4.0, 3.0));
        } else {
            p.line_segment([a.at, b.at], Stroke::new(1.5, t::BODY));
        }
    }
}

fn markers(p: &egui::Painter, points: &[Placed<'_>], calculated: bool, size: Size) {
    // Where marks would run into each other only those outside their interval are drawn; the line shows the rest.
    let dense = points.len() > 150;
    for placed in points {
        let mark = placed.point.mark;
        let inside = matches!(
            mark,
            Mark::Within | Mark::NoInterval | Mark::Corrected | Mark::FromText
        );
        if dense && inside {
            continue;
        }
        if calculated {
            let square = Rect::from_center_size(placed.at, vec2(6.0, 6.0));
            p.rect(
                square,
                0.0,
                t::PANEL,
                Stroke::new(1.2, t::LABEL),
                egui::StrokeKind::Inside,
            );
        } else if inside {
            p.circle_filled(placed.at, 3.0, t::VALUE);
        } else {
            let scale = if size == Size::Small { 0.8 } else { 1.0 };
            mark::point(p, placed.at, mark, scale, t::LABEL);
        }
    }
}

/// Round levels of the value axis.
fn levels(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let span = (high - low).max(1e-9);
    let rough = span / wanted.max(2) as f64;
    let magnitude = 10f64.powf(rough.log10().floor());
    let steps = [10.0, 5.0, 2.5, 2.0, 1.0, 0.5].map(|s| s * magnitude);
    let coarse = steps.iter().rposition(|s| *s >= rough).unwrap_or(0);
    // One level alone is no scale: then the next finer step.
    let fine = steps.iter().skip(coarse);
    let mut found = fine.map(|step| multiples(low, high, *step));
    let first = found.next().unwrap_or_default();
    if first.len() > 1 {
        return first;
    }
    found.find(|levels| levels.len() > 1).unwrap_or(first)
}

/// Multiples of `step` between two limits; none at the very edge, where its label would be cut.
fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let mut v = (low / step).ceil() * step;
    let mut out = Vec::new();
    while v <= high && out.len() < 12 {
        out.push(v);
        v += step;
    }
    let edge = (high - low).max(1e-9) * 0.06;
    if out.iter().any(|v| *v > low + edge && *v < high - edge) {
        out.retain(|v| *v > low + edge && *v < high - edge);
    }
    out
}

fn decimals(levels: &[f64]) -> usize {
    (0..4)
        .find(|d| {
            levels
                .iter()
                .all(|v| (v * 10f64.powi(*d) - (v * 10f64.powi(*d)).round()).abs() < 1e-6)
        })
        .unwrap_or(3)
        .try_into()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_round_and_inside() {
        assert_eq!(levels(0.36, 1.7, 3), vec![0.5, 1.0, 1.5]);
        assert_eq!(decimals(&levels(0.36, 1.7, 3)), 1);
        // A third of 63 is 21, so steps of 25.
        assert_eq!(levels(28.0, 91.0, 3), vec![50.0, 75.0]);
        // Steps of 5 would leave 10 alone.
        assert_eq!(levels(5.9, 14.2, 2), vec![7.5, 10.0, 12.5]);
        assert_eq!(decimals(&[50.0]), 0);
    }
}
