//! Every vector of T37 to T48 but T40, whose table is tested beside it, and T45, which has a module of its own.

use glam::{DMat3, DVec2, DVec3};
use serde_json::{Value, json};

use super::{each, f, floats, frame_of};
use crate::{
    display::{ModalityLut, Padding},
    frame::{Colour, SampleType},
    geometry::PatientMm,
    measure::*,
};

fn point(v: &Value) -> DVec2 {
    DVec2::from_array(floats(v))
}

fn points(v: &Value) -> Vec<DVec2> {
    v.as_array().unwrap().iter().map(point).collect()
}

fn line(v: &Value) -> [DVec2; 2] {
    points(v).try_into().unwrap()
}

fn spacing(v: &Value) -> Spacing {
    floats(&v["pixel_spacing"])
}

fn outline(v: &Value) -> Outline {
    if let Some(rect) = v.get("rect_corner_xy") {
        let [x0, y0, x1, y1] = floats(rect);
        return Outline::Rectangle {
            least: DVec2::new(x0, y0),
            most: DVec2::new(x1, y1),
        };
    }
    if let Some(e) = v.get("ellipse") {
        return Outline::Ellipse {
            centre: DVec2::new(f(&e["cx"]), f(&e["cy"])),
            first: DVec2::new(f(&e["a"]), 0.0),
            second: DVec2::new(0.0, f(&e["b"])),
        };
    }
    Outline::Polygon(vec![points(&v["polygon"])])
}

#[test]
fn t37_vectors_of_length() {
    each("T37", |id, v| {
        let mm = match id {
            "T37.3d" => {
                let at = |k: &str| PatientMm(DVec3::from_array(floats(&v[k])));
                patient_length_mm(&[at("p_lps"), at("q_lps")])
            }
            "T37.a" | "T37.b" | "T37.c" | "T37.d" => {
                length(point(&v["p_xy"]), point(&v["q_xy"]), spacing(v))
            }
            other => panic!("{other} is not known"),
        };
        json!({ "mm": mm })
    });
}

#[test]
fn t37_a_path_is_the_sum_of_its_segments() {
    let path = [DVec2::ZERO, DVec2::new(3.0, 4.0), DVec2::new(3.0, 10.0)];
    assert_eq!(path_length(&path, [1.0, 1.0]), 11.0);
    assert_eq!(path_length(&path, [0.5, 1.0]), 13_f64.sqrt() + 3.0);
    assert_eq!(path_length(&path[..1], [1.0, 1.0]), 0.0);
}

#[test]
fn t38_vectors_of_angles() {
    each("T38", |id, v| match id {
        "T38.cobb" => {
            json!({"cobb_deg": cobb_degrees(line(&v["line1"]), line(&v["line2"]), spacing(v))})
        }
        "T38.a" | "T38.b" => {
            let [a, vertex, c] = ["a", "vertex", "c"].map(|k| point(&v[k]));
            json!({ "deg": angle_degrees(a, vertex, c, spacing(v)) })
        }
        other => panic!("{other} is not known"),
    });
}

#[test]
fn t38_obtuse_angles_stay_obtuse() {
    let (o, x) = (DVec2::ZERO, DVec2::X);
    for degrees in [1.0_f64, 89.0, 91.0, 120.0, 179.0] {
        let (sin, cos) = degrees.to_radians().sin_cos();
        // The same place on both sides, and where pixels are three times as high as wide.
        for (c, spacing) in [
            (DVec2::new(cos, sin), [1.0, 1.0]),
            (DVec2::new(cos, -sin), [1.0, 1.0]),
            (DVec2::new(cos, sin / 3.0), [3.0, 1.0]),
        ] {
            let found = angle_degrees(x, o, c * 50.0, spacing).unwrap();
            assert!((found - degrees).abs() < 1e-9, "{degrees}: {found}");
        }
    }
}

#[test]
fn t38_coincident_points_have_no_angle_and_lines_no_direction() {
    let (o, x) = (DVec2::ZERO, DVec2::X);
    assert_eq!(angle_degrees(o, o, x, [1.0, 1.0]), None);
    assert_eq!(cobb_degrees([o, o], [o, x], [1.0, 1.0]), None);
    let (one, other) = ([o, DVec2::new(1.0, 3.0)], [o, DVec2::new(2.0, -1.0)]);
    let turned = [other[1], other[0]];
    let of = |line| cobb_degrees(one, line, [1.0, 1.0]).unwrap();
    assert!((of(other) - of(turned)).abs() < 1e-9);
    // An upright line is at +90 whichever way it was drawn.
    for upright in [[o, DVec2::Y], [DVec2::Y, o]] {
        assert_eq!(cobb_degrees([o, x], upright, [1.0, 1.0]), Some(90.0));
    }
}

