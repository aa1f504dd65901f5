#![allow(clippy::unwrap_used, clippy::panic)]
use proptest::prelude::*;
use triptych_clinical::{Status, Value};

use super::*;

#[path = "read_kinds_tests.rs"]
mod kinds;

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:x","value":"1"}],"name":[{"family":"A"}]}"#;

fn at() -> Instant {
    Instant::from_seconds(1_790_000_000)
}

fn bundle(resources: &[&str]) -> Intake {
    let entries: Vec<String> = [PATIENT]
        .iter()
        .chain(resources)
        .map(|r| format!("{{\"resource\":{r}}}"))
        .collect();
    let text = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#,
        entries.join(",")
    );
    read(text.as_bytes(), at()).unwrap()
}

fn observation(more: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"o","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"2160-0"}}]}},"subject":{{"reference":"Patient/p"}}{more}}}"#
    )
}

#[test]
fn the_kind_is_told_by_the_content() {
    let not = |bytes: &[u8], words: &str| {
        let error = read(bytes, at()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    not(b"", "empty");
    not(b" \n\t", "empty");
    not(b"\xEF\xBB\xBF", "empty");
    not(b"PK\x03\x04rest", "ZIP");
    not(b"PID|1||T-1\r", "not an HL7 v2 message: no message header");
    not(b"<ClinicalDocument/>", "outside the namespace of HL7 v3");
    not(
        b"<Patient xmlns='http://hl7.org/fhir'/>",
        "FHIR is read as JSON",
    );
    not(b"[1]", "list");
    not(b"{\"a\":1}", "no resourceType");
    not(b"{\"resourceType\":\"Patient\"", "line 1");
    not(b"{\"a\":\n\xFF}", "not UTF-8: byte 0xFF at byte 6 (line 2)");
}

#[test]
fn one_line_and_many_lines_are_the_same_reader() {
    let o = observation("");
    let lines = format!("{PATIENT}\n\n{o}\r\n");
    let from_lines = read(lines.as_bytes(), at()).unwrap();
    let from_bundle = bundle(&[&o]);
    assert_eq!(from_lines.patients.len(), 1);
    let ids = |i: &Intake| {
        i.patients
            .iter()
            .flat_map(|p| &p.facts)
            .map(|f| f.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&from_lines), ids(&from_bundle));
    let single = read(o.as_bytes(), at()).unwrap();
    assert_eq!(single.patients.len(), 1);
    assert!(
        single
            .patients
            .iter()
            .all(|p| p.identity.is_none() && p.source_id == "Patient/p")
    );
    let mut waiting = single.patients.into_iter().next().unwrap();
    waiting.bind(
        from_bundle
            .patients
            .first()
            .unwrap()
            .identity
            .as_ref()
            .unwrap(),
    );
    assert_eq!(
        waiting.facts.first().map(|f| f.id),
        ids(&from_bundle).first().copied()
    );
}

/// Record-and-signals 5.3, 5.2: what a source calls a status decides whether anything may use the value.
#[test]
fn every_status_of_a_result_is_what_the_standard_says() {
    for (code, status) in [
        ("registered", Status::Registered),
        ("preliminary", Status::Preliminary),
        ("final", Status::Final),
        ("amended", Status::Amended),
        ("corrected", Status::Corrected),
        ("cancelled", Status::Cancelled),
        ("entered-in-error", Status::EnteredInError),
        ("unknown", Status::Unknown),
    ] {
        let intake = bundle(&[&observation("").replace("\"final\"", &format!("\"{code}\""))]);
        assert_eq!(intake.patients[0].facts[0].status, status, "{code}");
    }
    for wrong in ["\"finished\"", "\"Final\"", "null", "1"] {
        let intake = bundle(&[&observation("").replace("\"final\"", wrong)]);
        assert_eq!(
            (intake.patients[0].facts.len(), intake.quarantined.len()),
            (0, 1),
            "{wrong}"
        );
    }
}

/// Record-and-signals 6.3: a fact is never known before its source could know it.
#[test]
fn available_time_follows_the_table() {
    let lab = r#","category":[{"coding":[{"code":"laboratory"}]}]"#;
    let collected = r#","effectiveDateTime":"2020-01-01T08:00:00Z""#;
    for (more, available, assumed) in [
        (
            format!(r#"{lab}{collected},"issued":"2020-01-01T11:00:00Z""#),
            "2020-01-01 11:00",
            false,
        ),
        (
            format!(r#"{lab}{collected},"meta":{{"lastUpdated":"2020-01-01T12:00:00Z"}}"#),
            "2020-01-01 12:00",
            false,
        ),
        (format!("{lab}{collected}"), "2020-01-02 08:00", true),
        (collected.to_owned(), "2020-01-01 08:00", true),
        (
            String::new(),
            &triptych_clinical::When::at(at()).to_string(),
            true,
        ),
    ] {
        let intake = bundle(&[&observation(&more)]);
        let fact = &intake.patients[0].facts[0];
        assert_eq!(fact.available.to_string(), available, "{more}");
        assert_eq!(fact.attrs.contains_key("available"), assumed, "{more}");
    }
}

#[test]
fn a_modifier_that_nobody_knows_makes_a_fact_inert() {
    let intake = bundle(&[&observation(
        r#","valueString":"x","modifierExtension":[{"url":"http://x"}]"#,
    )]);
    let fact = &intake.patients[0].facts[0];
    assert_eq!(
        (fact.status, &fact.value),
        (Status::Inert, &Value::Text("x".to_owned()))
    );
    assert!(
        intake
            .problems
            .iter()
            .any(|p| p.place.ends_with("modifierExtension"))
    );
}

#[test]
fn par_18_a_subject_that_is_not_there_is_never_guessed() {
    for subject in [
        r#"{"reference":"Patient/q"}"#,
        r#"{"reference":"Group/p"}"#,
        r#"{"display":"A"}"#,
        r#"{"identifier":{"value":"1"}}"#,
        r#"{"identifier":{"system":"urn:y","value":"1"}}"#,
        "[]",
    ] {
        let o = observation("").replace(r#"{"reference":"Patient/p"}"#, subject);
        let intake = bundle(&[&o]);
        assert_eq!(
            (intake.patients[0].facts.len(), intake.quarantined.len()),
            (0, 1),
            "{subject}"
        );
    }
    let o = observation("").replace(
        r#"{"reference":"Patient/p"}"#,
        r#"{"identifier":{"system":"urn:x","value":"1"}}"#,
    );
    assert_eq!(bundle(&[&o]).patients[0].facts.len(), 1);
}

/// PAR-18: patients without identifiers are known by their document alone.
#[test]
fn par_18_two_documents_with_unnamed_patients_are_two_persons() {
    let one = read(br#"{"resourceType":"Patient","id":"1"}"#, at()).unwrap();
    let two = read(br#"{"resourceType":"Patient","id":"1" }"#, at()).unwrap();
    let again = read(br#"{"resourceType":"Patient","id":"1"}"#, at()).unwrap();
    let key = |i: &Intake| i.patients[0].identity.as_ref().unwrap().identifiers.clone();
    assert_ne!(key(&one), key(&two));
    assert_eq!(key(&one), key(&again));
}

#[test]
fn a_daily_dose_is_counted_only_where_all_of_it_is_known() {
    let dose = |instruction: &str| {
        let request = format!(
            r#"{{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","medicationCodeableConcept":{{"coding":[{{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"860975"}}]}},"subject":{{"reference":"Patient/p"}},"authoredOn":"2020-01-01","dosageInstruction":[{instruction}]}}"#
        );
        bundle(&[&request]).patients[0].facts[0]
            .attrs
            .get("dose_mg_day")
            .cloned()
    };
    let daily = r#""timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}"#;
    assert_eq!(
        dose(&format!(
            r#"{{{daily},"doseAndRate":[{{"doseQuantity":{{"value":1}}}}]}}"#
        ))
        .as_deref(),
        Some("1000")
    );
    assert_eq!(
        dose(&format!(
            r#"{{{daily},"doseAndRate":[{{"doseQuantity":{{"value":850,"unit":"mg"}}}}]}}"#
        ))
        .as_deref(),
        Some("1700")
    );
    assert_eq!(
        dose(&format!(
            r#"{{{daily},"asNeededBoolean":true,"doseAndRate":[{{"doseQuantity":{{"value":1}}}}]}}"#
        )),
        None
    );
    assert_eq!(
        dose(&format!(
            r#"{{{daily},"doseAndRate":[{{"doseQuantity":{{"value":5,"unit":"mL"}}}}]}}"#
        )),
        None
    );
    assert_eq!(dose(r#"{"text":"one tablet"}"#), None);
}

#[test]
fn a_result_goes_through_the_worker_protocol_unchanged() {
    let intake = bundle(&[
        &observation(r#","valueQuantity":{"value":1.10,"unit":"mg/dL"}"#),
        "{\"resourceType\":\"Claim\"}",
    ]);
    assert_eq!(intake.not_understood.get("Claim"), Some(&1));
    let bytes = postcard::to_allocvec(&intake).unwrap();
    assert_eq!(postcard::from_bytes::<Intake>(&bytes).unwrap(), intake);
    let error = read(b"[", at()).unwrap_err();
    let bytes = postcard::to_allocvec(&error).unwrap();
    assert_eq!(postcard::from_bytes::<ReadError>(&bytes).unwrap(), error);
}

proptest! {
    /// PAR-13: a whole document with any one byte changed, cut anywhere: a result or a named error, never a panic.
    #[test]
    fn par_13_a_damaged_document_is_read_or_refused(at_byte in 0usize..600, byte in any::<u8>(), cut in any::<bool>()) {
        let o = observation(r#","valueQuantity":{"value":1.10,"unit":"mg/dL"},"effectiveDateTime":"2020-01-01T08:00:00Z","component":[{"code":{"text":"x"},"valueString":"y"}]"#);
        let mut bytes = format!("{{\"resourceType\":\"Bundle\",\"entry\":[{{\"resource\":{PATIENT}}},\n{{\"resource\":{o}}}]}}").into_bytes();
        let at_byte = at_byte.min(bytes.len() - 1);
        if cut {
            bytes.truncate(at_byte);
        } else {
            bytes[at_byte] = byte;
        }
        let _ = read(&bytes, at());
    }
}
