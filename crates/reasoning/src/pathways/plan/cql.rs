//! Expressions as CQL text, for readers who know CQL. It is never executed: retrieval of data is only named.

use crate::pathways::document::Document;
use crate::pathways::expr::{Expr, Function, Node, Operator, Relation, parse};

/// A whole library: one definition for each expression of the pack.
pub(super) fn library(document: &Document) -> String {
    let head = &document.pack;
    let mut text = format!(
        "// Not executed: a rendering to read. The pack's own expressions (text/triptych-k3) decide.\nlibrary \"{}\" version '{}'\n\ncontext Patient\n",
        head.id, head.version
    );
    for (path, source) in super::library::expressions(document) {
        let body = parse(source).map_or_else(|_| format!("/* {source} */ null"), |e| render(&e));
        text.push_str(&format!("\ndefine \"{path}\":\n  {body}\n"));
    }
    text
}

fn render(expr: &Expr) -> String {
    let pair = |a: &Expr, word: &str, b: &Expr| format!("({} {word} {})", render(a), render(b));
    match &expr.node {
        Node::Bool(b) => b.to_string(),
        Node::Unknown => "null".to_owned(),
        Node::Number { value, unit: None } => value.to_string(),
        Node::Number {
            value,
            unit: Some(unit),
        } => format!("{value} '{unit}'"),
        Node::Duration(days) => format!("{days} days"),
        Node::Text(text) => format!("'{}'", text.replace('\'', "\\'")),
        Node::Name(name) if name == "at" => "Now()".to_owned(),
        Node::Name(name) => format!("\"{name}\""),
        Node::Call(function, arguments) => call(*function, arguments),
        Node::Negative(a) => format!("-{}", render(a)),
        Node::Not(a) => format!("not {}", render(a)),
        Node::And(a, b) => pair(a, "and", b),
        Node::Or(a, b) => pair(a, "or", b),
        Node::Compare(relation, a, b) => pair(a, relation_sign(*relation), b),
        Node::In(a, list) => {
            let items: Vec<String> = list.iter().map(render).collect();
            format!("({} in {{ {} }})", render(a), items.join(", "))
        }
        Node::Between(a, low, high) => format!(
            "({} between {} and {})",
            render(a),
            render(low),
            render(high)
        ),
        Node::Arithmetic(operator, a, b) => pair(
            a,
            match operator {
                Operator::Add => "+",
                Operator::Subtract => "-",
                Operator::Multiply => "*",
                Operator::Divide => "/",
            },
            b,
        ),
    }
}

const fn relation_sign(relation: Relation) -> &'static str {
    match relation {
        Relation::Less => "<",
        Relation::LessOrEqual => "<=",
        Relation::Greater => ">",
        Relation::GreaterOrEqual => ">=",
        Relation::Equal => "=",
        Relation::NotEqual => "!=",
    }
}

fn call(function: Function, arguments: &[Expr]) -> String {
    let argument = |i: usize| arguments.get(i).map(render).unwrap_or_default();
    let bare = |i: usize| argument(i).replace(['"', '\''], "");
    match function {
        Function::Known => format!("({} is not null)", argument(0)),
        Function::Age => format!("AgeInYearsAt({})", argument(0)),
        Function::DaysSince => format!("days between \"time of {}\" and Now()", bare(0)),
        Function::Count => format!("Count(\"all {}\")", bare(0)),
        Function::Min => format!("Min(\"all {}\")", bare(0)),
        Function::Max => format!("Max(\"all {}\")", bare(0)),
        Function::Last => format!("Last(\"all {}\")", bare(0)),
        Function::Active => format!("exists (\"active {}\")", bare(0)),
        Function::Has => format!("exists (\"recorded {}\")", bare(0)),
        Function::Change => format!(
            "({} - \"{} at least {} earlier\")",
            argument(0),
            bare(0),
            argument(1)
        ),
        Function::Round => format!("Round({}, {})", argument(0), argument(1)),
        Function::IfUnknown => format!("Coalesce({}, {})", argument(0), argument(1)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_construct_has_words() {
        for (k3, cql) in [
            (
                "ferritin < 45`ug/L` or not has(\"problem:icd10:K50\")",
                "((\"ferritin\" < 45 'ug/L') or not exists (\"recorded problem:icd10:K50\"))",
            ),
            (
                "x between 1 and 2 and k in [\"a\", \"b\"]",
                "((\"x\" between 1 and 2) and (\"k\" in { 'a', 'b' }))",
            ),
            (
                "change(hb, 14d) / 2 >= -3 and known(k)",
                "(((((\"hb\" - \"hb at least 14 days earlier\") / 2) >= -3) and (\"k\" is not null))",
            ),
            (
                "if_unknown(k, false) == unknown",
                "(Coalesce(\"k\", false) = null)",
            ),
            (
                "age(at) != round(x, 1)",
                "(AgeInYearsAt(Now()) != Round(\"x\", 1))",
            ),
        ] {
            // Brackets may be more than a reader needs; they say the tree.
            let plain = |s: &str| s.replace(['(', ')'], "");
            assert_eq!(plain(&render(&parse(k3).unwrap())), plain(cql), "{k3}");
        }
    }
}
