//! Frames at even distances where no screen sets the beat.
//!
//! softbuffer does not wait for the screen: an animation, which asks for the next frame at once, would be drawn some hundred
//! times a second.

use std::time::{Duration, Instant};

/// The shortest time between two frames: 60 a second.
const BEAT: Duration = Duration::from_millis(16);

/// When the next frame may be drawn.
#[derive(Default)]
pub struct Pace {
    last: Option<Instant>,
}

impl Pace {
    /// How long a frame wanted at `now` has to wait; nothing when it may be drawn.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        let since = now.saturating_duration_since(self.last?);
        BEAT.checked_sub(since).filter(|left| !left.is_zero())
    }

    /// A frame is drawn at `now`.
    pub fn drawn(&mut self, now: Instant) {
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_at_most_every_16_ms() {
        let begun = Instant::now();
        let at = |ms: u64| begun + Duration::from_millis(ms);
        let mut pace = Pace::default();
        assert_eq!(pace.wait(at(0)), None);
        pace.drawn(at(0));
        assert_eq!(pace.wait(at(1)), Some(Duration::from_millis(15)));
        assert_eq!(pace.wait(at(16)), None);
        assert_eq!(pace.wait(at(900)), None);
    }
}
