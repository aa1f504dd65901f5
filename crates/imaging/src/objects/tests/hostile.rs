//! Objects that are wrong on purpose: an error that names what is wrong, never a panic, never without end.

use dicom_core::{Tag, VR};
use proptest::prelude::*;

use super::*;
use crate::{
    objects::{DEPTH, Elements, ReadError},
    tests::made,
};

/// A file with these elements.
fn file(elements: &Elements) -> DicomFile {
    let mut bytes = made::meta("1.2.840.10008.1.2.1");
    bytes.extend(elements.encode().unwrap());
    DicomFile::parse(&bytes).unwrap()
}

fn report() -> Elements {
    let mut out = Elements::default();
    out.uid(tags::SOP_CLASS_UID, crate::objects::COMPREHENSIVE_SR)
        .uid(tags::SOP_INSTANCE_UID, "1.2.3.4")
        .uid(tags::STUDY_INSTANCE_UID, "1.2.3")
        .uid(tags::SERIES_INSTANCE_UID, "1.2.3.1")
        .code(tags::VALUE_TYPE, "CONTAINER");
    out
}

fn of_type(kind: &str) -> Elements {
    let mut out = Elements::default();
    out.code(tags::VALUE_TYPE, kind)
        .code(tags::RELATIONSHIP_TYPE, "CONTAINS");
    out
}

fn error(elements: &Elements) -> String {
    crate::objects::read(&file(elements).data())
        .unwrap_err()
        .to_string()
}

#[test]
fn e1_reports_nested_too_deep_are_refused() {
    for (depth, refused) in [(DEPTH, false), (DEPTH + 1, true)] {
        let mut inner = of_type("CONTAINER");
        for _ in 1..depth {
            let mut outer = of_type("CONTAINER");
            outer.item(tags::CONTENT_SEQUENCE, inner);
            inner = outer;
        }
        let mut root = report();
        root.item(tags::CONTENT_SEQUENCE, inner);
        let read = crate::objects::read(&file(&root).data());
        assert_eq!(
            read.err(),
            refused.then_some(ReadError::TooDeep(DEPTH)),
            "{depth}"
        );
    }
}

