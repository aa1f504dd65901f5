//! Odd but legal files are still read (PAR-14), what is odd is said (PAR-12), and the mends of dicom-rs hold (P-ids of the study).

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::made::{Image, Pixels, UNDEFINED, element, explicit_header, implicit_header, meta};
use crate::{DicomFile, ForeignKind, Preamble, display::ModalityLut};

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

#[test]
fn par_12_a_preamble_that_is_something_else_is_reported() {
    for (magic, preamble) in [
        (&b"\0\0"[..], Preamble::Empty),
        (b"MZ\x90", Preamble::Foreign(ForeignKind::WindowsProgram)),
        (b"\x7fELF", Preamble::Foreign(ForeignKind::Elf)),
        (b"\xcf\xfa\xed\xfe", Preamble::Foreign(ForeignKind::MachO)),
        (b"#!/bin/sh", Preamble::Foreign(ForeignKind::Script)),
        (b"%PDF-1.7", Preamble::Foreign(ForeignKind::Pdf)),
        (b"PK\x03\x04", Preamble::Foreign(ForeignKind::Zip)),
        (b"II*\0", Preamble::Tiff),
        (b"hello", Preamble::Other),
    ] {
        let mut bytes = Image::default().bytes();
        bytes[..magic.len()].copy_from_slice(magic);
        let file = DicomFile::parse(&bytes).unwrap();
        assert_eq!(file.meta().preamble, preamble);
        let reported = file.problems().iter().any(|p| p.place == "preamble");
        assert_eq!(reported, preamble != Preamble::Empty);
    }
}

/// A data set in explicit VR with one odd thing in the middle, read with `Modality` before and `Series Number` behind it.
#[track_caller]
fn check_odd(name: &str, odd: &[u8], note: &str) -> DicomFile {
    let mut bytes = meta("1.2.840.10008.1.2.1");
    bytes.extend(element(Tag(8, 0x60), VR::CS, b"CT"));
    bytes.extend(odd);
    bytes.extend(element(Tag(0x20, 0x11), VR::IS, b"7"));
    check_file(name, &bytes, note)
}

