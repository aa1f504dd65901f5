//! Facts: idempotent import, versions, index time, identity.

use triptych_clinical::{FactKind, Identifier, Identity, Sex, Status, Value, When};

use super::*;
use crate::{ConflictReason, ImportOutcome, PatientOutcome};

fn values(facts: &[Fact]) -> Vec<f64> {
    let number = |f: &Fact| f.quantity().map(|q| q.value);
    facts.iter().filter_map(number).collect()
}

fn at(text: &str) -> Instant {
    When::parse(text).unwrap().instant
}

#[test]
fn i_01_the_same_document_twice_changes_nothing() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let facts = || {
            vec![
                fact("a", 1.0, "2020-01-01"),
                note("n", "Seen today.", "2020-01-02"),
            ]
        };
        let import = || document(b"one", vec![(identity("1"), facts())]);
        let first = archive.import_document(&by(0), import()).await.unwrap();
        assert_eq!((first.new, first.versions, first.duplicates), (2, 0, 0));
        let before = (
            archive.stats().await.unwrap(),
            archive.verify_audit().await.unwrap(),
        );
        let again = archive.import_document(&by(9), import()).await.unwrap();
        assert_eq!((again.new, again.versions, again.duplicates), (0, 0, 2));
        assert!(again.known_document);
        let after = (
            archive.stats().await.unwrap(),
            archive.verify_audit().await.unwrap(),
        );
        let rows = |s: &crate::ArchiveStats| (s.facts, s.patients, s.blobs, s.blob_bytes);
        assert_eq!(rows(&before.0), rows(&after.0));
        assert_eq!(before.1, after.1);
        // The same data in another file: the file is new, the data are not.
        let other = archive
            .import_document(&by(10), document(b"two", vec![(identity("1"), facts())]))
            .await
            .unwrap();
        assert_eq!(
            (other.known_document, other.new, other.duplicates),
            (false, 0, 2)
        );
        archive.close().await.unwrap();
    });
}

#[test]
fn facts_come_back_as_they_were_and_bulk_rows_too() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let mut facts: Vec<_> = (0..517)
            .map(|n| fact(&format!("f{n:04}"), f64::from(n) * 0.1, "2020-01-01"))
            .collect();
        facts.push(note("note", "Line one\nline two", "2020-02-01"));
        let import = document(b"bulk", vec![(identity("1"), facts)]);
        let mut expected = import.patients[0].1.clone();
        let key = archive
            .import_document(&by(0), import)
            .await
            .unwrap()
            .keys()
            .next()
            .unwrap();
        let mut read = archive.facts(key, LATER).await.unwrap();
        expected.sort_by_key(|f| f.id);
        read.sort_by_key(|f| f.id);
        assert_eq!(read, expected);
        let patients = archive.patients(None).await.unwrap();
        assert_eq!(patients[0].counts[&FactKind::Observation], 517);
        assert_eq!(patients[0].counts[&FactKind::Note], 1);
        assert_eq!(patients[0].last.unwrap(), at("2020-02-01"));
        archive.close().await.unwrap();
    });
}

#[test]
fn a_changed_datum_is_a_new_version_and_the_index_time_chooses() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let key = archive
            .import_document(
                &by(0),
                document(
                    b"v1",
                    vec![(identity("1"), vec![fact("a", 1.0, "2020-01-01")])],
                ),
            )
            .await
            .unwrap()
            .keys()
            .next()
            .unwrap();
        let corrected = Fact {
            status: Status::Corrected,
            ..fact("a", 2.0, "2020-03-01")
        };
        let outcome = archive
            .import_document(
                &by(1),
                document(b"v2", vec![(identity("1"), vec![corrected])]),
            )
            .await
            .unwrap();
        assert_eq!((outcome.new, outcome.versions), (0, 1));
        let known = async |time| values(&archive.facts(key, at(time)).await.unwrap());
        assert_eq!(known("2019-12-31").await, [0.0; 0]);
        assert_eq!(known("2020-02-01").await, [1.0]);
        assert_eq!(known("2020-03-01").await, [2.0]);
        assert_eq!(archive.facts(key, LATER).await.unwrap()[0].version, 2);
        // A replay needs both, and what was not known yet is in neither.
        let history = async |time| values(&archive.history(key, at(time)).await.unwrap());
        assert_eq!(history("2020-02-01").await, [1.0]);
        assert_eq!(history("2020-03-01").await, [1.0, 2.0]);
        // Counted once: a version is not a datum.
        assert_eq!(
            archive.patients(None).await.unwrap()[0].counts[&FactKind::Observation],
            1
        );
        archive.close().await.unwrap();
    });
}

