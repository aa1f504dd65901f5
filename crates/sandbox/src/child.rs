//! The parent's side of a child: start, limits, end.

use std::{
    fmt, io,
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Resource, Rlimit, prlimit},
};

use crate::{Channel, Level, WireError, guard::limits, usage};

/// What to start.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable, absolute.
    pub path: PathBuf,
    /// First argument.
    pub role: String,
    /// Private memory of the child, MiB.
    pub memory_mib: u64,
    /// Arguments after the fixed ones.
    pub arguments: Vec<String>,
    /// The whole environment of the child: names and values. Nothing is inherited.
    pub environment: Vec<(String, String)>,
}

/// A running, locked child. Dropped, it is killed.
#[derive(Debug)]
pub struct Child {
    process: Option<std::process::Child>,
    channel: Channel,
    level: Level,
    /// Soft limit of the address space at birth, and what was added since.
    space: Rlimit,
    added: u64,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this status.
    Exited(i32),
    /// By this signal, not ours.
    Signalled(i32),
    /// Killed by us.
    Killed,
    /// Killed by us, but in a system call that does not return; it is waited for elsewhere.
    Stuck,
}

/// Why there is no child.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// The executable does not start.
    #[error("cannot start {}: {source}", path.display())]
    Start {
        /// The executable.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It started but did not report its walls.
    #[error("{} did not get ready: {reason}; {ending}", path.display())]
    NotReady {
        /// The executable.
        path: PathBuf,
        /// What came instead of the report.
        reason: WireError,
        /// How it ended.
        ending: Ending,
    },
    /// This kernel or container refuses walls that outside bytes need.
    #[error("this system does not let a worker be locked in, so no file is opened: {0:?}")]
    NotLocked(Level),
}

/// For a child to report its walls. Its work is a millisecond; the rest is a busy machine.
const READY_LIMIT: Duration = Duration::from_secs(5);
/// For a killed child to be gone, before it is waited for elsewhere.
const END_LIMIT: Duration = Duration::from_millis(50);

impl Child {
    /// Starts `program` with an empty environment and waits until it has locked itself.
    ///
    /// Call it from a thread that lives as long as the child (crate documentation).
    ///
    /// # Errors
    /// [`SpawnError::NotLocked`] when the walls are not [`Level::acceptable`]: then no outside byte may be parsed on this machine.
    pub fn spawn(program: &Program) -> Result<Self, SpawnError> {
        let start = |source| SpawnError::Start {
            path: program.path.clone(),
            source,
        };
        let (channel, theirs) = Channel::pair().map_err(|e| start(e.into()))?;
        // No pre_exec, no uid, no working directory: std then uses posix_spawn.
        let process = Command::new(&program.path)
            .arg(&program.role)
            .arg(std::process::id().to_string())
            .arg(program.memory_mib.to_string())
            .args(&program.arguments)
            .env_clear()
            .envs(
                program
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(start)?;
        let mut process = Some(process);
        match first_message(&channel) {
            Ok(level) if level.acceptable() => {
                let pid = process.as_ref().map(std::process::Child::id);
                Ok(Self {
                    process,
                    channel,
                    level,
                    space: address_space(pid, None).map_err(start)?,
                    added: 0,
                })
            }
            Ok(level) => {
                end(&mut process);
                Err(SpawnError::NotLocked(level))
            }
            Err(reason) => Err(SpawnError::NotReady {
                path: program.path.clone(),
                reason,
                ending: end_of(&mut process),
            }),
        }
    }

    /// Where messages go and come from.
    #[must_use]
    pub const fn channel(&self) -> &Channel {
        &self.channel
    }

    /// The walls it reported.
    #[must_use]
    pub const fn level(&self) -> &Level {
        &self.level
    }

    /// Its process number, 0 after its end.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.as_ref().map_or(0, std::process::Child::id)
    }

