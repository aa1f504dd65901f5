//! The notes leaf: reading a note, searching, and a reader's word on what a text seems to state.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant as Clock;

use triptych_archive::ArchiveError;
use triptych_clinical::{Fact, FactId, TextSpan};
use triptych_reasoning::notes::{self as text, Category};

use super::{Order, Workbench, lock};
use crate::notes::{confirm, reading, section_at};
use crate::patient::OpenPatient;
use crate::view::{NoteHit, NoteHits, NoteItem, Page, PatientView};
use crate::{Core, WorkbenchError};

impl Workbench {
    /// Reads a note into its slot, beside everything else.
    pub(super) fn read_note(&self, note: FactId) {
        let opening = lock(&self.0.state).opening;
        let Some(open) = self.current(opening) else {
            return;
        };
        let Some(item) = open.view.notes.iter().find(|n| n.is(note)) else {
            return;
        };
        let (slot, words) = (item.reading.clone(), Arc::clone(&item.text));
        if slot.get().is_some() {
            return;
        }
        self.spawn(
            "note",
            move |own, _| {
                slot.set(reading(note, &words));
                own.wake();
                Ok(())
            },
            Self::wake,
        );
    }

    /// Searches beside everything else; the hits of the last search are shown, whichever ends first.
    pub(super) fn search_notes(&self, words: String) {
        let (opening, search) = {
            let mut state = lock(&self.0.state);
            state.searches += 1;
            (state.opening, state.searches)
        };
        let Some(open) = self.current(opening) else {
            return;
        };
        if words.trim().is_empty() {
            self.amend(opening, |v| v.note_hits = None);
            return;
        }
        self.spawn(
            "search notes",
            move |own, core| {
                let found = hits(core, &open, words)?;
                own.publish_for(opening, |s, state| {
                    if let (Page::Patient(view), true) = (&mut s.page, state.searches == search) {
                        let mut next = PatientView::clone(view);
                        next.note_hits = found;
                        *view = Arc::new(next);
                    }
                });
                Ok(())
            },
            |_| {},
        );
    }

    /// What is known of the notes of a person who is opened again stays: readings of texts that are the same, and hits until they are
    /// searched anew. The words of that search.
    pub(super) fn keep_notes(&self, view: &mut PatientView) -> Option<String> {
        let snapshot = self.snapshot();
        let Page::Patient(former) = &snapshot.page else {
            return None;
        };
        if former.person != view.person {
            return None;
        }
        let known: HashMap<FactId, &NoteItem> = former.notes.iter().map(|n| (n.fact, n)).collect();
        // Nobody shares the new list yet: nothing is copied.
        for note in Arc::make_mut(&mut view.notes) {
            let same = known
                .get(&note.fact)
                .filter(|k| k.version == note.version && k.text == note.text);
            if let Some(known) = same {
                note.reading = known.reading.clone();
            }
        }
        view.note_hits.clone_from(&former.note_hits);
        former.note_hits.as_ref().map(|h| h.text.clone())
    }

    /// Confirms or rejects a proposal, and reads the record anew: rules see the fact.
    pub(super) fn judge(
        &self,
        core: &Core,
        note: FactId,
        key: &str,
        confirmed: bool,
    ) -> Result<(), WorkbenchError> {
        let opening = lock(&self.0.state).opening;
        let Some(open) = self.current(opening).filter(|o| o.view.at_is_now) else {
            return Ok(());
        };
        if core.judge(&open, note, key, confirmed)? {
            self.order(Order::Refresh);
        }
        Ok(())
    }

    /// Takes a confirmation back, and reads the record anew.
    pub(super) fn take_back(&self, core: &Core, fact: FactId) -> Result<(), WorkbenchError> {
        let opening = lock(&self.0.state).opening;
        let Some(open) = self.current(opening).filter(|o| o.view.at_is_now) else {
            return Ok(());
        };
        let found = open.facts.iter().find(|f| f.id == fact);
        let Some(found) = found.filter(|f| confirm::source(f).is_some()) else {
            return Err(gone());
        };
        let by = core.by();
        let back = confirm::taken_back(found, &by);
        let person = open.view.person;
        core.wait(core.archive().record_statement(
            &by,
            person,
            fact,
            "confirmation taken back",
            back,
        ))?;
        self.order(Order::Refresh);
        Ok(())
    }
}

impl Core {
    /// Files a reader's word on the proposal `key` of `note`, audited. False where it was said before.
    pub(crate) fn judge(
        &self,
        open: &OpenPatient,
        note: FactId,
        key: &str,
        confirmed: bool,
    ) -> Result<bool, WorkbenchError> {
        let note = open.facts.iter().find(|f| f.id == note).ok_or_else(gone)?;
        let words = note.text.as_deref().unwrap_or_default();
        let candidate = confirm::proposal(words, key).ok_or_else(gone)?;
        let (by, person) = (self.by(), open.view.person);
        if !confirmed {
            let rejection = confirm::rejection(person, &candidate, open.view.at);
            self.wait(self.archive().record_decision(&by, &rejection))?;
            return Ok(true);
        }
        let fact = confirm::fact(note, &candidate, &by);
        if is_confirmed(&open.facts, fact.id) {
            return Ok(false);
        }
        self.wait(self.archive().record_statement(
            &by,
            person,
            note.id,
            "confirmed from text",
            fact,
        ))?;
        Ok(true)
    }
}

/// Two clicks before the record was read anew make one fact.
fn is_confirmed(facts: &[Fact], id: FactId) -> bool {
    facts
        .iter()
        .any(|f| f.id == id && f.status != triptych_clinical::Status::EnteredInError)
}

fn gone() -> WorkbenchError {
    WorkbenchError::NotFound("the text does not say it any more: open the note again".to_owned())
}

/// The hits in the notes that are shown; `None` where there is no word to search for yet.
fn hits(
    core: &Core,
    open: &OpenPatient,
    words: String,
) -> Result<Option<NoteHits>, WorkbenchError> {
    let began = Clock::now();
    let view = &open.view;
    let found = core.wait(core.archive().search_notes(view.person, &words, view.at));
    let found = match found {
        Err(ArchiveError::EmptySearch) => return Ok(None),
        found => found?,
    };
    let spans: HashMap<FactId, Vec<TextSpan>> =
        found.into_iter().map(|h| (h.fact, h.spans)).collect();
    let mut hits = Vec::new();
    for note in view.notes.iter() {
        if let Some(spans) = spans.get(&note.fact) {
            put(note, spans, &mut hits);
        }
    }
    Ok(Some(NoteHits {
        text: words,
        hits,
        took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    }))
}

fn put(note: &NoteItem, spans: &[TextSpan], hits: &mut Vec<NoteHit>) {
    let read = text::read(&note.text);
    let said = text::assertions(&note.text, &read, spans);
    for (span, said) in spans.iter().zip(said) {
        let (Ok(start), Ok(end)) = (usize::try_from(span.start), usize::try_from(span.end)) else {
            continue;
        };
        hits.push(NoteHit {
            note: note.fact,
            start,
            end,
            is_negated: said.contains(Category::Negated),
            section: section_at(&read.sections, span.start).to_owned(),
        });
    }
}
