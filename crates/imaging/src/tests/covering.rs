//! Overlay planes and shutters of real files, counted by another program (T19).

use std::fs;

use dicom_core::{Tag, VR};

use super::{
    made::{Image, Pixels},
    shelf_folder,
};
use crate::{DicomFile, display::DisplayAttributes};

fn attributes(bytes: &[u8], k: usize) -> DisplayAttributes {
    DicomFile::parse(bytes)
        .unwrap()
        .display_attributes_with_pixels(bytes, k)
}

/// Pixels of the image that each plane marks: how many, sum of their rows, sum of their columns.
fn counts(a: &DisplayAttributes, columns: i32, rows: i32) -> Vec<(u16, i32, i32, i32)> {
    let of = |plane: &crate::display::Overlay| {
        let mut sums = (plane.group, 0, 0, 0);
        for row in 0..rows {
            for column in (0..columns).filter(|c| plane.marks(*c, row)) {
                sums = (sums.0, sums.1 + 1, sums.2 + row, sums.3 + column);
            }
        }
        sums
    };
    a.overlays.iter().map(of).collect()
}

#[test]
fn t19_overlays_of_real_files() {
    let Some(folder) = shelf_folder("t19_overlays_of_real_files", "data") else {
        return;
    };
    let read = |name: &str, k| attributes(&fs::read(folder.join(name)).unwrap(), k);
    let mammogram = read("dicom_series/mammogram/OutOfBoundsOverlay.dcm", 0);
    assert_eq!(
        counts(&mammogram, 1318, 788),
        [(0x6000, 185, 138_725, 84_730), (0x6002, 149, 4_625, 4_551)]
    );
    assert_eq!(mammogram.overlays[1].origin, [-25, -25]);
    assert_eq!(mammogram.overlays[0].name(), "First reference mark");
    // Its shutter lets the whole image through.
    let shutter = mammogram.shutter.unwrap();
    assert!((0..788).all(|row| shutter.visible(row + 1, 1318) == [[1, 1318]]));
    // Two planes in the pixels, two beside them.
    assert_eq!(
        counts(&read("dicom_syntax/native/ovly_p01.dcm", 0), 512, 512),
        [
            (0x6000, 532, 74_982, 134_126),
            (0x6002, 537, 98_801, 134_811),
            (0x6004, 603, 136_268, 152_609),
            (0x6006, 606, 162_403, 152_427)
        ]
    );
    let siemens = read("dicom_syntax/native/examples_overlay.dcm", 0);
    assert_eq!(counts(&siemens, 484, 300), [(0x6000, 222, 38_007, 47_145)]);
    for (k, wanted) in [(120, 180, 2_940), (45, 315, 945), (105, 735, 2_520)]
        .into_iter()
        .enumerate()
    {
        let name = "dicom_syntax/synthetic/overlay_multiframe_negative_origin.dcm";
        let (n, rows, columns) = wanted;
        assert_eq!(counts(&read(name, k), 47, 61), [(0x6000, n, rows, columns)]);
    }
}

#[test]
fn t19_shutters_of_made_files() {
    let Some(folder) = shelf_folder("t19_shutters_of_made_files", "data/dicom_syntax/synthetic")
    else {
        return;
    };
    for (name, visible, value) in [
        ("shutter_rectangular.dcm", 31 * 46, 0),
        ("shutter_circular.dcm", 1_257, 0xFFFF),
        ("shutter_polygonal.dcm", 1_405, 0),
    ] {
        let shutter = attributes(&fs::read(folder.join(name)).unwrap(), 0).shutter;
        let shutter = shutter.unwrap();
        let image = (0..61).flat_map(|row| (0..47).map(move |column| (column, row)));
        let seen = image.filter(|(column, row)| !shutter.covers(*column, *row));
        assert_eq!(seen.count(), visible, "{name}");
        assert_eq!(shutter.value, value, "{name}");
    }
}

fn us(element: u16, v: u16) -> (Tag, VR, Vec<u8>) {
    (Tag(0x6000, element), VR::US, v.to_le_bytes().to_vec())
}

fn embedded(position: u16) -> Vec<(Tag, VR, Vec<u8>)> {
    vec![
        us(0x10, 2),
        us(0x11, 2),
        (Tag(0x6000, 0x40), VR::CS, b"G".to_vec()),
        (Tag(0x6000, 0x50), VR::SS, vec![1, 0, 1, 0]),
        us(0x100, 16),
        us(0x102, position),
    ]
}

