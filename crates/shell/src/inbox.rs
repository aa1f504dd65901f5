//! The mailbox of one window: any thread puts events, files or a wish for a frame in, the main thread takes them out.
//!
//! ```text
//! GTK signal ──┐
//! AccessKit ───┼─> Inbox (event, wish) ─> Waker ─> one empty message ─> event loop ─> a frame
//! alarm, task ─┘
//! ```
//!
//! However many events come before the next turn of the event loop, the [`Waker`] sends one message and one frame is
//! drawn. A window that nobody writes to sleeps.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tauri::async_runtime::JoinHandle;

/// Wakes the sleeping event loop.
#[derive(Clone)]
pub struct Waker {
    send: Arc<dyn Fn() + Send + Sync>,
    pending: Arc<AtomicBool>,
    closed: Arc<AtomicBool>,
}

impl Waker {
    /// `send` reaches the event loop from any thread.
    pub fn new(send: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            send: Arc::new(send),
            pending: Arc::default(),
            closed: Arc::default(),
        }
    }

    /// The event loop ends: nobody wakes it any more. An alarm that rang while the program exits would reach for what is gone.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Asks for a turn of the event loop.
    pub fn wake(&self) {
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        if !self.pending.swap(true, Ordering::AcqRel) {
            (self.send)();
        }
    }

    /// A turn begins. Call before looking into the mailboxes: a wish that comes later asks for the next turn.
    pub fn rearm(&self) {
        self.pending.store(false, Ordering::Release);
    }
}

/// What came in since the last frame.
#[derive(Default)]
pub struct Mail {
    /// In the order of their coming.
    pub events: Vec<egui::Event>,
    /// Files let go over the window.
    pub dropped: Vec<PathBuf>,
    /// Files are being dragged over the window.
    pub hovering: bool,
}

/// A handle to one window's mailbox.
#[derive(Clone)]
pub struct Inbox(Arc<Inner>);

struct Inner {
    waker: Waker,
    wish: AtomicBool,
    exposed: AtomicBool,
    hidden: AtomicBool,
    mail: Mutex<Mail>,
    alarm: Mutex<Option<Alarm>>,
}

struct Alarm {
    at: Instant,
    task: JoinHandle<()>,
}

impl Inbox {
    /// A mailbox with a wish for the first frame in it.
    pub fn new(waker: Waker) -> Self {
        Self(Arc::new(Inner {
            waker,
            wish: AtomicBool::new(true),
            exposed: AtomicBool::new(true),
            hidden: AtomicBool::new(false),
            mail: Mutex::default(),
            alarm: Mutex::default(),
        }))
    }

    /// Adds an event. Never logged: it may hold typed text.
    pub fn push(&self, event: egui::Event) {
        lock(&self.0.mail).events.push(event);
        self.repaint();
    }

    /// Files were let go over the window.
    pub fn drop_files(&self, paths: Vec<PathBuf>) {
        lock(&self.0.mail).dropped.extend(paths);
        self.repaint();
    }

    /// Files hover over the window, or no longer.
    pub fn hover_files(&self, hovering: bool) {
        let before = std::mem::replace(&mut lock(&self.0.mail).hovering, hovering);
        if before != hovering {
            self.repaint();
        }
    }

    /// Asks for a frame.
    pub fn repaint(&self) {
        self.0.wish.store(true, Ordering::Release);
        self.0.waker.wake();
    }

    /// Asks for a frame after `delay`. The earliest alarm holds until a frame is drawn; egui then asks again for what it
    /// still needs.
    pub fn repaint_after(&self, delay: Duration) {
        let Some(at) = Instant::now().checked_add(delay) else {
            return;
        };
        let mut alarm = lock(&self.0.alarm);
        if alarm.as_ref().is_some_and(|set| set.at <= at) {
            return;
        }
        let inbox = self.clone();
        let task = tauri::async_runtime::spawn(async move {
            tokio::time::sleep(delay).await;
            lock(&inbox.0.alarm).take();
            inbox.repaint();
        });
        if let Some(later) = alarm.replace(Alarm { at, task }) {
            later.task.abort();
        }
    }

