//! `bench timeline`: a record of a hundred thousand observations opened and analysed, a hundred thousand notes searched, FHIR read; over the
//! seeded store of `peers/make_timeline.py`, imported once into an archive beside it.

use std::fs;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use triptych_clinical::{Instant as Time, PatientKey};
use triptych_worker::bench::{cpu_seconds, percentile};

use crate::core::Settings;
use crate::patient::Catalog;
use crate::view::PatientView;
use crate::{Core, WorkbenchError};

/// Lines in one document: an export is never one file of half a gigabyte.
const LINES: usize = 50_000;

/// One case, with the peers' keys.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TimelineFigures {
    /// `triptych`
    pub peer: &'static str,
    /// `timeline`
    pub work: &'static str,
    /// `open_patient`, `analyze`, `search` …
    pub case: String,
    /// Median of one, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<f64>,
    /// 95th percentile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<f64>,
    /// CPU time of one, all threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<f64>,
    /// Parsing: megabytes (10⁶ bytes) a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mb_per_s: Option<f64>,
    /// The same a second of CPU time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mb_per_cpu_s: Option<f64>,
    /// How often it was done.
    pub n: usize,
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<f64>,
}

#[derive(Deserialize)]
struct Known {
    queries: Vec<Query>,
}

#[derive(Deserialize)]
struct Query {
    fts5: String,
    hits: u64,
}

