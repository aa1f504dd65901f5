//! The parent's side: believes nothing a worker says, waits for nothing longer than its limit.

mod crew;
mod loss;
mod manager;
mod request;
mod ticket;
mod warm;

use std::{
    num::NonZero,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::de::DeserializeOwned;
use triptych_clinical::Instant;
use triptych_imaging::{
    Frame, FrameShape,
    browse::HeaderList,
    digest::{FrameDigest, Verdict},
    head::Head,
    objects::{ObjectHead, document::PagePicture},
};
use triptych_inference::{Outcome, ProviderReport};
use triptych_record::{Intake, ReadError};
use triptych_sandbox::{Level, Program, SlotMut, SpawnError};

use crate::{
    DecodeCost, DicomRead, ObjectContent, Source, ZipEntry,
    dicom::in_slot,
    heads::{self, HeadReply, Parts},
    object,
    protocol::{REASON, Work},
    serve::infer,
};

pub(crate) use crew::KEPT_INPUTS;
pub use loss::Loss;
pub use ticket::Ticket;

use manager::{Manager, Message, Post};
use request::{Request, Want};

/// What kind of worker a pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// DICOM: headers, frames, digests.
    Decode,
    /// Documents and archives.
    Read,
    /// One model of one package; see [`Options::infer`].
    Infer,
}

/// Which of the waiting jobs is next; within one, first come, first served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Somebody looks at the place where it will be.
    Visible,
    /// The next step in the direction of travel.
    Near,
    /// The rest: further slices, priors, thumbnails, import.
    Background,
}

/// Inputs whose lost workers are counted together. A [`Source`] is a group of its own until it is put into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Group(pub(crate) u64);

/// How a pool is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Kind of worker.
    pub role: Role,
    /// The worker's executable; `None` is `triptych-worker` beside the running executable.
    pub program: Option<PathBuf>,
    /// Arguments of the role.
    pub arguments: Vec<String>,
    /// Workers; default: as many as cores.
    pub workers: NonZero<usize>,
    /// Private memory of one worker, MiB. Default: one sixth of the machine's, at least 512, at most 4,096 (PAR-03).
    pub memory_mib: u64,
    /// Time for one job over a small input; one more second for each 4 MiB of input and of result.
    pub time_limit: Duration,
}

/// Why there is no pool.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// The first worker did not start, or could not be locked in.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// The running executable has no known place, so neither has the worker beside it.
    #[error("the worker program is looked for beside this one, whose place is unknown: {0}")]
    NoPlace(std::io::Error),
    /// No thread or no descriptor.
    #[error("cannot start the pool of workers: {0}")]
    System(#[from] std::io::Error),
}

/// Warm workers of one kind, and one thread that asks them. Dropped, all its workers are ended.
#[derive(Debug)]
pub struct Pool {
    role: Role,
    workers: NonZero<usize>,
    post: Arc<Post>,
    level: Level,
    thread: Option<JoinHandle<f64>>,
}

impl Group {
    /// A fresh group: a series that is being opened.
    #[must_use]
    pub fn fresh() -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(1 << 63);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Options {
    /// Defaults for `role` on this machine.
    #[must_use]
    pub fn new(role: Role) -> Self {
        let mebibytes = memory_of_machine_mib().map_or(512, |m| (m / 6).clamp(512, 4096));
        Self {
            role,
            program: None,
            arguments: Vec::new(),
            workers: thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            memory_mib: mebibytes,
            time_limit: Duration::from_secs(30),
        }
    }

    /// One worker for the model in the folder `package`, with ONNX Runtime's `library` (absolute paths, both opened before the worker is
    /// locked). Without a library every job that is not withheld fails with that reason. `keys` is the site's file of trusted keys.
    #[must_use]
    pub fn infer(library: Option<&Path>, package: &Path, keys: Option<&Path>) -> Self {
        let named = [
            (infer::RUNTIME, library),
            (infer::PACKAGE, Some(package)),
            (infer::KEYS, keys),
        ];
        let arguments = named.into_iter().filter_map(|(name, path)| {
            // A path that is no text cannot be an argument here; the worker then says that it has none.
            Some(format!("{name}{}", path?.to_str()?))
        });
        Self {
            arguments: arguments.collect(),
            workers: NonZero::<usize>::MIN,
            // The first job loads the model and tests it; a run's own limit is in its manifest.
            time_limit: Duration::from_secs(60),
            ..Self::new(Role::Infer)
        }
    }

    /// With this worker executable.
    #[must_use]
    pub fn with_program(self, path: impl Into<PathBuf>) -> Self {
        Self {
            program: Some(path.into()),
            ..self
        }
    }

    fn program(&self) -> Result<Program, PoolError> {
        let path = match &self.program {
            Some(path) => path.clone(),
            None => std::env::current_exe()
                .map_err(PoolError::NoPlace)?
                .with_file_name("triptych-worker"),
        };
        // Found by the system call filter: ONNX Runtime 1.32 starts a telemetry thread that looks for certificates and opens sockets.
        // The walls hold it in; this keeps it from being started.
        let environment = match self.role {
            Role::Infer => vec![("ORT_DISABLE_TELEMETRY".to_owned(), "1".to_owned())],
            Role::Decode | Role::Read => Vec::new(),
        };
        Ok(Program {
            environment,
            path,
            role: self.role.name().to_owned(),
            memory_mib: self.memory_mib,
            arguments: self.arguments.clone(),
        })
    }
}

impl Role {
    /// First argument of the worker.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Read => "read",
            Self::Infer => "infer",
        }
    }
}

