//! The tiles of one desk: how many, where, which is active; and the picker of their number.

use egui::{Id, Key, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::Tile;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::words::{w, wf};

/// Columns and rows of tiles, each 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    columns: u8,
    rows: u8,
}

impl Grid {
    /// Most columns and most rows.
    pub const MOST: u8 = 4;
    /// One tile.
    pub const ONE: Self = Self::new(1, 1);

    /// A grid; what lies outside 1 to 4 becomes the nearest that does not.
    pub const fn new(columns: u8, rows: u8) -> Self {
        const fn kept(n: u8) -> u8 {
            match n {
                0 => 1,
                5.. => Grid::MOST,
                n => n,
            }
        }
        Self {
            columns: kept(columns),
            rows: kept(rows),
        }
    }

    /// Tiles in it.
    pub const fn tiles(self) -> usize {
        self.columns as usize * self.rows as usize
    }

    /// Columns, rows.
    pub const fn size(self) -> [u8; 2] {
        [self.columns, self.rows]
    }

    /// `3 × 2`: columns, then rows.
    pub fn words(self) -> String {
        format!("{} × {}", self.columns, self.rows)
    }
}

/// Tiles of one desk.
#[derive(Debug)]
pub(crate) struct Tiles {
    grid: Grid,
    /// At least as many as the grid shows; those beyond keep what they had until the grid grows again.
    pub tiles: Vec<Tile>,
    pub active: usize,
    /// Chosen with Ctrl and click: actions go to all of them.
    chosen: Vec<usize>,
    /// The active tile fills the leaf (double click).
    pub single: bool,
    pub(super) linked: super::link::Linked,
}

impl Tiles {
    pub fn new(tiles: Vec<Tile>, grid: Grid) -> Self {
        let mut new = Self {
            grid,
            tiles,
            active: 0,
            chosen: Vec::new(),
            single: false,
            linked: super::link::Linked::default(),
        };
        new.set_grid(grid);
        new
    }

    pub const fn grid(&self) -> Grid {
        self.grid
    }

    /// Another number of tiles; new ones are empty.
    pub fn set_grid(&mut self, grid: Grid) {
        self.grid = grid;
        self.single = false;
        if self.tiles.len() < grid.tiles() {
            self.tiles.resize_with(grid.tiles(), Tile::default);
        }
        self.active = self.active.min(grid.tiles() - 1);
        self.chosen.retain(|i| *i < grid.tiles());
    }

    /// The tile before or after becomes active.
    pub fn step(&mut self, by: isize) {
        let n = self.shown().max(1) as isize;
        self.active = usize::try_from((self.active as isize + by).rem_euclid(n)).unwrap_or(0);
    }

    /// Ctrl and click: chosen, or no longer; the active one is always among them.
    pub fn select(&mut self, i: usize) {
        match self.chosen.iter().position(|c| *c == i) {
            Some(at) if self.chosen.len() > 1 => {
                self.chosen.remove(at);
                if self.active == i {
                    self.active = self.chosen.first().copied().unwrap_or(0);
                }
            }
            Some(_) => self.chosen.clear(),
            None => {
                if !self.chosen.contains(&self.active) {
                    self.chosen.push(self.active);
                }
                if !self.chosen.contains(&i) {
                    self.chosen.push(i);
                }
                self.active = i;
            }
        }
    }

    pub fn select_all(&mut self) {
        self.chosen = if self.chosen.len() == self.shown() {
            Vec::new()
        } else {
            (0..self.shown()).collect()
        };
    }

    /// A plain press: only this one.
    pub fn press(&mut self, i: usize) {
        self.active = i;
        if !self.chosen.contains(&i) {
            self.chosen.clear();
        }
    }

    pub fn clear_chosen(&mut self) -> bool {
        let any = !self.chosen.is_empty();
        self.chosen.clear();
        any
    }

    pub fn is_chosen(&self, i: usize) -> bool {
        self.chosen.contains(&i)
    }

    /// What an action goes to: the chosen tiles, or the active one.
    pub fn chosen(&self) -> Vec<usize> {
        if self.chosen.contains(&self.active) {
            self.chosen.clone()
        } else {
            vec![self.active]
        }
    }

