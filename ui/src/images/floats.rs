//! What floats over the tiles: menu, typed window, browser of headers, list of studies.

use egui::{Rect, Ui};
use triptych_workbench::Command;
use triptych_workbench::view::PatientView;

use super::menu::{Answer, Pick};
use super::{Images, paper, studies};
use crate::actions::Bindings;
use crate::desk::Desk;
use crate::out::Out;

impl Images {
    /// Menu and typed window, over the tiles.
    #[allow(clippy::too_many_arguments, reason = "one call from one place")]
    pub(super) fn floats(
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
    pub(super) fn browser(
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

    pub(super) fn list_of_studies(
        &mut self,
        ui: &mut Ui,
        leaf: Rect,
        patient: &PatientView,
        desk: Desk,
    ) {
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
    pub(super) fn mark_read(&mut self, uid: String) {
        match self.read.iter().position(|u| *u == uid) {
            Some(at) => {
                self.read.remove(at);
            }
            None => self.read.push(uid),
        }
    }
}
