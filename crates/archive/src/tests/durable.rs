//! FS-04 and FS-05 with a disk that stops at the nth step and forgets what was not flushed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use super::*;
use crate::disk::{Disk, Step};
use crate::{Archive, InstanceOutcome};

#[derive(Default)]
struct State {
    steps: Vec<String>,
    /// The step before which the power goes; none while the archive is being made.
    stop_at: Option<usize>,
    stopped: bool,
    /// Free bytes that it claims, of 100 GB; none: as many as there are.
    free: Option<u64>,
    unflushed: BTreeSet<PathBuf>,
    renamed: Vec<(PathBuf, PathBuf)>,
}

/// A disk whose power goes.
#[derive(Default)]
struct FailingDisk(Mutex<State>);

impl Disk for FailingDisk {
    fn room(&self, _: &Path) -> io::Result<(u64, u64)> {
        Ok((self.0.lock().unwrap().free.unwrap_or(50 << 30), 100 << 30))
    }

    fn before(&self, step: Step<'_>) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.stopped || state.stop_at == Some(state.steps.len()) {
            state.stopped = true;
            return Err(io::Error::other("the power is gone"));
        }
        let word = match step {
            Step::Write(path) => {
                state.unflushed.insert(path.to_owned());
                "write"
            }
            Step::FlushFile(path) => {
                state.unflushed.remove(path);
                "flush"
            }
            Step::FlushVolume(_) => {
                state.unflushed.clear();
                state.renamed.clear();
                "flush-volume"
            }
            Step::Rename(from, to) => {
                if state.unflushed.remove(from) {
                    state.unflushed.insert(to.to_owned());
                }
                state.renamed.push((from.to_owned(), to.to_owned()));
                "rename"
            }
            Step::FlushFolder(folder) => {
                state.renamed.retain(|(_, to)| to.parent() != Some(folder));
                "flush-folder"
            }
            Step::Commit => "commit",
        };
        state.steps.push(word.to_owned());
        Ok(())
    }
}

impl FailingDisk {
    fn arm(&self, stop_at: Option<usize>) {
        let mut state = self.0.lock().unwrap();
        *state = State {
            stop_at,
            ..State::default()
        };
    }

    /// What the disk holds after the power came back: names and bytes that were not flushed are gone.
    fn forget(&self) {
        let state = self.0.lock().unwrap();
        for file in &state.unflushed {
            if let Ok(file) = File::options().write(true).open(file) {
                let length = file.metadata().unwrap().len();
                file.set_len(length / 2).unwrap();
            }
        }
        for (from, to) in state.renamed.iter().rev() {
            let _ = fs::rename(to, from);
        }
    }
}

fn batch(large: bool) -> Vec<NewInstance> {
    (0..if large { 9 } else { 2 })
        .map(|n| instance("1", 1, n, noise(n as u64, 1000)))
        .collect()
}

async fn open_on(place: &Place, disk: &Arc<FailingDisk>) -> Archive {
    Archive::open_on(&place.archive(), place.keys(), disk.clone())
        .await
        .unwrap()
}

#[test]
fn fs_04_the_steps_are_taken_in_the_durable_order() {
    let place = Place::new();
    let disk = Arc::new(FailingDisk::default());
    run(async {
        let archive = open_on(&place, &disk).await;
        disk.arm(None);
        archive
            .import_instances(&by(0), batch(false))
            .await
            .unwrap();
        let mut steps = disk.0.lock().unwrap().steps.clone();
        steps.dedup();
        assert_eq!(
            steps,
            ["write", "flush", "rename", "flush-folder", "commit"]
        );
        disk.arm(None);
        let more = (20..40)
            .map(|n| instance("1", 1, n, noise(n as u64, 1000)))
            .collect();
        archive.import_instances(&by(0), more).await.unwrap();
        let mut steps = disk.0.lock().unwrap().steps.clone();
        steps.dedup();
        assert_eq!(
            steps,
            ["write", "flush-volume", "rename", "flush-folder", "commit"]
        );
        archive.close().await.unwrap();
    });
}

