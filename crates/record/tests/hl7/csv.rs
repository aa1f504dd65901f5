//! CSV with a mapping, and suggested mappings.

use triptych_clinical::{CodeSystem, Comparator, Status, Value};
use triptych_record::{CsvMapping, Intake, ReadError, read_csv, suggest};

use super::{RECEIVED, facts, said};

const MAPPING: &str = r#"source = "Site laboratory"
issuer = "TRIPTYCH"
identifier_type = "MR"
date_format = "DD/MM/YYYY hh:mm"
time_zone = "+01:00"
decimal = ","
delimiter = ";"

[columns]
patient = "MRN"
display = "Test"
value = "Result"
unit = "Unit"
time = "Collected"
status = "Status"
version = "Rev"
range = "Range"
comment = "Comment"

[codes]
"Creat" = "2160-0"

[statuses]
"ok" = "final"
"#;

const HEADER: &str = "MRN;Test;Result;Unit;Collected;Status;Rev;Range;Comment\r\n";

fn read_rows(rows: &str) -> Result<Intake, ReadError> {
    let mapping = CsvMapping::parse(MAPPING).unwrap();
    read_csv(format!("{HEADER}{rows}").as_bytes(), &mapping, RECEIVED)
}

#[test]
fn a_row_is_a_result_with_its_place() {
    let rows = "T-1;Creat;1,20;mg/dL;05/03/2024 07:15;ok;1;0,5-1,1;\"two\r\nlines; \"\"quoted\"\"\"\r\nT-1;CRP;<5,0;mg/L;05/03/2024;ok;1;;\r\n";
    let intake = read_rows(rows).unwrap();
    let bytes = format!("{HEADER}{rows}");
    let found = facts(&intake);
    let q = found[0].quantity().unwrap();
    assert_eq!(
        (q.value, q.written.as_str(), q.unit.as_deref()),
        (1.2, "1,20", Some("mg/dL"))
    );
    assert_eq!(found[0].codes[0].system, CodeSystem::Loinc);
    assert_eq!(
        found[0].effective.unwrap().instant.to_string(),
        "2024-03-05T06:15:00Z"
    );
    assert_eq!(found[0].attrs["comment"], "two\r\nlines; \"quoted\"");
    let range = found[0].reference.as_ref().unwrap();
    assert_eq!(
        (range.low, range.high, range.text.as_deref()),
        (Some(0.5), Some(1.1), Some("0,5-1,1"))
    );
    assert_eq!(found[0].provenance.path, "2:3");
    let q = found[1].quantity().unwrap();
    assert_eq!((q.value, q.comparator), (5.0, Some(Comparator::Below)));
    assert_eq!(found[1].provenance.path, "3:3");
    for (fact, raw) in found.iter().zip(["1,20", "<5,0"]) {
        let span = fact.provenance.span.unwrap();
        assert_eq!(
            &bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()],
            raw
        );
    }
    assert_eq!(
        intake.patients[0].identity.as_ref().unwrap().identifiers[0].kind,
        "MR"
    );
}

#[test]
fn a_byte_order_mark_and_quotes_move_no_span() {
    let mapping =
        CsvMapping::parse(&MAPPING.replace("delimiter = \";\"", "delimiter = \",\"")).unwrap();
    let text = "\u{feff}MRN,Test,Result,Unit,Collected,Status,Rev,Range,Comment\n\"T-1\",\"Creat\",\"1,2\",mg/dL,05/03/2024 07:15,F,1,,\n";
    let intake = read_csv(text.as_bytes(), &mapping, RECEIVED).unwrap();
    let fact = facts(&intake)[0];
    let span = fact.provenance.span.unwrap();
    assert_eq!(
        &text[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()],
        "1,2"
    );
    assert_eq!(fact.quantity().unwrap().value, 1.2);
}

