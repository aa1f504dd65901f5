//! The rail of the third leaf: budget, disagreements, what is due, hypotheses, lane T, clinician first.

use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use triptych_ui::view::*;
use triptych_ui::{Command, Desk};
use triptych_workbench::{Instant, When};

use crate::behaviour::{Seen, click, open, patient, sent, with};
use crate::sample;

/// A patient without cards, models and questions, so that what is looked for stands in sight.
fn bare(change: impl FnOnce(&mut SignalsView)) -> Harness<'static, Seen> {
    let snapshot = with(|view| {
        view.signals = SignalsView {
            coverage: "9 rules: 0 fired, 9 silent, 0 cannot tell".into(),
            ..SignalsView::default()
        };
        change(&mut view.signals);
    });
    open(snapshot, Desk::Reading)
}

fn says(harness: &Harness<'static, Seen>, part: &str) -> bool {
    harness.query_all_by_label_contains(part).next().is_some()
}

fn low(id: &str) -> SignalCard {
    sample::signal(id, Lane::N, Some(Severity::Low), "A statement", "", "")
}

fn study() -> HiddenStudy {
    HiddenStudy {
        study: sample::study_uid(1),
        title: "DX 2021-02-22".into(),
        models: vec!["Chest findings".into()],
        own: Vec::new(),
    }
}

fn impression(words: &str) -> Impression {
    Impression {
        words: words.into(),
        signed: "reader · 2021-02-22 09:30".into(),
    }
}

/// D-28: forty signals are five cards and one line; the line opens the rest and folds it again.
#[test]
fn d_28_forty_signals_are_five_cards_and_a_line() {
    let mut harness = bare(|s| s.cards = (0..40).map(|i| low(&format!("R{i}@1.0.0"))).collect());
    assert!(harness.query_all_by_label("Basis").count() <= 5);
    click(&mut harness, "35 more");
    assert!(harness.query_by_label("35 more").is_none());
    assert!(harness.ctx.memory(|m| m.focused()).is_none(), "focus taken");
}

/// Forty cards of every severity, as long as they may be, half of them on one creatinine.
fn forty(s: &mut SignalsView) {
    let levels = [
        Severity::High,
        Severity::Moderate,
        Severity::Low,
        Severity::Info,
    ];
    let ids: Vec<String> = (0..40).map(|i| format!("R{i}@1.0.0")).collect();
    s.cards = ids
        .iter()
        .enumerate()
        .map(|(i, id)| {
            let summary = format!("{id} {}", "a statement of fact ".repeat(7));
            let summary = &summary[..140];
            let missing = "Missing: earlier value, albumin/creatinine ratio, smoking status";
            let level = levels[i / 10];
            sample::signal(
                id,
                Lane::N,
                Some(level),
                summary,
                "From creatinine 1.9 mg/dL",
                missing,
            )
        })
        .collect();
    let half: Vec<&str> = ids.iter().take(20).map(String::as_str).collect();
    s.groups = vec![group(&half)];
}

/// D-28: a patient with forty signals stays calm: five cards in their order, one line for the others; the foot stands still and in sight, and
/// nothing leaves the window, folded or not, on a large and on a small one.
#[test]
fn d_28_a_patient_with_forty_signals_stays_calm() {
    for desk in [Desk::Reading, Desk::Rounds] {
        let mut harness = bare(forty);
        harness.state_mut().app.set_desk(desk);
        harness.run_steps(3);
        let window = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1600.0, 1000.0));
        let coverage = "9 rules: 0 fired, 9 silent, 0 cannot tell";
        let foot = harness.get_by_label(coverage).rect();
        assert!(window.contains_rect(foot), "{foot:?}");
        let heads = |h: &Harness<'static, Seen>| {
            let cards = h.query_all_by_label_contains("Open the basis: R");
            cards.map(|n| n.rect()).collect::<Vec<_>>()
        };
        let folded = heads(&harness);
        assert!((1..=5).contains(&folded.len()), "{} cards", folded.len());
        let tall: f32 = folded.iter().map(egui::Rect::height).sum();
        assert!(tall < 5.0 * 190.0, "five cards are {tall} high");
        assert!(says(&harness, "20 signals rest on"));
        assert!(says(&harness, "35 more") || says(&harness, "more below"));
        if harness.query_by_label("35 more").is_some() {
            click(&mut harness, "35 more");
            assert_eq!(
                harness.get_by_label(coverage).rect(),
                foot,
                "the foot moved"
            );
            for card in heads(&harness) {
                assert!(card.left() >= 0.0 && card.right() <= window.right());
            }
        }
    }
}

