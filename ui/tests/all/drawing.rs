//! Drawing with pointer and keys, found by its words, sent as commands (imaging.md T37 to T49, D1).

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use egui::{Event, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_ui::view::*;
use triptych_ui::{App, Command, Desk};
use triptych_workbench::DrawingEdit;
use triptych_workbench::annotate::{Annotation, Quantity, Shape};

use crate::canvas::TestCanvas;
use crate::sample;

pub struct Seen {
    pub snapshot: Rc<RefCell<Arc<Snapshot>>>,
    pub sent: Rc<RefCell<Vec<Command>>>,
    app: App,
    canvas: TestCanvas,
}

pub type Window = Harness<'static, Seen>;

/// Seconds of a frame.
const FRAME: f32 = 1.0 / 4.0;

pub fn open(patient: PatientView) -> Window {
    open_at(patient, FRAME)
}

/// A window whose frames take so many seconds.
pub fn open_at(patient: PatientView, frame: f32) -> Window {
    let page = sample::snapshot(Page::Patient(Arc::new(patient)));
    let snapshot = Rc::new(RefCell::new(Arc::new(page)));
    let sent = Rc::new(RefCell::new(Vec::new()));
    let (source, log) = (Rc::clone(&snapshot), Rc::clone(&sent));
    let mut app = App::new(
        Box::new(move || Arc::clone(&source.borrow())),
        Box::new(move |c| log.borrow_mut().push(c)),
    );
    app.set_desk(Desk::Reading);
    let seen = Seen {
        snapshot,
        sent,
        app,
        canvas: TestCanvas::default(),
    };
    let mut harness = Harness::builder()
        .with_size([1600.0, 1000.0])
        .with_step_dt(frame)
        .build_ui_state(
            |ui, seen: &mut Seen| seen.app.frame(ui, &mut seen.canvas),
            seen,
        );
    harness.run_steps(3);
    harness
}

/// The middle of the first tile on screen.
pub fn tile(window: &Window) -> egui::Rect {
    let name = "CT chest 2021-02-22, series 4, image 30 of 60";
    let mut all = window.query_all_by_label_contains(name);
    let first = all.next();
    first.expect("the tile is named").rect()
}

pub fn button(window: &mut Window, at: Pos2, pressed: bool) {
    window.event(Event::PointerMoved(at));
    window.event(Event::PointerButton {
        pos: at,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    });
    window.step();
}

pub fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    window.event(Event::PointerMoved(from));
    window.step();
    button(window, from, true);
    for k in 1..=4 {
        let at = from + (to - from) * (k as f32 / 4.0);
        window.event(Event::PointerMoved(at));
        window.step();
    }
    button(window, to, false);
    window.run_steps(2);
}

pub fn click(window: &mut Window, at: Pos2) {
    window.event(Event::PointerMoved(at));
    window.step();
    button(window, at, true);
    button(window, at, false);
    window.run_steps(2);
}

pub fn edits(window: &Window) -> Vec<DrawingEdit> {
    let sent = window.state().sent.borrow();
    let all = sent.iter().filter_map(|c| match c {
        Command::Annotate(edits) => Some(edits.clone()),
        _ => None,
    });
    all.flatten().collect()
}

pub fn drawn(window: &Window) -> Vec<Annotation> {
    let all = edits(window).into_iter().filter_map(|e| match e {
        DrawingEdit::Draw(a) => Some(*a),
        _ => None,
    });
    all.collect()
}

/// What the workbench does with what was sent: the next snapshot has it.
pub fn answer(window: &mut Window) {
    let sent: Vec<DrawingEdit> = edits(window);
    window.state().sent.borrow_mut().clear();
    let old = window.state().snapshot.borrow().clone();
    let Page::Patient(view) = &old.page else {
        panic!("no patient")
    };
    let mut view = PatientView::clone(view);
    let mut all = view.drawings.annotations.to_vec();
    for edit in sent {
        match edit {
            DrawingEdit::Draw(mut new) => {
                new.label = format!("L{}", all.len() + 1);
                new.lesion = new.uid.clone();
                new.edited = format!("edit {}", all.len());
                all.push(*new);
            }
            DrawingEdit::Change(mut new) => {
                new.edited.push('+');
                let at = all.iter().position(|a| a.uid == new.uid).unwrap();
                all[at] = *new;
            }
            DrawingEdit::Delete(uid) => all.retain(|a| a.uid != uid),
        }
    }
    view.drawings.annotations = all.into();
    let next = Snapshot {
        generation: old.generation + 1,
        page: Page::Patient(Arc::new(view)),
        ..Snapshot::clone(&old)
    };
    *window.state().snapshot.borrow_mut() = Arc::new(next);
    window.run_steps(3);
}

