//! A ball in air, clicked (T44).

use triptych_clinical::{SeriesUid, SopInstanceUid, StudyUid};
use triptych_imaging::display::{DisplayAttributes, PlaneAttributes};
use triptych_imaging::geometry::PatientMm;
use triptych_imaging::volume::{GrowSettings, Grown};
use triptych_imaging::{Colour, Frame, FrameBytes, FrameShape, SampleType};

use super::*;
use crate::view::{Decoded, ImageOwner, Pixels, SeriesKey, Stack, fresh_picture};

const SIZE: u32 = 64;
const SLICES: u32 = 30;
/// mm: pixels of 0.8, slices 1.5 apart, from the head down.
const CENTRE: [f64; 3] = [24.0, 26.4, -21.0];
const RADIUS: f64 = 8.0;

fn position(k: u32) -> [f64; 3] {
    [0.0, 0.0, -1.5 * f64::from(k)]
}

fn decoded(k: u32, unit: &str) -> Decoded {
    let bytes: Vec<u8> = (0..SIZE * SIZE)
        .flat_map(|i| {
            let at = [
                f64::from(i % SIZE) * 0.8,
                f64::from(i / SIZE) * 0.8,
                position(k)[2],
            ];
            let off: f64 = at.iter().zip(CENTRE).map(|(a, b)| (a - b) * (a - b)).sum();
            // A ground-glass shell around a solid middle.
            let value: i16 = match off.sqrt() {
                r if r < RADIUS - 3.0 => 40,
                r if r < RADIUS => -380,
                _ => -850,
            };
            value.to_ne_bytes()
        })
        .collect();
    let mut display = DisplayAttributes {
        modality: "CT".into(),
        unit: unit.into(),
        plane: Some(PlaneAttributes {
            position: position(k),
            orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        }),
        ..DisplayAttributes::default()
    };
    display.spacing.pixel_spacing = Some([0.8, 0.8]);
    Decoded {
        id: fresh_picture(),
        frame: Frame {
            shape: FrameShape {
                columns: SIZE,
                rows: SIZE,
                sample: SampleType::I16,
                colour: Colour::Monochrome2,
            },
            bytes: FrameBytes::from(bytes),
        },
        display: Arc::new(display),
    }
}

fn instance(k: u32) -> SopInstanceUid {
    SopInstanceUid::new(&format!("1.2.3.{}", k + 1)).unwrap()
}

fn study() -> StudyView {
    let slices = (0..SLICES).map(|k| Slice {
        instance: instance(k),
        frame: 0,
        orientation: Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
        position: Some(position(k)),
        thickness_mm: Some(1.5),
        position_text: String::new(),
        pixels: Pixels::default(),
    });
    let series = SeriesView {
        key: SeriesKey("1.2.3".into()),
        uid: SeriesUid::new("1.2.3").unwrap(),
        number: "1".into(),
        description: String::new(),
        modality: "CT".into(),
        body_part: String::new(),
        images: SLICES as usize,
        owner: ImageOwner::default(),
        frame_of_reference: Some("1.2.9".into()),
        placed: None,
        localizer: false,
        spacing_mm: Some(1.5),
        marks: Vec::new(),
        unreadable: None,
        stack: Arc::new(Stack::new(slices.collect())),
    };
    StudyView {
        uid: StudyUid::new("1.2").unwrap(),
        date: String::new(),
        time: String::new(),
        title: String::new(),
        modality: "CT".into(),
        series: vec![series],
        objects: Vec::new(),
        days_before_newest: 0,
    }
}

fn fill(study: &StudyView, unit: &str) {
    for (k, slice) in (0..).zip(&study.series[0].stack.slices) {
        slice.pixels.set(Ok(decoded(k, unit)));
    }
}

fn click(from: f64) -> NoduleClick {
    NoduleClick {
        instance: instance(14),
        frame: 0,
        grown: Grown {
            seed: PatientMm(CENTRE.into()),
            settings: GrowSettings {
                range: [from, 1000.0],
                ..GrowSettings::default()
            },
        },
        lesion: "2.25.5".into(),
    }
}

fn grown(
    study: &StudyView,
    drawings: &[Annotation],
    click: &NoduleClick,
) -> Result<Vec<DrawingEdit>, WorkbenchError> {
    let stop = AtomicBool::new(false);
    of_series(study, &study.series[0], 14, drawings, click, &stop).map(Option::unwrap)
}

fn drawn(edits: &[DrawingEdit]) -> Vec<Annotation> {
    let all = edits.iter().filter_map(|e| match e {
        DrawingEdit::Draw(a) | DrawingEdit::Change(a) => Some((**a).clone()),
        DrawingEdit::Delete(_) => None,
    });
    all.collect()
}

