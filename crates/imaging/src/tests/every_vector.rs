//! Every requirement of the vectors file has a test that runs all its vectors; a requirement that is not listed here fails.

use std::{collections::BTreeSet, fs, path::Path};

/// Requirement and the test that runs its vectors.
const RUNNERS: [(&str, &str); 54] = [
    ("T1", "t1_stored_values_by_the_vectors"),
    ("T2", "t2_vectors_of_rescale_and_modality_lut"),
    ("T3", "t3_t4_t6_vectors_of_windows"),
    ("T4", "t3_t4_t6_vectors_of_windows"),
    ("T5", "t5_vectors_of_polarity_invert_once"),
    ("T6", "t3_t4_t6_vectors_of_windows"),
    ("T7", "t7_vectors_of_voi_tables"),
    ("T8", "t8_vectors_of_window_pairs"),
    ("T9", "t9_vectors_of_the_default_window"),
    ("T10", "t10_vectors_of_padding"),
    ("T11", "t11_vectors_of_rounding_and_order"),
    ("T12", "t12_vectors_of_signed_and_float_values"),
    ("T13", "t13_vectors_of_palettes"),
    ("T14", "t14_vectors_of_interpolation"),
    ("T15", "t15_vectors_of_aspect"),
    ("T16", "t16_vectors_of_dragging"),
    ("T17", "t17_vectors_of_the_probe"),
    ("T18", "t18_colours_by_the_vectors"),
    ("T19", "t19_vectors_of_overlays_and_shutters"),
    ("T20", "t20_vectors_of_pixel_to_patient"),
    ("T21", "t21_vectors_of_the_two_origins"),
    ("T22", "t22_vectors_of_slice_order"),
    ("T23", "t23_vectors_of_spacing_and_gaps"),
    ("T24", "t24_vectors_of_duplicates_and_time"),
    ("T25", "t25_vectors_of_tilt"),
    ("T26", "t26_vectors_of_mixed_orientations"),
    ("T27", "t27_vectors_of_frames_of_reference"),
    ("T28", "t28_vectors_of_cross_reference_lines"),
    ("T29", "t29_vectors_of_orientation_letters"),
    ("T30", "t30_vectors_of_linked_scroll"),
    ("T31", "t31_vectors_of_commands_on_what_is_seen"),
    ("T33", "t33_vectors_of_functional_groups"),
    ("T34", "t34_vectors_of_trilinear_sampling"),
    ("T35", "t35_vectors_of_slabs"),
    ("T36", "t36_vectors_of_compositing"),
    ("T37", "t37_vectors_of_length"),
    ("T38", "t38_vectors_of_angles"),
    ("T39", "t39_vectors_of_area_and_perimeter"),
    ("T40", "t40_vectors_of_millimetres"),
    ("T41", "t41_vectors_of_pixels_inside"),
    ("T42", "t42_vectors_of_statistics"),
    ("T43", "t43_vectors_of_area_beside_the_count"),
    ("T44", "t44_vectors_of_volumes"),
    ("T45", "t45_vectors_of_suv"),
    ("T46", "t46_vectors_of_ultrasound_regions"),
    ("T47", "t47_vectors_of_growth"),
    ("T48", "t48_vectors_of_numbers"),
    ("T51", "t51_t52_vectors_of_magnification_and_true_size"),
    ("T52", "t51_t52_vectors_of_magnification_and_true_size"),
    ("T54", "t54_vectors_of_the_lossy_mark"),
    ("T55", "t55_vectors_of_the_standard_display_function"),
    ("T60", "t60_vectors_of_cine"),
    ("T63", "t63_vectors_of_blending"),
    ("T64", "t64_vectors_of_subtraction"),
];

fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs")
            && !path.ends_with(file!().rsplit('/').next().unwrap())
        {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_vector_has_a_runner() {
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../../tests/imaging-vectors.json")).unwrap();
    let stated: BTreeSet<&str> = all["vectors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["id"].as_str().unwrap().split('.').next().unwrap())
        .collect();
    let listed: BTreeSet<&str> = RUNNERS.iter().map(|(r, _)| *r).collect();
    for requirement in &stated {
        assert!(
            listed.contains(requirement),
            "{requirement} has vectors and no test that runs them"
        );
    }
    let mut text = String::new();
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    sources(&Path::new(&root).join("src"), &mut text);
    for (requirement, test) in RUNNERS {
        assert!(stated.contains(requirement), "{requirement} has no vectors");
        assert!(
            text.contains(&format!("fn {test}()")),
            "{requirement}: {test} is gone"
        );
    }
}
