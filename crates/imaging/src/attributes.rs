//! The pixel description of an image, validated once (PAR-05, PAR-06): Image Pixel module, PS3.3 C.7.6.3.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};
use triptych_clinical::Problem;

use crate::{
    dataset::DataSet,
    frame::{Colour, FrameShape, SampleType},
    limits,
    scan::PixelElement,
};

/// Photometric Interpretation (0028,0004), as far as it can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Photometric {
    /// Lowest value is white.
    Monochrome1,
    /// Lowest value is black.
    Monochrome2,
    /// Indices into a palette.
    PaletteColor,
    /// Red, green, blue.
    Rgb,
    /// Luminance and chrominance, full range.
    YbrFull,
    /// The same with half as many chrominance samples in a row.
    YbrFull422,
    /// JPEG 2000, irreversible transform.
    YbrIct,
    /// JPEG 2000, reversible transform.
    YbrRct,
    /// JPEG XL.
    Xyb,
    /// Studio range, half as many chrominance samples in a row: retired, in old ultrasound.
    YbrPartial422,
    /// Video.
    YbrPartial420,
}

/// How one cell becomes a stored value (T1): plain numbers, so that whoever holds the bytes of a frame can apply it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StoredBits {
    allocated: u8,
    stored: u8,
    high: u8,
    signed: bool,
}

/// Image Pixel module of a file, consistent by construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelDescription {
    /// Rows (0028,0010).
    pub rows: u32,
    /// Columns (0028,0011).
    pub columns: u32,
    /// Samples per Pixel (0028,0002): 1 or 3.
    pub samples: u8,
    /// Layout of a sample after decoding.
    pub sample: SampleType,
    /// Bits Allocated, Bits Stored, High Bit, Pixel Representation.
    pub bits: StoredBits,
    /// Photometric Interpretation (0028,0004).
    pub photometric: Photometric,
    /// Planar Configuration (0028,0006) is 1.
    pub planar: bool,
    /// Number of Frames (0028,0008).
    pub frames: u32,
}

/// Why pixels cannot be shown though the header is readable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PixelError {
    /// The object has no Pixel Data.
    #[error("no Pixel Data in the file")]
    NoPixelData,
    /// An attribute of the pixel module is missing.
    #[error("{name} {tag} is missing")]
    Missing {
        /// Attribute.
        name: &'static str,
        /// Its tag.
        tag: Tag,
    },
    /// An attribute has a value that no image can have, or that this program refuses.
    #[error("{name} {tag} is {value}: {why}")]
    Value {
        /// Attribute.
        name: &'static str,
        /// Its tag.
        tag: Tag,
        /// Its value.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// PAR-05.
    #[error("a frame of {columns} x {rows} takes {bytes} bytes, {limit} are allowed")]
    FrameTooLarge {
        /// Columns.
        columns: u32,
        /// Rows.
        rows: u32,
        /// Bytes of a decoded frame.
        bytes: u64,
        /// The limit.
        limit: usize,
    },
}

impl StoredBits {
    /// Checks the four attributes against each other (PAR-06). High Bit may be above Bits Stored − 1 (old files, left-justified).
    ///
    /// # Errors
    /// [`PixelError::Value`] naming the attribute that does not fit.
    pub fn new(allocated: i64, stored: i64, high: i64, signed: bool) -> Result<Self, PixelError> {
        let wrong = |name, tag, value: i64, why: &str| PixelError::Value {
            name,
            tag,
            value: value.to_string(),
            why: why.to_owned(),
        };
        let narrow = |v: i64| u8::try_from(v).ok();
        let Some(a) = narrow(allocated).filter(|a| matches!(a, 1 | 8 | 16 | 32)) else {
            let why = "1, 8, 16 and 32 can be read";
            return Err(wrong(
                "Bits Allocated",
                tags::BITS_ALLOCATED,
                allocated,
                why,
            ));
        };
        let Some(s) = narrow(stored).filter(|s| (1..=a).contains(s)) else {
            let why = format!("it must be 1 to Bits Allocated, which is {a}");
            return Err(wrong("Bits Stored", tags::BITS_STORED, stored, &why));
        };
        let Some(h) = narrow(high).filter(|h| *h < a && h.saturating_add(1) >= s) else {
            let why = format!(
                "it must be Bits Stored - 1, which is {}",
                s.saturating_sub(1)
            );
            return Err(wrong("High Bit", tags::HIGH_BIT, high, &why));
        };
        Ok(Self {
            allocated: a,
            stored: s,
            high: h,
            signed,
        })
    }

