//! What a worker can be asked for: one function a job, with the check that tells a lie from a reply.

use std::sync::Arc;

use triptych_clinical::Instant;
use triptych_imaging::{
    Frame, FrameShape,
    browse::HeaderList,
    digest::{FrameDigest, Verdict},
    head::Head,
    objects::{ObjectHead, document::PagePicture},
};
use triptych_inference::{Outcome, ProviderReport};
use triptych_record::{Intake, ReadError};
use triptych_sandbox::SlotMut;

use super::{Loss, Pool, Priority, Ticket, request::Want};
use crate::{
    DecodeCost, DicomRead, ObjectContent, Source, ZipEntry,
    dicom::in_slot,
    heads::{self, HeadReply, Parts},
    object,
    protocol::Work,
};

impl Pool {
    /// Header, display attributes and frame index of a DICOM file.
    #[must_use]
    pub fn read_dicom(&self, source: &Source, priority: Priority) -> Ticket<DicomRead> {
        self.typed(source, Work::ReadDicom, priority, DicomRead::check)
    }

    /// What lists need of many files, from their first parts: a reply for each, in their order.
    ///
    /// # Errors
    /// No memory for the parts.
    pub fn read_heads(
        &self,
        parts: &mut Parts,
        priority: Priority,
    ) -> std::io::Result<Ticket<Vec<HeadReply>>> {
        let source = Source::from_bytes(parts.bytes())?;
        let count = parts.len();
        let check = move |replies: &Vec<HeadReply>| match replies.len() == count {
            true => Ok(()),
            false => Err("another number of heads than of files"),
        };
        let room = count as u64 * heads::ROOM;
        Ok(self.typed_with_room(&source, Work::ReadHeads, room, priority, check))
    }

    /// What lists need of one file, from all of it.
    #[must_use]
    pub fn read_head(&self, source: &Source, priority: Priority) -> Ticket<Head> {
        self.typed(source, Work::ReadHead, priority, |_| Ok(()))
    }

    /// Decodes all frames of a file `passes` times in a worker and lets them go: what the codecs cost.
    #[must_use]
    pub fn decode_again(
        &self,
        source: &Source,
        passes: u32,
        priority: Priority,
    ) -> Ticket<DecodeCost> {
        let work = Work::DecodeAgain { passes };
        self.typed(source, work, priority, |_| Ok(()))
    }

    /// Decodes frame `k` of `shape` into `into`, which must be as long as the frame. Works for native frames too, but those are read
    /// quicker by [`Source::read_native`].
    #[must_use]
    pub fn decode(
        &self,
        source: &Source,
        k: u32,
        shape: FrameShape,
        into: SlotMut,
        priority: Priority,
    ) -> Ticket<Frame> {
        let (ticket, done) = Ticket::new(Arc::clone(&self.post));
        if shape.byte_len() != Some(into.len()) {
            done(Err(Loss::Refused(
                "the place for the frame has another size".into(),
            )));
            return ticket;
        }
        let length = into.len();
        let work = Work::Decode {
            frame: k,
            bytes: length as u64,
        };
        let want = Want::Frame(
            into,
            Box::new(move |result| done(result.and_then(|slot| in_slot(slot, shape)))),
        );
        self.submit(source, work, priority, length as u64, want, &ticket);
        ticket
    }

    /// Frame `k` of a file that was read, in memory of its own. Blocks while a native frame is read from disk; a compressed one is asked
    /// of a worker and waited for.
    ///
    /// # Errors
    /// [`Loss`]
    pub fn frame(
        &self,
        source: &Source,
        read: &DicomRead,
        k: u32,
        priority: Priority,
    ) -> Result<Frame, Loss> {
        let (Some(shape), Some(length)) = (read.shape, read.frame_bytes()) else {
            return Err(read.without_pixels());
        };
        let into = SlotMut::alone(length).map_err(|e| Loss::Unavailable(e.to_string()))?;
        let Some(native) = read.native(k) else {
            return self.decode(source, k, shape, into, priority).wait();
        };
        let slot = source.read_native(&native, into);
        in_slot(slot.map_err(|e| Loss::Refused(e.to_string()))?, shape)
    }

    /// What an object that is no image says of itself: kind, title, what it refers to.
    #[must_use]
    pub fn object_head(&self, source: &Source, priority: Priority) -> Ticket<ObjectHead> {
        self.typed(source, Work::ObjectHead, priority, object::check_head)
    }

    /// The content of an object that is no image.
    #[must_use]
    pub fn read_object(&self, source: &Source, priority: Priority) -> Ticket<ObjectContent> {
        self.typed(source, Work::ReadObject, priority, ObjectContent::check)
    }

    /// What objects about frame `k` take over from its file.
    #[must_use]
    pub fn write_source(
        &self,
        source: &Source,
        k: u32,
        priority: Priority,
    ) -> Ticket<crate::WriteSource> {
        self.typed(source, Work::WriteSource { frame: k }, priority, |_| Ok(()))
    }

    /// Page `page`, from 0, of an encapsulated document, so many pixels wide: RGBA on white.
    #[must_use]
    pub fn draw_page(
        &self,
        source: &Source,
        page: u32,
        width: u32,
        priority: Priority,
    ) -> Ticket<PagePicture> {
        let work = Work::DrawPage { page, width };
        // A page may be much larger than its file: the room is known beforehand.
        let room = object::page_room(width);
        self.typed_with_room(source, work, room, priority, object::check_page)
    }

