//! What a worker read of a DICOM file: all that the parent ever knows of it.

use std::{ops::Range, sync::Arc};

use serde::{Deserialize, Serialize};
use triptych_clinical::{InstanceRecord, Problem};
use triptych_imaging::{
    Frame, FrameBytes, FrameShape, StoredBits,
    display::{DisplayAttributes, Lut, ModalityLut},
    limits,
    objects::{SeenImage, SourceHeader},
};
use triptych_sandbox::{Slot, SlotMut};

use crate::Loss;

/// Version of what reads headers, as a hash of its sources: what [`DicomRead::to_kept`] wrote is read back by the same only.
pub const READER: &str = env!("TRIPTYCH_READER");

/// A longer one (tables, many frames) is read anew each time.
const LONGEST_KEPT: usize = 64 << 10;

/// Header, display attributes and frame index of one DICOM file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DicomRead {
    /// What the archive keeps beside the bytes. Its `unreadable` says why the pixels cannot be shown, if they cannot.
    pub record: InstanceRecord,
    /// Size and layout of every frame; `None` for objects without pixels and where the record says why not.
    pub shape: Option<FrameShape>,
    /// What was odd, but did not stop the reading.
    pub problems: Vec<Problem>,
    /// All pixels that the header announces are there (T58); if not, `problems` says what is missing.
    pub complete: bool,
    /// Attributes of frame runs: the frames from `first` to the next run's `first` share them. The first run begins at frame 0.
    pub(crate) display: Vec<DisplayRun>,
    /// Where the stored values of each frame lie in the file, if they lie there as they are.
    pub(crate) native: Vec<NativeRun>,
}

/// What a new object takes over from an image that it speaks of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WriteSource {
    /// Patient and study, word by word.
    pub header: SourceHeader,
    /// How the frame is shown by its file alone; `None` without pixels.
    pub seen: Option<SeenImage>,
}

/// What decoding all frames of a file again and again cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodeCost {
    /// Of the file.
    pub frames: u32,
    /// Of one pass, decoded.
    pub bytes: u64,
    /// Sum of all decoded bytes of the first pass.
    pub sum: u64,
    /// Nanoseconds of the worker's CPU, user and system, in the passes alone.
    pub cpu_ns: u64,
}

/// Frames that are shown alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DisplayRun {
    pub first: u32,
    pub attributes: Arc<DisplayAttributes>,
}

/// `count` frames from frame `first`, one behind the other from byte `start`, each `bytes` long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NativeRun {
    pub first: u32,
    pub count: u32,
    pub start: u64,
    pub bytes: u64,
    pub bits: StoredBits,
}

/// Bytes of a file that hold the pixels of a frame, as a worker says: to be read by [`Source::read_native`](crate::Source::read_native).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeFrame {
    pub(crate) range: Range<u64>,
    /// What makes stored values of its cells.
    pub(crate) bits: StoredBits,
}

impl DicomRead {
    /// How frame `k` (from 0) is shown; `None` for frames that the file has not.
    #[must_use]
    pub fn display(&self, k: u32) -> Option<&Arc<DisplayAttributes>> {
        if k >= self.record.frames {
            return None;
        }
        let run = self.display.partition_point(|run| run.first <= k);
        Some(&self.display.get(run.checked_sub(1)?)?.attributes)
    }

    /// Where the pixels of frame `k` lie in the file, if it is native: a worker's word, checked when it is read.
    #[must_use]
    pub fn native(&self, k: u32) -> Option<NativeFrame> {
        let run = self.native.partition_point(|run| run.first <= k);
        let run = self.native.get(run.checked_sub(1)?)?;
        let at = k.checked_sub(run.first).filter(|at| *at < run.count)?;
        let start = run
            .start
            .checked_add(u64::from(at).checked_mul(run.bytes)?)?;
        let end = start.checked_add(run.bytes)?;
        Some(NativeFrame {
            range: start..end,
            bits: run.bits,
        })
    }

