//! A long record through the whole opening, with a real archive.

use std::collections::BTreeMap;

use triptych_archive::ImportDocument;
use triptych_clinical::{
    CodeSystem, Coding, DocumentHash, Fact, FactKind, Identifier, Identity, Instant, Provenance,
    Quantity, Value, When,
};

use super::super::Order;
use super::super::drawing::tests::record;
use super::*;
use crate::{Command, Settings};

fn creatinine(n: u32, document: DocumentHash) -> Fact {
    let name = format!("creatinine {n}");
    let at = When::parse(&format!(
        "20{:02}-{:02}-{:02}",
        n / 336,
        1 + n / 28 % 12,
        1 + n % 28
    ));
    let at = at.unwrap();
    let value = 1.0 + f64::from(n % 7) / 10.0;
    Fact {
        codes: vec![Coding::new(CodeSystem::Loinc, "2160-0")].into(),
        value: Value::Quantity(Quantity {
            value,
            written: format!("{value:.1}").into(),
            comparator: None,
            unit: Some("mg/dL".into()),
            unit_text: None,
        }),
        effective: Some(at),
        available: at,
        ..Fact::new(
            triptych_clinical::FactId::of(&[&name]),
            FactKind::Observation,
            Instant(0),
            Provenance::new(document, name, None),
        )
    }
}

/// A report's advice: CT of the chest in three months.
fn advice(document: DocumentHash) -> Fact {
    let at = When::parse("2020-09-01").unwrap();
    let attrs = [("modality", "CT"), ("region", "chest"), ("due_months", "3")];
    let attrs = attrs.map(|(k, v)| (k.to_owned(), v.to_owned()));
    Fact {
        codes: vec![Coding::new(CodeSystem::Tri, "recommendation")].into(),
        attrs: BTreeMap::from(attrs).into(),
        effective: Some(at),
        available: at,
        origin: triptych_clinical::Origin::Reader,
        ..Fact::new(
            triptych_clinical::FactId::of(&["advice"]),
            FactKind::Finding,
            Instant(0),
            Provenance::new(document, "advice", None),
        )
    }
}

/// An archive with one record.
fn archive(folder: &std::path::Path, facts: u32) -> (Core, PatientKey) {
    let core = Core::open(&Settings {
        archive: folder.join("archive"),
        key_file: Some(folder.join("keys/key")),
        worker: None,
    })
    .unwrap();
    let bytes = b"a long record".to_vec();
    let hash = DocumentHash::of(&bytes);
    let identity = Identity {
        identifiers: vec![Identifier {
            issuer: "hospital".into(),
            kind: "MR".into(),
            value: "1".into(),
        }],
        birth_date: When::parse("1950-01-01").ok(),
        sex: triptych_clinical::Sex::Female,
        ..Identity::default()
    };
    let made = (0..facts).map(|n| creatinine(n, hash));
    let document = ImportDocument {
        hash,
        name: "bundle.json".into(),
        kind: "fhir-bundle".into(),
        bytes: Some(bytes),
        patients: vec![(identity, made.chain([advice(hash)]).collect())],
        counts: BTreeMap::new(),
    };
    let done = core.wait(core.archive().import_document(&core.by(), document));
    let person = done.unwrap().keys().next().unwrap();
    (core, person)
}

#[test]
fn a_long_record_is_there_before_its_rules_and_the_same_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let (core, person) = archive(folder.path(), 5_400);
    let mut early = None;
    let keep = |view: &PatientView, _: &Catalog| early = Some(view.clone());
    let (open, _) = core.open_in_steps(person, None, Some(keep)).unwrap();
    let early = early.expect("a page before the rules");
    assert!(early.signals.running && early.signals.cards.is_empty());
    assert!(!early.timeline.is_empty());
    let series = |view: &PatientView| {
        let rows = view.labs.iter().flat_map(|g| &g.rows);
        let reported: Vec<_> = rows.filter(|r| !r.calculated).collect();
        let points = |r: &&crate::view::LabRow| (r.key.clone(), r.value.clone(), r.points.len());
        reported.iter().map(points).collect::<Vec<_>>()
    };
    assert_eq!(series(&early), series(&open.view));
    assert_eq!(series(&early).iter().map(|r| r.2).sum::<usize>(), 5_400);
    assert!(!open.view.signals.coverage.is_empty() && !open.view.signals.running);
    let entries = core.wait(core.archive().audit_entries(9)).unwrap();
    assert!(entries.iter().any(|e| e.subject == Some(person)));
    core.close().unwrap();
}

#[test]
fn a_short_record_comes_once() {
    let folder = tempfile::tempdir().unwrap();
    let (core, person) = archive(folder.path(), 40);
    let mut pages = 0;
    let count = |_: &PatientView, _: &Catalog| pages += 1;
    core.open_in_steps(person, None, Some(count)).unwrap();
    assert_eq!(pages, 0);
    core.close().unwrap();
}

#[test]
fn what_is_asked_of_an_early_page_is_done_when_its_rules_are_ready() {
    let folder = tempfile::tempdir().unwrap();
    let (core, person) = archive(folder.path(), 40);
    let (workbench, inbox) = Workbench::still();
    let opening = workbench.close_patient();
    let (open, session) = core
        .open_in_steps(person, None, None::<fn(&_, &_)>)
        .unwrap();
    workbench.show_early(opening, open.view.clone());
    let asked = || Command::LoadThumbnail(SeriesKey("1.2.3#".into()));
    workbench.follow(&core, Order::Do(asked()));
    assert!(inbox.try_recv().is_err());
    workbench.show(opening, open, session);
    let followed = inbox
        .try_iter()
        .any(|o| matches!(o, Order::Do(c) if c == asked()));
    assert!(followed);
    // Another patient: nothing of it is left.
    let opening = workbench.close_patient();
    let (open, _) = core
        .open_in_steps(person, None, None::<fn(&_, &_)>)
        .unwrap();
    workbench.show_early(opening, open.view);
    workbench.follow(&core, Order::Do(asked()));
    workbench.close_patient();
    assert!(lock(&workbench.0.state).held.is_none());
    core.close().unwrap();
}

#[test]
fn a_study_that_came_as_images_closes_the_loop_that_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (core, person) = archive(folder.path(), 40);
    let state = |at: &str| {
        let at = When::parse(at).unwrap().instant;
        let open = core.open_patient(person, Some(at)).unwrap();
        let outcome = open.evaluation.outcomes.iter().find(|o| o.rule.id == "R32");
        let state = outcome.unwrap().finding.result["state"].clone();
        let basis = open.view.signals.cards.len();
        (state, open.view.imaging_records.len(), basis)
    };
    assert_eq!(state("2021-03-01").0, "overdue");
    let scan = triptych_archive::NewInstance {
        record: record("1", 7),
        header: None,
        bytes: vec![7; 4],
    };
    core.wait(core.archive().import_instances(&core.by(), vec![scan]))
        .unwrap();
    // The scan is of 2021-02-22: before, nobody could know it; and it stands among the images, not twice.
    assert_eq!(state("2021-02-01").0, "overdue");
    let (after, listed, _) = state("2021-03-01");
    assert_eq!((after, listed), ("done".into(), 0));
    core.close().unwrap();
}