#[test]
fn t39_vectors_of_area_and_perimeter() {
    each("T39", |id, v| {
        let shape = match id {
            "T39.rect" | "T39.tri" => outline(v),
            "T39.ell" => {
                let [a, b] = floats(&v["semi_axes_px"]);
                Outline::Ellipse {
                    centre: DVec2::ZERO,
                    first: DVec2::new(a, 0.0),
                    second: DVec2::new(0.0, b),
                }
            }
            other => panic!("{other} is not known"),
        };
        json!({
            "area_mm2": area(&shape, spacing(v)).unwrap(),
            "perimeter_mm": perimeter(&shape, spacing(v)).unwrap(),
        })
    });
}

#[test]
fn t39_an_outline_that_crosses_itself_has_no_area() {
    let of = |points: &[[f64; 2]]| {
        let points = points.iter().map(|p| DVec2::from_array(*p)).collect();
        area(&Outline::Polygon(vec![points]), [1.0, 1.0])
    };
    let bow = [[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0]];
    assert_eq!(of(&bow), Err(AreaError::CrossesItself));
    assert_eq!(of(&bow[..2]), Err(AreaError::TooFewPoints));
    // A vertex on another edge, and one point taken twice by two loops.
    let touching = [[0.0, 0.0], [10.0, 0.0], [5.0, 0.0], [5.0, 9.0]];
    assert_eq!(of(&touching), Err(AreaError::CrossesItself));
    // Points that repeat, and the first one again at the end, change nothing.
    let twice = [
        [0.0, 0.0],
        [0.0, 0.0],
        [4.0, 0.0],
        [4.0, 4.0],
        [0.0, 4.0],
        [0.0, 0.0],
    ];
    assert_eq!(of(&twice), Ok(16.0));
    assert_eq!(of(&[[1.0, 1.0]; 5]), Err(AreaError::TooFewPoints));
}

#[test]
fn t39_a_hole_is_taken_off() {
    let square = |least: f64, most: f64| {
        [[least, least], [most, least], [most, most], [least, most]]
            .map(DVec2::from_array)
            .to_vec()
    };
    let ring = Outline::Polygon(vec![square(0.0, 10.0), square(2.0, 4.0)]);
    assert_eq!(area(&ring, [0.5, 0.5]), Ok(24.0));
    assert_eq!(ring.count(20, 20), 96);
    let island = Outline::Polygon(vec![square(0.0, 10.0), square(2.0, 8.0), square(3.0, 4.0)]);
    assert_eq!(area(&island, [1.0, 1.0]), Ok(65.0));
}

#[test]
fn t39_the_perimeter_of_an_ellipse_is_exact() {
    let of = |first: DVec2, second: DVec2| {
        let ellipse = Outline::Ellipse {
            centre: DVec2::ZERO,
            first,
            second,
        };
        perimeter(&ellipse, [1.0, 1.0]).unwrap()
    };
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a}, {b}");
    near(
        of(DVec2::X * 3.0, DVec2::Y * 3.0),
        6.0 * std::f64::consts::PI,
    );
    // 4 a E(e): tables give E(k = sin 60°) = 1.2110560275684594.
    near(of(DVec2::X, DVec2::Y * 0.5), 4.844_224_110_273_838);
    near(
        of(DVec2::new(0.6, 0.8), DVec2::new(-0.4, 0.3)),
        4.844_224_110_273_838,
    );
    near(of(DVec2::X * 2.0, DVec2::ZERO), 8.0);
}

#[test]
fn t39_the_long_axis_is_the_longer_one() {
    let (long, short) = (
        [DVec2::ZERO, DVec2::X * 10.0],
        [DVec2::new(5.0, -3.0), DVec2::new(5.0, 3.0)],
    );
    for (a, b) in [(long, short), (short, long)] {
        let both = bidirectional(a, b, [1.0, 0.7]);
        assert!((both.long - 7.0).abs() < 1e-12 && (both.short - 6.0).abs() < 1e-12);
        assert_eq!(both.off_right_angle_degrees, Some(0.0));
    }
    // Twice as high as wide: now the other one is longer.
    assert_eq!(bidirectional(long, short, [2.0, 1.0]).long, 12.0);
}

