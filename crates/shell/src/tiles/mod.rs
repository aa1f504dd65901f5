//! egui's meshes painted on the processor, tile by tile, and only where something changed.
//!
//! A frame goes through three steps. *Flatten*: meshes become [items](item) in whole pixels, each goes into the list of
//! every tile that it touches and is folded into that tile's hash; an opaque rectangle over a whole tile empties the
//! list first, as nothing below will be seen. *Compare*: a tile with the hash of its last painting keeps its pixels.
//! *Paint*: the others are painted from their lists, in parallel; each owns its pixels, so there is no lock.
//!
//! ```text
//! meshes ─> items ─> tiles' lists and hashes ─> tiles that differ ─> pixels ─> damage
//! ```
//!
//! Blending and coverage follow egui-wgpu on a target that is not sRGB, so the picture is that of the GPU painter within
//! two grey levels; images shown one texel to one pixel are equal. Presenting is left to [`crate::paint`].

mod area;
mod colour;
mod item;
#[cfg(test)]
pub(crate) mod scene;
mod span;
#[cfg(test)]
mod tests;
mod texture;
mod triangle;

use std::collections::HashMap;

use egui::epaint::{ClippedPrimitive, ImageData, Mesh, Primitive, Vertex};
use egui::{Color32, TextureId, TextureOptions, TexturesDelta};
use rayon::prelude::*;

pub use area::Area;
use item::{Flat, Item, Paint, Quad};
use span::Rows;
use texture::Texture;
use triangle::Triangle;

/// Pixels on a tile's side: its 16 KiB stay in the first-level cache while it is painted.
const TILE: usize = 64;

/// Fewer tiles than this are painted on the calling thread: waking another costs more.
const WORTH_SHARING: usize = 8;

/// Texels that a thread converts at once.
const SHARE: usize = 1 << 15;

/// One egui frame.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Width and height in physical pixels.
    pub size: [usize; 2],
    /// Physical pixels of one egui point.
    pub pixels_per_point: f32,
    /// Tessellated shapes, back to front.
    pub primitives: &'a [ClippedPrimitive],
    /// What is below everything; opaque.
    pub background: Color32,
}

/// How much a frame cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rectangles and triangles.
    pub items: usize,
    /// Tiles of the window.
    pub tiles: usize,
    /// Tiles painted anew.
    pub painted: usize,
}

/// Paints the frames of one window, and keeps its pixels.
#[derive(Default)]
pub struct Painter {
    grid: Grid,
    textures: HashMap<TextureId, Texture>,
    /// Contents that textures have had, of all identifiers.
    generation: u64,
    /// Frames that changed a pixel.
    frame: u64,
    items: Vec<Item>,
    triangles: Vec<Triangle>,
}

impl Painter {
    /// Takes egui's new and changed textures. Call before [`Self::paint`].
    pub fn load(&mut self, textures: &TexturesDelta) {
        for (&id, deltas) in &textures.set {
            for delta in deltas {
                let ImageData::Color(image) = &delta.image;
                if let Some(at) = delta.pos {
                    if let Some(texture) = self.textures.get_mut(&id) {
                        texture.patch(image, at);
                    }
                } else {
                    let generation = self.next_generation();
                    self.put(id, Texture::from_image(image, delta.options, generation));
                }
            }
        }
    }

    /// Replaces a texture of our own by opaque RGBA bytes, `size` texels row by row, shown unfiltered.
    pub fn set_picture(&mut self, id: TextureId, [width, height]: [u32; 2], rgba: &[u8]) {
        let size = [width as usize, height as usize];
        let generation = self.next_generation();
        // The memory of the former one: a new one's pages would cost as much as all the rest.
        let former = self.textures.remove(&id);
        let mut texels = former.map_or_else(Vec::new, Texture::into_texels);
        texels.resize(rgba.len() / 4, 0);
        let rows = texels.par_chunks_mut(SHARE).zip(rgba.par_chunks(4 * SHARE));
        rows.for_each(|(texels, rgba)| {
            for (texel, [r, g, b, _]) in texels.iter_mut().zip(rgba.as_chunks().0) {
                *texel = u32::from_be_bytes([255, *r, *g, *b]);
            }
        });
        let texture = Texture::opaque(size, texels, TextureOptions::NEAREST, generation);
        self.put(id, texture);
    }

