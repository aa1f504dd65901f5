//! The tiles as a reader left them: kept with the layout, hung again when the same patient is opened, and handed to a further window.

use serde::{Deserialize, Serialize};
use triptych_render::display::WellKnownPalette;
use triptych_render::volume::{Slab, SlabMode};
use triptych_render::{Interpolation, Orientation, VoiFunction, Window};
use triptych_workbench::PatientKey;
use triptych_workbench::view::{PatientView, SeriesKey};

use super::cut::Cut;
use super::solid::Solid;
use super::tile::Content;
use super::{Grid, Images, Tile, Tiles, find_series};
use crate::desk::Desk;

/// So many patients' tiles are kept.
const KEPT: usize = 20;

/// Tiles of the reading desk for one patient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub(crate) person: PatientKey,
    /// Study Instance UID of the newest study there was: a newer one hangs by protocol.
    newest: String,
    grid: [u8; 2],
    active: usize,
    single: bool,
    tiles: Vec<Option<Left>>,
}

/// One tile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Left {
    series: String,
    #[serde(default)]
    over: Option<String>,
    slice: usize,
    shown: Shown,
    /// Centre, width, function.
    window: Option<(f64, f64, VoiFunction)>,
    invert: bool,
    #[serde(default)]
    palette: Option<usize>,
    zoom: f32,
    pan: [f32; 2],
    quarter_turns: i32,
    flips: [bool; 2],
    interpolation: Interpolation,
}

/// What a tile made of its display set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Shown {
    Stack,
    Cut {
        plane: Orientation,
        /// 0 plane, 1 MIP, 2 MinIP, 3 mean.
        mode: u8,
        thickness_mm: f64,
    },
    Solid,
}

const MODES: [SlabMode; 4] = [
    SlabMode::Single,
    SlabMode::Mip,
    SlabMode::MinIp,
    SlabMode::Mean,
];

/// Puts `session` first among those kept.
pub(crate) fn keep(sessions: &mut Vec<Session>, session: Session) {
    sessions.retain(|s| s.person != session.person);
    sessions.insert(0, session);
    sessions.truncate(KEPT);
}

impl Session {
    /// These display sets and nothing else, in as few columns and rows as hold them.
    pub(crate) fn of_series<'a>(
        patient: &PatientView,
        series: impl Iterator<Item = &'a SeriesKey>,
    ) -> Self {
        let most = usize::from(Grid::MOST) * usize::from(Grid::MOST);
        let tiles: Vec<Option<Left>> = series
            .take(most)
            .filter_map(|key| find_series(patient, key))
            .map(|(_, series)| Left::of(&Tile::of(series)))
            .collect();
        let side = |n: usize| (1u8..=Grid::MOST).find(|k| usize::from(*k) >= n);
        let columns = (1u8..=Grid::MOST)
            .find(|k| usize::from(*k).pow(2) >= tiles.len())
            .unwrap_or(Grid::MOST);
        let rows = side(tiles.len().div_ceil(usize::from(columns))).unwrap_or(1);
        Self {
            person: patient.person,
            newest: newest(patient),
            grid: [columns, rows],
            active: 0,
            single: false,
            tiles,
        }
    }
}

fn newest(patient: &PatientView) -> String {
    let first = patient.studies.first();
    first.map_or_else(String::new, |s| s.uid.to_string())
}

impl Left {
    fn of(tile: &Tile) -> Option<Self> {
        let series = tile.series.as_ref()?;
        let view = &tile.view;
        Some(Self {
            series: series.0.clone(),
            over: tile.over.as_ref().map(|key| key.0.clone()),
            slice: tile.slice,
            shown: match &tile.content {
                Content::Stack => Shown::Stack,
                Content::Cut(cut) => Shown::Cut {
                    plane: cut.plane,
                    mode: MODES
                        .iter()
                        .zip(0u8..)
                        .find(|(mode, _)| **mode == cut.slab.mode)
                        .map_or(0, |(_, k)| k),
                    thickness_mm: cut.slab.thickness_mm,
                },
                Content::Solid(_) => Shown::Solid,
            },
            window: view.window.map(|w| (w.center(), w.width(), w.function())),
            invert: view.invert,
            palette: view
                .pseudo_colour
                .and_then(|p| WellKnownPalette::ALL.iter().position(|q| *q == p)),
            zoom: view.zoom,
            pan: view.pan,
            quarter_turns: view.quarter_turns,
            flips: [view.flip_h, view.flip_v],
            interpolation: view.interpolation,
        })
    }