#[test]
fn t39_the_longest_diameter_stays_inside() {
    let shape = |points: &[[f64; 2]]| -> Vec<DVec2> {
        points.iter().map(|p| DVec2::from_array(*p)).collect()
    };
    let square = shape(&[[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]]);
    assert_eq!(longest_diameter(&square, [1.0, 1.0]).unwrap().length, 5.0);
    assert_eq!(
        longest_diameter(&square, [2.0, 1.0]).unwrap().length,
        52_f64.sqrt()
    );
    // A U: the line from tip to tip leaves it, the diagonal of the left arm and the base does not.
    let u = shape(&[
        [0.0, 0.0],
        [1.0, 0.0],
        [1.0, 9.0],
        [9.0, 9.0],
        [9.0, 0.0],
        [10.0, 0.0],
        [10.0, 10.0],
        [0.0, 10.0],
    ]);
    let found = longest_diameter(&u, [1.0, 1.0]).unwrap();
    // Along an edge is within: the outer sides and the bottom.
    assert!((found.length - 101_f64.sqrt()).abs() < 1e-12, "{found:?}");
    assert!(longest_diameter(&u[..2], [1.0, 1.0]).is_none());
}

#[test]
fn t40u_a_line_of_known_length_calibrates_the_image() {
    use crate::display::SpacingProvenance;
    let of = |to: [f64; 2], mm, aspect| {
        calibrate([DVec2::ZERO, DVec2::from_array(to)], mm, aspect).and_then(|size| {
            assert_eq!(size.provenance, SpacingProvenance::UserCalibrated);
            size.mm
        })
    };
    assert_eq!(of([30.0, 40.0], 25.0, 1.0), Some([0.5, 0.5]));
    // Twice as high as wide: 30 and 40 rows of 2 are one of 85.44.
    let [down, across] = of([30.0, 40.0], 85.440_037_453_175_31, 2.0).unwrap();
    assert!((across - 1.0).abs() < 1e-12 && (down - 2.0).abs() < 1e-12);
    assert_eq!(of([0.0, 0.0], 10.0, 1.0), None);
    assert_eq!(of([1.0, 0.0], 0.0, 1.0), None);
    assert_eq!(of([1.0, 0.0], f64::NAN, 1.0), None);
    assert_eq!(
        SpacingProvenance::UserCalibrated.mark(),
        "mm user-calibrated"
    );
}

fn numbers(found: &Statistics) -> Value {
    json!({
        "n": found.n,
        "mean": found.mean,
        "min": found.minimum.map(|e| e.value),
        "max": found.maximum.map(|e| e.value),
        "sd": found.standard_deviation,
        "median": found.median,
        "sum": found.sum,
    })
}

const SAMPLES: [SampleType; 8] = [
    SampleType::U8,
    SampleType::I8,
    SampleType::U16,
    SampleType::I16,
    SampleType::U32,
    SampleType::I32,
    SampleType::F32,
    SampleType::F64,
];

/// The picture of the vectors (10 × 10, value 10·row + column), as every type of sample and as a plane.
fn statistics_of(v: &Value) -> Vec<Statistics> {
    let image = &v["image"];
    assert_eq!(image["pixel"], "10*row+column, 0-based");
    let (columns, rows) = (f(&image["columns"]) as u32, f(&image["rows"]) as u32);
    let values: Vec<f64> = (0..rows * columns).map(f64::from).collect();
    let number = |key: &str, none: f64| v.get(key).map_or(none, f);
    let (lut, _) = ModalityLut::rescale(Some(number("slope", 1.0)), Some(number("intercept", 0.0)));
    let shape = outline(v);
    let mut found: Vec<Statistics> = SAMPLES
        .iter()
        .map(|sample| {
            let frame = frame_of(*sample, Colour::Monochrome2, columns, rows, &values);
            let pixels = Pixels::Frame {
                frame: &frame,
                lut: &lut,
                padding: None,
                channel: 0,
            };
            Population::new(pixels, &shape).statistics()
        })
        .collect();
    let plane: Vec<f32> = values.iter().map(|v| lut.apply(*v) as f32).collect();
    let pixels = Pixels::Plane {
        columns,
        rows,
        values: &plane,
    };
    found.push(Population::new(pixels, &shape).statistics());
    found
}

