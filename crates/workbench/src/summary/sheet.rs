//! What a printed page is made of: texts and paths in points from the top left corner, in greys. Nothing here knows a patient.

use super::face::{self, Face};
use crate::letters;

/// A4 upright, points.
pub(super) const WIDTH: f32 = 595.28;
/// A4 upright, points.
pub(super) const HEIGHT: f32 = 841.89;

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    pub face: Face,
    /// Points.
    pub size: f32,
    /// 0 is black; what is read stays below 96, so that a poor printer keeps it.
    pub grey: u8,
}

impl Style {
    pub const fn new(face: Face, size: f32, grey: u8) -> Self {
        Self { face, size, grey }
    }

    pub fn width(self, words: &str) -> f32 {
        face::width(self.face, self.size, words)
    }
}

/// A step of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    Move([f32; 2]),
    Line([f32; 2]),
    Curve([f32; 2], [f32; 2], [f32; 2]),
    Close,
}

/// How a path is painted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Ink {
    pub fill: Option<u8>,
    /// Width and grey.
    pub stroke: Option<(f32, u8)>,
    /// Lengths on and off.
    pub dash: Option<[f32; 2]>,
}

impl Ink {
    pub const fn fill(grey: u8) -> Self {
        Self {
            fill: Some(grey),
            stroke: None,
            dash: None,
        }
    }

    pub const fn line(width: f32, grey: u8) -> Self {
        Self {
            fill: None,
            stroke: Some((width, grey)),
            dash: None,
        }
    }

    pub const fn dashed(width: f32, grey: u8, dash: [f32; 2]) -> Self {
        Self {
            fill: None,
            stroke: Some((width, grey)),
            dash: Some(dash),
        }
    }
}

/// One thing on the page.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Drawn {
    /// Left end of the base line.
    Text {
        at: [f32; 2],
        words: String,
        style: Style,
    },
    Path {
        steps: Vec<Step>,
        ink: Ink,
    },
}

/// A page, in the order in which it is painted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sheet {
    pub drawn: Vec<Drawn>,
    /// Characters that the type has no glyph for; each is printed as an empty box.
    pub boxes: usize,
}

impl Sheet {
    /// Text from `x`; its right end.
    pub fn left(&mut self, x: f32, base: f32, words: &str, style: Style) -> f32 {
        let words: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.is_empty() {
            return x;
        }
        let words = letters::visual(&words).into_owned();
        self.boxes += face::without_glyph(style.face, &words);
        let right = x + style.width(&words);
        self.drawn.push(Drawn::Text {
            at: [x, base],
            words,
            style,
        });
        right
    }

    /// Text up to `x`; its left end.
    pub fn right(&mut self, x: f32, base: f32, words: &str, style: Style) -> f32 {
        let left = x - style.width(words);
        self.left(left, base, words, style);
        left
    }

    pub fn path(&mut self, steps: Vec<Step>, ink: Ink) {
        self.drawn.push(Drawn::Path { steps, ink });
    }

    pub fn line(&mut self, from: [f32; 2], to: [f32; 2], ink: Ink) {
        self.path(vec![Step::Move(from), Step::Line(to)], ink);
    }

    pub fn polygon(&mut self, points: &[[f32; 2]], ink: Ink) {
        let mut steps = Vec::with_capacity(points.len() + 1);
        for (k, point) in points.iter().enumerate() {
            steps.push(if k == 0 {
                Step::Move(*point)
            } else {
                Step::Line(*point)
            });
        }
        steps.push(Step::Close);
        self.path(steps, ink);
    }

    /// Left, top, right, bottom.
    pub fn rect(&mut self, [l, t, r, b]: [f32; 4], ink: Ink) {
        self.polygon(&[[l, t], [r, t], [r, b], [l, b]], ink);
    }

    pub fn circle(&mut self, [x, y]: [f32; 2], r: f32, ink: Ink) {
        // Four curves, each off a true quarter by less than a thousandth of the radius.
        let k = r * 0.552_3;
        let steps = vec![
            Step::Move([x + r, y]),
            Step::Curve([x + r, y + k], [x + k, y + r], [x, y + r]),
            Step::Curve([x - k, y + r], [x - r, y + k], [x - r, y]),
            Step::Curve([x - r, y - k], [x - k, y - r], [x, y - r]),
            Step::Curve([x + k, y - r], [x + r, y - k], [x + r, y]),
            Step::Close,
        ];
        self.path(steps, ink);
    }

    /// The texts, one line for each run of texts on one base line, in the order in which they are painted.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<(f32, String)> = Vec::new();
        for drawn in &self.drawn {
            let Drawn::Text { at, words, .. } = drawn else {
                continue;
            };
            match lines.last_mut() {
                Some((base, line)) if (*base - at[1]).abs() < 0.05 => {
                    line.push_str(" | ");
                    line.push_str(words);
                }
                _ => lines.push((at[1], words.clone())),
            }
        }
        lines.into_iter().map(|(_, line)| line).collect()
    }
}
