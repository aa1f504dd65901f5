//! The series of the shelf against reference results of other software.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_macros
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde_json::Value;

use super::{
    Slice,
    expected::{image_name, stack_words},
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
    let mut series: BTreeMap<(String, String), (Vec<Slice>, Vec<String>)> = BTreeMap::new();
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
            for slice in file.slices() {
                entry.1.push(name.clone());
                entry.0.push(slice);
            }
        }
    }
    let (mut compared, mut wrong) = (0, Vec::new());
    for expected in reference["series"].as_array().unwrap() {
        let key = (
            expected["folder"].as_str().unwrap().to_owned(),
            expected["series_uid"].as_str().unwrap().to_owned(),
        );
        let stacks: Vec<&Value> = match expected["stacks_by_orientation"].as_array() {
            Some(list) => list.iter().collect(),
            None if expected["geometry"].is_object() => vec![&expected["geometry"]],
            None => continue,
        };
        let Some((slices, names)) = series.get(&key) else {
            wrong.push(format!("{key:?}: no such series found"));
            continue;
        };
        let files = names.iter().collect::<BTreeSet<_>>().len();
        let names: Vec<String> = names
            .iter()
            .zip(slices)
            .map(|(file, slice)| image_name(file, slice, files))
            .collect();
        let words = stack_words(slices, &names);
        if words.len() != stacks.len() {
            wrong.push(format!(
                "{key:?}: {} stacks, expected {}",
                words.len(),
                stacks.len()
            ));
            continue;
        }
        for theirs in stacks {
            let best = words
                .iter()
                .map(|ours| ours.differences(theirs))
                .min_by_key(Vec::len)
                .unwrap();
            compared += 1;
            wrong.extend(best.into_iter().map(|d| format!("{}: {d}", key.0)));
        }
    }
    assert!(compared >= 14, "only {compared} stacks were compared");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
