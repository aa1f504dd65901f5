//! What an action of the table does to tiles. An action of the view goes to every chosen tile; what moves goes to each on its own.

use egui::{Ui, Vec2};
use triptych_render::display::{ProbeValue, probe};
use triptych_render::{ImageCorner, Interpolation, View, Window, presets_for};
use triptych_workbench::Command;
use triptych_workbench::view::{PatientView, SeriesView};

use super::gesture::{seen, step_slice};
use super::menu::{Entry, Pick};
use super::studies::Studies;
use super::{Grid, Images, Tile, Tool, find_series};
use crate::actions::Action;
use crate::desk::Desk;
use crate::words::{w, wf};

impl Images {
    /// Does what the images leaf has for `action`; false when that is not its own.
    pub fn act(&mut self, action: Action, ui: &Ui, desk: Desk, patient: &PatientView) -> bool {
        let tool = match action {
            Action::ToolWindow => Some(Tool::Window),
            Action::ToolScroll => Some(Tool::Scroll),
            Action::ToolZoom => Some(Tool::Zoom),
            Action::ToolPan => Some(Tool::Pan),
            Action::ToolRotate => Some(Tool::Rotate),
            Action::ToolRegionWindow => Some(Tool::RegionWindow),
            _ => None,
        };
        if let Some(tool) = tool {
            self.tool = tool;
            return true;
        }
        if action == Action::Solid {
            let tiles = self.tiles_mut(desk);
            let active = tiles.active;
            if let Some(tile) = tiles.tiles.get_mut(active)
                && super::cut::is_volume(patient, tile)
            {
                tile.content = match tile.content {
                    super::tile::Content::Solid(_) => super::tile::Content::Stack,
                    _ => super::tile::Content::Solid(super::solid::Solid::new()),
                };
            }
            return true;
        }
        if matches!(action, Action::Export | Action::ExportNameless) {
            let tile = self.tiles(desk).active;
            self.begin_export(action, tile);
            ui.ctx().request_repaint();
            return true;
        }
        if action == Action::Fusion {
            return self.toggle_fusion(desk, patient);
        }
        if action == Action::Mpr {
            self.toggle_planes(desk, patient);
            return true;
        }
        if let Some(done) = self.act_on_drawings(action, desk, patient) {
            return done;
        }
        if action == Action::MarkRead
            && let Some(uid) = self
                .active(desk, patient)
                .map(|(s, _)| s.uid.as_str().to_owned())
        {
            self.mark_read(uid);
            return true;
        }
        let tiles = self.tiles_mut(desk);
        match action {
            Action::Grid1 => tiles.set_grid(Grid::ONE),
            Action::Grid2 => tiles.set_grid(Grid::new(2, 2)),
            Action::Grid3 => tiles.set_grid(Grid::new(3, 3)),
            Action::Grid4 => tiles.set_grid(Grid::new(4, 4)),
            Action::TileNext => tiles.step(1),
            Action::TilePrevious => tiles.step(-1),
            Action::FullTile => tiles.single = !tiles.single,
            Action::SelectAll => tiles.select_all(),
            Action::CloseTile => {
                for i in tiles.chosen() {
                    if let Some(tile) = tiles.tiles.get_mut(i) {
                        *tile = Tile::default();
                    }
                }
            }
            Action::KeyOnly => self.key_only = !self.key_only,
            Action::Header => {
                let file = self.file_of_active(desk, patient);
                self.headers = file.map(super::headers::Headers::new);
            }
            Action::SaveState => {
                let seen = self.seen_by_active(desk, patient);
                let commands = seen.map(|seen| Command::WriteState {
                    folder: None,
                    seen: Box::new(seen),
                });
                self.board.commands.extend(commands);
            }
            Action::Graphics => self.graphics = !self.graphics,
            Action::Magnifier => self.lens = !self.lens,
            Action::StudyList => self.studies = Some(Studies::default()),
            Action::WindowEntry => self.entry = Some(Entry::default()),
            Action::Cine | Action::CineFaster | Action::CineSlower => {
                let now = ui.input(|i| i.time);
                for i in tiles.chosen() {
                    if let Some(tile) = tiles.tiles.get_mut(i) {
                        tile.act_play(action, now, patient);
                    }
                }
            }
            Action::CopyValues => {
                let tile = tiles.tiles.get(tiles.active);
                if let Some(words) = tile.and_then(|t| t.values_as_text(patient, t.pointed)) {
                    ui.ctx().copy_text(words);
                }
            }
            _ => {
                return tiles.act_on_links(action, patient)
                    || self.act_on_hanging(action, patient)
                    || self.act_on_tiles(action, desk, patient);
            }
        }
        true
    }

