//! Triangles: which pixels they cover, and the colour and texel at each.
//!
//! Coverage follows the rules of a GPU (Vulkan 1.3, 28.10, rasterisation of polygons): corners rounded to 1/256 pixel, a
//! pixel belongs to the triangle that holds its centre, and a centre on an edge belongs to the triangle below or at the
//! right of it. So two triangles that share an edge leave no seam and paint no pixel twice.

use egui::Color32;
use egui::epaint::Vertex;

use super::area::{Area, pair};
use super::colour::{self, fold, hash};
use super::texture::Texture;

/// Parts of a pixel.
pub(super) const STEPS: f32 = 256.0;

/// Farthest corner from the origin, in pixels: far outside every screen, near enough for 64-bit products.
const FARTHEST: f32 = 1_048_576.0;

/// A coordinate in 1/256 pixels. What is not a number is 0.
pub(super) fn snap(at: f32) -> i32 {
    (at.clamp(-FARTHEST, FARTHEST) * STEPS).round() as i32
}

/// A value that changes evenly over the picture.
#[derive(Clone, Copy)]
struct Plane<const N: usize> {
    base: [f32; N],
    dx: [f32; N],
    dy: [f32; N],
}

impl<const N: usize> Plane<N> {
    /// Through `values` at `a`, `a + ab` and `a + ac`; `doubled` is twice the area between them.
    fn through(values: [[f32; N]; 3], ab: [f32; 2], ac: [f32; 2], doubled: f32) -> Self {
        let [a, b, c] = values;
        let slope = |along_b: f32, along_c: f32| {
            std::array::from_fn(|i| ((b[i] - a[i]) * along_b + (c[i] - a[i]) * along_c) / doubled)
        };
        Self {
            base: a,
            dx: slope(ac[1], -ab[1]),
            dy: slope(-ac[0], ab[0]),
        }
    }

    #[inline(always)]
    fn at(&self, x: f32, y: f32) -> [f32; N] {
        std::array::from_fn(|i| self.base[i] + self.dx[i] * x + self.dy[i] * y)
    }

    fn fold_into(&self, hash: u64) -> u64 {
        let values = self.base.iter().chain(&self.dx).chain(&self.dy);
        values.fold(hash, |hash, value| fold(hash, u64::from(value.to_bits())))
    }
}

/// A triangle, clockwise on the screen.
pub struct Triangle {
    /// In 1/256 pixels.
    corners: [[i32; 2]; 3],
    /// Where both planes have their base, in pixels.
    start: [f32; 2],
    color: Plane<4>,
    texel: Plane<2>,
    /// The one colour of a triangle that has no other.
    pub flat: Option<u32>,
    /// Colours come from the texture, not from the corners alone.
    pub textured: bool,
}

impl Triangle {
    /// The triangle and the pixels of `clip` that it may touch; nothing when it touches none. Positions in pixels.
    pub fn new(vertices: [Vertex; 3], texture: &Texture, clip: Area) -> Option<(Self, Area)> {
        let [a, mut b, mut c] = vertices;
        let corner = |vertex: &Vertex| [snap(vertex.pos.x), snap(vertex.pos.y)];
        let doubled = doubled_area([corner(&a), corner(&b), corner(&c)]);
        let unseen = vertices
            .iter()
            .all(|vertex| vertex.color == Color32::TRANSPARENT);
        if doubled == 0 || unseen {
            return None;
        }
        if doubled < 0 {
            std::mem::swap(&mut b, &mut c);
        }
        let corners = [corner(&a), corner(&b), corner(&c)];
        let bounds = bounds(corners).intersect(clip);
        if bounds.is_empty() {
            return None;
        }
        let points = corners.map(|corner| corner.map(|at| at as f32 / STEPS));
        let [start, ..] = points;
        let side = |to: [f32; 2]| [to[0] - start[0], to[1] - start[1]];
        let (ab, ac) = (side(points[1]), side(points[2]));
        let doubled = doubled.unsigned_abs() as f32 / (STEPS * STEPS);

        let textured = a.uv != b.uv || a.uv != c.uv;
        let under = if textured {
            colour::WHITE
        } else {
            texture.nearest(texture.texel_of(a.uv))
        };
        let colors = [a, b, c].map(|vertex| colour::multiply(colour::pack(vertex.color), under));
        let flat = !textured && colors[0] == colors[1] && colors[0] == colors[2];
        let channels = colors.map(|color| color.to_le_bytes().map(f32::from));
        let texels = [a, b, c].map(|vertex| texture.texel_of(vertex.uv));
        let triangle = Self {
            corners,
            start,
            color: Plane::through(channels, ab, ac, doubled),
            texel: Plane::through(texels, ab, ac, doubled),
            flat: flat.then_some(colors[0]),
            textured,
        };
        Some((triangle, bounds))
    }

    /// Everything that decides its pixels inside `bounds`.
    pub fn hash(&self, bounds: Area, texture: &Texture) -> u64 {
        let [near, far] = bounds.words();
        let [a, b, c] = self.corners.map(|[x, y]| pair(x, y));
        let shape = hash(&[near, far, a, b, c]);
        if let Some(color) = self.flat {
            return fold(shape, u64::from(color));
        }
        let coloured = self.color.fold_into(shape);
        if self.textured {
            fold(self.texel.fold_into(coloured), texture.generation())
        } else {
            coloured
        }
    }

