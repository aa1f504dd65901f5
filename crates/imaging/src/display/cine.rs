//! Cine (T60): which frame is due when, by the times of the file. A late frame is left out, never shown late.

use serde::{Deserialize, Serialize};

/// What a multi-frame file says about its timing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CineAttributes {
    /// Frame Increment Pointer (0028,0009) names Frame Time Vector.
    pub pointer_is_vector: bool,
    /// Frame Time (0018,1063), ms.
    pub frame_time_ms: Option<f64>,
    /// Frame Time Vector (0018,1065): increments, ms; the first belongs to the first frame.
    pub frame_time_vector_ms: Vec<f64>,
    /// Recommended Display Frame Rate (0008,2144), frames a second.
    pub recommended_rate: Option<f64>,
    /// Cine Rate (0018,0040), frames a second.
    pub cine_rate: Option<f64>,
    /// Actual Frame Duration (0018,1242), ms.
    pub actual_frame_duration_ms: Option<f64>,
    /// Preferred Playback Sequencing (0018,1244).
    pub playback: Playback,
    /// Start Trim (0008,2142), frame from 1.
    pub start_trim: Option<u32>,
    /// Stop Trim (0008,2143), frame from 1, itself shown.
    pub stop_trim: Option<u32>,
}

/// What comes after the last frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Playback {
    /// The first one.
    #[default]
    Loop,
    /// Back to the first one, frame by frame.
    Sweep,
}

/// Where the rate of a run comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateSource {
    /// The file, by its times or its rate.
    File,
    /// Nothing in the file: 15 frames a second for US and XA, 10 for others.
    Default,
    /// A person.
    User,
}

/// A run of frames with their times.
#[derive(Clone, Debug, PartialEq)]
pub struct Cine {
    /// First frame shown, from 0.
    first: u32,
    /// How long each is shown, ms, all greater than 0.
    shown_for_ms: Vec<f64>,
    /// When each is due after the start of a pass, ms.
    due_ms: Vec<f64>,
    playback: Playback,
    source: RateSource,
}

/// Slowest and fastest run, frames a second.
const RATES: std::ops::RangeInclusive<f64> = 0.05..=240.0;

/// Rounding of elapsed times does not hold a frame back, ms.
const EARLY_MS: f64 = 1e-6;

impl CineAttributes {
    /// The run of `frames` frames of a `modality`; `None` for fewer than two. What the file states wrongly is passed over.
    #[must_use]
    pub fn cine(&self, frames: u32, modality: &str) -> Option<Cine> {
        let (first, end) = self.trimmed(frames);
        if end - first < 2 {
            return None;
        }
        let rate = |r: Option<f64>| r.filter(|r| RATES.contains(r)).map(|r| 1000.0 / r);
        let time = |ms: Option<f64>| ms.filter(|ms| RATES.contains(&(1000.0 / ms)));
        let even = |ms: f64, source| {
            Cine::new(
                first,
                vec![ms; (end - first) as usize],
                self.playback,
                source,
            )
        };
        if let Some(ms) = rate(self.recommended_rate) {
            return Some(even(ms, RateSource::File));
        }
        // A vector that is pointed at is the real timing; a rate beside it only its mean.
        let vector = self.vector(frames, first, end);
        if self.pointer_is_vector
            && let Some(shown_for) = &vector
        {
            return Some(Cine::new(
                first,
                shown_for.clone(),
                self.playback,
                RateSource::File,
            ));
        }
        let stated = rate(self.cine_rate)
            .or_else(|| time(self.frame_time_ms))
            .or_else(|| time(self.actual_frame_duration_ms));
        if let Some(ms) = stated {
            return Some(even(ms, RateSource::File));
        }
        if let Some(shown_for) = vector {
            return Some(Cine::new(first, shown_for, self.playback, RateSource::File));
        }
        let default = if matches!(modality, "US" | "XA") {
            15.0
        } else {
            10.0
        };
        Some(even(1000.0 / default, RateSource::Default))
    }

    /// When each of the file's frames is due by Frame Time Vector, ms: the sum of the increments up to and including it.
    #[must_use]
    pub fn show_at_ms(&self) -> Vec<f64> {
        let mut sum = 0.0;
        self.frame_time_vector_ms
            .iter()
            .map(|ms| {
                sum += ms;
                sum
            })
            .collect()
    }

    /// First frame and one past the last, from 0; trims that mean nothing are passed over.
    fn trimmed(&self, frames: u32) -> (u32, u32) {
        let first = self.start_trim.unwrap_or(1).max(1) - 1;
        let end = self.stop_trim.unwrap_or(frames).min(frames);
        if first < end {
            (first, end)
        } else {
            (0, frames)
        }
    }

