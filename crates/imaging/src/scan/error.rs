//! Why a file cannot be read as DICOM at all.

use dicom_core::Tag;

/// What the pre-scan refuses, with the place in the file. Offsets count bytes from the start of the file; in a deflated data set,
/// from the start of the inflated data set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PreScanError {
    /// Neither "DICM" nor file meta information nor a data set at the start.
    #[error("not a DICOM file: {0}")]
    NotDicom(&'static str),
    /// A length that its container or the file cannot hold.
    #[error("element {tag} at byte {offset} declares {declared} bytes, {left} are left")]
    LengthBeyondEnd {
        /// The element, item or delimiter.
        tag: Tag,
        /// First byte of its header.
        offset: u64,
        /// Value length in its header.
        declared: u64,
        /// Bytes that its container, or else the file, still has.
        left: u64,
    },
    /// The file ends inside an element header.
    #[error(
        "the file ends inside the header of an element at byte {offset}, {left} bytes are left"
    )]
    HeaderCut {
        /// First byte of the header.
        offset: u64,
        /// Bytes that are left.
        left: u64,
    },
    /// The file ends before the sequences that were opened are closed.
    #[error(
        "the file ends at byte {offset} inside {open} open sequences or items, the innermost opened at byte {opened}"
    )]
    Unclosed {
        /// End of the file.
        offset: u64,
        /// How many are open.
        open: usize,
        /// Header of the innermost.
        opened: u64,
    },
    /// PAR-02.
    #[error("sequences nested deeper than {limit} at byte {offset}")]
    TooDeep {
        /// Header of the sequence that is too deep.
        offset: u64,
        /// The limit.
        limit: usize,
    },
    /// PAR-05.
    #[error("more than {limit} {what} at byte {offset}")]
    TooMany {
        /// Elements, items or fragments.
        what: &'static str,
        /// Header of the first one beyond the limit.
        offset: u64,
        /// The limit.
        limit: usize,
    },
    /// PAR-03: deflated data set.
    #[error("the deflated data set grows beyond {limit} bytes")]
    InflatesTooFar {
        /// The limit for this file.
        limit: usize,
    },
    /// The deflated data set is damaged.
    #[error("the deflated data set is damaged after {inflated} bytes: {reason}")]
    Inflate {
        /// Bytes that came out before.
        inflated: usize,
        /// What the inflater says.
        reason: String,
    },
}
