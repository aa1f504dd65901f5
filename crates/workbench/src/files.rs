//! Use cases on files alone, without an archive: inspect, compare with a reference, arrange as series, take one slice.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use triptych_clinical::InstanceRecord;
use triptych_imaging::Frame;
use triptych_imaging::digest::{Expected, Verdict, of_pixels};
use triptych_imaging::display::DisplayAttributes;
use triptych_imaging::geometry::expected::{
    ImagesBySeries, SeriesVerdict, compare as compare_geometry,
};
use triptych_imaging::geometry::{DisplaySet, SetImage, display_sets, display_sets_with, slice_of};
use triptych_worker::{DicomRead, Priority, Source};

use crate::import::files_below;
use crate::studies::series_number;
use crate::view::SeriesView;
use crate::{WorkbenchError, Workers};

/// What a file is, in words and as JSON.
#[derive(Clone, Debug)]
pub struct Inspected {
    file: String,
    report: Result<Value, String>,
}

impl Inspected {
    /// Nothing of it can be shown.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.report.as_ref().map_or(true, |r| {
            matches!(r["state"].as_str(), Some("refused" | "header_only"))
        })
    }

    /// The report with its file's name.
    #[must_use]
    pub fn json(&self) -> Value {
        match &self.report {
            Ok(report) => {
                let mut report = report.clone();
                report["file"] = self.file.clone().into();
                report
            }
            Err(reason) => {
                serde_json::json!({ "file": self.file, "state": "refused", "reason": reason })
            }
        }
    }

    /// For people: what it is, attributes, a line a frame.
    #[must_use]
    pub fn text(&self) -> String {
        let report = match &self.report {
            Ok(report) => report,
            Err(reason) => return format!("{}\n  refused: {reason}\n", self.file),
        };
        let word = |v: &Value| match v {
            Value::String(s) => s.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let mut text = format!(
            "{}\n  {} · {}\n",
            self.file,
            word(&report["sop_class_name"]),
            word(&report["transfer_syntax_name"])
        );
        let reason = word(&report["reason"]);
        text += &format!(
            "  {}{}\n",
            word(&report["state"]),
            if reason.is_empty() {
                reason
            } else {
                format!(": {reason}")
            }
        );
        for a in report["attributes"].as_array().into_iter().flatten() {
            text += &format!(
                "  {} {:<28} {}\n",
                word(&a["tag"]),
                word(&a["name"]),
                word(&a["value"])
            );
        }
        for f in report["frames"].as_array().into_iter().flatten() {
            text += &match f["sha256"].as_str() {
                Some(sha) => format!(
                    "  frame {:<5} {sha} min {} max {} mean {}\n",
                    f["frame"], f["min"], f["max"], f["mean"]
                ),
                None => format!(
                    "  frame {:<5} refused: {}\n",
                    f["frame"],
                    word(&f["reason"])
                ),
            };
        }
        for p in report["problems"].as_array().into_iter().flatten() {
            text += &format!("  note: {}: {}\n", word(&p["place"]), word(&p["reason"]));
        }
        text
    }
}

fn open(path: &Path) -> Result<Source, String> {
    File::open(path)
        .and_then(Source::from_file)
        .map_err(|e| format!("cannot be opened: {e}"))
}

/// Inspects every file below `paths`.
///
/// # Errors
/// No worker can be started. A file that cannot be read is a report that says why.
pub fn inspect(workers: &Workers, paths: &[PathBuf]) -> Result<Vec<Inspected>, WorkbenchError> {
    let pool = workers.decode()?;
    let jobs: Vec<_> = files_below(paths)
        .into_iter()
        .map(|found| match found {
            Ok(path) => (
                path.display().to_string(),
                open(&path).map(|source| pool.inspect(&source, Priority::Background)),
            ),
            Err((path, reason)) => (path.display().to_string(), Err(reason)),
        })
        .collect();
    let report = |ticket: triptych_worker::Ticket<String>| -> Result<Value, String> {
        let text = ticket.wait().map_err(|loss| loss.to_string())?;
        serde_json::from_str(&text).map_err(|e| format!("the reader's report cannot be read: {e}"))
    };
    Ok(jobs
        .into_iter()
        .map(|(file, job)| Inspected {
            file,
            report: job.and_then(report),
        })
        .collect())
}

/// How the files of a folder compare with its `expected.json`.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Files that agree.
    pub agree: usize,
    /// Files that differ.
    pub differ: usize,
    /// Files that are refused with a reason.
    pub refused: usize,
    /// Files that differ on purpose (T1, saturation).
    pub disputed: usize,
    /// File, verdict in a word, and what differs or why it is refused.
    pub lines: Vec<(String, &'static str, String)>,
}

