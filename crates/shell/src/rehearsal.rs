//! The window's own times, for `triptych bench frame|scroll|start`: of frames that are drawn and presented as any other, one after the other
//! without waiting for the beat, then the program ends.

use std::thread;
use std::time::{Duration, Instant};

use egui::{Event, MouseWheelSource, MouseWheelUnit, Pos2, TouchPhase, Vec2};

use crate::error::ShellError;
use crate::paint::{Backend, PaintError};
use crate::window::ShellWindow;

/// What to time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// That the first frame with a picture in it is on the screen; there is nothing to time here: whoever started the process does.
    Start,
    /// Frames of a settled window: all of it painted anew, a moved pointer, nothing at all.
    Frame,
    /// A new slice each frame: every 16 ms from the first picture on while the series is loading, then when it is loaded.
    Scroll,
}

/// What to time in the first window, before the program ends.
#[derive(Clone, Copy, Debug)]
pub struct Rehearsal {
    /// What.
    pub act: Act,
    /// How long to wait for a picture, and for the view to settle.
    pub patience: Duration,
    /// Called with each case as soon as it is known.
    pub report: fn(&FrameTimes),
}

/// Frames of one case.
#[derive(Clone, Debug)]
pub struct FrameTimes {
    /// `first_image`, `full`, `pointer`, `still`, `scroll_loading`, `scroll`.
    pub case: &'static str,
    /// From its input to the screen having it, milliseconds each, in the order drawn.
    pub ms: Vec<f64>,
    /// Least part of the window's tiles that a frame painted; 1 where the painter has no tiles.
    pub least_painted: f64,
    /// What paints.
    pub painter: String,
}

/// A rehearsal that is not over yet.
pub struct Rehearsing {
    rehearsal: Rehearsal,
    begun: Instant,
    picture_seen: bool,
}

/// Frames of a case.
const FRAMES: usize = 120;
/// Frames that are scrolled through at most while loading.
const MOST: usize = 2_000;
/// Between two of them.
const BEAT: Duration = Duration::from_millis(16);

impl Rehearsing {
    /// How often the view is looked at.
    pub const LOOK_AGAIN: Duration = Duration::from_millis(5);

    /// The clock runs from now.
    pub fn new(rehearsal: Rehearsal) -> Self {
        Self {
            rehearsal,
            begun: Instant::now(),
            picture_seen: false,
        }
    }

    /// Goes on as far as it can: `None` when the view has still to load, else how it ended.
    ///
    /// # Errors
    /// The window cannot be drawn.
    pub fn step(
        &mut self,
        window: &mut ShellWindow,
        backend: &mut Backend,
    ) -> Result<Option<Result<(), ShellError>>, PaintError> {
        let Rehearsal {
            act,
            patience,
            report,
        } = self.rehearsal;
        if self.begun.elapsed() > patience {
            let seconds = patience.as_secs();
            return Ok(Some(Err(ShellError::NothingToTime { seconds })));
        }
        if !window.shows_pictures() {
            return Ok(None);
        }
        if !std::mem::replace(&mut self.picture_seen, true) {
            report(&FrameTimes {
                case: "first_image",
                ms: Vec::new(),
                least_painted: 1.0,
                painter: backend.name(),
            });
            match act {
                Act::Start => return Ok(Some(Ok(()))),
                Act::Scroll => report(&self.loading(window, backend)?),
                Act::Frame => {}
            }
        }
        if !window.is_settled() {
            return Ok(None);
        }
        let cases: &[(&'static str, Drive)] = match act {
            Act::Frame => &[
                ("full", Drive::Everything),
                ("pointer", Drive::Pointer),
                ("still", Drive::Nothing),
            ],
            _ => &[("scroll", Drive::Wheel)],
        };
        for &(case, drive) in cases {
            let mut times = FrameTimes::new(case, backend);
            // What a first frame of its kind has to set up is none of the others'.
            window.timed_frame(backend, drive.events(0), false)?;
            for k in 0..FRAMES {
                times.add(window, backend, drive, k)?;
            }
            report(&times);
        }
        Ok(Some(Ok(())))
    }

    /// Scrolls until the series is there.
    fn loading(
        &self,
        window: &mut ShellWindow,
        backend: &mut Backend,
    ) -> Result<FrameTimes, PaintError> {
        let mut times = FrameTimes::new("scroll_loading", backend);
        for k in 0..MOST {
            if !window.is_loading() || self.begun.elapsed() > self.rehearsal.patience {
                break;
            }
            let next = Instant::now() + BEAT;
            times.add(window, backend, Drive::Wheel, k)?;
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        Ok(times)
    }
}

impl FrameTimes {
    fn new(case: &'static str, backend: &Backend) -> Self {
        Self {
            case,
            ms: Vec::new(),
            least_painted: 1.0,
            painter: backend.name(),
        }
    }

    fn add(
        &mut self,
        window: &mut ShellWindow,
        backend: &mut Backend,
        drive: Drive,
        k: usize,
    ) -> Result<(), PaintError> {
        let whole = drive == Drive::Everything;
        let begun = Instant::now();
        let [tiles, painted] = window.timed_frame(backend, drive.events(k), whole)?;
        self.ms.push(begun.elapsed().as_secs_f64() * 1e3);
        if tiles > 0 {
            self.least_painted = self.least_painted.min(painted as f64 / tiles as f64);
        }
        Ok(())
    }
}

/// What makes a frame another one than the last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drive {
    Everything,
    Pointer,
    Nothing,
    Wheel,
}

impl Drive {
    /// Input of frame `k`: somewhere in the middle of the window, where the pictures are.
    fn events(self, k: usize) -> Vec<Event> {
        let place = Pos2::new(700.0 + (k * 7 % 200) as f32, 450.0 + (k * 5 % 150) as f32);
        match self {
            Self::Everything | Self::Nothing => Vec::new(),
            Self::Pointer => vec![Event::PointerMoved(place)],
            Self::Wheel => {
                // There and back again, so that no end of the stack is reached for long.
                let down = if (k / 20).is_multiple_of(2) {
                    -1.0
                } else {
                    1.0
                };
                vec![
                    Event::PointerMoved(Pos2::new(800.0, 500.0)),
                    Event::MouseWheel {
                        unit: MouseWheelUnit::Line,
                        delta: Vec2::new(0.0, down),
                        phase: TouchPhase::Move,
                        source: MouseWheelSource::Wheel,
                        modifiers: egui::Modifiers::NONE,
                    },
                ]
            }
        }
    }
}
