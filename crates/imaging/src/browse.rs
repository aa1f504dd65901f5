//! Every element of a file as a person reads it: sequences with what is in their items, private elements with who made them.
//!
//! A flat list in the order of the file, each entry with its depth: nothing that reads it has to recurse.

use std::collections::BTreeMap;

use dicom_core::{
    Tag, VR,
    dictionary::{DataDictionary as _, DataDictionaryEntry as _, UidDictionary as _},
};
use dicom_dictionary_std::{StandardDataDictionary, StandardSopClassDictionary, tags};
use serde::{Deserialize, Serialize};

use crate::{dataset::DataSet, file::DicomFile, limits, syntax::TransferSyntax};

/// Entries of one list; what is beyond them is counted.
pub const ENTRIES: usize = 50_000;
/// Characters of one value.
pub const VALUE: usize = 512;
/// Bytes of a binary value that are shown.
const BYTES: usize = 32;

/// The elements of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderList {
    /// In the order of the file, what is in a sequence after it.
    pub entries: Vec<HeaderEntry>,
    /// Entries that were beyond [`ENTRIES`].
    pub left_out: usize,
}

/// One element, or the head of one item of a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderEntry {
    /// Sequences around it.
    pub depth: u8,
    /// For the head of an item: its number from 1; else 0.
    pub item: u32,
    /// Group and element.
    pub tag: [u16; 2],
    /// `DS`; empty for the head of an item.
    pub vr: String,
    /// Keyword in the dictionary; of a private element its creator; empty when neither is known.
    pub name: String,
    /// Its value in words, at most [`VALUE`] characters: several values separated by backslashes, of binary ones the first bytes, of a
    /// sequence the number of its items.
    pub value: String,
    /// The value is longer than what is shown.
    pub cut: bool,
    /// Bytes of the value in the file as it was read; 0 for a sequence.
    pub bytes: u64,
}

impl HeaderEntry {
    /// `(0028,0010)`
    #[must_use]
    pub fn tag_words(&self) -> String {
        let [group, element] = self.tag;
        format!("({group:04X},{element:04X})")
    }

    /// Of a group with an odd number.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        self.tag[0] % 2 == 1
    }
}

impl HeaderList {
    /// All elements of a file up to Pixel Data: of the file meta information what was read of it, of Pixel Data its size. What a file has behind
    /// it (padding, signatures) is not read.
    #[must_use]
    pub fn of(file: &DicomFile) -> Self {
        let mut list = Self::default();
        list.meta(file);
        // What the parser's copy does not hold, in the order of tags.
        let term = file.character_set();
        let (value, cut) = shortened(term);
        let character_set = (!term.is_empty()).then(|| HeaderEntry {
            depth: 0,
            item: 0,
            tag: [0x0008, 0x0005],
            vr: "CS".to_owned(),
            name: keyword(tags::SPECIFIC_CHARACTER_SET).to_owned(),
            value,
            cut,
            bytes: term.len() as u64,
        });
        let pixels = file.pixel_element().map(|pixel| HeaderEntry {
            depth: 0,
            item: 0,
            tag: [0x7FE0, 0x0010],
            vr: if pixel.is_encapsulated() { "OB" } else { "OW" }.to_owned(),
            name: keyword(tags::PIXEL_DATA).to_owned(),
            value: if pixel.is_encapsulated() {
                "compressed".to_owned()
            } else {
                String::new()
            },
            cut: true,
            bytes: pixel.value.len() as u64,
        });
        let extra = character_set.into_iter().chain(pixels).collect();
        list.data_set(&file.data(), 0, extra);
        list
    }

