//! The leaf of a frame: strip, head and tiles, and what was done in them.

use std::cell::RefCell;

use egui::{Rect, Ui, pos2, vec2};
use triptych_workbench::Command;
use triptych_workbench::view::PatientView;

use super::menu::Menu;
use super::tile::Tile;
use super::tiles::Tiles;
use super::{Images, corner, find_series, lens, tile};
use crate::actions::Bindings;
use crate::canvas::Canvas;
use crate::desk::Desk;
use crate::look::icon::Icon;
use crate::look::typeface::sz;
use crate::look::{tokens as t, widget};
use crate::out::{Out, Targets};
use crate::words::w;

impl Images {
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
