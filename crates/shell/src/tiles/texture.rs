//! Textures of the tile painter: texels, how they are sampled, and what was replaced in this frame.

use egui::epaint::ColorImage;
use egui::{Pos2, TextureFilter, TextureOptions, TextureWrapMode};

use super::area::Area;
use super::colour;

/// One texture.
pub struct Texture {
    size: [usize; 2],
    texels: Vec<u32>,
    options: TextureOptions,
    generation: u64,
    opaque: bool,
    /// Parts replaced since the last frame was painted.
    patches: Vec<Area>,
}

impl Texture {
    /// A texture of `size` texels; nothing when `texels` are not as many, or none.
    ///
    /// `generation` must differ from that of every other content this identifier ever had.
    pub fn new(
        size: [usize; 2],
        texels: Vec<u32>,
        options: TextureOptions,
        generation: u64,
    ) -> Option<Self> {
        let opaque = texels.iter().all(|&texel| colour::alpha(texel) == 255);
        let texture = Self::opaque(size, texels, options, generation)?;
        Some(Self { opaque, ..texture })
    }

    /// As [`Self::new`], of texels that let nothing through.
    pub fn opaque(
        size: [usize; 2],
        texels: Vec<u32>,
        options: TextureOptions,
        generation: u64,
    ) -> Option<Self> {
        let count = size[0].checked_mul(size[1])?;
        let fits = size.iter().all(|&side| (1..=1 << 20).contains(&side));
        (fits && count == texels.len()).then(|| Self {
            size,
            opaque: true,
            texels,
            options,
            generation,
            patches: Vec::new(),
        })
    }

    /// Its memory.
    pub fn into_texels(self) -> Vec<u32> {
        self.texels
    }

    /// From egui's image.
    pub fn from_image(
        image: &ColorImage,
        options: TextureOptions,
        generation: u64,
    ) -> Option<Self> {
        let texels = image
            .pixels
            .iter()
            .map(|&color| colour::pack(color))
            .collect();
        Self::new(image.size, texels, options, generation)
    }

    /// Replaces a part, its upper left corner at `left`, `top`. What lies outside is left out.
    pub fn patch(&mut self, image: &ColorImage, [left, top]: [usize; 2]) {
        let [width, height] = image.size;
        let [across, down] = self.size;
        let columns = width.min(across.saturating_sub(left));
        if columns == 0 {
            return;
        }
        let rows = height.min(down.saturating_sub(top));
        for (y, row) in image.pixels.chunks_exact(width).take(rows).enumerate() {
            let at = (top + y) * across + left;
            for (texel, &color) in self.texels[at..at + columns].iter_mut().zip(row) {
                *texel = colour::pack(color);
                self.opaque &= color.is_opaque();
            }
        }
        let [x0, y0] = [left, top].map(|at| at as i32);
        self.patches.push(Area {
            x0,
            y0,
            x1: x0 + columns as i32,
            y1: y0 + rows as i32,
        });
    }

    /// The frame is painted: what was replaced is on the tiles now.
    pub fn settle(&mut self) {
        self.patches.clear();
    }

    /// Grows with every whole replacement; patches keep it.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// No texel lets anything through.
    pub fn is_opaque(&self) -> bool {
        self.opaque
    }

    /// All texels.
    pub fn whole(&self) -> Area {
        Area::of_size(self.size)
    }

    /// Something inside `texels` was replaced in this frame.
    pub fn is_patched(&self, texels: Area) -> bool {
        self.patches
            .iter()
            .any(|patch| !patch.intersect(texels).is_empty())
    }

    /// Texel coordinates of a mesh's 0 to 1 coordinates.
    pub fn texel_of(&self, uv: Pos2) -> [f32; 2] {
        [uv.x * self.size[0] as f32, uv.y * self.size[1] as f32]
    }

    /// Texels of one row; the caller knows that they are inside.
    #[inline(always)]
    pub fn row(&self, y: i32, x0: i32, x1: i32) -> &[u32] {
        let at = y as usize * self.size[0];
        &self.texels[at + x0 as usize..at + x1 as usize]
    }

    /// The texel that holds `at`.
    #[inline(always)]
    pub fn nearest(&self, at: [f32; 2]) -> u32 {
        self.texel(at[0].floor() as i32, at[1].floor() as i32)
    }

    /// The filter where one pixel steps over `step` texels.
    pub fn filter(&self, step: f32) -> TextureFilter {
        if step > 1.0 {
            self.options.minification
        } else {
            self.options.magnification
        }
    }

