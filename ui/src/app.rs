//! The whole window: which page, what lies where, keys that belong to no leaf, and the commands that leave.

mod edges;
mod jumps;
mod no_patient;
mod patient;
mod run;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use egui::{Rect, Ui};
use triptych_workbench::view::{Page, PatientRow, PatientView, Snapshot};
use triptych_workbench::{Command, PatientKey};

use crate::canvas::Canvas;
use crate::desk::{Desk, Layout};
use crate::images::{self, Images, Session};
use crate::look::typeface as f;
use crate::look::{tokens as t, widget};
use crate::out::Out;
use crate::palette::Palette;
use crate::record::Record;
use crate::sheet::Sheet;
use crate::signals::Signals;
use crate::start::Start;
use crate::timeline::Timeline;
use crate::words::w;
use run::Region;

/// The tiles are put into the layout so often, s.
const SESSION_EVERY: f64 = 2.0;

/// Reads the newest snapshot.
pub type Snapshots = Box<dyn Fn() -> Arc<Snapshot>>;
/// Takes a command; never blocks.
pub type Commands = Box<dyn Fn(Command)>;

/// The root of the window. Reads snapshots, draws them, hands commands back; owns only what belongs to the screen.
pub struct App {
    snapshots: Rc<dyn Fn() -> Arc<Snapshot>>,
    commands: Rc<dyn Fn(Command)>,
    screen: Screen,
    installed: bool,
}

impl App {
    /// An app over a workbench: `snapshots` gives the newest state, `commands` takes what a person does.
    #[must_use]
    pub fn new(snapshots: Snapshots, commands: Commands) -> Self {
        Self {
            snapshots: Rc::from(snapshots),
            commands: Rc::from(commands),
            screen: Screen::default(),
            installed: false,
        }
    }

    /// The app of a window that was asked for in the last frame: images of the same patient, with the identity bar, over the same workbench.
    pub fn further(&mut self) -> Option<Self> {
        let session = self.screen.further.take()?;
        Some(Self {
            snapshots: Rc::clone(&self.snapshots),
            commands: Rc::clone(&self.commands),
            screen: Screen {
                layout: Layout {
                    desk: Desk::Reading,
                    sessions: vec![session],
                    ..self.screen.layout.clone()
                },
                is_further: true,
                full: true,
                ..Screen::default()
            },
            installed: false,
        })
    }

    /// Draws one frame into `ui` (the whole window) and sends what was asked for.
    pub fn frame(&mut self, ui: &mut Ui, canvas: &mut dyn Canvas) {
        if !self.installed {
            f::install(ui.ctx());
            self.installed = true;
        }
        let snapshot = (self.snapshots)();
        for command in self.screen.show(ui, canvas, &snapshot) {
            (self.commands)(command);
        }
    }

    /// True when nothing on screen waits for anything: no skeleton, no running decode of a visible tile, no running rule.
    /// A screenshot taken then shows the whole.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.screen.settled
    }

    /// Slices of what is on screen are still on their way.
    #[must_use]
    pub fn loading(&self) -> bool {
        self.screen.loading
    }

    /// Desk, leaves, folds and text scale as JSON, for the workbench to keep.
    #[must_use]
    pub fn save_layout(&mut self) -> String {
        if let Page::Patient(patient) = &(self.snapshots)().page {
            self.screen.keep_session(patient);
        }
        serde_json::to_string(&self.screen.layout).unwrap_or_default()
    }

    /// Takes back what [`App::save_layout`] gave. What cannot be read leaves the layout as it is.
    pub fn restore_layout(&mut self, json: &str) {
        if let Ok(layout) = serde_json::from_str(json) {
            self.screen.layout = layout;
        }
    }

    /// Shows the other desk, as a click on its name does.
    pub fn set_desk(&mut self, desk: Desk) {
        self.screen.layout.desk = desk;
    }
}

/// Title of the windows that [`App::further`] is for.
#[must_use]
pub fn further_title() -> &'static str {
    w("window.further")
}