    /// Lays the PET of the same patient space over the planes of the active tile's set, or takes it away. Slices become planes first.
    fn toggle_fusion(&mut self, desk: Desk, patient: &PatientView) -> bool {
        use super::tile::Content;
        let tiles = self.tiles_mut(desk);
        let active = tiles.active;
        let Some(tile) = tiles.tiles.get(active) else {
            return false;
        };
        let Some(key) = tile.series.clone() else {
            return false;
        };
        let taken_away = tile.over.is_some();
        let found = find_series(patient, &key);
        let over = found.and_then(|(_, base)| super::cut::partner(patient, base));
        let over = over.map(|over| over.key.clone()).filter(|_| !taken_away);
        if over.is_none() && !taken_away {
            return false;
        }
        if tile.content == Content::Stack {
            let plane = super::cut::Cut::new(triptych_render::Orientation::Axial);
            if let Some(tile) = tiles.tiles.get_mut(active) {
                tile.content = Content::Cut(plane);
            }
        }
        for tile in &mut tiles.tiles {
            if tile.series.as_ref() == Some(&key) && matches!(tile.content, Content::Cut(_)) {
                tile.over.clone_from(&over);
                tile.over_opacity = 50;
            }
        }
        true
    }

    /// True size in every chosen tile, on a screen whose pixels are `pitch_mm` wide.
    pub fn true_size(&mut self, desk: Desk, pitch_mm: f64, mark: Option<String>) {
        let tiles = self.tiles_mut(desk);
        for i in tiles.chosen() {
            if let Some(tile) = tiles.tiles.get_mut(i) {
                tile.true_size(pitch_mm, mark.clone());
            }
        }
    }

    fn act_on_tiles(&mut self, action: Action, desk: Desk, patient: &PatientView) -> bool {
        let volumes = std::mem::take(&mut self.volumes);
        let tiles = self.tiles_mut(desk);
        let mut done = false;
        for i in tiles.chosen() {
            if let Some(tile) = tiles.tiles.get_mut(i) {
                let planes = tile.series.as_ref().and_then(|key| volumes.planes(key));
                done |= planes
                    .is_some_and(|(volume, cross)| tile.act_on_plane(action, volume, &cross))
                    || tile.act(action, patient);
            }
        }
        self.volumes = volumes;
        done
    }
}

impl Tile {
    /// Does one thing to the tile; false when that is none of its own.
    pub fn act(&mut self, action: Action, patient: &PatientView) -> bool {
        if let Some(paper) = &mut self.paper {
            return paper.act(action);
        }
        let Some((_, series)) = self.series.as_ref().and_then(|k| find_series(patient, k)) else {
            return false;
        };
        if let super::tile::Content::Solid(solid) = &mut self.content
            && solid.act(action)
        {
            return true;
        }
        self.act_view(action) || self.act_window(action) || self.act_move(action, patient, series)
    }

    fn act_view(&mut self, action: Action) -> bool {
        match action {
            Action::Invert => self.view.invert = !self.view.invert,
            Action::FlipHorizontal => self.view.flip_h = !self.view.flip_h,
            Action::FlipVertical => self.view.flip_v = !self.view.flip_v,
            Action::RotateRight => self.view.quarter_turns += seen(&self.view),
            Action::RotateLeft => self.view.quarter_turns -= seen(&self.view),
            Action::ZoomIn => self.zoom_about(1.25, Vec2::ZERO),
            Action::ZoomOut => self.zoom_about(0.8, Vec2::ZERO),
            Action::FusionMore => self.over_opacity = (self.over_opacity + 10).min(100),
            Action::FusionLess => self.over_opacity = self.over_opacity.saturating_sub(10),
            Action::Fit => {
                self.view.zoom = 1.0;
                self.view.pan = [0.0; 2];
            }
            Action::OneToOne => self.zoom_to_scale(1.0),
            Action::Interpolation => {
                self.view.interpolation = match self.view.interpolation {
                    Interpolation::Bilinear => Interpolation::Bicubic,
                    Interpolation::Bicubic => Interpolation::Nearest,
                    Interpolation::Nearest => Interpolation::Bilinear,
                }
            }
            Action::Reset => self.view = View::default(),
            _ => return false,
        }
        true
    }

    fn act_window(&mut self, action: Action) -> bool {
        match action {
            Action::WindowReset => {
                self.view.window = None;
                self.view.invert = false;
            }
            Action::FileWindow1 => self.file_window(0),
            Action::FileWindow2 => self.file_window(1),
            _ => {
                let Some(digit) = action.preset() else {
                    return false;
                };
                let preset = self.display().and_then(|display| {
                    presets_for(display)
                        .into_iter()
                        .find(|(preset, _)| preset.key == Some(digit))
                });
                if let Some((_, window)) = preset {
                    self.view.window = Some(window);
                }
            }
        }
        true
    }

    fn file_window(&mut self, k: usize) {
        let choice = self.display().and_then(|d| d.windows.get(k).cloned());
        if let Some(choice) = choice {
            self.view.window = Some(choice.window);
        }
    }

