//! Hanging protocols (imaging.md D4): what hangs where, why, and how to leave it.

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_ui::view::*;
use triptych_ui::{Command, Desk};

use crate::behaviour::{Seen, click, open, patient, sent, with};
use crate::hands::view;

fn shows(h: &Harness<'static, Seen>, words: &str) -> bool {
    h.query_all_by_label_contains(words).next().is_some()
}

fn press(h: &mut Harness<'static, Seen>, key: Key) {
    h.key_press(key);
    h.run_steps(3);
}

/// The newest study as another kind: modality, body part, and a series for each description.
fn as_study(modality: &str, part: &str, descriptions: &[&str]) -> Snapshot {
    with(|v| {
        let pattern = v.studies[0].series[0].clone();
        let mut study = v.studies[0].clone();
        study.title = format!("{modality} {part}");
        study.modality = modality.into();
        study.series = descriptions
            .iter()
            .enumerate()
            .map(|(k, d)| SeriesView {
                key: SeriesKey(format!("made {k}")),
                number: (k + 1).to_string(),
                description: (*d).into(),
                modality: modality.into(),
                body_part: part.into(),
                placed: None,
                ..pattern.clone()
            })
            .collect();
        v.studies = vec![study];
    })
}

#[test]
fn d4_a_chest_ct_hangs_by_its_protocol_and_says_why() {
    let h = open(patient(), Desk::Reading);
    assert!(shows(
        &h,
        "Hung as CT chest: Lung and mediastinum beside the prior, because the modality is CT and the study says “chest”"
    ));
    let window = |slot: &str| view(&h, slot).window.map(|w| (w.center(), w.width()));
    assert_eq!(window("reading 0"), Some((-600.0, 1500.0)));
    assert_eq!(window("reading 1"), Some((50.0, 350.0)));
    for tile in [
        "CT chest 2021-02-22, series 4",
        "CT chest 2021-02-22, series 3",
        "CT chest 2020-12-07, series 2",
        "DX chest PA 2019-11-22, series 1",
    ] {
        assert!(shows(&h, tile), "{tile}");
    }
}

#[test]
fn d4_what_is_missing_leaves_its_cell_empty_with_its_name() {
    let h = open(
        as_study("MR", "BRAIN", &["ax T2 tse", "ax DWI b1000", "ax ADC"]),
        Desk::Reading,
    );
    assert!(shows(&h, "Hung as MR brain"));
    assert!(shows(&h, "MR BRAIN 2021-02-22, series 1"));
    assert!(shows(&h, "MR BRAIN 2021-02-22, series 3"));
    assert!(
        h.query_by_label("FLAIR").is_some(),
        "its name stands in the empty cell"
    );
    assert!(
        h.query_all_by_label_contains("MR BRAIN 2021-02-22, series 1, image")
            .count()
            == 1,
        "no other series takes its place"
    );
}

#[test]
fn d4_each_kind_of_study_finds_its_protocol() {
    for (modality, part, descriptions, name) in [
        ("DX", "CHEST", ["PA", "LAT"], "Chest radiograph"),
        ("DX", "HAND", ["PA", "oblique"], "Bone radiograph"),
        ("CT", "HEAD", ["brain", "bone"], "CT head"),
        (
            "CT",
            "ABDOMEN",
            ["native", "portal venous"],
            "CT abdomen and pelvis",
        ),
        ("MR", "LSPINE", ["sag T2", "sag T1"], "MR spine"),
        ("MR", "KNEE", ["sag PD fs", "cor PD fs"], "MR joint"),
        ("MG", "BREAST", ["R CC", "L CC"], "Mammography"),
        ("PT", "", ["wb ac", "wb nac"], "PET/CT"),
        ("US", "ABDOMEN", ["liver", "kidney"], "Ultrasound"),
        ("XA", "HEAD", ["run 1", "run 2"], "Angiography"),
    ] {
        let h = open(as_study(modality, part, &descriptions), Desk::Reading);
        assert!(shows(&h, &format!("Hung as {name}:")), "{modality} {part}");
    }
    let h = open(as_study("OT", "", &["scan"]), Desk::Reading);
    assert!(
        shows(&h, "plain grid, no protocol"),
        "nothing is forced on what no protocol is for"
    );
}

