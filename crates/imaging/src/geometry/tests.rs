//! The vectors of the imaging specification for T20 to T26, T29 and T31, and properties of the view.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use glam::{DVec2, DVec3};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::display::{DisplayAttributes, PlaneAttributes};

const VECTORS: &str = include_str!("../../tests/imaging-vectors.json");

pub(super) fn each(requirement: &str, check: impl Fn(&str, &Value, &Value, f64)) {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let mut ran = 0;
    for v in all["vectors"].as_array().unwrap() {
        let id = v["id"].as_str().unwrap();
        if id.split('.').next() == Some(requirement) {
            check(
                id,
                &v["inputs"],
                &v["expected"],
                v["tolerance"].as_f64().unwrap(),
            );
            ran += 1;
        }
    }
    assert!(ran > 0, "no vector of {requirement}");
}

pub(super) fn f(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| panic!("{v} is no number"))
}

pub(super) fn floats(v: &Value) -> Vec<f64> {
    v.as_array()
        .map_or_else(Vec::new, |a| a.iter().map(f).collect())
}

pub(super) fn six(v: &Value) -> [f64; 6] {
    floats(v).try_into().unwrap()
}

pub(super) fn three(v: &Value) -> [f64; 3] {
    floats(v).try_into().unwrap()
}

#[track_caller]
pub(super) fn near(id: &str, got: f64, expected: &Value, tolerance: f64) {
    assert!(
        (got - f(expected)).abs() <= tolerance + 1e-9,
        "{id}: {got}, expected {expected}"
    );
}

#[track_caller]
pub(super) fn all_near(id: &str, got: &[f64], expected: &Value, tolerance: f64) {
    let want = expected.as_array().unwrap();
    assert_eq!(got.len(), want.len(), "{id}: {got:?}");
    got.iter()
        .zip(want)
        .for_each(|(g, w)| near(id, *g, w, tolerance));
}

pub(super) const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

fn slice(uid: &str, plane: Option<Plane>) -> Slice {
    Slice {
        sop_instance: uid.into(),
        frames: 1,
        plane,
        complete: true,
        ..Slice::default()
    }
}

fn at_key(uid: usize, key: f64) -> Slice {
    slice(
        &format!("1.{uid}"),
        Some(Plane::new([0.0, 0.0, key], AXIAL).unwrap()),
    )
}

#[test]
fn t20_vectors_of_pixel_to_patient() {
    each("T20", |id, i, e, tolerance| {
        let plane = Plane::new(three(&i["ipp"]), six(&i["iop"])).unwrap();
        let spacing = floats(&i["pixel_spacing"]);
        let index = ImageIndex(DVec2::new(f(&i["column"]), f(&i["row"])));
        let got = plane.to_patient(index, [spacing[0], spacing[1]]);
        all_near(id, &got.0.to_array(), &e["lps"], tolerance);
    });
    assert!(Plane::new([0.0; 3], [1.0, 0.0, 0.0, 0.1, 1.0, 0.0]).is_err());
    assert!(Plane::new([f64::NAN; 3], AXIAL).is_err());
}

#[test]
fn t21_vectors_of_the_two_origins() {
    each("T21", |id, i, e, tolerance| {
        if i["index_xy"].is_array() {
            let xy = floats(&i["index_xy"]);
            let corner = ImageCorner::from(ImageIndex(DVec2::new(xy[0], xy[1])));
            all_near(id, &corner.0.to_array(), &e["scoord"], tolerance);
            all_near(id, &corner.0.to_array(), &e["gsps_pixel"], tolerance);
            all_near(
                id,
                &(corner.0 + 0.5).floor().to_array(),
                &e["displayed_area_1based"],
                tolerance,
            );
        } else {
            let xy = floats(&i["scoord"]);
            let index = ImageIndex::from(ImageCorner(DVec2::new(xy[0], xy[1])));
            all_near(id, &index.0.to_array(), &e["index_xy"], tolerance);
        }
    });
}

