//! The whole way from facts of the archive to cards: what was known then, who is pointed at, what the coverage line says.
#![allow(clippy::unwrap_used, clippy::panic)]

use triptych_clinical::{
    CodeSystem, Coding, DocumentHash, Fact, FactId, FactKind, Identity, IndexTime, Origin,
    Provenance, Quantity, Sex, Status, Value, When,
};
use triptych_reasoning::{
    Evaluation, K3, Settings, Verdict, evaluate_all, pathways, reference_change, rules,
};

fn when(text: &str) -> When {
    When::parse(text).unwrap()
}

fn at(text: &str) -> IndexTime {
    when(text).instant
}

fn fact(kind: FactKind, system: CodeSystem, code: &str, time: &str) -> Fact {
    Fact {
        codes: vec![Coding::new(system, code)].into(),
        effective: Some(when(time)),
        available: when(time),
        status: if kind == FactKind::Observation {
            Status::Final
        } else {
            Status::Active
        },
        ..Fact::new(
            FactId::of(&["test", code, time]),
            kind,
            at("2030-01-01"),
            Provenance::new(DocumentHash([0; 32]), "", None),
        )
    }
}

fn lab(code: &str, value: f64, unit: &str, time: &str) -> Fact {
    Fact {
        value: Value::Quantity(Quantity {
            value,
            written: value.to_string().into(),
            comparator: None,
            unit: Some(unit.to_owned().into()),
            unit_text: None,
        }),
        ..fact(FactKind::Observation, CodeSystem::Loinc, code, time)
    }
}

fn man() -> Identity {
    Identity {
        birth_date: Some(when("1966-01-15")),
        sex: Sex::Male,
        ..Identity::default()
    }
}

/// Metformin under its RxNorm product code, falling kidney function, an acute injury on top.
fn kidneys() -> Vec<Fact> {
    let mut metformin = fact(
        FactKind::Medication,
        CodeSystem::RxNorm,
        "860975",
        "2021-01-01",
    );
    metformin.display = "Metformin ER 500 mg".to_owned().into();
    metformin
        .attrs
        .insert("dose_mg_day".to_owned(), "2000".to_owned());
    let mut odd = fact(FactKind::Medication, CodeSystem::RxNorm, "1", "2021-01-01");
    odd.display = "Something unmapped".to_owned().into();
    vec![
        metformin,
        odd,
        lab("2160-0", 1.6, "mg/dL", "2023-01-01T08:00:00Z"),
        lab("2160-0", 1.9, "mg/dL", "2023-06-01T08:00:00Z"),
        lab("2160-0", 3.1, "mg/dL", "2023-09-01T08:00:00Z"),
    ]
}

fn evaluate(facts: &[Fact], then: &str) -> Evaluation {
    evaluate_all(facts, &man(), at(then), &Settings::default())
}

fn rules(evaluation: &Evaluation) -> Vec<String> {
    evaluation
        .signals
        .iter()
        .map(|s| format!("{} {}", s.rule.id, s.severity))
        .collect()
}

#[test]
fn d_28_cards_come_by_severity_then_newest_input_then_rule() {
    let evaluation = evaluate(&kidneys(), "2023-09-02");
    assert_eq!(rules(&evaluation), ["R15 high", "R3 moderate", "R2 low"]);
    let summary = &evaluation.signals[0].summary;
    assert!(
        summary.starts_with("Metformin with acute kidney injury criterion, stage 1"),
        "{summary}"
    );
}

#[test]
fn h_r11_nothing_known_later_exists_at_an_earlier_time() {
    let june = evaluate(&kidneys(), "2023-06-10");
    assert_eq!(rules(&june), ["R3 moderate", "R15 moderate", "R1 low"]);
    assert!(evaluate(&kidneys(), "2020-01-01").signals.is_empty());
    // Collected in June, known in July.
    let mut late = kidneys();
    late[3].available = when("2023-07-01");
    assert_eq!(
        rules(&evaluate(&late, "2023-06-10")),
        rules(&evaluate(&late[..3], "2023-06-10"))
    );
}

