//! Structure sets (E5) and dose grids of the shelf, and made contours that are easy to check by hand.

use std::fs;

use super::shelf_folder;
use crate::{
    DicomFile,
    annotate::AnchorPlane,
    display::Mask,
    objects::{
        ContourSlice, OverlayError, Target,
        dose::Dose,
        rtstruct::{Contour, ContourKind, Roi, StructureSet},
    },
};

fn axial(z: f64, size: u32) -> Target<'static> {
    Target {
        frame_of_reference: Some("1.2"),
        place: AnchorPlane {
            position: [0.5, 0.5, z],
            orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            spacing: [1.0, 1.0],
        },
        columns: size,
        rows: size,
        localizer: false,
    }
}

/// A square of `side` mm whose first corner is at (`from`, `from`).
fn square(from: f64, side: f64, z: f64) -> Contour {
    let to = from + side;
    Contour {
        kind: ContourKind::ClosedPlanar,
        points: vec![[from, from, z], [to, from, z], [to, to, z], [from, to, z]],
        images: Vec::new(),
    }
}

fn roi(contours: Vec<Contour>) -> Roi {
    Roi {
        number: 1,
        name: "made".into(),
        frame_of_reference: Some("1.2".into()),
        colour: [255, 0, 0],
        algorithm: "MANUAL".into(),
        contours,
    }
}

fn lines(mask: &Mask) -> Vec<String> {
    let lines = mask.values.chunks_exact(mask.columns as usize);
    let pixel = |v: &u8| if *v > 0 { '#' } else { '.' };
    lines.map(|l| l.iter().map(pixel).collect()).collect()
}

#[test]
fn e5_contours_in_one_plane_make_holes() {
    let ring = roi(vec![square(1.0, 5.0, 0.0), square(3.0, 1.0, 0.0)]);
    let shown = ring.on_slice(&[0, 1], &axial(0.0, 7)).unwrap();
    #[rustfmt::skip]
    assert_eq!(lines(&shown.mask), [
        ".......", ".#####.", ".#####.", ".##.##.", ".#####.", ".#####.", ".......",
    ]);
    assert!(!shown.projected && !shown.interpolated);
    // Corner coordinates: a millimetre a pixel, the first pixel's corner at 0 mm.
    assert_eq!(shown.lines[1].points[0], [3.0, 3.0]);
    assert_eq!(shown.lines[1].points.len(), 5);
    // The same hole by a bridge that is gone both ways.
    let mut keyhole = square(1.0, 5.0, 0.0);
    keyhole.points.push([1.0, 1.0, 0.0]);
    let inner = square(3.0, 1.0, 0.0).points;
    keyhole
        .points
        .extend(inner.iter().rev().cycle().skip(3).take(5));
    let keyhole = roi(vec![keyhole]);
    let bridged = keyhole.on_slice(&[0], &axial(0.0, 7)).unwrap();
    assert_eq!(lines(&bridged.mask), lines(&shown.mask));
}

#[test]
fn e5_a_contour_belongs_to_the_nearest_slice_within_half_a_spacing() {
    let slices: Vec<(AnchorPlane, String)> = (0..4)
        .map(|k| (axial(f64::from(k) * 3.0, 8).place, format!("1.{k}")))
        .collect();
    let slices: Vec<ContourSlice<'_>> = slices
        .iter()
        .map(|(place, instance)| ContourSlice {
            place: *place,
            instance,
            frame: 0,
        })
        .collect();
    let mut named = square(1.0, 2.0, 4.5);
    named.images = vec![("1.2".into(), 0)];
    let mut impossible = square(1.0, 2.0, 0.0);
    impossible.images = vec![("1.3".into(), 0)];
    let mut across = square(1.0, 2.0, 0.0);
    across.points[2][2] = 9.0;
    let roi = roi(vec![
        square(1.0, 2.0, 0.004),
        // Rounding by the writer: still within half a spacing and a hundredth.
        square(1.0, 2.0, 10.505),
        square(1.0, 2.0, 10.52),
        named,
        impossible,
        across,
    ]);
    assert_eq!(
        roi.slices_of(&slices, 3.0),
        [Some(0), Some(3), None, Some(2), Some(0), None]
    );
}

#[test]
fn e5_contours_out_of_their_plane_are_projected_with_a_mark() {
    let mut tilted = square(1.0, 3.0, 0.0);
    tilted.points[2][2] = 0.4;
    let shown = roi(vec![tilted]).on_slice(&[0], &axial(0.0, 5)).unwrap();
    assert!(shown.projected);
    assert_eq!(shown.mask.values.iter().filter(|v| **v > 0).count(), 9);
    let open = Contour {
        kind: ContourKind::OpenNonplanar,
        points: vec![[0.0, 0.0, 0.0], [1.0, 2.0, 0.0]],
        images: Vec::new(),
    };
    let point = Contour {
        kind: ContourKind::Point,
        points: vec![[2.0, 3.0, 0.0]],
        images: Vec::new(),
    };
    let shown = roi(vec![open, point])
        .on_slice(&[0, 1], &axial(0.0, 5))
        .unwrap();
    assert!(shown.mask.is_empty() && !shown.projected);
    assert_eq!(shown.lines[0].points, [[0.0, 0.0], [1.0, 2.0]]);
    assert_eq!(shown.lines[1].kind, ContourKind::Point);
}

