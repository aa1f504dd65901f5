//! The program's own window: `triptych_ui::App` as a [`View`].

use triptych_ui::{App, Canvas};

use crate::view::{Host, View, WindowOptions};

/// The least content: below this the design does not hold (look.md, Frame).
const LEAST: [f64; 2] = [1024.0, 640.0];

/// The root of the main window, with what happens when it comes and goes.
pub struct AppView {
    app: App,
    guest: Box<dyn Guest>,
    waiting: bool,
}

/// What the executable does with its window.
pub trait Guest {
    /// The window is there; `host` can be woken from any thread by whoever makes new snapshots.
    fn start(&mut self, host: &Host);

    /// Before each frame. True while something that was asked for at the start is still to be done: the window is not
    /// settled before.
    fn before_frame(&mut self, app: &mut App) -> bool;

    /// The window goes; `layout` is as [`App::save_layout`] gives it.
    fn close(&mut self, layout: String);
}

impl AppView {
    /// Shows `app`.
    pub fn new(app: App, guest: impl Guest + 'static) -> Self {
        Self {
            app,
            guest: Box::new(guest),
            waiting: true,
        }
    }

    /// The main window, `size` logical pixels wide and high.
    #[must_use]
    pub fn window(size: [f64; 2]) -> WindowOptions {
        WindowOptions {
            label: "main".to_owned(),
            title: "Triptych".to_owned(),
            size,
            least: [0, 1].map(|i: usize| LEAST[i].min(size[i])),
            background: triptych_ui::look::tokens::WINDOW,
        }
    }
}

impl View for AppView {
    fn start(&mut self, host: &Host) {
        self.guest.start(host);
    }

    fn frame(&mut self, ui: &mut egui::Ui, canvas: &mut dyn Canvas) {
        self.waiting = self.guest.before_frame(&mut self.app);
        self.app.frame(ui, canvas);
    }

    fn is_settled(&self) -> bool {
        !self.waiting && self.app.settled()
    }

    fn close(&mut self) {
        self.guest.close(self.app.save_layout());
    }
}
