//! Drawings through the whole workbench with a real archive; killed in a second process, which is this test executable started again.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a second process and files of a test"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant as Clock};

use triptych_archive::NewInstance;
use triptych_clinical::{
    Identifier, Identity, InstanceRecord, PatientKey, SeriesUid, SopClassUid, SopInstanceUid,
    StudyUid, TransferSyntaxUid, When,
};
use triptych_imaging::annotate::{Anchor, AnchorImage, Annotation, Shape};

use super::*;
use crate::command::DrawingEdit;
use crate::{Command, Settings};

const PLACE: &str = "TRIPTYCH_TEST_DRAWINGS";
const CYCLES: u64 = 20;

fn settings(folder: &Path) -> Settings {
    Settings {
        archive: folder.join("archive"),
        key_file: Some(folder.join("keys/key")),
        worker: None,
    }
}

fn uid<T>(make: impl Fn(&str) -> Result<T, triptych_clinical::UidError>, tail: &str) -> T {
    make(&format!("1.2.840.99.{tail}")).unwrap()
}

pub(in crate::handle) fn record(mrn: &str, study: u32) -> InstanceRecord {
    InstanceRecord {
        study: uid(StudyUid::new, &study.to_string()),
        series: uid(SeriesUid::new, &format!("{study}.1")),
        sop_instance: uid(SopInstanceUid::new, &format!("{study}.1.1")),
        sop_class: SopClassUid::new("1.2.840.10008.5.1.4.1.1.2").unwrap(),
        transfer_syntax: TransferSyntaxUid::new("1.2.840.10008.1.2.1").unwrap(),
        identity: Identity {
            identifiers: vec![Identifier {
                issuer: "hospital".into(),
                kind: "MR".into(),
                value: mrn.into(),
            }],
            family: format!("Family {mrn}"),
            ..Identity::default()
        },
        study_time: When::parse("2021-02-22").ok(),
        series_time: None,
        study_description: "Thorax".into(),
        series_description: String::new(),
        accession: String::new(),
        modality: "CT".into(),
        body_part: "CHEST".into(),
        view_position: String::new(),
        series_number: Some(1),
        instance_number: Some(1),
        volume_attributes: std::collections::BTreeMap::new(),
        frames: 1,
        rows: 512,
        columns: 512,
        frame_of_reference: None,
        position: Some([0.0; 3]),
        orientation: Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
        pixel_spacing: Some([0.7, 0.7]),
        slice_thickness: Some(2.5),
        image_type: String::new(),
        unreadable: None,
        file_bytes: 4,
    }
}

/// An archive with two people, each with one image. Their keys.
fn archive(folder: &Path) -> [PatientKey; 2] {
    let core = Core::open(&settings(folder)).unwrap();
    for (mrn, study) in [("1", 1), ("2", 2)] {
        let instance = NewInstance {
            record: record(mrn, study),
            header: None,
            bytes: vec![study as u8; 4],
        };
        core.wait(core.archive().import_instances(&core.by(), vec![instance]))
            .unwrap();
    }
    let all = core.wait(core.archive().patients(None)).unwrap();
    let mut keys: Vec<_> = all.iter().map(|p| p.key).collect();
    keys.sort();
    core.close().unwrap();
    [keys[0], keys[1]]
}

fn line(study: u32, label: &str) -> Annotation {
    let record = record("", study);
    Annotation {
        uid: crate::new_uid().unwrap(),
        lesion: String::new(),
        label: label.into(),
        shape: Shape::Length,
        points: vec![[1.0, 1.0], [5.0, 5.5]],
        anchor: Anchor {
            study: record.study,
            series: record.series,
            frame_of_reference: None,
            plane: None,
            image: Some(AnchorImage {
                sop_class: String::new(),
                instance: record.sop_instance,
                frame: 0,
                size: [512, 512],
            }),
        },
        text: String::new(),
        known_mm: None,
        finding: None,
        site: None,
        values: Vec::new(),
        author: String::new(),
        created: String::new(),
        edited: String::new(),
        software: String::new(),
        locked: false,
    }
}

fn drawn(annotation: Annotation) -> Command {
    Command::Annotate(vec![DrawingEdit::Draw(Box::new(annotation))])
}

