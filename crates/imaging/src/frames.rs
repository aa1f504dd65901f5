//! Which bytes belong to which frame (T1, P14 to P16).

use std::{borrow::Cow, ops::Range};

use dicom_dictionary_std::tags;

use crate::{attributes::PixelDescription, dataset::DataSet, scan::PixelElement};

/// Byte ranges of every frame. Native frames are arithmetic, encapsulated ones a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameIndex {
    /// Frame after frame without padding; 1-bit frames need not begin on a byte.
    Native {
        /// The value as far as it is there.
        value: Range<usize>,
        /// Bits of a frame.
        frame_bits: u64,
    },
    /// Fragments of each frame, in order, without empty ones. A frame that is missing has none.
    Encapsulated {
        /// All fragments of all frames.
        fragments: Vec<Range<usize>>,
        /// For each frame its fragments, as a range of `fragments`.
        frames: Vec<Range<usize>>,
        /// True length of each frame where the Extended Offset Table gives it: drops the pad byte.
        lengths: Vec<Option<u64>>,
        /// The last fragment is shorter than its header says.
        last_cut: bool,
    },
}

/// Why fragments cannot be given to frames.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameIndexError {
    /// Neither a table nor markers nor the count say which fragment belongs where.
    #[error(
        "{fragments} fragments of Pixel Data cannot be given to {frames} frames: no valid offset table, and they do not begin and end as code streams do"
    )]
    Ambiguous {
        /// Fragments that are not empty.
        fragments: usize,
        /// Number of Frames.
        frames: u32,
    },
    /// Not one fragment.
    #[error("Pixel Data is empty")]
    Empty,
}

/// How frames were found: for the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// Native data: by size.
    Size,
    /// Extended Offset Table (7FE0,0001).
    ExtendedOffsetTable,
    /// There is only one frame.
    OnlyFrame,
    /// As many fragments as frames.
    Count,
    /// Basic Offset Table.
    BasicOffsetTable,
    /// Start and end markers of the code streams.
    Markers,
}

impl FoundBy {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::ExtendedOffsetTable => "Extended Offset Table",
            Self::OnlyFrame => "only one frame",
            Self::Count => "one fragment a frame",
            Self::BasicOffsetTable => "Basic Offset Table",
            Self::Markers => "start and end markers",
        }
    }
}

impl FrameIndex {
    /// Index of native data.
    pub(crate) fn native(pixel: &PixelElement, description: &PixelDescription) -> Self {
        Self::Native {
            value: pixel.value.clone(),
            frame_bits: description.native_frame_bits(),
        }
    }

    /// Index of encapsulated data; the order of trust is that of T1.
    ///
    /// # Errors
    /// [`FrameIndexError`] when nothing says which fragment belongs to which frame.
    pub(crate) fn encapsulated(
        bytes: &[u8],
        pixel: &PixelElement,
        frames: u32,
        data: &DataSet<'_>,
    ) -> Result<(Self, FoundBy), FrameIndexError> {
        let base = pixel.fragments.first().map_or(0, header_of);
        let whole: Vec<Range<usize>> = pixel
            .fragments
            .iter()
            .filter(|r| !r.is_empty())
            .cloned()
            .collect();
        if whole.is_empty() {
            return Err(FrameIndexError::Empty);
        }
        let count = frames as usize;
        let last_cut = pixel.last_fragment_cut;
        let index = |frames, lengths| Self::Encapsulated {
            fragments: whole.clone(),
            frames,
            lengths,
            last_cut,
        };
        let extended = data.longs(tags::EXTENDED_OFFSET_TABLE);
        if let Some(starts) = starts_of(&extended, count, base, &whole) {
            let lengths = data.longs(tags::EXTENDED_OFFSET_TABLE_LENGTHS);
            let ranges = spans(&starts, whole.len());
            let lengths = ranges
                .iter()
                .enumerate()
                .map(|(k, span)| {
                    let there: usize = whole
                        .get(span.clone())
                        .unwrap_or_default()
                        .iter()
                        .map(ExactSizeIterator::len)
                        .sum();
                    lengths.get(k).copied().filter(|n| *n <= there as u64)
                })
                .collect();
            return Ok((index(ranges, lengths), FoundBy::ExtendedOffsetTable));
        }
        let unknown = || vec![None; count];
        if count == 1 {
            let all = std::iter::once(0..whole.len()).collect();
            return Ok((index(all, unknown()), FoundBy::OnlyFrame));
        }
        if whole.len() == count {
            let each = (0..count).map(|k| k..k.saturating_add(1)).collect();
            return Ok((index(each, unknown()), FoundBy::Count));
        }
        let basic: Vec<u64> = pixel.basic_offsets.iter().map(|o| u64::from(*o)).collect();
        if basic.first() == Some(&0)
            && let Some(starts) = starts_of(&basic, count, base, &whole)
        {
            return Ok((
                index(spans(&starts, whole.len()), unknown()),
                FoundBy::BasicOffsetTable,
            ));
        }
        let starts: Vec<usize> = (0..whole.len())
            .filter(|i| match i.checked_sub(1) {
                None => true,
                Some(before) => {
                    let at = |i: usize| whole.get(i).and_then(|r| bytes.get(r.clone()));
                    at(*i).is_some_and(begins_stream) && at(before).is_some_and(ends_stream)
                }
            })
            .collect();
        let every_start_is_one = starts.iter().all(|i| {
            let range = whole.get(*i).cloned().unwrap_or_default();
            bytes.get(range).is_some_and(begins_stream)
        });
        if starts.len() <= count && every_start_is_one {
            // Fewer streams than frames: those that are there can be shown, the others are reported missing.
            let mut ranges = spans(&starts, whole.len());
            ranges.resize(count, 0..0);
            return Ok((index(ranges, unknown()), FoundBy::Markers));
        }
        Err(FrameIndexError::Ambiguous {
            fragments: whole.len(),
            frames,
        })
    }

