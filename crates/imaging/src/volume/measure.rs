//! Volumes of segments, contours and ellipsoids (T44).

use super::geometry::VolumeGeometry;

/// mm³ of the marked voxels of a volume, x fastest, then y: count × |det| of the affine map, slice by slice where slices are uneven.
/// Fractions of a voxel count as such; what goes beyond the volume is not counted.
pub fn segment_mm3(geometry: &VolumeGeometry, marked: impl IntoIterator<Item = (u32, f64)>) -> f64 {
    // (slice, voxels or fractions of them in it)
    let [_, _, slices] = geometry.size();
    marked
        .into_iter()
        .filter(|(slice, _)| *slice < slices)
        .map(|(slice, voxels)| voxels * geometry.voxel_mm3(slice))
        .sum()
}

/// mm³ of contours on slices: (position along the normal, area), in any order. Each owns half of the way to both neighbours, the outermost a
/// whole step; 0 for fewer than two. The second part tells of a gap inside (a step above one and a half medians), which is to be marked.
#[must_use]
pub fn contours_mm3(contours: &[(f64, f64)]) -> (f64, bool) {
    let mut sorted = contours.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let steps: Vec<f64> = sorted
        .iter()
        .zip(sorted.iter().skip(1))
        .map(|(a, b)| b.0 - a.0)
        .collect();
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        return (0.0, false);
    };
    let before = std::iter::once(first).chain(&steps);
    let after = steps.iter().chain(std::iter::once(last));
    let owned = before.zip(after).map(|(a, b)| (a + b) / 2.0);
    let volume = sorted.iter().zip(owned).map(|(c, mm)| c.1 * mm).sum();
    let median = crate::geometry::median(&steps).unwrap_or(0.0);
    (volume, steps.iter().any(|s| *s > 1.5 * median))
}

/// mm³ of an ellipsoid of three diameters, to be named `ellipsoid estimate`.
#[must_use]
pub fn ellipsoid_mm3(diameters_mm: [f64; 3]) -> f64 {
    std::f64::consts::FRAC_PI_6 * diameters_mm.iter().product::<f64>()
}
