//! Borders of marked voxels within one slice, along the sides of its pixels.

use std::collections::BTreeMap;

use super::Mask;

/// A corner of pixels: column, row.
type Corner = [u32; 2];

impl Mask {
    /// Slices with marked voxels, from the first to the last.
    pub fn slices(&self) -> std::ops::Range<u32> {
        let ([_, _, low], [_, _, size]) = self.bounds();
        low..low + size
    }

    /// Outer borders of what is marked in `slice`, in corner coordinates, each without its first point again: their pixels' centres are
    /// inside, all others' outside, but for holes, which have no border here. What touches at corners only has borders of its own.
    #[must_use]
    pub fn rims(&self, slice: u32) -> Vec<Vec<[f64; 2]>> {
        let (low, size) = self.bounds();
        let [left, top] = [low[0], low[1]];
        let is_in = |x: u32, y: u32| self.contains([x, y, slice]);
        // Sides with what is marked at their right hand, so that outer borders run clockwise on the screen.
        let mut sides: BTreeMap<Corner, Vec<Corner>> = BTreeMap::new();
        let mut side = |from: Corner, to: Corner| sides.entry(from).or_default().push(to);
        for y in top..top + size[1] {
            for x in left..left + size[0] {
                if !is_in(x, y) {
                    continue;
                }
                if y == 0 || !is_in(x, y - 1) {
                    side([x, y], [x + 1, y]);
                }
                if !is_in(x + 1, y) {
                    side([x + 1, y], [x + 1, y + 1]);
                }
                if !is_in(x, y + 1) {
                    side([x + 1, y + 1], [x, y + 1]);
                }
                if x == 0 || !is_in(x - 1, y) {
                    side([x, y + 1], [x, y]);
                }
            }
        }
        let mut rims = Vec::new();
        while let Some((start, _)) = sides.first_key_value() {
            let ring = ring(*start, &mut sides);
            if let Some(rim) = outer(&ring) {
                rims.push(rim);
            }
        }
        rims
    }
}

/// Follows the sides from `start` until they come back, and takes them away. Where two pixels touch at a corner the way turns right, so that
/// each keeps its own border.
fn ring(start: Corner, sides: &mut BTreeMap<Corner, Vec<Corner>>) -> Vec<Corner> {
    let mut ring = vec![start];
    let mut before: Option<Corner> = None;
    let mut here = start;
    while let Some(next) = take(here, before, sides) {
        if next == start {
            break;
        }
        ring.push(next);
        (before, here) = (Some(here), next);
    }
    ring
}

fn take(
    here: Corner,
    before: Option<Corner>,
    sides: &mut BTreeMap<Corner, Vec<Corner>>,
) -> Option<Corner> {
    let all = sides.get_mut(&here)?;
    let off = |a: Corner, b: Corner| {
        [0, 1].map(|k| {
            i64::from(b.get(k).copied().unwrap_or(0)) - i64::from(a.get(k).copied().unwrap_or(0))
        })
    };
    let right = before.and_then(|before| {
        let [dx, dy] = off(before, here);
        all.iter().position(|to| off(here, *to) == [-dy, dx])
    });
    let next = all.swap_remove(right.unwrap_or(0));
    if all.is_empty() {
        sides.remove(&here);
    }
    Some(next)
}

/// A border without the corners that lie on a straight line; `None` for that of a hole.
fn outer(ring: &[Corner]) -> Option<Vec<[f64; 2]>> {
    let n = ring.len();
    let at = |k: usize| {
        ring.get(k % n.max(1))
            .map_or([0.0; 2], |c| c.map(f64::from))
    };
    let mut twice = 0.0;
    let mut kept = Vec::new();
    for k in 0..n {
        let ([ax, ay], [bx, by], [cx, cy]) = (at(k + n - 1), at(k), at(k + 1));
        twice += bx * cy - cx * by;
        if (bx - ax) * (cy - by) != (by - ay) * (cx - bx) {
            kept.push([bx, by]);
        }
    }
    (twice > 0.0).then_some(kept)
}
