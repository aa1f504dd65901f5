//! D-18: every pair of section 9, and when each stays quiet.

use triptych_clinical::{Comparator, Fact, Quantity, Value};

use crate::Evaluation;
use crate::graph::testing::*;
use crate::graph::*;
use crate::outcome::{Finding, Lane, Severity};

struct Case {
    evaluation: Evaluation,
    assertions: Vec<NoteAssertion>,
    models: Vec<ModelFinding>,
}

impl Case {
    fn of(evaluation: Evaluation) -> Self {
        Self {
            evaluation,
            assertions: Vec::new(),
            models: Vec::new(),
        }
    }

    fn pairs(&self) -> Vec<Disagreement> {
        disagreements(&Sources {
            assertions: &self.assertions,
            models: &self.models,
            ..Sources::of(&self.evaluation)
        })
    }

    fn has(&self, pair: Pair) -> bool {
        self.pairs().iter().any(|d| d.pair == pair)
    }
}

fn nodule() -> Fact {
    let mut nodule = measure("a", 300.0, "2021-06-01");
    nodule.codes[0].code = "lung_nodule".to_owned();
    nodule
}

fn rule_case(id: &'static str, finding: Finding) -> Case {
    let nodule = nodule();
    Case::of(with(
        evaluated(std::slice::from_ref(&nodule), "2021-06-10"),
        outcome(id, finding, &[&nodule]),
    ))
}

fn fires(severity: Severity) -> Finding {
    Finding::fires(severity, "a rule's words".to_owned())
}

fn follow_up() -> Case {
    let mut case = rule_case(
        "R27",
        fires(Severity::Moderate).with("recommendation", "CT at 3-6 months"),
    );
    case.assertions
        .push(reported("no_follow_up_needed", "2021-06-02", "1.2"));
    case
}

fn growth() -> Case {
    let mut case = rule_case("R31", fires(Severity::High).with("class", "fast"));
    case.assertions
        .push(reported("nodule_stable", "2021-06-02", "1.2"));
    case
}

fn model_present() -> Case {
    let mut case = Case::of(evaluated(&[], "2021-06-10"));
    case.models
        .push(model("lung_nodule", true, Band::High, "2021-06-01", "1.2"));
    let mut denied = reported("lung_nodule", "2021-06-02", "1.2");
    denied.said.negated = true;
    case.assertions.push(denied);
    case
}

fn model_absent() -> Case {
    let mut case = model_present();
    case.models[0].present = false;
    case.assertions[0].said.negated = false;
    case
}

fn unnamed() -> Case {
    let mut case = model_present();
    case.assertions[0].concept = "cardiomegaly".to_owned();
    case
}

fn rule_model() -> Case {
    let mut case = rule_case("R27", fires(Severity::Low));
    case.models
        .push(model("lung_nodule", false, Band::Low, "2021-06-01", "1.2"));
    case
}

fn kidneys(listed: bool) -> Case {
    let mut facts = vec![
        lab("2160-0", 2.5, "mg/dL", "2020-06-01"),
        lab("2160-0", 2.5, "mg/dL", "2021-06-01"),
    ];
    if listed {
        facts.push(problem("N18.4", "2020-01-01"));
    }
    Case::of(evaluated(&facts, "2021-06-10"))
}

fn sugar() -> Case {
    Case::of(evaluated(
        &[
            lab("4548-4", 7.4, "%", "2021-02-01"),
            lab("4548-4", 7.6, "%", "2021-06-01"),
        ],
        "2021-06-10",
    ))
}

fn diabetes_listed(hba1c: f64) -> Case {
    Case::of(evaluated(
        &[
            problem("E11.9", "2019-01-01"),
            lab("4548-4", hba1c, "%", "2021-06-01"),
        ],
        "2021-06-10",
    ))
}

fn lithium(level: f64, listed: bool) -> Case {
    let mut facts = vec![lab("14334-7", level, "mmol/L", "2021-06-01")];
    if listed {
        facts.push(medicine("N05AN01", "2020-01-01"));
    }
    Case::of(evaluated(&facts, "2021-06-10"))
}

fn egfr(reported: f64, comparator: Option<Comparator>, unit: &str) -> Case {
    let mut lab_egfr = lab("98979-8", reported, unit, "2021-06-01");
    if let Value::Quantity(q) = &mut lab_egfr.value {
        *q = Quantity {
            comparator,
            ..q.clone()
        };
    }
    // Man of 65 years, creatinine 1.5 mg/dL: eGFR 51.
    let creatinine = lab("2160-0", 1.5, "mg/dL", "2021-06-01");
    Case::of(evaluated(&[creatinine, lab_egfr], "2021-06-10"))
}

fn laboratories(second: f64, names: [&str; 2]) -> Case {
    let mut facts = Vec::new();
    for (value, time, name) in [
        (4.0, "2021-06-01T08:00:00Z", names[0]),
        (second, "2021-06-01T15:00:00Z", names[1]),
    ] {
        let mut k = lab("2823-3", value, "mmol/L", time);
        k.attrs.insert("performer".to_owned(), name.to_owned());
        facts.push(k);
    }
    Case::of(evaluated(&facts, "2021-06-10"))
}

const PER_SURFACE: &str = "mL/min/{1.73_m2}";

