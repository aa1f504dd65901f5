//! What the made-up study holds besides images: a report, key images, segments, contours, a state, a PDF, and what cannot be drawn.

use std::sync::Arc;

use triptych_ui::view::*;
use triptych_workbench::annotate::AnchorPlane;
use triptych_workbench::objects::document::PagePicture;
use triptych_workbench::objects::presentation_state::{
    GraphicAnnotation, GraphicKind, GraphicObject, PresentationState, TextAnchor, TextObject, Units,
};
use triptych_workbench::objects::rtstruct::{Contour, ContourKind, Roi, StructureSet};
use triptych_workbench::objects::segmentation::{
    Cells, Overlap, Segment, SegmentPlane, Segmentation, SegmentationKind,
};
use triptych_workbench::objects::{
    Code, ContentItem, ContentValue, ImageReference, KeyObjects, Number, Object, ObjectKind,
    SeriesReference, SrTree,
};
use triptych_workbench::{ObjectContent, SeriesUid, SopInstanceUid};

/// The first set of the sample.
pub fn lung() -> SeriesUid {
    SeriesUid::new("1.2.4.9").unwrap()
}

/// Image of slice `k` of the first set.
pub fn image(k: usize) -> ImageReference {
    let uid = SopInstanceUid::new(&format!("1.2.3.9.9.{k}")).unwrap();
    ImageReference::whole("1.2.840.10008.5.1.4.1.1.2", uid)
}

pub fn uid(n: u32) -> SopInstanceUid {
    SopInstanceUid::new(&format!("1.2.77.{n}")).unwrap()
}

pub fn object(n: u32, kind: ObjectKind, title: &str, content: Option<ObjectContent>) -> ObjectView {
    let slot = Arc::new(ObjectSlot::default());
    if let Some(content) = content {
        slot.set(Ok(content));
    }
    ObjectView {
        instance: uid(n),
        series: SeriesUid::new(&format!("1.2.78.{n}")).unwrap(),
        kind,
        class: "Some Storage".into(),
        title: title.into(),
        date: format!("2021-02-{:02}", n + 1),
        time: "10:00".into(),
        author: "Meier".into(),
        owner: ImageOwner {
            name: "HYATT, Neva".into(),
            identifier: "e6a7ccbf".into(),
            birth_date: "1970-05-28".into(),
            sex: "F".into(),
            same_as_banner: true,
        },
        refers_to: vec![lung()],
        slot,
    }
}

fn code(value: &str, scheme: &str, meaning: &str) -> Code {
    Code {
        value: value.into(),
        scheme: scheme.into(),
        version: String::new(),
        meaning: meaning.into(),
    }
}

fn item(name: Code, value: ContentValue, children: Vec<ContentItem>) -> ContentItem {
    ContentItem {
        relationship: "CONTAINS".into(),
        concept: Some(name),
        value,
        template: None,
        uid: None,
        observed: None,
        other: Vec::new(),
        children,
    }
}

pub fn tree() -> SrTree {
    let length = ContentValue::Number(Number {
        text: "12.4".into(),
        exact: None,
        unit: Some(code("mm", "UCUM", "millimeter")),
        qualifier: None,
    });
    let lesion = ContentValue::Code(code("52988006", "SCT", "Lesion"));
    let words = "A lesion of the right upper lobe. ".repeat(6);
    let group = item(
        code("125007", "DCM", "Measurement Group"),
        ContentValue::Container("SEPARATE".into()),
        vec![
            item(code("121071", "DCM", "Finding"), lesion, vec![]),
            item(code("410668003", "SCT", "Length"), length, vec![]),
            item(
                code("121106", "DCM", "Comment"),
                ContentValue::Text(words),
                vec![],
            ),
        ],
    );
    SrTree {
        sop_class: "1.2.840.10008.5.1.4.1.1.88.33".into(),
        completion: "COMPLETE".into(),
        verification: "UNVERIFIED".into(),
        preliminary: String::new(),
        verified_by: vec![],
        date: "20210222".into(),
        time: "100000".into(),
        written_by: "Some program".into(),
        evidence: vec![],
        problems: vec![],
        root: item(
            code("126000", "DCM", "Imaging Measurement Report"),
            ContentValue::Container("SEPARATE".into()),
            vec![group],
        ),
    }
}

/// The report with its length inferred from image `k`, and another image that is not here.
pub fn tree_with_image(k: usize) -> SrTree {
    let mut tree = tree();
    let image = |image| {
        let value = ContentValue::Image {
            image,
            state: None,
            values: None,
        };
        ContentItem {
            concept: None,
            ..item(code("", "", ""), value, vec![])
        }
    };
    let line = ContentItem {
        concept: None,
        ..item(
            code("", "", ""),
            ContentValue::Points {
                kind: "POLYLINE".into(),
                points: vec![[1.0, 1.0], [9.0, 9.0]],
            },
            vec![image(self::image(k))],
        )
    };
    let group = &mut tree.root.children[0];
    group.children[1].children.push(line);
    let absent = ImageReference::whole("1.2.840.10008.5.1.4.1.1.2", uid(999));
    group.children.push(image(absent));
    tree
}

pub fn keys() -> KeyObjects {
    let key = |k| triptych_workbench::objects::KeyImage {
        image: image(k),
        place: None,
    };
    let absent = triptych_workbench::objects::KeyImage {
        image: ImageReference::whole("1.2.840.10008.5.1.4.1.1.2", uid(999)),
        place: None,
    };
    KeyObjects {
        title: code("113000", "DCM", "Of Interest"),
        modifiers: vec![],
        description: "for the board".into(),
        observer: "Meier".into(),
        keys: vec![key(30), absent],
        twins: vec![],
        tree: tree(),
    }
}

