//! Growth of lesions and sums of targets (T47).

use serde_json::json;

use super::{each, f};
use crate::measure::{
    RecistProblem, Response, Size, Target, doubling_time_days, fleischner_grew, fleischner_size,
    growth, recist, sum_of_diameters, target_problems, targets_gone,
};

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
