//! The series of the shelf against reference results of other software.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_macros
)]

use std::path::PathBuf;

use serde_json::Value;

use super::{
    expected::{ImagesBySeries, compare},
    slice_of,
};
use crate::file::DicomFile;

fn shelf() -> Option<PathBuf> {
    let root = std::env::var_os("TRIPTYCH_SHARED").map_or_else(
        || PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../shared"),
        PathBuf::from,
    );
    root.join("data").is_dir().then_some(root)
}

/// T22 to T26: all series of `dicom_series`, order, steps, tilt and orientation, as another program found them.
#[test]
fn t22_t26_series_of_the_shelf_agree_with_their_reference() {
    let Some(root) = shelf() else {
        eprintln!("SHELF ABSENT: t22_t26_series_of_the_shelf_agree_with_their_reference");
        return;
    };
    let folder = root.join("data/dicom_series");
    let reference: Value =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let mut series = ImagesBySeries::new();
    let mut open = vec![folder.clone()];
    while let Some(dir) = open.pop() {
        for path in std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let Ok((file, _)) = DicomFile::parse_partial(&bytes) else {
                continue;
            };
            let name = path
                .strip_prefix(&folder)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let top = name.split('/').next().unwrap().to_owned();
            let uid = file
                .data()
                .first_text(dicom_dictionary_std::tags::SERIES_INSTANCE_UID)
                .unwrap_or_default();
            let entry = series.entry((top, uid)).or_default();
            let slices = file.slices();
            // What the archive keeps of an instance puts its images in the same places as the file itself.
            if let Ok(record) = file.record() {
                for slice in &slices {
                    let mut kept = slice_of(&record, slice.frame, slice.plane);
                    kept.complete = slice.complete;
                    kept.thickness_mm = slice.thickness_mm;
                    assert_eq!(&kept, slice, "{name}");
                }
            }
            entry.extend(slices.into_iter().map(|slice| (name.clone(), slice)));
        }
    }
    let verdicts = compare(&series, &reference);
    let compared: usize = verdicts.iter().map(|v| v.stacks).sum();
    let wrong: Vec<_> = verdicts
        .iter()
        .filter(|v| !v.differences.is_empty())
        .collect();
    assert!(compared >= 14, "only {compared} stacks were compared");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
