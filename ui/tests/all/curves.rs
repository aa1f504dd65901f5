//! Curves, outlines along edges and nodules from a click, drawn with pointer and keys (imaging.md T37 to T44).

use std::sync::Arc;

use egui::{Event, Key, Modifiers, Pos2, vec2};
use triptych_ui::Command;
use triptych_ui::view::*;
use triptych_workbench::annotate::{Annotation, Quantity, Shape};
use triptych_workbench::measure::{Dated, findings};
use triptych_workbench::{DrawingEdit, NoduleClick};

use crate::drawing::{
    Window, answer, button, click, drag, drawn, edits, open, open_at, page, says, tile, value,
};
use crate::sample;

/// The nodule of the sample: its middle and radius in pixels of 1.4 mm.
const NODULE: (f32, f32, f32) = (61.44, 144.8, 9.0);

/// Where a pixel of the sample is on screen.
fn at(window: &Window, x: f32, y: f32) -> Pos2 {
    let tile = tile(window);
    let scale = tile.width().min(tile.height()) / 256.0;
    tile.center() + vec2(x - 128.0, y - 128.0) * scale
}

fn on_nodule(window: &Window, turn: f32, radius: f32) -> Pos2 {
    let (sin, cos) = (turn * std::f32::consts::TAU).sin_cos();
    let (x, y, _) = NODULE;
    at(window, x + cos * radius, y + sin * radius)
}

fn take(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(2);
}

#[test]
fn t37_a_free_curve_is_one_stroke_with_its_length() {
    let mut window = open(sample::patient());
    take(&mut window, Modifiers::SHIFT, Key::C);
    let middle = tile(&window).center();
    window.event(Event::PointerMoved(middle));
    window.step();
    button(&mut window, middle, true);
    // Half a circle, in steps of whole points as a pointer has them.
    for k in 0..=90u8 {
        let (sin, cos) = (f32::from(k) * std::f32::consts::PI / 90.0).sin_cos();
        let to = middle + vec2(60.0 - 60.0 * cos, 60.0 * sin);
        window.event(Event::PointerMoved(to.round()));
        window.step();
    }
    let end = middle + vec2(120.0, 0.0);
    button(&mut window, end, false);
    window.run_steps(2);
    let all = drawn(&window);
    let [curve] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(curve.shape, Shape::Curve);
    let scale = f64::from(tile(&window).width().min(tile(&window).height())) / 256.0;
    let half_circle = std::f64::consts::PI * 60.0 / scale * 1.4;
    let length = value(curve, Quantity::Length);
    assert!(
        (length / half_circle - 1.0).abs() < 0.02,
        "{length} {half_circle}"
    );
    assert!(
        curve.points.len() < 60,
        "no more points than the curve needs"
    );
    assert_eq!(curve.values.len(), 1, "it is open: no area");
    answer(&mut window);
    assert!(says(&window, &format!("L1 {length:.1} mm")));
    // No handles; the whole is moved.
    take(&mut window, Modifiers::NONE, Key::Escape);
    take(&mut window, Modifiers::NONE, Key::Escape);
    drag(&mut window, middle, middle + vec2(0.0, -40.0));
    let changed = edits(&window);
    let [DrawingEdit::Change(moved)] = changed.as_slice() else {
        panic!("{changed:?}")
    };
    assert!((value(moved, Quantity::Length) - length).abs() < 1e-9);
}

#[test]
fn t37_a_line_of_several_parts_is_their_sum() {
    let mut window = open(sample::patient());
    take(&mut window, Modifiers::SHIFT, Key::B);
    let middle = tile(&window).center();
    for by in [vec2(0.0, 0.0), vec2(70.0, 0.0), vec2(70.0, 40.0)] {
        click(&mut window, middle + by);
    }
    take(&mut window, Modifiers::NONE, Key::Enter);
    let path = drawn(&window).pop().expect("a path");
    assert_eq!(path.shape, Shape::Path);
    let scale = f64::from(tile(&window).width().min(tile(&window).height())) / 256.0;
    let length = value(&path, Quantity::Length);
    assert!((length - 110.0 / scale * 1.4).abs() < 2.0, "{length}");
}

