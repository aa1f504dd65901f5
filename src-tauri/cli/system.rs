//! `triptych open`, `doctor`, `audit`, `bench`.

use std::process::Command as Process;

use anyhow::Context as _;
use serde_json::json;
use triptych_render::Renderer;
use triptych_workbench::doctor::{Health, Line, Report, archive_lines, machine_lines};
use triptych_workbench::{Core, Workers};

use crate::arguments::{Arguments, Audit, Open, Painter};
use crate::output::{Exit, Output, settings, with_core};
use crate::render::choice;

/// Starts the window program beside this one and becomes it.
pub fn open(arguments: &Arguments, open: &Open) -> anyhow::Result<Exit> {
    let mut window = window(arguments, open.renderer)?;
    for (name, value) in [("--patient", &open.patient), ("--study", &open.study)] {
        if let Some(value) = value {
            window.arg(name).arg(value);
        }
    }
    window.args(&open.paths);
    let program = window.get_program().to_owned();
    let status = window
        .status()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    Ok(if status.success() {
        Exit::Done
    } else {
        Exit::Nothing
    })
}

/// The window program beside this one, over the same archive.
pub fn window(arguments: &Arguments, painter: Painter) -> anyhow::Result<Process> {
    let program = std::env::current_exe()
        .context("this program has no known place")?
        .with_file_name("triptych-window");
    let mut window = Process::new(&program);
    window.arg("--archive").arg(settings(arguments)?.archive);
    if let Some(key) = &arguments.key_file {
        window.arg("--key-file").arg(key);
    }
    if let Some(at) = arguments.at {
        window.arg("--at").arg(at.to_string());
    }
    window.arg("--renderer").arg(match painter {
        Painter::Auto => "auto",
        Painter::Gpu => "gpu",
        Painter::Cpu => "cpu",
    });
    Ok(window)
}

pub fn doctor(arguments: &Arguments, output: &Output) -> anyhow::Result<Exit> {
    let mut report = Report::default();
    report.lines.push(renderer_line());
    let workers = Workers::new(None);
    report.lines.extend(machine_lines(&workers));
    report
        .lines
        .push(triptych_workbench::letters::doctor_line());
    let settings = settings(arguments)?;
    let mut exit = Exit::NotAll;
    if settings.archive.join("archive.db").exists() {
        match Core::open(&settings) {
            Ok(core) => {
                report.lines.extend(archive_lines(&core)?);
                core.close()?;
            }
            Err(error) => {
                if error.is_archive_unopenable() {
                    exit = Exit::ArchiveClosed;
                }
                report
                    .lines
                    .push(Line::new("archive", Health::Broken, error.to_string()));
            }
        }
    } else {
        let source = settings.key_file.clone().map_or(
            triptych_workbench::KeySource::Platform,
            triptych_workbench::KeySource::File,
        );
        report.lines.push(Line::new(
            "archive",
            Health::Off,
            format!(
                "none in {} yet: the first import makes it",
                settings.archive.display()
            ),
        ));
        report
            .lines
            .push(Line::new("key", Health::Works, source.describe()));
    }
    output.print(&report, || report.text())?;
    Ok(if report.is_healthy() {
        Exit::Done
    } else {
        exit
    })
}

fn renderer_line() -> Line {
    match Renderer::choose(choice(Painter::Auto)) {
        Ok(renderer) => Line::new("pictures", Health::Works, renderer.name()),
        Err(error) => Line::new("pictures", Health::Broken, error.to_string()),
    }
}

pub fn audit(arguments: &Arguments, output: &Output, command: Audit) -> anyhow::Result<Exit> {
    with_core(arguments, |core| match command {
        Audit::Verify => {
            let report = core.verify_audit()?;
            output.print(&report, || format!("{}\n", report.words()))?;
            Ok(if report.is_whole() {
                Exit::Done
            } else {
                Exit::NotAll
            })
        }
        Audit::Show { limit } => {
            let entries = core.audit_entries(limit)?;
            output.print(&entries, || {
                entries
                    .iter()
                    .map(|e| {
                        format!(
                            "{:>6}  {}  {}  {}  {}  {}\n",
                            e.seq,
                            e.at,
                            e.who,
                            e.verb,
                            e.subject.map(|s| s.to_string()).unwrap_or_default(),
                            json!(e.details)
                        )
                    })
                    .collect()
            })?;
            Ok(Exit::Done)
        }
    })
}
