//! What a drawing says, as it is shown (T37 to T48).

use super::{drawing, frame_of, grey};
use crate::{
    annotate::{AnchorPlane, Annotation, Quantity, Shape},
    display::{DisplayAttributes, ModalityLut, Padding, SpacingAttributes, SpacingProvenance},
    frame::{Colour, SampleType},
    measure::{DecimalSign, PhysicalUnit, Picture, Reading, UltrasoundRegion, distribution, state},
    suv::{Suv, SuvRefusal, Voxels},
};

pub(super) fn ct(spacing: Option<[f64; 2]>) -> DisplayAttributes {
    DisplayAttributes {
        modality: "CT".to_owned(),
        unit: "HU".to_owned(),
        modality_lut: ModalityLut::Rescale {
            slope: 1.0,
            intercept: -1000.0,
        },
        spacing: SpacingAttributes {
            pixel_spacing: spacing,
            ..SpacingAttributes::default()
        },
        ..DisplayAttributes::default()
    }
}

fn value(reading: &Reading, quantity: Quantity) -> Option<(f64, &str)> {
    let found = reading.values.iter().find(|v| v.quantity == quantity);
    found.map(|v| (v.value, v.unit.as_str()))
}

pub(super) fn ramp() -> crate::Frame {
    let values: Vec<f64> = (0..10_000).map(f64::from).collect();
    grey(100, 100, &values)
}

const LENGTH: [[f64; 2]; 2] = [[10.0, 10.0], [40.0, 50.0]];

#[test]
fn t37_a_length_says_its_unit_and_whose_millimetres_they_are() {
    let line = drawing("1", Shape::Length, &LENGTH);
    let shown = |attributes: &DisplayAttributes, sign| {
        let picture = Picture {
            decimal_sign: sign,
            ..Picture::new(attributes, [100, 100], None)
        };
        state(&line, &picture)
    };
    let mm = shown(&ct(Some([0.5, 0.5])), DecimalSign::Comma);
    assert_eq!(mm.lines, ["25,0 mm"]);
    assert_eq!(value(&mm, Quantity::Length), Some((25.0, "mm")));
    assert_eq!(
        mm.values[0].provenance,
        Some(SpacingProvenance::CrossSection)
    );
    let px = shown(&ct(None), DecimalSign::Point);
    assert_eq!(px.lines, ["50.0 px"]);
    assert_eq!(value(&px, Quantity::Length), Some((50.0, "{pixels}")));
    let dx = DisplayAttributes {
        modality: "DX".to_owned(),
        spacing: SpacingAttributes {
            imager_pixel_spacing: Some([0.143, 0.143]),
            magnification_factor: Some(1.1),
            ..SpacingAttributes::default()
        },
        ..DisplayAttributes::default()
    };
    assert_eq!(
        shown(&dx, DecimalSign::Point).lines,
        ["6.5 mm magnification-corrected (1.10)"]
    );
}

#[test]
fn t37_below_a_pixel_and_outside_the_image_are_said() {
    let attributes = ct(Some([2.0, 0.5]));
    let of = |points: &[[f64; 2]]| {
        state(
            &drawing("1", Shape::Length, points),
            &Picture::new(&attributes, [100, 100], None),
        )
    };
    // 0.6 mm across is more than a pixel, 0.6 mm down is not.
    assert_eq!(of(&[[10.0, 10.0], [11.2, 10.0]]).lines, ["0.6 mm"]);
    assert_eq!(
        of(&[[10.0, 10.0], [10.0, 10.3]]).lines,
        ["0.6 mm (below 1 px)"]
    );
    assert_eq!(
        of(&[[10.0, 10.0], [10.0, 10.0]]).lines,
        ["0.0 mm (below 1 px)"]
    );
    assert_eq!(
        of(&[[10.0, 10.0], [110.0, 10.0]]).marks,
        ["outside the image"]
    );
    assert_eq!(of(&[[10.0, 10.0]]).reasons, ["not drawn to the end"]);
    assert_eq!(
        of(&[[10.0, f64::NAN], [1.0, 1.0]]).reasons,
        ["not drawn to the end"]
    );
}

