//! The broken files: refused with a clear reason, or read as far as they are sound. Expectations from `broken/README.md`.

use triptych_record::{Intake, ReadError};

use super::{read_file, shelf};

fn facts(intake: &Intake) -> Vec<&triptych_record::Fact> {
    intake.patients.iter().flat_map(|p| &p.facts).collect()
}

#[test]
fn par_15_a_refused_file_says_where_and_why() {
    let Some(folder) = shelf("par_15_a_refused_file_says_where_and_why") else {
        return;
    };
    let expected = [
        (
            "from_validator_suites/bad-json-close-1.json",
            "expected ',' or '}'",
        ),
        ("from_validator_suites/bad-json-close-2.json", "(line "),
        ("from_validator_suites/bad-json-close-3.json", "(line "),
        ("from_validator_suites/json-comments-2.json", "(line "),
        ("from_validator_suites/list-bad-syntax.json", "(line "),
        (
            "from_validator_suites/json-comma-bad-1.json",
            "expected ','",
        ),
        (
            "from_validator_suites/json-comma-bad-2.json",
            "comma before",
        ),
        (
            "from_validator_suites/json-comments-1.json",
            "JSON has none",
        ),
        (
            "from_validator_suites/json-no-quotes-1.json",
            "expected a key in double quotes",
        ),
        (
            "from_validator_suites/json-no-quotes-2.json",
            "a word without quotes",
        ),
        (
            "from_validator_suites/patient-duplicate.json",
            "the key \"active\" is there twice",
        ),
        (
            "made_by_us/01_truncated.json",
            "a text that does not end (line 322, column 28, byte 7788)",
        ),
        (
            "made_by_us/03_duplicate_key.json",
            "the key \"status\" is there twice",
        ),
        ("made_by_us/08_utf16_with_bom.json", "not UTF-8: a UTF-16"),
        (
            "made_by_us/10_latin1_bytes.json",
            "not UTF-8: byte 0xF1 at byte",
        ),
        ("made_by_us/14_nan.json", "a word without quotes"),
        (
            "made_by_us/15_deep_nesting.json",
            "nested deeper than 128 levels",
        ),
        ("made_by_us/18_not_fhir.json", "it has no resourceType"),
        ("made_by_us/19_empty.json", "the file is empty"),
        ("made_by_us/20_array.json", "a JSON list"),
    ];
    for (file, words) in expected {
        let error = read_file(&folder.join("broken").join(file)).expect_err(file);
        let text = error.to_string();
        assert!(text.contains(words), "{file}: {text}");
        if let ReadError::Json { line, column, .. } = error {
            assert!(line > 0 && column > 0);
        }
    }
}

