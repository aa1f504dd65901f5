//! What a tile can be asked for: menu, typed window, box, cine, magnifier, 1:1, values as text. T8, T14, T16, T52, T60.

use egui::{Event, Key, Modifiers, PointerButton, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_render::{Interpolation, VoiFunction, Window, display::WindowChoice};
use triptych_ui::Desk;
use triptych_ui::view::*;

use crate::behaviour::{Seen, click, open, patient, with};
use crate::hands::{FIRST, button, drag, to, view};

fn window(h: &Harness<'static, Seen>) -> (f64, f64) {
    let w = view(h, "reading 0").window.expect("has one");
    (w.center(), w.width())
}

fn ctrl(h: &mut Harness<'static, Seen>, key: Key) {
    h.key_press_modifiers(Modifiers::COMMAND, key);
    h.run_steps(3);
}

/// The current CT with two windows of its own.
fn with_windows() -> Snapshot {
    with(|v| {
        for slice in &v.studies[0].series[0].stack.slices {
            let Some(Ok(mut decoded)) = slice.pixels.get() else {
                continue;
            };
            let mut display = (*decoded.display).clone();
            for (center, width, name) in [
                (-500.0, 1400.0, "LUNG OF FILE"),
                (60.0, 300.0, "SOFT OF FILE"),
            ] {
                display.windows.push(WindowChoice {
                    window: Window::new(center, width, VoiFunction::Linear).unwrap(),
                    explanation: name.into(),
                });
            }
            decoded.display = std::sync::Arc::new(display);
            slice.pixels.set(Ok(decoded));
        }
    })
}

#[test]
fn t8_d1_a_right_click_without_movement_opens_the_menu_with_the_windows_of_the_file_first() {
    let mut h = open(with_windows(), Desk::Reading);
    // A movement of more than 3 points is a zoom.
    drag(
        &mut h,
        PointerButton::Secondary,
        FIRST,
        &[FIRST + vec2(0.0, 4.0)],
    );
    assert!(h.query_by_label_contains("SOFT OF FILE").is_none());
    drag(
        &mut h,
        PointerButton::Secondary,
        FIRST,
        &[FIRST + vec2(1.0, 2.0)],
    );
    click(&mut h, "DICOM 2: SOFT OF FILE   300 / 60");
    assert_eq!(window(&h), (60.0, 300.0));
    assert!(
        h.query_by_label_contains("SOFT OF FILE").is_none(),
        "it closed"
    );
    drag(&mut h, PointerButton::Secondary, FIRST, &[]);
    click(&mut h, "Liver   150 / 90");
    assert_eq!(window(&h), (90.0, 150.0));
    drag(&mut h, PointerButton::Secondary, FIRST, &[]);
    click(&mut h, "Between pixels: pixels");
    assert_eq!(view(&h, "reading 0").interpolation, Interpolation::Nearest);
    drag(&mut h, PointerButton::Secondary, FIRST, &[]);
    click(&mut h, "Invert greys");
    assert!(view(&h, "reading 0").invert);
    h.key_press_modifiers(Modifiers::SHIFT, Key::Num1);
    h.run_steps(3);
    assert_eq!(
        window(&h),
        (-500.0, 1400.0),
        "Shift 1 is the first window of the file"
    );
}

#[test]
fn t16_a_window_is_typed_as_centre_and_width_and_nonsense_is_refused() {
    let mut h = open(patient(), Desk::Reading);
    ctrl(&mut h, Key::W);
    h.event(Event::Text("eighty".into()));
    h.run_steps(2);
    h.key_press(Key::Enter);
    h.run_steps(2);
    assert_eq!(window(&h), (-600.0, 1500.0));
    ctrl(&mut h, Key::A);
    h.event(Event::Text("-30 250".into()));
    h.run_steps(2);
    h.key_press(Key::Enter);
    h.run_steps(3);
    assert_eq!(window(&h), (-30.0, 250.0));
}

#[test]
fn t16_a_box_gives_the_window_of_its_values() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press_modifiers(Modifiers::SHIFT, Key::W);
    h.run_steps(2);
    // The middle of the thorax: soft tissue.
    let (a, b) = (FIRST + vec2(20.0, -50.0), FIRST + vec2(40.0, -30.0));
    drag(&mut h, PointerButton::Primary, a, &[a + vec2(4.0, 4.0), b]);
    let (center, width) = window(&h);
    assert!((-1100.0..600.0).contains(&center), "{center} {width}");
    assert_ne!((center, width), (-600.0, 1500.0));
}

