//! DICOM jobs.

use triptych_imaging::{
    DicomFile,
    digest::{ExpectedPixels, FrameDigest, Verdict},
    inspect::Inspection,
    objects::{SeenImage, SourceHeader},
};

use super::{Refusal, input::Input};
use crate::{DicomRead, WriteSource, source::split_reference};

/// Header, display attributes and frame index.
pub(super) fn read(input: &Input) -> Result<DicomRead, Refusal> {
    let file = input.dicom()?;
    let record = file.record().map_err(Refusal::of)?;
    let mut read = DicomRead {
        shape: file.frame_shape().ok(),
        problems: file.problems().to_vec(),
        complete: file.incomplete().is_none(),
        display: Vec::new(),
        native: Vec::new(),
        record,
    };
    if read.shape.is_some() {
        for frame in 0..read.record.frames {
            let display = file.display_attributes_with_pixels(input.bytes(), index(frame));
            read.push_display(frame, display);
            if let Some((range, bits)) = file.native_cells(index(frame)) {
                read.push_native(frame, &range, bits);
            }
        }
    }
    Ok(read)
}

/// Frame `k` into the first `bytes` of `slot`.
pub(super) fn frame(input: &Input, k: u32, bytes: u64, slot: &mut [u8]) -> Result<(), Refusal> {
    let file = input.dicom()?;
    let shape = file.frame_shape().map_err(Refusal::of)?;
    let length = shape.byte_len().filter(|n| u64::try_from(*n) == Ok(bytes));
    let length = length.ok_or_else(|| Refusal::of("the file has frames of another size"))?;
    let out = slot
        .get_mut(..length)
        .ok_or_else(|| Refusal::of("no place for the frame"))?;
    file.decode_frame(input.bytes(), index(k), out)
        .map_err(Refusal::of)
}

/// What objects about frame `k` take over.
pub(super) fn write_source(input: &Input, k: u32) -> Result<WriteSource, Refusal> {
    let file = input.dicom()?;
    Ok(WriteSource {
        header: SourceHeader::of(file).map_err(Refusal::of)?,
        seen: SeenImage::of(file, k),
    })
}

/// Digest of frame `k`.
pub(super) fn digest(input: &Input, k: u32) -> Result<FrameDigest, Refusal> {
    let file: &DicomFile = input.dicom()?;
    let shape = file.frame_shape().map_err(Refusal::of)?;
    let bytes = file
        .decode_frame_vec(input.bytes(), index(k))
        .map_err(Refusal::of)?;
    Ok(FrameDigest::of(shape, &bytes))
}

/// The report of `inspect` as JSON: its fields are for people, no number of it is reckoned with.
pub(super) fn inspect(input: &Input) -> Result<String, Refusal> {
    let report = Inspection::of(input.bytes()).map_err(Refusal::of)?;
    serde_json::to_string(&report).map_err(Refusal::of)
}

/// A file beside its reference facts.
pub(super) fn compare(input: &Input) -> Result<Verdict, Refusal> {
    let (reference, bytes) = split_reference(input.bytes())
        .ok_or_else(|| Refusal::of("no reference facts before the file"))?;
    let expected: ExpectedPixels = serde_json::from_slice(reference).map_err(Refusal::of)?;
    Ok(triptych_imaging::digest::compare(
        &expected,
        &DicomFile::parse(bytes),
        bytes,
    ))
}

/// Frames are counted in 32 bits; this program needs 64.
const fn index(frame: u32) -> usize {
    frame as usize
}
