//! The worker's side: one thread, one job after the other, no path, no patient, no key.

mod decode;
pub(crate) mod infer;
mod input;
mod object;
mod read;
mod reply;
mod unzip;

use std::{
    io::Write as _,
    os::fd::{AsFd as _, OwnedFd},
    panic,
    process::ExitCode,
};

use triptych_sandbox::{OutputMap, Peer, Start, WireError};

use crate::protocol::{Answer, Ask, Job, REASON, SLOTS, Work};

use input::{Input, Inputs};
use reply::Refusal;

/// The whole program `triptych-worker`: `decode`, `read` or `infer`, then what the pool adds. Returns when the parent closes the socket.
#[must_use]
pub fn main() -> ExitCode {
    let refuse = |why: &dyn std::fmt::Display| {
        // By hand on a terminal: the only time that somebody reads it.
        let _ = writeln!(std::io::stderr(), "triptych-worker: {why}");
        ExitCode::from(2)
    };
    let start = match Start::from_arguments(std::env::args()) {
        Ok(start) => start,
        Err(e) => return refuse(&e),
    };
    let work: fn(&mut Desk, &Job, &Input) -> Result<Answer, Refusal> = match start.role.as_str() {
        "decode" => Desk::decode,
        "read" => Desk::read,
        "infer" => Desk::infer,
        other => return refuse(&format!("no worker is called {other}")),
    };
    // Codecs with a thread pool get this one thread: cores are shared out as workers. Fails only when a pool exists already.
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build_global();
    // The runtime and the package's bytes: after the lock no path leads anywhere.
    let bench = (start.role == "infer").then(|| infer::Bench::open(&start.arguments));
    match start.lock() {
        Ok(peer) => {
            let desk = Desk {
                bench,
                ..Desk::default()
            };
            desk.serve(&peer, work);
            ExitCode::SUCCESS
        }
        Err(e) => refuse(&e),
    }
}

/// What a worker holds between jobs.
#[derive(Default)]
struct Desk {
    slots: [Option<OutputMap>; SLOTS],
    inputs: Inputs,
    bench: Option<infer::Bench>,
}

impl Desk {
    fn serve(mut self, peer: &Peer, work: fn(&mut Self, &Job, &Input) -> Result<Answer, Refusal>) {
        panic::set_hook(Box::new(|info| {
            // The line alone: a message may quote the file.
            let line = info.location().map_or(0, |place| place.line());
            let _ = Peer::again().send(&Answer::Panicked { line });
        }));
        loop {
            let answered = match peer.receive::<Ask>() {
                Ok((Ask::Lend { slot, bytes }, Some(memory))) => self.hold(slot, bytes, &memory),
                Ok((Ask::Release { slot }, _)) => {
                    self.release(slot);
                    Ok(())
                }
                Ok((Ask::Work(job), Some(file))) => {
                    let done = self.inputs.open(&job, &file).and_then(|input| {
                        let answer = work(&mut self, &job, &input);
                        self.inputs.keep(input);
                        answer
                    });
                    let answer = done.unwrap_or_else(|refusal| refusal.answer(job.number));
                    peer.send(&answer)
                }
                // The parent is gone, or it is not the parent that we were built for.
                _ => return,
            };
            if answered.is_err() {
                return;
            }
        }
    }

    fn hold(&mut self, slot: u8, bytes: u64, memory: &OwnedFd) -> Result<(), WireError> {
        let held = usize::try_from(bytes)
            .ok()
            .and_then(|bytes| OutputMap::new(memory.as_fd(), bytes).ok());
        let place = self.slots.get_mut(usize::from(slot));
        let (Some(held), Some(place)) = (held, place) else {
            return Err(WireError::Malformed("memory that cannot be mapped"));
        };
        *place = Some(held);
        Ok(())
    }

    fn release(&mut self, slot: u8) {
        if let Some(place) = self.slots.get_mut(usize::from(slot)) {
            *place = None;
        }
    }

    /// The slot's memory, empty when it has none.
    fn slot(&mut self, slot: u8) -> &mut [u8] {
        self.slots
            .get_mut(usize::from(slot))
            .and_then(Option::as_mut)
            .map_or(&mut [], OutputMap::bytes_mut)
    }

