//! D-26, D-28, D-29, D-30.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use triptych_clinical::{FactId, Instant};

use crate::chart::FactRef;
use crate::graph::testing::*;
use crate::graph::*;
use crate::outcome::{Lane, Severity};
use crate::pathways::Decision;

const SEVERITIES: [Severity; 4] = [
    Severity::Info,
    Severity::Low,
    Severity::Moderate,
    Severity::High,
];
const JUDGEMENTS: [Judgement; 4] = [
    Judgement::Useful,
    Judgement::Known,
    Judgement::NotUseful,
    Judgement::Wrong,
];

fn card(rule: usize, severity: usize, newest: i64, hash: usize, facts: &[usize]) -> Card {
    Card {
        subject: format!("R{rule}"),
        rule: format!("R{rule}@1.0.0"),
        lane: Lane::N,
        severity: SEVERITIES[severity],
        newest_input: Some(Instant::from_seconds(newest * 86_400)),
        outcome: format!("fires class={}", hash % 2),
        input_hash: format!("hash {hash}"),
        facts: facts
            .iter()
            .map(|f| FactRef {
                id: FactId::of(&[&f.to_string()]),
                version: 1,
            })
            .collect(),
        summary: String::new(),
    }
}

prop_compose! {
    fn any_card()(rule in 1_usize..33, severity in 0_usize..4, newest in 0_i64..5, hash in 0_usize..4,
        facts in proptest::collection::vec(0_usize..10, 0..4)) -> Card {
        card(rule, severity, newest, hash, &facts)
    }
}

fn no_intervals() -> BTreeMap<String, i64> {
    BTreeMap::new()
}

proptest! {
    #[test]
    fn d_28_at_most_five_cards_are_expanded_in_order_and_none_is_lost(
        cards in proptest::collection::vec(any_card(), 0..20),
        acked in proptest::collection::vec((0_usize..20, 0_i64..400), 0..10),
    ) {
        let at = Instant::from_seconds(500 * 86_400);
        let acks: Vec<Acknowledgement> = acked
            .into_iter()
            .filter_map(|(i, day)| {
                Some(cards.get(i)?.acknowledge(JUDGEMENTS[i % 4], Instant::from_seconds(day * 86_400)))
            })
            .collect();
        let desk = desk(&cards, &acks, at, &no_intervals());
        prop_assert!(desk.expanded.len() <= 5);
        prop_assert!(desk.more.is_empty() || desk.expanded.len() == 5);
        let mut all: Vec<usize> = desk.expanded.iter().chain(&desk.more).copied().collect();
        let key = |i: &usize| {
            let c = &cards[*i];
            let number: u32 = c.subject[1..].parse().unwrap();
            (std::cmp::Reverse(c.severity), std::cmp::Reverse(c.newest_input), number)
        };
        prop_assert!(all.is_sorted_by_key(key));
        // Nothing is withheld that nobody acknowledged.
        for w in &desk.withheld {
            prop_assert!(acks.iter().any(|a| a.subject == cards[w.card].subject));
            prop_assert!(w.until > at);
        }
        all.extend(desk.withheld.iter().map(|w| w.card));
        all.sort_unstable();
        prop_assert_eq!(all, (0..cards.len()).collect::<Vec<_>>());
    }

    #[test]
    fn d_30_a_card_returns_only_with_a_new_hash_and_a_new_severity_or_outcome_or_after_its_interval(
        before in any_card(),
        severity in 0_usize..4,
        hash in 0_usize..4,
        days in 0_i64..400,
        own in proptest::option::of(1_i64..300),
    ) {
        let acked = Instant::from_seconds(0);
        let ack = before.acknowledge(Judgement::Known, acked);
        let mut after = before.clone();
        after.severity = SEVERITIES[severity];
        after.input_hash = format!("hash {hash}");
        after.outcome = format!("fires class={}", hash % 2);
        let intervals: BTreeMap<String, i64> =
            own.map(|d| (after.subject.clone(), d)).into_iter().collect();
        let shown = desk(std::slice::from_ref(&after), &[ack], acked.plus_days(days), &intervals)
            .withheld
            .is_empty();
        let changed = after.input_hash != before.input_hash
            && (after.severity != before.severity || after.outcome != before.outcome);
        prop_assert_eq!(shown, changed || days >= own.unwrap_or(RESHOW_DAYS));
    }

    #[test]
    fn d_26_cards_with_a_common_fact_are_in_one_group_and_no_others(
        cards in proptest::collection::vec(any_card(), 0..12),
    ) {
        let groups = groups(&cards);
        let mut seen: Vec<usize> = groups.iter().flat_map(|g| g.cards.clone()).collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..cards.len()).collect::<Vec<_>>());
        let of = |i: usize| cards[i].facts.iter().map(|f| f.id).collect::<BTreeSet<_>>();
        // A fact is in one group only, and is named as shared exactly when two cards rest on it.
        for f in 0..10_usize {
            let id = FactId::of(&[&f.to_string()]);
            let resting: Vec<usize> = (0..cards.len()).filter(|i| of(*i).contains(&id)).collect();
            let holding: Vec<&CardGroup> = groups
                .iter()
                .filter(|g| g.cards.iter().any(|c| resting.contains(c)))
                .collect();
            prop_assert!(holding.len() <= 1);
            for g in holding {
                prop_assert_eq!(g.shared.contains(&id), resting.len() > 1);
            }
        }
        // No group can be cut in two without cutting a shared fact.
        for g in groups.iter().filter(|g| g.cards.len() > 1) {
            let mut reached = BTreeSet::from([g.cards[0]]);
            for _ in 0..g.cards.len() {
                for c in &g.cards {
                    if reached.iter().any(|r| !of(*r).is_disjoint(&of(*c))) {
                        reached.insert(*c);
                    }
                }
            }
            prop_assert_eq!(reached.len(), g.cards.len());
        }
    }

    #[test]
    fn d_29_a_rule_is_flagged_above_sixty_per_cent_of_at_least_thirty_shows(
        shown in 0_u32..80, not_useful in 0_u32..80, useful in 0_u32..10,
    ) {
        let event = |kind| CardEvent {
            site: "north".to_owned(),
            rule: "R16".to_owned(),
            at: at("2021-06-10"),
            kind,
        };
        let mut events = vec![event(CardEventKind::Shown); shown as usize];
        events.extend(vec![event(CardEventKind::Acknowledged(Judgement::NotUseful)); not_useful as usize]);
        events.extend(vec![event(CardEventKind::Acknowledged(Judgement::Useful)); useful as usize]);
        let rows = metrics(&events);
        prop_assert!(rows.len() <= 1);
        for row in rows {
            let share = f64::from(not_useful) / f64::from(shown.max(1));
            let wanted = shown >= 30 && share > 0.6 + 1e-12;
            prop_assert_eq!(row.flagged, wanted, "{} of {}", not_useful, shown);
            prop_assert_eq!(row.shown, shown);
        }
    }
}

