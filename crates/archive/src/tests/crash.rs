//! DB-01 and DB-06 with a second process: this test executable, started again for one of the functions at the end of this file.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::*;
use crate::{Archive, InstanceOutcome};

const PLACE: &str = "TRIPTYCH_TEST_ARCHIVE";
const FIRST: &str = "TRIPTYCH_TEST_FIRST";
const CYCLES: usize = 100;

pub(super) fn child(name: &str, place: &Place, first: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            &format!("tests::{name}"),
            "--nocapture",
            "--test-threads=1",
        ])
        .env(PLACE, place.folder.path())
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn image(n: u64) -> NewInstance {
    let length = 1000 + noise(n, 1)[0] as usize * 400;
    instance("1", 1, i32::try_from(n).unwrap(), noise(n, length))
}

fn bundle(n: u64) -> ImportDocument {
    let facts = (0..3).map(|k| {
        let id = format!("{n}/{k}");
        if k == 2 {
            note(&id, &format!("word{n}"), "2020-01-01")
        } else {
            fact(&id, 1.0, "2020-01-01")
        }
    });
    document(&n.to_le_bytes(), vec![(identity("1"), facts.collect())])
}

/// Everything acknowledged is there and whole; nothing is there half. With `all`, whatever has a row is compared byte by byte.
async fn examine(archive: &Archive, acknowledged: &BTreeSet<(char, u64)>, all: bool) {
    let Some(patient) = archive.patients(None).await.unwrap().first().map(|p| p.key) else {
        assert!(acknowledged.is_empty());
        return;
    };
    let facts = archive.facts(patient, LATER).await.unwrap();
    let ids: BTreeSet<_> = facts.iter().map(|f| f.id).collect();
    assert_eq!(ids.len() % 3, 0, "half a document");
    let instances = archive.instances(patient).await.unwrap();
    let numbers: BTreeSet<_> = instances
        .iter()
        .map(|i| i.record.instance_number.unwrap() as u64)
        .collect();
    for (kind, n) in acknowledged {
        if *kind == 'D' {
            assert!(
                bundle(*n).patients[0].1.iter().all(|f| ids.contains(&f.id)),
                "document {n} is lost"
            );
        } else {
            assert!(numbers.contains(n), "instance {n} is lost");
        }
    }
    for instance in &instances {
        let n = instance.record.instance_number.unwrap() as u64;
        if all || acknowledged.contains(&('I', n)) {
            assert_eq!(
                archive.read_blob(instance.blob).await.unwrap(),
                image(n).bytes,
                "instance {n}"
            );
        }
    }
    let trail = archive.verify_audit().await.unwrap();
    assert_eq!(trail.broken, None);
}

/// Kind and number of a whole line; one that the kill cut short acknowledges nothing.
pub(super) fn acknowledgement(line: &str) -> Option<(char, u64)> {
    let (kind, n) = line
        .strip_prefix("ack ")?
        .strip_suffix('.')?
        .split_once(' ')?;
    Some((kind.chars().next()?, n.parse().ok()?))
}

#[test]
fn db_01_a_hundred_kills_lose_nothing_that_was_acknowledged() {
    let place = Place::new();
    let delays = noise(2026, CYCLES * 2);
    let mut everything = BTreeSet::new();
    let mut next = 0;
    for (cycle, delay) in delays.chunks(2).enumerate() {
        let (acks, delay) = (delay[0] % 4, u64::from(delay[1]));
        let mut writer = child("crash::child_imports_and_acknowledges", &place, next);
        let mut lines = BufReader::new(writer.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let mut acknowledged = BTreeSet::new();
        // Most kills hit an import, whatever the machine's load: some milliseconds after the nth acknowledgement. Every fourth comes at
        // a random moment of the start: the opening, the making of the archive.
        let delay = if cycle % 4 == 3 {
            delay % 120
        } else {
            let ready = lines.find(|line| line.contains("ready"));
            assert!(ready.is_some(), "the child ended");
            acknowledged.extend(
                lines
                    .by_ref()
                    .filter_map(|l| acknowledgement(&l))
                    .take(acks.into()),
            );
            delay % 30
        };
        std::thread::sleep(Duration::from_millis(delay));
        writer.kill().unwrap();
        writer.wait().unwrap();
        // What it said before the end is in the pipe still.
        acknowledged.extend(lines.filter_map(|l| acknowledgement(&l)));
        next = acknowledged.last().map_or(next, |_| {
            acknowledged.iter().map(|a| a.1).max().unwrap_or(0)
        }) + 1000;
        everything.extend(acknowledged.iter().copied());
        run(async {
            let archive = place.open().await.unwrap();
            let all = cycle % 20 == 19 || cycle + 1 == CYCLES;
            examine(&archive, if all { &everything } else { &acknowledged }, all).await;
            if all {
                assert_eq!(
                    archive.check().await.unwrap(),
                    crate::CheckReport::default()
                );
            }
            // Every second time the next child finds an end that was not clean.
            if cycle % 2 == 0 {
                archive.close().await.unwrap()
            } else {
                archive.abandon().await
            }
        });
    }
    println!("{CYCLES} kills, {} acknowledged, 0 lost", everything.len());
    assert!(
        everything.len() > CYCLES / 2,
        "the children hardly got to import: {}",
        everything.len()
    );
}

#[test]
fn db_06_a_killed_holder_holds_nothing() {
    let place = Place::new();
    let mut holder = child("crash::child_holds", &place, 0);
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("holding")));
    let error = run(place.open()).map(|_| ()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains(&format!("process {}", holder.id())),
        "{error}"
    );
    holder.kill().unwrap();
    holder.wait().unwrap();
    run(async { place.open().await.unwrap().close().await.unwrap() });
}

/// Where the parent wants the archive; `None` when this process is an ordinary test run, which then has nothing to do here.
pub(super) fn wanted() -> Option<(PathBuf, KeySource, u64)> {
    let folder = PathBuf::from(std::env::var_os(PLACE)?);
    let first = std::env::var(FIRST).ok()?.parse().ok()?;
    Some((
        folder.join("archive"),
        KeySource::File(folder.join("keys").join("archive.key")),
        first,
    ))
}

#[test]
fn child_imports_and_acknowledges() {
    let Some((folder, keys, first)) = wanted() else {
        return;
    };
    run(async {
        let archive = Archive::open(&folder, keys).await.unwrap();
        println!("ready");
        for n in first..first + 900 {
            let outcomes = archive
                .import_instances(&by(0), vec![image(n)])
                .await
                .unwrap();
            assert!(matches!(outcomes[0], InstanceOutcome::New { .. }));
            acknowledge('I', n);
            archive.import_document(&by(0), bundle(n)).await.unwrap();
            acknowledge('D', n);
        }
    });
}

#[test]
fn child_holds() {
    let Some((folder, keys, _)) = wanted() else {
        return;
    };
    run(async {
        let _archive = Archive::open(&folder, keys).await.unwrap();
        println!("holding");
        std::future::pending::<()>().await;
    });
}

pub(super) fn acknowledge(kind: char, n: u64) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ack {kind} {n}.").unwrap();
    out.flush().unwrap();
}
