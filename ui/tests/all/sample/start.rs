//! The start page: a list of patients and an import that went half well.

use std::sync::Arc;

use triptych_ui::view::*;
use triptych_workbench::PatientKey;

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
