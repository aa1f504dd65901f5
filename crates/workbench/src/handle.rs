//! The workbench as the window has it: commands in, snapshots out. Nothing here makes the window wait.
//!
//! One thread takes commands in the order in which they were given; what takes longer (opening, importing, decoding) runs on a thread of
//! its own and brings its result back as a change of the state. A result for a patient who is not open any more is dropped (D-37).

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, mpsc};
use std::thread;

use triptych_archive::{Choice, Details, NewDecision, Verb};
use triptych_clinical::{IndexTime, Instant, PatientKey, StudyUid};
use triptych_reasoning::pathways;

use crate::import::{FileReport, FileState, Progress, Watch};
use crate::patient::{OpenPatient, acknowledgement_key};
use crate::pixels::Wanted;
use crate::view::{
    ImportView, MachineView, NoteHits, Notice, Page, RefusedFile, SeriesKey, SignalId, Snapshot,
    Trouble,
};
use crate::{
    Acknowledgement, Command, Core, Settings, Verdict, WorkbenchError, doctor, patients, signals,
};

/// Called after every change of the snapshot, from any thread.
pub type OnChange = Arc<dyn Fn() + Send + Sync>;

/// Handle to the running workbench. Cheap to clone.
#[derive(Clone)]
pub struct Workbench(Arc<Shared>);

struct Shared {
    snapshot: RwLock<Arc<Snapshot>>,
    on_change: RwLock<Option<OnChange>>,
    commands: Mutex<Option<mpsc::Sender<Command>>>,
    state: Mutex<State>,
    conductor: Mutex<Option<thread::JoinHandle<()>>>,
    layout: Mutex<Option<String>>,
}

