//! Images leaf: series strip, tools, tiles. A stack viewer: one display set a tile, drawn through [`crate::Canvas`].

mod act;
mod corner;
mod cut;
pub(crate) mod draw;
mod export;
mod gesture;
mod hang;
mod head;
mod headers;
mod lens;
mod link;
mod menu;
mod paper;
mod play;
mod protocol;
mod seen;
mod session;
mod solid;
mod strip;
mod studies;
mod tile;
mod tiles;

use std::cell::RefCell;

use egui::{Rect, Ui, pos2, vec2};
use triptych_workbench::Command;
use triptych_workbench::annotate::Shape;
use triptych_workbench::view::{PatientView, SeriesKey, SeriesView, StudyView, Target};

use crate::actions::{Action, Bindings, Button, Profile};
use crate::canvas::Canvas;
use crate::desk::Desk;
use crate::look::icon::Icon;
use crate::look::typeface::sz;
use crate::look::{tokens as t, widget};
use crate::out::{Out, Targets};
use crate::words::{w, wf};
use cut::{Cut, Volumes};
use draw::{Board, Findings};
use menu::{Answer, Entry, Menu, Pick};
use paper::Overlays;
pub use protocol::Protocol;
pub use session::Session;
pub(crate) use session::keep;
pub(crate) use tile::{Tile, paint, size_px};
pub(crate) use tiles::{Grid, Tiles};

/// What the left button does while it is dragged (D1: W S Z P).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tool {
    #[default]
    Window,
    Scroll,
    Zoom,
    Pan,
    /// Draws a shape.
    Draw(Shape),
    Rotate,
    /// Drag a box: its values become the window.
    RegionWindow,
}

/// State of the images leaf for one patient.
#[derive(Debug)]
pub(crate) struct Images {
    reading: Tiles,
    rounds: Tiles,
    hung: Option<hang::Hung>,
    /// The tiles hang as they were left the last time, not by a protocol.
    as_left: bool,
    /// The reader's own protocols.
    pub own: Vec<Protocol>,
    /// The list of steps is open.
    steps_open: bool,
    tool: Tool,
    picker: tiles::Picker,
    volumes: Volumes,
    /// What hung before the planes of a volume did, by desk.
    before_planes: [Option<Tiles>; 2],
    board: Board,
    overlays: Overlays,
    findings: Findings,
    /// Corner texts, letters and graphics are on (D).
    graphics: bool,
    /// Only key images are scrolled through (Shift+K).
    key_only: bool,
    /// The browser of headers, over the tiles.
    headers: Option<headers::Headers>,
    /// The magnifier follows the pointer (G).
    lens: bool,
    menu: Option<Menu>,
    wanted: Vec<Action>,
    /// Studies and series, over the tiles.
    studies: Option<studies::Studies>,
    /// Study Instance UIDs that the reader has read.
    pub read: Vec<String>,
    /// A window is being typed for the active tile.
    entry: Option<Entry>,
    /// Space is held, and was used for a drag.
    space: Option<bool>,
    /// A tile on its way into a file.
    export: Option<export::Export>,
    /// Thumbnails already asked for.
    thumbnails: Vec<SeriesKey>,
}

impl Images {
    /// Hangs the newest study, and what it is compared with.
    pub fn new(patient: &PatientView, profile: Profile, own: &[Protocol]) -> Self {
        let (reading, hung) = hang::reading(patient, own);
        let tool = match profile.first_tool() {
            Button::Scroll => Tool::Scroll,
            _ => Tool::Window,
        };
        Self {
            reading,
            hung,
            as_left: false,
            own: own.to_vec(),
            steps_open: false,
            rounds: hang::rounds(patient),
            tool,
            picker: tiles::Picker::default(),
            volumes: Volumes::default(),
            before_planes: [None, None],
            board: Board::default(),
            overlays: Overlays::default(),
            findings: Findings::default(),
            graphics: true,
            key_only: false,
            headers: None,
            lens: false,
            menu: None,
            wanted: Vec::new(),
            studies: None,
            read: Vec::new(),
            entry: None,
            space: None,
            export: None,
            thumbnails: Vec::new(),
        }
    }

