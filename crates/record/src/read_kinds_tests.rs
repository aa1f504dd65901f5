//! Resources that are no results: goals, plans, orders, conditions, medicines, patients.

use triptych_clinical::{FactKind, Status};

use super::bundle;

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
    assert_eq!(goal("active", percent), Some((Status::Final, "7.0".into())));
    assert_eq!(
        goal("proposed", percent),
        Some((Status::Inert, "7.0".into()))
    );
    let range = r#""detailRange":{"low":{"value":6.5},"high":{"value":7.5,"unit":"%"}}"#;
    assert_eq!(goal("active", range), Some((Status::Final, "7.5".into())));
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
