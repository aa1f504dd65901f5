//! The whole window: which page, what lies where, keys that belong to no leaf, and the commands that leave.

mod run;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use egui::{Id, Key, Modifiers, Rect, Role, Sense, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{Page, PatientRow, PatientView, SignalId, Snapshot, Target};
use triptych_workbench::{Command, PatientKey};

use crate::canvas::Canvas;
use crate::desk::{Desk, Frame, Layout, Leaf};
use crate::header::{self, Who};
use crate::images::{self, Images, Session};
use crate::look::typeface::{self as f, sz};
use crate::look::{icon, text, tokens as t, widget};
use crate::out::{Out, Targets};
use crate::palette::Palette;
use crate::record::Record;
use crate::sheet::Sheet;
use crate::signals::Signals;
use crate::start::Start;
use crate::timeline::{Timeline, axis};
use crate::words::{w, wf};
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

    /// Pages without an open patient.
    fn other(
        &mut self,
        ui: &mut Ui,
        window: Rect,
        canvas: &mut dyn Canvas,
        snapshot: &Snapshot,
        page: &Page,
        out: &mut Out,
    ) {
        let frame = self.layout.frame(window, 0.0, false);
        let middle = Rect::from_min_max(frame.header.left_bottom(), frame.status.right_top());
        let mut status = String::new();
        match page {
            Page::Opening { name } => {
                // Nothing of either patient but the new name.
                ui.painter().rect_filled(window, 0.0, t::IMAGE);
                let c = window.center();
                let words = wf("page.opening", &[("name", name)]);
                text::center(ui.painter(), c.x, c.y, &words, f::title(), t::VALUE);
                text::spoken(ui, "opening", window.shrink(8.0), &words);
                self.settled = false;
                return;
            }
            Page::Start(start) => {
                status = self
                    .start
                    .show(ui, middle, start, snapshot.import.as_deref(), out);
                self.settled &= snapshot.import.as_ref().is_none_or(|i| i.finished);
            }
            Page::Starting => {
                ui.painter().rect_filled(middle, 0.0, t::PANEL);
                let place =
                    Rect::from_center_size(middle.center() - vec2(0.0, 30.0), vec2(64.0, 64.0));
                icon::program(ui.painter(), place);
                text::center(
                    ui.painter(),
                    middle.center().x,
                    place.bottom() + 20.0,
                    w("page.starting"),
                    f::body(),
                    t::LABEL,
                );
                text::spoken(ui, "starting", middle.shrink(8.0), w("page.starting"));
                self.settled = false;
            }
            Page::ArchiveClosed(trouble) => {
                ui.painter().rect_filled(middle, 0.0, t::PANEL);
                let mut place = Rect::from_center_size(middle.center(), vec2(560.0, 160.0));
                place = place.translate(vec2(0.0, -60.0));
                icon::Icon::Lock.paint(
                    ui.painter(),
                    place.left_top() + vec2(10.0, 12.0),
                    sz(20.0),
                    t::VALUE,
                );
                text::left(
                    ui.painter(),
                    place.left() + 34.0,
                    place.top() + 12.0,
                    &trouble.what,
                    f::title(),
                    t::VALUE,
                );
                let mut inner = widget::part(
                    ui,
                    "closed",
                    Rect::from_min_max(place.min + vec2(0.0, 34.0), place.max + vec2(0.0, 200.0)),
                );
                text::block(&mut inner, &trouble.why, f::body(), t::BODY, sz(20.0));
                inner.add_space(6.0);
                text::block(&mut inner, &trouble.remedy, f::body(), t::LABEL, sz(20.0));
            }
            Page::Patient(_) => {}
        }
        let renderer = canvas.renderer_name();
        let clicked = header::header(
            ui,
            frame.header,
            &Who::Nobody,
            Some(self.layout.desk),
            &snapshot.machine,
            &renderer,
            frame.narrow,
        );
        if clicked.palette {
            self.palette = Some(Palette::default());
        }
        if matches!(page, Page::Start(_)) {
            out.commands.extend(
                clicked
                    .commands
                    .into_iter()
                    .filter(|c| *c != Command::ShowStart),
            );
        }
        out.commands.extend(header::status(
            ui,
            frame.status,
            &status,
            &snapshot.notices,
            &snapshot.machine,
        ));
    }