/// Runs every case over `store`, for `seconds` each; `fhir`, where given, is a folder of bundles to be read.
///
/// # Errors
/// The store is not one of `make_timeline.py --ndjson`, or the archive beside it cannot be made; a search that misses a hit.
pub fn timeline(
    store: &Path,
    fhir: Option<&Path>,
    seconds: f64,
) -> Result<Vec<TimelineFigures>, WorkbenchError> {
    let settings = archive_of(store)?;
    let core = Core::open(&settings)?;
    core.warm_up()?;
    let all = core.wait(core.archive().patients(Some("P0")))?;
    let named = all.iter().find(|p| p.identity.given == "P0");
    let person = named
        .ok_or_else(|| WorkbenchError::NotFound("patient p0".into()))?
        .person;
    core.wait(core.archive().pack(person))?;
    let time = Duration::from_secs_f64(seconds);
    let mut figures = open(&core, person, time)?;
    let known: Known = read_json(&store.join("queries.json"))?;
    let third = known.queries.len() / 3;
    for (case, range) in [
        ("search", 0..known.queries.len()),
        ("search_few", 0..third),
        ("search_many", third..third * 2),
        ("search_phrase", third * 2..known.queries.len()),
    ] {
        let queries = known.queries.get(range).unwrap_or_default();
        figures.push(search(&core, case, queries, time)?);
    }
    if let Some(fhir) = fhir {
        figures.push(parse(fhir, time)?);
    }
    core.close()?;
    Ok(figures)
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, WorkbenchError> {
    let text = fs::read_to_string(path)?;
    serde_json::from_str(&text)
        .map_err(|why| WorkbenchError::Refused(format!("{}: {why}", path.display())))
}

fn open(
    core: &Core,
    person: PatientKey,
    time: Duration,
) -> Result<Vec<TimelineFigures>, WorkbenchError> {
    let now = Time::now();
    let mut check = 0.0;
    let mut answer = 0;
    let drawn = std::sync::Mutex::new(Vec::new());
    let opened = repeated(time, |_| {
        let began = Instant::now();
        let keep = |_: &PatientView, _: &Catalog| {
            let ms = began.elapsed().as_secs_f64() * 1e3;
            drawn
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(ms);
        };
        let (open, _) = core.read(person, None, now, Some(keep))?;
        let rows = open.view.labs.iter().flat_map(|g| &g.rows);
        // What the store holds: not what was calculated from it.
        let reported = rows
            .chain(open.view.vitals.iter())
            .filter(|r| !r.calculated);
        let points = reported.flat_map(|r| r.points.iter());
        check = points.filter_map(|p| p.value).sum();
        answer = open.view.signals.coverage_rows.len();
        Ok(())
    })?;
    // The page with its timeline, as the window shows it while the rules are at work; the first one warmed up.
    let mut ms = drawn.into_inner().unwrap_or_else(PoisonError::into_inner);
    ms.drain(..ms.len().min(1));
    ms.sort_by(f64::total_cmp);
    let drawn = Spent {
        ms,
        cpu_ms: opened.cpu_ms,
    };
    let analysed = repeated(time, |_| {
        core.read_and_evaluate(person, now)?;
        Ok(())
    })?;
    #[allow(clippy::cast_precision_loss, reason = "a count of rules")]
    let rules = answer as f64;
    let check = Some((check * 100.0).round() / 100.0);
    Ok(vec![
        drawn.named("open_patient", check),
        opened.named("open_with_rules", check),
        analysed.named("analyze", Some(rules)),
    ])
}

fn search(
    core: &Core,
    case: &str,
    queries: &[Query],
    time: Duration,
) -> Result<TimelineFigures, WorkbenchError> {
    let mut hits = 0;
    let found = repeated(time, |n| {
        let Some(query) = queries.get(n % queries.len().max(1)) else {
            return Ok(());
        };
        // A space at the end: whole words, as the peer searches.
        let text = format!("{} ", query.fts5);
        let rows = core.wait(core.archive().search_everywhere(&text, 20))?;
        if rows.len() as u64 != query.hits.min(20) {
            return Err(WorkbenchError::Refused(format!(
                "a search gave {} of {} notes",
                rows.len(),
                query.hits
            )));
        }
        Ok(())
    })?;
    for query in queries {
        hits += query.hits;
    }
    #[allow(clippy::cast_precision_loss, reason = "a count of hits")]
    let hits = hits as f64;
    Ok(found.named(case, Some(hits)))
}

fn parse(folder: &Path, time: Duration) -> Result<TimelineFigures, WorkbenchError> {
    let mut bundles = Vec::new();
    for path in crate::import::files_below(&[folder.to_owned()])
        .into_iter()
        .flatten()
    {
        if path.extension().is_some_and(|e| e == "json") {
            bundles.push(fs::read(path)?);
        }
    }
    let bytes: usize = bundles.iter().map(Vec::len).sum();
    let now = Time::now();
    let read = repeated(time, |_| {
        for bundle in &bundles {
            let _ = std::hint::black_box(triptych_record::read(bundle, now));
        }
        Ok(())
    })?;
    #[allow(clippy::cast_precision_loss, reason = "megabytes")]
    let megabytes = bytes as f64 / 1e6;
    let median = read.median();
    Ok(TimelineFigures {
        mb_per_s: Some(megabytes / (median / 1e3)),
        mb_per_cpu_s: Some(megabytes / (read.cpu_ms / 1e3)),
        ms: None,
        p95_ms: None,
        cpu_ms: None,
        ..read.named("parse_json", None)
    })
}

struct Spent {
    ms: Vec<f64>,
    cpu_ms: f64,
}

impl Spent {
    fn median(&self) -> f64 {
        percentile(&self.ms, 0.5)
    }

    fn named(&self, case: &str, check: Option<f64>) -> TimelineFigures {
        TimelineFigures {
            peer: "triptych",
            work: "timeline",
            case: case.to_owned(),
            ms: Some(self.median()),
            p95_ms: Some(percentile(&self.ms, 0.95)),
            cpu_ms: Some(self.cpu_ms),
            n: self.ms.len(),
            check,
            ..TimelineFigures::default()
        }
    }
}

/// Does it once to warm up, then again and again for `time`.
fn repeated(
    time: Duration,
    mut work: impl FnMut(usize) -> Result<(), WorkbenchError>,
) -> Result<Spent, WorkbenchError> {
    work(0)?;
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let mut ms = Vec::new();
    while began.elapsed() < time || ms.is_empty() {
        let one = Instant::now();
        work(ms.len())?;
        ms.push(one.elapsed().as_secs_f64() * 1e3);
    }
    #[allow(clippy::cast_precision_loss, reason = "a count")]
    let cpu_ms = (cpu_seconds() - cpu) * 1e3 / ms.len() as f64;
    ms.sort_by(f64::total_cmp);
    Ok(Spent { ms, cpu_ms })
}

/// The archive beside the store, made when it is not there.
fn archive_of(store: &Path) -> Result<Settings, WorkbenchError> {
    let place = store.join("triptych");
    let settings = Settings {
        archive: place.join("archive"),
        key_file: Some(place.join("key")),
        worker: None,
    };
    let done = place.join("done");
    if done.exists() {
        return Ok(settings);
    }
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    let exported = place.join("export");
    fs::create_dir_all(&exported)?;
    fs::set_permissions(&place, fs::Permissions::from_mode(0o700))?;
    let observations = cut(&store.join("Observation.ndjson"), &exported, "observations")?;
    cut(&store.join("DocumentReference.ndjson"), &exported, "notes")?;
    patients(&exported, observations)?;
    let core = Core::open(&settings)?;
    let report = core.import(std::slice::from_ref(&exported), false, &mut ())?;
    core.close()?;
    if !report.is_clean() {
        let first = report.files.iter().find(|f| !f.reason.is_empty());
        let why = first.map(|f| f.reason.clone()).unwrap_or_default();
        return Err(WorkbenchError::Refused(format!(
            "the store cannot be imported: {why}"
        )));
    }
    fs::remove_dir_all(&exported)?;
    made(&done)?;
    Ok(settings)
}

/// A scratch file of the benchmark beside its store: nothing of it need survive a power cut.
#[allow(
    clippy::disallowed_methods,
    reason = "made anew at the next run where it is missing"
)]
fn made(path: &Path) -> Result<fs::File, WorkbenchError> {
    Ok(fs::File::create(path)?)
}