impl Pool {
    /// Starts the workers; returns when the first has locked itself in.
    ///
    /// Every open [`Source`] is a descriptor: the soft limit of this process is raised to its hard one.
    ///
    /// # Errors
    /// [`PoolError::Spawn`] when a worker cannot be started or locked in: then no file may be opened here, and `doctor` says why.
    pub fn start(options: &Options) -> Result<Self, PoolError> {
        raise_open_files();
        let program = options.program()?;
        let (sender, inbox) = mpsc::channel();
        let post = Arc::new(Post::new(sender)?);
        let (started, first) = mpsc::sync_channel(1);
        let (workers, base) = (options.workers, options.time_limit);
        let wake = post.wake_end()?;
        // This one thread starts every worker and lives as long as the pool: the parent-death signal follows the thread that spawned.
        let thread = thread::Builder::new()
            .name(format!("pool {}", options.role.name()))
            .spawn(move || Manager::new(program, workers, base, inbox, wake).run(&started))?;
        let level = first
            .recv()
            .map_err(|_| std::io::Error::other("the pool's thread ended"))??;
        Ok(Self {
            role: options.role,
            workers,
            post,
            level,
            thread: Some(thread),
        })
    }

    /// How many workers there are.
    #[must_use]
    pub const fn workers(&self) -> usize {
        self.workers.get()
    }

    /// The walls around the workers, for `doctor`.
    #[must_use]
    pub const fn level(&self) -> &Level {
        &self.level
    }

    /// Waits until all workers are there, and for decoders until each has read one small header: its code is then in memory. Done once at
    /// the start, so that the first series that is opened does not pay for it.
    pub fn warm_up(&self) {
        let (sender, ready) = mpsc::sync_channel(1);
        self.post.send(Message::Ready(sender));
        if ready.recv().is_err() || self.role != Role::Decode {
            return;
        }
        // Idle workers take one each.
        let tickets: Vec<_> = (0..self.workers.get())
            .filter_map(|_| Source::from_bytes(&warm::header()).ok())
            .map(|source| self.read_dicom(&source, Priority::Background))
            .collect();
        for ticket in tickets {
            // What came of it is of no interest.
            let _ = ticket.wait();
        }
    }

    /// Ends all workers and starts new ones: a worker of one patient never sees the next one's pixels. Jobs that wait or run are cancelled.
    pub fn renew(&self) {
        self.post.send(Message::Renew);
    }

    /// Header, display attributes and frame index of a DICOM file.
    #[must_use]
    pub fn read_dicom(&self, source: &Source, priority: Priority) -> Ticket<DicomRead> {
        self.typed(source, Work::ReadDicom, priority, DicomRead::check)
    }

    /// What lists need of many files, from their first parts: a reply for each, in their order.
    ///
    /// # Errors
    /// No memory for the parts.
    pub fn read_heads(
        &self,
        parts: &mut Parts,
        priority: Priority,
    ) -> std::io::Result<Ticket<Vec<HeadReply>>> {
        let source = Source::from_bytes(parts.bytes())?;
        let count = parts.len();
        let check = move |replies: &Vec<HeadReply>| match replies.len() == count {
            true => Ok(()),
            false => Err("another number of heads than of files"),
        };
        let room = count as u64 * heads::ROOM;
        Ok(self.typed_with_room(&source, Work::ReadHeads, room, priority, check))
    }

    /// What lists need of one file, from all of it.
    #[must_use]
    pub fn read_head(&self, source: &Source, priority: Priority) -> Ticket<Head> {
        self.typed(source, Work::ReadHead, priority, |_| Ok(()))
    }

