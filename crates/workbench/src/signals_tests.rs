//! The third leaf over made facts: order, disagreements, answers, what is due, a record that ended long ago.

use triptych_clinical::{CodeSystem, Coding, Identity, Quantity, Sex, Status, Value};
use triptych_reasoning::Settings;

use super::*;
use crate::Acknowledgement;
use crate::chart::made;
use crate::view::Side;
use crate::{texts, weigh};

const NOW: &str = "2021-03-01T12:00:00Z";

fn lab(code: &str, value: f64, unit: &str, date: &str) -> Fact {
    Fact {
        codes: vec![Coding::new(CodeSystem::Loinc, code)].into(),
        value: Value::Quantity(Quantity {
            value,
            written: value.to_string().into(),
            comparator: None,
            unit: Some(unit.into()),
            unit_text: None,
        }),
        ..made::fact(&format!("{code} {date} {value}"), date)
    }
}

fn problem(icd10: &str, date: &str) -> Fact {
    Fact {
        kind: FactKind::Problem,
        codes: vec![Coding::new(CodeSystem::Icd10, icd10)].into(),
        status: Status::Active,
        ..made::fact(icd10, date)
    }
}

fn evaluated(facts: &[Fact], at: &str) -> Evaluation {
    let identity = Identity {
        birth_date: Some(When::parse("1956-01-15").unwrap()),
        sex: Sex::Male,
        ..Identity::default()
    };
    let at = When::parse(at).unwrap().instant;
    triptych_reasoning::evaluate_all(facts, &identity, at, &Settings::default())
}

fn leaf(facts: &[Fact], answers: &Answers, at: &str) -> SignalsView {
    let evaluation = evaluated(facts, at);
    let reasoned = weigh::reason(&evaluation, facts, &[]).unwrap();
    view(&Inputs {
        evaluation: &evaluation,
        facts,
        by_id: &weigh::by_id(facts),
        decisions: &[],
        answers,
        reasoned: Some(&reasoned),
    })
}

fn potassium(value: f64, date: &str) -> Fact {
    lab("2823-3", value, "mmol/L", date)
}

/// D-30: an answered card is withheld while its inputs, or its severity and class, stay; another class brings it back.
#[test]
fn d_30_an_answered_card_returns_only_when_its_outcome_changes() {
    let first = leaf(&[potassium(6.1, "2021-02-28")], &Answers::default(), NOW);
    let card = first.cards.iter().find(|c| c.subject == "R5").unwrap();
    assert_eq!(card.acknowledged, None);
    let mut answers = Answers::default();
    let then = When::parse("2021-03-01").unwrap().instant;
    answers.keep(card, Acknowledgement::Known, then);
    let of = |value: f64, at: &str| {
        let facts = [potassium(value, "2021-02-28")];
        let leaf = leaf(&facts, &answers, at);
        let r5 = leaf.cards.iter().find(|c| c.subject == "R5");
        r5.map(|c| c.acknowledged.clone())
    };
    assert_eq!(of(6.1, NOW), Some(Some("known".to_owned())));
    let lower = leaf(&[potassium(5.6, "2021-02-28")], &answers, NOW);
    let lower = lower.cards.iter().find(|c| c.subject == "R5").unwrap();
    assert_ne!(
        (lower.severity, &lower.outcome),
        (card.severity, &card.outcome),
        "the test needs another outcome"
    );
    assert_eq!(lower.acknowledged, None);
}

/// D-18: diabetes listed and never met is a card of its own with a place for each side.
#[test]
fn d_18_a_disagreement_is_a_card_with_its_sides() {
    let mut facts = vec![problem("E11.9", "2019-01-01")];
    for date in ["2020-06-01", "2020-09-01", "2020-12-01", "2021-02-01"] {
        facts.push(lab("4548-4", 5.2, "%", date));
    }
    let leaf = leaf(&facts, &Answers::default(), NOW);
    let card = leaf.cards.iter().find(|c| c.rule == "D-18").unwrap();
    assert!(card.summary.starts_with("Sources disagree on diabetes"));
    assert_eq!(card.sides.len(), 2, "{:?}", card.sides);
    assert!(
        card.sides
            .iter()
            .any(|s| s.contains("problem list, 2019-01-01"))
    );
    assert!(card.basis.items.iter().all(|i| i.target.is_some()));
    assert!(card.severity <= Some(Severity::Moderate));
}

/// A card names its newest input, not the oldest one that its rule asks for first.
#[test]
fn a_card_names_its_newest_input() {
    let facts = [
        problem("E11.9", "2009-01-01"),
        lab("4548-4", 9.1, "%", "2021-02-01"),
        lab("4548-4", 8.2, "%", "2020-08-01"),
    ];
    let leaf = leaf(&facts, &Answers::default(), NOW);
    let card = leaf.cards.iter().find(|c| c.subject == "R20").unwrap();
    assert!(
        card.basis.items[0].age.contains("years"),
        "{:?}",
        card.basis
    );
    assert!(card.detail.contains("9.1 %"), "{}", card.detail);
    assert!(card.detail.ends_with(" d"), "{}", card.detail);
}

