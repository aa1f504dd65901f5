//! The cheapest way along edges from one place of a picture to another (Mortensen and Barrett, Intelligent Scissors, 1995).
//!
//! The search is bounded twice: by a window around where it begins, and by the places looked at in one call, so that a pointer never waits
//! for it. It goes on where it was with the next call; the same pixels and clicks give the same way.
//!
//! ```text
//! modality values ── smoothed ── gradient: strength, direction ┐
//!                             └─ Laplacian: zero crossings ────┴─ cost of each step ── Dijkstra ── way, on the edge between pixels
//! ```

use glam::DVec2;

use super::state::Picture;
use crate::{
    display::samples::{Sample as _, with_samples},
    frame::Frame,
};

/// Cells on each side of where the window is put.
const REACH: usize = 128;
/// Weights of a step: no zero crossing, across the edge instead of along it, weak gradient.
const CROSSING: f32 = 0.3;
const DIRECTION: f32 = 0.3;
const WEAKNESS: f32 = 0.4;
/// A step of one cell that has all costs, in whole numbers.
const UNIT: f32 = 255.0;
/// More than the dearest step, a power of two.
const BUCKETS: usize = 512;
/// This part of the pixels has a weaker gradient than what counts as an edge: metal does not make all else weak.
const FULL: f64 = 0.98;
/// Below this strength a zero crossing is noise.
const NOISE: f32 = 0.05;
/// Points looked at on both sides of a joint.
const JOINT: usize = 24;
/// Nearer than this two points of an outline are one place, in pixels.
const BESIDE: f64 = 0.75;
/// A click may miss the edge by so many cells.
const NEAR: i64 = 2;
/// Steps to the eight neighbours.
const STEPS: [[i64; 2]; 8] = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
    [1, 1],
    [1, -1],
    [-1, 1],
    [-1, -1],
];
const NOWHERE: u8 = u8::MAX;

/// A part of a picture, and the cheapest ways in it from one place.
pub struct Livewire {
    /// First column and row of the picture, and pixels in a cell.
    low: [u32; 2],
    cell: u32,
    columns: usize,
    rows: usize,
    edges: Vec<Edge>,
    start: usize,
    cost: Vec<u32>,
    /// Number of the step by which the cheapest way comes to a cell.
    by: Vec<u8>,
    done: Vec<bool>,
    buckets: Vec<Vec<u32>>,
    /// Cost at which the search is.
    at: u32,
    /// Cells that wait.
    waiting: usize,
}

/// What is known of one cell.
#[derive(Clone, Copy, Debug, Default)]
struct Edge {
    /// Direction of the gradient of the smoothed values; zeros where there is none.
    direction: [f32; 2],
    /// Size of the gradient, in the values.
    slope: f32,
    /// Of the gradient, from 0 towards 1: the greater one is always the stronger, so that the middle of an edge is told from its sides.
    strength: f32,
    /// The Laplacian changes its sign here.
    crosses: bool,
}

impl std::fmt::Debug for Livewire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ways in {} × {} cells", self.columns, self.rows)
    }
}

impl Livewire {
    /// The part of a picture around `centre` (corner coordinates), in cells of `cell` × `cell` pixels: 1, or more where a pixel of the screen
    /// shows several. `None` without pixels there.
    #[must_use]
    pub fn new(picture: &Picture<'_>, centre: DVec2, cell: u32) -> Option<Self> {
        let cell = cell.max(1);
        let axis = |at: f64, size: u32| {
            let size = i64::from(size / cell);
            #[expect(clippy::cast_possible_truncation, reason = "far outside is outside")]
            let middle = (at / f64::from(cell)).floor() as i64;
            let reach = i64::try_from(REACH).unwrap_or(i64::MAX);
            let low = (middle - reach).clamp(0, size);
            let high = (middle + reach + 1).clamp(low, size);
            let low = u32::try_from(low).unwrap_or(0);
            (low, u32::try_from(high).unwrap_or(0) - low)
        };
        let [columns, rows] = picture.size;
        let (left, width) = axis(centre.x, columns);
        let (top, height) = axis(centre.y, rows);
        let low = [left * cell, top * cell];
        let values = values(picture, low, [width, height], cell)?;
        Self::of_values(&values, width as usize, low, cell, centre)
    }

