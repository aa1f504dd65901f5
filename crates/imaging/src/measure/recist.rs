//! Sums and changes after RECIST 1.1 (T47, Eisenhauer et al. 2009). The response is arithmetic: it is shown with its numbers, and a reader
//! confirms it.

use serde::{Deserialize, Serialize};

/// Diameter that counts for a target "too small to measure", mm.
const TOO_SMALL_COUNTS_MM: f64 = 5.0;
/// Short axis below which a node is normal, mm.
const NORMAL_NODE_MM: f64 = 10.0;

/// What the numbers of one date come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Response {
    /// All targets gone, nodes normal.
    Complete,
    /// At least 30 % below the baseline.
    Partial,
    /// At least 20 % and 5 mm above the nadir, or a new lesion.
    Progressive,
    /// None of the others.
    Stable,
}

impl Response {
    /// CR, PR, PD or SD.
    #[must_use]
    pub const fn abbreviation(self) -> &'static str {
        match self {
            Self::Complete => "CR",
            Self::Partial => "PR",
            Self::Progressive => "PD",
            Self::Stable => "SD",
        }
    }
}

/// A target lesion on one date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Organ or node station.
    pub organ: String,
    /// A lymph node is measured by its short axis.
    pub node: bool,
    /// Longest diameter in the plane, mm; 0 when it is gone.
    pub long_mm: f64,
    /// At right angles to it, mm; 0 when it is gone.
    pub short_mm: f64,
    /// Seen, but too small to measure.
    pub too_small: bool,
    /// Of the images, mm, where known.
    pub slice_thickness_mm: Option<f64>,
}

/// What is wrong with a choice of targets at the baseline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecistProblem {
    /// Five at most.
    #[error("{0} target lesions, RECIST 1.1 allows 5")]
    TooMany(usize),
    /// Two an organ at most.
    #[error("{count} target lesions in {organ}, RECIST 1.1 allows 2 an organ")]
    TooManyInOrgan {
        /// Which.
        organ: String,
        /// How many.
        count: usize,
    },
    /// Long axis of 10 mm, for a node short axis of 15 mm; twice the slice thickness where that is more than 5 mm.
    #[error("target lesion {0} is below the size that RECIST 1.1 counts as measurable")]
    NotMeasurable(usize),
}

/// The arithmetic of one date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recist {
    /// Against the baseline; `None` where its sum is 0.
    pub change_from_baseline_percent: Option<f64>,
    /// Against the smallest sum so far; `None` where that is 0.
    pub change_from_nadir_percent: Option<f64>,
    /// Against the smallest sum so far.
    pub change_from_nadir_mm: f64,
    /// What the numbers come to, for the reader to confirm.
    pub response: Response,
    /// How it came about, in one line.
    pub arithmetic: String,
}

/// The diameter a target counts with, mm: short axis of a node, long axis else, 5 for one too small to measure.
#[must_use]
pub fn counted_mm(target: &Target) -> f64 {
    let measured = if target.node {
        target.short_mm
    } else {
        target.long_mm
    };
    if target.too_small {
        TOO_SMALL_COUNTS_MM
    } else {
        measured
    }
}

/// Sum of the diameters of all targets, mm.
#[must_use]
pub fn sum_of_diameters(targets: &[Target]) -> f64 {
    targets.iter().map(counted_mm).sum()
}

/// What speaks against a choice of targets at the baseline; targets are numbered from 1.
#[must_use]
pub fn target_problems(targets: &[Target]) -> Vec<RecistProblem> {
    let mut problems = Vec::new();
    if targets.len() > 5 {
        problems.push(RecistProblem::TooMany(targets.len()));
    }
    let mut organs: Vec<&str> = targets.iter().map(|t| t.organ.as_str()).collect();
    organs.sort_unstable();
    for same in organs.chunk_by(|a, b| a == b) {
        if let [organ, _, _, ..] = same {
            problems.push(RecistProblem::TooManyInOrgan {
                organ: (*organ).to_owned(),
                count: same.len(),
            });
        }
    }
    for (k, target) in targets.iter().enumerate() {
        let thick = target.slice_thickness_mm.filter(|t| *t > 5.0);
        let least = thick.map_or(0.0, |t| 2.0 * t);
        let least = least.max(if target.node { 15.0 } else { 10.0 });
        if target.too_small || counted_mm(target) < least {
            problems.push(RecistProblem::NotMeasurable(k + 1));
        }
    }
    problems
}

/// From the sums of diameters, mm, of the baseline, of the smallest date so far (the baseline counts) and of now. `gone`: every target that
/// is no node has vanished and every node is below 10 mm ([`targets_gone`]).
#[must_use]
pub fn recist(baseline: f64, nadir: f64, current: f64, new_lesion: bool, gone: bool) -> Recist {
    let percent = |from: f64| (from > 0.0).then(|| (current - from) / from * 100.0);
    // Sums of tenths are not exact in binary: a limit that is met is met.
    const ROUNDING: f64 = 1e-9;
    let (of_baseline, of_nadir) = (percent(baseline), percent(nadir));
    let above_mm = current - nadir;
    let rose = of_nadir.is_none_or(|p| p >= 20.0 - ROUNDING) && above_mm >= 5.0 - ROUNDING;
    let fell = of_baseline.is_some_and(|p| p <= -30.0 + ROUNDING);
    let response = if new_lesion || rose {
        Response::Progressive
    } else if gone {
        Response::Complete
    } else if fell {
        Response::Partial
    } else {
        Response::Stable
    };
    let shown = |p: Option<f64>| p.map_or_else(|| "–".to_owned(), |p| format!("{p:+.1} %"));
    let arithmetic = format!(
        "sum {current:.1} mm; baseline {baseline:.1} mm, {}; nadir {nadir:.1} mm, {}, {above_mm:+.1} mm{}{}",
        shown(of_baseline),
        shown(of_nadir),
        if new_lesion { "; new lesion" } else { "" },
        if gone { "; all targets gone" } else { "" },
    );
    Recist {
        change_from_baseline_percent: of_baseline,
        change_from_nadir_percent: of_nadir,
        change_from_nadir_mm: above_mm,
        response,
        arithmetic,
    }
}

/// Whether every target that is no node has vanished and every node is of normal size. Not for an empty list.
#[must_use]
pub fn targets_gone(targets: &[Target]) -> bool {
    !targets.is_empty()
        && targets.iter().all(|t| match t.node {
            true => counted_mm(t) < NORMAL_NODE_MM,
            false => !t.too_small && t.long_mm <= 0.0,
        })
}
