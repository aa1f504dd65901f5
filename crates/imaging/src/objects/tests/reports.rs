//! E1: measurement reports, written and read.

use std::process::Command;

use triptych_clinical::{CodeSystem, Coding};

use super::*;
use crate::objects::{
    ContentValue, MeasurementReport, ReportState, WriteError, write_measurements,
};

/// One drawing of each kind that a report holds, on one frame, with values whose numbers need all their digits.
fn one_of_each(anchor: &Anchor, mm: Option<SpacingProvenance>) -> Vec<Annotation> {
    let unit = if mm.is_some() { "mm" } else { "{pixels}" };
    let area = if mm.is_some() { "mm2" } else { "{pixels}" };
    let from = mm.or(Some(SpacingProvenance::Pixels));
    let mut all = vec![
        drawing(1, Shape::Length, &[[1.5, 2.25], [12.125, 8.0]], anchor),
        drawing(
            2,
            Shape::Path,
            &[[1.0, 1.0], [4.5, 1.0], [4.5, 6.0]],
            anchor,
        ),
        drawing(
            3,
            Shape::Angle,
            &[[1.0, 1.0], [5.0, 5.0], [9.5, 1.0]],
            anchor,
        ),
        drawing(
            4,
            Shape::Cobb,
            &[[1.0, 1.0], [9.0, 2.0], [1.0, 9.0], [9.0, 7.5]],
            anchor,
        ),
        drawing(
            5,
            Shape::Bidirectional,
            &[[1.0, 5.0], [9.0, 5.0], [5.0, 3.0], [5.0, 7.0]],
            anchor,
        ),
        drawing(6, Shape::Rectangle, &[[2.0, 3.0], [10.5, 11.25]], anchor),
        drawing(
            7,
            Shape::Ellipse,
            &[[2.0, 6.0], [10.0, 6.0], [6.0, 4.0], [6.0, 8.0]],
            anchor,
        ),
        drawing(8, Shape::Circle, &[[8.0, 8.0], [11.0, 8.0]], anchor),
        drawing(
            9,
            Shape::Polygon,
            &[[2.0, 2.0], [9.0, 3.0], [8.0, 9.0], [3.0, 8.0]],
            anchor,
        ),
        drawing(
            10,
            Shape::Freehand,
            &[[2.0, 2.0], [4.0, 2.5], [3.0, 6.0]],
            anchor,
        ),
        drawing(11, Shape::Probe, &[[7.5, 3.5]], anchor),
        drawing(12, Shape::Calibration, &[[0.0, 4.0], [10.0, 4.0]], anchor),
        drawing(13, Shape::Length, &[[0.5, 0.5], [3.5, 0.5]], anchor),
        drawing(
            14,
            Shape::Curve,
            &[[1.0, 1.0], [2.25, 1.5], [4.0, 6.0]],
            anchor,
        ),
        // Its line has more points than these: they are told apart when it comes back.
        drawing(
            15,
            Shape::Spline,
            &[[2.0, 2.0], [9.5, 3.0], [8.0, 9.25], [3.0, 8.0]],
            anchor,
        ),
        drawing(
            16,
            Shape::Livewire,
            &[[2.0, 2.0], [4.0, 2.5], [3.0, 6.0], [2.5, 4.0]],
            anchor,
        ),
        drawing(
            17,
            Shape::Nodule,
            &[[2.0, 2.0], [5.0, 2.0], [5.0, 6.0], [2.0, 6.0]],
            anchor,
        ),
    ];
    all[0].values = vec![stated(Quantity::Length, 12.340_000_000_000_123, unit, from)];
    all[0].finding = Some(Coding {
        display: Some("Lesion".into()),
        ..Coding::new(CodeSystem::Snomed, "52988006")
    });
    all[0].site = Some(Coding {
        display: Some("Lung".into()),
        ..Coding::new(
            CodeSystem::Other("urn:oid:1.2.3.4".into()),
            "a-code-longer-than-16",
        )
    });
    all[0].text = "Größer als zuvor,\nsiehe \\ Bild 3".into();
    all[0].lesion = "2.25.999".into();
    all[0].locked = true;
    all[1].values = vec![stated(Quantity::Length, 1.0 / 3.0, unit, from)];
    all[2].values = vec![stated(Quantity::Angle, 87.123_456_789, "deg", None)];
    all[3].values = vec![stated(Quantity::CobbAngle, 17.5, "deg", None)];
    // The short axis first: the drawing must not be turned by it.
    all[4].values = vec![
        stated(Quantity::ShortAxis, 4.0, unit, from),
        stated(Quantity::LongAxis, 8.0, unit, from),
    ];
    all[4].label = String::new();
    all[5].values = vec![
        stated(Quantity::Area, 70.125, area, from),
        stated(Quantity::Perimeter, 33.5, unit, from),
        stated(Quantity::Mean, -119.073_852_539_062_5, "[hnsf'U]", None),
        stated(Quantity::StandardDeviation, 3.2, "[hnsf'U]", None),
        stated(Quantity::Minimum, -130.0, "[hnsf'U]", None),
        stated(Quantity::Maximum, 12.0, "[hnsf'U]", None),
        stated(Quantity::Median, -118.0, "[hnsf'U]", None),
        stated(Quantity::Count, 71.0, "{pixels}", None),
    ];
    all[6].values = vec![stated(Quantity::Mean, 2.5, "g/ml{SUVbw}", None)];
    all[7].values = vec![stated(Quantity::Mean, 812.0, "1", None)];
    all[10].values = vec![stated(Quantity::Value, 40.0, "[hnsf'U]", None)];
    all[11].known_mm = Some(100.0);
    all[11].author = "Other^Reader".into();
    all[12].values = vec![stated(
        Quantity::Length,
        3.0,
        if mm.is_some() { "mm" } else { "{pixels}" },
        mm.map(|_| SpacingProvenance::MagnificationCorrected(1.100_000_000_000_01))
            .or(from),
    )];
    all[13].values = vec![stated(Quantity::Length, 6.25, unit, from)];
    all
}

