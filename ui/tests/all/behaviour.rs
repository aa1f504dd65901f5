//! Found by name, clicked, read back: what issues number. A test that cannot find something by its name has found an accessibility bug.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_ui::view::*;
use triptych_ui::{App, Command, Desk};
use triptych_workbench::{Acknowledgement, PatientKey, Verdict};

use crate::canvas::TestCanvas;
use crate::sample;

/// What a test looks at between frames.
pub struct Seen {
    pub snapshot: Rc<RefCell<Arc<Snapshot>>>,
    pub sent: Rc<RefCell<Vec<Command>>>,
    pub app: App,
    pub canvas: TestCanvas,
}

pub fn open(snapshot: Snapshot, desk: Desk) -> Harness<'static, Seen> {
    open_as_left(snapshot, desk, "")
}

/// With a layout that another run kept.
pub fn open_as_left(snapshot: Snapshot, desk: Desk, layout: &str) -> Harness<'static, Seen> {
    let snapshot = Rc::new(RefCell::new(Arc::new(snapshot)));
    let sent = Rc::new(RefCell::new(Vec::new()));
    let (source, log) = (Rc::clone(&snapshot), Rc::clone(&sent));
    let mut app = App::new(
        Box::new(move || Arc::clone(&source.borrow())),
        Box::new(move |c| log.borrow_mut().push(c)),
    );
    app.restore_layout(layout);
    app.set_desk(desk);
    window(app, snapshot, sent)
}

/// A window with `app` in it.
pub fn window(
    app: App,
    snapshot: Rc<RefCell<Arc<Snapshot>>>,
    sent: Rc<RefCell<Vec<Command>>>,
) -> Harness<'static, Seen> {
    let seen = Seen {
        snapshot,
        sent,
        app,
        canvas: TestCanvas::default(),
    };
    let mut harness = Harness::builder()
        .with_size([1600.0, 1000.0])
        .build_ui_state(
            |ui, seen: &mut Seen| seen.app.frame(ui, &mut seen.canvas),
            seen,
        );
    harness.run_steps(3);
    harness
}

pub fn patient() -> Snapshot {
    sample::snapshot(Page::Patient(Arc::new(sample::patient())))
}

pub fn with(change: impl FnOnce(&mut PatientView)) -> Snapshot {
    let mut view = sample::patient();
    change(&mut view);
    sample::snapshot(Page::Patient(Arc::new(view)))
}

pub fn sent(harness: &Harness<'static, Seen>) -> Vec<Command> {
    harness.state().sent.borrow().clone()
}

pub fn click(harness: &mut Harness<'static, Seen>, name: &str) {
    harness.get_by_label(name).click();
    harness.run_steps(3);
}

#[test]
fn d_05_a_card_says_lane_severity_rule_patient_time_and_what_is_missing() {
    let harness = open(patient(), Desk::Reading);
    for part in [
        "notice High",
        "R31@1.0.0",
        "NH cbf",
        "as of 2021-02-22 09:41",
        "Missing: earlier CT",
    ] {
        assert!(
            harness.query_all_by_label_contains(part).next().is_some(),
            "{part}"
        );
    }
    assert!(harness.query_all_by_label("Basis").count() >= 4);
    assert!(harness.query_all_by_label("Acknowledge").count() >= 4);
    assert!(harness.query_all_by_label("Open source").count() >= 4);
}

#[test]
fn d_06_the_basis_opens_with_one_click_and_shows_everything() {
    let mut harness = open(patient(), Desk::Reading);
    harness
        .query_all_by_label("Basis")
        .next()
        .expect("a card has Basis")
        .click();
    harness.run_steps(3);
    for part in [
        "1: Creatinine 1.28 mg/dL",
        "142",
        "more than 10 % apart",
        "Dialysis",
        "Inker",
        "equation of the laboratory",
    ] {
        assert!(
            harness.query_all_by_label_contains(part).next().is_some(),
            "{part}"
        );
    }
    harness.key_press(Key::Backspace);
    harness.run_steps(3);
    assert!(
        harness.query_by_label("All signals").is_none(),
        "Backspace returns to the cards"
    );
}

