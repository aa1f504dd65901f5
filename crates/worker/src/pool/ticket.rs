//! The other end of a job: wait for it, await it, raise it, drop it.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};

use super::{
    Loss, Priority,
    manager::{Message, Post},
};

/// A result to come. A `Future` for tokio, [`Ticket::wait`] for a blocking thread. Dropped before its result, the job is cancelled.
pub struct Ticket<T> {
    shared: Arc<Shared<T>>,
    post: Arc<Post>,
    number: u64,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

enum State<T> {
    Waiting(Option<Waker>),
    Done(Result<T, Loss>),
    Taken,
}

/// Dropped unkept (the pool ended), it is kept as cancelled, so that nobody waits for ever.
struct Promise<T>(Arc<Shared<T>>);

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        self.0.finish(Err(Loss::Cancelled));
    }
}

impl<T: Send + 'static> Ticket<T> {
    /// A ticket and the one call that fulfils it.
    pub(super) fn new(post: Arc<Post>) -> (Self, impl FnOnce(Result<T, Loss>) + Send + 'static) {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let shared = Arc::new(Shared {
            state: Mutex::new(State::Waiting(None)),
            changed: Condvar::new(),
        });
        let ticket = Self {
            shared: Arc::clone(&shared),
            post,
            number: NEXT.fetch_add(1, Ordering::Relaxed),
        };
        let promise = Promise(shared);
        (ticket, move |result| promise.0.finish(result))
    }
}

impl<T> Ticket<T> {
    /// Order of coming.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// Waits for the result. Never on the window's thread.
    ///
    /// # Errors
    /// [`Loss`]
    pub fn wait(self) -> Result<T, Loss> {
        let mut state = self.shared.lock();
        loop {
            match std::mem::replace(&mut *state, State::Taken) {
                State::Done(result) => return result,
                State::Taken => return Err(Loss::Cancelled),
                waiting @ State::Waiting(_) => *state = waiting,
            }
            state = self
                .shared
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether a result is there.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !matches!(*self.shared.lock(), State::Waiting(_))
    }

    /// Moves a job that still waits to another place in the queue.
    pub fn raise(&self, priority: Priority) {
        self.post.send(Message::Raise {
            number: self.number,
            priority,
        });
    }
}

impl<T> Future for Ticket<T> {
    type Output = Result<T, Loss>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.shared.lock();
        match std::mem::replace(&mut *state, State::Taken) {
            State::Done(result) => Poll::Ready(result),
            State::Taken => Poll::Ready(Err(Loss::Cancelled)),
            State::Waiting(_) => {
                *state = State::Waiting(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Ticket<T> {
    fn drop(&mut self) {
        if !self.is_done() {
            self.post.send(Message::Cancel {
                number: self.number,
            });
        }
    }
}

impl<T> fmt::Debug for Ticket<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ticket({})", self.number)
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first result counts.
    fn finish(&self, result: Result<T, Loss>) {
        let mut state = self.lock();
        let State::Waiting(waker) = &mut *state else {
            return;
        };
        let waker = waker.take();
        *state = State::Done(result);
        drop(state);
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
