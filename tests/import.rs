//! Import as a user meets it: real files in, counts and reasons out, nothing lost.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use triptych_workbench::{Command, Settings, Workbench};

use crate::support::{Home, shelf};

fn files(report: &Value) -> &Vec<Value> {
    report["files"]
        .as_array()
        .expect("a report lists its files")
}

/// Every series of the shelf is whole but for one slice, which is named with its reason.
#[test]
fn par_15_series_are_imported_whole_and_the_truncated_slice_is_named() {
    let Some(shelf) = shelf("par_15_series_are_imported_whole_and_the_truncated_slice_is_named")
    else {
        return;
    };
    let home = Home::new();
    let folder = shelf.join("data/dicom_series");
    let (code, report) = home.json(&["import", folder.to_str().unwrap()]);
    assert_eq!(
        code,
        Some(1),
        "some files are no DICOM: README, SOURCES, expected.json"
    );
    let dicom: Vec<&Value> = files(&report)
        .iter()
        .filter(|f| f["kind"] == "DICOM")
        .collect();
    let not_whole: Vec<String> = dicom
        .iter()
        .filter(|f| !matches!(f["state"].as_str(), Some("ok" | "duplicate")))
        .map(|f| format!("{} {}: {}", f["file"], f["state"], f["reason"]))
        .collect();
    assert_eq!(not_whole.len(), 1, "{not_whole:#?}");
    assert!(
        not_whole[0].contains("truncated") && not_whole[0].len() > 40,
        "{not_whole:?}"
    );
    assert!(dicom.len() > 290, "{} DICOM files", dicom.len());
    let (code, persons) = home.json(&["patients"]);
    assert_eq!(code, Some(0));
    assert!(persons.as_array().unwrap().len() > 5, "several patients");
}

/// Whatever a DICOMDIR says or leaves out, every file of its medium is imported or named (complaint 37).
#[test]
fn c37_a_dicomdir_stands_for_all_files_of_its_medium() {
    let Some(shelf) = shelf("c37_a_dicomdir_stands_for_all_files_of_its_medium") else {
        return;
    };
    let medium = shelf.join("data/dicom_objects/dicomdir");
    let mut beside = 0;
    let mut open = vec![medium.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                beside += 1;
            }
        }
    }
    for directory in ["DICOMDIR", "DICOMDIR-nooffset", "DICOMDIR-empty.dcm"] {
        let home = Home::new();
        let (_, report) = home.json(&["import", medium.join(directory).to_str().unwrap()]);
        assert_eq!(files(&report).len(), beside, "{directory}");
        let of = |state: &str| files(&report).iter().filter(|f| f["state"] == state).count();
        let images = of("ok");
        assert!(images > 25, "{directory}: {images} of {beside}");
        for file in files(&report) {
            let is_directory = file["file"].as_str().unwrap().contains("DICOMDIR");
            if is_directory {
                assert!(file["reason"].as_str().unwrap().contains("DICOMDIR"), "{file}");
            }
        }
    }
}

/// The same folder twice changes nothing.
#[test]
fn i_01_importing_twice_is_importing_once() {
    let Some(shelf) = shelf("i_01_importing_twice_is_importing_once") else {
        return;
    };
    let home = Home::new();
    let folder = shelf.join("data/dicom_series/chest_ct");
    let (_, first) = home.json(&["import", folder.to_str().unwrap()]);
    let (_, second) = home.json(&["import", folder.to_str().unwrap()]);
    assert_eq!(first["instances"], 60);
    assert_eq!(
        (&second["instances"], &second["duplicates"]),
        (&Value::from(0), &Value::from(60))
    );
}

