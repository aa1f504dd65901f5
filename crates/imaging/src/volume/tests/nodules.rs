//! T44: volumes of segments, and nodules grown from a click.

use super::*;
use crate::geometry::PatientMm;

#[test]
fn t44_vectors_of_volumes() {
    each("T44", |id, i, e, tolerance| {
        let mm3 = if let Some(voxels) = i.get("mask_voxels") {
            let made = Made::new([8, 8, 5], three(&i["spacing"]).to_array());
            segment_mm3(made.volume(|_| 0.0).geometry(), [(2, f(voxels))])
        } else if let Some(areas) = i.get("slice_areas_mm2") {
            let list = |v: &Value| -> Vec<f64> { v.as_array().unwrap().iter().map(f).collect() };
            let contours: Vec<_> = list(&i["projections_mm"])
                .into_iter()
                .zip(list(areas))
                .collect();
            let (mm3, gap) = contours_mm3(&contours);
            assert!(!gap, "{id}");
            mm3
        } else {
            ellipsoid_mm3([f(&i["l_mm"]), f(&i["w_mm"]), f(&i["h_mm"])])
        };
        for (name, got) in [("volume_mm3", mm3), ("volume_ml", mm3 / 1000.0)] {
            if let Some(want) = e[name].as_f64() {
                near(id, got, want, tolerance);
            }
        }
    });
    // A gap inside is told, and so is a tilted voxel's size: the height counts, not the way along the tilt.
    assert!(contours_mm3(&[(0.0, 10.0), (5.0, 10.0), (20.0, 10.0), (25.0, 10.0)]).1);
    assert_eq!(contours_mm3(&[(0.0, 10.0)]), (0.0, false));
    let (sin, cos) = 30_f64.to_radians().sin_cos();
    let mut tilted = Made::new([8, 8, 5], [1.0, 1.0, 2.0]);
    tilted.iop = [1.0, 0.0, 0.0, 0.0, cos, -sin];
    near(
        "tilted",
        tilted.volume(|_| 0.0).geometry().voxel_mm3(2),
        2.0 * cos,
        1e-9,
    );
}

#[test]
fn t23_t44_uneven_slices_own_half_of_the_way_to_both_neighbours() {
    let mut slices = Made::new([8, 8, 4], [1.0, 1.0, 1.0]).slices(|_| 0.0);
    for (slice, z) in slices.iter_mut().zip([0.0, 1.0, 3.0, 4.0]) {
        slice.plane = Plane::new([0.0, 0.0, z], AXIAL).unwrap();
    }
    let volume = Volume::new("CT", slices).unwrap();
    let own: Vec<f64> = (0..4).map(|k| volume.geometry().voxel_mm3(k)).collect();
    assert_eq!(own, [1.0, 1.5, 1.5, 1.0]);
}

/// Lung with noise, a ball of 12 mm, a vessel of 3 mm through it, a wall far away.
fn chest() -> Volume {
    let made = Made::new([90, 90, 60], [0.7, 0.7, 1.0]);
    made.volume(|[i, j, k]| {
        let at = DVec3::new(f64::from(i) * 0.7, f64::from(j) * 0.7, f64::from(k));
        let ball = (at - CENTRE).length() < 6.0;
        let vessel = (at.y - CENTRE.y).hypot(at.z - CENTRE.z) < 1.5;
        let wall = at.x > 57.0;
        let tissue = if ball || vessel || wall { 40.0 } else { -850.0 };
        tissue + noise([i, j, k]) / 40.0
    })
}

const CENTRE: DVec3 = DVec3::new(30.0, 31.0, 29.0);

#[test]
fn t44_a_nodule_grows_from_a_click_without_its_vessel() {
    let volume = chest();
    let settings = GrowSettings::default();
    let mask = grow(&volume, PatientMm(CENTRE), &settings).unwrap();
    let got = mask.measures(&volume).unwrap();
    let want = 4.0 / 3.0 * std::f64::consts::PI * 216.0;
    assert!(
        (got.volume_mm3 - want).abs() < 0.08 * want,
        "{} mm³, expected {want}",
        got.volume_mm3
    );
    near("long axis", got.long_axis_mm, 12.0, 1.5);
    near("short axis", got.short_axis_mm, 12.0, 1.5);
    assert!(got.short_axis_mm <= got.long_axis_mm);
    near("mean", got.mean, 40.0, 2.0);
    assert!(got.min >= 40.0 - 26.0 && got.max <= 40.0 + 26.0 && got.sd.unwrap() > 5.0);
    assert!((f64::from(got.slice) - 29.0).abs() <= 1.0);
    // Without the cut the vessel belongs to it.
    let whole = grow(
        &volume,
        PatientMm(CENTRE),
        &GrowSettings {
            cut: 0.0,
            ..settings
        },
    )
    .unwrap();
    assert!(whole.measures(&volume).unwrap().long_axis_mm > 30.0);
    // The same from elsewhere in it, and again.
    let aside = grow(
        &volume,
        PatientMm(CENTRE + DVec3::new(2.0, -2.5, 2.0)),
        &settings,
    )
    .unwrap();
    let volumes = [&mask, &aside].map(|m| m.measures(&volume).unwrap().volume_mm3);
    near("aside", volumes[1], volumes[0], 0.05 * want);
    assert_eq!(grow(&volume, PatientMm(CENTRE), &settings).unwrap(), mask);
}

