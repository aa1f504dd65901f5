//! Imaging studies: a made-up thorax, decoded where the leaf looks first.

use std::sync::Arc;

use triptych_render::display::CornerAttributes;
use triptych_render::geometry::{PlacedImage, PlacedStack, Plane, Space};
use triptych_render::{
    Colour, DisplayAttributes, Frame, FrameBytes, FrameShape, PlaneAttributes, SampleType,
};
use triptych_ui::view::*;
use triptych_workbench::{SeriesUid, SopInstanceUid};

use super::study_uid;

/// Thorax in Hounsfield units: soft tissue, lungs, spine, heart, a nodule of `nodule` pixels.
fn thorax(slice: usize, nodule: f32) -> Frame {
    let n = 256usize;
    let mut noise = 0x9e37_79b9_u32 ^ (slice as u32).wrapping_mul(7919);
    let mut bytes = Vec::with_capacity(n * n * 2);
    for y in 0..n {
        for x in 0..n {
            let (u, v) = ((x as f32 - 128.0) / 128.0, (y as f32 - 132.0) / 128.0);
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            let inside = |cx: f32, cy: f32, rx: f32, ry: f32| {
                ((u - cx) / rx).powi(2) + ((v - cy) / ry).powi(2) < 1.0
            };
            let mut hu = -1000.0;
            if inside(0.0, 0.0, 0.88, 0.66) {
                hu = -90.0;
                if inside(0.0, 0.0, 0.82, 0.6) {
                    hu = 45.0;
                }
                if inside(-0.4, -0.02, 0.32, 0.46) || inside(0.42, 0.0, 0.32, 0.46) {
                    hu = -850.0;
                    let vessel = ((u * 31.0).sin() * (v * 27.0).cos()).abs();
                    if vessel > 0.96 {
                        hu = 20.0;
                    }
                }
                if inside(0.08, -0.1, 0.24, 0.26) {
                    hu = 60.0;
                }
                if inside(0.0, 0.42, 0.12, 0.12) {
                    hu = 420.0;
                }
                if ((u + 0.52).powi(2) + (v - 0.1).powi(2)).sqrt() * 128.0 < nodule {
                    hu = 40.0;
                }
                let ring = (u / 0.84).powi(2) + (v / 0.62).powi(2);
                if (0.8..0.87).contains(&ring) && ((v * 24.0).sin() > 0.2) {
                    hu = 380.0;
                }
            }
            let value = hu + (noise >> 26) as f32 - 32.0;
            bytes.extend((value as i16).to_le_bytes());
        }
    }
    Frame {
        shape: FrameShape {
            columns: 256,
            rows: 256,
            sample: SampleType::I16,
            colour: Colour::Monochrome2,
        },
        bytes: FrameBytes::from(bytes),
    }
}

fn display(modality: &str) -> Arc<DisplayAttributes> {
    let mut d = DisplayAttributes {
        modality: modality.into(),
        bits_stored: 16,
        ..DisplayAttributes::default()
    };
    d.unit = "HU".into();
    d.corner = CornerAttributes {
        patient_id: "e6a7ccbf".into(),
        birth_date: Some(super::when("1970-05-28T00:00:00Z")),
        sex: "F".into(),
        study_time: Some(super::when("2021-02-22T09:12:00Z")),
        institution: "St. Mary".into(),
        slice_thickness_mm: Some(4.0),
        kernel: if modality == "CT" { "lung D" } else { "" }.into(),
        ..CornerAttributes::default()
    };
    d.corner.name.alphabetic.family = "HYATT".into();
    d.corner.name.alphabetic.given = "Neva".into();
    d.spacing.pixel_spacing = Some([1.4, 1.4]);
    d.spacing.has_plane = true;
    d.patient_orientation = Some(["L".into(), "P".into()]);
    if modality == "CT" {
        d.convolution_kernel = "lung D".into();
    }
    Arc::new(d)
}

