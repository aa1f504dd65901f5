//! Tiles that go together by position in the patient: T27, T28, T30.

use egui::{Event, Key, Modifiers, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_ui::Desk;
use triptych_ui::view::*;

use crate::behaviour::{Seen, open, patient, with};
use crate::hands::{FIRST, button, drag, view};
use crate::sample::images::{axial, placed};

fn shows(h: &Harness<'static, Seen>, words: &str) -> bool {
    h.query_all_by_label_contains(words).next().is_some()
}

fn press(h: &mut Harness<'static, Seen>, key: Key) {
    h.key_press(key);
    h.run_steps(3);
}

/// The soft kernel of the same study in the second tile, the first active.
fn beside(snapshot: Snapshot) -> Harness<'static, Seen> {
    let mut h = open(snapshot, Desk::Reading);
    press(&mut h, Key::ArrowRight);
    if !shows(&h, "series 3, image") {
        press(&mut h, Key::PageDown);
    }
    press(&mut h, Key::ArrowLeft);
    assert!(shows(&h, "series 3, image 30 of 60"));
    h
}

#[test]
fn t30_tiles_of_one_frame_of_reference_scroll_together_and_others_do_not() {
    let mut h = beside(patient());
    press(&mut h, Key::ArrowDown);
    assert!(shows(&h, "series 4, image 31 of 60"));
    assert!(
        shows(&h, "series 3, image 31 of 60"),
        "same frame of reference"
    );
    assert!(
        shows(&h, "series 2, image 29 of 58"),
        "the prior has another one: it stays"
    );
    assert!(shows(
        &h,
        "series 2, image 29 of 58, not linked: other frame"
    ));
    press(&mut h, Key::Y);
    press(&mut h, Key::ArrowDown);
    assert!(shows(&h, "series 3, image 31 of 60"), "the link is off");
    press(&mut h, Key::Y);
    assert!(
        shows(&h, "series 3, image 31 of 60"),
        "nothing jumps when it is on again"
    );
}

#[test]
fn t30_other_spacing_goes_by_millimetres_not_by_number() {
    let mut h = beside(with(|v| {
        // Twice as wide apart, from the same place.
        v.studies[0].series[1].placed = axial("1.2.3.1", "frame one", 60, 8.0);
    }));
    for _ in 0..2 {
        press(&mut h, Key::ArrowDown);
    }
    assert!(shows(&h, "series 4, image 32 of 60"));
    assert!(
        shows(&h, "series 3, image 16 of 60"),
        "31 × 4 mm is 15.5 × 8 mm: of two equally near ones the first"
    );
    press(&mut h, Key::End);
    assert!(
        shows(&h, "series 3, image 30 of 60"),
        "59 × 4 mm is 29.5 × 8 mm"
    );
}

#[test]
fn t30_beyond_the_last_slice_it_stays_and_says_so() {
    let mut h = beside(with(|v| {
        v.studies[0].series[1].placed = axial("1.2.3.1", "frame one", 60, 1.0);
    }));
    press(&mut h, Key::End);
    assert!(shows(&h, "series 3, image 30 of 60, outside range"));
}

#[test]
fn t27_a_link_by_hand_keeps_the_offset_and_carries_a_mark() {
    let mut h = beside(patient());
    h.key_press_modifiers(Modifiers::SHIFT, Key::Y);
    h.run_steps(3);
    assert!(shows(&h, "series 2, image 29 of 58, linked by hand"));
    press(&mut h, Key::ArrowDown);
    press(&mut h, Key::ArrowDown);
    assert!(shows(&h, "series 2, image 31 of 58, linked by hand"));
    h.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Y);
    h.run_steps(3);
    press(&mut h, Key::ArrowDown);
    assert!(shows(&h, "series 3, image 32 of 60, link broken by hand"));
}

#[test]
fn t30_zoom_and_pan_go_together_the_window_only_when_asked() {
    let mut h = beside(patient());
    let before = view(&h, "reading 2").zoom;
    drag(
        &mut h,
        PointerButton::Secondary,
        FIRST,
        &[FIRST - egui::vec2(0.0, 10.0), FIRST - egui::vec2(0.0, 80.0)],
    );
    assert!(view(&h, "reading 0").zoom > 1.2);
    assert!(
        (view(&h, "reading 2").zoom - before).abs() < 1e-6,
        "not linked"
    );
    // Two tiles of one series.
    let mut h = open(patient(), Desk::Reading);
    drag(
        &mut h,
        PointerButton::Secondary,
        FIRST,
        &[FIRST - egui::vec2(0.0, 10.0), FIRST - egui::vec2(0.0, 80.0)],
    );
    assert!((view(&h, "reading 0").zoom - view(&h, "reading 1").zoom).abs() < 1e-4);
    press(&mut h, Key::Num4);
    let width = |h: &Harness<'static, Seen>| view(h, "reading 1").window.map(|w| w.width());
    assert_eq!(width(&h), Some(350.0), "the mediastinal tile keeps its own");
    h.key_press_modifiers(Modifiers::COMMAND, Key::K);
    h.run_steps(2);
    h.event(Event::Text("linked: window".into()));
    h.run_steps(2);
    press(&mut h, Key::Enter);
    press(&mut h, Key::Num8);
    assert_eq!(width(&h), Some(150.0));
}

#[test]
fn d1_alt_and_click_bring_linked_tiles_to_the_point() {
    let mut h = beside(with(|v| {
        v.studies[0].series[1].placed = axial("1.2.3.1", "frame one", 60, 2.0);
    }));
    button(&mut h, FIRST, PointerButton::Primary, true, Modifiers::ALT);
    button(&mut h, FIRST, PointerButton::Primary, false, Modifiers::ALT);
    h.run_steps(2);
    assert!(
        shows(&h, "series 3, image 59 of 60"),
        "29 × 4 mm is 58 × 2 mm"
    );
    assert!(
        shows(&h, "series 4, image 30 of 60"),
        "where it was clicked nothing moves"
    );
}

#[test]
fn t28_lines_are_drawn_for_planes_that_cut_and_for_no_others() {
    let marks = |h: &Harness<'static, Seen>| {
        let ink = triptych_ui::look::tokens::MARK;
        let is = |s: &egui::epaint::ClippedShape| matches!(&s.shape, egui::Shape::LineSegment { stroke, .. } if stroke.color == ink);
        h.output().shapes.iter().filter(|s| is(s)).count()
    };
    assert_eq!(marks(&beside(patient())), 0, "parallel planes");
    let coronal = |v: &mut PatientView| {
        let at = [-179.2, -100.0, 20.0];
        let turned = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0];
        v.studies[0].series[1].placed =
            placed("1.2.3.1", "frame one", 60, turned, at, [0.0, 4.0, 0.0]);
    };
    // The tile must show a picture to have lines: the soft series shows the pixels of the other one.
    let mut h = beside(with(|v| {
        coronal(v);
        v.studies[0].series[1].stack = std::sync::Arc::clone(&v.studies[0].series[0].stack);
    }));
    assert!(marks(&h) >= 2, "a line on each: {}", marks(&h));
    press(&mut h, Key::X);
    assert_eq!(marks(&h), 0);
}
