//! The start page: a list of patients and an import that went half well.

use std::sync::Arc;

use triptych_ui::view::*;
use triptych_workbench::{IdentityAnswer, PatientKey, QuestionKind};

use super::snapshot;

pub fn start() -> Snapshot {
    let row = |key: i64,
               name: &str,
               sex: &str,
               born: &str,
               age: &str,
               id: &str,
               event: &str,
               counts: (usize, usize, usize)| PatientRow {
        person: PatientKey(key),
        name: name.into(),
        sex: sex.into(),
        birth_date: born.into(),
        age: age.into(),
        identifier: id.into(),
        counts: Counts {
            studies: counts.0,
            results: counts.1,
            notes: counts.2,
            ..Counts::default()
        },
        last_event: event.into(),
        last_opened: if key < 3 {
            "2021-02-22 09:41".into()
        } else {
            String::new()
        },
        synthetic: key == 9,
        linked_records: if key == 1 { 2 } else { 1 },
    };
    let mut s = snapshot(Page::Start(Arc::new(StartView {
        patients: vec![
            row(
                1,
                "HYATT, Neva",
                "F",
                "1970-05-28",
                "50 y",
                "MRN e6a7ccbf",
                "2021-02-22",
                (2, 310, 9),
            ),
            row(
                2,
                "KUHLMAN, Dirk",
                "M",
                "1971-12-07",
                "49 y",
                "MRN 1e503533",
                "2021-03-02",
                (0, 266, 0),
            ),
            row(
                3,
                "DIBBERT, Laticia",
                "F",
                "1948-11-08",
                "died 64 y",
                "MRN b23f172c",
                "2013-05-31",
                (4, 1221, 0),
            ),
            row(
                4,
                "KUVALIS, Lavelle",
                "F",
                "1942-03-19",
                "78 y",
                "MRN 9f0fb46c",
                "2020-08-20",
                (0, 123, 0),
            ),
            row(
                5,
                "VON HOHENZOLLERN-SIGMARINGEN-EMDEN, Maximilian Friedrich Alexander Konstantin",
                "M",
                "birth date not recorded",
                "",
                "1.2.840.113619.2.55.3.604688119.969.1268071029.320",
                "2012-10-17",
                (0, 207, 0),
            ),
            row(
                9,
                "DEMO, Synthetic",
                "F",
                "1957-03-02",
                "69 y",
                "MRN 1234",
                "2026-02-22",
                (3, 410, 12),
            ),
        ],
        search: String::new(),
        questions: Vec::new(),
    })));
    s.import = Some(Arc::new(ImportView {
        title: "chest_ct and fhir".into(),
        done: 212,
        total: 312,
        bytes: 118_000_000,
        stored: 208,
        duplicates: 2,
        refused: vec![
            RefusedFile { name: "031_truncated.dcm".into(), reason: "Pixel data end at byte 262,144 of 524,288. The other 60 images of the series are complete.".into() },
            RefusedFile { name: "bundle-dstu2.json".into(), reason: "FHIR release DSTU2 (1.0.2); this program reads R4 (4.0.1).".into() },
        ],
        conflicts: vec![RefusedFile { name: "Identifier 20481".into(), reason: "Arrived with birth dates 1957-03-02 and 1957-02-03. Nothing was joined; both wait until a person decides.".into() }],
        ..ImportView::default()
    }));
    s
}

/// The start page with two questions of identity: one that can be answered in every way, and one with a side that is not there.
pub fn asked() -> Snapshot {
    let mut s = start();
    let Page::Start(page) = &s.page else {
        return s;
    };
    let mut page = StartView::clone(page);
    page.questions = vec![
        IdentityCard {
            id: 7,
            kind: QuestionKind::Contradiction,
            asks: "A file bears e6a7ccbf and gives another birth date".into(),
            source: "Neva_Hyatt.json".into(),
            files: vec!["/import/Neva_Hyatt.json".into()],
            sides: [
                side("The record", "e6a7ccbf", "Record 1 of this archive", true),
                side(
                    "The file",
                    "e6a7ccbf",
                    "Not filed: waits for an answer",
                    false,
                ),
            ],
            rows: rows(
                [["Hyatt", "Hyatt"], ["Neva", "Neva"]],
                ["1970-05-28", "1971-05-28"],
                ["MR e6a7ccbf (urn:hospital)", "MR e6a7ccbf (urn:hospital)"],
            ),
            note: String::new(),
            answers: vec![
                option(IdentityAnswer::OwnRecord, ""),
                option(IdentityAnswer::Apart, ""),
            ],
            settled: None,
        },
        IdentityCard {
            id: 6,
            kind: QuestionKind::Merge,
            asks: "HL7 A40 of 2024-03-06 asks to make T-1002 part of T-1001".into(),
            source: "19_merge_patient_a40.hl7, message 1 (ADT^A40)".into(),
            files: vec!["/import/19_merge_patient_a40.hl7".into()],
            sides: [
                side("Stays", "T-1001", "Record 2 of this archive", true),
                side("Becomes part of it", "T-1002", "Not in this archive", false),
            ],
            rows: rows(
                [["Test", ""], ["Sample", ""]],
                ["1970-01-01", ""],
                ["MR T-1001 (TRIPTYCH)", "MR T-1002 (TRIPTYCH)"],
            ),
            note: String::new(),
            answers: vec![
                option(
                    IdentityAnswer::OnePerson,
                    "T-1002 is not in this archive: import it first, then the two can be linked",
                ),
                option(IdentityAnswer::Apart, ""),
            ],
            settled: None,
        },
    ];
    s.page = Page::Start(Arc::new(page));
    s
}

fn side(title: &str, short: &str, place: &str, present: bool) -> IdentityColumn {
    IdentityColumn {
        title: title.into(),
        short: short.into(),
        place: place.into(),
        present,
        note: String::new(),
    }
}

fn option(answer: IdentityAnswer, refused: &str) -> IdentityOption {
    IdentityOption {
        answer,
        refused: refused.into(),
    }
}

fn rows(names: [[&str; 2]; 2], born: [&str; 2], identifiers: [&str; 2]) -> Vec<IdentityRow> {
    let [family, given] = names;
    [
        (IdentityField::FamilyName, family),
        (IdentityField::GivenName, given),
        (IdentityField::BirthDate, born),
        (IdentityField::Sex, ["female", ""]),
        (IdentityField::Identifiers, identifiers),
    ]
    .into_iter()
    .map(|(field, values)| IdentityRow {
        field,
        values: values.map(|text| Cell {
            text: text.into(),
            from_record: false,
        }),
        agreement: match values {
            [a, b] if a == b => Agreement::Same,
            [_, ""] => Agreement::OneSided,
            _ => Agreement::Differs,
        },
    })
    .collect()
}
