//! HL7 v2 and CSV: all messages of the shelf against counts made by an independent script (`index.csv`), the broken ones against their README, and
//! what must hold for any bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(
    clippy::print_stdout,
    clippy::disallowed_macros,
    reason = "a test says what it could not run"
)]

#[path = "hl7/broken.rs"]
mod broken;
#[path = "hl7/counts.rs"]
mod counts;
#[path = "hl7/csv.rs"]
mod csv;
#[path = "hl7/properties.rs"]
mod properties;
#[path = "hl7/values.rs"]
mod values;

use std::path::PathBuf;

use triptych_record::{Fact, Instant, Intake, ReadError, read};

/// 2026-11-02T09:00:00Z
const RECEIVED: Instant = Instant::from_seconds(1_793_610_000);

/// The folder `data/hl7v2` of the shelf, or `None` after saying that it is absent.
fn shelf(test: &str) -> Option<PathBuf> {
    let own = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let root = own
        .ancestors()
        .find(|p| p.join("tauri.conf.json").exists())
        .unwrap();
    let shared =
        std::env::var_os("TRIPTYCH_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let folder = shared.join("data/hl7v2");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SHELF ABSENT: {test}");
    None
}

fn read_text(text: &str) -> Result<Intake, ReadError> {
    read(text.as_bytes(), RECEIVED)
}

fn facts(intake: &Intake) -> Vec<&Fact> {
    intake.patients.iter().flat_map(|p| &p.facts).collect()
}

/// Facts of results, without the headers of orders.
fn results(intake: &Intake) -> Vec<&Fact> {
    facts(intake)
        .into_iter()
        .filter(|f| f.kind != triptych_clinical::FactKind::Report)
        .collect()
}

/// Everything that the intake says about what was not usable.
fn said(intake: &Intake) -> String {
    let lines: Vec<String> = intake
        .quarantined
        .iter()
        .chain(&intake.problems)
        .map(|p| format!("{}: {}", p.place, p.reason))
        .collect();
    lines.join("\n")
}

/// A message with these segments after a header and a patient.
fn message(control_id: &str, sent: &str, segments: &[&str]) -> String {
    format!(
        "MSH|^~\\&|LAB|SITE|TRIPTYCH|DESK|{sent}||ORU^R01^ORU_R01|{control_id}|P|2.5.1\rPID|1||T-1001^^^TRIPTYCH^MR||Test^Sample||19700101|F\r{}\r",
        segments.join("\r")
    )
}