#[test]
fn t38_angles_take_the_shape_of_the_pixel() {
    let angle = drawing(
        "1",
        Shape::Angle,
        &[[11.0, 10.0], [10.0, 10.0], [11.0, 11.0]],
    );
    let tall = ct(Some([2.0, 1.0]));
    let said = state(&angle, &Picture::new(&tall, [100, 100], None));
    assert_eq!(said.lines, ["63.4°"]);
    assert_eq!(said.details, ["116.6°"]);
    // Without millimetres, but with the aspect of the pixel.
    let mut aspect = ct(None);
    aspect.spacing.pixel_aspect_ratio = Some([2.0, 1.0]);
    let said = state(&angle, &Picture::new(&aspect, [100, 100], None));
    assert_eq!(said.lines, ["63.4°"]);
    let flat = drawing("1", Shape::Angle, &[[1.0, 1.0]; 3]);
    let said = state(&flat, &Picture::new(&tall, [100, 100], None));
    assert!(said.values.is_empty());
    assert_eq!(said.reasons, ["no angle: two of its points are one"]);
}

#[test]
fn t39_two_axes_are_one_line() {
    let attributes = ct(Some([1.0, 1.0]));
    let both = drawing(
        "1",
        Shape::Bidirectional,
        &[[10.0, 20.0], [30.0, 20.0], [20.0, 5.0], [20.0, 35.5]],
    );
    let said = state(&both, &Picture::new(&attributes, [100, 100], None));
    assert_eq!(said.lines, ["30.5 mm × 20.0 mm"]);
    assert_eq!(value(&said, Quantity::LongAxis), Some((30.5, "mm")));
    let mut oblique = both;
    oblique.points[3] = [21.0, 35.5];
    let said = state(&oblique, &Picture::new(&attributes, [100, 100], None));
    assert_eq!(said.marks, ["axes not at right angles"]);
}

#[test]
fn t42_a_region_says_area_and_statistics() {
    let attributes = ct(Some([0.5, 0.5]));
    let frame = ramp();
    let picture = Picture::new(&attributes, [100, 100], Some(&frame));
    let said = state(
        &drawing("1", Shape::Rectangle, &[[5.0, 6.0], [2.0, 3.0]]),
        &picture,
    );
    // Values 302 to 504 less 1000.
    assert_eq!(
        said.lines,
        [
            "Area 2 mm²",
            "Mean -597.0  SD 86.6 HU",
            "Min -698  Max -496 HU"
        ]
    );
    assert_eq!(value(&said, Quantity::Mean), Some((-597.0, "[hnsf'U]")));
    assert_eq!(value(&said, Quantity::Area), Some((2.25, "mm2")));
    assert_eq!(value(&said, Quantity::Count), Some((9.0, "{pixels}")));
    assert!(said.details.contains(&"n 9, pixel area 2 mm²".to_owned()));
    assert!(
        said.details
            .contains(&"min at (2, 3), max at (4, 5)".to_owned())
    );
    let none = state(
        &drawing("1", Shape::Rectangle, &[[4.6, 4.6], [5.4, 5.4]]),
        &picture,
    );
    assert_eq!(none.lines, ["Area 0 mm² (below 1 px)", "no pixel"]);
    assert_eq!(value(&none, Quantity::Mean), None);
    let single = state(
        &drawing("1", Shape::Rectangle, &[[4.0, 4.0], [5.0, 5.0]]),
        &picture,
    );
    assert_eq!(single.lines[1], "Mean -596.0  SD – HU");
    let waiting = state(
        &drawing("1", Shape::Rectangle, &[[4.0, 4.0], [9.0, 9.0]]),
        &Picture::new(&attributes, [100, 100], None),
    );
    assert_eq!(waiting.lines, ["Area 6 mm²"]);
    assert_eq!(
        waiting.reasons,
        ["no statistics: the image is not decoded yet"]
    );
}