    /// Bits Allocated: 1, 8, 16 or 32.
    #[must_use]
    pub const fn allocated(self) -> u8 {
        self.allocated
    }

    /// Bits Stored: 1 to Bits Allocated.
    #[must_use]
    pub const fn stored(self) -> u8 {
        self.stored
    }

    /// Pixel Representation is 1.
    #[must_use]
    pub const fn signed(self) -> bool {
        self.signed
    }

    /// Whether every bit of a cell belongs to the value: nothing to shift, mask or extend.
    #[must_use]
    pub const fn whole_cells(self) -> bool {
        self.stored == self.allocated
    }

    /// First and last bit of a cell that belong to the value.
    pub(crate) fn lowest_and_highest_bit(self) -> (u32, u32) {
        let (high, stored) = (u32::from(self.high), u32::from(self.stored));
        (high.saturating_add(1).saturating_sub(stored), high)
    }

    /// Lowest and highest stored value.
    #[must_use]
    pub fn range(self) -> (i64, i64) {
        let bits = u32::from(self.stored);
        if self.signed {
            (-(1_i64 << (bits - 1)), (1_i64 << (bits - 1)) - 1)
        } else {
            (0, (1_i64 << bits) - 1)
        }
    }

    /// What a lossy code stream is saturated to: the range of Bits Stored, signed as the stream is (T1).
    pub(crate) fn stream_range(self, stream_signed: bool) -> (i32, i32) {
        let range = Self {
            signed: stream_signed,
            ..self
        }
        .range();
        let narrow = |v: i64| i32::try_from(v).unwrap_or(i32::MAX);
        (narrow(range.0), narrow(range.1))
    }

    /// Cells of Bits Allocated (native endian) to stored values in place: shifts down, drops overlay and padding bits, extends the sign
    /// from bit `stored - 1` (T1, P10). 1-bit images are not cells: nothing happens.
    pub fn to_stored_values(self, cells: &mut [u8]) {
        if self.whole_cells() || self.allocated == 1 {
            return;
        }
        let down = u32::from(self.high + 1 - self.stored);
        let up = u32::from(self.allocated - self.stored);
        let signed = self.signed;
        match self.allocated {
            8 => cells.iter_mut().for_each(|c| {
                let v = (*c >> down) << up;
                *c = if signed {
                    (v.cast_signed() >> up).cast_unsigned()
                } else {
                    v >> up
                };
            }),
            16 => cells.as_chunks_mut::<2>().0.iter_mut().for_each(|c| {
                let v = (u16::from_ne_bytes(*c) >> down) << up;
                let v = if signed {
                    (v.cast_signed() >> up).cast_unsigned()
                } else {
                    v >> up
                };
                *c = v.to_ne_bytes();
            }),
            _ => cells.as_chunks_mut::<4>().0.iter_mut().for_each(|c| {
                let v = (u32::from_ne_bytes(*c) >> down) << up;
                let v = if signed {
                    (v.cast_signed() >> up).cast_unsigned()
                } else {
                    v >> up
                };
                *c = v.to_ne_bytes();
            }),
        }
    }
}

impl PixelDescription {
    /// Reads and checks the pixel module.
    ///
    /// # Errors
    /// [`PixelError`]: the attribute, its value and why it cannot be.
    pub(crate) fn read(
        data: &DataSet<'_>,
        pixel: Option<&PixelElement>,
        problems: &mut Vec<Problem>,
    ) -> Result<Self, PixelError> {
        let pixel = pixel.ok_or(PixelError::NoPixelData)?;
        let rows = side(data, "Rows", tags::ROWS)?;
        let columns = side(data, "Columns", tags::COLUMNS)?;
        let samples = match data.int(tags::SAMPLES_PER_PIXEL) {
            None | Some(1) => 1,
            Some(3) => 3,
            Some(other) => {
                return Err(PixelError::Value {
                    name: "Samples per Pixel",
                    tag: tags::SAMPLES_PER_PIXEL,
                    value: other.to_string(),
                    why: "1 and 3 can be shown".to_owned(),
                });
            }
        };
        let (sample, bits) = sample_type(data, pixel.tag, problems)?;
        let photometric = photometric(data, samples, problems)?;
        let mut description = Self {
            rows,
            columns,
            samples,
            sample,
            bits,
            photometric,
            planar: data.int(tags::PLANAR_CONFIGURATION) == Some(1),
            frames: 1,
        };
        let bytes = u64::from(rows)
            .saturating_mul(u64::from(columns))
            .saturating_mul(u64::from(samples))
            .saturating_mul(sample.bytes() as u64);
        if bytes > limits::FRAME_BYTES as u64 {
            return Err(PixelError::FrameTooLarge {
                columns,
                rows,
                bytes,
                limit: limits::FRAME_BYTES,
            });
        }
        description.frames = frames(data, pixel, &description, problems)?;
        Ok(description)
    }

