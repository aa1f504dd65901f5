//! What the tests ask of their child.
#![allow(dead_code)]

use serde::{Deserialize, Serialize};

/// Budget and shared memory of the child.
pub const MEMORY_BYTES: usize = 64 << 20;

#[derive(Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Map the shared memory that comes with it.
    Hold,
    Release,
    Try(Attempt),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attempt {
    OpenFile,
    CreateFile,
    ReopenInput,
    SocketInternet,
    SocketUnix,
    Execute,
    TraceParent,
    SignalParent,
    Fork,
    Unshare,
    ReadParentMemory,
    ExecutableMemory,
    TwiceTheMemory,
    CutMemory,
    GrowMemory,
    PunchMemory,
    WriteInput,
    RaiseLimit,
    IoUring,
    NewMemory,
    /// Not an escape: allowed, for codecs with threads.
    Thread,
    EndlessLoop,
}
