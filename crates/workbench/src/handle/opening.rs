//! Opening a patient, and everything that works for the one who is open: models, pixels.

use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use triptych_clinical::{IndexTime, PatientKey, StudyUid};
use triptych_imaging::objects::ObjectKind;

use super::{Order, State, Workbench, lock};
use crate::drawings::Session;
use crate::papers::{foreign, put_heads};
use crate::patient::{Catalog, OpenPatient};
use crate::pixels::Wanted;
use crate::view::{DrawingsView, Page, PatientView, SeriesKey, Snapshot};
use crate::{Core, WorkbenchError, patients};

impl Workbench {
    /// Nothing of the former patient is left: leaves, selections, tasks, workers (WRK-05).
    pub(super) fn close_patient(&self) -> u64 {
        let mut state = lock(&self.0.state);
        state.stop.store(true, Ordering::Relaxed);
        state.stop = Arc::default();
        state.person = None;
        state.open = None;
        state.found = Arc::default();
        state.held = None;
        state.loading.clear();
        state.opening += 1;
        if let Some(core) = &state.core {
            core.workers().renew();
        }
        state.opening
    }

    pub(super) fn open(&self, core: &Core, person: PatientKey, at: Option<IndexTime>) {
        let same = lock(&self.0.state)
            .open
            .as_ref()
            .is_some_and(|o| o.view.person == person);
        let opening = self.close_patient();
        {
            let mut state = lock(&self.0.state);
            state.person = Some(person);
            state.index_time = at;
        }
        if !same {
            let name = core
                .wait(core.archive().identity(person))
                .map(|i| i.display_name())
                .unwrap_or_default();
            self.publish(|s| {
                s.page = Page::Opening { name };
            });
        }
        self.spawn(
            "open",
            move |own, core| {
                let stop = lock(&own.0.state).stop.clone();
                // What must not be used is known before anything is shown (T57).
                let mark = |view: &mut PatientView, catalog: &Catalog| {
                    let keys = |kind| kind == ObjectKind::KeyObjects;
                    let heads = core.read_objects(catalog, view, keys, &stop);
                    put_heads(&mut view.studies, view.at, catalog, &heads);
                    view.drawings.foreign = foreign(&view.studies, catalog).into();
                };
                // Who is on screen already stays there until all is ready.
                let early = (!same).then_some(|view: &PatientView, catalog: &Catalog| {
                    let mut view = view.clone();
                    mark(&mut view, catalog);
                    own.show_early(opening, view);
                });
                let (mut open, session) = core.open_in_steps(person, at, early)?;
                mark(&mut open.view, &open.catalog);
                own.show(opening, open, session);
                Ok(())
            },
            move |own| own.give_up(opening),
        );
    }

    /// Back to the list, if what could not be opened is still wanted.
    fn give_up(&self, opening: u64) {
        {
            let mut state = lock(&self.0.state);
            if state.opening != opening {
                return;
            }
            state.person = None;
        }
        self.order(Order::Refresh);
    }

    /// The page of a long record while its rules are at work. What is asked of it meanwhile is done when they are ready.
    fn show_early(&self, opening: u64, view: PatientView) {
        self.publish_for(opening, |s, state| {
            state.held = Some(Vec::new());
            s.page = Page::Patient(Arc::new(view));
        });
    }

    /// What was asked of a page that was not ready.
    fn follow_held(&self, state: &mut State) {
        for command in state.held.take().into_iter().flatten() {
            self.send(command);
        }
    }

    fn show(&self, opening: u64, mut open: OpenPatient, session: Session) {
        let search = self.keep_notes(&mut open.view);
        let open = Arc::new(open);
        let mut view = open.view.clone();
        // The models' findings belong to the opening: until they are there, nothing that comes is new.
        view.signals.running = true;
        let shown = self.publish_for(opening, |s, state| {
            if view.at_is_now {
                view.drawings = DrawingsView {
                    foreign: Arc::clone(&view.drawings.foreign),
                    ..state.take_up(session)
                };
            }
            state.open = Some(open);
            self.follow_held(state);
            s.page = Page::Patient(Arc::new(view));
        });
        if shown {
            self.run_models(opening);
            self.read_papers(opening);
            if let Some(text) = search {
                self.search_notes(text);
            }
        }
    }