/// Compares the files below `paths` with the reference facts in `expected`.
///
/// # Errors
/// `expected` is no reference file, or no worker can be started.
pub fn compare(
    workers: &Workers,
    paths: &[PathBuf],
    expected: &[u8],
) -> Result<Comparison, WorkbenchError> {
    let known: Value = serde_json::from_slice(expected)
        .map_err(|e| WorkbenchError::Refused(format!("no reference facts: {e}")))?;
    // The typed form is what the worker makes of it; a file that does not fit is told here.
    let _: Expected = serde_json::from_slice(expected)
        .map_err(|e| WorkbenchError::Refused(format!("no reference facts: {e}")))?;
    let facts: BTreeMap<String, &Value> = known["files"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|f| Some((f["file"].as_str()?.to_owned(), f)))
        .collect();
    let pool = workers.decode()?;
    let mut report = Comparison::default();
    let mut jobs = Vec::new();
    for path in files_below(paths).into_iter().flatten() {
        let name = path.display().to_string();
        let Some(reference) = facts
            .iter()
            .find(|(file, _)| name == **file || name.ends_with(&format!("/{file}")))
        else {
            continue;
        };
        let bytes = std::fs::read(&path)?;
        let source =
            triptych_worker::with_reference(reference.1["pixels"].to_string().as_bytes(), &bytes)?;
        jobs.push((
            reference.0.clone(),
            pool.compare(&source, Priority::Background),
        ));
    }
    for (file, ticket) in jobs {
        let (word, words) = match ticket.wait() {
            Ok(Verdict::Agree { frames }) => {
                report.agree += 1;
                ("agree", format!("{frames} frames"))
            }
            Ok(Verdict::Differ { what }) => {
                report.differ += 1;
                ("differ", what)
            }
            Ok(Verdict::Refused { reason }) => {
                report.refused += 1;
                ("refused", reason)
            }
            Ok(Verdict::Disputed { frames }) => {
                report.disputed += 1;
                (
                    "disputed",
                    format!(
                        "{frames} frames differ on purpose: lossy values beyond Bits Stored are saturated, not masked (T1)"
                    ),
                )
            }
            Err(loss) => {
                report.refused += 1;
                ("refused", loss.to_string())
            }
        };
        report.lines.push((file, word, words));
    }
    Ok(report)
}

/// One display set with its geometry.
#[derive(Clone, Debug, Serialize)]
pub struct StackReport {
    /// Series Instance UID, with a letter where a series is split.
    pub series: String,
    /// Series Number and letter.
    pub number: String,
    /// Modality.
    pub modality: String,
    /// Series Description.
    pub description: String,
    /// Images in reading order.
    pub images: usize,
    /// Median spacing of the slices along their normal, mm.
    pub spacing_mm: Option<f64>,
    /// No two steps differ by more than 1 %.
    pub uniform: Option<bool>,
    /// Positions before a gap, from 0.
    pub gaps: Vec<usize>,
    /// Tilt of the gantry, degrees; `None` where the stack is not sheared.
    pub tilt_degrees: Option<f64>,
    /// `axial`, `coronal`, `sagittal` or `oblique`.
    pub orientation: Option<String>,
    /// Frame of Reference UID.
    pub frame_of_reference: Option<String>,
    /// Volumes at the same positions: more than one is 4-D.
    pub volumes: usize,
    /// What the reader must know.
    pub marks: Vec<String>,
    /// Files of this series that were refused, with their reasons.
    pub refused: Vec<String>,
}

impl StackReport {
    /// One stack for people.
    #[must_use]
    pub fn text(&self) -> String {
        let spacing = self
            .spacing_mm
            .map_or_else(|| "no spacing".to_owned(), |mm| format!("{mm:.3} mm"));
        let mut text = format!(
            "{:<5} {} {} · {} images · {spacing}{} · {}{}\n",
            self.number,
            self.modality,
            self.description,
            self.images,
            if self.uniform == Some(false) {
                " (not uniform)"
            } else {
                ""
            },
            self.orientation.as_deref().unwrap_or("no orientation"),
            if self.volumes > 1 {
                format!(" · {} volumes", self.volumes)
            } else {
                String::new()
            },
        );
        for line in self.marks.iter().chain(&self.refused) {
            text += &format!("      {line}\n");
        }
        text
    }
}

/// Files read by a worker, beside those that were refused.
struct Headers {
    paths: Vec<PathBuf>,
    /// One for each of `paths`.
    reads: Vec<(Source, DicomRead)>,
    refused: Vec<String>,
}

