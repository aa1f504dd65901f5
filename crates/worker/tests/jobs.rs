//! The product's worker over real files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_macros
)]

mod support;

use std::{
    fs,
    future::Future as _,
    io::Write as _,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use support::{files, options, pool, shelf, source};
use triptych_clinical::Instant;
use triptych_imaging::tags;
use triptych_worker::{Loss, Priority, Role, Source, bench, heads, series};

/// Each frame through a locked worker is the frame of the reference: the walls stop no codec.
#[test]
fn par_04_every_codec_works_behind_the_walls() {
    let Some(folder) = shelf(
        "par_04_every_codec_works_behind_the_walls",
        "data/dicom_syntax",
    ) else {
        return;
    };
    let expected: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let pool = pool(Role::Decode, "honest");
    let (mut same, mut refused) = (0, vec![]);
    for file in expected["files"].as_array().unwrap() {
        let name = file["file"].as_str().unwrap();
        let path = folder.join(name);
        if !path.is_file() || file["pixels"]["decoded"] != true {
            continue;
        }
        let source = source(&path);
        let digest = pool.digest(&source, 0, Priority::Background).wait();
        let frame = &file["pixels"]["frames"][0];
        match digest {
            Ok(digest) if frame["sha256"] == digest.sha256 => same += 1,
            Ok(digest) => {
                // Lossy: as near as the reference states.
                let off = (frame["mean"].as_f64().unwrap() - digest.mean).abs();
                assert!(off <= 3.0, "{name}: mean off by {off}");
                same += 1;
            }
            Err(Loss::Refused(reason)) => refused.push(format!("{name}: {reason}")),
            Err(other) => panic!("{name}: {other}"),
        }
    }
    println!("{same} frames as expected; refused: {refused:#?}");
    assert!(same > 50, "{same}");
}

#[test]
fn a_header_answers_with_all_that_the_window_needs() {
    let Some(folder) = shelf(
        "a_header_answers_with_all_that_the_window_needs",
        "data/dicom_series/chest_ct",
    ) else {
        return;
    };
    let pool = pool(Role::Decode, "honest");
    let source = source(&folder.join("001.dcm"));
    let read = pool.read_dicom(&source, Priority::Visible).wait().unwrap();
    assert_eq!(read.record.modality, "CT");
    let shape = read.shape.unwrap();
    assert_eq!((shape.columns, shape.rows), (512, 512));
    assert!(read.native(0).is_some() && read.native(1).is_none());
    assert!(read.display(0).is_some() && read.display(1).is_none());
    let native = pool.frame(&source, &read, 0, Priority::Visible).unwrap();
    // The same frame, decoded by the worker.
    let slot = triptych_worker::SlotMut::alone(shape.byte_len().unwrap()).unwrap();
    let decoded = pool.decode(&source, 0, shape, slot, Priority::Visible);
    assert!(*native.bytes == *decoded.wait().unwrap().bytes);
}

#[test]
fn bytes_that_are_no_dicom_are_refused_with_a_reason() {
    let pool = pool(Role::Decode, "honest");
    for bytes in [&b""[..], b"no DICOM at all", &[0; 100_000]] {
        let source = Source::from_bytes(bytes).unwrap();
        let read = pool.read_dicom(&source, Priority::Background).wait();
        assert!(
            matches!(&read, Err(Loss::Refused(reason)) if !reason.is_empty()),
            "{read:?}"
        );
    }
}

#[test]
fn a_series_opens_in_scroll_order_with_its_middle_first() {
    let Some(folder) = shelf(
        "a_series_opens_in_scroll_order_with_its_middle_first",
        "data/dicom_series",
    ) else {
        return;
    };
    let pool = pool(Role::Decode, "honest");
    for name in ["chest_ct", "mr_sagittal_fragmented", "xa_cine", "us_cine"] {
        let sources: Vec<_> = files(&folder.join(name))
            .iter()
            .map(|path| source(path))
            .collect();
        let mut stream = series::open(&pool, sources.clone()).unwrap();
        let count = stream.series().images.len();
        let middle = stream.series().stacks[0].slices.len() / 2;
        let order: Vec<usize> = stream
            .by_ref()
            .filter_map(|(place, frame)| frame.is_ok().then_some(place))
            .collect();
        assert!(
            count > 0 && order.len() == count,
            "{name}: {} of {count}",
            order.len()
        );
        assert_eq!(order[0], middle, "{name}");
        assert!(order[1..].is_sorted(), "{name}: {order:?}");
        // Ascending along the normal (T22).
        let series = stream.into_series();
        for stack in &series.stacks {
            assert!(stack.keys_mm.is_sorted(), "{name}");
        }
    }
}

/// The image that is shown before all headers are read is the middle one of all of them, with its own pixels.
#[test]
fn the_first_image_is_shown_before_the_other_headers() {
    let Some(folder) = shelf(
        "the_first_image_is_shown_before_the_other_headers",
        "data/dicom_series",
    ) else {
        return;
    };
    let pool = pool(Role::Decode, "honest");
    for (name, early) in [
        ("chest_ct", true),
        ("mr_coronal", true),
        ("head_ct_tilt", true),
        // Several frames in a file; no geometry.
        ("mr_enhanced_4d", false),
        ("us_cine", false),
    ] {
        let sources: Vec<_> = files(&folder.join(name))
            .iter()
            .map(|path| source(path))
            .collect();
        let mut shown = None;
        let mut stream = series::open_showing(&pool, sources, |read, frame| {
            shown = Some((read.record.sop_instance.clone(), frame.bytes.to_vec()));
        })
        .unwrap();
        assert_eq!(shown.is_some(), early, "{name}");
        assert_eq!(stream.shown_was_first(), early, "{name}");
        let (place, frame) = stream.next().unwrap();
        let frame = frame.unwrap();
        let rest = stream.by_ref().filter(|(_, frame)| frame.is_ok()).count();
        let series = stream.into_series();
        assert_eq!(rest + 1, series.images.len(), "{name}");
        assert_eq!(place, series.stacks[0].slices.len() / 2, "{name}");
        if let Some((instance, bytes)) = shown {
            let read = series.read(series.images[place]).unwrap();
            assert_eq!(read.record.sop_instance, instance, "{name}");
            assert_eq!(&frame.bytes[..], &bytes[..], "{name}");
        }
    }
}

/// Heads from first parts say what the whole headers say; what is no DICOM is refused by name, and nothing shifts.
#[test]
fn a_folder_is_looked_through_by_first_parts() {
    let Some(folder) = shelf("a_folder_is_looked_through_by_first_parts", "data") else {
        return;
    };
    let pool = pool(Role::Decode, "honest");
    let mut paths = files(&folder.join("dicom_series/chest_ct"));
    paths.insert(3, folder.join("dicom_series/README.md"));
    paths.extend(files(&folder.join("dicom_syntax/malformed")));
    let heads = heads::read(&pool, &paths, Priority::Background);
    assert_eq!(heads.len(), paths.len());
    assert!(matches!(&heads[3], Err(Loss::Refused(why)) if why.contains("not a DICOM")));
    let mut same = 0;
    for (path, head) in paths.iter().zip(&heads) {
        let read = pool.read_dicom(&source(path), Priority::Background).wait();
        if let (Ok(read), Ok(head)) = (read, head) {
            let series = head.get(tags::SERIES_INSTANCE_UID);
            assert_eq!(series, read.record.series.as_str(), "{}", path.display());
            let instance = head.get(tags::SOP_INSTANCE_UID);
            assert!(instance.is_empty() || instance == read.record.sop_instance.as_str());
            same += 1;
        }
    }
    assert!(same >= 60, "{same}");
}

/// The sum of the bench is that of the frames as the window gets them.
#[test]
fn decoding_again_and_again_says_what_it_cost() {
    let Some(folder) = shelf(
        "decoding_again_and_again_says_what_it_cost",
        "data/dicom_series/xa_cine",
    ) else {
        return;
    };
    let options = options(Role::Decode, "honest");
    let lines = bench::decode_with(&folder, Duration::ZERO, &options).unwrap();
    assert_eq!(lines.len(), 1);
    let pool = pool(Role::Decode, "honest");
    let mut sum = 0;
    let mut frames = 0;
    for path in files(&folder) {
        let source = source(&path);
        let read = pool.read_dicom(&source, Priority::Near).wait().unwrap();
        for k in 0..read.record.frames {
            let frame = pool.frame(&source, &read, k, Priority::Near).unwrap();
            sum += frame.bytes.iter().map(|b| u64::from(*b)).sum::<u64>();
            frames += 1;
        }
    }
    assert_eq!((lines[0].check, lines[0].frames), (sum, frames));
    // Time of the processor may be less than the system counts.
    assert!(lines[0].mb_per_s.is_finite());
}

/// The sum that the peers print for the same folder: equal only if pixels, rescale and order are equal.
#[test]
fn bench_open_gives_the_peers_check() {
    let Some(folder) = shelf(
        "bench_open_gives_the_peers_check",
        "data/dicom_series/chest_ct",
    ) else {
        return;
    };
    let figures = bench::open_series_with(&folder, &options(Role::Decode, "honest")).unwrap();
    println!("{figures:?}");
    assert_eq!((figures.files, figures.failed), (60, 0));
    assert_eq!(figures.check, -296_247_182_812.0);
    assert!(figures.first_image_s <= figures.all_s && figures.cpu_s > 0.0);
}

#[test]
fn a_document_becomes_facts() {
    let Some(folder) = shelf("a_document_becomes_facts", "data/fhir") else {
        return;
    };
    let pool = pool(Role::Read, "honest");
    let mut documents = vec![];
    find_json(&folder, &mut documents);
    documents.truncate(6);
    for path in &documents {
        let source = source(path);
        let received = Instant::now();
        let intake = pool
            .read_record(&source, received, Priority::Background)
            .wait()
            .unwrap();
        let direct = triptych_record::read(&fs::read(path).unwrap(), received);
        assert!(
            intake == direct,
            "{}: another answer than without a worker",
            path.display()
        );
    }
    assert!(!documents.is_empty());
    let not = Source::from_bytes(b"{ not json").unwrap();
    let refused = pool
        .read_record(&not, Instant::now(), Priority::Background)
        .wait()
        .unwrap();
    assert!(refused.is_err());
}

fn find_json(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_json(&path, found);
        } else if path
            .extension()
            .is_some_and(|e| e == "json" || e == "ndjson")
        {
            found.push(path);
        }
    }
    found.sort();
}

