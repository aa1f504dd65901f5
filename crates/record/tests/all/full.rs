//! FHIR R4 in full: what every resource of the test data says of status, medicine and condition arrives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use triptych_clinical::{CodeSystem, FactKind, Status};
use triptych_record::{Fact, Intake};

use super::{read_file, shelf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path
            .extension()
            .is_some_and(|e| e == "json" || e == "ndjson" || e == "fhir")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The resources of a file as another parser sees them.
fn resources(path: &Path) -> Vec<Json> {
    fn inner(value: Json, out: &mut Vec<Json>) {
        if value["resourceType"] == "Bundle" {
            for entry in value["entry"].as_array().into_iter().flatten() {
                inner(entry["resource"].clone(), out);
            }
        } else {
            out.push(value);
        }
    }
    let bytes = std::fs::read(path).unwrap();
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let mut out = Vec::new();
    match serde_json::from_slice::<Json>(bytes) {
        Ok(whole) => inner(whole, &mut out),
        Err(_) => {
            for line in bytes.split(|b| *b == b'\n') {
                if let Ok(value) = serde_json::from_slice(line) {
                    inner(value, &mut out);
                }
            }
        }
    }
    out
}

fn codings(concept: &Json) -> Vec<(String, String)> {
    let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
    let list = concept["coding"].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|c| (text(&c["system"]), text(&c["code"])))
        .collect()
}

fn facts(intake: &Intake) -> impl Iterator<Item = &Fact> {
    intake.patients.iter().flat_map(|p| &p.facts)
}

/// Record-and-signals 4.2: one table holds every product code of the test data; any other medicine says that it is not mapped.
#[test]
fn every_medicine_code_of_the_test_data_has_its_substance() {
    const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
    let Some(folder) = shelf("every_medicine_code_of_the_test_data_has_its_substance") else {
        return;
    };
    let mut codes = BTreeSet::new();
    for path in files(&folder) {
        for resource in resources(&path) {
            let kind = resource["resourceType"].as_str().unwrap_or_default();
            let concept = match kind {
                "Medication" => &resource["code"],
                k if k.starts_with("Medication") => &resource["medicationCodeableConcept"],
                _ => continue,
            };
            codes.extend(
                codings(concept)
                    .into_iter()
                    .filter(|(s, _)| s == RXNORM)
                    .map(|(_, c)| c),
            );
        }
    }
    let unknown: Vec<&String> = codes
        .iter()
        .filter(|c| triptych_clinical::medicine(c).is_none())
        .collect();
    println!("{} product codes", codes.len());
    assert!(codes.len() >= 70, "{}", codes.len());
    assert!(unknown.is_empty(), "{unknown:?}");
    for path in files(&folder.join("patients")) {
        let intake = read_file(&path).unwrap();
        let medicines: Vec<&Fact> = facts(&intake)
            .filter(|f| f.kind == FactKind::Medication)
            .collect();
        assert!(
            medicines.iter().all(|f| f.attrs["mapped"] == "yes"
                && f.codes.iter().any(|c| c.system == CodeSystem::Atc)),
            "{path:?}"
        );
    }
}