#[test]
fn t39_a_spline_goes_through_its_clicks_and_a_point_can_be_moved() {
    let mut window = open(sample::patient());
    take(&mut window, Modifiers::SHIFT, Key::S);
    let (_, _, radius) = NODULE;
    for k in 0..6u8 {
        let to = on_nodule(&window, f32::from(k) / 6.0, radius);
        click(&mut window, to);
    }
    // Back at the first point it is closed.
    let first = on_nodule(&window, 0.0, radius);
    click(&mut window, first);
    let spline = drawn(&window).pop().expect("a spline");
    assert_eq!((spline.shape, spline.points.len()), (Shape::Spline, 6));
    let round = std::f64::consts::PI * (f64::from(radius) * 1.4).powi(2);
    let area = value(&spline, Quantity::Area);
    // The hexagon through the same points has 17 % less.
    assert!((area / round - 1.0).abs() < 0.04, "{area} {round}");
    assert!((value(&spline, Quantity::Mean) - 40.0).abs() < 60.0);
    answer(&mut window);
    take(&mut window, Modifiers::NONE, Key::Escape);
    take(&mut window, Modifiers::NONE, Key::Escape);
    let to = on_nodule(&window, 0.0, radius * 2.0);
    drag(&mut window, first, to);
    let changed = edits(&window);
    let [DrawingEdit::Change(pulled)] = changed.as_slice() else {
        panic!("{changed:?}")
    };
    assert!(value(pulled, Quantity::Area) > area * 1.2);
    assert_eq!(pulled.points[1..], spline.points[1..]);
}

#[test]
fn t39_a_livewire_finds_the_border_between_a_few_clicks() {
    let mut window = open(sample::patient());
    take(&mut window, Modifiers::NONE, Key::J);
    let (_, _, radius) = NODULE;
    let clicks = 4u8;
    for k in 0..clicks {
        // The pointer moves there, so that the way is looked for on the way.
        let to = on_nodule(&window, f32::from(k) / f32::from(clicks), radius + 0.5);
        window.event(Event::PointerMoved(to));
        window.run_steps(3);
        click(&mut window, to);
    }
    let first = on_nodule(&window, 0.0, radius + 0.5);
    click(&mut window, first);
    let wire = drawn(&window).pop().expect("a livewire");
    assert_eq!(wire.shape, Shape::Livewire);
    let (x, y, radius) = (f64::from(NODULE.0), f64::from(NODULE.1), f64::from(radius));
    // Its pixels are those whose whole place is nearer than the radius: the border is half a pixel on.
    for [px, py] in &wire.points {
        let away = (px - x - 0.5).hypot(py - y - 0.5);
        assert!((away - radius).abs() < 1.3, "{px} {py}: {away}");
    }
    let area = value(&wire, Quantity::Area);
    let round = std::f64::consts::PI * (radius * 1.4).powi(2);
    assert!((area / round - 1.0).abs() < 0.1, "{area} {round}");
    // Four clicks alone enclose a square of two thirds.
    assert!(wire.points.len() > 8);
    assert!(value(&wire, Quantity::Mean) > -100.0);
}

