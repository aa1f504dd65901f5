//! Instances and their files.

use std::io::Read as _;

use super::*;
use crate::error::BlobFault;
use crate::{BlobName, InstanceOutcome, KeptHeader};

#[test]
fn an_identical_instance_is_a_duplicate_and_other_bytes_are_kept_apart() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let bytes = noise(1, 600_000);
        let first = vec![
            instance("1", 1, 2, bytes.clone()),
            instance("1", 1, 1, noise(2, 10)),
        ];
        let outcomes = archive
            .import_instances(&by(0), first.clone())
            .await
            .unwrap();
        let InstanceOutcome::New { patient } = outcomes[0] else {
            panic!("{outcomes:?}")
        };
        assert_eq!(outcomes[1], InstanceOutcome::New { patient });
        let again = archive.import_instances(&by(1), first).await.unwrap();
        assert_eq!(again, [InstanceOutcome::Duplicate { patient }; 2]);
        let mut other = bytes.clone();
        other[300_000] ^= 1;
        let outcomes = archive
            .import_instances(&by(2), vec![instance("1", 1, 2, other.clone())])
            .await
            .unwrap();
        assert_eq!(
            outcomes,
            [InstanceOutcome::Conflict {
                patient,
                variant: 1
            }]
        );

        let all = archive.instances(patient).await.unwrap();
        assert_eq!(
            all.iter()
                .map(|i| (i.record.instance_number, i.variant))
                .collect::<Vec<_>>(),
            [(Some(1), 0), (Some(2), 0), (Some(2), 1)]
        );
        assert_eq!(archive.read_blob(all[1].blob).await.unwrap(), bytes);
        assert_eq!(archive.read_blob(all[2].blob).await.unwrap(), other);
        let series = archive
            .series_instances(&all[0].record.series)
            .await
            .unwrap();
        assert_eq!(series.len(), 2, "what was kept apart is not in the series");
        let listed = archive.patients(None).await.unwrap();
        let study = triptych_clinical::When::parse("2021-02-22").unwrap();
        assert_eq!(
            (listed[0].first, listed[0].last),
            (Some(study.instant), Some(study.instant)),
            "a study is an event"
        );
        let studies = archive.studies(patient).await.unwrap();
        assert_eq!(
            (
                studies.len(),
                studies[0].series[0].instances,
                studies[0].series[0].conflicts
            ),
            (1, 2, 1)
        );
        let summary = &archive.patients(None).await.unwrap()[0];
        assert_eq!(
            (summary.studies, summary.series, summary.instances),
            (1, 1, 2)
        );
        assert_eq!(archive.stats().await.unwrap().blobs, 3);
        archive.close().await.unwrap();
    });
}

#[test]
fn images_without_a_patient_id_stay_with_their_study() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let nameless = |study, number| {
            let mut new = instance(
                "",
                study,
                number,
                noise(u64::from(study), 20 + number as usize),
            );
            new.record.identity = Identity::default();
            new
        };
        let batch = vec![nameless(1, 1), nameless(2, 1), nameless(1, 2)];
        let outcomes = archive.import_instances(&by(0), batch).await.unwrap();
        let patient = |n: usize| match outcomes[n] {
            InstanceOutcome::New { patient } => patient,
            other => panic!("{other:?}"),
        };
        assert_eq!(patient(0), patient(2));
        assert_ne!(patient(0), patient(1));
        archive.close().await.unwrap();
    });
}

#[test]
fn blobs_are_read_whole_in_part_and_into_a_file() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let chunk = 256 * 1024;
        for length in [0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk + 77] {
            let content = noise(length as u64, length);
            let name = archive.put_blobs(vec![content.clone()]).await.unwrap()[0];
            let blobs = archive.blobs();
            assert_eq!(blobs.read(name).unwrap(), content, "{length}");
            assert_eq!(blobs.length(name).unwrap(), length as u64);
            let file = tempfile::tempfile().unwrap();
            assert_eq!(blobs.copy_to(name, &file).unwrap(), length as u64);
            let mut copied = Vec::new();
            let mut file = file;
            std::io::Seek::rewind(&mut file).unwrap();
            file.read_to_end(&mut copied).unwrap();
            assert_eq!(copied, content);
            for (start, end) in [
                (0, length),
                (length / 2, length),
                (length / 3, length / 2),
                // A whole chunk without room for its tag.
                (chunk.min(length), (2 * chunk).min(length)),
                (length, length),
            ] {
                let mut part = vec![0; end - start];
                blobs
                    .read_range(name, start as u64, &mut part, &mut Vec::new())
                    .unwrap();
                assert_eq!(part, content[start..end], "{start} to {end} of {length}");
            }
            let beyond = blobs.read_range(name, length as u64, &mut [0], &mut Vec::new());
            assert!(matches!(
                beyond,
                Err(ArchiveError::Blob {
                    why: BlobFault::Range { .. },
                    ..
                })
            ));
        }
        assert!(matches!(
            archive.read_blob(BlobName([1; 32])).await,
            Err(ArchiveError::Blob {
                why: BlobFault::Missing,
                ..
            })
        ));
        archive.close().await.unwrap();
    });
}

