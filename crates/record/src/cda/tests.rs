#![allow(clippy::unwrap_used)]
use proptest::prelude::*;
use triptych_clinical::{Comparator, FactKind, Status, Value};

use crate::{Instant, Intake, ReadError, read};

const AT: Instant = Instant::from_seconds(1_793_610_000);

fn document(head: &str, section: &str) -> String {
    format!(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><id root=\"1.2\" extension=\"D1\"/>\
         <effectiveTime value=\"20200102\"/>{head}<recordTarget><patientRole><id root=\"1.2.3\" extension=\"7\"/><patient><name><given>A</given><family>B</family></name></patient></patientRole></recordTarget>\
         <component><structuredBody><component><section>{section}</section></component></structuredBody></component></ClinicalDocument>"
    )
}

fn one(section: &str) -> Intake {
    read(document("", section).as_bytes(), AT).unwrap()
}

fn result(status: &str, value: &str) -> String {
    format!(
        "<code code=\"30954-2\" codeSystem=\"2.16.840.1.113883.6.1\"/><text>x</text><entry><organizer><statusCode code=\"completed\"/><component><observation><templateId root=\"2.16.840.1.113883.10.20.22.4.2\"/>\
         <id root=\"9\" extension=\"1\"/><code code=\"2160-0\" codeSystem=\"2.16.840.1.113883.6.1\" displayName=\"Creatinine\"/>{status}<effectiveTime value=\"20200101\"/>{value}</observation></component></organizer></entry>"
    )
}

#[test]
fn every_status_of_a_ccda_result_is_what_the_table_says() {
    let pq = "<value xsi:type=\"PQ\" value=\"1.10\" unit=\"mg/dL\"/>";
    let expected = [
        ("active", Status::Preliminary),
        ("completed", Status::Final),
        ("aborted", Status::Cancelled),
        ("cancelled", Status::Cancelled),
        ("nullified", Status::EnteredInError),
        ("odd", Status::Unknown),
    ];
    for (code, status) in expected {
        let intake = one(&result(&format!("<statusCode code=\"{code}\"/>"), pq));
        let fact = &intake.patients[0].facts[1];
        assert_eq!(fact.status, status, "{code}");
        assert_eq!(fact.quantity().unwrap().written, "1.10");
    }
}

#[test]
fn an_interval_is_a_bound_and_an_unknown_is_never_a_number() {
    let value = |xml: &str| {
        let intake = one(&result("", xml));
        intake.patients[0].facts[1].value.clone()
    };
    let bound = |xml: &str| match value(&format!("<value xsi:type=\"IVL_PQ\">{xml}</value>")) {
        Value::Quantity(q) => (q.comparator, q.written),
        other => (None, format!("{other:?}").into()),
    };
    let high = "<high value=\"5\" unit=\"mg/dL\"/>";
    assert_eq!(bound(high), (Some(Comparator::AtMost), "5".into()));
    let open = "<high value=\"5\" unit=\"mg/dL\" inclusive=\"false\"/>";
    assert_eq!(bound(open).0, Some(Comparator::Below));
    assert_eq!(
        bound("<low value=\"5\" inclusive=\"false\"/>").0,
        Some(Comparator::Above)
    );
    assert_eq!(
        bound("<low value=\"5\"/><high nullFlavor=\"PINF\"/>").0,
        Some(Comparator::AtLeast)
    );
    let both = value(&format!(
        "<value xsi:type=\"IVL_PQ\"><low value=\"2\"/>{high}</value>"
    ));
    assert_eq!(both, Value::Text("2 - 5 mg/dL".to_owned()));
    for unknown in [
        "<value xsi:type=\"PQ\" nullFlavor=\"UNK\"/>",
        "<value nullFlavor=\"UNK\"/>",
    ] {
        assert!(matches!(value(unknown), Value::Absent(a) if a.reason == "UNK"));
    }
    let wrong = one(&result(
        "",
        "<value xsi:type=\"PQ\" value=\"1,5\" unit=\"mg/dL\"/>",
    ));
    assert_eq!(wrong.quarantined.len(), 1);
    assert_eq!(wrong.patients[0].facts.len(), 1, "the note alone");
}

