//! The list of all elements: private ones with their creator, what is in sequences, bounded values.

use dicom_core::{Tag, VR};

use super::{
    made::{Image, Pixels, element, implicit_header},
    shelf_folder,
};
use crate::{
    DicomFile,
    browse::{ENTRIES, HeaderEntry, HeaderList, VALUE},
};

fn list(bytes: &[u8]) -> HeaderList {
    HeaderList::of(&DicomFile::parse(bytes).unwrap())
}

fn find(list: &HeaderList, group: u16, element: u16) -> Vec<HeaderEntry> {
    let all = list.entries.iter();
    all.filter(|e| e.tag == [group, element]).cloned().collect()
}

fn item(elements: &[Vec<u8>]) -> Vec<u8> {
    let body = elements.concat();
    let length = u32::try_from(body.len()).unwrap();
    [implicit_header(Tag(0xFFFE, 0xE000), length), body].concat()
}

#[test]
fn t57_every_element_is_listed_with_who_made_it() {
    let first = item(&[
        element(Tag(0x0008, 0x0100), VR::SH, b"121071"),
        element(Tag(0x0009, 0x0011), VR::LO, b"OTHER MAKER"),
        element(Tag(0x0009, 0x1101), VR::DS, b"1.5\\2.5"),
    ]);
    let second = item(&[element(Tag(0x0008, 0x0100), VR::SH, b"52988006")]);
    let image = Image {
        more: vec![
            (Tag(0x0008, 0x0005), VR::CS, b"ISO_IR 100".to_vec()),
            (Tag(0x0010, 0x0010), VR::PN, b"M\xFCller^\xC4nne".to_vec()),
            (Tag(0x0009, 0x0010), VR::LO, b"MAKER HEADER 1".to_vec()),
            (Tag(0x0009, 0x1002), VR::UN, b"plain text".to_vec()),
            (Tag(0x0009, 0x1003), VR::OB, (0..100).collect()),
            (Tag(0x0009, 0x1203), VR::LO, b"of nobody".to_vec()),
            (Tag(0x0010, 0x4000), VR::LT, vec![b'x'; 4000]),
            (Tag(0x0011, 0x0010), VR::LO, b"LAST".to_vec()),
            (Tag(0x0011, 0x1001), VR::SQ, [first, second].concat()),
        ],
        ..Image::default()
    };
    let list = list(&image.bytes());
    assert!(list.is_bounded() && list.left_out == 0);
    let one = |g, e| {
        let found = find(&list, g, e);
        assert_eq!(found.len(), 1, "({g:04X},{e:04X})");
        found.into_iter().next().unwrap()
    };
    let said = |g, e| {
        let e = one(g, e);
        (e.vr, e.name, e.value)
    };
    let owned = |vr: &str, name: &str, value: &str| (vr.into(), name.into(), value.into());
    assert_eq!(
        said(0x0002, 0x0010),
        owned(
            "UI",
            "TransferSyntaxUID",
            "1.2.840.10008.1.2.1 Explicit VR Little Endian"
        )
    );
    assert_eq!(
        said(0x0008, 0x0005),
        owned("CS", "SpecificCharacterSet", "ISO_IR 100")
    );
    assert_eq!(
        said(0x0010, 0x0010),
        owned("PN", "PatientName", "Müller^Änne")
    );
    assert_eq!(
        said(0x0009, 0x0010),
        owned("LO", "PrivateCreator", "MAKER HEADER 1")
    );
    assert_eq!(
        said(0x0009, 0x1002),
        owned("UN", "MAKER HEADER 1", "plain text")
    );
    let binary = one(0x0009, 0x1003);
    assert!(binary.value.starts_with("00 01 02 03") && binary.cut && binary.bytes == 100);
    assert_eq!(one(0x0009, 0x1203).name, "", "nobody reserved its block");
    let long = one(0x0010, 0x4000);
    assert_eq!(
        (long.value.len(), long.cut, long.bytes),
        (VALUE, true, 4000)
    );
    assert_eq!(said(0x0028, 0x0010), owned("US", "Rows", "2"));
    let pixels = one(0x7FE0, 0x0010);
    assert_eq!((pixels.name.as_str(), pixels.bytes), ("PixelData", 8));
    // A sequence: itself, then each item with what is in it; a creator holds in its own item alone.
    assert_eq!(said(0x0011, 0x1001), owned("SQ", "LAST", "2 items"));
    let codes = find(&list, 0x0008, 0x0100);
    let codes: Vec<_> = codes.iter().map(|c| (c.depth, c.value.as_str())).collect();
    assert_eq!(codes, [(1, "121071"), (1, "52988006")]);
    assert_eq!(said(0x0009, 0x1101), owned("DS", "OTHER MAKER", "1.5\\2.5"));
    let heads: Vec<u32> = find(&list, 0xFFFE, 0xE000).iter().map(|h| h.item).collect();
    assert_eq!(heads, [1, 2]);
    // In the order of the file.
    let top: Vec<[u16; 2]> = list
        .entries
        .iter()
        .filter(|e| e.depth == 0)
        .map(|e| e.tag)
        .collect();
    assert!(top.is_sorted(), "{top:04X?}");
}

#[test]
fn t67_a_list_is_bounded_whatever_the_file_holds() {
    let items: Vec<Vec<u8>> = (0..30_000_u32)
        .map(|k| {
            item(&[element(
                Tag(0x0008, 0x0100),
                VR::SH,
                k.to_string().as_bytes(),
            )])
        })
        .collect();
    let image = Image {
        pixels: Pixels::Native(vec![0; 8]),
        more: vec![(Tag(0x0011, 0x1001), VR::SQ, items.concat())],
        ..Image::default()
    };
    let list = list(&image.bytes());
    assert_eq!(list.entries.len(), ENTRIES);
    assert!(list.left_out > 10_000 && list.is_bounded());
    let mut lie = list;
    lie.entries[5].value = "a".repeat(VALUE + 1);
    assert!(!lie.is_bounded());
}

/// File below the shelf's data; elements at the top, private ones anywhere, items anywhere, as pydicom 3.0.2 counts them, file meta
/// information apart.
const COUNTS: [(&str, usize, usize, usize); 6] = [
    (
        "dicom_series/mr_enhanced_fieldmap/IM_0027.dcm",
        429,
        2759,
        871,
    ),
    ("dicom_series/mr_enhanced_4d/6_4.dcm", 119, 250, 111),
    ("dicom_series/mr_localizer_pair/axial/14.dcm", 328, 227, 5),
    ("dicom_series/chest_ct/031.dcm", 79, 3, 0),
    ("dicom_objects/sr/sr_document.dcm", 37, 0, 57),
    ("dicom_objects/seg/seg_image_ct_binary.dcm", 53, 0, 44),
];

#[test]
fn t57_real_files_are_listed_as_other_software_lists_them() {
    let test = "t57_real_files_are_listed_as_other_software_lists_them";
    let Some(folder) = shelf_folder(test, "data") else {
        return;
    };
    for (name, top, private, items) in COUNTS {
        let list = list(&std::fs::read(folder.join(name)).unwrap());
        let count = |of: &dyn Fn(&&HeaderEntry) -> bool| {
            let data = list.entries.iter().filter(|e| e.tag[0] != 2);
            data.filter(of).count()
        };
        assert_eq!(count(&|e| e.depth == 0), top, "{name}");
        assert_eq!(count(&|e| e.is_private()), private, "{name}");
        assert_eq!(count(&|e| e.item > 0), items, "{name}");
        assert!(list.is_bounded());
    }
}
