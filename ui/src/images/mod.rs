//! Images leaf: series strip, tools, tiles. A stack viewer: one display set a tile, drawn through [`crate::Canvas`].

mod corner;
mod hang;
mod input;
mod strip;
mod tile;

use egui::{Align, Id, Rect, Stroke, Ui, pos2, vec2};
use triptych_workbench::Command;
use triptych_workbench::view::{PatientView, SeriesKey, SeriesView, StudyView, Target};

use crate::canvas::Canvas;
use crate::desk::Desk;
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::{Out, Targets};
use crate::words::{w, wf};
pub(crate) use tile::Tile;

/// How many tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grid {
    One,
    Two,
    Four,
}

/// What the left button does while it is dragged (D1: W S Z P).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tool {
    #[default]
    Window,
    Scroll,
    Zoom,
    Pan,
}

/// Tiles of one desk.
#[derive(Debug)]
pub(crate) struct Tiles {
    pub grid: Grid,
    pub tiles: [Tile; 4],
    pub active: usize,
    /// The active tile fills the leaf (double click).
    pub single: bool,
}

/// State of the images leaf for one patient.
#[derive(Debug)]
pub(crate) struct Images {
    reading: Tiles,
    rounds: Tiles,
    tool: Tool,
    /// Thumbnails already asked for.
    thumbnails: Vec<SeriesKey>,
}

