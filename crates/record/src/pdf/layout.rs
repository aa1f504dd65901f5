//! From letters with places to lines: pieces of a line in the order they were drawn, lines by baseline, columns by the gaps between.

use std::collections::{BTreeMap, HashMap};

use hayro_interpret::kurbo::Vec2;

use super::Placed;

/// Gap that parts two words, in heights of the font.
const WORD: f64 = 0.2;
/// Gap that parts two cells of a table.
const CELL: f64 = 1.2;
/// How many columns wide a line may become by its gaps.
const COLUMNS: usize = 240;

/// The letters of a page.
#[derive(Default)]
pub(super) struct Letters {
    /// By the direction of their lines in whole degrees.
    turned: BTreeMap<i32, Vec<Piece>>,
    /// The last letter was a space.
    space: bool,
}

/// Letters of one line that follow each other without a wide gap.
#[derive(Clone, Debug)]
struct Piece {
    text: String,
    left: f64,
    right: f64,
    baseline: f64,
    size: f64,
    /// Where its last letter begins, and that letter.
    last: (f64, char),
    /// A space was drawn before it, after it.
    spaced: (bool, bool),
}

impl Letters {
    /// Adds what one glyph stands for.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::as_conversions,
        reason = "degrees, -180 to 180"
    )]
    pub fn push(&mut self, said: &str, at: &Placed) {
        let letters = said.chars().count();
        if letters == 0 {
            return;
        }
        let degrees = at.direction.atan2().to_degrees().round();
        let turn = degrees as i32;
        let along = Vec2::from_angle(degrees.to_radians());
        let across = Vec2::new(-along.y, along.x);
        let origin = at.origin.to_vec2();
        let (x, baseline) = (origin.dot(along), origin.dot(across));
        let width = at.advance.max(0.0) / f64::from(u32::try_from(letters).unwrap_or(u32::MAX));
        let pieces = self.turned.entry(turn).or_default();
        let mut left = x;
        for c in said.chars() {
            if c == ' ' {
                self.space = true;
                if let Some(piece) = pieces.last_mut() {
                    piece.spaced.1 = true;
                }
            } else {
                let letter = Piece {
                    text: c.to_string(),
                    left,
                    right: left + width,
                    baseline,
                    size: at.size,
                    last: (left, c),
                    spaced: (self.space, false),
                };
                add(pieces, letter);
                self.space = false;
            }
            left += width;
        }
    }

    /// The page as text: the direction that most of it has first.
    pub fn into_text(self) -> String {
        let mut turned: Vec<Vec<Piece>> = self.turned.into_values().collect();
        turned.sort_by_key(|pieces| {
            std::cmp::Reverse(pieces.iter().map(|p| p.text.len()).sum::<usize>())
        });
        let parts: Vec<String> = turned
            .into_iter()
            .map(|pieces| text_of(&mut lines(pieces)))
            .filter(|t| !t.is_empty())
            .collect();
        parts.join("\n\n")
    }
}

/// Adds a letter to the piece that it goes on with, or as a new one.
fn add(pieces: &mut Vec<Piece>, letter: Piece) {
    if let Some(piece) = pieces.last_mut() {
        let gap = letter.left - piece.right;
        let size = piece.size.max(letter.size);
        let level = (letter.baseline - piece.baseline).abs() <= 0.1 * size
            && piece.size.min(letter.size) >= 0.8 * size;
        // Drawn twice, a little apart: that is how some programs write bold.
        if level && letter.last.1 == piece.last.1 && (letter.left - piece.last.0).abs() < 0.1 * size
        {
            return;
        }
        if level && gap > -0.5 * size && gap < CELL * size {
            if piece.spaced.1 || gap > WORD * size {
                piece.text.push(' ');
            }
            piece.text.push_str(&letter.text);
            piece.right = piece.right.max(letter.right);
            piece.last = letter.last;
            piece.spaced.1 = false;
            return;
        }
    }
    pieces.push(letter);
}

/// Pieces at one height.
#[derive(Debug)]
struct Line {
    baseline: f64,
    size: f64,
    pieces: Vec<Piece>,
}

