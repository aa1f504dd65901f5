//! The walk over the elements: one loop with its own stack, so that depth costs no call stack (PAR-02).

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use triptych_clinical::Problem;

use super::{
    PreScanError,
    element::{self, Encoding, Header, UNDEFINED, dictionary_vr, header_at, tag_at, u16_at},
    header::{CHARACTER_SET_AS_SENT, HeaderWriter},
    pixel::{self, PixelElement},
};
use crate::limits;

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
/// Problems kept; a hostile file may have a million.
const PROBLEMS: usize = 100;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sequence,
    Item,
}

/// A sequence or item that is open.
struct Container {
    kind: Kind,
    /// First byte behind it; `None` when a delimiter closes it.
    end: Option<usize>,
    /// First byte of its header, for messages.
    opened: usize,
    /// How its elements are written.
    encoding: Encoding,
    /// Inside UN: the items say for themselves whether they are explicit (P27).
    guess: bool,
    /// Items so far.
    items: usize,
}

/// The walk so far. `header` is always a whole data set once [`Walk::finish`] closed what is open.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    encoding: Encoding,
    stack: Vec<Container>,
    sequences: usize,
    at: usize,
    elements: usize,
    signed: bool,
    header: HeaderWriter,
    pub depth: usize,
    pub pixel: Option<PixelElement>,
    pub problems: Vec<Problem>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(bytes: &'a [u8], start: usize, encoding: Encoding) -> Self {
        Self {
            bytes,
            encoding,
            stack: Vec::new(),
            sequences: 0,
            at: start,
            elements: 0,
            signed: false,
            header: HeaderWriter::new(encoding.big_endian),
            depth: 0,
            pixel: None,
            problems: Vec::new(),
        }
    }

    /// Walks to Pixel Data or the end of the file.
    pub(super) fn run(&mut self) -> Result<(), PreScanError> {
        while self.pixel.is_none() {
            self.leave_full_containers();
            if self.at >= self.bytes.len() {
                return self.end_of_file();
            }
            if self.stack.is_empty() && self.is_trailing_padding() {
                return Ok(());
            }
            self.step()?;
        }
        Ok(())
    }

    /// The checked copy of the header; what is still open is closed.
    pub(super) fn finish(mut self) -> (Vec<u8>, usize) {
        while self.pop() {}
        (self.header.finish(), self.elements)
    }

    fn note(&mut self, tag: Tag, offset: usize, reason: &str) {
        if self.problems.len() < PROBLEMS {
            self.problems.push(Problem {
                place: format!("{tag} at byte {offset}"),
                reason: reason.to_owned(),
            });
        }
    }

    /// First byte behind the innermost container of known length, or the end of the file.
    fn limit(&self) -> usize {
        let end = self.stack.iter().rev().find_map(|c| c.end);
        end.unwrap_or(self.bytes.len())
    }

    fn leave_full_containers(&mut self) {
        // A container of undefined length inside one of known length ends with it at the latest.
        while let Some(end) = self.stack.iter().rev().find_map(|c| c.end) {
            if self.at < end {
                break;
            }
            if self.stack.last().is_some_and(|c| c.end.is_none()) {
                self.note(SEQUENCE_END, self.at, "a delimiter is missing");
            }
            self.pop();
        }
    }

    fn end_of_file(&self) -> Result<(), PreScanError> {
        match self.stack.last() {
            None => Ok(()),
            Some(innermost) => Err(PreScanError::Unclosed {
                offset: self.bytes.len() as u64,
                open: self.stack.len(),
                opened: innermost.opened as u64,
            }),
        }
    }

    /// Zeros up to the end of the file: padding of the medium, no elements.
    fn is_trailing_padding(&mut self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let padding = rest.iter().take(8).all(|b| *b == 0) && rest.iter().all(|b| *b == 0);
        if padding {
            self.note(Tag(0, 0), self.at, "zeros after the data set");
        }
        padding
    }

    fn step(&mut self) -> Result<(), PreScanError> {
        let (at, limit) = (self.at, self.limit());
        self.elements = self.elements.saturating_add(1);
        if self.elements > limits::ELEMENTS {
            return Err(PreScanError::TooMany {
                what: "elements",
                offset: at as u64,
                limit: limits::ELEMENTS,
            });
        }
        let encoding = self.stack.last().map_or(self.encoding, |c| c.encoding);
        let header = header_at(self.bytes, at, encoding)
            .filter(|h| h.value <= limit)
            .ok_or(PreScanError::HeaderCut {
                offset: at as u64,
                left: limit.saturating_sub(at) as u64,
            })?;
        match header.tag {
            ITEM => self.item(header),
            ITEM_END | SEQUENCE_END => {
                self.delimiter(header);
                Ok(())
            }
            _ => self.element(header, encoding),
        }
    }

    fn item(&mut self, header: Header) -> Result<(), PreScanError> {
        let offset = self.at;
        // An item begins while one without end is open: its delimiter is missing.
        let in_item = self
            .stack
            .last()
            .is_some_and(|c| c.kind == Kind::Item && c.end.is_none());
        if in_item {
            self.note(ITEM, offset, "an item begins before the one before it ends");
            self.pop();
        }
        let Some(sequence) = self.stack.last_mut().filter(|c| c.kind == Kind::Sequence) else {
            // Seen in the field: its elements belong to the level around it.
            self.note(ITEM, offset, "an item outside of a sequence");
            self.at = header.value;
            return Ok(());
        };
        sequence.items = sequence.items.saturating_add(1);
        if sequence.items > limits::ITEMS {
            return Err(PreScanError::TooMany {
                what: "items in a sequence",
                offset: offset as u64,
                limit: limits::ITEMS,
            });
        }
        let mut encoding = sequence.encoding;
        if sequence.guess {
            encoding.explicit = looks_explicit(self.bytes, header.value, encoding.big_endian);
        }
        let end = self.container_end(header)?;
        self.header.open_item();
        self.stack.push(Container {
            kind: Kind::Item,
            end,
            opened: offset,
            encoding,
            guess: false,
            items: 0,
        });
        self.at = header.value;
        Ok(())
    }

    fn delimiter(&mut self, header: Header) {
        let wanted = if header.tag == ITEM_END {
            Kind::Item
        } else {
            Kind::Sequence
        };
        self.at = header.value;
        let depth = self.stack.len();
        // A sequence delimiter may stand where that of the last item is missing.
        let open = |i: usize| {
            self.stack
                .get(i)
                .filter(|c| c.end.is_none())
                .map(|c| c.kind)
        };
        let last = depth.checked_sub(1).and_then(open);
        let before = depth.checked_sub(2).and_then(open);
        if last == Some(wanted) {
            self.pop();
        } else if wanted == Kind::Sequence && last == Some(Kind::Item) && before == Some(wanted) {
            self.note(header.tag, header.value, "an item delimiter is missing");
            self.pop();
            self.pop();
        } else {
            self.note(header.tag, header.value, "a delimiter out of place");
        }
    }

    fn element(&mut self, header: Header, encoding: Encoding) -> Result<(), PreScanError> {
        let Header {
            tag, length, value, ..
        } = header;
        if self.stack.is_empty() && is_pixel_data(tag) {
            self.pixel = Some(pixel::pixel_element(self.bytes, header, encoding)?);
            return Ok(());
        }
        let from_unknown = matches!(header.vr, Some(VR::UN)) || header.vr.is_none();
        let vr = if from_unknown {
            dictionary_vr(tag, self.signed)
        } else {
            header.vr.unwrap_or(VR::UN)
        };
        let in_fragments = is_pixel_data(tag) || matches!(header.vr, Some(VR::OB | VR::OW));
        if length == UNDEFINED && in_fragments {
            return self.nested_fragments(header, encoding);
        }
        let holds_items = vr == VR::SQ || length == UNDEFINED;
        // UN of known length is a sequence only where the dictionary says so and an item stands at its start.
        let opaque = header.vr == Some(VR::UN)
            && length != UNDEFINED
            && tag_at(self.bytes, value, encoding.big_endian) != Some(ITEM);
        if holds_items && !opaque {
            return self.open_sequence(header, encoding);
        }
        let end = self.container_end(header)?.unwrap_or(value);
        let bytes = self.bytes.get(value..end).unwrap_or_default();
        self.at = end;
        if tag.group() == 0 || tag.element() == 0 {
            return Ok(()); // group lengths and command elements say nothing about the data set
        }
        if tag == tags::PIXEL_REPRESENTATION && self.stack.is_empty() {
            self.signed = u16_at(bytes, 0, encoding.big_endian) == Some(1);
        }
        if tag == tags::SPECIFIC_CHARACTER_SET {
            self.header.element(CHARACTER_SET_AS_SENT, VR::LO, bytes);
            return Ok(());
        }
        // UN is little endian whatever is around it (PS3.5 6.2.2): not re-typed where that would need swapping.
        let vr = if vr == VR::SQ
            || (from_unknown && self.encoding.big_endian && element::cell_bytes(vr) > 1)
        {
            VR::UN
        } else {
            vr
        };
        if header.vr.is_none() && encoding.explicit {
            self.note(tag, value, "no valid VR in an explicit data set");
        }
        self.header.element(tag, vr, bytes);
        Ok(())
    }

    fn open_sequence(&mut self, header: Header, encoding: Encoding) -> Result<(), PreScanError> {
        let offset = self.at;
        self.sequences = self.sequences.saturating_add(1);
        if self.sequences > limits::NESTING {
            return Err(PreScanError::TooDeep {
                offset: offset as u64,
                limit: limits::NESTING,
            });
        }
        self.depth = self.depth.max(self.sequences);
        let end = self.container_end(header)?;
        let guess = header.vr == Some(VR::UN);
        if guess {
            self.note(header.tag, offset, "a sequence sent as UN");
        }
        self.header.open_sequence(header.tag);
        self.stack.push(Container {
            kind: Kind::Sequence,
            end,
            opened: offset,
            encoding,
            guess,
            items: 0,
        });
        self.at = header.value;
        Ok(())
    }

    /// Pixel Data of an icon: fragments, no data sets. Not needed for anything; stepped over.
    fn nested_fragments(&mut self, header: Header, encoding: Encoding) -> Result<(), PreScanError> {
        let limit = self.limit();
        let inside = self.bytes.get(..limit).unwrap_or_default();
        let walk = pixel::fragments(inside, header.value, encoding.big_endian)?;
        if walk.last_cut || !walk.closed {
            return Err(PreScanError::LengthBeyondEnd {
                tag: header.tag,
                offset: self.at as u64,
                declared: u64::from(header.length),
                left: limit.saturating_sub(header.value) as u64,
            });
        }
        self.at = walk.end;
        Ok(())
    }

    /// First byte behind the value, `None` for undefined length.
    fn container_end(&self, header: Header) -> Result<Option<usize>, PreScanError> {
        if header.length == UNDEFINED {
            return Ok(None);
        }
        let left = self.limit().saturating_sub(header.value);
        match usize::try_from(header.length) {
            Ok(length) if length <= left => Ok(Some(header.value.saturating_add(length))),
            _ => Err(PreScanError::LengthBeyondEnd {
                tag: header.tag,
                offset: self.at as u64,
                declared: u64::from(header.length),
                left: left as u64,
            }),
        }
    }

    fn pop(&mut self) -> bool {
        match self.stack.pop().map(|c| c.kind) {
            Some(Kind::Item) => self.header.close_item(),
            Some(Kind::Sequence) => {
                self.sequences = self.sequences.saturating_sub(1);
                self.header.close_sequence();
            }
            None => return false,
        }
        true
    }
}

/// Float, Double Float and integer Pixel Data.
fn is_pixel_data(tag: Tag) -> bool {
    matches!(
        tag,
        tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA
    )
}

/// Whether the bytes at `at` begin with an element in explicit VR.
pub(crate) fn looks_explicit(bytes: &[u8], at: usize, big_endian: bool) -> bool {
    let first = tag_at(bytes, at, big_endian);
    let letters = bytes
        .get(at.saturating_add(4)..)
        .and_then(|b| b.first_chunk::<2>());
    first.is_some_and(|t| t.group() != 0xFFFE)
        && letters.is_some_and(|l| VR::from_binary(*l).is_some())
}
