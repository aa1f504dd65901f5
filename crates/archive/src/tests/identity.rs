//! Questions of identity: asked once, answered by a person, never by the program (PAR-18).

use super::*;
use crate::{
    IdentityAnswer, IdentityConflict, IdentitySource, NewIdentityQuestion, PatientOutcome,
    QuestionKind, QuestionSides,
};

fn source(bytes: &[u8]) -> IdentitySource {
    IdentitySource {
        file: "/somewhere/a40.hl7".into(),
        place: "message 1".into(),
        document: DocumentHash::of(bytes),
    }
}

/// A40 from `bytes`: `other` is to become part of `keep`.
fn merge(keep: &str, other: &str, bytes: &[u8]) -> NewIdentityQuestion {
    let mut bare = identity(other);
    bare.family.clear();
    bare.given.clear();
    NewIdentityQuestion {
        sides: QuestionSides::Named {
            merge: true,
            keep: identity(keep),
            other: bare,
        },
        sent: When::parse("2024-03-06").ok(),
        source: source(bytes),
    }
}

async fn import(archive: &Archive, bytes: &[u8], who: Identity) -> PatientOutcome {
    let facts = vec![fact(&format!("{bytes:?}"), 1.0, "2020-01-01")];
    let outcome = archive
        .import_document(&by(0), document(bytes, vec![(who, facts)]))
        .await
        .unwrap();
    outcome.patients.into_iter().next().unwrap()
}

async fn filed(archive: &Archive, bytes: &[u8], who: Identity) -> triptych_clinical::PatientKey {
    match import(archive, bytes, who).await {
        PatientOutcome::Filed { key, .. } => key,
        PatientOutcome::Conflict(conflict) => panic!("{conflict:?}"),
    }
}

async fn conflict(archive: &Archive, bytes: &[u8], who: Identity) -> IdentityConflict {
    match import(archive, bytes, who).await {
        PatientOutcome::Conflict(conflict) => conflict,
        filed @ PatientOutcome::Filed { .. } => panic!("{filed:?}"),
    }
}

/// What the trail says of questions: act and answer, oldest first.
async fn said(archive: &Archive) -> Vec<String> {
    let mut entries = archive.audit_entries(100).await.unwrap();
    entries.reverse();
    let words = |e: &crate::AuditEntry, k: &str| e.details.get(k).cloned().unwrap_or_default();
    entries
        .iter()
        .filter(|e| matches!(e.verb.as_str(), "identity" | "link" | "unlink"))
        .map(|e| {
            let act = format!("{} {} {}", e.verb, words(e, "act"), words(e, "answer"));
            act.trim().to_owned()
        })
        .collect()
}

