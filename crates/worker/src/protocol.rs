//! What parent and worker say to each other. For the parent every [`Answer`] is hostile input (PAR-16).
//!
//! Answers come in the order of the asks. A job number is never used twice in a worker's life, so an answer that comes twice or late is
//! seen. A reply is the `postcard` form of the job's own type: in the answer when it is short, else in the job's slot of shared memory,
//! which the parent has made and sized.

use serde::{Deserialize, Serialize};
use triptych_clinical::Instant;

/// Jobs in flight for one worker, each with a slot: enough that it never waits for the parent (an empty round trip is up to 50 µs).
pub const SLOTS: usize = 4;
/// Longest reply inside an answer, bytes; the rest of a packet is room for the answer itself.
pub const INLINE: usize = 3584;
/// Longest reason of a refusal, bytes.
pub const REASON: usize = 1024;

/// Parent to worker.
#[derive(Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Shared memory for a slot; its descriptor comes with it. Replaces what the slot had.
    Lend {
        /// Below [`SLOTS`].
        slot: u8,
        /// Size.
        bytes: u64,
    },
    /// Let the slot's memory go.
    Release {
        /// Below [`SLOTS`].
        slot: u8,
    },
    /// A job; the input's descriptor comes with it.
    Work(Job),
}

/// One job over one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Never used twice in a worker's life.
    pub number: u64,
    /// Same number, same input: what was parsed of it may be used again.
    pub input: u64,
    /// Size of the input.
    pub bytes: u64,
    /// Where long replies go.
    pub slot: u8,
    /// What to do.
    pub work: Work,
}

/// What to do with the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// DICOM header, display attributes and frame index; replies [`DicomRead`](crate::DicomRead).
    ReadDicom,
    /// What lists need of many DICOM files; the input is their first parts ([`Parts`](crate::heads::Parts)). Replies a
    /// [`HeadReply`](crate::heads::HeadReply) for each.
    ReadHeads,
    /// The same of one whole file; replies `imaging::head::Head`.
    ReadHead,
    /// All frames of a DICOM file, `passes` times, to measure codecs; replies [`DecodeCost`](crate::DecodeCost).
    DecodeAgain {
        /// At least once.
        passes: u32,
    },
    /// Frame `frame` of a DICOM file into the slot, exactly `bytes` long.
    Decode {
        /// From 0.
        frame: u32,
        /// Size by the frame's shape.
        bytes: u64,
    },
    /// What an object that is no image says of itself; replies `imaging::objects::ObjectHead`.
    ObjectHead,
    /// All of an object that is no image; replies [`ObjectContent`](crate::ObjectContent).
    ReadObject,
    /// What objects about a frame take over from its file; replies [`WriteSource`](crate::WriteSource).
    WriteSource {
        /// From 0.
        frame: u32,
    },
    /// A page of an encapsulated document; replies `imaging::objects::document::PagePicture`.
    DrawPage {
        /// From 0.
        page: u32,
        /// Pixels.
        width: u32,
    },
    /// SHA-256, least, greatest and mean stored value of a frame; replies `imaging::digest::FrameDigest`.
    Digest {
        /// From 0.
        frame: u32,
    },
    /// All that `triptych inspect` says of a DICOM file; replies the JSON of `imaging::inspect::Inspection` as text.
    Inspect,
    /// Every element of a DICOM file; replies `imaging::browse::HeaderList`.
    Browse,
    /// How a DICOM file compares with reference facts; the input is [`with_reference`](crate::with_reference)'s. Replies `imaging::digest::Verdict`.
    Compare,
    /// The worker's model over frame 0 of a DICOM file; replies `inference::Outcome`.
    Infer {
        /// Completed years on the day of the image, by the patient's record.
        age_years: Option<u16>,
    },
    /// Loads the worker's model, self-test included; replies `Result<inference::ProviderReport, String>`. The input is not looked at.
    SelfTest,
    /// FHIR JSON or NDJSON, or HL7 v2; replies `Result<record::Intake, record::ReadError>`.
    ReadRecord {
        /// When the document came here.
        received: Instant,
    },
    /// A CSV of observations; the input is [`with_reference`](crate::with_reference)'s: the mapping (TOML), then the file. Replies as `ReadRecord`.
    ReadCsv {
        /// When the file came here.
        received: Instant,
    },
    /// A mapping for a CSV file, for a person to check; replies `Result<String, record::ReadError>`.
    SuggestCsv,
    /// Entries of a ZIP; replies [`Vec<ZipEntry>`](crate::ZipEntry).
    ZipEntries,
    /// One entry into the slot, which is let go before the answer.
    ZipExtract {
        /// Index in the archive's directory.
        entry: u32,
    },
}

/// Worker to parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Done; the reply is here.
    Here {
        /// The job's number.
        job: u64,
        /// At most [`INLINE`] bytes.
        reply: Vec<u8>,
    },
    /// Done; the reply is the first `bytes` of the slot.
    InSlot {
        /// The job's number.
        job: u64,
        /// Length.
        bytes: u64,
    },
    /// Done, but the reply has not room: ask again with a slot of at least `bytes`.
    NoRoom {
        /// The job's number.
        job: u64,
        /// Length.
        bytes: u64,
    },
    /// The input does not allow it.
    Refused {
        /// The job's number.
        job: u64,
        /// Why, for people; at most [`REASON`] bytes.
        reason: String,
    },
    /// A fault of our own, on the way to the end of the process.
    Panicked {
        /// Line of the source.
        line: u32,
    },
}