#[test]
fn t44_a_nodule_is_edited_by_clicks() {
    let volume = chest();
    let settings = GrowSettings::default();
    let mut mask = grow(&volume, PatientMm(CENTRE), &settings).unwrap();
    let before = mask.voxels().count();
    let beside = CENTRE + DVec3::new(10.0, 0.0, 0.0);
    mask.add_ball(&volume, PatientMm(beside), 3.0, settings.range);
    let more = mask.voxels().count();
    assert!(more > before);
    // Only of the range: most of the ball is lung.
    assert!(more < before + 110, "{more}");
    mask.remove_ball(&volume, PatientMm(beside), 3.1);
    assert_eq!(mask.voxels().count(), before);
    mask.add_grown(
        &volume,
        PatientMm(beside),
        &GrowSettings {
            max_diameter_mm: 6.0,
            cut: 0.0,
            ..settings
        },
    )
    .unwrap();
    assert!(mask.voxels().count() > before);
    mask.remove_ball(&volume, PatientMm(CENTRE), 100.0);
    assert!(mask.is_empty() && mask.measures(&volume).is_none());
    let again = grow(&volume, PatientMm(CENTRE), &settings).unwrap();
    mask.add(&again);
    assert_eq!(mask, again);
    assert!(again.voxels().all(|v| again.contains(v)) && !again.contains([0, 0, 0]));
}

#[test]
fn t44_what_cannot_grow_says_why() {
    let volume = chest();
    let settings = GrowSettings::default();
    let of =
        |at: DVec3, settings: &GrowSettings| grow(&volume, PatientMm(at), settings).unwrap_err();
    assert_eq!(of(DVec3::splat(-50.0), &settings), GrowError::Outside);
    assert_eq!(
        of(DVec3::new(10.0, 10.0, 10.0), &settings),
        GrowError::NotInRange
    );
    for bad in [
        GrowSettings {
            range: [5.0, 4.0],
            ..settings
        },
        GrowSettings {
            max_diameter_mm: 1e9,
            ..settings
        },
        GrowSettings {
            cut: 1.0,
            ..settings
        },
    ] {
        assert_eq!(of(CENTRE, &bad), GrowError::Settings);
    }
}

/// The border of what is marked on a slice holds the centres of its pixels and no others.
#[test]
fn t41_t44_the_border_of_a_nodule_holds_its_voxels_slice_by_slice() {
    let volume = chest();
    let mask = grow(&volume, PatientMm(CENTRE), &GrowSettings::default()).unwrap();
    let mut counted = 0;
    for slice in mask.slices() {
        let rims = mask.rims(slice);
        assert!(!rims.is_empty(), "slice {slice}");
        let contours = rims.iter().map(|rim| {
            rim.iter()
                .map(|p| glam::DVec2::from_array(*p))
                .collect::<Vec<_>>()
        });
        let outline = crate::measure::Outline::Polygon(contours.collect());
        outline.for_each_span(90, 90, |row, across| {
            for column in across {
                assert!(
                    mask.contains([column, row, slice]),
                    "{column} {row} {slice}"
                );
                counted += 1;
            }
        });
    }
    assert_eq!(counted, mask.voxels().count());
    assert!(mask.rims(mask.slices().end).is_empty());
}

/// Pixels that touch at a corner have a border each; a hole has none.
#[test]
fn t41_t44_borders_do_not_cross_at_corners() {
    let volume = Made::new([8, 8, 3], [1.0, 1.0, 1.0]).volume(|[i, j, _]| {
        let corner = matches!((i, j), (5, 5) | (6, 6));
        let frame = (1..4).contains(&i) && (1..4).contains(&j) && (i, j) != (2, 2);
        if corner || frame { 40.0 } else { -850.0 }
    });
    let mut mask = Mask::default();
    let all = [-400.0, 1000.0];
    for [x, y] in [[5.0, 5.0], [6.0, 6.0], [2.0, 2.0]] {
        let at = volume.geometry().to_patient(Voxel(DVec3::new(x, y, 1.0)));
        mask.add_ball(&volume, at, 1.45, all);
    }
    let rims = mask.rims(1);
    assert_eq!(rims.len(), 3, "{rims:?}");
    let frame = rims.iter().find(|r| r.contains(&[1.0, 1.0])).unwrap();
    assert_eq!(frame.len(), 4, "its four corners: {frame:?}");
    for rim in &rims {
        let outline = crate::measure::Outline::Polygon(vec![
            rim.iter().map(|p| glam::DVec2::from_array(*p)).collect(),
        ]);
        assert!(crate::measure::area(&outline, [1.0, 1.0]).is_ok());
    }
}

#[test]
fn t44_how_a_nodule_was_grown_is_read_back_from_its_words() {
    let grown = Grown {
        seed: PatientMm(DVec3::new(-53.25, 0.1, -401.000_000_1)),
        settings: GrowSettings {
            range: [-400.0, 1000.0],
            ..GrowSettings::default()
        },
    };
    let words = grown.to_string();
    assert!(words.starts_with("semi-automatic"), "{words}");
    assert_eq!(Grown::of_text(&words), Some(grown));
    for other in [
        "",
        "semi-automatic",
        &words[..60],
        &words.replace("40 mm", "NaN mm"),
    ] {
        assert_eq!(Grown::of_text(other), None, "{other}");
    }
}
