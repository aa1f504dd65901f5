//! The definitions of 10.2, each at its edge. R19 fires at the second abnormal HbA1c.

use super::{fact, hba1c, lab, only, problem, protocol, report, subject, visit};
use crate::lead_time::judge::{Detection, detection};
use crate::lead_time::{CohortFile, ProtocolError, State, Subject, run};
use triptych_clinical::{CodeSystem, Fact, FactKind, Status};

/// Two abnormal results, so that R19 fires at `second`; a diagnosis; observation before and after.
fn diabetic(number: u32, second: i64, diagnosis: i64) -> Subject {
    let facts = vec![
        visit(0),
        hba1c(7.1, second - 30),
        hba1c(7.3, second),
        problem("E11.9", diagnosis),
        visit(diagnosis + 40),
        visit(5000),
    ];
    subject(number, facts)
}

#[test]
fn a_lead_of_seven_days_is_early_and_minus_seven_is_with() {
    for (days, expected) in [
        (7.0, Detection::Early),
        (6.9, Detection::With),
        (-7.0, Detection::With),
        (-7.1, Detection::Late),
    ] {
        assert_eq!(detection(days), expected, "{days}");
    }
}

#[test]
fn the_lead_is_the_outcome_minus_the_first_fire_in_days() {
    let c = only(&["R19"], &[diabetic(1, 500, 700), diabetic(2, 600, 650)]);
    assert_eq!(
        (c.counts.at_risk, c.counts.incident, c.counts.early),
        (2, 2, 2)
    );
    let lead = c.lead.unwrap();
    assert_eq!(
        (lead.n, lead.median, lead.quartiles),
        (2, 125.0, [87.5, 162.5])
    );
}

#[test]
fn a_fire_more_than_730_days_before_is_a_false_alert_and_no_detection() {
    // 731 days; nothing fires again, since R19 looks back 365 days only.
    let c = only(&["R19"], &[diabetic(1, 500, 1231)]);
    assert_eq!((c.counts.missed, c.counts.early), (1, 0));
    assert_eq!((c.episodes.false_alert, c.episodes.borne_out), (1, 0));
    let c = only(&["R19"], &[diabetic(1, 500, 1230)]);
    assert_eq!((c.counts.missed, c.counts.early), (0, 1));
    assert_eq!((c.episodes.false_alert, c.episodes.borne_out), (0, 1));
}

#[test]
fn the_first_year_of_observation_is_wash_in() {
    // Fires at day 364, one day before the eligibility start, and the next index time is the diagnosis itself.
    let c = only(&["R19"], &[diabetic(1, 364, 380)]);
    assert_eq!((c.counts.incident, c.counts.missed), (1, 1));
    let c = only(&["R19"], &[diabetic(1, 365, 380)]);
    assert_eq!((c.counts.incident, c.counts.early), (1, 1));
}

#[test]
fn an_outcome_before_the_eligibility_start_is_prevalent_and_a_short_record_is_left_out() {
    let short = subject(3, vec![visit(0), visit(100)]);
    let c = only(
        &["R19"],
        &[diabetic(1, 100, 364), diabetic(2, 400, 500), short],
    );
    assert_eq!(
        (c.counts.prevalent, c.counts.not_observed, c.counts.at_risk),
        (1, 1, 1)
    );
}

#[test]
fn a_fire_without_730_days_of_observation_is_indeterminate() {
    // Last fact at day 800: observed until 980.
    let mut facts = vec![visit(0), hba1c(7.1, 370), hba1c(7.3, 400), visit(800)];
    let c = only(&["R19"], &[subject(1, facts.clone())]);
    assert_eq!((c.episodes.indeterminate, c.episodes.false_alert), (1, 0));
    // 400 + 730 = 1130 = 950 + 180.
    facts.push(visit(950));
    let c = only(&["R19"], &[subject(1, facts.clone())]);
    assert_eq!(
        (c.episodes.indeterminate, c.episodes.false_alert),
        (0, 1),
        "1130 is observed"
    );
    let mut dead = subject(1, facts);
    dead.identity.deceased = Some(triptych_clinical::When::at(super::day(960)));
    let c = only(&["R19"], &[dead]);
    assert_eq!(
        (c.episodes.indeterminate, c.episodes.false_alert),
        (1, 0),
        "death ends observation"
    );
}

/// D-30: the same severity within 180 days is the same card.
#[test]
fn repeated_fires_are_one_episode_until_the_card_returns() {
    let life = |visits: &[i64]| {
        let mut facts = vec![visit(0), hba1c(7.1, 370), hba1c(7.3, 400), visit(4000)];
        facts.extend(visits.iter().map(|d| visit(*d)));
        only(&["R19"], &[subject(1, facts)]).episodes.false_alert
    };
    assert_eq!(life(&[]), 1);
    assert_eq!(
        life(&[410, 500, 580]),
        1,
        "580 is 180 days after the card was shown"
    );
    assert_eq!(life(&[410, 500, 581]), 2);
}