    /// Drops the textures that egui no longer shows. Call after [`Self::paint`].
    pub fn free(&mut self, textures: &TexturesDelta) {
        for id in &textures.free {
            self.textures.remove(id);
        }
    }

    /// Drops a texture of our own.
    pub fn free_picture(&mut self, id: TextureId) {
        self.textures.remove(&id);
    }

    /// Paints what differs from the frame before.
    pub fn paint(&mut self, frame: &Frame<'_>) -> Report {
        self.grid.resize(frame.size);
        let used = self.flatten(frame);
        let painted = self.paint_tiles(colour::pack(frame.background), &used);
        for texture in self.textures.values_mut() {
            texture.settle();
        }
        Report {
            items: self.items.len(),
            tiles: self.grid.tiles.len(),
            painted,
        }
    }

    /// Forgets what was painted: the next frame paints every tile.
    pub fn invalidate(&mut self) {
        for tile in &mut self.grid.tiles {
            tile.looks = None;
        }
    }

    /// Copies into a buffer of the whole window (`0xAARRGGBB`, row by row) what the last `age` painted frames changed;
    /// an age of 0 copies everything.
    pub fn copy_to(&self, buffer: &mut [u32], age: u8) {
        let [width, _] = self.grid.size;
        if width == 0 {
            return;
        }
        let since = match u64::from(age) {
            0 => 0,
            age => (self.frame + 1).saturating_sub(age),
        };
        // Rows of tiles lie one below the other in the buffer, too.
        let rows = buffer.par_chunks_mut(TILE * width);
        let rows = rows.zip(self.grid.tiles.par_chunks(self.grid.columns));
        rows.for_each(|(buffer, tiles)| {
            for tile in tiles.iter().filter(|tile| tile.painted >= since) {
                let Area { x0, x1, .. } = tile.area;
                let (left, length) = (x0 as usize, (x1 - x0) as usize);
                let lines = buffer.chunks_exact_mut(width);
                for (row, line) in tile.pixels.chunks_exact(TILE).zip(lines) {
                    if let Some(target) = line.get_mut(left..left + length) {
                        target.copy_from_slice(&row[..length]);
                    }
                }
            }
        });
    }

    /// What the last frame painted; neighbours in a row of tiles are joined.
    pub fn damage(&self) -> Vec<Area> {
        self.rows_of(|tile| tile.painted == self.frame)
    }

    /// The whole window, in the form of [`Self::damage`].
    pub fn everything(&self) -> Vec<Area> {
        self.rows_of(|_| true)
    }

    fn rows_of(&self, wanted: impl Fn(&Tile) -> bool) -> Vec<Area> {
        let mut rows: Vec<Area> = Vec::new();
        for tile in self.grid.tiles.iter().filter(|tile| wanted(tile)) {
            match rows.last_mut() {
                Some(last) if last.x1 == tile.area.x0 && last.y0 == tile.area.y0 => {
                    last.x1 = tile.area.x1;
                }
                _ => rows.push(tile.area),
            }
        }
        rows
    }

    fn next_generation(&mut self) -> u64 {
        self.generation += 1;
        self.generation
    }

    fn put(&mut self, id: TextureId, texture: Option<Texture>) {
        match texture {
            Some(texture) => self.textures.insert(id, texture),
            None => self.textures.remove(&id),
        };
    }

