//! A livewire in the making: ways along edges from click to click, the last one to the pointer.

use glam::DVec2;
use triptych_workbench::measure::{Livewire, close, join, simplified};

use super::ground::Ground;

/// Cells looked at in one frame: one to two milliseconds, the pointer waits for no more.
const A_FRAME: usize = 20_000;
/// As much at a click, when the way is not known yet.
const A_CLICK: usize = 60_000;
/// The line is kept this near to the way that was found, in cells.
const TOLERANCE: f64 = 0.25;

/// The way so far, and the search for the next part of it.
#[derive(Debug)]
pub(super) struct Wire {
    way: Vec<DVec2>,
    live: Livewire,
    from: DVec2,
    cell: u32,
    /// The pointer's way is not found yet.
    pub seeking: bool,
}

impl Wire {
    /// Begun at `at`, or at the edge that was meant; `None` where there are no pixels.
    pub fn new(ground: &Ground<'_>, at: DVec2) -> Option<Self> {
        let cell = cell(ground);
        let mut live = Livewire::new(&ground.picture, at, cell)?;
        let from = live.snapped(at);
        live.begin(from);
        Some(Self {
            way: vec![from],
            live,
            from,
            cell,
            seeking: false,
        })
    }

    /// Where it began.
    pub fn first(&self) -> DVec2 {
        self.way.first().copied().unwrap_or(self.from)
    }

    /// The pointer is at `to`.
    pub fn seek(&mut self, to: DVec2) {
        self.seeking = !self.live.search(to, A_FRAME);
    }

    /// The way to `to` is a part of the line from now on, and the next one begins there.
    pub fn click(&mut self, ground: &Ground<'_>, to: DVec2) {
        let to = self.live.snapped(to);
        self.join(to);
        if self.live.has_room(to) && self.cell == cell(ground) {
            self.live.begin(to);
        } else if let Some(next) = Livewire::new(&ground.picture, to, cell(ground)) {
            self.live = next;
            self.cell = cell(ground);
        }
        self.from = to;
    }

    fn join(&mut self, to: DVec2) {
        self.live.search(to, A_CLICK);
        let next = self.part(to);
        join(&mut self.way, &next);
    }

    /// From the last click to `to`; straight as long as nothing better is known.
    fn part(&self, to: DVec2) -> Vec<DVec2> {
        self.live.way(to).unwrap_or_else(|| vec![self.from, to])
    }

    /// The line up to `to`.
    pub fn line(&self, to: DVec2) -> Vec<DVec2> {
        let mut line = self.way.clone();
        join(&mut line, &self.part(to));
        simplified(&line, TOLERANCE * f64::from(self.cell))
    }

    /// The closed line, without its first point again.
    pub fn close(&mut self) -> Vec<DVec2> {
        let first = self.first();
        self.join(first);
        close(&mut self.way);
        simplified(&self.way, TOLERANCE * f64::from(self.cell))
    }
}

/// Pixels of the image under one of the screen, at least one.
fn cell(ground: &Ground<'_>) -> u32 {
    let pixels = 1.0 / ground.transform.scale().max(1e-3);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and 1000"
    )]
    let cell = pixels.floor().max(1.0) as u32;
    cell
}
