//! One worker as the parent sees it: what it was lent, what it was asked, what its answers are worth.

use std::{
    collections::VecDeque,
    fs::File,
    hash::{BuildHasher as _, RandomState},
    os::fd::{AsFd as _, BorrowedFd},
    time::{Duration, Instant},
};

use triptych_sandbox::{Child, Program, SharedMemory, SpawnError, WireError};

use super::{
    Group, Loss, reason_for_people,
    request::{Request, Want},
};
use crate::protocol::{Answer, Ask, INLINE, Job, SLOTS};

/// Shared memory above this is not kept after its job, and its job runs alone: memory of all workers stays small.
const LARGE: u64 = 16 << 20;
/// A slot is never smaller, so that replies of all sizes find a mapping that is warm.
const LEAST: u64 = 256 << 10;
/// Inputs that a worker may keep mapped beside the one it works on (`serve::input`).
pub(crate) const KEPT_INPUTS: u64 = 256 << 20;

/// A worker and the jobs it was asked, oldest first. It takes them in order, so an answer, a death and a delay are the oldest one's.
pub(super) struct Hand {
    child: Child,
    waiting: VecDeque<Asked>,
    /// Since when the oldest is the oldest.
    since: Instant,
    slots: [Option<SharedMemory>; SLOTS],
    largest_input: u64,
    next_number: u64,
    /// The last job that it answered, and whose it was.
    last: Option<(u64, Group)>,
}

struct Asked {
    number: u64,
    slot: usize,
    request: Request,
}

