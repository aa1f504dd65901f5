//! `bench decode`: every compressed frame of a folder again and again from memory, by the codecs in their locked workers.

use std::{
    collections::{BTreeMap, VecDeque},
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::Serialize;
use triptych_imaging::{Codec, TransferSyntax};
use triptych_sandbox::usage;

use super::{BenchError, files_below};
use crate::{DecodeCost, Options, Pool, Priority, Role, Source, Ticket};

/// One line of `bench decode --json`: one transfer syntax.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecodeFigures {
    /// `triptych`
    pub peer: &'static str,
    /// `decode`
    pub work: &'static str,
    /// Transfer Syntax UID.
    pub case: String,
    /// Files of this syntax.
    pub files: usize,
    /// Of them, those that are refused.
    pub failed: usize,
    /// Frames that are decoded in a pass.
    pub frames: u64,
    /// Not one file of this syntax can be decoded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsupported: bool,
    /// Sum of all decoded bytes of one pass.
    pub check: u64,
    /// 10⁶ decoded bytes a second, all workers together.
    pub mb_per_s: f64,
    /// 10⁶ decoded bytes a second of CPU, in the workers' decoding and in this process.
    pub mb_per_cpu_s: f64,
    /// CPU seconds that were spent so.
    pub cpu_s: f64,
    /// Workers.
    pub threads: usize,
}

/// What a worker is asked for at once: long enough that the message does not count.
const TURN: Duration = Duration::from_millis(40);

/// Decodes every encapsulated file below `folder` for `time` a transfer syntax. `program` is the worker's executable if it is not beside
/// this one.
///
/// # Errors
/// [`BenchError`]
pub fn decode(
    folder: &Path,
    time: Duration,
    program: Option<PathBuf>,
) -> Result<Vec<DecodeFigures>, BenchError> {
    let options = Options {
        program,
        ..Options::new(Role::Decode)
    };
    decode_with(folder, time, &options)
}

/// [`decode`] with workers of another number or memory.
///
/// # Errors
/// [`BenchError`]
pub fn decode_with(
    folder: &Path,
    time: Duration,
    options: &Options,
) -> Result<Vec<DecodeFigures>, BenchError> {
    let pool = Pool::start(options)?;
    pool.warm_up();
    let mut syntaxes: BTreeMap<String, Vec<Source>> = BTreeMap::new();
    for path in files_below(folder)? {
        let Some(source) = File::open(path)
            .ok()
            .and_then(|f| Source::from_file(f).ok())
        else {
            continue;
        };
        // What is no DICOM is no matter of decoding speed.
        let Ok(read) = pool.read_dicom(&source, Priority::Near).wait() else {
            continue;
        };
        let syntax = read.record.transfer_syntax.as_str();
        let native = TransferSyntax::of(syntax).is_none_or(|s| s.codec == Codec::Native);
        if !native && read.record.frames > 0 {
            syntaxes.entry(syntax.to_owned()).or_default().push(source);
        }
    }
    Ok(syntaxes
        .into_iter()
        .map(|(syntax, sources)| of_syntax(&pool, syntax, &sources, time))
        .collect())
}

fn of_syntax(pool: &Pool, syntax: String, sources: &[Source], time: Duration) -> DecodeFigures {
    let mut figures = DecodeFigures {
        peer: "triptych",
        work: "decode",
        case: syntax,
        files: sources.len(),
        failed: 0,
        frames: 0,
        unsupported: false,
        check: 0,
        mb_per_s: 0.0,
        mb_per_cpu_s: 0.0,
        cpu_s: 0.0,
        threads: pool.workers(),
    };
    // The warm-up; it drops the files that are refused.
    let mut jobs: Vec<(&Source, u32)> = Vec::new();
    for source in sources {
        let asked_at = Instant::now();
        match pool.decode_again(source, 1, Priority::Near).wait() {
            Ok(cost) if cost.bytes > 0 => {
                figures.frames += u64::from(cost.frames);
                figures.check += cost.sum;
                // The CPU clock of a process may only move with the kernel's ticks: one pass can seem to cost nothing.
                let pass = Duration::from_nanos(cost.cpu_ns).max(asked_at.elapsed());
                let passes = TURN.as_nanos() / pass.as_nanos().max(1);
                jobs.push((source, u32::try_from(passes).unwrap_or(1).clamp(1, 10_000)));
            }
            _ => figures.failed += 1,
        }
    }
    if jobs.is_empty() {
        figures.unsupported = true;
        return figures;
    }
    let (began, own_before) = (Instant::now(), usage::process_cpu());
    let mut asked: VecDeque<(u32, Ticket<DecodeCost>)> = VecDeque::new();
    let mut next = jobs.iter().cycle();
    let (mut bytes, mut cpu_ns) = (0u64, 0u64);
    loop {
        while began.elapsed() < time && asked.len() < pool.workers() * 2 {
            let Some((source, passes)) = next.next() else {
                break;
            };
            asked.push_back((*passes, pool.decode_again(source, *passes, Priority::Near)));
        }
        let Some((passes, ticket)) = asked.pop_front() else {
            break;
        };
        if let Ok(cost) = ticket.wait() {
            bytes += cost.bytes * u64::from(passes);
            cpu_ns += cost.cpu_ns;
        }
    }
    let own = usage::process_cpu().saturating_sub(own_before);
    let megabytes = bytes as f64 / 1e6;
    figures.cpu_s = cpu_ns as f64 / 1e9 + own.as_secs_f64();
    figures.mb_per_s = megabytes / began.elapsed().as_secs_f64();
    figures.mb_per_cpu_s = megabytes / figures.cpu_s;
    figures
}
