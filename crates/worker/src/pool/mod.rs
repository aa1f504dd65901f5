//! The parent's side: believes nothing a worker says, waits for nothing longer than its limit.

mod crew;
mod jobs;
mod loss;
mod machine;
mod manager;
mod options;
mod request;
mod ticket;
mod warm;

use std::{
    num::NonZero,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use serde::de::DeserializeOwned;
use triptych_sandbox::{Level, SpawnError};

use crate::{
    Source,
    protocol::{REASON, Work},
};

pub(crate) use crew::KEPT_INPUTS;
pub use loss::Loss;
pub use machine::memory_of_machine_mib;
pub use options::Options;
pub use ticket::Ticket;

use machine::raise_open_files;
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
