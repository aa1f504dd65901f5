//! D-34: a card that rested on a retracted fact is named for 30 days.

use triptych_clinical::{Fact, Status};

use crate::graph::testing::*;
use crate::graph::*;
use crate::settings::Settings;

fn retracted(fact: &Fact, on: &str) -> Fact {
    Fact {
        version: fact.version + 1,
        available: when(on),
        status: Status::EnteredInError,
        ..fact.clone()
    }
}

fn at_day(facts: &[Fact], day: &str) -> Vec<String> {
    withdrawn(facts, &man(), at(day), &Settings::default())
        .iter()
        .map(WithdrawnCard::in_words)
        .collect()
}

#[test]
fn d_34_a_card_is_withdrawn_for_thirty_days_after_its_source_is_retracted() {
    let ferritin = lab("2276-4", 9.0, "ug/L", "2021-06-01");
    let facts = [ferritin.clone(), retracted(&ferritin, "2021-06-05")];
    assert!(at_day(&facts, "2021-06-04").is_empty(), "not yet retracted");
    for day in ["2021-06-05", "2021-06-20", "2021-07-04"] {
        assert_eq!(
            at_day(&facts, day),
            ["R16@1.0.0: withdrawn: source retracted, 2021-06-05"],
            "{day}"
        );
    }
    assert!(at_day(&facts, "2021-07-05").is_empty(), "30 days are over");
}

#[test]
fn d_34_a_card_that_stands_on_other_facts_is_not_withdrawn() {
    let first = lab("2276-4", 9.0, "ug/L", "2021-06-01");
    let second = lab("2276-4", 10.0, "ug/L", "2021-05-01");
    let facts = [first.clone(), second, retracted(&first, "2021-06-05")];
    assert!(at_day(&facts, "2021-06-06").is_empty());
}

#[test]
fn d_34_a_retraction_that_no_card_rested_on_withdraws_nothing() {
    let ferritin = lab("2276-4", 9.0, "ug/L", "2021-06-01");
    let sodium = lab("2951-2", 140.0, "mmol/L", "2021-06-01");
    let facts = [ferritin, sodium.clone(), retracted(&sodium, "2021-06-05")];
    assert!(at_day(&facts, "2021-06-06").is_empty());
}

#[test]
fn d_34_a_correction_is_no_retraction() {
    let ferritin = lab("2276-4", 9.0, "ug/L", "2021-06-01");
    let mut corrected = retracted(&ferritin, "2021-06-05");
    corrected.status = Status::Corrected;
    corrected.value = lab("2276-4", 90.0, "ug/L", "2021-06-01").value;
    assert!(at_day(&[ferritin, corrected], "2021-06-06").is_empty());
}

#[test]
fn d_34_a_retraction_without_a_time_of_its_own_counts_from_its_receipt() {
    let ferritin = lab("2276-4", 9.0, "ug/L", "2021-06-01");
    let mut gone = retracted(&ferritin, "2021-06-01");
    gone.received = at("2021-08-02");
    let facts = [ferritin, gone];
    assert!(at_day(&facts, "2021-07-15").is_empty(), "not yet received");
    assert_eq!(
        at_day(&facts, "2021-08-20"),
        ["R16@1.0.0: withdrawn: source retracted, 2021-08-02"]
    );
}

#[test]
fn d_34_what_was_never_usable_or_is_usable_again_withdraws_nothing() {
    let ferritin = lab("2276-4", 9.0, "ug/L", "2021-06-01");
    let gone = retracted(&ferritin, "2021-06-05");
    assert!(at_day(std::slice::from_ref(&gone), "2021-06-06").is_empty());
    let back = Fact {
        version: 3,
        available: when("2021-06-07"),
        ..ferritin.clone()
    };
    assert!(at_day(&[ferritin, gone, back], "2021-06-08").is_empty());
}
