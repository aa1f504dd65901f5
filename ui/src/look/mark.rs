//! Badges, severities and table marks: exact geometry of look.md, painted, never glyphs.
//!
//! Badges and severities live on a 16 px grid, table marks on 12 px; all are given the centre of their grid and do not follow the text
//! scale below 1. Shape and word say what a mark means; colour repeats it (D-33).

use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};
use triptych_workbench::view::{Lane, Mark, Severity, Variation};

use super::{path, tokens as t, typeface};

fn grid(center: Pos2, size: f32) -> impl Fn(f32, f32) -> Pos2 {
    let origin = center - vec2(size, size) / 2.0;
    move |x, y| origin + vec2(x, y)
}

fn polygon(painter: &Painter, points: Vec<Pos2>, fill: Color32) {
    painter.add(Shape::convex_polygon(points, fill, Stroke::NONE));
}

fn closed(painter: &Painter, points: Vec<Pos2>, stroke: Stroke) {
    painter.add(Shape::closed_line(points, stroke));
}

/// Lane badge: N in a square, D in a double hexagon, T in a dashed circle.
pub fn lane(painter: &Painter, center: Pos2, lane: Lane) {
    let g = grid(center, 16.0);
    let stroke = Stroke::new(1.0, t::BODY);
    match lane {
        Lane::N => {
            closed(
                painter,
                vec![g(1.5, 1.5), g(14.5, 1.5), g(14.5, 14.5), g(1.5, 14.5)],
                stroke,
            );
            letter(painter, g(8.0, 8.0), "N", 10.0);
        }
        Lane::D => {
            let outer = [
                (4.5, 1.5),
                (11.5, 1.5),
                (15.5, 8.0),
                (11.5, 14.5),
                (4.5, 14.5),
                (0.5, 8.0),
            ];
            let inner = [
                (5.6, 3.5),
                (10.4, 3.5),
                (13.2, 8.0),
                (10.4, 12.5),
                (5.6, 12.5),
                (2.8, 8.0),
            ];
            for ring in [outer, inner] {
                closed(
                    painter,
                    ring.iter().map(|&(x, y)| g(x, y)).collect(),
                    stroke,
                );
            }
            letter(painter, g(8.0, 8.0), "D", 8.0);
        }
        Lane::T => {
            let ring: Vec<Pos2> = (0..=48u8)
                .map(|i| {
                    let angle = std::f32::consts::TAU * f32::from(i) / 48.0;
                    g(8.0, 8.0) + egui::Vec2::angled(angle) * 6.5
                })
                .collect();
            painter.extend(Shape::dashed_line(&ring, stroke, 2.55, 2.55));
            letter(painter, g(8.0, 8.0), "T", 10.0);
        }
    }
}

/// The word of a lane, for hover and screen readers.
#[must_use]
pub const fn lane_word(lane: Lane) -> &'static str {
    match lane {
        Lane::N => "lane.notice",
        Lane::D => "lane.investigational",
        Lane::T => "lane.time_critical",
    }
}

/// Severity by shape: circle, triangle outline, filled triangle, filled diamond.
pub fn severity(painter: &Painter, center: Pos2, severity: Severity) {
    let g = grid(center, 16.0);
    match severity {
        Severity::Info => {
            let stroke = Stroke::new(1.5, t::BODY);
            painter.circle_stroke(g(8.0, 8.0), 5.5, stroke);
            painter.line_segment([g(8.0, 7.5), g(8.0, 11.0)], stroke);
            painter.line_segment([g(8.0, 5.0), g(8.0, 6.2)], stroke);
        }
        Severity::Low => closed(
            painter,
            vec![g(8.0, 2.5), g(14.0, 13.5), g(2.0, 13.5)],
            Stroke::new(1.5, t::AMBER),
        ),
        Severity::Moderate => {
            polygon(
                painter,
                vec![g(8.0, 1.5), g(15.0, 14.0), g(1.0, 14.0)],
                t::AMBER,
            );
        }
        Severity::High => {
            polygon(
                painter,
                vec![g(8.0, 0.5), g(15.5, 8.0), g(8.0, 15.5), g(0.5, 8.0)],
                t::RED,
            );
        }
    }
}

/// Key of the severity's word in the text catalogue.
#[must_use]
pub const fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "severity.info",
        Severity::Low => "severity.low",
        Severity::Moderate => "severity.moderate",
        Severity::High => "severity.high",
    }
}

