//! Notes and reports.

use triptych_ui::view::*;
use triptych_workbench::StudyUid;

use super::{fact, study_uid, when};

pub const REPORT: &str = "FINDINGS\nA soft-tissue mass in the right upper lobe abuts the mediastinal pleura. The mass appears unchanged compared with 2020-12-07. Bronchi to the right upper lobe are narrowed. No pleural effusion. No pneumothorax. Possible enlarged right paratracheal node. Left lung clear.\n\nRECOMMENDATION\nContrast-enhanced CT is suggested.\n";

pub fn notes() -> Vec<NoteItem> {
    vec![
        note(
            "ct report",
            "CT report",
            "2021-02-22 10:05",
            "preliminary",
            REPORT,
            Some(study_uid(1)),
        ),
        note(
            "visit 1",
            "Progress note",
            "2020-08-14 01:02",
            "final",
            "PLAN\nMetformin continued. Creatinine to be repeated in 4 weeks.\nNo oedema. Weight stable at 86.8 kg.",
            None,
        ),
        note(
            "letter",
            "Rheumatology letter",
            "2020-06-18 11:00",
            "final",
            "HOSPITAL COURSE: Joint pain, better on treatment.",
            None,
        ),
        note(
            "visit 2",
            "Progress note",
            "2019-11-22 09:30",
            "superseded",
            "Anaemia known. Ferritin asked for.",
            None,
        ),
    ]
}

fn note(
    name: &str,
    title: &str,
    date: &str,
    status: &str,
    text: &str,
    study: Option<StudyUid>,
) -> NoteItem {
    let reading = ReadingSlot::default();
    reading.set(triptych_workbench::notes::reading(fact(name), text));
    NoteItem {
        twins: Vec::new(),
        fact: fact(name),
        title: title.into(),
        date: date.into(),
        at: when(&date[..10]),
        author: "Radiology".into(),
        status: status.into(),
        text: text.into(),
        version: 1,
        reading,
        study,
        source: "FHIR bundle, DocumentReference".into(),
    }
}
