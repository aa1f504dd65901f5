//! A picture of the real window for tests and documents: taken of what was presented, then the program ends.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::error::ShellError;
use crate::paint::Capture;
use crate::window::Keep;

/// What to take.
#[derive(Clone, Debug)]
pub struct Screenshot {
    /// Where the PNG goes.
    pub path: PathBuf,
    /// Wait until the view is settled; else the first frame is taken.
    pub after_settled: bool,
    /// How long to wait for that.
    pub patience: Duration,
}

/// A screenshot that is not taken yet.
pub struct Waiting {
    screenshot: Screenshot,
    begun: Instant,
}

impl Waiting {
    /// How often an unsettled view is looked at.
    pub const LOOK_AGAIN: Duration = Duration::from_millis(100);

    /// The clock runs from now.
    pub fn new(screenshot: Screenshot) -> Self {
        Self {
            screenshot,
            begun: Instant::now(),
        }
    }

    /// Which frame's picture is kept. When patience ends, the next one's, settled or not.
    pub fn keep(&self) -> Keep {
        if self.screenshot.after_settled && !self.is_late() {
            Keep::Settled
        } else {
            Keep::Now
        }
    }

    /// How it ended, if it did.
    pub fn finish(&self, taken: Option<Capture>) -> Option<Result<(), ShellError>> {
        let Screenshot {
            path,
            after_settled,
            patience,
        } = &self.screenshot;
        let failed = |reason: String| ShellError::Screenshot {
            path: path.clone(),
            reason,
        };
        let Some(capture) = taken else {
            let over = self.begun.elapsed() > *patience * 2;
            return over.then(|| Err(failed("the window's pixels cannot be read".into())));
        };
        if let Err(error) = capture.save(path) {
            return Some(Err(failed(error.to_string())));
        }
        if *after_settled && self.is_late() {
            return Some(Err(ShellError::NotSettled {
                path: path.clone(),
                seconds: patience.as_secs(),
            }));
        }
        Some(Ok(()))
    }

    fn is_late(&self) -> bool {
        self.begun.elapsed() > self.screenshot.patience
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    fn capture() -> Capture {
        Capture {
            size_px: [2, 1],
            rgb: vec![0, 0, 0, 255, 255, 255],
        }
    }

    fn waiting(patience: Duration) -> Waiting {
        let name = format!(
            "triptych-screenshot-{}-{}.png",
            std::process::id(),
            patience.as_nanos()
        );
        Waiting::new(Screenshot {
            path: std::env::temp_dir().join(name),
            after_settled: true,
            patience,
        })
    }

    #[test]
    fn a_settled_view_is_saved_in_time() {
        let waiting = waiting(Duration::from_secs(600));
        assert_eq!(waiting.keep(), Keep::Settled);
        assert!(waiting.finish(None).is_none());
        assert!(matches!(waiting.finish(Some(capture())), Some(Ok(()))));
        let _ = std::fs::remove_file(&waiting.screenshot.path);
    }

    #[test]
    fn a_view_that_never_settles_is_saved_and_said() {
        let waiting = waiting(Duration::ZERO);
        assert_eq!(waiting.keep(), Keep::Now);
        let ended = waiting.finish(Some(capture()));
        assert!(matches!(&ended, Some(Err(error)) if error.exit_code() == 1));
        let _ = std::fs::remove_file(&waiting.screenshot.path);
        let blind = waiting.finish(None);
        assert!(matches!(&blind, Some(Err(error)) if error.exit_code() == 4));
    }
}
