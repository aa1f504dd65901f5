//! `evaluate lead-time` over an archive of the shelf's patients.

use crate::support::{Home, shelf};

/// The report is written with every leakage test; the same cohort gives the same report; a protocol that was changed gives none and exit 4.
#[test]
fn lead_time_over_the_archive_is_written_or_refused() {
    let Some(shelf) = shelf("lead_time_over_the_archive_is_written_or_refused") else {
        return;
    };
    let home = Home::new();
    let fhir = shelf.join("data/fhir");
    for folder in ["patients", "bulk_ndjson", "bulk_rearranged"] {
        home.run(&["import", fhir.join(folder).to_str().unwrap()]);
    }
    let out = home.folder.path().join("report");
    let out = out.to_str().unwrap();
    let arguments = [
        "evaluate",
        "lead-time",
        "--rules",
        "R3,R16,R19",
        "--out",
        out,
    ];
    let (code, report) = home.json(&arguments);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report["manifest"]["patients"], 32);
    let leakage = report["leakage"].as_array().unwrap();
    assert_eq!(leakage.len(), 8);
    assert!(leakage.iter().all(|t| t["held"] == true), "{leakage:?}");
    let conditions = report["conditions"].as_array().unwrap();
    let diabetes = conditions
        .iter()
        .find(|c| c["id"] == "type_2_diabetes")
        .unwrap();
    assert_eq!(diabetes["counts"]["incident"], 4);
    let read = |name: &str| std::fs::read_to_string(format!("{out}/{name}"));
    for name in [
        "summary.json",
        "per_patient.csv",
        "report.html",
        "manifest.json",
        "lead-time.svg",
    ] {
        assert!(read(name).unwrap().len() > 300, "{name}");
    }
    assert!(!read("report.html").unwrap().contains("<script"));
    let manifest: serde_json::Value =
        serde_json::from_str(&read("manifest.json").unwrap()).unwrap();
    let (_, again) = home.json(&arguments);
    assert_eq!(again["manifest"]["data_hash"], manifest["data_hash"]);

    let cohort = home.folder.path().join("cohort.toml");
    std::fs::write(&cohort, "rules_hash = \"0000\"\n").unwrap();
    let refused = home.folder.path().join("refused");
    let ran = home.run(&[
        "evaluate",
        "lead-time",
        "--cohort",
        cohort.to_str().unwrap(),
        "--out",
        refused.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    assert!(ran.err.contains("L-7 DID NOT HOLD"), "{}", ran.err);
    assert!(!refused.exists());
}