/// Counts of each patient's bundle equal those that other software found (index.csv).
#[test]
fn fhir_bundles_are_read_with_the_counts_of_the_index() {
    let Some(shelf) = shelf("fhir_bundles_are_read_with_the_counts_of_the_index") else {
        return;
    };
    let home = Home::new();
    let folder = shelf.join("data/fhir");
    let (_, report) = home.json(&["import", folder.join("patients").to_str().unwrap()]);
    let index = std::fs::read_to_string(folder.join("index.csv")).unwrap();
    let mut lines = index.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let by_file: BTreeMap<String, &Value> = files(&report)
        .iter()
        .map(|f| {
            (
                Path::new(f["file"].as_str().unwrap())
                    .file_name()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned(),
                f,
            )
        })
        .collect();
    let mut compared = 0;
    for line in lines.filter(|l| l.starts_with("patients/")) {
        // Columns after the first four hold no commas or quotes.
        let cells: Vec<&str> = line
            .rsplit(',')
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let name = line
            .split(',')
            .next()
            .unwrap()
            .trim_start_matches("patients/");
        let Some(file) = by_file.get(name) else {
            panic!("{name} is not in the report")
        };
        assert!(
            matches!(file["state"].as_str(), Some("ok" | "partly")),
            "{file}"
        );
        let offset = cells.len() - names.len();
        for (k, column) in names.iter().enumerate().skip(3) {
            let (Some(ours), Ok(theirs)) = (
                file["counts"].get(*column).and_then(Value::as_u64),
                cells[k + offset].parse::<u64>(),
            ) else {
                continue;
            };
            assert_eq!(ours, theirs, "{name}: {column}");
            compared += 1;
        }
    }
    assert!(compared > 28 * 15, "only {compared} cells were compared");
    let (_, persons) = home.json(&["patients"]);
    assert_eq!(
        persons.as_array().unwrap().len(),
        by_file
            .values()
            .filter(|f| f["counts"]["patients"] == 1)
            .count()
    );
}

/// After an explicit link one view holds the chest CT beside the labs and notes of the linked record; unlinking takes it apart again.
#[test]
fn linked_records_are_one_person_until_unlinked() {
    let Some(shelf) = shelf("linked_records_are_one_person_until_unlinked") else {
        return;
    };
    let home = Home::new();
    let patients = shelf.join("data/fhir/patients");
    let neva = std::fs::read_dir(&patients)
        .unwrap()
        .flatten()
        .find(|e| e.file_name().to_string_lossy().starts_with("Neva_Hyatt"))
        .unwrap()
        .path();
    let ct = shelf.join("data/dicom_series/chest_ct");
    let (_, report) = home.json(&["import", neva.to_str().unwrap(), ct.to_str().unwrap()]);
    assert_eq!(report["instances"], 60);
    let (_, persons) = home.json(&["patients"]);
    let keys: Vec<String> = persons
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["key"].to_string())
        .collect();
    assert_eq!(keys.len(), 2, "two records before the link: {persons}");
    assert_eq!(home.run(&["link", &keys[0], &keys[1]]).code, Some(0));
    let (_, one) = home.json(&["show", &keys[0]]);
    assert_eq!(one["studies"].as_array().unwrap().len(), 1);
    assert_eq!(one["studies"][0]["series"][0]["images"], 60);
    assert!(!one["labs"].as_array().unwrap().is_empty());
    assert!(
        one["name"].as_str().unwrap().starts_with("HYATT"),
        "{}",
        one["name"]
    );
    assert_eq!(home.run(&["unlink", &keys[0], &keys[1]]).code, Some(0));
    let (_, persons) = home.json(&["patients"]);
    assert_eq!(persons.as_array().unwrap().len(), 2);
    assert_eq!(home.run(&["audit", "verify"]).code, Some(0));
}