    /// The X server lost the window's pixels: all have to be sent again.
    pub fn expose(&self) {
        self.0.exposed.store(true, Ordering::Release);
        self.repaint();
    }

    /// The window is minimised, or no longer.
    pub fn hide(&self, hidden: bool) {
        if self.0.hidden.swap(hidden, Ordering::AcqRel) && !hidden {
            self.expose();
        }
    }

    /// A frame is wanted and can be seen.
    pub fn wants_frame(&self) -> bool {
        self.0.wish.load(Ordering::Acquire) && !self.is_hidden()
    }

    /// The window is minimised.
    pub fn is_hidden(&self) -> bool {
        self.0.hidden.load(Ordering::Acquire)
    }

    /// A frame begins: wish and alarm are fulfilled by it.
    pub fn begin_frame(&self) {
        self.0.wish.store(false, Ordering::Release);
        if let Some(alarm) = lock(&self.0.alarm).take() {
            alarm.task.abort();
        }
    }

    /// Takes the events and files, for a frame. Files go on hovering.
    pub fn take_mail(&self) -> Mail {
        let mut mail = lock(&self.0.mail);
        let hovering = mail.hovering;
        std::mem::replace(
            &mut mail,
            Mail {
                hovering,
                ..Mail::default()
            },
        )
    }

    /// Whether everything has to be sent again; asked once a frame.
    pub fn take_exposed(&self) -> bool {
        self.0.exposed.swap(false, Ordering::AcqRel)
    }
}

/// A thread that panicked while it held the lock left a list of events, which is whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::mpsc;

    use super::*;

    fn inbox() -> (Inbox, Waker, mpsc::Receiver<()>) {
        let (sender, woken) = mpsc::channel();
        let waker = Waker::new(move || {
            let _ = sender.send(());
        });
        (Inbox::new(waker.clone()), waker, woken)
    }

    #[test]
    fn many_events_wake_once_until_the_next_turn() {
        let (inbox, waker, woken) = inbox();
        for _ in 0..100 {
            inbox.push(egui::Event::PointerGone);
        }
        assert_eq!(woken.try_iter().count(), 1);
        waker.rearm();
        assert_eq!(inbox.take_mail().events.len(), 100);
        inbox.repaint();
        assert_eq!(woken.try_iter().count(), 1);
    }

    #[test]
    fn the_earliest_alarm_rings() {
        let (inbox, _, woken) = inbox();
        inbox.begin_frame();
        inbox.repaint_after(Duration::from_secs(3600));
        inbox.repaint_after(Duration::from_millis(5));
        inbox.repaint_after(Duration::from_secs(3600));
        woken.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(inbox.wants_frame());
    }

    #[test]
    fn a_frame_silences_the_alarm() {
        let (inbox, _, woken) = inbox();
        inbox.repaint_after(Duration::from_millis(30));
        inbox.begin_frame();
        assert!(woken.recv_timeout(Duration::from_millis(120)).is_err());
        assert!(!inbox.wants_frame());
    }

    /// GPU-02: nothing is drawn while minimised, and all of it afterwards.
    #[test]
    fn gpu_02_a_minimised_window_draws_nothing_and_then_everything() {
        let (inbox, _, _woken) = inbox();
        assert!(inbox.take_exposed() && !inbox.take_exposed());
        inbox.hide(true);
        inbox.repaint();
        assert!(!inbox.wants_frame());
        inbox.hide(false);
        assert!(inbox.wants_frame() && inbox.take_exposed());
    }

    #[test]
    fn files_hover_until_they_leave_and_drop_once() {
        let (inbox, _, _woken) = inbox();
        inbox.hover_files(true);
        assert!(inbox.take_mail().hovering);
        inbox.drop_files(vec!["one".into()]);
        inbox.hover_files(false);
        let mail = inbox.take_mail();
        assert_eq!((mail.dropped.len(), mail.hovering), (1, false));
        assert!(inbox.take_mail().dropped.is_empty());
    }
}
