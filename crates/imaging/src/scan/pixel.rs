//! Where Pixel Data lies: one native range, or fragments with their offset table (PS3.5 A.4).

use std::ops::Range;

use dicom_core::{Tag, VR};

use super::{
    PreScanError,
    element::{Encoding, Header, UNDEFINED, tag_at, u32_at},
};
use crate::limits;

/// Pixel Data (7FE0,0010), Float Pixel Data (7FE0,0008) or Double Float Pixel Data (7FE0,0009). All ranges lie inside the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelElement {
    /// Which of the three.
    pub tag: Tag,
    /// VR as written; OW in implicit VR.
    pub vr: VR,
    /// The value as far as it is there; for encapsulated data from the first item to the last.
    pub value: Range<usize>,
    /// What its header says, `None` for undefined length.
    pub declared: Option<u32>,
    /// Fragments without the offset table, empty ones included.
    pub fragments: Vec<Range<usize>>,
    /// The last fragment is shorter than its header says.
    pub last_fragment_cut: bool,
    /// Encapsulated and closed by a sequence delimiter, or native and whole.
    pub complete: bool,
    /// Basic Offset Table, as written.
    pub basic_offsets: Vec<u32>,
}

impl PixelElement {
    /// Whether the value is a sequence of fragments.
    #[must_use]
    pub const fn is_encapsulated(&self) -> bool {
        self.declared.is_none()
    }
}

/// Reads the pixel element at `at`. Pixel Data cut short is kept, and marked (PAR-01).
pub(super) fn pixel_element(
    bytes: &[u8],
    header: Header,
    encoding: Encoding,
) -> Result<PixelElement, PreScanError> {
    let start = header.value.min(bytes.len());
    let mut element = PixelElement {
        tag: header.tag,
        vr: header.vr.unwrap_or(VR::OW),
        value: start..start,
        declared: None,
        fragments: Vec::new(),
        last_fragment_cut: false,
        complete: true,
        basic_offsets: Vec::new(),
    };
    if header.length != UNDEFINED {
        let declared = usize::try_from(header.length).unwrap_or(usize::MAX);
        let end = start.saturating_add(declared).min(bytes.len());
        element.declared = Some(header.length);
        element.complete = end.saturating_sub(start) == declared;
        element.value = start..end;
        return Ok(element);
    }
    let walk = fragments(bytes, start, encoding.big_endian)?;
    let mut ranges = walk.ranges.into_iter();
    if let Some(table) = ranges.next() {
        let entries = bytes.get(table).unwrap_or_default().chunks_exact(4);
        element.basic_offsets = entries
            .filter_map(|c| u32_at(c, 0, encoding.big_endian))
            .collect();
    }
    element.fragments = ranges.collect();
    element.last_fragment_cut = walk.last_cut;
    element.complete = walk.closed && !walk.last_cut;
    element.value = start..walk.end;
    Ok(element)
}

/// The items of an encapsulated value, offset table first.
pub(super) struct FragmentWalk {
    pub ranges: Vec<Range<usize>>,
    pub last_cut: bool,
    pub closed: bool,
    /// First byte after the value.
    pub end: usize,
}

/// Walks the items from `start` to the sequence delimiter or the end of `bytes`.
pub(super) fn fragments(
    bytes: &[u8],
    start: usize,
    big_endian: bool,
) -> Result<FragmentWalk, PreScanError> {
    let mut walk = FragmentWalk {
        ranges: Vec::new(),
        last_cut: false,
        closed: false,
        end: start,
    };
    let mut at = start;
    while let (Some(tag), Some(length)) = (
        tag_at(bytes, at, big_endian),
        u32_at(bytes, at.saturating_add(4), big_endian),
    ) {
        let value = at.saturating_add(8);
        if tag != Tag(0xFFFE, 0xE000) {
            walk.closed = tag == Tag(0xFFFE, 0xE0DD);
            walk.end = if walk.closed { value } else { at };
            break;
        }
        if walk.ranges.len() >= limits::FRAGMENTS {
            return Err(PreScanError::TooMany {
                what: "fragments",
                offset: at as u64,
                limit: limits::FRAGMENTS,
            });
        }
        let wanted = value.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        let end = wanted.min(bytes.len());
        walk.last_cut = end < wanted;
        walk.ranges.push(value.min(end)..end);
        walk.end = end;
        at = end;
    }
    Ok(walk)
}
