//! The workbench as the window has it: commands in, snapshots out. Nothing here makes the window wait.
//!
//! ```text
//!   send(Command) ──> conductor: one thread, one order after the other (commands.rs)
//!                        └─ spawn ──> opening, models, pixels (opening.rs), import (importing.rs): a thread each
//!   snapshot() <── publish <── what any of them found out
//! ```
//!
//! A result for a patient who is not open any more is dropped (D-37). A fault in one task is told and ends that task, not the program.

mod commands;
mod drawing;
mod identity;
mod importing;
mod nodule;
mod notes;
mod opening;
mod papers;
mod report;
mod reveal;
mod task;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, mpsc};
use std::thread;

use triptych_archive::{By, NewEdit};
use triptych_clinical::{IndexTime, PatientKey};

use crate::drawings::Session;
use crate::patient::OpenPatient;
use crate::view::{MachineView, Notice, Page, SeriesKey, Snapshot, Trouble};
use crate::{Analysis, Command, Core, Settings, doctor};

pub use commands::decision_reasons;

/// Called after every change of the snapshot, from any thread.
pub type OnChange = Arc<dyn Fn() + Send + Sync>;

/// Handle to the running workbench. Cheap to clone.
#[derive(Clone)]
pub struct Workbench(Arc<Shared>);

/// Where two of these locks are held at once, `snapshot` is taken before `state`.
struct Shared {
    snapshot: RwLock<Arc<Snapshot>>,
    on_change: RwLock<Vec<OnChange>>,
    orders: Mutex<Option<mpsc::Sender<Order>>>,
    state: Mutex<State>,
    conductor: Mutex<Option<thread::JoinHandle<()>>>,
    layout: Mutex<Option<String>>,
}

/// What the conductor does, one after the other.
enum Order {
    /// A person's.
    Do(Command),
    /// New data came: shows again what is on screen.
    Refresh,
}

