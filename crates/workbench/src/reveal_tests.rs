//! Clinician first, over a real archive.

use std::collections::BTreeMap;

use triptych_archive::ImportDocument;
use triptych_clinical::{Identity, PatientKey};

use super::*;
use crate::view::{Basis, BasisItem, Lane, SignalId, Weighing};

fn study(n: u32) -> StudyUid {
    StudyUid::new(&format!("1.2.3.{n}")).unwrap()
}

fn card(n: u32) -> SignalCard {
    SignalCard {
        id: SignalId(format!("model@1/{n}")),
        lane: Lane::D,
        severity: None,
        rule: "model@1".into(),
        title: "Chest model".into(),
        summary: "nodule: high band".into(),
        as_of: String::new(),
        missing: String::new(),
        detail: String::new(),
        acknowledged: None,
        basis: Basis {
            items: vec![BasisItem {
                name: "DX 2021-02-22".into(),
                role: String::new(),
                value: String::new(),
                canonical: String::new(),
                time: String::new(),
                age: String::new(),
                target: Some(Target::Image {
                    study: study(n),
                    instance: None,
                }),
            }],
            ..Basis::default()
        },
        subject: String::new(),
        outcome: String::new(),
        sides: Vec::new(),
        weighing: Weighing::default(),
        own: Vec::new(),
    }
}

fn made(number: i64, name: &str, option: &str, text: &str, who: &str) -> Decision {
    Decision {
        number,
        decision: NewDecision {
            reason_text: text.to_owned(),
            ..decision(PatientKey(1), name.to_owned(), option, Instant(number))
        },
        by: triptych_archive::By::new(who, Instant(number)),
    }
}

fn analysis() -> Analysis {
    Analysis {
        cards: vec![card(1), card(1), card(2)],
        ..Analysis::default()
    }
}

/// D-15: without an own impression and a reveal nothing of what was found is there, and each study waits on its own.
#[test]
fn d_15_nothing_is_shown_before_it_is_asked_for() {
    let split = split(&analysis(), &[], "reader");
    assert!(split.shown.is_empty());
    let waiting: Vec<&StudyUid> = split.hidden.iter().map(|h| &h.study).collect();
    assert_eq!(waiting, [&study(1), &study(2)]);
    let said = format!("{:?}", split.hidden);
    assert!(!said.contains("band"), "{said}");
}

/// D-15: an impression alone does not reveal, another reader's reveal does not either.
#[test]
fn d_15_an_impression_is_not_yet_a_reveal_and_readers_are_apart() {
    let decisions = [
        made(1, "impression/1.2.3.1", "finding", "nodule left", "reader"),
        made(2, "reveal/1.2.3.1", AFTER, "", "somebody else"),
    ];
    let split = split(&analysis(), &decisions, "reader");
    assert!(split.shown.is_empty());
    let own: Vec<&str> = split.hidden[0]
        .own
        .iter()
        .map(|o| o.words.as_str())
        .collect();
    assert_eq!(own, ["a finding is present: nodule left"]);
}

/// D-16: after the reveal every version of the own impression stands with the finding, oldest first.
#[test]
fn d_16_both_versions_of_an_amended_impression_are_kept() {
    let decisions = [
        made(1, "impression/1.2.3.1", "no_finding", "", "reader"),
        made(2, "reveal/1.2.3.1", AFTER, "", "reader"),
        made(3, "impression/1.2.3.1", "finding", "seen late", "reader"),
    ];
    let split = split(&analysis(), &decisions, "reader");
    assert_eq!(split.shown.len(), 2);
    assert_eq!(split.hidden.len(), 1);
    let own: Vec<&str> = split.shown[0]
        .own
        .iter()
        .map(|o| o.words.as_str())
        .collect();
    assert_eq!(own, ["no finding seen", "a finding is present: seen late"]);
}

/// D-15, D-17: a page on the command line is shown nothing either, and all of it at once only with a reason that the trail keeps.
#[test]
fn d_17_seen_at_once_with_a_reason_that_the_trail_keeps() {
    let folder = tempfile::tempdir().unwrap();
    let core = Core::open(&crate::Settings {
        archive: folder.path().join("archive"),
        key_file: Some(folder.path().join("keys/key")),
        worker: None,
    })
    .unwrap();
    let identity = Identity {
        family: "One".into(),
        ..Identity::default()
    };
    let document = ImportDocument {
        hash: DocumentHash::of(b"one"),
        name: "one.json".into(),
        kind: "fhir-bundle".into(),
        bytes: Some(b"one".to_vec()),
        patients: vec![(identity, Vec::new())],
        counts: BTreeMap::new(),
    };
    let done = core.wait(core.archive().import_document(&core.by(), document));
    let person = done.unwrap().keys().next().unwrap();
    let open = core.open_patient(person, None).unwrap();
    let mut view = open.view.clone();
    core.add_findings(&open, &mut view, analysis(), None)
        .unwrap();
    assert_eq!(
        (view.signals.hidden.len(), view.signals.cards.len()),
        (2, 0)
    );
    assert!(
        core.add_findings(&open, &mut view, analysis(), Some("curious"))
            .is_err()
    );
    core.add_findings(&open, &mut view, analysis(), Some("no_time"))
        .unwrap();
    assert!(view.signals.hidden.is_empty());
    assert_eq!(view.signals.cards.len(), 3);
    assert_eq!(view.signals.reveals, Reveals { at_once: 2, all: 2 });
    let kept = core
        .wait(core.archive().decisions(person, Instant(i64::MAX)))
        .unwrap();
    assert!(kept.iter().all(|d| d.decision.reason_code == "no_time"));
}
