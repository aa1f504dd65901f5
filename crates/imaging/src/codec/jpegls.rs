//! JPEG-LS through CharLS (ITU-T T.87).

use super::{
    CodecError, fits_cell, interleave,
    markers::{has_end_marker, stream_header},
    same_size, widen,
};
use crate::attributes::PixelDescription;

const CODEC: &str = "JPEG-LS";

/// Decodes one frame.
pub(crate) fn decode(
    stream: &[u8],
    header: &PixelDescription,
    out: &mut [u8],
) -> Result<(), CodecError> {
    let damaged = |reason: String| CodecError::Stream {
        codec: CODEC,
        reason,
    };
    let own = stream_header(stream)
        .filter(|h| h.process == 0xF7)
        .ok_or_else(|| damaged("no frame header".to_owned()))?;
    same_size(
        CODEC,
        u64::from(own.columns),
        u64::from(own.rows),
        own.components.len() as u64,
        header,
    )?;
    fits_cell(CODEC, u32::from(own.precision), header)?;
    // CharLS takes seconds to notice that a stream is cut; the end marker tells at once.
    if !has_end_marker(stream) {
        return Err(damaged("no end marker: the stream is cut".to_owned()));
    }
    let decoded = charls::CharLS::default()
        .decode(stream)
        .map_err(|e| damaged(e.to_string()))?;
    let (samples, cell) = (usize::from(header.samples), header.sample.bytes());
    let own_cell = if own.precision <= 8 { 1 } else { 2 };
    let wanted = header.pixels() * samples * own_cell;
    if decoded.len() != wanted {
        return Err(CodecError::Short {
            codec: CODEC,
            got: decoded.len(),
            wanted,
        });
    }
    let planes = samples > 1 && own.interleave == 0;
    match (own_cell, cell) {
        (own, cell) if own == cell && planes => interleave(&decoded, samples, cell, out),
        (own, cell) if own == cell => out.copy_from_slice(&decoded),
        (1, _) if planes => {
            let mut pixels = vec![0; decoded.len()];
            interleave(&decoded, samples, 1, &mut pixels);
            widen(CODEC, &pixels, cell, out)?;
        }
        (1, _) => widen(CODEC, &decoded, cell, out)?,
        _ => {
            return Err(damaged(format!(
                "{} bits a sample in cells of {cell} bytes",
                own.precision
            )));
        }
    }
    Ok(())
}
