//! Data elements that are to be written: a data set as we make one, and its bytes.

use std::collections::BTreeMap;

use dicom_core::{Tag, VR};
use serde::{Deserialize, Serialize};

use crate::{dataset::DataSet, limits, scan::element::has_long_length};

/// A data set or item to be written. Text is held in UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elements(BTreeMap<(u16, u16), Element>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Element {
    vr: [u8; 2],
    value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Value {
    Bytes(Vec<u8>),
    Items(Vec<Elements>),
}

/// A data set that its length fields cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{tag} has {bytes} bytes, more than its length field can say")]
pub(crate) struct TooLong {
    tag: Tag,
    bytes: usize,
}

impl Elements {
    fn put(&mut self, tag: Tag, vr: VR, value: Value) -> &mut Self {
        let vr = vr.to_bytes();
        self.0
            .insert((tag.group(), tag.element()), Element { vr, value });
        self
    }

    /// Text; empty leaves the element without a value.
    pub(crate) fn text(&mut self, tag: Tag, vr: VR, text: &str) -> &mut Self {
        self.put(tag, vr, Value::Bytes(text.as_bytes().to_vec()))
    }

    /// Text, where there is one.
    pub(crate) fn text_if(&mut self, tag: Tag, vr: VR, text: &str) -> &mut Self {
        if text.is_empty() {
            return self;
        }
        self.text(tag, vr, text)
    }

    pub(crate) fn uid(&mut self, tag: Tag, uid: &str) -> &mut Self {
        self.text(tag, VR::UI, uid)
    }

    pub(crate) fn code(&mut self, tag: Tag, word: &str) -> &mut Self {
        self.text(tag, VR::CS, word)
    }

    pub(crate) fn words(&mut self, tag: Tag, words: &[u16]) -> &mut Self {
        let bytes = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        self.put(tag, VR::US, Value::Bytes(bytes))
    }

    /// Lookup table data, whose length may be beyond what US can hold.
    pub(crate) fn other_words(&mut self, tag: Tag, words: &[u16]) -> &mut Self {
        let bytes = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        self.put(tag, VR::OW, Value::Bytes(bytes))
    }

    pub(crate) fn bytes(&mut self, tag: Tag, vr: VR, bytes: &[u8]) -> &mut Self {
        self.put(tag, vr, Value::Bytes(bytes.to_vec()))
    }

    pub(crate) fn longs(&mut self, tag: Tag, values: &[u32]) -> &mut Self {
        let bytes = values.iter().flat_map(|w| w.to_le_bytes()).collect();
        self.put(tag, VR::UL, Value::Bytes(bytes))
    }

    pub(crate) fn signed_longs(&mut self, tag: Tag, values: &[i32]) -> &mut Self {
        let bytes = values.iter().flat_map(|w| w.to_le_bytes()).collect();
        self.put(tag, VR::SL, Value::Bytes(bytes))
    }

    pub(crate) fn signed_words(&mut self, tag: Tag, values: &[i16]) -> &mut Self {
        let bytes = values.iter().flat_map(|w| w.to_le_bytes()).collect();
        self.put(tag, VR::SS, Value::Bytes(bytes))
    }

    pub(crate) fn floats(&mut self, tag: Tag, values: &[f32]) -> &mut Self {
        let bytes = values.iter().flat_map(|w| w.to_le_bytes()).collect();
        self.put(tag, VR::FL, Value::Bytes(bytes))
    }

    pub(crate) fn doubles(&mut self, tag: Tag, values: &[f64]) -> &mut Self {
        let bytes = values.iter().flat_map(|w| w.to_le_bytes()).collect();
        self.put(tag, VR::FD, Value::Bytes(bytes))
    }

    pub(crate) fn decimals(&mut self, tag: Tag, values: &[f64]) -> &mut Self {
        let texts: Vec<String> = values.iter().map(|v| decimal(*v)).collect();
        self.text(tag, VR::DS, &texts.join("\\"))
    }

    pub(crate) fn integers(&mut self, tag: Tag, values: &[i64]) -> &mut Self {
        let texts: Vec<String> = values.iter().map(i64::to_string).collect();
        self.text(tag, VR::IS, &texts.join("\\"))
    }

    pub(crate) fn items(&mut self, tag: Tag, items: Vec<Elements>) -> &mut Self {
        self.put(tag, VR::SQ, Value::Items(items))
    }

    pub(crate) fn item(&mut self, tag: Tag, item: Elements) -> &mut Self {
        self.items(tag, vec![item])
    }

    /// The element without a value, unless it is there: what the standard calls type 2.
    pub(crate) fn at_least_empty(&mut self, tag: Tag, vr: VR) -> &mut Self {
        if self.0.contains_key(&(tag.group(), tag.element())) {
            return self;
        }
        if vr == VR::SQ {
            return self.items(tag, Vec::new());
        }
        self.text(tag, vr, "")
    }