/// The power goes before each step in turn, until one run needs no failure. Each time the archive opens, what was acknowledged is whole,
/// nothing else has a row, and the import can be repeated.
#[test]
fn fs_04_power_lost_before_any_step_loses_nothing_acknowledged() {
    for large in [false, true] {
        for n in 0.. {
            let place = Place::new();
            let disk = Arc::new(FailingDisk::default());
            let finished = run(async {
                let archive = open_on(&place, &disk).await;
                let safe = vec![instance("1", 7, 1, noise(70, 5000))];
                archive.import_instances(&by(0), safe).await.unwrap();
                disk.arm(Some(n));
                let outcome = archive.import_instances(&by(1), batch(large)).await;
                let finished = outcome.is_ok();
                archive.abandon().await;
                disk.forget();

                let archive = place.open().await.unwrap();
                assert!(archive.recovery().unclean);
                assert!(
                    archive.recovery().missing.is_empty(),
                    "rows without files after step {n}"
                );
                let patient = archive.patients(None).await.unwrap()[0].key;
                let rows = archive.instances(patient).await.unwrap();
                assert_eq!(
                    rows.len(),
                    if finished { 1 + batch(large).len() } else { 1 },
                    "step {n}"
                );
                for row in &rows {
                    let bytes = archive.read_blob(row.blob).await.unwrap();
                    assert_eq!(DocumentHash::of(&bytes), row.document);
                }
                let tmp = fs::read_dir(place.archive().join("tmp")).unwrap().count();
                assert_eq!(tmp, 0, "temporaries after step {n}");
                // A file that lost its bytes with the power is not taken for the real one when the import is repeated.
                let again = archive
                    .import_instances(&by(2), batch(large))
                    .await
                    .unwrap();
                let fine = |o: &InstanceOutcome| {
                    matches!(
                        o,
                        InstanceOutcome::New { .. } | InstanceOutcome::Duplicate { .. }
                    )
                };
                assert!(again.iter().all(fine), "{again:?}");
                assert_eq!(
                    archive.check().await.unwrap(),
                    crate::CheckReport::default(),
                    "step {n}"
                );
                archive.close().await.unwrap();
                finished
            });
            if finished {
                assert!(n >= 7, "only {n} steps");
                break;
            }
        }
    }
}

#[test]
fn fs_05_files_without_rows_go_after_an_hour_and_rows_without_files_are_named() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        archive
            .import_instances(&by(0), batch(false))
            .await
            .unwrap();
        let orphans = archive
            .put_blobs(vec![noise(100, 99), noise(101, 99)])
            .await
            .unwrap();
        let patient = archive.patients(None).await.unwrap()[0].key;
        let rows = archive.instances(patient).await.unwrap();
        let path = |name: crate::BlobName| {
            let text = name.to_string();
            place
                .archive()
                .join("blobs")
                .join(&text[..2])
                .join(&text[2..])
        };
        fs::write(place.archive().join("tmp").join("half"), "x").unwrap();
        let old = SystemTime::now() - Duration::from_secs(3700);
        File::options()
            .write(true)
            .open(path(orphans[0]))
            .unwrap()
            .set_modified(old)
            .unwrap();
        File::options()
            .write(true)
            .open(path(rows[1].blob))
            .unwrap()
            .set_modified(old)
            .unwrap();
        fs::remove_file(path(rows[0].blob)).unwrap();
        archive.abandon().await;

        let archive = place.open().await.unwrap();
        let recovery = archive.recovery().clone();
        assert_eq!((recovery.temporaries, recovery.orphans), (1, 1));
        assert_eq!(recovery.missing, [rows[0].blob]);
        assert!(
            !path(orphans[0]).exists() && path(orphans[1]).exists() && path(rows[1].blob).exists()
        );
        // Shown as damaged, never hidden.
        assert_eq!(archive.instances(patient).await.unwrap().len(), 2);
        assert!(archive.read_blob(rows[0].blob).await.is_err());
        assert_eq!(archive.check().await.unwrap().blobs.len(), 1);
        assert_eq!(archive.audit_entries(1).await.unwrap()[0].verb, "recovery");
        archive.close().await.unwrap();
        let archive = place.open().await.unwrap();
        assert!(!archive.recovery().unclean);
        archive.close().await.unwrap();
    });
}

#[test]
fn fs_06_a_full_disk_stops_the_import_and_the_archive_stays_usable() {
    let place = Place::new();
    let disk = Arc::new(FailingDisk::default());
    run(async {
        let archive = open_on(&place, &disk).await;
        archive
            .import_instances(&by(0), vec![instance("1", 1, 1, noise(1, 1000))])
            .await
            .unwrap();
        disk.0.lock().unwrap().free = Some((256 << 20) + 5_000_000);
        let large = || vec![instance("1", 1, 2, noise(2, 6_000_000))];
        let error = archive.import_instances(&by(1), large()).await.unwrap_err();
        let ArchiveError::DiskFull { missing, .. } = error else {
            panic!("{error:?}")
        };
        assert!((1_000_000..1_100_000).contains(&missing), "{missing}");
        // Small things, the audit trail and reading go on.
        archive
            .import_instances(&by(2), vec![instance("1", 1, 3, noise(3, 1000))])
            .await
            .unwrap();
        let patient = archive.patients(None).await.unwrap()[0].key;
        archive.mark_opened(&by(3), patient).await.unwrap();
        assert_eq!(archive.instances(patient).await.unwrap().len(), 2);
        disk.0.lock().unwrap().free = None;
        let again = archive.import_instances(&by(4), large()).await.unwrap();
        assert!(matches!(again[0], InstanceOutcome::New { .. }));
        archive.close().await.unwrap();
    });
}
