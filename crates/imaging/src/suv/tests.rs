//! The vectors of T45, the vendors' rules one by one, and a real series.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::float_cmp
)]

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use serde_json::{Value, json};

use super::{time::DAY_S, *};
use crate::{
    DicomFile,
    measure::tests::{compare, each, f, file_entry},
    tests::{
        made::{Image, element, implicit_header},
        shelf_folder,
    },
};

fn at(text: &str) -> Moment {
    Moment::parse(text, None).unwrap()
}

/// A PET that is all right, an hour after an injection of 370 MBq F-18.
fn pet() -> SuvAttributes {
    SuvAttributes {
        modality: "PT".to_owned(),
        corrected_image: ["NORM", "DTIM", "ATTN", "SCAT", "DECY"]
            .map(str::to_owned)
            .to_vec(),
        units: "BQML".to_owned(),
        decay_correction: Some(DecayCorrection::Start),
        weight_kg: Some(70.0),
        radiopharmaceuticals: 1,
        total_dose_bq: Some(370e6),
        half_life_s: Some(6586.2),
        nuclide: Some("F-18".to_owned()),
        injection: Some(at("20250101110000")),
        series_day: Moment::midnight("20250101"),
        series: Some(at("20250101120000")),
        acquisition: Some(at("20250101120000")),
        ..SuvAttributes::default()
    }
}

fn factor(frame: &SuvAttributes) -> Result<Suv, SuvRefusal> {
    suv(frame, frame.acquisition)
}

/// What a vector gives in place of what [`pet`] says; `null` is absent.
fn from(v: &Value) -> SuvAttributes {
    let number = |key: &str| v.get(key).and_then(Value::as_f64);
    let mut frame = pet();
    frame.units = v["units"].as_str().unwrap().to_owned();
    frame.suv_type = v.get("suv_type").map(|t| t.as_str().unwrap().to_owned());
    frame.decay_correction = v
        .get("decay_correction")
        .and_then(|t| DecayCorrection::from_term(t.as_str().unwrap()));
    frame.weight_kg = number("weight_kg");
    frame.total_dose_bq = number("total_dose_bq");
    frame.half_life_s = number("half_life_s");
    frame.philips_suv_factor = number("private_70531000");
    frame.philips_activity_factor = number("private_70531009");
    frame.injection = number("uptake_s").map(|s| frame.series.unwrap().plus(-s));
    frame
}

#[test]
fn t45_vectors_of_suv() {
    each("T45", |id, v| match id {
        "T45.a" | "T45.b" | "T45.c" | "T45.admin" => {
            let found = factor(&from(v)).unwrap();
            json!({
                "decayed_dose_mbq": found.ingredients.decayed_dose_bq.unwrap() / 1e6,
                "suv_per_bqml": found.factor,
                "suvbw": found.factor * f(&v["bqml"]),
            })
        }
        "T45.gml" => json!({"suvbw": factor(&from(v)).unwrap().factor * f(&v["value"])}),
        "T45.philips1" | "T45.philips2" => {
            let modality = f(&v["stored"]) * f(&v["slope"]) + f(&v["intercept"]);
            let frame = from(v);
            json!({
                "bqml": frame.philips_activity_factor.map(|g| g * modality),
                "suvbw": factor(&frame).unwrap().factor * modality,
            })
        }
        "T45.midnight" | "T45.midnight2" => {
            let scan = at(v["scan_datetime"].as_str().unwrap());
            let text = |key: &str| v.get(key).and_then(Value::as_str);
            let frame = SuvAttributes {
                injection: text("injection_datetime").map(at),
                injection_time: text("injection_time").and_then(TimeOfDay::parse),
                series: Some(scan),
                series_day: Moment::midnight("20250102"),
                acquisition: Some(scan),
                ..pet()
            };
            let found = factor(&frame).unwrap();
            json!({
                "uptake_s": found.ingredients.uptake_s,
                "flag": found.marks == ["start date assumed"],
            })
        }
        "T45.frt" => {
            let frame = SuvAttributes {
                half_life_s: v["half_life_s"].as_f64(),
                actual_frame_duration_ms: v["actual_frame_duration_ms"].as_f64(),
                frame_reference_time_ms: v["frame_reference_time_ms"].as_f64(),
                acquisition: v["acquisition_datetime"].as_str().map(at),
                // A reconstruction, later than any acquisition.
                series: Some(at("20250101150000")),
                ..pet()
            };
            let duration = f(&v["actual_frame_duration_ms"]) / 1000.0;
            let found = factor(&frame).unwrap();
            assert!(found.marks.is_empty());
            let scan = frame.injection.unwrap().0 + found.ingredients.uptake_s.unwrap();
            json!({
                "t_average_s": mean_decay_time_s(f(&v["half_life_s"]), duration),
                "t_scan_seconds_of_day": scan.rem_euclid(DAY_S),
            })
        }
        "T45.peak" => {
            let litre = 4.0 / 3.0 * std::f64::consts::PI * PEAK_RADIUS_MM.powi(3) / 1000.0;
            assert!((litre - f(&v["volume_ml"])).abs() < 1e-9);
            json!({"sphere_radius_mm": PEAK_RADIUS_MM})
        }
        "T45.neg" => {
            let frame = SuvAttributes {
                weight_kg: v["weight_kg"].as_f64(),
                ..pet()
            };
            match factor(&frame) {
                Ok(found) => json!({"suv": found.factor}),
                Err(reason) => json!({"suv": null, "reason": reason.to_string()}),
            }
        }
        other => panic!("{other} is not known"),
    });
}