    /// Shape of a decoded frame.
    #[must_use]
    pub fn shape(&self) -> FrameShape {
        FrameShape {
            columns: self.columns,
            rows: self.rows,
            sample: self.sample,
            colour: match (self.samples, self.photometric) {
                (3, _) => Colour::Rgb,
                (_, Photometric::Monochrome1) => Colour::Monochrome1,
                (_, Photometric::PaletteColor) => Colour::Palette,
                _ => Colour::Monochrome2,
            },
        }
    }

    /// Pixels of a frame. At most 2^32, so it never overflows.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.rows as usize * self.columns as usize
    }

    /// Bytes of a decoded frame, at most [`limits::FRAME_BYTES`].
    #[must_use]
    pub fn frame_bytes(&self) -> usize {
        self.pixels() * usize::from(self.samples) * self.sample.bytes()
    }

    /// Chrominance is stored once for two pixels in native data.
    pub(crate) fn halves_chrominance(&self) -> bool {
        use Photometric::{YbrFull422, YbrPartial422};
        matches!(self.photometric, YbrFull422 | YbrPartial422) && self.samples == 3
    }

    /// Bits of one frame of native Pixel Data.
    pub(crate) fn native_frame_bits(&self) -> u64 {
        let pixels = self.pixels() as u64;
        if self.bits.allocated == 1 {
            return pixels * u64::from(self.samples);
        }
        let samples = if self.halves_chrominance() {
            2
        } else {
            u64::from(self.samples)
        };
        pixels * samples * self.sample.bytes() as u64 * 8
    }
}

fn side(data: &DataSet<'_>, name: &'static str, tag: Tag) -> Result<u32, PixelError> {
    // More than one value is not a size: the first would be a guess.
    let values = data.numbers(tag);
    let Some(first) = values.first() else {
        return Err(PixelError::Missing { name, tag });
    };
    let most = limits::ROWS_OR_COLUMNS;
    let value = data
        .int(tag)
        .filter(|_| values.len() == 1)
        .and_then(|v| u32::try_from(v).ok());
    value
        .filter(|v| (1..=most).contains(v))
        .ok_or_else(|| PixelError::Value {
            name,
            tag,
            value: if values.len() == 1 {
                first.to_string()
            } else {
                format!("{} values", values.len())
            },
            why: format!("it must be 1 to {most}"),
        })
}

fn sample_type(
    data: &DataSet<'_>,
    pixel: Tag,
    problems: &mut Vec<Problem>,
) -> Result<(SampleType, StoredBits), PixelError> {
    let allocated = data.int(tags::BITS_ALLOCATED);
    let float = match pixel {
        tags::FLOAT_PIXEL_DATA => Some((32, SampleType::F32)),
        tags::DOUBLE_FLOAT_PIXEL_DATA => Some((64, SampleType::F64)),
        _ => None,
    };
    if let Some((bits, sample)) = float {
        if allocated.is_some_and(|a| a != bits) {
            return Err(PixelError::Value {
                name: "Bits Allocated",
                tag: tags::BITS_ALLOCATED,
                value: allocated.unwrap_or_default().to_string(),
                why: format!("float pixels of this kind have {bits}"),
            });
        }
        // Floats are whole cells, whatever their width.
        return Ok((sample, StoredBits::new(32, 32, 31, false)?));
    }
    let Some(allocated) = allocated else {
        return Err(PixelError::Missing {
            name: "Bits Allocated",
            tag: tags::BITS_ALLOCATED,
        });
    };
    let stored = data.int(tags::BITS_STORED).unwrap_or(allocated);
    let high = data.int(tags::HIGH_BIT).unwrap_or(stored - 1);
    let signed = match data.int(tags::PIXEL_REPRESENTATION) {
        None | Some(0) => false,
        Some(1) => true,
        Some(other) => {
            return Err(PixelError::Value {
                name: "Pixel Representation",
                tag: tags::PIXEL_REPRESENTATION,
                value: other.to_string(),
                why: "it must be 0 or 1".to_owned(),
            });
        }
    };
    let bits = StoredBits::new(allocated, stored, high, signed)?;
    if high + 1 != stored {
        problems.push(Problem {
            place: "High Bit (0028,0102)".to_owned(),
            reason: format!("{high} with {stored} bits stored: values taken from the upper bits"),
        });
    }
    let sample = match (bits.allocated, signed) {
        (1, _) | (8, false) => SampleType::U8,
        (8, true) => SampleType::I8,
        (16, false) => SampleType::U16,
        (16, true) => SampleType::I16,
        (_, false) => SampleType::U32,
        (_, true) => SampleType::I32,
    };
    Ok((sample, bits))
}