pub fn value(drawing: &Annotation, quantity: Quantity) -> f64 {
    let stated = drawing.values.iter().find(|v| v.quantity == quantity);
    stated.expect("it is stated").value
}

pub fn says(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

#[test]
fn t37_a_dragged_length_is_stated_in_millimetres_of_its_image() {
    let mut window = open(sample::patient());
    window.key_press(Key::L);
    window.run_steps(2);
    let tile = tile(&window);
    let (from, to) = (
        tile.center() - vec2(60.0, 20.0),
        tile.center() + vec2(40.0, 20.0),
    );
    drag(&mut window, from, to);
    let all = drawn(&window);
    let [line] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(line.shape, Shape::Length);
    let [a, b] = line.points.as_slice() else {
        panic!("two ends")
    };
    // 256 pixels of 1.4 mm fit the smaller side of the tile.
    let scale = f64::from(tile.width().min(tile.height())) / 256.0;
    let pixels = f64::from((to - from).length()) / scale;
    let on_image = (a[0] - b[0]).hypot(a[1] - b[1]);
    assert!((on_image - pixels).abs() < 0.6, "{on_image} {pixels}");
    let length = value(line, Quantity::Length);
    assert!((length - on_image * 1.4).abs() < 1e-9);
    assert_eq!(line.values[0].unit, "mm");
    // The words stand beside it before and after the workbench has it.
    let words = format!("{length:.1} mm");
    assert!(says(&window, &words));
    answer(&mut window);
    assert!(says(&window, &format!("L1 {words}")));
}

#[test]
fn t49_a_drawing_lies_on_its_frame_only() {
    let mut window = open(sample::patient());
    window.key_press(Key::L);
    let middle = tile(&window).center();
    drag(&mut window, middle, middle + vec2(50.0, 0.0));
    answer(&mut window);
    // Two linked tiles show this frame.
    let there = |window: &Window| window.query_all_by_label_contains("L1 ").count();
    assert_eq!(there(&window), 2);
    window.key_press(Key::ArrowDown);
    window.run_steps(3);
    assert_eq!(there(&window), 0, "not on the next slice");
    window.key_press(Key::ArrowUp);
    window.run_steps(3);
    assert_eq!(there(&window), 2);
}

#[test]
fn t49_a_handle_is_moved_a_whole_drawing_too_and_delete_takes_it_away() {
    let mut window = open(sample::patient());
    window.key_press(Key::L);
    let a = tile(&window).center();
    let b = a + vec2(80.0, 0.0);
    drag(&mut window, a, b);
    answer(&mut window);
    // With the pointer's own tool again.
    window.key_press(Key::Escape);
    window.key_press(Key::Escape);
    window.run_steps(2);
    drag(&mut window, b, b + vec2(0.0, 60.0));
    let changed = edits(&window);
    let [DrawingEdit::Change(moved)] = changed.as_slice() else {
        panic!("{changed:?}")
    };
    let [from, to] = moved.points.as_slice() else {
        panic!("two ends")
    };
    assert!((to[1] - from[1]) > 20.0, "the end went down: {moved:?}");
    let length = value(moved, Quantity::Length);
    let drawn = (to[0] - from[0]).hypot(to[1] - from[1]) * 1.4;
    assert!((length - drawn).abs() < 1e-9, "stated anew");
    answer(&mut window);
    let before = moved.points.clone();
    // Half way between the ends there is no handle.
    drag(&mut window, a + vec2(40.0, 30.0), a + vec2(10.0, 30.0));
    let changed = edits(&window);
    let [DrawingEdit::Change(moved)] = changed.as_slice() else {
        panic!("{changed:?}")
    };
    let by: Vec<f64> = moved
        .points
        .iter()
        .zip(&before)
        .map(|(a, b)| a[0] - b[0])
        .collect();
    assert!((by[0] - by[1]).abs() < 1e-9 && by[0] < -10.0, "{by:?}");
    answer(&mut window);
    window.key_press(Key::Delete);
    window.run_steps(3);
    assert!(matches!(
        edits(&window).as_slice(),
        [DrawingEdit::Delete(_)]
    ));
    assert!(!says(&window, "L1 "), "gone before the workbench answers");
}

#[test]
fn t49_undo_and_redo_go_to_the_workbench() {
    let mut window = open(sample::patient());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Y);
    window.run_steps(2);
    let sent = window.state().sent.borrow();
    let steps: Vec<_> = sent
        .iter()
        .filter(|c| matches!(c, Command::Undo | Command::Redo))
        .collect();
    assert_eq!(steps, [&Command::Undo, &Command::Redo]);
}

