//! SUVpeak: the greatest mean of a sphere of one millilitre (T45, T42).

/// Radius of a sphere of 1 ml, mm: the third root of 3000 / 4π.
pub const PEAK_RADIUS_MM: f64 = 6.203_504_908_994;

/// A volume of values on a grid; columns, rows, slices.
pub struct Voxels<'a> {
    /// How many on each axis.
    pub size: [usize; 3],
    /// Between them on each axis, mm, positive.
    pub spacing_mm: [f64; 3],
    /// The value of a voxel; `None` where there is none (padding, a missing slice).
    pub value: &'a dyn Fn([usize; 3]) -> Option<f64>,
}

/// Where the sphere lies that has the greatest mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Mean of the sphere, each voxel with the part of it that is inside.
    pub value: f64,
    /// Its centre.
    pub centre: [usize; 3],
    /// The whole sphere lies in the volume; otherwise the mean is that of the rest, to be marked.
    pub complete: bool,
}

/// Parts of a voxel's side that are looked at to find how much of it the sphere fills.
const PARTS: i32 = 10;
/// Most voxels of a sphere: finer grids than 0.2 mm are no PET.
const MOST_VOXELS: usize = 1 << 18;

/// The peak among spheres centred on `centres`: the voxels of a region. `None` where none of them holds a value, or the grid is too fine
/// for a sphere to be weighed.
#[must_use]
pub fn peak(voxels: &Voxels<'_>, centres: impl IntoIterator<Item = [usize; 3]>) -> Option<Peak> {
    let sphere = sphere(voxels.spacing_mm)?;
    let mut best: Option<Peak> = None;
    for centre in centres {
        let (mut sum, mut weight, mut complete) = (0.0, 0.0, true);
        for (offset, part) in &sphere {
            let value = moved(centre, *offset, voxels.size)
                .and_then(|at| (voxels.value)(at))
                .filter(|v| v.is_finite());
            match value {
                Some(value) => {
                    sum += value * part;
                    weight += part;
                }
                None => complete = false,
            }
        }
        let value = sum / weight;
        if value.is_finite() && best.is_none_or(|b| value > b.value) {
            best = Some(Peak {
                value,
                centre,
                complete,
            });
        }
    }
    best
}

fn moved(at: [usize; 3], by: [isize; 3], size: [usize; 3]) -> Option<[usize; 3]> {
    let [x, y, z] = at;
    let [dx, dy, dz] = by;
    let [nx, ny, nz] = size;
    let axis = |at: usize, by: isize, n: usize| at.checked_add_signed(by).filter(|v| *v < n);
    Some([axis(x, dx, nx)?, axis(y, dy, ny)?, axis(z, dz, nz)?])
}

/// Voxels that a sphere around one of them touches, with the part of each that is inside.
fn sphere(spacing_mm: [f64; 3]) -> Option<Vec<([isize; 3], f64)>> {
    if !spacing_mm.iter().all(|s| s.is_finite() && *s > 0.0) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "compared with the most")]
    let reach = spacing_mm.map(|s| (PEAK_RADIUS_MM / s + 0.5).floor().min(1e6) as isize);
    let count: usize = reach
        .iter()
        .map(|r| r.unsigned_abs() * 2 + 1)
        .try_fold(1, usize::checked_mul)?;
    if count > MOST_VOXELS {
        return None;
    }
    let [rx, ry, rz] = reach;
    let mut found = Vec::new();
    for z in -rz..=rz {
        for y in -ry..=ry {
            for x in -rx..=rx {
                let part = part_inside([x, y, z], spacing_mm);
                if part > 0.0 {
                    found.push(([x, y, z], part));
                }
            }
        }
    }
    Some(found)
}

fn part_inside(offset: [isize; 3], spacing_mm: [f64; 3]) -> f64 {
    let squares = |axis: usize| {
        let (offset, spacing) = (offset.get(axis), spacing_mm.get(axis));
        #[expect(clippy::cast_precision_loss, reason = "some hundred voxels")]
        let (at, spacing) = (
            offset.copied().unwrap_or(0) as f64,
            spacing.copied().unwrap_or(0.0),
        );
        (0..PARTS).map(move |k| {
            let sub = (f64::from(k) + 0.5) / f64::from(PARTS) - 0.5;
            let mm = (at + sub) * spacing;
            mm * mm
        })
    };
    let most = PEAK_RADIUS_MM * PEAK_RADIUS_MM;
    let inside: u32 = squares(2)
        .map(|z| {
            squares(1)
                .map(|y| {
                    squares(0)
                        .map(|x| u32::from(x + y + z <= most))
                        .sum::<u32>()
                })
                .sum::<u32>()
        })
        .sum();
    f64::from(inside) / f64::from(PARTS * PARTS * PARTS)
}
