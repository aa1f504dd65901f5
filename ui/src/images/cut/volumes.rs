//! The volumes of the tiles on screen, and the point at which their planes cross.

use std::collections::BTreeMap;

use glam::{DQuat, DVec3};
use triptych_render::display::default_voi;
use triptych_render::volume::{PlaneAxes, Volume, Voxel};
use triptych_render::{DisplayAttributes, PatientMm, Picture, Voi, Window};
use triptych_workbench::view::{
    Decoded, NoVolume, SeriesKey, SeriesView, SeriesVolume, fresh_picture,
};

use crate::images::solid::in_background;

/// Where the planes of one volume cross, and how they are turned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cross {
    pub at: PatientMm,
    pub turn: DQuat,
    pub axes: PlaneAxes,
}

/// One volume on screen.
#[derive(Debug)]
pub(crate) struct Hung {
    pub volume: Result<SeriesVolume, NoVolume>,
    /// None before there is a volume.
    pub cross: Option<Cross>,
    /// Window of its slices, for planes without one of their own.
    pub window: Option<Window>,
    /// Names the content: slices that come later keep it.
    pub id: u64,
    /// Changes when slices come.
    pub generation: u64,
    /// Filled slots when it was made.
    filled: usize,
    about: usize,
}

/// Volumes by display set.
#[derive(Debug, Default)]
pub(crate) struct Volumes(BTreeMap<SeriesKey, Hung>);

impl Cross {
    /// Not turned: the planes are the standard ones.
    pub fn is_straight(&self) -> bool {
        self.turn == DQuat::IDENTITY
    }
}

impl Volumes {
    /// Makes the volume of `series` around slice `about`, and again when more of its slices are there. A point that was chosen stays.
    pub fn update(&mut self, series: &SeriesView, about: usize) {
        let filled = series
            .stack
            .slices
            .iter()
            .filter(|s| s.pixels.is_there())
            .count();
        let known = self.0.get(&series.key);
        if known.is_some_and(|hung| hung.filled == filled) {
            return;
        }
        let about = known.map_or(about, |hung| hung.about);
        let volume = series.volume_about(about);
        let former = self.0.remove(&series.key);
        let cross = former.as_ref().and_then(|hung| hung.cross).or_else(|| {
            let volume = volume.as_ref().ok()?;
            Some(first_cross(series, &volume.volume, about))
        });
        let had_one = former.as_ref().filter(|hung| hung.volume.is_ok());
        let window = match (had_one, &volume) {
            (Some(hung), _) => hung.window,
            (None, Ok(made)) => window_of(&made.middle),
            (None, Err(_)) => None,
        };
        let id = had_one.map_or_else(fresh_picture, |hung| hung.id);
        let generation = former.map_or(0, |hung| hung.generation) + 1;
        if let Ok(made) = &volume
            && filled == series.stack.slices.len()
        {
            // Oblique slabs and volume rendering would do it on their first picture.
            let whole = made.volume.clone();
            in_background(move || whole.prepare());
        }
        let hung = Hung {
            volume,
            cross,
            window,
            id,
            generation,
            filled,
            about,
        };
        self.0.insert(series.key.clone(), hung);
    }

    /// Drops what no tile shows.
    pub fn keep(&mut self, shown: &[SeriesKey]) {
        self.0.retain(|key, _| shown.contains(key));
    }

    pub fn get(&self, key: &SeriesKey) -> Option<&Hung> {
        self.0.get(key)
    }

    /// A volume and where its planes cross, once it is there.
    pub fn planes(&self, key: &SeriesKey) -> Option<(&Volume, Cross)> {
        let hung = self.0.get(key)?;
        Some((&hung.volume.as_ref().ok()?.volume, hung.cross?))
    }

    /// The planes of `key` cross here from now on.
    pub fn set_cross(&mut self, key: &SeriesKey, cross: Cross) {
        if let Some(hung) = self.0.get_mut(key) {
            hung.cross = Some(cross);
        }
    }
}

/// The middle of slice `about`, on a voxel: the plane along the slices then shows stored pixels.
fn first_cross(series: &SeriesView, volume: &Volume, about: usize) -> Cross {
    let geometry = volume.geometry();
    let [columns, rows, slices] = geometry.size();
    let listed = series.stack.slices.get(about).and_then(|s| s.position);
    let k = listed.map_or(f64::from(slices / 2), |position| {
        let at = geometry.to_voxel(PatientMm(DVec3::from_array(position)));
        at.0.z.round().clamp(0.0, f64::from(slices.max(1) - 1))
    });
    let middle = Voxel(DVec3::new(f64::from(columns / 2), f64::from(rows / 2), k));
    Cross {
        at: geometry.to_patient(middle),
        turn: DQuat::IDENTITY,
        // A CT is read along the patient, an MR as it was planned (T34).
        axes: if series.modality == "MR" {
            PlaneAxes::Acquisition
        } else {
            PlaneAxes::Patient
        },
    }
}

/// The window of a slice as it is shown untouched (T8, T9). A table of greys cannot be laid over interpolated values beyond its entries:
/// a plane then has the window of its values.
fn window_of(slice: &Decoded) -> Option<Window> {
    let picture = Picture {
        id: slice.id,
        frame: slice.frame.clone(),
        display: slice.display.clone(),
    };
    if let Some(Voi::Window(window)) = picture.default_voi().map(|d| d.voi) {
        return Some(window);
    }
    let mut display = DisplayAttributes::clone(&slice.display);
    display.windows.clear();
    display.voi_luts.clear();
    match default_voi(&display, &slice.frame)?.voi {
        Voi::Window(window) => Some(window),
        Voi::Lut(_) => None,
    }
}