    /// Whether a worker's word holds together: a lie in its counts would be believed by everyone above.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let frames = self.record.frames;
        if frames > limits::FRAMES {
            return Err("more frames than a file may have");
        }
        if self.shape.is_some() && self.frame_bytes().is_none_or(|b| b > limits::FRAME_BYTES) {
            return Err("a frame larger than a frame may be");
        }
        let ordered = self.display.is_sorted_by(|a, b| a.first < b.first)
            && self.native.is_sorted_by(|a, b| a.first < b.first);
        let starts_at_0 = self.display.first().is_none_or(|run| run.first == 0);
        let whole = self.native.iter().all(|run| {
            usize::try_from(run.bytes).ok() == self.frame_bytes()
                && run
                    .first
                    .checked_add(run.count)
                    .is_some_and(|end| end <= frames)
                && plausible(run.bits)
        });
        let tables = self
            .display
            .iter()
            .all(|run| has_sane_tables(&run.attributes));
        if ordered && starts_at_0 && whole && tables {
            Ok(())
        } else {
            Err("a frame index that contradicts itself")
        }
    }

    /// Reads frame `k` into place, if it is native and `into` as long as a frame is: `read` fills memory with the bytes of the file from a place
    /// on. Where that is is a worker's word: `read` refuses what is not inside.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn native_into(
        &self,
        k: u32,
        mut into: SlotMut,
        read: impl FnOnce(u64, &mut [u8]) -> Result<(), Loss>,
    ) -> Result<Frame, Loss> {
        let native = self.native(k).zip(self.shape);
        let Some((NativeFrame { range, bits }, shape)) = native else {
            return Err(Loss::Refused("no native frame".into()));
        };
        let length = into.len();
        if range.end.checked_sub(range.start) != u64::try_from(length).ok() {
            let why = "the place for the frame has another size";
            return Err(Loss::Refused(why.into()));
        }
        read(range.start, &mut into)?;
        bits.to_stored_values(&mut into);
        in_slot(into.publish(), shape)
    }

    /// A frame in place, however it came there.
    ///
    /// # Errors
    /// [`Loss::Refused`] when it is not as long as a frame is.
    pub fn frame_of(&self, slot: Slot) -> Result<Frame, Loss> {
        let shape = self
            .shape
            .filter(|_| self.frame_bytes() == Some(slot.as_ref().len()));
        let shape = shape.ok_or_else(|| Loss::Refused("a frame of another size".into()))?;
        in_slot(slot, shape)
    }

    /// To be kept for another opening; `None` where it is long.
    #[must_use]
    pub fn to_kept(&self) -> Option<Vec<u8>> {
        let body = postcard::to_stdvec(self).ok()?;
        (body.len() <= LONGEST_KEPT).then_some(body)
    }

    /// What [`Self::to_kept`] of this [`READER`] wrote.
    #[must_use]
    pub fn from_kept(body: &[u8]) -> Option<Self> {
        let read: Self = postcard::from_bytes(body).ok()?;
        read.check().is_ok().then_some(read)
    }

    /// Why it has no frames.
    #[must_use]
    pub fn without_pixels(&self) -> Loss {
        let why = self.record.unreadable.clone();
        Loss::Refused(why.unwrap_or_else(|| "no pixels".into()))
    }

    /// Bytes of one decoded frame.
    #[must_use]
    pub fn frame_bytes(&self) -> Option<usize> {
        self.shape?.byte_len().filter(|bytes| *bytes > 0)
    }

    /// Adds the attributes of the next frame; equal neighbours share theirs.
    pub(crate) fn push_display(&mut self, frame: u32, attributes: DisplayAttributes) {
        if self
            .display
            .last()
            .is_none_or(|run| *run.attributes != attributes)
        {
            self.display.push(DisplayRun {
                first: frame,
                attributes: Arc::new(attributes),
            });
        }
    }

    /// Adds the place of the next native frame; neighbours are joined.
    pub(crate) fn push_native(&mut self, frame: u32, range: &Range<u64>, bits: StoredBits) {
        let bytes = range.end.saturating_sub(range.start);
        if let Some(run) = self.native.last_mut()
            && (run.bytes, run.bits) == (bytes, bits)
            && run.first + run.count == frame
            && run.start + u64::from(run.count) * bytes == range.start
        {
            run.count += 1;
            return;
        }
        self.native.push(NativeRun {
            first: frame,
            count: 1,
            start: range.start,
            bytes,
            bits,
        });
    }
}

/// Published bytes as a frame.
pub(crate) fn in_slot(slot: Slot, shape: FrameShape) -> Result<Frame, Loss> {
    let length = slot.as_ref().len();
    let bytes = FrameBytes::new(Arc::new(slot), 0..length).ok_or(Loss::Cancelled)?;
    Ok(Frame { shape, bytes })
}

/// Whether tables are as their own constructors make them: whoever draws relies on it.
fn has_sane_tables(display: &DisplayAttributes) -> bool {
    let sane =
        |lut: &Lut| (8..=16).contains(&lut.bits()) && (1..=65_536).contains(&lut.entries().len());
    let modality = match &display.modality_lut {
        ModalityLut::Table(lut) => sane(lut),
        ModalityLut::Identity | ModalityLut::Rescale { .. } => true,
    };
    modality && display.voi_luts.iter().all(|voi| sane(&voi.lut))
}

