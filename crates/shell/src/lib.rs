//! The window: Tauri without a webview, input, egui painting, clipboard, accessibility.
//!
//! A [`View`] draws with egui; everything between it and the screen is here, and nothing of what it shows.
//!
//! ```text
//! GTK, AT-SPI, timers ─> inbox ─> shell (one turn of the event loop) ─> View::frame ─> egui shapes ─┐
//!                                                                          │                       v
//!                                       triptych_render <─ pictures <─ Canvas::draw          paint: GPU or CPU ─> screen
//! ```
//!
//! Frames come only from input, from an alarm that egui asked for, and from [`egui::Context::request_repaint`] on any
//! thread: an idle window draws nothing. The painter is chosen once: egui-wgpu where a GPU is, the [tile painter](tiles)
//! elsewhere.

mod access;
mod app_view;
mod clipboard;
mod cursor;
mod error;
mod faults;
mod inbox;
mod input;
mod native;
mod pace;
pub mod paint;
mod pictures;
mod rehearsal;
mod screenshot;
mod shell;
pub mod tiles;
mod view;
mod window;

use std::sync::{Arc, Mutex, PoisonError, mpsc};

use gtk::glib::{self, ControlFlow};
use tauri::EventLoopMessage;
pub use triptych_render::RendererChoice;
pub use triptych_ui::{App, Commands, Desk, Snapshots};

pub use app_view::{AppView, Guest};
pub use error::ShellError;
pub use native::prepare_process;
pub use rehearsal::{Act, FrameTimes, Rehearsal};
pub use screenshot::Screenshot;
pub use view::{Host, Opener, View, WindowOptions};

/// Interrupt, terminate and hang-up: numbers that POSIX fixes.
const SIGNALS: [i32; 3] = [2, 15, 1];

/// How the program's first window is shown.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which painter.
    pub renderer: RendererChoice,
    /// The window.
    pub window: WindowOptions,
    /// A picture to take, and then end.
    pub screenshot: Option<Screenshot>,
    /// Frames to time, and then end.
    pub rehearsal: Option<Rehearsal>,
}

/// Shows `view` in a window until the last window is closed, the process is told to end, or the screenshot is taken.
/// Main thread only; [`prepare_process`] comes first. `context` is `tauri::generate_context!()` of the executable.
///
/// # Errors
/// There is no display, the window cannot be opened or painted, or the screenshot could not be taken.
pub fn run(
    context: tauri::Context,
    options: Options,
    view: Box<dyn View>,
) -> Result<(), ShellError> {
    // tao panics where there is no display.
    gtk::init().map_err(|_| ShellError::NoDisplay)?;
    let mut app = tauri::Builder::<tauri::Wry>::new().build(context)?;
    let (sender, incoming) = mpsc::channel();
    let opener = Opener {
        app: app.handle().clone(),
        sender,
    };
    let outcome = Outcome::default();
    app.wry_plugin(shell::ShellBuilder {
        app: app.handle().clone(),
        renderer: options.renderer,
        screenshot: options.screenshot,
        rehearsal: options.rehearsal,
        incoming,
        opener: opener.clone(),
        outcome: outcome.clone(),
    });
    opener.open(options.window, view)?;
    for signal in SIGNALS {
        let app = app.handle().clone();
        glib::unix_signal_add_local(signal, move || {
            tracing::info!(signal, "told to end");
            app.exit(0);
            ControlFlow::Continue
        });
    }
    app.run_return(|_, _| {});
    outcome.take()
}

/// How the program ended: the first failure, if there was one.
#[derive(Clone, Default)]
struct Outcome(Arc<Mutex<Option<ShellError>>>);

impl Outcome {
    fn fail(&self, error: ShellError) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(error);
    }

    fn take(&self) -> Result<(), ShellError> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// The runtime's messages, as this program uses them.
type LoopMessage = tauri_runtime_wry::Message<EventLoopMessage>;
