//! Why a window could not be shown to its end.

use std::path::PathBuf;

use crate::paint::PaintError;

/// What ends the window program with another code than 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShellError {
    /// No X server to talk to.
    #[error(
        "there is no display to open a window on: set DISPLAY, or run inside a desktop session"
    )]
    NoDisplay,
    /// Tauri or GTK refused.
    #[error("the window cannot be opened ({0})")]
    Window(#[from] tauri::Error),
    /// Nothing can be painted.
    #[error("{0}; start with `--renderer cpu`, or without the option")]
    Paint(#[from] PaintError),
    /// The screenshot could not be taken or saved.
    #[error("the screenshot {} cannot be written ({reason})", path.display())]
    Screenshot {
        /// Where it should have gone.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The screenshot is saved, but of a view that was still loading.
    #[error("the screenshot {} is of a window that was still loading after {seconds} s", path.display())]
    NotSettled {
        /// Where it is.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// Frames were to be timed, but no picture came, or the view did not settle.
    #[error("no picture to time after {seconds} s, or the window was still loading")]
    NothingToTime {
        /// How long was waited.
        seconds: u64,
    },
}

impl ShellError {
    /// The process's exit code, as `docs/CLI.md` lists them: 1 when a check did not hold, else 4, nothing could be done.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotSettled { .. } => 1,
            _ => 4,
        }
    }
}