    /// Decodes all frames of a file `passes` times in a worker and lets them go: what the codecs cost.
    #[must_use]
    pub fn decode_again(
        &self,
        source: &Source,
        passes: u32,
        priority: Priority,
    ) -> Ticket<DecodeCost> {
        let work = Work::DecodeAgain { passes };
        self.typed(source, work, priority, |_| Ok(()))
    }

    /// Decodes frame `k` of `shape` into `into`, which must be as long as the frame. Works for native frames too, but those are read
    /// quicker by [`Source::read_native`].
    #[must_use]
    pub fn decode(
        &self,
        source: &Source,
        k: u32,
        shape: FrameShape,
        into: SlotMut,
        priority: Priority,
    ) -> Ticket<Frame> {
        let (ticket, done) = Ticket::new(Arc::clone(&self.post));
        if shape.byte_len() != Some(into.len()) {
            done(Err(Loss::Refused(
                "the place for the frame has another size".into(),
            )));
            return ticket;
        }
        let length = into.len();
        let work = Work::Decode {
            frame: k,
            bytes: length as u64,
        };
        let want = Want::Frame(
            into,
            Box::new(move |result| done(result.and_then(|slot| in_slot(slot, shape)))),
        );
        self.submit(source, work, priority, length as u64, want, &ticket);
        ticket
    }

    /// Frame `k` of a file that was read, in memory of its own. Blocks while a native frame is read from disk; a compressed one is asked
    /// of a worker and waited for.
    ///
    /// # Errors
    /// [`Loss`]
    pub fn frame(
        &self,
        source: &Source,
        read: &DicomRead,
        k: u32,
        priority: Priority,
    ) -> Result<Frame, Loss> {
        let (Some(shape), Some(length)) = (read.shape, read.frame_bytes()) else {
            return Err(read.without_pixels());
        };
        let into = SlotMut::alone(length).map_err(|e| Loss::Unavailable(e.to_string()))?;
        let Some(native) = read.native(k) else {
            return self.decode(source, k, shape, into, priority).wait();
        };
        let slot = source.read_native(&native, into);
        in_slot(slot.map_err(|e| Loss::Refused(e.to_string()))?, shape)
    }

    /// What an object that is no image says of itself: kind, title, what it refers to.
    #[must_use]
    pub fn object_head(&self, source: &Source, priority: Priority) -> Ticket<ObjectHead> {
        self.typed(source, Work::ObjectHead, priority, object::check_head)
    }

    /// The content of an object that is no image.
    #[must_use]
    pub fn read_object(&self, source: &Source, priority: Priority) -> Ticket<ObjectContent> {
        self.typed(source, Work::ReadObject, priority, ObjectContent::check)
    }

    /// What objects about frame `k` take over from its file.
    #[must_use]
    pub fn write_source(
        &self,
        source: &Source,
        k: u32,
        priority: Priority,
    ) -> Ticket<crate::WriteSource> {
        self.typed(source, Work::WriteSource { frame: k }, priority, |_| Ok(()))
    }

    /// Page `page`, from 0, of an encapsulated document, so many pixels wide: RGBA on white.
    #[must_use]
    pub fn draw_page(
        &self,
        source: &Source,
        page: u32,
        width: u32,
        priority: Priority,
    ) -> Ticket<PagePicture> {
        let work = Work::DrawPage { page, width };
        // A page may be much larger than its file: the room is known beforehand.
        let room = object::page_room(width);
        self.typed_with_room(source, work, room, priority, object::check_page)
    }

    /// SHA-256, least, greatest and mean of the stored values of frame `k`.
    #[must_use]
    pub fn digest(&self, source: &Source, k: u32, priority: Priority) -> Ticket<FrameDigest> {
        self.typed(source, Work::Digest { frame: k }, priority, |_| Ok(()))
    }

    /// All that `triptych inspect` says of a DICOM file, as JSON.
    #[must_use]
    pub fn inspect(&self, source: &Source, priority: Priority) -> Ticket<String> {
        self.typed(source, Work::Inspect, priority, |_| Ok(()))
    }

    /// Every element of a DICOM file, values in words.
    #[must_use]
    pub fn browse(&self, source: &Source, priority: Priority) -> Ticket<HeaderList> {
        self.typed(source, Work::Browse, priority, |list: &HeaderList| {
            if list.is_bounded() {
                Ok(())
            } else {
                Err("a header longer than one may be")
            }
        })
    }