#[test]
fn a_problem_is_active_over_negated_or_removed() {
    let problem = |act: &str, observation: &str, inside: &str| {
        let xml = format!(
            "<code code=\"11450-4\" codeSystem=\"2.16.840.1.113883.6.1\"/><text>x</text><entry><act><templateId root=\"2.16.840.1.113883.10.20.22.4.3\"/><statusCode code=\"{act}\"/><entryRelationship><observation {observation}><templateId root=\"2.16.840.1.113883.10.20.22.4.4\"/>\
             <value xsi:type=\"CD\" code=\"38341003\" codeSystem=\"2.16.840.1.113883.6.96\" displayName=\"Hypertension\"/>{inside}</observation></entryRelationship></act></entry>"
        );
        one(&xml).patients[0].facts[1].clone()
    };
    let time = |high: &str| format!("<effectiveTime><low value=\"2010\"/>{high}</effectiveTime>");
    let active = problem("active", "", &time(""));
    assert_eq!(
        (active.kind, active.status),
        (FactKind::Problem, Status::Active)
    );
    assert_eq!(active.codes[0].to_string(), "snomed:38341003");
    assert_eq!(active.effective.unwrap().iso_date(), "2010");
    assert_eq!(
        problem("active", "", &time("<high value=\"2015\"/>")).status,
        Status::Completed
    );
    assert_eq!(
        problem("active", "", &time("<high nullFlavor=\"UNK\"/>")).status,
        Status::Completed
    );
    assert_eq!(
        problem("active", "", &time("<high nullFlavor=\"NI\"/>")).status,
        Status::Active
    );
    assert_eq!(problem("completed", "", "").status, Status::Completed);
    assert_eq!(
        problem("active", "negationInd=\"true\"", "").status,
        Status::Inert
    );
    assert_eq!(
        problem("active", "", "<statusCode code=\"nullified\"/>").status,
        Status::EnteredInError
    );
    let said = "<entryRelationship><observation><templateId root=\"2.16.840.1.113883.10.20.22.4.6\"/><value xsi:type=\"CD\" code=\"55561003\" codeSystem=\"2.16.840.1.113883.6.96\" displayName=\"Active\"/></observation></entryRelationship>";
    assert_eq!(problem("completed", "", said).status, Status::Active);
}

#[test]
fn a_document_that_replaces_another_gives_new_versions_of_its_notes() {
    let section = "<code code=\"11450-4\" codeSystem=\"2.16.840.1.113883.6.1\"/><title>Problems</title><text>one</text>";
    let first = one(section);
    let head = "<versionNumber value=\"2\"/><relatedDocument typeCode=\"RPLC\"><parentDocument><id root=\"1.2\" extension=\"D1\"/></parentDocument></relatedDocument>";
    let text = document(head, &section.replace("one", "two")).replacen(
        "extension=\"D1\"/><eff",
        "extension=\"D2\"/><eff",
        1,
    );
    let second = read(text.as_bytes(), AT).unwrap();
    let (a, b) = (&first.patients[0].facts[0], &second.patients[0].facts[0]);
    assert_eq!(a.id, b.id);
    assert_eq!(
        (b.status, b.attrs["replaces"].as_str()),
        (Status::Amended, "1.2^D1")
    );
    assert_eq!(
        (a.display.as_str(), b.text.as_deref()),
        ("Problems", Some("two"))
    );
    let appended = head.replace("RPLC", "APND");
    let third = read(
        document(&appended, section)
            .replacen("\"D1\"/>", "\"D3\"/>", 1)
            .as_bytes(),
        AT,
    )
    .unwrap();
    assert_ne!(third.patients[0].facts[0].id, a.id);
    assert_eq!(third.patients[0].facts[0].attrs["appends"], "1.2^D1");
}

#[test]
fn what_is_not_understood_is_counted_by_name() {
    let intake = one(
        "<text>x</text><entry><observationMedia><templateId root=\"1.9\"/></observationMedia></entry>",
    );
    assert_eq!(
        intake.not_understood.get("C-CDA observationMedia 1.9"),
        Some(&1)
    );
}

#[test]
fn hostile_documents_are_refused_without_harm() {
    let refused = |text: String, words: &str| {
        let error = read(text.as_bytes(), AT).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    let deep = 100_000;
    refused(
        format!("{}{}", "<a>".repeat(deep), "</a>".repeat(deep)),
        "nested deeper than 128",
    );
    refused(
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>".to_owned(),
        "DOCTYPE",
    );
    refused("<a><b/>".repeat(400_000), "nodes");
    refused(
        document("", "").replace(
            "</patientRole></recordTarget>",
            "</patientRole></recordTarget><recordTarget><patientRole/></recordTarget>",
        ),
        "more than one patient",
    );
    let many = format!("<text>x</text>{}", "<entry><act/></entry>".repeat(20_000));
    assert_eq!(one(&many).not_understood.values().sum::<usize>(), 20_000);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(cut in 0usize..900, byte in any::<u8>(), at in 0usize..900) {
        let mut bytes = document("", &result("<statusCode code=\"completed\"/>", "<value xsi:type=\"PQ\" value=\"1\" unit=\"mg/dL\"/>")).into_bytes();
        if let Some(b) = bytes.get_mut(at) {
            *b = byte;
        }
        bytes.truncate(bytes.len().saturating_sub(cut));
        let answer = read(&bytes, AT);
        prop_assert!(!matches!(answer, Err(ReadError::Empty)) || bytes.is_empty());
    }
}
