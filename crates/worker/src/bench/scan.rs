//! `bench scan`: what lists need of every file of a tree.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::Instant,
};

use serde::Serialize;
use triptych_imaging::tags;
use triptych_sandbox::usage;

use super::{BenchError, files_below};
use crate::{Options, Pool, Priority, Role, heads};

/// One line of `bench scan --json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScanFigures {
    /// `triptych`
    pub peer: &'static str,
    /// `scan`
    pub work: &'static str,
    /// Always empty: there is one case.
    pub case: &'static str,
    /// Files in the tree.
    pub files: usize,
    /// Files with a Series Instance UID.
    pub dicom: usize,
    /// From the folder's path to the attributes of all files, in memory; the workers are warm, as in the window.
    pub all_s: f64,
    /// The same as a rate.
    pub files_per_s: f64,
    /// User and system time since the start of the clock, of this process and of the workers' whole lives.
    pub cpu_s: f64,
    /// Peak of this process and of each worker, added, 10⁶ bytes as the peers count (KiB / 1024).
    pub peak_rss_mb: f64,
    /// Workers.
    pub threads: usize,
    /// Distinct series × 1,000,000 + files with a series.
    pub check: usize,
}

/// Looks through all files below `folder`. `program` is the worker's executable if it is not beside this one.
///
/// # Errors
/// [`BenchError`]
pub fn scan(folder: &Path, program: Option<PathBuf>) -> Result<ScanFigures, BenchError> {
    let options = Options {
        program,
        ..Options::new(Role::Decode)
    };
    scan_with(folder, &options)
}

/// [`scan`] with workers of another number or memory.
///
/// # Errors
/// [`BenchError`]
pub fn scan_with(folder: &Path, options: &Options) -> Result<ScanFigures, BenchError> {
    let pool = Pool::start(options)?;
    pool.warm_up();
    let (began, cpu_before) = (Instant::now(), usage::cpu_seconds());
    let paths = files_below(folder)?;
    let heads = heads::read(&pool, &paths, Priority::Visible);
    let mut series = HashSet::new();
    let mut dicom = 0;
    for head in heads.iter().flatten() {
        let uid = head.get(tags::SERIES_INSTANCE_UID);
        if !uid.is_empty() {
            dicom += 1;
            series.insert(uid);
        }
    }
    let all_s = began.elapsed().as_secs_f64();
    let workers_mb = pool.stop();
    Ok(ScanFigures {
        peer: "triptych",
        work: "scan",
        case: "",
        files: paths.len(),
        dicom,
        all_s,
        files_per_s: paths.len() as f64 / all_s,
        cpu_s: usage::cpu_seconds() - cpu_before,
        peak_rss_mb: usage::peak_rss_mb() + workers_mb,
        threads: options.workers.get(),
        check: series.len() * 1_000_000 + dicom,
    })
}
