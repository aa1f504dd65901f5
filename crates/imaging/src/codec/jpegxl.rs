//! JPEG XL through jxl-oxide (ISO/IEC 18181).

use jxl_oxide::{AllocTracker, JxlImage};

use super::{CodecError, Decoded, fits_cell, same_size};
use crate::attributes::PixelDescription;

const CODEC: &str = "JPEG XL";
/// Bytes the decoder may hold for one byte of the frame: it works in 32-bit floats and keeps several buffers.
const BUFFERS: usize = 24;
/// And for itself.
const BASE_BYTES: usize = 16 << 20;

fn damaged(reason: impl ToString) -> CodecError {
    CodecError::Stream {
        codec: CODEC,
        reason: reason.to_string(),
    }
}

fn open(stream: &[u8], limit: usize) -> Result<JxlImage, CodecError> {
    JxlImage::builder()
        .alloc_tracker(AllocTracker::with_limit(limit))
        .read(stream)
        .map_err(damaged)
}

/// Whether the stream was made with loss: XYB, or a JPEG inside.
pub(crate) fn is_irreversible(stream: &[u8]) -> Option<bool> {
    let image = open(stream, BASE_BYTES).ok()?;
    Some(image.image_header().metadata.xyb_encoded)
}

/// Decodes one frame.
pub(crate) fn decode(
    stream: &[u8],
    header: &PixelDescription,
    out: &mut [u8],
) -> Result<Decoded, CodecError> {
    let limit = out.len().saturating_mul(BUFFERS).saturating_add(BASE_BYTES);
    let image = open(stream, limit)?;
    let bits = image.image_header().metadata.bit_depth.bits_per_sample();
    let samples = image.pixel_format().channels();
    same_size(
        CODEC,
        u64::from(image.width()),
        u64::from(image.height()),
        samples as u64,
        header,
    )?;
    fits_cell(CODEC, bits, header)?;
    let render = image.render_frame(0).map_err(damaged)?;
    let pixels = render.image_all_channels();
    let cell = header.sample.bytes();
    let wanted = out.len() / cell;
    if pixels.buf().len() != wanted {
        return Err(CodecError::Short {
            codec: CODEC,
            got: pixels.buf().len() * cell,
            wanted: out.len(),
        });
    }
    // The decoder gives 0 to 1 for the stream's own bits; asking it for 16-bit integers would scale 12 bits to 65535 (P7).
    let top = ((1_u64 << bits) - 1) as f32;
    let values = pixels
        .buf()
        .iter()
        .map(|v| (v * top).round().clamp(0.0, top));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the stream's bits, which fit the cell"
    )]
    match cell {
        1 => out.iter_mut().zip(values).for_each(|(to, v)| *to = v as u8),
        2 => {
            let cells = out.as_chunks_mut::<2>().0.iter_mut();
            cells
                .zip(values)
                .for_each(|(to, v)| *to = (v as u16).to_ne_bytes());
        }
        // A float of 24 bits cannot hold them.
        _ => return Err(damaged(format!("{bits} bits a sample"))),
    }
    Ok(if samples == 3 {
        Decoded::Rgb
    } else {
        Decoded::AsLabelled
    })
}
