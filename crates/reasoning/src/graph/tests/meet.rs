//! Facts of several modalities meet in one card; what explains, what is needed, what is denied.

use triptych_clinical::{CodeSystem, FactKind, Status};

use crate::graph::testing::*;
use crate::graph::*;
use crate::outcome::{Finding, Lane, Severity, Why};

fn graph(evaluation: &crate::Evaluation, assertions: &[NoteAssertion]) -> Graph {
    let sources = Sources {
        assertions,
        ..Sources::of(evaluation)
    };
    Graph::build(shipped_edges().unwrap(), &sources)
}

fn potassium() -> Finding {
    Finding::fires(Severity::Low, "Potassium 5.6 mmol/L".to_owned()).number("potassium", 5.6)
}

/// A nodule measured twice, smoking in a note, haemoglobin in the labs.
#[test]
fn images_labs_and_notes_meet_in_one_hypothesis() {
    let facts = [
        measure("a", 200.0, "2021-01-04"),
        measure("a", 400.0, "2021-06-04"),
        lab("718-7", 105.0, "g/L", "2021-06-01"),
    ];
    let growth = Finding::fires(Severity::High, "Doubling time 151 d".to_owned())
        .with("class", "fast")
        .number("vdt_days", 151.0)
        .number("interval_days", 151.0);
    let evaluation = with(
        evaluated(&facts, "2021-06-10"),
        outcome("R31", growth, &[&facts[0], &facts[1]]),
    );
    let notes = [said("smoking", "2021-06-02")];
    let graph = graph(&evaluation, &notes);
    let lung = graph.hypothesis("lung_malignancy").unwrap();
    assert_eq!(graph.cards().next().unwrap().id, "lung_malignancy");
    let words = lung.words();
    for (column, modality, date) in [
        (0, "images", "2021-06-04"),
        (1, "labs", "2021-06-01"),
        (2, "notes", "2021-06-02"),
    ] {
        let column = &words.columns[column];
        assert_eq!(column.column.in_words(), modality);
        assert!(
            column.supports.iter().any(|l| l.contains(date)),
            "{modality}: {:?}",
            column.supports
        );
    }
    assert_eq!(
        lung.independent, 1,
        "weak support in two columns does not count"
    );
    assert_eq!(lung.lane, Lane::N);
    let text = lung.in_words();
    assert!(text.contains("R31@1.0.0") && text.contains("BTS"), "{text}");
    assert!(!text.contains("needs"), "two measures are there: {text}");
}

#[test]
fn a_background_sign_raises_no_card_by_itself() {
    let evaluation = evaluated(&[lab("718-7", 105.0, "g/L", "2021-06-01")], "2021-06-10");
    let graph = graph(&evaluation, &[said("smoking", "2021-06-02")]);
    assert!(graph.cards().all(|h| h.id != "lung_malignancy"));
    let lung = graph.hypothesis("lung_malignancy").unwrap();
    assert_eq!(lung.supports.len(), 2);
}

#[test]
fn a_denied_statement_contradicts_and_a_possible_one_is_weak() {
    let evaluation = evaluated(&[], "2021-06-10");
    let mut denied = said("hydronephrosis", "2021-06-01");
    denied.said.negated = true;
    let against = graph(&evaluation, &[denied]);
    let h = against.hypothesis("urinary_obstruction").unwrap();
    assert!(h.supports.is_empty());
    assert_eq!(h.contradicts[0].weight, Weight::Class(Strength::Strong));
    assert!(h.contradicts[0].say.starts_with("stated as absent"));

    let mut possible = said("hydronephrosis", "2021-06-01");
    possible.said.uncertain = true;
    let weak = graph(&evaluation, &[possible]);
    let h = weak.hypothesis("urinary_obstruction").unwrap();
    assert_eq!(h.strongest, Some(Strength::Weak));

    let mut relative = said("hydronephrosis", "2021-06-01");
    relative.said.family = true;
    assert!(
        graph(&evaluation, &[relative])
            .hypothesis("urinary_obstruction")
            .is_none()
    );
    let mut maybe_later = said("hydronephrosis", "2021-06-01");
    maybe_later.said.hypothetical = true;
    assert!(
        graph(&evaluation, &[maybe_later])
            .hypothesis("urinary_obstruction")
            .is_none()
    );
}