    pub fn tiles(&self, desk: Desk) -> &Tiles {
        match desk {
            Desk::Reading => &self.reading,
            Desk::Rounds => &self.rounds,
        }
    }

    pub fn tiles_mut(&mut self, desk: Desk) -> &mut Tiles {
        match desk {
            Desk::Reading => &mut self.reading,
            Desk::Rounds => &mut self.rounds,
        }
    }

    /// The display set in the active tile with its study.
    pub fn active<'a>(
        &self,
        desk: Desk,
        patient: &'a PatientView,
    ) -> Option<(&'a StudyView, &'a SeriesView)> {
        let tiles = self.tiles(desk);
        let key = tiles.tiles.get(tiles.active)?.series.as_ref()?;
        find_series(patient, key)
    }

    /// What the status bar says: which study, how much of it is decoded.
    pub fn status(&self, desk: Desk, patient: &PatientView) -> String {
        let Some((study, series)) = self.active(desk, patient) else {
            return String::new();
        };
        let ready = series
            .stack
            .slices
            .iter()
            .filter(|s| s.pixels.is_there())
            .count();
        let failed = series
            .stack
            .slices
            .iter()
            .filter(|s| s.pixels.has_failed())
            .count();
        let mut words = wf(
            "images.status",
            &[
                ("title", &study.title),
                ("date", &study.date),
                ("n", &ready),
                ("all", &series.images),
            ],
        );
        if failed > 0 {
            words.push_str(" · ");
            words.push_str(&wf("images.status_failed", &[("n", &failed)]));
        }
        words
    }

    /// Every tile on screen shows a picture, or why there is none.
    pub fn settled(&self, desk: Desk, patient: &PatientView) -> bool {
        let tiles = self.tiles(desk);
        tiles.tiles.iter().take(tiles.shown()).all(|tile| {
            tile.series
                .as_ref()
                .and_then(|k| find_series(patient, k))
                .is_none_or(|(_, s)| {
                    s.unreadable.is_some()
                        || matches!(
                            tile.content,
                            tile::Content::Cut(_) | tile::Content::Solid(_)
                        ) && (tile.studio.is_settled()
                            || !matches!(tile.content, tile::Content::Solid(_)))
                            && s.stack.slices.iter().all(|s| s.pixels.is_there())
                        || tile.content == tile::Content::Stack
                            && s.stack
                                .slices
                                .get(tile.slice)
                                .is_none_or(|slice| slice.pixels.is_there())
                })
        })
    }

    /// Slices of a stack on screen are still on their way.
    pub fn loading(&self, desk: Desk, patient: &PatientView) -> bool {
        let tiles = self.tiles(desk);
        tiles.tiles.iter().take(tiles.shown()).any(|tile| {
            let key = tile.series.as_ref();
            let series = key.and_then(|k| find_series(patient, k));
            series.is_some_and(|(_, s)| {
                s.unreadable.is_none() && s.stack.slices.iter().any(|s| !s.pixels.is_there())
            })
        })
    }

    /// Puts a study, and the image if known, into the active tile.
    pub fn jump(&mut self, desk: Desk, patient: &PatientView, target: &Target) {
        let Target::Image { study, instance } = target else {
            return;
        };
        let Some(study) = patient.studies.iter().find(|s| s.uid == *study) else {
            return;
        };
        let tiles = self.tiles_mut(desk);
        let found = instance.as_ref().and_then(|(uid, frame)| {
            study.series.iter().find_map(|series| {
                let at = series
                    .stack
                    .slices
                    .iter()
                    .position(|s| s.instance == *uid && s.frame == *frame)?;
                Some((series, at))
            })
        });
        let (series, at) = match found {
            Some((series, at)) => (Some(series), Some(at)),
            None => (hang::main_series(study), None),
        };
        let Some(series) = series else { return };
        // A tile that shows the set already is used, so that nothing else moves.
        if let Some(i) =
            (0..tiles.shown()).find(|i| tiles.tiles[*i].series.as_ref() == Some(&series.key))
        {
            tiles.active = i;
        }
        let active = tiles.active;
        let Some(tile) = tiles.tiles.get_mut(active) else {
            return;
        };
        if tile.series.as_ref() != Some(&series.key) {
            *tile = Tile::of(series);
        }
        if let Some(at) = at {
            tile.slice = at;
        }
    }

    /// Hangs a display set in the active tile, or goes to the tile that shows it.
    pub fn hang_series(&mut self, desk: Desk, patient: &PatientView, key: &SeriesKey) {
        let Some((_, series)) = find_series(patient, key) else {
            return;
        };
        let tiles = self.tiles_mut(desk);
        let shown = tiles.shown();
        let there = tiles.tiles.iter().take(shown);
        if let Some(i) = there
            .into_iter()
            .position(|t| t.series.as_ref() == Some(key))
        {
            tiles.press(i);
            return;
        }
        let active = tiles.active;
        if let Some(tile) = tiles.tiles.get_mut(active) {
            *tile = Tile::of(series);
        }
    }

    /// Space: held it makes the left button pan, tapped it is the key that the table says.
    /// True when it was tapped.
    pub fn space_key(&mut self, ui: &Ui, free: bool) -> bool {
        let (down, went, drags) = ui.input(|i| {
            let space = egui::Key::Space;
            (
                i.key_down(space),
                i.key_pressed(space),
                i.pointer.any_down(),
            )
        });
        let before = self.space;
        self.space = match (down && free, before) {
            (false, _) => None,
            (true, used) => Some(used.unwrap_or(false) || drags),
        };
        // Down and up within one frame is a tap too.
        let quick = went && !down && free && !drags;
        (before == Some(false) && !down) || (before.is_none() && quick)
    }

    /// Esc: one level back inside the leaf; false when there is none.
    pub fn escape(&mut self, desk: Desk) -> bool {
        if self.tool == Tool::RegionWindow {
            self.tool = Tool::Window;
            return true;
        }
        if self.lens {
            self.lens = false;
            return true;
        }
        let tiles = self.tiles_mut(desk);
        tiles.clear_chosen() || tiles.clear_cursor()
    }

    /// Menu and typed window, over the tiles.
    #[allow(clippy::too_many_arguments, reason = "one call from one place")]
    fn floats(
        &mut self,
        ui: &mut Ui,
        leaf: Rect,
        places: &[(usize, Rect)],
        patient: &PatientView,
        desk: Desk,
        keys: &Bindings,
        out: &mut Out,
    ) {
        if let Some(mut menu) = self.menu.take() {
            let tiles = self.tiles(desk);
            let answer = tiles.tiles.get(menu.tile).map_or(Answer::Closed, |tile| {
                let states = paper::states_of(patient, tile);
                menu.show(ui, leaf, tile, &states, keys)
            });
            match answer {
                Answer::Open => self.menu = Some(menu),
                Answer::Closed => {}
                Answer::Picked(Pick::Action(action)) => self.wanted.push(action),
                Answer::Picked(Pick::State(state)) => {
                    out.commands.extend(state.clone().map(Command::LoadObject));
                    let tiles = self.tiles_mut(desk);
                    let active = tiles.active;
                    if let Some(tile) = tiles.tiles.get_mut(active) {
                        tile.choose_state(state);
                    }
                }
                Answer::Picked(pick) => {
                    let tiles = self.tiles_mut(desk);
                    for i in tiles.chosen() {
                        if let Some(tile) = tiles.tiles.get_mut(i) {
                            tile.pick(&pick);
                        }
                    }
                }
            }
        }
        let active = self.tiles(desk).active;
        if let Some(mut entry) = self.entry.take()
            && let Some((_, place)) = places.iter().find(|(i, _)| *i == active)
        {
            match entry.show(ui, *place) {
                None => self.entry = Some(entry),
                Some(None) => {}
                Some(Some(text)) => {
                    let tiles = self.tiles_mut(desk);
                    let chosen = tiles.chosen();
                    let typed = chosen.into_iter().filter(|i| {
                        tiles
                            .tiles
                            .get_mut(*i)
                            .is_some_and(|t| t.type_window(&text))
                    });
                    if typed.count() == 0 {
                        entry.refuse();
                        self.entry = Some(entry);
                    }
                }
            }
        }
    }

    /// The browser of headers, over tiles and panels.
    fn browser(
        &mut self,
        ui: &mut Ui,
        leaf: Rect,
        patient: &PatientView,
        desk: Desk,
        out: &mut Out,
    ) {
        if let Some(mut headers) = self.headers.take() {
            let others = self.files(desk, patient);
            if headers.show(ui, leaf, patient, &others, out) {
                self.headers = Some(headers);
            }
        }
    }

    fn list_of_studies(&mut self, ui: &mut Ui, leaf: Rect, patient: &PatientView, desk: Desk) {
        let Some(mut studies) = self.studies.take() else {
            return;
        };
        match studies.show(ui, leaf, patient, &self.read) {
            studies::Chosen::Closed => return,
            studies::Chosen::Series(key) => {
                self.hang_series(desk, patient, &key);
                return;
            }
            studies::Chosen::Read(uid) => self.mark_read(uid),
            studies::Chosen::Open => {}
        }
        self.studies = Some(studies);
    }

    /// Read, or no longer.
    fn mark_read(&mut self, uid: String) {
        match self.read.iter().position(|u| *u == uid) {
            Some(at) => {
                self.read.remove(at);
            }
            None => self.read.push(uid),
        }
    }

    /// Actions that were picked in this frame from a menu of the leaf.
    pub fn wanted(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.wanted)
    }

    /// Something of the leaf floats and has the keys.
    pub const fn has_keys(&self) -> bool {
        self.menu.is_some()
            || self.headers.is_some()
            || self.entry.is_some()
            || self.studies.is_some()
    }

    /// Draws the leaf. `narrow` hides the series strip.
    #[allow(
        clippy::too_many_arguments,
        reason = "a leaf needs its place, its data and what it writes to"
    )]
    pub fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        canvas: &mut dyn Canvas,
        patient: &PatientView,
        desk: Desk,
        narrow: bool,
        targets: &Targets,
        keys: &Bindings,
        out: &mut Out,
    ) {
        let mut ui = widget::region(ui, "images", rect, w("leaf.images"));
        let ui = &mut ui;
        ui.painter().rect_filled(rect, 0.0, t::PANEL);
        let mut head = Rect::from_min_size(rect.min, vec2(rect.width(), sz(t::LEAF_HEAD)));
        let mut body = Rect::from_min_max(pos2(rect.left(), head.bottom()), rect.max);
        if desk == Desk::Reading && !narrow && !patient.studies.is_empty() {
            let width = 96.0;
            let strip = Rect::from_min_size(rect.min, vec2(width, rect.height()));
            self.strip(ui, strip, canvas, patient, out);
            head.min.x += width;
            body.min.x += width;
        }
        self.head(ui, head, patient, desk);
        if patient.studies.is_empty() {
            ui.painter().rect_filled(body, 0.0, t::IMAGE);
            widget::empty(
                ui,
                body,
                Icon::Image,
                w("images.none"),
                w("images.none_why"),
            );
            return;
        }
        self.body(ui, body, canvas, patient, desk, targets, keys, out);
    }

    #[allow(clippy::too_many_arguments, reason = "as above")]
    fn body(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        canvas: &mut dyn Canvas,
        patient: &PatientView,
        desk: Desk,
        targets: &Targets,
        keys: &Bindings,
        out: &mut Out,
    ) {
        ui.painter().rect_filled(rect, 0.0, t::PANEL);
        let mut volumes = std::mem::take(&mut self.volumes);
        self.cancel_drawing(ui);
        let mut rect = rect;
        self.board.wants_spread = self.findings.open;
        let low = self.findings.height(patient, &self.board, rect.height());
        if low > 0.0 {
            let panel = Rect::from_min_max(pos2(rect.left(), rect.bottom() - low), rect.max);
            rect.max.y = panel.top();
            let Self {
                findings, board, ..
            } = self;
            findings.show(ui, panel, patient, board, out);
        }
        let leaf = rect;
        let rect = self.layers_panel(ui, rect, patient, desk, out);
        let board = RefCell::new(std::mem::take(&mut self.board));
        let overlays = RefCell::new(std::mem::take(&mut self.overlays));
        let mut named = None;
        let profile = keys.profile;
        let (tool, graphics, lens) = (self.tool, self.graphics, self.lens);
        let key_only = self.key_only;
        let space = self.space.is_some();
        let nameless: Vec<bool> = (0..self.tiles(desk).shown())
            .map(|i| self.is_nameless(i))
            .collect();
        let tiles = self.tiles_mut(desk);
        let places = tiles.places(rect);
        let mut shown = Vec::new();
        for (i, _) in &places {
            let Some(tile) = tiles.tiles.get(*i) else {
                continue;
            };
            if let (tile::Content::Cut(_) | tile::Content::Solid(_), Some(key)) =
                (tile.content, &tile.series)
                && let Some((_, series)) = find_series(patient, key)
            {
                volumes.update(series, tile.slice);
                shown.push(key.clone());
                let over = tile.over.as_ref().and_then(|key| find_series(patient, key));
                if let Some((_, over)) = over {
                    volumes.update(over, over.images / 2);
                    shown.push(over.key.clone());
                }
            }
        }
        volumes.keep(&shown);
        let mut moved = None;
        let slot = if desk == Desk::Reading {
            "reading"
        } else {
            "rounds"
        };
        let mut opened = None;
        for (i, place) in places.iter().copied() {
            let context = tile::Context {
                patient,
                tool,
                targets,
                volumes: &volumes,
                active: tiles.active == i,
                board: &board,
                overlays: &overlays,
                chosen: tiles.is_chosen(i),
                profile,
                space,
                graphics,
                key_only,
            };
            let Some(tile) = tiles.tiles.get_mut(i) else {
                continue;
            };
            corner::leave_out_identity(ui.ctx(), nameless.get(i).copied().unwrap_or(false));
            let events = tile.show(ui, place, &format!("{slot} {i}"), canvas, &context, out);
            if let (Some(by), Some(key)) = (tile.moved.take(), tile.series.clone()) {
                moved = Some((key, by.to));
            }
            if let Some(target) = events.named {
                named = Some((i, target));
            }
            if events.select {
                tiles.select(i);
            } else if events.pressed {
                tiles.press(i);
            }
            if events.double_clicked {
                tiles.single = !tiles.single;
            }
            if let Some((_, series)) = events.dropped.and_then(|k| find_series(patient, &k)) {
                tiles.press(i);
                if let Some(tile) = tiles.tiles.get_mut(i) {
                    *tile = Tile::of(series);
                }
            }
            if let Some(at) = events.menu {
                tiles.press(i);
                opened = Some(Menu::new(i, at));
            }
            if let Some(at) = events.cursor {
                tiles.place_cursor(patient, i, at);
            }
        }
        corner::leave_out_identity(ui.ctx(), false);
        tiles.follow(patient);
        if graphics {
            tiles.graphics(ui, patient, &places);
        }
        if let Some((key, to)) = moved {
            // All planes follow in the next frame, which comes at once.
            volumes.set_cross(&key, to);
            ui.ctx().request_repaint();
        }
        if let Some((tile, place)) = lens.then(|| under_pointer(ui, tiles, &places)).flatten() {
            lens::lens(ui, place, tile, canvas);
        }
        if opened.is_some() {
            self.menu = opened;
        }
        self.browser(ui, leaf, patient, desk, out);
        self.floats(ui, rect, &places, patient, desk, keys, out);
        self.list_of_studies(ui, rect, patient, desk);
        self.export_tile(ui, &places, out);
        let tiles = self.tiles_mut(desk);
        let (shown, active) = (tiles.shown(), tiles.active);
        for (i, tile) in tiles.tiles.iter_mut().enumerate() {
            if i < shown || i == active {
                tile.ask_for_pixels(patient, out);
            }
        }
        if std::mem::take(&mut self.findings.write) {
            let seen = self.seen_of_drawn(desk, patient);
            out.send(Command::WriteReports { folder: None, seen });
        }
        let mut board = board.into_inner();
        board.after(patient, ui.input(|i| i.time));
        out.commands.append(&mut board.commands);
        self.board = board;
        self.volumes = volumes;
        self.overlays = overlays.into_inner();
        if let Some((from, target)) = named {
            self.jump_from_paper(desk, patient, from, &target);
        }
    }

    /// The three planes of the active tile's volume beside its slices; again: what hung before.
    pub fn toggle_planes(&mut self, desk: Desk, patient: &PatientView) {
        let desk_no = desk as usize;
        if let Some(before) = self.before_planes.get_mut(desk_no).and_then(Option::take) {
            *self.tiles_mut(desk) = before;
            return;
        }
        let tiles = self.tiles(desk);
        let Some(tile) = tiles.tiles.get(tiles.active) else {
            return;
        };
        if !cut::is_volume(patient, tile) {
            return;
        }
        let found = tile.series.as_ref().and_then(|k| find_series(patient, k));
        let Some((_, series)) = found else { return };
        let (window, slice) = (tile.window(), tile.slice);
        let planes = Cut::PLANES.into_iter().map(|plane| {
            let mut tile = Tile::of_cut(series, plane, window);
            tile.slice = slice;
            tile
        });
        let mut stack = Tile::with_window(series, window);
        stack.slice = slice;
        let hung = Tiles::new(planes.chain([stack]).collect(), Grid::new(2, 2));
        let before = std::mem::replace(self.tiles_mut(desk), hung);
        if let Some(place) = self.before_planes.get_mut(desk_no) {
            *place = Some(before);
        }
    }
}

/// The tile below the pointer with its place.
fn under_pointer<'a>(
    ui: &Ui,
    tiles: &'a Tiles,
    places: &[(usize, Rect)],
) -> Option<(&'a Tile, Rect)> {
    let at = ui.input(|i| i.pointer.hover_pos())?;
    let (i, place) = places.iter().find(|(_, r)| r.contains(at))?;
    Some((tiles.tiles.get(*i)?, *place))
}

/// The display set with this key, and its study.
pub(crate) fn find_series<'a>(
    patient: &'a PatientView,
    key: &SeriesKey,
) -> Option<(&'a StudyView, &'a SeriesView)> {
    patient.studies.iter().find_map(|study| {
        study
            .series
            .iter()
            .find(|s| s.key == *key)
            .map(|s| (study, s))
    })
}

/// Asks once for the thumbnail of a set that has no decoded slice.
fn ask_thumbnail(asked: &mut Vec<SeriesKey>, series: &SeriesView, out: &mut Out) {
    if !asked.contains(&series.key) {
        asked.push(series.key.clone());
        out.send(Command::LoadThumbnail(series.key.clone()));
    }
}