#[test]
fn a_ticket_is_awaited_without_a_runtime_and_cancelled_by_dropping() {
    let pool = pool(Role::Decode, "honest");
    let source = Source::from_bytes(b"no DICOM").unwrap();
    let mut ticket = pin!(pool.read_dicom(&source, Priority::Near));
    let waker = Waker::from(std::sync::Arc::new(Unpark(std::thread::current())));
    let result = loop {
        match ticket.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => break result,
            Poll::Pending => std::thread::park(),
        }
    };
    assert!(matches!(result, Err(Loss::Refused(_))), "{result:?}");
    for _ in 0..100 {
        drop(pool.read_dicom(&source, Priority::Background));
    }
    let last = pool.read_dicom(&source, Priority::Background);
    last.raise(Priority::Visible);
    assert!(matches!(last.wait(), Err(Loss::Refused(_))));
}

struct Unpark(std::thread::Thread);

impl std::task::Wake for Unpark {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.unpark();
    }
}

/// PAR-10, through the walls: what comes out is sealed memory that is read like a file; a refused entry costs nothing else.
#[test]
fn par_10_an_archive_is_unpacked_behind_the_walls() {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    let options = zip::write::SimpleFileOptions::default();
    let contents: Vec<u8> = (0..300_000u32).map(|k| (k % 251) as u8).collect();
    for name in ["good", "forged", "empty"] {
        writer.start_file(name, options).unwrap();
        writer
            .write_all(if name == "empty" { &[] } else { &contents })
            .unwrap();
    }
    let mut archive = writer.finish().unwrap().into_inner();
    // The second entry declares 8 bytes, here and in the directory.
    for (signature, offset) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        let places = archive
            .windows(4)
            .enumerate()
            .filter(|(_, w)| w == signature);
        let at = places.map(|(at, _)| at + offset).nth(1).unwrap();
        archive[at..at + 4].copy_from_slice(&8u32.to_le_bytes());
    }
    let pool = pool(Role::Read, "honest");
    let source = Source::from_bytes(&archive).unwrap();
    let entries = pool.zip_entries(&source, Priority::Visible).wait().unwrap();
    assert_eq!(entries.len(), 3);
    for round in 0..3 {
        let [good, forged, empty] =
            [0, 1, 2].map(|k| pool.zip_extract(&source, &entries[k], Priority::Visible));
        let file = good.wait().unwrap();
        assert_eq!(file.len(), 300_000);
        let mut bytes = vec![0; 300_000];
        rustix::io::pread(&file, &mut bytes, 0).unwrap();
        assert!(bytes == contents, "round {round}");
        assert!(rustix::io::pwrite(&file, b"x", 0).is_err(), "sealed");
        assert!(matches!(forged.wait(), Err(Loss::Refused(_))));
        assert!(empty.wait().unwrap().is_empty());
    }
}

