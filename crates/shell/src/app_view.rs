//! The program's own windows: `triptych_ui::App` as a [`View`].

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use triptych_ui::{App, Canvas};

use crate::view::{Host, View, WindowOptions};

/// The least content: below this the design does not hold (look.md, Frame).
const LEAST: [f64; 2] = [1024.0, 640.0];

/// Content of further windows: an images leaf with the identity bar.
const FURTHER: [f64; 2] = [1200.0, 900.0];
const FURTHER_LEAST: [f64; 2] = [480.0, 400.0];

/// The root of a window, with what happens when it comes and goes.
pub struct AppView {
    app: App,
    guest: Rc<RefCell<dyn Guest>>,
    host: Option<Host>,
    /// Further windows opened so far, for their names.
    opened: Rc<Cell<u32>>,
    is_main: bool,
    waiting: bool,
}

/// What the executable does with its window.
pub trait Guest {
    /// A window is there; `host` can be woken from any thread by whoever makes new snapshots. Called for each window.
    fn start(&mut self, host: &Host);

    /// Before each frame of the main window. True while something that was asked for at the start is still to be done: the window is not
    /// settled before.
    fn before_frame(&mut self, app: &mut App) -> bool;

    /// The main window goes, and all others with it; `layout` is as [`App::save_layout`] gives it.
    fn close(&mut self, layout: String);
}

impl AppView {
    /// Shows `app`.
    pub fn new(app: App, guest: impl Guest + 'static) -> Self {
        Self {
            app,
            guest: Rc::new(RefCell::new(guest)),
            host: None,
            opened: Rc::default(),
            is_main: true,
            waiting: true,
        }
    }

    /// Opens the window that the app asked for.
    fn open_further(&mut self) {
        let Some(app) = self.app.further() else {
            return;
        };
        let Some(host) = &self.host else { return };
        self.opened.set(self.opened.get() + 1);
        let options = WindowOptions {
            label: format!("images-{}", self.opened.get()),
            title: triptych_ui::further_title().to_owned(),
            size: FURTHER,
            least: FURTHER_LEAST,
            background: triptych_ui::look::tokens::WINDOW,
        };
        let view = Self {
            app,
            guest: Rc::clone(&self.guest),
            host: None,
            opened: Rc::clone(&self.opened),
            is_main: false,
            waiting: false,
        };
        if let Err(error) = host.opener.open(options, Box::new(view)) {
            tracing::warn!(%error, "a further window could not be opened");
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
        self.guest.borrow_mut().start(host);
        self.host = Some(host.clone());
    }

    fn frame(&mut self, ui: &mut egui::Ui, canvas: &mut dyn Canvas) {
        if self.is_main {
            self.waiting = self.guest.borrow_mut().before_frame(&mut self.app);
        }
        self.app.frame(ui, canvas);
        self.open_further();
    }

    fn is_settled(&self) -> bool {
        !self.waiting && self.app.settled()
    }

    fn is_loading(&self) -> bool {
        self.app.loading()
    }

    fn close(&mut self) {
        if !self.is_main {
            return;
        }
        self.guest.borrow_mut().close(self.app.save_layout());
        if let Some(host) = &self.host {
            // Nothing is left that the others could show.
            host.opener.app.exit(0);
        }
    }
}
