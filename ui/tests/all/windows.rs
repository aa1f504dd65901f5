//! Tiles that stay as they were left, and windows besides the first one.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_ui::Desk;
use triptych_workbench::Command;

use crate::behaviour::{Seen, open, open_as_left, patient, sent, window, with};
use crate::hands::view;

fn ctrl(h: &mut Harness<'static, Seen>, key: Key) {
    h.key_press_modifiers(Modifiers::COMMAND, key);
    h.run_steps(3);
}

fn slot_count(h: &Harness<'static, Seen>) -> usize {
    let slots = h.state().canvas.slots.keys();
    slots.filter(|slot| slot.starts_with("reading ")).count()
}

/// The tiles of a patient hang as they were left, in another run too; by protocol again with one key.
#[test]
fn the_session_is_where_it_was() {
    let mut h = open(patient(), Desk::Reading);
    ctrl(&mut h, Key::Num2);
    h.key_press(Key::I);
    h.key_press(Key::H);
    h.run_steps(3);
    let left = h.state_mut().app.save_layout();
    let before = view(&h, "reading 0");
    assert!(before.invert && before.flip_h);

    let mut again = open_as_left(patient(), Desk::Reading, &left);
    let after = view(&again, "reading 0");
    assert!(after.invert && after.flip_h);
    assert!(again.query_by_label_contains("as you left").is_some());
    again.key_press_modifiers(Modifiers::SHIFT, Key::G);
    again.run_steps(3);
    assert!(!view(&again, "reading 0").invert);
    assert!(again.query_by_label_contains("as you left").is_none());

    // A newer study hangs by protocol, whatever was left.
    let mut newer = open_as_left(
        with(|v| {
            v.studies[0].uid = triptych_workbench::StudyUid::new("1.2.3.4.5").unwrap();
        }),
        Desk::Reading,
        &left,
    );
    newer.run_steps(2);
    assert!(newer.query_by_label_contains("as you left").is_none());
}

/// What was done is kept without a close: the program may be killed.
#[test]
fn the_session_is_kept_while_it_goes_on() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press(Key::V);
    h.run_steps(3);
    // Two seconds at 60 frames a second.
    h.run_steps(200);
    let kept = sent(&h).into_iter().rev().find_map(|c| match c {
        Command::SaveLayout(json) => Some(json),
        _ => None,
    });
    let layout: serde_json::Value = serde_json::from_str(&kept.expect("was kept")).unwrap();
    assert_eq!(layout["sessions"][0]["tiles"][0]["flips"][1], true);
}

/// T59: a further window has the identity bar, images of the same patient and nothing of the record; a tile that is undocked is the one
/// that was active, as it was.
#[test]
fn t59_a_tile_goes_to_a_window_of_its_own_with_the_identity() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press(Key::I);
    h.run_steps(2);
    let slots = slot_count(&h);
    h.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    h.run_steps(3);
    let app = h.state_mut().app.further().expect("was asked for");
    assert!(h.state_mut().app.further().is_none(), "once");
    let seen = |h: &Harness<'static, Seen>| Rc::clone(&h.state().snapshot);
    let further = window(app, seen(&h), Rc::new(RefCell::new(Vec::new())));
    assert!(view(&further, "reading 0").invert);
    assert_eq!(slot_count(&further), 1);
    assert!(slots > 1);
    let names = |h: &Harness<'static, Seen>| h.query_all_by_label_contains("HYATT, Neva").count();
    assert!(names(&further) > 0);
    assert!(
        further
            .query_all_by_label_contains("Creatinine")
            .next()
            .is_none()
    );

    // Another patient there is another one here: they read one snapshot.
    *h.state().snapshot.borrow_mut() = Arc::new(with(|v| {
        v.person = triptych_workbench::PatientKey(77);
        v.banner.name = "OTHER, Person".into();
    }));
    let mut further = further;
    further.run_steps(3);
    assert_eq!(names(&further), 0);
}

/// The further window shows what the first one does not.
#[test]
fn a_further_window_shows_the_other_sets() {
    let mut h = open(patient(), Desk::Reading);
    ctrl(&mut h, Key::N);
    let app = h.state_mut().app.further().expect("was asked for");
    let snapshot = Rc::clone(&h.state().snapshot);
    let mut further = window(app, snapshot, Rc::new(RefCell::new(Vec::new())));
    further.run_steps(3);
    assert!(
        further
            .query_all_by_label_contains("HYATT, Neva")
            .next()
            .is_some()
    );
    // Its own layout is not that of the person.
    assert!(
        !sent(&further)
            .iter()
            .any(|c| matches!(c, Command::SaveLayout(_)))
    );
}