/// D-28: cards come by severity, then newest input, then rule.
#[test]
fn d_28_cards_stand_in_order_of_severity() {
    let facts = [
        potassium(6.8, "2021-02-28"),
        lab("2951-2", 131.0, "mmol/L", "2021-02-27"),
        lab("2160-0", 2.4, "mg/dL", "2021-02-28"),
        lab("2160-0", 1.0, "mg/dL", "2021-02-26"),
    ];
    let leaf = leaf(&facts, &Answers::default(), NOW);
    assert!(leaf.cards.len() >= 2, "{:?}", leaf.cards.len());
    let severities: Vec<_> = leaf.cards.iter().map(|c| c.severity).collect();
    assert!(severities.is_sorted_by(|a, b| a >= b), "{severities:?}");
}

/// One reasoning system: a card's statements carry date, source and a place to jump to.
#[test]
fn what_a_card_rests_on_stands_for_it_with_date_and_place() {
    let leaf = leaf(&[potassium(6.1, "2021-02-28")], &Answers::default(), NOW);
    let card = leaf.cards.iter().find(|c| c.subject == "R5").unwrap();
    let [_, labs, _] = &card.weighing.columns;
    let statement = labs.iter().find(|s| s.side == Side::For).unwrap();
    assert_eq!(statement.date, "2021-02-28");
    assert!(matches!(statement.target, Some(Target::Lab { .. })));
}

/// D-10: nobody is asked about a record that holds nothing.
#[test]
fn d_10_a_record_without_data_has_no_questions() {
    let leaf = leaf(&[], &Answers::default(), NOW);
    assert_eq!(leaf.pathways.len(), 0);
    assert!(leaf.newest.is_none());
}

#[test]
fn a_record_that_ended_long_ago_offers_the_time_of_its_newest_entry() {
    let facts = [potassium(4.1, "2019-01-01"), potassium(4.2, "2021-03-12")];
    let evaluation = evaluated(&facts, "2026-11-23");
    let newest = newest_entry(&facts, evaluation.chart.at).unwrap();
    assert_eq!(
        (newest.date.as_str(), newest.age.as_str()),
        ("2021-03-12", "5.7 y")
    );
    let entry = When::parse("2021-03-12").unwrap().instant;
    assert!(newest.then > entry && newest.then < entry.plus_days(1));
    let soon = When::parse("2021-06-01").unwrap().instant;
    assert!(newest_entry(&facts, soon).is_none());
}

/// Negation and the span of the sentence come along; a note is not a report about images.
#[test]
fn a_note_states_what_it_says_and_how() {
    let text = "Progress note. The patient denies weight loss.";
    let note = Fact {
        kind: FactKind::Note,
        text: Some(text.to_owned()),
        ..made::fact("note", "2021-02-01")
    };
    let said = texts::assertions(&[note]);
    let loss = said.iter().find(|a| a.concept == "weight_loss").unwrap();
    assert!(loss.said.negated && !loss.report && !loss.confirmed);
    let span = usize::try_from(loss.span.start).unwrap()..usize::try_from(loss.span.end).unwrap();
    assert!(text[span].contains("denies weight loss"));
}

/// Lane T is silent while it is off, and never among the cards.
#[test]
fn lane_t_is_off_and_apart() {
    let leaf = leaf(&[potassium(6.1, "2021-02-28")], &Answers::default(), NOW);
    assert!(!leaf.time_critical.on && leaf.time_critical.cards.is_empty());
    assert!(leaf.cards.iter().all(|c| c.lane != Lane::T));
    assert!(leaf.coverage.contains("off (lane T)"), "{}", leaf.coverage);
}

/// A steady eGFR of 34 over nine months, with an albumin/creatinine ratio: several rules rest on the newest creatinine.
fn kidneys() -> Vec<Fact> {
    let dates = ["2020-05-01", "2020-08-01", "2020-11-01", "2021-02-01"];
    let mut facts: Vec<Fact> = dates.map(|d| lab("2160-0", 2.1, "mg/dL", d)).into();
    facts.push(lab("9318-7", 400.0, "mg/g", "2021-02-01"));
    facts
}

