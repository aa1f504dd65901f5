//! `bench open --stored`: a series out of the encrypted archive into memory. `bench timeline`: long records.

mod timeline;

pub use timeline::{TimelineFigures, timeline};

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::time::Instant;

use triptych_worker::bench::{OpenSeriesFigures, check_of, cpu_seconds, peak_rss_mb};

use crate::core::Settings;
use crate::pixels::Wanted;
use crate::view::Slice;
use crate::{Core, WorkbenchError};

/// Imports `folder` into an archive of its own, opens that anew and loads its largest series, all slices, the middle one first; with `again`
/// that is done twice, and the second time counts. Timed is what happens from asking for the patient on. `peak_rss_mb` is that of this process,
/// the import counted in.
///
/// # Errors
/// The archive cannot be made, or nothing of the folder can be shown.
pub fn open_archived(folder: &Path, again: bool) -> Result<OpenSeriesFigures, WorkbenchError> {
    // A key file in a folder that others can read is refused.
    let private = std::fs::Permissions::from_mode(0o700);
    let place = tempfile::Builder::new().permissions(private).tempdir()?;
    let settings = Settings {
        archive: place.path().join("archive"),
        key_file: Some(place.path().join("key")),
        worker: None,
    };
    let imported = Core::open(&settings)?.import(&[folder.to_owned()], false, &mut ())?;
    if again {
        load(&settings)?;
    }
    let (mut figures, series) = load(&settings)?;
    figures.failed = imported.files.len().saturating_sub(series);
    Ok(figures)
}

/// The figures, and how many slices the series has.
fn load(settings: &Settings) -> Result<(OpenSeriesFigures, usize), WorkbenchError> {
    let core = Core::open(settings)?;
    core.warm_up()?;
    let all = core.wait(core.archive().patients(None))?;
    let most = all.iter().max_by_key(|p| p.instances);
    let nothing = || WorkbenchError::NotFound("no image that can be shown".into());
    let person = most.ok_or_else(nothing)?.person;

    let began = Instant::now();
    let cpu_before = cpu_seconds();
    let open = core.open_patient(person, None)?;
    let series = open.view.studies.iter().flat_map(|study| &study.series);
    let series = series.max_by_key(|s| s.images).ok_or_else(nothing)?;
    let slices = &series.stack.slices;
    let wanted = Wanted {
        focus: Arc::new(AtomicUsize::new(slices.len() / 2)),
        limit: usize::MAX,
    };
    let first = std::sync::OnceLock::new();
    core.load_series(
        &open.catalog,
        &series.key,
        &series.stack,
        &wanted,
        &AtomicBool::new(false),
        &|_| {
            let _ = first.set(began.elapsed().as_secs_f64());
        },
    )?;
    let all_s = began.elapsed().as_secs_f64();
    let loaded: Vec<_> = slices.iter().map(|s| s.pixels.get()).collect();
    let slice = |k: usize| loaded.get(k)?.as_ref()?.as_ref().ok();
    let check = check_of(by_position(slices).into_iter().map(|k| {
        let decoded = slice(k)?;
        Some((&decoded.frame, &decoded.display.modality_lut))
    }));
    let opened = (0..slices.len()).filter(|k| slice(*k).is_some()).count();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let count = slices.len();
    drop(loaded);
    drop(core);
    Ok((
        OpenSeriesFigures {
            peer: "triptych",
            work: "open_series",
            case: "",
            files: opened,
            failed: 0,
            first_image_s: first.get().copied().unwrap_or_default(),
            all_s,
            cpu_s: cpu_seconds() - cpu_before,
            peak_rss_mb: peak_rss_mb(),
            threads,
            check,
        },
        count,
    ))
}

/// Slices in ascending order along their normal, as the peers have them; a reader has axial ones the other way round.
fn by_position(slices: &[Slice]) -> Vec<usize> {
    let along = |slice: &Slice| {
        let [a, b, c, d, e, f] = slice.orientation?;
        let normal = [b * f - c * e, c * d - a * f, a * e - b * d];
        let position = slice.position?;
        Some(normal.iter().zip(position).map(|(n, p)| n * p).sum::<f64>())
    };
    let mut order: Vec<usize> = (0..slices.len()).collect();
    order.sort_by(|a, b| {
        let [a, b] = [a, b].map(|k| slices.get(*k).and_then(along).unwrap_or_default());
        a.total_cmp(&b)
    });
    order
}
