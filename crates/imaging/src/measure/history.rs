//! The drawings of a study over one session: what was done, undone and done again (T49).
//!
//! An [`Edit`] holds both sides of a change, so that undo is the edit turned round, and a log of edits gives the drawings back after a crash.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::annotate::Annotation;

/// Steps that can be undone.
pub const STEPS: usize = 200;

/// One step: drawings before and after it, each with the `uid` of the other side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    changes: Vec<Change>,
}

/// A drawing before and after: `None` where it is not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Change {
    before: Option<Annotation>,
    after: Option<Annotation>,
}

/// Why an edit was not done. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The drawing is final.
    #[error("the measurement is final and cannot be changed")]
    Locked,
    /// The drawing is not as the edit says it was: another window or reader changed it.
    #[error("the measurement was changed elsewhere in the meantime")]
    Stale,
    /// There is nothing in this direction.
    #[error("there is nothing to undo or to do again")]
    Nothing,
}

impl Change {
    fn uid(&self) -> Option<&str> {
        let side = self.before.as_ref().or(self.after.as_ref());
        side.map(|a| a.uid.as_str())
    }
}

impl Edit {
    /// A new drawing.
    #[must_use]
    pub fn create(annotation: Annotation) -> Self {
        Self::of(None, Some(annotation))
    }

    /// A drawing that was moved, renamed, linked, ...; both sides have one `uid`.
    #[must_use]
    pub fn change(before: Annotation, after: Annotation) -> Self {
        Self::of(Some(before), Some(after))
    }

    /// A drawing that is taken away.
    #[must_use]
    pub fn delete(annotation: Annotation) -> Self {
        Self::of(Some(annotation), None)
    }

    fn of(before: Option<Annotation>, after: Option<Annotation>) -> Self {
        Self {
            changes: vec![Change { before, after }],
        }
    }

    /// This edit and another one as a single step.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.changes.extend(other.changes);
        self
    }

    /// What takes it back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let back = |c: &Change| Change {
            before: c.after.clone(),
            after: c.before.clone(),
        };
        Self {
            changes: self.changes.iter().rev().map(back).collect(),
        }
    }

    /// The drawings after it, with `None` for those taken away; the first part is their `uid`.
    pub fn results(&self) -> impl Iterator<Item = (&str, Option<&Annotation>)> {
        self.changes
            .iter()
            .filter_map(|c| Some((c.uid()?, c.after.as_ref())))
    }

    fn touches(&self, uid: &str) -> bool {
        self.changes.iter().any(|c| c.uid() == Some(uid))
    }
}

/// Drawings by `uid`, and the way that led to them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    annotations: BTreeMap<String, Annotation>,
    done: VecDeque<Edit>,
    undone: Vec<Edit>,
}

impl History {
    /// Of drawings as they were kept; nothing can be undone yet.
    #[must_use]
    pub fn new(annotations: impl IntoIterator<Item = Annotation>) -> Self {
        Self {
            annotations: annotations
                .into_iter()
                .map(|a| (a.uid.clone(), a))
                .collect(),
            ..Self::default()
        }
    }

    /// The drawings at the end of a log of edits, undone ones and their opposites included; nothing can be undone yet.
    ///
    /// # Errors
    /// [`EditError::Stale`] at an edit that does not follow from those before it.
    pub fn replay(edits: impl IntoIterator<Item = Edit>) -> Result<Self, EditError> {
        let mut history = Self::default();
        for edit in edits {
            history.write(&edit, false)?;
        }
        Ok(history)
    }

    /// All drawings, in the order of their `uid`.
    pub fn annotations(&self) -> impl Iterator<Item = &Annotation> {
        self.annotations.values()
    }

    /// One drawing.
    #[must_use]
    pub fn get(&self, uid: &str) -> Option<&Annotation> {
        self.annotations.get(uid)
    }

