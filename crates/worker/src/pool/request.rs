//! A job as it waits in the parent.

use std::{fs::File, time::Duration};

use triptych_sandbox::{Slot, SlotMut};

use super::{Loss, Priority};
use crate::{Source, protocol::Work};

/// One job, with everything needed to ask it again of another worker.
pub(super) struct Request {
    /// The ticket's number: order of coming.
    pub number: u64,
    pub priority: Priority,
    pub source: Source,
    pub work: Work,
    /// Shared memory it needs, bytes; 0 when the answer is expected to fit into a packet.
    pub room: u64,
    pub want: Want,
}

/// Decodes and checks a reply; an error is what the worker lied about, the ticket having been told.
pub(super) type Judge = Box<dyn FnOnce(Result<Vec<u8>, Loss>) -> Result<(), &'static str> + Send>;

/// Where the result goes. Each is called once.
pub(super) enum Want {
    /// Bytes to be decoded and checked; an error is what the worker lied about, the ticket having been told.
    Reply(Judge),
    /// A frame, copied into place.
    Frame(SlotMut, Box<dyn FnOnce(Result<Slot, Loss>) + Send>),
    /// The slot's memory itself, frozen.
    Frozen(Box<dyn FnOnce(Result<File, Loss>) + Send>),
}

impl Request {
    /// Tells the ticket that there is no result.
    pub fn fail(self, loss: Loss) {
        match self.want {
            // Nothing was decoded, so nothing is a lie.
            Want::Reply(done) => drop(done(Err(loss))),
            Want::Frame(_, done) => done(Err(loss)),
            Want::Frozen(done) => done(Err(loss)),
        }
    }

    /// Time it may take in its worker.
    pub fn limit(&self, base: Duration) -> Duration {
        let mebibytes = (self.source.len().saturating_add(self.room)) >> 20;
        base.saturating_add(Duration::from_millis(mebibytes.saturating_mul(250)))
    }
}
