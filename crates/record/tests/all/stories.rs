//! Facts that `stories.md` and `examples/README.md` tell in words.

use triptych_clinical::{CodeSystem, FactKind, Status, Value};
use triptych_record::Fact;

use super::{read_file, shelf};

fn coded<'f>(facts: &'f [Fact], system: &CodeSystem, code: &str) -> Vec<&'f Fact> {
    facts
        .iter()
        .filter(|f| {
            f.codes
                .iter()
                .any(|c| c.system == *system && c.code == code)
        })
        .collect()
}

#[test]
fn the_diabetic_with_kidney_disease_reads_as_told() {
    let Some(folder) = shelf("the_diabetic_with_kidney_disease_reads_as_told") else {
        return;
    };
    let intake =
        read_file(&folder.join("patients/Dirk_Kuhlman_1e503533-b8c2-42cb-a6d5-bbd7d70d07ad.json"))
            .unwrap();
    let person = &intake.patients[0];
    assert_eq!(
        person.identity.as_ref().unwrap().display_name(),
        "KUHLMAN, Dirk"
    );
    let mut creatinine: Vec<(String, String)> = coded(&person.facts, &CodeSystem::Loinc, "38483-4")
        .iter()
        .map(|f| {
            (
                f.effective.unwrap().iso_date(),
                format!("{:.2}", f.quantity().unwrap().value),
            )
        })
        .collect();
    creatinine.sort();
    assert_eq!(creatinine.len(), 9);
    assert!(creatinine.contains(&("2020-04-07".to_owned(), "1.80".to_owned())));
    // Two haemoglobins with one time stamp stay two.
    let hb = coded(&person.facts, &CodeSystem::Loinc, "718-7");
    assert_eq!(
        hb.iter()
            .filter(|f| f.effective.unwrap().iso_date() == "2019-03-05")
            .count(),
        2
    );
    assert!(
        hb.iter().all(|f| f.attrs.contains_key("panel")),
        "a result knows its panel"
    );
    let metformin = coded(&person.facts, &CodeSystem::Atc, "A10BA02");
    assert_eq!(metformin.len(), 1);
    assert_eq!(
        (
            metformin[0].status,
            metformin[0].attrs["strength_mg"].as_str()
        ),
        (Status::Active, "500")
    );
    assert_eq!(
        metformin[0].codes[0].system,
        CodeSystem::RxNorm,
        "the original code stays first"
    );
    // The diastolic value comes first in every panel: the component's code counts, not its place.
    let systolic = coded(&person.facts, &CodeSystem::Loinc, "8480-6");
    assert!(
        systolic
            .iter()
            .any(|f| f.effective.unwrap().iso_date() == "2020-04-07"
                || f.quantity().unwrap().value > 180.0)
    );
    assert_eq!(
        systolic.len(),
        coded(&person.facts, &CodeSystem::Loinc, "8462-4").len()
    );
}

#[test]
fn chemotherapy_is_over_and_three_medicines_are_current() {
    let Some(folder) = shelf("chemotherapy_is_over_and_three_medicines_are_current") else {
        return;
    };
    let intake = read_file(
        &folder.join("patients/Gilbert_Wunsch_ab591293-dc94-4290-a29f-f35522273600.json"),
    )
    .unwrap();
    let medicines: Vec<&Fact> = intake.patients[0]
        .facts
        .iter()
        .filter(|f| f.kind == FactKind::Medication)
        .collect();
    let current: std::collections::BTreeSet<&str> = medicines
        .iter()
        .filter(|f| f.status == Status::Active)
        .map(|f| f.attrs["ingredient"].as_str())
        .collect();
    assert_eq!(medicines.len(), 102);
    assert_eq!(
        current.into_iter().collect::<Vec<_>>(),
        ["alendronic acid", "ferrous sulfate", "sertraline"]
    );
}

