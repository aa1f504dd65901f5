//! The interaction map (imaging.md D1, D2): what each key and each button does, found by what reaches the canvas.

use egui::{Event, Key, Modifiers, PointerButton, Pos2, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_render::View;
use triptych_ui::{Command, Desk};

use crate::behaviour::{Seen, click, open, patient, sent};

/// In the upper left tile of the reading desk, and in the one beside it.
pub const FIRST: Pos2 = pos2(300.0, 300.0);
pub const SECOND: Pos2 = pos2(740.0, 300.0);

pub fn view(h: &Harness<'static, Seen>, slot: &str) -> View {
    h.state().canvas.views[slot]
}

fn window(h: &Harness<'static, Seen>) -> (f64, f64) {
    let w = view(h, "reading 0").window.expect("has one");
    (w.center(), w.width())
}

pub fn button(
    h: &mut Harness<'static, Seen>,
    at: Pos2,
    button: PointerButton,
    pressed: bool,
    held: Modifiers,
) {
    h.event(Event::ModifiersChanged(held));
    h.event(Event::PointerMoved(at));
    h.event(Event::PointerButton {
        pos: at,
        button,
        pressed,
        modifiers: held,
    });
    h.run_steps(1);
    h.event(Event::ModifiersChanged(Modifiers::NONE));
}

pub fn to(h: &mut Harness<'static, Seen>, at: Pos2) {
    h.event(Event::PointerMoved(at));
    h.run_steps(1);
}

pub fn drag(h: &mut Harness<'static, Seen>, which: PointerButton, from: Pos2, path: &[Pos2]) {
    button(h, from, which, true, Modifiers::NONE);
    for at in path {
        to(h, *at);
    }
    let end = path.last().copied().unwrap_or(from);
    button(h, end, which, false, Modifiers::NONE);
    h.run_steps(2);
}

#[test]
fn c21_t16_the_first_point_of_a_window_drag_changes_no_more_than_one_step() {
    let mut h = open(patient(), Desk::Reading);
    let (center, width) = window(&h);
    let step = (width / 400.0).max(1.0);
    button(&mut h, FIRST, PointerButton::Primary, true, Modifiers::NONE);
    let mut last = (center, width);
    for k in 1..=20 {
        to(&mut h, FIRST + egui::vec2(k as f32, k as f32));
        let now = window(&h);
        assert!(
            (now.0 - last.0).abs() <= step + 1e-9 && (now.1 - last.1).abs() <= step + 1e-9,
            "{last:?} to {now:?}"
        );
        last = now;
    }
    assert!(
        last.1 > width && last.0 > center,
        "right is wider, down raises the centre"
    );
    button(
        &mut h,
        FIRST,
        PointerButton::Primary,
        false,
        Modifiers::NONE,
    );
}

#[test]
fn t8_c20_a_window_that_was_changed_stays_while_scrolling() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press(Key::Num4);
    h.run_steps(2);
    for _ in 0..5 {
        h.key_press(Key::ArrowUp);
        h.run_steps(2);
    }
    assert_eq!(window(&h), (500.0, 2000.0));
}

#[test]
fn d1_left_and_right_together_window_whatever_the_tool_is() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press(Key::P);
    h.run_steps(2);
    let before = window(&h);
    button(&mut h, FIRST, PointerButton::Primary, true, Modifiers::NONE);
    button(
        &mut h,
        FIRST,
        PointerButton::Secondary,
        true,
        Modifiers::NONE,
    );
    to(&mut h, FIRST + egui::vec2(30.0, 0.0));
    let end = FIRST + egui::vec2(60.0, 0.0);
    to(&mut h, end);
    button(
        &mut h,
        end,
        PointerButton::Secondary,
        false,
        Modifiers::NONE,
    );
    button(&mut h, end, PointerButton::Primary, false, Modifiers::NONE);
    let after = window(&h);
    assert!(after.1 > before.1 + 50.0, "{before:?} {after:?}");
    assert_eq!(after.0, before.0, "only the width was dragged");
}

