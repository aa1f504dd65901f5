//! The eight voxels around a point, with their gradients when light needs them; kept from sample to sample of a ray.

use glam::Vec3;

use super::field::{Values, WIDE};
use crate::{
    display::ModalityLut,
    volume::{cells::Cell, stack::Volume},
};

/// What rays need of a volume.
pub(super) struct Voxels<'a> {
    planes: Vec<&'a [u8]>,
    size: [usize; 3],
    /// Nothing is padding or missing, and all slices are rescaled alike.
    plain: bool,
    /// For each slice: slope, intercept, lowest and highest padding.
    turns: Vec<[f32; 4]>,
    tables: Vec<Option<&'a crate::display::Lut>>,
    /// 1 / (distance of the neighbours on both sides), mm: along rows, columns; and for each slice.
    pub(super) inverse: [f32; 2],
    pub(super) inverse_depth: Vec<f32>,
    pub(super) lean: [f32; 2],
}

/// One cell of a volume.
pub(super) struct Corners {
    at: [i32; 3],
    /// x fastest, then y.
    value: [f32; 8],
    /// Value and derivatives for each mm along rows, columns and normal: the corners of `value`.
    full: [[f32; 4]; 8],
    has_full: bool,
    /// Nothing but padding.
    pub(super) is_empty: bool,
}

impl Default for Corners {
    fn default() -> Self {
        Self {
            at: [-1; 3],
            value: [0.0; 8],
            full: [[0.0; 4]; 8],
            has_full: false,
            is_empty: true,
        }
    }
}

impl<'a> Voxels<'a> {
    pub(super) fn new(volume: &'a Volume) -> Self {
        let geometry = volume.geometry();
        let size = geometry.size().map(|n| n as usize);
        let [dx, dy, _] = geometry.spacing_mm();
        let axis = geometry.axis();
        let last = size[2] - 1;
        Self {
            planes: volume
                .slices
                .iter()
                .map(|s| s.frame.as_ref().map(|f| &*f.bytes).unwrap_or_default())
                .collect(),
            size,
            plain: volume.is_plain(),
            turns: volume
                .slices
                .iter()
                .map(|s| {
                    let (slope, intercept) = volume.rescale_of(s);
                    let (low, high) = s.padding_f32();
                    [slope, intercept, low, high]
                })
                .collect(),
            tables: volume
                .slices
                .iter()
                .map(|s| match &*s.lut {
                    ModalityLut::Table(lut) => Some(lut),
                    ModalityLut::Identity | ModalityLut::Rescale { .. } => None,
                })
                .collect(),
            inverse: [(0.5 / dx) as f32, (0.5 / dy) as f32],
            // At the ends the slice itself stands in for the one that is not there, as at the other borders.
            inverse_depth: (0..size[2])
                .map(|k| {
                    let owned = axis
                        .step()
                        .unwrap_or_else(|| axis.owned_mm(k.clamp(1, last.max(2) - 1)));
                    (0.5 / owned) as f32
                })
                .collect(),
            lean: geometry.lean().map(|l| l as f32),
        }
    }

    /// Value of a voxel, indices clamped to the volume; NaN for padding.
    #[inline(always)]
    fn value<C: Cell, const MASKED: bool>(&self, i: usize, j: usize, k: usize) -> f32 {
        let plane = self.planes.get(k).copied().unwrap_or_default();
        let stored = C::at(plane, j * self.size[0] + i);
        if !MASKED {
            return stored;
        }
        let Some([slope, intercept, low, high]) = self.turns.get(k) else {
            return f32::NAN;
        };
        if plane.is_empty() || !stored.is_finite() || stored >= *low && stored <= *high {
            return f32::NAN;
        }
        match self.tables.get(k) {
            Some(Some(lut)) => f32::from(lut.at(f64::from(stored))),
            _ => stored * slope + intercept,
        }
    }

