//! The child locks itself before the first outside byte, and says how far it got.

pub(crate) mod limits;
mod seccomp;

use std::os::unix::process::parent_id;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, LandlockStatus, Ruleset,
    RulesetAttr as _, RulesetStatus, Scope,
};
use rustix::process::{
    DumpableBehavior, Signal, set_dumpable_behavior, set_parent_process_death_signal,
};
use serde::{Deserialize, Serialize};

use crate::{Peer, WireError};

/// What was asked of the kernel and what it granted. `doctor` shows it and the parent decides with it: no wall is missing in silence.
///
/// It is the child's word, but of a child that has not seen an outside byte yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// No program that it starts gains rights.
    pub no_new_privs: bool,
    /// No core file, no other process of the user looks inside.
    pub not_dumpable: bool,
    /// Killed when the parent's spawning thread ends.
    pub dies_with_parent: bool,
    /// Memory, CPU time, files, file size, core.
    pub limits: bool,
    /// The file system and network wall.
    pub landlock: Landlock,
    /// Filters in force, out of [`Level::FILTERS`]; else the `errno` of the first that was refused.
    pub seccomp: Result<u8, i32>,
}

/// How far Landlock holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Landlock {
    /// All rights that this build knows are taken away; the kernel's ABI number.
    Full(u8),
    /// The kernel knows only some of them; its ABI number.
    Partial(u8),
    /// Built in, but not in the kernel's `lsm=` list.
    NotEnabled,
    /// Not in this kernel.
    NotInKernel,
    /// The kernel knows it but refused the rule set.
    Failed,
}

impl Level {
    /// System call filters that make a whole wall.
    pub const FILTERS: u8 = 3;

    /// What outside bytes need at least: limits and the system call filter. Landlock is the second wall behind seccomp, which refuses
    /// `open` as well, so a kernel without it is shown by `doctor` and accepted.
    #[must_use]
    pub fn acceptable(&self) -> bool {
        self.no_new_privs
            && self.not_dumpable
            && self.dies_with_parent
            && self.limits
            && self.seccomp == Ok(Self::FILTERS)
    }
}

/// What the parent told this process on its command line: `ROLE PARENT MEMORY_MIB ARGUMENTS…`.
#[derive(Debug)]
pub struct Start {
    /// What kind of child this is; known to the layer above.
    pub role: String,
    /// Further arguments of the role.
    pub arguments: Vec<String>,
    /// Private memory that may be taken after the lock, bytes.
    pub memory_bytes: u64,
    parent: u32,
}

/// Why this process cannot be a child.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Started by hand, or by another version.
    #[error(
        "this program is started by triptych, with a role, a process number and a memory limit"
    )]
    Arguments,
    /// The parent left before the lock was reported.
    #[error("cannot report to the parent: {0}")]
    Report(#[from] WireError),
}

impl Start {
    /// Reads `arguments`, the program's own name first.
    ///
    /// # Errors
    /// [`StartError::Arguments`] when they are not what [`Child::spawn`](crate::Child::spawn) passes.
    pub fn from_arguments(arguments: impl IntoIterator<Item = String>) -> Result<Self, StartError> {
        let mut arguments = arguments.into_iter().skip(1);
        let mut next = || arguments.next().ok_or(StartError::Arguments);
        let role = next()?;
        let parent = next()?.parse().map_err(|_| StartError::Arguments)?;
        let mebibytes: u64 = next()?.parse().map_err(|_| StartError::Arguments)?;
        Ok(Self {
            role,
            arguments: arguments.collect(),
            memory_bytes: mebibytes
                .checked_mul(1 << 20)
                .ok_or(StartError::Arguments)?,
            parent,
        })
    }

    /// Raises all walls and reports them. Call it with one thread, before any outside byte; descriptors above 2 are closed.
    ///
    /// # Errors
    /// [`StartError::Report`] when the parent is gone. A wall that could not be raised is no error here: the parent decides.
    pub fn lock(&self) -> Result<Peer, StartError> {
        // In this order: seccomp needs no_new_privs, and the last wall forbids what raises the others.
        let no_new_privs = rustix::thread::set_no_new_privs(true).is_ok();
        let not_dumpable = set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok();
        // The parent may have died before the signal was set: then this process has another parent by now.
        let dies_with_parent = set_parent_process_death_signal(Some(Signal::KILL)).is_ok()
            && parent_id() == self.parent;
        limits::close_descriptors_above_2();
        // The window goes first where both want a core: decoding never holds up a frame for long. No wall, so nothing is said of it.
        let _ = rustix::process::nice(YIELDING);
        let level = Level {
            no_new_privs,
            not_dumpable,
            dies_with_parent,
            limits: limits::set(self.memory_bytes),
            landlock: restrict_files_and_network().unwrap_or(Landlock::Failed),
            seccomp: seccomp::apply(),
        };
        let peer = Peer::again();
        peer.send(&level)?;
        Ok(peer)
    }
}

/// Steps of priority below the parent.
const YIELDING: i32 = 10;

/// No path, no TCP port, no signal and no abstract socket outside this process.
fn restrict_files_and_network() -> Result<Landlock, landlock::RulesetError> {
    let abi = ABI::V6;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .restrict_self()?;
    let number = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi as u8,
        LandlockStatus::NotEnabled => return Ok(Landlock::NotEnabled),
        _ => return Ok(Landlock::NotInKernel),
    };
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Landlock::Full(number),
        RulesetStatus::PartiallyEnforced => Landlock::Partial(number),
        RulesetStatus::NotEnforced => Landlock::NotInKernel,
    })
}
