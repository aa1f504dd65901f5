//! `triptych`: the command line. Alone, or with `open`, it starts the window program beside it; with a command it works without a window, on
//! the same use cases and the same archive.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_macros,
    reason = "a command line prints"
)]

mod arguments;
mod bench;
mod evaluate;
mod files;
mod identity;
mod import;
mod models;
mod notes;
mod output;
mod pathways;
mod record;
mod render;
mod rules;
mod system;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};
use output::{Exit, Output};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let _ = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::new(format!(
            "off,triptych={0},triptych_workbench={0},triptych_archive={0},triptych_worker={0}",
            arguments.log
        )))
        .without_time()
        .try_init();
    let output = Output::new(arguments.json, arguments.quiet);
    let done = run(&arguments, &output);
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("triptych: {error:#}");
            output::exit_of(&error).into()
        }
    }
}

fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<Exit> {
    match arguments.command.clone() {
        None => system::open(arguments, &Default::default()),
        Some(Command::Open(open)) => system::open(arguments, &open),
        Some(Command::Import {
            paths,
            dry_run,
            mapping,
            suggest,
        }) => match suggest {
            Some(file) => import::suggest(arguments, output, &file),
            None => import::import(arguments, output, &paths, mapping.as_deref(), dry_run),
        },
        Some(Command::Inspect { paths, expected }) => {
            files::inspect(arguments, output, &paths, expected.as_deref())
        }
        Some(Command::Series {
            paths,
            patient,
            expected,
        }) => files::series(
            arguments,
            output,
            &paths,
            patient.as_deref(),
            expected.as_deref(),
        ),
        Some(Command::Patients { search }) => {
            record::patients(arguments, output, search.as_deref())
        }
        Some(Command::Link { a, b, reason }) => record::link(arguments, output, &a, &b, &reason),
        Some(Command::Unlink { a, b, reason }) => {
            record::unlink(arguments, output, &a, &b, &reason)
        }
        Some(Command::Identity { command }) => identity::run(arguments, output, command),
        Some(Command::Show { patient }) => record::show(arguments, output, &patient),
        Some(Command::Analyze { patient, see_now }) => {
            record::analyze(arguments, output, &patient, see_now.as_deref())
        }
        Some(Command::Summary { patient, out }) => {
            record::summary(arguments, output, &patient, &out)
        }
        Some(Command::Rules { command }) => rules::run(arguments, output, command),
        Some(Command::Pathways { command }) => pathways::run(output, command),
        Some(Command::Evaluate { command }) => evaluate::run(arguments, output, &command),
        Some(Command::Notes { command }) => notes::run(output, command),
        Some(Command::Render(picture)) => render::render(arguments, output, &picture),
        Some(Command::Model { command }) => models::run(arguments, output, command),
        Some(Command::Audit { command }) => system::audit(arguments, output, command),
        Some(Command::Bench { command }) => bench::run(arguments, command),
        Some(Command::Doctor) => system::doctor(arguments, output),
    }
}
