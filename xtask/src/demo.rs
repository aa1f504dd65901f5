//! `cargo xtask demo`: from a machine with only Rust to the sample patient on screen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use crate::command::{cargo, read, root, run, target};
use crate::display::Display;
use crate::{cache, expect, packages, runtime, sample};

/// Options of `demo`.
#[derive(Args)]
pub struct Demo {
    /// Do all of it without a screen, save a screenshot and end.
    #[arg(long)]
    headless_check: bool,
    /// Bring the ONNX Runtime that can use an NVIDIA card.
    #[arg(long)]
    cuda: bool,
}

const MODEL: &str = "heart-size-reference";
const SIZE: &str = "1600x1000";

/// The built programs over the demo's own archive.
#[derive(Clone)]
struct Programs {
    folder: PathBuf,
    archive: PathBuf,
    key: PathBuf,
    runtime: PathBuf,
}

impl Programs {
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.folder.join(program));
        command
            .arg("--archive")
            .arg(&self.archive)
            .arg("--key-file")
            .arg(&self.key)
            .args(arguments)
            .env(runtime::VARIABLE, &self.runtime)
            .env("TRIPTYCH_MODELS", root().join("models"));
        command
    }
}

impl Demo {
    /// Runs it.
    pub fn run(self) -> Result<()> {
        packages::ensure()?;
        run(&mut cargo(&["fetch", "--locked"]))?;
        let runtime = runtime::ensure(if self.cuda { "cuda" } else { "cpu" })?;
        run(&mut cargo(&[
            "build",
            "--release",
            "--locked",
            "--offline",
            "--bins",
        ]))?;
        let demo = cache::folder()?.join("demo");
        // Made anew each time: what a former demo decided is no part of this one.
        if demo.exists() {
            fs::remove_dir_all(&demo).with_context(|| format!("removing {}", demo.display()))?;
        }
        let patient = demo.join("sample");
        let files = sample::write(&patient, 120, Some(jiff::Zoned::now().date()))?;
        println!("sample patient: {files} DICOM files and a record (synthetic)");
        let target = target()?;
        let programs = Programs {
            folder: target.join("release"),
            archive: demo.join("archive"),
            key: demo.join("key").join("archive.key"),
            runtime,
        };
        run(programs.command("triptych", &["import"]).arg(&patient))?;
        let person = join(&programs)?;
        println!(
            "enabling the model {MODEL} for this demo's archive: it is off until somebody says so"
        );
        enable(&programs)?;
        if self.headless_check {
            expect::of_sample(&read(
                programs
                    .command("triptych", &["--json", "analyze"])
                    .arg(&person),
            )?)?;
            let of_child = Programs {
                archive: demo.join("child"),
                ..programs.clone()
            };
            check_child(&of_child, &demo.join("film"))?;
            for desk in ["reading", "rounds"] {
                let picture = target.join(format!("demo-{desk}.png"));
                screenshot(&programs, &person, desk, &picture)?;
                println!("screenshot: {}", picture.display());
            }
            let seen = ["--json", "analyze", "--see-now", "teaching"];
            let mut analyze = programs.command("triptych", &seen);
            return expect::of_finding(&read(analyze.arg(&person))?);
        }
        run(&mut programs.command("triptych-window", &["--patient", &person]))
    }
}

/// The sample's images and record come from two systems: that they are one person is said here, by name, and is in the audit trail.
fn join(programs: &Programs) -> Result<String> {
    let patients = read(&mut programs.command("triptych", &["--json", "patients"]))?;
    let patients: serde_json::Value = serde_json::from_str(&patients).context("patients --json")?;
    let list = patients
        .as_array()
        .or_else(|| patients["patients"].as_array());
    let mut keys: Vec<String> = list
        .context("patients --json lists no patients")?
        .iter()
        .filter_map(|p| p["key"].as_i64().map(|key| key.to_string()))
        .collect();
    ensure!(!keys.is_empty(), "the sample patient was not imported");
    if let [a, b] = keys.as_slice() {
        run(&mut programs.command("triptych", &["link", a, b]))?;
    }
    Ok(keys.swap_remove(0))
}

fn enable(programs: &Programs) -> Result<()> {
    run(&mut programs.command(
        "triptych",
        &[
            "model",
            "enable",
            MODEL,
            "--by",
            "demo",
            "--reason",
            "sample patient, not a person",
        ],
    ))
}

/// A film of a child in an archive of its own: the enabled model gives its reason instead of a finding.
fn check_child(programs: &Programs, film: &Path) -> Result<()> {
    sample::write_film_of_a_child(film)?;
    run(programs.command("triptych", &["import"]).arg(film))?;
    enable(programs)?;
    let report = programs.command("triptych", &["--json", "analyze", "SAMPLE-0002"]);
    expect::of_child(&read(&mut { report })?)
}

fn screenshot(programs: &Programs, person: &str, desk: &str, picture: &Path) -> Result<()> {
    let display = Display::start(SIZE)?;
    run(programs
        .command(
            "triptych-window",
            &[
                "--patient",
                person,
                "--renderer",
                "cpu",
                "--size",
                SIZE,
                "--after-settled",
                "--desk",
                desk,
            ],
        )
        .arg("--screenshot")
        .arg(picture)
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY"))?;
    let bytes = fs::metadata(picture)
        .with_context(|| picture.display().to_string())?
        .len();
    ensure!(
        bytes > 20_000,
        "the screenshot has only {bytes} bytes: nothing is on it"
    );
    Ok(())
}
