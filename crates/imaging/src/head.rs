//! What a list of files needs of each, read from the first part of the file alone: a folder of thousands is looked through without
//! touching a pixel.
//!
//! [`Head::read`] walks the top level of the data set in place, up to the last attribute that is wanted. Whatever is odd on that way
//! (deflated, big endian, tags out of order, a value that is not in this part) is no error: it answers that it needs more, at last the whole
//! file, which then goes the careful way of [`DicomFile`]. Both ways answer alike.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};

use crate::{
    charset::CharacterSets,
    file::DicomFile,
    meta,
    scan::{
        Encoding,
        element::{UNDEFINED, header_at, tag_at, u16_at, u32_at},
        looks_explicit,
    },
    syntax::{self, TransferSyntax},
};

/// What is read, ascending.
pub const WANTED: [Tag; COUNT] = [
    tags::SOP_CLASS_UID,
    tags::SOP_INSTANCE_UID,
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::ACCESSION_NUMBER,
    tags::MODALITY,
    tags::STUDY_DESCRIPTION,
    tags::SERIES_DESCRIPTION,
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_SEX,
    tags::STUDY_INSTANCE_UID,
    tags::SERIES_INSTANCE_UID,
    tags::SERIES_NUMBER,
    tags::INSTANCE_NUMBER,
    tags::IMAGE_POSITION_PATIENT,
    tags::IMAGE_ORIENTATION_PATIENT,
    tags::FRAME_OF_REFERENCE_UID,
    tags::NUMBER_OF_FRAMES,
    tags::ROWS,
    tags::COLUMNS,
    tags::PIXEL_SPACING,
];

const COUNT: usize = 23;

/// Longest value that a list keeps, bytes: longer ones are cut at a character.
const LONGEST: usize = 1024;

/// The values of [`WANTED`] as text: decoded, without padding, values of several separated by a backslash, numbers in decimal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// All values, one behind the other: thousands of heads are thousands of texts, not a hundred thousand.
    text: String,
    /// End of each.
    ends: [u16; COUNT],
}

/// What came of looking at the first part of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeadRead {
    /// All of it.
    Done(Head),
    /// The answer is not in this part, or something on the way to it is odd.
    NeedsMore,
}

impl Head {
    /// The value of one of [`WANTED`]; empty when the file has none.
    #[must_use]
    pub fn get(&self, tag: Tag) -> &str {
        let Some(place) = WANTED.iter().position(|wanted| *wanted == tag) else {
            return "";
        };
        let end = |place: usize| self.ends.get(place).map_or(0, |end| usize::from(*end));
        let start = place.checked_sub(1).map_or(0, end);
        self.text.get(start..end(place)).unwrap_or_default()
    }

    /// Reads `part`, the first bytes of a file, or all of it when `whole`.
    #[must_use]
    pub fn read(part: &[u8], whole: bool) -> HeadRead {
        walk(part, whole).map_or(HeadRead::NeedsMore, HeadRead::Done)
    }

    /// Reads a whole file the careful way; whatever it is, and as far as it can be read.
    ///
    /// # Errors
    /// Not even the start of a data set.
    pub fn of_file(bytes: &[u8]) -> Result<Self, crate::DicomError> {
        let (file, _) = DicomFile::parse_partial(bytes)?;
        let data = file.data();
        let mut head = Self::default();
        for (place, tag) in WANTED.into_iter().enumerate() {
            let value = match tag {
                tags::ROWS | tags::COLUMNS => data.int(tag).map(|n| n.to_string()),
                _ => data.text(tag),
            };
            head.push(place, &value.unwrap_or_default());
        }
        Ok(head)
    }

    /// Adds the value at `place`, which is the next one.
    fn push(&mut self, place: usize, value: &str) {
        let cut = value.floor_char_boundary(LONGEST);
        self.text.push_str(value.get(..cut).unwrap_or_default());
        let end = u16::try_from(self.text.len()).unwrap_or(u16::MAX);
        for later in self.ends.iter_mut().skip(place) {
            *later = end;
        }
    }
}

