//! Distances between slices: measured from positions, never from thickness (T23).

use serde::{Deserialize, Serialize};

/// Two slices closer than this along the normal are at one position, mm.
pub const SAME_POSITION_MM: f64 = 0.01;

/// Steps of one volume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SliceSpacing {
    /// Differences of consecutive positions, mm.
    pub steps_mm: Vec<f64>,
    /// Median of the steps, mm.
    pub median_mm: f64,
    /// How far a step of a uniform volume may be from the median, mm.
    pub tolerance_mm: f64,
    /// Every step is within the tolerance; else the mark `variable spacing` is due.
    pub uniform: bool,
    /// Steps (0: between the first two positions) where slices are missing.
    pub gaps: Vec<usize>,
    /// Consecutive positions of equal thickness, as [first, end).
    pub runs: Vec<[usize; 2]>,
    /// Steps above one and a half medians of **all** steps: what a check without runs calls a gap.
    pub wide_steps: Vec<usize>,
}

/// Positions among ascending keys, mm: each more than [`SAME_POSITION_MM`] above the last one taken.
#[must_use]
pub fn positions(ascending_keys_mm: &[f64]) -> Vec<f64> {
    let mut taken: Vec<f64> = Vec::new();
    for &key in ascending_keys_mm {
        if taken
            .last()
            .is_none_or(|last| key - last > SAME_POSITION_MM)
        {
            taken.push(key);
        }
    }
    taken
}

impl SliceSpacing {
    /// Of ascending positions, mm, and the thickness at each (all `None`: one run); `None` for fewer than two positions.
    #[must_use]
    pub fn new(positions_mm: &[f64], thickness_mm: &[Option<f64>]) -> Option<Self> {
        let steps_mm: Vec<f64> = positions_mm
            .iter()
            .zip(positions_mm.iter().skip(1))
            .map(|(a, b)| b - a)
            .collect();
        let median_mm = median(&steps_mm)?;
        let tolerance_mm = (0.01 * median_mm).max(SAME_POSITION_MM);
        let uniform = steps_mm
            .iter()
            .all(|d| (d - median_mm).abs() <= tolerance_mm + 1e-9);
        let runs = runs_of(positions_mm.len(), thickness_mm);
        let thickness = |at: usize| thickness_mm.get(at).copied().flatten().unwrap_or(0.0);
        let mut gaps = Vec::new();
        for (k, run) in runs.iter().enumerate() {
            let [first, end] = *run;
            let inside = steps_mm
                .get(first..end.saturating_sub(1).max(first))
                .unwrap_or_default();
            if let Some(middle) = median(inside) {
                let wide = inside
                    .iter()
                    .enumerate()
                    .filter(|(_, d)| **d > 1.5 * middle);
                gaps.extend(wide.map(|(at, _)| first + at));
            }
            if k + 1 < runs.len() {
                let between = end.saturating_sub(1);
                let larger = thickness(between).max(thickness(end));
                if steps_mm
                    .get(between)
                    .is_some_and(|d| larger > 0.0 && *d > 1.2 * larger)
                {
                    gaps.push(between);
                }
            }
        }
        let wide_steps = (0..steps_mm.len())
            .filter(|at| steps_mm.get(*at).is_some_and(|d| *d > 1.5 * median_mm))
            .collect();
        Some(Self {
            steps_mm,
            median_mm,
            tolerance_mm,
            uniform,
            gaps,
            runs,
            wide_steps,
        })
    }
}

fn runs_of(count: usize, thickness_mm: &[Option<f64>]) -> Vec<[usize; 2]> {
    let mut runs: Vec<[usize; 2]> = Vec::new();
    let at = |k: usize| thickness_mm.get(k).copied().flatten();
    for k in 0..count {
        match runs.last_mut() {
            Some(run) if at(k) == at(k - 1) => run[1] = k + 1,
            _ => runs.push([k, k + 1]),
        }
    }
    runs
}

/// Mean of the two middle ones for an even count.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted.get(middle).copied()
    } else {
        Some((sorted.get(middle.checked_sub(1)?)? + sorted.get(middle)?) / 2.0)
    }
}