    /// How many tiles the grid shows.
    pub const fn shown(&self) -> usize {
        self.grid.tiles()
    }

    /// Tiles on screen with their places, 2 points apart.
    pub fn places(&self, rect: Rect) -> Vec<(usize, Rect)> {
        if self.single || self.grid == Grid::ONE {
            return vec![(self.active, rect)];
        }
        cells(self.grid, rect, 2.0)
    }
}

/// Cells of `grid` in `rect` in reading order, `gap` apart.
fn cells(grid: Grid, rect: Rect, gap: f32) -> Vec<(usize, Rect)> {
    let [columns, rows] = [grid.columns, grid.rows].map(f32::from);
    let size = vec2(
        ((rect.width() - gap * (columns - 1.0)) / columns).floor(),
        ((rect.height() - gap * (rows - 1.0)) / rows).floor(),
    );
    (0..grid.rows)
        .flat_map(|r| (0..grid.columns).map(move |c| (c, r)))
        .map(|(c, r)| {
            let step = vec2(f32::from(c), f32::from(r)) * (size + vec2(gap, gap));
            Rect::from_min_size(rect.min + step, size)
        })
        .enumerate()
        .collect()
}

/// The picker: cells that fill up to the pointer, the size in words below. What was chosen, or nothing.
#[derive(Debug, Default)]
pub(super) struct Picker {
    open: bool,
    /// What the keys have reached.
    at: Option<Grid>,
}

impl Picker {
    pub fn toggle(&mut self, now: Grid) {
        self.open = !self.open;
        self.at = Some(now);
    }

    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// Draws it below `under`, right edges flush. Arrows move, Enter chooses, Esc closes.
    pub fn show(&mut self, ui: &mut Ui, under: Rect, now: Grid) -> Option<Grid> {
        if !self.open {
            return None;
        }
        let (cell, gap) = (sz(22.0), 4.0);
        let most = Grid::new(Grid::MOST, Grid::MOST);
        let side = cell * f32::from(Grid::MOST) + gap * f32::from(Grid::MOST - 1);
        let size = vec2(side + 16.0, side + 16.0 + sz(20.0));
        let place = Rect::from_min_size(pos2(under.right() - size.x, under.bottom() + 4.0), size);
        let mut chosen = self.keys(ui, now);
        let layer = egui::Area::new(Id::unique("grid picker"))
            .order(egui::Order::Foreground)
            .fixed_pos(place.min)
            .show(ui.ctx(), |ui| {
                ui.set_clip_rect(place.expand(2.0));
                let (_, place) = ui.allocate_space(size);
                self.cells(ui, place, most, now)
            });
        chosen = layer.inner.or(chosen);
        let outside = ui.input(|i| {
            i.pointer.any_pressed()
                && i.pointer
                    .interact_pos()
                    .is_some_and(|p| !place.contains(p) && !under.contains(p))
        });
        if chosen.is_some() || outside {
            self.open = false;
        }
        chosen
    }