/// Record-and-signals 4.2: the conditions that rules ask for arrive as problems under their SNOMED code, as often as they stand in the files.
#[test]
fn conditions_that_rules_ask_for_arrive_under_their_snomed_code() {
    const ASKED: [&str; 38] = [
        "709044004",
        "431855005",
        "431856006",
        "433144002",
        "431857002",
        "433146000",
        "44054006",
        "46635009",
        "73211009",
        "49436004",
        "84114007",
        "88805009",
        "38341003",
        "59621000",
        "230690007",
        "266257000",
        "22298006",
        "399957001",
        "53741008",
        "399211009",
        "19943007",
        "265764009",
        "105502003",
        "363346000",
        "363406005",
        "109838007",
        "254637007",
        "424132000",
        "254632001",
        "67811000119102",
        "314994000",
        "38013005",
        "77386006",
        "72892002",
        "127013003",
        "90781000119102",
        "157141000119108",
        "422034002",
    ];
    let Some(folder) = shelf("conditions_that_rules_ask_for_arrive_under_their_snomed_code") else {
        return;
    };
    let (mut told, mut found) = (BTreeMap::new(), BTreeMap::new());
    for part in ["patients", "bulk_ndjson", "bulk_rearranged"] {
        for path in files(&folder.join(part)) {
            for resource in resources(&path)
                .iter()
                .filter(|r| r["resourceType"] == "Condition")
            {
                for (_, code) in codings(&resource["code"]) {
                    *told.entry(code).or_insert(0) += 1;
                }
            }
            let intake = read_file(&path).unwrap();
            for fact in facts(&intake).filter(|f| f.kind == FactKind::Problem) {
                for code in fact.codes.iter().filter(|c| c.system == CodeSystem::Snomed) {
                    *found.entry(code.code.clone()).or_insert(0) += 1;
                }
            }
        }
    }
    let seen: Vec<&&str> = ASKED.iter().filter(|c| told.contains_key(**c)).collect();
    println!("{} of the asked codes occur: {seen:?}", seen.len());
    assert!(seen.len() >= 10, "{seen:?}");
    assert_eq!(told, found);
}

/// `examples/README.md`, the table of `status/`: resources by status, each status kept.
#[test]
fn statuses_of_the_examples_are_kept_one_by_one() {
    let Some(folder) = shelf("statuses_of_the_examples_are_kept_one_by_one") else {
        return;
    };
    let mut wrong = Vec::new();
    for path in files(&folder.join("examples/status")) {
        let intake = read_file(&path).unwrap();
        for (kind, of) in [
            ("Observation", FactKind::Observation),
            ("DiagnosticReport", FactKind::Report),
        ] {
            let mut told: BTreeMap<String, usize> = BTreeMap::new();
            for r in resources(&path)
                .iter()
                .filter(|r| r["resourceType"] == kind && !header_only(r))
            {
                *told
                    .entry(r["status"].as_str().unwrap_or_default().to_owned())
                    .or_default() += 1;
            }
            let mut seen = BTreeSet::new();
            let mut found: BTreeMap<String, usize> = BTreeMap::new();
            for fact in facts(&intake).filter(|f| f.kind == of) {
                let name = fact
                    .attrs
                    .get("resource")
                    .cloned()
                    .unwrap_or(fact.provenance.path.clone());
                let name = name
                    .split(".component")
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                if seen.insert((name, fact.version)) {
                    *found.entry(written(fact.status).to_owned()).or_default() += 1;
                }
            }
            let refused = intake
                .quarantined
                .iter()
                .filter(|q| q.place.contains(kind))
                .count();
            if told != found && refused == 0 {
                wrong.push(format!("{path:?} {kind}: {told:?}, found {found:?}"));
            }
            if refused > 0 {
                println!(
                    "{path:?}: {refused} {kind} refused: {:?}",
                    intake.quarantined[0]
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A panel without a value of its own is kept as the panel of its members.
fn header_only(resource: &Json) -> bool {
    let value = |o: &serde_json::Map<String, Json>| o.keys().any(|k| k.starts_with("value"));
    resource["hasMember"].is_array() && !resource.as_object().is_some_and(value)
}

const fn written(status: Status) -> &'static str {
    match status {
        Status::Final => "final",
        Status::Amended => "amended",
        Status::Corrected => "corrected",
        Status::Appended => "appended",
        Status::Preliminary => "preliminary",
        Status::Registered => "registered",
        Status::Partial => "partial",
        Status::Cancelled => "cancelled",
        Status::EnteredInError => "entered-in-error",
        Status::Unknown => "unknown",
        Status::Active | Status::Completed | Status::Inert => "not of a result",
    }
}

/// Every file of `broken/` has its own expectation in `broken.rs`.
#[test]
fn every_broken_file_has_a_test() {
    let Some(folder) = shelf("every_broken_file_has_a_test") else {
        return;
    };
    let tests = include_str!("broken.rs");
    let without: Vec<PathBuf> = files(&folder.join("broken"))
        .into_iter()
        .filter(|p| !tests.contains(p.file_name().unwrap().to_str().unwrap()))
        .collect();
    assert!(without.is_empty(), "{without:?}");
}