    /// Whether it is no longer than a list may be.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        let short = |text: &str, most: usize| text.chars().nth(most).is_none();
        self.entries.len() <= ENTRIES
            && self.entries.iter().all(|e| {
                usize::from(e.depth) <= limits::NESTING + 1
                    && short(&e.vr, 2)
                    && short(&e.name, VALUE)
                    && short(&e.value, VALUE)
            })
    }

    fn add(&mut self, entry: HeaderEntry) {
        if self.entries.len() < ENTRIES {
            self.entries.push(entry);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    fn meta(&mut self, file: &DicomFile) {
        let meta = file.meta();
        let uids = [
            (tags::MEDIA_STORAGE_SOP_CLASS_UID, meta.sop_class.as_ref()),
            (
                tags::MEDIA_STORAGE_SOP_INSTANCE_UID,
                meta.sop_instance.as_ref(),
            ),
            (tags::TRANSFER_SYNTAX_UID, meta.transfer_syntax.as_ref()),
        ];
        for (tag, uid) in uids {
            if let Some(uid) = uid {
                self.add(HeaderEntry {
                    depth: 0,
                    item: 0,
                    tag: [tag.group(), tag.element()],
                    vr: "UI".to_owned(),
                    name: keyword(tag).to_owned(),
                    value: named_uid(uid),
                    cut: false,
                    bytes: uid.len() as u64,
                });
            }
        }
    }

    /// Recurses as deep as sequences nest, which the pre-scan has bounded. `extra` goes between the elements.
    fn data_set(&mut self, data: &DataSet<'_>, depth: u8, extra: Vec<HeaderEntry>) {
        let mut creators: BTreeMap<(u16, u16), String> = BTreeMap::new();
        let mut extra = extra.into_iter().peekable();
        for tag in data.tags() {
            while let Some(entry) = extra.next_if(|e| e.tag < [tag.group(), tag.element()]) {
                self.add(entry);
            }
            let Some(vr) = data.vr(tag) else { continue };
            let (group, element) = (tag.group(), tag.element());
            let private = group % 2 == 1;
            let reserves = private && (0x10..=0xFF).contains(&element);
            if reserves && let Some(creator) = data.first_text(tag) {
                creators.insert((group, element), creator);
            }
            let name = match (private, reserves) {
                (true, true) => "PrivateCreator",
                (true, false) => creators
                    .get(&(group, element >> 8))
                    .map_or("", String::as_str),
                (false, _) => keyword(tag),
            };
            let (name, _) = shortened(name);
            let entry = |value: String, cut: bool, bytes: usize| HeaderEntry {
                depth,
                item: 0,
                tag: [group, element],
                vr: vr.to_string().to_owned(),
                name,
                value,
                cut,
                bytes: bytes as u64,
            };
            if vr == VR::SQ {
                let count = data.items(tag).count();
                self.add(entry(items(count), false, 0));
                for (k, item) in data.items(tag).enumerate() {
                    self.add(HeaderEntry {
                        depth: depth.saturating_add(1),
                        item: u32::try_from(k + 1).unwrap_or(u32::MAX),
                        tag: [0xFFFE, 0xE000],
                        vr: String::new(),
                        name: String::new(),
                        value: String::new(),
                        cut: false,
                        bytes: 0,
                    });
                    if usize::from(depth) < limits::NESTING {
                        self.data_set(&item, depth.saturating_add(1), Vec::new());
                    }
                }
                continue;
            }
            let (value, cut) = words(data, tag, vr);
            self.add(entry(value, cut, data.value_bytes(tag)));
        }
        for entry in extra {
            self.add(entry);
        }
    }
}

fn items(count: usize) -> String {
    match count {
        1 => "1 item".to_owned(),
        n => format!("{n} items"),
    }
}

fn keyword(tag: Tag) -> &'static str {
    StandardDataDictionary.by_tag(tag).map_or("", |e| e.alias())
}

/// A UID with what it stands for, where that is known.
fn named_uid(uid: &str) -> String {
    let class = StandardSopClassDictionary.by_uid(uid).map(|e| e.name);
    let name = class.or_else(|| TransferSyntax::of(uid).map(|s| s.name));
    let (uid, _) = shortened(uid);
    match name {
        Some(name) => shortened(&format!("{uid} {name}")).0,
        None => uid,
    }
}

/// Value in words, and whether it is longer.
fn words(data: &DataSet<'_>, tag: Tag, vr: VR) -> (String, bool) {
    match vr {
        VR::OB | VR::OW | VR::OF | VR::OD | VR::OL | VR::OV | VR::UN => {
            let bytes = data.little_endian(tag).unwrap_or_default();
            let text = bytes.strip_suffix(&[0]).unwrap_or(&bytes);
            let plain = |b: &u8| matches!(b, b' '..=b'~' | b'\t' | b'\r' | b'\n');
            if vr == VR::UN && !text.is_empty() && text.iter().all(plain) {
                return shortened(&String::from_utf8_lossy(text));
            }
            let shown: Vec<String> = bytes
                .iter()
                .take(BYTES)
                .map(|b| format!("{b:02X}"))
                .collect();
            (shown.join(" "), bytes.len() > BYTES)
        }
        VR::AT => {
            let all = data.tag_values(tag);
            let all: Vec<String> = all.iter().map(ToString::to_string).collect();
            shortened(&all.join("\\"))
        }
        VR::UI => {
            let all = data.texts(tag);
            match all.as_slice() {
                [one] => (named_uid(one), one.chars().nth(VALUE).is_some()),
                _ => shortened(&all.join("\\")),
            }
        }
        _ => shortened(&data.text(tag).unwrap_or_default()),
    }
}

/// The first [`VALUE`] characters, and whether there are more.
fn shortened(text: &str) -> (String, bool) {
    match text.char_indices().nth(VALUE) {
        Some((end, _)) => (text.get(..end).unwrap_or_default().to_owned(), true),
        None => (text.to_owned(), false),
    }
}