#[test]
fn months_run_from_eligibility_to_outcome_or_180_days_after_the_last_fact() {
    let c = only(&["R19"], &[subject(1, vec![visit(0), visit(1000)])]);
    // 365 to 1180.
    assert!(
        (c.burden.months - 815.0 / 30.44).abs() < 1e-9,
        "{}",
        c.burden.months
    );
    let c = only(&["R19"], &[diabetic(1, 500, 700)]);
    assert!(
        (c.burden.months - 335.0 / 30.44).abs() < 1e-9,
        "{}",
        c.burden.months
    );
}

#[test]
fn the_outcome_is_when_it_was_recorded_and_not_its_onset() {
    let mut life = diabetic(1, 500, 700);
    life.facts[3].effective = Some(triptych_clinical::When::at(super::day(-3000)));
    let c = only(&["R19"], &[life]);
    assert_eq!(c.lead.unwrap().median, 200.0);
}

#[test]
fn a_diagnosis_that_was_withdrawn_is_no_outcome() {
    let mut life = diabetic(1, 500, 700);
    let mut withdrawn = life.facts[3].clone();
    withdrawn.version = 2;
    withdrawn.status = Status::EnteredInError;
    withdrawn.available = triptych_clinical::When::at(super::day(720));
    life.facts.push(withdrawn);
    assert_eq!(only(&["R19"], &[life]).counts.incident, 0);
}

#[test]
fn a_first_treatment_counts_by_its_atc_code_and_rxnorm_product() {
    let start = |system, code: &str| {
        let mut life = diabetic(1, 500, 700);
        life.facts[3] = Fact {
            status: Status::Active,
            ..fact(FactKind::Medication, system, code, 700)
        };
        only(&["R19"], &[life]).counts
    };
    for counts in [
        start(CodeSystem::Atc, "A10BA02"),
        start(CodeSystem::RxNorm, "860975"),
    ] {
        assert_eq!(
            (counts.incident, counts.early, counts.by_diagnosis),
            (1, 1, 0)
        );
    }
    assert_eq!(start(CodeSystem::Atc, "C10AA01").incident, 0);
}

#[test]
fn an_endoscopy_counts_for_iron_deficiency_only_after_an_anaemia() {
    let colonoscopy = |hb: f64, hb_day: i64| {
        let mut facts = vec![visit(0), lab("718-7", hb, "g/L", hb_day), visit(3000)];
        facts.push(fact(
            FactKind::Procedure,
            CodeSystem::Snomed,
            "73761001",
            900,
        ));
        only(&["R16"], &[subject(1, facts)]).counts.incident
    };
    assert_eq!(colonoscopy(105.0, 800), 1);
    assert_eq!(colonoscopy(125.0, 800), 0, "above the limit in a woman");
    assert_eq!(colonoscopy(105.0, 500), 0, "more than a year before");
}

/// R16 asks for ferritin at the anaemia; the ferritin that came later was low; the diagnosis came after that.
#[test]
fn needs_x_lead_counts_from_the_question_and_is_kept_apart() {
    let life = |ferritin: f64| {
        let facts = vec![
            visit(0),
            lab("718-7", 100.0, "g/L", 500),
            lab("787-2", 74.0, "fL", 500),
            lab("2276-4", ferritin, "ug/L", 560),
            problem("D50.9", 600),
            visit(3000),
        ];
        only(&["R16"], &[subject(1, facts)])
    };
    let c = life(8.0);
    assert_eq!(c.needs_lead.map(|s| s.median), Some(100.0));
    assert_eq!(c.lead.map(|s| s.median), Some(40.0));
    assert_eq!(life(90.0).needs_lead, None);
}

#[test]
fn the_laboratorys_own_flag_is_the_comparator() {
    let mut life = diabetic(1, 500, 700);
    life.facts[1].flag = Some("H".to_owned().into());
    let c = only(&["R19"], &[life]);
    assert_eq!(
        (c.first_flag.flagged, c.first_flag.lead.map(|s| s.median)),
        (1, Some(230.0))
    );
    assert_eq!(
        only(&["R19"], &[diabetic(1, 500, 700)])
            .first_flag
            .flags_in_cohort,
        0
    );
}

#[test]
fn a_rule_that_is_silent_for_a_known_condition_is_told_apart() {
    // Second abnormal result and diagnosis in one instant: R19 sees the diagnosis and is silent.
    let c = only(&["R19"], &[diabetic(1, 700, 700)]);
    assert_eq!((c.counts.missed, c.counts.with), (1, 0));
    let withheld = c.withheld.unwrap();
    assert_eq!((withheld.with, withheld.missed), (1, 0));
}

