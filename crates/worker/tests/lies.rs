//! PAR-16: a silent, slow, lying or dead worker costs one frame, with its reason, and is replaced; five within a minute end the series.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::{Duration, Instant};

use support::{options, pool};
use triptych_imaging::{Colour, FrameShape, SampleType};
use triptych_worker::{Group, Loss, Options, Pool, Priority, Role, SlotMut, Source};

const FRAMES: u32 = 16;
/// `tests/worker/liar.rs` has the same.
const BAD_FRAME: usize = 7;

/// Lies that only the clock finds.
const SILENT: [&str; 4] = ["loops", "sleeps", "says nothing", "executes"];

const SHAPE: FrameShape = FrameShape {
    columns: 64,
    rows: 64,
    sample: SampleType::U8,
    colour: Colour::Monochrome2,
};

/// What became of each frame, and how long all took.
fn run(how: &str, time_limit: Duration) -> (Vec<Result<(), Loss>>, Duration) {
    let options = Options {
        time_limit,
        memory_mib: 64,
        ..options(Role::Decode, how)
    };
    let pool = Pool::start(&options).unwrap();
    let source = Source::from_bytes(b"the liar does not look")
        .unwrap()
        .in_group(Group::fresh());
    let began = Instant::now();
    let tickets: Vec<_> = (0..FRAMES)
        .map(|k| {
            let slot = SlotMut::alone(SHAPE.byte_len().unwrap()).unwrap();
            pool.decode(&source, k, SHAPE, slot, Priority::Background)
        })
        .collect();
    let results = tickets
        .into_iter()
        .enumerate()
        .map(|(k, ticket)| {
            ticket.wait().map(|frame| {
                let right = frame.bytes.iter().all(|byte| usize::from(*byte) == k);
                assert!(right, "{how}: frame {k} holds another frame's pixels");
            })
        })
        .collect();
    (results, began.elapsed())
}

/// All frames but the bad one are there, and that one is lost for the reason that `expected` recognises.
#[track_caller]
fn check(how: &str, expected: fn(&Loss) -> bool) {
    // Silence is waited for; everything else is noticed when it happens, however slow a busy machine is.
    let limit = Duration::from_secs(if SILENT.contains(&how) { 3 } else { 30 });
    let (results, took) = run(how, limit);
    for (k, result) in results.iter().enumerate() {
        match result {
            Ok(()) => assert_ne!(k, BAD_FRAME, "{how}: believed"),
            Err(loss) if k == BAD_FRAME => assert!(expected(loss), "{how}: {loss:?}"),
            Err(loss) => panic!("{how}: frame {k} was lost as well: {loss}"),
        }
    }
    assert!(took < limit + Duration::from_secs(20), "{how}: {took:?}");
}

fn lied(loss: &Loss) -> bool {
    matches!(loss, Loss::Lied(_))
}

fn died(loss: &Loss) -> bool {
    matches!(loss, Loss::Died { .. })
}

fn timed_out(loss: &Loss) -> bool {
    matches!(loss, Loss::TimedOut { .. })
}

#[test]
fn par_16_what_is_no_message_costs_one_frame() {
    for how in [
        "garbage",
        "one byte",
        "zeros",
        "64 KiB packet",
        "bytes left over",
        "endless number",
        "unknown answer",
        "half a message",
        "a list without end",
        "not UTF-8",
        "sends a descriptor",
    ] {
        check(how, lied);
    }
    // An empty packet and a closed socket read the same.
    check("empty packet", died);
}

#[test]
fn par_16_what_cannot_be_true_costs_one_frame() {
    for how in [
        "another job",
        "the next job",
        "longer",
        "much longer",
        "shorter",
        "nothing",
        "a reply for a frame",
        "no room for a frame",
        "room that it has",
    ] {
        check(how, lied);
    }
}

