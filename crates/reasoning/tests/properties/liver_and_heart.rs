//! R10 to R14: liver scores, liver injury, stroke risk.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::monotone::{config, lab, never_milder, number, pair, person, problem};
use crate::vectors::{ask, ask_with, told};

fn units(loinc: &str, value: f64) -> Json {
    lab(loinc, value, "U/L", "-1d")
}

/// Cirrhosis and the laboratory values of R11 and R12.
#[derive(Clone, Copy, Debug)]
struct Liver {
    bilirubin: f64,
    sodium: f64,
    inr: f64,
    creatinine: f64,
    albumin: f64,
}

impl Liver {
    fn facts(self) -> Vec<Json> {
        vec![
            problem("K74.6"),
            lab("1975-2", self.bilirubin, "mg/dL", "-1d"),
            lab("2951-2", self.sodium, "mmol/L", "-1d"),
            lab("6301-6", self.inr, "1", "-1d"),
            lab("2160-0", self.creatinine, "mg/dL", "-1d"),
            lab("1751-7", self.albumin, "g/L", "-1d"),
        ]
    }

    fn facts_with_bedside(self, ascites: &str, encephalopathy: &str) -> Vec<Json> {
        let mut facts = self.facts();
        facts.push(json!({"code": "tri:ascites", "value": ascites, "time": "-1d"}));
        facts.push(json!({"code": "tri:encephalopathy", "value": encephalopathy, "time": "-1d"}));
        facts
    }
}

fn liver() -> impl Strategy<Value = Liver> {
    (0.3..28.0, 115.0..145.0, 0.8..4.0, 0.5..2.7, 12.0..48.0).prop_map(
        |(bilirubin, sodium, inr, creatinine, albumin)| Liver {
            bilirubin,
            sodium,
            inr,
            creatinine,
            albumin,
        },
    )
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn r10_more_ast_or_fewer_platelets_is_never_milder(
        (ast, more_ast) in pair(5.0, 199.0), alt in 5.0..199.0, (few, many) in pair(20.0, 600.0), age in 36..95,
    ) {
        let facts = |ast, plt| [units("1920-8", ast), units("1742-6", alt), lab("777-3", plt, "10*9/L", "-1d")];
        let mild = facts(ast, many);
        for grave in [facts(more_ast, many), facts(ast, few)] {
            let [a, b] = never_milder("R10", &person(false, age), &mild, &grave)?;
            prop_assert!(number(&a, "fib4") <= number(&b, "fib4"));
        }
    }

    /// Bilirubin stays below 28 mg/dL and creatinine below 2.7: above them the published equation itself turns for sodium and albumin.
    #[test]
    fn r11_each_worse_value_never_lowers_the_score(mild in liver(), worse in 0.0..1.0, female: bool, age in 18..90) {
        let patient = person(female, age);
        for grave in [
            Liver { bilirubin: mild.bilirubin * (1.0 + worse), ..mild },
            Liver { sodium: mild.sodium - 20.0 * worse, ..mild },
            Liver { inr: mild.inr * (1.0 + worse), ..mild },
            Liver { creatinine: mild.creatinine * (1.0 + worse), ..mild },
            Liver { albumin: mild.albumin - 7.0 * worse, ..mild },
        ] {
            let [a, b] = never_milder("R11", &patient, &mild.facts(), &grave.facts())?;
            prop_assert!(number(&a, "meld3") <= number(&b, "meld3"));
        }
    }

    #[test]
    fn r11_ranges_hold_what_the_missing_albumin_and_sex_could_give(liver in liver(), creatinine in 0.5..9.0, bilirubin in 0.3..55.0, female: bool) {
        let liver = Liver { creatinine, bilirubin, ..liver };
        let known = number(&ask("R11", &person(female, 50), &liver.facts()), "meld3");
        let mut without = liver.facts();
        without.pop();
        let open = ask("R11", &json!({"birthDate": "1976-01-15"}), &without);
        let (low, high) = match open.finding.range.get("meld3") {
            Some([low, high]) => (low.as_f64().unwrap(), high.as_f64().unwrap()),
            None => (number(&open, "meld3"), number(&open, "meld3")),
        };
        prop_assert!((low..=high).contains(&known), "{known}: {}", told(&open));
    }

    #[test]
    fn r12_each_worse_item_never_lowers_the_points(mild in liver(), worse in 0.0..1.0, ascites in 0..3_usize, grade in 0..3_usize) {
        const ASCITES: [&str; 3] = ["none", "mild", "moderate"];
        const GRADES: [&str; 3] = ["none", "grade1-2", "grade3-4"];
        let facts = |l: Liver, a: usize, g: usize| l.facts_with_bedside(ASCITES[a.min(2)], GRADES[g.min(2)]);
        let before = facts(mild, ascites, grade);
        for after in [
            facts(Liver { bilirubin: mild.bilirubin * (1.0 + worse), ..mild }, ascites, grade),
            facts(Liver { inr: mild.inr * (1.0 + worse), ..mild }, ascites, grade),
            facts(Liver { albumin: mild.albumin - 7.0 * worse, ..mild }, ascites, grade),
            facts(mild, ascites + 1, grade),
            facts(mild, ascites, grade + 1),
        ] {
            let [a, b] = never_milder("R12", &person(false, 50), &before, &after)?;
            prop_assert!(number(&a, "points") <= number(&b, "points"));
        }
    }

    #[test]
    fn r12_any_missing_items_leave_a_range_that_holds_the_points(liver in liver(), lost in 0..64_u32) {
        let facts = liver.facts_with_bedside("mild", "none");
        let patient = person(false, 50);
        let known = number(&ask("R12", &patient, &facts), "points");
        let kept: Vec<Json> = facts
            .iter()
            .enumerate()
            // The diagnosis stays: without it the rule is not about this patient.
            .filter(|(i, _)| *i == 0 || lost & (1 << (i - 1).min(5)) == 0)
            .map(|(_, f)| f.clone())
            .collect();
        let open = ask("R12", &patient, &kept);
        let (low, high) = match open.finding.range.get("points") {
            Some([low, high]) => (low.as_f64().unwrap(), high.as_f64().unwrap()),
            None => (number(&open, "points"), number(&open, "points")),
        };
        prop_assert!((low..=high).contains(&known), "{known}: {}", told(&open));
    }

    #[test]
    fn r13_more_alt_or_bilirubin_is_never_milder((alt, more_alt) in pair(5.0, 900.0), alp in 20.0..600.0, (bili, more_bili) in pair(0.2, 12.0)) {
        let with_limit = |mut fact: Json, high: f64| {
            fact["ref"] = json!({"high": high});
            fact
        };
        let facts = |alt, bili| [
            with_limit(units("1742-6", alt), 40.0),
            with_limit(units("6768-6", alp), 120.0),
            with_limit(lab("1975-2", bili, "mg/dL", "-1d"), 1.2),
        ];
        for grave in [facts(more_alt, bili), facts(alt, more_bili)] {
            never_milder("R13", &person(false, 50), &facts(alt, bili), &grave)?;
        }
    }

    #[test]
    fn r14_another_condition_or_more_years_never_lowers_the_score(conditions in 0..32_u32, one in 0..5_u32, age in 18..89, years in 0..11, female: bool, with_sex: bool) {
        const CODES: [&str; 5] = ["I50.9", "I10", "E11.9", "I63.9", "I25.1"];
        let facts = |set: u32| -> Vec<Json> {
            let recorded = CODES.iter().enumerate().filter(|(i, _)| set & (1 << i) != 0);
            std::iter::once(problem("I48.0")).chain(recorded.map(|(_, c)| problem(c))).collect()
        };
        let scale = if with_sex { "CHA2DS2-VASc" } else { "CHA2DS2-VA" };
        let at = |set, age| {
            let outcome = ask_with("R14", &person(female, age), &facts(set), &json!({"af.score": scale}), &json!({}));
            (crate::vectors::weight(&outcome), outcome.finding.result["score"].as_u64().unwrap())
        };
        let before = at(conditions, age);
        for after in [at(conditions | 1 << one, age), at(conditions, age + years)] {
            prop_assert!(before.0 <= after.0 && before.1 <= after.1, "{before:?} {after:?}");
        }
    }
}

