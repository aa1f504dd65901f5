//! Writing into the pixels of one tile. Areas are in pixels of the window, already cut to the tile.

use super::area::Area;
use super::colour;
use super::texture::Texture;
use super::triangle::Triangle;

/// The pixels of a tile.
pub struct Rows<'a> {
    /// Row after row.
    pub pixels: &'a mut [u32],
    /// Pixels from one row to the next.
    pub stride: usize,
    /// Window position of the first pixel.
    pub origin: [i32; 2],
}

impl Rows<'_> {
    /// One colour.
    pub fn fill(&mut self, area: Area, color: u32) {
        for y in area.y0..area.y1 {
            blend(self.row(y, area.x0, area.x1), color);
        }
    }

    /// One texel to one pixel, nothing of what is below stays: images. Texel = pixel + `offset`.
    pub fn copy(&mut self, area: Area, texture: &Texture, offset: [i32; 2]) {
        for y in area.y0..area.y1 {
            let texels = texture.row(y + offset[1], area.x0 + offset[0], area.x1 + offset[0]);
            self.row(y, area.x0, area.x1).copy_from_slice(texels);
        }
    }

    /// One texel to one pixel, tinted and blended: glyphs. Texel = pixel + `offset`.
    pub fn stamp(&mut self, area: Area, texture: &Texture, offset: [i32; 2], tint: u32) {
        for y in area.y0..area.y1 {
            let texels = texture.row(y + offset[1], area.x0 + offset[0], area.x1 + offset[0]);
            for (target, &texel) in self.row(y, area.x0, area.x1).iter_mut().zip(texels) {
                if texel == 0 {
                    continue;
                }
                // Glyphs are white of some coverage, where one factor serves for all channels.
                let coverage = colour::alpha(texel);
                let color = if texel == coverage * 0x0101_0101 {
                    colour::scale(tint, coverage)
                } else {
                    colour::multiply(texel, tint)
                };
                *target = colour::over(*target, color);
            }
        }
    }

    /// Any scale. Texel = `origin` + `step` * pixel centre.
    pub fn stretch(
        &mut self,
        area: Area,
        texture: &Texture,
        origin: [f32; 2],
        step: [f32; 2],
        tint: u32,
    ) {
        let filter = texture.filter(step[0].abs().max(step[1].abs()));
        for y in area.y0..area.y1 {
            let v = origin[1] + step[1] * (y as f32 + 0.5);
            for (target, x) in self.row(y, area.x0, area.x1).iter_mut().zip(area.x0..) {
                let u = origin[0] + step[0] * (x as f32 + 0.5);
                let color = colour::multiply(texture.sample([u, v], filter), tint);
                *target = colour::over(*target, color);
            }
        }
    }

    /// Colours, texels, or both.
    pub fn triangle(&mut self, area: Area, triangle: &Triangle, texture: &Texture) {
        let filter = texture.filter(triangle.step());
        for y in area.y0..area.y1 {
            let [x0, x1] = triangle.span(y, area.x0, area.x1);
            if x0 >= x1 {
                continue;
            }
            let row = self.row(y, x0, x1);
            if let Some(color) = triangle.flat {
                blend(row, color);
                continue;
            }
            for (target, x) in row.iter_mut().zip(x0..) {
                let (color, texel) = triangle.at(x, y);
                let color = if triangle.textured {
                    colour::multiply(texture.sample(texel, filter), color)
                } else {
                    color
                };
                *target = colour::over(*target, color);
            }
        }
    }

    #[inline(always)]
    fn row(&mut self, y: i32, x0: i32, x1: i32) -> &mut [u32] {
        let at = (y - self.origin[1]) as usize * self.stride;
        let [from, to] = [x0, x1].map(|x| at + (x - self.origin[0]) as usize);
        &mut self.pixels[from..to]
    }
}

#[inline(always)]
fn blend(row: &mut [u32], color: u32) {
    if colour::alpha(color) == 255 {
        row.fill(color);
    } else {
        for target in row {
            *target = colour::over(*target, color);
        }
    }
}
