//! `[[node]]` tables with their options and criteria.

use super::error::Report;
use super::expr::{Env, Expr, Names as _, Statement, Trace, Value, holds};
use super::fields::{Fields, once};
use super::pack::{Choice, Criterion, Evidence, FollowUp, Node, PackNames, Source, duration_days};
use crate::k3::K3;

/// One node with its options, sorted by id.
pub(super) fn node(
    f: &Fields<'_, '_>,
    names: &PackNames<'_>,
    sources: &[Source],
    report: &mut Report<'_>,
) -> Node {
    f.only(&["id", "title", "kind", "when", "say", "option"], report);
    let when = f.expression("when", names, report);
    if constant(&when) == K3::False {
        report.error(
            "P015",
            f.place("when"),
            &f.field("when"),
            "the node can never be shown",
        );
    }
    let say = f.wording("say", 300, report);
    for name in super::show::names_in(&say) {
        if names.type_of(name).is_none() {
            report.error(
                "P007",
                f.place("say"),
                &f.field("say"),
                format!("{name:?} is not a name here"),
            );
        }
    }
    let mut options: Vec<Choice> = f
        .tables("option", report)
        .iter()
        .map(|o| option(o, names, sources, report))
        .collect();
    once(f, "option", "id", options.iter().map(|o| &o.id), report);
    // Ordered by id, never ranked.
    options.sort_by(|a, b| a.id.cmp(&b.id));
    let single = options.len() == 1 && options.iter().all(|o| o.only.is_some());
    if options.len() < 2 && !single {
        report.error(
            "P009",
            f.span(),
            &f.field("option"),
            "fewer than two options, and none says by \"only\" which source leaves but one",
        );
    }
    if options.len() > 1 && options.iter().all(|o| o.kind == "treat") {
        report.warning(
            "W102",
            f.span(),
            &f.field("option"),
            "all options are of kind treat",
        );
    }
    if options.iter().all(|o| o.kind != "none") {
        report.warning(
            "W103",
            f.span(),
            &f.field("option"),
            "no option of kind none: nothing can be decided against",
        );
    }
    Node {
        id: f.text("id", 60, report),
        title: f.wording("title", 80, report),
        kind: f.choice("kind", &["question", "state", "goal"], report),
        when,
        say,
        options,
    }
}

fn option(
    f: &Fields<'_, '_>,
    names: &PackNames<'_>,
    sources: &[Source],
    report: &mut Report<'_>,
) -> Choice {
    f.only(
        &[
            "id",
            "title",
            "kind",
            "only",
            "for",
            "against",
            "contraindicated",
            "follow_up",
            "stale_after",
            "evidence",
            "text",
        ],
        report,
    );
    let kind = f.choice(
        "kind",
        &["test", "treat", "refer", "monitor", "stop", "none"],
        report,
    );
    let known =
        |key: &str, place: Option<std::ops::Range<usize>>, field: &str, report: &mut Report<'_>| {
            if !key.is_empty() && sources.iter().all(|s| s.key != key) {
                report.error(
                    "P016",
                    place,
                    field,
                    format!("source {key:?} is not declared"),
                );
            }
        };
    let supports = criteria("for", &["if", "say"], f, names, report);
    let against = criteria("against", &["if", "say"], f, names, report);
    if supports.is_empty() {
        report.error(
            "P003",
            f.span(),
            &f.field("for"),
            "at least one reason for is needed",
        );
    }
    if against.is_empty() {
        report.warning("W101", f.span(), &f.field("against"), "no reason against");
    }
    let contraindicated = criteria(
        "contraindicated",
        &["if", "say", "source"],
        f,
        names,
        report,
    );
    for c in &contraindicated {
        match &c.source {
            Some(key) => known(
                key,
                f.place("contraindicated"),
                &f.field("contraindicated"),
                report,
            ),
            None => report.error(
                "P003",
                f.place("contraindicated"),
                &f.field("contraindicated.source"),
                "field \"source\" is missing",
            ),
        }
    }
    let only = f.optional("only", 40, report);
    if let Some(key) = &only {
        known(key, f.place("only"), &f.field("only"), report);
    }
    let follow_up = f.table(
        "follow_up",
        matches!(kind.as_str(), "treat" | "monitor"),
        report,
    );
    let follow_up = follow_up.map(|u| {
        u.only(&["what", "after", "before"], report);
        for name in ["after", "before"] {
            u.duration(name, true, report);
        }
        let span = |name, report: &mut Report<'_>| {
            u.optional(name, 12, report)
                .and_then(|text| duration_days(&text))
        };
        if let (Some(after), Some(before)) = (span("after", report), span("before", report))
            && after > before
        {
            ends_before_it_begins(&u, report);
        }
        FollowUp {
            what: u.wording("what", 120, report),
            after: u.optional("after", 12, report).unwrap_or_default(),
            before: u.optional("before", 12, report).unwrap_or_default(),
        }
    });
    let evidence = f.table("evidence", true, report).map(|e| {
        e.only(&["grade", "source", "section", "native"], report);
        let source = e.text("source", 40, report);
        known(&source, e.place("source"), &e.field("source"), report);
        Evidence {
            grade: e.choice("grade", &["A", "B", "C", "consensus"], report),
            source,
            section: e.text("section", 80, report),
            native: e.optional("native", 40, report),
        }
    });
    Choice {
        id: f.text("id", 60, report),
        title: f.wording("title", 80, report),
        kind,
        only,
        supports,
        against,
        contraindicated,
        follow_up,
        stale_after_days: f.duration("stale_after", true, report).unwrap_or_default(),
        evidence: evidence.unwrap_or_else(|| Evidence {
            grade: String::new(),
            source: String::new(),
            section: String::new(),
            native: None,
        }),
        text: f.wording("text", 600, report),
    }
}