#[derive(Default)]
struct State {
    core: Option<Core>,
    open: Option<Arc<OpenPatient>>,
    /// Raised when another patient comes: everything that works for the former one stops.
    stop: Arc<AtomicBool>,
    /// Counts openings, so that a late result is known as late.
    opening: u64,
    index_time: Option<IndexTime>,
    search: String,
    importing: Option<Arc<AtomicBool>>,
    /// Display sets that are or were asked for, whole or for their thumbnail.
    loading: BTreeSet<(SeriesKey, bool)>,
    notices: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Workbench {
    /// Opens the archive on another thread and returns at once; the page says [`Page::Starting`] until it is open.
    /// `first` are commands for when it is.
    #[must_use]
    pub fn start(settings: Settings, first: Vec<Command>) -> Self {
        let (sender, inbox) = mpsc::channel();
        let workbench = Self(Arc::new(Shared {
            snapshot: RwLock::default(),
            on_change: RwLock::default(),
            commands: Mutex::new(Some(sender)),
            state: Mutex::default(),
            conductor: Mutex::default(),
            layout: Mutex::default(),
        }));
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
        if let Some(sender) = lock(&self.0.commands).as_ref() {
            // The other end lives as long as the sender: a failure means that the program ends.
            let _ = sender.send(command);
        }
    }

    /// Who is told of changes.
    pub fn on_change(&self, wake: OnChange) {
        *self
            .0
            .on_change
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(wake);
    }

    /// The layout that was saved last by this user, once the archive is open.
    #[must_use]
    pub fn layout(&self) -> Option<String> {
        lock(&self.0.layout).clone()
    }

    /// Stops tasks, closes the archive in order, and returns when that is done.
    pub fn shutdown(&self) {
        *lock(&self.0.commands) = None;
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
        if let Some(wake) = wake {
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

    fn conduct(&self, settings: &Settings, first: Vec<Command>, inbox: &mpsc::Receiver<Command>) {
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
            .ok()
            .flatten();
        *lock(&self.0.layout) = layout.and_then(|v| v.as_str().map(str::to_owned));
        lock(&self.0.state).core = Some(core.clone());
        self.publish(|s| {
            s.machine = Arc::new(MachineView {
                processor: "local · CPU".into(),
                ..MachineView::default()
            })
        });
        self.spawn("machine", |own, core| {
            let machine = doctor::machine(core);
            own.publish(|s| s.machine = Arc::new(machine));
        });
        if first.is_empty() {
            self.run(&core, Command::ShowStart);
        }
        for command in first {
            self.run(&core, command);
        }
        while let Ok(command) = inbox.recv() {
            self.run(&core, command);
        }
    }

    /// Runs `task` on a thread of its own, if the archive is open.
    fn spawn(&self, name: &str, task: impl FnOnce(&Self, &Core) + Send + 'static) {
        let Some(core) = lock(&self.0.state).core.clone() else {
            return;
        };
        let own = self.clone();
        if let Err(error) = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || task(&own, &core))
        {
            self.notice(format!("This computer cannot do it now: {error}"), true);
        }
    }

    fn run(&self, core: &Core, command: Command) {
        let done = match command {
            Command::ShowStart => {
                self.close_patient();
                self.list(core)
            }
            Command::SearchPatients(text) => {
                lock(&self.0.state).search = text;
                self.list(core)
            }
            Command::OpenPatient(person) => {
                self.open(core, person, None);
                Ok(())
            }
            Command::OpenStudy(study) => self.open_study(core, &study),
            Command::SetIndexTime(at) => {
                let person = lock(&self.0.state).open.as_ref().map(|o| o.view.person);
                if let Some(person) = person {
                    self.open(core, person, at);
                }
                Ok(())
            }
            Command::Import(paths) => {
                self.import(paths);
                Ok(())
            }
            Command::CancelImport => {
                if let Some(cancel) = &lock(&self.0.state).importing {
                    cancel.store(true, Ordering::Relaxed);
                }
                Ok(())
            }
            Command::LoadSeries { series, from } => {
                self.load(series, from, false);
                Ok(())
            }
            Command::LoadThumbnail(series) => {
                self.load(series, usize::MAX, true);
                Ok(())
            }
            Command::SearchNotes(text) => self.search_notes(core, text),
            Command::Acknowledge { signal, answer } => self.acknowledge(core, &signal, answer),
            Command::Decide {
                question,
                option,
                verdict,
                reason,
                comment,
            } => self.decide(core, &question, option, verdict, reason, comment),
            Command::SaveLayout(json) => {
                *lock(&self.0.layout) = Some(json.clone());
                core.wait(
                    core.archive()
                        .set_setting(&core.by(), "layout", &json.into()),
                )
                .map_err(Into::into)
            }
            Command::ShowImage(instance) => {
                let person = lock(&self.0.state).open.as_ref().map(|o| o.view.person);
                let details = Details::from([("instance".to_owned(), instance.to_string())]);
                core.wait(
                    core.archive()
                        .audit(&core.by(), Verb::View, person, details),
                )
                .map_err(Into::into)
            }
            Command::Dismiss(id) => {
                self.publish(|s| s.notices.retain(|n| n.id != id));
                Ok(())
            }
        };
        if let Err(error) = done {
            self.notice(error.to_string(), true);
        }
    }

    fn list(&self, core: &Core) -> Result<(), WorkbenchError> {
        let search = lock(&self.0.state).search.clone();
        let start = patients::list(core, &search, Instant::now())?;
        self.publish(|s| s.page = Page::Start(Arc::new(start)));
        Ok(())
    }

    /// Nothing of the former patient is left: leaves, selections, tasks, workers (WRK-05).
    fn close_patient(&self) -> u64 {
        let mut state = lock(&self.0.state);
        state.stop.store(true, Ordering::Relaxed);
        state.stop = Arc::default();
        state.open = None;
        state.loading.clear();
        state.opening += 1;
        if let Some(core) = &state.core {
            core.workers().renew();
        }
        state.opening
    }

    fn open(&self, core: &Core, person: PatientKey, at: Option<IndexTime>) {
        let same = lock(&self.0.state)
            .open
            .as_ref()
            .is_some_and(|o| o.view.person == person);
        let opening = self.close_patient();
        lock(&self.0.state).index_time = at;
        if !same {
            let name = core
                .wait(core.archive().identity(person))
                .map(|i| i.display_name())
                .unwrap_or_default();
            self.publish(|s| {
                s.page = Page::Opening { name };
            });
        }
        self.spawn("open", move |own, core| {
            match core.open_patient(person, at) {
                Ok(open) => own.show(opening, open),
                Err(error) => own.notice(error.to_string(), true),
            }
        });
    }

    fn show(&self, opening: u64, open: OpenPatient) {
        let open = Arc::new(open);
        {
            let mut state = lock(&self.0.state);
            if state.opening != opening {
                return;
            }
            state.open = Some(open.clone());
        }
        let mut view = open.view.clone();
        // The models' findings belong to the opening: until they are there, nothing that comes is new.
        view.signals.running = true;
        self.publish(|s| s.page = Page::Patient(Arc::new(view)));
        self.run_models(opening);
    }

    /// Findings of models come after the page is there: nothing waits for them.
    fn run_models(&self, opening: u64) {
        self.spawn("models", move |own, core| {
            let Some(open) = own.current(opening) else {
                return;
            };
            let analysis = core.run_models(&open.catalog, &open.view, open.view.at);
            own.amend(opening, |view| {
                view.signals.running = false;
                view.signals.models = analysis.rows;
                view.signals.cards.extend(analysis.cards);
            });
        });
    }

    fn current(&self, opening: u64) -> Option<Arc<OpenPatient>> {
        let state = lock(&self.0.state);
        (state.opening == opening)
            .then(|| state.open.clone())
            .flatten()
    }

    /// Changes the page of the open patient, unless another one is open by now.
    fn amend(&self, opening: u64, change: impl FnOnce(&mut crate::view::PatientView)) {
        let state = lock(&self.0.state);
        if state.opening != opening {
            return;
        }
        drop(state);
        self.publish(|s| {
            if let Page::Patient(view) = &mut s.page {
                let mut next = crate::view::PatientView::clone(view);
                change(&mut next);
                *view = Arc::new(next);
            }
        });
    }

    fn open_study(&self, core: &Core, study: &StudyUid) -> Result<(), WorkbenchError> {
        let found = patients::of_study(core, study)?;
        self.open(core, found, None);
        Ok(())
    }

    /// Decodes a display set from slice `from` outwards, or (`one`) only its middle slice.
    fn load(&self, series: SeriesKey, from: usize, one: bool) {
        let (open, stop) = {
            let mut state = lock(&self.0.state);
            let Some(open) = state.open.clone() else {
                return;
            };
            if !state.loading.insert((series.clone(), one)) {
                return;
            }
            (open, state.stop.clone())
        };
        self.spawn("pixels", move |own, core| {
            let stack = open
                .view
                .studies
                .iter()
                .flat_map(|s| &s.series)
                .find(|s| s.key == series)
                .map(|s| s.stack.clone());
            let Some(stack) = stack else { return };
            let count = stack.slices.len();
            let (from, limit) = if one { (count / 2, 1) } else { (from, count) };
            if let Err(error) = core.load_series(
                &open.catalog,
                &series,
                &stack,
                Wanted { from, limit },
                &stop,
                &|_| own.wake(),
            ) {
                own.notice(error.to_string(), true);
            }
            own.wake();
        });
    }

    fn search_notes(&self, core: &Core, text: String) -> Result<(), WorkbenchError> {
        let opening = lock(&self.0.state).opening;
        let Some(open) = self.current(opening) else {
            return Ok(());
        };
        if text.trim().is_empty() {
            self.amend(opening, |v| v.note_hits = None);
            return Ok(());
        }
        let found = core.wait(core.archive().search_notes(
            open.view.person,
            &text,
            open.view.at,
        ))?;
        let mut hits = Vec::new();
        for note in open
            .view
            .notes
            .iter()
            .filter(|n| found.iter().any(|h| h.fact == n.fact))
        {
            for word in text
                .split_whitespace()
                .map(|w| w.trim_matches('"'))
                .filter(|w| !w.is_empty())
            {
                let spans = triptych_record::notes::find(&note.text, word);
                hits.extend(spans.iter().filter_map(|s| {
                    Some((
                        note.fact,
                        usize::try_from(s.start).ok()?,
                        usize::try_from(s.end).ok()?,
                    ))
                }));
            }
        }
        self.amend(opening, |v| v.note_hits = Some(NoteHits { text, hits }));
        Ok(())
    }

    fn acknowledge(
        &self,
        core: &Core,
        signal: &SignalId,
        answer: Acknowledgement,
    ) -> Result<(), WorkbenchError> {
        let opening = lock(&self.0.state).opening;
        let Some(open) = self.current(opening).filter(|o| o.view.at_is_now) else {
            return Ok(());
        };
        let person = open.view.person;
        let word = match answer {
            Acknowledgement::Useful => "useful",
            Acknowledgement::Known => "known",
            Acknowledgement::NotUseful => "not useful",
            Acknowledgement::Wrong => "wrong",
        };
        let mut all = core.acknowledgements(person)?;
        all.insert(signal.0.clone(), word.to_owned());
        let details = Details::from([
            ("card".to_owned(), signal.0.clone()),
            ("answer".to_owned(), word.to_owned()),
        ]);
        core.wait(
            core.archive()
                .audit(&core.by(), Verb::Analysis, Some(person), details),
        )?;
        core.wait(core.archive().set_setting(
            &core.by(),
            &acknowledgement_key(person),
            &serde_json::json!(all),
        ))?;
        self.amend(opening, |v| {
            for card in v.signals.cards.iter_mut().filter(|c| c.id == *signal) {
                card.acknowledged = Some(word.to_owned());
            }
        });
        Ok(())
    }

    fn decide(
        &self,
        core: &Core,
        question: &str,
        option: String,
        verdict: Verdict,
        reason: String,
        comment: String,
    ) -> Result<(), WorkbenchError> {
        let opening = lock(&self.0.state).opening;
        let Some(open) = self.current(opening).filter(|o| o.view.at_is_now) else {
            return Ok(());
        };
        let Some((pathway, input_hash)) = signals::find_question(&open.evaluation, question) else {
            return Err(WorkbenchError::NotFound(format!(
                "the question {question} is not open for this patient"
            )));
        };
        if !decision_reasons()
            .iter()
            .any(|(v, code, _)| *v == verdict && *code == reason)
        {
            return Err(WorkbenchError::Refused(format!(
                "{reason:?} is not a coded reason for this decision"
            )));
        }
        let choice = match verdict {
            Verdict::Accept => Choice::Accept,
            Verdict::Decline => Choice::Decline,
            Verdict::Defer => Choice::Defer,
        };
        let decision = NewDecision {
            patient: open.view.person,
            pathway,
            option,
            choice,
            reason_code: reason,
            reason_text: comment,
            input_hash,
            index_time: open.view.at,
        };
        core.wait(core.archive().record_decision(&core.by(), &decision))?;
        let decisions = core.wait(core.archive().decisions(open.view.person, Instant::now()))?;
        let acknowledged = core.acknowledgements(open.view.person)?;
        let fresh = signals::view(
            &open.evaluation,
            &open.facts,
            &open.view.banner,
            &decisions,
            &acknowledged,
        );
        self.amend(opening, |v| v.signals.pathways = fresh.pathways);
        Ok(())
    }

    fn import(&self, paths: Vec<PathBuf>) {
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
        self.publish(|s| {
            s.import = Some(Arc::new(ImportView {
                title: title.clone(),
                ..ImportView::default()
            }))
        });
        self.spawn("import", move |own, core| {
            let mut watch = Importing {
                own: own.clone(),
                cancel,
                view: ImportView {
                    title,
                    ..ImportView::default()
                },
            };
            let done = core.import(&paths, false, &mut watch);
            lock(&own.0.state).importing = None;
            let mut view = watch.view;
            view.finished = true;
            match done {
                Ok(report) => view.cancelled = report.cancelled,
                Err(error) => own.notice(
                    format!("The import stopped: {error}. What it told as stored is safe."),
                    true,
                ),
            }
            own.publish(|s| s.import = Some(Arc::new(view)));
            let (open, index_time) = {
                let state = lock(&own.0.state);
                (state.open.as_ref().map(|o| o.view.person), state.index_time)
            };
            match open {
                Some(person) => own.open(core, person, index_time),
                None => {
                    if let Err(error) = own.list(core) {
                        own.notice(error.to_string(), true);
                    }
                }
            }
        });
    }
}

/// Turns what an import tells into what the start page shows.
struct Importing {
    own: Workbench,
    cancel: Arc<AtomicBool>,
    view: ImportView,
}

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
        let view = self.view.clone();
        self.own.publish(|s| s.import = Some(Arc::new(view)));
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// Coded reasons that a decision offers: verdict, code, words.
#[must_use]
pub fn decision_reasons() -> Vec<(Verdict, &'static str, &'static str)> {
    let pairs = [
        (Verdict::Accept, pathways::Decision::Accept),
        (Verdict::Decline, pathways::Decision::Decline),
        (Verdict::Defer, pathways::Decision::Defer),
    ];
    pairs
        .into_iter()
        .flat_map(|(verdict, decision)| {
            pathways::reasons_for(decision)
                .into_iter()
                .map(move |r| (verdict, r.code.as_str(), r.text.as_str()))
        })
        .collect()
}
