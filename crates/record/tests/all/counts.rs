//! Every count column of `index.csv`, over every file.

use std::collections::BTreeMap;
use std::path::Path;

use triptych_record::{Counts, Fact};

use super::{read_file, shelf};

/// One row of a CSV file by column name.
pub(super) type Row = BTreeMap<String, String>;

pub(super) fn csv(text: &str) -> Vec<Row> {
    let mut rows = text.lines().map(cells);
    let header = rows.next().unwrap();
    rows.map(|r| header.iter().cloned().zip(r).collect())
        .collect()
}

fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

/// The numeric columns, by their names in `index.csv`.
fn numbers(c: &Counts) -> BTreeMap<&'static str, usize> {
    BTreeMap::from([
        ("resources", c.resources),
        ("observations", c.observations),
        ("obs_numeric", c.obs_numeric),
        ("obs_string", c.obs_string),
        ("obs_coded", c.obs_coded),
        ("obs_other_value", c.obs_other_value),
        ("obs_no_value", c.obs_no_value),
        ("obs_components", c.obs_components),
        ("components", c.components),
        ("components_numeric", c.components_numeric),
        ("obs_reference_range", c.obs_reference_range),
        ("obs_interpretation", c.obs_interpretation),
        ("obs_comparator", c.obs_comparator),
        ("obs_quantity_no_unit", c.obs_quantity_no_unit),
        ("obs_data_absent", c.obs_data_absent),
        ("obs_not_final", c.obs_not_final),
        ("diagnostic_reports", c.diagnostic_reports),
        ("reports_with_text", c.reports_with_text),
        ("document_references", c.document_references),
        ("notes_readable", c.notes_readable),
        ("conditions", c.conditions),
        ("medication_requests", c.medication_requests),
        ("encounters", c.encounters),
        ("procedures", c.procedures),
        ("allergies", c.allergies),
        ("immunizations", c.immunizations),
        ("imaging_studies", c.imaging_studies),
        ("careplans", c.careplans),
    ])
}

fn differences(counts: &Counts, row: &Row) -> Vec<String> {
    let others: Vec<String> = counts
        .other_types
        .iter()
        .map(|(k, n)| format!("{k}:{n}"))
        .collect();
    let mut ours: BTreeMap<&str, String> = numbers(counts)
        .into_iter()
        .map(|(k, n)| (k, n.to_string()))
        .collect();
    ours.insert("obs_codes", counts.obs_codes.len().to_string());
    ours.insert("obs_first", counts.obs_first.clone().unwrap_or_default());
    ours.insert("obs_last", counts.obs_last.clone().unwrap_or_default());
    ours.insert("other_types", others.join(" "));
    ours.into_iter()
        .filter(|(column, value)| row[*column] != *value)
        .map(|(column, value)| format!("{column}: {value}, index.csv says {}", row[column]))
        .collect()
}

#[test]
fn import_reads_every_file_with_the_counts_of_its_index() {
    let Some(folder) = shelf("import_reads_every_file_with_the_counts_of_its_index") else {
        return;
    };
    let index = csv(&std::fs::read_to_string(folder.join("index.csv")).unwrap());
    let (mut compared, mut refused, mut wrong) = (0, 0, Vec::new());
    for row in index.iter().filter(|r| !r["file"].contains('*')) {
        let file = &row["file"];
        match (read_file(&folder.join(file)), row["parse"].as_str()) {
            (Ok(intake), "ok") => {
                compared += 1;
                let patients: Vec<&str> = intake
                    .patients
                    .iter()
                    .filter(|p| p.identity.is_some())
                    .map(|p| p.source_id.trim_start_matches("Patient/"))
                    .collect();
                let mut shown = patients
                    .iter()
                    .take(4)
                    .copied()
                    .collect::<Vec<_>>()
                    .join(" ");
                if patients.len() > 4 {
                    shown += &format!(" +{}", patients.len() - 4);
                }
                if shown != row["patient"] {
                    wrong.push(format!(
                        "{file}: patients {shown}, index.csv says {}",
                        row["patient"]
                    ));
                }
                wrong.extend(
                    differences(&intake.counts, row)
                        .iter()
                        .map(|d| format!("{file}: {d}")),
                );
            }
            (Err(_), parse) if parse != "ok" => refused += 1,
            (Ok(_), parse) => wrong.push(format!("{file}: read, index.csv says {parse}")),
            (Err(error), _) => wrong.push(format!("{file}: {error}")),
        }
    }
    println!("{compared} files with equal counts, {refused} refused as in index.csv");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((compared, refused), (109, 20));
}

/// Bulk exports hold one resource type a file: facts find their patient over the source's own reference.
#[test]
fn bulk_files_count_per_patient_as_their_index() {
    let Some(folder) = shelf("bulk_files_count_per_patient_as_their_index") else {
        return;
    };
    let index = csv(&std::fs::read_to_string(folder.join("index.csv")).unwrap());
    for name in [
        "bulk_ndjson",
        "bulk_rearranged",
        "examples/notes_ndjson",
        "broken/made_by_us",
    ] {
        let (people, all) = counts_of_folder(&folder.join(name));
        let rows: Vec<&Row> = index
            .iter()
            .filter(|r| r["file"] == format!("{name}/*.ndjson"))
            .collect();
        assert!(!rows.is_empty());
        let mut named: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows {
            if row["patient"] == "(no patient)" {
                for (column, total) in numbers(&all) {
                    let loose = total - named.get(column).copied().unwrap_or(0);
                    assert_eq!(
                        loose.to_string(),
                        row[column],
                        "{name}: {column} without patient"
                    );
                }
            } else {
                let counts = &people[&row["patient"]];
                assert_eq!(
                    differences(counts, row),
                    Vec::<String>::new(),
                    "{name} {}",
                    row["patient"]
                );
                for (column, n) in numbers(counts) {
                    *named.entry(column).or_default() += n;
                }
            }
        }
    }
}

