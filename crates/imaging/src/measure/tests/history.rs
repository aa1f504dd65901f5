//! The way back from an edit, against a list of all states (T49).

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::drawing;
use crate::{
    annotate::{Annotation, Shape},
    measure::{Edit, EditError, History, STEPS},
};

type State = BTreeMap<String, Annotation>;

fn state(history: &History) -> State {
    history
        .annotations()
        .map(|a| (a.uid.clone(), a.clone()))
        .collect()
}

/// A drawing that differs with every `version`.
fn version(uid: usize, version: usize) -> Annotation {
    let at = version as f64;
    drawing(
        &format!("2.25.{uid}"),
        Shape::Length,
        &[[0.0, 0.0], [at, 1.0]],
    )
}

#[derive(Clone, Debug)]
enum Op {
    Create,
    Change(usize),
    Delete(usize),
    DeleteAll,
    Undo,
    Redo,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => Just(Op::Create),
        4 => (0..1000_usize).prop_map(Op::Change),
        2 => (0..1000_usize).prop_map(Op::Delete),
        1 => Just(Op::DeleteAll),
        5 => Just(Op::Undo),
        4 => Just(Op::Redo),
    ]
}

fn all_gone(now: &State) -> Edit {
    now.values()
        .fold(Edit::default(), |all, a| all.and(Edit::delete(a.clone())))
}

proptest! {
    #[test]
    fn t49_undo_and_redo_go_through_all_states(ops in prop::collection::vec(op(), 0..400)) {
        let mut history = History::default();
        let mut log: Vec<String> = Vec::new();
        // All states on the way to now and from now on; `at` is now.
        let mut states: Vec<State> = vec![State::new()];
        let mut at = 0;
        for (k, op) in ops.into_iter().enumerate() {
            let now = states[at].clone();
            let nth = |n: usize| now.values().nth(n % now.len().max(1)).cloned();
            let edit = match op {
                Op::Create => Some(Edit::create(version(k, 0))),
                Op::Change(n) => nth(n).map(|a| {
                    let mut after = a.clone();
                    after.points[1][0] = k as f64;
                    after.label = format!("version {k}");
                    Edit::change(a, after)
                }),
                Op::Delete(n) => nth(n).map(Edit::delete),
                Op::DeleteAll => (!now.is_empty()).then(|| all_gone(&now)),
                Op::Undo | Op::Redo => {
                    let back = matches!(op, Op::Undo);
                    let can = if back { at > 0 } else { at + 1 < states.len() };
                    let done = if back { history.undo() } else { history.redo() };
                    prop_assert_eq!(done.is_ok(), can);
                    if let Ok(edit) = done {
                        at = if back { at - 1 } else { at + 1 };
                        log.push(serde_json::to_string(&edit).unwrap());
                    }
                    None
                }
            };
            if let Some(edit) = edit {
                log.push(serde_json::to_string(&edit).unwrap());
                let mut next = now;
                for (uid, after) in edit.results() {
                    match after {
                        Some(a) => next.insert(uid.to_owned(), a.clone()),
                        None => next.remove(uid),
                    };
                }
                history.apply(edit).unwrap();
                states.truncate(at + 1);
                states.push(next);
                at += 1;
                if at > STEPS {
                    states.remove(0);
                    at -= 1;
                }
            }
            prop_assert_eq!(&state(&history), &states[at]);
            prop_assert_eq!((history.can_undo(), history.can_redo()), (at > 0, at + 1 < states.len()));
        }
        // What was kept gives the same drawings back.
        let kept = log.iter().map(|line| serde_json::from_str::<Edit>(line).unwrap());
        prop_assert_eq!(state(&History::replay(kept).unwrap()), states[at].clone());
    }
}

#[test]
fn t49_more_than_a_hundred_steps_come_back() {
    const { assert!(STEPS >= 151) };
    let mut history = History::default();
    let mut now = version(1, 0);
    history.apply(Edit::create(now.clone())).unwrap();
    for k in 1..150 {
        let next = version(1, k);
        history.apply(Edit::change(now, next.clone())).unwrap();
        now = next;
    }
    history.apply(Edit::delete(now)).unwrap();
    for k in (0..150).rev() {
        history.undo().unwrap();
        assert_eq!(history.get("2.25.1"), Some(&version(1, k)));
    }
    history.undo().unwrap();
    assert_eq!(history.undo(), Err(EditError::Nothing));
    assert_eq!(history.annotations().count(), 0);
    for _ in 0..151 {
        history.redo().unwrap();
    }
    assert_eq!(history.redo(), Err(EditError::Nothing));
    assert_eq!(history.annotations().count(), 0);
}

#[test]
fn t49_a_final_drawing_stays() {
    let mut history = History::default();
    history.apply(Edit::create(version(1, 0))).unwrap();
    history.apply(Edit::create(version(2, 0))).unwrap();
    let locked = Annotation {
        locked: true,
        ..version(1, 0)
    };
    history
        .apply(Edit::change(version(1, 0), locked.clone()))
        .unwrap();
    let moved = Annotation {
        locked: true,
        ..version(1, 5)
    };
    for edit in [
        Edit::change(locked.clone(), moved),
        Edit::delete(locked.clone()),
        Edit::change(locked.clone(), version(1, 0)),
    ] {
        assert_eq!(history.apply(edit), Err(EditError::Locked));
    }
    // The other one still can be taken back, and this one is no step any more.
    history.undo().unwrap();
    assert_eq!(history.undo(), Err(EditError::Nothing));
    assert_eq!(state(&history).into_values().collect::<Vec<_>>(), [locked]);
}

#[test]
fn t49_an_edit_that_does_not_fit_changes_nothing() {
    let mut history = History::new([version(1, 0), version(2, 0)]);
    let before = state(&history);
    let both = Edit::delete(version(1, 0)).and(Edit::delete(version(2, 9)));
    assert_eq!(history.apply(both), Err(EditError::Stale));
    assert_eq!(state(&history), before);
    let renamed = Edit::change(version(1, 0), version(3, 0));
    assert_eq!(history.apply(renamed), Err(EditError::Stale));
    assert_eq!(
        history.apply(Edit::create(version(1, 4))),
        Err(EditError::Stale)
    );
    assert!(!history.can_undo());
}

#[test]
fn t49_what_another_reader_did_is_not_undone_here() {
    let mut history = History::new([version(1, 0), version(2, 0)]);
    history
        .apply(Edit::change(version(1, 0), version(1, 1)))
        .unwrap();
    history
        .apply(Edit::change(version(2, 0), version(2, 1)))
        .unwrap();
    history
        .receive(&Edit::change(version(1, 1), version(1, 7)))
        .unwrap();
    history.undo().unwrap();
    assert_eq!(history.undo(), Err(EditError::Nothing));
    assert_eq!(history.get("2.25.1"), Some(&version(1, 7)));
    assert_eq!(history.get("2.25.2"), Some(&version(2, 0)));
}
