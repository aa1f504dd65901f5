//! The broken messages: one answer each, as their README says.

use triptych_clinical::{Comparator, FactKind, Status, Value};
use triptych_record::{IdentityTaskKind, Intake, ReadError};

use super::{RECEIVED, facts, results, said, shelf};

fn open(name: &str) -> Option<Result<Intake, ReadError>> {
    let folder = shelf(name)?;
    let bytes = std::fs::read(folder.join("broken").join(name)).unwrap();
    Some(triptych_record::read(&bytes, RECEIVED))
}

fn values(intake: &Intake) -> Vec<String> {
    results(intake)
        .iter()
        .map(|f| match &f.value {
            Value::Quantity(q) => {
                format!("{}{}", q.comparator.map_or("", Comparator::sign), q.written)
            }
            Value::Text(t) => format!("text {t}"),
            Value::Coded(c) => format!("coded {}", c.code),
            Value::None => "none".to_owned(),
            Value::Absent(a) => format!("absent {}", a.reason),
        })
        .collect()
}

#[test]
fn b01_without_header_it_is_refused() {
    let Some(result) = open("01_no_msh.hl7") else {
        return;
    };
    assert!(
        result
            .unwrap_err()
            .to_string()
            .contains("no message header")
    );
}

#[test]
fn b02_a_message_that_is_cut_gives_nothing() {
    let Some(result) = open("02_truncated_in_obx.hl7") else {
        return;
    };
    let intake = result.unwrap();
    assert!(facts(&intake).is_empty());
    assert!(said(&intake).contains("cut short"), "{}", said(&intake));
}

#[test]
fn b03_mllp_frames_are_stripped_and_the_second_message_is_the_same() {
    let Some(result) = open("03_mllp_framed_two_messages.hl7") else {
        return;
    };
    let intake = result.unwrap();
    assert_eq!(intake.counts.hl7.messages, 2);
    assert_eq!(results(&intake).len(), 10);
    assert!(said(&intake).contains("seen twice"));
    assert!(!said(&intake).contains("MLLP"));
}

#[test]
fn b04_a_frame_without_end_is_accepted_with_a_warning() {
    let Some(result) = open("04_mllp_no_end_block.hl7") else {
        return;
    };
    let intake = result.unwrap();
    assert_eq!(results(&intake).len(), 10);
    assert!(said(&intake).contains("MLLP start block without end block"));
}

