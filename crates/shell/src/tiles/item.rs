//! What meshes become: rectangles and triangles in whole pixels, each with the hash of all that decides its look.

use egui::Pos2;
use egui::epaint::Vertex;

use super::area::Area;
use super::colour::{self, hash};
use super::texture::Texture;
use super::triangle::{self, Triangle};

/// What to paint inside `bounds`, which are cut to the clip rectangle and the window.
pub struct Item {
    pub bounds: Area,
    pub paint: Paint,
}

/// How to paint it. Textures are numbered within a frame.
#[derive(Clone, Copy)]
pub enum Paint {
    /// One colour.
    Fill(u32),
    /// One texel to one pixel: texel = pixel + `offset`.
    Stamp {
        texture: u32,
        offset: [i32; 2],
        tint: u32,
        /// Nothing below stays, and nothing is tinted: rows are copied.
        plain: bool,
    },
    /// Texel = `origin` + `step` * pixel centre.
    Stretch {
        texture: u32,
        origin: [f32; 2],
        step: [f32; 2],
        tint: u32,
    },
    /// The frame's triangle of this number.
    Triangle { texture: u32, index: u32 },
}

impl Paint {
    /// Nothing below stays.
    pub fn covers(&self) -> bool {
        match *self {
            Self::Fill(color) => colour::alpha(color) == 255,
            Self::Stamp { plain, .. } => plain,
            Self::Stretch { .. } | Self::Triangle { .. } => false,
        }
    }
}

/// An item before it is put into tiles.
pub struct Flat {
    pub item: Item,
    /// Equal hashes look equal.
    pub hash: u64,
    /// It reads texels that were replaced in this frame, which the hash does not know.
    pub stale: bool,
}

/// Two triangles that form an upright rectangle of one colour; positions in pixels.
pub struct Quad {
    min: Corner,
    max: Corner,
    color: u32,
}

#[derive(Clone, Copy)]
struct Corner {
    pos: Pos2,
    uv: Pos2,
}

impl Quad {
    /// The rectangle, if the triangles form one.
    pub fn of(first: [Vertex; 3], second: [Vertex; 3]) -> Option<Self> {
        let color = first[0].color;
        if first
            .iter()
            .chain(&second)
            .any(|vertex| vertex.color != color)
        {
            return None;
        }
        let [start, ..] = first;
        let mut min = Corner {
            pos: start.pos,
            uv: start.uv,
        };
        let mut max = min;
        for Vertex { pos, uv, .. } in first {
            if pos.x < min.pos.x {
                (min.pos.x, min.uv.x) = (pos.x, uv.x);
            }
            if pos.y < min.pos.y {
                (min.pos.y, min.uv.y) = (pos.y, uv.y);
            }
            if pos.x > max.pos.x {
                (max.pos.x, max.uv.x) = (pos.x, uv.x);
            }
            if pos.y > max.pos.y {
                (max.pos.y, max.uv.y) = (pos.y, uv.y);
            }
        }
        // Each triangle holds three of the four corners. Together they are the rectangle when the missing two are opposite.
        let missing = |corners: [Vertex; 3]| {
            let mut held = 0_u8;
            for Vertex { pos, uv, .. } in corners {
                let (right, low) = (pos.x == max.pos.x, pos.y == max.pos.y);
                let (across, down) = (if right { max } else { min }, if low { max } else { min });
                let there = Pos2::new(across.pos.x, down.pos.y);
                let texel = Pos2::new(across.uv.x, down.uv.y);
                if pos != there || uv != texel {
                    return None;
                }
                held |= 1 << (u8::from(right) + 2 * u8::from(low));
            }
            let missing = !held & 15;
            (missing.count_ones() == 1).then_some(missing)
        };
        let opposite = missing(first)? | missing(second)?;
        matches!(opposite, 0b1001 | 0b0110).then(|| Self {
            min,
            max,
            color: colour::pack(color),
        })
    }

