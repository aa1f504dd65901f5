//! Segmentations (E4) of the shelf against counts and centres that pydicom and numpy gave, and made ones on other planes.

use std::{fs, path::Path};

use super::shelf_folder;
use crate::{
    DicomFile,
    annotate::AnchorPlane,
    display::{Mask, MaskStyle},
    geometry::{ViewState, ViewTransform},
    objects::{
        OverlayError, Target,
        segmentation::{Cells, Overlap, Segment, SegmentPlane, Segmentation, SegmentationKind},
    },
};

fn read(path: &Path) -> Segmentation {
    let bytes = fs::read(path).unwrap();
    let file = DicomFile::parse(&bytes).unwrap();
    Segmentation::read(&file, &bytes).unwrap()
}

/// File, segment, voxels above 0, sum of fractions, centre by weight in LPS mm.
const TRUTH: [(&str, u16, u64, f64, [f64; 3]); 18] = [
    (
        "seg/23x38x3_label_seg.dcm",
        1,
        322,
        322.0,
        [55.6584, 12.071, -175.25],
    ),
    (
        "seg/24x38x3_label_seg.dcm",
        1,
        315,
        315.0,
        [55.8249, 11.8455, -175.25],
    ),
    (
        "seg/partial_overlaps.dcm",
        1,
        9602,
        9602.0,
        [-75.1194, -45.9222, -127.69],
    ),
    (
        "seg/partial_overlaps.dcm",
        2,
        11_888,
        11_888.0,
        [-11.7116, -22.1172, -127.69],
    ),
    (
        "seg/partial_overlaps.dcm",
        3,
        10_743,
        10_743.0,
        [-27.3963, -28.0944, -126.7227],
    ),
    (
        "seg/partial_overlaps.dcm",
        4,
        6693,
        6693.0,
        [28.5729, 60.8724, -128.69],
    ),
    (
        "seg/partial_overlaps.dcm",
        5,
        4713,
        4713.0,
        [-99.4197, 69.8231, -128.69],
    ),
    (
        "seg/seg_image_ct_binary.dcm",
        1,
        638,
        638.0,
        [-121.7129, -124.4172, 104.5208],
    ),
    (
        "seg/seg_image_ct_binary_fractional.dcm",
        1,
        638,
        638.0,
        [-121.7129, -124.4172, 104.5208],
    ),
    (
        "seg/seg_image_ct_binary_overlap.dcm",
        1,
        64,
        64.0,
        [-122.3145, -125.4145, 53.3325],
    ),
    (
        "seg/seg_image_ct_binary_overlap.dcm",
        2,
        16,
        16.0,
        [-121.8262, -124.9262, 53.3325],
    ),
    (
        "seg/seg_image_ct_binary_single_frame.dcm",
        1,
        1832,
        1832.0,
        [-121.8804, -148.3219, -75.7],
    ),
    (
        "seg/seg_image_ct_true_fractional.dcm",
        1,
        661,
        326.023_529,
        [-121.7016, -124.4182, 104.4961],
    ),
    (
        "seg/seg_of_pet_head_neck.dcm",
        1,
        54,
        54.0,
        [-12.8152, -233.3348, -420.2715],
    ),
    (
        "seg/seg_of_pet_head_neck.dcm",
        2,
        212,
        212.0,
        [-44.0517, -222.6929, -418.8452],
    ),
    (
        "seg/sparse-labelmap-noppv.dcm",
        1,
        630,
        630.0,
        [55.8249, 11.8455, -175.25],
    ),
    (
        "seg/sparse-labelmap-ppv5.dcm",
        0,
        1194,
        1194.0,
        [53.8237, 21.1997, -175.25],
    ),
    ("sr/seg.dcm", 1, 795, 795.0, [-11.7295, -224.8788, -97.0215]),
];

#[test]
fn e4_voxels_and_centres_of_all_segmentations_of_the_shelf() {
    let test = "e4_voxels_and_centres_of_all_segmentations_of_the_shelf";
    let Some(folder) = shelf_folder(test, "data/dicom_objects") else {
        return;
    };
    for (name, number, voxels, weight, centroid) in TRUTH {
        let extent = read(&folder.join(name)).extent(number);
        assert_eq!(extent.voxels, voxels, "{name} {number}");
        assert!((extent.weight - weight).abs() < 1e-5, "{name} {number}");
        let got = extent.centroid.unwrap();
        for (a, b) in got.iter().zip(centroid) {
            assert!((a - b).abs() < 1e-4, "{name} {number}: {got:?}");
        }
    }
}

