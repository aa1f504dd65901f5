//! One frame of a file to stored values (T1): a pure function of the bytes, the description and the frame index.
//!
//! ```text
//! stream of frame k ── codec ── cells ── Bits Stored, sign ── YBR to RGB ── missing pixels filled ── out
//! ```

use dicom_core::VR;

use crate::{
    attributes::{Photometric, PixelDescription, PixelError},
    codec::{self, CodecError, Decoded, colour, native::NativeData},
    frame::SampleType,
    frames::{FrameIndex, FrameIndexError},
    syntax::{Codec, TransferSyntax},
};

/// Why a frame gives no picture. Frames are counted from 1 in messages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The pixel module does not describe an image that can be shown.
    #[error(transparent)]
    Pixels(#[from] PixelError),
    /// Fragments cannot be given to frames.
    #[error(transparent)]
    Index(#[from] FrameIndexError),
    /// The file has fewer frames.
    #[error("frame {frame} of {frames}")]
    NoSuchFrame {
        /// Wanted.
        frame: usize,
        /// Number of Frames.
        frames: u32,
    },
    /// The frame is announced but not in the file.
    #[error("frame {frame} is not in the file, it holds {present} of {frames} frames")]
    Missing {
        /// Wanted.
        frame: usize,
        /// Frames that are there.
        present: u32,
        /// Number of Frames.
        frames: u32,
    },
    /// A compressed frame that is cut (PAR-01).
    #[error("the code stream of frame {frame} is cut at the end of the file")]
    Cut {
        /// The frame.
        frame: usize,
    },
    /// The transfer syntax has no decoder here.
    #[error("no decoder for {name} ({uid})")]
    NoDecoder {
        /// Transfer Syntax UID.
        uid: String,
        /// Its name.
        name: &'static str,
    },
    /// The transfer syntax is not known (P32).
    #[error("transfer syntax {uid} is not known")]
    UnknownSyntax {
        /// Transfer Syntax UID.
        uid: String,
    },
    /// Pixel Data and transfer syntax contradict each other.
    #[error("Pixel Data is {found}, but transfer syntax {name} wants {wanted}")]
    WrongEncapsulation {
        /// What is there.
        found: &'static str,
        /// What there should be.
        wanted: &'static str,
        /// Name of the syntax.
        name: &'static str,
    },
    /// The code stream is damaged or contradicts the header.
    #[error("frame {frame}: {source}")]
    Codec {
        /// The frame.
        frame: usize,
        /// What the codec says.
        #[source]
        source: CodecError,
    },
    /// The caller's buffer has another size.
    #[error("the buffer has {got} bytes, a frame has {wanted}")]
    Buffer {
        /// Bytes of the buffer.
        got: usize,
        /// Bytes of a frame.
        wanted: usize,
    },
    /// Native frames need no colour conversion but of 8-bit YBR_FULL.
    #[error("{photometric:?} pixels of {bits} bits cannot be converted to RGB")]
    Colour {
        /// Photometric Interpretation.
        photometric: Photometric,
        /// Bits Allocated.
        bits: u8,
    },
}

/// What becomes of lossy samples beyond Bits Stored (T1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overshoot {
    /// Clamped: what is shown.
    Saturate,
    /// Low bits kept, as some references do: only for comparing with them.
    Mask,
}

/// What decoding needs of a file.
#[derive(Clone, Debug)]
pub(crate) struct Pixels {
    pub description: PixelDescription,
    pub index: FrameIndex,
    pub syntax: &'static TransferSyntax,
    pub big_endian: bool,
    pub vr: VR,
    /// Stored value for pixels that are not in the file.
    pub fill: i64,
}

impl Pixels {
    /// Decodes frame `k` of `bytes` into `out`.
    pub(crate) fn decode(
        &self,
        bytes: &[u8],
        k: usize,
        overshoot: Overshoot,
        out: &mut [u8],
    ) -> Result<(), DecodeError> {
        let header = &self.description;
        if k >= header.frames as usize {
            return Err(DecodeError::NoSuchFrame {
                frame: k.saturating_add(1),
                frames: header.frames,
            });
        }
        if out.len() != header.frame_bytes() {
            return Err(DecodeError::Buffer {
                got: out.len(),
                wanted: header.frame_bytes(),
            });
        }
        let missing = || DecodeError::Missing {
            frame: k.saturating_add(1),
            present: self.index.present(header.frames),
            frames: header.frames,
        };
        let (decoded, whole) = match &self.index {
            FrameIndex::Native { value, .. } => {
                if k >= self.index.present(header.frames) as usize {
                    return Err(missing());
                }
                let native = NativeData {
                    bytes: bytes.get(value.clone()).unwrap_or_default(),
                    big_endian: self.big_endian,
                    vr: self.vr,
                };
                let whole = native
                    .frame(k, header, out)
                    .map_err(|e| frame_error(k, e))?;
                (Decoded::AsLabelled, whole)
            }
            FrameIndex::Encapsulated { .. } => {
                let stream = self.index.stream(bytes, k).ok_or_else(missing)?;
                if self.index.is_cut(k) {
                    return Err(DecodeError::Cut {
                        frame: k.saturating_add(1),
                    });
                }
                let decoded = self.codec(&stream, overshoot, out).map_err(|e| match e {
                    Refusal::Codec(e) => frame_error(k, e),
                    Refusal::Decode(e) => e,
                })?;
                (decoded, header.pixels())
            }
        };
        header.bits.to_stored_values(if is_integer(header.sample) {
            out
        } else {
            &mut []
        });
        if decoded == Decoded::AsLabelled && header.samples == 3 {
            self.to_rgb(out)?;
        }
        self.fill_missing(whole, out);
        Ok(())
    }

