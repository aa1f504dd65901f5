//! Order of hypotheses, the guard that one fact counts once, and what nobody confirmed.

use crate::graph::testing::*;
use crate::graph::*;
use crate::outcome::{Finding, Severity};

const TABLE: &str = r#"
format = 1
[[source]]
key = "s"
text = "A citation of a test, 2021"
mark = "K"
[[hypothesis]]
id = "two_columns"
title = "Two columns"
[[hypothesis]]
id = "one_strong"
title = "One strong"
[[hypothesis]]
id = "newer"
title = "Newer"
[[hypothesis]]
id = "older"
title = "Older"
"#;

fn table(rows: &[(&str, &str, &str)]) -> EdgeTable {
    let mut text = TABLE.to_owned();
    for (i, (to, when, strength)) in rows.iter().enumerate() {
        text += &format!(
            "[[edge]]\nid = \"r{i}\"\nkind = \"supports\"\nto = \"{to}\"\nwhen = \"{when}\"\nstrength = \"{strength}\"\nsay = \"row {i}\"\nsource = \"s\"\n"
        );
    }
    load_edges(&text).unwrap()
}

fn ids(graph: &Graph) -> Vec<&str> {
    graph.hypotheses.iter().map(|h| h.id.as_str()).collect()
}

#[test]
fn order_is_columns_then_strength_then_date_and_no_sum() {
    let table = table(&[
        ("older", "note:b", "weak"),
        ("newer", "note:c", "weak"),
        ("one_strong", "lab:hb < 120 within 30d", "strong"),
        ("one_strong", "lab:ferritin < 15 within 30d", "strong"),
        ("one_strong", "lab:plt < 100 within 30d", "strong"),
        ("two_columns", "lab:hb < 120 within 30d", "moderate"),
        ("two_columns", "note:a", "moderate"),
    ]);
    let facts = [
        lab("718-7", 100.0, "g/L", "2021-06-01"),
        lab("2276-4", 9.0, "ug/L", "2021-06-01"),
        lab("777-3", 50.0, "10*9/L", "2021-06-01"),
    ];
    let evaluation = evaluated(&facts, "2021-06-10");
    let notes = [
        said("a", "2020-01-01"),
        said("b", "2020-01-01"),
        said("c", "2020-02-01"),
    ];
    let sources = Sources {
        assertions: &notes,
        ..Sources::of(&evaluation)
    };
    let graph = Graph::build(&table, &sources);
    assert_eq!(ids(&graph), ["two_columns", "one_strong", "newer", "older"]);
    assert_eq!(graph.hypotheses[0].independent, 2);
    assert_eq!(
        graph.hypotheses[1].independent, 1,
        "three labs are one column"
    );
}

#[test]
fn one_fact_counts_once_though_two_edges_rest_on_it() {
    let table = table(&[
        ("older", "lab:hb < 120 within 30d", "moderate"),
        ("older", "R23.outcome = fires", "strong"),
    ]);
    let hb = lab("718-7", 100.0, "g/L", "2021-06-01");
    let drop = Finding::fires(Severity::Moderate, "drop".to_owned());
    let evaluation = with(
        evaluated(std::slice::from_ref(&hb), "2021-06-10"),
        outcome("R23", drop, &[&hb]),
    );
    let graph = Graph::build(&table, &Sources::of(&evaluation));
    let supports = &graph.hypotheses[0].supports;
    let counted: Vec<(&str, bool)> = supports
        .iter()
        .map(|e| (e.row.as_str(), e.counted))
        .collect();
    assert_eq!(counted, [("r1", true), ("r0", false)]);
    assert!(graph.hypotheses[0].in_words().contains("counted once"));
}

#[test]
fn one_fact_in_two_columns_is_one_column() {
    // The same note carries a statement of its own and one under a report heading.
    let table = table(&[
        ("older", "note:a", "moderate"),
        ("older", "note:b", "moderate"),
    ]);
    let mut in_images = said("a", "2021-06-01");
    in_images.report = true;
    let mut in_notes = said("b", "2021-06-01");
    in_notes.fact = in_images.fact;
    in_notes.span.start = 50;
    let evaluation = evaluated(&[], "2021-06-10");
    let notes = [in_images, in_notes];
    let sources = Sources {
        assertions: &notes,
        ..Sources::of(&evaluation)
    };
    let graph = Graph::build(&table, &sources);
    assert_eq!(graph.hypotheses[0].independent, 1);
}

#[test]
fn d_35_what_nobody_confirmed_is_shown_and_does_not_count() {
    let table = table(&[("older", "note:a", "strong"), ("newer", "note:b", "weak")]);
    let mut a = said("a", "2021-06-01");
    a.confirmed = false;
    let notes = [a, said("b", "2020-01-01")];
    let evaluation = evaluated(&[], "2021-06-10");
    let sources = Sources {
        assertions: &notes,
        ..Sources::of(&evaluation)
    };
    let graph = Graph::build(&table, &sources);
    assert_eq!(ids(&graph), ["newer", "older"]);
    let dashed = graph.hypothesis("older").unwrap();
    assert_eq!(dashed.independent, 0);
    assert_eq!(dashed.strongest, None);
    assert!(dashed.in_words().contains("from text, not confirmed"));
}
