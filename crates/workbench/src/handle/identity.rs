//! A question of identity is answered from the start page.

use triptych_archive::{IdentityAnswer, QuestionId};

use super::{Workbench, lock};
use crate::{Core, WorkbenchError};

impl Workbench {
    /// Answers, says so, and imports what waited for the answer.
    pub(super) fn answer_identity(
        &self,
        core: &Core,
        question: QuestionId,
        answer: IdentityAnswer,
        reason: &str,
    ) -> Result<(), WorkbenchError> {
        // What waits could not be imported beside it, and would be forgotten.
        if lock(&self.0.state).importing.is_some() {
            return Err(WorkbenchError::Refused(
                "An import is running: wait for it, or cancel it, and answer then".to_owned(),
            ));
        }
        let done = core.answer_identity(question, answer, reason)?;
        if let Some(settled) = &done.question.settled {
            let [keep, other] = &done.question.sides;
            let who = if keep.short == other.short {
                keep.short.clone()
            } else {
                format!("{} and {}", keep.short, other.short)
            };
            self.notice(format!("{}: {who}", settled.words), false);
        }
        if done.again.is_empty() {
            self.refresh(core)
        } else {
            self.import(done.again);
            Ok(())
        }
    }
}
