//! What is due, from rules and from accepted options.

use crate::graph::testing::*;
use crate::graph::*;
use crate::outcome::{Finding, Severity};

fn fires() -> Finding {
    Finding::fires(Severity::Low, "words".to_owned())
}

fn accepted(after: &str, before: &str, on: &str) -> AcceptedOption {
    AcceptedOption {
        pack: "iron-deficiency-anaemia@1.0.0".to_owned(),
        option: "Oral iron".to_owned(),
        what: "haemoglobin".to_owned(),
        after: after.to_owned(),
        before: before.to_owned(),
        accepted: at(on),
        done: None,
        closed: None,
        fact: None,
    }
}

#[test]
fn loops_of_rules_have_due_date_state_and_source() {
    let nodule = measure("a", 300.0, "2021-01-04");
    for (id, finding, state, due) in [
        (
            "R27",
            fires()
                .with("recommendation", "CT at 6-12 months")
                .with("due_from", "2021-07-04")
                .with("due_to", "2022-01-04")
                .with("overdue", false),
            Some(LoopState::Open),
            Some("2022-01-04"),
        ),
        (
            "R27",
            fires()
                .with("recommendation", "CT at 3-6 months")
                .with("due_to", "2021-05-04")
                .with("overdue", true),
            Some(LoopState::Overdue),
            Some("2021-05-04"),
        ),
        (
            "R27",
            Finding::silent()
                .with("recommendation", "CT at 3-6 months")
                .with("follow_up_done", "2021-05-01"),
            Some(LoopState::Done),
            None,
        ),
        (
            "R27",
            Finding::silent().with("recommendation", "no routine follow-up"),
            None,
            None,
        ),
        (
            "R28",
            Finding::silent()
                .with("recommendation", "dedicated thyroid ultrasound")
                .with("follow_up_done", true),
            Some(LoopState::Done),
            None,
        ),
        (
            "R29",
            fires()
                .with("category", "indeterminate")
                .with("metanephrines_indicated", true),
            Some(LoopState::Open),
            None,
        ),
        (
            "R29",
            Finding::silent().with("category", "benign"),
            None,
            None,
        ),
        (
            "R30",
            Finding::silent()
                .number("interval_months", 12.0)
                .with("due", "2022-01-04")
                .with("overdue", false),
            Some(LoopState::Open),
            Some("2022-01-04"),
        ),
        (
            "R30",
            fires()
                .number("interval_months", 6.0)
                .with("due", "2021-03-04")
                .with("overdue", true),
            Some(LoopState::Overdue),
            Some("2021-03-04"),
        ),
        (
            "R32",
            fires().with("state", "overdue").with("due", "2021-04-04"),
            Some(LoopState::Overdue),
            Some("2021-04-04"),
        ),
        (
            "R32",
            Finding::silent().with("state", "closed_by_clinician"),
            Some(LoopState::Closed),
            None,
        ),
        (
            "R32",
            Finding::silent()
                .with("state", "done")
                .with("on", "2021-04-01"),
            Some(LoopState::Done),
            None,
        ),
    ] {
        let evaluation = with(
            evaluated(std::slice::from_ref(&nodule), "2021-06-10"),
            outcome(id, finding, &[&nodule]),
        );
        let found: Vec<OpenLoop> = loops(&evaluation, &[])
            .into_iter()
            .filter(|l| l.source.starts_with(id))
            .collect();
        assert_eq!(found.len(), usize::from(state.is_some()), "{id} {found:?}");
        if let Some(l) = found.first() {
            assert_eq!(Some(l.state), state, "{l:?}");
            assert_eq!(l.due_to.as_deref(), due);
            assert_eq!(l.source, format!("{id}@1.0.0"));
            assert_eq!(l.facts, [reference(&nodule)]);
            assert!(!l.what.is_empty());
        }
    }
}