/// Waits until the open patient is as `wanted` says.
fn until(workbench: &Workbench, wanted: impl Fn(&PatientView) -> bool) -> Arc<PatientView> {
    let start = Clock::now();
    loop {
        if let Page::Patient(view) = &workbench.snapshot().page
            && wanted(view)
        {
            return view.clone();
        }
        let notices = &workbench.snapshot().notices;
        assert!(start.elapsed() < Duration::from_secs(30), "{notices:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn labels(view: &PatientView) -> Vec<String> {
    let all = view.drawings.annotations.iter();
    let mut labels: Vec<_> = all.map(|a| a.label.clone()).collect();
    labels.sort();
    labels
}

#[test]
fn t49_a_drawing_outlives_the_change_of_patient_and_the_end_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = archive(folder.path());
    let workbench = Workbench::start(settings(folder.path()), vec![Command::OpenPatient(first)]);
    until(&workbench, |v| v.person == first);
    workbench.send(drawn(line(1, "mass")));
    // At once after it, without a look at whether it is stored.
    workbench.send(Command::OpenPatient(second));
    let other = until(&workbench, |v| v.person == second);
    assert!(other.drawings.annotations.is_empty(), "WRK-05");
    workbench.send(drawn(line(1, "on the former patient")));
    workbench.send(Command::OpenPatient(first));
    let view = until(&workbench, |v| v.person == first);
    assert_eq!(labels(&view), ["mass"]);
    // One step, undone and done again, is stored each time.
    workbench.send(drawn(line(1, "node")));
    until(&workbench, |v| labels(v) == ["mass", "node"]);
    workbench.send(Command::Undo);
    workbench.send(Command::Redo);
    workbench.send(Command::Undo);
    workbench.shutdown();

    let core = Core::open(&settings(folder.path())).unwrap();
    let view = core.open_patient(first, None).unwrap().view;
    assert_eq!(labels(&view), ["mass"]);
    let drawing = &view.drawings.annotations[0];
    assert_eq!(drawing.author, core.user());
    assert_eq!(drawing.software, SOFTWARE);
    assert!(drawing.anchor.plane.is_some());
    let entries = core.wait(core.archive().audit_entries(100)).unwrap();
    let of_drawings = entries.iter().filter(|e| e.verb == "annotation");
    assert_eq!(of_drawings.count(), 5);
    core.close().unwrap();
}

#[test]
fn t49_as_of_another_time_the_drawings_of_that_time_are_shown_and_none_can_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let [first, _] = archive(folder.path());
    let workbench = Workbench::start(settings(folder.path()), vec![Command::OpenPatient(first)]);
    until(&workbench, |v| v.person == first);
    workbench.send(drawn(line(1, "early")));
    until(&workbench, |v| labels(v) == ["early"]);
    let between = triptych_clinical::Instant::now();
    workbench.send(drawn(line(1, "late")));
    until(&workbench, |v| labels(v) == ["early", "late"]);
    workbench.send(Command::SetIndexTime(Some(between)));
    let past = until(&workbench, |v| !v.at_is_now);
    assert_eq!(labels(&past), ["early"]);
    workbench.send(drawn(line(1, "in the past")));
    workbench.send(Command::SetIndexTime(None));
    let now = until(&workbench, |v| v.at_is_now);
    assert_eq!(labels(&now), ["early", "late"]);
    assert!(now.drawings.can_undo, "the steps back are kept");
    let told = &workbench.snapshot().notices;
    assert!(
        told.iter()
            .any(|n| n.is_error && n.text.contains("as of now"))
    );
    workbench.shutdown();
}

#[test]
fn t49_the_findings_are_written_where_the_user_says() {
    let folder = tempfile::tempdir().unwrap();
    let [first, _] = archive(folder.path());
    let workbench = Workbench::start(settings(folder.path()), vec![Command::OpenPatient(first)]);
    until(&workbench, |v| v.person == first);
    workbench.send(drawn(line(1, "mass")));
    let place = folder.path().join("out");
    std::fs::create_dir(&place).unwrap();
    workbench.send(Command::ExportFindings(Some(place.clone())));
    workbench.shutdown();
    let file = std::fs::read_dir(place).unwrap().next().unwrap().unwrap();
    let name = file.file_name().into_string().unwrap();
    assert!(
        name.starts_with("findings ") && name.ends_with(".csv"),
        "{name}"
    );
    let table = std::fs::read_to_string(file.path()).unwrap();
    assert!(
        table.contains("\r\nmass,2.25.") && table.contains(",2021-02-22,"),
        "{table}"
    );
    let core = Core::open(&settings(folder.path())).unwrap();
    let entries = core.wait(core.archive().audit_entries(10)).unwrap();
    assert!(
        entries
            .iter()
            .any(|e| e.verb == "export" && e.subject == Some(first))
    );
    core.close().unwrap();
}

