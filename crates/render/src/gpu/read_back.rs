//! A target's pixels back in memory, for tests and the command line.

use std::sync::mpsc;

use super::draw::{GpuRenderer, extent};
use crate::RenderError;

impl GpuRenderer {
    /// RGBA of a slot, rows from the top, without the padding of rows that copies need.
    pub(crate) fn read_back(&self, slot: &str) -> Result<Vec<u8>, RenderError> {
        let target = self.held(slot).ok_or(RenderError::DeviceLost)?;
        let gpu = self.gpu();
        let [width, height] = target.size;
        let row = width * 4;
        let padded = row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read back"),
            size: u64::from(padded) * u64::from(height),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_texture_to_buffer(
            target.texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(padded),
                    rows_per_image: None,
                },
            },
            extent(target.size),
        );
        gpu.queue.submit([encoder.finish()]);
        let (sender, receiver) = mpsc::channel();
        buffer
            .slice(..)
            .map_async(wgpu::MapMode::Read, move |result| {
                // The receiver waits below; it is gone only when this call has given up.
                let _ = sender.send(result.is_ok());
            });
        let polled = gpu.device.poll(wgpu::PollType::wait_indefinitely());
        if polled.is_err() || receiver.recv() != Ok(true) {
            return Err(RenderError::DeviceLost);
        }
        let Ok(mapped) = buffer.slice(..).get_mapped_range() else {
            return Err(RenderError::DeviceLost);
        };
        let mut rgba = Vec::with_capacity(row as usize * height as usize);
        for line in mapped.chunks_exact(padded as usize) {
            rgba.extend_from_slice(line.get(..row as usize).unwrap_or_default());
        }
        Ok(rgba)
    }
}