#[test]
fn d_29_months_rules_and_sites_are_counted_apart() {
    let mut events = Vec::new();
    for (site, rule, time) in [
        ("north", "R16", "2021-05-31"),
        ("north", "R16", "2021-06-01"),
        ("north", "R2", "2021-06-01"),
        ("south", "R16", "2021-06-01"),
    ] {
        for kind in [
            CardEventKind::Shown,
            CardEventKind::Acknowledged(Judgement::NotUseful),
        ] {
            let event = CardEvent {
                site: site.to_owned(),
                rule: rule.to_owned(),
                at: at(time),
                kind,
            };
            events.extend(vec![event; 15]);
        }
    }
    let rows = metrics(&events);
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|r| r.shown == 15 && !r.flagged));
}

#[test]
fn d_28_d_26_cards_of_a_real_record() {
    let facts = [
        lab("2276-4", 9.0, "ug/L", "2021-06-01"),
        lab("718-7", 140.0, "g/L", "2021-05-01"),
        lab("718-7", 101.0, "g/L", "2021-06-08"),
    ];
    let evaluation = evaluated(&facts, "2021-06-10");
    let cards = Card::all(&evaluation, &[]);
    let subjects: Vec<&str> = cards.iter().map(|c| c.subject.as_str()).collect();
    assert!(
        subjects.contains(&"R16") && subjects.contains(&"R23"),
        "{subjects:?}"
    );
    let groups = groups(&cards);
    let both = groups.iter().find(|g| g.cards.len() >= 2).unwrap();
    assert!(
        both.shared.contains(&facts[2].id),
        "one haemoglobin under both"
    );
    let ack = cards[0].acknowledge(Judgement::Known, at("2021-06-10"));
    let desk = desk(&cards, &[ack], at("2021-06-11"), &no_intervals());
    assert_eq!(desk.withheld.len(), 1);
    assert_eq!(desk.expanded.len(), cards.len() - 1);
    assert_eq!(desk.more_line(), "");
}

/// D-29: no share below thirty shows, where it would say nothing; decisions are counted beside.
#[test]
fn d_29_a_share_is_given_from_thirty_shows_on() {
    let event = |kind| CardEvent {
        site: String::new(),
        rule: "R16@1.0.0".to_owned(),
        at: at("2021-06-10"),
        kind,
    };
    let mut events = vec![event(CardEventKind::Shown); 29];
    events.extend(vec![
        event(CardEventKind::Acknowledged(Judgement::NotUseful));
        12
    ]);
    events.push(event(CardEventKind::Decided(Decision::Decline)));
    let rows = metrics(&events);
    assert_eq!(rows[0].not_useful_percent(), None);
    events.push(event(CardEventKind::Shown));
    let rows = metrics(&events);
    assert_eq!(rows[0].not_useful_percent(), Some(40.0));
    assert_eq!(rows[0].chosen(Decision::Decline), 1);
    assert_eq!(rows[0].chosen(Decision::Accept), 0);
}