fn write(file: &DicomFile, annotations: &[Annotation]) -> Written {
    let state = ReportState {
        complete: true,
        last: true,
    };
    let context = context(file, "2.25.4711");
    write_measurements(&context, annotations, state, &mut counter()).unwrap()
}

fn measurements(bytes: &[u8]) -> MeasurementReport {
    match read(bytes) {
        Object::Measurements(report) => report,
        other => panic!("{other:?}"),
    }
}

/// Each written report is valid, lies in the images' study, and comes back as the same drawings.
#[test]
fn e1_drawings_over_real_images_come_back_equal_from_a_valid_report() {
    let test = "e1_drawings_over_real_images_come_back_equal_from_a_valid_report";
    let Some(folder) = series_folder(test) else {
        return;
    };
    for name in IMAGES {
        let path = folder.join(name);
        let file = parse(&path);
        let k = file.frames() - 1;
        let anchor = anchor(&file, k);
        let mm = anchor.plane.map(|_| SpacingProvenance::CrossSection);
        let annotations = one_of_each(&anchor, mm);
        let written = write(&file, &annotations);
        assert_eq!(written.not_written, [], "{name}");
        assert_eq!(written.study, anchor.study, "{name}: complaint 28");
        is_valid(&written, &path, test);
        let report = measurements(&written.bytes);
        assert!(!report.read_only, "{name}");
        assert_eq!(report.not_drawn, Vec::<String>::new(), "{name}");
        for (got, wanted) in report.annotations.iter().zip(&annotations) {
            assert_eq!(got, wanted, "{name}");
        }
        assert_eq!(report.annotations.len(), annotations.len(), "{name}");
        let again = DicomFile::parse(&written.bytes).unwrap();
        for tag in [
            tags::PATIENT_NAME,
            tags::PATIENT_ID,
            tags::STUDY_INSTANCE_UID,
        ] {
            assert_eq!(again.data().text(tag), file.data().text(tag), "{name}");
        }
    }
}