    /// Fills the tiles' lists; the textures in the order of their numbers.
    fn flatten(&mut self, frame: &Frame<'_>) -> Vec<TextureId> {
        self.items.clear();
        self.triangles.clear();
        self.grid.begin(u64::from(colour::pack(frame.background)));
        let window = Area::of_size(frame.size);
        let mut used: Vec<TextureId> = Vec::new();
        for primitive in frame.primitives {
            // A paint callback is for a GPU; no view has one.
            let Primitive::Mesh(mesh) = &primitive.primitive else {
                continue;
            };
            let clip = clip_area(primitive.clip_rect, frame.pixels_per_point).intersect(window);
            let Some(texture) = self.textures.get(&mesh.texture_id) else {
                continue;
            };
            if clip.is_empty() {
                continue;
            }
            let number = used
                .iter()
                .position(|id| *id == mesh.texture_id)
                .unwrap_or_else(|| {
                    used.push(mesh.texture_id);
                    used.len() - 1
                });
            let mut flattener = Flattener {
                grid: &mut self.grid,
                items: &mut self.items,
                triangles: &mut self.triangles,
                texture,
                number: number as u32,
                clip,
            };
            flattener.mesh(mesh, frame.pixels_per_point);
        }
        used
    }

    fn paint_tiles(&mut self, background: u32, used: &[TextureId]) -> usize {
        let textures: Vec<&Texture> = used.iter().filter_map(|id| self.textures.get(id)).collect();
        let mut changed: Vec<&mut Tile> = self
            .grid
            .tiles
            .iter_mut()
            .filter(|tile| tile.is_changed())
            .collect();
        if changed.is_empty() {
            return 0;
        }
        self.frame += 1;
        let scene = Scene {
            background,
            items: &self.items,
            triangles: &self.triangles,
            textures: &textures,
        };
        let frame = self.frame;
        let paint = |tile: &mut &mut Tile| {
            tile.paint(&scene);
            tile.painted = frame;
        };
        if changed.len() < WORTH_SHARING {
            changed.iter_mut().for_each(paint);
        } else {
            changed.par_iter_mut().with_max_len(4).for_each(paint);
        }
        changed.len()
    }
}

/// As egui-wgpu sets its scissor: corners rounded to whole pixels.
fn clip_area(clip: egui::Rect, pixels_per_point: f32) -> Area {
    let edge = |at: f32| (at * pixels_per_point).round() as i32;
    Area {
        x0: edge(clip.min.x),
        y0: edge(clip.min.y),
        x1: edge(clip.max.x),
        y1: edge(clip.max.y),
    }
}

/// Turns one mesh into items.
struct Flattener<'a> {
    grid: &'a mut Grid,
    items: &'a mut Vec<Item>,
    triangles: &'a mut Vec<Triangle>,
    texture: &'a Texture,
    number: u32,
    clip: Area,
}

impl Flattener<'_> {
    fn mesh(&mut self, mesh: &Mesh, pixels_per_point: f32) {
        let triangle = |indices: &[u32]| -> Option<[Vertex; 3]> {
            let vertex = |index: u32| {
                let mut vertex = *mesh.vertices.get(index as usize)?;
                vertex.pos = (vertex.pos.to_vec2() * pixels_per_point).to_pos2();
                Some(vertex)
            };
            let [a, b, c] = *indices else { return None };
            Some([vertex(a)?, vertex(b)?, vertex(c)?])
        };
        let mut triangles = mesh.indices.chunks_exact(3).peekable();
        while let Some(indices) = triangles.next() {
            let Some(first) = triangle(indices) else {
                continue;
            };
            let second = triangles.peek().and_then(|indices| triangle(indices));
            if let Some(quad) = second.and_then(|second| Quad::of(first, second)) {
                triangles.next();
                if let Some(flat) = quad.flatten(self.texture, self.number, self.clip) {
                    self.add(flat);
                }
            } else if let Some((triangle, bounds)) = Triangle::new(first, self.texture, self.clip) {
                let index = self.triangles.len() as u32;
                let flat =
                    item::flatten_triangle(&triangle, bounds, self.texture, self.number, index);
                self.triangles.push(triangle);
                self.add(flat);
            }
        }
    }

    fn add(&mut self, flat: Flat) {
        let index = self.items.len() as u32;
        self.grid.add(&flat, index);
        self.items.push(flat.item);
    }
}

/// The tiles of a window, row by row.
#[derive(Default)]
struct Grid {
    size: [usize; 2],
    columns: usize,
    tiles: Vec<Tile>,
}