fn ends_before_it_begins(f: &Fields<'_, '_>, report: &mut Report<'_>) {
    report.error(
        "P004",
        f.place("before"),
        &f.field("before"),
        "the follow-up ends before it begins",
    );
}

fn criteria(
    list: &str,
    known: &[&str],
    f: &Fields<'_, '_>,
    names: &PackNames<'_>,
    report: &mut Report<'_>,
) -> Vec<Criterion> {
    f.tables(list, report)
        .iter()
        .map(|c| {
            c.only(known, report);
            Criterion {
                when: c.expression("if", names, report),
                say: c.wording("say", 200, report),
                source: c.optional("source", 40, report),
            }
        })
        .collect()
}

/// Truth of an expression of which no name is known: false means that it is false whatever the record says.
fn constant(expr: &Expr) -> K3 {
    struct Nothing;
    impl Env for Nothing {
        fn value(&self, _: &str, _: &mut Trace) -> Value {
            Value::Unknown
        }
        fn history(&self, _: &str, _: &mut Trace) -> Vec<super::expr::Reading> {
            Vec::new()
        }
        fn older(&self, _: &str, _: f64, _: &mut Trace) -> Value {
            Value::Unknown
        }
        fn age(&self, _: triptych_clinical::Instant, _: &mut Trace) -> Option<f64> {
            None
        }
        fn at(&self) -> triptych_clinical::Instant {
            triptych_clinical::Instant::default()
        }
        fn recorded(&self, _: &Statement, _: bool, _: &mut Trace) -> bool {
            true
        }
    }
    // `known`, `count`, `has` and `active` are never unknown here although the record decides them: such an expression is not constant.
    if asks_the_record(expr) {
        return K3::Unknown;
    }
    holds(expr, &Nothing, &mut Trace::default())
}

fn asks_the_record(expr: &Expr) -> bool {
    use super::expr::{Function, Node as N};
    match &expr.node {
        N::Call(f, arguments) => {
            matches!(
                f,
                Function::Known
                    | Function::Count
                    | Function::Has
                    | Function::Active
                    | Function::IfUnknown
            ) || arguments.iter().any(asks_the_record)
        }
        N::Negative(a) | N::Not(a) => asks_the_record(a),
        N::And(a, b) | N::Or(a, b) | N::Compare(_, a, b) | N::Arithmetic(_, a, b) => {
            asks_the_record(a) || asks_the_record(b)
        }
        N::In(a, _) => asks_the_record(a),
        N::Between(a, b, c) => [a, b, c].into_iter().any(|e| asks_the_record(e)),
        _ => false,
    }
}