/// D-26: cards that rest on one creatinine stand together, in the order of the worst of them, under the value that is named once.
#[test]
fn d_26_cards_with_a_common_source_stand_together_under_it() {
    let mut facts = kidneys();
    facts.push(potassium(6.8, "2021-02-28"));
    let leaf = leaf(&facts, &Answers::default(), NOW);
    let creatinine = facts[3].id;
    let has = |c: &SignalCard| {
        let of = |i: &BasisItem| matches!(&i.target, Some(Target::Lab { fact, .. }) if *fact == creatinine);
        c.basis.items.iter().any(of)
    };
    let joined = leaf.cards.iter().filter(|c| has(c)).map(|c| &c.id);
    let joined: Vec<&SignalId> = joined.collect();
    assert!(
        joined.len() > 1,
        "the test needs two cards on one creatinine"
    );
    let words = "Creatinine 2.1 mg/dL · 2021-02-01";
    let group = leaf.groups.iter().find(|g| g.source == words).unwrap();
    assert_eq!(group.cards.iter().collect::<Vec<_>>(), joined);
    let first = leaf
        .cards
        .iter()
        .position(|c| c.id == group.cards[0])
        .unwrap();
    let together = leaf.cards[first..].iter().map(|c| &c.id);
    assert!(
        together.take(joined.len()).eq(&group.cards),
        "they stand together"
    );
    let worst: Vec<_> = leaf
        .cards
        .iter()
        .filter(|c| {
            leaf.groups
                .iter()
                .all(|g| g.cards[1..].iter().all(|id| *id != c.id))
        })
        .map(|c| c.severity)
        .collect();
    assert!(worst.is_sorted_by(|a, b| a >= b), "{worst:?}");
}

/// D-26, D-30: what was answered joins nothing.
#[test]
fn d_26_an_answered_card_is_in_no_group() {
    let facts = kidneys();
    let before = leaf(&facts, &Answers::default(), NOW);
    let group = before.groups.first().unwrap();
    let answered = before
        .cards
        .iter()
        .find(|c| c.id == group.cards[0])
        .unwrap();
    let mut answers = Answers::default();
    let then = When::parse("2021-03-01").unwrap().instant;
    answers.keep(answered, Acknowledgement::Known, then);
    let after = leaf(&facts, &answers, NOW);
    assert_eq!(after.cards.last().unwrap().id, answered.id);
    assert!(after.groups.iter().all(|g| !g.cards.contains(&answered.id)));
}

/// D-10: a pack applies, but whether its questions come up is unknown: they are one line of what is missing, and none is asked.
#[test]
fn d_10_a_question_that_may_not_come_up_is_not_asked() {
    let metformin = Fact {
        kind: FactKind::Medication,
        codes: vec![Coding::new(CodeSystem::Atc, "A10BA02")].into(),
        status: Status::Active,
        ..made::fact("metformin", "2020-01-01")
    };
    let creatinine = lab("2160-0", 3.4, "mg/dL", "2021-02-28");
    let title = "Metformin and kidney function";
    let waits = |leaf: &SignalsView| {
        leaf.hesitating
            .iter()
            .any(|(t, needs)| t == title && !needs.is_empty())
    };
    let unknown = leaf(std::slice::from_ref(&metformin), &Answers::default(), NOW);
    assert!(waits(&unknown), "{:?}", unknown.hesitating);
    let below = |leaf: &SignalsView| leaf.pathways.iter().any(|p| p.id.ends_with("n1-below30"));
    assert!(!below(&unknown), "nobody knows the eGFR");
    let known = leaf(&[metformin, creatinine], &Answers::default(), NOW);
    assert!(below(&known), "with an eGFR below 30 the question comes up");
}

/// D-03: a rule whose marks stand in the labs has no card, and the line says so.
#[test]
fn d_03_the_coverage_line_tells_marks_from_cards() {
    let facts = [
        lab("2951-2", 140.0, "mmol/L", "2021-02-01"),
        lab("2951-2", 128.0, "mmol/L", "2021-02-27"),
    ];
    let evaluation = evaluated(&facts, NOW);
    assert!(evaluation.coverage.marks, "the test needs a mark");
    let line = evaluation.coverage.line();
    let words = if evaluation.coverage.fired == 1 {
        "1 fired (marks in labs)"
    } else {
        "fired (1 as marks in labs)"
    };
    assert!(line.contains(words), "{line}");
}

/// D-24: a card of a published equation has its risk as so many of a hundred, for whom and how soon; others have none.
#[test]
fn d_24_a_published_risk_has_natural_frequencies() {
    let mut facts = vec![lab("9318-7", 900.0, "mg/g", "2021-02-01")];
    for date in ["2020-06-01", "2020-09-01", "2020-12-01", "2021-02-01"] {
        facts.push(lab("2160-0", 2.8, "mg/dL", date));
    }
    facts.push(potassium(6.1, "2021-02-28"));
    let leaf = leaf(&facts, &Answers::default(), NOW);
    let of = |rule: &str| leaf.cards.iter().find(|c| c.subject == rule).unwrap();
    let kfre = &of("R4").basis.frequencies;
    let events: Vec<&str> = kfre.iter().map(|f| f.event.as_str()).collect();
    assert_eq!(
        events,
        [
            "kidney failure within 5 years",
            "kidney failure within 2 years"
        ]
    );
    assert!(kfre[0].population.contains("non-North American"));
    let summary = &of("R4").summary;
    let percent: f64 = summary
        .split("(KFRE) ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        (f64::from(kfre[0].of_100[0]) - percent).abs() <= 0.5,
        "{summary} {kfre:?}"
    );
    assert!(kfre[0].words.ends_with(" of 100"), "{kfre:?}");
    assert!(
        of("R5").basis.frequencies.is_empty(),
        "potassium is no risk"
    );
}