    /// All of `others`, which win where both have an element.
    pub(crate) fn extend(&mut self, others: &Elements) -> &mut Self {
        let others = others.0.iter().map(|(tag, e)| (*tag, e.clone()));
        self.0.extend(others);
        self
    }

    /// The element of a read data set, its text decoded, its sequences with all that is in them. Nothing when it is not there.
    pub(crate) fn copy(&mut self, from: &DataSet<'_>, tag: Tag) -> &mut Self {
        self.copy_at(from, tag, limits::NESTING)
    }

    fn copy_at(&mut self, from: &DataSet<'_>, tag: Tag, deeper: usize) -> &mut Self {
        let Some(vr) = from.vr(tag) else {
            return self;
        };
        if vr == VR::SQ {
            let Some(deeper) = deeper.checked_sub(1) else {
                return self;
            };
            let items = from.items(tag).map(|item| {
                let mut copy = Self::default();
                let tags: Vec<Tag> = item.tags().collect();
                for tag in tags {
                    copy.copy_at(&item, tag, deeper);
                }
                copy
            });
            let items = items.collect();
            return self.items(tag, items);
        }
        let value = from.little_endian(tag).unwrap_or_default();
        self.bytes(tag, vr, &value)
    }

    /// First value of a text element, as held here.
    pub(crate) fn first_text(&self, tag: Tag) -> Option<&str> {
        match &self.0.get(&(tag.group(), tag.element()))?.value {
            Value::Bytes(bytes) => {
                let text = std::str::from_utf8(bytes).ok()?;
                let first = text.split('\\').next()?.trim_matches([' ', '\0']);
                (!first.is_empty()).then_some(first)
            }
            Value::Items(_) => None,
        }
    }

    /// Its bytes in explicit VR little endian, sequences and items with stated lengths.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, TooLong> {
        let mut out = Vec::new();
        for ((group, element), e) in &self.0 {
            let tag = Tag(*group, *element);
            let value = match &e.value {
                Value::Bytes(bytes) => bytes.clone(),
                Value::Items(items) => {
                    let mut all = Vec::new();
                    for item in items {
                        let bytes = item.encode()?;
                        all.extend([0xFE, 0xFF, 0x00, 0xE0]);
                        all.extend(length(tag, bytes.len())?.to_le_bytes());
                        all.extend(bytes);
                    }
                    all
                }
            };
            let vr = VR::from_binary(e.vr).unwrap_or(VR::UN);
            let padded = value.len().next_multiple_of(2);
            out.extend(group.to_le_bytes());
            out.extend(element.to_le_bytes());
            out.extend(e.vr);
            if has_long_length(vr) {
                out.extend([0, 0]);
                out.extend(length(tag, padded)?.to_le_bytes());
            } else {
                let short = u16::try_from(padded).map_err(|_| TooLong { tag, bytes: padded })?;
                out.extend(short.to_le_bytes());
            }
            out.extend(&value);
            if padded != value.len() {
                out.push(match vr {
                    VR::UI | VR::OB | VR::UN => 0,
                    _ => b' ',
                });
            }
        }
        Ok(out)
    }
}

fn length(tag: Tag, bytes: usize) -> Result<u32, TooLong> {
    u32::try_from(bytes)
        .ok()
        .filter(|n| *n != u32::MAX)
        .ok_or(TooLong { tag, bytes })
}

/// The shortest text that DS can hold and that reads as the same number; where 16 characters do not suffice, the nearest that they can say.
pub(crate) fn decimal(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let fits = |text: &String| text.len() <= 16;
    let plain = Some(format!("{value}")).filter(fits);
    let short = plain.or_else(|| Some(format!("{value:e}")).filter(fits));
    // Fewer and fewer digits: the first that fit are the most that do.
    let rounded = || {
        let plain = (0..=15).rev().map(|d| format!("{value:.d$}")).find(fits);
        let powers = || (0..=15).rev().map(|d| format!("{value:.d$e}")).find(fits);
        let far = value.abs() < 1e-4;
        plain.filter(|_| !far).or_else(powers)
    };
    short.or_else(rounded).unwrap_or_else(|| "0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_fit_their_field_and_keep_what_it_can_hold() {
        for (value, text) in [
            (12.34, "12.34"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.30000000000000"),
            (-119.073_852_539_06, "-119.07385253906"),
            (1e-7, "1e-7"),
            (1e22, "1e22"),
            (123_456_789_012_345_680.0, "1.23456789012e17"),
        ] {
            let got = decimal(value);
            assert!(got.len() <= 16, "{got}");
            let (got, text): (f64, f64) = (got.parse().unwrap(), text.parse().unwrap());
            assert!((got - text).abs() <= text.abs() * 1e-9, "{got} {text}");
        }
    }

    #[test]
    fn an_element_longer_than_its_field_is_an_error() {
        let mut elements = Elements::default();
        elements.text(Tag(0x10, 0x10), VR::PN, &"a".repeat(70_000));
        assert!(elements.encode().unwrap_err().to_string().contains("70000"));
    }
}
