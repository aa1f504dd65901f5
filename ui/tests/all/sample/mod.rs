//! A made-up patient, rich enough to fill every view, a file a leaf. Nothing here is anybody.

mod drawings;
pub mod images;
mod labs;
mod lists;
mod notes;
pub mod papers;
mod signals;
mod start;
mod timeline;

use std::sync::Arc;

use triptych_ui::view::*;
use triptych_workbench::{FactId, Instant, PatientKey, StudyUid, When};

pub use drawings::drawings;
pub use notes::REPORT;
pub use signals::signal;
pub use start::{asked, start};

pub fn fact(name: &str) -> FactId {
    FactId::of(&["test", name])
}

pub fn when(text: &str) -> When {
    When::parse(text).unwrap()
}

fn now() -> Instant {
    when("2021-02-22T09:41:00Z").instant
}

pub fn study_uid(n: usize) -> StudyUid {
    StudyUid::new(&format!("1.2.3.{n}")).unwrap()
}

pub fn patient() -> PatientView {
    let labs = labs::labs();
    let notes = notes::notes();
    PatientView {
        person: PatientKey(1),
        banner: Banner {
            died: None,
            name: "HYATT, Neva".into(),
            initials: "NH".into(),
            sex: "F".into(),
            birth_date: "1970-05-28".into(),
            age: "50 y".into(),
            identifier_kind: "MRN".into(),
            identifier: "e6a7ccbf".into(),
            identifier_tail: "cbf".into(),
            allergies: "no record".into(),
            synthetic: false,
            linked: Vec::new(),
        },
        at: now(),
        at_is_now: true,
        at_text: "now 2021-02-22 09:41".into(),
        studies: images::studies(),
        drawings: DrawingsView::default(),
        corners: Arc::default(),
        timeline: timeline::timeline(&labs, &notes).into(),
        labs: labs.into(),
        former: Arc::default(),
        vitals: labs::vitals().into(),
        notes: notes.into(),
        medications: lists::medications().into(),
        problems: lists::problems().into(),
        allergies: Arc::default(),
        encounters: lists::encounters().into(),
        procedures: lists::procedures().into(),
        imaging_records: Arc::default(),
        immunizations: Arc::default(),
        others: Arc::default(),
        signals: signals::signals(),
        note_hits: None,
        note_verdicts: Arc::default(),
        headers: Arc::default(),
    }
}

pub fn snapshot(page: Page) -> Snapshot {
    Snapshot {
        generation: 1,
        page,
        import: None,
        notices: Vec::new(),
        rule_counts: None,
        machine: Arc::new(MachineView {
            processor: "local · CPU".into(),
            processor_reason: "No graphics card was found.".into(),
            archive: "Archive 1.2 GB".into(),
            doctor: String::new(),
        }),
    }
}