#[test]
fn no_percentage_is_said_below_twenty_events() {
    let cohort = |n: u32| {
        let all: Vec<Subject> = (1..=n)
            .map(|k| diabetic(k, 500 + i64::from(k), 700))
            .collect();
        only(&["R19"], &all)
    };
    let few = cohort(19);
    assert_eq!((few.sensitivity.events, few.sensitivity.of), (19, 19));
    assert_eq!(
        (few.sensitivity.percent, few.sensitivity.interval),
        (None, None)
    );
    assert!(few.curve.iter().all(|p| p.detected.percent.is_none()));
    let enough = cohort(20);
    assert_eq!(enough.sensitivity.percent, Some(100.0));
    assert_eq!(enough.sensitivity.interval, Some([100.0, 100.0]));
    assert_eq!(enough.predictive_value.percent, Some(100.0));
}

#[test]
fn cells_below_eleven_are_suppressed_with_their_complement() {
    let mut cohort: Vec<Subject> = (1..=23).map(|k| diabetic(k, 500, 700)).collect();
    for life in cohort.iter_mut().take(9) {
        life.identity.sex = triptych_clinical::Sex::Male;
    }
    let by_sex = |cohort: &[Subject]| -> Vec<(String, Option<usize>)> {
        let c = only(&["R19"], cohort);
        let sex = c.subgroups.into_iter().filter(|s| s.by == "sex");
        sex.map(|s| (s.group, s.patients)).collect()
    };
    // Nine men would be 23 - 14: both are hidden.
    assert!(by_sex(&cohort).iter().all(|(_, n)| n.is_none()));
    for life in cohort.iter_mut().take(11) {
        life.identity.sex = triptych_clinical::Sex::Male;
    }
    assert_eq!(
        by_sex(&cohort),
        [
            ("female".to_owned(), Some(12)),
            ("male".to_owned(), Some(11))
        ]
    );
}

#[test]
fn an_equal_seed_gives_an_equal_report_and_another_seed_other_draws() {
    // 24 outcomes, of which some are met early, so that draws differ.
    let cohort: Vec<Subject> = (1..=24)
        .map(|k| diabetic(k, 480 + i64::from(k) * 20, 900))
        .collect();
    let once = report(&["R19"], &cohort).files();
    let again = report(&["R19"], &cohort).files();
    assert_eq!(once.named(), again.named());
    let mut other = protocol(&["R19"]);
    other.seed = 2;
    let other = run(&cohort, &other).unwrap();
    let lead = |r: &crate::lead_time::Report| r.conditions[0].lead.clone().unwrap();
    let first = report(&["R19"], &cohort);
    assert_eq!(lead(&first).median, lead(&other).median);
    assert_ne!(first.manifest.manifest_hash, other.manifest.manifest_hash);
    assert_ne!(first.conditions[0].chance, other.conditions[0].chance);
}

/// Alerts at random times of a cohort without any outcome near them find less than those of the rule.
#[test]
fn chance_finds_less_than_a_rule_that_fires_before_each_outcome() {
    let cohort: Vec<Subject> = (1..=30)
        .map(|k| {
            // No two on one day: else that day is a batch (L-6).
            let mut life = diabetic(k, 1900 + i64::from(k) * 2, 2000 + i64::from(k) * 2);
            life.facts.extend((5..180).map(|n| visit(n * 10)));
            life
        })
        .collect();
    let c = only(&["R19"], &cohort);
    assert_eq!(c.counts.early, 30);
    let chance = c.chance.unwrap();
    assert!(chance.detected_mean < 25.0, "{chance:?}");
    assert!(chance.detected_interval[1] < 30.0, "{chance:?}");
}

#[test]
fn a_cohort_file_says_what_cannot_be_used() {
    let last = super::day(5000);
    let of = |text: &str| CohortFile::read(text).and_then(|f| f.protocol(last));
    assert!(matches!(of("nonsense = 1"), Err(ProtocolError::File(_))));
    assert_eq!(
        of("rules = [\"R1\"]").unwrap_err(),
        ProtocolError::Rule("R1".into())
    );
    assert_eq!(
        of("from = \"2015\"").unwrap_err(),
        ProtocolError::Date("2015".into())
    );
    assert_eq!(
        of("severity = \"huge\"").unwrap_err(),
        ProtocolError::Severity("huge".into())
    );
    assert_eq!(
        of("from = \"2016-01-01\"\nto = \"2015-01-01\"").unwrap_err(),
        ProtocolError::Period
    );
    let good = of(
        "rules = [\"r3\", \"R3\"]\nfrom = \"2015-01-01\"\nto = \"2015-01-01\"\nseverity = \"low\"",
    )
    .unwrap();
    assert_eq!(good.rules.len(), 1);
    assert_eq!(good.to.0 - good.from.0, 86_400_000_000 - 1);
}

#[test]
fn the_states_of_patients_are_named() {
    let r = report(
        &["R19"],
        &[diabetic(1, 500, 700), subject(2, vec![visit(0)])],
    );
    let states: Vec<State> = r.per_patient.iter().map(|p| p.judged.state).collect();
    assert_eq!(states, [State::AtRisk, State::NotObserved]);
}