#[test]
fn d_34_a_newer_version_replaces_the_older_one_and_an_error_removes_it() {
    let mut facts = kidneys();
    let mut corrected = facts[4].clone();
    corrected.version = 2;
    corrected.status = Status::Corrected;
    corrected.available = when("2023-09-03");
    corrected.value = lab("2160-0", 1.9, "mg/dL", "2023-09-01").value;
    facts.push(corrected.clone());
    assert_eq!(
        rules(&evaluate(&facts, "2023-09-02")),
        ["R15 high", "R3 moderate", "R2 low"]
    );
    assert_eq!(
        rules(&evaluate(&facts, "2023-09-04")),
        ["R3 moderate", "R15 moderate", "R1 low"]
    );
    corrected.status = Status::EnteredInError;
    let last = facts.len() - 1;
    facts[last] = corrected;
    let without = kidneys();
    assert_eq!(
        rules(&evaluate(&facts, "2023-09-04")),
        rules(&evaluate(&without[..4], "2023-09-04"))
    );
}

#[test]
fn d_07_every_basis_item_names_its_fact_and_version() {
    let evaluation = evaluate(&kidneys(), "2023-09-02");
    let ids: Vec<FactId> = kidneys().iter().map(|f| f.id).collect();
    for signal in &evaluation.signals {
        assert!(!signal.basis.items.is_empty(), "{}", signal.rule.id);
        for item in &signal.basis.items {
            let fact = item.fact.unwrap();
            assert!(ids.contains(&fact.id) && fact.version == 1, "{item:?}");
            assert!(item.time.is_some() && !item.age.is_empty() && !item.role.is_empty());
        }
    }
}

#[test]
fn d_06_a_basis_has_steps_thresholds_exclusions_limits_source_and_review_date() {
    let evaluation = evaluate(&kidneys(), "2023-09-02");
    for outcome in &evaluation.outcomes {
        let b = &outcome.basis;
        assert!(!b.citation.is_empty() && !b.thresholds.is_empty() && !b.limits.is_empty());
        assert_eq!(
            (b.valid_until.len(), b.input_hash.len(), b.past_review),
            (10, 64, false)
        );
        assert!(!b.exclusions.is_empty(), "{}", outcome.rule.id);
    }
    let aki = evaluation
        .signals
        .iter()
        .find(|s| s.rule.id == "R2")
        .unwrap();
    assert!(
        aki.basis.steps.iter().any(|s| s.starts_with("ratio 1.77 ")),
        "{:?}",
        aki.basis.steps
    );
    assert!(
        evaluate(&kidneys(), "2027-03-02")
            .outcomes
            .iter()
            .all(|o| o.basis.past_review)
    );
}

#[test]
fn d_30_the_input_hash_depends_on_inputs_and_on_nothing_else() {
    let hash = |facts: &[Fact], then: &str, rule: &str| {
        let evaluation = evaluate(facts, then);
        let outcome = evaluation
            .outcomes
            .into_iter()
            .find(|o| o.rule.id == rule)
            .unwrap();
        outcome.basis.input_hash
    };
    let facts = kidneys();
    let mut shuffled = facts.clone();
    shuffled.reverse();
    assert_eq!(
        hash(&facts, "2023-09-02", "R2"),
        hash(&shuffled, "2023-09-02", "R2")
    );
    // Time passes, or something the rule does not look at arrives: the same hash.
    assert_eq!(
        hash(&facts, "2023-09-02", "R2"),
        hash(&facts, "2023-09-03", "R2")
    );
    let mut more = facts.clone();
    more.push(lab("2823-3", 4.4, "mmol/L", "2023-09-01"));
    assert_eq!(
        hash(&facts, "2023-09-02", "R2"),
        hash(&more, "2023-09-02", "R2")
    );
    more.push(lab("2160-0", 1.1, "mg/dL", "2019-09-01"));
    assert_ne!(
        hash(&facts, "2023-09-02", "R2"),
        hash(&more, "2023-09-02", "R2")
    );
    assert_ne!(
        hash(&facts, "2023-09-02", "R2"),
        hash(&facts, "2023-09-02", "R1")
    );
}

