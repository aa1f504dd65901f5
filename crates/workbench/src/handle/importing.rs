//! A running import, as the start page shows it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Order, Workbench, lock};
use crate::import::{FileReport, FileState, Progress, Watch};
use crate::view::{ImportView, RefusedFile};

impl Workbench {
    pub(super) fn import(&self, paths: Vec<PathBuf>) {
        let cancel = Arc::new(AtomicBool::new(false));
        {
            let mut state = lock(&self.0.state);
            if state.importing.is_some() {
                drop(state);
                self.notice(
                    "An import is running: wait for it, or cancel it first".into(),
                    true,
                );
                return;
            }
            state.importing = Some(cancel.clone());
        }
        let title = paths
            .iter()
            .map(|p| {
                p.file_name()
                    .unwrap_or(p.as_os_str())
                    .to_string_lossy()
                    .into_owned()
            })
            .collect::<Vec<_>>()
            .join(", ");
        let view = ImportView {
            title,
            ..ImportView::default()
        };
        self.publish(|s| s.import = Some(Arc::new(view.clone())));
        self.spawn(
            "import",
            move |own, core| {
                let mut watch = Importing {
                    own: own.clone(),
                    cancel,
                    view,
                    next: Instant::now(),
                };
                let done = core.import(&paths, false, &mut watch);
                let mut view = watch.view;
                view.finished = true;
                match done {
                    Ok(report) => view.cancelled = report.cancelled,
                    Err(error) => own.notice(
                        format!("The import stopped: {error}. What it told as stored is safe."),
                        true,
                    ),
                }
                own.import_ended(|shown| *shown = view);
                Ok(())
            },
            |own| own.import_ended(|shown| shown.finished = true),
        );
    }

    /// The next import may come, and what is on screen may have got something new.
    fn import_ended(&self, change: impl FnOnce(&mut ImportView)) {
        lock(&self.0.state).importing = None;
        self.publish(|s| {
            let mut view = s.import.as_deref().cloned().unwrap_or_default();
            change(&mut view);
            s.import = Some(Arc::new(view));
        });
        self.order(Order::Refresh);
    }
}

/// Turns what an import tells into what the start page shows.
struct Importing {
    own: Workbench,
    cancel: Arc<AtomicBool>,
    view: ImportView,
    /// Not shown again before.
    next: Instant,
}

/// Nobody reads faster.
const SHOWN_EVERY: Duration = Duration::from_millis(50);

impl Watch for Importing {
    fn file(&mut self, report: &FileReport, progress: &Progress) {
        self.view.done = progress.done;
        self.view.total = progress.total;
        self.view.bytes = progress.bytes;
        let name = report
            .file
            .rsplit(['/', '!'])
            .next()
            .unwrap_or(&report.file)
            .to_owned();
        let entry = || RefusedFile {
            name: name.clone(),
            reason: report.reason.clone(),
        };
        match report.state {
            FileState::Ok => self.view.stored += 1,
            FileState::Duplicate => self.view.duplicates += 1,
            FileState::Partly => {
                self.view.stored += 1;
                self.view.refused.push(entry());
            }
            FileState::Conflict => self.view.conflicts.push(entry()),
            FileState::Refused => self.view.refused.push(entry()),
        }
        // A long list of refused files takes its time to copy: most of the import's time is the import's.
        let now = Instant::now();
        if now >= self.next {
            let view = self.view.clone();
            self.own.publish(|s| s.import = Some(Arc::new(view)));
            self.next = Instant::now() + SHOWN_EVERY.max(now.elapsed() * 10);
        }
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(file: usize) -> FileReport {
        FileReport {
            file: format!("folder/{file}.txt"),
            state: FileState::Refused,
            kind: String::new(),
            reason: "text".into(),
            counts: std::collections::BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// The snapshot is copied with all that was refused: once a file would cost the square of their number.
    #[test]
    fn many_refused_files_are_shown_now_and_then_and_all_at_the_end() {
        const FILES: usize = 20_000;
        let own = Workbench::still().0;
        let mut watch = Importing {
            own: own.clone(),
            cancel: Arc::default(),
            view: ImportView::default(),
            next: Instant::now(),
        };
        let began = Instant::now();
        for done in 1..=FILES {
            let progress = Progress {
                done,
                ..Progress::default()
            };
            watch.file(&refused(done), &progress);
        }
        let most = began.elapsed().as_millis() / SHOWN_EVERY.as_millis() + 2;
        let shown = own.snapshot().generation;
        assert!((1..=most).contains(&u128::from(shown)), "{shown} of {most}");
        let all = watch.view;
        own.import_ended(|view| *view = all);
        let import = own.snapshot().import.clone().unwrap();
        assert_eq!((import.done, import.refused.len()), (FILES, FILES));
    }
}
