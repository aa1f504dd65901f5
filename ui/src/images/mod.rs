//! Images leaf: series strip, tools, tiles. A stack viewer: one display set a tile, drawn through [`crate::Canvas`].

mod act;
mod corner;
mod cut;
pub(crate) mod draw;
mod export;
mod floats;
mod gesture;
mod hang;
mod head;
mod headers;
mod jump;
mod leaf;
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

use egui::Ui;
use triptych_workbench::Command;
use triptych_workbench::annotate::Shape;
use triptych_workbench::view::{PatientView, SeriesKey, SeriesView, StudyView};

use crate::actions::{Action, Button, Profile};
use crate::desk::Desk;
use crate::out::Out;
use crate::words::wf;
use cut::Volumes;
use draw::{Board, Findings};
use menu::{Entry, Menu};
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
