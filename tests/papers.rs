//! What is in a study besides images, from stored bytes through the locked worker to what the screen is given.

use std::sync::Arc;
use std::time::{Duration, Instant};

use triptych_workbench::objects::{Object, ObjectKind};
use triptych_workbench::view::{ObjectView, Page, PatientView};
use triptych_workbench::{Command, ObjectContent, Settings, Workbench};

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