/// Names in any character set are the same in UTF-8.
#[test]
fn e1_the_patients_name_keeps_its_characters() {
    let test = "e1_the_patients_name_keeps_its_characters";
    let Some(folder) = crate::tests::shelf_folder(test, "data/dicom_syntax/charset") else {
        return;
    };
    let mut names = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(file) = DicomFile::parse(&std::fs::read(&path).unwrap()) else {
            continue;
        };
        let Ok(source) = SourceHeader::of(&file) else {
            continue;
        };
        let context = ObjectContext {
            source,
            ..context(&file, "2.25.4711")
        };
        let elements = context.elements("1.2.3", "1.2.3.4", "SR");
        let written = context
            .finish(&elements, "1.2.3", "1.2.3.4", Vec::new())
            .unwrap();
        let again = DicomFile::parse(&written.bytes).unwrap();
        let name = file.data().text(tags::PATIENT_NAME);
        assert_eq!(again.data().text(tags::PATIENT_NAME), name, "{path:?}");
        names += usize::from(name.is_some_and(|n| !n.is_ascii()));
    }
    assert!(names >= 5, "{names} names with other letters");
}

#[test]
fn e1_dcmtk_prints_the_same_numbers() {
    let test = "e1_dcmtk_prints_the_same_numbers";
    let Some(folder) = series_folder(test) else {
        return;
    };
    if !has("dsrdump", test) {
        return;
    }
    let file = parse(&folder.join(IMAGES[0]));
    let annotations = one_of_each(&anchor(&file, 0), Some(SpacingProvenance::CrossSection));
    let saved = Saved::new(&write(&file, &annotations), test);
    let (ok, text) = output(Command::new("dsrdump").args(["+Pl", "+Pf"]).arg(&saved.0));
    assert!(ok, "{text}");
    for line in [
        r#"NUM:(,,"Length")="12.3400000000001" (mm,"#,
        r#"NUM:(,,"Cobb angle")="17.5" (deg,"#,
        r#"NUM:(,,"Long Axis")="8" (mm,"#,
        r#"NUM:(,,"Short Axis")="4" (mm,"#,
        r#"NUM:(,,"Area")="70.125" (mm2,"#,
        r#"NUM:(,,"Attenuation Coefficient")="-119.07385253906" ([hnsf'U],"#,
        r#"NUM:(,,"SUVbw")="2.5" (g/ml{SUVbw},"#,
        "(POLYLINE,1.5/2.25,12.125/8)",
        "(CIRCLE,8/8,11/8)",
        r#"PNAME:(,,"Person Observer Name")="Müller^Änne""#,
    ] {
        // DCMTK may print one digit less of what it parsed.
        let found = text.contains(line) || text.contains(&line.replace("0001\"", "\""));
        assert!(found, "{line}\n{text}");
    }
    assert!(!text.contains("\nE:") && !text.contains("\nF:"), "{text}");
}

/// An independent library finds the same groups, values, units, points and UIDs.
#[test]
fn e1_highdicom_reads_the_same_measurements() {
    let test = "e1_highdicom_reads_the_same_measurements";
    let (Some(folder), Some(interpreter)) = (series_folder(test), highdicom(test)) else {
        return;
    };
    let script = r"
import sys, json, highdicom as hd
sr = hd.sr.srread(sys.argv[1])
out = []
def values(group):
    return [(m.name.value, m.value, m.unit.value,
             m.derivation.value if m.derivation is not None else None) for m in group.get_measurements()]
for g in sr.content.get_planar_roi_measurement_groups():
    out.append(dict(kind='1410', id=g.tracking_identifier, uid=g.tracking_uid, method=g.method.value,
        points=g.roi.value.tolist(), graphic=g.roi.graphic_type.value,
        finding=g.finding_type.value if g.finding_type else None, values=values(g)))
for g in sr.content.get_image_measurement_groups():
    out.append(dict(kind='1501', id=g.tracking_identifier, uid=g.tracking_uid, method=g.method.value,
        finding=g.finding_type.value if g.finding_type else None, values=values(g)))
json.dump(out, sys.stdout)
";
    for name in [IMAGES[0], IMAGES[1]] {
        let file = parse(&folder.join(name));
        let annotations = one_of_each(&anchor(&file, 0), Some(SpacingProvenance::CrossSection));
        let saved = Saved::new(&write(&file, &annotations), test);
        let groups = python(&interpreter, script, &saved.0);
        let groups = groups.as_array().unwrap();
        assert_eq!(groups.len(), annotations.len(), "{name}");
        for a in &annotations {
            let group = groups
                .iter()
                .find(|g| g["uid"] == a.lesion.as_str())
                .unwrap();
            let region = a.shape.is_region();
            assert_eq!(group["kind"], if region { "1410" } else { "1501" });
            assert_eq!(group["method"], format!("{:?}", a.shape));
            if !a.label.is_empty() {
                assert_eq!(group["id"], a.label);
            }
            let finding = a.finding.as_ref().map(|f| f.code.clone());
            assert_eq!(group["finding"].as_str(), finding.as_deref());
            if a.shape == Shape::Circle {
                assert_eq!(group["graphic"], "CIRCLE");
                assert_eq!(group["points"], serde_json::json!(a.points));
            }
            let values = group["values"].as_array().unwrap();
            let known = usize::from(a.known_mm.is_some());
            assert_eq!(values.len(), a.values.len() + known, "{group}");
            for (got, stated) in values.iter().zip(&a.values) {
                assert_eq!(got[1].as_f64().unwrap(), stated.value, "{group}");
                assert_eq!(got[2], stated.unit);
                let derived = stated.quantity == Quantity::StandardDeviation;
                assert!(!derived || got[3] == "386136009", "{group}");
            }
        }
    }
}