#[test]
fn follow_up_of_an_accepted_option_moves_by_the_calendar() {
    let evaluation = evaluated(&[], "2021-06-10");
    for (after, before, on, state, from, to) in [
        (
            "2w",
            "4w",
            "2021-06-01",
            LoopState::Open,
            "2021-06-15",
            "2021-06-29",
        ),
        (
            "1mo",
            "3mo",
            "2021-01-31",
            LoopState::Overdue,
            "2021-02-28",
            "2021-04-30",
        ),
        (
            "",
            "1y",
            "2020-06-10",
            LoopState::Open,
            "2020-06-10",
            "2021-06-10",
        ),
        (
            "",
            "10d",
            "2021-05-30",
            LoopState::Overdue,
            "2021-05-30",
            "2021-06-09",
        ),
    ] {
        let found = loops(&evaluation, &[accepted(after, before, on)]);
        assert_eq!(found[0].state, state, "{after} {before}");
        assert_eq!(found[0].due_from.as_deref(), Some(from));
        assert_eq!(found[0].due_to.as_deref(), Some(to));
    }
    let mut done = accepted("2w", "4w", "2021-01-01");
    done.done = Some(at("2021-01-20"));
    let words = loops(&evaluation, &[done.clone()])[0].in_words();
    assert!(
        words.contains("done 2021-01-20") && words.contains("iron-deficiency"),
        "{words}"
    );
    done.done = Some(at("2021-06-11"));
    assert_eq!(
        loops(&evaluation, &[done])[0].state,
        LoopState::Overdue,
        "known only tomorrow"
    );
    assert!(loops(&evaluation, &[accepted("", "1d", "2021-06-11")]).is_empty());
}

#[test]
fn loops_are_sorted_overdue_first_then_by_date() {
    let evaluation = evaluated(&[], "2021-06-10");
    let all = [
        accepted("", "2mo", "2021-06-01"),
        accepted("", "1mo", "2021-06-01"),
        accepted("", "2mo", "2021-01-01"),
        accepted("", "1mo", "2021-01-01"),
    ];
    let due: Vec<String> = loops(&evaluation, &all)
        .into_iter()
        .filter_map(|l| l.due_to)
        .collect();
    assert_eq!(
        due,
        ["2021-02-01", "2021-03-01", "2021-07-01", "2021-08-01"]
    );
}

/// With the rules themselves: two nodules and three recommendations are five loops, though each rule gives one answer.
#[test]
fn each_lesion_and_each_recommendation_is_a_loop_of_its_own() {
    let nodule = |track: &str, size: &str, time: &str| {
        let mut n = measure(track, 1.0, time);
        n.codes[0].code = "lung_nodule".to_owned();
        for (k, v) in [
            ("type", "solid"),
            ("count", "single"),
            ("risk", "low"),
            ("size_mm", size),
        ] {
            n.attrs.insert(k.to_owned(), v.to_owned());
        }
        n
    };
    let recommendation = |modality: &str, region: &str, months: &str, time: &str| {
        let mut r = measure(modality, 1.0, time);
        r.codes[0].code = "recommendation".to_owned();
        for (k, v) in [
            ("modality", modality),
            ("region", region),
            ("due_months", months),
        ] {
            r.attrs.insert(k.to_owned(), v.to_owned());
        }
        r
    };
    let facts = [
        nodule("a", "7", "2021-01-04"),
        nodule("b", "12", "2021-05-04"),
        recommendation("MR", "brain", "12", "2021-01-04"),
        recommendation("US", "thyroid", "1", "2021-01-04"),
        recommendation("CT", "abdomen", "3", "2020-01-04"),
    ];
    let found = loops(&evaluated(&facts, "2021-06-10"), &[]);
    let lines: Vec<(&str, LoopState, Option<&str>)> = found
        .iter()
        .map(|l| (l.what.as_str(), l.state, l.due_to.as_deref()))
        .collect();
    assert_eq!(
        lines,
        [
            ("CT abdomen", LoopState::Overdue, Some("2020-04-04")),
            ("US thyroid", LoopState::Overdue, Some("2021-02-04")),
            (
                "consider CT at 3 months, PET/CT or tissue sampling",
                LoopState::Open,
                Some("2021-08-04")
            ),
            ("CT at 6-12 months", LoopState::Open, Some("2022-01-04")),
            ("MR brain", LoopState::Open, Some("2022-01-04")),
        ]
    );
    assert!(found.iter().all(|l| l.facts.len() == 1));
}