/// Objects of the shelf through a locked worker: what each is, and what it holds (T32, T68, E4).
#[test]
fn t32_objects_are_read_behind_the_walls() {
    use triptych_imaging::objects::{Object, ObjectKind};
    use triptych_worker::ObjectContent;

    let name = "t32_objects_are_read_behind_the_walls";
    let Some(folder) = shelf(name, "data/dicom_objects") else {
        return;
    };
    let pool = pool(Role::Decode, "honest");
    let read = |path: &str| {
        let source = source(&folder.join(path));
        let head = pool.object_head(&source, Priority::Visible).wait();
        let content = pool.read_object(&source, Priority::Visible).wait();
        (head.unwrap(), content)
    };
    let (head, content) = read("made/key_object_selection.dcm");
    assert_eq!(head.kind, ObjectKind::KeyObjects);
    assert_eq!((head.series.len(), head.instances.len()), (1, 3));
    let Ok(ObjectContent::Read(object)) = content else {
        panic!("{content:?}");
    };
    let Object::KeyObjects(keys) = *object else {
        panic!("{object:?}");
    };
    assert_eq!(keys.keys.len(), 3);

    let (head, content) = read("made/presentation_state.dcm");
    assert_eq!(head.kind, ObjectKind::PresentationState);
    assert_eq!(head.series.len(), 1);
    assert!(head.written.is_some() && !head.title.is_empty(), "{head:?}");
    assert!(
        matches!(content, Ok(ObjectContent::Read(o)) if matches!(*o, Object::PresentationState(_)))
    );

    let (head, content) = read("sr/sr.dcm");
    assert_eq!(head.kind, ObjectKind::Report);
    assert_eq!(head.title, "Imaging Measurement Report");
    // 77 KiB of a report come whole: more than fits into a packet.
    assert!(matches!(content, Ok(ObjectContent::Read(o)) if matches!(*o, Object::Measurements(_))));

    for (file, segments) in [
        ("seg/23x38x3_label_seg.dcm", 1),
        ("seg/seg_of_pet_head_neck.dcm", 2),
        ("seg/partial_overlaps.dcm", 5),
    ] {
        let (head, content) = read(file);
        assert_eq!(head.kind, ObjectKind::Segmentation, "{file}");
        let Ok(ObjectContent::Segmentation(read)) = content else {
            panic!("{file}: {content:?}");
        };
        assert_eq!(read.segments.len(), segments, "{file}");
        assert!(!read.planes.is_empty(), "{file}");
    }

    // A slide's place in the patient is not known: said, not guessed.
    let (_, content) = read("seg/seg_image_sm_dots_tiled_full.dcm");
    assert!(
        matches!(&content, Err(Loss::Refused(why)) if why.contains("slide")),
        "{content:?}"
    );
    let (head, content) = read("made/rtstruct_chest_ct.dcm");
    assert_eq!(
        (head.kind, head.series.len()),
        (ObjectKind::StructureSet, 1)
    );
    let Ok(ObjectContent::Structures(set)) = content else {
        panic!("{content:?}");
    };
    assert_eq!(set.rois.len(), 2);
    let (head, content) = read("waveform/waveform_ecg.dcm");
    assert_eq!(head.kind, ObjectKind::Waveform);
    let Ok(ObjectContent::Waveform(groups)) = content else {
        panic!("{content:?}");
    };
    assert_eq!(groups.len(), 2);
    assert!(groups[0].contains("12 channels"), "{groups:?}");
    let (head, content) = read("rt/rtplan.dcm");
    assert_eq!(head.kind, ObjectKind::Other);
    assert!(
        matches!(content, Ok(ObjectContent::Named { .. })),
        "{content:?}"
    );
}

