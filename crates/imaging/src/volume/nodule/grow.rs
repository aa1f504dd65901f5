//! From a click to the voxels of a nodule.

use glam::DVec3;

use super::{distance::squared, mask::Mask};
use crate::{
    geometry::PatientMm,
    volume::{Voxel, stack::Volume},
};

/// What a nodule may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrowSettings {
    /// Modality values that belong to it, both ends included.
    pub range: [f64; 2],
    /// Nothing farther from its middle than half of this, mm.
    pub max_diameter_mm: f64,
    /// What is thinner than this part of its greatest inner radius is cut off: 0 cuts nothing, 0.9 nearly all that is no ball.
    pub cut: f64,
}

/// Why nothing grew.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GrowError {
    /// The click is not in the volume, or its slices are not loaded.
    #[error("the point is outside the loaded volume")]
    Outside,
    /// Nothing near the click has a value of the range.
    #[error("no voxel within {NEAR_MM} mm of the point is in the range")]
    NotInRange,
    /// Settings that mean nothing.
    #[error("range, diameter or cut is not valid")]
    Settings,
}

/// A click may miss by this much, mm.
const NEAR_MM: f64 = 3.0;

/// Largest diameter, mm.
const LARGEST_MM: f64 = 150.0;

impl Default for GrowSettings {
    /// A solid nodule in aerated lung, HU.
    fn default() -> Self {
        Self {
            range: [-400.0, 1000.0],
            max_diameter_mm: 40.0,
            cut: 0.5,
        }
    }
}

/// The part of a volume around a point.
struct Near {
    low: [u32; 3],
    size: [usize; 3],
    /// mm along columns, rows and slices, from the first voxel of the volume.
    places: [Vec<f64>; 3],
    /// In the range and in the ball.
    allowed: Vec<bool>,
}

/// Grows a nodule from `seed`. See the module for how; the result is the same every time.
///
/// # Errors
/// [`GrowError`].
pub fn grow(volume: &Volume, seed: PatientMm, settings: &GrowSettings) -> Result<Mask, GrowError> {
    let [low, high] = settings.range;
    let good = low <= high
        && settings.max_diameter_mm > 0.0
        && settings.max_diameter_mm <= LARGEST_MM
        && (0.0..1.0).contains(&settings.cut);
    if !good {
        return Err(GrowError::Settings);
    }
    let at = volume.geometry().to_voxel(seed);
    if !volume.geometry().holds(at) {
        return Err(GrowError::Outside);
    }
    // Once from the click to find the middle, once more around the middle.
    let first = Near::new(volume, at.0, settings);
    let start = first
        .nearest(&first.middle_of(at.0))
        .ok_or(GrowError::NotInRange)?;
    let region = first.connected(start, |k| first.is_allowed(k));
    let inner = first.depth(&region);
    let peak = first.climb(start, &inner);
    let second = Near::new(volume, first.voxel(peak), settings);
    let peak = second
        .nearest(&second.middle_of(first.voxel(peak)))
        .ok_or(GrowError::NotInRange)?;
    let region = second.connected(peak, |k| second.is_allowed(k));
    let inner = second.depth(&region);
    let peak = second.climb(peak, &inner);
    let depth = |k: usize| inner.get(k).copied().unwrap_or(0.0);
    let radius = settings.cut * depth(peak).sqrt();
    if radius <= 0.0 {
        return Ok(second.mask(&region));
    }
    // Opening: what a ball of that radius can reach inside, as far as it hangs together with the middle.
    let core = second.connected(peak, |k| depth(k) > radius * radius);
    let from_core = squared(&second.places, |k| core.get(k) == Some(&true));
    let kept: Vec<bool> = region
        .iter()
        .zip(&from_core)
        .map(|(inside, d)| *inside && *d <= radius * radius + 1e-9)
        .collect();
    let kept = second.connected(peak, |k| kept.get(k) == Some(&true));
    Ok(second.mask(&kept))
}

impl Near {
    fn new(volume: &Volume, centre: DVec3, settings: &GrowSettings) -> Self {
        let geometry = volume.geometry();
        let radius = settings.max_diameter_mm / 2.0;
        let n = geometry.size();
        let [dx, dy, _] = geometry.spacing_mm();
        let positions = geometry.slice_positions_mm();
        let place = |axis: usize, index: f64| match axis {
            0 => index * dx,
            1 => index * dy,
            _ => geometry.axis().mm(index),
        };
        let mut low = [0; 3];
        let mut places: [Vec<f64>; 3] = Default::default();
        for a in 0..3 {
            let middle = place(a, centre[a]);
            let near = (0..n[a]).filter(|k| {
                let at = if a == 2 {
                    positions.get(*k as usize).copied().unwrap_or(0.0)
                } else {
                    place(a, f64::from(*k))
                };
                (at - middle).abs() <= radius
            });
            let near: Vec<u32> = near.collect();
            low[a] = near.first().copied().unwrap_or(0);
            places[a] = near.iter().map(|k| place(a, f64::from(*k))).collect();
        }
        let size = [places[0].len(), places[1].len(), places[2].len()];
        let middle = DVec3::new(place(0, centre.x), place(1, centre.y), place(2, centre.z));
        let mut allowed = Vec::with_capacity(size[0] * size[1] * size[2]);
        for (k, z) in places[2].iter().enumerate() {
            for (j, y) in places[1].iter().enumerate() {
                for (i, x) in places[0].iter().enumerate() {
                    let off = DVec3::new(*x, *y, *z) - middle;
                    let voxel = [low[0] + i as u32, low[1] + j as u32, low[2] + k as u32];
                    let value = volume.voxel(voxel[0], voxel[1], voxel[2]);
                    let [from, to] = settings.range;
                    let in_range = value.is_some_and(|v| v >= from && v <= to);
                    allowed.push(in_range && off.length() <= radius);
                }
            }
        }
        Self {
            low,
            size,
            places,
            allowed,
        }
    }