/// D-40: what came on screen is told once, and so is a basis that was opened.
#[test]
fn d_40_cards_on_screen_and_opened_bases_are_told_once() {
    let mut harness = bare(|s| s.cards = (0..40).map(|i| low(&format!("R{i}@1.0.0"))).collect());
    let told = |h: &Harness<'static, Seen>| -> Vec<SignalId> {
        let shown = sent(h).into_iter().filter_map(|c| match c {
            Command::ShowCards(ids) => Some(ids),
            _ => None,
        });
        shown.flatten().collect()
    };
    let first = told(&harness);
    assert!((1..=5).contains(&first.len()), "{first:?}");
    harness.run_steps(5);
    assert_eq!(told(&harness), first, "told again");
    let basis = harness.query_all_by_label("Basis").next();
    basis.expect("a card").click();
    harness.run_steps(5);
    let opened = sent(&harness).into_iter();
    let opened: Vec<_> = opened
        .filter(|c| matches!(c, Command::ShowBasis(_)))
        .collect();
    assert_eq!(opened, [Command::ShowBasis(SignalId("R0@1.0.0".into()))]);
}

/// D-29: the sheet names rules for review first, gives no share below thirty shows, and says that nothing is muted.
#[test]
fn d_29_the_sheet_of_rules_is_counts_with_those_for_review_first() {
    let mut harness = bare(|_| {});
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    harness.run_steps(3);
    for letter in "rules fare".chars() {
        harness.event(egui::Event::Text(letter.to_string()));
        harness.run_steps(1);
    }
    harness.key_press(egui::Key::Enter);
    harness.run_steps(3);
    assert!(sent(&harness).contains(&Command::CountRules(None)));
    let row =
        |rule: &str, title: &str, shown: u32, not_useful: u32, percent: Option<f64>| RuleCount {
            rule: rule.into(),
            title: title.into(),
            shown,
            useful: 1,
            known: 0,
            not_useful,
            wrong: 0,
            accepted: 0,
            declined: 0,
            deferred: 0,
            not_useful_percent: percent,
            flagged: percent.is_some_and(|p| p > 60.0),
        };
    let mut next = (**harness.state().snapshot.borrow()).clone();
    next.rule_counts = Some(Arc::new(RuleCounts {
        month: "2026-03".into(),
        before: "2026-02".into(),
        after: None,
        rules: vec![
            row("R16@1.0.0", "Iron deficiency", 31, 19, Some(61.3)),
            row("R5@1.0.0", "Potassium", 12, 11, None),
        ],
        pathways: Vec::new(),
    }));
    *harness.state().snapshot.borrow_mut() = Arc::new(next);
    harness.run_steps(3);
    for part in [
        "Iron deficiency R16@1.0.0",
        "for review",
        "61.3",
        "The program mutes no rule",
    ] {
        assert!(says(&harness, part), "{part}");
    }
    let potassium = harness
        .query_all_by_label_contains("Potassium R5@1.0.0")
        .next();
    let potassium = potassium.expect("the second row");
    let flagged = harness.query_all_by_label_contains("for review").next();
    assert!(flagged.expect("the first row").rect().top() < potassium.rect().top());
    assert!(!says(&harness, "91.7"), "a share of twelve shows");
    click(&mut harness, "2026-02");
    assert!(sent(&harness).contains(&Command::CountRules(Some("2026-02".into()))));
    harness.key_press(egui::Key::Escape);
    harness.run_steps(3);
    assert!(!says(&harness, "The program mutes no rule"));
}

/// D-30: acknowledged cards take no place among the five.
#[test]
fn d_30_answered_cards_are_folded_and_count_for_no_budget() {
    let harness = bare(|s| {
        s.cards = (0..8).map(|i| low(&format!("R{i}@1.0.0"))).collect();
        for card in s.cards.iter_mut().take(3) {
            card.acknowledged = Some("known".into());
        }
    });
    assert_eq!(harness.query_all_by_label("Basis").count(), 5);
    assert!(says(&harness, "3 acknowledged"));
}

fn group(cards: &[&str]) -> CardGroup {
    let cards: Vec<SignalId> = cards.iter().map(|id| SignalId((*id).into())).collect();
    CardGroup {
        source: "Creatinine 1.9 mg/dL · 2013-05-30".into(),
        target: None,
        leads: cards.clone(),
        cards,
    }
}