#[test]
fn t22_vectors_of_slice_order() {
    each("T22", |id, i, e, tolerance| {
        let slices: Vec<Slice> = i["ipp"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(|(k, p)| {
                slice(
                    &format!("1.{k}"),
                    Some(Plane::new(three(p), six(&i["iop"])).unwrap()),
                )
            })
            .collect();
        let stacks = arrange(&slices);
        assert_eq!(stacks.len(), 1, "{id}");
        let order: Vec<f64> = stacks[0].slices.iter().map(|k| *k as f64).collect();
        all_near(id, &order, &e["order"], 0.0);
        let mut keys = vec![0.0; slices.len()];
        stacks[0]
            .slices
            .iter()
            .zip(&stacks[0].keys_mm)
            .for_each(|(k, key)| keys[*k] = *key);
        all_near(id, &keys, &e["projection"], tolerance);
    });
}

#[test]
fn t22_an_axial_stack_reads_from_head_to_foot_whatever_the_files_order() {
    let slices: Vec<Slice> = [5.0, -10.0, 0.0]
        .iter()
        .enumerate()
        .map(|(k, z)| at_key(k, *z))
        .collect();
    let stacks = arrange(&slices);
    assert_eq!(stacks[0].slices, [1, 2, 0]);
    assert_eq!(stacks[0].reading_order(), [0, 2, 1]);
    let coronal = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0];
    let slices: Vec<Slice> = [30.0, 10.0, 20.0]
        .iter()
        .enumerate()
        .map(|(k, y)| {
            slice(
                &format!("1.{k}"),
                Some(Plane::new([0.0, *y, 0.0], coronal).unwrap()),
            )
        })
        .collect();
    assert_eq!(
        arrange(&slices)[0].reading_order(),
        [1, 2, 0],
        "front to back"
    );
    let sagittal = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];
    let slices: Vec<Slice> = [30.0, 10.0, 20.0]
        .iter()
        .enumerate()
        .map(|(k, x)| {
            slice(
                &format!("1.{k}"),
                Some(Plane::new([*x, 0.0, 0.0], sagittal).unwrap()),
            )
        })
        .collect();
    assert_eq!(
        arrange(&slices)[0].reading_order(),
        [1, 2, 0],
        "right to left"
    );
}

#[test]
fn t22_without_geometry_the_number_decides() {
    let mut slices = vec![slice("1.1", None), slice("1.2", None), slice("1.3", None)];
    slices[0].instance_number = Some(10);
    slices[1].instance_number = Some(2);
    let stacks = arrange(&slices);
    assert_eq!(
        stacks[0].reading_order(),
        [1, 0, 2],
        "an image without a number comes last"
    );
}

#[test]
fn t23_vectors_of_spacing_and_gaps() {
    each("T23", |id, i, e, tolerance| {
        let at = floats(&i["projections_mm"]);
        let thickness: Vec<Option<f64>> = match i["slice_thickness"].as_f64() {
            Some(all) => vec![Some(all); at.len()],
            None => floats(&i["slice_thickness"])
                .into_iter()
                .map(Some)
                .collect(),
        };
        let got = SliceSpacing::new(&positions(&at), &thickness).unwrap();
        assert_eq!(got.uniform, e["uniform"].as_bool().unwrap(), "{id}");
        all_near(
            id,
            &got.gaps.iter().map(|g| *g as f64).collect::<Vec<_>>(),
            &e["gaps"],
            0.0,
        );
        if e["distances"].is_array() {
            all_near(id, &got.steps_mm, &e["distances"], tolerance);
            near(id, got.median_mm, &e["spacing"], tolerance);
            near(id, got.tolerance_mm, &e["tolerance_mm"], tolerance);
        }
        if let Some(runs) = e["runs"].as_array() {
            let want: Vec<Vec<f64>> = runs.iter().map(floats).collect();
            let got: Vec<Vec<f64>> = got
                .runs
                .iter()
                .map(|r| r.iter().map(|k| *k as f64).collect())
                .collect();
            assert_eq!(got, want, "{id}");
        }
    });
}

