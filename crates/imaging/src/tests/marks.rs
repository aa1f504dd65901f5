//! One made header for each mark (T57), and rejection by key object selections.

use std::fs;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::{
    made::{Image, UNDEFINED, element, explicit_header, implicit_header, meta},
    shelf_folder,
};
use crate::{
    DicomFile,
    marks::{self, MarkKind, RejectionReason},
};

/// An element and its text.
type Text = (Tag, VR, &'static str);

fn of(more: Vec<Text>) -> Vec<(MarkKind, String)> {
    let more = more
        .into_iter()
        .map(|(t, vr, v)| (t, vr, v.as_bytes().to_vec()));
    let image = Image {
        more: more.collect(),
        ..Image::default()
    };
    let file = DicomFile::parse(&image.bytes()).unwrap();
    let marks = marks::of(&file.data());
    // The picture carries the same texts.
    let shown = file.display_attributes(0).marks;
    for mark in &marks {
        assert!(shown.contains(&mark.text), "{mark:?} is not shown");
    }
    marks.into_iter().map(|m| (m.kind, m.text)).collect()
}

#[test]
fn t57_one_header_for_each_mark() {
    use MarkKind::*;
    let cases: [(Vec<Text>, MarkKind, &str); 21] = [
        (
            vec![(tags::BURNED_IN_ANNOTATION, VR::CS, "YES")],
            BurnedIn,
            "burned-in text",
        ),
        (
            vec![(tags::MODALITY, VR::CS, "US")],
            MayHoldText,
            "may contain text",
        ),
        (
            vec![(tags::CONVERSION_TYPE, VR::CS, "WSD")],
            MayHoldText,
            "may contain text",
        ),
        (
            vec![(tags::RECOGNIZABLE_VISUAL_FEATURES, VR::CS, "YES")],
            Recognizable,
            "recognizable features",
        ),
        (
            vec![(tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES")],
            Deidentified,
            "de-identified",
        ),
        (
            vec![
                (tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES"),
                (tags::DEIDENTIFICATION_METHOD, VR::LO, "Basic\\Dates"),
            ],
            Deidentified,
            "de-identified: Basic, Dates",
        ),
        (
            vec![
                (tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES"),
                (tags::DEIDENTIFICATION_METHOD, VR::LO, "DCM:113100/113105"),
            ],
            Deidentified,
            "de-identified",
        ),
        (
            vec![(tags::QUALITY_CONTROL_IMAGE, VR::CS, "YES")],
            QualityControl,
            "quality control image",
        ),
        (
            vec![(tags::PRESENTATION_INTENT_TYPE, VR::CS, "FOR PROCESSING")],
            ForProcessing,
            "for processing, not for reading",
        ),
        (
            vec![(tags::IMAGE_TYPE, VR::CS, "DERIVED\\PRIMARY")],
            Derived,
            "derived",
        ),
        (
            vec![(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\SECONDARY")],
            Secondary,
            "secondary",
        ),
        (
            vec![(tags::COMPLETION_FLAG, VR::CS, "PARTIAL")],
            Partial,
            "report partial",
        ),
        (
            vec![(tags::VERIFICATION_FLAG, VR::CS, "UNVERIFIED")],
            Verification,
            "report unverified",
        ),
        (vec![(tags::LATERALITY, VR::CS, "L")], Laterality, "left"),
        (
            vec![(tags::IMAGE_LATERALITY, VR::CS, "R")],
            Laterality,
            "right",
        ),
        (
            vec![(tags::IMAGE_LATERALITY, VR::CS, "B")],
            Laterality,
            "both sides",
        ),
        (vec![(tags::VIEW_POSITION, VR::CS, "MLO")], View, "view MLO"),
        (
            vec![(tags::CONTRAST_BOLUS_AGENT, VR::LO, "Iohexol")],
            Contrast,
            "contrast: Iohexol",
        ),
        (
            vec![(tags::BREAST_IMPLANT_PRESENT, VR::CS, "YES")],
            Implant,
            "implant",
        ),
        (
            vec![(tags::PARTIAL_VIEW, VR::CS, "YES")],
            PartialView,
            "partial view",
        ),
        (
            vec![
                (tags::PARTIAL_VIEW, VR::CS, "YES"),
                (tags::PARTIAL_VIEW_DESCRIPTION, VR::ST, "axilla"),
            ],
            PartialView,
            "partial view: axilla",
        ),
    ];
    for (more, kind, text) in cases {
        assert_eq!(of(more), [(kind, text.to_owned())]);
    }
}

#[test]
fn t57_contradictions_are_said_and_silence_is_no_mark() {
    assert_eq!(of(Vec::new()), []);
    assert_eq!(
        of(vec![
            (tags::BURNED_IN_ANNOTATION, VR::CS, "NO"),
            (tags::MODALITY, VR::CS, "US")
        ]),
        []
    );
    let sides = of(vec![
        (tags::IMAGE_LATERALITY, VR::CS, "L"),
        (tags::LATERALITY, VR::CS, "R"),
    ]);
    assert_eq!(sides[0].1, "left");
    assert_eq!(
        sides[1],
        (
            MarkKind::Conflict,
            "side contradicts itself: L and R".to_owned()
        )
    );
    let texts = of(vec![
        (tags::BURNED_IN_ANNOTATION, VR::CS, "YES"),
        (tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES"),
    ]);
    assert!(texts.iter().any(|(kind, _)| *kind == MarkKind::Conflict));
}

fn sequence(tag: Tag, items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = explicit_header(tag, VR::SQ, UNDEFINED);
    for item in items {
        let length = u32::try_from(item.len()).unwrap();
        out.extend(implicit_header(Tag(0xFFFE, 0xE000), length));
        out.extend(item);
    }
    out.extend(implicit_header(Tag(0xFFFE, 0xE0DD), 0));
    out
}

fn key_objects(title: &str) -> Vec<u8> {
    let mut bytes = meta("1.2.840.10008.1.2.1");
    bytes.extend(element(
        tags::SOP_CLASS_UID,
        VR::UI,
        b"1.2.840.10008.5.1.4.1.1.88.59",
    ));
    let code = [
        element(tags::CODE_VALUE, VR::SH, title.as_bytes()),
        element(tags::CODING_SCHEME_DESIGNATOR, VR::SH, b"DCM"),
    ];
    bytes.extend(sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, &[code.concat()]));
    let image = [
        element(
            tags::REFERENCED_SOP_CLASS_UID,
            VR::UI,
            b"1.2.840.10008.5.1.4.1.1.2",
        ),
        element(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, b"1.2.3.9"),
        element(tags::REFERENCED_FRAME_NUMBER, VR::IS, b"2"),
    ];
    let item = sequence(tags::REFERENCED_SOP_SEQUENCE, &[image.concat()]);
    bytes.extend(sequence(tags::CONTENT_SEQUENCE, &[item]));
    bytes
}

#[test]
fn t57_key_objects_reject_images_by_their_title() {
    for (title, reason) in [
        ("113001", RejectionReason::Quality),
        ("113037", RejectionReason::PatientSafety),
        ("113038", RejectionReason::WrongWorklistEntry),
        ("113039", RejectionReason::RetentionExpired),
    ] {
        let file = DicomFile::parse(&key_objects(title)).unwrap();
        let rejection = marks::rejection(&file.data()).unwrap();
        assert_eq!(rejection.reason, reason);
        assert_eq!(rejection.images.len(), 1);
        assert_eq!(rejection.images[0].instance.as_str(), "1.2.3.9");
        assert_eq!(rejection.images[0].frames, [1]);
        assert!(reason.mark().starts_with("rejected"));
    }
    // Of interest.
    let file = DicomFile::parse(&key_objects("113000")).unwrap();
    assert_eq!(marks::rejection(&file.data()), None);
    let test = "t57_key_objects_reject_images_by_their_title";
    if let Some(folder) = shelf_folder(test, "data/dicom_objects/made") {
        let bytes = fs::read(folder.join("key_object_selection.dcm")).unwrap();
        let file = DicomFile::parse(&bytes).unwrap();
        assert_eq!(marks::rejection(&file.data()), None);
    }
}
