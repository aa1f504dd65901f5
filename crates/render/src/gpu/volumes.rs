//! Volumes on the device: stored values bit for bit in a three-dimensional texture, filled slice by slice as they arrive.

use std::collections::HashMap;

use triptych_imaging::{
    Frame, SampleType,
    volume::{SliceTurn, Volume},
};
use wgpu::util::DeviceExt as _;

use super::bricks::Atlas;
use crate::Gpu;

/// How much of volumes the device may hold and take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VolumeLimits {
    /// Longest side of a texture, texels; the device may allow less.
    pub side: u32,
    /// Longest side of a brick, voxels. Volumes beyond it lie in bricks.
    pub brick: u32,
    /// Bytes of all volumes. The least used go first; one that is larger alone is drawn by the twin.
    pub bytes: u64,
    /// Bytes that go up in a frame (section F); a slice more than fits is never cut in two.
    pub upload: u64,
}

impl Default for VolumeLimits {
    fn default() -> Self {
        Self {
            side: u32::MAX,
            brick: u32::MAX,
            bytes: 2 << 30,
            upload: 8 << 20,
        }
    }
}

/// `Volume` of `volume.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
struct Info {
    size: [i32; 3],
    flags: u32,
    brick: [i32; 3],
    shift: u32,
    bricks: [i32; 3],
    kind: u32,
    low: [i32; 3],
    unused: u32,
    high: [i32; 3],
    unused_too: u32,
}

/// `Slice` of `volume.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
struct Slice {
    slope: f32,
    intercept: f32,
    padding_low: f32,
    padding_high: f32,
    inverse_depth: f32,
    key: i32,
    there: u32,
    before: u32,
}

const _: () = assert!(size_of::<Info>() == 80 && size_of::<Slice>() == 32);

const BRICKED: u32 = 1;
const WEIGHED: u32 = 2;
const UNEVEN: u32 = 4;

/// Steps of a position between two voxels, and for each mm.
pub(super) const VOXEL: f64 = 32_768.0;

/// Positions farther out than this do not fit the shader's numbers.
pub(super) const FARTHEST: f64 = 32_000.0;

/// Volumes drawn lately.
#[derive(Debug, Default)]
pub(super) struct Volumes {
    held: HashMap<u64, Held>,
    pub(super) limits: VolumeLimits,
    /// Bytes that went up in this frame.
    spent: u64,
    pub(super) unlimited: bool,
    /// Slices of volumes drawn in this frame are still waiting.
    waiting: bool,
    bytes: u64,
    clock: u64,
    /// The clock when this frame began.
    last_frame: u64,
}

/// One volume.
#[derive(Debug)]
pub(super) struct Held {
    texture: wgpu::Texture,
    atlas: Atlas,
    info: wgpu::Buffer,
    slices: wgpu::Buffer,
    pub(super) group: wgpu::BindGroup,
    there: Vec<bool>,
    pub(super) count: usize,
    sample: SampleType,
    bytes: u64,
    used: u64,
    /// Blocks of its ranges, uploaded when they were known.
    pub(super) ranges: Option<([i32; 3], wgpu::Buffer)>,
}