#[test]
fn par_18_a_merge_is_asked_once_and_an_answer_links_and_never_merges() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let a = filed(&archive, b"a", identity("1")).await;
        let b = filed(&archive, b"b", identity("2")).await;
        let asked = merge("1", "2", b"a40");
        let id = archive.ask_identity(&by(1), &asked).await.unwrap().unwrap();
        // The same file, and the same request in another file.
        for again in [merge("1", "2", b"a40"), merge("1", "2", b"resent")] {
            let same = archive.ask_identity(&by(2), &again).await.unwrap();
            assert_eq!(same, Some(id));
        }
        let questions = archive.identity_questions().await.unwrap();
        assert_eq!(questions.len(), 1);
        assert_eq!(questions[0].kind, QuestionKind::Merge);
        assert_eq!(questions[0].sources.len(), 2);
        assert_eq!(
            (
                &questions[0].keep.records[..],
                &questions[0].other.records[..]
            ),
            (&[a][..], &[b][..])
        );
        assert!(archive.links().await.unwrap().is_empty());

        for reason in ["", "  ", "…"] {
            archive
                .answer_identity(&by(3), id, IdentityAnswer::OnePerson, reason)
                .await
                .unwrap_err();
        }
        archive
            .answer_identity(&by(3), id, IdentityAnswer::OwnRecord, "no document waits")
            .await
            .unwrap_err();
        let done = archive
            .answer_identity(&by(4), id, IdentityAnswer::OnePerson, " told by the ward ")
            .await
            .unwrap();
        let settled = done.settled.unwrap();
        assert_eq!(
            (settled.who.as_str(), settled.reason.as_str(), settled.at),
            ("reader", "told by the ward", by(4).at)
        );
        assert!(done.one_person);
        let links = archive.links().await.unwrap();
        assert_eq!((links[0].a, links[0].b), (a, b));
        assert_eq!(links[0].reason, "told by the ward");
        assert_eq!(archive.patients(None).await.unwrap().len(), 2);

        let twice = archive
            .answer_identity(&by(5), id, IdentityAnswer::Apart, "another word")
            .await;
        assert!(matches!(twice, Err(ArchiveError::Question { .. })));
        // What was answered is not asked again by a file that was answered, and is by a new one.
        let again = async |bytes: &[u8]| {
            let asked = merge("1", "2", bytes);
            archive.ask_identity(&by(6), &asked).await.unwrap()
        };
        assert_eq!(again(b"resent").await, None);
        assert!(again(b"a year later").await.is_some_and(|new| new != id));
        // The way back stays open, and the answer stays told.
        archive.unlink(&by(7), a, b, "a mistake").await.unwrap();
        let questions = archive.identity_questions().await.unwrap();
        assert_eq!(questions.len(), 2);
        assert!(questions[0].settled.is_none() && questions[1].settled.is_some());
        assert_eq!(
            said(&archive).await,
            [
                "identity asked",
                "link",
                "identity answered one-person",
                "identity asked",
                "unlink"
            ]
        );
        assert_eq!(archive.verify_audit().await.unwrap().broken, None);
        archive.close().await.unwrap();
    });
}

#[test]
fn par_18_nothing_is_linked_to_a_record_that_is_not_there_or_is_two() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let asked = merge("1", "2", b"a40");
        let id = archive.ask_identity(&by(1), &asked).await.unwrap().unwrap();
        filed(&archive, b"a", identity("1")).await;
        let refused = archive
            .answer_identity(&by(2), id, IdentityAnswer::OnePerson, "surely")
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("not in the archive"),
            "{refused}"
        );
        // Another issuer's number 2 is another person's.
        let mut elsewhere = identity("2");
        elsewhere.identifiers[0].issuer = "urn:other".into();
        filed(&archive, b"b", elsewhere).await;
        archive
            .answer_identity(&by(2), id, IdentityAnswer::OnePerson, "surely")
            .await
            .unwrap_err();
        assert!(archive.links().await.unwrap().is_empty());
        let open = archive.identity_questions().await.unwrap();
        assert!(open[0].settled.is_none(), "a refused answer is none");
        assert_eq!(said(&archive).await, ["identity asked"]);
        archive
            .answer_identity(&by(3), id, IdentityAnswer::Apart, "unknown number")
            .await
            .unwrap();

        // Identifiers of two unlinked people on one side: nobody can tell which is meant.
        filed(&archive, b"c", identity("2")).await;
        filed(&archive, b"d", identity("3")).await;
        let mut both = merge("1", "2", b"both");
        if let QuestionSides::Named { other, .. } = &mut both.sides {
            other.identifiers.extend(identity("3").identifiers);
        }
        let id = archive.ask_identity(&by(4), &both).await.unwrap().unwrap();
        let refused = archive
            .answer_identity(&by(5), id, IdentityAnswer::OnePerson, "surely")
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("several people"), "{refused}");
        archive.close().await.unwrap();
    });
}