    /// The same from values, row by row.
    pub(super) fn of_values(
        values: &[f32],
        columns: usize,
        low: [u32; 2],
        cell: u32,
        start: DVec2,
    ) -> Option<Self> {
        let rows = values.len().checked_div(columns)?;
        if columns < 3 || rows < 3 || values.len() != columns * rows {
            return None;
        }
        let count = values.len();
        let mut wire = Self {
            low,
            cell,
            columns,
            rows,
            edges: edges(values, columns, rows),
            start: 0,
            cost: vec![u32::MAX; count],
            by: vec![NOWHERE; count],
            done: vec![false; count],
            buckets: vec![Vec::new(); BUCKETS],
            at: 0,
            waiting: 0,
        };
        wire.begin(start);
        Some(wire)
    }

    /// Ways begin here from now on.
    pub fn begin(&mut self, at: DVec2) {
        self.cost.fill(u32::MAX);
        self.by.fill(NOWHERE);
        self.done.fill(false);
        self.buckets.iter_mut().for_each(Vec::clear);
        self.start = self.index(at);
        self.at = 0;
        self.waiting = 0;
        self.offer(self.start, 0, NOWHERE);
    }

    /// The middle of the strongest edge that a click at `at` may have meant; `at` where there is none.
    #[must_use]
    pub fn snapped(&self, at: DVec2) -> DVec2 {
        let (x, y) = self.split(self.index(at));
        let mut best = (self.index(at), 0.0_f32);
        for dy in -NEAR..=NEAR {
            for dx in -NEAR..=NEAR {
                let Some(cell) = self.neighbour(x, y, [dx, dy]) else {
                    continue;
                };
                #[expect(clippy::cast_precision_loss, reason = "a few cells")]
                let away = ((dx * dx + dy * dy) as f32).sqrt();
                // What is farther has to be clearly stronger.
                let worth = self.edge(cell).strength - 0.04 * away;
                if worth > best.1 {
                    best = (cell, worth);
                }
            }
        }
        if best.1 > 0.0 {
            self.centre(best.0)
        } else {
            at
        }
    }

    /// Looks at up to `most` further cells; true when the way to `to` is known.
    pub fn search(&mut self, to: DVec2, most: usize) -> bool {
        let to = self.index(to);
        for _ in 0..most {
            if self.is_done(to) {
                return true;
            }
            let Some(cell) = self.cheapest() else {
                return false;
            };
            let here = self.edge(cell);
            let (x, y) = self.split(cell);
            let cost = self.cost.get(cell).copied().unwrap_or(0);
            for (k, step) in (0_u8..).zip(STEPS) {
                let Some(next) = self.neighbour(x, y, step) else {
                    continue;
                };
                if !self.is_done(next) {
                    let dear = step_cost(here, self.edge(next), step);
                    self.offer(next, cost.saturating_add(dear), k);
                }
            }
        }
        self.is_done(to)
    }

    /// The way from where it begins to `to`, in corner coordinates, each place where the gradient is greatest across the way. `None` before
    /// [`Livewire::search`] found it. From the border of the window on it is straight.
    #[must_use]
    pub fn way(&self, to: DVec2) -> Option<Vec<DVec2>> {
        let mut cell = self.index(to);
        if !self.is_done(cell) {
            return None;
        }
        let mut way = Vec::new();
        if !self.holds(to) {
            way.push(to);
        }
        loop {
            way.push(self.on_edge(cell));
            let by = self.by.get(cell).copied().unwrap_or(NOWHERE);
            let Some([dx, dy]) = STEPS.get(usize::from(by)) else {
                break;
            };
            let (x, y) = self.split(cell);
            cell = self.neighbour(x, y, [-dx, -dy])?;
        }
        way.reverse();
        Some(way)
    }

    /// Whether a place is so far inside the window that ways can begin there too.
    #[must_use]
    pub fn has_room(&self, at: DVec2) -> bool {
        let [x, y] = self.place(at);
        #[expect(clippy::cast_precision_loss, reason = "a few hundred cells")]
        let sides = [self.columns as f64, self.rows as f64];
        let inside = |v: f64, side: f64| v > side / 4.0 && v < side * 3.0 / 4.0;
        inside(x, sides[0]) && inside(y, sides[1])
    }

    /// Whether a place is in the window.
    fn holds(&self, at: DVec2) -> bool {
        let [x, y] = self.place(at);
        #[expect(clippy::cast_precision_loss, reason = "a few hundred cells")]
        let inside = x >= 0.0 && y >= 0.0 && x < self.columns as f64 && y < self.rows as f64;
        inside
    }

    /// In cells from the corner of the window.
    fn place(&self, at: DVec2) -> [f64; 2] {
        let [left, top] = self.low.map(f64::from);
        let cell = f64::from(self.cell);
        [(at.x - left) / cell, (at.y - top) / cell]
    }

