//! Why a job has no result.

use std::time::Duration;

use triptych_sandbox::Ending;

/// Why a job was lost, for the trust strip. One lost job never means another one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Loss {
    /// The bytes do not allow it; the reader's reason.
    #[error("{0}")]
    Refused(String),
    /// Its worker was killed at the limit.
    #[error("took longer than {:.1} s", limit.as_secs_f32())]
    TimedOut {
        /// What it had.
        limit: Duration,
    },
    /// Its worker ended.
    #[error("the decoder {ending}{}", line.map_or_else(String::new, |l| format!(" (line {l})")))]
    Died {
        /// How.
        ending: Ending,
        /// Line of our source, when it was a fault of our own that was noticed.
        line: Option<u32>,
    },
    /// Its worker gave an answer that cannot be true.
    #[error("the decoder gave {0}")]
    Lied(&'static str),
    /// Files of this group ended too many workers; no more is tried for a minute.
    #[error("not tried: {0} decoders were lost on this series within a minute")]
    GroupRefused(usize),
    /// Nobody waits for it any more, the patient changed, or the pool was stopped.
    #[error("cancelled")]
    Cancelled,
    /// This machine cannot do it now: no memory, no worker.
    #[error("not possible on this computer now: {0}")]
    Unavailable(String),
}