    /// What it paints inside `clip`; nothing when that is no pixel. `number` is the texture's number in this frame.
    pub fn flatten(&self, texture: &Texture, number: u32, clip: Area) -> Option<Flat> {
        let (min, max) = (self.min.pos, self.max.pos);
        let bounds = pixels_between(min, max).intersect(clip);
        if bounds.is_empty() || self.color == 0 {
            return None;
        }
        let [near, far] = bounds.words();
        if self.min.uv == self.max.uv {
            let color =
                colour::multiply(self.color, texture.nearest(texture.texel_of(self.min.uv)));
            return (color != 0).then(|| Flat {
                item: Item {
                    bounds,
                    paint: Paint::Fill(color),
                },
                hash: hash(&[near, far, u64::from(color)]),
                stale: false,
            });
        }
        let map = TexelMap::new(self, texture);
        let paint = map.paint(bounds, texture, number, self.color);
        let place = |at: [f32; 2]| u64::from(at[0].to_bits()) << 32 | u64::from(at[1].to_bits());
        let words = [
            near,
            far,
            place(map.origin),
            place(map.step),
            u64::from(self.color),
            texture.generation(),
        ];
        Some(Flat {
            item: Item { bounds, paint },
            hash: hash(&words),
            stale: texture.is_patched(map.read()),
        })
    }
}

/// The pixels whose centres lie in the rectangle.
fn pixels_between(min: Pos2, max: Pos2) -> Area {
    let edge = |at: f32| (triangle::snap(at) as f32 / triangle::STEPS - 0.5).ceil() as i32;
    Area {
        x0: edge(min.x),
        y0: edge(min.y),
        x1: edge(max.x),
        y1: edge(max.y),
    }
}

/// Where a textured rectangle reads.
struct TexelMap {
    /// Pixels of the corners.
    pixels: [[f32; 2]; 2],
    /// Texels of the corners.
    texels: [[f32; 2]; 2],
    origin: [f32; 2],
    step: [f32; 2],
}

impl TexelMap {
    fn new(quad: &Quad, texture: &Texture) -> Self {
        let pixels = [quad.min.pos, quad.max.pos].map(|pos| [pos.x, pos.y]);
        let texels = [quad.min.uv, quad.max.uv].map(|uv| texture.texel_of(uv));
        let step: [f32; 2] =
            std::array::from_fn(|i| (texels[1][i] - texels[0][i]) / (pixels[1][i] - pixels[0][i]));
        let origin = std::array::from_fn(|i| texels[0][i] - step[i] * pixels[0][i]);
        Self {
            pixels,
            texels,
            origin,
            step,
        }
    }

    /// The texels it may read, filter included.
    fn read(&self) -> Area {
        let [from, to] = self.texels;
        let low = |i: usize| (from[i].min(to[i]).floor() as i32).saturating_sub(1);
        let high = |i: usize| (from[i].max(to[i]).ceil() as i32).saturating_add(1);
        Area {
            x0: low(0),
            y0: low(1),
            x1: high(0),
            y1: high(1),
        }
    }

    fn paint(&self, bounds: Area, texture: &Texture, number: u32, tint: u32) -> Paint {
        let offset = [0, 1].map(|i| (self.texels[0][i] - self.pixels[0][i]).round() as i32);
        // Off by less than 1/64 texel at both ends: one texel to one pixel.
        let plain = (0..2).all(|end| {
            (0..2).all(|i| {
                let off = self.texels[end][i] - self.pixels[end][i] - offset[i] as f32;
                off.abs() < 1.0 / 64.0
            })
        });
        let read = Area {
            x0: bounds.x0.saturating_add(offset[0]),
            y0: bounds.y0.saturating_add(offset[1]),
            x1: bounds.x1.saturating_add(offset[0]),
            y1: bounds.y1.saturating_add(offset[1]),
        };
        if plain && texture.whole().contains(read) {
            let plain = texture.is_opaque() && tint == colour::WHITE;
            Paint::Stamp {
                texture: number,
                offset,
                tint,
                plain,
            }
        } else {
            Paint::Stretch {
                texture: number,
                origin: self.origin,
                step: self.step,
                tint,
            }
        }
    }
}

/// A triangle's item, `index` being its place among the frame's triangles.
pub fn flatten_triangle(
    triangle: &Triangle,
    bounds: Area,
    texture: &Texture,
    number: u32,
    index: u32,
) -> Flat {
    Flat {
        item: Item {
            bounds,
            paint: Paint::Triangle {
                texture: number,
                index,
            },
        },
        hash: triangle.hash(bounds, texture),
        stale: triangle.textured && texture.is_patched(texture.whole()),
    }
}