/// Every option says with which values its criteria were judged, and the question lists them with their places.
#[test]
fn what_options_rest_on_is_named_and_leads_there() {
    let metformin = Fact {
        kind: FactKind::Medication,
        codes: vec![Coding::new(CodeSystem::Atc, "A10BA02")].into(),
        status: Status::Active,
        ..made::fact("metformin", "2020-01-01")
    };
    let creatinine = lab("2160-0", 3.4, "mg/dL", "2021-02-26");
    let leaf = leaf(
        &[metformin.clone(), creatinine.clone()],
        &Answers::default(),
        NOW,
    );
    let asked = |id: &str| leaf.pathways.iter().find(|p| p.id.ends_with(id)).unwrap();
    let question = asked("n1-below30");
    let stop = &question.options[0].supports[0];
    assert_eq!(stop.met, Some(true));
    assert!(
        stop.rests_on.starts_with("R15 eGFR ") && stop.rests_on.ends_with(" mL/min/1.73 m² · 3 d"),
        "{}",
        stop.rests_on
    );
    let leads_to = |fact: &Fact| {
        let place = target(fact);
        question.rests_on.iter().any(|i| i.target == place)
    };
    assert!(leads_to(&creatinine), "behind the rule stands its input");
    // First why the pack is about this person, then the values.
    assert_eq!(question.rests_on[0].target, target(&metformin));
    let rule = &question.rests_on[1];
    assert!(
        matches!(&rule.target, Some(Target::Signal(id)) if id.0.starts_with("R15")),
        "{rule:?}"
    );
    // Nothing is named twice, and what is behind a rule says through which.
    let behind: Vec<&str> = question
        .rests_on
        .iter()
        .filter(|i| i.name == "Creatinine")
        .map(|i| i.role.as_str())
        .collect();
    assert_eq!(behind, ["through R15"]);
    // What is not known is said beside what has to be looked up.
    let unknown = leaf
        .pathways
        .iter()
        .flat_map(|p| &p.options)
        .flat_map(|o| o.supports.iter().chain(&o.against))
        .find(|c| c.met.is_none())
        .unwrap();
    assert!(!unknown.needs.is_empty(), "{unknown:?}");
}

/// D-14: every time that a card says is an ISO date with a clock of 24 hours, whatever the time.
#[test]
fn d_14_times_are_iso_dates_with_a_clock_of_24_hours() {
    let is_time = |text: &str| {
        let shape: String = text
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        let clocks = ["0000-00-00", "0000-00-00 00:00", "0000-00-00 00:00:00"];
        clocks.contains(&shape.as_str())
    };
    for (n, hour) in [0, 1, 11, 12, 13, 23].into_iter().enumerate() {
        let day = format!("2021-02-2{n}T{hour:02}:07:00Z");
        let at = format!("2021-02-2{n}T23:59:00Z");
        let leaf = leaf(&[potassium(6.8, &day)], &Answers::default(), &at);
        let card = leaf.cards.iter().find(|c| c.subject == "R5").unwrap();
        assert!(is_time(&card.as_of), "{}", card.as_of);
        let item = &card.basis.items[0];
        assert!(is_time(&item.time), "{}", item.time);
        assert!(
            item.time.contains(&format!("{hour:02}:07")),
            "{}",
            item.time
        );
    }
}

/// A decision is out of date when an input changed, not when an hour went by: sentences of rules name ages.
#[test]
fn a_decision_outlives_the_clock_and_not_its_inputs() {
    let hash = |value: f64, at: &str| {
        let calcium = lab("17861-6", value, "mg/dL", "2021-02-28T08:00:00Z");
        let evaluation = evaluated(&[calcium], at);
        let packs = triptych_reasoning::pathways::shipped().unwrap();
        let views = triptych_reasoning::pathways::views(packs, &evaluation);
        let pack = views.iter().find(|p| p.id == "hypercalcaemia").unwrap();
        questions::question_hash(pack, &pack.nodes[0])
    };
    let (then, later) = ("2021-02-28T09:00:00Z", "2021-02-28T15:00:00Z");
    assert_eq!(hash(12.4, then), hash(12.4, later));
    assert_ne!(hash(12.4, then), hash(12.6, then));
}
