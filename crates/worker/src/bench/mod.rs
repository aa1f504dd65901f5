//! What `triptych bench` measures, with the keys and the meaning of the peers it is compared with.
//!
//! Every figure is that of the code that ships: files are read by locked workers and drawn by the code that draws them in the window. Lines
//! are printed by whoever calls.

mod decode;
mod open;
mod render;
mod scan;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use triptych_sandbox::usage;

use crate::{Loss, PoolError};

pub use decode::{DecodeFigures, decode, decode_with};
pub use open::{OpenSeriesFigures, check_of, open_series, open_series_with};
pub use render::{CASES as RENDER_CASES, RenderFigures, RenderOptions, render};
pub use scan::{ScanFigures, scan, scan_with};
pub use triptych_sandbox::usage::{cpu_seconds, peak_rss_mb};

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// The folder cannot be listed.
    #[error("{}: {source}", path.display())]
    Folder {
        /// As given.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// No workers.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// No memory.
    #[error(transparent)]
    Loss(#[from] Loss),
    /// Not one of the cases.
    #[error("there is no case {0}; there are {cases}", cases = RENDER_CASES.join(", "))]
    Case(String),
    /// The images are no volume.
    #[error("{}: no volume: {reason}", path.display())]
    Volume {
        /// As given.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Not one image could be opened.
    #[error("{}: no image that can be shown; first reason: {reason}", path.display())]
    Nothing {
        /// As given.
        path: PathBuf,
        /// Of the first file.
        reason: String,
    },
}

/// Every regular file below `root`, or `root` itself, in the order of names, as the peers list them.
pub(crate) fn files_below(root: &Path) -> Result<Vec<PathBuf>, BenchError> {
    fn walk(path: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                walk(&entry.path(), found)?;
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    let listed = match fs::metadata(root) {
        Ok(metadata) if metadata.is_file() => {
            found.push(root.to_owned());
            Ok(())
        }
        Ok(_) => walk(root, &mut found),
        Err(e) => Err(e),
    };
    listed.map_err(|source| BenchError::Folder {
        path: root.to_owned(),
        source,
    })?;
    found.sort();
    Ok(found)
}

/// What one call of a repeated step cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Times {
    /// Milliseconds, median.
    pub ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// CPU milliseconds, mean.
    pub cpu_ms: f64,
    /// Calls.
    pub n: usize,
}

/// Calls `step` with 0, 1, 2 … until `time` has passed and `least` calls are done, after one warm-up call with 0.
pub(crate) fn repeat(time: Duration, least: usize, mut step: impl FnMut(usize)) -> Times {
    step(0);
    let mut took = Vec::new();
    let (began, cpu) = (Instant::now(), usage::cpu_seconds());
    while took.len() < least || began.elapsed() < time {
        let at = Instant::now();
        step(took.len());
        took.push(at.elapsed().as_secs_f64() * 1e3);
    }
    let cpu_ms = (usage::cpu_seconds() - cpu) * 1e3 / took.len().max(1) as f64;
    took.sort_by(f64::total_cmp);
    Times {
        ms: percentile(&took, 0.5),
        p95_ms: percentile(&took, 0.95),
        cpu_ms,
        n: took.len(),
    }
}

/// Of ascending values, straight between neighbours, as the peers reckon it.
#[must_use]
pub fn percentile(sorted: &[f64], part: f64) -> f64 {
    let at = part * sorted.len().saturating_sub(1) as f64;
    let value = |k: f64| sorted.get(k as usize).copied().unwrap_or_default();
    let (low, high) = (value(at.floor()), value(at.ceil()));
    low + (high - low) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_between_neighbours() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(percentile(&sorted, 0.5), 2.5);
        assert_eq!(percentile(&sorted, 0.0), 1.0);
        assert_eq!(percentile(&sorted, 1.0), 4.0);
        assert!((percentile(&sorted, 0.95) - 3.85).abs() < 1e-9);
        assert_eq!(percentile(&[], 0.5), 0.0);
        let mut steps = Vec::new();
        let times = repeat(Duration::ZERO, 3, |k| steps.push(k));
        assert_eq!((steps, times.n), (vec![0, 0, 1, 2], 3));
    }
}