    fn act_move(&mut self, action: Action, patient: &PatientView, series: &SeriesView) -> bool {
        let last = series.images.saturating_sub(1);
        let step = |from, by| step_slice(from, by, series.images);
        match action {
            Action::ImageNext => self.slice = step(self.slice, 1),
            Action::ImagePrevious => self.slice = step(self.slice, -1),
            Action::ImageForward10 => self.slice = step(self.slice, 10),
            Action::ImageBack10 => self.slice = step(self.slice, -10),
            Action::ImageFirst => self.slice = 0,
            Action::ImageLast => self.slice = last,
            Action::SeriesNext => self.step_series(patient, |now, _| now + 1),
            Action::SeriesPrevious => self.step_series(patient, |now, _| now - 1),
            Action::SeriesFirst => self.step_series(patient, |_, _| 0),
            Action::SeriesLast => self.step_series(patient, |_, n| n - 1),
            Action::StudyNext => self.step_study(patient, 1),
            Action::StudyPrevious => self.step_study(patient, -1),
            _ => return false,
        }
        true
    }

    /// Another display set of the patient; nothing beyond the first and last.
    fn step_series(&mut self, patient: &PatientView, to: impl Fn(isize, isize) -> isize) {
        let all: Vec<&SeriesView> = patient.studies.iter().flat_map(|s| &s.series).collect();
        let is_this = |s: &&SeriesView| Some(&s.key) == self.series.as_ref();
        let Some(now) = all.iter().position(is_this) else {
            return;
        };
        let to = to(now as isize, all.len() as isize);
        if let Some(next) = usize::try_from(to).ok().and_then(|i| all.get(i)) {
            *self = Self::of(next);
        }
    }

    /// The set that a reader opens first in the study before or after.
    fn step_study(&mut self, patient: &PatientView, by: isize) {
        let holds = |s: &triptych_workbench::view::StudyView| {
            s.series
                .iter()
                .any(|s| Some(&s.key) == self.series.as_ref())
        };
        let Some(now) = patient.studies.iter().position(holds) else {
            return;
        };
        let next = now
            .checked_add_signed(by)
            .and_then(|i| patient.studies.get(i))
            .and_then(super::hang::main_series);
        if let Some(series) = next {
            *self = Self::of(series);
        }
    }

    /// A row of the menu that is no action of the table.
    pub(super) fn pick(&mut self, pick: &Pick) {
        match pick {
            Pick::Action(_) | Pick::State(_) => {}
            Pick::Window(window) => self.view.window = Some(*window),
            Pick::PerImage => {
                self.per_image = !self.per_image;
                self.view.window = None;
            }
            Pick::Interpolation(how) => self.view.interpolation = *how,
        }
    }

    /// Plays, stops, and changes the rate; `now` is egui's clock.
    pub(super) fn act_play(&mut self, action: Action, now: f64, patient: &PatientView) -> bool {
        let Some((_, series)) = self.series.as_ref().and_then(|k| find_series(patient, k)) else {
            return false;
        };
        match action {
            Action::Cine => self.play_or_stop(now, series),
            Action::CineFaster => self.change_rate(true, now, series),
            Action::CineSlower => self.change_rate(false, now, series),
            _ => return false,
        }
        true
    }

    /// Window, place and value under the pointer as text, for the clipboard.
    pub(super) fn values_as_text(
        &self,
        patient: &PatientView,
        at: Option<ImageCorner>,
    ) -> Option<String> {
        let (study, series) = find_series(patient, self.series.as_ref()?)?;
        let picture = self.picture()?;
        let mut words = wf(
            "images.copied",
            &[
                ("title", &study.title),
                ("date", &study.date),
                ("series", &series.number),
                ("n", &(self.slice + 1)),
                ("all", &series.images),
                ("window", &super::corner::window_words(self)),
            ],
        );
        let probe = at.and_then(|at| probe(&picture.frame, &picture.display, at));
        if let Some(probe) = probe {
            words.push('\n');
            words.push_str(&wf(
                "images.copied_at",
                &[("x", &probe.column), ("y", &probe.row)],
            ));
            match probe.value {
                ProbeValue::Grey {
                    stored,
                    modality,
                    unit,
                    ..
                } => words.push_str(&format!(": {modality} {unit} ({stored})")),
                ProbeValue::Rgb(rgb) => words.push_str(&format!(": {rgb:?}")),
                ProbeValue::Palette { rgb, .. } => words.push_str(&format!(": {rgb:?}")),
                ProbeValue::Padding { .. } => {
                    words.push_str(": ");
                    words.push_str(w("images.padding"));
                }
            }
        }
        Some(words)
    }

    /// A window that was typed: `c w`, centre first (T16).
    pub(super) fn type_window(&mut self, text: &str) -> bool {
        let numbers: Vec<f64> = text
            .split([' ', '/', ';'])
            .filter(|p| !p.is_empty())
            .filter_map(|p| p.replace('\u{2212}', "-").replace(',', ".").parse().ok())
            .collect();
        let function = self.window().map(|w| w.function()).unwrap_or_default();
        let [center, width] = numbers[..] else {
            return false;
        };
        match Window::new(center, width, function) {
            Ok(window) => {
                self.view.window = Some(window);
                true
            }
            Err(_) => false,
        }
    }
}