/// The mark beside a value, on 12 px; nothing for a value inside its interval.
pub fn value(painter: &Painter, center: Pos2, mark: Mark) {
    let g = grid(center, 12.0);
    let up = |y: f32, colour| {
        polygon(
            painter,
            vec![g(6.0, y), g(11.0, y + 6.0), g(1.0, y + 6.0)],
            colour,
        )
    };
    let down = |y: f32, colour| {
        polygon(
            painter,
            vec![g(6.0, y), g(1.0, y - 6.0), g(11.0, y - 6.0)],
            colour,
        )
    };
    match mark {
        Mark::Within => {}
        Mark::Above => {
            polygon(
                painter,
                vec![g(6.0, 2.0), g(11.0, 10.0), g(1.0, 10.0)],
                t::AMBER,
            );
        }
        Mark::Below => {
            polygon(
                painter,
                vec![g(6.0, 10.0), g(1.0, 2.0), g(11.0, 2.0)],
                t::BLUE,
            );
        }
        Mark::CriticalAbove => {
            up(0.0, t::RED);
            up(6.0, t::RED);
        }
        Mark::CriticalBelow => {
            down(6.0, t::RED);
            down(12.0, t::RED);
        }
        Mark::NoInterval => {
            painter.circle_stroke(g(6.0, 6.0), 2.5, Stroke::new(1.0, t::LABEL));
        }
        Mark::Refused => {
            let stroke = Stroke::new(1.0, t::LABEL);
            closed(painter, square(&g), stroke);
            painter.line_segment([g(2.0, 10.0), g(10.0, 2.0)], stroke);
        }
        Mark::FromText => {
            let mut ring = square(&g);
            ring.push(g(1.5, 1.5));
            painter.extend(Shape::dashed_line(
                &ring,
                Stroke::new(1.0, t::LABEL),
                2.0,
                1.5,
            ));
        }
        Mark::Corrected => letter(painter, g(6.0, 6.0), "C", 11.0),
    }
}

fn square(g: &impl Fn(f32, f32) -> Pos2) -> Vec<Pos2> {
    vec![g(1.5, 1.5), g(10.5, 1.5), g(10.5, 10.5), g(1.5, 10.5)]
}

/// A small mark of a point in a sparkline or chart: `scale` 1 is the 12 px of a table.
pub fn point(painter: &Painter, at: Pos2, mark: Mark, scale: f32, ink: Color32) {
    let s = scale;
    match mark {
        Mark::Above | Mark::CriticalAbove => {
            let colour = if mark == Mark::Above {
                t::AMBER
            } else {
                t::RED
            };
            polygon(
                painter,
                vec![
                    at + vec2(0.0, -4.6 * s),
                    at + vec2(5.0 * s, 4.0 * s),
                    at + vec2(-5.0 * s, 4.0 * s),
                ],
                colour,
            );
        }
        Mark::Below | Mark::CriticalBelow => {
            let colour = if mark == Mark::Below { t::BLUE } else { t::RED };
            polygon(
                painter,
                vec![
                    at + vec2(0.0, 4.6 * s),
                    at + vec2(-5.0 * s, -4.0 * s),
                    at + vec2(5.0 * s, -4.0 * s),
                ],
                colour,
            );
        }
        Mark::Refused => {
            let stroke = Stroke::new(1.0, t::LABEL);
            let d = 2.5 * s;
            painter.line_segment([at + vec2(-d, -d), at + vec2(d, d)], stroke);
            painter.line_segment([at + vec2(-d, d), at + vec2(d, -d)], stroke);
        }
        _ => {
            painter.circle_filled(at, 3.0 * s, ink);
        }
    }
}

/// Arrow of a change beyond expected variation.
pub fn variation(painter: &Painter, center: Pos2, variation: Variation) {
    let paths = match variation {
        Variation::None => return,
        Variation::Up => "M6 10.5V2M2.5 5.5 6 2l3.5 3.5",
        Variation::Down => "M6 1.5V10M2.5 6.5 6 10l3.5-3.5",
    };
    let g = grid(center, 12.0);
    for strip in path::strips(paths) {
        let points = strip.points.iter().map(|p| g(p.x, p.y)).collect();
        painter.line(points, Stroke::new(1.3, t::VALUE));
    }
}

