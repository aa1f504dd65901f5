//! How fast documents become facts: `cargo run --release -p triptych-record --example parse -- FOLDER [PASSES]`.
//!
//! Reads every file of the folder into memory, then reads all of them `PASSES` times and prints megabytes a second of the whole way from
//! bytes to facts, by the clock and by the time on the processor: a busy machine stretches the first, not the second. Where a Python is there, the same bytes go through its `json.loads` on the same machine at the same time.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_macros,
    reason = "a measurement prints its figures"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

/// 2026-11-02T09:00:00Z
const RECEIVED: triptych_record::Instant = triptych_record::Instant::from_seconds(1_793_610_000);

/// The same measure for `json.loads` of CPython: bytes in memory, objects made, thrown away. Prints
/// seconds by the clock and on the processor for each pass asked for.
const PYTHON: &str = "
import json, sys, time, os
folder = sys.argv[1]
names = sorted(n for n in os.listdir(folder) if n.endswith('.json'))
files = [open(os.path.join(folder, n), 'rb').read() for n in names]
for line in sys.stdin:
    start, cpu = time.perf_counter(), time.process_time()
    for data in files:
        json.loads(data)
    print(time.perf_counter() - start, time.process_time() - cpu, flush=True)
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next().map(PathBuf::from) else {
        println!("usage: parse FOLDER [PASSES]");
        return ExitCode::FAILURE;
    };
    let passes: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(20);
    match measure(&folder, passes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(folder: &Path, passes: usize) -> std::io::Result<()> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .collect();
    names.sort();
    let files: Vec<Vec<u8>> = names.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    let bytes: usize = files.iter().map(Vec::len).sum();
    let mut python = Python::start(folder);
    let (mut ours, mut theirs, mut facts) = (Vec::new(), Vec::new(), 0);
    // In turn, so that both meet the same weather on the machine.
    for _ in 0..passes.max(1) {
        let (start, busy) = (Instant::now(), on_processor());
        facts = 0;
        for file in &files {
            if let Ok(intake) = triptych_record::read(file, RECEIVED) {
                facts += intake.patients.iter().map(|p| p.facts.len()).sum::<usize>();
            }
        }
        ours.push((start.elapsed().as_secs_f64(), on_processor() - busy));
        theirs.extend(python.as_mut().and_then(Python::pass));
    }
    println!(
        "{} files, {bytes} bytes, {facts} facts, {} passes",
        files.len(),
        ours.len()
    );
    let us = report("read (facts made)", bytes, &ours);
    if theirs.is_empty() {
        println!("no python3: nothing to compare with");
    } else {
        let them = report("python json.loads", bytes, &theirs);
        println!(
            "ratio of medians (ours / python, in MB/s): {:.2} by the clock, {:.2} on the processor",
            us.0 / them.0,
            us.1 / them.1
        );
    }
    Ok(())
}

/// Seconds that this thread has had a processor; 0 where the system does not say.
fn on_processor() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|n| n.parse::<f64>().ok());
    nanoseconds.unwrap_or(0.0) / 1e9
}

/// Prints median and 95th percentile by the clock and on the processor; gives the medians in MB/s.
fn report(name: &str, bytes: usize, seconds: &[(f64, f64)]) -> (f64, f64) {
    #[allow(clippy::cast_precision_loss, reason = "bytes of a folder")]
    let megabytes = bytes as f64 / 1e6;
    let speed = |of: &str, mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        let at = |share: usize| {
            let place = (times.len() - 1) * share / 100;
            times.get(place).copied().unwrap_or(f64::NAN)
        };
        println!(
            "{name}, {of}: median {:.1} ms = {:.1} MB/s, p95 {:.1} ms = {:.1} MB/s",
            at(50) * 1e3,
            megabytes / at(50),
            at(95) * 1e3,
            megabytes / at(95)
        );
        megabytes / at(50)
    };
    let clock = speed("by the clock", seconds.iter().map(|s| s.0).collect());
    (
        clock,
        speed("on the processor", seconds.iter().map(|s| s.1).collect()),
    )
}

struct Python {
    child: std::process::Child,
    answers: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
}

impl Python {
    fn start(folder: &Path) -> Option<Self> {
        use std::io::BufRead as _;
        let mut child = Command::new("python3")
            .args(["-c", PYTHON])
            .arg(folder)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .ok()?;
        let answers = std::io::BufReader::new(child.stdout.take()?).lines();
        Some(Self { child, answers })
    }

    fn pass(&mut self) -> Option<(f64, f64)> {
        use std::io::Write as _;
        self.child.stdin.as_mut()?.write_all(b"\n").ok()?;
        let line = self.answers.next()?.ok()?;
        let (clock, processor) = line.trim().split_once(' ')?;
        Some((clock.parse().ok()?, processor.parse().ok()?))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        self.child.stdin.take();
        let _ended = self.child.wait();
    }
}
