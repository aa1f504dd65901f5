//! The notes leaf: marks with their reasons, proposals that wait for a reader, search.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_ui::view::*;
use triptych_ui::{Command, Desk};

use crate::behaviour::{Seen, click, open, sent, with};
use crate::sample;

/// The notes leaf with the newest note open.
fn notes(change: impl FnOnce(&mut PatientView)) -> Harness<'static, Seen> {
    let mut harness = open(with(change), Desk::Rounds);
    harness.get_by_role_and_label(Role::Tab, "Notes").click();
    harness.run_steps(3);
    if !has(&harness, "Facts from this text") {
        harness
            .query_all_by_label_contains("CT report, 2021-02-22")
            .next()
            .expect("the note is listed")
            .click();
        harness.run_steps(3);
    }
    harness
}

fn has(harness: &Harness<'static, Seen>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

fn key() -> String {
    let note = sample::patient().notes[0].clone();
    note.reading
        .get()
        .expect("read")
        .candidates
        .first()
        .expect("the report recommends a CT")
        .key
        .clone()
}

#[test]
fn d_35_a_proposal_stands_with_its_sentence_and_one_click_confirms_it() {
    let mut harness = notes(|_| {});
    for words in [
        "Recommendation",
        "from text, not confirmed",
        "no rule uses it",
        "“Contrast-enhanced CT is suggested.”",
    ] {
        assert!(has(&harness, words), "{words}");
    }
    assert!(
        !sent(&harness)
            .iter()
            .any(|c| matches!(c, Command::JudgeProposal { .. })),
        "nothing is confirmed by itself"
    );
    click(&mut harness, "Confirm");
    let judged = Command::JudgeProposal {
        note: sample::fact("ct report"),
        key: key(),
        confirmed: true,
    };
    assert!(sent(&harness).contains(&judged), "{:?}", sent(&harness));
}

#[test]
fn d_35_what_was_rejected_is_not_proposed_again() {
    let harness = notes(|view| {
        view.note_verdicts = Arc::new(NoteVerdicts {
            rejected: [key()].into(),
            ..NoteVerdicts::default()
        });
    });
    assert!(harness.query_by_label("Confirm").is_none());
    assert!(has(&harness, "1 proposal was rejected"));
}

#[test]
fn d_36_nothing_is_confirmed_while_the_index_time_is_not_now() {
    let mut harness = notes(|view| view.at_is_now = false);
    for button in ["Confirm", "Reject"] {
        click(&mut harness, button);
    }
    assert!(
        !sent(&harness)
            .iter()
            .any(|c| matches!(c, Command::JudgeProposal { .. }))
    );
}

#[test]
fn a_mark_tells_which_words_set_it() {
    let mut harness = notes(|_| {});
    harness
        .query_all_by_label_contains("effusion, negated")
        .next()
        .expect("mark")
        .click();
    harness.run_steps(3);
    assert!(has(&harness, "Why this mark"));
    assert!(has(&harness, "“No” before the concept: negated"));
}

#[test]
fn n_walks_the_hits_and_negated_ones_can_be_left_out() {
    let note = sample::fact("ct report");
    let hit = |word: &str, is_negated| {
        let start = sample::REPORT.find(word).expect("in the report");
        NoteHit {
            note,
            start,
            end: start + word.len(),
            is_negated,
            section: "FINDINGS".into(),
        }
    };
    let hits = vec![hit("mass", false), hit("effusion", true)];
    let mut harness = notes(|view| {
        view.note_hits = Some(NoteHits {
            text: "mass effusion".into(),
            hits,
            took_ms: 1,
        });
    });
    assert!(has(&harness, "hit 1 of 2"));
    harness.key_press(Key::N);
    harness.run_steps(3);
    assert!(has(&harness, "hit 2 of 2"));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    harness.run_steps(3);
    harness.event(egui::Event::Text("mass".into()));
    harness.run_steps(3);
    assert!(sent(&harness).contains(&Command::SearchNotes("mass".into())));
    assert!(has(&harness, "2 hits in 1 notes"));
    click(&mut harness, "Not negated");
    assert!(has(&harness, "1 hits in 1 notes"));
}
