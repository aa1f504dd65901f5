//! Cine (T60): the image on screen follows the clock, images are left out and never late; what is said is the rate that was reached.

use std::collections::VecDeque;
use std::time::Duration;

use egui::Ui;
use triptych_workbench::view::SeriesView;

use super::Tile;

/// A running loop.
#[derive(Debug)]
pub(super) struct Playing {
    /// egui's time and the image at which it began.
    since: f64,
    from: usize,
    /// Wished images a second.
    rate: f64,
    /// There and back instead of round (Preferred Playback Sequencing 1).
    sweep: bool,
    /// When images were really shown, the last second of them.
    shown: VecDeque<f64>,
    last: usize,
}

/// Rates that the keys step through, images a second.
const RATES: [f64; 11] = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 60.0];

/// The rate of a modality that states none: 10 a second, 15 for ultrasound and angiography.
pub(super) fn own_rate(modality: &str) -> f64 {
    match modality {
        "US" | "IVUS" | "XA" | "RF" => 15.0,
        _ => 10.0,
    }
}

/// The image after `seconds` at `rate`: round, or there and back.
fn image_at(from: usize, seconds: f64, rate: f64, images: usize, sweep: bool) -> usize {
    if images < 2 {
        return 0;
    }
    // A hair early is on time: a frame's clock is not exact.
    let passed = (seconds * rate + 1e-6).floor().max(0.0) as usize;
    let k = from + passed;
    if !sweep {
        return k % images;
    }
    let turn = k % (2 * images - 2);
    if turn < images { turn } else { 2 * images - 2 - turn }
}

impl Tile {
    pub(super) const fn plays(&self) -> bool {
        self.playing.is_some()
    }

    /// Starts, or stops.
    pub(super) fn play_or_stop(&mut self, now: f64, series: &SeriesView) {
        self.playing = match self.playing.take() {
            Some(_) => None,
            None if series.images < 2 => None,
            None => Some(Playing {
                since: now,
                from: self.slice,
                rate: self.rate.unwrap_or_else(|| own_rate(&series.modality)),
                sweep: self.sweep,
                shown: VecDeque::new(),
                last: self.slice,
            }),
        };
    }

    /// Faster or slower by a step of the list; a running loop goes on from where it is.
    pub(super) fn change_rate(&mut self, faster: bool, now: f64, series: &SeriesView) {
        let rate = self.rate.unwrap_or_else(|| own_rate(&series.modality));
        let next = if faster {
            RATES.into_iter().find(|r| *r > rate + 1e-9)
        } else {
            RATES.into_iter().rev().find(|r| *r < rate - 1e-9)
        };
        let rate = next.unwrap_or(rate);
        self.rate = Some(rate);
        if let Some(playing) = &mut self.playing {
            playing.since = now;
            playing.from = self.slice;
            playing.rate = rate;
        }
    }

    /// Shows what the clock says, and asks for the next frame.
    pub(super) fn play(&mut self, ui: &Ui, series: &SeriesView) {
        let Some(playing) = &mut self.playing else { return };
        let now = ui.input(|i| i.time);
        if self.slice != playing.last {
            // A person moved on: from there.
            playing.since = now;
            playing.from = self.slice;
        }
        let seconds = now - playing.since;
        self.slice = image_at(playing.from, seconds, playing.rate, series.images, playing.sweep);
        if self.slice != playing.last {
            playing.shown.push_back(now);
        }
        playing.last = self.slice;
        while playing.shown.front().is_some_and(|t| now - t > 1.0) {
            playing.shown.pop_front();
        }
        let next = (seconds * playing.rate).floor() + 1.0;
        let wait = (next / playing.rate - seconds).clamp(0.001, 1.0);
        ui.ctx().request_repaint_after(Duration::from_secs_f64(wait));
    }

    /// Images shown in the last second, once there are enough to say.
    pub(super) fn real_rate(&self) -> Option<f64> {
        let shown = &self.playing.as_ref()?.shown;
        let (first, last) = (shown.front()?, shown.back()?);
        let span = last - first;
        (shown.len() > 2 && span > 0.0).then(|| (shown.len() - 1) as f64 / span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t60_the_image_follows_the_clock_and_late_ones_are_left_out() {
        assert_eq!(image_at(0, 0.0, 10.0, 5, false), 0);
        assert_eq!(image_at(0, 0.1, 10.0, 5, false), 1);
        assert_eq!(image_at(3, 0.35, 10.0, 5, false), 1, "round the end");
        assert_eq!(image_at(0, 1.0, 25.0, 100, false), 25, "one late frame leaves 24 out");
        let there_and_back: Vec<usize> =
            (0..9).map(|k| image_at(0, f64::from(k) / 10.0, 10.0, 5, true)).collect();
        assert_eq!(there_and_back, [0, 1, 2, 3, 4, 3, 2, 1, 0]);
        assert_eq!(image_at(0, 3.0, 10.0, 1, true), 0);
    }

    #[test]
    fn t60_ultrasound_and_angiography_have_15_others_10() {
        assert_eq!((own_rate("US"), own_rate("XA"), own_rate("CT")), (15.0, 15.0, 10.0));
    }
}