#[test]
fn t42_percentiles_and_histogram_are_of_the_pixels_of_the_statistics() {
    let (attributes, frame) = (ct(Some([1.0, 1.0])), ramp());
    let picture = Picture::new(&attributes, [100, 100], Some(&frame));
    // One row: 0 to 99, less 1000 HU.
    let row = drawing("1", Shape::Rectangle, &[[0.0, 0.0], [100.0, 1.0]]);
    let found = distribution(&row, &picture, 10).unwrap();
    assert_eq!(found.unit, "HU");
    assert_eq!(found.ends, [-1000.0, -901.0]);
    assert_eq!(found.histogram, [10; 10]);
    let reading = state(&row, &picture);
    assert_eq!(reading.statistics[0].median, Some(found.percentiles[2].1));
    assert_eq!(found.percentiles[0], (5, -995.05));
    let line = drawing("1", Shape::Length, &LENGTH);
    assert_eq!(distribution(&line, &picture, 10), None);
    let far = drawing("1", Shape::Rectangle, &[[200.0, 0.0], [300.0, 1.0]]);
    assert_eq!(distribution(&far, &picture, 10), None);
}

#[test]
fn t42_only_padding_inside_is_no_pixel() {
    let mut attributes = ct(Some([1.0, 1.0]));
    attributes.padding = Some(Padding::new(0.0, Some(5000.0)));
    let frame = ramp();
    let picture = Picture::new(&attributes, [100, 100], Some(&frame));
    let said = state(
        &drawing("1", Shape::Circle, &[[20.0, 20.0], [25.0, 20.0]]),
        &picture,
    );
    assert_eq!(said.lines, ["Area 79 mm²", "no pixel"]);
    assert_eq!(said.reasons, ["no statistics: only padding inside"]);
}

#[test]
fn t42_colours_are_read_channel_by_channel() {
    let attributes = DisplayAttributes::default();
    let values: Vec<f64> = (0..4)
        .flat_map(|k| [10.0 * f64::from(k), 100.0, 7.0])
        .collect();
    let frame = frame_of(SampleType::U8, Colour::Rgb, 2, 2, &values);
    let picture = Picture::new(&attributes, [2, 2], Some(&frame));
    let said = state(
        &drawing("1", Shape::Rectangle, &[[0.0, 0.0], [2.0, 2.0]]),
        &picture,
    );
    assert_eq!(
        said.lines,
        [
            "Area 4 px²",
            "R mean 15.0 SD 12.9",
            "G mean 100.0 SD 0.0",
            "B mean 7.0 SD 0.0"
        ]
    );
    assert_eq!(said.statistics.len(), 3);
    assert_eq!(value(&said, Quantity::Mean), None);
    let probe = state(&drawing("1", Shape::Probe, &[[1.5, 1.5]]), &picture);
    assert_eq!(probe.lines, ["R, G, B 30, 100, 7"]);
}

#[test]
fn t39_a_crossing_outline_says_why_it_has_no_area() {
    let attributes = ct(Some([1.0, 1.0]));
    let frame = ramp();
    let bow = drawing(
        "1",
        Shape::Freehand,
        &[[10.0, 10.0], [30.0, 30.0], [30.0, 10.0], [10.0, 30.0]],
    );
    let said = state(&bow, &Picture::new(&attributes, [100, 100], Some(&frame)));
    assert_eq!(said.reasons, ["no area: the outline crosses itself"]);
    assert_eq!(value(&said, Quantity::Area), None);
    assert!(said.lines[0].starts_with("Mean"));
}

