//! Volumes from what was drawn or segmented (T44), mm³.

use glam::DMat3;

use crate::geometry::SliceSpacing;

/// A volume from contours on slices.
#[derive(Clone, Debug, PartialEq)]
pub struct ContourStack {
    /// Sum of the areas, each times the spacing it owns.
    pub mm3: f64,
    /// Steps (0: between the first two contours) that are wider than the stack's: slices without a contour, or missing ones. To be marked.
    pub gaps: Vec<usize>,
}

/// Of whole voxels. The columns of `affine` are the steps from voxel to voxel, mm.
#[must_use]
pub fn voxels_mm3(voxels: f64, affine: DMat3) -> f64 {
    voxels * affine.determinant().abs()
}

/// Voxels of a fractional segment: the sum of its fractions of 0 to 1 where they say how much of a voxel is filled, the count of those of
/// half and more where they are probabilities.
#[must_use]
pub fn fraction_voxels(fractions: impl Iterator<Item = f64>, probability: bool) -> f64 {
    fractions
        .filter(|f| f.is_finite())
        .map(|f| match probability {
            true => f64::from(u8::from(f >= 0.5)),
            false => f,
        })
        .sum()
}

/// Of contours given by their area, mm², and their place along the normal, mm, in any order. A contour owns half the way to each
/// neighbour, the first and the last one their whole only step. `None` for fewer than two places: one contour has no volume.
#[must_use]
pub fn contour_stack(contours: &[(f64, f64)]) -> Option<ContourStack> {
    let mut contours = contours.to_vec();
    contours.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    // Several contours on one slice are one area.
    let mut slices: Vec<(f64, f64)> = Vec::new();
    for (area, place) in contours {
        match slices.last_mut() {
            Some((sum, at)) if place - *at <= crate::geometry::SAME_POSITION_MM => *sum += area,
            _ => slices.push((area, place)),
        }
    }
    let places: Vec<f64> = slices.iter().map(|(_, p)| *p).collect();
    let spacing = SliceSpacing::new(&places, &[])?;
    let step = |k: Option<usize>| k.and_then(|k| spacing.steps_mm.get(k).copied());
    let mm3 = slices
        .iter()
        .enumerate()
        .map(|(k, (area, _))| {
            let (before, after) = (step(k.checked_sub(1)), step(Some(k)));
            let owned = match (before, after) {
                (Some(b), Some(a)) => f64::midpoint(a, b),
                (Some(only), None) | (None, Some(only)) => only,
                (None, None) => 0.0,
            };
            area * owned
        })
        .sum();
    Some(ContourStack {
        mm3,
        gaps: spacing.gaps,
    })
}

/// Of three diameters at right angles, mm. Shown as "ellipsoid estimate".
#[must_use]
pub fn ellipsoid_mm3(length: f64, width: f64, height: f64) -> f64 {
    std::f64::consts::FRAC_PI_6 * length * width * height
}
