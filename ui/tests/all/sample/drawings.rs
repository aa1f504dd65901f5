//! A mass measured on two dates, an ellipse in soft tissue, a key image: as the workbench would give them.

use std::sync::Arc;

use triptych_render::display::SpacingProvenance;
use triptych_ui::view::*;
use triptych_workbench::annotate::{
    Anchor, AnchorImage, AnchorPlane, Annotation, Quantity, Shape, Stated,
};
use triptych_workbench::measure::{Dated, findings};
use triptych_workbench::{SeriesUid, SopInstanceUid};

use super::{study_uid, when};

fn drawing(
    uid: &str,
    label: &str,
    shape: Shape,
    points: &[[f64; 2]],
    image: (usize, usize, usize),
) -> Annotation {
    let (study, key, slice) = image;
    Annotation {
        uid: uid.into(),
        lesion: uid.into(),
        label: label.into(),
        shape,
        points: points.to_vec(),
        anchor: Anchor {
            study: study_uid(study),
            series: SeriesUid::new(&format!("1.2.4.{key}")).unwrap(),
            frame_of_reference: Some("1.2.5".into()),
            plane: Some(AnchorPlane {
                position: [0.0, 0.0, slice as f64 * -4.0],
                orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
                spacing: [1.4, 1.4],
            }),
            image: Some(AnchorImage {
                sop_class: "1.2.840.10008.5.1.4.1.1.2".into(),
                instance: SopInstanceUid::new(&format!("1.2.3.9.{key}.{slice}")).unwrap(),
                frame: 0,
                size: [256, 256],
            }),
        },
        text: String::new(),
        known_mm: None,
        finding: None,
        site: None,
        values: Vec::new(),
        author: "reader".into(),
        created: "2021-02-22T09:38:00Z".into(),
        edited: "2021-02-22T09:38:00Z".into(),
        software: "Triptych".into(),
        locked: false,
    }
}

/// Two diameters around the nodule of `radius` pixels.
fn mass(uid: &str, radius: f64, image: (usize, usize, usize)) -> Annotation {
    let (x, y) = (61.5, 145.0);
    let (a, b) = (radius * 0.95, radius * 0.8);
    let points = [
        [x - a, y + 2.0],
        [x + a, y - 2.0],
        [x - 1.7, y - b],
        [x + 1.7, y + b],
    ];
    let mut mass = drawing(uid, "L1", Shape::Bidirectional, &points, image);
    mass.lesion = "2.25.1".into();
    let axis = |quantity, half: f64| Stated {
        quantity,
        value: half * 2.8,
        unit: "mm".into(),
        provenance: Some(SpacingProvenance::CrossSection),
    };
    mass.values = vec![axis(Quantity::LongAxis, a), axis(Quantity::ShortAxis, b)];
    mass
}

pub fn drawings() -> DrawingsView {
    let now = mass("2.25.1", 9.0, (1, 9, 29));
    let prior = mass("2.25.2", 6.0, (2, 10, 28));
    let heart = [
        [118.0, 120.0],
        [158.0, 120.0],
        [138.0, 106.0],
        [138.0, 134.0],
    ];
    let mut heart = drawing("2.25.3", "L2", Shape::Ellipse, &heart, (1, 9, 29));
    heart.values = vec![Stated {
        quantity: Quantity::Area,
        value: 1724.0,
        unit: "mm2".into(),
        provenance: Some(SpacingProvenance::CrossSection),
    }];
    let all = vec![now, prior, heart];
    let date = |a: &Annotation| {
        let day = if a.anchor.study == study_uid(2) {
            "2020-12-07T14:30:00Z"
        } else {
            "2021-02-22T09:12:00Z"
        };
        when(day).instant
    };
    let dated: Vec<Dated<'_>> = all
        .iter()
        .map(|a| Dated {
            annotation: a,
            taken: date(a),
            slice_thickness_mm: Some(4.0),
            kernel: "",
        })
        .collect();
    let lesions = findings(&dated);
    DrawingsView {
        lesions: lesions.into(),
        annotations: all.into(),
        key_images: Arc::new([KeyImage {
            study: study_uid(1),
            series: SeriesUid::new("1.2.4.9").unwrap(),
            instance: SopInstanceUid::new("1.2.3.9.9.29").unwrap(),
            frame: 0,
            reason: String::new(),
            author: "reader".into(),
            marked: "2021-02-22T09:40:00Z".into(),
        }]),
        ..DrawingsView::default()
    }
}