#[test]
fn d1_middle_and_space_with_left_pan_right_zooms() {
    let mut h = open(patient(), Desk::Reading);
    let path = [
        FIRST + egui::vec2(10.0, 0.0),
        FIRST + egui::vec2(50.0, 20.0),
    ];
    drag(&mut h, PointerButton::Middle, FIRST, &path);
    let pan = view(&h, "reading 0").pan;
    assert!(pan[0] > 30.0 && pan[1] > 15.0, "{pan:?}");
    h.key_down(Key::Space);
    h.run_steps(1);
    drag(&mut h, PointerButton::Primary, FIRST, &path);
    h.key_up(Key::Space);
    h.run_steps(1);
    assert!(view(&h, "reading 0").pan[0] > pan[0] + 30.0);
    let before = view(&h, "reading 0");
    drag(
        &mut h,
        PointerButton::Secondary,
        FIRST,
        &[FIRST - egui::vec2(0.0, 10.0), FIRST - egui::vec2(0.0, 90.0)],
    );
    assert!(view(&h, "reading 0").zoom > before.zoom * 1.3);
}

#[test]
fn d1_ctrl_and_click_choose_tiles_and_actions_go_to_all_of_them() {
    let mut h = open(patient(), Desk::Reading);
    button(
        &mut h,
        SECOND,
        PointerButton::Primary,
        true,
        Modifiers::COMMAND,
    );
    button(
        &mut h,
        SECOND,
        PointerButton::Primary,
        false,
        Modifiers::COMMAND,
    );
    h.run_steps(2);
    h.key_press(Key::I);
    h.run_steps(3);
    assert!(view(&h, "reading 0").invert && view(&h, "reading 1").invert);
    assert!(!view(&h, "reading 2").invert);
    h.key_press(Key::Escape);
    h.run_steps(2);
    h.key_press(Key::H);
    h.run_steps(2);
    assert_ne!(view(&h, "reading 0").flip_h, view(&h, "reading 2").flip_h);
}

#[test]
fn d1_the_palette_runs_anything_with_keys_alone() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press_modifiers(Modifiers::COMMAND, Key::K);
    h.run_steps(3);
    h.event(Event::Text("flip top".into()));
    h.run_steps(3);
    assert!(h.query_by_label("Flip top and bottom").is_some());
    h.key_press(Key::Enter);
    h.run_steps(3);
    assert!(view(&h, "reading 0").flip_v);
    assert!(
        h.query_by_label("Flip top and bottom").is_none(),
        "it closed"
    );
    // A series of the patient by its words.
    h.key_press_modifiers(Modifiers::COMMAND, Key::K);
    h.run_steps(3);
    h.event(Event::Text("dx chest".into()));
    h.run_steps(3);
    h.key_press(Key::ArrowDown);
    h.run_steps(2);
    h.key_press(Key::Enter);
    h.run_steps(3);
    assert!(
        h.query_all_by_label_contains("DX chest PA 2019-11-22, series 1")
            .next()
            .is_some()
    );
    // Esc leaves everything as it was.
    h.key_press_modifiers(Modifiers::COMMAND, Key::K);
    h.run_steps(2);
    h.key_press(Key::Escape);
    h.run_steps(2);
    assert!(h.query_by_label_contains("Esc close").is_none());
}