fn counts_of_folder(folder: &Path) -> (BTreeMap<String, Counts>, Counts) {
    let mut people: BTreeMap<String, Counts> = BTreeMap::new();
    let mut all = Counts::default();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    for file in files
        .iter()
        .filter(|f| f.extension().is_some_and(|e| e == "ndjson"))
    {
        let intake = read_file(file).unwrap();
        all.merge(&intake.counts);
        for person in &intake.patients {
            let id = person.source_id.trim_start_matches("Patient/").to_owned();
            people.entry(id).or_default().merge(&person.counts);
        }
    }
    (people, all)
}

/// What is counted is also there as facts: nothing numeric is lost between the file and the facts of the 28 patients.
#[test]
fn every_number_of_the_patients_becomes_a_fact() {
    let Some(folder) = shelf("every_number_of_the_patients_becomes_a_fact") else {
        return;
    };
    let (mut numeric, mut components, mut notes, mut medicines) = (0, 0, 0, 0);
    for entry in std::fs::read_dir(folder.join("patients")).unwrap() {
        let intake = read_file(&entry.unwrap().path()).unwrap();
        assert_eq!(intake.quarantined, Vec::new());
        assert_eq!(intake.patients.len(), 1);
        let facts = &intake.patients[0].facts;
        let is_component = |f: &&Fact| f.attrs.contains_key("component_of");
        let with_number = facts.iter().filter(|f| f.quantity().is_some());
        assert_eq!(
            with_number.clone().filter(|f| !is_component(f)).count(),
            intake.counts.obs_numeric
        );
        assert_eq!(
            with_number.clone().filter(is_component).count(),
            intake.counts.components_numeric
        );
        numeric += with_number.clone().filter(|f| !is_component(f)).count();
        components += with_number.filter(is_component).count();
        notes += facts.iter().filter(|f| f.text.is_some()).count();
        medicines += facts
            .iter()
            .filter(|f| f.attrs.contains_key("mapped"))
            .count();
        let unmapped: Vec<&str> = facts
            .iter()
            .filter(|f| f.attrs.get("mapped").is_some_and(|m| m == "no"))
            .map(|f| f.display.as_str())
            .collect();
        assert_eq!(unmapped, Vec::<&str>::new());
        let ids: std::collections::BTreeSet<_> = facts.iter().map(|f| f.id).collect();
        assert_eq!(ids.len(), facts.len(), "each fact has its own id");
    }
    // README of the data: 4 837 numeric values, 533 components (all numeric but the coded answers of PRAPARE), 97 notes and 97 reports with text.
    assert_eq!((numeric, notes, medicines), (4837, 194, 411));
    assert!((528..=533).contains(&components), "{components}");
}

/// The same people as bundles and as bulk files are the same facts: importing both doubles nothing.
#[test]
fn bundles_and_bulk_files_of_one_person_name_the_same_facts() {
    let Some(folder) = shelf("bundles_and_bulk_files_of_one_person_name_the_same_facts") else {
        return;
    };
    let mut bulk: BTreeMap<String, Vec<triptych_record::PatientRecord>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder.join("bulk_rearranged")).unwrap() {
        for person in read_file(&entry.unwrap().path()).unwrap().patients {
            bulk.entry(person.source_id.clone())
                .or_default()
                .push(person);
        }
    }
    let files = [
        "Lavelle_Kuvalis_9f0fb46c-c9f5-4c50-a983-9f87bf591ce9",
        "Loma_Johns_0f30cacb-3348-4baf-8946-cd2175a750b3",
    ];
    for file in files {
        let bundle = read_file(&folder.join(format!("patients/{file}.json"))).unwrap();
        let person = &bundle.patients[0];
        let parts = bulk.get_mut(&person.source_id).unwrap();
        let identity = parts.iter().find_map(|p| p.identity.clone()).unwrap();
        assert_eq!(Some(&identity), person.identity.as_ref());
        let mut from_bulk = std::collections::BTreeSet::new();
        for part in parts {
            part.bind(&identity);
            from_bulk.extend(part.facts.iter().map(|f| f.id));
        }
        let from_bundle: std::collections::BTreeSet<_> =
            person.facts.iter().map(|f| f.id).collect();
        assert_eq!(from_bulk, from_bundle);
    }
}

/// I-tests: the bytes that a fact points to are the resource it came from.
#[test]
fn every_span_holds_the_resource_of_its_fact() {
    let Some(folder) = shelf("every_span_holds_the_resource_of_its_fact") else {
        return;
    };
    for file in [
        "patients/Tony_Beer_bb8cd3e5-8910-4eea-bbc6-3f64a4a655b8.json",
        "bulk_rearranged/Observation.000.ndjson",
        "broken/made_by_us/09_utf8_bom.json",
        "examples/us_core/blood-pressure.json",
    ] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let intake = triptych_record::read(&bytes, super::RECEIVED).unwrap();
        let mut seen = 0;
        for fact in intake.patients.iter().flat_map(|p| &p.facts) {
            let span = fact.provenance.span.unwrap();
            let part =
                &bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()];
            let json: serde_json::Value = serde_json::from_slice(part)
                .unwrap_or_else(|e| panic!("{file} {}: {e}", fact.provenance.path));
            if !fact.provenance.path.contains("component") && json.get("id").is_some() {
                let id = json["id"].as_str().unwrap();
                assert!(fact.provenance.resource.ends_with(id));
            }
            seen += 1;
        }
        assert!(seen > 0, "{file}");
    }
}