    /// The evidence graph and the findings of models come after the page is there: nothing waits for them.
    fn run_models(&self, opening: u64) {
        self.spawn(
            "models",
            move |own, core| {
                let Some(open) = own.current(opening) else {
                    return Ok(());
                };
                // A fault in one of them is told, and the others go on (D-39).
                own.guarded(|| {
                    let former = core.former(&open)?;
                    own.amend(opening, |view| {
                        view.former = former.values;
                        view.signals.withdrawn = former.withdrawn;
                    });
                    Ok(())
                });
                own.guarded(|| own.reason(core, opening, &open, &[]));
                let analysis = core.run_models(&open.catalog, &open.view, open.view.at);
                own.keep_findings(core, opening, analysis)?;
                // A long record that an older program kept opens quickly from the next time on.
                own.guarded(|| Ok(core.wait(core.archive().pack(open.view.person))?));
                own.amend(opening, |view| view.signals.running = false);
                Ok(())
            },
            move |own| own.amend(opening, |view| view.signals.running = false),
        );
    }

    pub(super) fn current(&self, opening: u64) -> Option<Arc<OpenPatient>> {
        let state = lock(&self.0.state);
        (state.opening == opening)
            .then(|| state.open.clone())
            .flatten()
    }

    /// Changes the page of the open patient, unless another one is open by now.
    pub(super) fn amend(&self, opening: u64, change: impl FnOnce(&mut PatientView)) {
        self.publish_for(opening, |s, _| {
            if let Page::Patient(view) = &mut s.page {
                let mut next = PatientView::clone(view);
                change(&mut next);
                *view = Arc::new(next);
            }
        });
    }

    /// Changes the snapshot unless another patient came: that is looked at while nobody else can change it. Tells whether it did.
    pub(super) fn publish_for(
        &self,
        opening: u64,
        change: impl FnOnce(&mut Snapshot, &mut State),
    ) -> bool {
        let mut current = false;
        self.publish(|s| {
            let mut state = lock(&self.0.state);
            current = state.opening == opening;
            if current {
                change(s, &mut state);
            }
        });
        current
    }

    pub(super) fn open_study(&self, core: &Core, study: &StudyUid) -> Result<(), WorkbenchError> {
        let found = patients::of_study(core, study)?;
        self.open(core, found, None);
        Ok(())
    }

    /// Decodes a display set from slice `from` outwards, or (`one`) only its middle slice. A set that is being loaded goes on from `from`.
    pub(super) fn load(&self, series: SeriesKey, from: usize, one: bool) {
        let (open, stop, focus) = {
            let mut state = lock(&self.0.state);
            let Some(open) = state.open.clone() else {
                return;
            };
            match state.loading.entry((series.clone(), one)) {
                Entry::Occupied(known) => {
                    known.get().store(from, Ordering::Relaxed);
                    return;
                }
                Entry::Vacant(new) => {
                    let focus = new.insert(Arc::new(AtomicUsize::new(from))).clone();
                    (open, state.stop.clone(), focus)
                }
            }
        };
        self.spawn(
            "pixels",
            move |own, core| {
                let stack = open
                    .view
                    .studies
                    .iter()
                    .flat_map(|s| &s.series)
                    .find(|s| s.key == series)
                    .map(|s| s.stack.clone());
                let Some(stack) = stack else { return Ok(()) };
                let mut limit = stack.slices.len();
                if one {
                    focus.store(limit / 2, Ordering::Relaxed);
                    limit = 1;
                }
                let done = core.load_series(
                    &open.catalog,
                    &series,
                    &stack,
                    &Wanted { focus, limit },
                    &stop,
                    &|_| own.wake(),
                );
                // What had no room, or is given up later, may be asked for again.
                if !stop.load(Ordering::Relaxed) {
                    lock(&own.0.state).loading.remove(&(series, one));
                    own.wake();
                }
                done
            },
            Self::wake,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str) -> Page {
        Page::Opening { name: name.into() }
    }

    fn shown(workbench: &Workbench) -> String {
        match &workbench.snapshot().page {
            Page::Opening { name } => name.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// D-37: what was found out about the former patient is never shown on the next one's page.
    #[test]
    fn d_37_what_comes_late_changes_nothing() {
        let workbench = Workbench::still().0;
        let first = workbench.close_patient();
        assert!(workbench.publish_for(first, |s, _| s.page = page("first")));
        let second = workbench.close_patient();
        assert!(!workbench.publish_for(first, |s, _| s.page = page("late")));
        assert_eq!(shown(&workbench), "first");
        assert!(workbench.publish_for(second, |s, _| s.page = page("second")));
        assert_eq!(shown(&workbench), "second");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
#[path = "opening_tests.rs"]
mod opening_tests;
