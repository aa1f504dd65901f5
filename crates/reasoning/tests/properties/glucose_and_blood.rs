//! R16, R19, R20, R23 and R25: iron, diabetes, haemoglobin, change of any analyte.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::monotone::{config, lab, never_milder, number, pair, person, problem};
use crate::vectors::{ask_with, weight};

fn hb(g_l: f64, time: &str) -> Json {
    lab("718-7", g_l, "g/L", time)
}

fn hba1c(per_cent: f64, time: &str) -> Json {
    lab("4548-4", per_cent, "%", time)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn r16_less_ferritin_saturation_or_haemoglobin_is_never_milder(
        (low, high) in pair(2.0, 400.0), (tsat, more_tsat) in pair(3.0, 45.0), (less_hb, more_hb) in pair(60.0, 160.0),
        crp in 0.0..60.0, failing: bool, female: bool,
    ) {
        let facts = |ferritin, tsat, g_l| {
            let mut facts = vec![
                lab("2276-4", ferritin, "ug/L", "-1d"),
                lab("2502-3", tsat, "%", "-1d"),
                lab("1988-5", crp, "mg/L", "-1d"),
                hb(g_l, "-1d"),
            ];
            if failing {
                facts.push(problem("I50.2"));
            }
            facts
        };
        let mild = facts(high, more_tsat, more_hb);
        for grave in [facts(low, more_tsat, more_hb), facts(high, tsat, more_hb), facts(high, more_tsat, less_hb)] {
            never_milder("R16", &person(female, 50), &mild, &grave)?;
        }
    }

    #[test]
    fn r19_more_glucose_or_hba1c_is_never_milder(
        (low, high) in pair(3.5, 15.0), (less, more) in pair(3.0, 20.0), symptoms: bool, random in 3.0..30.0,
    ) {
        let facts = |a1c, fasting, random| {
            let mut facts = vec![
                hba1c(a1c, "-1d"),
                lab("1558-6", fasting, "mmol/L", "-1d"),
                lab("2345-7", random, "mmol/L", "-1d"),
            ];
            if symptoms {
                facts.push(json!({"code": "tri:hyperglycaemia_symptoms", "value": "present", "time": "-1d"}));
            }
            facts
        };
        let mild = facts(low, less, random);
        for grave in [facts(high, less, random), facts(low, more, random), facts(low, less, random + 5.0)] {
            never_milder("R19", &person(false, 50), &mild, &grave)?;
        }
    }

    #[test]
    fn r20_a_higher_hba1c_is_never_milder_without_medicines_that_can_lower_it_too_far((low, high) in pair(5.0, 15.0), before in 5.0..15.0) {
        let facts = |now| [problem("E11.9"), hba1c(before, "-120d"), hba1c(now, "-1d")];
        never_milder("R20", &person(false, 50), &facts(low), &facts(high))?;
    }

    #[test]
    fn r23_a_lower_current_haemoglobin_is_never_milder((low, high) in pair(40.0, 170.0), recent in 60.0..170.0, old in 60.0..170.0) {
        let facts = |now| [hb(old, "-200d"), hb(recent, "-3d"), hb(now, "-1h")];
        never_milder("R23", &person(true, 50), &facts(high), &facts(low))?;
    }

    #[test]
    fn r25_a_greater_change_is_never_within_where_a_smaller_one_is_not((near, far) in pair(0.0, 0.8), rise: bool, which in 0..3_usize) {
        let (name, code, unit, before) = [("creatinine", "2160-0", "mg/dL", 1.0), ("hb", "718-7", "g/L", 130.0), ("alt", "1742-6", "U/L", 40.0)][which];
        let outcome = |change: f64| {
            let now = before * if rise { 1.0 + change } else { 1.0 - change };
            let facts = [lab(code, before, unit, "-60d"), lab(code, now, unit, "-1d")];
            ask_with("R25", &person(false, 50), &facts, &json!({}), &json!({"analyte": name}))
        };
        let (a, b) = (outcome(near), outcome(far));
        prop_assert!(weight(&a) <= weight(&b));
        prop_assert!(number(&a, "change_pct").abs() <= number(&b, "change_pct").abs());
    }
}