#[test]
fn a_real_rule_supports_its_hypothesis() {
    let facts = [
        lab("2276-4", 9.0, "ug/L", "2021-06-01"),
        lab("718-7", 101.0, "g/L", "2021-06-01"),
    ];
    let graph = graph(&evaluated(&facts, "2021-06-10"), &[]);
    let iron = graph.hypothesis("iron_deficiency").unwrap();
    assert_eq!(iron.strongest, Some(Strength::Strong));
    assert_eq!(iron.supports[0].source, "R16@1.0.0");
    assert!(iron.in_words().contains("images: no statement on record"));
    let anaemia = graph.hypothesis("anaemia_of_kidney_disease").unwrap();
    assert!(!anaemia.has_support());
    assert_eq!(anaemia.contradicts.len(), 1);
}

#[test]
fn a_likelihood_ratio_names_its_population_and_counts_against() {
    let facts = [
        lab("2276-4", 180.0, "ug/L", "2021-06-01"),
        lab("718-7", 101.0, "g/L", "2021-06-01"),
    ];
    let graph = graph(&evaluated(&facts, "2021-06-10"), &[]);
    let iron = graph.hypothesis("iron_deficiency").unwrap();
    let against = &iron.contradicts[0];
    assert_eq!(against.weight.class(), Strength::Strong);
    assert!(against.weight.to_string().contains("anaemic adults"));
}

#[test]
fn a_medicine_that_began_before_explains_a_signal() {
    let k = lab("2823-3", 5.6, "mmol/L", "2021-06-01");
    for (start, explains) in [("2020-01-01", true), ("2021-06-05", false)] {
        let facts = [k.clone(), medicine("C09AA03", start)];
        let evaluation = with(
            evaluated(&facts, "2021-06-10"),
            outcome("R5", potassium(), &[&k]),
        );
        let graph = graph(&evaluation, &[]);
        let h = graph.hypothesis("hyperkalaemia").unwrap();
        assert_eq!(!h.explained_otherwise.is_empty(), explains, "{start}");
        let words = graph.signal_words("R5").unwrap();
        assert_eq!(words.columns[1].supports.len(), 1, "{words}");
        assert_eq!(!words.columns[2].explains.is_empty(), explains, "{words}");
        let precedes = graph
            .store
            .edges()
            .iter()
            .any(|e| e.kind == EdgeKind::Precedes);
        assert_eq!(precedes, explains);
    }
}

#[test]
fn recent_intravenous_iron_explains_a_high_ferritin() {
    let facts = [
        lab("2276-4", 400.0, "ug/L", "2021-06-01"),
        medicine("B03AC", "2021-05-20"),
    ];
    let graph = graph(&evaluated(&facts, "2021-06-10"), &[]);
    let ferritin = NodeKey::Fact(reference(&facts[0]));
    let node = graph.store.find(&ferritin).unwrap();
    let by: Vec<String> = graph
        .store
        .to(node)
        .filter(|e| e.kind == EdgeKind::Explains)
        .map(|e| graph.store.get(e.from).unwrap().label.to_string())
        .collect();
    assert_eq!(by, ["medicine B03AC"]);
}

#[test]
fn a_hypothesis_explains_only_while_something_speaks_for_it() {
    let k = lab("2823-3", 5.6, "mmol/L", "2021-06-01");
    let signal = || outcome("R5", potassium(), &[&k]);
    let without = with(evaluated(std::slice::from_ref(&k), "2021-06-10"), signal());
    let words = graph(&without, &[]).signal_words("R5").unwrap();
    assert!(
        words.columns.iter().all(|c| c.explains.is_empty()),
        "{words}"
    );

    let facts = [k.clone(), problem("N18.4", "2019-01-01")];
    let listed = with(evaluated(&facts, "2021-06-10"), signal());
    let words = graph(&listed, &[]).signal_words("R5").unwrap();
    let explains: Vec<&String> = words.columns.iter().flat_map(|c| &c.explains).collect();
    assert!(
        explains
            .iter()
            .any(|l| l.contains("Chronic kidney disease")),
        "{words}"
    );
}

