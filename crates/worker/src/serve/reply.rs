//! Replies: into the answer when short, into the slot when long.

use std::fmt::Display;

use serde::Serialize;

use crate::protocol::{Answer, INLINE, Job};

/// Why an input does not allow a job, for people.
pub(super) struct Refusal(pub String);

impl Refusal {
    pub fn of(reason: impl Display) -> Self {
        Self(reason.to_string())
    }
}

/// `value` as the reply to `job`.
pub(super) fn send<T: Serialize>(job: &Job, value: &T, slot: &mut [u8]) -> Result<Answer, Refusal> {
    let reply = postcard::to_stdvec(value).map_err(Refusal::of)?;
    let job = job.number;
    if reply.len() <= INLINE {
        return Ok(Answer::Here { job, reply });
    }
    let bytes = reply.len() as u64;
    match slot.get_mut(..reply.len()) {
        Some(place) => {
            place.copy_from_slice(&reply);
            Ok(Answer::InSlot { job, bytes })
        }
        None => Ok(Answer::NoRoom { job, bytes }),
    }
}
