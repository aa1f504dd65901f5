//! `bench open`: a folder into memory as one ordered volume.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Instant,
};

use rayon::prelude::*;
use serde::Serialize;
use triptych_imaging::{Frame, SampleType, display::ModalityLut};
use triptych_sandbox::usage;

use super::{BenchError, files_below};
use crate::{Options, Pool, Role, Source, series};

/// One line of `bench open --json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenSeriesFigures {
    /// `triptych`
    pub peer: &'static str,
    /// `open_series`
    pub work: &'static str,
    /// Always empty: there is one case.
    pub case: &'static str,
    /// Images that were opened.
    pub files: usize,
    /// Files and images that were refused.
    pub failed: usize,
    /// From the folder's path to the stored values of the middle slice by position, in memory; the workers are warm, as in the window.
    pub first_image_s: f64,
    /// Until all slices are in memory, in order.
    pub all_s: f64,
    /// User and system time since the start of the clock, of this process and of the workers' whole lives.
    pub cpu_s: f64,
    /// Peak of this process and of each worker, added, 10⁶ bytes as the peers count (KiB / 1024).
    pub peak_rss_mb: f64,
    /// Workers.
    pub threads: usize,
    /// Sum over slices in position order of (place from 1) × (sum of modality values).
    pub check: f64,
}

/// Opens all files below `folder` as one series into one volume and says what it cost. `program` is the worker's executable if it is not
/// beside this one.
///
/// # Errors
/// [`BenchError`]
pub fn open_series(
    folder: &Path,
    program: Option<PathBuf>,
) -> Result<OpenSeriesFigures, BenchError> {
    let options = Options {
        program,
        ..Options::new(Role::Decode)
    };
    open_series_with(folder, &options)
}

/// [`open_series`] with workers of another number or memory.
///
/// # Errors
/// [`BenchError`]
pub fn open_series_with(folder: &Path, options: &Options) -> Result<OpenSeriesFigures, BenchError> {
    let threads = options.workers.get();
    let pool = Pool::start(options)?;
    pool.warm_up();

    let began = Instant::now();
    let cpu_before = usage::cpu_seconds();
    let files = files_below(folder)?;
    // A file that cannot be opened is counted, like one that is refused.
    let sources: Vec<_> = files
        .par_iter()
        .filter_map(|path| Source::from_file(File::open(path).ok()?).ok())
        .collect();
    let mut first_image_s = 0.0;
    let mut stream = series::open_showing(&pool, sources, |_, _| {
        first_image_s = began.elapsed().as_secs_f64();
    })?;
    if !stream.shown_was_first() {
        first_image_s = 0.0;
    }
    let mut frames: Vec<Option<Frame>> = Vec::new();
    frames.resize_with(stream.series().images.len(), || None);
    for (place, frame) in stream.by_ref() {
        if let (Some(kept), Ok(frame)) = (frames.get_mut(place), frame) {
            *kept = Some(frame);
            if first_image_s == 0.0 {
                first_image_s = began.elapsed().as_secs_f64();
            }
        }
    }
    let all_s = began.elapsed().as_secs_f64();
    let series = stream.into_series();
    // Reaped before the clock of their CPU time is read.
    let workers_mb = pool.stop();
    let cpu_s = usage::cpu_seconds() - cpu_before;
    let peak_rss_mb = usage::peak_rss_mb() + workers_mb;

    let opened = frames.iter().flatten().count();
    if opened == 0 {
        let reason = series.refused().next().map(|(_, reason)| reason);
        return Err(BenchError::Nothing {
            path: folder.to_owned(),
            reason: reason.unwrap_or_else(|| "no DICOM file".into()),
        });
    }
    let slices = series.images.iter().zip(&frames).map(|(image, frame)| {
        let read = series.read(*image)?;
        Some((frame.as_ref()?, &read.display(image.frame)?.modality_lut))
    });
    let check = check_of(slices);
    Ok(OpenSeriesFigures {
        peer: "triptych",
        work: "open_series",
        case: "",
        files: opened,
        failed: files.len() - series.files.len() + series.refused().count() + frames.len() - opened,
        first_image_s,
        all_s,
        cpu_s,
        peak_rss_mb,
        threads,
        check,
    })
}

/// What every peer answers of a series: sum over slices in order of (place from 1) × (sum of modality values).
pub fn check_of<'a>(slices: impl Iterator<Item = Option<(&'a Frame, &'a ModalityLut)>>) -> f64 {
    let sums = slices.map(|slice| slice.map_or(0.0, |(frame, lut)| modality_sum(frame, lut)));
    sums.zip(1_u32..)
        .map(|(sum, place)| f64::from(place) * sum)
        .sum()
}

/// Sum of the modality values of a frame. Integers are added exactly, as the peers do.
fn modality_sum(frame: &Frame, lut: &ModalityLut) -> f64 {
    let bytes: &[u8] = &frame.bytes;
    let (sum, count) = match frame.shape.sample {
        SampleType::U8 => add(bytes.as_chunks().0, |b: [u8; 1]| b[0].into()),
        SampleType::I8 => add(bytes.as_chunks().0, |b: [u8; 1]| b[0].cast_signed().into()),
        SampleType::U16 => add(bytes.as_chunks().0, |b| u16::from_ne_bytes(b).into()),
        SampleType::I16 => add(bytes.as_chunks().0, |b| i16::from_ne_bytes(b).into()),
        SampleType::U32 => add(bytes.as_chunks().0, |b| u32::from_ne_bytes(b).into()),
        SampleType::I32 => add(bytes.as_chunks().0, |b| i32::from_ne_bytes(b).into()),
        SampleType::F32 | SampleType::F64 => return 0.0,
    };
    match lut {
        ModalityLut::Identity => sum as f64,
        ModalityLut::Rescale { slope, intercept } => slope * sum as f64 + intercept * count as f64,
        // No peer's sum knows tables.
        ModalityLut::Table(_) => sum as f64,
    }
}

fn add<const N: usize>(cells: &[[u8; N]], value: impl Fn([u8; N]) -> i64) -> (i64, usize) {
    (cells.iter().map(|cell| value(*cell)).sum(), cells.len())
}
