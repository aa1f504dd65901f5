//! Stored values on the device, kept by picture.

use std::collections::HashMap;

use triptych_imaging::{Colour, Frame, SampleType, display::ModalityLut};

use super::{draw::extent, params::modality_table};
use crate::{Gpu, Picture};

/// Bytes of textures kept before the least used ones go.
const BUDGET: u64 = 1 << 30;

/// Textures of the pictures drawn lately.
#[derive(Debug, Default)]
pub(super) struct Sources {
    held: HashMap<u64, Source>,
    bytes: u64,
    clock: u64,
}

#[derive(Debug)]
pub(super) struct Source {
    pub(super) image: wgpu::TextureView,
    /// Modality table, 256 × 256; one texel when there is none.
    pub(super) table: wgpu::TextureView,
    bytes: u64,
    used: u64,
}

impl Sources {
    /// The texture of a picture, uploaded once; `None` when the device cannot hold it or no pass takes it.
    pub(super) fn of(&mut self, gpu: &Gpu, picture: &Picture) -> Option<&Source> {
        self.clock += 1;
        let now = self.clock;
        if !self.held.contains_key(&picture.id) {
            let mut source = Source::upload(gpu, picture)?;
            source.used = now;
            self.bytes += source.bytes;
            self.held.insert(picture.id, source);
            self.shrink(picture.id);
        }
        let source = self.held.get_mut(&picture.id)?;
        source.used = now;
        Some(source)
    }

    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.bytes = 0;
    }

    fn shrink(&mut self, but: u64) {
        while self.bytes > BUDGET {
            let oldest = self
                .held
                .iter()
                .filter(|(id, _)| **id != but)
                .min_by_key(|(_, s)| s.used)
                .map(|(id, _)| *id);
            let Some(gone) = oldest.and_then(|id| self.held.remove(&id)) else {
                return;
            };
            self.bytes = self.bytes.saturating_sub(gone.bytes);
        }
    }
}

impl Source {
    fn upload(gpu: &Gpu, picture: &Picture) -> Option<Self> {
        let frame = &picture.frame;
        let shape = frame.shape;
        let largest = gpu.device.limits().max_texture_dimension_2d;
        if shape.columns > largest || shape.rows > largest || shape.columns == 0 || shape.rows == 0
        {
            return None;
        }
        let length = shape.byte_len()?;
        let bytes = frame.bytes.get(..length)?;
        let size = [shape.columns, shape.rows];
        let image = match (shape.colour, shape.sample) {
            (Colour::Rgb, SampleType::U8) => {
                let wide: Vec<u8> = bytes
                    .chunks_exact(3)
                    .flat_map(|p| p.iter().copied().chain([255]))
                    .collect();
                texture(gpu, size, wgpu::TextureFormat::Rgba8Uint, 4, &wide)
            }
            (Colour::Rgb, _) => return None,
            (_, SampleType::U8 | SampleType::I8) => {
                texture(gpu, size, wgpu::TextureFormat::R8Uint, 1, bytes)
            }
            (_, SampleType::U16 | SampleType::I16) => {
                texture(gpu, size, wgpu::TextureFormat::R16Uint, 2, bytes)
            }
            _ => return None,
        };
        let table = match &picture.display.modality_lut {
            ModalityLut::Table(lut) => table_of(gpu, frame, lut),
            ModalityLut::Identity | ModalityLut::Rescale { .. } => {
                texture(gpu, [1, 1], wgpu::TextureFormat::R16Uint, 2, &[0, 0])
            }
        };
        Some(Self {
            image,
            table,
            bytes: length as u64,
            used: 0,
        })
    }
}

fn table_of(gpu: &Gpu, frame: &Frame, lut: &triptych_imaging::display::Lut) -> wgpu::TextureView {
    let table = modality_table(frame, lut);
    // The shader looks up the pattern of bits as stored with its sign turned over: the table is in that order.
    texture(
        gpu,
        [256, 256],
        wgpu::TextureFormat::R16Uint,
        2,
        bytemuck::cast_slice(&table),
    )
}

pub(super) fn texture(
    gpu: &Gpu,
    size: [u32; 2],
    format: wgpu::TextureFormat,
    texel: u32,
    bytes: &[u8],
) -> wgpu::TextureView {
    let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some("frame"),
        size: extent(size),
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    gpu.queue.write_texture(
        texture.as_image_copy(),
        bytes,
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(size[0] * texel),
            rows_per_image: None,
        },
        extent(size),
    );
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}