#[test]
fn bad_rows_are_named_and_stop_no_other() {
    let rows = ";Creat;1;mg/dL;05/03/2024;ok;1;;\nT-1;Creat;1;mg/dL;2024-03-05;ok;1;;\nT-1;Creat;1\nT-1;;1;mg/dL;05/03/2024;ok;1;;\nT-1;Creat;1;mg/dL;;ok;1;;\nT-1;Creat;1;mg/dL;06/03/2024;odd;1;;\nT-1;Creat;1.204;mg/dL;07/03/2024;ok;1;;\nT-1;Creat;haemolysed;mg/dL;08/03/2024;ok;1;;\n";
    let intake = read_rows(rows).unwrap();
    let places: Vec<&str> = intake
        .quarantined
        .iter()
        .map(|p| p.place.as_str())
        .collect();
    assert_eq!(places, ["row 2", "row 3", "row 4", "row 5", "row 6"]);
    let said = said(&intake);
    for words in [
        "no patient",
        "no date of the declared form",
        "it has 3 cells",
        "says what was measured",
        "it has no time",
        "its status is not known",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let found = facts(&intake);
    assert_eq!(found[0].status, Status::Unknown);
    assert_eq!(found[1].value, Value::Text("1.204".to_owned()));
    assert!(found[1].attrs.contains_key("ambiguous"));
    assert_eq!(found[2].value, Value::Text("haemolysed".to_owned()));
}

#[test]
fn versions_go_by_the_declared_key_in_any_order() {
    let first = "T-1;Creat;1,0;mg/dL;05/03/2024 07:15;ok;1;;\n";
    let second = "T-1;Creat;1,5;mg/dL;05/03/2024 07:15;corrected;2;;\n";
    let read = |rows: &str| {
        let intake = read_rows(rows).unwrap();
        let values: Vec<_> = facts(&intake)
            .iter()
            .map(|f| (f.version, f.quantity().unwrap().value, f.id))
            .collect();
        values
    };
    let there = read(&format!("{first}{second}"));
    assert_eq!(there, read(&format!("{second}{first}{first}")));
    assert_eq!(
        (there[0].0, there[0].1, there[1].0, there[1].1),
        (1, 1.0, 2, 1.5)
    );
    assert_eq!(there[0].2, there[1].2);
    // Two values and nothing that says which is newer.
    let intake = read_rows(&format!("{first}{}", first.replace("1,0", "9,0"))).unwrap();
    assert_eq!((facts(&intake).len(), intake.quarantined.len()), (1, 1));
    assert!(facts(&intake)[0].attrs.contains_key("conflict"));
}

#[test]
fn a_mapping_that_cannot_be_used_names_line_and_field() {
    let expected = [
        (
            "date_format = \"DD/MM/YYYY hh:mm\"",
            "",
            1,
            "date_format",
            "01/02/2024 means two days",
        ),
        (
            "date_format = \"DD/MM/YYYY hh:mm\"",
            "date_format = \"dd/mm/yy\"",
            4,
            "date_format",
            "must be",
        ),
        (
            "time_zone = \"+01:00\"",
            "time_zone = \"Berlin\"",
            5,
            "time_zone",
            "offset",
        ),
        (
            "decimal = \",\"",
            "decimal = \";\"",
            6,
            "decimal",
            "point or a comma",
        ),
        (
            "delimiter = \";\"",
            "delimiter = \"ab\"",
            7,
            "delimiter",
            "one character",
        ),
        ("status = \"Status\"\n", "", 1, "status", "how far"),
        (
            "\"Creat\" = \"2160-0\"",
            "\"Creat\" = \"2160-1\"",
            21,
            "Creat",
            "no LOINC code",
        ),
        (
            "value = \"Result\"",
            "valeu = \"Result\"",
            12,
            "valeu",
            "unknown field",
        ),
        (
            "source = \"Site laboratory\"",
            "source = 5",
            1,
            "source",
            "invalid type",
        ),
        ("patient = \"MRN\"\n", "", 9, "patient", "missing field"),
    ];
    for (old, new, line, field, words) in expected {
        let error = CsvMapping::parse(&MAPPING.replacen(old, new, 1)).unwrap_err();
        assert_eq!(error.line, line, "{old}: {error}");
        assert_eq!(error.field.as_deref().unwrap_or_default(), field, "{error}");
        assert!(error.reason.contains(words), "{error}");
    }
    let lacking = read_csv(
        b"MRN;Test\n",
        &CsvMapping::parse(MAPPING).unwrap(),
        RECEIVED,
    )
    .unwrap_err();
    assert!(
        lacking
            .to_string()
            .contains("no column \"Result\" (columns.value)"),
        "{lacking}"
    );
}

#[test]
fn a_suggestion_proposes_and_decides_nothing() {
    let text = "Patient ID,Test Name,Result,Units,Collected,Ward\nT-1,Creatinine,1.2,mg/dL,01/02/2024,A\nT-1,Potassium,4.1,mmol/L,03/04/2024,A\nT-1,Sodium,\"1,204\",furlong,05/06/2024,A\n";
    let suggestion = suggest(text.as_bytes()).unwrap();
    assert_eq!(suggestion.columns["patient"], "Patient ID");
    assert_eq!(suggestion.columns["value"], "Result");
    assert_eq!(suggestion.unused, ["Ward"]);
    let codes: Vec<(&str, &str)> = suggestion
        .codes
        .iter()
        .map(|((n, _), c)| (n.as_str(), c.as_str()))
        .collect();
    assert_eq!(codes, [("Creatinine", "2160-0"), ("Potassium", "2823-3")]);
    assert!(
        suggestion
            .mapping
            .contains("# date_format = \"DD/MM/YYYY\"\n# date_format = \"MM/DD/YYYY\"")
    );
    // As it is, it is refused; with what only a person can say, it is a mapping.
    assert!(CsvMapping::parse(&suggestion.mapping).is_err());
    let checked = suggestion
        .mapping
        .replace("source = \"\"", "source = \"Site\"")
        .replace(
            "# date_format = \"DD/MM/YYYY\"",
            "date_format = \"DD/MM/YYYY\"",
        )
        .replace("# time_zone = \"\"", "time_zone = \"Z\"")
        .replace("# decimal = \".\"", "decimal = \".\"")
        .replace("# status = \"final\"", "status = \"final\"")
        .replace("# \"Creat", "\"Creat");
    let mapping = CsvMapping::parse(&checked).unwrap_or_else(|e| panic!("{e}\n{checked}"));
    let intake = read_csv(text.as_bytes(), &mapping, RECEIVED).unwrap();
    let found = facts(&intake);
    assert_eq!(found[0].codes[0].to_string(), "loinc:2160-0");
    assert_eq!(found[0].effective.unwrap().to_string(), "2024-02-01");
    assert!(found[2].attrs.contains_key("ambiguous"));
}

/// Every code that is suggested passes its check digit.
#[test]
fn suggested_codes_are_loinc_codes() {
    let root = std::path::PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let root = root
        .ancestors()
        .find(|p| p.join("tauri.conf.json").exists())
        .unwrap();
    let text = std::fs::read_to_string(root.join("assets/record/suggestions.toml")).unwrap();
    let codes: Vec<&str> = text
        .lines()
        .filter_map(|l| l.strip_prefix("loinc = \"")?.strip_suffix('"'))
        .collect();
    assert!(codes.len() >= 30);
    for code in codes {
        let mapping = MAPPING.replace("2160-0", code);
        assert!(CsvMapping::parse(&mapping).is_ok(), "{code}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_rows_and_any_mapping_are_read_or_refused(rows in "[T1;,\"\r\n0-9/: .a-z\u{e4}-\u{fc}]{0,300}", mapping in "[a-z_\\[\\]=\" \n#]{0,120}") {
        if let Ok(intake) = read_rows(&rows) {
            let length = (HEADER.len() + rows.len()) as u64;
            for fact in facts(&intake) {
                let span = fact.provenance.span.unwrap();
                proptest::prop_assert!(span.start <= span.end && span.end <= length);
            }
        }
        let _ = CsvMapping::parse(&mapping);
        let _ = suggest(rows.as_bytes());
        let mapping = CsvMapping::parse(MAPPING).unwrap();
        let _ = read_csv(rows.as_bytes(), &mapping, RECEIVED);
    }
}
