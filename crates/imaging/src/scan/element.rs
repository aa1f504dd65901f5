//! Element headers, PS3.5 7.1: tag, VR and length, in the three encodings.

use dicom_core::{
    Tag, VR,
    dictionary::{DataDictionary as _, DataDictionaryEntry as _, VirtualVr},
};
use dicom_dictionary_std::StandardDataDictionary;

/// Undefined length, PS3.5 7.1.1.
pub(crate) const UNDEFINED: u32 = u32::MAX;

/// How element headers and values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// VRs are in the headers.
    pub explicit: bool,
    /// Big endian, Explicit VR Big Endian only.
    pub big_endian: bool,
}

/// One element header, as found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub tag: Tag,
    /// VR of an explicit header; `None` when it has none, or no known one.
    pub vr: Option<VR>,
    /// Declared length, possibly [`UNDEFINED`].
    pub length: u32,
    /// First byte of the value.
    pub value: usize,
}

pub(crate) fn u16_at(bytes: &[u8], at: usize, big_endian: bool) -> Option<u16> {
    let cell = *bytes.get(at..)?.first_chunk::<2>()?;
    Some(if big_endian {
        u16::from_be_bytes(cell)
    } else {
        u16::from_le_bytes(cell)
    })
}

pub(crate) fn u32_at(bytes: &[u8], at: usize, big_endian: bool) -> Option<u32> {
    let cell = *bytes.get(at..)?.first_chunk::<4>()?;
    Some(if big_endian {
        u32::from_be_bytes(cell)
    } else {
        u32::from_le_bytes(cell)
    })
}

pub(crate) fn tag_at(bytes: &[u8], at: usize, big_endian: bool) -> Option<Tag> {
    Some(Tag(
        u16_at(bytes, at, big_endian)?,
        u16_at(bytes, at.checked_add(2)?, big_endian)?,
    ))
}

/// Reads the header at `at`. `None` when the bytes end inside it.
///
/// An explicit data set may hold headers without a VR (seen in the field): what is not two capital letters there is read as implicit.
pub(crate) fn header_at(bytes: &[u8], at: usize, encoding: Encoding) -> Option<Header> {
    let big = encoding.big_endian;
    let tag = tag_at(bytes, at, big)?;
    let letters = *bytes.get(at.checked_add(4)?..)?.first_chunk::<2>()?;
    let explicit = encoding.explicit
        && tag.group() != 0xFFFE
        && (letters.iter().all(u8::is_ascii_uppercase) || is_blank_vr(letters));
    if !explicit {
        return Some(Header {
            tag,
            vr: None,
            length: u32_at(bytes, at.checked_add(4)?, big)?,
            value: at.checked_add(8)?,
        });
    }
    let vr = VR::from_binary(letters);
    Some(if vr.is_some_and(has_long_length) {
        Header {
            tag,
            vr,
            length: u32_at(bytes, at.checked_add(8)?, big)?,
            value: at.checked_add(12)?,
        }
    } else {
        Header {
            tag,
            vr,
            length: u32::from(u16_at(bytes, at.checked_add(6)?, big)?),
            value: at.checked_add(8)?,
        }
    })
}

/// What some writers put where they knew no VR; the length is a short one then.
const fn is_blank_vr(letters: [u8; 2]) -> bool {
    matches!(&letters, b"  " | b"??" | b"--")
}

/// Whether an explicit header of this VR has a 32-bit length (PS3.5 7.1.2).
pub(crate) const fn has_long_length(vr: VR) -> bool {
    matches!(
        vr,
        VR::OB
            | VR::OD
            | VR::OF
            | VR::OL
            | VR::OV
            | VR::OW
            | VR::SQ
            | VR::SV
            | VR::UC
            | VR::UN
            | VR::UR
            | VR::UT
            | VR::UV
    )
}

/// The dictionary's VR; UN for what it does not know. `signed` decides US or SS (Pixel Representation, PS3.5 A.1 and P30).
pub(crate) fn dictionary_vr(tag: Tag, signed: bool) -> VR {
    if tag.element() == 0 {
        return VR::UL;
    }
    if tag.group() % 2 == 1 {
        // Private Creator elements, PS3.5 7.8.1.
        return if (0x10..=0xFF).contains(&tag.element()) {
            VR::LO
        } else {
            VR::UN
        };
    }
    match StandardDataDictionary.by_tag(tag).map(|e| e.vr()) {
        Some(VirtualVr::Exact(vr)) => vr,
        Some(VirtualVr::Xs) if signed => VR::SS,
        Some(VirtualVr::Xs) => VR::US,
        Some(VirtualVr::Lt | VirtualVr::Ox | VirtualVr::Px) => VR::OW,
        _ => VR::UN,
    }
}

/// Bytes of one value of a binary VR; 1 for text and byte streams.
pub(crate) const fn cell_bytes(vr: VR) -> usize {
    match vr {
        VR::US | VR::SS | VR::OW => 2,
        VR::UL | VR::SL | VR::FL | VR::AT | VR::OL | VR::OF => 4,
        VR::FD | VR::OD | VR::OV | VR::SV | VR::UV => 8,
        _ => 1,
    }
}