/// Contours of one lesion on several slices carry its volume together (TID 1411); still each comes back as it was.
#[test]
fn e1_a_volume_of_contours_is_one_group_and_comes_back() {
    let test = "e1_a_volume_of_contours_is_one_group_and_comes_back";
    let Some(folder) = series_folder(test) else {
        return;
    };
    let path = folder.join("chest_ct/031.dcm");
    let file = parse(&path);
    let next = parse(&folder.join("chest_ct/032.dcm"));
    let square = [
        [100.0, 100.0],
        [120.0, 100.0],
        [120.0, 120.0],
        [100.0, 120.0],
    ];
    let mm = Some(SpacingProvenance::CrossSection);
    let mut all = vec![
        drawing(1, Shape::Polygon, &square, &anchor(&file, 0)),
        drawing(2, Shape::Freehand, &square, &anchor(&next, 0)),
    ];
    for a in &mut all {
        a.lesion = "2.25.5000".into();
    }
    all[0].values = vec![
        stated(Quantity::Area, 400.0, "mm2", mm),
        stated(Quantity::Volume, 1234.5, "mm3", mm),
        stated(Quantity::Mean, 40.0, "[hnsf'U]", None),
    ];
    all[1].values = vec![stated(Quantity::Area, 400.0, "mm2", mm)];
    let written = write(&file, &all);
    is_valid(&written, &path, test);
    let report = measurements(&written.bytes);
    assert_eq!(report.annotations, all);
    let groups: Vec<&str> = report
        .tree
        .root
        .children
        .last()
        .unwrap()
        .children
        .iter()
        .filter_map(|g| g.template.as_deref())
        .collect();
    assert_eq!(groups, ["1410", "1410", "1411"]);
    let volume = &report.tree.root.children.last().unwrap().children[2];
    let contours = volume.children.iter();
    let contours = contours.filter(|c| matches!(c.value, ContentValue::Points { .. }));
    assert_eq!(contours.count(), 2);
    if let Some(interpreter) = highdicom(test) {
        let script = r"
import sys, json, highdicom as hd
sr = hd.sr.srread(sys.argv[1])
json.dump([[(m.name.value, m.value, m.unit.value) for m in g.get_measurements()] + [len(g.roi)]
    for g in sr.content.get_volumetric_roi_measurement_groups()], sys.stdout)
";
        let saved = Saved::new(&written, test);
        let groups = python(&interpreter, script, &saved.0);
        let wanted = serde_json::json!([[["118565006", 1234.5, "mm3"], 2]]);
        assert_eq!(groups, wanted);
    }
}

