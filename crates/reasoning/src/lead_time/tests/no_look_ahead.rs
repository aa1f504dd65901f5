//! Section 6.3 and H-R11 as properties: what becomes known later changes nothing, and the walk from event to event is the chart made at once.

use proptest::prelude::*;
use triptych_clinical::{CodeSystem, Confirmation, Fact, FactId, FactKind, Origin, Status, When};

use super::{day, fact, hba1c, lab, subject};
use crate::adapt;
use crate::evaluate::evaluate_all;
use crate::lead_time::leakage::{known, poison};
use crate::lead_time::replay::Walk;
use crate::settings::Settings;

const DAYS: i64 = 2000;

/// One random statement: sort, value, when it was true, how much later it was known, which datum and version, status.
fn statement() -> impl Strategy<Value = Fact> {
    let sorts = 0..14usize;
    let times = (0..DAYS, -5..400i64);
    let identity = (0..40u32, 1..4u32);
    let fate = (0..12usize, proptest::option::of(0..DAYS), any::<bool>());
    (sorts, 0.0..1.0, times, identity, fate).prop_map(
        |(sort, part, (true_at, lag), (datum, version), (status, confirmed, from_note))| {
            let mut f = of_sort(sort, part, true_at);
            f.id = FactId::of(&[&datum.to_string(), &(sort % 4).to_string()]);
            f.version = version;
            f.available = When::at(day(true_at + lag));
            f.status = match status {
                0 => Status::EnteredInError,
                1 => Status::Preliminary,
                2 => Status::Cancelled,
                3 => Status::Corrected,
                4 => Status::Completed,
                _ => f.status,
            };
            if from_note && status > 8 {
                f.origin = Origin::Note;
                f.confirmed = confirmed.map(|d| Confirmation {
                    by: "reader".to_owned(),
                    at: day(d),
                });
            }
            f
        },
    )
}

fn of_sort(sort: usize, part: f64, at: i64) -> Fact {
    let said = |kind, system, code| Fact {
        status: Status::Active,
        ..fact(kind, system, code, at)
    };
    match sort {
        0 | 1 => lab("2160-0", 0.5 + 4.0 * part, "mg/dL", at),
        2 | 3 => hba1c(4.5 + 4.0 * part, at),
        4 => lab("9318-7", 400.0 * part, "mg/g", at),
        5 => lab("2276-4", 100.0 * part, "ug/L", at),
        6 => lab("718-7", 70.0 + 90.0 * part, "g/L", at),
        7 => lab("2345-7", 4.0 + 12.0 * part, "mmol/L", at),
        8 => lab("2823-3", 3.0 + 4.0 * part, "mmol/L", at),
        9 => said(FactKind::Problem, CodeSystem::Icd10, "E11.9"),
        10 => said(FactKind::Problem, CodeSystem::Icd10, "N18.3"),
        11 => said(FactKind::Medication, CodeSystem::RxNorm, "860975"),
        12 => said(FactKind::Medication, CodeSystem::RxNorm, "1"),
        _ => said(FactKind::Problem, CodeSystem::Icd10, "O80"),
    }
}

/// All that is said, without hiding anything in a summary.
fn all_said(facts: &[Fact], at: i64) -> String {
    let who = subject(1, Vec::new()).identity;
    let e = evaluate_all(facts, &who, day(at), &Settings::default());
    format!(
        "{:?} {:?} {:?} {:?}",
        e.outcomes, e.reference_changes, e.coverage, e.chart
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_is_known_later_changes_no_answer(facts in prop::collection::vec(statement(), 1..60), at in 0..DAYS) {
        prop_assert_eq!(all_said(&facts, at), all_said(&known(&facts, day(at)), at));
    }

    #[test]
    fn absurd_values_known_later_change_no_answer(facts in prop::collection::vec(statement(), 1..40), at in 0..DAYS, back in 0..500i64) {
        let mut poisoned = facts.clone();
        let known_at = triptych_clinical::Instant(day(at).0 + 1);
        poisoned.extend(poison(day(at - back), known_at));
        poisoned.extend(poison(day(at + back + 1), known_at));
        prop_assert_eq!(all_said(&facts, at), all_said(&poisoned, at));
    }

    #[test]
    fn the_walk_is_the_chart_made_at_once(facts in prop::collection::vec(statement(), 1..60), mut times in prop::collection::vec(0..DAYS + 500, 1..12), death in prop::option::of(0..DAYS + 500)) {
        times.sort_unstable();
        let who = triptych_clinical::Identity {
            deceased: death.map(|n| triptych_clinical::When::at(day(n))),
            ..subject(1, Vec::new()).identity
        };
        let mut walk = Walk::new(&facts, &who);
        for at in times {
            let at_once = adapt::chart(&facts, &who, day(at));
            prop_assert_eq!(format!("{:?}", walk.to(day(at))), format!("{at_once:?}"));
        }
    }
}
