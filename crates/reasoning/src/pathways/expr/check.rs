//! Types of expressions. A comparison needs equal dimension; a number without a unit is a dimension of its own.

use triptych_clinical::CodeSystem;

use super::{Expr, ExprError, Function, Node, Operator, Relation};
use crate::unit;

/// Type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// True, false or unknown.
    Bool,
    /// A number of a dimension (`unit::Scale::dimension`; `number` for none).
    Number(&'static str),
    /// Text.
    Text,
    /// A rule's list of words; only `in` asks about it: is any of them there.
    List,
    /// An instant.
    Date,
    /// The literal `unknown`: fits everything.
    Any,
}

/// What names mean in a pack.
pub trait Names {
    /// Type of a name: `at`, `sex`, an input, `rule.R16.fires`; `None` when there is none.
    fn type_of(&self, name: &str) -> Option<Type>;
    /// True when the name is a declared input: only these have a history (`count`, `change` …).
    fn is_input(&self, name: &str) -> bool;
    /// A dimension in words, for messages: `ug/L`.
    fn unit_words(&self, name: &str) -> Option<String>;
    /// The pack justifies `if_unknown` in a comment.
    fn closed_world_justified(&self) -> bool;
}

pub(crate) const NUMBER: &str = "number";
pub(crate) const TIME: &str = "time";
pub(crate) const AGE: &str = "age";

/// Type of an expression, or every type error in it.
///
/// # Errors
/// `P006` types, `P007` unknown names, `P008` unknown codes and units; all of them.
pub fn check(expr: &Expr, names: &dyn Names) -> Result<Type, Vec<ExprError>> {
    let mut checker = Checker {
        names,
        errors: Vec::new(),
    };
    let kind = checker.type_of(expr);
    if checker.errors.is_empty() {
        Ok(kind)
    } else {
        Err(checker.errors)
    }
}

struct Checker<'n> {
    names: &'n dyn Names,
    errors: Vec<ExprError>,
}

