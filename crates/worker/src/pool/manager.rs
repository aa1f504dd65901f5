//! The pool's one thread: takes requests, asks workers, checks answers, replaces workers.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    num::NonZero,
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    io::{read, write},
};
use triptych_sandbox::{Level, Program, SpawnError};

use super::{
    Group, Loss, Priority,
    crew::{Fault, Hand, Taken},
    request::Request,
};

/// Lost workers that one group may cost within [`MINUTE`].
const RESTARTS: usize = 5;
const MINUTE: Duration = Duration::from_secs(60);
/// After a worker did not start: not to be tried again for this long.
const PAUSE: Duration = Duration::from_secs(1);

/// Whose fault it is when a worker falls over that was asked nothing.
const NOBODY: Group = Group(0);

/// To the pool's thread.
pub(super) enum Message {
    Ask(Request),
    Raise {
        number: u64,
        priority: Priority,
    },
    Cancel {
        number: u64,
    },
    Renew,
    /// Answered when as many workers as wanted have locked themselves in, or cannot be had.
    Ready(mpsc::SyncSender<()>),
    Stop,
}

/// The way to the pool's thread; sending never blocks. Whoever submits bounds what waits: each request keeps its file open.
pub(super) struct Post {
    sender: mpsc::Sender<Message>,
    wake: OwnedFd,
    /// The thread was woken and has not looked since.
    woken: Arc<AtomicBool>,
}

/// The thread's end of what wakes it.
pub(super) struct Wake {
    end: OwnedFd,
    woken: Arc<AtomicBool>,
}

pub(super) struct Manager {
    program: Program,
    wanted: usize,
    base: Duration,
    inbox: mpsc::Receiver<Message>,
    wake: Wake,
    hands: Vec<Hand>,
    queue: BTreeMap<(Priority, u64), Request>,
    /// When each group lost a worker.
    lost: BTreeMap<Group, VecDeque<Instant>>,
    not_before: Option<Instant>,
    /// Who waits until all workers are there.
    waiting: Vec<mpsc::SyncSender<()>>,
}

impl Post {
    pub fn new(sender: mpsc::Sender<Message>) -> std::io::Result<Self> {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self {
            sender,
            wake,
            woken: Arc::default(),
        })
    }

    pub fn wake_end(&self) -> std::io::Result<Wake> {
        Ok(Wake {
            end: self.wake.try_clone()?,
            woken: Arc::clone(&self.woken),
        })
    }

    /// A message to a pool that ended is dropped, and its ticket with it.
    pub fn send(&self, message: Message) {
        // One call into the system for many messages in a row.
        if self.sender.send(message).is_ok() && !self.woken.swap(true, Ordering::AcqRel) {
            // Full only when the thread is awake anyway.
            let _ = write(&self.wake, &1u64.to_ne_bytes());
        }
    }
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Post")
    }
}

impl Manager {
    pub fn new(
        program: Program,
        wanted: NonZero<usize>,
        base: Duration,
        inbox: mpsc::Receiver<Message>,
        wake: Wake,
    ) -> Self {
        Self {
            program,
            wanted: wanted.get(),
            base,
            inbox,
            wake,
            hands: Vec::new(),
            queue: BTreeMap::new(),
            lost: BTreeMap::new(),
            not_before: None,
            waiting: Vec::new(),
        }
    }

    /// Starts the first worker, reports it, then serves until [`Message::Stop`] or until nobody can send. Returns the sum of the workers'
    /// peak memory, MB of 1024 KiB.
    pub fn run(mut self, started: &mpsc::SyncSender<Result<Level, SpawnError>>) -> f64 {
        match Hand::start(&self.program) {
            Ok(hand) => {
                let level = hand.child().level().clone();
                self.hands.push(hand);
                if started.send(Ok(level)).is_err() {
                    return 0.0;
                }
            }
            Err(e) => {
                // Whoever asked for the pool is gone: nobody to tell.
                let _ = started.send(Err(e));
                return 0.0;
            }
        }
        while self.take_messages() {
            self.hire();
            for waiting in self.waiting.drain(..) {
                // Whoever asked may have gone.
                let _ = waiting.send(());
            }
            self.feed();
            self.watch();
        }
        let peaks = self.hands.iter().map(|hand| hand.child().peak_rss_mb());
        let peaks = peaks.sum();
        for hand in self.hands {
            hand.dismiss();
        }
        for request in self.queue.into_values() {
            request.fail(Loss::Cancelled);
        }
        peaks
    }

    /// All messages that are there; false when it is time to stop.
    fn take_messages(&mut self) -> bool {
        loop {
            match self.inbox.try_recv() {
                Ok(Message::Ask(request)) => {
                    self.queue
                        .insert((request.priority, request.number), request);
                }
                Ok(Message::Raise { number, priority }) => {
                    if let Some(mut request) = self.withdraw(number) {
                        request.priority = priority;
                        self.queue.insert((priority, number), request);
                    }
                }
                // One that a worker is at goes on to its end: killing costs more than a frame, and its answer is dropped.
                Ok(Message::Cancel { number }) => {
                    if let Some(request) = self.withdraw(number) {
                        request.fail(Loss::Cancelled);
                    }
                }
                Ok(Message::Renew) => {
                    for hand in self.hands.drain(..) {
                        hand.dismiss();
                    }
                    for request in std::mem::take(&mut self.queue).into_values() {
                        request.fail(Loss::Cancelled);
                    }
                    self.lost.clear();
                }
                Ok(Message::Ready(waiting)) => self.waiting.push(waiting),
                Ok(Message::Stop) | Err(mpsc::TryRecvError::Disconnected) => return false,
                Err(mpsc::TryRecvError::Empty) => return true,
            }
        }
    }

