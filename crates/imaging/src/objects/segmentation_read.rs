//! A segmentation from its file: frames decoded, placed by their own geometry, and cut to where they have voxels.

use dicom_dictionary_std::tags;

use super::{
    ReadError, attribute,
    segmentation::{
        Cells, CodedName, LABEL_MAP, Overlap, SEGMENTATION, Segment, SegmentPlane, Segmentation,
        SegmentationKind,
    },
};
use crate::{
    annotate::AnchorPlane, dataset::DataSet, display::srgb_of_cielab, file::DicomFile,
    frame::SampleType, functional::FrameData, limits,
};

/// Colours of segments that name none.
const COLOURS: [[u8; 3]; 8] = [
    [230, 159, 0],
    [86, 180, 233],
    [0, 158, 115],
    [240, 228, 66],
    [0, 114, 178],
    [213, 94, 0],
    [204, 121, 167],
    [160, 160, 160],
];

/// Segments that a file may have.
const SEGMENTS: usize = 65_536;
/// Bytes of all planes together.
const BYTES: usize = limits::FILE_BUDGET_BYTES;

impl Segmentation {
    /// Reads and decodes a segmentation; `bytes` are those the file was parsed from.
    ///
    /// # Errors
    /// [`ReadError`] when it is another object, when its frames cannot be decoded, or when they have no place in the patient.
    pub fn read(file: &DicomFile, bytes: &[u8]) -> Result<Self, ReadError> {
        let data = file.data();
        let class = data.first_text(tags::SOP_CLASS_UID).unwrap_or_default();
        if class != SEGMENTATION && class != LABEL_MAP {
            return Err(ReadError::OtherClass(class));
        }
        let kind = kind(&data)?;
        let segments = segments(&data, kind)?;
        let shape = file
            .frame_shape()
            .map_err(|e| ReadError::wrong(tags::PIXEL_DATA, e))?;
        if !matches!(shape.sample, SampleType::U8 | SampleType::U16) || shape.samples() != 1 {
            let why = "a segmentation has one sample of 1, 8 or 16 bits";
            return Err(ReadError::wrong(tags::BITS_ALLOCATED, why));
        }
        let maximum = data.int(tags::MAXIMUM_FRACTIONAL_VALUE);
        let mut reader = Reader {
            kind,
            maximum: maximum
                .and_then(|m| u8::try_from(m).ok())
                .filter(|m| *m > 0)
                .unwrap_or(255),
            padding: data.signed_like_pixels(tags::PIXEL_PADDING_VALUE, false),
            known: segments.iter().map(|s| s.number).collect(),
            planes: Vec::new(),
            problems: Vec::new(),
            bytes: 0,
        };
        let size = [shape.columns, shape.rows];
        let frames = file.frames_data();
        if frames.is_empty() {
            let why = match data
                .first_text(tags::DIMENSION_ORGANIZATION_TYPE)
                .as_deref()
            {
                Some("TILED_FULL") => "is of a slide, whose place in the patient is not known",
                _ => "is missing: no frame has a place",
            };
            let tag = tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE;
            return Err(ReadError::wrong(tag, why));
        }
        if frames.len() != file.frames() as usize {
            reader.problems.push(format!(
                "{} frames, {} of them described",
                file.frames(),
                frames.len()
            ));
        }
        let mut cells = vec![0; shape.byte_len().unwrap_or(0)];
        for (k, frame) in frames.iter().take(file.frames() as usize).enumerate() {
            let place = place(frame, k)?;
            file.decode_frame(bytes, k, &mut cells)
                .map_err(|e| ReadError::wrong(tags::PIXEL_DATA, e))?;
            reader.frame(frame, k, size, place, shape.sample, &cells)?;
        }
        Ok(Self {
            frame_of_reference: data.first_text(tags::FRAME_OF_REFERENCE_UID),
            kind,
            overlap: match data.first_text(tags::SEGMENTS_OVERLAP).as_deref() {
                Some("YES") => Overlap::Yes,
                Some("NO") => Overlap::No,
                _ if kind == SegmentationKind::Labelmap => Overlap::No,
                _ => Overlap::Undefined,
            },
            segments,
            planes: reader.planes,
            problems: reader.problems,
        })
    }
}

struct Reader {
    kind: SegmentationKind,
    maximum: u8,
    padding: Option<i64>,
    known: Vec<u16>,
    planes: Vec<SegmentPlane>,
    problems: Vec<String>,
    bytes: usize,
}