    fn patient(
        &mut self,
        ui: &mut Ui,
        window: Rect,
        canvas: &mut dyn Canvas,
        snapshot: &Snapshot,
        patient: &PatientView,
        out: &mut Out,
    ) {
        // Another person: everything of the former goes before anything of the new one is drawn.
        let open = match self.patient.take() {
            Some(open) if open.person == patient.person => self.patient.insert(open),
            _ => {
                self.full = self.full_screen || self.is_further;
                let mut open = Open::new(patient, &self.layout);
                if self.is_further {
                    open.images.hangs_for_this_window();
                }
                self.patient.insert(open)
            }
        };
        // Once there were images their leaf stays: nothing moves while the index time does.
        open.wants_images |= !patient.studies.is_empty();
        self.layout.no_images = !open.wants_images;
        let strip = if patient.at_is_now { 0.0 } else { sz(32.0) };
        let mut frame = self
            .layout
            .frame(window, strip, open.signals.is_open(patient));
        if self.full {
            frame.images = Rect::from_min_max(
                frame.header.left_bottom() + vec2(0.0, strip),
                frame.status.right_top(),
            );
        } else {
            open.pressed_in(ui, &frame);
        }

        let renderer = canvas.renderer_name();
        let clicked = header::header(
            ui,
            frame.header,
            &Who::Patient(patient),
            (!self.is_further).then_some(self.layout.desk),
            &snapshot.machine,
            &renderer,
            frame.narrow,
        );
        if let Some(desk) = clicked.desk {
            self.layout.desk = desk;
        }
        if clicked.palette {
            self.palette = Some(Palette::default());
        }
        out.commands.extend(clicked.commands);
        if !patient.at_is_now {
            let place =
                Rect::from_min_size(frame.header.left_bottom(), vec2(window.width(), strip));
            if header::as_of_strip(ui, place, patient) {
                out.send(Command::SetIndexTime(None));
            }
        }

        let desk = self.layout.desk;
        let targets = open.signals.targets(patient);
        let over = open.signals.options_are_open(patient);
        if self.full && !over {
            let keys = &self.layout.keys;
            open.images.show(
                ui,
                frame.images,
                canvas,
                patient,
                desk,
                true,
                &targets,
                keys,
                out,
            );
        } else if over {
            let middle = match desk {
                Desk::Reading => Rect::from_min_max(
                    pos2(window.left(), frame.header.bottom() + strip),
                    pos2(window.right(), frame.timeline.top()),
                ),
                Desk::Rounds => Rect::from_min_max(
                    pos2(window.left(), frame.timeline.bottom()),
                    pos2(window.right(), frame.status.top()),
                ),
            };
            open.signals.options(ui, middle, patient, out);
        } else {
            self.leaves(ui, canvas, patient, &frame, &targets, out);
        }
        let Some(open) = &mut self.patient else {
            return;
        };
        let shown = open
            .images
            .active(desk, patient)
            .map(|(s, _)| s.uid.clone());
        let full = self.full && !over;
        if !full
            && open.timeline.show(
                ui,
                frame.timeline,
                patient,
                desk,
                self.layout.timeline_folded,
                shown.as_ref(),
                open.record.selected.as_deref(),
                out,
            )
        {
            self.layout.timeline_folded = !self.layout.timeline_folded;
        }
        if !over && !full {
            grips(ui, &frame, &mut self.layout);
        }
        if !patient.at_is_now {
            let all = Rect::from_min_max(
                pos2(window.left(), frame.header.bottom() + strip),
                pos2(window.right(), frame.status.top()),
            );
            ui.painter().rect_stroke(
                all,
                0.0,
                Stroke::new(2.0, t::ASOFLINE),
                egui::StrokeKind::Inside,
            );
        }
        if !over {
            self.tile_keys(ui, patient, out);
        }
        self.walk_regions(ui, &frame);
        let Some(open) = &mut self.patient else {
            return;
        };
        if open.images.own != self.layout.hanging {
            self.layout.hanging.clone_from(&open.images.own);
        }
        if open.images.read != self.layout.read {
            self.layout.read.clone_from(&open.images.read);
        }
        let middle = open.images.status(desk, patient);
        self.settled &= open.images.settled(desk, patient) && !patient.signals.running;
        self.loading = open.images.loading(desk, patient);
        out.commands.extend(header::status(
            ui,
            frame.status,
            &middle,
            &snapshot.notices,
            &snapshot.machine,
        ));
        self.jumps(ui, patient, out);
    }

