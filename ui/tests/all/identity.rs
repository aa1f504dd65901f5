//! Questions of identity on the start page (PAR-18): both sides are read out, and no answer goes without a reason.

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_ui::{Command, Desk};
use triptych_workbench::IdentityAnswer;

use crate::behaviour::{Seen, click, open, sent};
use crate::sample;

fn says(harness: &Harness<'static, Seen>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

fn answers(harness: &Harness<'static, Seen>) -> Vec<Command> {
    let mut sent = sent(harness);
    sent.retain(|c| matches!(c, Command::AnswerIdentity { .. }));
    sent
}

fn type_in(harness: &mut Harness<'static, Seen>, words: &str) {
    harness.event(egui::Event::Text(words.into()));
    harness.run_steps(3);
}

#[test]
fn par_18_a_question_shows_both_sides_and_says_what_differs() {
    let harness = open(sample::asked(), Desk::Reading);
    for words in [
        "Questions of identity (2)",
        "A file bears e6a7ccbf and gives another birth date",
        "The record: e6a7ccbf, Record 1 of this archive",
        "The file: e6a7ccbf, Not filed: waits for an answer",
        "Born differs: The record 1970-05-28; The file 1971-05-28",
        "HL7 A40 of 2024-03-06 asks to make T-1002 part of T-1001",
        "Born : Stays 1970-01-01; Becomes part of it not stated",
        "T-1002 is not in this archive: import it first",
        "2 questions of identity wait for an answer",
    ] {
        // The status bar speaks of the import while one runs.
        let busy = words.starts_with("2 questions");
        assert_eq!(says(&harness, words), !busy, "{words}");
    }
    assert!(
        !says(&harness, "Family name differs"),
        "what agrees is not marked"
    );
    assert!(!says(
        &open(sample::start(), Desk::Reading),
        "Questions of identity"
    ));
}

#[test]
fn par_18_no_answer_goes_without_a_reason() {
    let mut harness = open(sample::asked(), Desk::Reading);
    click(&mut harness, "A record of its own…");
    assert!(says(&harness, "filed as another person"), "what it means");
    click(&mut harness, "Confirm");
    type_in(&mut harness, " … ");
    click(&mut harness, "Confirm");
    assert!(answers(&harness).is_empty(), "nothing was said");
    assert!(says(&harness, "Say why: a word is enough"));
    harness.get_by_label("Why").click();
    harness.run_steps(3);
    type_in(&mut harness, "her sister");
    click(&mut harness, "Confirm");
    let [
        Command::AnswerIdentity {
            question,
            answer,
            reason,
        },
    ] = &answers(&harness)[..]
    else {
        panic!("{:?}", answers(&harness))
    };
    assert_eq!((*question, *answer), (7, IdentityAnswer::OwnRecord));
    assert!(reason.contains("her sister"), "{reason}");
    assert!(!says(&harness, "Cancel answer"), "asked and over");
}

#[test]
fn par_18_an_answer_goes_by_keys_and_is_left_by_escape() {
    let mut harness = open(sample::asked(), Desk::Reading);
    let apart = |harness: &mut Harness<'static, Seen>| {
        harness
            .query_all_by_label("Keep apart…")
            .next()
            .expect("a button")
            .focus();
        harness.run_steps(2);
        harness.key_press(Key::Enter);
        harness.run_steps(3);
    };
    apart(&mut harness);
    assert!(says(&harness, "Nothing is joined"));
    type_in(&mut harness, "no");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(answers(&harness).is_empty());
    assert!(!says(&harness, "Cancel answer"));
    apart(&mut harness);
    type_in(&mut harness, "two people");
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(
        answers(&harness),
        [Command::AnswerIdentity {
            question: 7,
            answer: IdentityAnswer::Apart,
            reason: "two people".into()
        }]
    );
}

/// A side that is not in the archive is not linked: the button says why and does nothing.
#[test]
fn par_18_what_cannot_be_answered_is_off() {
    let mut harness = open(sample::asked(), Desk::Reading);
    click(&mut harness, "One person…");
    assert!(!says(&harness, "Cancel answer"));
    assert!(answers(&harness).is_empty());
}