impl Grid {
    fn resize(&mut self, size: [usize; 2]) {
        if self.size == size {
            return;
        }
        let [columns, rows] = size.map(|side| side.div_ceil(TILE));
        let whole = Area::of_size(size);
        let tile = |index: usize| {
            let [x0, y0] = [index % columns, index / columns].map(|at| (at * TILE) as i32);
            let side = TILE as i32;
            Tile::new(
                Area {
                    x0,
                    y0,
                    x1: x0 + side,
                    y1: y0 + side,
                }
                .intersect(whole),
            )
        };
        *self = Self {
            size,
            columns,
            tiles: (0..columns * rows).map(tile).collect(),
        };
    }

    /// Empties the lists.
    fn begin(&mut self, hash: u64) {
        for tile in &mut self.tiles {
            tile.empty(hash);
        }
    }

    /// Puts an item into every tile it touches. Its bounds lie inside the window and are not empty.
    fn add(&mut self, flat: &Flat, index: u32) {
        let bounds = flat.item.bounds;
        let covers = flat.item.paint.covers();
        let tiles = |from: i32, to: i32| from as usize / TILE..=(to - 1) as usize / TILE;
        for row in tiles(bounds.y0, bounds.y1) {
            for column in tiles(bounds.x0, bounds.x1) {
                let Some(tile) = self.tiles.get_mut(row * self.columns + column) else {
                    continue;
                };
                if covers && bounds.contains(tile.area) {
                    tile.empty(0);
                }
                tile.items.push(index);
                tile.hash = colour::fold(tile.hash, flat.hash);
                tile.stale |= flat.stale;
            }
        }
    }
}

struct Tile {
    area: Area,
    /// `TILE` rows of `TILE` pixels, also at the edges of the window.
    pixels: Vec<u32>,
    /// Items of this frame, back to front, and their hash.
    items: Vec<u32>,
    hash: u64,
    /// An item reads texels that were replaced in this frame.
    stale: bool,
    /// The hash of what the pixels show.
    looks: Option<u64>,
    /// The frame that painted it last.
    painted: u64,
}

impl Tile {
    fn new(area: Area) -> Self {
        Self {
            area,
            pixels: vec![0; TILE * TILE],
            items: Vec::new(),
            hash: 0,
            stale: false,
            looks: None,
            painted: 0,
        }
    }

    fn empty(&mut self, hash: u64) {
        self.items.clear();
        self.hash = hash;
        self.stale = false;
    }

    fn is_changed(&self) -> bool {
        self.stale || self.looks != Some(self.hash)
    }

    fn paint(&mut self, scene: &Scene<'_>) {
        self.pixels.fill(scene.background);
        let mut rows = Rows {
            pixels: &mut self.pixels,
            stride: TILE,
            origin: [self.area.x0, self.area.y0],
        };
        for &index in &self.items {
            let item = &scene.items[index as usize];
            let area = item.bounds.intersect(self.area);
            let texture = |number: u32| scene.textures[number as usize];
            match item.paint {
                Paint::Fill(color) => rows.fill(area, color),
                Paint::Stamp {
                    texture: number,
                    offset,
                    plain: true,
                    ..
                } => {
                    rows.copy(area, texture(number), offset);
                }
                Paint::Stamp {
                    texture: number,
                    offset,
                    tint,
                    ..
                } => {
                    rows.stamp(area, texture(number), offset, tint);
                }
                Paint::Stretch {
                    texture: number,
                    origin,
                    step,
                    tint,
                } => {
                    rows.stretch(area, texture(number), origin, step, tint);
                }
                Paint::Triangle {
                    texture: number,
                    index,
                } => {
                    rows.triangle(area, &scene.triangles[index as usize], texture(number));
                }
            }
        }
        self.looks = Some(self.hash);
    }
}

/// What tiles are painted from.
struct Scene<'a> {
    background: u32,
    items: &'a [Item],
    triangles: &'a [Triangle],
    textures: &'a [&'a Texture],
}