/// File, facts made, resources quarantined, words that the report must hold.
#[test]
fn par_15_a_bad_resource_never_stops_the_others() {
    let Some(folder) = shelf("par_15_a_bad_resource_never_stops_the_others") else {
        return;
    };
    let expected = [
        (
            "made_by_us/02_number_as_string.json",
            5,
            1,
            "it is not a number",
        ),
        (
            "made_by_us/04_same_id_two_values.json",
            6,
            1,
            "the same id stands for another statement",
        ),
        (
            "made_by_us/05_dates_impossible_partial_missing_future.json",
            5,
            1,
            "effectiveDateTime is not a real date",
        ),
        (
            "made_by_us/06_units_missing_odd_contradicting.json",
            6,
            0,
            "contradict each other",
        ),
        (
            "made_by_us/07_versions_prelim_final_corrected_error.json",
            4,
            0,
            "",
        ),
        ("made_by_us/09_utf8_bom.json", 6, 0, ""),
        (
            "made_by_us/11_subject_unknown_and_missing.json",
            4,
            2,
            "subject",
        ),
        ("made_by_us/12_two_patients_same_name.json", 6, 0, ""),
        ("made_by_us/13_numbers.json", 5, 1, "too large"),
        (
            "made_by_us/16_notes_encodings.json",
            7,
            1,
            "encoding was guessed",
        ),
        (
            "made_by_us/17_bad_line.ndjson",
            3,
            1,
            "not readable as JSON",
        ),
        (
            "made_by_us/21_wrong_types_and_missing_parts.json",
            2,
            4,
            "two values",
        ),
        ("from_validator_suites/json-good.json", 0, 0, ""),
        ("from_validator_suites/bundle-duplicate-id.json", 0, 0, ""),
        (
            "from_validator_suites/bundle-bad-empty.json",
            0,
            0,
            "it is empty",
        ),
        (
            "from_validator_suites/dr-bad-att-hash.json",
            1,
            0,
            "checksum differs",
        ),
        (
            "from_validator_suites/obs-quantity.json",
            0,
            1,
            "no subject",
        ),
        (
            "from_validator_suites/bb-obs-value-is-not-quantity.json",
            0,
            1,
            "no subject",
        ),
        (
            "from_validator_suites/observation-xver-bad.json",
            1,
            0,
            "an object where R4 has a list",
        ),
    ];
    let mut wrong = Vec::new();
    for (file, made, quarantined, words) in expected {
        let intake =
            read_file(&folder.join("broken").join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        let said = format!("{:?} {:?}", intake.problems, intake.quarantined);
        let found = (facts(&intake).len(), intake.quarantined.len());
        if found != (made, quarantined) || !said.contains(words) {
            wrong.push(format!(
                "{file}: {found:?}, expected {:?} and {words:?}: {said}",
                (made, quarantined)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_result_with_four_versions_is_one_fact_with_four_versions() {
    let Some(folder) = shelf("one_result_with_four_versions_is_one_fact_with_four_versions") else {
        return;
    };
    let intake =
        read_file(&folder.join("broken/made_by_us/07_versions_prelim_final_corrected_error.json"))
            .unwrap();
    let facts = facts(&intake);
    let ids: std::collections::BTreeSet<_> = facts.iter().map(|f| f.id).collect();
    assert_eq!(ids.len(), 1);
    let seen: Vec<String> = facts
        .iter()
        .map(|f| {
            format!(
                "{} {:?} {} {}",
                f.version,
                f.status,
                f.quantity().unwrap().written,
                f.available.iso_date()
            )
        })
        .collect();
    // The source repeats the first issue time in all versions; a changed version counts from its own time.
    let expected = [
        "1 Preliminary 5.9 1980-05-04",
        "2 Final 5.9 1980-05-04",
        "3 Corrected 3.9 2019-05-03",
        "4 EnteredInError 3.9 2019-05-04",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn par_18_two_patients_of_one_name_stay_two() {
    let Some(folder) = shelf("par_18_two_patients_of_one_name_stay_two") else {
        return;
    };
    let intake =
        read_file(&folder.join("broken/made_by_us/12_two_patients_same_name.json")).unwrap();
    assert_eq!(intake.patients.len(), 2);
    assert_eq!(intake.patients[0].facts.len(), 5);
    assert_eq!(intake.patients[1].facts.len(), 1);
    let said = format!("{:?}", intake.problems);
    assert!(said.contains("identifier reuse?"), "{said}");
}

#[test]
fn par_11_numbers_keep_their_digits_and_dates_their_precision() {
    let Some(folder) = shelf("par_11_numbers_keep_their_digits_and_dates_their_precision") else {
        return;
    };
    let intake = read_file(&folder.join("broken/made_by_us/13_numbers.json")).unwrap();
    let written: Vec<&str> = facts(&intake)
        .iter()
        .map(|f| f.quantity().unwrap().written.as_str())
        .collect();
    assert_eq!(
        written,
        [
            "1.10",
            "-0.0",
            "0.1000000000000000055511151231257827",
            "12345678901234567890",
            "-5"
        ]
    );
    let intake = read_file(
        &folder.join("broken/made_by_us/05_dates_impossible_partial_missing_future.json"),
    )
    .unwrap();
    let dates: Vec<String> = facts(&intake)
        .iter()
        .map(|f| f.effective.map_or("none".to_owned(), |e| e.iso_date()))
        .collect();
    assert_eq!(
        dates,
        ["1987", "none", "2187-02-03", "1980-05-04", "1980-05-04"]
    );
    let units =
        read_file(&folder.join("broken/made_by_us/06_units_missing_odd_contradicting.json"))
            .unwrap();
    let units: Vec<Option<&str>> = facts(&units)
        .iter()
        .map(|f| f.quantity().unwrap().unit.as_deref())
        .collect();
    assert_eq!(
        units,
        [None, Some("MG/DL"), None, Some("ug/L"), None, Some("mg/dL")]
    );
}

#[test]
fn notes_of_every_encoding_are_text_or_say_why_not() {
    let Some(folder) = shelf("notes_of_every_encoding_are_text_or_say_why_not") else {
        return;
    };
    let intake = read_file(&folder.join("broken/made_by_us/16_notes_encodings.json")).unwrap();
    let shown: Vec<(String, Option<&String>)> = facts(&intake)
        .iter()
        .map(|f| (f.text.clone().unwrap_or_default(), f.attrs.get("not_shown")))
        .collect();
    assert!(
        shown
            .iter()
            .all(|(text, _)| !text.contains("<script") && !text.contains("alert(")),
        "{shown:?}"
    );
    let without: Vec<&String> = shown.iter().filter_map(|(_, why)| *why).collect();
    assert_eq!(
        without,
        [
            "RTF: open it outside",
            "a damaged PDF: open it outside",
            "the attachment is empty"
        ]
    );
    assert!(shown.iter().any(|(text, _)| text.contains("38,5 °C")));
}

#[test]
fn files_of_another_version_are_read_with_what_is_not_r4_said() {
    let Some(folder) = shelf("files_of_another_version_are_read_with_what_is_not_r4_said") else {
        return;
    };
    for file in ["dstu2_diabetes.json", "dstu2_newborn_bilirubin.json"] {
        let intake = read_file(&folder.join("broken/wrong_version").join(file)).unwrap();
        assert!(
            !intake.problems.is_empty() || !intake.quarantined.is_empty(),
            "{file}"
        );
        assert!(intake.patients.iter().all(|p| p.identity.is_some()));
    }
}