#[test]
fn d_03_the_coverage_line_counts_every_rule_and_names_what_is_not_mapped() {
    let evaluation = evaluate(&kidneys(), "2023-09-02");
    let c = &evaluation.coverage;
    let built = rules::RULES.len();
    assert_eq!(c.rules, built);
    assert_eq!(
        c.fired + c.silent + c.cannot_tell + c.excluded + c.off + c.passive + c.failed,
        built
    );
    assert_eq!(c.rows.len(), built);
    assert_eq!(
        c.line(),
        format!(
            "{built} rules: {} fired (1 as marks in labs), {} silent, {} cannot tell, 2 off (lane T); 1 medicine not mapped",
            c.fired, c.silent, c.cannot_tell
        )
    );
    // R2, R3, R15 and R25 have something to say of this record; R1 lacks a steady state, R4 an albumin/creatinine ratio.
    let said = |start: &str| c.rows.iter().filter(|(_, w)| w.starts_with(start)).count();
    assert_eq!((c.fired, said("cannot tell")), (4, c.cannot_tell));
    assert_eq!(c.unmapped_medicines, ["Something unmapped"]);
    for missing in [
        "Albumin/creatinine ratio",
        "a creatinine in steady state (acute kidney injury criterion met)",
    ] {
        assert!(c.needs().contains(missing), "{}", c.needs());
    }
}

#[test]
fn d_35_facts_from_text_are_inert_until_confirmed() {
    let mut facts = kidneys();
    facts[0].origin = Origin::Note;
    assert!(
        rules(&evaluate(&facts, "2023-06-10"))
            .iter()
            .all(|r| !r.starts_with("R15"))
    );
    facts[0].confirmed = Some(triptych_clinical::Confirmation {
        by: "reader".to_owned(),
        at: at("2023-06-09"),
    });
    assert!(rules(&evaluate(&facts, "2023-06-10")).contains(&"R15 moderate".to_owned()));
    assert!(
        rules(&evaluate(&facts, "2023-06-05"))
            .iter()
            .all(|r| !r.starts_with("R15"))
    );
}

#[test]
fn r25_marks_the_labs_leaf_and_never_makes_a_card() {
    let evaluation = evaluate(&kidneys(), "2023-09-02");
    assert!(evaluation.signals.iter().all(|s| s.rule.id != "R25"));
    let [mark] = &evaluation.reference_changes[..] else {
        panic!("one analyte is present");
    };
    assert_eq!(
        (mark.analyte, mark.verdict()),
        (Some("creatinine"), Verdict::Fires)
    );
    assert_eq!(mark.finding.result["verdict"], "rise");
    let direct = reference_change(&evaluation.chart, &Settings::default(), "creatinine").unwrap();
    assert_eq!(direct.finding.result, mark.finding.result);
    assert!(reference_change(&evaluation.chart, &Settings::default(), "lithium").is_none());
}

#[test]
fn h_r05_without_sex_and_birth_date_rules_say_what_they_need() {
    let evaluation = evaluate_all(
        &kidneys(),
        &Identity::default(),
        at("2023-06-10"),
        &Settings::default(),
    );
    assert!(evaluation.signals.is_empty());
    assert_eq!(evaluation.coverage.needs(), "needs: birth date");
    let unknown_sex = Identity {
        sex: Sex::Unknown,
        ..man()
    };
    let evaluation = evaluate_all(
        &kidneys(),
        &unknown_sex,
        at("2023-06-10"),
        &Settings::default(),
    );
    let metformin = evaluation
        .outcomes
        .iter()
        .find(|o| o.rule.id == "R15")
        .unwrap();
    assert!(
        metformin.finding.range.contains_key("egfr"),
        "{metformin:?}"
    );
}