#[test]
fn i_02_any_order_of_the_same_messages_gives_the_same_visible_facts() {
    let versions = [
        ("2020-01-01", 1.0),
        ("2020-03-01", 3.0),
        ("2020-02-01", 2.0),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
        let place = Place::new();
        run(async {
            let archive = place.open().await.unwrap();
            let mut key = None;
            for n in order {
                let (time, value) = versions[n];
                let import = document(
                    &[n as u8],
                    vec![(identity("1"), vec![fact("a", value, time)])],
                );
                key = archive
                    .import_document(&by(0), import)
                    .await
                    .unwrap()
                    .keys()
                    .next();
            }
            for (time, value) in versions {
                assert_eq!(
                    values(&archive.facts(key.unwrap(), at(time)).await.unwrap()),
                    [value],
                    "{order:?}"
                );
            }
            archive.close().await.unwrap();
        });
    }
}

/// PAR-18: thirty pairs of identities that must never end in one record without somebody saying so.
/// Versions that were released at once count in the order in which their source wrote them, in whatever order they come: an older export does
/// not make a stopped medicine active again. Where the source does not say, the one that came last counts.
#[test]
fn i_02_an_older_export_that_comes_late_does_not_count() {
    let version = |value: f64, revised: Option<&str>| Fact {
        revised: revised.map(at),
        ..fact("a", value, "2020-01-01")
    };
    let dated = [
        version(1.0, Some("2020-01-02")),
        version(2.0, Some("2020-01-03")),
        version(3.0, Some("2020-01-04")),
    ];
    let undated = [version(4.0, None), version(5.0, None)];
    let mut cases: Vec<(Vec<&Fact>, f64)> = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ]
    .iter()
    .map(|order| (order.iter().map(|n| &dated[*n]).collect(), 3.0))
    .collect();
    cases.push((vec![&undated[1], &undated[0]], 4.0));
    cases.push((vec![&dated[2], &undated[0]], 4.0));
    for (order, counts) in cases {
        let place = Place::new();
        run(async {
            let archive = place.open().await.unwrap();
            let mut key = None;
            for (n, fact) in order.iter().enumerate() {
                let import = document(&[n as u8], vec![(identity("1"), vec![(*fact).clone()])]);
                let done = archive.import_document(&by(0), import).await.unwrap();
                key = done.keys().next();
            }
            let key = key.unwrap();
            assert_eq!(values(&archive.facts(key, LATER).await.unwrap()), [counts]);
            let history = archive.history(key, LATER).await.unwrap();
            assert_eq!(history.len(), order.len(), "every version is kept");
            archive.close().await.unwrap();
        });
    }
}

