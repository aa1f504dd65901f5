//! C-CDA: every count column of `index.csv` over every file, what the documents say, and the broken files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use triptych_clinical::{FactId, FactKind, Status, Value};
use triptych_record::{CdaCounts, Fact, Intake, read};

use super::counts::{Row, csv};
use super::{RECEIVED, read_file};

/// The folder `data/ccda` of the shelf, or `None` after saying that it is absent.
pub(super) fn shelf(test: &str) -> Option<PathBuf> {
    let folder = super::shelf(test)?.parent()?.join("ccda");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SHELF ABSENT: {test}");
    None
}

/// A section alone is refused; in a document it can be read.
pub(super) fn wrapped(path: &Path) -> Vec<u8> {
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

pub(super) fn facts(intake: &Intake) -> &[Fact] {
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
    let mut ours: BTreeMap<&str, String> = numbers(counts)
        .into_iter()
        .map(|(k, n)| (k, n.to_string()))
        .collect();
    let codes: Vec<String> = counts
        .section_codes
        .iter()
        .map(|(k, n)| format!("{k}:{n}"))
        .collect();
    ours.insert("section_codes", codes.join(" "));
    let number = |t: &str| {
        if t.is_empty() {
            "0".to_owned()
        } else {
            t.to_owned()
        }
    };
    ours.into_iter()
        .map(|(column, value)| {
            let told = &row[column];
            let told = if column == "section_codes" {
                told.clone()
            } else {
                number(told)
            };
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
            let birth = person
                .birth_date
                .map(|b| b.iso_date().replace('-', ""))
                .unwrap_or_default();
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
    println!(
        "{whole} documents and {fragments} wrapped sections with equal counts, {refused} refused as in index.csv"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((whole, fragments, refused), (21, 12, 6));
}

/// Statements of the index against facts and refused ones, over all documents: nothing vanishes.
#[test]
fn ccda_statements_become_facts_or_are_named() {
    let Some(folder) = shelf("ccda_statements_become_facts_or_are_named") else {
        return;
    };
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder.join("documents")).unwrap() {
        let path = entry.unwrap().path();
        let intake = read_any(&path);
        let counts = &intake.counts.cda;
        let of = |kind: FactKind| facts(&intake).iter().filter(|f| f.kind == kind).count();
        let said = |word: &str| {
            intake
                .problems
                .iter()
                .filter(|p| p.reason.contains(word))
                .count()
        };
        let named = intake.quarantined.len() + said("counted once");
        let bounds = [
            (
                "observations",
                of(FactKind::Observation),
                counts.result_observations + counts.vital_observations,
            ),
            (
                "problems",
                of(FactKind::Problem),
                counts.problem_observations,
            ),
            ("medicines", of(FactKind::Medication), counts.medications),
            (
                "allergies",
                of(FactKind::Allergy),
                counts.allergy_observations,
            ),
            // A planned procedure is a plan.
            (
                "procedures",
                of(FactKind::Procedure) + of(FactKind::Other),
                counts.procedures,
            ),
            ("notes", of(FactKind::Note), counts.sections_with_text),
        ];
        for (what, made, source) in bounds {
            if made + named < source {
                wrong.push(format!(
                    "{path:?}: {made} {what} of {source}, {named} refused or repeated"
                ));
            }
        }
        for fact in facts(&intake) {
            assert!(
                fact.provenance.path.starts_with("/ClinicalDocument/"),
                "{path:?}"
            );
            assert!(fact.provenance.span.is_some(), "{path:?}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

pub(super) fn documents(test: &str) -> Option<PathBuf> {
    Some(shelf(test)?.join("documents"))
}

fn one<'f>(intake: &'f Intake, code: &str) -> &'f Fact {
    let coded =
        |f: &&Fact| f.kind == FactKind::Observation && f.codes.iter().any(|c| c.code == code);
    facts(intake)
        .iter()
        .find(coded)
        .unwrap_or_else(|| panic!("{code}"))
}

fn shown(fact: &Fact) -> String {
    match &fact.value {
        Value::Quantity(q) => format!(
            "{}{} {}",
            q.comparator.map_or("", triptych_clinical::Comparator::sign),
            q.written,
            q.unit.as_deref().or(q.unit_text.as_deref()).unwrap_or("?")
        ),
        other => format!("{other:?}"),
    }
}

/// README: the one trap of each section.
#[test]
fn par_11_intervals_units_and_unknowns_of_ccda_results_read_as_told() {
    let Some(folder) =
        documents("par_11_intervals_units_and_unknowns_of_ccda_results_read_as_told")
    else {
        return;
    };
    let read = |name: &str| read_any(&folder.join(format!("HL7_fragment_{name}.xml")));
    let less = read("less_than");
    let bnp = one(&less, "42637-9");
    assert_eq!(shown(bnp), "\u{2264}5 pg/mL");
    assert_eq!(bnp.flag.as_deref(), Some("N"));
    let range = bnp.reference.clone().unwrap();
    assert_eq!((range.low, range.high), (Some(0.0), Some(100.0)));
    assert_eq!(
        bnp.attrs["narrative"],
        "Natriuretic Peptide B [Mass/Volume] In Blood"
    );
    assert_eq!(bnp.effective.unwrap().to_string(), "2013-10-20 09:08");
    assert_eq!(bnp.effective.unwrap().offset_minutes, -300);
    assert_eq!(shown(one(&read("greater_than"), "32016-8")), ">500 mg/dL");
    let odd = read("non_UCUM_unit");
    let platelets = facts(&odd)
        .iter()
        .find(|f| f.kind == FactKind::Observation)
        .unwrap();
    assert_eq!(shown(platelets), "152 THOUS/MCL");
    let quantity = platelets.quantity().unwrap();
    assert_eq!(quantity.unit, None, "no rule reads a unit that is not UCUM");
    let text = read("non_numeric_quantity");
    assert_eq!(
        one(&text, "13457-7").value,
        Value::Text("Unable to calculate".to_owned())
    );
    let pending = read("pending_component");
    let pending = facts(&pending)
        .iter()
        .find(|f| f.kind == FactKind::Observation)
        .unwrap();
    assert_eq!(pending.status, Status::Preliminary);
    assert!(
        matches!(&pending.value, Value::Absent(a) if a.reason == "NA"),
        "{:?}",
        pending.value
    );
    let ranges = read("multiple_reference_ranges");
    let text = one(&ranges, "5048-4")
        .reference
        .clone()
        .unwrap()
        .text
        .unwrap();
    assert_eq!(text.matches("1:80").count(), 3, "{text}");
    let vitals = read("Vitals_mixed_units");
    let units: std::collections::BTreeSet<triptych_clinical::SmolStr> = facts(&vitals)
        .iter()
        .filter_map(|f| f.quantity()?.unit.clone())
        .collect();
    assert!(
        ["[degF]", "[in_us]", "[lb_av]", "mm[Hg]"]
            .iter()
            .all(|u| units.contains(*u)),
        "{units:?}"
    );
}

/// README: Partners_LMR1TEST, 43 results of a kidney disease patient.
#[test]
fn r01_the_kidney_patient_of_the_ccda_documents_reads_as_told() {
    let Some(folder) = documents("r01_the_kidney_patient_of_the_ccda_documents_reads_as_told")
    else {
        return;
    };
    let intake = read_any(&folder.join("Partners_LMR1TEST.xml"));
    let person = intake.patients[0].identity.clone().unwrap();
    assert_eq!(person.display_name(), "BWHCKDRISKTEST, ONETEST");
    assert_eq!(person.birth_date.unwrap().iso_date(), "1944-01-01");
    assert_eq!(person.identifiers[0].issuer, "urn:oid:1.3.6.1.4.1.16517.1");
    let mut creatinine: Vec<(String, String)> = facts(&intake)
        .iter()
        .filter(|f| f.codes.iter().any(|c| c.code == "2160-0"))
        .map(|f| {
            (
                f.effective.unwrap().iso_date(),
                f.quantity().unwrap().written.to_string(),
            )
        })
        .collect();
    creatinine.sort();
    assert!(
        creatinine.contains(&("2014-01-30".to_owned(), "1.01".to_owned())),
        "{creatinine:?}"
    );
    assert!(
        creatinine
            .iter()
            .any(|(day, v)| day == "2014-02-10" && v.starts_with("1.9")),
        "{creatinine:?}"
    );
    let results = facts(&intake)
        .iter()
        .filter(|f| f.category == ["laboratory"])
        .count();
    assert_eq!(results, 43);
    // What points into the signed text leads to it.
    for fact in facts(&intake)
        .iter()
        .filter(|f| f.attrs.contains_key("narrative_at"))
    {
        let (start, end) = fact.attrs["narrative_at"].split_once('-').unwrap();
        let place = start.parse().unwrap()..end.parse().unwrap();
        let note = facts(&intake)
            .iter()
            .find(|n| n.kind == FactKind::Note && n.provenance.path == fact.attrs["narrative_in"])
            .unwrap();
        assert_eq!(
            note.text
                .as_deref()
                .unwrap()
                .get::<std::ops::Range<usize>>(place)
                .unwrap(),
            fact.attrs["narrative"]
        );
    }
}

#[test]
fn bodies_that_are_files_are_named_and_never_fetched() {
    let Some(folder) = documents("bodies_that_are_files_are_named_and_never_fetched") else {
        return;
    };
    let intake = read_any(&folder.join("HL7_Unstructured_reference.xml"));
    let note = facts(&intake).iter().find(|f| f.kind == FactKind::Note);
    assert!(note.unwrap().attrs["not_shown"].contains("never fetched"));
    let rtf = read_any(&folder.join("HL7_fragment_RTF_note.xml"));
    let note = facts(&rtf).iter().find(|f| f.category == ["note"]).unwrap();
    assert_eq!(note.attrs["not_shown"], "RTF: open it outside");
    assert!(
        note.text
            .as_deref()
            .unwrap()
            .contains("Nursing Note written by Nick Nurse")
    );
}

/// README, points 2 to 5: explicit unknowns, style sheets, names, and the child without any narrative.
#[test]
fn surprises_of_the_ccda_documents_are_met() {
    let Some(folder) = documents("surprises_of_the_ccda_documents_are_met") else {
        return;
    };
    let child = read_any(&folder.join("Kinsights_timmy_paediatric.xml"));
    let statements = facts(&child).iter().filter(|f| f.kind != FactKind::Note);
    assert!(statements.clone().count() >= 71);
    assert!(
        statements
            .clone()
            .all(|f| f.attrs["only_in_entry"] == "yes")
    );
    let ccd = read_any(&folder.join("HL7_CCD_2.xml"));
    let allergy = facts(&ccd)
        .iter()
        .find(|f| f.kind == FactKind::Allergy)
        .unwrap();
    assert_eq!(
        (
            allergy.status,
            allergy.attrs.get("negated").map(String::as_str)
        ),
        (Status::Inert, Some("yes")),
        "no known allergies"
    );
    let toc = read_any(&folder.join("ToC_CCD_CompGuideSample.xml"));
    let refused = facts(&toc)
        .iter()
        .find(|f| f.attrs.contains_key("not_done"))
        .unwrap();
    assert_eq!(
        (refused.kind, refused.status),
        (FactKind::Immunization, Status::Inert)
    );
    let lisinopril = facts(&toc)
        .iter()
        .find(|f| f.codes.iter().any(|c| c.code == "314077"))
        .unwrap();
    assert_eq!(lisinopril.attrs["dose_mg_day"], "20");
    assert!(lisinopril.codes.iter().any(|c| c.code == "C09AA03"));
    assert_eq!(lisinopril.end.unwrap().iso_date(), "2012-12-31");
    let smokers = ["HL7_CCD_2.xml", "Greenway_26775_ExportSummary.xml"];
    for name in smokers {
        let intake = read_any(&folder.join(name));
        assert!(
            matches!(one(&intake, "72166-2").value, Value::Coded(_)),
            "{name}"
        );
    }
}

/// README, point 6, and intake test of idempotence: the same file gives the same facts, and a result keeps its name in another document.
#[test]
fn a_result_has_one_name_in_all_documents_of_its_patient() {
    let Some(folder) = documents("a_result_has_one_name_in_all_documents_of_its_patient") else {
        return;
    };
    let bytes = std::fs::read(folder.join("Partners_LMR1TEST.xml")).unwrap();
    let first = read(&bytes, RECEIVED).unwrap();
    assert_eq!(first, read(&bytes, RECEIVED).unwrap());
    let other = String::from_utf8(bytes)
        .unwrap()
        .replace("A976582C-940F-11E3-8D0E-1CC4B7D83400", "ANOTHER-DOCUMENT");
    let other = read(other.as_bytes(), RECEIVED).unwrap();
    let ids = |i: &Intake| -> Vec<FactId> {
        facts(i)
            .iter()
            .filter(|f| f.category == ["laboratory"])
            .map(|f| f.id)
            .collect()
    };
    assert_eq!(ids(&first), ids(&other));
    let notes = |i: &Intake| -> Vec<FactId> {
        facts(i)
            .iter()
            .filter(|f| f.kind == FactKind::Note)
            .map(|f| f.id)
            .collect()
    };
    assert!(
        notes(&first)
            .iter()
            .zip(notes(&other))
            .all(|(a, b)| *a != b)
    );
}