#[test]
fn d_07_a_basis_item_jumps_to_its_sentence_and_back_with_one_key() {
    let mut harness = open(patient(), Desk::Reading);
    harness
        .query_all_by_label("Basis")
        .next()
        .expect("a card has Basis")
        .click();
    harness.run_steps(3);
    harness
        .query_all_by_label_contains("3: “The mass appears")
        .next()
        .expect("item 3")
        .click();
    harness.run_steps(3);
    assert!(
        harness.query_by_label("All notes").is_some(),
        "the note is open"
    );
    harness.key_press(Key::Backspace);
    harness.run_steps(3);
    assert!(
        harness.query_by_label("All notes").is_none(),
        "back on the labs"
    );
    assert!(
        harness.query_by_label("All signals").is_some(),
        "the card is still open"
    );
}

#[test]
fn d_07_alt_and_a_digit_jump_to_the_image() {
    let mut harness = open(patient(), Desk::Reading);
    harness
        .query_all_by_label("Basis")
        .next()
        .expect("a card has Basis")
        .click();
    harness.run_steps(3);
    harness.key_press_modifiers(Modifiers::ALT, Key::Num4);
    harness.run_steps(3);
    assert!(
        harness
            .query_all_by_label_contains("series 4, image 30 of 60")
            .next()
            .is_some()
    );
}

#[test]
fn d_10_what_cannot_be_told_is_one_line_and_d_03_the_coverage_stands_under_the_cards() {
    let mut harness = open(patient(), Desk::Reading);
    assert!(
        harness
            .query_by_label("needs: vitamin B12, ferritin, smoking status")
            .is_some()
    );
    click(&mut harness, "9 rules: 3 fired, 4 silent, 2 cannot tell");
    assert!(
        harness
            .query_all_by_label_contains("R16: cannot tell")
            .next()
            .is_some()
    );
}

#[test]
fn d_28_at_most_five_cards_are_open_and_none_takes_focus() {
    let many = with(|view| {
        view.signals.cards = (0..40)
            .map(|i| {
                sample::signal(
                    &format!("R{i}@1.0.0"),
                    Lane::N,
                    Some(Severity::Low),
                    "A statement of fact",
                    "",
                    "",
                )
            })
            .collect();
    });
    let harness = open(many, Desk::Reading);
    assert!(
        harness.query_by_label("35 more").is_some()
            || harness.query_all_by_label("Basis").count() <= 5
    );
    assert!(harness.query_all_by_label("Basis").count() <= 5);
    assert!(harness.ctx.memory(|m| m.focused()).is_none());
}

#[test]
fn d_31_a_new_card_waits_until_it_is_asked_for() {
    let mut harness = open(patient(), Desk::Reading);
    let before = harness.query_all_by_label("Basis").count();
    let more = with(|view| {
        view.signals.cards.insert(
            0,
            sample::signal(
                "R2@1.0.0",
                Lane::N,
                Some(Severity::High),
                "Creatinine rose 54 % in 30 h",
                "",
                "",
            ),
        );
    });
    *harness.state().snapshot.borrow_mut() = Arc::new(more);
    harness.run_steps(3);
    assert_eq!(
        harness.query_all_by_label("Basis").count(),
        before,
        "nothing moved"
    );
    click(&mut harness, "1 new");
    assert_eq!(harness.query_all_by_label("Basis").count(), before + 1);
}

#[test]
fn d_30_acknowledging_asks_for_one_of_four_answers() {
    let mut harness = open(patient(), Desk::Reading);
    harness
        .query_all_by_label("Acknowledge")
        .next()
        .expect("a card has it")
        .click();
    harness.run_steps(3);
    click(&mut harness, "known already");
    let got = sent(&harness);
    assert!(
        got.contains(&Command::Acknowledge {
            signal: SignalId("R31@1.0.0".into()),
            answer: Acknowledgement::Known
        }),
        "{got:?}"
    );
}

