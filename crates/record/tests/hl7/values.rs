//! Types of values, and what single messages of the shelf are worth opening for.

use triptych_clinical::{CodeSystem, FactKind, Status, Value};
use triptych_record::Intake;

use super::{RECEIVED, message, read_text, results, said, shelf};

/// The value-type messages name no patient; with one put in, each gives this. The code of all of them (8675-3) has a wrong check digit or not:
/// what is looked at here is the value.
#[test]
fn every_value_type_reads_as_expected() {
    let Some(folder) = shelf("every_value_type_reads_as_expected") else {
        return;
    };
    let expected = [
        ("ce-value", "coded 1 Display"),
        ("cwe-value", "coded 1 Display"),
        ("data-absent-n-value", "none"),
        ("data-absent-st-but-empty-value", "none"),
        ("data-absent-x-value", "none"),
        (
            "dr-value",
            "text 20230501102531-0400 to 20230501112531-0400",
        ),
        ("dt-value", "text 2023050110"),
        ("dtm-value", "text 20230501102531-0400"),
        ("ed-value", "document"),
        ("ft-value", "text Some formatted value"),
        ("is-value", "text Value"),
        ("nm-value", "5"),
        ("nr-value", "text 1 - 10"),
        ("obx-18-extra-device-identifier", "text 223100.0000"),
        ("obx-33-no-extension", "text 223100.0000"),
        ("obx-33", "text 223100.0000"),
        ("obx25-not-valued", "text Some value"),
        ("obx25-obx24-not-valued", "text Some value"),
        ("obx25-valued", "text Some value"),
        ("sn-as-quantity-value", "text >1.3"),
        ("sn-as-range-value", "text - 1 - 3"),
        ("sn-as-ratio-value-colon", "text \"1:3"),
        ("sn-as-ratio-value-division", "text \"1/3"),
        ("sn-as-string-value", "text -1+3"),
        ("st-value", "text Some value"),
        ("tm-value", "text 223100.0000"),
        ("tx-value", "text Some formatted value"),
        ("vr-value", "text First^Second"),
    ];
    for (name, value) in expected {
        let path = folder.join(format!("obx_value_types/OBX-to-Observation-{name}.hl7"));
        let text = std::fs::read_to_string(path).unwrap();
        // They end without a line end, and most without a status: as if they were cut. With an end, nobody is named.
        let text = text.trim_end().to_owned() + "\r";
        let unnamed = read_text(&text).unwrap();
        assert!(
            unnamed.patients.is_empty() && said(&unnamed).contains("no patient identity"),
            "{name}"
        );
        let intake = read_text(&text.replace("PID|1", "PID|1||1^^^X^MR")).unwrap();
        let found = results(&intake);
        assert_eq!(found.len(), 1, "{name}: {}", said(&intake));
        let shown = match &found[0].value {
            Value::Quantity(q) => q.written.clone(),
            Value::Coded(c) => format!(
                "coded {} {}",
                c.code,
                c.display.as_deref().unwrap_or_default()
            )
            .into(),
            Value::Text(t) => format!("text {t}").into(),
            _ if found[0].kind == FactKind::Note => "document".to_owned().into(),
            _ => "none".to_owned().into(),
        };
        assert_eq!(shown, value, "{name}");
    }
}

fn open(name: &str) -> Option<Intake> {
    let bytes = std::fs::read(shelf(name)?.join("messages").join(name)).unwrap();
    Some(triptych_record::read(&bytes, RECEIVED).unwrap())
}

#[test]
fn statuses_of_real_messages_are_kept_apart() {
    let Some(intake) = open("elims_29_5065302_35227_NoPII_CANCELED.hl7") else {
        return;
    };
    let cancelled = results(&intake)
        .iter()
        .filter(|f| f.status == Status::Cancelled)
        .count();
    assert_eq!(cancelled, 16);
    let Some(intake) = open("elims_2_72_3029198209_5121_NoPII.hl7") else {
        return;
    };
    let corrected = results(&intake)
        .iter()
        .filter(|f| f.status == Status::Corrected)
        .count();
    assert_eq!(corrected, 8);
    let Some(intake) = open("sample_SR_ENTEREDINERROR_20240904-0001.hl7") else {
        return;
    };
    assert!(
        results(&intake)
            .iter()
            .any(|f| f.status == Status::EnteredInError)
    );
    let Some(intake) = open("LAB-ORU-1.hl7") else {
        return;
    };
    let usable = results(&intake)
        .iter()
        .filter(|f| f.status == Status::Final)
        .count();
    assert_eq!(usable, 1);
}

#[test]
fn lines_of_one_text_are_one_note() {
    let Some(intake) = open("MDM-T02-03.hl7") else {
        return;
    };
    let notes: Vec<_> = results(&intake)
        .into_iter()
        .filter(|f| f.kind == FactKind::Note)
        .collect();
    let [note] = notes.as_slice() else {
        panic!("{}", notes.len())
    };
    assert_eq!(note.text.as_ref().unwrap().lines().count(), 29);
    assert_eq!(note.status, Status::Preliminary);
    assert_eq!(note.effective.unwrap().offset_minutes, 135);
    let Some(intake) = open("ORU-multiline-short.hl7") else {
        return;
    };
    let found = results(&intake);
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .text
            .as_ref()
            .unwrap()
            .contains("[PII] Emergency Department\nED Encounter")
    );
    assert_eq!(found[0].display, "ECHO CARDIOGRAM COMPLETE");
}