#[test]
fn d_18_every_pair_names_its_sides_with_date_and_source() {
    let cases = [
        (
            follow_up(),
            Pair::NoduleFollowUpAndReport,
            Severity::Moderate,
        ),
        (growth(), Pair::GrowthAndReport, Severity::Moderate),
        (model_present(), Pair::ModelAndReport, Severity::Moderate),
        (model_absent(), Pair::ModelAndReport, Severity::Info),
        (unnamed(), Pair::ModelAndReport, Severity::Moderate),
        (rule_model(), Pair::RuleAndModel, Severity::Low),
        (
            kidneys(false),
            Pair::KidneyCriteriaNotListed,
            Severity::Moderate,
        ),
        (sugar(), Pair::DiabetesCriteriaNotListed, Severity::Moderate),
        (
            diabetes_listed(5.4),
            Pair::DiabetesListedNeverMet,
            Severity::Info,
        ),
        (lithium(0.05, true), Pair::MedicineAndLevel, Severity::Low),
        (lithium(0.6, false), Pair::MedicineAndLevel, Severity::Low),
        (
            egfr(62.0, None, PER_SURFACE),
            Pair::ReportedAndComputedEgfr,
            Severity::Low,
        ),
        (
            laboratories(5.2, ["North", "South"]),
            Pair::TwoLaboratories,
            Severity::Info,
        ),
    ];
    for (case, pair, severity) in cases {
        let found = case.pairs();
        let [d] = found.as_slice() else {
            panic!("{pair:?}: {found:?}");
        };
        assert_eq!((d.pair, d.severity), (pair, severity), "{d:?}");
        assert!(d.severity <= Severity::Moderate);
        assert_eq!(d.sides.len(), 2);
        let words = d.in_words();
        for side in &d.sides {
            let date = side.date.unwrap().iso_date();
            assert!(!side.says.is_empty() && words.contains(&date), "{words}");
            assert!(words.contains(side.party.in_words()), "{words}");
        }
        assert!(!d.facts().is_empty());
        let with_model = !case.models.is_empty();
        assert_eq!(d.lane() == Lane::D, with_model);
        // It is a node of the graph, made from its sides.
        let graph = Graph::build(
            shipped_edges().unwrap(),
            &Sources {
                assertions: &case.assertions,
                models: &case.models,
                ..Sources::of(&case.evaluation)
            },
        );
        let node = graph.store.find(&NodeKey::Disagreement(0)).unwrap();
        assert!(
            graph
                .store
                .from(node)
                .any(|e| e.kind == EdgeKind::DerivedFrom)
        );
    }
}

#[test]
fn d_18_a_rule_shows_the_other_side() {
    let case = growth();
    let graph = Graph::build(
        shipped_edges().unwrap(),
        &Sources {
            assertions: &case.assertions,
            ..Sources::of(&case.evaluation)
        },
    );
    let words = graph.signal_words("R31").unwrap();
    assert_eq!(words.columns[0].contradicts.len(), 1, "{words}");
    assert!(words.columns[0].contradicts[0].contains("nodule stable"));
}

#[test]
fn d_18_sources_that_agree_make_no_signal() {
    let mut earlier = follow_up();
    earlier.assertions[0].time = when("2021-05-01");
    assert!(
        !earlier.has(Pair::NoduleFollowUpAndReport),
        "an earlier report cannot know"
    );
    let mut none_asked = rule_case(
        "R27",
        fires(Severity::Low).with("recommendation", "no routine follow-up"),
    );
    none_asked
        .assertions
        .push(reported("no_follow_up_needed", "2021-06-02", "1.2"));
    assert!(none_asked.pairs().is_empty());
    let mut shrinking = rule_case("R31", Finding::silent().with("class", "shrinking"));
    shrinking
        .assertions
        .push(reported("nodule_stable", "2021-06-02", "1.2"));
    assert!(shrinking.pairs().is_empty());
    let mut agreed = model_present();
    agreed.assertions[0].said.negated = false;
    assert!(agreed.pairs().is_empty());
    let mut other_study = model_present();
    other_study.assertions[0].study = Some("9.9".to_owned());
    assert!(other_study.pairs().is_empty());
    let mut no_report = model_present();
    no_report.assertions.clear();
    assert!(no_report.pairs().is_empty(), "no report is no denial");
    let mut note_only = model_present();
    note_only.assertions[0].report = false;
    assert!(note_only.pairs().is_empty());
    for (case, why) in [
        (kidneys(true), "listed"),
        (diabetes_listed(6.6), "criterion met once"),
        (lithium(0.6, true), "level under therapy"),
        (lithium(0.05, false), "no level, no therapy"),
        (egfr(55.0, None, PER_SURFACE), "within 10 %"),
        (
            egfr(60.0, Some(Comparator::Below), PER_SURFACE),
            "below 60 holds 51",
        ),
        (
            egfr(62.0, None, "mL/min"),
            "some body surface makes 51 of it",
        ),
        (
            laboratories(4.2, ["North", "South"]),
            "within the reference change value",
        ),
        (laboratories(5.2, ["North", "North"]), "one laboratory"),
    ] {
        assert!(case.pairs().is_empty(), "{why}: {:?}", case.pairs());
    }
    assert!(egfr(90.0, Some(Comparator::Above), PER_SURFACE).has(Pair::ReportedAndComputedEgfr));
    // No adult's body surface makes 51 of it.
    assert!(egfr(18.0, None, "mL/min").has(Pair::ReportedAndComputedEgfr));
}