    /// The cell at a place, or the nearest to it.
    fn index(&self, at: DVec2) -> usize {
        let [x, y] = self.place(at);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped: no number is 0"
        )]
        let of = |v: f64, size: usize| (v.max(0.0) as usize).min(size.saturating_sub(1));
        of(y, self.rows) * self.columns + of(x, self.columns)
    }

    fn split(&self, cell: usize) -> (usize, usize) {
        (cell % self.columns.max(1), cell / self.columns.max(1))
    }

    fn neighbour(&self, x: usize, y: usize, [dx, dy]: [i64; 2]) -> Option<usize> {
        let of = |v: usize, d: i64, size: usize| {
            let moved = v.checked_add_signed(isize::try_from(d).ok()?)?;
            (moved < size).then_some(moved)
        };
        Some(of(y, dy, self.rows)? * self.columns + of(x, dx, self.columns)?)
    }

    fn edge(&self, cell: usize) -> Edge {
        self.edges.get(cell).copied().unwrap_or_default()
    }

    fn is_done(&self, cell: usize) -> bool {
        self.done.get(cell) == Some(&true)
    }

    /// Middle of a cell, corner coordinates.
    fn centre(&self, cell: usize) -> DVec2 {
        let (x, y) = self.split(cell);
        #[expect(clippy::cast_precision_loss, reason = "a few hundred cells")]
        let at = DVec2::new(x as f64 + 0.5, y as f64 + 0.5) * f64::from(self.cell);
        let [left, top] = self.low.map(f64::from);
        DVec2::new(left, top) + at
    }

    /// The place near the middle of a cell where the gradient is greatest along its own direction: an edge lies between pixels.
    fn on_edge(&self, cell: usize) -> DVec2 {
        let middle = self.centre(cell);
        let [dx, dy] = self.edge(cell).direction.map(f64::from);
        let along = DVec2::new(dx, dy);
        if along == DVec2::ZERO {
            return middle;
        }
        let [before, here, after] = [-1.0, 0.0, 1.0].map(|t| self.slope(cell, along * t));
        let bend = before - 2.0 * here + after;
        // The top of a parabola through three; where there is none, the middle.
        if bend >= 0.0 {
            return middle;
        }
        let top = (0.5 * (before - after) / bend).clamp(-0.75, 0.75);
        middle + along * (top * f64::from(self.cell))
    }

    /// Gradient at a place `off` the middle of a cell (in cells), between four cells in proportion.
    fn slope(&self, cell: usize, off: DVec2) -> f64 {
        let (x, y) = self.split(cell);
        let (floor, part) = (off.floor(), off - off.floor());
        let mut sum = 0.0;
        for (dy, wy) in [(0, 1.0 - part.y), (1, part.y)] {
            for (dx, wx) in [(0, 1.0 - part.x), (1, part.x)] {
                #[expect(clippy::cast_possible_truncation, reason = "-1, 0 or 1")]
                let step = [floor.x as i64 + dx, floor.y as i64 + dy];
                let near = self.neighbour(x, y, step).unwrap_or(cell);
                sum += wx * wy * f64::from(self.edge(near).slope);
            }
        }
        sum
    }

    /// A way to `cell` is known; it waits in the bucket of its cost.
    fn offer(&mut self, cell: usize, cost: u32, by: u8) {
        let Some(known) = self.cost.get_mut(cell).filter(|known| cost < **known) else {
            return;
        };
        *known = cost;
        if let Some(slot) = self.by.get_mut(cell) {
            *slot = by;
        }
        let bucket = self.buckets.get_mut(cost as usize % BUCKETS);
        if let (Some(bucket), Ok(cell)) = (bucket, u32::try_from(cell)) {
            bucket.push(cell);
            self.waiting += 1;
        }
    }

    /// The cheapest cell that waits, done from now on.
    fn cheapest(&mut self) -> Option<usize> {
        while self.waiting > 0 {
            let bucket = self.buckets.get_mut(self.at as usize % BUCKETS)?;
            let Some(cell) = bucket.pop() else {
                self.at += 1;
                continue;
            };
            self.waiting -= 1;
            let cell = cell as usize;
            // One that was offered a cheaper way since is done already.
            if let Some(done) = self.done.get_mut(cell).filter(|done| !**done) {
                *done = true;
                return Some(cell);
            }
        }
        None
    }
}

