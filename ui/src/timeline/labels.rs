//! Words beside marks: never over a mark, never over other words; what finds no room is counted.

use egui::{Color32, Painter, Rect};

use crate::look::text;
use crate::look::typeface as f;

/// One line of a lane on which words find their places.
pub(super) struct Labels {
    rect: Rect,
    /// Taken stretches.
    taken: Vec<(f32, f32)>,
    /// Labels for which there was no room.
    pub hidden: usize,
}

impl Labels {
    /// The line at the index time is taken from the start.
    pub fn new(rect: Rect, now_x: f32) -> Self {
        Self {
            rect,
            taken: vec![(now_x - 2.0, now_x + 2.0)],
            hidden: 0,
        }
    }

    /// A mark stands here.
    pub fn mark(&mut self, left: f32, right: f32) {
        self.taken.push((left, right));
    }

    fn is_free(&self, left: f32, right: f32) -> bool {
        left >= self.rect.left() + 2.0
            && right <= self.rect.right() - 2.0
            && self.taken.iter().all(|(a, b)| right < *a || left > *b)
    }

    /// Writes right of a mark at `x`, else left of it, else counts.
    pub fn put(&mut self, p: &Painter, x: f32, words: &str, ink: Color32) {
        if words.is_empty() {
            return;
        }
        let width = text::width(p, words, f::small());
        let y = self.rect.center().y;
        // A mark is at most 16 points wide, and has a little air on both sides.
        for left in [x + 10.0, x - 10.0 - width] {
            if self.is_free(left, left + width) {
                text::left(p, left, y, words, f::small(), ink);
                self.taken.push((left - 6.0, left + width + 6.0));
                return;
            }
        }
        self.hidden += 1;
    }
}