#[test]
fn d_36_writing_is_off_while_the_index_time_is_not_now() {
    let past = with(|view| {
        view.at_is_now = false;
        view.at_text = "as of 2020-08-14 12:00".into();
    });
    let mut harness = open(past, Desk::Reading);
    harness
        .query_all_by_label("Acknowledge")
        .next()
        .expect("shown, but off")
        .click();
    harness.run_steps(3);
    assert!(harness.query_by_label("known already").is_none());
    click(&mut harness, "Back to now");
    assert!(sent(&harness).contains(&Command::SetIndexTime(None)));
}

/// A decision stands on the card of its option and, with its reason and own words, in the list.
#[test]
fn a_decision_stands_on_its_card_and_in_the_list() {
    let snapshot = with(|view| {
        let question = &mut view.signals.pathways[0];
        let option = &question.options[1];
        question.decision = Some(DecisionView {
            verdict: "declined".into(),
            option_id: option.id.clone(),
            option: option.title.clone(),
            reason: "Local policy".into(),
            comment: "Radiology pauses it".into(),
            signed: "reader · 2021-02-22 09:50".into(),
            outdated: false,
        });
    });
    let mut harness = open(snapshot, Desk::Rounds);
    click(&mut harness, "Iodinated contrast is planned, 3 options");
    let count = |label: &str| harness.query_all_by_label(label).count();
    assert_eq!((count("declined"), count("no decision")), (1, 2));
    for part in [
        "declined: Continue",
        "Local policy",
        "“Radiology pauses it”",
    ] {
        assert!(
            harness.query_all_by_label_contains(part).next().is_some(),
            "{part}"
        );
    }
}

/// The page of options says with which values its criteria were judged; an input leads to its place, and the leaves are in sight again.
#[test]
fn a_page_of_options_says_what_it_rests_on_and_leads_there() {
    let mut harness = open(patient(), Desk::Rounds);
    click(&mut harness, "Iodinated contrast is planned, 3 options");
    let says = |harness: &Harness<'static, Seen>, part: &str| {
        harness.query_all_by_label_contains(part).next().is_some()
    };
    assert!(says(&harness, "R15 eGFR 51 mL/min/1.73 m² · 3 d"));
    assert!(says(&harness, "check first: echocardiogram"));
    harness
        .query_all_by_label_contains("Creatinine 1.28 mg/dL")
        .next()
        .expect("what it rests on")
        .click();
    harness.run_steps(3);
    assert!(harness.query_by_label("Decline").is_none(), "still covered");
}

#[test]
fn d_11_d_12_no_option_is_preselected_and_a_reason_comes_before_a_decision() {
    let mut harness = open(patient(), Desk::Reading);
    click(&mut harness, "Iodinated contrast is planned, 3 options");
    assert_eq!(harness.query_all_by_label("Decline").count(), 3);
    // The contraindicated one stays, with its reason.
    assert!(
        harness
            .query_all_by_label_contains("Vitamin B12 level")
            .next()
            .is_some()
    );
    assert!(
        harness
            .query_all_by_label_contains("Known liver failure")
            .next()
            .is_some()
    );
    harness
        .query_all_by_label("Decline")
        .next()
        .expect("first option")
        .click();
    harness.run_steps(3);
    harness.get_by_label("Record").click();
    harness.run_steps(3);
    assert!(
        !sent(&harness)
            .iter()
            .any(|c| matches!(c, Command::Decide { .. })),
        "no reason yet"
    );
    click(&mut harness, "Local policy");
    click(&mut harness, "Record");
    let got = sent(&harness);
    assert!(
        got.contains(&Command::Decide {
            question: "metformin/contrast".into(),
            option: "a_pause".into(),
            verdict: Verdict::Decline,
            reason: "local-policy".into(),
            comment: String::new(),
        }),
        "{got:?}"
    );
}