    fn leaves(
        &mut self,
        ui: &mut Ui,
        canvas: &mut dyn Canvas,
        patient: &PatientView,
        frame: &Frame,
        targets: &Targets,
        out: &mut Out,
    ) {
        let Some(open) = &mut self.patient else {
            return;
        };
        let desk = self.layout.desk;
        for (leaf, rect) in [
            (Leaf::Images, frame.images),
            (Leaf::Record, frame.record),
            (Leaf::Signals, frame.signals),
        ] {
            if self.layout.is_folded(leaf) {
                if folded_leaf(ui, rect, leaf, patient) {
                    self.layout.folded[leaf as usize] = false;
                    open.wants_images |= leaf == Leaf::Images;
                }
                continue;
            }
            match leaf {
                Leaf::Images => {
                    let keys = &self.layout.keys;
                    open.images.show(
                        ui,
                        rect,
                        canvas,
                        patient,
                        desk,
                        frame.narrow,
                        targets,
                        keys,
                        out,
                    );
                }
                Leaf::Record => {
                    let study = open
                        .images
                        .active(desk, patient)
                        .map(|(s, _)| s.uid.clone());
                    open.record.show(
                        ui,
                        rect,
                        patient,
                        &mut self.layout,
                        study.as_ref(),
                        targets,
                        out,
                    );
                }
                Leaf::Signals => open.signals.show(ui, rect, patient, out),
            }
        }
        // Hairlines between leaves.
        let p = ui.painter();
        let middle = match desk {
            Desk::Reading => frame.record,
            Desk::Rounds => frame.images,
        };
        for x in [middle.left(), middle.right()] {
            p.vline(x.round() - 0.5, middle.y_range(), Stroke::new(1.0, t::HAIR));
        }
    }

    /// Follows a jump into its leaf, unfolding it; Backspace and Esc go back.
    fn jumps(&mut self, ui: &Ui, patient: &PatientView, out: &mut Out) {
        let Some(open) = &mut self.patient else {
            return;
        };
        let desk = self.layout.desk;
        if let Some(card) = out.open_card.take() {
            open.signals.open(card);
            self.layout.folded[Leaf::Signals as usize] = false;
        }
        if let Some(question) = out.open_pathway.take() {
            open.signals.open_question(question);
        }
        let typing = ui.ctx().egui_wants_keyboard_input();
        if self.full_screen && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            self.full_screen = false;
            self.full = self.is_further;
            ui.ctx()
                .send_viewport_cmd(egui::ViewportCommand::Fullscreen(false));
        }
        let escape = ui.input_mut(|i| {
            (!typing && i.consume_key(Modifiers::NONE, Key::Backspace))
                || i.consume_key(Modifiers::NONE, Key::Escape)
        });
        if escape || out.back {
            if !open.record.back() {
                open.signals.back();
            }
            out.back = false;
        }
        if !typing {
            for (i, key) in [
                Key::Num1,
                Key::Num2,
                Key::Num3,
                Key::Num4,
                Key::Num5,
                Key::Num6,
                Key::Num7,
                Key::Num8,
                Key::Num9,
            ]
            .into_iter()
            .enumerate()
            {
                if ui.input_mut(|input| input.consume_key(Modifiers::ALT, key)) {
                    out.jump = open.signals.item(patient, i).or(out.jump.take());
                }
            }
        }
        let Some(target) = out.jump.take() else {
            return;
        };
        open.signals.jumped(&target);
        let leaf = match &target {
            Target::Image { .. } => {
                open.images.jump(desk, patient, &target);
                Leaf::Images
            }
            Target::Signal(SignalId(_)) => {
                if let Target::Signal(id) = &target {
                    open.signals.open(id.clone());
                }
                Leaf::Signals
            }
            Target::Banner => return,
            Target::Question(id) => {
                open.signals.open_question(id.clone());
                return;
            }
            _ => {
                if let Some(at) = open.record.jump(patient, &target) {
                    open.timeline.reveal(desk, axis::days_of(&at));
                }
                Leaf::Record
            }
        };
        self.layout.folded[leaf as usize] = false;
        open.focus = Region::of(leaf);
        ui.ctx().request_repaint();
    }
}

