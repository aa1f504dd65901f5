#![allow(clippy::unwrap_used, clippy::panic)]
use proptest::prelude::*;
use triptych_clinical::{FactKind, Status, Value};

use super::*;

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
    not(b"MSH|^~\\&|", "HL7 v2");
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

/// Record-and-signals 5.2: what is no result, problem or medicine is shown all the same, and a goal for HbA1c is the patient's target.
#[test]
fn r20_goals_plans_orders_and_relatives_are_shown_and_inert_where_planned() {
    let goal = |life: &str, target: &str| {
        let text = format!(
            r#"{{"resourceType":"Goal","id":"g","lifecycleStatus":"{life}","description":{{"text":"Lower HbA1c"}},"subject":{{"reference":"Patient/p"}},"startDate":"2020-01-01","target":[{{"measure":{{"coding":[{{"system":"http://loinc.org","code":"4548-4"}}]}},{target}}}]}}"#
        );
        let facts = bundle(&[&text]).patients.remove(0).facts;
        let target = facts
            .iter()
            .find(|f| f.codes.iter().any(|c| c.to_string() == "tri:hba1c_target"));
        target.map(|f| (f.status, f.quantity().unwrap().written.clone()))
    };
    let percent = r#""detailQuantity":{"value":7.0,"unit":"%","code":"%"}"#;
    assert_eq!(
        goal("active", percent),
        Some((Status::Final, "7.0".to_owned()))
    );
    assert_eq!(
        goal("proposed", percent),
        Some((Status::Inert, "7.0".to_owned()))
    );
    let range = r#""detailRange":{"low":{"value":6.5},"high":{"value":7.5,"unit":"%"}}"#;
    assert_eq!(
        goal("active", range),
        Some((Status::Final, "7.5".to_owned()))
    );
    assert_eq!(goal("active", r#""detailString":"lower""#), None);

    let subject = r#""subject":{"reference":"Patient/p"}"#;
    let patient = r#""patient":{"reference":"Patient/p"}"#;
    let diabetes = r#"{"coding":[{"system":"http://snomed.info/sct","code":"44054006","display":"Diabetes"}]}"#;
    let resources = [
        format!(
            r#"{{"resourceType":"ServiceRequest","id":"1","status":"active","intent":"order",{subject},"code":{{"text":"CT chest"}},"authoredOn":"2020-01-01"}}"#
        ),
        format!(
            r#"{{"resourceType":"ServiceRequest","id":"2","status":"active","intent":"plan",{subject},"code":{{"text":"CT chest"}},"authoredOn":"2020-01-01"}}"#
        ),
        format!(
            r#"{{"resourceType":"CarePlan","id":"3","status":"active","intent":"order",{subject},"title":"Diabetes care"}}"#
        ),
        format!(
            r#"{{"resourceType":"FamilyMemberHistory","id":"4","status":"completed",{patient},"relationship":{{"text":"mother"}},"condition":[{{"code":{diabetes}}}]}}"#
        ),
        format!(
            r#"{{"resourceType":"Immunization","id":"5","status":"not-done",{patient},"vaccineCode":{{"text":"Influenza"}},"occurrenceDateTime":"2020-01-01"}}"#
        ),
    ];
    let texts: Vec<&str> = resources.iter().map(String::as_str).collect();
    let facts = bundle(&texts).patients.remove(0).facts;
    let seen: Vec<(FactKind, Status, &str)> = facts
        .iter()
        .map(|f| (f.kind, f.status, f.display.as_str()))
        .collect();
    let expected = [
        (FactKind::Other, Status::Active, "CT chest"),
        (FactKind::Other, Status::Inert, "CT chest"),
        (FactKind::Other, Status::Active, "Diabetes care"),
        (FactKind::Other, Status::Completed, "mother: Diabetes"),
        (FactKind::Immunization, Status::Inert, "Influenza"),
    ];
    assert_eq!(seen, expected);
    assert!(
        facts[3].codes.is_empty(),
        "a relative's disease is not the patient's"
    );
}

#[test]
fn a_condition_says_what_its_two_statuses_say() {
    let status = |clinical: &str, verification: &str| {
        let text = format!(
            r#"{{"resourceType":"Condition","id":"c","subject":{{"reference":"Patient/p"}},"clinicalStatus":{{"coding":[{{"code":"{clinical}"}}]}},"verificationStatus":{{"coding":[{{"code":"{verification}"}}]}},"code":{{"coding":[{{"system":"http://snomed.info/sct","code":"44054006"}}]}},"onsetAge":{{"value":50,"unit":"years"}},"recordedDate":"2020-01-01"}}"#
        );
        let fact = bundle(&[&text]).patients.remove(0).facts.remove(0);
        assert_eq!(
            (
                fact.codes[0].to_string().as_str(),
                fact.attrs["onset"].as_str()
            ),
            ("snomed:44054006", "at 50 years")
        );
        fact.status
    };
    for clinical in ["active", "recurrence", "relapse"] {
        assert_eq!(status(clinical, "confirmed"), Status::Active);
    }
    for clinical in ["inactive", "remission", "resolved"] {
        assert_eq!(status(clinical, "confirmed"), Status::Completed);
    }
    for verification in ["unconfirmed", "provisional", "differential"] {
        assert_eq!(status("active", verification), Status::Inert);
    }
    assert_eq!(status("active", "refuted"), Status::Cancelled);
    assert_eq!(status("active", "entered-in-error"), Status::EnteredInError);
}

/// Record-and-signals 5.2: ordered, taken, dispensed and given; a plan and a proposal are inert.
#[test]
fn r15_medicines_of_all_four_sources_say_which() {
    let medicine = r#""medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"860975"}]},"subject":{"reference":"Patient/p"}"#;
    let read = |kind: &str, more: &str| {
        let text = format!(r#"{{"resourceType":"{kind}","id":"m",{medicine},{more}}}"#);
        let fact = bundle(&[&text]).patients.remove(0).facts.remove(0);
        assert_eq!(fact.codes[1].to_string(), "atc:A10BA02");
        (fact.attrs["source"].clone(), fact.status)
    };
    let expected = [
        (
            "MedicationRequest",
            r#""status":"active","intent":"order""#,
            "ordered",
            Status::Active,
        ),
        (
            "MedicationRequest",
            r#""status":"stopped","intent":"order""#,
            "ordered",
            Status::Completed,
        ),
        (
            "MedicationRequest",
            r#""status":"active","intent":"plan""#,
            "ordered",
            Status::Inert,
        ),
        (
            "MedicationRequest",
            r#""status":"active","intent":"proposal""#,
            "ordered",
            Status::Inert,
        ),
        (
            "MedicationStatement",
            r#""status":"active""#,
            "taken",
            Status::Active,
        ),
        (
            "MedicationStatement",
            r#""status":"not-taken""#,
            "taken",
            Status::Inert,
        ),
        (
            "MedicationDispense",
            r#""status":"completed","whenHandedOver":"2020-01-01""#,
            "dispensed",
            Status::Completed,
        ),
        (
            "MedicationAdministration",
            r#""status":"completed","effectiveDateTime":"2020-01-01""#,
            "given",
            Status::Completed,
        ),
        (
            "MedicationAdministration",
            r#""status":"not-done","effectiveDateTime":"2020-01-01""#,
            "given",
            Status::Inert,
        ),
    ];
    for (kind, more, source, status) in expected {
        assert_eq!(
            read(kind, more),
            (source.to_owned(), status),
            "{kind} {more}"
        );
    }
}

#[test]
fn a_patient_who_has_died_is_linked_or_not_in_use_is_said() {
    let said = |more: &str| {
        let text = format!(
            r#"{{"resourceType":"Patient","id":"q","identifier":[{{"system":"urn:x","value":"2"}}],"name":[{{"family":"B"}}],{more}}}"#
        );
        let intake = bundle(&[&text]);
        (
            format!("{:?}", intake.problems),
            intake.patients[1]
                .identity
                .as_ref()
                .unwrap()
                .deceased
                .is_some(),
        )
    };
    assert!(
        said(r#""deceasedBoolean":true"#)
            .0
            .contains("has died, without a date")
    );
    assert!(said(r#""deceasedDateTime":"2020-01-01""#).1);
    assert!(said(r#""active":false"#).0.contains("not in use"));
    assert!(
        said(r#""link":[{"other":{"reference":"Patient/p"},"type":"replaced-by"}]"#)
            .0
            .contains("links this patient")
    );
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
