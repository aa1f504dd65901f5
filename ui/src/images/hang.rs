//! What hangs where when a patient is opened: a protocol's step, or a plain arrangement where none fits; nothing made up for a cell that
//! has no set.

use triptych_render::{VoiFunction, Window};
use triptych_workbench::view::{PatientView, SeriesView, StudyView};

use super::protocol::{Cell, Protocol, Step, choose, plane_of, priors};
use super::{Grid, Images, Tile, Tiles, find_series};
use crate::actions::Action;
use crate::words::{w, wf};

/// Studies of so many days are read together.
pub(super) const SAME_EPISODE: i64 = 7;

/// The protocol in use and where it stands.
#[derive(Debug)]
pub(super) struct Hung {
    protocol: Protocol,
    lead: StudyView,
    /// Why this protocol, in words.
    why: String,
    step: usize,
    /// Tiles of the other steps as they were left.
    kept: Vec<Option<Tiles>>,
}

/// The set of a study that a reader would open first: most images.
pub(super) fn main_series(study: &StudyView) -> Option<&SeriesView> {
    study
        .series
        .iter()
        .filter(|s| s.unreadable.is_none())
        // Of equals the first: series numbers say what the scanner thought of first.
        .rev()
        .max_by_key(|s| s.images)
        .or_else(|| study.series.first())
}

/// The study that is read: a stack before a single projection of the same week, since the reader scrolls it.
fn lead(patient: &PatientView) -> Option<&StudyView> {
    patient
        .studies
        .iter()
        .filter(|s| s.days_before_newest <= SAME_EPISODE)
        .max_by_key(|s| main_series(s).map_or(0, |m| m.images))
        .or_else(|| patient.studies.first())
}

/// By protocol where one fits and finds anything, else plain.
pub(super) fn reading(patient: &PatientView, own: &[Protocol]) -> (Tiles, Option<Hung>) {
    let Some(mut hung) = lead(patient).and_then(|l| Hung::new(patient, l, own)) else {
        return (plain(patient), None);
    };
    match hung.tiles(patient, 0) {
        Some(tiles) => {
            hung.step = 0;
            (tiles, Some(hung))
        }
        None => (plain(patient), None),
    }
}

impl Hung {
    fn new(patient: &PatientView, lead: &StudyView, own: &[Protocol]) -> Option<Self> {
        let (protocol, because) = choose(own, lead)?;
        let why = match &because.word {
            Some(word) => wf(
                "hang.why_word",
                &[("modality", &because.modality), ("word", word)],
            ),
            None => wf("hang.why", &[("modality", &because.modality)]),
        };
        let there = patient.studies.iter().find(|s| s.uid == lead.uid)?;
        Some(Self {
            kept: protocol.steps.iter().map(|_| None).collect(),
            protocol: protocol.clone(),
            lead: there.clone(),
            why,
            step: 0,
        })
    }

    /// Tiles of a step; `None` when its cells find too little to be worth the grid.
    fn tiles(&self, patient: &PatientView, step: usize) -> Option<Tiles> {
        let step = self.protocol.steps.get(step)?;
        // A cell for a study or a modality that is not there is no cell: there is nothing to miss.
        let cells = step
            .cells
            .iter()
            .filter(|cell| cell.has_study(patient, &self.lead, &self.protocol));
        let tiles: Vec<Tile> = cells
            .map(
                |cell| match cell.find(patient, &self.lead, &self.protocol) {
                    Some(series) => cell.tile(patient, series),
                    None => Tile::missing(&cell.name),
                },
            )
            .collect();
        let found = tiles.iter().filter(|t| t.series.is_some()).count();
        // One picture among empty cells says less than the picture alone.
        if found == 0 || found == 1 && tiles.len() > 2 {
            return None;
        }
        let first = tiles.iter().position(|t| t.series.is_some());
        let grid = step.grid_of(tiles.len());
        let mut tiles = Tiles::new(tiles, grid);
        tiles.active = first.unwrap_or(0);
        Some(tiles)
    }

    /// `CT chest · step 1 of 2`
    pub fn words(&self) -> String {
        wf(
            "hang.step",
            &[
                ("name", &self.protocol.name),
                ("n", &(self.step + 1)),
                ("all", &self.protocol.steps.len()),
            ],
        )
    }

    /// The whole sentence: what, and why.
    pub fn sentence(&self) -> String {
        let step = self.protocol.steps.get(self.step).map_or("", |s| &s.name);
        wf(
            "hang.sentence",
            &[
                ("name", &self.protocol.name),
                ("step", &step),
                ("why", &self.why),
            ],
        )
    }