/// Whether the four numbers can be one cell. They are sent as bytes, one each.
fn plausible(bits: StoredBits) -> bool {
    let mut sent = [0; 4];
    if postcard::to_slice(&bits, &mut sent).is_err() {
        return false;
    }
    let [allocated, stored, high, signed] = sent.map(i64::from);
    StoredBits::new(allocated, stored, high, signed == 1) == Ok(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read() -> DicomRead {
        let uid = |n: u32| format!("1.2.{n}");
        DicomRead {
            record: InstanceRecord {
                study: uid(1).try_into().unwrap(),
                series: uid(2).try_into().unwrap(),
                sop_instance: uid(3).try_into().unwrap(),
                sop_class: uid(4).try_into().unwrap(),
                transfer_syntax: uid(5).try_into().unwrap(),
                identity: triptych_clinical::Identity::default(),
                study_time: None,
                series_time: None,
                study_description: String::new(),
                series_description: String::new(),
                accession: String::new(),
                modality: String::new(),
                body_part: String::new(),
                view_position: String::new(),
                series_number: None,
                instance_number: None,
                volume_attributes: std::collections::BTreeMap::new(),
                frames: 6,
                rows: 2,
                columns: 2,
                frame_of_reference: None,
                position: None,
                orientation: None,
                pixel_spacing: None,
                slice_thickness: None,
                image_type: String::new(),
                unreadable: None,
                file_bytes: 1000,
            },
            shape: None,
            problems: vec![],
            complete: true,
            display: vec![],
            native: vec![],
        }
    }

    fn bits() -> StoredBits {
        StoredBits::new(16, 12, 11, true).unwrap()
    }

    fn range(read: &DicomRead, k: u32) -> Option<Range<u64>> {
        read.native(k).map(|native| native.range)
    }

    /// PAR-16: the shifts of a cell come from a worker.
    #[test]
    fn par_16_bits_that_no_cell_has_are_a_lie() {
        assert!(plausible(bits()));
        for lie in [
            [16, 200, 11, 1],
            [16, 12, 3, 1],
            [0, 0, 0, 0],
            [16, 12, 16, 0],
        ] {
            let bits: StoredBits = postcard::from_bytes(&lie).unwrap();
            assert!(!plausible(bits), "{lie:?}");
        }
    }

    #[test]
    fn frames_that_are_shown_alike_share_their_attributes() {
        let mut read = read();
        let of = |bits| DisplayAttributes {
            bits_stored: bits,
            ..DisplayAttributes::default()
        };
        for (frame, bits) in [8, 8, 12, 12, 8, 8].into_iter().enumerate() {
            read.push_display(frame as u32, of(bits));
        }
        assert_eq!(read.display.len(), 3);
        let bits = |k| read.display(k).map(|a| a.bits_stored);
        assert_eq!([0, 1, 2, 3, 4, 5].map(bits), [8, 8, 12, 12, 8, 8].map(Some));
        assert_eq!(bits(6), None);
    }

    #[test]
    fn what_is_kept_is_read_back_or_not_at_all() {
        let mut read = read();
        read.shape = Some(FrameShape {
            columns: 2,
            rows: 2,
            sample: triptych_imaging::SampleType::I16,
            colour: triptych_imaging::Colour::Monochrome2,
        });
        read.push_native(0, &(100..108), bits());
        let kept = read.to_kept().unwrap();
        assert_eq!(DicomRead::from_kept(&kept), Some(read.clone()));
        assert_eq!(DicomRead::from_kept(&kept[..kept.len() - 1]), None);
        assert_eq!(DicomRead::from_kept(b""), None);
        read.record.frames = limits::FRAMES + 1;
        let lie = read.to_kept().unwrap();
        assert_eq!(DicomRead::from_kept(&lie), None);
        read.record.study_description = "x".repeat(LONGEST_KEPT);
        assert_eq!(read.to_kept(), None);
    }

    #[test]
    fn native_frames_are_found_by_arithmetic() {
        let mut read = read();
        for (frame, start) in [(0, 100), (1, 108), (2, 116), (4, 200), (5, 208)] {
            read.push_native(frame, &(start..start + 8), bits());
        }
        assert_eq!(read.native.len(), 2);
        assert_eq!(range(&read, 2), Some(116..124));
        assert_eq!(range(&read, 3), None);
        assert_eq!(range(&read, 5), Some(208..216));
        assert_eq!(range(&read, 6), None);
        let lie = NativeRun {
            first: 0,
            count: u32::MAX,
            start: u64::MAX - 1,
            bytes: u64::MAX,
            bits: bits(),
        };
        read.native = vec![lie];
        assert_eq!(range(&read, 7), None, "no overflow");
    }
}