    /// Lets it map `bytes` of inputs and shared memory in all, beside its own budget. Never lowers what was allowed before.
    ///
    /// # Errors
    /// The system refuses; the child may be gone.
    pub fn allow_mapped(&mut self, bytes: u64) -> io::Result<()> {
        let (Some(soft), true) = (self.space.current, bytes > self.added) else {
            return Ok(());
        };
        let wanted = soft.saturating_add(bytes);
        let limit = Rlimit {
            current: Some(self.space.maximum.map_or(wanted, |hard| wanted.min(hard))),
            maximum: self.space.maximum,
        };
        address_space(Some(self.id()), Some(limit))?;
        self.added = bytes;
        Ok(())
    }

    /// Most memory it ever had, MB of 1024 KiB; 0 when it is gone.
    #[must_use]
    pub fn peak_rss_mb(&self) -> f64 {
        usage::peak_rss_mb_of(self.id())
    }

    /// Kills and reaps it. Waits a moment for one that is dying by itself, so that its own signal is named.
    pub fn end_by_itself(mut self) -> Ending {
        end_of(&mut self.process)
    }

    /// Kills and reaps it at once.
    pub fn end(mut self) -> Ending {
        end(&mut self.process)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "ended with status {code}"),
            Self::Signalled(libc::SIGSYS) => f.write_str("stopped by the system call filter"),
            Self::Signalled(libc::SIGSEGV) => f.write_str("stopped by a wrong memory access"),
            Self::Signalled(libc::SIGBUS) => f.write_str("stopped because its file became shorter"),
            Self::Signalled(libc::SIGABRT) => {
                f.write_str("aborted (out of memory, or a check of its own)")
            }
            Self::Signalled(signal) => write!(f, "stopped by signal {signal}"),
            Self::Killed => f.write_str("ended by us"),
            Self::Stuck => f.write_str("ended by us, still waiting for a disk"),
        }
    }
}

fn first_message(channel: &Channel) -> Result<Level, WireError> {
    let until = Instant::now() + READY_LIMIT;
    loop {
        if let Some(level) = channel.receive::<Level>()? {
            return Ok(level);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(WireError::Malformed("no report in time"));
        }
        let timeout = Timespec {
            tv_sec: left.as_secs().cast_signed(),
            tv_nsec: left.subsec_nanos().into(),
        };
        match poll(&mut [PollFd::new(channel, PollFlags::IN)], Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(WireError::Os(e)),
        }
    }
}

fn end_of(process: &mut Option<std::process::Child>) -> Ending {
    if let Some(child) = process {
        wait(child, END_LIMIT);
    }
    end(process)
}

fn end(process: &mut Option<std::process::Child>) -> Ending {
    let Some(mut child) = process.take() else {
        return Ending::Killed;
    };
    if let Ok(Some(status)) = child.try_wait() {
        return ending(status);
    }
    // Refused only when it is gone already.
    let _ = child.kill();
    if wait(&mut child, END_LIMIT).is_some() {
        return Ending::Killed;
    }
    // A read from a dead network disk cannot be killed; nobody here may wait for it.
    let reaper = std::thread::Builder::new().name("reaper".into());
    let _ = reaper.spawn(move || child.wait());
    Ending::Stuck
}

fn wait(child: &mut std::process::Child, limit: Duration) -> Option<ExitStatus> {
    let until = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => {
                std::thread::sleep(Duration::from_micros(100));
            }
            _ => return None,
        }
    }
}

fn ending(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited(code),
        (None, signal) => Ending::Signalled(signal.unwrap_or_default()),
    }
}

/// Reads, or sets, the address space limit of our own child, which needs no privilege below the hard limit.
fn address_space(pid: Option<u32>, new: Option<Rlimit>) -> io::Result<Rlimit> {
    let pid = pid
        .and_then(|pid| Pid::from_raw(pid.cast_signed()))
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    match new {
        Some(limit) => Ok(prlimit(Some(pid), Resource::As, limit)?),
        None => limits::address_space_of(pid),
    }
}