/// D-26: what several cards rest on is said once, over them, and the cards follow in their order.
#[test]
fn d_26_cards_of_one_source_follow_a_line_that_names_it() {
    let harness = bare(|s| {
        s.cards = (0..4).map(|i| low(&format!("R{i}@1.0.0"))).collect();
        for card in &mut s.cards {
            card.detail = "Creatinine 1.9 mg/dL, 3 d".into();
        }
        s.groups = vec![group(&["R0@1.0.0", "R1@1.0.0", "R2@1.0.0"])];
    });
    let line = "3 signals rest on Creatinine 1.9 mg/dL · 2013-05-30";
    let head = harness.get_by_label(line).rect();
    let cards = harness.query_all_by_label_contains("R0@1.0.0").next();
    let first = cards.expect("the first card").rect();
    assert!(head.bottom() <= first.top() + 1.0, "{head:?} {first:?}");
    // Only the card outside the group says its source itself.
    let second = harness.query_all_by_label("Creatinine 1.9 mg/dL, 3 d");
    assert_eq!(second.count(), 1);
}

/// D-26, D-30: of two cards one was answered: the other stands alone.
#[test]
fn d_26_a_group_of_one_has_no_line() {
    let harness = bare(|s| {
        s.cards = vec![low("R0@1.0.0"), low("R1@1.0.0")];
        s.cards[0].acknowledged = Some("known".into());
        s.groups = vec![group(&["R0@1.0.0", "R1@1.0.0"])];
    });
    assert!(!says(&harness, "rest on"));
}

/// D-24: a risk as so many of a hundred is closed until it is asked for, and closed again for the next card.
#[test]
fn d_24_natural_frequencies_are_shown_on_request() {
    let mut harness = bare(|s| {
        let mut card = low("R4@1.0.0");
        card.basis.frequencies = vec![NaturalFrequency {
            words: "9 of 100".into(),
            of_100: [9, 9],
            event: "kidney failure within 5 years".into(),
            population: "people with chronic kidney disease".into(),
        }];
        s.cards = vec![card, low("R5@1.0.0")];
    });
    let basis = |h: &Harness<'static, Seen>| {
        let first = h.query_all_by_label("Basis").next();
        first.expect("a card").click();
    };
    basis(&harness);
    harness.run_steps(3);
    let said = "9 of 100: kidney failure within 5 years";
    assert!(!says(&harness, said), "closed at first");
    assert!(!says(&harness, "9 of 100"));
    click(&mut harness, "Of 100 people: on request");
    assert!(says(&harness, said));
    assert!(says(&harness, "100 people with chronic kidney disease"));
}

/// D-31: a disagreement that comes later waits like every card.
#[test]
fn d_31_a_late_disagreement_waits() {
    let mut harness = bare(|s| s.cards = vec![low("R3@1.0.0")]);
    let late = with(|view| {
        view.signals.cards = vec![disagreement(), low("R3@1.0.0")];
    });
    *harness.state().snapshot.borrow_mut() = Arc::new(late);
    harness.run_steps(3);
    assert!(!says(&harness, "laboratory A"), "nothing moved");
    click(&mut harness, "1 new");
    assert!(says(&harness, "laboratory A"));
}

fn disagreement() -> SignalCard {
    SignalCard {
        sides: vec![
            "laboratory A, 2021-02-01: 5.6 mmol/L".into(),
            "laboratory B, 2021-02-01: 4.1 mmol/L".into(),
        ],
        summary: "Sources disagree on potassium".into(),
        rule: "D-18".into(),
        ..low("D-18 potassium")
    }
}

/// D-34: a card whose source was taken back stays as a line that says which rule, which value, when; a click goes to its tombstone.
#[test]
fn d_34_a_withdrawn_card_is_a_line_with_rule_value_and_date() {
    let target = Target::Lab {
        row: "ferritin".into(),
        fact: sample::fact("ferritin"),
    };
    let mut harness = bare(|s| {
        s.withdrawn = vec![WithdrawnRow {
            rule: "R16@1.0.0".into(),
            title: "Iron deficiency".into(),
            summary: "Ferritin 9 µg/L: iron stores are used up".into(),
            values: vec!["Ferritin 9 µg/L · 2021-02-01".into()],
            when: "2021-02-15".into(),
            until: "2021-03-17".into(),
            source: "document 01234567".into(),
            target: Some(target),
        }];
    });
    let line = "Iron deficiency. R16@1.0.0. Ferritin 9 µg/L · 2021-02-01. withdrawn: source retracted, 2021-02-15";
    click(&mut harness, line);
    assert!(harness.query_all_by_label("Basis").next().is_none());
}

