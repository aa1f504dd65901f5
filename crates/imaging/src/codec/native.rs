//! Frames stored as they are: byte order, planes, halved chrominance, packed bits (T1, P8, P9, P13).

use dicom_core::VR;

use super::{CodecError, interleave};
use crate::attributes::PixelDescription;

/// Bytes of Pixel Data, one or many frames, in the file's byte order.
#[derive(Clone, Copy)]
pub(crate) struct NativeData<'a> {
    pub bytes: &'a [u8],
    pub big_endian: bool,
    pub vr: VR,
}

impl NativeData<'_> {
    /// Byte `i` in memory order. Bytes of big-endian OW travel in swapped pairs, those of OB do not.
    fn byte(&self, i: usize) -> Option<u8> {
        let swapped = self.big_endian && self.vr != VR::OB;
        self.bytes.get(if swapped { i ^ 1 } else { i }).copied()
    }

    /// Decodes frame `k`; returns how many pixels, from the first, are whole. The others are left as they were.
    pub(crate) fn frame(
        self,
        k: usize,
        header: &PixelDescription,
        out: &mut [u8],
    ) -> Result<usize, CodecError> {
        let first_bit = (k as u64).checked_mul(header.native_frame_bits());
        let too_far = || CodecError::Stream {
            codec: "native",
            reason: format!("frame {} begins beyond the data", k.saturating_add(1)),
        };
        let first_bit = first_bit.ok_or_else(too_far)?;
        if header.bits.allocated() == 1 {
            return self.bits(first_bit, out).ok_or_else(too_far);
        }
        let first = usize::try_from(first_bit / 8).map_err(|_| too_far())?;
        let size = usize::try_from(header.native_frame_bits() / 8).map_err(|_| too_far())?;
        let rest = self.bytes.get(first..).ok_or_else(too_far)?;
        let there = rest.get(..size.min(rest.len())).unwrap_or_default();
        let (samples, cell) = (usize::from(header.samples), header.sample.bytes());
        let swapped: Vec<u8>;
        let there = if self.big_endian && cell == 1 && self.vr != VR::OB {
            let end = first.saturating_add(there.len());
            swapped = (first..end).filter_map(|i| self.byte(i)).collect();
            &swapped[..]
        } else {
            there
        };
        let whole = if header.halves_chrominance() {
            repeat_chrominance(there, out)
        } else if header.planar && samples > 1 {
            let whole = there.len().saturating_sub(size / samples * (samples - 1)) / cell;
            if there.len() == size {
                interleave(there, samples, cell, out);
                whole
            } else {
                interleave_part(there, size / samples, samples, cell, out);
                whole
            }
        } else {
            let cells = there.len() / cell * cell;
            if let (Some(to), Some(from)) = (out.get_mut(..cells), there.get(..cells)) {
                to.copy_from_slice(from);
            }
            there.len() / (cell * samples)
        };
        if self.big_endian && cell > 1 {
            out.chunks_exact_mut(cell).for_each(<[u8]>::reverse);
        }
        Ok(whole)
    }

    /// One byte a pixel, lowest bit first; frames are packed without padding.
    fn bits(&self, first_bit: u64, out: &mut [u8]) -> Option<usize> {
        let total = (self.bytes.len() as u64).checked_mul(8)?;
        let there = usize::try_from(total.checked_sub(first_bit)?)
            .unwrap_or(usize::MAX)
            .min(out.len());
        for (at, pixel) in (first_bit..).zip(out.get_mut(..there)?) {
            let byte = self.byte(usize::try_from(at / 8).ok()?).unwrap_or(0);
            *pixel = (byte >> (at % 8)) & 1;
        }
        Some(there)
    }
}

/// Y1 Y2 Cb Cr to Y1 Cb Cr Y2 Cb Cr (PS3.3 C.7.6.3.1.2). Returns whole pixels.
fn repeat_chrominance(from: &[u8], out: &mut [u8]) -> usize {
    let (pairs, _) = from.as_chunks::<4>();
    let (cells, _) = out.as_chunks_mut::<6>();
    let mut whole = 0;
    for (to, [y1, y2, cb, cr]) in cells.iter_mut().zip(pairs) {
        *to = [*y1, *cb, *cr, *y2, *cb, *cr];
        whole += 2;
    }
    // An odd number of pixels ends with a pair of which only the first counts.
    if let (Some([y, cb, cr]), Some([y1, _, b, r])) = (
        out.get_mut(whole * 3..)
            .and_then(|o| o.first_chunk_mut::<3>()),
        pairs.get(whole / 2),
    ) {
        (*y, *cb, *cr) = (*y1, *b, *r);
        whole += 1;
    }
    whole
}

/// Like [`interleave`], for planes that are cut.
fn interleave_part(from: &[u8], plane_bytes: usize, samples: usize, cell: usize, out: &mut [u8]) {
    for (c, plane) in from.chunks(plane_bytes.max(1)).enumerate() {
        let cells = out.chunks_exact_mut(cell).skip(c).step_by(samples);
        for (to, from) in cells.zip(plane.chunks_exact(cell)) {
            to.copy_from_slice(from);
        }
    }
}