#[test]
fn par_18_two_patients_never_merge_by_accident() {
    let base = identity("100");
    let with = |change: &dyn Fn(&mut Identity)| {
        let mut other = base.clone();
        change(&mut other);
        other
    };
    let key = |issuer: &str, kind: &str, value: &str| Identifier {
        issuer: issuer.into(),
        kind: kind.into(),
        value: value.into(),
    };
    let mut pairs: Vec<(Identity, Option<ConflictReason>)> = Vec::new();
    // Other keys: other records, however alike the rest is.
    for (issuer, kind, value) in [
        ("urn:hospital", "MR", "101"),
        ("urn:other", "MR", "100"),
        ("", "MR", "100"),
        ("urn:hospital", "", "100"),
        ("urn:hospital", "SS", "100"),
        ("urn:hospital", "MR", "0100"),
        ("urn:hospital", "MR", "100a"),
        ("urn:HOSPITAL", "MR", "100"),
        ("urn:hospital", "MR", "1 00"),
        ("urn:hospital/", "MR", "100"),
        ("urn:hospital", "mr", "100"),
        ("urn:hospital", "MR", ""),
        ("urn:hospital", "MR", "   "),
        ("", "", ""),
    ] {
        pairs.push((
            with(&|i| i.identifiers = vec![key(issuer, kind, value)]),
            None,
        ));
    }
    pairs.push((with(&|i| i.identifiers.clear()), None));
    pairs.push((
        with(&|i| i.identifiers = vec![key("", "", ""), key("urn:hospital", "MR", " ")]),
        None,
    ));
    // Same key, contradiction: refused.
    for date in [
        "1970-05-29",
        "1971-05-28",
        "1970-06-28",
        "1970-04",
        "1969",
        "2070-05-28",
        "1970-08-25",
    ] {
        pairs.push((
            with(&|i| i.birth_date = When::parse(date).ok()),
            Some(ConflictReason::BirthDate),
        ));
    }
    for (family, given) in [
        ("Smith", "Neva"),
        ("Hyatt", "John"),
        ("Smith", "John"),
        ("Hyatt-Smith", "Neva"),
        ("Neva", "Hyatt"),
    ] {
        pairs.push((
            with(&|i| {
                i.sex = Sex::Male;
                i.family = family.into();
                i.given = given.into();
            }),
            Some(ConflictReason::NameAndSex),
        ));
    }
    pairs.push((
        with(&|i| {
            i.sex = Sex::Other;
            i.family = "Smith".into();
        }),
        Some(ConflictReason::NameAndSex),
    ));
    pairs.push((
        with(&|i| {
            i.birth_date = When::parse("1980").ok();
            i.sex = Sex::Male;
        }),
        Some(ConflictReason::BirthDate),
    ));
    assert_eq!(pairs.len(), 30);
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let first = archive
            .import_document(
                &by(0),
                document(
                    b"base",
                    vec![(base.clone(), vec![fact("base", 1.0, "2020-01-01")])],
                ),
            )
            .await
            .unwrap();
        let own = first.keys().next().unwrap();
        for (n, (other, refused)) in pairs.into_iter().enumerate() {
            let import = document(
                &[n as u8],
                vec![(other, vec![fact(&format!("x{n}"), 2.0, "2020-01-01")])],
            );
            let outcome: ImportOutcome = archive.import_document(&by(1), import).await.unwrap();
            match (&outcome.patients[0], refused) {
                (PatientOutcome::Conflict(conflict), Some(reason)) => {
                    assert_eq!((conflict.with, conflict.reason), (own, reason), "pair {n}");
                }
                (PatientOutcome::Filed { key, created, .. }, None) => {
                    assert!(*key != own && *created, "pair {n} was merged");
                }
                (outcome, refused) => panic!("pair {n}: {outcome:?}, expected {refused:?}"),
            }
        }
        // Nothing of a refused patient was stored, and nothing reached the first record.
        assert_eq!(archive.facts(own, LATER).await.unwrap().len(), 1);
        archive.close().await.unwrap();
    });
}

#[test]
fn the_same_key_is_the_same_person_and_its_record_grows_fuller() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let sparse = Identity {
            family: "HYATT".into(),
            given: "NEVA A".into(),
            birth_date: When::parse("1970").ok(),
            sex: Sex::Unknown,
            ..identity("1")
        };
        let mut full = identity("1");
        full.identifiers.push(Identifier {
            issuer: "urn:insurance".into(),
            kind: "SN".into(),
            value: "77".into(),
        });
        let mut key = None;
        for (n, identity) in [sparse, full].into_iter().enumerate() {
            let import = document(
                &[n as u8],
                vec![(identity, vec![fact(&n.to_string(), 1.0, "2020-01-01")])],
            );
            key = archive
                .import_document(&by(0), import)
                .await
                .unwrap()
                .keys()
                .next();
        }
        let patients = archive.patients(None).await.unwrap();
        assert_eq!(patients.len(), 1);
        let known = archive.identity(key.unwrap()).await.unwrap();
        assert_eq!(
            (known.birth_date, known.sex),
            (When::parse("1970-05-28").ok(), Sex::Female)
        );
        assert_eq!(
            (known.family.as_str(), known.identifiers.len()),
            ("HYATT", 2)
        );
        // Both identifiers lead to it now, and identifiers of two unlinked records lead nowhere.
        let other = document(b"other", vec![(identity("2"), vec![])]);
        archive.import_document(&by(0), other).await.unwrap();
        let mut both = identity("1");
        both.identifiers.extend(identity("2").identifiers);
        let outcome = archive
            .import_document(&by(0), document(b"both", vec![(both, vec![])]))
            .await
            .unwrap();
        assert_eq!(
            outcome.conflicts().next().unwrap().reason,
            ConflictReason::TwoPatients
        );
        archive.close().await.unwrap();
    });
}