impl Checker<'_> {
    fn fail(&mut self, code: &'static str, at: usize, message: impl Into<String>) -> Type {
        self.errors.push(ExprError::new(code, at, message));
        Type::Any
    }

    fn type_of(&mut self, expr: &Expr) -> Type {
        match &expr.node {
            Node::Bool(_) => Type::Bool,
            Node::Unknown => Type::Any,
            Node::Number { unit: None, .. } => Type::Number(NUMBER),
            Node::Number {
                unit: Some(unit), ..
            } => match unit::scale(unit) {
                Some(scale) => Type::Number(scale.dimension),
                None => self.fail("P008", expr.at, format!("unit {unit:?} is not known")),
            },
            Node::Duration(_) => Type::Number(TIME),
            Node::Text(_) => Type::Text,
            Node::Name(name) => match self.names.type_of(name) {
                Some(kind) => kind,
                None => self.fail("P007", expr.at, format!("{name:?} is not a name here")),
            },
            Node::Negative(inner) => match self.type_of(inner) {
                kind @ (Type::Number(_) | Type::Any) => kind,
                _ => self.fail(
                    "P006",
                    expr.at,
                    "a minus sign stands before what is no number",
                ),
            },
            Node::Not(inner) => {
                self.must_be_bool(inner, "not");
                Type::Bool
            }
            Node::And(a, b) => {
                self.must_be_bool(a, "and");
                self.must_be_bool(b, "and");
                Type::Bool
            }
            Node::Or(a, b) => {
                self.must_be_bool(a, "or");
                self.must_be_bool(b, "or");
                Type::Bool
            }
            Node::Compare(relation, a, b) => {
                self.comparable(expr.at, a, b);
                let ordered = !matches!(relation, Relation::Equal | Relation::NotEqual);
                match self.quiet_type(a) {
                    Type::Text | Type::Bool if ordered => {
                        self.fail("P006", expr.at, "gives text or truth values an order");
                    }
                    Type::List => {
                        self.fail(
                            "P006",
                            expr.at,
                            "compares a list: only `in` can ask about one",
                        );
                    }
                    _ => {}
                }
                Type::Bool
            }
            Node::In(a, list) if self.quiet_type(a) == Type::List => {
                self.type_of(a);
                for item in list {
                    if !matches!(item.node, Node::Text(_)) {
                        self.fail("P006", item.at, "a list holds words");
                    }
                }
                Type::Bool
            }
            Node::In(a, list) => {
                for item in list {
                    self.comparable(item.at, a, item);
                }
                Type::Bool
            }
            Node::Between(a, low, high) => {
                self.comparable(expr.at, a, low);
                self.comparable(expr.at, a, high);
                Type::Bool
            }
            Node::Arithmetic(operator, a, b) => self.arithmetic(expr.at, *operator, a, b),
            Node::Call(function, arguments) => self.call(expr.at, *function, arguments),
        }
    }

    /// The type without reporting its errors a second time.
    fn quiet_type(&self, expr: &Expr) -> Type {
        check(expr, self.names).unwrap_or(Type::Any)
    }

    fn must_be_bool(&mut self, expr: &Expr, word: &str) {
        let kind = self.type_of(expr);
        if !matches!(kind, Type::Bool | Type::Any) {
            self.fail(
                "P006",
                expr.at,
                format!(
                    "{word} takes true or false, this is {}",
                    self.words(expr, kind)
                ),
            );
        }
    }

    fn comparable(&mut self, at: usize, a: &Expr, b: &Expr) {
        let (x, y) = (self.type_of(a), self.type_of(b));
        if x != y && x != Type::Any && y != Type::Any {
            let message = format!("compares {} with {}", self.words(a, x), self.words(b, y));
            self.fail("P006", at, message);
        }
    }

    fn words(&self, expr: &Expr, kind: Type) -> String {
        match (&expr.node, kind) {
            (
                Node::Number {
                    unit: Some(unit), ..
                },
                _,
            ) => unit.clone(),
            (_, Type::Number(NUMBER)) => "no unit".to_owned(),
            (Node::Name(name), Type::Number(dimension)) => self
                .names
                .unit_words(name)
                .unwrap_or_else(|| dimension.to_owned()),
            (_, Type::Number(dimension)) => dimension.to_owned(),
            (_, Type::Bool) => "a truth value".to_owned(),
            (_, Type::Text) => "text".to_owned(),
            (_, Type::List) => "a list".to_owned(),
            (_, Type::Date) => "a date".to_owned(),
            (_, Type::Any) => "unknown".to_owned(),
        }
    }

    fn arithmetic(&mut self, at: usize, operator: Operator, a: &Expr, b: &Expr) -> Type {
        let (x, y) = (self.type_of(a), self.type_of(b));
        match (operator, x, y) {
            (_, Type::Any, _) | (_, _, Type::Any) => Type::Any,
            (Operator::Add | Operator::Subtract, Type::Number(d), Type::Number(e)) if d == e => x,
            (Operator::Subtract, Type::Date, Type::Date) => Type::Number(TIME),
            (Operator::Multiply, Type::Number(_), Type::Number(NUMBER)) => x,
            (Operator::Multiply, Type::Number(NUMBER), Type::Number(_)) => y,
            (Operator::Divide, Type::Number(_), Type::Number(NUMBER)) => x,
            (Operator::Divide, Type::Number(d), Type::Number(e)) if d == e => Type::Number(NUMBER),
            _ => {
                let message = format!("calculates {} with {}", self.words(a, x), self.words(b, y));
                self.fail("P006", at, message)
            }
        }
    }

    fn call(&mut self, at: usize, function: Function, arguments: &[Expr]) -> Type {
        let (Some(first), second) = (arguments.first(), arguments.get(1)) else {
            return self.fail("P005", at, "an argument is missing");
        };
        match function {
            Function::Known => {
                self.type_of(first);
                Type::Bool
            }
            Function::Age => match self.type_of(first) {
                Type::Date | Type::Any => Type::Number(AGE),
                _ => self.fail("P006", first.at, "age takes a date, such as at"),
            },
            Function::DaysSince | Function::Count | Function::Last | Function::Min | Function::Max => {
                let kind = self.type_of(first);
                if !matches!(&first.node, Node::Name(n) if self.names.is_input(n)) {
                    return self.fail("P006", first.at, "takes the name of an input");
                }
                match function {
                    Function::DaysSince => Type::Number(TIME),
                    Function::Count => Type::Number(NUMBER),
                    _ => kind,
                }
            }
            Function::Active | Function::Has => {
                let Node::Text(text) = &first.node else {
                    return self.fail("P006", first.at, "takes a text such as \"problem:icd10:K74\"");
                };
                if statement(text).is_none() {
                    return self.fail("P008", first.at, format!("{text:?} names no kind (problem, med, allergy) with a known code system"));
                }
                Type::Bool
            }
            Function::Change => {
                let kind = self.type_of(first);
                let span = second.map_or(Type::Any, |s| self.type_of(s));
                if !matches!(&first.node, Node::Name(n) if self.names.is_input(n)) {
                    return self.fail("P006", first.at, "change takes the name of an input");
                }
                if !matches!(span, Type::Number(TIME) | Type::Any) {
                    return self.fail("P006", at, "change takes a duration such as 90d");
                }
                match kind {
                    Type::Number(_) | Type::Any => kind,
                    _ => self.fail("P006", first.at, "change takes a number"),
                }
            }
            // Decimals mean nothing without a unit to count them in: only dimensions that have one unit.
            Function::Round => match (self.type_of(first), second.map(|s| &s.node)) {
                (kind @ (Type::Number(NUMBER | TIME | AGE | "normalised clearance" | "fraction") | Type::Any), Some(Node::Number { unit: None, .. })) => kind,
                _ => self.fail("P006", at, "round takes a number without a unit, and how many decimals; divide by one unit first"),
            },
            Function::IfUnknown => {
                let kind = self.type_of(first);
                if let Some(second) = second {
                    self.comparable(at, first, second);
                }
                if !self.names.closed_world_justified() {
                    self.fail("P003", at, "if_unknown needs a comment \"# closed-world:\" in the pack that justifies it");
                }
                kind
            }
        }
    }
}

/// What `has` and `active` ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Sort of statement.
    pub kind: crate::chart::Kind,
    /// Code system.
    pub system: CodeSystem,
    /// Code, or prefix of an ICD-10 or ATC code.
    pub code: String,
}

/// Reads `problem:icd10:K74`; `None` when a part is not known.
#[must_use]
pub fn statement(text: &str) -> Option<Statement> {
    let mut parts = text.splitn(3, ':');
    let kind = match parts.next()? {
        "problem" => crate::chart::Kind::Problem,
        "med" => crate::chart::Kind::Medicine,
        "allergy" => crate::chart::Kind::Allergy,
        _ => return None,
    };
    let system = CodeSystem::from_prefix(parts.next()?)?;
    let code = parts.next().filter(|c| !c.is_empty())?.to_owned();
    Some(Statement { kind, system, code })
}