    /// Code stream of frame `k`: borrowed when it is one fragment, joined otherwise. `None` when the frame is not in the file.
    #[must_use]
    pub fn stream<'a>(&self, bytes: &'a [u8], k: usize) -> Option<Cow<'a, [u8]>> {
        let Self::Encapsulated {
            fragments,
            frames,
            lengths,
            ..
        } = self
        else {
            return None;
        };
        let parts = fragments.get(frames.get(k)?.clone())?;
        let length = lengths
            .get(k)
            .copied()
            .flatten()
            .and_then(|n| usize::try_from(n).ok());
        match parts {
            [] => None,
            [one] => {
                let stream = bytes.get(one.clone())?;
                let length = length.unwrap_or(stream.len());
                Some(Cow::Borrowed(stream.get(..length).unwrap_or(stream)))
            }
            many => {
                let mut joined = Vec::new();
                for part in many {
                    joined.extend_from_slice(bytes.get(part.clone())?);
                }
                joined.truncate(length.unwrap_or(joined.len()));
                Some(Cow::Owned(joined))
            }
        }
    }

    /// Bytes of the code stream of frame `k`.
    #[must_use]
    pub fn stream_bytes(&self, k: usize) -> Option<u64> {
        let Self::Encapsulated {
            fragments, frames, ..
        } = self
        else {
            return None;
        };
        let parts = fragments.get(frames.get(k)?.clone())?;
        Some(parts.iter().map(|r| r.len() as u64).sum())
    }

    /// Frames that can be shown, out of `frames`: native ones of which a part is there, compressed ones that are whole.
    #[must_use]
    pub fn present(&self, frames: u32) -> u32 {
        match self {
            Self::Native { value, frame_bits } => {
                let bits = (value.len() as u64).saturating_mul(8);
                let present = bits.div_ceil((*frame_bits).max(1));
                u32::try_from(present).unwrap_or(u32::MAX).min(frames)
            }
            Self::Encapsulated { frames: spans, .. } => {
                let there = |k: &usize| spans.get(*k).is_some_and(|s| !s.is_empty());
                let present = (0..spans.len()).filter(there).filter(|k| !self.is_cut(*k));
                u32::try_from(present.count()).unwrap_or(u32::MAX)
            }
        }
    }

    /// Whether the last fragment of frame `k` is cut.
    #[must_use]
    pub fn is_cut(&self, k: usize) -> bool {
        match self {
            Self::Native { .. } => false,
            Self::Encapsulated {
                fragments,
                frames,
                last_cut,
                ..
            } => {
                *last_cut
                    && frames
                        .get(k)
                        .is_some_and(|s| !s.is_empty() && s.end == fragments.len())
            }
        }
    }
}

/// First byte of the item header of a fragment.
fn header_of(fragment: &Range<usize>) -> usize {
    fragment.start.saturating_sub(8)
}

/// Fragment at which each frame begins, if the table has an entry for every frame, rises, and every entry meets a fragment.
fn starts_of(
    table: &[u64],
    frames: usize,
    base: usize,
    fragments: &[Range<usize>],
) -> Option<Vec<usize>> {
    if table.is_empty() || table.len() != frames {
        return None;
    }
    let mut starts: Vec<usize> = Vec::new();
    let mut next = 0;
    for offset in table {
        let wanted = usize::try_from(*offset).ok()?.checked_add(base)?;
        let found = fragments
            .get(next..)?
            .iter()
            .position(|r| header_of(r) >= wanted)?;
        let at = next.checked_add(found)?;
        if header_of(fragments.get(at)?) != wanted {
            return None;
        }
        starts.push(at);
        next = at.checked_add(1)?;
    }
    (starts.first() == Some(&0)).then_some(starts)
}

/// From the start of each to the start of the next.
fn spans(starts: &[usize], fragments: usize) -> Vec<Range<usize>> {
    let ends = starts.iter().skip(1).copied().chain([fragments]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(a, b)| a..b)
        .collect()
}

/// JPEG and JPEG-LS, JPEG 2000 (bare or in JP2), JPEG XL (bare or boxed).
fn begins_stream(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xFF, 0xD8, 0xFF, ..]
            | [0xFF, 0x4F, 0xFF, 0x51, ..]
            | [0xFF, 0x0A, ..]
            | [0, 0, 0, 12, ..]
    )
}

/// EOI or EOC, before a pad byte if there is one.
fn ends_stream(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    bytes.ends_with(&[0xFF, 0xD9])
}
