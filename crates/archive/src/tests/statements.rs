//! A reader's own statements.

use triptych_clinical::{Confirmation, FactKind, Status, TextSpan};

use super::*;

#[test]
fn d_35_a_statement_is_filed_beside_its_note_and_has_versions() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let noted = vec![note("n", "Mild ascites.", "2021-02-22")];
        let outcome = archive
            .import_document(&by(0), document(b"1", vec![(Identity::default(), noted)]))
            .await
            .unwrap();
        let key = outcome.keys().next().unwrap();
        let statement = |status, at: By| Fact {
            kind: FactKind::Observation,
            status,
            available: When::at(at.at),
            origin: Origin::Note,
            confirmed: Some(Confirmation {
                by: at.who,
                at: at.at,
            }),
            provenance: Provenance::new(
                DocumentHash([0; 32]),
                "Note/n",
                Some(TextSpan { start: 0, end: 12 }),
            ),
            ..fact("ascites", 1.0, "2021-02-22")
        };
        let n = FactId::of(&["n"]);
        let file = async |status, at: By, beside| {
            let fact = statement(status, at.clone());
            archive
                .record_statement(&at, key, beside, "test", fact)
                .await
        };
        assert_eq!(file(Status::Final, by(10), n).await.unwrap(), 1);
        assert_eq!(file(Status::EnteredInError, by(20), n).await.unwrap(), 2);
        let nowhere = file(Status::Final, by(30), FactId::of(&["x"])).await;
        assert!(matches!(nowhere, Err(ArchiveError::UnknownFact)));
        // Under the record that holds the note, though it has no identifier of its own.
        let stated = async |at: By| {
            let facts = archive.facts(key, at.at).await.unwrap();
            let found = facts.into_iter().find(|f| f.origin == Origin::Note);
            found.map(|f| (f.version, f.status, f.provenance.span.is_some()))
        };
        assert_eq!(stated(by(5)).await, None, "not known before it was said");
        assert_eq!(stated(by(15)).await, Some((1, Status::Final, true)));
        let last = Some((2, Status::EnteredInError, true));
        assert_eq!(stated(by(25)).await, last);
        assert_eq!(archive.stats().await.unwrap().patients, 1);
        let trail = archive.audit_entries(20).await.unwrap();
        let said = |e: &&crate::AuditEntry| e.details.get("act").is_some_and(|a| a == "test");
        assert_eq!(trail.iter().filter(said).count(), 2);
        assert_eq!(archive.verify_audit().await.unwrap().broken, None);
        archive.close().await.unwrap();
    });
}