fn statistics_agree(v: &Value) -> Value {
    let found = statistics_of(v);
    for other in &found {
        super::compare(
            "another type of sample",
            &numbers(other),
            &numbers(&found[0]),
            1e-9,
        );
    }
    numbers(&found[0])
}

#[test]
fn t41_vectors_of_pixels_inside() {
    each("T41", |id, v| match id {
        "T41.rect" | "T41.rect2" | "T41.ell" | "T41.circ" | "T41.tri" | "T41.one" | "T41.none" => {
            statistics_agree(v)
        }
        other => panic!("{other} is not known"),
    });
}

#[test]
fn t42_vectors_of_statistics() {
    each("T42", |id, v| match id {
        "T42.a" => statistics_agree(v),
        "T42.sd" => {
            let values: [f64; 8] = floats(&v["values"]);
            let frame = super::grey(8, 1, &values);
            let pixels = Pixels::Frame {
                frame: &frame,
                lut: &ModalityLut::Identity,
                padding: None,
                channel: 0,
            };
            let all = Outline::Rectangle {
                least: DVec2::ZERO,
                most: DVec2::new(8.0, 1.0),
            };
            let found = Population::new(pixels, &all).statistics();
            let (sd, mean) = (found.standard_deviation.unwrap(), found.mean.unwrap());
            // Of the population, by its definition: it must not be what we show.
            let square = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 8.0;
            let shown = if sd == square.sqrt() {
                "sd_population"
            } else {
                "sd_sample"
            };
            json!({"mean": mean, "sd_sample": sd, "sd_population": square.sqrt(), "shown": shown})
        }
        other => panic!("{other} is not known"),
    });
}

#[test]
fn t42_padding_and_values_that_are_none_do_not_count() {
    let all = |n: f64| Outline::Rectangle {
        least: DVec2::ZERO,
        most: DVec2::new(n, 1.0),
    };
    // T10.minmax
    let frame = super::grey(5, 1, &[-2000.0, -2000.0, 0.0, 100.0, 50.0]);
    let (lut, _) = ModalityLut::rescale(Some(1.0), Some(-24.0));
    let pixels = Pixels::Frame {
        frame: &frame,
        lut: &lut,
        padding: Some(Padding::new(-2000.0, None)),
        channel: 0,
    };
    let found = Population::new(pixels, &all(5.0)).statistics();
    assert_eq!((found.n, found.left_out, found.mean), (3, 2, Some(26.0)));
    let (least, most) = (found.minimum.unwrap(), found.maximum.unwrap());
    assert_eq!((least.value, least.column), (-24.0, 2));
    assert_eq!((most.value, most.column), (76.0, 3));
    // Not finite, and nothing but such.
    for values in [
        [f64::NAN, 1.0, f64::INFINITY, 3.0],
        [f64::NAN, f64::NAN, f64::NEG_INFINITY, f64::NAN],
    ] {
        let frame = frame_of(SampleType::F32, Colour::Monochrome2, 4, 1, &values);
        let pixels = Pixels::Frame {
            frame: &frame,
            lut: &ModalityLut::Identity,
            padding: None,
            channel: 0,
        };
        let mut population = Population::new(pixels, &all(4.0));
        let found = population.statistics();
        let finite = values.iter().filter(|v| v.is_finite()).count() as u64;
        assert_eq!((found.n, found.left_out), (finite, 4 - finite));
        assert_eq!(found.mean, (finite > 0).then_some(2.0));
        assert_eq!(found.median, (finite > 0).then_some(2.0));
        assert_eq!(population.percentile(25.0), (finite > 0).then_some(1.5));
        assert_eq!(population.histogram(2).iter().sum::<u64>(), finite);
    }
}

#[test]
fn t43_vectors_of_area_beside_the_count() {
    each("T43", |id, v| {
        assert!(matches!(id, "T43.a" | "T43.b"), "{id} is not known");
        let shape = outline(v);
        let [down, across] = spacing(v);
        let count = shape.count(100, 100);
        json!({
            "area_mm2": area(&shape, [down, across]).unwrap(),
            "pixel_count": count,
            "pixel_area_mm2": count as f64 * down * across,
        })
    });
}

