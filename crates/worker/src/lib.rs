//! The typed jobs of a worker process, and the warm pool that asks for them.
//!
//! ```text
//!  window process                                          triptych-worker decode | read | infer
//!  ──────────────                                          ────────────────────────────────────
//!  any thread ── Pool::decode(source, k, …) ─▶ Ticket
//!                     │ (priority queue)
//!  one thread a pool: spawn, ask, check, time, restart ──▶ serve::main: map the input, work, answer
//!                     │ ◀── answer: ≤ 4 KiB in the packet, else in the slot's shared memory
//!                     └─ pread into the caller's slot, checked value into the Ticket
//! ```
//!
//! **From a blocking thread** call [`Ticket::wait`]. **From tokio** `.await` the ticket: it is a `Future` and needs no runtime of its own.
//! Submitting never blocks. Dropping a ticket cancels its job; [`Ticket::raise`] moves it up when its picture becomes visible.
//! [`series::open`] reads files and blocks: call it from `spawn_blocking` or a thread.
//!
//! **Priorities**: what is on screen, then its neighbours, then the rest ([`Priority`]). **A new patient** gets new workers
//! ([`Pool::renew`]): one that a file took over must not see the next patient's pixels.
//!
//! **Losses.** A worker that dies, hangs or lies costs the job it was at, with its reason ([`Loss`]); the jobs behind it are asked again of
//! another. A [`Group`] (a series, a file) that cost five workers within a minute is refused.
//!
//! **Pixels.** Native frames need no worker: [`DicomRead::native`] says where they are, [`Source::read_native`] reads them straight
//! into place. Compressed frames are decoded into a small memory file that is kept with its mapping, and copied from there by `pread`.
//! A series-wide shared volume was measured to cost more (`page faults of fresh shared memory: 4 to 5 times the copy`), needs every frame
//! done again after a crash, and can never be a Rust slice while a worker may write to it.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod bench;
mod dicom;
pub mod heads;
mod object;
mod places;
pub mod pool;
pub mod protocol;
pub mod series;
pub mod serve;
mod source;
mod unzip;

pub use dicom::{DecodeCost, DicomRead, NativeFrame, READER, WriteSource};
pub use object::ObjectContent;
pub use places::Places;
pub use pool::{
    Group, Loss, Options, Pool, PoolError, Priority, Role, Ticket, memory_of_machine_mib,
};
pub use source::{Source, with_reference};
pub use triptych_sandbox::{Level, Slot, SlotMut, Volume};
pub use unzip::{ZipEntry, ZipProblem};
