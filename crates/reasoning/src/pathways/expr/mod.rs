//! The expression language of packs: typed, total, three-valued; no loops, no functions of its own, no clock but `at`. Section 8.3.

mod check;
mod eval;
#[cfg(test)]
mod laws;
mod lex;
mod parse;

pub use check::{Names, Statement, Type, check};
pub use eval::{Env, Ground, Reading, Trace, Value, holds};
pub use parse::parse;

/// A parsed expression with the byte offset at which it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// Byte offset in the expression's text.
    pub at: usize,
    /// What it is.
    pub node: Node,
}

/// Sorts of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `true`, `false`
    Bool(bool),
    /// `unknown`
    Unknown,
    /// `` 45`ug/L` ``
    Number {
        /// As written.
        value: f64,
        /// In backticks.
        unit: Option<String>,
    },
    /// `14d`, in days.
    Duration(f64),
    /// `"negative"`
    Text(String),
    /// `ferritin`, `rule.R16.fires`
    Name(String),
    /// `known(ttg)`
    Call(Function, Vec<Expr>),
    /// `-x`
    Negative(Box<Expr>),
    /// `not x`
    Not(Box<Expr>),
    /// `a and b`
    And(Box<Expr>, Box<Expr>),
    /// `a or b`
    Or(Box<Expr>, Box<Expr>),
    /// `a < b`
    Compare(Relation, Box<Expr>, Box<Expr>),
    /// `a in ["x", "y"]`
    In(Box<Expr>, Vec<Expr>),
    /// `a between b and c`, inclusive.
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `a + b`
    Arithmetic(Operator, Box<Expr>, Box<Expr>),
}

/// Comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Functions; there are no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in the language")]
pub enum Function {
    Known,
    Age,
    DaysSince,
    Count,
    Min,
    Max,
    Last,
    Active,
    Has,
    Change,
    Round,
    IfUnknown,
}

impl Function {
    /// From its name in the language.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "known" => Self::Known,
            "age" => Self::Age,
            "days_since" => Self::DaysSince,
            "count" => Self::Count,
            "min" => Self::Min,
            "max" => Self::Max,
            "last" => Self::Last,
            "active" => Self::Active,
            "has" => Self::Has,
            "change" => Self::Change,
            "round" => Self::Round,
            "if_unknown" => Self::IfUnknown,
            _ => return None,
        })
    }

    /// Number of arguments.
    #[must_use]
    pub const fn arity(self) -> usize {
        match self {
            Self::Change | Self::Round | Self::IfUnknown => 2,
            _ => 1,
        }
    }
}

/// What is wrong with an expression, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprError {
    /// `P005` syntax, `P006` type, `P007` unknown name, `P008` unknown code or unit.
    pub code: &'static str,
    /// Byte offset in the expression.
    pub at: usize,
    /// What and why.
    pub message: String,
}

impl ExprError {
    fn new(code: &'static str, at: usize, message: impl Into<String>) -> Self {
        Self {
            code,
            at,
            message: message.into(),
        }
    }
}

/// Days in a duration word: months and years are mean ones.
pub(crate) fn days_of(number: f64, unit: &str) -> Option<f64> {
    Some(
        number
            * match unit {
                "h" => 1.0 / 24.0,
                "d" => 1.0,
                "w" => 7.0,
                "mo" => 30.4375,
                "y" => 365.25,
                _ => return None,
            },
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[track_caller]
    fn refused(text: &str, code: &str, at: usize) {
        let error = parse(text).unwrap_err();
        assert_eq!(
            (error.code, error.at),
            (code, at),
            "{text}: {}",
            error.message
        );
    }

    #[test]
    fn precedence_is_or_and_not_comparison_sum_term() {
        let Node::Or(_, right) = parse("a or not b and c < 1 + 2 * 3").unwrap().node else {
            panic!("or binds least");
        };
        let Node::And(left, cmp) = right.node else {
            panic!("then and");
        };
        assert!(matches!(left.node, Node::Not(_)));
        assert!(matches!(cmp.node, Node::Compare(Relation::Less, ..)));
    }

    #[test]
    fn the_longest_token_wins_and_units_stand_directly_after_their_number() {
        assert_eq!(parse("14d").unwrap().node, Node::Duration(14.0));
        assert_eq!(parse("2mo").unwrap().node, Node::Duration(2.0 * 30.4375));
        let Node::Between(..) =
            parse("egfr between 30`mL/min/{1.73_m2}` and 44`mL/min/{1.73_m2}` ")
                .unwrap()
                .node
        else {
            panic!("between takes the first and");
        };
        refused("30 `g/L`", "P005", 3);
    }

    #[test]
    fn p005_every_syntax_error_names_its_column() {
        refused("ferritin <", "P005", 10);
        refused("(a or b", "P005", 7);
        refused("a b", "P005", 2);
        refused("in [1]", "P005", 0);
        refused("a in []", "P005", 6);
        refused("nope(a)", "P005", 0);
        refused("known(a, b)", "P005", 0);
        refused("\"open", "P005", 0);
        refused("a $ b", "P005", 2);
        refused(&"(".repeat(13), "P005", 12);
        refused(&"a".repeat(401), "P005", 400);
    }
}