/// Why a worker is no longer used.
pub(super) enum Fault {
    TimedOut(Duration),
    Died(Option<u32>),
    Lied(&'static str),
    /// A lie about a job that is finished, its ticket told: none of those that it was asked since is to blame.
    LiedBefore(&'static str),
}

/// What a worker was asked and did not answer, and how it ended.
pub(super) struct Rest {
    pub oldest: Option<Request>,
    pub others: Vec<Request>,
    pub loss: Loss,
    /// Whose input cost it, if it was at one.
    pub group: Option<Group>,
}

/// What became of one answer.
pub(super) enum Taken {
    /// The request is finished.
    Finished,
    /// To be asked again, with more room.
    Again(Request),
}

impl Hand {
    pub fn start(program: &Program) -> Result<Self, SpawnError> {
        Ok(Self {
            child: Child::spawn(program)?,
            waiting: VecDeque::new(),
            since: Instant::now(),
            slots: Default::default(),
            largest_input: 0,
            next_number: unguessable(),
            last: None,
        })
    }

    pub fn child(&self) -> &Child {
        &self.child
    }

    pub fn socket(&self) -> BorrowedFd<'_> {
        self.child.channel().as_fd()
    }

    pub fn asked(&self) -> usize {
        self.waiting.len()
    }

    /// When the oldest job's time is up.
    pub fn deadline(&self, base: Duration) -> Option<Instant> {
        let oldest = self.waiting.front()?;
        Some(self.since + oldest.request.limit(base))
    }

    /// Time that the oldest job has.
    pub fn limit(&self, base: Duration) -> Option<Duration> {
        Some(self.waiting.front()?.request.limit(base))
    }

    /// Whether `request` may be asked now.
    pub fn has_room_for(&self, request: &Request) -> bool {
        let alone = |request: &Request| request.room > LARGE;
        self.waiting.is_empty()
            || self.waiting.len() < SLOTS
                && !alone(request)
                && !self.waiting.iter().any(|asked| alone(&asked.request))
    }

    /// Asks. A request that could not be sent comes back; the worker is then slow or dead, which the poll will say.
    #[allow(
        clippy::result_large_err,
        reason = "the request goes back into the queue: no error that is passed on"
    )]
    pub fn ask(&mut self, request: Request) -> Result<(), (Request, Option<Loss>)> {
        let free = |slot: &usize| !self.waiting.iter().any(|asked| asked.slot == *slot);
        let Some(slot) = (0..SLOTS).find(free) else {
            return Err((request, None));
        };
        match self.make_room(slot, &request) {
            Ok(true) => {}
            Ok(false) => return Err((request, None)),
            Err(e) => return Err((request, Some(Loss::Unavailable(e.to_string())))),
        }
        let number = self.next_number;
        self.next_number = number.wrapping_add(1);
        let job = Job {
            number,
            input: request.source.number(),
            bytes: request.source.len(),
            slot: slot as u8,
            work: request.work,
        };
        let channel = self.child.channel();
        if channel
            .send(&Ask::Work(job), Some(request.source.as_fd()))
            .is_err()
        {
            return Err((request, None));
        }
        if self.waiting.is_empty() {
            self.since = Instant::now();
        }
        self.waiting.push_back(Asked {
            number,
            slot,
            request,
        });
        Ok(())
    }

    /// Lends what the request needs; false when the worker does not take it.
    fn make_room(&mut self, slot: usize, request: &Request) -> std::io::Result<bool> {
        self.largest_input = self.largest_input.max(request.source.len());
        let held = |memory: &Option<SharedMemory>| memory.as_ref().map_or(0, SharedMemory::len);
        let has = self.slots.get(slot).map_or(0, held);
        let lend = request.room > has;
        let wanted = request.room.max(LEAST).next_multiple_of(4096);
        let lent: u64 = self.slots.iter().map(held).sum();
        let mapped = lent + wanted + KEPT_INPUTS + self.largest_input;
        self.child.allow_mapped(mapped)?;
        if lend {
            let memory = SharedMemory::new(wanted)?;
            let ask = Ask::Lend {
                slot: slot as u8,
                bytes: wanted,
            };
            let channel = self.child.channel();
            if channel.send(&ask, Some(memory.as_fd())).is_err() {
                return Ok(false);
            }
            if let Some(place) = self.slots.get_mut(slot) {
                *place = Some(memory);
            }
        }
        Ok(true)
    }

    /// The next answer, `None` when there is none now.
    pub fn take(&mut self) -> Result<Option<Taken>, Fault> {
        let answer = match self.child.channel().receive::<Answer>() {
            Ok(Some(answer)) => answer,
            Ok(None) => return Ok(None),
            Err(WireError::Malformed(what)) => return Err(Fault::Lied(what)),
            Err(_) => return Err(Fault::Died(None)),
        };
        if let Answer::Panicked { line } = answer {
            return Err(Fault::Died(Some(line)));
        }
        match self.waiting.front() {
            Some(oldest) if answer.job() == Some(oldest.number) => {}
            _ if self
                .last
                .is_some_and(|(number, _)| answer.job() == Some(number)) =>
            {
                return Err(Fault::LiedBefore("a second answer to one question"));
            }
            _ => return Err(Fault::Lied("an answer to another question")),
        }
        self.believe(answer).map(Some)
    }

    /// The answer names the oldest job; everything else of it is checked here.
    fn believe(&mut self, answer: Answer) -> Result<Taken, Fault> {
        let Some(oldest) = self.waiting.front() else {
            return Err(Fault::Lied("an answer to no question"));
        };
        let has = self.memory(oldest.slot).map_or(0, SharedMemory::len);
        match (&answer, &oldest.request.want) {
            (Answer::Refused { .. }, _) => {}
            (Answer::Here { reply, .. }, Want::Reply(_)) if reply.len() <= INLINE => {}
            (Answer::InSlot { bytes, .. }, Want::Reply(_) | Want::Frozen(_)) if *bytes <= has => {}
            (Answer::InSlot { bytes, .. }, Want::Frame(into, _))
                if usize::try_from(*bytes) == Ok(into.len()) && *bytes <= has => {}
            // Once: then it has the room that it asked for.
            (Answer::NoRoom { bytes, .. }, Want::Reply(_))
                if *bytes > has && oldest.request.room == 0 => {}
            (Answer::Here { .. } | Answer::InSlot { .. } | Answer::NoRoom { .. }, _) => {
                return Err(Fault::Lied("an answer of another kind or length"));
            }
            (Answer::Panicked { line }, _) => return Err(Fault::Died(Some(*line))),
        }
        let Some(Asked {
            number,
            slot,
            request,
        }) = self.waiting.pop_front()
        else {
            return Err(Fault::Lied("an answer to no question"));
        };
        self.last = Some((number, request.source.group()));
        self.since = Instant::now();
        self.finish(answer, slot, request)
    }

    fn finish(
        &mut self,
        answer: Answer,
        slot: usize,
        mut request: Request,
    ) -> Result<Taken, Fault> {
        let unavailable = |e: std::io::Error| Loss::Unavailable(e.to_string());
        match answer {
            Answer::Refused { reason, .. } => {
                // Let go before the answer, whatever it is.
                if let (Want::Frozen(_), Some(place)) = (&request.want, self.slots.get_mut(slot)) {
                    *place = None;
                }
                request.fail(Loss::Refused(reason_for_people(&reason)));
            }
            Answer::NoRoom { bytes, .. } if bytes <= longest_reply(request.source.len()) => {
                request.room = bytes;
                return Ok(Taken::Again(request));
            }
            Answer::NoRoom { .. } => request.fail(Loss::Refused(
                "what was read of it needs more memory than its size allows".into(),
            )),
            Answer::Here { reply, .. } => return reply_with(request, reply),
            Answer::InSlot { bytes, .. } => {
                let length = usize::try_from(bytes).unwrap_or(usize::MAX);
                match request.want {
                    Want::Frozen(done) => {
                        let memory = self.slots.get_mut(slot).and_then(Option::take);
                        let Some(memory) = memory else {
                            return Err(Fault::Lied("an answer to no question"));
                        };
                        // An honest worker let it go before it answered.
                        let Ok(frozen) = memory.into_frozen(bytes) else {
                            done(Err(Loss::Lied("memory that it still holds")));
                            return Err(Fault::LiedBefore("memory that it still holds"));
                        };
                        done(Ok(File::from(frozen)));
                    }
                    Want::Frame(mut into, done) => {
                        let read = self.memory(slot).map(|m| m.read_at(&mut into, 0));
                        match read {
                            Some(Ok(())) => done(Ok(into.publish())),
                            Some(Err(e)) => done(Err(unavailable(e))),
                            None => done(Err(Loss::Cancelled)),
                        }
                        self.let_go_if_large(slot);
                    }
                    Want::Reply(done) => {
                        let mut reply = vec![0; length];
                        let read = self.memory(slot).map(|m| m.read_at(&mut reply, 0));
                        self.let_go_if_large(slot);
                        return match read {
                            Some(Ok(())) => done(Ok(reply))
                                .map_err(Fault::LiedBefore)
                                .map(|()| Taken::Finished),
                            Some(Err(e)) => done(Err(unavailable(e)))
                                .map_err(Fault::LiedBefore)
                                .map(|()| Taken::Finished),
                            None => Ok(Taken::Finished),
                        };
                    }
                }
            }
            Answer::Panicked { line } => return Err(Fault::Died(Some(line))),
        }
        Ok(Taken::Finished)
    }

    fn memory(&self, slot: usize) -> Option<&SharedMemory> {
        self.slots.get(slot).and_then(Option::as_ref)
    }

    fn let_go_if_large(&mut self, slot: usize) {
        if self.memory(slot).is_none_or(|memory| memory.len() <= LARGE) {
            return;
        }
        if let Some(place) = self.slots.get_mut(slot) {
            *place = None;
        }
        // If it cannot be sent, the worker is about to be ended anyway.
        let _ = self
            .child
            .channel()
            .send(&Ask::Release { slot: slot as u8 }, None);
    }

    /// Ends the worker and gives back what it was asked.
    pub fn end(self, fault: &Fault) -> Rest {
        let Self {
            child,
            mut waiting,
            last,
            ..
        } = self;
        let loss = match fault {
            Fault::TimedOut(limit) => {
                child.end();
                Loss::TimedOut { limit: *limit }
            }
            Fault::Lied(what) | Fault::LiedBefore(what) => {
                child.end();
                Loss::Lied(what)
            }
            Fault::Died(line) => Loss::Died {
                ending: child.end_by_itself(),
                line: *line,
            },
        };
        let oldest = match fault {
            Fault::LiedBefore(_) => None,
            _ => waiting.pop_front().map(|asked| asked.request),
        };
        let at = oldest.as_ref().map(|request| request.source.group());
        Rest {
            group: at.or(last.map(|(_, group)| group)),
            oldest,
            others: waiting.into_iter().map(|asked| asked.request).collect(),
            loss,
        }
    }

    /// Ends the worker; what it was asked is cancelled.
    pub fn dismiss(self) {
        self.child.end();
        for asked in self.waiting {
            asked.request.fail(Loss::Cancelled);
        }
    }
}

impl Answer {
    /// The job it answers; none for a panic.
    const fn job(&self) -> Option<u64> {
        match self {
            Self::Here { job, .. }
            | Self::InSlot { job, .. }
            | Self::NoRoom { job, .. }
            | Self::Refused { job, .. } => Some(*job),
            Self::Panicked { .. } => None,
        }
    }
}

fn reply_with(request: Request, reply: Vec<u8>) -> Result<Taken, Fault> {
    match request.want {
        Want::Reply(done) => done(Ok(reply))
            .map_err(Fault::LiedBefore)
            .map(|()| Taken::Finished),
        // `believe` let only replies through.
        Want::Frame(_, done) => {
            done(Err(Loss::Cancelled));
            Ok(Taken::Finished)
        }
        Want::Frozen(done) => {
            done(Err(Loss::Cancelled));
            Ok(Taken::Finished)
        }
    }
}

/// First job number of a worker: what it says before it was asked names no job.
fn unguessable() -> u64 {
    RandomState::new().hash_one(0)
}

/// What may be said of an input of `bytes`: the memory budget of one file (PAR-03).
const fn longest_reply(bytes: u64) -> u64 {
    bytes.saturating_mul(4).saturating_add(64 << 20)
}