#[track_caller]
fn refused(change: impl Fn(&mut SuvAttributes), reason: &str) {
    let mut frame = pet();
    change(&mut frame);
    assert_eq!(factor(&frame).unwrap_err().to_string(), reason);
}

#[test]
fn t45_what_is_missing_is_said() {
    refused(|f| f.modality = "CT".into(), "not a PET image");
    refused(
        |f| f.corrected_image = vec!["DECY".into()],
        "image not attenuation corrected",
    );
    refused(
        |f| f.corrected_image = vec!["ATTN".into()],
        "image not decay corrected",
    );
    refused(
        |f| f.decay_correction = Some(DecayCorrection::None),
        "image not decay corrected",
    );
    refused(
        |f| f.decay_correction = None,
        "decay correction missing or not known",
    );
    refused(|f| f.weight_kg = None, "patient weight missing");
    refused(
        |f| f.weight_kg = Some(70_000.0),
        "patient weight 70000 kg is no person's, perhaps it is in grams",
    );
    refused(
        |f| f.radiopharmaceuticals = 0,
        "radiopharmaceutical missing",
    );
    refused(
        |f| f.radiopharmaceuticals = 2,
        "2 radiopharmaceuticals, which one was imaged is not known",
    );
    refused(|f| f.total_dose_bq = None, "radionuclide dose missing");
    refused(
        |f| f.total_dose_bq = Some(370.0),
        "radionuclide dose 370 Bq is too small for a patient, perhaps it is in MBq",
    );
    refused(
        |f| f.half_life_s = Some(0.0),
        "radionuclide half life missing",
    );
    refused(|f| f.injection = None, "time of injection missing");
    refused(
        |f| {
            f.series = None;
            f.acquisition = None;
        },
        "time of the scan missing",
    );
    refused(
        |f| f.injection = Some(at("20250101130000")),
        "injection 2025-01-01 13:00:00 and scan 2025-01-01 12:00:00 do not belong together",
    );
    refused(
        |f| f.injection = Some(at("20241231120000")),
        "injection 2024-12-31 12:00:00 and scan 2025-01-01 12:00:00 do not belong together",
    );
    refused(
        |f| f.units = "CM2ML".into(),
        "no SUV from the unit \"CM2ML\"",
    );
    refused(
        |f| f.units = "CNTS".into(),
        "no SUV from counts without the scanner's factor",
    );
}