#[test]
fn patients_are_found_by_words_of_name_or_identifier() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        for (n, (family, given)) in [("Müller", "Änne"), ("O'Brien", "Pat"), ("Hyatt", "Neva")]
            .into_iter()
            .enumerate()
        {
            let identity = Identity {
                family: family.into(),
                given: given.into(),
                ..identity(&format!("MRN-{n}"))
            };
            archive
                .import_document(&by(0), document(&[n as u8], vec![(identity, vec![])]))
                .await
                .unwrap();
        }
        let names = async |search| {
            let found = archive.patients(Some(search)).await.unwrap();
            found
                .into_iter()
                .map(|p| p.identity.family)
                .collect::<Vec<_>>()
        };
        assert_eq!(names("muller").await, ["Müller"]);
        assert_eq!(names("brien PAT").await, ["O'Brien"]);
        assert_eq!(names("mrn-2").await, ["Hyatt"]);
        assert_eq!(names("nobody").await, [""; 0]);
        // Opened last comes first.
        let key = archive.patients(Some("hyatt")).await.unwrap()[0].key;
        archive.mark_opened(&by(5), key).await.unwrap();
        assert_eq!(names("").await, ["Hyatt", "Müller", "O'Brien"]);
        archive.close().await.unwrap();
    });
}

/// DB-08: what looks like SQL stays text.
#[test]
fn db_08_nasty_strings_in_every_field_stay_text() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let nasty = [
            "'; DROP TABLE fact; --",
            "\" OR 1=1",
            "$1 ?1 :a @b",
            "%_\\",
            "\u{0}x",
            "x'00'",
            "NULL",
            "Robert'); --",
        ];
        for (n, text) in nasty.into_iter().enumerate() {
            let mut who = identity(text);
            who.family = text.into();
            who.given = text.into();
            let mut datum = note(text, text, "2020-01-01");
            datum.display = text.into();
            datum.value = Value::Text(text.into());
            datum.provenance.path = text.into();
            let mut import = document(&[n as u8], vec![(who, vec![datum])]);
            import.name = text.into();
            import.kind = text.into();
            let expected = import.patients[0].1[0].clone();
            let key = archive
                .import_document(&By::new(text, by(0).at), import)
                .await
                .unwrap()
                .keys()
                .next()
                .unwrap();
            assert_eq!(
                archive.facts(key, LATER).await.unwrap(),
                [expected],
                "{text:?}"
            );
            let value = serde_json::Value::from(text);
            archive
                .set_setting(&By::new(text, by(0).at), text, &value)
                .await
                .unwrap();
            assert_eq!(archive.setting(text, text).await.unwrap(), Some(value));
            let _ = archive.search_notes(key, text, LATER).await;
            archive.patients(Some(text)).await.unwrap();
        }
        assert_eq!(archive.stats().await.unwrap().patients, nasty.len() as u64);
        assert_eq!(archive.verify_audit().await.unwrap().broken, None);
        archive.close().await.unwrap();
    });
}