#[test]
fn t44_vectors_of_volumes() {
    each("T44", |id, v| match id {
        "T44.a" => {
            let step = DMat3::from_diagonal(DVec3::from_array(floats(&v["spacing"])));
            let mm3 = voxels_mm3(f(&v["mask_voxels"]), step);
            json!({"volume_mm3": mm3, "volume_ml": mm3 / 1000.0})
        }
        "T44.b" => {
            let [a, b, c] = floats(&v["slice_areas_mm2"]);
            let [x, y, z] = floats(&v["projections_mm"]);
            let stack = contour_stack(&[(c, z), (a, x), (b, y)]).unwrap();
            assert!(stack.gaps.is_empty());
            json!({"volume_mm3": stack.mm3})
        }
        "T44.ellipsoid" => {
            let [l, w, h] = ["l_mm", "w_mm", "h_mm"].map(|k| f(&v[k]));
            json!({"volume_ml": ellipsoid_mm3(l, w, h) / 1000.0})
        }
        other => panic!("{other} is not known"),
    });
}

#[test]
fn t44_a_stack_says_where_slices_are_missing() {
    let stack = contour_stack(&[(10.0, 0.0), (10.0, 5.0), (10.0, 10.0), (10.0, 25.0)]).unwrap();
    assert_eq!(stack.gaps, [2]);
    assert_eq!(stack.mm3, 10.0 * (5.0 + 5.0 + 10.0 + 15.0));
    assert_eq!(contour_stack(&[(10.0, 1.0)]), None);
    // Two contours of one slice.
    let two = contour_stack(&[(4.0, 0.0), (6.0, 0.0), (10.0, 2.0)]).unwrap();
    assert_eq!(two.mm3, 40.0);
    let fractions = [0.0, 0.25, 0.5, 1.0];
    assert_eq!(fraction_voxels(fractions.into_iter(), false), 1.75);
    assert_eq!(fraction_voxels(fractions.into_iter(), true), 2.0);
}

fn unit(code: &Value) -> PhysicalUnit {
    match code.as_i64().unwrap() {
        0 => PhysicalUnit::None,
        3 => PhysicalUnit::Centimetre,
        4 => PhysicalUnit::Second,
        7 => PhysicalUnit::CentimetrePerSecond,
        other => panic!("unit {other} is not known"),
    }
}

/// A region of a vector; what it leaves out is a square of centimetres of the upper left corner.
fn region(v: &Value) -> UltrasoundRegion {
    let whole = |key: &str, none: u32| v.get(key).map_or(none, |v| f(v) as u32);
    let area = v.get("area_px").map(|a| f(a) as u32);
    UltrasoundRegion {
        least: [whole("minx", 0), whole("miny", 0)],
        most: match area {
            Some(area) => [area - 1, 0],
            None => [whole("maxx", 799), whole("maxy", 599)],
        },
        units: v
            .get("physical_units")
            .map_or([PhysicalUnit::Centimetre; 2], |u| {
                [unit(&u[0]), unit(&u[1])]
            }),
        delta: v.get("delta").map_or([0.1, 0.1], floats),
        reference_pixel: [None, v.get("reference_pixel_y").map(|p| f(p) as i32)],
        reference_value: [None, v.get("reference_value_y").map(f)],
        data_type: None,
        spatial_format: v.get("spatial_format").map(|s| f(s) as u16),
        flags: whole("region_flags", 0),
    }
}