/// WRK-01: what a snapshot showed is there after a kill at any moment.
#[test]
fn wrk_01_a_kill_right_after_drawing_loses_no_drawing() {
    let folder = tempfile::tempdir().unwrap();
    let [first, _] = archive(folder.path());
    let mut all: Vec<String> = Vec::new();
    for cycle in 0..CYCLES {
        let mut child = child(folder.path(), cycle);
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .filter_map(|l| Some(l.strip_prefix("drawn ")?.strip_suffix('.')?.to_owned()));
        let wanted = 1 + usize::try_from(cycle % 4).unwrap();
        let mut shown: Vec<String> = lines.by_ref().take(wanted).collect();
        std::thread::sleep(Duration::from_micros(cycle * 700 % 5000));
        child.kill().unwrap();
        child.wait().unwrap();
        shown.extend(lines);
        assert!(shown.len() >= wanted, "the child ended");
        all.extend(shown);
        let core = Core::open(&settings(folder.path())).unwrap();
        let there = labels(&core.open_patient(first, None).unwrap().view);
        for label in &all {
            assert!(there.contains(label), "{label} is lost");
        }
        core.close().unwrap();
    }
    println!("{CYCLES} kills, {} drawings shown, 0 lost", all.len());
}

fn child(folder: &Path, cycle: u64) -> Child {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "handle::drawing::tests::child_draws",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(PLACE, folder)
        .env("TRIPTYCH_TEST_CYCLE", cycle.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn child_draws() {
    let Some(folder) = std::env::var_os(PLACE).map(PathBuf::from) else {
        return;
    };
    let cycle = std::env::var("TRIPTYCH_TEST_CYCLE").unwrap();
    let workbench = Workbench::start(
        settings(&folder),
        vec![Command::SearchPatients(String::new())],
    );
    let start = Clock::now();
    let first = loop {
        if let Page::Start(start) = &workbench.snapshot().page {
            break start.patients.iter().map(|p| p.person).min().unwrap();
        }
        assert!(start.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(1));
    };
    workbench.send(Command::OpenPatient(first));
    until(&workbench, |v| v.person == first);
    for n in 0..2000 {
        let label = format!("{cycle}/{n}");
        workbench.send(drawn(line(1, &label)));
        until(&workbench, |v| labels(v).contains(&label));
        let mut out = std::io::stdout().lock();
        writeln!(out, "drawn {label}.").unwrap();
        out.flush().unwrap();
    }
}

/// A file of the site says which lines stand in the corners; a wrong one is told, and the usual ones are shown.
#[test]
fn t50_the_corners_of_a_site_come_from_its_file() {
    use triptych_imaging::display::{CornerItem, CornerLayout};
    let folder = tempfile::tempdir().unwrap();
    let [first, _] = archive(folder.path());
    let file = folder.path().join("archive").join(crate::CORNERS);
    let corners = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let open = vec![Command::OpenPatient(first)];
        let workbench = Workbench::start(settings(folder.path()), open);
        let view = until(&workbench, |v| v.person == first);
        let told = workbench.snapshot().notices.clone();
        workbench.shutdown();
        let layout = view.corners.of("MR").clone();
        (layout, told.into_iter().map(|n| n.text).collect::<Vec<_>>())
    };
    let (layout, told) = corners(r#"{ "MR": { "bottom_right": ["marks", "echo_time"] } }"#);
    let wanted = [CornerItem::Marks, CornerItem::EchoTime];
    assert_eq!(
        (layout.bottom_right.as_slice(), told.len()),
        (&wanted[..], 0)
    );
    let (layout, told) = corners(r#"{ "MR": { "bottom_right": ["shoe_size"] } }"#);
    assert_eq!(layout, CornerLayout::default());
    assert!(told.iter().any(|t| t.contains("shoe_size")), "{told:?}");
}
