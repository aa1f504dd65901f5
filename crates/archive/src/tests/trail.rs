//! The audit trail, and links in it.

use sqlx::{AssertSqlSafe, Row as _};

use super::*;
use crate::{Details, Verb};

async fn change(archive: &Archive, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&archive.writer)
        .await
        .unwrap();
}

#[test]
fn links_are_audited_and_reversible() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let mut keys = Vec::new();
        for n in 0_u8..3 {
            let facts = vec![fact(&n.to_string(), f64::from(n), "2020-01-01")];
            let outcome = archive
                .import_document(
                    &by(0),
                    document(&[n], vec![(identity(&n.to_string()), facts)]),
                )
                .await
                .unwrap();
            keys.extend(outcome.keys());
        }
        let [a, b, c] = keys[..] else {
            panic!("{keys:?}")
        };
        let count = async |key| archive.facts(key, LATER).await.unwrap().len();
        assert_eq!(
            archive
                .link(&by(1), c, b, "same insurance card")
                .await
                .unwrap(),
            b
        );
        assert_eq!((count(a).await, count(b).await, count(c).await), (1, 2, 2));
        assert_eq!(
            archive
                .link(&by(2), a, c, "told by the patient")
                .await
                .unwrap(),
            a
        );
        assert_eq!((count(a).await, count(b).await, count(c).await), (3, 3, 3));
        assert!(
            archive
                .patients(None)
                .await
                .unwrap()
                .iter()
                .all(|p| p.person == a)
        );
        assert!(
            archive.link(&by(3), b, a, "again").await.is_err(),
            "already one person"
        );
        assert!(archive.link(&by(3), b, b, "itself").await.is_err());
        let error = archive
            .unlink(&by(3), a, b, "x")
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("through another record"), "{error}");
        let links: Vec<_> = archive
            .links()
            .await
            .unwrap()
            .into_iter()
            .map(|l| (l.a, l.b, l.reason))
            .collect();
        assert_eq!(
            links,
            [
                (a, c, "told by the patient".into()),
                (b, c, "same insurance card".into())
            ]
        );

        archive
            .unlink(&by(4), c, a, "another person")
            .await
            .unwrap();
        archive.unlink(&by(5), b, c, "mistake").await.unwrap();
        assert_eq!((count(a).await, count(b).await, count(c).await), (1, 1, 1));
        assert!(archive.links().await.unwrap().is_empty());
        assert!(archive.unlink(&by(5), b, c, "twice").await.is_err());
        let trail = archive.audit_entries(4).await.unwrap();
        let verbs: Vec<_> = trail
            .iter()
            .map(|e| (e.verb.as_str(), e.subject, e.details["with"].clone()))
            .collect();
        let entry = |verb, a: triptych_clinical::PatientKey, b: triptych_clinical::PatientKey| {
            (verb, Some(a), b.to_string())
        };
        assert_eq!(
            verbs,
            [
                entry("unlink", b, c),
                entry("unlink", a, c),
                entry("link", a, c),
                entry("link", b, c)
            ]
        );
        // And again: nothing is used up.
        assert_eq!(archive.link(&by(6), b, c, "after all").await.unwrap(), b);
        assert!(
            archive
                .link(&by(6), b, triptych_clinical::PatientKey(99), "nobody")
                .await
                .is_err()
        );
        archive.close().await.unwrap();
    });
}