#[test]
fn t45_the_scan_time_follows_the_vendors() {
    let uptake = |frame: &SuvAttributes, earliest: &str| {
        let found = suv(frame, Some(at(earliest))).unwrap();
        (found.ingredients.uptake_s.unwrap(), found.marks)
    };
    // A later bed of the same series: the series time holds for all.
    let later = SuvAttributes {
        acquisition: Some(at("20250101123000")),
        ..pet()
    };
    assert_eq!(uptake(&later, "20250101120000"), (3600.0, vec![]));
    // Post-processed: the series begins after the acquisition.
    let post = SuvAttributes {
        series: Some(at("20250101180000")),
        ..pet()
    };
    let assumed = vec!["scan start assumed".to_owned()];
    assert_eq!(uptake(&post, "20250101120500"), (3900.0, assumed.clone()));
    let ge = SuvAttributes {
        ge_scan: Some(at("20250101120100.5")),
        ..post.clone()
    };
    assert_eq!(uptake(&ge, "20250101120500"), (3660.5, vec![]));
    // Times of a frame that are not positive count as absent.
    let zero = SuvAttributes {
        frame_reference_time_ms: Some(0.0),
        actual_frame_duration_ms: Some(180_000.0),
        ..post
    };
    assert_eq!(uptake(&zero, "20250101120500"), (3900.0, assumed.clone()));
    // A series without acquisition times cannot be checked.
    let alone = SuvAttributes {
        acquisition: None,
        ..pet()
    };
    assert_eq!(factor(&alone).unwrap().marks, assumed);
    let frames = [later, pet(), alone];
    assert_eq!(earliest_acquisition(&frames), Some(at("20250101120000")));
}

#[test]
fn t45_a_correction_shows_at_once_and_in_the_name() {
    let plain = factor(&pet()).unwrap();
    assert_eq!(plain.name, "SUVbw");
    assert_eq!(plain.ingredients.text(), "W 70 kg, D 370 MBq, 60 min, F-18");
    let heavier = Corrections {
        weight_kg: Some(140.0),
        ..Corrections::default()
    };
    let found = suv_corrected(&pet(), pet().acquisition, &heavier).unwrap();
    assert_eq!(found.name, "SUV*bw");
    assert!((found.factor / plain.factor - 2.0).abs() < 1e-12);
    // What the file lacks can be given.
    let bare = SuvAttributes {
        weight_kg: None,
        decay_correction: None,
        corrected_image: vec!["ATTN".into()],
        ..pet()
    };
    let given = Corrections {
        weight_kg: Some(70.0),
        decay_correction: Some(DecayCorrection::Start),
        ..Corrections::default()
    };
    let found = suv_corrected(&bare, bare.acquisition, &given).unwrap();
    assert_eq!((found.factor, found.corrected), (plain.factor, true));
    let other = SuvAttributes {
        units: "GML".into(),
        suv_type: Some("LBM".into()),
        ..pet()
    };
    assert_eq!(factor(&other).unwrap().name, "SUV LBM");
}

#[test]
fn t45_times_are_read_as_the_standard_writes_them() {
    let tm = |text: &str| TimeOfDay::parse(text).map(|t| t.0);
    assert_eq!(tm("235959.25"), Some(86_399.25));
    assert_eq!(tm("12"), Some(43_200.0));
    assert_eq!(tm("12:30:15"), Some(45_015.0));
    for bad in ["", "2", "24", "126000", "12300", "1230xx", "123015.-5"] {
        assert_eq!(tm(bad), None, "{bad}");
    }
    assert_eq!(at("19700101000000"), Moment(0.0));
    assert_eq!(at("20240229120000.5").text(), "2024-02-29 12:00:00");
    assert_eq!(at("20250301000000").since(at("20250228000000")), DAY_S);
    for bad in ["20250229120000", "20251301120000", "2025", "2025010é120000"] {
        assert_eq!(Moment::parse(bad, None), None, "{bad}");
    }
    // Two hours east of the file's zone.
    let moved = Moment::parse("20250101140000+0200", Some(0)).unwrap();
    assert_eq!(moved, at("20250101120000"));
    // The file says no zone: the clocks on the wall are compared.
    let wall = Moment::parse("20250101140000+0200", None).unwrap();
    assert_eq!(wall, at("20250101140000"));
}