impl Reader {
    fn frame(
        &mut self,
        frame: &FrameData<'_>,
        k: usize,
        size: [u32; 2],
        place: AnchorPlane,
        sample: SampleType,
        cells: &[u8],
    ) -> Result<(), ReadError> {
        let numbers: Vec<u16> = match sample {
            SampleType::U16 => cells
                .as_chunks::<2>()
                .0
                .iter()
                .map(|c| u16::from_ne_bytes(*c))
                .collect(),
            _ => cells.iter().copied().map(u16::from).collect(),
        };
        let source = frame
            .group(tags::DERIVATION_IMAGE_SEQUENCE)
            .and_then(|d| d.first_item(tags::SOURCE_IMAGE_SEQUENCE))
            .and_then(|s| s.first_text(tags::REFERENCED_SOP_INSTANCE_UID));
        let empty = |segment| SegmentPlane {
            segment,
            frame: u32::try_from(k).unwrap_or(u32::MAX),
            place,
            size,
            thickness: frame.slice_thickness().filter(|t| *t > 0.0),
            step: frame.slice_spacing().map(f64::abs).filter(|s| *s > 0.0),
            source: source.clone(),
            part: [0; 4],
            cells: Cells::Bits(Vec::new()),
        };
        if self.kind != SegmentationKind::Labelmap {
            let segment = frame
                .group(tags::SEGMENT_IDENTIFICATION_SEQUENCE)
                .and_then(|g| g.int(tags::REFERENCED_SEGMENT_NUMBER))
                .and_then(|n| u16::try_from(n).ok());
            let tag = tags::REFERENCED_SEGMENT_NUMBER;
            let segment = segment.ok_or_else(|| ReadError::missing(tag))?;
            if !self.known.contains(&segment) {
                let why = format!(
                    "frame {} names segment {segment}, which is not there",
                    k + 1
                );
                return Err(ReadError::wrong(tag, why));
            }
            return self.keep(empty(segment), &numbers, |v| v);
        }
        let mut present: Vec<u16> = numbers.clone();
        present.sort_unstable();
        present.dedup();
        for label in present {
            let is_padding = self.padding == Some(i64::from(label));
            if self.known.contains(&label) && !is_padding {
                self.keep(empty(label), &numbers, |v| u16::from(v == label))?;
            } else if !is_padding && label != 0 {
                let problem = format!("pixels of {label}, which is no segment");
                if !self.problems.contains(&problem) {
                    self.problems.push(problem);
                }
            }
        }
        Ok(())
    }

    /// Keeps the part of a frame that has voxels.
    fn keep(
        &mut self,
        plane: SegmentPlane,
        numbers: &[u16],
        value: impl Fn(u16) -> u16,
    ) -> Result<(), ReadError> {
        let columns = (plane.size[0] as usize).max(1);
        let mut area: Option<[usize; 4]> = None;
        for (y, line) in numbers.chunks_exact(columns).enumerate() {
            let inside = |v: &u16| value(*v) > 0;
            let (Some(first), Some(last)) =
                (line.iter().position(inside), line.iter().rposition(inside))
            else {
                continue;
            };
            area = Some(match area {
                None => [first, y, last, y],
                Some([l, t, r, _]) => [l.min(first), t, r.max(last), y],
            });
        }
        let Some([left, top, right, bottom]) = area else {
            return Ok(());
        };
        let lines = numbers
            .chunks_exact(columns)
            .skip(top)
            .take(bottom - top + 1);
        let part = lines.flat_map(|l| l.get(left..=right).unwrap_or_default().iter());
        let fractions = matches!(
            self.kind,
            SegmentationKind::Probability | SegmentationKind::Occupancy
        );
        let cells = if fractions {
            Cells::Fractions {
                values: part.map(|v| u8::try_from(*v).unwrap_or(u8::MAX)).collect(),
                maximum: self.maximum,
            }
        } else {
            let count = (right - left + 1) * (bottom - top + 1);
            let mut bits = vec![0_u8; count.div_ceil(8)];
            for (k, v) in part.enumerate() {
                if let Some(byte) = bits.get_mut(k / 8).filter(|_| value(*v) > 0) {
                    *byte |= 1 << (k % 8);
                }
            }
            Cells::Bits(bits)
        };
        self.bytes += match &cells {
            Cells::Bits(b) => b.len(),
            Cells::Fractions { values, .. } => values.len(),
        };
        if self.bytes > BYTES {
            return Err(ReadError::TooMany {
                what: "bytes of segments",
                most: BYTES,
            });
        }
        let narrow = |v: usize| u32::try_from(v).unwrap_or(u32::MAX);
        self.planes.push(SegmentPlane {
            part: [left, top, right - left + 1, bottom - top + 1].map(narrow),
            cells,
            ..plane
        });
        Ok(())
    }
}