/// Frame 7 was answered truly before the lie: nothing is lost.
#[test]
fn par_16_a_second_answer_costs_a_worker_and_no_frame() {
    let (results, _) = run("twice", Duration::from_secs(2));
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

#[test]
fn par_16_a_death_costs_one_frame() {
    for how in [
        "exits",
        "exits with an error",
        "panics",
        "says that it panicked and stays",
        "aborts",
        "writes to nowhere",
        "recurses",
        "connects",
        "closes its socket",
        "grows",
        "grows at once",
    ] {
        check(how, died);
    }
}

#[test]
fn par_16_silence_costs_one_frame_and_the_time_limit() {
    for how in ["loops", "sleeps"] {
        check(how, timed_out);
    }
    // It leaves an answer out and goes on: noticed at the limit, or already at its next answer, which is to another question.
    check("says nothing", |loss| timed_out(loss) || lied(loss));
}

/// Its attempt to start a program is refused, or ends it; then it says nothing of this job.
#[test]
fn par_16_a_worker_that_executes_costs_one_frame() {
    check("executes", |loss| {
        timed_out(loss) || lied(loss) || died(loss)
    });
}

/// The flood's first answer is true in form; the rest is noticed wherever it arrives.
#[test]
fn par_16_a_flood_costs_a_worker_and_at_most_its_frame() {
    let pool = pool(Role::Decode, "floods");
    let source = Source::from_bytes(b"x").unwrap();
    let slot = || SlotMut::alone(SHAPE.byte_len().unwrap()).unwrap();
    let bad = pool.decode(&source, 7, SHAPE, slot(), Priority::Visible);
    let _ = bad.wait();
    for k in 8..12 {
        let frame = pool
            .decode(&source, k, SHAPE, slot(), Priority::Visible)
            .wait();
        assert!(frame.is_ok(), "{frame:?}");
    }
}

#[test]
fn par_16_a_series_that_costs_five_workers_is_refused() {
    for how in ["everywhere writes to nowhere", "everywhere garbage"] {
        let (results, took) = run(how, Duration::from_secs(2));
        let refused = |r: &&Result<(), Loss>| matches!(r, Err(Loss::GroupRefused(5)));
        let refused = results.iter().filter(refused).count();
        // Two workers fall at the same time, so that one more than five may be lost.
        assert!(
            (9..=11).contains(&refused),
            "{how}: {refused} of 16 refused, {results:?}"
        );
        assert!(results.iter().all(Result::is_err), "{how}");
        assert!(took < Duration::from_secs(10), "{how}: {took:?}");
    }
}

/// One series' losses are not another one's.
#[test]
fn par_16_another_series_is_opened_all_the_same() {
    let pool = pool(Role::Decode, "garbage");
    let slot = || SlotMut::alone(SHAPE.byte_len().unwrap()).unwrap();
    let bad = Source::from_bytes(b"bad").unwrap();
    for _ in 0..7 {
        let frame = pool
            .decode(&bad, 7, SHAPE, slot(), Priority::Visible)
            .wait();
        assert!(frame.is_err());
    }
    let refused = pool
        .decode(&bad, 8, SHAPE, slot(), Priority::Visible)
        .wait();
    assert!(matches!(refused, Err(Loss::GroupRefused(_))), "{refused:?}");
    let good = Source::from_bytes(b"good").unwrap();
    let frame = pool
        .decode(&good, 8, SHAPE, slot(), Priority::Visible)
        .wait();
    assert!(frame.is_ok(), "{frame:?}");
}

/// Replies that are decoded are hostile too.
#[test]
fn par_16_a_reply_that_is_none_costs_one_job() {
    for how in [
        "a reply of garbage",
        "an empty reply",
        "a reply beyond the packet",
        "exits",
    ] {
        let pool = pool(Role::Decode, how);
        let source = Source::from_bytes(b"x").unwrap();
        let read = pool.read_dicom(&source, Priority::Visible).wait();
        let expected = if how == "exits" { died } else { lied };
        assert!(read.as_ref().is_err_and(expected), "{how}: {read:?}");
        let object = pool.read_object(&source, Priority::Visible).wait();
        assert!(object.as_ref().is_err_and(expected), "{how}: {object:?}");
        let head = pool.object_head(&source, Priority::Visible).wait();
        assert!(head.as_ref().is_err_and(expected), "{how}: {head:?}");
    }
    // The job behind it is not lost as well.
    let pool = pool(Role::Decode, "a reply of garbage");
    let source = Source::from_bytes(b"x").unwrap();
    let header = pool.read_dicom(&source, Priority::Visible);
    let frames: Vec<_> = (8..12)
        .map(|k| {
            let slot = SlotMut::alone(SHAPE.byte_len().unwrap()).unwrap();
            pool.decode(&source, k, SHAPE, slot, Priority::Near)
        })
        .collect();
    assert!(header.wait().is_err_and(|loss| lied(&loss)));
    for frame in frames {
        assert!(frame.wait().is_ok());
    }
    let pool = support::pool(Role::Decode, "endless room");
    let source = Source::from_bytes(b"x").unwrap();
    let read = pool.read_dicom(&source, Priority::Visible).wait();
    assert!(matches!(read, Err(Loss::Refused(_))), "{read:?}");
}

/// What a worker still maps cannot be believed to be finished.
#[test]
fn par_16_memory_that_a_worker_keeps_is_not_taken() {
    let pool = pool(Role::Read, "memory that it holds");
    let source = Source::from_bytes(&[0; 100]).unwrap();
    let entry = triptych_worker::ZipEntry {
        index: 0,
        name: String::new(),
        bytes: 10,
        compressed: 10,
        problem: None,
    };
    let file = pool.zip_extract(&source, &entry, Priority::Visible).wait();
    assert!(file.as_ref().is_err_and(lied), "{file:?}");
}

#[test]
fn par_16_a_worker_that_speaks_or_falls_unasked_is_replaced_and_nothing_hangs() {
    for how in ["speaks unasked", "dies unasked"] {
        let Ok(pool) = Pool::start(&options(Role::Decode, how)) else {
            continue;
        };
        let source = Source::from_bytes(b"x").unwrap();
        let slot = SlotMut::alone(SHAPE.byte_len().unwrap()).unwrap();
        let frame = pool
            .decode(&source, 1, SHAPE, slot, Priority::Visible)
            .wait();
        assert!(frame.is_err(), "{how}: {frame:?}");
    }
}