#[test]
fn t45_the_sphere_of_the_peak_is_one_millilitre() {
    let size = [25, 25, 25];
    // A hot voxel in a cold volume: its share of the sphere is the mean.
    let hot = |at: [usize; 3]| Some(if at == [12, 12, 12] { 1000.0 } else { 0.0 });
    let voxels = Voxels {
        size,
        spacing_mm: [2.0; 3],
        value: &hot,
    };
    let found = peak(&voxels, [[12, 12, 12], [2, 2, 12]]).unwrap();
    assert_eq!((found.centre, found.complete), ([12, 12, 12], true));
    // 8 mm³ of 1000 mm³.
    assert!((found.value - 8.0).abs() < 0.05, "{}", found.value);
    let flat = |_: [usize; 3]| Some(3.5);
    let voxels = Voxels {
        size,
        spacing_mm: [4.0, 4.0, 3.0],
        value: &flat,
    };
    let border = peak(&voxels, [[0, 0, 0]]).unwrap();
    assert!((border.value - 3.5).abs() < 1e-12 && !border.complete);
    assert_eq!(peak(&voxels, []), None);
    let nothing = |_: [usize; 3]| None;
    let voxels = Voxels {
        size,
        spacing_mm: [4.0; 3],
        value: &nothing,
    };
    assert_eq!(peak(&voxels, [[1, 1, 1]]), None);
    let fine = Voxels {
        size,
        spacing_mm: [1e-6; 3],
        value: &flat,
    };
    assert_eq!(peak(&fine, [[1, 1, 1]]), None);
}

#[test]
fn t45_lean_mass_is_named_by_its_method() {
    let of_weight = factor(&pet()).unwrap();
    let body = BodySize {
        weight_kg: 70.0,
        height_m: 1.75,
        male: true,
    };
    let of = |method| normalised(&of_weight, body, method).unwrap();
    let james = of(SuvMethod::LeanJames);
    assert_eq!(james.name, "SUVlbm (James)");
    // 1.10 · 70 - 128 · (70/175)² = 56.52 kg
    assert!((james.factor / of_weight.factor * 70.0 - 56.52).abs() < 1e-9);
    let janma = of(SuvMethod::LeanJanmahasatian);
    // 9270 · 70 / (6680 + 216 · 22.857) = 55.857 kg
    assert!((janma.factor / of_weight.factor * 70.0 - 55.857).abs() < 0.001);
    let none = BodySize {
        height_m: 0.0,
        ..body
    };
    assert!(normalised(&of_weight, none, SuvMethod::LeanJames).is_none());
}

#[test]
fn t45_a_real_series_gives_the_uptake_of_its_reference() {
    let test = "t45_a_real_series_gives_the_uptake_of_its_reference";
    let Some(folder) = shelf_folder(test, "data/dicom_series/pet_head_neck") else {
        return;
    };
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "dcm"))
        .collect();
    names.sort();
    let frames: Vec<_> = names
        .iter()
        .map(|path| {
            let bytes = std::fs::read(path).unwrap();
            let file = DicomFile::parse(&bytes).unwrap();
            let columns = file.description().unwrap().shape().columns as usize;
            let cells = file.decode_frame_vec(&bytes, 0).unwrap();
            let stored: Vec<f64> = cells
                .chunks_exact(2)
                .map(|c| f64::from(i16::from_ne_bytes([c[0], c[1]])))
                .collect();
            (path, file.display_attributes(0), stored, columns)
        })
        .collect();
    let suvs = || frames.iter().map(|(_, a, ..)| a.suv.as_ref().unwrap());
    let earliest = earliest_acquisition(suvs());
    let (entry, tolerance) = file_entry("F.pet_head_neck.suv");
    let mut best = (f64::MIN, Value::Null);
    let mut slopes = Vec::new();
    for (path, attributes, stored, columns) in &frames {
        let found = suv(attributes.suv.as_ref().unwrap(), earliest).unwrap();
        assert!(found.marks.is_empty());
        slopes.push(attributes.modality_lut.apply(1.0) - attributes.modality_lut.apply(0.0));
        let (k, most) = stored
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(b.1))
            .unwrap();
        let bqml = attributes.modality_lut.apply(*most);
        if bqml > best.0 {
            best = (
                bqml,
                json!({
                    "uptake_s": found.ingredients.uptake_s,
                    "factor": found.factor,
                    "max_bqml": bqml,
                    "max_file": path.file_name().unwrap().to_str(),
                    "max_row_col": [k / columns, k % columns],
                    "max_stored": most,
                    "suvbw_max": bqml * found.factor,
                }),
            );
        }
    }
    slopes.dedup();
    let mut got = best.1;
    got["distinct_slopes"] = json!(slopes.len());
    compare("F.pet_head_neck.suv", &got, &entry, tolerance);
    let factor = got["factor"].as_f64().unwrap();
    assert!((factor / f(&entry["factor"]) - 1.0).abs() < 1e-6);

    // A sphere around the hottest voxel: less than the maximum, more than the mean of the body.
    let size = [frames[0].3, frames[0].2.len() / frames[0].3, frames.len()];
    let value = |[x, y, z]: [usize; 3]| {
        let (_, attributes, stored, columns) = frames.get(z)?;
        let stored = stored.get(y * columns + x)?;
        Some(attributes.modality_lut.apply(*stored))
    };
    let voxels = Voxels {
        size,
        spacing_mm: [3.537_818_2, 3.537_818_2, 3.375],
        value: &value,
    };
    let found = peak(&voxels, [[55, 54, 71]]).unwrap();
    let peak_suv = found.value * factor;
    assert!(
        !found.complete && peak_suv > 2.0 && peak_suv < 7.394,
        "{peak_suv}"
    );
}