/// D-34: a corrected value and a result that was taken back stay in the history, and only there.
#[test]
fn d_34_former_values_stand_in_the_history_and_nowhere_else() {
    let snapshot = with(|view| {
        let mut rows = view.labs.iter().flat_map(|g| &g.rows);
        let row = rows.find(|r| r.name == "Creatinine").unwrap();
        let newest = row.points.last().unwrap();
        let former = |written: &str, became: Became| FormerValue {
            fact: newest.fact,
            version: 1,
            name: row.name.clone(),
            written: written.into(),
            unit: row.unit.clone(),
            at: newest.at,
            since: newest.available,
            became,
            source: "document 01234567".into(),
        };
        let values = vec![former("9.99", Became::Corrected("1.28".into()))];
        let gone = vec![former("77.7", Became::TakenBack)];
        view.former = Arc::new(FormerValues::from([
            (row.key.clone(), values),
            ("other/gone/x".into(), gone),
        ]));
        view.signals = SignalsView {
            coverage: "9 rules: 0 fired".into(),
            ..SignalsView::default()
        };
    });
    let mut harness = open(snapshot, Desk::Rounds);
    assert!(!says(&harness, "9.99"), "no history is open");
    let show = harness
        .query_all_by_label_contains("Creatinine 1.28")
        .next()
        .expect("the row of creatinine");
    show.click();
    harness.run_steps(3);
    assert!(says(&harness, "9.99"));
    assert!(says(&harness, "corrected to 1.28"));
}

/// D-18: a card of its own that names each side with date and source.
#[test]
fn d_18_a_disagreement_names_each_side_with_date_and_source() {
    let harness = bare(|s| s.cards = vec![disagreement()]);
    for part in [
        "Sources disagree on potassium",
        "laboratory A, 2021-02-01: 5.6 mmol/L",
        "laboratory B, 2021-02-01: 4.1 mmol/L",
    ] {
        assert!(says(&harness, part), "{part}");
    }
}

/// D-10: what is missing is folded to two lines and opens whole; a name is never cut.
#[test]
fn d_10_what_is_missing_is_folded_and_opens_whole() {
    let items: Vec<String> = (0..40).map(|i| format!("analyte number {i}")).collect();
    let needs = format!("needs: {}", items.join(", "));
    let mut harness = bare(|s| s.needs.clone_from(&needs));
    let folded = harness.get_by_label(&needs).rect().height();
    click(&mut harness, &needs);
    let whole = harness.get_by_label(&needs).rect().height();
    assert!(folded < 45.0, "{folded}");
    assert!(whole > 3.0 * folded, "{folded} {whole}");
}

/// D-10: packs of which it is unknown whether they apply are one line, and none of their questions is asked.
#[test]
fn d_10_packs_that_cannot_tell_are_one_line() {
    let mut harness = bare(|s| {
        s.hesitating = vec![
            (
                "Metformin and kidney function".into(),
                "creatinine, sex".into(),
            ),
            ("Anaemia".into(), "haemoglobin, sex".into()),
        ];
    });
    assert!(!says(&harness, "Metformin and kidney function"));
    click(
        &mut harness,
        "cannot tell: 2 pathways, needs creatinine, sex, haemoglobin",
    );
    assert!(says(
        &harness,
        "Metformin and kidney function: needs creatinine, sex"
    ));
}

/// D-15: what a model found is not on the page; an impression needs a category or a word.
#[test]
fn d_15_model_output_is_hidden_until_an_impression_is_recorded() {
    let mut harness = bare(|s| s.hidden = vec![study()]);
    assert!(says(
        &harness,
        "hidden until your own impression is recorded"
    ));
    assert!(harness.query_by_label("Show model output").is_none());
    click(&mut harness, "Record impression");
    click(&mut harness, "Keep impression");
    assert!(
        sent(&harness)
            .iter()
            .all(|c| !matches!(c, Command::RecordImpression { .. }))
    );
    click(&mut harness, "no impression");
    click(&mut harness, "Keep impression");
    let got = sent(&harness);
    assert!(
        got.contains(&Command::RecordImpression {
            study: sample::study_uid(1),
            category: "no_impression".into(),
            text: String::new(),
        }),
        "{got:?}"
    );
}

