//! The header as the parser gets it: rewritten while it is checked, so that nothing odd is left in it.
//!
//! dicom-object sees only this copy, never the file. It is always in explicit VR, sequences and items always of undefined length and
//! always closed; group lengths, stray delimiters and Pixel Data are left out; UN of a known attribute has its dictionary's VR (P29); what
//! came in implicit VR inside UN is explicit now (P27). So one odd element costs that element, not the file (PAR-14).

use dicom_core::{Tag, VR};

use super::element::{cell_bytes, has_long_length};

/// Specific Character Set (0008,0005) travels under this tag, which no data set can hold: dicom-object knows one character set only, and
/// is given all text as Latin-1, which keeps bytes one to one; `charset` decodes it afterwards (P28).
pub(crate) const CHARACTER_SET_AS_SENT: Tag = Tag(0x0000, 0x0005);

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// Writes the copy; grows only with bytes that were there.
#[derive(Debug, Default)]
pub(crate) struct HeaderWriter {
    out: Vec<u8>,
    big_endian: bool,
}

impl HeaderWriter {
    pub(crate) fn new(big_endian: bool) -> Self {
        Self {
            out: Vec::new(),
            big_endian,
        }
    }

    fn u16(&mut self, v: u16) {
        self.out.extend(if self.big_endian {
            v.to_be_bytes()
        } else {
            v.to_le_bytes()
        });
    }

    fn u32(&mut self, v: u32) {
        self.out.extend(if self.big_endian {
            v.to_be_bytes()
        } else {
            v.to_le_bytes()
        });
    }

    fn tag(&mut self, tag: Tag) {
        self.u16(tag.group());
        self.u16(tag.element());
    }

    fn delimiter(&mut self, tag: Tag, length: u32) {
        self.tag(tag);
        self.u32(length);
    }

    /// An element that is no sequence. A value that its VR cannot hold is written as UN.
    pub(crate) fn element(&mut self, tag: Tag, vr: VR, value: &[u8]) {
        let Ok(length) = u32::try_from(value.len()) else {
            return; // longer than any length field: cannot come from one
        };
        let fits = value.len().is_multiple_of(cell_bytes(vr)) && vr != VR::SQ;
        let vr = if fits && (has_long_length(vr) || length < 0xFFFF) {
            vr
        } else {
            VR::UN
        };
        let padded = length.saturating_add(length % 2);
        self.tag(tag);
        self.out.extend(vr.to_bytes());
        if has_long_length(vr) {
            self.u16(0);
            self.u32(padded);
        } else {
            self.u16(u16::try_from(padded).unwrap_or(u16::MAX - 1));
        }
        self.out.extend_from_slice(value);
        if padded != length {
            self.out.push(match vr {
                VR::UI | VR::OB | VR::UN => 0,
                _ => b' ',
            });
        }
    }

    pub(crate) fn open_sequence(&mut self, tag: Tag) {
        self.tag(tag);
        self.out.extend(VR::SQ.to_bytes());
        self.u16(0);
        self.u32(u32::MAX);
    }

    pub(crate) fn open_item(&mut self) {
        self.delimiter(ITEM, u32::MAX);
    }

    pub(crate) fn close_item(&mut self) {
        self.delimiter(ITEM_END, 0);
    }

    pub(crate) fn close_sequence(&mut self) {
        self.delimiter(SEQUENCE_END, 0);
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }
}
