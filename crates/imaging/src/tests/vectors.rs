//! The vectors of the imaging specification for stored values and colour: T1, T18.

use dicom_core::{Tag, VR};
use serde_json::Value;

use super::made::{Image, Pixels, element, explicit_header, meta};
use crate::{
    DicomFile, StoredBits,
    codec::colour::{ybr_full_to_rgb, ybr_partial_to_rgb},
};

const VECTORS: &str = include_str!("../../tests/imaging-vectors.json");

pub(super) fn each(requirement: &str, check: impl Fn(&str, &Value, &Value)) {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let mut ran = 0;
    for v in all["vectors"].as_array().unwrap() {
        let id = v["id"].as_str().unwrap();
        if id.split('.').next() == Some(requirement) {
            check(id, &v["inputs"], &v["expected"]);
            ran += 1;
        }
    }
    assert!(ran > 0, "no vector of {requirement}");
}

fn int(v: &Value) -> i64 {
    v.as_i64().unwrap_or_else(|| panic!("{v} is no integer"))
}

fn bytes_of(v: &Value) -> Vec<u8> {
    v.as_array()
        .unwrap()
        .iter()
        .map(|b| u8::try_from(int(b)).unwrap())
        .collect()
}

fn hex(v: &Value) -> Vec<u8> {
    let text = v.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
        .collect()
}

fn decode(bytes: &[u8], k: usize) -> Vec<u8> {
    DicomFile::parse(bytes)
        .unwrap()
        .decode_frame_vec(bytes, k)
        .unwrap()
}

#[test]
fn t1_stored_values_by_the_vectors() {
    each("T1", |id, i, e| {
        if i.get("word_hex").is_some() {
            word(id, i, e);
        } else if i.get("decoded_sample").is_some() {
            code_stream_sample(id, i, e);
        } else if i.get("byte_order").is_some() {
            big_endian(id, i, e);
        } else {
            bitmap(id, i, e);
        }
    });
}

/// One cell of native data.
fn word(id: &str, i: &Value, e: &Value) {
    let text = i["word_hex"].as_str().unwrap().trim_start_matches("0x");
    let word = u16::from_str_radix(text, 16).unwrap();
    let signed = int(&i["pixel_representation"]) == 1;
    let allocated = int(&i["bits_allocated"]);
    let bits = StoredBits::new(
        allocated,
        int(&i["bits_stored"]),
        int(&i["high_bit"]),
        signed,
    )
    .unwrap();
    let mut cell = word.to_ne_bytes();
    bits.to_stored_values(&mut cell[..usize::try_from(allocated / 8).unwrap()]);
    let got = match (allocated, signed) {
        (8, _) => i64::from(cell[0].cast_signed()),
        (_, true) => i64::from(i16::from_ne_bytes(cell)),
        (_, false) => i64::from(u16::from_ne_bytes(cell)),
    };
    assert_eq!(got, int(&e["stored_value"]), "{id}");
}

/// A sample as a codec gives it: saturated when lossy, then read as the header says.
fn code_stream_sample(id: &str, i: &Value, e: &Value) {
    let stored = int(&i["bits_stored"]);
    let signed = int(&i["pixel_representation"]) == 1;
    let bits = StoredBits::new(16, stored, stored - 1, signed).unwrap();
    let mut sample = i32::try_from(int(&i["decoded_sample"])).unwrap();
    if i["lossy"].as_bool().unwrap() {
        let (low, high) = bits.stream_range(i["stream_signed"].as_bool().unwrap());
        sample = sample.clamp(low, high);
    }
    let mut cell = (sample as u16).to_ne_bytes();
    bits.to_stored_values(&mut cell);
    let got = if signed {
        i64::from(i16::from_ne_bytes(cell))
    } else {
        i64::from(u16::from_ne_bytes(cell))
    };
    assert_eq!(got, int(&e["stored_value"]), "{id}");
}