#[test]
fn e5_between_contours_by_signed_distance_and_nothing_in_a_gap() {
    let tower = roi(vec![
        square(0.0, 8.0, 0.0),
        square(2.0, 4.0, 2.0),
        square(2.0, 4.0, 6.0),
    ]);
    // Halfway the square has lost half of what it loses.
    let between = tower.on_plane(&axial(1.0, 8)).unwrap();
    assert!(between.interpolated);
    let first: Vec<String> = lines(&between.mask);
    assert_eq!(first[0], "........");
    assert_eq!(first[4], ".######.");
    // A sagittal plane: rows down from z = 7.5, columns along y.
    let sagittal = Target {
        place: AnchorPlane {
            position: [4.1, 0.5, 7.5],
            orientation: [0.0, 1.0, 0.0, 0.0, 0.0, -1.0],
            spacing: [1.0, 1.0],
        },
        rows: 10,
        ..axial(0.0, 8)
    };
    let shown = tower.on_plane(&sagittal).unwrap();
    // At 1.5 and 0.5 mm the border runs through pixel centres, which are outside then.
    #[rustfmt::skip]
    assert_eq!(lines(&shown.mask), [
        "........", "..####..", "..####..", "........", "........",
        "..####..", "..####..", ".######.", "########", "........",
    ]);
    let volume = tower.volume();
    assert!(volume.has_gap);
    assert_eq!(volume.mm3, Some(64.0 * 2.0 + 16.0 * 2.0 + 16.0 * 2.0));
    assert_eq!(roi(vec![square(0.0, 1.0, 0.0)]).volume().mm3, None);
    // T44.b: 100, 150 and 120 mm² at 0, 5 and 10 mm.
    let areas = [100.0_f64, 150.0, 120.0];
    let stack = areas.iter().zip([0.0, 5.0, 10.0]);
    let stack = roi(stack.map(|(a, z)| square(0.0, a.sqrt(), z)).collect());
    assert!((stack.volume().mm3.unwrap() - 1850.0).abs() < 1e-9);
    assert!(!stack.volume().has_gap);
}

#[test]
fn e5_t26_t27_other_frames_of_reference_and_localizers_are_refused() {
    let roi = roi(vec![square(0.0, 2.0, 0.0)]);
    let other = Target {
        frame_of_reference: Some("1.3"),
        ..axial(0.0, 4)
    };
    let refused = roi.on_slice(&[0], &other).unwrap_err();
    assert!(matches!(refused, OverlayError::FrameOfReference { .. }));
    let localizer = Target {
        localizer: true,
        ..axial(0.0, 4)
    };
    let refused = roi.on_plane(&localizer).unwrap_err();
    assert!(matches!(refused, OverlayError::Localizer { .. }));
}