#[test]
fn t24_vectors_of_duplicates_and_time() {
    each("T24", |id, i, e, _| {
        let keys = floats(&i["keys_mm"]);
        let texts = |name: &str, k: usize| {
            i[name].as_array().map(|a| {
                a[k].as_str()
                    .map_or_else(|| a[k].to_string(), str::to_owned)
            })
        };
        let slices: Vec<Slice> = keys
            .iter()
            .enumerate()
            .map(|(k, key)| {
                let mut s = at_key(k, *key);
                if let Some(uid) = texts("sop_instance_uid", k) {
                    s.sop_instance = uid;
                }
                s.instance_number = texts("instance_number", k).map(|n| n.parse().unwrap());
                if let Some(v) = texts("temporal_position", k) {
                    s.values
                        .insert(SplitAttribute::TemporalPositionIdentifier, v);
                }
                if let Some(v) = texts("acquisition_number", k) {
                    s.values.insert(SplitAttribute::AcquisitionNumber, v);
                }
                if i["pixels_equal"] == true {
                    s.pixels = Some([7; 32]);
                }
                s
            })
            .collect();
        let stacks = arrange(&slices);
        assert_eq!(stacks.len(), 1, "{id}");
        let stack = &stacks[0];
        let by = stack.split.by.map(|b| format!("{b:?}"));
        assert_eq!(by.as_deref(), e["split_by"].as_str(), "{id}");
        let sizes: Vec<f64> = stack.split.volumes.iter().map(|v| v.len() as f64).collect();
        all_near(id, &sizes, &e["slices_per_volume"], 0.0);
        let tools: Vec<f64> = stack
            .volumes_with_tools()
            .into_iter()
            .map(|k| k as f64)
            .collect();
        all_near(id, &tools, &e["volume_tools_on"], 0.0);
        if let Some(complete) = e["complete"].as_bool() {
            assert_eq!(stack.split.complete, complete, "{id}");
        }
        if e["duplicates_dropped"].is_number() {
            near(
                id,
                (stack.dropped.len() + stack.split.duplicates.len()) as f64,
                &e["duplicates_dropped"],
                0.0,
            );
        }
        if let Some(mark) = e["mark"].as_str() {
            assert_eq!(stack.split.mark, Some(mark), "{id}");
        }
    });
}

#[test]
fn t24_a_complete_copy_beats_a_truncated_one() {
    let mut slices = vec![at_key(1, 0.0), at_key(1, 0.0), at_key(2, 1.0)];
    slices[0].complete = false;
    let stacks = arrange(&slices);
    assert_eq!(stacks[0].slices, [1, 2]);
    assert_eq!(stacks[0].dropped, [0]);
}

#[test]
fn t25_vectors_of_tilt() {
    each("T25", |id, i, e, tolerance| {
        let positions: Vec<[f64; 3]> = match i["ipp"].as_array() {
            Some(list) => list.iter().map(three).collect(),
            None => vec![three(&i["ipp0"]), three(&i["ipp1"])],
        };
        let planes: Vec<Plane> = positions
            .iter()
            .map(|p| Plane::new(*p, six(&i["iop"])).unwrap())
            .collect();
        let shear = Shear::new(&planes[0], planes.last().unwrap(), planes.len()).unwrap();
        if e["normal"].is_array() {
            all_near(id, &planes[0].normal().to_array(), &e["normal"], tolerance);
        }
        if e["perpendicular_spacing"].is_number() {
            near(
                id,
                shear.perpendicular_mm,
                &e["perpendicular_spacing"],
                tolerance,
            );
            near(
                id,
                shear.along_row_mm,
                &e["shear_along_row_cosine_mm"],
                tolerance,
            );
            near(
                id,
                shear.along_column_mm,
                &e["shear_along_column_cosine_mm"],
                tolerance,
            );
            assert_eq!(shear.is_sheared(), e["tilted"].as_bool().unwrap(), "{id}");
        } else {
            let ratio = shear.ratios()[1];
            near(id, ratio, &e["shear_ratio_along_column_cosine"], tolerance);
            let keys: Vec<f64> = planes
                .iter()
                .map(|p| p.position().0.dot(p.normal()))
                .collect();
            all_near(id, &keys, &e["keys"], tolerance);
            all_near(
                id,
                &keys.iter().map(|k| k * ratio).collect::<Vec<_>>(),
                &e["offset_along_column_cosine_mm"],
                tolerance,
            );
        }
        if i["tilt_deg"].is_number() {
            near(id, shear.degrees(), &i["tilt_deg"], 1e-4);
        }
    });
}

