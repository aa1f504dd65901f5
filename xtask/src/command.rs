//! Other programs: shown before they run, and an error when they fail.

use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

/// Root of the repository.
pub fn root() -> PathBuf {
    // Asked at run time: a program built in one checkout may be found fresh by cargo in another that shares its target folder.
    let here = std::env::var_os("CARGO_MANIFEST_DIR");
    let here = here.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.parent().map_or_else(|| here.clone(), Path::to_owned)
}

/// Cargo, in the root of the repository.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

fn words(command: &Command) -> String {
    let mut words = vec![
        Path::new(command.get_program())
            .file_name()
            .unwrap_or_default(),
    ];
    words.extend(command.get_args());
    words
        .iter()
        .map(|w| w.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs it with its output on the terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let words = words(command);
    println!("> {words}");
    let status = command.status().with_context(|| words.clone())?;
    ensure!(status.success(), "{words}: {status}");
    Ok(())
}

/// Runs it and gives back its standard output.
pub fn read(command: &mut Command) -> Result<String> {
    let words = words(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| words.clone())?;
    ensure!(output.status.success(), "{words}: {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs it, shows both its outputs and keeps them; the flag is its success.
pub fn watch(command: &mut Command) -> Result<(bool, Vec<String>)> {
    let words = words(command);
    println!("> {words}");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| words.clone())?;
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("{words}: no output");
    };
    fn lines(stream: impl Read) -> Vec<String> {
        let mut kept = Vec::new();
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            println!("{line}");
            kept.push(line);
        }
        kept
    }
    let errors = std::thread::spawn(move || lines(err));
    let mut kept = lines(out);
    kept.extend(errors.join().unwrap_or_default());
    let status = child.wait().with_context(|| words)?;
    Ok((status.success(), kept))
}

/// Is a program of this name on the path?
pub fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The folder that cargo builds into.
pub fn target() -> Result<PathBuf> {
    let metadata = read(&mut cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
    ]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let folder = metadata["target_directory"].as_str();
    Ok(PathBuf::from(
        folder.context("cargo metadata names no target folder")?,
    ))
}