#[test]
fn d1_keys_are_changed_in_the_sheet_kept_in_the_layout_and_conflicts_are_shown() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press_modifiers(Modifiers::SHIFT, Key::Questionmark);
    h.run_steps(3);
    h.event(Event::Text("invert".into()));
    h.run_steps(3);
    click(&mut h, "Invert greys: I");
    h.key_press(Key::W);
    h.run_steps(3);
    assert!(
        h.query_all_by_label_contains(
            "W does “Invert greys”; “Left drag: window and level” is no longer reached"
        )
        .next()
        .is_some()
    );
    click(&mut h, "Invert greys: W");
    h.key_press_modifiers(Modifiers::COMMAND, Key::L);
    h.run_steps(3);
    assert!(
        h.query_all_by_label_contains("Ctrl+L is kept for")
            .next()
            .is_some()
    );
    h.key_press(Key::Escape);
    h.run_steps(3);
    h.key_press(Key::W);
    h.run_steps(3);
    assert!(view(&h, "reading 0").invert);
    assert!(
        sent(&h)
            .iter()
            .any(|c| matches!(c, Command::SaveLayout(json) if json.contains("act.invert")))
    );
}

#[test]
fn d2_a_profile_changes_keys_and_buttons() {
    let mut h = open(patient(), Desk::Reading);
    let mut layout: serde_json::Value =
        serde_json::from_str(&h.state_mut().app.save_layout()).unwrap();
    layout["keys"]["profile"] = "Horos".into();
    h.state_mut().app.restore_layout(&layout.to_string());
    h.run_steps(2);
    // M is Horos' hand.
    h.key_press(Key::M);
    h.run_steps(2);
    drag(
        &mut h,
        PointerButton::Primary,
        FIRST,
        &[FIRST + egui::vec2(10.0, 0.0), FIRST + egui::vec2(60.0, 0.0)],
    );
    assert!(view(&h, "reading 0").pan[0] > 30.0);
}

#[test]
fn d1_f_fills_the_window_and_the_identity_stays() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press(Key::F);
    h.run_steps(3);
    assert!(h.query_by_label("Unfold Record (F2)").is_none());
    assert!(
        h.query_all_by_label_contains("Creatinine").next().is_none(),
        "the record is not drawn"
    );
    assert!(
        h.query_all_by_label_contains("HYATT, Neva")
            .next()
            .is_some()
    );
    h.key_press(Key::Escape);
    h.run_steps(3);
    assert!(h.query_all_by_label_contains("Creatinine").next().is_some());
}

#[test]
fn d1_f6_walks_the_regions_and_keys_of_the_images_come_back() {
    let mut h = open(patient(), Desk::Reading);
    let focused = |h: &Harness<'static, Seen>| {
        let id = h.ctx.memory(|m| m.focused())?;
        h.ctx
            .viewport(|v| v.prev_pass.widgets.get(id).map(|w| w.rect.center()))
    };
    let mut seen = Vec::new();
    for _ in 0..6 {
        h.key_press(Key::F6);
        h.run_steps(3);
        seen.push(focused(&h));
    }
    // From the images: record, signals, timeline, status (if it has anything), header, and round.
    assert!(
        seen[0].is_some_and(|p| p.x > 960.0 && p.x < 1300.0),
        "{seen:?}"
    );
    assert!(seen[1].is_some_and(|p| p.x > 1300.0), "{seen:?}");
    assert!(
        seen.contains(&None),
        "the images take keys without focus: {seen:?}"
    );
    h.key_press_modifiers(Modifiers::SHIFT, Key::F6);
    h.run_steps(3);
}

#[test]
fn c40_keys_work_after_a_click_anywhere_but_in_a_text() {
    let mut h = open(patient(), Desk::Reading);
    let at = |h: &Harness<'static, Seen>| {
        h.query_all_by_label_contains("image 31 of 60")
            .next()
            .is_some()
    };
    // The scroll bar and the ground of the record.
    drag(
        &mut h,
        PointerButton::Primary,
        pos2(1296.0, 300.0),
        &[pos2(1296.0, 340.0)],
    );
    h.key_press(Key::ArrowDown);
    h.run_steps(3);
    assert!(at(&h), "arrows fall back to the active tile");
    h.key_press(Key::I);
    h.run_steps(2);
    assert!(view(&h, "reading 0").invert);
}