#[test]
fn t42_a_pet_region_states_suv_or_why_there_is_none() {
    let mut attributes = ct(Some([2.0, 2.0]));
    attributes.modality = "PT".to_owned();
    attributes.unit = "BQML".to_owned();
    attributes.modality_lut = ModalityLut::Identity;
    let values: Vec<f64> = (0..2500)
        .map(|k| if k == 1275 { 9000.0 } else { 1000.0 })
        .collect();
    let frame = grey(50, 50, &values);
    let found = Ok(Suv {
        factor: 0.001,
        name: "SUVbw".to_owned(),
        ingredients: crate::suv::Ingredients::default(),
        marks: vec!["scan start assumed".to_owned()],
        corrected: false,
    });
    let cell = |[x, y, _]: [usize; 3]| values.get(y * 50 + x).copied();
    let voxels = Voxels {
        size: [50, 50, 9],
        spacing_mm: [2.0, 2.0, 2.0],
        value: &cell,
    };
    let region = drawing("1", Shape::Rectangle, &[[20.0, 20.0], [30.0, 30.0]]);
    let picture = Picture {
        suv: Some(&found),
        volume: Some((&voxels, 4)),
        layer: "PT",
        ..Picture::new(&attributes, [50, 50], Some(&frame))
    };
    let said = state(&region, &picture);
    assert_eq!(said.lines[1], "PT SUVbw max 9.00  mean 1.08  SD 0.80");
    assert_eq!(said.marks, ["scan start assumed"]);
    let (peak, unit) = value(&said, Quantity::Peak).unwrap();
    assert!(peak > 1.1 && peak < 2.0, "{peak}");
    assert_eq!(unit, "g/ml{SUVbw}");
    let refused = Err(SuvRefusal::WeightMissing);
    let picture = Picture {
        suv: Some(&refused),
        ..Picture::new(&attributes, [50, 50], Some(&frame))
    };
    let said = state(&region, &picture);
    assert_eq!(said.lines[1], "Mean 1080.0  SD 800.0 Bq/ml");
    assert_eq!(said.reasons, ["no SUV: patient weight missing"]);
    assert_eq!(value(&said, Quantity::Mean), Some((1080.0, "Bq/ml")));
    let probe = state(&drawing("1", Shape::Probe, &[[25.5, 25.5]]), &picture);
    assert_eq!(probe.lines, ["9000 Bq/ml"]);
}

#[test]
fn t37_a_plane_through_a_volume_has_its_own_pixels() {
    let attributes = ct(Some([0.5, 0.5]));
    let mut line = drawing("1", Shape::Length, &LENGTH);
    line.anchor.image = None;
    line.anchor.plane = Some(AnchorPlane {
        position: [0.0; 3],
        orientation: [1.0, 0.0, 0.0, 0.0, 0.0, -1.0],
        spacing: [2.0, 2.0],
    });
    let said = state(&line, &Picture::new(&attributes, [100, 100], None));
    assert_eq!(said.lines, ["100.0 mm"]);
    let values: Vec<f32> = (0..10_000).map(|k| k as f32).collect();
    let region = Annotation {
        shape: Shape::Rectangle,
        points: vec![[2.0, 3.0], [5.0, 6.0]],
        ..line
    };
    let picture = Picture {
        plane: Some(&values),
        ..Picture::new(&attributes, [100, 100], None)
    };
    let said = state(&region, &picture);
    assert_eq!(said.marks, ["resampled"]);
    assert_eq!(value(&said, Quantity::Mean), Some((403.0, "[hnsf'U]")));
}

fn ultrasound(units: [PhysicalUnit; 2], delta: [f64; 2], data_type: u16) -> DisplayAttributes {
    DisplayAttributes {
        modality: "US".to_owned(),
        spacing: SpacingAttributes {
            ultrasound_regions: true,
            // Must not be used: regions carry the scale.
            pixel_spacing: Some([9.0, 9.0]),
            ..SpacingAttributes::default()
        },
        ultrasound_regions: vec![UltrasoundRegion {
            least: [5, 5],
            most: [94, 94],
            units,
            delta,
            reference_pixel: [None, Some(45)],
            reference_value: [None, Some(0.0)],
            data_type: Some(data_type),
            ..UltrasoundRegion::default()
        }],
        ..DisplayAttributes::default()
    }
}

