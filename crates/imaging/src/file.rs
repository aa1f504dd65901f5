//! A DICOM file: header, pixel description, frame index. Pixels that cannot be shown never hide the header (P31).

use std::ops::Range;

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_encoding::text::SpecificCharacterSet;
use dicom_object::{InMemDicomObject, StandardDataDictionary};
use dicom_transfer_syntax_registry::entries;
use triptych_clinical::Problem;

use crate::{
    attributes::{PixelDescription, StoredBits},
    charset::CharacterSets,
    dataset::{self, DataSet},
    decode::{DecodeError, Overshoot, Pixels},
    display_attributes,
    display_header::OfAllFrames,
    frame::{FrameShape, SampleType},
    frames::{FoundBy, FrameIndex},
    meta::FileMeta,
    scan::{self, Encoding, Layout, PixelElement, PreScanError},
    syntax::{Codec, TransferSyntax},
};

/// Why a file is refused as a whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DicomError {
    /// The pre-scan refused it.
    #[error(transparent)]
    PreScan(#[from] PreScanError),
    /// The parser did not accept the checked header.
    #[error("the data set cannot be parsed: {0}")]
    Parse(String),
    /// An attribute that names the instance is missing or is no UID.
    #[error("{name} {tag}: {why}")]
    Identity {
        /// Attribute.
        name: &'static str,
        /// Its tag.
        tag: Tag,
        /// What is wrong.
        why: String,
    },
}

/// Pixel data that is shorter than its description (T58).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incomplete {
    /// Frames that can be shown: native ones of which a part is there, compressed ones that are whole.
    pub frames_present: u32,
    /// Number of Frames.
    pub frames: u32,
    /// Bytes of Pixel Data that are there.
    pub present_bytes: u64,
    /// Bytes that its description needs; 0 when it is compressed.
    pub needed_bytes: u64,
}

/// A parsed file. Holds no pixel: frames are decoded from the bytes it was parsed from, which the caller keeps.
#[derive(Debug)]
pub struct DicomFile {
    meta: FileMeta,
    transfer_syntax: String,
    encoding: Encoding,
    /// Data set that was deflated: Pixel Data lies in here.
    inflated: Option<Vec<u8>>,
    object: InMemDicomObject,
    character_sets: CharacterSets,
    character_set_term: String,
    pixel: Option<PixelElement>,
    pixels: Result<Pixels, DecodeError>,
    found_by: FoundBy,
    /// The first code stream loses information (JPEG 2000, JPEG XL).
    irreversible: Option<bool>,
    elements: usize,
    file_bytes: u64,
    problems: Vec<Problem>,
    /// What all frames say alike and is worth working out once.
    pub(crate) of_all_frames: OfAllFrames,
}

impl DicomFile {
    /// Checks and parses `bytes`, a whole file.
    ///
    /// # Errors
    /// [`DicomError::PreScan`] for a file that is no DICOM, is cut outside of Pixel Data or asks for more than [`crate::limits`]. A pixel
    /// module that makes no sense is no error here: see [`DicomFile::refusal`].
    pub fn parse(bytes: &[u8]) -> Result<Self, DicomError> {
        Self::of(bytes, scan::prescan(bytes)?)
    }

    /// Like [`DicomFile::parse`], but what could be read before an error is there as well: for a report about a refused file.
    ///
    /// # Errors
    /// As [`DicomFile::parse`], when not even the start of the data set can be read.
    pub fn parse_partial(bytes: &[u8]) -> Result<(Self, Option<PreScanError>), DicomError> {
        let (layout, error) = scan::prescan_partial(bytes)?;
        Ok((Self::of(bytes, layout)?, error))
    }