/// D-15, D-16: after it is recorded the reader asks for the output; then the own words stand first.
#[test]
fn d_16_the_own_impression_stands_before_the_finding() {
    let mut harness = bare(|s| {
        let own = vec![impression("no finding seen")];
        s.hidden = vec![HiddenStudy { own, ..study() }];
    });
    click(&mut harness, "Show model output");
    let reveal = Command::Reveal {
        study: sample::study_uid(1),
        reason: None,
    };
    assert!(sent(&harness).contains(&reveal));
    let found = bare(|s| {
        let card = sample::signal("m 1", Lane::D, None, "Nodule: high band", "", "");
        s.cards = vec![SignalCard {
            own: vec![impression("first"), impression("amended words")],
            ..card
        }];
    });
    let own = found.get_by_label("amended words").rect();
    let finding = found
        .get_by_label("Open the basis: Nodule: high band")
        .rect();
    assert!(own.top() < finding.center().y);
    assert!(says(&found, "Amend impression"));
}

/// D-20: the card of the model is one click away from its finding: first what matters most, the other attributes folded.
#[test]
fn d_20_the_model_card_is_one_click_from_the_finding() {
    let mut harness = bare(|s| {
        let mut card = sample::signal("m 1", Lane::D, None, "Heart: middle band", "", "");
        card.basis = Basis::default();
        card.basis.model = Some(ModelCard {
            title: "Heart enlarged".into(),
            first: vec![
                ("Name", "org.triptych.heart".into()),
                ("Last local validation", "Not done.".into()),
            ],
            attributes: vec![("purpose · intended users".into(), "Physicians.".into())],
        });
        s.cards = vec![card];
    });
    assert!(!says(&harness, "Last local validation"));
    click(&mut harness, "Open the basis: Heart: middle band");
    for part in [
        "Model card",
        "org.triptych.heart",
        "Last local validation",
        "Not done.",
    ] {
        assert!(says(&harness, part), "{part}");
    }
    assert!(!says(&harness, "Physicians."));
    click(&mut harness, "All source attributes: 1");
    assert!(says(&harness, "Physicians."));
}

/// D-17: before an own impression only with a reason of the list; the rate is told to the reader.
#[test]
fn d_17_see_now_asks_for_a_reason_and_tells_the_rate() {
    let mut harness = bare(|s| {
        s.hidden = vec![study()];
        s.reveals = Reveals {
            at_once: 2,
            all: 14,
        };
    });
    click(&mut harness, "See now …");
    assert!(says(&harness, "2 of 14"));
    click(&mut harness, "See output");
    assert!(
        sent(&harness)
            .iter()
            .all(|c| !matches!(c, Command::Reveal { .. }))
    );
    click(&mut harness, "no time to read first");
    click(&mut harness, "See output");
    let reveal = Command::Reveal {
        study: sample::study_uid(1),
        reason: Some("no_time".into()),
    };
    assert!(sent(&harness).contains(&reveal));
}

#[test]
fn lane_t_is_off_until_its_reader_turns_it_on_and_opens_its_panel() {
    let mut harness = open(patient(), Desk::Reading);
    assert!(harness.query_by_label("Turn on").is_none());
    harness = bare(|s| s.cards.clear());
    click(&mut harness, "Time-critical scores: off");
    click(&mut harness, "Turn on");
    assert!(sent(&harness).contains(&Command::SetTimeCritical(true)));
    let mut on = bare(|s| {
        s.time_critical = TimeCritical {
            on: true,
            cards: vec![low("R22@1.0.0")],
            others: vec![("R24@1.0.0 SOFA".into(), "cannot tell".into())],
        };
    });
    assert!(!says(&on, "R22@1.0.0"), "seen without being asked for");
    click(&mut on, "Time-critical scores: on");
    assert!(says(&on, "R22@1.0.0") && says(&on, "R24@1.0.0 SOFA: cannot tell"));
}

#[test]
fn a_record_that_ended_long_ago_says_so_and_offers_that_time() {
    let then = Instant(1_615_507_200_000_000);
    let mut harness = bare(|s| {
        s.newest = Some(NewestEntry {
            date: "2021-03-12".into(),
            age: "5.7 y".into(),
            then,
        });
    });
    assert!(says(&harness, "Newest entry 2021-03-12, 5.7 y before now"));
    click(&mut harness, "Read as of then");
    assert!(sent(&harness).contains(&Command::SetIndexTime(Some(then))));
}