#[test]
fn d_01_a_result_says_value_unit_time_and_a_click_shows_its_trend() {
    let mut harness = open(patient(), Desk::Reading);
    harness
        .query_all_by_label_contains("Creatinine 1.28 mg/dL")
        .next()
        .expect("row")
        .click();
    harness.run_steps(3);
    assert!(
        harness
            .query_by_label("Trend of Creatinine, 9 values")
            .is_some()
    );
}

#[test]
fn t16_digits_i_and_shift_escape_change_the_view_of_the_active_tile() {
    let mut harness = open(patient(), Desk::Reading);
    let window = |h: &Harness<'static, Seen>| {
        h.state()
            .canvas
            .views
            .get("reading 0")
            .expect("drawn")
            .window
            .map(|w| (w.center(), w.width()))
    };
    assert_eq!(
        window(&harness),
        Some((-600.0, 1500.0)),
        "a chest CT hangs in its lung window"
    );
    harness.key_press(Key::I);
    harness.run_steps(3);
    assert!(harness.state().canvas.views["reading 0"].invert);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Escape);
    harness.run_steps(3);
    let view = harness.state().canvas.views["reading 0"];
    let own = view.window.map(|w| (w.center(), w.width()));
    assert!(
        !view.invert && own == Some((-600.0, 1500.0)),
        "{own:?}: that of a CT with a lung kernel"
    );
    harness.key_press(Key::Num1);
    harness.run_steps(3);
    assert_eq!(window(&harness), Some((40.0, 80.0)), "brain, imaging.md D3");
}

#[test]
fn arrows_and_end_walk_the_slices_and_ask_for_what_is_not_there() {
    let mut harness = open(patient(), Desk::Reading);
    harness.key_press(Key::End);
    harness.run_steps(3);
    assert!(
        harness
            .query_all_by_label_contains("image 60 of 60")
            .next()
            .is_some()
    );
    assert!(
        sent(&harness)
            .iter()
            .any(|c| matches!(c, Command::LoadSeries { from: 59, .. }))
    );
}

#[test]
fn f1_to_f4_fold_and_unfold() {
    let mut harness = open(patient(), Desk::Reading);
    harness.key_press(Key::F3);
    harness.key_press(Key::F4);
    harness.run_steps(3);
    assert!(harness.query_by_label("Unfold Signals (F3)").is_some());
    click(&mut harness, "Unfold the timeline (F4)");
    click(&mut harness, "Unfold Signals (F3)");
    assert!(harness.query_by_label("Unfold Signals (F3)").is_none());
    assert!(harness.query_by_label("Fold the timeline (F4)").is_some());
}

#[test]
fn the_desk_changes_and_the_layout_is_kept() {
    let mut harness = open(patient(), Desk::Reading);
    click(&mut harness, "Rounds");
    assert!(
        sent(&harness)
            .iter()
            .any(|c| matches!(c, Command::SaveLayout(json) if json.contains("Rounds")))
    );
    let saved = harness.state_mut().app.save_layout();
    assert!(saved.contains("Rounds"));
}

#[test]
fn start_a_click_opens_the_person_and_typing_searches() {
    let mut harness = open(sample::start(), Desk::Reading);
    harness
        .query_all_by_label_contains("KUHLMAN, Dirk")
        .next()
        .expect("row")
        .click();
    harness.run_steps(3);
    assert!(sent(&harness).contains(&Command::OpenPatient(PatientKey(2))));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    harness.run_steps(3);
    harness.event(egui::Event::Text("hya".into()));
    harness.run_steps(3);
    assert!(sent(&harness).contains(&Command::SearchPatients("hya".into())));
    click(&mut harness, "Cancel");
    assert!(sent(&harness).contains(&Command::CancelImport));
}