#[test]
fn pathways_apply_to_the_same_patient_with_options_by_id() {
    let evaluation = evaluate(&kidneys(), "2023-06-10");
    let views = pathways::views(pathways::shipped().unwrap(), &evaluation);
    let [metformin] = &views[..] else {
        panic!("only the metformin pack applies: {views:?}");
    };
    assert_eq!(
        (metformin.id.as_str(), metformin.applies),
        ("metformin-kidney", K3::True)
    );
    let node = metformin
        .nodes
        .iter()
        .find(|n| n.id == "n2-30to44")
        .unwrap();
    assert_eq!(
        node.say,
        "eGFR 41 mL/min/1.73 m², recorded dose 2000 mg/d. In this band the label advises against starting; going on is weighed by benefit and risk."
    );
    let ids: Vec<&str> = node.options.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(ids, ["a-lower-dose", "b-replace", "z-no-action"]);
    assert!(node.options.iter().all(|o| o.stale.is_none()));
    let replace = &node.options[1];
    assert_eq!(replace.supports[0].met, K3::True, "50 to 41 in 151 days");
}

#[test]
fn d_11_d_12_every_node_ends_with_no_action_and_no_option_is_hidden() {
    for pack in pathways::shipped().unwrap() {
        let evaluation = evaluate(&kidneys(), "2023-06-10");
        let Some(view) = pack.view(&evaluation) else {
            continue;
        };
        for node in view.nodes {
            assert!(node.options.len() >= 2, "{}", node.id);
            let last = node.options.last().unwrap();
            assert_eq!(
                (last.kind.as_str(), last.title.as_str()),
                ("none", "No action: record reason")
            );
        }
    }
}

#[test]
fn two_values_of_one_instant_are_both_named() {
    let mut facts = kidneys();
    let mut twin = lab("38483-4", 1.2, "mg/dL", "2023-06-01T08:00:00Z");
    // Recorded earlier than the one that is used.
    twin.available = when("2023-05-31T08:00:00Z");
    facts.push(twin);
    let evaluation = evaluate(&facts, "2023-06-10");
    let egfr = evaluation
        .outcomes
        .iter()
        .find(|o| o.rule.id == "R1")
        .unwrap();
    assert_eq!(egfr.finding.result["egfr"], 41);
    assert!(
        egfr.basis.limits.contains(
            &"Creatinine of the same instant has another value too: 1.2 mg/dL".to_owned()
        ),
        "{:?}",
        egfr.basis.limits
    );
}

/// What is over today was in force before its end, and the record says so at that time.
#[test]
fn h_r11_a_medicine_that_ended_later_was_active_then() {
    let mut facts = kidneys();
    facts[0].status = Status::Completed;
    facts[0].end = Some(when("2023-08-01"));
    assert!(rules(&evaluate(&facts, "2023-06-10")).contains(&"R15 moderate".to_owned()));
    assert!(
        rules(&evaluate(&facts, "2023-09-02"))
            .iter()
            .all(|r| !r.starts_with("R15"))
    );
}

/// An LDL cholesterol below the limit says that it is not severe; one that is only known to lie below a number above it says nothing.
#[test]
fn r21_an_ldl_below_the_limit_answers_whether_it_is_severe() {
    let mut ldl = lab("13457-7", 130.0, "mg/dL", "2023-08-01");
    let answer = |ldl: &Fact| {
        let facts = [ldl.clone(), lab("2093-3", 210.0, "mg/dL", "2023-08-01")];
        let evaluation = evaluate(&facts, "2023-09-01");
        let outcome = evaluation.outcomes.iter().find(|o| o.rule.id == "R21");
        let value = outcome.unwrap().finding.result.get("severe_ldl").cloned();
        value.and_then(|v| v.as_bool())
    };
    assert_eq!(answer(&ldl), Some(false));
    if let Value::Quantity(q) = &mut ldl.value {
        q.value = 300.0;
        q.comparator = Some(triptych_clinical::Comparator::Below);
    }
    assert_eq!(answer(&ldl), None);
    if let Value::Quantity(q) = &mut ldl.value {
        q.comparator = None;
    }
    assert_eq!(answer(&ldl), Some(true));
}