#[test]
fn par_18_what_contradicts_a_record_stays_out_until_it_has_a_record_of_its_own() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let known = filed(&archive, b"a", identity("1")).await;
        let younger = || Identity {
            birth_date: When::parse("1971-05-28").ok(),
            ..identity("1")
        };
        let met = conflict(&archive, b"b", younger()).await;
        assert_eq!((met.with, met.and), (known, None));
        let ask = |bytes: &[u8]| NewIdentityQuestion {
            sides: QuestionSides::Met {
                conflict: met,
                says: younger(),
            },
            sent: None,
            source: source(bytes),
        };
        let id = archive.ask_identity(&by(1), &ask(b"b")).await.unwrap();
        let id = id.unwrap();
        let question = archive.identity_question(id).await.unwrap();
        assert_eq!(question.kind, QuestionKind::Contradiction);
        assert_eq!(question.keep.records, [known]);
        assert_eq!(question.other.records, []);
        assert_eq!(question.other.identity, younger());
        archive
            .answer_identity(&by(2), id, IdentityAnswer::OnePerson, "surely")
            .await
            .unwrap_err();

        archive
            .answer_identity(&by(2), id, IdentityAnswer::Apart, "ask the ward")
            .await
            .unwrap();
        assert_eq!(archive.patients(None).await.unwrap().len(), 1);
        conflict(&archive, b"b", younger()).await;
        // A further document asks again, and gets the other answer.
        conflict(&archive, b"c", younger()).await;
        let id = archive.ask_identity(&by(3), &ask(b"c")).await.unwrap();
        let done = archive
            .answer_identity(&by(4), id.unwrap(), IdentityAnswer::OwnRecord, "twins")
            .await
            .unwrap();
        let own = done.settled.unwrap().record.unwrap();
        assert_ne!(own, known);
        assert_eq!(filed(&archive, b"c", younger()).await, own);
        assert_eq!(filed(&archive, b"d", younger()).await, own);
        assert_eq!(filed(&archive, b"e", identity("1")).await, known);
        // A third one with the same number is nobody who was spoken of.
        let third = Identity {
            birth_date: When::parse("1972-05-28").ok(),
            ..identity("1")
        };
        conflict(&archive, b"f", third).await;
        assert!(archive.links().await.unwrap().is_empty());
        archive.close().await.unwrap();
    });
}

#[test]
fn par_18_identifiers_of_two_records_ask_for_their_link() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let a = filed(&archive, b"a", identity("1")).await;
        let b = filed(&archive, b"b", identity("2")).await;
        let mut both = identity("1");
        both.identifiers.extend(identity("2").identifiers);
        let met = conflict(&archive, b"both", both.clone()).await;
        assert_eq!((met.with, met.and), (a, Some(b)));
        let asked = NewIdentityQuestion {
            sides: QuestionSides::Met {
                conflict: met,
                says: both.clone(),
            },
            sent: None,
            source: source(b"both"),
        };
        let id = archive.ask_identity(&by(1), &asked).await.unwrap().unwrap();
        archive
            .answer_identity(&by(2), id, IdentityAnswer::OnePerson, "one insurance card")
            .await
            .unwrap();
        assert_eq!(filed(&archive, b"both", both).await, a);
        archive.close().await.unwrap();
    });
}

#[test]
fn db_02_an_archive_of_schema_4_gets_the_questions() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        filed(&archive, b"a", identity("1")).await;
        // Back to what the former version left.
        for sql in [
            "DROP TABLE identity_answer",
            "DROP TABLE identity_source",
            "DROP TABLE identity_question",
            "ALTER TABLE fact DROP COLUMN revised_us",
            "DELETE FROM _sqlx_migrations WHERE version >= 5",
        ] {
            sqlx::raw_sql(sql).execute(&archive.writer).await.unwrap();
        }
        assert_eq!(archive.stats().await.unwrap().schema, 4);
        archive.close().await.unwrap();
        let archive = place.open().await.unwrap();
        assert!(archive.copy_before_migration().is_some());
        assert_eq!(archive.stats().await.unwrap().facts, 1);
        assert!(archive.identity_questions().await.unwrap().is_empty());
        let asked = merge("1", "2", b"a40");
        assert!(
            archive
                .ask_identity(&by(1), &asked)
                .await
                .unwrap()
                .is_some()
        );
        archive.close().await.unwrap();
    });
}