#[test]
fn d1_d4_tab_steps_and_a_step_comes_back_as_it_was_left() {
    let mut h = open(patient(), Desk::Reading);
    press(&mut h, Key::I);
    press(&mut h, Key::Tab);
    assert!(shows(
        &h,
        "Hung as CT chest: Axial MIP, coronal and sagittal"
    ));
    assert!(
        h.ctx.memory(|m| m.focused()).is_none(),
        "Tab stays with the images"
    );
    h.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    h.run_steps(3);
    assert!(shows(&h, "Hung as CT chest: Lung and mediastinum"));
    assert!(view(&h, "reading 0").invert, "as it was left");
}

#[test]
fn d4_one_key_leaves_the_protocol_and_comes_back_to_it() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press_modifiers(Modifiers::SHIFT, Key::G);
    h.run_steps(3);
    assert!(shows(&h, "plain grid, no protocol"));
    h.key_press_modifiers(Modifiers::SHIFT, Key::G);
    h.run_steps(3);
    assert!(shows(&h, "Hung as CT chest"));
}

#[test]
fn c40_d4_two_clicks_save_what_hangs_now_and_it_hangs_so_the_next_time() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    press(&mut h, Key::Num4);
    h.query_all_by_label_contains("Hung as CT chest")
        .next()
        .expect("the chip")
        .click();
    h.run_steps(3);
    click(&mut h, "Save as now");
    assert!(shows(&h, "Hung as CT chest, as saved"));
    let kept = sent(&h).into_iter().rev().find_map(|c| match c {
        Command::SaveLayout(json) => Some(json),
        _ => None,
    });
    let kept = kept.expect("the layout is kept");
    // Another run of the program.
    let mut next = open(crate::sample::start(), Desk::Reading);
    next.state_mut().app.restore_layout(&kept);
    *next.state().snapshot.borrow_mut() = std::sync::Arc::new(patient());
    next.run_steps(3);
    assert!(shows(&next, "Hung as CT chest, as saved"));
    let w = view(&next, "reading 0")
        .window
        .map(|w| (w.center(), w.width()));
    assert_eq!(w, Some((500.0, 2000.0)));
    assert_eq!(
        next.query_all_by_label_contains(", image ").count(),
        1,
        "one tile"
    );
}

#[test]
fn bc_a_thumbnail_is_dragged_into_a_tile() {
    let mut h = open(patient(), Desk::Reading);
    // The soft series of the newest study, below its sister, into the lower left tile.
    let from = h
        .get_by_label_contains("2021-02-22, series 3: soft")
        .rect()
        .center();
    let to = egui::pos2(300.0, 700.0);
    let path = [from + egui::vec2(20.0, 0.0), to - egui::vec2(10.0, 0.0), to];
    crate::hands::drag(&mut h, egui::PointerButton::Primary, from, &path);
    assert_eq!(
        h.query_all_by_label_contains("CT chest 2021-02-22, series 3, image")
            .count(),
        2
    );
    assert!(!shows(&h, "CT chest 2020-12-07, series 2, image"));
}

#[test]
fn bc_the_list_of_studies_is_filtered_hangs_a_series_and_keeps_what_was_read() {
    let mut h = open(patient(), Desk::Reading);
    h.key_press_modifiers(Modifiers::COMMAND, Key::O);
    h.run_steps(3);
    assert!(shows(&h, "List: CT chest, series 4: lung, 60 images"));
    click(&mut h, "CT chest, 2021-02-22: unread");
    assert!(shows(&h, "CT chest, 2021-02-22: read"));
    h.event(egui::Event::Text("dx 2019".into()));
    h.run_steps(3);
    assert!(!shows(&h, "List: CT chest"));
    click(&mut h, "List: DX chest PA, series 1: PA, 1 images");
    assert!(!shows(&h, "List: "), "it closed");
    let kept = sent(&h)
        .iter()
        .any(|c| matches!(c, Command::SaveLayout(json) if json.contains("1.2.3.1")));
    assert!(kept, "read is kept with the layout");
    // The active study, once more: unread.
    h.key_press_modifiers(Modifiers::COMMAND, Key::D);
    h.run_steps(2);
}
