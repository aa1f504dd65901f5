//! Where the bricks of a volume lie in a texture that is not large enough for it as it is (section G).

/// Bricks without borders: the shader looks up the brick of each voxel, so interpolation may cross them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Atlas {
    /// Texels of the texture.
    pub(super) size: [u32; 3],
    /// Voxels along the sides of a brick.
    pub(super) brick: [u32; 3],
    /// Bricks along each axis of the volume.
    pub(super) count: [u32; 3],
    /// First texel of each, x fastest; the fourth number is not used.
    pub(super) origins: Vec<[i32; 4]>,
}

/// Part of a slice that lies in one brick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// First pixel of the slice.
    pub(super) from: [u32; 2],
    /// First texel.
    pub(super) to: [u32; 3],
    pub(super) size: [u32; 2],
}

/// Side of bricks that fill a texture where larger ones leave too much of it empty.
const SMALL: u32 = 64;

impl Atlas {
    /// For a volume of `volume` voxels in a texture of at most `side` texels a side and bricks of at most `largest` voxels; `None` when it
    /// does not fit.
    pub(super) fn new(volume: [u32; 3], side: u32, largest: u32) -> Option<Self> {
        let largest = largest.min(side).max(1);
        let even = volume.map(|n| n.div_ceil(n.div_ceil(largest).max(1)));
        let small = volume.map(|n| n.min(SMALL).min(largest));
        [even, small]
            .into_iter()
            .find_map(|brick| Self::of_bricks(volume, side, brick))
    }

    fn of_bricks(volume: [u32; 3], side: u32, brick: [u32; 3]) -> Option<Self> {
        if volume.contains(&0) {
            return None;
        }
        let [x, y, z] = std::array::from_fn(|a| volume[a].div_ceil(brick[a]));
        let total = u64::from(x) * u64::from(y) * u64::from(z);
        // As near to the volume's own shape as the texture allows.
        let room = brick.map(|b| u64::from(side / b));
        let across = room[0].min(total).max(1);
        let rows = total.div_ceil(across);
        let down = room[1].min(rows).max(1);
        let deep = rows.div_ceil(down);
        if room.contains(&0) || deep > room[2] {
            return None;
        }
        let origins = (0..total)
            .map(|k| {
                let at = [k % across, k / across % down, k / across / down];
                let [x, y, z] = std::array::from_fn(|a| (at[a] * u64::from(brick[a])) as i32);
                [x, y, z, 0]
            })
            .collect();
        Some(Self {
            size: [across, down, deep]
                .map(|n| n as u32)
                .into_iter()
                .zip(brick)
                .map(|(n, b)| n * b)
                .collect::<Vec<_>>()
                .try_into()
                .ok()?,
            brick,
            count: [x, y, z],
            origins,
        })
    }

    /// How slice `k` of `columns × rows` is cut up.
    pub(super) fn pieces(&self, k: u32, [columns, rows]: [u32; 2]) -> Vec<Piece> {
        let [bx, by, bz] = self.brick;
        let (layer, depth) = (k / bz, k % bz);
        let bricks = (0..self.count[1]).flat_map(|j| (0..self.count[0]).map(move |i| (i, j)));
        bricks
            .filter_map(|(i, j)| {
                let at = (layer * self.count[1] + j) * self.count[0] + i;
                let [x, y, z, _] = *self.origins.get(at as usize)?;
                let from = [i * bx, j * by];
                Some(Piece {
                    from,
                    to: [
                        x.cast_unsigned(),
                        y.cast_unsigned(),
                        z.cast_unsigned() + depth,
                    ],
                    size: [
                        bx.min(columns.saturating_sub(from[0])),
                        by.min(rows.saturating_sub(from[1])),
                    ],
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    /// Every voxel has a texel of its own inside the texture.
    #[test]
    fn every_voxel_has_its_own_texel() {
        for (volume, side, largest) in [
            ([7, 5, 3], 2048, u32::MAX),
            ([70, 66, 9], 128, 16),
            ([33, 20, 90], 64, 64),
            ([100, 100, 20], 80, u32::MAX),
        ] {
            let atlas = Atlas::new(volume, side, largest).unwrap();
            assert!(atlas.size.iter().all(|n| *n <= side), "{atlas:?}");
            let mut seen = std::collections::HashSet::new();
            for k in 0..volume[2] {
                for piece in atlas.pieces(k, [volume[0], volume[1]]) {
                    for y in 0..piece.size[1] {
                        for x in 0..piece.size[0] {
                            let at = [piece.to[0] + x, piece.to[1] + y, piece.to[2]];
                            assert!(at.iter().zip(atlas.size).all(|(a, n)| *a < n));
                            assert!(seen.insert(at), "{at:?} twice");
                        }
                    }
                }
            }
            let voxels: u32 = volume.iter().product();
            assert_eq!(seen.len(), voxels as usize);
        }
    }

    #[test]
    fn a_volume_within_the_limits_is_one_brick() {
        let atlas = Atlas::new([512, 512, 300], 2048, u32::MAX).unwrap();
        assert_eq!(atlas.size, [512, 512, 300]);
        assert_eq!(atlas.origins, [[0; 4]]);
    }

    #[test]
    fn a_volume_beyond_the_texture_does_not_fit() {
        assert_eq!(Atlas::new([65, 64, 64], 64, u32::MAX), None);
        assert_eq!(Atlas::new([65, 0, 64], 64, u32::MAX), None);
    }
}
