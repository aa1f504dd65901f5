//! The DICOM folders of the shelf against what other software found in them.

use std::{collections::BTreeMap, fs, path::Path, sync::OnceLock};

use dicom_dictionary_std::tags;
use dicom_pixeldata::PixelDecoder as _;
use rayon::prelude::*;

use super::{
    made::{Image, Pixels},
    shelf_folder,
};
use crate::{
    Codec, DicomFile,
    digest::{Expected, Verdict, compare},
    inspect::{Inspection, State},
};

/// Of the syntax folder, which two tests need.
fn syntax_verdicts(folder: &Path) -> &'static BTreeMap<String, Verdict> {
    static VERDICTS: OnceLock<BTreeMap<String, Verdict>> = OnceLock::new();
    VERDICTS.get_or_init(|| verdicts(folder))
}

fn verdicts(folder: &Path) -> BTreeMap<String, Verdict> {
    let json = fs::read(folder.join("expected.json")).unwrap();
    let expected: Expected = serde_json::from_slice(&json).unwrap();
    expected
        .files
        .par_iter()
        .map(|entry| {
            let bytes = fs::read(folder.join(&entry.file)).unwrap();
            let file = DicomFile::parse(&bytes);
            (entry.file.clone(), compare(&entry.pixels, &file, &bytes))
        })
        .collect()
}

