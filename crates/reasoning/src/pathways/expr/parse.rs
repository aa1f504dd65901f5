//! Recursive descent over the grammar of section 8.3, with bounded length and depth.

use super::lex::{Kind, Token, tokens};
use super::{Expr, ExprError, Function, Node, Operator, Relation};

const MAX_CHARACTERS: usize = 400;
const MAX_DEPTH: usize = 12;

/// Parses an expression.
///
/// # Errors
/// The first syntax error (`P005`) with its byte offset.
pub fn parse(text: &str) -> Result<Expr, ExprError> {
    if let Some((at, _)) = text.char_indices().nth(MAX_CHARACTERS) {
        return Err(ExprError::new("P005", at, "longer than 400 characters"));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        end: text.len(),
        depth: 0,
    };
    let expr = parser.or()?;
    match parser.peek() {
        None => Ok(expr),
        Some(token) => Err(ExprError::new(
            "P005",
            token.at,
            "the expression should end here",
        )),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    end: usize,
    depth: usize,
}

const RESERVED: [&str; 7] = ["and", "or", "not", "in", "between", "true", "false"];

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn at(&self) -> usize {
        self.peek().map_or(self.end, |t| t.at)
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token { kind: Kind::Word(w), .. }) if w == word);
        self.next += usize::from(found);
        found
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token { kind: Kind::Sign(s), .. }) if *s == sign);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), ExprError> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(ExprError::new(
                "P005",
                self.at(),
                format!("{sign:?} is missing"),
            ))
        }
    }

    fn or(&mut self) -> Result<Expr, ExprError> {
        let at = self.at();
        let mut left = self.and()?;
        while self.word("or") {
            let right = self.and()?;
            left = Expr {
                at,
                node: Node::Or(left.into(), right.into()),
            };
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, ExprError> {
        let at = self.at();
        let mut left = self.not()?;
        while self.word("and") {
            let right = self.not()?;
            left = Expr {
                at,
                node: Node::And(left.into(), right.into()),
            };
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expr, ExprError> {
        let at = self.at();
        if self.word("not") {
            let inner = self.compare()?;
            return Ok(Expr {
                at,
                node: Node::Not(inner.into()),
            });
        }
        self.compare()
    }

    fn compare(&mut self) -> Result<Expr, ExprError> {
        let at = self.at();
        let left = self.sum()?;
        let relation = [
            ("<=", Relation::LessOrEqual),
            (">=", Relation::GreaterOrEqual),
            ("==", Relation::Equal),
            ("!=", Relation::NotEqual),
            ("<", Relation::Less),
            (">", Relation::Greater),
        ]
        .into_iter()
        .find_map(|(sign, relation)| self.sign(sign).then_some(relation));
        let node = if let Some(relation) = relation {
            Node::Compare(relation, left.into(), self.sum()?.into())
        } else if self.word("in") {
            self.expect("[")?;
            let mut list = vec![self.literal()?];
            while self.sign(",") {
                list.push(self.literal()?);
            }
            self.expect("]")?;
            Node::In(left.into(), list)
        } else if self.word("between") {
            let low = self.sum()?;
            if !self.word("and") {
                return Err(ExprError::new(
                    "P005",
                    self.at(),
                    "\"and\" is missing after between",
                ));
            }
            Node::Between(left.into(), low.into(), self.sum()?.into())
        } else {
            return Ok(left);
        };
        Ok(Expr { at, node })
    }

    fn sum(&mut self) -> Result<Expr, ExprError> {
        let at = self.at();
        let mut left = self.term()?;
        loop {
            let operator = if self.sign("+") {
                Operator::Add
            } else if self.sign("-") {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            let right = self.term()?;
            left = Expr {
                at,
                node: Node::Arithmetic(operator, left.into(), right.into()),
            };
        }
    }

    fn term(&mut self) -> Result<Expr, ExprError> {
        let at = self.at();
        let mut left = self.factor()?;
        loop {
            let operator = if self.sign("*") {
                Operator::Multiply
            } else if self.sign("/") {
                Operator::Divide
            } else {
                return Ok(left);
            };
            let right = self.factor()?;
            left = Expr {
                at,
                node: Node::Arithmetic(operator, left.into(), right.into()),
            };
        }
    }

    fn factor(&mut self) -> Result<Expr, ExprError> {
        let at = self.at();
        if self.depth >= MAX_DEPTH {
            return Err(ExprError::new("P005", at, "nested deeper than 12"));
        }
        self.depth += 1;
        let factor = self.factor_inside(at);
        self.depth -= 1;
        factor
    }

    fn factor_inside(&mut self, at: usize) -> Result<Expr, ExprError> {
        if self.sign("(") {
            let inner = self.or()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.sign("-") {
            let inner = self.factor()?;
            return Ok(Expr {
                at,
                node: Node::Negative(inner.into()),
            });
        }
        let Some(Token {
            kind: Kind::Word(word),
            ..
        }) = self.peek().cloned()
        else {
            return self.literal();
        };
        if matches!(word.as_str(), "true" | "false" | "unknown") {
            return self.literal();
        }
        if RESERVED.contains(&word.as_str()) {
            return Err(ExprError::new(
                "P005",
                at,
                format!("{word:?} cannot stand here"),
            ));
        }
        self.next += 1;
        if !self.sign("(") {
            return if Function::from_name(&word).is_some() {
                Err(ExprError::new(
                    "P005",
                    self.at(),
                    format!("{word} is a function: \"(\" is missing"),
                ))
            } else {
                Ok(Expr {
                    at,
                    node: Node::Name(word),
                })
            };
        }
        let function = Function::from_name(&word)
            .ok_or_else(|| ExprError::new("P005", at, format!("there is no function {word}")))?;
        let mut arguments = Vec::new();
        if !self.sign(")") {
            arguments.push(self.or()?);
            while self.sign(",") {
                arguments.push(self.or()?);
            }
            self.expect(")")?;
        }
        if arguments.len() != function.arity() {
            return Err(ExprError::new(
                "P005",
                at,
                format!(
                    "{word} takes {} argument(s), {} are given",
                    function.arity(),
                    arguments.len()
                ),
            ));
        }
        Ok(Expr {
            at,
            node: Node::Call(function, arguments),
        })
    }

    fn literal(&mut self) -> Result<Expr, ExprError> {
        let at = self.at();
        let node = match self.peek().map(|t| t.kind.clone()) {
            Some(Kind::Number(value, unit)) => Node::Number { value, unit },
            Some(Kind::Duration(days)) => Node::Duration(days),
            Some(Kind::Text(text)) => Node::Text(text),
            Some(Kind::Word(w)) if w == "true" => Node::Bool(true),
            Some(Kind::Word(w)) if w == "false" => Node::Bool(false),
            Some(Kind::Word(w)) if w == "unknown" => Node::Unknown,
            _ => return Err(ExprError::new("P005", at, "a value is missing here")),
        };
        self.next += 1;
        Ok(Expr { at, node })
    }
}