fn photometric(
    data: &DataSet<'_>,
    samples: u8,
    problems: &mut Vec<Problem>,
) -> Result<Photometric, PixelError> {
    let term = data
        .first_text(tags::PHOTOMETRIC_INTERPRETATION)
        .unwrap_or_default();
    let known = match term.as_str() {
        "MONOCHROME1" => Some(Photometric::Monochrome1),
        "MONOCHROME2" => Some(Photometric::Monochrome2),
        "PALETTE COLOR" => Some(Photometric::PaletteColor),
        "RGB" => Some(Photometric::Rgb),
        "YBR_FULL" => Some(Photometric::YbrFull),
        "YBR_FULL_422" => Some(Photometric::YbrFull422),
        "YBR_ICT" => Some(Photometric::YbrIct),
        "YBR_RCT" => Some(Photometric::YbrRct),
        "XYB" => Some(Photometric::Xyb),
        "YBR_PARTIAL_422" => Some(Photometric::YbrPartial422),
        "YBR_PARTIAL_420" => Some(Photometric::YbrPartial420),
        _ => None,
    };
    let grey = matches!(
        known,
        Some(Photometric::Monochrome1 | Photometric::Monochrome2 | Photometric::PaletteColor)
    );
    match (known, samples) {
        (Some(p), 1) if grey => Ok(p),
        (Some(p), 3) if !grey => Ok(p),
        // One sample can only be a grey. Its polarity is not known, and the user is told.
        (None, 1) => {
            problems.push(Problem {
                place: "Photometric Interpretation (0028,0004)".to_owned(),
                reason: if term.is_empty() {
                    "missing, shown as MONOCHROME2".to_owned()
                } else {
                    format!("{term} is not known, shown as MONOCHROME2")
                },
            });
            Ok(Photometric::Monochrome2)
        }
        _ => Err(PixelError::Value {
            name: "Photometric Interpretation",
            tag: tags::PHOTOMETRIC_INTERPRETATION,
            value: if term.is_empty() {
                "empty".to_owned()
            } else {
                term
            },
            why: format!("it cannot be shown with Samples per Pixel {samples}"),
        }),
    }
}

fn frames(
    data: &DataSet<'_>,
    pixel: &PixelElement,
    description: &PixelDescription,
    problems: &mut Vec<Problem>,
) -> Result<u32, PixelError> {
    if !data.has_value(tags::NUMBER_OF_FRAMES) {
        return Ok(1);
    }
    let stated = data.int(tags::NUMBER_OF_FRAMES);
    let written = data.first_text(tags::NUMBER_OF_FRAMES).unwrap_or_default();
    let wrong = |why: String| PixelError::Value {
        name: "Number of Frames",
        tag: tags::NUMBER_OF_FRAMES,
        value: written.clone(),
        why,
    };
    match stated {
        Some(n) if n > i64::from(limits::FRAMES) => {
            Err(wrong(format!("{} are allowed", limits::FRAMES)))
        }
        Some(n) if n > 0 => u32::try_from(n).map_err(|e| wrong(e.to_string())),
        // No number of frames: the data may say it, if they are exactly one.
        _ => {
            let one = description
                .native_frame_bits()
                .div_ceil(8)
                .next_multiple_of(2);
            if pixel.is_encapsulated() || pixel.value.len() as u64 != one {
                return Err(wrong("it must be at least 1".to_owned()));
            }
            problems.push(Problem {
                place: "Number of Frames (0028,0008)".to_owned(),
                reason: format!("{written} is no count; Pixel Data holds one frame"),
            });
            Ok(1)
        }
    }
}