/// The bar of a folded leaf: its title across and a count. True when clicked.
fn folded_leaf(ui: &mut Ui, rect: Rect, leaf: Leaf, patient: &PatientView) -> bool {
    let (title, key, count) = match leaf {
        Leaf::Images => (w("leaf.images"), "F1", patient.studies.len()),
        Leaf::Record => (
            w("leaf.record"),
            "F2",
            patient.labs.iter().map(|g| g.rows.len()).sum(),
        ),
        Leaf::Signals => (w("leaf.signals"), "F3", patient.signals.cards.len()),
    };
    let name = wf("leaf.unfold", &[("leaf", &title), ("key", &key)]);
    let response = widget::clickable(ui, Id::unique(("folded", key)), rect, Role::Button, &name);
    let p = ui.painter();
    p.rect_filled(
        rect,
        0.0,
        if response.hovered() {
            t::HOVER
        } else {
            t::PANEL
        },
    );
    text::center(
        p,
        rect.center().x,
        rect.top() + sz(16.0),
        key,
        f::small(),
        t::LABEL,
    );
    text::center(
        p,
        rect.center().x,
        rect.top() + sz(36.0),
        &count.to_string(),
        f::small_medium(),
        t::VALUE,
    );
    let galley = p.layout_no_wrap(title.to_owned(), f::strong(), t::VALUE);
    let at = pos2(
        rect.center().x + galley.size().y / 2.0,
        rect.top() + sz(52.0),
    );
    p.add(
        egui::epaint::TextShape::new(at, galley, t::VALUE).with_angle(std::f32::consts::FRAC_PI_2),
    );
    widget::focus_ring(ui, &response, rect.shrink(4.0), t::RADIUS);
    widget::hover(response, &name).clicked()
}

/// Grips over the hairlines: drag, or double click for the desk's own size.
fn grips(ui: &Ui, frame: &Frame, layout: &mut Layout) {
    let desk = layout.desk;
    let folded = layout.folds();
    let vertical = |x: f32, rect: Rect| {
        Rect::from_center_size(pos2(x, rect.center().y), vec2(6.0, rect.height()))
    };
    let middle = match desk {
        Desk::Reading => frame.record,
        Desk::Rounds => frame.images,
    };
    let middle_folded = match desk {
        Desk::Reading => folded[1],
        Desk::Rounds => folded[0],
    };
    let first_folded = match desk {
        Desk::Reading => folded[0],
        Desk::Rounds => folded[1],
    };
    if !middle_folded && !first_folded {
        let (by, reset) = grip(ui, "left grip", vertical(middle.left(), middle), true);
        let wishes = layout.wishes_mut();
        let wish = match desk {
            Desk::Reading => &mut wishes.record,
            Desk::Rounds => &mut wishes.images,
        };
        change(wish, middle.width(), -by, reset);
    }
    if !folded[2] {
        let (by, reset) = grip(
            ui,
            "right grip",
            vertical(frame.signals.left(), frame.signals),
            true,
        );
        change(
            &mut layout.wishes_mut().signals,
            frame.signals.width(),
            -by,
            reset,
        );
    }
    if !layout.timeline_folded {
        let (y, sign) = match desk {
            Desk::Reading => (frame.timeline.top(), -1.0),
            Desk::Rounds => (frame.timeline.bottom(), 1.0),
        };
        let place = Rect::from_center_size(
            pos2(frame.timeline.center().x, y),
            vec2(frame.timeline.width(), 6.0),
        );
        let (by, reset) = grip(ui, "timeline grip", place, false);
        change(
            &mut layout.wishes_mut().timeline,
            frame.timeline.height(),
            sign * by,
            reset,
        );
    }
}

fn change(wish: &mut Option<f32>, now: f32, by: f32, reset: bool) {
    if reset {
        *wish = None;
    } else if by != 0.0 {
        *wish = Some(now + by);
    }
}

/// How far a grip was dragged in this frame, and whether it was double clicked.
fn grip(ui: &Ui, name: &'static str, rect: Rect, upright: bool) -> (f32, bool) {
    let response = ui.interact(rect, Id::unique(name), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Splitter, true, w("leaf.grip")));
    let icon = if upright {
        egui::CursorIcon::ResizeHorizontal
    } else {
        egui::CursorIcon::ResizeVertical
    };
    let response = response.on_hover_and_drag_cursor(icon);
    if response.hovered() || response.dragged() {
        let line = if upright {
            Rect::from_center_size(rect.center(), vec2(2.0, rect.height()))
        } else {
            Rect::from_center_size(rect.center(), vec2(rect.width(), 2.0))
        };
        ui.painter().rect_filled(line, 0.0, t::ACCENT);
    }
    let delta = response.drag_delta();
    (
        if upright { delta.x } else { delta.y },
        response.double_clicked(),
    )
}