    /// How long each frame is shown: until the increment of the next one. The last one takes the mean.
    fn vector(&self, frames: u32, first: u32, end: u32) -> Option<Vec<f64>> {
        let of = &self.frame_time_vector_ms;
        if of.len() != frames as usize {
            return None;
        }
        let following = of.get(first as usize + 1..end as usize)?;
        let sound = following.iter().all(|ms| RATES.contains(&(1000.0 / ms)));
        if !sound {
            return None;
        }
        let mean = following.iter().sum::<f64>() / following.len() as f64;
        Some(following.iter().copied().chain([mean]).collect())
    }
}

impl Cine {
    fn new(first: u32, shown_for_ms: Vec<f64>, playback: Playback, source: RateSource) -> Self {
        let due_ms = shown_for_ms
            .iter()
            .scan(0.0, |sum, ms| {
                let due = *sum;
                *sum += ms;
                Some(due)
            })
            .collect();
        Self {
            first,
            shown_for_ms,
            due_ms,
            playback,
            source,
        }
    }

    /// The same frames evenly at `fps`, as a person asked; kept within 0.05 to 240.
    #[must_use]
    pub fn at_rate(&self, fps: f64) -> Self {
        let fps = if fps.is_finite() { fps } else { 10.0 };
        let ms = 1000.0 / fps.clamp(*RATES.start(), *RATES.end());
        let shown_for = vec![ms; self.shown_for_ms.len()];
        Self::new(self.first, shown_for, self.playback, RateSource::User)
    }

    /// The same with another end.
    #[must_use]
    pub fn played(mut self, playback: Playback) -> Self {
        self.playback = playback;
        self
    }

    /// Frames a second, the mean over one pass.
    #[must_use]
    pub fn fps(&self) -> f64 {
        1000.0 * self.shown_for_ms.len() as f64 / self.pass_ms()
    }

    /// Where the rate is from.
    #[must_use]
    pub const fn source(&self) -> RateSource {
        self.source
    }

    /// Frames that are shown, from 0, [first, end).
    #[must_use]
    pub fn frames(&self) -> std::ops::Range<u32> {
        self.first..self.first + self.shown_for_ms.len() as u32
    }

    /// The frame that is due `elapsed_ms` after `start` was.
    #[must_use]
    pub fn frame_at(&self, start: u32, elapsed_ms: f64) -> u32 {
        self.first + self.at(start, elapsed_ms).0 as u32
    }

    /// How long until the next frame is due, ms: when to wake up.
    #[must_use]
    pub fn next_in_ms(&self, start: u32, elapsed_ms: f64) -> f64 {
        self.at(start, elapsed_ms).1.max(0.0)
    }

    fn pass_ms(&self) -> f64 {
        self.shown_for_ms.iter().sum()
    }

    /// Index of the frame that is due and the time until the next one.
    fn at(&self, start: u32, elapsed_ms: f64) -> (usize, f64) {
        let last = self.shown_for_ms.len() - 1;
        let start = (start.saturating_sub(self.first) as usize).min(last);
        let elapsed = if elapsed_ms.is_finite() {
            elapsed_ms.max(0.0)
        } else {
            0.0
        };
        let since = self.due_ms.get(start).copied().unwrap_or(0.0) + elapsed + EARLY_MS;
        let pass = self.pass_ms();
        // The way back shows neither the last nor the first frame again.
        let ends = [0, last].map(|k| self.shown_for_ms.get(k).copied().unwrap_or(0.0));
        let period = match self.playback {
            Playback::Loop => pass,
            Playback::Sweep => pass + (pass - ends[0] - ends[1]).max(0.0),
        };
        let within = since % period;
        if within < pass {
            let at = self.due_ms.partition_point(|due| *due <= within).max(1) - 1;
            let until = self.due_ms.get(at + 1).copied().unwrap_or(pass);
            return (at, until - within);
        }
        let mut left = within - pass;
        for at in (1..last).rev() {
            let shown = self.shown_for_ms.get(at).copied().unwrap_or(0.0);
            if left < shown {
                return (at, shown - left);
            }
            left -= shown;
        }
        (0, period - within)
    }
}

/// The rate that is really seen: frames presented within the last second.
#[derive(Clone, Debug, Default)]
pub struct ShownRate {
    at_ms: std::collections::VecDeque<f64>,
}

impl ShownRate {
    /// A new frame was presented, `now_ms` on any clock that runs forward.
    pub fn presented(&mut self, now_ms: f64) {
        self.at_ms.push_back(now_ms);
        while self
            .at_ms
            .front()
            .is_some_and(|first| now_ms - first > 1000.0)
            || self.at_ms.len() > 500
        {
            self.at_ms.pop_front();
        }
    }

    /// Frames a second; `None` before there were two.
    #[must_use]
    pub fn fps(&self) -> Option<f64> {
        let (first, last) = (self.at_ms.front()?, self.at_ms.back()?);
        (last > first).then(|| (self.at_ms.len() - 1) as f64 * 1000.0 / (last - first))
    }
}
