//! Laboratory results on the page: a line each with its mark, its own report's interval and its course.

use triptych_clinical::When;

use super::content::{Content, LabLine};
use super::face;
use super::layout::{BODY, LABS_WIDTH, SMALL, STRONG, VALUE, more, section_head};
use super::marks;
use super::sheet::{Ink, Sheet, Style};
use crate::view::{LabPoint, Mark};

/// Columns, points from the left edge.
const NAME: [f32; 2] = [11.0, 106.0];
const VALUE_RIGHT: f32 = 147.0;
const UNIT: [f32; 2] = [150.0, 203.0];
const INTERVAL: [f32; 2] = [204.0, 252.0];
const SPARK: [f32; 2] = [254.0, 292.0];
const DATE_RIGHT: f32 = 338.0;

/// Heights of a row and of each further line in it: first choice, and where the room is short.
const PITCH: [[f32; 2]; 2] = [[10.8, 8.8], [9.8, 8.4]];
const PANEL: f32 = 10.6;
const HEAD: f32 = 14.0;
const LEGEND: f32 = 11.0;

/// A line of the table.
enum Line<'a> {
    Panel(&'a str),
    Row(&'a LabLine),
}

fn name_lines(row: &LabLine) -> Vec<String> {
    face::wrap(BODY.face, BODY.size, &row.name, NAME[1] - NAME[0], 3)
}

fn answer_lines(row: &LabLine) -> Vec<String> {
    face::wrap(
        BODY.face,
        BODY.size,
        &row.value,
        INTERVAL[1] - NAME[1] - 3.0,
        3,
    )
}

fn interval_lines(row: &LabLine) -> Vec<String> {
    face::wrap(
        SMALL.face,
        SMALL.size,
        &row.interval,
        INTERVAL[1] - INTERVAL[0],
        2,
    )
}

fn unit_lines(row: &LabLine) -> Vec<String> {
    face::wrap(SMALL.face, SMALL.size, &row.unit, UNIT[1] - UNIT[0], 2)
}

fn line_height(line: &Line<'_>, [first, further]: [f32; 2]) -> f32 {
    match line {
        Line::Panel(_) => PANEL,
        Line::Row(row) => {
            let beside = match row.is_text {
                true => answer_lines(row).len(),
                false => interval_lines(row).len().max(unit_lines(row).len()),
            };
            let lines = name_lines(row).len().max(beside).max(1);
            first + further * (lines - 1) as f32
        }
    }
}

fn table(content: &Content, panels: bool) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for block in &content.labs {
        if panels {
            lines.push(Line::Panel(&block.title));
        }
        lines.extend(block.rows.iter().map(Line::Row));
    }
    lines
}