#[test]
fn e1_missing_and_wrong_parts_are_named() {
    let mut no_type = Elements::default();
    no_type.uid(tags::SOP_CLASS_UID, crate::objects::COMPREHENSIVE_SR);
    assert!(error(&no_type).contains("ValueType (0040,A040): is missing"));
    let mut image = Elements::default();
    image.uid(tags::SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.2");
    assert!(error(&image).contains("1.2.840.10008.5.1.4.1.1.2"));
    let mut text = report();
    text.text(tags::CONTENT_SEQUENCE, VR::LO, "no sequence");
    assert!(
        error(&text).contains("ContentSequence (0040,A730)"),
        "{}",
        error(&text)
    );

    // Wrong items stay in the tree, with their reason and all their attributes.
    let mut odd_points = of_type("SCOORD");
    odd_points
        .code(tags::GRAPHIC_TYPE, "POLYLINE")
        .floats(tags::GRAPHIC_DATA, &[1.0, 2.0, 3.0]);
    let mut not_finite = of_type("SCOORD");
    not_finite
        .code(tags::GRAPHIC_TYPE, "POINT")
        .floats(tags::GRAPHIC_DATA, &[f32::NAN, 2.0]);
    let mut text_points = of_type("SCOORD");
    text_points
        .code(tags::GRAPHIC_TYPE, "POINT")
        .text(tags::GRAPHIC_DATA, VR::LO, "here");
    let mut private = of_type("TEXT");
    private.text(tags::TEXT_VALUE, VR::UT, "text").text(
        Tag(0x0041, 0x1001),
        VR::LO,
        "secret sauce",
    );
    let mut root = report();
    root.items(
        tags::CONTENT_SEQUENCE,
        vec![
            odd_points,
            not_finite,
            text_points,
            of_type("IMAGE"),
            of_type("CODE"),
            of_type("TEXT"),
            of_type("HOLOGRAM"),
            private,
            Elements::default(),
        ],
    );
    let Object::Report(tree) = crate::objects::read(&file(&root).data()).unwrap() else {
        panic!("no report");
    };
    assert_eq!(tree.root.count(), 10);
    let text = tree.to_text();
    for part in [
        "SCOORD: 3 numbers are no points",
        "GraphicData (0070,0022): 1\\2\\3",
        "SCOORD: its points hold what is no number",
        "GraphicData (0070,0022): here",
        "IMAGE: ReferencedSOPSequence (0008,1199): is missing",
        "CODE: it has no code",
        "TEXT: TextValue (0040,A160) has no value",
        "HOLOGRAM: its value type is not known",
        "(0041,1001): secret sauce",
        ": it has no value type",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn e1_a_million_items_are_refused() {
    // Three levels of fifty: more than all that may be is not even built.
    let leaf = of_type("TEXT");
    let mut level = leaf;
    for _ in 0..3 {
        let mut outer = of_type("CONTAINER");
        outer.items(tags::CONTENT_SEQUENCE, vec![level; 50]);
        level = outer;
    }
    let mut root = report();
    root.item(tags::CONTENT_SEQUENCE, level);
    let all = crate::objects::read(&file(&root).data());
    let error = all.err();
    // 127 552 items, 100 000 are allowed.
    let wanted = ReadError::TooMany {
        what: "content items",
        most: crate::objects::ITEMS,
    };
    assert_eq!(error, Some(wanted));
}

fn state() -> Elements {
    let mut image = Elements::default();
    image
        .uid(tags::REFERENCED_SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.2")
        .uid(tags::REFERENCED_SOP_INSTANCE_UID, "1.2.3.4.5");
    let mut series = Elements::default();
    series
        .uid(tags::SERIES_INSTANCE_UID, "1.2.3.1")
        .item(tags::REFERENCED_IMAGE_SEQUENCE, image);
    let mut out = Elements::default();
    out.uid(tags::SOP_CLASS_UID, crate::objects::GRAYSCALE_STATE)
        .item(tags::REFERENCED_SERIES_SEQUENCE, series)
        .code(tags::PRESENTATION_LUT_SHAPE, "IDENTITY");
    out
}

type Change = Box<dyn Fn(&mut Elements)>;

/// Every part that is not in order makes the state one to refuse, with a reason (T66).
#[test]
fn t66_read_names_each_part_that_is_not_in_order() {
    let unknown = |change: &dyn Fn(&mut Elements)| {
        let mut elements = state();
        change(&mut elements);
        match crate::objects::read(&file(&elements).data()).unwrap() {
            Object::PresentationState(state) => state.unknown.join("; "),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(unknown(&|_| {}), "");
    let one = |f: &dyn Fn(&mut Elements)| {
        let mut item = Elements::default();
        f(&mut item);
        item
    };
    let checks: Vec<(Change, &str)> = vec![
        (
            Box::new(|s| {
                s.words(tags::IMAGE_ROTATION, &[45]);
            }),
            "no quarter turn",
        ),
        (
            Box::new(|s| {
                s.code(tags::SHUTTER_SHAPE, "STAR");
            }),
            "display shutter: shape \"STAR\"",
        ),
        (
            Box::new(|s| {
                s.code(tags::SHUTTER_SHAPE, "CIRCULAR");
            }),
            "CenterOfCircularShutter (0018,1610) has 0 of 2 values",
        ),
        (
            Box::new(|s| {
                s.code(tags::PRESENTATION_LUT_SHAPE, "LIN OD");
            }),
            "presentation LUT: shape \"LIN OD\"",
        ),
        (
            Box::new(|s| {
                s.text(Tag(0x0070, 0x0403), VR::FL, "");
            }),
            "(0070,0403) is not understood",
        ),
        (
            Box::new(move |s| {
                s.item(
                    tags::SOFTCOPY_VOILUT_SEQUENCE,
                    one(&|i| {
                        i.text(tags::WINDOW_CENTER, VR::DS, "40").text(
                            tags::WINDOW_WIDTH,
                            VR::DS,
                            "0",
                        );
                    }),
                );
            }),
            "VOI: ",
        ),
        (
            Box::new(move |s| {
                s.item(
                    tags::DISPLAYED_AREA_SELECTION_SEQUENCE,
                    one(&|i| {
                        i.code(tags::PRESENTATION_SIZE_MODE, "TRUE SIZE");
                    }),
                );
            }),
            "displayed area: true size without a pixel spacing",
        ),
        (
            Box::new(move |s| {
                let graphic = one(&|i| {
                    i.code(tags::GRAPHIC_ANNOTATION_UNITS, "PIXEL")
                        .words(tags::NUMBER_OF_GRAPHIC_POINTS, &[3])
                        .floats(tags::GRAPHIC_DATA, &[1.0, 2.0])
                        .code(tags::GRAPHIC_TYPE, "POINT");
                });
                let annotation = one(&|i| {
                    i.code(tags::GRAPHIC_LAYER, "L")
                        .item(tags::GRAPHIC_OBJECT_SEQUENCE, graphic.clone());
                });
                s.item(tags::GRAPHIC_ANNOTATION_SEQUENCE, annotation);
            }),
            "graphic 0: NumberOfGraphicPoints (0070,0021) says 3, 1 points are there",
        ),
        (
            Box::new(|s| {
                s.words(Tag(0x6000, 0x0010), &[512])
                    .words(Tag(0x6000, 0x0011), &[512])
                    .bytes(Tag(0x6000, 0x3000), VR::OW, &[0; 8]);
            }),
            "overlay 6000: 8 of 32768 bytes are there",
        ),
        (
            Box::new(|s| {
                s.uid(tags::SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.11.4");
            }),
            "no greyscale presentation state",
        ),
    ];
    for (change, reason) in checks {
        let named = unknown(&change);
        assert!(named.contains(reason), "{reason}: {named}");
    }
    let mut none = state();
    none.items(tags::REFERENCED_SERIES_SEQUENCE, Vec::new());
    assert!(error(&none).contains("ReferencedSeriesSequence (0008,1115): names no image"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A byte changed anywhere in a written object: an object or an error, never a panic.
    #[test]
    fn e1_damaged_objects_are_read_or_refused(at in 0_usize..4000, byte: u8, cut in 0_usize..4000) {
        let mut scoord = of_type("SCOORD");
        scoord.code(tags::GRAPHIC_TYPE, "POLYLINE").floats(tags::GRAPHIC_DATA, &[1.0, 2.0, 3.0, 4.0]);
        let mut number = of_type("NUM");
        number.item(tags::CONTENT_SEQUENCE, scoord);
        let mut root = report();
        root.items(tags::CONTENT_SEQUENCE, vec![number; 4]);
        for elements in [root, state()] {
            let mut bytes = made::meta("1.2.840.10008.1.2.1");
            bytes.extend(elements.encode().unwrap());
            let length = bytes.len();
            bytes[at % length] = byte;
            bytes.truncate(length.saturating_sub(cut % 3));
            if let Ok(file) = DicomFile::parse(&bytes) {
                let _ = crate::objects::read(&file.data());
            }
        }
    }
}