    /// Names of the steps, and which is shown.
    pub fn steps(&self) -> (Vec<&str>, usize) {
        let names = self.protocol.steps.iter().map(|s| s.name.as_str());
        (names.collect(), self.step)
    }
}

impl Images {
    /// Actions of hanging; false for any other.
    pub(super) fn act_on_hanging(&mut self, action: Action, patient: &PatientView) -> bool {
        match action {
            Action::StepNext => self.step_hanging(patient, 1),
            Action::StepPrevious => self.step_hanging(patient, -1),
            Action::PlainGrid => self.plain_or_protocol(patient),
            Action::PriorNext => self.next_prior(patient),
            Action::SaveHanging => self.save_hanging(patient),
            _ => return false,
        }
        true
    }

    fn step_hanging(&mut self, patient: &PatientView, by: isize) {
        let Some(hung) = &self.hung else { return };
        let n = hung.protocol.steps.len() as isize;
        let to = (hung.step as isize + by).rem_euclid(n.max(1));
        self.hang_step(patient, usize::try_from(to).unwrap_or(0));
    }

    /// Shows a step as it was left, or anew.
    pub(super) fn hang_step(&mut self, patient: &PatientView, to: usize) {
        let Some(hung) = &mut self.hung else { return };
        if to == hung.step {
            return;
        }
        let kept = hung.kept.get_mut(to).and_then(Option::take);
        let empty = || {
            let step = hung.protocol.steps.get(to)?;
            let [columns, rows] = step.grid;
            let cells = step.cells.iter().map(|c| Tile::missing(&c.name));
            Some(Tiles::new(cells.collect(), Grid::new(columns, rows)))
        };
        let Some(tiles) = kept.or_else(|| hung.tiles(patient, to)).or_else(empty) else {
            return;
        };
        let former = std::mem::replace(&mut self.reading, tiles);
        if let Some(place) = hung.kept.get_mut(hung.step) {
            *place = Some(former);
        }
        hung.step = to;
    }

    /// One key away from the protocol and back to it.
    pub(super) fn plain_or_protocol(&mut self, patient: &PatientView) {
        self.as_left = false;
        if self.hung.take().is_some() {
            self.reading = plain(patient);
        } else {
            (self.reading, self.hung) = reading(patient, &self.own);
        }
    }

    /// The next older study of the kind in the tile that shows a prior; after the oldest the newest again.
    fn next_prior(&mut self, patient: &PatientView) {
        let Some(lead) = lead(patient) else { return };
        let protocol = self
            .hung
            .as_ref()
            .map(|h| h.protocol.clone())
            .unwrap_or_else(|| Protocol {
                modality: lead.series.iter().map(|s| s.modality.clone()).collect(),
                ..Protocol::default()
            });
        let all: Vec<&StudyView> = priors(patient, lead, &protocol).collect();
        let shown = |t: &Tile| {
            let (study, _) = find_series(patient, t.series.as_ref()?)?;
            all.iter().position(|s| s.uid == study.uid)
        };
        let tiles = &mut self.reading;
        let active = tiles.active;
        let in_active = tiles.tiles.get(active).and_then(shown).map(|_| active);
        let other = tiles
            .tiles
            .iter()
            .take(tiles.shown())
            .position(|t| shown(t).is_some());
        let at = in_active.or(other).unwrap_or(active);
        let Some(tile) = tiles.tiles.get_mut(at) else {
            return;
        };
        let next = shown(tile).map_or(0, |k| (k + 1) % all.len().max(1));
        let cell = Cell {
            plane: tile
                .series
                .as_ref()
                .and_then(|k| find_series(patient, k))
                .map_or(String::new(), |(_, s)| plane_of(s).to_owned()),
            ..Cell::default()
        };
        let window = tile.view.window;
        if let Some(study) = all.get(next)
            && let Some(series) = cell
                .find(patient, study, &protocol)
                .or_else(|| main_series(study))
        {
            *tile = Tile::with_window(series, window);
        }
    }

