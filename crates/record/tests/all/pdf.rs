//! The text layer of PDFs: the real ones of the shelf, in each format that brings them, and the same with damage.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use triptych_clinical::{Fact, FactKind};
use triptych_record::{Intake, read};

use super::{RECEIVED, cda, read_file, shelf};

fn notes(intake: &Intake) -> Vec<&Fact> {
    let facts = intake.patients.iter().flat_map(|p| &p.facts);
    facts.filter(|f| f.kind == FactKind::Note).collect()
}

fn said(intake: &Intake) -> String {
    format!("{:?}", intake.problems)
}

/// The first line of the text that holds `part`, its gaps made one space.
#[track_caller]
fn line(note: &Fact, part: &str) -> String {
    let text = note.text.as_deref().unwrap();
    let line = text.lines().find(|l| l.contains(part));
    let line = line.unwrap_or_else(|| panic!("no {part} in:\n{text}"));
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_report_sent_as_pdf_is_a_note_with_its_table() {
    let Some(folder) = shelf("a_report_sent_as_pdf_is_a_note_with_its_table") else {
        return;
    };
    let intake = read_file(&folder.join("examples/values/diagnosticreport-example.json")).unwrap();
    let notes = notes(&intake);
    let [note] = notes.as_slice() else {
        panic!("{} notes", notes.len());
    };
    assert_eq!(note.attrs["text_layer"], "PDF");
    assert!(!note.attrs.contains_key("not_shown"));
    assert!(
        said(&intake).contains("the text is the text layer of a PDF: layout and pictures are lost")
    );
    for expected in [
        "CBC Report for Wile. E. COYOTE (MRN: 23453) issued 3-Mar 2011 11:45",
        "Test Units Value Reference Range",
        "Haemoglobin g/L 176 135 - 180",
        "Red Cell Count x10*12/L 5.9 4.2 - 6.0",
        "Haematocrit 0.55+ 0.38 - 0.52",
        "Basophils x10*9/L 0.92+++ <0.21",
        "Acme Laboratory, Inc signed: Dr Pete Pathologist",
    ] {
        let found = note
            .text
            .as_deref()
            .unwrap()
            .lines()
            .any(|l| l.split_whitespace().collect::<Vec<_>>().join(" ") == expected);
        assert!(found, "{expected}\n{}", note.text.as_deref().unwrap());
    }
    let table = note.text.as_deref().unwrap();
    let place = |row: &str, cell: &str| table.lines().find(|l| l.contains(row)).unwrap().find(cell);
    assert_eq!(
        place("Haemoglobin ", "135 - 180"),
        place("Platelet", "150 - 450"),
        "columns stand below each other"
    );
}

#[test]
fn a_document_whose_body_is_a_pdf_is_a_note() {
    let Some(folder) = cda::shelf("a_document_whose_body_is_a_pdf_is_a_note") else {
        return;
    };
    let path = folder.join("documents/HL7_Unstructured_embedded_PDF.xml");
    let intake = read_file(&path).unwrap();
    let notes = notes(&intake);
    let note = notes[0];
    assert_eq!(note.attrs["media_type"], "application/pdf");
    assert_eq!(note.attrs["text_layer"], "PDF");
    assert_eq!(line(note, "Patient Name"), "Patient Name: Levin, Henry L.");
    assert_eq!(
        line(note, "costophrenic"),
        "maybe secondary to hypertension; right lateral costophrenic angle is not evaluated due to"
    );
    assert_eq!(
        line(note, "Zocor 20 mg, one"),
        "4. Zocor 20 mg, one tablet p.o. at bedtime."
    );
    let text = note.text.as_deref().unwrap();
    let order = ["DISCHARGE DIAGNOSES:", "HOSPITAL COURSE", "FOLLOW UP:"].map(|w| text.find(w));
    assert!(
        order.is_sorted() && order.iter().all(Option::is_some),
        "{order:?}"
    );
    // An empty line stands before a block, none within.
    assert!(text.contains("\n\nPROCEDURES:\n1. On"), "{text}");
}

#[test]
fn a_value_that_is_a_pdf_is_a_note() {
    let pdf = STANDARD.encode(small());
    let message = |data: &str| {
        format!(
            "MSH|^~\\&|LAB|SITE|TRIPTYCH|DESK|20240305080000||ORU^R01^ORU_R01|M-17|P|2.5.1\r\
             PID|1||T-1001^^^TRIPTYCH^MR||Test^Sample||19700101|F\r\
             OBR|1||A-77|11502-2^Report^LN|||20240305071500|||||||||||||||20240305075500|||F\r\
             OBX|1|ED|11502-2^Report^LN||^application^pdf^Base64^{data}||||||F\r"
        )
    };
    let intake = read(message(&pdf).as_bytes(), RECEIVED).unwrap();
    let note = notes(&intake)[0];
    assert_eq!(note.text.as_deref(), Some("No mass is seen."));
    assert_eq!(note.attrs["text_layer"], "PDF");
    assert!(said(&intake).contains("text layer of a PDF"));

    let cut = STANDARD.encode(&small()[..20]);
    let intake = read(message(&cut).as_bytes(), RECEIVED).unwrap();
    let note = notes(&intake)[0];
    assert_eq!(note.text, None);
    assert_eq!(note.attrs["not_shown"], "a damaged PDF: open it outside");
}

/// A page with one line, its cross-reference table left out: readers make one.
fn small() -> Vec<u8> {
    let content = "BT /F1 12 Tf 50 100 Td (No mass is seen.) Tj ET";
    format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
         3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 150]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n\
         4 0 obj<</Length {}>>stream\n{content}\nendstream endobj\n\
         5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
        content.len()
    )
    .into_bytes()
}

