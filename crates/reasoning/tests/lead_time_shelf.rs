//! Lead time over the shelf's patients: real documents, every leakage test, and no look-ahead at any index time.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_macros,
    clippy::indexing_slicing,
    reason = "a test says so when the shelf is absent"
)]

mod shelf;

use std::path::PathBuf;

use triptych_clinical::{Fact, Instant, When};
use triptych_reasoning::lead_time::{CohortFile, run};
use triptych_reasoning::{Settings, evaluate_all};

/// Patients of `data/fhir`, as three imports; `None` where the shelf is absent.
fn patients(test: &str) -> Option<shelf::Shelf> {
    let root = std::env::var_os("TRIPTYCH_SHARED").map_or_else(
        || PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../shared"),
        PathBuf::from,
    );
    let folder = root.join("data/fhir");
    if !folder.is_dir() {
        println!("SHELF ABSENT: {test}");
        return None;
    }
    let folders = ["patients", "bulk_ndjson", "bulk_rearranged"].map(|f| folder.join(f));
    Some(shelf::read(&folders))
}

/// 34 records of 32 persons: two patients are on the shelf in both forms.
#[test]
fn the_shelfs_patients_are_evaluated_with_every_leakage_test() {
    let Some(shelf) = patients("the_shelfs_patients_are_evaluated_with_every_leakage_test") else {
        return;
    };
    assert_eq!((shelf.records, shelf.subjects.len()), (34, 32));
    let last = When::parse("2100-01-01").unwrap().instant;
    let file = CohortFile::default();
    let report = run(&shelf.subjects, &file.protocol(last).unwrap()).unwrap();
    assert!(report.leakage.iter().all(|t| t.held && t.tried > 0));
    assert_eq!(report.failed, 0);
    let of = |id: &str| report.conditions.iter().find(|c| c.id == id).unwrap();
    // Four patients carry 44054006 and four 431855005 (counted in the files). The first abnormal result of each diabetes came with its
    // diagnosis and no second one within 30 days, so that R19 fires for none, even where the diagnosis is withheld from it.
    let diabetes = of("type_2_diabetes");
    assert_eq!((diabetes.counts.incident, diabetes.counts.missed), (4, 4));
    assert_eq!(diabetes.withheld.as_ref().map(|w| w.missed), Some(4));
    assert_eq!(of("ckd").counts.incident, 4);
    assert_eq!(of("aki").counts.incident, 0);
    // Nothing on this shelf is frequent enough for a percentage.
    assert!(
        report
            .conditions
            .iter()
            .all(|c| c.sensitivity.percent.is_none())
    );
}

/// Index times of real patients, a few of each: what is said does not change when everything known later is deleted.
#[test]
fn no_rule_of_any_kind_looks_ahead_in_real_records() {
    let Some(shelf) = patients("no_rule_of_any_kind_looks_ahead_in_real_records") else {
        return;
    };
    let mut compared = 0;
    for subject in &shelf.subjects {
        let mut times: Vec<Instant> = subject.facts.iter().map(|f| f.available.instant).collect();
        times.sort_unstable();
        times.dedup();
        for at in times.iter().step_by(times.len() / 12 + 1) {
            let past: Vec<Fact> = subject
                .facts
                .iter()
                .filter(|f| f.available.instant <= *at)
                .cloned()
                .collect();
            let said = |facts: &[Fact]| {
                let e = evaluate_all(facts, &subject.identity, *at, &Settings::default());
                format!(
                    "{:?} {:?} {:?}",
                    e.outcomes, e.reference_changes, e.coverage
                )
            };
            assert_eq!(
                said(&subject.facts),
                said(&past),
                "{} at {at}",
                subject.number
            );
            compared += 1;
        }
    }
    assert!(compared > 250, "{compared}");
}
