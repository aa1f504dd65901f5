//! Deflated Image Frame Compression (1.2.840.10008.1.2.8.1, PS3.5 A.4.11): each frame a raw deflate stream.

use std::io::Read as _;

use super::{CodecError, native::NativeData};
use crate::attributes::PixelDescription;
use dicom_core::VR;

pub(crate) fn decode(
    stream: &[u8],
    header: &PixelDescription,
    out: &mut [u8],
) -> Result<(), CodecError> {
    let wanted = usize::try_from(header.native_frame_bits().div_ceil(8)).unwrap_or(usize::MAX);
    let mut cells = Vec::new();
    // One byte more than the frame shows a stream that is longer; a pad byte makes it even.
    let limit = wanted.saturating_add(2) as u64;
    flate2::read::DeflateDecoder::new(stream)
        .take(limit)
        .read_to_end(&mut cells)
        .map_err(|e| CodecError::Stream {
            codec: "deflate",
            reason: e.to_string(),
        })?;
    if cells.len() != wanted && cells.len() != wanted.next_multiple_of(2) {
        return Err(CodecError::Short {
            codec: "deflate",
            got: cells.len(),
            wanted,
        });
    }
    let native = NativeData {
        bytes: &cells,
        big_endian: false,
        vr: VR::OB,
    };
    native.frame(0, header, out).map(|_| ())
}
