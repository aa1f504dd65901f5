//! Leakage tests L-1 to L-8: each holds on a clean cohort, and does not where there is something to find.

use super::{day, fact, hba1c, lab, problem, protocol, subject, visit};
use crate::lead_time::leakage::{LeakTest, Replayed};
use crate::lead_time::observed::batches;
use crate::lead_time::replay::{Step, index_times, replay};
use crate::lead_time::{Protocol, Refused, SignKind, Subject, run};
use triptych_clinical::{CodeSystem, FactKind, Instant, Origin, When};

fn cohort() -> Vec<Subject> {
    let life = |n: u32| {
        let shift = i64::from(n) * 13;
        let facts = vec![
            visit(0),
            hba1c(7.1, 470 + shift),
            lab("2160-0", 1.9, "mg/dL", 480 + shift),
            hba1c(7.3, 500 + shift),
            lab("718-7", 101.0, "g/L", 520 + shift),
            lab("2160-0", 1.8, "mg/dL", 600 + shift),
            problem("E11.9", 700 + shift),
            visit(4000),
        ];
        subject(n, facts)
    };
    (1..=5).map(life).collect()
}

const RULES: [&str; 4] = ["R2", "R3", "R16", "R19"];

/// The tests over a replay that `tamper` may change: what a leak would do to it.
fn tests_of(
    subjects: &[Subject],
    protocol: &Protocol,
    tamper: impl Fn(&mut Vec<Step>),
) -> Vec<LeakTest> {
    let times: Vec<Vec<Instant>> = subjects
        .iter()
        .map(|s| index_times(&s.facts, protocol.from, protocol.to))
        .collect();
    let steps: Vec<Vec<Step>> = subjects
        .iter()
        .zip(&times)
        .map(|(s, t)| {
            let mut steps = replay(
                &s.facts,
                &s.identity,
                &protocol.rules,
                &protocol.settings,
                t,
            );
            tamper(&mut steps);
            steps
        })
        .collect();
    let replayed = Replayed {
        subjects,
        times: &times,
        steps: &steps,
        protocol,
    };
    replayed
        .test(0, 0, &crate::lead_time::manifest::rules_hash(protocol))
        .0
}

#[track_caller]
fn held(tests: &[LeakTest], id: &str) -> bool {
    let test = tests.iter().find(|t| t.id == id).unwrap();
    assert!(test.tried > 0, "{id} was not tried");
    test.held
}

/// What the rules would have said had they seen the whole life at every index time: a replay that looks ahead.
fn looking_ahead(subjects: &[Subject], protocol: &Protocol) -> Vec<LeakTest> {
    let mut known_at_once = subjects.to_vec();
    for life in &mut known_at_once {
        let first = life
            .facts
            .iter()
            .map(|f| f.available)
            .min_by_key(|w| w.instant)
            .unwrap();
        for f in &mut life.facts {
            f.available = first;
        }
    }
    let all: Vec<Vec<Step>> = subjects
        .iter()
        .zip(&known_at_once)
        .map(|(s, ahead)| {
            let times = index_times(&s.facts, protocol.from, protocol.to);
            replay(
                &ahead.facts,
                &s.identity,
                &protocol.rules,
                &protocol.settings,
                &times,
            )
        })
        .collect();
    let next = std::cell::Cell::new(0);
    tests_of(subjects, protocol, |steps| {
        *steps = all[next.get()].clone();
        next.set(next.get() + 1);
    })
}

#[test]
fn l_1_shift_deleting_later_facts_changes_nothing_earlier() {
    let (subjects, protocol) = (cohort(), protocol(&RULES));
    assert!(held(&tests_of(&subjects, &protocol, |_| {}), "L-1"));
    // Problems and results in force before they were recorded.
    let mut late = subjects;
    for life in &mut late {
        life.facts[6].effective = Some(When::at(day(10)));
    }
    assert!(!held(&looking_ahead(&late, &protocol), "L-1"));
    assert!(!held(
        &tests_of(&late, &protocol, |s| s[3].ahead = 1),
        "L-1"
    ));
}

#[test]
fn l_2_poison_known_later_changes_nothing_earlier() {
    let (subjects, protocol) = (cohort(), protocol(&RULES));
    assert!(held(&tests_of(&subjects, &protocol, |_| {}), "L-2"));
    assert!(!held(
        &tests_of(&subjects, &protocol, |s| s
            .iter_mut()
            .for_each(|s| s.digest[0] ^= 1)),
        "L-2"
    ));
}

#[test]
fn l_3_late_documents_are_invisible_before_their_recording() {
    let (mut subjects, protocol) = (cohort(), protocol(&RULES));
    for life in &mut subjects {
        // Diabetes since long, recorded at day 700: R19 fires before and is silent after.
        life.facts[6].effective = Some(When::at(day(10)));
    }
    let tests = tests_of(&subjects, &protocol, |_| {});
    assert!(held(&tests, "L-3"));
    assert!(
        tests
            .iter()
            .any(|t| t.id == "L-3" && t.words.contains("; 5 problems"))
    );
    assert!(!held(&looking_ahead(&subjects, &protocol), "L-3"));
    let report = run(&subjects, &protocol).unwrap();
    let diabetes = report
        .conditions
        .iter()
        .find(|c| c.id == "type_2_diabetes")
        .unwrap();
    assert_eq!(diabetes.counts.early, 5);
}