/// FS-08: one flipped bit anywhere, exchanged chunks, a cut, another name: each is an error, never other pixels.
#[test]
fn fs_08_a_changed_blob_is_never_read_as_pixels() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let chunk = 256 * 1024;
        let content = noise(9, 2 * chunk);
        let names = archive
            .put_blobs(vec![content.clone(), noise(10, 2 * chunk)])
            .await
            .unwrap();
        let path = |name: BlobName| {
            let text = name.to_string();
            place
                .archive()
                .join("blobs")
                .join(&text[..2])
                .join(&text[2..])
        };
        let good = std::fs::read(path(names[0])).unwrap();
        let refused = |bytes: &[u8], what: &str| {
            std::fs::write(path(names[0]), bytes).unwrap();
            assert!(archive.blobs().read(names[0]).is_err(), "{what}");
            let mut part = [0; 16];
            let both = [0, chunk as u64].map(|at| {
                archive
                    .blobs()
                    .read_range(names[0], at, &mut part, &mut Vec::new())
                    .is_err()
            });
            assert!(both.contains(&true), "{what}, in part");
        };
        let seed = noise(3, 8 * 40);
        let places = seed
            .chunks(8)
            .map(|b| u64::from_le_bytes(b.try_into().unwrap()) as usize % good.len());
        for at in (0..32).chain(places) {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            refused(&bad, &format!("bit of byte {at}"));
        }
        let mut exchanged = good.clone();
        let sealed = chunk + 16;
        exchanged[32..32 + sealed].copy_from_slice(&good[32 + sealed..]);
        exchanged[32 + sealed..].copy_from_slice(&good[32..32 + sealed]);
        refused(&exchanged, "exchanged chunks");
        let mut cut = good[..32 + sealed].to_vec();
        cut[8..16].copy_from_slice(&(chunk as u64).to_le_bytes());
        refused(&cut, "cut at a chunk with its length made to fit");
        refused(&good[..good.len() - 1], "cut");
        refused(&[], "empty");
        refused(
            &std::fs::read(path(names[1])).unwrap(),
            "another file of the store",
        );
        std::fs::write(path(names[0]), &good).unwrap();
        assert_eq!(archive.blobs().read(names[0]).unwrap(), content);
        archive.close().await.unwrap();
    });
}

#[test]
fn headers_are_kept_with_their_instances_for_one_reader() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let header = |reader: &str, body: &[u8]| KeptHeader {
            reader: reader.to_owned(),
            body: body.to_vec(),
        };
        let mut batch: Vec<_> = (1..4)
            .map(|n| instance("1", 1, n, noise(n as u64, 1000)))
            .collect();
        batch[0].header = Some(header("a", b"first"));
        batch[1].header = Some(header("a", b"second"));
        let series = batch[0].record.series.clone();
        let names: Vec<_> = batch
            .iter()
            .map(|i| archive.blobs().name(&i.bytes))
            .collect();
        archive.import_instances(&by(0), batch).await.unwrap();
        let all = |reader: &'static str| {
            let (archive, series) = (&archive, &series);
            async move {
                let all = archive.headers(series, reader).await.unwrap();
                all.into_iter()
                    .collect::<std::collections::BTreeMap<_, _>>()
            }
        };
        assert_eq!(all("a").await.len(), 2, "one came without");
        assert_eq!(all("a").await[&names[1]], b"second");
        assert!(all("b").await.is_empty());
        let one = archive.header(names[0], "a").await.unwrap();
        assert_eq!(one.as_deref(), Some(&b"first"[..]));
        assert_eq!(archive.header(names[2], "a").await.unwrap(), None);
        let unknown = archive.blobs().name(b"no instance");
        let newer = [
            (names[0], header("b", b"newer")),
            (names[2], header("b", b"third")),
            (unknown, header("b", b"nobody's")),
        ];
        archive.keep_headers(&newer).await.unwrap();
        assert_eq!(all("a").await.len(), 1);
        let newer = all("b").await;
        assert_eq!((newer.len(), &newer[&names[0]]), (2, &b"newer".to_vec()));
        archive.close().await.unwrap();
    });
}

#[test]
fn decoded_frames_open_only_as_what_they_are() {
    let place = Place::new();
    run(async {
        let archive = place.open().await.unwrap();
        let file = noise(1, 5000);
        let imported = vec![instance("1", 1, 1, file.clone())];
        archive.import_instances(&by(0), imported).await.unwrap();
        let blobs = archive.blobs();
        let of = blobs.name(&file);
        let pixels = noise(7, 600_001);
        let read = |frame, decoders, length| {
            let mut out = vec![0; length];
            blobs
                .decoded(of, frame, decoders, &mut out, &mut Vec::new())
                .then_some(out)
        };
        assert_eq!(read(3, 1, pixels.len()), None, "not kept yet");
        blobs.keep_decoded(of, 3, 1, &pixels).unwrap();
        assert_eq!(read(3, 1, pixels.len()).as_ref(), Some(&pixels));
        let folder = place.archive().join("decoded");
        let text = of.to_string();
        let kept = folder.join(&text[..2]).join(&text[2..]).join("3");
        let sealed = std::fs::read(&kept).unwrap();
        assert!(!sealed.windows(32).any(|w| w == &pixels[100..132]));

        // Under the name of another frame.
        std::fs::copy(&kept, kept.with_file_name("4")).unwrap();
        assert_eq!(read(4, 1, pixels.len()), None);
        assert!(!kept.with_file_name("4").exists(), "of no use to anybody");
        // One bit of it changed.
        let mut changed = sealed.clone();
        changed[300_000] ^= 1;
        std::fs::write(&kept, changed).unwrap();
        assert_eq!(read(3, 1, pixels.len()), None);
        // Cut.
        std::fs::write(&kept, &sealed[..400_000]).unwrap();
        assert_eq!(read(3, 1, pixels.len()), None);
        // Another size, another decoder.
        std::fs::write(&kept, &sealed).unwrap();
        assert_eq!(read(3, 1, pixels.len() - 1), None);
        std::fs::write(&kept, &sealed).unwrap();
        assert_eq!(read(3, 2, pixels.len()), None);
        // It goes with its file.
        blobs.keep_decoded(of, 3, 1, &pixels).unwrap();
        blobs.remove(of).unwrap();
        assert!(!kept.exists());
    });
}
