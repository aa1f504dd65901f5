//! What is drawn in the window, written as DICOM objects and taken back in.

use std::process::Command as Program;
use std::sync::Arc;
use std::time::{Duration, Instant};

use triptych_render::display::SpacingProvenance;
use triptych_workbench::annotate::{
    Anchor, AnchorImage, AnchorPlane, Annotation, Quantity, Shape, Stated,
};
use triptych_workbench::view::{KeyImage, Page, PatientView};
use triptych_workbench::{Command, DrawingEdit, Settings, Workbench};

use crate::support::{Home, shelf};

/// Waits until the open patient is as `wanted` says.
fn until(workbench: &Workbench, wanted: impl Fn(&PatientView) -> bool) -> Arc<PatientView> {
    let began = Instant::now();
    loop {
        if let Page::Patient(view) = &workbench.snapshot().page
            && wanted(view)
        {
            return view.clone();
        }
        let notices = &workbench.snapshot().notices;
        assert!(began.elapsed() < Duration::from_secs(60), "{notices:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A drawing and a key image become a report, a selection and a state in the study of their image; the validator has nothing to say of them,
/// and they come into the archive like any other file.
#[test]
fn e1_e2_e3_what_is_drawn_is_written_as_objects_of_the_same_study() {
    let Some(shelf) = shelf("e1_e2_e3_what_is_drawn_is_written_as_objects_of_the_same_study")
    else {
        return;
    };
    let home = Home::new();
    let series = shelf.join("data/dicom_series/mr_coronal");
    home.json(&["import", series.to_str().unwrap()]);
    let (_, persons) = home.json(&["patients"]);
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
        assert!(began.elapsed() < Duration::from_secs(60), "{persons}");
        std::thread::sleep(Duration::from_millis(5));
    };
    workbench.send(Command::OpenPatient(person));
    let view = until(&workbench, |v| !v.studies.is_empty());
    let study = &view.studies[0];
    let set = &study.series[0];
    let slice = &set.stack.slices[set.images / 2];
    let place = slice.position.zip(slice.orientation);
    let drawing = Annotation {
        uid: String::new(),
        lesion: String::new(),
        label: "L1".into(),
        shape: Shape::Length,
        points: vec![[30.25, 40.5], [60.5, 80.75]],
        anchor: Anchor {
            study: study.uid.clone(),
            series: set.uid.clone(),
            frame_of_reference: set.frame_of_reference.clone(),
            plane: place.map(|(position, orientation)| AnchorPlane {
                position,
                orientation,
                spacing: [1.0, 1.0],
            }),
            image: Some(AnchorImage {
                sop_class: String::new(),
                instance: slice.instance.clone(),
                frame: slice.frame,
                size: [0, 0],
            }),
        },
        text: String::new(),
        known_mm: None,
        finding: None,
        site: None,
        values: vec![Stated {
            quantity: Quantity::Length,
            value: 50.25,
            unit: "mm".into(),
            provenance: Some(SpacingProvenance::CrossSection),
        }],
        author: String::new(),
        created: String::new(),
        edited: String::new(),
        software: String::new(),
        locked: false,
    };
    workbench.send(Command::Annotate(vec![DrawingEdit::Draw(Box::new(
        drawing,
    ))]));
    workbench.send(Command::MarkKey {
        image: KeyImage {
            study: study.uid.clone(),
            series: set.uid.clone(),
            instance: slice.instance.clone(),
            frame: slice.frame,
            reason: String::new(),
            author: String::new(),
            marked: String::new(),
        },
        marked: true,
    });
    until(&workbench, |v| {
        v.drawings.annotations.len() == 1 && v.drawings.key_images.len() == 1
    });
    let out = home.folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    workbench.send(Command::WriteReports {
        folder: Some(out.clone()),
        seen: Vec::new(),
    });
    let began = Instant::now();
    let import = loop {
        if let Some(import) = workbench.snapshot().import.clone().filter(|i| i.finished) {
            break import;
        }
        let notices = &workbench.snapshot().notices;
        assert!(began.elapsed() < Duration::from_secs(60), "{notices:?}");
        std::thread::sleep(Duration::from_millis(5));
    };
    workbench.shutdown();
    assert_eq!(
        (import.stored, import.refused.len()),
        (3, 0),
        "{:?}",
        import.refused
    );
    let place = std::fs::read_dir(&out)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut classes = Vec::new();
    for entry in std::fs::read_dir(place).unwrap() {
        let path = entry.unwrap().path();
        let (code, seen) = home.json(&["inspect", path.to_str().unwrap()]);
        assert!(matches!(code, Some(0)), "{seen}");
        let text = seen.to_string();
        assert!(text.contains(study.uid.as_str()), "complaint 28: {text}");
        classes.push(text);
        match Program::new("dciodvfy").arg("-new").arg(&path).output() {
            Ok(said) => {
                let said = String::from_utf8_lossy(&said.stderr).into_owned();
                let errors: Vec<&str> = said.lines().filter(|l| l.starts_with("Error")).collect();
                assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
            }
            Err(_) => println!("TOOL ABSENT: dciodvfy in e1_e2_e3_what_is_drawn_is_written"),
        }
    }
    assert_eq!(classes.len(), 3);
}
