//! Written objects over real images, judged by other software; objects of others read; hostile ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::float_cmp
)]

mod foreign;
mod hostile;
mod key_objects;
mod reports;
mod states;
mod trees;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use dicom_dictionary_std::tags;
use triptych_clinical::{Instant, SeriesUid, SopInstanceUid, StudyUid};

use super::{Device, Object, ObjectContext, SourceHeader, Written};
use crate::{
    DicomFile,
    annotate::{Anchor, AnchorImage, AnchorPlane, Annotation, Quantity, Shape, Stated},
    display::SpacingProvenance,
};

/// Images of the shelf that objects are written over.
const IMAGES: [&str; 5] = [
    "chest_ct/031.dcm",
    "mr_sagittal_fragmented/005.dcm",
    "cr_modality_lut/CR-ModalitySequenceLUT.dcm",
    "us_cine/examples_ybr_color.dcm",
    "dx_tiny/dx_image.dcm",
];

fn series_folder(test: &str) -> Option<PathBuf> {
    crate::tests::shelf_folder(test, "data/dicom_series")
}

fn parse(path: &Path) -> DicomFile {
    DicomFile::parse(&std::fs::read(path).unwrap()).unwrap()
}

/// Numbers in a row: the same UIDs in each run.
fn counter() -> impl FnMut() -> u128 {
    let mut n = 0x1234_5678_9ABC_DEF0_u128;
    move || {
        n += 1;
        n
    }
}

fn context(file: &DicomFile, series: &str) -> ObjectContext {
    ObjectContext {
        source: SourceHeader::of(file).unwrap(),
        series: SeriesUid::new(series).unwrap(),
        series_number: 9001,
        series_description: "Measurements".to_owned(),
        instance_number: 1,
        observer: "Müller^Änne".to_owned(),
        device: Device {
            manufacturer: "Triptych".to_owned(),
            model: "Triptych".to_owned(),
            serial: "0001".to_owned(),
            software: "0.1.0".to_owned(),
            uid: "2.25.1".to_owned(),
        },
        now: Instant(1_763_861_309_250_000),
        offset_minutes: 60,
    }
}

/// Where frame `k` of a file is.
fn anchor(file: &DicomFile, k: u32) -> Anchor {
    let data = file.data();
    let frame = file.frame_data(k as usize);
    let plane = frame.position().zip(frame.orientation());
    let description = file.description().unwrap();
    Anchor {
        study: StudyUid::new(&data.first_text(tags::STUDY_INSTANCE_UID).unwrap()).unwrap(),
        series: SeriesUid::new(&data.first_text(tags::SERIES_INSTANCE_UID).unwrap()).unwrap(),
        frame_of_reference: data.first_text(tags::FRAME_OF_REFERENCE_UID),
        plane: plane.map(|(position, orientation)| AnchorPlane {
            position,
            orientation,
            spacing: frame.pixel_spacing().unwrap(),
        }),
        image: Some(AnchorImage {
            sop_class: data.first_text(tags::SOP_CLASS_UID).unwrap(),
            instance: SopInstanceUid::new(&data.first_text(tags::SOP_INSTANCE_UID).unwrap())
                .unwrap(),
            frame: k,
            size: [description.columns, description.rows],
        }),
    }
}

fn stated(
    quantity: Quantity,
    value: f64,
    unit: &str,
    provenance: Option<SpacingProvenance>,
) -> Stated {
    Stated {
        quantity,
        value,
        unit: unit.to_owned(),
        provenance,
    }
}

fn drawing(n: u32, shape: Shape, points: &[[f64; 2]], anchor: &Anchor) -> Annotation {
    let uid = format!("2.25.77{n}");
    Annotation {
        lesion: uid.clone(),
        uid,
        label: format!("Läsion {n}"),
        shape,
        points: points.to_vec(),
        anchor: anchor.clone(),
        text: String::new(),
        known_mm: None,
        finding: None,
        site: None,
        values: Vec::new(),
        author: "Müller^Änne".to_owned(),
        created: "2026-11-22T09:00:00Z".to_owned(),
        edited: "2026-11-23T01:28:29.123456Z".to_owned(),
        software: "Triptych 0.1.0".to_owned(),
        locked: false,
    }
}

fn read(bytes: &[u8]) -> Object {
    let file = DicomFile::parse(bytes).unwrap();
    assert!(file.problems().is_empty(), "{:?}", file.problems());
    super::read(&file.data()).unwrap()
}

/// Whether a program is there; a line says when not.
fn has(tool: &str, test: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    if !there {
        say_absent(tool, test);
    }
    there
}

/// One line for a tool in a test: each counts as a test left out.
fn say_absent(tool: &str, test: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let line = format!("TOOL ABSENT: {tool} in {test}");
    let mut said = SAID.lock().unwrap();
    // A second tool of the same test is named, but does not count again.
    if said.iter().any(|l| l.ends_with(&format!(" in {test}"))) {
        println!("also absent in {test}: {tool}");
    } else {
        println!("{line}");
    }
    said.insert(line);
}

/// A written object as a file, gone when dropped.
struct Saved(PathBuf);

impl Saved {
    fn new(written: &Written, test: &str) -> Self {
        let target = std::env::var_os("CARGO_TARGET_TMPDIR").map(PathBuf::from);
        let folder = target.unwrap_or_else(std::env::temp_dir);
        let name = format!("{test}-{}-{}.dcm", std::process::id(), written.instance);
        let path = folder.join(name);
        std::fs::write(&path, &written.bytes).unwrap();
        Self(path)
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn output(command: &mut Command) -> (bool, String) {
    let out = command.output().unwrap();
    let text = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8_lossy(&text).into())
}

/// dciodvfy finds no error in what we wrote; errors in attributes that were copied from the source are those of the source.
#[track_caller]
fn is_valid(written: &Written, source: &Path, test: &str) {
    if !has("dciodvfy", test) {
        return;
    }
    let saved = Saved::new(written, test);
    let errors = |path: &Path| -> Vec<String> {
        let (_, text) = output(Command::new("dciodvfy").arg("-new").arg(path));
        text.lines()
            .filter(|l| l.starts_with("Error"))
            .map(str::to_owned)
            .collect()
    };
    // What is wrong with a value is said with the value, wherever it stands.
    let value = |error: &str| {
        let (_, about) = error.split_once("> - ")?;
        about.contains(" = ").then(|| about.to_owned())
    };
    let known: Vec<String> = errors(source).iter().filter_map(|e| value(e)).collect();
    let new: Vec<String> = errors(&saved.0)
        .into_iter()
        .filter(|e| value(e).is_none_or(|v| !known.contains(&v)))
        .collect();
    assert!(
        new.is_empty(),
        "{test} {}:\n{}",
        source.display(),
        new.join("\n")
    );
}

/// The interpreter that has highdicom; a line says when there is none.
fn highdicom(test: &str) -> Option<String> {
    let python = std::env::var("TRIPTYCH_HIGHDICOM_PYTHON").ok();
    let works = |python: &String| {
        let import = ["-c", "import highdicom"];
        let status = Command::new(python).args(import).output();
        status.is_ok_and(|o| o.status.success())
    };
    let found = python.filter(works);
    if found.is_none() {
        say_absent("highdicom", test);
    }
    found
}

/// Runs a script on a written object; its standard output, which must be JSON.
#[track_caller]
fn python(interpreter: &str, script: &str, file: &Path) -> serde_json::Value {
    let out = Command::new(interpreter)
        .args(["-W", "ignore", "-c", script])
        .arg(file)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{error}");
    serde_json::from_slice(&out.stdout).unwrap()
}