fn volume_of(all: &[Annotation]) -> f64 {
    let values = all.iter().flat_map(|a| &a.values);
    let mut volumes = values.filter(|v| v.quantity == Quantity::Volume);
    let volume = volumes.next().unwrap();
    assert_eq!((volume.unit.as_str(), volumes.next()), ("mm3", None));
    volume.value
}

fn ball(radius: f64) -> f64 {
    4.0 / 3.0 * std::f64::consts::PI * radius.powi(3)
}

#[test]
fn t44_a_click_draws_the_border_on_every_slice_and_states_the_volume_once() {
    let study = study();
    fill(&study, "HU");
    let edits = grown(&study, &[], &click(-400.0)).unwrap();
    let all = drawn(&edits);
    // 16 mm in steps of 1.5 mm.
    assert!((10..=11).contains(&all.len()), "{}", all.len());
    assert!((volume_of(&all) / ball(RADIUS) - 1.0).abs() < 0.08);
    for border in &all {
        assert_eq!(
            (border.shape, border.lesion.as_str()),
            (Shape::Nodule, "2.25.5")
        );
        let plane = border.anchor.plane.unwrap();
        let image = border.anchor.image.as_ref().unwrap();
        // On the image that lies there.
        let k = (plane.position[2] / -1.5).round() as u32;
        assert_eq!((&image.instance, image.size), (&instance(k), [SIZE, SIZE]));
        for at in border.points_mm().unwrap() {
            let off: f64 =
                at.0.to_array()
                    .iter()
                    .zip(CENTRE)
                    .map(|(a, b)| (a - b) * (a - b))
                    .sum();
            assert!(off.sqrt() < RADIUS + 1.2, "{at:?}");
        }
    }
    let main: Vec<_> = all.iter().filter(|a| !a.values.is_empty()).collect();
    assert_eq!(main.len(), 1);
    assert_eq!(Grown::of_text(&main[0].text), Some(click(-400.0).grown));
    let longest = main[0]
        .values
        .iter()
        .find(|v| v.quantity == Quantity::LongAxis);
    assert!((longest.unwrap().value - 2.0 * RADIUS).abs() < 1.5);
}

#[test]
fn t44_another_threshold_takes_the_place_of_the_borders_in_one_step() {
    let study = study();
    fill(&study, "HU");
    let mut before = drawn(&grown(&study, &[], &click(-400.0)).unwrap());
    for (k, border) in before.iter_mut().enumerate() {
        border.uid = format!("2.25.10{k}");
        border.label = "L7".into();
    }
    let edits = grown(&study, &before, &click(-100.0)).unwrap();
    let after = drawn(&edits);
    assert!(
        volume_of(&after) < 0.4 * volume_of(&before),
        "the solid part only"
    );
    assert!(after.iter().all(|a| a.label == "L7"));
    let main = before.iter().find(|a| !a.values.is_empty()).unwrap();
    let kept = edits
        .iter()
        .filter(|e| matches!(e, DrawingEdit::Change(a) if a.uid == main.uid));
    assert_eq!(kept.count(), 1, "it stays chosen");
    let gone = edits.iter().filter(|e| matches!(e, DrawingEdit::Delete(_)));
    assert_eq!(gone.count(), before.len() - 1);
    before[0].locked = true;
    let refused = grown(&study, &before, &click(-100.0)).unwrap_err();
    assert!(refused.to_string().contains("final"), "{refused}");
}

#[test]
fn t44_slices_that_are_not_decoded_yet_are_waited_for() {
    let study = study();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(60));
            fill(&study, "HU");
        });
        let all = of_series(&study, &study.series[0], 14, &[], &click(-400.0), &stop);
        assert!((volume_of(&drawn(&all.unwrap().unwrap())) / ball(RADIUS) - 1.0).abs() < 0.08);
    });
    // Nobody waits for the images of somebody who is not open any more.
    stop.store(true, Ordering::Relaxed);
    let gone = of_series(&study, &study.series[0], 14, &[], &click(-400.0), &stop);
    assert!(gone.unwrap().is_none());
}

#[test]
fn t44_no_nodule_is_made_up() {
    let study = study();
    fill(&study, "US");
    let why = grown(&study, &[], &click(-400.0)).unwrap_err().to_string();
    assert!(why.contains("not in HU"), "{why}");
    fill(&study, "HU");
    let mut beside = click(-400.0);
    beside.grown.seed = PatientMm([4.0, 4.0, -3.0].into());
    let why = grown(&study, &[], &beside).unwrap_err().to_string();
    assert!(why.starts_with("no nodule: "), "{why}");
}
