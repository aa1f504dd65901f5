//! A child process behind walls: spawn, limits, Landlock, seccomp, framed messages, shared memory.
//!
//! ```text
//!   parent                                   child
//!   Program ── Child::spawn ───────────────▶ Start::from_arguments
//!                                            Start::lock: walls first, before any outside byte
//!   Child::level ◀────────── Level ───────── (the first packet; spawn fails when it is not acceptable)
//!   Channel::send(T, descriptor) ──────────▶ Peer::receive
//!   Channel::receive ◀──────────── U ─────── Peer::send
//! ```
//!
//! One message is one `postcard` value in one packet of a `SOCK_SEQPACKET` pair, at most [`MAX_MESSAGE`] bytes, and at most one
//! descriptor, from parent to child only. What a message means is not known here: every function is generic over serde types.
//!
//! **The child locks itself** instead of being locked between fork and exec: a `pre_exec` hook makes std fork, and the fork of a parent
//! with 2 GiB of small pages was measured at 77 ms where `posix_spawn` takes half a millisecond.
//!
//! **Spawn from a thread that lives as long as the child.** The parent-death signal follows the thread that spawned, not the process: a
//! child spawned from a tokio blocking thread or from rayon dies when that thread is retired.
//!
//! Bytes travel through memory of fixed size ([`SharedMemory`]): the child maps it, the parent reads it with `pread`, so a child that
//! writes while the parent looks can never be behind a Rust reference. [`Volume`] is the parent's own memory, never shared.

mod channel;
mod child;
mod guard;
mod mapping;
mod shared;
pub mod usage;
mod volume;

pub use channel::{Channel, MAX_MESSAGE, Peer, WireError};
pub use child::{Child, Ending, Program, SpawnError};
pub use guard::{Landlock, Level, Start, StartError};
pub use mapping::{InputMap, OutputMap};
pub use shared::SharedMemory;
pub use volume::{Slot, SlotMut, Volume};