    fn decode(&mut self, job: &Job, input: &Input) -> Result<Answer, Refusal> {
        match job.work {
            Work::ReadDicom => {
                let read = decode::read(input)?;
                reply::send(job, &read, self.slot(job.slot))
            }
            Work::ReadHeads => {
                let heads = decode::heads(input)?;
                reply::send(job, &heads, self.slot(job.slot))
            }
            Work::ReadHead => {
                let head = decode::head(input)?;
                reply::send(job, &head, self.slot(job.slot))
            }
            Work::DecodeAgain { passes } => {
                let cost = decode::again(input, passes)?;
                reply::send(job, &cost, self.slot(job.slot))
            }
            Work::Decode { frame, bytes } => {
                decode::frame(input, frame, bytes, self.slot(job.slot))?;
                Ok(Answer::InSlot {
                    job: job.number,
                    bytes,
                })
            }
            Work::ObjectHead => {
                let head = object::head(input)?;
                reply::send(job, &head, self.slot(job.slot))
            }
            Work::ReadObject => {
                let content = object::content(input)?;
                reply::send(job, &content, self.slot(job.slot))
            }
            Work::WriteSource { frame } => {
                let source = decode::write_source(input, frame)?;
                reply::send(job, &source, self.slot(job.slot))
            }
            Work::DrawPage { page, width } => {
                let picture = object::page(input, page, width)?;
                reply::send(job, &picture, self.slot(job.slot))
            }
            Work::Digest { frame } => {
                let digest = decode::digest(input, frame)?;
                reply::send(job, &digest, self.slot(job.slot))
            }
            Work::Inspect => {
                let report = decode::inspect(input)?;
                reply::send(job, &report, self.slot(job.slot))
            }
            Work::Browse => {
                let list = decode::browse(input)?;
                reply::send(job, &list, self.slot(job.slot))
            }
            Work::Compare => {
                let verdict = decode::compare(input)?;
                reply::send(job, &verdict, self.slot(job.slot))
            }
            _ => Err(Refusal::of("not a job of a decoder")),
        }
    }

    fn infer(&mut self, job: &Job, input: &Input) -> Result<Answer, Refusal> {
        let Some(bench) = self.bench.as_mut() else {
            return Err(Refusal::of("not a worker for a model"));
        };
        match job.work {
            Work::Infer { age_years } => {
                let outcome = bench.analyse(input, age_years)?;
                reply::send(job, &outcome, self.slot(job.slot))
            }
            Work::SelfTest => {
                let report = bench.self_test();
                reply::send(job, &report, self.slot(job.slot))
            }
            _ => Err(Refusal::of("not a job of a model")),
        }
    }

    fn read(&mut self, job: &Job, input: &Input) -> Result<Answer, Refusal> {
        match job.work {
            Work::ReadRecord { received } => {
                let intake = read::record(input.bytes(), received);
                reply::send(job, &intake, self.slot(job.slot))
            }
            Work::ReadCsv { received } => {
                let (mapping, file) = crate::source::split_reference(input.bytes())
                    .ok_or_else(|| Refusal::of("not a mapping and a file"))?;
                let intake = read::csv(mapping, file, received);
                reply::send(job, &intake, self.slot(job.slot))
            }
            Work::SuggestCsv => {
                let mapping = read::suggest(input.bytes());
                reply::send(job, &mapping, self.slot(job.slot))
            }
            Work::ZipEntries => {
                let entries = unzip::entries(input.bytes())?;
                reply::send(job, &entries, self.slot(job.slot))
            }
            Work::ZipExtract { entry } => {
                let written = unzip::extract(input.bytes(), entry, self.slot(job.slot));
                // Let go before the answer: the parent proves it by sealing the memory.
                self.release(job.slot);
                Ok(Answer::InSlot {
                    job: job.number,
                    bytes: written?,
                })
            }
            _ => Err(Refusal::of("not a job of a reader")),
        }
    }
}

impl Refusal {
    fn answer(self, job: u64) -> Answer {
        Answer::Refused {
            job,
            reason: self.cut(),
        }
    }

    /// As much of the reason as may be sent.
    fn cut(mut self) -> String {
        let end = self.0.floor_char_boundary(REASON);
        self.0.truncate(end);
        self.0
    }
}
