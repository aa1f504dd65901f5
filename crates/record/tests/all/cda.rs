//! C-CDA: every count column of `index.csv` over every file, what the documents say, and the broken files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use triptych_record::{CdaCounts, Fact, Intake, read};

use super::counts::{Row, csv};
use super::{RECEIVED, read_file};

/// The folder `data/ccda` of the shelf, or `None` after saying that it is absent.
fn shelf(test: &str) -> Option<PathBuf> {
    let folder = super::shelf(test)?.parent()?.join("ccda");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SHELF ABSENT: {test}");
    None
}

/// A section alone is refused; in a document it can be read.
fn wrapped(path: &Path) -> Vec<u8> {
    let text = std::fs::read_to_string(path).unwrap();
    let section = match text.find("?>") {
        Some(end) if text.starts_with("<?xml") => &text[end + 2..],
        _ => &text,
    };
    format!(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:sdtc=\"urn:hl7-org:sdtc\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <id root=\"1.2.3\" extension=\"wrapped\"/><recordTarget><patientRole><id root=\"1.2.3.4\" extension=\"1\"/><patient><name><family>Test</family></name></patient></patientRole></recordTarget>\
         <component><structuredBody><component>{section}</component></structuredBody></component></ClinicalDocument>"
    )
    .into_bytes()
}

fn read_any(path: &Path) -> Intake {
    let name = path.file_name().unwrap().to_str().unwrap();
    if name.contains("_fragment_") {
        return read(&wrapped(path), RECEIVED).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    read_file(path).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn facts(intake: &Intake) -> &[Fact] {
    &intake.patients[0].facts
}

fn numbers(c: &CdaCounts) -> BTreeMap<&'static str, usize> {
    BTreeMap::from([
        ("sections", c.sections),
        ("sections_with_text", c.sections_with_text),
        ("sections_null", c.sections_null),
        ("entries", c.entries),
        ("result_organizers", c.result_organizers),
        ("result_observations", c.result_observations),
        ("results_numeric", c.results_numeric),
        ("results_interval", c.results_interval),
        ("results_string", c.results_string),
        ("results_coded", c.results_coded),
        ("results_null", c.results_null),
        ("results_reference_range", c.results_reference_range),
        ("results_interpretation", c.results_interpretation),
        ("vital_observations", c.vital_observations),
        ("problem_observations", c.problem_observations),
        ("medications", c.medications),
        ("allergy_observations", c.allergy_observations),
        ("procedures", c.procedures),
        ("notes_sections", c.notes_sections),
        ("embedded_base64_chars", c.embedded_base64_chars),
    ])
}

fn differences(intake: &Intake, row: &Row) -> Vec<String> {
    let counts = &intake.counts.cda;
    let mut ours: BTreeMap<&str, String> =
        numbers(counts).into_iter().map(|(k, n)| (k, n.to_string())).collect();
    let codes: Vec<String> = counts.section_codes.iter().map(|(k, n)| format!("{k}:{n}")).collect();
    ours.insert("section_codes", codes.join(" "));
    let number = |t: &str| if t.is_empty() { "0".to_owned() } else { t.to_owned() };
    ours.into_iter()
        .map(|(column, value)| {
            let told = &row[column];
            let told = if column == "section_codes" { told.clone() } else { number(told) };
            (column, value, told)
        })
        .filter(|(_, value, told)| value != told)
        .map(|(column, value, told)| format!("{column}: {value}, index.csv says {told}"))
        .collect()
}

#[test]
fn import_reads_every_ccda_file_with_the_counts_of_its_index() {
    let Some(folder) = shelf("import_reads_every_ccda_file_with_the_counts_of_its_index") else {
        return;
    };
    let index = csv(&std::fs::read_to_string(folder.join("index.csv")).unwrap());
    let (mut whole, mut fragments, mut refused, mut wrong) = (0, 0, 0, Vec::new());
    for row in &index {
        let path = folder.join(&row["file"]);
        let parse = row["parse"].as_str();
        if row["root"].starts_with("fragment(section") {
            // README, point 8: alone it has no patient, and no declared prefixes.
            assert!(read_file(&path).is_err(), "{path:?}");
            fragments += 1;
        } else if parse == "ok" {
            whole += 1;
            let intake = read_file(&path).unwrap();
            let person = intake.patients[0].identity.clone().unwrap();
            let birth = person.birth_date.map(|b| b.iso_date().replace('-', "")).unwrap_or_default();
            let told: String = row["birth"].chars().take(8).collect();
            if birth != told {
                wrong.push(format!("{path:?}: born {birth}, index.csv says {told}"));
            }
            assert!(row["patient_name"].contains(person.family.split(' ').next().unwrap()));
        } else {
            refused += 1;
            assert!(read_file(&path).is_err(), "{path:?}");
            continue;
        }
        let said = differences(&read_any(&path), row);
        wrong.extend(said.iter().map(|d| format!("{path:?}: {d}")));
    }
    println!("{whole} documents and {fragments} wrapped sections with equal counts, {refused} refused as in index.csv");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((whole, fragments, refused), (21, 12, 6));
}

/// Statements of the source against facts, refused and not understood ones: nothing vanishes.
#[test]
fn ccda_statements_become_facts_or_are_named() {
    let Some(folder) = shelf("ccda_statements_become_facts_or_are_named") else {
        return;
    };
    let mut table = Vec::new();
    for entry in std::fs::read_dir(folder.join("documents")).unwrap() {
        let path = entry.unwrap().path();
        let intake = read_any(&path);
        let count = |kind: &str| {
            let of = |f: &&Fact| format!("{:?}", f.kind) == kind;
            facts(&intake).iter().filter(of).count()
        };
        table.push(format!(
            "{:45} obs {:3} prob {:3} med {:3} all {:2} proc {:2} imm {:2} enc {:2} note {:2} img {} other {:2} | refused {:?} not understood {:?}",
            path.file_name().unwrap().to_str().unwrap(),
            count("Observation"), count("Problem"), count("Medication"), count("Allergy"), count("Procedure"),
            count("Immunization"), count("Encounter"), count("Note"), count("Imaging"), count("Other"),
            intake.quarantined, intake.not_understood,
        ));
        for p in &intake.problems { if std::env::var("SHOW").is_ok() { println!("  {} {}", p.place, p.reason); } }
    }
    table.sort();
    println!("{}", table.join("\n"));
}
