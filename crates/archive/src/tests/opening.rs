//! What cannot be opened is told at once, in words, and left untouched.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant as Clock};

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Connection as _, SqlSafeStr as _};

use super::*;
use crate::db::{self, Purpose};
use crate::envelope::Envelope;
use crate::keys::KeyPlace;
use crate::migrate;
use crate::secret::Secret;

/// An archive with something in it, closed.
async fn made(place: &Place) {
    let archive = place.open().await.unwrap();
    let import = document(
        b"one",
        vec![(identity("1"), vec![fact("a", 1.0, "2020-01-01")])],
    );
    archive.import_document(&by(0), import).await.unwrap();
    archive.close().await.unwrap();
}

/// All files of the archive but the lock, with the hash of their bytes.
fn snapshot(place: &Place) -> Vec<(PathBuf, DocumentHash)> {
    files_below(&place.archive())
        .into_iter()
        .filter(|f| !f.ends_with("lock"))
        .map(|f| (f.clone(), DocumentHash::of(&fs::read(f).unwrap())))
        .collect()
}

pub(super) fn database_key(place: &Place) -> Secret {
    let key = Secret::from_hex(fs::read_to_string(place.key_file()).unwrap().trim()).unwrap();
    let envelope = Envelope::read(&place.archive().join("archive.keys"))
        .unwrap()
        .unwrap();
    envelope.unwrap(&key).unwrap().unwrap().database
}

#[test]
fn an_archive_opens_again_with_what_was_in_it() {
    let place = Place::new();
    run(async {
        made(&place).await;
        let archive = place.open().await.unwrap();
        assert_eq!(archive.patients(None).await.unwrap().len(), 1);
        assert_eq!(archive.key_place(), &KeyPlace::File(place.key_file()));
        assert!(!archive.recovery().unclean);
        let stats = archive.stats().await.unwrap();
        assert_eq!((stats.schema, stats.facts), (newest(), 1));
        assert!(stats.sqlcipher.starts_with("4."), "{}", stats.sqlcipher);
        // SQLite below 3.51.3 has the WAL-reset fault: raise it when sqlx lets a newer one in (see db.rs).
        assert_eq!(stats.sqlite, "3.50.4");
        assert!(archive.check().await.unwrap() == crate::CheckReport::default());
        archive.close().await.unwrap();
    });
}

/// DB-05: one error each, all of the kind that ends with exit code 3, in less than a second, and no byte changed.
#[test]
fn db_05_what_is_no_archive_of_this_key_is_refused_untouched() {
    type Harm = fn(&Place);
    let cases: [(&str, &str, Harm); 12] = [
        ("wrong key", "WrongKey", |p| {
            fs::write(p.key_file(), "ab".repeat(32)).unwrap()
        }),
        ("key file is gone", "NoKey", |p| {
            fs::remove_file(p.key_file()).unwrap()
        }),
        ("key file holds no key", "KeyFile", |p| {
            fs::write(p.key_file(), "hello").unwrap()
        }),
        ("damaged first page", "Damaged", |p| {
            let file = p.archive().join("archive.db");
            let mut bytes = fs::read(&file).unwrap();
            bytes[100] ^= 1;
            fs::write(file, bytes).unwrap();
        }),
        ("damaged salt", "Damaged", |p| {
            let file = p.archive().join("archive.db");
            let mut bytes = fs::read(&file).unwrap();
            // The salt is not used with a raw key for the pages, but for their check.
            bytes[0] ^= 1;
            fs::write(file, bytes).unwrap();
        }),
        ("plain SQLite", "NotEncrypted", |p| {
            let mut bytes = vec![0; 8192];
            bytes[..16].copy_from_slice(b"SQLite format 3\0");
            fs::write(p.archive().join("archive.db"), bytes).unwrap();
        }),
        ("zero bytes", "Damaged", |p| {
            fs::write(p.archive().join("archive.db"), []).unwrap()
        }),
        ("cut in half", "Damaged", |p| {
            let file = p.archive().join("archive.db");
            let bytes = fs::read(&file).unwrap();
            fs::write(file, &bytes[..bytes.len() / 8192 * 4096]).unwrap();
        }),
        ("another program's file", "Damaged", |p| {
            fs::write(p.archive().join("archive.db"), noise(5, 40_960)).unwrap()
        }),
        ("envelope changed", "WrongKey", |p| {
            let file = p.archive().join("archive.keys");
            let mut bytes = fs::read(&file).unwrap();
            bytes[60] ^= 1;
            fs::write(file, bytes).unwrap();
        }),
        ("envelope gone", "Damaged", |p| {
            fs::remove_file(p.archive().join("archive.keys")).unwrap()
        }),
        ("database gone", "Damaged", |p| {
            fs::remove_file(p.archive().join("archive.db")).unwrap()
        }),
    ];
    for (what, expected, harm) in cases {
        let place = Place::new();
        run(async {
            made(&place).await;
            harm(&place);
            let before = snapshot(&place);
            let started = Clock::now();
            let error = place.open().await.map(|_| ()).expect_err(what);
            assert!(
                started.elapsed() < Duration::from_secs(1),
                "{what}: {:?}",
                started.elapsed()
            );
            assert!(
                format!("{error:?}").starts_with(expected),
                "{what}: {error:?}"
            );
            assert!(error.is_unopenable(), "{what}");
            assert_eq!(snapshot(&place), before, "{what} was changed");
        });
    }
}

