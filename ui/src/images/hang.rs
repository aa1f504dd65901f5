//! What hangs where when a patient is opened: the newest study, its comparison, and nothing made up for a cell that has no set.

use triptych_render::{VoiFunction, Window};
use triptych_workbench::view::{PatientView, SeriesView, StudyView};

use super::{Grid, Tile, Tiles};

/// Studies of so many days are read together.
pub(super) const SAME_EPISODE: i64 = 7;

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

/// Lung and mediastinum of a chest CT side by side, its prior below, and another view of the same day beside that.
pub(super) fn reading(patient: &PatientView) -> Tiles {
    let mut tiles: Vec<Tile> = Vec::new();
    let newest = patient.studies.first();
    // A stack before a single projection of the same week: the reader scrolls, and the projection stands beside it.
    let lead = patient
        .studies
        .iter()
        .filter(|s| s.days_before_newest <= SAME_EPISODE)
        .max_by_key(|s| main_series(s).map_or(0, |m| m.images))
        .or(newest);
    if let Some(study) = lead
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
    let mut reading = reading(patient).tiles.into_iter();
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
