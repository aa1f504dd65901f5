//! Tasks: each on a thread of its own, none of which can take the program with it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::{Workbench, lock};
use crate::{Core, WorkbenchError};

/// What is shown when a task ends by a fault of ours. The fault itself names a line of source, never a patient.
const FAULT: &str =
    "A fault in the program stopped what was being done. What was stored is safe; try it again.";

/// Runs unless it is told that all went well: also when the task panicked, or its thread never started.
struct Otherwise<F: FnOnce(&Workbench)>(Workbench, Option<F>);

impl<F: FnOnce(&Workbench)> Drop for Otherwise<F> {
    fn drop(&mut self) {
        if let Some(otherwise) = self.1.take() {
            otherwise(&self.0);
        }
    }
}

impl Workbench {
    /// Runs `task` on a thread of its own, if the archive is open. `otherwise` puts things right when it fails, and is not called when it
    /// does not; the failure itself is told here.
    pub(super) fn spawn(
        &self,
        name: &str,
        task: impl FnOnce(&Self, &Core) -> Result<(), WorkbenchError> + Send + 'static,
        otherwise: impl FnOnce(&Self) + Send + 'static,
    ) {
        let otherwise = Otherwise(self.clone(), Some(otherwise));
        let Some(core) = lock(&self.0.state).core.clone() else {
            return;
        };
        let own = self.clone();
        let run = move || {
            let mut otherwise = otherwise;
            if own.guarded(|| task(&own, &core)) {
                otherwise.1 = None;
            }
        };
        if let Err(error) = thread::Builder::new().name(name.to_owned()).spawn(run) {
            self.notice(format!("This computer cannot do it now: {error}"), true);
        }
    }

    /// Whether `work` came to its end. If not, the reason is told.
    pub(super) fn guarded(&self, work: impl FnOnce() -> Result<(), WorkbenchError>) -> bool {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => self.notice(error.to_string(), true),
            Err(_) => self.notice(FAULT.to_owned(), true),
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::Settings;

    const LONG: Duration = Duration::from_secs(30);

    /// A workbench over an empty archive, with no conductor.
    fn workbench() -> (tempfile::TempDir, Workbench) {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("keys/key");
        let settings = Settings {
            archive: folder.path().join("archive"),
            key_file: Some(key),
            worker: None,
        };
        let (workbench, _) = Workbench::still();
        lock(&workbench.0.state).core = Some(Core::open(&settings).unwrap());
        (folder, workbench)
    }

    fn notices(workbench: &Workbench) -> Vec<String> {
        let snapshot = workbench.snapshot();
        snapshot.notices.iter().map(|n| n.text.clone()).collect()
    }

    /// What `task` left: whether things were put right, and what was told.
    fn after(
        task: impl FnOnce(&Workbench, &Core) -> Result<(), WorkbenchError> + Send + 'static,
    ) -> (bool, Vec<String>) {
        let (_folder, workbench) = workbench();
        let (sender, ended) = mpsc::channel();
        let righted = sender.clone();
        workbench.spawn(
            "test",
            move |own, core| {
                let done = task(own, core);
                sender.send(false).unwrap();
                done
            },
            move |_| righted.send(true).unwrap(),
        );
        // The task's own word comes first, if it comes to that.
        let first = ended.recv_timeout(LONG).unwrap();
        let righted = first || ended.recv_timeout(LONG).is_ok_and(|r| r);
        (righted, notices(&workbench))
    }

    #[test]
    fn a_task_that_ends_well_has_nothing_put_right() {
        assert_eq!(after(|_, _| Ok(())), (false, vec![]));
    }

    #[test]
    fn a_task_that_fails_is_told_and_put_right() {
        let (righted, told) = after(|_, _| Err(WorkbenchError::Refused("no such page".into())));
        assert_eq!((righted, told), (true, vec!["no such page".to_owned()]));
    }

    #[test]
    fn a_task_that_panics_is_told_without_its_words_and_put_right() {
        let (righted, told) = after(|_, _| panic!("Sample^Patient"));
        assert_eq!((righted, told), (true, vec![FAULT.to_owned()]));
    }

    #[test]
    fn what_cannot_start_is_put_right_too() {
        let (workbench, _) = Workbench::still();
        let (sender, ended) = mpsc::channel();
        workbench.spawn("test", |_, _| Ok(()), move |_| sender.send(()).unwrap());
        assert_eq!(ended.try_recv(), Ok(()));
    }
}