/// Cost of a step between two cells. For directions cosines take the place of the angles of the paper: they rise and fall with them.
fn step_cost(from: Edge, to: Edge, [dx, dy]: [i64; 2]) -> u32 {
    let diagonal = dx != 0 && dy != 0;
    let length = if diagonal {
        std::f32::consts::SQRT_2
    } else {
        1.0
    };
    #[expect(clippy::cast_precision_loss, reason = "-1, 0 or 1")]
    let (sx, sy) = (dx as f32 / length, dy as f32 / length);
    // The edge runs across its gradient.
    let along = |e: Edge| sx * e.direction[1] - sy * e.direction[0];
    let (mut first, mut second) = (along(from), along(to));
    if first < 0.0 {
        (first, second) = (-first, -second);
    }
    let across = ((1.0 - first) + (1.0 - second)) / 3.0;
    let crossing = if to.crosses { 0.0 } else { 1.0 };
    let cost = CROSSING * crossing + DIRECTION * across + WEAKNESS * (1.0 - to.strength);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 361"
    )]
    let whole = (cost * length * UNIT).clamp(0.0, 500.0) as u32;
    // Never for nothing: of two ways along the same edge the shorter one.
    whole + 1
}

/// Edges of values in rows.
fn edges(values: &[f32], columns: usize, rows: usize) -> Vec<Edge> {
    let smooth = smoothed(values, columns, rows);
    let at = |x: usize, y: usize| smooth.get(y * columns + x).copied().unwrap_or(0.0);
    let (last_x, last_y) = (columns - 1, rows - 1);
    let mut edges = Vec::with_capacity(values.len());
    let mut bends = Vec::with_capacity(values.len());
    for y in 0..rows {
        let (up, down) = (y.saturating_sub(1), (y + 1).min(last_y));
        for x in 0..columns {
            let (left, right) = (x.saturating_sub(1), (x + 1).min(last_x));
            let (gx, gy) = (
                (at(right, y) - at(left, y)) / 2.0,
                (at(x, down) - at(x, up)) / 2.0,
            );
            let slope = (gx * gx + gy * gy).sqrt();
            let unit = if slope > 0.0 { 1.0 / slope } else { 0.0 };
            let around = at(left, y) + at(right, y) + at(x, up) + at(x, down);
            bends.push(around - 4.0 * at(x, y));
            edges.push(Edge {
                direction: [gx * unit, gy * unit],
                slope,
                ..Edge::default()
            });
        }
    }
    let mut sizes: Vec<f32> = edges.iter().map(|e| e.slope).collect();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list"
    )]
    let place = (sizes.len() as f64 * FULL) as usize;
    let place = place.min(sizes.len().saturating_sub(1));
    let (_, full, _) = sizes.select_nth_unstable_by(place, f32::total_cmp);
    let mut full = *full;
    if full <= 0.0 {
        // Less than two percent of it has an edge at all.
        full = sizes.iter().copied().fold(0.0, f32::max);
    }
    let bend = |x: usize, y: usize| bends.get(y * columns + x).copied().unwrap_or(0.0);
    for y in 0..rows {
        for x in 0..columns {
            let own = bend(x, y);
            let near = [
                (x > 0).then(|| bend(x - 1, y)),
                (x < last_x).then(|| bend(x + 1, y)),
                (y > 0).then(|| bend(x, y - 1)),
                (y < last_y).then(|| bend(x, y + 1)),
            ];
            // Of the two sides of a change of sign the one that is nearer to zero.
            let crosses = near
                .into_iter()
                .flatten()
                .any(|other| own * other <= 0.0 && own != other && own.abs() <= other.abs());
            if let Some(edge) = edges.get_mut(y * columns + x) {
                if full > 0.0 {
                    edge.strength = edge.slope / (edge.slope + full / 2.0);
                }
                edge.crosses = crosses && edge.strength > NOISE;
            }
        }
    }
    edges
}

