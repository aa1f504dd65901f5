//! JPEG: baseline, extended 8 and 12 bits, progressive, lossless, all through libjpeg-turbo 3.

use std::borrow::Cow;

use super::{
    CodecError, Decoded, fits_cell,
    markers::{StreamHeader, stream_header, with_colour_transform},
    same_size, turbo, widen,
};
use crate::attributes::{Photometric, PixelDescription};

const CODEC: &str = "JPEG";
/// Lossless sequential, Huffman.
const LOSSLESS: u8 = 0xC3;

/// Decodes one frame.
pub(crate) fn decode(
    stream: &[u8],
    header: &PixelDescription,
    out: &mut [u8],
) -> Result<Decoded, CodecError> {
    let damaged = |reason: &str| CodecError::Stream {
        codec: CODEC,
        reason: reason.to_owned(),
    };
    let own = stream_header(stream).ok_or_else(|| damaged("no frame header"))?;
    if own.process == 0xF7 {
        return Err(damaged("this is JPEG-LS"));
    }
    let samples = own.components.len() as u64;
    same_size(
        CODEC,
        u64::from(own.columns),
        u64::from(own.rows),
        samples,
        header,
    )?;
    fits_cell(CODEC, u32::from(own.precision), header)?;
    let colour = own.components.len() == 3;
    let converted = colour && own.process != LOSSLESS;
    // The library would guess the colour transform; it is told instead. A lossless stream is never transformed.
    let stream: Cow<'_, [u8]> = if colour {
        let transform = u8::from(converted && is_ybr(&own, header.photometric));
        with_colour_transform(stream, transform).into()
    } else {
        stream.into()
    };
    let cell = header.sample.bytes();
    match (own.precision, cell) {
        (..=8, 1) => turbo::decode_8(&stream, colour, out)?,
        (..=8, _) => {
            let mut samples = vec![0; out.len() / cell];
            turbo::decode_8(&stream, colour, &mut samples)?;
            widen(CODEC, &samples, cell, out)?;
        }
        (bits, 2) => match bytemuck::try_cast_slice_mut::<u8, u16>(out) {
            Ok(cells) => wide(bits, &stream, colour, cells)?,
            Err(_) => {
                let mut cells = vec![0_u16; out.len() / 2];
                wide(bits, &stream, colour, &mut cells)?;
                for (to, from) in out.as_chunks_mut::<2>().0.iter_mut().zip(cells) {
                    *to = from.to_ne_bytes();
                }
            }
        },
        (bits, _) => {
            let mut cells = vec![0_u16; out.len() / 4];
            wide(bits, &stream, colour, &mut cells)?;
            for (to, from) in out.as_chunks_mut::<4>().0.iter_mut().zip(cells) {
                *to = u32::from(from).to_ne_bytes();
            }
        }
    }
    Ok(if converted {
        Decoded::Rgb
    } else {
        Decoded::AsLabelled
    })
}

fn wide(bits: u8, stream: &[u8], colour: bool, out: &mut [u16]) -> Result<(), CodecError> {
    if bits <= 12 {
        turbo::decode_12(stream, colour, out)
    } else {
        turbo::decode_16(stream, colour, out)
    }
}

/// Whether the components are Y, Cb, Cr (T18): markers, then component ids, then subsampling, then the header.
fn is_ybr(stream: &StreamHeader, photometric: Photometric) -> bool {
    if let Some(transform) = stream.adobe_transform {
        return transform != 0;
    }
    if stream.components.iter().map(|c| c.id).eq(*b"RGB") {
        return false;
    }
    let subsampled = stream
        .components
        .windows(2)
        .any(|w| matches!(w, [a, b] if a.sampling != b.sampling));
    stream.jfif || subsampled || photometric != Photometric::Rgb
}

#[cfg(test)]
mod tests {
    use super::super::markers::Component;
    use super::*;

    #[track_caller]
    fn check(
        adobe: Option<u8>,
        jfif: bool,
        ids: &[u8; 3],
        luma: u8,
        header: Photometric,
        ybr: bool,
    ) {
        let components = ids
            .iter()
            .enumerate()
            .map(|(k, id)| Component {
                id: *id,
                sampling: if k == 0 { (luma, 1) } else { (1, 1) },
            })
            .collect();
        let stream = StreamHeader {
            adobe_transform: adobe,
            jfif,
            components,
            ..StreamHeader::default()
        };
        assert_eq!(is_ybr(&stream, header), ybr);
    }

    #[test]
    fn t18_the_stream_decides_its_colour_before_the_header_does() {
        use Photometric::{Rgb, YbrFull, YbrFull422};
        check(Some(0), false, b"\x01\x02\x03", 1, YbrFull, false);
        check(Some(1), false, b"RGB", 1, Rgb, true);
        check(None, true, b"\x01\x02\x03", 1, Rgb, true);
        check(None, false, b"RGB", 1, YbrFull, false);
        check(None, false, b"\x01\x02\x03", 1, Rgb, false);
        check(None, false, b"\x01\x02\x03", 2, Rgb, true);
        check(None, false, b"\x01\x02\x03", 1, YbrFull422, true);
    }
}
