//! What comes into a tile by name: a target of another leaf, a display set, the planes of a volume.

use triptych_workbench::view::{PatientView, SeriesKey, Target};

use super::cut::Cut;
use super::tile::Tile;
use super::tiles::{Grid, Tiles};
use super::{Images, cut, find_series, hang};
use crate::desk::Desk;

impl Images {
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