#[test]
fn t46_vectors_of_ultrasound_regions() {
    use crate::display::{PixelSize, SpacingProvenance};
    let per_region = PixelSize {
        mm: None,
        provenance: SpacingProvenance::UltrasoundRegions,
    };
    each("T46", |id, v| match id {
        "T46.a" => {
            let regions = [region(&v["region"])];
            let ends = [point(&v["p"]), point(&v["q"])];
            match scale_of(per_region, &regions, [800, 600], &ends) {
                Scale::Millimetres { spacing, .. } => {
                    json!({"length_mm": length(ends[0], ends[1], spacing)})
                }
                other => panic!("{id}: {other:?}"),
            }
        }
        "T46.mmode" => {
            let region = region(&v["region"]);
            let ends = [
                DVec2::new(10.0, 10.0),
                DVec2::new(10.0 + f(&v["dx_px"]), 10.0 + f(&v["dy_px"])),
            ];
            let [time, depth] = region.components(ends[0], ends[1]).map(Option::unwrap);
            assert_eq!(time.unit, PhysicalUnit::Second);
            assert_eq!(depth.unit, PhysicalUnit::Centimetre);
            let oblique = region.spacing_mm().map(|s| length(ends[0], ends[1], s));
            json!({
                "time_s": time.difference,
                "depth_mm": depth.difference * 10.0,
                "length": oblique,
            })
        }
        "T46.dopp" => {
            let region = region(&v["region"]);
            json!({"velocity_cm_s": region.value_at_row(f(&v["point_y_in_region"]))})
        }
        "T46.flags" | "T46.none" | "T46.overlap" => {
            let regions: Vec<UltrasoundRegion> = v["regions_holding_all_points"]
                .as_array()
                .unwrap()
                .iter()
                .map(region)
                .collect();
            let chosen = region_for(&regions, 200_000, 1, &[DVec2::splat(0.5)]).unwrap();
            json!({"region": regions.iter().position(|r| r == chosen)})
        }
        "T46.stale" | "T46.edge" => {
            let regions: Vec<UltrasoundRegion> = v["regions"]
                .as_array()
                .unwrap()
                .iter()
                .map(region)
                .collect();
            let (columns, rows) = (f(&v["columns"]) as u32, f(&v["rows"]) as u32);
            json!({"regions_valid": regions_valid(&regions, columns, rows)})
        }
        "T46.cross" => {
            let at = |least: u32| UltrasoundRegion {
                least: [least, 0],
                most: [least + 99, 99],
                ..region(&json!({}))
            };
            let regions = [at(0), at(200)];
            let inside = [DVec2::new(50.0, 50.0), DVec2::new(250.0, 50.0)];
            let ends = [&v["p_region"], &v["q_region"]].map(|k| inside[f(k) as usize]);
            let scale = scale_of(per_region, &regions, [800, 600], &ends);
            match scale {
                Scale::Pixels { because } => {
                    assert!(because.is_some());
                    json!({"length": null, "mark": SpacingProvenance::Pixels.mark()})
                }
                other => panic!("{id}: {other:?}"),
            }
        }
        other => panic!("{other} is not known"),
    });
}

#[test]
fn t47_vectors_of_growth() {
    each("T47", |id, v| match id {
        "T47.vdt" => {
            let [a, b] = ["d1_mm", "d2_mm"].map(|k| Size::DiameterMm(f(&v[k])));
            json!({"vdt_days": doubling_time_days(a, b, f(&v["days"]))})
        }
        "T47.vdt2" | "T47.vdt3" => {
            let [a, b] = ["v1_mm3", "v2_mm3"].map(|k| Size::VolumeMm3(f(&v[k])));
            let found = growth(a, b, f(&v["days"])).unwrap();
            assert_eq!(found.within_variation, id == "T47.vdt3");
            json!({"vdt_days": found.doubling_days})
        }
        "T47.recist_a" | "T47.recist_b" | "T47.recist_c" | "T47.recist_d" | "T47.recist_e"
        | "T47.recist_f" => {
            let [baseline, nadir, current] =
                ["baseline_sum", "nadir_sum", "current_sum"].map(|k| f(&v[k]));
            let new = v["new_lesion"].as_bool().unwrap();
            let found = recist(baseline, nadir, current, new, false);
            json!({
                "change_from_baseline_pct": found.change_from_baseline_percent,
                "change_from_nadir_pct": found.change_from_nadir_percent,
                "response": found.response.abbreviation(),
            })
        }
        "T47.fleischner" | "T47.fleischner2" => {
            let size = fleischner_size(f(&v["long_mm"]), f(&v["short_mm"]));
            json!({"mean_mm": size.mean_mm, "rounded_mm": size.rounded_mm})
        }
        other => panic!("{other} is not known"),
    });
}