    /// How a file compares with reference facts; `source` is [`with_reference`](crate::with_reference)'s.
    #[must_use]
    pub fn compare(&self, source: &Source, priority: Priority) -> Ticket<Verdict> {
        self.typed(source, Work::Compare, priority, |_| Ok(()))
    }

    /// The model's word on frame 0 of a DICOM file. `age_years` is the patient's on the day of the image by the record; the younger of it
    /// and the header's age counts. For a pool of [`Options::infer`].
    #[must_use]
    pub fn infer(
        &self,
        source: &Source,
        age_years: Option<u16>,
        priority: Priority,
    ) -> Ticket<Outcome> {
        let check = |outcome: &Outcome| match outcome {
            Outcome::Findings(findings)
                if !findings.iter().all(|f| (0.0..=1.0).contains(&f.score)) =>
            {
                Err("a score that is none")
            }
            Outcome::Withheld(reasons) if reasons.is_empty() => Err("withheld without a reason"),
            _ => Ok(()),
        };
        self.typed(source, Work::Infer { age_years }, priority, check)
    }

    /// Whether the model of a pool of [`Options::infer`] loads and passes its self-test, and where it runs.
    ///
    /// # Errors
    /// No memory for the empty input that every job has.
    pub fn self_test(
        &self,
        priority: Priority,
    ) -> std::io::Result<Ticket<Result<ProviderReport, String>>> {
        let nothing = Source::from_bytes(b"-")?;
        Ok(self.typed(&nothing, Work::SelfTest, priority, |_| Ok(())))
    }

    /// Facts of a FHIR document, NDJSON file or HL7 v2 file that came at `received`. A document that is refused as a whole is the inner error.
    #[must_use]
    pub fn read_record(
        &self,
        source: &Source,
        received: Instant,
        priority: Priority,
    ) -> Ticket<Result<Intake, ReadError>> {
        let work = Work::ReadRecord { received };
        self.typed(source, work, priority, |_| Ok(()))
    }

    /// Facts of a CSV file that came at `received`; `source` is [`with_reference`](crate::with_reference)'s of its mapping and the file.
    #[must_use]
    pub fn read_csv(
        &self,
        source: &Source,
        received: Instant,
        priority: Priority,
    ) -> Ticket<Result<Intake, ReadError>> {
        let work = Work::ReadCsv { received };
        self.typed(source, work, priority, |_| Ok(()))
    }

    /// A mapping for a CSV file, as TOML for a person to check.
    #[must_use]
    pub fn suggest_csv(
        &self,
        source: &Source,
        priority: Priority,
    ) -> Ticket<Result<String, ReadError>> {
        self.typed(source, Work::SuggestCsv, priority, |_| Ok(()))
    }

    /// What a ZIP holds, with what of it is refused and why (PAR-10).
    #[must_use]
    pub fn zip_entries(&self, source: &Source, priority: Priority) -> Ticket<Vec<ZipEntry>> {
        let archive = source.len();
        self.typed(
            source,
            Work::ZipEntries,
            priority,
            move |entries: &Vec<ZipEntry>| crate::unzip::check(entries, archive),
        )
    }

    /// The bytes of one entry, as sealed memory.
    #[must_use]
    pub fn zip_extract(
        &self,
        source: &Source,
        entry: &ZipEntry,
        priority: Priority,
    ) -> Ticket<Source> {
        let (ticket, done) = Ticket::new(Arc::clone(&self.post));
        if let Some(problem) = entry.problem {
            done(Err(Loss::Refused(problem.to_string())));
            return ticket;
        }
        let group = source.group();
        let work = Work::ZipExtract { entry: entry.index };
        let want = Want::Frozen(Box::new(move |result| {
            done(result.and_then(|file| {
                Source::from_frozen(file)
                    .map(|source| source.in_group(group))
                    .map_err(|e| Loss::Unavailable(e.to_string()))
            }));
        }));
        // A page more than was declared: an entry that inflates to more is told from one that fits.
        let room = entry.bytes.saturating_add(4096);
        self.submit(source, work, priority, room, want, &ticket);
        ticket
    }

    /// Ends all workers and waits until they are gone. Returns the sum of their peak memory, MB of 1024 KiB.
    pub fn stop(mut self) -> f64 {
        self.end()
    }

    fn end(&mut self) -> f64 {
        self.post.send(Message::Stop);
        let ended = self.thread.take().map(JoinHandle::join);
        // It only ends by panicking if this crate is wrong; there is nobody to tell.
        ended.and_then(Result::ok).unwrap_or_default()
    }