/// Items of a sequence, each of whole elements.
fn items(items: &[Vec<u8>]) -> Vec<u8> {
    let of = |item: &Vec<u8>| {
        let length = u32::try_from(item.len()).unwrap();
        let mut out = implicit_header(Tag(0xFFFE, 0xE000), length);
        out.extend(item);
        out
    };
    items.iter().flat_map(of).collect()
}

#[test]
fn t45_the_attributes_of_a_file_are_read_with_the_blocks_of_their_creators() {
    let text = |tag: Tag, vr, value: &str| (tag, vr, value.as_bytes().to_vec());
    let tracer = [
        element(Tag(0x18, 0x1072), VR::TM, b"235500"),
        element(Tag(0x18, 0x1074), VR::DS, b"370000000"),
        element(Tag(0x18, 0x1075), VR::DS, b"6586.2"),
        element(Tag(0x18, 0x1078), VR::DT, b"20250101235500.5+0100"),
    ]
    .concat();
    let more = vec![
        text(tags::MODALITY, VR::CS, "PT"),
        text(tags::SERIES_DATE, VR::DA, "20250102"),
        text(tags::SERIES_TIME, VR::TM, "004500"),
        text(tags::ACQUISITION_DATE, VR::DA, "20250102"),
        text(tags::ACQUISITION_TIME, VR::TM, "004501.25"),
        text(tags::TIMEZONE_OFFSET_FROM_UTC, VR::SH, "+0200"),
        // The vendors' blocks are not the first of their groups.
        text(Tag(0x9, 0x10), VR::LO, "SOMEBODY"),
        text(Tag(0x9, 0x12), VR::LO, "GEMS_PETD_01"),
        text(Tag(0x9, 0x100D), VR::DT, "19990101000000"),
        text(Tag(0x9, 0x120D), VR::DT, "20250102004400"),
        text(tags::PATIENT_WEIGHT, VR::DS, "70"),
        text(tags::FRAME_REFERENCE_TIME, VR::DS, "990000"),
        text(tags::ACTUAL_FRAME_DURATION, VR::IS, "180000"),
        text(tags::CORRECTED_IMAGE, VR::CS, r"ATTN\DECY"),
        text(tags::UNITS, VR::CS, "CNTS"),
        text(tags::DECAY_CORRECTION, VR::CS, "START"),
        (
            tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE,
            VR::SQ,
            items(&[tracer]),
        ),
        text(Tag(0x7053, 0x11), VR::LO, "Philips PET Private Group"),
        text(Tag(0x7053, 0x1100), VR::DS, "0.000551"),
        text(Tag(0x7053, 0x1109), VR::DS, "1.7"),
    ];
    let read = |more: Vec<(Tag, VR, Vec<u8>)>| {
        let bytes = Image {
            more,
            ..Image::default()
        }
        .bytes();
        DicomFile::parse(&bytes).unwrap().display_attributes(0).suv
    };
    let found = read(more.clone()).unwrap();
    assert_eq!(
        found,
        SuvAttributes {
            modality: "PT".to_owned(),
            corrected_image: vec!["ATTN".to_owned(), "DECY".to_owned()],
            units: "CNTS".to_owned(),
            suv_type: None,
            decay_correction: Some(DecayCorrection::Start),
            weight_kg: Some(70.0),
            height_m: None,
            sex: None,
            radiopharmaceuticals: 1,
            total_dose_bq: Some(370e6),
            half_life_s: Some(6586.2),
            nuclide: None,
            // One hour east of UTC, in a file two hours east.
            injection: Some(at("20250102005500.5")),
            injection_time: TimeOfDay::parse("235500"),
            series_day: Moment::midnight("20250102"),
            series: Some(at("20250102004500")),
            acquisition: Some(at("20250102004501.25")),
            ge_scan: Some(at("20250102004400")),
            frame_reference_time_ms: Some(990_000.0),
            actual_frame_duration_ms: Some(180_000.0),
            philips_suv_factor: Some(0.000_551),
            philips_activity_factor: Some(1.7),
        }
    );
    assert_eq!(factor(&found).unwrap().factor, 0.000_551);
    let other = more.into_iter().map(|(tag, vr, value)| match tag {
        tags::MODALITY => (tag, vr, b"CT".to_vec()),
        _ => (tag, vr, value),
    });
    assert_eq!(read(other.collect()), None);
}

