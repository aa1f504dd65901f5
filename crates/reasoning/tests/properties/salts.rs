//! R5 to R9: electrolytes, calcium and the two gaps.

use proptest::prelude::*;
use serde_json::Value as Json;

use crate::monotone::{config, lab, never_milder, number, pair, person};
use crate::vectors::{ask, weight};

fn adult() -> Json {
    person(false, 50)
}

fn mmol(loinc: &str, value: f64) -> Json {
    lab(loinc, value, "mmol/L", "-1d")
}

fn albumin(g_l: f64) -> Json {
    lab("1751-7", g_l, "g/L", "-1d")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn r5_more_potassium_is_never_milder((low, high) in pair(1.0, 12.0)) {
        never_milder("R5", &adult(), &[mmol("2823-3", low)], &[mmol("2823-3", high)])?;
    }

    #[test]
    fn r6_less_sodium_is_never_milder((low, high) in pair(95.0, 160.0), glucose in 2.0..60.0) {
        let facts = |na| [mmol("2951-2", na), mmol("14749-6", glucose)];
        never_milder("R6", &adult(), &facts(high), &facts(low))?;
        never_milder("R6", &adult(), &[mmol("2951-2", high)], &[mmol("2951-2", low)])?;
    }

    #[test]
    fn r6_more_glucose_never_lowers_the_corrected_sodium(na in 100.0..150.0, (low, high) in pair(2.0, 80.0)) {
        let at = |glucose| ask("R6", &adult(), &[mmol("2951-2", na), mmol("14749-6", glucose)]);
        let (a, b) = (at(low), at(high));
        prop_assert!(number(&a, "sodium_corrected") <= number(&b, "sodium_corrected"));
        prop_assert!(number(&a, "sodium") <= number(&a, "sodium_corrected"));
        prop_assert!(weight(&a) >= weight(&b));
    }

    #[test]
    fn r7_further_from_the_limits_is_never_milder((near, far) in pair(0.0, 1.1), g_l in 20.0..55.0) {
        // Distances from the limits of the adjusted value, on either side.
        let total = |adjusted: f64| adjusted - 0.02 * (40.0 - g_l);
        let facts = |adjusted| [mmol("17861-6", total(adjusted)), albumin(g_l)];
        never_milder("R7", &adult(), &facts(2.4 + near), &facts(2.4 + far))?;
        never_milder("R7", &adult(), &facts(2.4 - near), &facts(2.4 - far))?;
    }

    #[test]
    fn r7_less_albumin_never_lowers_the_adjusted_calcium((low, high) in pair(10.0, 60.0), total in 1.5..4.0) {
        let at = |g_l| number(&ask("R7", &adult(), &[mmol("17861-6", total), albumin(g_l)]), "calcium_corrected");
        prop_assert!(at(low) >= at(high));
    }

    #[test]
    fn r7_the_range_without_albumin_holds_every_albumin_from_20_to_50(g_l in 20.0..50.0, total in 1.5..4.0) {
        let with = number(&ask("R7", &adult(), &[mmol("17861-6", total), albumin(g_l)]), "calcium_corrected");
        let without = ask("R7", &adult(), &[mmol("17861-6", total)]);
        let [low, high] = without.finding.range["calcium_corrected"].clone().map(|end| end.as_f64().unwrap());
        prop_assert!((low..=high).contains(&with));
    }

    #[test]
    fn r8_less_bicarbonate_chloride_or_albumin_is_never_milder(
        (low, high) in pair(3.0, 40.0), chloride in 85.0..115.0, fall in 0.0..20.0, g_l in 15.0..50.0, less in 0.0..10.0,
    ) {
        let facts = |bicarbonate, chloride, g_l| {
            [mmol("2951-2", 140.0), mmol("2075-0", chloride), mmol("1963-8", bicarbonate), albumin(g_l)]
        };
        let mild = facts(high, chloride, g_l);
        for grave in [facts(low, chloride, g_l), facts(high, chloride - fall, g_l), facts(high, chloride, g_l - less)] {
            let [a, b] = never_milder("R8", &adult(), &mild, &grave)?;
            prop_assert!(number(&a, "ag_corrected") <= number(&b, "ag_corrected"));
        }
    }

    #[test]
    fn r9_a_higher_osmolality_is_never_milder_and_ethanol_never_raises_the_gap(
        (low, high) in pair(200.0, 500.0), na in 120.0..160.0, glucose in 3.0..40.0, urea in 2.0..40.0, ethanol in 0.0..400.0,
    ) {
        let facts = |osm| {
            vec![lab("2692-2", osm, "mosm/kg", "-1d"), mmol("2951-2", na), mmol("14749-6", glucose), mmol("22664-7", urea)]
        };
        let [a, _] = never_milder("R9", &adult(), &facts(low), &facts(high))?;
        let mut drunk = facts(low);
        drunk.push(lab("5643-2", ethanol, "mg/dL", "-1d"));
        let drunk = ask("R9", &adult(), &drunk);
        prop_assert!(number(&drunk, "gap") <= number(&a, "gap"));
        prop_assert!(weight(&drunk) <= weight(&a));
    }
}
