//! What lies under the pointer: a handle, a line, a label of a drawing.

use egui::{Pos2, Rect};
use glam::DVec2;
use triptych_workbench::annotate::{Annotation, Shape};

use super::ground::Ground;
use super::{form, paint};

/// Points around a handle, and beside a line.
const HANDLE: f32 = 6.0;
const LINE: f32 = 4.5;

/// A part of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Handle(usize),
    Whole,
    Label,
}

/// The points of a drawing as vectors.
pub(super) fn points(drawing: &Annotation) -> Vec<DVec2> {
    drawing.corners().map(|c| c.0).collect()
}

/// The part of `drawing` at `at`.
pub(super) fn part(
    ground: &Ground<'_>,
    drawing: &Annotation,
    label: Option<Rect>,
    at: Pos2,
) -> Option<Part> {
    let points = points(drawing);
    let near = |p: &DVec2| (ground.to_screen(*p) - at).length() <= HANDLE;
    if let Some(k) = form::handles(drawing.shape, &points).iter().position(near) {
        return Some(Part::Handle(k));
    }
    for (line, closed) in paint::lines(ground, drawing.shape, &points) {
        let last = line.first().copied().filter(|_| closed);
        let ends: Vec<Pos2> = line.iter().copied().chain(last).collect();
        let hit = ends.windows(2).any(|pair| match pair {
            [from, to] => form::distance(at, *from, *to) <= LINE,
            _ => false,
        });
        if hit {
            return Some(Part::Whole);
        }
    }
    // A text has no line: its words are taken, and moved with it.
    let words = label.is_some_and(|rect| rect.expand(2.0).contains(at));
    words.then_some(if drawing.shape == Shape::Text {
        Part::Whole
    } else {
        Part::Label
    })
}
