//! What a pixel measures by a line of known length and by regions of ultrasound (T40u, T46).

use glam::DVec2;
use serde_json::{Value, json};

use super::{each, f, floats, point};
use crate::measure::{
    PhysicalUnit, Scale, UltrasoundRegion, calibrate, length, region_for, regions_valid, scale_of,
};

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
