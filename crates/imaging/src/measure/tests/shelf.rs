//! Measurements on real files, against numbers that another program computed.

use std::path::Path;

use glam::DVec2;
use serde_json::{Value, json};

use super::{compare, drawing, f, file_entry, floats};
use crate::{
    DicomFile, Frame, FrameBytes,
    annotate::{Quantity, Shape},
    display::{DisplayAttributes, SpacingProvenance},
    measure::{
        Outline, Picture, Pixels, Population, Scale, Statistics, length, regions_valid, scale_of,
        state,
    },
    tests::shelf_folder,
};

fn open(folder: &Path, name: &str, k: usize) -> (DisplayAttributes, Frame) {
    let bytes = std::fs::read(folder.join(name)).unwrap();
    let file = DicomFile::parse(&bytes).unwrap();
    let frame = Frame {
        shape: file.description().unwrap().shape(),
        bytes: FrameBytes::from(file.decode_frame_vec(&bytes, k).unwrap()),
    };
    (file.display_attributes(k), frame)
}

fn rectangle(v: &Value) -> [[f64; 2]; 2] {
    let [x0, y0, x1, y1] = floats(v);
    [[x0, y0], [x1, y1]]
}

fn statistics(attributes: &DisplayAttributes, frame: &Frame, outline: &Outline) -> Statistics {
    let pixels = Pixels::Frame {
        frame,
        lut: &attributes.modality_lut,
        padding: attributes.padding,
        channel: 0,
    };
    Population::new(pixels, outline).statistics()
}

/// Everything that an entry states about its own file and rectangle is input, the rest must come out.
fn outputs(entry: &Value) -> Value {
    let mut out = entry.clone();
    let fields = out.as_object_mut().unwrap();
    fields.remove("file");
    fields.remove("rect_corner_xy");
    out
}

#[test]
fn t42_chest_ct_region_agrees_with_its_reference() {
    let test = "t42_chest_ct_region_agrees_with_its_reference";
    let Some(folder) = shelf_folder(test, "data/dicom_series/chest_ct") else {
        return;
    };
    let (entry, tolerance) = file_entry("F.chest_ct.roi");
    let (attributes, frame) = open(&folder, entry["file"].as_str().unwrap(), 0);
    let region = drawing("1", Shape::Rectangle, &rectangle(&entry["rect_corner_xy"]));
    let size = [frame.shape.columns, frame.shape.rows];
    let said = state(&region, &Picture::new(&attributes, size, Some(&frame)));
    let value = |q| said.values.iter().find(|v| v.quantity == q).unwrap().value;
    let got = json!({
        "n": value(Quantity::Count),
        "mean_hu": value(Quantity::Mean),
        "sd": value(Quantity::StandardDeviation),
        "min": value(Quantity::Minimum),
        "max": value(Quantity::Maximum),
        "area_mm2": value(Quantity::Area),
    });
    compare("F.chest_ct.roi", &got, &outputs(&entry), tolerance);
    assert_eq!(said.lines[1], "Mean -94.4  SD 328.8 HU");
}

#[test]
fn t42_pet_region_agrees_with_its_reference() {
    let test = "t42_pet_region_agrees_with_its_reference";
    let Some(folder) = shelf_folder(test, "data/dicom_series/pet_head_neck") else {
        return;
    };
    let (entry, tolerance) = file_entry("F.pet_head_neck.roi");
    let (attributes, frame) = open(&folder, entry["file"].as_str().unwrap(), 0);
    let [a, b] = rectangle(&entry["rect_corner_xy"]);
    let outline = Outline::Rectangle {
        least: DVec2::from_array(a),
        most: DVec2::from_array(b),
    };
    let found = statistics(&attributes, &frame, &outline);
    // Series time is that of the first acquisition: every frame alone gives the same factor.
    let own = attributes.suv.as_ref().unwrap();
    let suv = crate::suv::suv(own, own.series).unwrap();
    let got = json!({
        "n": found.n,
        "mean_bqml": found.mean,
        "sd": found.standard_deviation,
        "min": found.minimum.unwrap().value,
        "max": found.maximum.unwrap().value,
        "mean_suv": found.scaled(suv.factor).mean,
    });
    compare("F.pet_head_neck.roi", &got, &outputs(&entry), tolerance);
}

