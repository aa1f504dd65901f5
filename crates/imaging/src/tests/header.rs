//! What a tile says and does beside the picture, read from whole files: cine, corners, profile.

use std::fs;

use dicom_core::{Tag, VR};

use super::{
    made::{Image, Pixels},
    shelf_folder,
};
use crate::{
    DicomFile,
    display::{DisplayAttributes, Playback, RateSource},
};

fn attributes(path: &std::path::Path) -> (DisplayAttributes, u32) {
    let bytes = fs::read(path).unwrap();
    let file = DicomFile::parse(&bytes).unwrap();
    (file.display_attributes(0), file.frames())
}

/// The numbers are those of the headers, by hand.
#[test]
fn t60_cine_of_real_loops() {
    let test = "t60_cine_of_real_loops";
    let Some(folder) = shelf_folder(test, "data/dicom_series") else {
        return;
    };
    let run = |name: &str, modality: &str| {
        let (attributes, frames) = attributes(&folder.join(name));
        assert_eq!(attributes.modality, modality);
        attributes.cine.unwrap().cine(frames, modality).unwrap()
    };
    let xa = run("xa_cine/HasFragmentSequence.dcm", "XA");
    assert!((xa.fps() - 1000.0 / 33.0).abs() < 1e-9);
    assert_eq!((xa.frames(), xa.source()), (0..96, RateSource::File));
    let us = run("us_cine/examples_ybr_color.dcm", "US");
    assert!((us.fps() - 30.0).abs() < 0.001);
    // 33.333, then 50, 33.333, 50, 50, 50, 33.333, 43.333 ms after each other: the first increment waits before frame 0.
    let regions = run("us_cine_regions/IM00001.dcm", "US");
    assert_eq!(regions.frames(), 0..8);
    let at = |ms: f64| regions.frame_at(0, ms);
    assert_eq!(
        [0.0, 49.9, 50.1, 83.2, 83.4, 133.4].map(at),
        [0, 0, 1, 1, 2, 3]
    );
    // Only the first frame carries the times.
    let bytes = fs::read(folder.join("us_cine_regions/IM00001.dcm")).unwrap();
    assert_eq!(
        DicomFile::parse(&bytes).unwrap().display_attributes(1).cine,
        None
    );
}

#[test]
fn t60_cine_attributes_of_a_made_file() {
    let mut image = Image {
        frames: Some("3".into()),
        pixels: Pixels::Native(vec![0; 24]),
        more: vec![
            (
                Tag(0x28, 9),
                VR::AT,
                [0x18_u16, 0x1065]
                    .iter()
                    .flat_map(|w| w.to_le_bytes())
                    .collect(),
            ),
            (Tag(0x18, 0x1065), VR::DS, b"0\\40\\60".to_vec()),
            (Tag(0x18, 0x40), VR::IS, b"25".to_vec()),
            (Tag(0x18, 0x1244), VR::US, 1_u16.to_le_bytes().to_vec()),
        ],
        ..Image::default()
    };
    let of = |image: &Image| {
        let bytes = image.bytes();
        let file = DicomFile::parse(&bytes).unwrap();
        file.display_attributes(0).cine.unwrap()
    };
    let cine = of(&image);
    assert!(cine.pointer_is_vector);
    assert_eq!(cine.show_at_ms(), [0.0, 40.0, 100.0]);
    assert_eq!(
        (cine.cine_rate, cine.playback),
        (Some(25.0), Playback::Sweep)
    );
    // A vector for other frames is none.
    image.more[1].2 = b"0\\40".to_vec();
    assert!(of(&image).frame_time_vector_ms.is_empty());
}

/// T50: names as a tile shows them, with all groups, of files in every character set of the shelf.
#[test]
fn t50_names_of_the_shelf_as_a_tile_shows_them() {
    let test = "t50_names_of_the_shelf_as_a_tile_shows_them";
    let Some(folder) = shelf_folder(test, "data/dicom_syntax/charset") else {
        return;
    };
    for (file, expected) in [
        ("chrArab", "قباني, لنزار"),
        ("chrFren", "BUC, Jérôme"),
        ("chrGerm", "ÄNEAS, Rüdiger"),
        ("chrGreek", "ΔΙΟΝΥΣΙΟΣ"),
        ("chrH31", "YAMADA, Tarou (山田 太郎, やまだ たろう)"),
        ("chrH32", "ﾔﾏﾀﾞ, ﾀﾛｳ (山田 太郎, やまだ たろう)"),
        ("chrHbrw", "שרון, דבורה"),
        ("chrI2", "HONG, Gildong (洪 吉洞, 홍 길동)"),
        ("chrRuss", "ЛЮКCEМБYPГ"),
        ("chrX1", "WANG, XiaoDong (王 小東)"),
        ("chrX2", "WANG, XiaoDong (王 小东)"),
    ] {
        let bytes = fs::read(folder.join(file).with_extension("dcm")).unwrap();
        let parsed = DicomFile::parse(&bytes).unwrap();
        let shown = parsed.display_attributes(0).corner.name.shown();
        assert_eq!(shown, expected, "{file}");
    }
}