#[test]
fn t26_vectors_of_mixed_orientations() {
    each("T26", |id, i, e, _| {
        let slices: Vec<Slice> = i["iops"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(|(k, iop)| {
                slice(
                    &format!("1.{k}"),
                    Some(Plane::new([0.0, 0.0, k as f64], six(iop)).unwrap()),
                )
            })
            .collect();
        let mut got: Vec<Vec<f64>> = arrange(&slices)
            .iter()
            .map(|s| {
                let mut members: Vec<f64> = s.slices.iter().map(|k| *k as f64).collect();
                members.sort_by(f64::total_cmp);
                members
            })
            .collect();
        got.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let want: Vec<Vec<f64>> = e["stacks"].as_array().unwrap().iter().map(floats).collect();
        assert_eq!(got, want, "{id}");
    });
}

fn letters(iop: [f64; 6], state: &ViewState) -> EdgeLetters {
    let attributes = DisplayAttributes {
        plane: Some(PlaneAttributes {
            position: [0.0; 3],
            orientation: iop,
        }),
        ..DisplayAttributes::default()
    };
    let transform = ViewTransform::new(100, 80, 1.0, [300, 200], state);
    edge_letters(&attributes, &transform).unwrap()
}

#[test]
fn t29_vectors_of_orientation_letters() {
    each("T29", |id, i, e, _| {
        let state = ViewState {
            rotation_degrees: i["rotate_cw_deg"].as_f64().unwrap_or(0.0),
            flip_h: i["then_flip_horizontal"] == true,
            ..ViewState::default()
        };
        let got = letters(six(&i["iop"]), &state);
        for (name, got) in [
            ("right", &got.right),
            ("left", &got.left),
            ("top", &got.top),
            ("bottom", &got.bottom),
        ] {
            assert_eq!(got, e[name].as_str().unwrap(), "{id} {name}");
        }
    });
}

#[test]
fn t29_radiographs_use_patient_orientation_and_nothing_is_guessed() {
    let transform = ViewTransform::new(
        100,
        80,
        1.0,
        [300, 200],
        &ViewState {
            flip_h: true,
            ..ViewState::default()
        },
    );
    let dx = DisplayAttributes {
        patient_orientation: Some(["L".into(), "F".into()]),
        ..DisplayAttributes::default()
    };
    let got = edge_letters(&dx, &transform).unwrap();
    assert_eq!(
        (got.right.as_str(), got.left.as_str(), got.top.as_str()),
        ("R", "L", "H")
    );
    let oblique = DisplayAttributes {
        patient_orientation: Some(["AL".into(), "F".into()]),
        ..DisplayAttributes::default()
    };
    assert_eq!(edge_letters(&oblique, &transform).unwrap().right, "PR");
    assert_eq!(
        edge_letters(&DisplayAttributes::default(), &transform),
        None
    );
    let unknown = DisplayAttributes {
        patient_orientation: Some(["X".into(), "F".into()]),
        ..DisplayAttributes::default()
    };
    assert_eq!(edge_letters(&unknown, &transform), None);
}

#[test]
fn t31_vectors_of_commands_on_what_is_seen() {
    each("T31", |id, i, e, tolerance| {
        let mut state = ViewState {
            rotation_degrees: f(&i["state"]["rotation"]),
            flip_h: i["state"]["flip"] == true,
            ..ViewState::default()
        };
        match i["command"].as_str().unwrap() {
            "rotate_cw" => state.rotate_clockwise(),
            "rotate_ccw" => state.rotate_counterclockwise(),
            "flip_h" => state.flip_horizontally(),
            "flip_v" => state.flip_vertically(),
            other => panic!("{id}: unknown command {other}"),
        }
        let (rotation, flip) = state.normal();
        near(id, rotation, &e["rotation"], tolerance);
        assert_eq!(flip, e["flip"].as_bool().unwrap(), "{id}");
    });
}

#[test]
fn t31_fit_keeps_the_aspect_and_the_centre() {
    let t = ViewTransform::new(100, 50, 2.0, [200, 400], &ViewState::default());
    assert!((t.scale() - 2.0).abs() < 1e-12);
    let centre = t.to_screen(ImageCorner(DVec2::new(50.0, 25.0))).0;
    assert!((centre - DVec2::new(100.0, 200.0)).length() < 1e-9);
    let turned = ViewTransform::new(
        100,
        50,
        2.0,
        [200, 400],
        &ViewState {
            rotation_degrees: 90.0,
            ..ViewState::default()
        },
    );
    // The upper left corner of the image goes to the upper right of the screen.
    let corner = turned.to_screen(ImageCorner(DVec2::ZERO)).0;
    assert!(
        (corner - DVec2::new(200.0, 100.0)).length() < 1e-9,
        "{corner}"
    );
}

proptest! {
    #[test]
    fn t31_screen_to_image_to_screen_is_the_identity(
        columns in 1_u32..5000, rows in 1_u32..5000, aspect in 0.2..5.0, zoom in 0.05..64.0,
        pan in prop::array::uniform2(-500.0..500.0), rotation in 0.0..360.0, flip_h: bool, flip_v: bool,
        x in -100.0..2000.0, y in -100.0..2000.0,
    ) {
        let state = ViewState { zoom, pan, rotation_degrees: rotation, flip_h, flip_v };
        let t = ViewTransform::new(columns, rows, aspect, [640, 480], &state);
        let there = t.to_image(ViewportPx(DVec2::new(x, y)));
        let back = t.to_screen(there).0;
        prop_assert!((back - DVec2::new(x, y)).length() < 1e-6);
    }

    #[test]
    fn t29_left_is_the_opposite_of_right_after_any_turn(turns in 0_i32..4, flip_h: bool, flip_v: bool) {
        let state = ViewState { rotation_degrees: f64::from(turns) * 90.0, flip_h, flip_v, ..ViewState::default() };
        let got = letters([0.0, 1.0, 0.0, 0.0, 0.0, -1.0], &state);
        let other = |l: &str| l.chars().map(|c| match c { 'A' => 'P', 'P' => 'A', 'H' => 'F', 'F' => 'H', 'L' => 'R', _ => 'L' }).collect::<String>();
        prop_assert_eq!(&got.left, &other(&got.right));
        prop_assert_eq!(&got.top, &other(&got.bottom));
        // Sagittal: what is along the rows is A/P until a quarter turn.
        prop_assert_eq!(got.right == "P" || got.right == "A", turns % 2 == 0);
    }

    #[test]
    fn t22_the_order_of_the_files_changes_nothing(mut keys in prop::collection::vec(-200_i32..200, 1..40), seed in 0_usize..1000) {
        keys.sort_unstable();
        keys.dedup();
        let slices: Vec<Slice> = keys.iter().map(|k| at_key((*k + 1000) as usize, f64::from(*k))).collect();
        let mut mixed = slices.clone();
        let n = mixed.len();
        for k in 0..n {
            mixed.swap(k, (k * 7 + seed) % n);
        }
        let names = |of: &[Slice]| -> Vec<String> {
            arrange(of)[0].slices.iter().map(|k| of[*k].sop_instance.clone()).collect()
        };
        prop_assert_eq!(names(&slices), names(&mixed));
    }
}

#[test]
fn letters_of_a_diagonal_name_both() {
    assert_eq!(letters_of(DVec3::new(1.0, 1.0, 0.0), false), "LP");
    assert_eq!(letters_of(DVec3::new(0.0, -1.0, 0.009), false), "A");
}