#[test]
fn what_is_due_says_date_source_and_that_it_is_late() {
    let harness = bare(|s| {
        s.due = vec![DueRow {
            what: "CT at 6-12 months".into(),
            about: "Incidental lung nodule".into(),
            when: "2021-07-04 to 2022-01-04".into(),
            overdue: true,
            source: "R27@1.0.0".into(),
            needs: String::new(),
            target: None,
        }];
    });
    assert!(says(&harness, "overdue, was due 2021-07-04 to 2022-01-04"));
    assert!(says(&harness, "R27@1.0.0"));
}

/// Folded at first, without a score; opened it says in three columns what is for and against, and silence is said.
#[test]
fn hypotheses_are_folded_and_open_to_what_speaks_for_and_against() {
    let mut harness = bare(|s| {
        s.hypotheses = vec![HypothesisRow {
            id: "iron_deficiency".into(),
            title: "Iron deficiency".into(),
            modalities: 2,
            lane: Lane::N,
            weighing: Weighing {
                columns: [
                    Vec::new(),
                    vec![Statement {
                        side: Side::For,
                        words: "ferritin below 15 ug/L".into(),
                        date: "2021-02-01".into(),
                        source: "R16@1.0.0".into(),
                        unconfirmed: false,
                        target: None,
                    }],
                    Vec::new(),
                ],
                needs: vec!["transferrin saturation".into()],
            },
        }];
    });
    assert!(!says(&harness, "Iron deficiency"));
    click(&mut harness, "Hypotheses: 1");
    click(&mut harness, "Iron deficiency: 2 modalities");
    for part in [
        "ferritin below 15 ug/L. for · 2021-02-01 · R16@1.0.0",
        "Images: no statement on record",
        "would answer: transferrin saturation",
    ] {
        assert!(says(&harness, part), "{part}");
    }
    click(&mut harness, "All signals");
    assert!(says(&harness, "Hypotheses: 1"), "back to the rail");
}

/// Of somebody who died the rail says when, the lists are those of that day, and nothing is called current.
#[test]
fn of_the_dead_the_day_is_said_and_nothing_is_current() {
    let snapshot = with(|view| {
        view.banner.died = Some(When::parse("2020-11-03").unwrap());
        view.signals = SignalsView {
            coverage: "9 rules: 0 fired".into(),
            ..SignalsView::default()
        };
    });
    let harness = open(snapshot, Desk::Rounds);
    assert!(says(&harness, "Died 2020-11-03"));
    assert!(says(&harness, "Problems · at death"));
    assert!(says(&harness, "Medicines · at death"));
    assert!(!says(&harness, "Medicines · current"));
}

/// D-33: severity is said by its word on every card; the shapes differ too (mark.rs), colour only repeats them.
#[test]
fn d_33_severity_is_a_word_on_every_card() {
    let levels = [
        (Severity::High, "High"),
        (Severity::Moderate, "Moderate"),
        (Severity::Low, "Low"),
        (Severity::Info, "Info"),
    ];
    for (level, word) in levels {
        let harness = bare(|s| {
            s.cards = vec![sample::signal(
                "R5@1.0.0",
                Lane::N,
                Some(level),
                "Potassium 6.8",
                "",
                "",
            )];
        });
        assert!(says(&harness, word), "{word}");
        let others = levels.iter().filter(|(_, w)| *w != word);
        assert!(
            others
                .clone()
                .all(|(_, w)| harness.query_all_by_label(w).next().is_none())
        );
    }
}

/// D-02: cards stand in their own leaf: with them every line of the record stays where it was, in its order.
#[test]
fn d_02_signals_move_and_hide_no_fact() {
    let lines = |cards: usize| {
        let snapshot = with(|view| {
            view.signals = SignalsView {
                coverage: "9 rules".into(),
                cards: (0..cards).map(|i| low(&format!("R{i}@1.0.0"))).collect(),
                ..SignalsView::default()
            };
        });
        let harness = open(snapshot, Desk::Rounds);
        let facts = ["Creatinine", "Potassium", "Sodium"];
        facts.map(|name| {
            let node = harness.query_all_by_label_contains(name).next();
            node.map(|n| n.rect())
        })
    };
    let bare = lines(0);
    assert!(bare.iter().flatten().count() > 1, "{bare:?}");
    assert_eq!(lines(40), bare);
}

/// D-04: what is not known is said to be unknown, with what would tell it; it is never blank.
#[test]
fn d_04_the_unknown_is_named_and_never_blank() {
    let mut harness = open(patient(), Desk::Rounds);
    click(&mut harness, "Iodinated contrast is planned, 3 options");
    assert!(says(
        &harness,
        "Unknown: Heart failure, acute. check first: echocardiogram"
    ));
}
