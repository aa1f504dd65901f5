//! E1: what other programs draw in ways that ours never does: over several images, in several lines, in space.

use super::*;
use crate::{
    annotate::AnchorPlane,
    objects::{
        Code, ContentItem, ContentValue, Evidence, ImageReference, MeasurementReport, Number,
        ReportState, SrTree, write_measurements,
    },
};

fn points(kind: &str, points: &[[f32; 2]], image: &ImageReference) -> ContentItem {
    let image = ContentValue::Image {
        image: image.clone(),
        state: None,
        values: None,
    };
    let points = ContentValue::Points {
        kind: kind.into(),
        points: points.to_vec(),
    };
    let region = Code::new("111030", "DCM", "Image Region");
    ContentItem::new("CONTAINS", Some(region), points).with(ContentItem::new(
        "SELECTED FROM",
        None,
        image,
    ))
}

fn in_space(kind: &str, points: &[[f32; 3]]) -> ContentItem {
    let value = ContentValue::PointsMm {
        kind: kind.into(),
        frame_of_reference: "1.2.3.4".into(),
        points: points.to_vec(),
    };
    let region = Code::new("111030", "DCM", "Image Region");
    ContentItem::new("CONTAINS", Some(region), value)
}

fn group(name: &str, items: Vec<ContentItem>) -> ContentItem {
    let container = ContentValue::Container("SEPARATE".into());
    let concept = Code::new("125007", "DCM", "Measurement Group");
    let label = Code::new("112039", "DCM", "Tracking Identifier");
    let label = ContentItem::new(
        "HAS OBS CONTEXT",
        Some(label),
        ContentValue::Text(name.into()),
    );
    let mut group = ContentItem::new("CONTAINS", Some(concept), container).with(label);
    group.children.extend(items);
    group
}

/// The report of another program over the first of the shelf's images, with these groups.
fn report(
    folder: &Path,
    groups: impl Fn(&ImageReference) -> Vec<ContentItem>,
) -> MeasurementReport {
    let file = parse(&folder.join(IMAGES[0]));
    let anchor = anchor(&file, 0);
    let line = drawing(1, Shape::Length, &[[1.0, 1.0], [9.0, 9.0]], &anchor);
    let state = ReportState {
        complete: true,
        last: true,
    };
    let context = context(&file, "2.25.4711");
    let mut written = write_measurements(&context, &[line], state, &mut counter()).unwrap();
    // Under another name it is another program's.
    let own = crate::objects::code::OWN_SCHEME.as_bytes();
    let places: Vec<usize> = (0..written.bytes.len())
        .filter(|at| written.bytes[*at..].starts_with(own))
        .collect();
    for at in places {
        written.bytes[at + own.len() - 1] = b'X';
    }
    let parsed = DicomFile::parse(&written.bytes).unwrap();
    let mut tree = SrTree::read(&parsed.data()).unwrap();
    let image = anchor.image.unwrap();
    let image = ImageReference::whole(image.sop_class, image.instance);
    let mut other = image.clone();
    other.instance = SopInstanceUid::new("1.2.3.99").unwrap();
    tree.evidence.push(Evidence {
        study: anchor.study,
        series: anchor.series,
        image: other,
    });
    let measured = Code::new("126010", "DCM", "Imaging Measurements");
    let is_measured = |i: &&mut ContentItem| {
        i.concept
            .as_ref()
            .is_some_and(|c| c.value == measured.value)
    };
    let section = tree.root.children.iter_mut().find(is_measured).unwrap();
    section.children = groups(&image);
    MeasurementReport::read(&parsed.data(), tree).unwrap()
}