/// Cuts a file of lines into documents; the greatest number of a patient in it.
fn cut(file: &Path, folder: &Path, name: &str) -> Result<u32, WorkbenchError> {
    let missing =
        || WorkbenchError::NotFound(format!("{}: make the store with --ndjson", file.display()));
    let lines = BufReader::new(fs::File::open(file).map_err(|_| missing())?).lines();
    let mut out: Option<BufWriter<fs::File>> = None;
    let mut most = 0;
    for (n, line) in lines.enumerate() {
        let line = line?;
        if n % LINES == 0 {
            let part: PathBuf = folder.join(format!("{name}-{:03}.ndjson", n / LINES));
            out = Some(BufWriter::new(made(&part)?));
        }
        let number = line.split_once("\"Patient/p").and_then(|(_, rest)| {
            let digits = rest.split_once('"')?.0;
            digits.parse::<u32>().ok()
        });
        most = most.max(number.unwrap_or(0));
        if let Some(out) = &mut out {
            writeln!(out, "{line}")?;
        }
    }
    Ok(most)
}

/// The store names its patients only; here they get an identity.
fn patients(folder: &Path, most: u32) -> Result<(), WorkbenchError> {
    let mut out = BufWriter::new(made(&folder.join("0-patients.ndjson"))?);
    for n in 0..=most {
        let patient = serde_json::json!({
            "resourceType": "Patient", "id": format!("p{n}"), "gender": if n % 2 == 0 { "female" } else { "male" },
            "birthDate": format!("{}-03-0{}", 1940 + n % 50, 1 + n % 9),
            "name": [{ "family": "Bench", "given": [format!("P{n}")] }],
            "identifier": [{ "system": "urn:triptych:bench", "value": format!("B{n:05}"),
                "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR" }] } }],
        });
        writeln!(out, "{patient}")?;
    }
    Ok(())
}