fn lines(mut pieces: Vec<Piece>) -> Vec<Line> {
    once(&mut pieces);
    pieces.sort_by(|a, b| {
        (a.baseline.total_cmp(&b.baseline)).then_with(|| a.left.total_cmp(&b.left))
    });
    let mut lines: Vec<Line> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line)
                if piece.baseline - line.baseline <= 0.3 * piece.size.min(line.size)
                    && piece.size.min(line.size) > 0.0 =>
            {
                if piece.size > line.size {
                    (line.size, line.baseline) = (piece.size, piece.baseline);
                }
                line.pieces.push(piece);
            }
            _ => lines.push(Line {
                baseline: piece.baseline,
                size: piece.size,
                pieces: vec![piece],
            }),
        }
    }
    let mut lines = raised(lines);
    for line in &mut lines {
        line.pieces.sort_by(|a, b| a.left.total_cmp(&b.left));
    }
    lines
}

/// Leaves out what is drawn a second time at the same place: filled and outlined, or with a shadow.
fn once(pieces: &mut Vec<Piece>) {
    let mut seen: HashMap<String, Vec<(f64, f64)>> = HashMap::new();
    pieces.retain(|p| {
        let places = seen.entry(p.text.clone()).or_default();
        let near = 0.1 * p.size;
        let again = places
            .iter()
            .any(|(x, y)| (x - p.left).abs() < near && (y - p.baseline).abs() < near);
        if !again {
            places.push((p.left, p.baseline));
        }
        !again
    });
}

/// Exponents and indices go to the line they touch.
fn raised(lines: Vec<Line>) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    for mut line in lines {
        if let Some(before) = out.last_mut() {
            let step = (line.baseline - before.baseline).abs();
            let (small, large) = (line.size.min(before.size), line.size.max(before.size));
            if small < 0.85 * large && step < 0.6 * large {
                let (from, to) = if line.size < before.size {
                    (&mut line, &mut *before)
                } else {
                    (&mut *before, &mut line)
                };
                let (touching, apart) =
                    std::mem::take(&mut from.pieces).into_iter().partition(|p| {
                        to.pieces.iter().any(|t| {
                            let gap = (p.left - t.right).max(t.left - p.right);
                            gap.abs() < 0.35 * large
                        })
                    });
                from.pieces = apart;
                let mut touching: Vec<Piece> = touching;
                to.pieces.append(&mut touching);
                if before.pieces.is_empty() {
                    out.pop();
                }
            }
        }
        if !line.pieces.is_empty() {
            out.push(line);
        }
    }
    out
}

fn text_of(lines: &mut [Line]) -> String {
    let pieces = || lines.iter().flat_map(|l| &l.pieces);
    let margin = pieces().map(|p| p.left).fold(f64::INFINITY, f64::min);
    let widths = pieces()
        .map(|p| (p.right - p.left) / length(&p.text))
        .collect();
    let column = median(widths).max(0.5);
    let steps = lines
        .windows(2)
        .filter_map(|w| match w {
            [a, b] => Some((b.baseline - a.baseline) / a.size.max(b.size)),
            _ => None,
        })
        .filter(|s| (0.8..2.5).contains(s))
        .collect();
    let usual = median(steps).max(1.15);
    let mut text = String::new();
    let mut above: Option<&Line> = None;
    for line in lines.iter() {
        if let Some(above) = above {
            text.push('\n');
            let step = (line.baseline - above.baseline) / above.size.max(line.size);
            if step > 1.5 * usual {
                text.push('\n');
            }
        }
        text.push_str(&line.text(margin, column));
        above = Some(line);
    }
    text
}

impl Line {
    /// The line with its wide gaps kept: `column` is how wide a letter is, `margin` where the page begins.
    fn text(&self, margin: f64, column: f64) -> String {
        let mut text = String::new();
        let mut wide = 0;
        let mut before: Option<&Piece> = None;
        for piece in &self.pieces {
            let gap = piece.left - before.map_or(margin, |b| b.right);
            let apart = before.is_some_and(|b| b.spaced.1 || piece.spaced.0)
                || (before.is_some() && gap > WORD * self.size);
            let spaces = if gap > CELL * self.size {
                let least = if before.is_some() { 2 } else { 0 };
                columns((piece.left - margin) / column)
                    .saturating_sub(wide)
                    .max(least)
            } else {
                usize::from(apart)
            };
            text.extend(std::iter::repeat_n(' ', spaces));
            text.push_str(&piece.text);
            wide += spaces + piece.text.chars().count();
            before = Some(piece);
        }
        text
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    reason = "clamped to COLUMNS"
)]
fn columns(at: f64) -> usize {
    (at.round().max(0.0) as usize).min(COLUMNS)
}

fn length(text: &str) -> f64 {
    f64::from(u32::try_from(text.chars().count().max(1)).unwrap_or(u32::MAX))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