    /// `None` when its set is not there any more.
    fn tile(&self, patient: &PatientView) -> Option<Tile> {
        let (_, series) = find_series(patient, &SeriesKey(self.series.clone()))?;
        let mut tile = Tile::of(series);
        tile.slice = self.slice.min(series.images.saturating_sub(1));
        tile.over = self.over.clone().map(SeriesKey);
        tile.content = match self.shown {
            Shown::Stack => Content::Stack,
            Shown::Cut {
                plane,
                mode,
                thickness_mm,
            } => {
                let mut cut = Cut::new(plane);
                cut.slab = Slab {
                    mode: MODES.get(usize::from(mode)).copied().unwrap_or_default(),
                    thickness_mm: thickness_mm.clamp(0.0, 200.0),
                    ..cut.slab
                };
                Content::Cut(cut)
            }
            Shown::Solid => Content::Solid(Solid::new()),
        };
        let view = &mut tile.view;
        view.window = self
            .window
            .and_then(|(center, width, function)| Window::new(center, width, function).ok());
        view.invert = self.invert;
        view.pseudo_colour = self
            .palette
            .and_then(|k| WellKnownPalette::ALL.get(k).copied());
        if self.zoom.is_finite() && self.zoom > 0.0 && self.pan.iter().all(|p| p.is_finite()) {
            (view.zoom, view.pan) = (self.zoom, self.pan);
        }
        view.quarter_turns = self.quarter_turns;
        [view.flip_h, view.flip_v] = self.flips;
        view.interpolation = self.interpolation;
        Some(tile)
    }
}

impl Images {
    /// The reading desk as it is now.
    pub fn session(&self, patient: &PatientView) -> Session {
        let tiles = self.tiles(Desk::Reading);
        Session {
            person: patient.person,
            newest: newest(patient),
            grid: tiles.grid().size(),
            active: tiles.active,
            single: tiles.single,
            tiles: tiles
                .tiles
                .iter()
                .take(tiles.grid().tiles())
                .map(Left::of)
                .collect(),
        }
    }

    /// Hangs the reading desk as it was left. False, and nothing changes, when there is a newer study or none of the sets is there.
    pub fn restore(&mut self, session: &Session, patient: &PatientView) -> bool {
        let same = session.person == patient.person && session.newest == newest(patient);
        // What hangs so anyway hangs by its protocol.
        if !same || self.session(patient) == *session {
            return false;
        }
        let tiles: Vec<Tile> = session
            .tiles
            .iter()
            .map(|left| left.as_ref().and_then(|l| l.tile(patient)))
            .map(Option::unwrap_or_default)
            .collect();
        if tiles.iter().all(|t| t.series.is_none()) {
            return false;
        }
        let [columns, rows] = session.grid;
        let mut hung = Tiles::new(tiles, Grid::new(columns, rows));
        hung.active = session.active.min(hung.grid().tiles() - 1);
        hung.single = session.single;
        self.reading = hung;
        self.hung = None;
        self.as_left = true;
        true
    }

    /// Nothing is said of how it hangs: this window was opened for it.
    pub const fn hangs_for_this_window(&mut self) {
        self.as_left = false;
    }

    /// The active tile alone, for a window of its own; `None` when it is empty.
    pub fn undocked(&self, desk: Desk, patient: &PatientView) -> Option<Session> {
        let tiles = self.tiles(desk);
        let left = Left::of(tiles.tiles.get(tiles.active)?)?;
        Some(Session {
            grid: [1, 1],
            active: 0,
            single: false,
            tiles: vec![Some(left)],
            ..self.session(patient)
        })
    }

    /// The newest study's sets that no tile shows, for a further window; those on screen when there are no others.
    pub fn others(&self, desk: Desk, patient: &PatientView) -> Session {
        let mut shown: Vec<&SeriesKey> = Vec::new();
        for key in self
            .tiles(desk)
            .tiles
            .iter()
            .filter_map(|t| t.series.as_ref())
        {
            if !shown.contains(&key) {
                shown.push(key);
            }
        }
        let all = || {
            let studies = patient.studies.iter().take(2);
            studies
                .flat_map(|study| &study.series)
                .filter(|s| s.unreadable.is_none())
                .map(|s| &s.key)
        };
        let hidden: Vec<&SeriesKey> = all().filter(|key| !shown.contains(key)).take(4).collect();
        match hidden.is_empty() {
            true => Session::of_series(patient, shown.into_iter()),
            false => Session::of_series(patient, hidden.into_iter()),
        }
    }
}