#[test]
fn d_37_another_patient_blanks_everything_of_the_former() {
    let mut harness = open(patient(), Desk::Reading);
    harness
        .query_all_by_label("Basis")
        .next()
        .expect("a card")
        .click();
    harness.run_steps(3);
    *harness.state().snapshot.borrow_mut() = Arc::new(sample::snapshot(Page::Opening {
        name: "KUHLMAN, Dirk".into(),
    }));
    harness.run_steps(3);
    assert!(
        harness
            .query_all_by_label_contains("HYATT")
            .next()
            .is_none()
    );
    assert!(harness.query_by_label("Opening KUHLMAN, Dirk").is_some());
    let other = with(|view| {
        view.person = PatientKey(2);
        view.banner.name = "KUHLMAN, Dirk".into();
        view.studies.clear();
    });
    *harness.state().snapshot.borrow_mut() = Arc::new(other);
    harness.run_steps(3);
    assert!(
        harness.query_by_label("All signals").is_none(),
        "the opened card did not come along"
    );
}

#[test]
fn d_38_every_part_that_can_be_clicked_has_a_name() {
    let harness = open(patient(), Desk::Reading);
    let nameless = harness
        .query_all(egui_kittest::kittest::by().predicate(|n| {
            n.role() == egui::accesskit::Role::Button
                && n.label().is_none_or(|l| l.trim().is_empty())
        }))
        .count();
    assert_eq!(nameless, 0);
}

#[test]
fn empty_leaves_say_what_is_missing() {
    let bare = with(|view| {
        view.studies.clear();
        view.labs = Arc::default();
        view.notes = Arc::default();
        view.timeline = Arc::default();
        view.signals = SignalsView {
            coverage: "9 rules: 0 fired".into(),
            ..SignalsView::default()
        };
    });
    let harness = open(bare, Desk::Reading);
    for part in ["No images.", "No laboratory results.", "No card."] {
        assert!(
            harness.query_all_by_label_contains(part).next().is_some(),
            "{part}"
        );
    }
}

#[test]
fn bc_the_number_of_tiles_is_picked_by_pointer_and_by_keys() {
    let mut harness = open(patient(), Desk::Reading);
    let tiles = |h: &Harness<'static, Seen>| {
        h.query_all_by_label("Empty tile").count()
            + h.query_all_by_label_contains(", image ").count()
    };
    assert_eq!(tiles(&harness), 4);
    click(&mut harness, "Tiles: 2 × 2");
    click(&mut harness, "4 × 3 tiles");
    assert_eq!(tiles(&harness), 12);
    click(&mut harness, "Tiles: 4 × 3");
    for key in [Key::ArrowLeft, Key::ArrowUp, Key::ArrowUp, Key::Enter] {
        harness.key_press(key);
        harness.run_steps(2);
    }
    assert_eq!(tiles(&harness), 3);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    harness.run_steps(3);
    assert_eq!(tiles(&harness), 1);
}

/// Without images their leaf is a bar in Rounds, where the record wants the room; F1 asks for it all the same.
#[test]
fn in_rounds_the_leaf_of_no_images_is_a_bar_until_it_is_asked_for() {
    let none = || with(|view| view.studies.clear());
    let bar = |harness: &Harness<'static, Seen>| {
        let name = "Unfold Images (F1)";
        harness.query_all_by_label_contains(name).next().is_some()
    };
    let mut rounds = open(none(), Desk::Rounds);
    assert!(bar(&rounds));
    rounds.key_press(Key::F1);
    rounds.run_steps(3);
    assert!(!bar(&rounds));
    rounds.key_press(Key::F1);
    rounds.run_steps(3);
    assert!(bar(&rounds), "and folds it as any other");
    assert!(!bar(&open(none(), Desk::Reading)));
    assert!(!bar(&open(patient(), Desk::Rounds)));
}