impl Volumes {
    /// The volume with as many of its slices as may go up now, those next to slice `middle` first; `None` when the device cannot hold it.
    pub(super) fn of(
        &mut self,
        gpu: &Gpu,
        layout: &wgpu::BindGroupLayout,
        id: u64,
        volume: &Volume,
        middle: f64,
    ) -> Option<&Held> {
        self.clock += 1;
        if !self.held.contains_key(&id) {
            let bytes = texture_bytes(volume)?;
            if bytes > self.limits.bytes {
                return None;
            }
            self.shrink(self.limits.bytes - bytes);
            // The others are needed in this frame too.
            if self.bytes > self.limits.bytes - bytes {
                return None;
            }
            let held = Held::new(gpu, layout, volume, self.limits, bytes)?;
            self.bytes += bytes;
            self.held.insert(id, held);
        }
        let held = self.held.get_mut(&id)?;
        held.used = self.clock;
        let mut wanted: Vec<usize> = (0..held.there.len())
            .filter(|k| held.there.get(*k) == Some(&false) && volume.frame(*k).is_some())
            .collect();
        let off = |k: &usize| ((*k as f64 - middle).abs() * 2.0) as u64;
        wanted.sort_by_key(off);
        let mut changed = false;
        for k in wanted {
            if self.spent >= self.limits.upload && !self.unlimited {
                self.waiting = true;
                break;
            }
            if let Some(frame) = volume.frame(k) {
                self.spent += held.upload(gpu, volume, k, frame);
                changed = true;
            }
        }
        if changed || held.count == 0 {
            held.describe(gpu, volume);
        }
        held.know_ranges(gpu, volume);
        self.held.get(&id)
    }

    pub(super) fn held(&self, id: u64) -> Option<&Held> {
        self.held.get(&id)
    }

    pub(super) const fn end_frame(&mut self) {
        self.spent = 0;
        self.waiting = false;
        self.last_frame = self.clock;
    }

    pub(super) const fn is_waiting(&self) -> bool {
        self.waiting
    }

    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.bytes = 0;
        self.waiting = false;
    }

    fn shrink(&mut self, to: u64) {
        while self.bytes > to {
            let idle = self.held.iter().filter(|(_, h)| h.used <= self.last_frame);
            let oldest = idle.min_by_key(|(_, h)| h.used);
            let Some(gone) = oldest
                .map(|(id, _)| *id)
                .and_then(|id| self.held.remove(&id))
            else {
                return;
            };
            self.bytes = self.bytes.saturating_sub(gone.bytes);
        }
    }
}

/// Bytes of a texel: 32 bits and more, and values that tables turn, are kept as 32.
fn texel(volume: &Volume) -> u32 {
    if has_tables(volume) {
        return 4;
    }
    match volume.shape().sample {
        SampleType::U8 | SampleType::I8 => 1,
        SampleType::U16 | SampleType::I16 => 2,
        SampleType::U32 | SampleType::I32 | SampleType::F32 | SampleType::F64 => 4,
    }
}

fn has_tables(volume: &Volume) -> bool {
    volume.turns().iter().any(|t| t.is_table)
}

fn texture_bytes(volume: &Volume) -> Option<u64> {
    let size = volume.geometry().size().map(u64::from);
    size.iter()
        .try_fold(u64::from(texel(volume)), |n, side| n.checked_mul(*side))
}