#[test]
fn t60_a_loop_follows_the_clock_and_space_stops_it() {
    let mut h = open(patient(), Desk::Reading);
    let at = |h: &Harness<'static, Seen>| {
        (1..=60_i32)
            .find(|k| {
                let words = format!("series 4, image {k} of 60");
                h.query_all_by_label_contains(&words).next().is_some()
            })
            .expect("a tile shows it")
    };
    h.key_press(Key::Space);
    h.run_steps(1);
    let from = at(&h);
    let t0 = h.ctx.input(|i| i.time);
    h.run_steps(40);
    let seconds = h.ctx.input(|i| i.time) - t0;
    let want = ((seconds * 10.0_f64).round() as i32).rem_euclid(60);
    let went = (at(&h) - from).rem_euclid(60_i32);
    assert!(
        (went - want).abs() <= 3 && seconds > 1.0,
        "{went} of {want} images in {seconds} s"
    );
    h.key_press(Key::Space);
    h.run_steps(2);
    let stopped = at(&h);
    h.run_steps(30);
    assert_eq!(at(&h), stopped);
}

#[test]
fn t52_one_to_one_is_one_image_pixel_on_one_device_pixel() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press_modifiers(Modifiers::SHIFT, Key::P);
    h.run_steps(3);
    // The tile is 431 × 410 or so, the image 256 × 256: fit is the smaller side over 256.
    let zoom = f64::from(view(&h, "reading 0").zoom);
    let size = h.state().canvas.sizes["reading 0"];
    let fit = f64::from(size[0].min(size[1])) / 256.0;
    assert!((fit * zoom - 1.0).abs() < 1e-5, "{}", fit * zoom);
}

#[test]
fn ba_the_magnifier_shows_what_is_under_the_pointer_at_twice_the_size() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press(Key::G);
    h.run_steps(2);
    to(&mut h, FIRST);
    h.run_steps(2);
    assert!(h.state().canvas.views.contains_key("lens"));
    let scale = |h: &Harness<'static, Seen>, slot: &str| {
        let size = h.state().canvas.sizes[slot];
        f64::from(size[0].min(size[1])) / 256.0 * f64::from(view(h, slot).zoom)
    };
    assert!((scale(&h, "lens") / scale(&h, "reading 0") - 2.0).abs() < 1e-3);
}

#[test]
fn t17_values_are_copied_as_text() {
    let mut h = open(patient(), Desk::Reading);
    button(&mut h, FIRST, PointerButton::Primary, true, Modifiers::NONE);
    button(
        &mut h,
        FIRST,
        PointerButton::Primary,
        false,
        Modifiers::NONE,
    );
    h.event(Event::Copy);
    h.step();
    let copied = h
        .output()
        .platform_output
        .commands
        .iter()
        .find_map(|c| match c {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
    let copied = copied.expect("something was copied");
    assert!(
        copied.contains("series 4, image 30 of 60, W 1500 L −600") && copied.contains("HU"),
        "{copied}"
    );
}

/// T58: an image that cannot be decoded says which it is and why, and nothing of the former image stays on screen; one that has not come
/// yet says how many have.
#[test]
fn t58_a_failed_image_says_why_and_shows_no_former_picture() {
    let mut h = open(patient(), Desk::Reading);
    let drawn = |h: &mut Harness<'static, Seen>| {
        h.state_mut().canvas.views.remove("reading 0");
        h.run_steps(2);
        h.state().canvas.views.contains_key("reading 0")
    };
    assert!(drawn(&mut h));
    let mut failed = false;
    for _ in 0..6 {
        h.key_press(Key::ArrowDown);
        h.run_steps(2);
        let words = "pixel data end at byte 262,144 of 524,288";
        if h.query_all_by_label_contains(words).next().is_some() {
            failed = true;
            assert!(
                h.query_all_by_label_contains("of 60 cannot be shown")
                    .next()
                    .is_some()
            );
            assert!(!drawn(&mut h), "a picture under the reason");
            break;
        }
    }
    assert!(failed, "the sample has an image that cannot be decoded");
    h.key_press(Key::End);
    h.run_steps(3);
    assert!(!drawn(&mut h), "a picture of another image");
    assert!(
        h.query_all_by_label_contains("decoded of").next().is_some()
            || h.query_all_by_label_contains("of 60").next().is_some()
    );
}