impl Images {
    /// Hangs the newest study, and what it is compared with.
    pub fn new(patient: &PatientView) -> Self {
        Self {
            reading: hang::reading(patient),
            rounds: hang::rounds(patient),
            tool: Tool::default(),
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
                        || s.stack
                            .slices
                            .get(tile.slice)
                            .is_none_or(|slice| slice.pixels.is_there())
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
        let tile = &mut tiles.tiles[active];
        if tile.series.as_ref() != Some(&series.key) {
            *tile = Tile::of(series);
        }
        if let Some(at) = at {
            tile.slice = at;
        }
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
        self.body(ui, body, canvas, patient, desk, targets, out);
    }

    fn head(&mut self, ui: &mut Ui, rect: Rect, patient: &PatientView, desk: Desk) {
        let y = rect.center().y;
        let p = ui.painter().clone();
        p.hline(
            rect.x_range(),
            rect.bottom() - 0.5,
            Stroke::new(1.0, t::HAIR),
        );
        let title = text::left(
            &p,
            rect.left() + t::PAD_LEFT,
            y,
            w("leaf.images"),
            f::strong(),
            t::VALUE,
        );
        let key_width = text::width(&p, "F1", f::small_medium()) + 9.0;
        let key = widget::key_cap(ui, title.right() + 8.0 + key_width, y, "F1");
        let mut right = rect.right() - t::PAD_RIGHT;
        if patient.studies.is_empty() {
            return;
        }
        let label = self
            .active(desk, patient)
            .map(|(s, _)| s.title.clone())
            .unwrap_or_default();
        if desk == Desk::Rounds {
            let note = wf(
                "images.studies",
                &[("title", &label), ("n", &patient.studies.len())],
            );
            let room = Rect::from_min_max(
                pos2(key.right() + 8.0, rect.top()),
                pos2(right - 4.0, rect.bottom()),
            );
            text::label(ui, "study", room, &note, f::small(), t::LABEL, Align::Max);
            return;
        }
        // Layouts.
        let tiles = self.tiles_mut(desk);
        for (grid, words, name) in [
            (Grid::Four, "2 × 2", "images.grid_four"),
            (Grid::Two, "1 × 2", "images.grid_two"),
            (Grid::One, "1 × 1", "images.grid_one"),
        ] {
            let width = (text::width(&p, words, f::small()) + 14.0).ceil();
            let chip =
                Rect::from_min_size(pos2(right - width, y - sz(11.0)), vec2(width, sz(22.0)));
            let on = tiles.grid == grid && !tiles.single;
            let response = widget::choice_at(ui, Id::unique(("grid", words)), chip, words, on);
            if widget::hover(response, w(name)).clicked() {
                tiles.grid = grid;
                tiles.single = false;
                tiles.active = tiles.active.min(tiles.shown().saturating_sub(1));
            }
            right = chip.left() - 4.0;
        }
        right -= 10.0;
        for (icon, name, act) in [
            (Icon::Reset, "images.reset", Act::Reset),
            (Icon::Contrast, "images.invert", Act::Invert),
        ] {
            let center = pos2(right - sz(14.0), y);
            let on =
                act == Act::Invert && tiles.tiles.get(tiles.active).is_some_and(|t| t.view.invert);
            if widget::tool_at(ui, Id::unique(name), center, icon, w(name), on).clicked()
                && let Some(tile) = tiles.tiles.get_mut(tiles.active)
            {
                tile.act(act, patient);
            }
            right -= sz(30.0);
        }
        p.vline(
            (right - 4.0).round() + 0.5,
            y - 8.0..=y + 8.0,
            Stroke::new(1.0, t::LINE),
        );
        right -= 12.0;
        for (tool, icon, name) in [
            (Tool::Pan, Icon::Pan, "images.tool_pan"),
            (Tool::Zoom, Icon::Zoom, "images.tool_zoom"),
            (Tool::Scroll, Icon::Scroll, "images.tool_scroll"),
            (Tool::Window, Icon::Window, "images.tool_window"),
        ] {
            let center = pos2(right - sz(14.0), y);
            if widget::tool_at(
                ui,
                Id::unique(name),
                center,
                icon,
                w(name),
                self.tool == tool,
            )
            .clicked()
            {
                self.tool = tool;
            }
            right -= sz(30.0);
        }
        let room = Rect::from_min_max(
            pos2(key.right() + 12.0, rect.top()),
            pos2(right - 8.0, rect.bottom()),
        );
        if room.width() > 60.0 {
            let width = (text::width(&p, &label, f::small()) + 13.0).min(room.width());
            let chip =
                Rect::from_min_size(pos2(room.left(), y - sz(10.0)), vec2(width, sz(t::CHIP)));
            p.rect_stroke(
                chip,
                egui::CornerRadius::same(t::RADIUS),
                Stroke::new(1.0, t::LINE),
                egui::StrokeKind::Inside,
            );
            text::label(
                ui,
                "study",
                chip.shrink2(vec2(6.5, 0.0)),
                &label,
                f::small(),
                t::BODY,
                Align::Min,
            );
        }
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
        out: &mut Out,
    ) {
        ui.painter().rect_filled(rect, 0.0, t::PANEL);
        let tool = self.tool;
        let tiles = self.tiles_mut(desk);
        let places = tiles.places(rect, desk);
        let slot = if desk == Desk::Reading {
            "reading"
        } else {
            "rounds"
        };
        for (i, place) in places {
            let context = tile::Context {
                patient,
                tool,
                targets,
                active: tiles.active == i,
            };
            let events =
                tiles.tiles[i].show(ui, place, &format!("{slot} {i}"), canvas, &context, out);
            if events.pressed {
                tiles.active = i;
            }
            if events.double_clicked {
                tiles.single = !tiles.single;
            }
        }
        for i in 0..tiles.tiles.len() {
            if i < tiles.shown() || i == tiles.active {
                tiles.tiles[i].ask_for_pixels(patient, out);
            }
        }
    }

    /// Keys of the active tile (D1). `focused` says that the region with focus has no use for arrows of its own.
    pub fn keys(&mut self, ui: &Ui, desk: Desk, patient: &PatientView, arrows_free: bool) {
        let (tool, act) = input::keys(ui, arrows_free);
        if let Some(tool) = tool {
            self.tool = tool;
        }
        let tiles = self.tiles_mut(desk);
        match act {
            Some(input::Move::Tile(step)) => {
                let n = tiles.shown() as isize;
                tiles.active = (tiles.active as isize + step).rem_euclid(n.max(1)) as usize;
            }
            Some(input::Move::Series(step)) => {
                let active = tiles.active;
                if let Some(tile) = tiles.tiles.get_mut(active) {
                    tile.step_series(patient, step);
                }
            }
            Some(input::Move::Act(act)) => {
                let active = tiles.active;
                if let Some(tile) = tiles.tiles.get_mut(active) {
                    tile.act(act, patient);
                }
            }
            None => {}
        }
    }
}

/// One thing done to the active tile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Act {
    Invert,
    FlipHorizontal,
    FlipVertical,
    ResetWindow,
    Reset,
    Preset(u8),
    Slice(i64),
    First,
    Last,
}

impl Tiles {
    /// How many tiles the grid shows.
    pub const fn shown(&self) -> usize {
        match self.grid {
            Grid::One => 1,
            Grid::Two => 2,
            Grid::Four => 4,
        }
    }

    /// Tiles on screen with their places: 2 points apart; stacked in Rounds.
    fn places(&self, rect: Rect, desk: Desk) -> Vec<(usize, Rect)> {
        if self.single || self.grid == Grid::One {
            return vec![(if self.single { self.active } else { 0 }, rect)];
        }
        let gap = 2.0;
        let (columns, rows) = match (self.grid, desk) {
            (Grid::Two, Desk::Reading) => (2u8, 1u8),
            (Grid::Two, Desk::Rounds) => (1, 2),
            _ => (2, 2),
        };
        let size = vec2(
            ((rect.width() - gap * f32::from(columns - 1)) / f32::from(columns)).floor(),
            ((rect.height() - gap * f32::from(rows - 1)) / f32::from(rows)).floor(),
        );
        (0..usize::from(columns) * usize::from(rows))
            .map(|i| {
                let (c, r) = (i % usize::from(columns), i / usize::from(columns));
                let min = rect.min + vec2(c as f32 * (size.x + gap), r as f32 * (size.y + gap));
                (i, Rect::from_min_size(min, size))
            })
            .collect()
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