#[derive(Default)]
struct State {
    core: Option<Core>,
    /// Who is open or being opened.
    person: Option<PatientKey>,
    open: Option<Arc<OpenPatient>>,
    /// What models found for the one who is open, seen or not.
    found: Arc<Analysis>,
    /// Raised when another patient comes: everything that works for the former one stops.
    stop: Arc<AtomicBool>,
    /// Counts openings, so that a late result is known as late.
    opening: u64,
    index_time: Option<IndexTime>,
    /// Commands to a page that is on screen while its rules are still at work.
    held: Option<Vec<Command>>,
    search: String,
    importing: Option<Arc<AtomicBool>>,
    /// Display sets that are or were asked for, whole or for their thumbnail.
    loading: BTreeMap<(SeriesKey, bool), Arc<AtomicUsize>>,
    notices: u64,
    /// Counts searches over notes: only the last one's hits are shown.
    searches: u64,
    /// The drawings of the person who is open or was last; a second opening of the same person goes on with it.
    session: Option<Session>,
    /// Changes that could not be stored yet.
    unsaved: Vec<(By, Vec<NewEdit>)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Workbench {
    /// Opens the archive on another thread and returns at once; the page says [`Page::Starting`] until it is open.
    /// `first` are commands for when it is.
    #[must_use]
    pub fn start(settings: Settings, first: Vec<Command>) -> Self {
        let (workbench, inbox) = Self::still();
        let own = workbench.clone();
        let spawned = thread::Builder::new()
            .name("workbench".into())
            .spawn(move || own.conduct(&settings, first, &inbox));
        match spawned {
            Ok(handle) => *lock(&workbench.0.conductor) = Some(handle),
            Err(e) => workbench.publish(|s| {
                s.page = Page::ArchiveClosed(Arc::new(Trouble {
                    what: "Triptych cannot start".into(),
                    why: e.to_string(),
                    remedy: "close other programs and start again".into(),
                }));
            }),
        }
        workbench
    }

    /// A workbench whose conductor does not run yet.
    fn still() -> (Self, mpsc::Receiver<Order>) {
        let (sender, inbox) = mpsc::channel();
        let workbench = Self(Arc::new(Shared {
            snapshot: RwLock::default(),
            on_change: RwLock::default(),
            orders: Mutex::new(Some(sender)),
            state: Mutex::default(),
            conductor: Mutex::default(),
            layout: Mutex::default(),
        }));
        (workbench, inbox)
    }

    /// What is on screen now. Never waits for work.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.0
            .snapshot
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Gives a command. Never blocks; after [`Self::shutdown`] nothing happens.
    pub fn send(&self, command: Command) {
        self.order(Order::Do(command));
    }

    fn order(&self, order: Order) {
        if let Some(sender) = lock(&self.0.orders).as_ref() {
            // The other end lives as long as the sender: a failure means that the program ends.
            let _ = sender.send(order);
        }
    }

    /// One more who is told of changes.
    pub fn on_change(&self, wake: OnChange) {
        let told = &self.0.on_change;
        told.write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(wake);
    }

    /// The layout that was saved last by this user, once the archive is open.
    #[must_use]
    pub fn layout(&self) -> Option<String> {
        lock(&self.0.layout).clone()
    }

    /// Stops tasks, closes the archive in order, and returns when that is done.
    pub fn shutdown(&self) {
        *lock(&self.0.orders) = None;
        let state = lock(&self.0.state);
        state.stop.store(true, Ordering::Relaxed);
        if let Some(import) = &state.importing {
            import.store(true, Ordering::Relaxed);
        }
        drop(state);
        if let Some(conductor) = lock(&self.0.conductor).take() {
            // A panic there was shown already.
            let _ = conductor.join();
        }
        let core = lock(&self.0.state).core.take();
        if let Some(Err(error)) = core.map(Core::close) {
            tracing::warn!(%error, "the archive was not closed in order");
        }
    }

    fn publish(&self, change: impl FnOnce(&mut Snapshot)) {
        {
            let mut slot = self
                .0
                .snapshot
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            let mut next = Snapshot::clone(&slot);
            change(&mut next);
            next.generation += 1;
            *slot = Arc::new(next);
        }
        self.wake();
    }

    fn wake(&self) {
        let wake = self
            .0
            .on_change
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for wake in wake {
            wake();
        }
    }

    fn notice(&self, text: String, is_error: bool) {
        let id = {
            let mut state = lock(&self.0.state);
            state.notices += 1;
            state.notices
        };
        self.publish(|s| s.notices.push(Notice { id, is_error, text }));
    }

    fn conduct(&self, settings: &Settings, first: Vec<Command>, inbox: &mpsc::Receiver<Order>) {
        let core = match Core::open(settings) {
            Ok(core) => core,
            Err(error) => {
                let remedy = if error.is_archive_unopenable() {
                    "run `triptych doctor`; nothing was changed"
                } else {
                    "run `triptych doctor`"
                };
                self.publish(|s| {
                    s.page = Page::ArchiveClosed(Arc::new(Trouble {
                        what: "The archive cannot be opened".into(),
                        why: error.to_string(),
                        remedy: remedy.into(),
                    }));
                });
                return;
            }
        };
        let layout = core
            .wait(core.archive().setting(core.user(), "layout"))
            .inspect_err(|error| tracing::warn!(%error, "the saved layout cannot be read"))
            .ok()
            .flatten();
        *lock(&self.0.layout) = layout.and_then(|v| v.as_str().map(str::to_owned));
        // Wrong corners are told; the usual ones are shown.
        self.guarded(|| core.read_corners().map(drop));
        lock(&self.0.state).core = Some(core.clone());
        self.publish(|s| {
            s.machine = Arc::new(MachineView {
                processor: "local · CPU".into(),
                ..MachineView::default()
            })
        });
        let warm_up = |_: &Self, core: &Core| {
            // Told to the user when a file cannot be read for it.
            if let Err(error) = core.warm_up() {
                tracing::warn!(%error, "no worker can be started");
            }
            Ok(())
        };
        self.spawn("warm up", warm_up, |_| {});
        self.spawn(
            "machine",
            |own, core| {
                let machine = doctor::machine(core);
                own.publish(|s| s.machine = Arc::new(machine));
                Ok(())
            },
            |_| {},
        );
        let first = if first.is_empty() {
            vec![Command::ShowStart]
        } else {
            first
        };
        for command in first {
            self.follow(&core, Order::Do(command));
        }
        while let Ok(order) = inbox.recv() {
            self.guarded(|| self.store_drawings(&core));
            self.follow(&core, order);
        }
        self.guarded(|| self.store_drawings(&core));
    }
}