    fn of(bytes: &[u8], mut layout: Layout) -> Result<Self, DicomError> {
        // dicom-object sees only the checked copy. Latin-1 keeps the bytes of text one to one.
        let syntax = if layout.encoding.big_endian {
            entries::EXPLICIT_VR_BIG_ENDIAN.erased()
        } else {
            entries::EXPLICIT_VR_LITTLE_ENDIAN.erased()
        };
        let object = InMemDicomObject::read_dataset_with_dict_ts_cs(
            &layout.header[..],
            StandardDataDictionary,
            &syntax,
            SpecificCharacterSet::ISO_IR_100,
        )
        .map_err(|e| DicomError::Parse(chain(&e)))?;
        layout.header = Vec::new();
        let (character_sets, character_set_term) = dataset::character_sets(&object);
        let mut problems = std::mem::take(&mut layout.problems);
        if let Some(term) = character_sets.unknown_term() {
            problems.push(Problem {
                place: "Specific Character Set (0008,0005)".to_owned(),
                reason: format!("{term} is not a defined term, read as Latin-1"),
            });
        }
        let mut found_by = FoundBy::Size;
        let pixels = pixels(
            layout.bytes(bytes),
            &layout,
            &DataSet::root(&object, &character_sets),
            &mut found_by,
            &mut problems,
        );
        let irreversible = pixels.as_ref().ok().and_then(|p| {
            let codec = p.syntax.codec;
            matches!(codec, Codec::Jpeg2000 | Codec::JpegXl)
                .then(|| p.index.stream(layout.bytes(bytes), 0))
                .flatten()
                .and_then(|stream| display_attributes::irreversible(codec, &stream))
        });
        let file = Self {
            irreversible,
            meta: layout.meta,
            transfer_syntax: layout.transfer_syntax,
            encoding: layout.encoding,
            inflated: layout.inflated,
            object,
            character_sets,
            character_set_term,
            pixel: layout.pixel,
            pixels,
            found_by,
            elements: layout.elements,
            file_bytes: bytes.len() as u64,
            problems,
            of_all_frames: OfAllFrames::default(),
        };
        Ok(file.with_incomplete_noted())
    }

    fn with_incomplete_noted(mut self) -> Self {
        let reason = match (self.incomplete(), &self.pixel) {
            (Some(incomplete), _) => incomplete.to_string(),
            (None, Some(pixel)) if !pixel.complete => match pixel.declared {
                Some(declared) => {
                    format!("declares {declared} bytes, {} are there", pixel.value.len())
                }
                None => "not closed by a sequence delimiter".to_owned(),
            },
            _ => return self,
        };
        self.problems.push(Problem {
            place: "Pixel Data (7FE0,0010)".to_owned(),
            reason,
        });
        self
    }

