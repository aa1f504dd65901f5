//! What is in a study besides images, on the screen (T32, T57, T61, T66, T68, E4, E5).

use std::sync::Arc;

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_ui::view::*;
use triptych_ui::{Command, Desk};
use triptych_workbench::browse::{HeaderEntry, HeaderList};

use crate::behaviour::{Seen, click, open, sent, with};
use crate::sample::papers::{self, image, uid};

fn reading() -> Harness<'static, Seen> {
    open(with(papers::add), Desk::Reading)
}

#[track_caller]
fn says(harness: &Harness<'static, Seen>, part: &str) {
    let found = harness.query_all_by_label_contains(part).next().is_some();
    assert!(found, "nothing says {part:?}");
}

#[track_caller]
fn is_silent(harness: &Harness<'static, Seen>, part: &str) {
    let found = harness.query_all_by_label_contains(part).next().is_some();
    assert!(!found, "{part:?} is said");
}

#[test]
fn t32_objects_stand_under_the_series_that_they_refer_to() {
    let harness = reading();
    for name in [
        "Report · Measurements · 2021-02-02",
        "Key images · Of Interest · 2021-02-03",
        "Segmentation · Lobes · 2021-02-04",
        "Structure set · PLAN · 2021-02-06",
        "Presentation state · AS READ · 2021-02-07",
        "Document · Letter · 2021-02-08",
        "Waveform · ECG · 2021-02-09",
        "Object · Plan · 2021-02-10",
    ] {
        assert_eq!(harness.query_all_by_label(name).count(), 1, "{name}");
    }
}

#[test]
fn t68_a_report_is_a_tree_with_identity_codes_and_units() {
    let mut harness = reading();
    click(&mut harness, "Report · Measurements · 2021-02-02");
    for part in [
        "HYATT, Neva · e6a7ccbf · 1970-05-28 · F",
        "complete · unverified",
        "Imaging Measurement Report",
        "Finding Lesion (52988006, SCT)",
        "Length 12.4 mm",
        "A lesion of the right upper lobe.",
    ] {
        says(&harness, part);
    }
    assert!(sent(&harness).contains(&Command::LoadObject(uid(1))));
    assert!(
        sent(&harness).contains(&Command::ShowImage(uid(1))),
        "audited"
    );
}

#[test]
fn t68_pages_are_asked_for_one_at_a_time_and_turned_by_key_and_button() {
    let mut harness = reading();
    click(&mut harness, "Document · Letter · 2021-02-08");
    says(&harness, "Page 1 of 3");
    let asked = |harness: &Harness<'static, Seen>| -> Vec<(u32, u32)> {
        let sent = sent(harness);
        let pages = sent.iter().filter_map(|c| match c {
            Command::LoadPage { page, width, .. } => Some((*page, *width)),
            _ => None,
        });
        pages.collect()
    };
    let first = asked(&harness);
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(first[0].1 >= 256 && first[0].1 % 64 == 0, "{first:?}");
    harness.key_press(Key::ArrowDown);
    harness.run_steps(3);
    says(&harness, "Page 2 of 3");
    click(&mut harness, "Next page");
    says(&harness, "Page 3 of 3");
    harness.key_press(Key::ArrowDown);
    harness.run_steps(3);
    says(&harness, "Page 3 of 3");
    let pages: Vec<u32> = asked(&harness).iter().map(|p| p.0).collect();
    assert_eq!(pages, [0, 1, 2]);
    let snapshot = harness.state().snapshot.borrow().clone();
    let Page::Patient(view) = &snapshot.page else {
        panic!()
    };
    let slot = &view.studies[0].objects[6].slot;
    slot.set_page(2, asked(&harness)[2].1, Err("page 3: damaged".into()));
    harness.run_steps(2);
    says(&harness, "page 3: damaged");
}

#[test]
fn t68_what_cannot_be_drawn_is_named_with_its_class_and_reason() {
    let mut harness = reading();
    click(&mut harness, "Object · Plan · 2021-02-10");
    says(
        &harness,
        "Some Storage: objects of this kind are kept and not drawn",
    );
    click(&mut harness, "Waveform · ECG · 2021-02-09");
    says(&harness, "12 channels");
    says(&harness, "2021-02-22 09:12 · CT chest");
}

#[test]
fn t61_the_list_of_key_images_jumps_and_says_what_is_not_here() {
    let mut harness = reading();
    click(&mut harness, "Key images · Of Interest · 2021-02-03");
    says(&harness, "An image that is not here: 1.2.77.999");
    click(&mut harness, "CT chest 2021-02-22 · 4 · 31/60");
    harness.run_steps(3);
    assert!(sent(&harness).contains(&Command::ShowImage(image(30).instance)));
}

