//! `triptych evaluate lead-time` over folders of FHIR documents instead of an archive.
//!
//! ```text
//! cargo run --release -p triptych-reasoning --example lead_time -- --out DIR FOLDER...
//! ```
//! `--cohort FILE.toml` is the protocol; each folder is one import.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "an example prints and writes plain files"
)]

#[path = "../tests/shelf/mod.rs"]
mod shelf;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant as Clock;

use triptych_clinical::When;
use triptych_reasoning::lead_time::{CohortFile, Refused, leak_lines, run};

fn main() -> ExitCode {
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(4)
        }
    }
}

fn work() -> Result<(), String> {
    let (mut folders, mut out, mut cohort) = (Vec::new(), None, CohortFile::default());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--out" => out = words.next().map(PathBuf::from),
            "--cohort" => {
                let file = words.next().ok_or("--cohort FILE")?;
                let text = std::fs::read_to_string(&file).map_err(|e| format!("{file}: {e}"))?;
                cohort = CohortFile::read(&text).map_err(|e| e.to_string())?;
            }
            _ => folders.push(PathBuf::from(word)),
        }
    }
    let began = Clock::now();
    let shelf = shelf::read(&folders);
    let read_s = began.elapsed().as_secs_f64();
    let last = When::parse("2100-01-01").map_err(|e| e.to_string())?;
    let protocol = cohort.protocol(last.instant).map_err(|e| e.to_string())?;
    let began = Clock::now();
    let report = run(&shelf.subjects, &protocol).map_err(|refused| match refused {
        Refused::Leak(tests) => format!("no report\n{}", leak_lines(&tests)),
        other => other.to_string(),
    })?;
    let run_s = began.elapsed().as_secs_f64();
    print!("{}", report.table());
    eprintln!(
        "{} patient records, {} persons; read in {read_s:.2} s, evaluated with all leakage tests in {run_s:.2} s",
        shelf.records,
        shelf.subjects.len()
    );
    if let Some(out) = out {
        std::fs::create_dir_all(&out).map_err(|e| e.to_string())?;
        for (name, text) in report.files().named() {
            std::fs::write(out.join(name), text).map_err(|e| e.to_string())?;
        }
    }
    Ok(())
}
