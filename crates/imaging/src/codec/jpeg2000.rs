//! JPEG 2000 and HTJ2K through OpenJPEG (ITU-T T.800, T.814).

use super::{CodecError, Decoded, fits_cell, same_size};
use crate::attributes::{Photometric, PixelDescription};

const CODEC: &str = "JPEG 2000";

/// What the main header of a code stream says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MainHeader {
    pub columns: u64,
    pub rows: u64,
    pub components: u64,
    /// Bits of the first component.
    pub precision: u32,
    /// The wavelet transform loses information.
    pub irreversible: bool,
}

/// SIZ and COD of a stream, bare or inside JP2. `None` when it is cut or is no such stream.
pub(crate) fn main_header(stream: &[u8]) -> Option<MainHeader> {
    // JP2 boxes come first in some files; the code stream begins with SOC and SIZ.
    let start = stream
        .windows(4)
        .take(1 << 16)
        .position(|w| w == [0xFF, 0x4F, 0xFF, 0x51])?;
    let siz = stream.get(start.checked_add(4)?..)?;
    let word = |at: usize| {
        siz.get(at..)?
            .first_chunk::<4>()
            .map(|b| u64::from(u32::from_be_bytes(*b)))
    };
    let size = usize::from(u16::from_be_bytes(*siz.first_chunk::<2>()?));
    let mut header = MainHeader {
        columns: word(4)?.checked_sub(word(12)?)?,
        rows: word(8)?.checked_sub(word(16)?)?,
        components: u64::from(u16::from_be_bytes(*siz.get(36..)?.first_chunk::<2>()?)),
        precision: u32::from(siz.get(38)? & 0x7F) + 1,
        irreversible: false,
    };
    let mut rest = siz.get(size..)?;
    while let Some([0xFF, marker, high, low]) = rest.first_chunk::<4>() {
        match marker {
            // Transformation of SPcod: 0 is the irreversible 9-7 filter.
            0x52 => header.irreversible = *rest.get(13)? == 0,
            0x90 => break,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        rest = rest.get(length.checked_add(2)?..)?;
    }
    Some(header)
}

/// Decodes one frame. `saturates`: the syntax may lose information, so samples may overshoot Bits Stored and are clamped to it.
pub(crate) fn decode(
    stream: &[u8],
    header: &PixelDescription,
    saturates: bool,
    out: &mut [u8],
) -> Result<Decoded, CodecError> {
    let damaged = |reason: String| CodecError::Stream {
        codec: CODEC,
        reason,
    };
    let own = main_header(stream).ok_or_else(|| damaged("no main header".to_owned()))?;
    same_size(CODEC, own.columns, own.rows, own.components, header)?;
    fits_cell(CODEC, own.precision, header)?;
    let strict = jpeg2k::DecodeParameters::default().strict(true);
    let image =
        jpeg2k::Image::from_bytes_with(stream, strict).map_err(|e| damaged(e.to_string()))?;
    let components = image.components();
    let samples = usize::from(header.samples);
    let pixels = header.pixels();
    if components.len() != samples || components.iter().any(|c| c.data().len() != pixels) {
        return Err(damaged("subsampled or missing components".to_owned()));
    }
    let cell = header.sample.bytes();
    for (c, component) in components.iter().enumerate() {
        fits_cell(CODEC, component.precision(), header)?;
        // A lossy stream of more bits than Bits Stored overshoots; masking would turn the brightest pixels black (T1, P12).
        let (low, high) = if saturates {
            header.bits.stream_range(component.is_signed())
        } else {
            (i32::MIN, i32::MAX)
        };
        let values = component.data().iter().map(|v| (*v).clamp(low, high));
        match cell {
            1 => {
                let cells = out.iter_mut().skip(c).step_by(samples);
                cells.zip(values).for_each(|(to, v)| *to = low_byte(v));
            }
            2 => {
                let cells = out.as_chunks_mut::<2>().0;
                let cells = cells.iter_mut().skip(c).step_by(samples);
                cells
                    .zip(values)
                    .for_each(|(to, v)| *to = low_word(v).to_ne_bytes());
            }
            _ => {
                let cells = out.as_chunks_mut::<4>().0;
                let cells = cells.iter_mut().skip(c).step_by(samples);
                cells.zip(values).for_each(|(to, v)| *to = v.to_ne_bytes());
            }
        }
    }
    if header.bits.allocated() == 1 {
        out.iter_mut().for_each(|b| *b &= 1);
    }
    // The codec undid RCT or ICT; what is labelled YBR_FULL was put in as it is.
    let transformed = matches!(
        header.photometric,
        Photometric::YbrRct | Photometric::YbrIct
    );
    Ok(if samples == 3 && transformed {
        Decoded::Rgb
    } else {
        Decoded::AsLabelled
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the low bits are what is wanted (P11)"
)]
const fn low_byte(v: i32) -> u8 {
    v as u8
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the low bits are what is wanted (P11)"
)]
const fn low_word(v: i32) -> u16 {
    v as u16
}