#[test]
fn e1_one_region_over_several_images_is_a_drawing_on_each() {
    let test = "e1_one_region_over_several_images_is_a_drawing_on_each";
    let Some(folder) = series_folder(test) else {
        return;
    };
    let ring = [[1.0, 1.0], [9.0, 1.0], [9.0, 9.0], [1.0, 1.0]];
    let report = report(&folder, |image| {
        let mut other = image.clone();
        other.instance = SopInstanceUid::new("1.2.3.99").unwrap();
        let mut frames = image.clone();
        frames.frames = vec![2, 5];
        let volume = ContentValue::Number(Number {
            text: "12.50".into(),
            exact: None,
            unit: Some(Code::new("ml", "UCUM", "milliliter")),
            qualifier: None,
        });
        let name = Code::new("118565006", "SCT", "Volume");
        let volume = ContentItem::new("CONTAINS", Some(name), volume);
        vec![
            group(
                "Volume",
                vec![
                    points("POLYLINE", &ring, image),
                    points("POLYLINE", &ring, &other),
                    volume,
                ],
            ),
            group("Frames", vec![points("POLYLINE", &ring, &frames)]),
        ]
    });
    assert!(
        report.read_only && report.not_drawn.is_empty(),
        "{:?}",
        report.not_drawn
    );
    let drawn = &report.annotations;
    let on: Vec<_> = drawn
        .iter()
        .map(|a| a.anchor.image.as_ref().unwrap())
        .collect();
    assert_eq!(on.len(), 4);
    assert_eq!(on[1].instance.as_str(), "1.2.3.99");
    assert_eq!((on[2].frame, on[3].frame), (2, 5));
    assert!(
        drawn
            .iter()
            .all(|a| a.shape == Shape::Polygon && a.locked && a.points.len() == 3)
    );
    let uids: BTreeSet<&str> = drawn.iter().map(|a| a.uid.as_str()).collect();
    assert_eq!(uids.len(), 4, "each is its own");
    assert_eq!(drawn[0].lesion, drawn[1].lesion, "of one finding");
    assert_eq!(report.said[0], ["Volume 12.50 ml"]);
    assert_eq!(report.said[0], report.said[1]);
    assert_eq!(report.said.len(), drawn.len());
}

#[test]
fn e1_lines_and_points_that_are_no_shape_of_ours_are_drawn_one_by_one() {
    let test = "e1_lines_and_points_that_are_no_shape_of_ours_are_drawn_one_by_one";
    let Some(folder) = series_folder(test) else {
        return;
    };
    let report = report(&folder, |image| {
        vec![
            group(
                "Cross",
                vec![
                    points("POLYLINE", &[[1.0, 5.0], [9.0, 5.0]], image),
                    points("POLYLINE", &[[5.0, 1.0], [5.0, 9.0]], image),
                    points(
                        "ELLIPSE",
                        &[[1.0, 5.0], [9.0, 5.0], [5.0, 3.0], [5.0, 7.0]],
                        image,
                    ),
                ],
            ),
            group(
                "Points",
                vec![points(
                    "MULTIPOINT",
                    &[[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]],
                    image,
                )],
            ),
            group("Odd", vec![points("BLOB", &[[1.0, 1.0]], image)]),
        ]
    });
    let shapes: Vec<Shape> = report.annotations.iter().map(|a| a.shape).collect();
    let line = Shape::Length;
    let point = Shape::Probe;
    assert_eq!(shapes, [line, line, Shape::Ellipse, point, point, point]);
    assert_eq!(report.not_drawn, ["Odd: BLOB that cannot be drawn"]);
}

#[test]
fn e1_what_lies_in_space_is_drawn_on_the_plane_that_holds_it() {
    let test = "e1_what_lies_in_space_is_drawn_on_the_plane_that_holds_it";
    let Some(folder) = series_folder(test) else {
        return;
    };
    let corners = [[10.0, 20.0, 5.2], [14.0, 20.0, 5.2], [14.0, 24.0, 5.2]];
    let report = report(&folder, |_| {
        vec![
            group("Triangle", vec![in_space("POLYGON", &corners)]),
            group("Pair", vec![in_space("MULTIPOINT", &corners[..2])]),
            group("Ball", vec![in_space("ELLIPSOID", &[[0.0; 3]; 6])]),
        ]
    });
    assert!(report.annotations.is_empty());
    let [triangle, first, second, ball] = report.in_space.as_slice() else {
        panic!("{:?}", report.in_space)
    };
    let mut anchor = triangle.drawing.anchor.clone();
    assert_eq!(anchor.frame_of_reference.as_deref(), Some("1.2.3.4"));
    anchor.plane = Some(AnchorPlane {
        position: [8.0, 16.0, 5.0],
        orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        // Between rows 2 mm, between columns 1 mm.
        spacing: [2.0, 1.0],
    });
    let off = triangle.off(&anchor).unwrap();
    assert!((off - 0.2).abs() < 1e-6, "{off}");
    let drawn = triangle.on(anchor.clone()).unwrap();
    assert_eq!(drawn.shape, Shape::Polygon);
    // The centre of the first pixel is at half a pixel.
    for (got, wanted) in drawn
        .points
        .iter()
        .zip([[2.5, 2.5], [6.5, 2.5], [6.5, 4.5]])
    {
        let near = got.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(near, "{got:?} {wanted:?}");
    }
    assert_eq!(first.on(anchor.clone()).unwrap().shape, Shape::Probe);
    assert_ne!(first.drawing.uid, second.drawing.uid);
    let why = ball.on(anchor.clone()).unwrap_err();
    assert_eq!(why, "ELLIPSOID in space is not drawn");
    anchor.plane = None;
    assert!(triangle.off(&anchor).is_none() && triangle.on(anchor).is_err());
}
