//! Codecs: one code stream to the cells of one frame.
//!
//! Each decoder looks at the header of the stream first and refuses one of another size before anything is allocated (PAR-07); each writes
//! interleaved native-endian samples of exactly the frame's size into the caller's buffer. Bits beyond Bits Stored are dropped afterwards
//! by [`StoredBits::to_stored_values`](crate::StoredBits::to_stored_values).

pub(crate) mod colour;
pub(crate) mod deflate;
pub(crate) mod jpeg;
pub(crate) mod jpeg2000;
pub(crate) mod jpegls;
pub(crate) mod jpegxl;
pub(crate) mod markers;
pub(crate) mod native;
pub(crate) mod rle;
mod turbo;

use crate::attributes::PixelDescription;

/// Version of what makes frames of code streams, here and in the libraries below: frames that were kept of another one are decoded again. To be
/// raised whenever any of it may give other values than before.
pub const DECODERS: u32 = 1;

/// Why a code stream gives no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// Not a stream of this codec, or cut in its header.
    #[error("{codec} stream: {reason}")]
    Stream {
        /// Name of the codec.
        codec: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The stream is an image of another size than the header says.
    #[error(
        "{codec} stream is {columns} x {rows} with {samples} samples, the header says {header_columns} x {header_rows} with {header_samples}"
    )]
    OtherSize {
        /// Name of the codec.
        codec: &'static str,
        /// Columns in the stream.
        columns: u64,
        /// Rows in the stream.
        rows: u64,
        /// Samples a pixel in the stream.
        samples: u64,
        /// Columns (0028,0011).
        header_columns: u32,
        /// Rows (0028,0010).
        header_rows: u32,
        /// Samples per Pixel (0028,0002).
        header_samples: u8,
    },
    /// The stream has more bits a sample than a cell.
    #[error("{codec} stream has {bits} bits a sample, Bits Allocated is {allocated}")]
    TooManyBits {
        /// Name of the codec.
        codec: &'static str,
        /// Bits of the stream.
        bits: u32,
        /// Bits Allocated (0028,0100).
        allocated: u8,
    },
    /// The decoder gave another number of bytes than the frame has.
    #[error("{codec} gave {got} of {wanted} bytes")]
    Short {
        /// Name of the codec.
        codec: &'static str,
        /// Bytes that came.
        got: usize,
        /// Bytes of the frame.
        wanted: usize,
    },
}

/// What the samples of a decoded stream are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// As Photometric Interpretation says.
    AsLabelled,
    /// The codec undid the colour transform: RGB.
    Rgb,
}

/// Compares a stream's own size with the header.
fn same_size(
    codec: &'static str,
    columns: u64,
    rows: u64,
    samples: u64,
    header: &PixelDescription,
) -> Result<(), CodecError> {
    let wanted = (
        u64::from(header.columns),
        u64::from(header.rows),
        u64::from(header.samples),
    );
    if (columns, rows, samples) == wanted {
        return Ok(());
    }
    Err(CodecError::OtherSize {
        codec,
        columns,
        rows,
        samples,
        header_columns: header.columns,
        header_rows: header.rows,
        header_samples: header.samples,
    })
}

/// Compares a stream's bits a sample with the cell.
fn fits_cell(codec: &'static str, bits: u32, header: &PixelDescription) -> Result<(), CodecError> {
    let allocated = header.bits.allocated();
    if (1..=u32::from(allocated)).contains(&bits) {
        Ok(())
    } else {
        Err(CodecError::TooManyBits {
            codec,
            bits,
            allocated,
        })
    }
}

/// Puts `samples` bytes of 8 bits into the cells of `out`: as they are, or widened to 16 or 32 bits.
fn widen(
    codec: &'static str,
    samples: &[u8],
    cell: usize,
    out: &mut [u8],
) -> Result<(), CodecError> {
    if samples.len().checked_mul(cell) != Some(out.len()) {
        return Err(CodecError::Short {
            codec,
            got: samples.len().saturating_mul(cell),
            wanted: out.len(),
        });
    }
    match cell {
        1 => out.copy_from_slice(samples),
        2 => {
            for (o, v) in out.as_chunks_mut::<2>().0.iter_mut().zip(samples) {
                *o = u16::from(*v).to_ne_bytes();
            }
        }
        _ => {
            for (o, v) in out.as_chunks_mut::<4>().0.iter_mut().zip(samples) {
                *o = u32::from(*v).to_ne_bytes();
            }
        }
    }
    Ok(())
}

/// Planes of `cell`-byte samples to pixels.
pub(crate) fn interleave(planes: &[u8], samples: usize, cell: usize, out: &mut [u8]) {
    let Some(plane_bytes) = planes.len().checked_div(samples).filter(|n| *n > 0) else {
        return;
    };
    for (c, plane) in planes.chunks_exact(plane_bytes).enumerate() {
        let cells = out.chunks_exact_mut(cell).skip(c).step_by(samples);
        for (to, from) in cells.zip(plane.chunks_exact(cell)) {
            to.copy_from_slice(from);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    /// What [`super::DECODERS`] stands for. Where this fails: raise that number, and write the new versions here.
    #[test]
    fn the_number_of_the_decoders_is_that_of_their_libraries() {
        assert_eq!(super::DECODERS, 1);
        let lock = include_str!("../../../../Cargo.lock");
        for (name, version) in [
            ("charls-sys", "2.4.6+charls.2.4.5"),
            ("flate2", "1.1.11"),
            ("jpeg2k", "0.10.1"),
            ("jxl-oxide", "0.12.6"),
            ("openjpeg-sys", "1.0.12"),
            ("turbojpeg-sys", "1.2.0"),
        ] {
            let package = format!("name = \"{name}\"\nversion = \"{version}\"\n");
            assert!(lock.contains(&package), "{name} is no longer {version}");
        }
    }
}
