//! The words beside a drawing: where they stand, and the line that leads to it. They never stand on what is measured (T48).

use egui::{Align, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2, vec2};

use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t};

/// Room between words and what they must not cover.
const GAP: f32 = 6.0;

/// Places of labels in one tile and one frame: a later one gives way to the earlier ones and to the corner text.
pub(super) struct Labels {
    tile: Rect,
    taken: Vec<Rect>,
}

fn line_height() -> f32 {
    sz(15.0)
}

impl Labels {
    pub fn new(tile: Rect) -> Self {
        // Where name, dates, window and marks stand.
        let corner = vec2(tile.width() * 0.42, sz(62.0).min(tile.height() * 0.25));
        let at = |min: Pos2| Rect::from_min_size(min, corner);
        let taken = vec![
            at(tile.min),
            at(pos2(tile.right() - corner.x, tile.top())),
            at(pos2(tile.left(), tile.bottom() - corner.y)),
            at(tile.max - corner),
        ];
        Self { tile, taken }
    }

    /// The place of `lines` beside a drawing that covers `bounds`; `wanted` is where a reader moved its centre to.
    pub fn place(
        &mut self,
        painter: &Painter,
        lines: &[String],
        bounds: Rect,
        wanted: Option<Pos2>,
    ) -> Rect {
        let width = lines
            .iter()
            .map(|l| text::width(painter, l, f::small_strong()))
            .fold(0.0, f32::max);
        let size = vec2(width + 2.0, line_height() * lines.len() as f32);
        let rect = match wanted {
            Some(at) => off(
                inside(Rect::from_center_size(at, size), self.tile),
                bounds,
                self.tile,
            ),
            None => self.free(size, bounds),
        };
        self.taken.push(rect);
        rect
    }

    fn free(&self, size: Vec2, bounds: Rect) -> Rect {
        let keep_off = bounds.expand(GAP);
        let room = self.tile.shrink(4.0);
        let mut second = None;
        for away in [14.0, 34.0, 60.0, 96.0, 140.0] {
            for rect in around(bounds, size, away) {
                if !room.contains_rect(rect) || rect.intersects(keep_off) {
                    continue;
                }
                if !self.taken.iter().any(|t| t.expand(2.0).intersects(rect)) {
                    return rect;
                }
                second.get_or_insert(rect);
            }
        }
        second.unwrap_or_else(|| {
            // The drawing fills the tile: as far from its middle as there is room.
            let low = pos2(bounds.center().x, self.tile.bottom() - size.y);
            off(
                inside(Rect::from_center_size(low, size), self.tile),
                bounds,
                self.tile,
            )
        })
    }
}

/// Places around `bounds`, the best first: below at the side, where the eye does not read over the drawing.
fn around(bounds: Rect, size: Vec2, away: f32) -> [Rect; 8] {
    let (w, h) = (size.x, size.y);
    let c = bounds.center();
    let (l, r, u, d) = (
        bounds.left() - away - w,
        bounds.right() + away,
        bounds.top() - away - h,
        bounds.bottom() + away,
    );
    [
        pos2(r, d),
        pos2(l, d),
        pos2(r, c.y - h / 2.0),
        pos2(l, c.y - h / 2.0),
        pos2(r, u),
        pos2(l, u),
        pos2(c.x - w / 2.0, d),
        pos2(c.x - w / 2.0, u),
    ]
    .map(|min| Rect::from_min_size(min, size))
}

fn inside(rect: Rect, tile: Rect) -> Rect {
    let room = tile.shrink(4.0);
    let min = pos2(
        rect.left()
            .min(room.right() - rect.width())
            .max(room.left()),
        rect.top()
            .min(room.bottom() - rect.height())
            .max(room.top()),
    );
    Rect::from_min_size(min, rect.size())
}

/// `rect` beside `bounds`, moved as little as can be.
fn off(rect: Rect, bounds: Rect, tile: Rect) -> Rect {
    let keep_off = bounds.expand(GAP);
    if !rect.intersects(keep_off) {
        return rect;
    }
    let moves = [
        vec2(keep_off.left() - rect.right(), 0.0),
        vec2(keep_off.right() - rect.left(), 0.0),
        vec2(0.0, keep_off.top() - rect.bottom()),
        vec2(0.0, keep_off.bottom() - rect.top()),
    ];
    moves
        .into_iter()
        .map(|by| (by.length(), rect.translate(by)))
        .filter(|(_, moved)| tile.contains_rect(*moved))
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
        .map_or(rect, |(_, moved)| moved)
}

/// Paints the words, and the leader to the nearest of `anchors`.
pub(super) fn paint(
    painter: &Painter,
    rect: Rect,
    lines: &[String],
    anchors: &[Pos2],
    faint: bool,
) {
    let from = anchors.iter().min_by(|a, b| {
        rect.distance_sq_to_pos(**a)
            .total_cmp(&rect.distance_sq_to_pos(**b))
    });
    if let Some(to) = from {
        let start = rect.clamp(*to);
        if (start - *to).length() > GAP {
            painter.line_segment([start, *to], Stroke::new(2.0, t::shade(0.75)));
            let dashes = Shape::dashed_line(&[start, *to], Stroke::new(1.0, t::VALUE), 2.0, 2.0);
            painter.extend(dashes);
        }
    }
    for (k, line) in lines.iter().enumerate() {
        let at = pos2(
            rect.left() + 1.0,
            rect.top() + line_height() * (k as f32 + 0.5),
        );
        let font = if k == 0 && !faint {
            f::small_strong()
        } else {
            f::small()
        };
        text::on_image(painter, at, Align::Min, line, font);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t48_a_label_stands_beside_the_drawing_wherever_it_was_put() {
        let tile = Rect::from_min_size(Pos2::ZERO, vec2(400.0, 400.0));
        let bounds = Rect::from_center_size(pos2(200.0, 200.0), vec2(80.0, 60.0));
        let size = vec2(90.0, 30.0);
        for x in (0..40).map(|k| k as f32 * 10.0) {
            for y in (0..40).map(|k| k as f32 * 10.0) {
                let rect = off(
                    inside(Rect::from_center_size(pos2(x, y), size), tile),
                    bounds,
                    tile,
                );
                assert!(!rect.intersects(bounds), "{x} {y} {rect:?}");
                assert!(tile.contains_rect(rect));
            }
        }
    }

    #[test]
    fn t48_labels_give_way_to_one_another_and_to_the_corner_text() {
        let tile = Rect::from_min_size(Pos2::ZERO, vec2(500.0, 500.0));
        let mut labels = Labels::new(tile);
        let bounds = Rect::from_center_size(pos2(250.0, 250.0), vec2(60.0, 60.0));
        let mut places: Vec<Rect> = labels.taken.clone();
        for _ in 0..6 {
            let rect = labels.free(vec2(90.0, 15.0), bounds);
            assert!(places.iter().all(|p| !p.intersects(rect)) && !rect.intersects(bounds));
            labels.taken.push(rect);
            places.push(rect);
        }
    }
}
