//! What is in a study besides images, on the screen (T32, T57, T61, T66, T68, E4, E5).

use std::sync::Arc;

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_ui::view::*;
use triptych_ui::{Command, Desk};

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
    click(&mut harness, "AS READ · 2021-02-07 10:00");
    assert_eq!(states(&harness), Some(true));
    says(&harness, "presentation state AS READ");
    says(&harness, "see here");
    click(&mut harness, "none");
    assert_eq!(states(&harness), Some(false));
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
                }],
                ..Foreign::default()
            });
        }),
        Desk::Reading,
    );
    says(&harness, "Their lesion");
    says(&harness, "by Meier in a report");
}
