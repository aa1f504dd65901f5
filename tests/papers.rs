//! What is in a study besides images, from stored bytes through the locked worker to what the screen is given.

use std::sync::Arc;
use std::time::{Duration, Instant};

use triptych_render::geometry::ViewState;
use triptych_render::{VoiFunction, Window};
use triptych_workbench::objects::presentation_state::PresentationStage;
use triptych_workbench::objects::{Object, ObjectKind};
use triptych_workbench::view::{ObjectView, Page, PatientView};
use triptych_workbench::{Command, ObjectContent, SeenFrame, Settings, Workbench};

use crate::support::{Home, shelf};

/// Waits until the open patient is as `wanted` says.
fn until(workbench: &Workbench, wanted: impl Fn(&PatientView) -> bool) -> Arc<PatientView> {
    let began = Instant::now();
    loop {
        if let Page::Patient(view) = &workbench.snapshot().page
            && wanted(view)
        {
            return Arc::clone(view);
        }
        assert!(began.elapsed() < Duration::from_secs(120), "it comes");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn objects(view: &PatientView) -> impl Iterator<Item = &ObjectView> {
    view.studies.iter().flat_map(|s| &s.objects)
}

fn of(view: &PatientView, kind: ObjectKind) -> ObjectView {
    let found = objects(view).find(|o| o.kind == kind);
    found.unwrap_or_else(|| panic!("no {kind:?}")).clone()
}

/// The chest CT with its objects; `rejecting` makes its key object selection one that rejects images.
fn opened(home: &Home, shelf: &std::path::Path, rejecting: bool) -> Workbench {
    let made = home.folder.path().join("made");
    std::fs::create_dir(&made).unwrap();
    for entry in std::fs::read_dir(shelf.join("data/dicom_objects/made")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        if rejecting && path.ends_with("key_object_selection.dcm") {
            let at = bytes.windows(6).position(|w| w == b"113000").unwrap();
            bytes[at + 5] = b'1';
        }
        std::fs::write(made.join(path.file_name().unwrap()), bytes).unwrap();
    }
    let series = shelf.join("data/dicom_series/chest_ct");
    let import = home.run(&["import", series.to_str().unwrap(), made.to_str().unwrap()]);
    assert!(import.code.is_some(), "{}", import.err);
    start(home)
}

/// A workbench over the archive, with its first patient opened.
fn start(home: &Home) -> Workbench {
    let settings = Settings {
        archive: home.folder.path().join("archive"),
        key_file: Some(home.folder.path().join("keys/key")),
        worker: Some(env!("CARGO_BIN_EXE_triptych-worker").into()),
    };
    let workbench = Workbench::start(settings, vec![Command::ShowStart]);
    let began = Instant::now();
    let person = loop {
        if let Page::Start(start) = &workbench.snapshot().page
            && let Some(row) = start.patients.first()
        {
            break row.person;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "the list comes");
        std::thread::sleep(Duration::from_millis(20));
    };
    workbench.send(Command::OpenPatient(person));
    workbench
}

#[test]
fn t32_objects_are_listed_read_and_drawn_through_the_locked_worker() {
    let name = "t32_objects_are_listed_read_and_drawn_through_the_locked_worker";
    let Some(shelf) = shelf(name) else { return };
    let home = Home::new();
    let workbench = opened(&home, &shelf, false);
    let placed = |o: &ObjectView| !o.refers_to.is_empty() || o.kind == ObjectKind::Document;
    let read = |v: &PatientView| objects(v).all(placed);
    let view = until(&workbench, read);
    assert_eq!(objects(&view).count(), 4);
    let ct = &view.studies[0].series[0];
    for kind in [
        ObjectKind::KeyObjects,
        ObjectKind::PresentationState,
        ObjectKind::StructureSet,
    ] {
        assert_eq!(
            of(&view, kind).refers_to,
            std::slice::from_ref(&ct.uid),
            "{kind:?}"
        );
    }
    assert_eq!(
        view.studies[0].modality, "CT",
        "a study is what its images are"
    );
    let chosen = |k: usize| {
        let slice = &ct.stack.slices[k];
        view.drawings
            .foreign
            .key(&slice.instance, slice.frame)
            .is_some()
    };
    let all = (0..ct.images).filter(|k| chosen(*k)).count();
    assert!(all == 2 || all == 3, "{all}: slice 031 is truncated");
    assert!(view.drawings.foreign.rejected.is_empty());

    // Contours and pages come when they are asked for.
    let contours = of(&view, ObjectKind::StructureSet);
    assert!(contours.slot.get().is_none());
    workbench.send(Command::LoadObject(contours.instance.clone()));
    until(&workbench, |_| contours.slot.get().is_some());
    let Some(Ok(content)) = contours.slot.get() else {
        panic!("{:?}", contours.slot.get());
    };
    assert!(matches!(&*content, ObjectContent::Structures(set) if set.rois.len() == 2));
    let letter = of(&view, ObjectKind::Document);
    workbench.send(Command::LoadPage {
        instance: letter.instance.clone(),
        page: 0,
        width: 640,
    });
    until(&workbench, |_| letter.slot.page(0).is_some());
    assert_eq!(letter.slot.page(0).unwrap().unwrap().width, 640);
    let state = of(&view, ObjectKind::PresentationState);
    let read = state.slot.get();
    assert!(
        matches!(&read, Some(Ok(c)) if matches!(&**c, ObjectContent::Read(o) if matches!(**o, Object::PresentationState(_)))),
        "read before anybody asks: its name and date stand in the list"
    );
    workbench.shutdown();
}

#[test]
fn t57_a_header_comes_element_by_element_through_the_locked_worker() {
    let name = "t57_a_header_comes_element_by_element_through_the_locked_worker";
    let Some(shelf) = shelf(name) else { return };
    let home = Home::new();
    let workbench = opened(&home, &shelf, false);
    let view = until(&workbench, |_| true);
    let slice = &view.studies[0].series[0].stack.slices[0];
    workbench.send(Command::LoadHeader(slice.instance.clone()));
    until(&workbench, |v| v.headers.get(&slice.instance).is_some());
    let header = view.headers.get(&slice.instance).unwrap().unwrap();
    let value = |tag: [u16; 2]| {
        let found = header.entries.iter().find(|e| e.tag == tag);
        found.map(|e| (e.name.clone(), e.value.clone()))
    };
    let (keyword, uid) = value([0x0008, 0x0018]).unwrap();
    assert_eq!(keyword, "SOPInstanceUID");
    assert_eq!(uid, slice.instance.as_str());
    assert_eq!(value([0x0028, 0x0010]).unwrap().1, "512");
    let private = header.entries.iter().filter(|e| e.is_private());
    assert_eq!(private.count(), 3, "a creator with two elements");
    workbench.shutdown();
}

/// A view is written, comes in by the usual way, and shows the image as it was seen.
#[test]
fn t66_a_view_that_was_saved_comes_back_as_it_was_seen() {
    let name = "t66_a_view_that_was_saved_comes_back_as_it_was_seen";
    let Some(shelf) = shelf(name) else { return };
    let home = Home::new();
    let workbench = opened(&home, &shelf, false);
    let view = until(&workbench, |_| true);
    let slice = &view.studies[0].series[0].stack.slices[20];
    let window = Window::new(-600.0, 1500.0, VoiFunction::Linear).unwrap();
    let looked = ViewState {
        rotation_degrees: 90.0,
        flip_h: true,
        ..ViewState::default()
    };
    let out = home.folder.path().join("saved");
    std::fs::create_dir(&out).unwrap();
    workbench.send(Command::WriteState {
        folder: Some(out),
        seen: Box::new(SeenFrame {
            instance: slice.instance.clone(),
            frame: slice.frame,
            view: looked,
            inverted: true,
            window: Some(window),
            area: Some([100, 120, 300, 340]),
        }),
    });
    let saved =
        |v: &PatientView| objects(v).any(|o| o.title == "As seen" && o.slot.get().is_some());
    let view = until(&workbench, saved);
    let found = objects(&view).find(|o| o.title == "As seen").unwrap();
    let Some(Ok(content)) = found.slot.get() else {
        panic!("{:?}", found.slot.get());
    };
    let ObjectContent::Read(read) = &*content else {
        panic!("{content:?}");
    };
    let Object::PresentationState(state) = &**read else {
        panic!("{read:?}");
    };
    assert!(state.unknown.is_empty() && state.covers(&slice.instance, slice.frame));
    assert!(!state.covers(&view.studies[0].series[0].stack.slices[21].instance, 0));
    assert_eq!((state.rotation_degrees, state.flip_h), (90, true));
    assert_eq!(state.presentation, PresentationStage::Inverse);
    assert_eq!(state.voi[0].windows[0].window, window);
    // Corners of the part as it is seen: turned to the right, its lower left corner is at the upper left; mirrored, at the upper right.
    assert_eq!(state.areas[0].top_left, [100, 120]);
    assert_eq!(state.areas[0].bottom_right, [300, 340]);
    workbench.shutdown();
}

/// highdicom's reports on its CT image: what they drew lies on the image, with their words.
#[test]
fn e1_reports_of_another_program_are_drawn_on_their_image() {
    let name = "e1_reports_of_another_program_are_drawn_on_their_image";
    let Some(shelf) = shelf(name) else { return };
    let home = Home::new();
    let folder = shelf.join("data/dicom_objects");
    let files = [
        "seg/ct_image.dcm",
        "sr/sr_document.dcm",
        "sr/sr_document_with_multiple_groups.dcm",
    ];
    let files: Vec<String> = files
        .iter()
        .map(|f| folder.join(f).display().to_string())
        .collect();
    let mut words = vec!["import"];
    words.extend(files.iter().map(String::as_str));
    home.run(&words);
    let workbench = start(&home);
    let view = until(&workbench, |v| v.drawings.foreign.drawings.len() >= 3);
    let foreign = &view.drawings.foreign.drawings;
    let of = |label: &str| {
        let found = foreign.iter().find(|d| d.annotation.label == label);
        found.unwrap_or_else(|| panic!("no {label}"))
    };
    let slice = &view.studies[0].series[0].stack.slices[0];
    for (label, said) in [
        ("Planar ROI Measurements", "Area of defined region 1.7 cm2"),
        ("LungNodule0001", "Diameter 10.0 mm"),
        ("Aorta0001", "Diameter 20.0 mm"),
    ] {
        let drawing = of(label);
        assert!(
            drawing.annotation.is_on(&slice.instance, slice.frame),
            "{label}"
        );
        assert!(drawing.annotation.locked);
        let here = drawing.said.iter().any(|line| line == said);
        assert!(here, "{label}: {:?}", drawing.said);
        assert!(drawing.annotation.anchor.plane.is_some(), "{label}");
    }
    assert!(of("Planar ROI Measurements").source.starts_with("Foo"));
    let nowhere = foreign.iter().all(|d| d.annotation.label != "Vertebra0001");
    assert!(nowhere, "52 mm off the only image that is here");
    workbench.shutdown();
}

#[test]
fn t57_images_that_were_rejected_are_known_before_anything_is_shown() {
    let name = "t57_images_that_were_rejected_are_known_before_anything_is_shown";
    let Some(shelf) = shelf(name) else { return };
    let home = Home::new();
    let workbench = opened(&home, &shelf, true);
    // The very first page of the patient.
    let view = until(&workbench, |_| true);
    let foreign = &view.drawings.foreign;
    assert_eq!((foreign.rejected.len(), foreign.keys.len()), (3, 0));
    let ct = &view.studies[0].series[0];
    let hidden = ct
        .stack
        .slices
        .iter()
        .filter(|s| foreign.rejection(&s.instance, s.frame).is_some())
        .count();
    assert!((2..=3).contains(&hidden), "{hidden}");
    assert_eq!(ct.images, ct.stack.slices.len(), "nothing is taken away");
    workbench.shutdown();
}