#[test]
fn t19_embedded_planes_leave_the_picture_and_are_named_where_they_are_lost() {
    let cells: Vec<u8> = [0x8001_u16, 0x0002, 0x1003, 0x8FFF]
        .into_iter()
        .flat_map(u16::to_le_bytes)
        .collect();
    let image = Image {
        more: embedded(15),
        pixels: Pixels::Native(cells.clone()),
        ..Image::default()
    };
    let bytes = image.bytes();
    let planes = attributes(&bytes, 0).overlays;
    assert_eq!(planes.len(), 1);
    assert_eq!(planes[0].bits, [0b1001]);
    let file = DicomFile::parse(&bytes).unwrap();
    let values = file.decode_frame_vec(&bytes, 0).unwrap();
    let values: Vec<u16> = values
        .as_chunks::<2>()
        .0
        .iter()
        .map(|c| u16::from_ne_bytes(*c))
        .collect();
    assert_eq!(values, [1, 2, 3, 0xFFF]);
    // A bit of the value itself is no plane.
    let wrong = Image {
        more: embedded(11),
        pixels: Pixels::Native(cells),
        ..Image::default()
    };
    let a = attributes(&wrong.bytes(), 0);
    assert!(a.overlays.is_empty());
    assert!(a.marks.iter().any(|m| m.contains("bit 11 is no free bit")));
    // A codec keeps the value only.
    let lost = Image {
        syntax: "1.2.840.10008.1.2.5",
        more: embedded(15),
        pixels: Pixels::Fragments(vec![vec![0; 64]]),
        ..Image::default()
    };
    let marks = attributes(&lost.bytes(), 0).marks;
    let lost = marks.iter().any(|m| m.contains("lost when the pixels"));
    assert!(lost, "{marks:?}");
}

#[test]
fn t19_planes_and_shutters_that_make_no_sense_are_named() {
    for (more, reason) in [
        (vec![us(0x10, 2)], "columns are missing"),
        (vec![us(0x10, 2), us(0x11, 2)], "its data are missing"),
        (
            vec![
                us(0x10, 64),
                us(0x11, 64),
                (Tag(0x6000, 0x3000), VR::OW, vec![1, 0]),
            ],
            "2 bytes, too few",
        ),
        (
            vec![(Tag(0x18, 0x1600), VR::CS, b"TRIANGULAR".to_vec())],
            "\"TRIANGULAR\" is unknown",
        ),
        (
            vec![
                (Tag(0x18, 0x1600), VR::CS, b"POLYGONAL".to_vec()),
                (Tag(0x18, 0x1620), VR::IS, b"1\\1\\2\\2\\3".to_vec()),
            ],
            "no polygon",
        ),
        (
            vec![(Tag(0x18, 0x1600), VR::CS, b"BITMAP".to_vec())],
            "overlay plane is missing",
        ),
    ] {
        let image = Image {
            more,
            ..Image::default()
        };
        let a = attributes(&image.bytes(), 0);
        assert!(a.overlays.is_empty() && a.shutter.is_none(), "{reason}");
        assert!(a.marks.iter().any(|m| m.contains(reason)), "{:?}", a.marks);
    }
}

/// A plane that serves the shutter is no drawing.
#[test]
fn t19_a_bitmap_shutter_takes_its_plane() {
    let image = Image {
        more: vec![
            us(0x10, 2),
            us(0x11, 2),
            (Tag(0x6000, 0x50), VR::SS, vec![1, 0, 1, 0]),
            (Tag(0x6000, 0x3000), VR::OW, vec![0b0110, 0]),
            (Tag(0x18, 0x1600), VR::CS, b"BITMAP".to_vec()),
            (Tag(0x18, 0x1622), VR::US, vec![0xFF, 0xFF]),
            (Tag(0x18, 0x1623), VR::US, vec![0x00, 0x60]),
        ],
        ..Image::default()
    };
    let a = attributes(&image.bytes(), 0);
    assert!(a.overlays.is_empty());
    let shutter = a.shutter.unwrap();
    assert!(shutter.covers(1, 0) && shutter.covers(0, 1));
    assert!(!shutter.covers(0, 0) && !shutter.covers(1, 1));
    assert_eq!(shutter.colour(), [255; 3]);
}