/// State of the screen apart from where its snapshots come from.
#[derive(Default)]
struct Screen {
    layout: Layout,
    start: Start,
    patient: Option<Open>,
    settled: bool,
    loading: bool,
    /// The layout as it was last sent to be kept.
    saved: Option<Layout>,
    palette: Option<Palette>,
    sheet: Option<Sheet>,
    oversight: Option<crate::oversight::Oversight>,
    quality: Option<crate::quality::Quality>,
    correction: crate::quality::Correction,
    /// Images fill the window between header and status bar.
    full: bool,
    /// The window fills its monitor.
    full_screen: bool,
    /// Not the first window: images only, and its layout is not kept.
    is_further: bool,
    /// Tiles for another window.
    further: Option<Session>,
    /// When the tiles were put into the layout last, s.
    kept_at: f64,
    /// F6 was pressed: so many regions on.
    walk: Option<isize>,
    /// Who was in the list of the start page last, for the palette.
    people: Vec<PatientRow>,
}

/// What belongs to the open patient; gone as a whole when another one comes (D-37).
struct Open {
    person: PatientKey,
    images: Images,
    record: Record,
    signals: Signals,
    timeline: Timeline,
    /// There are images, or their empty leaf was asked for.
    wants_images: bool,
    /// The region that has the keys.
    focus: Region,
}

impl Open {
    fn new(patient: &PatientView, layout: &Layout) -> Self {
        let mut images = Images::new(patient, layout.keys.profile, &layout.hanging);
        images.read.clone_from(&layout.read);
        let left = layout.sessions.iter().find(|s| s.person == patient.person);
        if let Some(left) = left {
            images.restore(left, patient);
        }
        Self {
            person: patient.person,
            images,
            record: Record::new(patient),
            signals: Signals::new(patient),
            timeline: Timeline::new(patient),
            wants_images: false,
            focus: Region::Images,
        }
    }
}

impl Screen {
    fn show(&mut self, ui: &mut Ui, canvas: &mut dyn Canvas, snapshot: &Snapshot) -> Vec<Command> {
        f::set_scale(self.layout.text_scale);
        widget::watch_keyboard(ui.ctx());
        let window = ui.max_rect();
        ui.painter().rect_filled(window, 0.0, t::WINDOW);
        let mut out = Out::default();
        self.settled = true;
        self.loading = false;
        // The test pattern is looked at as the screen shows it.
        let greys = self.correction.greys(&self.layout.monitor);
        canvas.set_greys(greys.filter(|_| self.quality.is_none()));
        self.window_keys(ui, snapshot, &mut out);
        let frame = self.layout.frame(window, 0.0, false);
        let middle = Rect::from_min_max(frame.header.left_bottom(), frame.status.right_top());
        self.floats(ui, middle, canvas, snapshot, &mut out);
        match &snapshot.page {
            Page::Patient(patient) => self.patient(ui, window, canvas, snapshot, patient, &mut out),
            page => {
                self.patient = None;
                self.other(ui, window, canvas, snapshot, page, &mut out);
            }
        }
        let now = ui.input(|i| i.time);
        if let Page::Patient(patient) = &snapshot.page
            && now - self.kept_at > SESSION_EVERY
        {
            self.kept_at = now;
            self.keep_session(patient);
        } else if ui.input(|i| !i.events.is_empty()) {
            // What was done now is kept even when nothing is done after it.
            ui.ctx()
                .request_repaint_after(Duration::from_secs_f64(SESSION_EVERY));
        }
        if !self.is_further
            && self.saved.as_ref() != Some(&self.layout)
            && !ui.input(|i| i.pointer.any_down())
        {
            if let Page::Patient(patient) = &snapshot.page {
                self.keep_session(patient);
            }
            if self.saved.is_some() {
                out.send(Command::SaveLayout(
                    serde_json::to_string(&self.layout).unwrap_or_default(),
                ));
            }
            self.saved = Some(self.layout.clone());
        }
        out.commands
    }

    /// The tiles of `patient` go into the layout, which is saved when it changes.
    fn keep_session(&mut self, patient: &PatientView) {
        let open = self.patient.as_ref();
        if let Some(open) = open.filter(|o| o.person == patient.person && !self.is_further) {
            images::keep(&mut self.layout.sessions, open.images.session(patient));
        }
    }
}
