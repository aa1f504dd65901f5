//! Lines and handles of drawings (look.md, calipers).

use egui::{Painter, Pos2, Rect, Shape as Line, Stroke, StrokeKind, vec2};
use glam::DVec2;
use triptych_workbench::annotate::Shape;

use super::form;
use super::ground::Ground;
use crate::look::tokens as t;

/// How a drawing is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Plain,
    /// With handles.
    Active,
    /// Lies on another plane: dashed.
    Projected,
}

/// The lines of a drawing on screen.
pub(super) fn lines(ground: &Ground<'_>, shape: Shape, points: &[DVec2]) -> Vec<(Vec<Pos2>, bool)> {
    form::strokes(shape, points, ground.aspect())
        .into_iter()
        .map(|(points, closed)| {
            let on_screen = points.iter().map(|p| ground.to_screen(*p)).collect();
            (on_screen, closed)
        })
        .collect()
}

/// Paints a drawing without its words.
pub(super) fn drawing(
    painter: &Painter,
    ground: &Ground<'_>,
    shape: Shape,
    points: &[DVec2],
    manner: Manner,
) {
    let lines = lines(ground, shape, points);
    for stroke in [Stroke::new(3.5, t::shade(0.75)), Stroke::new(1.5, t::MARK)] {
        for (points, closed) in &lines {
            let mut points = points.clone();
            if *closed && let Some(first) = points.first() {
                points.push(*first);
            }
            if manner == Manner::Projected && stroke.color == t::MARK {
                painter.extend(Line::dashed_line(&points, stroke, 5.0, 4.0));
            } else {
                painter.add(Line::line(points, stroke));
            }
        }
        if shape == Shape::Arrow {
            head(painter, ground, points, stroke);
        }
        if shape == Shape::Probe
            && let Some(at) = points.first()
        {
            let c = ground.to_screen(*at);
            for d in [vec2(1.0, 0.0), vec2(0.0, 1.0)] {
                painter.line_segment([c - d * 7.0, c - d * 2.0], stroke);
                painter.line_segment([c + d * 2.0, c + d * 7.0], stroke);
            }
        }
        if shape == Shape::Calibration {
            ends(painter, ground, points, stroke);
        }
    }
    if manner == Manner::Active {
        for at in form::handles(shape, points) {
            let place = Rect::from_center_size(ground.to_screen(at), vec2(6.0, 6.0));
            painter.rect(
                place,
                0.0,
                t::IMAGE,
                Stroke::new(1.0, t::MARK),
                StrokeKind::Middle,
            );
        }
    }
}

/// Head of an arrow at its first point.
fn head(painter: &Painter, ground: &Ground<'_>, points: &[DVec2], stroke: Stroke) {
    let [tip, tail, ..] = points else { return };
    let (tip, tail) = (ground.to_screen(*tip), ground.to_screen(*tail));
    let along = (tail - tip).normalized() * 9.0;
    for side in [0.45, -0.45] {
        let turned = egui::emath::Rot2::from_angle(side) * along;
        painter.line_segment([tip, tip + turned], stroke);
    }
}

/// Short lines across the ends: a ruler, not a measurement.
fn ends(painter: &Painter, ground: &Ground<'_>, points: &[DVec2], stroke: Stroke) {
    let [a, b, ..] = points else { return };
    let (a, b) = (ground.to_screen(*a), ground.to_screen(*b));
    let across = (b - a).normalized().rot90() * 5.0;
    for end in [a, b] {
        painter.line_segment([end - across, end + across], stroke);
    }
}
