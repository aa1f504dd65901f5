//! The event flow: a wry plugin that owns the painter and all windows, and draws what is wanted.
//!
//! ```text
//! messages of all windows ─> MainEventsCleared ─> turn: new windows, lost device, windows that want a frame
//! ```
//!
//! Everything here runs on the main thread; other threads reach a window through its [`crate::inbox::Inbox`].

use std::sync::mpsc;
use std::time::{Duration, Instant};

use gtk::glib::thread_guard::ThreadGuard;
use tauri::{AppHandle, EventLoopMessage, Window};
use tauri_runtime_wry::tao::event::{Event, WindowEvent};
use tauri_runtime_wry::tao::event_loop::{ControlFlow, EventLoopProxy, EventLoopWindowTarget};
use tauri_runtime_wry::{
    Context, EventLoopIterationContext, Message, Plugin, PluginBuilder, WebContextStore,
};
use triptych_render::RendererChoice;

use crate::clipboard::Clipboard;
use crate::inbox::Waker;
use crate::paint::{Backend, Capture, PaintError, Screen};
use crate::rehearsal::{Rehearsal, Rehearsing};
use crate::screenshot::{Screenshot, Waiting};
use crate::view::{Opened, Opener};
use crate::window::{Keep, ShellWindow};
use crate::{LoopMessage, Outcome};

/// So many lost devices within [`LOSS_WINDOW`] are a broken driver: the processor takes over.
const LOSSES: usize = 3;
const LOSS_WINDOW: Duration = Duration::from_secs(30);

/// What the shell needs, before the event loop runs.
pub struct ShellBuilder {
    /// To end the program.
    pub app: AppHandle,
    /// Which painter.
    pub renderer: RendererChoice,
    /// A picture to take and then end.
    pub screenshot: Option<Screenshot>,
    /// Frames to time and then end.
    pub rehearsal: Option<Rehearsal>,
    /// Windows to be dressed.
    pub incoming: mpsc::Receiver<Opened>,
    /// Gives windows to `incoming`.
    pub opener: Opener,
    /// Where a failure goes.
    pub outcome: Outcome,
}

impl PluginBuilder<EventLoopMessage> for ShellBuilder {
    type Plugin = Shell;

    fn build(self, context: Context<EventLoopMessage>) -> Shell {
        let proxy = context.proxy;
        // The message is empty: tao runs `MainEventsCleared` after it, and that draws.
        let waker = Waker::new(move || {
            let _ = proxy.send_event(Message::Task(Box::new(|| {})));
        });
        Shell {
            state: ThreadGuard::new(State {
                builder: self,
                waker,
                clipboard: Clipboard::default(),
                windows: Vec::new(),
                backend: None,
                losses: Vec::new(),
                waiting: None,
                rehearsing: None,
                ended: false,
            }),
        }
    }
}

/// The plugin. It must be `Send`, what it holds must not leave the main thread.
pub struct Shell {
    state: ThreadGuard<State>,
}

impl Plugin<EventLoopMessage> for Shell {
    fn on_event(
        &mut self,
        event: &Event<LoopMessage>,
        _: &EventLoopWindowTarget<LoopMessage>,
        _: &EventLoopProxy<LoopMessage>,
        _: &mut ControlFlow,
        context: EventLoopIterationContext<'_, EventLoopMessage>,
        _: &WebContextStore,
    ) -> bool {
        let state = self.state.get_mut();
        match event {
            Event::WindowEvent {
                window_id, event, ..
            } => {
                let label = context.window_id_map.get(window_id).and_then(|id| {
                    let windows = context.windows.0.borrow();
                    windows.get(&id).map(|window| window.label().to_owned())
                });
                if let Some(label) = label {
                    state.window_event(&label, event);
                }
            }
            Event::MainEventsCleared => {
                if let Err(error) = state.turn() {
                    state.give_up(error);
                }
            }
            // The process ends by `exit`, which drops nothing.
            Event::LoopDestroyed => state.end(),
            _ => {}
        }
        false
    }
}

struct State {
    builder: ShellBuilder,
    waker: Waker,
    clipboard: Clipboard,
    // Windows hold surfaces of the device: dropped before it.
    windows: Vec<ShellWindow>,
    backend: Option<Backend>,
    losses: Vec<Instant>,
    waiting: Option<Waiting>,
    rehearsing: Option<Rehearsing>,
    ended: bool,
}

impl State {
    fn window_event(&mut self, label: &str, event: &WindowEvent) {
        let Some(index) = self
            .windows
            .iter()
            .position(|window| window.label() == label)
        else {
            return;
        };
        match event {
            WindowEvent::Destroyed => {
                let mut window = self.windows.remove(index);
                window.close();
                drop(window);
                if self.windows.is_empty() {
                    self.builder.app.exit(0);
                }
            }
            WindowEvent::Resized(_) => self.windows[index].resized(),
            WindowEvent::Focused(focused) => self.windows[index].focus(*focused),
            _ => {}
        }
    }