/// All elements of a header come through the walls, a list longer than a packet too.
#[test]
fn t57_the_header_of_a_file_is_listed_behind_the_walls() {
    let name = "t57_the_header_of_a_file_is_listed_behind_the_walls";
    let file = "data/dicom_series/mr_enhanced_fieldmap/IM_0027.dcm";
    let Some(file) = shelf(name, file) else {
        return;
    };
    let pool = pool(Role::Decode, "honest");
    let list = pool.browse(&source(&file), Priority::Visible).wait();
    let list = list.unwrap();
    assert!(list.entries.len() > 3_000, "{}", list.entries.len());
    let private = list.entries.iter().filter(|e| e.is_private()).count();
    assert_eq!(private, 2_759);
    let nothing = Source::from_bytes(b"no file at all").unwrap();
    let refused = pool.browse(&nothing, Priority::Visible).wait();
    assert!(matches!(refused, Err(Loss::Refused(_))), "{refused:?}");
}

/// T68: a page of a PDF is drawn inside the walls and comes through shared memory, larger than the file it is of.
#[test]
fn t68_a_page_of_a_pdf_is_drawn_behind_the_walls() {
    use triptych_worker::ObjectContent;

    let name = "t68_a_page_of_a_pdf_is_drawn_behind_the_walls";
    let Some(file) = shelf(name, "data/dicom_objects/made/encapsulated_pdf.dcm") else {
        return;
    };
    let pool = pool(Role::Decode, "honest");
    let source = source(&file);
    let content = pool.read_object(&source, Priority::Visible).wait();
    assert!(
        matches!(content, Ok(ObjectContent::Pages { pages: 1, .. })),
        "{content:?}"
    );
    for width in [300, 1200] {
        let page = pool
            .draw_page(&source, 0, width, Priority::Visible)
            .wait()
            .unwrap();
        assert_eq!(page.width, width);
        let dark = page.rgba.chunks_exact(4).filter(|p| p[0] < 100).count();
        assert!(dark > 50, "{width}: {dark} dark pixels");
    }
    let none = pool.draw_page(&source, 1, 300, Priority::Visible).wait();
    assert!(
        matches!(&none, Err(Loss::Refused(why)) if why.contains("page 2")),
        "{none:?}"
    );
}
