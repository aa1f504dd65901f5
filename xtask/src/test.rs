//! `cargo xtask test`: what must hold before a change lands. Every step runs, whatever the one before it said; the last line counts tests.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};
use clap::Args;

use crate::command::{cargo, exists, root, watch};
use crate::{highdicom, packages, runtime};

/// Options of `test`.
#[derive(Args)]
pub struct Test {
    /// Fail where the specification shelf is absent, instead of leaving its tests out.
    #[arg(long)]
    need_shelf: bool,
}

/// Tests by outcome. A test that finds something absent says so in a line and counts as skipped, not as passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
    shelf_absent: u64,
}

impl Test {
    /// Runs everything.
    pub fn run(self) -> Result<()> {
        let shelf = shelf();
        ensure!(
            !self.need_shelf || shelf.is_some(),
            "the shelf is needed and absent: it is looked for in TRIPTYCH_SHARED and beside the repository, in ../shared"
        );
        packages::ensure()?;
        let runtime = runtime::ensure("cpu")?;
        let highdicom = highdicom::ensure();
        let mut broken = Vec::new();
        let mut step = |name: &'static str, command: &mut Command| -> Result<Vec<String>> {
            command
                .env(runtime::VARIABLE, &runtime)
                .envs(highdicom.iter().map(|python| (highdicom::VARIABLE, python)))
                .env("CARGO_TERM_COLOR", "never");
            let (success, lines) = watch(command)?;
            if !success {
                broken.push(name);
            }
            Ok(lines)
        };
        step("fetch", &mut cargo(&["fetch", "--locked"]))?;
        step("format", &mut cargo(&["fmt", "--all", "--check"]))?;
        let lints = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--offline",
            "--",
            "-D",
            "warnings",
        ];
        step("lints", &mut cargo(&lints))?;
        let tests: &[&str] = if exists("cargo-nextest") {
            &[
                "nextest",
                "run",
                "--workspace",
                "--locked",
                "--offline",
                "--no-fail-fast",
                "--success-output",
                "final",
                "--status-level",
                "fail",
            ]
        } else {
            &[
                "test",
                "--workspace",
                "--locked",
                "--offline",
                "--no-fail-fast",
                "--lib",
                "--bins",
                "--tests",
                "--",
                "--show-output",
            ]
        };
        let mut counts = Counts::default();
        counts.add(&step("tests", &mut cargo(tests))?);
        counts.add(&step(
            "doc tests",
            &mut cargo(&[
                "test",
                "--workspace",
                "--locked",
                "--offline",
                "--no-fail-fast",
                "--doc",
            ]),
        )?);
        if !broken.is_empty() {
            println!("not passed: {}", broken.join(", "));
        }
        if shelf.is_none() {
            println!("shelf: absent, {} tests skipped", counts.shelf_absent);
        }
        println!(
            "{} passed, {} failed, {} skipped",
            counts.passed, counts.failed, counts.skipped
        );
        if broken.is_empty() && counts.failed == 0 {
            return Ok(());
        }
        // The counts stay the last line: no error text after them.
        std::process::exit(1)
    }
}

fn shelf() -> Option<PathBuf> {
    let named = std::env::var_os("TRIPTYCH_SHARED").map(PathBuf::from);
    let beside = root().parent().map(|folder| folder.join("shared"));
    named
        .or(beside)
        .filter(|folder| folder.join("spec").is_dir())
}

impl Counts {
    fn add(&mut self, lines: &[String]) {
        let mut absent = 0;
        for whole in lines {
            let line = whole.trim();
            // Indented, it is what nextest shows of one test, which its summary counts.
            if whole.starts_with("test result: ") {
                self.passed += before(line, " passed");
                self.failed += before(line, " failed");
                self.skipped += before(line, " ignored");
            } else if line.starts_with("Summary [") {
                // nextest: "Summary [ 1.2s] 9 tests run: 7 passed (1 slow), 1 failed, 1 timed out, 2 skipped"
                self.passed += before(line, " passed");
                self.failed += before(line, " failed")
                    + before(line, " timed out")
                    + before(line, " exec failed");
                self.skipped += before(line, " skipped");
            } else if let Some((what, _)) = line.split_once(" ABSENT: ")
                && !what.is_empty()
                && what.bytes().all(|b| b.is_ascii_uppercase() || b == b' ')
            {
                absent += 1;
                self.shelf_absent += u64::from(what == "SHELF");
            }
        }
        self.passed = self.passed.saturating_sub(absent);
        self.skipped += absent;
    }
}

/// The number in front of `word`, 0 if there is none.
fn before(line: &str, word: &str) -> u64 {
    let Some((front, _)) = line.split_once(word) else {
        return 0;
    };
    let digits = front.rsplit(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|d| d.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_from_both_runners_and_absent_ones_are_not_passed() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let mut counts = Counts::default();
        counts.add(&lines(
            "test result: ok. 7 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
             SHELF ABSENT: t22_real_series\n  XVFB ABSENT: the_window_opens\nwhat is ABSENT: nothing\n\
             test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s",
        ));
        assert_eq!(
            counts,
            Counts {
                passed: 8,
                failed: 2,
                skipped: 3,
                shelf_absent: 1
            }
        );
        counts.add(&lines("    test result: ok. 1 passed; 0 failed; 0 ignored"));
        counts.add(&lines("     Summary [   1.234s] 12 tests run: 10 passed (1 slow), 1 failed, 1 timed out, 4 skipped"));
        assert_eq!(
            counts,
            Counts {
                passed: 18,
                failed: 4,
                skipped: 7,
                shelf_absent: 1
            }
        );
    }
}