/// Every file agrees, but for those named here with a part of their reason. A file that is not named and is refused fails the test, and
/// so does a named one that no longer is.
#[track_caller]
fn check(verdicts: &BTreeMap<String, Verdict>, refused: &[(&str, &str)]) {
    let page = super::conformance_page();
    for (file, _) in refused {
        let named = page.contains(&format!("`{file}`"));
        assert!(named, "docs/CONFORMANCE.md does not name {file}");
    }
    let mut refused: BTreeMap<&str, &str> = refused.iter().copied().collect();
    let mut wrong = Vec::new();
    for (file, verdict) in verdicts {
        let expected = refused.remove(file.as_str());
        let right = match (verdict, expected) {
            (Verdict::Agree { .. }, None) => true,
            (Verdict::Refused { reason }, Some(part)) => reason.contains(part),
            (Verdict::Disputed { .. }, Some("disputed")) => true,
            _ => false,
        };
        if !right {
            wrong.push(format!("{file}: {verdict:?}"));
        }
    }
    wrong.extend(refused.keys().map(|f| format!("{f}: not refused")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn par_14_the_syntax_folder_agrees_or_names_its_reason() {
    let refused = [
        (
            "jpeg2000/jpeg2000-multiframe-multifragments.dcm",
            "disputed",
        ),
        (
            "malformed/3gb-bulk-data-truncated.dcm",
            "Rows (0028,0010) is 2 values",
        ),
        ("malformed/GH1146.dcm", "Pixel Data is empty"),
        ("malformed/GH179B.dcm", "(2031,0028)"),
        (
            "malformed/JPEG2000-embedded-sequence-delimiter.dcm",
            "the header says 256 x 1024",
        ),
        ("malformed/MR_truncated.dcm", "8130 of 8192 bytes"),
        ("malformed/badVR.dcm", "Number of Frames (0028,0008) is 1A"),
        (
            "malformed/meta_missing_tsyntax.dcm",
            "Rows (0028,0010) is missing",
        ),
        (
            "malformed/nested_priv_SQ.dcm",
            "Rows (0028,0010) is missing",
        ),
        ("malformed/no_meta.dcm", "not a DICOM file"),
        (
            "malformed/rtplan_truncated.dcm",
            "(300A,00B0) at byte 1410 declares 976 bytes, 711 are left",
        ),
        (
            "malformed_made/bits_stored_over_allocated.dcm",
            "Bits Stored (0028,0101) is 20",
        ),
        ("malformed_made/deep_nesting.dcm", "nested deeper than 64"),
        ("malformed_made/empty.dcm", "the file is empty"),
        ("malformed_made/fragment_past_end.dcm", "frame 1 is cut"),
        ("malformed_made/garbage_after_header.dcm", "117835012 bytes"),
        (
            "malformed_made/huge_dimensions.dcm",
            "1073741824 are allowed",
        ),
        ("malformed_made/huge_frame_count.dcm", "100000 are allowed"),
        ("malformed_made/jpegls_cut.dcm", "no end marker"),
        ("malformed_made/not_dicom_text.dcm", "not a DICOM file"),
        ("malformed_made/png_in_jpeg_syntax.dcm", "no frame header"),
        ("malformed_made/preamble_only.dcm", "after DICM"),
        ("malformed_made/rle_16_segments.dcm", "16 segments"),
        (
            "malformed_made/rle_segment_offset_past_end.dcm",
            "900000 of 68 bytes",
        ),
        ("malformed_made/rows_zero.dcm", "Rows (0028,0010) is 0"),
        (
            "malformed_made/samples_2.dcm",
            "Samples per Pixel (0028,0002) is 2",
        ),
        (
            "malformed_made/stream_size_differs_from_header.dcm",
            "30 x 30",
        ),
        ("malformed_made/unknown_transfer_syntax.dcm", "1.2.3.4.5.6"),
        ("native/GH340.dcm", "Bits Allocated (0028,0100) is 12"),
        ("synthetic/video_h264.dcm", "no decoder for MPEG-4"),
        ("synthetic/video_hevc.dcm", "no decoder for HEVC"),
        ("synthetic/video_mpeg2.dcm", "no decoder for MPEG2"),
    ];
    let test = "par_14_the_syntax_folder_agrees_or_names_its_reason";
    if let Some(folder) = shelf_folder(test, "data/dicom_syntax") {
        check(syntax_verdicts(&folder), &refused);
    }
}

/// The table of transfer syntaxes counts what agrees.
#[test]
fn the_conformance_page_counts_what_agrees() {
    let test = "the_conformance_page_counts_what_agrees";
    let Some(folder) = shelf_folder(test, "data/dicom_syntax") else {
        return;
    };
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (name, verdict) in syntax_verdicts(&folder) {
        let Verdict::Agree {
            frames: frames @ 1..,
        } = verdict
        else {
            continue;
        };
        let bytes = fs::read(folder.join(name)).unwrap();
        let file = DicomFile::parse(&bytes).unwrap();
        let (files, total) = counts.entry(file.transfer_syntax().to_owned()).or_default();
        *files += 1;
        *total += frames;
    }
    let page = super::conformance_page();
    let rows: Vec<&str> = page
        .lines()
        .filter(|l| l.starts_with("| 1.2.840"))
        .collect();
    assert_eq!(rows.len(), counts.len());
    for (uid, (files, frames)) in counts {
        let name = crate::TransferSyntax::of(&uid).unwrap().name;
        let (start, end) = (
            format!("| {uid} | {name} | "),
            format!(" | {files} | {frames} |"),
        );
        let right = |l: &&&str| l.starts_with(&start) && l.ends_with(&end);
        assert!(rows.iter().find(right).is_some(), "{start}…{end}");
    }
}

#[test]
fn par_14_the_object_folder_agrees() {
    let refused = [(
        "dicomdir/DICOMDIR-nooffset",
        "declares 248 bytes, 224 are left",
    )];
    if let Some(folder) = shelf_folder("par_14_the_object_folder_agrees", "data/dicom_objects") {
        check(&verdicts(&folder), &refused);
    }
}

#[test]
fn par_01_the_series_folder_agrees_but_for_the_cut_file() {
    let refused = [("chest_ct/031_truncated.dcm", "298155 of 524288 bytes")];
    let test = "par_01_the_series_folder_agrees_but_for_the_cut_file";
    if let Some(folder) = shelf_folder(test, "data/dicom_series") {
        check(&verdicts(&folder), &refused);
    }
}

/// P28: names in every character set of the shelf, against the texts that pydicom's own tests publish.
#[test]
fn p28_names_in_every_character_set() {
    let test = "p28_names_in_every_character_set";
    let Some(folder) = shelf_folder(test, "data/dicom_syntax/charset") else {
        return;
    };
    for (file, expected) in [
        ("chrArab", "قباني^لنزار"),
        ("chrFren", "Buc^Jérôme"),
        ("py_chrFrenMulti", "Buc^Jérôme"),
        ("chrGerm", "Äneas^Rüdiger"),
        ("chrGreek", "Διονυσιος"),
        ("chrH31", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("chrH32", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        ("chrHbrw", "שרון^דבורה"),
        ("chrI2", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("chrJapMulti", "やまだ^たろう"),
        ("chrJapMultiExplicitIR6", "やまだ^たろう"),
        ("chrKoreanMulti", "김희중"),
        ("chrRuss", "Люкceмбypг"),
        ("chrX1", "Wang^XiaoDong=王^小東"),
        ("chrX2", "Wang^XiaoDong=王^小东"),
    ] {
        let bytes = fs::read(folder.join(file).with_extension("dcm")).unwrap();
        let parsed = DicomFile::parse(&bytes).unwrap();
        let name = parsed.data().text(tags::PATIENT_NAME).unwrap();
        // Empty groups at the end may be left out (PS3.5 6.2.1).
        assert_eq!(name.trim_end_matches('='), expected, "{file}");
    }
    // The character set of an item is its own.
    for (file, expected) in [
        ("chrSQEncoding", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        ("chrSQEncoding1", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
    ] {
        let bytes = fs::read(folder.join(file).with_extension("dcm")).unwrap();
        let parsed = DicomFile::parse(&bytes).unwrap();
        let item = parsed
            .data()
            .first_item(tags::REQUESTED_PROCEDURE_CODE_SEQUENCE);
        let name = item.and_then(|i| i.text(tags::PATIENT_NAME));
        assert_eq!(name.as_deref(), Some(expected), "{file}");
    }
}

/// dicom-pixeldata as the second opinion, for the syntaxes where the study found it exact: grey, whole cells, little endian, no near-lossless
/// JPEG-LS, no lossy JPEG.
#[test]
fn dicom_pixeldata_gives_the_same_frames_where_it_is_exact() {
    let test = "dicom_pixeldata_gives_the_same_frames_where_it_is_exact";
    let Some(folder) = shelf_folder(test, "data/dicom_syntax") else {
        return;
    };
    let mut compared: BTreeMap<&str, usize> = BTreeMap::new();
    for part in ["native", "rle", "jpegls", "jpeg2000", "jpeg", "synthetic"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            let Ok(file) = DicomFile::parse(&bytes) else {
                continue;
            };
            let (Ok(description), Some(syntax)) = (file.description(), file.syntax()) else {
                continue;
            };
            let exact = matches!(
                syntax.codec,
                Codec::Native | Codec::Rle | Codec::JpegLs | Codec::Jpeg2000 | Codec::Jpeg
            ) && !syntax.lossy
                && file.stream_irreversible() != Some(true)
                && !file.encoding().big_endian
                && file.meta().present
                && description.samples == 1
                && description.bits.whole_cells()
                && matches!(description.bits.allocated(), 8 | 16);
            // It panics where a frame has several fragments.
            let joined = file.pixel_element().is_some_and(|p| {
                p.is_encapsulated() && p.fragments.len() != file.frames() as usize
            });
            if !exact || joined || file.frames() > 3 {
                continue;
            }
            let Ok(theirs) = dicom_object::open_file(&path) else {
                continue; // stricter about file meta information than we are (P25)
            };
            for k in 0..file.frames() {
                let ours = file.decode_frame_vec(&bytes, k as usize).unwrap();
                let theirs = theirs.decode_pixel_data_frame(k).unwrap();
                assert_eq!(theirs.data(), &ours[..], "{} frame {k}", path.display());
                *compared.entry(syntax.uid).or_default() += 1;
            }
        }
    }
    let syntaxes: Vec<_> = compared.keys().collect();
    assert!(compared.len() >= 6, "only {syntaxes:?} were compared");
}

/// PAR-07: a stream that is cut, of another size, or of another codec is an error; one with padding behind it is not.
#[test]
fn par_07_streams_that_contradict_their_header_are_errors() {
    let test = "par_07_streams_that_contradict_their_header_are_errors";
    let Some(folder) = shelf_folder(test, "data/dicom_syntax") else {
        return;
    };
    let files = [
        ("rle/MR_small_RLE.dcm", "1.2.840.10008.1.2.5"),
        (
            "jpeg/JPEGBaseline_1s_1f_u_08_08.dcm",
            "1.2.840.10008.1.2.4.50",
        ),
        ("jpeg/JPGExtended.dcm", "1.2.840.10008.1.2.4.51"),
        ("jpeg/GH184.dcm", "1.2.840.10008.1.2.4.70"),
        (
            "jpegls/MR_small_jpeg_ls_lossless.dcm",
            "1.2.840.10008.1.2.4.80",
        ),
        (
            "jpeg2000/MR_small_jp2klossless.dcm",
            "1.2.840.10008.1.2.4.90",
        ),
        (
            "synthetic/htj2k_lossless_signed16.dcm",
            "1.2.840.10008.1.2.4.201",
        ),
        (
            "synthetic/jxl_lossless_grey8.dcm",
            "1.2.840.10008.1.2.4.110",
        ),
        ("native/liver_deflate.dcm", "1.2.840.10008.1.2.8.1"),
    ];
    for (name, syntax) in files {
        let bytes = fs::read(folder.join(name)).unwrap();
        let file = DicomFile::parse(&bytes).unwrap();
        let d = file.description().unwrap();
        let stream: Vec<u8> = file.pixel_element().unwrap().fragments[..1]
            .iter()
            .flat_map(|r| bytes[r.clone()].to_vec())
            .collect();
        let image = Image {
            syntax,
            rows: u16::try_from(d.rows).unwrap(),
            columns: u16::try_from(d.columns).unwrap(),
            allocated: u16::from(d.bits.allocated()),
            stored: u16::from(d.bits.stored()),
            high: u16::from(d.bits.stored()) - 1,
            signed: u16::from(d.bits.signed()),
            pixels: Pixels::Fragments(vec![stream.clone()]),
            ..Image::default()
        };
        let decode = |image: &Image| {
            let bytes = image.bytes();
            DicomFile::parse(&bytes)
                .unwrap()
                .decode_frame_vec(&bytes, 0)
        };
        let whole = decode(&image).unwrap();
        assert_eq!(whole, file.decode_frame_vec(&bytes, 0).unwrap(), "{name}");
        let with = |pixels: Vec<u8>| Image {
            pixels: Pixels::Fragments(vec![pixels]),
            ..image.clone()
        };
        let half = with(stream[..stream.len() / 2].to_vec());
        assert!(decode(&half).is_err(), "{name} cut in half");
        let padded = with([&stream[..], &[0, 0]].concat());
        assert_eq!(decode(&padded).unwrap(), whole, "{name} padded");
        let taller = Image {
            rows: image.rows + 1,
            ..image.clone()
        };
        assert!(decode(&taller).is_err(), "{name} one row short");
        if syntax != "1.2.840.10008.1.2.5" && syntax != "1.2.840.10008.1.2.8.1" {
            let lower = Image {
                rows: image.rows - 1,
                ..image.clone()
            };
            assert!(decode(&lower).is_err(), "{name} one row too many");
            for (_, other) in files {
                let same = matches!(
                    (syntax, other),
                    ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201")
                        | ("1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.90")
                ) || (other.contains(".4.5") || other.contains(".4.70"))
                    && (syntax.contains(".4.5") || syntax.contains(".4.70"));
                if other == syntax || same {
                    continue;
                }
                let wrong = Image {
                    syntax: other,
                    ..image.clone()
                };
                assert!(decode(&wrong).is_err(), "{name} as {other}");
            }
        }
    }
}

#[test]
fn inspect_says_what_a_file_is_even_when_it_is_refused() {
    let test = "inspect_says_what_a_file_is_even_when_it_is_refused";
    let Some(folder) = shelf_folder(test, "data/dicom_syntax") else {
        return;
    };
    let inspect = |name: &str| {
        let bytes = fs::read(folder.join(name)).unwrap();
        Inspection::of(&bytes).unwrap()
    };
    let value = |i: &Inspection, name: &str| {
        let found = i.attributes.iter().find(|a| a.name == name);
        found.map(|a| a.value.clone())
    };
    let shown = inspect("native/CT_small.dcm");
    assert_eq!(shown.state, State::Shown);
    assert_eq!(shown.sop_class_name, Some("CT Image Storage"));
    assert_eq!(value(&shown, "Rows").as_deref(), Some("128"));
    let cut = inspect("malformed/MR_truncated.dcm");
    assert_eq!(cut.state, State::Incomplete);
    assert!(cut.frames[0].digest.is_some());
    let refused = inspect("malformed/rtplan_truncated.dcm");
    assert_eq!(refused.state, State::Refused);
    assert_eq!(value(&refused, "Modality").as_deref(), Some("RTPLAN"));
    let fragment = inspect("malformed_made/fragment_past_end.dcm");
    assert_eq!(fragment.state, State::HeaderOnly);
    assert!(fragment.reason.unwrap().contains("frame 1 is cut"));
    let declared = inspect("malformed_made/element_length_past_end.dcm");
    assert_eq!(declared.state, State::Shown);
    assert!(declared.problems[0].reason.contains("are there"));
    let header = inspect("malformed_made/rows_zero.dcm");
    assert_eq!(header.state, State::HeaderOnly);
    assert!(header.reason.unwrap().contains("Rows"));
    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(json["state"], "shown");
    assert_eq!(json["frames"][0]["frame"], 1);
    assert!(json["frames"][0]["sha256"].is_string());
}

/// T54, T2, T13: attributes of real files.
#[test]
fn t2_t7_t13_t54_attributes_of_real_files() {
    use crate::display::ModalityLut;
    let test = "t2_t7_t13_t54_attributes_of_real_files";
    let Some(folder) = shelf_folder(test, "data/dicom_syntax") else {
        return;
    };
    let attributes = |name: &str| {
        let bytes = fs::read(folder.join(name)).unwrap();
        DicomFile::parse(&bytes).unwrap().display_attributes(0)
    };
    assert!(matches!(
        attributes("native/mlut_18.dcm").modality_lut,
        ModalityLut::Table(_)
    ));
    let voi = attributes("native/vlut_04.dcm");
    assert!(!voi.voi_luts.is_empty(), "{:?}", voi.marks);
    let signed = attributes("synthetic/voi_lut_signed_first_value.dcm");
    assert!(signed.voi_luts[0].lut.first() < 0);
    for palette in [
        "native/examples_palette.dcm",
        "native/gdcm-US-ALOKA-16.dcm",
        "synthetic/palette_segmented.dcm",
        "synthetic/palette_first_mapped_16.dcm",
    ] {
        let found = attributes(palette);
        assert!(found.palette.is_some(), "{palette}: {:?}", found.marks);
    }
    assert_eq!(attributes("synthetic/window_several.dcm").windows.len(), 2);
    assert!(
        attributes("malformed_made/window_width_zero.dcm")
            .windows
            .is_empty()
    );
    let rescale = attributes("malformed_made/rescale_not_a_number.dcm");
    assert_eq!(rescale.modality_lut, ModalityLut::Identity);
    assert!(rescale.marks.iter().any(|m| m == "rescale incomplete"));
    let ct = attributes("native/CT_small.dcm");
    assert_eq!((ct.unit.as_str(), ct.lossy.mark()), ("HU", None));
    for lossy in [
        "jpeg2000/US1_J2KI.dcm",
        "jpeg/JPGExtended.dcm",
        "synthetic/jxl_lossy_rgb.dcm",
    ] {
        let mark = attributes(lossy).lossy.mark().unwrap_or_default();
        assert!(mark.starts_with("LOSSY"), "{lossy}: {mark:?}");
    }
    let lossless = attributes("jpeg2000/examples_jpeg2k.dcm").lossy;
    assert_eq!(lossless.stream_irreversible, Some(false));
}