/// Two squares on slices 28 to 31; the second segment only a slice further.
pub fn segmentation(frame_of_reference: &str) -> Segmentation {
    let segment = |number, label: &str, colour| Segment {
        number,
        label: label.into(),
        category: None,
        property: None,
        algorithm_type: "AUTOMATIC".into(),
        algorithm_name: "NET".into(),
        colour,
    };
    let plane = |segment, k: u32, part: [u32; 4]| SegmentPlane {
        segment,
        frame: k,
        place: AnchorPlane {
            position: [0.0, 0.0, -4.0 * f64::from(k)],
            orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            spacing: [1.4, 1.4],
        },
        size: [256, 256],
        thickness: Some(4.0),
        step: None,
        source: None,
        part,
        cells: Cells::Bits(vec![0xFF; (part[2] * part[3]).div_ceil(8) as usize]),
    };
    let mut planes: Vec<SegmentPlane> = (28..32).map(|k| plane(1, k, [50, 100, 40, 48])).collect();
    planes.extend((29..33).map(|k| plane(2, k, [120, 90, 48, 40])));
    Segmentation {
        frame_of_reference: Some(frame_of_reference.into()),
        kind: SegmentationKind::Binary,
        overlap: Overlap::No,
        segments: vec![
            segment(1, "Nodule", [230, 159, 0]),
            segment(2, "Heart", [86, 180, 233]),
        ],
        planes,
        problems: vec![],
    }
}

pub fn structures() -> StructureSet {
    let ring = |k: f64, r: f64| Contour {
        kind: ContourKind::ClosedPlanar,
        points: (0..48)
            .map(|i| {
                let a = f64::from(i) * std::f64::consts::TAU / 48.0;
                [230.0 + r * a.cos(), 180.0 + r * a.sin(), -4.0 * k]
            })
            .collect(),
        images: vec![],
    };
    let roi = |number, name: &str, contours| Roi {
        number,
        name: name.into(),
        frame_of_reference: Some("1.2.5".into()),
        colour: [204, 121, 167],
        algorithm: "MANUAL".into(),
        contours,
    };
    let contours = (27..33).flat_map(|k| [ring(f64::from(k), 50.0), ring(f64::from(k), 20.0)]);
    StructureSet {
        label: "PLAN".into(),
        rois: vec![
            roi(1, "GTV", contours.collect()),
            roi(2, "Not drawn", vec![]),
        ],
        problems: vec![],
    }
}

pub fn state() -> PresentationState {
    PresentationState {
        label: "AS READ".into(),
        references: vec![SeriesReference {
            series: lung(),
            images: vec![image(29)],
        }],
        flip_h: true,
        annotations: vec![GraphicAnnotation {
            layer: String::new(),
            scope: vec![],
            graphics: vec![GraphicObject {
                kind: GraphicKind::Circle,
                units: Units::Pixel,
                points: vec![[61.0, 144.0], [81.0, 144.0]],
                filled: false,
            }],
            texts: vec![TextObject {
                text: "see here".into(),
                anchor: Some(TextAnchor {
                    units: Units::Pixel,
                    point: [90.0, 120.0],
                    visible: true,
                }),
                area: None,
            }],
        }],
        ..PresentationState::default()
    }
}

pub fn page(width: u32) -> PagePicture {
    let height = width * 141 / 100;
    let ink = |x: u32, y: u32| x > width / 10 && x < width * 9 / 10 && y % 24 < 3 && y > 60;
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgba = pixels.flat_map(|(x, y)| {
        let v = if ink(x, y) { 40 } else { 255 };
        [v, v, v, 255]
    });
    PagePicture {
        width,
        height,
        rgba: rgba.collect(),
        marks: vec![],
    }
}

fn read(object: Object) -> Option<ObjectContent> {
    Some(ObjectContent::Read(Box::new(object)))
}

/// The sample's newest study with everything in it.
pub fn add(patient: &mut PatientView) {
    let segments = |frame| Some(ObjectContent::Segmentation(Box::new(segmentation(frame))));
    let named = ObjectContent::Named {
        why: "objects of this kind are kept and not drawn".into(),
    };
    let pages = ObjectContent::Pages {
        title: "Letter".into(),
        pages: 3,
    };
    let mut alone = object(9, ObjectKind::Other, "Plan", Some(named));
    alone.refers_to.clear();
    patient.studies[0].objects = vec![
        object(
            1,
            ObjectKind::Report,
            "Measurements",
            read(Object::Report(tree())),
        ),
        object(
            2,
            ObjectKind::KeyObjects,
            "Of Interest",
            read(Object::KeyObjects(keys())),
        ),
        object(3, ObjectKind::Segmentation, "Lobes", segments("1.2.5")),
        object(4, ObjectKind::Segmentation, "Elsewhere", segments("1.2.6")),
        object(
            5,
            ObjectKind::StructureSet,
            "PLAN",
            Some(ObjectContent::Structures(Box::new(structures()))),
        ),
        object(
            6,
            ObjectKind::PresentationState,
            "AS READ",
            read(Object::PresentationState(state())),
        ),
        object(7, ObjectKind::Document, "Letter", Some(pages)),
        object(
            8,
            ObjectKind::Waveform,
            "ECG",
            Some(ObjectContent::Waveform(vec![
                "RHYTHM: 12 channels, 10.0 s at 1000 Hz".into(),
            ])),
        ),
        alone,
    ];
}
