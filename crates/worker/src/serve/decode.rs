//! DICOM jobs.

use triptych_imaging::{
    DicomFile,
    browse::HeaderList,
    digest::{ExpectedPixels, FrameDigest, Verdict},
    head::{Head, HeadRead},
    inspect::Inspection,
    objects::{SeenImage, SourceHeader},
};
use triptych_sandbox::usage;

use super::{Refusal, input::Input};
use crate::{
    DecodeCost, DicomRead, WriteSource,
    heads::{HeadReply, split},
    source::split_reference,
};

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

/// What lists need of many files: of their first parts, or of all where a part is all.
pub(super) fn heads(input: &Input) -> Result<Vec<HeadReply>, Refusal> {
    let parts = split(input.bytes()).ok_or_else(|| Refusal::of("no parts of files"))?;
    Ok(parts
        .map(|(part, whole)| match Head::read(part, whole) {
            HeadRead::NeedsMore if whole => Head::of_file(part)
                .map(HeadRead::Done)
                .map_err(|e| Refusal::of(e).cut()),
            read => Ok(read),
        })
        .collect())
}

/// The same of one whole file.
pub(super) fn head(input: &Input) -> Result<Head, Refusal> {
    match Head::read(input.bytes(), true) {
        HeadRead::Done(head) => Ok(head),
        HeadRead::NeedsMore => Head::of_file(input.bytes()).map_err(Refusal::of),
    }
}

/// All frames, `passes` times.
pub(super) fn again(input: &Input, passes: u32) -> Result<DecodeCost, Refusal> {
    let file = input.dicom()?;
    let shape = file.frame_shape().map_err(Refusal::of)?;
    let length = shape
        .byte_len()
        .ok_or_else(|| Refusal::of("too large a frame"))?;
    let mut out = vec![0; length];
    let mut cost = DecodeCost {
        frames: file.frames(),
        bytes: length as u64 * u64::from(file.frames()),
        ..DecodeCost::default()
    };
    for pass in 0..passes.max(1) {
        for k in 0..file.frames() {
            let before = usage::process_cpu();
            file.decode_frame(input.bytes(), index(k), &mut out)
                .map_err(Refusal::of)?;
            let took = usage::process_cpu().saturating_sub(before).as_nanos();
            cost.cpu_ns = cost
                .cpu_ns
                .saturating_add(u64::try_from(took).unwrap_or(u64::MAX));
            if pass == 0 {
                cost.sum += out.iter().map(|b| u64::from(*b)).sum::<u64>();
            }
        }
    }
    Ok(cost)
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

/// Every element of the file.
pub(super) fn browse(input: &Input) -> Result<HeaderList, Refusal> {
    Ok(HeaderList::of(input.dicom()?))
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