/// The quick way; `None` when this part of the file is not enough, or not plain enough.
fn walk(bytes: &[u8], whole: bool) -> Option<Head> {
    let (meta, mut at) = meta::locate(bytes).ok()?;
    let declared = meta.transfer_syntax.as_deref();
    let deflated = declared
        .and_then(TransferSyntax::of)
        .is_some_and(|s| s.deflated);
    if deflated || declared == Some(syntax::EXPLICIT_BIG_ENDIAN) {
        return None;
    }
    let encoding = Encoding {
        explicit: looks_explicit(bytes, at, false),
        big_endian: false,
    };
    let mut head = Head::default();
    let mut next = 0;
    let mut before = Tag(0, 0);
    let mut character_sets = CharacterSets::parse("");
    loop {
        if at == bytes.len() && whole {
            return Some(head);
        }
        let header = header_at(bytes, at, encoding)?;
        let tag = header.tag;
        // Odd order, delimiters out of place, several values for one attribute, zeros behind the data set.
        if tag <= before || tag.group() == 0 || tag.group() == 0xFFFE {
            return None;
        }
        before = tag;
        if WANTED.last().is_some_and(|last| tag > *last) {
            return Some(head);
        }
        if header.length == UNDEFINED {
            let items = header.vr.is_none_or(|vr| vr == VR::SQ);
            at = items.then(|| behind_items(bytes, header.value, encoding))??;
            continue;
        }
        let length = usize::try_from(header.length).ok()?;
        let end = header.value.checked_add(length)?;
        at = end;
        if tag.element() == 0 {
            continue;
        }
        let is_wanted = WANTED.get(next..)?.iter().position(|wanted| *wanted == tag);
        if tag == tags::SPECIFIC_CHARACTER_SET {
            let term = meta::ascii(bytes.get(header.value..end)?);
            character_sets = CharacterSets::parse(&term);
        }
        let Some(skipped) = is_wanted else {
            continue;
        };
        let place = next.checked_add(skipped)?;
        next = place.checked_add(1)?;
        let value = bytes.get(header.value..end)?;
        if matches!(tag, tags::ROWS | tags::COLUMNS) {
            let is_number = header.vr.is_none_or(|vr| vr == VR::US) && length == 2;
            let number = is_number.then(|| u16_at(value, 0, false))??;
            head.push(place, &number.to_string());
            continue;
        }
        // A text that says it is something else is none of ours to guess.
        if header.vr.is_none() && encoding.explicit || matches!(header.vr, Some(VR::UN | VR::SQ)) {
            return None;
        }
        match str::from_utf8(value) {
            Ok(text) if character_sets.keeps(text) => {
                head.push(place, text.trim_matches(['\0', ' ']));
            }
            _ => {
                let text = character_sets.decode(value);
                head.push(place, text.trim_matches(['\0', ' ']));
            }
        }
    }
}

/// First byte behind a sequence of undefined length whose first item begins at `at`.
fn behind_items(bytes: &[u8], mut at: usize, encoding: Encoding) -> Option<usize> {
    const ITEM: Tag = Tag(0xFFFE, 0xE000);
    const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
    const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
    // Sequences that are open: each turn takes at least eight bytes, so this ends.
    let mut open = 1usize;
    loop {
        match tag_at(bytes, at, false)? {
            tag @ (ITEM | ITEM_END | SEQUENCE_END) => {
                let length = u32_at(bytes, at.checked_add(4)?, false)?;
                at = at.checked_add(8)?;
                if tag == ITEM && length != UNDEFINED {
                    at = at.checked_add(usize::try_from(length).ok()?)?;
                }
                if tag == SEQUENCE_END {
                    open = open.checked_sub(1)?;
                    if open == 0 {
                        return Some(at);
                    }
                }
            }
            _ => {
                let header = header_at(bytes, at, encoding)?;
                if header.length == UNDEFINED {
                    // Inside UN the items are in another encoding.
                    if header.vr == Some(VR::UN) {
                        return None;
                    }
                    open = open
                        .checked_add(1)
                        .filter(|n| *n <= crate::limits::NESTING)?;
                    at = header.value;
                } else {
                    let length = usize::try_from(header.length).ok()?;
                    at = header.value.checked_add(length)?;
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_one_behind_the_other() {
        let mut head = Head::default();
        head.push(0, "1.2");
        head.push(5, "CT");
        head.push(22, "0.5\\0.5");
        assert_eq!(head.get(tags::SOP_CLASS_UID), "1.2");
        assert_eq!(head.get(tags::SOP_INSTANCE_UID), "");
        assert_eq!(head.get(tags::MODALITY), "CT");
        assert_eq!(head.get(tags::PIXEL_SPACING), "0.5\\0.5");
        assert_eq!(head.get(tags::PIXEL_DATA), "");
        assert!(WANTED.is_sorted());
    }

    /// PAR-16: ends come from a worker.
    #[test]
    fn par_16_ends_that_lie_give_no_value() {
        let head = Head {
            text: "ä".into(),
            ends: [u16::MAX; COUNT],
        };
        assert!(WANTED.iter().all(|tag| head.get(*tag).is_empty()));
        let head = Head {
            text: "ä".into(),
            ends: [1; COUNT],
        };
        assert!(WANTED.iter().all(|tag| head.get(*tag).is_empty()));
    }
}