    /// Whether there is something to undo.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to do again.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Does one step; what was undone before can no longer be done again. A drawing that becomes final leaves the way back: neither that
    /// nor what was done to it before can be undone.
    ///
    /// # Errors
    /// [`EditError::Locked`] or [`EditError::Stale`].
    pub fn apply(&mut self, edit: Edit) -> Result<(), EditError> {
        self.write(&edit, true)?;
        self.undone.clear();
        let finals: Vec<String> = edit
            .results()
            .filter(|(_, after)| after.is_some_and(|a| a.locked))
            .map(|(uid, _)| uid.to_owned())
            .collect();
        self.done.push_back(edit);
        for uid in finals {
            self.forget(&uid);
        }
        if self.done.len() > STEPS {
            self.done.pop_front();
        }
        Ok(())
    }

    /// An edit from elsewhere: another window, another reader. It is no step of this history; steps that touch the same drawings leave it.
    ///
    /// # Errors
    /// [`EditError::Stale`].
    pub fn receive(&mut self, edit: &Edit) -> Result<(), EditError> {
        self.write(edit, false)?;
        let touched: Vec<String> = edit.results().map(|(uid, _)| uid.to_owned()).collect();
        for uid in touched {
            self.forget(&uid);
        }
        Ok(())
    }

    /// Takes the last step back. Gives the edit that was done by that, to be kept like any other.
    ///
    /// # Errors
    /// [`EditError::Nothing`].
    pub fn undo(&mut self) -> Result<Edit, EditError> {
        let step = self.done.pop_back().ok_or(EditError::Nothing)?;
        let back = step.inverse();
        self.write(&back, true)?;
        self.undone.push(step);
        Ok(back)
    }

    /// Does again what was taken back last. Gives the edit that was done by that, to be kept like any other.
    ///
    /// # Errors
    /// [`EditError::Nothing`].
    pub fn redo(&mut self) -> Result<Edit, EditError> {
        let step = self.undone.pop().ok_or(EditError::Nothing)?;
        self.write(&step, true)?;
        self.done.push_back(step.clone());
        Ok(step)
    }

    /// Drops every step that touches a drawing. A step goes as a whole, for half of it never was a state; so do the steps of its other
    /// drawings, which no longer would meet what they expect.
    fn forget(&mut self, uid: &str) {
        let mut gone = vec![uid.to_owned()];
        loop {
            let known = gone.len();
            for edit in self.done.iter().chain(&self.undone) {
                if gone.iter().any(|uid| edit.touches(uid)) {
                    let uids = edit.results().map(|(uid, _)| uid.to_owned());
                    let fresh: Vec<String> = uids.filter(|u| !gone.contains(u)).collect();
                    gone.extend(fresh);
                }
            }
            if gone.len() == known {
                break;
            }
        }
        let stays = |edit: &Edit| !gone.iter().any(|uid| edit.touches(uid));
        self.done.retain(stays);
        self.undone.retain(stays);
    }

    /// All of an edit or nothing.
    fn write(&mut self, edit: &Edit, keep_final: bool) -> Result<(), EditError> {
        for (k, change) in edit.changes.iter().enumerate() {
            if let Err(error) = self.write_one(change, keep_final) {
                let done = edit.changes.iter().take(k).rev();
                for change in done {
                    self.put(change.uid(), change.before.clone());
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn write_one(&mut self, change: &Change, keep_final: bool) -> Result<(), EditError> {
        let uid = change.uid();
        let one_drawing = match (&change.before, &change.after) {
            (Some(before), Some(after)) => before.uid == after.uid,
            _ => true,
        };
        let present = uid.and_then(|uid| self.annotations.get(uid));
        if !one_drawing || present != change.before.as_ref() {
            return Err(EditError::Stale);
        }
        if keep_final && present.is_some_and(|a| a.locked) {
            return Err(EditError::Locked);
        }
        self.put(uid, change.after.clone());
        Ok(())
    }

    fn put(&mut self, uid: Option<&str>, annotation: Option<Annotation>) {
        let Some(uid) = uid else {
            return;
        };
        match annotation {
            Some(annotation) => self.annotations.insert(uid.to_owned(), annotation),
            None => self.annotations.remove(uid),
        };
    }
}