    /// Takes a request out of the queue.
    fn withdraw(&mut self, number: u64) -> Option<Request> {
        [Priority::Visible, Priority::Near, Priority::Background]
            .into_iter()
            .find_map(|priority| self.queue.remove(&(priority, number)))
    }

    /// Workers up to the wanted number; all at once, so that they are warm when the first job comes.
    fn hire(&mut self) {
        if self.not_before.is_some_and(|t| Instant::now() < t) {
            return;
        }
        self.not_before = None;
        if self.is_refused(NOBODY) {
            self.give_up("decoders end by themselves");
            return;
        }
        while self.hands.len() < self.wanted {
            match Hand::start(&self.program) {
                Ok(hand) => self.hands.push(hand),
                Err(e) => {
                    tracing::error!(error = %e, "no worker");
                    self.not_before = Some(Instant::now() + PAUSE);
                    break;
                }
            }
        }
        self.give_up("no decoder can be started");
    }

    /// With no worker left, nothing waits for one.
    fn give_up(&mut self, why: &str) {
        if self.hands.is_empty() {
            for request in std::mem::take(&mut self.queue).into_values() {
                request.fail(Loss::Unavailable(why.into()));
            }
        }
    }

    /// Gives the next jobs to the workers with the fewest.
    fn feed(&mut self) {
        while let Some((key, request)) = self.queue.pop_first() {
            if self.is_refused(request.source.group()) {
                request.fail(Loss::GroupRefused(RESTARTS));
                continue;
            }
            let able = self.hands.iter_mut().filter(|h| h.has_room_for(&request));
            let Some(hand) = able.min_by_key(|hand| hand.asked()) else {
                self.queue.insert(key, request);
                return;
            };
            match hand.ask(request) {
                Ok(()) => {}
                Err((request, Some(loss))) => request.fail(loss),
                Err((request, None)) => {
                    // Slow or dead; the poll says which.
                    self.queue.insert(key, request);
                    return;
                }
            }
        }
    }

    fn is_refused(&mut self, group: Group) -> bool {
        let Some(times) = self.lost.get_mut(&group) else {
            return false;
        };
        times.retain(|t| t.elapsed() < MINUTE);
        times.len() >= RESTARTS
    }

    /// Sleeps until a worker speaks, a message comes or a limit is over; then takes answers and replaces workers.
    fn watch(&mut self) {
        let deadlines = self
            .hands
            .iter()
            .filter_map(|hand| hand.deadline(self.base));
        let next = deadlines.chain(self.not_before).min();
        let timeout = next.map(|t| {
            let left = t.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
            Timespec {
                tv_sec: left.as_secs().cast_signed(),
                tv_nsec: left.subsec_nanos().into(),
            }
        });
        let mut watched: Vec<_> = self
            .hands
            .iter()
            .map(|hand| PollFd::from_borrowed_fd(hand.socket(), PollFlags::IN))
            .collect();
        watched.push(PollFd::new(&self.wake.end, PollFlags::IN));
        // An interrupted call is one more round.
        let _ = poll(&mut watched, timeout.as_ref());
        let spoke: Vec<bool> = watched.iter().map(|w| !w.revents().is_empty()).collect();
        drop(watched);
        if spoke.last() == Some(&true) {
            let _ = read(&self.wake.end, &mut [0u8; 8]);
            // Before the inbox is looked at: whoever sends from now on wakes again.
            self.wake.woken.store(false, Ordering::Release);
        }
        for index in (0..self.hands.len()).rev() {
            let fault = if spoke.get(index) == Some(&true) {
                self.listen(index).err()
            } else {
                None
            };
            if let Some(fault) = fault.or_else(|| self.overdue(index)) {
                self.replace(index, &fault);
            }
        }
    }

    /// Takes the answers that are there.
    fn listen(&mut self, index: usize) -> Result<(), Fault> {
        let Some(hand) = self.hands.get_mut(index) else {
            return Ok(());
        };
        while let Some(taken) = hand.take()? {
            if let Taken::Again(request) = taken {
                self.queue
                    .insert((request.priority, request.number), request);
            }
        }
        Ok(())
    }

    fn overdue(&self, index: usize) -> Option<Fault> {
        let hand = self.hands.get(index)?;
        let deadline = hand.deadline(self.base)?;
        let limit = hand.limit(self.base)?;
        (Instant::now() > deadline).then_some(Fault::TimedOut(limit))
    }

    /// Ends a worker; the job it was at is lost, the others are asked again. The next round starts another one.
    fn replace(&mut self, index: usize, fault: &Fault) {
        let rest = self.hands.swap_remove(index).end(fault);
        tracing::warn!(role = %self.program.role, reason = %rest.loss, "worker replaced");
        for request in rest.others {
            self.queue
                .insert((request.priority, request.number), request);
        }
        let times = self.lost.entry(rest.group.unwrap_or(NOBODY)).or_default();
        times.retain(|t| t.elapsed() < MINUTE);
        times.push_back(Instant::now());
        if let Some(request) = rest.oldest {
            request.fail(rest.loss);
        }
    }
}