    /// The colour at `at`, in texels.
    #[inline(always)]
    pub fn sample(&self, at: [f32; 2], filter: TextureFilter) -> u32 {
        match filter {
            TextureFilter::Nearest => self.nearest(at),
            TextureFilter::Linear => self.linear(at),
        }
    }

    #[inline(always)]
    fn linear(&self, at: [f32; 2]) -> u32 {
        let [x, y] = at.map(|at| ((at - 0.5) * 256.0).floor() as i32);
        let (left, top) = (x >> 8, y >> 8);
        let (right, low) = ((x & 255) as u32, (y & 255) as u32);
        let [width, height] = self.size;
        let within =
            left >= 0 && top >= 0 && (left as usize) + 1 < width && (top as usize) + 1 < height;
        if within {
            let at = top as usize * width + left as usize;
            let (upper, lower) = (
                &self.texels[at..at + 2],
                &self.texels[at + width..at + width + 2],
            );
            return colour::mix(
                colour::mix(upper[0], upper[1], right),
                colour::mix(lower[0], lower[1], right),
                low,
            );
        }
        let next = |at: i32| at.saturating_add(1);
        let row = |y: i32| colour::mix(self.texel(left, y), self.texel(next(left), y), right);
        colour::mix(row(top), row(next(top)), low)
    }

    #[inline(always)]
    fn texel(&self, x: i32, y: i32) -> u32 {
        let [width, height] = self.size;
        self.texels[self.wrap(y, height as i32) * width + self.wrap(x, width as i32)]
    }

    #[inline(always)]
    fn wrap(&self, at: i32, size: i32) -> usize {
        let at = match self.options.wrap_mode {
            TextureWrapMode::ClampToEdge => at.clamp(0, size - 1),
            TextureWrapMode::Repeat => at.rem_euclid(size),
            TextureWrapMode::MirroredRepeat => {
                let phase = at.rem_euclid(2 * size);
                phase.min(2 * size - 1 - phase)
            }
        };
        at as usize
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use egui::Color32;

    use super::*;

    fn ramp(options: TextureOptions) -> Texture {
        let texels = [0, 100, 200, 250]
            .map(|grey| colour::pack(Color32::from_gray(grey)))
            .to_vec();
        Texture::new([4, 1], texels, options, 1).unwrap()
    }

    #[test]
    fn texels_that_do_not_fill_the_size_are_no_texture() {
        assert!(Texture::new([2, 2], vec![0; 3], TextureOptions::NEAREST, 1).is_none());
        assert!(Texture::new([0, 2], vec![], TextureOptions::NEAREST, 1).is_none());
    }

    #[test]
    fn linear_sampling_meets_texel_centres_and_middles() {
        let texture = ramp(TextureOptions::LINEAR);
        let grey = |x: f32| texture.sample([x, 0.5], TextureFilter::Linear) & 255;
        assert_eq!(grey(1.5), 100);
        assert_eq!(grey(2.0), 150);
        // Beyond the last centre the edge goes on.
        assert_eq!(grey(9.0), 250);
    }

    #[test]
    fn wrapping_repeats_and_mirrors() {
        let with = |wrap_mode| {
            ramp(TextureOptions {
                wrap_mode,
                ..TextureOptions::NEAREST
            })
        };
        let grey = |texture: &Texture, x: f32| texture.nearest([x, 0.5]) & 255;
        assert_eq!(grey(&with(TextureWrapMode::Repeat), 5.5), 100);
        assert_eq!(grey(&with(TextureWrapMode::Repeat), -0.5), 250);
        assert_eq!(grey(&with(TextureWrapMode::MirroredRepeat), 4.5), 250);
        assert_eq!(grey(&with(TextureWrapMode::MirroredRepeat), -1.5), 100);
    }

    #[test]
    fn a_patch_over_the_edge_is_cut() {
        let mut texture = ramp(TextureOptions::NEAREST);
        texture.patch(&ColorImage::filled([3, 2], Color32::WHITE), [2, 0]);
        assert_eq!(texture.row(0, 0, 4)[1] & 255, 100);
        assert_eq!(texture.row(0, 0, 4)[3], colour::WHITE);
        let last = Area {
            x0: 3,
            y0: 0,
            x1: 4,
            y1: 1,
        };
        assert!(texture.is_patched(last));
        texture.settle();
        assert!(!texture.is_patched(last));
    }
}