#[test]
fn t46_regions_of_a_file_are_read_and_broken_ones_left_out() {
    use crate::measure::PhysicalUnit;
    let ul = |tag, v: u32| element(tag, VR::UL, &v.to_le_bytes());
    let region = |x0: u32, unit: u16| {
        [
            element(tags::REGION_SPATIAL_FORMAT, VR::US, &1_u16.to_le_bytes()),
            element(tags::REGION_DATA_TYPE, VR::US, &1_u16.to_le_bytes()),
            ul(tags::REGION_FLAGS, 1),
            ul(tags::REGION_LOCATION_MIN_X0, x0),
            ul(tags::REGION_LOCATION_MIN_Y0, 0),
            ul(tags::REGION_LOCATION_MAX_X1, 1),
            ul(tags::REGION_LOCATION_MAX_Y1, 1),
            element(tags::REFERENCE_PIXEL_X0, VR::SL, &(-3_i32).to_le_bytes()),
            element(
                tags::PHYSICAL_UNITS_X_DIRECTION,
                VR::US,
                &unit.to_le_bytes(),
            ),
            element(
                tags::PHYSICAL_UNITS_Y_DIRECTION,
                VR::US,
                &7_u16.to_le_bytes(),
            ),
            element(tags::PHYSICAL_DELTA_X, VR::FD, &(-0.25_f64).to_le_bytes()),
            element(tags::PHYSICAL_DELTA_Y, VR::FD, &f64::NAN.to_le_bytes()),
        ]
    };
    let whole = region(0, 3).concat();
    // Without the attribute that says where it begins.
    let broken: Vec<u8> = region(0, 3)
        .into_iter()
        .enumerate()
        .filter(|(k, _)| *k != 3)
        .flat_map(|(_, e)| e)
        .collect();
    let read = |value: Vec<u8>| {
        let more = vec![
            (tags::MODALITY, VR::CS, b"US".to_vec()),
            (tags::SEQUENCE_OF_ULTRASOUND_REGIONS, VR::SQ, value),
        ];
        let image = Image {
            more,
            ..Image::default()
        };
        let bytes = image.bytes();
        DicomFile::parse(&bytes).unwrap().display_attributes(0)
    };
    let found = read(items(&[whole.clone(), broken, region(1, 99).concat()]));
    let regions = &found.ultrasound_regions;
    assert_eq!(regions.len(), 2);
    let first = &regions[0];
    assert_eq!((first.least, first.most), ([0, 0], [1, 1]));
    assert_eq!(
        first.units,
        [PhysicalUnit::Centimetre, PhysicalUnit::CentimetrePerSecond]
    );
    assert_eq!(first.delta, [-0.25, 0.0]);
    assert_eq!(first.reference_pixel, [Some(-3), None]);
    assert_eq!((first.data_type, first.flags), (Some(1), 1));
    assert_eq!(regions[1].units[0], PhysicalUnit::None);
    assert!(found.spacing.ultrasound_regions);
    // A file can say anything; a sequence without items says nothing.
    assert_eq!(read(items(&vec![whole; 300])).ultrasound_regions.len(), 256);
    assert!(!read(Vec::new()).spacing.ultrasound_regions);
}
