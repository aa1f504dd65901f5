//! A drawing in the making: clicks and drags until it has all its points.

use egui::Pos2;
use glam::DVec2;
use triptych_workbench::annotate::{Anchor, Annotation, Shape};
use triptych_workbench::measure::simplified;

use super::form;
use super::ground::Ground;
use super::wire::Wire;

/// Points that a press may move and still be a click.
const CLICK: f32 = 3.0;
/// Near enough to the first vertex to close an outline.
const CLOSE: f32 = 8.0;
/// The hand trembles by so many pixels of the screen: no length is made of it.
const TREMBLE: f64 = 0.75;
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
    /// Of a livewire.
    wire: Option<Box<Wire>>,
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
        let mut first = ground.to_image(at);
        let wire = (shape == Shape::Livewire)
            .then(|| Wire::new(ground, first).map(Box::new))
            .flatten();
        if let Some(wire) = &wire {
            first = wire.first();
        }
        Self {
            shape,
            anchor: ground.anchor.clone(),
            clicks: vec![first],
            live: first,
            pressed: Some(at),
            tile: ground.rect.min,
            wire,
        }
    }

    /// Whether it is drawn here.
    pub fn is_on(&self, ground: &Ground<'_>) -> bool {
        self.anchor == ground.anchor && self.tile == ground.rect.min
    }

    pub fn press(&mut self, ground: &Ground<'_>, at: Pos2) -> Progress {
        let closes = form::closes(self.shape)
            && self.clicks.len() >= 3
            && self
                .clicks
                .first()
                .is_some_and(|first| (ground.to_screen(*first) - at).length() < CLOSE);
        if closes {
            return Progress::Done;
        }
        self.live = ground.to_image(at);
        if let Some(wire) = &mut self.wire {
            wire.click(ground, self.live);
        }
        self.clicks.push(self.live);
        self.pressed = Some(at);
        Progress::Goes
    }

    /// The pointer moved, with the button up or down.
    pub fn move_to(&mut self, ground: &Ground<'_>, at: Pos2) {
        self.live = ground.to_image(at);
        if let Some(wire) = &mut self.wire {
            wire.seek(self.live);
        }
        let far = |last: &DVec2| (ground.to_screen(*last) - at).length() >= 1.5;
        if form::is_stroke(self.shape)
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
        if form::is_stroke(self.shape) {
            return Progress::Done;
        }
        let all = form::clicks(self.shape);
        // A drag places its end too; a livewire goes from click to click.
        if (at - pressed).length() > CLICK && self.wire.is_none() {
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
        if let Some(wire) = &self.wire {
            return wire.line(self.live);
        }
        let mut clicks = self.clicks.clone();
        match form::clicks(self.shape) {
            Some(n) if clicks.len() >= n => {
                if let (Some(last), Some(_)) = (clicks.last_mut(), self.pressed) {
                    *last = self.live;
                }
            }
            _ if form::is_stroke(self.shape) => {}
            _ => clicks.push(self.live),
        }
        form::of_clicks(self.shape, &clicks, aspect)
    }

    /// The finished points; `None` when there is nothing to keep.
    pub fn finish(&mut self, ground: &Ground<'_>) -> Option<Vec<DVec2>> {
        let mut clicks = match &mut self.wire {
            Some(wire) => wire.close(),
            None => self.clicks.clone(),
        };
        // A double click ends an outline: its second press is no vertex.
        if self.wire.is_none() {
            clicks.dedup_by(|a, b| (ground.to_screen(*a) - ground.to_screen(*b)).length() < LEAST);
        }
        if self.shape == Shape::Curve {
            clicks = simplified(&clicks, TREMBLE / ground.transform.scale().max(1e-3));
        }
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

    /// Where it was begun.
    pub fn first(&self) -> Option<DVec2> {
        self.clicks.first().copied()
    }

    /// Its search goes on in the next frame.
    pub fn is_seeking(&self) -> bool {
        self.wire.as_ref().is_some_and(|wire| wire.seeking)
    }

    /// What it is painted as: a livewire is open until it is closed along an edge.
    pub fn painted(&self) -> Shape {
        match self.wire {
            Some(_) => Shape::Path,
            None => self.shape,
        }
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
