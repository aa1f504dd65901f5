//! Cine (T60): the image on screen follows the clock, images are left out and never late; what is said is the rate that was reached.
//!
//! The times are those of the file ([`triptych_render::display::CineAttributes`]); a set of single images runs at the modality's own rate.

use std::time::Duration;

use egui::Ui;
use triptych_render::display::{Cine, ShownRate};
use triptych_workbench::view::SeriesView;

use super::Tile;

/// A running loop.
#[derive(Debug)]
pub(super) struct Playing {
    cine: Cine,
    /// egui's time and the image at which it began.
    since: f64,
    from: usize,
    last: usize,
    shown: ShownRate,
}

/// Rates that the keys step through, images a second.
const RATES: [f64; 11] = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 60.0];

/// An index of images in the kind that cine counts in.
fn frame(k: usize) -> u32 {
    u32::try_from(k).unwrap_or(u32::MAX)
}

impl Tile {
    pub(super) const fn plays(&self) -> bool {
        self.playing.is_some()
    }

    /// The run of this set: times of the file, else the rate of the modality, else what the reader chose.
    fn cine(&self, series: &SeriesView) -> Option<Cine> {
        let stated = self
            .display()
            .and_then(|d| d.cine.clone())
            .unwrap_or_default();
        let cine = stated.cine(frame(series.images), &series.modality)?;
        Some(match self.rate {
            Some(rate) => cine.at_rate(rate),
            None => cine,
        })
    }

    /// Starts, or stops.
    pub(super) fn play_or_stop(&mut self, now: f64, series: &SeriesView) {
        if self.playing.take().is_none() {
            self.playing = self.cine(series).map(|cine| Playing {
                cine,
                since: now,
                from: self.slice,
                last: self.slice,
                shown: ShownRate::default(),
            });
        }
    }

    /// Faster or slower by a step of the list; a running loop goes on from where it is.
    pub(super) fn change_rate(&mut self, faster: bool, now: f64, series: &SeriesView) {
        let Some(rate) = self.cine(series).map(|c| c.fps()) else {
            return;
        };
        let next = if faster {
            RATES.into_iter().find(|r| *r > rate + 1e-6)
        } else {
            RATES.into_iter().rev().find(|r| *r < rate - 1e-6)
        };
        self.rate = next.or(self.rate);
        if self.playing.take().is_some() {
            self.play_or_stop(now, series);
        }
    }

    /// Shows what the clock says, and asks for the next frame.
    pub(super) fn play(&mut self, ui: &Ui) {
        let Some(playing) = &mut self.playing else {
            return;
        };
        let now = ui.input(|i| i.time);
        if self.slice != playing.last {
            // A person moved on: from there.
            playing.since = now;
            playing.from = self.slice;
        }
        let elapsed = (now - playing.since) * 1e3;
        let start = frame(playing.from);
        self.slice = playing.cine.frame_at(start, elapsed) as usize;
        if self.slice != playing.last {
            playing.shown.presented(now * 1e3);
        }
        playing.last = self.slice;
        let wait = playing.cine.next_in_ms(start, elapsed).clamp(1.0, 1000.0);
        ui.ctx()
            .request_repaint_after(Duration::from_secs_f64(wait / 1e3));
    }

    /// Images a second that are really shown, once there are enough to say.
    pub(super) fn real_rate(&self) -> Option<f64> {
        self.playing.as_ref()?.shown.fps()
    }
}
