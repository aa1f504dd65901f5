//! Volumes of voxels, stacks of contours and ellipsoids (T44).

use glam::{DMat3, DVec3};
use serde_json::json;

use super::{each, f, floats};
use crate::measure::{contour_stack, ellipsoid_mm3, fraction_voxels, voxels_mm3};

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