    fn codec(
        &self,
        stream: &[u8],
        overshoot: Overshoot,
        out: &mut [u8],
    ) -> Result<Decoded, Refusal> {
        let header = &self.description;
        let labelled = |()| Decoded::AsLabelled;
        Ok(match self.syntax.codec {
            Codec::EncapsulatedUncompressed => {
                let native = NativeData {
                    bytes: stream,
                    big_endian: false,
                    vr: VR::OB,
                };
                let whole = native.frame(0, header, out)?;
                if whole < header.pixels() {
                    return Err(Refusal::Codec(CodecError::Short {
                        codec: "encapsulated uncompressed",
                        got: stream.len(),
                        wanted: out.len(),
                    }));
                }
                Decoded::AsLabelled
            }
            Codec::DeflatedFrame => codec::deflate::decode(stream, header, out).map(labelled)?,
            Codec::Rle => codec::rle::decode(stream, header, out).map(labelled)?,
            Codec::Jpeg => codec::jpeg::decode(stream, header, out)?,
            Codec::JpegLs => codec::jpegls::decode(stream, header, out).map(labelled)?,
            Codec::Jpeg2000 => {
                let may_lose = matches!(
                    self.syntax.uid,
                    "1.2.840.10008.1.2.4.91" | "1.2.840.10008.1.2.4.93" | "1.2.840.10008.1.2.4.203"
                );
                let saturates = may_lose && overshoot == Overshoot::Saturate;
                codec::jpeg2000::decode(stream, header, saturates, out)?
            }
            Codec::JpegXl => codec::jpegxl::decode(stream, header, out)?,
            Codec::Video | Codec::Unknown => {
                return Err(Refusal::Decode(DecodeError::NoDecoder {
                    uid: self.syntax.uid.to_owned(),
                    name: self.syntax.name,
                }));
            }
            Codec::Native => {
                return Err(Refusal::Decode(DecodeError::WrongEncapsulation {
                    found: "encapsulated",
                    wanted: "native data",
                    name: self.syntax.name,
                }));
            }
        })
    }

    /// Samples as labelled to RGB (T18).
    fn to_rgb(&self, out: &mut [u8]) -> Result<(), DecodeError> {
        let header = &self.description;
        match (header.photometric, header.sample) {
            // RCT, ICT and XYB are made by a codec that undid them; without one the samples never were transformed.
            (
                Photometric::Rgb | Photometric::YbrRct | Photometric::YbrIct | Photometric::Xyb,
                _,
            ) => Ok(()),
            (Photometric::YbrFull | Photometric::YbrFull422, SampleType::U8)
                if header.bits.whole_cells() =>
            {
                colour::ybr_full_to_rgb(out);
                Ok(())
            }
            (Photometric::YbrPartial422, SampleType::U8) if header.bits.whole_cells() => {
                colour::ybr_partial_to_rgb(out);
                Ok(())
            }
            (photometric, _) => Err(DecodeError::Colour {
                photometric,
                bits: header.bits.allocated(),
            }),
        }
    }

    /// Pixels that are not in the file become padding (T1, T58): black in colour images.
    fn fill_missing(&self, whole: usize, out: &mut [u8]) {
        let header = &self.description;
        let pixel = usize::from(header.samples) * header.sample.bytes();
        let Some(rest) = out.get_mut(whole * pixel..).filter(|r| !r.is_empty()) else {
            return;
        };
        if header.samples > 1 {
            rest.fill(0);
            return;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the fill is within the cell; a float image takes NaN"
        )]
        match header.sample {
            SampleType::U8 | SampleType::I8 => rest.fill((self.fill as i8).cast_unsigned()),
            SampleType::U16 | SampleType::I16 => {
                let cell = (self.fill as i16).to_ne_bytes();
                rest.as_chunks_mut::<2>().0.fill(cell);
            }
            SampleType::U32 | SampleType::I32 => {
                let cell = (self.fill as i32).to_ne_bytes();
                rest.as_chunks_mut::<4>().0.fill(cell);
            }
            SampleType::F32 => rest.as_chunks_mut::<4>().0.fill(f32::NAN.to_ne_bytes()),
            SampleType::F64 => rest.as_chunks_mut::<8>().0.fill(f64::NAN.to_ne_bytes()),
        }
    }
}

enum Refusal {
    Codec(CodecError),
    Decode(DecodeError),
}

impl From<CodecError> for Refusal {
    fn from(e: CodecError) -> Self {
        Self::Codec(e)
    }
}

fn frame_error(k: usize, source: CodecError) -> DecodeError {
    DecodeError::Codec {
        frame: k.saturating_add(1),
        source,
    }
}

const fn is_integer(sample: SampleType) -> bool {
    !matches!(sample, SampleType::F32 | SampleType::F64)
}