/// SEC-06: changed, removed, exchanged, cut, inserted, at each of 20 places: the first broken entry is named.
#[test]
fn sec_06_verify_names_the_first_broken_entry() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        for n in 0..22 {
            let details = Details::from([("n".to_owned(), n.to_string())]);
            archive
                .audit(&by(n), Verb::View, None, details)
                .await
                .unwrap();
        }
        archive.note_audit_head().await.unwrap();
        let whole = archive.verify_audit().await.unwrap();
        assert_eq!((whole.whole, whole.broken), (22, None));
        change(&archive, "CREATE TABLE copy AS SELECT * FROM audit").await;
        let columns = [
            "at_us = at_us + 1",
            "who = 'x'",
            "verb = 'export'",
            "subject = 7",
            "details = '{}'",
            "before = zeroblob(32)",
        ];
        for n in 1..=20 {
            let flip = "mac = unhex(CASE substr(hex(mac), 1, 1) WHEN '0' THEN '1' ELSE '0' END || substr(hex(mac), 2))";
            let set = columns.get(n % 7).copied().unwrap_or(flip);
            let harms = [
                format!("UPDATE audit SET {set} WHERE seq = {n}"),
                format!("DELETE FROM audit WHERE seq = {n}"),
                format!(
                    "DELETE FROM audit WHERE seq = {n}; UPDATE audit SET seq = seq - 1 WHERE seq > {n}"
                ),
                format!(
                    "UPDATE audit SET seq = -1 WHERE seq = {n}; UPDATE audit SET seq = {n} WHERE seq = {n} + 1; UPDATE audit SET seq = {n} + 1 WHERE seq = -1"
                ),
                format!("DELETE FROM audit WHERE seq >= {n}"),
                format!(
                    "UPDATE audit SET seq = -seq WHERE seq >= {n}; UPDATE audit SET seq = 1 - seq WHERE seq < 0; \
                    INSERT INTO audit SELECT {n}, at_us, who, verb, subject, details, before, mac FROM copy WHERE seq = 1 + {n} % 22"
                ),
            ];
            for harm in harms {
                change(&archive, &harm).await;
                let report = archive.verify_audit().await.unwrap();
                assert_eq!(
                    report.broken.as_ref().map(|b| b.0),
                    Some(n as i64),
                    "{harm}: {report:?}"
                );
                change(
                    &archive,
                    "DELETE FROM audit; INSERT INTO audit SELECT * FROM copy",
                )
                .await;
            }
        }
        assert_eq!(archive.verify_audit().await.unwrap().broken, None);
        change(&archive, "DROP TABLE copy").await;
        archive.close().await.unwrap();
    });
}

/// CLK-02: order is by number, and a clock that went back is an entry.
#[test]
fn clk_02_a_clock_that_goes_back_is_entered_and_changes_no_order() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        for (n, seconds) in [0, 10, -5, -86_400, -86_390].into_iter().enumerate() {
            let details = Details::from([("n".to_owned(), n.to_string())]);
            archive
                .audit(&by(seconds), Verb::View, None, details)
                .await
                .unwrap();
        }
        let mut entries = archive.audit_entries(99).await.unwrap();
        entries.reverse();
        let verbs: Vec<_> = entries.iter().map(|e| e.verb.as_str()).collect();
        assert_eq!(
            verbs,
            ["view", "view", "view", "clock-went-back", "view", "view"]
        );
        assert_eq!(entries[3].details["seconds"], "86395");
        assert_eq!(archive.verify_audit().await.unwrap().broken, None);
        archive.close().await.unwrap();
    });
}

/// Entries hold keys and counts: what is imported under a name leaves no name in the trail.
#[test]
fn sec_06_the_trail_holds_no_clinical_text() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let mut who = identity("ZyxTrailNumber");
        who.family = "ZyxTrailName".into();
        let import = document(
            b"1",
            vec![(who, vec![note("n", "ZyxTrailText", "2020-01-01")])],
        );
        let key = archive
            .import_document(&by(0), import)
            .await
            .unwrap()
            .keys()
            .next()
            .unwrap();
        archive.mark_opened(&by(1), key).await.unwrap();
        let rows = sqlx::query("SELECT who || verb || details FROM audit")
            .fetch_all(&archive.readers)
            .await
            .unwrap();
        assert_eq!(rows.len(), 2);
        for row in rows {
            assert!(!row.get::<String, _>(0).contains("ZyxTrail"));
        }
        archive.close().await.unwrap();
    });
}
