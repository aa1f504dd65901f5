//! Made files: bytes of data sets, whole or wrong on purpose.

use dicom_core::{Tag, VR};

use crate::scan::element::has_long_length;

/// Sequence or item without a stated length.
pub(crate) const UNDEFINED: u32 = u32::MAX;

/// An element header in explicit VR little endian with any length.
pub(crate) fn explicit_header(tag: Tag, vr: VR, length: u32) -> Vec<u8> {
    let mut out = tag_bytes(tag);
    out.extend(vr.to_bytes());
    if has_long_length(vr) {
        out.extend([0, 0]);
        out.extend(length.to_le_bytes());
    } else {
        out.extend(u16::try_from(length).unwrap().to_le_bytes());
    }
    out
}

/// An element header in implicit VR; items and delimiters too.
pub(crate) fn implicit_header(tag: Tag, length: u32) -> Vec<u8> {
    let mut out = tag_bytes(tag);
    out.extend(length.to_le_bytes());
    out
}

fn tag_bytes(tag: Tag) -> Vec<u8> {
    [tag.group().to_le_bytes(), tag.element().to_le_bytes()].concat()
}

/// A whole element in explicit VR little endian, padded to an even length.
pub(crate) fn element(tag: Tag, vr: VR, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if vr == VR::UI { 0 } else { b' ' });
    }
    let mut out = explicit_header(tag, vr, u32::try_from(value.len()).unwrap());
    out.extend(value);
    out
}

/// Preamble, "DICM" and file meta information with this transfer syntax.
pub(crate) fn meta(transfer_syntax: &str) -> Vec<u8> {
    let mut out = vec![0; 128];
    out.extend(b"DICM");
    let syntax = element(Tag(2, 0x10), VR::UI, transfer_syntax.as_bytes());
    let length = u32::try_from(syntax.len()).unwrap().to_le_bytes();
    out.extend(element(Tag(2, 0), VR::UL, &length));
    out.extend(syntax);
    out
}

/// An image whose attributes can be set one by one.
#[derive(Clone)]
pub(crate) struct Image {
    pub syntax: &'static str,
    pub samples: u16,
    pub photometric: &'static str,
    pub planar: u16,
    pub frames: Option<String>,
    pub rows: u16,
    pub columns: u16,
    pub allocated: u16,
    pub stored: u16,
    pub high: u16,
    pub signed: u16,
    /// More elements, in the right place by their tag.
    pub more: Vec<(Tag, VR, Vec<u8>)>,
    /// Pixel Data: native bytes, or fragments.
    pub pixels: Pixels,
}

#[derive(Clone)]
pub(crate) enum Pixels {
    Native(Vec<u8>),
    Fragments(Vec<Vec<u8>>),
}

impl Default for Image {
    fn default() -> Self {
        Self {
            syntax: "1.2.840.10008.1.2.1",
            samples: 1,
            photometric: "MONOCHROME2",
            planar: 0,
            frames: None,
            rows: 2,
            columns: 2,
            allocated: 16,
            stored: 12,
            high: 11,
            signed: 0,
            more: Vec::new(),
            pixels: Pixels::Native(vec![0; 8]),
        }
    }
}

impl Image {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let us = |tag, v: u16| (tag, VR::US, v.to_le_bytes().to_vec());
        let mut elements = vec![
            (Tag(8, 0x16), VR::UI, b"1.2.840.10008.5.1.4.1.1.7".to_vec()),
            (Tag(8, 0x18), VR::UI, b"1.2.3.4".to_vec()),
            (Tag(0x20, 0xD), VR::UI, b"1.2.3".to_vec()),
            (Tag(0x20, 0xE), VR::UI, b"1.2.3.1".to_vec()),
            us(Tag(0x28, 2), self.samples),
            (Tag(0x28, 4), VR::CS, self.photometric.as_bytes().to_vec()),
            us(Tag(0x28, 6), self.planar),
            us(Tag(0x28, 0x10), self.rows),
            us(Tag(0x28, 0x11), self.columns),
            us(Tag(0x28, 0x100), self.allocated),
            us(Tag(0x28, 0x101), self.stored),
            us(Tag(0x28, 0x102), self.high),
            us(Tag(0x28, 0x103), self.signed),
        ];
        if let Some(frames) = &self.frames {
            elements.push((Tag(0x28, 8), VR::IS, frames.clone().into_bytes()));
        }
        elements.extend(self.more.iter().cloned());
        elements.sort_by_key(|e| e.0);
        let mut out = meta(self.syntax);
        for (tag, vr, value) in elements {
            out.extend(element(tag, vr, &value));
        }
        match &self.pixels {
            Pixels::Native(bytes) => out.extend(element(Tag(0x7FE0, 0x10), VR::OW, bytes)),
            Pixels::Fragments(fragments) => {
                out.extend(explicit_header(Tag(0x7FE0, 0x10), VR::OB, UNDEFINED));
                out.extend(implicit_header(Tag(0xFFFE, 0xE000), 0));
                for fragment in fragments {
                    let length = u32::try_from(fragment.len()).unwrap();
                    out.extend(implicit_header(Tag(0xFFFE, 0xE000), length));
                    out.extend(fragment);
                }
                out.extend(implicit_header(Tag(0xFFFE, 0xE0DD), 0));
            }
        }
        out
    }
}