    fn is_allowed(&self, k: usize) -> bool {
        self.allowed.get(k) == Some(&true)
    }

    fn split(&self, k: usize) -> [usize; 3] {
        let [nx, ny, _] = self.size.map(|n| n.max(1));
        [k % nx, k / nx % ny, k / nx / ny]
    }

    fn join(&self, [x, y, z]: [usize; 3]) -> usize {
        (z * self.size[1] + y) * self.size[0] + x
    }

    fn point(&self, k: usize) -> DVec3 {
        let at = self.split(k);
        let of = |a: usize| self.places[a].get(at[a]).copied().unwrap_or(0.0);
        DVec3::new(of(0), of(1), of(2))
    }

    fn voxel(&self, k: usize) -> DVec3 {
        let at = self.split(k);
        DVec3::from_array(std::array::from_fn(|a| {
            f64::from(self.low[a]) + at[a] as f64
        }))
    }

    /// The cell around a voxel index.
    fn middle_of(&self, voxel: DVec3) -> [usize; 3] {
        std::array::from_fn(|a| {
            let at = (voxel[a].round() - f64::from(self.low[a])).max(0.0) as usize;
            at.min(self.size[a].saturating_sub(1))
        })
    }

    /// The allowed cell nearest to `at`, not farther than a click may miss.
    fn nearest(&self, at: &[usize; 3]) -> Option<usize> {
        let from = self.point(self.join(*at));
        (0..self.allowed.len())
            .filter(|k| self.is_allowed(*k))
            .map(|k| ((self.point(k) - from).length_squared(), k))
            .filter(|(d, _)| *d <= NEAR_MM * NEAR_MM)
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
            .map(|(_, k)| k)
    }

    /// Cells that hang together with `start` by their faces.
    fn connected(&self, start: usize, is_in: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut found = vec![false; self.allowed.len()];
        let mut open = Vec::new();
        if is_in(start) {
            open.push(start);
            if let Some(f) = found.get_mut(start) {
                *f = true;
            }
        }
        while let Some(k) = open.pop() {
            let at = self.split(k);
            for a in 0..3 {
                for sign in [-1, 1] {
                    let mut next = at;
                    let Some(moved) = at[a].checked_add_signed(sign).filter(|v| *v < self.size[a])
                    else {
                        continue;
                    };
                    next[a] = moved;
                    let next = self.join(next);
                    if is_in(next) && found.get(next) == Some(&false) {
                        if let Some(f) = found.get_mut(next) {
                            *f = true;
                        }
                        open.push(next);
                    }
                }
            }
        }
        found
    }

    /// Squared distance of each cell to the nearest one that is not in `region`, mm²; beyond the box counts as in it.
    fn depth(&self, region: &[bool]) -> Vec<f64> {
        let mut all = squared(&self.places, |k| region.get(k) != Some(&true));
        // A region that fills its whole box has no border: as deep as the box.
        let most = self
            .places
            .iter()
            .map(|p| p.last().zip(p.first()).map_or(0.0, |(b, a)| b - a))
            .fold(0.0, f64::max);
        all.iter_mut()
            .filter(|d| d.is_infinite())
            .for_each(|d| *d = most * most);
        all
    }

    /// The deepest cell near `start`: uphill, then anywhere within the depth reached, until that is the deepest.
    fn climb(&self, start: usize, depth: &[f64]) -> usize {
        let of = |k: usize| depth.get(k).copied().unwrap_or(0.0);
        let mut here = start;
        loop {
            let reach = of(here);
            let from = self.point(here);
            let best = (0..depth.len())
                .filter(|k| {
                    of(*k) > of(here) + 1e-9 && (self.point(*k) - from).length_squared() <= reach
                })
                .max_by(|a, b| of(*a).total_cmp(&of(*b)).then(b.cmp(a)));
            match best {
                Some(next) => here = next,
                None => return here,
            }
        }
    }

    fn mask(&self, cells: &[bool]) -> Mask {
        let size = self.size.map(|n| n as u32);
        Mask::new(self.low, size, cells.to_vec())
    }
}

impl Mask {
    /// Adds what a further click grows.
    ///
    /// # Errors
    /// As [`grow`].
    pub fn add_grown(
        &mut self,
        volume: &Volume,
        seed: PatientMm,
        settings: &GrowSettings,
    ) -> Result<(), GrowError> {
        self.add(&grow(volume, seed, settings)?);
        Ok(())
    }

    /// Adds all voxels of `range` in a ball: a click with the brush.
    pub fn add_ball(
        &mut self,
        volume: &Volume,
        centre: PatientMm,
        radius_mm: f64,
        range: [f64; 2],
    ) {
        let settings = GrowSettings {
            range,
            max_diameter_mm: 2.0 * radius_mm.clamp(0.0, LARGEST_MM / 2.0),
            cut: 0.0,
        };
        let Voxel(at) = volume.geometry().to_voxel(centre);
        let near = Near::new(volume, at, &settings);
        self.add(&near.mask(&near.allowed));
    }
}