#[test]
fn e4_segments_of_the_same_frame_of_reference_lie_over_images_others_are_refused() {
    let mut harness = reading();
    click(&mut harness, "Segmentation · Lobes · 2021-02-04");
    assert!(sent(&harness).contains(&Command::LoadObject(uid(3))));
    says(&harness, "Nodule · automatic: NET · 60.2 ml");
    is_silent(&harness, "resampled");
    click(&mut harness, "Show Nodule");
    click(&mut harness, "Fill more");
    says(&harness, "Fill 50 %");
    click(&mut harness, "Segmentation · Elsewhere · 2021-02-05");
    says(
        &harness,
        "Elsewhere not shown: the segmentation is of another frame of reference",
    );
    click(&mut harness, "Take Elsewhere off the images");
    is_silent(&harness, "Elsewhere not shown");
}

/// D-19: what a machine drew is off at first, says on the picture (and so on every export of it) what it is, goes with one key, and leaves
/// the window alone.
#[test]
fn d_19_a_model_overlay_is_off_at_first_and_says_what_it_is_on_the_picture() {
    const MARK: &str = "Model output, investigational: NET";
    let mut harness = reading();
    is_silent(&harness, MARK);
    let windows = |harness: &Harness<'static, Seen>| -> Vec<Command> {
        let sent = sent(harness);
        let of_window = sent.iter().filter(|c| format!("{c:?}").contains("Window"));
        of_window.cloned().collect()
    };
    let before = windows(&harness);
    click(&mut harness, "Segmentation · Lobes · 2021-02-04");
    says(&harness, MARK);
    for there in [false, true] {
        harness.key_press(Key::D);
        harness.run();
        if there {
            says(&harness, MARK);
        } else {
            is_silent(&harness, MARK);
        }
    }
    assert_eq!(windows(&harness), before);
    // Contours that a person drew carry no such words.
    click(&mut harness, "Take Lobes off the images");
    is_silent(&harness, MARK);
    click(&mut harness, "Structure set · PLAN · 2021-02-06");
    is_silent(&harness, "Model output");
}

#[test]
fn e5_contours_stand_in_a_list_with_their_volume_and_those_without_are_grey() {
    let mut harness = reading();
    click(&mut harness, "Structure set · PLAN · 2021-02-06");
    says(&harness, "GTV · manual · 12 contours");
    says(&harness, "contour areas × spacing");
    says(&harness, "Not drawn · no contours");
    is_silent(&harness, "PLAN not shown");
}

#[test]
fn t66_a_state_is_chosen_from_a_list_that_always_has_none() {
    let mut harness = reading();
    let states = |harness: &Harness<'static, Seen>| {
        let view = harness.state().canvas.views.get("reading 0").copied();
        view.map(|v| v.flip_h)
    };
    says(&harness, "none");
    assert_eq!(states(&harness), Some(false));
    let window = |harness: &Harness<'static, Seen>| {
        let view = harness.state().canvas.views.get("reading 0").copied();
        view.and_then(|v| v.window)
    };
    harness.key_press(Key::Num4);
    harness.run_steps(3);
    let own = window(&harness);
    assert!(own.is_some());
    click(&mut harness, "AS READ · 2021-02-07 10:00");
    assert_eq!(states(&harness), Some(true));
    says(&harness, "presentation state AS READ");
    says(&harness, "see here");
    click(&mut harness, "none");
    assert_eq!(states(&harness), Some(false));
    assert_eq!(window(&harness), own, "the reader's own view is back");
    is_silent(&harness, "see here");
}

#[test]
fn t66_a_state_that_is_not_understood_is_refused_with_its_reason() {
    let mut harness = open(
        with(|patient| {
            let mut state = papers::state();
            state.unknown.push("a blending of two images".into());
            let read = triptych_workbench::objects::Object::PresentationState(state);
            let content = triptych_workbench::ObjectContent::Read(Box::new(read));
            let kind = triptych_workbench::objects::ObjectKind::PresentationState;
            patient.studies[0].objects = vec![papers::object(6, kind, "AS READ", Some(content))];
        }),
        Desk::Reading,
    );
    click(&mut harness, "AS READ · 2021-02-07 10:00");
    says(&harness, "Shown without it");
    says(&harness, "a blending of two images");
    is_silent(&harness, "see here");
}