    fn cells(&mut self, ui: &Ui, place: Rect, most: Grid, now: Grid) -> Option<Grid> {
        let p = ui.painter();
        let corner = egui::CornerRadius::same(t::RADIUS_FLOATING);
        p.rect(
            place,
            corner,
            t::RAISED,
            Stroke::new(1.0, t::LINE),
            StrokeKind::Inside,
        );
        let (cell, gap) = (sz(22.0), 4.0);
        let side = cell * f32::from(Grid::MOST) + gap * f32::from(Grid::MOST - 1);
        let field = Rect::from_min_size(place.min + vec2(8.0, 8.0), vec2(side, side));
        let mut chosen = None;
        let mut rects = Vec::new();
        for (i, rect) in cells(most, field, gap) {
            #[allow(clippy::cast_possible_truncation, reason = "below 16")]
            let i = i as u8;
            let grid = Grid::new(i % Grid::MOST + 1, i / Grid::MOST + 1);
            let response = ui.interact(
                rect.expand(gap / 2.0),
                Id::unique(("grid cell", i)),
                Sense::click(),
            );
            let name = wf("images.grid_cell", &[("grid", &grid.words())]);
            let on = grid == now;
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &name));
            if response.hovered() {
                self.at = Some(grid);
            }
            if response.clicked() {
                chosen = Some(grid);
            }
            rects.push((grid, rect));
        }
        let at = self.at.unwrap_or(now);
        for (grid, rect) in rects {
            let inside = grid.columns <= at.columns && grid.rows <= at.rows;
            let (fill, edge) = if inside {
                (t::SELECTED, t::ACCENT)
            } else {
                (t::PANEL, t::LINE)
            };
            p.rect(rect, 0.0, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        }
        let y = place.bottom() - sz(14.0);
        text::center(
            p,
            place.center().x,
            y,
            &at.words(),
            f::small_medium(),
            t::VALUE,
        );
        chosen
    }

    fn keys(&mut self, ui: &Ui, now: Grid) -> Option<Grid> {
        let at = self.at.unwrap_or(now);
        ui.input_mut(|i| {
            for (key, grid) in [
                (Key::ArrowRight, Grid::new(at.columns + 1, at.rows)),
                (Key::ArrowLeft, Grid::new(at.columns - 1, at.rows)),
                (Key::ArrowDown, Grid::new(at.columns, at.rows + 1)),
                (Key::ArrowUp, Grid::new(at.columns, at.rows - 1)),
            ] {
                if i.consume_key(Modifiers::NONE, key) {
                    self.at = Some(grid);
                }
            }
            if i.consume_key(Modifiers::NONE, Key::Escape) {
                self.open = false;
            }
            i.consume_key(Modifiers::NONE, Key::Enter).then_some(at)
        })
    }
}

/// The chip in the leaf's head that opens the picker, right edge at `right`; its place.
pub(super) fn chip(ui: &Ui, right: f32, y: f32, grid: Grid, open: bool) -> (Rect, bool) {
    let words = grid.words();
    let width = (text::width(ui.painter(), &words, f::small()) + 14.0).ceil();
    let rect = Rect::from_min_size(pos2(right - width, y - sz(11.0)), vec2(width, sz(22.0)));
    let response = ui.interact(rect, Id::unique("grid"), Sense::click());
    let name = wf("images.grid", &[("grid", &words)]);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, open, &name));
    let fill = if response.hovered() {
        t::HOVER
    } else {
        t::PANEL
    };
    let (edge, ink) = if open {
        (t::ACCENT, t::ACCENT)
    } else {
        (t::LINE, t::BODY)
    };
    let corner = egui::CornerRadius::same(t::RADIUS);
    ui.painter().rect(
        rect,
        corner,
        fill,
        Stroke::new(1.0, edge),
        StrokeKind::Inside,
    );
    text::center(ui.painter(), rect.center().x, y, &words, f::small(), ink);
    widget::focus_ring(ui, &response, rect, t::RADIUS);
    (
        rect,
        widget::hover(response, w("images.grid_hover")).clicked(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_holds_one_to_sixteen_tiles_and_they_fill_the_leaf_without_overlap() {
        let leaf = Rect::from_min_max(pos2(96.0, 32.0), pos2(960.0, 800.0));
        for columns in 0..=5u8 {
            for rows in 0..=5u8 {
                let mut tiles = Tiles::new(Vec::new(), Grid::new(columns, rows));
                let expected = usize::from(columns.clamp(1, 4)) * usize::from(rows.clamp(1, 4));
                assert_eq!(tiles.shown(), expected);
                assert!(tiles.tiles.len() >= expected);
                let places = tiles.places(leaf);
                assert_eq!(places.len(), expected);
                for (i, (_, a)) in places.iter().enumerate() {
                    assert!(leaf.expand(0.5).contains_rect(*a));
                    for (_, b) in &places[i + 1..] {
                        assert!(!a.shrink(0.5).intersects(*b));
                    }
                }
                tiles.active = expected - 1;
                tiles.set_grid(Grid::ONE);
                assert_eq!(tiles.active, 0, "the active tile is one that is shown");
            }
        }
    }
}
