//! How far a ray may go without meeting anything that is drawn.

use super::transfer::Table;
use crate::volume::bricks::Bricks;

/// For each block the distance to the nearest one with something to draw: 0 there, else all blocks nearer than that, corners included, are
/// empty.
pub(super) struct Space {
    pub(super) count: [usize; 3],
    pub(super) distance: Vec<u8>,
}

impl Space {
    pub(super) fn new(bricks: &Bricks, table: &Table) -> Self {
        let count = bricks.count();
        let mut distance: Vec<u8> = bricks
            .ranges()
            .iter()
            .map(|range| if table.shows(*range) { 0 } else { u8::MAX })
            .collect();
        // One way and back along each axis: the largest of three differences needs no more than each neighbour's distance and one.
        spread(count, &mut distance);
        Self { count, distance }
    }
}

/// Chessboard distances, in two sweeps over all neighbours that are already known.
fn spread([nx, ny, nz]: [usize; 3], distance: &mut [u8]) {
    let at = |x: usize, y: usize, z: usize| (z * ny + y) * nx + x;
    let mut relax = |x: usize, y: usize, z: usize, sign: isize| {
        let mut best = distance.get(at(x, y, z)).copied().unwrap_or(0);
        if best == 0 {
            return;
        }
        for (dx, dy, dz) in BEFORE {
            let of =
                |v: usize, d: isize, n: usize| v.checked_add_signed(d * sign).filter(|v| *v < n);
            if let (Some(x), Some(y), Some(z)) = (of(x, dx, nx), of(y, dy, ny), of(z, dz, nz)) {
                let near = distance.get(at(x, y, z)).copied().unwrap_or(0);
                best = best.min(near.saturating_add(1));
            }
        }
        if let Some(d) = distance.get_mut(at(x, y, z)) {
            *d = best;
        }
    };
    for z in 0..nz {
        for y in 0..ny {
            for x in 0..nx {
                relax(x, y, z, 1);
            }
        }
    }
    for z in (0..nz).rev() {
        for y in (0..ny).rev() {
            for x in (0..nx).rev() {
                relax(x, y, z, -1);
            }
        }
    }
}

/// The thirteen neighbours that come before a block.
const BEFORE: [(isize, isize, isize); 13] = [
    (-1, -1, -1),
    (0, -1, -1),
    (1, -1, -1),
    (-1, 0, -1),
    (0, 0, -1),
    (1, 0, -1),
    (-1, 1, -1),
    (0, 1, -1),
    (1, 1, -1),
    (-1, -1, 0),
    (0, -1, 0),
    (1, -1, 0),
    (-1, 0, 0),
];