#[test]
fn e4_segments_say_what_they_are_and_who_drew_them() {
    let test = "e4_segments_say_what_they_are_and_who_drew_them";
    let Some(folder) = shelf_folder(test, "data/dicom_objects/seg") else {
        return;
    };
    let liver = read(&folder.join("23x38x3_label_seg.dcm"));
    let segment = liver.segment(1).unwrap();
    assert_eq!(segment.label, "Liver");
    assert_eq!(segment.algorithm(), "semiautomatic: SlicerEditor");
    assert!(segment.property.as_ref().unwrap().meaning.contains("Liver"));
    assert_eq!(liver.overlap, Overlap::Undefined);
    // 41661 41167 40792 of CIELab: red is its strongest part.
    let [r, g, b] = segment.colour;
    assert!(r > g && g > b, "{r} {g} {b}");
    let machine = read(&folder.join("seg_image_ct_binary.dcm"));
    assert_eq!(machine.segments[0].algorithm(), "automatic: test");
    assert_eq!(machine.overlap, Overlap::No);
    let label = read(&folder.join("sparse-labelmap-ppv5.dcm"));
    assert_eq!(label.kind, SegmentationKind::Labelmap);
    // Label 5 is padding, no segment.
    assert!(label.planes.iter().all(|p| p.segment < 2));
    assert_eq!(label.problems, [""; 0]);
    // The middle slice is not there, and nothing stands in for it.
    let z: Vec<f64> = label.planes_of(1).map(|p| p.place.position[2]).collect();
    assert_eq!(z.len(), 2);
    assert!((z[0] - z[1]).abs() > 4.0, "{z:?}");
    let mut place = label.planes_of(1).next().unwrap().place;
    let on = |place| {
        let target = Target {
            frame_of_reference: label.frame_of_reference.as_deref(),
            place,
            columns: 24,
            rows: 38,
            localizer: false,
        };
        label.mask(1, &target).unwrap()
    };
    assert!(!on(place).is_empty());
    place.position[2] = f64::midpoint(z[0], z[1]);
    assert!(on(place).is_empty(), "what is left out is empty");
    let extent = label.extent(1);
    assert!(extent.has_gap);
    // Voxels of 0.7 x 0.7 x 2.5 mm.
    let volume = extent.weight * 0.7 * 0.7 * 2.5;
    assert!((extent.volume_mm3.unwrap() - volume).abs() < 1e-6 * volume);
    // One voxel may be in several segments.
    let overlapping = read(&folder.join("partial_overlaps.dcm"));
    let of = |number: u16| {
        let planes = overlapping.planes_of(number);
        let z = |p: &SegmentPlane| (p.place.position[2] * 100.0).round() as i64;
        planes
            .flat_map(|p| p.voxels().map(move |(x, y, _)| (x, y, z(p))))
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert!(
        of(1).intersection(&of(3)).next().is_some() || of(2).intersection(&of(3)).next().is_some()
    );
}

#[test]
fn e4_slides_and_other_objects_are_refused_by_name() {
    let test = "e4_slides_and_other_objects_are_refused_by_name";
    let Some(folder) = shelf_folder(test, "data/dicom_objects") else {
        return;
    };
    for (name, why) in [
        (
            "seg/seg_image_sm_control_labelmap.dcm",
            "no place in the patient",
        ),
        ("seg/seg_image_sm_dots_tiled_full.dcm", "is of a slide"),
        ("seg/seg_image_sm_numbers.dcm", "no place in the patient"),
        ("seg/ct_image.dcm", "SOP class"),
    ] {
        let bytes = fs::read(folder.join(name)).unwrap();
        let file = DicomFile::parse(&bytes).unwrap();
        let error = Segmentation::read(&file, &bytes).unwrap_err().to_string();
        assert!(error.contains(why), "{name}: {error}");
    }
}

fn target(place: &AnchorPlane) -> Target<'_> {
    Target {
        frame_of_reference: Some("1.2"),
        place: *place,
        columns: 4,
        rows: 4,
        localizer: false,
    }
}