    /// Texels that one pixel steps over.
    pub fn step(&self) -> f32 {
        let [dx, dy] = [self.texel.dx, self.texel.dy];
        dx[0].hypot(dx[1]).max(dy[0].hypot(dy[1]))
    }

    /// Colour and texel at the centre of a pixel.
    #[inline(always)]
    pub fn at(&self, x: i32, y: i32) -> (u32, [f32; 2]) {
        let right = x as f32 + 0.5 - self.start[0];
        let down = y as f32 + 0.5 - self.start[1];
        let channels = self.color.at(right, down);
        let color = u32::from_le_bytes(channels.map(|channel| (channel + 0.5) as u8));
        (color, self.texel.at(right, down))
    }

    /// The covered pixels of row `y` from `x0` up to and without `x1`: first, and after the last.
    #[inline(always)]
    pub fn span(&self, y: i32, x0: i32, x1: i32) -> [i32; 2] {
        let (mut start, mut end) = (i64::from(x0), i64::from(x1));
        let centre = i64::from(y) * 256 + 128;
        for i in 0..3 {
            let [ax, ay] = self.corners[i].map(i64::from);
            let [bx, by] = self.corners[(i + 1) % 3].map(i64::from);
            let (dx, dy) = (bx - ax, by - ay);
            let owns = dy < 0 || dy == 0 && dx > 0;
            // Inside is where `value - slope * x` is not negative, x being the column.
            let value = dx * (centre - ay) - dy * (128 - ax) - i64::from(!owns);
            let slope = dy * 256;
            match slope {
                0 if value < 0 => return [x0, x0],
                0 => {}
                1.. => end = end.min(value.div_euclid(slope) + 1),
                _ => start = start.max(-value.div_euclid(-slope)),
            }
        }
        [start as i32, end.max(start) as i32]
    }
}

/// Twice the area, positive when the corners go clockwise on the screen; in 1/256 pixels squared.
fn doubled_area(corners: [[i32; 2]; 3]) -> i64 {
    let [[ax, ay], [bx, by], [cx, cy]] = corners.map(|corner| corner.map(i64::from));
    (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
}

/// The pixels whose centres lie between the outermost corners.
fn bounds(corners: [[i32; 2]; 3]) -> Area {
    let [a, b, c] = corners;
    let least = |axis: usize| a[axis].min(b[axis]).min(c[axis]);
    let most = |axis: usize| a[axis].max(b[axis]).max(c[axis]);
    Area {
        x0: (least(0) + 127) >> 8,
        y0: (least(1) + 127) >> 8,
        x1: (most(0) + 128) >> 8,
        y1: (most(1) + 128) >> 8,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use egui::{Pos2, TextureOptions, pos2};

    use super::*;

    fn white() -> Texture {
        Texture::new([1, 1], vec![colour::WHITE], TextureOptions::LINEAR, 1).unwrap()
    }

    fn pixels(corners: [Pos2; 3]) -> Vec<(i32, i32)> {
        let clip = Area::of_size([64, 64]);
        let vertices = corners.map(|pos| Vertex {
            pos,
            uv: Pos2::ZERO,
            color: Color32::WHITE,
        });
        let Some((triangle, bounds)) = Triangle::new(vertices, &white(), clip) else {
            return Vec::new();
        };
        let row = |y: i32| {
            let [from, to] = triangle.span(y, bounds.x0, bounds.x1);
            (from..to).map(move |x| (x, y))
        };
        (bounds.y0..bounds.y1).flat_map(row).collect()
    }

    /// Two triangles of one quadrilateral, cut along both diagonals and in every rotation: each pixel belongs to one.
    #[test]
    fn shared_edges_leave_no_seam_and_paint_no_pixel_twice() {
        let corners = [
            pos2(3.2, 5.5),
            pos2(40.7, 2.1),
            pos2(50.5, 44.5),
            pos2(8.5, 39.9),
        ];
        let [a, b, c, d] = corners;
        let mut one: Vec<_> = [pixels([a, b, c]), pixels([c, a, d])].concat();
        let mut two: Vec<_> = [pixels([a, d, b]), pixels([b, d, c])].concat();
        for cut in [&mut one, &mut two] {
            cut.sort_unstable();
            let count = cut.len();
            cut.dedup();
            assert_eq!(count, cut.len(), "a pixel painted twice");
        }
        assert_eq!(one, two);
        assert!(one.len() > 1500);
    }

    /// Half a square of 4 pixels: the centres of the diagonal belong to one side only.
    #[test]
    fn a_centre_on_the_diagonal_has_one_owner() {
        let (o, x, y, xy) = (
            pos2(0.0, 0.0),
            pos2(4.0, 0.0),
            pos2(0.0, 4.0),
            pos2(4.0, 4.0),
        );
        let (upper, lower) = (pixels([o, x, xy]).len(), pixels([o, xy, y]).len());
        assert_eq!((upper, lower), (10, 6));
    }

    #[test]
    fn far_and_meaningless_corners_do_no_harm() {
        let far = [
            pos2(f32::MIN, 0.0),
            pos2(f32::MAX, f32::MIN),
            pos2(0.0, f32::INFINITY),
        ];
        assert!(pixels(far).len() <= 64 * 64);
        assert!(pixels([pos2(f32::NAN, f32::NAN), pos2(0.0, 9.0), pos2(0.0, 3.0)]).is_empty());
    }
}
