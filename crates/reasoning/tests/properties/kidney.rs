//! R1 to R4 and R15: more creatinine or albuminuria is never better.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::monotone::{config, lab, never_milder, number, pair, person};

fn creatinine(mg_dl: f64, time: &str) -> Json {
    lab("2160-0", mg_dl, "mg/dL", time)
}

/// One creatinine now and the same one 390 days ago: no change, so no acute injury.
fn steady(mg_dl: f64) -> Vec<Json> {
    vec![creatinine(mg_dl, "-400d"), creatinine(mg_dl, "-10d")]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn r1_more_creatinine_is_never_a_higher_egfr((low, high) in pair(0.3, 15.0), female: bool, age in 18..100) {
        let patient = person(female, age);
        let [a, b] = never_milder("R1", &patient, &[creatinine(low, "-10d")], &[creatinine(high, "-10d")])?;
        prop_assert!(number(&a, "egfr") >= number(&b, "egfr"));
        prop_assert!(a.finding.result["category"].as_str() <= b.finding.result["category"].as_str());
    }

    #[test]
    fn r1_an_older_patient_never_has_a_higher_egfr(age in 18..90, more in 0..10, mg_dl in 0.4..8.0, female: bool) {
        let facts = [creatinine(mg_dl, "-10d")];
        let egfr = |age| number(&crate::vectors::ask("R1", &person(female, age), &facts), "egfr");
        prop_assert!(egfr(age) >= egfr(age + more));
    }

    #[test]
    fn r2_a_higher_current_creatinine_is_never_a_lower_stage(
        (low, high) in pair(0.3, 9.0), old in 0.4..3.0, recent in 0.4..3.0, female: bool, age in 18..100,
    ) {
        let facts = |now| vec![creatinine(old, "-200d"), creatinine(recent, "-30h"), creatinine(now, "-1h")];
        let [a, b] = never_milder("R2", &person(female, age), &facts(low), &facts(high))?;
        prop_assert!(number(&a, "stage") <= number(&b, "stage"));
    }

    #[test]
    fn r3_more_creatinine_is_never_a_better_category((low, high) in pair(0.5, 8.0), acr in 1.0..900.0, female: bool, age in 18..100) {
        let facts = |mg_dl: f64| {
            let mut facts = steady(mg_dl);
            facts.extend([lab("9318-7", acr, "mg/g", "-300d"), lab("9318-7", acr, "mg/g", "-10d")]);
            facts
        };
        let [a, b] = never_milder("R3", &person(female, age), &facts(low), &facts(high))?;
        prop_assert!(a.finding.result["G"].as_str() <= b.finding.result["G"].as_str());
    }

    #[test]
    fn r3_more_albuminuria_is_never_a_lower_risk((low, high) in pair(0.0, 3000.0), mg_dl in 0.5..5.0, female: bool, age in 18..100) {
        let facts = |acr: f64| {
            let mut facts = steady(mg_dl);
            facts.extend([lab("9318-7", acr, "mg/g", "-300d"), lab("9318-7", acr, "mg/g", "-10d")]);
            facts
        };
        let [a, b] = never_milder("R3", &person(female, age), &facts(low), &facts(high))?;
        prop_assert!(a.finding.result["A"].as_str() <= b.finding.result["A"].as_str());
    }

    #[test]
    fn r4_more_albuminuria_or_creatinine_is_never_a_lower_risk(
        (low, high) in pair(1.0, 3000.0), (less, more) in pair(2.0, 8.0), female: bool, age in 18..90,
    ) {
        let facts = |mg_dl: f64, acr: f64| {
            let mut facts = steady(mg_dl);
            facts.push(lab("9318-7", acr, "mg/g", "-10d"));
            facts
        };
        let patient = person(female, age);
        for (mild, grave) in [(facts(less, low), facts(less, high)), (facts(less, low), facts(more, low))] {
            let [a, b] = never_milder("R4", &patient, &mild, &grave)?;
            prop_assert!(number(&a, "risk5y_pct") <= number(&b, "risk5y_pct"));
            prop_assert!(number(&a, "risk2y_pct") <= number(&a, "risk5y_pct"));
        }
    }

    #[test]
    fn r4_the_range_without_a_ratio_holds_every_ratio_from_10_to_3000(acr in 10.0..3000.0, mg_dl in 2.0..8.0, female: bool, age in 18..90) {
        let patient = person(female, age);
        let without = crate::vectors::ask("R4", &patient, &steady(mg_dl));
        let mut facts = steady(mg_dl);
        facts.push(lab("9318-7", acr, "mg/g", "-10d"));
        let with = number(&crate::vectors::ask("R4", &patient, &facts), "risk5y_pct");
        let [low, high] = without.finding.range["risk5y_pct"].clone().map(|end| end.as_f64().unwrap());
        prop_assert!((low..=high).contains(&with), "{low} {with} {high}");
    }

    #[test]
    fn r15_more_creatinine_is_never_a_better_band((low, high) in pair(0.3, 9.0), female: bool, age in 18..100) {
        let facts = |mg_dl| {
            vec![json!({"kind": "med", "code": "atc:A10BA02", "time": "-400d"}), creatinine(mg_dl, "-30d")]
        };
        never_milder("R15", &person(female, age), &facts(low), &facts(high))?;
    }
}