fn attached(pdf: &[u8]) -> Value {
    json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p", "identifier": [{"system": "urn:x", "value": "1"}]}},
        {"resource": {"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": {"reference": "Patient/p"},
            "content": [{"attachment": {"contentType": "application/pdf", "data": STANDARD.encode(pdf)}}]}}
    ]})
}

/// A PDF with anything in it is a note with text, or one that says why it has none, in under a second.
#[track_caller]
fn check_damaged(pdf: &[u8], what: &str) {
    let begun = Instant::now();
    let intake = read(attached(pdf).to_string().as_bytes(), RECEIVED).unwrap();
    let notes = notes(&intake);
    assert_eq!(notes.len(), 1, "{what}");
    assert!(
        notes[0].text.is_some() != notes[0].attrs.contains_key("not_shown"),
        "{what}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{what}: {:?}",
        begun.elapsed()
    );
}

fn check_every_damage(pdf: &[u8]) {
    for i in 0..50 {
        check_damaged(&pdf[..pdf.len() * i / 50], &format!("cut at {i}/50"));
    }
    // A generator of its own: the same places each time.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..200 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let place = usize::try_from(state >> 16).unwrap() % pdf.len();
        let mut changed = pdf.to_vec();
        changed[place] ^= u8::try_from(state & 0xff).unwrap().max(1);
        check_damaged(&changed, &format!("byte {place}"));
    }
}

#[test]
fn a_damaged_pdf_never_breaks_its_reader() {
    check_every_damage(&small());
}

#[test]
fn a_damaged_pdf_of_the_shelf_never_breaks_its_reader() {
    let Some(folder) = shelf("a_damaged_pdf_of_the_shelf_never_breaks_its_reader") else {
        return;
    };
    for file in [
        "examples/values/diagnosticreport-example.json",
        "examples/status/molis_1A.json",
    ] {
        let document: Value =
            serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
        let data = document["entry"]
            .as_array()
            .unwrap()
            .iter()
            .find_map(|e| e["resource"]["presentedForm"][0]["data"].as_str());
        check_every_damage(&STANDARD.decode(data.unwrap()).unwrap());
    }
}