fn headers(workers: &Workers, paths: &[PathBuf]) -> Result<Headers, WorkbenchError> {
    let pool = workers.decode()?;
    let mut refused = Vec::new();
    let mut jobs = Vec::new();
    for found in files_below(paths) {
        match found {
            Ok(path) => match open(&path) {
                Ok(source) => {
                    let ticket = pool.read_dicom(&source, Priority::Visible);
                    jobs.push((path, source, ticket));
                }
                Err(reason) => refused.push(format!("{}: {reason}", path.display())),
            },
            Err((path, reason)) => refused.push(format!("{}: {reason}", path.display())),
        }
    }
    let (mut paths, mut reads) = (Vec::new(), Vec::new());
    for (path, source, ticket) in jobs {
        match ticket.wait() {
            Ok(read) => {
                if let Some(why) = &read.record.unreadable {
                    refused.push(format!("{}: {why}", path.display()));
                }
                reads.push((source, read));
                paths.push(path);
            }
            Err(loss) => refused.push(format!("{}: {loss}", path.display())),
        }
    }
    Ok(Headers {
        paths,
        reads,
        refused,
    })
}

/// How the series of a folder compare with its `expected.json`.
#[derive(Clone, Debug, Default)]
pub struct SeriesComparison {
    /// Series of the reference of which a file was given.
    pub series: Vec<SeriesVerdict>,
    /// Files that have no place in a series, with the reason.
    pub refused: Vec<String>,
}

/// Compares the geometry of the DICOM files below `paths` with the reference in the file `expected`, whose folder they lie below.
///
/// # Errors
/// `expected` is no reference file, or no worker can be started.
pub fn compare_series(
    workers: &Workers,
    paths: &[PathBuf],
    expected: &Path,
) -> Result<SeriesComparison, WorkbenchError> {
    let reference: Value = serde_json::from_slice(&std::fs::read(expected)?)
        .map_err(|e| WorkbenchError::Refused(format!("no reference facts: {e}")))?;
    if !reference["series"].is_array() {
        return Err(WorkbenchError::Refused(
            "no reference facts: it lists no series".into(),
        ));
    }
    let expected = expected.canonicalize()?;
    let base = expected.parent().unwrap_or(Path::new(""));
    let Headers {
        paths,
        reads,
        refused,
    } = headers(workers, paths)?;
    let mut images = ImagesBySeries::new();
    for (path, (_, read)) in paths.iter().zip(&reads) {
        let path = path.canonicalize()?;
        let Some(name) = path.strip_prefix(base).ok().and_then(Path::to_str) else {
            continue;
        };
        let folder = name.split('/').next().unwrap_or_default().to_owned();
        let members = images
            .entry((folder, read.record.series.to_string()))
            .or_default();
        for frame in 0..read.record.frames.max(1) {
            let plane = read.display(frame).and_then(|d| d.plane);
            let plane = plane.and_then(|p| triptych_imaging::geometry::Plane::of(&p).ok());
            members.push((name.to_owned(), slice_of(&read.record, frame, plane)));
        }
    }
    Ok(SeriesComparison {
        series: compare_geometry(&images, &reference),
        refused,
    })
}

/// Arranges the DICOM files below `paths` into display sets.
///
/// # Errors
/// No worker can be started.
pub fn series(workers: &Workers, paths: &[PathBuf]) -> Result<Vec<StackReport>, WorkbenchError> {
    let Headers { reads, refused, .. } = headers(workers, paths)?;
    let records: Vec<InstanceRecord> = reads.iter().map(|(_, r)| r.record.clone()).collect();
    let plane = |image: triptych_imaging::geometry::SetImage| {
        let attributes = reads.get(image.record)?.1.display(image.frame)?.plane?;
        triptych_imaging::geometry::Plane::of(&attributes).ok()
    };
    let mut sets = display_sets(&records, plane);
    let pixels = digests(workers, &reads, &sets)?;
    if !pixels.is_empty() {
        sets = display_sets_with(&records, plane, |image| pixels.get(&image).copied());
    }
    let mut reports: Vec<StackReport> = sets
        .iter()
        .filter_map(|set| {
            let first = records.get(set.images.first()?.record)?;
            let letter = set.letter.map(String::from).unwrap_or_default();
            let spacing = set.stack.spacing.as_ref();
            Some(StackReport {
                series: format!("{}{letter}", first.series),
                number: series_number(first, &letter),
                modality: first.modality.clone(),
                description: first.series_description.clone(),
                images: set.images.len(),
                spacing_mm: spacing.map(|s| s.median_mm),
                uniform: spacing.map(|s| s.uniform),
                gaps: spacing.map(|s| s.gaps.clone()).unwrap_or_default(),
                tilt_degrees: set
                    .stack
                    .shear
                    .as_ref()
                    .filter(|s| s.is_sheared())
                    .map(triptych_imaging::geometry::Shear::degrees),
                orientation: set
                    .stack
                    .orientation
                    .map(|o| format!("{o:?}").to_lowercase()),
                frame_of_reference: first.frame_of_reference.as_ref().map(ToString::to_string),
                volumes: set.stack.split.volumes.len().max(1),
                marks: set.stack.marks.clone(),
                refused: Vec::new(),
            })
        })
        .collect();
    match reports.last_mut() {
        Some(last) => last.refused = refused,
        None if refused.is_empty() => {}
        None => {
            return Err(WorkbenchError::Refused(format!(
                "no image can be read; first: {}",
                refused.first().cloned().unwrap_or_default()
            )));
        }
    }
    Ok(reports)
}

