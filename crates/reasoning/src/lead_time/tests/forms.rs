//! The files of a report.

use super::{hba1c, problem, report, subject, visit};
use crate::lead_time::Report;

fn one() -> Report {
    let facts = vec![
        visit(0),
        hba1c(7.1, 470),
        hba1c(7.3, 500),
        problem("E11.9", 700),
        visit(4000),
    ];
    let mut life = subject(7, facts);
    life.identity.family = "Rumpelstilzchen".to_owned();
    life.facts[0]
        .attrs
        .insert("performer".to_owned(), "Klinik <script>".to_owned());
    report(&["R19"], &[life])
}

#[test]
fn the_page_has_no_script_and_nothing_from_the_network() {
    let page = one().files().report_html;
    for forbidden in [
        "<script", "src=", "href=", "@import", "url(", "<link", "<img", "onload",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    // The only addresses are names of XML vocabularies.
    let addresses = page.matches("http").count();
    assert_eq!(
        addresses,
        page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count() + 1,
        "and http-equiv"
    );
    assert!(page.contains("not evidence of benefit"));
}

#[test]
fn no_name_and_no_date_of_a_patient_is_written() {
    let files = one().files();
    for (name, text) in files.named() {
        assert!(!text.contains("Rumpelstilzchen"), "{name}");
        assert!(!text.contains("1950-06"), "{name}");
        // Day 700.
        assert!(!text.contains("2011-12-02"), "{name}");
    }
    let row = files.per_patient_csv.lines().nth(1).unwrap().to_owned();
    assert!(
        row.starts_with("7,type_2_diabetes,at_risk,diagnosis,335.00,"),
        "{row}"
    );
    assert!(row.contains(",early,200.00,false,"), "{row}");
    let columns = |line: &str| line.split(',').count();
    assert!(files.per_patient_csv.lines().all(|l| columns(l) == 16));
}

#[test]
fn the_summary_and_manifest_are_json_and_say_their_hashes() {
    let r = one();
    let files = r.files();
    let summary: serde_json::Value = serde_json::from_str(&files.summary_json).unwrap();
    assert_eq!(summary["conditions"][0]["counts"]["early"], 1);
    assert_eq!(summary["leakage"].as_array().unwrap().len(), 8);
    assert!(summary.get("per_patient").is_none());
    let manifest: serde_json::Value = serde_json::from_str(&files.manifest_json).unwrap();
    assert_eq!(manifest["manifest_hash"], r.manifest.manifest_hash);
    assert_eq!(manifest["rules"][0], "R19@1.0.0");
}

#[test]
fn the_plot_has_one_dot_for_each_lead() {
    let plot = one().files().plot_svg;
    assert_eq!(plot.matches("<circle").count(), 1);
    assert!(plot.contains("200 days"));
    assert!(plot.starts_with("<svg") && plot.ends_with("</svg>\n"));
}

#[test]
fn the_table_names_biases_tests_and_hashes() {
    let r = one();
    let table = r.table();
    for words in [
        "Known biases",
        "L-1 held",
        "L-8 held",
        "R19@1.0.0 *",
        &r.manifest.manifest_hash,
    ] {
        assert!(table.contains(words), "{words}");
    }
    // D-32.
    for forbidden in [" safe", "rule out", " normal"] {
        assert!(!table.contains(forbidden), "{forbidden}");
    }
}