#[test]
fn b05_b06_b23_line_ends_delimiters_and_marks_change_nothing() {
    let (Some(mixed), Some(custom), Some(bom)) = (
        open("05_cr_lf_mixed.hl7"),
        open("06_custom_delimiters.hl7"),
        open("23_utf8_bom.hl7"),
    ) else {
        return;
    };
    let (mixed, custom, bom) = (mixed.unwrap(), custom.unwrap(), bom.unwrap());
    assert_eq!(values(&mixed).len(), 10);
    for other in [&custom, &bom] {
        let strip = |i: &Intake| {
            facts(i)
                .into_iter()
                .cloned()
                .map(|mut f| {
                    f.provenance = facts(&mixed)[0].provenance.clone();
                    f
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(strip(other), strip(&mixed));
        assert_eq!(other.patients[0].identity, mixed.patients[0].identity);
    }
    assert_eq!(custom.counts.hl7.obx_types, mixed.counts.hl7.obx_types);
    assert_eq!(custom.counts.hl7.custom_delimiters, 1);
}

#[test]
fn b07_the_same_message_twice_is_one_result() {
    let Some(result) = open("07_same_control_id_sent_twice.hl7") else {
        return;
    };
    let intake = result.unwrap();
    assert_eq!(values(&intake), ["6.1"]);
    assert_eq!(results(&intake)[0].version, 1);
    assert!(said(&intake).contains("seen twice"));
}

#[test]
fn b08_corrected_then_deleted_is_one_result_with_three_versions() {
    let Some(result) = open("08_final_then_corrected_then_deleted.hl7") else {
        return;
    };
    let intake = result.unwrap();
    let found = results(&intake);
    assert_eq!(values(&intake), ["6.9", "3.9", "none"]);
    assert!(found.iter().all(|f| f.id == found[0].id));
    let versions: Vec<_> = found.iter().map(|f| (f.version, f.status)).collect();
    assert_eq!(
        versions,
        [
            (1, Status::Final),
            (2, Status::Corrected),
            (3, Status::EnteredInError)
        ]
    );
    assert_eq!(found[0].flag.as_deref(), Some("HH"));
    assert!(found[2].attrs.contains_key("deleted"));
    // The archive shows of several versions the one that was released last.
    assert!(found[0].available.instant < found[1].available.instant);
    assert!(found[1].available.instant < found[2].available.instant);
}

#[test]
fn b09_what_does_not_fit_its_type_is_never_computed_with() {
    let Some(result) = open("09_type_does_not_fit_value.hl7") else {
        return;
    };
    let intake = result.unwrap();
    assert_eq!(
        values(&intake),
        [
            "text hemolysed",
            "<3.0",
            ">12.0",
            "text 1,204",
            "text 5,6",
            "none"
        ]
    );
    let found = results(&intake);
    assert!(found[3].attrs.contains_key("ambiguous") && found[4].attrs.contains_key("ambiguous"));
    assert!(found[1].attrs["sub_id_absent"].contains("number 2"));
    assert_ne!(found[0].id, found[1].id);
}

#[test]
fn b10_times_that_are_none_are_not_invented() {
    let Some(result) = open("10_bad_dates.hl7") else {
        return;
    };
    let intake = result.unwrap();
    let found = results(&intake);
    assert_eq!(found[0].effective, None);
    assert!(said(&intake).contains("OBX-14 is no real time"));
    assert_eq!(found[1].effective.unwrap().to_string(), "2024-02");
    let third = found[2].effective.unwrap();
    assert_eq!(third.instant.to_string(), "2024-03-05T01:45:00.1234Z");
    assert_eq!(third.offset_minutes, 330);
    assert_eq!(found[3].effective.unwrap().to_string(), "2024-03-05 07:15");
    assert_eq!(found[3].attrs["effective"], "from OBR-7");
}

#[test]
fn b11_b12_text_is_right_whatever_the_header_says() {
    let (Some(latin), Some(utf8)) = (
        open("11_says_utf8_is_latin1.hl7"),
        open("12_says_8859-1_is_utf8.hl7"),
    ) else {
        return;
    };
    let (latin, utf8) = (latin.unwrap(), utf8.unwrap());
    for intake in [&latin, &utf8] {
        assert_eq!(values(intake), ["text Röntgen: kein Erguß, 38,5 °C"]);
    }
    assert!(said(&latin).contains("character set guessed"));
    assert_eq!(results(&latin)[0].attrs["encoding"], "guessed");
    assert!(said(&utf8).contains("its bytes are UTF-8"));
}

#[test]
fn b13_escapes_become_lines_and_signs() {
    let Some(result) = open("13_report_in_escapes.hl7") else {
        return;
    };
    let intake = result.unwrap();
    let found = results(&intake);
    assert_eq!(found[0].kind, FactKind::Note);
    let text = found[0].text.as_deref().unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert!(text.contains("A & B."));
    assert!(lines.contains(&"No pleural effusion."));
    assert_eq!(found[0].attrs["highlighted"], "No");
    assert!(lines.contains(&"1) T 38.5"));
    assert!(lines.contains(&r"2) see ~ and \ and ^ and |"));
}

#[test]
fn b14_an_early_result_joins_no_order() {
    let Some(result) = open("14_obx_before_obr_and_unknown_segment.hl7") else {
        return;
    };
    let intake = result.unwrap();
    assert_eq!(values(&intake), ["4.4", "4.0"]);
    let found = results(&intake);
    assert!(!found[0].attrs.contains_key("panel") && found[1].attrs["panel"] == "CMP");
    assert!(said(&intake).contains("a result before any order"));
    assert_eq!(intake.not_understood["segment ZXY"], 1);
}

#[test]
fn b15_without_identity_nothing_is_filed() {
    for name in [
        "15_no_patient_identity.hl7",
        "real_reportstream_output-invalid.hl7",
    ] {
        let Some(result) = open(name) else { return };
        let intake = result.unwrap();
        assert!(intake.patients.is_empty(), "{name}");
        assert!(said(&intake).contains("no patient identity"), "{name}");
        assert_eq!(intake.quarantined.len(), 1, "{name}");
    }
}

#[test]
fn b16_two_patients_of_one_name_stay_two() {
    let Some(result) = open("16_two_patients_one_file.hl7") else {
        return;
    };
    let intake = result.unwrap();
    assert_eq!(intake.patients.len(), 2);
    assert_eq!(values(&intake), ["4.0", "5.0"]);
    let found = results(&intake);
    assert_ne!(found[0].id, found[1].id);
}

#[test]
fn b17_a_damaged_document_says_so() {
    let Some(result) = open("17_ed_base64_damaged.hl7") else {
        return;
    };
    let intake = result.unwrap();
    let found = results(&intake);
    assert_eq!((found[0].kind, &found[0].text), (FactKind::Note, &None));
    assert!(found[0].attrs["not_shown"].contains("could not be read"));
    assert!(said(&intake).contains("could not be read"));
}

#[test]
fn b18_only_safe_ranges_become_numbers() {
    let Some(result) = open("18_reference_ranges.hl7") else {
        return;
    };
    let intake = result.unwrap();
    let ranges: Vec<_> = results(&intake)
        .iter()
        .map(|f| {
            let r = f.reference.as_ref().unwrap();
            (r.low, r.high, r.text.as_deref().unwrap())
        })
        .collect();
    assert_eq!(
        ranges,
        [
            (Some(3.5), Some(5.1), "3.5-5.1"),
            (Some(3.5), Some(5.1), "3.5 - 5.1"),
            (None, Some(5.2), "<5.2"),
            (Some(3.4), None, "> 3.4"),
            (None, None, "3,5-5,1"),
            (None, None, "3.5^5.1"),
            (Some(3.5), Some(5.1), "(3.5-5.1)"),
            (Some(-1.0), Some(1.0), "-1.0-1.0"),
            (None, None, "negative"),
            (Some(3.5), None, "3.5-"),
            (None, None, "5.1-3.5"),
        ]
    );
    assert!(said(&intake).contains("reversed"));
}

#[test]
fn b19_a_merge_waits_for_a_person() {
    let Some(result) = open("19_merge_patient_a40.hl7") else {
        return;
    };
    let intake = result.unwrap();
    assert!(intake.patients.is_empty());
    let [task] = intake.identity_tasks.as_slice() else {
        panic!("{:?}", intake.identity_tasks)
    };
    assert_eq!(task.kind, IdentityTaskKind::Merge);
    assert_eq!(task.keep.identifiers[0].value, "T-1001");
    assert_eq!(task.other.identifiers[0].value, "T-1002");
    assert!(said(&intake).contains("without a person's decision"));
}

#[test]
fn b20_b21_what_is_no_message_is_refused() {
    for name in ["20_empty.hl7", "21_not_hl7.hl7", "real_hapi_guide.txt"] {
        let Some(result) = open(name) else { return };
        assert!(result.is_err(), "{name}");
    }
}

#[test]
fn b22_a_very_long_text_is_kept_whole() {
    let Some(result) = open("22_very_long_field.hl7") else {
        return;
    };
    let intake = result.unwrap();
    assert_eq!(results(&intake)[0].text.as_ref().unwrap().len(), 300_000);
}

#[test]
fn real_a24_links_two_patients_with_other_delimiters() {
    let Some(result) = open("real_hapi_segmentfinder_a24.hl7") else {
        return;
    };
    let intake = result.unwrap();
    let [task] = intake.identity_tasks.as_slice() else {
        panic!("{:?}", intake.identity_tasks)
    };
    assert_eq!(task.kind, IdentityTaskKind::Link);
    let values = [&task.keep, &task.other].map(|i| i.identifiers[0].value.as_str());
    assert_eq!(values, ["11111", "22222"]);
    assert!(intake.patients.is_empty());
}

#[test]
fn real_profile_faults_are_accepted() {
    let Some(result) = open("real_reportstream_fail_onboarding_pass_prod.hl7") else {
        return;
    };
    let intake = result.unwrap();
    assert_eq!(values(&intake), ["coded 260373001", "24"]);
    assert_eq!(results(&intake)[1].category, ["survey"]);
}