#[test]
fn d1_escape_leaves_no_half_drawing() {
    let mut window = open(sample::patient());
    window.key_press(Key::A);
    let middle = tile(&window).center();
    click(&mut window, middle);
    click(&mut window, middle + vec2(40.0, 0.0));
    window.key_press(Key::Escape);
    window.run_steps(2);
    click(&mut window, middle + vec2(0.0, 40.0));
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert!(drawn(&window).is_empty());
}

#[test]
fn t38_an_angle_takes_three_clicks_and_t39_two_diameters_one_drag() {
    let mut window = open(sample::patient());
    let middle = tile(&window).center();
    window.key_press(Key::A);
    for by in [vec2(50.0, 0.0), vec2(0.0, 0.0), vec2(0.0, -50.0)] {
        click(&mut window, middle + by);
    }
    let angle = drawn(&window).pop().expect("an angle");
    assert!((value(&angle, Quantity::Angle) - 90.0).abs() < 0.5);
    answer(&mut window);
    window.key_press(Key::B);
    drag(
        &mut window,
        middle + vec2(-60.0, 60.0),
        middle + vec2(20.0, 60.0),
    );
    let two = drawn(&window).pop().expect("two diameters");
    let (long, short) = (
        value(&two, Quantity::LongAxis),
        value(&two, Quantity::ShortAxis),
    );
    assert!(long > short && short > 0.0, "{long} {short}");
    answer(&mut window);
    assert!(says(&window, &format!("L2 {long:.1} × {short:.1} mm")));
}

#[test]
fn t42_an_ellipse_states_area_and_values_while_it_is_dragged() {
    let mut window = open(sample::patient());
    window.key_press(Key::E);
    let from = tile(&window).center() + vec2(20.0, -40.0);
    drag(&mut window, from, from + vec2(50.0, 30.0));
    let ellipse = drawn(&window).pop().expect("an ellipse");
    let area = value(&ellipse, Quantity::Area);
    let axis = |i: usize, k: usize| {
        let (a, b) = (ellipse.points[i], ellipse.points[k]);
        (a[0] - b[0]).hypot(a[1] - b[1]) * 1.4 / 2.0
    };
    assert!((area - std::f64::consts::PI * axis(0, 1) * axis(2, 3)).abs() < 1e-6);
    assert!(value(&ellipse, Quantity::Mean).abs() < 2000.0);
    assert!(value(&ellipse, Quantity::Count) > 50.0);
    for words in ["Area ", "Mean ", "SD ", "HU"] {
        assert!(says(&window, words), "{words}");
    }
}