/// DB-01: killed at random moments of an import, the archive opens and holds every instance that was told as stored.
#[test]
fn db_01_what_an_import_told_as_stored_survives_a_kill() {
    let Some(shelf) = shelf("db_01_what_an_import_told_as_stored_survives_a_kill") else {
        return;
    };
    let cycles: u32 = std::env::var("TRIPTYCH_KILLS")
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(100);
    let folders = ["chest_ct", "mr_coronal", "pet_head_neck"]
        .map(|f| shelf.join("data/dicom_series").join(f));
    let home = Home::new();
    let mut told = std::collections::BTreeSet::new();
    // A fixed sequence of waits: the same kills on every machine, at moments that the machine's speed decides.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for cycle in 0..cycles {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let wait = std::time::Duration::from_millis(5 + (state >> 33) % 400);
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_triptych"))
            .arg("--archive")
            .arg(home.folder.path().join("archive"))
            .arg("--key-file")
            .arg(home.folder.path().join("keys/key"))
            .arg("import")
            .args(&folders[cycle as usize % folders.len()..])
            .env("TRIPTYCH_ACKNOWLEDGE", "1")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let err = child.stderr.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut told = Vec::new();
            let (mut lines, mut line) = (BufReader::new(err), String::new());
            // A line that the kill cut short told nothing.
            while lines.read_line(&mut line).is_ok_and(|n| n > 0) && line.ends_with('\n') {
                told.extend(line.trim_end().strip_prefix("stored ").map(str::to_owned));
                line.clear();
            }
            told
        });
        std::thread::sleep(wait);
        child.kill().unwrap();
        child.wait().unwrap();
        told.extend(reader.join().unwrap());
        // A fresh archive every twenty kills, so that there is always something left to import.
        if cycle % 20 == 19 || cycle + 1 == cycles {
            let check = home.run(&["patients"]);
            assert_eq!(check.code, Some(0), "after kill {cycle}: {}", check.err);
            let lost = missing(&home, &told);
            assert!(
                lost.is_empty(),
                "after kill {cycle}: {} told as stored are gone: {lost:?}",
                lost.len()
            );
            assert_eq!(home.run(&["audit", "verify"]).code, Some(0));
            std::fs::remove_dir_all(home.folder.path().join("archive")).unwrap();
            std::fs::remove_file(home.folder.path().join("keys/key")).unwrap();
            told.clear();
        }
    }
}

/// Files that were told as stored and that a second import does not know as duplicates.
fn missing(home: &Home, told: &std::collections::BTreeSet<String>) -> Vec<String> {
    if told.is_empty() {
        return Vec::new();
    }
    let paths: Vec<&str> = told.iter().map(String::as_str).collect();
    let (_, report) = home.json(&[&["import"], paths.as_slice()].concat());
    files(&report)
        .iter()
        .filter(|f| f["state"] != "duplicate")
        .map(|f| format!("{} {}", f["file"], f["state"]))
        .collect()
}

/// Another patient, or the list, ends the workers of the former patient (WRK-05): not those of an import that runs beside.
#[test]
fn wrk_05_an_import_loses_nothing_while_the_reader_turns_pages() {
    let Some(shelf) = shelf("wrk_05_an_import_loses_nothing_while_the_reader_turns_pages") else {
        return;
    };
    let home = Home::new();
    let settings = Settings {
        archive: home.folder.path().join("archive"),
        key_file: Some(home.folder.path().join("keys/key")),
        worker: Some(env!("CARGO_BIN_EXE_triptych-worker").into()),
    };
    let folder = shelf.join("data/dicom_series/chest_ct");
    let workbench = Workbench::start(settings, vec![Command::Import(vec![folder])]);
    let began = Instant::now();
    let import = loop {
        workbench.send(Command::ShowStart);
        std::thread::sleep(Duration::from_millis(5));
        assert!(began.elapsed() < Duration::from_secs(120), "it ends");
        if let Some(import) = workbench.snapshot().import.clone().filter(|i| i.finished) {
            break import;
        }
    };
    workbench.shutdown();
    assert_eq!((import.stored, import.duplicates), (60, 0));
    let lost: Vec<_> = import
        .refused
        .iter()
        .filter(|r| r.reason.contains("cancelled"))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
}
