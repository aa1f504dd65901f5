//! Every shown value on both sides of every edge of R4 to R11: what is shown is what is decided on.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::monotone::{lab, number, person, problem};
use crate::vectors::{many, told, weight};

const SILENT: u8 = 0;
const LOW: u8 = 3;
const MODERATE: u8 = 4;
const HIGH: u8 = 5;

/// Asks the rule at each value and checks its severity against the shown number `key`; each of `edges` must have been shown.
#[track_caller]
fn sweep(
    rule: &str,
    patient: &Json,
    key: &str,
    facts: impl Fn(f64) -> Vec<Json>,
    values: impl Iterator<Item = f64>,
    expected: impl Fn(f64) -> u8,
    edges: &[f64],
) {
    let asked: Vec<Vec<Json>> = values.map(facts).collect();
    let mut shown = BTreeSet::new();
    for outcome in many(rule, patient, &asked) {
        let value = number(&outcome, key);
        shown.insert(format!("{value:.2}"));
        assert_eq!(
            weight(&outcome),
            expected(value),
            "{rule} {}",
            told(&outcome)
        );
    }
    for edge in edges {
        assert!(
            shown.contains(&format!("{edge:.2}")),
            "{rule}: {edge} in {shown:?}"
        );
    }
}

/// `count` values from `first` in steps of `step`, rounded to what a laboratory would write.
fn steps(first: f64, step: f64, count: u32) -> impl Iterator<Item = f64> {
    (0..count).map(move |i| ((first + step * f64::from(i)) * 1000.0).round() / 1000.0)
}

fn now(code: &str, value: f64, unit: &str) -> Json {
    lab(code, value, unit, "-1d")
}

#[test]
fn r4_the_card_begins_at_five_per_cent_and_is_high_from_ten_in_two_years() {
    let facts = |acr| {
        vec![
            lab("2160-0", 2.3, "mg/dL", "-400d"),
            lab("2160-0", 2.3, "mg/dL", "-10d"),
            lab("9318-7", acr, "mg/g", "-10d"),
        ]
    };
    let patient = person(false, 60);
    let ratios = || (0..1430).map(|i| 10.0 * 1.004_f64.powi(i));
    let five = |risk: f64| if risk >= 5.0 { MODERATE } else { SILENT };
    let high = |risk2y: f64| risk2y >= 10.0;
    let asked: Vec<Vec<Json>> = ratios().map(facts).collect();
    let (mut fives, mut twos) = (BTreeSet::new(), BTreeSet::new());
    for outcome in many("R4", &patient, &asked) {
        let (a, b) = (
            number(&outcome, "risk5y_pct"),
            number(&outcome, "risk2y_pct"),
        );
        fives.insert(format!("{a:.1}"));
        twos.insert(format!("{b:.1}"));
        let expected = if high(b) { HIGH } else { five(a) };
        assert_eq!(weight(&outcome), expected, "{}", told(&outcome));
    }
    assert!(fives.contains("4.9") && fives.contains("5.0"), "{fives:?}");
    assert!(twos.contains("9.9") && twos.contains("10.0"), "{twos:?}");
}

#[test]
fn r5_to_r9_each_band_begins_at_its_edge() {
    let patient = person(false, 50);
    sweep(
        "R5",
        &patient,
        "potassium",
        |k| vec![now("2823-3", k, "mmol/L")],
        steps(5.0, 0.01, 200),
        |k| match k {
            k if k >= 6.5 => HIGH,
            k if k >= 6.0 => MODERATE,
            k if k >= 5.5 => LOW,
            _ => SILENT,
        },
        &[5.4, 5.5, 5.9, 6.0, 6.4, 6.5],
    );
    sweep(
        "R6",
        &patient,
        "sodium_corrected",
        |na| vec![now("2951-2", na, "mmol/L"), now("14749-6", 5.0, "mmol/L")],
        steps(120.0, 0.25, 80),
        |na| match na {
            na if na < 125.0 => HIGH,
            na if na < 130.0 => MODERATE,
            na if na < 135.0 => LOW,
            _ => SILENT,
        },
        &[124.0, 125.0, 129.0, 130.0, 134.0, 135.0],
    );
    sweep(
        "R7",
        &patient,
        "calcium_corrected",
        |ca| vec![now("17861-6", ca, "mmol/L"), now("1751-7", 40.0, "g/L")],
        steps(1.5, 0.01, 220),
        |ca| match ca {
            ca if ca >= 3.5 => HIGH,
            ca if ca >= 3.0 => MODERATE,
            ca if ca > 2.6 => LOW,
            ca if ca < 1.9 => MODERATE,
            ca if ca < 2.2 => LOW,
            _ => SILENT,
        },
        &[1.89, 1.9, 2.19, 2.2, 2.6, 2.61, 2.99, 3.0, 3.49, 3.5],
    );
    sweep(
        "R8",
        &patient,
        "ag_corrected",
        |bicarbonate| {
            vec![
                now("2951-2", 140.0, "mmol/L"),
                now("2075-0", 104.0, "mmol/L"),
                now("1963-8", bicarbonate, "mmol/L"),
                now("1751-7", 40.0, "g/L"),
            ]
        },
        steps(10.0, 0.1, 200),
        |gap| match gap {
            g if g >= 20.0 => MODERATE,
            g if g > 16.0 => LOW,
            _ => SILENT,
        },
        &[16.0, 16.1, 19.9, 20.0],
    );
    sweep(
        "R9",
        &patient,
        "gap",
        |osm| {
            vec![
                now("2692-2", osm, "mosm/kg"),
                now("2951-2", 140.0, "mmol/L"),
                now("14749-6", 5.0, "mmol/L"),
                now("22664-7", 5.0, "mmol/L"),
            ]
        },
        steps(285.0, 0.25, 160),
        |gap| match gap {
            g if g >= 25.0 => MODERATE,
            g if g > 10.0 => LOW,
            _ => SILENT,
        },
        &[10.0, 11.0, 24.0, 25.0],
    );
}

#[test]
fn r10_and_r11_each_band_begins_at_its_edge() {
    for (age, lower) in [(50, 1.3), (64, 1.3), (65, 2.0)] {
        sweep(
            "R10",
            &person(false, age),
            "fib4",
            |ast| {
                vec![
                    now("1920-8", ast, "U/L"),
                    now("1742-6", 40.0, "U/L"),
                    now("777-3", 200.0, "10*9/L"),
                ]
            },
            steps(10.0, 0.1, 900),
            |score| match score {
                s if s > 2.67 => MODERATE,
                s if s >= lower => LOW,
                _ => SILENT,
            },
            &[lower - 0.01, lower, 2.67, 2.68],
        );
    }
    sweep(
        "R11",
        &person(false, 50),
        "meld3",
        |bilirubin| {
            vec![
                problem("K74.6"),
                now("1975-2", bilirubin, "mg/dL"),
                now("2951-2", 137.0, "mmol/L"),
                now("6301-6", 1.5, "1"),
                now("2160-0", 1.2, "mg/dL"),
                now("1751-7", 35.0, "g/L"),
            ]
        },
        steps(1.0, 0.1, 290),
        |score| match score {
            s if s >= 25.0 => HIGH,
            s if s >= 15.0 => MODERATE,
            _ => SILENT,
        },
        &[14.0, 15.0, 24.0, 25.0],
    );
}