impl Held {
    fn new(
        gpu: &Gpu,
        layout: &wgpu::BindGroupLayout,
        volume: &Volume,
        limits: VolumeLimits,
        bytes: u64,
    ) -> Option<Self> {
        let geometry = volume.geometry();
        let size = geometry.size();
        // The shader counts missing slices in 16 bits, and positions in 17 bits of voxels.
        if size.iter().any(|n| *n > 32_000)
            || geometry
                .slice_positions_mm()
                .last()
                .is_some_and(|mm| *mm > FARTHEST)
        {
            return None;
        }
        let side = gpu
            .device
            .limits()
            .max_texture_dimension_3d
            .min(limits.side);
        let atlas = Atlas::new(size, side, limits.brick)?;
        let [width, height, depth] = atlas.size;
        // A device without room is an answer, not an error.
        let scope = gpu.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("volume"),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: depth,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D3,
            format: match texel(volume) {
                1 => wgpu::TextureFormat::R8Uint,
                2 => wgpu::TextureFormat::R16Uint,
                _ => wgpu::TextureFormat::R32Uint,
            },
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        if let Some(error) = pollster::block_on(scope.pop()) {
            tracing::warn!(%error, "a volume does not fit the graphics processor");
            return None;
        }
        let slices = size[2] as usize;
        let buffer = |label, bytes: usize, usage| {
            gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: bytes as u64,
                usage: usage | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        };
        let info = buffer("volume", size_of::<Info>(), wgpu::BufferUsages::UNIFORM);
        let turns = buffer(
            "slices",
            (slices + 1) * size_of::<Slice>(),
            wgpu::BufferUsages::STORAGE,
        );
        let pages = gpu
            .device
            .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some("bricks"),
                contents: bytemuck::cast_slice(&atlas.origins),
                usage: wgpu::BufferUsages::STORAGE,
            });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("volume"),
            layout,
            entries: &[
                entry(0, info.as_entire_binding()),
                entry(1, turns.as_entire_binding()),
                entry(2, pages.as_entire_binding()),
                entry(3, wgpu::BindingResource::TextureView(&view)),
            ],
        });
        Some(Self {
            texture,
            atlas,
            info,
            slices: turns,
            group,
            there: vec![false; slices],
            count: 0,
            sample: volume.shape().sample,
            bytes,
            used: 0,
            ranges: None,
        })
    }

    /// Writes slice `k`; the answer is its bytes.
    fn upload(&mut self, gpu: &Gpu, volume: &Volume, k: usize, frame: &Frame) -> u64 {
        let texel = texel(volume);
        let [columns, rows] = [volume.shape().columns, volume.shape().rows];
        let turned = self.turned(volume, k, frame);
        let bytes: &[u8] = turned.as_deref().unwrap_or(&frame.bytes);
        for piece in self.atlas.pieces(k as u32, [columns, rows]) {
            let [x, y, z] = piece.to;
            let [from_x, from_y] = piece.from;
            gpu.queue.write_texture(
                wgpu::TexelCopyTextureInfo {
                    texture: &self.texture,
                    mip_level: 0,
                    origin: wgpu::Origin3d { x, y, z },
                    aspect: wgpu::TextureAspect::All,
                },
                bytes,
                wgpu::TexelCopyBufferLayout {
                    offset: (u64::from(from_y) * u64::from(columns) + u64::from(from_x))
                        * u64::from(texel),
                    bytes_per_row: Some(columns * texel),
                    rows_per_image: None,
                },
                wgpu::Extent3d {
                    width: piece.size[0],
                    height: piece.size[1],
                    depth_or_array_layers: 1,
                },
            );
        }
        if let Some(there) = self.there.get_mut(k) {
            *there = true;
        }
        self.count += 1;
        u64::from(texel) * u64::from(columns) * u64::from(rows)
    }

    /// Values that are not written as they are stored: those of tables, NaN where padded, and of 64 bits.
    fn turned(&self, volume: &Volume, k: usize, frame: &Frame) -> Option<Vec<u8>> {
        let [columns, rows] = [volume.shape().columns, volume.shape().rows];
        if has_tables(volume) {
            let values = (0..rows).flat_map(|y| {
                (0..columns).map(move |x| {
                    let value = volume.voxel(x, y, k as u32).map_or(f32::NAN, |v| v as f32);
                    value.to_ne_bytes()
                })
            });
            return Some(values.flatten().collect());
        }
        (self.sample == SampleType::F64).then(|| {
            let (all, _) = frame.bytes.as_chunks::<8>();
            all.iter()
                .flat_map(|b| (f64::from_ne_bytes(*b) as f32).to_ne_bytes())
                .collect()
        })
    }

    /// Tells the shader what is there.
    fn describe(&self, gpu: &Gpu, volume: &Volume) {
        let geometry = volume.geometry();
        let tables = has_tables(volume);
        let size = geometry.size().map(u32::cast_signed);
        let steps = |mm: f64| (mm * VOXEL).round() as i32;
        let mut before = 0_u32;
        let mut slices: Vec<Slice> = volume
            .turns()
            .iter()
            .zip(geometry.slice_positions_mm())
            .zip(&self.there)
            .enumerate()
            .map(|(k, ((turn, mm), there))| {
                let slice = Slice::new(*turn, tables, steps(*mm), *there, before);
                before += u32::from(!there);
                before += u32::from(volume.gaps().contains(&k)) << 16;
                slice
            })
            .collect();
        slices.push(Slice {
            before,
            ..bytemuck::Zeroable::zeroed()
        });
        let inverse = inverse_depths(volume);
        for (slice, inverse) in slices.iter_mut().zip(inverse) {
            slice.inverse_depth = inverse;
        }
        let all_there = self.there.iter().all(|t| *t);
        let padded = slices.iter().any(|s| s.padding_low <= s.padding_high);
        let float = tables || matches!(self.sample, SampleType::F32 | SampleType::F64);
        let weighed = !all_there || padded || volume.common_rescale().is_none();
        let [low, high] = volume
            .grid_bounds()
            .map(|b| b.to_array().map(|x| (x * VOXEL).round() as i32));
        let flag = |on: bool, bit: u32| if on { bit } else { 0 };
        let (kind, shift) = match self.sample {
            _ if float => (2, 0),
            SampleType::I8 => (1, 24),
            SampleType::I16 => (1, 16),
            SampleType::I32 => (1, 0),
            _ => (0, 0),
        };
        let info = Info {
            size,
            flags: flag(self.atlas.origins.len() > 1, BRICKED)
                | flag(weighed, WEIGHED)
                | flag(!geometry.is_even(), UNEVEN),
            brick: self.atlas.brick.map(u32::cast_signed),
            shift,
            bricks: self.atlas.count.map(u32::cast_signed),
            kind,
            low,
            unused: 0,
            high,
            unused_too: 0,
        };
        gpu.queue
            .write_buffer(&self.info, 0, bytemuck::bytes_of(&info));
        gpu.queue
            .write_buffer(&self.slices, 0, bytemuck::cast_slice(&slices));
    }

    fn know_ranges(&mut self, gpu: &Gpu, volume: &Volume) {
        // While slices are on their way up, blocks may promise what is not there.
        if self.ranges.is_some() || self.there.iter().any(|t| !t) {
            return;
        }
        let Some(known) = volume.block_ranges().filter(|b| b.side == 8) else {
            return;
        };
        // Least above greatest is spelled without infinities.
        let ranges: Vec<[f32; 2]> = known
            .ranges
            .iter()
            .map(|[a, b]| [a.clamp(-3e38, 3e38), b.clamp(-3e38, 3e38)])
            .collect();
        if ranges.len() as u64 * 8 > gpu.device.limits().max_storage_buffer_binding_size {
            return;
        }
        let buffer = gpu
            .device
            .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some("ranges"),
                contents: bytemuck::cast_slice(&ranges),
                usage: wgpu::BufferUsages::STORAGE,
            });
        self.ranges = Some((known.count.map(|n| n as i32), buffer));
    }
}

impl Slice {
    fn new(turn: SliceTurn, tables: bool, key: i32, there: bool, before: u32) -> Self {
        let (slope, intercept) = if tables {
            (1.0, 0.0)
        } else {
            (turn.slope, turn.intercept)
        };
        let [padding_low, padding_high] = turn.padding.filter(|_| !tables).unwrap_or([3e38, -3e38]);
        Self {
            slope,
            intercept,
            padding_low,
            padding_high,
            inverse_depth: 0.0,
            key,
            there: u32::from(there),
            before,
        }
    }
}

/// 1 / (distance of the neighbours on both sides) of each slice, mm; at the ends that of the slices next to them.
fn inverse_depths(volume: &Volume) -> Vec<f32> {
    let keys = volume.geometry().slice_positions_mm();
    let last = keys.len().saturating_sub(1);
    let at = |k: usize| keys.get(k).copied().unwrap_or(0.0);
    (0..keys.len())
        .map(|k| {
            let k = k.clamp(1, last.max(2) - 1);
            (1.0 / (at(k + 1) - at(k - 1))) as f32
        })
        .collect()
}