/// What a criterion says for an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Plus.
    Supports,
    /// Minus.
    Against,
    /// Question mark; its row is hatched.
    Unknown,
}

/// Plus, minus or question mark on 12 px.
pub fn weight(painter: &Painter, center: Pos2, weight: Weight) {
    let g = grid(center, 12.0);
    let stroke = Stroke::new(1.5, t::VALUE);
    match weight {
        Weight::Unknown => letter(painter, g(6.0, 6.0), "?", 13.0),
        Weight::Against => {
            painter.line_segment([g(1.5, 6.0), g(10.5, 6.0)], stroke);
        }
        Weight::Supports => {
            painter.line_segment([g(1.5, 6.0), g(10.5, 6.0)], stroke);
            painter.line_segment([g(6.0, 1.5), g(6.0, 10.5)], stroke);
        }
    }
}

/// What counts no longer, on 16 px: a pill struck at its middle.
pub fn withdrawn(painter: &Painter, center: Pos2) {
    let g = grid(center, 16.0);
    let stroke = Stroke::new(1.0, t::BODY);
    let pill = Rect::from_min_max(g(1.5, 3.5), g(14.5, 12.5));
    painter.rect_stroke(pill, CornerRadius::same(1), stroke, StrokeKind::Middle);
    painter.line_segment([g(0.0, 8.0), g(16.0, 8.0)], stroke);
}

/// Disc with a number: the same in the card and in the leaf that it points at.
pub fn target(painter: &Painter, center: Pos2, number: usize, on_image: bool) {
    if on_image {
        painter.circle_filled(center, 9.5, t::IMAGE);
    }
    painter.circle_filled(center, if on_image { 8.5 } else { 8.0 }, t::ACCENT);
    let galley = painter.layout_no_wrap(number.to_string(), typeface::letter(11.0), t::ON_ACCENT);
    let at = pos2(center.x - galley.size().x / 2.0, center.y - 0.676 * 11.0);
    painter.galley(at, galley, t::ON_ACCENT);
}

/// Flag of the index time, its tip at `tip`, 10 × 11 points.
pub fn flag(painter: &Painter, tip: Pos2, colour: Color32) {
    polygon(
        painter,
        vec![
            tip + vec2(-5.0, -11.0),
            tip + vec2(5.0, -11.0),
            tip + vec2(5.0, -5.0),
            tip,
            tip + vec2(-5.0, -5.0),
        ],
        colour,
    );
}

/// Border of a card by lane: solid, double (two 1 px lines, 1 px apart) or dashed.
pub fn border(painter: &Painter, rect: Rect, lane: Lane, colour: Color32) {
    let corner = CornerRadius::same(t::RADIUS);
    let stroke = Stroke::new(1.0, colour);
    match lane {
        Lane::N => {
            painter.rect_stroke(rect, corner, stroke, StrokeKind::Inside);
        }
        Lane::D => {
            painter.rect_stroke(rect, corner, stroke, StrokeKind::Inside);
            painter.rect_stroke(
                rect.shrink(2.0),
                CornerRadius::same(2),
                stroke,
                StrokeKind::Inside,
            );
        }
        Lane::T => dashed_rect(painter, rect, stroke, 3.0, 3.0),
    }
}

/// A dashed rectangle inside `rect`.
pub fn dashed_rect(painter: &Painter, rect: Rect, stroke: Stroke, on: f32, off: f32) {
    let r = rect.shrink(stroke.width / 2.0);
    let ring = [
        r.left_top(),
        r.right_top(),
        r.right_bottom(),
        r.left_bottom(),
        r.left_top(),
    ];
    painter.extend(Shape::dashed_line(&ring, stroke, on, off));
}

/// Hatching at 45 degrees: unknown, or what could not be shown.
pub fn hatch(painter: &Painter, rect: Rect, gap: f32, colour: Color32) {
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let step = gap * std::f32::consts::SQRT_2;
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        painter.line_segment(
            [pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())],
            Stroke::new(1.0, colour),
        );
        x += step;
    }
}

fn letter(painter: &Painter, center: Pos2, text: &str, size: f32) {
    let galley = painter.layout_no_wrap(text.to_owned(), typeface::letter(size), t::VALUE);
    let at = pos2(center.x - galley.size().x / 2.0, center.y - 0.676 * size);
    painter.galley(at, galley, t::VALUE);
}