fn newest() -> i64 {
    migrate::newest(&migrate::SCHEMA)
}

#[test]
fn db_02_a_newer_archive_is_refused_and_an_older_one_is_copied_before_it_is_changed() {
    let place = Place::new();
    run(async {
        made(&place).await;
        let file = place.archive().join("archive.db");
        let key = database_key(&place);
        let mut next = migrate::migrations();
        let sql = "ALTER TABLE patient ADD COLUMN alias TEXT".into_sql_str();
        next.push(Migration::new(
            newest() + 1,
            "alias".into(),
            MigrationType::Simple,
            sql,
            false,
        ));
        let next = Migrator::with_migrations(next);
        // As the next version will do: the copy is the way back.
        let copy = migrate::run(&file, &key, &next).await.unwrap().unwrap();
        let mut old = db::single(&copy, &key, Purpose::Look).await.unwrap();
        assert_eq!(migrate::version(&mut old).await.unwrap(), newest());
        old.close().await.unwrap();
        // This version meets that archive.
        let before = snapshot(&place);
        let error = place.open().await.map(|_| ()).unwrap_err();
        assert!(
            matches!(error, ArchiveError::Newer { found, known } if (found, known) == (newest() + 1, newest())),
            "{error:?}"
        );
        assert!(error.is_unopenable());
        assert_eq!(snapshot(&place), before);
        // And goes back.
        fs::rename(copy, file).unwrap();
        let archive = place.open().await.unwrap();
        assert_eq!(archive.stats().await.unwrap().facts, 1);
        archive.close().await.unwrap();
    });
}

#[test]
fn db_02_a_change_that_fails_half_way_leaves_the_old_schema() {
    let place = Place::new();
    run(async {
        made(&place).await;
        let file = place.archive().join("archive.db");
        let key = database_key(&place);
        let mut next = migrate::migrations();
        let sql = "ALTER TABLE patient ADD COLUMN alias TEXT; INSERT INTO nowhere VALUES (1);"
            .into_sql_str();
        next.push(Migration::new(
            newest() + 1,
            "alias".into(),
            MigrationType::Simple,
            sql,
            false,
        ));
        migrate::run(&file, &key, &Migrator::with_migrations(next))
            .await
            .unwrap_err();
        let archive = place.open().await.unwrap();
        assert_eq!(archive.stats().await.unwrap().schema, newest());
        assert_eq!(archive.patients(None).await.unwrap().len(), 1);
        archive.close().await.unwrap();
    });
}