#[test]
fn t46_a_tool_reads_its_region_and_no_other_scale() {
    use PhysicalUnit::{Centimetre, CentimetrePerSecond, Second};
    let say = |attributes: &DisplayAttributes, shape, points: &[[f64; 2]]| {
        let picture = Picture {
            multi_frame: true,
            ..Picture::new(attributes, [100, 100], None)
        };
        state(&drawing("1", shape, points), &picture)
    };
    let tissue = ultrasound([Centimetre; 2], [0.02, -0.025], 1);
    let said = say(&tissue, Shape::Length, &LENGTH);
    assert_eq!(said.lines, ["11.7 mm in this region"]);
    assert_eq!(said.marks, ["calibration of the instance"]);
    // One end outside the region.
    let said = say(&tissue, Shape::Length, &[[10.0, 10.0], [40.0, 97.0]]);
    assert_eq!(said.lines[0], "92.0 px");
    assert_eq!(
        said.reasons,
        ["no millimetres: not within one calibrated region"]
    );
    // Cropped after it was calibrated.
    let mut stale = tissue.clone();
    stale.ultrasound_regions[0].most = [200, 94];
    let said = say(&stale, Shape::Length, &LENGTH);
    assert_eq!(said.lines[0], "50.0 px");
    assert!(said.reasons[0].contains("resized"));
    let mmode = ultrasound([Second, Centimetre], [0.005, 0.02], 1);
    let said = say(&mmode, Shape::Length, &[[10.0, 10.0], [90.0, 60.0]]);
    assert_eq!(
        said.lines,
        ["time 0.400 s", "rate 150 /min", "depth 10.0 mm"]
    );
    assert_eq!(value(&said, Quantity::Length), None);
    assert_eq!(value(&said, Quantity::Duration).unwrap().1, "s");
    let spectrum = ultrasound([Second, CentimetrePerSecond], [0.004, -0.5], 3);
    // The centre of the region's row 25, twenty rows above its reference.
    let said = say(&spectrum, Shape::Probe, &[[50.5, 30.5]]);
    assert_eq!(said.lines, ["10.0 cm/s"]);
    let said = say(&spectrum, Shape::Length, &[[10.0, 10.0], [60.0, 50.0]]);
    assert_eq!(value(&said, Quantity::Velocity), Some((20.0, "cm/s")));
    let (slope, _) = value(&said, Quantity::Acceleration).unwrap();
    assert!((slope - 100.0).abs() < 1e-9);
    // A spectrum in centimetres is no tissue.
    let odd = ultrasound([Centimetre; 2], [0.02, 0.02], 3);
    let said = say(&odd, Shape::Rectangle, &LENGTH);
    assert_eq!(value(&said, Quantity::Area), None);
}

#[test]
fn t40u_a_reader_s_calibration_wins_over_all_others() {
    let attributes = ultrasound([PhysicalUnit::Centimetre; 2], [0.02, 0.02], 1);
    let line = drawing("1", Shape::Length, &LENGTH);
    let picture = Picture {
        pixel_size: crate::measure::calibrate(
            [glam::DVec2::ZERO, glam::DVec2::new(10.0, 0.0)],
            5.0,
            1.0,
        )
        .unwrap(),
        ..Picture::new(&attributes, [100, 100], None)
    };
    assert_eq!(state(&line, &picture).lines, ["25.0 mm user-calibrated"]);
}

/// The budget of section F: a million pixels while dragging.
#[test]
fn t42_a_million_pixels_fit_into_a_frame_of_the_screen() {
    let attributes = ct(Some([0.5, 0.5]));
    let values: Vec<f64> = (0..1_200_000)
        .map(|k| f64::from(k % 4093 * 97 % 4096))
        .collect();
    let frame = grey(1200, 1000, &values);
    let picture = Picture::new(&attributes, [1200, 1000], Some(&frame));
    let points: Vec<[f64; 2]> = (0..400)
        .map(|k| {
            let (sin, cos) = (f64::from(k) / 400.0 * std::f64::consts::TAU).sin_cos();
            [600.0 + 640.0 * cos, 500.0 + 540.0 * sin]
        })
        .collect();
    let region = drawing("1", Shape::Freehand, &points);
    let budget = std::time::Duration::from_millis(16);
    let mut best = std::time::Duration::MAX;
    // Other tests share the processors: one undisturbed run is enough, and a slow one never becomes fast.
    for _ in 0..500 {
        let start = std::time::Instant::now();
        let said = state(&region, &picture);
        best = best.min(start.elapsed());
        assert!(said.statistics[0].n > 1_000_000);
        if best <= budget {
            break;
        }
    }
    println!("{best:?} for more than a million pixels");
    assert!(best <= budget, "{best:?}");
}
