//! `triptych inspect` and `series`: commands on files alone.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};
use triptych_workbench::{Workers, files};

use crate::arguments::Arguments;
use crate::output::{Exit, Output, with_core};

pub fn inspect(
    _: &Arguments,
    output: &Output,
    paths: &[PathBuf],
    expected: Option<&Path>,
) -> anyhow::Result<Exit> {
    let workers = Workers::new(None);
    if let Some(expected) = expected {
        return compare(output, &workers, paths, expected);
    }
    let reports = files::inspect(&workers, paths)?;
    let refused = reports.iter().filter(|r| r.is_refused()).count();
    let values: Vec<Value> = reports.iter().map(files::Inspected::json).collect();
    output.print(&values, || {
        reports.iter().map(files::Inspected::text).collect()
    })?;
    Ok(match refused {
        0 => Exit::Done,
        n if n == reports.len() => Exit::Nothing,
        _ => Exit::NotAll,
    })
}

fn compare(
    output: &Output,
    workers: &Workers,
    paths: &[PathBuf],
    expected: &Path,
) -> anyhow::Result<Exit> {
    let text = std::fs::read(expected)
        .with_context(|| format!("{} cannot be read", expected.display()))?;
    let report =
        files::compare(workers, paths, &text).with_context(|| format!("{}", expected.display()))?;
    let value = json!({ "agree": report.agree, "differ": report.differ, "refused": report.refused, "disputed": report.disputed, "files": report.lines.iter().map(|(file, verdict, words)| json!({ "file": file, "verdict": verdict, "words": words })).collect::<Vec<_>>() });
    output.print(&value, || {
        let mut text: String = report
            .lines
            .iter()
            .filter(|(_, verdict, _)| *verdict != "agree")
            .map(|(file, verdict, words)| format!("{verdict}: {file}: {words}\n"))
            .collect();
        if report.disputed > 0 {
            text += &format!("{} disputed on purpose\n", report.disputed);
        }
        text + &format!(
            "{} agree, {} differ, {} refused with a reason\n",
            report.agree, report.differ, report.refused
        )
    })?;
    Ok(if report.differ == 0 {
        Exit::Done
    } else {
        Exit::NotAll
    })
}

pub fn series(
    arguments: &Arguments,
    output: &Output,
    paths: &[PathBuf],
    patient: Option<&str>,
    expected: Option<&Path>,
) -> anyhow::Result<Exit> {
    if let Some(expected) = expected {
        return compare_series(output, paths, expected);
    }
    let stacks = match patient {
        Some(patient) => with_core(arguments, |core| {
            let person = core.find_person(patient)?;
            let open = core.open_patient(person, arguments.at)?;
            Ok(open
                .view
                .studies
                .iter()
                .flat_map(|s| s.series.iter().map(files::of_view))
                .collect())
        })?,
        None => files::series(&Workers::new(None), paths)?,
    };
    output.print(&stacks, || {
        stacks.iter().map(files::StackReport::text).collect()
    })?;
    Ok(Exit::Done)
}

fn compare_series(output: &Output, paths: &[PathBuf], expected: &Path) -> anyhow::Result<Exit> {
    let report = files::compare_series(&Workers::new(None), paths, expected)
        .with_context(|| format!("{}", expected.display()))?;
    let differ = report.series.iter().filter(|s| !s.differences.is_empty());
    let differ = differ.count();
    let agree = report.series.len() - differ;
    let value = json!({ "agree": agree, "differ": differ, "refused": report.refused, "series": report.series });
    output.print(&value, || {
        let mut text = String::new();
        for series in &report.series {
            for difference in &series.differences {
                text += &format!(
                    "differ: {} {}: {difference}\n",
                    series.folder, series.series
                );
            }
        }
        for refused in &report.refused {
            text += &format!("refused: {refused}\n");
        }
        text + &format!(
            "{agree} agree, {differ} differ, {} refused with a reason\n",
            report.refused.len()
        )
    })?;
    Ok(if differ == 0 {
        Exit::Done
    } else {
        Exit::NotAll
    })
}