/// A wrong key after a crash: pages that wait in the write-ahead log stay there for the right one.
#[test]
fn db_05_a_wrong_key_leaves_the_write_ahead_log_alone() {
    let place = Place::new();
    run(async {
        made(&place).await;
        let archive = place.open().await.unwrap();
        let import = document(
            b"two",
            vec![(identity("1"), vec![fact("b", 2.0, "2020-01-01")])],
        );
        archive.import_document(&by(1), import).await.unwrap();
        // A copy of the files as a crash leaves them, without a process that has them open.
        let copy = Place::new();
        for file in files_below(&place.archive()) {
            let to = copy
                .archive()
                .join(file.strip_prefix(place.archive()).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(file, to).unwrap();
        }
        archive.close().await.unwrap();
        let file = copy.archive().join("archive.db");
        assert!(db::waiting(&file) > 0);
        fs::create_dir_all(copy.key_file().parent().unwrap()).unwrap();
        fs::set_permissions(
            copy.key_file().parent().unwrap(),
            fs::Permissions::from_mode(0o700),
        )
        .unwrap();
        fs::copy(place.key_file(), copy.key_file()).unwrap();
        let before = DocumentHash::of(&fs::read(&file).unwrap());
        let wrong = Secret::random().unwrap();
        let error = db::single(&file, &wrong, Purpose::Look)
            .await
            .map(|_| ())
            .unwrap_err();
        assert!(matches!(error, ArchiveError::Damaged { .. }), "{error:?}");
        assert_eq!(DocumentHash::of(&fs::read(&file).unwrap()), before);
        assert!(db::waiting(&file) > 0);
        let archive = copy.open().await.unwrap();
        assert_eq!(archive.stats().await.unwrap().facts, 2);
        archive.close().await.unwrap();
    });
}

#[test]
fn db_06_the_second_program_is_told_who_holds_the_archive() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let error = place.open().await.map(|_| ()).unwrap_err();
        assert!(error.is_unopenable());
        assert!(
            error
                .to_string()
                .contains(&format!("process {}", std::process::id())),
            "{error}"
        );
        archive.close().await.unwrap();
        place.open().await.unwrap().close().await.unwrap();
    });
}

#[test]
fn readers_cannot_write() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let error = sqlx::query("DELETE FROM audit")
            .execute(&archive.readers)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("readonly"), "{error}");
        assert_eq!(
            (
                archive.writer.options().get_max_connections(),
                archive.readers.options().get_max_connections()
            ),
            (1, 3)
        );
        archive.close().await.unwrap();
    });
}

#[test]
fn a_key_file_that_others_can_reach_is_refused() {
    let place = Place::new();
    run(async { made(&place).await });
    let mode =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let folder = place.key_file().parent().unwrap().to_owned();
    assert_eq!(
        fs::metadata(place.key_file()).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
        0o700
    );
    for (path, wide) in [
        (place.key_file(), 0o640),
        (place.key_file(), 0o604),
        (folder.clone(), 0o750),
        (folder.clone(), 0o701),
    ] {
        let right = if path == folder { 0o700 } else { 0o600 };
        mode(&path, wide);
        let error = run(place.open()).map(|_| ()).unwrap_err();
        assert!(
            matches!(&error, ArchiveError::KeyFile { file, .. } if *file == path),
            "{wide:o}: {error:?}"
        );
        assert!(error.is_unopenable());
        mode(&path, right);
    }
    run(async { place.open().await.unwrap().close().await.unwrap() });
}

/// An archive that exists never gets a new key, whatever the places answer.
#[test]
fn no_key_is_made_for_an_archive_that_exists() {
    let place = Place::new();
    run(async {
        made(&place).await;
        fs::remove_file(place.key_file()).unwrap();
        assert!(matches!(
            place.open().await,
            Err(ArchiveError::NoKey { .. })
        ));
        assert!(!place.key_file().exists());
    });
}

#[test]
fn one_key_file_serves_two_archives() {
    let place = Place::new();
    run(async {
        made(&place).await;
        let other = place.archive().with_file_name("second");
        let archive = Archive::open(&other, place.keys()).await.unwrap();
        archive.close().await.unwrap();
        place.open().await.unwrap().close().await.unwrap();
    });
}