#[test]
fn t47_targets_are_counted_by_the_rules() {
    let target = |organ: &str, node, long_mm, short_mm| Target {
        organ: organ.to_owned(),
        node,
        long_mm,
        short_mm,
        too_small: false,
        slice_thickness_mm: None,
    };
    let mut targets = vec![
        target("liver", false, 20.0, 11.0),
        target("liver", false, 12.0, 10.0),
        target("mediastinum", true, 30.0, 16.0),
    ];
    assert_eq!(target_problems(&targets), []);
    assert_eq!(sum_of_diameters(&targets), 48.0);
    targets.push(target("liver", false, 9.0, 9.0));
    let found = target_problems(&targets);
    assert_eq!(
        found,
        [
            RecistProblem::TooManyInOrgan {
                organ: "liver".to_owned(),
                count: 3
            },
            RecistProblem::NotMeasurable(4)
        ]
    );
    targets[3].too_small = true;
    assert_eq!(sum_of_diameters(&targets), 53.0);
    // Thick slices ask for twice their thickness.
    targets.truncate(1);
    targets[0].slice_thickness_mm = Some(12.0);
    assert_eq!(target_problems(&targets), [RecistProblem::NotMeasurable(1)]);
    // A node of 9 mm is normal, a lesion of 9 mm is not gone.
    assert!(targets_gone(&[
        target("liver", false, 0.0, 0.0),
        target("axilla", true, 14.0, 9.0)
    ]));
    assert!(!targets_gone(&[target("liver", false, 9.0, 0.0)]));
    let gone = recist(100.0, 60.0, 9.0, false, true);
    assert_eq!(gone.response, Response::Complete);
    // After a complete response every growth of 5 mm is progress.
    let back = recist(100.0, 0.0, 6.0, false, false);
    assert_eq!(back.change_from_nadir_percent, None);
    assert_eq!(back.response, Response::Progressive);
}

#[test]
fn t47_growth_needs_sizes_of_one_kind() {
    let (d, v) = (Size::DiameterMm(8.0), Size::VolumeMm3(300.0));
    assert_eq!(growth(d, v, 10.0), None);
    assert_eq!(growth(Size::DiameterMm(0.0), d, 10.0), None);
    let same = growth(d, d, 10.0).unwrap();
    assert!(same.within_variation && same.doubling_days.is_none());
    let (before, now) = (fleischner_size(6.0, 6.0), fleischner_size(8.0, 8.0));
    assert!(fleischner_grew(before, now) && !fleischner_grew(before, before));
}

#[test]
fn t48_vectors_of_numbers() {
    each("T48", |id, v| {
        let point = DecimalSign::Point;
        let text = match id {
            "T48.a" | "T48.b" => {
                write::length(f(&v["length_mm"]), v.get("pixel_spacing").map(f), point)
            }
            "T48.c" => write::area(f(&v["area_mm2"]), None, point),
            "T48.d" => write::pixel_value(f(&v["mean"]), v["unit"].as_str().unwrap(), false, point),
            other => panic!("{other} is not known"),
        };
        json!({ "text": text })
    });
}

#[test]
fn t48_each_kind_has_its_places() {
    let (point, comma) = (DecimalSign::Point, DecimalSign::Comma);
    let is = |got: String, expected: &str| assert_eq!(got, expected);
    is(write::length(9.876, Some(0.05), point), "9.88 mm");
    is(write::length(12.345, Some(0.05), point), "12.3 mm");
    is(write::length(12.345, None, comma), "12,3 mm");
    is(write::pixel_length(0.4, point), "0.4 px (below 1 px)");
    is(write::area(87.4, None, point), "87 mm²");
    is(write::area(100.0, None, point), "1.0 cm²");
    is(write::area(0.1, Some(0.25), point), "0 mm² (below 1 px)");
    is(write::volume(1000.0, point), "1000 mm³");
    is(write::volume(1_234_567.0, comma), "1234,6 ml");
    is(write::angle(90.04, point), "90.0°");
    is(write::percent(21.67, point), "+21.7 %");
    is(write::percent(-0.04, point), "0.0 %");
    is(write::percent(0.04, point), "0.0 %");
    is(write::suv(1.943_544, point), "1.94");
    is(write::pixel_value(-56.5, "HU", true, point), "-56 HU");
    is(write::pixel_value(-94.4028, "HU", false, comma), "-94,4 HU");
    is(
        write::pixel_value(6599.9084, "Bq/ml", false, point),
        "6599.9 Bq/ml",
    );
    is(
        write::pixel_value(0.000_001_234, "Gy", false, point),
        "1.234e-6 Gy",
    );
    for bad in [f64::NAN, f64::INFINITY] {
        is(write::pixel_value(bad, "", false, point), "–");
        is(write::length(bad, None, point), "– mm");
    }
}