#[test]
fn t39_a_double_click_closes_a_livewire_and_escape_leaves_nothing() {
    let mut window = open_at(sample::patient(), 0.05);
    take(&mut window, Modifiers::NONE, Key::J);
    for turn in [0.0, 0.3, 0.6] {
        let to = on_nodule(&window, turn, NODULE.2);
        click(&mut window, to);
    }
    take(&mut window, Modifiers::NONE, Key::Escape);
    assert!(drawn(&window).is_empty());
    for turn in [0.0, 0.3] {
        let to = on_nodule(&window, turn, NODULE.2);
        click(&mut window, to);
    }
    let before = tile(&window);
    let last = on_nodule(&window, 0.6, NODULE.2);
    window.event(Event::PointerMoved(last));
    window.step();
    for pressed in [true, false, true, false] {
        window.event(Event::PointerButton {
            pos: last,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
    }
    window.run_steps(3);
    assert_eq!(drawn(&window).len(), 1);
    assert_eq!(
        tile(&window),
        before,
        "the tile does not fill the leaf for it"
    );
}

fn nodules(window: &Window) -> Vec<NoduleClick> {
    let sent = window.state().sent.borrow();
    sent.iter()
        .filter_map(|c| match c {
            Command::GrowNodule(click) => Some((**click).clone()),
            _ => None,
        })
        .collect()
}

/// The borders of a nodule on two slices, as the workbench draws them.
fn borders(click: &NoduleClick, like: &Annotation) -> Vec<Annotation> {
    let mut main = like.clone();
    main.uid = "2.25.71".into();
    main.lesion.clone_from(&click.lesion);
    main.label = "L1".into();
    main.shape = Shape::Nodule;
    main.points = vec![[55.0, 139.0], [68.0, 139.0], [68.0, 151.0], [55.0, 151.0]];
    main.text = click.grown.to_string();
    let stated = |quantity, value, unit: &str| triptych_workbench::annotate::Stated {
        quantity,
        value,
        unit: unit.into(),
        provenance: None,
    };
    main.values = vec![
        stated(Quantity::Volume, 640.4, "mm3"),
        stated(Quantity::LongAxis, 12.34, "mm"),
        stated(Quantity::ShortAxis, 9.87, "mm"),
    ];
    let mut other = main.clone();
    other.uid = "2.25.72".into();
    other.text = String::new();
    other.values = Vec::new();
    let image = other.anchor.image.as_mut().expect("drawn on an image");
    image.instance = triptych_workbench::SopInstanceUid::new("1.2.3.9.9.30").unwrap();
    vec![main, other]
}

#[test]
fn t44_a_click_grows_a_nodule_whose_threshold_can_be_changed() {
    let mut window = open(sample::patient());
    // An anchor as the window makes it.
    take(&mut window, Modifiers::NONE, Key::L);
    let middle = tile(&window).center();
    drag(&mut window, middle, middle + vec2(60.0, 0.0));
    let like = drawn(&window).pop().expect("a line");
    window.state().sent.borrow_mut().clear();
    take(&mut window, Modifiers::NONE, Key::U);
    let to = on_nodule(&window, 0.0, 0.0);
    click(&mut window, to);
    let asked = nodules(&window);
    let [grow] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert!(drawn(&window).is_empty(), "the workbench draws it");
    let image = like.anchor.image.as_ref().expect("on an image");
    assert_eq!((&grow.instance, grow.frame), (&image.instance, image.frame));
    // Centres of pixels lie on whole multiples of 1.4 mm.
    let (seed, grow_lesion) = (grow.grown.seed.0, grow.lesion.clone());
    let wanted = [NODULE.0, NODULE.1].map(|v| (f64::from(v) - 0.5) * 1.4);
    assert!(
        (seed.x - wanted[0]).abs() < 1.0 && (seed.y - wanted[1]).abs() < 1.0,
        "{seed}"
    );
    assert!(says(&window, "growing the nodule"));

    let old = page(&window);
    let mut view = PatientView::clone(&old);
    let all = borders(grow, &like);
    let dated: Vec<Dated<'_>> = all
        .iter()
        .map(|annotation| Dated {
            annotation,
            taken: triptych_workbench::Instant(1_613_985_120_000_000),
            slice_thickness_mm: None,
            kernel: "",
        })
        .collect();
    view.drawings.lesions = findings(&dated).into();
    view.drawings.annotations = all.into();
    let snapshot = window.state().snapshot.borrow().clone();
    *window.state().snapshot.borrow_mut() = Arc::new(Snapshot {
        generation: snapshot.generation + 1,
        page: Page::Patient(Arc::new(view)),
        ..Snapshot::clone(&snapshot)
    });
    window.state().sent.borrow_mut().clear();
    window.run_steps(3);
    assert!(!says(&window, "growing the nodule"));
    assert!(
        says(&window, "L1 640 mm³ · 12.3 mm × 9.9 mm")
            || says(&window, "L1 640 mm³ · 12.3 × 9.9 mm")
    );
    assert!(says(&window, "semi-automatic, from -400 HU"));
    // It was chosen as it came: the table offers its threshold.
    take(&mut window, Modifiers::COMMAND, Key::M);
    assert!(says(&window, "Semi-automatic, from \u{2212}400 HU"));
    take(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::J);
    let asked = nodules(&window);
    let [again] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!(again.lesion, grow_lesion);
    assert_eq!(again.grown.settings.range, [-350.0, 1000.0]);
    assert!((again.grown.seed.0 - seed).length() < 1e-9);
    // Its borders are one thing: they go together.
    take(&mut window, Modifiers::NONE, Key::Delete);
    let gone = edits(&window);
    assert!(
        matches!(gone.as_slice(), [DrawingEdit::Delete(a), DrawingEdit::Delete(b)] if a == "2.25.71" && b == "2.25.72"),
        "{gone:?}"
    );
}

#[test]
fn t42_the_table_shows_percentiles_of_the_chosen_region() {
    let mut window = open(sample::patient());
    take(&mut window, Modifiers::SHIFT, Key::S);
    for k in 0..4u8 {
        let to = on_nodule(&window, f32::from(k) / 4.0, NODULE.2 * 0.7);
        click(&mut window, to);
    }
    take(&mut window, Modifiers::NONE, Key::Enter);
    let spline = drawn(&window).pop().expect("a spline");
    let median = value(&spline, Quantity::Median);
    answer(&mut window);
    assert!(!says(&window, "95 % "), "only on demand");
    take(&mut window, Modifiers::COMMAND, Key::M);
    window.run_steps(3);
    assert!(says(&window, &format!("median {median:.1}")));
    assert!(says(&window, "95 % "));
}