/// Digests of the images of which only the pixels tell whether one is a copy of the other (T24, rule 4).
fn digests(
    workers: &Workers,
    reads: &[(Source, DicomRead)],
    sets: &[DisplaySet],
) -> Result<BTreeMap<SetImage, [u8; 32]>, WorkbenchError> {
    let pool = workers.decode()?;
    let images = sets.iter().flat_map(DisplaySet::unresolved);
    let digest = |image: SetImage| {
        let (source, read) = reads.get(image.record)?;
        // One that cannot be decoded is nobody's copy.
        let frame = pool.frame(source, read, image.frame, Priority::Visible);
        Some((image, of_pixels(&frame.ok()?.bytes)))
    };
    Ok(images.filter_map(digest).collect())
}

/// The same of a display set of the archive.
#[must_use]
pub fn of_view(view: &SeriesView) -> StackReport {
    StackReport {
        series: view.uid.to_string(),
        number: view.number.clone(),
        modality: view.modality.clone(),
        description: view.description.clone(),
        images: view.images,
        spacing_mm: view.spacing_mm,
        uniform: None,
        gaps: Vec::new(),
        tilt_degrees: None,
        orientation: None,
        frame_of_reference: None,
        volumes: 1,
        marks: view.marks.clone(),
        refused: view.unreadable.iter().cloned().collect(),
    }
}

/// One decoded slice of a series of files.
#[derive(Clone, Debug)]
pub struct SliceOfFiles {
    /// Stored values.
    pub frame: Frame,
    /// How to show them.
    pub display: Arc<DisplayAttributes>,
    /// Place in reading order, from 0.
    pub number: usize,
    /// Slices of the display set.
    pub count: usize,
    /// SOP Instance UID.
    pub instance: String,
}

/// Slice `index` (reading order, from 0; `None`: the middle one) of the largest display set below `paths`.
///
/// # Errors
/// Nothing can be read, the index is beyond the last slice, or the slice cannot be decoded.
pub fn slice(
    workers: &Workers,
    paths: &[PathBuf],
    index: Option<usize>,
) -> Result<SliceOfFiles, WorkbenchError> {
    let Headers { reads, refused, .. } = headers(workers, paths)?;
    let records: Vec<InstanceRecord> = reads.iter().map(|(_, r)| r.record.clone()).collect();
    let sets = display_sets(&records, |_| None);
    let nothing = || {
        WorkbenchError::Refused(format!(
            "no image can be read; {}",
            refused
                .first()
                .cloned()
                .unwrap_or_else(|| "no DICOM file is there".to_owned())
        ))
    };
    // The first of the largest: the order of series decides a tie.
    let set = sets
        .iter()
        .rev()
        .max_by_key(|s| s.images.len())
        .ok_or_else(nothing)?;
    let number = index.unwrap_or(set.images.len() / 2);
    let image = set.images.get(number).ok_or_else(|| {
        WorkbenchError::NotFound(format!(
            "--index {}: the series has {} slices",
            number + 1,
            set.images.len()
        ))
    })?;
    let (source, read) = reads.get(image.record).ok_or_else(nothing)?;
    let frame = workers
        .decode()?
        .frame(source, read, image.frame, Priority::Visible)
        .map_err(|loss| WorkbenchError::Refused(loss.to_string()))?;
    let display = read.display(image.frame).cloned().ok_or_else(nothing)?;
    Ok(SliceOfFiles {
        frame,
        display,
        number,
        count: set.images.len(),
        instance: read.record.sop_instance.to_string(),
    })
}