#[test]
fn a_blood_count_reads_as_it_stands() {
    let Some(intake) = open("LRI_2.0-NG_CBC_Typ_Message.hl7") else {
        return;
    };
    let found = results(&intake);
    assert_eq!(found.len(), 28);
    let quantities = found.iter().filter(|f| f.quantity().is_some()).count();
    let ranges = found
        .iter()
        .filter(|f| {
            f.reference
                .as_ref()
                .is_some_and(|r| r.low.is_some() && r.high.is_some())
        })
        .count();
    println!("{quantities} numbers, {ranges} ranges");
    assert!(quantities >= 19 && ranges >= 18);
    assert!(found.iter().all(|f| {
        f.codes
            .first()
            .is_some_and(|c| c.system == CodeSystem::Loinc)
    }));
    let identity = intake.patients[0].identity.as_ref().unwrap();
    assert_eq!(
        (identity.family.as_str(), identity.given.as_str()),
        ("Jones", "William A")
    );
}

#[test]
fn a_code_that_is_no_loinc_code_is_kept_as_that() {
    let text = message(
        "M",
        "20240305080000",
        &[
            "OBR|1||A|B",
            "OBX|1|NM|2160-1^Creatinine^LN^KREA^Kreatinin^L||1.1|mg/dL|||||F",
        ],
    );
    let intake = read_text(&text).unwrap();
    let systems: Vec<String> = results(&intake)[0]
        .codes
        .iter()
        .map(|c| c.system.to_string())
        .collect();
    assert_eq!(systems, ["LN (not a LOINC code)", "L"]);
    assert!(said(&intake).contains("2160-1 is not a LOINC code"));
    // The LOINC triplet goes first wherever it stands, and the local one is kept.
    let text = text.replace(
        "2160-1^Creatinine^LN^KREA^Kreatinin^L",
        "KREA^Kreatinin^L^2160-0^Creatinine^LN",
    );
    let intake = read_text(&text).unwrap();
    let codes: Vec<&str> = results(&intake)[0]
        .codes
        .iter()
        .map(|c| c.code.as_str())
        .collect();
    assert_eq!(codes, ["2160-0", "KREA"]);
}

#[test]
fn comments_and_specimens_set_flags() {
    let text = message(
        "M",
        "20240305080000",
        &[
            "OBR|1||A|B|||20240305071500",
            "OBX|1|NM|2823-3^Potassium^LN||6.9|mmol/L|3.5-5.1|HH|||F",
            "NTE|1||Sample haemolysed~please repeat",
            "OBX|2|NM|2951-2^Sodium^LN||140|mmol/L|||||F",
            "SPM|1|||119297000^Blood^SCT||||||||||||||||||||CLOT^Clotted^HL70493",
        ],
    );
    let intake = read_text(&text).unwrap();
    let found = results(&intake);
    assert_eq!(found[0].specimen_flags, ["clotted", "haemolysed"]);
    assert_eq!(found[1].specimen_flags, ["clotted"]);
    assert_eq!(
        found[0].attrs["comment"],
        "Sample haemolysed\nplease repeat"
    );
    assert_eq!(found[0].attrs["specimen"], "Blood");
}

#[test]
fn a_deleted_value_is_no_empty_one() {
    let order = "OBR|1||A|B|||20240305071500";
    let text = message(
        "M",
        "20240305080000",
        &[
            order,
            "OBX|1|NM|2823-3^K^LN||\"\"|mmol/L|||||F",
            "OBX|2|NM|2951-2^Na^LN|||mmol/L|||||F",
        ],
    );
    let intake = read_text(&text).unwrap();
    let found = results(&intake);
    assert!(found.iter().all(|f| f.value == Value::None));
    assert!(found[0].attrs.contains_key("deleted") && !found[1].attrs.contains_key("deleted"));
}

#[test]
fn identity_takes_all_repetitions_with_their_authority() {
    let Some(intake) = open("sample_AOE_1_20230220-0001.hl7") else {
        return;
    };
    let identity = intake.patients[0].identity.as_ref().unwrap();
    let kinds: Vec<&str> = identity
        .identifiers
        .iter()
        .map(|i| i.kind.as_str())
        .collect();
    assert_eq!(kinds, ["MR", "SS", "PI", "AN"]);
    assert!(
        identity
            .identifiers
            .iter()
            .all(|i| i.issuer == "urn:oid:2.16.840.1.114222.4.3.2.2.1.321.111")
    );
}

#[test]
fn the_same_key_with_another_birth_date_is_quarantined() {
    let order = ["OBR|1||A|B", "OBX|1|NM|2823-3^K^LN||4.0|mmol/L|||||F"];
    let first = message("M-1", "20240305080000", &order);
    let second = message("M-2", "20240305090000", &order).replace("19700101", "19710101");
    let intake = read_text(&(first + &second)).unwrap();
    assert_eq!((intake.patients.len(), results(&intake).len()), (1, 1));
    assert!(said(&intake).contains("identifier reuse?"));
}