#[test]
fn imaging_studies_carry_their_uid_modality_and_region() {
    let Some(folder) = shelf("imaging_studies_carry_their_uid_modality_and_region") else {
        return;
    };
    let intake = read_file(
        &folder.join("patients/Laticia_Dibbert_b23f172c-8c92-4757-87a8-7f64c13639d3.json"),
    )
    .unwrap();
    let studies: Vec<&Fact> = intake.patients[0]
        .facts
        .iter()
        .filter(|f| f.kind == FactKind::Imaging)
        .collect();
    let mut modalities: Vec<&str> = studies
        .iter()
        .map(|f| f.attrs["modality"].as_str())
        .collect();
    modalities.sort_unstable();
    assert_eq!(modalities, ["CR", "DX", "US", "US"]);
    assert!(studies.iter().all(|f| f.attrs.contains_key("region") && f.attrs["study_uid"].starts_with("1.2.840.")));
}

#[test]
fn invented_loinc_codes_are_kept_as_what_they_are() {
    let Some(folder) = shelf("invented_loinc_codes_are_kept_as_what_they_are") else {
        return;
    };
    let intake = read_file(
        &folder.join("patients/Alva958_Dickinson688_742fc10a-c565-f636-3c05-5dcd28672194.json"),
    )
    .unwrap();
    let facts = &intake.patients[0].facts;
    let invented = facts
        .iter()
        .flat_map(|f| &f.codes)
        .filter(|c| matches!(&c.system, CodeSystem::Other(s) if s.contains("not a LOINC code")));
    assert!(invented.count() > 30);
    // Older notes are "superseded" though each is about another visit: all 35 are there and usable.
    let notes: Vec<&Fact> = facts
        .iter()
        .filter(|f| {
            f.kind == FactKind::Note && f.provenance.resource.starts_with("DocumentReference")
        })
        .collect();
    assert_eq!(notes.len(), 35);
    assert!(
        notes
            .iter()
            .all(|n| n.status == Status::Final && n.text.is_some())
    );
    assert_eq!(
        notes
            .iter()
            .filter(|n| n.attrs.contains_key("superseded"))
            .count(),
        34
    );
    let text = notes[0].text.as_ref().unwrap();
    assert!(text.contains("# Chief Complaint\n"), "{text}");
    assert!(text.to_lowercase().contains("no complaints"), "{text}");
}

#[test]
fn results_of_the_examples_keep_range_flag_and_absence() {
    let Some(folder) = shelf("results_of_the_examples_keep_range_flag_and_absence") else {
        return;
    };
    let only = |file: &str| {
        read_file(&folder.join("examples").join(file))
            .unwrap()
            .patients
            .remove(0)
            .facts
    };
    let facts = only("us_core/observation-serum-creatinine.json");
    let range = facts[0].reference.as_ref().unwrap();
    assert!(range.low.is_some() && range.high.is_some() && facts[0].flag.is_some());
    let absent = only("us_core/bp-data-absent.json");
    assert!(
        absent
            .iter()
            .any(|f| matches!(&f.value, Value::Absent(a) if a.reason == "unknown")),
        "{absent:?}"
    );
    let report = only("us_core/DiagnosticReport-chest-xray-report.json");
    let text = report.iter().find_map(|f| f.text.as_ref()).unwrap();
    assert!(!text.contains('<') && text.len() > 100, "{text}");
    let corrected = only("status/valid_data_multiple_targets.fhir");
    assert_eq!(
        corrected
            .iter()
            .filter(|f| f.status == Status::Corrected)
            .count(),
        2
    );
    let error = only("status/sample_CO_20240403.fhir");
    assert_eq!(
        error
            .iter()
            .filter(|f| f.status == Status::EnteredInError)
            .count(),
        4
    );
    // The published example names no subject, which alone would refuse it.
    let decimal =
        std::fs::read_to_string(folder.join("examples/values/observation-decimal.json")).unwrap();
    let subject = decimal.replacen(
        "\"resourceType\"",
        "\"subject\": {\"reference\": \"Patient/x\"}, \"resourceType\"",
        1,
    );
    let decimal = triptych_record::read(subject.as_bytes(), super::RECEIVED)
        .unwrap()
        .patients
        .remove(0)
        .facts;
    let written: Vec<&str> = decimal
        .iter()
        .filter_map(Fact::quantity)
        .map(|q| q.written.as_str())
        .collect();
    assert!(
        written.iter().any(|w| w.contains(['e', 'E']))
            && written
                .iter()
                .any(|w| w.ends_with(".0") || w.ends_with("00")),
        "{written:?}"
    );
}