#[test]
fn l_4_corrected_results_act_from_their_own_time_on() {
    let (mut subjects, protocol) = (cohort(), protocol(&RULES));
    for life in &mut subjects {
        // The second HbA1c was 7.3 until it was corrected to 5.3, a year before the diagnosis.
        let mut corrected = life.facts[3].clone();
        corrected.version = 2;
        corrected.available = When::at(corrected.available.instant.plus_days(20));
        if let triptych_clinical::Value::Quantity(q) = &mut corrected.value {
            q.value = 5.3;
        }
        life.facts.push(corrected);
    }
    let tests = tests_of(&subjects, &protocol, |_| {});
    assert!(held(&tests, "L-4"));
    assert!(
        tests
            .iter()
            .any(|t| t.id == "L-4" && t.words.contains("; 5 data"))
    );
    assert!(!held(&looking_ahead(&subjects, &protocol), "L-4"));
    let fires = |at: i64| {
        let s = &subjects[0];
        let steps = replay(
            &s.facts,
            &s.identity,
            &protocol.rules,
            &protocol.settings,
            &[day(at + 13)],
        );
        steps[0]
            .said
            .iter()
            .any(|said| protocol.rules[said.rule].id == "R19" && said.severity.is_some())
    };
    assert!(!fires(499));
    assert!(
        fires(500) && fires(519),
        "the first version acts until its correction"
    );
    assert!(!fires(520));
}

#[test]
fn l_5_a_rule_that_reads_its_outcome_is_marked_circular() {
    let report = run(&cohort(), &protocol(&RULES)).unwrap();
    let circular = |id: &str| {
        let c = report.conditions.iter().find(|c| c.id == id).unwrap();
        c.circular.clone()
    };
    assert_eq!(circular("type_2_diabetes"), [SignKind::Diagnosis]);
    assert_eq!(circular("aki"), [], "R2 reads creatinine alone");
}

#[test]
fn l_6_a_migration_day_is_found_excluded_and_counted() {
    let mut subjects = cohort();
    let mut before = Vec::new();
    for life in &mut subjects {
        // Ten results on days of their own, and four more of an older system that all came on one day.
        life.facts.extend((0..10).map(|k| {
            lab(
                "2823-3",
                4.0,
                "mmol/L",
                900 + k * 17 + i64::from(life.number),
            )
        }));
        before.push(life.clone());
        for k in 0..4 {
            let mut old = lab("2823-3", 4.1, "mmol/L", 20 + k);
            old.available = When::at(day(1500));
            life.facts.push(old);
        }
    }
    assert_eq!(batches(&before).1, 0);
    let (days, facts) = batches(&subjects);
    assert_eq!(
        (days.len(), facts),
        (5, 20),
        "4 of 19 results of each of five patients"
    );
    // An outcome that is timed by that day is none.
    for life in &mut subjects {
        life.facts[6].available = When::at(day(1500));
    }
    let report = run(&subjects, &protocol(&["R19"])).unwrap();
    assert_eq!(
        (
            report.conditions[0].counts.batch,
            report.conditions[0].counts.incident
        ),
        (5, 0)
    );
    assert!(
        report
            .leakage
            .iter()
            .any(|t| t.id == "L-6" && t.words.starts_with("20 facts"))
    );
}

#[test]
fn l_7_a_protocol_that_was_changed_gives_no_report() {
    let mut p = protocol(&RULES);
    let fixed = run(&cohort(), &p).unwrap().manifest.rules_hash;
    p.fixed = Some(fixed.clone());
    assert!(run(&cohort(), &p).is_ok());
    p.settings.ferritin_low = 45.0;
    let Err(Refused::Leak(tests)) = run(&cohort(), &p) else {
        panic!("another threshold is another protocol");
    };
    assert!(!held(&tests, "L-7"));
    // Other data are not another protocol, and are another manifest.
    let other = run(&cohort()[..3], &protocol(&RULES)).unwrap().manifest;
    assert_eq!(other.rules_hash, fixed);
    assert_ne!(
        other.data_hash,
        run(&cohort(), &protocol(&RULES))
            .unwrap()
            .manifest
            .data_hash
    );
}

#[test]
fn l_8_what_a_model_made_is_no_input() {
    let mut subjects = cohort();
    let clean = run(&subjects, &protocol(&RULES)).unwrap();
    for life in &mut subjects {
        let mut model = fact(FactKind::Problem, CodeSystem::Icd10, "E11", 400);
        model.origin = Origin::Model;
        life.facts.push(model);
    }
    let with = run(&subjects, &protocol(&RULES)).unwrap();
    assert_eq!(with.conditions, clean.conditions);
    let l_8 = with.leakage.iter().find(|t| t.id == "L-8").unwrap();
    assert!(l_8.held && l_8.words.contains("5 facts"), "{}", l_8.words);
}