#[test]
fn t53_a_broken_profile_is_ignored_with_a_mark() {
    let image = |photometric: &'static str, samples: u16| Image {
        samples,
        photometric,
        allocated: 8,
        stored: 8,
        high: 7,
        pixels: Pixels::Native(vec![9; 4 * usize::from(samples)]),
        more: vec![(Tag(0x28, 0x2000), VR::OB, vec![1; 300])],
        ..Image::default()
    };
    let of = |image: Image| {
        let bytes = image.bytes();
        DicomFile::parse(&bytes).unwrap().display_attributes(0)
    };
    let colour = of(image("RGB", 3));
    assert_eq!(colour.colour_correction, None);
    assert!(
        colour
            .marks
            .iter()
            .any(|m| m.starts_with("ICC profile not used")),
        "{:?}",
        colour.marks
    );
    // Greys have nothing to do with it.
    let grey = of(image("MONOCHROME2", 1));
    assert!(
        !grey.marks.iter().any(|m| m.contains("ICC")),
        "{:?}",
        grey.marks
    );
}

#[test]
fn t53_the_profile_of_a_file_reaches_every_frame() {
    let mut profile = moxcms::ColorProfile::new_srgb();
    std::mem::swap(&mut profile.red_colorant, &mut profile.green_colorant);
    profile.cicp = None;
    let image = Image {
        samples: 3,
        photometric: "RGB",
        allocated: 8,
        stored: 8,
        high: 7,
        frames: Some("2".into()),
        pixels: Pixels::Native(vec![9; 24]),
        more: vec![(Tag(0x28, 0x2000), VR::OB, profile.encode().unwrap())],
        ..Image::default()
    };
    let bytes = image.bytes();
    let file = DicomFile::parse(&bytes).unwrap();
    let of = |k| file.display_attributes(k).colour_correction.unwrap();
    assert_eq!(of(0), of(1));
    let [red, green, _] = of(1).apply_bytes([200, 30, 60]);
    assert!(
        red.abs_diff(30) <= 1 && green.abs_diff(200) <= 1,
        "{red} {green}"
    );
}

/// T64: what the header asks for, frames from 0.
#[test]
fn t64_mask_subtraction_of_a_header() {
    let item: Vec<u8> = [
        super::made::element(Tag(0x28, 0x6101), VR::CS, b"AVG_SUB"),
        super::made::element(Tag(0x28, 0x6102), VR::US, &[2, 0, 3, 0]),
        super::made::element(Tag(0x28, 0x6110), VR::US, &[1, 0]),
        super::made::element(
            Tag(0x28, 0x6114),
            VR::FL,
            &[0.5_f32.to_le_bytes(), (-1.0_f32).to_le_bytes()].concat(),
        ),
    ]
    .concat();
    let mut sequence =
        super::made::implicit_header(Tag(0xFFFE, 0xE000), u32::try_from(item.len()).unwrap());
    sequence.extend(item);
    let image = Image {
        frames: Some("3".into()),
        pixels: Pixels::Native(vec![0; 24]),
        more: vec![(Tag(0x28, 0x6100), VR::SQ, sequence)],
        ..Image::default()
    };
    let bytes = image.bytes();
    let found = DicomFile::parse(&bytes).unwrap().mask_subtractions();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (
            found[0].mask_frames.as_slice(),
            found[0].applicable.as_slice()
        ),
        (&[0][..], &[[1, 3]][..])
    );
    assert_eq!(found[0].shift_px, [0.5, -1.0]);
    assert_eq!(found[0].masks_of(2, 3), Some(vec![0]));
    assert_eq!(found[0].masks_of(0, 3), None);
}