    /// One turn of the event loop: all pending events are in.
    fn turn(&mut self) -> Result<(), PaintError> {
        if self.ended {
            return Ok(());
        }
        self.waker.rearm();
        while let Ok(opened) = self.builder.incoming.try_recv() {
            self.dress(opened)?;
        }
        if self.backend.as_ref().is_some_and(Backend::is_lost) {
            self.rebuild()?;
        }
        let keep = self.waiting.as_ref().map_or(Keep::No, Waiting::keep);
        let Some(backend) = &mut self.backend else {
            return Ok(());
        };
        let mut taken = None;
        for (index, window) in self.windows.iter_mut().enumerate() {
            // A screenshot is of the first window.
            let keep = if index == 0 { keep } else { Keep::No };
            let drawn = window.draw_if_wanted(backend, keep)?;
            taken = taken.or(drawn.capture);
        }
        self.screenshot(taken);
        self.rehearse()
    }

    /// Times what was asked for as soon as it can be, then ends.
    fn rehearse(&mut self) -> Result<(), PaintError> {
        let (Some(rehearsing), Some(window), Some(backend)) = (
            &mut self.rehearsing,
            self.windows.first_mut(),
            &mut self.backend,
        ) else {
            return Ok(());
        };
        match rehearsing.step(window, backend)? {
            None => window.repaint_after(Rehearsing::LOOK_AGAIN),
            Some(ended) => {
                self.rehearsing = None;
                if let Err(error) = ended {
                    self.builder.outcome.fail(error);
                }
                self.builder.app.exit(0);
            }
        }
        Ok(())
    }

    fn dress(&mut self, opened: Opened) -> Result<(), PaintError> {
        let screen = match &self.backend {
            Some(backend) => backend.screen(&opened.window)?,
            // The first window chooses the painter, the others share it.
            None => self.open(self.builder.renderer, &opened.window)?,
        };
        let window = ShellWindow::new(
            opened,
            screen,
            &self.builder.opener,
            &self.waker,
            &self.clipboard,
        )?;
        if self.windows.is_empty() {
            self.waiting = self.builder.screenshot.take().map(Waiting::new);
            self.rehearsing = self.builder.rehearsal.take().map(Rehearsing::new);
        }
        self.windows.push(window);
        Ok(())
    }

    fn open(&mut self, choice: RendererChoice, window: &Window) -> Result<Screen, PaintError> {
        let waker = self.waker.clone();
        let (backend, screen) = Backend::open(choice, window, move || waker.wake())?;
        self.backend = Some(backend);
        Ok(screen)
    }

    /// GPU-01: another device, surfaces and textures; egui and the views keep their state. A device that will not come back,
    /// or is lost again and again, makes room for the processor.
    fn rebuild(&mut self) -> Result<(), PaintError> {
        let begun = Instant::now();
        self.losses.retain(|loss| begun - *loss < LOSS_WINDOW);
        self.losses.push(begun);
        let textures: Vec<_> = self
            .windows
            .iter_mut()
            .map(ShellWindow::surrender)
            .collect();
        self.backend = None;
        let Some(first) = self.windows.first().map(|window| window.native().clone()) else {
            return Ok(());
        };
        let mut screen = if self.losses.len() < LOSSES {
            self.open(RendererChoice::Gpu, &first)
                .inspect_err(|error| tracing::error!(%error, "the device does not come back"))
                .ok()
        } else {
            None
        };
        if screen.is_none() {
            screen = Some(self.open(RendererChoice::Cpu, &first)?);
        }
        let Some(backend) = &self.backend else {
            return Ok(());
        };
        for (window, textures) in self.windows.iter_mut().zip(textures) {
            window.adopt(backend, screen.take(), textures)?;
        }
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        tracing::warn!(
            ms,
            painter = backend.name(),
            "graphics device lost and rebuilt"
        );
        Ok(())
    }

    /// Saves what was asked for and ends, or looks again soon.
    fn screenshot(&mut self, taken: Option<Capture>) {
        let Some(waiting) = &self.waiting else { return };
        match waiting.finish(taken) {
            None => {
                // Nothing may ask for a frame when the view settles.
                if let Some(window) = self.windows.first() {
                    window.repaint_after(Waiting::LOOK_AGAIN);
                }
            }
            Some(ended) => {
                self.waiting = None;
                if let Err(error) = ended {
                    self.builder.outcome.fail(error);
                }
                self.builder.app.exit(0);
            }
        }
    }

    fn give_up(&mut self, error: PaintError) {
        tracing::error!(%error, "the window cannot be drawn");
        self.builder.outcome.fail(error.into());
        self.end();
        self.builder.app.exit(0);
    }

    /// However it came: the views save, then surfaces go before their device.
    fn end(&mut self) {
        self.ended = true;
        for window in &mut self.windows {
            window.close();
        }
        self.windows.clear();
        self.backend = None;
        self.waker.close();
    }
}