    /// Makes `corners` those of cell (i, j, k).
    #[inline(always)]
    pub(super) fn load<C: Cell, const MASKED: bool>(&self, at: [i32; 3], corners: &mut Corners) {
        if corners.at == at {
            return;
        }
        corners.at = at;
        corners.has_full = false;
        let [i, j, k] = at.map(|v| v as usize);
        if !MASKED {
            let row = self.size[0] * C::SIZE;
            let from = j * row + i * C::SIZE;
            let mut pairs = [C::Pair::default(); 4];
            if let Some([a, b]) = self.planes.get(k..k + 2) {
                let window = from..from + row + 2 * C::SIZE;
                (pairs[0], pairs[1]) = C::ends(a.get(window.clone()).unwrap_or_default());
                (pairs[2], pairs[3]) = C::ends(b.get(window).unwrap_or_default());
            }
            for (two, pair) in corners.value.chunks_exact_mut(2).zip(pairs) {
                let (a, b) = C::split(pair);
                two.copy_from_slice(&[a, b]);
            }
            corners.is_empty = false;
            return;
        }
        let mut sum = 0.0;
        let mut count = 0.0;
        for (c, value) in corners.value.iter_mut().enumerate() {
            *value = self.value::<C, true>(i + (c & 1), j + (c >> 1 & 1), k + (c >> 2));
            if !value.is_nan() {
                sum += *value;
                count += 1.0;
            }
        }
        corners.is_empty = count == 0.0;
        // Padding takes no part: the others stand in for it.
        if count < 8.0 && count > 0.0 {
            let mean = sum / count;
            corners
                .value
                .iter_mut()
                .filter(|v| v.is_nan())
                .for_each(|v| *v = mean);
        }
    }

    /// Gradient at fractions `f` of the cell, along rows, columns and normal, for each mm.
    #[inline(always)]
    pub(super) fn gradient<C: Cell, const MASKED: bool>(
        &self,
        corners: &mut Corners,
        f: [f32; 3],
    ) -> [f32; 3] {
        if !corners.has_full {
            corners.has_full = true;
            self.fill::<C, MASKED>(corners);
        }
        let all = &corners.full;
        let mix = |a: &[f32; 4], b: &[f32; 4], t: f32| -> [f32; 4] {
            std::array::from_fn(|n| a[n] + (b[n] - a[n]) * t)
        };
        let y0 = mix(
            &mix(&all[0], &all[1], f[0]),
            &mix(&all[2], &all[3], f[0]),
            f[1],
        );
        let y1 = mix(
            &mix(&all[4], &all[5], f[0]),
            &mix(&all[6], &all[7], f[0]),
            f[1],
        );
        let [_, x, y, w] = mix(&y0, &y1, f[2]);
        // From slice to slice is not along the normal where the stack leans.
        [x, y, w - self.lean[0] * x - self.lean[1] * y]
    }

    /// Values of the voxels around a block, from the one before `from` on; those beyond the volume repeat its border. True when some are no
    /// image: they are NaN.
    pub(super) fn read<C: Cell>(&self, from: [i32; 3], out: &mut Values) -> bool {
        let last = self.size.map(|n| n as i32 - 1);
        let x = from[0] - 1;
        let inner = x >= 0 && x + WIDE as i32 <= last[0] + 1;
        let mut holes = false;
        for (n, row) in out.as_chunks_mut::<WIDE>().0.iter_mut().enumerate() {
            let y = (from[1] - 1 + (n % WIDE) as i32).clamp(0, last[1]) as usize;
            let z = (from[2] - 1 + (n / WIDE) as i32).clamp(0, last[2]) as usize;
            let plane = self.planes.get(z).copied().unwrap_or_default();
            let start = y * self.size[0];
            if inner {
                let start = (start + x as usize) * C::SIZE;
                let cells = plane.get(start..start + WIDE * C::SIZE);
                let values = C::all(cells.unwrap_or_default());
                row.iter_mut().zip(values).for_each(|(to, v)| *to = v);
            } else {
                for (x, to) in (x..).zip(row.iter_mut()) {
                    *to = C::at(plane, start + x.clamp(0, last[0]) as usize);
                }
            }
            if let Some([slope, intercept, low, high]) = self.turns.get(z)
                && !self.plain
            {
                for v in row {
                    let is_image = v.is_finite() && !(*v >= *low && *v <= *high);
                    holes |= !is_image;
                    *v = if is_image {
                        *v * slope + intercept
                    } else {
                        f32::NAN
                    };
                }
            }
        }
        holes
    }