/// 1-bit frames, native or a fragment each.
fn bitmap(id: &str, i: &Value, e: &Value) {
    let pixels = match i.get("frame_bytes_hex") {
        Some(frames) => Pixels::Fragments(frames.as_array().unwrap().iter().map(hex).collect()),
        None => Pixels::Native(hex(&i["bytes_hex"])),
    };
    let frames = i.get("frames").map_or(1, int).max(match &pixels {
        Pixels::Fragments(f) => i64::try_from(f.len()).unwrap(),
        Pixels::Native(_) => 1,
    });
    let image = Image {
        syntax: match pixels {
            Pixels::Fragments(_) => "1.2.840.10008.1.2.1.98",
            Pixels::Native(_) => "1.2.840.10008.1.2.1",
        },
        allocated: 1,
        stored: 1,
        high: 0,
        rows: u16::try_from(int(&i["rows"])).unwrap(),
        columns: u16::try_from(int(&i["columns"])).unwrap(),
        frames: Some(frames.to_string()),
        pixels,
        ..Image::default()
    };
    let k = usize::try_from(i.get("frame_index").map_or(0, int)).unwrap();
    assert_eq!(decode(&image.bytes(), k), bytes_of(&e["pixels"]), "{id}");
}

/// A row of pixels in Explicit VR Big Endian.
fn big_endian(id: &str, i: &Value, e: &Value) {
    let data = hex(&i["bytes_hex"]);
    let allocated = u16::try_from(int(&i["bits_allocated"])).unwrap();
    let columns = u16::try_from(data.len()).unwrap() * 8 / allocated;
    let mut bytes = meta("1.2.840.10008.1.2.2");
    // Made in little endian, then each header and number turned.
    let us = |element, v: u16| {
        let mut out = super::made::element(Tag(0x28, element), VR::US, &v.to_le_bytes());
        turn(&mut out, &[2, 2]);
        out[8..].reverse();
        out
    };
    let mut photometric = element(Tag(0x28, 4), VR::CS, b"MONOCHROME2");
    turn(&mut photometric, &[2, 2]);
    bytes.extend(photometric);
    bytes.extend([us(0x10, 1), us(0x11, columns), us(0x100, allocated)].concat());
    bytes.extend([us(0x101, allocated), us(0x102, allocated - 1)].concat());
    let vr = if i["vr"] == "OW" { VR::OW } else { VR::OB };
    let length = u32::try_from(data.len()).unwrap();
    let mut header = explicit_header(Tag(0x7FE0, 0x10), vr, length);
    turn(&mut header, &[2, 2]);
    header[8..].copy_from_slice(&length.to_be_bytes());
    bytes.extend(header);
    bytes.extend(data);
    let cells = decode(&bytes, 0);
    let pixels: Vec<i64> = if allocated == 32 {
        let cells = cells.as_chunks::<4>().0;
        cells
            .iter()
            .map(|c| i64::from(u32::from_ne_bytes(*c)))
            .collect()
    } else {
        cells.into_iter().map(i64::from).collect()
    };
    let expected: Vec<i64> = e["pixels"].as_array().unwrap().iter().map(int).collect();
    assert_eq!(pixels, expected, "{id}");
}

/// Turns the byte order of tag and short length of an explicit header.
fn turn(header: &mut [u8], sizes: &[usize]) {
    let mut at = 0;
    for size in sizes {
        header[at..at + size].reverse();
        at += size;
    }
    header[6..8].reverse();
}

#[test]
fn t18_colours_by_the_vectors() {
    each("T18", |id, i, e| {
        type ToRgb = fn(&mut [u8]);
        let ranges: [(_, ToRgb); 2] = [
            ("ybr_full", ybr_full_to_rgb),
            ("ybr_partial", ybr_partial_to_rgb),
        ];
        let one = ranges
            .iter()
            .find_map(|(name, to_rgb)| Some((i.get(*name)?, to_rgb)));
        if let Some((ybr, to_rgb)) = one {
            let mut pixel = bytes_of(ybr);
            to_rgb(&mut pixel);
            for (got, expected) in pixel.iter().zip(bytes_of(&e["rgb"])) {
                assert!(got.abs_diff(expected) <= 1, "{id}: {pixel:?}");
            }
            return;
        }
        let halved = i.get("photometric").is_some();
        let image = Image {
            samples: 3,
            photometric: if halved { "YBR_FULL_422" } else { "RGB" },
            planar: u16::from(i.get("planar_configuration").is_some_and(|p| int(p) == 1)),
            allocated: 8,
            stored: 8,
            high: 7,
            rows: 1,
            columns: 2,
            pixels: Pixels::Native(bytes_of(&i["bytes"])),
            ..Image::default()
        };
        let pixels = e.get("pixels").or_else(|| e.get("ybr")).unwrap();
        let mut expected: Vec<u8> = pixels
            .as_array()
            .unwrap()
            .iter()
            .flat_map(bytes_of)
            .collect();
        if halved {
            ybr_full_to_rgb(&mut expected);
        }
        assert_eq!(decode(&image.bytes(), 0), expected, "{id}");
    });
}