    /// A job whose reply is a `T`; `check` says what of it is a lie.
    fn typed<T: DeserializeOwned + Send + 'static>(
        &self,
        source: &Source,
        work: Work,
        priority: Priority,
        check: impl FnOnce(&T) -> Result<(), &'static str> + Send + 'static,
    ) -> Ticket<T> {
        self.typed_with_room(source, work, 0, priority, check)
    }

    /// As [`Pool::typed`], for a reply that is expected to be `room` bytes long: it need not be asked for twice.
    fn typed_with_room<T: DeserializeOwned + Send + 'static>(
        &self,
        source: &Source,
        work: Work,
        room: u64,
        priority: Priority,
        check: impl FnOnce(&T) -> Result<(), &'static str> + Send + 'static,
    ) -> Ticket<T> {
        let (ticket, done) = Ticket::new(Arc::clone(&self.post));
        let want = Want::Reply(Box::new(move |result| {
            let bytes = match result {
                Ok(bytes) => bytes,
                Err(loss) => {
                    done(Err(loss));
                    return Ok(());
                }
            };
            match reply(&bytes).and_then(|value| check(&value).map(|()| value)) {
                Ok(value) => {
                    done(Ok(value));
                    Ok(())
                }
                Err(lie) => {
                    done(Err(Loss::Lied(lie)));
                    Err(lie)
                }
            }
        }));
        self.submit(source, work, priority, room, want, &ticket);
        ticket
    }

    fn submit<T>(
        &self,
        source: &Source,
        work: Work,
        priority: Priority,
        room: u64,
        want: Want,
        ticket: &Ticket<T>,
    ) {
        self.post.send(Message::Ask(Request {
            number: ticket.number(),
            priority,
            source: source.clone(),
            work,
            room,
            want,
        }));
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.end();
    }
}

/// The value of a reply, or what it is instead. Tables, windows and identifiers are checked by their own types.
fn reply<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, &'static str> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err("bytes left over after a reply"),
        Err(postcard::Error::SerdeDeCustom) => Err("a reply with a value that cannot be"),
        Err(_) => Err("a reply that is none"),
    }
}

/// A reason as a worker gives it, fit for a screen.
pub(crate) fn reason_for_people(reason: &str) -> String {
    let end = reason.floor_char_boundary(REASON);
    let shown = reason.get(..end).unwrap_or_default();
    shown.chars().filter(|c| !c.is_control()).collect()
}

/// Descriptors that a large series needs.
const MANY_FILES: u64 = 4096;

fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Refused only where nothing may be raised: then large series run out of descriptors, and say so.
    let _ = setrlimit(Resource::Nofile, raised);
    // The kernel's table of descriptors grows by doubling, and each time all threads of this process wait for a grace period, milliseconds:
    // grown once here, it stays large for the series that are opened later.
    let last = raised.current.unwrap_or(MANY_FILES).min(MANY_FILES);
    if let (Ok(file), Ok(high)) = (
        std::fs::File::open("/"),
        i32::try_from(last.saturating_sub(1)),
    ) {
        let _ = rustix::io::fcntl_dupfd_cloexec(&file, high);
    }
}

/// Memory that is built in, MiB; `None` where the system does not tell.
#[must_use]
pub fn memory_of_machine_mib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes >> 10)
}

#[cfg(test)]
mod tests {
    use triptych_imaging::display::Palette;

    use super::*;

    /// PAR-16: a worker that lies about its tables is told from an honest one before anything is drawn with them.
    #[test]
    fn par_16_a_palette_without_entries_is_a_lie() {
        type Table<'a> = (i32, u16, &'a [u16]);
        let sent = |red: Table<'_>| {
            let whole: Table<'_> = (0, 16, &[0, 65_535]);
            postcard::to_stdvec(&(red, whole, whole, false)).unwrap()
        };
        let palette: Palette = reply(&sent((0, 16, &[0, 1]))).unwrap();
        assert_eq!(palette.red.entries(), [0, 1]);
        for lie in [(0, 16, &[] as &[u16]), (0, 200, &[1]), (1 << 20, 16, &[1])] {
            let refused = reply::<Palette>(&sent(lie));
            assert_eq!(
                refused,
                Err("a reply with a value that cannot be"),
                "{lie:?}"
            );
        }
        let mut long = sent((0, 16, &[0, 1]));
        long.push(0);
        assert_eq!(
            reply::<Palette>(&long),
            Err("bytes left over after a reply")
        );
        assert_eq!(reply::<Palette>(&[]), Err("a reply that is none"));
    }
}