    /// The data set, without Pixel Data.
    #[must_use]
    pub fn data(&self) -> DataSet<'_> {
        DataSet::root(&self.object, &self.character_sets)
    }

    /// Preamble and file meta information.
    #[must_use]
    pub fn meta(&self) -> &FileMeta {
        &self.meta
    }

    /// Transfer Syntax UID, declared or found.
    #[must_use]
    pub fn transfer_syntax(&self) -> &str {
        &self.transfer_syntax
    }

    /// How the data set is really written.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Specific Character Set (0008,0005) as sent.
    #[must_use]
    pub fn character_set(&self) -> &str {
        &self.character_set_term
    }

    /// Elements and items of the header.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.elements
    }

    /// Bytes of the file.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// Where Pixel Data lies, if there is any.
    #[must_use]
    pub fn pixel_element(&self) -> Option<&PixelElement> {
        self.pixel.as_ref()
    }

    /// How frames were found in encapsulated data.
    #[must_use]
    pub fn frames_found_by(&self) -> FoundBy {
        self.found_by
    }

    /// What is not as the standard says, or was read with an assumption. Never holds a patient's name or identifier.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Why the pixels cannot be shown; `None` when they can, or when the object has none.
    #[must_use]
    pub fn refusal(&self) -> Option<&DecodeError> {
        match &self.pixels {
            Err(DecodeError::Pixels(crate::PixelError::NoPixelData)) | Ok(_) => None,
            Err(e) => Some(e),
        }
    }

    /// The pixel description.
    ///
    /// # Errors
    /// Why there is none.
    pub fn description(&self) -> Result<&PixelDescription, DecodeError> {
        self.pixels
            .as_ref()
            .map(|p| &p.description)
            .map_err(Clone::clone)
    }

    /// Shape of a decoded frame, the same for all frames of the file.
    ///
    /// # Errors
    /// Why the pixels cannot be shown.
    pub fn frame_shape(&self) -> Result<FrameShape, DecodeError> {
        self.description().map(PixelDescription::shape)
    }

    /// Number of Frames; 0 when the pixels cannot be shown or the object has none.
    #[must_use]
    pub fn frames(&self) -> u32 {
        self.pixels.as_ref().map_or(0, |p| p.description.frames)
    }

    /// What is missing, when Pixel Data is shorter than its description.
    #[must_use]
    pub fn incomplete(&self) -> Option<Incomplete> {
        let pixels = self.pixels.as_ref().ok()?;
        let element = self.pixel.as_ref()?;
        let frames = pixels.description.frames;
        let present = pixels.index.present(frames);
        let (short, needed) = match &pixels.index {
            FrameIndex::Native { value, frame_bits } => {
                let needed = frame_bits.saturating_mul(u64::from(frames)).div_ceil(8);
                ((value.len() as u64) < needed, needed)
            }
            FrameIndex::Encapsulated { .. } => (present < frames || element.last_fragment_cut, 0),
        };
        short.then(|| Incomplete {
            frames_present: present,
            frames,
            present_bytes: element.value.len() as u64,
            needed_bytes: needed,
        })
    }

    /// Bytes of frame `k` in the file, when they already are the stored values as [`DicomFile::frame_shape`] wants them.
    #[must_use]
    pub fn native_range(&self, k: usize) -> Option<Range<u64>> {
        let (range, bits) = self.native_cells(k)?;
        bits.whole_cells().then_some(range)
    }

    /// Bytes of frame `k` in the file, when [`StoredBits::to_stored_values`] is all they need: whoever reads them straight into place calls
    /// that, and need not decode (T1).
    #[must_use]
    pub fn native_cells(&self, k: usize) -> Option<(Range<u64>, StoredBits)> {
        let pixels = self.pixels.as_ref().ok()?;
        let FrameIndex::Native { value, frame_bits } = &pixels.index else {
            return None;
        };
        let d = &pixels.description;
        let as_they_are = self.inflated.is_none()
            && cfg!(target_endian = "little")
            && !pixels.big_endian
            && d.bits.allocated() != 1
            && !d.halves_chrominance()
            && (d.samples == 1 || (!d.planar && d.photometric == crate::Photometric::Rgb));
        let size = frame_bits / 8;
        let start = (k as u64).checked_mul(size)?;
        let end = start.checked_add(size)?;
        let whole = k < d.frames as usize && end <= value.len() as u64;
        let base = value.start as u64;
        (as_they_are && whole)
            .then(|| (base.saturating_add(start)..base.saturating_add(end), d.bits))
    }

    /// Decodes frame `k` (counted from 0) into `out`, which has exactly the bytes of a frame. `bytes` are those the file was parsed from.
    ///
    /// Pure: frames decode in parallel. Pixels that are missing at the end of native data become padding ([`DicomFile::incomplete`]).
    ///
    /// # Errors
    /// [`DecodeError`]; `out` then holds nothing of use.
    pub fn decode_frame(&self, bytes: &[u8], k: usize, out: &mut [u8]) -> Result<(), DecodeError> {
        self.decode_with(bytes, k, Overshoot::Saturate, out)
    }

    fn decode_with(
        &self,
        bytes: &[u8],
        k: usize,
        overshoot: Overshoot,
        out: &mut [u8],
    ) -> Result<(), DecodeError> {
        let source = self.inflated.as_deref().unwrap_or(bytes);
        let pixels = self.pixels.as_ref().map_err(Clone::clone)?;
        pixels.decode(source, k, overshoot, out)
    }

    /// Frame `k` with lossy overshoot masked instead of saturated: what some references did.
    pub(crate) fn decode_frame_masked(
        &self,
        bytes: &[u8],
        k: usize,
    ) -> Result<Vec<u8>, DecodeError> {
        let mut out = vec![0; self.description()?.frame_bytes()];
        self.decode_with(bytes, k, Overshoot::Mask, &mut out)?;
        Ok(out)
    }

    /// Like [`DicomFile::decode_frame`], into a buffer of its own.
    ///
    /// # Errors
    /// As [`DicomFile::decode_frame`].
    pub fn decode_frame_vec(&self, bytes: &[u8], k: usize) -> Result<Vec<u8>, DecodeError> {
        let mut out = vec![0; self.description()?.frame_bytes()];
        self.decode_frame(bytes, k, &mut out)?;
        Ok(out)
    }

    /// Bytes of the code stream of frame `k`, when Pixel Data is encapsulated.
    pub(crate) fn stream_bytes(&self, k: usize) -> Option<u64> {
        self.pixels.as_ref().ok()?.index.stream_bytes(k)
    }

    /// Whether the first code stream loses information, where its header tells (JPEG 2000, JPEG XL).
    #[must_use]
    pub fn stream_irreversible(&self) -> Option<bool> {
        self.irreversible
    }

    /// The transfer syntax, if it is known.
    #[must_use]
    pub fn syntax(&self) -> Option<&'static TransferSyntax> {
        TransferSyntax::of(&self.transfer_syntax)
    }

    /// How pixels are read, and the bytes that they are read from.
    pub(crate) fn native_source<'a>(&'a self, bytes: &'a [u8]) -> (Option<&'a Pixels>, &'a [u8]) {
        let source = self.inflated.as_deref().unwrap_or(bytes);
        (self.pixels.as_ref().ok(), source)
    }

    /// Stored value of pixels that are missing in an incomplete file.
    pub(crate) fn fill(&self) -> Option<i64> {
        self.pixels.as_ref().ok().map(|p| p.fill)
    }
}

