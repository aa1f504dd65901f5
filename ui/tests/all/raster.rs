//! A painter without a window: egui's triangles into a buffer, on the CPU, exact enough to look at.

use std::collections::HashMap;

use egui::epaint::{ClippedPrimitive, Mesh, Primitive};
use egui::{ColorImage, TextureId, TexturesDelta};

/// Textures and one picture.
#[derive(Default)]
pub struct Raster {
    textures: HashMap<TextureId, ColorImage>,
    pub size: [usize; 2],
    pub pixels: Vec<[f32; 3]>,
}

impl Raster {
    pub fn textures(&mut self, delta: &mut TexturesDelta) {
        for (id, deltas) in delta.set.drain() {
            for d in deltas {
                let egui::ImageData::Color(image) = d.image;
                match d.pos {
                    None => {
                        self.textures.insert(id, (*image).clone());
                    }
                    Some([x, y]) => {
                        let to = self.textures.get_mut(&id).unwrap();
                        for row in 0..image.height() {
                            let from = &image.pixels[row * image.width()..][..image.width()];
                            to.pixels[(y + row) * to.size[0] + x..][..from.len()]
                                .copy_from_slice(from);
                        }
                    }
                }
            }
        }
        delta.free.clear();
    }

    pub fn set_user_texture(&mut self, id: TextureId, image: ColorImage) {
        self.textures.insert(id, image);
    }

    pub fn paint(&mut self, size: [usize; 2], ppp: f32, primitives: &[ClippedPrimitive]) {
        self.size = size;
        self.pixels = vec![[0.0; 3]; size[0] * size[1]];
        for ClippedPrimitive {
            clip_rect,
            primitive,
        } in primitives
        {
            let Primitive::Mesh(mesh) = primitive else {
                continue;
            };
            let clip = [
                (clip_rect.min.x * ppp).round().max(0.0) as usize,
                (clip_rect.min.y * ppp).round().max(0.0) as usize,
                ((clip_rect.max.x * ppp).round() as usize).min(size[0]),
                ((clip_rect.max.y * ppp).round() as usize).min(size[1]),
            ];
            self.mesh(mesh, ppp, clip);
        }
    }

    fn mesh(&mut self, mesh: &Mesh, ppp: f32, clip: [usize; 4]) {
        let texture = self.textures.get(&mesh.texture_id);
        let width = self.size[0];
        for t in mesh.indices.chunks_exact(3) {
            let v = [0, 1, 2].map(|i| &mesh.vertices[t[i] as usize]);
            let p = v.map(|v| [v.pos.x * ppp, v.pos.y * ppp]);
            let area = (p[1][0] - p[0][0]) * (p[2][1] - p[0][1])
                - (p[2][0] - p[0][0]) * (p[1][1] - p[0][1]);
            if area == 0.0 {
                continue;
            }
            let low = |k: usize| {
                p.iter()
                    .map(|q| q[k])
                    .fold(f32::MAX, f32::min)
                    .floor()
                    .max(0.0) as usize
            };
            let high = |k: usize| {
                p.iter()
                    .map(|q| q[k])
                    .fold(f32::MIN, f32::max)
                    .ceil()
                    .max(0.0) as usize
            };
            let (x0, y0) = (low(0).max(clip[0]), low(1).max(clip[1]));
            let (x1, y1) = (high(0).min(clip[2]), high(1).min(clip[3]));
            let flat = v[0].color == v[1].color
                && v[1].color == v[2].color
                && v[0].uv == v[1].uv
                && v[1].uv == v[2].uv;
            let c = v.map(|v| v.color.to_array().map(f32::from));
            for y in y0..y1 {
                for x in x0..x1 {
                    // Off the exact centre, so that no centre lies on a shared edge.
                    let (px, py) = (x as f32 + 0.5 + 1.0 / 512.0, y as f32 + 0.5 + 1.0 / 1024.0);
                    let e = |a: [f32; 2], b: [f32; 2]| {
                        (b[0] - a[0]) * (py - a[1]) - (b[1] - a[1]) * (px - a[0])
                    };
                    let w = [
                        e(p[1], p[2]) / area,
                        e(p[2], p[0]) / area,
                        e(p[0], p[1]) / area,
                    ];
                    if w[0] < 0.0 || w[1] < 0.0 || w[2] < 0.0 {
                        continue;
                    }
                    let mut rgba = if flat {
                        c[0]
                    } else {
                        [0, 1, 2, 3].map(|k| c[0][k] * w[0] + c[1][k] * w[1] + c[2][k] * w[2])
                    };
                    if let Some(texture) = texture {
                        let u = v[0].uv.x * w[0] + v[1].uv.x * w[1] + v[2].uv.x * w[2];
                        let s = v[0].uv.y * w[0] + v[1].uv.y * w[1] + v[2].uv.y * w[2];
                        let texel = sample(texture, u, s);
                        for k in 0..4 {
                            rgba[k] *= texel[k] / 255.0;
                        }
                    }
                    let to = &mut self.pixels[y * width + x];
                    for k in 0..3 {
                        to[k] = rgba[k] + to[k] * (1.0 - rgba[3] / 255.0);
                    }
                }
            }
        }
    }

    pub fn rgb(&self) -> Vec<u8> {
        self.pixels
            .iter()
            .flat_map(|p| p.map(|c| c.round().clamp(0.0, 255.0) as u8))
            .collect()
    }
}

fn sample(texture: &ColorImage, u: f32, v: f32) -> [f32; 4] {
    let [w, h] = texture.size;
    let (x, y) = (u * w as f32 - 0.5, v * h as f32 - 0.5);
    let (fx, fy) = (x - x.floor(), y - y.floor());
    let at = |dx: i32, dy: i32| {
        let cx = (x.floor() as i32 + dx).clamp(0, w as i32 - 1) as usize;
        let cy = (y.floor() as i32 + dy).clamp(0, h as i32 - 1) as usize;
        texture.pixels[cy * w + cx].to_array().map(f32::from)
    };
    if fx < 0.02 && fy < 0.02 {
        return at(0, 0);
    }
    let (a, b, c, d) = (at(0, 0), at(1, 0), at(0, 1), at(1, 1));
    [0, 1, 2, 3].map(|k| {
        (a[k] * (1.0 - fx) + b[k] * fx) * (1.0 - fy) + (c[k] * (1.0 - fx) + d[k] * fx) * fy
    })
}
