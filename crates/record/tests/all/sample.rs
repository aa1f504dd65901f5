//! The sample patient that `cargo xtask sample` writes tells the story that the demonstration needs.

use triptych_clinical::{CodeSystem, FactKind, Status, StudyUid};
use triptych_reasoning::notes;
use triptych_record::{Fact, Intake};

#[path = "../../../../xtask/src/sample/record/mod.rs"]
mod record;

fn intake(seed: u64) -> Intake {
    let bytes = serde_json::to_vec(&record::bundle(seed)).unwrap();
    triptych_record::read(&bytes, super::RECEIVED).unwrap()
}

fn lab<'f>(facts: &'f [Fact], loinc: &str) -> Vec<(&'f Fact, f64)> {
    let mut found: Vec<(&Fact, f64)> = facts
        .iter()
        .filter(|f| {
            f.codes
                .iter()
                .any(|c| c.system == CodeSystem::Loinc && c.code == loinc)
        })
        .filter_map(|f| Some((f, f.quantity()?.value)))
        .collect();
    found.sort_by_key(|(f, _)| f.effective);
    found
}

#[test]
fn the_sample_is_read_without_a_single_problem() {
    let intake = intake(1);
    assert_eq!((&intake.problems, &intake.quarantined), (&vec![], &vec![]));
    assert!(
        intake.not_understood.is_empty(),
        "{:?}",
        intake.not_understood
    );
    assert_eq!(intake.patients.len(), 1);
    let person = &intake.patients[0];
    let identity = person.identity.as_ref().unwrap();
    assert!(identity.synthetic);
    assert_eq!(identity.display_name(), "SAMPLE-SYNTHETIC, Martha");
    let key = &identity.identifiers[0];
    assert_eq!(
        (key.issuer.as_str(), key.value.as_str()),
        ("urn:triptych:sample", "SAMPLE-0001")
    );
    // Every LOINC code has its check digit, every medicine its ATC code, and nothing is known before it happened or after it is read.
    assert!(
        person
            .facts
            .iter()
            .flat_map(|f| &f.codes)
            .all(|c| !matches!(c.system, CodeSystem::Other(_)))
    );
    assert!(
        person
            .facts
            .iter()
            .all(|f| f.attrs.get("mapped").is_none_or(|m| m == "yes"))
    );
    assert!(
        person
            .facts
            .iter()
            .all(|f| f.available.instant < super::RECEIVED && !f.attrs.contains_key("available")),
        "available"
    );
    assert!(person.facts.len() > 500, "{}", person.facts.len());
    let labs = person
        .facts
        .iter()
        .filter(|f| f.category.iter().any(|c| c == "laboratory"));
    assert!(
        labs.clone()
            .all(|f| f.reference.is_some() && f.flag.is_some() && f.attrs.contains_key("panel"))
    );
}

/// R2, R15: the newest creatinine is within 7 days of the index time and 1.5 times the median of the year before.
#[test]
fn r02_the_sample_has_an_acute_kidney_injury_and_r15_is_on_metformin() {
    let intake = intake(1);
    let facts = &intake.patients[0].facts;
    let creatinine = lab(facts, "2160-0");
    let (newest, value) = creatinine.last().unwrap();
    assert_eq!(
        (newest.effective.unwrap().iso_date().as_str(), *value),
        ("2026-11-01", 2.04)
    );
    let year: Vec<f64> = creatinine
        .iter()
        .filter(|(f, _)| {
            let days = newest
                .effective
                .unwrap()
                .instant
                .days_since(f.effective.unwrap().instant);
            days > 7.0 && days <= 365.0
        })
        .map(|(_, v)| *v)
        .collect();
    // Median of 1.21, 1.24, 1.27 is 1.24; 2.04 / 1.24 = 1.65.
    assert_eq!(year, [1.21, 1.24, 1.27]);
    let metformin: Vec<&Fact> = facts
        .iter()
        .filter(|f| {
            f.status == Status::Active
                && f.codes
                    .iter()
                    .any(|c| c.system == CodeSystem::Atc && c.code == "A10BA02")
        })
        .collect();
    assert_eq!(metformin.len(), 1);
    assert_eq!(metformin[0].attrs["dose_mg_day"], "2000");
}

/// R3: eGFR below 60 for more than 90 days before the injury; R16: ferritin below 15 with anaemia; R20: HbA1c above target and rising.
#[test]
fn r16_the_sample_has_iron_deficiency_r03_kidney_disease_and_r20_a_rising_hba1c() {
    let intake = intake(1);
    let facts = &intake.patients[0].facts;
    assert_eq!(
        lab(facts, "2276-4")
            .iter()
            .map(|(_, v)| *v)
            .collect::<Vec<_>>(),
        [58.0, 34.0, 22.0, 13.0, 9.0]
    );
    assert!(
        lab(facts, "718-7").last().unwrap().1 < 12.0
            && lab(facts, "787-2").last().unwrap().1 < 80.0
    );
    assert_eq!(lab(facts, "9318-7").last().unwrap().1, 84.0);
    let egfr: Vec<(String, f64)> = lab(facts, "98979-8")
        .iter()
        .map(|(f, v)| (f.effective.unwrap().iso_date(), *v))
        .collect();
    let below: Vec<&String> = egfr
        .iter()
        .filter(|(_, v)| *v < 60.0)
        .map(|(d, _)| d)
        .collect();
    assert_eq!(
        below.first().map(|d| d.as_str()),
        Some("2023-09-19"),
        "{egfr:?}"
    );
    let hba1c: Vec<f64> = lab(facts, "4548-4").iter().map(|(_, v)| *v).collect();
    assert_eq!(hba1c.last(), Some(&8.1));
    let target = facts
        .iter()
        .find(|f| {
            f.codes
                .iter()
                .any(|c| c.system == CodeSystem::Tri && c.code == "hba1c_target")
        })
        .unwrap();
    assert_eq!(target.quantity().unwrap().value, 7.5);
}

#[test]
fn the_sample_names_its_images_and_its_notes_have_sections() {
    let intake = intake(1);
    let facts = &intake.patients[0].facts;
    let mut studies: Vec<&str> = facts
        .iter()
        .filter(|f| f.kind == FactKind::Imaging)
        .map(|f| f.attrs["study_uid"].as_str())
        .collect();
    studies.sort_unstable();
    assert_eq!(
        studies,
        [
            record::CT_1_STUDY_UID,
            record::CT_2_STUDY_UID,
            record::DX_STUDY_UID
        ]
    );
    assert!(studies.iter().all(|uid| StudyUid::new(uid).is_ok()));
    let texts: Vec<&Fact> = facts.iter().filter(|f| f.text.is_some()).collect();
    assert_eq!(texts.len(), 14);
    for note in texts {
        let sections = notes::sections(note.text.as_ref().unwrap());
        assert!(
            sections.iter().any(|s| !matches!(
                s.kind,
                notes::SectionKind::Preamble | notes::SectionKind::Other
            )),
            "{}",
            note.display
        );
    }
}

#[test]
fn the_same_seed_makes_the_same_sample() {
    assert_eq!(record::bundle(7), record::bundle(7));
    assert_ne!(record::bundle(7), record::bundle(8));
}