fn sum(lines: &[Line<'_>], pitch: [f32; 2]) -> f32 {
    lines.iter().map(|l| line_height(l, pitch)).sum()
}

/// With every result and the names of the panels.
pub(super) fn height(content: &Content) -> f32 {
    HEAD + LEGEND + sum(&table(content, true), PITCH[0]).max(PITCH[0][0])
}

/// Where it ends. When the room is short the names of panels go first, then the rows close up, then
/// the last results go.
pub(super) fn draw(
    sheet: &mut Sheet,
    content: &Content,
    edges: [f32; 2],
    [top, bottom]: [f32; 2],
) -> f32 {
    let left = edges[0];
    let mut y = section_head(
        sheet,
        edges,
        top,
        "Laboratory results",
        "newest · unit · interval of its report · course · collected · age",
    );
    let room = bottom - LEGEND - y;
    let mut lines = table(content, true);
    if lines.is_empty() {
        sheet.left(left, y + 10.0, "no record received", SMALL);
        return y + 14.0;
    }
    let mut pitch = PITCH[0];
    if sum(&lines, pitch) > room {
        lines = table(content, false);
    }
    if sum(&lines, pitch) > room {
        pitch = PITCH[1];
    }
    let whole = sum(&lines, pitch) <= room;
    let axis = Axis::of(content);
    for (k, line) in lines.iter().enumerate() {
        let height = line_height(line, pitch);
        if !whole && y + height + PITCH[0][0] > bottom - LEGEND {
            let rest = lines.get(k..).unwrap_or_default();
            let n = rest.iter().filter(|l| matches!(l, Line::Row(_))).count();
            y += PITCH[0][0];
            sheet.left(left, y - 1.5, &more(n, "result", "results"), STRONG);
            break;
        }
        match line {
            Line::Panel(title) => {
                sheet.left(left, y + PANEL - 1.6, title, SMALL);
            }
            Line::Row(line) => row(sheet, line, [left, y], pitch, &axis),
        }
        y += height;
    }
    legend(sheet, left, y + LEGEND - 2.0);
    y + LEGEND
}

fn row(
    sheet: &mut Sheet,
    line: &LabLine,
    [left, top]: [f32; 2],
    [first, further]: [f32; 2],
    axis: &Axis,
) {
    let base = top + 8.2;
    marks::lab(sheet, [left + 4.5, base - 2.8], 7.0, line.mark);
    let stacked = |sheet: &mut Sheet, x: f32, lines: &[String], style| {
        for (k, words) in lines.iter().enumerate() {
            sheet.left(x, base + further * k as f32, words, style);
        }
    };
    let outside = !matches!(
        line.mark,
        Mark::Within | Mark::NoInterval | Mark::Corrected | Mark::FromText | Mark::Refused
    );
    let value = if outside { STRONG } else { VALUE };
    stacked(sheet, left + NAME[0], &name_lines(line), BODY);
    if line.is_text {
        stacked(sheet, left + NAME[1] + 3.0, &answer_lines(line), BODY);
    } else {
        sheet.right(left + VALUE_RIGHT, base, &line.value, value);
        stacked(sheet, left + UNIT[0], &unit_lines(line), SMALL);
        stacked(sheet, left + INTERVAL[0], &interval_lines(line), SMALL);
        let place = [
            left + SPARK[0],
            top + 1.4,
            left + SPARK[1],
            top + first - 1.2,
        ];
        course(sheet, place, &line.points, axis);
    }
    sheet.right(left + DATE_RIGHT, base, &line.date, SMALL);
    sheet.right(left + LABS_WIDTH, base, &line.age, SMALL);
}

fn legend(sheet: &mut Sheet, left: f32, base: f32) {
    let style = Style { size: 6.5, ..SMALL };
    let mut x = left;
    for (mark, words) in [
        (Mark::Above, "above"),
        (Mark::Below, "below its interval"),
        (Mark::CriticalAbove, "critical by its source"),
        (Mark::NoInterval, "no interval"),
    ] {
        marks::lab(sheet, [x + 3.5, base - 2.3], 6.0, mark);
        x = sheet.left(x + 8.5, base, words, style) + 8.0;
    }
    x += 2.0;
    sheet.rect([x, base - 5.0, x + 10.0, base], Ink::fill(222));
    sheet.left(x + 13.0, base, "interval in the course", style);
}

/// A gap longer than this breaks the line, days.
const BROKEN: f64 = 180.0;
const NEWEST: usize = 24;
const YEARS: f64 = 3.0 * 365.25;

fn day(when: &When) -> f64 {
    // Microseconds.
    when.instant.0 as f64 / 86_400e6
}

/// Days that all courses of the page share: three years up to the as-of time, or up to the newest result where that is long past.
struct Axis {
    from: f64,
    to: f64,
}

impl Axis {
    fn of(content: &Content) -> Self {
        let all = || {
            let rows = content.labs.iter().flat_map(|b| &b.rows);
            rows.flat_map(|r| r.points.iter().map(|p| day(&p.at)))
        };
        let newest = all().fold(f64::MIN, f64::max);
        let oldest = all().fold(f64::MAX, f64::min);
        Self {
            from: oldest.max(newest - YEARS).min(newest - 1.0),
            to: newest,
        }
    }
}

/// The course with the band of each report's own interval behind it.
fn course(sheet: &mut Sheet, [l, t, r, b]: [f32; 4], points: &[LabPoint], axis: &Axis) {
    let newest = points.iter().rev();
    let mut shown: Vec<(f64, f64, &LabPoint)> = newest
        .filter_map(|p| Some((day(&p.at), p.value?, p)))
        .filter(|(day, ..)| *day >= axis.from)
        .take(NEWEST)
        .collect();
    shown.reverse();
    if shown.is_empty() {
        return;
    }
    let ends = |p: &LabPoint| [p.low.or(p.high.map(|h| h * 0.2)), p.high];
    let values = shown.iter().flat_map(|(_, v, p)| {
        let [low, high] = ends(p);
        [Some(*v), low, high].into_iter().flatten()
    });
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(v), b.max(v)));
    let log = low > 0.0 && high / low > 20.0;
    let scaled = |v: f64| if log { v.max(1e-9).ln() } else { v };
    let (low, high) = (scaled(low), scaled(high).max(scaled(low) + 1e-9));
    let [l, r] = [l + 1.5, r - 1.5];
    #[allow(clippy::cast_possible_truncation, reason = "a place on a page")]
    let y = |v: f64| b - 1.0 - ((scaled(v) - low) / (high - low)) as f32 * (b - t - 2.0);
    #[allow(clippy::cast_possible_truncation, reason = "a place on a page")]
    let x = |d: f64| {
        let part = ((d - axis.from) / (axis.to - axis.from)).clamp(0.0, 1.0);
        l + part as f32 * (r - l)
    };
    for (k, (day, _, point)) in shown.iter().enumerate() {
        if point.low.is_none() && point.high.is_none() {
            continue;
        }
        let from = if k == 0 { l - 1.5 } else { x(*day) };
        let to = shown.get(k + 1).map_or(r + 1.5, |n| x(n.0));
        let top = point.high.map_or(t, |h| y(h).max(t));
        let bottom = point.low.map_or(b, |v| y(v).min(b));
        let band = [from, top, to.max(from + 0.5), bottom.max(top + 0.5)];
        sheet.rect(band, Ink::fill(222));
    }
    for pair in shown.windows(2) {
        // Two results of one day are two points, not a fall.
        if let [a, b] = pair
            && b.0 - a.0 >= 1.0
            && b.0 - a.0 <= BROKEN * 3.0
            && ![a, b].iter().any(|p| p.2.mark == Mark::Refused)
        {
            let ink = match b.0 - a.0 <= BROKEN {
                true => Ink::line(0.7, 60),
                // Long without a result: not known to have gone this way.
                false => Ink::dashed(0.5, 110, [1.2, 1.4]),
            };
            sheet.line([x(a.0), y(a.1)], [x(b.0), y(b.1)], ink);
        }
    }
    for (k, (day, value, point)) in shown.iter().enumerate() {
        let place = [x(*day), y(*value)];
        let plain = matches!(
            point.mark,
            Mark::Within | Mark::NoInterval | Mark::Corrected
        );
        if !plain {
            let size = if k + 1 == shown.len() { 4.2 } else { 2.8 };
            marks::lab(sheet, place, size, point.mark);
        } else if k + 1 == shown.len() {
            sheet.circle(place, 1.3, Ink::fill(0));
        } else {
            sheet.circle(place, 0.6, Ink::fill(60));
        }
    }
}