#[test]
fn t42_each_frame_has_its_own_slope() {
    let test = "t42_each_frame_has_its_own_slope";
    let Some(folder) = shelf_folder(test, "data/dicom_series/mr_enhanced_fieldmap") else {
        return;
    };
    let (entry, tolerance) = file_entry("F.mr_enhanced_fieldmap.frames");
    let name = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
    let mut ran = 0;
    for sample in entry["samples"].as_array().unwrap() {
        let k = f(&sample["frame"]) as usize - 1;
        let (attributes, frame) = open(&folder, name.file_name().to_str().unwrap(), k);
        let all = Outline::Rectangle {
            least: DVec2::ZERO,
            most: DVec2::new(f64::from(frame.shape.columns), f64::from(frame.shape.rows)),
        };
        let found = statistics(&attributes, &frame, &all);
        let got = json!({
            "min": found.minimum.unwrap().value,
            "max": found.maximum.unwrap().value,
            "mean": found.mean,
        });
        let expected = json!({
            "min": sample["min"], "max": sample["max"], "mean": sample["mean"],
        });
        compare(&format!("frame {}", k + 1), &got, &expected, tolerance);
        ran += 1;
    }
    assert_eq!(ran, 4);
}

#[test]
fn t46_regions_of_real_pictures() {
    let test = "t46_regions_of_real_pictures";
    let Some(folder) = shelf_folder(test, "data") else {
        return;
    };
    let read = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let file = DicomFile::parse(&bytes).unwrap();
        let shape = file.description().unwrap().shape();
        (file.display_attributes(0), [shape.columns, shape.rows])
    };
    let line = |ends: [DVec2; 2]| drawing("1", Shape::Length, &ends.map(|p| p.to_array()));

    // Resized after calibration: pixels, although the regions look usable.
    let (entry, tolerance) = file_entry("F.us_cine.regions");
    let (attributes, [columns, rows]) = read("dicom_series/us_cine/examples_ybr_color.dcm");
    let regions = &attributes.ultrasound_regions;
    let said = state(
        &line([DVec2::splat(50.0), DVec2::splat(90.0)]),
        &Picture::new(&attributes, [columns, rows], None),
    );
    let got = json!({
        "columns": columns,
        "region_max_x1": regions.iter().map(|r| r.most[0]).max(),
        "regions_valid": regions_valid(regions, columns, rows),
        "mark": said.values[0].provenance.unwrap().mark(),
    });
    compare("F.us_cine.regions", &got, &entry, tolerance);
    assert_eq!(said.values[0].unit, "{pixels}");

    // The first region has no unit, the second a negative delta.
    let (entry, tolerance) = file_entry("F.us_cine_regions.regions");
    let (attributes, size) = read("dicom_series/us_cine_regions/IM00001.dcm");
    let ends = ["p_xy", "q_xy"].map(|k| DVec2::from_array(floats(&entry[k])));
    let regions = &attributes.ultrasound_regions;
    let [columns, rows] = size;
    let used = crate::measure::region_for(regions, columns, rows, &ends).unwrap();
    let pixel_size = attributes.spacing.pixel_size("US");
    let Scale::Millimetres {
        spacing,
        provenance,
    } = scale_of(pixel_size, regions, size, &ends)
    else {
        panic!("no millimetres");
    };
    assert_eq!(provenance, SpacingProvenance::UltrasoundRegions);
    let got = json!({
        "usable_region": regions.iter().position(|r| r == used),
        "delta_mm_per_px": used.delta.map(|d| d * 10.0),
        "p_xy": entry["p_xy"],
        "q_xy": entry["q_xy"],
        "length_mm": length(ends[0], ends[1], spacing),
    });
    compare("F.us_cine_regions.regions", &got, &entry, tolerance);

    // One column too many: the writer's slip.
    let (entry, tolerance) = file_entry("F.us_rle.regions");
    let name = entry["file"].as_str().unwrap();
    let (attributes, [columns, rows]) = read(&format!("dicom_syntax/rle/{name}"));
    let regions = &attributes.ultrasound_regions;
    let got = json!({
        "columns": columns,
        "region_max_x1": regions.iter().map(|r| r.most[0]).max(),
        "regions_valid": regions_valid(regions, columns, rows),
        "file": name,
    });
    compare("F.us_rle.regions", &got, &entry, tolerance);
}

#[test]
fn t40_a_mammogram_is_corrected_for_its_magnification() {
    let test = "t40_a_mammogram_is_corrected_for_its_magnification";
    let Some(folder) = shelf_folder(test, "data/dicom_series/mammogram") else {
        return;
    };
    let (entry, tolerance) = file_entry("F.mammogram.marks");
    let bytes = std::fs::read(folder.join("OutOfBoundsOverlay.dcm")).unwrap();
    let attributes = DicomFile::parse(&bytes).unwrap().display_attributes(0);
    let line = drawing("1", Shape::Length, &[[100.0, 100.0], [400.0, 500.0]]);
    let said = state(&line, &Picture::new(&attributes, [4000, 4000], None));
    let stated = &said.values[0];
    assert!((stated.value / 500.0 - f(&entry["mm_per_px"])).abs() <= tolerance);
    assert_eq!(
        stated.provenance.unwrap().mark(),
        entry["mark"].as_str().unwrap()
    );
    assert_eq!(said.lines, ["40.7 mm magnification-corrected (1.04)"]);
}
