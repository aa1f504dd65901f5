//! Reading values: one data set or item, typed getters that never fail loudly, text decoded with the character set in force.
//!
//! dicom-object holds the elements; what it gets wrong is put right here: text of several character sets (P28), attributes signed by Pixel
//! Representation (P30), numbers with spaces, empty values.

use std::borrow::Cow;

use dicom_core::{
    Tag, VR,
    value::{PrimitiveValue, Value},
};
use dicom_object::{InMemDicomObject, mem::InMemElement};

use crate::{charset::CharacterSets, scan::header::CHARACTER_SET_AS_SENT};

/// A view of one data set or of one item of a sequence.
#[derive(Clone, Debug)]
pub struct DataSet<'a> {
    object: &'a InMemDicomObject,
    character_sets: Cow<'a, CharacterSets>,
}

impl<'a> DataSet<'a> {
    /// The whole data set.
    pub(crate) fn root(object: &'a InMemDicomObject, sets: &'a CharacterSets) -> Self {
        Self {
            object,
            character_sets: Cow::Borrowed(sets),
        }
    }

    /// Tags of its elements, rising; of a sequence only the sequence itself.
    pub fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        let tags = self.object.iter().map(|e| e.header().tag);
        tags.filter(|t| *t != CHARACTER_SET_AS_SENT)
    }

    /// The value as it is written in little endian, text in UTF-8; `None` for a sequence or an empty value.
    pub(crate) fn little_endian(&self, tag: Tag) -> Option<Vec<u8>> {
        let value = self.primitive(tag)?;
        Some(match value {
            PrimitiveValue::U8(v) => v.to_vec(),
            PrimitiveValue::U16(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            PrimitiveValue::I16(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            PrimitiveValue::U32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            PrimitiveValue::I32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            PrimitiveValue::U64(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            PrimitiveValue::I64(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            PrimitiveValue::F32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            PrimitiveValue::F64(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
            PrimitiveValue::Tags(v) => v
                .iter()
                .flat_map(|t| [t.group().to_le_bytes(), t.element().to_le_bytes()])
                .flatten()
                .collect(),
            _ => self.text(tag)?.into_bytes(),
        })
    }

    /// Whether the element is there, with or without a value.
    #[must_use]
    pub fn has(&self, tag: Tag) -> bool {
        self.object.get(tag).is_some()
    }

    /// Whether the element is there with a value.
    #[must_use]
    pub fn has_value(&self, tag: Tag) -> bool {
        self.element(tag).is_some()
    }

    fn element(&self, tag: Tag) -> Option<&'a InMemElement> {
        let element = self.object.get(tag)?;
        match element.value() {
            Value::Primitive(PrimitiveValue::Empty) => None,
            _ => Some(element),
        }
    }

    fn primitive(&self, tag: Tag) -> Option<&'a PrimitiveValue> {
        match self.element(tag)?.value() {
            Value::Primitive(value) => Some(value),
            _ => None,
        }
    }

    /// The whole value as text, decoded, without padding; values of several separated by a backslash. `None` when absent or empty.
    #[must_use]
    pub fn text(&self, tag: Tag) -> Option<String> {
        let trimmed = |text: &str| {
            let text = text.trim_matches(['\0', ' ']);
            (!text.is_empty()).then(|| text.to_owned())
        };
        let value = self.primitive(tag)?;
        // Nearly all text is ASCII: nothing to decode.
        match value {
            PrimitiveValue::Str(text) if self.character_sets.keeps(text) => trimmed(text),
            _ => trimmed(&self.character_sets.decode(&text_bytes(value)?)),
        }
    }

    /// The values of a text element, each without padding.
    #[must_use]
    pub fn texts(&self, tag: Tag) -> Vec<String> {
        self.text(tag)
            .map(|t| t.split('\\').map(|v| v.trim().to_owned()).collect())
            .unwrap_or_default()
    }

    /// First value of a text element.
    #[must_use]
    pub fn first_text(&self, tag: Tag) -> Option<String> {
        self.texts(tag).into_iter().next().filter(|t| !t.is_empty())
    }

    /// All values as numbers: binary ones, and DS or IS written as text. What is no number is NaN, so that places are kept.
    #[must_use]
    pub fn numbers(&self, tag: Tag) -> Vec<f64> {
        let Some(value) = self.primitive(tag) else {
            return Vec::new();
        };
        match value {
            PrimitiveValue::U16(v) => v.iter().map(|x| f64::from(*x)).collect(),
            PrimitiveValue::I16(v) => v.iter().map(|x| f64::from(*x)).collect(),
            PrimitiveValue::U32(v) => v.iter().map(|x| f64::from(*x)).collect(),
            PrimitiveValue::I32(v) => v.iter().map(|x| f64::from(*x)).collect(),
            PrimitiveValue::F32(v) => v.iter().map(|x| f64::from(*x)).collect(),
            PrimitiveValue::F64(v) => v.to_vec(),
            #[expect(
                clippy::cast_precision_loss,
                reason = "a number for display or geometry"
            )]
            PrimitiveValue::U64(v) => v.iter().map(|x| *x as f64).collect(),
            #[expect(
                clippy::cast_precision_loss,
                reason = "a number for display or geometry"
            )]
            PrimitiveValue::I64(v) => v.iter().map(|x| *x as f64).collect(),
            PrimitiveValue::Strs(parts)
                if !parts.is_empty() && parts.iter().all(|part| part.is_ascii()) =>
            {
                let last = parts.len() - 1;
                let number = |(k, part): (usize, &String)| {
                    let padding = |c: char| matches!(c, '\0' | ' ');
                    let part = match k {
                        _ if k == last => part.trim_end_matches(padding),
                        _ => part,
                    };
                    let part = match k {
                        0 => part.trim_start_matches(padding),
                        _ => part,
                    };
                    part.trim().parse().unwrap_or(f64::NAN)
                };
                parts.iter().enumerate().map(number).collect()
            }
            _ => text_bytes(value)
                .map(|b| {
                    crate::meta::ascii(&b)
                        .split('\\')
                        .map(|v| v.trim().parse().unwrap_or(f64::NAN))
                        .collect()
                })
                .unwrap_or_default(),
        }
    }

    /// First value as a finite number.
    #[must_use]
    pub fn number(&self, tag: Tag) -> Option<f64> {
        self.numbers(tag).first().copied().filter(|v| v.is_finite())
    }

    /// Exactly `N` finite numbers, or none.
    #[must_use]
    pub fn number_array<const N: usize>(&self, tag: Tag) -> Option<[f64; N]> {
        let values: [f64; N] = self.numbers(tag).try_into().ok()?;
        values.iter().all(|v| v.is_finite()).then_some(values)
    }

    /// First value as a whole number; a DS like `1.0` counts.
    #[must_use]
    pub fn int(&self, tag: Tag) -> Option<i64> {
        let value = self.number(tag)?;
        // 2^53: beyond it a float no longer is a whole number.
        #[expect(clippy::cast_possible_truncation, reason = "checked")]
        (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64)
    }

    /// First value of an attribute that is signed like the pixels (US or SS by Pixel Representation), whatever VR was written (P30).
    #[must_use]
    pub fn signed_like_pixels(&self, tag: Tag, signed: bool) -> Option<i64> {
        let value = self.int(tag)?;
        let word = match value {
            -0x8000..=-1 if !signed => value + 0x1_0000,
            0x8000..=0xFFFF if signed => value - 0x1_0000,
            _ => value,
        };
        Some(word)
    }

    /// Words of lookup tables: US, OW, or bytes taken in pairs, little endian.
    #[must_use]
    pub fn words(&self, tag: Tag) -> Vec<u16> {
        let Some(value) = self.primitive(tag) else {
            return Vec::new();
        };
        match value {
            PrimitiveValue::U16(v) => v.to_vec(),
            PrimitiveValue::I16(v) => v.iter().map(|x| x.cast_unsigned()).collect(),
            PrimitiveValue::U8(v) => v
                .chunks(2)
                .map(|c| match c {
                    [low, high] => u16::from_le_bytes([*low, *high]),
                    [low] => u16::from(*low),
                    _ => 0,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// 64-bit offsets and lengths (OV, or bytes), little endian.
    pub(crate) fn longs(&self, tag: Tag) -> Vec<u64> {
        match self.primitive(tag) {
            Some(PrimitiveValue::U64(v)) => v.to_vec(),
            Some(PrimitiveValue::U8(v)) => v
                .as_chunks::<8>()
                .0
                .iter()
                .map(|c| u64::from_le_bytes(*c))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Values that name elements (AT).
    #[must_use]
    pub fn tag_values(&self, tag: Tag) -> Vec<Tag> {
        match self.primitive(tag) {
            Some(PrimitiveValue::Tags(v)) => v.to_vec(),
            _ => Vec::new(),
        }
    }

    /// Length of the value in bytes, 0 when absent.
    #[must_use]
    pub fn value_bytes(&self, tag: Tag) -> usize {
        self.primitive(tag)
            .map_or(0, PrimitiveValue::calculate_byte_len)
    }

    /// VR that was read.
    #[must_use]
    pub fn vr(&self, tag: Tag) -> Option<VR> {
        self.object.get(tag).map(|e| e.vr())
    }

    /// Items of a sequence; none when it is absent or no sequence. An item's own character set holds inside it.
    pub fn items(&self, tag: Tag) -> impl Iterator<Item = DataSet<'a>> + '_ {
        let items = self
            .object
            .get(tag)
            .and_then(|e| e.value().items())
            .unwrap_or_default();
        items.iter().map(|object| {
            let own = object
                .get(CHARACTER_SET_AS_SENT)
                .and_then(|e| e.value().primitive().map(text_bytes))
                .flatten();
            DataSet {
                object,
                character_sets: own.map_or_else(
                    || self.character_sets.clone(),
                    |b| Cow::Owned(CharacterSets::parse(&crate::meta::ascii(&b))),
                ),
            }
        })
    }

    /// First item of a sequence.
    #[must_use]
    pub fn first_item(&self, tag: Tag) -> Option<DataSet<'a>> {
        self.items(tag).next()
    }

    /// Item `index` of a sequence, counted from 0.
    #[must_use]
    pub fn item(&self, tag: Tag, index: usize) -> Option<DataSet<'a>> {
        self.items(tag).nth(index)
    }
}

/// Character sets of the whole data set, and what they were called.
pub(crate) fn character_sets(object: &InMemDicomObject) -> (CharacterSets, String) {
    let term = object
        .get(CHARACTER_SET_AS_SENT)
        .and_then(|e| e.value().primitive().and_then(text_bytes))
        .map(|b| crate::meta::ascii(&b))
        .unwrap_or_default();
    (CharacterSets::parse(&term), term)
}

/// Bytes of a text value as they were in the file. dicom-object split at 0x5C, which may be half of a two-byte code: joined again.
fn text_bytes(value: &PrimitiveValue) -> Option<Vec<u8>> {
    let latin1 = |text: &str| -> Vec<u8> {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
            .collect()
    };
    match value {
        PrimitiveValue::Str(text) => Some(latin1(text)),
        PrimitiveValue::Strs(parts) => Some(
            parts
                .iter()
                .map(|p| latin1(p))
                .collect::<Vec<_>>()
                .join(&b'\\'),
        ),
        PrimitiveValue::U8(bytes) => Some(bytes.to_vec()),
        PrimitiveValue::Empty | PrimitiveValue::Tags(_) => None,
        other => Some(latin1(&other.to_raw_str())),
    }
}
