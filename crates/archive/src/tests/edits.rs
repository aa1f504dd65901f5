//! What readers drew: kept as events, read back as of a time, durable when acknowledged (T49, E6, WRK-01).

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use triptych_clinical::PatientKey;

use super::crash::{acknowledge, acknowledgement, child, wanted};
use super::*;
use crate::migrate;
use crate::{EditKind, NewEdit};

const CYCLES: usize = 20;

fn edit(patient: PatientKey, item: &str, body: Option<&str>) -> NewEdit {
    NewEdit {
        patient,
        study: StudyUid::new("1.2.840.99.1").unwrap(),
        kind: EditKind::Drawing,
        item: item.into(),
        body: body.map(str::to_owned),
        image: Some(DocumentHash([9; 32])),
    }
}

async fn with_a_patient(place: &Place) -> (Archive, PatientKey) {
    let archive = place.open().await.unwrap();
    let bytes = noise(1, 500);
    archive
        .import_instances(&by(0), vec![instance("1", 1, 1, bytes)])
        .await
        .unwrap();
    let patient = archive.patients(None).await.unwrap()[0].key;
    (archive, patient)
}

#[test]
fn t49_the_last_change_counts_none_is_erased_and_the_past_is_read_as_it_was() {
    let place = Place::new();
    run(async {
        let (archive, patient) = with_a_patient(&place).await;
        let at = |seconds| by(seconds).at;
        for (seconds, item, body) in [
            (10, "2.25.1", Some("first")),
            (20, "2.25.2", Some("other")),
            (30, "2.25.1", Some("moved")),
            (40, "2.25.1", None),
            (50, "2.25.1", Some("moved")),
        ] {
            let edits = [edit(patient, item, body)];
            archive.record_edits(&by(seconds), &edits).await.unwrap();
        }
        let bodies = async |seconds| {
            let edits = archive.edits(patient, at(seconds)).await.unwrap();
            let bodies = edits.into_iter().filter_map(|e| e.edit.body);
            bodies.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(bodies(9).await, "");
        assert_eq!(bodies(29).await, "first other");
        assert_eq!(bodies(30).await, "other moved");
        assert_eq!(bodies(45).await, "other");
        assert_eq!(bodies(60).await, "other moved");
        let all = archive
            .edits_of(patient, EditKind::Drawing, "2.25.1")
            .await
            .unwrap();
        let bodies: Vec<_> = all.iter().map(|e| e.edit.body.as_deref()).collect();
        assert_eq!(bodies, [Some("first"), Some("moved"), None, Some("moved")]);
        assert_eq!(all[0].by, by(10));
        assert_eq!(all[0].edit, edit(patient, "2.25.1", Some("first")));
        archive.close().await.unwrap();
    });
}

#[test]
fn t49_the_trail_says_who_changed_which_drawing_and_not_what_it_says() {
    let place = Place::new();
    run(async {
        let (archive, patient) = with_a_patient(&place).await;
        let secret = "a sentence of the reader";
        let mut view = edit(patient, "set", Some("{}"));
        view.kind = EditKind::View;
        let edits = [edit(patient, "2.25.1", Some(secret)), view];
        archive.record_edits(&by(10), &edits).await.unwrap();
        archive
            .record_edits(&by(20), &[edit(patient, "2.25.1", None)])
            .await
            .unwrap();
        let trail = archive.audit_entries(10).await.unwrap();
        let mut own = trail.iter().filter(|e| e.verb == "annotation");
        let (away, set) = (own.next().unwrap(), own.next().unwrap());
        assert!(own.next().is_none(), "a view state is no act on a patient");
        assert_eq!((away.subject, set.subject), (Some(patient), Some(patient)));
        assert_eq!(set.details["item"], "2.25.1");
        assert_eq!(
            set.details["content"],
            blake3::hash(secret.as_bytes()).to_string()
        );
        assert_eq!(away.details["act"], "taken away");
        assert!(!trail.iter().any(|e| format!("{e:?}").contains("sentence")));
        assert_eq!(archive.verify_audit().await.unwrap().broken, None);
        archive.close().await.unwrap();
    });
}

#[test]
fn wrk_01_of_several_changes_all_are_stored_or_none() {
    let place = Place::new();
    run(async {
        let (archive, patient) = with_a_patient(&place).await;
        let nobody = PatientKey(4711);
        let edits = [
            edit(patient, "2.25.1", Some("x")),
            edit(nobody, "2.25.2", Some("y")),
        ];
        let error = archive.record_edits(&by(1), &edits).await.unwrap_err();
        assert!(matches!(error, ArchiveError::UnknownPatient(p) if p == nobody));
        assert!(archive.edits(patient, LATER).await.unwrap().is_empty());
        archive.close().await.unwrap();
    });
}

/// Schema 1 had no edits: such an archive is copied, changed, and keeps what it had.
#[test]
fn db_02_an_archive_of_schema_1_takes_edits_after_its_change() {
    let place = Place::new();
    run(async {
        let (archive, patient) = with_a_patient(&place).await;
        archive.close().await.unwrap();
        let file = place.archive().join("archive.db");
        let key = crate::tests::opening::database_key(&place);
        let mut old = crate::db::single(&file, &key, crate::db::Purpose::Write)
            .await
            .unwrap();
        for sql in [
            "DROP TABLE edit",
            "DROP TABLE header",
            "DROP TABLE pack",
            "DROP TABLE identity_answer",
            "DROP TABLE identity_source",
            "DROP TABLE identity_question",
            "ALTER TABLE fact DROP COLUMN revised_us",
            "DELETE FROM _sqlx_migrations WHERE version >= 2",
        ] {
            sqlx::query(sql).execute(&mut old).await.unwrap();
        }
        assert_eq!(migrate::version(&mut old).await.unwrap(), 1);
        sqlx::Connection::close(old).await.unwrap();

        let archive = place.open().await.unwrap();
        assert!(archive.copy_before_migration().is_some());
        assert_eq!(archive.instances(patient).await.unwrap().len(), 1);
        let edits = [edit(patient, "2.25.1", Some("x"))];
        archive.record_edits(&by(1), &edits).await.unwrap();
        assert_eq!(archive.edits(patient, LATER).await.unwrap().len(), 1);
        archive.close().await.unwrap();
    });
}

/// What edit `n` leaves in its item: every third takes it away.
fn nth(n: u64) -> (String, Option<String>) {
    let body = (n % 3 != 2).then(|| format!("body {n} {}", "x".repeat(n as usize % 900)));
    (format!("2.25.{}", n % 7), body)
}

#[test]
fn wrk_01_twenty_kills_lose_no_edit_that_was_acknowledged() {
    let place = Place::new();
    let patient = run(async {
        let (archive, patient) = with_a_patient(&place).await;
        archive.close().await.unwrap();
        patient
    });
    let delays = noise(49, CYCLES);
    let (mut next, mut total) = (0, 0);
    for delay in delays {
        let mut writer = child("edits::child_draws_and_acknowledges", &place, next);
        let mut lines = BufReader::new(writer.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        assert!(lines.any(|line| line.contains("ready")), "the child ended");
        // At least one, then at any moment.
        let mut acknowledged: Vec<u64> = lines
            .by_ref()
            .filter_map(|l| acknowledgement(&l))
            .map(|(_, n)| n)
            .take(1 + usize::from(delay) % 5)
            .collect();
        std::thread::sleep(Duration::from_micros(u64::from(delay) * 100));
        writer.kill().unwrap();
        writer.wait().unwrap();
        acknowledged.extend(lines.filter_map(|l| acknowledgement(&l)).map(|(_, n)| n));
        let last = *acknowledged.last().unwrap();
        total += acknowledged.len();
        run(async {
            let archive = place.open().await.unwrap();
            // One more than was acknowledged may have been stored before the kill.
            let there = async |through: u64| {
                let mut items = BTreeMap::new();
                for n in 0..=through {
                    let (item, body) = nth(n);
                    items.insert(item, body);
                }
                items.retain(|_, body| body.is_some());
                let edits = archive.edits(patient, LATER).await.unwrap();
                let found: BTreeMap<_, _> = edits
                    .into_iter()
                    .map(|e| (e.edit.item, e.edit.body))
                    .collect();
                found == items
            };
            let one_more = there(last + 1).await;
            assert!(one_more || there(last).await, "after edit {last}");
            next = last + 1 + u64::from(one_more);
            assert_eq!(archive.verify_audit().await.unwrap().broken, None);
            archive.close().await.unwrap();
        });
    }
    println!("{CYCLES} kills, {total} edits acknowledged, 0 lost");
}

#[test]
fn child_draws_and_acknowledges() {
    let Some((folder, keys, first)) = wanted() else {
        return;
    };
    run(async {
        let archive = Archive::open(&folder, keys).await.unwrap();
        let patient = archive.patients(None).await.unwrap()[0].key;
        println!("ready");
        for n in first..first + 5000 {
            let (item, body) = nth(n);
            let edits = [edit(patient, &item, body.as_deref())];
            archive.record_edits(&by(0), &edits).await.unwrap();
            acknowledge('E', n);
        }
    });
}
