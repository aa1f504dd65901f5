//! What an import cannot decide about identity becomes a question for a person.

use triptych_archive::{IdentityConflict, IdentitySource, NewIdentityQuestion, QuestionSides};
use triptych_clinical::{DocumentHash, Identity};
use triptych_record::{IdentityTask, IdentityTaskKind};

use super::Run;
use crate::WorkbenchError;

impl Run<'_> {
    /// A file was not filed under the record that its identifiers name.
    pub(super) fn ask_about(
        &mut self,
        file: &str,
        document: DocumentHash,
        conflict: IdentityConflict,
        says: Identity,
    ) -> Result<(), WorkbenchError> {
        self.ask(NewIdentityQuestion {
            sides: QuestionSides::Met { conflict, says },
            sent: None,
            source: source(file, String::new(), document),
        })
    }

    /// What messages ask about two patients.
    pub(super) fn ask_for(
        &mut self,
        file: &str,
        document: DocumentHash,
        tasks: Vec<IdentityTask>,
    ) -> Result<(), WorkbenchError> {
        for task in tasks {
            self.ask(NewIdentityQuestion {
                sides: QuestionSides::Named {
                    merge: task.kind == IdentityTaskKind::Merge,
                    keep: task.keep,
                    other: task.other,
                },
                sent: task.sent,
                source: source(file, task.place, document),
            })?;
        }
        Ok(())
    }

    fn ask(&mut self, question: NewIdentityQuestion) -> Result<(), WorkbenchError> {
        let (core, by) = (self.core, self.core.by());
        let asked = core.wait(core.archive().ask_identity(&by, &question))?;
        self.asked.extend(asked);
        Ok(())
    }
}

/// The whole path: the answer may come from another folder than the import did.
fn source(file: &str, place: String, document: DocumentHash) -> IdentitySource {
    let whole = std::path::absolute(file);
    IdentitySource {
        file: whole.map_or_else(|_| file.to_owned(), |p| p.display().to_string()),
        place,
        document,
    }
}