/// Complaint 24: on the PET that it was drawn on, each slice found by geometry; 23 columns; the same on the enhanced twin.
#[test]
fn e4_c24_segments_lie_on_their_images_by_geometry_alone() {
    let test = "e4_c24_segments_lie_on_their_images_by_geometry_alone";
    let Some(folder) = shelf_folder(test, "data") else {
        return;
    };
    let pet = read(&folder.join("dicom_objects/seg/seg_of_pet_head_neck.dcm"));
    let frame_of_reference = pet.frame_of_reference.clone();
    let mut total = 0;
    for k in 1..=72 {
        let bytes = fs::read(folder.join(format!("dicom_series/pet_head_neck/{k:03}.dcm")));
        let file = DicomFile::parse(&bytes.unwrap()).unwrap();
        let a = file.display_attributes(0);
        let plane = a.plane.unwrap();
        let shape = file.frame_shape().unwrap();
        let target = Target {
            frame_of_reference: frame_of_reference.as_deref(),
            place: AnchorPlane {
                position: plane.position,
                orientation: plane.orientation,
                spacing: a.spacing.pixel_spacing.unwrap(),
            },
            columns: shape.columns,
            rows: shape.rows,
            localizer: false,
        };
        let mask = pet.mask(2, &target).unwrap();
        let inside = mask.values.iter().filter(|v| **v == 255).count();
        assert!(!mask.resampled || inside > 0);
        if inside > 0 {
            assert!(!mask.resampled, "slice {k} is one of its own");
        }
        total += inside;
    }
    assert_eq!(total, 212);
    for name in ["23x38x3", "24x38x3"] {
        let seg = read(&folder.join(format!("dicom_objects/seg/{name}_label_seg.dcm")));
        let mut voxels = 0;
        for k in 1..=3 {
            let path = folder.join(format!("dicom_objects/seg/{name}_IMG{k:04}.dcm"));
            let file = DicomFile::parse(&fs::read(path).unwrap()).unwrap();
            let a = file.display_attributes(0);
            let shape = file.frame_shape().unwrap();
            let place = AnchorPlane {
                position: a.plane.unwrap().position,
                orientation: a.plane.unwrap().orientation,
                spacing: a.spacing.pixel_spacing.unwrap(),
            };
            let target = Target {
                frame_of_reference: seg.frame_of_reference.as_deref(),
                place,
                columns: shape.columns,
                rows: shape.rows,
                localizer: false,
            };
            let mask = seg.mask(1, &target).unwrap();
            assert!(!mask.resampled, "{name} {k}");
            voxels += mask.values.iter().filter(|v| **v > 0).count() as u64;
        }
        assert_eq!(voxels, seg.extent(1).voxels, "{name}");
    }
}

/// Three axial planes of 4 × 4 pixels of 1 mm, 2 mm apart; the middle one is not there.
fn made(kind: SegmentationKind) -> Segmentation {
    let plane = |frame: u32, z: f64, rows: [u8; 4]| {
        let bits = u16::from_le_bytes([rows[0] | rows[1] << 4, rows[2] | rows[3] << 4]);
        let cells = if kind == SegmentationKind::Binary {
            Cells::Bits(bits.to_le_bytes().to_vec())
        } else {
            let values = (0..16).map(|k| if bits >> k & 1 == 1 { 200 } else { 0 });
            Cells::Fractions {
                values: values.collect(),
                maximum: 200,
            }
        };
        SegmentPlane {
            segment: 1,
            frame,
            place: AnchorPlane {
                position: [0.0, 0.0, z],
                orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
                spacing: [1.0, 1.0],
            },
            size: [4, 4],
            thickness: Some(2.0),
            step: None,
            source: None,
            part: [0, 0, 4, 4],
            cells,
        }
    };
    Segmentation {
        frame_of_reference: Some("1.2".into()),
        kind,
        overlap: Overlap::No,
        segments: vec![Segment {
            number: 1,
            label: "made".into(),
            category: None,
            property: None,
            algorithm_type: "MANUAL".into(),
            algorithm_name: String::new(),
            colour: [255, 0, 0],
        }],
        planes: vec![
            plane(0, 0.0, [0b0110, 0b0110, 0, 0]),
            plane(1, 2.0, [0b0110, 0b0110, 0, 0]),
            plane(2, 6.0, [0b1000, 0, 0, 0]),
        ],
        problems: Vec::new(),
    }
}

fn lines(mask: &Mask) -> Vec<String> {
    let lines = mask.values.chunks_exact(mask.columns as usize);
    lines
        .map(|l| {
            let pixel = |v: &u8| if *v >= Mask::HALF { '#' } else { '.' };
            l.iter().map(pixel).collect()
        })
        .collect()
}

#[test]
fn e4_a_coronal_plane_shows_what_is_there_and_nothing_between() {
    let seg = made(SegmentationKind::Binary);
    // Rows go down from z = 7, one pixel a millimetre, through the first row of the frames.
    let coronal = Target {
        frame_of_reference: Some("1.2"),
        place: AnchorPlane {
            position: [0.0, 0.2, 7.5],
            orientation: [1.0, 0.0, 0.0, 0.0, 0.0, -1.0],
            spacing: [1.0, 1.0],
        },
        columns: 4,
        rows: 9,
        localizer: false,
    };
    let mask = seg.mask(1, &coronal).unwrap();
    assert!(mask.resampled);
    #[rustfmt::skip]
    assert_eq!(lines(&mask), [
        "....", "...#", "...#", "....", "....", ".##.", ".##.", ".##.", ".##.",
    ]);
    let extent = seg.extent(1);
    assert!(extent.has_gap);
    assert_eq!(extent.volume_mm3, Some(9.0 * 2.0));
}

