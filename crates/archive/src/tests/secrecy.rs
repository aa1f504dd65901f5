//! Nothing in the clear, nowhere, at no time.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Mutex, OnceLock};

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::*;

const MARKERS: [&str; 4] = [
    "Zyxmarkername",
    "Zyxmarkernote",
    "Zyxmarkerpixel",
    "Zyxmarkerfile",
];

fn hits(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for file in files_below(folder) {
        // Zero bytes are characters too, so that the wide form is found as text.
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        let name = file.to_string_lossy().into_owned();
        for marker in MARKERS {
            let wide: String = marker.chars().flat_map(|c| [c, '\0']).collect();
            for form in [marker, &wide, &marker.to_lowercase()] {
                if text.contains(form) || name.contains(form) {
                    found.push(format!("{marker} in {name}"));
                }
            }
        }
    }
    found
}

#[test]
fn sec_01_no_planted_marker_is_in_any_file_of_the_archive() {
    let [name, text, pixel, file] = MARKERS;
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let mut who = identity("1");
        who.family = name.into();
        let mut import = document(
            pixel.repeat(1000).as_bytes(),
            vec![(who, vec![note(text, text, "2020-01-01")])],
        );
        import.name = file.into();
        let key = archive
            .import_document(&By::new(name, by(0).at), import)
            .await
            .unwrap()
            .keys()
            .next()
            .unwrap();
        let mut image = instance("2", 1, 1, pixel.repeat(40_000).into_bytes());
        image.record.identity.family = name.into();
        image.record.series_description = text.into();
        archive.import_instances(&by(1), vec![image]).await.unwrap();
        archive
            .set_setting(&by(2), file, &serde_json::Value::from(text))
            .await
            .unwrap();
        assert_eq!(
            archive.search_notes(key, text, LATER).await.unwrap().len(),
            1
        );
        assert_eq!(archive.patients(Some(name)).await.unwrap().len(), 2);
        // While it is open, with the write-ahead log full of it …
        assert!(archive.stats().await.unwrap().wal_bytes > 10_000);
        assert_eq!(hits(&place.archive()), [""; 0]);
        // … and the folder is the owner's alone …
        for path in files_below(&place.archive()) {
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600,
                "{}",
                path.display()
            );
            let folder = path.parent().unwrap();
            assert_eq!(
                fs::metadata(folder).unwrap().permissions().mode() & 0o777,
                0o700,
                "{}",
                folder.display()
            );
        }
        archive.close().await.unwrap();
        // … and when it is closed.
        assert_eq!(hits(&place.archive()), [""; 0]);
        let start = fs::read(place.archive().join("archive.db")).unwrap();
        assert!(!start.starts_with(b"SQLite"));
        // The scan itself finds what is there.
        fs::write(place.archive().join("control"), format!("x{text}x")).unwrap();
        assert_eq!(hits(&place.archive()).len(), 1);
    });
}

/// Everything that any crate logs in this process, at the most talkative level.
struct Ear(Mutex<Vec<String>>);

impl log::Log for Ear {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}", record.target(), record.args());
        self.0.lock().unwrap().push(line);
    }
    fn flush(&self) {}
}

fn ear() -> &'static Ear {
    static EAR: OnceLock<&'static Ear> = OnceLock::new();
    EAR.get_or_init(|| {
        let ear: &'static Ear = Box::leak(Box::new(Ear(Mutex::new(Vec::new()))));
        log::set_logger(ear).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        ear
    })
}

fn heard(what: &str) -> bool {
    let lines = ear().0.lock().unwrap();
    lines.iter().any(|line| line.to_lowercase().contains(what))
}

#[test]
fn sec_07_no_key_and_no_patient_data_reach_a_log() {
    ear();
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let mut who = identity("ZyxLogNumber");
        who.family = "ZyxLogName".into();
        let import = document(
            b"log",
            vec![(who, vec![note("n", "ZyxLogText", "2020-01-01")])],
        );
        let key = archive
            .import_document(&by(0), import)
            .await
            .unwrap()
            .keys()
            .next()
            .unwrap();
        archive
            .search_notes(key, "zyxlogtext", LATER)
            .await
            .unwrap();
        archive.facts(key, LATER).await.unwrap();
        archive.close().await.unwrap();

        let stored = fs::read_to_string(place.key_file()).unwrap();
        let stored = stored.trim();
        let outer = crate::secret::Secret::from_hex(stored).unwrap();
        let envelope = crate::envelope::Envelope::read(&place.archive().join("archive.keys"))
            .unwrap()
            .unwrap();
        let inner = envelope.unwrap(&outer).unwrap().unwrap();
        let keys = [
            stored.to_owned(),
            inner.database.hex().to_string(),
            inner.blobs.hex().to_string(),
            inner.audit.hex().to_string(),
        ];
        for secret in
            keys.iter()
                .map(String::as_str)
                .chain(["zyxlogname", "zyxlognumber", "zyxlogtext"])
        {
            assert!(!heard(secret), "a secret was logged");
        }
        // Nor are the keys in a file of the archive.
        for file in files_below(&place.archive()) {
            let bytes = fs::read(&file).unwrap();
            for key in [
                outer.bytes(),
                inner.database.bytes(),
                inner.blobs.bytes(),
                inner.audit.bytes(),
            ] {
                assert!(!bytes.windows(32).any(|w| w == key), "{}", file.display());
            }
        }
        // The usual way to give the key does reach the log: this ear would have heard it.
        let control = "c0".repeat(32);
        let pragma = format!("\"x'{control}'\"");
        let options = SqliteConnectOptions::new()
            .in_memory(true)
            .pragma("key", pragma);
        drop(
            options
                .log_statements(log::LevelFilter::Debug)
                .connect()
                .await,
        );
        assert!(heard(&control));
    });
}

/// An error's words hold no content of a row.
#[test]
fn sec_07_errors_and_debug_forms_hold_no_secret() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let import = document(
            b"x",
            vec![(identity("1"), vec![fact("a", 1.0, "2020-01-01")])],
        );
        let key = archive
            .import_document(&by(0), import)
            .await
            .unwrap()
            .keys()
            .next()
            .unwrap();
        sqlx::query("UPDATE fact SET body = $1")
            .bind("{\"d\":\"ZyxSecretWord\",\"a\":\"ZyxSecretWord\"}")
            .execute(&archive.writer)
            .await
            .unwrap();
        let error = archive.facts(key, LATER).await.unwrap_err();
        assert!(
            matches!(error, ArchiveError::Row { table: "fact", .. }),
            "{error:?}"
        );
        assert!(
            !format!("{error} {error:?}").contains("ZyxSecret"),
            "{error:?}"
        );
        let key = fs::read_to_string(place.key_file()).unwrap();
        let source = place.keys();
        let told = format!("{source:?} {} {:?}", source.describe(), archive.key_place());
        assert!(!told.contains(key.trim()) && told.contains("archive.key"));
        archive.abandon().await;
    });
}