    /// Keeps what hangs now as a protocol of the reader's own for studies like this one.
    fn save_hanging(&mut self, patient: &PatientView) {
        let Some(lead) = lead(patient) else { return };
        let base = self
            .hung
            .as_ref()
            .map(|h| h.protocol.clone())
            .unwrap_or_default();
        let modality = if base.modality.is_empty() {
            lead.series
                .first()
                .map(|s| vec![s.modality.clone()])
                .unwrap_or_default()
        } else {
            base.modality
        };
        let mut region = base.region;
        if region.is_empty() {
            region = lead
                .series
                .iter()
                .map(|s| s.body_part.to_lowercase())
                .filter(|b| !b.is_empty())
                .take(1)
                .collect();
        }
        let mut protocol = Protocol {
            name: wf("hang.own", &[("title", &lead.title)]),
            modality,
            region,
            steps: Vec::new(),
        };
        let all: Vec<&StudyView> = priors(patient, lead, &protocol).collect();
        let grid = self.reading.grid();
        let cells = self
            .reading
            .tiles
            .iter()
            .take(self.reading.shown())
            .map(|tile| {
                let found = tile.series.as_ref().and_then(|k| find_series(patient, k));
                let Some((study, series)) = found else {
                    return Cell {
                        name: tile
                            .missing
                            .clone()
                            .unwrap_or_else(|| w("images.empty_tile").to_owned()),
                        // Nothing has this word: the cell stays empty.
                        need: vec!["\u{0}".into()],
                        ..Cell::default()
                    };
                };
                let prior = all
                    .iter()
                    .position(|s| s.uid == study.uid)
                    .map_or(0, |k| k + 1);
                let mine = study.uid == lead.uid || prior > 0;
                Cell {
                    name: series.description.clone(),
                    prior,
                    other: if mine {
                        Vec::new()
                    } else {
                        vec![series.modality.clone()]
                    },
                    modality: vec![series.modality.clone()],
                    plane: plane_of(series).to_owned(),
                    prefer: vec![series.description.to_lowercase()],
                    window: tile.view.window.map(|w| [w.center(), w.width()]),
                    ..Cell::default()
                }
            });
        let cells = cells.collect();
        protocol.steps = vec![Step {
            name: w("hang.as_saved").to_owned(),
            grid: grid.size(),
            cells,
        }];
        self.own.retain(|p| p.name != protocol.name);
        self.own.insert(0, protocol);
        self.hung = Hung::new(patient, lead, &self.own);
    }
}

/// Lung and mediastinum of a chest CT side by side, its prior below, and another view of the same day beside that.
fn plain(patient: &PatientView) -> Tiles {
    let mut tiles: Vec<Tile> = Vec::new();
    if let Some(study) = lead(patient)
        && let Some(main) = main_series(study)
    {
        let windows = windows_beside(main);
        for window in windows {
            tiles.push(Tile::with_window(main, window));
        }
        let prior = patient.studies.iter().find(|s| {
            s.days_before_newest > study.days_before_newest && s.modality == study.modality
        });
        if let Some(series) = prior.and_then(main_series) {
            let first = tiles.first().and_then(|t| t.view.window);
            tiles.push(Tile::with_window(series, first));
        }
        // Another modality first, then what is left of the same.
        let all: Vec<&SeriesView> = patient.studies.iter().flat_map(|s| &s.series).collect();
        let (same, other): (Vec<&SeriesView>, Vec<&SeriesView>) =
            all.into_iter().partition(|s| s.modality == main.modality);
        for series in other.into_iter().chain(same) {
            if tiles.len() < 4 && !tiles.iter().any(|t| t.series.as_ref() == Some(&series.key)) {
                tiles.push(Tile::of(series));
            }
        }
    }
    let grid = match tiles.len() {
        0 | 1 => Grid::ONE,
        2 => Grid::new(2, 1),
        _ => Grid::new(2, 2),
    };
    Tiles::new(tiles, grid)
}

/// Newest above its prior.
pub(super) fn rounds(patient: &PatientView) -> Tiles {
    let mut reading = plain(patient).tiles.into_iter();
    let first = reading.next().unwrap_or_default();
    let other = reading.find(|t| t.series.is_some() && t.series != first.series);
    let grid = if other.is_some() {
        Grid::new(1, 2)
    } else {
        Grid::ONE
    };
    Tiles::new(std::iter::once(first).chain(other).collect(), grid)
}

/// A chest CT hangs in a lung and a mediastinal window; anything else once, in its own.
fn windows_beside(series: &SeriesView) -> Vec<Option<Window>> {
    let chest = ["CHEST", "THORAX", "LUNG"].iter().any(|w| {
        series.body_part.to_uppercase().contains(w) || series.description.to_uppercase().contains(w)
    });
    if series.modality == "CT" && chest && series.images > 1 {
        // Lung and mediastinum, imaging.md D3.
        [(-600.0, 1500.0), (50.0, 350.0)]
            .into_iter()
            .map(|(center, width)| Window::new(center, width, VoiFunction::Linear).ok())
            .collect()
    } else {
        vec![None]
    }
}