#[test]
fn t57_an_image_that_was_rejected_is_hidden_behind_its_reason() {
    let mut harness = open(
        with(|patient| {
            let rejected = (0..60).map(|k| ForeignKey {
                image: image(k),
                reason: "Rejected for Quality Reasons: Double exposure".into(),
                description: String::new(),
                author: String::new(),
                document: uid(2),
            });
            patient.drawings.foreign = Arc::new(Foreign {
                rejected: rejected.collect(),
                ..Foreign::default()
            });
        }),
        Desk::Reading,
    );
    says(
        &harness,
        "Hidden: Rejected for Quality Reasons: Double exposure",
    );
    let drawn =
        |harness: &Harness<'static, Seen>| harness.state().canvas.slots.contains_key("reading 0");
    assert!(!drawn(&harness));
    harness
        .query_all_by_label("Show the image all the same")
        .next()
        .expect("a way to see it")
        .click();
    harness.run_steps(3);
    assert!(drawn(&harness));
    says(&harness, "Rejected for Quality Reasons");
}

#[test]
fn t61_drawings_of_others_are_shown_as_theirs() {
    let mut theirs = crate::sample::drawings().annotations[0].clone();
    theirs.uid = "2.25.1".into();
    theirs.label = "Their lesion".into();
    theirs.author = "Meier".into();
    theirs.locked = true;
    let harness = open(
        with(|patient| {
            theirs.anchor.image.as_mut().unwrap().instance = image(29).instance;
            patient.drawings.foreign = Arc::new(Foreign {
                drawings: vec![ForeignDrawing {
                    annotation: theirs,
                    document: uid(1),
                    said: vec!["Diameter 12 mm".into()],
                    source: "Meier · 2021-02-22".into(),
                }],
                ..Foreign::default()
            });
        }),
        Desk::Reading,
    );
    says(
        &harness,
        "Their lesion · Diameter 12 mm · in a report: Meier · 2021-02-22",
    );
}

/// Whether the first set is wanted from this slice on: it is on screen and not decoded yet.
fn asks_for(harness: &Harness<'static, Seen>, slice: usize) -> bool {
    let wanted = Command::LoadSeries {
        series: SeriesKey("ct lung a".into()),
        from: slice,
    };
    sent(harness).contains(&wanted)
}

#[test]
fn e1_a_line_of_a_report_leads_to_its_image() {
    let mut harness = open(
        with(|patient| {
            papers::add(patient);
            let tree = papers::tree_with_image(20);
            let content = triptych_workbench::objects::Object::Report(tree);
            let content = triptych_workbench::ObjectContent::Read(Box::new(content));
            let kind = triptych_workbench::objects::ObjectKind::Report;
            patient.studies[0].objects[0] = papers::object(1, kind, "Measurements", Some(content));
        }),
        Desk::Reading,
    );
    click(&mut harness, "Report · Measurements · 2021-02-02");
    let line = "Length 12.4 mm, show the image";
    assert_eq!(harness.query_all_by_label_contains(line).count(), 1);
    // The line of an image that is not here leads nowhere.
    is_silent(&harness, "1.2.77.999, show the image");
    harness
        .query_all_by_label_contains(line)
        .next()
        .expect("the value's line")
        .click();
    harness.run_steps(3);
    assert!(asks_for(&harness, 20), "{:?}", sent(&harness));
}

#[test]
fn t61_only_key_images_are_scrolled_through_while_the_filter_is_on() {
    let mut harness = open(
        with(|patient| {
            let key = |k| ForeignKey {
                image: image(k),
                reason: "Of Interest".into(),
                description: String::new(),
                author: "Meier".into(),
                document: uid(2),
            };
            patient.drawings.foreign = Arc::new(Foreign {
                keys: vec![key(10), key(40)],
                ..Foreign::default()
            });
        }),
        Desk::Reading,
    );
    is_silent(&harness, "key images only");
    // Who chose them stands in the panel of findings, and leads there.
    harness.key_press_modifiers(egui::Modifiers::CTRL, Key::M);
    harness.run_steps(3);
    click(
        &mut harness,
        "CT chest 2021-02-22 · 4 · 11/60 · Of Interest · Meier",
    );
    assert!(asks_for(&harness, 10), "{:?}", sent(&harness));
    harness.key_press_modifiers(egui::Modifiers::CTRL, Key::M);
    harness.run_steps(3);
    harness.key_press_modifiers(egui::Modifiers::SHIFT, Key::K);
    harness.run_steps(3);
    says(&harness, "image 11 of 60, key images only · 1/2");
    harness.key_press(Key::ArrowDown);
    harness.run_steps(3);
    says(&harness, "image 41 of 60, key images only · 2/2");
    harness.key_press(Key::ArrowUp);
    harness.run_steps(3);
    says(&harness, "image 11 of 60, key images only · 1/2");
    harness.key_press(Key::ArrowDown);
    harness.run_steps(3);
    says(&harness, "image 41 of 60, key images only · 2/2");
    harness.key_press_modifiers(egui::Modifiers::SHIFT, Key::K);
    harness.run_steps(3);
    harness.key_press(Key::ArrowDown);
    harness.run_steps(3);
    says(&harness, "image 42 of 60");
    is_silent(&harness, "key images only");
}

