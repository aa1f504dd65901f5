//! Headers that are kept with their instances: a series opens as without them, and what another reader left is of no consequence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use triptych_archive::{Archive, KeptHeader};
use triptych_workbench::view::Stack;
use triptych_workbench::{Core, KeySource, Settings, Wanted};
use triptych_worker::READER;

use crate::support::{Home, shelf};

/// What is shown of each slice: its pixels and how they are drawn, or why not.
type Shown = BTreeMap<(String, u32), Result<(Vec<u8>, String), String>>;

fn settings(home: &Home) -> Settings {
    Settings {
        archive: home.folder.path().join("archive"),
        key_file: Some(home.folder.path().join("keys/key")),
        worker: Some(env!("CARGO_BIN_EXE_triptych-worker").into()),
    }
}

/// All slices of everybody.
fn shown(home: &Home) -> Shown {
    let core = Core::open(&settings(home)).unwrap();
    let mut shown = Shown::new();
    for person in core.persons(None).unwrap() {
        let open = core.open_patient(person.key, None).unwrap();
        for series in open.view.studies.iter().flat_map(|study| &study.series) {
            let stack: &Arc<Stack> = &series.stack;
            let wanted = Wanted {
                focus: Arc::new(AtomicUsize::new(stack.slices.len() / 2)),
                limit: usize::MAX,
            };
            core.load_series(
                &open.catalog,
                &series.key,
                stack,
                &wanted,
                &AtomicBool::new(false),
                &|_| {},
            )
            .unwrap();
            for slice in &stack.slices {
                let pixels = slice.pixels.get().expect("loaded");
                let seen = pixels.as_ref().map_err(Clone::clone).map(|decoded| {
                    let bytes: &[u8] = &decoded.frame.bytes;
                    (bytes.to_vec(), format!("{:?}", decoded.display))
                });
                let place = (slice.instance.to_string(), slice.frame);
                shown.insert(place, seen);
            }
        }
    }
    core.close().unwrap();
    shown
}

/// How many headers of this reader are kept; with `spoil`, they are another reader's from then on.
fn kept(home: &Home, spoil: bool) -> usize {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let settings = settings(home);
        let key = KeySource::File(settings.key_file.unwrap());
        let archive = Archive::open(&settings.archive, key).await.unwrap();
        let mut series = BTreeSet::new();
        for patient in archive.patients(None).await.unwrap() {
            for instance in archive.instances(patient.key).await.unwrap() {
                series.insert(instance.record.series);
            }
        }
        let mut headers = Vec::new();
        for series in series {
            headers.extend(archive.headers(&series, READER).await.unwrap());
        }
        let count = headers.len();
        if spoil {
            let spoilt = headers.into_iter().map(|(blob, body)| {
                let reader = "another".to_owned();
                (blob, KeptHeader { reader, body })
            });
            let spoilt: Vec<_> = spoilt.collect();
            archive.keep_headers(&spoilt).await.unwrap();
        }
        archive.close().await.unwrap();
        count
    })
}

#[test]
fn what_is_shown_is_the_same_with_kept_headers_and_without() {
    let Some(shelf) = shelf("what_is_shown_is_the_same_with_kept_headers_and_without") else {
        return;
    };
    let home = Home::new();
    for folder in [
        "dicom_series",
        "dicom_objects",
        // With overlays in the unused bits of the pixels.
        "dicom_syntax/native",
        "dicom_syntax/synthetic",
    ] {
        let folder = shelf.join("data").join(folder);
        home.run(&["import", folder.to_str().unwrap()]);
    }
    let at_import = kept(&home, false);
    assert!(at_import > 200, "{at_import}");
    let first = shown(&home);
    assert!(first.len() > at_import, "{}", first.len());
    assert_eq!(kept(&home, true), at_import, "none is asked for anew");
    assert_eq!(kept(&home, false), 0, "of another reader");

    let anew = shown(&home);
    let again = kept(&home, false);
    assert!(again > 200 && again <= at_import, "kept again: {again}");
    let second = shown(&home);
    for (name, other) in [("read anew", anew), ("kept again", second)] {
        assert_eq!(first.len(), other.len(), "{name}");
        for (place, pixels) in &first {
            assert!(other.get(place) == Some(pixels), "{name}: {place:?}");
        }
    }
}
