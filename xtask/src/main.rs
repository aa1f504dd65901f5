//! `cargo xtask`: the only build script. What CI runs is what a person runs.
//!
//! `demo` and `test` begin with the same set-up on a machine with nothing but Rust: the system packages (Debian and Ubuntu), the crates,
//! the ONNX Runtime that `runtime.toml` names.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a developer's tool: it prints its results and writes no patient's data"
)]

mod bundle;
mod cache;
mod command;
mod demo;
mod display;
mod expect;
mod highdicom;
mod packages;
mod runtime;
mod sample;
mod test;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Builds, tests and shows Triptych.
#[derive(Parser)]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Set up, make the sample patient, build in release, import, and open the window.
    Demo(demo::Demo),
    /// Set up, then format, lints, all tests and doc tests; the last line counts.
    Test(test::Test),
    /// Write the sample patient (synthetic) to a folder.
    Sample {
        /// Slices of each CT.
        #[arg(long, default_value_t = 120)]
        slices: usize,
        /// The day on which the story is read; as written, 2026-11-02.
        #[arg(long, value_name = "DATE")]
        until: Option<jiff::civil::Date>,
        /// Folder; made when absent.
        out: PathBuf,
    },
    /// Make the Debian package with its checksums and signature.
    Bundle(bundle::Bundle),
}

fn main() -> Result<()> {
    match Xtask::parse().task {
        Task::Demo(demo) => demo.run(),
        Task::Test(test) => test.run(),
        Task::Sample { slices, until, out } => {
            let files = sample::write(&out, slices, until)?;
            println!("{files} DICOM files and record.json in {}", out.display());
            Ok(())
        }
        Task::Bundle(bundle) => bundle.run(),
    }
}