/// With weights 1 4 6 4 1 across and down; beyond the border the border's own value.
fn smoothed(values: &[f32], columns: usize, rows: usize) -> Vec<f32> {
    const WEIGHTS: [f32; 5] = [1.0 / 16.0, 0.25, 0.375, 0.25, 1.0 / 16.0];
    let mut across = Vec::with_capacity(values.len());
    let mut wide = Vec::with_capacity(columns + 4);
    for row in values.chunks_exact(columns) {
        let (first, last) = (row.first().copied(), row.last().copied());
        let (first, last) = (first.unwrap_or(0.0), last.unwrap_or(0.0));
        wide.clear();
        wide.extend([first, first]);
        wide.extend_from_slice(row);
        wide.extend([last, last]);
        let sum = |five: &[f32]| five.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum::<f32>();
        across.extend(wide.windows(5).map(sum));
    }
    let mut out = Vec::with_capacity(values.len());
    for y in 0..rows {
        let line = |d: usize| {
            let y = (y + d).saturating_sub(2).min(rows - 1);
            across
                .get(y * columns..(y + 1) * columns)
                .unwrap_or_default()
        };
        let start = out.len();
        out.extend(line(0).iter().map(|v| v * WEIGHTS[0]));
        for (d, weight) in WEIGHTS.into_iter().enumerate().skip(1) {
            for (sum, v) in out.iter_mut().skip(start).zip(line(d)) {
                *sum += weight * v;
            }
        }
    }
    out
}

/// Lengthens an outline by its next part. Where that first runs back beside the outline, both are cut to where they part: a tongue of no
/// width would be a crossing.
pub fn join(outline: &mut Vec<DVec2>, next: &[DVec2]) {
    let end = outline.len();
    let mut cut = (0, 0);
    for back in 0..JOINT.min(end) {
        for forth in 0..JOINT.min(next.len()) {
            let near = outline
                .get(end - 1 - back)
                .zip(next.get(forth))
                .is_some_and(|(a, b)| a.distance(*b) < BESIDE);
            if near && back + forth > cut.0 + cut.1 {
                cut = (back, forth);
            }
        }
    }
    outline.truncate(end - cut.0);
    outline.extend(next.iter().skip(cut.1));
    outline.dedup();
}

/// As [`join`], of an outline that has come back to where it began: its first part is the next one of its last.
pub fn close(outline: &mut Vec<DVec2>) {
    let head = JOINT.min(outline.len() / 3);
    let head: Vec<DVec2> = outline.drain(..head).collect();
    join(outline, &head);
}

/// Modality values of a part of the picture, each the mean of up to four pixels of a cell; padding counts as the least of them. `None`
/// where there are no pixels.
fn values(
    picture: &Picture<'_>,
    low: [u32; 2],
    [width, height]: [u32; 2],
    cell: u32,
) -> Option<Vec<f32>> {
    let offsets: &[u32] = if cell == 1 {
        &[0]
    } else {
        &[cell / 4, (3 * cell) / 4]
    };
    let mut out = Vec::with_capacity(width as usize * height as usize);
    let mut take = |value: &dyn Fn(u32, u32) -> f64| {
        for y in 0..height {
            for x in 0..width {
                let (mut sum, mut n) = (0.0, 0.0);
                for dy in offsets {
                    for dx in offsets {
                        let v = value(low[0] + x * cell + dx, low[1] + y * cell + dy);
                        if v.is_finite() {
                            (sum, n) = (sum + v, n + 1.0);
                        }
                    }
                }
                #[expect(clippy::cast_possible_truncation, reason = "edges need no more")]
                out.push(if n > 0.0 { (sum / n) as f32 } else { f32::NAN });
            }
        }
    };
    let columns = picture.size[0] as usize;
    match (picture.plane, picture.frame) {
        (Some(plane), _) => take(&|x, y| {
            let at = plane.get(y as usize * columns + x as usize);
            at.map_or(f64::NAN, |v| f64::from(*v))
        }),
        (None, Some(frame)) => of_frame(picture, frame, &mut take),
        (None, None) => return None,
    }
    let least = out.iter().copied().filter(|v| v.is_finite());
    let least = least.reduce(f32::min)?;
    for value in out.iter_mut().filter(|v| !v.is_finite()) {
        *value = least;
    }
    Some(out)
}

/// Takes what gives the modality value of a pixel, by column and row.
type Take<'a> = dyn FnMut(&dyn Fn(u32, u32) -> f64) + 'a;

fn of_frame(picture: &Picture<'_>, frame: &Frame, take: &mut Take<'_>) {
    let shape = frame.shape;
    let (columns, each) = (shape.columns as usize, shape.samples());
    let attributes = picture.attributes;
    with_samples!(shape.sample, S => take(&|x, y| {
        let pixel = (y as usize * columns + x as usize) * each;
        if each == 1 {
            let stored = S::at(&frame.bytes, pixel);
            let padding = attributes.padding.is_some_and(|p| p.contains(stored));
            if padding { f64::NAN } else { attributes.modality_lut.apply(stored) }
        } else {
            // Edges of colours: those of their brightness.
            (0..each).map(|k| S::at(&frame.bytes, pixel + k)).sum()
        }
    }));
}