#[test]
fn r14_counts_a_stroke_that_has_ended_and_not_a_hypertension_that_has() {
    let ended = |code: &str| {
        let mut fact = problem(code);
        fact["end"] = json!("-100d");
        fact
    };
    let score = |facts: &[Json]| number(&ask("R14", &person(false, 50), facts), "score");
    let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
    assert!(close(score(&[problem("I48.0"), ended("I63.9")]), 2.0));
    assert!(close(score(&[problem("I48.0"), ended("I10")]), 0.0));
}

#[test]
fn r12_an_answer_that_the_table_does_not_list_counts_as_unknown() {
    let liver = Liver {
        bilirubin: 1.0,
        sodium: 140.0,
        inr: 1.0,
        creatinine: 0.8,
        albumin: 40.0,
    };
    let outcome = ask(
        "R12",
        &person(false, 50),
        &liver.facts_with_bedside("a little", "none"),
    );
    let missing: Vec<String> = outcome
        .finding
        .missing
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(missing, ["ascites:confounded"], "{}", told(&outcome));
    assert_eq!(outcome.finding.range["points"], [json!(5), json!(7)]);
}

#[test]
fn r13_a_value_above_the_analyser_keeps_a_range_and_names_its_bound() {
    let facts = |op: &str, alt: f64| {
        let mut fact = units("1742-6", alt);
        fact["op"] = json!(op);
        fact["ref"] = json!({"high": 40});
        [fact]
    };
    let high = ask("R13", &person(false, 50), &facts(">", 1000.0));
    assert_eq!(high.verdict(), triptych_reasoning::Verdict::Fires);
    assert_eq!(high.finding.range["alt_xuln"], [json!(25), json!(750)]);
    let low = ask("R13", &person(false, 50), &facts("<", 100.0));
    assert_eq!(low.verdict(), triptych_reasoning::Verdict::CannotTell);
}