#[test]
fn t40_a_line_of_known_length_makes_every_length_on_the_image_user_calibrated() {
    let mut window = open(sample::patient());
    let middle = tile(&window).center();
    window.key_press(Key::L);
    drag(&mut window, middle, middle + vec2(80.0, 0.0));
    answer(&mut window);
    let before = value(&page(&window).drawings.annotations[0], Quantity::Length);
    window.key_press_modifiers(Modifiers::SHIFT, Key::L);
    window.run_steps(2);
    drag(
        &mut window,
        middle + vec2(0.0, 40.0),
        middle + vec2(40.0, 40.0),
    );
    assert!(drawn(&window).is_empty(), "it waits for its length");
    window.event(Event::Text("100".into()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    let sent = edits(&window);
    let [DrawingEdit::Draw(line), DrawingEdit::Change(length)] = sent.as_slice() else {
        panic!("one step with both: {sent:?}")
    };
    assert_eq!(
        (line.shape, line.known_mm),
        (Shape::Calibration, Some(100.0))
    );
    // Twice as long on screen as 100 mm.
    let after = value(length, Quantity::Length);
    assert!((after - 200.0).abs() < 2.0, "{before} {after}");
    let from = length.values[0]
        .provenance
        .expect("millimetres have an origin");
    assert_eq!(from.mark(), "mm user-calibrated");
    answer(&mut window);
    assert!(says(&window, "user-calibrated"));
}

pub fn page(window: &Window) -> Arc<PatientView> {
    match &window.state().snapshot.borrow().page {
        Page::Patient(view) => Arc::clone(view),
        _ => panic!("no patient"),
    }
}

#[test]
fn t61_k_marks_the_image_and_takes_the_mark_away() {
    let mut window = open(sample::patient());
    window.key_press(Key::K);
    window.run_steps(3);
    let mut sent = window.state().sent.borrow().clone();
    sent.retain(|c| matches!(c, Command::MarkKey { .. }));
    let [
        Command::MarkKey {
            image,
            marked: true,
        },
    ] = sent.as_slice()
    else {
        panic!("{sent:?}")
    };
    let mut view = sample::patient();
    view.drawings.key_images = vec![image.clone()].into();
    let mut window = open(view);
    window.key_press(Key::K);
    window.run_steps(3);
    let sent = window.state().sent.borrow();
    assert!(
        sent.iter()
            .any(|c| matches!(c, Command::MarkKey { marked: false, .. }))
    );
}

#[test]
fn t49_as_of_another_time_nothing_is_drawn() {
    let mut view = sample::patient();
    view.at_is_now = false;
    let mut window = open(view);
    window.key_press(Key::L);
    let middle = tile(&window).center();
    drag(&mut window, middle, middle + vec2(50.0, 0.0));
    window.key_press(Key::K);
    window.run_steps(3);
    let sent = window.state().sent.borrow();
    let writes = |c: &Command| matches!(c, Command::Annotate(_) | Command::MarkKey { .. });
    assert!(!sent.iter().any(writes));
}

#[test]
fn t49_a_changed_image_and_a_final_drawing_say_so_and_the_final_one_stays() {
    let mut window = open(sample::patient());
    window.key_press(Key::L);
    let a = tile(&window).center();
    drag(&mut window, a, a + vec2(80.0, 0.0));
    answer(&mut window);
    let mut view = PatientView::clone(&page(&window));
    let mut all = view.drawings.annotations.to_vec();
    all[0].locked = true;
    view.drawings.image_changed = Arc::new([all[0].uid.clone()].into());
    view.drawings.annotations = all.into();
    let mut window = open(view);
    assert!(says(&window, "final") && says(&window, "image changed"));
    drag(&mut window, a, a + vec2(0.0, 50.0));
    window.key_press(Key::Delete);
    window.run_steps(3);
    assert!(edits(&window).is_empty());
}

fn measured() -> PatientView {
    let mut view = sample::patient();
    view.drawings = sample::drawings();
    view
}

#[test]
fn t47_the_table_follows_a_lesion_over_its_dates() {
    let mut window = open(measured());
    window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    window.run_steps(3);
    // Two dates of the mass, oldest first.
    let row = "L1 16.0 × 13.4 mm, 23.9 × 20.2 mm";
    assert!(says(&window, row), "the row is named by its values");
    window.get_by_label_contains(row).click();
    window.run_steps(3);
    window.get_by_label("Write table (CSV)").click();
    window.run_steps(3);
    let sent = window.state().sent.borrow();
    assert!(sent.contains(&Command::ExportFindings(None)));
}

#[test]
fn t47_a_lesion_is_linked_to_that_of_another_date_in_one_step() {
    let mut window = open(measured());
    window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    window.run_steps(3);
    for name in ["L2 17.2 cm²", "Link to", "L1 16.0 × 13.4"] {
        window.get_by_label_contains(name).click();
        window.run_steps(3);
    }
    let sent = edits(&window);
    let [DrawingEdit::Change(linked)] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!(
        (linked.lesion.as_str(), linked.label.as_str()),
        ("2.25.1", "L1")
    );
}

#[test]
fn t49_d_hides_the_drawings_and_says_so() {
    let mut window = open(measured());
    assert!(says(&window, "L2 Area"));
    window.key_press(Key::D);
    window.run_steps(3);
    assert!(!says(&window, "L2 Area"));
    assert!(says(&window, "graphics hidden"));
    // What is not seen cannot be moved.
    let middle = tile(&window).center();
    drag(&mut window, middle, middle + vec2(50.0, 0.0));
    assert!(edits(&window).is_empty());
}

/// Another set of the same Frame of Reference, its slices between those that were drawn on.
#[test]
fn t49_a_linked_stack_shows_the_outline_of_what_was_drawn_on_the_other() {
    let mut view = measured();
    let all = view.drawings.annotations.to_vec();
    let mut other = all[2].clone();
    other.anchor.series = triptych_workbench::SeriesUid::new("1.2.4.77").unwrap();
    other.anchor.image = None;
    other.label = "L9".into();
    let Some(plane) = &mut other.anchor.plane else {
        panic!("a plane")
    };
    // 1.5 mm beside slice 30, less than half of the 4 mm between slices.
    plane.position[2] -= 1.5;
    view.drawings.annotations = vec![other.clone()].into();
    let window = open(view.clone());
    assert!(says(&window, "L9 (projected)"));
    let mut elsewhere = other;
    elsewhere.anchor.frame_of_reference = Some("1.2.6".into());
    view.drawings.annotations = vec![elsewhere].into();
    let window = open(view);
    assert!(!says(&window, "L9"), "nothing is known of where that is");
}
