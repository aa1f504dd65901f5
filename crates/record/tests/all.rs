//! Whole documents: all clinical test data of the shelf against counts made by an independent script (`index.csv`), and the sample patient.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(
    clippy::print_stdout,
    clippy::disallowed_macros,
    reason = "a test says what it could not run"
)]

#[path = "all/broken.rs"]
mod broken;
#[path = "all/cda.rs"]
mod cda;
#[path = "all/cda_broken.rs"]
mod cda_broken;
#[path = "all/counts.rs"]
mod counts;
#[path = "all/full.rs"]
mod full;
#[path = "all/pdf.rs"]
mod pdf;
#[path = "all/sample.rs"]
mod sample;
#[path = "all/speed.rs"]
mod speed;
#[path = "all/stories.rs"]
mod stories;

use std::path::{Path, PathBuf};

use triptych_record::{Instant, Intake, ReadError, read};

/// The folder `data/fhir` of the shelf, or `None` after saying that it is absent.
fn shelf(test: &str) -> Option<PathBuf> {
    let own = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let root = own
        .ancestors()
        .find(|p| p.join("tauri.conf.json").exists())
        .unwrap();
    let shared =
        std::env::var_os("TRIPTYCH_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let folder = shared.join("data/fhir");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SHELF ABSENT: {test}");
    None
}

/// 2026-11-02T09:00:00Z
const RECEIVED: Instant = Instant::from_seconds(1_793_610_000);

fn read_file(path: &Path) -> Result<Intake, ReadError> {
    let bytes = std::fs::read(path).unwrap();
    read(&bytes, RECEIVED)
}
