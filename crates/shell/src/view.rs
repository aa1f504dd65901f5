//! What a window shows, and what it may ask of the window.

use std::sync::mpsc;

use gtk::glib::thread_guard::ThreadGuard;
use tauri::{AppHandle, Window};
use triptych_ui::Canvas;

/// What one window shows. Lives on the main thread.
pub trait View {
    /// The window is there; called once, before the first frame. `host` can be kept, its context from any thread asks for
    /// frames.
    fn start(&mut self, host: &Host);

    /// Draws one egui pass. Pictures come from `canvas`.
    fn frame(&mut self, ui: &mut egui::Ui, canvas: &mut dyn Canvas);

    /// Nothing is being loaded or computed that will change the screen by itself.
    fn is_settled(&self) -> bool;

    /// Some of what can be scrolled to is still being loaded.
    fn is_loading(&self) -> bool {
        false
    }

    /// The window is about to go, however that came: save what should be there next time. Called once.
    fn close(&mut self);
}

/// A window to be opened.
#[derive(Clone, Debug)]
pub struct WindowOptions {
    /// Unique among the windows: letters, digits and `-`.
    pub label: String,
    /// Title bar, task bar and the name for a screen reader.
    pub title: String,
    /// Width and height of the content in logical pixels.
    pub size: [f64; 2],
    /// The least of it.
    pub least: [f64; 2],
    /// What is below everything; opaque.
    pub background: egui::Color32,
}

/// What a view may ask of its window.
#[derive(Clone)]
pub struct Host {
    /// The window's egui. Asking it for a repaint wakes the window, from any thread.
    pub ctx: egui::Context,
    /// Opens further windows.
    pub opener: Opener,
}

/// A window with its view, not yet dressed.
pub(crate) struct Opened {
    pub window: Window,
    pub view: ThreadGuard<Box<dyn View>>,
    pub background: egui::Color32,
}

/// Opens windows. Each has its own egui and its own surface; all share one device.
#[derive(Clone)]
pub struct Opener {
    pub(crate) app: AppHandle,
    pub(crate) sender: mpsc::Sender<Opened>,
}

impl Opener {
    /// Opens a window that shows `view`. Main thread only; it is drawn in the next turn of the event loop, so a view may
    /// call this while it is drawn itself.
    ///
    /// # Errors
    /// The label is taken, or the window system refuses.
    pub fn open(&self, options: WindowOptions, view: Box<dyn View>) -> tauri::Result<()> {
        let window = tauri::window::WindowBuilder::new(&self.app, &options.label)
            .title(&options.title)
            .inner_size(options.size[0], options.size[1])
            .min_inner_size(options.least[0], options.least[1])
            .build()?;
        // The receiver lives as long as the event loop, and this thread is the loop's.
        let _ = self.sender.send(Opened {
            window,
            view: ThreadGuard::new(view),
            background: options.background,
        });
        Ok(())
    }
}