    /// SHA-256, least, greatest and mean of the stored values of frame `k`.
    #[must_use]
    pub fn digest(&self, source: &Source, k: u32, priority: Priority) -> Ticket<FrameDigest> {
        self.typed(source, Work::Digest { frame: k }, priority, |_| Ok(()))
    }

    /// All that `triptych inspect` says of a DICOM file, as JSON.
    #[must_use]
    pub fn inspect(&self, source: &Source, priority: Priority) -> Ticket<String> {
        self.typed(source, Work::Inspect, priority, |_| Ok(()))
    }

    /// Every element of a DICOM file, values in words.
    #[must_use]
    pub fn browse(&self, source: &Source, priority: Priority) -> Ticket<HeaderList> {
        self.typed(source, Work::Browse, priority, |list: &HeaderList| {
            if list.is_bounded() {
                Ok(())
            } else {
                Err("a header longer than one may be")
            }
        })
    }

    /// How a file compares with reference facts; `source` is [`with_reference`](crate::with_reference)'s.
    #[must_use]
    pub fn compare(&self, source: &Source, priority: Priority) -> Ticket<Verdict> {
        self.typed(source, Work::Compare, priority, |_| Ok(()))
    }

    /// The model's word on frame 0 of a DICOM file. `age_years` is the patient's on the day of the image by the record; the younger of it
    /// and the header's age counts. For a pool of [`Options::infer`](super::Options::infer).
    #[must_use]
    pub fn infer(
        &self,
        source: &Source,
        age_years: Option<u16>,
        priority: Priority,
    ) -> Ticket<Outcome> {
        let check = |outcome: &Outcome| match outcome {
            Outcome::Findings(findings)
                if !findings.iter().all(|f| (0.0..=1.0).contains(&f.score)) =>
            {
                Err("a score that is none")
            }
            Outcome::Withheld(reasons) if reasons.is_empty() => Err("withheld without a reason"),
            _ => Ok(()),
        };
        self.typed(source, Work::Infer { age_years }, priority, check)
    }

    /// Whether the model of a pool of [`Options::infer`](super::Options::infer) loads and passes its self-test, and where it runs.
    ///
    /// # Errors
    /// No memory for the empty input that every job has.
    pub fn self_test(
        &self,
        priority: Priority,
    ) -> std::io::Result<Ticket<Result<ProviderReport, String>>> {
        let nothing = Source::from_bytes(b"-")?;
        Ok(self.typed(&nothing, Work::SelfTest, priority, |_| Ok(())))
    }

    /// Facts of a FHIR document, NDJSON file or HL7 v2 file that came at `received`. A document that is refused as a whole is the inner error.
    #[must_use]
    pub fn read_record(
        &self,
        source: &Source,
        received: Instant,
        priority: Priority,
    ) -> Ticket<Result<Intake, ReadError>> {
        let work = Work::ReadRecord { received };
        self.typed(source, work, priority, |_| Ok(()))
    }

    /// Facts of a CSV file that came at `received`; `source` is [`with_reference`](crate::with_reference)'s of its mapping and the file.
    #[must_use]
    pub fn read_csv(
        &self,
        source: &Source,
        received: Instant,
        priority: Priority,
    ) -> Ticket<Result<Intake, ReadError>> {
        let work = Work::ReadCsv { received };
        self.typed(source, work, priority, |_| Ok(()))
    }

    /// A mapping for a CSV file, as TOML for a person to check.
    #[must_use]
    pub fn suggest_csv(
        &self,
        source: &Source,
        priority: Priority,
    ) -> Ticket<Result<String, ReadError>> {
        self.typed(source, Work::SuggestCsv, priority, |_| Ok(()))
    }

    /// What a ZIP holds, with what of it is refused and why (PAR-10).
    #[must_use]
    pub fn zip_entries(&self, source: &Source, priority: Priority) -> Ticket<Vec<ZipEntry>> {
        let archive = source.len();
        self.typed(
            source,
            Work::ZipEntries,
            priority,
            move |entries: &Vec<ZipEntry>| crate::unzip::check(entries, archive),
        )
    }

    /// The bytes of one entry, as sealed memory.
    #[must_use]
    pub fn zip_extract(
        &self,
        source: &Source,
        entry: &ZipEntry,
        priority: Priority,
    ) -> Ticket<Source> {
        let (ticket, done) = Ticket::new(Arc::clone(&self.post));
        if let Some(problem) = entry.problem {
            done(Err(Loss::Refused(problem.to_string())));
            return ticket;
        }
        let group = source.group();
        let work = Work::ZipExtract { entry: entry.index };
        let want = Want::Frozen(Box::new(move |result| {
            done(result.and_then(|file| {
                Source::from_frozen(file)
                    .map(|source| source.in_group(group))
                    .map_err(|e| Loss::Unavailable(e.to_string()))
            }));
        }));
        // A page more than was declared: an entry that inflates to more is told from one that fits.
        let room = entry.bytes.saturating_add(4096);
        self.submit(source, work, priority, room, want, &ticket);
        ticket
    }
}