/// A drawing on a plane through a volume has no image: it is written in the frame of reference, and is on its plane again.
#[test]
fn e1_a_drawing_on_an_oblique_plane_comes_back_to_a_hundredth_of_a_pixel() {
    let test = "e1_a_drawing_on_an_oblique_plane_comes_back_to_a_hundredth_of_a_pixel";
    let Some(folder) = series_folder(test) else {
        return;
    };
    let path = folder.join("chest_ct/031.dcm");
    let file = parse(&path);
    let on_image = anchor(&file, 0);
    let oblique = Anchor {
        plane: Some(AnchorPlane {
            position: [-120.0, -80.0, 42.5],
            orientation: [1.0, 0.0, 0.0, 0.0, 0.8, -0.6],
            spacing: [0.7, 0.7],
        }),
        image: None,
        ..on_image.clone()
    };
    let mm = Some(SpacingProvenance::CrossSection);
    let mut all = one_of_each(&oblique, mm);
    all.push(drawing(
        99,
        Shape::Length,
        &[[1.0, 1.0], [2.0, 2.0]],
        &on_image,
    ));
    let written = write(&file, &all);
    assert_eq!(written.sop_class, crate::objects::COMPREHENSIVE_3D_SR);
    is_valid(&written, &path, test);
    let report = measurements(&written.bytes);
    assert_eq!(
        report.annotations.len(),
        all.len(),
        "{:?}",
        report.not_drawn
    );
    for (got, wanted) in report.annotations.iter().zip(&all) {
        for (a, b) in got.points.iter().zip(&wanted.points) {
            assert!((a[0] - b[0]).hypot(a[1] - b[1]) < 0.01, "{got:?}");
        }
        let same = Annotation {
            points: wanted.points.clone(),
            ..got.clone()
        };
        assert_eq!(same, *wanted);
        assert_eq!(got.points.len(), wanted.points.len());
    }
}

/// Complaint 10 and complaint 28: no millimetres of pixels, no report in another study.
#[test]
fn e1_nothing_false_is_written() {
    let test = "e1_nothing_false_is_written";
    let Some(folder) = series_folder(test) else {
        return;
    };
    let file = parse(&folder.join(IMAGES[0]));
    let ours = anchor(&file, 0);
    let context = context(&file, "2.25.4711");
    let line = [[1.0, 1.0], [2.0, 2.0]];
    let mut px = drawing(1, Shape::Length, &line, &ours);
    px.values = vec![stated(
        Quantity::Length,
        5.0,
        "mm",
        Some(SpacingProvenance::Pixels),
    )];
    let write = |all: &[Annotation]| {
        write_measurements(&context, all, ReportState::default(), &mut counter())
    };
    assert!(matches!(
        write(&[px]).unwrap_err(),
        WriteError::Millimetres { .. }
    ));
    let mut other = drawing(2, Shape::Length, &line, &ours);
    other.anchor.study = StudyUid::new("1.2.3").unwrap();
    other.anchor.series = SeriesUid::new("1.2.3.1").unwrap();
    other.anchor.image.as_mut().unwrap().instance = SopInstanceUid::new("1.2.3.1.1").unwrap();
    assert!(matches!(
        write(std::slice::from_ref(&other)).unwrap_err(),
        WriteError::OtherStudy { .. }
    ));
    // Beside one of this study, its image is pertinent other evidence, and it comes back with its own study.
    let own = drawing(3, Shape::Length, &line, &ours);
    let arrow = drawing(4, Shape::Arrow, &line, &ours);
    let both = write(&[own.clone(), other.clone(), arrow]).unwrap();
    let again = DicomFile::parse(&both.bytes).unwrap();
    let evidence = |tag| {
        let items: Vec<_> = again.data().items(tag).collect();
        assert_eq!(items.len(), 1);
        items[0].first_text(tags::STUDY_INSTANCE_UID).unwrap()
    };
    let current = evidence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE);
    assert_eq!(current, ours.study.as_str());
    assert_eq!(evidence(tags::PERTINENT_OTHER_EVIDENCE_SEQUENCE), "1.2.3");
    assert_eq!(measurements(&both.bytes).annotations, [own, other]);
    assert_eq!(both.not_written.len(), 1, "the arrow is named");
}