fn kind(data: &DataSet<'_>) -> Result<SegmentationKind, ReadError> {
    let tag = tags::SEGMENTATION_TYPE;
    let fractional = data.first_text(tags::SEGMENTATION_FRACTIONAL_TYPE);
    match data.first_text(tag).as_deref() {
        Some("BINARY") => Ok(SegmentationKind::Binary),
        Some("FRACTIONAL") if fractional.as_deref() == Some("OCCUPANCY") => {
            Ok(SegmentationKind::Occupancy)
        }
        Some("FRACTIONAL") => Ok(SegmentationKind::Probability),
        Some("LABELMAP") => Ok(SegmentationKind::Labelmap),
        None => Err(ReadError::missing(tag)),
        Some(other) => Err(ReadError::wrong(tag, format!("{other:?} is unknown"))),
    }
}

fn segments(data: &DataSet<'_>, kind: SegmentationKind) -> Result<Vec<Segment>, ReadError> {
    let mut all: Vec<Segment> = Vec::new();
    for (k, item) in data.items(tags::SEGMENT_SEQUENCE).enumerate() {
        let number = item
            .int(tags::SEGMENT_NUMBER)
            .and_then(|n| u16::try_from(n).ok());
        let number = number
            .filter(|n| *n > 0 || kind == SegmentationKind::Labelmap)
            .ok_or_else(|| ReadError::missing(tags::SEGMENT_NUMBER))?;
        if all.iter().any(|s| s.number == number) || k >= SEGMENTS {
            let why = format!("{number} stands there twice");
            return Err(ReadError::wrong(tags::SEGMENT_NUMBER, why));
        }
        let lab = item.words(tags::RECOMMENDED_DISPLAY_CIE_LAB_VALUE);
        let ours = COLOURS.get(k % COLOURS.len()).copied().unwrap_or([255; 3]);
        all.push(Segment {
            number,
            label: item.text(tags::SEGMENT_LABEL).unwrap_or_default(),
            category: code(&item, tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE),
            property: code(&item, tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE),
            algorithm_type: item
                .first_text(tags::SEGMENT_ALGORITHM_TYPE)
                .unwrap_or_default(),
            algorithm_name: item.text(tags::SEGMENT_ALGORITHM_NAME).unwrap_or_default(),
            colour: lab.first_chunk::<3>().map_or(ours, |w| srgb_of_cielab(*w)),
        });
    }
    if all.is_empty() {
        return Err(ReadError::missing(tags::SEGMENT_SEQUENCE));
    }
    Ok(all)
}

/// First item of a code sequence.
pub(super) fn code(item: &DataSet<'_>, tag: dicom_core::Tag) -> Option<CodedName> {
    let code = item.first_item(tag)?;
    let text = |tag| code.text(tag).unwrap_or_default();
    Some(CodedName {
        value: text(tags::CODE_VALUE),
        scheme: text(tags::CODING_SCHEME_DESIGNATOR),
        meaning: text(tags::CODE_MEANING),
    })
}

fn place(frame: &FrameData<'_>, k: usize) -> Result<AnchorPlane, ReadError> {
    let missing = |tag| ReadError::Attribute {
        attribute: attribute(tag),
        why: format!("frame {} has none: it has no place in the patient", k + 1),
    };
    let place = AnchorPlane {
        position: frame
            .position()
            .ok_or_else(|| missing(tags::IMAGE_POSITION_PATIENT))?,
        orientation: frame
            .orientation()
            .ok_or_else(|| missing(tags::IMAGE_ORIENTATION_PATIENT))?,
        spacing: frame
            .pixel_spacing()
            .ok_or_else(|| missing(tags::PIXEL_SPACING))?,
    };
    if place.plane().is_none() {
        let why = format!("frame {}: the cosines are no plane", k + 1);
        return Err(ReadError::wrong(tags::IMAGE_ORIENTATION_PATIENT, why));
    }
    Ok(place)
}
