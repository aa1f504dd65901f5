//! `triptych notes assert` and `notes read`.

use std::path::Path;

use anyhow::Context as _;
use triptych_workbench::notes::{NegationReport, NoteReading, Score, evaluate, read};

use crate::arguments::Notes;
use crate::output::{Exit, Output};

pub fn run(output: &Output, command: Notes) -> anyhow::Result<Exit> {
    match command {
        Notes::Assert { file } => {
            let report = evaluate(&text(&file)?);
            if report.tested == 0 {
                anyhow::bail!(
                    "{} has no row of labelled sentences that can be tested",
                    file.display()
                );
            }
            output.print(&report, || in_words(&report))?;
            Ok(if report.passes() {
                Exit::Done
            } else {
                Exit::NotAll
            })
        }
        Notes::Read { file } => {
            let reading = read(&text(&file)?);
            output.print(&reading, || as_outline(&reading))?;
            Ok(Exit::Done)
        }
    }
}

/// A file as text; bytes that are no UTF-8 are shown as such.
fn text(file: &Path) -> anyhow::Result<String> {
    let bytes =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn in_words(report: &NegationReport) -> String {
    let line = |name: &str, s: &Score| {
        format!(
            "{name:<34} TP {:>4}  FP {:>4}  FN {:>4}  TN {:>4}  precision {:.3}  recall {:.3}  F1 {:.3}\n",
            s.true_positive,
            s.false_positive,
            s.false_negative,
            s.true_negative,
            s.precision(),
            s.recall(),
            s.f1()
        )
    };
    let verdict = if report.passes() {
        "holds"
    } else {
        "does not hold"
    };
    format!(
        "{} rows tested, {} not tested (phrase not found), {} not read\n",
        report.tested, report.not_tested, report.not_read
    ) + &line("negation, engine", &report.engine)
        + &line("negation, crude six-word rule", &report.crude)
        + &line(
            "engine, even sentences (developed)",
            &report.engine_even_sentences,
        )
        + &line(
            "engine, odd sentences (held out)",
            &report.engine_odd_sentences,
        )
        + &line("historical", &report.historical)
        + &line("hypothetical", &report.hypothetical)
        + &line("another person", &report.other_person)
        + &format!("gate (F1 >= 0.97, precision and recall >= 0.95) {verdict}\n")
}

fn as_outline(reading: &NoteReading) -> String {
    let mut text = String::new();
    for section in &reading.sections {
        text += &format!(
            "section {} {} {}-{}\n",
            section["kind"], section["title"], section["start"], section["end"]
        );
    }
    for sentence in &reading.sentences {
        text += &format!("{:>7} {}\n", sentence.start, sentence.text);
        for f in &sentence.findings {
            text += &format!("        {} \"{}\" {}", f.concept, f.words, f.assertion);
            if !f.why.is_empty() {
                text += &format!(" ({})", f.why.join("; "));
            }
            text.push('\n');
        }
    }
    for c in &reading.candidates {
        text += &format!(
            "candidate, not confirmed: {} {} {} | {}\n",
            c["code"], c["value"], c["attrs"], c["sentence"]
        );
    }
    text
}