/// Runs an action of the palette by its name.
fn palette(harness: &mut Harness<'static, Seen>, name: &str) {
    harness.key_press_modifiers(egui::Modifiers::CTRL, Key::K);
    harness.run_steps(3);
    for letter in name.chars() {
        harness.event(egui::Event::Text(letter.to_string()));
    }
    harness.run_steps(3);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
}

#[test]
fn t66_a_view_is_saved_as_the_tile_shows_it() {
    let mut harness = reading();
    for key in [Key::H, Key::I, Key::Num1] {
        harness.key_press(key);
        harness.run_steps(2);
    }
    palette(&mut harness, "presentation state");
    let sent = sent(&harness);
    let seen = sent.iter().find_map(|c| match c {
        Command::WriteState { seen, .. } => Some(seen),
        _ => None,
    });
    let seen = seen.expect("the view is written");
    assert_eq!(seen.instance, image(29).instance);
    assert!(seen.view.flip_h && seen.inverted && seen.area.is_none());
    let shown = harness.state().canvas.views.get("reading 0").copied();
    assert_eq!(seen.window, shown.and_then(|v| v.window));
    assert!(seen.window.is_some());
}

#[test]
fn t66_a_part_of_the_image_is_saved_as_the_part_that_is_seen() {
    let mut harness = reading();
    for _ in 0..8 {
        harness.key_press(Key::Plus);
        harness.run_steps(2);
    }
    palette(&mut harness, "presentation state");
    let sent = sent(&harness);
    let area = sent.iter().find_map(|c| match c {
        Command::WriteState { seen, .. } => seen.area,
        _ => None,
    });
    let [left, top, right, bottom] = area.expect("a part of the image");
    assert!(
        left > 1 && top > 1 && right < 256 && bottom < 256,
        "{area:?}"
    );
    // The middle stays in the middle, to the pixel.
    assert!((left - 1 - (256 - right)).abs() <= 1, "{area:?}");
    assert!((top - 1 - (256 - bottom)).abs() <= 1, "{area:?}");
}

fn element(tag: [u16; 2], vr: &str, name: &str, value: &str) -> HeaderEntry {
    HeaderEntry {
        depth: 0,
        item: 0,
        tag,
        vr: vr.into(),
        name: name.into(),
        value: value.into(),
        cut: false,
        bytes: value.len() as u64,
    }
}

#[test]
fn t57_the_header_of_an_image_is_searched_and_laid_beside_another() {
    let mut harness = reading();
    palette(&mut harness, "header of the image");
    let here = image(29).instance;
    assert!(sent(&harness).contains(&Command::LoadHeader(here.clone())));
    says(&harness, "Reading the header");
    let header = |thickness: &str| HeaderList {
        entries: vec![
            element([0x0008, 0x0060], "CS", "Modality", "CT"),
            element([0x0009, 0x0010], "LO", "PrivateCreator", "MAKER 1"),
            element([0x0009, 0x1001], "LO", "MAKER 1", "secret sauce"),
            element([0x0018, 0x0050], "DS", "SliceThickness", thickness),
        ],
        left_out: 0,
    };
    let snapshot = harness.state().snapshot.borrow().clone();
    let Page::Patient(view) = &snapshot.page else {
        panic!()
    };
    view.headers.set(&here, Ok(header("4.0")));
    harness.run_steps(3);
    says(&harness, "4 elements");
    says(&harness, "(0018,0050) · DS · SliceThickness · 4.0");
    says(
        &harness,
        "(0009,1001) · LO · private: MAKER 1 · secret sauce",
    );
    for letter in "0018,00".chars() {
        harness.event(egui::Event::Text(letter.to_string()));
    }
    harness.run_steps(3);
    says(&harness, "SliceThickness");
    is_silent(&harness, "secret sauce");
    for _ in 0..7 {
        harness.key_press(Key::Backspace);
    }
    harness.run_steps(3);
    says(&harness, "secret sauce");
    // Beside the next image of the set.
    click(&mut harness, "Compare with …");
    click(&mut harness, "4 · 31/60 · CT chest 2021-02-22");
    let there = image(30).instance;
    let all = sent(&harness);
    assert!(all.contains(&Command::LoadHeader(there.clone())));
    assert!(all.contains(&Command::ShowImage(there.clone())), "audited");
    view.headers.set(&there, Ok(header("5.0")));
    harness.run_steps(3);
    says(&harness, "4 elements · 1 differ");
    says(&harness, "SliceThickness · 4.0 · 5.0 · differs");
    says(&harness, "Modality · CT · CT");
    click(&mut harness, "Only differences");
    is_silent(&harness, "Modality · CT");
    says(&harness, "SliceThickness · 4.0 · 5.0 · differs");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    is_silent(&harness, "SliceThickness");
}
