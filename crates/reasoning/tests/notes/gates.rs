//! The gates of record-and-signals 7.5.

use std::path::PathBuf;

use triptych_reasoning::notes::{Score, candidates, evaluate, read};

/// Own sentences: label, modality, region, months, sentence.
#[test]
fn recommendations_are_found_in_own_sentences() {
    let table = include_str!("../data/recommendations.tsv");
    let mut score = Score::default();
    let (mut attributes, mut wrong) = (0, Vec::new());
    for row in table.lines().skip(2) {
        let [label, modality, region, months, text] =
            <[&str; 5]>::try_from(row.split('\t').collect::<Vec<_>>()).unwrap();
        let found = candidates(text, &read(text));
        let found = found.iter().find(|c| c.code == "tri:recommendation");
        match (label, found) {
            ("+", Some(c)) => {
                score.true_positive += 1;
                let attr = |name| c.attrs.get(name).map_or("", String::as_str);
                if (attr("modality"), attr("region"), attr("due_months"))
                    == (modality, region, months)
                {
                    attributes += 1;
                } else {
                    wrong.push(format!("attributes {:?}: {text}", c.attrs));
                }
            }
            ("+", None) => {
                score.false_negative += 1;
                wrong.push(format!("missed: {text}"));
            }
            ("-", Some(_)) => {
                score.false_positive += 1;
                wrong.push(format!("made up: {text}"));
            }
            ("-", None) => score.true_negative += 1,
            _ => panic!("{row}"),
        }
    }
    println!(
        "recommendations: {score:?}, attributes right {attributes}\n{}",
        wrong.join("\n")
    );
    let rows =
        score.true_positive + score.false_positive + score.false_negative + score.true_negative;
    assert!(rows >= 300, "{rows} sentences");
    assert!(score.true_negative + score.false_positive >= 140);
    assert!(score.precision() >= 0.90, "{score:?}");
    assert!(score.recall() >= 0.85, "{score:?}");
    assert!(
        attributes * 100 >= score.true_positive * 90,
        "{attributes} of {}",
        score.true_positive
    );
}

/// F1 of negation at least 0.97, precision and recall each at least 0.95, on sentences with public labels.
#[test]
fn negation_holds_on_the_public_sentences() {
    let root = std::env::var_os("TRIPTYCH_SHARED").map_or_else(
        || PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../shared"),
        PathBuf::from,
    );
    let file = root.join("data/text_negex/context_annotated_sentences.tsv");
    let Ok(table) = std::fs::read_to_string(file) else {
        println!("SHELF ABSENT: negation_holds_on_the_public_sentences");
        return;
    };
    let report = evaluate(&table);
    println!("{}", serde_json::to_string(&report).unwrap());
    // README of the data: the phrase of 11 rows is not in their sentence.
    assert_eq!(
        (report.tested, report.not_tested, report.not_read),
        (1865, 11, 0)
    );
    assert!(report.passes(), "{:?}", report.engine);
    // The half that nothing was tuned on holds too.
    let held_out = report.engine_odd_sentences;
    assert!(
        held_out.f1() >= 0.97 && held_out.precision() >= 0.95 && held_out.recall() >= 0.95,
        "{held_out:?}"
    );
    assert!(report.engine.f1() > report.crude.f1());
}

#[test]
fn a_table_is_read_as_it_is() {
    let table = "id\tconcept\tsentence\tnegation\ttemporality\texperiencer\n\
        1\tfever\tNo FEVER today.\tNegated\tRecent\tPatient\n\
        2\tcough\tShe has a COUGH.\tAffirmed\tRecent\tPatient\n\
        3\tstroke\tHistory of STROKE.\tAffirmed\tHistorical\tPatient\n\
        4\tasthma\tNothing of the kind.\tAffirmed\tRecent\tPatient\n\
        5\tbroken row\n";
    let report = evaluate(table);
    assert_eq!(
        (report.tested, report.not_tested, report.not_read),
        (3, 1, 1)
    );
    assert_eq!(report.engine.true_positive, 1);
    assert_eq!(report.engine.true_negative, 2);
    assert_eq!(report.historical.true_positive, 1);
    assert!(report.disagreements.is_empty());
    assert!(!evaluate("").passes());
}