#[test]
fn notes_are_searched_as_of_a_time_in_the_version_visible_then() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let first = vec![
            note(
                "n1",
                "Iron deficiency suspected. Café au lait spots.",
                "2020-01-01",
            ),
            note("n2", "No chest pain today.", "2021-01-01"),
        ];
        let key = archive
            .import_document(&by(0), document(b"1", vec![(identity("1"), first)]))
            .await
            .unwrap()
            .keys()
            .next()
            .unwrap();
        let later = vec![note(
            "n1",
            "Thalassaemia trait, ferritin normal.",
            "2022-01-01",
        )];
        archive
            .import_document(&by(1), document(b"2", vec![(identity("1"), later)]))
            .await
            .unwrap();
        let hits = async |text: &str, time: &str| {
            let hits = archive.search_notes(key, text, at(time)).await.unwrap();
            hits.into_iter().map(|h| h.fact).collect::<Vec<_>>()
        };
        let (n1, n2) = (FactId::of(&["n1"]), FactId::of(&["n2"]));
        assert_eq!(hits("iron defic", "2021-06-01").await, [n1]);
        assert_eq!(hits("cafe", "2021-06-01").await, [n1]);
        assert_eq!(
            hits("iron", "2022-06-01").await,
            [],
            "the former version is not visible any more"
        );
        assert_eq!(hits("ferritin", "2022-06-01").await, [n1]);
        assert_eq!(hits("ferritin", "2021-06-01").await, [], "not known yet");
        assert_eq!(hits("\"chest pain\"", "2022-06-01").await, [n2]);
        assert_eq!(hits("\"pain chest\"", "2022-06-01").await, []);
        let hit = archive
            .search_notes(key, "chest", LATER)
            .await
            .unwrap()
            .remove(0);
        assert_eq!(hit.snippet, "No \u{2068}chest\u{2069} pain today.");
        assert!(matches!(
            archive.search_notes(key, " - ", LATER).await,
            Err(ArchiveError::EmptySearch)
        ));
        archive.close().await.unwrap();
    });
}

#[test]
fn decisions_models_and_settings_are_kept() {
    use crate::{Choice, NewDecision};
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let key = archive
            .import_document(&by(0), document(b"1", vec![(identity("1"), vec![])]))
            .await
            .unwrap()
            .keys()
            .next()
            .unwrap();
        let decision = NewDecision {
            patient: key,
            pathway: "iron-deficiency@1.0.0".into(),
            option: "ferritin".into(),
            choice: Choice::Defer,
            reason_code: "awaiting-result".into(),
            reason_text: "lab was closed".into(),
            input_hash: [7; 32],
            index_time: by(1).at,
        };
        let number = archive.record_decision(&by(2), &decision).await.unwrap();
        archive
            .set_model(&by(3), "heart-size@1", true, "validation")
            .await
            .unwrap();
        archive
            .set_model(&by(4), "heart-size@1", false, "drift")
            .await
            .unwrap();
        archive
            .set_model(&by(4), "other@2", true, "study")
            .await
            .unwrap();
        archive
            .set_setting(&by(5), "layout", &serde_json::json!({"panes": [1, 2]}))
            .await
            .unwrap();
        archive.close().await.unwrap();

        let archive = place.open().await.unwrap();
        let read = archive.decisions(key, by(2).at).await.unwrap();
        assert_eq!(
            (read[0].number, &read[0].decision, &read[0].by),
            (number, &decision, &by(2))
        );
        assert!(
            archive.decisions(key, by(1).at).await.unwrap().is_empty(),
            "not decided yet"
        );
        let models = archive.models().await.unwrap();
        let states: Vec<_> = models
            .iter()
            .map(|m| (m.model.as_str(), m.enabled))
            .collect();
        assert_eq!(states, [("heart-size@1", false), ("other@2", true)]);
        assert_eq!(
            archive.setting("reader", "layout").await.unwrap().unwrap()["panes"][1],
            2
        );
        assert_eq!(archive.setting("another", "layout").await.unwrap(), None);
        let verbs: Vec<_> = archive
            .audit_entries(9)
            .await
            .unwrap()
            .into_iter()
            .map(|e| e.verb)
            .collect();
        assert_eq!(verbs, ["model", "model", "model", "decision", "import"]);
        archive.close().await.unwrap();
    });
}