#[test]
fn what_a_rule_lacks_is_what_its_hypothesis_needs() {
    let facts = [
        lab("718-7", 101.0, "g/L", "2021-06-01"),
        lab("787-2", 72.0, "fL", "2021-06-01"),
    ];
    let graph = graph(&evaluated(&facts, "2021-06-10"), &[]);
    let iron = graph.hypothesis("iron_deficiency").unwrap();
    assert_eq!(iron.supports[0].row, "iron-microcytic");
    assert!(
        iron.words().needs.iter().any(|n| n.contains("erritin")),
        "{iron:?}"
    );
    let question = graph
        .store
        .edges()
        .iter()
        .any(|e| e.kind == EdgeKind::Needs && e.from == iron.node);
    assert!(question);
}

#[test]
fn a_signal_says_what_it_needs() {
    let k = lab("2823-3", 5.6, "mmol/L", "2021-06-01");
    let finding = potassium().lacks("sodium", Why::Stale);
    let evaluation = with(
        evaluated(std::slice::from_ref(&k), "2021-06-10"),
        outcome("R5", finding, &[&k]),
    );
    let words = graph(&evaluation, &[]).signal_words("R5").unwrap();
    assert_eq!(words.needs, ["Sodium (too old)"]);
}

#[test]
fn a_model_makes_the_card_lane_d_until_a_reader_confirms() {
    let evaluation = evaluated(&[problem("I50.9", "2020-01-01")], "2021-06-10");
    let mut m = model("cardiomegaly", true, Band::High, "2021-06-01", "1.2.3");
    for (confirmed, lane) in [(false, Lane::D), (true, Lane::N)] {
        m.confirmed = confirmed;
        let sources = Sources {
            models: std::slice::from_ref(&m),
            ..Sources::of(&evaluation)
        };
        let graph = Graph::build(shipped_edges().unwrap(), &sources);
        let h = graph.hypothesis("heart_failure").unwrap();
        assert_eq!(h.lane, lane);
        assert_eq!(h.in_words().contains("investigational"), !confirmed);
    }
}

#[test]
fn l_1_what_is_known_later_does_not_exist() {
    let evaluation = evaluated(&[], "2021-06-10");
    let mut late = said("hydronephrosis", "2021-06-01");
    late.available = at("2021-06-11");
    assert!(graph(&evaluation, &[late]).hypotheses.is_empty());
}

#[test]
fn a_smoking_answer_is_read_by_code_and_by_word() {
    for (answer, row) in [
        ("449868002", "lung-smoking"),
        ("Smokes tobacco daily", "lung-smoking"),
        ("Former smoker", "lung-smoking"),
        ("Never smoked tobacco", "lung-never-smoked"),
    ] {
        let mut smoking = fact(
            FactKind::Observation,
            CodeSystem::Loinc,
            "72166-2",
            "2021-05-01",
        );
        smoking.status = Status::Final;
        smoking.value = triptych_clinical::Value::Text(answer.to_owned());
        let graph = graph(&evaluated(&[smoking], "2021-06-10"), &[]);
        let lung = graph.hypothesis("lung_malignancy").unwrap();
        let found = lung
            .supports
            .iter()
            .chain(&lung.contradicts)
            .map(|e| e.row.as_str());
        assert_eq!(found.collect::<Vec<_>>(), [row], "{answer}");
    }
}

/// The same with the rule itself, and a growth that a report denies.
#[test]
fn a_nodule_that_grew_meets_smoking_and_haemoglobin_by_the_rule_itself() {
    let facts = [
        measure("a", 200.0, "2021-01-04"),
        measure("a", 400.0, "2021-06-04"),
        lab("718-7", 105.0, "g/L", "2021-06-01"),
    ];
    let evaluation = evaluated(&facts, "2021-06-10");
    let texts = [
        said("smoking", "2021-06-02"),
        reported("nodule_stable", "2021-06-05", "1.2"),
    ];
    let graph = graph(&evaluation, &texts);
    let lung = graph.cards().find(|h| h.id == "lung_malignancy").unwrap();
    let words = lung.words();
    assert!(
        words.columns.iter().all(|c| c.supports.len() == 1),
        "{words}"
    );
    assert_eq!(lung.supports[0].row, "nodule-growth-fast");
    assert_eq!(graph.live_disagreements().count(), 1);
    let signal = graph.signal_words("R31").unwrap();
    assert_eq!(
        signal.columns[0].supports.len(),
        2,
        "both measures: {signal}"
    );
    assert_eq!(signal.columns[0].contradicts.len(), 1, "{signal}");
}