#[test]
fn e4_flipped_and_finer_planes_are_resampled_where_the_voxels_are() {
    let seg = made(SegmentationKind::Binary);
    // Seen from the other side, half as large pixels.
    let turned = Target {
        frame_of_reference: Some("1.2"),
        place: AnchorPlane {
            position: [3.25, -0.25, 0.4],
            orientation: [-1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            spacing: [0.5, 0.5],
        },
        columns: 8,
        rows: 8,
        localizer: false,
    };
    let mask = seg.mask(1, &turned).unwrap();
    #[rustfmt::skip]
    assert_eq!(lines(&mask), [
        "..####..", "..####..", "..####..", "..####..", "........", "........", "........", "........",
    ]);
    assert!(mask.resampled);
    // A plane of its own is copied.
    let own = seg.mask(1, &target(&seg.planes[0].place)).unwrap();
    assert!(!own.resampled);
    assert_eq!(lines(&own), [".##.", ".##.", "....", "...."]);
    // Where nothing is, nothing is marked as changed.
    let mut empty = seg.planes[0].place;
    empty.position[2] = 4.0;
    let empty = seg.mask(1, &target(&empty)).unwrap();
    assert!(empty.is_empty() && !empty.resampled);
}

#[test]
fn e4_fractions_are_linear_between_planes_and_pixels() {
    let seg = made(SegmentationKind::Occupancy);
    let mut place = seg.planes[0].place;
    place.position = [0.5, 0.0, 0.0];
    let half = seg.mask(1, &target(&place)).unwrap();
    assert_eq!(half.values[..4], [128, 255, 128, 0]);
    // Halfway to a plane that is missing.
    place.position = [0.0, 0.0, 3.0];
    let fading = seg.mask(1, &target(&place)).unwrap();
    assert_eq!(fading.values[..4], [0, 128, 128, 0]);
    // A fraction of its own plane is that fraction.
    let mut part = seg.clone();
    for p in &mut part.planes {
        if let Cells::Fractions { maximum, .. } = &mut p.cells {
            *maximum = 250;
        }
    }
    let own = part.mask(1, &target(&seg.planes[0].place)).unwrap();
    assert_eq!(own.values[..4], [0, 204, 204, 0]);
}

#[test]
fn e4_t27_another_frame_of_reference_or_none_is_refused() {
    let seg = made(SegmentationKind::Binary);
    let place = seg.planes[0].place;
    for other in [Some("1.3"), Some(" "), None] {
        let target = Target {
            frame_of_reference: other,
            ..target(&place)
        };
        let refused = seg.mask(1, &target).unwrap_err();
        assert!(matches!(refused, OverlayError::FrameOfReference { .. }));
    }
    let localizer = Target {
        localizer: true,
        ..target(&place)
    };
    let refused = seg.mask(1, &localizer).unwrap_err().to_string();
    assert!(refused.contains("localizer"));
    let mut nowhere = place;
    nowhere.spacing = [0.0, 1.0];
    assert_eq!(seg.mask(1, &target(&nowhere)), Err(OverlayError::NoPlane));
}

#[test]
fn e4_a_mask_has_an_outline_and_lets_the_image_through() {
    let seg = made(SegmentationKind::Binary);
    let mask = seg.mask(1, &target(&seg.planes[0].place)).unwrap();
    let mut outline = mask.outline();
    outline.sort_by(|a, b| a.partial_cmp(b).unwrap());
    assert_eq!(
        outline,
        [
            [[1.0, 0.0], [1.0, 2.0]],
            [[1.0, 0.0], [3.0, 0.0]],
            [[1.0, 2.0], [3.0, 2.0]],
            [[3.0, 0.0], [3.0, 2.0]],
        ]
    );
    let transform = ViewTransform::new(4, 4, 1.0, [40, 40], &ViewState::default());
    let mut out = [100, 100, 100, 255].repeat(1600);
    mask.paint(&transform, [40, 40], &MaskStyle::of([255, 0, 0]), &mut out);
    let at = |x: usize, y: usize| out[(y * 40 + x) * 4..][..3].to_vec();
    assert_eq!(at(5, 5), [100, 100, 100]);
    assert_eq!(at(10, 5), [255, 0, 0]);
    assert_eq!(at(20, 10), [147, 70, 70]);
    assert_eq!(at(20, 19), [255, 0, 0]);
}