    /// The cell around a voxel coordinate; the outermost ones have what lies beyond them.
    #[inline(always)]
    pub(super) fn cell(&self, at: Vec3) -> [i32; 3] {
        [0, 1, 2].map(|a| (at[a] as i32).clamp(0, (self.size[a] as i32 - 2).max(0)))
    }

    /// Central differences at the corners.
    #[inline(never)]
    fn fill<C: Cell, const MASKED: bool>(&self, corners: &mut Corners) {
        let [nx, ny, nz] = self.size;
        let [i, j, k] = corners.at.map(|v| v as usize);
        let value = corners.value;
        let inner = i > 0 && j > 0 && k > 0 && i + 2 < nx && j + 2 < ny && k + 2 < nz;
        if !MASKED
            && inner
            && let Some([below, near, far, above]) = self.planes.get(k - 1..k + 3)
        {
            let row = nx * C::SIZE;
            let size = C::SIZE;
            let from = j * row + i * size;
            let pairs = |plane: &[u8], from: usize| {
                let (a, b) = C::ends(plane.get(from..from + row + 2 * size).unwrap_or_default());
                (C::split(a), C::split(b))
            };
            // The rows before and after, and the voxels beside.
            for (half, plane) in [near, far].into_iter().enumerate() {
                let ((a, b), _) = pairs(plane, from - row);
                let (_, (c, d)) = pairs(plane, from + row);
                // Two pairs a row apart, one voxel to the left and one to the right.
                let ((l0, _), (l1, _)) = pairs(plane, from - size);
                let ((_, r0), (_, r1)) = pairs(plane, from + size);
                let v = &value[half * 4..half * 4 + 4];
                let full = &mut corners.full[half * 4..half * 4 + 4];
                let xs = [v[1] - l0, r0 - v[0], v[3] - l1, r1 - v[2]];
                let ys = [v[2] - a, v[3] - b, c - v[0], d - v[1]];
                for n in 0..4 {
                    full[n] = [v[n], xs[n] * self.inverse[0], ys[n] * self.inverse[1], 0.0];
                }
            }
            let ((a, b), (c, d)) = pairs(below, from);
            let ((e, f), (g, h)) = pairs(above, from);
            let depth = |k: usize| self.inverse_depth.get(k).copied().unwrap_or(0.0);
            let (near, far) = (depth(k), depth(k + 1));
            for (n, (below, above)) in [a, b, c, d].into_iter().zip([e, f, g, h]).enumerate() {
                corners.full[n][3] = (value[n + 4] - below) * near;
                corners.full[n + 4][3] = (above - value[n]) * far;
            }
            return;
        }
        for (c, full) in corners.full.iter_mut().enumerate() {
            let (x, y, z) = (i + (c & 1), j + (c >> 1 & 1), k + (c >> 2));
            let here = value[c];
            let of = |x: usize, y: usize, z: usize| {
                let v = self.value::<C, MASKED>(x.min(nx - 1), y.min(ny - 1), z.min(nz - 1));
                if v.is_nan() { here } else { v }
            };
            let depth = self.inverse_depth.get(z).copied().unwrap_or(0.0);
            *full = [
                here,
                (of(x + 1, y, z) - of(x.saturating_sub(1), y, z)) * self.inverse[0],
                (of(x, y + 1, z) - of(x, y.saturating_sub(1), z)) * self.inverse[1],
                (of(x, y, z + 1) - of(x, y, z.saturating_sub(1))) * depth,
            ];
        }
    }
}

impl Corners {
    /// Trilinear value at fractions of the cell.
    #[inline(always)]
    pub(super) fn at(&self, [fx, fy, fz]: [f32; 3]) -> f32 {
        let v = &self.value;
        let (a, b) = (v[0] + (v[1] - v[0]) * fx, v[2] + (v[3] - v[2]) * fx);
        let (c, d) = (v[4] + (v[5] - v[4]) * fx, v[6] + (v[7] - v[6]) * fx);
        let (near, far) = (a + (b - a) * fy, c + (d - c) * fy);
        near + (far - near) * fz
    }
}