/// Complaint 25: a sphere of 40 mm and a ring on the CT they were made for; pixels inside as counted by numpy.
#[test]
fn e5_c25_contours_of_the_shelf_lie_on_their_ct() {
    let test = "e5_c25_contours_of_the_shelf_lie_on_their_ct";
    let Some(folder) = shelf_folder(test, "data") else {
        return;
    };
    let read = |name: &str| DicomFile::parse(&fs::read(folder.join(name)).unwrap()).unwrap();
    let set = StructureSet::read(&read("dicom_objects/made/rtstruct_chest_ct.dcm")).unwrap();
    assert_eq!(set.problems, [""; 0]);
    let images: Vec<(String, AnchorPlane, Option<String>)> = (1..=60)
        .map(|k| {
            let file = read(&format!("dicom_series/chest_ct/{k:03}.dcm"));
            let a = file.display_attributes(0);
            let plane = a.plane.unwrap();
            let place = AnchorPlane {
                position: plane.position,
                orientation: plane.orientation,
                spacing: a.spacing.pixel_spacing.unwrap(),
            };
            let data = file.data();
            let uid = data.first_text(dicom_dictionary_std::tags::SOP_INSTANCE_UID);
            let frame = data.first_text(dicom_dictionary_std::tags::FRAME_OF_REFERENCE_UID);
            (uid.unwrap(), place, frame)
        })
        .collect();
    let slices: Vec<ContourSlice<'_>> = images
        .iter()
        .map(|(uid, place, _)| ContourSlice {
            place: *place,
            instance: uid,
            frame: 0,
        })
        .collect();
    for (roi, name, first, count, pixels, mm3) in [
        (&set.rois[0], "SPHERE_R40MM", 22, 20, 109_127, 266_648.842_2),
        (
            &set.rois[1],
            "SQUARE_RING_KEYHOLE",
            27,
            9,
            157_320,
            388_800.0,
        ),
    ] {
        assert_eq!(roi.name, name);
        let mut of = roi.slices_of(&slices, 4.0);
        let named = of.clone();
        let mut inside = 0;
        for (k, slice) in of.iter().enumerate() {
            let (_, place, frame) = &images[slice.unwrap()];
            let target = Target {
                frame_of_reference: frame.as_deref(),
                place: *place,
                columns: 512,
                rows: 512,
                localizer: false,
            };
            let shown = roi.on_slice(&[k], &target).unwrap();
            assert!(!shown.projected);
            inside += shown.mask.values.iter().filter(|v| **v > 0).count();
        }
        assert_eq!(inside, pixels, "{name}");
        of.sort_unstable();
        assert_eq!((of[0], of.len()), (Some(first - 1), count), "{name}");
        of.dedup();
        assert_eq!(of.len(), count, "each on its own slice");
        // Without the names of the images the places say the same.
        let mut nameless = roi.clone();
        nameless.contours.iter_mut().for_each(|c| c.images.clear());
        assert_eq!(nameless.slices_of(&slices, 4.0), named);
        let volume = roi.volume();
        assert!(!volume.has_gap);
        assert!((volume.mm3.unwrap() - mm3).abs() < 0.01, "{volume:?}");
    }
    // Halfway between slice 31 and the next the sphere is as wide as on both.
    let (_, place, frame) = &images[30];
    let mut between = *place;
    between.position[2] += 2.0;
    let target = Target {
        frame_of_reference: frame.as_deref(),
        place: between,
        columns: 512,
        rows: 512,
        localizer: false,
    };
    let shown = set.rois[0].on_plane(&target).unwrap();
    assert!(shown.interpolated);
    let width = |row: usize| {
        shown.mask.values[row * 512..][..512]
            .iter()
            .filter(|v| **v > 0)
            .count()
    };
    let middle = ((141.0 + 59.0) / 0.781_25_f64).round() as usize;
    let wanted = 2.0 * (40.0_f64.powi(2) - 4.0).sqrt() / 0.781_25;
    assert!(
        (width(middle) as f64 - wanted).abs() < 2.0,
        "{} {wanted}",
        width(middle)
    );
}

#[test]
fn e5_structure_sets_of_the_shelf_are_read() {
    let test = "e5_structure_sets_of_the_shelf_are_read";
    let Some(folder) = shelf_folder(test, "data/dicom_objects") else {
        return;
    };
    let read = |name: &str| DicomFile::parse(&fs::read(folder.join(name)).unwrap()).unwrap();
    let set = StructureSet::read(&read("rt/rtstruct.dcm")).unwrap();
    let names: Vec<&str> = set.rois.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["patient", "Isocenter 1", "Isocenter 2"]);
    assert_eq!(set.rois[0].colour, [220, 160, 120]);
    assert_eq!(set.rois[0].contours.len(), 3);
    assert_eq!(set.rois[1].contours[0].kind, ContourKind::Point);
    assert_eq!(
        StructureSet::read(&read("rt/rt.dcm")).unwrap().rois.len(),
        1
    );
    let refused = StructureSet::read(&read("rt/rtplan.dcm")).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("1.2.840.10008.5.1.4.1.1.481.5")
    );
}

#[test]
fn e5_a_dose_grid_has_a_name_a_scale_and_a_place_for_each_frame() {
    let test = "e5_a_dose_grid_has_a_name_a_scale_and_a_place_for_each_frame";
    let Some(folder) = shelf_folder(test, "data/dicom_objects/rt") else {
        return;
    };
    let bytes = fs::read(folder.join("rtdose.dcm")).unwrap();
    let file = DicomFile::parse(&bytes).unwrap();
    let dose = Dose::read(&file).unwrap();
    assert_eq!(dose.name(), "RT Dose BEAM, PHYSICAL, RELATIVE");
    assert!((dose.scaling - 1e-6).abs() < 1e-18);
    let z: Vec<f64> = dose.frames.iter().map(|f| f.position[2]).collect();
    assert_eq!(z.len(), 15);
    assert!((z[14] - (-761.87 + 70.0)).abs() < 1e-9);
    assert_eq!(dose.frames[3].spacing, [10.0, 10.0]);
    // The picture's own values are doses by the same scale.
    let lut = file.display_attributes(3).modality_lut;
    assert!((lut.apply(2_000_000.0) - 2.0).abs() < 1e-9);
}
