//! `triptych evaluate lead-time`.

use anyhow::Context as _;
use triptych_workbench::lead_time::{CohortFile, Refused, leak_lines, write};

use crate::arguments::{Arguments, Evaluate, LeadTime, Step};
use crate::output::{Exit, Output, with_core};

pub fn run(arguments: &Arguments, output: &Output, command: &Evaluate) -> anyhow::Result<Exit> {
    match command {
        Evaluate::LeadTime(wanted) => lead_time(arguments, output, wanted),
    }
}

fn lead_time(arguments: &Arguments, output: &Output, wanted: &LeadTime) -> anyhow::Result<Exit> {
    let Step::Event = wanted.step;
    let cohort = cohort(wanted)?;
    let report = match with_core(arguments, |core| Ok(core.lead_time(&cohort)?))? {
        Ok(report) => report,
        Err(refused) => {
            if let Refused::Leak(tests) = &refused {
                eprint!("{}", leak_lines(tests));
            }
            eprintln!("triptych: {refused}");
            return Ok(Exit::Nothing);
        }
    };
    write(&report, &wanted.out)
        .with_context(|| format!("{} cannot be written", wanted.out.display()))?;
    output.print(&report, || report.table())?;
    Ok(Exit::Done)
}

/// The cohort file with what the arguments say instead.
fn cohort(wanted: &LeadTime) -> anyhow::Result<CohortFile> {
    let file = match &wanted.cohort {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            CohortFile::read(&text)?
        }
        None => CohortFile::default(),
    };
    Ok(CohortFile {
        rules: wanted.rules.clone().or(file.rules),
        from: wanted.from.clone().or(file.from),
        to: wanted.to.clone().or(file.to),
        severity: wanted.severity.clone().or(file.severity),
        seed: wanted.seed.or(file.seed),
        ..file
    })
}