fn series(
    key: &str,
    number: &str,
    description: &str,
    modality: &str,
    images: usize,
    nodule: f32,
    decoded: bool,
) -> SeriesView {
    let shown = display(modality);
    let slices = (0..images)
        .map(|i| {
            let pixels = Pixels::default();
            // Only what is looked at: the middle third.
            if decoded && (images < 4 || (images / 3..images * 2 / 3).contains(&i)) {
                let id = (key.len() as u64) << 40
                    | (number.len() as u64) << 32
                    | u64::from(key.as_bytes()[key.len() - 1]) << 16
                    | i as u64;
                let near = if i == images / 2 || i == (images - 1) / 2 || images < 4 {
                    i
                } else {
                    0
                };
                if near == i {
                    let mut display = DisplayAttributes::clone(&shown);
                    display.plane = (modality == "CT").then_some(PlaneAttributes {
                        position: [0.0, 0.0, i as f64 * -4.0],
                        orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
                    });
                    pixels.set(Ok(Decoded {
                        id,
                        frame: thorax(i, nodule),
                        display: Arc::new(display),
                    }));
                } else if i == images / 2 + 1 {
                    pixels.set(Err("pixel data end at byte 262,144 of 524,288".into()));
                }
            }
            Slice {
                instance: SopInstanceUid::new(&format!("1.2.3.9.{}.{i}", key.len())).unwrap(),
                frame: 0,
                orientation: Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
                position: Some([0.0, 0.0, i as f64 * -4.0]),
                thickness_mm: None,
                position_text: format!("\u{2212}{:.1} mm", 321.8 + i as f64 * 4.0),
                pixels,
            }
        })
        .collect();
    SeriesView {
        key: SeriesKey(key.into()),
        uid: SeriesUid::new(&format!("1.2.4.{}", key.len())).unwrap(),
        number: number.into(),
        description: description.into(),
        modality: modality.into(),
        body_part: "CHEST".into(),
        images,
        owner: ImageOwner {
            name: "HYATT, Neva".into(),
            identifier: "e6a7ccbf".into(),
            birth_date: "1970-05-28".into(),
            sex: "F".into(),
            same_as_banner: true,
        },
        frame_of_reference: Some("1.2.5".into()),
        placed: None,
        localizer: false,
        spacing_mm: Some(4.0),
        marks: Vec::new(),
        unreadable: None,
        stack: Arc::new(Stack::new(slices)),
    }
}

/// Where a set of 256 × 256 pixels of 1.4 mm lies: `at` and `step` in mm, LPS.
pub fn placed(
    study: &str,
    frame: &str,
    images: usize,
    orientation: [f64; 6],
    at: [f64; 3],
    step: [f64; 3],
) -> Option<Arc<PlacedStack>> {
    let space = Space {
        patient: "1".into(),
        study: study.into(),
        frames_of_reference: [frame.to_owned()].into(),
    };
    let images = (0..images)
        .map(|k| PlacedImage {
            plane: Plane::new([0, 1, 2].map(|i| at[i] + step[i] * k as f64), orientation).unwrap(),
            pixel_spacing_mm: [1.4, 1.4],
            columns: 256,
            rows: 256,
        })
        .collect();
    PlacedStack::new(space, images).map(Arc::new)
}

/// Axial slices from the head down, `mm` apart.
pub fn axial(study: &str, frame: &str, images: usize, mm: f64) -> Option<Arc<PlacedStack>> {
    let at = [-179.2, -179.2, 0.0];
    placed(
        study,
        frame,
        images,
        [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        at,
        [0.0, 0.0, -mm],
    )
}

pub fn studies() -> Vec<StudyView> {
    let mut lung = series("ct lung a", "4", "lung", "CT", 60, 9.0, true);
    lung.placed = axial("1.2.3.1", "frame one", 60, 4.0);
    let mut soft = series("ct soft bb", "3", "soft", "CT", 60, 9.0, true);
    soft.placed = axial("1.2.3.1", "frame one", 60, 4.0);
    let mut prior = series("prior ct c", "2", "soft", "CT", 58, 6.0, true);
    prior.placed = axial("1.2.3.2", "frame two", 58, 4.0);
    prior.marks.push("LOSSY 8.2:1 JPEG 2000".into());
    vec![
        StudyView {
            uid: study_uid(1),
            date: "2021-02-22".into(),
            time: "09:12".into(),
            title: "CT chest".into(),
            modality: "CT".into(),
            objects: Vec::new(),
            series: vec![lung, soft],
            days_before_newest: 0,
        },
        StudyView {
            uid: study_uid(2),
            date: "2020-12-07".into(),
            time: "14:30".into(),
            title: "CT chest".into(),
            modality: "CT".into(),
            objects: Vec::new(),
            series: vec![prior],
            days_before_newest: 77,
        },
        StudyView {
            uid: study_uid(3),
            date: "2019-11-22".into(),
            time: "10:02".into(),
            title: "DX chest PA".into(),
            modality: "DX".into(),
            objects: Vec::new(),
            series: vec![series("dx d", "1", "PA", "DX", 1, 7.0, true)],
            days_before_newest: 458,
        },
    ]
}
