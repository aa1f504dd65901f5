//! `triptych import`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use triptych_workbench::import::{FileState, ImportReport};

use crate::arguments::Arguments;
use crate::output::{Exit, Output, with_core};

pub fn import(
    arguments: &Arguments,
    output: &Output,
    paths: &[PathBuf],
    mapping: Option<&Path>,
    dry_run: bool,
) -> anyhow::Result<Exit> {
    let report = with_core(arguments, |core| {
        Ok(core.import_with(paths, mapping, dry_run, &mut output.progress())?)
    })?;
    output.print(&report, || text(&report, dry_run))?;
    Ok(
        match (
            report.cancelled,
            report.is_clean(),
            report.files.iter().any(|f| f.state != FileState::Refused),
        ) {
            (true, ..) => Exit::Cancelled,
            (_, true, _) => Exit::Done,
            (_, _, true) => Exit::NotAll,
            (_, _, false) => Exit::Nothing,
        },
    )
}

/// Prints a mapping for a CSV file.
pub fn suggest(arguments: &Arguments, output: &Output, file: &Path) -> anyhow::Result<Exit> {
    let mapping = with_core(arguments, |core| Ok(core.suggest_mapping(file)?))?
        .map_err(|reason| anyhow::anyhow!("{}: {reason}", file.display()))?;
    output.print(&mapping, || mapping.clone())?;
    Ok(Exit::Done)
}

/// One line a file that is not ok, then a summary by kind.
fn text(report: &ImportReport, dry_run: bool) -> String {
    let mut text = String::new();
    for file in report
        .files
        .iter()
        .filter(|f| !matches!(f.state, FileState::Ok | FileState::Duplicate))
    {
        let state = match file.state {
            FileState::Partly => "partly",
            FileState::Conflict => "conflict",
            _ => "refused",
        };
        let _ = writeln!(text, "{state}: {}: {}", file.file, file.reason);
    }
    let mut kinds: BTreeMap<&str, BTreeMap<FileState, usize>> = BTreeMap::new();
    for file in &report.files {
        let kind = match file.kind.as_str() {
            "" => "other files",
            fhir if fhir.starts_with("FHIR") => "FHIR documents",
            hl7 if hl7.starts_with("HL7") => "HL7 v2 files",
            csv if csv.starts_with("CSV,") => "CSV files",
            other => other,
        };
        *kinds
            .entry(kind)
            .or_default()
            .entry(file.state)
            .or_default() += 1;
    }
    for (kind, states) in &kinds {
        let words = states.iter().map(|(state, n)| {
            let word = match state {
                FileState::Ok => "ok",
                FileState::Duplicate => "there already",
                FileState::Partly => "partly",
                FileState::Conflict => "in conflict",
                FileState::Refused => "refused",
            };
            format!("{n} {word}")
        });
        let _ = writeln!(text, "{kind}: {}", words.collect::<Vec<_>>().join(", "));
    }
    let mut totals: BTreeMap<&str, u64> = BTreeMap::new();
    for file in &report.files {
        for (name, n) in &file.counts {
            *totals.entry(name).or_default() += n;
        }
    }
    let wanted = [
        "patients",
        "observations",
        "diagnostic_reports",
        "document_references",
        "conditions",
        "medication_requests",
        "encounters",
        "procedures",
        "allergies",
        "immunizations",
        "messages",
        "obx",
    ];
    let counts: Vec<String> = wanted
        .iter()
        .filter_map(|name| {
            totals
                .get(name)
                .filter(|n| **n > 0)
                .map(|n| format!("{} {}", n, name.replace('_', " ")))
        })
        .collect();
    if !counts.is_empty() {
        let _ = writeln!(text, "in them: {}", counts.join(", "));
    }
    let verb = if dry_run { "would be stored" } else { "stored" };
    let _ = writeln!(
        text,
        "{} instances and {} documents {verb}, {} new facts, {} new versions, {} there already",
        report.instances, report.documents, report.facts, report.versions, report.duplicates
    );
    match report.questions {
        0 => {}
        1 => text.push_str("1 question of identity waits: triptych identity list\n"),
        n => {
            let _ = writeln!(
                text,
                "{n} questions of identity wait: triptych identity list"
            );
        }
    }
    text
}
