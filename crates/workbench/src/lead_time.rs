//! The lead-time evaluation over the archive's patients: who is in the cohort, all versions of their facts, and a number for each name.

use std::path::Path;

use triptych_archive::Verb;
use triptych_clinical::{FactId, Instant, PatientKey};
pub use triptych_reasoning::lead_time::{
    CohortFile, Files, LeakTest, ProtocolError, Refused, Report, leak_lines,
};
use triptych_reasoning::lead_time::{Protocol, Subject, run};

use crate::patient::most_complete;
use crate::{Core, WorkbenchError};

impl Core {
    /// Evaluates a cohort of this archive. Audited, once for the cohort. The outer error is the archive's or the cohort file's; the inner one
    /// says why there is no report.
    ///
    /// # Errors
    /// A patient that nobody has, a protocol that cannot be used, or an archive that cannot be read.
    pub fn lead_time(
        &self,
        cohort: &CohortFile,
    ) -> Result<Result<Report, Refused>, WorkbenchError> {
        let now = Instant::now();
        let refused = |e: ProtocolError| WorkbenchError::Refused(e.to_string());
        let protocol = cohort.protocol(now).map_err(refused)?;
        let persons = self.cohort(cohort)?;
        let subjects = self.subjects(persons, &protocol, now)?;
        let details = [
            ("patients".to_owned(), subjects.len().to_string()),
            ("seed".to_owned(), protocol.seed.to_string()),
        ];
        let archive = self.archive();
        self.wait(archive.audit(&self.by(), Verb::Analysis, None, details.into()))?;
        Ok(run(&subjects, &protocol))
    }

    /// Persons of the cohort file, or everybody.
    fn cohort(&self, cohort: &CohortFile) -> Result<Vec<PatientKey>, WorkbenchError> {
        let mut keys = match &cohort.patients {
            Some(words) => words
                .iter()
                .map(|w| self.find_person(w))
                .collect::<Result<Vec<_>, _>>()?,
            None => {
                let all = self.wait(self.archive().patients(None))?;
                all.iter().map(|p| p.person).collect()
            }
        };
        keys.sort();
        keys.dedup();
        Ok(keys)
    }

    fn subjects(
        &self,
        persons: Vec<PatientKey>,
        protocol: &Protocol,
        now: Instant,
    ) -> Result<Vec<Subject>, WorkbenchError> {
        let archive = self.archive();
        // Numbers in an order that tells nothing of the archive's: neither of names nor of when a record came in.
        let mut shuffled: Vec<(FactId, PatientKey)> = persons
            .into_iter()
            .map(|p| {
                let parts = [&protocol.seed.to_string(), &p.to_string()];
                (FactId::of(&parts.map(String::as_str)), p)
            })
            .collect();
        shuffled.sort();
        (1..)
            .zip(shuffled)
            .map(|(number, (_, person))| {
                let identities = self
                    .wait(archive.members(person))?
                    .into_iter()
                    .map(|key| self.wait(archive.identity(key)))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(Subject {
                    number,
                    identity: most_complete(&identities).cloned().unwrap_or_default(),
                    facts: self.wait(archive.history(person, now))?,
                })
            })
            .collect()
    }
}

/// Writes the files of a report into a folder that the user named; made when absent.
///
/// # Errors
/// The folder cannot be made, or a file not be written.
#[allow(
    clippy::disallowed_methods,
    reason = "a report that the user asked for, at the place that the user named; it can be made again"
)]
pub fn write(report: &Report, folder: &Path) -> Result<(), WorkbenchError> {
    std::fs::create_dir_all(folder)?;
    for (name, text) in report.files().named() {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}