impl std::fmt::Display for Incomplete {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.needed_bytes > 0 {
            write!(
                f,
                "cut short: {} of {} bytes",
                self.present_bytes, self.needed_bytes
            )?;
        } else {
            f.write_str("cut short")?;
        }
        write!(f, ", {} of {} frames", self.frames_present, self.frames)
    }
}

fn pixels(
    bytes: &[u8],
    layout: &Layout,
    data: &DataSet<'_>,
    found_by: &mut FoundBy,
    problems: &mut Vec<Problem>,
) -> Result<Pixels, DecodeError> {
    let description = PixelDescription::read(data, layout.pixel.as_ref(), problems)?;
    let element = layout
        .pixel
        .as_ref()
        .ok_or(crate::PixelError::NoPixelData)?;
    let mut syntax =
        TransferSyntax::of(&layout.transfer_syntax).ok_or_else(|| DecodeError::UnknownSyntax {
            uid: layout.transfer_syntax.clone(),
        })?;
    let no_decoder = matches!(syntax.codec, Codec::Video | Codec::Unknown);
    if no_decoder {
        return Err(DecodeError::NoDecoder {
            uid: syntax.uid.to_owned(),
            name: syntax.name,
        });
    }
    let wrong = |found, wanted| DecodeError::WrongEncapsulation {
        found,
        wanted,
        name: syntax.name,
    };
    let index = match (syntax.codec, element.is_encapsulated()) {
        (Codec::Native, true) => return Err(wrong("encapsulated", "native data")),
        (Codec::Native, false) => FrameIndex::native(element, &description),
        (_, true) => {
            let (index, by) = FrameIndex::encapsulated(bytes, element, description.frames, data)?;
            *found_by = by;
            index
        }
        (_, false) => {
            // Some writers keep the old syntax after they decompressed. The length proves it.
            let needed = description
                .native_frame_bits()
                .saturating_mul(u64::from(description.frames))
                .div_ceil(8);
            if element.value.len() as u64 != needed.next_multiple_of(2) {
                return Err(wrong("native data", "encapsulated frames"));
            }
            problems.push(Problem {
                place: "Pixel Data (7FE0,0010)".to_owned(),
                reason: format!(
                    "not compressed, though the transfer syntax is {}",
                    syntax.name
                ),
            });
            syntax = TransferSyntax::of(crate::syntax::EXPLICIT_LITTLE_ENDIAN).unwrap_or(syntax);
            FrameIndex::native(element, &description)
        }
    };
    if let FrameIndex::Native { value, .. } = &index
        && value.is_empty()
    {
        return Err(crate::FrameIndexError::Empty.into());
    }
    let fill = fill_value(data, &description);
    Ok(Pixels {
        description,
        index,
        syntax,
        big_endian: layout.encoding.big_endian,
        vr: element.vr,
        fill,
    })
}

/// Pixel Padding Value, else a value that no stored value can be, else the lowest one.
fn fill_value(data: &DataSet<'_>, description: &PixelDescription) -> i64 {
    let bits = description.bits;
    if let Some(padding) = data.signed_like_pixels(tags::PIXEL_PADDING_VALUE, bits.signed()) {
        return padding;
    }
    let (low, high) = bits.range();
    if bits.whole_cells() || bits.allocated() == 1 {
        return low;
    }
    match description.sample {
        SampleType::I8 | SampleType::I16 | SampleType::I32 => {
            -(1_i64 << (bits.allocated().saturating_sub(1)))
        }
        _ => high.max((1_i64 << bits.allocated()) - 1),
    }
}

fn chain(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut source = e.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
