//! RLE Lossless (PS3.5 annex G): byte planes, most significant first, each packed by PackBits.

use super::CodecError;
use crate::attributes::PixelDescription;

fn damaged(reason: impl Into<String>) -> CodecError {
    CodecError::Stream {
        codec: "RLE",
        reason: reason.into(),
    }
}

/// Decodes one frame. Any Bits Allocated; a 1-bit frame is one plane of packed bits.
pub(crate) fn decode(
    stream: &[u8],
    header: &PixelDescription,
    out: &mut [u8],
) -> Result<(), CodecError> {
    let word = |i: usize| {
        stream
            .get(i * 4..)
            .and_then(|b| b.first_chunk::<4>())
            .map(|c| u32::from_le_bytes(*c) as usize)
    };
    let count = word(0).ok_or_else(|| damaged("cut in its header"))?;
    let bitmap = header.bits.allocated() == 1;
    let (samples, cell) = (usize::from(header.samples), header.sample.bytes());
    let wanted = samples * cell;
    if count != wanted {
        return Err(damaged(format!("{count} segments, {wanted} are needed")));
    }
    let pixels = header.pixels();
    let plane_bytes = if bitmap { pixels.div_ceil(8) } else { pixels };
    // Words of one sample, what most of them are, are put together from both planes at once.
    let whole_words = wanted == 2 && cell == 2 && !bitmap;
    let mut planes = vec![
        0;
        if whole_words {
            plane_bytes * 2
        } else {
            plane_bytes
        }
    ];
    for segment in 0..count {
        let from = word(segment + 1).ok_or_else(|| damaged("cut in its header"))?;
        let to = if segment + 1 < count {
            word(segment + 2).ok_or_else(|| damaged("cut in its header"))?
        } else {
            stream.len()
        };
        let packed = stream.get(from..to).filter(|_| from >= 64).ok_or_else(|| {
            damaged(format!(
                "segment {} lies at {from} to {to} of {} bytes",
                segment + 1,
                stream.len()
            ))
        })?;
        let plane = match segment {
            1 if whole_words => planes.get_mut(plane_bytes..),
            _ => planes.get_mut(..plane_bytes),
        };
        let plane = plane.unwrap_or_default();
        unpack(packed, plane)
            .ok_or_else(|| damaged(format!("segment {} ends too early", segment + 1)))?;
        if whole_words {
            continue;
        }
        if bitmap {
            for (pixel, i) in out.iter_mut().skip(segment).step_by(samples).zip(0..pixels) {
                *pixel = plane.get(i / 8).map_or(0, |b| (b >> (i % 8)) & 1);
            }
        } else {
            // Segments of a sample come most significant byte first.
            let byte = cell - 1 - segment % cell;
            let byte = if cfg!(target_endian = "big") {
                segment % cell
            } else {
                byte
            };
            let at = segment / cell * cell + byte;
            for (to, from) in out.iter_mut().skip(at).step_by(wanted).zip(&*plane) {
                *to = *from;
            }
        }
    }
    if whole_words && let Some((high, low)) = planes.split_at_checked(plane_bytes) {
        let words = out.as_chunks_mut::<2>().0.iter_mut();
        for (word, (high, low)) in words.zip(high.iter().zip(low)) {
            *word = u16::from_be_bytes([*high, *low]).to_ne_bytes();
        }
    }
    Ok(())
}

/// PackBits until `plane` is full; `None` when the segment ends before. Bytes behind it are padding.
fn unpack(mut packed: &[u8], plane: &mut [u8]) -> Option<()> {
    let mut rest = plane;
    while !rest.is_empty() {
        let (&head, tail) = packed.split_first()?;
        let head = head.cast_signed();
        if head == -128 {
            packed = tail;
            continue;
        }
        let run = usize::from(head.unsigned_abs()) + 1;
        let used = run.min(rest.len());
        if head >= 0 {
            // Most runs are short: a block of fixed size is copied quicker than a few bytes. What is too much is written over next.
            match (rest.first_chunk_mut::<BLOCK>(), tail.first_chunk::<BLOCK>()) {
                (Some(to), Some(from)) if run <= BLOCK => *to = *from,
                _ => rest.get_mut(..used)?.copy_from_slice(tail.get(..used)?),
            }
            packed = tail.get(run..).unwrap_or_default();
        } else {
            let (&value, tail) = tail.split_first()?;
            match rest.first_chunk_mut::<BLOCK>() {
                Some(to) if run <= BLOCK => *to = [value; BLOCK],
                _ => rest.get_mut(..used)?.fill(value),
            }
            packed = tail;
        }
        rest = rest.split_at_mut_checked(used)?.1;
    }
    Some(())
}

/// Bytes that are written at once.
const BLOCK: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// PS3.5 G.3.1 and the example of the PackBits description: literals, runs, the no-op -128.
    #[test]
    fn packbits_of_literals_and_runs() {
        let packed = [
            0xFE, 0xAA, 0x02, 0x80, 0x00, 0x2A, 0x80, 0xFD, 0xAA, 0x03, 0x80, 0x00, 0x2A, 0x22,
            0xF7, 0xAA,
        ];
        let mut plane = [0; 24];
        assert_eq!(unpack(&packed, &mut plane), Some(()));
        let expected = [
            0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0xAA, 0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0x22,
            0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA,
        ];
        assert_eq!(plane, expected);
    }

    /// Every run of every length, in every rest: blocks of fixed size may not touch what is behind the plane.
    #[test]
    fn runs_of_all_lengths_end_where_they_end() {
        let mut packed = Vec::new();
        let mut expected = Vec::new();
        for n in 1..=128_u8 {
            packed.push(n - 1);
            packed.extend((0..n).map(|k| k ^ n));
            expected.extend((0..n).map(|k| k ^ n));
            if n > 1 {
                packed.extend([(1 - i16::from(n)) as i8 as u8, n]);
                expected.extend(std::iter::repeat_n(n, n.into()));
            }
        }
        for length in [1, 2, 15, 16, 17, 31, 100, 1000, expected.len()] {
            let mut plane = vec![0; length + 32];
            unpack(&packed, &mut plane[..length]).unwrap();
            assert_eq!(plane[..length], expected[..length]);
            assert_eq!(plane[length..], [0; 32], "{length}");
        }
        // A literal that is announced but not there, where a block would still find bytes.
        assert_eq!(unpack(&[20, 1, 2, 3], &mut [0; 64]), None);
    }

    #[test]
    fn par_07_a_segment_that_ends_early_is_refused() {
        assert_eq!(unpack(&[0x02, 1, 2], &mut [0; 8]), None);
        assert_eq!(unpack(&[0xFF], &mut [0; 2]), None);
        assert_eq!(unpack(&[], &mut [0; 1]), None);
    }
}