/// What a report cannot hold is named, and only that differs.
#[test]
fn e1_what_cannot_be_restored_is_named() {
    let test = "e1_what_cannot_be_restored_is_named";
    let Some(folder) = series_folder(test) else {
        return;
    };
    let file = parse(&folder.join(IMAGES[0]));
    let mut a = drawing(
        1,
        Shape::Length,
        &[[0.1, 0.2], [3.0, 4.0]],
        &anchor(&file, 0),
    );
    a.label = " spaces ".into();
    a.created = "2026-11-22T09:00:00+01:00".into();
    a.values = vec![stated(Quantity::Length, f64::NAN, "mm", None)];
    let written = write(&file, std::slice::from_ref(&a));
    let reasons: Vec<&str> = written.not_written.iter().map(|n| &*n.reason).collect();
    assert_eq!(
        reasons,
        [
            "points: they are kept as single floats",
            "label: spaces at its ends",
            "created: no time in UTC to the microsecond",
            "Length: it is no number",
        ]
    );
    let report = measurements(&written.bytes);
    let wanted = Annotation {
        label: "spaces".into(),
        created: String::new(),
        values: Vec::new(),
        points: a
            .points
            .iter()
            .map(|p| p.map(|v| f64::from(v as f32)))
            .collect(),
        ..a
    };
    assert_eq!(report.annotations, [wanted]);
}

/// Reports of other programs are drawings that cannot be changed; what cannot be drawn is named.
#[test]
fn e1_reports_of_others_are_read_only_drawings() {
    let test = "e1_reports_of_others_are_read_only_drawings";
    let Some(folder) = crate::tests::shelf_folder(test, "data/dicom_objects/sr") else {
        return;
    };
    let report = |name: &str| measurements(&std::fs::read(folder.join(name)).unwrap());
    // dcmjs: a bidirectional measurement in pixels that says so.
    let dcmjs = report("sample-sr.dcm");
    assert!(dcmjs.read_only);
    let a = &dcmjs.annotations[0];
    assert_eq!(a.shape, Shape::Bidirectional);
    assert_eq!(a.points.len(), 4);
    assert!((a.points[0][0] - 580.719_177).abs() < 1e-4);
    assert_eq!(a.lesion, "2.25.639471218588509803385904782051176077285");
    assert!(a.locked);
    let values: Vec<_> = a
        .values
        .iter()
        .map(|v| (v.quantity, v.value, &*v.unit))
        .collect();
    assert_eq!(
        values,
        [
            (Quantity::LongAxis, 64.450_543_794_669_1, "{pixels}"),
            (Quantity::ShortAxis, 42.967_029_196_446_2, "{pixels}"),
        ]
    );
    assert_eq!(a.values[0].provenance, Some(SpacingProvenance::Pixels));
    // highdicom, with old SNOMED codes: a circle.
    let circle = report("sr_document.dcm");
    assert_eq!(circle.annotations.len(), 1, "{:?}", circle.not_drawn);
    assert_eq!(circle.annotations[0].shape, Shape::Circle);
    assert_eq!(circle.annotations[0].points, [[58.0, 52.0], [58.0, 41.0]]);
    assert_eq!(circle.annotations[0].label, "Planar ROI Measurements");
    // highdicom: two regions are drawn; the group without graphics and the one in space are named.
    let several = report("sr_document_with_multiple_groups.dcm");
    let shapes: Vec<Shape> = several.annotations.iter().map(|a| a.shape).collect();
    assert_eq!(
        shapes,
        [Shape::Circle, Shape::Polygon],
        "{:?}",
        several.not_drawn
    );
    assert_eq!(several.annotations[1].label, "Aorta0001");
    let finding = several.annotations[1].finding.as_ref().unwrap();
    assert_eq!(finding.to_string(), "snomed:15825003");
    let named = several.not_drawn.iter().any(|n| n.contains("Image0001"));
    assert!(named, "{:?}", several.not_drawn);
    // Values are said as they are written, also those that are none of ours.
    assert_eq!(
        several.said[0],
        [
            "Finding category: Morphologically Abnormal Structure",
            "Nodule",
            "Lung",
            "Diameter 10.0 mm",
            "Level of Significance: Not significant"
        ]
    );
    let [vertebra] = several.in_space.as_slice() else {
        panic!("{:?}", several.in_space)
    };
    assert_eq!(vertebra.drawing.label, "Vertebra0001");
    assert_eq!(vertebra.kind, "POINT");
    assert_eq!(vertebra.images.len(), 1);
    // dcmqi: segmentation volumes without any outline.
    let dcmqi = report("sr.dcm");
    assert!(dcmqi.annotations.is_empty() && !dcmqi.not_drawn.is_empty());
}