#[track_caller]
fn check_file(name: &str, bytes: &[u8], note: &str) -> DicomFile {
    let file = DicomFile::parse(bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
    let data = file.data();
    assert_eq!(data.text(tags::MODALITY).as_deref(), Some("CT"), "{name}");
    assert_eq!(data.int(tags::SERIES_NUMBER), Some(7), "{name}");
    if note.is_empty() {
        assert_eq!(file.problems(), [], "{name}");
    } else {
        let noted = file.problems().iter().any(|p| p.reason.contains(note));
        assert!(noted, "{name}: {:?} lacks {note:?}", file.problems());
    }
    file
}

#[test]
fn par_14_odd_but_legal_files_are_read_with_a_note() {
    let wrong_group_length = element(Tag(0x10, 0), VR::UL, &9999_u32.to_le_bytes());
    check_odd("wrong group length", &wrong_group_length, "");

    let mut odd_length = explicit_header(Tag(0x10, 0x20), VR::LO, 3);
    odd_length.extend(b"ABC");
    let file = check_odd("odd length", &odd_length, "");
    assert_eq!(file.data().text(tags::PATIENT_ID).as_deref(), Some("ABC"));

    let private = [
        element(Tag(0x11, 0x10), VR::LO, b"ACME"),
        explicit_header(Tag(0x11, 0x1001), VR::SQ, UNDEFINED),
        implicit_header(ITEM, UNDEFINED),
        element(Tag(0x11, 0x1002), VR::UN, &[1, 2, 3]),
        implicit_header(ITEM_END, 0),
        implicit_header(SEQUENCE_END, 0),
    ]
    .concat();
    check_odd("private sequence", &private, "");

    let mut mismatch = explicit_header(Tag(0x10, 0x40), VR::UT, 2);
    mismatch.extend(b"F ");
    let file = check_odd("another VR than the dictionary's", &mismatch, "");
    assert_eq!(file.data().text(tags::PATIENT_SEX).as_deref(), Some("F"));

    let mut blank = element(Tag(0x10, 0x40), VR::CS, b"M");
    blank[4..6].copy_from_slice(b"  ");
    let file = check_odd("blank VR", &blank, "no valid VR");
    assert_eq!(file.data().text(tags::PATIENT_SEX).as_deref(), Some("M"));

    let stray = [
        implicit_header(ITEM_END, 0),
        implicit_header(SEQUENCE_END, 0),
    ]
    .concat();
    check_odd("stray delimiters", &stray, "out of place");
    check_odd(
        "stray item",
        &implicit_header(ITEM, 0),
        "outside of a sequence",
    );

    let whole = {
        let mut bytes = meta("1.2.840.10008.1.2.1");
        bytes.extend(element(Tag(8, 0x60), VR::CS, b"CT"));
        bytes.extend(element(Tag(0x20, 0x11), VR::IS, b"7"));
        bytes
    };
    let data_set = &whole[whole.len() - 20..];
    check_file(
        "trailing zeros",
        &[&whole[..], &[0; 513]].concat(),
        "zeros after",
    );
    check_file("no preamble", &whole[128..], "");
    check_file("no preamble, no DICM", &whole[132..], "");
    check_file("no file meta information", data_set, "missing");
    let mut no_meta = vec![0; 128];
    no_meta.extend(b"DICM");
    no_meta.extend(data_set);
    check_file("DICM, but no file meta information", &no_meta, "missing");

    let mut implicit = meta("1.2.840.10008.1.2.4.50");
    for (tag, value) in [(Tag(8, 0x60), b"CT"), (Tag(0x20, 0x11), b"7 ")] {
        implicit.extend(implicit_header(tag, 2));
        implicit.extend(value);
    }
    check_file(
        "implicit VR under a JPEG syntax",
        &implicit,
        "in implicit VR",
    );

    let big: Vec<u8> = [
        &[0, 8, 0, 0x60][..],
        b"CS\0\x02CT",
        &[0, 0x20, 0, 0x11],
        b"IS\0\x027 ",
    ]
    .concat();
    check_file("big endian without file meta information", &big, "missing");
}

/// P27, P29: UN of undefined length holds implicit VR; UN of a known attribute has its value all the same.
#[test]
fn p27_p29_unknown_vr_is_read_by_the_dictionary() {
    let mut odd = explicit_header(Tag(0x40, 0xA730), VR::UN, UNDEFINED);
    odd.extend(implicit_header(ITEM, UNDEFINED));
    odd.extend(implicit_header(Tag(8, 0x100), 4));
    odd.extend(b"T-D1");
    odd.extend(implicit_header(ITEM_END, 0));
    odd.extend(implicit_header(SEQUENCE_END, 0));
    odd.extend(element(Tag(0x40, 0xA043), VR::UN, &{
        let mut inside = implicit_header(ITEM, 12);
        inside.extend(implicit_header(Tag(8, 0x100), 4));
        inside.extend(b"1234");
        inside
    }));
    let mut bytes = meta("1.2.840.10008.1.2.1");
    bytes.extend(element(Tag(8, 0x60), VR::UN, b"CT"));
    bytes.extend(element(Tag(0x20, 0x11), VR::UN, b"7"));
    bytes.extend(element(Tag(0x28, 0x10), VR::UN, &[0, 2]));
    bytes.extend(odd);
    let file = check_file("UN", &bytes, "a sequence sent as UN");
    let data = file.data();
    assert_eq!(data.int(tags::ROWS), Some(512));
    let code = |sequence| {
        let item = data.first_item(sequence)?;
        item.text(tags::CODE_VALUE)
    };
    assert_eq!(code(tags::CONTENT_SEQUENCE).as_deref(), Some("T-D1"));
    assert_eq!(
        code(tags::CONCEPT_NAME_CODE_SEQUENCE).as_deref(),
        Some("1234")
    );
}

/// P30: an attribute that is signed like the pixels is read by Pixel Representation, whatever VR was written.
#[test]
fn p30_padding_is_signed_like_the_pixels() {
    for (signed, expected) in [(1, -2000.0), (0, 63536.0)] {
        let image = Image {
            signed,
            stored: 16,
            high: 15,
            more: vec![(Tag(0x28, 0x120), VR::US, 63536_u16.to_le_bytes().to_vec())],
            ..Image::default()
        };
        let file = DicomFile::parse(&image.bytes()).unwrap();
        let padding = file.display_attributes(0).padding.unwrap();
        assert!(padding.contains(expected) && !padding.contains(expected + 1.0));
    }
}

/// P20, P21: the rescale of a frame is its own, else the shared one, never that of another frame; half a rescale is none.
#[test]
fn p20_p21_a_frame_without_its_own_rescale_takes_the_shared_one() {
    let group = |rescale: &[(Tag, &str)]| {
        let values: Vec<u8> = rescale
            .iter()
            .flat_map(|(tag, v)| element(*tag, VR::DS, v.as_bytes()))
            .collect();
        let mut item = implicit_header(ITEM, u32::try_from(values.len()).unwrap());
        item.extend(values);
        let mut group = Vec::new();
        if !rescale.is_empty() {
            group.extend(element(Tag(0x28, 0x9145), VR::SQ, &item));
        }
        let mut out = implicit_header(ITEM, u32::try_from(group.len()).unwrap());
        out.extend(group);
        out
    };
    let (slope, intercept) = (Tag(0x28, 0x1053), Tag(0x28, 0x1052));
    let per_frame = [
        group(&[]),
        group(&[(intercept, "5"), (slope, "3")]),
        group(&[(slope, "4")]),
    ]
    .concat();
    let image = Image {
        frames: Some("3".to_owned()),
        pixels: Pixels::Native(vec![0; 24]),
        more: vec![
            (Tag(0x28, 0x1052), VR::DS, b"100".to_vec()),
            (Tag(0x28, 0x1053), VR::DS, b"9".to_vec()),
            (
                Tag(0x5200, 0x9229),
                VR::SQ,
                group(&[(intercept, "1"), (slope, "2")]),
            ),
            (Tag(0x5200, 0x9230), VR::SQ, per_frame),
        ],
        ..Image::default()
    };
    let bytes = image.bytes();
    let file = DicomFile::parse(&bytes).unwrap();
    let lut = |k| file.display_attributes(k).modality_lut;
    let rescale = |slope, intercept| ModalityLut::Rescale { slope, intercept };
    assert_eq!(lut(0), rescale(2.0, 1.0));
    assert_eq!(lut(1), rescale(3.0, 5.0));
    assert_eq!(lut(2), ModalityLut::Identity);
    let marks = file.display_attributes(2).marks;
    assert!(marks.iter().any(|m| m == "rescale incomplete"), "{marks:?}");
    assert!(file.decode_frame_vec(&bytes, 2).is_ok());
}

/// P13: big-endian OW bytes travel in swapped pairs, 32-bit cells are swapped whole; OB is never swapped.
#[test]
fn p13_big_endian_cells_are_swapped_by_their_size() {
    let image = |vr: &[u8; 2], allocated: u16, rows: u16, pixels: &[u8]| {
        let us = |element: u8, v: u16| {
            let mut out = vec![0, 0x28, if element < 0x12 { 0 } else { 1 }, 0];
            out[3] = if element < 0x12 {
                element
            } else {
                element - 0x20
            };
            out.extend(b"US\0\x02");
            out.extend(v.to_be_bytes());
            out
        };
        let mut bytes = meta("1.2.840.10008.1.2.2");
        bytes.extend([0, 0x28, 0, 4]);
        bytes.extend(b"CS\0\x0CMONOCHROME2 ");
        bytes.extend([us(0x10, rows), us(0x11, 1)].concat());
        bytes.extend(
            [
                us(0x20, allocated),
                us(0x21, allocated),
                us(0x22, allocated - 1),
            ]
            .concat(),
        );
        bytes.extend([0x7F, 0xE0, 0, 0x10]);
        bytes.extend(vr);
        bytes.extend([0, 0]);
        bytes.extend(u32::try_from(pixels.len()).unwrap().to_be_bytes());
        bytes.extend(pixels);
        let file = DicomFile::parse(&bytes).unwrap();
        file.decode_frame_vec(&bytes, 0).unwrap()
    };
    assert_eq!(
        image(b"OW", 32, 1, &[1, 2, 3, 4]),
        0x0102_0304_u32.to_ne_bytes()
    );
    assert_eq!(image(b"OW", 16, 1, &[1, 2]), 0x0102_u16.to_ne_bytes());
    assert_eq!(image(b"OW", 8, 3, &[2, 1, 9, 3]), [1, 2, 3]);
    assert_eq!(image(b"OB", 8, 3, &[1, 2, 3, 0]), [1, 2, 3]);
}

/// P8: 1-bit frames follow each other without padding in native data, lowest bit first.
#[test]
fn p8_bitmaps_need_not_begin_on_a_byte() {
    let image = Image {
        allocated: 1,
        stored: 1,
        high: 0,
        rows: 1,
        columns: 3,
        frames: Some("3".to_owned()),
        // 110 | 101 | 011, lowest bit first: 110 101 01 | 1
        pixels: Pixels::Native(vec![0b1010_1011, 0b0000_0001]),
        ..Image::default()
    };
    let bytes = image.bytes();
    let file = DicomFile::parse(&bytes).unwrap();
    let frame = |k| file.decode_frame_vec(&bytes, k).unwrap();
    assert_eq!(frame(0), [1, 1, 0]);
    assert_eq!(frame(1), [1, 0, 1]);
    assert_eq!(frame(2), [0, 1, 1]);
}

/// P9, T18: chrominance of native YBR_FULL_422 is repeated; planes are interleaved.
#[test]
fn p9_native_colour_comes_out_interleaved() {
    let colour = |photometric, planar, pixels: &[u8]| {
        let image = Image {
            samples: 3,
            photometric,
            planar,
            allocated: 8,
            stored: 8,
            high: 7,
            rows: 1,
            columns: 2,
            pixels: Pixels::Native(pixels.to_vec()),
            ..Image::default()
        };
        let bytes = image.bytes();
        let file = DicomFile::parse(&bytes).unwrap();
        file.decode_frame_vec(&bytes, 0).unwrap()
    };
    assert_eq!(
        colour("YBR_FULL_422", 0, &[10, 20, 128, 128]),
        [10, 10, 10, 20, 20, 20]
    );
    assert_eq!(colour("RGB", 1, &[1, 2, 3, 4, 5, 6]), [1, 3, 5, 2, 4, 6]);
    assert_eq!(colour("RGB", 0, &[1, 2, 3, 4, 5, 6]), [1, 2, 3, 4, 5, 6]);
}

/// P14, P15: fragments find their frames by markers when the table is wrong or missing.
#[test]
fn p14_fragments_are_given_to_frames_in_the_order_of_trust() {
    use crate::FoundBy;
    let stream = |body: u8, end: bool| {
        let mut s = vec![0xFF, 0xD8, 0xFF, body];
        s.extend(if end { [0xFF, 0xD9] } else { [body, body] });
        s
    };
    let found = |fragments: Vec<Vec<u8>>, frames: &str| {
        let image = Image {
            syntax: "1.2.840.10008.1.2.4.70",
            frames: Some(frames.to_owned()),
            pixels: Pixels::Fragments(fragments),
            ..Image::default()
        };
        let file = DicomFile::parse(&image.bytes()).unwrap();
        file.refusal().map_or_else(
            || {
                Ok((
                    file.frames_found_by(),
                    file.incomplete().map(|i| i.frames_present),
                ))
            },
            |e| Err(e.to_string()),
        )
    };
    let tail = || vec![1, 2, 0xFF, 0xD9];
    assert_eq!(
        found(vec![stream(1, true), vec![], stream(2, true)], "2"),
        Ok((FoundBy::Count, None))
    );
    assert_eq!(
        found(
            vec![stream(1, false), tail(), stream(2, false), tail()],
            "2"
        ),
        Ok((FoundBy::Markers, None))
    );
    assert_eq!(
        found(vec![stream(1, false), tail(), stream(2, true)], "5"),
        Ok((FoundBy::Markers, Some(2)))
    );
    assert_eq!(
        found(vec![stream(1, false), tail()], "1"),
        Ok((FoundBy::OnlyFrame, None))
    );
    assert!(found(vec![vec![1, 2], vec![3, 4], vec![5, 6]], "2").is_err());
}

#[test]
fn p31_a_bad_pixel_module_leaves_the_header_readable() {
    let image = Image {
        stored: 20,
        ..Image::default()
    };
    let file = DicomFile::parse(&image.bytes()).unwrap();
    assert!(file.refusal().unwrap().to_string().contains("Bits Stored"));
    let record = file.record().unwrap();
    assert_eq!(record.sop_instance.as_str(), "1.2.3.4");
    assert!(record.unreadable.unwrap().contains("Bits Stored"));
    assert_eq!((record.frames, record.rows, record.columns), (1, 2, 2));
}

/// A deflated data set is held to its budget: 1,000 to 1 opens, what grows beyond is refused by name (PAR-03).
#[test]
fn par_03_a_deflated_data_set_stays_in_its_budget() {
    use std::io::Write as _;
    let deflate = |zeros: usize| {
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder
            .write_all(&element(Tag(8, 0x60), VR::CS, b"CT"))
            .unwrap();
        encoder
            .write_all(&element(Tag(0x20, 0x11), VR::IS, b"7"))
            .unwrap();
        let length = u32::try_from(zeros).unwrap();
        encoder
            .write_all(&explicit_header(Tag(0x42, 0x11), VR::OB, length))
            .unwrap();
        let block = vec![0; 1 << 20];
        for _ in 0..zeros >> 20 {
            encoder.write_all(&block).unwrap();
        }
        let mut bytes = meta("1.2.840.10008.1.2.1.99");
        bytes.extend(encoder.finish().unwrap());
        bytes
    };
    check_file("8 MiB of zeros", &deflate(8 << 20), "");
    let error = DicomFile::parse(&deflate(400 << 20))
        .unwrap_err()
        .to_string();
    assert!(error.contains("grows beyond"), "{error}");
}
