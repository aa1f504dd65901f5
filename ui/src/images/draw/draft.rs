//! A drawing in the making: clicks and drags until it has all its points.

use egui::Pos2;
use glam::DVec2;
use triptych_workbench::annotate::{Anchor, Annotation, Shape};

use super::form;
use super::ground::Ground;

/// Points that a press may move and still be a click.
const CLICK: f32 = 3.0;
/// Near enough to the first vertex to close an outline.
const CLOSE: f32 = 8.0;
/// Smaller on screen than this, nothing was drawn.
const LEAST: f32 = 2.0;

/// What is being drawn.
#[derive(Debug)]
pub(super) struct Draft {
    pub shape: Shape,
    pub anchor: Anchor,
    clicks: Vec<DVec2>,
    live: DVec2,
    pressed: Option<Pos2>,
    /// The tile in which it is drawn: another one may show the same frame.
    tile: Pos2,
}

/// What became of a draft by a press or a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Goes,
    Done,
}

impl Draft {
    /// Begun by a press.
    pub fn new(shape: Shape, ground: &Ground<'_>, at: Pos2) -> Self {
        let first = ground.to_image(at);
        Self {
            shape,
            anchor: ground.anchor.clone(),
            clicks: vec![first],
            live: first,
            pressed: Some(at),
            tile: ground.rect.min,
        }
    }

    /// Whether it is drawn here.
    pub fn is_on(&self, ground: &Ground<'_>) -> bool {
        self.anchor == ground.anchor && self.tile == ground.rect.min
    }

    pub fn press(&mut self, ground: &Ground<'_>, at: Pos2) -> Progress {
        let closes = self.shape == Shape::Polygon
            && self.clicks.len() >= 3
            && self
                .clicks
                .first()
                .is_some_and(|first| (ground.to_screen(*first) - at).length() < CLOSE);
        if closes {
            return Progress::Done;
        }
        self.live = ground.to_image(at);
        self.clicks.push(self.live);
        self.pressed = Some(at);
        Progress::Goes
    }

    /// The pointer moved, with the button up or down.
    pub fn move_to(&mut self, ground: &Ground<'_>, at: Pos2) {
        self.live = ground.to_image(at);
        let far = |last: &DVec2| (ground.to_screen(*last) - at).length() >= 1.5;
        if self.shape == Shape::Freehand
            && self.pressed.is_some()
            && self.clicks.last().is_some_and(far)
        {
            self.clicks.push(self.live);
        }
    }

    pub fn release(&mut self, at: Pos2) -> Progress {
        let Some(pressed) = self.pressed.take() else {
            return Progress::Goes;
        };
        if self.shape == Shape::Freehand {
            return Progress::Done;
        }
        let all = form::clicks(self.shape);
        if (at - pressed).length() > CLICK {
            if all.is_some_and(|n| self.clicks.len() >= n) {
                if let Some(last) = self.clicks.last_mut() {
                    *last = self.live;
                }
            } else {
                self.clicks.push(self.live);
            }
        }
        match all {
            Some(n) if self.clicks.len() >= n => Progress::Done,
            _ => Progress::Goes,
        }
    }

    /// The points as they would be if it ended here.
    pub fn points(&self, aspect: f64) -> Vec<DVec2> {
        let mut clicks = self.clicks.clone();
        match form::clicks(self.shape) {
            Some(n) if clicks.len() >= n => {
                if let (Some(last), Some(_)) = (clicks.last_mut(), self.pressed) {
                    *last = self.live;
                }
            }
            _ if self.shape == Shape::Freehand => {}
            _ => clicks.push(self.live),
        }
        form::of_clicks(self.shape, &clicks, aspect)
    }

    /// The finished points; `None` when there is nothing to keep.
    pub fn finish(&self, ground: &Ground<'_>) -> Option<Vec<DVec2>> {
        let mut clicks = self.clicks.clone();
        // A double click ends an outline: its second press is no vertex.
        clicks.dedup_by(|a, b| (ground.to_screen(*a) - ground.to_screen(*b)).length() < LEAST);
        let points = form::of_clicks(self.shape, &clicks, ground.aspect());
        if points.len() < self.shape.least_points() {
            return None;
        }
        let bounds = egui::Rect::from_points(
            &points
                .iter()
                .map(|p| ground.to_screen(*p))
                .collect::<Vec<_>>(),
        );
        let single = self.shape.least_points() == 1;
        (single || bounds.size().max_elem() >= LEAST).then_some(points)
    }

    /// Whether an outline may be ended by Enter or a double click.
    pub fn is_open_ended(&self) -> bool {
        form::clicks(self.shape).is_none()
    }
}

/// A drawing without a history; the workbench fills in the rest.
pub(super) fn annotation(shape: Shape, points: &[DVec2], anchor: &Anchor) -> Annotation {
    Annotation {
        uid: String::new(),
        lesion: String::new(),
        label: String::new(),
        shape,
        points: points.iter().map(DVec2::to_array).collect(),
        anchor: anchor.clone(),
        text: String::new(),
        known_mm: None,
        finding: None,
        site: None,
        values: Vec::new(),
        author: String::new(),
        created: String::new(),
        edited: String::new(),
        software: String::new(),
        locked: false,
    }
}
